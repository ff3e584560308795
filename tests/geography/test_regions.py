"""Named sets of cities, relations, neighbours by era, boundary changes: consistent with the registry."""

import datetime
import re

import pandas as pd
import pytest

from yrdspatial.geography.regions import (
    load_adjacency,
    load_boundary_changes,
    load_region_titles,
    load_regions,
    load_relations,
)
from yrdspatial.geography.units import find_unit, load_units

UNITS = load_units()
REGIONS = load_regions()
ERAS = ["adj_2000_2010", "adj_2011_2015", "adj_2016_on"]


def members(region: str) -> set[int]:
    return set(REGIONS.loc[REGIONS["region"] == region, "adcode"])


def cities(*names: str) -> set[int]:
    return {find_unit(name) for name in names}


# named sets


def test_regions_are_a_long_table_of_known_units():
    assert list(REGIONS.columns) == ["region", "adcode", "status", "note"]
    assert REGIONS["adcode"].dtype == "int64"
    assert set(REGIONS["adcode"]) <= set(UNITS.index)
    assert not REGIONS.duplicated(["region", "adcode"]).any()
    assert set(REGIONS["status"]) == {"printed", "inferred", "derived"}
    assert not REGIONS[["region", "status"]].drop_duplicates()["region"].duplicated().any()


def test_titles_fit_the_regions():
    titles = load_region_titles()
    assert list(titles.index) == list(REGIONS["region"].unique())
    assert titles["name_en"].is_unique
    assert (titles[["name_zh", "name_en", "status"]].map(len) > 0).all(axis=None)
    assert titles["status"].to_dict() == REGIONS.groupby("region", sort=False)["status"].first().to_dict()


@pytest.mark.parametrize(
    ("region", "names"),
    [
        ("G60", ["上海", "苏州", "杭州", "湖州", "嘉兴", "金华", "合肥", "芜湖", "宣城"]),
        ("省会及上海", ["上海", "南京", "杭州", "合肥"]),
        ("CR5_60_70", ["芜湖", "衢州", "无锡", "上海"]),
        ("绿色石化集群", ["宁波", "绍兴", "嘉兴", "舟山", "衢州"]),
        ("皖西", ["六安"]),
        ("皖西 (alt)", ["六安", "安庆"]),
        ("浙东 (alt)", ["宁波", "舟山", "台州"]),
    ],
)
def test_members_of_a_region(region, names):
    assert members(region) == cities(*names)


def test_parts_of_jiangsu_make_up_jiangsu():
    parts = [members(region) for region in ("苏南", "苏中", "苏北")]
    assert set.union(*parts) == set(UNITS.index[UNITS["province_en"] == "Jiangsu"])
    assert sum(map(len, parts)) == 13


def test_tiers_divide_the_delta():
    tiers = [members(f"tier{k}") for k in range(1, 6)]
    assert set.union(*tiers) == set(UNITS.index)
    assert sum(map(len, tiers)) == 41
    assert [len(tier) for tier in tiers[:3]] == [2, 2, 3]


def test_belts_are_in_their_provinces_and_of_the_size_the_paper_gives():
    assert len(members("皖江")) == 8
    assert len(members("皖北")) == 6
    assert {code // 10000 for code in members("皖江") | members("皖北")} == {34}
    assert {code // 10000 for code in members("浙北") | members("浙东") | members("浙西南")} == {33}


def test_an_alternative_stands_beside_its_region_and_is_inferred():
    alternatives = [region for region in REGIONS["region"].unique() if region.endswith(" (alt)")]
    assert len(alternatives) == 4
    for region in alternatives:
        assert members(region) != members(region.removesuffix(" (alt)"))
        assert set(REGIONS.loc[REGIONS["region"] == region, "status"]) == {"inferred"}


# relations


def test_relations_join_known_units():
    relations = load_relations()
    assert list(relations.columns) == [
        "kind",
        "kind_zh",
        "name",
        "from_adcode",
        "to_adcode",
        "status",
        "note",
    ]
    assert set(relations["from_adcode"]) | set(relations["to_adcode"]) <= set(UNITS.index)
    assert (relations["from_adcode"] != relations["to_adcode"]).all()
    assert set(relations["status"]) == {"printed", "inferred"}
    assert not relations.isna().any(axis=None)
    assert relations.groupby("kind")["kind_zh"].nunique().eq(1).all()


def test_the_enclave_of_xiaoshan_lies_in_xuancheng():
    enclave = load_relations().query("kind == 'enclave'").iloc[0]
    assert (enclave["from_adcode"], enclave["to_adcode"]) == (find_unit("杭州"), find_unit("宣城"))
    assert "萧山" in enclave["note"]


def test_border_zones_join_neighbours_or_cross_a_province():
    zones = load_relations().query("kind == 'border_zone'")
    assert (zones["from_adcode"] // 10000 != zones["to_adcode"] // 10000).all()


# neighbours


def test_pairs_are_ordered_unique_and_of_known_units():
    pairs = load_adjacency()
    assert (pairs["a_adcode"] < pairs["b_adcode"]).all()
    assert not pairs.duplicated(["a_adcode", "b_adcode"]).any()
    assert set(pairs["a_adcode"]) | set(pairs["b_adcode"]) <= set(UNITS.index)
    assert set(pairs["kind"]) == {"land", "yangtze", "estuary", "sea_bridge", "none"}
    assert pairs[ERAS].isin([0, 1]).all(axis=None)


def test_pairs_by_era():
    pairs = load_adjacency()
    assert pairs[ERAS].sum().to_dict() == {"adj_2000_2010": 95, "adj_2011_2015": 100, "adj_2016_on": 100}
    assert (pairs.loc[pairs["kind"] == "none", ERAS] == 0).all(axis=None)
    assert (pairs.loc[pairs["kind"] != "none", ERAS].sum(axis=1) > 0).all()


def test_eras_differ_only_where_boundaries_changed():
    pairs = load_adjacency()
    changes = load_boundary_changes()
    for before, after, year in [(ERAS[0], ERAS[1], 2011), (ERAS[1], ERAS[2], 2016)]:
        moved = changes[changes["date"].str[:4] == str(year)]
        touched = set(moved["from_adcode"]) | set(moved["to_adcode"])
        changed = pairs[pairs[before] != pairs[after]]
        assert len(changed) > 0
        assert all({pair.a_adcode, pair.b_adcode} & touched for pair in changed.itertuples())
    wuhu_anqing = pairs.set_index(["a_adcode", "b_adcode"]).loc[(340200, 340800), ERAS]
    assert wuhu_anqing.tolist() == [0, 1, 0]  # Wuwei joined Wuhu in 2011, Zongyang left Anqing in 2016


def test_borders_have_a_length_where_there_is_a_border():
    pairs = load_adjacency()
    bordered = (pairs["adj_2016_on"] == 1) & (pairs["kind"] != "sea_bridge")
    assert (pairs.loc[bordered, "border_km"] > 0).all()
    assert (pairs.loc[~bordered, "border_km"] == 0).all()


# boundary changes


def test_changes_are_dated_and_sourced():
    changes = load_boundary_changes()
    assert not changes.isna().any(axis=None)
    assert set(changes["kind"]) == {"founded", "renamed", "moved", "abolished"}
    assert all(re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", date) for date in changes["date"])
    for date in changes["date"][changes["date"].map(len) == 10]:
        assert datetime.date(2000, 1, 1) <= datetime.date.fromisoformat(date) < datetime.date(2025, 1, 1)
    assert changes["date"].is_monotonic_increasing
    assert (changes[["county", "note", "source"]].map(len) > 0).all(axis=None)


def test_changes_concern_the_units_and_chaohu():
    changes = load_boundary_changes()
    assert set(changes["to_adcode"]) <= set(UNITS.index)
    assert set(changes["from_adcode"]) - set(UNITS.index) == {341400}
    same = changes["from_adcode"] == changes["to_adcode"]
    assert (same == (changes["kind"] == "renamed")).all()


@pytest.mark.parametrize(
    ("county", "day", "source", "target"),
    [
        ("庐江县", "2011-08-22", "巢湖", "合肥"),
        ("无为县", "2011-08-22", "巢湖", "芜湖"),
        ("含山县", "2011-08-22", "巢湖", "马鞍山"),
        ("枞阳县", "2016-01-04", "安庆", "铜陵"),
        ("寿县", "2016-01-04", "六安", "淮南"),
        ("蒙城县", "2000-05-21", "阜阳", "亳州"),
    ],
)
def test_where_a_county_went(county, day, source, target):
    row = load_boundary_changes().set_index("county").loc[county]
    assert row["date"] == day
    assert row["from_adcode"] == (341400 if source == "巢湖" else find_unit(source))
    assert row["to_adcode"] == find_unit(target)


def test_the_seven_townships_of_2004_are_marked_as_not_confirmed():
    changes = load_boundary_changes()
    row = changes[changes["date"] == "2004"].squeeze()
    assert isinstance(row, pd.Series)
    assert "not confirmed" in row["note"]
    assert 2400 - 1925 == 2596 - 2121 == 475  # what Changfeng lost is what Huainan won, km2
    assert all(str(area) in row["note"] for area in (2400, 1925, 2596, 2121, 475))
