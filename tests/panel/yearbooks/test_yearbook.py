"""Yearbook tables as they are printed: made files of every kind that the reader meets. All figures are synthetic."""

import math

import openpyxl
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import DataError
from yrdspatial.geography.units import load_units
from yrdspatial.panel.yearbook import YearbookTable, read_yearbook

HEFEI, WUHU, SUZHOU_JS, SUZHOU_AH, TAIZHOU_JS, TAIZHOU_ZJ, NANJING, BOZHOU = (
    340100,
    340200,
    320500,
    341300,
    321200,
    331000,
    320100,
    341600,
)


def texts(table, severity=None):
    rows = table.problems if severity is None else table.problems[table.problems["severity"] == severity]
    return " | ".join(rows["text"])


def flag(table, code, variable, scope="total"):
    rows = table.values
    found = rows[(rows["adcode"] == code) & (rows["variable"] == variable) & (rows["scope"] == scope)]
    return found["flag"].item()


# the whole


def test_a_made_edition_reads_as_printed(made, edition, figures):
    path = made.xlsx(*edition.table_2_7())
    table = read_yearbook(path, year=2020)
    assert figures(table) == edition.expected()
    assert figures(table, "districts") == edition.expected("districts")
    assert table.year == 2020
    assert table.files == (str(path),)
    assert texts(table, "error") == texts(table, "warning") == ""


def test_the_columns_and_types_are_those_of_the_contract(made, edition):
    table = read_yearbook(made.xlsx(*edition.table_2_7()), year=2020)
    assert isinstance(table, YearbookTable)
    assert table.values.columns.tolist() == [
        "adcode",
        "year",
        "variable",
        "scope",
        "value",
        "unit",
        "source",
        "flag",
    ]
    assert table.values["adcode"].dtype == table.values["year"].dtype == pd.Int64Dtype()
    assert table.values["value"].dtype == float
    assert table.problems.columns.tolist() == ["severity", "file", "sheet", "row", "column", "text", "cure"]
    assert set(table.values["unit"]) == {"100m CNY", "10k persons"}
    assert table.values["source"].str.startswith("China City Statistical Yearbook 2021, table 2-7").all()
    assert table.steps.index.equals(table.values.index)
    assert not table.values.duplicated(["adcode", "year", "variable", "scope"]).any()


def test_the_public_name_is_the_same_function():
    assert yrd.read_yearbook is read_yearbook
    assert yrd.YearbookTable is YearbookTable


def test_several_files_are_one_edition_and_sectors_are_derived(made, edition):
    paths = [made.xlsx(*edition.table_2_7()), made.xlsx(*edition.table_2_8())]
    table = read_yearbook(paths, year=2020)
    wide = table.values[table.values["scope"] == "total"].pivot_table(
        index="adcode", columns="variable", values="value"
    )
    for code in load_units().index:
        shares = edition.shares[code]
        for name, share in zip(("primary", "secondary", "tertiary"), shares, strict=True):
            assert wide.loc[code, f"share_{name}"] == share
            assert wide.loc[code, f"va_{name}"] == pytest.approx(share * edition.gdp[code] / 100, rel=1e-11)
    derived = table.values[table.values["variable"] == "va_primary"]
    assert derived["flag"].str.startswith("derived: share_primary x gdp / 100, rounding within").all()
    assert set(derived["scope"]) == {"total"}


def test_the_same_table_as_xls_csv_gbk_and_html(made, edition, figures):
    rows, merges = edition.table_2_7()
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    paths = [
        made.xls(rows, merges),
        made.csv(rows),
        made.csv(rows, encoding="utf-8-sig"),
        made.csv(rows, encoding="gbk"),
        made.csv(rows, encoding="utf-16"),
        made.csv(rows, delimiter="\t"),
        made.csv(rows, delimiter=";"),
        made.html(f"<table>{cells}</table>"),
        made.html(f'<meta charset="gb2312"><table>{cells}</table>', encoding="gbk", suffix="xls"),
    ]
    for path in paths:
        table = read_yearbook(path, year=2020)
        assert figures(table) == edition.expected(), path
        assert figures(table, "districts") == edition.expected("districts"), path


# the year


def test_the_year_is_printed_or_must_be_given(made):
    silent = made.csv("城市,地区生产总值（亿元）\n合肥市,1\n")
    with pytest.raises(DataError, match=r"does not print its data year \[made1.csv\]: say year="):
        read_yearbook(silent)
    assert read_yearbook(silent, year=2021).year == 2021
    printed = made.csv("中国2020年地级以上城市数据,\n城市,地区生产总值（亿元）\n合肥市,1\n")
    assert read_yearbook(printed).year == 2020


def test_another_year_than_the_printed_one_is_an_error_that_is_told(made):
    printed = made.csv("2-7 地区生产总值(2019年),\n城市,地区生产总值（亿元）\n合肥市,1\n")
    table = read_yearbook(printed, year=2020)
    assert "prints the year 2019, but 2020 was given" in texts(table, "error")


@pytest.mark.parametrize("year", [20, 2500, "2020", 2020.0, True])
def test_a_year_that_is_none_is_refused(made, year):
    with pytest.raises(DataError, match="the data year is not a year"):
        read_yearbook(made.csv("城市,GDP（亿元）\n合肥市,1\n"), year=year)


def test_years_in_columns(made):
    table = read_yearbook(
        made.csv("城市,地区生产总值（亿元）,,\n,2018年,2019,2020年\n合肥,1,2,3\n亳州,4,5,6\n")
    )
    assert table.year is None
    assert table.values[["adcode", "year", "value"]].values.tolist() == [
        [HEFEI, 2018, 1],
        [HEFEI, 2019, 2],
        [HEFEI, 2020, 3],
        [BOZHOU, 2018, 4],
        [BOZHOU, 2019, 5],
        [BOZHOU, 2020, 6],
    ]


def test_years_in_rows(made):
    table = read_yearbook(made.csv("年份,城市,地区生产总值（亿元）\n2018,合肥,1\n2019年,合肥,4\n"))
    assert table.values[["year", "value"]].values.tolist() == [[2018, 1], [2019, 4]]


def test_years_as_numbers_of_a_spreadsheet(made):
    rows = [["城市", "地区生产总值（亿元）", ""], ["", 2018, 2019.0], ["合肥", 10, 20]]
    table = read_yearbook(made.xlsx(rows))
    assert table.values[["year", "value"]].values.tolist() == [[2018, 10], [2019, 20]]


# headers


def test_headers_merged_split_and_bilingual(made, figures):
    rows = [
        ["", "", "", "", "", ""],
        ["中国2020年地级以上城市数据", "", "2-1 人口数", "", "", ""],
        ["城 市", "City", "常住人口    Urban Resident Population", "", "", ""],
        ["", "", "", "", "城镇常住人口   Urban Resident Population", ""],
        [
            "",
            "",
            "全市    Total City",
            "市辖区 Districts under City",
            "全市   Total City",
            "市辖区 Districts",
        ],
        ["  合肥市", "  Hefei", 937, 512, 771, 480],
    ]
    merges = [(1, 0, 1, 1), (1, 2, 1, 5), (2, 2, 3, 3), (2, 0, 4, 0), (2, 1, 4, 1), (3, 4, 3, 5)]
    table = read_yearbook(made.xlsx(rows, merges))
    assert figures(table) == {(HEFEI, "population_resident"): 937, (HEFEI, "城镇常住人口"): 771}
    assert figures(table, "districts") == {(HEFEI, "population_resident"): 512, (HEFEI, "城镇常住人口"): 480}
    assert "unknown_column" in flag(table, HEFEI, "城镇常住人口")
    assert "no unit is printed for population_resident; 万人 is taken" in texts(table, "warning")


def test_the_chinese_title_decides_against_a_wrong_english_one(made, figures):
    text = "单位：万人\n城市,City,户籍人口 Household Resident Population\n合肥市,Hefei,800\n"
    assert figures(read_yearbook(made.csv(text), year=2021)) == {(HEFEI, "population_registered"): 800}


def test_a_title_split_over_rows_is_joined(made, figures):
    text = (
        "2-5 按行业分组的城镇非私营单位从业人员,,,\n单位：人,,,\n"
        '城市,"农、林、",电力、热力、,建 筑 业\n,牧、渔业,燃气及水,\n,,生产和供应业,\n合肥市,100,200,300\n'
    )
    assert figures(read_yearbook(made.csv(text), year=2019)) == {
        (HEFEI, "emp_A_agriculture"): 0.01,
        (HEFEI, "emp_D_utilities"): 0.02,
        (HEFEI, "emp_E_construction"): 0.03,
    }


def test_every_sector_of_the_employment_table(made):
    columns = yrd.sector_sets()["sectors_19"]
    titles = [
        "农、林、牧、渔业",
        "采矿业",
        "制造业",
        "电力、热力、燃气及水生产和供应业",
        "建筑业",
        "批发和零售业",
        "交通运输、仓储和邮政业",
        "住宿和餐饮业",
        "信息传输、软件和信息技术服务业",
        "金融业",
        "房地产业",
        "租赁和商务服务业",
        "科学研究和技术服务业",
        "水利、环境和公共设施管理业",
        "居民服务、修理和其他服务业",
        "教育",
        "卫生和社会工作",
        "文化、体育和娱乐业",
        "公共管理、社会保障和社会组织",
    ]
    head = ["2-5 按行业分组的年末城镇非私营单位就业人员（全市）（一）"]
    rows = [head, ["单位：万人"], ["城市", *titles], ["合肥市", *range(1, 20)]]
    table = read_yearbook(made.csv(rows), year=2019)
    found = table.values.set_index("variable")["value"]
    order = dict(zip(titles, columns, strict=False))
    assert set(found.index) == set(columns)
    assert found["emp_C_manufacturing"] == 3
    assert found["emp_A_agriculture"] == 1
    assert found["emp_public_admin"] == 19
    assert len(order) == 19


def test_sectors_are_employment_only_in_a_table_of_employment(made):
    text = "2-9 在岗职工平均工资,,\n单位：元,,\n城市,制造业,金融业\n合肥市,90000,150000\n"
    table = read_yearbook(made.csv(text), year=2019)
    assert set(table.values["variable"]) == {"制造业", "金融业"}
    assert table.values["flag"].str.contains("unknown_column").all()


def test_total_and_districts_never_mix(made, figures):
    text = "2-5 地区生产总值（市辖区）,\n单位：亿元,\n城市,地区生产总值\n合肥市,5\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table) == {}
    assert figures(table, "districts") == {(HEFEI, "gdp"): 5}


def test_scope_in_a_column_of_its_own(made, figures):
    text = "城市,范围,地区生产总值（亿元）\n合肥,全市,10\n合肥,市辖区,4\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table) == {(HEFEI, "gdp"): 10}
    assert figures(table, "districts") == {(HEFEI, "gdp"): 4}


def test_a_header_without_a_title_over_the_names(made, figures):
    text = "2-7 表,,\n,地区生产总值（亿元）,年末户籍人口（万人）\n合肥,100,200\n亳州,40,50\n"
    found = figures(read_yearbook(made.csv(text), year=2020))
    assert found[BOZHOU, "population_registered"] == 50
    assert found[HEFEI, "gdp"] == 100


def test_titles_as_databases_write_them(made, figures):
    text = (
        "行政区划代码,地区生产总值_当年价格_全市_万元,地区生产总值_当年价格_市辖区_万元\n340100,10000,5000\n"
    )
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table) == {(HEFEI, "gdp"): 1}
    assert figures(table, "districts") == {(HEFEI, "gdp"): 0.5}


def test_names_of_the_dictionary_are_titles(made, figures):
    text = "adcode,城市,gdp (100m CNY),fdi_utilised (million USD),share_primary (%)\n340100,合肥市,1.5,3,8\n"
    assert figures(read_yearbook(made.csv(text), year=2020)) == {
        (HEFEI, "gdp"): 1.5,
        (HEFEI, "fdi_utilised"): 3,
        (HEFEI, "share_primary"): 8,
        (HEFEI, "va_primary"): 0.12,
    }


def test_an_unknown_column_is_kept_under_its_title_with_flag_unit_and_note(made):
    text = (
        "2-13 规模以上工业企业数,,,\n城市,工业企业数（个）,,利润总额（万元）\n"
        ",总计,内资企业,\n合肥市,100,50,2000\n"
    )
    table = read_yearbook(made.csv(text), year=2020)
    assert table.values.set_index("variable")["value"].to_dict() == {
        "工业企业数/内资企业": 50,
        "工业企业数/总计": 100,
        "利润总额": 2000,
    }
    assert set(table.values["unit"]) == {"个", "万元"}
    assert table.values["flag"].str.startswith("unknown_column").all()
    assert texts(table, "note").count("the dictionary does not know the column") == 3


def test_the_same_unknown_title_of_two_tables_is_told_apart(made):
    paths = [
        made.csv(f"{number} {title},\n城市,铁路（万）\n合肥市,{value}\n")
        for number, title, value in (("2-30", "客运量", 5), ("2-31", "货运量", 7))
    ]
    found = read_yearbook(paths, year=2020).values.set_index("variable")["value"].to_dict()
    assert found == {"客运量/铁路(万)": 5, "货运量/铁路(万)": 7}


def test_two_columns_that_say_the_same_are_a_problem(made):
    table = read_yearbook(made.csv("城市,地区生产总值（亿元）,地区生产总值（亿元）\n合肥市,5,7\n"), year=2020)
    assert 'two columns say "gdp", total' in texts(table, "error")
    assert "figures that are printed twice differ: gdp, Hefei" in texts(table, "error")


def test_a_column_without_a_title_is_kept_by_its_letter(made):
    table = read_yearbook(made.csv("城市,地区生产总值（亿元）,,\n合肥市,5,,8\n"), year=2020)
    assert set(table.values["variable"]) == {"gdp", "column D"}


# units


def test_units_are_converted_and_the_factor_is_written_down(made, figures):
    text = "城市,地区生产总值(万元),年末常住人口(人),实际使用外资金额(万美元)\n合肥市,12345,9370000,31000\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table) == {
        (HEFEI, "gdp"): 1.2345,
        (HEFEI, "population_resident"): 937,
        (HEFEI, "fdi_utilised"): 310,
    }
    assert flag(table, HEFEI, "gdp") == "converted: printed in 万元, x 0.0001"
    assert flag(table, HEFEI, "fdi_utilised") == "converted: printed in 万美元, x 0.01"
    assert table.steps[table.values["variable"] == "gdp"].item() == pytest.approx(1e-4)


@pytest.mark.parametrize(
    "line",
    [
        "单位：万元",
        "单位:万元 (10 000 yuan)",
        "(10 000 yuan)",
        "计量单位：万元",
        "单位：万元                (10 000 yuan)",
        "单 位：万 元",
        "（单位：万元）",
        "Unit: 10 000 yuan",
    ],
)
def test_unit_lines(made, figures, line):
    table = read_yearbook(
        made.csv([["2-7 表", ""], ["", line], ["城市", "地区生产总值"], ["合肥市", 10000]]), year=2020
    )
    assert figures(table) == {(HEFEI, "gdp"): 1}


def test_a_unit_line_with_two_units_gives_each_column_its_own(made, figures):
    text = "单位：亿元、万人,,\n城市,地区生产总值,年末常住人口\n合肥市,5,937\n"
    found = figures(read_yearbook(made.csv(text), year=2020))
    assert found == {(HEFEI, "gdp"): 5, (HEFEI, "population_resident"): 937}


def test_a_row_of_units_below_the_titles(made, figures):
    text = "城市,地区生产总值,年末常住人口\n,万元,人\n合肥市,10000,9370000\n"
    found = figures(read_yearbook(made.csv(text), year=2020))
    assert found == {(HEFEI, "gdp"): 1, (HEFEI, "population_resident"): 937}


def test_a_unit_of_another_kind_is_a_problem_and_no_conversion(made):
    table = read_yearbook(made.csv("城市,地区生产总值（万人）\n合肥市,5\n"), year=2020)
    assert "looks like gdp, but 万人 cannot be converted to 100m CNY" in texts(table, "warning")
    assert table.values["variable"].tolist() == ["地区生产总值"]


def test_no_unit_at_all_is_a_problem(made):
    table = read_yearbook(made.csv("城市,实际使用外资金额\n合肥市,5\n"), year=2020)
    assert "no unit is printed for fdi_utilised" in texts(table, "error")
    assert table.values["unit"].tolist() == [""]


def test_a_growth_rate_becomes_the_index(made, figures):
    table = read_yearbook(made.csv("城市,地区生产总值增长率 (%)\n合肥市,4.3\n芜湖市,-0.4\n"), year=2020)
    assert figures(table) == {
        (HEFEI, "gdp_index_prev100"): 104.3,
        (WUHU, "gdp_index_prev100"): 99.6,
    }
    assert flag(table, HEFEI, "gdp_index_prev100") == "derived: 100 + the printed growth rate"


def test_an_index_is_not_a_growth_rate(made, figures):
    text = "城市,地区生产总值指数（上年=100）\n合肥市,104.3\n"
    assert figures(read_yearbook(made.csv(text), year=2020)) == {(HEFEI, "gdp_index_prev100"): 104.3}


def test_the_average_wage_is_derived_only_where_it_is_not_printed(made, figures):
    head = "城市,在岗职工平均人数（万人）,在岗职工工资总额（万元）"
    table = read_yearbook(made.csv(f"{head}\n合肥市,50,4000000\n芜湖市,0,5\n"), year=2022)
    assert figures(table)[HEFEI, "avg_wage_staff"] == 80000
    assert (WUHU, "avg_wage_staff") not in figures(table)
    assert flag(table, HEFEI, "avg_wage_staff").startswith(
        "derived: wage_bill_staff / staff_average, rounding within"
    )
    table = read_yearbook(made.csv(f"{head},在岗职工平均工资（元）\n合肥市,50,4000000,81234\n"), year=2022)
    assert figures(table)[HEFEI, "avg_wage_staff"] == 81234


# continued tables


def test_continued_beside_with_the_same_cities(made, figures):
    text = (
        "2-7 地区生产总值,,,续表,,\n单位：亿元,,,,单位：万人,\n城市,地区生产总值,,城市,年末常住人口,\n"
        ",全市,市辖区,,全市,市辖区\n合肥市,100,50,合肥市,900,500\n芜湖市,80,40,芜湖市,300,200\n"
    )
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table)[WUHU, "population_resident"] == 300
    assert figures(table, "districts")[WUHU, "gdp"] == 40
    assert len(table.values) == 8


def test_continued_beside_with_the_other_half_of_the_cities(made, figures):
    text = (
        "2-7 地区生产总值（亿元）,,,,,\n城市,City,地区生产总值,城市,City,地区生产总值\n"
        "合肥市,Hefei,100,南京市,Nanjing,900\n芜湖市,Wuhu,80,苏州市,Suzhou,300\n"
    )
    assert figures(read_yearbook(made.csv(text), year=2020)) == {
        (HEFEI, "gdp"): 100,
        (WUHU, "gdp"): 80,
        (NANJING, "gdp"): 900,
        (SUZHOU_JS, "gdp"): 300,
    }


def test_continued_below_with_other_columns(made, figures):
    text = (
        "2-7 地区生产总值,,\n单位：亿元,,\n城市,地区生产总值,第一产业增加值\n合肥市,100,50\n江苏省,,\n苏州市,80,40\n"
        "注：本表按当年价格计算。,,\n续表1,,\n单位：万人,,\n城市,年末常住人口,户籍人口\n合肥市,900,800\n苏州市,700,600\n"
    )
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table)[HEFEI, "population_registered"] == 800
    assert figures(table)[SUZHOU_JS, "va_primary"] == 40
    assert len(table.values) == 8


def test_continued_below_with_a_repeated_header_and_other_cities(made, figures):
    text = (
        "2-7 地区生产总值,\n单位：亿元,\n城市,地区生产总值\n合肥市,100\n\n2-7 续表,\n城市,地区生产总值\n苏州市,80\n"
        "\n2-7 续表 continued,\n单位：万元,\n城市,地区生产总值\n芜湖市,70000\n"
    )
    assert figures(read_yearbook(made.csv(text), year=2020)) == {
        (HEFEI, "gdp"): 100,
        (SUZHOU_JS, "gdp"): 80,
        (WUHU, "gdp"): 7,
    }


def test_cities_in_columns(made, figures):
    text = "单位：亿元,,,,\n指标,合肥,芜湖,宿州,苏州\n地区生产总值,1,2,3,4\n第一产业增加值,0.1,0.2,0.3,x\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table)[SUZHOU_AH, "gdp"] == 3
    assert figures(table)[WUHU, "va_primary"] == 0.2
    place = table.problems[table.problems["severity"] == "error"].iloc[0]
    assert (place["row"], place["column"]) == (4, "E")


# rows


def test_provinces_totals_parts_and_notes_are_no_cities(made, figures):
    text = (
        "2-5 按行业分组的城镇非私营单位从业人员,\n单位：人,\n城市,#制造业\n全国,99\n安徽省,90\n合肥市,10000\n"
        "  #市区,9000\n其中：巢湖市,5\n苏南,5\n福州市,3\n注：本表不含私营单位。,\n资料来源：各市统计局。,\n"
    )
    table = read_yearbook(made.csv(text), year=2019)
    assert figures(table) == {(HEFEI, "emp_C_manufacturing"): 1}
    assert "2 totals, 1 provinces, 2 parts (of which), 1 other cities" in texts(table, "note")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("泰州", TAIZHOU_JS),
        (" 泰 州 市 ", TAIZHOU_JS),
        ("台州市①", TAIZHOU_ZJ),
        ("蘇州市", SUZHOU_JS),
        ("Taizhou (Zhejiang)", TAIZHOU_ZJ),
        ("苏州市 Suzhou", SUZHOU_JS),
        ("宿州市[1]", SUZHOU_AH),
        ("江苏苏州", SUZHOU_JS),
        ("Huai'an", 320800),
        ("MA’ANSHAN", 340500),
        ("上海", 310000),
        ("亳州*", BOZHOU),
        ("３４０１００", HEFEI),
        ("340100", HEFEI),
    ],
)
def test_names_in_every_spelling(made, figures, name, code):
    table = read_yearbook(made.csv([["城市", "地区生产总值（亿元）"], [name, 5], ["济南市", 6]]), year=2020)
    assert figures(table) == {(code, "gdp"): 5}


def test_a_name_that_fits_two_cities_is_a_problem_and_no_guess(made, figures):
    text = "City,Gross Regional Product (100 000 000 yuan)\nSuzhou,100\nTaizhou,50\nHefei,7\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table) == {(HEFEI, "gdp"): 7}
    errors = table.problems[table.problems["severity"] == "error"]
    assert errors["row"].tolist() == [2, 3]
    assert errors["text"].str.contains("fits two of the 41 cities").all()


def test_a_province_beside_the_name_settles_it_also_merged(made, figures):
    rows = [["Province", "City", "GDP (100 million yuan)"]]
    rows += [["Jiangsu", "Suzhou", 100], ["", "Nanjing", 50], ["安徽省", "Suzhou", 7], ["", "Hefei", 9]]
    expected = {(SUZHOU_JS, "gdp"): 100, (NANJING, "gdp"): 50, (SUZHOU_AH, "gdp"): 7, (HEFEI, "gdp"): 9}
    assert figures(read_yearbook(made.csv(rows), year=2020)) == expected
    merged = made.xlsx(rows, [(1, 0, 2, 0), (3, 0, 4, 0)])
    assert figures(read_yearbook(merged, year=2020)) == expected


def test_chaohu_is_known_as_abolished(made, figures):
    table = read_yearbook(made.csv("城市,地区生产总值（亿元）\n合肥市,5\n巢湖市,6\n"), year=2009)
    assert figures(table) == {(HEFEI, "gdp"): 5}
    assert "巢湖 (341400) was abolished in 2011" in texts(table, "note")


def test_a_row_that_contradicts_itself_is_not_read(made, figures):
    text = "城市,City,地区生产总值（亿元）\n合肥市,Nanjing,1\n亳州市,Bozhou,2\n芜湖市,Wuhu,3\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert set(figures(table)) == {(BOZHOU, "gdp"), (WUHU, "gdp")}
    assert 'a row names two places: "合肥市 / Nanjing"' in texts(table, "error")


def test_a_misspelt_chinese_name_is_read_by_its_english_one_and_told(made, figures):
    text = "城市,City,地区生产总值（亿元）\n合肥市,Hefei,1\n毫州市,Bozhou,2\n合服市,,3\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table) == {(HEFEI, "gdp"): 1, (BOZHOU, "gdp"): 2}
    assert '"毫州市" is no city that is known; the row is read by its English name' in texts(table, "warning")
    assert flag(table, BOZHOU, "gdp") == 'note: printed "毫州市", read by its English name'
    assert '"合服市" is no place that is known; the row is not read' in texts(table, "warning")


def test_a_city_that_is_there_twice_is_told(made):
    text = "城市,地区生产总值（亿元）\n合肥,1\n合肥市,2\n泰州,1\n泰州市,1\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert "figures that are printed twice differ: gdp, Hefei" in texts(table, "error")
    assert "a city is there twice, with the same figures: gdp, Taizhou (Jiangsu)" in texts(table, "error")
    assert table.values["value"].tolist() == [1, 1, 2]


def test_a_row_with_figures_and_no_name_is_told(made):
    table = read_yearbook(made.csv("城市,地区生产总值（亿元）\n合肥,1\n,2\n芜湖,3\n"), year=2020)
    assert "a row has figures but no name" in texts(table, "warning")
    assert table.problems["row"].tolist()[0] == 3


def test_missing_cities_are_told(made, edition):
    rows, merges = edition.table_2_7()
    kept = [row for row in rows if "合肥市" not in row[0]]
    table = read_yearbook(made.xlsx(kept, merges), year=2020)
    assert texts(table, "warning") == "1 of the 41 cities have no row: Hefei"


# cells


def test_cells_as_they_are_printed(made, figures):
    cells = ["１，２３４．５", "1 234.5", "52． 5", "−0.3", "1,234,567", "1/4", "36959［12］", "5.0①"]
    names = ["合肥", "芜湖", "蚌埠", "淮南", "马鞍山", "淮北", "铜陵", "安庆"]
    rows = [["城市", "利润总额（万元）"], *zip(names, cells, strict=True)]
    table = read_yearbook(made.csv(rows), year=2020)
    found = [figures(table)[yrd.find_unit(name), "利润总额"] for name in names]
    assert found == [1234.5, 1234.5, 52.5, -0.3, 1234567, 0.25, 36959, 5.0]
    assert texts(table, "error") == ""


def test_marks_have_a_meaning_and_a_flag(made):
    marks = ["…", "...", "", "－", "—", "一", "*", "空"]
    names = ["合肥", "芜湖", "蚌埠", "淮南", "马鞍山", "淮北", "铜陵", "安庆"]
    path = made.csv([["城市", "利润总额（万元）"], *zip(names, marks, strict=True)])
    table = read_yearbook(path, year=2020)
    kinds = [flag(table, yrd.find_unit(name), "利润总额").split(":")[0] for name in names]
    assert kinds == [
        "below_unit",
        "below_unit",
        "unknown",
        "unknown",
        "unknown",
        "none",
        "see_note",
        "unknown",
    ]
    values = table.values.set_index("adcode")["value"]
    assert values[HEFEI] == values[WUHU] == 0
    assert values.isna().sum() == 6
    other = read_yearbook(path, year=2020, profile="provincial")
    assert flag(other, yrd.find_unit("淮南"), "利润总额").startswith("none:")
    assert texts(table, "error") == texts(other, "error") == ""


def test_scanning_errors_are_told_with_their_place_and_not_guessed(made):
    text = "城市,地区生产总值（亿元）\n合肥市,135OOO\n芜湖市,l23\n泰州市,12.3.4\n台州市,2604G40\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert table.values["value"].isna().all()
    errors = table.problems[table.problems["severity"] == "error"]
    assert sorted(zip(errors["row"], errors["column"], strict=True)) == [
        (2, "B"),
        (3, "B"),
        (4, "B"),
        (5, "B"),
    ]
    assert "135OOO" in texts(table, "error")
    assert flag(table, HEFEI, "gdp") == 'unread: "135OOO"'


def test_a_percentage_where_none_belongs_is_told(made, figures):
    text = "城市,第一产业占GDP的比重（%）,地区生产总值（亿元）\n合肥,5.2%,5%\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert figures(table)[HEFEI, "share_primary"] == 5.2
    assert math.isnan(figures(table)[HEFEI, "gdp"])
    assert "a percentage stands where the unit is another" in texts(table, "error")


def test_a_figure_out_of_range_is_told_and_nothing_is_derived_from_it(made, figures):
    text = "城市,第三产业占GDP的比重（%）,地区生产总值（亿元）\n合肥,5755,100\n芜湖,50,100\n"
    table = read_yearbook(made.csv(text), year=2020)
    assert "share_tertiary of Hefei, total, 5755 % is outside the range of its column" in texts(
        table, "warning"
    )
    assert flag(table, HEFEI, "share_tertiary").endswith("suspect: outside the range of its column")
    assert (HEFEI, "va_tertiary") not in figures(table)
    assert figures(table)[WUHU, "va_tertiary"] == 50


# county-level cities


def test_a_table_of_county_level_cities_has_no_row_for_the_41(made):
    rows = [
        ["中国2020年县级市数据", "", "3-3 地区生产总值  （万元）", ""],
        ["城 市", "City", "地区生产总值", "第二产业增加值"],
        ["安徽省", "Anhui", "", ""],
        ["  巢湖市", "  Chaohu", 4500000, "135OOO"],
        ["  昆山市", "  Kunshan", 42000000, 21000000],
    ]
    table = read_yearbook(made.xlsx(rows, [(0, 2, 0, 3)]))
    assert table.values.empty
    assert (
        "table 3-3 地区生产总值 lists county-level cities: 2 rows were read, none is one of the 41"
        in texts(table, "note")
    )
    warning = table.problems[table.problems["severity"] == "warning"].iloc[0]
    assert (warning["row"], warning["column"]) == (4, "D")
    assert "135OOO" in warning["text"]
    assert "abolished" not in texts(table)
    assert "340181" in " ".join(table.problems["cure"])


# files


def test_sheets_without_a_table_are_told_and_do_no_harm(made, figures):
    path = made.xlsx([["城市", "地区生产总值（亿元）"], ["合肥", 1]])
    book = openpyxl.load_workbook(path)
    book.create_sheet("notes")["A1"] = "This sheet explains."
    book.create_sheet("empty")
    book.save(path)
    table = read_yearbook(path, year=2020)
    assert figures(table) == {(HEFEI, "gdp"): 1}
    found = table.problems[table.problems["text"].str.contains("no table")]
    assert dict(zip(found["sheet"], found["severity"], strict=True)) == {"notes": "warning", "empty": "note"}


def test_formulas_without_a_result_and_error_values_are_told(made):
    path = made.xlsx([["城市", "地区生产总值（亿元）"], ["合肥", "=1+1"], ["芜湖", 3], ["亳州", "#DIV/0!"]])
    table = read_yearbook(path, year=2020)
    errors = table.problems[table.problems["severity"] == "error"]
    assert [*zip(errors["row"], errors["column"], strict=True)] == [(2, "B"), (4, "B")]
    assert "a formula has no stored result" in texts(table, "error")
    assert "an error value" in texts(table, "error")
    assert table.values.set_index("adcode")["value"].isna().tolist() == [True, False, True]


def test_a_date_or_truth_value_is_no_figure(made):
    rows = [
        ["城市", "地区生产总值（亿元）"],
        ["合肥", pd.Timestamp("2020-02-07").to_pydatetime()],
        ["芜湖", True],
    ]
    table = read_yearbook(made.xlsx(rows), year=2020)
    assert table.values["value"].isna().all()
    assert "a date or time stands where a number should" in texts(table, "error")
    assert "a truth value stands where a number should" in texts(table, "error")


@pytest.mark.parametrize("paths", [[], None, 7, [7], ["a.csv", None]])
def test_bad_paths_are_refused(paths):
    with pytest.raises(DataError):
        read_yearbook(paths, year=2020)


def test_missing_and_unreadable_files_are_refused_by_name(made, tmp_path, edition):
    with pytest.raises(DataError, match=r"missing \[.*nothing.xlsx\]"):
        read_yearbook(tmp_path / "nothing.xlsx", year=2020)
    with pytest.raises(DataError, match="a folder stands where a file should"):
        read_yearbook(tmp_path, year=2020)
    whole = made.xlsx(*edition.table_2_7()).read_bytes()
    for length in (0, 3, 700, len(whole) // 2, len(whole) - 30):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"cut.xlsx"):
            read_yearbook(path, year=2020)


def test_an_unknown_profile_is_refused_with_the_known_ones(made):
    with pytest.raises(DataError, match="say one of ccsy, provincial"):
        read_yearbook(made.csv("城市,GDP（亿元）\n合肥,1\n"), year=2020, profile="mars")


def test_nothing_is_written(made, edition, tmp_path):
    path = made.xlsx(*edition.table_2_7())
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    read_yearbook(path, year=2020)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")} == before


def test_what_would_be_out_of_range_is_not_derived(made, figures):
    text = "城市,在岗职工平均人数（万人）,在岗职工工资总额（万元）\n合肥市,50,4000000\n芜湖市,1,4000000\n"
    table = read_yearbook(made.csv(text), year=2022)
    assert (HEFEI, "avg_wage_staff") in figures(table)
    assert (WUHU, "avg_wage_staff") not in figures(table)
    assert "avg_wage_staff of Wuhu, total, would be 4000000 CNY/yr, outside the range" in texts(
        table, "warning"
    )


def test_the_edition_given_as_the_year_is_told(made, tmp_path):
    path = tmp_path / "2022-2-7 地区生产总值.csv"
    path.write_bytes(made.csv("城市,地区生产总值（亿元）\n合肥市,1\n").read_bytes())
    assert "says edition 2022, whose data year is 2021" in texts(read_yearbook(path, year=2022), "warning")
    assert "edition" not in texts(read_yearbook(path, year=2021))
