"""The network of a day: served cities, first services, lines to draw, bad requests."""

import datetime
import hashlib
import warnings

import numpy as np
import pandas as pd
import pytest

from yrdspatial.datasets import FIELDS, dataset_path, format_sources, read_table
from yrdspatial.errors import DataError, YrdSpatialError, YrdSpatialWarning
from yrdspatial.geography.units import find_unit, load_units
from yrdspatial.rail.modes import RoadRule
from yrdspatial.rail.network import RailNetwork, _square, load_rail, parse_day

OFF = ~np.eye(41, dtype=bool)
# the cities with a high-speed train in the national timetable of 10 March 2016, as its transcription has them
SERVED_2016 = (
    "上海 丽水 六安 南京 台州 合肥 嘉兴 宁波 安庆 宿州 常州 徐州 无锡 杭州 池州 淮南 温州 湖州 滁州 绍兴 芜湖 苏州 "
    "蚌埠 衢州 金华 铜陵 镇江 马鞍山 黄山"
)


def reached(times):
    return set(times.index[np.isfinite(times.where(OFF)).any(axis=1)])


def printed_2016():
    table = read_table("rail/timetable_2016-03.csv")
    return table.groupby(["from_adcode", "to_adcode"])["minutes"].min()


def test_march_2016_is_close_to_the_timetable(network):
    printed = printed_2016()
    assert len(printed) == 406
    times = network.travel_time("2016-03-10", fallback=False)
    modelled = np.array([times.loc[pair] for pair in printed.index])
    assert np.median(np.abs(modelled / printed - 1)) <= 0.08
    assert np.corrcoef(np.log(modelled), np.log(printed))[0, 1] >= 0.98


def test_the_29_cities_of_the_timetable_are_served_and_no_other(network):
    expected = {find_unit(f"{name}市") for name in SERVED_2016.split()}
    assert len(expected) == 29
    assert {code for pair in printed_2016().index for code in pair} == expected
    assert reached(network.travel_time("2016-03-10", fallback=False)) == expected


@pytest.mark.parametrize("year", range(2007, 2025))
def test_a_city_is_reached_from_its_first_service_on(network, year):
    first = network.first_service()
    served = set(first.index[first <= f"{year}-12-31"])
    assert reached(network.travel_time(f"{year}-12-31", fallback=False)) == served


def test_zhoushan_is_unreachable_without_a_fallback(network):
    alone = network.travel_time("2024-12-31", fallback=False).loc[330900].drop(330900)
    assert np.isinf(alone).all()
    assert np.isfinite(network.travel_time("2024-12-31").loc[330900]).all()
    assert pd.isna(network.first_service()[330900])


def test_labels_diagonal_and_symmetry(network):
    for fallback in (True, False):
        times = network.travel_time("2018-07-01", access=40, fallback=fallback)
        assert times.index.equals(load_units().index)
        assert times.columns.equals(load_units().index)
        assert (np.diag(times) == 0).all()
        assert (times.to_numpy() == times.to_numpy().T).all()
        assert (times.to_numpy()[OFF] > 0).all()


def test_access_is_added_to_rail_alone_and_before_the_minimum(network):
    conventional, rail = network.conventional, network.travel_time("2016-03-10", fallback=False)
    road = network.travel_time("2000-01-01", access=1e6)
    expected = np.minimum(np.minimum(rail + 60, conventional + 60), road).to_numpy()[OFF]
    np.testing.assert_array_equal(network.travel_time("2016-03-10", access=60).to_numpy()[OFF], expected)
    alone = network.travel_time("2016-03-10", access=60, fallback=False)
    np.testing.assert_array_equal(alone.to_numpy()[OFF], rail.to_numpy()[OFF] + 60)


def test_road_between_shanghai_and_hangzhou_by_another_formula(network):
    seats = np.radians(load_units().loc[[310000, 330100], ["seat_lon", "seat_lat"]].to_numpy())
    points = [
        np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]) for lon, lat in seats
    ]
    km = 6371.0088 * np.arccos(points[0] @ points[1])  # the angle between the two seats seen from the centre
    road = network.travel_time("2000-01-01", access=1e6).loc[310000, 330100]
    assert road == pytest.approx(30 + 1.3 * km / 80 * 60, abs=1e-6)  # arccos is good to 1e-8 of the radius
    other = network.travel_time("2000-01-01", access=1e6, fallback=RoadRule(0.0, 1.0, 60.0))
    assert other.loc[310000, 330100] == pytest.approx(km, abs=1e-6)


def test_before_the_first_line_only_the_fallback_is_left(network):
    assert np.isinf(network.travel_time("2007-04-17", fallback=False).to_numpy()[OFF]).all()
    assert np.isfinite(network.travel_time("2007-04-17")).all(axis=None)
    assert np.isfinite(network.travel_time("2007-04-18", fallback=False).to_numpy()[OFF]).any()


@pytest.mark.parametrize("when", [2016, 2016.5, None, True, "soon", "2016-13-01", "", pd.NaT])
def test_what_is_not_a_day_is_refused(network, when):
    with pytest.raises(YrdSpatialError, match='give a day such as "2016-03-10"') as caught:
        network.travel_time(when)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "when",
    [
        "2016-03-10",
        datetime.date(2016, 3, 10),
        datetime.datetime(2016, 3, 10, 23, 59),
        pd.Timestamp("2016-03-10 12:00", tz="Asia/Shanghai"),
        np.datetime64("2016-03-10"),
    ],
)
def test_every_kind_of_day(when):
    assert parse_day(when) == pd.Timestamp("2016-03-10")


@pytest.mark.parametrize("access", [-1.0, float("nan"), float("inf")])
def test_access_must_be_minutes(network, access):
    with pytest.raises(YrdSpatialError, match="access is"):
        network.travel_time("2016-03-10", access=access)


def test_a_day_after_the_data_gives_the_last_network_and_says_so(network):
    with pytest.warns(YrdSpatialWarning, match="lines opened after 2024 are not in the data"):
        late = network.travel_time("2025-01-01")
    pd.testing.assert_frame_equal(late, network.travel_time("2024-12-31"))


def test_no_warning_inside_the_data(network):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network.travel_time("2024-12-31")


@pytest.mark.parametrize(
    ("city", "everything", "new_lines"),
    [
        ("上海市", "2007-04-18", "2010-07-01"),
        ("南京市", "2007-04-18", "2008-04-18"),
        ("合肥市", "2008-04-18", "2008-04-18"),
        ("宁波市", "2007-04-18", "2009-09-28"),
        ("扬州市", "2016-05-15", "2020-12-11"),
        ("宣城市", "2020-06-28", "2020-06-28"),
        ("连云港市", "2018-12-26", "2018-12-26"),
    ],
)
def test_first_services(network, city, everything, new_lines):
    # days of the openings in rail/lines.csv, read by eye: county towns on an earlier line do not count (宣城 2015)
    code = find_unit(city)
    assert network.first_service()[code] == pd.Timestamp(everything)
    assert network.first_service(upgraded=False)[code] == pd.Timestamp(new_lines)


def test_first_services_by_a_plain_loop(network):
    first = {}
    for row in read_table("rail/lines.csv").itertuples():
        for station, code in ((row.from_station, row.from_adcode), (row.to_station, row.to_adcode)):
            if row.kind != "hublink" and network.stations.loc[station, "main"] == 1:
                first[code] = min(first.get(code, "9"), row.opened)
    ours = network.first_service().dropna().dt.strftime("%Y-%m-%d")
    assert ours.to_dict() == {int(code): day for code, day in first.items()}


def test_openings(network):
    openings = network.openings()
    assert len(openings) == 67
    assert openings.is_monotonic_increasing
    assert openings.index.is_unique
    assert openings["沪宁城际铁路"] == pd.Timestamp("2010-07-01")
    assert openings.min() == pd.Timestamp("2007-04-18")


def test_lines_grow_and_have_points(network):
    table = read_table("rail/lines.csv")
    for year in range(2007, 2025):
        lines = network.lines(f"{year}-12-31")
        assert len(lines) == (table["opened"] <= f"{year}-12-31").sum()
        points = lines[["from_lon", "from_lat", "to_lon", "to_lat"]]
        assert points.notna().all(axis=None)
        assert ((points.filter(like="lon") > 113) & (points.filter(like="lon") < 123)).all(axis=None)
        assert ((points.filter(like="lat") > 27) & (points.filter(like="lat") < 36)).all(axis=None)
    assert network.lines("2007-04-17").empty


def test_points_of_located_stations_are_their_own(network):
    lines = network.lines("2024-12-31").set_index(["line", "seq"])
    row = lines.loc[("京沪高铁", 7)]
    assert row["from_station"] == "南京南"
    assert (row["from_lon"], row["from_lat"]) == tuple(network.stations.loc["南京南", ["lon", "lat"]])


def test_segments_of_a_line_join(network):
    for _, line in network.lines("2024-12-31").groupby("line"):
        ordered = line.sort_values("seq")
        assert (ordered["to_lon"].to_numpy()[:-1] == ordered["from_lon"].to_numpy()[1:]).all()


def test_shuffled_tables_give_the_same_network(network):
    moved = RailNetwork(
        segments=network.segments.sample(frac=1.0, random_state=7),
        stations=network.stations.sample(frac=1.0, random_state=8),
        conventional=network.conventional,
        parameters=network.parameters,
    )
    for day in ("2010-12-31", "2024-12-31"):
        ours, theirs = moved.travel_time(day), network.travel_time(day)
        pd.testing.assert_frame_equal(ours, theirs, check_exact=False, rtol=0, atol=1e-10)
        pd.testing.assert_frame_equal(moved.lines(day), network.lines(day))
    pd.testing.assert_series_equal(moved.openings(), network.openings())
    pd.testing.assert_series_equal(moved.first_service(), network.first_service())


def test_conventional_trains_are_those_of_the_table(network):
    table = read_table("rail/conventional.csv")
    minutes = network.conventional
    assert np.isfinite(minutes.to_numpy()[OFF]).sum() == 2 * len(table)
    for row in table.sample(20, random_state=1).itertuples():
        assert minutes.loc[row.from_adcode, row.to_adcode] == row.minutes
        assert minutes.loc[row.to_adcode, row.from_adcode] == row.minutes


def test_conventional_trains_of_unknown_cities_are_refused():
    pairs = pd.DataFrame({"from_adcode": [310000], "to_adcode": [999999], "minutes": [50]})
    with pytest.raises(DataError, match=r"none of the 41 units \[rail/conventional.csv\]"):
        _square(pairs, load_units().index)


def test_a_users_lines_are_laid_over_the_shipped_ones(tmp_path):
    text = dataset_path("rail/lines.csv").read_text("utf-8")
    bridge = "甬舟铁路,1,宁波,舟山,330200,330900,77.0,synthetic,250,250,2023-01-01,hsr,synthetic\n"
    (tmp_path / "rail").mkdir()
    (tmp_path / "rail" / "lines.csv").write_text(text + bridge, "utf-8")
    stations = dataset_path("rail/stations.csv").read_text("utf-8")
    (tmp_path / "rail" / "stations.csv").write_text(
        stations + "舟山,330900,1,122.1,30.0,synthetic,1\n", "utf-8"
    )
    names = ("rail/lines.csv", "rail/stations.csv")
    entries = {
        name: dict.fromkeys(FIELDS, "synthetic, for a test")
        | {"sha256": hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}
        for name in names
    }
    (tmp_path / "sources.toml").write_text(format_sources(entries), "utf-8")
    mine = load_rail(data_dir=tmp_path)
    assert len(mine.openings()) == 68
    assert np.isfinite(mine.travel_time("2023-01-01", fallback=False).loc[330900, 310000])
    assert np.isinf(mine.travel_time("2022-12-31", fallback=False).loc[330900, 310000])


def test_repr(network):
    assert repr(network) == "RailNetwork(67 lines, 2007-04-18 to 2024-12-26)"
