"""The decay curve: spillovers against minutes of travel, one point a ring."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from yrdspatial.errors import OutputError
from yrdspatial.report.basemap import draw_legend
from yrdspatial.report.style import DASHES, INK, MARKERS, MUTED, SERIES, house_style, panel_grid
from yrdspatial.tables.speech import say

WIDE = 10.0
APART = 0.035
"""Room between two series in a ring, as a share of the longest time drawn."""


@house_style()
def decay_plot(
    table: pd.DataFrame, *, by: str = "model", titles: Mapping[str, str] | None = None, label: str = ""
) -> Figure:
    """Draw estimates by ring of travel time with their intervals: one panel a variable, one line a series.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns variable, ring, to_minutes, minutes (where the point stands), pairs, estimate, lower, upper and `by`, as
        ``DecayCurve.spillovers``; a ring without end is left out.
    by : str
        Column that tells the series apart, at most five.
    titles : mapping of str to str, optional
        What to print for a variable or a series.
    label : str
        What is on the vertical axes.

    Returns
    -------
    matplotlib.figure.Figure
        At most three panels a row, each on its own scale; a filled marker is an interval without zero, thin lines are
        the ends of the rings, and the number of pairs stands above each.

    Raises
    ------
    OutputError
        When there are more series than can be told apart.

    Examples
    --------
    >>> invented = pd.DataFrame({"ring": ["0_60", "60_120"], "to_minutes": [60.0, 120.0], "minutes": [40.0, 95.0]})
    >>> invented = invented.assign(pairs=[50, 90], estimate=[0.4, 0.1], lower=[0.2, -0.1], upper=[0.6, 0.3])
    >>> figure = decay_plot(invented.assign(variable="wage", model="SDM"))
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['50 pairs', '90 pairs']
    """
    names, drawn = dict(titles or {}), table[np.isfinite(table["to_minutes"])]
    variables, series = (list(dict.fromkeys(drawn[column])) for column in ("variable", by))
    if len(series) > len(SERIES):
        message = f"{len(series)} series cannot be told apart in one figure"
        raise OutputError(message, cure=f"draw at most {len(SERIES)} at once")
    figure, panels = panel_grid(
        len(variables), columns=3, width=WIDE, aspect=0.8, left=0.65, gap=(0.5, 0.75), bottom=1.0, top=0.35
    )
    longest = float(drawn["to_minutes"].max())
    for panel, variable in zip(panels, variables, strict=True):
        part = drawn[drawn["variable"] == variable]
        panel.axhline(0, color=MUTED, linewidth=0.8)
        for position, one in enumerate(series):
            shift = APART * longest * (position - (len(series) - 1) / 2)
            _draw(panel, part[part[by] == one].sort_values("minutes"), shift, position)
        panel.set(xlim=(0, longest), title=names.get(variable, variable), xlabel=say("minutes"))
        panel.margins(y=0.18)
        panel.xaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[3, 6, 10]))
        panel.yaxis.set_major_locator(MaxNLocator(5))
        _mark_rings(panel, part)
    for panel in panels[::3]:
        panel.set_ylabel(label)
    draw_legend(figure, [*_handles(series, names), *_fills()])
    return figure


def _draw(panel: Axes, line: pd.DataFrame, shift: float, position: int) -> None:
    color, x = SERIES[position], line["minutes"] + shift
    clear = ((line["lower"] > 0) | (line["upper"] < 0)).to_numpy()
    panel.plot(x, line["estimate"], color=color, linestyle=DASHES[position], linewidth=1.2)
    panel.vlines(x, line["lower"], line["upper"], color=color, linewidth=1.3, zorder=2)
    fills = np.where(clear, color, "white")
    panel.scatter(x, line["estimate"], s=24, marker=MARKERS[position], c=fills, edgecolors=color, zorder=3)


def _mark_rings(panel: Axes, part: pd.DataFrame) -> None:
    rings = part.groupby("ring", sort=False)[["to_minutes", "minutes", "pairs"]].mean()
    for _, ring in rings.iterrows():
        panel.axvline(ring["to_minutes"], color=MUTED, linewidth=0.6, linestyle=":")
        panel.annotate(
            say("{count:.0f} pairs", count=ring["pairs"]),
            (ring["minutes"], 1.0),
            (0, -3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=7,
            color=MUTED,
            ha="center",
            va="top",
        )


def _handles(series: Sequence[str], names: Mapping[str, str]) -> list[Line2D]:
    looks = zip(series, SERIES, MARKERS, DASHES, strict=False)
    return [
        Line2D([], [], color=color, marker=marker, markersize=4.5, linestyle=dash, label=names.get(one, one))
        for one, color, marker, dash in looks
    ]


def _fills() -> list[Line2D]:
    style: dict[str, Any] = {"color": "none", "marker": "o", "markersize": 4.5, "markeredgecolor": INK}
    return [
        Line2D([], [], **style, markerfacecolor=fill, label=text)
        for fill, text in ((INK, say("interval without zero")), ("white", say("with zero")))
    ]
