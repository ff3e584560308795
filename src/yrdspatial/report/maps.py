"""Maps of the delta: the network as it grows, one measure over the years, clusters over the years."""

from collections.abc import Sequence
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from yrdspatial.autocorrelation.results import NOT_SIGNIFICANT
from yrdspatial.errors import OutputError
from yrdspatial.report.basemap import ROW, Basemap, Floats, build_basemap, draw_legend, project
from yrdspatial.report.classes import class_colors, class_edges
from yrdspatial.report.labels import draw_labels
from yrdspatial.report.style import (
    ACCENT,
    BORDER,
    CLUSTER_NAMES,
    CLUSTERS,
    DOTS,
    INK,
    MUTED,
    PERIODS,
    SERIES,
    house_style,
)
from yrdspatial.tables.speech import listed, say

WIDE, NARROW = 10.0, 7.5
SMALL = 5.0
FOUND = ("HH", "LL", "HL", "LH")


@house_style()
def map_network(
    shapes: gpd.GeoDataFrame,
    units: pd.DataFrame,
    segments: pd.DataFrame,
    *,
    years: Sequence[int],
    first_service: pd.Series | None = None,
    provinces: gpd.GeoDataFrame | None = None,
    names: pd.Series | None = None,
) -> Figure:
    """Draw the lines open on 1 July of each year, one panel a year; what is new since the panel before stands out.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        Polygons of the units, indexed by unit.
    units : pandas.DataFrame
        Indexed by unit; columns name_zh, seat_lon, seat_lat (degrees).
    segments : pandas.DataFrame
        Columns from_lon, from_lat, to_lon, to_lat (degrees) and opened (a date).
    years : sequence of int
        Years of the panels, rising.
    first_service : pandas.Series, optional
        First day of service by unit, missing for none; a unit that is not served has a hollow dot.
    provinces : geopandas.GeoDataFrame, optional
        Polygons whose borders are drawn darker.
    names : pandas.Series, optional
        Labels by unit; without them the Chinese names, without their 市.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a year and one legend.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> from yrdspatial.geography.units import load_units
    >>> from yrdspatial.rail.network import load_rail
    >>> figure = map_network(load_shapes(), load_units(), load_rail().lines("2024-12-31"), years=[2008])
    >>> figure.axes[0].get_title(loc="left")
    '2008'
    """
    base = build_basemap(shapes, provinces=provinces, names=names)
    figure, panels = base.panels(len(years), columns=3, width=WIDE, bottom=0.35)
    opened, lines, seats = _network(segments, units, base)
    before = pd.Timestamp(years[0], 7, 1)
    for panel, year in zip(panels, years, strict=True):
        day = pd.Timestamp(year, 7, 1)
        base.paint(panel)
        _draw_lines(panel, lines[opened <= before], SERIES[0], 1.0)
        _draw_lines(panel, lines[(opened > before) & (opened <= day)], ACCENT, 1.7)
        dots = None if first_service is None else (first_service.reindex(base.units) <= day).to_numpy()
        _draw_seats(panel, seats, dots)
        draw_labels(panel, seats, base.names, size=SMALL)
        served = (
            "" if dots is None else say(": {served} of {all} cities served", served=dots.sum(), all=len(dots))
        )
        panel.set_title(f"{year}{served}")
        before = day
    base.scale_bar(panels[0])
    handles = [
        _line(SERIES[0], 1.2, say("in service")),
        _line(ACCENT, 2.0, say("opened since the map before")),
    ]
    seen = [] if first_service is None else [_dot(INK, say("served")), _dot("white", say("not served"))]
    draw_legend(figure, handles + seen)
    return figure


@house_style()
def map_opening(
    shapes: gpd.GeoDataFrame,
    units: pd.DataFrame,
    segments: pd.DataFrame,
    *,
    until: Sequence[int],
    provinces: gpd.GeoDataFrame | None = None,
    names: pd.Series | None = None,
) -> Figure:
    """Draw all lines in one map, coloured by the period in which they opened, with every city named.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        Polygons of the units, indexed by unit.
    units : pandas.DataFrame
        Indexed by unit; columns name_zh, seat_lon, seat_lat (degrees).
    segments : pandas.DataFrame
        Columns from_lon, from_lat, to_lon, to_lat (degrees) and opened (a date).
    until : sequence of int
        Last years of the periods, rising, at most five; later lines are left out.
    provinces : geopandas.GeoDataFrame, optional
        Polygons whose borders are drawn darker.
    names : pandas.Series, optional
        Labels by unit; without them the Chinese names, without their 市.

    Returns
    -------
    matplotlib.figure.Figure
        One map with its legend.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> from yrdspatial.geography.units import load_units
    >>> from yrdspatial.rail.network import load_rail
    >>> segments = load_rail().lines("2024-12-31")
    >>> figure = map_opening(load_shapes(), load_units(), segments, until=[2012, 2024])
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['to 2012', '2013–2024']
    """
    base = build_basemap(shapes, provinces=provinces, names=names)
    figure, (panel,) = base.panels(1, columns=1, width=NARROW, bottom=0.4, top=0.1)
    opened, lines, seats = _network(segments, units, base)
    period = np.searchsorted(np.asarray(until), pd.DatetimeIndex(opened).year)
    base.paint(panel)
    handles = []
    for position, color in reversed(list(enumerate(PERIODS[: len(until)]))):
        _draw_lines(panel, lines[period == position], color, 3.0 - 0.45 * position)
        handles.append(_line(color, 3.0 - 0.45 * position, _period(until, position)))
    _draw_seats(panel, seats, None)
    draw_labels(panel, seats, base.names, size=8.0)
    base.scale_bar(panel)
    draw_legend(figure, handles[::-1])
    return figure


@house_style()
def choropleth_years(
    shapes: gpd.GeoDataFrame,
    values: pd.DataFrame,
    *,
    label: str,
    years: Sequence[int] | None = None,
    breaks: Sequence[float] | None = None,
    digits: int = 2,
    provinces: gpd.GeoDataFrame | None = None,
    names: pd.Series | None = None,
) -> Figure:
    """Draw a measure in one map a year, with the same class breaks in all of them.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        Polygons of the units, indexed by unit; column name_zh.
    values : pandas.DataFrame
        Units x years; a unit without a polygon is an `AlignmentError`.
    label : str
        What is measured, with its unit of measure.
    years : sequence of int, optional
        Columns to draw; without them all.
    breaks : sequence of float, optional
        Upper bounds of the classes, at most five; without them the natural breaks of all values drawn.
    digits : int
        Decimals of the printed breaks.
    provinces : geopandas.GeoDataFrame, optional
        Polygons whose borders are drawn darker.
    names : pandas.Series, optional
        Labels by unit; without them the Chinese names, without their 市.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a year, one legend; units without a value are hatched, and named under the maps.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> shapes = load_shapes()
    >>> values = pd.DataFrame({2010: range(41), 2020: range(41)}, index=shapes.index)
    >>> len(choropleth_years(shapes, values, label="an invented measure").axes)
    2
    """
    base = build_basemap(shapes, provinces=provinces, names=names)
    table = base.aligned(values[list(values.columns if years is None else years)])
    array = table.to_numpy(dtype=float)
    edges = class_edges(array, breaks)
    palette = class_colors(len(edges) - 1)
    gaps = base.gaps(table)
    figure, panels = base.panels(len(table.columns), columns=3, width=WIDE, bottom=_bottom(gaps))
    for panel, year, column in zip(panels, table.columns, array.T, strict=True):
        classes = np.searchsorted(edges[1:], column)
        base.paint(panel, [None if np.isnan(v) else palette[c] for v, c in zip(column, classes, strict=True)])
        draw_labels(panel, base.centres, base.names, size=SMALL, marker=0.0)
        panel.set_title(str(year))
    base.scale_bar(panels[0])
    handles = [
        Patch(facecolor=color, edgecolor=BORDER, label=f"{low:.{digits}f} – {high:.{digits}f}")
        for color, (low, high) in zip(palette, pairwise(edges), strict=True)
    ]
    draw_legend(figure, handles, title=label, note=gaps, missing=bool(gaps))
    return figure


@house_style()
def map_clusters(
    shapes: gpd.GeoDataFrame,
    table: pd.DataFrame,
    *,
    years: Sequence[int] | None = None,
    label: str = "",
    nominal: float | None = None,
    provinces: gpd.GeoDataFrame | None = None,
    names: pd.Series | None = None,
) -> Figure:
    """Draw the clusters of local Moran in one map a year, with one legend; units of a cluster are named.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        Polygons of the units, indexed by unit; column name_zh.
    table : pandas.DataFrame
        Columns unit, year and cluster ("HH", "LL", "HL", "LH", "not significant", or missing): the table of one
        variable of `yrdspatial.local_moran`. A unit without a polygon is an `AlignmentError`, a cluster of another
        name or a second row of a unit and year an `OutputError`.
    years : sequence of int, optional
        Years to draw; without them all of the table.
    label : str
        What is measured, and how significance was judged.
    nominal : float, optional
        Dot the units that pass this level before the correction for many tests and fail after it, in the colour of
        their quadrant; needs the columns p_sim and quadrant.
    provinces : geopandas.GeoDataFrame, optional
        Polygons whose borders are drawn darker.
    names : pandas.Series, optional
        Labels by unit; without them the Chinese names, without their 市.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a year and one legend.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> shapes = load_shapes()
    >>> invented = pd.DataFrame({"unit": shapes.index, "year": 2010, "cluster": ["HH"] + ["not significant"] * 40})
    >>> map_clusters(shapes, invented).axes[0].get_title(loc="left")
    '2010: 1 HH, 0 LL, 0 HL, 0 LH'
    """
    base = build_basemap(shapes, provinces=provinces, names=names)
    codes = base.aligned(_cluster_codes(table, years))
    weak = _weak_codes(table, nominal).reindex(index=codes.index, columns=codes.columns)
    gaps = base.gaps(codes)
    columns = 4 if codes.shape[1] in {4, 7, 8} else 3
    figure, panels = base.panels(
        codes.shape[1], columns=columns, width=WIDE, bottom=_bottom(gaps, 5 + (nominal is not None))
    )
    for panel, year in zip(panels, codes.columns, strict=True):
        column = codes[year]
        base.paint(panel, [CLUSTERS.get(code) for code in column])
        base.dot(panel, [CLUSTERS.get(code) for code in weak[year]])
        found = column.isin(FOUND).to_numpy()
        draw_labels(panel, base.centres[found], base.names[found], size=SMALL + 1, marker=0.0)
        counts = listed(say("{count} {code}", count=(column == code).sum(), code=code) for code in FOUND)
        panel.set_title(say("{year}: {counts}", year=year, counts=counts))
    base.scale_bar(panels[0])
    handles = [
        Patch(facecolor=color, edgecolor=BORDER, label=say(CLUSTER_NAMES[code]))
        for code, color in CLUSTERS.items()
    ]
    if nominal is not None:
        dotted = say("dotted: p < {level:g}, uncorrected", level=nominal)
        handles.append(Patch(facecolor=CLUSTERS[NOT_SIGNIFICANT], edgecolor=MUTED, hatch=DOTS, label=dotted))
    draw_legend(figure, handles, title=label, note=gaps, missing=bool(gaps))
    return figure


def _cluster_codes(table: pd.DataFrame, years: Sequence[int] | None) -> pd.DataFrame:
    unknown = sorted(set(table["cluster"].dropna()) - set(CLUSTERS))
    if unknown:
        message = f"no cluster is called {', '.join(map(repr, unknown))}"
        raise OutputError(message, cure=f"use {', '.join(map(repr, CLUSTERS))}")
    if table.duplicated(["unit", "year"]).any():
        message = "the table has several rows for one unit and year"
        raise OutputError(message, cure="draw one variable at a time")
    codes = table.set_index(["unit", "year"])["cluster"].unstack("year")
    return codes[list(codes.columns if years is None else years)]


def _weak_codes(table: pd.DataFrame, nominal: float | None) -> pd.DataFrame:
    if nominal is None:
        return pd.DataFrame()
    weak = (table["p_sim"] < nominal) & (table["cluster"] == NOT_SIGNIFICANT)
    return (
        table.assign(quadrant=table["quadrant"].where(weak))
        .set_index(["unit", "year"])["quadrant"]
        .unstack("year")
    )


def _network(segments: pd.DataFrame, units: pd.DataFrame, base: Basemap) -> tuple[pd.Series, Floats, Floats]:
    ends = [project(segments[f"{end}_lon"], segments[f"{end}_lat"]) for end in ("from", "to")]
    seats = units.loc[base.units]
    return (
        pd.to_datetime(segments["opened"]),
        np.stack(ends, axis=1),
        project(seats["seat_lon"], seats["seat_lat"]),
    )


def _draw_lines(panel: Axes, lines: Floats, color: str, thick: float) -> None:
    collection = LineCollection(list(lines), colors=color, linewidths=thick, zorder=3, capstyle="round")
    panel.add_collection(collection, autolim=False)


def _draw_seats(panel: Axes, seats: Floats, served: npt.NDArray[np.bool_] | None) -> None:
    fill = INK if served is None else [INK if one else "white" for one in served]
    panel.scatter(seats[:, 0], seats[:, 1], s=7, c=fill, edgecolors=INK, linewidths=0.5, zorder=5)


def _line(color: str, thick: float, label: str) -> Line2D:
    return Line2D([], [], color=color, linewidth=thick, label=label)


def _dot(fill: str, label: str) -> Line2D:
    return Line2D(
        [],
        [],
        color="none",
        marker="o",
        markersize=3.5,
        markerfacecolor=fill,
        markeredgecolor=INK,
        label=label,
    )


def _period(until: Sequence[int], position: int) -> str:
    if position == 0:
        return say("to {year}", year=until[0])
    first = until[position - 1] + 1
    return str(first) if first == until[position] else f"{first}–{until[position]}"


def _bottom(note: str, entries: int = 5) -> float:
    rows = -(-(entries + bool(note)) // ROW)
    return 0.32 + 0.18 * rows + (0.07 + 0.14 * (note.count("\n") + 1) if note else 0.0)
