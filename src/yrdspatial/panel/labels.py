"""Labels of units and years: any frame onto the full grid, any series onto the panel's rows."""

from typing import Any

import pandas as pd

from yrdspatial.errors import AlignmentError
from yrdspatial.panel.gaps import shorten, unit_name

YEAR_NAMES = ("year", "time", "t")
UNIT_NAMES = ("unit", "adcode", "id")


def as_panel_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame on the full sorted grid of its units and years.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indexed (unit, year) or (year, unit) with named levels, or with columns ``unit`` and ``year``.

    Returns
    -------
    pandas.DataFrame
        Index (unit, year), one row for every unit in every year, NaN where there was none; numbers as floats.

    Raises
    ------
    AlignmentError
        If units and years are not found, a pair is there twice, or a year is not a whole number.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": ["b", "a"], "year": [2001, 2000], "y": [1, 2]})
    >>> as_panel_index(frame)["y"].tolist()
    [2.0, nan, nan, 1.0]
    """
    if frame.index.nlevels != 2:
        keys = [next((key for key in names if key in frame), None) for names in (UNIT_NAMES, YEAR_NAMES)]
        if None in keys:
            cure = 'index the frame by (unit, year) or give it columns "unit" and "year"'
            raise AlignmentError("units and years are not found", where="frame", cure=cure)
        frame = frame.set_index(keys)
    index = panel_index(frame.index)
    twice = index[index.duplicated()].unique()
    if len(twice):
        where = shorten([f"{unit_name(unit)} {year}" for unit, year in twice])
        raise AlignmentError("a unit and year are there twice", where=where, cure="keep one row of each")
    units = index.unique("unit").sort_values()
    years = index.unique("year").sort_values()
    grid = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    other = frame.select_dtypes(["number", "bool"]).select_dtypes(exclude="float64").columns
    result = frame.set_axis(index).reindex(grid)
    return result.astype(dict.fromkeys(other, float)) if len(other) else result


def panel_index(index: pd.Index) -> pd.MultiIndex:
    """Return a two-level index as (unit, year), years as integers.

    Parameters
    ----------
    index : pandas.MultiIndex
        Two levels; the one named year or time is the year, else the second.

    Returns
    -------
    pandas.MultiIndex
        Levels named unit and year, in the order of the rows.

    Raises
    ------
    AlignmentError
        If there are not two levels, or a year is not a whole number.

    Examples
    --------
    >>> panel_index(pd.MultiIndex.from_tuples([(2020, "A")], names=["year", "id"])).tolist()
    [('A', 2020)]
    """
    if index.nlevels != 2:
        raise AlignmentError(
            "two index levels are needed", where=str(index.names), cure="index by (unit, year)"
        )
    first, second = index.get_level_values(0), index.get_level_values(1)
    if index.names[0] in YEAR_NAMES:
        first, second = second, first
    numbers = pd.to_numeric(pd.Series(second.to_numpy()), errors="coerce")
    wrong = (numbers.isna() | (numbers % 1 != 0)).to_numpy()
    if wrong.any():
        where = str(second[wrong][0])
        raise AlignmentError("a year is not a whole number", where=where, cure="write years as 2020")
    return pd.MultiIndex.from_arrays([first, numbers.astype("int64")], names=["unit", "year"])


def aligned(value: Any, index: pd.MultiIndex, name: str) -> Any:
    """Return a value on the rows of a panel, by label.

    Parameters
    ----------
    value : Series or scalar
        A Series indexed (unit, year), by unit, or by year; or one value for all rows.
    index : pandas.MultiIndex
        Rows of the panel.
    name : str
        Column, for the error.

    Returns
    -------
    Series or scalar
        What the panel stores.

    Raises
    ------
    AlignmentError
        If a label is there twice, none fits, or the value has no labels.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_product([["A", "B"], [2020]], names=["unit", "year"])
    >>> aligned(pd.Series({"B": 2.0, "A": 1.0}), rows, "x").tolist()
    [1.0, 2.0]
    """
    if pd.api.types.is_scalar(value):
        return value
    if not isinstance(value, pd.Series):
        cure = "pass a Series indexed by (unit, year), by unit or by year"
        raise AlignmentError("a value has no labels", where=f"{name}: {type(value).__name__}", cure=cure)
    if value.index.has_duplicates:
        twice = value.index[value.index.duplicated()].unique()
        raise AlignmentError(
            "a label is there twice", where=f"{name}: {shorten(list(twice))}", cure="keep one"
        )
    if value.index.nlevels == 2:
        result = value.set_axis(panel_index(value.index)).reindex(index)
    else:
        levels = (index.get_level_values("unit"), index.get_level_values("year"))
        rows = next((rows for rows in levels if rows.isin(value.index).any()), levels[0])
        result = value.reindex(rows).set_axis(index)
    if value.notna().any() and not result.notna().any():
        cure = "index it by the panel's units and years"
        raise AlignmentError("no label of a series is in the panel", where=name, cure=cure)
    return result
