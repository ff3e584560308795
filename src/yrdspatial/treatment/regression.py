"""Least squares on many dummies: coefficients, what they can predict, and clustered variances (arrays only)."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.within import FloatArray, IntArray

TOLERANCE = 1e-9


@dataclass(frozen=True)
class LeastSquares:
    """A fit that may have more columns than rank.

    Attributes
    ----------
    Z : ndarray, shape (n, p)
        Columns.
    inverse : ndarray, shape (p, p)
        Pseudo-inverse of Z'Z.
    coefficients : ndarray, shape (p,)
        The shortest solution.
    residuals : ndarray, shape (n,)
        y - Z b.
    rank : int
        Of Z.
    """

    Z: FloatArray
    inverse: FloatArray
    coefficients: FloatArray
    residuals: FloatArray
    rank: int


def least_squares(Z: FloatArray, y: FloatArray) -> LeastSquares:
    """Fit y on the columns of Z.

    Parameters
    ----------
    Z : ndarray, shape (n, p)
        Columns, dummies among them, of any rank.
    y : ndarray, shape (n,)
        What is explained.

    Returns
    -------
    LeastSquares
        The fit.

    Examples
    --------
    >>> fit = least_squares(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([1.0, 3.0]))
    >>> fit.rank, fit.residuals.round(6).tolist()
    (1, [-1.0, 1.0])
    """
    scale = np.sqrt((Z**2).sum(axis=0))
    scale = np.where(scale > 0.0, scale, 1.0)
    values, vectors = np.linalg.eigh((Z / scale).T @ (Z / scale))
    kept = values > TOLERANCE * max(values[-1], 1.0)
    half = vectors[:, kept] / np.sqrt(values[kept]) / scale[:, None]
    inverse = half @ half.T
    coefficients = inverse @ (Z.T @ y)
    return LeastSquares(Z, inverse, coefficients, y - Z @ coefficients, int(kept.sum()))


def predictable(fit: LeastSquares, rows: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Tell which rows of regressors have a prediction that does not depend on the solution chosen.

    Parameters
    ----------
    fit : LeastSquares
        The fit.
    rows : ndarray, shape (m, p)
        Rows of the same columns.

    Returns
    -------
    ndarray of bool, shape (m,)
        Whether the row is a combination of the rows of the fit.

    Examples
    --------
    >>> fit = least_squares(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([1.0, 3.0]))
    >>> predictable(fit, np.array([[2.0, 2.0], [1.0, 0.0]])).tolist()
    [True, False]
    """
    rebuilt = rows @ fit.inverse @ (fit.Z.T @ fit.Z)
    size = np.maximum(np.abs(rows).max(axis=1, initial=0.0), 1.0)
    return np.asarray(np.abs(rebuilt - rows).max(axis=1, initial=0.0) < 1e-6 * size)


def summed_by(values: FloatArray, groups: IntArray, count: int) -> FloatArray:
    """Sum rows by group.

    Parameters
    ----------
    values : ndarray, shape (n, q)
        Rows.
    groups : ndarray of int, shape (n,)
        Codes 0, 1, ...
    count : int
        Number of groups.

    Returns
    -------
    ndarray, shape (count, q)
        Sums.

    Examples
    --------
    >>> summed_by(np.array([[1.0], [2.0], [4.0]]), np.array([1, 0, 1]), 2).tolist()
    [[2.0], [5.0]]
    """
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, groups, values)
    return sums


def clustered_factor(clusters: int, rows: int, rank: int) -> float:
    """Small-sample factor of a clustered variance: G / (G - 1) times (n - 1) / (n - k).

    Parameters
    ----------
    clusters, rows, rank : int
        G, n and k.

    Returns
    -------
    float
        The factor.

    Examples
    --------
    >>> round(clustered_factor(41, 697, 20), 4)
    1.0538
    """
    return clusters / (clusters - 1.0) * (rows - 1.0) / max(rows - rank, 1.0)
