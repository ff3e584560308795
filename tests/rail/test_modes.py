"""The road rule by hand, and which mode wins."""

import numpy as np
import pytest

from yrdspatial.errors import YrdSpatialError
from yrdspatial.rail.modes import MODES, RoadRule, fastest


def square(minutes):
    return np.array([[0.0, minutes], [minutes, 0.0]])


def test_road_minutes_by_hand():
    # 30 minutes, then 1.3 x 200 km at 80 km/h = 3.25 h = 195 minutes
    assert RoadRule().minutes(np.array([200.0])) == pytest.approx([225.0], abs=1e-9)
    assert RoadRule(start_minutes=0, detour=1.5, speed_kmh=60).minutes(np.array([40.0])) == pytest.approx(
        [60.0]
    )


@pytest.mark.parametrize(
    "rule",
    [{"start_minutes": -1}, {"detour": 0.9}, {"speed_kmh": 0}, {"speed_kmh": np.nan}, {"detour": np.inf}],
)
def test_a_senseless_road_is_refused(rule):
    with pytest.raises(YrdSpatialError, match="speed_kmh > 0"):
        RoadRule(**rule)


@pytest.mark.parametrize(
    ("times", "best", "mode"),
    [
        ((50.0, 60.0, 70.0), 50.0, "hsr"),
        ((50.0, 40.0, 70.0), 40.0, "conventional"),
        ((50.0, np.inf, 30.0), 30.0, "road"),
        ((50.0, 50.0, 50.0), 50.0, "hsr"),
        ((60.0, 50.0, 50.0), 50.0, "conventional"),
        ((np.inf,), np.inf, "unreachable"),
        ((55.0,), 55.0, "hsr"),
    ],
)
def test_the_fastest_wins_and_rail_wins_ties(times, best, mode):
    minutes, code = fastest(*map(square, times))
    assert minutes[0, 1] == minutes[1, 0] == best
    assert MODES[code[0, 1]] == MODES[code[1, 0]] == mode


def test_the_diagonal_is_zero_whatever_was_added():
    minutes, code = fastest(square(50.0) + 60.0, square(70.0) + 60.0)
    assert (np.diag(minutes) == 0).all()
    assert {MODES[number] for number in np.diag(code)} == {"self"}


def test_inputs_are_not_changed():
    rail = square(50.0) + 60.0
    fastest(rail)
    np.testing.assert_array_equal(rail, square(50.0) + 60.0)
