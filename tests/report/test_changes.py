"""Maps of what moved: triangles by sign and size, paths cut between windows, the box drawn near by."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from yrdspatial.errors import AlignmentError
from yrdspatial.report.basemap import build_basemap, project
from yrdspatial.report.changes import map_centres, map_changes
from yrdspatial.report.style import ACCENT, figure_bytes


@pytest.fixture
def synthetic_changes(synthetic_shapes):
    values = np.array([-4.0, 2.0, 1.0, 0.0, -0.5, 0.25, 1.0, 0.75, -0.5])
    return pd.DataFrame({"work": values, "value": -0.5 * values}, index=synthetic_shapes.index)


@pytest.fixture
def synthetic_path():
    years = [2005, 2012, 2013, 2019]
    lon, lat = [119.0, 119.2, 119.6, 119.5], [31.0, 31.1, 31.2, 31.4]
    return pd.DataFrame(
        {"series": "work", "window": ["a", "a", "b", "b"], "year": years, "lon": lon, "lat": lat}
    )


@pytest.fixture
def synthetic_ellipses():
    turn = np.linspace(0, 2 * np.pi, 25)
    rounds = [
        pd.DataFrame(
            {"series": "work", "year": year, "lon": 119.3 + np.cos(turn), "lat": 31.2 + 0.4 * np.sin(turn)}
        )
        for year in (2005, 2012, 2019)
    ]
    return pd.concat(rounds, ignore_index=True)


def triangles(panel):
    return [one for one in panel.collections if isinstance(one, PathCollection)]


def test_gains_are_filled_and_losses_hollow_in_size_of_the_change(synthetic_shapes, synthetic_changes):
    titles = {"work": "Work", "value": "Value"}
    figure = map_changes(synthetic_shapes, synthetic_changes, titles=titles, unit="pp")
    gains, losses = triangles(figure.axes[0])
    assert to_hex(gains.get_facecolors()[0]) == ACCENT
    assert to_hex(losses.get_facecolors()[0]) == "#ffffff"
    assert len(gains.get_offsets()) == 5
    assert len(losses.get_offsets()) == 3
    sizes = np.concatenate([gains.get_sizes(), losses.get_sizes()])
    values = synthetic_changes["work"]
    expected = np.concatenate([values[values > 0], -values[values < 0]])
    assert sizes / sizes.max() == pytest.approx(expected / 4.0)
    other = triangles(figure.axes[1])[0].get_sizes().max()
    assert other == pytest.approx(sizes.max() / 2)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["gain of 1 pp", "loss of 1 pp"]


def test_the_largest_changes_are_named_with_their_amount(synthetic_shapes, synthetic_changes):
    panel = map_changes(synthetic_shapes, synthetic_changes, titles={"work": "Work", "value": "Value"}).axes[
        0
    ]
    texts = [text.get_text() for text in panel.texts]
    assert "上海 −4.0" in texts
    assert "南京 +2.0" in texts


def test_a_city_without_a_change_is_refused(synthetic_shapes, synthetic_changes):
    with pytest.raises(AlignmentError, match="a unit of the map has no value"):
        map_changes(synthetic_shapes, synthetic_changes.iloc[1:], titles={"work": "", "value": ""})


def test_rows_in_another_order_make_the_same_map(synthetic_shapes, synthetic_changes):
    titles = {"work": "Work", "value": "Value"}
    first, second = (
        figure_bytes(map_changes(synthetic_shapes, table, titles=titles), dpi=40)
        for table in (synthetic_changes, synthetic_changes.iloc[::-1])
    )
    assert first == second


def test_a_path_is_cut_between_windows(synthetic_shapes, synthetic_path, synthetic_ellipses):
    figure = map_centres(synthetic_shapes, synthetic_path, synthetic_ellipses, titles={"work": "Work"})
    whole, near = figure.axes
    points = project(synthetic_path["lon"], synthetic_path["lat"])
    paths = [np.column_stack(line.get_data()) for line in near.lines if len(line.get_xdata()) == 2]
    assert any(np.allclose(path, points[:2]) for path in paths)
    assert any(np.allclose(path, points[2:]) for path in paths)
    assert not any(np.allclose(path, points[1:3]) for path in paths)
    assert {text.get_text() for text in near.texts} >= {"2005", "2012", "2013", "2019", "10 km"}
    rounds = [line for line in whole.lines if len(line.get_xdata()) == 25]
    assert [line.get_linestyle() for line in rounds] == [":", "-"]


def test_the_box_is_what_the_right_panel_shows(synthetic_shapes, synthetic_path, synthetic_ellipses):
    figure = map_centres(synthetic_shapes, synthetic_path, synthetic_ellipses, titles={"work": "Work"})
    whole, near = figure.axes
    box = next(patch for patch in whole.patches if isinstance(patch, Rectangle))
    assert (box.get_x(), box.get_x() + box.get_width()) == pytest.approx(near.get_xlim())
    assert (box.get_y(), box.get_y() + box.get_height()) == pytest.approx(near.get_ylim())
    points = project(synthetic_path["lon"], synthetic_path["lat"])
    assert (points[:, 0] > near.get_xlim()[0]).all()
    assert (points[:, 1] < near.get_ylim()[1]).all()
    left, low, right, high = build_basemap(synthetic_shapes).extent
    assert (high - low) / (right - left) == pytest.approx(box.get_height() / box.get_width())


def test_the_paths_repeat_byte_for_byte(synthetic_shapes, synthetic_path, synthetic_ellipses):
    first, second = (
        figure_bytes(
            map_centres(synthetic_shapes, synthetic_path, synthetic_ellipses, titles={"work": "W"}), dpi=40
        )
        for _ in range(2)
    )
    assert first == second
