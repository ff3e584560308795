"""Least squares on demeaned data against dummies written out."""

import numpy as np
import pytest

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.linear import fit_linear
from yrdspatial.models.within import Effects

PERIODS, UNITS = 5, 7


def problem_of(rng, *, adjusted=True):
    X = rng.normal(size=(PERIODS, UNITS, 2))
    y = X @ [1.0, -2.0] + rng.normal(size=UNITS) + rng.normal(size=(PERIODS, UNITS))
    effects = Effects.of(PERIODS, UNITS, unit=True, time=True)
    return Problem(y, X, effects, None, None, adjusted)


@pytest.mark.parametrize("adjusted", [True, False])
def test_within_is_least_squares_with_all_dummies(adjusted):
    problem = problem_of(np.random.default_rng(3), adjusted=adjusted)
    dummies = np.hstack(
        [np.kron(np.ones((PERIODS, 1)), np.eye(UNITS)), np.kron(np.eye(PERIODS), np.ones((UNITS, 1)))[:, 1:]]
    )
    full = np.hstack([problem.X.reshape(-1, 2), dummies])
    beta, *_ = np.linalg.lstsq(full, problem.y.ravel(), rcond=None)
    left = problem.y.ravel() - full @ beta
    fit = fit_linear(problem)
    assert fit.beta == pytest.approx(beta[:2], abs=1e-12)
    assert fit.residuals.ravel() == pytest.approx(left, abs=1e-12)
    degrees = PERIODS * UNITS - (full.shape[1] if adjusted else 0)
    assert fit.sigma2 == pytest.approx(left @ left / degrees)


def test_a_perfect_fit_is_refused():
    problem = problem_of(np.random.default_rng(3))
    exact = Problem(problem.X @ [1.0, 1.0], problem.X, problem.effects, None, None, True)
    with pytest.raises(EstimationError, match="perfectly"):
        fit_linear(exact)
