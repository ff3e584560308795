"""Regressors of pairs: what origins and destinations are like, and what lies between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.flows.absorption import BoolArray
from yrdspatial.flows.table import Flows, Tables, year_tables
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.panel.panel import Panel

WITHIN = "within"


@dataclass(frozen=True)
class Pairs:
    """Flows and their regressors by position.

    Attributes
    ----------
    y : ndarray, shape (T, N, N)
        Flows; zero where the pair is not used.
    X : ndarray, shape (T, N, N, k)
        Regressors; zero where the pair is not used.
    names : tuple of str, length k
        Names of the regressors.
    used : ndarray of bool, shape (T, N, N)
        Pairs in the sample.
    """

    y: FloatArray
    X: FloatArray
    names: tuple[str, ...]
    used: BoolArray


def read_pairs(
    flows: Flows,
    origin: "Panel | pd.DataFrame | None",
    destination: "Panel | pd.DataFrame | None",
    separation: Mapping[str, Tables],
    *,
    constant: bool,
    self_flows: bool,
) -> Pairs:
    """Bring flows and regressors into one order.

    Parameters
    ----------
    flows : Flows
        The flows.
    origin, destination : DataFrame or Panel, optional
        Indexed by unit, or by unit and year.
    separation : mapping of str to DataFrame, mapping by year, or travel times
        Square tables.
    constant : bool
        Whether there is an intercept.
    self_flows : bool
        Whether flows within units are in the sample, with a dummy of their own.

    Returns
    -------
    Pairs
        By position.

    Raises
    ------
    GapError
        If a regressor of a known flow is missing or infinite.
    SpecificationError
        If there is no regressor, names repeat, or flows within units are not known.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 5], [2, 0]], index=["a", "b"], columns=["a", "b"])
    >>> pairs = read_pairs(
    ...     Flows.from_frames(table), None, None, {"km": 3 * table}, constant=True, self_flows=False
    ... )
    >>> pairs.names, int(pairs.used.sum())
    (('Intercept', 'km'), 2)
    """
    inside = np.eye(len(flows.units), dtype=bool)
    used = np.isfinite(flows.array) & (self_flows | ~inside)
    shape = used.shape
    parts: dict[str, FloatArray] = {"Intercept": np.ones(shape)} if constant else {}
    if self_flows:
        if not flows.self_flows:
            cure = "leave self_flows=False, or read a table with a figure for every unit"
            raise SpecificationError("flows within units are not known", where="self_flows=True", cure=cure)
        parts[WITHIN] = np.broadcast_to(inside.astype(np.float64), shape)
    columns = [("origin", origin), ("destination", destination)]
    for side, frame in columns:
        for name, values in unit_columns(flows, frame, side).items():
            placed = values[:, :, None] if side == "origin" else values[:, None]
            _add(parts, f"{side}_{name}", np.broadcast_to(placed, shape))
    for name, tables in separation.items():
        _add(parts, name, year_tables(flows, tables, name))
    if not set(parts) - {"Intercept"}:
        cure = "give origin=, destination= or separation="
        raise SpecificationError("a gravity equation needs regressors", cure=cure)
    for name, values in parts.items():
        holes = np.argwhere(used & ~np.isfinite(values))
        if len(holes):
            where = f"{name}: {shorten([flows.pair_name(*cell) for cell in holes])}"
            raise GapError(
                "a regressor is missing or infinite", where=where, cure="fill it or drop the pairs"
            )
    X = np.stack([np.where(used, values, 0.0) for values in parts.values()], axis=3)
    return Pairs(np.where(used, flows.array, 0.0), X, tuple(parts), used)


def unit_columns(flows: Flows, frame: "Panel | pd.DataFrame | None", what: str) -> dict[str, FloatArray]:
    """Read characteristics of units in the order of the flows.

    Parameters
    ----------
    flows : Flows
        Gives units and years.
    frame : DataFrame or Panel, optional
        Indexed by unit, or by unit and year; a table by unit counts for every year.
    what : str
        What it is, for errors.

    Returns
    -------
    dict of str to ndarray, shape (T, N)
        By column.

    Raises
    ------
    AlignmentError
        If a unit or a year has no row, or has two.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 5], [2, 0]], index=["a", "b"], columns=["a", "b"])
    >>> size = pd.DataFrame({"size": [1.0, 2.0]}, index=["b", "a"])
    >>> unit_columns(Flows.from_frames(table), size, "origin")["size"].tolist()
    [[2.0, 1.0]]
    """
    if frame is None:
        return {}
    table = frame.frame if isinstance(frame, Panel) else frame
    rows: pd.Index[Any] = flows.units
    by_year = isinstance(table.index, pd.MultiIndex)
    if by_year:
        if not flows.years:
            raise AlignmentError("the flows have no year", where=what, cure="read_flows(..., year=)")
        rows = pd.MultiIndex.from_product([flows.units, flows.years])
    absent = rows.difference(table.index)
    if len(absent) or table.index.has_duplicates:
        where = f"{what}: {shorten([row_name(row) for row in absent]) or 'a row is there twice'}"
        raise AlignmentError(
            "units of the flows have no single row", where=where, cure="one row a unit (and year)"
        )
    out = {}
    for name in table.columns:
        values = table.loc[rows, name].to_numpy(dtype=np.float64)
        placed = values.reshape(len(flows.units), -1).T
        out[str(name)] = placed if by_year else np.repeat(placed, flows.periods, axis=0)
    return out


def _add(parts: dict[str, FloatArray], name: str, values: FloatArray) -> None:
    if name in parts:
        raise SpecificationError("two regressors have one name", where=name, cure="rename one of them")
    parts[name] = values
