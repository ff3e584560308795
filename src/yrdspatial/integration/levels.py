"""Levels that are compared over time: a column or a ratio of two, positive, with what is known of its breaks."""

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from yrdspatial.errors import DataError, SpecificationError
from yrdspatial.industry.transfer import break_notes
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.panel import Panel


@dataclass(frozen=True)
class Levels:
    """Positive levels of units by year (made by :func:`read_levels`).

    Attributes
    ----------
    table : DataFrame, shape (N, T)
        Index unit, columns year.
    name : str
        The column, or the ratio.
    notes : tuple of str
        Breaks crossed, jumps of single units, flags of the values used.
    """

    table: pd.DataFrame
    name: str
    notes: tuple[str, ...]


def as_panel(data: Panel | pd.DataFrame) -> Panel:
    """Return a panel of the user's frame, or the panel itself.

    Parameters
    ----------
    data : Panel or DataFrame
        The data.

    Returns
    -------
    Panel
        The panel.

    Raises
    ------
    SpecificationError
        If the object is neither.

    Examples
    --------
    >>> as_panel(pd.DataFrame({"unit": ["a", "b"], "year": 2001, "y": [1.0, 2.0]}))
    Panel(2 units, 2001, 1 variables)
    """
    if isinstance(data, Panel):
        return data
    if not isinstance(data, pd.DataFrame):
        cure = "give a Panel or a DataFrame indexed (unit, year)"
        raise SpecificationError(f"{type(data).__name__} is no panel", cure=cure)
    return Panel.from_frame(data)


def whole_years(years: Iterable[object], where: str) -> list[int]:
    """Read years.

    Parameters
    ----------
    years : iterable of int
        Years.
    where : str
        The argument, for the error.

    Returns
    -------
    list of int
        The years.

    Raises
    ------
    SpecificationError
        If they are no whole numbers.

    Examples
    --------
    >>> whole_years(range(2006, 2009), "period")
    [2006, 2007, 2008]
    """
    try:
        return [operator.index(year) for year in years]  # type: ignore[arg-type]
    except TypeError as error:
        cure = "give whole years, such as range(2006, 2019)"
        raise SpecificationError("years are no whole numbers", where=where, cure=cure) from error


def read_levels(
    data: Panel | pd.DataFrame,
    column: str,
    *,
    years: Sequence[int] | None = None,
    across_breaks: bool = False,
) -> Levels:
    """Take positive levels off a panel, and what is known about their breaks.

    Parameters
    ----------
    data : Panel or DataFrame
        Indexed (unit, year).
    column : str
        A column, or a ratio of two such as ``"gdp / population_resident_adj"``; the breaks of both count.
    years : sequence of int, optional
        Years compared; all when left out.
    across_breaks : bool
        Go across a known break all the same.

    Returns
    -------
    Levels
        The levels and the notes.

    Raises
    ------
    SpecificationError
        If the column is no text, or fewer than two years are asked for.
    DataError
        If a level is not positive.

    Examples
    --------
    >>> from yrdspatial.panel.panel import load_panel
    >>> found = read_levels(load_panel(), "gdp / population_resident_adj", years=[2016, 2018])
    >>> found.table.shape, round(found.table.loc[310000, 2018].item(), 1)
    ((41, 2), 14.7)
    """
    panel = as_panel(data)
    if not isinstance(column, str):
        cure = "name a column, or a ratio of two"
        raise SpecificationError(f"{type(column).__name__} is no column", where="column", cure=cure)
    parts = (
        [part.strip() for part in column.split("/")]
        if "/" in column and column not in panel.data
        else [column]
    )
    if len(parts) > 2:
        raise SpecificationError(
            "a ratio has two columns", where=column, cure='write "gdp / population_resident"'
        )
    chosen = whole_years(panel.years if years is None else years, "years")
    if len(set(chosen)) < 2:
        cure = "choose two years or more"
        raise SpecificationError("levels are compared over time", where=shorten(chosen), cure=cure)
    cube = panel.array(parts, chosen)
    values = cube[:, :, 0] if len(parts) == 1 else cube[:, :, 0] / cube[:, :, 1]
    table = pd.DataFrame(values.T, panel.units, pd.Index(chosen, name="year"))
    wrong = ~(table > 0).all(axis=1)
    if wrong.any():
        where = f"{column}: {shorten(list(table.index[wrong]))}"
        raise DataError("levels are not positive", where=where, cure="select units and years that have all")
    notes = break_notes(panel, parts, base=min(chosen), end=max(chosen), across_breaks=across_breaks)
    return Levels(table, column, tuple(notes))
