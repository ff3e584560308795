"""Holes of a panel found, and years or units left out so that none is left: labels in, labels out."""

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import pandas as pd

from yrdspatial.errors import GapError
from yrdspatial.panel.gaps import describe_cells, shorten
from yrdspatial.panel.labels import as_panel_index

Drop: TypeAlias = Literal["year", "unit"]


def names_of(columns: Any, where: str) -> list[str]:
    """Read names of columns.

    Parameters
    ----------
    columns : str or iterable of str
        One name, or several.
    where : str
        The argument, for the error.

    Returns
    -------
    list of str
        The names.

    Raises
    ------
    GapError
        If they are no texts.

    Examples
    --------
    >>> names_of("y", "columns"), names_of(("y", "x"), "columns")
    (['y'], ['y', 'x'])
    """
    several = isinstance(columns, Iterable) and not isinstance(columns, str | type)
    names = list(columns) if several else [columns]
    if not all(isinstance(name, str) for name in names):
        raise GapError("these are no names of columns", where=where, cure='write "y" or ["y", "x"]')
    return [str(name) for name in names]


def find_holes(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """List the cells without a value, rows that are not there among them.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indexed (unit, year), in any order; rows may be missing.
    columns : iterable of str
        Columns that are needed.

    Returns
    -------
    pandas.DataFrame
        Columns ``unit``, ``year``, ``variable``; one row a missing cell, sorted.

    Raises
    ------
    GapError
        If there is no such column.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("a", 2001), ("a", 2002), ("b", 2002)], names=["unit", "year"])
    >>> find_holes(pd.DataFrame({"y": [1.0, None, 2.0]}, index), ["y"]).values.tolist()
    [['a', 2002, 'y'], ['b', 2001, 'y']]
    """
    names = names_of(columns, "columns")
    unknown = [name for name in names if name not in frame]
    if unknown or not names:
        cure = f"choose among {shorten(list(frame.columns))}"
        raise GapError("the panel has no such column", where=shorten(unknown), cure=cure)
    grid = as_panel_index(frame)[names]
    found = [grid.index[grid[name].isna()].to_frame(index=False).assign(variable=name) for name in names]
    return pd.concat(found, ignore_index=True).sort_values(["unit", "year"], ignore_index=True, kind="stable")


def complete_labels(frame: pd.DataFrame, columns: Iterable[str], drop: Drop) -> "pd.Index[Any]":
    """Return the years, or the units, in which no value is missing.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indexed (unit, year).
    columns : iterable of str
        Columns that are needed.
    drop : {"year", "unit"}
        What is left out when one of its cells is missing.

    Returns
    -------
    pandas.Index
        Sorted labels that stay.

    Raises
    ------
    GapError
        If nothing would stay.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["a", "b"], [2001, 2002]], names=["unit", "year"])
    >>> frame = pd.DataFrame({"y": [1.0, None, 2.0, 3.0]}, index)
    >>> complete_labels(frame, ["y"], "year").tolist(), complete_labels(frame, ["y"], "unit").tolist()
    ([2001], ['b'])
    """
    names = names_of(columns, "columns")
    holes = find_holes(frame, names)
    labels = as_panel_index(frame).index.unique(drop)
    kept = labels.difference(pd.Index(holes[drop].unique()))
    if kept.empty:
        cure = f"every {drop} has a hole: drop the {'units' if drop == 'year' else 'years'}, or ask for fewer columns"
        where = describe_cells(holes, n_units=as_panel_index(frame).index.unique("unit").size)
        raise GapError(f"no {drop} is complete", where=where, cure=cure)
    return kept
