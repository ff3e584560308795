"""Do units grow towards each other, all of them or in clubs: the log t test on the labels of a panel."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from scipy.stats import norm

from yrdspatial.errors import SpecificationError
from yrdspatial.integration.levels import read_levels, whole_years
from yrdspatial.integration.log_t import (
    CRITICAL,
    IntArray,
    LogTRule,
    Variance,
    find_clubs,
    hp_trend,
    log_t,
    merge_clubs,
)
from yrdspatial.panel.panel import Panel

SHORTEST = 8
"""Years below which the regression has too few points."""
SHORT = 30
"""Years below which the size of the test is in doubt."""


@dataclass(frozen=True, eq=False)
class ConvergenceClubs:
    """Clubs of units whose paths come together (made by :func:`convergence_clubs`).

    Attributes
    ----------
    table : DataFrame
        One row a group: ``group`` ("all", "club 1", ..., "divergent"), ``units``, ``slope``, ``std_error``, ``tstat``,
        ``pvalue`` (one-sided: small where convergence is rejected), ``converges``. The divergent are one row when
        there are two or more.
    members : Series
        Index unit: the number of the club, 1 the highest; 0 for a unit in none.
    before_merging : Series
        The same before neighbouring clubs were joined.
    paths : DataFrame
        Relative transition paths: index unit, columns year; 1 is the mean of the year.
    rule : LogTRule
        How it was tested.
    notes : tuple of str
        What the reader should know.
    """

    table: pd.DataFrame
    members: pd.Series
    before_merging: pd.Series
    paths: pd.DataFrame
    rule: LogTRule
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        clubs, alone = int(self.members.max()), int((self.members == 0).sum())
        return f"<{clubs} convergence clubs of {len(self.members)} units, {alone} in none>"


def convergence_clubs(
    panel: Panel | pd.DataFrame,
    column: str,
    *,
    years: tuple[int, int] | None = None,
    log: bool = True,
    penalty: float | None = None,
    rule: LogTRule | None = None,
    merge: bool = True,
    across_breaks: bool = False,
) -> ConvergenceClubs:
    """Test convergence by the log t regression, and sort units into clubs where not all converge.

    Parameters
    ----------
    panel : Panel or DataFrame
        Indexed (unit, year).
    column : str
        Positive levels, or a ratio such as ``"gdp / population_resident_adj"``.
    years : tuple of int, optional
        First and last year; all years when left out.
    log : bool
        Whether logarithms of the levels are compared. Relative paths of logarithms depend on the unit of measure:
        say it with the result.
    penalty : float or None
        The penalty of the Hodrick-Prescott trend that is compared in the place of the series (400 in the papers);
        None for the series. In short panels the trend is nearly a line and hides paths that stop to meet.
    rule : LogTRule, optional
        Trimmed share (1/3), standard error ("long_run" or "sandwich"), sieve (0) and how many last years order the
        units (1).
    merge : bool
        Whether neighbouring clubs that converge together are joined.
    across_breaks : bool
        Go across a known break all the same.

    Returns
    -------
    ConvergenceClubs
        Clubs, tests and paths.

    Raises
    ------
    SpecificationError
        If there are too few years or units, or an option is out of its range.

    References
    ----------
    Phillips, P. C. B., and Sul, D. (2007), Transition modeling and econometric convergence tests, Econometrica 75,
    1771-1855; (2009), Economic transition and growth, Journal of Applied Econometrics 24, 1153-1185. Andrews, D. W. K.
    (1991), Econometrica 59, 817-858, for the kernel and its bandwidth.

    Examples
    --------
    >>> t, rng = np.arange(1, 31), np.random.default_rng(1)
    >>> high = [np.exp(5 + 0.02 * t + gap / t) for gap in (-0.4, 0.3, 0.5)]
    >>> low = [np.exp(3 + 0.02 * t + gap / t) for gap in (-0.3, 0.2, 0.6)]
    >>> index = pd.MultiIndex.from_product([list("abcdef"), range(1991, 2021)], names=["unit", "year"])
    >>> found = convergence_clubs(pd.DataFrame({"y": np.concatenate(high + low)}, index), "y", penalty=None)
    >>> found.members.to_dict()
    {'a': 1, 'b': 1, 'c': 1, 'd': 2, 'e': 2, 'f': 2}
    """
    how = rule or LogTRule()
    _check_rule(how, penalty)
    chosen = None if years is None else _span(years)
    levels = read_levels(panel, column, years=chosen, across_breaks=across_breaks)
    table = levels.table
    if table.shape[1] < SHORTEST or len(table) < 3 or table.shape[1] * (1 - how.trim) < 4:
        where = f"{table.shape[1]} years, {len(table)} units"
        cure = f"use {SHORTEST} years and three units or more"
        raise SpecificationError("too little to test convergence", where=where, cure=cure)
    values = np.log(table.to_numpy(dtype=float)) if log else table.to_numpy(dtype=float)
    if (values <= 0).any():
        cure = "use a smaller unit of measure, so that all are above one, or log=False"
        raise SpecificationError("logarithms are not positive", where=column, cure=cure)
    values = values if penalty is None else hp_trend(values, penalty)
    first = find_clubs(values, how)
    clubs = merge_clubs(values, first, how) if merge else first
    return ConvergenceClubs(
        table=_table(values, clubs, how),
        members=_members(clubs, table.index),
        before_merging=_members(first, table.index),
        paths=pd.DataFrame(values / values.mean(axis=0), table.index, table.columns),
        rule=how,
        notes=(*levels.notes, *_notes(table.shape[1], penalty, log=log)),
    )


def _span(years: tuple[int, int]) -> range:
    ends = whole_years(years, "years")
    if len(ends) != 2:
        raise SpecificationError("years are a first and a last", where=f"{ends}", cure="use (2005, 2018)")
    return range(ends[0], ends[1] + 1)


def _check_rule(rule: LogTRule, penalty: float | None) -> None:
    if not isinstance(rule, LogTRule):
        raise SpecificationError(
            f"{type(rule).__name__} is no rule", where="rule", cure="use LogTRule(trim=1 / 3)"
        )
    if not 0 <= rule.trim < 1 or rule.variance not in get_args(Variance) or rule.last < 1:
        where = f"trim {rule.trim}, variance {rule.variance}, last {rule.last}"
        cure = 'trim is a share below one, variance "long_run" or "sandwich", last at least 1'
        raise SpecificationError("the rule of the test is out of range", where=where, cure=cure)
    number = isinstance(penalty, int | float) and not isinstance(penalty, bool)
    if penalty is not None and not (number and 0 < penalty < np.inf):
        cure = "use 400 for annual data, or None"
        raise SpecificationError(
            "there is no trend of this penalty",
            where=f"penalty={penalty}" if number else type(penalty).__name__,
            cure=cure,
        )


def _table(values: np.ndarray, clubs: list[IntArray], rule: LogTRule) -> pd.DataFrame:
    groups = {"all": np.arange(len(values), dtype=np.intp)}
    groups |= {f"club {number}": club for number, club in enumerate(clubs, start=1)}
    alone = np.setdiff1d(np.arange(len(values)), np.concatenate([*clubs, np.zeros(0, dtype=np.intp)]))
    if alone.size > 1:
        groups["divergent"] = alone.astype(np.intp)
    rows = []
    for name, members in groups.items():
        found = log_t(values[members], rule)
        rows.append(
            {
                "group": name,
                "units": members.size,
                "slope": found.slope,
                "std_error": found.std_error,
                "tstat": found.tstat,
                "pvalue": float(norm.cdf(found.tstat)),
                "converges": found.tstat > CRITICAL,
            }
        )
    return pd.DataFrame(rows)


def _members(clubs: list[IntArray], units: "pd.Index[str]") -> pd.Series:
    numbers = np.zeros(len(units), dtype=int)
    for number, club in enumerate(clubs, start=1):
        numbers[club] = number
    return pd.Series(numbers, units, name="club")


def _notes(years: int, penalty: float | None, *, log: bool) -> list[str]:
    said = ["relative paths of logarithms depend on the unit of measure"] if log else []
    said.append(
        "the series are compared" if penalty is None else f"trends of penalty {penalty:g} are compared"
    )
    if years < SHORT:
        said.append(
            f"{years} years are few for the log t test: clubs can change with the trimmed share and the trend"
        )
    return said
