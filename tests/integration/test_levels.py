"""Levels off a panel: values by hand, breaks named."""

import pandas as pd
import pytest

from yrdspatial import load_panel
from yrdspatial.errors import DataError, GapError, SpecificationError
from yrdspatial.integration.levels import as_panel, read_levels


def synthetic(values=(1.0, 2.0, 4.0, 8.0)):
    index = pd.MultiIndex.from_product([["b", "a"], [2001, 2003]], names=["unit", "year"])
    return pd.DataFrame({"y": values, "n": [1.0, 2.0, 2.0, 4.0], "a / b": 3.0}, index)


def test_a_column_and_a_ratio_by_hand():
    table = read_levels(synthetic(), "y").table
    assert table.loc["a"].tolist() == [4.0, 8.0]
    assert table.index.tolist() == ["a", "b"]
    assert read_levels(synthetic(), "y / n").table.loc["b"].tolist() == [1.0, 1.0]


def test_a_column_whose_name_has_a_stroke_is_a_column():
    assert read_levels(synthetic(), "a / b").table.loc["a"].tolist() == [3.0, 3.0]


def test_years_are_those_asked_for():
    found = read_levels(load_panel(), "gdp", years=[2010, 2012])
    assert found.table.columns.tolist() == [2010, 2012]
    assert any("Chaohu" in note for note in found.notes)


def test_a_known_break_is_refused_for_every_part_of_a_ratio():
    with pytest.raises(SpecificationError, match="break"):
        read_levels(load_panel(), "va_tertiary / population_resident_adj", years=[2018, 2019])
    found = read_levels(load_panel(), "va_tertiary", years=[2018, 2019], across_breaks=True)
    assert "fourth economic census" in found.notes[0]


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(SpecificationError, match="two columns"):
        read_levels(synthetic(), "y / n / n")
    with pytest.raises(SpecificationError, match="over time"):
        read_levels(synthetic(), "y", years=[2001])
    with pytest.raises(DataError, match=r"not positive \[y: b\]"):
        read_levels(synthetic((0.0, 2.0, 4.0, 8.0)), "y")
    with pytest.raises(GapError, match="no such column"):
        read_levels(synthetic(), "z")
    with pytest.raises(SpecificationError, match="list is no column"):
        read_levels(synthetic(), ["y"])
    with pytest.raises(SpecificationError, match="no whole numbers"):
        read_levels(synthetic(), "y", years=[2001.5, 2003])
    with pytest.raises(SpecificationError, match="no panel"):
        as_panel([1, 2])
