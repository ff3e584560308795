"""The log t regression and the grouping of series by it: arrays in, arrays out."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]
Variance: TypeAlias = Literal["long_run", "sandwich"]
CRITICAL = -1.65
"""The 5 % point of the one-sided test."""
STEP = 0.01
"""How much the sieve is tightened while the club that it gives does not converge."""


@dataclass(frozen=True)
class LogT:
    """A log t regression.

    Attributes
    ----------
    slope : float
        b: twice the speed at which relative transition paths come together (convergence of growth rates for
        0 <= b < 2, of levels from 2 on).
    std_error : float
        Robust to autocorrelation and heteroskedasticity.
    tstat : float
        slope / std_error; below -1.65 convergence is rejected at 5 %.
    """

    slope: float
    std_error: float
    tstat: float


@dataclass(frozen=True)
class LogTRule:
    """How series are tested and grouped.

    Attributes
    ----------
    trim : float
        The share of the first years that is left out of the regression.
    variance : {"long_run", "sandwich"}
        The standard error: the long-run variance of the residual times (X'X)^-1, or the sandwich of scores.
    sieve : float
        The t statistic above which a unit joins a core group.
    last : int
        Years at the end whose mean orders the units.
    """

    trim: float = 1.0 / 3.0
    variance: Variance = "long_run"
    sieve: float = 0.0
    last: int = 1


def hp_trend(values: FloatArray, penalty: float) -> FloatArray:
    """Return the Hodrick-Prescott trend of each row.

    Parameters
    ----------
    values : ndarray, shape (N, T)
        Series.
    penalty : float
        The weight of squared second differences.

    Returns
    -------
    ndarray, shape (N, T)
        Trends.
    """
    count = values.shape[1]
    differences = np.diff(np.eye(count), n=2, axis=0)
    return np.asarray(np.linalg.solve(np.eye(count) + penalty * differences.T @ differences, values.T).T)


def dispersion(values: FloatArray) -> FloatArray:
    """Return the cross-section variance H_t of the relative transition paths.

    Parameters
    ----------
    values : ndarray, shape (N, T)
        Series.

    Returns
    -------
    ndarray, shape (T,)
        Mean of (h_it - 1)^2, h_it the series over its mean of the year.
    """
    relative = values / values.mean(axis=0)
    return np.asarray(((relative - 1.0) ** 2).mean(axis=0))


def log_t(values: FloatArray, rule: LogTRule) -> LogT:
    """Regress log(H_1 / H_t) - 2 log(log t) on a constant and log t, t from the end of the trimmed years on.

    Parameters
    ----------
    values : ndarray, shape (N, T)
        Two series or more.
    rule : LogTRule
        How.

    Returns
    -------
    LogT
        Slope and its t statistic.
    """
    spread = np.maximum(dispersion(values), np.finfo(float).tiny)
    first = round(values.shape[1] * rule.trim)
    t = np.arange(first + 1, values.shape[1] + 1, dtype=float)
    y = np.log(spread[0] / spread[first:]) - 2.0 * np.log(np.log(t))
    X = np.column_stack([np.ones(t.size), np.log(t)])
    inverse = np.linalg.inv(X.T @ X)
    found = inverse @ X.T @ y
    residuals = y - X @ found
    scores = X * residuals[:, None] if rule.variance == "sandwich" else residuals[:, None]
    inner = long_run(scores, bandwidth(residuals))
    cov = inverse @ inner @ inverse * t.size if rule.variance == "sandwich" else inner[0, 0] * inverse
    error = float(np.sqrt(max(cov[1, 1], 0.0)))
    slope = float(found[1])
    return LogT(slope, error, slope / error if error > 0 else float(np.copysign(np.inf, slope)))


def bandwidth(residuals: FloatArray) -> float:
    """Choose the bandwidth of the quadratic spectral kernel by an AR(1) plug-in.

    Parameters
    ----------
    residuals : ndarray, shape (n,)
        A series.

    Returns
    -------
    float
        1.3221 (4 a^2 / (1 - a)^4 n)^(1/5), a the first autoregression, held below 0.97 in size.
    """
    before = float(residuals[:-1] @ residuals[:-1])
    slope = float(residuals[1:] @ residuals[:-1]) / before if before > 0 else 0.0
    slope = float(np.clip(slope, -0.97, 0.97))
    return float(1.3221 * (4.0 * slope**2 / (1.0 - slope) ** 4 * residuals.size) ** 0.2)


def long_run(scores: FloatArray, width: float) -> FloatArray:
    """Estimate the long-run variance by the quadratic spectral kernel.

    Parameters
    ----------
    scores : ndarray, shape (n, k)
        Series with mean zero.
    width : float
        Bandwidth.

    Returns
    -------
    ndarray, shape (k, k)
        Sum of weighted autocovariances.
    """
    count = len(scores)
    out = scores.T @ scores / count
    for lag in range(1, count):
        arg = 6.0 * np.pi * lag / (5.0 * max(width, 1e-8))
        weight = 3.0 / arg**2 * (np.sin(arg) / arg - np.cos(arg))
        moment = scores[lag:].T @ scores[:-lag] / count
        out = out + weight * (moment + moment.T)
    return np.asarray(out)


def core_group(values: FloatArray, rule: LogTRule) -> IntArray:
    """Find the core of the first club among series in descending order.

    The first neighbours in the order that converge begin it; series are added in order as long as t stays above
    -1.65, and the core ends where t was largest.

    Parameters
    ----------
    values : ndarray, shape (N, T)
        Series, the highest first.
    rule : LogTRule
        How they are tested.

    Returns
    -------
    ndarray of int
        Positions of the core; empty when there is none.
    """
    count = len(values)
    for start in range(count - 1):
        best, end = CRITICAL, start
        for last in range(start + 2, count + 1):
            t = log_t(values[start:last], rule).tstat
            if t <= CRITICAL:
                break
            if t > best:
                best, end = t, last
        if end > start:
            return np.arange(start, end, dtype=np.intp)
    return np.zeros(0, dtype=np.intp)


def find_clubs(values: FloatArray, rule: LogTRule) -> list[IntArray]:
    """Group series into clubs, the highest first.

    Parameters
    ----------
    values : ndarray, shape (N, T)
        Series in any order.
    rule : LogTRule
        How they are tested.

    Returns
    -------
    list of ndarray of int
        Positions of the members of each club; positions in none diverge.
    """
    rest = np.argsort(-values[:, -rule.last :].mean(axis=1), kind="stable").astype(np.intp)
    clubs: list[IntArray] = []
    while rest.size > 1:
        if log_t(values[rest], rule).tstat > CRITICAL:
            return [*clubs, rest]
        core = core_group(values[rest], rule)
        if not core.size:
            return clubs
        club = _sieved(values[rest], core, rule)
        clubs.append(rest[club])
        rest = np.delete(rest, club)
    return clubs


def _sieved(values: FloatArray, core: IntArray, rule: LogTRule) -> IntArray:
    # The core and every series that keeps its t above the sieve, which is raised until the club converges.
    others = np.setdiff1d(np.arange(len(values)), core)
    tested = np.array([log_t(values[np.append(core, one)], rule).tstat for one in others])
    sieve = rule.sieve
    while True:
        club = np.sort(np.append(core, others[tested > sieve])).astype(np.intp)
        if club.size == core.size or log_t(values[club], rule).tstat > CRITICAL:
            return club
        sieve = max(sieve + STEP, float(np.min(tested[tested > sieve])))


def merge_clubs(values: FloatArray, clubs: list[IntArray], rule: LogTRule) -> list[IntArray]:
    """Join neighbouring clubs as long as their union converges.

    Parameters
    ----------
    values : ndarray, shape (N, T)
        Series.
    clubs : list of ndarray of int
        Clubs, the highest first.
    rule : LogTRule
        How they are tested.

    Returns
    -------
    list of ndarray of int
        Clubs of which no two neighbours converge together.
    """
    out: list[IntArray] = []
    for club in clubs:
        union = np.concatenate([out[-1], club]) if out else club
        if out and log_t(values[union], rule).tstat > CRITICAL:
            out[-1] = union
        else:
            out.append(club)
    return out if len(out) == len(clubs) else merge_clubs(values, out, rule)
