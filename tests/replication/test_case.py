"""What the checks share: permutation tests against all assignments, sums, names, families of weights."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.case import GROUP_DRAWS, PROVINCES


def test_permutation_p_value_is_that_of_all_assignments(case):
    """Nine made values: all 84 groups of three can be listed."""
    values = pd.Series([1.0, 2.0, 3.5, 5.0, 5.5, 7.0, 9.0, 9.5, 12.0], index=range(9))
    chosen = [5, 7, 8]
    difference, p = case.permuted_difference(values, chosen)
    everything = [
        values[list(group)].mean() - values.drop(list(group)).mean() for group in combinations(range(9), 3)
    ]
    exact = np.mean(np.abs(everything) >= abs(difference) - 1e-9)
    assert difference == pytest.approx(values[chosen].mean() - values.drop(chosen).mean())
    assert p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / GROUP_DRAWS))  # Monte Carlo error


def test_permutation_p_value_of_no_difference_is_one(case):
    flat = pd.Series(1.0, index=range(6))
    assert case.permuted_difference(flat, [0, 1]) == (0.0, 1.0)


def test_the_order_of_rows_does_not_matter_for_the_difference(case):
    jobs = case.at("emp_C_manufacturing", 2019)
    group = case.regions["苏北"]
    shuffled = jobs.sample(frac=1, random_state=1)
    assert case.permuted_difference(jobs, group)[0] == pytest.approx(
        case.permuted_difference(shuffled, group)[0]
    )


def test_sums_of_provinces_are_sums_of_cities(case):
    gdp = case.frame["gdp"].xs(2020, level="year")
    sums = case.province_sums("gdp", 2020)
    assert list(sums) == list(PROVINCES)
    for name, code in PROVINCES.items():
        assert sums[name] == pytest.approx(gdp[gdp.index // 10000 == code // 10000].sum())


def test_shares_of_producer_services_nest(case):
    shares = case.producer_share
    assert sorted(shares) == ["producer_services_4", "producer_services_5", "producer_services_6"]
    last = pd.DataFrame({name: values.xs(2019, level="year") for name, values in shares.items()})
    assert (last["producer_services_4"] < last["producer_services_5"]).all()
    assert (last["producer_services_5"] < last["producer_services_6"]).all()
    assert last.max(axis=None) < 100


def test_bulletins_and_documents_are_found_by_name(case):
    assert case.bulletin("rd_expenditure", 2020)["Jiangsu"] == 3005.9  # NBS bulletin of 2020
    assert case.fact("services_growth_plan") == 7.1  # plan of the city
    assert set(case.bulletin("rd_fte", 2020)) == {*PROVINCES, "China"}


def test_names_and_sets(case):
    assert case.names([320500, 341300]) == "Suzhou (Jiangsu), Suzhou (Anhui)"
    assert case.names([]) == "none"
    assert case.title("苏北") == "Northern Jiangsu"
    assert case.title("other Anhui") == "other Anhui"
    assert case.union("tier1", "tier2") == [310000, 320100, 330100, 340100]


def test_four_families_are_row_standardized(case):
    families = case.panel_families
    assert list(families) == ["contiguity", "distance", "rail time", "economic"]
    for series in families.values():
        np.testing.assert_allclose(series.array(years=[2019]).sum(axis=2), 1.0)
    assert ((families["distance"].array(years=[2019]) > 0).sum(axis=2) == 5).all()


def test_differences_under_dependent_errors_keep_a_large_difference(case):
    """A made difference of ten with little noise: no family of errors can move it far."""
    rng = np.random.default_rng(5)
    units = case.study.units.index
    group = case.regions["苏南"]
    values = pd.Series(rng.normal(0, 0.1, len(units)) + 10.0 * units.isin(group), index=units)
    found = case.differences_by_weights(values, group, 2019)
    assert list(found) == list(case.panel_families)
    np.testing.assert_allclose(list(found.values()), 10.0, atol=0.2)


def test_printed_lists_of_industries(case):
    assert {code: len(names) for code, names in case.leading.items()} == {
        310000: 5,
        320000: 5,
        330000: 5,
        340000: 4,
    }
    assert case.leading[310000][0] == "C36"


def test_nothing_is_added_by_default(case):
    assert case.manufacturing == {}
    assert case.services == {}
