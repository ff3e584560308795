"""Chebyshev series against functions in closed form."""

import numpy as np
import pytest

from yrdspatial.models.chebyshev import Series, bound, growth, nodes


def both(x):
    return np.array([np.exp(x), np.log(2.0 - x)])


def test_values_derivatives_and_integral():
    series, x = Series.of(both, -0.5, 1.0, 24), np.linspace(-0.5, 1.0, 7)
    assert series.at(x) == pytest.approx(np.stack([np.exp(x), np.log(2.0 - x)], axis=1), abs=1e-13)
    assert series.at(x, 1) == pytest.approx(np.stack([np.exp(x), -1.0 / (2.0 - x)], axis=1), abs=1e-11)
    assert series.at(x, 2) == pytest.approx(np.stack([np.exp(x), -1.0 / (2.0 - x) ** 2], axis=1), abs=1e-9)
    assert series.at(x, -1)[:, 0] == pytest.approx(np.exp(x) - np.exp(0.25), abs=1e-13)


def test_nodes_are_zeros_of_the_polynomial():
    assert np.cos(9 * np.arccos(nodes(9))) == pytest.approx(np.zeros(9), abs=1e-13)


def test_ends_are_covered():
    series = Series.of(both, -0.5, 1.0, 4)
    assert series.covers(-0.5)
    assert series.covers(1.0)
    assert not series.covers(1.1)


@pytest.mark.parametrize("count", [4, 8, 16, 24])
@pytest.mark.parametrize("ratio", [1.5, 2.0, 4.0])
def test_error_stays_below_its_bound(count, ratio):
    # ln(ratio - x) on (-1, 1) is singular at ratio; on the ellipse that goes 0.8 of the way it is below
    # |ln(0.2 ratio)| + ln(2 ratio) + pi.
    x = np.linspace(-1.0, 1.0, 501)
    series = Series.of(lambda at: np.array([np.log(ratio - at)]), -1.0, 1.0, count)
    error = np.abs(series.at(x)[:, 0] - np.log(ratio - x)).max()
    largest = abs(np.log(0.2 * ratio)) + np.log(2.0 * ratio) + np.pi
    assert error <= bound(largest, growth(max(0.8 * ratio, 1.01)), count) + 1e-13  # rounding


def test_growth_is_the_ellipse_through_a_point():
    rate = growth(2.5)
    assert 0.5 * (rate + 1.0 / rate) == pytest.approx(2.5)
