"""The numeric core against dense linear algebra and formulas written here."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import coo_array, csr_array, diags_array, kronsum

from yrdspatial.errors import WeightsError
from yrdspatial.weights import matrices
from yrdspatial.weights.matrices import (
    canonical,
    effective_neighbours,
    minmax_norm,
    row_sums,
    spectral_radius,
)


def square(n):
    return hnp.arrays(float, (n, n), elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e3)))


def rook(rows, cols):
    """Binary rook contiguity of a grid, the Kronecker sum of two paths."""
    paths = [
        diags_array([np.ones(k - 1), np.ones(k - 1)], offsets=[-1, 1], shape=(k, k)) for k in (cols, rows)
    ]
    return csr_array(kronsum(*paths))


@settings(deadline=None, max_examples=60)
@given(
    st.integers(2, 8).flatmap(lambda n: hnp.arrays(float, (2, n, n), elements=st.floats(1e-3, 1e3))),
    st.booleans(),
)
def test_the_radius_equals_dense_eigenvalues(blocks, linked):
    blocks = blocks * (1 - np.eye(blocks.shape[1]))
    radius = max(np.abs(np.linalg.eigvals(block)).max() for block in blocks)
    one_way = np.full(blocks[0].shape, float(linked))
    values = np.block([[blocks[0], one_way], [0 * one_way, blocks[1]]])
    assert spectral_radius(values) == pytest.approx(radius, rel=1e-10)


def test_the_radius_of_a_large_grid_has_a_formula():
    # eigenvalues of a grid: 2 cos(i pi / (m + 1)) + 2 cos(j pi / (n + 1)); the iteration stops at machine precision
    expected = 2 * np.cos(np.pi / 31) + 2 * np.cos(np.pi / 21)
    assert spectral_radius(rook(30, 20)) == pytest.approx(expected, rel=1e-12)


def test_the_radius_of_large_unsymmetric_weights_equals_the_dense_one():
    rng = np.random.default_rng(7)
    values = np.where(rng.random((400, 400)) < 0.02, rng.random((400, 400)), 0.0)
    np.fill_diagonal(values, 0.0)
    assert spectral_radius(values) == pytest.approx(np.abs(np.linalg.eigvals(values)).max(), rel=1e-10)


def test_equal_row_sums_are_the_radius_at_any_size():
    weights = rook(200, 150)
    row = matrices.scaled_rows(weights, row_sums(weights))
    assert spectral_radius(row) == pytest.approx(1.0, abs=1e-15)


def test_links_that_lead_nowhere_do_not_count():
    one_way = np.triu(np.ones((5, 5)), k=1)
    assert spectral_radius(one_way) == 0.0
    one_way[1, 0] = 4.0
    assert spectral_radius(one_way) == pytest.approx(2.0)


def test_no_convergence_is_an_error(monkeypatch):
    def give_up(*_, **__):
        raise matrices.ArpackNoConvergence("no", np.array([]), np.array([]))

    monkeypatch.setattr(matrices, "eigsh", give_up)
    with pytest.raises(WeightsError, match="was not found: standardize by row or minmax"):
        spectral_radius(rook(30, 20))


def test_canonical_adds_duplicates_and_drops_zeros():
    weights = canonical(coo_array(([1.0, 2.0, 0.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2)))
    assert weights.toarray().tolist() == [[0, 3], [0, 0]]
    assert weights.nnz == 1


def test_row_sums_do_not_depend_on_the_order_of_units():
    values = np.random.default_rng(3).random((50, 50))
    order = np.random.default_rng(4).permutation(50)
    np.testing.assert_array_equal(
        row_sums(canonical(values[np.ix_(order, order)])), row_sums(canonical(values))[order]
    )
    np.testing.assert_allclose(row_sums(canonical(values)), values.sum(axis=1), rtol=1e-14)


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 8).flatmap(square))
def test_effective_neighbours_by_the_formula(values):
    np.fill_diagonal(values, 0.0)
    shares = [row / row.sum() for row in values if row.any()]
    expected = np.mean([1 / np.sum(share**2) for share in shares]) if shares else 0.0
    assert effective_neighbours(values) == pytest.approx(expected, rel=1e-12)
    assert effective_neighbours(5 * values) == pytest.approx(expected, rel=1e-12)
    assert minmax_norm(canonical(values)) == pytest.approx(
        min(values.sum(axis=1).max(), values.sum(axis=0).max())
    )


def test_a_complete_matrix_has_all_others_as_neighbours():
    assert effective_neighbours(np.ones((41, 41)) - np.eye(41)) == pytest.approx(40)
