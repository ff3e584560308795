"""Holes found and left out: labels against a plain loop over cells."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import AlignmentError, GapError
from yrdspatial.panel.balance import complete_labels, find_holes


def synthetic():
    index = pd.MultiIndex.from_product([list("abc"), range(2001, 2005)], names=["unit", "year"])
    frame = pd.DataFrame({"y": np.arange(12.0), "x": 1.0}, index)
    frame.loc[("b", 2002), "y"] = np.nan
    frame.loc[("b", 2003), "x"] = np.nan
    return frame


def test_holes_are_every_cell_without_a_value_and_every_row_that_is_not_there():
    frame = synthetic().drop(("c", 2004))
    found = find_holes(frame, ["y", "x"])
    grid = [(u, t, v) for u in "abc" for t in range(2001, 2005) for v in ("y", "x")]
    there = {(u, t, v) for (u, t), row in frame.iterrows() for v in ("y", "x") if not np.isnan(row[v])}
    assert set(found.itertuples(index=False, name=None)) == set(grid) - there


def test_only_the_columns_asked_for_count():
    assert find_holes(synthetic(), ["x"]).to_numpy().tolist() == [["b", 2003, "x"]]
    assert complete_labels(synthetic(), ["x"], "year").tolist() == [2001, 2002, 2004]


def test_years_or_units_with_a_hole_go():
    assert complete_labels(synthetic(), ["y", "x"], "year").tolist() == [2001, 2004]
    assert complete_labels(synthetic(), ["y", "x"], "unit").tolist() == ["a", "c"]


def test_the_order_of_the_rows_does_not_matter():
    shuffled = synthetic().sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(find_holes(shuffled, ["y"]), find_holes(synthetic(), ["y"]))


def test_nothing_left_and_unknown_columns_are_refused():
    frame = synthetic()
    frame.loc[(slice(None), 2001), "y"] = np.nan
    with pytest.raises(GapError, match="no unit is complete"):
        complete_labels(frame, ["y"], "unit")
    with pytest.raises(GapError, match="no such column"):
        find_holes(frame, ["z"])
    with pytest.raises(GapError, match="no such column"):
        find_holes(frame, [])
    with pytest.raises(GapError, match="no names of columns"):
        find_holes(frame, [3])
    with pytest.raises(GapError, match="no names of columns"):
        find_holes(frame, 3.0)


def test_a_row_twice_is_refused():
    with pytest.raises(AlignmentError, match="twice"):
        find_holes(pd.concat([synthetic(), synthetic().head(1)]), ["y"])
