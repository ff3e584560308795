"""Windows that differ between units: dense matrices, the product form where it holds, and a simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import logm
from scipy.optimize import minimize_scalar

import yrdspatial as yrd
from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.models.blocks import Blocks
from yrdspatial.models.likelihood import fit_lag
from yrdspatial.models.model import estimate
from yrdspatial.models.spectra import Jacobian, Spectra
from yrdspatial.models.within import Effects

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"
T, N = 6, 14


def by_unit(simulated):
    """Give half the units a break in 2004, the others one in 2005, and two none."""
    units = simulated.data.index.get_level_values("unit")
    years = simulated.data.index.get_level_values("year")
    start = pd.Series(np.where(np.arange(N) % 2, 2004, 2005), simulated.weights.units)
    start.iloc[:2] = 2010
    later = years >= start.reindex(units).to_numpy()
    return replace(simulated, data=simulated.data.assign(window=np.where(later, "late", "early")))


def projector(effects):
    """M by all dummies in the open."""
    columns = [((effects.cells == w) & (np.arange(N) == i)).ravel() for w in (0, 1) for i in range(N)]
    if effects.time:
        columns += [np.repeat(np.arange(T) == t, N) for t in range(T)]
    D = np.stack(columns, axis=1).astype(float)
    return np.eye(T * N) - D @ np.linalg.pinv(D)


def block(matrices):
    out = np.zeros((T * N, T * N))
    for t, matrix in enumerate(matrices):
        out[t * N : t * N + N, t * N : t * N + N] = matrix
    return out


@pytest.mark.parametrize("time", [False, True])
@pytest.mark.parametrize("kind", ["rows", "directed", "islands", "constant"])
def test_the_jacobian_is_that_of_matrix_logarithms(panel, kind, time):
    """J = tr(M ln S), J' = -tr(M G), J'' = -tr(M G^2); 1e-8 is what 48 nodes and logm leave."""
    simulated = by_unit(panel(kind))
    effects = yrd.OLS(
        simulated.data, FORMULA, effects={"unit": "window", "time": time}
    ).design.problem.effects
    assert effects.cells is not None
    W, M = simulated.arrays["weights"], projector(effects)
    jacobian = Jacobian.of(Spectra.of(W, np.arange(T)), effects)
    for rho in (-0.4, 0.3, 0.6):
        S = np.eye(N) - rho * W
        G = block(W @ np.linalg.inv(S))
        assert jacobian.value(rho) == pytest.approx(np.trace(M @ block([logm(s).real for s in S])), abs=1e-8)
        assert jacobian.slope(np.array([rho]))[0] == pytest.approx(np.trace(M @ G), rel=1e-9, abs=1e-9)
        assert jacobian.curvature(rho) == pytest.approx(np.trace(M @ G @ G), rel=1e-9, abs=1e-9)


def test_blocks_of_one_matrix_are_summed():
    W = np.array([[0.0, 1.0], [1.0, 0.0]])
    effects = Effects(
        np.zeros(4, int), np.zeros(2, int), unit=True, time=False, cells=np.array([[0, 0]] * 3 + [[0, 1]])
    )
    blocks = Blocks.of(W[None], np.zeros(4, dtype=np.intp), effects, (-1.0, 1.0))
    assert blocks.blocks[0] == pytest.approx(np.diag([1.0, 2.0]))  # one effect of unit 0, two of unit 1


@pytest.mark.parametrize("effects", [{"unit": "window"}, {"unit": "window", "time": True}])
def test_lag_model_with_dense_matrices(panel, effects):
    """Score, information and variance of the score in N T x N T matrices, at the estimates."""
    simulated = by_unit(panel("rows"))
    results = yrd.SAR(simulated.data, FORMULA, weights=simulated.weights, effects=effects).fit()
    problem = results.design.problem
    M, W = projector(problem.effects), block(simulated.arrays["weights"])
    rho, s2 = results.params["rho"], results.sigma2
    y, X = problem.y.ravel(), problem.X.reshape(T * N, -1)
    e = M @ (y - rho * W @ y - X @ results.fit.beta)
    G = W @ np.linalg.inv(np.eye(T * N) - rho * W)
    assert e == pytest.approx(results.fit.residuals.ravel(), abs=1e-9)
    assert X.T @ e == pytest.approx([0.0, 0.0], abs=1e-9)
    assert (M @ W @ y) @ e / s2 == pytest.approx(np.trace(M @ G), rel=1e-8)
    assert s2 == pytest.approx(e @ e / np.trace(M), rel=1e-10)
    eta = M @ (W @ y - G @ e)
    columns = np.column_stack([M @ X, eta])
    A = np.zeros((4, 4))
    A[:3, :3] = columns.T @ columns / s2
    A[2, 2] += np.trace(M @ G.T @ M @ G) + np.trace(M @ G @ G)
    A[2, 3] = A[3, 2] = np.trace(M @ G) / s2
    A[3, 3] = np.trace(M) / (2 * s2**2)
    B = A.copy()
    B[2, 2] += np.trace(M @ G @ M @ G) - np.trace(M @ G @ G)
    inverse = np.linalg.inv(A)
    assert results.covariance == pytest.approx(inverse @ B @ inverse, rel=1e-8)


@pytest.mark.parametrize("model", ["SEM", "SDEM"])
def test_error_model_has_the_density_of_contrasts(panel, model):
    """The estimate maximizes the density of K'y, K an orthonormal basis of what the dummies leave."""
    simulated = by_unit(panel("rows"))
    effects = {"unit": "window", "time": True}
    results = getattr(yrd, model)(simulated.data, FORMULA, weights=simulated.weights, effects=effects).fit()
    problem = results.design.problem
    values, vectors = np.linalg.eigh(projector(problem.effects))
    K = vectors[:, values > 0.5]
    W, y, X = block(simulated.arrays["weights"]), problem.y.ravel(), problem.X.reshape(T * N, -1)

    def minus(value):
        inverse = np.linalg.inv(np.eye(T * N) - value * W)
        variance = K.T @ inverse @ inverse.T @ K
        root = np.linalg.cholesky(variance)
        x, z = np.linalg.solve(root, K.T @ X), np.linalg.solve(root, K.T @ y)
        left = z - x @ np.linalg.lstsq(x, z, rcond=None)[0]
        count = len(z)
        logdet = 2 * np.log(np.diag(root)).sum()
        return 0.5 * (logdet + count * (np.log(2 * np.pi * left @ left / count) + 1))

    found = minimize_scalar(minus, bounds=(-0.9, 0.95), method="bounded", options={"xatol": 1e-10})
    assert results.params["lambda"] == pytest.approx(found.x, abs=1e-5)
    assert results.loglik == pytest.approx(-found.fun, rel=1e-8)


@pytest.mark.parametrize("kind", ["rows", "constant"])
@pytest.mark.parametrize("name", ["OLS", "SAR", "SDM", "SEM", "SAC", "border"])
def test_the_block_form_is_the_product_form_when_windows_are_common(panel, kind, name):
    simulated = panel(kind)
    effects = {"unit": "window", "time": True}
    weights = simulated.weights
    if name == "border":
        halves = [
            np.where(np.indices((N, N)).sum(axis=0) % 2 == odd, simulated.arrays["weights"], 0.0)
            for odd in (0, 1)
        ]
        labels = simulated.weights.units
        weights = {
            part: yrd.WeightsSeries.from_frames(
                {year: pd.DataFrame(w, labels, labels) for year, w in zip(weights.years, half, strict=True)}
            )
            for part, half in zip(("within", "across"), halves, strict=True)
        }
    given = {} if name == "OLS" else {"weights": weights}
    model = yrd.SAR if name == "border" else getattr(yrd, name)
    problem = model(simulated.data, FORMULA, effects=effects, **given).design.problem
    cells = np.broadcast_to(problem.effects.windows[:, None], (T, N))
    general = replace(problem, effects=replace(problem.effects, cells=cells))
    for observed in (False, True):
        one, first = estimate(problem, observed=observed)
        two, second = estimate(general, observed=observed)
        assert [*two.beta, *two.spatial, two.sigma2] == pytest.approx(
            [*one.beta, *one.spatial, one.sigma2], rel=1e-7
        )
        assert second.covariance() == pytest.approx(first.covariance(), rel=1e-5, abs=1e-10)
    if one.loglik is not None:
        assert two.loglik == pytest.approx(one.loglik, rel=1e-8)


def test_labels_and_what_is_refused(panel):
    simulated = by_unit(panel("rows"))
    effects = {"unit": "window", "time": True}
    results = yrd.SDM(simulated.data, FORMULA, weights=simulated.weights, effects=effects).fit(
        cov_type="cluster"
    )
    assert results.spec.effects == "unit x window, time"
    assert results.degrees_of_freedom == T * N - (2 * N - 2) - (T - 1)
    unit = results.unit_effects
    assert np.isnan(unit["u00", "late"])
    assert unit.notna().sum() == 2 * N - 2
    assert "Lee-Yu" not in str(results.summary)
    assert np.isfinite(results.impacts().table["std_error"]).all()
    with pytest.raises(SpecificationError, match="differ between units"):
        yrd.lm_tests(simulated.data, FORMULA, weights=simulated.weights, effects=effects)
    with pytest.raises(SpecificationError, match="common to all units"):
        yrd.SAR(simulated.data, FORMULA, weights=simulated.weights, effects=effects, dynamic=("y",)).fit()
    dynamic = yrd.SAR(simulated.data, FORMULA, weights=simulated.weights, effects=effects, dynamic=("y",))
    assert np.isfinite(dynamic.fit(bias="none").params).all()
    lone = simulated.data.copy()
    lone.loc[("u05", 2001), "window"] = "first"
    with pytest.raises(SpecificationError, match=r"two periods \[u05 first"):
        yrd.SAR(lone, FORMULA, weights=simulated.weights, effects=effects)
    lone.loc[("u05", 2001), "window"] = None
    with pytest.raises(GapError, match="no value of window"):
        yrd.SAR(lone, FORMULA, weights=simulated.weights, effects=effects)


def test_the_bias_is_gone(panel):
    """200 panels: the mean of rho within three errors of the truth, that of the dummy-variable maximum is not."""
    simulated = by_unit(panel("rows"))
    problem = yrd.SAR(
        simulated.data, FORMULA, weights=simulated.weights, effects={"unit": "window", "time": True}
    ).design.problem
    rng = np.random.default_rng(4)
    S = np.eye(N) - 0.4 * simulated.arrays["weights"]
    found = {True: [], False: []}
    for _ in range(200):
        e = 0.5 * rng.normal(size=(T, N))
        y = np.linalg.solve(S, (problem.X @ [1.0, -0.7] + e)[:, :, None])[:, :, 0]
        for adjusted, values in found.items():
            values.append(fit_lag(replace(problem, y=y, adjusted=adjusted)).spatial[0])
    error = np.std(found[True]) / np.sqrt(200)
    assert abs(np.mean(found[True]) - 0.4) < 3 * error
    assert np.mean(found[False]) - 0.4 < -3 * error
