"""What every map shares: projected outlines, panels of the right shape, painted polygons, a scale bar, a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from shapely import get_parts
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from yrdspatial.errors import AlignmentError
from yrdspatial.report.labels import wrap_pieces
from yrdspatial.report.style import BORDER, DOTS, HATCH, INK, LAND, MUTED, panel_grid
from yrdspatial.tables.speech import say

Floats = npt.NDArray[np.float64]

ALBERS = "+proj=aea +lat_1=28 +lat_2=34 +lat_0=31 +lon_0=119 +ellps=GRS80 +units=km"
MARGIN = 8.0
SCALE_BAR = 100.0
ISLETS = 200.0
NAMED = 10
ROW = 6
NOTE_WIDTH = 92.0


@dataclass(frozen=True)
class Basemap:
    """The polygons of the units, ready to be painted again and again.

    Attributes
    ----------
    units : pandas.Index
        The N units.
    names : ndarray of str, shape (N,)
        What is printed for a unit.
    outlines : tuple of Path
        N outlines, in km of an equal-area projection.
    centres : ndarray, shape (N, 2)
        A point inside each unit, in km.
    borders : tuple of Path
        Outlines whose borders are drawn darker, without islands under 200 square km.
    extent : (float, float, float, float)
        Left, bottom, right and top of the map, in km.
    """

    units: pd.Index
    names: npt.NDArray[np.object_]
    outlines: tuple[Outline, ...]
    centres: Floats
    borders: tuple[Outline, ...]
    extent: tuple[float, float, float, float]

    def panels(
        self, count: int, *, columns: int, width: float, bottom: float, top: float = 0.3
    ) -> tuple[Figure, list[Axes]]:
        """Make panels in the shape of the map.

        Parameters
        ----------
        count : int
            Number of panels.
        columns : int
            Panels in a row, at most.
        width : float
            Width of the figure, in inches.
        bottom, top : float
            Margins, in inches.

        Returns
        -------
        figure : matplotlib.figure.Figure
            The figure.
        panels : list of matplotlib.axes.Axes
            Panels without axes, limits set in km.
        """
        left, low, right, high = self.extent
        figure, panels = panel_grid(
            count, columns=columns, width=width, aspect=(high - low) / (right - left), bottom=bottom, top=top
        )
        for panel in panels:
            panel.set(xlim=(left, right), ylim=(low, high), aspect="equal")
            panel.set_axis_off()
        return figure, panels

    def paint(self, panel: Axes, colors: Sequence[str | None] | None = None) -> None:
        """Fill the units of a panel and draw the borders.

        Parameters
        ----------
        panel : matplotlib.axes.Axes
            A panel of `panels`.
        colors : sequence of str or None, optional
            N colours; None hatches the unit, as one without data. Without colours all units are land.
        """
        fills = [LAND] * len(self.outlines) if colors is None else colors
        known = [(PathPatch(path), fill) for path, fill in zip(self.outlines, fills, strict=True) if fill]
        blank = [PathPatch(path) for path, fill in zip(self.outlines, fills, strict=True) if not fill]
        shared: dict[str, Any] = {"edgecolors": BORDER, "linewidths": 0.4}
        patches = PatchCollection(
            [patch for patch, _ in known], facecolors=[c for _, c in known], zorder=1, **shared
        )
        panel.add_collection(patches, autolim=False)
        if blank:
            hatched = PatchCollection(blank, facecolors="white", hatch=HATCH, zorder=1, **shared)
            panel.add_collection(hatched, autolim=False)
        lines = PatchCollection(
            [PathPatch(path) for path in self.borders],
            facecolors="none",
            edgecolors=MUTED,
            linewidths=0.8,
            zorder=2,
        )
        panel.add_collection(lines, autolim=False)

    def dot(self, panel: Axes, colors: Sequence[str | None]) -> None:
        """Cover units of a panel with dots.

        Parameters
        ----------
        panel : matplotlib.axes.Axes
            A panel of `panels`.
        colors : sequence of str or None
            N colours; None leaves the unit alone.
        """
        for color in sorted({color for color in colors if color}):
            marked = [
                PathPatch(path) for path, one in zip(self.outlines, colors, strict=True) if one == color
            ]
            with mpl.rc_context({"hatch.color": color}):
                dots = PatchCollection(marked, facecolors="none", hatch=DOTS, linewidths=0.0, zorder=1.5)
            panel.add_collection(dots, autolim=False)

    def aligned(self, table: pd.DataFrame) -> pd.DataFrame:
        """Bring a table into the order of the map.

        Parameters
        ----------
        table : pandas.DataFrame
            Indexed by unit.

        Returns
        -------
        pandas.DataFrame
            One row a unit of the map, missing where the table has none.

        Raises
        ------
        AlignmentError
            When a unit of the table has no polygon.
        """
        unknown = table.index.difference(self.units)
        if len(unknown):
            message = f"the map has no polygon of {', '.join(map(str, unknown))}"
            raise AlignmentError(message, cure="take the shapes and the values from the same set of units")
        return table.reindex(self.units)

    def gaps(self, table: pd.DataFrame) -> str:
        """Say in words which cells of a table are missing.

        Parameters
        ----------
        table : pandas.DataFrame
            One row a unit of the map, one column a panel.

        Returns
        -------
        str
            A note for the foot of the figure, empty when nothing is missing; many units are counted, not named.
        """
        holes = {column: self.names[table[column].isna().to_numpy()] for column in table.columns}
        named = [
            say(
                "{year}: {cities}",
                year=column,
                cities="、".join(names) if len(names) <= NAMED else say("{count} cities", count=len(names)),
            )
            for column, names in holes.items()
            if len(names)
        ]
        between = say("; ")
        note = say("No data (hatched): {cells}", cells=between.join(named))
        return wrap_pieces(note, NOTE_WIDTH, between) if named else ""

    def scale_bar(self, panel: Axes) -> None:
        """Draw a bar of 100 km at the lower left of a panel.

        Parameters
        ----------
        panel : matplotlib.axes.Axes
            A panel of `panels`.
        """
        left, low, right, high = self.extent
        x, y = left + 0.03 * (right - left), low + 0.03 * (high - low)
        panel.plot([x, x + SCALE_BAR], [y, y], color=INK, linewidth=1.2, solid_capstyle="butt", zorder=5)
        panel.text(
            x + SCALE_BAR / 2, y + 0.012 * (high - low), "100 km", fontsize=6.5, ha="center", va="bottom"
        )


def build_basemap(
    shapes: gpd.GeoDataFrame, *, provinces: gpd.GeoDataFrame | None = None, names: pd.Series | None = None
) -> Basemap:
    """Project polygons once for all panels.

    Parameters
    ----------
    shapes : geopandas.GeoDataFrame
        Polygons of the units, indexed by unit; column name_zh unless `names` is given.
    provinces : geopandas.GeoDataFrame, optional
        Polygons whose borders are drawn darker.
    names : pandas.Series, optional
        Labels by unit; without them the Chinese names, without their 市.

    Returns
    -------
    Basemap
        Outlines, centres and extent.

    Raises
    ------
    AlignmentError
        When a unit has no label.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> build_basemap(load_shapes()).centres.shape
    (41, 2)
    """
    labels = short_names(shapes) if names is None else names.reindex(shapes.index)
    if labels.isna().any():
        message = f"no label for {', '.join(map(str, labels.index[labels.isna()]))}"
        raise AlignmentError(message, cure="give a label for every unit of the map")
    flat = shapes.geometry.to_crs(ALBERS)
    inside = flat.representative_point()
    left, low, right, high = flat.total_bounds
    return Basemap(
        units=shapes.index,
        names=labels.to_numpy(dtype=object),
        outlines=tuple(_outline(geometry) for geometry in flat),
        centres=np.column_stack([inside.x, inside.y]),
        borders=()
        if provinces is None
        else tuple(_outline(geometry, ISLETS) for geometry in provinces.geometry.to_crs(ALBERS)),
        extent=(left - MARGIN, low - MARGIN, right + MARGIN, high + MARGIN),
    )


def short_names(units: pd.DataFrame) -> pd.Series:
    """Return the Chinese names without their 市, as maps print them.

    Parameters
    ----------
    units : pandas.DataFrame
        Indexed by unit; column name_zh.

    Returns
    -------
    pandas.Series
        Names by unit.

    Examples
    --------
    >>> short_names(pd.DataFrame({"name_zh": ["上海市", "沈家门"]})).tolist()
    ['上海', '沈家门']
    """
    return units["name_zh"].str.removesuffix("市")


def project(lon: Sequence[float] | pd.Series, lat: Sequence[float] | pd.Series) -> Floats:
    """Project points onto the plane of the maps.

    Parameters
    ----------
    lon, lat : sequence of float
        Degrees, EPSG:4326.

    Returns
    -------
    ndarray, shape (N, 2)
        Kilometres.

    Examples
    --------
    >>> project([119.0], [31.0]).round(6).tolist()
    [[0.0, 0.0]]
    """
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(ALBERS)
    return np.column_stack([points.x, points.y])


def draw_legend(
    figure: Figure, handles: Sequence[Any], *, title: str = "", note: str = "", missing: bool = False
) -> None:
    """Put one legend under all panels, with a note beneath.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    handles : sequence of artists
        Entries of the legend.
    title : str
        What is shown.
    note : str
        Lines under the legend.
    missing : bool
        Add an entry for hatched units.

    Examples
    --------
    >>> figure = Figure()
    >>> draw_legend(figure, [Patch(label="high")], missing=True)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['high', 'no data']
    """
    hatched = (
        [Patch(facecolor="white", edgecolor=BORDER, hatch=HATCH, label=say("no data"))] if missing else []
    )
    entries = [*handles, *hatched]
    height = figure.get_figheight()
    lift = 0.08 + 0.14 * (note.count("\n") + 1) if note else 0.04
    figure.legend(
        handles=entries,
        loc="lower center",
        bbox_to_anchor=(0.5, lift / height),
        ncols=min(len(entries), ROW),
        title=title or None,
        borderaxespad=0.0,
    )
    if note:
        figure.text(0.5, 0.05 / height, note, ha="center", va="bottom", fontsize=7.5, color=MUTED)


def _outline(geometry: BaseGeometry, smallest: float = 0.0) -> Outline:
    rings = []
    for polygon in (orient(part) for part in get_parts(geometry) if part.area >= smallest):
        rings += [polygon.exterior, *polygon.interiors]
    return Outline.make_compound_path(
        *(Outline(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings)
    )
