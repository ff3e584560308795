"""From labels to positions, once: variables and years as columns, the weights of each year beside them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.autocorrelation.permutation import Floats
from yrdspatial.errors import AlignmentError, GapError, SpecificationError, WeightsError
from yrdspatial.weights.graphs import as_year
from yrdspatial.weights.series import Weights, WeightsSeries, as_series

Year = int | Iterable[int] | None
Key = tuple[str, int | None]


@dataclass(frozen=True)
class Aligned:
    """Data and weights by position.

    Attributes
    ----------
    units : Index, length N
        Units, sorted.
    variables : tuple of str, length V
        Variable of each column.
    years : tuple of int or None, length V
        Year of each column; None where the data have no year.
    array : ndarray, shape (N, V)
        Values, one column a variable and year.
    matrices : tuple of csr_array, length V
        Weights of each column; columns with equal weights share one object.
    """

    units: "pd.Index[Any]"
    variables: tuple[str, ...]
    years: tuple[int | None, ...]
    array: Floats
    matrices: tuple[csr_array, ...]

    def groups(self) -> Iterator[tuple[csr_array, npt.NDArray[np.intp]]]:
        """Columns that share their weights.

        Yields
        ------
        weights : csr_array, shape (N, N)
            The weights.
        columns : ndarray of int
            Which columns have them.
        """
        keys = np.array([id(matrix) for matrix in self.matrices])
        for key in dict.fromkeys(keys.tolist()):
            columns = np.flatnonzero(keys == key)
            yield self.matrices[columns[0]], columns

    def column(self, variable: str) -> npt.NDArray[np.intp]:
        """Columns of one variable, by year.

        Parameters
        ----------
        variable : str
            Name of the variable.

        Returns
        -------
        ndarray of int
            Positions.
        """
        return np.flatnonzero([name == variable for name in self.variables])

    def islands(self) -> npt.NDArray[np.bool_]:
        """Units without neighbours.

        Returns
        -------
        ndarray of bool, shape (N, V)
            By column.
        """
        lonely = np.empty(self.array.shape, dtype=bool)
        for weights, columns in self.groups():
            lonely[:, columns] = (np.diff(weights.indptr) == 0)[:, None]
        return lonely

    def frame(self, **columns: Any) -> pd.DataFrame:
        """One row a variable and year.

        Parameters
        ----------
        **columns : array-like, each of length V
            What to put beside variable and year.

        Returns
        -------
        DataFrame
            Columns variable, year, and those given.
        """
        return pd.DataFrame({"variable": self.variables, "year": year_column(self.years)} | columns)


def year_column(years: Iterable[int | None]) -> "pd.Series[Any]":
    """Years as a column of whole numbers, missing where there is no year.

    Parameters
    ----------
    years : iterable of int or None
        The years.

    Returns
    -------
    Series
        int64, or Int64 where a year is missing.

    Examples
    --------
    >>> year_column([2005, 2006]).dtype, year_column([None]).dtype
    (dtype('int64'), Int64Dtype())
    """
    given = list(years)
    return pd.Series(given, dtype="Int64" if None in given else "int64")


def align(data: Any, weights: Weights, *, year: Year = None, constant: bool = False) -> Aligned:
    """Bring data and weights to common units and years.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by unit or by (unit, year); the columns are variables.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units; used as given.
    year : int or iterable of int, optional
        Years to use, by default all; for data without years, the year of the weights.
    constant : bool
        Whether a variable may have the same value everywhere.

    Returns
    -------
    Aligned
        Arrays in the order of the sorted units.

    Raises
    ------
    SpecificationError
        If there are fewer than 4 units, or a variable has one value only.
    WeightsError
        If the weights of a year tie no two units.

    Examples
    --------
    >>> ring = pd.DataFrame(np.roll(np.eye(4), 1, axis=1), index=list("abcd"), columns=list("abcd"))
    >>> align(pd.Series([4.0, 3, 2, 1], index=list("dcba"), name="x"), ring).array.ravel().tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    units, keys, values = observed(data, year=year)
    if len(units) < 4:
        raise SpecificationError(f"{len(units)} units are too few", cure="use at least 4 units")
    if not constant:
        _refuse_constants(values, keys)
    years = tuple(when for _, when in keys)
    series = _weights(weights, years)
    chosen = list(dict.fromkeys(series.years[0] if when is None else when for when in years))
    found = dict(zip(chosen, series.sparse(units, chosen), strict=True))
    for when, matrix in found.items():
        if matrix.nnz == 0:
            raise WeightsError("the weights tie no two units", where=str(when), cure="use other weights")
    matrices = tuple(found[series.years[0] if when is None else when] for when in years)
    return Aligned(units, tuple(name for name, _ in keys), years, values, matrices)


def observed(data: Any, *, year: Year = None) -> tuple["pd.Index[Any]", list[Key], Floats]:
    """One row a unit, one column a variable and year, without gaps.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by unit or by (unit, year).
    year : int or iterable of int, optional
        Years to keep.

    Returns
    -------
    units : Index, length N
        Sorted.
    keys : list of (str, int or None), length V
        Variable and year of each column, by variable as given, years ascending.
    values : ndarray, shape (N, V)
        The values.

    Raises
    ------
    GapError
        If a year asked for or a value is missing, or a value is not finite.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["b", "a"], [2006, 2005]], names=["unit", "year"])
    >>> observed(pd.Series([1.0, 2, 3, 4], index=index, name="x"))[1]
    [('x', 2005), ('x', 2006)]
    """
    table, asked = _table(data), _years(year)
    if table.index.nlevels == 1:
        table = table.sort_index()
        keys: list[Key] = [(name, None if asked is None else asked[0]) for name in table.columns]
        units, values = table.index, table.to_numpy(dtype=float)
    else:
        present = sorted({int(when) for when in table.index.get_level_values(1)})
        kept = present if asked is None else asked
        missing = sorted(set(kept) - set(present))
        if missing or not kept:
            cure = f"they have {present[0]}-{present[-1]}"
            raise GapError("the data have no such year", where=_few(missing), cure=cure)
        keys = [(name, when) for name in table.columns for when in kept]
        units = table.index.get_level_values(0).unique().sort_values()
        cells = table.reindex(pd.MultiIndex.from_product([units, kept])).to_numpy(dtype=float)
        values = cells.reshape(len(units), len(kept), -1).transpose(0, 2, 1).reshape(len(units), -1)
    _refuse_gaps(values, units, keys)
    return units, keys, values


def _years(year: Year) -> list[int] | None:
    if year is None:
        return None
    given = [year] if isinstance(year, int | np.integer) else year
    return sorted({as_year(when) for when in given})


def unwrapped(data: Any) -> Any:
    """Give the table inside a panel; anything else as it is.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Data.

    Returns
    -------
    Series or DataFrame
        Its table.

    Examples
    --------
    >>> unwrapped(pd.Series([1.0])).tolist()
    [1.0]
    """
    return data if isinstance(data, pd.Series | pd.DataFrame) else getattr(data, "frame", data)


def _table(data: Any) -> pd.DataFrame:
    held = unwrapped(data)
    if isinstance(held, pd.Series):
        held = held.to_frame("value" if held.name is None else str(held.name))
    if not isinstance(held, pd.DataFrame):
        cure = "give a Series or a DataFrame indexed by unit or by (unit, year), or a Panel"
        raise AlignmentError(f"{type(held).__name__} has no labels to align by", cure=cure)
    if held.index.nlevels > 2:
        raise AlignmentError(
            "the data have more than two index levels", cure="index them by unit or (unit, year)"
        )
    if held.index.nlevels == 2 and held.index.names[0] in {"year", "time"}:
        held = held.swaplevel()
    repeated = held.index[held.index.duplicated()]
    if len(repeated):
        raise AlignmentError("rows repeat", where=_few(list(repeated)), cure="keep one row a unit and year")
    words = [str(name) for name, kind in held.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if words:
        raise SpecificationError("columns are not numbers", where=_few(words), cure="select numeric columns")
    if held.empty:
        raise GapError("the data are empty", cure="select at least one variable and year")
    return held.astype(float).rename(columns=str)


def _weights(weights: Weights, years: tuple[int | None, ...]) -> WeightsSeries:
    named = [when for when in dict.fromkeys(years) if when is not None]
    if named:
        return as_series(weights, named)
    if not isinstance(weights, WeightsSeries):
        return as_series(weights, [0])
    if len(weights.years) > 1:
        span = f"{weights.years[0]}-{weights.years[-1]}"
        raise SpecificationError(
            "data without years meet weights by year", where=span, cure="say which: year="
        )
    return weights


def _refuse_gaps(values: Floats, units: "pd.Index[Any]", keys: list[Key]) -> None:
    holes = [(int(row), keys[column]) for column, row in np.argwhere(~np.isfinite(values).T)]
    if holes:
        labels = [
            ", ".join(str(part) for part in (units[row], *key) if part is not None) for row, key in holes
        ]
        cure = "fill them, or choose units, variables and years without gaps"
        raise GapError(f"{len(holes)} values are missing or not finite", where=_few(labels, "; "), cure=cure)


def _refuse_constants(values: Floats, keys: list[Key]) -> None:
    flat = np.ptp(values, axis=0) <= 1e-13 * np.abs(values).max(axis=0)
    if flat.any():
        name, when = keys[int(np.flatnonzero(flat)[0])]
        where = name if when is None else f"{name}, {when}"
        raise SpecificationError(
            "all units have the same value", where=where, cure="leave it out: nothing can cluster"
        )


def _few(labels: list[Any], between: str = ", ") -> str:
    rest = len(labels) - 3
    return between.join(str(label) for label in labels[:3]) + (f" and {rest} more" if rest > 0 else "")
