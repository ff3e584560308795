"""The decay curve: points at their minutes, filled where zero is outside, rings without end left out."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from yrdspatial.errors import OutputError
from yrdspatial.report.decay import decay_plot
from yrdspatial.report.style import INK, SERIES, figure_bytes


@pytest.fixture
def synthetic_curve():
    rows = [
        (
            variable,
            model,
            f"{low}_{high}",
            float(high),
            (low + high) / 2,
            30.0 + low,
            value,
            value - 0.2,
            value + 0.2,
        )
        for model in ("SLX", "SDM")
        for variable in ("wage", "access")
        for low, high, value in ((0, 60, 0.5), (60, 120, 0.1), (120, 180, -0.3), (180, np.inf, 0.01))
    ]
    columns = ["variable", "model", "ring", "to_minutes", "minutes", "pairs", "estimate", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns)


def dots(panel):
    return [one for one in panel.collections if isinstance(one, PathCollection)]


def test_points_stand_at_their_minutes_beside_one_another(synthetic_curve):
    figure = decay_plot(synthetic_curve)
    assert len(figure.axes) == 2
    first, second = (np.asarray(one.get_offsets()) for one in dots(figure.axes[0]))
    assert first[:, 1].tolist() == second[:, 1].tolist() == [0.5, 0.1, -0.3]
    assert ((first + second) / 2)[:, 0] == pytest.approx([30, 90, 150])
    assert (second[:, 0] - first[:, 0]) == pytest.approx([0.035 * 180] * 3)


def test_filled_points_are_intervals_without_zero(synthetic_curve):
    panel = decay_plot(synthetic_curve).axes[1]
    for position, one in enumerate(dots(panel)):
        filled = [to_hex(color) for color in one.get_facecolors()]
        assert filled == [SERIES[position], "#ffffff", SERIES[position]]


def test_rings_have_their_ends_and_their_pairs(synthetic_curve):
    panel = decay_plot(synthetic_curve, label="spillover").axes[0]
    ends = [line.get_xdata()[0] for line in panel.lines if line.get_linestyle() == ":"]
    assert ends == [60, 120, 180]
    assert [text.get_text() for text in panel.texts] == ["30 pairs", "90 pairs", "150 pairs"]
    assert panel.get_ylabel() == "spillover"
    assert panel.get_xlim() == (0, 180)


def test_titles_and_legend(synthetic_curve):
    figure = decay_plot(synthetic_curve, titles={"wage": "ln wage", "SDM": "Durbin"})
    assert [panel.get_title(loc="left") for panel in figure.axes] == ["ln wage", "access"]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["SLX", "Durbin", "interval without zero", "with zero"]
    handles = figure.legends[0].legend_handles
    assert [to_hex(handle.get_color()) for handle in handles[:2]] == list(SERIES[:2])
    assert [to_hex(one.get_markerfacecolor()) for one in handles[2:]] == [INK, "#ffffff"]


def test_other_columns_tell_series_apart(synthetic_curve):
    table = synthetic_curve.rename(columns={"model": "scale"})
    assert len(dots(decay_plot(table, by="scale").axes[0])) == 2


def test_the_same_bytes_whatever_the_order_within_a_series(synthetic_curve):
    turned = synthetic_curve.sort_values("minutes", ascending=False, kind="stable")
    turned = turned.sort_values(["model", "variable"], ascending=False, kind="stable")
    assert figure_bytes(decay_plot(synthetic_curve)) == figure_bytes(decay_plot(turned.assign()))


def test_too_many_series(synthetic_curve):
    many = pd.concat([synthetic_curve.assign(model=f"model {k}") for k in range(6)])
    with pytest.raises(OutputError, match="6 series"):
        decay_plot(many)
