"""Location quotients: reference areas, forms, groups, zeros, and the labels of the result."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yrdspatial import load_panel, sector_sets
from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.industry.location_quotient import location_quotient, national_totals

TABLE_A = pd.DataFrame(
    [[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"), columns=["1", "2", "3"], dtype=float
)
few = settings(max_examples=15, deadline=None, derandomize=True)
tables = arrays(float, (5, 4), elements=st.floats(0.5, 1000)).map(
    lambda values: pd.DataFrame(values, index=list("abcde"), columns=list("wxyz"))
)


@pytest.fixture(scope="module")
def employment():
    return load_panel().select(columns=sector_sets()["sectors_19"])


def test_published_value():
    # REAT locq(1714, 79006, 879213, 15593224) = 0.3847623 (Mainz 2016, health)
    region = pd.DataFrame({"health": [1714.0], "other": [79006.0 - 1714]}, index=["Mainz"])
    nation = pd.Series({"other": 15593224.0 - 879213, "health": 879213.0})
    result = location_quotient(region, reference=nation)
    assert result.loc["Mainz", "health"] == pytest.approx(0.3847623, abs=5e-8)  # printed with seven decimals
    assert result.attrs["reference"] == "own reference"


@few
@given(tables)
def test_weighted_mean_is_one(table):
    size = table.sum(axis=1) / table.to_numpy().sum()
    np.testing.assert_allclose((location_quotient(table).T * size).sum(axis=1), 1, rtol=1e-12)


@few
@given(tables, st.floats(1e-3, 1e3))
def test_scale_and_order_do_not_matter(table, factor):
    base = location_quotient(table)
    np.testing.assert_allclose(location_quotient(table * factor), base, rtol=1e-10)
    turned = location_quotient(table.iloc[::-1, ::-1])
    np.testing.assert_allclose(turned.loc[base.index, base.columns], base, rtol=1e-10)


@few
@given(tables)
def test_forms_are_functions_of_the_ratio(table):
    ratio = location_quotient(table)
    np.testing.assert_allclose(
        location_quotient(table, form="symmetric"), (ratio - 1) / (ratio + 1), atol=1e-12
    )
    np.testing.assert_allclose(location_quotient(table, form="log"), np.log(ratio), atol=1e-12)
    surplus = location_quotient(table, form="surplus")
    np.testing.assert_allclose(surplus, table * (1 - 1 / ratio), atol=1e-9)
    np.testing.assert_allclose(surplus.sum(), 0, atol=1e-9)
    np.testing.assert_allclose(surplus.sum(axis=1), 0, atol=1e-9)


def test_zeros_are_defined():
    table = pd.DataFrame([[0, 5, 0], [2, 3, 0], [0, 0, 0]], index=list("abc"), columns=list("xyz"))
    result = location_quotient(table)
    assert result.loc["a", "x"] == 0
    assert result["z"].isna().all()
    assert result.loc["c"].isna().all()
    assert result.attrs["notes"] == ("0/0, not defined: a, b, c",)
    assert location_quotient(table, form="log").loc["a", "x"] == -np.inf
    assert location_quotient(table, form="symmetric").loc["a", "x"] == -1
    lacking = pd.Series({"x": 0.0, "y": 5.0, "z": 1.0})
    assert location_quotient(table, reference=lacking).loc["b", "x"] == np.inf
    assert location_quotient(table, reference=lacking, form="symmetric").loc["b", "x"] == 1


def test_groups_are_sums_and_keep_the_totals():
    result = location_quotient(TABLE_A, groups={"first": ["1"], "rest": ["2", "3"]})
    assert result.loc["A", "first"] == pytest.approx(1.8)
    assert result.loc["A", "rest"] == pytest.approx((40 / 100) / (200 / 300))
    with pytest.raises(AlignmentError, match=r"table lacks .9."):
        location_quotient(TABLE_A, groups={"first": ["9"]})


def test_panel_form_is_every_year_by_itself(employment):
    panel_form = location_quotient(employment)
    assert panel_form.index.names == ["unit", "year"]
    assert panel_form.index.get_level_values("year").unique().tolist() == list(range(2003, 2020))
    one = location_quotient(employment.frame.xs(2010, level="year"))
    np.testing.assert_allclose(panel_form.xs(2010, level="year"), one, rtol=1e-12)


def test_panel_form_carries_basis_flags_and_years_left_out(employment):
    notes = location_quotient(employment).attrs
    assert notes["basis"] == "employment"
    assert notes["reference"] == "region: sum of the 41 units"
    assert "years without a value are left out: 2020-2022" in notes["notes"]
    assert any(note.startswith("imputed") and "Suzhou (Anhui) 2017" in note for note in notes["notes"])
    early = location_quotient(employment.select(years=range(2005, 2009))).attrs["notes"]
    assert not any("imputed" in note for note in early)


def test_frame_rows_may_be_shuffled(employment):
    frame = employment.frame.loc[pd.IndexSlice[:, 2005:2010], :]
    shuffled = frame.sample(frac=1, random_state=4).swaplevel()
    pd.testing.assert_frame_equal(location_quotient(shuffled), location_quotient(frame))


def test_nation_is_the_shipped_sum_of_cities(employment):
    result = location_quotient(employment, reference="nation")
    total = national_totals()[employment.frame.columns].loc[2012]
    frame = employment.frame.xs(2012, level="year")
    expected = (frame.loc[310000] / frame.loc[310000].sum()) / (total / total.sum())
    np.testing.assert_allclose(result.loc[310000, 2012], expected, rtol=1e-12)
    assert result.attrs["reference"].startswith("nation")


def test_three_sectors_reach_the_last_year():
    accounts = load_panel().select(columns=sector_sets()["three_sectors"])
    result = location_quotient(accounts)
    assert result.index.get_level_values("year").max() == 2022
    assert result.attrs["basis"] == "value added"
    assert result.loc[310000, 2022]["va_tertiary"] > 1 > result.loc[310000, 2022]["va_secondary"]


def test_references_that_do_not_fit_are_errors(employment):
    with pytest.raises(AlignmentError, match="year of the table is not known"):
        location_quotient(employment.frame.xs(2010, level="year"), reference="nation")
    accounts = load_panel().select(columns=sector_sets()["three_sectors"])
    with pytest.raises(AlignmentError, match=r"lacks years .*2020-2022"):
        location_quotient(accounts, reference="nation")
    with pytest.raises(AlignmentError, match=r"lacks sectors .own reference: 3"):
        location_quotient(TABLE_A, reference=pd.Series({"1": 1.0, "2": 2.0}))
    with pytest.raises(SpecificationError, match=r"reference=province.: one of region, nation"):
        location_quotient(TABLE_A, reference="province")
    with pytest.raises(SpecificationError, match="form=share"):
        location_quotient(TABLE_A, form="share")


def test_a_missing_sector_is_named():
    with pytest.raises(GapError, match=r"sectors are missing .B 3.: select"):
        location_quotient(TABLE_A.mask((TABLE_A == 60) & (TABLE_A.index == "B")[:, None]))
