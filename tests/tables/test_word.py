"""Three-line tables for Word: rules, alignment, stars, page, bytes; what is read back is what was printed."""

import io
import subprocess
import sys

import docx
import pandas as pd
import pytest
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn

from yrdspatial.tables.cells import grid_of
from yrdspatial.tables.printed import PrintedTable
from yrdspatial.tables.regression import regression_table
from yrdspatial.tables.word import tables_docx

TERMS = pd.DataFrame(
    {"estimate": [0.5, -12.25], "std_error": [0.1, 3.0], "pvalue": [0.001, 0.2]}, index=["工资", "rho"]
)
FOOT = pd.DataFrame({"SDM": [697, "YES"]}, index=["Observations", "City effects"])
MODEL = regression_table({"": {"SDM": TERMS}}, footer=FOOT)
TABLE = PrintedTable(MODEL.frame, "表 1 空间杜宾模型", MODEL.notes, rules=MODEL.rules)
CITIES = PrintedTable(
    pd.DataFrame(
        {"lq": [1.25, None], "capital": [True, False]}, index=pd.Index(["上海", "Suzhou"], name="city")
    ),
    "Location quotients",
    formats={"lq": ".2f"},
)


def opened(*tables, **options):
    return docx.Document(io.BytesIO(tables_docx(tables, **options)))


def borders(cell):
    """Read the rules of a cell, in eighths of a point."""
    properties = cell._element.tcPr.find(qn("w:tcBorders"))
    return {edge.tag.rpartition("}")[2]: int(edge.get(qn("w:sz"))) for edge in properties}


def texts(table):
    return tuple(tuple(cell.text for cell in row.cells) for row in table.rows)


@pytest.fixture(scope="module")
def document():
    return opened(TABLE, CITIES)


def test_cells_are_those_of_the_grid(document):
    for one, table in zip((TABLE, CITIES), document.tables, strict=True):
        grid = grid_of(one.frame, one.formats)
        assert texts(table) == (grid.header, *grid.rows)


def test_titles_stand_above_and_notes_below(document):
    order = [getattr(part, "text", "table") for part in document.iter_inner_content()]
    notes = "Notes: Standard errors in brackets. * p < 0.10, ** p < 0.05, *** p < 0.01."
    assert order == [TABLE.title, "table", notes, CITIES.title, "table"]
    assert document.paragraphs[0].paragraph_format.keep_with_next


def test_three_lines_and_no_verticals(document):
    table = document.tables[1]
    assert [borders(row.cells[0]) for row in table.rows] == [
        {"top": 12, "bottom": 6},  # 1.5 and 0.75 points
        {"top": 6},
        {"bottom": 12},
    ]
    assert all(borders(cell).keys() <= {"top", "bottom"} for one in document.tables for cell in one._cells)
    assert len({tuple(borders(cell).items()) for cell in table.rows[0].cells}) == 1


def test_a_rule_inside_is_thin(document):
    table = document.tables[0]
    thin = [place for place, row in enumerate(table.rows) if borders(row.cells[0]).get("top") == 4]
    assert thin == [1 + place for place in MODEL.rules]


def test_decimal_points_stand_under_one_another(document):
    column = document.tables[0].columns[1].cells
    stops = {
        (stop.position, stop.alignment)
        for cell in column
        for stop in cell.paragraphs[0].paragraph_format.tab_stops
    }
    assert len(stops) == 1
    position, alignment = stops.pop()
    assert alignment == WD_TAB_ALIGNMENT.DECIMAL
    assert 0 < position < column[0].width


def test_words_among_numbers_are_centred(document):
    column = document.tables[0].columns[1].cells
    assert column[0].paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert column[-1].text == "YES"
    assert column[-1].paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert document.tables[0].columns[0].cells[1].paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.LEFT


def test_stars_are_raised_and_brackets_are_not(document):
    column = document.tables[0].columns[1].cells
    assert [(run.text, run.font.superscript) for run in column[1].paragraphs[0].runs] == [
        ("0.500", None),
        ("***", True),
    ]
    assert [(run.text, run.font.superscript) for run in column[2].paragraphs[0].runs] == [("(0.100)", None)]


def test_chinese_and_latin_letters_have_their_fonts(document):
    run = document.tables[0].rows[1].cells[0].paragraphs[0].runs[0]
    fonts = run._element.rPr.rFonts
    assert (fonts.get(qn("w:ascii")), fonts.get(qn("w:eastAsia"))) == ("Times New Roman", "SimSun")
    assert document.paragraphs[0].runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) == "SimHei"


def test_heads_repeat_and_rows_stay_whole(document):
    for row in document.tables[0].rows:
        assert row._element.trPr.find(qn("w:cantSplit")) is not None
    assert document.tables[0].rows[0]._element.trPr.find(qn("w:tblHeader")) is not None
    assert document.tables[0].rows[1]._element.trPr.find(qn("w:tblHeader")) is None


def test_a_short_table_stays_on_its_page_and_a_long_one_may_break():
    def kept(rows):
        table = opened(PrintedTable(pd.DataFrame({"a": range(rows)}), "x")).tables[0]
        return [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]

    assert kept(3) == [True, True, True, None]
    assert set(kept(50)) == {None}


def test_chinese_words_when_asked(document):
    chinese = opened(CITIES, PrintedTable(CITIES.frame, "x", ["一。", "二。"]), lang="zh")
    assert texts(chinese.tables[0])[1][-1] == "是"
    assert texts(document.tables[1])[1][-1] == "yes"
    assert chinese.paragraphs[-1].text == "注：一。二。"


def test_a_wide_table_turns_the_page_and_fits_between_the_margins():
    wide = PrintedTable(pd.DataFrame({f"column {place}": [123456.789] for place in range(24)}), "Wide")
    for one, turned in ((CITIES, False), (wide, True)):
        document = opened(one)
        section = document.sections[0]
        assert (section.orientation == WD_ORIENT.LANDSCAPE) == turned
        room = section.page_width - section.left_margin - section.right_margin
        assert (
            sum(cell.width for cell in document.tables[0].rows[0].cells) <= room + 24
        )  # rounded to whole units
    sizes = {run.font.size.pt for cell in document.tables[0]._cells for run in cell.paragraphs[0].runs}
    assert sizes == {6.5}


def test_each_table_has_the_page_it_needs():
    wide = PrintedTable(pd.DataFrame({f"column {place}": [123456.789] for place in range(24)}), "Wide")
    document = opened(CITIES, wide, wide, CITIES)
    turned = [section.orientation == WD_ORIENT.LANDSCAPE for section in document.sections]
    assert turned == [False, True, False]


def test_sentences_wrap_in_a_column_of_their_own_width():
    sentence = "A claim that needs a sentence of some length to be said in full. " * 4
    one = PrintedTable(pd.DataFrame({"id": ["P-01"], "claim": [sentence], "why": [sentence]}), "Claims")
    document = opened(one)
    widths = [cell.width for cell in document.tables[0].rows[0].cells]
    assert widths[1] > 4 * widths[0]
    section = document.sections[0]
    assert sum(widths) <= section.page_width - section.left_margin - section.right_margin + 24


def test_a_table_higher_than_a_page_may_break():
    sentence = "A claim that needs a sentence of some length to be said in full. " * 12
    one = PrintedTable(pd.DataFrame({"claim": [sentence] * 20}), "Claims")
    rows = opened(one).tables[0].rows
    assert {row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in rows} == {None}


def test_an_empty_cell_is_no_higher_than_a_full_one(document):
    assert document.styles["Normal"].font.size.pt == 6.5


def test_a_table_without_rows_has_its_head_and_both_rules():
    table = opened(PrintedTable(pd.DataFrame({"a": pd.Series(dtype=float)}), "Empty")).tables[0]
    assert texts(table) == (("a",),)
    assert borders(table.rows[0].cells[0]) == {"top": 12, "bottom": 12}


def test_the_file_tells_no_name_and_no_time(document):
    core = document.core_properties
    assert (core.author, core.last_modified_by, core.comments) == ("", "", "")
    assert core.created.year == core.modified.year == 1980
    assert core.title == TABLE.title


def test_other_processes_write_the_same_bytes():
    code = """
import hashlib, pandas as pd
from yrdspatial.tables.excel import tables_xlsx
from yrdspatial.tables.printed import PrintedTable
from yrdspatial.tables.word import tables_docx
tables = [PrintedTable(pd.DataFrame({"城市": ["上海"], "lq": [1.25]}), "表 1", ["一。"])]
print([hashlib.sha256(write(tables)).hexdigest() for write in (tables_docx, tables_xlsx)])
"""
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.count(b"'") == 4
