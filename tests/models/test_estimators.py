"""Metamorphic tests of the estimators: what must not matter does not."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, SpecificationError, WeakIdentificationWarning
from yrdspatial.weights.series import WeightsSeries

MODELS = (yrd.OLS, yrd.SLX, yrd.SAR, yrd.SEM, yrd.SDM, yrd.SDEM, yrd.SAC, yrd.GNS)
SPATIAL = ("W_", "rho")
FORMULA = "y ~ x1 + x2"
pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def numbers(results):
    """Collect everything that may not move."""
    table = results.impacts().table["estimate"].to_numpy()
    likelihood = [] if results.fit.loglik is None else [results.loglik]
    return np.concatenate([results.params, results.std_errors, [results.sigma2], likelihood, table])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", ["rows", "islands", "directed"])
def test_row_order_does_not_matter(panel, model, kind):
    simulated = panel(kind)
    results = model(simulated.data, FORMULA, weights=simulated.weights).fit()
    shuffled = simulated.data.sample(frac=1, random_state=0)
    again = model(shuffled, FORMULA, weights=simulated.weights).fit()
    assert numbers(again) == pytest.approx(numbers(results), abs=1e-10)
    assert again.resids.index.equals(shuffled.index)
    pd.testing.assert_series_equal(again.resids.loc[results.resids.index], results.resids)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", ["rows", "islands", "directed"])
def test_labels_and_order_of_units_do_not_matter(panel, model, kind):
    simulated = panel(kind)
    results = model(simulated.data, FORMULA, weights=simulated.weights).fit()
    order = np.random.default_rng(1).permutation(14)
    names = {f"u{i:02d}": f"v{order[i]:02d}" for i in range(14)}
    tables = {
        year: pd.DataFrame(w, list(names), list(names)).rename(index=names, columns=names).sort_index()
        for year, w in zip(range(2001, 2007), simulated.arrays["weights"], strict=True)
    }
    renamed = simulated.data.rename(index=names, level="unit")
    again = model(renamed, FORMULA, weights=WeightsSeries.from_frames(tables)).fit()
    assert numbers(again) == pytest.approx(numbers(results), abs=1e-8)  # another order of eigenvalues


@pytest.mark.parametrize("model", MODELS)
def test_constant_weights_in_three_forms(panel, model):
    simulated = panel("constant")
    graph = simulated.weights[2001]
    labels = simulated.weights.units
    table = pd.DataFrame(simulated.arrays["weights"][0], labels, labels)
    forms = (graph, simulated.weights, table)
    found = [numbers(model(simulated.data, FORMULA, weights=form).fit()) for form in forms]
    assert found[1] == pytest.approx(found[0], abs=1e-10)
    assert found[2] == pytest.approx(found[0], abs=1e-10)


@pytest.mark.parametrize("model", MODELS)
def test_scale_of_the_weights_moves_rho_and_theta_alone(panel, model):
    simulated = panel("directed")
    doubled = WeightsSeries.from_frames(
        {
            year: pd.DataFrame(2 * w, simulated.weights.units, simulated.weights.units)
            for year, w in zip(range(2001, 2007), simulated.arrays["weights"], strict=True)
        }
    )
    one = model(simulated.data, FORMULA, weights=simulated.weights).fit()
    two = model(simulated.data, FORMULA, weights=doubled).fit()
    scale = np.where(one.params.index.str.startswith(("W_", "rho", "lambda")), 0.5, 1.0)
    assert two.params.to_numpy() == pytest.approx(scale * one.params.to_numpy(), abs=1e-10)
    assert two.std_errors.to_numpy() == pytest.approx(scale * one.std_errors.to_numpy(), abs=1e-10)
    assert two.sigma2 == pytest.approx(one.sigma2, abs=1e-9)
    assert two.impacts().table["estimate"].to_numpy() == pytest.approx(
        one.impacts().table["estimate"].to_numpy()
    )


@pytest.mark.parametrize("model", MODELS)
def test_labels_of_years_do_not_matter(panel, model):
    simulated = panel("rows")
    results = model(simulated.data, FORMULA, weights=simulated.weights).fit()
    moved = simulated.data.rename(index={year: year + 100 for year in range(2001, 2007)}, level="year")
    tables = {year + 100: graph for year, graph in simulated.weights.items()}
    again = model(moved, FORMULA, weights=WeightsSeries(tables)).fit()
    assert numbers(again) == pytest.approx(numbers(results), abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("effects", ["unit", "twoways"])
def test_unit_effects_in_y_do_not_matter_under_constant_weights(panel, model, effects):
    simulated = panel("constant")
    results = model(simulated.data, FORMULA, weights=simulated.weights, effects=effects).fit()
    unit = simulated.data.index.get_level_values("unit").str[1:].astype(float)
    again = model(
        simulated.data.assign(y=simulated.data["y"] + 3 * unit),
        FORMULA,
        weights=simulated.weights,
        effects=effects,
    ).fit()
    assert numbers(again) == pytest.approx(numbers(results), abs=1e-8)


@pytest.mark.parametrize("model", MODELS)
def test_a_constant_in_y_does_not_matter_under_row_standardized_weights(panel, model):
    simulated = panel("rows")
    results = model(simulated.data, FORMULA, weights=simulated.weights).fit()
    again = model(simulated.data.assign(y=simulated.data["y"] + 7), FORMULA, weights=simulated.weights).fit()
    assert numbers(again) == pytest.approx(numbers(results), abs=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_units_of_measure_scale_coefficients(panel, model):
    simulated = panel("islands")
    one = model(simulated.data, FORMULA, weights=simulated.weights).fit()
    two = model(
        simulated.data.assign(x1=100 * simulated.data["x1"]), FORMULA, weights=simulated.weights
    ).fit()
    scale = np.where(one.params.index.str.endswith("x1"), 0.01, 1.0)
    assert two.params.to_numpy() == pytest.approx(scale * one.params.to_numpy(), rel=1e-8, abs=1e-10)
    assert two.sigma2 == pytest.approx(one.sigma2, rel=1e-9)


def test_a_panel_of_one_window_is_a_plain_panel(panel):
    simulated = panel("rows")
    data = simulated.data.assign(window="all")
    one = yrd.SDM(data, FORMULA, weights=simulated.weights, effects={"unit": "window", "time": True}).fit()
    two = yrd.SDM(data, FORMULA, weights=simulated.weights, effects="twoways").fit()
    assert numbers(one) == pytest.approx(numbers(two), abs=1e-12)


@pytest.mark.parametrize("estimator", [yrd.SAR, yrd.SEM, yrd.SDM, yrd.SDEM, yrd.SAC, yrd.GNS])
def test_pooled_data_need_no_adjustment(panel, estimator):
    simulated = panel("rows")
    model = estimator(simulated.data, FORMULA, weights=simulated.weights, effects="pooled")
    assert numbers(model.fit(bias="none")) == pytest.approx(numbers(model.fit()), abs=1e-12)
    assert model.fit().params.index[0] == "Intercept"


def test_one_cross_section(panel):
    simulated = panel("rows", units=40)
    year = simulated.data.xs(2003, level="year")
    results = yrd.SAR(year, FORMULA, weights=simulated.weights[2003], effects="pooled").fit()
    short = yrd.SAR(
        simulated.data.loc[pd.IndexSlice[:, [2003]], :], FORMULA, weights=simulated.weights, effects="pooled"
    ).fit()
    assert numbers(results) == pytest.approx(numbers(short), abs=1e-12)
    only = WeightsSeries({2003: simulated.weights[2003]})
    assert numbers(yrd.SAR(year, FORMULA, weights=only, effects="pooled").fit()) == pytest.approx(
        numbers(short)
    )
    for effects in ("twoways", "unit", "time"):
        with pytest.raises(SpecificationError, match="pooled"):
            yrd.SAR(year, FORMULA, weights=only, effects=effects)


def test_other_weights_for_x(panel):
    simulated, other = panel("rows"), panel("rows", seed=9)
    results = yrd.SDM(simulated.data, FORMULA, weights=simulated.weights, durbin_weights=other.weights).fit()
    expected = np.einsum("tij,tj->ti", other.arrays["weights"], simulated.arrays["x"][:, :, 0])
    assert results.design.problem.X[:, :, 2] == pytest.approx(expected)
    p, totals = results.params, []
    for W, V in zip(simulated.arrays["weights"], other.arrays["weights"], strict=True):
        S = np.linalg.inv(np.eye(14) - p["rho"] * W) @ (p["x1"] * np.eye(14) + p["W_x1"] * V)
        totals.append(S.sum() / 14)
    assert results.impacts().table["estimate"][2] == pytest.approx(np.mean(totals), abs=1e-10)


def test_weights_of_other_units_are_refused(panel):
    simulated = panel()
    with pytest.raises(AlignmentError, match="u03"):
        yrd.SAR(simulated.data.rename(index={"u03": "elsewhere"}), FORMULA, weights=simulated.weights)
    with pytest.raises(AlignmentError, match="2007"):
        yrd.SAR(simulated.data.rename(index={2006: 2007}), FORMULA, weights=simulated.weights)


@pytest.mark.parametrize("bad", [{"bias": "leeyu"}, {"cov_type": "magic"}])
def test_unknown_options_are_refused(panel, bad):
    with pytest.raises(SpecificationError, match="unknown"):
        yrd.SAR(panel().data, FORMULA, weights=panel().weights).fit(**bad)


def test_dense_weights_under_time_effects_are_warned_of(panel):
    simulated = panel("rows")
    dense = pd.DataFrame(1 / 13 * (1 - np.eye(14)), simulated.weights.units, simulated.weights.units)
    dense.iloc[0, 1] += 0.02
    with pytest.warns(WeakIdentificationWarning) as caught:
        results = yrd.SDM(simulated.data, FORMULA, weights=dense).fit()
    assert [str(one.message) for one in caught] == list(results.warnings)
    assert any("dense" in said and "effective neighbours of 14 units" in said for said in results.warnings)
    assert all("would help" in said for said in results.warnings)


@pytest.mark.parametrize(("kind", "low", "high"), [("constant", 0.47, 0.53), ("rows", 0.46, 0.54)])
def test_small_monte_carlo_without_bias(panel, kind, low, high):
    """30 panels of 20 x 10: the mean of rho is within three standard errors of 0.5; the direct ML is not."""
    adjusted, direct, sigma2 = [], [], []
    for seed in range(30):
        simulated = panel(kind, periods=10, units=20, rho=0.5, seed=100 + seed)
        model = yrd.SDM(simulated.data, FORMULA, weights=simulated.weights)
        results = model.fit()
        adjusted.append(results.params["rho"])
        sigma2.append(results.sigma2)
        direct.append(model.fit(bias="none").params["rho"])
    spread = np.std(adjusted) / np.sqrt(30)
    assert low < np.mean(adjusted) < high
    assert abs(np.mean(adjusted) - 0.5) < 3 * spread
    assert np.mean(direct) < np.mean(adjusted) - spread
    assert np.mean(sigma2) == pytest.approx(0.25, abs=0.015)


def test_arguments_a_model_has_no_use_for_are_refused(panel):
    simulated = panel()
    for model, bad in (
        (yrd.SAR, {"durbin": "x1"}),
        (yrd.SEM, {"durbin": ["x1"]}),
        (yrd.SAR, {"durbin_weights": simulated.weights}),
        (yrd.SDM, {"error_weights": simulated.weights}),
    ):
        with pytest.raises(SpecificationError, match="has no spatial"):
            model(simulated.data, FORMULA, weights=simulated.weights, **bad)
    for model in MODELS[1:]:
        with pytest.raises(SpecificationError, match="needs weights"):
            model(simulated.data, FORMULA)
    yrd.OLS(simulated.data, FORMULA)


@pytest.mark.parametrize("model", MODELS)
def test_names_of_parameters(panel, model):
    simulated = panel()
    names = model(simulated.data, FORMULA, weights=simulated.weights).fit().params.index.tolist()
    lagged = ["W_x1", "W_x2"] if model in {yrd.SLX, yrd.SDM, yrd.SDEM, yrd.GNS} else []
    rho = ["rho"] if model in {yrd.SAR, yrd.SDM, yrd.SAC, yrd.GNS} else []
    error = ["lambda"] if model in {yrd.SEM, yrd.SDEM, yrd.SAC, yrd.GNS} else []
    assert names == ["x1", "x2", *lagged, *rho, *error]


@pytest.mark.parametrize("model", [yrd.OLS, yrd.SEM])
def test_without_a_spatial_lag_there_is_no_indirect_effect(panel, model):
    simulated = panel()
    results = model(simulated.data, FORMULA, weights=simulated.weights).fit()
    table = results.impacts().table.set_index(["variable", "effect"])
    assert table.loc[("x1", "indirect"), ["estimate", "std_error", "zstat", "pvalue"]].tolist() == [
        0,
        0,
        0,
        1,
    ]
    assert table.loc[("x1", "direct"), "estimate"] == pytest.approx(results.params["x1"], rel=1e-14)
    assert table.loc[("x1", "total"), "std_error"] == pytest.approx(results.std_errors["x1"])


def test_local_spillovers_are_theta_times_the_mean_row_sum(panel):
    simulated = panel("islands")
    results = yrd.SDEM(simulated.data, FORMULA, weights=simulated.weights).fit()
    rows = simulated.arrays["weights"].sum(axis=2).mean()
    table = results.impacts().table.set_index(["variable", "effect"])
    assert table.loc[("x1", "indirect"), "estimate"] == pytest.approx(
        rows * results.params["W_x1"], abs=1e-12
    )


@pytest.mark.parametrize("model", [yrd.SEM, yrd.SDEM, yrd.SAC])
@pytest.mark.parametrize("effects", ["unit", "time", "twoways"])
def test_effects_are_recovered_with_a_spatial_error(panel, model, effects):
    """Y - rho W y - X beta - unit - time = u, and B u = resids."""
    simulated = panel("directed")
    results = model(simulated.data, FORMULA, weights=simulated.weights, effects=effects).fit()
    p, W = results.params, simulated.arrays["weights"]
    y = simulated.arrays["y"]
    u = y - p.get("rho", 0.0) * np.einsum("tij,tj->ti", W, y) - results.design.problem.X @ results.fit.beta
    if effects != "time":
        u = u - results.unit_effects.to_numpy()
    if effects != "unit":
        u = u - results.time_effects.to_numpy()[:, None]
    filtered = u - p["lambda"] * np.einsum("tij,tj->ti", W, u)
    assert filtered == pytest.approx(results.fit.residuals, abs=1e-9)
