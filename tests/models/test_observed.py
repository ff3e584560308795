"""The likelihood of what is observed, against dense normal densities, an EM loop and exact expectations."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import multivariate_normal

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.model import estimate
from yrdspatial.models.observed import Observed, concentrate, log_likelihood, score
from yrdspatial.models.observed_fit import fit_observed
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, dummy_basis

T, N, RHO, BETA = 6, 7, 0.4, 0.8


def networks(seed, *, changing, standardized=True):
    rng = np.random.default_rng(seed)
    tables = (rng.random((T if changing else 1, N, N)) < 0.4).astype(float) + 0.05
    tables[:, np.arange(N), np.arange(N)] = 0.0
    tables = tables / (tables.sum(axis=2, keepdims=True) if standardized else 4.0)
    return tables if changing else np.repeat(tables, T, axis=0)


def synthetic(seed, W, missing=(3, 9, 20, 30, 31), *, adjusted=True, unit=True, time=True, rho=RHO):
    """Draw a synthetic panel: the problem, and the values that were removed."""
    rng = np.random.default_rng(seed)
    x, e = rng.normal(size=(2, T, N))
    mean = BETA * x + rng.normal(size=N) + rng.normal(size=(T, 1)) + 0.5 * e
    y = np.linalg.solve(np.eye(N) - rho * W, mean[:, :, None])[:, :, 0].ravel()
    rows = np.array(missing, dtype=np.intp)
    removed = y[rows]
    y[rows] = 0.0
    spectra = tuple(Spectra.of(one[None], np.zeros(1, dtype=np.intp)) for one in W)
    basis = dummy_basis(Effects.of(T, N, unit=unit, time=time))
    position = np.arange(T, dtype=np.intp)
    return Observed(y, x.reshape(-1, 1), spectra, position, basis, rows, adjusted), removed


def stacked(W, rho):
    """Lay S out as one block-diagonal table."""
    out = np.zeros((T * N, T * N))
    for t in range(T):
        out[t * N : (t + 1) * N, t * N : (t + 1) * N] = np.eye(N) - rho * W[t]
    return out


def dense(problem, W, rho):
    """Concentrated log-density of the observed values, and beta and sigma2, by GLS on the reduced form."""
    seen = np.setdiff1d(np.arange(T * N), problem.missing)
    inverse = np.linalg.inv(stacked(W, rho))
    design = (inverse @ np.hstack([problem.X, problem.basis]))[seen]
    omega = (inverse @ inverse.T)[np.ix_(seen, seen)]
    root = np.linalg.inv(np.linalg.cholesky(omega))
    found = np.linalg.lstsq(root @ design, root @ problem.y[seen], rcond=None)[0]
    left = problem.y[seen] - design @ found
    sigma2 = float((root @ left) @ (root @ left)) / seen.size
    value = multivariate_normal(np.zeros(seen.size), sigma2 * omega).logpdf(left)
    return value, found[: problem.X.shape[1]], sigma2, inverse, np.hstack([problem.X, problem.basis]) @ found


@pytest.mark.parametrize("effects", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("changing", [False, True])
def test_the_likelihood_is_the_normal_density_of_what_is_observed(effects, changing):
    W = networks(1, changing=changing, standardized=False)
    problem, _ = synthetic(2, W, adjusted=False, unit=effects[0], time=effects[1])
    for rho in (-0.5, 0.0, 0.3, 0.6):
        value, beta, sigma2, _, _ = dense(problem, W, rho)
        point = concentrate(problem, rho)
        assert log_likelihood(problem, rho) == pytest.approx(value, abs=1e-8)
        np.testing.assert_allclose(point.beta, beta, atol=1e-9)
        assert point.sigma2 == pytest.approx(sigma2, rel=1e-9)


def test_the_estimate_is_the_maximum_of_that_density():
    W = networks(3, changing=True)
    problem, _ = synthetic(4, W, adjusted=False)
    fit = fit_observed(problem)
    grid = np.linspace(fit.rho - 0.3, min(fit.rho + 0.3, 0.97), 41)
    assert dense(problem, W, fit.rho)[0] >= max(dense(problem, W, rho)[0] for rho in grid)
    assert abs(fit.score) < 1e-6
    assert not fit.at_bound


def test_holes_are_filled_by_the_conditional_normal_distribution():
    W = networks(5, changing=True)
    problem, _ = synthetic(6, W, adjusted=False)
    fit = fit_observed(problem)
    *_, sigma2, inverse, structural = dense(problem, W, fit.rho)
    mean, omega = inverse @ structural, sigma2 * inverse @ inverse.T
    gone = problem.missing
    seen = np.setdiff1d(np.arange(T * N), gone)
    link = omega[np.ix_(gone, seen)] @ np.linalg.inv(omega[np.ix_(seen, seen)])
    np.testing.assert_allclose(fit.point.filled, mean[gone] + link @ (problem.y - mean)[seen], atol=1e-8)
    spread = omega[np.ix_(gone, gone)] - link @ omega[np.ix_(seen, gone)]
    np.testing.assert_allclose(fit.hole_covariance, spread, atol=1e-9)


def em(problem, W, *, adjusted, rounds=400):
    """EM from the formulas alone: fill, correct the sum of squares, maximize, again."""
    n, gone = T * N, problem.missing
    basis = problem.basis
    M = np.eye(n) - basis @ basis.T
    inside = M if adjusted else np.eye(n)
    lag = np.eye(n) - stacked(W, 1.0)
    dof = n - basis.shape[1] * adjusted
    rho, beta, sigma2 = 0.0, np.zeros(problem.X.shape[1]), 1.0
    for _ in range(rounds):
        S = np.eye(n) - rho * lag
        hole = S[:, gone]
        filled = -np.linalg.solve(hole.T @ M @ hole, hole.T @ M @ (S @ problem.y - problem.X @ beta))
        V = sigma2 * np.linalg.inv(hole.T @ inside @ hole)
        y = problem.y.copy()
        y[gone] = filled
        pair = M @ np.column_stack([y, lag @ y])
        left = pair - M @ problem.X @ np.linalg.lstsq(M @ problem.X, pair, rcond=None)[0]
        E = np.eye(n)[:, gone]
        both = [inside @ E, inside @ lag @ E]
        extra = np.array([[np.trace(V @ a.T @ b) for b in both] for a in both])
        moments = left.T @ left + extra

        def slope(r, moments=moments):
            G = lag @ np.linalg.inv(np.eye(n) - r * lag)
            sse = moments[0, 0] - 2 * r * moments[0, 1] + r**2 * moments[1, 1]
            return dof * (moments[0, 1] - r * moments[1, 1]) / sse - np.trace(inside @ G)

        rho = brentq(slope, -0.9, 0.99, xtol=1e-13)
        beta = np.linalg.lstsq(M @ problem.X, pair @ np.array([1.0, -rho]), rcond=None)[0]
        sigma2 = (moments[0, 0] - 2 * rho * moments[0, 1] + rho**2 * moments[1, 1]) / dof
    return rho, beta, sigma2, filled


@pytest.mark.parametrize("adjusted", [False, True])
def test_the_estimate_is_the_fixed_point_of_em(adjusted):
    W = networks(7, changing=not adjusted)
    problem, _ = synthetic(8, W, adjusted=adjusted)
    fit = fit_observed(problem)
    rho, beta, sigma2, filled = em(problem, W, adjusted=adjusted)
    assert fit.rho == pytest.approx(rho, abs=1e-8)
    np.testing.assert_allclose(fit.point.beta, beta, atol=1e-8)
    assert fit.point.sigma2 == pytest.approx(sigma2, rel=1e-7)
    np.testing.assert_allclose(fit.point.filled, filled, atol=1e-7)


def quadratic_mean(function, mean, covariance):
    """Take the exact expectation of a quadratic function: its value at the mean, and half of tr(curvature x cov)."""
    count = mean.size
    value = function(mean)
    curvature = np.zeros((count, count))
    for i in range(count):
        for j in range(i + 1):
            a, b = np.eye(count)[i], np.eye(count)[j]
            corners = [function(mean + s * a + u * b) for s, u in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
            curvature[i, j] = curvature[j, i] = (corners[0] - corners[1] - corners[2] + corners[3]) / 4.0
    return value + 0.5 * np.trace(curvature @ covariance)


@pytest.mark.parametrize("changing", [False, True])
def test_the_adjusted_score_has_mean_zero_at_the_truth(changing):
    W = networks(9, changing=changing, standardized=False)
    problem, _ = synthetic(10, W, missing=(2, 11, 12, 25))
    seen = np.setdiff1d(np.arange(T * N), problem.missing)
    inverse = np.linalg.inv(stacked(W, RHO))
    rng = np.random.default_rng(11)
    fixed = problem.basis @ rng.normal(size=problem.basis.shape[1]) * 2.0
    mean = inverse @ (problem.X[:, 0] * BETA + fixed)
    sigma2 = 0.25

    def at(values):
        y = np.zeros(T * N)
        y[seen] = values
        other = Observed(
            y, problem.X, problem.weights, problem.position, problem.basis, problem.missing, True
        )
        return score(other, RHO, np.array([BETA]), sigma2)

    spread = sigma2 * inverse @ inverse.T
    found = quadratic_mean(at, mean[seen], spread[np.ix_(seen, seen)])
    assert found == pytest.approx(0.0, abs=1e-6)
    plain = Observed(
        problem.y, problem.X, problem.weights, problem.position, problem.basis, problem.missing, False
    )
    without = score(plain, RHO, np.array([BETA]), sigma2) - score(problem, RHO, np.array([BETA]), sigma2)
    assert abs(without) > 0.1


def test_the_information_is_the_curvature_of_the_density():
    W = networks(12, changing=True)
    problem, _ = synthetic(13, W, adjusted=False)
    fit = fit_observed(problem)
    seen = np.setdiff1d(np.arange(T * N), problem.missing)

    def full(theta):
        inverse = np.linalg.inv(stacked(W, theta[1]))
        omega = (inverse @ inverse.T)[np.ix_(seen, seen)]
        root = np.linalg.inv(np.linalg.cholesky(omega))
        left = root @ (problem.y - inverse @ problem.X[:, 0] * theta[0])[seen]
        dummies = root @ (inverse @ problem.basis)[seen]
        left = left - dummies @ np.linalg.lstsq(dummies, left, rcond=None)[0]
        size = 2.0 * np.log(np.diag(root)).sum() - seen.size * np.log(2 * np.pi * theta[2])
        return 0.5 * size - 0.5 * left @ left / theta[2]

    point = np.array([fit.point.beta[0], fit.rho, fit.point.sigma2])
    steps = 1e-4 * np.diag([1.0, 1.0, fit.point.sigma2])
    found = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            corners = [
                full(point + s * steps[i] + u * steps[j]) for s, u in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            change = corners[0] - corners[1] - corners[2] + corners[3]
            found[i, j] = -change / (4.0 * steps[i].sum() * steps[j].sum())
    np.testing.assert_allclose(
        np.linalg.inv(fit.covariance), found, rtol=2e-4, atol=2e-3
    )  # finite differences


@pytest.mark.parametrize("adjusted", [False, True])
def test_without_holes_it_is_the_balanced_model(adjusted):
    W = networks(14, changing=True)
    problem, _ = synthetic(15, W, missing=(), adjusted=adjusted)
    fit = fit_observed(problem)
    effects = Effects.of(T, N, unit=True, time=True)
    lag = Spectra.of(W, np.arange(T, dtype=np.intp))
    y, X = problem.y.reshape(T, N), problem.X.reshape(T, N, 1)
    other, information = estimate(
        Problem(y, X, effects, lag=lag, error=None, adjusted=adjusted), observed=True
    )
    assert fit.rho == pytest.approx(other.spatial[0], abs=1e-8)
    np.testing.assert_allclose(fit.point.beta, other.beta, atol=1e-8)
    assert log_likelihood(problem, fit.rho) == pytest.approx(other.loglik, abs=1e-8)
    np.testing.assert_allclose(np.linalg.inv(fit.covariance), information.slope, rtol=1e-5, atol=1e-5)


def test_a_unit_that_leaves_the_network_is_an_isolated_row_with_a_dummy():
    W = networks(16, changing=True)
    whole, _ = synthetic(17, W, missing=())
    gone = np.zeros((T, N), dtype=bool)
    gone[[0, 2, 5], [1, 4, 1]] = True
    sub = []
    for t in range(T):
        part = W[t][~gone[t]][:, ~gone[t]]
        sub.append(part / part.sum(axis=1, keepdims=True))
    spectra = tuple(Spectra.of(one[None], np.zeros(1, dtype=np.intp)) for one in sub)
    kept = ~gone.ravel()
    basis = np.linalg.qr(dummy_basis(Effects.of(T, N, unit=True, time=True))[kept])[0]
    none = np.zeros(0, dtype=np.intp)
    fit = fit_observed(Observed(whole.y[kept], whole.X[kept], spectra, whole.position, basis, none, True))
    full = np.zeros((T, N, N))
    cells = np.zeros((T, N), dtype=np.intp)
    cells[gone] = np.arange(1, gone.sum() + 1)
    for t in range(T):
        full[t][np.ix_(~gone[t], ~gone[t])] = sub[t]
    effects = Effects(np.zeros(T, dtype=np.intp), np.zeros(N, dtype=np.intp), True, True, cells)
    lag = Spectra.of(full, np.arange(T, dtype=np.intp))
    y, X = whole.y.reshape(T, N), whole.X.reshape(T, N, 1)
    other, _ = estimate(Problem(y, X, effects, lag=lag, error=None, adjusted=True))
    assert fit.rho == pytest.approx(other.spatial[0], abs=1e-8)
    assert fit.point.sigma2 == pytest.approx(other.sigma2, rel=1e-8)
    np.testing.assert_allclose(fit.point.beta, other.beta, atol=1e-8)


def test_the_filled_values_are_near_those_removed():
    W = networks(18, changing=True)
    problem, removed = synthetic(19, W)
    fit = fit_observed(problem)
    off = (fit.point.filled - removed) / np.sqrt(np.diag(fit.hole_covariance))
    assert np.abs(off).max() < 4.0  # standard deviations of five draws


def test_too_few_values_and_a_perfect_fit_are_refused():
    W = networks(20, changing=False)
    problem, _ = synthetic(21, W, missing=range(T * N - 13))
    with pytest.raises(EstimationError, match="fewer values than parameters"):
        fit_observed(problem)
    exact, _ = synthetic(22, W, missing=())
    y = np.linalg.solve(stacked(W, 0.0), exact.X[:, 0])
    perfect = Observed(y, exact.X, exact.weights, exact.position, exact.basis, exact.missing, True)
    with pytest.raises(EstimationError, match="perfectly"):
        fit_observed(perfect)
