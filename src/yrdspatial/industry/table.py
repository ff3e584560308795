"""A table of units by sectors, of one year or of many: what every industry measure reads and how it labels results.

Results are pandas objects on the labels of the table. What a note under a printed table must say travels in their
``attrs``: ``measure``, ``basis`` (employment, value added, ...), ``reference``, ``variant``, and ``notes``, a tuple
that holds the flags of the panel's values and the cells in which the measure is not defined.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import DataError, GapError, SpecificationError
from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.gaps import describe_cells, row_name, shorten, unit_name, year_runs
from yrdspatial.panel.labels import as_panel_index
from yrdspatial.panel.panel import Panel

Floats = npt.NDArray[np.float64]
Labelled = TypeVar("Labelled", pd.Series, pd.DataFrame)


@dataclass(frozen=True)
class SectorTable:
    """Amounts of sectors in units, by year.

    Attributes
    ----------
    amounts : ndarray, shape (T, N, K)
        Years, units, sectors; no gap, nothing negative.
    units : pandas.Index
        N units, sorted in a table of several years, in the order of the rows in a table of one year.
    years : tuple of int or None
        T years; None for a table of one year without a year label.
    sectors : pandas.Index
        K sectors.
    basis : str
        What the amounts are: ``"employment"``, ``"value added"``, or ``"not stated"``.
    notes : tuple of str
        Flags of the values and years left out.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [1, 3], "y": [2, 4]}, index=["A", "B"])
    >>> as_sectors(table).amounts.shape
    (1, 2, 2)
    """

    amounts: Floats
    units: pd.Index
    years: tuple[int, ...] | None
    sectors: pd.Index
    basis: str
    notes: tuple[str, ...]

    def by_cell(self, values: Floats, sectors: Iterable[object] | None = None) -> pd.DataFrame:
        """Label an array of units by sectors, or by any other columns.

        Parameters
        ----------
        values : ndarray, shape (T, N, K)
            One value a year, unit and column.
        sectors : iterable, optional
            Other column labels.

        Returns
        -------
        pandas.DataFrame
            Index unit, or (unit, year).
        """
        columns = self.sectors if sectors is None else pd.Index(list(sectors))
        return pd.DataFrame(values.swapaxes(0, 1).reshape(-1, values.shape[2]), self._rows(), columns)

    def by_unit(self, values: Floats, name: str) -> pd.Series:
        """Label an array of units.

        Parameters
        ----------
        values : ndarray, shape (T, N)
            One value a year and unit.
        name : str
            Name of the series.

        Returns
        -------
        pandas.Series
            Index unit, or (unit, year).
        """
        return pd.Series(values.T.ravel(), self._rows(), name=name)

    def by_sector(self, values: Floats, name: str) -> pd.Series:
        """Label an array of sectors.

        Parameters
        ----------
        values : ndarray, shape (T, K)
            One value a year and sector.
        name : str
            Name of the series.

        Returns
        -------
        pandas.Series
            Index sector, or (sector, year).
        """
        return pd.Series(values.T.ravel(), self._grid(self.sectors.rename("sector")), name=name)

    def _rows(self) -> pd.Index:
        return self._grid(self.units)

    def _grid(self, labels: pd.Index) -> pd.Index:
        if self.years is None:
            return labels
        return pd.MultiIndex.from_product([labels, self.years], names=[labels.name, "year"])


def as_sectors(table: pd.DataFrame | Panel) -> SectorTable:
    """Read a table of units by sectors.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Units by sectors (one year), or indexed (unit, year). A Panel, such as
        ``panel.select(columns=yrd.sector_sets()["sectors_19"])``, brings its flags and its basis along. Years in
        which no cell has a value are left out.

    Returns
    -------
    SectorTable
        Without a gap.

    Raises
    ------
    GapError
        If a year has some values but not all: names units, years and sectors.
    DataError
        If a value is negative, infinite or not a number, a row or sector is there twice, or the table is empty or no
        table.

    Examples
    --------
    >>> from yrdspatial import load_panel, sector_sets
    >>> as_sectors(load_panel().select(columns=sector_sets()["sectors_19"])).amounts.shape
    (17, 41, 19)
    """
    frame = table.frame if isinstance(table, Panel) else table
    if not isinstance(frame, pd.DataFrame):
        cure = "pass a DataFrame of units x sectors, for one unit a DataFrame of one row, or a Panel"
        raise DataError("a table of units by sectors is needed", where=type(table).__name__, cure=cure)
    wrong = frame.columns.difference(frame.select_dtypes(["number", "bool"]).columns)
    if frame.empty or len(wrong):
        where = shorten(list(wrong)) or "no row"
        raise DataError("a table needs numbers by unit and sector", where=where, cure="pass sectors only")
    _refuse_twins(frame)
    result = _one_year(frame) if frame.index.nlevels == 1 else _several_years(frame)
    _refuse_amounts(result, "negative", result.amounts < 0)
    _refuse_amounts(result, "infinite", np.isinf(result.amounts))
    if np.isnan(result.amounts).any():
        cure = "select the years or units that have all sectors"
        raise GapError("sectors are missing", where=_holes(result), cure=cure)
    notes = _panel_notes(table, result) if isinstance(table, Panel) else tuple(table.attrs.get("notes", ()))
    return replace(result, basis=_basis(frame), notes=(*notes, *result.notes))


def _refuse_twins(frame: pd.DataFrame) -> None:
    labels = {"sector": (frame.columns, "give each sector one column")}
    if frame.index.nlevels == 1:
        labels["unit"] = (frame.index, "index tables of several years by (unit, year)")
    for what, (names, cure) in labels.items():
        if names.has_duplicates:
            twice = shorten(list(names[names.duplicated()].unique()))
            raise DataError(f"a {what} is there twice", where=twice, cure=cure)


def _refuse_amounts(table: SectorTable, fault: str, bad: npt.NDArray[np.bool_]) -> None:
    if bad.any():
        where = shorten([str(table.sectors[k]) for k in np.unique(np.nonzero(bad)[2])])
        raise DataError(f"an amount is {fault}", where=where, cure="shares need amounts of zero or more")


def _one_year(frame: pd.DataFrame) -> SectorTable:
    values = frame.to_numpy(dtype=float)[None]
    return SectorTable(values, frame.index, None, frame.columns, "", ())


def _several_years(frame: pd.DataFrame) -> SectorTable:
    grid = as_panel_index(frame)
    units, years = grid.index.unique("unit"), grid.index.unique("year")
    cube = grid.to_numpy(dtype=float).reshape(len(units), len(years), -1).swapaxes(0, 1)
    present = ~np.isnan(cube).all(axis=(1, 2))
    left_out = year_runs(years[~present])
    notes = (f"years without a value are left out: {left_out}",) if left_out else ()
    return SectorTable(cube[present], units, tuple(map(int, years[present])), grid.columns, "", notes)


def _holes(table: SectorTable) -> str:
    year, unit, sector = np.nonzero(np.isnan(table.amounts))
    units, sectors = table.units[unit], table.sectors[sector]
    if table.years is None:
        return shorten(
            [f"{place} {name}" for place, name in zip(map(unit_name, units), sectors, strict=True)]
        )
    cells = pd.DataFrame({"unit": units, "year": np.asarray(table.years)[year], "variable": sectors})
    return describe_cells(cells, n_units=len(table.units))


def _basis(frame: pd.DataFrame) -> str:
    known = _bases()
    if all(column in known for column in frame.columns):
        return " and ".join(sorted({known[column] for column in frame.columns}))
    return str(frame.attrs.get("basis", "not stated"))


@functools.cache
def _bases() -> dict[object, str]:
    return dict(load_columns()["basis"].items())


def _panel_notes(panel: Panel, table: SectorTable) -> tuple[str, ...]:
    return flag_notes(panel.flags, table.years or panel.years, n_units=len(panel.units))


def flag_notes(flags: pd.DataFrame, years: Iterable[int], *, n_units: int) -> tuple[str, ...]:
    """Return the flags of some years as notes for under a table.

    Parameters
    ----------
    flags : pandas.DataFrame
        As of ``panel.flags``.
    years : iterable of int
        Years that were used.
    n_units : int
        Number of units of the panel.

    Returns
    -------
    tuple of str
        One note a flag, with its columns, units and years; mere remarks (``note: ...``) are left out.

    Examples
    --------
    >>> flags = pd.DataFrame({"unit": [340100], "year": [2018], "variable": ["gdp"], "flag": ["fixed: by hand"]})
    >>> flag_notes(flags, [2018], n_units=41)
    ('fixed: by hand (gdp: Hefei 2018)',)
    """
    used = flags[flags["year"].isin(list(years)) & ~flags["flag"].str.startswith("note:")]
    return tuple(f"{flag} ({describe_cells(rows, n_units=n_units)})" for flag, rows in used.groupby("flag"))


def require(value: object, options: Iterable[str], name: str) -> None:
    """Refuse a variant that does not exist.

    Raises
    ------
    SpecificationError
        If the value is not one of the options.

    Examples
    --------
    >>> require("short", ["short", "long"], "variant")
    """
    known = list(options)
    if not (isinstance(value, str) and value in known):
        raise SpecificationError(
            "no such variant", where=f"{name}={value}", cure=f"one of {', '.join(known)}"
        )


def numbers_of(values: Any, what: str) -> Floats:
    """Read numbers, in any shape.

    Returns
    -------
    ndarray
        The numbers, as floats.

    Raises
    ------
    DataError
        If they are text or anything else.

    Examples
    --------
    >>> numbers_of([1, None], "minutes")
    array([ 1., nan])
    """
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{what} are not numbers", where=type(values).__name__, cure="give numbers"
        ) from error


def divide(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Floats:
    """Divide; 0/0 is NaN and x/0 infinite, both without a warning.

    Returns
    -------
    ndarray
        The quotients.

    Examples
    --------
    >>> divide([1, 0, 1], [2, 0, 0])
    array([0.5, nan, inf])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.true_divide(np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float))
        )


def describe(
    result: Labelled, table: SectorTable, measure: str, *, reference: str = "", variant: str = ""
) -> Labelled:
    """Write into ``attrs`` what a note under a table must say.

    Parameters
    ----------
    result : Series or DataFrame
        A labelled result.
    table : SectorTable
        What it was computed from.
    measure, reference, variant : str
        Which measure, against what, in which variant.

    Returns
    -------
    Series or DataFrame
        The same object.

    Examples
    --------
    >>> table = as_sectors(pd.DataFrame({"x": [1.0]}, index=["A"]))
    >>> describe(pd.Series([1.0]), table, "Herfindahl index", variant="plain").attrs["variant"]
    'plain'
    """
    return stamp(
        result,
        measure=measure,
        basis=table.basis,
        reference=reference,
        variant=variant,
        notes=(*table.notes, *undefined_notes(result)),
    )


def stamp(result: Labelled, like: Mapping[Any, Any] | None = None, **attrs: Any) -> Labelled:
    """Set the attributes of a result that does not come from a units x sectors table.

    Parameters
    ----------
    result : Series or DataFrame
        A labelled result.
    like : mapping, optional
        Attributes of another result, to begin with.
    **attrs : str or tuple of str
        ``measure``, ``basis``, ``reference``, ``variant``, ``notes``.

    Returns
    -------
    Series or DataFrame
        The same object.

    Examples
    --------
    >>> stamp(pd.Series([1.0]), measure="x").attrs
    {'measure': 'x', 'basis': 'not stated', 'reference': '', 'variant': '', 'notes': ()}
    """
    blank = {"measure": "", "basis": "not stated", "reference": "", "variant": "", "notes": ()}
    result.attrs.clear()
    result.attrs.update({**blank, **(like or {}), **attrs})
    return result


def undefined_notes(result: pd.Series | pd.DataFrame) -> tuple[str, ...]:
    """Return a note on the rows in which a result is 0/0.

    Returns
    -------
    tuple of str
        Empty, or one note.

    Examples
    --------
    >>> undefined_notes(pd.Series([1.0, float("nan")], index=["A", "B"]))
    ('0/0, not defined: B',)
    """
    missing = result.isna() if isinstance(result, pd.Series) else result.isna().any(axis=1)
    if not missing.any():
        return ()
    names = [row_name(label) for label in result.index[missing]]
    return (f"0/0, not defined: {shorten(names)}",)
