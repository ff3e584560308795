"""Profile-likelihood intervals of a single spatial parameter."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from yrdspatial.errors import SpecificationError
from yrdspatial.models.filtered import EDGE, Filtered
from yrdspatial.models.likelihood import Fit, Problem, lag_profile
from yrdspatial.models.optimum import inner_ends


def profile_function(problem: Problem) -> Callable[[float], float]:
    """Return the log-likelihood as a function of the one spatial parameter, all else maximized out.

    Parameters
    ----------
    problem : Problem
        A model with a lag of y or a spatial error, not both.

    Returns
    -------
    callable
        The profile log-likelihood.

    Raises
    ------
    SpecificationError
        If the model has no spatial parameter, two, or random effects.
    """
    if problem.random or (problem.lag is None) == (problem.error is None):
        cure = "use a model with rho or lambda alone and no random effects"
        raise SpecificationError("the profile likelihood is of one spatial parameter", cure=cure)
    if problem.lag is not None:
        return lag_profile(problem)[0].loglik
    if problem.error is None:
        raise SpecificationError("the model has no spatial parameter", cure="use SAR, SEM, SDM or SDEM")
    filtered = Filtered.of(problem, problem.error)

    def loglik(value: float) -> float:
        regression = filtered.at(value)
        return filtered.loglik(value, float(regression.moments[0, 0]), regression)

    return loglik


def profile_interval(problem: Problem, fit: Fit, level: float) -> tuple[float, float]:
    """Find where the profile log-likelihood has fallen by half the quantile of chi2(1).

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.
    level : float
        Coverage.

    Returns
    -------
    lower, upper : float
        Ends of the interval; the end of the parameter's own interval where the likelihood does not fall enough.

    Raises
    ------
    SpecificationError
        If the level is no probability.
    """
    if not 0 < level < 1:
        raise SpecificationError(f"level {level} is no probability", cure="use a level such as 0.95")
    loglik = profile_function(problem)
    best = float(fit.spatial[0])
    floor = loglik(best) - 0.5 * float(chi2.ppf(level, 1))

    def above(value: float) -> float:
        return loglik(value) - floor

    reach = inner_ends(fit.bounds[0]) if problem.error is None else inner_ends(fit.bounds[0], EDGE)
    ends = []
    for inner, outer in zip(reach, fit.bounds[0], strict=True):
        grid = np.linspace(best, inner, 64)[1:]
        below = [point for point in grid if above(float(point)) < 0]
        if below:
            step = grid[1] - grid[0]
            ends.append(float(brentq(above, float(below[0] - step), float(below[0]), xtol=1e-12)))
        else:
            ends.append(outer)
    return ends[0], ends[1]
