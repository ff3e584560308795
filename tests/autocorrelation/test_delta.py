"""The real panel: known numbers, the break of 2013, and formulas written a second time."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd

SEED = 12345


@pytest.fixture(scope="module")
def quotients():
    """Location quotient of manufacturing employment, by its definition."""
    panel = yrd.load_panel().select(columns=yrd.sector_sets()["sectors_19"], years=range(2006, 2020)).frame
    own = panel["emp_C_manufacturing"] / panel.sum(axis=1)
    by_year = panel.groupby(level="year").sum()
    region = by_year["emp_C_manufacturing"] / by_year.sum(axis=1)
    return (own / region.reindex(own.index, level="year")).rename("manufacturing")


@pytest.fixture(scope="module")
def contiguity():
    return yrd.contiguity_weights()


def test_the_step_of_2013_is_coverage(quotients, contiguity):
    # computed apart from this package when the break was found: 0.455 in 2012, 0.314 in 2013
    table = yrd.moran(quotients, contiguity, permutations=99, seed=SEED).set_index("year")
    assert table.loc[2012, "I"] == pytest.approx(0.455, abs=5e-4)
    assert table.loc[2013, "I"] == pytest.approx(0.314, abs=5e-4)
    steps = table["I"].diff().abs()
    assert steps.idxmax() == 2013


def test_statistic_by_the_neighbours_of_each_city(quotients, contiguity):
    # independent: the definition over the adjacency list, city by city
    year = quotients.xs(2010, level="year")
    z = year - year.mean()
    cross = 0.0
    for city in year.index:
        near = contiguity[city]
        cross += float(z[city]) * float((near / near.sum() * z.reindex(near.index)).sum())
    wanted = cross / float((z**2).sum())
    found = yrd.moran(quotients, contiguity, year=2010, permutations=9, seed=SEED).loc[0, "I"]
    assert found == pytest.approx(wanted, rel=1e-10)


def test_local_values_sum_to_the_global_one(quotients, contiguity):
    whole = yrd.moran(quotients, contiguity, permutations=9, seed=SEED)["I"]
    local = yrd.local_moran(quotients, contiguity, permutations=9, seed=SEED).table
    sums = local.groupby("year")["I"].sum().to_numpy()
    np.testing.assert_allclose(sums / 40, whole, rtol=1e-10)


def test_the_pinyin_twins_are_told_apart(quotients, contiguity):
    # Suzhou in Jiangsu is in a cluster of high values and Suzhou in Anhui is not
    result = yrd.local_moran(quotients, contiguity, year=2008, permutations=9999, seed=SEED)
    clusters = result.clusters()
    assert clusters[yrd.find_unit("苏州")] == "HH"
    assert clusters[yrd.find_unit("宿州")] != "HH"


def test_clusters_lie_where_theory_has_them(quotients, contiguity):
    """Around 2008 manufacturing is concentrated in southern Jiangsu and Shanghai, and thin in northern Anhui."""
    clusters = yrd.local_moran(quotients, contiguity, year=2008, permutations=9999, seed=SEED).clusters()
    high = set(clusters.index[clusters == "HH"])
    provinces = {code // 10_000 for code in high}
    assert high
    assert 34 not in provinces
    assert {code // 10_000 for code in clusters.index[clusters == "LL"]} <= {32, 34}


def test_zhoushan_without_a_bridge_is_an_island(quotients):
    apart = yrd.contiguity_weights(islands="keep")
    result = yrd.local_moran(
        quotients, apart, year=2010, permutations=99, seed=SEED, correction="none", alpha=1.0
    )
    zhoushan = result.table.set_index("unit").loc[yrd.find_unit("舟山")]
    assert zhoushan[["flag", "cluster", "p_sim"]].tolist() == ["island", "not significant", 1.0]
    assert result.family == "40 tests (41 units, 1 without neighbours left out)"


def test_rail_weights_of_the_year(quotients):
    years = [2007, 2012, 2017]
    rail = yrd.rail_weights(yrd.travel_times(years))
    table = yrd.moran(quotients, rail, year=years, permutations=99, seed=SEED).set_index("year")
    for year in years:
        y = quotients.xs(year, level="year")
        W = rail.array(units=y.index, years=[year])[0]
        z = (y - y.mean()).to_numpy()
        assert table.loc[year, "I"] == pytest.approx(41 / W.sum() * z @ W @ z / (z @ z), rel=1e-10)


def test_a_whole_table_in_one_call(contiguity):
    """Nineteen sectors, fourteen years: every row equals its own call."""
    panel = yrd.load_panel().select(columns=yrd.sector_sets()["sectors_19"], years=range(2006, 2020))
    shares = panel.frame.div(panel.frame.sum(axis=1), axis=0)
    table = yrd.moran(shares, contiguity, permutations=99, seed=SEED)
    assert len(table) == 19 * 14
    for variable, year in (("emp_finance", 2009), ("emp_C_manufacturing", 2019)):
        alone = yrd.moran(shares[variable].xs(year, level="year"), contiguity, permutations=99, seed=SEED)
        row = table[(table["variable"] == variable) & (table["year"] == year)]
        for column in ("I", "z_norm", "z_rand", "p_sim"):
            assert row[column].item() == pytest.approx(alone[column].item(), rel=1e-12)


def test_quadrants_are_sticky(quotients, contiguity):
    chain = yrd.lisa_markov(
        yrd.local_moran(quotients, contiguity, year=range(2006, 2013), permutations=9, seed=SEED)
    )
    assert (np.diag(chain.probabilities) > 0.8).all()
    assert chain.counts.to_numpy().sum() == 41 * 6
    assert chain.ergodic.sum() == pytest.approx(1)


def test_ranks_hardly_move(quotients):
    table = yrd.rank_mobility(quotients)
    assert len(table) == 13
    assert (table["kendall"] > 0.7).all()
    # more ranks move across the change of coverage than in any other year
    assert table.set_index("next_year")["mean_change"].idxmax() == 2013


def test_a_spatial_chain_of_specialization(quotients, contiguity):
    result = yrd.spatial_markov(quotients, contiguity, classes=3, year=range(2006, 2013))
    assert result.counts.to_numpy().sum() == 41 * 6
    assert result.tests["pvalue"].between(0, 1).all()
    assert set(result.chains) == {"1", "2", "3"}
    assert result.pooled.counts.to_numpy().sum() == 41 * 6


def test_corridor_cities_are_neighbours_of_each_other(contiguity):
    regions = yrd.load_regions()
    name = regions["region"].iloc[0]
    members = regions.loc[regions["region"] == name, "adcode"]
    units = contiguity.unique_ids
    inside = pd.Series(units.isin(members), units, name=name)
    table = yrd.join_counts(inside, (yrd.contiguity_weights(standardize="none")), permutations=999, seed=SEED)
    borders = {(i, j) for i in members for j in contiguity[i].index if j in set(members)}
    same = table[(table["first"] == "True") & (table["second"] == "True")]
    assert same["joins"].item() == len(borders) / 2
