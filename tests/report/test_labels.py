"""Labels find places: none covers another, none leaves the frame, and the places are the same every time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yrdspatial.geography.units import load_units
from yrdspatial.report.basemap import project, short_names
from yrdspatial.report.labels import draw_labels, place_labels, text_width
from yrdspatial.report.style import figure_bytes, house_style, panel_grid

FRAME = (0.0, 0.0, 220.0, 260.0)


def shared_area(centres, sizes):
    """Area shared by any two boxes, pair by pair: an independent count."""
    total = 0.0
    for i in range(len(centres)):
        for j in range(i):
            width = (sizes[i, 0] + sizes[j, 0]) / 2 - abs(centres[i, 0] - centres[j, 0])
            height = (sizes[i, 1] + sizes[j, 1]) / 2 - abs(centres[i, 1] - centres[j, 1])
            total += max(width, 0) * max(height, 0)
    return total


def delta_on_a_panel():
    units = load_units()
    seats = project(units["seat_lon"], units["seat_lat"])
    scale = 215 / np.ptp(seats, axis=0)[1]
    anchors = (seats - seats.min(axis=0)) * scale + 15
    sizes = np.array([[text_width(name) * 5.0, 5.75] for name in short_names(units)])
    return anchors, sizes


def test_the_41_names_of_the_delta_fit_a_small_panel():
    anchors, sizes = delta_on_a_panel()
    centres = place_labels(anchors, sizes, (0.0, 0.0, 260.0, 260.0), marker=1.5)
    assert shared_area(centres, sizes) == 0
    assert np.abs(centres - anchors).max() < 40  # points: no name strays further than two name widths


def test_names_around_suzhou_wuxi_and_changzhou_stay_beside_their_points():
    anchors, sizes = delta_on_a_panel()
    centres = place_labels(anchors, sizes, (0.0, 0.0, 260.0, 260.0), marker=1.5)
    places = load_units().index.get_indexer([320200, 320400, 320500])
    beyond = np.abs(centres - anchors)[places] - sizes[places] / 2
    assert beyond.max() < 10


def test_the_same_points_give_the_same_places():
    anchors, sizes = delta_on_a_panel()
    first = place_labels(anchors, sizes, FRAME)
    assert np.array_equal(first, place_labels(anchors.copy(), sizes.copy(), FRAME))


def test_a_lone_label_sits_at_the_right_of_its_marker():
    centre = place_labels(np.array([[100.0, 100.0]]), np.array([[10.0, 6.0]]), FRAME, marker=2.0)
    assert centre[0, 1] == pytest.approx(100.0)
    assert centre[0, 0] == pytest.approx(100.0 + 5.0 + 2.0 + 1.0)


def test_without_a_marker_a_lone_label_sits_on_its_point():
    centre = place_labels(np.array([[100.0, 100.0]]), np.array([[10.0, 6.0]]), FRAME, marker=0.0)
    assert centre[0].tolist() == [100.0, 100.0]


@pytest.mark.parametrize("corner", [(1.0, 1.0), (219.0, 1.0), (1.0, 259.0), (219.0, 259.0)])
def test_labels_stay_inside_the_frame(corner):
    size = np.array([[20.0, 8.0]])
    centre = place_labels(np.array([corner]), size, FRAME)
    low, high = centre - size / 2, centre + size / 2
    assert (low >= np.array(FRAME[:2])).all()
    assert (high <= np.array(FRAME[2:])).all()


def test_labels_keep_off_the_markers_of_others():
    anchors = np.array([[100.0, 100.0], [108.0, 100.0]])
    sizes = np.full((2, 2), 8.0)
    centres = place_labels(anchors, sizes, FRAME, marker=2.0)
    beside = np.abs(centres[0] - anchors[1]) >= sizes[0] / 2 + 2.0 - 1e-9
    assert beside.any()


def test_points_on_one_spot_are_told_apart():
    anchors = np.full((6, 2), 100.0)
    sizes = np.full((6, 2), 10.0)
    assert shared_area(place_labels(anchors, sizes, FRAME), sizes) == 0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(20, 200), st.floats(20, 240)), min_size=1, max_size=20))
def test_any_points_get_labels_inside_the_frame_that_overlap_less_than_unplaced_ones(points):
    anchors, sizes = np.array(points), np.full((len(points), 2), [10.0, 6.0])
    centres = place_labels(anchors, sizes, FRAME)
    assert (centres - sizes / 2 >= 0).all()
    assert (centres + sizes / 2 <= np.array(FRAME[2:])).all()
    unplaced = anchors + np.array([sizes[0, 0] / 2 + 3.0, 0.0])
    assert shared_area(centres, sizes) <= shared_area(unplaced, sizes) + 1e-9
    assert np.array_equal(centres, place_labels(anchors, sizes, FRAME))


def test_moving_the_whole_map_moves_the_labels_with_it():
    anchors, sizes = delta_on_a_panel()
    shift = np.array([64.0, 32.0])
    moved = place_labels(anchors + shift, sizes, (64.0, 32.0, 324.0, 292.0), marker=1.5)
    assert np.allclose(moved - shift, place_labels(anchors, sizes, (0.0, 0.0, 260.0, 260.0), marker=1.5))


def test_chinese_letters_are_square_and_latin_ones_narrow():
    assert text_width("马鞍山") == 3.0
    assert text_width("Wuxi") < 3.0
    assert text_width("") == 0


@house_style()
def draw(points, names):
    figure, (panel,) = panel_grid(1, columns=1, width=3.0, aspect=1.0)
    panel.set(xlim=(0, 10), ylim=(0, 10))
    draw_labels(panel, np.array(points, dtype=float).reshape(-1, 2), names, size=6)
    return figure, panel


def test_drawn_names_are_texts_of_the_panel():
    figure, panel = draw([[2, 2], [8, 8]], ["无锡", "苏州"])
    assert [text.get_text() for text in panel.texts] == ["无锡", "苏州"]
    figure_bytes(figure, dpi=50)


def test_a_far_label_has_a_leader_and_a_near_one_has_none():
    assert len(draw([[5, 5]], ["无锡"])[1].lines) == 0
    assert len(draw([[5, 5]] * 14, ["无锡"] * 14)[1].lines) > 0


def test_labels_do_not_move_the_limits():
    _, panel = draw([[0, 0], [10, 10]], ["无锡", "苏州"])
    assert panel.get_xlim() == (0, 10)
    assert panel.get_ylim() == (0, 10)


def test_no_point_is_no_label():
    _, panel = draw([], [])
    assert len(panel.texts) == 0
