"""Cluster sums of pairs, against double loops over all pairs of pairs."""

import itertools

import numpy as np
import pytest

from yrdspatial.flows.pair_covariance import KINDS, sandwich

SHARE = {
    "robust": lambda a, b: a == b,
    "pair": lambda a, b: a[1:] == b[1:],
    "origin": lambda a, b: a[1] == b[1],
    "destination": lambda a, b: a[2] == b[2],
    "two-way": lambda a, b: a[1] == b[1] or a[2] == b[2],
    "dyadic": lambda a, b: bool({a[1], a[2]} & {b[1], b[2]}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("self_flows", [False, True])
def test_by_loops(kind, self_flows):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(2, 5, 5, 2)) + 0.5 * rng.normal(size=(1, 5, 1, 2))
    if not self_flows:
        scores[:, np.arange(5), np.arange(5)] = 0.0
    cells = [cell for cell in np.ndindex(2, 5, 5) if self_flows or cell[1] != cell[2]]
    meat = sum(
        np.outer(scores[a], scores[b]) for a, b in itertools.product(cells, cells) if SHARE[kind](a, b)
    )
    factor = 1.0 if kind in {"robust", "pair"} else 5 / 4
    roots, vectors = np.linalg.eigh(meat * factor)
    bread = np.diag([1.0, 1.0])
    covariance, degrees = sandwich(scores, bread, kind)
    np.testing.assert_allclose(covariance, (vectors * np.maximum(roots, 0)) @ vectors.T, atol=1e-10)
    known = {"robust": len(cells) - 2, "pair": len(cells) // 2 - 2}
    assert degrees == known.get(kind, 4)


def test_never_negative():
    rng = np.random.default_rng(5)
    for _ in range(50):
        scores = rng.normal(size=(1, 3, 3, 2))
        assert np.linalg.eigvalsh(sandwich(scores, np.eye(2), "two-way")[0]).min() > -1e-12
