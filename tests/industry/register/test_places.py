"""The grid gives the answers of the polygons themselves."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

import yrdspatial as yrd
from yrdspatial.industry.register.places import BORDER, OUTSIDE, unit_grid


@pytest.fixture(scope="module")
def cities():
    return yrd.load_shapes()


@pytest.fixture(scope="module")
def grid(cities):
    return unit_grid(cities)


def by_polygons(shapes, lon, lat):
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    joined = points.sjoin(shapes.reset_index()[["geometry"]], how="left", predicate="intersects")
    return joined["index_right"].groupby(level=0).min().fillna(OUTSIDE).astype(int).to_numpy()


def test_points_all_over_the_delta(cities, grid):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(114, 124, 20_000), rng.uniform(26, 36, 20_000)
    np.testing.assert_array_equal(grid.find(lon, lat), by_polygons(cities, lon, lat))


def test_points_on_the_borders_and_their_cells(cities, grid):
    vertices = shapely.get_coordinates(cities.geometry.to_numpy())[::7]
    rng = np.random.default_rng(2)
    for jitter in (0.0, 1e-9, 1e-3):
        lon, lat = (vertices + jitter * rng.standard_normal(vertices.shape)).T
        np.testing.assert_array_equal(grid.find(lon, lat), by_polygons(cities, lon, lat))


def test_points_on_the_edges_of_cells(cities, grid):
    rows, columns = np.nonzero(grid.cells >= 0)
    lon, lat = grid.origin[0] + grid.step * columns[::50], grid.origin[1] + grid.step * rows[::50]
    np.testing.assert_array_equal(grid.find(lon, lat), by_polygons(cities, lon, lat))


def test_seats_lie_in_their_cities(grid):
    units = yrd.load_units()
    assert grid.find(units["seat_lon"].to_numpy(), units["seat_lat"].to_numpy()).tolist() == list(range(41))


def test_few_cells_have_to_ask(grid):
    assert (grid.cells == BORDER).mean() < 0.1


def test_a_common_border_belongs_to_the_first_unit():
    squares = gpd.GeoDataFrame(geometry=[shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)], crs=4326)
    found = unit_grid(squares).find(np.array([1.0, 0.5, 1.5, 3.0]), np.array([0.5, 0.5, 0.5, 0.5]))
    assert found.tolist() == [0, 1, 0, -1]


def test_far_points_are_outside(grid):
    assert grid.find(np.array([-999.0, 180.0, 0.0]), np.array([-999.0, 90.0, 0.0])).tolist() == [-1, -1, -1]
