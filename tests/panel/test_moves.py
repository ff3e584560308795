"""Slips of the unit of measure and jumps of single units; all figures are made up."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.panel.moves import check_jumps, check_slips
from yrdspatial.panel.panel import load_panel

BEFORE = np.arange(1.0, 13.0) * 100
# made-up growth of 4 to 9 per cent, each unit another
GROWTH = 1 + np.linspace(0.04, 0.09, 12)


def found(findings):
    return [(row["severity"], row["rule"], row["unit"], row["column"]) for row in findings]


def change(draft, position, factor):
    out = draft.copy()
    out.loc[out.index[position], "value"] *= factor
    return out


def breaks_of(**fields):
    row = {"variables": "gdp", "units": "*", "year_from": 2022, "year_to": 2023, "note": "a census"}
    return pd.DataFrame([row | fields])


# slips


def test_ordinary_growth_is_no_finding(rows, known):
    draft = rows({"gdp": BEFORE * GROWTH})
    assert check_slips(draft, known()) == []
    assert check_jumps(draft, known()) == []


@pytest.mark.parametrize("power", [-8, -4, -3, -2, -1, 1, 2, 3, 4, 8])
def test_a_column_in_another_unit_is_one_finding(rows, known, power):
    (row,) = check_slips(rows({"gdp": BEFORE * GROWTH * 10.0**power}), known())
    assert found([row]) == [("error", "slip.column", None, "gdp")]
    assert f"10^{power} times the figures of 2022" in row["text_en"]


@pytest.mark.parametrize("power", [-4, -3, 3, 4])
def test_one_cell_in_another_unit_is_named_with_what_was_expected(rows, known, power):
    draft = change(rows({"gdp": BEFORE * GROWTH}), 4, 10.0**power)
    (row,) = check_slips(draft, known())
    assert found([row]) == [("error", "slip.cell", draft["adcode"][4], "gdp")]
    assert row["expected"].startswith("about 5")


def test_the_figures_of_the_same_year_are_the_nearest_reference(rows, known):
    facts = known(existing=rows({"gdp": BEFORE}))
    now = facts.panel.rename(index={2022: 2023}, level="year")
    facts = type(facts)(**(vars(facts) | {"panel": pd.concat([facts.panel, now])}))
    (row,) = check_slips(rows({"gdp": BEFORE * 1e4}), facts)
    assert "figures of 2023" in row["text_en"]


def test_an_older_year_is_the_reference_when_the_last_has_none(rows, known):
    facts = known()
    old = facts.panel.rename(index={2022: 2019}, level="year")
    (row,) = check_slips(rows({"gdp": BEFORE * 1e4}), type(facts)(**(vars(facts) | {"panel": old})))
    assert "figures of 2019" in row["text_en"]
    too_old = facts.panel.rename(index={2022: 2017}, level="year")
    assert check_slips(rows({"gdp": BEFORE * 1e4}), type(facts)(**(vars(facts) | {"panel": too_old}))) == []


def test_zeros_and_holes_are_no_slips(rows, known):
    draft = rows({"gdp": BEFORE * GROWTH})
    draft.loc[0, "value"] = 0.0
    assert check_slips(draft.drop(index=3), known()) == []


def test_few_units_are_compared_without_their_median(rows, known):
    (row,) = check_slips(rows({"gdp": BEFORE * 1e4}).head(1), known())
    assert row["rule"] == "slip.cell"


# jumps


@pytest.mark.parametrize("factor", [0.5, 0.7, 1.5, 4.0])
def test_a_unit_that_moves_unlike_the_others_is_a_warning(rows, known, factor):
    draft = change(rows({"gdp": BEFORE * GROWTH}), 2, factor)
    (row,) = check_jumps(draft, known())
    assert found([row]) == [("warning", "jump", draft["adcode"][2], "gdp")]
    assert row["value"] == pytest.approx(300 * GROWTH[2] * factor)
    assert row["expected"] == "300 in 2022"


def test_the_robust_z_is_the_distance_from_the_median_in_median_deviations(rows, known):
    values = BEFORE * GROWTH
    values[5] *= 2
    logs = sorted(np.log(values / BEFORE))
    median = (logs[5] + logs[6]) / 2
    deviations = sorted(abs(log - median) for log in logs)
    z = (np.log(values[5] / BEFORE[5]) - median) / (1.4826 * (deviations[5] + deviations[6]) / 2)
    (row,) = check_jumps(rows({"gdp": values}), known())
    assert f"(robust z {z:.1f})" in row["text_en"]


def test_a_common_growth_however_fast_is_no_jump_of_a_unit(rows, known):
    assert check_jumps(rows({"gdp": BEFORE * GROWTH * 1.3}), known()) == []


def test_a_column_that_moves_as_a_whole_is_one_warning(rows, known):
    (row,) = check_jumps(rows({"gdp": BEFORE * GROWTH * 1.6}), known())
    assert found([row]) == [("warning", "jump.column", None, "gdp")]


def test_small_moves_are_no_jumps_even_when_the_others_stand_still(rows, known):
    assert check_jumps(change(rows({"gdp": BEFORE}), 2, 1.15), known()) == []
    assert len(check_jumps(change(rows({"gdp": BEFORE}), 2, 1.3), known())) == 1


def test_a_figure_that_vanishes_is_a_jump(rows, known):
    draft = rows({"gdp": BEFORE * GROWTH})
    draft.loc[1, "value"] = 0.0
    (row,) = check_jumps(draft, known())
    assert found([row]) == [("warning", "jump", draft["adcode"][1], "gdp")]
    assert "-100.0 %" in row["text_en"]


def test_a_small_figure_may_fall_below_the_printed_unit(rows, known):
    before = BEFORE.copy()
    before[1] = 0.5  # half of the unit to which the column is printed
    draft = rows({"gdp": np.round(BEFORE * GROWTH)})
    draft.loc[1, "value"] = 0.0
    assert check_jumps(draft, known(before={"gdp": before})) == []


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "jump.known"),
        ({"variables": "g*"}, "jump.known"),
        ({"year_from": 2020, "year_to": 2024}, "jump.known"),
        ({"variables": "va_*"}, "jump"),
        ({"units": "999999"}, "jump"),
        ({"year_from": 2021, "year_to": 2022}, "jump"),
        ({"year_from": 2023, "year_to": 2024}, "jump"),
    ],
)
def test_a_known_break_explains_a_jump_across_it(rows, known, fields, rule):
    breaks = breaks_of(**fields)
    draft = change(rows({"gdp": BEFORE * GROWTH}), 2, 2.0)
    (row,) = check_jumps(draft, known(breaks=breaks))
    assert (row["rule"], row["severity"]) == (rule, "note" if rule == "jump.known" else "warning")
    assert ("a census" in row["text_en"]) == (rule == "jump.known")


def test_a_break_of_one_unit_explains_that_unit(rows, known):
    draft = change(rows({"gdp": BEFORE * GROWTH}), 2, 2.0)
    breaks = breaks_of(units=f"999999 {draft['adcode'][2]}")
    assert [row["rule"] for row in check_jumps(draft, known(breaks=breaks))] == ["jump.known"]


def test_a_break_of_all_units_explains_a_column(rows, known):
    breaks = breaks_of()
    assert check_jumps(rows({"gdp": BEFORE * GROWTH * 1.6}), known(breaks=breaks)) == []


def test_a_column_without_a_year_before_is_left_alone(rows, known):
    assert check_jumps(rows({"fiscal_revenue": BEFORE}), known()) == []


def test_no_cell_of_the_shipped_panel_moved_a_thousandfold():
    frame = load_panel().frame
    logs = np.log10(frame.where(frame > 0)).groupby("unit").diff()
    off = (logs - logs.groupby("year").transform("median")).abs()
    assert off.max().max() < 2.7
