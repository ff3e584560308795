"""Markov chains of places against giddy's published numbers and the printed example; rank mobility against scipy."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, kendalltau, spearmanr

import yrdspatial as yrd
from yrdspatial.autocorrelation.chains import ergodic_distribution, first_passage_times, homogeneity
from yrdspatial.autocorrelation.dynamics import Markov
from yrdspatial.errors import GapError, SpecificationError

FOLDER = Path(__file__).parents[1] / "reference" / "m01_markov_usincome"
PRINTED = 1e-9  # the reference holds full double precision


@pytest.fixture(scope="module")
def expected():
    return json.loads((FOLDER / "expected.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def income():
    table = pd.read_csv(FOLDER / "data.csv", index_col="state").rename_axis(columns="year")
    table.columns = table.columns.astype(int)
    long = table.reset_index().melt(id_vars="state", var_name="year", value_name="income")
    return long.astype({"year": int}).set_index(["state", "year"])["income"].sort_index()


@pytest.fixture(scope="module")
def neighbours(income):
    states = income.index.get_level_values(0).unique()
    W = np.zeros((48, 48))
    links = pd.read_csv(FOLDER / "w.csv")
    W[links["i"] - 1, links["j"] - 1] = 1
    return pd.DataFrame(W / W.sum(axis=1, keepdims=True), states, states)


@pytest.fixture(scope="module")
def quintiles(income):
    """Quintile of the year, 1 to 5; a value equal to a cut belongs below it, as in giddy."""
    table = income.reset_index().pivot_table(index="state", columns="year", values="income")
    cuts = table.quantile([0.2, 0.4, 0.6, 0.8])
    codes = {year: np.searchsorted(cuts[year], table[year]) + 1 for year in table}
    found = income.astype(float).copy()
    for state, year in found.index:
        found[state, year] = codes[year][table.index.get_loc(state)]
    return found


def test_markov_chain_of_quintiles(quintiles, expected):
    chain = yrd.markov(quintiles, classes=[1, 2, 3, 4])
    wanted = expected["quantile5_per_year"]
    np.testing.assert_array_equal(chain.counts, wanted["transitions"])
    np.testing.assert_allclose(chain.probabilities, wanted["p"], rtol=PRINTED)
    np.testing.assert_allclose(chain.ergodic, wanted["steady_state"], rtol=PRINTED)
    np.testing.assert_allclose(chain.ergodic, expected["published"]["markov_steady_state"], atol=5e-9)
    np.testing.assert_allclose(chain.sojourn, wanted["sojourn"], rtol=PRINTED)
    np.testing.assert_allclose(chain.first_passage, wanted["mfpt"], rtol=PRINTED)


def test_spatial_markov_chain(income, neighbours, expected):
    wanted = expected["spatial_markov_fixed_k5_m5"]
    chain = yrd.spatial_markov(income, neighbours, classes=5, relative=True)
    assert chain.cuts == pytest.approx(wanted["cutoffs"], rel=PRINTED)
    assert len(chain.lag_cuts) == 4
    counts = np.stack([part.counts for part in chain.chains.values()])
    np.testing.assert_array_equal(counts, wanted["T"])
    np.testing.assert_allclose(chain.ergodic, wanted["S"], rtol=1e-8)
    np.testing.assert_allclose(chain.chains["1"].first_passage, wanted["F0"], rtol=1e-8)
    np.testing.assert_array_equal(chain.pooled.counts, counts.sum(axis=0))
    tests = chain.tests.set_index("test")
    assert tests.loc["LR", "statistic"] == pytest.approx(wanted["LR"], rel=PRINTED)
    assert tests.loc["Q", "statistic"] == pytest.approx(wanted["Q"], rel=PRINTED)
    assert tests["df"].tolist() == [wanted["dof"]] * 2
    np.testing.assert_allclose(chain.contributions, [row[0] for row in wanted["chi2"]], rtol=PRINTED)


def test_lisa_markov_chain(income, neighbours, expected):
    lisa = yrd.local_moran(income, neighbours, permutations=1, seed=1)
    chain = yrd.lisa_markov(lisa)
    assert list(chain.counts.index) == ["HH", "LH", "LL", "HL"]
    np.testing.assert_array_equal(chain.counts, expected["published"]["lisa_transitions"])
    np.testing.assert_allclose(chain.ergodic, expected["lisa_markov"]["steady_state"], rtol=PRINTED)


@pytest.fixture
def small():
    index = pd.MultiIndex.from_product([list("abcd"), range(2005, 2009)])
    return pd.Series([1.0, 2, 3, 4, 2, 3, 1, 3, 4, 3, 2, 1, 3, 4, 4, 2], index, name="y")


def test_printed_example_of_the_path(small, chain):
    # own code and giddy 2.3.8 agree on these numbers
    result = yrd.spatial_markov(small, chain, classes=[2.5])
    assert result.pooled.counts.to_numpy().tolist() == [[2, 3], [3, 4]]
    assert [c.counts.to_numpy().tolist() for c in result.chains.values()] == [
        [[2, 2], [2, 2]],
        [[0, 1], [1, 2]],
    ]
    assert result.tests["statistic"].tolist() == pytest.approx([1.381390, 1.027778], abs=1e-6)
    assert result.tests["df"].tolist() == [2, 2]
    assert result.pooled.ergodic.tolist() == pytest.approx([0.416667, 0.583333], abs=1e-6)


def test_contributions_add_up_to_the_test(small, chain):
    result = yrd.spatial_markov(small, chain, classes=[2.5])
    assert result.contributions.sum() == pytest.approx(result.tests["statistic"][1])
    assert list(result.contributions.index) == ["1", "2"]


def test_row_order_and_names_do_not_matter(small, chain):
    names = dict(zip("abcd", "dbca", strict=True))
    moved = small.rename(index=names, level=0).sample(frac=1, random_state=1)
    W = chain.rename(index=names, columns=names).sample(frac=1, random_state=2)
    first, second = (yrd.spatial_markov(*pair, classes=[2.5]) for pair in ((small, chain), (moved, W)))
    pd.testing.assert_frame_equal(first.counts, second.counts)


def test_a_value_equal_to_a_cut_belongs_below_it(small):
    assert yrd.markov(small, classes=[3.0]).counts.to_numpy().tolist() == [[7, 2], [2, 1]]


def test_homogeneity_is_the_sum_of_contingency_tables():
    # independent formula: Q and LR are sums over classes i of tests of independence of (lag class, class after)
    counts = np.random.default_rng(1).integers(1, 20, (3, 4, 4))
    found = homogeneity(counts).set_index("test")
    pearson = [chi2_contingency(counts[:, i], correction=False) for i in range(4)]
    ratio = [chi2_contingency(counts[:, i], correction=False, lambda_="log-likelihood") for i in range(4)]
    assert found.loc["Q", "statistic"] == pytest.approx(sum(part.statistic for part in pearson))
    assert found.loc["LR", "statistic"] == pytest.approx(sum(part.statistic for part in ratio))
    assert found["df"].tolist() == [sum(part.dof for part in pearson)] * 2


def test_ergodic_distribution_needs_one_closed_set():
    assert np.isnan(ergodic_distribution(np.array([[3, 0], [0, 2]]))).all()
    assert np.isnan(ergodic_distribution(np.array([[3, 1], [0, 0]]))).all()
    assert ergodic_distribution(np.array([[1, 1, 0], [0, 1, 1], [0, 1, 1]])) == pytest.approx([0, 0.5, 0.5])
    assert np.isnan(first_passage_times(np.array([[1, 1, 0], [0, 1, 1], [0, 1, 1]]))).all()


def test_passage_times_solve_their_equations():
    P = np.random.default_rng(2).dirichlet(np.ones(4), 4)
    M = first_passage_times(P)
    np.testing.assert_allclose(M, 1 + P @ (M - np.diag(np.diag(M))), rtol=1e-9)


def test_a_class_that_is_kept_for_ever_has_an_infinite_sojourn():
    chain = Markov(pd.DataFrame([[1, 1], [0, 3]], list("ab"), list("ab")))
    assert chain.sojourn.tolist() == [2.0, np.inf]


def test_rank_mobility_equals_scipy(income):
    table = yrd.rank_mobility(income, year=[1929, 1950, 2009])
    assert table[["year", "next_year"]].to_numpy().tolist() == [[1929, 1950], [1950, 2009]]
    wide = income.reset_index().pivot_table(index="state", columns="year", values="income")
    for row, (a, b) in zip(table.itertuples(), [(1929, 1950), (1950, 2009)], strict=True):
        assert row.kendall == pytest.approx(kendalltau(wide[a], wide[b]).statistic)
        assert row.spearman == pytest.approx(spearmanr(wide[a], wide[b]).statistic)
        assert row.mean_change == pytest.approx((wide[a].rank() - wide[b].rank()).abs().mean())


def test_bad_requests(small, chain):
    with pytest.raises(SpecificationError, match="one year has no moves"):
        yrd.markov(small, year=2005)
    with pytest.raises(SpecificationError, match="one year has no mobility"):
        yrd.rank_mobility(small, year=2005)
    with pytest.raises(SpecificationError, match="select one column"):
        yrd.markov(pd.DataFrame({"a": small, "b": small}))
    with pytest.raises(SpecificationError, match="1 classes"):
        yrd.spatial_markov(small, chain, classes=1)
    with pytest.raises(GapError, match="c, y, 2007"):
        yrd.markov(small.drop(("c", 2007)))
