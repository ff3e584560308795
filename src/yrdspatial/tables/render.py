"""A frame with its title and notes as CSV, as a LaTeX three-line table, and as HTML."""

import html
from collections.abc import Collection, Hashable, Mapping, Sequence

import pandas as pd

from yrdspatial.tables.cells import NUMBER, Format, Grid, grid_of, has_labels
from yrdspatial.tables.phrases import Language, joined

CSV_FLOAT = "%.10g"
STACK = 12
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

    Chinese characters are kept as they are and need XeLaTeX or LuaLaTeX with a Chinese font.

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
    body = []
    for position, row in enumerate(grid.rows):
        body += [r"\midrule[0.4pt]"] if position in rules else []
        cells = zip(row, grid.numeric, strict=True)
        body.append(
            " & ".join(_latex_number(cell) if right else _latex(cell) for cell, right in cells) + r" \\"
        )
    heads = zip(grid.header, grid.numeric, strict=True)
    lines = [
        r"\begin{table}[htbp]",
        r"\centering",
        rf"\caption{{{_latex(title)}}}\label{{tab:{label}}}",
        rf"\begin{{tabular}}{{{_latex_columns(grid)}}}",
        r"\toprule[1.5pt]",
        " & ".join(_latex_stack(name) if right else _latex(name) for name, right in heads) + r" \\",
        r"\midrule[0.75pt]",
        *body,
        r"\bottomrule[1.5pt]",
        r"\end{tabular}",
        *_latex_notes(joined(notes, lang)),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


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


def _latex_columns(grid: Grid) -> str:
    hanging = [any(_hang(cell) for cell in column) for column in zip(*grid.rows, strict=True)] or grid.numeric
    return "".join(
        "l" if not right else r"r@{\hspace{2em}}" if hangs else "r"
        for right, hangs in zip(grid.numeric, hanging, strict=True)
    )


def _hang(cell: str) -> str:
    number = NUMBER.fullmatch(cell)
    return number["hang"] if number else ""


def _latex_stack(text: str) -> str:
    if len(text) <= STACK or ", " not in text:
        return _latex(text)
    lines = r"\\".join(_latex(part) for part in text.replace(", ", ",\n").split("\n"))
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
