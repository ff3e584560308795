"""Values become text: formats, signs, missing values, and which columns hold numbers."""

import copy

import numpy as np
import pandas as pd
import pytest

from yrdspatial.tables.cells import MISSING, Figure, format_value, grid_of, has_labels


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (1.23456, None, "1.235"),
        (1.23456, ".1f", "1.2"),
        (np.float64(2.0), None, "2.000"),
        (np.int64(2016), None, "2016"),
        (12345678, ",d", "12,345,678"),
        (0.256, ".1%", "25.6%"),
        (-0.5, ".2f", "−0.50"),
        (-0.0004, ".3f", "0.000"),
        (-0.0004, ".1%", "0.0%"),
        (-0.0006, ".3f", "−0.001"),
        (float("inf"), None, "∞"),
        (float("-inf"), ".2f", "−∞"),
        (True, None, "yes"),
        (np.False_, None, "no"),
        ("苏州", None, "苏州"),
        ("苏州", ".2f", "苏州"),
        (3, lambda value: f"{value} h", "3 h"),
    ],
)
def test_values_are_printed_as_asked(value, spec, text):
    assert format_value(value, spec) == text


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_a_missing_value_is_a_dash_whatever_the_format(value):
    assert format_value(value, ".2f") == MISSING
    assert format_value(value, lambda _: "never") == MISSING


def test_a_hyphen_inside_text_stays_a_hyphen():
    assert format_value("2013-2019") == "2013-2019"


def test_a_named_index_leads_and_an_unnamed_one_is_left_out():
    frame = pd.DataFrame({"lq": [0.5, 1.5]})
    named = frame.rename_axis("unit")
    assert not has_labels(frame)
    assert has_labels(named)
    assert grid_of(frame).header == ("lq",)
    assert grid_of(named).header == ("unit", "lq")
    assert grid_of(named).labels == 1


def test_two_index_levels_become_two_label_columns():
    index = pd.MultiIndex.from_product([["上海", "南京"], [2010, 2020]], names=["city", "year"])
    grid = grid_of(pd.DataFrame({"lq": [1.0, 2.0, 3.0, 4.0]}, index=index), {"lq": ".0f"})
    assert grid.labels == 2
    assert grid.rows[2] == ("南京", "2010", "3")


def test_repeated_labels_are_kept():
    frame = pd.DataFrame({"W": ["0.24", "(0.06)"]}, index=pd.Index(["rho", ""], name=""))
    assert [row[0] for row in grid_of(frame).rows] == ["rho", ""]


def test_columns_of_numbers_are_known_by_their_cells():
    frame = pd.DataFrame(
        {
            "name": ["1st", "2nd"],
            "value": [1.0, None],
            "stars": ["0.240***", "(0.061)"],
            "effects": ["yes", "1.5"],
            "words": ["yes", "no"],
            "few": ["both ways", "none"],
            "empty": [None, None],
            "share": ["12.5%", "−3.0%"],
            "thousands": ["1,250", "∞"],
        }
    )
    numeric = dict(zip(frame.columns, grid_of(frame).numeric, strict=True))
    assert numeric == {
        "name": False,
        "value": True,
        "stars": True,
        "effects": True,
        "words": False,
        "few": False,
        "empty": False,
        "share": True,
        "thousands": True,
    }


def test_a_column_is_of_numbers_when_half_of_its_cells_are():
    cells = ["0.24", "(0.06)", "574", "both ways", "", "–"]
    assert grid_of(pd.DataFrame({"model": cells})).numeric == (True,)
    assert grid_of(pd.DataFrame({"model": [*cells, "a", "b", "c"]})).numeric == (False,)
    assert grid_of(pd.DataFrame({"model": ["", "–"]})).numeric == (False,)


def test_integers_do_not_turn_into_fractions_beside_fractions():
    grid = grid_of(pd.DataFrame({"year": [2010, 2011], "I": [0.25, 0.5]}))
    assert grid.rows == (("2010", "0.250"), ("2011", "0.500"))


def test_a_frame_without_rows_has_a_header_only():
    assert grid_of(pd.DataFrame({"year": []})).rows == ()


def test_a_figure_is_its_text_and_keeps_its_value():
    cell = Figure("(0.333)", 1 / 3)
    assert cell == "(0.333)"
    assert format_value(cell) == "(0.333)"
    assert copy.deepcopy(cell).value == cell.value == 1 / 3
