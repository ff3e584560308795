"""Regressors of pairs: which value stands where, by label."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.flows.regressors import read_pairs, unit_columns
from yrdspatial.flows.table import Flows

UNITS = ["a", "b", "c"]


def synthetic_flows(years=(2018, 2019)):
    frames = {year: pd.DataFrame(np.arange(9.0).reshape(3, 3) + year, UNITS, UNITS) for year in years}
    return Flows.from_frames(frames)


def test_every_cell_by_a_loop():
    flows = synthetic_flows()
    index = pd.MultiIndex.from_product([UNITS[::-1], [2019, 2018]], names=["unit", "year"])
    size = pd.DataFrame({"x": np.arange(6.0)}, index=index)
    fixed = pd.DataFrame({"z": [7.0, 8.0, 9.0]}, index=["b", "a", "c"])
    km = pd.DataFrame(np.arange(9.0).reshape(3, 3), UNITS[::-1], UNITS)
    pairs = read_pairs(
        flows, size, fixed, {"km": km, "later": {2018: km, 2019: 2 * km}}, constant=True, self_flows=False
    )
    assert pairs.names == ("Intercept", "origin_x", "destination_z", "km", "later")
    for t, year in enumerate(flows.years):
        for i, a in enumerate(UNITS):
            for j, b in enumerate(UNITS):
                factor = 1 if year == 2018 else 2
                row = [1.0, size.loc[(a, year), "x"], fixed.loc[b, "z"], km.loc[a, b], factor * km.loc[a, b]]
                assert pairs.X[t, i, j].tolist() == (row if i != j else [0.0] * 5)
                assert pairs.y[t, i, j] == (flows.frame(year).loc[a, b] if i != j else 0.0)
    assert pairs.used.sum() == 12


def test_self_flows_and_their_dummy():
    km = pd.DataFrame(np.ones((3, 3)), UNITS, UNITS)
    pairs = read_pairs(synthetic_flows(), None, None, {"km": km}, constant=False, self_flows=True)
    assert pairs.names == ("within", "km")
    np.testing.assert_array_equal(pairs.X[0, :, :, 0], np.eye(3))
    assert pairs.used.all()


def test_a_value_that_only_an_unknown_flow_needs_may_be_missing():
    flows = synthetic_flows()
    array = flows.array.copy()
    array[:, 0, 1] = np.nan
    km = pd.DataFrame(np.ones((3, 3)), UNITS, UNITS)
    km.loc["a", "b"] = np.nan
    km = km.mask(np.eye(3, dtype=bool))
    some = Flows(array, flows.units, flows.years)
    pairs = read_pairs(some, None, None, {"km": km}, constant=True, self_flows=False)
    assert pairs.used.sum() == 10
    with pytest.raises(GapError, match="a to b 2018, a to b 2019"):
        read_pairs(flows, None, None, {"km": km}, constant=True, self_flows=False)


def test_the_panel_of_the_delta_and_its_travel_times_fit():
    panel, units = yrd.load_panel(), yrd.load_units().index
    rng = np.random.default_rng(0)
    years = (2018, 2019)
    frames = {year: pd.DataFrame(rng.random((41, 41)), units[::-1], units[::-1]) for year in years}
    flows = Flows.from_frames(frames)
    gdp = panel.select(columns=["gdp"])
    times = yrd.travel_times(years)
    pairs = read_pairs(flows, gdp, gdp.frame, {"minutes": times}, constant=True, self_flows=False)
    i, j = flows.units.get_loc(310000), flows.units.get_loc(340100)
    row = [1.0, panel.frame.loc[(310000, 2019), "gdp"], panel.frame.loc[(340100, 2019), "gdp"]]
    assert pairs.X[1, i, j].tolist() == [*row, times.frame(2019).loc[310000, 340100]]


def test_refused():
    flows = synthetic_flows()
    twice = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]}, index=[*UNITS, "a"])
    with pytest.raises(AlignmentError, match="a row is there twice"):
        unit_columns(flows, twice, "origin")
    with pytest.raises(AlignmentError, match=r"\[origin: c\]"):
        unit_columns(flows, twice.iloc[:2], "origin")
    assert unit_columns(flows, None, "origin") == {}
    with pytest.raises(SpecificationError, match="needs regressors"):
        read_pairs(flows, None, None, {}, constant=True, self_flows=False)
