"""The specification curve drawn: sorted estimates with their intervals above, the choices behind each below."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from yrdspatial.choice.choices import DIMENSIONS
from yrdspatial.errors import OutputError
from yrdspatial.report.basemap import draw_legend
from yrdspatial.report.labels import text_width
from yrdspatial.report.style import ACCENT, INK, MUTED, SERIES, house_style
from yrdspatial.tables.speech import say, term

WIDE = 10.0
UPPER = 2.6
"""Height of the panel of estimates, in inches."""
ROW = 0.17
"""Height of a row of choices."""
BETWEEN = 0.6
"""Room between two groups of rows, in rows."""
LABEL = 8.0
FOOT = 0.85
HEADS = {
    "outcome": "outcome",
    "model": "model",
    "weights": "weights",
    "sample": "sample",
    "controls": "controls",
    "effects": "fixed effects",
    "bias": "bias correction",
    "cov_type": "standard errors",
}


@house_style()
def curve_plot(
    table: pd.DataFrame, *, label: str = "", titles: Mapping[str, str] | None = None, alpha: float = 0.05
) -> Figure:
    """Draw every specification of a curve, sorted by its estimate.

    Parameters
    ----------
    table : pandas.DataFrame
        As ``SpecificationCurve.table``: the columns of the choices, estimate, lower, upper, pvalue.
    label : str
        What is on the vertical axis.
    titles : mapping of str to str, optional
        What to print for a choice.
    alpha : float
        Level of significance.

    Returns
    -------
    matplotlib.figure.Figure
        Above, estimates with intervals, coloured where they are significant; below, one row a choice with a mark under
        every specification that made it, for each dimension with more than one choice. Specifications without an
        estimate are counted in the label of the axis.

    Raises
    ------
    OutputError
        When no specification has an estimate.

    Examples
    --------
    >>> invented = pd.DataFrame({"estimate": [0.5, -0.1], "lower": [0.2, -0.4], "upper": [0.8, 0.2]})
    >>> invented = invented.assign(pvalue=[0.01, 0.6], **dict.fromkeys(DIMENSIONS, "same")).assign(model=["SAR", "SDM"])
    >>> figure = curve_plot(invented, label="indirect effect")
    >>> [tick.get_text() for tick in figure.axes[1].get_yticklabels()]
    ['SAR', 'SDM']
    """
    drawn = table.dropna(subset=["estimate"]).sort_values("estimate", kind="stable", ignore_index=True)
    if drawn.empty:
        raise OutputError("no specification has an estimate", cure="see the column reason of the table")
    names = dict(titles or {})
    groups = {name: list(dict.fromkeys(table[name])) for name in DIMENSIONS}
    groups = {name: choices for name, choices in groups.items() if len(choices) > 1}
    upper, lower = _panels(groups, names)
    _draw_estimates(upper, drawn, alpha)
    upper.set_ylabel(label)
    _draw_choices(lower, drawn, groups, names)
    missing = len(table) - len(drawn)
    more = say(" ({count} without an estimate are not drawn)", count=missing) if missing else ""
    lower.set_xlabel(say("{count} specifications, sorted by estimate", count=len(drawn)) + more)
    figure = upper.figure
    if not isinstance(figure, Figure):
        raise OutputError("the panel has no figure of its own")
    draw_legend(figure, _handles(alpha))
    return figure


def _panels(groups: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> tuple[Axes, Axes]:
    texts = [names.get(one, term(one)) for choices in groups.values() for one in choices]
    heads = [term(HEADS[name]) for name in groups]
    left = 0.2 + max([0.5, *(text_width(text) * LABEL / 72 for text in (*texts, *heads))])
    rows = len(texts) + (1.0 + BETWEEN) * len(groups)
    low = max(rows, 1.0) * ROW
    height = 0.15 + UPPER + 0.1 + low + FOOT
    figure = Figure(figsize=(WIDE, height))
    FigureCanvasAgg(figure)
    wide = (WIDE - left - 0.1) / WIDE
    above = figure.add_axes((left / WIDE, (FOOT + low + 0.1) / height, wide, UPPER / height))
    below = figure.add_axes((left / WIDE, FOOT / height, wide, low / height))
    return above, below


def _colors(drawn: pd.DataFrame, alpha: float) -> npt.NDArray[np.str_]:
    clear = (drawn["pvalue"] < alpha).to_numpy()
    estimate = drawn["estimate"].to_numpy(dtype=np.float64)
    return np.where(clear & (estimate > 0), SERIES[0], np.where(clear, ACCENT, MUTED))


def _draw_estimates(panel: Axes, drawn: pd.DataFrame, alpha: float) -> None:
    x, colors = np.arange(len(drawn)), _colors(drawn, alpha)
    width = float(np.clip(300.0 / len(drawn), 0.3, 2.0))
    panel.vlines(
        x, drawn["lower"], drawn["upper"], colors=list(colors), linewidth=width, alpha=0.35, zorder=2
    )
    panel.scatter(
        x, drawn["estimate"], s=float(np.clip(1200.0 / len(drawn), 1.5, 24.0)), c=list(colors), zorder=3
    )
    panel.axhline(0, color=INK, linewidth=0.7, zorder=1)
    ends = drawn[["lower", "upper"]].to_numpy(dtype=np.float64)
    inner = np.quantile(ends, [0.01, 0.99]) if len(drawn) > 100 else (ends.min(), ends.max())
    span = max(float(inner[1] - inner[0]), 1e-12)
    panel.set(xlim=(-0.01 * len(drawn) - 0.5, 1.01 * len(drawn) - 0.5), xticks=[])
    panel.set_ylim(
        min(float(inner[0]), float(drawn["estimate"].min())) - 0.05 * span,
        max(float(inner[1]), float(drawn["estimate"].max())) + 0.05 * span,
    )
    panel.yaxis.set_major_locator(MaxNLocator(6))
    panel.grid(axis="y")


def _draw_choices(
    panel: Axes, drawn: pd.DataFrame, groups: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> None:
    row, ticks, texts = 0.0, [], []
    for name, choices in groups.items():
        panel.text(
            0.0,
            row,
            term(HEADS[name]) + " ",
            transform=panel.get_yaxis_transform(),
            ha="right",
            va="center",
            color=MUTED,
            fontsize=LABEL,
        )
        for one in choices:
            row += 1.0
            ticks.append(row)
            texts.append(names.get(one, term(one)))
            made = np.flatnonzero((drawn[name] == one).to_numpy())
            panel.vlines(
                made,
                row - 0.36,
                row + 0.36,
                color=INK,
                linewidth=float(np.clip(300.0 / len(drawn), 0.3, 2.0)),
            )
        row += 1.0 + BETWEEN
    panel.set(xlim=(-0.01 * len(drawn) - 0.5, 1.01 * len(drawn) - 0.5), ylim=(row - BETWEEN, -0.7))
    panel.set_yticks(ticks, texts)
    panel.tick_params(axis="y", length=0)
    panel.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    for side in ("left", "bottom"):
        panel.spines[side].set_visible(False)


def _handles(alpha: float) -> list[Line2D]:
    labels = {
        SERIES[0]: say("positive, significant at {level:.0%}", level=alpha),
        ACCENT: say("negative, significant at {level:.0%}", level=alpha),
        MUTED: say("not significant"),
    }
    return [
        Line2D([], [], color=color, marker="o", markersize=3.5, linewidth=1.5, label=text)
        for color, text in labels.items()
    ]
