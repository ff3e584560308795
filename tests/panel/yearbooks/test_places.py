"""Names of rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yrdspatial.datasets import read_table
from yrdspatial.geography.units import find_unit, load_units
from yrdspatial.panel.yearbooks.places import find_place, in_province, is_part, key_of


def test_every_unit_by_chinese_name_with_marks_and_spaces():
    for code, name in load_units()["name_zh"].items():
        short = name.removesuffix("市")
        for text in (
            name,
            short,
            f"  {name}",
            " ".join(name),
            f"{name}①",
            f"{name}*",
            f"{name}[1]",
            f"{name}（注）",
        ):
            place = find_place(text)
            assert place is not None, text
            assert (place.kind, place.code) == ("unit", code), text


def test_every_accepted_spelling_is_what_find_unit_says():
    names = read_table("shapes/unit_names.csv")
    for name, code in zip(names["name"], names["adcode"], strict=True):
        place = find_place(str(name))
        assert place is not None, name
        if place.kind == "unit":
            assert place.code == find_unit(str(name)) == code
        else:
            assert place.kind in {"ambiguous", "abolished"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Suzhou", "ambiguous"),
        ("Taizhou", "ambiguous"),
        ("巢湖市", "abolished"),
        ("巢湖", "abolished"),
        ("江苏省", "province"),
        ("江苏", "province"),
        ("内蒙古自治区", "province"),
        ("新疆维吾尔自治区", "province"),
        ("Inner Mongolia", "province"),
        ("Zhejiang", "province"),
        ("北京市", "other"),
        ("Beijing", "other"),
        ("福州市", "other"),
        ("莱芜市", "other"),
        ("昆山市", "county"),
        ("Yiwu", "county"),
        ("全国", "total"),
        ("合 计", "total"),
        ("Total", "total"),
        ("苏南", "total"),
        ("上海市", "unit"),
        ("苏州市Suzhou", "unit"),
        (340100, "unit"),
        (340100.0, "unit"),
        ("340100000000", "unit"),
    ],
)
def test_kinds(text, kind):
    place = find_place(text)
    assert place is not None
    assert place.kind == kind


@pytest.mark.parametrize(
    "cell",
    [
        "",
        " ",
        "城市",
        "City",
        "#合肥市",
        "＃合肥",
        "其中：合肥市",
        "of which: Hefei",
        "2-7 地区生产总值",
        "合服市",
        340100.5,
        12.0,
        True,
        None,
        999999,
        float("nan"),
        "1",
        "34010.0",
        "3.40100",
        "340,100",
        "长" * 99,
    ],
)
def test_what_is_no_place(cell):
    assert find_place(cell) is None


def test_english_names_are_marked_as_english():
    assert find_place("Hefei").english
    assert not find_place("合肥").english
    assert not find_place("合肥 Hefei").english


def test_a_province_settles_a_name():
    assert in_province("Suzhou", "江苏省") == in_province("Suzhou", "Jiangsu") == 320500
    assert in_province("Suzhou", "安徽") == 341300
    assert in_province("Taizhou", "Zhejiang Province") == 331000
    assert in_province("Taizhou", "Anhui") is None
    assert in_province("Suzhou", "Hainan") is None


def test_parts():
    assert [is_part(text) for text in ("#市区", "＃ 市区", "其中:a", "Of which: a", "a #", "")] == [
        True
    ] * 4 + [False] * 2


def test_keys_ignore_marks_and_punctuation():
    assert key_of(" Ma’an-shan ①") == key_of("MAANSHAN") == "maanshan"


def test_other_places_are_none_of_the_41_and_there_once():
    others = read_table("shapes/other_places.csv")
    assert set(others["level"]) == {"municipality", "province", "prefecture", "county"}
    assert not others.duplicated(["level", "name_zh", "province_zh"]).any()
    assert not set(others["name_zh"]) & set(load_units()["name_zh"])
    assert (others["level"] == "province").sum() == 27
    cities = others[others["level"].isin(["prefecture", "municipality"])]
    assert len(cities) == 256 + 3
    assert others[["name_zh", "name_en"]].notna().all().all()


@given(st.one_of(st.text(max_size=70), st.floats(), st.integers(), st.none()))
def test_any_cell_is_a_place_or_none(cell):
    place = find_place(cell)
    assert place is None or place.kind != "unit" or place.code in load_units().index
