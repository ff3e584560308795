"""When high-speed rail came to each city: the day, the line, the first year that counts, and who is left to compare."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.geography.units import load_units
from yrdspatial.rail.network import RailNetwork, load_rail

Kind = Literal["high_speed", "fast"]
RULE = (7, 1)
"""A year counts as treated when service began on or before this day (month, day) of it."""
LATE = 2020
"""Cities served from this year on are called late: few are left by then to compare with."""


def rail_openings(*, kind: Kind = "high_speed", network: RailNetwork | None = None) -> pd.DataFrame:
    """Return when fast trains first reached a main station of each city.

    Parameters
    ----------
    kind : {"high_speed", "fast"}
        "high_speed": new high-speed lines and their links. "fast": older lines run by fast trains too (the sixth
        speed-up of 2007, 宁启, 衢宁, 金台).
    network : RailNetwork, optional
        The dated network; by default that of the shipped data.

    Returns
    -------
    pandas.DataFrame
        Index ``adcode``, one row a city; ``name_en``; ``first_day`` (missing where there is none); ``first_year``, the
        first year whose 1 July has service, as in :func:`yrdspatial.travel_times` (``Int64``, missing where there is
        none); ``line`` (the line of the first day; several are joined by "; "); ``status``: "early", "late" (from 2020
        on), "never" (not by the last day of the data).

    Raises
    ------
    SpecificationError
        If the kind is unknown.

    Examples
    --------
    >>> openings = rail_openings()
    >>> openings.loc[[330100, 330900], ["first_year", "line", "status"]].values.tolist()
    [[2011, '沪杭高铁; 沪杭高铁(历史接入杭州站)', 'early'], [<NA>, '', 'never']]
    """
    if kind not in {"high_speed", "fast"}:
        raise SpecificationError(f"unknown kind {kind!r}", where="openings", cure="use high_speed or fast")
    network = load_rail() if network is None else network
    day = network.first_service(upgraded=kind == "fast")
    after = (day.dt.month > RULE[0]) | ((day.dt.month == RULE[0]) & (day.dt.day > RULE[1]))
    year = (day.dt.year + after).where(day.notna()).astype("Int64")
    status = np.where(day.isna(), "never", np.where(year.fillna(0) >= LATE, "late", "early"))
    return pd.DataFrame(
        {
            "name_en": load_units()["name_en"].reindex(day.index),
            "first_day": day,
            "first_year": year,
            "line": _lines(network, day, upgraded=kind == "fast"),
            "status": status,
        }
    )


def opening_saturation(openings: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Count by year who has service and who is left to compare with.

    Parameters
    ----------
    openings : pandas.DataFrame
        With ``first_year``, missing where there is none, as of :func:`rail_openings`.
    years : iterable of int
        Years of the sample.

    Returns
    -------
    pandas.DataFrame
        Index ``year``; ``new`` (first treated in the year), ``treated``, ``not_yet`` (treated by the last of the years
        but not in this one), ``never`` (not treated by the last of the years), ``share`` treated.

    Examples
    --------
    >>> table = opening_saturation(rail_openings(), range(2006, 2021))
    >>> table.loc[[2008, 2020], ["treated", "not_yet", "never"]].values.tolist()
    [[2, 36, 3], [38, 0, 3]]
    """
    chosen = sorted(years)
    first = openings["first_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    by_end = int((first <= chosen[-1]).sum())
    treated = np.array([(first <= year).sum() for year in chosen])
    table = {
        "new": [(first == year).sum() for year in chosen],
        "treated": treated,
        "not_yet": by_end - treated,
        "never": len(first) - by_end,
        "share": treated / len(first),
    }
    return pd.DataFrame(table, index=pd.Index(chosen, name="year"))


def _lines(network: RailNetwork, day: "pd.Series[Any]", *, upgraded: bool) -> "pd.Series[str]":
    mains = network.stations.loc[network.stations["main"].eq(1), "adcode"]
    calls = pd.concat(
        [network.segments.set_index(f"{end}_station")[["line", "opened", "kind"]] for end in ("from", "to")]
    )
    calls = calls.assign(adcode=mains.reindex(calls.index).to_numpy())
    calls = calls[
        calls["kind"].isin(["hsr", "link", *(["upgraded"] if upgraded else [])]) & calls["adcode"].notna()
    ]
    first = calls[calls["opened"].to_numpy() == day.reindex(calls["adcode"]).to_numpy()]
    names = first.groupby("adcode")["line"].agg(lambda lines: "; ".join(sorted(set(lines))))
    lines: pd.Series[str] = names.reindex(day.index).fillna("")
    return lines
