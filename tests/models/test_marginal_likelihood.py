"""Marginal likelihoods against integrals over all parameters done numerically; the quadrature against known areas."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import block_diag, logm
from scipy.special import betaln
from scipy.stats import norm

import yrdspatial as yrd
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.marginal_likelihood import Integrand, integrate, log_marginal

FORMULA = "y ~ x1 + x2"
MODELS = ("OLS", "SLX", "SAR", "SDM", "SEM", "SDEM")


def problem_of(simulated, model, effects):
    weights = {} if model == "OLS" else {"weights": simulated.weights}
    return getattr(yrd, model)(simulated.data, FORMULA, effects=effects, **weights).design.problem


def dense(simulated, model, effects):
    """Return y, X without the constant, D with orthonormal columns, and W of a panel, stacked."""
    y, x, W = (simulated.arrays[name] for name in ("y", "x", "weights"))
    T, N = y.shape
    if model in {"SLX", "SDM", "SDEM"}:
        x = np.concatenate([x, np.einsum("tij,tjk->tik", W, x)], axis=2)
    unit, time = np.kron(np.ones((T, 1)), np.eye(N)), np.kron(np.eye(T), np.ones((N, 1)))
    D = {"pooled": np.ones((T * N, 1)), "unit": unit, "twoways": np.hstack([unit, time[:, 1:]])}[effects]
    return y.ravel(), x.reshape(T * N, -1), np.linalg.qr(D)[0], block_diag(*W)


def log_density(simulated, model, effects, g, value):
    """Integrate beta and sigma2 out of the normal log-density of the contrasts of y.

    K'y ~ N(0, sigma2 (I + g X(X'X)^-1X')) with K orthonormal and orthogonal to D (filtered by B in error models); the
    integral over ln sigma2, 3 to both sides of its peak, is done numerically. The lag models have tr(M ln S).
    """
    y, X, D, W = dense(simulated, model, effects)
    A, count = np.eye(y.size) - value * W, simulated.arrays["y"].shape[1]
    if model in {"SEM", "SDEM"}:
        inner = D.T @ A.T @ A @ D
        jacobian = np.linalg.slogdet(A)[1] - 0.5 * np.linalg.slogdet(inner)[1]
        y, X, D = A @ y, A @ X, np.linalg.qr(A @ D)[0]
    elif model in {"SAR", "SDM"}:
        M = np.eye(y.size) - (0.0 if effects == "pooled" else 1.0) * D @ D.T
        logs = block_diag(*(logm(block) for block in np.eye(count) - value * simulated.arrays["weights"]))
        jacobian, y = float(np.trace(M @ logs).real), A @ y
    else:
        jacobian = 0.0
    K = np.linalg.qr(D, mode="complete")[0][:, D.shape[1] :]
    z, Z = K.T @ y, K.T @ X
    C = np.eye(z.size) + g * Z @ np.linalg.inv(Z.T @ Z) @ Z.T
    scale = z @ np.linalg.solve(C, z) / z.size
    nodes, weights = np.polynomial.legendre.leggauss(80)
    logs = -0.5 * z.size * (np.log(2 * np.pi * scale) + 3 * nodes + np.exp(-3 * nodes))
    return (
        jacobian
        - 0.5 * np.linalg.slogdet(C)[1]
        + logs.max()
        + np.log(3 * weights @ np.exp(logs - logs.max()))
    )


@pytest.mark.parametrize("effects", ["pooled", "unit", "twoways"])
@pytest.mark.parametrize("model", MODELS)
def test_ratios_are_those_of_integrals_done_numerically(panel, model, effects):
    """Against OLS with the same g: constants of y and the effects drop out. Quadrature of both to 1e-7."""
    g = 60.0
    simulated = panel("rows", periods=3, units=8)
    problem, ols = problem_of(simulated, model, effects), problem_of(simulated, "OLS", effects)
    expected = log_density(simulated, "OLS", effects, g, 0.0)
    spectra = problem.lag or problem.error
    if spectra is None:
        other = log_density(simulated, model, effects, g, 0.0)
    else:
        lower, upper = spectra.bounds
        nodes, weights = np.polynomial.legendre.leggauss(60)
        points = 0.5 * (upper - lower) * nodes + 0.5 * (upper + lower)
        values = np.array([log_density(simulated, model, effects, g, float(x)) for x in points])
        other = values.max() + np.log(0.5 * weights @ np.exp(values - values.max()))
    ratio = log_marginal(problem, g) - log_marginal(ols, g)
    assert ratio == pytest.approx(other - expected, abs=1e-5)


@pytest.mark.parametrize("kind", ["constant", "rows", "islands", "directed"])
def test_every_kind_of_weights_gives_a_finite_value(panel, kind):
    simulated = panel(kind)
    for model in MODELS:
        assert np.isfinite(log_marginal(problem_of(simulated, model, "twoways"), None))


def test_constant_row_standardized_weights_need_no_adjustment(panel):
    """SAR by integrating dummies out is the Lee-Yu likelihood: the Jacobian (T - 1)(ln|S| - ln(1 - rho))."""
    simulated = panel("constant", periods=4, units=8)
    problem = problem_of(simulated, "SAR", "twoways")
    W, g = simulated.arrays["weights"][0], 50.0
    y, X, D, big = dense(simulated, "SAR", "twoways")
    M = np.eye(y.size) - D @ D.T
    Z = M @ X

    def log_value(rho):
        z = M @ (y - rho * big @ y)
        left = z - Z @ np.linalg.lstsq(Z, z)[0]
        square = left @ left + (z @ z - left @ left) / (1 + g)
        jacobian = 3 * (np.linalg.slogdet(np.eye(8) - rho * W)[1] - np.log(1 - rho))
        return jacobian - np.log(1 + g) - 0.5 * 21 * np.log(square)

    lower, upper = problem.lag.bounds
    nodes, weights = np.polynomial.legendre.leggauss(200)
    values = np.array([log_value(0.5 * (upper - lower) * x + 0.5 * (upper + lower)) for x in nodes])
    expected = values.max() + np.log(0.5 * weights @ np.exp(values - values.max()))
    assert log_marginal(problem, g) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("model", ["SAR", "SDEM"])
def test_scales_do_not_matter(panel, model):
    """X rescaled changes nothing; y rescaled by c adds -M0 ln c, the same in every model; effects added do nothing."""
    simulated = panel("rows")
    problem = problem_of(simulated, model, "unit")
    first = log_marginal(problem, None)
    assert log_marginal(replace(problem, X=problem.X * [3.0, *[0.5] * (problem.X.shape[2] - 1)]), None) == (
        pytest.approx(first, abs=1e-8)
    )
    shifted = log_marginal(replace(problem, y=2.0 * problem.y), None)
    assert shifted == pytest.approx(first - problem.effects.degrees_of_freedom * np.log(2.0), abs=1e-8)
    if model == "SDEM":
        moved = problem.y + np.arange(problem.y.shape[1])
        assert log_marginal(replace(problem, y=moved), None) == pytest.approx(first, abs=1e-7)


def test_default_g_is_the_larger_of_observations_and_squared_terms(panel):
    problem = problem_of(panel("rows"), "SDM", "twoways")
    assert isinstance(problem, Problem)
    assert log_marginal(problem, None) == log_marginal(problem, float(problem.effects.degrees_of_freedom))


@pytest.mark.parametrize("deviation", [1e-3, 0.05, 10.0])
@pytest.mark.parametrize("peak", [-0.97, 0.0, 0.613])
def test_quadrature_finds_a_peak_of_any_width(peak, deviation):
    area = norm.cdf((1 - peak) / deviation) - norm.cdf((-1.3 - peak) / deviation)
    expected = np.log(area * deviation * np.sqrt(2 * np.pi))
    found = integrate(lambda x: -0.5 * ((x - peak) / deviation) ** 2, (-1.3, 1.0))
    assert found == pytest.approx(expected, abs=1e-6)


def test_quadrature_of_a_skewed_integrand():
    """(1 - x)^20 (1 + x)^5 on (-1, 1): a Beta function."""
    found = integrate(lambda x: 20 * np.log1p(-x) + 5 * np.log1p(x), (-1.0, 1.0))
    assert found == pytest.approx(26 * np.log(2) + betaln(21, 6), abs=1e-6)


def test_columns_collinear_to_rounding_count_for_nothing():
    flat = Integrand(np.ones((3, 3)), np.zeros((3, 3)), np.zeros((3, 3)), 1, 1, None, 10, 2.0)
    assert flat.at(0.3) == -np.inf
    inside = integrate(lambda x: -0.5 * (x / 0.1) ** 2 if abs(x) < 0.999 else -np.inf, (-1.0, 1.0))
    assert inside == pytest.approx(np.log(0.1 * np.sqrt(2.0 * np.pi)), abs=1e-8)
