"""From whom to whom: tables of effects between regions as coloured squares with their numbers."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import FuncNorm, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from yrdspatial.errors import OutputError
from yrdspatial.report.style import INK, house_style, panel_grid
from yrdspatial.tables.speech import say

Floats = npt.NDArray[np.float64]

WIDE = 10.0
BOTH_SIDES = ("#8c4a00", "#e9a35c", "#ffffff", "#7fb4d9", "#0b4f8a")
DARK = 0.4


@house_style()
def effects_matrix(
    table: pd.DataFrame, *, names: Mapping[str, str], titles: Mapping[str, str] | None = None, digits: int = 3
) -> Figure:
    """Draw who sends what to whom, one panel a model, with numbers where the interval leaves zero out.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns panel, receives, sends, estimate, lower, upper; every pair of groups once a panel, else
        it is an `OutputError`.
    names : mapping of str to str
        Labels of the groups, in their order.
    titles : mapping of str to str, optional
        What to print for a panel.
    digits : int
        Decimals.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels in a row on one scale, colours follow the root of the effect; a square without a number has zero in
        its interval or rounds to zero.

    Examples
    --------
    >>> pairs = pd.MultiIndex.from_product([["a", "b"], ["a", "b"]], names=["receives", "sends"]).to_frame(index=False)
    >>> invented = pairs.assign(panel="rail", estimate=[0.1, 0.2, -0.3, 0.4], lower=-0.5, upper=[-0.1, 0.5, -0.1, -0.2])
    >>> figure = effects_matrix(invented, names={"a": "A", "b": "B"})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0.100', '−0.300', '0.400']
    """
    panels_of = list(dict.fromkeys(table["panel"]))
    squares = {panel: _square(table[table["panel"] == panel], list(names)) for panel in panels_of}
    figure, panels = panel_grid(
        len(panels_of), columns=2, width=WIDE, aspect=0.8, left=1.5, gap=(1.55, 1.45), bottom=1.75, top=0.35
    )
    reach = max(float(np.abs(square["estimate"]).max().max()) for square in squares.values())
    norm = FuncNorm((_root, _square_of), vmin=-reach or -1.0, vmax=reach or 1.0)
    colors = LinearSegmentedColormap.from_list("both", BOTH_SIDES)
    for panel, key in zip(panels, panels_of, strict=True):
        image = panel.imshow(squares[key]["estimate"].to_numpy(), cmap=colors, norm=norm, aspect="auto")
        _label(panel, names)
        _write(panel, squares[key], reach, digits)
        panel.set_title(dict(titles or {}).get(key, key))
    _bar(figure, image)
    return figure


def _square(part: pd.DataFrame, order: list[str]) -> dict[str, pd.DataFrame]:
    square = {
        column: part.pivot_table(index="receives", columns="sends", values=column).reindex(
            index=order, columns=order
        )
        for column in ("estimate", "lower", "upper")
    }
    if square["estimate"].isna().any(axis=None):
        raise OutputError("a pair of groups is missing", cure="give every pair of groups once a panel")
    return square


def _root(values: Floats) -> Floats:
    return np.sign(values) * np.sqrt(np.abs(values))


def _square_of(roots: Floats) -> Floats:
    return np.sign(roots) * roots**2


def _label(panel: Axes, names: Mapping[str, str]) -> None:
    ticks = np.arange(len(names))
    panel.set_xticks(
        ticks, list(names.values()), rotation=40, ha="right", rotation_mode="anchor", fontsize=7.5
    )
    panel.set_yticks(ticks, list(names.values()), fontsize=7.5)
    panel.set(xlabel=say("sends"), ylabel=say("receives"))
    panel.tick_params(length=0)
    for spine in panel.spines.values():
        spine.set_visible(False)


def _write(panel: Axes, square: Mapping[str, pd.DataFrame], reach: float, digits: int) -> None:
    values, lower, upper = (square[name].to_numpy() for name in ("estimate", "lower", "upper"))
    shown = ((lower > 0) | (upper < 0)) & (np.abs(values) >= 0.5 * 10.0**-digits)
    for row, column in np.argwhere(shown):
        value = values[row, column]
        text = f"{value:.{digits}f}".replace("-", "−")
        color = "white" if abs(value) > DARK * reach else INK
        panel.text(column, row, text, ha="center", va="center", fontsize=6.5, color=color)


def _bar(figure: Figure, image: AxesImage) -> None:
    height = figure.get_figheight()
    place = figure.add_axes((0.3, 0.4 / height, 0.4, 0.1 / height))
    label = say("effect on a city that receives; numbers where the 95 % interval leaves zero out")
    figure.colorbar(image, cax=place, orientation="horizontal", label=label)
