"""The two strands: shares, potentials and quotients against plain loops, windows, and holes closed in the open."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import YrdSpatialError
from yrdspatial.models.estimators import SAR, SDM
from yrdspatial.replication.strands import (
    CONTROLS_END,
    EMPLOYMENT_YEARS,
    MASS_YEAR,
    close_holes,
    controls,
    employment_strand,
    gdp_per_head,
    log_potential,
    log_share,
    value_added_strand,
)

CHANGZHOU = 320400
EXACT = {"rtol": 0, "atol": 1e-12}
HOLES = {
    "none": [],
    "one inside": [("a", 2011)],
    "two apart": [("a", 2011), ("a", 2013)],
    "two in a row": [("a", 2011), ("a", 2012)],
    "first year": [("b", 2010)],
    "last year": [("b", 2014)],
    "end and beginning of neighbours in the table": [("a", 2014), ("b", 2010)],
    "whole unit": [("b", year) for year in range(2010, 2015)],
    "same year, both units": [("a", 2012), ("b", 2012)],
}


@pytest.fixture(scope="module")
def employment(study):
    return employment_strand(study.panel, study.times)


@pytest.fixture(scope="module")
def value_added(study):
    return value_added_strand(study.panel, study.times)


@pytest.fixture(scope="module")
def with_controls(study):
    return value_added_strand(study.panel, study.times, with_controls=True)


@pytest.fixture(params=["employment", "value_added", "with_controls"])
def strand(request):
    return request.getfixturevalue(request.param)


def synthetic_table(holes):
    """Two units, five years, two variables of invented numbers; the first variable has the holes."""
    index = pd.MultiIndex.from_product([["a", "b"], range(2010, 2015)], names=["unit", "year"])
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(10, 2)), index, columns=["x", "z"])
    table.loc[holes, "x"] = np.nan
    return table


def closed_by_loop(table):
    """Close each hole whose two neighbours in time are there, cell by cell."""
    closed, filled = table.copy(), []
    for name in table:
        for unit, year in table.index:
            around = [table[name].get((unit, year + step), np.nan) for step in (-1, 1)]
            if np.isnan(table.loc[(unit, year), name]) and not np.isnan(around).any():
                closed.loc[(unit, year), name] = sum(around) / 2
                filled.append((unit, year, name, sum(around) / 2))
    return closed, filled


@pytest.mark.parametrize("holes", HOLES.values(), ids=HOLES.keys())
def test_close_holes_equals_a_loop(holes):
    table = synthetic_table(holes)
    before = table.copy()
    closed, cells = close_holes(table)
    expected, filled = closed_by_loop(table)
    pd.testing.assert_frame_equal(closed, expected, rtol=0, atol=1e-15)
    found = cells[["unit", "year", "variable", "value"]].itertuples(index=False, name=None)
    assert sorted(found) == sorted(filled)
    assert list(cells.columns) == ["unit", "year", "variable", "value", "rule"]
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    "open_holes", [[("a", 2011), ("a", 2012)], [("b", 2010)], [("b", 2014)]], ids=["long", "first", "last"]
)
def test_long_holes_and_holes_at_an_end_stay_open(open_holes):
    closed, cells = close_holes(synthetic_table(open_holes))
    assert closed["x"].isna().sum() == len(open_holes)
    assert cells.empty


@pytest.mark.parametrize("estimator", [SAR, SDM])
@pytest.mark.parametrize("years", [(2010, 2011), (2006,), (2022,)], ids=["long", "first", "last"])
def test_the_estimators_refuse_open_holes_by_name(study, value_added, estimator, years):
    table = value_added.data.copy()
    table.loc[[(CHANGZHOU, year) for year in years], "log_gdp_head"] = np.nan
    closed, _ = close_holes(table)
    with pytest.raises(YrdSpatialError) as refused:
        estimator(closed, value_added.formula, weights=study.weights["rail"], effects="twoways").fit()
    assert "log_gdp_head" in str(refused.value)
    assert str(years[0]) in str(refused.value)
    assert str(CHANGZHOU) in str(refused.value) or "Changzhou" in str(refused.value)


def test_the_only_hole_is_the_population_of_changzhou_in_2015(study, strand):
    raw = study.panel.frame
    assert np.isnan(raw.loc[(CHANGZHOU, 2015), "population_resident"])
    assert strand.holes[["unit", "year", "variable"]].to_numpy().tolist() == [
        [CHANGZHOU, 2015, "log_gdp_head"]
    ]
    head = [
        np.log(raw.loc[(CHANGZHOU, year), "gdp"] / raw.loc[(CHANGZHOU, year), "population_resident"])
        for year in (2014, 2016)
    ]
    assert strand.holes["value"].item() == pytest.approx(sum(head) / 2, abs=1e-12)
    assert strand.data.loc[(CHANGZHOU, 2015), "log_gdp_head"] == strand.holes["value"].item()


def test_strands_are_balanced_without_a_hole(strand):
    units, years = (strand.data.index.unique(level) for level in ("unit", "year"))
    assert len(strand.data) == 41 * len(years) == len(units) * len(years)
    assert strand.data.index.is_unique
    assert not strand.data.isna().to_numpy().any()


def test_formulas_name_every_column(strand):
    left, right = strand.formula.split(" ~ ")
    assert [left, *right.split(" + ")] == [name for name in strand.data if name != "window"]


def test_years_of_the_strands(study, employment, value_added, with_controls):
    last = study.panel.years[-1]
    spans = [tuple(one.data.index.unique("year")) for one in (employment, value_added, with_controls)]
    assert spans[0] == EMPLOYMENT_YEARS == tuple(range(2006, 2020))
    assert spans[1] == tuple(range(2006, last + 1))
    assert spans[2] == tuple(range(2006, CONTROLS_END + 1))


def test_windows_are_2006_2012_and_2013_2019(employment):
    years = employment.data.index.get_level_values("year")
    expected = np.where(years <= 2012, "2006-2012", "2013-2019")
    assert employment.data["window"].tolist() == expected.tolist()
    assert employment.effects == {"unit": "window", "time": True}


@pytest.mark.parametrize(
    ("name", "column"), [("employment", "emp_C_manufacturing"), ("value_added", "va_secondary")]
)
def test_shares_of_a_year_sum_to_one(study, request, name, column):
    shares = np.exp(request.getfixturevalue(name).data["log_share"]).unstack("year")
    amounts = study.panel.frame[column].unstack("year")[shares.columns].to_numpy()
    np.testing.assert_allclose(shares.sum(), 1.0, **EXACT)
    np.testing.assert_allclose(shares.to_numpy(), amounts / amounts.sum(axis=0), **EXACT)


def test_log_share_of_invented_amounts():
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["unit", "year"])
    shares = log_share(pd.Series([1.0, 9.0, 3.0, 1.0], index))
    np.testing.assert_allclose(shares, np.log([0.25, 0.9, 0.75, 0.1]), **EXACT)


def test_potential_is_a_sum_over_the_other_cities(study):
    mass = study.panel.frame["gdp"].xs(MASS_YEAR, level="year").reindex(study.times.units).to_numpy()
    found = log_potential(study.panel, study.times).unstack("year").reindex(study.times.units)
    for year in (2006, 2013, 2022):
        minutes = study.times.frame(year).to_numpy()
        expected = [np.log(sum(mass[j] / minutes[i, j] for j in range(41) if j != i)) for i in range(41)]
        np.testing.assert_allclose(found[year], expected, rtol=1e-12)


def test_only_the_network_moves_the_potential(study):
    potential = log_potential(study.panel, study.times).unstack("year")
    steps = potential.diff(axis=1).iloc[:, 1:]
    assert (steps >= -1e-12).all(axis=None)
    same = (study.times.array[1:] == study.times.array[:-1]).all(axis=(1, 2))
    np.testing.assert_allclose(steps.loc[:, same], 0.0, **EXACT)


def test_controls_are_ratios_and_logs_of_the_panel(study, employment):
    raw = study.panel.frame.reindex(employment.data.index)
    expected = {
        "log_wage": np.log(raw["avg_wage_staff"]),
        "log_gdp_head": np.log(raw["gdp"]) - np.log(raw["population_resident"]),
        "log_fdi_gdp": np.log(raw["fdi_utilised"]) - np.log(raw["gdp"]),
        "fiscal_gdp": raw["fiscal_expenditure"] / raw["gdp"],
    }
    for name, values in expected.items():
        there = values.notna()
        assert (~there).sum() == (name == "log_gdp_head")
        np.testing.assert_allclose(employment.data.loc[there, name], values[there], rtol=1e-12)


def test_controls_take_only_the_columns_asked(study):
    frame, holes = controls(study.panel, range(2010, 2013), ("fiscal_gdp",))
    assert list(frame) == ["fiscal_gdp"]
    assert list(frame.index.unique("year")) == [2010, 2011, 2012]
    assert holes.empty


def test_tertiary_quotient_of_the_value_added_strand(study, value_added):
    raw = study.panel.frame
    for year in (2006, 2022):
        sectors = raw.xs(year, level="year")[["va_primary", "va_secondary", "va_tertiary"]].to_numpy()
        own = sectors[:, 2] / sectors.sum(axis=1)
        expected = own / (sectors[:, 2].sum() / sectors.sum())
        np.testing.assert_allclose(
            value_added.data["lq_tertiary"].xs(year, level="year"), expected, rtol=1e-12
        )


def test_the_controls_beside_change_neither_shares_nor_quotients(value_added, with_controls):
    shared = ["log_share", "lq_tertiary", "log_gdp_head", "log_access"]
    pd.testing.assert_frame_equal(
        with_controls.data[shared], value_added.data.loc[pd.IndexSlice[:, :CONTROLS_END], shared]
    )


def test_gdp_per_head_is_the_printed_one_where_no_population_is_printed():
    synthetic = pd.DataFrame(
        {"gdp": [200.0, 300.0], "population_resident": [100.0, np.nan], "gdp_per_head": [np.nan, 25_000.0]}
    )
    assert gdp_per_head(synthetic).tolist() == [2.0, 2.5]  # 100m CNY over 10k persons; 25,000 CNY
    assert gdp_per_head(synthetic.drop(columns="gdp_per_head")).isna().tolist() == [False, True]
