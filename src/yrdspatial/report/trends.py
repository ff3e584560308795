"""Lines over the years, cut where the data break."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from yrdspatial.errors import OutputError
from yrdspatial.report.basemap import draw_legend
from yrdspatial.report.style import DASHES, INK, MARKERS, SERIES, house_style, panel_grid

WIDE = 10.0


@house_style()
def lines_over_years(
    table: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
    breaks: Mapping[str, Mapping[int, str]] | None = None,
) -> Figure:
    """Draw one line a series over the years, panels side by side, each on its own scale.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns panel, series, year, value; at most five series.
    labels : mapping of str to str
        What is on the vertical axis of each panel.
    titles : mapping of str to str, optional
        What to print for a panel or a series.
    breaks : mapping of str to mapping of int to str, optional
        For a panel, the first year after a break and a note on it; lines are cut there.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a panel of the table and one legend.

    Raises
    ------
    OutputError
        When there are more series than can be told apart.

    Examples
    --------
    >>> invented = pd.DataFrame({"panel": "share", "series": "Anhui", "year": [2018, 2019], "value": [1.0, 2.0]})
    >>> figure = lines_over_years(invented, labels={"share": "%"}, breaks={"share": {2019: "census"}})
    >>> figure.axes[0].get_ylabel(), figure.axes[0].texts[0].get_text()
    ('%', 'census')
    """
    names = dict(titles or {})
    parts, series = (list(dict.fromkeys(table[column])) for column in ("panel", "series"))
    if len(series) > len(SERIES):
        message = f"{len(series)} series cannot be told apart in one figure"
        raise OutputError(message, cure=f"draw at most {len(SERIES)}")
    figure, panels = panel_grid(
        len(parts), columns=2, width=WIDE, aspect=0.62, left=0.6, gap=(0.7, 0.6), bottom=0.75
    )
    for panel, part in zip(panels, parts, strict=True):
        rows, cuts = table[table["panel"] == part], dict((breaks or {}).get(part, {}))
        for position, one in enumerate(series):
            _draw_line(panel, rows[rows["series"] == one].sort_values("year"), sorted(cuts), position)
        panel.set(title=names.get(part, part), ylabel=labels[part])
        panel.set_xlim(rows["year"].min() - 0.7, rows["year"].max() + 0.7)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(axis="y")
        _mark(panel, cuts)
    draw_legend(figure, _handles(series, names))
    return figure


def _draw_line(panel: Axes, line: pd.DataFrame, cuts: Sequence[int], position: int) -> None:
    color, years = SERIES[position], line["year"].to_numpy()
    for _, side in line.groupby(np.searchsorted(cuts, years, side="right")):
        panel.plot(side["year"], side["value"], color=color, linestyle=DASHES[position], linewidth=1.2)
    panel.scatter(years, line["value"], s=12, marker=MARKERS[position], color=color, zorder=3)


def _mark(panel: Axes, cuts: Mapping[int, str]) -> None:
    low, high = panel.get_ylim()
    panel.set_ylim(low, high + 0.08 * (high - low))
    for year, note in cuts.items():
        panel.axvline(year - 0.5, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        late = year - 0.5 > float(np.mean(panel.get_xlim()))
        panel.annotate(
            note,
            (year - 0.5, 1.0),
            (-3 if late else 3, -2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=7,
            ha="right" if late else "left",
            va="top",
        )


def _handles(series: Sequence[str], names: Mapping[str, str]) -> list[Line2D]:
    looks = zip(series, SERIES, MARKERS, DASHES, strict=False)
    return [
        Line2D([], [], color=color, marker=marker, markersize=4, linestyle=dash, label=names.get(one, one))
        for one, color, marker, dash in looks
    ]
