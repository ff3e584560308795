"""Charts of the report: Moran's I over time, Moran scatter, effects, change by city."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from yrdspatial.errors import AlignmentError, OutputError
from yrdspatial.report.basemap import draw_legend
from yrdspatial.report.labels import draw_labels
from yrdspatial.report.style import (
    ACCENT,
    DASHES,
    INK,
    MARKERS,
    MUTED,
    SERIES,
    house_style,
    panel_grid,
)
from yrdspatial.tables.speech import say, term

Floats = npt.NDArray[np.float64]

WIDE = 10.0
NORMAL_95 = 1.96
EFFECTS = ("direct", "indirect", "total")


@house_style()
def moran_over_time(
    table: pd.DataFrame,
    *,
    breaks: Mapping[str, Mapping[int, str]] | None = None,
    titles: Mapping[str, str] | None = None,
    alpha: float = 0.05,
    pvalue: str = "p_sim",
    band: bool = False,
) -> Figure:
    """Draw Moran's I over the years: one panel a variable, one line a family of weights.

    A line is cut at a known break of the data, since its two sides do not compare. A filled marker is a year in
    which I differs from its expected value at level `alpha`. With `band`, each family has a band of what chance
    alone would leave in 95 of 100 years: expected ± 1.96 standard deviations under randomization.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns weights, variable, year, I, expected and the p-value.
    breaks : mapping of str to mapping of int to str, optional
        For a variable, the first year after a break and a note on it.
    titles : mapping of str to str, optional
        What to print for a variable or a family of weights.
    alpha : float
        Level of significance.
    pvalue : str
        Column of the p-value.
    band : bool
        Draw the bands; needs column z_rand.

    Returns
    -------
    matplotlib.figure.Figure
        Panels on one scale, and one legend.

    Raises
    ------
    OutputError
        When a band is asked of a table without z_rand.

    Examples
    --------
    >>> invented = pd.DataFrame({"year": [2010, 2011], "I": [0.2, 0.3], "expected": -0.025, "p_sim": [0.2, 0.01]})
    >>> figure = moran_over_time(invented.assign(weights="contiguity", variable="LQ"))
    >>> figure.axes[0].get_ylabel()
    "Moran's I"
    """
    names, families = dict(titles or {}), _families(table["weights"])
    if band and "z_rand" not in table:
        raise OutputError(
            "the table has no column z_rand", cure="give the table of moran, or leave the band out"
        )
    table = _with_band(table) if band else table.assign(lower=table["expected"], upper=table["expected"])
    variables = list(table["variable"].unique())
    figure, panels = panel_grid(
        len(variables), columns=2, width=WIDE, aspect=0.48, left=0.55, gap=(0.7, 0.55), bottom=0.75
    )
    low, high = min(table["I"].min(), table["lower"].min()), max(table["I"].max(), table["upper"].max())
    limits = (low - 0.1 * (high - low), high + 0.2 * (high - low))
    for panel, variable in zip(panels, variables, strict=True):
        part = table[table["variable"] == variable]
        cuts = dict((breaks or {}).get(variable, {}))
        panel.set(
            ylim=limits, xlim=(table["year"].min() - 0.7, table["year"].max() + 0.7), ylabel=say("Moran's I")
        )
        panel.set_title(names.get(variable, variable))
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(axis="y")
        panel.axhline(part["expected"].mean(), color=MUTED, linewidth=0.9, linestyle=":")
        _mark_breaks(panel, cuts)
        for position, family in enumerate(families):
            line = part[part["weights"] == family].sort_values("year")
            if band:
                _draw_band(panel, line, sorted(cuts), position)
            _draw_series(panel, line, sorted(cuts), position, (line[pvalue] < alpha).to_numpy())
    bands = [Patch(facecolor=MUTED, alpha=0.25, label=say("95 % of chance, by weights"))] if band else []
    draw_legend(figure, [*_series_handles(families, names), *_significance_handles(alpha), *bands])
    return figure


@house_style()
def moran_scatter(
    values: pd.DataFrame, lags: pd.DataFrame, names: pd.Series, *, label: str, columns: int = 3
) -> Figure:
    """Draw values against the mean of their neighbours, one panel a column, with every unit named.

    Parameters
    ----------
    values : pandas.DataFrame
        Units x panels (years, say): deviations from the mean in standard deviations.
    lags : pandas.DataFrame
        Their spatial lags under row-standardized weights, so that the slope through the origin is Moran's I.
    names : pandas.Series
        Labels by unit.
    label : str
        What is measured.
    columns : int
        Panels in a row, at most.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a column, on one scale.

    Raises
    ------
    AlignmentError
        When values, lags and names are not of the same units and columns.

    Examples
    --------
    >>> values = pd.DataFrame({2010: [1.0, 0.5, -1.5]}, index=[310000, 320500, 330100])
    >>> names = pd.Series(["上海", "苏州", "杭州"], index=values.index)
    >>> moran_scatter(values, 0.4 * values, names, label="an invented measure").axes[0].get_title(loc="left")
    '2010: I = 0.40'
    """
    lags = lags.reindex(index=values.index, columns=values.columns)
    labels = names.reindex(values.index)
    if lags.isna().any(axis=None) or labels.isna().any():
        message = "values, lags and names are not of the same units and columns"
        raise AlignmentError(message, cure="compute the lags from the values drawn")
    figure, panels = panel_grid(
        values.shape[1],
        columns=columns,
        width=WIDE,
        aspect=1.0,
        left=0.55,
        gap=(0.5, 0.65),
        bottom=0.5,
        top=0.35,
    )
    xlim, ylim = _limits(values), _limits(lags)
    for panel, column in zip(panels, values.columns, strict=True):
        x, y = values[column].to_numpy(float), lags[column].to_numpy(float)
        slope = float(x @ y / (x @ x))
        panel.set(xlim=xlim, ylim=ylim, xlabel=label, ylabel=say("mean of the neighbours"))
        panel.set_title(say("{year}: I = {slope:.2f}", year=column, slope=slope).replace("-", "−"))
        panel.axhline(0, color=MUTED, linewidth=0.6)
        panel.axvline(0, color=MUTED, linewidth=0.6)
        panel.axline((0, 0), slope=slope, color=ACCENT, linewidth=1.2)
        panel.scatter(x, y, s=8, color=SERIES[0], zorder=5)
        draw_labels(panel, np.column_stack([x, y]), list(labels), size=5.5)
        _name_quadrants(panel)
    return figure


@house_style()
def effects_plot(
    table: pd.DataFrame, *, by: str = "model", titles: Mapping[str, str] | None = None
) -> Figure:
    """Draw direct, indirect and total effects with their intervals, models side by side.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns variable, effect ("direct", "indirect", "total"), estimate, lower, upper, and `by`.
    by : str
        Column that tells the models apart, at most five.
    titles : mapping of str to str, optional
        What to print for a variable or a model.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels that share their rows; each has its own scale. A filled marker is an interval without zero.

    Examples
    --------
    >>> invented = pd.DataFrame({"effect": EFFECTS, "estimate": [0.5, 0.1, 0.6], "lower": 0.0, "upper": 1.0})
    >>> figure = effects_plot(invented.assign(model="SDM", variable="wage"))
    >>> [panel.get_title(loc="left") for panel in figure.axes]
    ['direct', 'indirect', 'total']
    """
    names, models = dict(titles or {}), _families(table[by])
    variables = list(table["variable"].unique())
    rows = pd.Series(np.arange(len(variables))[::-1], index=variables)
    figure, panels = panel_grid(
        3,
        columns=3,
        width=WIDE,
        aspect=(0.35 + 0.2 * len(models)) * len(variables) / 2.6,
        left=1.6,
        bottom=0.75,
    )
    for panel, effect in zip(panels, EFFECTS, strict=True):
        panel.axvline(0, color=MUTED, linewidth=0.8)
        for position, model in enumerate(models):
            part = table[(table["effect"] == effect) & (table[by] == model)]
            y = part["variable"].map(rows).to_numpy(float) + 0.64 * (0.5 - (position + 0.5) / len(models))
            _draw_intervals(panel, part, y, position)
        panel.set(ylim=(-0.6, len(variables) - 0.4), title=term(effect))
        panel.set_yticks(
            rows.to_numpy(), [names.get(name, name) for name in rows.index] if effect == "direct" else []
        )
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="x")
        panel.xaxis.set_major_locator(MaxNLocator(5))
    handles = _series_handles(models, names)
    clear, open_ = _marker(INK, say("interval without zero")), _marker("white", say("with zero"))
    draw_legend(figure, [*handles, clear, open_])
    return figure


@house_style()
def change_plot(
    before: pd.Series, after: pd.Series, names: pd.Series, *, times: Sequence[str], label: str
) -> Figure:
    """Draw one line a unit from its value at one time to its value at another, sorted by the later one.

    Parameters
    ----------
    before, after : pandas.Series
        Values by unit, such as an accessibility.
    names : pandas.Series
        Labels by unit.
    times : sequence of str
        Two labels: of `before` and of `after`.
    label : str
        What is measured, with its unit of measure.

    Returns
    -------
    matplotlib.figure.Figure
        One row a unit; units that lack one of the values are left out, and counted in the label.

    Examples
    --------
    >>> before, after = pd.Series({310000: 3.0, 320500: 4.0}), pd.Series({310000: 2.0, 320500: 1.5})
    >>> names = pd.Series({310000: "上海", 320500: "苏州"})
    >>> figure = change_plot(before, after, names, times=("2008", "2024"), label="hours")
    >>> [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    ['苏州', '上海']
    """
    table = pd.DataFrame({"before": before, "after": after, "name": names})
    whole = table.dropna().sort_values(["after", "name"])
    left_out = len(table) - len(whole)
    figure, (panel,) = panel_grid(
        1, columns=1, width=7.5, aspect=0.022 * len(whole) + 0.05, left=0.9, bottom=0.85, top=0.1
    )
    rows = np.arange(len(whole))
    panel.hlines(rows, whole["before"], whole["after"], color=MUTED, linewidth=1.0, zorder=2)
    panel.scatter(whole["before"], rows, s=18, marker="o", facecolor="white", edgecolor=SERIES[0], zorder=3)
    panel.scatter(whole["after"], rows, s=18, marker="o", color=SERIES[0], zorder=3)
    panel.set_yticks(rows, whole["name"])
    panel.set_ylim(-0.8, len(whole) - 0.2)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="x")
    lacking = say(" ({count} cities without data left out)", count=left_out) if left_out else ""
    panel.set_xlabel(label + lacking)
    handles = [_marker("white", times[0], SERIES[0]), _marker(SERIES[0], times[1], SERIES[0])]
    draw_legend(figure, handles)
    return figure


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    array = table.to_numpy(dtype=float)
    low, high = min(0.0, float(array.min())), max(0.0, float(array.max()))
    return low - 0.12 * (high - low), high + 0.12 * (high - low)


def _families(labels: Iterable[str]) -> list[str]:
    families = list(dict.fromkeys(labels))
    if len(families) > len(SERIES):
        message = f"{len(families)} series cannot be told apart in one figure"
        raise OutputError(message, cure=f"draw at most {len(SERIES)} at once")
    return families


def _mark_breaks(panel: Axes, cuts: Mapping[int, str]) -> None:
    for year, note in cuts.items():
        late = year - 0.5 > np.mean(panel.get_xlim())
        place, shift = (year - 0.5, 1.0), (-3 if late else 3, -2)
        panel.axvline(year - 0.5, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        panel.annotate(
            note,
            place,
            shift,
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=7,
            ha="right" if late else "left",
            va="top",
        )


def _with_band(table: pd.DataFrame) -> pd.DataFrame:
    spread = NORMAL_95 * (table["I"] - table["expected"]) / table["z_rand"]
    return table.assign(lower=table["expected"] - spread, upper=table["expected"] + spread)


def _sides(line: pd.DataFrame, cuts: Sequence[int]) -> list[pd.DataFrame]:
    return [part for _, part in line.groupby(np.searchsorted(cuts, line["year"].to_numpy(), side="right"))]


def _draw_band(panel: Axes, line: pd.DataFrame, cuts: Sequence[int], position: int) -> None:
    style: dict[str, Any] = {"color": SERIES[position], "linewidth": 0.6}
    for part in _sides(line, cuts):
        panel.fill_between(part["year"], part["lower"], part["upper"], alpha=0.1, **style)
        panel.plot(part["year"], part[["lower", "upper"]], alpha=0.6, linestyle=DASHES[position], **style)


def _draw_series(
    panel: Axes, line: pd.DataFrame, cuts: Sequence[int], position: int, filled: npt.NDArray[np.bool_]
) -> None:
    color, years = SERIES[position], line["year"].to_numpy()
    for part in _sides(line, cuts):
        panel.plot(part["year"], part["I"], color=color, linestyle=DASHES[position], linewidth=1.2)
    fills = np.where(filled, color, "white")
    panel.scatter(
        years, line["I"], s=18, marker=MARKERS[position], c=fills, edgecolors=color, linewidths=0.9, zorder=3
    )


def _draw_intervals(panel: Axes, part: pd.DataFrame, y: Floats, position: int) -> None:
    color = SERIES[position]
    clear = (part["lower"] > 0) | (part["upper"] < 0)
    panel.hlines(y, part["lower"], part["upper"], color=color, linewidth=1.3, zorder=2)
    fills = np.where(clear, color, "white")
    panel.scatter(part["estimate"], y, s=24, marker=MARKERS[position], c=fills, edgecolors=color, zorder=3)


def _name_quadrants(panel: Axes) -> None:
    for text, x, y in (("HH", 0.98, 0.98), ("LH", 0.02, 0.98), ("LL", 0.02, 0.02), ("HL", 0.98, 0.02)):
        panel.text(
            x,
            y,
            text,
            transform=panel.transAxes,
            color=MUTED,
            fontsize=9,
            ha="right" if x > 0.5 else "left",
            va="top" if y > 0.5 else "bottom",
        )


def _series_handles(families: Sequence[str], names: Mapping[str, str]) -> list[Line2D]:
    return [
        Line2D(
            [],
            [],
            color=color,
            linestyle=dash,
            marker=marker,
            markersize=4.5,
            label=names.get(family, family),
        )
        for family, color, dash, marker in zip(families, SERIES, DASHES, MARKERS, strict=False)
    ]


def _significance_handles(alpha: float) -> list[Line2D]:
    expected = Line2D([], [], color=MUTED, linestyle=":", label=say("expected without clustering"))
    return [_marker(INK, f"p < {alpha:g}"), _marker("white", f"p ≥ {alpha:g}"), expected]


def _marker(fill: str, label: str, edge: str = INK) -> Line2D:
    style: dict[str, Any] = {"color": "none", "marker": "o", "markersize": 4.5}
    return Line2D([], [], **style, markerfacecolor=fill, markeredgecolor=edge, label=label)
