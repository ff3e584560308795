"""Flags of the panel that belong to a model."""

import pandas as pd

import yrdspatial as yrd
from yrdspatial.models.flags import COLUMNS, used_flags


def test_flags_are_those_of_the_variables_and_years_used():
    panel = yrd.load_panel().select(years=range(2015, 2020))
    results = yrd.OLS(panel, "log(gdp) ~ log(va_secondary) + I(va_tertiary / gdp)").fit()
    flags = panel.flags
    expected = flags[flags["variable"].isin(["gdp", "va_secondary", "va_tertiary"])]
    found = used_flags(results.design)
    pd.testing.assert_frame_equal(found, expected[list(COLUMNS)].reset_index(drop=True))
    assert found["year"].between(2015, 2019).all()
    assert len(found)


def test_a_frame_has_no_flags():
    data = yrd.load_panel().select(years=range(2015, 2020)).frame
    assert used_flags(yrd.OLS(data, "log(gdp) ~ log(va_secondary)").fit().design).empty
