"""The figures of all tables into one."""

import math
from dataclasses import replace

import pytest

from yrdspatial.panel.yearbooks.combine import combine
from yrdspatial.panel.yearbooks.problems import Problems
from yrdspatial.panel.yearbooks.sheets import make_sheet
from yrdspatial.panel.yearbooks.values import Record

SHEET, OTHER = make_sheet("a", "", [["x"] * 9] * 9), make_sheet("b", "", [["x"] * 9] * 9)


def record(variable="gdp", value=100.0, **fields):
    plain = Record(
        340100, 2020, variable, "total", value, "100m CNY", "book", "", 1.0, "title", True, SHEET, 1, 1
    )
    return replace(plain, **fields)


def combined(*records):
    problems = Problems()
    return combine(records, problems), problems.frame()


def test_nothing_is_an_empty_table():
    table, problems = combined()
    assert table.empty
    assert problems.empty
    assert table.columns.tolist() == [
        "adcode",
        "year",
        "variable",
        "scope",
        "value",
        "unit",
        "source",
        "flag",
        "step",
    ]


def test_rows_are_sorted():
    table, _ = combined(record(adcode=340200), record("fiscal_revenue"), record())
    assert table["adcode"].tolist() == [340100, 340100, 340200]
    assert table["variable"].tolist() == ["fiscal_revenue", "gdp", "gdp"]


def test_of_two_figures_that_agree_the_finer_is_kept():
    table, problems = combined(record(), record(value=99.7, step=0.1, sheet=OTHER))
    assert table["value"].tolist() == [99.7]
    assert problems["severity"].tolist() == ["note"]
    assert "agree; the finer ones are kept" in problems["text"].item()


@pytest.mark.parametrize(("value", "step"), [(101.0, 1.0), (99.4, 0.1), (2 * 100.0, 1.0)])
def test_of_two_figures_that_differ_both_are_kept_and_told(value, step):
    table, problems = combined(record(), record(value=value, step=step, sheet=OTHER, row=3))
    assert len(table) == 2
    assert problems[["severity", "file", "row"]].iloc[0].tolist() == ["error", "b", 4]


def test_a_city_twice_in_one_table_is_an_error_also_with_the_same_figures():
    table, problems = combined(record(), record(row=2))
    assert len(table) == 1
    assert "a city is there twice, with the same figures: gdp, Hefei" in problems["text"].item()


def test_a_figure_beside_a_gap_is_kept():
    table, problems = combined(record(value=math.nan, sheet=OTHER), record())
    assert table["value"].tolist() == [100]
    assert "error" not in set(problems["severity"])


def test_two_gaps_are_one():
    table, problems = combined(record(value=math.nan), record(value=math.nan, sheet=OTHER))
    assert len(table) == 1
    assert problems["severity"].tolist() == ["note"]


def test_many_cities_that_differ_are_one_problem():
    records = [record(adcode=code) for code in range(340100, 341300, 100)]
    _, problems = combined(*records, *(replace(one, value=7.0, sheet=OTHER) for one in records))
    assert problems["text"].item().endswith("and 7 more")


def test_unknown_columns_of_one_name_in_two_tables_are_told_apart():
    rail = record("铁路", known=False, title="客运量", unit="万人")
    table, problems = combined(rail, replace(rail, value=7.0, title="货运量", sheet=OTHER))
    assert table["variable"].tolist() == ["客运量/铁路", "货运量/铁路"]
    assert problems.empty


def test_sectors_from_shares():
    table, _ = combined(
        record("share_primary", 8.25, unit="%", step=0.01),
        record("gdp", 1000.0),
        record("share_primary", 5.0, unit="%", scope="districts"),
    )
    (row,) = table[table["variable"] == "va_primary"].itertuples()
    assert (row.scope, row.value, row.unit) == ("total", 82.5, "100m CNY")
    half = 0.5 * (0.01 * 1000 + 1 * 8.25) / 100 + 0.5
    assert row.step == pytest.approx(2 * half)
    assert row.flag == f"derived: share_primary x gdp / 100, rounding within {half:.2g}"


def test_what_is_printed_is_not_derived():
    table, _ = combined(record("share_primary", 8.0, unit="%"), record(), record("va_primary", 9.0))
    assert table.loc[table["variable"] == "va_primary", "value"].tolist() == [9.0]


def test_nothing_is_derived_from_figures_that_differ_or_are_out_of_range():
    share = record("share_primary", 8.0, unit="%")
    table, _ = combined(share, record(), record(value=200.0, sheet=OTHER))
    assert "va_primary" not in set(table["variable"])
    table, problems = combined(record("share_primary", 800.0, unit="%"), record())
    assert "va_primary" not in set(table["variable"])
    assert "share_primary of Hefei, total, 800 % is outside the range" in problems["text"].item()
    assert (
        table.loc[table["variable"] == "share_primary", "flag"].item()
        == "suspect: outside the range of its column"
    )


def test_wages_from_the_bill_and_the_staff():
    table, problems = combined(
        record("wage_bill_staff", 400.0, step=1e-4),
        record("staff_average", 50.0, unit="10k persons"),
        record("wage_bill_staff", 400.0, adcode=340200),
        record("staff_average", 0.0, adcode=340200, unit="10k persons"),
    )
    (row,) = table[table["variable"] == "avg_wage_staff"].itertuples()
    assert (row.adcode, row.value, row.unit) == (340100, 80000.0, "CNY/yr")
    assert row.step == pytest.approx(80000 * (1e-4 / 400 + 1 / 50))
    assert problems.empty


def test_what_would_be_out_of_range_is_not_derived():
    table, problems = combined(
        record("wage_bill_staff", 400.0), record("staff_average", 1.0, unit="10k persons")
    )
    assert "avg_wage_staff" not in set(table["variable"])
    assert "would be 4000000 CNY/yr, outside the range" in problems["text"].item()


def test_sources_of_a_derived_figure_are_both():
    table, _ = combined(
        record("share_primary", 8.0, unit="%", source="table 2-8"), record(source="table 2-7")
    )
    assert table.loc[table["variable"] == "va_primary", "source"].item() == "table 2-8; table 2-7"


def test_a_printed_figure_that_its_parts_contradict_is_told():
    bill, staff = record("wage_bill_staff", 400.0), record("staff_average", 50.0, unit="10k persons")
    table, problems = combined(bill, staff, record("avg_wage_staff", 80300.0, unit="CNY/yr"))
    assert problems.empty
    assert table.loc[table["variable"] == "avg_wage_staff", "value"].tolist() == [80300.0]
    _, problems = combined(replace(bill, value=4.0), staff, record("avg_wage_staff", 80300.0, unit="CNY/yr"))
    assert problems["text"].item() == (
        "avg_wage_staff as printed is not wage_bill_staff / staff_average: 1 figures, Hefei (total)"
    )
    assert problems["severity"].item() == "warning"
