"""Heat maps of weights: order by province, one scale, zero white, labels of rows and columns."""

import numpy as np
import pytest

from yrdspatial.errors import AlignmentError
from yrdspatial.report.heatmap import weights_heatmap
from yrdspatial.report.style import figure_bytes

NEIGHBOURS = np.diag(np.ones(8), 1) + np.diag(np.ones(8), -1)


def images(figure):
    return [panel.images[0] for panel in figure.axes if panel.images]


def test_units_are_grouped_by_province_in_order(synthetic_units):
    mixed = synthetic_units.iloc[[6, 1, 0, 7, 2, 3, 8, 4, 5]]
    figure = weights_heatmap({"W": NEIGHBOURS}, mixed)
    panel = figure.axes[0]
    names = [tick.get_text() for tick in panel.get_yticklabels()]
    assert names == ["杭州", "宁波", "温州", "南京", "无锡", "徐州", "常州", "苏州", "上海"]
    assert [tick.get_text() for tick in panel.get_xticklabels()] == names
    assert [text.get_text() for text in panel.texts] == ["浙江省", "江苏省", "上海市"]
    order = [0, 3, 6, 1, 4, 5, 7, 8, 2]
    assert np.array_equal(images(figure)[0].get_array(), NEIGHBOURS[order][:, order])


def test_provinces_are_divided_by_lines(synthetic_units):
    panel = weights_heatmap({"W": NEIGHBOURS}, synthetic_units).axes[0]
    assert len(panel.lines) == 2 * 3


def test_matrices_share_one_scale(synthetic_units):
    figure = weights_heatmap({"contiguity": NEIGHBOURS, "rail": 0.2 * NEIGHBOURS}, synthetic_units)
    first, second = images(figure)
    assert first.norm.vmax == second.norm.vmax == 1.0
    assert first.norm.vmin == 0.0
    assert [panel.get_title(loc="left") for panel in figure.axes[:2]] == ["contiguity", "rail"]
    assert len(figure.axes) == 3


def test_a_weight_of_zero_is_white(synthetic_units):
    image = images(weights_heatmap({"W": NEIGHBOURS}, synthetic_units))[0]
    assert image.cmap(image.norm(0.0))[:3] == (1.0, 1.0, 1.0)
    assert image.cmap(image.norm(0.05))[:3] != (1.0, 1.0, 1.0)


def test_a_matrix_of_other_units_is_refused_by_name(synthetic_units):
    with pytest.raises(AlignmentError, match="rail: not a matrix of 9 units"):
        weights_heatmap({"contiguity": NEIGHBOURS, "rail": NEIGHBOURS[:8, :8]}, synthetic_units)


def test_the_heat_map_repeats_byte_for_byte(synthetic_units):
    first, second = (
        figure_bytes(weights_heatmap({"W": NEIGHBOURS}, synthetic_units), dpi=40) for _ in range(2)
    )
    assert first == second
