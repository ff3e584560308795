"""Least squares on demeaned data: the models without a spatial lag or error."""

import numpy as np

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import PERFECT, Fit, Problem, gaussian, least_squares
from yrdspatial.models.within import demean


def fit_linear(problem: Problem) -> Fit:
    """Least squares on demeaned data: OLS, within and SLX.

    Parameters
    ----------
    problem : Problem
        Arrays of a model without a spatial lag or error.

    Returns
    -------
    Fit
        The estimates; when adjusted, sigma2 is the sum of squares over M0 - k as in a regression, while the
        log-likelihood has M0 as those of the spatial models, so that they compare.

    Raises
    ------
    EstimationError
        If X fits y perfectly.
    """
    periods, units, count = problem.X.shape
    data = demean(np.concatenate([problem.y[:, :, None], problem.X], axis=2), problem.effects)
    flat = data.reshape(periods * units, count + 1)
    coefficients, residuals = least_squares(flat[:, 1:], flat[:, :1])
    sse = float(residuals[:, 0] @ residuals[:, 0])
    if not sse > PERFECT * float((problem.y**2).sum()):
        raise EstimationError("the regressors fit the dependent variable perfectly", cure="drop regressors")
    divisor = problem.degrees_of_freedom - (count if problem.adjusted else 0)
    none = np.zeros(0)
    return Fit(
        beta=coefficients[:, 0],
        spatial=none,
        sigma2=sse / divisor,
        loglik=gaussian(problem.degrees_of_freedom, sse / problem.degrees_of_freedom),
        residuals=residuals.reshape(periods, units),
        bounds=(),
        score=none,
        curvature=none,
        at_bound=(),
        divisor=divisor,
        fall=None,
    )
