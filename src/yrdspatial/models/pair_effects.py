"""Over which pairs spillovers pass: within a province or across its border, by ring of travel time."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.models.delta import delta_table
from yrdspatial.models.parts_effects import PartsEffects
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import CONSTANT
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.gaps import shorten

BoolArray = np.ndarray[Any, np.dtype[np.bool_]]
Groups = pd.DataFrame | Mapping[Any, pd.DataFrame]
"""A name for each pair, in a labelled square table or one table a year."""


def effects_by_pairs(results: SpatialPanelResults, groups: Groups) -> pd.DataFrame:
    """Split indirect effects by the group of the pair over which they pass.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with spatial terms.
    groups : DataFrame, or Mapping of year to DataFrame
        A name for each pair: row the unit that receives, column the unit that sends. The diagonal does not count,
        and a pair without a name is left out.

    Returns
    -------
    DataFrame
        Columns variable, pairs, estimate (what a change in all units of the group does to the average unit, averaged
        over years), std_error, zstat, pvalue, lower, upper (delta method), links (ordered pairs of the group in the
        average year), per_link and per_link_error (the effect of one unit on one other). When every pair has a
        name the estimates add up to the indirect effect.

    Notes
    -----
    With E_t = (I - sum_q rho_q W_q,t)^-1 (beta I + sum_q theta_q W_q,t) the estimate of a group P is the mean over t
    and i of the sum of E_t[i, j] over the j with (i, j) in P: feedback through third units counts where it arrives.

    References
    ----------
    LeSage and Pace (2009), Introduction to Spatial Econometrics, section 2.7.

    Examples
    --------
    >>> from yrdspatial.models.estimators import SLX
    >>> units, rng = list("abcdef"), np.random.default_rng(1)
    >>> chain = pd.DataFrame(np.eye(6, k=1) + np.eye(6, k=-1), units, units)
    >>> data = pd.DataFrame(rng.normal(size=(6, 2)), units, ["y", "x"])
    >>> results = SLX(data, "y ~ x", weights=chain, effects="pooled").fit()
    >>> half = pd.DataFrame("across", units, units)
    >>> half.iloc[:3, :3] = half.iloc[3:, 3:] = "within"
    >>> table = effects_by_pairs(results, half)
    >>> table["pairs"].tolist(), bool(np.isclose(table["estimate"].sum(), results.params["W_x"] * 10 / 6))
    (['across', 'within'], True)
    """
    sample = results.design.sample
    labels = [_table_of(groups, period, sample.units) for period in sample.periods]
    names = sorted({name for table in labels for name in table[_off_diagonal(table) & pd.notna(table)]})
    return pair_table(results, {str(name): np.stack([table == name for table in labels]) for name in names})


def _off_diagonal(table: "np.ndarray[Any, np.dtype[Any]]") -> BoolArray:
    return ~np.eye(len(table), dtype=bool)


def _table_of(
    groups: Groups, period: Hashable, units: "pd.Index[Any]"
) -> "np.ndarray[Any, np.dtype[np.object_]]":
    if not isinstance(groups, pd.DataFrame) and period not in groups:
        raise AlignmentError("pairs have no groups in a year", where=str(period), cure="give every year")
    table = groups if isinstance(groups, pd.DataFrame) else groups[period]
    missing = [unit for unit in units if unit not in table.index or unit not in table.columns]
    if missing:
        cure = "give a square table with all units of the sample"
        raise AlignmentError("units have no groups of pairs", where=shorten(missing), cure=cure)
    return table.loc[units, units].to_numpy(dtype=object)


def pair_table(results: SpatialPanelResults, masks: Mapping[str, BoolArray]) -> pd.DataFrame:
    """Split indirect effects by sets of pairs given as arrays.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with spatial terms.
    masks : mapping of str to ndarray of bool, shape (T, N, N)
        The pairs of each set in each period of the sample; the diagonal is ignored.

    Returns
    -------
    DataFrame
        As of :func:`effects_by_pairs`, sets in the order given.

    Raises
    ------
    SpecificationError
        If the model has no spillovers.
    """
    problem = results.design.problem
    if problem.lag is None and not problem.parts and not results.design.durbin:
        cure = "use SLX, SAR, SDM, SDEM or SAC"
        raise SpecificationError(f"{results.spec.model} has no spillovers", cure=cure)
    periods, units = problem.y.shape
    chosen = np.stack([mask & _off_diagonal(mask[0]) for mask in masks.values()])
    parts = PartsEffects.of(results.design, np.eye(periods))
    share = np.einsum("td,rtij->drij", parts.shares, chosen.astype(np.float64)) / (periods * units)
    variables = [name for name in results.spec.terms if name != CONSTANT]
    index = pd.MultiIndex.from_product([variables, list(masks)], names=["variable", "pairs"])
    table = delta_table(lambda point: pair_effects(parts, share, point), [results], index)
    links = chosen.sum(axis=(1, 2, 3)) / periods
    table["links"] = np.tile(links, len(variables))
    scale = np.divide(units, table["links"], out=np.zeros(len(table)), where=table["links"] > 0)
    return table.assign(per_link=table["estimate"] * scale, per_link_error=table["std_error"] * scale)


def pair_effects(parts: PartsEffects, share: FloatArray, point: FloatArray) -> FloatArray:
    """Sum effects over sets of pairs.

    Parameters
    ----------
    parts : PartsEffects
        Weights and positions of the parameters.
    share : ndarray, shape (D, R, N, N)
        The weight of each pair in each set, for each distinct combination of the weights.
    point : ndarray, shape (K,)
        Coefficients.

    Returns
    -------
    ndarray, shape (V, R)
        By variable and set.
    """
    units, padded = share.shape[-1], np.append(point, 0.0)
    mixed = np.tensordot(point[parts.rho], parts.lag, axes=1) if parts.rho.size else 0.0
    inverse = np.broadcast_to(np.linalg.inv(np.eye(units) - mixed), (len(share), units, units))
    out = np.outer(padded[parts.own], np.einsum("drij,dij->r", share, inverse))
    for places, weights in zip(parts.lagged, parts.durbin, strict=True):
        out += np.outer(padded[places], np.einsum("drij,dij->r", share, inverse @ weights))
    return out
