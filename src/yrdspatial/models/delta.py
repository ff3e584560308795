"""Functions of the coefficients of fitted models, with standard errors by the delta method."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.within import FloatArray

STEP = 1e-6
REACH = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


def coefficients_of(results: SpatialPanelResults) -> FloatArray:
    """Take the coefficients of a fitted model as one vector.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model.

    Returns
    -------
    ndarray, shape (K,)
        Slopes, then the spatial parameters: the order of its covariance.
    """
    return np.concatenate([results.fit.beta, results.fit.spatial])


def delta_table(
    values: Callable[[FloatArray], FloatArray],
    models: list[SpatialPanelResults],
    index: "pd.Index[Any] | pd.MultiIndex",
) -> pd.DataFrame:
    """Lay out functions of the coefficients with their standard errors.

    Parameters
    ----------
    values : callable
        From the coefficients of all models, one after the other, to an array; its slope is found by central
        differences.
    models : list of SpatialPanelResults
        Fitted models that count as independent of one another.
    index : Index
        A label for each value, in the order of the flattened array.

    Returns
    -------
    DataFrame
        Columns of the index, then estimate, std_error, zstat, pvalue, lower, upper (95 %). A value that no coefficient
        moves has the standard error 0.
    """
    point = np.concatenate([coefficients_of(one) for one in models])
    steps = STEP * np.eye(point.size)
    gradient = np.stack(
        [(values(point + s) - values(point - s)).ravel() / (2.0 * STEP) for s in steps], axis=1
    )
    blocks = [one.covariance[:-1, :-1] for one in models]
    spread, at = np.zeros((point.size, point.size)), 0
    for block in blocks:
        spread[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    estimate = values(point).ravel()
    error = np.sqrt(np.maximum(np.einsum("ek,kl,el->e", gradient, spread, gradient), 0.0))
    zero = error < 1e-14 * np.maximum(1.0, np.abs(estimate))
    zstat = np.divide(estimate, error, out=np.zeros_like(estimate), where=~zero)
    table = pd.DataFrame(
        {
            "estimate": estimate,
            "std_error": np.where(zero, 0.0, error),
            "zstat": zstat,
            "pvalue": 2.0 * norm.sf(np.abs(zstat)),
            "lower": estimate - REACH * error,
            "upper": estimate + REACH * error,
        },
        index=index,
    )
    return table.reset_index()
