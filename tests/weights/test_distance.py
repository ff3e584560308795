"""Great-circle distance weights: dense formulas, libpysal as a second implementation, invariances."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.geography.units import great_circle_km, load_units, seat_distances
from yrdspatial.weights.distance import distance_weights, nearest_links


def cosine_law(places):
    """Kilometres by the spherical law of cosines, another formula than the package uses."""
    lon, lat = np.radians(places["lon"].to_numpy(float)), np.radians(places["lat"].to_numpy(float))
    product = np.sin(lat)[:, None] * np.sin(lat) + np.cos(lat)[:, None] * np.cos(lat) * np.cos(
        lon[:, None] - lon
    )
    return 6371.0088 * np.arccos(np.clip(product, -1, 1))


@st.composite
def places(draw):
    """Synthetic places on a grid of tenths of degrees, so that equal distances occur."""
    n = draw(st.integers(3, 12))
    grid = st.tuples(st.integers(1150, 1230), st.integers(270, 350))
    points = draw(st.lists(grid, min_size=n, max_size=n, unique=True))
    labels = draw(st.lists(st.integers(0, 999), min_size=n, max_size=n, unique=True))
    return pd.DataFrame(np.array(points) / 10, columns=["lon", "lat"], index=labels)


def test_the_default_is_the_seats_of_the_cities():
    graph = distance_weights(power=2, standardize="none")
    np.testing.assert_allclose(
        graph.sparse.toarray()[~np.eye(41, dtype=bool)],
        seat_distances().to_numpy()[~np.eye(41, dtype=bool)] ** -2.0,
        rtol=1e-12,
    )
    assert graph.unique_ids.tolist() == load_units().index.tolist()
    assert graph.unique_ids.dtype == np.int64
    same = distance_weights(load_units(), power=2, standardize="none")
    pd.testing.assert_series_equal(graph.adjacency, same.adjacency)


@settings(deadline=None, max_examples=40)
@given(places(), st.sampled_from([0.5, 1.0, 2.0]))
def test_all_pairs_by_the_formula(table, power):
    kilometres = cosine_law(table)
    raw = (
        np.where(np.eye(len(table), dtype=bool), 0.0, 1.0)
        / np.where(kilometres > 0, kilometres, 1.0) ** power
    )
    result = distance_weights(table, power=power).sparse.toarray()
    # 1e-7: the law of cosines loses digits at short distances
    np.testing.assert_allclose(result, raw / raw.sum(axis=1, keepdims=True), rtol=1e-7)


@settings(deadline=None, max_examples=40)
@given(places(), st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(table, k, random):
    k = min(k, len(table) - 1)
    shuffled = table.loc[random.sample(list(table.index), len(table))]
    one, other = (distance_weights(each, k=k, cutoff=400).adjacency for each in (table, shuffled))
    pd.testing.assert_series_equal(one.sort_index(), other.sort_index(), check_exact=True)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_k_nearest_agree_with_libpysal(seed, k):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"lon": rng.uniform(115, 123, 30), "lat": rng.uniform(27, 35, 30)})
    points = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"], crs=4326))
    expected = Graph.build_knn(points, k=k, metric="haversine").sparse.toarray()
    result = distance_weights(table, k=k, power=0, standardize="none").sparse.toarray()
    np.testing.assert_array_equal(result, expected)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(20, 2000))
def test_the_cutoff_keeps_what_is_near(seed, cutoff):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"lon": rng.uniform(115, 123, 25), "lat": rng.uniform(27, 35, 25)})
    kilometres = cosine_law(table)
    expected = (kilometres <= cutoff) & ~np.eye(25, dtype=bool)
    result = distance_weights(table, cutoff=cutoff, power=0, standardize="none").sparse.toarray()
    np.testing.assert_array_equal(result, expected.astype(float))


def test_equal_distances_go_to_the_smaller_label():
    # the middle place has two neighbours exactly as far; whichever row comes first
    for names in (["b", "m", "a"], ["a", "m", "b"]):
        table = pd.DataFrame({"lon": [0.0, 0.0, 0.0], "lat": [-1.0, 0.0, 1.0]}, index=names)
        assert distance_weights(table, k=1)["m"].to_dict() == {"a": 1.0}


def test_k_and_cutoff_together():
    table = pd.DataFrame({"lon": [0.0, 0.0, 0.0, 0.0], "lat": [0.0, 1.0, 3.0, 9.0]}, index=list("abcd"))
    graph = distance_weights(table, k=2, cutoff=250, power=0, standardize="none")  # 1 degree is 111.2 km
    assert {unit: list(graph[unit].index) for unit in "abc"} == {"a": ["b"], "b": ["a", "c"], "c": ["b"]}
    assert graph.isolates.tolist() == ["d"]
    assert distance_weights(table, cutoff=1, power=0).isolates.tolist() == list("abcd")


def test_points_of_any_reference_system():
    units = load_units()
    points = gpd.GeoDataFrame(
        index=units.index, geometry=gpd.points_from_xy(units["seat_lon"], units["seat_lat"])
    )
    points = points.set_crs(4326).to_crs(32650)
    # 1e-9: there and back through a projection
    np.testing.assert_allclose(
        distance_weights(points, cutoff=300).sparse.toarray(),
        distance_weights(cutoff=300).sparse.toarray(),
        rtol=1e-9,
    )


def test_the_date_line_and_the_poles_are_no_border():
    table = pd.DataFrame({"lon": [179.9, -179.9, 0.0], "lat": [0.0, 0.0, 89.0]}, index=list("abc"))
    assert distance_weights(table, k=1)["a"].to_dict() == {"b": 1.0}
    assert distance_weights(table, cutoff=30)["b"].to_dict() == {"a": 1.0}
    assert distance_weights(table, cutoff=30_000).n_edges == 6


def test_places_at_one_point():
    table = pd.DataFrame({"lon": [1.0, 1.0, 2.0], "lat": [0.0, 0.0, 0.0]}, index=["x", "y", "z"])
    with pytest.raises(WeightsError, match=r"infinite \[x-y\]: merge the units"):
        distance_weights(table)
    assert distance_weights(table, power=0, k=1)["x"].to_dict() == {"y": 1.0}


LINE = pd.DataFrame({"lon": [0.0, 1.0, 2.0], "lat": [0.0, 0.0, 0.0]}, index=["x", "y", "z"])


@pytest.mark.parametrize(
    ("units", "options", "message"),
    [
        (LINE, {"power": -1}, "power -1 makes no sense: choose zero or more"),
        (LINE, {"power": np.nan}, "power nan makes no sense"),
        (LINE, {"cutoff": 0}, "cutoff 0 leaves nobody a neighbour"),
        (LINE, {"cutoff": np.nan}, "cutoff nan leaves nobody a neighbour"),
        (LINE, {"k": 3}, "k = 3 neighbours of 3 units: choose a whole number from 1 to 2"),
        (LINE, {"k": 0}, "k = 0 neighbours"),
        (LINE, {"k": 1.5}, "k = 1.5 neighbours"),
        (LINE[["lon"]], {}, "the units have no coordinates: give a frame with columns lon and lat"),
        (LINE.assign(lat=[0.0, np.nan, 91.0]), {}, "coordinates are missing or no degrees [y, z]"),
        (LINE.assign(lat=["0", "here", "1"]), {}, "coordinates are missing or no degrees [y]"),
    ],
)
def test_bad_requests(units, options, message):
    with pytest.raises(WeightsError, match=re.escape(message)):
        distance_weights(units, **options)


def test_shapes_that_are_no_points_on_earth():
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 1], [0, 0]))
    with pytest.raises(WeightsError, match=r"without a coordinate reference system: .*set_crs"):
        distance_weights(points)
    with pytest.raises(WeightsError, match=r"no points \[0, 1\]: .*representative_point"):
        distance_weights(points.buffer(1).to_frame("geometry").set_crs(4326))
    with pytest.raises(AlignmentError, match="labels of units repeat"):
        distance_weights(LINE.iloc[[0, 0]])


def test_thirty_thousand_places_stay_sparse():
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"lon": rng.uniform(115, 123, 30_000), "lat": rng.uniform(27, 35, 30_000)})
    graph = distance_weights(table, k=4)
    assert graph.n_edges == 120_000
    np.testing.assert_allclose(graph.sparse.sum(axis=1), 1.0, rtol=1e-14)


def test_nearest_links_of_an_empty_list():
    empty = np.array([], dtype=np.intp)
    assert nearest_links(empty, empty, np.array([]), pd.Index(["a"]), k=2).tolist() == []


def test_names_and_codes_cannot_be_mixed():
    with pytest.raises(AlignmentError, match="different types"):
        distance_weights(LINE.set_axis(["x", 1, 2]), k=1)


@settings(deadline=None, max_examples=40)
@given(places(), st.integers(1, 4), st.floats(50, 900))
def test_k_nearest_within_the_cutoff_by_sorting_each_row(table, k, cutoff):
    k = min(k, len(table) - 1)
    graph = distance_weights(table, k=k, cutoff=cutoff, power=0, standardize="none")
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    kilometres = pd.DataFrame(great_circle_km(lon[:, None], lat[:, None], lon, lat), table.index, table.index)
    for unit, row in kilometres.iterrows():
        ranked = sorted((gap, label) for label, gap in row.items() if label != unit and gap <= cutoff)[:k]
        assert set(graph[unit].index) == {label for _, label in ranked}


def test_delta_seats_within_100_kilometres():
    graph = distance_weights(cutoff=100, power=0, standardize="none")
    near = seat_distances().to_numpy()
    assert graph.n_edges == ((near <= 100) & (near > 0)).sum()
    assert graph.asymmetry().empty
    nearest = distance_weights(k=1, power=0)
    assert nearest[330900].to_dict() == {330200: 1.0}
