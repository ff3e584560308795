"""Estimates of SAR and SDM from the values that there are: the zero of their score, and observed information."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import least_squares
from yrdspatial.models.observed import Observed, Point, concentrate, score
from yrdspatial.models.within import FloatArray

GRID = 5
"""Inner points at which the sign of the score is looked at before its zeros are found."""
INSET = 1e-6
"""How far inside its interval, as a share of its length, rho is searched."""
EXACT = 1e-18
"""A sum of squared residuals below this share of that of y is a perfect fit, to the precision of rho."""
IDENTIFIED = 1e-10
"""The smallest eigenvalue of the scaled information that counts as positive."""


@dataclass(frozen=True)
class ObservedFit:
    """The numbers of a model fitted to the values that there are.

    Attributes
    ----------
    point : Point
        Estimates and conditional means at the solution.
    rho : float
        The spatial parameter.
    hole_covariance : ndarray, shape (m, m)
        Covariance of what is missing, given what is there and the parameters.
    covariance : ndarray, shape (k + 2, k + 2)
        Of beta, rho and sigma2: the inverse of the observed information.
    at_bound : bool
        Whether rho lies at the end of its interval.
    score : float
        The score of rho at the solution.
    """

    point: Point
    rho: float
    hole_covariance: FloatArray
    covariance: FloatArray
    at_bound: bool
    score: float


def fit_observed(problem: Observed) -> ObservedFit:
    """Estimate SAR or SDM from the values that there are.

    The estimates are the fixed point of the EM algorithm whose E-step fills the holes and whose M-step maximizes the
    (adjusted) likelihood of complete data, found directly as the zero of its score.

    Parameters
    ----------
    problem : Observed
        The arrays.

    Returns
    -------
    ObservedFit
        The estimates.

    Raises
    ------
    EstimationError
        If too little is observed, X and W y fit y perfectly, or rho is not identified.

    References
    ----------
    Dempster, A. P., Laird, N. M., and Rubin, D. B. (1977), Maximum likelihood from incomplete data via the EM
    algorithm, Journal of the Royal Statistical Society B 39, 1-38. LeSage, J. P., and Pace, R. K. (2004), Models for
    spatially dependent missing data, Journal of Real Estate Finance and Economics 29, 233-254.

    Examples
    --------
    >>> from yrdspatial.models.spectra import Spectra
    >>> ring = 0.5 * (np.roll(np.eye(8), 1, axis=1) + np.roll(np.eye(8), -1, axis=1))
    >>> rng, lag = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(1, dtype=np.intp))
    >>> x = rng.normal(size=(10, 8))
    >>> y = (x + 0.1 * rng.normal(size=(10, 8))) @ np.linalg.inv(np.eye(8) - 0.4 * ring).T
    >>> hole = np.array([5])
    >>> known, y.flat[5] = y.flat[5], 0.0
    >>> none = np.zeros((80, 0))
    >>> problem = Observed(y.ravel(), x.reshape(80, 1), (lag,), np.zeros(10, dtype=np.intp), none, hole, False)
    >>> fit = fit_observed(problem)
    >>> round(fit.rho, 1), bool(abs(fit.point.filled[0] - known) < 0.3)
    (0.4, True)
    """
    if problem.divisor <= problem.X.shape[1] + 1:
        raise EstimationError("fewer values than parameters", cure="keep more years, or drop regressors")
    rho, at_bound = _solve(problem)
    point = concentrate(problem, rho)
    if not point.sigma2 * problem.divisor > EXACT * float((problem.y**2).sum()):
        raise EstimationError("the regressors fit the dependent variable perfectly", cure="drop regressors")
    columns = point.columns if problem.adjusted else problem.holes - rho * problem.lag[:, 1:]
    inner = columns.T @ columns
    return ObservedFit(
        point=point,
        rho=rho,
        hole_covariance=np.asarray(point.sigma2 * np.linalg.inv(inner), dtype=np.float64),
        covariance=_inverse(information(problem, rho, point)),
        at_bound=at_bound,
        score=score(problem, rho),
    )


def _inverse(matrix: FloatArray) -> FloatArray:
    scale = np.sqrt(np.abs(np.diag(matrix)))
    if not (np.isfinite(matrix).all() and (scale > 0).all()):
        raise EstimationError("the information matrix is singular", cure="use sparser weights or fewer terms")
    scaled = matrix / np.outer(scale, scale)
    if np.linalg.eigvalsh(scaled).min() < IDENTIFIED:
        what = "rho is not identified: the likelihood of what is observed has no maximum with a curvature"
        raise EstimationError(what, cure="use sparser weights, fewer effects, or keep more values")
    return np.asarray(np.linalg.inv(scaled) / np.outer(scale, scale))


def _solve(problem: Observed) -> tuple[float, bool]:
    # The zero of the score where it falls; of several that with the highest integral of the score.
    lower, upper = problem.bounds
    inset = INSET * (upper - lower)
    grid = np.concatenate([[lower + inset], np.linspace(lower, upper, GRID + 2)[1:-1], [upper - inset]])
    values = np.array([score(problem, float(rho)) for rho in grid])
    falls = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    if not falls.size:
        return float(grid[0] if values[0] <= 0 else grid[-1]), True
    rises = np.concatenate([[0.0], np.cumsum(0.5 * (values[:-1] + values[1:]) * np.diff(grid))])
    best = int(falls[np.argmax(rises[falls])])

    def value(rho: float) -> float:
        return score(problem, rho)

    return _zero(value, float(grid[best]), float(grid[best + 1])), False


def _zero(function: Callable[[float], float], lower: float, upper: float) -> float:
    return float(brentq(function, lower, upper, xtol=1e-11, rtol=1e-12))


def information(problem: Observed, rho: float, point: Point) -> FloatArray:
    """Return minus the slope of the scores of beta, rho and sigma2, of the values that there are.

    Parameters
    ----------
    problem : Observed
        The arrays.
    rho : float
        The estimate.
    point : Point
        The rest of the estimates.

    Returns
    -------
    ndarray, shape (k + 2, k + 2)
        Observed information, exact but for a central difference in rho.
    """
    X, count = problem.parts[0], point.beta.size
    inner = X - point.columns @ least_squares(point.columns, X)[0] if problem.missing.size else X
    lower, upper = problem.bounds
    step = 1e-5 * min(upper - rho, rho - lower, 1.0)
    ends = [concentrate(problem, rho + side * step, point.beta) for side in (-1.0, 1.0)]
    slopes = [score(problem, rho + side * step, point.beta, point.sigma2) for side in (-1.0, 1.0)]
    out = np.zeros((count + 2, count + 2))
    out[:count, :count] = X.T @ inner / point.sigma2
    out[:count, count] = -X.T @ (ends[1].residuals - ends[0].residuals) / (2.0 * step * point.sigma2)
    out[count, :count] = out[:count, count]
    out[count, count] = -(slopes[1] - slopes[0]) / (2.0 * step)
    out[count, -1] = out[-1, count] = float(point.lagged @ point.residuals) / point.sigma2**2
    out[-1, -1] = 0.5 * problem.divisor / point.sigma2**2
    return out
