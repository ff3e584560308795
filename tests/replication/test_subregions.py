"""The nine sub-regions: a division of the delta, by province and by the named lists."""

import yrdspatial as yrd
from yrdspatial.replication.subregions import NAMED, members_of, region_of, sub_regions


def test_every_city_is_in_one_sub_region():
    listed = [code for codes in sub_regions().values() for code in codes]
    assert sorted(listed) == sorted(yrd.load_units().index)
    assert len(set(listed)) == len(listed) == 41


def test_named_ones_are_the_shipped_lists_and_the_rest_stays_in_its_province():
    regions, table = sub_regions(), yrd.load_regions()
    for name in NAMED:
        assert regions[name] == table.loc[table["region"] == name, "adcode"].tolist()
    assert regions["Shanghai"] == [310000]
    assert {code // 10000 for code in regions["other Zhejiang"]} == {33}
    assert {code // 10000 for code in regions["other Anhui"]} == {34}
    provinces = [{code // 10000 for code in codes} for codes in regions.values()]
    assert all(len(one) == 1 for one in provinces)


def test_members_and_their_region():
    assert members_of("苏北") == {"苏北": [320300, 320700, 320800, 320900, 321300]}
    back = region_of({"a": [1, 2], "b": [3]})
    assert back.to_dict() == {1: "a", 2: "a", 3: "b"}
    assert region_of(sub_regions()).value_counts()["皖北"] == 6
