"""Flows between units: a labelled matrix of origins by destinations, for one year or several."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.gaps import shorten, unit_name
from yrdspatial.rail.travel_time import TravelTimes
from yrdspatial.weights.graphs import as_year, same_units, unique_labels

Tables: TypeAlias = pd.DataFrame | Mapping[int, pd.DataFrame] | TravelTimes
"""What lies between units: one square table, one for each year, or travel times."""


@dataclass(frozen=True, eq=False, repr=False)
class Flows:
    """Flows from origins to destinations.

    Attributes
    ----------
    array : ndarray, shape (T, N, N)
        ``[t, i, j]`` flows from unit i to unit j; missing where it is not known. Flows without a year have T = 1.
    units : Index, length N
        Labels of origins and destinations.
    years : tuple of int
        Years, rising; empty for flows without a year.
    notes : tuple of str
        What was done on reading.

    Raises
    ------
    AlignmentError
        If shapes and labels do not fit, or labels or years repeat.
    DataError
        If a flow is negative or infinite, or none is known.

    Examples
    --------
    >>> flows = Flows.from_frames(pd.DataFrame([[0, 5], [2, 0]], index=["a", "b"], columns=["a", "b"]))
    >>> float(flows.frame().loc["a", "b"])
    5.0
    """

    array: FloatArray
    units: "pd.Index[Any]"
    years: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unique_labels(self.units, "units")
        count = len(self.units)
        if self.array.shape != (max(len(self.years), 1), count, count):
            where = f"shape {self.array.shape}, {count} units, {len(self.years)} years"
            raise AlignmentError("flows and labels do not fit", where=where, cure="give (T, N, N)")
        if list(self.years) != sorted(set(self.years)):
            raise AlignmentError("years repeat or do not rise", where=str(self.years), cure="sort them")
        bad = np.argwhere((self.array < 0) | np.isinf(self.array))
        if len(bad):
            raise DataError(
                "flows are negative or infinite",
                where=shorten([self.pair_name(*cell) for cell in bad]),
                cure="a flow is zero or more: give a net flow as two flows",
            )
        if np.isnan(self.array).all():
            raise DataError("no flow is known", where="flows", cure="give a table with figures")

    @classmethod
    def from_frames(cls, frames: "pd.DataFrame | dict[int, pd.DataFrame]") -> Self:
        """Take flows from square tables.

        Parameters
        ----------
        frames : DataFrame or dict of int to DataFrame, shape (N, N)
            Origins as index, destinations as columns; by year, or one without a year.

        Returns
        -------
        Flows
            In the order of the first table.

        Raises
        ------
        DataError
            If there is no table.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 5], [2, 0]], index=["a", "b"], columns=["a", "b"])
        >>> Flows.from_frames({2019: table, 2018: table}).years
        (2018, 2019)
        """
        by_year = {None: frames} if isinstance(frames, pd.DataFrame) else dict(sorted(frames.items()))
        if not by_year:
            raise DataError("no year has flows", where="flows", cure="give at least one table")
        units = unique_labels(next(iter(by_year.values())).index, "origins")
        placed = [aligned_square(frame, units, "flows") for frame in by_year.values()]
        years = tuple(as_year(year) for year in by_year if year is not None)
        return cls(np.stack(placed), units.rename("unit"), years)

    @property
    def periods(self) -> int:
        """Number of tables, T."""
        return len(self.array)

    @property
    def self_flows(self) -> bool:
        """Whether flows within units are known, all of them."""
        return bool(np.isfinite(np.diagonal(self.array, axis1=1, axis2=2)).all())

    def __repr__(self) -> str:
        span = f" in {', '.join(map(str, self.years))}" if self.years else ""
        known = np.isfinite(self.array)
        zeros = int((self.array == 0).sum())
        return f"<Flows between {len(self.units)} units{span}: {known.sum()} known, {zeros} zero>"

    def pair_name(self, t: int, i: int, j: int) -> str:
        """Name one flow in words.

        Parameters
        ----------
        t, i, j : int
            Positions of year, origin and destination.

        Returns
        -------
        str
            Such as ``"Hefei to Wuhu 2016"``.
        """
        year = f" {self.years[t]}" if self.years else ""
        return f"{unit_name(self.units[i])} to {unit_name(self.units[j])}{year}"

    def frame(self, year: int | None = None) -> pd.DataFrame:
        """Lay out one year as a square table.

        Parameters
        ----------
        year : int, optional
            Needed when there are several years.

        Returns
        -------
        DataFrame, shape (N, N)
            Origins by destinations.

        Examples
        --------
        >>> Flows.from_frames(pd.DataFrame([[1.0]], index=["a"], columns=["a"])).frame().shape
        (1, 1)
        """
        rows, columns = self.units.rename("origin"), self.units.rename("destination")
        return pd.DataFrame(self.array[self._position(year)], rows, columns)

    def at(self, year: int) -> Self:
        """Keep one year.

        Parameters
        ----------
        year : int
            The year.

        Returns
        -------
        Flows
            With T = 1.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 5], [2, 0]], index=["a", "b"], columns=["a", "b"])
        >>> Flows.from_frames({2018: table, 2019: 2 * table}).at(2019).array.sum()
        np.float64(14.0)
        """
        place = self._position(year)
        return type(self)(self.array[place : place + 1], self.units, (self.years[place],), self.notes)

    def long(self) -> pd.DataFrame:
        """Lay out the known flows as a long table.

        Returns
        -------
        DataFrame
            ``year`` (when there are years), ``origin``, ``destination``, ``flow``.

        Examples
        --------
        >>> table = pd.DataFrame([[np.nan, 5], [2, np.nan]], index=["a", "b"], columns=["a", "b"])
        >>> Flows.from_frames(table).long()["flow"].tolist()
        [5.0, 2.0]
        """
        t, i, j = np.nonzero(np.isfinite(self.array))
        table = pd.DataFrame(
            {"origin": self.units[i], "destination": self.units[j], "flow": self.array[t, i, j]}
        )
        if self.years:
            table.insert(0, "year", np.asarray(self.years)[t])
        return table

    def totals(self) -> pd.DataFrame:
        """Sum the flows to and from other units.

        Returns
        -------
        DataFrame
            Index unit (and year); ``outflow``, ``inflow``, ``net`` (in less out), ``within`` (missing if not known).

        Examples
        --------
        >>> table = pd.DataFrame([[7, 5], [2, 9]], index=["a", "b"], columns=["a", "b"])
        >>> Flows.from_frames(table).totals().loc["a"].tolist()
        [5.0, 2.0, -3.0, 7.0]
        """
        away = np.where(np.eye(len(self.units), dtype=bool), 0.0, np.nan_to_num(self.array))
        outflow, inflow = away.sum(axis=2).T, away.sum(axis=1).T
        within = np.diagonal(self.array, axis1=1, axis2=2).T
        index = (
            pd.MultiIndex.from_product([self.units, self.years], names=["unit", "year"])
            if self.years
            else self.units.rename("unit")
        )
        parts = {"outflow": outflow, "inflow": inflow, "net": inflow - outflow, "within": within}
        return pd.DataFrame({name: part.ravel() for name, part in parts.items()}, index=index)

    def _position(self, year: int | None) -> int:
        if year is None and self.periods == 1:
            return 0
        if year not in self.years:
            cure = f"the flows have {', '.join(map(str, self.years)) or 'no year'}"
            raise SpecificationError("no such year", where=f"year={year}", cure=cure)
        return self.years.index(year)


def aligned_square(frame: pd.DataFrame, units: "pd.Index[Any]", what: str) -> FloatArray:
    """Read a labelled square table in the order of given units.

    Parameters
    ----------
    frame : DataFrame, shape (N, N)
        Units as index and as columns, in any order.
    units : Iterable, length N
        The order wanted.
    what : str
        What the table is, for errors.

    Returns
    -------
    ndarray, shape (N, N)
        Values by position.

    Raises
    ------
    AlignmentError
        If rows or columns have other units.

    Examples
    --------
    >>> table = pd.DataFrame([[1, 2], [3, 4]], index=["a", "b"], columns=["b", "a"])
    >>> aligned_square(table, pd.Index(["a", "b"]), "times").tolist()
    [[2.0, 1.0], [4.0, 3.0]]
    """
    if not isinstance(frame, pd.DataFrame):
        cure = "give a square DataFrame with the units as index and as columns"
        raise AlignmentError(f"{type(frame).__name__} has no labels", where=what, cure=cure)
    for side, labels in (("rows", frame.index), ("columns", frame.columns)):
        same_units(units, unique_labels(labels, f"{side} of {what}"), f"{side} of {what}")
    return frame.loc[units, units].to_numpy(dtype=np.float64)


def year_tables(flows: Flows, tables: Tables, what: str) -> FloatArray:
    """Read a matrix for every year of flows.

    Parameters
    ----------
    flows : Flows
        Gives units and years.
    tables : DataFrame, mapping of int to DataFrame, or object with ``frame(year)`` and ``years``
        One table counts for all years; travel times are the third form.
    what : str
        What the tables are, for errors.

    Returns
    -------
    ndarray, shape (T, N, N)
        By position.

    Raises
    ------
    AlignmentError
        If a year has no table.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 5], [2, 0]], index=["a", "b"], columns=["a", "b"])
    >>> year_tables(Flows.from_frames({2018: table, 2019: table}), table, "minutes").shape
    (2, 2, 2)
    """
    if isinstance(tables, pd.DataFrame):
        return np.repeat(aligned_square(tables, flows.units, what)[None], flows.periods, axis=0)
    read: Any = tables.get if isinstance(tables, Mapping) else getattr(tables, "frame", None)
    known: Iterable[int] = tables if isinstance(tables, Mapping) else getattr(tables, "years", ())
    missing = [year for year in flows.years if year not in known]
    if read is None or missing or not flows.years:
        cure = "give a square DataFrame, or one for every year of the flows"
        raise AlignmentError("years without a table", where=f"{what} {missing or ''}".strip(), cure=cure)
    return np.stack([aligned_square(read(year), flows.units, what) for year in flows.years])
