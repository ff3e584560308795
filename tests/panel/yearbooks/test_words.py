"""Words of printed tables."""

import pytest

from yrdspatial.datasets import read_toml
from yrdspatial.panel.yearbooks.words import normal, scope_of, words


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("城 市", "城市"),
        ("Name of City", "nameofcity"),
        ("ＧＤＰ（％）", "gdp"),
        ("", ""),
        ("—", ""),
        ("R&D", "rd"),
    ],
)
def test_normal(text, key):
    assert normal(text) == key


def test_kinds_of_words():
    assert {normal(text) for text in ("城 市", "City", "地区", "行政区划代码", "adcode")} <= words("names")
    assert {"序号", "no"} <= words("numbers")
    assert {"年份", "year"} <= words("years")
    assert {"合计", "全国", "total"} <= words("totals")
    assert {"合计", "总计"} <= words("generic")
    assert "地区生产总值" not in words("names")


def test_scopes():
    assert scope_of("全　市") == scope_of("Total City") == "total"
    assert scope_of("市 辖 区") == scope_of("Districts under City") == "districts"
    assert scope_of("城市") is None
    assert scope_of("") is None


def test_no_word_is_of_two_kinds_that_exclude_each_other():
    lists = read_toml("panels/yearbooks/words.toml")
    assert set(lists) == {"names", "numbers", "years", "totals", "generic", "total_city", "districts"}
    assert not words("names") & (words("totals") | words("numbers") | words("years"))
    assert not set(map(normal, lists["total_city"])) & set(map(normal, lists["districts"]))
