"""Shift-share: components that add up, published example, year by year, labels and breaks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yrdspatial import load_panel, sector_sets
from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.industry.shift_share import dynamic_shift_share, shift_share

few = settings(max_examples=15, deadline=None, derandomize=True)
cubes = arrays(float, (3, 4, 3), elements=st.floats(1.0, 500))


def tables(cube):
    return [pd.DataFrame(values, index=list("abcd"), columns=list("xyz")) for values in cube]


def long(cube):
    frames = {2000 + t: table.rename_axis("unit") for t, table in enumerate(tables(cube))}
    return pd.concat(frames, names=["year"])


@few
@given(cubes)
def test_components_sum_to_the_change_and_to_zero_over_units(cube):
    before, after, _ = tables(cube)
    parts = shift_share(before, after)
    np.testing.assert_allclose(parts[["national", "mix", "regional"]].sum(axis=1), parts["change"], atol=1e-8)
    np.testing.assert_allclose(parts["regional"].groupby("sector").sum(), 0, atol=1e-8)
    assert parts["mix"].sum() == pytest.approx(0, abs=1e-8)
    split = shift_share(before, after, variant="esteban_marquillas")
    np.testing.assert_allclose(split["competitive"] + split["allocation"], parts["regional"], atol=1e-8)
    np.testing.assert_allclose(split["homothetic"].groupby("unit").sum(), before.sum(axis=1), atol=1e-8)


@few
@given(cubes, st.floats(1e-2, 1e2))
def test_scale_and_order(cube, factor):
    before, after, _ = tables(cube)
    base = shift_share(before, after)
    turned = shift_share(before.iloc[::-1] * factor, after.iloc[:, ::-1] * factor)
    np.testing.assert_allclose(turned.loc[base.index], base * factor, rtol=1e-7, atol=1e-7)


@few
@given(cubes)
def test_dynamic_is_the_sum_of_the_years(cube):
    first, second, third = tables(cube)
    expected = shift_share(first, second) + shift_share(second, third)
    result = dynamic_shift_share(long(cube), base=2000, end=2002)
    np.testing.assert_allclose(result.loc[expected.index], expected, atol=1e-8)
    np.testing.assert_allclose(result["change"], (third - first).to_numpy().ravel(), atol=1e-8)
    split = dynamic_shift_share(long(cube), base=2000, end=2002, variant="esteban_marquillas")
    np.testing.assert_allclose(split["competitive"] + split["allocation"], expected["regional"], atol=1e-8)


def test_a_new_sector_is_all_regional():
    before = pd.DataFrame({"x": [0.0, 10.0], "y": [5.0, 5.0]}, index=["a", "b"])
    after = pd.DataFrame({"x": [4.0, 12.0], "y": [5.0, 5.0]}, index=["a", "b"])
    parts = shift_share(before, after)
    assert parts.loc[("a", "x")].tolist() == [4.0, 0.0, 0.0, 4.0]
    split = shift_share(before, after, variant="esteban_marquillas")
    assert split.loc[("a", "x"), ["competitive", "allocation"]].isna().all()
    assert split.attrs["notes"] == ("0/0, not defined: a x",)


def test_a_sector_that_is_new_everywhere_is_regional_and_one_that_only_the_reference_lacks_is_not_defined():
    before = pd.DataFrame({"x": [0.0, 0.0], "y": [5.0, 5.0]}, index=["a", "b"])
    after = pd.DataFrame({"x": [4.0, 1.0], "y": [5.0, 5.0]}, index=["a", "b"])
    assert shift_share(before, after).loc[("a", "x")].tolist() == [4.0, 0.0, 0.0, 4.0]
    without = pd.Series({"x": 5.0, "y": 0.0}), pd.Series({"x": 5.0, "y": 1.0})
    parts = shift_share(before, after, reference=without)
    assert parts.loc[("a", "y"), ["mix", "regional"]].isna().all()
    assert parts.attrs["notes"] == ("0/0, not defined: a y, b y",)


def test_real_panel_inside_a_window_and_across_a_break():
    panel = load_panel().select(columns=sector_sets()["sectors_19"])
    inside = dynamic_shift_share(panel, base=2013, end=2019)
    assert inside.attrs["basis"] == "employment"
    assert any("imputed" in note for note in inside.attrs["notes"])
    total = panel.frame.xs(2019, level="year").sum().sum() - panel.frame.xs(2013, level="year").sum().sum()
    assert inside["change"].sum() == pytest.approx(total)
    with pytest.raises(SpecificationError, match="known break"):
        dynamic_shift_share(panel, base=2010, end=2015)
    across = dynamic_shift_share(panel, base=2010, end=2015, across_breaks=True)
    assert across.attrs["notes"][0].startswith("across the break 2012-2013")


def test_refusals():
    before = pd.DataFrame({"x": [1.0, 2.0]}, index=[340100, 310000])
    with pytest.raises(AlignmentError, match=r"two tables differ .Shanghai"):
        shift_share(before, before.iloc[:1])
    with pytest.raises(AlignmentError, match="reference lacks sectors"):
        shift_share(before, before, reference=(pd.Series({"y": 1.0}), pd.Series({"y": 1.0})))
    with pytest.raises(SpecificationError, match="variant=spatial"):
        shift_share(before, before, variant="spatial")
    years = pd.concat({2000: before, 2001: before}, names=["year", "unit"])
    with pytest.raises(AlignmentError, match="dynamic_shift_share"):
        shift_share(years, years)
    with pytest.raises(SpecificationError, match=r"years are not in the table .2002"):
        dynamic_shift_share(years, base=2000, end=2002)
    with pytest.raises(SpecificationError, match="2001-2000"):
        dynamic_shift_share(years, base=2001, end=2000)
