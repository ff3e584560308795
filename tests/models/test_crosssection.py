"""One cross-section by spreg: values of R, two-stage least squares by hand, labels, our own effects, refusals."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, EstimationError, SpecificationError
from yrdspatial.models.crosssection import cross_section

REFERENCE = Path(__file__).parents[1] / "reference" / "models"
FORMULAS = {
    "c01_columbus": "CRIME ~ INC + HOVAL",
    "c02_boston": "lCMEDV ~ CRIM + ZN + INDUS + CHAS + NOX2 + RM2 + AGE + lDIS + lRAD + TAX + PTRATIO + B + lLSTAT",
    "c04_ny_leukemia": "Z ~ PEXPOSURE + PCTAGE65P + PCTOWNHOME",
    "c09_columbus_anselin1988": "CRIME ~ INC + HOVAL",
}
TESTS = {
    "LMlag": "LM lag",
    "LMerr": "LM error",
    "RLMlag": "Robust LM lag",
    "RLMerr": "Robust LM error",
    "SARMA": "LM SARMA",
}
METHODS = ("ols", "gm_lag", "gm_error", "ml_lag", "ml_error")
LEFT_OUT = ("gmerror/se",)
"""R takes another sigma2 for its standard errors by generalized moments; coefficients and lambda agree."""
COLUMBUS = "CRIME ~ INC + HOVAL"


def read_checks(*parts):
    for file in sorted(REFERENCE.glob("*/checks.csv")):
        for row in pd.read_csv(file).itertuples():
            if any(part in row.path for part in parts) and not any(out in row.path for out in LEFT_OUT):
                yield pytest.param(file.parent.name, row, id=f"{file.parent.name}/{row.path}")


def weights_of(case, group):
    sums = case.weights.sum(axis=1)
    return case.weights if group == "models_B" else case.weights.div(sums.where(sums > 0, 1.0), axis=0)


@cache
def fitted(load, name, group, method):
    """Fit a cross-section of the reference cases.

    The instruments of R hold W times the constant as well where W is not row-standardized, so that its values for
    models_B are matched by hand in another test.
    """
    case = load(name)
    return cross_section(case.data, FORMULAS[name], weights=weights_of(case, group), method=method)


def by_hand(case, name, group, *, lag_constant):
    """Two-stage least squares with instruments X, W X, W W X; R lags the constant too when W is not standardized."""
    W = weights_of(case, group).to_numpy()
    terms = FORMULAS[name].split(" ~ ")[1].split(" + ")
    frame = case.data.reindex(weights_of(case, group).index)
    y, x = frame[FORMULAS[name].split(" ~ ")[0]].to_numpy(float), frame[terms].to_numpy(float)
    X = np.column_stack([np.ones(len(y)), x])
    lagged = X if lag_constant else x
    H = np.column_stack([X, W @ lagged, W @ W @ lagged])
    Z = np.column_stack([W @ y, X])
    fit = np.linalg.qr(H)[0]
    Zhat = fit @ (fit.T @ Z)
    beta = np.linalg.lstsq(Zhat, y)[0]
    u = y - Z @ beta
    s2 = u @ u / (len(y) - Z.shape[1])
    return beta, np.sqrt(s2 * np.diag(np.linalg.inv(Zhat.T @ Zhat))), u @ u


@pytest.mark.parametrize(("name", "row"), list(read_checks("/stsls/")))
def test_two_stage_least_squares_of_r(case, name, row):
    """R function stsls of spatialreg divides by N - K and puts rho first."""
    _, group, _, what, *rest = row.path.split("/")
    if group == "models_B":
        beta, errors, sse = by_hand(case(name), name, group, lag_constant=True)
        names = ["Rho", "(Intercept)", *FORMULAS[name].split(" ~ ")[1].split(" + ")]
        table = {"coef": dict(zip(names, beta, strict=True)), "se": dict(enumerate(errors)), "sse": sse}
    else:
        results = fitted(case, name, group, "gm_lag")
        ours = results.params.rename({"rho": "Rho", "Intercept": "(Intercept)"})
        errors = results.std_errors.to_numpy()
        table = {
            "coef": ours.to_dict(),
            "se": dict(enumerate([errors[-1], *errors[:-1]])),
            "sse": (results.resids**2).sum(),
        }
    value = table[what] if what == "sse" else table[what][rest[0] if what == "coef" else int(rest[0])]
    assert value == pytest.approx(row.value, rel=row.rtol, abs=row.atol)


def test_two_stage_least_squares_by_hand_with_binary_weights(case):
    name = "c04_ny_leukemia"
    beta, errors, sse = by_hand(case(name), name, "models_B", lag_constant=False)
    results = fitted(case, name, "models_B", "gm_lag")
    assert np.roll(results.params.to_numpy(), 1) == pytest.approx(beta, rel=1e-7)
    assert np.roll(results.std_errors.to_numpy(), 1) == pytest.approx(errors, rel=1e-7)
    assert (results.resids**2).sum() == pytest.approx(sse, rel=1e-8)


@pytest.mark.parametrize(("name", "row"), list(read_checks("/gmerror/")))
def test_generalized_moments_of_r(case, name, row):
    """R function GMerrorsar of spatialreg, whose search ends at the minimum that ours has in closed form."""
    _, group, _, what, *rest = row.path.split("/")
    params = fitted(case, name, group, "gm_error").params
    value = params["lambda"] if what == "lambda" else params[rest[0].replace("(Intercept)", "Intercept")]
    assert value == pytest.approx(row.value, rel=row.rtol, abs=row.atol)


@pytest.mark.parametrize(("name", "row"), list(read_checks("/LM/", "/ols/")))
def test_least_squares_and_battery_of_r(case, name, row):
    _, group, kind, *rest = row.path.split("/")
    results = fitted(case, name, group, "ols")
    if kind == "LM":
        column = {"statistic": "statistic", "p": "pvalue", "df": "df"}[rest[1]]
        value = results.diagnostics.set_index("test").loc[TESTS[rest[0]], column]
    else:
        table = {
            "coef": lambda: results.params[rest[1].replace("(Intercept)", "Intercept")],
            "se": lambda: results.std_errors[rest[1].replace("(Intercept)", "Intercept")],
            "sigma2": lambda: results.sigma2,
            "logLik": lambda: results.loglik,
            "r2": lambda: 1 - results.residuals.var() / results.design.problem.y.var(),
            "aic": lambda: 2 * (len(results.params) + 1) - 2 * results.loglik,
        }
        value = table[rest[0]]()
    assert value == pytest.approx(row.value, rel=row.rtol, abs=row.atol)


@pytest.mark.parametrize(
    ("method", "model", "name"), [("ml_lag", "SAR", "rho"), ("ml_error", "SEM", "lambda")]
)
def test_maximum_likelihood_is_that_of_our_own_classes(case, method, model, name):
    """The search of spreg stops at 1e-7: rho to 1e-6, log-likelihood to 1e-9."""
    load = case("c01_columbus")
    weights = weights_of(load, "models")
    ours = getattr(yrd, model)(load.data, COLUMBUS, weights=weights, effects="pooled").fit(bias="none")
    theirs = fitted(case, "c01_columbus", "models", method)
    assert theirs.params[name] == pytest.approx(ours.params[name], rel=1e-5)
    assert theirs.params.to_numpy() == pytest.approx(ours.params.to_numpy(), rel=1e-4)
    assert theirs.loglik == pytest.approx(ours.loglik, rel=1e-9)
    assert list(theirs.params.index) == list(ours.params.index)
    assert theirs.std_errors.to_numpy() == pytest.approx(ours.std_errors.to_numpy(), rel=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_order_of_rows_and_names_do_not_matter(case, method):
    load = case("c01_columbus")
    weights = weights_of(load, "models")
    first = fitted(case, "c01_columbus", "models", method)
    shuffled = load.data.sample(frac=1.0, random_state=5)
    again = cross_section(shuffled, COLUMBUS, weights=weights, method=method)
    assert again.params.to_numpy() == pytest.approx(first.params.to_numpy(), rel=1e-8)
    assert again.resids.index.equals(shuffled.index)
    assert again.resids.reindex(load.data.index).to_numpy() == pytest.approx(
        first.resids.to_numpy(), abs=1e-6
    )
    names = {unit: f"z{(unit * 7) % 50:02d}" for unit in load.data.index}
    renamed = cross_section(
        shuffled.rename(index=names),
        COLUMBUS,
        weights=weights.rename(index=names, columns=names),
        method=method,
    )
    assert renamed.params.to_numpy() == pytest.approx(first.params.to_numpy(), rel=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_printed(case, method, capfd):
    load = case("c01_columbus")
    cross_section(load.data, COLUMBUS, weights=weights_of(load, "models"), method=method)
    assert capfd.readouterr().out == ""


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
@pytest.mark.parametrize("method", ["ols", "gm_lag", "ml_lag", "gm_error"])
def test_durbin_terms_have_their_own_coefficients(case, method):
    load = case("c01_columbus")
    W = weights_of(load, "models")
    results = cross_section(load.data, COLUMBUS, weights=W, method=method, durbin=True)
    assert list(results.params.index)[:5] == ["Intercept", "INC", "HOVAL", "W_INC", "W_HOVAL"]
    if method == "ols":
        slx = yrd.SLX(load.data, COLUMBUS, weights=W, effects="pooled").fit()
        assert results.params.to_numpy() == pytest.approx(slx.params.to_numpy(), rel=1e-8)
        assert results.std_errors.to_numpy() == pytest.approx(slx.std_errors.to_numpy(), rel=1e-8)
    if method == "ml_lag":
        sdm = yrd.SDM(load.data, COLUMBUS, weights=W, effects="pooled").fit()
        assert results.params.to_numpy() == pytest.approx(sdm.params.to_numpy(), rel=1e-4)


def test_effects_of_the_durbin_model_are_ours(case):
    """Direct and total effects by the inverse written out; theta counts in the direct effect as well."""
    load = case("c01_columbus")
    weights = weights_of(load, "models")
    results = cross_section(load.data, COLUMBUS, weights=weights, method="gm_lag", durbin=True)
    W, p = weights.to_numpy(), results.params
    inverse = np.linalg.inv(np.eye(len(W)) - p["rho"] * W)
    table = results.impacts().table.set_index(["variable", "effect"])
    for name in ("INC", "HOVAL"):
        S = inverse @ (p[name] * np.eye(len(W)) + p[f"W_{name}"] * W)
        assert table.loc[(name, "direct"), "estimate"] == pytest.approx(np.trace(S) / len(W), rel=1e-9)
        assert table.loc[(name, "total"), "estimate"] == pytest.approx(S.sum() / len(W), rel=1e-9)
    drawn = results.impacts(method="simulation", seed=1, draws=50)
    assert drawn.draws == 50


def test_effects_of_an_error_model_are_its_coefficients(case):
    results = fitted(case, "c01_columbus", "models", "gm_error")
    assert np.isnan(results.std_errors["lambda"])
    table = results.impacts().table.set_index(["variable", "effect"])
    assert table.loc[("INC", "direct"), "estimate"] == results.params["INC"]
    assert table.loc[("INC", "direct"), "std_error"] == pytest.approx(results.std_errors["INC"])
    assert table.loc[("INC", "indirect"), "estimate"] == 0.0


def test_battery_agrees_with_our_own_tests(case):
    load = case("c01_columbus")
    weights = weights_of(load, "models")
    battery = fitted(case, "c01_columbus", "models", "ols").diagnostics.set_index("test")
    ours = yrd.lm_tests(load.data, COLUMBUS, weights=weights, effects="pooled").set_index("test")
    for name in TESTS.values():
        assert battery.loc[name, "statistic"] == pytest.approx(ours.loc[name, "statistic"], rel=1e-8)
    ols = yrd.OLS(load.data, COLUMBUS, effects="pooled").fit()
    moran = yrd.residual_tests(ols, weights=weights).loc[0]
    assert battery.loc["Moran", ["statistic", "pvalue"]].tolist() == pytest.approx(
        moran[["statistic", "pvalue"]].tolist(), rel=1e-8
    )
    assert set(battery.index) >= {"Jarque-Bera", "Breusch-Pagan", "Koenker-Bassett", "LM WX", "LM SDM"}
    assert "Anselin-Kelejian" in fitted(case, "c01_columbus", "models", "gm_lag").diagnostics["test"].tolist()


def test_heteroskedasticity_by_hand(case):
    """N R2 of the squared residuals on a constant and the squares of X, and half the explained sum of squares."""
    results = fitted(case, "c01_columbus", "models", "ols")
    X, e2 = results.design.problem.X[0] ** 2, results.residuals**2
    g = e2 / e2.mean()
    fit = X @ np.linalg.lstsq(X, g)[0]
    table = results.diagnostics.set_index("test")["statistic"]
    assert table["Breusch-Pagan"] == pytest.approx(((fit - g.mean()) ** 2).sum() / 2, rel=1e-8)
    share = ((fit - g.mean()) ** 2).sum() / ((g - g.mean()) ** 2).sum()
    assert table["Koenker-Bassett"] == pytest.approx(len(g) * share, rel=1e-8)


@pytest.mark.parametrize("method", ["ols", "gm_lag", "ml_error"])
def test_islands_are_units_without_neighbours(case, method):
    load = case("c01_columbus")
    weights = weights_of(load, "models").copy()
    weights.loc[[3, 10]] = 0.0
    weights[[3, 10]] = 0.0
    results = cross_section(load.data, COLUMBUS, weights=weights, method=method)
    assert np.isfinite(results.params).all()
    if method == "ols":
        ours = yrd.lm_tests(load.data, COLUMBUS, weights=weights, effects="pooled").set_index("test")
        theirs = results.diagnostics.set_index("test")
        assert theirs.loc["LM lag", "statistic"] == pytest.approx(ours.loc["LM lag", "statistic"], rel=1e-8)


def test_table_of_coefficients(case):
    results = fitted(case, "c01_columbus", "models", "gm_lag")
    table = results.to_frame()
    assert list(table.columns) == ["estimate", "std_error", "zstat", "pvalue"]
    assert table["zstat"].to_numpy() == pytest.approx((table["estimate"] / table["std_error"]).to_numpy())
    assert results.cov.loc["INC", "INC"] == pytest.approx(results.std_errors["INC"] ** 2)
    assert np.isnan(results.loglik)


def test_what_is_refused(case, panel):
    load = case("c01_columbus")
    weights = weights_of(load, "models")
    simulated = panel("constant")
    with pytest.raises(SpecificationError, match="unknown method"):
        cross_section(load.data, COLUMBUS, weights=weights, method="magic")
    with pytest.raises(SpecificationError, match="constant"):
        cross_section(load.data, "CRIME ~ 0 + INC", weights=weights)
    with pytest.raises(SpecificationError, match="panel"):
        cross_section(simulated.data, "y ~ x1", weights=simulated.weights)
    with pytest.raises(AlignmentError):
        cross_section(load.data.iloc[1:], COLUMBUS, weights=weights.iloc[:-1, :-1])


def test_failures_of_spreg_are_our_errors(case, monkeypatch):
    import spreg

    def fail(*_, **__):
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr(spreg, "GM_Lag", fail)
    load = case("c01_columbus")
    with pytest.raises(EstimationError, match=r"no solution \[Singular matrix\]"):
        cross_section(load.data, COLUMBUS, weights=weights_of(load, "models"), method="gm_lag")


@pytest.mark.parametrize("method", METHODS)
def test_kinds_of_weights_do_not_matter(case, method):
    load = case("c01_columbus")
    table = weights_of(load, "models")
    series = yrd.WeightsSeries.from_frames({2019: table})
    first = fitted(case, "c01_columbus", "models", method).params.to_numpy()
    for weights in (series, series[2019]):
        again = cross_section(load.data, COLUMBUS, weights=weights, method=method)
        assert again.params.to_numpy() == pytest.approx(first, rel=1e-8)
