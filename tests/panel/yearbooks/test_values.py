"""Rows of the 41 cities and their figures."""

import math

import pytest

from yrdspatial.geography.units import load_units
from yrdspatial.panel.yearbooks.columns import Column
from yrdspatial.panel.yearbooks.layout import find_blocks
from yrdspatial.panel.yearbooks.problems import Problems
from yrdspatial.panel.yearbooks.profiles import load_profile
from yrdspatial.panel.yearbooks.sheets import make_sheet
from yrdspatial.panel.yearbooks.values import Row, check_cells, read_figures, read_rows, say_missing

GDP = Column(1, "gdp", True, "total", None, "100m CNY", 1e-4, flag="converted: printed in 万元, x 0.0001")


def rows_of(rows, merges=()):
    sheet = make_sheet("a", "", rows, merges=merges)
    grid, problems = sheet.filled(), Problems()
    found = read_rows(sheet, grid, find_blocks(sheet, grid)[0], problems)
    return found, problems.frame()


def figures_of(cells, column=GDP, row_flag=""):
    sheet, problems = make_sheet("a", "", [["合肥", cell] for cell in cells]), Problems()
    rows = [Row(place, 340100, None, None, row_flag) for place in range(len(cells))]
    return read_figures(
        sheet, rows, [column], 2020, "source", "title", load_profile(), problems
    ), problems.frame()


def test_rows_of_the_41_and_what_is_passed_over():
    found, problems = rows_of(
        [
            ["城市", "GDP"],
            ["全国", 9.0],
            ["安徽省", 8.0],
            ["合肥", 1.0],
            ["#市区", 1.0],
            ["昆山市", 2.0],
            ["福州市", 3.0],
            ["芜湖", 4.0],
        ]
    )
    assert [(row.position, row.code) for row in found] == [(3, 340100), (7, 340200)]
    assert problems["severity"].tolist() == ["note"]
    text = problems["text"].item()
    assert "1 totals, 1 provinces, 1 parts (of which), 1 county-level cities, 1 other cities" in text


@pytest.mark.parametrize(
    ("names", "code", "severity"),
    [
        (["合肥市", "Hefei"], 340100, None),
        (["苏州市", "Suzhou"], 320500, None),
        (["合肥市", ""], 340100, None),
        (["", "Hefei"], 340100, None),
        (["合肥市", "Nanjing"], 0, "error"),
        (["", "Suzhou"], 0, "error"),
        (["北京市", "Hefei"], 0, "error"),
        (["合服市", "Hefei"], 340100, "warning"),
        (["合服市", "Hefey"], 0, "warning"),
        (["合肥市", "Hefey"], 340100, None),
        (["巢湖市", "Chaohu"], 0, "note"),
    ],
)
def test_what_two_names_of_a_row_say(names, code, severity):
    table = [
        ["城市", "City", "GDP"],
        ["芜湖", "Wuhu", 1.0],
        ["亳州", "Bozhou", 2.0],
        ["安庆", "Anqing", 2.0],
        [*names, 3.0],
    ]
    found, problems = rows_of(table)
    assert [row.code for row in found[3:]] == [code] * bool(code)
    said = problems[problems["row"] == 5]["severity"].tolist()
    assert said == ([severity] if severity else [])


def test_a_province_beside_settles_a_name():
    found, problems = rows_of(
        [["省", "City", "GDP"], ["安徽", "Suzhou", 1.0], ["江苏", "Suzhou", 2.0], ["", "Nanjing", 2.0]]
    )
    assert [row.code for row in found] == [341300, 320500, 320100]
    assert problems.empty


def test_years_and_scopes_of_rows():
    rows = [["年份", "城市", "范围", "GDP"], [2019.0, "合肥", "全市", 1.0], ["2020年", "合肥", "市辖区", 2.0]]
    found, _ = rows_of(rows)
    assert [(row.year, row.scope) for row in found] == [(2019, "total"), (2020, "districts")]


def test_figures_are_converted_with_their_step_and_flag():
    (record,), problems = figures_of(["12,345.5"])
    assert record.value == 1.23455
    assert record.step == pytest.approx(1e-5)
    assert record.flag == "converted: printed in 万元, x 0.0001"
    assert (record.adcode, record.year, record.scope, record.unit) == (340100, 2020, "total", "100m CNY")
    assert problems.empty


def test_the_step_is_that_of_the_finest_figure_of_the_column():
    records, _ = figures_of([1.0, 2.25, 3.5])
    assert [record.step for record in records] == pytest.approx([1e-6] * 3)


def test_a_gap_keeps_the_flag_of_its_mark_and_not_that_of_the_column():
    (record,), problems = figures_of(["—"])
    assert math.isnan(record.value)
    assert record.flag == 'unknown: "—", not known, or there is none'
    assert problems.empty


def test_what_is_no_figure_is_an_error_with_its_place():
    records, problems = figures_of([1.0, "135OOO"])
    assert math.isnan(records[1].value)
    assert problems[["severity", "row", "column"]].iloc[0].tolist() == ["error", 2, "B"]
    assert "(Hefei, gdp)" in problems["text"].item()


def test_flags_of_rows_and_columns_are_joined():
    (record,), _ = figures_of(["1 0"], row_flag="note: row")
    assert record.flag.split("; ")[1:] == [GDP.flag, "note: row"]


def test_a_column_of_per_cent_takes_per_cent_and_others_do_not():
    share = Column(1, "share_primary", True, "total", None, "%", percent=True)
    assert figures_of(["5%"], share)[0][0].value == 5
    (record,), problems = figures_of(["5%"])
    assert math.isnan(record.value)
    assert "a percentage stands where the unit is another" in problems["text"].item()


def test_years_of_columns_rows_and_tables_in_this_order():
    column = Column(1, "gdp", True, "total", 2018, "100m CNY")
    assert figures_of([1.0], column)[0][0].year == 2018
    assert figures_of([1.0])[0][0].year == 2020


def test_cells_of_county_tables_are_only_checked():
    rows = [["城市", "GDP"], ["安徽省", ""], ["巢湖市", 5.0], ["昆山市", "13l"], ["义乌市", ""]]
    sheet, problems = make_sheet("a", "", rows), Problems()
    (block,) = find_blocks(sheet, rows)
    assert check_cells(sheet, block, [GDP], load_profile(), problems) == 1
    frame = problems.frame()
    assert frame[["severity", "row", "column"]].iloc[0].tolist() == ["warning", 4, "B"]
    assert "昆山市, gdp" in frame["text"].item()


def test_missing_cities_are_named_and_a_whole_table_is_silent():
    sheet, problems = make_sheet("a", "", []), Problems()
    codes = load_units().index.tolist()
    say_missing(codes, sheet, problems)
    assert problems.frame().empty
    say_missing(codes[1:], sheet, problems)
    assert problems.frame()["text"].item() == "1 of the 41 cities have no row: Shanghai"
