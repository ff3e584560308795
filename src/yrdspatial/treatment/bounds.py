"""How wrong the trends may be before an effect is gone: bounds when trends are parallel only roughly."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize, stats

from yrdspatial.errors import SpecificationError
from yrdspatial.models.within import FloatArray
from yrdspatial.treatment.results import EventStudy

Kind = Literal["relative_magnitude", "smoothness"]


def honest_bounds(
    study: EventStudy,
    *,
    kind: Kind = "relative_magnitude",
    M: Sequence[float] = (0.0, 0.5, 1.0, 1.5, 2.0),
    event_time: int | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Bound an effect when trends after treatment may differ, by no more than what is seen before it allows.

    Parameters
    ----------
    study : EventStudy
        By group_time or twoways: their coefficients before and after share the reference -1, without which the bounds
        have no meaning.
    kind : {"relative_magnitude", "smoothness"}
        "relative_magnitude": from one year to the next the difference in trends changes by at most M times its largest
        change before treatment. "smoothness": the slope of the difference in trends changes by at most M a year
        (M = 0: a straight line).
    M : sequence of float
        Values to try.
    event_time : int, optional
        Which effect; by default the mean over all event times from 0 on.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        Index ``M``; ``lower``, ``upper`` of the interval; for "relative_magnitude" also ``set_lower``, ``set_upper``,
        what would be known without sampling error. "smoothness" is the fixed-length interval of Rambachan and Roth:
        the estimator is linear in all coefficients and chosen for the shortest interval under its worst bias.
        "relative_magnitude" is *not* their conditional or hybrid interval but a simpler one that holds at least as
        often as it says (conservative): for each year before and each sign a normal interval of the end of the set,
        and the union of all of them.

    Raises
    ------
    SpecificationError
        If the coefficients have no common reference, event times have a gap, or there are too few before treatment.

    References
    ----------
    Rambachan and Roth (2023), Review of Economic Studies 90, 2555-2591, sections 2.4 and 4; Roth (2024), arXiv
    2401.12309, for the common reference.

    Examples
    --------
    >>> times = pd.Index([-3, -2, 0, 1], name="event_time")
    >>> table = pd.DataFrame({"estimate": [0.0, 0.1, 1.0, 1.2]}, index=times)
    >>> V = pd.DataFrame(np.eye(4) * 0.01, times, times)
    >>> att = pd.Series({"estimate": 1.1, "std_error": 0.1})
    >>> study = EventStudy("twoways", "not_yet", "y", table, att, None, table, table, V, 41, 0.95, ())
    >>> honest_bounds(study, M=[0, 1], event_time=0).round(2).to_numpy().tolist()
    [[1.0, 1.0, 0.8, 1.2], [0.9, 1.1, 0.56, 1.44]]
    """
    times, beta, V = _parts(study)
    target = _target(times, event_time)
    values = [float(one) for one in M]
    if min(values, default=-1.0) < 0.0 or not 0.5 < level < 1.0:
        raise SpecificationError(
            "M or level makes no sense", where="honest_bounds", cure="use M from 0 on, level 0.95"
        )
    if kind == "relative_magnitude":
        rows = [relative_magnitude(times, beta, V, target, (one, level)) for one in values]
        return pd.DataFrame(rows, index=pd.Index(values, name="M"))
    if kind == "smoothness":
        rows = [smoothness(times, beta, V, target, (one, level)) for one in values]
        return pd.DataFrame(rows, index=pd.Index(values, name="M"))
    raise SpecificationError(
        f"unknown kind {kind!r}", where="honest_bounds", cure="relative_magnitude or smoothness"
    )


def _parts(study: EventStudy) -> tuple[FloatArray, FloatArray, FloatArray]:
    if study.method == "imputation":
        what = "by imputation coefficients before and after treatment have different references"
        raise SpecificationError(what, where="honest_bounds", cure='use method="group_time"')
    times = study.table.index.to_numpy(dtype=np.float64)
    before = (times < -1).sum()
    whole = np.union1d(times, [-1.0])
    if before < 1 or times[-1] < 0 or (np.diff(whole) != 1.0).any():
        what = "event times have a gap, or none lies before -1 or after it"
        raise SpecificationError(what, where="honest_bounds", cure="use a narrower window")
    return (
        times,
        study.table["estimate"].to_numpy(dtype=np.float64),
        study.covariance.to_numpy(dtype=np.float64),
    )


def _target(times: FloatArray, event_time: int | None) -> FloatArray:
    chosen = times >= 0 if event_time is None else (times == event_time) & (times >= 0)
    if not chosen.any():
        raise SpecificationError(
            f"no effect at {event_time}", where="honest_bounds", cure="use 0 or a later time"
        )
    return np.asarray(chosen / chosen.sum())


def relative_magnitude(
    times: FloatArray, beta: FloatArray, V: FloatArray, target: FloatArray, asked: tuple[float, float]
) -> dict[str, float]:
    """Bound under changes of the trend of at most M times the largest one before treatment.

    Parameters
    ----------
    times : ndarray, shape (q,)
        Event times without -1.
    beta, V : ndarray, shapes (q,) and (q, q)
        Coefficients and their covariance.
    target : ndarray, shape (q,)
        Weights of the effect, zero before treatment.
    asked : (float, float)
        M and level.

    Returns
    -------
    dict of str to float
        ``set_lower``, ``set_upper``, ``lower``, ``upper``.

    Examples
    --------
    >>> times, one = np.array([-2.0, 0.0]), np.array([0.0, 1.0])
    >>> relative_magnitude(times, np.array([0.2, 1.0]), np.eye(2), one, (1.0, 0.95))["set_upper"]
    1.2
    """
    M, level = asked
    reach = M * np.abs(np.cumsum(target[times >= 0][::-1])).sum()
    steps = _steps(times)
    ends = np.vstack([target + sign * reach * step for step in steps for sign in (1.0, -1.0)])
    values = ends @ beta
    errors = stats.norm.ppf(0.5 + level / 2.0) * np.sqrt(np.einsum("ij,jk,ik->i", ends, V, ends))
    return {
        "set_lower": float(values.min()),
        "set_upper": float(values.max()),
        "lower": float((values - errors).min()),
        "upper": float((values + errors).max()),
    }


def _steps(times: FloatArray) -> FloatArray:
    # Changes from year to year before treatment as rows of weights on the coefficients, the one at -1 being zero.
    before = int((times < 0).sum())
    rows = np.zeros((before, times.size))
    rows[np.arange(before), np.arange(before)] = -1.0
    rows[np.arange(before - 1), np.arange(1, before)] = 1.0
    return rows


def smoothness(
    times: FloatArray, beta: FloatArray, V: FloatArray, target: FloatArray, asked: tuple[float, float]
) -> dict[str, float]:
    """Bound under slopes of the trend that change by at most M a year: the shortest interval of fixed length.

    Parameters
    ----------
    times, beta, V, target, asked : ndarray, ..., (float, float)
        As of :func:`relative_magnitude`.

    Returns
    -------
    dict of str to float
        ``lower``, ``upper``.

    Examples
    --------
    >>> times, one = np.array([-2.0, 0.0]), np.array([0.0, 1.0])
    >>> found = smoothness(times, np.array([-0.2, 1.0]), np.eye(2), one, (0.0, 0.95))
    >>> round((found["lower"] + found["upper"]) / 2, 6)  # a line through -0.2 and 0 goes on to 0.2
    0.8
    """
    M, level = asked
    bends = _bends(times)
    candidates = [
        _weights(times, V, target, bends, share) for share in (0.0, *np.geomspace(1e-3, 1e3, 25) * M**2)
    ]
    lengths = [_length(v, V, bends, M, level) for v in candidates]
    best = candidates[int(np.argmin(lengths))]
    middle = float(best @ beta)
    return {"lower": middle - min(lengths), "upper": middle + min(lengths)}


def _bends(times: FloatArray) -> FloatArray:
    # Trends with one kink each, zero at -1, as rows: every trend is a line plus a sum of these.
    kinks = np.arange(times[0] + 1, times[-1])
    right = np.maximum(times - np.maximum(kinks, -1.0)[:, None], 0.0)
    left = np.maximum(np.minimum(kinks, -1.0)[:, None] - times, 0.0)
    return np.asarray(np.where(kinks[:, None] >= -1.0, right, left))


def _weights(
    times: FloatArray, V: FloatArray, target: FloatArray, bends: FloatArray, share: float
) -> FloatArray:
    # Weights on all coefficients, those after treatment given, without bias under a line, that keep
    # variance + share * (sum of |bias by kink|)^2 small.
    before = times < 0
    line = times + 1.0
    lead = np.flatnonzero(before)
    start = np.zeros(times.size)
    start[lead] = -line[lead] * (target @ line) / (line[lead] @ line[lead])
    start += target
    if lead.size == 1:
        return start
    null = np.linalg.svd(line[lead][None, :])[2][1:].T
    free = np.zeros((times.size, null.shape[1]))
    free[lead] = null
    count, kinks = free.shape[1], len(bends)

    def loss(z: FloatArray) -> float:
        v, size = start + free @ z[:count], z[count:].sum()
        return float(v @ V @ v + share * size**2)

    def slope(z: FloatArray) -> FloatArray:
        v, size = start + free @ z[:count], z[count:].sum()
        return np.concatenate([2.0 * free.T @ V @ v, np.full(kinks, 2.0 * share * size)])

    if share == 0.0:
        z = np.linalg.solve(free.T @ V @ free, -free.T @ V @ start)
        return start + free @ z
    bias = np.vstack([np.hstack([-sign * bends @ free, np.eye(kinks)]) for sign in (1.0, -1.0)])
    limit = np.concatenate([bends @ start, -bends @ start])
    first = np.concatenate([np.zeros(count), np.abs(bends @ start)])
    bounds = {"type": "ineq", "fun": lambda z: bias @ z - limit, "jac": lambda _: bias}
    found = optimize.minimize(
        loss, first, jac=slope, constraints=[bounds], method="SLSQP", options={"maxiter": 200}
    )
    return np.asarray(start + free @ found.x[:count])


def _length(v: FloatArray, V: FloatArray, bends: FloatArray, M: float, level: float) -> float:
    # Half the length: the quantile of |N(bias, variance)|.
    error = float(np.sqrt(v @ V @ v))
    ratio = M * np.abs(bends @ v).sum() / error
    return float(
        error * np.sqrt(stats.ncx2.ppf(level, 1, ratio**2))
        if ratio
        else error * stats.norm.ppf(0.5 + level / 2.0)
    )
