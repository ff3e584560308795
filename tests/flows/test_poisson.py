"""The core of the gravity equation: existence of a maximum, and effects taken out exactly."""

import numpy as np
import pytest

from yrdspatial.errors import EstimationError
from yrdspatial.flows.absorption import absorb, linked
from yrdspatial.flows.poisson import dependent, fit_log, fit_poisson, separated, weighted_fit


def made_up(seed=0, periods=2, units=6):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(0.1, 2.0, (periods, units, units)) * (rng.random((periods, units, units)) < 0.8)
    return rng, weights, rng.normal(size=(periods, units, units, 2))


def test_absorbing_is_weighted_least_squares_on_dummies():
    _, weights, values = made_up()
    weights[0, 2] = 0.0  # an origin without a pair
    found = absorb(values, weights)
    t, i, j = np.nonzero(weights)
    dummies = np.zeros((len(t), 24))
    dummies[np.arange(len(t)), 6 * t + i] = 1
    dummies[np.arange(len(t)), 12 + 6 * t + j] = 1
    root = np.sqrt(weights[t, i, j])[:, None]
    b, *_ = np.linalg.lstsq(root * dummies, root * values[t, i, j], rcond=None)
    np.testing.assert_allclose(found.residual[t, i, j], values[t, i, j] - dummies @ b, atol=1e-11)
    assert (found.residual[weights == 0] == 0).all()
    np.testing.assert_allclose(found.destination.sum(axis=1), 0, atol=1e-11)
    assert (found.origin[0, 2] == 0).all()


def test_links():
    chain = np.zeros((1, 4, 4), dtype=bool)
    chain[0, [0, 1, 1, 2], [1, 1, 2, 2]] = True
    assert linked(chain)
    chain[0, 3, 3] = True
    assert not linked(chain)


def test_dependent_columns():
    _, weights, X = made_up()
    both = np.concatenate([X, X.sum(axis=3, keepdims=True), np.ones((*X.shape[:3], 1))], axis=3)
    assert dependent(both, weights, effects=False) == [2]
    assert dependent(both, weights, effects=True) == [2, 3]


def test_the_scores_are_zero_at_the_maximum():
    rng, weights, X = made_up(1)
    used = weights > 0
    y = np.where(used, rng.poisson(np.exp(1 + 0.3 * X[..., 0])), 0.0)
    fit = fit_poisson(y, X, used, effects=True)
    np.testing.assert_allclose(fit.scores.sum(axis=(0, 1, 2)), 0, atol=1e-7)
    for axis in (1, 2):
        np.testing.assert_allclose((fit.mean - y).sum(axis=axis), 0, atol=1e-7)


def test_flows_of_any_scale():
    rng, weights, X = made_up(2)
    used = weights > 0
    y = np.where(used, rng.poisson(np.exp(2 + 0.3 * X[..., 0])), 0.0)
    small, large = (fit_poisson(y * scale, X, used, effects=True) for scale in (1e-6, 1e6))
    np.testing.assert_allclose(small.beta, large.beta, rtol=1e-7)
    np.testing.assert_allclose(small.bread * 1e-6, large.bread * 1e6, rtol=1e-6)


def test_log_least_squares_by_hand():
    rng, weights, X = made_up(3)
    used = weights > 0
    y = np.exp(rng.normal(size=used.shape))
    fit = fit_log(y, X, used, effects=False)
    b, *_ = np.linalg.lstsq(X[used], np.log(y[used]), rcond=None)
    np.testing.assert_allclose(fit.beta, b, rtol=1e-10)
    np.testing.assert_allclose(weighted_fit(np.log(y), X, used * 1.0, effects=False)[0], b, rtol=1e-10)


def by_growing_without_end(y, X, used, pair):
    """Whether the likelihood of a zero flow can be pushed to its end: maximize with a mild ridge, look at its mean."""
    t, i, j = np.nonzero(used)
    dummies = np.zeros((len(t), 2 * used.shape[1]))
    dummies[np.arange(len(t)), i] = 1
    dummies[np.arange(len(t)), used.shape[1] + j] = 1
    Z, b = np.column_stack([X[t, i, j], dummies]), np.zeros(X.shape[3] + 2 * used.shape[1])
    for _ in range(300):
        mean = np.exp(np.clip(Z @ b, -40, 40))
        hessian = (Z.T * mean) @ Z + 1e-9 * np.eye(len(b))
        step = np.linalg.solve(hessian, Z.T @ (y[t, i, j] - mean) - 1e-9 * b)
        b += step * min(1.0, 2.0 / np.abs(step).max())
    return mean[(i == pair[0]) & (j == pair[1])].item() < 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_separated_pairs_are_those_whose_mean_goes_to_zero(seed):
    rng = np.random.default_rng(seed)
    y = rng.poisson(0.8, (1, 5, 5)).astype(float)
    used = ~np.eye(5, dtype=bool)[None]
    X = (rng.random((1, 5, 5, 1)) < 0.4).astype(float)
    found = separated(y, X, used, effects=True)
    assert not (found & (y > 0)).any()
    zero = np.argwhere(used[0] & (y[0] == 0))
    told = [by_growing_without_end(y, X, used, pair) for pair in zero]
    assert [bool(found[0, i, j]) for i, j in zero] == told
    fit = (
        fit_poisson(np.where(found, 0.0, y), X, used & ~found, effects=True)
        if not dependent(X, (used & ~found) * 1.0, effects=True)
        else None
    )
    assert fit is None or np.isfinite(fit.beta).all()


def test_a_dummy_that_only_marks_zero_flows():
    y = np.ones((1, 4, 4))
    y[0, 1, 2] = 0.0
    used = np.ones_like(y, dtype=bool)
    mark = (y == 0)[..., None].astype(float)
    assert separated(y, np.concatenate([np.ones_like(mark), mark], axis=3), used, effects=False).sum() == 1
    with pytest.raises(EstimationError, match="no maximum within reach"):
        fit_poisson(y, np.concatenate([np.ones_like(mark), 1e-3 * mark], axis=3), used, effects=False)
