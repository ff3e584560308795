"""Balancing: the table nearest to a kernel whose rows and columns sum to given totals."""

import numpy as np
import pandas as pd

from yrdspatial.errors import DataError, EstimationError
from yrdspatial.flows.table import aligned_square
from yrdspatial.models.within import FloatArray

ROUNDS = 100_000


def balance_flows(
    kernel: pd.DataFrame, outflow: "pd.Series[float]", inflow: "pd.Series[float]", *, tolerance: float = 1e-10
) -> pd.DataFrame:
    """Fit flows to known totals of origins and destinations (the doubly constrained model).

    F_ij = a_i b_j K_ij, the factors found in turns until rows and columns fit.

    Parameters
    ----------
    kernel : DataFrame, shape (N, N)
        K, zero or more, origins by destinations: flows of another year, or the exponential of a gravity index. Pairs
        that are zero or missing stay without flow.
    outflow, inflow : Series, length N
        Totals by unit, with the same sum.
    tolerance : float
        Largest gap of a total, relative to the mean total.

    Returns
    -------
    DataFrame, shape (N, N)
        The flows.

    Raises
    ------
    DataError
        If a kernel or total is negative or missing, or the totals have other sums.
    EstimationError
        If no table with these zeros has these totals.

    References
    ----------
    Furness (1965), Traffic Engineering and Control 7, 458-460; Wilson (1967), Transportation Research 1, 253-269.

    Examples
    --------
    >>> kernel = pd.DataFrame([[0, 1, 1], [1, 0, 2], [2, 1, 0]], index=list("abc"), columns=list("abc"))
    >>> out, into = pd.Series([10, 20, 30], list("abc")), pd.Series([30, 20, 10], list("abc"))
    >>> flows = balance_flows(kernel, out, into)
    >>> flows.sum(axis=1).round(6).tolist(), flows.sum().round(6).tolist()
    ([10.0, 20.0, 30.0], [30.0, 20.0, 10.0])
    """
    units = kernel.index
    K = np.nan_to_num(aligned_square(kernel, units, "kernel"))
    out, into = (np.asarray(total.reindex(units), dtype=np.float64) for total in (outflow, inflow))
    if (K < 0).any() or not ((out >= 0).all() and (into >= 0).all()):
        cure = "give a figure, zero or more, for every unit of the kernel"
        raise DataError("a kernel or a total is negative or missing", where="balance_flows", cure=cure)
    if abs(out.sum() - into.sum()) > 1e-8 * max(out.sum(), into.sum()):
        where = f"outflows sum to {out.sum():g}, inflows to {into.sum():g}"
        raise DataError("the totals have other sums", where=where, cure="scale one to the other")
    flows, gap = furness(K, out, into, tolerance)
    if not gap <= tolerance:
        raise EstimationError(
            "no flows with these zeros have these totals",
            where=f"gap {gap:.2g} of a mean total",
            cure="let more pairs have a kernel above zero",
        )
    return pd.DataFrame(flows, kernel.index, kernel.index)


def furness(K: FloatArray, out: FloatArray, into: FloatArray, tolerance: float) -> tuple[FloatArray, float]:
    """Scale rows and columns in turns.

    Parameters
    ----------
    K : ndarray, shape (N, N)
        Kernel.
    out, into : ndarray, shape (N,)
        Totals of rows and of columns.
    tolerance : float
        When to stop.

    Returns
    -------
    flows : ndarray, shape (N, N)
        Columns fit exactly.
    gap : float
        Largest gap of a row, relative to the mean total.

    Examples
    --------
    >>> furness(np.ones((2, 2)), np.array([1.0, 3.0]), np.array([2.0, 2.0]), 1e-9)[0].tolist()
    [[0.5, 0.5], [1.5, 1.5]]
    """
    b, gap = np.ones(len(K)), np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(ROUNDS):
            a = _ratio(out, K @ b)
            b = _ratio(into, a @ K)
            gap = float(np.abs(a * (K @ b) - out).max() / out.mean())
            if not gap > tolerance:
                break
        return a[:, None] * K * b, max(gap, float(np.abs(b * (a @ K) - into).max() / out.mean()))


def _ratio(total: FloatArray, sums: FloatArray) -> FloatArray:
    return np.divide(total, sums, out=np.zeros_like(total), where=sums > 0)
