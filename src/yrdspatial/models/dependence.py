"""Cross-section dependence of residuals, anywhere or between neighbours: the CD tests of Pesaran."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from yrdspatial.errors import SpecificationError
from yrdspatial.models.diagnosis import Diagnosis, inapplicable
from yrdspatial.models.sample import Sample, read_sample
from yrdspatial.models.within import FloatArray
from yrdspatial.weights.series import Weights, WeightsSeries, as_series

FLAT = 1e-8
"""Sums and spreads of residuals below this share of their size are zero."""


def cd_test(resids: "pd.Series[float]", *, weights: "Weights | None" = None, order: int = 1) -> Diagnosis:
    """Test whether the residuals of different units are correlated over time.

    CD = sqrt(2T / (N (N - 1))) sum_(i<j) r_ij, r_ij the correlation of e_it and e_jt over t; with weights only pairs of
    neighbours count, CD(p) = sqrt(T / number of pairs) sum over pairs of r_ij.

    Parameters
    ----------
    resids : Series
        Residuals of a balanced panel indexed (unit, time), such as ``results.resids``.
    weights : Graph, WeightsSeries or DataFrame, optional
        Who is a neighbour: a pair counts when either is linked to the other in any period. None takes all pairs.
    order : int
        Neighbours up to this many steps away.

    Returns
    -------
    Diagnosis
        N(0, 1) under the null of no dependence; the p-value is two-sided. After time effects the residuals of each
        period sum to zero, r_ij are negative on average and the statistic diverges as T grows: the note says so.

    Raises
    ------
    SpecificationError
        If there is one period, the order is not a positive whole number, or the residuals are no Series.

    References
    ----------
    Pesaran (2021), Empirical Economics 60; Juodis and Reese (2022), Journal of Business and Economic Statistics 40, on
    time effects.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([list("abc"), [2001, 2002, 2003]], names=["unit", "year"])
    >>> cd_test(pd.Series([1.0, -1, 0, 1, -1, 0, 0, 1, -1], index)).statistic
    0.0
    """
    if not isinstance(resids, pd.Series):
        raise SpecificationError(f"{type(resids).__name__} is no Series", cure="give results.resids")
    if order < 1 or int(order) != order:
        raise SpecificationError(f"order = {order}", cure="use a whole number from 1 on")
    sample = read_sample(resids.to_frame("resid"))
    if sample.shape[0] < 2:
        raise SpecificationError("correlations over time need two periods", cure="use residual_moran")
    name = "CD" if weights is None else f"CD({order})"
    null = "no cross-section dependence" if weights is None else "no dependence between neighbours"
    e = sample.frame["resid"].to_numpy(dtype=np.float64).reshape(sample.shape)
    net = e - e.mean(axis=0)
    size = np.sqrt((net**2).sum(axis=0))
    if not (size > FLAT * np.abs(e).max()).all():
        return inapplicable(name, null, "a unit has no residuals, or they do not vary over time")
    pairs = np.triu(np.ones((e.shape[1], e.shape[1]), dtype=bool), 1)
    pairs = pairs if weights is None else pairs & _linked(weights, sample, order)
    if not pairs.any():
        return inapplicable(name, null, "no pair of units is linked")
    correlations = (net.T @ net) / np.outer(size, size)
    statistic = float(np.sqrt(len(e) / pairs.sum()) * correlations[pairs].sum())
    return Diagnosis(name, null, statistic, 1, float(2.0 * norm.sf(abs(statistic))), _note(e))


def _note(e: FloatArray) -> str:
    flat = np.abs(e.sum(axis=1)) <= FLAT * np.abs(e).sum(axis=1)
    said = (
        "residuals of each period sum to zero, so that the statistic is not N(0, 1): test before time effects"
    )
    return said if flat.all() else ""


def _linked(weights: Weights, sample: Sample, order: int) -> "npt.NDArray[np.bool_]":
    periods = sample.periods if isinstance(weights, WeightsSeries) else range(len(sample.periods))
    matrices, _ = as_series(weights, periods).distinct(units=sample.units)
    links = (np.stack(matrices) != 0).any(axis=0)
    near = (links | links.T).astype(np.float64)
    reached = near
    for _ in range(order - 1):
        reached = np.minimum(reached + reached @ near, 1.0)
    return np.asarray(reached > 0)
