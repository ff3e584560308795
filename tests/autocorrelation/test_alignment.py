"""From labels to positions: orders, years, gaps, clear errors."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.autocorrelation.alignment import align, observed, unwrapped, year_column
from yrdspatial.errors import AlignmentError, GapError, SpecificationError, WeightsError


def test_columns_are_variables_by_year(panel, grid):
    found = align(panel, grid)
    assert found.variables == ("clustered",) * 3 + ("noise",) * 3
    assert found.years == (2005, 2006, 2007) * 2
    assert found.array.shape == (36, 6)
    assert found.array[7, 4] == panel.loc[(7, 2006), "noise"]
    assert found.column("noise").tolist() == [3, 4, 5]
    assert len(list(found.groups())) == 1


def test_rows_are_sorted_units_whatever_the_order(panel, grid):
    moved = align(panel.sample(frac=1, random_state=1), grid.sample(frac=1, random_state=2))
    found = align(panel, grid)
    np.testing.assert_array_equal(moved.array, found.array)
    np.testing.assert_array_equal(moved.matrices[0].toarray(), grid.to_numpy())
    assert moved.units.equals(found.units)


def test_year_first_and_panel_objects(panel, grid):
    turned = panel.swaplevel()
    turned.index.names = ["year", "unit"]
    np.testing.assert_array_equal(align(turned, grid).array, align(panel, grid).array)
    boxed = SimpleNamespace(frame=panel)
    assert unwrapped(boxed) is panel
    np.testing.assert_array_equal(align(boxed, grid).array, align(panel, grid).array)


def test_the_real_panel_is_accepted():
    chosen = yrd.load_panel().select(columns=["va_tertiary"], years=[2019, 2020])
    units, keys, values = observed(chosen)
    assert keys == [("va_tertiary", 2019), ("va_tertiary", 2020)]
    assert values.shape == (41, 2)
    assert units.is_monotonic_increasing


def test_years_may_be_chosen(panel, grid):
    assert align(panel, grid, year=2006).years == (2006, 2006)
    assert align(panel, grid, year=[2007, 2005]).years == (2005, 2007) * 2
    assert align(panel, grid, year=np.int64(2006)).years == (2006, 2006)
    with pytest.raises(GapError, match=r"no such year \[1999\]: they have 2005-2007"):
        align(panel, grid, year=1999)


def test_cross_sections_take_their_year_from_the_request(panel, grid):
    one = panel.xs(2006, level="year")
    assert align(one, grid).years == (None, None)
    series = yrd.WeightsSeries({2005: grid, 2006: grid * 2})
    assert align(one, series, year=2006).matrices[0].sum() == pytest.approx(72)
    assert align(one, series.take([2006])).matrices[0].sum() == pytest.approx(72)
    with pytest.raises(SpecificationError, match="2005-2006"):
        align(one, series)


def test_equal_weights_are_one_group(panel, grid):
    series = yrd.WeightsSeries({2005: grid, 2006: grid.copy(), 2007: grid * 2})
    groups = [columns.tolist() for _, columns in align(panel["noise"], series).groups()]
    assert groups == [[0, 1], [2]]


def test_names_of_series_and_columns(grid):
    assert align(pd.Series(range(36)), grid).variables == ("value",)
    assert align(pd.DataFrame({3: range(36)}), grid).variables == ("3",)


def test_year_column():
    assert year_column([None, None]).isna().all()
    assert year_column([2005]).dtype == "int64"


def test_gaps_are_named(panel, grid):
    hole = panel.copy()
    hole.loc[[(5, 2006), (9, 2005), (9, 2006), (10, 2006)], "noise"] = np.nan
    with pytest.raises(
        GapError, match=r"4 values are missing.*9, noise, 2005; 5, noise, 2006; 9, noise, 2006 and 1 more"
    ):
        align(hole, grid)
    with pytest.raises(GapError, match=r"1 values are missing.*3, noise, 2007"):
        align(panel["noise"].drop((3, 2007)), grid)
    with pytest.raises(GapError, match="not finite"):
        align(panel.replace(panel.iloc[0, 0], np.inf), grid)
    with pytest.raises(GapError, match="empty"):
        align(panel[[]], grid)


def test_labels_that_do_not_fit(panel, grid):
    with pytest.raises(AlignmentError, match="rows repeat"):
        align(pd.concat([panel, panel.iloc[:1]]), grid)
    with pytest.raises(AlignmentError, match="99"):
        align(panel.rename(index={0: 99}, level=0), grid)
    with pytest.raises(AlignmentError, match="years without weights"):
        align(panel, yrd.WeightsSeries({2005: grid}))
    with pytest.raises(AlignmentError, match="no labels"):
        align(panel["noise"].to_numpy(), grid)
    with pytest.raises(AlignmentError, match="two index levels"):
        align(panel.assign(more=1).set_index("more", append=True), grid)


def test_values_that_cannot_cluster(panel, grid):
    with pytest.raises(SpecificationError, match=r"not numbers.*kind"):
        align(panel.assign(kind="x"), grid)
    with pytest.raises(SpecificationError, match="3 units are too few"):
        align(pd.Series([1.0, 2, 3]), pd.DataFrame(np.roll(np.eye(3), 1, axis=1)))
    flat = panel.copy()
    flat.loc[(slice(None), 2006), "noise"] = 0.1 + 0.2
    with pytest.raises(SpecificationError, match=r"same value \[noise, 2006\]"):
        align(flat, grid)
    assert align(panel.assign(noise=1.0), grid, constant=True).array.shape == (36, 6)
    with pytest.raises(WeightsError, match="tie no two units"):
        align(panel, grid * 0)
