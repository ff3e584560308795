"""The report for people and machines; the findings are made up."""

import json
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.geography.units import load_units
from yrdspatial.panel.check_report import CheckReport
from yrdspatial.panel.merging import CHANGES
from yrdspatial.panel.problems import PROBLEM_COLUMNS, finding, problem_table


def report(findings, changes=(), written=""):
    table = pd.DataFrame(list(changes), columns=list(CHANGES))
    return CheckReport(2023, problem_table(findings), table, 7, written)


RANGE = finding(
    "schema.range",
    "error",
    2023,
    unit=340100,
    column="gdp",
    value=-1.5,
    expected="0 to 100000",
    place="a.xlsx",
)
MARKUP = finding("read", "warning", 2023, text="a cell reads <b>&", remedy="look", place="<i>.csv")
CHANGE = (340100, "gdp", np.nan, 5.25, "new", "ccsy2024", 5.25)


def cells(page: str) -> list[list[str]]:
    """Return the rows of the table of a page, as a browser would show their text."""
    rows = re.findall("<tr[^>]*>(.*?)</tr>", page)
    return [[unescape(cell) for cell in re.findall("<t[dh]>(.*?)</t[dh]>", row)] for row in rows]


def test_only_errors_keep_a_year_out():
    assert not report([RANGE]).ok
    assert report([MARKUP]).ok
    assert report([]).ok


def test_the_text_says_what_where_expected_and_cure():
    lines = report([RANGE], [CHANGE]).to_text().splitlines()
    assert lines == [
        "2023: 1 errors, 0 warnings, 0 notes; 1 figures would change (1 new), 7 stay as they are",
        "error: the value is out of the range of its column [a.xlsx Hefei 合肥市 gdp = -1.5] (expected 0 to 100000): "
        "look for a misprint or another unit of measure",
        "new: gdp (1)",
        "the year cannot be added: cure the errors",
    ]


def test_the_text_shows_what_takes_the_place_of_what():
    changes = [(340100, "gdp", 5.3, 5.25, "replaced", "ccsy2024", 5.25)] * 10
    lines = report([], changes).to_text().splitlines()
    assert lines[1] == "replaced: Hefei gdp 5.3 -> 5.25 (ccsy2024)"
    assert lines[-2].strip() == "and 2 more like it"


def test_the_chinese_text_has_no_english_sentence():
    lines = report([RANGE], [CHANGE]).to_text("zh").splitlines()
    assert lines[0] == "2023: 1 个错误,0 个警告,0 个提示; 1 个数值将变动(1 新增),7 个不变"
    assert lines[1].startswith(
        "错误: 数值超出该指标的取值范围 [a.xlsx Hefei 合肥市 gdp = -1.5] (应为 0 to 100000)"
    )
    assert lines[2:] == ["新增: gdp (1)", "该年份不能加入:请先更正错误"]


def test_many_findings_alike_are_counted_on_the_terminal_and_listed_on_the_page():
    units = load_units().index
    many = report([finding("coverage.unit", "error", 2023, unit=unit) for unit in units])
    lines = many.to_text().splitlines()
    assert len(lines) == 1 + 8 + 1 + 1
    assert lines[-2].strip() == "and 33 more like it"
    assert len(cells(many.to_html())) == 1 + len(units)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_shows_every_finding_as_text(lang):
    html = report([RANGE, MARKUP], [CHANGE], "panels/yrd/2023.csv").to_html(lang)
    rows = cells(html)
    assert [len(row) for row in rows] == [8, 8, 8]
    assert rows[1][1:5] == ["Hefei 合肥市", "gdp", "-1.5", "0 to 100000"]
    assert "<b>&" in rows[2][5]
    assert rows[2][7] == "<i>.csv"
    assert "<b>" not in html
    assert "http" not in html
    assert "panels/yrd/2023.csv" in html
    assert f'lang="{lang}"' in html


def test_machines_read_the_same():
    content = json.loads(report([RANGE, MARKUP], [CHANGE], "panels/yrd/2023.csv").to_json())
    assert content["counts"] == {"error": 1, "warning": 1, "note": 0}
    assert (content["year"], content["ok"], content["unchanged"]) == (2023, False, 7)
    assert content["written"] == "panels/yrd/2023.csv"
    assert list(content["problems"][0]) == list(PROBLEM_COLUMNS)
    assert content["problems"][0]["unit"] == 340100
    assert content["problems"][1]["unit"] is None
    assert content["changes"] == [dict(zip(CHANGES, (340100, "gdp", None, *CHANGE[3:]), strict=True))]


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, np.int64(3), "text", None])
def test_odd_values_are_json_all_the_same(value):
    odd = finding("schema.number", "error", 2023, unit=340100, column="gdp", value=value)
    json.loads(report([odd]).to_json(), parse_constant=pytest.fail)


def test_an_empty_report_is_whole_in_every_form():
    empty = report([])
    assert empty.to_text().splitlines()[-1] == "the year can be added"
    assert json.loads(empty.to_json())["problems"] == []
    assert "<tbody></tbody>" in empty.to_html()


def test_another_language_is_refused():
    with pytest.raises(SpecificationError, match=r"English or Chinese \[fr\]"):
        report([]).to_text("fr")


def test_a_report_shows_its_counts():
    assert repr(report([RANGE])).startswith("CheckReport(2023: 1 errors")
