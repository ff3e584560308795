"""Series across a revision, and at constant prices: growth rates are chained, never levels of two vintages compared."""

from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, GapError
from yrdspatial.panel.gaps import unit_name


def deflate(values: pd.Series, index: pd.Series, *, base: int) -> pd.Series:
    r"""Return a series at the prices of one year, from its growth at constant prices.

    The figure of the base year is carried to the other years by the index,
    :math:`q_t = v_b \prod_{s=b+1}^{t} i_s / 100` after it and :math:`q_t = v_b / \prod_{s=t+1}^{b} i_s / 100`
    before it. Levels of other years, of another vintage or not, do not enter.

    Parameters
    ----------
    values : pandas.Series
        Indexed (unit, year), at current prices; only those of the base year are used.
    index : pandas.Series
        Indexed (unit, year), previous year = 100, such as ``gdp_index_prev100``.
    base : int
        The year whose prices are meant.

    Returns
    -------
    pandas.Series
        Indexed as `index`, in the unit of measure of `values`; NaN beyond a year without an index.

    Raises
    ------
    GapError
        If a unit has no value in the base year.

    References
    ----------
    National Bureau of Statistics of China, regional accounts: indices of gross regional product, preceding year =
    100, at constant prices.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_product([["A"], [2018, 2019, 2020]], names=["unit", "year"])
    >>> values, index = pd.Series([90.0, 100.0, 150.0], rows), pd.Series([105.0, 110.0, 105.0], rows)
    >>> deflate(values, index, base=2019).round(2).tolist()
    [90.91, 100.0, 105.0]
    """
    growth = _wide(index, "index") / 100
    level = _wide(values, "values").reindex(index=growth.index)
    missing = growth.index if base not in level else level.index[level[base].isna()]
    if len(missing) or base not in growth:
        units = ", ".join(unit_name(unit) for unit in missing[:6])
        cure = "choose a base year that has a value and an index"
        raise GapError("the base year has no value", where=f"{base} {units}".strip(), cure=cure)
    years = range(int(growth.columns.min()), int(growth.columns.max()) + 1)
    growth = growth.reindex(columns=years)
    after = growth.loc[:, base + 1 :].cumprod(axis=1, skipna=False)
    before = growth.loc[:, : base + 1].drop(columns=[base + 1], errors="ignore")
    back = (1 / before.iloc[:, ::-1]).cumprod(axis=1, skipna=False).shift(axis=1, fill_value=1.0)
    chained = pd.concat([back.iloc[:, ::-1], after], axis=1).mul(level[base], axis=0)
    return _long(chained, *map(str, index.index.names)).reindex(index.index)


def splice(old: pd.Series, new: pd.Series, *, index: pd.Series | None = None) -> pd.Series:
    """Carry a revised series back by the growth of the series before the revision.

    From the first revised year of a unit on, the revised figures stand. Before it, the growth of the old series is
    chained backwards from the first revised figure. Where the old series ends the year before, the growth of the
    year between is taken from the constant-price index, which leaves out the change of prices of that one year;
    without an index it is a GapError.

    Parameters
    ----------
    old : pandas.Series
        Indexed (unit, year): before the revision.
    new : pandas.Series
        Indexed (unit, year): revised.
    index : pandas.Series, optional
        Indexed (unit, year), previous year = 100; needed where the two series have no year in common.

    Returns
    -------
    pandas.Series
        Indexed (unit, year), the years of both; NaN where the chain is broken.

    References
    ----------
    Hill, R. J. and Fox, K. J. (1997), Journal of Business and Economic Statistics 15(3): 387-389 (splicing).

    Examples
    --------
    >>> years = pd.MultiIndex.from_product([["A"], [2017, 2018, 2019]], names=["unit", "year"])
    >>> old, new = pd.Series([80.0, 90.0], years[:2]), pd.Series([120.0], years[2:])
    >>> splice(old, new, index=pd.Series([106.0], years[2:])).round(2).tolist()
    [100.63, 113.21, 120.0]
    """
    before, after = _wide(old, "old"), _wide(new, "new")
    years = range(
        int(min(before.columns.min(), after.columns.min())), int(max(*before.columns, *after.columns)) + 1
    )
    units = before.index.union(after.index)
    before, after = (table.reindex(index=units, columns=years) for table in (before, after))
    link = None if index is None else _wide(index, "index").reindex(index=units, columns=years)
    rows = {
        unit: _spliced(unit, before.loc[unit], after.loc[unit], None if link is None else link.loc[unit])
        for unit in units
    }
    table = pd.DataFrame(rows).T.rename_axis(index="unit", columns="year")
    return _long(table, "unit", "year").rename(str(new.name))


def _spliced(unit: Any, old: pd.Series, new: pd.Series, index: pd.Series | None) -> pd.Series:
    known = new.dropna()
    if known.empty:
        return old
    first = int(known.index[0])
    scale = new[first] / old[first]
    if np.isnan(scale) and old.loc[: first - 1].notna().any():
        step = np.nan if index is None else index[first] / 100
        scale = new[first] / step / old.get(first - 1, np.nan)
        if np.isnan(scale):
            cure = "give index=, or an old series that reaches the first revised year"
            where = f"{unit_name(unit)} {first}"
            raise GapError("the old and the revised series have no year in common", where=where, cure=cure)
    return new.where(new.index >= first, old * scale)


def _wide(series: pd.Series, name: str) -> pd.DataFrame:
    if list(series.index.names) not in (["unit", "year"], ["year", "unit"]):
        cure = "index it by (unit, year), as panel.frame[column] is"
        raise AlignmentError("a series has other labels", where=name, cure=cure)
    if series.index.duplicated().any():
        raise AlignmentError("a series has a label twice", where=name, cure="keep one row a unit and year")
    return series.astype(float).unstack("year")


def _long(table: pd.DataFrame, *levels: str) -> pd.Series:
    rows = pd.MultiIndex.from_product([table.index, table.columns], names=["unit", "year"])
    series = pd.Series(table.to_numpy(dtype=float).ravel(), rows)
    return series if levels == ("unit", "year") else series.swaplevel()
