"""Words of the chapters beyond the paper."""

import pandas as pd
import pytest

from yrdspatial.replication.chapters.naming import decimal, direction, interval, name, row_of, signed
from yrdspatial.replication.core_effects import FAR, NEAR
from yrdspatial.replication.subregions import sub_regions
from yrdspatial.tables.speech import speaking


def test_every_group_has_a_name_in_both_languages():
    for key in (
        *sub_regions(),
        *FAR,
        *NEAR,
        "core",
        "employment",
        "value added",
        "rail_decay",
        "rail_common",
    ):
        assert name(key)
        with speaking("zh"):
            assert any("一" <= letter <= "鿿" for letter in name(key))
    assert len({name(key) for key in sub_regions()}) == 9


@pytest.mark.parametrize(
    ("bearing", "words"),
    [
        (0, "north"),
        (22, "north"),
        (23, "northeast"),
        (90, "east"),
        (203, "southwest"),
        (307, "northwest"),
        (359, "north"),
    ],
)
def test_directions_are_the_nearest_of_eight(bearing, words):
    assert direction(bearing) == f"to the {words}"


def test_numbers_have_a_true_minus():
    assert signed(-1.25, 1) == "−1.2"
    assert signed(0.0) == "+0.0"
    row = pd.Series({"estimate": -0.126, "lower": -0.3, "upper": 0.05})
    assert interval(row) == "−0.13 [−0.30, 0.05]"
    assert (decimal(0.0009), decimal(0.001), decimal(0.25)) == ("<0.001", "0.001", "0.250")


def test_the_one_row():
    table = pd.DataFrame({"a": ["x", "x", "y"], "b": [1, 2, 1], "c": [10, 20, 30]})
    assert row_of(table, a="x", b=2)["c"] == 20
