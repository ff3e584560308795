"""Dates of first high-speed service: the day, the line, the middle-of-year rule, who is late or never served."""

from dataclasses import replace

import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.treatment.openings import opening_saturation, rail_openings


@pytest.fixture(scope="module")
def openings():
    return rail_openings()


def test_every_unit_has_a_row_and_a_line_where_it_has_a_day(openings):
    assert openings.index.equals(yrd.load_units().index)
    assert (openings["line"] != "").equals(openings["first_day"].notna())
    assert openings["first_year"].notna().equals(openings["first_day"].notna())


def test_who_is_late_and_who_is_never_served(openings):
    named = openings.groupby("status")["name_en"].agg(set)
    assert named["never"] == {"Taizhou (Jiangsu)", "Zhoushan"}
    assert named["late"] == {"Nantong", "Huai'an", "Yangzhou", "Suqian", "Fuyang", "Bozhou", "Xuancheng"}


def test_the_day_is_that_of_the_line_in_the_file(openings):
    # the openings of the lines, read from data/rail/lines.csv
    opened = yrd.load_rail().openings()
    for _, row in openings[openings["line"] != ""].iterrows():
        for line in row["line"].split("; "):
            assert opened[line] <= row["first_day"]
        assert max(opened[line] for line in row["line"].split("; ")) == row["first_day"]


def test_a_year_counts_when_service_runs_on_its_first_of_july(openings):
    # 2010-07-01 counts in 2010, 2010-10-26 from 2011 on, 2008-04-18 in 2008: as travel times of the middle of a year
    days = openings["first_day"].dt.strftime("%Y-%m-%d")
    assert set(openings.loc[days == "2010-07-01", "first_year"]) == {2010}
    assert set(openings.loc[days == "2010-10-26", "first_year"]) == {2011}
    assert set(openings.loc[days == "2008-04-18", "first_year"]) == {2008}


def test_the_first_year_is_the_first_with_a_mid_year_high_speed_trip(openings):
    network = yrd.load_rail()
    kept = network.segments["kind"] != "upgraded"
    only = replace(network, segments=network.segments[kept].reset_index(drop=True))
    for year in (2009, 2012, 2016, 2020):
        minutes = only.travel_time(f"{year}-07-01", fallback=False)
        reached = (minutes.notna() & minutes.lt(float("inf"))).sum(axis=1) > 1
        served = openings["first_year"].le(year).fillna(False).astype(bool)
        assert set(reached.index[reached]) <= set(served.index[served])


def test_fast_trains_on_older_lines_come_earlier(openings):
    fast = rail_openings(kind="fast")
    assert (fast["first_day"] <= openings["first_day"]).eq(openings["first_day"].notna()).all()
    assert fast.loc[321200, "first_year"] == 2016
    assert fast.loc[321200, "line"] == "宁启铁路(复线电气化)"


def test_saturation_adds_up(openings):
    table = opening_saturation(openings, range(2006, 2023))
    assert (table["treated"] + table["not_yet"] + table["never"] == 41).all()
    assert (table["new"].cumsum() == table["treated"]).all()
    assert table.loc[2022, ["treated", "not_yet", "never"]].tolist() == [39, 0, 2]
    assert table.loc[2020, "share"] == pytest.approx(38 / 41)


def test_an_unknown_kind_is_refused():
    with pytest.raises(SpecificationError, match="unknown kind"):
        rail_openings(kind="maglev")
