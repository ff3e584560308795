"""The maximum of a profile likelihood in one parameter, from the zeros of its score."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.optimize import brentq

from yrdspatial.errors import EstimationError
from yrdspatial.models.log_determinant import LogJacobian
from yrdspatial.models.within import FloatArray

Score: TypeAlias = Callable[[FloatArray], FloatArray]
Objective: TypeAlias = Callable[[float], float]

GRID = 32
"""Points at which the score is looked at before its zeros are bracketed."""
EDGE = 1e-7
"""The share of the interval left out at each end."""
ROUNDS = 12
"""How often the exact slopes are moved after the maximum."""


def inner_ends(bounds: tuple[float, float], edge: float = EDGE) -> tuple[float, float]:
    """Return the ends of the interval that is searched, just inside the interval.

    Parameters
    ----------
    bounds : tuple of float
        The interval.
    edge : float
        The share of it left out at each end.

    Returns
    -------
    tuple of float
        Its ends, moved in.
    """
    margin = edge * (bounds[1] - bounds[0])
    return bounds[0] + margin, bounds[1] - margin


def maximize(
    score: Score,
    objective: Objective,
    bounds: tuple[float, float],
    edge: float = EDGE,
) -> tuple[float, bool]:
    """Find the best zero of a score inside an interval.

    Parameters
    ----------
    score : callable
        The score at many points.
    objective : callable
        The function whose derivative it is; asked only when there is more than one candidate.
    bounds : tuple of float
        The interval.
    edge : float
        The share of it left out at each end.

    Returns
    -------
    point : float
        The maximum.
    at_bound : bool
        Whether it is an end of the interval.

    Raises
    ------
    EstimationError
        If the score is not finite anywhere.
    """
    lower, upper = inner_ends(bounds, edge)
    grid = lower + (upper - lower) * 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, GRID)))
    values = score(grid)
    if not np.isfinite(values).any():
        raise EstimationError(
            "the likelihood is not finite", cure="check for a constant or perfectly fitted y"
        )
    downs = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    points = [_zero(score, float(grid[i]), float(grid[i + 1])) for i in downs]
    ends = [float(end) for end, rises in ((grid[0], values[0] < 0), (grid[-1], values[-1] > 0)) if rises]
    candidates = [(point, False) for point in points] + [(end, True) for end in ends]
    if len(candidates) == 1:
        return candidates[0]
    return max(candidates or [(float(grid[0]), True)], key=lambda candidate: objective(candidate[0]))


def pinpoint(
    functions: Callable[[LogJacobian], tuple[Score, Objective]],
    jacobian: LogJacobian,
    bounds: tuple[float, float],
    edge: float = EDGE,
) -> tuple[LogJacobian, float, bool]:
    """Find the best zero of a score; where its slopes are approximate, again where they are exact.

    Parameters
    ----------
    functions : callable
        The score and its objective under a log-Jacobian.
    jacobian : LogJacobian
        The log-Jacobian.
    bounds : tuple of float
        The interval.
    edge : float
        The share of it left out at each end.

    Returns
    -------
    jacobian : LogJacobian
        One that is exact at the maximum.
    point : float
        The maximum.
    at_bound : bool
        Whether it is an end of the interval.

    Raises
    ------
    EstimationError
        If the maximum found with approximate slopes is none.
    """
    point, at_bound = maximize(*functions(jacobian), bounds, edge)
    for _ in range(ROUNDS):
        if at_bound or jacobian.exact_at(point):
            return jacobian, point, at_bound
        jacobian = jacobian.near(point)
        point, moved = maximize(*functions(jacobian), jacobian.reach, 0.0)
        if not moved:
            return jacobian, point, False
        jacobian = jacobian.near(point)
    raise EstimationError("the maximum of the likelihood was not found", cure="report the data of this fit")


def _zero(score: Score, lower: float, upper: float) -> float:
    def at(point: float) -> float:
        return float(score(np.array([point]))[0])

    return float(brentq(at, lower, upper, xtol=1e-14, rtol=1e-14))
