"""Functions of the coefficients of fitted models, with standard errors by the delta method or by simulation."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import block_diag
from scipy.stats import norm

from yrdspatial.errors import SpecificationError
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
    point, spread = stacked_moments(models)
    steps = STEP * np.eye(point.size)
    gradient = np.stack(
        [(values(point + s) - values(point - s)).ravel() / (2.0 * STEP) for s in steps], axis=1
    )
    error = np.sqrt(np.maximum(np.einsum("ek,kl,el->e", gradient, spread, gradient), 0.0))
    estimate = values(point).ravel()
    return laid_out(estimate, error, (estimate - REACH * error, estimate + REACH * error), index)


def simulated_table(
    values: Callable[[FloatArray], FloatArray],
    inside: Callable[[FloatArray], "np.ndarray[tuple[int], np.dtype[np.bool_]]"],
    models: list[SpatialPanelResults],
    index: "pd.Index[Any] | pd.MultiIndex",
    *,
    draws: int,
    seed: int | None,
) -> pd.DataFrame:
    """Lay out functions of the coefficients with the spread they have over draws of the coefficients.

    Parameters
    ----------
    values : callable
        From coefficients, shape (m, K), to an array whose first axis is m.
    inside : callable
        From coefficients, shape (m, K), to those that are allowed, shape (m,).
    models : list of SpatialPanelResults
        Fitted models that count as independent of one another.
    index : Index
        A label for each value, in the order of the flattened array.
    draws : int
        Draws from the normal distribution of the coefficients.
    seed : int
        Of the draws.

    Returns
    -------
    DataFrame
        As of :func:`delta_table`, over the draws allowed: std_error their deviation, lower and upper their quantiles,
        pvalue twice the share on the other side of zero, so that it agrees with the interval whatever the tails.

    Raises
    ------
    SpecificationError
        If fewer than two draws are allowed.
    """
    point, spread = stacked_moments(models)
    roots, vectors = np.linalg.eigh(spread)
    noise = np.random.default_rng(seed).standard_normal((draws, point.size))
    sample = point + noise @ (vectors * np.sqrt(np.maximum(roots, 0.0))).T
    sample = sample[inside(sample)]
    if len(sample) < 2:
        cure = "use the delta method, or weights under which rho is better identified"
        raise SpecificationError("nearly all draws lie outside the feasible region", cure=cure)
    drawn = values(sample).reshape(len(sample), -1)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    beyond = 1 + np.minimum((drawn <= 0).sum(axis=0), (drawn >= 0).sum(axis=0))
    pvalue = np.minimum(1.0, 2.0 * beyond / (1 + len(sample)))
    return laid_out(values(point).ravel(), drawn.std(axis=0, ddof=1), (low, high), index, pvalue)


def stacked_moments(models: list[SpatialPanelResults]) -> tuple[FloatArray, FloatArray]:
    """Stack the coefficients of models that count as independent.

    Parameters
    ----------
    models : list of SpatialPanelResults
        Fitted models.

    Returns
    -------
    point : ndarray, shape (K,)
        Coefficients, one model after the other.
    spread : ndarray, shape (K, K)
        Their covariance, block by block.
    """
    blocks = [one.covariance[:-1, :-1] for one in models]
    return np.concatenate([coefficients_of(one) for one in models]), block_diag(*blocks)


def laid_out(
    estimate: FloatArray,
    error: FloatArray,
    ends: tuple[FloatArray, FloatArray],
    index: "pd.Index[Any] | pd.MultiIndex",
    pvalue: FloatArray | None = None,
) -> pd.DataFrame:
    """Make the table of estimates.

    Parameters
    ----------
    estimate, error : ndarray, shape (E,)
        Estimates and their standard errors.
    ends : tuple of ndarray, each of shape (E,)
        Ends of the intervals.
    index : Index, length E
        Labels.
    pvalue : ndarray, shape (E,), optional
        Two-sided p-values; by the normal distribution when left out.

    Returns
    -------
    DataFrame
        Columns of the index, then estimate, std_error, zstat, pvalue, lower, upper.
    """
    zero = error < 1e-14 * np.maximum(1.0, np.abs(estimate))
    zstat = np.divide(estimate, error, out=np.zeros_like(estimate), where=~zero)
    columns = {
        "estimate": estimate,
        "std_error": np.where(zero, 0.0, error),
        "zstat": zstat,
        "pvalue": 2.0 * norm.sf(np.abs(zstat)) if pvalue is None else pvalue,
        "lower": ends[0],
        "upper": ends[1],
    }
    return pd.DataFrame(columns, index=index).reset_index()
