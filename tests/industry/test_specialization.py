"""Krugman and Hoover indices in every variant, against formulas written out and published values."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yrdspatial import load_panel, sector_sets
from yrdspatial.errors import SpecificationError
from yrdspatial.industry.specialization import hoover_index, krugman_index, krugman_matrix

TABLE_A = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"), dtype=float)
VARIANTS = ["total", "rest", "others", "pairs"]
few = settings(max_examples=15, deadline=None, derandomize=True)
tables = arrays(float, (5, 4), elements=st.floats(0.5, 1000)).map(
    lambda values: pd.DataFrame(values, index=list("abcde"), columns=list("wxyz"))
)


def test_published_pair():
    # REAT krugman.spec(c(20,10,70,0,0), c(0,0,0,60,40)) = 2: nothing in common
    table = pd.DataFrame([[20, 10, 70, 0, 0], [0, 0, 0, 60, 40]], index=["one", "two"])
    assert krugman_matrix(table).loc["one", "two"] == pytest.approx(2, abs=1e-12)
    assert krugman_index(table, versus="pairs", halved=True).tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize("versus", VARIANTS)
@few
@given(table=tables, factor=st.floats(1e-3, 1e3))
def test_range_scale_and_order(versus, table, factor):
    base = krugman_index(table, versus=versus)
    assert ((base >= 0) & (base < 2)).all()
    np.testing.assert_allclose(krugman_index(table * factor, versus=versus), base, atol=1e-9)
    turned = krugman_index(table.iloc[::-1, ::-1], versus=versus)
    np.testing.assert_allclose(turned[base.index], base, atol=1e-12)
    np.testing.assert_allclose(krugman_index(table, versus=versus, halved=True), base / 2, atol=1e-12)


@few
@given(tables)
def test_versus_others_is_a_loop_over_units(table):
    share = table.div(table.sum(axis=1), axis=0)
    expected = [(share.loc[i] - share.drop(i).mean()).abs().sum() for i in table.index]
    np.testing.assert_allclose(krugman_index(table, versus="others"), expected, atol=1e-12)
    rest = [table.drop(i).sum() / table.drop(i).to_numpy().sum() for i in table.index]
    expected = [(share.loc[i] - other).abs().sum() for i, other in zip(table.index, rest, strict=True)]
    np.testing.assert_allclose(krugman_index(table, versus="rest"), expected, atol=1e-12)


@few
@given(tables)
def test_matrix_is_symmetric_with_zero_diagonal_and_gives_the_pairs(table):
    matrix = krugman_matrix(table)
    np.testing.assert_array_equal(matrix, matrix.T)
    assert (np.diag(matrix) == 0).all()
    np.testing.assert_allclose(matrix.sum(axis=1) / 4, krugman_index(table, versus="pairs"), atol=1e-12)


def test_panel_form_and_attributes():
    panel = load_panel().select(columns=sector_sets()["sectors_19"])
    result = krugman_index(panel, versus="rest")
    assert result.index.names == ["unit", "year"]
    one = krugman_index(panel.frame.xs(2015, level="year"), versus="rest")
    np.testing.assert_allclose(result.xs(2015, level="year"), one, atol=1e-12)
    assert result.attrs["variant"] == "versus rest, not halved, 19 sectors"
    assert result.attrs["reference"] == "all other units together"
    matrix = krugman_matrix(panel.select(years=[2010, 2011]))
    assert matrix.shape == (82, 41)
    assert matrix.loc[(310000, 2010), 320100] == matrix.loc[(320100, 2010), 310000]


def test_versus_the_nation_uses_the_shipped_totals():
    panel = load_panel().select(columns=sector_sets()["sectors_19"], years=[2010])
    nation = krugman_index(panel, versus="nation")
    hoover = hoover_index(panel, of="units", reference="nation")
    np.testing.assert_allclose(nation, 2 * hoover, rtol=1e-12)


def test_shanghai_pulls_the_index_against_the_total_to_zero():
    table = pd.DataFrame([[900.0, 100.0], [5.0, 15.0]], index=["big", "small"])
    assert krugman_index(table, versus="total")["big"] < krugman_index(table, versus="rest")["big"] / 10


def test_empty_units_are_not_defined_and_named():
    table = TABLE_A.copy()
    table.loc["B"] = 0
    result = krugman_index(table, versus="total")
    assert np.isnan(result["B"])
    assert result.attrs["notes"] == ("0/0, not defined: B",)


def test_hoover_is_half_of_krugman_and_localizes_sectors():
    np.testing.assert_allclose(hoover_index(TABLE_A, of="units"), krugman_index(TABLE_A, versus="total") / 2)
    shares, size = TABLE_A / TABLE_A.sum(), TABLE_A.sum(axis=1) / TABLE_A.to_numpy().sum()
    expected = [sum(abs(shares[k] - size)) / 2 for k in TABLE_A]
    np.testing.assert_allclose(hoover_index(TABLE_A, of="sectors"), expected, atol=1e-12)


def test_variants_that_do_not_exist_are_errors():
    with pytest.raises(SpecificationError, match="versus=mean"):
        krugman_index(TABLE_A, versus="mean")
    with pytest.raises(SpecificationError, match="no others"):
        krugman_index(TABLE_A.iloc[:1], versus="rest")
    with pytest.raises(SpecificationError, match="of=regions"):
        hoover_index(TABLE_A, of="regions")
    with pytest.raises(SpecificationError, match="no other reference"):
        hoover_index(TABLE_A, of="sectors", reference="nation")
    with pytest.raises(TypeError):
        krugman_index(TABLE_A)
