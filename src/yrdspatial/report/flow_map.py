"""Who sends to whom: the largest flows as curved arcs over the map."""

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from yrdspatial.errors import SpecificationError
from yrdspatial.flows.table import Flows
from yrdspatial.report.basemap import Floats, build_basemap, draw_legend, project
from yrdspatial.report.labels import draw_labels
from yrdspatial.report.style import INK, PERIODS, SERIES, house_style
from yrdspatial.tables.speech import say

WIDTH = 7.5
THICK, THIN = 4.0, 0.4
BEND = 0.18
"""How far the middle of an arc is from the straight line, as a share of its length; to the right of its way."""
LABEL = 5.5


@house_style()
def flow_map(
    flows: Flows,
    shapes: gpd.GeoDataFrame,
    units: pd.DataFrame,
    *,
    year: int | None = None,
    top: int = 60,
    unit: str = "",
    provinces: gpd.GeoDataFrame | None = None,
    names: "pd.Series[str] | None" = None,
) -> Figure:
    """Draw the largest flows between units as arcs, as wide as the flow is large, orange where they start.

    Parameters
    ----------
    flows : Flows
        The flows.
    shapes : geopandas.GeoDataFrame
        Polygons of the units, indexed by unit.
    units : pandas.DataFrame
        Indexed by unit; columns seat_lon, seat_lat (degrees).
    year : int, optional
        Needed when there are several.
    top : int
        How many flows are drawn; flows within units and zero flows never are.
    unit : str
        Unit of measure, for the legend.
    provinces : geopandas.GeoDataFrame, optional
        Polygons whose borders are drawn darker.
    names : pandas.Series, optional
        Labels by unit; without them the Chinese names, without their 市.

    Returns
    -------
    matplotlib.figure.Figure
        One map; its note says which share of all flows between units is drawn.

    Raises
    ------
    SpecificationError
        If there is nothing to draw.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> from yrdspatial.geography.units import load_units
    >>> cities = load_units()
    >>> table = pd.DataFrame(np.arange(41.0 * 41).reshape(41, 41), cities.index, cities.index)
    >>> figure = flow_map(Flows.from_frames(table), load_shapes(), cities, top=10)
    >>> [text.get_text() for text in figure.legends[0].get_texts()][:2]
    ['1,679', '840']
    """
    largest, share = largest_flows(flows, year, top)
    if largest.empty:
        raise SpecificationError("no flow between units to draw", where=f"top={top}", cure="use other flows")
    base = build_basemap(shapes, provinces=provinces, names=names)
    base.aligned(
        pd.DataFrame(index=pd.Index(pd.unique(largest[["origin", "destination"]].to_numpy().ravel())))
    )
    figure, (panel,) = base.panels(1, columns=1, width=WIDTH, bottom=0.75)
    base.paint(panel)
    placed = units.loc[base.units]
    seats = project(placed["seat_lon"], placed["seat_lat"])
    ends = [seats[base.units.get_indexer(pd.Index(largest[side]))] for side in ("origin", "destination")]
    widths = THIN + (THICK - THIN) * largest["flow"].to_numpy() / largest["flow"].max()
    _draw_arcs(panel, ends[0], ends[1], widths)
    panel.scatter(seats[:, 0], seats[:, 1], s=6, color=INK, zorder=5, linewidths=0)
    draw_labels(panel, seats, base.names, size=LABEL)
    base.scale_bar(panel)
    peak = float(largest["flow"].max())
    handles = [_sample(peak * part, peak) for part in (1.0, 0.5, 0.1)]
    note = say(
        "The {count} largest flows between cities, {share:.0%} of all; from the orange end to the violet one.",
        count=len(largest),
        share=share,
    )
    draw_legend(figure, handles, title=unit, note=note)
    if year is not None:
        panel.set_title(str(year))
    return figure


def largest_flows(flows: Flows, year: int | None, top: int) -> tuple[pd.DataFrame, float]:
    """Choose the largest flows between units.

    Parameters
    ----------
    flows : Flows
        The flows.
    year : int, optional
        Needed when there are several.
    top : int
        How many.

    Returns
    -------
    table : pandas.DataFrame
        ``origin``, ``destination``, ``flow``, rising, so that the largest is drawn last; no zero flow.
    share : float
        Of all flows between units.

    Examples
    --------
    >>> table = pd.DataFrame([[9, 5, 1], [2, 9, 0], [0, 2, 9]], index=list("abc"), columns=list("abc"))
    >>> chosen, share = largest_flows(Flows.from_frames(table), None, 2)
    >>> chosen["flow"].tolist(), share
    ([2.0, 5.0], 0.7)
    """
    values = flows.frame(year).to_numpy(copy=True)
    np.fill_diagonal(values, 0.0)
    values = np.nan_to_num(values)
    order = np.argsort(-values, axis=None, kind="stable")[: max(top, 0)]
    i, j = np.unravel_index(order[values.ravel()[order] > 0][::-1], values.shape)
    table = pd.DataFrame({"origin": flows.units[i], "destination": flows.units[j], "flow": values[i, j]})
    total = values.sum()
    return table, float(table["flow"].sum() / total) if total else 0.0


def arc(start: Floats, end: Floats, steps: int = 24) -> Floats:
    """Give the points of an arc that bends to the right of its way.

    Parameters
    ----------
    start, end : ndarray, shape (2,)
        Ends.
    steps : int
        Number of pieces.

    Returns
    -------
    ndarray, shape (steps + 1, 2)
        Points of a quadratic curve.

    Examples
    --------
    >>> arc(np.array([0.0, 0.0]), np.array([0.0, 10.0]), steps=2).round(3).tolist()
    [[0.0, 0.0], [1.8, 5.0], [0.0, 10.0]]
    """
    way = end - start
    middle = (start + end) / 2 + 2 * BEND * np.array([way[1], -way[0]])
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end, dtype=np.float64)


def _draw_arcs(panel: Axes, starts: Floats, ends: Floats, widths: Floats) -> None:
    for start, end, width in zip(starts, ends, widths, strict=True):
        points = arc(start, end)
        half = len(points) // 2
        for piece, color in ((points[: half + 1], SERIES[1]), (points[half:], PERIODS[0])):
            path = PathPatch(
                Path(piece), facecolor="none", edgecolor=color, linewidth=width, alpha=0.75, zorder=4
            )
            path.set_capstyle("butt")
            panel.add_patch(path)


def _sample(value: float, peak: float) -> Line2D:
    width = THIN + (THICK - THIN) * value / peak
    return Line2D(
        [], [], color=SERIES[1], linewidth=width, label=f"{value:,.0f}" if peak >= 10 else f"{value:.2g}"
    )
