"""A frame with its title and notes as CSV, as a LaTeX three-line table, and as HTML."""

import html
import textwrap
from collections.abc import Collection, Hashable, Mapping, Sequence

import pandas as pd

from yrdspatial.tables.cells import NUMBER, Format, Grid, grid_of, has_labels
from yrdspatial.tables.layout import PADDING, SIZES, Layout, heights, lay_out
from yrdspatial.tables.phrases import Language, joined, phrases

CSV_FLOAT = "%.10g"
STACK = 12
LATEX_PAGE = 560.0
"""Points of a page that the rows of a table may fill."""
PRINT = dict(zip(SIZES, ("", r"\footnotesize", r"\scriptsize"), strict=True))
LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "[": "{[}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: rf"\{sign}" for sign in "&%$#_"},
        **{
            "<": "$<$",
            ">": "$>$",
            "−": "$-$",
            "×": r"$\times$",
            "±": r"$\pm$",
            "·": r"$\cdot$",
            "∞": r"$\infty$",
        },
        **{"≤": r"$\leq$", "≥": r"$\geq$", "²": "$^2$", "–": "--", "—": "---", "“": "``", "”": "''"},
        **{
            "α": r"$\alpha$",
            "β": r"$\beta$",
            "θ": r"$\theta$",
            "λ": r"$\lambda$",
            "ρ": r"$\rho$",
            "σ": r"$\sigma$",
        },
    }
)


def table_csv(frame: pd.DataFrame) -> str:
    r"""Return a frame as CSV: commas, a header, fractions to ten significant digits, nothing where a value is missing.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; a named index becomes its leading columns.

    Returns
    -------
    str
        The text, with ``\n`` line ends.

    Examples
    --------
    >>> print(table_csv(pd.DataFrame({"year": [2010, 2011], "I": [1 / 3, float("nan")]})))
    year,I
    2010,0.3333333333
    2011,
    """
    text: str = frame.to_csv(index=has_labels(frame), float_format=CSV_FLOAT, lineterminator="\n")
    return text


def table_latex(
    frame: pd.DataFrame,
    *,
    title: str,
    label: str,
    notes: Sequence[str] = (),
    formats: Mapping[Hashable, Format] | None = None,
    rules: Collection[int] = (),
    lang: Language = "en",
) -> str:
    r"""Return a frame as a LaTeX three-line table that needs the package booktabs and no other.

    The print becomes smaller where a table is too wide for 16 centimetres, then its texts wrap; a table higher than a
    page goes on in another one of the same number. Chinese characters are kept as they are and need XeLaTeX or LuaLaTeX
    with a Chinese font.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; a named index becomes its leading columns.
    title : str
        The caption.
    label : str
        The LaTeX label, without its prefix ``tab:``.
    notes : sequence of str
        Notes under the table.
    formats : mapping, optional
        As in `write_table`.
    rules : collection of int
        Rows above which a thin rule is drawn.
    lang : {"en", "zh"}
        Language of the fixed words.

    Returns
    -------
    str
        The table environment.

    Examples
    --------
    >>> table = pd.DataFrame({"W": ["contiguity"], "rho": [0.24]})
    >>> print(table_latex(table, title="Spillovers", label="rho", formats={"rho": ".2f"}))
    \begin{table}[htbp]
    \centering
    \caption{Spillovers}\label{tab:rho}
    \begin{tabular}{lr}
    \toprule[1.5pt]
    W & rho \\
    \midrule[0.75pt]
    contiguity & 0.24 \\
    \bottomrule[1.5pt]
    \end{tabular}
    \end{table}
    """
    grid = grid_of(frame, formats, lang=lang)
    layout = lay_out(grid, turn=False)
    ends = _page_ends(heights(grid, layout))
    texts = []
    for start, end in zip([0, *ends], ends, strict=False):
        first, last = start == 0, end == ends[-1]
        more = "" if first else phrases(lang).continued
        lines = [
            r"\begin{table}[htbp]",
            *([] if first else [r"\addtocounter{table}{-1}"]),
            r"\centering",
            rf"\caption{{{_latex(title + more)}}}" + (rf"\label{{tab:{label}}}" if first else ""),
            *([PRINT[layout.size]] if PRINT[layout.size] else []),
            *_latex_grid(grid, layout, range(start, end), rules),
            *_latex_notes(joined(notes, lang) if last else ""),
            r"\end{table}",
        ]
        texts.append("\n".join(lines) + "\n")
    return "\n".join(texts)


def table_html(
    frame: pd.DataFrame,
    *,
    formats: Mapping[Hashable, Format] | None = None,
    rules: Collection[int] = (),
    lang: Language = "en",
) -> str:
    """Return a frame as an HTML ``<table>`` with scoped headers and right-aligned numbers.

    The classes are ``num`` (a number), ``hang`` (stars and brackets that hang over the right edge) and ``rule``
    (a row with a thin rule above it); caption and notes belong to the page around it.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; a named index becomes its leading columns.
    formats : mapping, optional
        As in `write_table`.
    rules : collection of int
        Rows above which a thin rule is drawn.
    lang : {"en", "zh"}
        Language of truth values.

    Returns
    -------
    str
        The element, without a line of style.

    Examples
    --------
    >>> table = pd.DataFrame({"lq": [1.25]}, index=pd.Index(["上海"], name="city"))
    >>> print(table_html(table, formats={"lq": ".2f"}))
    <table>
    <thead><tr><th scope="col">city</th><th scope="col" class="num">lq</th></tr></thead>
    <tbody>
    <tr><th scope="row">上海</th><td class="num">1.25</td></tr>
    </tbody>
    </table>
    """
    grid = grid_of(frame, formats, lang=lang)
    head = "".join(
        _element("th", html.escape(name), scope="col", classes="num" if right else "")
        for name, right in zip(grid.header, grid.numeric, strict=True)
    )
    rows = [
        ('<tr class="rule">' if position in rules else "<tr>") + _html_row(row, grid) + "</tr>"
        for position, row in enumerate(grid.rows)
    ]
    return "\n".join(["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>", *rows, "</tbody>", "</table>"])


def _latex(text: str) -> str:
    return text.translate(LATEX)


def _page_ends(sizes: Sequence[float]) -> list[int]:
    ends, filled = [], 0.0
    for position, size in enumerate(sizes):
        if filled + size > LATEX_PAGE and filled:
            ends.append(position)
            filled = 0.0
        filled += size
    return [*ends, len(sizes)]


def _latex_grid(grid: Grid, layout: Layout, rows: range, rules: Collection[int]) -> list[str]:
    wraps = [layout.wrapped and not right for right in grid.numeric]
    end = r" \tabularnewline" if any(wraps) else r" \\"
    columns = _latex_wraps(grid, layout) if any(wraps) else _latex_columns(grid)
    heads = zip(grid.header, grid.numeric, wraps, strict=True)
    body = []
    for position in rows:
        body += [r"\midrule[0.4pt]"] if position in rules else []
        cells = zip(grid.rows[position], grid.numeric, wraps, strict=True)
        texts = [
            _latex_number(cell) if right else _latex_text(cell, wrap=wrap) for cell, right, wrap in cells
        ]
        body.append(" & ".join(texts) + end)
    names = [_latex_stack(name) if right else _latex_text(name, wrap=wrap) for name, right, wrap in heads]
    return [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule[1.5pt]",
        " & ".join(names) + end,
        r"\midrule[0.75pt]",
        *body,
        r"\bottomrule[1.5pt]",
        r"\end{tabular}",
    ]


def _latex_wraps(grid: Grid, layout: Layout) -> str:
    shares = [(width - PADDING) / layout.room for width in layout.widths]
    return "".join(
        "r" if right else rf"p{{{share:.3f}\linewidth}}"
        for right, share in zip(grid.numeric, shares, strict=True)
    )


def _latex_text(text: str, *, wrap: bool) -> str:
    if not (wrap and text):
        return _latex(text)
    broken = _latex(text).replace("/", r"/\allowbreak{}").replace(r"\_", r"\_\allowbreak{}")
    return rf"\raggedright {broken}"


def _latex_columns(grid: Grid) -> str:
    hanging = [any(_hang(cell) for cell in column) for column in zip(*grid.rows, strict=True)] or grid.numeric
    return "".join(
        "l" if not right else r"r@{\hspace{1.6em}}" if hangs else "r"
        for right, hangs in zip(grid.numeric, hanging, strict=True)
    )


def _hang(cell: str) -> str:
    number = NUMBER.fullmatch(cell)
    return number["hang"] if number else ""


def _latex_stack(text: str) -> str:
    if len(text) <= STACK or " " not in text:
        return _latex(text)
    parts = [
        line
        for part in text.replace(", ", ",\n").split("\n")
        for line in textwrap.wrap(part, STACK, break_long_words=False, break_on_hyphens=False)
    ]
    lines = r"\\".join(map(_latex, parts))
    return rf"\begin{{tabular}}[b]{{@{{}}r@{{}}}}{lines}\end{{tabular}}"


def _latex_number(cell: str) -> str:
    number = NUMBER.fullmatch(cell)
    if number is None:
        return _latex_stack(cell)
    if not number["hang"]:
        return _latex(cell)
    bracket, marks = number["hang"].rstrip("*"), number["hang"].lstrip(")")
    return _latex(number["body"]) + rf"\rlap{{{bracket}{f'$^{{{marks}}}$' if marks else ''}}}"


def _latex_notes(text: str) -> list[str]:
    if not text:
        return []
    return [
        "",
        r"\vspace{4pt}",
        rf"\begin{{minipage}}{{\linewidth}}\footnotesize {_latex(text)}\end{{minipage}}",
    ]


def _html_row(row: Sequence[str], grid: Grid) -> str:
    return "".join(
        _element(
            "th" if position < grid.labels else "td",
            _html_number(cell) if right else html.escape(cell),
            scope="row" if position < grid.labels else "",
            classes="num" if right else "",
        )
        for position, (cell, right) in enumerate(zip(row, grid.numeric, strict=True))
    )


def _html_number(cell: str) -> str:
    number = NUMBER.fullmatch(cell)
    if number is None or not number["hang"]:
        return html.escape(cell)
    return f'{number["body"]}<span class="hang">{number["hang"]}</span>'


def _element(tag: str, content: str, *, scope: str, classes: str) -> str:
    attributes = (f' scope="{scope}"' if scope else "") + (f' class="{classes}"' if classes else "")
    return f"<{tag}{attributes}>{content}</{tag}>"
