"""Scales of the weights: worked examples, libpysal as a second implementation, invariances."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from libpysal.graph import Graph

from yrdspatial.errors import WeightsError
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.standardize import standardize

HOURS = np.array([[0, 1, 2], [1, 0, 1.5], [2, 1.5, 0]])


def frame(values):
    labels = [f"u{i}" for i in range(len(values))]
    return pd.DataFrame(np.asarray(values, float), index=labels, columns=labels)


def inverse_hours():
    return frame(np.divide(1.0, HOURS, out=np.zeros((3, 3)), where=HOURS > 0))


@st.composite
def tables(draw, smallest=2, largest=8):
    n = draw(st.integers(smallest, largest))
    values = draw(hnp.arrays(float, (n, n), elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e3))))
    np.fill_diagonal(values, 0.0)
    return frame(values)


@settings(deadline=None, max_examples=60)
@given(tables(), st.permutations(range(8)))
def test_row_sums_are_one_or_zero_and_follow_the_units_exactly(table, order):
    order = [i for i in order if i < len(table)]
    result = standardize(WeightsSeries({2005: table}), "row")
    linked = (table.to_numpy() > 0).any(axis=1)
    np.testing.assert_allclose(result.array()[0].sum(axis=1), linked, rtol=0, atol=1e-15 * len(table))
    shuffled = standardize(WeightsSeries({2005: table.iloc[order, order]}), "row")
    np.testing.assert_array_equal(shuffled.array(), result.array(units=shuffled.units))


@settings(deadline=None, max_examples=60)
@given(tables())
def test_row_agrees_with_libpysal(table):
    graph = standardize(table, "none")
    expected = graph.transform("r").sparse.toarray()
    result = standardize(graph, "row")
    np.testing.assert_allclose(result.sparse.toarray(), expected, rtol=1e-14)
    assert result.transformation == "R"
    assert result.isolates.equals(graph.isolates)


@settings(deadline=None, max_examples=60)
@given(tables())
def test_the_spectral_radius_becomes_one(table):
    table = table + table.T  # linked both ways, so the radius is not zero unless nothing is linked
    result = standardize(table, "spectral").sparse.toarray()
    radius = np.abs(np.linalg.eigvals(result)).max()
    assert radius == pytest.approx(
        float(table.to_numpy().any()), abs=1e-10
    )  # 1e-10: eigenvalues by two solvers


def test_the_inverse_hours_of_three_units():
    # worked example: eigenvalue 1.466013 of the matrix 1/T
    result = standardize(inverse_hours(), "spectral").sparse.toarray()
    np.testing.assert_allclose(
        inverse_hours().to_numpy() / result.max(), result / result.max() ** 2, rtol=1e-12
    )
    assert 1 / result[0, 1] == pytest.approx(1.466013, abs=5e-7)
    row = standardize(inverse_hours(), "row").sparse.toarray()
    expected = [[0, 0.6667, 0.3333], [0.6, 0, 0.4], [0.4286, 0.5714, 0]]
    np.testing.assert_allclose(row, expected, atol=5e-5)


def test_rows_are_divided_and_not_columns():
    path = frame(np.eye(4, k=1) + np.eye(4, k=-1))
    np.testing.assert_array_equal(standardize(path, "row").sparse.toarray().sum(axis=1), np.ones(4))
    assert (path.to_numpy() / path.to_numpy().sum(axis=1)).sum(axis=1).tolist() == [0.5, 1.5, 1.5, 0.5]


def test_minmax_divides_by_the_smaller_of_the_largest_sums():
    table = frame([[0, 1, 2], [3, 0, 0], [4, 0, 0]])  # row sums 3, 3, 4; column sums 7, 1, 2
    np.testing.assert_array_equal(standardize(table, "minmax").sparse.toarray(), table.to_numpy() / 4)
    np.testing.assert_array_equal(standardize(table.T, "minmax").sparse.toarray(), table.to_numpy().T / 4)


def test_row_erases_what_all_rows_share_and_common_keeps_it():
    series = WeightsSeries({2005: inverse_hours(), 2010: 2 * inverse_hours()})
    row = standardize(series, "row")
    np.testing.assert_allclose(row.array()[0], row.array()[1], rtol=1e-15)
    assert standardize(series, "common").summary()["spectral_radius"].tolist() == pytest.approx([1, 2])
    assert standardize(series, "common", base=2010).summary()["spectral_radius"].tolist() == pytest.approx(
        [0.5, 1]
    )
    assert standardize(series, "spectral").summary()["spectral_radius"].tolist() == pytest.approx([1, 1])


def test_every_year_is_scaled_by_its_own_and_equal_years_stay_one():
    series = WeightsSeries({2005: inverse_hours(), 2006: 3 * inverse_hours(), 2007: inverse_hours()})
    result = standardize(series, "minmax")
    assert result.distinct()[1].tolist() == [0, 1, 0] or len(result.distinct()[0]) == 1
    np.testing.assert_allclose(result.array()[0], result.array()[1], rtol=1e-15)


def test_the_kind_of_weights_stays():
    series = WeightsSeries({2005: inverse_hours()})
    for how in ("row", "spectral", "minmax", "common", "none"):
        assert isinstance(standardize(series, how), WeightsSeries)
        assert isinstance(standardize(series[2005], how), Graph)
        assert isinstance(standardize(inverse_hours(), how), Graph)
    assert standardize(series, "none") is series
    assert standardize(series[2005], "none") is series[2005]
    common, spectral = (standardize(series[2005], how).sparse.toarray() for how in ("common", "spectral"))
    np.testing.assert_array_equal(common, spectral)


@pytest.mark.parametrize("how", ["row", "spectral", "minmax", "common", "none"])
def test_islands_stay_empty_rows(how):
    graph = standardize(frame([[0, 2, 0], [2, 0, 0], [0, 0, 0]]), how)
    assert graph.isolates.tolist() == ["u2"]
    assert graph.unique_ids.tolist() == ["u0", "u1", "u2"]


@pytest.mark.parametrize("how", ["row", "spectral", "minmax", "none"])
def test_a_year_without_links_stays_without(how):
    series = standardize(WeightsSeries({2005: frame(np.zeros((3, 3))), 2006: inverse_hours()}), how)
    assert series.summary()["islands"].tolist() == [3, 0]


def test_bad_requests():
    series = WeightsSeries({2005: frame(np.zeros((3, 3))), 2006: inverse_hours()})
    with pytest.raises(
        WeightsError, match=r"eigenvalue of the weights is zero \[2005\]: .*another base year"
    ):
        standardize(series, "common")
    with pytest.raises(WeightsError, match="eigenvalue of the weights is zero"):
        standardize(frame(np.eye(3, k=1)), "spectral")
    with pytest.raises(WeightsError, match="there is no standardization 'rows': choose one of row, spectral"):
        standardize(series, "rows")
    with pytest.raises(WeightsError, match="leave base out"):
        standardize(series, "row", base=2006)
    with pytest.raises(WeightsError, match="leave base out"):
        standardize(inverse_hours(), "common", base=2006)


@settings(deadline=None, max_examples=40)
@given(tables(), st.floats(1e-2, 1e2))
def test_every_scale_forgets_the_unit_of_measure(table, factor):
    table = table + table.T
    for how in ("row", "spectral", "minmax", "common"):
        if table.to_numpy().any():
            one, other = (standardize(factor_ * table, how).sparse.toarray() for factor_ in (1.0, factor))
            # 1e-9: the eigenvalue of two matrices that differ by rounding
            np.testing.assert_allclose(one, other, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(tables())
def test_minmax_bounds_the_spectral_radius(table):
    result = standardize(table, "minmax").sparse.toarray()
    assert np.abs(np.linalg.eigvals(result)).max() <= 1 + 1e-3  # defective eigenvalues of a dense solver
    sums = result.sum(axis=1).max(), result.sum(axis=0).max()
    assert min(sums) == pytest.approx(float(table.to_numpy().any()), rel=1e-12)


@settings(deadline=None, max_examples=40)
@given(tables())
def test_row_twice_is_row_once(table):
    once = standardize(table, "row")
    np.testing.assert_allclose(standardize(once, "row").sparse.toarray(), once.sparse.toarray(), rtol=1e-15)
    assert once.transform("r").sparse.toarray() == pytest.approx(once.sparse.toarray(), rel=1e-15)


@settings(deadline=None, max_examples=30)
@given(st.lists(tables(3, 3), min_size=1, max_size=3))
def test_a_series_is_scaled_as_its_graphs_are(years):
    series = WeightsSeries(dict(enumerate(years, start=2005)))
    for how in ("row", "minmax"):
        result = standardize(series, how)
        for year in series.years:
            expected = standardize(series[year], how).sparse.toarray()
            np.testing.assert_array_equal(result[year].sparse.toarray(), expected)


@pytest.mark.parametrize(
    ("table", "smallest"),
    [
        (frame(np.eye(4, k=1) + np.eye(4, k=-1)), -1.0),  # a chain is bipartite: the spectrum is symmetric
        (frame(np.ones((5, 5)) - np.eye(5)), -0.25),  # complete: 1 and -1 / (n - 1)
    ],
)
def test_the_spectrum_of_row_standardized_weights(table, smallest):
    values = np.linalg.eigvals(standardize(table, "row").sparse.toarray())
    assert values.max() == pytest.approx(1, rel=1e-12)
    assert values.min() == pytest.approx(smallest, rel=1e-12)


def test_a_large_matrix_is_scaled_without_dense_arrays():
    n = 30_000
    index = pd.MultiIndex.from_arrays([np.arange(n), np.roll(np.arange(n), -1)], names=["focal", "neighbor"])
    ring = Graph(pd.Series(np.full(n, 3.0), index=index, name="weight"), is_sorted=True)
    for how in ("row", "spectral", "minmax", "common"):
        assert standardize(ring, how).adjacency.unique().tolist() == [1.0]
