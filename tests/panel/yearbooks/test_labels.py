"""Header cells and title lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yrdspatial.panel.yearbooks.labels import Label, read_label, read_number, read_year, unit_line


def unit(label):
    return label.measure.text if label.measure else None


@pytest.mark.parametrize(
    ("cell", "zh", "en", "measure"),
    [
        ("地区生产总值", "地区生产总值", "", None),
        ("地区生产总值（亿元）", "地区生产总值", "", "亿元"),
        ("地区生产总值 （当年价格） （亿元）", "地区生产总值(当年价格)", "", "亿元"),
        (
            "第一产业占地区                  生产总值的比重（%）    Primary Industry as Percentage to GRP",
            "第一产业占地区生产总值的比重",
            "Primary Industry as Percentage to GRP",
            "%",
        ),
        ("人均地区生产总值 (元) Per Capita GRP (yuan)", "人均地区生产总值", "Per Capita GRP", "元"),
        ("电力、热力、\n燃气及水生产和\n供应业", "电力、热力、燃气及水生产和供应业", "", None),
        ("教   育 Education", "教育", "Education", None),
        ("R&D经费", "R&D经费", "", None),
        ("GDP增长率(%)", "GDP增长率", "", "%"),
        ("GDP", "", "GDP", None),
        ("Gross Regional Product (100 million yuan)", "", "Gross Regional Product", "100 million yuan"),
        ("Gross Regional Product 地区生产总值", "地区生产总值", "Gross Regional Product", None),
        ("货物进口额\n(万美元)\nImports", "货物进口额", "Imports", "万美元"),
        ("地区生产总值/亿元", "地区生产总值", "", "亿元"),
        ("人均地区生产总值,单位:元", "人均地区生产总值", "", "元"),
        ("地区生产总值_当年价格_万元", "地区生产总值_当年价格", "", "万元"),
        ("万元", "", "", "万元"),
        ("(10 000 yuan)", "", "", "10 000 yuan"),
        ("#制造业", "制造业", "", None),
        ("其中：制造业", "制造业", "", None),
        ("其中: 制造业（人）", "制造业", "", "人"),
        ("户籍人口[1]", "户籍人口", "", None),
        ("人口密度（人/平方公里）", "人口密度", "", "人/平方公里"),
        (
            "人口密度(人/平方公里) Population Density (persons/sq.km)",
            "人口密度",
            "Population Density",
            "人/平方公里",
        ),
        ("gdp_per_head (CNY)", "", "gdp_per_head", "CNY"),
        ("emp_C_manufacturing", "", "emp_C_manufacturing", None),
        ("", "", "", None),
    ],
)
def test_titles_and_units(cell, zh, en, measure):
    label = read_label(cell)
    assert (label.zh, label.en, unit(label)) == (zh, en, measure)


@pytest.mark.parametrize(
    ("cell", "scope", "text"),
    [
        ("全市", "total", ""),
        ("全市 Total City", "total", ""),
        ("全市Total City", "total", ""),
        ("Total City", "total", ""),
        ("市辖区", "districts", ""),
        ("市辖区        Districts under City", "districts", ""),
        ("Districts under City", "districts", ""),
        ("地区生产总值（全市）", "total", "地区生产总值"),
        ("地区生产总值（市辖区）（亿元）", "districts", "地区生产总值"),
        ("市辖区地区生产总值", "districts", "地区生产总值"),
        ("地区生产总值_市辖区_亿元", "districts", "地区生产总值"),
        ("劳动力就业及收入状况（全市） Employment （Total City）", "total", "劳动力就业及收入状况"),
        ("地区生产总值", None, "地区生产总值"),
    ],
)
def test_scopes(cell, scope, text):
    label = read_label(cell)
    assert (label.scope, label.text) == (scope, text)


@pytest.mark.parametrize(
    ("cell", "year", "text"),
    [
        ("2020", 2020, ""),
        ("2020年", 2020, ""),
        ("2020.0", 2020, ""),
        ("2020年地区生产总值", 2020, "地区生产总值"),
        ("2020年末常住人口（万人）", 2020, "年末常住人口"),
        ("年末常住人口", None, "年末常住人口"),
        ("1800", None, "1800"),
        ("上年=100", None, ""),
    ],
)
def test_years_in_titles(cell, year, text):
    label = read_label(cell)
    assert (label.year, label.text) == (year, text)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("2-7 地区生产总值", "2-7"),
        ("2-18劳动力就业及收入状况（全市）", "2-18"),
        ("表2－7 地区生产总值", "2-7"),
        ("表 2—7  地区生产总值", "2-7"),
        ("Table 2-7 Gross Regional Product", "2-7"),
        ("２－７ 地区生产总值", "2-7"),
        ("2-5-1 按行业分组", "2-5"),
        ("2020-01-02", ""),
        ("2020年", ""),
        ("地区生产总值 2-7", ""),
        ("12", ""),
    ],
)
def test_numbers_of_tables(line, number):
    assert read_number(line) == number


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("中国2020年地级以上城市数据", 2020),
        ("(2020年)", 2020),
        ("2019 年", 2019),
        ("２０２０年", 2020),
        ("中国城市统计年鉴2021", None),
        ("2021年鉴", None),
        ("2010年和2020年", None),
        ("2010-2020年", None),
        ("地区生产总值", None),
        ("12020年", None),
    ],
)
def test_data_years_of_title_lines(line, year):
    assert read_year(line) == year


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("单位：万人", ["万人"]),
        ("单位:万人", ["万人"]),
        ("单 位：万人", ["万人"]),
        ("单位：万人                          (10 000 persons)", ["万人"]),
        ("单位：万人(10 000 persons)", ["万人"]),
        ("（单位：万元）", ["万元"]),
        ("计量单位：亿元", ["亿元"]),
        ("(10 000 persons)", ["10 000 persons"]),
        ("（%）", ["%"]),
        ("单位：％", ["%"]),
        ("Unit: 10 000 persons", ["10 000 persons"]),
        ("单位：人、万元", ["人", "万元"]),
        ("单位：万人，亿元", ["万人", "亿元"]),
        ("单位：见表", []),
    ],
)
def test_unit_lines(line, units):
    assert [measure.text for measure in unit_line(line)] == units


@pytest.mark.parametrize(
    "line", ["", "城市", "地区生产总值", "2-7 地区生产总值（亿元）", "注：单位不同", "合肥市"]
)
def test_what_is_no_unit_line(line):
    assert unit_line(line) is None


@given(st.text(max_size=120))
def test_any_text_is_read_without_an_error(text):
    assert isinstance(read_label(text), Label)
    assert isinstance(read_number(text), str)
    year = read_year(text)
    assert year is None or 1900 <= year <= 2099
    assert unit_line(text) is None or isinstance(unit_line(text), list)
