"""UNIDO similarity against scipy's cosine, its properties, and the three things it can be compared with."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cosine

from yrdspatial import load_panel, sector_sets
from yrdspatial.errors import SpecificationError
from yrdspatial.industry.similarity import similarity
from yrdspatial.industry.specialization import krugman_matrix

few = settings(max_examples=15, deadline=None, derandomize=True)
tables = arrays(float, (5, 4), elements=st.floats(0.5, 1000)).map(
    lambda values: pd.DataFrame(values, index=list("abcde"), columns=list("wxyz"))
)


@few
@given(tables)
def test_unido_is_one_minus_the_cosine_distance(table):
    expected = [[1 - cosine(table.loc[i], table.loc[j]) for j in table.index] for i in table.index]
    np.testing.assert_allclose(similarity(table), expected, atol=1e-12)


@few
@given(tables, st.floats(1e-3, 1e3))
def test_in_unit_interval_symmetric_scale_free(table, factor):
    for measure in ("unido", "krugman"):
        matrix = similarity(table, measure=measure)
        assert ((matrix >= 0) & (matrix <= 1)).all().all()
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-15)
        np.testing.assert_allclose(np.diag(matrix), 1, atol=1e-12)
        scaled = table.mul([factor, 1, 2, 3, 4], axis=0)
        np.testing.assert_allclose(similarity(scaled, measure=measure), matrix, atol=1e-10)
        turned = similarity(table.iloc[::-1, ::-1], measure=measure)
        np.testing.assert_allclose(turned.loc[matrix.index, matrix.columns], matrix, atol=1e-12)
    np.testing.assert_allclose(similarity(table, measure="krugman"), 1 - krugman_matrix(table) / 2)


@few
@given(tables)
def test_mean_and_region_are_two_things(table):
    matrix = similarity(table).to_numpy()
    np.testing.assert_allclose(similarity(table, against="mean"), (matrix.sum(axis=1) - 1) / 4, atol=1e-12)
    expected = [1 - cosine(table.loc[i], table.sum()) for i in table.index]
    np.testing.assert_allclose(similarity(table, against="region"), expected, atol=1e-12)


def test_nothing_in_common_and_empty_units():
    table = pd.DataFrame([[1, 0], [0, 1], [0, 0]], index=list("abc"))
    matrix = similarity(table)
    assert matrix.loc["a", "b"] == 0
    assert matrix["c"].isna().all()
    assert matrix.loc["c"].isna().all()
    assert "0/0" in matrix.attrs["notes"][0]


def test_panel_form():
    panel = load_panel().select(columns=sector_sets()["sectors_19"], years=range(2010, 2013))
    matrix = similarity(panel)
    assert matrix.shape == (123, 41)
    one = similarity(panel.frame.xs(2011, level="year"))
    np.testing.assert_allclose(matrix.xs(2011, level="year"), one, rtol=1e-12)
    assert matrix.attrs["variant"] == "unido, 19 sectors"
    assert similarity(panel, against="mean").index.names == ["unit", "year"]


def test_three_sectors_are_alike_everywhere():
    # at the level of three sectors the coefficient says nothing: illustrative shares of Shanghai and Jiangsu, 0.9413
    shares = pd.DataFrame([[0.2, 26.6, 73.2], [4.4, 43.1, 52.5]], index=["SH", "JS"])
    assert similarity(shares).loc["SH", "JS"] == pytest.approx(0.9413328168, abs=1e-9)


def test_variants_that_do_not_exist_are_errors():
    table = pd.DataFrame([[1.0]])
    with pytest.raises(SpecificationError, match="measure=cosine"):
        similarity(table, measure="cosine")
    with pytest.raises(SpecificationError, match="against=nation"):
        similarity(table, against="nation")
