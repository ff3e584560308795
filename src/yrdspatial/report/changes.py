"""Maps of what moved: gains and losses by city, and the paths of gravity centres."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from yrdspatial.errors import AlignmentError
from yrdspatial.report.basemap import Basemap, Floats, build_basemap, draw_legend, project
from yrdspatial.report.labels import draw_labels
from yrdspatial.report.style import ACCENT, DASHES, INK, MARKERS, MUTED, SERIES, house_style
from yrdspatial.tables.speech import say

WIDE = 10.0
BIGGEST = 430.0
NAMED = 9
SMALL = 6.5
MARGIN = 0.16


@house_style()
def map_changes(
    shapes: gpd.GeoDataFrame,
    changes: pd.DataFrame,
    *,
    titles: Mapping[str, str],
    provinces: gpd.GeoDataFrame | None = None,
    unit: str = "",
) -> Figure:
    """Draw gains as filled and losses as hollow triangles, sized by their amount, one panel a column.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        Polygons of the units, indexed by unit.
    changes : pandas.DataFrame
        Units x panels; every unit of the map has a value.
    titles : mapping of str to str
        Titles of the panels.
    provinces : geopandas.GeoDataFrame, optional
        Polygons whose borders are drawn darker.
    unit : str
        Unit of measure, for the legend.

    Returns
    -------
    matplotlib.figure.Figure
        Panels on one scale; the largest changes are named.

    Raises
    ------
    AlignmentError
        When a unit of the map has no value.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> shapes = load_shapes()
    >>> invented = pd.DataFrame({"moved": np.arange(41.0) - 20}, index=shapes.index)
    >>> map_changes(shapes, invented, titles={"moved": "An invented move"}).axes[0].get_title(loc="left")
    'An invented move'
    """
    base = build_basemap(shapes, provinces=provinces)
    table = base.aligned(changes)
    if table.isna().any(axis=None):
        raise AlignmentError("a unit of the map has no value", cure="give a change for every unit")
    figure, panels = base.panels(len(table.columns), columns=2, width=WIDE, bottom=0.5)
    scale = BIGGEST / float(table.abs().max().max())
    for panel, column in zip(panels, table.columns, strict=True):
        _draw_changes(panel, base, table[column].to_numpy(dtype=float), scale)
        panel.set_title(titles[str(column)])
    base.scale_bar(panels[0])
    draw_legend(figure, _change_handles(table, scale, unit))
    return figure


def _draw_changes(panel: Axes, base: Basemap, values: Floats, scale: float) -> None:
    base.paint(panel)
    for sign, marker, face, edge in ((1, "^", ACCENT, "white"), (-1, "v", "white", SERIES[0])):
        chosen = sign * values > 0
        panel.scatter(
            base.centres[chosen, 0],
            base.centres[chosen, 1],
            s=scale * np.abs(values[chosen]),
            marker=marker,
            facecolor=face,
            edgecolor=edge,
            linewidths=1.1 if sign < 0 else 0.5,
            zorder=4,
        )
    largest = np.argsort(-np.abs(values), kind="stable")[:NAMED]
    texts = [f"{base.names[place]} {values[place]:+.1f}".replace("-", "−") for place in largest]
    draw_labels(panel, base.centres[largest], texts, size=SMALL, marker=2.9)


def _change_handles(table: pd.DataFrame, scale: float, unit: str) -> list[Line2D]:
    size = 10.0 ** np.floor(np.log10(float(table.abs().max().max())))
    texts = (
        say("gain of {size:g} {unit}", size=size, unit=unit),
        say("loss of {size:g} {unit}", size=size, unit=unit),
    )
    looks = (("^", ACCENT, "white"), ("v", "white", SERIES[0]))
    return [
        Line2D(
            [],
            [],
            color="none",
            marker=marker,
            markerfacecolor=face,
            markeredgecolor=edge,
            markersize=float(np.sqrt(scale * size)),
            label=text,
        )
        for (marker, face, edge), text in zip(looks, texts, strict=True)
    ]


@house_style()
def map_centres(
    shapes: gpd.GeoDataFrame,
    centres: pd.DataFrame,
    ellipses: pd.DataFrame,
    *,
    titles: Mapping[str, str],
    provinces: gpd.GeoDataFrame | None = None,
) -> Figure:
    """Draw ellipses and paths of gravity centres on the map, and the paths once more near by, with arrows and years.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        Polygons of the units, indexed by unit.
    centres : pandas.DataFrame
        Columns series, window, year, lon, lat (degrees): a path is cut between windows.
    ellipses : pandas.DataFrame
        Columns series, year, lon, lat: closed lines, drawn for the first and the last year of a series.
    titles : mapping of str to str
        What to print for a series.
    provinces : geopandas.GeoDataFrame, optional
        Polygons whose borders are drawn darker.

    Returns
    -------
    matplotlib.figure.Figure
        The delta at the left, the paths at the right.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> path = pd.DataFrame({"series": "a", "window": "w", "year": [2005, 2012], "lon": [119.9, 120.0], "lat": 31.0})
    >>> around = pd.DataFrame({"series": "a", "year": 2005, "lon": [119.0, 120.0, 119.0], "lat": [30.0, 31.0, 30.0]})
    >>> len(map_centres(load_shapes(), path, around, titles={"a": "An invented sector"}).axes)
    2
    """
    base = build_basemap(shapes, provinces=provinces)
    figure, (whole, near) = base.panels(2, columns=2, width=WIDE, bottom=0.5)
    series = list(dict.fromkeys(centres["series"]))
    points = project(centres["lon"], centres["lat"])
    box = _around(points, base)
    for panel in (whole, near):
        base.paint(panel)
    near.set(xlim=box[:2], ylim=box[2:])
    for position, one in enumerate(series):
        chosen = (centres["series"] == one).to_numpy()
        outlines = ellipses[ellipses["series"] == one]
        _draw_ellipses(whole, outlines, position)
        for panel, arrows in ((whole, False), (near, True)):
            _draw_path(panel, centres[chosen], points[chosen], position, arrows=arrows)
    _name_ends(near, centres, points)
    whole.add_patch(
        Rectangle(
            (box[0], box[2]),
            box[1] - box[0],
            box[3] - box[2],
            fill=False,
            edgecolor=INK,
            linewidth=0.8,
            zorder=6,
        )
    )
    near.set_axis_on()
    near.set(xticks=[], yticks=[])
    for spine in near.spines.values():
        spine.set_visible(True)
    whole.set_title(say("Ellipses of one standard deviation, first (dotted) and last year"))
    near.set_title(say("The box at the left: centres by year"))
    base.scale_bar(whole)
    _short_bar(near, box)
    draw_legend(figure, _series_handles(series, titles))
    return figure


def _around(points: Floats, base: Basemap) -> tuple[float, float, float, float]:
    left, low, right, high = base.extent
    shape = (high - low) / (right - left)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    span = points.max(axis=0) - points.min(axis=0)
    wide = float(max(span[0], span[1] / shape)) * (1 + 2 * MARGIN)
    half, tall = wide / 2, wide * shape / 2
    return middle[0] - half, middle[0] + half, middle[1] - tall, middle[1] + tall


def _draw_ellipses(panel: Axes, outlines: pd.DataFrame, position: int) -> None:
    ends = (outlines["year"].min(), outlines["year"].max())
    for year, dash in zip(ends, (":", "-"), strict=True):
        line = outlines[outlines["year"] == year]
        path = project(line["lon"], line["lat"])
        panel.plot(
            path[:, 0],
            path[:, 1],
            color=SERIES[position],
            linestyle=dash,
            linewidth=1.3,
            zorder=5,
            scalex=False,
            scaley=False,
        )


def _draw_path(panel: Axes, rows: pd.DataFrame, points: Floats, position: int, *, arrows: bool) -> None:
    color = SERIES[position]
    for window in dict.fromkeys(rows["window"]):
        path = points[(rows["window"] == window).to_numpy()]
        panel.plot(
            path[:, 0],
            path[:, 1],
            color=color,
            linestyle=DASHES[position],
            linewidth=1.0,
            zorder=5,
            scalex=False,
            scaley=False,
        )
        panel.scatter(
            path[:, 0], path[:, 1], s=14 if arrows else 2, color=color, marker=MARKERS[position], zorder=6
        )
        if arrows:
            panel.annotate(
                "",
                path[-1],
                path[0],
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": color,
                    "linewidth": 2.2,
                    "alpha": 0.45,
                    "shrinkA": 3,
                    "shrinkB": 3,
                },
                zorder=4,
            )


def _name_ends(panel: Axes, centres: pd.DataFrame, points: Floats) -> None:
    years = centres.groupby(["series", "window"])["year"]
    keep = (
        (centres["year"] == years.transform("min")) | (centres["year"] == years.transform("max"))
    ).to_numpy()
    texts = centres.loc[keep, "year"].astype(str).to_list()
    draw_labels(panel, points[keep], texts, size=8.0, marker=4.0)


def _short_bar(panel: Axes, box: Sequence[float]) -> None:
    left, right, low, high = box
    x, y = left + 0.04 * (right - left), low + 0.04 * (high - low)
    panel.plot([x, x + 10.0], [y, y], color=INK, linewidth=1.2, solid_capstyle="butt", zorder=5)
    panel.text(
        x + 5.0, y + 0.012 * (high - low), "10 km", fontsize=6.5, ha="center", va="bottom", color=MUTED
    )


def _series_handles(series: Sequence[str], titles: Mapping[str, str]) -> list[Line2D]:
    looks = zip(series, SERIES, MARKERS, DASHES, strict=False)
    return [
        Line2D([], [], color=color, marker=marker, markersize=4, linestyle=dash, label=titles[one])
        for one, color, marker, dash in looks
    ]
