"""The matrix of effects behind every table of spillovers, and the labels of its terms, years and units by position."""

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.models.parts_effects import PartsEffects
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import CONSTANT
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.gaps import shorten


def parts_of(results: SpatialPanelResults) -> PartsEffects:
    """Collect the weights of a model period by period.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model.

    Returns
    -------
    PartsEffects
        One average a period.

    Raises
    ------
    SpecificationError
        If the model has no spatial lag of y or X.
    """
    problem = results.design.problem
    if problem.lag is None and not problem.parts and not results.design.durbin:
        cure = "use SLX, SAR, SDM, SDEM or SAC"
        raise SpecificationError(f"{results.spec.model} has no spillovers", cure=cure)
    return PartsEffects.of(results.design, np.eye(len(results.design.sample.periods)))


def terms_of(results: SpatialPanelResults) -> list[str]:
    """List the terms that have effects.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model.

    Returns
    -------
    list of str
        All but the constant.
    """
    return [name for name in results.spec.terms if name != CONSTANT]


def term_position(results: SpatialPanelResults, variable: str) -> int:
    """Find a term.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model.
    variable : str
        Its name.

    Returns
    -------
    int
        Its place among the terms.

    Raises
    ------
    SpecificationError
        If there is no such term.
    """
    variables = terms_of(results)
    if variable not in variables:
        cure = f"use one of {', '.join(variables)}"
        raise SpecificationError(f"{variable} is no term of the model", cure=cure)
    return variables.index(variable)


def period_shares(results: SpatialPanelResults, year: Hashable | None) -> FloatArray:
    """Weigh the periods for an average.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model.
    year : hashable, optional
        This period alone; all alike by default.

    Returns
    -------
    ndarray, shape (T,)
        Shares that sum to one.

    Raises
    ------
    AlignmentError
        If the year is not in the sample.
    """
    periods = results.design.sample.periods
    if year is None:
        return np.full(len(periods), 1.0 / len(periods))
    if year not in periods:
        cure = f"the sample has {periods[0]} to {periods[-1]}"
        raise AlignmentError("a year is not in the sample", where=str(year), cure=cure)
    return np.asarray(periods == year, dtype=np.float64)


def member_mask(units: "pd.Index[Any]", wanted: Iterable[Hashable]) -> "npt.NDArray[np.bool_]":
    """Say which units belong to a set.

    Parameters
    ----------
    units : Index, length N
        Units of the sample.
    wanted : iterable
        Labels of the set.

    Returns
    -------
    ndarray of bool, shape (N,)
        Membership.

    Raises
    ------
    AlignmentError
        If a label is not in the sample.
    """
    labels = list(wanted)
    unknown = [label for label in labels if label not in units]
    if unknown:
        cure = "use labels of the data"
        raise AlignmentError("units are not in the sample", where=shorten(unknown), cure=cure)
    return np.asarray(units.isin(labels))


def matrix_at(parts: PartsEffects, point: FloatArray, position: int, shares: FloatArray) -> FloatArray:
    """Evaluate the effect of one term in each unit on each unit.

    Parameters
    ----------
    parts : PartsEffects
        Weights by period.
    point : ndarray, shape (K,)
        Parameters.
    position : int
        Place of the term.
    shares : ndarray, shape (T,)
        Weights of the periods.

    Returns
    -------
    ndarray, shape (N, N)
        Row: who receives; column: who sends.
    """
    units = parts.lag.shape[-1] if parts.lag.size else parts.durbin.shape[-1]
    padded, weights = np.append(point, 0.0), shares @ parts.shares
    out = np.zeros((units, units))
    for d in np.flatnonzero(weights):
        slope = padded[parts.own[position]] * np.eye(units)
        for m, places in enumerate(parts.lagged):
            slope = slope + padded[places[position]] * parts.durbin[m, d]
        mixed = np.tensordot(point[parts.rho], parts.lag[:, d], axes=1) if parts.rho.size else 0.0
        out += weights[d] * np.linalg.solve(np.eye(units) - mixed, slope)
    return out
