"""Weights and values in the order in which they are dealt."""

import numpy as np
from scipy.sparse import csr_array

from yrdspatial.autocorrelation.ordered import Columns, Links


def test_links_are_sorted_and_know_whether_they_are_even():
    W = csr_array([[0, 1.0, 3.0], [0.5, 0, 0.5], [0, 0, 0]])
    links = Links.of(W)
    assert links.weight.tolist() == [3, 1, 0.5, 0.5]
    assert links.degree.tolist() == [2, 2, 0]
    assert links.total.tolist() == [4, 1, 0]
    assert not links.even
    assert links.dense(np.array([2, 0]), 2).tolist() == [[0, 0], [3, 1]]
    assert Links.of(W[1:]).even


def test_columns_hold_the_observed_sums_within_the_tolerance():
    rng = np.random.default_rng(8)
    W = csr_array(np.triu(rng.random((9, 9)), 1) * (rng.random((9, 9)) < 0.4))
    y = rng.normal(size=(9, 2))
    plain = Columns.of(y, W, squared=False)
    np.testing.assert_allclose((plain.low + plain.high).T / 2, W @ y, atol=1e-12)
    squared = Columns.of(y, W, squared=True)
    direct = np.array(
        [[sum(W[i, j] * (y[i, v] - y[j, v]) ** 2 for j in range(9)) for v in (0, 1)] for i in range(9)]
    )
    np.testing.assert_allclose((squared.low + squared.high).T / 2, direct, atol=1e-12)
    assert (plain.ranked[0] == np.sort(y[:, 0])).all()


def test_tied_values_share_their_first_rank():
    W = csr_array(np.roll(np.eye(5), 1, axis=1))
    columns = Columns.of(np.array([[2.0], [1.0], [2.0], [0.0], [2.0]]), W, squared=False)
    assert columns.rank[0].tolist() == [2, 1, 2, 0, 2]
    assert columns[0].rank.tolist() == columns.rank[0].tolist()


def test_an_empty_row_has_no_links():
    links = Links.of(csr_array((3, 3)) + csr_array(([1.0], ([0], [1])), shape=(3, 3)))
    assert links.start.tolist() == [0, 1, 1, 1]
    assert links.even
    assert links.dense(np.array([0, 1, 2]), 1).tolist() == [[1], [0], [0]]
