"""From labelled rows to positions: the estimation sample of a balanced panel or one cross-section."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.models.within import IntArray
from yrdspatial.panel.gaps import shorten, unit_name
from yrdspatial.panel.panel import Panel

POLICIES = 'state a policy: balance_panel with "drop_years", "drop_units", "subset" or "em"'
"""What can be done about holes, for messages."""


@dataclass(frozen=True)
class Sample:
    """A balanced panel with rows in the order period, unit.

    Attributes
    ----------
    frame : DataFrame, T N rows
        The data, sorted by period, then unit.
    units : Index, length N
        Labels of the units, sorted.
    periods : Index, length T
        Labels of the periods, sorted; a single 0 for a cross-section.
    order : ndarray of int, shape (T N,)
        ``frame`` is row ``order`` of the user's data.
    index : Index, length T N
        The user's index, in the user's order.
    flags : DataFrame, optional
        Flagged values of the panel: columns unit, year, variable, flag.
    """

    frame: pd.DataFrame
    units: "pd.Index[Any]"
    periods: "pd.Index[Any]"
    order: IntArray
    index: "pd.Index[Any]"
    flags: pd.DataFrame | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """T and N."""
        return len(self.periods), len(self.units)

    @property
    def cross_section(self) -> bool:
        """Whether the data are indexed by unit alone."""
        return not isinstance(self.index, pd.MultiIndex)

    def place(self, row: int) -> str:
        """Name a row of ``frame`` for a message.

        Parameters
        ----------
        row : int
            Position in ``frame``.

        Returns
        -------
        str
            Such as "Hefei 2016".
        """
        period, unit = divmod(int(row), len(self.units))
        name = unit_name(self.units[unit])
        return name if self.cross_section else f"{name} {self.periods[period]}"

    def series(self, values: Any, name: str) -> "pd.Series[float]":
        """Values by position as a Series in the user's order.

        Parameters
        ----------
        values : ndarray, shape (T, N)
            Values.
        name : str
            Name of the series.

        Returns
        -------
        Series
            On the user's index.
        """
        flat = np.empty(self.order.size)
        flat[self.order] = np.asarray(values).ravel()
        return pd.Series(flat, index=self.index, name=name)


def read_sample(data: "Panel | pd.DataFrame") -> Sample:
    """Sort the rows of a panel or a cross-section by label.

    Parameters
    ----------
    data : Panel or DataFrame
        Indexed (unit, time), or by unit alone.

    Returns
    -------
    Sample
        Balanced, without duplicate rows.

    Raises
    ------
    SpecificationError
        If the data are no table, empty, or their index has more than two levels.
    """
    frame = data.frame if isinstance(data, Panel) else data
    if not isinstance(frame, pd.DataFrame):
        raise SpecificationError(
            f"{type(data).__name__} is no panel", cure="give a Panel or a DataFrame indexed (unit, time)"
        )
    if frame.index.nlevels > 2 or not len(frame):
        cure = "index the rows by (unit, time), or by unit alone for one cross-section"
        raise SpecificationError(
            f"data with {len(frame)} rows and {frame.index.nlevels} index levels", cure=cure
        )
    units, rows = _coded(frame.index, 0)
    periods, codes = (
        (pd.Index([0]), np.zeros(len(frame), dtype=np.intp))
        if frame.index.nlevels == 1
        else _coded(frame.index, 1)
    )
    cells = codes * len(units) + rows
    _check_balance(frame.index, cells, units, periods)
    order = np.argsort(cells, kind="stable").astype(np.intp)
    flags = data.flags[["unit", "year", "variable", "flag"]] if isinstance(data, Panel) else None
    return Sample(
        frame if (order == np.arange(order.size)).all() else frame.iloc[order],
        units,
        periods,
        order,
        frame.index,
        flags,
    )


def _coded(index: "pd.Index[Any]", level: int) -> "tuple[pd.Index[Any], IntArray]":
    # The sorted labels of a level, and which of them each row has.
    if not isinstance(index, pd.MultiIndex):
        labels = _sorted(index.unique())
        return labels, np.asarray(labels.get_indexer(index), dtype=np.intp)
    codes = np.asarray(index.codes[level], dtype=np.intp)
    used = np.bincount(codes[codes >= 0], minlength=len(index.levels[level])) > 0
    known = (
        index.levels[level] if used.all() and (codes >= 0).all() else index.get_level_values(level).unique()
    )
    labels = _sorted(known)
    return labels, np.asarray(labels.get_indexer(index.levels[level]), dtype=np.intp)[codes]


def _sorted(distinct: "pd.Index[Any]") -> "pd.Index[Any]":
    if distinct.hasnans:
        raise AlignmentError(
            "a row has no label", where=str(distinct.name), cure="give every row a unit and a year"
        )
    try:
        return distinct.sort_values()
    except TypeError:
        return distinct


def _check_balance(
    index: "pd.Index[Any]", cells: IntArray, units: "pd.Index[Any]", periods: "pd.Index[Any]"
) -> None:
    counts = np.bincount(cells, minlength=len(units) * len(periods))
    single = index.nlevels == 1

    def named(rows: IntArray) -> str:
        pairs = [divmod(int(row), len(units)) for row in rows]
        return shorten([unit_name(units[u]) + ("" if single else f" {periods[t]}") for t, u in pairs])

    if (counts > 1).any():
        cure = "keep one row a unit and year"
        raise AlignmentError("rows repeat", where=named(np.flatnonzero(counts > 1)), cure=cure)
    if (counts == 0).any():
        cure = f"add the rows, choose years and units that are complete, or {POLICIES}"
        raise GapError(
            "the panel is unbalanced, rows are missing", where=named(np.flatnonzero(counts == 0)), cure=cure
        )
