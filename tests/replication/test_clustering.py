"""Moran's I and local Moran of the main job against their formulas in plain numpy."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.clustering import LOCAL_VARIABLES, measure_clustering

FAMILIES = ("contiguity", "rail")
CITIES = 41
CASES = [("manufacturing", 2005), ("producer_services_5", 2013), ("va_tertiary", 2022), ("krugman", 2019)]
EXACT = {"rel": 1e-10, "abs": 1e-12}


def deviations(values, year):
    """Values of a year less their mean, shape (41,)."""
    one = values.xs(year, level="year").sort_index().to_numpy()
    return one - one.mean()


def matrix(study, family, year):
    """Weights of a year, cities sorted by code."""
    return study.weights[family].array(sorted(study.units.index), [year])[0]


def row(clustering, family, name, year):
    """One row of the table."""
    table = clustering.table.set_index(["weights", "variable", "year"])
    return table.loc[(family, name, year)]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("name", "year"), CASES)
def test_moran_equals_its_formula(study, tested, clustering, family, name, year):
    z, W = deviations(tested[name], year), matrix(study, family, year)
    expected = CITIES / W.sum() * (z @ W @ z) / (z @ z)
    found = row(clustering, family, name, year)
    assert found["I"] == pytest.approx(expected, **EXACT)
    assert found["expected"] == pytest.approx(-1 / (CITIES - 1), **EXACT)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("name", "year"), CASES)
def test_z_under_normality_equals_its_formula(study, clustering, family, name, year):
    W = matrix(study, family, year)
    s0, s1 = W.sum(), 0.5 * ((W + W.T) ** 2).sum()
    s2 = ((W.sum(axis=0) + W.sum(axis=1)) ** 2).sum()
    n, mean = CITIES, -1 / (CITIES - 1)
    variance = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2) - mean**2
    found = row(clustering, family, name, year)
    assert found["z_norm"] == pytest.approx((found["I"] - mean) / np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("name", "year"), CASES[:3])
def test_local_moran_equals_its_formula(study, tested, clustering, family, name, year):
    z, W = deviations(tested[name], year), matrix(study, family, year)
    local = clustering.local[family, name].table
    found = local[local["year"] == year].set_index("unit").sort_index()
    expected = (CITIES - 1) * z * (W @ z) / (z @ z)
    np.testing.assert_allclose(found["I"], expected, rtol=1e-9, atol=1e-12)
    total = row(clustering, family, name, year)["I"] * (CITIES - 1)
    assert found["I"].sum() == pytest.approx(total, rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_quadrants_compare_with_the_mean(study, tested, clustering, family):
    name, year = "manufacturing", 2012
    z, W = deviations(tested[name], year), matrix(study, family, year)
    local = clustering.local[family, name].table
    found = local[local["year"] == year].set_index("unit").sort_index()["quadrant"]
    word = np.array(["L", "H"], dtype=object)
    assert found.tolist() == (word[(z > 0).astype(int)] + word[(W @ z > 0).astype(int)]).tolist()


def test_every_measure_is_tested_in_every_year_it_has(tested, clustering):
    for name, values in tested.items():
        for family in FAMILIES:
            rows = clustering.table[
                (clustering.table["variable"] == name) & (clustering.table["weights"] == family)
            ]
            assert sorted(rows["year"]) == sorted(values.index.unique("year"))
    assert set(clustering.table["variable"]) == set(tested)
    assert list(clustering.table)[:3] == ["weights", "variable", "year"]


def test_local_statistics_of_the_four_main_measures(tested, clustering):
    assert set(clustering.local) == {(family, name) for family in FAMILIES for name in LOCAL_VARIABLES}
    for (_, name), lisa in clustering.local.items():
        assert len(lisa.table) == len(tested[name])
        assert (lisa.table["variable"] == name).all()


def test_permutation_pvalues_are_steps_of_the_draws(clustering, options):
    steps = clustering.table["p_sim"] * (options.permutations + 1) / 2
    inside = clustering.table["p_sim"] < 1
    np.testing.assert_allclose(steps[inside], steps[inside].round(), atol=1e-9)
    assert clustering.table["p_sim"].between(2 / (options.permutations + 1), 1).all()


@pytest.mark.parametrize("name", LOCAL_VARIABLES)
def test_clusters_follow_the_false_discovery_rate_over_all_years(clustering, name):
    table = clustering.local["contiguity", name].table
    p = table["p_sim"].to_numpy()
    order = np.sort(p)
    under = np.flatnonzero(order <= 0.05 * np.arange(1, len(p) + 1) / len(p))
    limit = order[under[-1]] if len(under) else -1.0
    expected = np.where(p <= limit, table["quadrant"], "not significant")
    assert table["cluster"].tolist() == expected.tolist()


@pytest.fixture(scope="module")
def small(tested):
    return {"manufacturing": tested["manufacturing"].loc[pd.IndexSlice[:, [2005, 2019]]]}


def test_the_same_seed_gives_the_same_and_another_only_other_pvalues(study, small):
    first, again, other = (
        measure_clustering(small, study.weights, permutations=99, seed=seed) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first.table, again.table)
    fixed = first.table.columns.drop("p_sim")
    pd.testing.assert_frame_equal(first.table[fixed], other.table[fixed])
    key = ("rail", "manufacturing")
    pd.testing.assert_frame_equal(first.local[key].table, again.local[key].table)
    assert (first.local[key].table["p_sim"] != other.local[key].table["p_sim"]).any()
    np.testing.assert_array_equal(first.local[key].table["I"], other.local[key].table["I"])


def test_the_order_of_rows_does_not_matter(study, small):
    shuffled = {name: values.sample(frac=1, random_state=3) for name, values in small.items()}
    first, second = (
        measure_clustering(data, study.weights, permutations=99, seed=1).table for data in (small, shuffled)
    )
    pd.testing.assert_frame_equal(first, second, rtol=1e-10)
