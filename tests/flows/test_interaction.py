"""The likelihood of spatial interaction against dense N^2 x N^2 matrices written out here."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from yrdspatial.errors import EstimationError
from yrdspatial.flows.interaction import Interaction, fit_interaction, lagged_flows
from yrdspatial.flows.ties import Dependence, filter_of

N = 8
TRUTH = np.array([0.35, 0.25, -0.1])
WAYS = [
    (),
    ("origin",),
    ("destination",),
    ("network",),
    ("origin", "destination"),
    ("origin", "destination", "network"),
    "product",
    "equal",
    "equal_all",
]


def nearest(units, seed, k=3):
    """Row-standardized weights of the k nearest of random points: asymmetric, with complex eigenvalues."""
    points = np.random.default_rng(seed).random((units, 2))
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)) + 9 * np.eye(units)
    links = np.zeros((units, units))
    np.put_along_axis(links, np.argsort(distance, axis=1)[:, :k], 1.0, axis=1)
    return links / k


def kroneckers(W):
    """Write out the three weights on flows stacked by origin: W x I, I x W, W x W."""
    eye = np.eye(len(W))
    return [np.kron(W, eye), np.kron(eye, W), np.kron(W, W)]


def made_up(seed=0, units=N, rho=TRUTH):
    rng = np.random.default_rng(seed)
    W = nearest(units, 4)
    x = rng.normal(size=units)
    ones = np.ones((units, units))
    Z = np.stack([ones, x[:, None] * ones, x * ones, rng.normal(size=(units, units))], axis=2)
    mean = Z @ [1.0, 0.8, 0.4, -0.5] + 0.5 * rng.normal(size=(units, units))
    A = np.eye(units**2) - sum(r * K for r, K in zip(rho, kroneckers(W), strict=True))
    return np.linalg.solve(A, mean.ravel()).reshape(units, units), Z, W


def dense_loglik(theta, Y, Z, W):
    """Give the whole likelihood in beta, the three rho and sigma2."""
    k, n = Z.shape[2], Y.size
    beta, rho, sigma2 = theta[:k], theta[k : k + 3], theta[-1]
    A = np.eye(n) - sum(r * K for r, K in zip(rho, kroneckers(W), strict=True))
    sign, logdet = np.linalg.slogdet(A)
    e = A @ Y.ravel() - Z.reshape(n, k) @ beta
    return logdet - 0.5 * n * np.log(2 * np.pi * sigma2) - 0.5 * e @ e / sigma2 if sign > 0 else -np.inf


def test_the_lags_are_the_kronecker_products():
    Y, _, W = made_up()
    for lag, K in zip(lagged_flows(Y, W)[1:], kroneckers(W), strict=True):
        np.testing.assert_allclose(lag.ravel(), K @ Y.ravel(), atol=1e-12)


def test_the_log_determinant_and_its_slopes_are_exact():
    Y, Z, W = made_up()
    data = Interaction.of(Y, Z, W)

    def dense(rho):
        return np.linalg.slogdet(
            np.eye(Y.size) - sum(r * K for r, K in zip(rho, kroneckers(W), strict=True))
        )[1]

    value, slope, curvature = data.log_determinant(TRUTH)
    np.testing.assert_allclose(value, dense(TRUTH), rtol=1e-10)
    np.testing.assert_allclose(slope, approx_fprime(TRUTH, dense, 1e-6), rtol=1e-4)  # forward differences
    slopes = [
        data.log_determinant(TRUTH + step)[1] - data.log_determinant(TRUTH - step)[1]
        for step in 1e-5 * np.eye(3)
    ]
    np.testing.assert_allclose(curvature, np.array(slopes) / 2e-5, rtol=1e-6)


def test_the_margin_is_the_smallest_real_part_of_the_dense_eigenvalues():
    Y, Z, W = made_up()
    data = Interaction.of(Y, Z, W)
    for rho in (TRUTH, np.array([0.9, 0.4, 0.0]), np.zeros(3)):
        A = np.eye(Y.size) - sum(r * K for r, K in zip(rho, kroneckers(W), strict=True))
        np.testing.assert_allclose(data.margin(rho), np.linalg.eigvals(A).real.min(), atol=1e-8)
    assert data.margin(np.array([0.9, 0.4, 0.0])) < 0


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_maximum_is_that_of_the_dense_likelihood(way):
    Y, Z, W = made_up()
    ties = Dependence.of(way)
    fit = fit_interaction(Interaction.of(Y, Z, W), ties)
    count = ties.slope.shape[1]

    def concentrated(free):
        rho = ties.rho(free)
        A = np.eye(Y.size) - sum(r * K for r, K in zip(rho, kroneckers(W), strict=True))
        z, rows = A @ Y.ravel(), Z.reshape(Y.size, -1)
        beta = np.linalg.lstsq(rows, z, rcond=None)[0]
        sigma2 = ((z - rows @ beta) ** 2).mean()
        return -dense_loglik(np.concatenate([beta, rho, [sigma2]]), Y, Z, W)

    if not count:
        np.testing.assert_allclose(fit.loglik, -concentrated(np.zeros(0)), rtol=1e-10)
        return
    found = minimize(
        concentrated, np.full(count, 0.1), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}
    )
    np.testing.assert_allclose(fit.loglik, -found.fun, rtol=1e-9)
    np.testing.assert_allclose(
        fit.free, found.x, atol=1e-5
    )  # a simplex stops within the root of its tolerance
    np.testing.assert_allclose(
        fit.loglik, dense_loglik(np.concatenate([fit.beta, fit.rho, [fit.sigma2]]), Y, Z, W)
    )


@pytest.mark.parametrize("way", WAYS[1:], ids=str)
def test_the_covariance_is_the_inverse_of_the_dense_curvature(way):
    Y, Z, W = made_up()
    ties = Dependence.of(way)
    fit = fit_interaction(Interaction.of(Y, Z, W), ties)
    k, m = len(fit.beta), fit.free.size
    point = np.concatenate([fit.beta, fit.free, [fit.sigma2]])

    def loglik(theta):
        return dense_loglik(np.concatenate([theta[:k], ties.rho(theta[k : k + m]), theta[-1:]]), Y, Z, W)

    steps = 1e-4 * np.eye(len(point))
    hessian = np.array(
        [
            [
                (
                    loglik(point + a + b)
                    - loglik(point + a - b)
                    - loglik(point - a + b)
                    + loglik(point - a - b)
                )
                / 4e-8
                for b in steps
            ]
            for a in steps
        ]
    )
    covariance = np.linalg.inv(-hessian)[:-1, :-1]
    error = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(
        fit.covariance / np.outer(error, error), covariance / np.outer(error, error), atol=2e-4
    )


def test_the_unrestricted_maximum_is_the_highest_and_the_truth_is_near():
    Y, Z, W = made_up(3, units=20)
    data = Interaction.of(Y, Z, W)
    fits = {str(way): fit_interaction(data, Dependence.of(way)) for way in WAYS}
    best = fits[str(WAYS[5])]
    assert all(fit.loglik <= best.loglik + 1e-8 for fit in fits.values())
    error = np.sqrt(np.diag(best.covariance))
    assert (np.abs(best.rho - TRUTH) < 4 * error[-3:]).all()
    assert (np.abs(best.beta - [1.0, 0.8, 0.4, -0.5]) < 4 * error[:4]).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_start_does_not_matter(seed):
    Y, Z, W = made_up(seed, rho=np.array([0.6, -0.4, 0.3]))
    data, ties = Interaction.of(Y, Z, W), Dependence.of(WAYS[5])
    fit = fit_interaction(data, ties)
    rng = np.random.default_rng(seed)
    for free in rng.uniform(-1, 1, (200, 3)):
        if data.margin(free) > 0:
            beta = data.beta(free)
            weights = filter_of(free)
            sigma2 = weights @ data.residual_moments() @ weights / Y.size
            assert dense_loglik(np.concatenate([beta, free, [sigma2]]), Y, Z, W) <= fit.loglik + 1e-8
            break


def test_flows_that_their_lags_predict_exactly_have_no_maximum():
    Y, Z, W = made_up()
    data = Interaction.of(Y, np.concatenate([Z, Y[..., None]], axis=2), W)
    with pytest.raises(EstimationError, match="without an error"):
        fit_interaction(data, Dependence.of(WAYS[5]))
