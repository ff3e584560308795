"""Models with endogenous regressors: other programs, a second implementation with dummies, labels, refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import GapError, SpecificationError, WeakIdentificationWarning
from yrdspatial.models.instrumental import equation_of

EXPECTED = json.loads(
    (Path(__file__).parents[1] / "reference" / "linearmodels_iv" / "expected.json").read_text("utf-8")
)
SETTINGS = {"one": ("lpcap",), "two": ("lpcap", "lemp")}
LAGS = ("L(lpcap)", "L(lemp)", "L(unemp)")
RTOL = 1e-7  # the dummies of the other program cost it some digits


@pytest.fixture(params=["one", "two"])
def munnell(request, case):
    model = yrd.S2SLS(
        case("e02_munnell").data,
        "y ~ lpc + unemp + lpcap + lemp",
        endogenous=SETTINGS[request.param],
        instruments=LAGS,
        spatial_lag=False,
    )
    return model, EXPECTED[request.param], SETTINGS[request.param]


def close(series, expected, rtol=RTOL):
    np.testing.assert_allclose(series[list(expected)], list(expected.values()), rtol=rtol)


def test_two_stage_least_squares_with_dummies_by_linearmodels(munnell):
    model, expected, _ = munnell
    for cov_type in ("homoskedastic", "robust"):
        results = model.fit(cov_type=cov_type)
        close(results.params, expected["dummies"][cov_type]["params"])
        close(results.std_errors, expected["dummies"][cov_type]["std_errors"])
    assert model.fit().sigma2 == pytest.approx(expected["dummies"]["s2"], rel=RTOL)


def test_tests_of_linearmodels_but_for_its_variance_over_n(munnell):
    model, expected, endogenous = munnell
    results, found = model.fit(), expected["dummies"]
    share = results.degrees_of_freedom / results.nobs
    assert results.overidentification.statistic == pytest.approx(found["sargan"] * share, rel=RTOL)
    assert results.overidentification.df == 3 - len(endogenous)
    assert results.endogeneity_test().statistic == pytest.approx(found["durbin"] * share, rel=RTOL)
    if len(endogenous) == 2:
        first = results.endogeneity_test(endogenous[0])
        assert first.statistic == pytest.approx(found["durbin_first"] * share, rel=RTOL)
    close(results.first_stage["partial_r2"], found["partial_r2"])


def test_first_stage_by_linearmodels(munnell):
    model, expected, _ = munnell
    close(model.fit().first_stage["F"], expected["dummies"]["first_stage_F"], rtol=1e-6)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("robust", "robust"), ("robust", "iterated"), ("cluster", "cluster")]
)
def test_generalized_moments_by_linearmodels(munnell, ours, theirs):
    model, expected, _ = munnell
    options = {"method": "gmm", "iterate": theirs == "iterated", "cov_type": ours, "small_sample": False}
    results, found = model.fit(**options), expected["demeaned"][theirs]
    close(results.params, found["params"], rtol=1e-6)
    close(results.std_errors, found["std_errors"], rtol=1e-6)
    assert results.overidentification.statistic == pytest.approx(found["j"], rel=1e-6)


def test_clustered_two_stage_least_squares_by_linearmodels(munnell):
    model, expected, _ = munnell
    results = model.fit(cov_type="cluster", small_sample=False)
    close(results.std_errors, expected["demeaned"]["2sls cluster"]["std_errors"], rtol=1e-6)


def test_one_cross_section_by_spreg(case):
    columbus = case("c01_columbus")
    options = {"weights": columbus.weights, "effects": "pooled"}
    both = yrd.S2SLS(columbus.data, "CRIME ~ INC + HOVAL", endogenous="HOVAL", instruments="OPEN", **options)
    with pytest.warns(WeakIdentificationWarning, match="instruments of HOVAL are weak"):
        compare_columbus(both.fit(), ["Intercept", "INC", "HOVAL", "rho"], "slx_lags=0")
    alone = yrd.S2SLS(columbus.data, "CRIME ~ INC", durbin=True, **options)
    with pytest.warns(WeakIdentificationWarning, match="instruments of rho are weak"):
        compare_columbus(alone.fit(), ["Intercept", "INC", "W_INC", "rho"], "slx_lags=1")


def compare_columbus(results, order, name):
    found = EXPECTED["columbus"][name]
    np.testing.assert_allclose(results.params[order], found["params"], rtol=1e-6)
    np.testing.assert_allclose(results.std_errors[order], found["std_errors"], rtol=1e-6)


def test_a_lag_alone_is_the_one_year_form_through_spreg(case):
    columbus = case("c01_columbus")
    ours = yrd.S2SLS(columbus.data, "CRIME ~ INC + HOVAL", weights=columbus.weights, effects="pooled").fit()
    theirs = yrd.cross_section(
        columbus.data, "CRIME ~ INC + HOVAL", weights=columbus.weights, method="gm_lag"
    )
    pd.testing.assert_series_equal(ours.params, theirs.params, rtol=1e-8)
    pd.testing.assert_series_equal(ours.std_errors, theirs.std_errors, rtol=1e-7)


@pytest.fixture
def simulated(panel):
    """Synthetic: x2 is endogenous, z moves it."""
    drawn = panel()
    rng = np.random.default_rng(8)
    data = drawn.data.copy()
    noise = rng.normal(size=(2, len(data)))
    data["z"] = data["x2"] + 0.5 * noise[0]
    data["y"] = data["y"] + 0.2 * noise[1]
    return data, drawn.weights


def second_implementation(data, weights, powers):
    """2SLS with W_t y and x2 endogenous on stacked rows: block-diagonal W, a dummy for each unit and year."""
    rows = data.swaplevel().sort_index()
    years, units = (rows.index.unique(k) for k in ("year", "unit"))
    W = np.zeros((len(rows), len(rows)))
    for t, year in enumerate(years):
        block = slice(t * len(units), (t + 1) * len(units))
        W[block, block] = weights.array(units=units, years=[year])[0]
    by_unit = np.kron(np.ones((len(years), 1)), np.eye(len(units)))
    dummies = np.hstack([by_unit, np.kron(np.eye(len(years))[:, 1:], np.ones((len(units), 1)))])
    y, x1, x2, z = (rows[[name]].to_numpy() for name in ("y", "x1", "x2", "z"))
    made = [np.linalg.matrix_power(W, p) @ column for p in range(1, powers + 1) for column in (x1, z)]
    X = np.hstack([x1, x2, W @ y, dummies])
    Z = np.hstack([x1, z, *made, dummies])
    P = Z @ np.linalg.solve(Z.T @ Z, Z.T)
    inverse = np.linalg.inv(X.T @ P @ X)
    params = inverse @ X.T @ P @ y
    errors = y - X @ params
    sigma2 = (errors**2).sum() / (len(y) - X.shape[1])
    return params[:3, 0], np.sqrt(sigma2 * np.diag(inverse)[:3]), (errors * (P @ errors)).sum() / sigma2


@pytest.mark.parametrize("lags", [1, 2])
def test_a_second_implementation_with_dummies_and_one_large_w(simulated, lags):
    data, weights = simulated
    model = yrd.S2SLS(data, "y ~ x1 + x2", weights=weights, endogenous="x2", instruments="z", lags=lags)
    results = model.fit()
    params, errors, sargan = second_implementation(data, weights, lags)
    np.testing.assert_allclose(results.params[["x1", "x2", "rho"]], params, rtol=1e-8)
    np.testing.assert_allclose(results.std_errors[["x1", "x2", "rho"]], errors, rtol=1e-8)
    assert results.overidentification.statistic == pytest.approx(sargan, rel=1e-7)


def test_rows_and_units_in_any_order_give_the_same(simulated):
    data, weights = simulated
    names = {name: f"v{99 - int(name[1:])}" for name in data.index.unique("unit")}
    mixed = data.sample(frac=1.0, random_state=3)
    turned = mixed.rename(index=names, level="unit")
    labels = [names[unit] for unit in weights.units]
    tables = {year: pd.DataFrame(weights.array(years=[year])[0], labels, labels) for year in weights.years}
    options = {"endogenous": "x2", "instruments": "z"}
    for fit in ({}, {"method": "gmm", "cov_type": "robust"}):
        plain = yrd.S2SLS(data, "y ~ x1 + x2", weights=weights, **options).fit(**fit)
        again = yrd.S2SLS(mixed, "y ~ x1 + x2", weights=weights, **options).fit(**fit)
        moved = yrd.S2SLS(
            turned, "y ~ x1 + x2", weights=yrd.WeightsSeries.from_frames(tables), **options
        ).fit(**fit)
        np.testing.assert_allclose(again.params, plain.params, rtol=1e-10)
        np.testing.assert_allclose(moved.params, plain.params, rtol=1e-9)
        np.testing.assert_allclose(moved.cov, plain.cov, rtol=1e-8)
        pd.testing.assert_series_equal(again.resids.sort_index(), plain.resids.sort_index(), rtol=1e-8)


def test_lags_are_formed_before_the_effects_are_taken_out(simulated):
    data, weights = simulated
    shifted = data.assign(y=data["y"] + data.index.get_level_values("unit").str[1:].astype(int) * 5.0)
    model = yrd.S2SLS(shifted, "y ~ x1", weights=weights)
    problem = model.design.problem
    lag = np.einsum("tij,tj->ti", weights.array(units=model.design.sample.units), problem.y)
    net = lag - lag.mean(0) - lag.mean(1, keepdims=True) + lag.mean()
    np.testing.assert_allclose(model.equation.X[:, -1], net.ravel(), atol=1e-10)
    assert equation_of(model.design, model.instruments_used).degrees == problem.effects.degrees_of_freedom


@pytest.mark.parametrize("effects", ["pooled", "unit", "time", "twoways", {"unit": "window", "time": True}])
def test_an_exogenous_regressor_as_its_own_instrument_is_slx(simulated, effects):
    data, weights = simulated
    data = data.assign(same=data["x2"])
    model = yrd.S2SLS(
        data, "y ~ x1 + x2", weights=weights, effects=effects, endogenous="x2", instruments="same",
        spatial_lag=False, durbin=True,
    )  # fmt: skip
    least = yrd.SLX(data, "y ~ x1 + x2", weights=weights, effects=effects).fit()
    results = model.fit()
    pd.testing.assert_series_equal(results.params, least.params, rtol=1e-8)
    pd.testing.assert_series_equal(results.std_errors, least.std_errors, rtol=1e-8)
    assert results.endogenous == ("x2", "W_x2")


def test_lags_over_time_of_an_instrument_cost_periods_of_the_model(simulated):
    data, weights = simulated
    options = {"weights": weights, "endogenous": "x2", "durbin": "x1"}
    model = yrd.S2SLS(data, "y ~ x1 + x2", instruments="L(z)", **options)
    assert list(model.design.sample.periods) == list(range(2002, 2007))
    by_hand = data.assign(before=data.groupby(level="unit")["z"].shift(1)).dropna()
    same = yrd.S2SLS(by_hand, "y ~ x1 + x2", instruments="before", **options)
    kinds = {"effects": {"unit": "window", "time": True}}
    for one, two in (
        (model, same),
        (
            yrd.S2SLS(data, "y ~ x1 + x2", instruments="L(z)", **options, **kinds),
            yrd.S2SLS(by_hand, "y ~ x1 + x2", instruments="before", **options, **kinds),
        ),
    ):
        np.testing.assert_allclose(one.equation.X, two.equation.X, atol=1e-10)
        np.testing.assert_allclose(one.equation.Z, two.equation.Z, atol=1e-10)


def test_strong_instruments_undo_what_likelihood_gets_wrong(panel):
    drawn = panel(periods=40, units=30, seed=3)
    rng = np.random.default_rng(9)
    W, x = drawn.arrays["weights"], drawn.arrays["x"]
    z, e, v = rng.normal(size=(3, 40, 30))
    d = z + e + v
    y = np.linalg.solve(np.eye(30) - 0.4 * W, (x[:, :, 0] + d + e)[:, :, None])[:, :, 0]
    index = pd.MultiIndex.from_product([range(40), drawn.weights.units], names=["year", "unit"])
    columns = {"y": y, "x": x[:, :, 0], "d": d, "z": z}
    data = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index).swaplevel()
    tables = {t: pd.DataFrame(one, drawn.weights.units, drawn.weights.units) for t, one in enumerate(W)}
    weights = yrd.WeightsSeries.from_frames(tables)
    results = yrd.S2SLS(data, "y ~ x + d", weights=weights, endogenous="d", instruments="z").fit()
    for name, truth in {"x": 1.0, "d": 1.0, "rho": 0.4}.items():
        assert abs(results.params[name] - truth) < 3 * results.std_errors[name]
    assert yrd.SAR(data, "y ~ x + d", weights=weights).fit().params["d"] > 1.25
    assert results.endogeneity_test("d").pvalue < 1e-6
    assert not results.warnings


BAD = [
    ({"effects": "random"}, "instruments go with fixed effects"),
    ({"lags": 0}, "0 powers of W"),
    ({"lags": 1.5}, "1.5 powers of W"),
    ({"weights": None}, "needs weights"),
    ({"endogenous": "x3"}, r"endogenous names no term of X \[x3\]: choose among x1, x2"),
    ({"endogenous": ("x2", "x2")}, "each once"),
    ({"endogenous": "x2", "instruments": ()}, "need instruments of their own"),
    ({"spatial_lag": False, "endogenous": ()}, "nothing to instrument"),
    ({"instruments": "x1"}, "an instrument is a regressor"),
    ({"instruments": ("z", "z")}, "stands twice"),
    ({"endogenous": ("x1", "x2"), "spatial_lag": False}, r"too few instruments \[1 for x1, x2\]"),
    ({"instruments": "level"}, "leave nothing of an instrument"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_what_cannot_be_is_refused(simulated, options, message):
    data, weights = simulated
    data = data.assign(level=data.index.get_level_values("unit").str[1:].astype(float))
    asked = {"weights": weights, "endogenous": "x2", "instruments": "z", **options}
    with pytest.raises(SpecificationError, match=message):
        yrd.S2SLS(data, "y ~ x1 + x2", **asked)


def test_a_hole_in_an_instrument_is_named(simulated):
    data, weights = simulated
    data.loc[("u03", 2004), "z"] = np.nan
    with pytest.raises(GapError, match="z: u03 2004"):
        yrd.S2SLS(data, "y ~ x1 + x2", weights=weights, endogenous="x2", instruments="z")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "liml"}, "unknown method"),
        ({"cov_type": "conley"}, "unknown cov_type"),
        ({"iterate": True}, "no weights to renew"),
        ({"method": "gmm"}, "is 2sls"),
        ({"lags": 2}, "has no options"),
        ({"cov_type": "robust", "lags": 2}, "robust has no option lags"),
    ],
)
def test_fits_that_cannot_be_are_refused(simulated, options, message):
    data, weights = simulated
    model = yrd.S2SLS(data, "y ~ x1 + x2", weights=weights)
    with pytest.raises(SpecificationError, match=message):
        model.fit(**options)
