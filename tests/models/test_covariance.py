"""Information matrices against traces of N T x N T matrices and derivatives of the written-out likelihood."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import block_diag

from yrdspatial.errors import EstimationError
from yrdspatial.models.covariance import (
    Information,
    lag_information,
    lag_traces,
    linear_information,
    propagators,
)
from yrdspatial.models.estimators import SDM
from yrdspatial.models.likelihood import fit_lag
from yrdspatial.models.linear import fit_linear
from yrdspatial.models.within import dummy_basis

KINDS = ("constant", "rows", "islands", "symmetric", "directed")
EFFECTS = ("pooled", "unit", "time", "twoways", "windows")


def problem_of(simulated, effects, *, adjusted=True):
    asked = {"unit": "window", "time": "region"} if effects == "windows" else effects
    problem = SDM(simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=asked).design.problem
    return replace(problem, adjusted=adjusted)


def dense(problem, fit):
    """Return A and B of the adjusted score as in the derivation, from dense matrices."""
    n = problem.y.size
    W = block_diag(*problem.lag.matrices[problem.lag.position])
    U = dummy_basis(problem.effects)
    M = np.eye(n) - U @ U.T
    inner = M if problem.adjusted else np.eye(n)
    G = W @ np.linalg.inv(np.eye(n) - fit.spatial[0] * W)
    X, s2 = M @ problem.X.reshape(n, -1), fit.sigma2
    eta = M @ (W @ problem.y.ravel() - G @ fit.residuals.ravel())
    k = X.shape[1]
    A = np.zeros((k + 2, k + 2))
    A[:k, :k] = X.T @ X / s2
    A[:k, k] = A[k, :k] = X.T @ eta / s2
    A[k, k + 1] = A[k + 1, k] = np.trace(inner @ G) / s2
    A[k + 1, k + 1] = problem.degrees_of_freedom / (2 * s2**2)
    B = A.copy()
    A[k, k] = eta @ eta / s2 + np.trace(inner @ G.T @ inner @ G) + np.trace(inner @ G @ G)
    B[k, k] = eta @ eta / s2 + np.trace(inner @ G.T @ inner @ G) + np.trace(inner @ G @ inner @ G)
    return A, B


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("adjusted", [True, False])
def test_expected_information_is_the_one_of_dense_traces(panel, kind, effects, adjusted):
    problem = problem_of(panel(kind), effects, adjusted=adjusted)
    fit = fit_lag(problem)
    A, B = dense(problem, fit)
    information = lag_information(problem, fit)
    assert information.slope == pytest.approx(A, rel=1e-9, abs=1e-9)
    assert information.variance == pytest.approx(B, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adjusted", [True, False])
def test_observed_information_is_minus_the_second_derivative(panel, kind, adjusted):
    """The profile curvature of rho is the Schur complement of rho in the observed information."""
    problem = problem_of(panel(kind), "twoways", adjusted=adjusted)
    fit = fit_lag(problem)
    variance = np.linalg.inv(lag_information(problem, fit, observed=True).slope)
    assert 1.0 / variance[-2, -2] == pytest.approx(fit.curvature[0], rel=1e-8)


@pytest.mark.parametrize(
    ("kind", "effects"), [("constant", "twoways"), ("rows", "time"), ("constant", "unit")]
)
def test_slope_and_variance_agree_where_the_adjusted_score_is_a_likelihood(panel, kind, effects):
    problem = problem_of(panel(kind), effects)
    information = lag_information(problem, fit_lag(problem))
    assert information.variance == pytest.approx(information.slope, rel=1e-10)
    assert information.covariance() == pytest.approx(np.linalg.inv(information.slope), rel=1e-7)


@pytest.mark.parametrize("kind", ["islands", "directed"])
def test_covariance_is_a_sandwich_where_they_differ(panel, kind):
    problem = problem_of(panel(kind), "twoways")
    information = lag_information(problem, fit_lag(problem))
    inverse = np.linalg.inv(information.slope)
    assert information.covariance() == pytest.approx(inverse @ information.variance @ inverse, rel=1e-7)
    assert abs(information.variance[-2, -2] / information.slope[-2, -2] - 1) > 1e-6


def test_linear_information_gives_the_least_squares_covariance(panel):
    problem = problem_of(panel(), "twoways")
    fit = fit_linear(problem)
    U = dummy_basis(problem.effects)
    X = problem.X.reshape(84, -1)
    X = X - U @ (U.T @ X)
    covariance = linear_information(problem, fit).covariance()
    assert covariance[:-1, :-1] == pytest.approx(fit.sigma2 * np.linalg.inv(X.T @ X), rel=1e-8)
    assert covariance[-1, -1] == pytest.approx(2 * fit.sigma2**2 / fit.divisor)


def test_traces_with_windows_and_regions(panel):
    problem = problem_of(panel("directed"), "windows")
    G = propagators(problem.lag, 0.3)
    traces = lag_traces(problem.lag, G, problem.effects)
    U = dummy_basis(problem.effects)
    M = np.eye(84) - U @ U.T
    D = block_diag(*G[problem.lag.position])
    assert traces.single == pytest.approx(np.trace(M @ D))
    assert traces.square == pytest.approx(np.trace(M @ D @ D))
    assert traces.cross == pytest.approx(np.trace(M @ D.T @ M @ D))
    assert traces.projected == pytest.approx(np.trace(M @ D @ M @ D))


@pytest.mark.parametrize("matrix", [np.zeros((2, 2)), np.ones((2, 2)), np.full((2, 2), np.nan)])
def test_a_singular_information_is_an_error(matrix):
    with pytest.raises(EstimationError, match="singular"):
        Information(matrix, matrix).covariance()


def test_information_needs_a_lag(panel):
    problem = problem_of(panel(), "twoways")
    with pytest.raises(EstimationError, match="needs weights"):
        lag_information(replace(problem, lag=None), fit_lag(problem))
