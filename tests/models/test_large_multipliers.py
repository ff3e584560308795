"""Multipliers of many units against those of dense inverses."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from yrdspatial.models.large_multipliers import FlatMultipliers, LargeMultipliers, multipliers_of
from yrdspatial.models.multipliers import Multipliers
from yrdspatial.models.spectra import Spectra

PERIODS, UNITS = 4, 30
POSITION, OTHER = np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1])
SHARES = np.vstack([np.full(PERIODS, 0.25), np.eye(PERIODS)])
AGREE = 1e-9  # rounding of ln|S| times the cost of two derivatives


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr("yrdspatial.models.spectra.LARGE", 10)


def stack(seed):
    """Two synthetic matrices, one with islands."""
    links = (np.random.default_rng(seed).random((2, UNITS, UNITS)) < 0.12).astype(float)
    links[:, np.arange(UNITS), np.arange(UNITS)] = 0.0
    links[0, 3] = 0.0
    return links / np.maximum(links.sum(axis=2, keepdims=True), 1.0)


def pair(seed, position):
    dense = stack(seed)
    return Spectra(dense, position), Spectra(tuple(csr_array(one) for one in dense), position)


@pytest.mark.parametrize("other", [False, True])
def test_values_and_slopes(other):
    (dense, sparse), (dense_x, sparse_x) = pair(1, POSITION), pair(2, OTHER)
    exact = Multipliers.of(dense, dense_x if other else dense, SHARES)
    found = multipliers_of(sparse, sparse_x if other else sparse, SHARES)
    assert isinstance(found, LargeMultipliers)
    assert found.same is not other
    for rho in (np.array([0.4]), np.array([-0.3, 0.1, 0.5]), np.linspace(-0.9, 0.95, 9)):
        for one, two in zip(exact.at(rho), found.at(rho), strict=True):
            assert two == pytest.approx(one, abs=AGREE)
    for rho in (-0.4, 0.0, 0.6):
        for one, two in zip(exact.slope(rho), found.slope(rho), strict=True):
            assert two == pytest.approx(one, abs=1e-7)
    assert found.trace_error(0.4) == 0.0


def test_a_model_without_weights_of_x_takes_those_of_y():
    dense, sparse = pair(1, POSITION)
    found = multipliers_of(sparse, None, SHARES)
    own = Multipliers.of(dense, None, SHARES).at(np.array([0.4]))[0]
    assert found.at(np.array([0.4]))[0] == pytest.approx(own, abs=AGREE)


def test_a_model_without_a_lag_has_flat_multipliers():
    dense, sparse = pair(1, POSITION)
    found, exact = multipliers_of(None, sparse, SHARES), Multipliers.of(None, dense, SHARES)
    assert isinstance(found, FlatMultipliers)
    for one, two in zip(exact.at(np.zeros(2)), found.at(np.zeros(2)), strict=True):
        assert two == pytest.approx(one, abs=1e-14)
    assert not np.any(found.slope(0.0))


def test_probes_come_within_their_standard_error(monkeypatch):
    monkeypatch.setattr("yrdspatial.models.large_multipliers.EXACT", 10)
    (dense, sparse), (dense_x, sparse_x) = pair(1, POSITION), pair(2, OTHER)
    found = multipliers_of(sparse, sparse_x, SHARES)
    exact = Multipliers.of(dense, dense_x, SHARES).at(np.array([0.4]))[1][0, :, 0]
    error = found.trace_error(0.4)
    assert error > 0.0
    assert (np.abs(found.at(np.array([0.4]))[1][0, :, 0] - exact) < 4.0 * error).all()


def test_few_units_keep_their_inverses():
    dense, _ = pair(1, POSITION)
    assert isinstance(multipliers_of(dense, dense, SHARES), Multipliers)
