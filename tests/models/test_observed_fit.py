"""Zeros of the score of what is observed: the best of several, ends of the interval, what cannot be estimated."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from yrdspatial.errors import EstimationError
from yrdspatial.models.observed import Observed, concentrate, log_likelihood
from yrdspatial.models.observed_fit import fit_observed, information
from yrdspatial.models.spectra import Spectra

RING = np.roll(np.eye(9), 1, axis=1) / 2 + np.roll(np.eye(9), -1, axis=1) / 2


def synthetic(seed, W=RING, *, rho=0.4, noise=0.5, missing=(4, 17, 30), basis=None, adjusted=False):
    """Draw a synthetic panel of nine units and eight years, without effects unless a basis is given."""
    rng, units = np.random.default_rng(seed), len(W)
    x = rng.normal(size=(8, units))
    y = ((x + noise * rng.normal(size=x.shape)) @ np.linalg.inv(np.eye(units) - rho * W).T).ravel()
    rows = np.array(missing, dtype=np.intp)
    y[rows] = 0.0
    weights = (Spectra.of(W[None], np.zeros(1, dtype=np.intp)),)
    columns = np.zeros((y.size, 0)) if basis is None else basis
    return Observed(y, x.reshape(-1, 1), weights, np.zeros(8, dtype=np.intp), columns, rows, adjusted)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.7])
def test_the_estimate_is_the_highest_point_of_the_likelihood(seed, rho):
    problem = synthetic(seed, rho=rho)
    fit = fit_observed(problem)
    best = minimize_scalar(
        lambda r: -log_likelihood(problem, r),
        bounds=problem.bounds,
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert fit.rho == pytest.approx(best.x, abs=1e-5)  # a flat top is found to the root of the precision
    assert not fit.at_bound


def test_a_hole_costs_information_and_never_adds_any():
    whole, holed = synthetic(1, missing=()), synthetic(1, missing=range(0, 40, 3))
    errors = [np.sqrt(np.diag(fit_observed(one).covariance)) for one in (whole, holed)]
    assert (errors[1][:2] > errors[0][:2]).all()
    point = concentrate(whole, 0.4)
    found = information(whole, 0.4, point)
    np.testing.assert_allclose(found, found.T)


def test_a_likelihood_that_rises_to_the_end_of_the_interval_is_refused():
    basis = np.kron(np.eye(8), np.ones((9, 1)) / 3.0)
    problem = synthetic(2, basis=basis, adjusted=True, missing=())
    wave = np.tile(
        np.sin(2.0 * np.pi * np.arange(9) / 9), 8
    )  # neighbours are alike, and time effects take the pole
    y = wave + 1e-4 * np.random.default_rng(1).normal(size=72)
    smooth = Observed(y, problem.X, problem.weights, problem.position, basis, problem.missing, True)
    with pytest.raises(EstimationError, match="rho is not identified"):
        fit_observed(smooth)


def test_one_network_for_all_with_time_effects_identifies_nothing():
    full = (1.0 - np.eye(9)) / 8
    basis = np.kron(np.eye(8), np.ones((9, 1)) / 3.0)
    problem = synthetic(3, W=full, basis=basis, adjusted=True)
    with pytest.raises(EstimationError, match="rho is not identified"):
        fit_observed(problem)


def test_too_few_values_are_refused():
    with pytest.raises(EstimationError, match="fewer values than parameters"):
        fit_observed(synthetic(4, missing=range(70)))
