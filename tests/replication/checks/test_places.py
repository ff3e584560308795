"""Claims on places, against formulas written out and facts of the map."""

import numpy as np
import pytest

from yrdspatial.replication.checks.places import EDGES, touches


@pytest.mark.parametrize(("name", "there"), [("P-06", 330100), ("P-07", 320100)])
def test_seat_distances_are_haversines(case, judged, name, there):
    seats = np.radians(case.study.units[["seat_lon", "seat_lat"]].loc[[310000, there]].to_numpy())
    half = (
        np.sin((seats[1, 1] - seats[0, 1]) / 2) ** 2
        + np.cos(seats[:, 1]).prod() * np.sin((seats[1, 0] - seats[0, 0]) / 2) ** 2
    )
    kilometres = 2 * 6371.0088 * np.arcsin(np.sqrt(half))  # mean radius of the Earth
    assert float(judged[name].computed) == pytest.approx(kilometres, abs=0.01)
    assert judged[name].verdict == "replicated"
    assert abs(float(judged[name].gap)) <= 5


def test_the_study_area(judged):
    assert judged["P-01"].verdict == "replicated"
    assert judged["P-01"].computed == "41; 1; 13; 11; 16"


def test_edges_that_must_touch_do(judged):
    for name in ("L-01", "L-02", "L-07", "L-10", "L-12"):
        assert judged[name].verdict == "replicated"
        assert judged[name].computed == "edge present; contiguous: yes"


def test_edges_that_only_the_source_has_are_recorded(judged):
    for name in ("L-08", "L-09", "L-11", "L-13"):
        assert judged[name].verdict == "recorded"
        assert judged[name].computed.startswith("edge present")
        assert " min" in judged[name].data
    assert "Chongming" in judged["L-09"].why


def test_two_edges_on_one_pair_are_two_rows(case):
    assert EDGES["L-07"][1] == EDGES["L-08"][1]
    pair = case.relations[(case.relations["from_adcode"] == 310000) & (case.relations["to_adcode"] == 320500)]
    assert len(pair) == 2


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ((330400, 310000), True),
        ((310000, 330400), True),
        ((310000, 330900), False),  # Shanghai and Zhoushan: water between them
        ((310000, 340100), False),
    ],
)
def test_contact_has_no_direction(case, pair, expected):
    assert touches(case, pair) is expected


def test_hosts_of_new_areas_are_near(case, judged):
    minutes = case.study.times.frame(2020)[310000]
    hosts = np.mean([minutes[code] for code in (330200, 330100, 330600, 330500)])
    zhejiang = np.mean([minutes[code] for code in minutes.index if code // 10000 == 33])
    assert judged["S2-04"].verdict == ("replicated" if hosts < zhejiang else "not replicated")
    assert judged["S2-04"].computed == f"{hosts:.0f} against {zhejiang:.0f} min"


def test_lists_are_recorded_with_their_members(judged):
    for name, number in {"S1-05": 6, "S1-06": 8, "S5-03": 9, "S3-23": 16}.items():
        assert judged[name].verdict == "recorded"
        assert f": {number} (" in judged[name].computed
    assert "Chaohu" in judged["S1-06"].why


def test_members_off_the_lines_are_named(judged):
    found = judged["S5-04"]
    assert found.verdict == "replicated"
    assert found.computed == "6 of 9 members on the lines"
    assert all(name in found.why for name in ("Hangzhou", "Jiaxing", "Jinhua", "2024-12-26"))


def test_size_classes_wait_for_urban_residents(judged):
    assert judged["P-08"].verdict == "not testable"
    assert "24.87" in judged["P-08"].proxy  # census 2020, Shanghai
