"""Travel times by networks that nobody placed, against distances, ranks and trees found here in another way."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, GapError, YrdSpatialError
from yrdspatial.geography.units import seat_distances
from yrdspatial.rail.hypothetical import SpanningTree

YEARS = range(2006, 2021)


@pytest.fixture(scope="module")
def km():
    return seat_distances().to_numpy()


@pytest.fixture(scope="module")
def tree_times():
    return yrd.hypothetical_times(YEARS, kind="spanning_tree", fallback=False)


@pytest.fixture(scope="module")
def population():
    return yrd.load_panel().frame["population_resident"].xs(2005, level="year")


def kruskal(km):
    """Links of the minimum spanning tree: the shortest first, none that closes a circle."""
    group, links = list(range(len(km))), set()
    for i, j in sorted(zip(*np.triu_indices(len(km), 1), strict=True), key=lambda pair: km[pair]):
        if group[i] != group[j]:
            links.add((int(i), int(j)))
            group = [group[i] if one == group[j] else one for one in group]
    return links


def path(links, start, end):
    """Find the only way along a tree."""
    ways = [[start]]
    while ways:
        way = ways.pop()
        if way[-1] == end:
            return way
        near = {b if a == way[-1] else a for a, b in links if way[-1] in (a, b)} - set(way)
        ways += [[*way, one] for one in near]
    raise AssertionError


def test_straight_lines_at_the_speed_of_the_best_line(km):
    rail = yrd.load_rail()
    times = yrd.hypothetical_times([2007, 2012, 2020], fallback=False)
    for position, speed in enumerate((200, 300, 350)):
        expected = rail.parameters.terminal_minutes + 60 * km / (speed * rail.parameters.speed_factor)
        np.fill_diagonal(expected, 0.0)
        np.testing.assert_allclose(times.array[position], expected, rtol=1e-12)
    assert (np.diff(times.array, axis=0) <= 0).all()


def test_before_the_first_line_there_is_only_the_road(km):
    rule = yrd.RoadRule()
    for kind in ("straight", "spanning_tree"):
        alone = yrd.hypothetical_times([2006], kind=kind, fallback=False)
        assert np.isinf(alone.array[0][~np.eye(41, dtype=bool)]).all()
        assert set(alone.modes(2006).to_numpy().ravel()) == {"self", "unreachable"}
        road = yrd.hypothetical_times([2006], kind=kind)
        expected = rule.minutes(km)
        np.fill_diagonal(expected, 0.0)
        np.testing.assert_allclose(road.array[0], expected)
        assert road.modes(2006).loc[310000, 320500] == "road"
    at_end = yrd.hypothetical_times([2007], when="year_end", fallback=yrd.RoadRule(speed_kmh=10.0))
    assert at_end.modes(2007).loc[310000, 320500] == "hsr"


def test_the_tree_is_that_of_kruskal_and_joins_by_size(km, population):
    tree = SpanningTree.of(km, population.to_numpy())
    links = kruskal(km)
    assert {(int(i), int(j)) for i, j in np.argwhere(tree.links) if i < j} == links
    np.testing.assert_allclose(tree.links[tree.links > 0], km[tree.links > 0])
    order = np.argsort(-population.to_numpy(), kind="stable")
    joined = {int(order[0]): 0}
    for step, city in enumerate(order[1:], start=1):
        for place in path(links, int(order[0]), int(city)):
            joined.setdefault(place, step)
    assert tree.joined.tolist() == [joined[place] for place in range(41)]
    assert population.index[order[0]] == 310000


def test_as_many_cities_as_had_fast_trains_at_most(tree_times):
    first = yrd.load_rail().first_service()
    served = [int(np.isfinite(one).sum(axis=1).max()) for one in tree_times.array]
    real = [int((first <= pd.Timestamp(f"{year}-07-01")).sum()) for year in YEARS]
    assert all(made <= true for made, true in zip(served[1:], real[1:], strict=True))
    assert served[0] == 1
    assert max(true - made for made, true in zip(served[1:], real[1:], strict=True)) <= 6  # one long branch
    assert served[-1] > served[1]


def test_minutes_along_the_tree(km, tree_times):
    rail, links = yrd.load_rail(), kruskal(km)
    parameters, units = rail.parameters, list(tree_times.units)
    minutes = tree_times.frame(2016)
    reached = [unit for unit in units if np.isfinite(minutes.loc[310000, unit])]
    for unit in reached[1::5]:
        way = path(links, units.index(310000), units.index(unit))
        run = sum(km[a, b] for a, b in pairwise(way)) * 60 / (300 * parameters.speed_factor)
        expected = parameters.terminal_minutes + run + (len(way) - 2) * parameters.station_stop_minutes
        assert minutes.loc[310000, unit] == pytest.approx(expected if len(way) > 1 else 0.0)
    assert len(reached) > 20


def test_times_are_symmetric_and_no_pair_gets_slower(tree_times):
    for times in (tree_times, yrd.hypothetical_times(YEARS, kind="spanning_tree")):
        np.testing.assert_allclose(times.array, times.array.swapaxes(1, 2))
        assert (times.array[1:] <= times.array[:-1] + 1e-9).all()
        assert (np.diagonal(times.array, axis1=1, axis2=2) == 0).all()


def test_access_is_added_before_modes_are_compared():
    near = yrd.hypothetical_times([2016])
    late = yrd.hypothetical_times([2016], access=500.0)
    assert near.modes(2016).loc[310000, 320500] == "hsr"
    assert late.modes(2016).loc[310000, 320500] == "road"


def test_the_order_of_size_is_the_users(population):
    same = yrd.hypothetical_times(
        [2010], kind="spanning_tree", size=population.sample(frac=1.0, random_state=1)
    )
    np.testing.assert_array_equal(same.array, yrd.hypothetical_times([2010], kind="spanning_tree").array)
    turned = yrd.hypothetical_times([2010], kind="spanning_tree", size=-population)
    assert (turned.array != same.array).any()


def test_where_real_lines_run_does_not_matter():
    rail = yrd.load_rail()
    other = rail.segments.assign(km=rail.segments["km"] * 3.0)
    changed = type(rail)(other, rail.stations, rail.conventional * 2.0, rail.parameters)
    for kind in ("straight", "spanning_tree"):
        one, two = (yrd.hypothetical_times([2010, 2016], kind=kind, network=n) for n in (rail, changed))
        np.testing.assert_array_equal(one.array, two.array)


def test_weights_and_accessibility_take_them():
    times = yrd.hypothetical_times([2008, 2016], kind="spanning_tree")
    weights = yrd.rail_weights(times, k=4)
    assert weights.years == (2008, 2016)
    near = yrd.accessibility(times, pd.Series(1.0, times.units), measure="potential")["potential"].unstack()
    assert (near[2016] >= near[2008]).all()


@pytest.mark.parametrize("count", [0, 1])
def test_a_line_has_two_ends(count):
    tree = SpanningTree.of(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1.0, 2.0]))
    assert not tree.served(count).any()
    assert np.isinf(tree.minutes(count, 1.0, 0.5)[0, 1])
    assert tree.minutes(2, 2.0, 0.5)[0, 1] == 2.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "circle"}, "kind='circle' is not known"),
        ({"when": "noon"}, "when='noon' is not known"),
        ({"access": -1.0}, "access is -1.0"),
        ({"access": np.inf}, "access is inf"),
    ],
)
def test_what_makes_no_sense_is_refused(options, message):
    with pytest.raises(YrdSpatialError, match=message):
        yrd.hypothetical_times([2016], **options)


def test_years_and_sizes_are_checked(population):
    with pytest.raises(YrdSpatialError, match="2016 is one year"):
        yrd.hypothetical_times(2016)
    with pytest.raises(AlignmentError, match=r"do not cover the cities \[310000\]"):
        yrd.hypothetical_times([2016], kind="spanning_tree", size=population.drop(310000))
    with pytest.raises(AlignmentError, match="a city twice"):
        yrd.hypothetical_times([2016], kind="spanning_tree", size=pd.concat([population, population[:1]]))
    with pytest.raises(GapError, match="a size is missing"):
        yrd.hypothetical_times(
            [2016], kind="spanning_tree", size=population.where(population.index != 320500)
        )
