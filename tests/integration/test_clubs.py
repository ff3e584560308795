"""Clubs on the labels of a panel."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.integration.clubs import ConvergenceClubs, convergence_clubs
from yrdspatial.integration.log_t import LogTRule, hp_trend, log_t

YEARS = range(1991, 2021)


def synthetic(seed=1):
    rng, t = np.random.default_rng(seed), np.arange(1, 31)
    goal = np.array([9.0] * 5 + [7.0] * 4)
    logs = goal[:, None] + 0.02 * t + rng.normal(size=9)[:, None] / t + 0.001 * rng.normal(size=(9, 30))
    index = pd.MultiIndex.from_product([list("ihgfedcba"), YEARS], names=["unit", "year"])
    return pd.DataFrame({"y": np.exp(logs).ravel(), "one": 1.0}, index)


def test_two_levels_are_two_clubs_and_the_higher_is_first():
    found = convergence_clubs(synthetic(), "y", penalty=None)
    assert isinstance(found, ConvergenceClubs)
    assert found.members.to_dict() == dict.fromkeys("ihgfe", 1) | dict.fromkeys("dcba", 2)
    assert found.table["group"].tolist() == ["all", "club 1", "club 2"]
    assert found.table["converges"].tolist() == [False, True, True]
    assert found.table.loc[0, "pvalue"] < 0.05
    assert repr(found) == "<2 convergence clubs of 9 units, 0 in none>"


def test_the_order_of_the_rows_does_not_matter():
    data = synthetic()
    first = convergence_clubs(data, "y")
    second = convergence_clubs(data.sample(frac=1.0, random_state=3), "y")
    pd.testing.assert_frame_equal(first.table, second.table)
    pd.testing.assert_series_equal(first.members, second.members)


def test_the_table_is_that_of_the_core_on_the_trend_of_logs():
    data = synthetic()
    found = convergence_clubs(data, "y / one", penalty=400.0)
    logs = np.log(data["y"].unstack("year"))
    trend = hp_trend(logs.to_numpy(), 400.0)
    whole = log_t(trend, LogTRule())
    assert found.table.loc[0, "slope"] == pytest.approx(whole.slope)
    assert "trends of penalty 400 are compared" in found.notes
    np.testing.assert_allclose(found.paths, trend / trend.mean(axis=0))
    levels = convergence_clubs(data, "y", log=False)
    assert levels.table.loc[0, "tstat"] == pytest.approx(
        log_t(data["y"].unstack().to_numpy(), LogTRule()).tstat
    )


def test_the_unit_of_measure_of_logarithms_matters_and_is_said():
    data = synthetic()
    found = convergence_clubs(data, "y")
    other = convergence_clubs(data.assign(y=data["y"] * 1e4), "y")
    assert found.table.loc[0, "slope"] != pytest.approx(other.table.loc[0, "slope"], rel=1e-3)
    assert "relative paths of logarithms depend on the unit of measure" in found.notes
    same = convergence_clubs(data.assign(y=data["y"] * 1e4), "y", log=False)
    assert same.table.loc[0, "slope"] == pytest.approx(
        convergence_clubs(data, "y", log=False).table.loc[0, "slope"]
    )


def test_value_added_of_the_shipped_panel_stops_at_its_break():
    panel = yrd.load_panel()
    with pytest.raises(SpecificationError, match="break"):
        convergence_clubs(panel, "va_tertiary", years=(2005, 2021))
    found = convergence_clubs(panel, "va_tertiary", years=(2005, 2018))
    assert not found.table.loc[0, "converges"]
    assert set(found.members.index) == set(panel.units)
    assert any("14 years are few" in note for note in found.notes)
    merged, before = found.members, found.before_merging
    assert merged.max() <= before.max()
    unmerged = convergence_clubs(panel, "va_tertiary", years=(2005, 2018), merge=False)
    pd.testing.assert_series_equal(unmerged.members, before)


def test_what_cannot_be_tested_is_refused():
    data = synthetic()
    with pytest.raises(SpecificationError, match="too little"):
        convergence_clubs(data, "y", years=(2014, 2020))
    with pytest.raises(SpecificationError, match="logarithms are not positive"):
        convergence_clubs(data.assign(y=data["y"] / 1e5), "y")
    with pytest.raises(SpecificationError, match=r"no trend of this penalty \[penalty=-1\]"):
        convergence_clubs(data, "y", penalty=-1)
    with pytest.raises(SpecificationError, match="out of range"):
        convergence_clubs(data, "y", rule=LogTRule(trim=1.0))
    with pytest.raises(SpecificationError, match="out of range"):
        convergence_clubs(data, "y", rule=LogTRule(variance="white"))
    with pytest.raises(SpecificationError, match="penalty"):
        convergence_clubs(data, "y", penalty="hp")
    with pytest.raises(SpecificationError, match="years"):
        convergence_clubs(data, "y", years=(1991,))
    with pytest.raises(SpecificationError, match="years"):
        convergence_clubs(data, "y", years="from 1991")
    with pytest.raises(SpecificationError, match="rule"):
        convergence_clubs(data, "y", rule="strict")
