"""Where the tables of a sheet are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yrdspatial.panel.yearbooks.layout import find_blocks, row_places, upright
from yrdspatial.panel.yearbooks.sheets import make_sheet


def blocks(rows, merges=()):
    sheet = make_sheet("a", "", rows, merges=merges)
    return find_blocks(sheet, sheet.filled())


def test_names_columns_header_body_and_what_stands_above():
    (block,) = blocks(
        [["2-7 表", ""], ["单位：亿元", ""], ["城市", "GDP"], ["安徽省", ""], ["合肥", 1.0], ["注：x", ""]]
    )
    assert (block.names, block.columns) == ((0,), (1,))
    assert (block.header, block.body, block.above) == ((2,), (3, 4), (0, 1))


def test_two_columns_of_names_are_one_key():
    (block,) = blocks(
        [["城市", "City", "GDP"], ["合肥", "Hefei", 1.0], ["苏州", "Suzhou", 2.0], ["芜湖", "Wuhu", 3.0]]
    )
    assert (block.names, block.columns) == ((0, 1), (2,))


def test_names_may_stand_anywhere():
    (block,) = blocks(
        [["GDP", "城市", "人口", "City"], [1.0, "合肥", 2.0, "Hefei"], [3.0, "芜湖", 4.0, "Wuhu"]]
    )
    assert (block.names, block.columns) == ((1, 3), (0, 2))


def test_codes_are_names():
    (block,) = blocks([["代码", "GDP"], [340100.0, 1.0], [320500.0, 2.0]])
    assert (block.names, block.columns) == ((0,), (1,))


def test_a_figure_that_looks_like_a_code_makes_no_names():
    (block,) = blocks([["城市", "GDP"], ["合肥", 340100.0], ["芜湖", 5.0], ["亳州", 6.0]])
    assert (block.names, block.columns) == ((0,), (1,))


def test_totals_in_a_header_make_no_names():
    (block,) = blocks([["城市", "企业数", ""], ["", "总计", "合计"], ["合肥", 3.0, 4.0]])
    assert block.columns == (1, 2)
    assert block.header == (0, 1)


def test_a_column_of_provinces_is_not_one_of_names():
    (block,) = blocks(
        [["省份", "城市", "GDP"], ["安徽", "合肥", 1.0], ["", "芜湖", 2.0], ["江苏", "苏州", 3.0]]
    )
    assert (block.province, block.names, block.columns) == (0, (1,), (2,))


def test_columns_of_years_numbers_and_scopes_are_told_apart():
    rows = [
        ["序号", "年份", "城市", "范围", "GDP"],
        [1.0, 2020.0, "合肥", "全市", 9.0],
        [2.0, 2020.0, "合肥", "市辖区", 5.0],
    ]
    (block,) = blocks(rows)
    assert (block.names, block.year, block.scope, block.columns) == ((2,), 1, 3, (4,))


def test_the_same_cities_beside_are_one_table():
    (block,) = blocks(
        [["城市", "GDP", "城市", "人口"], ["合肥", 1.0, "合肥", 2.0], ["芜湖", 3.0, "芜湖", 4.0]]
    )
    assert (block.names, block.columns) == ((0, 2), (1, 3))


def test_other_cities_beside_are_another_table():
    left, right = blocks(
        [["城市", "GDP", "城市", "GDP"], ["合肥", 1.0, "南京", 2.0], ["芜湖", 3.0, "无锡", 4.0]]
    )
    assert (left.names, left.columns) == ((0,), (1,))
    assert (right.names, right.columns) == ((2,), (3,))


def test_cities_outside_the_delta_do_not_join_two_halves():
    rows = [
        ["城市", "GDP", "城市", "GDP"],
        ["北京市", 1.0, "福州市", 2.0],
        ["济南市", 3.0, "厦门市", 4.0],
        ["合肥", 5.0, "北京市", 6.0],
        ["济南市", 7.0, "无锡", 8.0],
    ]
    assert len(blocks(rows)) == 2


def test_a_repeated_header_begins_a_new_part_and_a_note_does_not():
    rows = [
        ["城市", "GDP"],
        ["合肥", 1.0],
        ["注：甲", ""],
        ["", ""],
        ["芜湖", 2.0],
        ["续表", ""],
        ["城市", "人口"],
        ["合肥", 3.0],
    ]
    first, second = blocks(rows)
    assert (first.header, first.body) == ((0,), (1, 4))
    assert (second.header, second.body, second.above) == ((6,), (7,), (5,))


def test_a_header_over_the_row_of_names_belongs_to_it():
    rows = [["", "全市", "市辖区"], ["城市", "GDP", "GDP"], ["合肥", 1.0, 2.0]]
    (block,) = blocks(rows)
    assert block.header == (0, 1)


def test_a_title_over_all_columns_is_no_header():
    rows = [["", "2-7 地区生产总值", ""], ["城市", "GDP", "人口"], ["合肥", 1.0, 2.0]]
    (block,) = blocks(rows, [(0, 1, 0, 2)])
    assert (block.header, block.above) == ((1,), (0,))


def test_rows_without_a_name_are_stray():
    (block,) = blocks([["城市", "GDP"], ["合肥", 1.0], ["", 5.0], ["芜湖", 2.0], ["", 7.0]])
    assert block.body == (1, 3)
    assert block.stray == (2, 4)


def test_unknown_names_with_figures_belong_to_the_body():
    (block,) = blocks([["城市", "GDP"], ["合服市", 1.0], ["芜湖", 2.0]])
    assert block.body == (1, 2)


@pytest.mark.parametrize(
    "rows", [[], [["a", "b"], [1.0, 2.0]], [["城市", "GDP"]], [["注：合肥市 见下", ""]], [[""]]]
)
def test_no_table(rows):
    assert blocks(rows) == []


def test_places_in_a_row_are_turned_upright():
    sheet = make_sheet(
        "a", "", [["单位：亿元", "", "", ""], ["指标", "合肥", "芜湖", "亳州"], ["GDP", 1, 2, 3]]
    )
    turned = upright(sheet)
    assert turned.rows == [["指标", "GDP"], ["合肥", 1], ["芜湖", 2], ["亳州", 3]]
    assert turned.lead == ("单位：亿元",)


def test_two_halves_side_by_side_are_not_turned():
    sheet = make_sheet(
        "a", "", [["城市", "City", "GDP", "城市", "City", "GDP"], ["合肥", "Hefei", 1, "南京", "Nanjing", 2]]
    )
    assert upright(sheet) is sheet


def test_places_of_a_row():
    row = ["合肥市", "Hefei", 1.0, "x"]
    assert [(text, place.code) for text, place in row_places(row, (0, 1, 3))] == [
        ("合肥市", 340100),
        ("Hefei", 340100),
    ]


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "城市",
            "合肥",
            "芜湖市",
            "Suzhou",
            "安徽省",
            "单位：亿元",
            "续表",
            "GDP（亿元）",
            "全市",
            "市辖区",
            "#市区",
            "注：x",
            "2020年",
            "2-7 表",
        ]
    ),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=6),
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=12))
def test_any_grid_has_blocks_inside_it(rows):
    sheet = upright(make_sheet("a", "", rows))
    for block in find_blocks(sheet, sheet.filled()):
        assert block.names
        assert not set(block.names) & set(block.columns)
        assert not set(block.header) & set(block.body)
        assert all(0 <= row < len(sheet.rows) for row in (*block.header, *block.body, *block.above))
        assert all(0 <= column < sheet.width for column in (*block.names, *block.columns))
