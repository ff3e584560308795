"""Sparse factors and the interval of rho against dense algebra."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from yrdspatial.models.factors import Factors, balance, interval
from yrdspatial.models.spectra import Spectra

UNITS = 60
EXACT = 1e-11  # rounding of a solve with 60 units, condition number below 100
ITERATED = 1e-8  # ten times what is asked of the Lanczos iteration


def weights(kind):
    """Synthetic weights, dense."""
    rng = np.random.default_rng(0)
    links = (rng.random((UNITS, UNITS)) < 0.06).astype(float)
    np.fill_diagonal(links, 0.0)
    if kind == "chain":
        return np.diag(np.ones(UNITS - 1), 1)
    if kind == "directed":
        return links * rng.random(links.shape)
    if kind in {"symmetric", "rows", "islands"}:
        links = np.maximum(links, links.T)
    if kind == "islands":
        links[:3] = links[:, :3] = 0.0
    if kind == "symmetric":
        return links
    return links / np.maximum(links.sum(axis=1, keepdims=True), 1.0)


KINDS = ("symmetric", "rows", "islands", "asymmetric", "directed", "chain")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_log_determinant_and_solves_are_those_of_dense_matrices(kind, share):
    W = weights(kind)
    lower, upper = Spectra.of(W[None], np.zeros(1, dtype=np.intp)).bounds
    rho = share * (upper if share > 0 else -lower)
    S = np.eye(UNITS) - rho * W
    factors, columns = Factors.of(csr_array(W), rho), np.random.default_rng(1).normal(size=(UNITS, 3))
    G = W @ np.linalg.inv(S)
    assert factors.logdet == pytest.approx(np.linalg.slogdet(S)[1], abs=EXACT)
    assert factors.inverse(columns) == pytest.approx(np.linalg.solve(S, columns), rel=1e-9, abs=1e-9)
    assert factors.propagated(columns) == pytest.approx(G @ columns, rel=1e-9, abs=1e-9)
    assert factors.returned(columns) == pytest.approx(G.T @ columns, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_interval_is_that_of_all_eigenvalues(kind):
    W = weights(kind)
    dense = Spectra.of(W[None], np.zeros(1, dtype=np.intp)).bounds
    assert interval(csr_array(W)) == pytest.approx(dense, rel=ITERATED)


def test_interval_never_passes_the_lowest_eigenvalue():
    W = weights("rows")
    lowest = np.linalg.eigvals(W).real.min()
    assert interval(csr_array(W))[0] >= 1.0 / lowest - 1e-12


def test_complex_eigenvalues_alone_on_the_left_leave_the_circle():
    # Three rings of three send eigenvalues 1 and -1/2 +- i sqrt(3)/2: no negative real eigenvalue.
    ring = np.kron(np.eye(3), np.roll(np.eye(3), 1, axis=1))
    assert interval(csr_array(ring)) == pytest.approx((-1.0, 1.0))


@pytest.mark.parametrize("kind", KINDS)
def test_balance_makes_symmetric_what_can_be(kind):
    W = weights(kind)
    scale = balance(csr_array(W))
    if kind in {"symmetric", "rows", "islands"}:
        moved = W * (scale[:, None] / scale)
        assert moved == pytest.approx(moved.T, rel=1e-12)
    else:
        assert scale is None


def test_balance_refuses_a_loop_whose_products_differ():
    # Both directions everywhere, yet w12 w23 w31 is not w13 w32 w21.
    loop = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 2.0], [3.0, 1.0, 0.0]])
    assert balance(csr_array(loop)) is None
