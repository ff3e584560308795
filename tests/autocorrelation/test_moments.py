"""Moments against every permutation of small examples."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import norm

from yrdspatial.autocorrelation.moments import (
    WeightSums,
    dealt_moments,
    geary_variance,
    getis_ord_variance,
    kurtosis,
    moran_variance,
    normal_pvalues,
    squared_moments,
)

W = np.array(
    [
        [0, 0.3, 0, 0, 1, 0],
        [1, 0, 2, 0, 0, 0],
        [0, 1, 0, 0.7, 0, 0.1],
        [0, 0, 3, 0, 0, 0],
        [0.2, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0],
    ]
)
Y = np.array([1.0, 2, 2.5, 7, 0.3, 4])
ALL = [np.array(deal) for deal in itertools.permutations(Y)]
SUMS = WeightSums.of(csr_array(W))


def test_sums_are_their_definitions():
    pairs = [(i, j) for i in range(6) for j in range(6)]
    assert SUMS.s0 == pytest.approx(sum(W[i, j] for i, j in pairs))
    assert SUMS.s1 == pytest.approx(sum((W[i, j] + W[j, i]) ** 2 for i, j in pairs) / 2)
    assert SUMS.s2 == pytest.approx(sum((W[i].sum() + W[:, i].sum()) ** 2 for i in range(6)))


def test_randomization_moments_are_those_of_all_permutations():
    z, b2 = Y - Y.mean(), kurtosis(Y[:, None])
    moran = [6 / W.sum() * (y - Y.mean()) @ W @ (y - Y.mean()) / (z @ z) for y in ALL]
    geary = [5 / (2 * W.sum()) * (W * np.subtract.outer(y, y) ** 2).sum() / (z @ z) for y in ALL]
    getis = [y @ W @ y / (Y.sum() ** 2 - (Y**2).sum()) for y in ALL]
    assert np.mean(moran) == pytest.approx(-1 / 5)
    assert moran_variance(SUMS, b2)[0] == pytest.approx(np.var(moran))
    assert np.mean(geary) == pytest.approx(1)
    assert geary_variance(SUMS, b2)[0] == pytest.approx(np.var(geary))
    assert np.mean(getis) == pytest.approx(SUMS.s0 / 30)
    assert getis_ord_variance(SUMS, Y[:, None])[0] == pytest.approx(np.var(getis))


def test_normal_moments_are_those_of_normal_samples():
    # 40,000 samples: the standard error of a variance is about 0.7 to 1.5 per cent
    y = np.random.default_rng(1).normal(size=(6, 40_000))
    z = y - y.mean(axis=0)
    moran = 6 / W.sum() * (z * (W @ z)).sum(axis=0) / (z**2).sum(axis=0)
    form = (W.sum(axis=0) + W.sum(axis=1)) @ z**2 - 2 * (z * (W @ z)).sum(axis=0)
    geary = 5 / (2 * W.sum()) * form / (z**2).sum(axis=0)
    assert float(moran_variance(SUMS)) == pytest.approx(moran.var(), rel=0.05)
    assert float(geary_variance(SUMS)) == pytest.approx(geary.var(), rel=0.05)


@pytest.mark.parametrize("squared", [False, True])
def test_local_moments_are_those_of_all_deals(squared):
    moments = squared_moments if squared else dealt_moments
    mean, variance = moments(Y[:, None], csr_array(W))
    for i in range(6):
        others, w = np.delete(Y, i), np.delete(W[i], i)
        g = (others - Y[i]) ** 2 if squared else others
        sums = [w @ np.array(deal) for deal in itertools.permutations(g)]
        assert mean[i, 0] == pytest.approx(np.mean(sums))
        assert variance[i, 0] == pytest.approx(np.var(sums), rel=1e-9, abs=1e-12)


def test_equal_weights_on_all_others_leave_no_variance():
    everyone = csr_array((1 - np.eye(6)) * 0.3)
    assert (dealt_moments(Y[:, None], everyone)[1] == 0).all()


def test_kurtosis_and_tails():
    assert kurtosis(np.array([[1.0, 1], [-1, 2], [1, 3], [-1, 6]])).tolist() == pytest.approx([1, 2])
    z = np.array([-2.0, 0.5])
    assert normal_pvalues(z).tolist() == pytest.approx((2 * norm.sf(np.abs(z))).tolist())
    assert normal_pvalues(z, "greater").tolist() == pytest.approx(norm.sf(z).tolist())
    assert normal_pvalues(z, "less").tolist() == pytest.approx(norm.cdf(z).tolist())
