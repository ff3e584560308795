"""Three-line tables for Excel: numbers with all their digits, shown as formatted; texts that stay texts."""

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from yrdspatial.errors import OutputError
from yrdspatial.tables.cells import Figure
from yrdspatial.tables.excel import figure_format, number_format, tables_xlsx
from yrdspatial.tables.printed import PrintedTable

TABLE = PrintedTable(
    pd.DataFrame(
        {
            "lq": [1 / 3, None, float("inf")],
            "gdp": [38155.32, 19235.8, 1.0],
            "share": [0.27, 0.475, 0.5],
            "year": [2019, 2020, 2021],
            "note": ["=1+1", "a", True],
            "p": [0.001, 0.2, 0.03],
        },
        index=pd.Index(["上海", "Suzhou", "杭州"], name="city"),
    ),
    "表 1: quotients / shares",
    ["One note.", "Another."],
    formats={"gdp": ",.1f", "share": ".1%", "p": lambda value: f"p = {value:.2f}"},
    rules=[2],
)


def opened(*tables, **options):
    return openpyxl.load_workbook(io.BytesIO(tables_xlsx(tables, **options)))


@pytest.fixture(scope="module")
def sheet():
    return opened(TABLE).worksheets[0]


def test_title_head_rows_and_notes_stand_in_this_order(sheet):
    assert sheet["A1"].value == TABLE.title
    assert [cell.value for cell in sheet[2]] == ["city", *TABLE.frame.columns]
    assert [sheet.cell(row, 1).value for row in (3, 4, 5)] == ["上海", "Suzhou", "杭州"]
    assert sheet["A6"].value == "Notes: One note. Another."
    assert sheet.max_row == 6


def test_numbers_keep_all_their_digits(sheet):
    assert sheet["B3"].value == 1 / 3
    assert [sheet.cell(row, 3).value for row in (3, 4, 5)] == [38155.32, 19235.8, 1.0]
    assert sheet["E3"].value == 2019


def test_numbers_are_shown_as_formatted(sheet):
    assert [sheet.cell(3, place).number_format for place in (2, 3, 4, 5)] == ["0.000", "#,##0.0", "0.0%", "0"]


def test_what_is_no_finite_number_is_text(sheet):
    assert [sheet["B4"].value, sheet["B5"].value, sheet["F5"].value] == ["–", "∞", "yes"]
    assert sheet["G3"].value == "p = 0.00"


def test_a_text_like_a_formula_is_a_text(sheet):
    assert (sheet["F3"].value, sheet["F3"].data_type) == ("=1+1", "s")


def test_three_lines_and_no_verticals(sheet):
    borders = [sheet.cell(row, 1).border for row in range(2, 6)]
    rules = [tuple(side and side.style for side in (border.top, border.bottom)) for border in borders]
    assert rules == [("medium", "thin"), ("thin", None), (None, None), ("hair", "medium")]
    cells = [cell for row in sheet["A2:G5"] for cell in row]
    assert not any(side and side.style for cell in cells for side in (cell.border.left, cell.border.right))


def test_numbers_stand_at_the_right_and_texts_at_the_left(sheet):
    assert (sheet["C3"].alignment.horizontal, sheet["A3"].alignment.horizontal) == ("right", "left")


def test_columns_are_wide_enough_for_what_is_shown(sheet):
    assert sheet.column_dimensions["A"].width >= 6  # Suzhou
    assert sheet.column_dimensions["C"].width >= len("38,155.3")


def test_the_head_stays_in_sight(sheet):
    assert sheet.freeze_panes == "B3"


def test_another_program_reads_the_same_values():
    rows = CalamineWorkbook.from_filelike(io.BytesIO(tables_xlsx([TABLE]))).get_sheet_by_index(0).to_python()
    assert rows[0][0] == TABLE.title
    assert rows[2][:3] == ["上海", 1 / 3, 38155.32]


def test_a_sheet_each_with_names_that_excel_takes():
    long = PrintedTable(pd.DataFrame({"a": [1]}), "A title of more than thirty-one letters: [all]/*?")
    names = opened(TABLE, long, long).sheetnames
    assert len(set(names)) == 3
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_a_table_without_a_title_has_a_sheet_too():
    assert opened(PrintedTable(pd.DataFrame({"a": [1]}), "")).sheetnames == ["table"]


def test_no_table_is_an_error():
    with pytest.raises(OutputError, match="needs a table"):
        tables_xlsx([])


def test_the_same_tables_give_the_same_bytes_and_carry_no_clock():
    assert tables_xlsx([TABLE]) == tables_xlsx([TABLE])
    properties = opened(TABLE).properties
    assert (properties.created.year, properties.modified.year, properties.creator) == (1980, 1980, None)


def test_chinese_words_when_asked():
    sheet = opened(TABLE, lang="zh").worksheets[0]
    assert (sheet["F5"].value, sheet["A6"].value) == ("是", "注：One note.Another.")


@pytest.mark.parametrize(
    ("value", "spec", "expected"),
    [
        (1.5, ".2f", "0.00"),
        (1.5, ".0f", "0"),
        (1.5, ",.0f", "#,##0"),
        (0.5, ".0%", "0%"),
        (1.5, "+.1f", "+0.0;-0.0;0.0"),
        (1.5, "f", "0.000000"),
        (np.int64(3), None, "0"),
        (3, "d", "0"),
        (np.float64(3.0), None, "0.000"),
        (1.5, ".3g", ""),
        (1.5, str, ""),
        (True, None, ""),
        (np.bool_(True), None, ""),
        (float("nan"), ".2f", ""),
        ("a", None, ""),
        (None, ".2f", ""),
    ],
)
def test_formats_become_those_of_excel(value, spec, expected):
    assert number_format(value, spec) == expected


@pytest.mark.parametrize(
    ("text", "value", "shape"),
    [
        ("0.250***", 0.25, '0.000"***";"−"0.000"***"'),
        ("−0.3", -0.3, '0.0;"−"0.0'),
        ("(0.063)", 0.0625, '"("0.000")";"(−"0.000")"'),
        ("560", 560.0, '0;"−"0'),
        ("∞", float("inf"), ""),
        ("none", 1.0, ""),
    ],
)
def test_figures_are_shown_as_they_are_printed(text, value, shape):
    assert figure_format(Figure(text, value)) == shape


def test_figures_are_numbers_in_the_sheet():
    frame = pd.DataFrame(
        {"SAR": [Figure("−0.250***", -0.2501), Figure("(0.063)", 0.0625), "YES"]}, dtype=object
    )
    sheet = opened(PrintedTable(frame, "Models")).worksheets[0]
    assert [sheet.cell(row, 1).value for row in (3, 4, 5)] == [-0.2501, 0.0625, "YES"]
    assert sheet.cell(3, 1).number_format == '0.000"***";"−"0.000"***"'
