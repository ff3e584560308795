"""The interpolated log-Jacobian against eigenvalues, determinants and the Jacobian of dense weights."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from yrdspatial.models.log_determinant import InterpolatedJacobian, log_jacobian, room_of
from yrdspatial.models.spectra import Jacobian, Spectra
from yrdspatial.models.within import Effects

PERIODS, UNITS = 4, 50
POSITION = np.array([0, 1, 1, 0])
EFFECTS = {
    "plain": None,
    "twoways": Effects.of(PERIODS, UNITS, unit=True, time=True),
    "unit": Effects.of(PERIODS, UNITS, unit=True, time=False),
    "windows and groups": Effects(np.array([0, 0, 1, 1]), np.arange(UNITS) % 2, unit=True, time=True),
}
SLOPE = 1e-8  # rounding of ln|S|, 1e-13, times the 1e4 that a derivative on a tenth of the interval costs


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr("yrdspatial.models.spectra.LARGE", 10)


def stack(kind):
    """Two synthetic matrices of different patterns."""
    rng = np.random.default_rng(3)
    links = (rng.random((2, UNITS, UNITS)) < 0.08).astype(float)
    links[:, np.arange(UNITS), np.roll(np.arange(UNITS), 1)] = 1.0
    links[:, np.arange(UNITS), np.arange(UNITS)] = 0.0
    if kind in {"symmetric", "rows"}:
        links = np.maximum(links, links.swapaxes(1, 2))
    if kind == "symmetric":
        return links
    if kind == "islands":
        links[0, :4] = 0.0
        links[:, :, 1] = 0.0
    return links / np.maximum(links.sum(axis=2, keepdims=True), 1.0)


def pair(kind):
    dense = stack(kind)
    return Spectra(dense, POSITION), Spectra(tuple(csr_array(one) for one in dense), POSITION)


@pytest.mark.parametrize("kind", ["rows", "asymmetric", "islands", "symmetric"])
@pytest.mark.parametrize("effects", EFFECTS.values(), ids=EFFECTS)
@pytest.mark.parametrize("share", [-0.8, 0.6])
def test_second_stage_is_the_jacobian_of_eigenvalues(kind, effects, share):
    dense, sparse = pair(kind)
    lower, upper = sparse.bounds
    rho = share * (upper if share > 0 else -lower)
    exact, near = Jacobian.of(dense, effects), InterpolatedJacobian.of(sparse, effects).near(rho)
    for point in (rho, rho + 0.05 * room_of(sparse, rho)):
        assert near.exact_at(point)
        assert near.value(point) == pytest.approx(exact.value(point), abs=1e-10)
        where = np.array([point])
        assert near.slope(where) == pytest.approx(exact.slope(where), rel=SLOPE, abs=SLOPE)
        assert near.curvature(point) == pytest.approx(exact.curvature(point), rel=1e-7)
    assert near.value(0.5 * rho) == pytest.approx(exact.value(0.5 * rho), abs=1e-10)


@pytest.mark.parametrize("share", [-0.7, 0.2, 0.8])
def test_error_of_the_log_determinant_is_below_its_bound(share):
    dense, sparse = pair("rows")
    lower, upper = sparse.bounds
    rho = share * (upper if share > 0 else -lower)
    near = InterpolatedJacobian.of(sparse, None).near(rho)
    points = np.linspace(near.fine.lower, near.fine.upper, 41)
    logs = np.linalg.slogdet(np.eye(UNITS) - points[:, None, None, None] * dense.matrices)[1] @ dense.years_of
    assert np.abs([near.value(float(p)) for p in points] - logs).max() <= near.error < 1e-9
    assert f"{near.error:.0e}" in near.method


def test_no_bound_where_complex_eigenvalues_leave_none():
    _, sparse = pair("asymmetric")
    lower, upper = sparse.bounds
    assert lower < -upper
    beyond = InterpolatedJacobian.of(sparse, None).near(0.5 * (lower - upper))
    assert np.isnan(beyond.error)
    assert "checked" in beyond.method


def test_first_stage_knows_where_about():
    dense, sparse = pair("rows")
    coarse, exact = InterpolatedJacobian.of(sparse, None), Jacobian.of(dense, None)
    where = np.linspace(*sparse.bounds, 22)[2:-2]
    assert not coarse.exact_at(0.3)
    assert np.isnan(coarse.reach).all()
    assert coarse.slope(where) == pytest.approx(exact.slope(where), rel=0.02, abs=1.0)
    assert coarse.curvature(0.3) == pytest.approx(
        exact.curvature(0.3), rel=0.3
    )  # to find it, not to report it
    assert coarse.value(0.3) == pytest.approx(exact.value(0.3), abs=1e-11)


def test_the_kind_of_weights_chooses():
    dense, sparse = pair("rows")
    assert isinstance(log_jacobian(dense, None), Jacobian)
    assert isinstance(log_jacobian(sparse, None), InterpolatedJacobian)
    exact = log_jacobian(dense, None)
    assert exact.near(0.3) is exact
    assert exact.exact_at(0.3)
    assert exact.method == "eigenvalues"
    assert exact.reach == (-np.inf, np.inf)
