"""Effects by cohort and period: each cohort against units not treated yet, since the period before (arrays only)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from yrdspatial.models.within import FloatArray, IntArray
from yrdspatial.treatment.regression import least_squares, predictable
from yrdspatial.treatment.staggered import NEVER, BoolArray, Staggered

Comparison = Literal["never", "not_yet"]
Adjustment = Literal["regression", "doubly_robust"]


@dataclass(frozen=True)
class GroupTime:
    """Average effects of cohorts in periods.

    Attributes
    ----------
    cohorts, periods : ndarray of int, shape (q,)
        First treated period of the cohort, and the period.
    effects : ndarray, shape (q,)
        Average effects on the treated; of periods before treatment they should be zero.
    influence : ndarray, shape (N, q)
        Influence of each unit; its sum of squares over N^2 is the variance.
    treated, compared : ndarray of int, shape (q,)
        Units of the cohort and of the comparison group.
    lost : int
        Treated cohort-periods without a comparison group.
    """

    cohorts: IntArray
    periods: IntArray
    effects: FloatArray
    influence: FloatArray
    treated: IntArray
    compared: IntArray
    lost: int

    @property
    def horizons(self) -> IntArray:
        """Periods since the first treated one, shape (q,)."""
        return self.periods - self.cohorts


def group_time(
    sample: Staggered,
    *,
    comparison: Comparison,
    adjustment: Adjustment = "regression",
    unexposed: bool = False,
) -> GroupTime:
    """Estimate the effect of each cohort in each period, against the last period before its treatment.

    Parameters
    ----------
    sample : Staggered
        The panel; controls are taken at the last period before treatment.
    comparison : {"never", "not_yet"}
        Who is compared with: units never treated in the sample, or those not treated by the period either.
    adjustment : {"regression", "doubly_robust"}
        How controls are used.
    unexposed : bool
        Whether the comparison group leaves out units with exposure in either period.

    Returns
    -------
    GroupTime
        One entry a cohort and period with a comparison group inside one window.

    References
    ----------
    Callaway and Sant'Anna (2021), Journal of Econometrics 225, 200-230, equations 2.2 to 2.4.

    Examples
    --------
    >>> flat, y = np.zeros((2, 2), dtype=np.intp), np.array([[1.0, 2.0], [5.0, 3.0]])
    >>> sample = Staggered(y, np.zeros((2, 2, 0)), np.array([1, NEVER]), flat, np.array([0, 1]))
    >>> group_time(sample, comparison="never").effects.tolist()
    [3.0]
    """
    periods, units = sample.y.shape
    kept: list[tuple[int, int, float, FloatArray, int, int]] = []
    lost = 0
    for cohort in np.unique(sample.first[sample.first < periods]):
        before, own = int(cohort) - 1, sample.first == cohort
        for period in (time for time in range(periods) if time != before):
            others = _compared(sample, comparison, before, period, unexposed=unexposed) & ~own
            found = _effect(sample, own, others, (before, period), adjustment)
            if found is None:
                lost += period >= cohort
            else:
                kept.append((int(cohort), period, *found, int(own.sum()), int(others.sum())))
    cohorts, times, effects, influence, treated, compared = zip(*kept, strict=True) if kept else ((),) * 6
    return GroupTime(
        np.array(cohorts, dtype=np.intp),
        np.array(times, dtype=np.intp),
        np.array(effects, dtype=np.float64),
        np.array(influence, dtype=np.float64).reshape(-1, units).T,
        np.array(treated, dtype=np.intp),
        np.array(compared, dtype=np.intp),
        lost,
    )


def _compared(
    sample: Staggered, comparison: Comparison, before: int, period: int, *, unexposed: bool
) -> BoolArray:
    last = max(before, period)
    chosen = sample.first == NEVER if comparison == "never" else sample.first > last
    if unexposed and sample.exposure is not None:
        chosen = chosen & (sample.exposure[[before, period]] == 0.0).all(axis=0)
    return np.asarray(chosen)


def _effect(
    sample: Staggered, own: BoolArray, others: BoolArray, times: tuple[int, int], adjustment: Adjustment
) -> tuple[float, FloatArray] | None:
    # The effect and the influence of every unit, or None without a comparison group inside the window.
    before, period = times
    used = own | others
    across = (sample.windows[before, used] != sample.windows[period, used]).any()
    X = np.column_stack([np.ones(used.sum()), sample.X[before][used]])
    if across or others.sum() < X.shape[1]:
        return None
    change, D = (sample.y[period] - sample.y[before])[used], own[used].astype(np.float64)
    doubly = adjustment == "doubly_robust" and X.shape[1] > 1
    found = doubly_robust(change, D, X) if doubly else outcome_regression(change, D, X)
    if found is None:
        return None
    influence = np.zeros(used.size)
    influence[used] = found[1] * used.size / used.sum()
    return found[0], influence


def outcome_regression(change: FloatArray, D: FloatArray, X: FloatArray) -> tuple[float, FloatArray] | None:
    """Compare the change of the treated with what the regression of the others predicts for them.

    Parameters
    ----------
    change : ndarray, shape (n,)
        Change of the outcome.
    D : ndarray, shape (n,)
        1 for the treated.
    X : ndarray, shape (n, k)
        Regressors, a constant among them.

    Returns
    -------
    (float, ndarray) or None
        The effect and the influence of each unit, shape (n,); None when the others do not identify the prediction.

    References
    ----------
    Sant'Anna and Zhao (2020), Journal of Econometrics 219, 101-122, equation 2.2.

    Examples
    --------
    >>> outcome_regression(np.array([3.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]), np.ones((3, 1)))[0]
    2.5
    """
    fit = _others(change, D, X)
    if fit is None:
        return None
    share, out, linear = fit
    own = (D * change).mean() / share
    predicted = (D * out).mean() / share
    control = D * (out - predicted) + linear @ (D @ X / len(X))
    return float(own - predicted), (D * (change - own) - control) / share


def doubly_robust(change: FloatArray, D: FloatArray, X: FloatArray) -> tuple[float, FloatArray] | None:
    """Weigh the others by the odds of treatment, after the regression: right when either of the two models is.

    Parameters
    ----------
    change, D, X : ndarray
        As of :func:`outcome_regression`.

    Returns
    -------
    (float, ndarray) or None
        The effect and the influence of each unit; None when regression or odds are not identified (a control tells
        treated and others apart).

    References
    ----------
    Sant'Anna and Zhao (2020), equation 2.6 and its influence function (the traditional estimator).

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 0.0, 1.0, 2.0])
    >>> change, D = np.array([1.0, 4.0, 0.0, 1.0, 3.0]), np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    >>> round(doubly_robust(change, D, np.column_stack([np.ones(5), x]))[0], 4)
    1.8731
    """
    fit, odds_fit = _others(change, D, X), _propensity(D, X)
    if fit is None or odds_fit is None:
        return None
    share, out, linear = fit
    chance, variance = odds_fit
    weight, n = chance * (1.0 - D) / (1.0 - chance), len(D)
    left = change - out
    own, other = (D * left).mean() / share, (weight * left).mean() / weight.mean()
    treat = D * (left - own) - linear @ (D @ X / n)
    score = ((D - chance)[:, None] * X) @ variance
    control = weight * (left - other) + score @ ((weight * (left - other)) @ X) - linear @ (weight @ X / n)
    return float(own - other), treat / share - control / weight.mean()


def _others(change: FloatArray, D: FloatArray, X: FloatArray) -> tuple[float, FloatArray, FloatArray] | None:
    # Share treated, prediction for all, and the linear representation of the coefficients, shape (n, k).
    others = D == 0.0
    fit = least_squares(X[others], change[others])
    if not predictable(fit, X[~others]).all():
        return None
    out = X @ fit.coefficients
    linear = ((1.0 - D) * (change - out))[:, None] * X @ (fit.inverse * len(X))
    return float(D.mean()), out, linear


def _propensity(D: FloatArray, X: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    # Logit by Newton steps: chances, and the variance of the coefficients; None without overlap.
    beta = np.zeros(X.shape[1])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-np.clip(X @ beta, -30.0, 30.0)))
        information = (X * (chance * (1.0 - chance))[:, None]).T @ X
        if np.linalg.cond(information) > 1e10:
            return None
        step = np.linalg.solve(information, X.T @ (D - chance))
        beta += step
        if np.abs(step).max() < 1e-10:
            variance = np.asarray(np.linalg.inv(information), dtype=np.float64)
            return (chance, variance) if chance[D == 0.0].max() < 0.999 else None
    return None
