"""Location quotients and Krugman indices of the main job against their formulas in plain numpy."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.panel.columns import sector_sets
from yrdspatial.panel.panel import Panel
from yrdspatial.replication.specialization import SERVICE_SETS, measure_specialization

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


def test_quotients_do_not_depend_on_the_order_of_rows(study, measures):
    shuffled = Panel.from_frame(study.panel.frame.sample(frac=1, random_state=5))
    again = measure_specialization(shuffled)
    pd.testing.assert_frame_equal(again.groups, measures.groups, rtol=1e-12, check_like=True)
    pd.testing.assert_series_equal(again.krugman, measures.krugman, rtol=1e-12, check_names=False)


def test_flags_of_the_panel_travel_with_the_quotients(measures):
    notes = " ".join(measures.groups.attrs["notes"])
    assert "Suzhou (Anhui) 2017" in notes  # imputed: facts of the panel
    assert "Huainan 2022" in " ".join(measures.value_added.attrs["notes"])
