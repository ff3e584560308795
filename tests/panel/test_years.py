"""Year files: which are read, what is checked, and which vintage is taken."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yrdspatial.errors import DataError
from yrdspatial.panel.columns import load_columns, load_vintages
from yrdspatial.panel.years import check_years, choose_vintages, read_years, refuse, year_of

COLUMNS = pd.DataFrame(
    {"unit": ["100m CNY", "%"], "min": [0.0, 0.0], "max": [1000.0, 100.0]},
    index=pd.Index(["gdp", "share"], name="variable"),
)


@pytest.fixture
def long():
    """Two units, two years, two variables: made up for the test."""
    rows = [
        (unit, year, variable, 10.0 * unit + year - 2000, COLUMNS.loc[variable, "unit"])
        for unit in (1, 2)
        for year in (2000, 2001)
        for variable in ("gdp", "share")
    ]
    frame = pd.DataFrame(rows, columns=["adcode", "year", "variable", "value", "unit"])
    extra = {"source": "book", "flag": "", "vintage": "ccsy"}
    return frame.assign(file=[f"panels/own/{year}.csv" for year in frame["year"]], **extra)


def test_only_files_called_after_a_year_are_years():
    assert year_of("panels/yrd/1999.csv") == 1999
    for name in (
        "panels/yrd/columns.toml",
        "panels/yrd/2020.toml",
        "panels/yrd/20200.csv",
        "panels/yrd/x2020.csv",
    ):
        assert year_of(name) is None


def test_shipped_years_have_every_field():
    long = read_years("yrd")
    assert set(long["year"]) == set(range(2003, 2023))
    assert long[["source", "flag", "vintage", "unit"]].notna().all(axis=None)
    assert (long["file"].str[-8:-4].astype(int) == long["year"]).all()


def test_a_correct_table_passes(long):
    checked = check_years(long, COLUMNS, pd.Index([1, 2]))
    assert checked["value"].dtype == float
    assert len(checked) == 8
    pd.testing.assert_frame_equal(check_years(long, COLUMNS, None), checked)


def test_values_written_as_text_become_numbers(long):
    text = long.assign(value=long["value"].astype(str))
    assert check_years(text, COLUMNS, None)["value"].tolist() == long["value"].tolist()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("value", np.nan, "not a number .panels/own/2000.csv, 1, share"),
        ("value", 100.1, r"out of the range of its column .*share = 100.1 %"),
        ("value", -0.1, r"out of the range"),
        ("variable", "gnp", r"not in the dictionary .panels/own/2000.csv, 1, gnp"),
        ("unit", "1", r"another unit of measure .*convert it"),
        ("source", "", "has no source"),
    ],
)
def test_one_wrong_cell_is_found_and_named(long, column, value, message):
    long.loc[1, column] = value
    with pytest.raises(DataError, match=message):
        check_years(long, COLUMNS, None)


def test_money_in_another_unit_is_found_by_its_unit_not_by_its_size(long):
    long.loc[0, ["value", "unit"]] = [100.0, "10k CNY"]
    with pytest.raises(DataError, match=r"gdp = 100.0 10k CNY.: convert it to the unit of columns.toml"):
        check_years(long, COLUMNS, None)


def test_a_cell_may_be_there_twice_with_two_vintages_only(long):
    twice = pd.concat([long, long.iloc[[0]].assign(vintage="census")])
    assert len(check_years(twice.reset_index(drop=True), COLUMNS, None)) == 9
    same = pd.concat([long, long.iloc[[0]]]).reset_index(drop=True)
    with pytest.raises(DataError, match="there twice with one vintage"):
        check_years(same, COLUMNS, None)


def test_units_that_a_year_lacks_or_invents(long):
    with pytest.raises(DataError, match=r"lacks units .panels/own/2001.csv: 2"):
        check_years(long[(long["adcode"] == 1) | (long["year"] == 2000)], COLUMNS, None)
    with pytest.raises(DataError, match=r"has unknown units .panels/own/2000.csv: 2"):
        check_years(long, COLUMNS, pd.Index([1]))
    with pytest.raises(DataError, match=r"lacks units .*: 3"):
        check_years(long, COLUMNS, pd.Index([1, 2, 3]))


def test_the_number_of_wrong_rows_is_told(long):
    with pytest.raises(DataError, match=r"wrong \(8 rows\)"):
        refuse(long, pd.Series(True, index=long.index), "wrong", "cure")


def table(vintages):
    values = range(len(vintages))
    return pd.DataFrame({"adcode": 1, "year": 2018, "variable": "gdp", "value": values, "vintage": vintages})


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.permutations(["census4", "ccsy2020", "ccsy2019", "ccsy", "before_census4", "hearsay"]))
def test_the_documented_vintage_wins_in_any_order(vintages):
    chosen = choose_vintages(table(vintages), load_vintages())
    assert chosen["vintage"].tolist() == ["census4"]
    rest = [vintage for vintage in vintages if vintage != "census4"]
    assert choose_vintages(table(rest), load_vintages())["vintage"].tolist() == ["ccsy2020"]


def test_of_unlisted_vintages_one_is_taken_and_always_the_same():
    for order in (["b", "a"], ["a", "b"]):
        assert choose_vintages(table(order), ["census"])["vintage"].tolist() == ["a"]
    assert choose_vintages(table(["b", "derived"]), load_vintages())["vintage"].tolist() == ["derived"]


def test_without_clashes_everything_stays(long):
    chosen = choose_vintages(long.sample(frac=1, random_state=1), load_vintages())
    assert len(chosen) == len(long)
    assert chosen[["adcode", "year"]].equals(chosen[["adcode", "year"]].sort_values(["adcode", "year"]))


def test_the_shipped_panel_has_no_clash():
    long = read_years("yrd")
    assert not long.duplicated(["adcode", "year", "variable"]).any()
    assert set(long["variable"]) <= set(load_columns().index)
