"""LaTeX and HTML tables: rules, escapes, alignment, hanging stars, scoped headers."""

import csv
import io
import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from yrdspatial.tables.render import table_csv, table_html, table_latex

MODELS = pd.DataFrame(
    {"W1": ["0.240***", "(0.060)", "574"], "W2": ["−0.010", "(0.070)", "574"]},
    index=pd.Index(["ρ", "", "N"], name=""),
)


def parse(text):
    """Read the rows of a table as cells (tag, attributes, text); a well-formed table is also XML."""
    tree = ElementTree.fromstring(text)
    return [[(cell.tag, cell.attrib, "".join(cell.itertext())) for cell in row] for row in tree.iter("tr")]


def test_csv_reads_back_to_ten_digits():
    frame = pd.DataFrame({"year": [2010, 2011], "I": [1 / 3, 2e-7]})
    back = pd.read_csv(io.StringIO(table_csv(frame)))
    pd.testing.assert_frame_equal(back, frame, rtol=1e-9)


def test_csv_quotes_what_needs_it():
    text = table_csv(pd.DataFrame({"note": ['a, "b"', "c"]}))
    assert list(csv.reader(io.StringIO(text))) == [["note"], ['a, "b"'], ["c"]]


def test_latex_has_three_rules_and_no_vertical():
    text = table_latex(MODELS, title="Spillovers", label="rho")
    assert text.count(r"\toprule[1.5pt]") == text.count(r"\bottomrule[1.5pt]") == 1
    assert text.count(r"\midrule[0.75pt]") == 1
    assert "|" not in text
    assert r"\begin{tabular}{lr@{\hspace{1.6em}}r@{\hspace{1.6em}}}" in text


def test_long_heads_of_numbers_are_stacked_at_their_commas():
    frame = pd.DataFrame(
        {"SDM, rail of the year": ["0.24", "unit x window, time", "0.5"], "SAR, rail": ["0.1", "–", "1"]}
    )
    text = table_latex(frame, title="x", label="x")
    assert r"\begin{tabular}[b]{@{}r@{}}SDM,\\rail of the\\year\end{tabular} & SAR, rail \\" in text
    assert r"\begin{tabular}[b]{@{}r@{}}unit x\\window,\\time\end{tabular} & -- \\" in text


def test_heads_of_words_are_not_stacked():
    frame = pd.DataFrame({"a long name, with a comma": ["words"]})
    assert "[b]" not in table_latex(frame, title="x", label="x")


def test_latex_columns_follow_the_cells():
    frame = pd.DataFrame({"city": ["上海"], "lq": [1.25], "stars": ["0.24**"]})
    assert r"\begin{tabular}{lrr@{\hspace{1.6em}}}" in table_latex(frame, title="x", label="x")
    assert r"\begin{tabular}{lll}" in table_latex(frame.iloc[:0], title="x", label="x")


def test_texts_of_a_wide_table_wrap_and_numbers_do_not():
    sentence = "A claim that needs a sentence of some length to be said in full. " * 3
    frame = pd.DataFrame({"id": ["P-01"], "claim": [sentence], "gap": [0.5]})
    text = table_latex(frame, title="Claims", label="claims")
    columns = re.search(r"\\begin\{tabular\}\{p\{(0\.\d+)\\linewidth\}p\{(0\.\d+)\\linewidth\}r\}", text)
    assert columns
    assert float(columns[1]) < float(columns[2]) < 1
    assert rf"\raggedright P-01 & \raggedright {sentence} & 0.500 \tabularnewline" in text
    assert r"\footnotesize" in text


def test_the_name_of_a_file_may_break_where_texts_wrap():
    frame = pd.DataFrame({"file": ["panels/yrd_a.csv"], "what": ["a long text " * 20]})
    text = table_latex(frame, title="x", label="x")
    assert r"\raggedright panels/\allowbreak{}yrd\_\allowbreak{}a.csv &" in text


def test_with_more_columns_the_print_shrinks():
    texts = [
        table_latex(pd.DataFrame({f"x{n}": [-123.456] for n in range(count)}), title="x", label="x")
        for count in (3, 10, 14)
    ]
    sizes = [next((name for name in ("footnotesize", "scriptsize") if name in text), "") for text in texts]
    assert sizes == ["", "footnotesize", "scriptsize"]


@pytest.mark.parametrize(("lang", "more"), [("en", "Long (continued)"), ("zh", "Long（续）")])
def test_a_table_higher_than_a_page_goes_on_under_the_same_number(lang, more):
    frame = pd.DataFrame({"year": range(100)})
    text = table_latex(frame, title="Long", label="long", notes=["A note."], rules=(60,), lang=lang)
    parts = text.split(r"\begin{table}")[1:]
    assert len(parts) == 3
    assert [part.count(r"\label{tab:long}") for part in parts] == [1, 0, 0]
    assert [part.count(r"\addtocounter{table}{-1}") for part in parts] == [0, 1, 1]
    assert [rf"\caption{{{more}}}" in part for part in parts] == [False, True, True]
    assert ["A note." in part for part in parts] == [False, False, True]
    assert [part.count(r"\midrule[0.4pt]") for part in parts] == [0, 1, 0]
    assert [line for line in text.splitlines() if line.removesuffix(r" \\").isdecimal()] == [
        rf"{n} \\" for n in range(100)
    ]


def test_latex_needs_booktabs_alone():
    text = table_latex(MODELS, title="Spillovers", label="rho", notes=["A note."])
    for command in (r"\multirow", r"\begin{threeparttable}", r"\num{", "S[", r"\resizebox", r"\text{"):
        assert command not in text


def test_stars_and_brackets_hang_over_the_edge_so_that_decimals_align():
    text = table_latex(MODELS, title="Spillovers", label="rho")
    assert r"$\rho$ & 0.240\rlap{$^{***}$} & $-$0.010 \\" in text
    assert r" & (0.060\rlap{)} & (0.070\rlap{)} \\" in text


def test_thin_rules_stand_where_asked():
    lines = table_latex(MODELS, title="Spillovers", label="rho", rules=(2,)).splitlines()
    assert lines[lines.index(r"\midrule[0.4pt]") + 1].startswith("N & 574")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a & b", r"a \& b"),
        ("50 % of #1 $", r"50 \% of \#1 \$"),
        ("emp_C {x}", r"emp\_C \{x\}"),
        (r"C:\data~1^2", r"C:\textbackslash{}data\textasciitilde{}1\textasciicircum{}2"),
        ("W × λ ≤ 1", r"W $\times$ $\lambda$ $\leq$ 1"),
        ("2006–2012", "2006--2012"),
        ("[0.1, 0.2]", "{[}0.1, 0.2]"),
        ("p < 0.05", "p $<$ 0.05"),
        ("扬州", "扬州"),
    ],
)
def test_latex_escapes(text, escaped):
    written = table_latex(
        pd.DataFrame({text: [text]}, index=pd.Index([text], name=text)), title=text, label="x", notes=[text]
    )
    assert rf"\caption{{{escaped}}}" in written
    assert rf"{escaped} & {escaped} \\" in written
    assert rf"Notes: {escaped}\end{{minipage}}" in written


def test_notes_stand_in_a_minipage_below_the_table():
    text = table_latex(MODELS, title="x", label="x", notes=["First.", "Second."])
    assert text.index(r"\end{tabular}") < text.index("Notes: First. Second.") < text.index(r"\end{table}")


def test_without_notes_there_is_no_minipage():
    assert "minipage" not in table_latex(MODELS, title="x", label="x")


def test_html_headers_have_scopes():
    head, *body = parse(table_html(MODELS))
    assert [(tag, attributes["scope"]) for tag, attributes, _ in head] == [("th", "col")] * 3
    assert [row[0][:2] for row in body] == [("th", {"scope": "row"})] * 3
    assert [text for _, _, text in body[0]] == ["ρ", "0.240***", "−0.010"]


def test_html_numbers_are_marked_and_stars_hang():
    text = table_html(MODELS, rules=(2,))
    assert all(cell[1]["class"] == "num" for row in parse(text)[1:] for cell in row[1:])
    assert text.count('<span class="hang">') == 3
    assert '0.240<span class="hang">***</span>' in text
    assert '(0.060<span class="hang">)</span>' in text


def test_html_rules_are_classes_of_rows():
    rows = list(ElementTree.fromstring(table_html(MODELS, rules=(2,))).iter("tr"))
    assert [row.get("class") for row in rows] == [None, None, None, "rule"]


def test_html_is_escaped():
    text = table_html(pd.DataFrame({"<b>": ["<script>alert('x')</script> & so"]}))
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&amp; so" in text


def test_html_formats_by_column():
    text = table_html(pd.DataFrame({"a": [1.23456], "b": [1.23456]}), formats={"a": ".1f"})
    assert [[cell[2] for cell in row] for row in parse(text)] == [["a", "b"], ["1.2", "1.235"]]


def test_row_order_and_bytes_are_those_of_the_frame():
    assert table_html(MODELS) == table_html(MODELS.copy())
    assert table_html(MODELS) != table_html(MODELS.iloc[::-1])
