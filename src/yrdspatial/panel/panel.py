"""The panel: variables of units by year, with their sources, flags and known breaks."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError, GapError
from yrdspatial.geography.units import find_unit, load_units
from yrdspatial.panel.breaks import Purpose, load_breaks, no_breaks, windows_of
from yrdspatial.panel.columns import blank_columns, load_columns, load_vintages
from yrdspatial.panel.gaps import describe_cells, shorten, unit_name, year_runs
from yrdspatial.panel.labels import aligned, as_panel_index
from yrdspatial.panel.years import check_years, choose_vintages, read_years

FLAG_COLUMNS = ("unit", "year", "variable", "flag", "source", "vintage")


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """Variables of units by year; every method returns a new panel.

    Made by :func:`load_panel` or :meth:`Panel.from_frame`. The grid of units and years is full; a value that is not
    there is NaN in :attr:`frame`, listed by :meth:`gaps`, and refused by :meth:`array`.

    Parameters
    ----------
    data : pandas.DataFrame
        Index (unit, year), full and sorted; one column a variable.
    dictionary : pandas.DataFrame
        What :attr:`variables` returns.
    flagged : pandas.DataFrame
        What :attr:`flags` returns.
    known_breaks : pandas.DataFrame
        What :meth:`breaks` returns.

    Examples
    --------
    >>> panel = load_panel()
    >>> panel
    Panel(41 units, 2003-2022, 36 variables)
    >>> panel.array(["gdp", "va_tertiary"], years=[2019, 2020]).shape
    (2, 41, 2)
    """

    data: pd.DataFrame
    dictionary: pd.DataFrame
    flagged: pd.DataFrame
    known_breaks: pd.DataFrame

    def __repr__(self) -> str:
        return f"Panel({len(self.units)} units, {year_runs(self.years)}, {self.data.shape[1]} variables)"

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, breaks: pd.DataFrame | None = None) -> "Panel":
        """Make a panel of the user's own data.

        Parameters
        ----------
        frame : pandas.DataFrame
            Indexed (unit, year) in any order, or with columns ``unit`` (or ``adcode``) and ``year``. Rows that are
            not there become gaps, a row that is there twice is an AlignmentError. Columns that are not numbers
            (labels such as a window) stay as they are.
        breaks : pandas.DataFrame, optional
            Known breaks of these data, as of ``panel.breaks()``; none when left out.

        Returns
        -------
        Panel
            With the units and years of the frame.

        Raises
        ------
        DataError
            If the frame has no row or no column.

        Examples
        --------
        >>> own = pd.DataFrame({"unit": ["B", "A"], "year": 2020, "y": [1, 2]})
        >>> Panel.from_frame(own).array("y")[0, :, 0].tolist()
        [2.0, 1.0]
        """
        data = as_panel_index(frame)
        if data.empty or not len(data.columns):
            raise DataError("a panel needs rows and columns", where="frame", cure="pass a table with data")
        dictionary = blank_columns(data.columns, "the user's frame")
        flags = pd.DataFrame(columns=list(FLAG_COLUMNS))
        return cls(data, dictionary, flags, no_breaks() if breaks is None else breaks)

    @property
    def frame(self) -> pd.DataFrame:
        """Return the values as a new frame.

        Returns
        -------
        pandas.DataFrame
            Index (unit, year), sorted; one float column a variable, NaN where there is no value.
        """
        return self.data.copy()

    @property
    def units(self) -> pd.Index:
        """Return the units.

        Returns
        -------
        pandas.Index
            Sorted, named ``unit``; the six-digit codes in the shipped panel.
        """
        return self._index.levels[0]

    @property
    def years(self) -> tuple[int, ...]:
        """Return the years.

        Returns
        -------
        tuple of int
            Ascending.
        """
        return tuple(int(year) for year in self._index.levels[1])

    @property
    def variables(self) -> pd.DataFrame:
        """Return what each column is.

        Returns
        -------
        pandas.DataFrame
            Index ``variable``; ``title_zh``, ``title_en``, ``unit`` (of measure), ``kind``, ``basis``, ``section``,
            ``min``, ``max``, ``note``, ``sources``.
        """
        return self.dictionary.copy()

    @property
    def flags(self) -> pd.DataFrame:
        """Return the flagged values.

        Returns
        -------
        pandas.DataFrame
            Columns ``unit``, ``year``, ``variable``, ``flag`` (``"kind: why"``), ``source``, ``vintage``.
        """
        return self.flagged.copy()

    def breaks(self) -> pd.DataFrame:
        """Return the known breaks.

        Returns
        -------
        pandas.DataFrame
            As of :func:`yrdspatial.panel.breaks.load_breaks`; empty for the user's own data.
        """
        return self.known_breaks.copy()

    def windows(self, purpose: Purpose = "models", *, strand: str = "employment") -> pd.Series:
        """Return the window between two breaks that each unit and year lies in.

        Parameters
        ----------
        purpose : {"models", "measures"}
            Windows for models begin in 2006, those for measures in 2005.
        strand : str
            ``"employment"``, ``"tertiary value added"``, ``"secondary value added"``, ``"value added"``.

        Returns
        -------
        pandas.Series
            Named ``window``, indexed (unit, year): ``"2006-2012"``, NaN outside the windows. Assign it for
            unit x window effects: ``panel.assign(window=panel.windows())``.

        Examples
        --------
        >>> load_panel().windows().loc[310000].loc[[2005, 2012, 2013]].tolist()
        [nan, '2006-2012', '2013-2019']
        """
        spans = windows_of(self.known_breaks, strand=strand, purpose=purpose, last=self.years[-1])
        labels = {year: text for text, (first, end) in spans.items() for year in range(first, end + 1)}
        years = self.data.index.get_level_values("year")
        return pd.Series(
            [labels.get(year, np.nan) for year in years], self.data.index, name="window", dtype=object
        )

    def array(
        self, columns: str | Iterable[str], years: Iterable[int] | None = None
    ) -> npt.NDArray[np.float64]:
        """Return columns as one array; the only place where labels become positions.

        Parameters
        ----------
        columns : str or iterable of str
            Variables.
        years : iterable of int, optional
            Years, in this order; all when left out.

        Returns
        -------
        numpy.ndarray
            shape (T, N, k): years, units in the order of :attr:`units`, columns as asked.

        Raises
        ------
        GapError
            If a value, a year or a column is not in the panel: names units, years and columns.

        Examples
        --------
        >>> load_panel().array("population_resident", years=[2015])
        Traceback (most recent call last):
        yrdspatial.errors.GapError: values are missing [population_resident: Changzhou 2015]: choose other years ...
        """
        names = self._known_columns(columns)
        chosen = self.years if years is None else self._known_years(years)
        missing = self.gaps(names)
        missing = missing.loc[missing["year"].isin(chosen)]
        if len(missing):
            cure = "choose other years or columns, drop the units, or assign values of your own"
            raise GapError(
                "values are missing", where=describe_cells(missing, n_units=len(self.units)), cure=cure
            )
        shape = (len(self.units), len(self.years), len(names))
        try:
            cube = self.data[names].to_numpy(dtype=float).reshape(shape)
        except ValueError as error:
            cure = "ask for numeric columns"
            raise GapError("a column holds labels, not numbers", where=shorten(names), cure=cure) from error
        return np.ascontiguousarray(cube[:, [self.years.index(year) for year in chosen]].swapaxes(0, 1))

    def assign(self, **columns: Any) -> "Panel":
        """Add or replace columns, aligned by label.

        Parameters
        ----------
        **columns : Series, number, or callable
            A Series indexed (unit, year), by unit alone or by year alone; a number or text for all cells; or a
            function of the frame that returns one of these. Labels that the series lacks become gaps; a label
            twice, no label of the panel, or an array without labels is an AlignmentError.

        Returns
        -------
        Panel
            A new panel.

        Examples
        --------
        >>> panel = load_panel().assign(per_head=lambda f: f["gdp"] / f["population_resident"])
        >>> round(float(panel.array("per_head", years=[2020])[0, 0, 0]), 2)
        15.56
        """
        data, flags = self.frame, self.flagged
        for name, value in columns.items():
            data[name] = aligned(value(data) if callable(value) else value, self._index, name)
            flags = flags.loc[flags["variable"] != name]
        kept = self.dictionary.drop(index=[name for name in columns if name in self.dictionary.index])
        dictionary = pd.concat([kept, blank_columns(columns, "assigned")]).reindex(data.columns)
        return replace(self, data=data, dictionary=dictionary.rename_axis("variable"), flagged=flags)

    def select(
        self,
        columns: str | Iterable[str] | None = None,
        units: Iterable[object] | None = None,
        years: Iterable[int] | None = None,
    ) -> "Panel":
        """Keep some columns, units or years.

        Parameters
        ----------
        columns : str or iterable of str, optional
            Variables to keep.
        units : iterable, optional
            Codes or names (``"Hefei"``, ``"合肥"``) to keep.
        years : iterable of int, optional
            Years to keep.

        Returns
        -------
        Panel
            A new panel.

        Examples
        --------
        >>> load_panel().select(columns=["gdp"], units=["Hefei", 310000], years=range(2010, 2013))
        Panel(2 units, 2010-2012, 1 variables)
        """
        names = list(self.data.columns) if columns is None else self._known_columns(columns)
        chosen = self.years if years is None else sorted(set(self._known_years(years)))
        places = self.units if units is None else self._known_units(units)
        index = self._index
        rows = index.get_level_values("unit").isin(places) & index.get_level_values("year").isin(chosen)
        data = self.data.loc[rows, names].set_axis(index[rows].remove_unused_levels())
        flags = self.flagged
        kept = flags["unit"].isin(places) & flags["year"].isin(chosen) & flags["variable"].isin(names)
        return replace(self, data=data, dictionary=self.dictionary.loc[names], flagged=flags.loc[kept])

    def gaps(self, columns: str | Iterable[str] | None = None) -> pd.DataFrame:
        """Return the cells without a value.

        Parameters
        ----------
        columns : str or iterable of str, optional
            Variables; all when left out.

        Returns
        -------
        pandas.DataFrame
            Columns ``unit``, ``year``, ``variable``; one row a missing cell.

        Examples
        --------
        >>> load_panel().select(years=range(2005, 2020)).gaps("population_resident").values.tolist()
        [[320400, 2015, 'population_resident']]
        """
        names = list(self.data.columns) if columns is None else self._known_columns(columns)
        holes = [
            self.data.index[self.data[name].isna()].to_frame(index=False).assign(variable=name)
            for name in names
        ]
        return pd.concat(holes, ignore_index=True)

    @property
    def _index(self) -> pd.MultiIndex:
        return cast("pd.MultiIndex", self.data.index)

    def _known_columns(self, columns: str | Iterable[str]) -> list[str]:
        names = [columns] if isinstance(columns, str) else list(columns)
        unknown = [name for name in names if name not in self.data]
        if unknown or not names:
            near = (
                difflib.get_close_matches(str(unknown[0]), list(map(str, self.data.columns)))
                if unknown
                else []
            )
            cure = f"did you mean {' or '.join(near)}?" if near else "panel.variables lists the columns"
            raise GapError("the panel has no such column", where=shorten(unknown), cure=cure)
        return names

    def _known_years(self, years: Iterable[int]) -> list[int]:
        chosen = list(years)
        unknown = [year for year in chosen if year not in self.years]
        if unknown or not chosen:
            cure = f"the panel has {year_runs(self.years)}; a new year is one new file, see yrd.add_year"
            raise GapError("the panel has no such year", where=year_runs(unknown), cure=cure)
        return chosen

    def _known_units(self, units: Iterable[object]) -> list[object]:
        codes = pd.api.types.is_integer_dtype(self.units)
        labels = [find_unit(unit) if codes and isinstance(unit, str) else unit for unit in units]
        unknown = [unit_name(unit) for unit in labels if unit not in self.units]
        if unknown or not labels:
            raise AlignmentError(
                "the panel has no such unit", where=shorten(unknown), cure="panel.units lists the units"
            )
        return labels


def load_panel(name: str = "yrd", *, data_dir: str | Path | None = None) -> Panel:
    """Load the panel of the 41 cities, 2003 to the last year there is a file for.

    A file that is not registered or has changed, and a value that cannot be right, is a DataError that names file,
    unit and column.

    Parameters
    ----------
    name : str
        Folder below ``panels/``.
    data_dir : str or Path, optional
        The user's data folder; a year file there is laid over the shipped one or adds a year.

    Returns
    -------
    Panel
        Where a cell has several vintages, the one that stands first in ``columns.toml``.

    Examples
    --------
    >>> load_panel().frame.loc[(310000, 2020), "va_tertiary"].item()
    28307.54
    """
    columns = load_columns(name, data_dir=data_dir)
    units = load_units().index if name == "yrd" else None
    long = check_years(read_years(name, data_dir=data_dir), columns, units)
    long = choose_vintages(long, load_vintages(name, data_dir=data_dir))
    wide = long.pivot_table(index=["adcode", "year"], columns="variable", values="value", sort=False)
    present = [variable for variable in columns.index if variable in wide]
    sources = long.groupby("variable")["source"].agg(lambda texts: "; ".join(sorted(set(texts))))
    flagged = long.loc[long["flag"] != ""].drop(columns="unit").rename(columns={"adcode": "unit"})
    return Panel(
        data=as_panel_index(wide.rename_axis(columns=None)[present]),
        dictionary=columns.loc[present].assign(sources=sources),
        flagged=flagged[list(FLAG_COLUMNS)].reset_index(drop=True),
        known_breaks=load_breaks(data_dir=data_dir),
    )
