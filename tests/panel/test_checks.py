"""Rules for the figures of one year: schema, duplicates, coverage, identities; all figures are made up."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.panel.checks import check_coverage, check_identities, check_schema, drop_duplicates
from yrdspatial.panel.columns import sector_sets

HEFEI, SHANGHAI = 340100, 310000
GOOD = {"gdp": 100.05, "va_primary": 10.25, "va_secondary": 40.55, "va_tertiary": 49.25}


def put(draft, unit, variable, value):
    out = draft.copy()
    out.loc[(out["adcode"] == unit) & (out["variable"] == variable), "value"] = value
    return out


def found(findings):
    return [(row["severity"], row["rule"], row["unit"], row["column"]) for row in findings]


@pytest.fixture
def unit(known):
    return int(known().units[3])


# schema


def test_good_figures_pass_every_rule(rows, known):
    draft = rows(GOOD)
    facts = known()
    assert check_schema(draft, facts) == []
    assert drop_duplicates(draft, facts)[1] == []
    assert check_coverage(draft, facts, {}) == []
    assert check_identities(draft, facts) == []


@pytest.mark.parametrize(
    ("value", "rule"), [(np.inf, "number"), (-np.inf, "number"), (-1.0, "range"), (1e6, "range")]
)
def test_a_figure_that_cannot_be_is_an_error_with_its_place(rows, known, unit, value, rule):
    (row,) = check_schema(put(rows(GOOD), unit, "gdp", value), known())
    assert (row["severity"], row["rule"], row["unit"]) == ("error", f"schema.{rule}", unit)
    assert (row["column"], row["value"]) == ("gdp", value)
    assert row["expected"] == ("0 to 100000 100m CNY" if rule == "range" else "")


def test_a_missing_number_is_an_error(rows, known, unit):
    rules = {row["rule"] for row in check_schema(put(rows(GOOD), unit, "gdp", np.nan), known())}
    assert rules == {"schema.number"}


def test_another_unit_and_a_missing_source_are_errors(rows, known, unit):
    draft = rows(GOOD)
    here = (draft["adcode"] == unit) & (draft["variable"] == "gdp")
    draft.loc[here, ["unit", "source"]] = ["CNY", " "]
    assert found(check_schema(draft, known())) == [
        ("error", "schema.unit", unit, "gdp"),
        ("error", "schema.source", unit, "gdp"),
    ]


def test_every_bad_figure_is_named(rows, known):
    draft = rows({"gdp": -1.0})
    assert len(check_schema(draft, known())) == len(draft)


def test_no_figures_break_no_schema(rows, known):
    assert check_schema(rows(GOOD).head(0), known()) == []


# duplicates


def test_the_finer_of_two_equal_figures_is_kept(rows, known):
    draft = pd.concat(
        [rows({"gdp": 44.9}, source="coarse"), rows({"gdp": 44.93}, source="fine")], ignore_index=True
    )
    kept, findings = drop_duplicates(draft, known())
    assert set(kept["value"]) == {44.93}
    assert found(findings) == [("note", "duplicate.same", None, "gdp")]
    assert "(12 cells)" in findings[0]["text_en"]


def test_a_printed_figure_is_kept_before_one_that_was_computed(rows, known):
    computed = rows({"gdp": 44.93}, source="computed", flag="derived: made up")
    kept, _ = drop_duplicates(pd.concat([computed, rows({"gdp": 44.9})], ignore_index=True), known())
    assert set(kept["source"]) == {"made up"}


def test_two_different_figures_are_an_error_that_names_both(rows, known, unit):
    twice = rows(GOOD).query("adcode == @unit and variable == 'gdp'").assign(value=101.0)
    kept, findings = drop_duplicates(pd.concat([rows(GOOD), twice], ignore_index=True), known())
    assert found(findings) == [("error", "duplicate", unit, "gdp")]
    assert "100.05, 101" in findings[0]["text_en"]
    assert not kept.duplicated(["adcode", "variable"]).any()


def test_three_figures_of_a_cell_are_one_finding(rows, known, unit):
    twice = rows({"gdp": 100.05})
    twice = twice.loc[twice["adcode"] == unit]
    draft = pd.concat([rows(GOOD), twice.assign(value=101.0), twice.assign(value=102.0)], ignore_index=True)
    (row,) = drop_duplicates(draft, known())[1]
    assert "100.05, 101, 102" in row["text_en"]


def test_the_order_of_rows_does_not_matter(rows, known):
    draft = pd.concat([rows(GOOD), rows({"gdp": 100.052}, source="fine")], ignore_index=True)
    first = drop_duplicates(draft, known())[0]
    second = drop_duplicates(draft.sample(frac=1, random_state=7).reset_index(drop=True), known())[0]
    key = ["adcode", "variable"]
    assert first.sort_values(key, ignore_index=True).equals(second.sort_values(key, ignore_index=True))


# coverage


def test_nothing_read_is_an_error(rows, known):
    assert found(check_coverage(rows(GOOD).head(0), known(), {})) == [("error", "coverage.none", None, "")]


def test_a_unit_that_the_year_would_lack_is_an_error(rows, known, unit):
    draft = rows(GOOD).query("adcode != @unit")
    assert found(check_coverage(draft, known(), {})) == [("error", "coverage.unit", unit, "")]


def test_a_unit_that_the_panel_has_in_that_year_is_a_warning(rows, known, unit):
    draft = rows(GOOD).query("adcode != @unit")
    findings = check_coverage(draft, known(existing=rows({"population_resident": 500.0})), {})
    assert ("warning", "coverage.unit", unit, "") in found(findings)
    assert "error" not in {row["severity"] for row in findings}


def test_a_hole_in_one_column_is_a_warning_that_says_what_was_printed(rows, known, unit):
    draft = rows(GOOD).query("adcode != @unit or variable != 'gdp'")
    (row,) = check_coverage(draft, known(), {(unit, "gdp"): "unknown: the source prints －"})
    assert found([row]) == [("warning", "coverage.column", unit, "gdp")]
    assert "the source prints －" in row["text_en"]


def test_a_hole_that_the_panel_fills_is_none(rows, known, unit):
    draft = rows(GOOD)
    draft = draft.loc[(draft["adcode"] != unit) | (draft["variable"] != "gdp")]
    assert check_coverage(draft, known(existing=rows({"gdp": 100.0})), {}) == []


def test_a_column_of_the_year_before_that_is_not_there_is_a_note(rows, known):
    facts = known(before={"gdp": 100.0, "fiscal_revenue": 5.0})
    assert found(check_coverage(rows(GOOD), facts, {})) == [
        ("note", "coverage.variable", None, "fiscal_revenue")
    ]


# identities


def test_a_sum_within_the_rounding_is_no_finding(rows, known):
    draft = rows(GOOD | {"gdp": 100.07})  # four figures to two decimals: 0.02 in all
    assert check_identities(draft, known()) == []
    assert check_identities(rows(GOOD | {"gdp": 100.08}), known()) != []


@pytest.mark.parametrize(("value", "severity"), [(100.5, "warning"), (99.5, "warning"), (102.0, "error")])
def test_sectors_that_do_not_add_up_are_found_with_their_sum(rows, known, unit, value, severity):
    (row,) = check_identities(put(rows(GOOD), unit, "gdp", value), known())
    assert found([row]) == [(severity, "identity", unit, "gdp")]
    assert row["value"] == value
    assert row["expected"].startswith("100.05 ± ")


def test_shares_add_up_to_a_hundred(rows, known, unit):
    shares = {"share_primary": 10.05, "share_secondary": 40.0, "share_tertiary": 49.95}
    assert check_identities(rows(shares), known()) == []
    (row,) = check_identities(put(rows(shares), unit, "share_tertiary", 59.95), known())
    assert found([row]) == [("error", "identity", unit, "share_primary")]
    assert row["expected"].startswith("110 ± ")


def test_employment_adds_up_to_its_total(rows, known, unit):
    sectors = dict.fromkeys(sector_sets()["sectors_19"], 2.25)
    assert check_identities(rows(sectors | {"employed_units_total": 42.75}), known()) == []
    draft = put(rows(sectors | {"employed_units_total": 42.75}), unit, "employed_units_total", 40.0)
    assert found(check_identities(draft, known())) == [("error", "identity", unit, "employed_units_total")]


def test_parts_may_be_missing_but_not_exceed_the_total(rows, known, unit):
    draft = rows(GOOD).query("variable != 'va_primary'")
    assert check_identities(draft, known()) == []
    findings = check_identities(put(draft, unit, "gdp", 80.0), known())
    assert found(findings) == [("error", "identity.excess", unit, "gdp")]


def test_figures_of_the_panel_stand_in_and_only_warn(rows, known, unit):
    old = rows({name: GOOD[name] for name in ("va_primary", "va_secondary", "va_tertiary")})
    draft = put(rows({"gdp": 100.0}), unit, "gdp", 150.0)
    assert found(check_identities(draft, known(existing=old))) == [("warning", "identity", unit, "gdp")]


def test_the_vintage_in_force_stands_in(rows, known):
    parts = {name: GOOD[name] for name in ("va_primary", "va_secondary", "va_tertiary")}
    old = pd.concat([rows(dict.fromkeys(parts, 1.0), vintage="ccsy"), rows(parts, vintage="census4")])
    facts = known(existing=old.reset_index(drop=True))
    assert check_identities(rows({"gdp": 100.05}), facts) == []


def test_sums_that_the_tables_do_not_touch_are_left_alone(rows, known):
    facts = known(existing=rows(GOOD | {"gdp": 500.0}))
    assert check_identities(rows({"fiscal_revenue": 5.0}), facts) == []
