"""Labels: any frame onto the full grid, any series onto the panel's rows, nothing by position."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yrdspatial.errors import AlignmentError
from yrdspatial.panel.labels import aligned, as_panel_index, panel_index

few = settings(max_examples=30, deadline=None, derandomize=True)
cells = st.dictionaries(
    st.tuples(st.sampled_from("abcde"), st.integers(2000, 2006)),
    st.floats(-1e6, 1e6),
    min_size=1,
    max_size=25,
)


def as_frame(values, names=("unit", "year")):
    index = pd.MultiIndex.from_tuples(list(values), names=list(names))
    return pd.DataFrame({"y": list(values.values())}, index)


@few
@given(cells)
def test_the_grid_is_full_sorted_and_keeps_every_value(values):
    grid = as_panel_index(as_frame(values))
    units, years = sorted({unit for unit, _ in values}), sorted({year for _, year in values})
    assert grid.index.tolist() == [(unit, year) for unit in units for year in years]
    assert grid["y"].notna().sum() == len(values)
    assert {label: grid.loc[label, "y"] for label in values} == values


@few
@given(cells, st.randoms(use_true_random=False))
def test_rows_in_any_order_levels_in_any_order_columns_or_index(values, random):
    base = as_panel_index(as_frame(values))
    labels = list(values)
    random.shuffle(labels)
    shuffled = as_frame({label: values[label] for label in labels})
    for frame in (shuffled, shuffled.swaplevel(), shuffled.reset_index()):
        pd.testing.assert_frame_equal(as_panel_index(frame), base)


@few
@given(cells)
def test_a_second_time_changes_nothing(values):
    once = as_panel_index(as_frame(values))
    pd.testing.assert_frame_equal(as_panel_index(once), once)


def test_integers_and_truth_values_become_floats_and_labels_stay():
    index = pd.MultiIndex.from_product([["a"], [2000, 2001]])
    frame = pd.DataFrame({"n": [1, 2], "flag": [True, False], "x": [0.5, 1.5], "window": ["w1", "w2"]}, index)
    grid = as_panel_index(frame)
    assert grid[["n", "flag", "x"]].dtypes.tolist() == [np.dtype(float)] * 3
    assert grid["window"].tolist() == ["w1", "w2"]
    assert grid.loc[("a", 2001)].tolist() == [2.0, 0.0, 1.5, "w2"]


@pytest.mark.parametrize("names", [("adcode", "year"), ("id", "time"), ("unit", "t")])
def test_usual_column_names_are_found(names):
    frame = as_frame({("a", 2000): 1.0}, names).reset_index()
    assert as_panel_index(frame).index.names == ["unit", "year"]


def test_unnamed_levels_are_unit_then_year():
    frame = as_frame({("a", 2000): 1.0}, (None, None))
    assert as_panel_index(frame).index.tolist() == [("a", 2000)]


def test_years_may_be_written_as_text_or_float():
    index = pd.MultiIndex.from_tuples([("a", "2000"), ("b", "2001")])
    assert panel_index(index).tolist() == [("a", 2000), ("b", 2001)]
    index = pd.MultiIndex.from_tuples([("a", 2000.0)])
    assert panel_index(index).tolist() == [("a", 2000)]


@pytest.mark.parametrize("year", ["2000年", 2000.5, "", None])
def test_years_that_are_none_are_named(year):
    with pytest.raises(AlignmentError, match="not a whole number"):
        panel_index(pd.MultiIndex.from_arrays([["a"], [year]]))


def test_frames_without_labels_are_refused():
    with pytest.raises(AlignmentError, match=r"units and years are not found"):
        as_panel_index(pd.DataFrame({"y": [1.0]}))
    with pytest.raises(AlignmentError, match="two index levels"):
        panel_index(pd.Index(["a"]))


def test_duplicates_are_named_by_unit_and_year():
    frame = pd.DataFrame({"unit": [340100, 340100], "year": [2016, 2016], "y": [1.0, 2.0]})
    with pytest.raises(AlignmentError, match=r"there twice .Hefei 2016.: keep one row of each"):
        as_panel_index(frame)


ROWS = pd.MultiIndex.from_product([["A", "B"], [2000, 2001]], names=["unit", "year"])


@few
@given(st.permutations([("A", 2000), ("A", 2001), ("B", 2000), ("B", 2001)]))
def test_a_series_is_aligned_whatever_its_order(order):
    values = {label: float(10 * ord(label[0]) + label[1]) for label in order}
    series = pd.Series(values)
    expected = [values[label] for label in ROWS]
    assert aligned(series, ROWS, "x").tolist() == expected
    series.index.names = ["unit", "year"]
    assert aligned(series.swaplevel(), ROWS, "x").tolist() == expected


def test_a_series_by_unit_or_by_year_is_spread():
    assert aligned(pd.Series({"B": 2.0, "A": 1.0}), ROWS, "x").tolist() == [1.0, 1.0, 2.0, 2.0]
    assert aligned(pd.Series({2001: 5.0, 2000: 4.0}), ROWS, "x").tolist() == [4.0, 5.0, 4.0, 5.0]


def test_units_come_before_years_when_labels_could_be_both():
    rows = pd.MultiIndex.from_product([[2000, 2001], [2000, 2001]], names=["unit", "year"])
    assert aligned(pd.Series({2000: 1.0, 2001: 2.0}), rows, "x").tolist() == [1.0, 1.0, 2.0, 2.0]


def test_scalars_pass_and_labels_that_the_panel_lacks_are_left_out():
    assert aligned(3.5, ROWS, "x") == 3.5
    assert aligned("w", ROWS, "x") == "w"
    series = pd.Series({"A": 1.0, "Z": 9.0})
    assert aligned(series, ROWS, "x").isna().tolist() == [False, False, True, True]


@pytest.mark.parametrize("value", [[1, 2, 3, 4], np.ones(4), {"A": 1.0}, pd.DataFrame({"x": [1.0]})])
def test_values_without_labels_are_refused(value):
    with pytest.raises(AlignmentError, match=r"no labels .x: "):
        aligned(value, ROWS, "x")


def test_a_series_of_other_units_is_refused():
    with pytest.raises(AlignmentError, match=r"no label of a series is in the panel .x"):
        aligned(pd.Series({"Y": 1.0, "Z": 2.0}), ROWS, "x")
    with pytest.raises(AlignmentError, match="there twice"):
        aligned(pd.Series([1.0, 2.0], index=["A", "A"]), ROWS, "x")
