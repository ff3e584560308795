"""Dots with intervals: places, fills, series and rules read back from the figure."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from yrdspatial.errors import OutputError
from yrdspatial.report.intervals import interval_plot
from yrdspatial.report.labels import text_width
from yrdspatial.report.style import SERIES, figure_bytes


@pytest.fixture
def synthetic_table():
    rows = [
        (row, panel, series, value, value - 0.2, value + 0.2)
        for row, value in (("main", 0.5), ("late", 0.1), ("early", -0.4))
        for panel in ("rho", "indirect")
        for series in ("contiguity", "rail")
    ]
    return pd.DataFrame(rows, columns=["row", "panel", "series", "estimate", "lower", "upper"])


def dots(panel):
    return [one for one in panel.collections if isinstance(one, PathCollection)]


def test_rows_run_from_top_to_bottom_in_the_order_of_the_table(synthetic_table):
    figure = interval_plot(synthetic_table, titles={"main": "main model", "rho": "ρ"})
    first, second = figure.axes
    ticks = dict(zip([t.get_text() for t in first.get_yticklabels()], first.get_yticks(), strict=True))
    assert list(ticks) == ["main model", "late", "early"]
    assert ticks["main model"] > ticks["late"] > ticks["early"]
    assert {t.get_text() for t in second.get_yticklabels()} == {""}
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["ρ", "indirect"]


def test_estimates_and_intervals_stand_where_they_are(synthetic_table):
    panel = interval_plot(synthetic_table).axes[0]
    above, below = (np.asarray(one.get_offsets()) for one in dots(panel))
    assert above[:, 0].tolist() == below[:, 0].tolist() == [0.5, 0.1, -0.4]
    assert (above[:, 1] > below[:, 1]).all()
    assert ((above + below) / 2)[:, 1] == pytest.approx([2, 1, 0])
    lines = [one for one in panel.collections if isinstance(one, LineCollection)]
    ends = np.array(lines[0].get_segments())[:, :, 0]
    assert ends == pytest.approx(np.array([[0.3, 0.7], [-0.1, 0.3], [-0.6, -0.2]]))


def test_a_filled_dot_is_an_interval_without_zero(synthetic_table):
    first = dots(interval_plot(synthetic_table).axes[0])[0]
    faces = [to_hex(face) for face in first.get_facecolors()]
    assert faces == [SERIES[0], "#ffffff", SERIES[0]]


def test_a_lone_series_of_a_panel_stands_in_the_middle_and_keeps_its_colour(synthetic_table):
    alone = synthetic_table[(synthetic_table["panel"] == "rho") | (synthetic_table["series"] == "rail")]
    second = dots(interval_plot(alone).axes[1])
    assert len(second) == 1
    assert np.asarray(second[0].get_offsets())[:, 1].tolist() == [2, 1, 0]
    assert to_hex(second[0].get_edgecolors()[0]) == SERIES[1]


def test_rules_and_the_line_at_zero(synthetic_table):
    panel = interval_plot(synthetic_table, rules=(1,)).axes[0]
    flat = [line.get_ydata()[0] for line in panel.lines if line.get_ydata()[0] == line.get_ydata()[-1]]
    assert flat == [1.5]
    assert any(set(line.get_xdata()) == {0} for line in panel.lines)


def test_the_longest_label_has_room(synthetic_table):
    label = "a very long name of a variant of the sample"
    figure = interval_plot(synthetic_table, titles={"main": label}, label="effect")
    figure.draw_without_rendering()
    panel = figure.axes[0]
    assert panel.get_tightbbox().x0 >= 0
    assert panel.get_window_extent().x0 >= text_width(label) * 7 / 72 * figure.dpi
    assert panel.get_xlabel() == "effect"


@pytest.mark.parametrize("column", ["panel", "series"])
def test_what_cannot_be_told_apart_is_refused(synthetic_table, column):
    many = pd.concat([synthetic_table.assign(**{column: f"n{place}"}) for place in range(6)])
    with pytest.raises(OutputError, match="cannot be told apart"):
        interval_plot(many)


def test_the_figure_repeats_byte_for_byte(synthetic_table):
    first, second = (figure_bytes(interval_plot(synthetic_table), dpi=40) for _ in range(2))
    assert first == second
