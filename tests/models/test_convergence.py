"""Convergence with neighbours: least squares by hand, effects by dense inverses, known speeds recovered."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError, WeakIdentificationWarning, YrdSpatialError
from yrdspatial.models.convergence import spatial_convergence

UNITS, YEARS = [f"u{i:02d}" for i in range(30)], range(2001, 2018)
W = np.zeros((17, 30, 30))
for _t in range(17):
    W[_t] = (np.roll(np.eye(30), 1, axis=1) + np.roll(np.eye(30), -1 - (_t >= 8), axis=1)) / 2
WEIGHTS = yrd.WeightsSeries({year: pd.DataFrame(W[t], UNITS, UNITS) for t, year in enumerate(YEARS)})
B, THETA, RHO = -0.12, 0.04, 0.3


def synthetic(seed=1, noise=0.01):
    """Draw log levels whose annual growth is S_t^-1 (b y + theta W_t y + 0.05 x + effects + e)."""
    rng = np.random.default_rng(seed)
    level, x = [rng.normal(1.0, 0.5, 30)], rng.normal(size=(17, 30))
    unit = 0.05 * rng.normal(size=30) + 0.2
    for t in range(1, 17):
        right = (
            B * level[-1] + THETA * W[t] @ level[-1] + 0.05 * x[t - 1] + unit + noise * rng.normal(size=30)
        )
        level.append(level[-1] + np.linalg.solve(np.eye(30) - RHO * W[t], right))
    index = pd.MultiIndex.from_product([YEARS, UNITS], names=["year", "unit"])
    return pd.DataFrame({"y": np.exp(np.ravel(level)), "x": x.ravel(), "n": 1.0}, index).swaplevel()


def truth(years, pull=THETA):
    """Average direct and total effect of the initial level."""
    tables = [np.linalg.solve(np.eye(30) - RHO * W[t], B * np.eye(30) + pull * W[t]) for t in years]
    return np.mean([[np.trace(one) / 30, one.sum() / 30] for one in tables], axis=0)


def test_least_squares_by_hand_with_its_speed_and_half_life():
    data = synthetic()
    found = spatial_convergence(
        data, "y", weights=None, period=YEARS, controls=["x"], model="OLS", effects="pooled"
    )
    logs = np.log(data["y"].unstack("year").to_numpy())
    x = data["x"].unstack("year").to_numpy()
    right = np.column_stack([np.ones(480), logs[:, :-1].ravel(), x[:, :-1].ravel()])
    left = np.diff(logs, axis=1).ravel()
    b, sse, *_ = np.linalg.lstsq(right, left, rcond=None)
    error = np.sqrt(sse[0] / (480 - 3) * np.linalg.inv(right.T @ right)[1, 1])
    table = found.table.set_index("effect")
    assert table.loc["direct", "estimate"] == pytest.approx(b[1])
    assert table.loc["total", "std_error"] == pytest.approx(error, rel=2e-3)  # divisor n - k or n
    assert table.loc["indirect", "estimate"] == pytest.approx(0.0, abs=1e-12)
    speeds = found.speeds.set_index(["effect", "quantity"])
    c, e = table.loc["direct", "estimate"], table.loc["direct", "std_error"]
    assert speeds.loc[("direct", "speed"), "estimate"] == pytest.approx(-np.log(1 + c))
    assert speeds.loc[("direct", "speed"), "std_error"] == pytest.approx(e / (1 + c), rel=1e-6)
    speed = -np.log(1 + c)
    assert speeds.loc[("direct", "half_life"), "estimate"] == pytest.approx(np.log(2) / speed)
    expected = np.log(2) / speed**2 * e / (1 + c)
    assert speeds.loc[("direct", "half_life"), "std_error"] == pytest.approx(expected, rel=1e-5)


def test_one_interval_without_neighbours_is_absolute_convergence():
    data = synthetic()
    found = spatial_convergence(data, "y", weights=None, period=[2001, 2017], model="OLS", effects="pooled")
    plain = yrd.beta_convergence(data["y"], base=2001, end=2017)
    assert found.step == 16
    assert found.table.loc[0, "estimate"] == pytest.approx(plain.coefficient)
    assert found.speeds.loc[0, "estimate"] == pytest.approx(plain.speed)
    assert found.speeds.loc[1, "estimate"] == pytest.approx(plain.half_life)


def test_one_interval_takes_the_weights_of_its_last_year():
    data = synthetic()
    options = {"period": [2001, 2017], "model": "SAR", "effects": "pooled"}
    with pytest.warns(WeakIdentificationWarning, match="weakly identified"):
        by_year = spatial_convergence(data, "y", weights=WEIGHTS, **options)
    with pytest.warns(WeakIdentificationWarning, match="weakly identified"):
        last = spatial_convergence(data, "y", weights=pd.DataFrame(W[-1], UNITS, UNITS), **options)
    pd.testing.assert_frame_equal(by_year.table, last.table)


@pytest.mark.parametrize("model", ["SLX", "SAR", "SDM", "SDEM", "SEM"])
def test_the_coefficients_are_the_effects_of_the_initial_level(model):
    found = spatial_convergence(
        synthetic(), "y / n", weights=WEIGHTS, period=YEARS, controls=["x"], model=model
    )
    effects = found.results.impacts().table
    own = effects.loc[effects["variable"] == "initial"]
    np.testing.assert_allclose(found.table["estimate"], own["estimate"], atol=1e-10)
    np.testing.assert_allclose(found.table["std_error"], own["std_error"], rtol=1e-5, atol=1e-12)
    assert found.results.spec.terms == ("initial", "x")


def test_growth_and_dynamic_models_find_the_truth_where_there_is_little_noise():
    data = synthetic(noise=0.001)
    growth = spatial_convergence(data, "y", weights=WEIGHTS, period=YEARS, controls="x", effects="unit")
    direct, total = truth(range(1, 17))
    found = growth.table.set_index("effect")["estimate"]
    assert found["direct"] == pytest.approx(direct, abs=0.002)  # noise of 0.001 on 480 rows
    assert found["total"] == pytest.approx(total, abs=0.004)


def test_the_dynamic_coefficients_are_by_dense_inverses():
    data = synthetic(seed=2)
    found = spatial_convergence(data, "y", weights=WEIGHTS, period=YEARS, controls="x", model="dynamic_SDM")
    params = found.results.params
    assert list(params.index) == ["y_lag", "W_y_lag", "x", "W_x", "rho"]
    sums = np.zeros(2)
    for t in range(1, 17):
        A = np.linalg.solve(
            np.eye(30) - params["rho"] * W[t], params["y_lag"] * np.eye(30) + params["W_y_lag"] * W[t - 1]
        )
        sums += np.array([np.trace(A), A.sum()]) / 30 / 16
    table = found.table.set_index("effect")["estimate"]
    assert table["direct"] == pytest.approx(sums[0] - 1.0)
    assert table["total"] == pytest.approx(sums[1] - 1.0)
    assert not any("pulled down" in note for note in found.notes)
    alone = spatial_convergence(data, "y", weights=WEIGHTS, period=YEARS, model="dynamic_SAR")
    assert list(alone.results.params.index) == ["y_lag", "rho"]


def test_longer_intervals_take_what_stood_at_their_beginning():
    data = synthetic()
    found = spatial_convergence(data, "y", weights=WEIGHTS, period=range(2001, 2018, 4), controls="x")
    assert found.results.nobs == 120
    assert found.step == 4
    sample = found.results.design.sample
    assert list(sample.periods) == [2005, 2009, 2013, 2017]
    begin = data["x"].xs(2001, level="year").loc[UNITS]
    np.testing.assert_allclose(found.results.design.problem.X[0][:, 1], begin)
    growth = (np.log(data["y"].xs(2005, level="year")) - np.log(data["y"].xs(2001, level="year"))) / 4
    np.testing.assert_allclose(found.results.design.problem.y[0], growth.loc[UNITS])


def test_labels_decide_not_the_order_of_rows():
    data = synthetic()
    first = spatial_convergence(data, "y", weights=WEIGHTS, period=YEARS)
    second = spatial_convergence(data.sample(frac=1.0, random_state=1), "y", weights=WEIGHTS, period=YEARS)
    pd.testing.assert_frame_equal(first.table, second.table, atol=1e-9)


def test_what_does_not_apply_is_left_out_and_said():
    rng = np.random.default_rng(3)
    index = pd.MultiIndex.from_product([UNITS, [2001, 2021]], names=["unit", "year"])
    start = rng.normal(1.0, 0.5, 30)
    options = {"weights": None, "period": [2001, 2021], "model": "OLS", "effects": "pooled"}
    apart = np.column_stack([start, 2.0 * start + 0.01 * rng.normal(size=30)])
    found = spatial_convergence(pd.DataFrame({"y": np.exp(apart).ravel()}, index), "y", **options)
    assert found.speeds["quantity"].tolist() == ["speed", "speed"]
    assert "direct: no convergence: there is no half-life" in found.notes
    leap = np.column_stack([start, -0.5 * start + 0.01 * rng.normal(size=30)])
    found = spatial_convergence(pd.DataFrame({"y": np.exp(leap).ravel()}, index), "y", **options)
    assert found.speeds.empty
    assert any("beyond -1/20" in note for note in found.notes)


def test_the_shipped_panel_converges_slower_when_the_bias_is_removed():
    panel = yrd.load_panel()
    real = yrd.deflate(panel.frame["gdp"], panel.frame["gdp_index_prev100"], base=2019)
    panel = panel.assign(real=real)
    weights = yrd.rail_weights(yrd.travel_times(range(2010, 2023)))
    options = {"weights": weights, "period": range(2010, 2023)}
    growth = spatial_convergence(panel, "real / population_resident_adj", model="SDM", **options)
    dynamic = spatial_convergence(panel, "real / population_resident_adj", model="dynamic_SDM", **options)
    assert growth.table.loc[0, "estimate"] < dynamic.table.loc[0, "estimate"] < 0
    assert any("pulled down" in note for note in growth.notes)
    assert any("Chaohu" in note for note in growth.notes)
    assert repr(growth).startswith("<Convergence: direct -0.0")


def test_requests_that_make_no_sense_are_refused():
    data = synthetic()
    with pytest.raises(SpecificationError, match=r"model.*GNS"):
        spatial_convergence(data, "y", weights=WEIGHTS, period=YEARS, model="GNS")
    with pytest.raises(SpecificationError, match="evenly spaced"):
        spatial_convergence(data, "y", weights=WEIGHTS, period=[2001, 2003, 2004])
    with pytest.raises(SpecificationError, match="evenly spaced"):
        spatial_convergence(data, "y", weights=WEIGHTS, period=[2005])
    with pytest.raises(YrdSpatialError, match="controls"):
        spatial_convergence(data, "y", weights=WEIGHTS, period=YEARS, controls=[1.0])
    with pytest.raises(SpecificationError, match="needs weights"):
        spatial_convergence(data, "y", weights=None, period=YEARS)
    with pytest.raises(SpecificationError, match="break"):
        spatial_convergence(
            yrd.load_panel(), "va_tertiary", weights=None, period=range(2015, 2021), model="OLS"
        )
