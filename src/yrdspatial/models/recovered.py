"""Unit and time effects of a fitted model: what X, the lags and the disturbances leave of y, split."""

from dataclasses import replace

from yrdspatial.models.filtered import disturbances
from yrdspatial.models.likelihood import Fit, Problem, spatial_lag
from yrdspatial.models.within import FloatArray, recover


def recovered_effects(problem: Problem, fit: Fit) -> tuple[FloatArray, FloatArray]:
    """Recover the effects of a fitted model.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.

    Returns
    -------
    unit : ndarray, shape (n windows, N)
        Unit effects; those of a model with random effects are predicted.
    time : ndarray, shape (T, n groups)
        Time effects.
    """
    lags = problem.parts or (() if problem.lag is None else (problem.lag,))
    remainder = problem.y - problem.X @ fit.beta - disturbances(problem, fit)
    for rho, weights in zip(fit.spatial, lags, strict=False):
        remainder = remainder - rho * spatial_lag(weights, problem.y[:, :, None])[:, :, 0]
    if not problem.random:
        return recover(remainder, problem.effects)
    if problem.random == "kkp" and problem.error is not None:
        error = fit.spatial[len(lags)]
        remainder = remainder - error * spatial_lag(problem.error, remainder[:, :, None])[:, :, 0]
    return recover(remainder, replace(problem.effects, unit=True))
