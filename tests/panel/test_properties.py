"""What must hold for any panel: labels decide, selections commute, nothing is lost and nothing invented."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yrdspatial.errors import GapError
from yrdspatial.panel.breaks import load_breaks
from yrdspatial.panel.panel import Panel, load_panel

few = settings(max_examples=20, deadline=None, derandomize=True)
UNITS, YEARS, COLUMNS = list("abcd"), [2010, 2011, 2012], ["x", "y"]
cubes = arrays(float, (4, 3, 2), elements=st.floats(-1e6, 1e6))
holes = arrays(bool, (4, 3, 2))


def frame_of(cube):
    index = pd.MultiIndex.from_product([UNITS, YEARS], names=["unit", "year"])
    return pd.DataFrame(cube.reshape(12, 2), index, COLUMNS)


@few
@given(cubes)
def test_array_is_the_frame_by_year(cube):
    panel = Panel.from_frame(frame_of(cube))
    np.testing.assert_array_equal(panel.array(COLUMNS), cube.swapaxes(0, 1))
    np.testing.assert_array_equal(panel.array(["y", "x"], years=[2012, 2010])[:, :, 1], cube[:, [2, 0], 0].T)


@few
@given(cubes, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(cube, random):
    rows = list(range(12))
    random.shuffle(rows)
    shuffled = Panel.from_frame(frame_of(cube).iloc[rows])
    np.testing.assert_array_equal(shuffled.array(COLUMNS), Panel.from_frame(frame_of(cube)).array(COLUMNS))


@few
@given(cubes)
def test_relabelled_units_permute_the_middle_axis(cube):
    names = {"a": "z", "b": "y", "c": "x", "d": "w"}
    turned = Panel.from_frame(frame_of(cube).rename(index=names, level="unit"))
    np.testing.assert_array_equal(turned.array("x"), cube[::-1, :, [0]].swapaxes(0, 1))


@few
@given(cubes, holes)
def test_gaps_are_exactly_the_missing_cells(cube, missing):
    panel = Panel.from_frame(frame_of(np.where(missing, np.nan, cube)))
    gaps = panel.gaps()
    assert len(gaps) == missing.sum()
    told = set(gaps.itertuples(index=False, name=None))
    expected = {(UNITS[i], YEARS[t], COLUMNS[k]) for i, t, k in zip(*np.nonzero(missing), strict=True)}
    assert told == expected
    if missing[:, :, 0].any():
        with pytest.raises(GapError, match="x"):
            panel.array("x")
    else:
        assert panel.array("x").shape == (3, 4, 1)


@few
@given(cubes)
def test_selections_commute_and_nest(cube):
    panel = Panel.from_frame(frame_of(cube))
    one = panel.select(units=["d", "b"]).select(years=[2012, 2010]).select(columns="y")
    two = panel.select(columns=["y"], units=["b", "d"], years=[2010, 2012])
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert (two.units.tolist(), two.years) == (["b", "d"], (2010, 2012))
    np.testing.assert_array_equal(two.array("y"), cube[np.ix_([1, 3], [0, 2], [1])].swapaxes(0, 1))


@few
@given(cubes)
def test_assign_then_select_is_select_then_assign(cube):
    panel = Panel.from_frame(frame_of(cube))
    double = panel.frame["x"] * 2
    one = panel.assign(z=double).select(units=["a", "c"])
    two = panel.select(units=["a", "c"]).assign(z=double)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert one.variables.index.tolist() == ["x", "y", "z"]


@few
@given(cubes)
def test_a_column_assigned_to_itself_changes_nothing(cube):
    panel = Panel.from_frame(frame_of(cube))
    pd.testing.assert_frame_equal(panel.assign(x=panel.frame["x"]).frame, panel.frame)
    pd.testing.assert_frame_equal(panel.assign(x=lambda f: f["x"]).frame, panel.frame)


@few
@given(cubes)
def test_a_frame_goes_round(cube):
    panel = Panel.from_frame(frame_of(cube))
    pd.testing.assert_frame_equal(Panel.from_frame(panel.frame).frame, panel.frame)
    pd.testing.assert_frame_equal(Panel.from_frame(panel.frame.reset_index()).frame, panel.frame)


def test_own_breaks_give_own_windows():
    breaks = load_breaks().iloc[[0]].assign(windows="2010-2011 2012-", model_windows="2010-2011 2012-2012")
    panel = Panel.from_frame(frame_of(np.ones((4, 3, 2))), breaks=breaks)
    assert panel.windows().loc["a"].tolist() == ["2010-2011", "2010-2011", "2012-2012"]
    assert panel.windows("measures").loc["a"].tolist() == ["2010-2011", "2010-2011", "2012-2012"]
    assert panel.select(years=[2012]).windows().tolist() == ["2012-2012"] * 4


def test_repeated_columns_and_units_are_taken_as_asked():
    panel = load_panel()
    twice = panel.array(["gdp", "gdp"], years=[2010])
    np.testing.assert_array_equal(twice[..., 0], twice[..., 1])
    assert len(panel.select(units=[310000, "上海", "Shanghai"]).units) == 1


def test_arrays_are_copies():
    panel = load_panel()
    cube = panel.array("gdp")
    cube[:] = 0
    assert panel.array("gdp").min() > 0


def test_a_column_may_be_replaced_and_keeps_its_place():
    panel = load_panel().assign(gdp=lambda f: f["gdp"] * 1e8)
    assert panel.frame.columns[0] == "gdp"
    assert panel.variables.loc["gdp", "sources"] == "assigned"
    assert panel.frame.loc[(310000, 2020), "gdp"] == pytest.approx(38963.3e8, rel=0.01)
