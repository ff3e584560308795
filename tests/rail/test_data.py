"""The shipped tables of rail/: contents, provenance, known weak points, and the calibration redone."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from yrdspatial.datasets import list_datasets, read_table, read_toml
from yrdspatial.geography.units import great_circle_km, load_units

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lines():
    return read_table("rail/lines.csv")


@pytest.fixture(scope="module")
def stations():
    return read_table("rail/stations.csv").set_index("station")


@pytest.fixture(scope="module")
def calibration():
    spec = importlib.util.spec_from_file_location("calibrate_rail", ROOT / "data/build/calibrate_rail.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_sizes(lines, stations):
    assert len(lines) == 329
    assert lines["line"].nunique() == 67
    assert lines["kind"].value_counts().to_dict() == {"hsr": 258, "upgraded": 47, "hublink": 15, "link": 9}
    assert len(stations) == 344


def test_every_segment_has_sources(lines):
    assert lines[["km_source", "source"]].notna().all(axis=None)
    assert (lines["source"].str.len() > 3).all()


def test_the_cities_of_a_segment_are_those_of_its_stations(lines, stations):
    for end in ("from", "to"):
        of_station = stations["adcode"].reindex(lines[f"{end}_station"]).to_numpy()
        np.testing.assert_array_equal(lines[f"{end}_adcode"].to_numpy(), of_station)


def test_codes_are_units_or_outside(stations):
    inside = stations["adcode"].dropna().astype(int)
    assert set(inside) == set(load_units().index) - {330900}  # no railway on Zhoushan
    assert not stations.loc[stations["adcode"].isna(), "main"].any()


def test_on_line_says_which_stations_are_on_a_segment(lines, stations):
    used = {*lines["from_station"], *lines["to_station"]}
    assert set(stations.index[stations["on_line"] == 1]) == used


def test_segments_of_a_line_are_numbered_and_joined(lines):
    for _, line in lines.groupby("line"):
        ordered = line.sort_values("seq")
        assert ordered["seq"].tolist() == list(range(1, len(line) + 1))
        assert ordered["to_station"].tolist()[:-1] == ordered["from_station"].tolist()[1:]


def test_speeds(lines):
    assert set(lines["operating_speed_kmh"]) == {100, 120, 160, 200, 250, 300, 350}
    assert (lines["operating_speed_kmh"] <= lines["design_speed_kmh"]).all()


def test_tracks_shorter_than_the_great_circle_are_the_known_ones(lines, stations):
    points = [stations.loc[lines[f"{end}_station"], ["lon", "lat"]].to_numpy().T for end in ("from", "to")]
    ratio = lines["km"].to_numpy() / great_circle_km(*points[0], *points[1])
    # 5 %: points are good to about 600 m, which is 5 % of two stations 12 km apart
    short = lines[(ratio < 0.95) & (great_circle_km(*points[0], *points[1]) > 15)]
    known = "衢州常山 常山开化 开化德兴 长临河巢湖东 千岛湖三阳 古城东太和东 建湖盐城 临海台州 宜兴长兴"
    assert set(short["from_station"] + short["to_station"]) == set(known.split())


def test_published_lengths(lines):
    # lengths printed in the reports of the openings (column source); two to four per cent for split and hub sections
    km = lines.groupby("line")["km"].sum()
    assert km["沪宁城际铁路"] == pytest.approx(301, rel=0.02)
    assert km["甬台温铁路"] == pytest.approx(282.4, rel=0.04)
    assert km["宁安高铁"] == pytest.approx(257, rel=0.04)
    assert km["徐盐高铁"] == pytest.approx(313, rel=0.02)
    assert km["徐连高铁"] == pytest.approx(185, rel=0.01)


def test_points_that_contradict_the_track_are_left_empty(stations):
    assert stations.loc[["阳澄湖", "金华南"], ["lon", "lat"]].isna().all(axis=None)
    assert stations.loc["金华南", "coord_source"].startswith("none: the listed point lies")


def test_timetable_of_march_2016():
    table = read_table("rail/timetable_2016-03.csv")
    assert (table["from_adcode"] < table["to_adcode"]).all()
    assert table["kind"].value_counts().to_dict() == {"direct": 299, "one_transfer": 179}
    pairs = table.groupby(["from_adcode", "to_adcode"])
    assert len(pairs) == 406
    one, direct = (table[table["kind"] == kind] for kind in ("one_transfer", "direct"))
    both = one.merge(direct, on=["from_adcode", "to_adcode"], suffixes=("", "_direct"))
    assert (both["minutes"] < both["minutes_direct"]).all()
    assert pairs["minutes"].min()[(310000, 320100)] == 67


def test_conventional_trains():
    table = read_table("rail/conventional.csv")
    assert len(table) == 664
    assert (table["from_adcode"] < table["to_adcode"]).all()
    assert not table.duplicated(["from_adcode", "to_adcode"]).any()
    unserved = set(load_units().index) - {*table["from_adcode"], *table["to_adcode"]}
    assert unserved == {321300, 330500, 330900, 331000}  # 宿迁 湖州 舟山 台州


def test_announced_times_are_a_rough_check(network):
    announced = read_table("rail/announced_times.csv")
    assert len(announced) == 18
    main = network.stations["main"].eq(1)
    city = network.stations["adcode"]
    ratios = []
    for row in announced.itertuples():
        ends = [row.from_station, row.to_station]
        if main[ends].all() and city[ends].nunique() == 2:
            times = network.travel_time(row.date, fallback=False)
            ratios.append(times.loc[city[ends[0]], city[ends[1]]] / row.minutes)
    assert len(ratios) >= 12
    assert np.median(np.abs(np.array(ratios) - 1)) < 0.30  # showcase trains of the first day: median 21 % off
    assert 0.85 < np.median(ratios) < 1.15


def test_speeds_are_said_to_be_constant():
    assert "constant" in list_datasets().loc["rail/lines.csv", "title"]


def test_parameters_are_few_and_inside_their_bounds(calibration):
    parameters = read_toml("rail/parameters.toml")["parameters"]
    assert list(parameters) == list(calibration.BOUNDS)
    for name, (low, high) in calibration.BOUNDS.items():
        assert low < parameters[name] < high


def test_the_errors_written_down_are_those_of_the_shipped_network(network):
    table = read_table("rail/timetable_2016-03.csv")
    printed = table.groupby(["from_adcode", "to_adcode"])["minutes"].min()
    times = network.travel_time("2016-03-10", fallback=False)
    modelled = np.array([times.loc[pair] for pair in printed.index])
    relative = modelled / printed.to_numpy() - 1
    fit = read_toml("rail/parameters.toml")["fit"]
    assert fit["pairs"] == len(printed)
    digits = 5e-5  # half of the last digit written
    assert fit["median_absolute_error"] == pytest.approx(np.median(np.abs(relative)), abs=digits)
    assert fit["mean_absolute_error"] == pytest.approx(np.mean(np.abs(relative)), abs=digits)
    assert fit["p90_absolute_error"] == pytest.approx(np.quantile(np.abs(relative), 0.9), abs=digits)
    logs = np.log(modelled), np.log(printed.to_numpy())
    slope = ((logs[0] - logs[0].mean()) * (logs[1] - logs[1].mean())).mean() / (logs[0].std() * logs[1].std())
    assert fit["log_correlation"] == pytest.approx(slope, abs=digits)


def test_the_parameters_are_the_calibrated_ones(calibration):
    pairs = calibration.printed_pairs()
    model, printed = calibration.make_model(pairs.index), pairs["minutes"].to_numpy(dtype=float)
    written = np.array(list(read_toml("rail/parameters.toml")["parameters"].values()))
    used = np.ones(len(printed), dtype=bool)
    best = calibration.loss(model, printed, written, used)
    for place in range(4):
        for step in (0.95, 1.05):
            moved = written.copy()
            moved[place] *= step
            assert calibration.loss(model, printed, moved, used) > best - 1e-4  # rounding of what is written
    start = np.array([0.85, 2.5, 22.0, 5.0])
    np.testing.assert_allclose(calibration.polish(model, printed, start, used), written, rtol=0.06)


def test_leaving_cities_out_hardly_costs():
    table = read_toml("rail/parameters.toml")
    assert table["left_out"]["median_absolute_error"] < 0.08
    assert table["left_out"]["mean_absolute_error"] < 1.06 * table["fit"]["mean_absolute_error"]


def test_the_text_of_the_parameters_can_be_written_again(calibration):
    shipped = read_toml("rail/parameters.toml")
    left_out = pd.DataFrame()
    left_out.attrs = {
        "median": shipped["left_out"]["median_absolute_error"],
        "mean": shipped["left_out"]["mean_absolute_error"],
    }
    fitted = {name: value for name, value in shipped["fit"].items() if name not in {"day", "pairs"}}
    numbers = np.array(list(shipped["parameters"].values()))
    written = calibration.text(numbers, fitted, shipped["fit"]["pairs"], left_out)
    assert written == (ROOT / "data/rail/parameters.toml").read_text("utf-8")
