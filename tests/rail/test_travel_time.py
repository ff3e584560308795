"""Times by year: the calendar, constant speeds, modes, gaps, speed."""

import time

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import GapError, YrdSpatialError
from yrdspatial.rail.modes import MODES, RoadRule
from yrdspatial.rail.network import RailNetwork

YEARS = range(2007, 2025)
OFF = ~np.eye(41, dtype=bool)


@pytest.fixture(scope="module")
def times():
    return yrd.travel_times(YEARS)


@pytest.fixture(scope="module")
def alone():
    return yrd.travel_times(YEARS, fallback=False)


def test_shapes(times):
    assert times.array.shape == times.mode_codes.shape == (18, 41, 41)
    assert times.years == tuple(YEARS)
    assert times.units.equals(yrd.load_units().index)


@pytest.mark.parametrize(("when", "day"), [("mid_year", "07-01"), ("year_end", "12-31")])
def test_years_are_days(network, when, day):
    times = yrd.travel_times([2010, 2015, 2020], when=when)
    for year in times.years:
        pd.testing.assert_frame_equal(times.frame(year), network.travel_time(f"{year}-{day}"))


def test_a_line_opened_on_the_first_of_july_counts_in_its_year(alone):
    # 宁杭 opened on 2013-07-01: Huzhou is reached from 2013 on; 宁安 on 2015-12-06: Wuhu from 2016 on
    assert np.isinf(alone.frame(2012).loc[330500, 320100])
    assert np.isfinite(alone.frame(2013).loc[330500, 320100])
    assert np.isinf(alone.frame(2015).loc[340200, 320100])
    assert np.isfinite(alone.frame(2016).loc[340200, 320100])


@pytest.mark.parametrize("which", ["times", "alone"])
def test_no_pair_gets_slower(which, request):
    array = request.getfixturevalue(which).array
    assert (array[1:] <= array[:-1] + 1e-9).all()


@pytest.mark.parametrize("which", ["times", "alone"])
def test_symmetric_with_a_zero_diagonal(which, request):
    array = request.getfixturevalue(which).array
    assert (array == array.transpose(0, 2, 1)).all()
    assert (array[:, ~OFF] == 0).all()
    assert (array[:, OFF] > 0).all()


def test_every_pair_has_a_time_with_a_fallback(times):
    assert np.isfinite(times.array).all()


def test_zhoushan_is_unreachable_without(alone):
    zhoushan = alone.units.get_loc(330900)
    assert np.isinf(np.delete(alone.array[:, zhoushan], zhoushan, axis=1)).all()


def test_modes_say_which_time_won(times, alone):
    conventional = yrd.load_rail().conventional.to_numpy()
    for year in (2008, 2016, 2024):
        modes, minutes = times.modes(year).to_numpy(), times.frame(year).to_numpy()
        rail = alone.frame(year).to_numpy()
        assert (modes[~OFF] == "self").all()
        assert (minutes[modes == "hsr"] == rail[modes == "hsr"]).all()
        assert (minutes[modes == "conventional"] == conventional[modes == "conventional"]).all()
        assert (minutes[modes == "road"] < np.minimum(rail, conventional)[modes == "road"]).all()
        assert set(np.unique(modes)) <= set(MODES)
    assert (times.modes(2024) == "hsr").sum(axis=None) > (times.modes(2008) == "hsr").sum(axis=None)


def test_modes_without_a_fallback(alone):
    modes = alone.modes(2012)
    assert set(np.unique(modes)) == {"hsr", "unreachable", "self"}
    assert ((modes == "unreachable").to_numpy() == np.isinf(alone.frame(2012).to_numpy())).all()


def test_before_the_first_line():
    old = yrd.travel_times([2003, 2006])
    assert not (old.modes(2006) == "hsr").any(axis=None)
    np.testing.assert_array_equal(old.array[0], old.array[1])
    none = yrd.travel_times([2006], fallback=False)
    assert np.isinf(none.array[:, OFF]).all()


def test_access_and_road_reach_the_network(network):
    rule = RoadRule(speed_kmh=100.0)
    times = yrd.travel_times([2016], access=45.0, fallback=rule)
    expected = network.travel_time("2016-07-01", access=45.0, fallback=rule)
    pd.testing.assert_frame_equal(times.frame(2016), expected)
    assert (times.array <= yrd.travel_times([2016], access=45.0).array).all()


def test_another_network_can_stand_in(network):
    first = RailNetwork(
        segments=network.segments[network.segments["line"] == "京沪高铁"],
        stations=network.stations,
        conventional=network.conventional,
        parameters=network.parameters,
    )
    times = yrd.travel_times([2010, 2011], fallback=False, network=first)
    assert np.isinf(times.array[0, OFF]).all()
    reached = np.isfinite(np.where(OFF, times.array[1], np.inf)).any(axis=1)
    # the main stations of the line: 徐州东 宿州东 蚌埠南 滁州 南京南 镇江南 常州北 无锡东 苏州北 上海虹桥
    expected = {320300, 341300, 340300, 341100, 320100, 321100, 320400, 320200, 320500, 310000}
    assert set(times.units[reached]) == expected


def test_years_keep_their_order():
    times = yrd.travel_times([2020, 2010])
    assert times.years == (2020, 2010)
    assert (times.array[0] <= times.array[1]).all()


def test_a_frame_is_a_copy(times):
    frame = times.frame(2016)
    frame.iloc[0, 1] = -1.0
    assert times.frame(2016).iloc[0, 1] > 0


@pytest.mark.parametrize("method", ["frame", "modes"])
def test_a_year_without_times_is_named(times, method):
    with pytest.raises(GapError, match=r"no travel times of this year \[2030\]: years here: 2007, 2008"):
        getattr(times, method)(2030)


@pytest.mark.parametrize("years", [[], [2010, 2010], ["2010"], [20.5], [10], [None]])
def test_years_must_be_years(years):
    with pytest.raises(YrdSpatialError, match=r"not a year|none or stand twice"):
        yrd.travel_times(years)


def test_one_year_alone_is_refused_with_a_way_out():
    with pytest.raises(YrdSpatialError, match=r"2016 is one year: give years in a list, such as \[2016\]"):
        yrd.travel_times(2016)


def test_an_unknown_day_of_the_year_is_refused():
    with pytest.raises(
        YrdSpatialError, match=r"when='easter' is not known: choose one of mid_year, year_end"
    ):
        yrd.travel_times([2010], when="easter")


def test_eighteen_years_take_less_than_two_seconds():
    start = time.process_time()
    yrd.travel_times(YEARS)
    assert time.process_time() - start < 2.0  # about 0.2 s on a free core


def test_repr(times):
    assert repr(times).startswith("TravelTimes(41 units, 2007, 2008")
