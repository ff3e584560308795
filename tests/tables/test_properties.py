"""Whatever stands in a frame, the table says the same: properties over invented values and texts."""

import csv
import html
import io
import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yrdspatial.tables.cells import MISSING, NUMBER, format_value, grid_of
from yrdspatial.tables.regression import regression_table
from yrdspatial.tables.render import table_csv, table_html, table_latex

NUMBERS = st.floats(-1e9, 1e9)
TEXTS = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=20)
LATEX_SPECIAL = re.compile(r"(?<!\\)[&%$#_{}~^]")


@given(NUMBERS, st.integers(0, 6))
def test_a_number_is_printed_to_its_digits(value, digits):
    text = format_value(value, f".{digits}f")
    assert "-" not in text
    assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.5 * 10**-digits * (1 + 1e-6) + 1e-7)
    assert not re.fullmatch(r"−0\.?0*", text)


@given(NUMBERS, st.integers(0, 6))
def test_every_printed_number_is_known_as_one(value, digits):
    for text in (format_value(value, f",.{digits}f"), format_value(value, f".{digits}%")):
        assert NUMBER.fullmatch(text)
    assert NUMBER.fullmatch(f"({format_value(value, f'.{digits}f')})")
    assert NUMBER.fullmatch(f"{format_value(value, f'.{digits}f')}***")


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_lose_no_digit(value):
    assert int(format_value(value).replace("−", "-")) == value


@given(TEXTS)
def test_text_is_printed_as_it_is(text):
    assert format_value(text, ".3f") == text


@settings(max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_csv_gives_every_text_back(texts):
    rows = list(csv.reader(io.StringIO(table_csv(pd.DataFrame({"name": texts})))))
    assert [row[0] if row else "" for row in rows] == ["name", *texts]


@settings(max_examples=60)
@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_csv_gives_every_number_back_to_ten_digits(values):
    back = pd.read_csv(io.StringIO(table_csv(pd.DataFrame({"value": values}))))["value"]
    assert back.to_numpy() == pytest.approx(values, rel=1e-9)


@settings(max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_html_gives_every_text_back(texts):
    tree = ElementTree.fromstring(table_html(pd.DataFrame({"name": texts})))
    assert ["".join(cell.itertext()) for cell in tree.iter("td")] == texts


@settings(max_examples=60)
@given(TEXTS)
def test_latex_has_no_bare_special_letter(text):
    body = table_latex(pd.DataFrame({"name": [text]}), title="x", label="x").split(r"\midrule[0.75pt]")[1]
    cell = body.split("\\\\\n")[0]
    for command in (r"\textbackslash{}", r"\textasciitilde{}", r"\textasciicircum{}", "{[}"):
        cell = cell.replace(command, "")
    cell = re.sub(r"\$(?:[-<>]|\\[a-z]+|\^2|\^\{\*+\})\$", "", cell).replace(r"\rlap{}", "")
    cell = re.sub(r"\\rlap\{\)?\}", "", cell)
    assert not LATEX_SPECIAL.search(cell)


@settings(max_examples=60)
@given(TEXTS)
def test_latex_braces_are_balanced(text):
    written = table_latex(pd.DataFrame({text: [text]}), title=text, label="x", notes=[text])
    bare = written.replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for letter in bare:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0


@settings(max_examples=60)
@given(st.lists(st.one_of(st.none(), NUMBERS), min_size=1, max_size=6))
def test_a_hole_stays_in_its_row(values):
    cells = [row[0] for row in grid_of(pd.DataFrame({"value": pd.Series(values, dtype=object)})).rows]
    assert [cell == MISSING for cell in cells] == [value is None for value in values]


@settings(max_examples=60)
@given(st.lists(st.tuples(NUMBERS, st.floats(0, 1e6), st.floats(0, 1)), min_size=1, max_size=4))
def test_a_regression_table_has_two_rows_a_term_and_stars_by_p(rows):
    names = [f"x{k}" for k in range(len(rows))]
    terms = pd.DataFrame(rows, index=names, columns=["estimate", "std_error", "pvalue"])
    frame = regression_table({"": {"m": terms}}).frame
    assert frame.index.tolist() == [label for name in names for label in (name, "")]
    stars = [cell.count("*") for cell in frame["m"].tolist()[::2]]
    assert stars == [3 if p < 0.01 else 2 if p < 0.05 else 1 if p < 0.1 else 0 for _, _, p in rows]
    assert all(cell.startswith("(") and cell.endswith(")") for cell in frame["m"].tolist()[1::2])


LATEX_PAGE = r"""\begin{table}[htbp]
\centering
\caption{Models \& weights, 2006--2012}\label{tab:models}
\begin{tabular}{lr@{\hspace{1.6em}}r@{\hspace{1.6em}}}
\toprule[1.5pt]
 & contiguity & rail \\
\midrule[0.75pt]
ln wage & 0.500\rlap{$^{***}$} & $-$0.250 \\
 & (0.100\rlap{)} & (0.200\rlap{)} \\
$\rho$ &  & 0.200\rlap{$^{**}$} \\
 &  & (0.080\rlap{)} \\
\midrule[0.4pt]
Direct effects &  &  \\
ln wage & 0.520\rlap{$^{*}$} &  \\
 & (0.300\rlap{)} &  \\
\midrule[0.4pt]
Year effects & yes & no \\
N & 574 & 574 \\
\bottomrule[1.5pt]
\end{tabular}

\vspace{4pt}
\begin{minipage}{\linewidth}\footnotesize Notes: Standard errors in brackets. LEGEND\end{minipage}
\end{table}
""".replace("LEGEND", "* p $<$ 0.10, ** p $<$ 0.05, *** p $<$ 0.01.")

HTML_PAGE = """<table>
<thead><tr>
<th scope="col"></th>
<th scope="col" class="num">contiguity</th>
<th scope="col" class="num">rail</th>
</tr></thead>
<tbody>
<tr>
<th scope="row">ln wage</th>
<td class="num">0.500<span class="hang">***</span></td>
<td class="num">−0.250</td>
</tr>
<tr>
<th scope="row"></th>
<td class="num">(0.100<span class="hang">)</span></td>
<td class="num">(0.200<span class="hang">)</span></td>
</tr>
<tr>
<th scope="row">ρ</th>
<td class="num"></td>
<td class="num">0.200<span class="hang">**</span></td>
</tr>
<tr>
<th scope="row"></th>
<td class="num"></td>
<td class="num">(0.080<span class="hang">)</span></td>
</tr>
<tr class="rule">
<th scope="row">Direct effects</th>
<td class="num"></td>
<td class="num"></td>
</tr>
<tr>
<th scope="row">ln wage</th>
<td class="num">0.520<span class="hang">*</span></td>
<td class="num"></td>
</tr>
<tr>
<th scope="row"></th>
<td class="num">(0.300<span class="hang">)</span></td>
<td class="num"></td>
</tr>
<tr class="rule">
<th scope="row">Year effects</th>
<td class="num">yes</td>
<td class="num">no</td>
</tr>
<tr>
<th scope="row">N</th>
<td class="num">574</td>
<td class="num">574</td>
</tr>
</tbody>
</table>"""


def one_cell_a_line(page):
    return re.sub(r"\n*(</?t[hdr])", r"\n\1", page).split()


def models():
    columns = ["estimate", "std_error", "pvalue"]
    one = pd.DataFrame([[0.5, 0.1, 0.001]], index=["log_wage"], columns=columns)
    two = pd.DataFrame([[-0.25, 0.2, 0.21], [0.2, 0.08, 0.012]], index=["log_wage", "rho"], columns=columns)
    direct = pd.DataFrame([[0.52, 0.3, 0.083]], index=["log_wage"], columns=columns)
    foot = pd.DataFrame({"contiguity": ["yes", 574], "rail": ["no", 574]}, index=["Year effects", "N"])
    blocks = {"": {"contiguity": one, "rail": two}, "Direct effects": {"contiguity": direct}}
    return regression_table(blocks, footer=foot, labels={"log_wage": "ln wage", "rho": "ρ"})


def test_the_whole_latex_of_a_regression_table():
    table = models()
    text = table_latex(
        table.frame, title="Models & weights, 2006–2012", label="models", notes=table.notes, rules=table.rules
    )
    assert text == LATEX_PAGE


def test_the_whole_html_of_a_regression_table():
    table = models()
    assert one_cell_a_line(table_html(table.frame, rules=table.rules)) == one_cell_a_line(HTML_PAGE)


def test_the_whole_csv_of_a_regression_table():
    lines = table_csv(models().frame).splitlines()
    assert lines[:3] == [",contiguity,rail", "ln wage,0.500***,−0.250", ",(0.100),(0.200)"]
    assert html.unescape(lines[-1]) == "N,574,574"
