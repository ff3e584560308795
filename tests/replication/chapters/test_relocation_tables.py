"""Tables on where manufacturing went: what is printed against what was measured."""

import re

import pytest

from yrdspatial.replication.chapters.naming import name
from yrdspatial.replication.chapters.relocation_tables import (
    by_city,
    moves_table,
    notes_of,
    regions_table,
    shift_share_table,
)
from yrdspatial.tables.speech import speaking


@pytest.fixture(scope="module")
def relocation(beyond):
    return beyond.relocation


def test_sub_regions_are_printed_with_a_sum_only_over_several_windows(study, relocation):
    table = regions_table(study, relocation, 7)
    heads = list(table.shown.columns)
    assert heads == [
        "region",
        "manufacturing employment, 2005-2012",
        "manufacturing employment, 2013-2019",
        "manufacturing employment, windows summed",
        "secondary value added, 2005-2022",
    ]
    assert table.shown[heads[3]].to_numpy() == pytest.approx(table.shown[heads[1]] + table.shown[heads[2]])
    assert table.shown[heads[1:]].sum().abs().max() < 1e-9
    assert "seed 7" in table.notes[1]
    assert table.shown["region"].tolist() == [name(str(one)) for one in relocation.regions.index]


def test_the_data_say_what_they_know(study, relocation):
    notes = notes_of(study, relocation)
    assert notes.count("Chaohu was abolished") == 1
    assert "fourth economic census" in notes
    assert notes.endswith(".")


def test_shift_share_is_in_per_cent_and_adds_up(relocation):
    table = shift_share_table(relocation)
    shown = table.shown
    assert len(shown) == 36
    assert (shown["all sectors"] + shown["sector mix"] + shown["regional"]).to_numpy() == pytest.approx(
        shown["change"].to_numpy()
    )
    assert table.rules == [9, 18, 27]
    row = relocation.shift_share.iloc[3]
    assert shown["regional"].iloc[3] == pytest.approx(100 * row["regional"] / row["base"])


def test_moves_and_cities(study, relocation):
    assert moves_table(relocation).shown["window"].tolist() == [
        "2005-2012",
        "2013-2019",
        "windows summed",
        "2005-2022",
        "windows summed",
    ]
    cities = by_city(study, relocation)
    assert len(cities) == 41
    assert cities.set_index("adcode").loc[310000, "value added sum"] == pytest.approx(
        relocation.transfer.loc[310000, ("value added", "sum")]
    )


def test_in_chinese_the_heads_are_chinese(relocation):
    with speaking("zh"):
        heads = " ".join(map(str, shift_share_table(relocation).shown.columns))
    assert not any(letter.isascii() and letter.isalpha() for letter in heads)


def test_what_the_data_say_is_said_in_chinese(study, relocation):
    with speaking("zh"):
        notes = notes_of(study, relocation)
    assert "填报范围：六安2011—2013年：填报范围跳变。" in notes
    assert re.search("[A-Za-z]{4}", notes) is None
