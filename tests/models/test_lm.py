"""The LM tests against formulas on N T x N T matrices and against other programs."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag

import yrdspatial as yrd
from yrdspatial.models.lm import (
    Residuals,
    Scores,
    adjusted_scores,
    paired_trace,
    projected_traces,
    published_scores,
    ratio_moments,
    symmetric,
)

REFERENCE = Path(__file__).parents[1] / "reference"


BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.append(str(BENCHMARKS))


def load(path):
    """Import a file by its path."""
    found = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


engine = load(REFERENCE / "dense_panel" / "engine.py")
size = load(BENCHMARKS / "test_size.py")

KINDS = ("constant", "rows", "islands", "symmetric", "directed")
EFFECTS = {
    "pooled": "pooled",
    "unit": "unit",
    "time": "time",
    "twoways": "twoways",
    "unit_window": {"unit": "window"},
    "unit_window_time": {"unit": "window", "time": True},
}
NAMES = ("LM lag", "LM error", "Robust LM lag", "Robust LM error", "LM SARMA")


def arrays_of(simulated, effects):
    """Problem and weights of a model with the effects asked for."""
    design = yrd.SAR(simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=effects).design
    return design.problem, design.problem.lag


class Dense:
    """The regression with explicit dummies, everything N T x N T."""

    def __init__(self, simulated, kind):
        y, x, W = (simulated.arrays[name] for name in ("y", "x", "weights"))
        T, N = y.shape
        windows = ["early" if t < 3 else "late" for t in range(T)]
        D = engine.independent(engine.dummies(kind, T, N, windows))
        self.X = x.reshape(T * N, -1)
        self.y, self.W, self.D = y.ravel(), block_diag(*W), D
        Z = np.hstack([D, self.X])
        self.M = np.eye(T * N) - engine.projector(Z)
        self.MD = np.eye(T * N) - engine.projector(D)
        self.e = self.M @ self.y
        self.df = T * N - Z.shape[1]


@pytest.mark.parametrize("kind", EFFECTS)
@pytest.mark.parametrize("weights", KINDS)
def test_adjusted_scores_are_those_of_the_dense_formulas(panel, weights, kind):
    simulated = panel(weights)
    dense = Dense(simulated, kind)
    M, W, e = dense.M, dense.W, dense.e
    sigma2 = e @ e / dense.df
    mean, A = np.trace(M @ W), M @ W @ M
    second = np.trace(A @ A) + np.trace(A @ A.T) + mean**2
    variance = dense.df**2 * (second / (dense.df * (dense.df + 2)) - (mean / dense.df) ** 2)
    fitted = dense.y - e
    scores = adjusted_scores(*arrays_of(simulated, EFFECTS[kind]))
    assert scores.error == pytest.approx(e @ W @ e / sigma2 - mean, abs=1e-8)
    assert scores.extra == pytest.approx(e @ W @ fitted / sigma2, abs=1e-8)
    assert scores.error_variance == pytest.approx(variance, rel=1e-9)
    assert scores.extra_variance == pytest.approx((M @ W @ fitted) @ (M @ W @ fitted) / sigma2, rel=1e-9)


@pytest.mark.parametrize("kind", EFFECTS)
@pytest.mark.parametrize("weights", KINDS)
def test_published_scores_are_those_of_the_dense_formulas(panel, weights, kind):
    """W on demeaned data, which are not demeaned again; moments as if there were neither X nor effects."""
    simulated = panel(weights)
    dense = Dense(simulated, kind)
    W, e = dense.W, dense.e
    pooled = kind == "pooled"
    X = np.hstack([dense.D, dense.X]) if pooled else dense.MD @ dense.X
    fitted = (dense.y if pooled else dense.MD @ dense.y) - e
    sigma2 = e @ e / e.size
    off = np.eye(e.size) - engine.projector(X)
    scores = published_scores(*arrays_of(simulated, EFFECTS[kind]))
    assert scores.error == pytest.approx(e @ W @ e / sigma2, rel=1e-9)
    assert scores.extra == pytest.approx(e @ W @ fitted / sigma2, abs=1e-8)
    assert scores.error_variance == pytest.approx(np.trace(W @ W + W.T @ W), rel=1e-12)
    assert scores.extra_variance == pytest.approx((off @ W @ fitted) @ (off @ W @ fitted) / sigma2, rel=1e-9)


@pytest.mark.parametrize("kind", EFFECTS)
def test_weights_of_two_eras(panel, kind):
    """Two distinct matrices for six years, an era reaching into both windows: sums over pairs of years by era."""
    simulated = panel("rows")
    eras = np.array([0, 0, 5, 5, 5, 0])
    simulated.arrays["weights"] = simulated.arrays["weights"][eras]
    frames = {2001 + t: simulated.weights[2001 + era] for t, era in enumerate(eras)}
    again = type(simulated)(simulated.data, yrd.WeightsSeries(frames), simulated.arrays)
    problem, spectra = arrays_of(again, EFFECTS[kind])
    dense = Dense(again, kind)
    assert len(spectra.matrices) == 2
    S = dense.W + dense.W.T
    first, second = projected_traces(symmetric(spectra), problem.effects, Residuals.of(problem).basis)
    assert first == pytest.approx(np.trace(dense.M @ S), abs=1e-9)
    assert second == pytest.approx(np.trace(dense.M @ S @ dense.M @ S), rel=1e-10)


def test_the_five_statistics_by_score_and_inverse_information():
    """Scores (rho, lambda) = (a + b, a), variances K + B and K, covariance K; robust forms by partial regression."""
    a, b, K, B = 1.3, -0.4, 2.0, 0.7
    found = Scores(a, b, K, B).statistics()
    score, J = np.array([a + b, a]), np.array([[K + B, K], [K, K]])
    assert found["LM lag"] == pytest.approx(score[0] ** 2 / J[0, 0])
    assert found["LM error"] == pytest.approx(score[1] ** 2 / J[1, 1])
    assert found["LM SARMA"] == pytest.approx(score @ np.linalg.solve(J, score))
    for name, one, two in (("Robust LM lag", 0, 1), ("Robust LM error", 1, 0)):
        slope = J[one, two] / J[two, two]
        partial = (score[one] - slope * score[two]) ** 2 / (J[one, one] - slope * J[one, two])
        assert found[name] == pytest.approx(partial)
    assert found["LM SARMA"] == pytest.approx(found["LM lag"] + found["Robust LM error"])
    assert found["LM SARMA"] == pytest.approx(found["LM error"] + found["Robust LM lag"])


def test_without_anything_beyond_the_error_robust_tests_do_not_exist():
    found = Scores(1.0, 0.0, 2.0, 0.0).statistics()
    assert found["LM lag"] == found["LM error"] == 0.5
    assert np.isnan([found[name] for name in ("Robust LM lag", "Robust LM error", "LM SARMA")]).all()


def test_a_constant_is_explained_by_row_standardized_weights(panel):
    """W yhat of y ~ 1 is a constant, so that only the plain tests exist; rounding does not bring them back."""
    simulated = panel("constant")
    problem = yrd.SAR(simulated.data, "y ~ 1", weights=simulated.weights, effects="pooled").design.problem
    for form in (published_scores, adjusted_scores):
        assert form(problem, problem.lag).extra_variance == 0.0


@pytest.mark.parametrize("kind", EFFECTS)
@pytest.mark.parametrize("weights", ["rows", "directed", "constant"])
def test_traces_between_projectors(panel, weights, kind):
    simulated = panel(weights)
    problem, spectra = arrays_of(simulated, EFFECTS[kind])
    dense = Dense(simulated, kind)
    left = Residuals.of(problem)
    S = dense.W + dense.W.T
    first, second = projected_traces(symmetric(spectra), problem.effects, left.basis)
    assert left.degrees_of_freedom == dense.df
    assert first == pytest.approx(np.trace(dense.M @ S), abs=1e-9)
    assert second == pytest.approx(np.trace(dense.M @ S @ dense.M @ S), rel=1e-10)
    MD = np.eye(dense.e.size) if kind == "pooled" else dense.MD
    cross = paired_trace(symmetric(spectra).matrices, spectra.matrices, spectra.position, problem.effects)
    assert cross == pytest.approx(np.trace(MD @ S @ MD @ dense.W), rel=1e-10)
    plain = paired_trace(symmetric(spectra).matrices, spectra.matrices, spectra.position, None)
    assert plain == pytest.approx(np.trace(S @ dense.W), rel=1e-12)


@pytest.mark.parametrize("effects", ["unit", "twoways"])
def test_moments_of_the_ratio_are_those_of_simulated_errors(panel, effects):
    """20,000 normal draws (seed 3): mean and variance of df e'W e / e'e, within four Monte Carlo errors."""
    simulated = panel("rows")
    problem, spectra = arrays_of(simulated, effects)
    dense = Dense(simulated, effects)
    u = np.random.default_rng(3).standard_normal((dense.e.size, 20_000))
    e = dense.M @ u
    ratio = dense.df * ((dense.W @ e) * e).sum(axis=0) / (e**2).sum(axis=0)
    mean, variance = ratio_moments(Residuals.of(problem), spectra, problem.effects)
    assert abs(ratio.mean() - mean) < 4 * np.sqrt(variance / ratio.size)
    assert ratio.var() == pytest.approx(variance, rel=4 * np.sqrt(2.5 / ratio.size))


@pytest.mark.parametrize("effects", ["pooled", "unit", "twoways"])
def test_size_is_five_per_cent(effects):
    """300 synthetic panels without spatial correlation: each adjusted test rejects in 1.5 to 9.5 % at the 5 % level.

    The Monte Carlo error is 1.26 points, the band 2.8 to 3.6 of them wide; benchmarks/test_size.py does 2,000 draws.
    """
    table = size.rejections(effects, size.as_spectra(size.draw_weights("changing", 1)), 300, 11)
    assert table.loc["adjusted"].between(1.5, 9.5).all()


def test_published_form_is_oversized_under_time_effects():
    """Why the adjusted form exists: the published LM error rejects a true null in more than 10 % of panels."""
    table = size.rejections("twoways", size.as_spectra(size.draw_weights("constant", 1)), 300, 11)
    assert table.loc["published", "LM error"] > 10.0
    assert isinstance(table, pd.DataFrame)
    assert list(table.columns) == list(NAMES)
