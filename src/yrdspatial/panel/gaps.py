"""Names for messages: units in words, years in runs, and the holes of a panel in one line."""

import functools
from collections.abc import Iterable, Sequence

import pandas as pd

from yrdspatial.geography.units import load_units

SHOWN = 6


def unit_name(unit: object) -> str:
    """Return the English name of a unit of the delta, or the label itself.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> unit_name(341300), unit_name("A")
    ('Suzhou (Anhui)', 'A')
    """
    return _names().get(unit, str(unit))


def row_name(label: object) -> str:
    """Return a row label in words.

    Returns
    -------
    str
        The name of the unit, and the year.

    Examples
    --------
    >>> row_name((340100, 2016)), row_name(340100)
    ('Hefei 2016', 'Hefei')
    """
    if not isinstance(label, tuple):
        return unit_name(label)
    unit, *rest = label
    return " ".join([unit_name(unit), *map(str, rest)])


@functools.cache
def _names() -> dict[object, str]:
    return dict(load_units()["name_en"].items())


def year_runs(years: Iterable[int]) -> str:
    """Return years as runs.

    Returns
    -------
    str
        ``"2003-2005, 2007"``.

    Examples
    --------
    >>> year_runs([2007, 2003, 2005, 2004])
    '2003-2005, 2007'
    """
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def describe_cells(cells: pd.DataFrame, *, n_units: int) -> str:
    """Return cells of a panel in one line, the same holes of several columns together.

    Parameters
    ----------
    cells : pandas.DataFrame
        Columns ``unit``, ``year``, ``variable``.
    n_units : int
        Number of units of the panel, so that "all units" can be said.

    Returns
    -------
    str
        Such as ``"gdp: Hefei 2016; avg_wage_staff: all units 2022"``; at most six places a column.

    Examples
    --------
    >>> cells = pd.DataFrame({"unit": [340100, 340100], "year": [2016, 2017], "variable": ["gdp", "gdp"]})
    >>> describe_cells(cells, n_units=41)
    'gdp: Hefei 2016-2017'
    """
    places: dict[str, list[str]] = {}
    for variable, rows in cells.groupby("variable", sort=False):
        places.setdefault(_places(rows, n_units), []).append(str(variable))
    return "; ".join(f"{shorten(columns)}: {where}" for where, columns in places.items())


def _places(rows: pd.DataFrame, n_units: int) -> str:
    by_unit = {unit_name(unit): year_runs(years) for unit, years in rows.groupby("unit")["year"]}
    if len(by_unit) == n_units > 1 and len(set(by_unit.values())) == 1:
        return f"all units {next(iter(by_unit.values()))}"
    return shorten([f"{unit} {years}" for unit, years in by_unit.items()])


def shorten(items: Sequence[object]) -> str:
    """Return the first items of a list and how many more there are.

    Returns
    -------
    str
        At most six items.

    Examples
    --------
    >>> shorten("abcdefgh")
    'a, b, c, d, e, f and 2 more'
    """
    rest = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(str(item) for item in items[:SHOWN]) + rest
