"""Traces of sparse weights against dense projectors and propagators."""

import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.sparse import csr_array

from yrdspatial.errors import SpecificationError
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.traces import Probing, read_probing, squares, total, without
from yrdspatial.models.within import Effects, dummy_basis

PERIODS, UNITS, RHO = 4, 12, 0.45
POSITION = np.array([0, 1, 1, 0])
EFFECTS = [
    None,
    Effects.of(PERIODS, UNITS, unit=False, time=True),
    Effects.of(PERIODS, UNITS, unit=True, time=False),
    Effects.of(PERIODS, UNITS, unit=True, time=True),
    Effects(np.array([0, 0, 1, 1]), np.arange(UNITS) % 2, unit=True, time=True),
]


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr("yrdspatial.models.spectra.LARGE", 10)


def weights():
    """Two synthetic directed matrices with an island."""
    links = (np.random.default_rng(2).random((2, UNITS, UNITS)) < 0.25).astype(float)
    links[:, np.arange(UNITS), np.arange(UNITS)] = 0.0
    links[0, 3] = 0.0
    return links / np.maximum(links.sum(axis=2, keepdims=True), 1.0)


def by_hand(effects):
    G = block_diag(*[W @ np.linalg.inv(np.eye(UNITS) - RHO * W) for W in weights()[POSITION]])
    basis = np.zeros((PERIODS * UNITS, 1)) if effects is None else dummy_basis(effects)
    M = np.eye(PERIODS * UNITS) - basis @ basis.T
    return np.array([np.trace(M @ G.T @ M @ G), np.trace(M @ G @ M @ G)])


def spectra():
    return Spectra(tuple(csr_array(one) for one in weights()), POSITION)


@pytest.mark.parametrize("effects", EFFECTS)
def test_all_columns_give_the_traces(effects):
    found = squares(spectra(), RHO, effects, Probing(exact=True))
    assert found.values == pytest.approx(by_hand(effects), rel=1e-12)
    assert not found.errors.any()


@pytest.mark.parametrize("effects", EFFECTS)
def test_random_probes_come_within_their_standard_errors(effects):
    found = squares(spectra(), RHO, effects, Probing(exact=False, probes=4000, seed=1))
    assert (np.abs(found.values - by_hand(effects)) < 4.0 * found.errors).all()
    assert (found.errors < 0.05 * np.abs(by_hand(effects)[0])).all()


def test_standard_error_is_that_of_a_mean():
    parts = [np.array([[1.0, 2.0]]), np.array([[6.0]])]
    found = total(parts, Probing(exact=False, probes=3))
    assert (found.values[0], found.errors[0]) == pytest.approx((3.0, np.sqrt(7.0 / 3.0)))


def test_blocks_are_the_identity_or_signs(monkeypatch):
    monkeypatch.setattr("yrdspatial.models.traces.BLOCK", 30)
    assert np.hstack(list(Probing(exact=True).blocks(7, 2))) == pytest.approx(np.eye(7))
    signs = list(Probing(exact=False, probes=5, seed=3).blocks(7, 1))
    assert [one.shape for one in signs] == [(7, 4), (7, 1)]
    assert (np.abs(np.hstack(signs)) == 1.0).all()
    again = list(Probing(exact=False, probes=5, seed=3).blocks(7, 1))
    assert np.array_equal(np.hstack(signs), np.hstack(again))


def test_directions_are_taken_out():
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 2)))[0]
    columns = np.random.default_rng(1).normal(size=(6, 3))
    assert basis.T @ without(basis, columns) == pytest.approx(np.zeros((2, 3)), abs=1e-14)
    assert without(basis[:, :0], columns) is columns


def problem_of(sparse):
    class Arrays:
        lag = spectra() if sparse else Spectra(weights(), POSITION)
        error = None

    return Arrays()


def test_options_are_read_and_others_left():
    probing, rest = read_probing({"traces": "stochastic", "probes": 9, "lags": 2}, problem_of(True))
    assert (probing.exact, probing.probes, probing.seed, rest) == (False, 9, 0, {"lags": 2})
    assert read_probing({}, problem_of(True))[0].exact
    assert read_probing({"lags": 2}, problem_of(False)) == (None, {"lags": 2})


@pytest.mark.parametrize("config", [{"traces": "some"}, {"probes": 1}, {"seed": -1}, {"probes": 2.5}])
def test_unknown_options_are_refused(config):
    with pytest.raises(SpecificationError, match="unknown traces"):
        read_probing(config, problem_of(True))


def test_options_of_sparse_weights_alone():
    with pytest.raises(SpecificationError, match="sparse weights"):
        read_probing({"traces": "exact"}, problem_of(False))


def test_many_units_are_probed(monkeypatch):
    monkeypatch.setattr("yrdspatial.models.traces.EXACT", 10)
    assert not read_probing({}, problem_of(True))[0].exact
