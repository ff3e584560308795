"""Printed titles and the columns they mean."""

import pytest

from yrdspatial.datasets import read_toml
from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.yearbooks.labels import read_label
from yrdspatial.panel.yearbooks.measures import read_measure
from yrdspatial.panel.yearbooks.synonyms import derivations, find_column, unit_of


def found(titles, unit=None, title="", number=""):
    measure = read_measure(unit) if unit else None
    return find_column([read_label(text) for text in titles], title, number, measure).column


@pytest.mark.parametrize(
    ("titles", "unit", "column"),
    [
        (["地区生产总值"], "亿元", "gdp"),
        (["地区生产总值(当年价格)"], "万元", "gdp"),
        (["国内生产总值"], "亿元", "gdp"),
        (["地 区 生 产 总 值"], None, "gdp"),
        (["Gross Regional Product"], "100 000 000 yuan", "gdp"),
        (["人均地区生产总值"], "元", "gdp_per_head"),
        (["Per Capita GRP"], "yuan", "gdp_per_head"),
        (["地区生产总值增长率"], "%", "gdp_index_prev100"),
        (["地区生产总值", "增长"], "%", "gdp_index_prev100"),
        (["地区生产总值指数"], "上年=100", "gdp_index_prev100"),
        (["地区生产总值指数"], "%", "gdp_index_prev100"),
        (["地区生产总值"], "上年=100", "gdp_index_prev100"),
        (["第一产业增加值"], "亿元", "va_primary"),
        (["地区生产总值", "第二产业"], "亿元", "va_secondary"),
        (["第三产业占GDP的比重"], "%", "share_tertiary"),
        (["常住人口"], "万人", "population_resident"),
        (["年末常住人口"], "万人", "population_resident"),
        (["户籍人口"], "万人", "population_registered"),
        (["年末户籍人口"], "人", "population_registered"),
        (["Household Registered Population at Year-end"], "10 000 persons", "population_registered"),
        (["城镇非私营单位从业人员期末人数"], "人", "employed_units_total"),
        (["城镇非私营单位在岗职工平均人数"], "万人", "staff_average"),
        (["城镇非私营单位在岗职工工资总额"], "万元", "wage_bill_staff"),
        (["职工平均工资"], "元", "avg_wage_staff"),
        (["地方一般公共预算收入"], "万元", "fiscal_revenue"),
        (["一般公共预算支出"], "亿元", "fiscal_expenditure"),
        (["当年实际使用外资金额"], "万美元", "fdi_utilised"),
        (["行政区域土地面积"], "平方公里", "land_area"),
        (["gdp"], "亿元", "gdp"),
        (["emp_C_manufacturing"], "万人", "emp_C_manufacturing"),
        (["制造业从业人员"], "万人", "emp_C_manufacturing"),
        (["从业人员", "制造业"], "万人", "emp_C_manufacturing"),
        (["城镇非私营单位", "从业人员期末人数"], "人", "employed_units_total"),
        (["户籍人口", "合计"], "万人", "population_registered"),
    ],
)
def test_titles_that_are_known(titles, unit, column):
    assert found(titles, unit) == column


@pytest.mark.parametrize(
    ("titles", "unit"),
    [
        (["地区生产总值"], "万人"),
        (["地区生产总值"], "%"),
        (["地区生产总值", "构成"], "%"),
        (["地区生产总值(可比价)"], "亿元"),
        (["城镇常住人口"], "万人"),
        (["户籍人口", "城镇户籍人口"], "万人"),
        (["制造业"], "万人"),
        (["制造业"], "元"),
        (["第一产业"], "%"),
        (["第一产业"], "亿元"),
        (["年末总人口"], "万人"),
        (["合计"], "万人"),
        (["工业企业数"], "个"),
        ([], None),
    ],
)
def test_titles_that_are_not(titles, unit):
    assert found(titles, unit) == ""


def test_the_title_of_the_table_is_context():
    assert found(["第一产业"], "%", "地区生产总值构成") == "share_primary"
    assert found(["第一产业"], "%", "", "2-8") == "share_primary"
    assert found(["第一产业"], "%", "按产业分的从业人员构成") == ""
    assert found(["第一产业"], "亿元", "地区生产总值") == "va_primary"
    assert found(["第一产业"], "亿元", "地区生产总值及指数") == "va_primary"
    assert found(["第一产业"], None, "地区生产总值指数") == ""
    assert found(["制造业"], "人", "按行业分组的城镇非私营单位从业人员") == "emp_C_manufacturing"
    assert found(["制造业"], "元", "按行业分组的在岗职工平均工资") == ""
    assert found(["全市"], "亿元", "地区生产总值") == "gdp"


def test_the_chinese_title_decides():
    label = [read_label("户籍人口 Resident Population")]
    assert find_column(label, "", "", None).column == "population_registered"
    odd = [read_label("房屋面积 Gross Regional Product")]
    assert find_column(odd, "", "", None).column == ""


def test_a_title_that_fits_with_a_unit_that_does_not_is_named():
    match = find_column([read_label("地区生产总值")], "", "", read_measure("万人"))
    assert (match.column, match.unfit) == ("", "gdp")


def test_only_a_growth_rate_is_added_to_100():
    rate = find_column([read_label("地区生产总值增长率")], "", "", read_measure("%"))
    index = find_column([read_label("地区生产总值指数")], "", "", read_measure("上年=100"))
    assert (rate.plus, index.plus) == (100, 0)


def test_every_synonym_names_a_column_of_the_dictionary():
    table = read_toml("panels/yrd/synonyms.toml")
    columns = set(load_columns().index)
    assert {entry["column"] for entry in table["synonyms"]} <= columns
    fields = {"column", "zh", "en", "context", "without", "elsewhere", "tables", "plus"}
    assert all(set(entry) <= fields for entry in table["synonyms"])
    for column, needed, rule in derivations():
        assert {column, *needed} <= columns
        assert rule in {"share", "ratio"}
        assert len(needed) == 2


def test_every_column_of_the_dictionary_is_found_by_its_titles_and_unit():
    columns = load_columns()
    for column, zh in columns["title_zh"].items():
        unit = columns.loc[column, "unit"]
        for title in (str(column), zh):
            assert found([title], unit if read_measure(unit) else None) == column, title


def test_units_of_columns():
    assert unit_of("gdp") == "100m CNY"
    assert unit_of("fdi_utilised") == "million USD"
