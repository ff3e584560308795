"""Effects on flows against dense inverses, one change at a time."""

import numpy as np
import pytest

from yrdspatial.flows.flow_effects import BASES, EFFECTS, Triangular, effect_sums, unit_changes

N = 6
RHO = np.array([0.3, 0.2, -0.15])


def weights(kind):
    if kind == "nilpotent":
        return np.diag(np.ones(N - 1), 1)  # a chain one way: no basis of eigenvectors
    links = (np.random.default_rng(2).random((N, N)) < 0.5) * (1.0 - np.eye(N))
    return links / np.maximum(links.sum(axis=1, keepdims=True), 1.0)


def dense(W):
    eye = np.eye(N)
    return np.eye(N * N) - RHO[0] * np.kron(W, eye) - RHO[1] * np.kron(eye, W) - RHO[2] * np.kron(W, W)


@pytest.mark.parametrize("kind", ["random", "nilpotent"])
def test_solve(kind):
    W = weights(kind)
    M = np.random.default_rng(0).normal(size=(3, N, N))
    found = Triangular.of(W).solve(RHO, M)
    expected = np.linalg.solve(dense(W), M.reshape(3, -1).T).T.reshape(M.shape)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("kind", ["random", "nilpotent"])
@pytest.mark.parametrize("own", [True, False])
def test_effects_by_changing_one_unit_after_the_other(kind, own):
    W = weights(kind)
    found = effect_sums(Triangular.of(W), RHO, unit_changes(W, own=own))
    A = dense(W)
    for b, base in enumerate(BASES):
        sums = dict.fromkeys(EFFECTS, 0.0)
        for r in range(N):
            x = np.zeros(N)
            x[r] = 1.0
            end = W @ x if base.startswith("W_") else x
            table = {
                "origin": np.outer(end, np.ones(N)),
                "destination": np.outer(np.ones(N), end),
                "within": np.diag(end),
            }[base.removeprefix("W_")]
            if own and base != "within":
                np.fill_diagonal(table, 0.0)
            moved = np.linalg.solve(A, table.ravel()).reshape(N, N)
            for i in range(N):
                for j in range(N):
                    kind_of = (
                        "within"
                        if i == j == r
                        else "origin"
                        if i == r
                        else "destination"
                        if j == r
                        else "network"
                    )
                    sums[kind_of] += moved[i, j]
                    sums["total"] += moved[i, j]
        np.testing.assert_allclose(found[b], [sums[effect] / N**2 for effect in EFFECTS], atol=1e-12)


def test_the_total_is_a_change_of_all_units_at_once():
    W = weights("random")
    found = effect_sums(Triangular.of(W), RHO, unit_changes(W, own=False))
    rows = W.sum(axis=1)
    assert (rows == 1).all()
    # rows of W sum to one: a constant passes all three lags
    np.testing.assert_allclose(found[:2, -1], 1 / (1 - RHO.sum()), rtol=1e-12)
    np.testing.assert_allclose(found[:, :4].sum(axis=1), found[:, 4], rtol=1e-10)
