"""What followed an opening, method beside method, and when each city was served: figures of event studies."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from yrdspatial.errors import OutputError
from yrdspatial.report.basemap import draw_legend
from yrdspatial.report.style import DASHES, INK, MARKERS, MUTED, SERIES, house_style, panel_grid
from yrdspatial.tables.speech import say, term
from yrdspatial.treatment.openings import opening_saturation
from yrdspatial.treatment.results import EventStudy

WIDE = 8.0
SPREAD = 0.5
ROW = 0.17


@house_style()
def event_plot(studies: Mapping[str, EventStudy], *, label: str = "") -> Figure:
    """Draw the estimates by event time with their intervals, one colour a study.

    Parameters
    ----------
    studies : mapping of str to EventStudy
        At most five, by the name printed; studies of one outcome, such as one by each method.
    label : str
        What is on the vertical axis; by default the outcome.

    Returns
    -------
    matplotlib.figure.Figure
        Points with pointwise intervals, thin lines for bands where there are any, a line before the first treated year.

    Raises
    ------
    OutputError
        If there is no study, or more than can be told apart.

    Examples
    --------
    >>> times = pd.Index([-2, 0, 1], name="event_time")
    >>> values = {"estimate": [0.0, 1.0, 2.0], "lower": [-1.0, 0.2, 1.0], "upper": [1.0, 1.8, 3.0]}
    >>> table, att = pd.DataFrame(values, index=times), pd.Series({"estimate": 1.5, "std_error": 0.3})
    >>> study = EventStudy("twoways", "not_yet", "y", table, att, None, table, table, table, 41, 0.95, ())
    >>> event_plot({"two-way effects": study}).axes[0].get_ylabel()
    'y'
    """
    if not 1 <= len(studies) <= len(SERIES):
        raise OutputError(f"{len(studies)} studies", where="event_plot", cure=f"draw 1 to {len(SERIES)}")
    figure, (panel,) = panel_grid(1, columns=1, width=WIDE, aspect=0.5, left=0.7, bottom=0.95)
    panel.axhline(0.0, color=MUTED, linewidth=0.8)
    panel.axvline(-0.5, color=MUTED, linewidth=0.8, linestyle=":")
    handles = []
    for place, (name, study) in enumerate(studies.items()):
        look = {"color": SERIES[place], "linestyle": DASHES[place]}
        table = study.table
        x = table.index.to_numpy(dtype=float) + SPREAD * ((place + 0.5) / len(studies) - 0.5)
        if "band_lower" in table:
            panel.vlines(x, table["band_lower"], table["band_upper"], linewidth=0.6, **look)
        panel.vlines(x, table["lower"], table["upper"], linewidth=1.6, **look)
        panel.scatter(x, table["estimate"], s=20, marker=MARKERS[place], color=SERIES[place], zorder=3)
        handles.append(Line2D([], [], marker=MARKERS[place], markersize=4.5, label=term(name), **look))
    outcome = next(iter(studies.values())).outcome
    panel.set(xlabel=say("years since the first year with service"), ylabel=label or term(outcome))
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.grid(axis="y")
    draw_legend(figure, handles)
    return figure


@house_style()
def openings_plot(openings: pd.DataFrame, years: range, *, names: Mapping[int, str] | None = None) -> Figure:
    """Draw when each city was first served, and below how many are left to compare with.

    Parameters
    ----------
    openings : pandas.DataFrame
        As of :func:`yrdspatial.rail_openings`.
    years : range
        Years of the sample.
    names : mapping of int to str, optional
        What to print for a city; by default its English name.

    Returns
    -------
    matplotlib.figure.Figure
        A line from its first year for each city, the served first; the share served by year.

    Examples
    --------
    >>> from yrdspatial.treatment.openings import rail_openings
    >>> len(openings_plot(rail_openings(), range(2006, 2023)).axes)
    2
    """
    first = openings["first_year"].astype("Float64").fillna(np.inf).astype(float)
    order = openings.assign(first=first).sort_values(["first", "name_en"], kind="stable")
    high, last = ROW * len(order), years[-1] + 1.0
    width, left, low = WIDE, 1.5, 1.4
    figure, panels = panel_grid(
        2, columns=1, width=width, aspect=high / (width - left - 0.1), left=left, bottom=0.5
    )
    total = figure.get_size_inches()[1] - high + low
    figure.set_size_inches(width, total)
    inside = (width - left - 0.1) / width
    panels[0].set_position((left / width, (0.8 + low) / total, inside, high / total))
    panels[1].set_position((left / width, 0.5 / total, inside, low / total))
    places = np.arange(len(order))[::-1]
    printed = order["name_en"].to_dict() if names is None else names
    served = (order["first"] < last).to_numpy()
    panels[0].hlines(places[served], order["first"][served], last, color=SERIES[0], linewidth=3.0)
    panels[0].set_yticks(places, [printed[code] for code in order.index], fontsize=7)
    panels[0].set(
        xlim=(years[0], last), ylim=(-0.8, len(order) - 0.2), title=say("served by high-speed rail")
    )
    table = opening_saturation(openings, years)
    panels[1].step([*table.index, last], [*table["share"], table["share"].iloc[-1]], where="post", color=INK)
    panels[1].set(xlim=(years[0], last), ylim=(0, 1.02), ylabel=say("share of cities"))
    for panel in panels:
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(axis="x")
    return figure
