"""Global permutations: counts, floors, blocks, exhaustive enumeration, canonical order."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array

from yrdspatial.autocorrelation import permutation
from yrdspatial.autocorrelation.permutation import (
    Tails,
    canonical_order,
    checked,
    floor,
    permutation_blocks,
    permuted_forms,
    permuted_sums,
    tails,
)
from yrdspatial.errors import SpecificationError

W = csr_array([[0, 1.0, 0, 0, 0.5], [1, 0, 2, 0, 0], [0, 1, 0, 1, 0], [0, 0, 3, 0, 0], [0.2, 0, 0, 0, 0]])
Y = np.array([1.0, -2, 0.5, 4, 0.5])


def drawn(blocks):
    """Put the blocks of draws together."""
    return np.concatenate(list(blocks))


def test_two_sided_is_twice_the_smaller_tail():
    counts = Tails(np.array([0, 10, 50, 99]), np.array([99, 89, 50, 0]), 99)
    assert counts.pvalues().tolist() == [0.02, 0.22, 1.0, 0.02]
    assert counts.pvalues("greater").tolist() == [0.01, 0.11, 0.51, 1.0]
    assert counts.pvalues("less").tolist() == [1.0, 0.9, 0.51, 0.01]


def test_floor():
    assert floor(99) == 0.02
    assert floor(99, "less") == 0.01


def test_ties_count_on_both_sides():
    counts = tails(np.array([1.0]), [np.array([[1 + 1e-15], [1 - 1e-15]]), np.array([[2.0], [0.0]])], 1e-12)
    assert (counts.above[0], counts.below[0]) == (3, 3)


def test_forms_follow_the_exact_distribution():
    exact = [z @ W.toarray() @ z for z in map(np.array, itertools.permutations(Y))]
    draws = drawn(permuted_forms(Y[:, None], W, permutations=40_000, seed=1))[:, 0]
    # four standard errors of a mean and of shares
    assert draws.mean() == pytest.approx(np.mean(exact), abs=4 * np.std(exact) / 200)
    for level in np.quantile(exact, [0.1, 0.5, 0.9]) + 1e-9:
        assert (draws <= level).mean() == pytest.approx((np.array(exact) <= level).mean(), abs=0.01)


def test_forms_add_the_diagonal():
    d = np.array([1.0, 2, 3, 4, 5])
    # no ties: the order then does not depend on the weights
    z = np.array([1.0, -2, 0.5, 4, 0.7])
    plain = drawn(permuted_forms(z[:, None], W, permutations=50, seed=1, diagonal=d))
    with_diagonal = drawn(permuted_forms(z[:, None], W + csr_array(np.diag(d)), permutations=50, seed=1))
    np.testing.assert_allclose(plain, with_diagonal, rtol=1e-12)


def test_sparse_and_dense_weights_give_the_same_forms():
    n = 60
    ring = csr_array(np.roll(np.eye(n), 1, axis=1))
    z = np.random.default_rng(1).normal(size=(n, 2))
    sparse = drawn(permuted_forms(z, ring, permutations=20, seed=3))
    full = ring.toarray() + 1e-300 * np.ones((n, n))
    np.testing.assert_allclose(
        sparse, drawn(permuted_forms(z, csr_array(full), permutations=20, seed=3)), rtol=1e-12
    )


def test_sums_follow_the_exact_distribution():
    c = np.array([3.0, -1, 0, 2, 2])
    exact = [c @ np.array(deal) for deal in itertools.permutations(Y)]
    draws = drawn(permuted_sums(c[:, None], Y[:, None], permutations=40_000, seed=1))[:, 0]
    assert draws.mean() == pytest.approx(np.mean(exact), abs=4 * np.std(exact) / 200)
    assert draws.std() == pytest.approx(np.std(exact), rel=0.02)


def test_blocks_bound_the_memory_and_cover_all(monkeypatch):
    monkeypatch.setattr(permutation, "BLOCK", 50)
    blocks = list(permutation_blocks(10, 23, 1))
    assert [orders.shape[1] for _, orders in blocks] == [5, 5, 5, 5, 3]
    assert [rows.start for rows, _ in blocks] == [0, 5, 10, 15, 20]
    assert all((np.sort(orders, axis=0) == np.arange(10)[:, None]).all() for _, orders in blocks)
    assert not (blocks[0][1] == blocks[1][1]).all()


def test_canonical_order_survives_renaming_and_mirroring():
    rng = np.random.default_rng(4)
    values, order = rng.exponential(size=5), rng.permutation(5)
    moved = canonical_order(values[order], W[order][:, order])
    assert order[moved].tolist() == canonical_order(values, W).tolist()
    assert canonical_order(-values + 3, W).tolist() == canonical_order(values, W).tolist()


def test_canonical_order_breaks_ties_by_the_neighbours():
    order = canonical_order(Y, W)
    assert Y[order].tolist() == sorted(Y)
    lag = W @ (Y - Y.mean())
    tied = [i for i in order if Y[i] == 0.5]
    assert lag[tied[0]] < lag[tied[1]]


@pytest.mark.parametrize(("permutations", "alternative"), [(0, "two-sided"), (9, "two_sided")])
def test_impossible_requests(permutations, alternative):
    with pytest.raises(SpecificationError):
        checked(permutations, alternative)


def test_memory_holds_one_block_of_draws():
    z = np.random.default_rng(1).normal(size=(40, 30))
    ring = csr_array(np.roll(np.eye(40), 1, axis=1))
    sizes = [block.shape for block in permuted_forms(z, ring, permutations=5000, seed=1)]
    assert sum(rows for rows, _ in sizes) == 5000
    assert len(sizes) > 1
    assert all(rows * 40 <= permutation.CACHED for rows, _ in sizes)
    whole = drawn(permuted_forms(z, ring, permutations=5000, seed=1))
    counted = tails(whole[0], permuted_forms(z, ring, permutations=5000, seed=1), 1e-12)
    assert counted.above.tolist() == (whole >= whole[0] - 1e-12).sum(axis=0).tolist()
    assert counted.permutations == 5000
