"""Industrial transfer: who gained and who lost a sector between two years, in every measure the literature uses.

With totals of units one sees that some fall while others rise, not which plant went where. A change across a known
break of the data is refused unless asked for, and then carries the note of the break.
"""

from collections.abc import Iterable
from typing import Literal, get_args

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.industry.table import Floats, divide, flag_notes, require, stamp, undefined_notes
from yrdspatial.panel.breaks import crossed, passed, touches, windows_of
from yrdspatial.panel.columns import sector_sets
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.panel import Panel

Measure = Literal[
    "share_change",
    "relative_share_change",
    "counterfactual",
    "net_share_change",
    "dynamic_agglomeration",
    "dynamic_agglomeration_annual",
    "churning",
]
MEASURES = get_args(Measure)
ADDITIVE = ("share_change", "counterfactual", "net_share_change", "churning")


def industrial_transfer(
    panel: Panel,
    sector: str | Iterable[str],
    *,
    base: int,
    end: int,
    measure: Measure,
    total: str | Iterable[str] | None = None,
    across_breaks: bool = False,
) -> pd.Series:
    """Industrial transfer of a sector between two years, by unit.

    With q the amounts of the sector, Q their sum, z = q / Q, and x the shares in the total of all sectors:
    ``share_change`` 100 (z_t - z_0), percentage points, sums to zero; ``relative_share_change`` z_t / z_0 - 1;
    ``counterfactual`` q_t - q_0 Q_t / Q_0, in the unit of the column, sums to zero; ``net_share_change``
    share_change less 100 (x_t - x_0), which takes away that a unit grew as a whole; ``dynamic_agglomeration``
    (q_t / q_0 - 1) / (Q_t / Q_0 - 1), above 1 gains, between 0 and 1 falls behind, below 0 shrinks when the sum
    grows (the sign turns when the sum shrinks); ``dynamic_agglomeration_annual``, the same of mean annual growth;
    ``churning`` |z_t - z_0| / 2, whose sum over the units is the part of the sector that changed place.

    Parameters
    ----------
    panel : Panel
        The city panel or your own.
    sector : str or iterable of str
        A column, the name of a set of :func:`~yrdspatial.sector_sets`, or columns to be summed.
    base, end : int
        The two years.
    measure : str
        One of the above.
    total : str or iterable of str, optional
        Columns of all sectors for ``net_share_change``; the 19 sectors of employment or the three of value added
        when left out.
    across_breaks : bool
        Go across a known break all the same.

    Returns
    -------
    pandas.Series
        Index unit, named after the measure. 0/0 (a unit that never had the sector, no growth of the sum) is NaN.
        ``attrs["notes"]`` has the breaks crossed, the jumps of single units passed (boundaries, reporting scope),
        and the flags of the values used.

    Raises
    ------
    SpecificationError
        If a break lies between the years, the years are the wrong way round, or the data are no Panel.

    References
    ----------
    Regional share effect: Dunn, E. S. (1960), Papers of the Regional Science Association 6, 97-112. That single
    measures disagree is the reason for :func:`transfer_agreement`.

    Examples
    --------
    >>> from yrdspatial import load_panel
    >>> change = industrial_transfer(load_panel(), "manufacturing", base=2013, end=2019, measure="share_change")
    >>> abs(round(float(change.sum()), 10)), round(float(change[310000]), 2)
    (0.0, -2.33)
    """
    require(measure, MEASURES, "measure")
    if not isinstance(panel, Panel):
        cure = "a Panel knows its breaks: load_panel(), or Panel.from_frame(frame)"
        raise SpecificationError("a transfer needs a Panel", where=type(panel).__name__, cure=cure)
    if end <= base:
        raise SpecificationError(
            "the end is not after the base", where=f"{base}-{end}", cure="swap the years"
        )
    columns = sector_columns(sector)
    every = _total_columns(columns, total) if measure == "net_share_change" else []
    notes = break_notes(panel, [*columns, *every], base=base, end=end, across_breaks=across_breaks)
    amounts = panel.array(columns, [base, end]).sum(axis=2)
    values = _measure(measure, amounts, end - base)
    if every:
        sizes = panel.array(every, [base, end]).sum(axis=2)
        values = values - _measure("share_change", sizes, end - base)
    result = pd.Series(values, panel.units, name=measure)
    return stamp(
        result,
        measure="industrial transfer",
        basis=", ".join(sorted(set(panel.variables.loc[columns, "basis"]) - {""})) or "not stated",
        reference=f"sum of the {len(panel.units)} units",
        variant=f"{measure}, {base}-{end}, {shorten(columns)}",
        notes=(*notes, *undefined_notes(result)),
    )


def _measure(measure: Measure, amounts: Floats, years: int) -> Floats:
    (q0, q1), (sum0, sum1) = amounts, amounts.sum(axis=1)
    z0, z1 = divide(q0, sum0), divide(q1, sum1)
    ratio, whole = divide(q1, q0), divide(sum1, sum0)
    annual = divide(ratio ** (1 / years) - 1, whole ** (1 / years) - 1)
    values: dict[str, Floats] = {
        "share_change": 100 * (z1 - z0),
        "relative_share_change": divide(z1, z0) - 1,
        "counterfactual": q1 - q0 * whole,
        "net_share_change": 100 * (z1 - z0),
        "dynamic_agglomeration": divide(ratio - 1, whole - 1),
        "dynamic_agglomeration_annual": annual,
        "churning": np.abs(z1 - z0) / 2,
    }
    return values[measure]


def sector_columns(sector: str | Iterable[str]) -> list[str]:
    """Return the columns of a sector.

    Returns
    -------
    list of str
        Panel columns.

    Examples
    --------
    >>> sector_columns("manufacturing"), sector_columns("gdp")
    (['emp_C_manufacturing'], ['gdp'])
    """
    if isinstance(sector, str):
        return sector_sets().get(sector, [sector])
    return list(sector)


def _total_columns(columns: list[str], total: str | Iterable[str] | None) -> list[str]:
    if total is not None:
        return sector_columns(total)
    for name in ("sectors_19", "three_sectors"):
        if set(columns) <= set(sector_sets()[name]):
            return sector_sets()[name]
    cure = "pass total=, the columns of all sectors"
    raise SpecificationError("the total of a sector is not known", where=shorten(columns), cure=cure)


def break_notes(
    panel: Panel, columns: list[str], *, base: int, end: int, across_breaks: bool
) -> tuple[str, ...]:
    """Refuse a change across a known break, or return its note, the jumps passed, and the flags of the two years.

    Parameters
    ----------
    panel : Panel
        Knows its breaks and flags.
    columns : list of str
        Columns that are compared.
    base, end : int
        The two years.
    across_breaks : bool
        Whether to go across.

    Returns
    -------
    tuple of str
        Notes.

    Raises
    ------
    SpecificationError
        If there is a blocking break and ``across_breaks`` is False.

    Examples
    --------
    >>> from yrdspatial import load_panel
    >>> notes = break_notes(load_panel(), ["va_tertiary"], base=2018, end=2019, across_breaks=True)
    >>> notes[0][:42]
    'across the break 2018-2019: fourth economi'
    """
    found = crossed(panel.breaks(), columns, base=base, end=end)
    if len(found) and not across_breaks:
        row = found.iloc[0]
        spans = windows_of(found, strand=row["strand"], purpose="measures", last=panel.years[-1])
        cure = f"stay inside {' or '.join(spans)}, sum them with windowed_transfer, or say across_breaks=True"
        where = f"{row['strand']}, {row['year_from']}-{row['year_to']}"
        raise SpecificationError("a known break lies between the years", where=where, cure=cure)
    flags = panel.flags
    used = flag_notes(flags[flags["variable"].isin(columns)], [base, end], n_units=len(panel.units))
    single = passed(panel.breaks(), columns, base=base, end=end)
    across = [f"across the break {row.year_from}-{row.year_to}: {row.note}" for row in found.itertuples()]
    return (*across, *(f"{row.kind}: {row.note}" for row in single.itertuples()), *used)


def windowed_transfer(
    panel: Panel,
    sector: str | Iterable[str],
    *,
    measure: Measure = "share_change",
    base: int | None = None,
    end: int | None = None,
    total: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Industrial transfer inside the windows between the known breaks, and its sum.

    Parameters
    ----------
    panel : Panel
        The city panel or your own; without known breaks there is one window.
    sector : str or iterable of str
        As in :func:`industrial_transfer`.
    measure : str
        As in :func:`industrial_transfer`.
    base, end : int, optional
        First and last year; the ends of the windows when left out.
    total : str or iterable of str, optional
        As in :func:`industrial_transfer`.

    Returns
    -------
    pandas.DataFrame
        Index unit, one column a window (``"2005-2012"``), and ``sum`` for the measures that add up: share_change,
        counterfactual, net_share_change, churning.

    Raises
    ------
    SpecificationError
        If no window has two years between base and end.

    Examples
    --------
    >>> from yrdspatial import load_panel
    >>> change = windowed_transfer(load_panel(), "manufacturing")
    >>> change.loc[320000:329999, "sum"].sum().round(1).item()
    -4.1
    """
    require(measure, MEASURES, "measure")
    columns = sector_columns(sector)
    every = _total_columns(columns, total) if measure == "net_share_change" else []
    spans = sector_windows(panel, [*columns, *every])
    clipped = [(max(first, base or first), min(last, end or last)) for first, last in spans]
    kept = {f"{first}-{last}": (first, last) for first, last in clipped if first < last}
    if not kept:
        where = f"{base}-{end}"
        raise SpecificationError("no window has two years", where=where, cure=f"windows are {shorten(spans)}")
    parts = {
        name: industrial_transfer(panel, sector, base=first, end=last, measure=measure, total=total)
        for name, (first, last) in kept.items()
    }
    result = pd.DataFrame(parts)
    if measure in ADDITIVE:
        result["sum"] = result.sum(axis=1, skipna=False)
    notes = dict.fromkeys(note for part in parts.values() for note in part.attrs["notes"])
    variant = f"{measure}, inside {', '.join(kept)}, {shorten(columns)}"
    return stamp(result, next(iter(parts.values())).attrs, variant=variant, notes=tuple(notes))


def sector_windows(panel: Panel, columns: list[str]) -> list[tuple[int, int]]:
    """Return the windows of measures for some columns.

    Parameters
    ----------
    panel : Panel
        Knows its breaks.
    columns : list of str
        Columns of a sector.

    Returns
    -------
    list of tuple of int
        First and last years; the whole panel when no windows are known.

    Examples
    --------
    >>> from yrdspatial import load_panel
    >>> sector_windows(load_panel(), ["emp_finance"]), sector_windows(load_panel(), ["va_secondary"])
    ([(2005, 2012), (2013, 2019)], [(2003, 2022)])
    """
    breaks, years = panel.breaks(), panel.years
    touched = np.array([touches(text, columns) for text in breaks["variables"]], dtype=bool)
    known = breaks[(breaks["windows"] != "") & touched]
    if known.empty:
        return [(years[0], years[-1])]
    first = known.sort_values("blocking", ascending=False, kind="stable").iloc[0]
    return list(windows_of(known, strand=first["strand"], purpose="measures", last=years[-1]).values())


def transfer_agreement(
    panel: Panel,
    sector: str | Iterable[str],
    *,
    base: int,
    end: int,
    total: str | Iterable[str] | None = None,
    across_breaks: bool = False,
) -> pd.DataFrame:
    """Spearman rank correlations between the measures of transfer: how far they tell the same story.

    Parameters
    ----------
    panel : Panel
        The city panel or your own.
    sector : str or iterable of str
        As in :func:`industrial_transfer`.
    base, end : int
        The two years.
    total : str or iterable of str, optional
        As in :func:`industrial_transfer`.
    across_breaks : bool
        Go across a known break all the same.

    Returns
    -------
    pandas.DataFrame
        Measures x measures (churning, which has no direction, is left out).

    References
    ----------
    Spearman, C. (1904), American Journal of Psychology 15, 72-101.

    Examples
    --------
    >>> from yrdspatial import load_panel
    >>> table = transfer_agreement(load_panel(), "va_secondary", base=2006, end=2018)
    >>> table.loc["share_change", "counterfactual"].round(6).item()
    1.0
    """
    measures: list[Measure] = [measure for measure in MEASURES if measure != "churning"]
    parts = [
        industrial_transfer(
            panel, sector, base=base, end=end, measure=measure, total=total, across_breaks=across_breaks
        )
        for measure in measures
    ]
    ranks = pd.DataFrame({part.name: part.rank() for part in parts})
    return stamp(ranks.corr(), parts[0].attrs, variant=f"rank correlation, {base}-{end}")
