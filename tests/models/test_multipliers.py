"""Average multipliers against dense inverses."""

import numpy as np
import pytest

from yrdspatial.models.estimators import SDM
from yrdspatial.models.multipliers import Multipliers
from yrdspatial.models.spectra import Spectra

KINDS = ("constant", "rows", "islands", "symmetric", "directed")


def spectra_of(simulated):
    return SDM(simulated.data, "y ~ x1", weights=simulated.weights).design.problem.lag


def dense(lag, durbin, rho):
    """Mean diagonal and mean row sum of S^-1 and of S^-1 W_x for each period, shape (T, 2, 2)."""
    count = lag.shape[1]
    out = []
    for W, V in zip(lag, durbin, strict=True):
        inverse = np.linalg.inv(np.eye(count) - rho * W)
        out.append([[np.trace(A) / count, A.sum() / count] for A in (inverse, inverse @ V)])
    return np.array(out)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("own_weights", [False, True])
def test_multipliers_equal_dense_inverses(panel, kind, own_weights):
    lag = spectra_of(panel(kind))
    durbin = spectra_of(panel("rows", seed=8)) if own_weights else lag
    multipliers = Multipliers.of(lag, durbin, np.full((1, 6), 1 / 6))
    rho = np.array([0.8 * lag.bounds[0], -0.2, 0.0, 0.55, 0.9 * lag.bounds[1]])
    own, lagged = multipliers.at(rho)
    for m, value in enumerate(rho):
        expected = dense(lag.matrices[lag.position], durbin.matrices[durbin.position], value).mean(axis=0)
        assert own[m, 0] == pytest.approx(expected[0], abs=1e-10)
        assert lagged[m, 0] == pytest.approx(expected[1], abs=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_each_period_has_its_own_multiplier(panel, kind):
    lag = spectra_of(panel(kind))
    own, lagged = Multipliers.of(lag, lag, np.eye(6)).at(np.array([0.4]))
    expected = dense(lag.matrices[lag.position], lag.matrices[lag.position], 0.4)
    assert own[0] == pytest.approx(expected[:, 0], abs=1e-12)
    assert lagged[0] == pytest.approx(expected[:, 1], abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_slopes_are_derivatives(panel, kind):
    lag = spectra_of(panel(kind))
    multipliers = Multipliers.of(lag, lag, np.full((1, 6), 1 / 6))
    step = 1e-5
    up, down = (multipliers.at(np.array([0.3 + shift])) for shift in (step, -step))
    for slope, high, low in zip(multipliers.slope(0.3), up, down, strict=True):
        assert slope == pytest.approx((high[0] - low[0]) / (2 * step), rel=1e-8)


def test_many_draws_are_taken_in_blocks(panel, monkeypatch):
    lag = spectra_of(panel("directed"))
    multipliers = Multipliers.of(lag, lag, np.full((1, 6), 1 / 6))
    rho = np.linspace(-0.5, 0.9, 23)
    whole = multipliers.at(rho)
    monkeypatch.setattr("yrdspatial.models.multipliers.CHUNK", 6 * 14 * 5)
    blocks = multipliers.at(rho)
    assert blocks[0] == pytest.approx(whole[0], abs=1e-14)
    assert blocks[1] == pytest.approx(whole[1], abs=1e-14)


def test_without_a_lag_of_y_nothing_is_multiplied(panel):
    durbin = spectra_of(panel("directed"))
    own, lagged = Multipliers.of(None, durbin, np.full((1, 6), 1 / 6)).at(np.zeros(1))
    assert own[0, 0] == pytest.approx([1.0, 1.0])
    rows = durbin.matrices.sum(axis=(1, 2)).mean() / 14
    assert lagged[0, 0] == pytest.approx([0.0, rows])
    own, lagged = Multipliers.of(None, None, np.full((1, 6), 1 / 6)).at(np.zeros(1))
    assert own[0, 0] == pytest.approx([1.0, 1.0])


def test_pairs_of_weights_are_taken_once():
    W = np.array([[[0.0, 1.0], [1.0, 0.0]], [[0.0, 0.5], [0.5, 0.0]]])
    lag = Spectra.of(W, np.array([0, 0, 1, 1]))
    durbin = Spectra.of(W, np.array([0, 1, 1, 1]))
    multipliers = Multipliers.of(lag, durbin, np.full((1, 4), 0.25))
    assert len(multipliers.lag) == 3
    assert sorted(multipliers.shares[0].tolist()) == [0.25, 0.25, 0.5]
