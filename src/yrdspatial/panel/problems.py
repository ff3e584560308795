"""What a check finds, in words: one row a finding, in English and Chinese, each with its cure."""

import functools
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import pandas as pd

from yrdspatial.geography.units import load_units

Severity = Literal["error", "warning", "note"]
Findings = list[dict[str, Any]]
PROBLEM_COLUMNS = (
    "severity",
    "rule",
    "unit",
    "city",
    "year",
    "column",
    "value",
    "expected",
    "text_en",
    "text_zh",
    "cure",
    "cure_zh",
    "place",
)
SEVERITIES = ("error", "warning", "note")


class Words(NamedTuple):
    """A finding in both languages and what cures it; the fields in braces are filled in."""

    en: str
    zh: str
    cure: str
    cure_zh: str


WORDS = {
    "read": Words("{text}", "读表:{text}", "{remedy}", "{remedy}"),
    "year.other": Words(
        "the tables are of another year",
        "表中数据属于其他年份",
        "ask for that year, or give the tables of the year asked for",
        "请改用该年份,或提供所要年份的表",
    ),
    "coverage.none": Words(
        "no figure of the year was read for any of the 41 units",
        "没有读到该年41个城市的任何数据",
        "give tables of prefecture-level cities with one of the columns of the dictionary",
        "请提供含有字典所列指标的地级市表",
    ),
    "coverage.unit": Words(
        "the tables have no figure of this unit",
        "表中没有该城市的数据",
        "add its row: a year has all 41 units",
        "请补上该城市的行:每年须有41个城市",
    ),
    "coverage.column": Words(
        "the column has no figure of this unit{why}",
        "此指标缺少该城市的数据{why}",
        "add the figure, or leave the gap: it stays a gap in the panel",
        "请补上数据,或保留空缺(面板中仍为空缺)",
    ),
    "coverage.variable": Words(
        "the year before has this column, this year has not",
        "上一年有此指标,今年没有",
        "add the table it is printed in, if there is one",
        "如有印出该指标的表,请补上",
    ),
    "column.unknown": Words(
        "the dictionary does not know this column: it is read and not added",
        "字典中没有此指标:已读出但不加入面板",
        "describe it in the columns.toml of your data folder, or leave it",
        "可在自己数据文件夹的 columns.toml 中说明该指标,或不加入",
    ),
    "column.districts": Words(
        "only figures of the districts (市辖区) were read: the panel is of total cities (全市)",
        "只读到市辖区数据,而面板为全市口径",
        "give the table with the total city",
        "请提供全市口径的表",
    ),
    "unit.outside": Words(
        "rows of units outside the 41 are not added",
        "41个城市以外的行不加入面板",
        "nothing to do",
        "无须处理",
    ),
    "schema.number": Words(
        "the value is not a finite number", "数值不是有限数", "correct the cell", "请更正该单元格"
    ),
    "schema.range": Words(
        "the value is out of the range of its column",
        "数值超出该指标的取值范围",
        "look for a misprint or another unit of measure",
        "请检查是否印刷错误或计量单位不同",
    ),
    "schema.unit": Words(
        "the value has another unit of measure",
        "计量单位与字典不同",
        "convert it to the unit of the dictionary",
        "请换算为字典中的单位",
    ),
    "schema.source": Words(
        "the value has no source", "数值没有来源", "say where it was read", "请注明数据来源"
    ),
    "identity": Words(
        "{parts} do not add up to {total} within the rounding",
        "{parts} 之和与 {total} 不符,超出舍入误差",
        "compare the cells with the printed table",
        "请与原表逐格核对",
    ),
    "identity.excess": Words(
        "{parts} add up to more than {total}",
        "{parts} 之和大于 {total}",
        "compare the cells with the printed table",
        "请与原表逐格核对",
    ),
    "slip.column": Words(
        "the whole column is {factor} times the figures of {reference}: a slip of the unit of measure",
        "整列为 {reference} 数值的 {factor} 倍:计量单位有误",
        "correct the unit line of the table",
        "请更正表中的计量单位",
    ),
    "slip.cell": Words(
        "the value is {factor} times the figure of {reference} while the other units moved little",
        "该值为 {reference} 数值的 {factor} 倍,而其他城市变化不大",
        "look for a decimal point or another unit of measure in this cell",
        "请检查该单元格的小数点或计量单位",
    ),
    "jump": Words(
        "the change from {reference} is {size}, far from that of the other units (robust z {z})",
        "较 {reference} 年变动 {size},与其他城市相差很大(稳健z值 {z})",
        "compare the cell with the printed table of both years",
        "请与两年原表核对",
    ),
    "jump.known": Words(
        "the change from {reference} is {size} (robust z {z}); a known break explains it: {note}",
        "较 {reference} 年变动 {size}(稳健z值 {z});已知断点:{note}",
        "nothing to do; take no change across the break",
        "无须处理;不要跨断点计算变动",
    ),
    "jump.column": Words(
        "the median city moves by {size} from {reference}",
        "中位城市较 {reference} 年变动 {size}",
        "look for a change of definition; a lasting one belongs in breaks.csv",
        "请检查口径是否变化;永久变化应写入 breaks.csv",
    ),
    "duplicate": Words(
        "the tables give this cell twice with different figures: {figures}",
        "表中同一单元格出现不同数值:{figures}",
        "leave one of them out",
        "请只保留一个",
    ),
    "duplicate.same": Words(
        "the tables give this column twice with the same figures ({cells} cells): the finer is kept",
        "表中该指标重复出现且数值一致({cells} 格):保留更精确者",
        "nothing to do",
        "无须处理",
    ),
    "vintage": Words(
        "the panel has another figure of this cell, of vintage {vintage}",
        "面板中该单元格已有另一数值(版本 {vintage})",
        "say which: vintage keep, replace or both",
        "请选择:keep(保留)、replace(替换)或 both(并存)",
    ),
    "merged": Words("{text}", "合并后的年份文件:{text}", "{remedy}", "{remedy}"),
}


def finding(
    rule: str,
    severity: Severity,
    year: int,
    *,
    unit: object = None,
    column: str = "",
    value: object = "",
    **more: object,
) -> dict[str, Any]:
    """Return one finding as a row.

    Parameters
    ----------
    rule : str
        Key of ``WORDS``.
    severity : {"error", "warning", "note"}
        An error keeps the year out.
    year : int
        Data year.
    unit : object
        Code of the unit, None when the finding is not about one.
    column : str
        Panel column.
    value : object
        The figure found.
    **more : object
        ``expected`` (text), ``place`` (file, sheet, row and column), and the words that the text needs.

    Returns
    -------
    dict
        The fields of ``PROBLEM_COLUMNS``.

    Examples
    --------
    >>> finding("coverage.unit", "error", 2023, unit=340100)["city"]
    'Hefei 合肥市'
    """
    words = {name: text.format(**more) for name, text in WORDS[rule]._asdict().items()}
    return {
        "severity": severity,
        "rule": rule,
        "unit": unit,
        "city": _cities().get(unit, ""),
        "year": year,
        "column": column,
        "value": value,
        "expected": str(more.get("expected", "")),
        "text_en": words["en"],
        "text_zh": words["zh"],
        "cure": words["cure"],
        "cure_zh": words["cure_zh"],
        "place": str(more.get("place", "")),
    }


def problem_table(findings: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return findings as a table, the errors first.

    Parameters
    ----------
    findings : iterable of dict
        As of :func:`finding`.

    Returns
    -------
    pandas.DataFrame
        Columns ``PROBLEM_COLUMNS``; sorted by severity, then rule, column and unit.

    Examples
    --------
    >>> rows = [finding("jump.column", "warning", 2023, column="gdp", size="+90 %", reference=2022),
    ...         finding("coverage.none", "error", 2023)]
    >>> problem_table(rows)["severity"].tolist()
    ['error', 'warning']
    """
    table = pd.DataFrame(list(findings), columns=list(PROBLEM_COLUMNS)).drop_duplicates(ignore_index=True)
    table["unit"] = table["unit"].astype("Int64")
    order = table["severity"].map(dict(zip(SEVERITIES, range(3), strict=True)))
    sorted_table = table.assign(order=order).sort_values(["order", "rule", "column", "unit"], kind="stable")
    return sorted_table.drop(columns="order").reset_index(drop=True)


@functools.cache
def _cities() -> dict[object, str]:
    units = load_units()
    return dict((units["name_en"] + " " + units["name_zh"]).items())
