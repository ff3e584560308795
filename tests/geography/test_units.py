"""The registry of the 41 units, every spelling of their names, and the distances between their seats."""

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pyproj
import pytest

from yrdspatial.datasets import read_table
from yrdspatial.errors import AmbiguousUnitError, UnknownUnitError, YrdSpatialError
from yrdspatial.geography.regions import load_boundary_changes
from yrdspatial.geography.units import find_unit, great_circle_km, load_units, seat_distances

DATA = Path(__file__).parents[2] / "data"
UNITS = load_units()
SHARED = {"Suzhou": {320500, 341300}, "Taizhou": {321200, 331000}}  # 苏州 宿州; 泰州 台州
CHAOHU = 341400


def plain(name_en: str) -> str:
    return name_en.partition(" (")[0]


# the registry


def test_the_registry_holds_the_41_units():
    assert list(UNITS.columns) == ["name_zh", "name_en", "province_zh", "province_en", "seat_lon", "seat_lat"]
    assert UNITS.index.name == "adcode"
    assert UNITS.index.dtype == np.int64
    assert UNITS.index.is_monotonic_increasing
    assert UNITS.index.is_unique
    assert UNITS["name_zh"].is_unique
    assert UNITS["name_en"].is_unique
    # prefecture-level cities of each province since 2011, and Shanghai
    assert UNITS["province_en"].value_counts().to_dict() == {
        "Anhui": 16,
        "Jiangsu": 13,
        "Zhejiang": 11,
        "Shanghai": 1,
    }


def test_codes_begin_with_the_code_of_the_province():
    heads = {31: "上海市", 32: "江苏省", 33: "浙江省", 34: "安徽省"}
    assert UNITS["province_zh"].tolist() == [heads[code // 10000] for code in UNITS.index]


def test_the_registry_is_the_callers_own():
    units = load_units()
    units.loc[310000, "name_zh"] = "changed"
    assert load_units().loc[310000, "name_zh"] == "上海市"


# spellings


@pytest.mark.parametrize("code", UNITS.index)
def test_every_regular_spelling_is_found(code):
    unit = UNITS.loc[code]
    zh, en, province = unit["name_zh"], plain(unit["name_en"]), unit["province_en"]
    short = zh.removesuffix("市")
    names = [code, str(code), float(code), np.int64(code), zh, short, " ".join(short), unit["name_en"]]
    names += [unit["name_en"].upper(), unit["name_en"].lower(), unit["name_en"].replace("'", "’")]
    if code != 310000:
        head = unit["province_zh"]
        names += [head + zh, head.removesuffix("省") + short, f"{head} {zh}"]
        names += [f"{en} ({province})", f"{en}, {province}", f"{en} City, {province}", f"{province} {en}"]
        names += [f"{en}({province})", f"{en}（{province}）", f"{en}, {province} Province"]
    if en not in SHARED:
        names += [en, f"{en} City", f"{en} Shi", en.replace("'", ""), en.replace("'", " "), f"  {en} "]
    assert {name: find_unit(name) for name in names} == dict.fromkeys(names, code)


def test_every_row_of_the_table_is_found_or_refused_for_a_reason():
    names = read_table("shapes/unit_names.csv")
    for name, code, kind in names.itertuples(index=False):
        if kind == "abolished":
            with pytest.raises(UnknownUnitError, match="was abolished in 2011"):
                find_unit(name)
        elif names.loc[names["name"] == name, "adcode"].nunique() > 1:
            with pytest.raises(AmbiguousUnitError):
                find_unit(name)
        else:
            assert find_unit(name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("無錫", 320200), ("蘇州市", 320500), ("連雲港", 320700), ("鹽城", 320900), ("揚州", 321000), ("鎮江", 321100),
        ("宿遷", 321300), ("寧波", 330200), ("溫州", 330300), ("嘉興", 330400), ("紹興", 330600), ("金華", 330700),
        ("麗水", 331100), ("蕪湖", 340200), ("馬鞍山", 340500), ("銅陵", 340700), ("安慶", 340800), ("黃山", 341000),
        ("阜陽", 341200), ("江蘇省泰州市", 321200), ("江蘇蘇州", 320500),
    ],
)  # fmt: skip
def test_traditional_characters_are_found(name, code):
    assert find_unit(name) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("六 安", 341500), ("六　安", 341500), ("Lu'an", 341500), ("Lù’ān", 341500), ("Liu'an", 341500),
        ("Luan", 341500),
        ("Huai'an", 320800), ("Huaian", 320800), ("Huai’an", 320800), ("HUAI AN", 320800), ("Huai`an", 320800),
        ("淮阴市", 320800), ("淮陰", 320800), ("Huaiyin", 320800),  # its name until 2001
        ("Ma'anshan", 340500), ("Maanshan", 340500), ("３２１２００", 321200), (" 泰州市\n", 321200),
        ("Taizhou, Zhejiang", 331000), ("taizhou(jiangsu)", 321200), ("Suzhou (Anhui)", 341300), ("宿州", 341300),
        ("Chuzhou", 341100), ("Chizhou", 341700), ("Quzhou", 330800), ("Shanghai Municipality", 310000),
        ("Lǐshuǐ", 331100), ("Bozhou", 341600),
    ],
)  # fmt: skip
def test_special_spellings_are_found(name, code):
    assert find_unit(name) == code


def test_the_result_is_a_plain_int():
    assert type(find_unit("泰州")) is int


# names that do not say which unit


@pytest.mark.parametrize("town", SHARED)
@pytest.mark.parametrize("form", ["{}", "{} City", "{} Shi", " {}", "{}."])
def test_a_shared_name_is_an_error_that_lists_both(town, form):
    for name in (form.format(town), form.format(town).upper()):
        with pytest.raises(AmbiguousUnitError) as error:
            find_unit(name)
        text = str(error.value)
        assert "\n" not in text
        for code in SHARED[town]:
            assert str(code) in text
            assert UNITS.loc[code, "name_zh"] in text
            assert f'"{UNITS.loc[code, "name_en"]}"' in text
            assert find_unit(UNITS.loc[code, "name_en"]) == code  # the cure works


def test_suzhou_and_taizhou_are_the_only_shared_names_of_the_41():
    # County-level homonyms (富阳 Fuyang in Hangzhou, 溧水 Lishui in Nanjing) are no units: Fuyang is 阜阳, Lishui 丽水.
    towns = UNITS["name_en"].map(plain).str.replace("'", "").str.lower()
    shared = towns[towns.duplicated(keep=False)]
    assert {town.title(): set(part.index) for town, part in shared.groupby(shared)} == SHARED
    names = read_table("shapes/unit_names.csv")
    keys = names["name"].str.casefold().str.replace(r"[^\w]", "", regex=True)
    doubles = names.groupby(keys)["adcode"].unique()
    doubles = doubles[doubles.map(len) > 1]
    assert set(doubles.index) == {
        f"{town}{tail}" for town in ("suzhou", "taizhou") for tail in ("", "city", "shi")
    }
    assert (find_unit("Fuyang"), find_unit("Lishui")) == (341200, 331100)


def test_chinese_homophones_are_kept_apart():
    assert [find_unit(name) for name in ("泰州", "台州", "苏州", "宿州", "宿迁")] == [
        321200,
        331000,
        320500,
        341300,
        321300,
    ]


# names of no unit


@pytest.mark.parametrize(
    "name", ["巢湖", "巢湖市", "Chaohu", "安徽省巢湖市", "Chaohu, Anhui", CHAOHU, "341400"]
)
def test_chaohu_is_said_to_be_abolished_and_where_its_parts_went(name):
    with pytest.raises(UnknownUnitError, match="was abolished in 2011") as error:
        find_unit(name)
    text = str(error.value)
    assert "\n" not in text
    for part in (
        "巢湖市 at county level",
        "庐江县 to Hefei (340100)",
        "无为县",
        "to Wuhu (340200)",
        "含山县",
    ):
        assert part in text
    moved = load_boundary_changes().query("from_adcode == 341400")
    assert all(county in text for county in moved["county"])


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Hefe", "合肥市"),
        ("Lianyungan", "连云港市"),
        ("Nanjng", "南京市"),
        ("马鞍上市", "马鞍山市"),
        ("连云巷", "连云港市"),
    ],
)
def test_a_near_miss_is_answered_with_a_suggestion(name, near):
    with pytest.raises(UnknownUnitError, match="did you mean") as error:
        find_unit(name)
    assert near in str(error.value)
    assert f'"{name}"' in str(error.value)


@pytest.mark.parametrize(
    "name",
    ["", " ", "Beijing2008", "北京", 110000, "321203", -1, 3.5, float("nan"), float("inf"), None, True],
)
def test_other_names_are_refused_in_one_line(name):
    with pytest.raises(UnknownUnitError, match="no unit of the delta is called") as error:
        find_unit(name)
    assert "\n" not in str(error.value)


def test_both_errors_are_of_the_house():
    assert issubclass(AmbiguousUnitError, YrdSpatialError)
    assert issubclass(UnknownUnitError, YrdSpatialError)


# data/build/make_unit_names.py


def test_the_table_of_names_is_what_the_script_writes(tmp_path):
    spec = importlib.util.spec_from_file_location("make_unit_names", DATA / "build" / "make_unit_names.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    shutil.copy(DATA / "shapes" / "units.csv", tmp_path)
    script.SHAPES = tmp_path
    script.main()
    assert (tmp_path / "unit_names.csv").read_bytes() == (DATA / "shapes" / "unit_names.csv").read_bytes()


# distances


def test_known_distances_between_seats():
    distances = seat_distances()
    assert distances.loc[310000, 330100] == pytest.approx(165, abs=5)  # Shanghai-Hangzhou, as atlases give it
    assert distances.loc[310000, 320100] == pytest.approx(270, abs=5)  # Shanghai-Nanjing


def test_seat_distances_are_labelled_and_symmetric():
    distances = seat_distances()
    assert distances.shape == (41, 41)
    assert distances.index.equals(UNITS.index)
    assert distances.columns.equals(UNITS.index)
    values = distances.to_numpy()
    np.testing.assert_array_equal(values, values.T)
    np.testing.assert_array_equal(np.diag(values), 0)
    assert (
        values[~np.eye(41, dtype=bool)].min() > 20
    )  # Zhenjiang-Yangzhou, the two nearest seats, are 21 km apart


def test_seat_distances_equal_the_angle_between_vectors():
    lon, lat = np.radians(UNITS["seat_lon"].to_numpy()), np.radians(UNITS["seat_lat"].to_numpy())
    points = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    angles = np.arctan2(np.linalg.norm(np.cross(points[:, None], points[None, :]), axis=2), points @ points.T)
    np.testing.assert_allclose(seat_distances(), 6371.0088 * angles, rtol=0, atol=1e-9)


def test_the_sphere_is_within_half_a_percent_of_the_ellipsoid():
    lon, lat = UNITS["seat_lon"].to_numpy(), UNITS["seat_lat"].to_numpy()
    a, b = np.triu_indices(41, 1)
    exact = pyproj.Geod(ellps="WGS84").inv(lon[a], lat[a], lon[b], lat[b])[2] / 1000
    np.testing.assert_allclose(great_circle_km(lon[a], lat[a], lon[b], lat[b]), exact, rtol=0.005)


def test_distances_broadcast_and_meet_special_cases():
    assert great_circle_km(120.0, 30.0, 120.0, 30.0) == 0
    assert great_circle_km(0.0, 0.0, 180.0, 0.0) == pytest.approx(np.pi * 6371.0088, rel=1e-12)
    assert great_circle_km([0.0, 0.0], [0.0, 90.0], 0.0, -90.0).shape == (2,)
    assert great_circle_km(np.zeros((3, 1)), np.zeros((3, 1)), np.ones((1, 4)), np.ones((1, 4))).shape == (
        3,
        4,
    )
