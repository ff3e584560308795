"""Generalized moments against a search on the criterion as printed, and what it does at the ends."""

import numpy as np
import pytest
from scipy.optimize import minimize

from yrdspatial.models.moments import fit_moments, spatial_moment


def ring(count=60):
    return 0.5 * (np.roll(np.eye(count), 1, axis=1) + np.roll(np.eye(count), -1, axis=1))


def directed(count=60, seed=2):
    links = np.random.default_rng(seed).random((count, count)) < 0.08
    np.fill_diagonal(links, False)
    return links * np.random.default_rng(seed).random((count, count))


def criterion(u, W):
    """Kelejian and Prucha's system, g - G (lambda, lambda^2, sigma2)."""
    v, n = W @ u, u.size
    w = W @ v
    G = np.array(
        [
            [2 * u @ v, -(v @ v), n],
            [2 * w @ v, -(w @ w), np.trace(W.T @ W)],
            [u @ w + v @ v, -(v @ w), 0],
        ]
    )
    g = np.array([u @ u, v @ v, u @ v])
    return lambda p: (((g - G @ np.array([p[0], p[0] ** 2, p[1]])) / n) ** 2).sum()


def disturbances(W, lam, seed=3):
    e = np.random.default_rng(seed).normal(size=len(W))
    return np.linalg.solve(np.eye(len(W)) - lam * W, e)


@pytest.mark.parametrize("lam", [-0.4, 0.0, 0.3])
@pytest.mark.parametrize("W", [ring(), directed()], ids=["ring", "directed"])
def test_closed_form_is_the_minimum_of_the_criterion(W, lam):
    """A search from several starts; its tolerance is 1e-6 in lambda."""
    u = disturbances(W, lam)
    f = criterion(u, W)
    options = {"xatol": 1e-10, "fatol": 1e-16, "maxiter": 4000}
    boxes = [(-1.0, 1.0), (0.0, 10.0)]
    searches = [
        minimize(f, [start, 1.0], method="Nelder-Mead", bounds=boxes, options=options)
        for start in (-0.5, 0.0, 0.5)
    ]
    best = min(searches, key=lambda s: s.fun)
    assert spatial_moment(u, W, (-1.0, 1.0)) == pytest.approx(best.x[0], abs=1e-6)


def test_beta_is_least_squares_on_filtered_data():
    rng = np.random.default_rng(5)
    W = ring(80)
    X = np.column_stack([np.ones(80), rng.normal(size=(80, 2))])
    y = X @ [1.0, 2.0, -1.0] + disturbances(W, 0.5)
    fit = fit_moments(y, X, W, (-1.0, 1.0))
    B = np.eye(80) - fit.lam * W
    beta = np.linalg.lstsq(B @ X, B @ y)[0]
    e = B @ (y - X @ beta)
    assert fit.beta == pytest.approx(beta, rel=1e-10)
    assert fit.residuals == pytest.approx(y - X @ beta, abs=1e-10)
    assert fit.sigma2 == pytest.approx(e @ e / 80, rel=1e-10)
    assert fit.covariance == pytest.approx(fit.sigma2 * np.linalg.inv(X.T @ B.T @ B @ X), rel=1e-9)
    expected = spatial_moment(y - X @ np.linalg.lstsq(X, y)[0], W, (-1.0, 1.0))
    assert fit.lam == pytest.approx(expected, rel=1e-10)


def test_scale_of_weights_and_residuals():
    W, u = directed(), disturbances(directed(), 0.3)
    first = spatial_moment(u, W, (-1.0, 1.0))
    assert spatial_moment(5.0 * u, W, (-1.0, 1.0)) == pytest.approx(first, rel=1e-9)


def test_the_estimate_stays_in_the_interval():
    u = disturbances(ring(), 0.9)
    assert spatial_moment(u, ring(), (-0.2, 0.2)) == 0.2


def test_it_finds_the_truth():
    """200 synthetic samples of 200 units: mean within four Monte Carlo errors and the bias of order 1/N."""
    W = ring(200)
    found = [spatial_moment(disturbances(W, 0.5, seed), W, (-1.0, 1.0)) for seed in range(200)]
    assert abs(np.mean(found) - 0.5) < 0.02
