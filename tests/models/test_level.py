"""Models free of levels: nothing hangs on the zero of a scale, where plain models do, and the truth is found."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.models.level import relative_lags, variables_of, varying
from yrdspatial.models.linear import fit_linear
from yrdspatial.models.within import dummy_basis
from yrdspatial.weights.series import WeightsSeries

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"
YEARS = tuple(range(2001, 2009))
UNITS = [f"u{i:02d}" for i in range(20)]


def draw_parts(rng, years=YEARS, units=UNITS):
    """Two weights by the joint row sum whose row sums change over the years."""
    N = len(units)
    near = np.triu(rng.random((N, N)) < 0.12, 1)
    far = np.triu(rng.random((N, N)) < 0.15, 1) & ~near
    out = {"near": {}, "far": {}}
    for t, year in enumerate(years):
        opened = np.triu(rng.random((N, N)) < 0.02 * t, 1)
        inner, outer = near | (far & opened), far & ~opened
        inner, outer = (part | part.T for part in (inner, outer))
        total = np.maximum((inner | outer).sum(axis=1, keepdims=True), 1)
        for name, part in (("near", inner), ("far", outer)):
            out[name][year] = pd.DataFrame(part / total, units, units)
    return {name: WeightsSeries.from_frames(tables) for name, tables in out.items()}


def draw_panel(rng, parts, rho=(0.4, 0.1), theta=(0.6, -0.3), noise=0.3):
    """Y = sum_q rho_q W_q y + x1 - 0.7 x2 + sum_q theta_q W_q x1 + unit and year effects + noise (synthetic)."""
    T, N = len(YEARS), len(UNITS)
    W = [part.array(UNITS, YEARS) for part in parts.values()]
    x = rng.normal(size=(T, N, 2)) + rng.normal(size=(1, N, 1))
    drift = rng.normal(size=(1, N)) + rng.normal(size=(T, 1)) + noise * rng.normal(size=(T, N))
    lagged = sum(c * (w @ x[:, :, :1])[:, :, 0] for c, w in zip(theta, W, strict=True))
    S = np.eye(N) - sum(c * w for c, w in zip(rho, W, strict=True))
    y = np.linalg.solve(S, (x @ [1.0, -0.7] + lagged + drift)[:, :, None])[:, :, 0]
    index = pd.MultiIndex.from_product([YEARS, UNITS], names=["year", "unit"])
    frame = pd.DataFrame({"y": y.ravel(), "x1": x[:, :, 0].ravel(), "x2": x[:, :, 1].ravel()}, index)
    return frame.swaplevel().sort_index()


@pytest.fixture
def world():
    rng = np.random.default_rng(11)
    parts = draw_parts(rng)
    return draw_panel(rng, parts), parts


def fit(estimator, data, parts, **how):
    return yrd.level_free(estimator, data, FORMULA, weights=parts, **how).fit()


def moved(data):
    """Another zero of y, and a growth of the regressors that all units share."""
    years = data.index.get_level_values("year").to_numpy(dtype=float)
    return data.assign(y=data["y"] + 7.0, x1=data["x1"] + (years - 2000) ** 1.5, x2=data["x2"] - 3.0)


@pytest.mark.parametrize("estimator", [yrd.SLX, yrd.SAR, yrd.SDM])
def test_estimates_do_not_hang_on_the_zero_of_a_scale(world, estimator):
    data, parts = world
    before, after = fit(estimator, data, parts), fit(estimator, moved(data), parts)
    kept = [name for name in before.params.index if not name.startswith("level_")]
    assert after.params[kept].to_numpy() == pytest.approx(before.params[kept].to_numpy(), abs=1e-8)
    assert after.std_errors[kept].to_numpy() == pytest.approx(before.std_errors[kept].to_numpy(), abs=1e-8)


def test_plain_models_do_hang_on_it(world):
    """The reason for all this: the same data in other units of measure, another answer by half a standard error."""
    data, parts = world
    before, after = (
        yrd.SDM(one, FORMULA, weights=parts, effects="twoways").fit() for one in (data, moved(data))
    )
    gap = (after.params - before.params).abs() / before.std_errors
    assert gap.max() > 0.5


def test_constant_row_sums_need_nothing(panel):
    """With rows that sum to one in every year the model is the plain one."""
    simulated = panel("rows")
    free = yrd.level_free(yrd.SDM, simulated.data, FORMULA, weights=simulated.weights).fit()
    plain = yrd.SDM(simulated.data, FORMULA, weights=simulated.weights).fit()
    assert free.params.to_numpy() == pytest.approx(plain.params.to_numpy(), abs=1e-9)
    assert free.params.index.tolist() == plain.params.index.tolist()


def test_one_weight_on_a_common_scale_has_a_level(world):
    data, parts = world
    results = yrd.level_free(yrd.SDM, data, FORMULA, weights=parts["near"]).fit()
    assert results.spec.terms == ("x1", "x2", "level_W")
    assert results.spec.durbin == ("x1", "x2")
    assert variables_of(results.spec) == ["x1", "x2"]
    again = yrd.level_free(yrd.SDM, moved(data), FORMULA, weights=parts["near"]).fit()
    assert again.params["rho"] == pytest.approx(results.params["rho"], abs=1e-8)


def test_slx_is_least_squares_on_dense_dummies(world):
    """Written out: deviations from the mean of the year, their lags, row sums, dummies, one lstsq."""
    data, parts = world
    results = fit(yrd.SLX, data, parts, durbin="x1")
    T, N = len(YEARS), len(UNITS)
    wide = {name: data[name].unstack("unit")[UNITS].to_numpy() for name in ("y", "x1", "x2")}
    relative = wide["x1"] - wide["x1"].mean(axis=1, keepdims=True)
    W = {name: part.array(UNITS, YEARS) for name, part in parts.items()}
    columns = [wide["x1"], wide["x2"], W["near"].sum(axis=2), W["far"].sum(axis=2)]
    columns += [(w @ relative[:, :, None])[:, :, 0] for w in W.values()]
    dummies = [np.kron(np.ones((T, 1)), np.eye(N)), np.kron(np.eye(T), np.ones((N, 1)))]
    matrix = np.column_stack([*(column.ravel() for column in columns), *dummies])
    found = np.linalg.lstsq(matrix, wide["y"].ravel(), rcond=None)[0]
    names = ["x1", "x2", "W_near_x1", "W_far_x1"]
    assert results.params[names].to_numpy() == pytest.approx(found[[0, 1, 4, 5]], abs=1e-8)


def test_order_of_rows_and_labels(world):
    data, parts = world
    straight = fit(yrd.SDM, data, parts)
    shuffled = fit(yrd.SDM, data.sample(frac=1, random_state=3), parts)
    assert shuffled.params.to_numpy() == pytest.approx(straight.params.to_numpy(), abs=1e-8)
    names = {unit: f"z{99 - int(unit[1:])}" for unit in UNITS}
    renamed = {
        name: WeightsSeries.from_frames(
            {
                year: pd.DataFrame(w, [*names.values()], [*names.values()])
                for year, w in zip(YEARS, part.array(UNITS), strict=True)
            }
        )
        for name, part in parts.items()
    }
    relabelled = fit(yrd.SDM, data.rename(index=names, level="unit"), renamed)
    assert relabelled.params.to_numpy() == pytest.approx(straight.params.to_numpy(), abs=1e-8)


def test_a_panel_is_as_good_as_a_frame(world):
    data, parts = world
    frame = fit(yrd.SDM, data, parts)
    panel = fit(yrd.SDM, yrd.Panel.from_frame(data), parts)
    assert panel.params.to_numpy() == pytest.approx(frame.params.to_numpy(), abs=1e-10)


def test_the_truth_is_found():
    """30 synthetic panels: means within three standard errors of rho (.4, .1) and theta (.6, -.3)."""
    rng = np.random.default_rng(21)
    parts = draw_parts(rng)
    names = ["rho_near", "rho_far", "W_near_x1", "W_far_x1"]
    found = np.array([fit(yrd.SDM, draw_panel(rng, parts), parts).params[names] for _ in range(30)])
    spread = found.std(axis=0, ddof=1) / np.sqrt(30)
    assert (np.abs(found.mean(axis=0) - [0.4, 0.1, 0.6, -0.3]) < 3 * spread).all()


@pytest.mark.parametrize("effects", ["pooled", "unit", "time", "twoways"])
def test_row_sums_that_effects_absorb_are_not_kept(world, effects):
    """Kept are as many as the rank that dense dummies leave of the row sums."""
    data, parts = world
    problem = yrd.SLX(data, FORMULA, weights=parts, effects=effects).design.problem
    sums = np.stack([part.array(UNITS, YEARS).sum(axis=2) for part in parts.values()], axis=2)
    sums = np.concatenate([sums, sums[:, :, :1] + sums[:, :, 1:] + 1.0, np.ones_like(sums[:, :, :1])], axis=2)
    basis = dummy_basis(problem.effects) if effects != "pooled" else np.full((160, 1), 1 / np.sqrt(160))
    flat = sums.reshape(160, -1)
    left = flat - basis @ (basis.T @ flat)
    kept = varying(sums, problem.effects)
    assert kept == [0, 1][: np.linalg.matrix_rank(left, tol=1e-6)]


def test_without_time_effects_lags_stay_as_they_are(world):
    data, parts = world
    request = yrd.level_free(yrd.SLX, data, FORMULA, weights=parts, effects="unit")
    sums = parts["near"].array(UNITS).sum(axis=2)
    index = pd.MultiIndex.from_product([UNITS, YEARS], names=["unit", "year"])
    columns = data.assign(level_near=pd.Series(sums.T.ravel(), index))
    formula = f"{FORMULA} + level_near"
    by_hand = yrd.SLX(columns, formula, weights=parts, effects="unit", durbin=["x1", "x2"])
    assert fit_linear(request.design.problem).beta == pytest.approx(fit_linear(by_hand.design.problem).beta)


def test_lags_of_deviations(world):
    data, parts = world
    design = yrd.SLX(data, FORMULA, weights=parts).design
    names = design.spec.regressors
    X, moved_lags = design.problem.X, relative_lags(design).problem.X
    own = X[:, :, names.index("x2")]
    W = parts["far"].array(UNITS, YEARS)
    expected = (W @ (own - own.mean(axis=1, keepdims=True))[:, :, None])[:, :, 0]
    assert moved_lags[:, :, names.index("W_far_x2")] == pytest.approx(expected, abs=1e-12)
    assert moved_lags[:, :, 0] == pytest.approx(X[:, :, 0])
