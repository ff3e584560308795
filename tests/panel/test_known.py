"""What is known of a year before its tables are looked at."""

import pandas as pd
import pytest

from yrdspatial.panel.known import load_known
from yrdspatial.panel.panel import load_panel


@pytest.fixture(scope="module")
def known():
    return load_known(2020)


def test_the_year_file_is_known_in_every_vintage(known):
    frame = load_panel().frame.xs(2020, level="year")
    wide = known.in_force(known.existing).pivot_table(index="adcode", columns="variable", values="value")
    assert wide.index.tolist() == known.units.tolist()
    for column in wide:
        assert wide[column].tolist() == pytest.approx(frame[column].tolist(), nan_ok=True, rel=1e-15)


def test_a_year_without_a_file_has_nothing():
    future = load_known(2090)
    assert future.existing.empty
    assert future.of_year(2090).empty
    assert future.of_year(2089).empty
    assert not future.of_year(2022).empty


def test_the_values_of_a_year_are_the_columns_that_have_any(known):
    values = known.of_year(2020)
    assert values.index.tolist() == known.units.tolist()
    assert "gdp" in values
    assert "emp_C_manufacturing" not in values
    assert "emp_C_manufacturing" in known.of_year(2019)


def test_the_preferred_vintage_is_in_force(known):
    rows = known.existing.query("variable == 'gdp'").head(1)
    both = pd.concat([rows.assign(vintage="ccsy2021", value=1.0), rows.assign(vintage="census4", value=2.0)])
    assert known.in_force(both)["value"].tolist() == [2.0]
    later = pd.concat(
        [rows.assign(vintage="ccsy2021", value=1.0), rows.assign(vintage="ccsy2022", value=2.0)]
    )
    assert known.in_force(later)["value"].tolist() == [2.0]


@pytest.mark.parametrize(
    ("year", "column", "unit", "explained"),
    [
        (2013, "emp_finance", 310000, True),
        (2013, "gdp", 310000, False),
        (2019, "gdp", 310000, True),
        (2020, "gdp", 310000, False),
        (2011, "gdp", 340100, True),
        (2011, "gdp", 310000, False),
        (2021, "employed_units_total", 320800, True),
        (2021, "employed_units_total", 320900, False),
        (2020, "population_resident", 341500, True),
    ],
)
def test_a_break_explains_its_units_columns_and_years_only(year, column, unit, explained):
    assert bool(load_known(year).explanation(column, unit)) == explained


def test_a_break_of_single_units_explains_no_whole_column():
    known = load_known(2011)
    assert known.explanation("gdp", 340100)
    assert known.explanation("gdp") == ""
