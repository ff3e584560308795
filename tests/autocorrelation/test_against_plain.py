"""Every statistic against the plain loops of ``reference/plain_autocorrelation``, which know places by name only."""

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.autocorrelation.chains import ergodic_distribution

FILE = Path(__file__).parents[1] / "reference" / "plain_autocorrelation" / "engine.py"
SPEC = importlib.util.spec_from_file_location("plain_autocorrelation", FILE)
plain = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(plain)

PLACES = ["sheshan", "anqing", "yiwu", "haimen", "bozhou", "tongling", "linhai"]
YEARS = [2006, 2007, 2008]
SAME = 1e-10  # two ways to add up the same numbers
DRAWS = 20_000
MONTE_CARLO = 0.015  # four standard errors of a share of 20,000 draws


def random_weights(seed, *, island=False):
    """Synthetic: directed weights of all sizes; with ``island``, nobody ties to the last place."""
    rng = np.random.default_rng(seed)
    W = np.where(rng.random((7, 7)) < 0.5, rng.random((7, 7)), 0.0)
    W[0, 1] = W[1, 0] = W[2, 3] = 1.0
    np.fill_diagonal(W, 0.0)
    if island:
        W[-1] = W[:, -1] = 0.0
    return pd.DataFrame(W, PLACES, PLACES)


def as_pairs(W):
    """Weights as the plain engine wants them."""
    return {(i, j): float(W.loc[i, j]) for i in W.index for j in W.columns if W.loc[i, j] > 0}


@pytest.fixture(scope="module", params=[False, True], ids=["linked", "island"])
def years(request):
    """Weights that change every year."""
    return {year: random_weights(year, island=request.param) for year in YEARS}


@pytest.fixture(scope="module")
def series(years):
    return yrd.WeightsSeries(years)


@pytest.fixture(scope="module")
def data():
    """Synthetic: positive, skewed, with a tie in 2007; rows in no order."""
    rng = np.random.default_rng(12)
    index = pd.MultiIndex.from_product([PLACES, YEARS], names=["unit", "year"])
    table = pd.DataFrame({"x": rng.lognormal(size=21), "y": rng.gamma(2, size=21)}, index)
    table.loc[("yiwu", 2007), "y"] = table.loc[("bozhou", 2007), "y"]
    return table.sample(frac=1, random_state=5)


def year_of(data, name, year):
    return data[name].xs(year, level="year").to_dict()


def lisa_of(result, statistic):
    """Give the values of a local statistic by year and place."""
    table = result.table.set_index(["year", "unit"])
    return table[statistic], table


def test_global_statistics(data, series, years):
    options = {"permutations": 9, "seed": 1}
    tables = {
        "I": (yrd.moran(data["y"], series, **options), plain.moran),
        "C": (yrd.geary(data["y"], series, **options), plain.geary),
        "G": (yrd.getis_ord(data["y"], series, **options), plain.getis_ord),
    }
    for name, (table, statistic) in tables.items():
        wanted = [statistic(year_of(data, "y", year), as_pairs(years[year])) for year in YEARS]
        np.testing.assert_allclose(table[name], wanted, rtol=SAME)
        assert table["year"].tolist() == YEARS


def test_bivariate_statistic(data, series, years):
    table = yrd.bivariate_moran(data, series, ("x", "y"), permutations=9, seed=1)
    wanted = [
        plain.bivariate(year_of(data, "x", year), year_of(data, "y", year), as_pairs(years[year]))
        for year in YEARS
    ]
    np.testing.assert_allclose(table["I"], wanted, rtol=SAME)


def test_global_moments_are_those_of_all_reassignments(data, series, years):
    options = {"permutations": 9, "seed": 1}
    y, w = year_of(data, "y", 2007), as_pairs(years[2007])
    moran = yrd.moran(data["y"], series, **options).iloc[1]
    mean, variance = plain.enumerated(y, lambda deal: plain.moran(deal, w))
    assert moran["expected"] == pytest.approx(mean)
    assert moran["z_rand"] == pytest.approx((moran["I"] - mean) / variance**0.5)
    assert plain.moran_moments(y, w, randomization=True) == pytest.approx((mean, variance))
    norm = plain.moran_moments(y, w, randomization=False)
    assert moran["z_norm"] == pytest.approx((moran["I"] - norm[0]) / norm[1] ** 0.5)
    geary = yrd.geary(data["y"], series, **options).iloc[1]
    mean, variance = plain.enumerated(y, lambda deal: plain.geary(deal, w))
    assert geary["z_rand"] == pytest.approx((mean - geary["C"]) / variance**0.5)
    getis = yrd.getis_ord(data["y"], series, **options).iloc[1]
    mean, variance = plain.enumerated(y, lambda deal: plain.getis_ord(deal, w))
    assert getis["z_rand"] == pytest.approx((getis["G"] - mean) / variance**0.5)


def test_global_pvalues_converge_to_all_reassignments(data, series, years):
    y, w = year_of(data, "y", 2006), as_pairs(years[2006])
    places = list(y)

    deals = [dict(zip(places, deal, strict=True)) for deal in itertools.permutations(y.values())]
    for function, statistic in ((yrd.moran, plain.moran), (yrd.getis_ord, plain.getis_ord)):
        draws = [statistic(deal, w) for deal in deals]
        above, below = plain.tails(statistic(y, w), draws)
        for alternative, share in (("greater", above), ("less", below)):
            found = function(
                data["y"], series, year=2006, permutations=DRAWS, seed=1, alternative=alternative
            ).loc[0, "p_sim"]
            assert found == pytest.approx(share, abs=MONTE_CARLO)
    draws = [plain.geary(deal, w) for deal in deals]
    above, below = plain.tails(plain.geary(y, w), draws)
    found = yrd.geary(data["y"], series, year=2006, permutations=DRAWS, seed=1, alternative="greater").loc[
        0, "p_sim"
    ]
    assert found == pytest.approx(below, abs=MONTE_CARLO)


LOCAL = {
    "moran": (yrd.local_moran, plain.local_moran, "I"),
    "geary": (yrd.local_geary, plain.local_geary, "C"),
    "g": (yrd.local_g, plain.local_g, "G"),
}


@pytest.mark.parametrize("name", LOCAL)
def test_local_statistics(data, series, years, name):
    function, statistic, column = LOCAL[name]
    found, table = lisa_of(function(data["y"], series, permutations=9, seed=1), column)
    for year in YEARS:
        y, w = year_of(data, "y", year), as_pairs(years[year])
        wanted = statistic(y, w)
        for place in PLACES:
            assert found[year, place] == pytest.approx(wanted[place], rel=SAME, abs=1e-12)
            assert table.loc[(year, place), "quadrant"] == plain.quadrant(y, w, place)


@pytest.mark.parametrize("name", LOCAL)
def test_local_moments_and_pvalues_are_those_of_all_deals(data, series, years, name):
    function, statistic, column = LOCAL[name]
    _, table = lisa_of(function(data["y"], series, permutations=DRAWS, seed=1), column)
    y, w = year_of(data, "y", 2007), as_pairs(years[2007])
    for place in PLACES:
        row = table.loc[(2007, place)]
        if row["flag"] == "island":
            assert row["p_sim"] == 1
            continue
        draws = plain.local_draws(y, w, place, statistic)
        assert row["expected"] == pytest.approx(plain.mean(draws), rel=1e-9)
        spread = plain.variance(draws) ** 0.5
        assert row["z"] == pytest.approx((row[column] - plain.mean(draws)) / spread, rel=1e-6)
        assert row["p_sim"] == pytest.approx(plain.two_sided(row[column], draws), abs=2 * MONTE_CARLO)


def test_local_bivariate(data, series, years):
    result = yrd.local_bivariate_moran(data, series, ("x", "y"), permutations=DRAWS, seed=1)
    found, table = lisa_of(result, "I")
    for year in YEARS:
        x, y, w = year_of(data, "x", year), year_of(data, "y", year), as_pairs(years[year])
        wanted = plain.local_bivariate(x, y, w)
        assert [found[year, place] for place in PLACES] == pytest.approx(
            [wanted[place] for place in PLACES], rel=SAME
        )
    x, y, w = year_of(data, "x", 2008), year_of(data, "y", 2008), as_pairs(years[2008])
    for place in PLACES:
        if table.loc[(2008, place), "flag"] == "island":
            continue
        draws = plain.local_draws(y, w, place, lambda deal, weights: plain.local_bivariate(x, deal, weights))
        wanted = plain.two_sided(found[2008, place], draws)
        assert table.loc[(2008, place), "p_sim"] == pytest.approx(wanted, abs=2 * MONTE_CARLO)


def test_local_g_star(data, series, years):
    found, table = lisa_of(yrd.local_g(data["y"], series, star=True, permutations=9, seed=1), "G")
    for year in YEARS:
        y, w = year_of(data, "y", year), as_pairs(years[year])
        wanted = plain.local_g(y, w, star=True)
        assert [found[year, p] for p in PLACES] == pytest.approx([wanted[p] for p in PLACES], rel=SAME)
    y, w = year_of(data, "y", 2006), as_pairs(years[2006])
    for place in PLACES[:3]:
        draws = [
            plain.local_g(dict(zip(y, deal, strict=True)), w, star=True)[place]
            for deal in itertools.permutations(y.values())
        ]
        row = table.loc[(2006, place)]
        assert row["expected"] == pytest.approx(plain.mean(draws), rel=1e-9)
        assert row["z"] == pytest.approx(
            (row["G"] - plain.mean(draws)) / plain.variance(draws) ** 0.5, rel=1e-6
        )


def test_corrected_clusters(data, series):
    for family in ("call", "map"):
        result = yrd.local_moran(data, series, permutations=199, seed=3, alpha=0.6).readjust(family=family)
        table = result.table
        tested = table[table["flag"] != "island"]
        groups = [tested] if family == "call" else [part for _, part in tested.groupby(["variable", "year"])]
        rejected = set()
        for part in groups:
            rejected |= {part.index[position] for position in plain.step_up(part["p_sim"].tolist(), 0.6)}
        assert (
            set(table.index[table["p_adjusted"] <= 0.6]) - set(table.index[table["flag"] == "island"])
            == rejected
        )
        assert set(table.index[table["cluster"] != "not significant"]) <= rejected


def test_pooled_statistic_and_moments(data, series, years):
    panel = {year: year_of(data, "y", year) for year in YEARS}
    weights = {year: as_pairs(years[year]) for year in YEARS}
    row = yrd.pooled_moran(data["y"], series, permutations=99, seed=1).iloc[0]
    assert row["I"] == pytest.approx(plain.pooled(panel, weights), rel=SAME)
    # four places and two years are few enough to enumerate all pairs of reassignments
    few = PLACES[:4]
    short = {year: {place: panel[year][place] for place in few} for year in YEARS[:2]}
    tied = {
        year: dict.fromkeys([(few[0], few[1]), (few[1], few[0]), (few[2], few[3])], 1.0) for year in YEARS[:2]
    }
    mean, variance = plain.enumerated_years(short, lambda deal: plain.pooled(deal, tied))
    W = pd.DataFrame([[tied[2006].get((i, j), 0.0) for j in few] for i in few], few, few)
    part = data["y"][data.index.get_level_values(0).isin(few)]
    found = yrd.pooled_moran(part, W, year=YEARS[:2], permutations=99, seed=1).iloc[0]
    assert found["expected"] == pytest.approx(mean)
    assert found["z_rand"] == pytest.approx((found["I"] - mean) / variance**0.5)


def test_residual_statistic_and_draws(data, series, years):
    centred = data["y"] - data["y"].groupby(level="year").transform("mean")
    panel = {year: centred.xs(year, level="year").to_dict() for year in YEARS}
    weights = {year: as_pairs(years[year]) for year in YEARS}
    draws = plain.enumerated_histories(panel, lambda moved: plain.pooled(moved, weights))
    row = yrd.residual_moran(centred, series, permutations=DRAWS, seed=1).iloc[0]
    assert row["I"] == pytest.approx(plain.pooled(panel, weights), rel=SAME)
    spread = plain.variance(draws) ** 0.5
    assert row["expected"] == pytest.approx(plain.mean(draws), abs=4 * spread / DRAWS**0.5)
    assert row["z_sim"] == pytest.approx((row["I"] - plain.mean(draws)) / spread, abs=0.05)
    assert row["p_sim"] == pytest.approx(plain.two_sided(row["I"], draws), abs=2 * MONTE_CARLO)


def test_joins(series, years):
    rng = np.random.default_rng(8)
    index = pd.MultiIndex.from_product([PLACES, YEARS])
    kinds = pd.Series(rng.choice(["port", "rail", "none"], 21), index, name="kind")
    table = yrd.join_counts(kinds, series, permutations=DRAWS, seed=1)
    for row in table.itertuples():
        kind, w = kinds.xs(row.year, level=1).to_dict(), as_pairs(years[row.year])
        assert row.joins == pytest.approx(plain.joins(kind, w, row.first, row.second))
        if row.year != 2006:
            continue
        mean, variance = plain.enumerated(
            kind, lambda deal, row=row, w=w: plain.joins(deal, w, row.first, row.second)
        )
        assert row.expected == pytest.approx(mean)
        assert np.isnan(row.z) or row.z == pytest.approx((row.joins - mean) / variance**0.5)


def test_markov_chains(data, years):
    histories = {place: data["y"].xs(place, level="unit").sort_index().tolist() for place in PLACES}
    cuts = [1.2, 2.0]
    counts = plain.moves(histories, cuts)
    chain = yrd.markov(data["y"], classes=cuts)
    assert chain.counts.to_numpy().tolist() == counts
    one = years[2006]
    spatial = yrd.spatial_markov(data["y"], one, classes=cuts, lag_classes=[1.0])
    by_lag = plain.moves_by_lag(histories, as_pairs(one), cuts, [1.0])
    assert [part.counts.to_numpy().tolist() for part in spatial.chains.values()] == by_lag
    assert spatial.tests["statistic"].tolist() == pytest.approx(plain.homogeneity(by_lag))
    full = np.array(counts) + 1
    rows = (full / full.sum(axis=1, keepdims=True)).tolist()
    assert ergodic_distribution(full).tolist() == pytest.approx(plain.long_run(rows))


def test_rates():
    rng = np.random.default_rng(2)
    people = pd.Series(rng.integers(50, 5000, 7).astype(float), PLACES)
    events = pd.Series(rng.integers(0, 40, 7).astype(float), PLACES)
    wanted = plain.smoothed_rates(events.to_dict(), people.to_dict())
    assert yrd.empirical_bayes_rates(events, people).to_dict() == pytest.approx(wanted)
