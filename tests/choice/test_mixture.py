"""Mixtures of weights: the arrays, and the profile likelihood against Lee and Yu's transformation."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from yrdspatial.choice.candidates import read_rivals
from yrdspatial.choice.mixture import Mixture, Pair, Profile
from yrdspatial.errors import EstimationError
from yrdspatial.models.spectra import Spectra

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def mixture_of(panel, model="SAR", effects="twoways"):
    allowed = ("SAR", "SDM", "SEM", "SDEM", "SLX")
    read = read_rivals(panel.data, "y ~ x + z", panel.weights, model=model, effects=effects, allowed=allowed)
    one, two = read.values()
    spectra = [d.problem.lag or d.problem.error or d.durbin[0] for d in (one, two)]
    return Mixture(one.problem, two.problem, Pair.of(*spectra))


@pytest.mark.parametrize("model", ["SAR", "SDM"])
@pytest.mark.parametrize("share", [0.0, 0.35, 1.0])
def test_the_likelihood_is_that_of_the_transformed_cross_section(synthetic, lee_yu, model, share):
    panel = synthetic(theta=0.4)
    x, z, y = (panel.arrays[name] for name in ("x", "z", "y"))
    W = share * panel.arrays["ring"] + (1.0 - share) * panel.arrays["other"]
    columns = [x, z] + ([x @ W.T, z @ W.T] if model == "SDM" else [])
    other = lee_yu(W, y, columns)
    found = minimize_scalar(
        lambda r: -other.loglik(r), bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-10}
    )
    assert mixture_of(panel, model).loglik(share) == pytest.approx(-found.fun, rel=1e-9)


@pytest.mark.parametrize("model", ["SEM", "SDEM", "SLX"])
def test_other_models_have_their_own_likelihood_at_the_ends(synthetic, model):
    import yrdspatial as yrd

    panel = synthetic(theta=0.4)
    mixture = mixture_of(panel, model)
    for share, name in ((1.0, "ring"), (0.0, "other")):
        fit = getattr(yrd, model)(panel.data, "y ~ x + z", weights=panel.weights[name]).fit()
        assert mixture.loglik(share) == pytest.approx(fit.loglik, rel=1e-9)


def test_pairs_are_the_combinations_of_the_periods():
    rng = np.random.default_rng(1)
    A, B = rng.random((2, 4, 4)), rng.random((3, 4, 4))
    one, two = Spectra.of(A, np.array([0, 0, 1, 1])), Spectra.of(B, np.array([0, 1, 1, 2]))
    mixed = Pair.of(one, two).at(0.25)
    for t, (a, b) in enumerate(zip(one.position, two.position, strict=True)):
        assert mixed.matrices[mixed.position[t]] == pytest.approx(0.25 * A[a] + 0.75 * B[b])
    assert mixed.count == 4


def test_row_sums_are_compared_over_both():
    rows = np.full((1, 3, 3), 1.0 / 3.0)
    place = np.zeros(2, dtype=np.intp)
    island = rows * np.array([1.0, 1.0, 0.0])[:, None]
    assert Pair.of(Spectra.of(rows, place), Spectra.of(rows[:, ::-1], place)).equal_sums()
    assert not Pair.of(Spectra.of(rows, place), Spectra.of(island, place)).equal_sums()
    assert not Pair.of(Spectra.of(rows, place), Spectra.of(2.0 * rows, place)).equal_sums()


def test_a_model_without_likelihood_is_refused(synthetic, monkeypatch):
    from dataclasses import replace

    from yrdspatial.choice import mixture as module

    mixture, fit = mixture_of(synthetic()), module.fit_lag
    monkeypatch.setattr(module, "fit_lag", lambda problem: replace(fit(problem), loglik=None))
    with pytest.raises(EstimationError, match="no log-likelihood"):
        mixture.loglik(0.5)


def test_a_maximum_between_the_points_of_the_grid_is_found():
    profile = Profile.of(lambda share: -50.0 * (share - 0.3137) ** 2)
    assert profile.best == pytest.approx(0.3137, abs=1e-5)
    half = np.sqrt(0.5 * 3.841459 / 50.0)
    assert profile.interval(0.95) == pytest.approx((0.3137 - half, 0.3137 + half), abs=1e-5)
    assert profile.connected(0.95)


def test_ends_of_the_interval_are_ends_of_the_segment():
    rising = Profile.of(lambda share: 10.0 * share)
    assert (rising.best, rising.peak) == (1.0, 10.0)
    lower, upper = rising.interval(0.95)
    assert (lower, upper) == (pytest.approx(1.0 - 0.5 * 3.841459 / 10.0, abs=1e-5), 1.0)
    flat = Profile.of(lambda share: 0.01 * share)
    assert flat.interval(0.95) == (0.0, 1.0)


def test_a_narrow_hill_between_two_points_has_an_interval():
    profile = Profile.of(lambda share: -1e6 * (share - 0.512) ** 2)
    half = np.sqrt(0.5 * 3.841459 / 1e6)
    assert profile.interval(0.95) == pytest.approx((0.512 - half, 0.512 + half), abs=2e-6)
    assert profile.connected(0.95)


def test_two_hills_are_told():
    profile = Profile.of(lambda share: 5.0 * np.cos(4.0 * np.pi * share))
    assert not profile.connected(0.95)
    assert profile.interval(0.95) == (0.0, 1.0)
