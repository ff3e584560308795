"""Inequality between and within provinces, and whether it has a trend."""

from typing import Literal

import numpy as np
import pandas as pd
import scipy.stats

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.geography.units import load_units
from yrdspatial.industry.table import Floats, divide, require, stamp
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.panel.labels import as_panel_index


def theil(
    values: pd.Series,
    population: pd.Series | None = None,
    *,
    groups: pd.Series | Literal["province"] | None = "province",
    measure: Literal["T", "L"] = "T",
) -> pd.DataFrame:
    """Theil's index of an amount over population, split into between and within groups.

    T = sum_i y_i ln(y_i / p_i) with shares y of the amount and p of the population; between: the same of the sums of
    groups; within: sum_g y_g T_g. L, the mean log deviation, exchanges y and p. Zero for equal amounts a head;
    0 ln 0 = 0.

    Parameters
    ----------
    values : pandas.Series
        Amounts, such as GDP, by unit or indexed (unit, year).
    population : pandas.Series, optional
        Population on the same labels; every unit counts alike when left out.
    groups : {"province"}, Series or None
        Province of the 41 cities; a group for every unit; or no split.
    measure : {"T", "L"}
        Weights of the groups by amount (T) or by population (L, which needs amounts above zero).

    Returns
    -------
    pandas.DataFrame
        One row, or one a year: ``total``, ``between``, ``within``, ``between_share`` (0/0 is NaN).

    Raises
    ------
    DataError
        If a value is missing or negative, or a population is not positive. (A unit without a group or without a
        population is an AlignmentError.)

    References
    ----------
    Theil, H. (1967), Economics and information theory, ch. 4.

    Examples
    --------
    >>> groups = pd.Series({"a": 1, "b": 1, "c": 2, "d": 2})
    >>> table = theil(pd.Series({"a": 10, "b": 20, "c": 30, "d": 40}), groups=groups)
    >>> table[["total", "between", "within"]].round(6).to_numpy().tolist()
    [[0.10644, 0.082283, 0.024157]]
    """
    require(measure, ("T", "L"), "measure")
    amounts, units, years = _grid(values, "values")
    people = np.ones_like(amounts) if population is None else _on_grid(population, units, years)
    right = np.asarray(((amounts > 0) if measure == "L" else (amounts >= 0)) & (people > 0)).min(axis=0)
    where = shorten([row_name(unit) for unit, fine in zip(units, right, strict=True) if not fine])
    if where or not (amounts.sum(axis=1) > 0).all():
        cure = "select years without gaps; amounts are zero or more, population positive"
        raise DataError("inequality needs amounts and population", where=where or "all zero", cure=cure)
    order = (people, amounts) if measure == "L" else (amounts, people)
    y, p = (part / part.sum(axis=1, keepdims=True) for part in order)
    total, member = _theil(y, p), _membership(units, groups)
    between = _theil(y @ member, p @ member)
    columns = {"total": total, "between": between, "within": total - between}
    if groups is None:
        columns = {"total": total}
    else:
        columns["between_share"] = divide(between, total)
    rows = pd.RangeIndex(1) if years is None else pd.Index(years, name="year")
    name = "province" if isinstance(groups, str) else "own groups" if groups is not None else "no groups"
    weight = "equal weights" if population is None else "weighted by population"
    return stamp(
        pd.DataFrame(columns, rows),
        values.attrs,
        measure=f"Theil's {measure}",
        basis=str(values.attrs.get("basis", "not stated" if values.name is None else values.name)),
        variant=f"{weight}, {name}",
    )


def _theil(y: Floats, p: Floats) -> Floats:
    logs = np.log(divide(y, p), out=np.zeros_like(y), where=y > 0)
    return np.asarray((y * logs).sum(axis=1))


def _grid(series: pd.Series, name: str) -> tuple[Floats, pd.Index, tuple[int, ...] | None]:
    if series.index.has_duplicates:
        raise AlignmentError("a label is there twice", where=name, cure="one value a unit and year")
    if series.index.nlevels == 1:
        return series.to_numpy(dtype=float)[None], series.index, None
    grid = as_panel_index(series.to_frame(name))
    units, years = grid.index.unique("unit"), grid.index.unique("year")
    return grid.to_numpy(dtype=float).reshape(len(units), len(years)).T, units, tuple(map(int, years))


def _on_grid(population: pd.Series, units: pd.Index, years: tuple[int, ...] | None) -> Floats:
    people, labels, when = _grid(population, "population")
    frame = pd.DataFrame(people, pd.Index([0] if when is None else when), labels)
    lacking = [row_name(unit) for unit in units.difference(labels)]
    if lacking or (years is not None and when is not None and not set(years) <= set(when)):
        cure = "give the population of every unit and year"
        raise AlignmentError(
            "population does not fit the values", where=shorten(lacking) or "years", cure=cure
        )
    rows = [0] * len(years or (0,)) if when is None else list(years or when)
    return frame.loc[rows, units].to_numpy(dtype=float)


def _membership(units: pd.Index, groups: pd.Series | str | None) -> Floats:
    if groups is None:
        return np.ones((len(units), 1))
    if isinstance(groups, str):
        require(groups, ("province",), "groups")
        groups = load_units()["province_en"]
    labels = groups.reindex(units)
    if labels.isna().any() or groups.index.has_duplicates:
        lacking = [row_name(unit) for unit in units[labels.isna()]]
        cure = "a Series with one group for every unit"
        raise AlignmentError(
            "units have no group", where=shorten(lacking) or "a unit is there twice", cure=cure
        )
    return pd.get_dummies(labels).to_numpy(dtype=float)


def mann_kendall(series: pd.Series) -> pd.Series:
    """Mann-Kendall test for a monotonic trend.

    S = sum over pairs of sign(x_j - x_i), j after i; z = (S - sign S) / sqrt(var S) with the variance for ties.

    Parameters
    ----------
    series : pandas.Series
        Values in the order of time, three or more, without a gap.

    Returns
    -------
    pandas.Series
        ``S``, ``tau``, ``z``, ``p`` (two-sided, normal), ``n``.

    Raises
    ------
    DataError
        If there are fewer than three values or one is missing.

    References
    ----------
    Mann, H. B. (1945), Econometrica 13, 245-259; Kendall, M. G. (1975), Rank correlation methods.

    Examples
    --------
    >>> mann_kendall(pd.Series([50.5, 51.1, 51.0, 51.6, 52.5])).round(4).tolist()
    [8.0, 0.8, 1.7146, 0.0864, 5.0]
    """
    values = series.to_numpy(dtype=float)
    n = len(values)
    if n < 3 or not np.isfinite(values).all():
        raise DataError("a trend needs three values without a gap", where=f"{n} values", cure="drop the gaps")
    S = float(np.sign(values[None, :] - values[:, None])[np.triu_indices(n, k=1)].sum())
    ties = np.unique(values, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    z = (S - np.sign(S)) / np.sqrt(variance) if variance > 0 else 0.0
    p = 2 * scipy.stats.norm.sf(abs(z))
    return pd.Series(
        {"S": S, "tau": S / (n * (n - 1) / 2), "z": z, "p": p, "n": float(n)}, name="mann_kendall"
    )
