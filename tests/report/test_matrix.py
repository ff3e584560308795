"""Effects between groups: order, one scale, numbers only where zero is outside."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import OutputError
from yrdspatial.report.matrix import effects_matrix
from yrdspatial.report.style import figure_bytes

NAMES = {"b": "Beta", "a": "Alpha"}


@pytest.fixture
def synthetic_effects():
    rows = [
        ("one", "a", "a", 0.20, 0.1, 0.3),
        ("one", "a", "b", -0.40, -0.5, -0.3),
        ("one", "b", "a", 0.30, -0.1, 0.7),
        ("one", "b", "b", 0.0001, 0.00005, 0.00015),
        ("two", "a", "a", 0.01, 0.001, 0.02),
        ("two", "a", "b", 0.0, 0.0, 0.0),
        ("two", "b", "a", 0.02, 0.01, 0.03),
        ("two", "b", "b", 0.03, 0.01, 0.05),
    ]
    return pd.DataFrame(rows, columns=["panel", "receives", "sends", "estimate", "lower", "upper"])


def test_squares_follow_the_order_of_the_names(synthetic_effects):
    panel = effects_matrix(synthetic_effects, names=NAMES).axes[0]
    assert np.asarray(panel.images[0].get_array()).tolist() == [[0.0001, 0.3], [-0.4, 0.2]]
    assert [tick.get_text() for tick in panel.get_yticklabels()] == ["Beta", "Alpha"]
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("sends", "receives")


def test_numbers_stand_where_the_interval_leaves_zero_out(synthetic_effects):
    figure = effects_matrix(synthetic_effects, names=NAMES, titles={"one": "Model 1"})
    written = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    assert written == {(0, 1): "−0.400", (1, 1): "0.200"}
    assert {text.get_text() for text in figure.axes[1].texts} == {"0.010", "0.020", "0.030"}
    assert figure.axes[0].get_title(loc="left") == "Model 1"


def test_zero_is_white_and_signs_have_colours_of_their_own(synthetic_effects):
    first, second = (panel.images[0] for panel in effects_matrix(synthetic_effects, names=NAMES).axes[:2])
    assert first.norm.vmax == second.norm.vmax == -first.norm.vmin == 0.4
    assert first.cmap(first.norm(0.0))[:3] == pytest.approx((1, 1, 1), abs=0.01)
    red, _, blue = first.cmap(first.norm(-0.2))[:3]
    assert red > blue
    red, _, blue = first.cmap(first.norm(0.2))[:3]
    assert blue > red
    assert float(first.norm(0.1)) == pytest.approx(0.5 + 0.5 * np.sqrt(0.25))


def test_a_missing_pair_is_refused(synthetic_effects):
    with pytest.raises(OutputError, match="a pair of groups is missing"):
        effects_matrix(synthetic_effects.iloc[1:], names=NAMES)


def test_labels_of_rows_stay_off_the_next_ones(synthetic_effects):
    four = pd.concat([synthetic_effects, synthetic_effects.assign(panel=synthetic_effects["panel"] + "'")])
    figure = effects_matrix(four, names=NAMES)
    figure.draw_without_rendering()
    upper, lower = figure.axes[0], figure.axes[2]
    assert upper.xaxis.get_tightbbox().y0 > lower.title.get_window_extent().y1


def test_the_figure_repeats_byte_for_byte(synthetic_effects):
    first, second = (figure_bytes(effects_matrix(synthetic_effects, names=NAMES), dpi=40) for _ in range(2))
    assert first == second
