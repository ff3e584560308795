"""Three-line tables (三线表) for Word: rules of 1.5 and 0.75 points, no verticals, title above, notes below."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from yrdspatial.tables.archive import EPOCH, fixed_archive
from yrdspatial.tables.cells import NUMBER, Grid, grid_of
from yrdspatial.tables.layout import MARGIN, PADDING, PAGE, POINT, SIZES, Layout, glyphs, heights, lay_out
from yrdspatial.tables.phrases import Language, joined
from yrdspatial.tables.printed import PrintedTable, printable

if TYPE_CHECKING:
    from docx.document import Document

THICK, INNER, THIN = 12, 6, 4
TITLE_SIZE, NOTE_SIZE = 10.5, 8.0
TOGETHER = 40
FILLED = 0.85
"""Share of a page that a table may take to be kept on one."""
LATIN, SONG, HEI = "Times New Roman", "SimSun", "SimHei"


def tables_docx(tables: Sequence[PrintedTable], *, lang: Language = "en") -> bytes:
    """Return tables as one Word file.

    The print becomes smaller where a table is too wide for the page, then the page is turned, then texts wrap.

    Parameters
    ----------
    tables : sequence of PrintedTable
        From the first page to the last.
    lang : {"en", "zh"}
        Language of the fixed words.

    Returns
    -------
    bytes
        The content of a ``.docx``: the same tables give the same bytes.

    Examples
    --------
    >>> import pandas as pd
    >>> table = PrintedTable(pd.DataFrame({"W": ["contiguity"], "rho": [0.24]}), "Spillovers")
    >>> tables_docx([table])[:2]
    b'PK'
    """
    from docx import Document
    from docx.shared import Pt

    grids = [grid_of(one.frame, one.formats, lang=lang) for one in tables]
    layouts = [lay_out(grid) for grid in grids]
    document = Document()
    document.styles["Normal"].font.size = Pt(SIZES[-1])  # the height of an empty cell
    _clear_properties(document, tables[0].title if tables else "")
    turned = bool(layouts) and layouts[0].turned
    _set_page(document.sections[0], turned=turned)
    for position, (one, grid, layout) in enumerate(zip(tables, grids, layouts, strict=True)):
        if layout.turned != turned:
            turned = layout.turned
            _set_page(document.add_section(), turned=turned)
        _add_title(document, one.title, first=position == 0)
        _add_grid(document, grid, one.rules, layout)
        _add_notes(document, joined(one.notes, lang))
    buffer = io.BytesIO()
    document.save(buffer)
    return fixed_archive(buffer.getvalue())


def _clear_properties(document: "Document", title: str) -> None:
    core = document.core_properties
    core.author = core.last_modified_by = core.comments = ""
    core.title, core.revision = printable(title)[:255], 1
    core.created = core.modified = datetime(*EPOCH)


def _set_page(section: Any, *, turned: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    width, height = PAGE[::-1] if turned else PAGE
    section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(width), Cm(height)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN)


def _add_title(document: "Document", title: str, *, first: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    style = paragraph.paragraph_format
    style.keep_with_next, style.space_after = True, Pt(4)
    style.space_before = Pt(0 if first else 18)
    _write(paragraph, title, TITLE_SIZE, bold=True)


def _add_notes(document: "Document", text: str) -> None:
    from docx.shared import Pt

    if text:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(3), Pt(0)
        _write(paragraph, text, NOTE_SIZE)


def _add_grid(document: "Document", grid: Grid, rules: Any, layout: Layout) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm

    table = document.add_table(rows=1 + len(grid.rows), cols=len(grid.header))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    columns = list(zip(*grid.rows, strict=True)) or [()] * len(grid.header)
    for position, column in enumerate(columns):
        width = Cm(layout.widths[position])
        table.columns[position].width = width
        right = grid.numeric[position]
        stop = _decimal_stop(column, width, layout.size) if right else None
        cells = table.columns[position].cells
        for cell, text in zip(cells, (grid.header[position], *column), strict=True):
            cell.width = width
            _fill(cell.paragraphs[0], text, layout.size, stop if cell is not cells[0] else None, right=right)
    _draw_rules(table, rules, together=_fits_a_page(grid, layout))


def _fits_a_page(grid: Grid, layout: Layout) -> bool:
    page = (PAGE[not layout.turned] - 2 * MARGIN) / POINT
    return len(grid.rows) <= TOGETHER and sum(heights(grid, layout)) <= FILLED * page


def _fill(paragraph: Any, text: str, size: float, stop: Any, *, right: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
    from docx.shared import Pt

    style = paragraph.paragraph_format
    style.space_before, style.space_after, style.line_spacing = Pt(1), Pt(1), 1.0
    number = NUMBER.fullmatch(text)
    if number is None:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if right else WD_ALIGN_PARAGRAPH.LEFT
        _write(paragraph, text, size)
        return
    if stop is not None:
        style.tab_stops.add_tab_stop(stop, WD_TAB_ALIGNMENT.DECIMAL)
    marks = number["hang"].lstrip(")")
    _write(paragraph, text.removesuffix(marks), size)
    if marks:
        _write(paragraph, marks, size, raised=True)


def _write(paragraph: Any, text: str, size: float, *, bold: bool = False, raised: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(printable(text))
    run.font.name, run.font.size, run.font.bold = LATIN, Pt(size), bold
    run.font.superscript = True if raised else None
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HEI if bold else SONG)


def _decimal_stop(column: Sequence[str], width: Any, size: float) -> Any:
    from docx.shared import Cm

    parts = [cell.partition(".") for cell in column if NUMBER.fullmatch(cell)]
    before = max((glyphs(head) for head, _, _ in parts), default=0.0)
    after = max((glyphs(dot + tail) for _, dot, tail in parts), default=0.0)
    return Cm(max(0.0, (width.cm - PADDING - (before + after) * size * POINT) / 2 + before * size * POINT))


def _draw_rules(table: Any, rules: Any, *, together: bool) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    last = len(table.rows) - 1
    for position, row in enumerate(table.rows):
        edges = {"top": THICK} if position == 0 else {"top": THIN} if position - 1 in rules else {}
        edges |= {"bottom": INNER} if position == 0 else {}
        edges |= {"top": INNER} if position == 1 else {}
        edges |= {"bottom": THICK} if position == last else {}
        for cell in row.cells:
            borders = OxmlElement("w:tcBorders")
            for side, width in edges.items():
                rule = OxmlElement(f"w:{side}")
                for name, value in (("val", "single"), ("sz", width), ("space", 0), ("color", "000000")):
                    rule.set(qn(f"w:{name}"), str(value))
                borders.append(rule)
            cell._element.get_or_add_tcPr().append(borders)
        if together and position < last:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
        properties = row._element.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if position == 0:
            properties.append(OxmlElement("w:tblHeader"))
