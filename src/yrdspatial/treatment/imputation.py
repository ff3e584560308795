"""Effects by imputation: what treated cells would have been, predicted from untreated ones (arrays only)."""

from collections.abc import Sequence
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
from yrdspatial.treatment.staggered import BoolArray, Staggered


@dataclass(frozen=True)
class Imputed:
    """Effects of the treated cells whose untreated outcome can be predicted.

    Attributes
    ----------
    fit : LeastSquares
        Of the untreated cells.
    untreated, treated : ndarray of int, shapes (n0,) and (n1,)
        Positions of the cells in the order period, unit.
    effects : ndarray, shape (n1,)
        Outcome less its prediction at no treatment and no exposure.
    rows : ndarray, shape (n1, p)
        Regressors of the predictions.
    lost : int
        Treated cells without a prediction.
    """

    fit: LeastSquares
    untreated: IntArray
    treated: IntArray
    effects: FloatArray
    rows: FloatArray
    lost: int

    def outcome_weights(self, weights: FloatArray, size: int) -> FloatArray:
        """Turn weights on effects into weights on outcomes.

        Parameters
        ----------
        weights : ndarray, shape (n1, q)
            Weights on the effects.
        size : int
            T N.

        Returns
        -------
        ndarray, shape (T N, q)
            Weights on the outcomes: those of the treated as given, those of the untreated -Z0 (Z0'Z0)^-1 Z1'w.
        """
        full = np.zeros((size, weights.shape[1]))
        full[self.treated] = weights
        full[self.untreated] -= self.fit.Z @ (self.fit.inverse @ (self.rows.T @ weights))
        return full


def impute(sample: Staggered, *, unexposed: bool = False) -> Imputed:
    """Predict the treated cells.

    Parameters
    ----------
    sample : Staggered
        The panel. With an exposure it is one more regressor of the untreated cells, set to zero in the predictions.
    unexposed : bool
        Fit cells without exposure only, and predict exposed untreated cells too (they come after the treated ones).

    Returns
    -------
    Imputed
        The effects.

    References
    ----------
    Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91, 3253-3285, theorem 2; Butts (2021) for exposure.

    Examples
    --------
    >>> flat, y = np.zeros((2, 2), dtype=np.intp), np.array([[1.0, 2.0], [5.0, 3.0]])
    >>> sample = Staggered(y, np.zeros((2, 2, 0)), np.array([1, 10**6]), flat, np.array([0, 1]))
    >>> impute(sample).effects.round(6).tolist()
    [3.0]
    """
    y, Z, treated = sample.y.ravel(), sample.columns, sample.treated.ravel()
    plain = ~treated
    if sample.exposure is not None:
        exposure = sample.exposure.ravel()
        if unexposed:
            plain = plain & (exposure == 0.0)
        else:
            Z = np.column_stack([Z, np.where(treated, 0.0, exposure)])
    fit = least_squares(Z[plain], y[plain])
    asked = np.concatenate([np.flatnonzero(treated), np.flatnonzero(~treated & ~plain)])
    known = predictable(fit, Z[asked])
    lost = int((~known & treated[asked]).sum())
    cells, untreated = asked[known], np.flatnonzero(plain)
    return Imputed(fit, untreated, cells, y[cells] - Z[cells] @ fit.coefficients, Z[cells], lost)


def second_stage(R: FloatArray, effects: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Project effects on their regressors: dummies of horizons, and the exposure of the treated.

    Parameters
    ----------
    R : ndarray, shape (n1, q)
        Regressors, of full rank.
    effects : ndarray, shape (n1,)
        Imputed effects.

    Returns
    -------
    weights : ndarray, shape (n1, q)
        Each column gives a coefficient when multiplied with the effects.
    residuals : ndarray, shape (n1,)
        What the projection leaves.

    Examples
    --------
    >>> weights, left = second_stage(np.ones((2, 1)), np.array([1.0, 3.0]))
    >>> weights.ravel().round(6).tolist(), left.round(6).tolist()
    ([0.5, 0.5], [-1.0, 1.0])
    """
    fit = least_squares(R, effects)
    return R @ fit.inverse, fit.residuals


def cohort_residuals(effects: FloatArray, cohorts: IntArray, horizons: IntArray) -> FloatArray:
    """Effects less the mean of their cohort and horizon.

    Parameters
    ----------
    effects : ndarray, shape (n1,)
        Imputed effects.
    cohorts, horizons : ndarray of int, shape (n1,)
        First treated period, and periods since then.

    Returns
    -------
    ndarray, shape (n1,)
        Zero in cohorts of one unit.

    Examples
    --------
    >>> cohort_residuals(np.array([1.0, 3.0, 5.0]), np.array([2, 2, 3]), np.array([0, 0, 0])).tolist()
    [-1.0, 1.0, 0.0]
    """
    groups = np.unique(np.column_stack([cohorts, horizons]), axis=0, return_inverse=True)[1].ravel()
    means = np.bincount(groups, effects) / np.bincount(groups)
    return effects - means[groups]


def scores(sample: Staggered, imputed: Imputed, weights: FloatArray, left: FloatArray) -> FloatArray:
    """Sum weight times residual by cluster; the sum of squares is the conservative variance.

    Parameters
    ----------
    sample : Staggered
        The panel.
    imputed : Imputed
        The effects.
    weights : ndarray, shape (T N, q)
        Weights on outcomes.
    left : ndarray, shape (n1,)
        Effects less what is held to be their common part.

    Returns
    -------
    ndarray, shape (G, q)
        One row a cluster.

    References
    ----------
    Borusyak, Jaravel and Spiess (2024), equations 7 and 8.
    """
    residuals = np.zeros(sample.y.size)
    residuals[imputed.untreated] = imputed.fit.residuals
    residuals[imputed.treated] = left
    return summed_by(weights * residuals[:, None], sample.row_clusters, sample.cluster_count)


@dataclass(frozen=True)
class Leads:
    """Coefficients of the periods before treatment, among untreated cells.

    Attributes
    ----------
    times : tuple of int
        Event times, against all earlier ones.
    estimates : ndarray, shape (q,)
        Coefficients.
    scores : ndarray, shape (G, q)
        One row a cluster.
    counts : ndarray of int, shape (q,)
        Cells.
    """

    times: tuple[int, ...]
    estimates: FloatArray
    scores: FloatArray
    counts: IntArray


def leads(sample: Staggered, farthest: int, used: BoolArray) -> Leads:
    """Test the untreated cells for trends that differ before treatment.

    Parameters
    ----------
    sample : Staggered
        The panel.
    farthest : int
        First event time, such as -5; moved towards -1 until the coefficients are identified.
    used : ndarray of bool, shape (T N,)
        Untreated cells that take part.

    Returns
    -------
    Leads
        Coefficients of event times -1, -2, ... against all earlier ones.

    References
    ----------
    Borusyak, Jaravel and Spiess (2024), section 4.4.
    """
    relative, y, base = sample.relative.ravel()[used], sample.y.ravel()[used], sample.columns
    if sample.exposure is not None:
        base = np.column_stack([base, sample.exposure.ravel()])
    for last in range(farthest, 0):
        times: Sequence[int] = range(last, 0)
        dummies = (relative[:, None] == np.array(times)).astype(np.float64)
        fit = least_squares(np.hstack([dummies, base[used]]), y)
        if predictable(fit, np.eye(len(times), fit.Z.shape[1])).all():
            break
    else:
        return Leads((), np.zeros(0), np.zeros((sample.cluster_count, 0)), np.zeros(0, dtype=np.intp))
    count = len(times)
    weighted = fit.Z @ fit.inverse[:, :count] * fit.residuals[:, None]
    clusters = sample.row_clusters[used]
    sums = summed_by(weighted, clusters, sample.cluster_count)
    factor = clustered_factor(np.unique(clusters).size, y.size, fit.rank - sample.nested_rank(used))
    return Leads(
        tuple(times), fit.coefficients[:count], np.sqrt(factor) * sums, dummies.sum(axis=0).astype(np.intp)
    )
