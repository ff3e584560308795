"""The known breaks of the panel, the windows between them, and which of them a change would cross."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import pandas as pd

from yrdspatial.datasets import read_table
from yrdspatial.errors import SpecificationError

Purpose = Literal["models", "measures"]
PASSED = ("boundary", "misprint", "revision", "scope")
COLUMNS = (
    "strand",
    "variables",
    "units",
    "year_from",
    "year_to",
    "kind",
    "blocking",
    "windows",
    "model_windows",
    "note",
    "source",
)


def load_breaks(*, data_dir: str | Path | None = None) -> pd.DataFrame:
    """Load the table of known breaks.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    pandas.DataFrame
        One row a break: ``strand`` (employment, tertiary value added, ...), ``variables`` (names or patterns, by
        spaces), ``units`` (codes by spaces, ``*`` for all), ``year_from`` and ``year_to`` (the last year before and
        the first year after), ``kind``, ``blocking`` (bool: a change across it is refused unless asked for),
        ``windows`` (for measures) and ``model_windows`` (``first-last`` by spaces; an open end is the last year of the
        panel), ``note``, ``source``.

    Examples
    --------
    >>> breaks = load_breaks()
    >>> breaks.loc[breaks["blocking"], ["strand", "year_from", "year_to"]].values.tolist()
    [['employment', 2012, 2013], ['tertiary value added', 2018, 2019]]
    """
    table = read_table("panels/breaks.csv", data_dir=data_dir)[list(COLUMNS)]
    filled = table.astype(object).where(table.notna(), "")
    blocking = table["blocking"] == "yes"
    return filled.assign(blocking=blocking, year_from=table["year_from"], year_to=table["year_to"])


def no_breaks() -> pd.DataFrame:
    """Return an empty table of breaks, for data about which nothing is known.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`load_breaks`, no row.

    Examples
    --------
    >>> len(no_breaks())
    0
    """
    return pd.DataFrame(columns=list(COLUMNS)).astype({"blocking": bool, "year_from": int, "year_to": int})


def windows_of(
    breaks: pd.DataFrame, *, strand: str, purpose: Purpose, last: int
) -> dict[str, tuple[int, int]]:
    """Return the windows of a strand by their labels.

    Parameters
    ----------
    breaks : pandas.DataFrame
        As of :func:`load_breaks`.
    strand : str
        ``"employment"``, ``"tertiary value added"``, ``"value added"``, ``"secondary value added"``.
    purpose : {"models", "measures"}
        Models begin in 2006, with the regressors; measures when the data do.
    last : int
        Last year of the panel, for windows with an open end.

    Returns
    -------
    dict of str to tuple of int
        First and last year by label: ``{"2006-2012": (2006, 2012), ...}``.

    Raises
    ------
    SpecificationError
        If no windows of the strand are known.

    Examples
    --------
    >>> list(windows_of(load_breaks(), strand="employment", purpose="measures", last=2022))
    ['2005-2012', '2013-2019']
    """
    column = {"models": "model_windows", "measures": "windows"}.get(purpose, "")
    if not column:
        raise SpecificationError(
            "windows are for models or for measures", where=str(purpose), cure='say "models" or "measures"'
        )
    known = breaks.loc[breaks[column] != "", ["strand", column]].set_index("strand")[column]
    if strand not in known:
        cure = f"known strands: {', '.join(known.index)}" if len(known) else "assign a window column yourself"
        raise SpecificationError("no windows are known", where=f"strand {strand}", cure=cure)
    spans = [text.partition("-") for text in str(known[strand]).split()]
    years = [(int(first), int(end or last)) for first, _, end in spans]
    return {f"{first}-{end}": (first, end) for first, end in years}


def crossed(breaks: pd.DataFrame, columns: Iterable[str], *, base: int, end: int) -> pd.DataFrame:
    """Return the blocking breaks of some columns that lie between two years.

    Parameters
    ----------
    breaks : pandas.DataFrame
        As of :func:`load_breaks`.
    columns : iterable of str
        Panel columns.
    base, end : int
        The years compared, in any order.

    Returns
    -------
    pandas.DataFrame
        The rows of the breaks with ``year_from`` and ``year_to`` both inside.

    Examples
    --------
    >>> crossed(load_breaks(), ["emp_C_manufacturing"], base=2005, end=2019)["year_to"].tolist()
    [2013]
    >>> len(crossed(load_breaks(), ["va_secondary"], base=2005, end=2022))
    0
    """
    first, last = min(base, end), max(base, end)
    inside = breaks["blocking"] & (breaks["year_from"] >= first) & (breaks["year_to"] <= last)
    touched = [touches(patterns, columns) for patterns in breaks["variables"]]
    return breaks.loc[inside & pd.Series(touched, index=breaks.index, dtype=bool)]


def passed(breaks: pd.DataFrame, columns: Iterable[str], *, base: int, end: int) -> pd.DataFrame:
    """Return the jumps of single units that a change between two years passes without being refused.

    Parameters
    ----------
    breaks : pandas.DataFrame
        As of :func:`load_breaks`.
    columns : iterable of str
        Panel columns.
    base, end : int
        The years compared, in any order.

    Returns
    -------
    pandas.DataFrame
        Rows that do not block, of the kinds boundary, misprint, revision and scope, between the two years.

    Examples
    --------
    >>> passed(load_breaks(), ["va_secondary"], base=2010, end=2011)["units"].tolist()
    ['340100 340200 340500']
    """
    first, last = min(base, end), max(base, end)
    between = (breaks["year_from"] < last) & (breaks["year_to"] > first)
    kind = ~breaks["blocking"] & breaks["kind"].isin(PASSED)
    touched = [touches(patterns, columns) for patterns in breaks["variables"]]
    return breaks.loc[between & kind & pd.Series(touched, index=breaks.index, dtype=bool)]


def touches(patterns: str, columns: Iterable[str]) -> bool:
    """Tell whether one of the columns fits one of the patterns of a break.

    Returns
    -------
    bool
        True when one fits.

    Examples
    --------
    >>> touches("emp_* employed_units_total", ["gdp", "emp_finance"])
    True
    """
    return any(fnmatchcase(column, pattern) for column in columns for pattern in patterns.split())
