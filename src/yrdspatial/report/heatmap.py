"""Who weighs on whom: weight matrices as heat maps, units grouped by province."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure

from yrdspatial.errors import AlignmentError
from yrdspatial.report.basemap import short_names
from yrdspatial.report.style import MUTED, SEQUENTIAL, house_style, panel_grid
from yrdspatial.tables.speech import say

Floats = npt.NDArray[np.float64]

WIDE = 10.0


@house_style()
def weights_heatmap(weights: Mapping[str, Floats], units: pd.DataFrame) -> Figure:
    """Draw weight matrices side by side, units grouped by province, on one scale.

    Parameters
    ----------
    weights : mapping of str to ndarray, shape (N, N)
        Matrices by title; row i holds the weights of unit i's neighbours.
    units : pandas.DataFrame
        N rows in the order of the matrices; columns name_zh and province_zh.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a matrix and one colour bar; a weight of zero is white, colours follow the square root of the weight.

    Raises
    ------
    AlignmentError
        When a matrix is not N x N.

    Examples
    --------
    >>> from yrdspatial.geography.units import load_units
    >>> figure = weights_heatmap({"invented": np.eye(41)}, load_units())
    >>> figure.axes[0].images[0].get_array().shape
    (41, 41)
    """
    wrong = [title for title, array in weights.items() if np.shape(array) != (len(units), len(units))]
    if wrong:
        message = f"{', '.join(wrong)}: not a matrix of {len(units)} units"
        raise AlignmentError(message, cure="give units in the order of the matrix")
    order = np.argsort(units["province_zh"].factorize()[0], kind="stable")
    ordered = units.iloc[order]
    figure, panels = panel_grid(
        len(weights), columns=2, width=WIDE, aspect=1.0, left=0.6, gap=(0.75, 0.9), bottom=0.9, top=0.7
    )
    top = max(float(np.max(array)) for array in weights.values())
    norm = PowerNorm(0.5, vmin=0.0, vmax=top)
    colors = LinearSegmentedColormap.from_list("weights", ["#ffffff", *SEQUENTIAL[1:]])
    for panel, (title, array) in zip(panels, weights.items(), strict=True):
        image = panel.imshow(array[np.ix_(order, order)], cmap=colors, norm=norm, interpolation="nearest")
        _group_by_province(panel, ordered)
        panel.set_title(title, pad=20)
    height = figure.get_figheight()
    bar = figure.add_axes((0.3, 0.45 / height, 0.4, 0.1 / height))
    label = say("weight in the row of a city (white: none)")
    figure.colorbar(image, cax=bar, orientation="horizontal", label=label)
    return figure


def _group_by_province(panel: Axes, ordered: pd.DataFrame) -> None:
    names = short_names(ordered)
    panel.set_xticks(np.arange(len(names)), names, rotation=90, fontsize=5)
    panel.set_yticks(np.arange(len(names)), names, fontsize=5)
    panel.tick_params(length=0, pad=1.5)
    starts = np.flatnonzero(ordered["province_zh"] != ordered["province_zh"].shift())
    for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True):
        for line in (panel.axhline, panel.axvline):
            line(start - 0.5, color=MUTED, linewidth=0.6)
        province = ordered["province_zh"].iloc[start]
        panel.text((start + end - 1) / 2, -1.0, province, fontsize=7, ha="center", va="bottom")
