"""Tables of lines and stations: what is refused, and where stations without a point are drawn."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import DataError
from yrdspatial.rail.segments import check_segments, check_stations, place_stations

GOOD = {
    "line": "A",
    "seq": 1,
    "from_station": "x",
    "to_station": "y",
    "km": 10.0,
    "operating_speed_kmh": 300,
    "opened": "2010-07-01",
    "kind": "hsr",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"km": 0.0}, "km must be a positive number"),
        ({"km": np.nan}, "km must be a positive number"),
        ({"km": "far"}, "km must be a positive number"),
        ({"operating_speed_kmh": -1}, "operating_speed_kmh must be a positive number"),
        ({"operating_speed_kmh": np.inf}, "operating_speed_kmh must be a positive number"),
        ({"opened": "soon"}, "the day of opening must be a date"),
        ({"opened": None}, "the day of opening must be a date"),
        ({"kind": "maglev"}, "kind must be one of hsr, upgraded, link, hublink"),
    ],
)
def test_a_bad_value_is_named_with_its_segment(change, message):
    other = GOOD | {"line": "B", "from_station": "p", "to_station": "q"}
    with pytest.raises(DataError, match=message) as caught:
        check_segments(pd.DataFrame([GOOD, other | change]))
    assert "[B, p to q]: correct it in rail/lines.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ends", [("x", "y"), ("y", "x")])
def test_a_segment_given_twice_is_refused(ends):
    again = GOOD | {"seq": 2, "from_station": ends[0], "to_station": ends[1]}
    with pytest.raises(DataError, match="a segment stands twice"):
        check_segments(pd.DataFrame([GOOD, again]))


def test_two_lines_may_share_a_pair_of_stations():
    assert len(check_segments(pd.DataFrame([GOOD, GOOD | {"line": "B"}]))) == 2


def test_numbers_and_days_get_their_types_and_the_input_keeps_its_own():
    table = pd.DataFrame([GOOD | {"km": "12.5"}])
    checked = check_segments(table)
    assert checked["km"].item() == 12.5
    assert checked["opened"].item() == pd.Timestamp("2010-07-01")
    assert table["opened"].item() == "2010-07-01"


@pytest.mark.parametrize("column", ["km", "opened", "kind"])
def test_missing_columns_are_named(column):
    with pytest.raises(DataError, match=f"columns are missing: {column}"):
        check_segments(pd.DataFrame([GOOD]).drop(columns=column))


def test_missing_station_columns_are_named():
    with pytest.raises(DataError, match=r"columns are missing: main, lon \[rail/stations.csv\]"):
        check_stations(pd.DataFrame({"station": ["x"], "adcode": [310000], "lat": [31.0]}))


def test_a_station_given_twice_is_refused():
    table = pd.DataFrame({"station": ["x", "x"], "adcode": 310000, "main": 1, "lon": 121.0, "lat": 31.0})
    with pytest.raises(DataError, match=r"a station stands twice \[x\]"):
        check_stations(table)


def placed(synthetic, segments, **points):
    names = sorted({*segments["from_station"], *segments["to_station"]})
    stations = synthetic.stations(**dict.fromkeys(names))
    for name, (lon, lat) in points.items():
        stations.loc[name, ["lon", "lat"]] = lon, lat
    return place_stations(segments, stations)


def test_a_station_without_a_point_lies_on_its_line_by_track_length(synthetic):
    segments = synthetic.segments(("A", "a", "x", 10.0), ("A", "x", "b", 30.0))
    points = placed(synthetic, segments, a=(120.0, 30.0), b=(124.0, 32.0))
    assert points.loc["x"].tolist() == pytest.approx([121.0, 30.5])
    assert points.loc["a"].tolist() == [120.0, 30.0]


def test_two_stations_without_a_point_share_the_way(synthetic):
    segments = synthetic.segments(("A", "a", "x", 10.0), ("A", "x", "y", 10.0), ("A", "y", "b", 20.0))
    points = placed(synthetic, segments, a=(120.0, 30.0), b=(124.0, 30.0))
    assert points["lon"].to_dict() == pytest.approx({"a": 120.0, "b": 124.0, "x": 121.0, "y": 122.0})


def test_the_end_of_a_line_without_a_point_lies_on_its_neighbour(synthetic):
    segments = synthetic.segments(("A", "a", "b", 10.0), ("A", "b", "x", 30.0))
    points = placed(synthetic, segments, a=(120.0, 30.0), b=(121.0, 31.0))
    assert points.loc["x"].tolist() == [121.0, 31.0]


def test_a_line_without_any_point_stays_without(synthetic):
    segments = synthetic.segments(("A", "a", "b", 10.0))
    assert placed(synthetic, segments).isna().all(axis=None)


def test_points_do_not_depend_on_the_order_of_rows(network):
    points = place_stations(network.segments, network.stations)
    shuffled = network.segments.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(place_stations(shuffled, network.stations.iloc[::-1]), points)
