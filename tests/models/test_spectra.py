"""Log-Jacobians and their slopes against dense matrices and scipy's matrix logarithm."""

import numpy as np
import pytest
from scipy.linalg import logm
from scipy.sparse import csr_array

from yrdspatial.models.eigenvalues import eigenvalues, forget, remembered, symmetrizer
from yrdspatial.models.resolvents import Resolvents, measure
from yrdspatial.models.spectra import Jacobian, Spectra
from yrdspatial.models.within import Effects, dummy_basis

PERIODS, UNITS = 4, 9


def weights(kind, rng):
    links = rng.random((PERIODS, UNITS, UNITS)) < 0.25
    links[:, np.arange(UNITS), np.arange(UNITS)] = False
    table = links.astype(float)
    if kind == "islands":
        table[:, 0] = 0.0
        table[:, :, 1] = 0.0
    if kind == "symmetric":
        return np.maximum(table, table.swapaxes(1, 2))
    if kind == "directed":
        return table * rng.random(table.shape)
    if kind == "chain":
        return np.repeat(np.diag(np.ones(UNITS - 1), 1)[None], PERIODS, axis=0)
    table[:, np.arange(UNITS), np.roll(np.arange(UNITS), 1)] = 1.0
    if kind == "islands":
        table[:, 0] = 0.0
    return table / np.maximum(table.sum(axis=2, keepdims=True), 1.0)


KINDS = ("rows", "islands", "symmetric", "directed", "chain")
EFFECTS = [
    Effects.of(PERIODS, UNITS, unit=True, time=True),
    Effects.of(PERIODS, UNITS, unit=False, time=True),
    Effects.of(PERIODS, UNITS, unit=True, time=False),
    Effects(np.array([0, 0, 1, 1]), np.arange(UNITS) % 2, unit=True, time=True),
]


def spectra_of(kind):
    return Spectra.of(weights(kind, np.random.default_rng(4)), np.arange(PERIODS))


def points(spectra):
    lower, upper = spectra.bounds
    return [0.97 * lower, 0.4 * lower, 0.0, 0.3 * upper, 0.95 * upper]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effects", EFFECTS)
def test_adjusted_jacobian_is_the_trace_of_the_matrix_logarithm(kind, effects):
    spectra = spectra_of(kind)
    jacobian = Jacobian.of(spectra, effects)
    M = np.eye(PERIODS * UNITS) - dummy_basis(effects) @ dummy_basis(effects).T
    for rho in points(spectra):
        total = 0.0
        for t, W in enumerate(spectra.matrices):
            block = slice(t * UNITS, (t + 1) * UNITS)
            total += np.trace(M[block, block] @ logm(np.eye(UNITS) - rho * W)).real
        # 1e-9: logm itself is good to about 1e-11 on defective matrices
        assert jacobian.value(rho) == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("effects", EFFECTS)
def test_slope_and_curvature_are_the_traces_of_G(kind, effects):
    spectra = spectra_of(kind)
    jacobian = Jacobian.of(spectra, effects)
    M = np.eye(PERIODS * UNITS) - dummy_basis(effects) @ dummy_basis(effects).T
    for rho in points(spectra):
        G = np.zeros_like(M)
        for t, W in enumerate(spectra.matrices):
            block = slice(t * UNITS, (t + 1) * UNITS)
            G[block, block] = W @ np.linalg.inv(np.eye(UNITS) - rho * W)
        assert jacobian.slope(np.array([rho]))[0] == pytest.approx(np.trace(M @ G), rel=1e-8, abs=1e-10)
        assert jacobian.curvature(rho) == pytest.approx(np.trace(M @ G @ G), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_plain_jacobian_is_the_sum_of_log_determinants(kind):
    spectra = spectra_of(kind)
    jacobian = Jacobian.of(spectra, None)
    for rho in points(spectra):
        expected = sum(np.linalg.slogdet(np.eye(UNITS) - rho * W)[1] for W in spectra.matrices)
        assert jacobian.value(rho) == pytest.approx(expected, abs=1e-10)


def test_constant_row_standardized_weights_give_the_lee_yu_log_determinant():
    W = weights("rows", np.random.default_rng(4))[0]
    spectra = Spectra.of(W[None], np.zeros(PERIODS, int))
    jacobian = Jacobian.of(spectra, Effects.of(PERIODS, UNITS, unit=True, time=True))
    for rho in points(spectra):
        expected = (PERIODS - 1) * (np.linalg.slogdet(np.eye(UNITS) - rho * W)[1] - np.log(1.0 - rho))
        assert jacobian.value(rho) == pytest.approx(expected, abs=1e-11)


def test_bounds_are_the_poles_next_to_zero():
    for kind in ("rows", "islands", "symmetric", "directed"):
        spectra = spectra_of(kind)
        lower, upper = spectra.bounds
        grid = np.linspace(0.999 * lower, 0.999 * upper, 400)
        signs = [np.linalg.slogdet(np.eye(UNITS) - rho * W)[0] for rho in grid for W in spectra.matrices]
        assert min(signs) == 1.0
        for end in (lower, upper):
            smallest = min(
                np.linalg.svd(np.eye(UNITS) - end * W, compute_uv=False)[-1] for W in spectra.matrices
            )
            assert smallest == pytest.approx(0.0, abs=1e-7)


def test_bounds_without_a_real_eigenvalue_are_finite():
    assert spectra_of("chain").bounds == (-1.0, 1.0)
    cycle = np.roll(np.eye(3), 1, axis=1)  # eigenvalues: the cube roots of one, only 1 is real
    lower, upper = Spectra.of(cycle[None], np.zeros(2, int)).bounds
    assert (lower, upper) == pytest.approx((-1.0, 1.0))


def test_eigenvalues_of_a_row_standardized_symmetric_matrix_are_exactly_real():
    links = weights("symmetric", np.random.default_rng(4))[0]
    W = links / np.maximum(links.sum(axis=1, keepdims=True), 1.0)
    omega = eigenvalues(W)
    assert (omega.imag == 0).all()
    assert np.sort(omega.real) == pytest.approx(np.sort(np.linalg.eigvals(W).real), abs=1e-10)


def test_symmetrizer_knows_what_is_not_similar_to_a_symmetric_matrix():
    rng = np.random.default_rng(4)
    assert symmetrizer(weights("directed", rng)[0]) is None
    loop = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])  # the products round the loop differ
    assert symmetrizer(loop) is None


def test_measure_needs_constant_row_sums_or_symmetry():
    basis = np.full((UNITS, 1), UNITS**-0.5)
    rng = np.random.default_rng(4)
    assert measure(weights("rows", rng)[0], basis)[0] == pytest.approx([1.0])
    assert measure(weights("symmetric", rng)[0], basis)[1].sum() == pytest.approx(1.0)
    assert measure(weights("directed", rng)[0], basis) is None


def test_resolvents_integrate_to_zero_at_zero():
    spectra, basis = spectra_of("directed"), np.full((UNITS, 1), UNITS**-0.5)
    resolvents = Resolvents.of(spectra.matrices, np.ones(PERIODS), basis, spectra.bounds)
    assert resolvents.log(0.0) == 0.0
    assert resolvents.log(1e-8) == pytest.approx(-1e-8 * resolvents.first(np.zeros(1))[0], rel=1e-6)


def test_periods_share_the_spectrum_of_equal_weights():
    W = weights("rows", np.random.default_rng(4))[:2]
    spectra = Spectra.of(W, np.array([0, 1, 1, 0, 1]))
    assert spectra.years_of.tolist() == [2.0, 3.0]
    assert spectra.shared(np.arange(5.0)).tolist() == [3.0, 7.0]


@pytest.mark.parametrize("kind", KINDS)
def test_sparse_and_full_tables_have_the_same_eigenvalues(kind):
    matrix = weights(kind, np.random.default_rng(4))[0]
    full, thin = eigenvalues(matrix), eigenvalues(csr_array(matrix))
    assert np.sort_complex(thin) == pytest.approx(np.sort_complex(full), abs=1e-12)
    forget()
    assert remembered(csr_array(matrix)) is remembered(csr_array(matrix))
    assert remembered(matrix) is remembered(matrix.copy())


def test_weights_with_few_links_stay_thin_and_lag_alike():
    rng = np.random.default_rng(1)
    ring = csr_array(np.roll(np.eye(120), 1, axis=1))
    full = csr_array(rng.random((120, 120)))
    values = rng.normal(size=(2, 120, 3))
    thin, thick = Spectra.of([ring, 0.5 * ring], np.array([1, 0])), Spectra.of([full], np.zeros(2, dtype=int))
    assert thin.thin
    assert not thin.sparse
    assert not thick.thin
    assert (thin.count, thin.units) == (2, 120)
    assert thin.lag(values) == pytest.approx(thin.matrices[thin.position] @ values, abs=1e-14)
    assert thin.row_sums == pytest.approx(thin.matrices.sum(axis=2))
    assert thin.solve(0.4, values[:, :, 0]) == pytest.approx(
        np.linalg.solve(np.eye(120) - 0.4 * thin.matrices[thin.position], values[:, :, :1])[:, :, 0]
    )
    assert [one.nnz for one in thick.links] == [120 * 120]
