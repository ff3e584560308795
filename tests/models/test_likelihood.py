"""The concentrated likelihood of the lag models against the likelihood written out on N T x N T matrices."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import block_diag, logm
from scipy.optimize import minimize

from yrdspatial.errors import EstimationError
from yrdspatial.models.estimators import SAR, SDM
from yrdspatial.models.likelihood import (
    fit_lag,
    gaussian,
    lag_profile,
    least_squares,
    spatial_lag,
)
from yrdspatial.models.linear import fit_linear
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import dummy_basis

KINDS = ("constant", "rows", "islands", "symmetric", "directed")


def problem_of(simulated, effects="twoways", *, adjusted=True, model=SDM):
    problem = model(simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=effects).design.problem
    return replace(problem, adjusted=adjusted)


def dense_loglik(problem, rho, beta, sigma2):
    """Write out the (adjusted) log-likelihood at any parameters, without concentrating anything."""
    T, N = problem.y.shape
    W = block_diag(*problem.lag.matrices[problem.lag.position])
    U = dummy_basis(problem.effects)
    M = np.eye(T * N) - U @ U.T
    S = np.eye(T * N) - rho * W
    e = M @ (S @ problem.y.ravel() - problem.X.reshape(T * N, -1) @ beta)
    if problem.adjusted:
        blocks = [slice(t * N, (t + 1) * N) for t in range(T)]
        jacobian = sum(np.trace(M[b, b] @ logm(S[b, b])).real for b in blocks)
    else:
        jacobian = np.linalg.slogdet(S)[1]
    return jacobian - 0.5 * problem.degrees_of_freedom * np.log(2 * np.pi * sigma2) - 0.5 * e @ e / sigma2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effects", ["pooled", "unit", "time", "twoways"])
@pytest.mark.parametrize("adjusted", [True, False])
def test_loglik_at_the_estimates_is_the_one_written_out(panel, kind, effects, adjusted):
    problem = problem_of(panel(kind), effects, adjusted=adjusted)
    fit = fit_lag(problem)
    written = dense_loglik(problem, fit.spatial[0], fit.beta, fit.sigma2)
    assert fit.loglik == pytest.approx(written, abs=1e-8)  # logm is good to 1e-10


@pytest.mark.parametrize(("kind", "adjusted"), [("islands", False), ("islands", True)])
def test_estimates_are_where_a_general_minimizer_ends(panel, kind, adjusted):
    problem = problem_of(panel(kind, periods=3), adjusted=adjusted, model=SAR)
    fit = fit_lag(problem)

    lower, upper = problem.lag.bounds

    def loss(theta):
        if not lower < theta[0] < upper:
            return 1e6
        return -dense_loglik(problem, theta[0], theta[1:3], np.exp(theta[3]))

    found = minimize(
        loss, [0.2, 0.5, -0.5, 0.0], method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-8}
    ).x
    ours = [*fit.spatial, *fit.beta, np.log(fit.sigma2)]
    assert ours == pytest.approx(found, abs=2e-5)  # the minimizer's own tolerance


@pytest.mark.parametrize("kind", KINDS)
def test_score_and_curvature_are_derivatives_of_the_profile(panel, kind):
    profile = lag_profile(problem_of(panel(kind)))[0]
    step = 1e-5
    for rho in (-0.3, 0.2, 0.6):
        up, at, down = (profile.loglik(rho + shift) for shift in (step, 0.0, -step))
        score = profile.score(np.array([rho + step, rho, rho - step]))
        assert score[1] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-6)
        assert profile.curvature(rho) == pytest.approx(-(score[0] - score[2]) / (2 * step), rel=1e-6)
        assert at <= fit_lag(problem_of(panel(kind))).loglik + 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_with_unit_effects_alone_rho_and_beta_need_no_adjustment(panel, kind):
    adjusted, plain = (fit_lag(problem_of(panel(kind), "unit", adjusted=a)) for a in (True, False))
    assert adjusted.spatial == pytest.approx(plain.spatial, abs=1e-10)
    assert adjusted.beta == pytest.approx(plain.beta, abs=1e-10)
    assert adjusted.sigma2 == pytest.approx(plain.sigma2 * 6 / 5, rel=1e-10)


def test_the_optimum_is_verified(panel):
    fit = fit_lag(problem_of(panel()))
    assert fit.score == pytest.approx([0.0], abs=1e-8)
    assert fit.curvature[0] > 0
    assert fit.at_bound == (False,)
    assert fit.fall > 1.92


def test_lag_of_y_is_formed_before_demeaning(panel):
    """Unit effects of size 50 change nothing: with W_t they would if y were demeaned first."""
    simulated = panel("rows")
    problem = problem_of(simulated)
    shift = 50.0 * np.random.default_rng(3).normal(size=(1, 14))
    S = np.eye(14) - 0.4 * problem.lag.matrices[problem.lag.position]
    moved = problem.y + np.linalg.solve(S, np.broadcast_to(shift, (6, 14))[:, :, None])[:, :, 0]
    rho = fit_lag(replace(problem, y=moved)).spatial[0]
    assert abs(rho - 0.4) < 0.01  # the effects now pin rho down, since W_t varies


def test_least_squares_solves_the_normal_equations():
    rng = np.random.default_rng(0)
    x, targets = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    coefficients, residuals = least_squares(x, targets)
    assert x.T @ x @ coefficients == pytest.approx(x.T @ targets)
    assert residuals == pytest.approx(targets - x @ coefficients)
    nothing, everything = least_squares(np.zeros((30, 0)), targets)
    assert nothing.shape == (0, 2)
    assert (everything == targets).all()


def test_gaussian_is_the_density_of_residuals():
    from scipy.stats import norm

    residuals = np.random.default_rng(0).normal(size=12)
    sigma2 = residuals @ residuals / 12
    assert gaussian(12, sigma2) == pytest.approx(norm.logpdf(residuals, scale=sigma2**0.5).sum())


def test_linear_fit_is_least_squares_with_dummies(panel):
    problem = problem_of(panel(), adjusted=False)
    fit = fit_linear(problem)
    x = np.hstack([problem.X.reshape(84, -1), dummy_basis(problem.effects)])
    beta, sse = np.linalg.lstsq(x, problem.y.ravel(), rcond=None)[:2]
    assert fit.beta == pytest.approx(beta[:4])
    assert fit.sigma2 == pytest.approx(sse[0] / 84)


def test_spatial_lag_uses_the_weights_of_the_period(panel):
    simulated = panel("rows")
    spectra = problem_of(simulated).lag
    expected = np.einsum("tij,tjk->tik", simulated.arrays["weights"], simulated.arrays["x"])
    assert spatial_lag(spectra, simulated.arrays["x"]) == pytest.approx(expected)
    one = Spectra.of(spectra.matrices[:1], np.zeros(6, int))
    assert spatial_lag(one, simulated.arrays["x"])[3] == pytest.approx(
        spectra.matrices[0] @ simulated.arrays["x"][3]
    )


def test_a_perfect_fit_and_a_missing_lag_are_errors(panel):
    problem = problem_of(panel("constant"))
    exact = replace(problem, y=problem.X[:, :, 0] * 2.0)
    with pytest.raises(EstimationError):
        fit_lag(replace(exact, y=np.zeros_like(problem.y)))
    for function in (fit_lag, lag_profile):
        with pytest.raises(EstimationError, match="needs weights"):
            function(replace(problem, lag=None))
