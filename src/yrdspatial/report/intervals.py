"""Dots with intervals: one row a case, one colour a series, panels side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from yrdspatial.errors import OutputError
from yrdspatial.report.basemap import draw_legend
from yrdspatial.report.labels import text_width
from yrdspatial.report.style import DASHES, INK, MARKERS, MUTED, SERIES, house_style, panel_grid
from yrdspatial.tables.speech import say

WIDE = 10.0
LABEL = 8.0
ROOM = 0.64


@house_style()
def interval_plot(
    table: pd.DataFrame,
    *,
    titles: Mapping[str, str] | None = None,
    rules: Sequence[int] = (),
    label: str = "",
) -> Figure:
    """Draw estimates with their intervals, cases as rows, quantities as panels, series as colours.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns row, panel, series, estimate, lower, upper; rows, panels and series in the order of the table. At most
        four panels and five series.
    titles : mapping of str to str, optional
        What to print for a row, a panel or a series.
    rules : sequence of int
        Rows above which a thin line is drawn, counted from the top.
    label : str
        What is on the horizontal axes.

    Returns
    -------
    matplotlib.figure.Figure
        Panels that share their rows, each on its own scale; a filled marker is an interval without zero.

    Raises
    ------
    OutputError
        When there are more panels or series than can be told apart.

    Examples
    --------
    >>> invented = pd.DataFrame({"row": ["all", "some"], "estimate": [0.5, 0.1], "lower": [0.2, -0.3], "upper": 0.8})
    >>> figure = interval_plot(invented.assign(panel="rho", series="contiguity"))
    >>> [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    ['all', 'some']
    """
    names = dict(titles or {})
    rows, parts, series = (list(dict.fromkeys(table[column])) for column in ("row", "panel", "series"))
    if len(parts) > 4 or len(series) > len(SERIES):
        message = f"{len(parts)} panels of {len(series)} series cannot be told apart"
        raise OutputError(message, cure=f"draw at most 4 panels of {len(SERIES)} series")
    left = 0.15 + max(text_width(names.get(row, row)) for row in rows) * LABEL / 72
    high = (0.16 + 0.13 * len(series)) * len(rows) + 0.1
    wide = (WIDE - left - 0.1 - 0.15 * (len(parts) - 1)) / len(parts)
    figure, panels = panel_grid(
        len(parts),
        columns=len(parts),
        width=WIDE,
        aspect=high / wide,
        left=left,
        gap=(0.15, 0.3),
        bottom=0.95 if label else 0.75,
    )
    places = {row: len(rows) - 1 - place for place, row in enumerate(rows)}
    for panel, part in zip(panels, parts, strict=True):
        chosen = table[table["panel"] == part]
        present = [one for one in series if (chosen["series"] == one).any()]
        for place, one in enumerate(present):
            shift = ROOM * (0.5 - (place + 0.5) / len(present))
            _draw(panel, chosen[chosen["series"] == one], places, shift, series.index(one))
        panel.axvline(0, color=MUTED, linewidth=0.8)
        for rule in rules:
            panel.axhline(len(rows) - rule - 0.5, color=MUTED, linewidth=0.5)
        ticks = [names.get(row, row) for row in rows] if panel is panels[0] else []
        panel.set(ylim=(-0.6, len(rows) - 0.4), title=names.get(part, part), xlabel=label)
        panel.set_yticks(list(places.values()), ticks or [""] * len(rows))
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="x")
        panel.xaxis.set_major_locator(MaxNLocator(5))
    draw_legend(figure, [*_handles(series, names), *_fills()])
    return figure


def _draw(panel: Axes, part: pd.DataFrame, places: Mapping[str, int], shift: float, position: int) -> None:
    color, y = SERIES[position], part["row"].map(places).to_numpy(dtype=float) + shift
    clear = ((part["lower"] > 0) | (part["upper"] < 0)).to_numpy()
    panel.hlines(
        y, part["lower"], part["upper"], color=color, linewidth=1.3, linestyle=DASHES[position], zorder=2
    )
    fills = np.where(clear, color, "white")
    panel.scatter(part["estimate"], y, s=22, marker=MARKERS[position], c=fills, edgecolors=color, zorder=3)


def _handles(series: Sequence[str], names: Mapping[str, str]) -> list[Line2D]:
    looks = zip(series, SERIES, MARKERS, DASHES, strict=False)
    return [
        Line2D([], [], color=color, marker=marker, markersize=4.5, linestyle=dash, label=names.get(one, one))
        for one, color, marker, dash in looks
    ]


def _fills() -> list[Line2D]:
    labels = {INK: say("interval without zero"), "white": say("with zero")}
    return [
        Line2D(
            [],
            [],
            color="none",
            marker="o",
            markersize=4.5,
            markerfacecolor=fill,
            markeredgecolor=INK,
            label=label,
        )
        for fill, label in labels.items()
    ]
