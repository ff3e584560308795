"""The polygons: shipped ones fit the registry and its neighbours; a user's file takes their place or says why not."""

import hashlib

import geopandas as gpd
import libpysal.graph
import numpy as np
import pyproj
import pytest
import shapely

from yrdspatial.datasets import FIELDS, format_sources
from yrdspatial.errors import DataError
from yrdspatial.geography.regions import load_adjacency
from yrdspatial.geography.shapes import load_shapes
from yrdspatial.geography.units import load_units

UNITS = load_units()


def neighbours(shapes) -> set[tuple[int, int]]:
    pairs = libpysal.graph.Graph.build_contiguity(shapes, rook=False).adjacency
    return {(a, b) for (a, b), weight in pairs.items() if a < b and weight > 0}


# what ships


def test_cities_carry_the_registry():
    cities = load_shapes()
    assert cities.index.equals(UNITS.index)
    assert cities.index.name == "adcode"
    assert cities.crs.to_epsg() == 4326
    columns = ["name_zh", "name_en", "province_zh", "province_en"]
    assert list(cities.columns) == [*columns, "geometry"]
    assert cities[columns].equals(UNITS[columns])


@pytest.mark.parametrize("level", ["city", "province"])
def test_polygons_are_a_valid_coverage(level):
    shapes = load_shapes(level)
    assert shapes.geometry.is_valid.all()
    assert not shapes.geometry.is_empty.any()
    assert shapely.coverage_is_valid(shapes.geometry.to_numpy())


def test_every_seat_lies_in_its_polygon():
    seats = gpd.GeoSeries(
        gpd.points_from_xy(UNITS["seat_lon"], UNITS["seat_lat"]), index=UNITS.index, crs=4326
    )
    assert load_shapes().geometry.contains(seats).all()


def test_queen_neighbours_are_the_registered_pairs_without_the_bridge():
    pairs = load_adjacency()
    now = pairs[pairs["adj_2016_on"] == 1]
    registered = set(zip(now["a_adcode"], now["b_adcode"], strict=True))
    assert len(registered) == 100
    assert neighbours(load_shapes()) == registered - {(330200, 330900)}


def test_registered_borders_have_the_length_of_the_polygons():
    # border_km was measured before simplification to 1 km, which shortens a winding border by up to an eighth.
    shapes, geod = load_shapes(), pyproj.Geod(ellps="WGS84")
    pairs = load_adjacency().query("adj_2016_on == 1 and kind != 'sea_bridge'")
    for pair in pairs.itertuples():
        a, b = shapes.geometry[pair.a_adcode].boundary, shapes.geometry[pair.b_adcode].boundary
        km = geod.geometry_length(a.intersection(b)) / 1000
        assert 0.87 * pair.border_km < km < 1.005 * pair.border_km, pair


def test_provinces_are_the_union_of_their_cities():
    provinces, cities = load_shapes("province"), load_shapes()
    assert provinces.index.tolist() == [310000, 320000, 330000, 340000]
    assert provinces["name_zh"].tolist() == ["上海市", "江苏省", "浙江省", "安徽省"]
    for code, province in provinces.geometry.items():
        union = shapely.union_all(cities.geometry[cities.index // 10000 == code // 10000].to_numpy())
        assert shapely.symmetric_difference(union, province).area < 1e-9


def test_areas_are_plausible():
    # Areas of land by the provinces' yearbooks, thousand km2; polygons of the coast include water.
    areas = load_shapes("province").to_crs("+proj=aea +lat_1=27 +lat_2=35 +lon_0=118").area / 1e9
    np.testing.assert_allclose(areas, [6.3, 107.2, 105.5, 140.1], rtol=0.25)
    assert areas[340000] == pytest.approx(140.1, rel=0.01)  # Anhui has no coast


def test_an_unknown_level_is_refused():
    with pytest.raises(DataError, match=r'no shapes of level "town".*city, province'):
        load_shapes("town")


# a user's file


@pytest.fixture
def user(tmp_path):
    """Return a function that registers the layers given as the user's polygons."""

    def write(register: bool = True, **layers):
        path = tmp_path / "shapes" / "yrd.gpkg"
        path.parent.mkdir(exist_ok=True)
        for layer, frame in layers.items():
            frame.to_file(path, layer=layer, driver="GPKG")
        if register:
            made_up = dict.fromkeys(FIELDS, "synthetic") | {
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest()
            }
            (tmp_path / "sources.toml").write_text(format_sources({"shapes/yrd.gpkg": made_up}), "utf-8")
        return tmp_path

    return write


def squares() -> gpd.GeoDataFrame:
    """Make up a row of 41 unit squares, in metres."""
    boxes = [shapely.box(x * 1e4, 3.4e6, (x + 1) * 1e4, 3.41e6) for x in range(41)]
    frame = UNITS[["name_zh", "name_en"]].reset_index()
    return gpd.GeoDataFrame(
        frame, geometry=[shapely.affinity.translate(box, 4.03e7) for box in boxes], crs=4528
    )


def test_a_users_polygons_take_the_place_of_the_shipped(user):
    folder = user(cities=squares().sample(frac=1, random_state=1))
    cities = load_shapes(data_dir=folder)
    assert cities.index.equals(UNITS.index)
    assert cities.crs.to_epsg() == 4326
    assert neighbours(cities) == set(zip(UNITS.index[:-1], UNITS.index[1:], strict=True))
    assert not load_shapes().geometry.equals(cities.geometry)
    with pytest.raises(DataError, match=r"polygons cannot be read.*provinces"):
        load_shapes("province", data_dir=folder)


def test_a_users_provinces_are_read(user):
    cities = squares()
    provinces = cities.assign(adcode=cities["adcode"] // 10000 * 10000).dissolve("adcode", as_index=False)
    folder = user(cities=cities, provinces=provinces)
    assert load_shapes("province", data_dir=folder).index.tolist() == [310000, 320000, 330000, 340000]


def test_an_unregistered_file_of_the_user_does_not_load(user):
    with pytest.raises(DataError, match=r"no entry in sources\.toml"):
        load_shapes(data_dir=user(register=False, cities=squares()))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda frame: frame.drop(columns="name_zh"), "lacks name_zh"),
        (lambda frame: frame.rename(columns={"adcode": "code"}), "lacks adcode"),
        (lambda frame: frame.set_crs(None, allow_override=True), "lacks its reference system"),
        (lambda frame: frame.iloc[1:], r"does not hold each unit once \(310000\)"),
        (lambda frame: frame.replace({"adcode": {310000: 110000}}), r"\(110000, 310000\)"),
        (lambda frame: frame.iloc[[0, *range(41)]], r"does not hold each unit once \(doubles\)"),
    ],
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_users_layer_that_does_not_fit_is_named(user, change, problem):
    with pytest.raises(DataError, match=problem) as error:
        load_shapes(data_dir=user(cities=change(squares())))
    text = str(error.value)
    assert "yrd.gpkg, cities" in text
    assert "README" in text
    assert "\n" not in text


def test_a_file_that_holds_no_polygons_is_named(user, tmp_path):
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "yrd.gpkg").write_text("not a map")
    with pytest.raises(DataError, match="polygons cannot be read") as error:
        load_shapes(data_dir=user())
    assert "\n" not in str(error.value)
