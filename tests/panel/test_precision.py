"""Printed decimals and what they allow; every figure here is made up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yrdspatial.panel.precision import decimals, half_widths, is_derived, same


def rows(**columns) -> pd.DataFrame:
    return pd.DataFrame({"adcode": 340100, "source": "made up", "flag": "", **columns})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3], 0),
        ([1.5, 2.0], 1),
        ([44652.8023], 4),
        ([446528023 / 1e4], 4),
        ([100.0, 300.0], 0),
        ([], 0),
        ([np.nan, 0.25], 2),
        ([0.0] * 20, 0),
        ([1 / 3], 9),
    ],
)
def test_decimals_are_those_of_the_finest_figure(values, expected):
    assert decimals(pd.Series(values, dtype=float)) == expected


def test_many_whole_hundreds_were_printed_in_hundreds():
    hundreds = pd.Series(np.arange(1, 42) * 100.0)
    assert decimals(hundreds) == -2
    assert decimals(hundreds.head(5)) == 0


@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=9), st.integers(0, 4))
def test_whole_numbers_over_a_power_of_ten_have_at_most_its_decimals(numbers, places):
    values = pd.Series([number / 10**places for number in numbers])
    found = decimals(values)
    assert 0 <= found <= places
    assert np.allclose(np.round(values, found), values, rtol=0, atol=1e-9 * max(1, values.abs().max()))


def test_half_widths_go_by_column_and_source():
    long = rows(variable=["gdp", "gdp", "gdp"], value=[1.25, 3.0, 7.0])
    long["source"] = ["a", "a", "b"]
    assert half_widths(long).tolist() == pytest.approx([0.005, 0.005, 0.5])


def test_half_widths_go_by_province():
    long = rows(variable="gdp_index_prev100", value=[103.5, 104.2, 103.55])
    long["adcode"] = [340100, 340200, 320100]
    assert half_widths(long).tolist() == pytest.approx([0.05, 0.05, 0.005])


def test_a_derived_figure_has_the_rounding_that_its_flag_tells():
    flags = ["derived: a x b / 100, rounding within 0.011 %", "derived: a / b, rounding within 1e-05 %"]
    long = rows(variable=["va_secondary", "avg_wage_staff"], value=[-2000.0, 100000.0], flag=flags)
    assert half_widths(long).tolist() == pytest.approx([0.22, 0.01])


def test_a_derived_figure_whose_rounding_is_not_told_has_none_of_its_own():
    long = rows(variable=["avg_wage_staff"], value=[101234.56789], flag=["derived: bill over staff"])
    assert half_widths(long).tolist() == [0.0]


def test_the_step_that_was_read_counts_before_the_decimals():
    long = rows(variable=["gdp"], value=[12.0], width=[0.005])
    assert half_widths(long).tolist() == [0.005]


def test_half_widths_keep_the_labels_of_the_rows():
    long = rows(variable=["gdp", "gdp"], value=[1.5, 2.0]).set_axis([7, 3])
    assert half_widths(long).index.tolist() == [7, 3]


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("derived: x", True),
        ("converted: 1e4; derived: x", True),
        ("imputed: x", True),
        ("", False),
        (None, False),
        ("note: underived", False),
    ],
)
def test_which_flags_say_that_a_figure_was_computed(flag, expected):
    assert is_derived(pd.DataFrame({"flag": [flag]})).tolist() == [expected]


@pytest.mark.parametrize(
    ("old", "new", "old_width", "new_width", "expected"),
    [
        (44.9, 44.9, 0.05, 0.05, True),
        (44.9, 44.93, 0.05, 0.005, True),
        (44.93, 44.9, 0.005, 0.05, True),
        (44.95, 45.0, 0.005, 0.05, True),
        (44.9, 44.96, 0.05, 0.005, False),
        (44.93, 44.94, 0.005, 0.005, False),
        (1e9, 1e9 + 0.5, 0.0, 0.0, True),
        (np.nan, 1.0, 0.5, 0.5, False),
    ],
)
def test_figures_are_the_same_when_one_rounds_to_the_other(old, new, old_width, new_width, expected):
    series = [pd.Series([value]) for value in (old, new, old_width, new_width)]
    assert same(*series).tolist() == [expected]


@given(st.integers(0, 10**8), st.integers(0, 3))
def test_a_figure_is_the_same_as_its_rounding(number, places):
    exact = number / 1e4
    rounded = round(exact, places)
    series = [pd.Series([value]) for value in (exact, rounded, 0.00005, 0.5 * 10.0**-places)]
    assert same(*series).all()
    assert same(series[1], series[0], series[3], series[2]).all()
