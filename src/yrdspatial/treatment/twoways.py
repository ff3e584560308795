"""Two-way fixed effects beside: the usual event study, and the comparisons that its one coefficient is made of."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.within import FloatArray, IntArray
from yrdspatial.treatment.regression import (
    LeastSquares,
    clustered_factor,
    least_squares,
    predictable,
    summed_by,
)
from yrdspatial.treatment.staggered import NEVER, Staggered


@dataclass(frozen=True)
class Coefficients:
    """Some coefficients of a regression with clustered scores.

    Attributes
    ----------
    estimates : ndarray, shape (q,)
        Coefficients.
    scores : ndarray, shape (G, q)
        Weighted residuals by cluster, with the small-sample factor: the variance is scores'scores.
    weights : ndarray, shape (T N, q)
        Weights on the outcomes.
    identified : ndarray of bool, shape (q,)
        Whether the coefficient is identified.
    """

    estimates: FloatArray
    scores: FloatArray
    weights: FloatArray
    identified: "np.ndarray[tuple[int], np.dtype[np.bool_]]"


def regress(sample: Staggered, regressors: FloatArray) -> Coefficients:
    """Regress the outcome on some regressors, the effects and the controls.

    Parameters
    ----------
    sample : Staggered
        The panel.
    regressors : ndarray, shape (T N, q)
        Regressors whose coefficients are asked for.

    Returns
    -------
    Coefficients
        In the order of the regressors.

    Examples
    --------
    >>> flat, y = np.zeros((2, 2), dtype=np.intp), np.array([[1.0, 2.0], [5.0, 3.0]])
    >>> sample = Staggered(y, np.zeros((2, 2, 0)), np.array([1, NEVER]), flat, np.array([0, 1]))
    >>> regress(sample, sample.treated.astype(float).reshape(-1, 1)).estimates.round(6).tolist()
    [3.0]
    """
    count = regressors.shape[1]
    fit: LeastSquares = least_squares(np.hstack([regressors, sample.columns]), sample.y.ravel())
    weights = fit.Z @ fit.inverse[:, :count]
    everywhere = np.ones(sample.y.size, dtype=bool)
    factor = clustered_factor(sample.cluster_count, sample.y.size, fit.rank - sample.nested_rank(everywhere))
    sums = summed_by(weights * fit.residuals[:, None], sample.row_clusters, sample.cluster_count)
    known = predictable(fit, np.eye(count, fit.Z.shape[1]))
    return Coefficients(fit.coefficients[:count], np.sqrt(factor) * sums, weights, known)


def event_dummies(sample: Staggered, window: tuple[int, int]) -> tuple[IntArray, FloatArray]:
    """Dummies of event times; the ends of the window hold all that lies beyond, and -1 is left out.

    Parameters
    ----------
    sample : Staggered
        The panel.
    window : (int, int)
        First and last event time.

    Returns
    -------
    times : ndarray of int, shape (q,)
        Event times that some cell has.
    dummies : ndarray, shape (T N, q)
        One column a time.

    Examples
    --------
    >>> flat = np.zeros((4, 1), dtype=np.intp)
    >>> sample = Staggered(np.zeros((4, 1)), np.zeros((4, 1, 0)), np.array([2]), flat, np.array([0]))
    >>> event_dummies(sample, (-5, 5))[0].tolist()
    [-2, 0, 1]
    """
    relative = np.clip(sample.relative, *window).ravel()
    moving = np.tile(sample.first < NEVER, len(sample.y))
    times = np.setdiff1d(np.unique(relative[moving]), [-1])
    return times, ((relative[:, None] == times) & moving[:, None]).astype(np.float64)


@dataclass(frozen=True)
class Comparisons:
    """The two-by-two comparisons of the static coefficient.

    Attributes
    ----------
    treated, control : ndarray of int, shape (q,)
        First treated period of the cohort that changes, and of the one compared with.
    weights, estimates : ndarray, shape (q,)
        The weights sum to one, and weights times estimates to the coefficient.
    """

    treated: IntArray
    control: IntArray
    weights: FloatArray
    estimates: FloatArray


def decompose(sample: Staggered) -> Comparisons:
    """Decompose the coefficient of one treatment dummy under unit and time effects without controls.

    Parameters
    ----------
    sample : Staggered
        The panel.

    Returns
    -------
    Comparisons
        Each cohort against the never treated, against later cohorts before these are treated, and against earlier
        cohorts after these were treated: the comparisons that go wrong when effects grow.

    References
    ----------
    Goodman-Bacon (2021), Journal of Econometrics 225, 254-277, equations 10a to 10g.

    Examples
    --------
    >>> flat, y = np.zeros((2, 2), dtype=np.intp), np.array([[1.0, 2.0], [5.0, 3.0]])
    >>> sample = Staggered(y, np.zeros((2, 2, 0)), np.array([1, NEVER]), flat, np.array([0, 1]))
    >>> found = decompose(sample)
    >>> found.weights.tolist(), found.estimates.tolist()
    ([1.0], [3.0])
    """
    periods = len(sample.y)
    labels = np.unique(sample.first)
    share = {int(one): float((sample.first == one).mean()) for one in labels}
    paths = {int(one): sample.y[:, sample.first == one].mean(axis=1) for one in labels}
    on = {one: max(periods - one, 0) / periods for one in share}
    rows = []
    for one in (first for first in share if first < NEVER):
        for other in (first for first in share if first != one):
            span = slice(0, min(other, periods)) if other > one else slice(other, periods)
            after = np.arange(periods)[span] >= one
            change = [
                path[span][after].mean() - path[span][~after].mean() for path in (paths[one], paths[other])
            ]
            gap = abs(on[one] - on[other])
            rest = 1.0 - on[one] if other > one else on[one]
            rows.append((one, other, share[one] * share[other] * gap * rest, change[0] - change[1]))
    treated, control, weights, estimates = (np.array(column) for column in zip(*rows, strict=True))
    return Comparisons(treated, control, weights / weights.sum(), estimates)
