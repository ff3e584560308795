"""Names in messages."""

import pandas as pd

from yrdspatial.panel.gaps import describe_cells, shorten, unit_name, year_runs


def test_unit_names():
    assert unit_name(320500) == "Suzhou (Jiangsu)"
    assert unit_name(110000) == "110000"


def test_year_runs():
    assert year_runs([]) == ""
    assert year_runs([2005]) == "2005"
    assert year_runs([2009, 2005, 2006, 2006]) == "2005-2006, 2009"


def test_same_holes_of_several_columns_are_told_once():
    cells = pd.DataFrame(
        {"unit": [1, 1, 2, 1, 1, 2], "year": [1, 2, 1] * 2, "variable": ["x"] * 3 + ["y"] * 3}
    )
    assert describe_cells(cells, n_units=3) == "x, y: 1 1-2, 2 1"
    everywhere = pd.DataFrame({"unit": [1, 2], "year": 7, "variable": "x"})
    assert describe_cells(everywhere, n_units=2) == "x: all units 7"


def test_long_lists_are_cut():
    assert shorten([1, 2]) == "1, 2"
    assert shorten(range(10)).endswith("and 4 more")
