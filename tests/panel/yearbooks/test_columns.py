"""What stands above a block, and what its columns are."""

import pytest

from yrdspatial.panel.yearbooks.columns import Heading, read_columns, read_heading
from yrdspatial.panel.yearbooks.layout import find_blocks
from yrdspatial.panel.yearbooks.problems import Problems
from yrdspatial.panel.yearbooks.profiles import load_profile
from yrdspatial.panel.yearbooks.sheets import make_sheet


def read(rows, merges=(), profile=None):
    sheet = make_sheet("a", "", rows, merges=merges)
    grid = sheet.filled()
    block = find_blocks(sheet, grid)[0]
    heading, problems = read_heading(sheet, grid, block, Heading()), Problems()
    return (
        heading,
        read_columns(sheet, grid, block, heading, load_profile(profile), problems),
        problems.frame(),
    )


def names(rows, merges=()):
    return [(column.variable, column.scope) for column in read(rows, merges)[1]]


def test_number_title_unit_year_and_scope_of_a_table():
    heading, _, _ = read(
        [["2-7 地区生产总值（市辖区）(2019年)", ""], ["", "单位：亿元"], ["城市", "GDP"], ["合肥", 1.0]]
    )
    assert (heading.number, heading.title, heading.year, heading.scope) == (
        "2-7",
        "地区生产总值",
        2019,
        "districts",
    )
    assert heading.measure.text == "亿元"


def test_a_unit_in_the_title():
    heading, columns, _ = read([["3-3 地区生产总值  （万元）", ""], ["城市", "GDP"], ["合肥", 1.0]])
    assert heading.measure.text == "万元"
    assert columns[0].factor == pytest.approx(1e-4)


def test_what_a_continued_table_does_not_print_is_that_of_the_part_before():
    rows = [
        ["2-7 地区生产总值", ""],
        ["单位：万元", ""],
        ["城市", "GDP"],
        ["合肥", 1.0],
        ["续表", ""],
        ["城市", "第一产业增加值"],
        ["合肥", 2.0],
    ]
    sheet = make_sheet("a", "", rows)
    first, second = find_blocks(sheet, rows)
    heading = read_heading(sheet, rows, second, read_heading(sheet, rows, first, Heading()))
    assert (heading.number, heading.title, heading.measure.text) == ("2-7", "地区生产总值", "万元")


def test_another_table_below_takes_nothing_from_the_one_before():
    rows = [
        ["2-7 地区生产总值", ""],
        ["单位：万元", ""],
        ["城市", "GDP"],
        ["合肥", 1.0],
        ["2-1 人口数", ""],
        ["城市", "户籍人口"],
        ["合肥", 2.0],
    ]
    sheet = make_sheet("a", "", rows)
    first, second = find_blocks(sheet, rows)
    heading = read_heading(sheet, rows, second, read_heading(sheet, rows, first, Heading()))
    assert (heading.number, heading.title, heading.measure) == ("2-1", "人口数", None)


def test_merged_headers_are_followed_and_nothing_is_guessed_beside_them():
    rows = [
        ["城市", "户籍人口（万人）", "", "", ""],
        ["", "", "", "城镇户籍人口", ""],
        ["", "全市", "市辖区", "全市", "市辖区"],
        ["合肥", 1.0, 2.0, 3.0, 4.0],
    ]
    merges = [(0, 0, 2, 0), (0, 1, 0, 4), (1, 1, 1, 2), (1, 3, 1, 4)]
    expected = [
        ("population_registered", "total"),
        ("population_registered", "districts"),
        ("城镇户籍人口", "total"),
        ("城镇户籍人口", "districts"),
    ]
    assert names(rows, merges) == expected


def test_without_merges_a_title_stands_for_the_columns_to_its_right():
    rows = [
        ["城市", "地区生产总值（亿元）", "", "常住人口（万人）", ""],
        ["", "全市", "市辖区", "全市", "市辖区"],
        ["合肥", 1.0, 2.0, 3.0, 4.0],
    ]
    assert names(rows) == [
        ("gdp", "total"),
        ("gdp", "districts"),
        ("population_resident", "total"),
        ("population_resident", "districts"),
    ]


def test_a_title_split_over_rows_does_not_run_to_the_right():
    rows = [["城市", "农、林、", "", "制造业"], ["", "牧、渔业", "采矿业", ""], ["合肥", 1.0, 2.0, 3.0]]
    found = read([["2-5 从业人员（人）", "", "", ""], *rows])[1]
    assert [column.variable for column in found] == [
        "emp_A_agriculture",
        "emp_B_mining",
        "emp_C_manufacturing",
    ]


def test_years_over_columns():
    rows = [["城市", "地区生产总值（亿元）", ""], ["", 2019.0, "2020年"], ["合肥", 1.0, 2.0]]
    assert [column.year for column in read(rows)[1]] == [2019, 2020]


def test_a_column_of_blanks_without_a_title_is_none():
    assert names([["城市", "GDP（亿元）", ""], ["合肥", 1.0, ""]]) == [("gdp", "total")]


def test_a_column_without_a_title_takes_that_of_a_table_of_one_column():
    assert names([["2-1 户籍人口（万人）", ""], ["城市", ""], ["合肥", 1.0]]) == [
        ("population_registered", "total")
    ]
    assert names([["2-40 公园面积（公顷）", ""], ["城市", ""], ["合肥", 1.0]]) == [("公园面积", "total")]


def test_unknown_titles_join_the_headings_above_them():
    rows = [["城市", "医院（个）", "", "床位（张）"], ["", "公立", "民营", ""], ["合肥", 1.0, 2.0, 3.0]]
    _, columns, problems = read(rows)
    assert [(column.variable, column.unit, column.known) for column in columns] == [
        ("医院/公立", "个", False),
        ("医院/民营", "个", False),
        ("床位", "张", False),
    ]
    assert (problems["severity"] == "note").all()
    assert problems["column"].tolist() == ["B", "C", "D"]


def test_generic_titles_take_the_title_of_the_table():
    rows = [["2-30 货运量", "", ""], ["单位：万吨", "", ""], ["城市", "合计", "铁路"], ["合肥", 1.0, 2.0]]
    assert [column.variable for column in read(rows)[1]] == ["货运量/合计", "铁路"]


def test_the_factor_and_the_flag_of_a_conversion():
    (column,) = read([["城市", "户籍人口（人）"], ["合肥", 1.0]])[1]
    assert (column.unit, column.factor) == ("10k persons", pytest.approx(1e-4))
    assert column.flag == "converted: printed in 人, x 0.0001"
    (column,) = read([["城市", "户籍人口（万人）"], ["合肥", 1.0]])[1]
    assert (column.factor, column.flag) == (1, "")


def test_a_unit_that_is_not_printed_is_the_usual_one_of_the_book_or_a_problem():
    _, (column,), problems = read([["城市", "户籍人口"], ["合肥", 1.0]])
    assert column.flag == "note: no unit is printed, 万人 is usual"
    assert problems["severity"].tolist() == ["warning"]
    _, (column,), problems = read([["城市", "户籍人口"], ["合肥", 1.0]], profile="provincial")
    assert (column.unit, column.flag) == ("", "unread: no unit is printed")
    assert problems["severity"].tolist() == ["error"]


def test_two_unknown_columns_of_one_title_get_their_letters():
    _, columns, problems = read([["城市", "床位", "床位"], ["合肥", 1.0, 2.0]])
    assert [column.variable for column in columns] == ["床位", "床位 (C)"]
    assert "two columns say" in problems["text"].iloc[-1]


def test_per_mille_is_converted_to_per_cent():
    (column,) = read([["城市", "第一产业占GDP的比重（‰）"], ["合肥", 1.0]])[1]
    assert (column.variable, column.factor) == ("share_primary", pytest.approx(0.1))


def test_beside_a_merged_title_an_unmerged_one_stands_for_the_columns_to_its_right():
    rows = [
        ["2-7 地区生产总值", "", "", "", ""],
        ["城市", "地区生产总值（亿元）", "", "常住人口（万人）", ""],
        ["", "全市", "市辖区", "全市", "市辖区"],
        ["合肥", 1.0, 2.0, 3.0, 4.0],
    ]
    assert names(rows, [(1, 0, 2, 0), (1, 1, 1, 2)])[2:] == [
        ("population_resident", "total"),
        ("population_resident", "districts"),
    ]


def test_a_column_without_a_title_beside_titled_ones_does_not_take_that_of_the_table():
    rows = [
        ["2-7 地区生产总值（亿元）", "", "", ""],
        ["城市", "第一产业增加值", "", ""],
        ["", "全市", "市辖区", "市辖区"],
        ["合肥", 1.0, 2.0, 4.0],
    ]
    found = names(rows, [(1, 0, 2, 0), (1, 1, 1, 2)])
    assert found == [("va_primary", "total"), ("va_primary", "districts"), ("column D", "districts")]
