"""Where manufacturing went: shares gained and lost, centres that moved, and shift-share, inside the windows."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from yrdspatial.industry.directions import DIRECTIONS, region_units
from yrdspatial.industry.gravity import PROJECTION, gravity_centre, standard_deviational_ellipse
from yrdspatial.industry.shift_share import shift_share
from yrdspatial.industry.transfer import sector_windows, windowed_transfer
from yrdspatial.panel.columns import sector_sets
from yrdspatial.panel.panel import Panel
from yrdspatial.replication.case import Case
from yrdspatial.replication.study import Study
from yrdspatial.replication.subregions import region_of, sub_regions

SECTORS = {"employment": "emp_C_manufacturing", "value added": "va_secondary"}
TABLES = {"employment": "sectors_19", "value added": "three_sectors"}
FIRST_YEAR = 2005
OUTLINE = 120


@dataclass(frozen=True)
class Relocation:
    """Where manufacturing went, by employment inside its windows and by secondary value added.

    Attributes
    ----------
    transfer : pandas.DataFrame
        Change of each city's share of the delta in percentage points: index unit, columns (strand, window) and
        (strand, "sum").
    regions : pandas.DataFrame
        The same summed over nine sub-regions.
    contrast : pandas.DataFrame
        Index strand: ``origins``, ``destinations`` (points), ``difference`` (points a city, destinations less
        origins) and ``pvalue`` (two-sided, permutation).
    centres : pandas.DataFrame
        Columns strand, window, year, x, y (km), lon, lat, major, minor (km), angle (degrees from north).
    moves : pandas.DataFrame
        Columns strand, window, first, last, east, north, distance (km), bearing (degrees from north); window "sum" is
        the sum of the moves inside the windows.
    ellipses : pandas.DataFrame
        Outlines: columns strand, year, lon, lat.
    shift_share : pandas.DataFrame
        Columns strand, window, region, base, change, national, mix, regional, in the unit of the sector.
    notes : mapping of str to tuple of str
        What the transfers say about breaks and flags, by strand.
    """

    transfer: pd.DataFrame
    regions: pd.DataFrame
    contrast: pd.DataFrame
    centres: pd.DataFrame
    moves: pd.DataFrame
    ellipses: pd.DataFrame
    shift_share: pd.DataFrame
    notes: Mapping[str, tuple[str, ...]]


def measure_relocation(study: Study, *, seed: int) -> Relocation:
    """Measure where manufacturing went, never across a known break.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of the permutation test of destinations against origins.

    Returns
    -------
    Relocation
        The measures.
    """
    panel = study.panel
    changes = {
        strand: windowed_transfer(panel, column, base=FIRST_YEAR) for strand, column in SECTORS.items()
    }
    transfer = pd.concat(changes, axis=1, names=["strand", "window"])
    centres = pd.concat([centres_of(panel, strand) for strand in SECTORS], ignore_index=True)
    return Relocation(
        transfer=transfer,
        regions=transfer.groupby(region_of(sub_regions())).sum().loc[list(sub_regions())],
        contrast=pd.DataFrame(
            {strand: contrast_of(change["sum"], Case(study, seed)) for strand, change in changes.items()}
        ).T.rename_axis("strand"),
        centres=centres,
        moves=moves_of(centres),
        ellipses=outlines_of(centres),
        shift_share=pd.concat([shift_shares(panel, strand) for strand in SECTORS], ignore_index=True),
        notes={strand: tuple(change.attrs["notes"]) for strand, change in changes.items()},
    )


def contrast_of(change: pd.Series, case: Case) -> dict[str, float]:
    """Compare the destinations that policy names with the origins.

    Parameters
    ----------
    change : pandas.Series
        Change of the share by unit, in points.
    case : Case
        Makes the permutation test.

    Returns
    -------
    dict of str to float
        origins, destinations, difference (mean destination less mean origin), pvalue.
    """
    members = {
        role: sorted({code for name in names for code in region_units(name)})
        for role, names in DIRECTIONS.items()
    }
    both = change.loc[sorted({code for codes in members.values() for code in codes})]
    difference, pvalue = case.permuted_difference(both, members["destination"])
    return {
        "origins": float(change.loc[members["origin"]].sum()),
        "destinations": float(change.loc[members["destination"]].sum()),
        "difference": difference,
        "pvalue": pvalue,
    }


def windows(panel: Panel, strand: str) -> list[tuple[int, int]]:
    """Give the windows of the sector of a strand, from 2005 on.

    Parameters
    ----------
    panel : Panel
        The city panel.
    strand : str
        "employment" or "value added".

    Returns
    -------
    list of tuple of int
        First and last years.
    """
    return [(max(first, FIRST_YEAR), last) for first, last in sector_windows(panel, [SECTORS[strand]])]


def centres_of(panel: Panel, strand: str) -> pd.DataFrame:
    """Find the gravity centre and the ellipse of a sector in every year of its windows.

    Parameters
    ----------
    panel : Panel
        The city panel.
    strand : str
        "employment" or "value added".

    Returns
    -------
    pandas.DataFrame
        As ``Relocation.centres``.
    """
    values = panel.frame[SECTORS[strand]]
    rows = []
    for first, last in windows(panel, strand):
        inside = values.loc[pd.IndexSlice[:, first:last]]
        ellipse = standard_deviational_ellipse(inside)[["major", "minor", "angle"]]
        found = gravity_centre(inside)[["x", "y"]].join(ellipse).reset_index()
        rows.append(found.assign(strand=strand, window=f"{first}-{last}"))
    table = pd.concat(rows, ignore_index=True)
    table = table.join(degrees(table))
    return table[["strand", "window", "year", "x", "y", "lon", "lat", "major", "minor", "angle"]]


def degrees(points: pd.DataFrame) -> pd.DataFrame:
    """Turn projected kilometres back into degrees.

    Parameters
    ----------
    points : pandas.DataFrame
        Columns x, y.

    Returns
    -------
    pandas.DataFrame
        Columns lon, lat.
    """
    flat = gpd.GeoSeries.from_xy(points["x"], points["y"], crs=PROJECTION, index=points.index).to_crs(4326)
    return pd.DataFrame({"lon": flat.x, "lat": flat.y})


def moves_of(centres: pd.DataFrame) -> pd.DataFrame:
    """Measure how far the centres moved inside each window, and in all windows together.

    Parameters
    ----------
    centres : pandas.DataFrame
        As ``Relocation.centres``.

    Returns
    -------
    pandas.DataFrame
        As ``Relocation.moves``.
    """
    rows = []
    for strand, table in centres.groupby("strand"):
        parts = [
            {
                "strand": strand,
                "window": window,
                "first": years["year"].iloc[0],
                "last": years["year"].iloc[-1],
                "east": years["x"].iloc[-1] - years["x"].iloc[0],
                "north": years["y"].iloc[-1] - years["y"].iloc[0],
            }
            for window, years in table.sort_values("year").groupby("window")
        ]
        ends = {"first": parts[0]["first"], "last": parts[-1]["last"]}
        total = {name: sum(part[name] for part in parts) for name in ("east", "north")}
        rows += [*parts, {"strand": strand, "window": "sum", **ends, **total}]
    moves = pd.DataFrame(rows)
    return moves.assign(
        distance=np.hypot(moves["east"], moves["north"]),
        bearing=np.degrees(np.arctan2(moves["east"], moves["north"])) % 360,
    )


def outlines_of(centres: pd.DataFrame) -> pd.DataFrame:
    """Trace the ellipses of the first and the last year of every window.

    Parameters
    ----------
    centres : pandas.DataFrame
        As ``Relocation.centres``.

    Returns
    -------
    pandas.DataFrame
        Columns strand, year, lon, lat: a closed line each.
    """
    turn = np.linspace(0, 2 * np.pi, OUTLINE + 1)
    ends = centres.groupby(["strand", "window"])["year"].agg(["min", "max"]).to_numpy().ravel()
    rows = []
    for one in centres[centres["year"].isin(ends)].to_dict("records"):
        along, across = one["major"] * np.cos(turn), one["minor"] * np.sin(turn)
        east, north = np.sin(np.radians(one["angle"])), np.cos(np.radians(one["angle"]))
        line = pd.DataFrame(
            {"x": one["x"] + along * east + across * north, "y": one["y"] + along * north - across * east}
        )
        rows.append(degrees(line).assign(strand=one["strand"], year=one["year"]))
    return pd.concat(rows, ignore_index=True)[["strand", "year", "lon", "lat"]]


def shift_shares(panel: Panel, strand: str) -> pd.DataFrame:
    """Split the change of the sector of a strand by sub-region: growth of all, mix of sectors, the region's own.

    Parameters
    ----------
    panel : Panel
        The city panel.
    strand : str
        "employment" (19 sectors) or "value added" (three).

    Returns
    -------
    pandas.DataFrame
        As ``Relocation.shift_share``.
    """
    columns, sector = sector_sets()[TABLES[strand]], SECTORS[strand]
    frame, groups = panel.frame[columns], region_of(sub_regions())
    rows: list[pd.DataFrame] = []
    for first, last in sector_windows(panel, columns):
        start = max(first, FIRST_YEAR)
        before, after = (frame.loc[pd.IndexSlice[:, year], :].droplevel("year") for year in (start, last))
        parts = shift_share(before, after).xs(sector, level="sector")
        table = parts.assign(base=before[sector]).groupby(groups).sum().loc[list(sub_regions())]
        rows.append(table.rename_axis("region").reset_index().assign(strand=strand, window=f"{start}-{last}"))
    names = ["strand", "window", "region", "base", "change", "national", "mix", "regional"]
    return pd.concat(rows, ignore_index=True).loc[:, names]
