"""Shared classes: Fisher's breaks are the best there are, edges hold every value, colours run from light to dark."""

from itertools import combinations

import numpy as np
import pytest

from yrdspatial.errors import GapError, OutputError
from yrdspatial.report.classes import class_colors, class_edges, natural_breaks
from yrdspatial.report.style import SEQUENTIAL


def inner_squares(values, bounds):
    """Sum of squared deviations from the class means."""
    classes = np.searchsorted(bounds, values)
    return sum(((values[classes == c] - values[classes == c].mean()) ** 2).sum() for c in np.unique(classes))


@pytest.mark.parametrize("seed", range(4))
def test_natural_breaks_have_the_least_inner_variance_of_all_cuts(seed):
    values = np.sort(np.random.default_rng(seed).lognormal(size=14))
    best = min(
        inner_squares(values, [*(values[cut] for cut in cuts), values[-1]])
        for cuts in combinations(range(len(values) - 1), 3)
    )
    # the library sums in single precision
    assert inner_squares(values, natural_breaks(values, 4)) == pytest.approx(best, rel=1e-5)


def test_natural_breaks_pool_all_maps_and_skip_holes():
    values = np.array([[1.0, 1.1, np.nan], [5.0, 5.1, 9.0]])
    assert natural_breaks(values, 3).tolist() == [1.1, 5.1, 9.0]


def test_there_are_no_more_classes_than_values():
    assert natural_breaks(np.array([2.0, 2.0, 3.0]), 5).tolist() == [2.0, 3.0]
    assert natural_breaks(np.array([2.0, 2.0]), 5).tolist() == [2.0]


def test_a_map_without_a_value_is_an_error_with_a_cure():
    with pytest.raises(GapError, match="choose years that have data"):
        natural_breaks(np.full((2, 3), np.nan))


def test_edges_begin_at_the_minimum_and_end_at_the_maximum():
    values = np.array([0.4, 0.9, 1.6, 3.0, np.nan])
    assert class_edges(values, [0.5, 1.0]).tolist() == [0.4, 0.5, 1.0, 3.0]
    assert class_edges(values, [0.5, 1.0, 3.0]).tolist() == [0.4, 0.5, 1.0, 3.0]
    assert class_edges(values, [0.5, 5.0]).tolist() == [0.4, 0.5, 5.0]


def test_a_first_bound_below_every_value_makes_an_empty_class():
    assert class_edges(np.array([2.0, 3.0]), [1.0, 3.0]).tolist() == [1.0, 1.0, 3.0]


def test_natural_edges_hold_every_value():
    values = np.random.default_rng(0).lognormal(size=200)
    edges = class_edges(values)
    assert len(edges) == 6
    assert edges[0] == values.min()
    assert edges[-1] == values.max()
    assert (np.searchsorted(edges[1:], values) < 5).all()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_colours_are_distinct_and_ordered(count):
    colors = class_colors(count)
    places = [SEQUENTIAL.index(color) for color in colors]
    assert places == sorted(set(places))
    assert len(places) == count


def test_more_classes_than_eyes_can_tell_apart_are_refused():
    with pytest.raises(OutputError, match="at most 5 classes"):
        class_colors(6)
