"""Location quotients and Krugman indices of the main job against their formulas in plain numpy."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.panel.columns import sector_sets
from yrdspatial.panel.panel import Panel
from yrdspatial.replication.specialization import SERVICE_SETS, complete_years, group_quotients

EMPLOYMENT_SPAN = (2003, 2019)
YEARS = (2003, 2012, 2013, 2019)
EXACT = {"rtol": 1e-12, "atol": 0}


def amounts(panel, columns, year):
    """Figures of a year, shape (41, sectors)."""
    return panel.frame.xs(year, level="year")[columns].to_numpy()


def quotient(part, total):
    """Own share over the share of the delta, shape (41,)."""
    return (part / total) / (part.sum() / total.sum())


@pytest.mark.parametrize("year", YEARS)
def test_quotients_of_19_sectors(study, measures, year):
    columns = sector_sets()["sectors_19"]
    table = amounts(study.panel, columns, year)
    total = table.sum(axis=1)
    expected = np.column_stack([quotient(sector, total) for sector in table.T])
    np.testing.assert_allclose(measures.sectors.xs(year, level="year")[columns], expected, **EXACT)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("group", ["manufacturing", *SERVICE_SETS])
def test_quotients_of_groups(study, measures, group, year):
    sets = sector_sets()
    part = amounts(study.panel, sets[group], year).sum(axis=1)
    total = amounts(study.panel, sets["sectors_19"], year).sum(axis=1)
    np.testing.assert_allclose(measures.groups.xs(year, level="year")[group], quotient(part, total), **EXACT)


@pytest.mark.parametrize("year", [2003, 2019, 2022])
def test_quotients_of_value_added(study, measures, year):
    columns = ["va_primary", "va_secondary", "va_tertiary"]
    table = amounts(study.panel, columns, year)
    total = table.sum(axis=1)
    expected = np.column_stack([quotient(sector, total) for sector in table.T])
    np.testing.assert_allclose(measures.value_added.xs(year, level="year")[columns], expected, **EXACT)


@pytest.mark.parametrize("year", YEARS)
def test_krugman_compares_with_the_rest_and_is_not_halved(study, measures, year):
    table = amounts(study.panel, sector_sets()["sectors_19"], year)
    rest = table.sum(axis=0) - table
    own, other = (part / part.sum(axis=1, keepdims=True) for part in (table, rest))
    expected = np.abs(own - other).sum(axis=1)
    np.testing.assert_allclose(measures.krugman.xs(year, level="year"), expected, rtol=1e-10)


def test_krugman_stays_in_its_range(measures):
    assert measures.krugman.between(0, 2).all()


@pytest.mark.parametrize("name", ["sectors", "groups", "value_added", "krugman"])
def test_measures_have_every_city_in_every_year(study, measures, name):
    table = getattr(measures, name)
    years = table.index.unique("year")
    last = 2022 if name == "value_added" else EMPLOYMENT_SPAN[1]
    assert (years.min(), years.max(), len(years)) == (2003, last, last - 2002)
    assert len(table) == 41 * len(years)
    assert set(table.index.unique("unit")) == set(study.units.index)
    assert not table.isna().to_numpy().any()


def test_the_mean_quotient_weighted_by_size_is_one(study, measures):
    total = study.panel.frame[sector_sets()["sectors_19"]].sum(axis=1)
    weight = total.xs(2019, level="year") / total.xs(2019, level="year").sum()
    quotients = measures.groups.xs(2019, level="year").mul(weight, axis=0)
    np.testing.assert_allclose(quotients.sum(), 1.0, rtol=1e-12)


def test_definitions_of_producer_services_are_nested():
    sets = {name: set(sector_sets()[name]) for name in SERVICE_SETS}
    assert [len(sets[name]) for name in SERVICE_SETS] == [4, 5, 6]
    assert all(members <= set(sector_sets()["sectors_19"]) for members in sets.values())


def test_one_sector_as_a_group_equals_the_sector(measures):
    np.testing.assert_allclose(
        measures.groups["manufacturing"], measures.sectors["emp_C_manufacturing"], **EXACT
    )


def test_group_quotients_do_not_depend_on_the_order_of_rows(study, measures):
    employment = complete_years(study.panel, sector_sets()["sectors_19"])
    shuffled = group_quotients(employment.sample(frac=1, random_state=5)).sort_index()
    pd.testing.assert_frame_equal(shuffled, measures.groups.sort_index(), rtol=1e-12)


def synthetic_panel(holes):
    """Two units, three years, two columns of invented numbers, with holes."""
    index = pd.MultiIndex.from_product([["a", "b"], [2001, 2002, 2003]], names=["unit", "year"])
    frame = pd.DataFrame({"x": np.arange(6.0), "z": np.arange(6.0) + 10}, index)
    for unit, year, column in holes:
        frame.loc[(unit, year), column] = np.nan
    return Panel.from_frame(frame)


@pytest.mark.parametrize(
    ("holes", "columns", "years"),
    [
        ([], ["x", "z"], [2001, 2002, 2003]),
        ([("a", 2002, "x")], ["x", "z"], [2001, 2003]),
        ([("a", 2002, "x")], ["z"], [2001, 2002, 2003]),
        ([("b", 2001, "x"), ("a", 2003, "z")], ["x", "z"], [2002]),
        ([("a", 2001, "x"), ("b", 2001, "x")], ["x"], [2002, 2003]),
    ],
    ids=["whole", "one hole", "hole elsewhere", "two years", "year empty"],
)
def test_complete_years_drops_partial_years(holes, columns, years):
    panel = synthetic_panel(holes)
    table = complete_years(panel, columns)
    assert list(table.index.unique("year")) == years
    assert list(table) == columns
    pd.testing.assert_frame_equal(
        table.sort_index(), panel.frame.loc[pd.IndexSlice[:, years], columns].sort_index()
    )


def test_no_whole_year_is_an_empty_table():
    panel = synthetic_panel([("a", year, "x") for year in (2001, 2002, 2003)])
    assert complete_years(panel, ["x"]).empty
