"""One set of boundaries for all years: touched units merged, or figures moved by the user's shares, all of it told."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import product
from typing import Any, cast

import numpy as np
import pandas as pd

from yrdspatial.datasets import read_table
from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.panel.breaks import load_breaks
from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.gaps import shorten, unit_name
from yrdspatial.panel.panel import FLAG_COLUMNS, Panel

RESTATED = ("population_census", "population_resident_adj")  # on the boundaries of 2020 in every year
PER_HEAD = ("CNY", "CNY/yr")
SOURCE = "harmonise_boundaries"
SHARES = ("from_adcode", "to_adcode", "share")


def harmonise_boundaries(panel: Panel, *, boundary: int = 2020, shares: pd.DataFrame | None = None) -> Panel:
    """Put the figures of all years on one set of boundaries.

    The changes are those of kind "boundary" among the known breaks: Chaohu (abolished in 2011: Hefei, Wuhu,
    Ma'anshan), Zongyang (Anqing to Tongling) and Shou county (Lu'an to Huainan). County figures do not ship. Without
    `shares` the units that a change touches are merged in all years, under the lowest of their codes, and Chaohu's
    own figures join them before 2011: stocks and flows are added, shares of the product are weighted by it, its index
    by the product of the year before, the average wage by the staff; what cannot be merged is a gap. With `shares`
    the units stay, and that part of the giving unit's stocks and flows moves to the receiving one in the years
    before the change; what cannot be moved stays as it is and is flagged as a break. Weights of merged units have to
    be built from merged shapes (``load_shapes().dissolve(...)``). The seven townships that Huainan took over about
    2004 are left.

    Parameters
    ----------
    panel : Panel
        Units are six-digit codes.
    boundary : int
        The year whose boundaries are meant; a change counts when it lies between that year and a year of the panel.
    shares : pandas.DataFrame, optional
        Columns ``from_adcode``, ``to_adcode``, ``share`` (0 to 1, of the giving unit before the change) and perhaps
        ``variable`` (a name or pattern; all when left out). The shares of Chaohu (341400) add up to 1.

    Returns
    -------
    Panel
        Every affected figure stands in ``.flags`` with the rule; the breaks that were cured are gone.

    Examples
    --------
    >>> from yrdspatial.panel.panel import load_panel
    >>> merged = harmonise_boundaries(load_panel())
    >>> len(merged.units), round(float(merged.frame.loc[(340100, 2010), "gdp"]), 1)
    (37, 5250.7)
    """
    events = _events(panel, boundary)
    if events.empty:
        return panel
    if shares is None:
        return _merged(panel, events)
    return _moved(panel, events, _checked(shares, panel, boundary, events))


def _events(panel: Panel, boundary: int) -> pd.DataFrame:
    known = panel.breaks()
    known = known if (known["kind"] == "boundary").any() else load_breaks()
    rows = known.loc[known["kind"] == "boundary"]
    first, last = min(*panel.years, boundary), max(*panel.years, boundary)
    old, new = rows["year_from"], rows["year_to"]
    crossed = ((boundary >= new) & (first <= old)) | ((boundary <= old) & (last >= new))
    units = rows["units"].map(lambda text: {int(code) for code in str(text).split()})
    inside = units.map(lambda codes: bool(codes & set(panel.units)))
    rows = rows.assign(codes=units).loc[crossed & inside]
    for codes in rows["codes"]:
        absent = codes - set(panel.units)
        if absent:
            names = shorten([unit_name(code) for code in sorted(absent)])
            cure = "keep all units of a change, or none"
            raise AlignmentError("the panel lacks units of a boundary change", where=names, cure=cure)
    return rows


def _merged(panel: Panel, events: pd.DataFrame) -> Panel:
    groups = _groups(events["codes"])
    label = {code: min(group) for group in groups for code in group}
    frame, flags = panel.frame, [panel.flags.replace({"unit": label})]
    touched = frame.index.get_level_values("unit").isin(label)
    tables = [frame.loc[~touched]]
    for group in groups:
        members = frame.loc[frame.index.get_level_values("unit").isin(group)]
        table, rows = _sum_up(panel, members, group)
        tables.append(table)
        flags.append(rows)
    data = pd.concat(tables).sort_index()
    data = data.set_axis(cast("pd.MultiIndex", data.index).remove_unused_levels())
    known = panel.breaks()
    kept = known.loc[~known.index.isin(events.index) | (known["kind"] != "boundary")]
    return replace(
        panel, data=data[frame.columns], flagged=pd.concat(flags, ignore_index=True), known_breaks=kept
    )


def _groups(codes: Iterable[set[int]]) -> list[set[int]]:
    groups: list[set[int]] = []
    for some in codes:
        apart = [group for group in groups if not group & some]
        groups = [*apart, set(some).union(*(group for group in groups if group & some))]
    return sorted(groups, key=min)


def _sum_up(panel: Panel, members: pd.DataFrame, group: set[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    facts = load_columns().combine_first(panel.variables)
    abolished = _abolished(group, panel.years)
    columns, flags = {}, []
    for name in members.columns:
        wide = members[name].unstack("unit")
        joined = abolished.get(str(name))
        if joined is not None and name not in RESTATED:
            wide = wide.join(joined)
        values, rule = _merge_column(str(name), wide, members, facts, abolished)
        columns[name] = values
        parts = " + ".join(unit_name(code) for code in wide.columns)
        for year, value in values.items():
            kind = "gap" if pd.isna(value) else "merged"
            flags.append((min(group), year, name, f"{kind}: {parts}, {rule}", SOURCE, "derived"))
    table = pd.DataFrame(columns)
    table.index = pd.MultiIndex.from_product([[min(group)], table.index], names=["unit", "year"])
    return table, pd.DataFrame(flags, columns=list(FLAG_COLUMNS))


def _merge_column(
    name: str, wide: pd.DataFrame, members: pd.DataFrame, facts: pd.DataFrame, gone: dict[str, pd.DataFrame]
) -> tuple[pd.Series, str]:
    kind, measure = facts.loc[name, ["kind", "unit"]] if name in facts.index else ("", "")
    if kind in {"stock", "flow"} and measure not in PER_HEAD:
        return _total(wide), "added up"
    weighted = {"avg_wage_staff": ("staff_average", 0), "gdp_index_prev100": ("gdp", 1)}
    weight, lag = ("gdp", 0) if kind == "share" else weighted.get(name, ("", 0))
    if weight not in members:
        return pd.Series(np.nan, wide.index), "cannot be added up and there are no weights"
    weights = members[weight].unstack("unit").join(gone.get(weight, pd.DataFrame(index=wide.index)))
    weights = weights.reindex(columns=wide.columns).shift(lag)
    own = wide.mask(~wide.columns.isin(members.index.unique("unit")) & weights.ne(0))
    said = f"weighted by {weight}" + (" of the year before, on the boundaries of that year" if lag else "")
    return _total((own * weights).where(weights.ne(0), 0.0)) / _total(weights), said


def _total(wide: pd.DataFrame) -> pd.Series:
    return wide.sum(axis=1, skipna=False)


def _abolished(group: set[int], years: Iterable[int]) -> dict[str, pd.DataFrame]:
    gone = sorted(_gone(group))
    if not gone:
        return {}
    table = read_table("panels/chaohu.csv").query("adcode in @gone")
    last = int(table["year"].max())
    wide = table.pivot_table(index=["variable", "year"], columns="adcode", values="value")
    rows = pd.Index(list(years), name="year")
    known = set(wide.index.unique("variable"))
    found = {}
    for name in map(str, load_columns().index):
        part: pd.DataFrame = pd.DataFrame(wide.loc[name] if name in known else np.nan, rows, gone)
        found[name] = part.where(rows.to_numpy()[:, None] <= last, 0.0)
    return found


def _checked(shares: pd.DataFrame, panel: Panel, boundary: int, events: pd.DataFrame) -> pd.DataFrame:
    lacking = [name for name in SHARES if name not in shares]
    if lacking:
        cure = f"the columns are {', '.join(SHARES)} and perhaps variable"
        raise SpecificationError(f"shares lack {', '.join(lacking)}", where="shares", cure=cure)
    if boundary < max(events["year_to"]):
        cure = "choose a boundary year after the changes, or leave shares out to merge"
        raise SpecificationError(
            "shares move figures to later boundaries only", where=str(boundary), cure=cure
        )
    table = shares.assign(variable=shares.get("variable", "*"))
    pairs = [set(map(int, pair)) for pair in table[["from_adcode", "to_adcode"]].to_numpy()]
    known = [codes | _gone(codes) for codes in events["codes"]]
    strange = [shorten(sorted(pair)) for pair in pairs if not any(pair <= codes for codes in known)]
    if strange:
        cure = "the known changes are the rows of kind boundary of panel.breaks()"
        raise SpecificationError("no such boundary change is known", where="; ".join(strange), cure=cure)
    sums = table.groupby(["from_adcode", "variable"])["share"].sum()
    whole = pd.Series([code not in set(panel.units) for code in sums.index.get_level_values(0)], sums.index)
    wrong = not bool(table["share"].between(0, 1).all()) or bool((sums > 1 + 1e-9).any())
    if wrong or bool((sums[whole] < 1 - 1e-9).any()):
        cure = "shares lie between 0 and 1; those of one unit add up to 1 at most, of an abolished one to 1"
        raise SpecificationError("shares do not add up", where=str(sums.to_dict()), cure=cure)
    return table


def _gone(codes: set[int]) -> set[int]:
    changes = read_table("shapes/boundary_changes.csv").query("kind == 'abolished'")
    groups = {int(str(code)): set(rows["to_adcode"]) for code, rows in changes.groupby("from_adcode")}
    return {code for code, receivers in groups.items() if receivers <= codes}


def _moved(panel: Panel, events: pd.DataFrame, shares: pd.DataFrame) -> Panel:
    frame = panel.frame
    flags: list[tuple[object, ...]] = []
    facts = load_columns().combine_first(panel.variables)
    additive = facts.index[facts["kind"].isin(["stock", "flow"]) & ~facts["unit"].isin(PER_HEAD)]
    for event in events.to_dict("records"):
        codes, patterns = event["codes"], event["variables"].split()
        places = codes | _gone(codes)
        gone = _abolished(codes, panel.years)
        years = [year for year in panel.years if year < event["year_to"]]
        here = shares.loc[shares["from_adcode"].isin(places) & shares["to_adcode"].isin(places)]
        for name in map(str, frame.columns.difference(list(RESTATED), sort=False)):
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                fits = [name in additive and fnmatchcase(name, str(text)) for text in here["variable"]]
                flags += _move(frame, name, years, here.loc[fits], codes, gone)
    rows = pd.DataFrame([*flags, *_undated(panel, events)], columns=list(FLAG_COLUMNS))
    return replace(panel, data=frame, flagged=pd.concat([panel.flags, rows], ignore_index=True))


def _undated(panel: Panel, events: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    text = "break: the year in which this column moved to the new boundaries is not known"
    for group in _groups(events["codes"]):
        rows = events.loc[[codes <= group for codes in events["codes"]]]
        patterns = " ".join(rows["variables"]).split()
        names = [name for name in map(str, panel.data.columns) if name not in RESTATED]
        for name in names:
            if not any(fnmatchcase(name, pattern) for pattern in patterns):
                for code, year in product(sorted(group), panel.years):
                    if year < max(rows["year_to"]):
                        yield code, year, name, text, SOURCE, "derived"


def _move(
    frame: pd.DataFrame,
    name: str,
    years: list[int],
    given: pd.DataFrame,
    codes: set[int],
    gone: dict[str, pd.DataFrame],
) -> list[tuple[object, ...]]:
    wide = frame[name].unstack("unit")
    start: Any = wide.join(gone[name]) if name in gone else wide
    said: list[tuple[object, ...]] = []
    for year in years:
        moved: dict[int, list[str]] = {}
        for giver, taker, share in given[list(SHARES)].itertuples(index=False):
            amount = start.loc[year, giver] * share
            if np.isnan(amount) or np.isnan(start.loc[year, taker]):
                continue
            for code, change in ((taker, amount), (giver, -amount)):
                if code in wide:
                    frame.loc[(code, year), name] += change
                    moved.setdefault(code, []).append(f"{change:+.6g} ({share:.4g} of {unit_name(giver)})")
        for code in sorted(codes):
            text = (
                f"moved: {', '.join(moved[code])}"
                if code in moved
                else "break: on the boundaries of the time"
            )
            said.append((code, year, name, text, SOURCE, "derived"))
    return said
