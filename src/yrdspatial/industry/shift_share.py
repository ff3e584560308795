"""Shift-share: the change of every sector in every unit as national growth, sector mix, and regional share."""

import itertools
from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.industry.table import Floats, SectorTable, as_sectors, describe, divide, require
from yrdspatial.industry.transfer import break_notes
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.panel.panel import Panel

Variant = Literal["classic", "esteban_marquillas"]
COMPONENTS = {
    "classic": ("change", "national", "mix", "regional"),
    "esteban_marquillas": ("change", "national", "mix", "competitive", "allocation", "homothetic"),
}


def shift_share(
    q0: pd.DataFrame,
    q1: pd.DataFrame,
    *,
    reference: tuple[pd.Series, pd.Series] | None = None,
    variant: Variant = "classic",
) -> pd.DataFrame:
    """Shift-share of the change between two tables of units x sectors.

    change = national q_0 g + mix q_0 (g_k - g) + regional q_0 (g_ik - g_k), with g the growth of the reference, g_k
    of its sector, g_ik of the sector in the unit. Esteban-Marquillas splits the regional part with the homothetic
    amount h = q_i Q_k / Q: competitive h (g_ik - g_k) and allocation (q_0 - h)(g_ik - g_k). The components sum to the
    change exactly; over the units of the region, mix and regional parts sum to zero by sector and in all.

    Parameters
    ----------
    q0, q1 : pandas.DataFrame
        Amounts at the two dates, units x sectors, the same labels in any order.
    reference : tuple of two Series, optional
        Amounts of the reference area by sector at the two dates; the sum of the units when left out.
    variant : {"classic", "esteban_marquillas"}
        Which decomposition.

    Returns
    -------
    pandas.DataFrame
        Index (unit, sector); ``change``, ``national``, ``mix`` and ``regional``, or ``competitive``, ``allocation``
        and ``homothetic``. A sector that is new in a unit is all regional; its competitive part and allocation
        are not defined, NaN, and so are mix and regional part of a sector that only the reference did not have.

    Raises
    ------
    AlignmentError
        If the labels of the tables or of the reference differ.

    References
    ----------
    Dunn, E. S. (1960), Papers of the Regional Science Association 6, 97-112; Esteban-Marquillas, J. M. (1972),
    A reinterpretation of shift-share analysis, Regional and Urban Economics 2, 249-255.

    Examples
    --------
    >>> before = pd.DataFrame({"x": [50, 30, 20]}, index=["A", "B", "C"])
    >>> after = pd.DataFrame({"x": [60, 60, 60]}, index=["A", "B", "C"])
    >>> shift_share(before, after)["regional"].tolist()
    [-30.0, 6.0, 24.0]
    """
    require(variant, COMPONENTS, "variant")
    before, after = as_sectors(q0), as_sectors(q1)
    if before.years is not None or after.years is not None:
        cure = "tables of several years go into dynamic_shift_share"
        raise AlignmentError("shift-share compares two tables of one year", where="q0, q1", cure=cure)
    different = [
        *before.units.symmetric_difference(after.units),
        *before.sectors.symmetric_difference(after.sectors),
    ]
    if different:
        cure = "use the same units and sectors at both dates"
        raise AlignmentError(
            "the two tables differ", where=shorten([row_name(x) for x in different]), cure=cure
        )
    second = as_sectors(q1.reindex(index=before.units, columns=before.sectors)).amounts[0]
    wide = _reference(before, second, reference)
    values = _components(before.amounts[0], second, wide, variant)
    return _label(before, values, variant, "between two dates", "own" if reference else "sum of the units")


def _reference(
    before: SectorTable, second: Floats, reference: tuple[pd.Series, pd.Series] | None
) -> tuple[Floats, Floats]:
    if reference is None:
        return before.amounts[0].sum(axis=0), second.sum(axis=0)
    lacking = before.sectors.difference(reference[0].index.intersection(reference[1].index))
    if len(lacking):
        cure = "give amounts of every sector at both dates"
        raise AlignmentError("the reference lacks sectors", where=shorten(list(lacking)), cure=cure)
    first, last = (part.reindex(before.sectors).to_numpy(dtype=float) for part in reference)
    return first, last


def _components(q0: Floats, q1: Floats, wide: tuple[Floats, Floats], variant: Variant) -> Floats:
    Q0, Q1 = wide
    growth = Q1.sum() / Q0.sum() - 1
    of_sector = np.where(Q0 > 0, divide(Q1, Q0) - 1, np.nan)
    change, national = q1 - q0, q0 * growth
    by_sector = np.where(q0 > 0, q0 * of_sector, 0.0)
    mix, regional = by_sector - national, change - by_sector
    if variant == "classic":
        return np.stack([change, national, mix, regional])
    homothetic = q0.sum(axis=1, keepdims=True) * Q0 / Q0.sum()
    competitive = homothetic * np.where(q0 > 0, divide(regional, q0), np.nan)
    return np.stack([change, national, mix, competitive, regional - competitive, homothetic])


def _label(data: SectorTable, values: Floats, variant: Variant, how: str, area: str) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([data.units, data.sectors], names=["unit", "sector"])
    result = pd.DataFrame(values.reshape(len(values), -1).T, index, list(COMPONENTS[variant]))
    return describe(result, data, "shift-share", reference=area, variant=f"{variant}, {how}")


def dynamic_shift_share(
    table: pd.DataFrame | Panel,
    *,
    base: int,
    end: int,
    variant: Variant = "classic",
    across_breaks: bool = False,
) -> pd.DataFrame:
    """Shift-share year by year, summed: the mix follows the structure instead of staying that of the base year.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts indexed (unit, year), one column a sector; every year from base to end.
    base, end : int
        First and last year.
    variant : {"classic", "esteban_marquillas"}
        Which decomposition.
    across_breaks : bool
        Go across a known break of a Panel all the same.

    Returns
    -------
    pandas.DataFrame
        As of :func:`shift_share` (``homothetic`` is that of the base year); reference: the sum of the units.

    Raises
    ------
    SpecificationError
        If a year between base and end is not in the table.

    References
    ----------
    Barff, R. A. and Knight, P. L. (1988), Dynamic shift-share analysis, Growth and Change 19, 1-10.

    Examples
    --------
    >>> from yrdspatial import load_panel, sector_sets
    >>> accounts = load_panel().select(columns=sector_sets()["three_sectors"])
    >>> parts = dynamic_shift_share(accounts, base=2019, end=2022)
    >>> bool(abs(parts["change"] - parts[["national", "mix", "regional"]].sum(axis=1)).max() < 1e-9)
    True
    """
    require(variant, COMPONENTS, "variant")
    notes: tuple[str, ...] = ()
    if isinstance(table, Panel):
        columns = list(table.frame.columns)
        notes = break_notes(table, columns, base=base, end=end, across_breaks=across_breaks)
    data = as_sectors(table)
    years = list(range(base, end + 1))
    lacking = [year for year in years if year not in (data.years or ())]
    if lacking or end <= base:
        cure = "every year from base to end must have values"
        raise SpecificationError(
            "years are not in the table", where=shorten(lacking) or f"{base}-{end}", cure=cure
        )
    amounts = data.amounts[[(data.years or ()).index(year) for year in years]]
    pairs = itertools.pairwise(amounts)
    steps = [_components(q0, q1, (q0.sum(axis=0), q1.sum(axis=0)), variant) for q0, q1 in pairs]
    values = np.sum(steps, axis=0)
    if variant == "esteban_marquillas":
        values[-1] = steps[0][-1]
    result = _label(data, values, variant, f"year by year {base}-{end}", "sum of the units")
    result.attrs["notes"] = (*notes, *(note for note in result.attrs["notes"] if note not in notes))
    return result
