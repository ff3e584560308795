"""Conditional permutation: against plain loops, between numpy and numba, blocks, and exhaustive enumeration."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array

from yrdspatial.autocorrelation import conditional, permutation
from yrdspatial.autocorrelation.conditional import local_tails, sequences, worthwhile
from yrdspatial.autocorrelation.ordered import Links


def random_weights(n, most, *, even, seed=0):
    """Synthetic weights: row i has up to ``most`` neighbours, row 0 none, row 1 the most."""
    rng = np.random.default_rng(seed)
    W = np.zeros((n, n))
    for i in range(1, n):
        degree = most if i == 1 else rng.integers(0, most + 1)
        others = rng.choice(np.delete(np.arange(n), i), degree, replace=False)
        W[i, others] = 1.0 / max(degree, 1) if even else rng.random(degree)
    return csr_array(W)


def variables(n, seed=1):
    """Synthetic: normal, right-skewed, left-skewed, and with many ties."""
    rng = np.random.default_rng(seed)
    return np.column_stack(
        [rng.normal(size=n), rng.exponential(size=n), -rng.exponential(size=n), rng.integers(0, 3, n)]
    )


def exact_pvalues(y, W, squared):
    """All (N - 1)! deals of the others, by brute force: P(draw >= observed), P(draw <= observed)."""
    n, W = len(y), W.toarray()
    above, below = np.empty(n), np.empty(n)
    for i in range(n):
        own, others, w = y[i], np.delete(y, i), np.delete(W[i], i)
        values = (others - own) ** 2 if squared else others
        sums = np.array([w @ np.array(deal) for deal in itertools.permutations(values)])
        above[i] = (sums >= w @ values - 1e-9).mean()
        below[i] = (sums <= w @ values + 1e-9).mean()
    return above, below


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("even", [False, True])
@pytest.mark.parametrize("regime", ["dense", "sparse"])
def test_converges_to_the_exact_distribution(monkeypatch, regime, even, squared):
    if regime == "sparse":
        monkeypatch.setattr(conditional, "FEW", 0)
        monkeypatch.setattr(conditional, "MANY", 1.0)
    W, y = random_weights(7, 3, even=even, seed=3), np.array([0.3, 2.0, 2.0, -1.0, 5.0, 0.1, 0.7])
    tails = local_tails(y[:, None], W, permutations=20_000, seed=4, squared=squared)
    above, below = exact_pvalues(y, W, squared)
    # four standard errors of a share of 20,000 draws
    np.testing.assert_allclose(tails.above[:, 0] / 20_000, above, atol=0.015)
    np.testing.assert_allclose(tails.below[:, 0] / 20_000, below, atol=0.015)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("even", [False, True])
@pytest.mark.parametrize(("n", "most"), [(30, 5), (30, 29), (150, 6), (150, 60)])
def test_numpy_and_numba_count_the_same(n, most, even, squared):
    W, Y = random_weights(n, most, even=even), variables(n)
    plain = local_tails(Y, W, permutations=299, seed=2, squared=squared, compiled=False)
    fast = local_tails(Y, W, permutations=299, seed=2, squared=squared, compiled=True)
    np.testing.assert_array_equal(plain.above, fast.above)
    np.testing.assert_array_equal(plain.below, fast.below)


def test_even_rows_by_binary_search_equal_the_general_way(monkeypatch):
    W, Y = random_weights(200, 6, even=True), variables(200)
    searched = local_tails(Y, W, permutations=499, seed=2, compiled=False)
    monkeypatch.setattr(Links, "of", classmethod(lambda cls, w, of=Links.of.__func__: uneven(of(cls, w))))
    summed = local_tails(Y, W, permutations=499, seed=2, compiled=False)
    np.testing.assert_array_equal(searched.above, summed.above)
    np.testing.assert_array_equal(searched.below, summed.below)


def uneven(links):
    return Links(links.start, links.weight, links.degree, links.total, even=False)


@pytest.mark.parametrize("even", [False, True])
def test_small_blocks_of_units_count_the_same(monkeypatch, even):
    W, Y = random_weights(200, 6, even=even), variables(200)
    whole = local_tails(Y, W, permutations=99, seed=2, squared=True, compiled=False)
    monkeypatch.setattr(conditional, "BLOCK", 1000)
    parts = local_tails(Y, W, permutations=99, seed=2, squared=True, compiled=False)
    np.testing.assert_array_equal(whole.above, parts.above)


def test_a_hub_does_not_widen_the_blocks_of_others(monkeypatch):
    monkeypatch.setattr(conditional, "BLOCK", 600)
    degree = np.array([2, 400, 3, 0, 2, 2, 1])
    parts = list(conditional._alike(degree, 50))
    assert sorted(np.concatenate(parts).tolist()) == list(range(7))
    assert all(part.size * max(degree[part].max(), 50) <= 600 for part in parts)
    assert [1] in [part.tolist() for part in parts]


def test_blocks_of_draws_stay_within_memory(monkeypatch):
    monkeypatch.setattr(permutation, "BLOCK", 400)
    monkeypatch.setattr(conditional, "BLOCK", 400)
    W, Y = random_weights(200, 6, even=True), variables(200)
    tails = local_tails(Y, W, permutations=499, seed=2, compiled=False)
    assert (tails.above + tails.below >= 499).all()
    assert (tails.above <= 499).all()


@pytest.mark.parametrize(("n", "width"), [(1000, 5), (40, 20)])
def test_sequences_are_distinct_and_uniform(n, width):
    block = np.hstack(list(sequences(n, width, 4000, seed=3)))
    assert block.shape == (width, 4000)
    assert (np.diff(np.sort(block, axis=0), axis=0) > 0).all()
    assert block.min() >= 0
    assert block.max() < n
    # the mean rank of each slot: four standard errors of a uniform mean
    assert np.abs(block.mean(axis=1) - (n - 1) / 2).max() < 4 * n / np.sqrt(12 * 4000)


def test_compiled_loops_are_for_long_work_only():
    assert not worthwhile(10**5)
    assert worthwhile(10**9)
