"""Who shares a border: the 41 cities by era, islands, and libpysal as a second implementation."""

import itertools
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from yrdspatial.datasets import read_table
from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.geography.shapes import load_shapes
from yrdspatial.geography.units import load_units
from yrdspatial.weights.contiguity import contiguity_weights, touching

NINGBO, ZHOUSHAN = 330200, 330900


def pairs(graph):
    adjacency = graph.adjacency
    return {tuple(sorted(pair)) for pair, weight in adjacency.items() if weight}


def era(column):
    table = read_table("shapes/adjacency.csv")
    kept = table[table[column] == 1]
    return set(zip(kept["a_adcode"], kept["b_adcode"], strict=True))


def boxes(corners, crs=None, index=None):
    """Make unit squares with these lower left corners."""
    return gpd.GeoDataFrame(
        geometry=[shapely.box(x, y, x + 1, y + 1) for x, y in corners], crs=crs, index=index
    )


@pytest.fixture(scope="module")
def cities():
    return load_shapes()


def test_the_pairs_from_2016_on_are_the_polygons_and_one_bridge():
    graph = contiguity_weights(standardize="none")
    assert len(pairs(graph)) == 100
    assert pairs(graph) == era("adj_2016_on")
    alone = pairs(contiguity_weights(islands="keep"))
    assert len(alone) == 99
    assert pairs(graph) - alone == {(NINGBO, ZHOUSHAN)}
    assert graph.unique_ids.tolist() == load_units().index.tolist()
    assert graph.unique_ids.dtype == np.int64


@pytest.mark.parametrize(
    ("years", "column", "count"),
    [
        ((2000, 2010), "adj_2000_2010", 95),
        ((2011, 2015), "adj_2011_2015", 100),
        ((2016, 2024), "adj_2016_on", 100),
    ],
)
@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_the_pairs_of_each_era(years, column, count, rule):
    for year in years:
        found = pairs(contiguity_weights(year=year, rule=rule))
        assert len(found) == count
        assert found == era(column)


def test_a_year_without_an_era_is_refused():
    with pytest.raises(WeightsError, match=r"not known \[1999\]: choose a year from 2000 on"):
        contiguity_weights(year=1999)
    with pytest.raises(AlignmentError, match="a year is no integer"):
        contiguity_weights(year="2008")


def test_some_of_the_cities_have_eras_too(cities):
    anhui = cities[cities.index // 10000 == 34]
    for year, column in ((2008, "adj_2000_2010"), (2013, "adj_2011_2015"), (None, "adj_2016_on")):
        expected = {pair for pair in era(column) if min(pair) >= 340000}
        assert pairs(contiguity_weights(anhui, year=year)) == expected


def test_the_policies_for_zhoushan(cities):
    assert contiguity_weights()[ZHOUSHAN].to_dict() == {NINGBO: 1.0}
    assert contiguity_weights(islands="nearest")[ZHOUSHAN].to_dict() == {NINGBO: 1.0}
    kept = contiguity_weights(islands="keep", year=2008)
    assert kept.isolates.tolist() == [ZHOUSHAN]
    assert kept.n == 41
    with pytest.raises(WeightsError, match=r'touch no other \[330900\]: choose islands="nearest" or "keep"'):
        contiguity_weights(islands="error")
    assert contiguity_weights(cities.drop(ZHOUSHAN), islands="error").n == 40


def test_rows_sum_to_one_by_default():
    np.testing.assert_allclose(contiguity_weights().sparse.sum(axis=1), 1.0, rtol=1e-15)
    none = contiguity_weights(standardize="none")
    assert set(none.adjacency) == {1.0}
    expected = none.sparse.toarray() / np.abs(np.linalg.eigvalsh(none.sparse.toarray())).max()
    np.testing.assert_allclose(
        contiguity_weights(standardize="spectral").sparse.toarray(), expected, rtol=1e-12
    )


@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_the_cities_agree_with_libpysal(cities, rule):
    expected = Graph.build_contiguity(cities, rook=rule == "rook", strict=True)
    assert pairs(contiguity_weights(cities, rule=rule, islands="keep")) == pairs(expected)


@settings(deadline=None, max_examples=25)
@given(st.integers(5, 40), st.integers(0, 10_000), st.sampled_from(["queen", "rook"]))
def test_random_cells_agree_with_libpysal(count, seed, rule):
    # Voronoi cells of random points with some left out: a valid coverage with holes, islands and corners
    rng = np.random.default_rng(seed)
    points = shapely.MultiPoint(rng.integers(0, 12, (count, 2)))
    cells = np.array(shapely.get_parts(shapely.voronoi_polygons(points)))
    cells = gpd.GeoDataFrame(geometry=cells[rng.random(cells.size) < 0.8])
    if len(cells):
        expected = Graph.build_contiguity(cells, rook=rule == "rook", strict=True)
        result = contiguity_weights(cells, rule=rule, islands="keep", standardize="none")
        np.testing.assert_array_equal(result.sparse.toarray(), expected.sparse.toarray())


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(41)))
def test_the_order_of_the_shapes_does_not_matter(order):
    shapes = load_shapes()
    graph = contiguity_weights(shapes.iloc[order], year=2008)
    assert graph.unique_ids.tolist() == shapes.index[order].tolist()
    straight = contiguity_weights(year=2008).sparse.toarray()
    np.testing.assert_array_equal(graph.sparse.toarray(), straight[np.ix_(order, order)])


@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_polygons_that_are_no_coverage_are_related_one_by_one(rule):
    # a large square beside two small ones has no vertex where they meet; the last two overlap by a sliver
    shapes = gpd.GeoSeries(
        [
            shapely.box(0, 0, 2, 2),
            shapely.box(2, 0, 3, 1),
            shapely.box(2, 1, 3, 2),
            shapely.box(3, 2, 4, 3),
            shapely.box(3.999, 2, 5, 3),
        ]
    )
    assert not shapely.coverage_is_valid(shapes.array)
    rows, cols = touching(np.asarray(shapes.array, dtype=object), rule).nonzero()
    lines = {(0, 1), (0, 2), (1, 2), (3, 4)}
    found = {(int(i), int(j)) for i, j in zip(rows, cols, strict=True) if i < j}
    assert found == (lines if rule == "rook" else lines | {(2, 3)})


def test_parts_and_holes_count():
    ring = shapely.Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    hole_and_island = shapely.MultiPolygon([shapely.box(1, 1, 2, 2), shapely.box(9, 9, 10, 10)])
    shapes = gpd.GeoDataFrame(geometry=[ring, hole_and_island, shapely.box(10, 9, 11, 10)], index=list("abc"))
    assert pairs(contiguity_weights(shapes)) == {("a", "b"), ("b", "c")}


def test_corners_are_neighbours_by_queen_only():
    shapes = boxes([(0, 0), (1, 1), (1, 0)], index=list("abc"))
    assert pairs(contiguity_weights(shapes, rule="queen")) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert pairs(contiguity_weights(shapes, rule="rook")) == {("a", "c"), ("b", "c")}


def test_foreign_islands_need_a_policy():
    shapes = boxes([(0, 0), (1, 0), (5, 0), (8, 0)], index=["d", "c", "b", "a"])
    with pytest.raises(
        WeightsError, match=r'no documented bridge \[b, a\]: choose islands="nearest" or "keep"'
    ):
        contiguity_weights(shapes)
    assert pairs(contiguity_weights(shapes, islands="nearest")) == {("c", "d"), ("a", "b")}
    assert contiguity_weights(boxes([(0, 0), (1, 0)])).n == 2


def test_the_nearest_of_two_as_near_has_the_smaller_label():
    corners = {"c": (0, 0), "b": (4, 0), "m": (2, 0), "d": (0, 1), "e": (4, 1)}
    for names in (list("cbmde"), list("edmbc")):
        shapes = boxes([corners[name] for name in names], index=names)
        assert contiguity_weights(shapes, islands="nearest")["m"].to_dict() == {"b": 1.0}


def test_the_nearest_is_found_in_metres_and_not_in_degrees():
    # at 60 degrees north a degree of longitude is half a degree of latitude: 3 east is nearer than 2 north
    corners = {"island": (0, 60), "east": (4, 60), "east2": (5, 60), "north": (0, 63), "north2": (0, 64)}
    shapes = boxes(corners.values(), crs=4326, index=corners.keys())
    assert contiguity_weights(shapes, islands="nearest")["island"].to_dict() == {"east": 1.0}


def test_a_bridge_is_found_in_any_shapes_with_these_codes():
    shapes = boxes([(0, 0), (5, 0)], index=[ZHOUSHAN, NINGBO])
    assert pairs(contiguity_weights(shapes)) == {(NINGBO, ZHOUSHAN)}
    # where the polygons touch another unit, no bridge is needed
    shapes = boxes([(0, 0), (5, 0), (1, 0), (6, 0)], index=[ZHOUSHAN, NINGBO, 310000, 331000])
    assert pairs(contiguity_weights(shapes)) == {(310000, ZHOUSHAN), (NINGBO, 331000)}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"rule": "bishop"}, "there is no rule 'bishop': choose one of queen, rook"),
        (
            {"islands": "drop"},
            "there is no islands policy 'drop': choose one of bridge, nearest, keep, error",
        ),
        ({"standardize": "rows"}, "there is no standardization 'rows'"),
        ({"shapes": boxes([(0, 0), (1, 0)]), "year": 2008}, r"for the 41 cities only [0, 1]: leave year out"),
        ({"shapes": pd.DataFrame({"x": [1]})}, "no polygons [DataFrame]: give shapes as of load_shapes()"),
        ({"shapes": gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)])}, "shapes that are no polygons [0]"),
        ({"shapes": gpd.GeoDataFrame(geometry=[shapely.Polygon()])}, "shapes that are no polygons [0]"),
        ({"shapes": gpd.GeoDataFrame(geometry=[None])}, "shapes that are no polygons [0]"),
        (
            {"shapes": gpd.GeoDataFrame(geometry=[shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])},
            "invalid polygons [0]: repair them with shapes.make_valid()",
        ),
    ],
)
def test_bad_requests(request_, message):
    with pytest.raises(WeightsError, match=re.escape(message)):
        contiguity_weights(**request_)


def test_shapes_with_repeated_labels_are_refused():
    with pytest.raises(AlignmentError, match=r"labels of shapes repeat \[1\]"):
        contiguity_weights(boxes([(0, 0), (1, 0)], index=[1, 1]))


def test_a_table_of_pairs_never_ties_a_unit_to_itself():
    assert (contiguity_weights(year=2012).sparse.diagonal() == 0).all()
    assert isinstance(contiguity_weights(year=2012).adjacency, pd.Series)


def test_eras_differ_only_where_boundaries_moved():
    changes = read_table("shapes/boundary_changes.csv")
    changes = changes[changes["from_adcode"] // 10000 == 34]
    moved = set(changes["from_adcode"]) | set(changes["to_adcode"])
    eras = [pairs(contiguity_weights(year=year)) for year in (2010, 2011, 2016)]
    for earlier, later in itertools.pairwise(eras):
        for pair in earlier ^ later:
            assert set(pair) & moved
    assert eras[1] - eras[0] >= {(340100, 340200), (340100, 340500), (340500, 341100)}  # Chaohu was divided
    assert eras[2] ^ eras[1] == {(340100, 340700), (340200, 340800)}  # Zongyang went from Anqing to Tongling


def test_neighbours_of_the_delta_by_hand():
    graph = contiguity_weights()
    expected = {
        310000: [320500, 320600, 330400],
        330900: [330200],
        330300: [331000, 331100],
        341300: [320300, 321300, 340300, 340600],
    }
    for unit, neighbours in expected.items():
        assert graph[unit].index.tolist() == neighbours
        np.testing.assert_allclose(graph[unit], 1 / len(neighbours), rtol=1e-15)


def test_queen_and_rook_of_a_chessboard_have_formulas():
    side = 30
    corners = [(i, j) for i in range(side) for j in range(side)]
    board = boxes(corners)
    rook = contiguity_weights(board, rule="rook", standardize="none")
    queen = contiguity_weights(board, standardize="none")
    assert rook.n_edges == 4 * side * (side - 1)
    assert queen.n_edges == 4 * side * (side - 1) + 4 * (side - 1) ** 2


def test_a_large_coverage_is_as_libpysal_finds_it():
    rng = np.random.default_rng(11)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(rng.random((3000, 2)))))
    cells = gpd.GeoDataFrame(geometry=cells)
    for rule in ("queen", "rook"):
        expected = Graph.build_contiguity(cells, rook=rule == "rook", strict=False)
        result = contiguity_weights(cells, rule=rule, standardize="none")
        assert (result.sparse != expected.sparse).nnz == 0


def test_groups_of_islands_are_no_islands():
    # the last two touch each other and nobody else: they have neighbours, so no policy applies
    shapes = boxes([(0, 0), (1, 0), (9, 0), (10, 0)], index=list("abcd"))
    graph = contiguity_weights(shapes, islands="error")
    assert graph.n_components == 2
    assert pairs(graph) == {("a", "b"), ("c", "d")}
