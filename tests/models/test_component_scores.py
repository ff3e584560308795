"""Cross products and slopes of error components against matrices with N T rows."""

import numpy as np
import pytest
from scipy.linalg import block_diag

from yrdspatial.models.component_scores import Grams, Whitened
from yrdspatial.models.spectra import Spectra

T, N = 5, 7
POINT = (0.7, 0.3, 0.4)
SIGMA2 = 1.3
NAMES = ("sigma2", "phi", "lam", "psi")


def weights_of(kind):
    """Synthetic weights, row-standardized: one matrix, or one a year."""
    rng = np.random.default_rng(4)
    tables = rng.random((T if kind == "changing" else 1, N, N)) * (rng.random((N, N)) < 0.5)
    tables[:, np.arange(N), np.arange(N)] = 0.0
    sums = tables.sum(axis=2, keepdims=True)
    position = np.arange(T) if kind == "changing" else np.zeros(T, dtype=int)
    return Spectra.of(np.divide(tables, sums, out=np.zeros_like(tables), where=sums > 0), position)


def root_of(psi):
    """K with K'K the inverse covariance of an autoregression."""
    K = np.eye(T) - psi * np.eye(T, k=-1)
    K[0, 0] = np.sqrt(1 - psi**2)
    return K


def dense(weights, point):
    """P, F and the slopes seen from e, written out."""
    _, lam, psi = point
    K = root_of(psi)
    W = block_diag(*weights.matrices[weights.position])
    B = np.eye(T * N) - lam * W
    wide = np.kron(K, np.eye(N))
    P = wide @ B
    F = P @ np.kron(np.ones((T, 1)), np.eye(N))
    L = wide @ W @ np.linalg.inv(B) @ np.linalg.inv(wide)
    step = 1e-5
    V = [np.linalg.inv(root_of(psi + h).T @ root_of(psi + h)) for h in (step, -step)]
    R = np.kron(K @ (V[0] - V[1]) @ K.T / (2 * step), np.eye(N))
    slopes = dict(zip(NAMES, (np.eye(T * N), F @ F.T, SIGMA2 * (L + L.T), SIGMA2 * R), strict=True))
    return P, F, slopes


def whitened(weights, point):
    return Whitened.of(weights, root_of(point[2]), SIGMA2, point)


@pytest.mark.parametrize("kind", ["constant", "changing"])
@pytest.mark.parametrize(("lam", "psi"), [(0.0, 0.0), (0.3, 0.4), (-0.5, -0.6)])
def test_cross_products_are_polynomials(kind, lam, psi):
    weights = weights_of(kind)
    columns = np.random.default_rng(1).standard_normal((T, N, 3))
    grams = Grams.of(columns, weights)
    P, F, _ = dense(weights, (0.0, lam, psi))
    G = np.hstack([P @ columns.reshape(T * N, 3), F])
    assert grams.at(lam, psi) == pytest.approx(G.T @ G, abs=1e-12)
    assert grams.terms == 3
    logs = [np.linalg.slogdet(np.eye(N) - lam * weights.matrices[p])[1] for p in weights.position]
    assert grams.jacobian.value(lam) == pytest.approx(sum(logs), abs=1e-12)


@pytest.mark.parametrize("kind", ["constant", "changing"])
def test_two_periods_are_enough(kind):
    weights = weights_of(kind)
    two = Spectra.of(weights.matrices[weights.position[:2]], np.arange(2))
    columns = np.random.default_rng(1).standard_normal((2, N, 2))
    K = np.array([[np.sqrt(1 - 0.16), 0.0], [-0.4, 1.0]])
    B = np.eye(N) - 0.3 * two.matrices
    G = np.tensordot(K, np.concatenate([B @ columns, B], axis=2), axes=1).reshape(2 * N, -1)
    assert Grams.of(columns, two).at(0.3, 0.4) == pytest.approx(G.T @ G, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["constant", "changing"])
def test_slopes_times_columns(kind, name):
    """The slope in psi by differences: 1e-8."""
    weights = weights_of(kind)
    values = np.random.default_rng(2).standard_normal((T, N, 2))
    expected = dense(weights, POINT)[2][name] @ values.reshape(T * N, 2)
    found = whitened(weights, POINT).spread(name, values).reshape(T * N, 2)
    assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("one", NAMES)
@pytest.mark.parametrize("two", NAMES)
def test_traces_of_products(one, two):
    weights = weights_of("changing")
    slopes = dense(weights, POINT)[2]
    found = whitened(weights, POINT).trace(one, two)
    assert found == pytest.approx(np.trace(slopes[one] @ slopes[two]), rel=1e-7)


def test_inverse_covariance():
    weights = weights_of("changing")
    _, F, _ = dense(weights, POINT)
    values = np.random.default_rng(3).standard_normal((T, N, 1))
    spread = SIGMA2 * (np.eye(T * N) + POINT[0] * F @ F.T)
    found = whitened(weights, POINT).weighted(values).ravel()
    assert found == pytest.approx(np.linalg.solve(spread, values.ravel()), abs=1e-10)
