"""Shortest times against sums by hand, a brute-force search and networkx, on small graphs and on the shipped one."""

import itertools
from dataclasses import replace

import networkx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yrdspatial.errors import DataError
from yrdspatial.rail.graph import build_graph, city_minutes

SHANGHAI, NANJING, WUXI, XUZHOU = 310000, 320100, 320200, 320300
UNITS = pd.Index([SHANGHAI, NANJING, WUXI, XUZHOU])
DAY = np.datetime64("2016-03-10")
EXACT = 1e-9  # minutes: sums of the same few numbers in another order


@pytest.fixture(scope="session")
def minutes_of(synthetic):
    def times(segments, stations, day=DAY, parameters=synthetic.parameters):
        return pd.DataFrame(
            city_minutes(build_graph(segments, stations, UNITS), day, parameters), UNITS, UNITS
        )

    return times


def networkx_graph(segments, stations, parameters):
    """Return the graph by another program, from the definition in words: cities are nodes of their own."""
    graph = networkx.DiGraph()
    edges = []
    for row in segments.itertuples():
        run = row.km / (parameters.speed_factor * row.operating_speed_kmh / 60)
        nodes = (row.from_station, row.line), (row.to_station, row.line)
        edges.append((*nodes, run + parameters.station_stop_minutes))
    for one, other in itertools.combinations(sorted({node for edge in edges for node in edge[:2]}), 2):
        if one[0] == other[0]:
            edges.append((one, other, parameters.line_change_minutes))
    graph.add_weighted_edges_from(edges + [(other, one, weight) for one, other, weight in edges])
    for station, line in list(graph.nodes):
        if stations.loc[station, "main"] == 1 and not pd.isna(stations.loc[station, "adcode"]):
            city = int(stations.loc[station, "adcode"])
            graph.add_edge(("leave", city), (station, line), weight=0.0)
            graph.add_edge((station, line), ("arrive", city), weight=0.0)
    return graph


def networkx_minutes(segments, stations, day, parameters, units):
    """Return the times between cities by another program."""
    graph = networkx_graph(segments[segments["opened"] <= pd.Timestamp(day)], stations, parameters)
    ends = parameters.terminal_minutes - parameters.station_stop_minutes
    result = pd.DataFrame(np.inf, index=units, columns=units)
    for unit in units.intersection([city for end, city in graph.nodes if end == "leave"]):
        lengths = networkx.single_source_dijkstra_path_length(graph, ("leave", unit))
        there = [node for node in lengths if node[0] == "arrive"]
        result.loc[unit, [city for _, city in there]] = [lengths[node] + ends for node in there]
    return result.where(~np.eye(len(units), dtype=bool), 0.0)


def test_one_segment_takes_run_and_terminal_time(minutes_of, synthetic):
    result = minutes_of(synthetic.segments(("A", "a", "b", 30.0)), synthetic.stations(a=SHANGHAI, b=NANJING))
    assert result.loc[SHANGHAI, NANJING] == pytest.approx(30 + 5, abs=EXACT)


def test_a_station_on_the_way_costs_one_stop(minutes_of, synthetic):
    segments = synthetic.segments(("A", "a", "x", 20.0), ("A", "x", "b", 10.0))
    result = minutes_of(segments, synthetic.stations(a=SHANGHAI, x=None, b=NANJING))
    assert result.loc[SHANGHAI, NANJING] == pytest.approx(30 + 2 + 5, abs=EXACT)


def test_a_change_of_line_costs_a_stop_and_the_change(minutes_of, synthetic):
    segments = synthetic.segments(("A", "a", "x", 20.0), ("B", "x", "b", 10.0))
    result = minutes_of(segments, synthetic.stations(a=SHANGHAI, x=None, b=NANJING))
    assert result.loc[SHANGHAI, NANJING] == pytest.approx(30 + 2 + 10 + 5, abs=EXACT)


def test_a_longer_way_without_a_change_can_be_faster(minutes_of, synthetic):
    segments = synthetic.segments(
        ("A", "a", "x", 20.0), ("B", "x", "b", 10.0), ("C", "a", "y", 20.0), ("C", "y", "b", 19.0)
    )
    result = minutes_of(segments, synthetic.stations(a=SHANGHAI, x=None, y=None, b=NANJING))
    assert result.loc[SHANGHAI, NANJING] == pytest.approx(39 + 2 + 5, abs=EXACT)


def test_a_city_is_as_near_as_the_best_of_its_main_stations(minutes_of, synthetic):
    segments = synthetic.segments(("A", "a", "b", 30.0), ("B", "a", "c", 20.0))
    result = minutes_of(segments, synthetic.stations(a=SHANGHAI, b=NANJING, c=NANJING))
    assert result.loc[SHANGHAI, NANJING] == pytest.approx(20 + 5, abs=EXACT)


def test_county_stations_do_not_serve_their_city(minutes_of, synthetic):
    result = minutes_of(
        synthetic.segments(("A", "a", "b", 30.0)), synthetic.stations(a=SHANGHAI, b=(NANJING, 0))
    )
    assert np.isinf(result.loc[SHANGHAI, NANJING])
    assert np.isinf(result.loc[WUXI, XUZHOU])
    assert (np.diag(result) == 0).all()


def test_nobody_walks_through_a_city_from_one_station_to_the_other(minutes_of, synthetic):
    segments = synthetic.segments(("A", "a", "b", 10.0), ("B", "c", "d", 10.0))
    stations = synthetic.stations(a=SHANGHAI, b=NANJING, c=NANJING, d=WUXI)
    assert np.isinf(minutes_of(segments, stations).loc[SHANGHAI, WUXI])
    linked = pd.concat([segments, synthetic.segments(("hub", "b", "c", 6.0, "2010-07-01", "hublink"))])
    expected = 10 + (2 + 10) + 6 + (2 + 10) + 10 + 5
    assert minutes_of(linked, stations).loc[SHANGHAI, WUXI] == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(
    ("day", "reached"), [("2010-06-30", False), ("2010-07-01", True), ("2024-01-01", True)]
)
def test_a_line_counts_from_its_first_day(minutes_of, synthetic, day, reached):
    result = minutes_of(
        synthetic.segments(("A", "a", "b", 30.0)),
        synthetic.stations(a=SHANGHAI, b=NANJING),
        np.datetime64(day),
    )
    assert np.isfinite(result.loc[SHANGHAI, NANJING]) == reached


def test_a_change_waits_for_the_later_line(minutes_of, synthetic):
    segments = synthetic.segments(("A", "a", "x", 20.0, "2010-07-01"), ("B", "x", "b", 10.0, "2012-07-01"))
    stations = synthetic.stations(a=SHANGHAI, x=None, b=NANJING)
    assert np.isinf(minutes_of(segments, stations, np.datetime64("2012-06-30")).loc[SHANGHAI, NANJING])
    assert np.isfinite(minutes_of(segments, stations, np.datetime64("2012-07-01")).loc[SHANGHAI, NANJING])


def test_losses_of_zero_are_edges_too(minutes_of, synthetic):
    free = replace(
        synthetic.parameters, station_stop_minutes=0.0, line_change_minutes=0.0, terminal_minutes=0.0
    )
    segments = synthetic.segments(("A", "a", "x", 20.0), ("B", "x", "b", 10.0))
    result = minutes_of(segments, synthetic.stations(a=SHANGHAI, x=None, b=NANJING), parameters=free)
    assert result.loc[SHANGHAI, NANJING] == pytest.approx(30, abs=EXACT)


def test_an_unknown_station_is_named(synthetic):
    with pytest.raises(DataError, match=r"unknown station \[b\]: add it to rail/stations.csv"):
        build_graph(synthetic.segments(("A", "a", "b", 30.0)), synthetic.stations(a=SHANGHAI), UNITS)


def test_units_without_any_main_station(synthetic):
    graph = build_graph(synthetic.segments(("A", "a", "b", 30.0)), synthetic.stations(a=None, b=None), UNITS)
    assert graph.access.size == 0
    assert np.isinf(city_minutes(graph, DAY, synthetic.parameters)[~np.eye(4, dtype=bool)]).all()


def random_network(synthetic, seed, n_lines):
    """Return a synthetic network: lines of 2 to 6 of twelve stations in random order, three stations a city."""
    rng = np.random.default_rng(seed)
    names = [f"s{number}" for number in range(12)]
    stations = synthetic.stations(
        **{name: (int(UNITS[place % 4]), int(rng.random() < 0.6)) for place, name in enumerate(names)}
    )
    rows = []
    for line in range(n_lines):
        stops = rng.permutation(names)[: rng.integers(2, 7)]
        opened = f"{rng.integers(2008, 2020)}-07-01"
        rows += [(f"L{line}", a, b, float(rng.integers(5, 90)), opened) for a, b in itertools.pairwise(stops)]
    return synthetic.segments(*rows), stations


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n_lines=st.integers(1, 8))
def test_random_networks_agree_with_networkx(minutes_of, synthetic, seed, n_lines):
    segments, stations = random_network(synthetic, seed, n_lines)
    ours = minutes_of(segments, stations)
    theirs = networkx_minutes(segments, stations, DAY, synthetic.parameters, UNITS)
    np.testing.assert_allclose(ours, theirs, atol=EXACT)
    assert (ours == ours.T).all(axis=None)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_more_lines_are_never_slower_and_row_order_does_not_matter(synthetic, seed):
    segments, stations = random_network(synthetic, seed, 6)
    graph = build_graph(segments, stations, UNITS)
    years = [
        city_minutes(graph, np.datetime64(f"{year}-12-31"), synthetic.parameters)
        for year in range(2007, 2021)
    ]
    for before, after in itertools.pairwise(years):
        assert (after <= before + EXACT).all()
    shuffled = segments.sample(frac=1.0, random_state=seed)
    moved = build_graph(shuffled, stations.sample(frac=1.0, random_state=seed), UNITS)
    np.testing.assert_allclose(
        city_minutes(moved, np.datetime64("2020-12-31"), synthetic.parameters), years[-1], atol=EXACT
    )


@pytest.mark.parametrize("day", ["2007-12-31", "2011-07-01", "2016-03-10", "2024-12-31"])
def test_the_shipped_network_agrees_with_networkx(network, day):
    ours = city_minutes(network.graph, np.datetime64(day), network.parameters)
    theirs = networkx_minutes(
        network.segments, network.stations, np.datetime64(day), network.parameters, network.units
    )
    np.testing.assert_allclose(ours, theirs, atol=EXACT)


def test_units_in_another_order_give_the_same_times(network):
    turned = network.units[::-1]
    graph = build_graph(network.segments, network.stations, turned)
    ours = city_minutes(graph, DAY, network.parameters)
    np.testing.assert_array_equal(ours[::-1, ::-1], city_minutes(network.graph, DAY, network.parameters))


def test_shapes_are_as_documented(network):
    graph = network.graph
    n_segments = len(network.segments)
    assert [len(part) for part in (graph.tail, graph.head, graph.run_minutes, graph.opened)] == [
        n_segments
    ] * 4
    assert len(graph.change_tail) == len(graph.change_head) == len(graph.change_opened)
    assert (np.diff(graph.access_unit) >= 0).all()
    assert len(np.unique(graph.access)) == len(graph.access) == len(graph.access_unit)
    assert graph.n_nodes == len(
        set(zip(network.segments["from_station"], network.segments["line"], strict=True))
        | set(zip(network.segments["to_station"], network.segments["line"], strict=True))
    )
