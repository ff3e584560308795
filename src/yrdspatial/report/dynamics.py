"""Charts of moves: how cities flow between quadrants or classes, and their chances by the class of the neighbours."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from yrdspatial.autocorrelation.dynamics import SpatialMarkov
from yrdspatial.errors import OutputError
from yrdspatial.report.style import CLUSTERS, INK, MUTED, SEQUENTIAL, house_style, panel_grid
from yrdspatial.tables.speech import listed, say

Floats = npt.NDArray[np.float64]

WIDE = 10.0
BAR = 0.035
GAP = 0.03
LEGIBLE = 0.022
DARK = 0.66
PALE = LinearSegmentedColormap.from_list("chances", ["#ffffff", *SEQUENTIAL[1:]])


@house_style()
def transition_flow(counts: Mapping[str, pd.DataFrame], *, columns: int = 2) -> Figure:
    """Draw moves between states as ribbons from before to after, as wide as the moves are many.

    Cities that stay are pale, cities that move carry the colour of the state they leave.

    Parameters
    ----------
    counts : mapping of str to pandas.DataFrame
        For each panel its K x K moves, from the state of the row to the state of the column, as
        `Lisa.transitions` and `Markov.counts` give them; at most five states besides those of a cluster map.
    columns : int
        Panels in a row, at most.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a table.

    Raises
    ------
    OutputError
        When a table has no moves, or its rows and columns are not the same states.

    Examples
    --------
    >>> invented = pd.DataFrame([[8, 1], [2, 9]], index=["HH", "LL"], columns=["HH", "LL"])
    >>> transition_flow({"invented": invented}).axes[0].get_title(loc="left")
    'invented: 3 of 20 moved'
    """
    for title, table in counts.items():
        if list(table.index) != list(table.columns) or not table.to_numpy().sum() > 0:
            raise OutputError("no square table of moves", where=title, cure="give the table of transitions")
    figure, panels = panel_grid(
        len(counts), columns=columns, width=WIDE, aspect=0.82, left=0.1, gap=(0.3, 0.45), top=0.35, bottom=0.3
    )
    for panel, (title, whole) in zip(panels, counts.items(), strict=True):
        held = (whole.sum(axis=0) + whole.sum(axis=1)).to_numpy() > 0
        table = whole.loc[held, held]
        total, stayed = int(table.to_numpy().sum()), int(np.trace(table.to_numpy()))
        moved = say("{title}: {moved} of {total} moved", title=title, moved=total - stayed, total=total)
        panel.set_title(moved)
        panel.set(xlim=(-0.28, 1.28), ylim=(1 + GAP * len(table), -0.09))
        panel.set_axis_off()
        _draw_flow(panel, table)
    return figure


@house_style()
def spatial_markov_matrices(result: SpatialMarkov, *, label: str, columns: int = 3) -> Figure:
    """Draw the chances to move between classes, for all cities and by the class of their neighbours.

    Parameters
    ----------
    result : SpatialMarkov
        Chains of classes by the class of the neighbours' mean.
    label : str
        What is measured.
    columns : int
        Panels in a row, at most.

    Returns
    -------
    matplotlib.figure.Figure
        The pooled chain, then one panel a class of neighbours, on one scale; under them the cuts and the tests.

    Examples
    --------
    >>> from yrdspatial.autocorrelation.dynamics import spatial_markov
    >>> index = pd.MultiIndex.from_product([list("abcd"), range(2005, 2009)])
    >>> others = pd.DataFrame((1 - np.eye(4)) / 3, list("abcd"), list("abcd"))
    >>> values = pd.Series([1, 2, 3, 4, 2, 3, 1, 3, 4, 3, 2, 1, 3, 4, 4, 2], index, name="y")
    >>> figure = spatial_markov_matrices(spatial_markov(values, others, classes=[2.5]), label="an invented measure")
    >>> [panel.get_title(loc="left") for panel in figure.axes]
    ['all cities', 'neighbours in class 1', 'neighbours in class 2']
    """
    chains = {say("all cities"): result.pooled}
    chains |= {
        say("neighbours in class {level}", level=level): chain for level, chain in result.chains.items()
    }
    figure, panels = panel_grid(
        len(chains),
        columns=columns,
        width=WIDE,
        aspect=0.72,
        left=0.85,
        gap=(0.95, 0.85),
        top=0.35,
        bottom=1.0,
    )
    for panel, (title, chain) in zip(panels, chains.items(), strict=True):
        _draw_matrix(panel, chain.counts, chain.probabilities)
        panel.set_title(title)
    note = "\n".join(
        [_classes(label, result.cuts), _classes(say("neighbours' mean"), result.lag_cuts), _tests(result)]
    )
    figure.text(0.5, 0.06 / figure.get_figheight(), note, ha="center", va="bottom", fontsize=7.5, color=MUTED)
    return figure


def _draw_flow(panel: Axes, table: pd.DataFrame) -> None:
    moves = table.to_numpy()
    shares = moves / moves.sum()
    left, right = _stacked(shares.sum(axis=1)), _stacked(shares.sum(axis=0))
    ends = right + np.cumsum(shares, axis=0) - shares
    starts = left[:, None] + np.cumsum(shares, axis=1) - shares
    colors = _colors(list(table.index))
    for i, j in sorted(np.ndindex(shares.shape), key=lambda cell: cell[0] != cell[1]):
        if shares[i, j] > 0:
            span = (starts[i, j], ends[i, j], shares[i, j])
            _draw_ribbon(panel, span, colors[i], stays=i == j)
            if shares[i, j] > LEGIBLE:
                _write_share(panel, span, f"{moves[i, j]} ({shares[i, j] / shares[i].sum():.0%})")
    for x, tops, sizes in ((0.0, left, shares.sum(axis=1)), (1.0 - BAR, right, shares.sum(axis=0))):
        _draw_bars(panel, x, tops, sizes, colors)
    _name_bars(panel, table, left + shares.sum(axis=1) / 2, right + shares.sum(axis=0) / 2)


def _stacked(sizes: Floats) -> Floats:
    return np.asarray(np.cumsum(sizes) - sizes + GAP * np.arange(len(sizes)))


def _colors(states: Sequence[str]) -> list[str]:
    others = [state for state in states if state not in CLUSTERS]
    if len(others) > len(SEQUENTIAL):
        message = f"{len(others)} classes cannot be told apart"
        raise OutputError(message, cure=f"draw at most {len(SEQUENTIAL)} classes")
    return [CLUSTERS.get(state) or SEQUENTIAL[others.index(state)] for state in states]


def _draw_ribbon(panel: Axes, span: tuple[float, float, float], color: str, *, stays: bool) -> None:
    start, end, size = span
    near, far, middle = BAR, 1 - BAR, 0.5
    points = [(near, start), (middle, start), (middle, end), (far, end)]
    points += [(far, end + size), (middle, end + size), (middle, start + size), (near, start + size)]
    curve = [Outline.CURVE4] * 3
    outline = Outline(points, [Outline.MOVETO, *curve, Outline.LINETO, *curve])
    style: dict[str, Any] = {"alpha": 0.3, "zorder": 1} if stays else {"alpha": 0.9, "zorder": 2}
    panel.add_patch(PathPatch(outline, facecolor=color, edgecolor="white", linewidth=0.4, **style))


def _write_share(panel: Axes, span: tuple[float, float, float], text: str) -> None:
    start, _, size = span
    panel.text(BAR + 0.015, start + size / 2, text, fontsize=6.5, va="center", ha="left", zorder=4)


def _draw_bars(panel: Axes, x: float, tops: Floats, sizes: Floats, colors: Sequence[str]) -> None:
    for top, size, color in zip(tops, sizes, colors, strict=True):
        panel.add_patch(
            Rectangle((x, top), BAR, size, facecolor=color, edgecolor=INK, linewidth=0.5, zorder=3)
        )


def _name_bars(panel: Axes, table: pd.DataFrame, left: Floats, right: Floats) -> None:
    sides = [(-0.02, "right", left, table.sum(axis=1)), (1.02, "left", right, table.sum(axis=0))]
    for (x, align, places, sizes), head in zip(sides, (say("before"), say("after")), strict=True):
        panel.text(x, -0.04, head, color=MUTED, fontsize=8, ha=align, va="center")
        for place, state, size in zip(places, map(str, sizes.index), sizes, strict=True):
            text = f"{state}  {size}" if len(state) < 4 else f"{state.replace(' ', chr(10))}\n{size}"
            panel.text(x, place, text, fontsize=8, ha=align, va="center")


def _draw_matrix(panel: Axes, counts: pd.DataFrame, chances: pd.DataFrame) -> None:
    values = chances.to_numpy()
    panel.imshow(np.nan_to_num(values), cmap=PALE, vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
    for (i, j), chance in np.ndenumerate(values):
        text = "–" if np.isnan(chance) else f"{chance:.2f}"
        color = "white" if chance > DARK else INK
        panel.text(j, i, text, ha="center", va="center", fontsize=8, color=color)
    moves = counts.sum(axis=1)
    panel.set_xticks(range(len(counts)), counts.columns)
    panel.set_yticks(
        range(len(counts)),
        [say("{name}  (n = {moves})", name=name, moves=moves[name]) for name in counts.index],
    )
    panel.tick_params(length=0)
    panel.set_xlabel(say("class a year later"))


def _classes(label: str, cuts: Sequence[float]) -> str:
    bounds = [say("{place} up to {cut:.3g}", place=place, cut=cut) for place, cut in enumerate(cuts, 1)]
    above = say("{place} above", place=len(cuts) + 1)
    return say(
        "Classes of {label}: {bounds}",
        label=label,
        bounds=listed([b.replace("-", "−") for b in bounds] + [above]),
    )


def _tests(result: SpatialMarkov) -> str:
    parts = [
        say(
            "{test} = {statistic:.1f} (df {df:.0f}, p = {pvalue:.3f})",
            **{str(name): row[name] for name in row},
        )
        for row in result.tests.to_dict("records")
    ]
    return say("Same chances whatever the neighbours: {tests}", tests=listed(parts))
