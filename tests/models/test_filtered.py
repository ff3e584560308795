"""Error models against the density of contrasts, and the scores and information against dense matrices."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.stats import multivariate_normal

import yrdspatial as yrd
from yrdspatial.errors import EstimationError
from yrdspatial.models.combined import Combined, fit_both
from yrdspatial.models.filtered import (
    STEP,
    Filtered,
    disturbances,
    filtered_dummies,
    filtered_residuals,
    fit_error,
)
from yrdspatial.models.filtered_covariance import Projected, filtered_information
from yrdspatial.models.likelihood import lag_profile
from yrdspatial.models.spectra import Jacobian
from yrdspatial.models.within import dummy_basis

KINDS = ("constant", "rows", "islands", "symmetric", "directed")
EFFECTS = ("pooled", "unit", "time", "twoways", "windows")


def problem_of(simulated, model="SDEM", effects="twoways", *, adjusted=True, error=None):
    asked = {"unit": "window", "time": "region"} if effects == "windows" else effects
    weights = {"weights": simulated.weights}
    if error is not None:
        weights["error_weights"] = error.weights
    request = getattr(yrd, model)(simulated.data, "y ~ x1 + x2", effects=asked, **weights)
    return replace(request.design.problem, adjusted=adjusted)


def dense(problem, rho, value):
    """Return W, V, S, B, D as N T x N T matrices."""
    n = problem.y.size
    zero = np.zeros((n, n))
    W = zero if problem.lag is None else block_diag(*problem.lag.matrices[problem.lag.position])
    V = block_diag(*problem.error.matrices[problem.error.position])
    return W, V, np.eye(n) - rho * W, np.eye(n) - value * V, dummy_basis(problem.effects)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effects", EFFECTS)
def test_restricted_likelihood_is_the_density_of_contrasts(panel, kind, effects):
    """K'y, K orthonormal and K'D = 0, is normal with mean K'X beta and variance sigma2 K'(B'B)^-1 K."""
    problem = problem_of(panel(kind), effects=effects)
    fit = fit_error(problem)
    _, _, _, B, D = dense(problem, 0.0, fit.spatial[0])
    K = np.linalg.qr(D, mode="complete")[0][:, D.shape[1] :] if D.size else np.eye(84)
    spread = fit.sigma2 * K.T @ np.linalg.inv(B.T @ B) @ K
    left = K.T @ (problem.y.ravel() - problem.X.reshape(84, -1) @ fit.beta)
    assert fit.loglik == pytest.approx(multivariate_normal(cov=spread).logpdf(left), abs=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_direct_likelihood_is_the_density_of_y_with_dummies(panel, kind):
    problem = problem_of(panel(kind), adjusted=False)
    fit = fit_error(problem)
    _, _, _, B, D = dense(problem, 0.0, fit.spatial[0])
    x = B @ np.hstack([problem.X.reshape(84, -1), D])
    e = B @ problem.y.ravel() - x @ np.linalg.lstsq(x, B @ problem.y.ravel(), rcond=None)[0]
    expected = np.linalg.slogdet(B)[1] - 42 * (np.log(2 * np.pi * (e @ e) / 84) + 1)
    assert fit.loglik == pytest.approx(expected, abs=1e-9)
    assert fit.residuals.ravel() == pytest.approx(e, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adjusted", [True, False])
def test_score_is_the_derivative_and_zero_at_the_optimum(panel, kind, adjusted):
    problem = problem_of(panel(kind), adjusted=adjusted)
    filtered = Filtered.of(problem, problem.error)

    def at(value):
        regression = filtered.at(value)
        return filtered.loglik(value, regression.moments[0, 0], regression)

    for value in (-0.4, 0.1, 0.5):
        slope = (at(value + 1e-5) - at(value - 1e-5)) / 2e-5
        assert filtered.score(value, np.ones(1), filtered.at(value)) == pytest.approx(
            slope, rel=1e-6, abs=1e-6
        )
    fit = fit_error(problem)
    assert fit.score == pytest.approx([0.0], abs=1e-7)
    assert fit.curvature[0] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_unit_effects_of_any_size_do_not_matter(panel, kind):
    problem = problem_of(panel(kind), effects="unit")
    moved = replace(problem, y=problem.y + 30 * np.arange(14.0))
    one, two = fit_error(problem), fit_error(moved)
    assert two.spatial == pytest.approx(one.spatial, abs=1e-8)
    assert two.beta == pytest.approx(one.beta, abs=1e-8)


def test_constant_row_standardized_weights_give_the_lee_yu_likelihood(panel):
    """(T - 1)(ln|B_1| - ln(1 - lambda)) is the Jacobian of their transformation."""
    problem = problem_of(panel("constant"))
    fit = fit_error(problem)
    value = fit.spatial[0]
    W = problem.error.matrices[0]
    jacobian = 5 * (np.linalg.slogdet(np.eye(14) - value * W)[1] - np.log(1 - value))
    expected = jacobian - 32.5 * (np.log(2 * np.pi * fit.sigma2) + 1)
    assert fit.loglik == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adjusted", [True, False])
@pytest.mark.parametrize("model", ["SAC", "GNS"])
def test_both_scores_are_mean_zero_at_the_truth_by_their_formulas(panel, kind, adjusted, model):
    """The adjusted scores subtract tr(Q B G B^-1) and tr(Q H); checked by dense matrices at any point."""
    problem = problem_of(panel(kind), model, adjusted=adjusted, error=panel("rows", seed=9))
    combined = Combined(
        problem, Filtered.of(problem, problem.error), Jacobian.of(problem.lag, problem.adjusting)
    )
    rho, value = 0.3, -0.2
    W, V, S, B, D = dense(problem, rho, value)
    n, x = 84, problem.X.reshape(84, -1)
    z = B @ np.hstack([x, D])
    e = B @ S @ problem.y.ravel() - z @ np.linalg.lstsq(z, B @ S @ problem.y.ravel(), rcond=None)[0]
    U = np.linalg.qr(B @ D)[0]
    Q = np.eye(n) - U @ U.T if adjusted else np.eye(n)
    sigma2 = e @ e / problem.degrees_of_freedom
    G, H = W @ np.linalg.inv(S), V @ np.linalg.inv(B)
    expected = [
        (B @ W @ problem.y.ravel()) @ e / sigma2 - np.trace(Q @ B @ G @ np.linalg.inv(B)),
        e @ H @ e / sigma2 - np.trace(Q @ H),
    ]
    assert combined.scores(np.array([rho, value])) == pytest.approx(expected, rel=1e-8, abs=1e-8)


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_combined_fit_solves_both_scores(panel, kind):
    problem = problem_of(
        panel(kind, periods=10, units=20), "SAC", error=panel("rows", periods=10, units=20, seed=9)
    )
    fit = fit_both(problem)
    assert fit.score == pytest.approx([0.0, 0.0], abs=1e-6)
    assert (fit.curvature > 0).all()


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
def test_no_likelihood_is_reported_where_there_is_none(panel):
    constant = {"periods": 10, "units": 20}
    error = panel("constant", seed=9, **constant)
    assert fit_both(problem_of(panel("constant", **constant), "SAC", error=error)).loglik is not None
    changing = panel("directed", seed=9, **constant)
    assert fit_both(problem_of(panel("directed", **constant), "SAC", error=changing)).loglik is None
    assert fit_both(problem_of(panel("directed", **constant), "SAC", error=changing, adjusted=False)).loglik
    results = yrd.SAC(
        panel("directed", **constant).data,
        "y ~ x1 + x2",
        weights=panel("directed", **constant).weights,
        error_weights=changing.weights,
    ).fit()
    with pytest.raises(EstimationError, match="no log-likelihood"):
        _ = results.loglik
    assert "log-likelihood" not in str(results.summary)


def test_with_lambda_at_zero_the_inner_problem_is_that_of_a_lag_model(panel):
    problem = problem_of(panel("directed"), "SAC")
    combined = Combined(
        problem, Filtered.of(problem, problem.error), Jacobian.of(problem.lag, problem.adjusting)
    )
    inner = combined.inner(0.0)[1]
    outer = lag_profile(replace(problem, error=None))[0]
    assert inner.moments == pytest.approx(outer.moments)
    assert inner.score(np.array([0.3])) == pytest.approx(outer.score(np.array([0.3])))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adjusted", [True, False])
def test_expected_information_of_the_combined_model(panel, kind, adjusted):
    """A and B as expectations of products of quadratic forms, from dense matrices."""
    problem = problem_of(panel(kind, units=14), "SAC", adjusted=adjusted, error=panel("rows", seed=9))
    fit = fit_both(problem)
    rho, value = fit.spatial
    W, V, S, B, D = dense(problem, rho, value)
    n, s2 = 84, fit.sigma2
    U = np.linalg.qr(B @ D)[0]
    P = U @ U.T
    Q = np.eye(n) - P
    T = Q if adjusted else np.eye(n)
    G, H = B @ W @ np.linalg.inv(S) @ np.linalg.inv(B), V @ np.linalg.inv(B)
    X = Q @ B @ problem.X.reshape(n, -1)
    eta = Q @ (B @ W @ problem.y.ravel() - G @ fit.residuals.ravel())
    L = H + H.T
    A = np.zeros((5, 5))
    A[:2, :2] = X.T @ X / s2
    A[:2, 2] = A[2, :2] = X.T @ eta / s2
    A[2, 4] = A[4, 2] = np.trace(T @ G) / s2
    A[3, 4] = A[4, 3] = np.trace(T @ H) / s2
    A[4, 4] = problem.degrees_of_freedom / (2 * s2**2)
    A[3, 3] = np.trace(T @ H @ T @ L)
    A[3, 2] = A[2, 3] = np.trace(T @ G.T @ T @ L)
    variance = A.copy()
    shared = eta @ eta / s2 + np.trace(T @ G.T @ T @ G)
    A[2, 2] = shared + np.trace(T @ G @ G)
    variance[2, 2] = shared + np.trace(T @ G @ T @ G)
    if adjusted:
        A[2, 3] += np.trace(P @ L @ Q @ G)
    information = filtered_information(problem, fit)
    assert information.slope == pytest.approx(A, rel=1e-8, abs=1e-8)
    assert information.variance == pytest.approx(variance, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adjusted", [True, False])
def test_observed_information_is_minus_the_slope_of_the_scores(panel, kind, adjusted):
    """Concentrating beta and sigma2 out of the observed information leaves minus the Jacobian of the profile scores."""
    problem = problem_of(panel(kind), "SAC", adjusted=adjusted, error=panel("rows", seed=9))
    fit = fit_both(problem)
    combined = Combined(
        problem, Filtered.of(problem, problem.error), Jacobian.of(problem.lag, problem.adjusting)
    )
    slope = filtered_information(problem, fit, observed=True).slope
    inside = np.linalg.inv(np.linalg.inv(slope)[2:4, 2:4])
    steps = STEP * np.eye(2)
    numeric = np.stack(
        [(combined.scores(fit.spatial + s) - combined.scores(fit.spatial - s)) / (2 * STEP) for s in steps],
        axis=1,
    )
    assert inside == pytest.approx(-numeric, rel=1e-5, abs=1e-4)


def test_the_error_model_is_the_combined_one_without_a_lag(panel):
    problem = problem_of(panel("islands"), "SDEM")
    fit = fit_error(problem)
    information = filtered_information(problem, fit)
    _, V, _, B, D = dense(problem, 0.0, fit.spatial[0])
    U = np.linalg.qr(B @ D)[0]
    Q, H = np.eye(84) - U @ U.T, V @ np.linalg.inv(B)
    assert information.slope[-2, -2] == pytest.approx(np.trace(Q @ H @ Q @ (H + H.T)))
    assert information.variance == pytest.approx(information.slope)


def test_residuals_disturbances_and_dummies(panel):
    problem = problem_of(panel("directed"), "SAC")
    beta, spatial = np.array([1.0, -0.5]), np.array([0.3, 0.2])
    _, _, S, B, D = dense(problem, *spatial)
    U = np.linalg.qr(B @ D)[0]
    left = B @ (S @ problem.y.ravel() - problem.X.reshape(84, -1) @ beta)
    expected = left - U @ (U.T @ left)
    residuals = filtered_residuals(problem, beta, spatial)
    assert residuals.ravel() == pytest.approx(expected, abs=1e-10)
    own = filtered_dummies(problem, 0.2)
    assert own @ own.T == pytest.approx(U @ U.T, abs=1e-10)
    fit = replace(fit_error(replace(problem, lag=None)), spatial=spatial, residuals=residuals)
    assert B @ disturbances(problem, fit).ravel() == pytest.approx(expected, abs=1e-10)


def test_projected_traces():
    rng = np.random.default_rng(0)
    A, C = rng.normal(size=(2, 3, 4, 4))
    U = np.linalg.qr(rng.normal(size=(12, 5)))[0]
    Q = np.eye(12) - U @ U.T
    traces = Projected(U.reshape(3, 4, 5))
    assert traces.single(A) == pytest.approx(np.trace(Q @ block_diag(*A)))
    assert traces.double(A, C) == pytest.approx(np.trace(Q @ block_diag(*A) @ Q @ block_diag(*C)))


def test_missing_weights_and_perfect_fits_are_errors(panel):
    problem = problem_of(panel(), "SAC")
    with pytest.raises(EstimationError, match="needs weights"):
        fit_error(replace(problem, error=None))
    with pytest.raises(EstimationError, match="needs weights"):
        fit_both(replace(problem, lag=None))
    exact = replace(problem, y=problem.X[:, :, 0] + np.arange(14.0))
    with pytest.raises(EstimationError, match="perfectly"):
        fit_error(replace(exact, lag=None))
    with pytest.raises(EstimationError, match="perfectly"):
        fit_both(exact)
