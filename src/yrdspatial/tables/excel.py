"""Three-line tables for Excel: numbers stay numbers and are shown as formatted."""

import io
import math
import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from yrdspatial.errors import OutputError
from yrdspatial.tables.archive import fixed_archive
from yrdspatial.tables.cells import NUMBER, Figure, Format, columns_of, grid_of
from yrdspatial.tables.phrases import Language, joined
from yrdspatial.tables.printed import PrintedTable, printable

SPECIFICATION = re.compile(r"(?P<sign>\+?)(?P<comma>,?)(?:\.(?P<digits>\d+))?(?P<kind>[f%d])")
SHEET_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
SHEET_LENGTH = 31
WIDEST = 40
HEAD = 12


def tables_xlsx(tables: Sequence[PrintedTable], *, lang: Language = "en") -> bytes:
    """Return tables as one Excel file, a sheet each.

    Parameters
    ----------
    tables : sequence of PrintedTable
        At least one.
    lang : {"en", "zh"}
        Language of the fixed words.

    Returns
    -------
    bytes
        The content of a ``.xlsx``: the same tables give the same bytes. Values keep all their digits; texts that look
        like formulas stay texts.

    Raises
    ------
    OutputError
        When there is no table.

    Examples
    --------
    >>> import pandas as pd
    >>> table = PrintedTable(pd.DataFrame({"W": ["contiguity"], "rho": [0.24]}), "Spillovers")
    >>> tables_xlsx([table])[:2]
    b'PK'
    """
    from openpyxl import Workbook

    if not tables:
        raise OutputError("a workbook needs a table", cure="give at least one")
    book = Workbook()
    book.properties.creator = ""
    book.remove(book.worksheets[0])
    for position, one in enumerate(tables, 1):
        name = SHEET_FORBIDDEN.sub(" ", printable(one.title)).strip() or "table"
        tail = f" {position}" if len(tables) > 1 else ""
        _fill(book.create_sheet(name[: SHEET_LENGTH - len(tail)].rstrip() + tail), one, lang)
    buffer = io.BytesIO()
    book.save(buffer)
    return fixed_archive(buffer.getvalue())


def number_format(value: Any, spec: Format | None) -> str:
    """Translate a format of ours into one of Excel.

    Parameters
    ----------
    value : object
        What stands in the cell.
    spec : str or callable, optional
        As in `yrdspatial.tables.cells.format_value`.

    Returns
    -------
    str
        The format of a number; empty for what Excel has to hold as text: no number, not finite, a function's work.

    Examples
    --------
    >>> number_format(0.5, ".1%"), number_format(12000.0, ",.0f"), number_format(3, None), number_format("a", None)
    ('0.0%', '#,##0', '0', '')
    """
    if (
        isinstance(value, bool | np.bool_)
        or not isinstance(value, int | float | np.number)
        or not math.isfinite(value)
    ):
        return ""
    if spec is None:
        return "0.000" if isinstance(value, float | np.floating) else "0"
    known = None if callable(spec) else SPECIFICATION.fullmatch(spec)
    if known is None:
        return ""
    digits = 0 if known["kind"] == "d" else int(known["digits"] or 6)
    shape = ("#,##0" if known["comma"] else "0") + ("." + "0" * digits if digits else "")
    shape += "%" if known["kind"] == "%" else ""
    return f"+{shape};-{shape};{shape}" if known["sign"] else shape


def figure_format(figure: Figure) -> str:
    """Return the Excel format that shows a number with the brackets and stars it is printed with.

    Parameters
    ----------
    figure : Figure
        A cell of a table of models.

    Returns
    -------
    str
        The format; empty where the text is no number.

    Examples
    --------
    >>> figure_format(Figure("(0.063)", 0.0625)), figure_format(Figure("12.5**", 12.5))
    ('"("0.000")";"(−"0.000")"', '0.0"**";"−"0.0"**"')
    """
    printed = NUMBER.fullmatch(figure)
    if printed is None or not math.isfinite(figure.value):
        return ""
    opening = "(" if figure.startswith("(") else ""
    digits = printed["body"].strip("(−").partition(".")[2]
    shape = "0" + ("." + "0" * len(digits) if digits else "")
    marks = f'"{printed["hang"]}"' if printed["hang"] else ""
    before = f'"{opening}"' if opening else ""
    return f'{before}{shape}{marks};"{opening}−"{shape}{marks}'


def _fill(sheet: Any, one: PrintedTable, lang: Language) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    grid = grid_of(one.frame, one.formats, lang=lang)
    _put_text(sheet.cell(1, 1), one.title).font = Font(bold=True)
    for place, (name, values) in enumerate(columns_of(one.frame)):
        side = "right" if grid.numeric[place] else "left"
        texts = [row[place] for row in grid.rows]
        head = _put_text(sheet.cell(2, place + 1), grid.header[place])
        head.alignment = Alignment(horizontal=side, vertical="bottom", wrap_text=True)
        for row, (text, value) in enumerate(zip(texts, values, strict=True), 3):
            figure = isinstance(value, Figure)
            shape = figure_format(value) if figure else number_format(value, one.formats.get(name))
            number = value.value if figure else value
            cell = _put(sheet.cell(row, place + 1), text, number, shape)
            cell.alignment = Alignment(horizontal=side)
        width = max(map(_length, (grid.header[place][:HEAD], *texts))) + 2
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(WIDEST, width)
    last = 2 + len(grid.rows)
    _put_text(sheet.cell(last + 1, 1), joined(one.notes, lang)).font = Font(size=9)
    _draw_rules(sheet, len(grid.header), last, one.rules)
    sheet.freeze_panes = sheet.cell(3, 1 + grid.labels)
    sheet.sheet_view.showGridLines = False


def _put(cell: Any, text: str, value: Any, shape: str) -> Any:
    if not shape:
        return _put_text(cell, text)
    cell.value, cell.number_format = value.item() if isinstance(value, np.generic) else value, shape
    return cell


def _put_text(cell: Any, text: str) -> Any:
    if text:
        cell.value = printable(text)
        cell.data_type = "s"
    return cell


def _length(text: str) -> int:
    return sum(2 if letter > "⺀" else 1 for letter in text)


def _draw_rules(sheet: Any, columns: int, last: int, rules: Collection[int]) -> None:
    from openpyxl.styles import Border, Side

    thick, inner, hair = Side(style="medium"), Side(style="thin"), Side(style="hair")
    for row in range(2, last + 1):
        top = thick if row == 2 else inner if row == 3 else hair if row - 3 in rules else None
        border = Border(top=top, bottom=thick if row == last else inner if row == 2 else None)
        for column in range(1, columns + 1):
            sheet.cell(row, column).border = border
