"""Profiles of the books."""

import pytest

from yrdspatial.datasets import read_toml
from yrdspatial.errors import DataError
from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.yearbooks.cells import TEXTS
from yrdspatial.panel.yearbooks.measures import panel_measure, read_measure
from yrdspatial.panel.yearbooks.profiles import DEFAULT, load_profile, mark_key

NAMES = sorted(read_toml("panels/yearbooks/profiles.toml")["profiles"])


def test_the_default_is_the_city_yearbook():
    assert load_profile() == load_profile(DEFAULT)
    assert load_profile().title == "China City Statistical Yearbook"


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_says_what_its_marks_mean(name):
    profile = load_profile(name)
    assert set(profile.marks.values()) == set(TEXTS)
    assert profile.marks[""] == "unknown"
    assert profile.marks["..."] == "below_unit"
    assert profile.marks["一"] == "none"
    assert profile.marks["*"] == "see_note"
    assert not any(mark.isdigit() for mark in profile.marks)


@pytest.mark.parametrize("name", NAMES)
def test_no_mark_has_two_meanings(name):
    marks = read_toml("panels/yearbooks/profiles.toml")["profiles"][name]["marks"]
    pairs = {(mark_key(mark), meaning) for meaning, texts in marks.items() for mark in texts}
    assert len({mark for mark, _ in pairs}) == len(pairs)


@pytest.mark.parametrize("name", NAMES)
def test_usual_units_fit_their_columns(name):
    for column, unit in load_profile(name).usual_units.items():
        own, usual = panel_measure(load_columns().loc[column, "unit"]), read_measure(unit)
        assert usual.dimension in {own.dimension, "%" if own.dimension == "prev year=100" else own.dimension}


def test_an_unknown_profile_is_refused():
    with pytest.raises(DataError, match=r"no such source profile \[mars\]: say one of ccsy, provincial"):
        load_profile("mars")


def test_marks_are_compared_without_width_and_case():
    assert mark_key(" － ") == mark_key("-") == "-"
    assert mark_key("…") == mark_key("...")
    assert mark_key("N/A") == mark_key("n/a")
