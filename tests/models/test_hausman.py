"""Hausman tests: other programs, generalized least squares in closed form, robust covariance by loops, refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, f

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.models.hausman import hausman, mundlak_test

REFERENCE = Path(__file__).parents[1] / "reference" / "models"
FORMULAS = {
    "c01_columbus": "CRIME ~ INC + HOVAL",
    "c02_boston": "lCMEDV ~ CRIM + ZN + INDUS + CHAS + NOX2 + RM2 + AGE + lDIS + lRAD + TAX + PTRATIO + B + lLSTAT",
    "c04_ny_leukemia": "Z ~ PEXPOSURE + PCTAGE65P + PCTOWNHOME",
    "c09_columbus_anselin1988": "CRIME ~ INC + HOVAL",
}
FORMULA = "y ~ x1 + x2"
quiet = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def read_checks():
    for file in sorted(REFERENCE.glob("*/checks.csv")):
        for row in pd.read_csv(file).itertuples():
            if "/hausman/" in row.path:
                yield pytest.param(file.parent.name, row, id=f"{file.parent.name}/{row.path}")


def pair_of(load, name, group, model):
    """OLS and SEM, or SLX and SDEM, of a cross-section; R adds the lag of the constant where W is not standardized."""
    sums = load.weights.sum(axis=1)
    weights = load.weights.div(sums.where(sums > 0, 1.0), axis=0)
    formula = FORMULAS[name]
    if group == "models_B":
        weights, formula = load.weights, formula.replace("~", "~ 0 + one +")
    keys = ("SLX", "SDEM") if model.endswith("durbin") else ("OLS", "SEM")
    data = load.data.assign(one=1.0)
    return [
        getattr(yrd, key)(data, formula, weights=weights, effects="pooled").fit(bias="none") for key in keys
    ]


def written_out(ols, sem, *, as_r):
    """Pace and LeSage's statistic; as_r puts (I - lambda W)^-1 twice where its transpose belongs."""
    problem = sem.design.problem
    X, W = problem.X[0], problem.error.matrices[0]
    A = np.linalg.inv(np.eye(len(W)) - sem.params["lambda"] * W)
    inverse = np.linalg.inv(X.T @ X)
    middle = X.T @ A @ (A if as_r else A.T) @ X
    spread = sem.sigma2 * inverse @ middle @ inverse - sem.covariance[:-2, :-2]
    gap = ols.params.to_numpy() - sem.params.iloc[:-1].to_numpy()
    return gap @ np.linalg.solve(spread, gap)


@quiet
@pytest.mark.parametrize(("name", "row"), list(read_checks()))
def test_least_squares_against_a_spatial_error(case, name, row):
    """The statistic of spatialreg's Hausman.test is ours but for a transpose that its version 1.2-6 leaves out.

    Its covariance of least squares is (X'X)^-1 X'A A X (X'X)^-1 with A = (I - lambda W)^-1, which is not even symmetric
    unless W is; it should be A A'. With that, its values follow from our estimates to 5e-6 (R's lambda stops up to 3e-8
    from the root); where W is symmetric they are ours.
    """
    _, group, model, _, what = row.path.split("/")
    ols, sem = pair_of(case(name), name, group, model)
    found, W = hausman(ols, sem), sem.design.problem.error.matrices[0]
    theirs = written_out(ols, sem, as_r=True)
    terms = len(ols.params)
    value = {"statistic": theirs, "p": chi2.sf(theirs, terms), "df": terms}[what]
    assert value == pytest.approx(row.value, rel=1e-4 if what == "p" else 5e-6, abs=row.atol)
    if not np.isnan(found.statistic):
        assert found.statistic == pytest.approx(written_out(ols, sem, as_r=False), rel=1e-8)
    if np.array_equal(W, W.T) and what == "statistic" and not np.isnan(found.statistic):
        assert found.statistic == pytest.approx(row.value, rel=5e-6)


@quiet
@pytest.mark.parametrize("effects", ["unit", "twoways"])
def test_spatial_error_in_panels_written_out(panel, effects):
    simulated = panel("rows")
    ols = yrd.OLS(simulated.data, FORMULA, effects=effects).fit()
    sem = yrd.SEM(simulated.data, FORMULA, weights=simulated.weights, effects=effects).fit()
    W, x = simulated.arrays["weights"], simulated.arrays["x"]
    T, N, _ = x.shape
    x = x - x.mean(axis=0)
    x = x - x.mean(axis=1, keepdims=True) if effects == "twoways" else x
    inverse = np.linalg.inv(np.einsum("tni,tnj->ij", x, x))
    middle = np.zeros((2, 2))
    for t in range(T):
        B = np.eye(N) - sem.params["lambda"] * W[t]
        middle += x[t].T @ np.linalg.inv(B.T @ B) @ x[t]
    spread = sem.sigma2 * inverse @ middle @ inverse - sem.cov.loc[["x1", "x2"], ["x1", "x2"]].to_numpy()
    gap = (ols.params - sem.params[["x1", "x2"]]).to_numpy()
    found = hausman(ols, sem)
    if np.linalg.eigvalsh(spread).min() > 0:
        assert found.statistic == pytest.approx(gap @ np.linalg.solve(spread, gap), rel=1e-8)
        assert found.df == 2
    else:
        assert np.isnan(found.statistic)


def long_panel(seed=3, *, correlated, units=60, periods=5):
    """Synthetic panel; correlated: the unit effects move with x1."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([[f"u{i:02d}" for i in range(units)], range(2001, 2001 + periods)])
    mu = rng.normal(size=units).repeat(periods)
    x = rng.normal(size=(units * periods, 2))
    x[:, 0] += correlated * mu
    y = x @ [1.0, -1.0] + mu + rng.normal(size=units * periods)
    return pd.DataFrame({"x1": x[:, 0], "x2": x[:, 1], "y": y}, index)


def ring(units=60):
    labels = [f"u{i:02d}" for i in range(units)]
    table = 0.5 * (np.roll(np.eye(units), 1, axis=1) + np.roll(np.eye(units), -1, axis=1))
    return pd.DataFrame(table, labels, labels)


def test_random_effects_by_generalized_least_squares():
    """OLS with random effects: GLS at the ratio of variances of the fit, V of both at its sigma2."""
    data = long_panel(correlated=0.3)
    fe = yrd.OLS(data, FORMULA, effects="unit").fit()
    re = yrd.OLS(data, FORMULA, effects="random").fit()
    T, N = 5, 60
    table = data.to_numpy().reshape(N, T, 3)
    within = table - table.mean(axis=1, keepdims=True)
    x = within[:, :, :2].reshape(-1, 2)
    b = np.linalg.lstsq(x, within[:, :, 2].ravel())[0]
    assert fe.params.to_numpy() == pytest.approx(b, rel=1e-10)
    gap = b - re.params[["x1", "x2"]].to_numpy()
    spread = re.sigma2 * np.linalg.inv(x.T @ x) - re.cov.loc[["x1", "x2"], ["x1", "x2"]].to_numpy()
    found = hausman(fe, re)
    assert found.statistic == pytest.approx(gap @ np.linalg.solve(spread, gap), rel=1e-6)
    assert found.pvalue == pytest.approx(chi2.sf(found.statistic, 2))
    assert found.df == 2


@quiet
@pytest.mark.parametrize("model", ["SAR", "SEM", "SDM"])
def test_correlated_effects_are_found_and_independent_ones_are_not(model):
    W = ring()
    for correlated, low, high in ((1.0, 0.0, 1e-4), (0.0, 0.01, 1.0)):
        data = long_panel(5, correlated=correlated)
        fe = getattr(yrd, model)(data, FORMULA, weights=W, effects="unit").fit()
        re = getattr(yrd, model)(data, FORMULA, weights=W, effects="random").fit()
        means = getattr(yrd, model)(data, FORMULA, weights=W, effects="mundlak").fit()
        for found in (hausman(fe, re), hausman(fe, means)):
            assert np.isnan(found.statistic) or low <= found.pvalue <= high
        assert low <= hausman(fe, means).pvalue <= high
        assert hausman(fe, means).df == (4 if model == "SDM" else 2)


@quiet
def test_unit_means_are_held_against_f():
    """The Wald statistic of the fit, (N - K) / N of it over q; K = 3 columns do not vary: constant and two means."""
    data = long_panel(4, correlated=0.3)
    fe = yrd.OLS(data, FORMULA, effects="unit").fit()
    means = yrd.OLS(data, FORMULA, effects="mundlak").fit()
    wald = means.wald_test(["mean_x1", "mean_x2"]).statistic
    found = hausman(fe, means)
    assert found.statistic == pytest.approx(wald * 57 / 60 / 2)
    assert found.pvalue == pytest.approx(f.sf(found.statistic, 2, 57))
    assert found.note == "F(2, 57)"


def test_size_of_the_robust_form_with_few_units():
    """300 synthetic panels of 20 units: 5 % within three Monte Carlo errors of 1.3 points; with chi2 and CR1, 13 %."""
    pvalues = [
        mundlak_test(long_panel(seed, correlated=0.0, units=20), FORMULA).pvalue for seed in range(300)
    ]
    assert 0.012 < np.mean(np.array(pvalues) < 0.05) < 0.088


@quiet
def test_bias_correction_of_the_first_fit_does_not_matter():
    """One-way beta and rho are the same; the covariance is put on the scale of the second fit."""
    data, W = long_panel(correlated=0.5), ring()
    re = yrd.SAR(data, FORMULA, weights=W, effects="random").fit()
    both = [
        hausman(yrd.SAR(data, FORMULA, weights=W, effects="unit").fit(bias=bias), re).statistic
        for bias in ("none", "adjusted")
    ]
    assert both[0] == pytest.approx(both[1], rel=1e-6)


@quiet
def test_chosen_terms_alone():
    data, W = long_panel(correlated=0.5), ring()
    fe = yrd.SAR(data, FORMULA, weights=W, effects="unit").fit()
    re = yrd.SAR(data, FORMULA, weights=W, effects="random").fit()
    found = hausman(fe, re, terms=["x1"])
    spread = fe.cov.loc["x1", "x1"] * re.sigma2 / fe.sigma2 - re.cov.loc["x1", "x1"]
    assert found.statistic == pytest.approx((fe.params["x1"] - re.params["x1"]) ** 2 / spread, rel=1e-9)
    assert found.df == 1
    with pytest.raises(SpecificationError, match="no coefficient"):
        hausman(fe, re, terms=["nothing"])


@quiet
def test_covariances_that_do_not_differ_make_no_test(panel):
    simulated = panel("rows")
    fe = yrd.SAR(simulated.data, FORMULA, weights=simulated.weights, effects="unit").fit()
    re = yrd.SAR(simulated.data, FORMULA, weights=simulated.weights, effects="random").fit()
    inflated = type(re)(re.design, re.fit, 100.0 * re.covariance, re.cov_type, re.warnings)
    found = hausman(fe, inflated)
    assert np.isnan(found.statistic)
    assert "not positive definite" in str(found)


@quiet
def test_what_makes_no_pair(panel):
    simulated = panel("rows")

    def fitted(model, effects, formula=FORMULA, data=simulated.data):
        return getattr(yrd, model)(data, formula, weights=simulated.weights, effects=effects).fit()

    re = fitted("SAR", "random")
    with pytest.raises(SpecificationError, match="no unit effects"):
        hausman(fitted("SAR", "time"), re)
    with pytest.raises(SpecificationError, match="dependent variables differ"):
        hausman(fitted("SAR", "unit", "x1 ~ x2"), re)
    with pytest.raises(SpecificationError, match="rows differ"):
        hausman(fitted("SAR", "unit", data=simulated.data.query("year < 2006")), re)
    with pytest.raises(SpecificationError, match="no Hausman test"):
        hausman(fitted("SAR", "unit"), fitted("SDM", "unit"))
    with pytest.raises(SpecificationError, match="no Hausman test"):
        hausman(fitted("OLS", "unit"), fitted("SEM", "twoways"))
    with pytest.raises(SpecificationError, match="regressors differ"):
        hausman(fitted("OLS", "unit", "y ~ x1"), fitted("SEM", "unit"))


def by_loops(data, columns, tested):
    """F of Hotelling's test with a jackknife over units, one regression without each; the last columns are tested."""
    X, y = columns, data["y"].to_numpy()
    beta = np.linalg.lstsq(X, y)[0]
    units = data.index.get_level_values(0)
    N = units.nunique()
    spread = np.zeros((X.shape[1], X.shape[1]))
    for unit in units.unique():
        other = np.linalg.lstsq(X[units != unit], y[units != unit])[0]
        spread += (N - 1) / N * np.outer(other - beta, other - beta)
    last = slice(beta.size - tested, None)
    wald = beta[last] @ np.linalg.solve(spread[last, last], beta[last])
    return wald * (N - tested) / (tested * (N - 1))


def test_robust_form_is_a_clustered_regression_on_means():
    data = long_panel(correlated=0.4)
    means = data.groupby(level=0)[["x1", "x2"]].transform("mean").to_numpy()
    columns = np.column_stack([np.ones(len(data)), data[["x1", "x2"]], means])
    found = mundlak_test(data, FORMULA)
    assert found.statistic == pytest.approx(by_loops(data, columns, 2), rel=1e-9)
    assert found.pvalue == pytest.approx(f.sf(found.statistic, 2, 58))
    assert found.df == 2
    assert (found.test, found.note) == ("Hausman (robust)", "F(2, 58)")


def test_robust_form_with_time_effects_and_spatial_lags():
    data, W = long_panel(correlated=0.4), ring()
    wide = {name: data[name].unstack() for name in ("x1", "x2")}
    for name, table in wide.items():
        data[f"W_{name}"] = (W.to_numpy() @ table.to_numpy()).ravel()
    names = ["x1", "x2", "W_x1", "W_x2"]
    year = pd.get_dummies(data.index.get_level_values(1)).to_numpy(dtype=float)
    means = data.groupby(level=0)[names].transform("mean").to_numpy()
    columns = np.column_stack([year, data[names], means])
    found = mundlak_test(data, FORMULA, weights=W, effects="time")
    expected = by_loops(data, columns, 4)
    assert found.statistic == pytest.approx(expected, rel=1e-8)
    assert found.df == 4


def test_robust_form_under_heteroskedasticity():
    """150 synthetic panels of 60 units whose errors spread with x1: 5 %, and three Monte Carlo errors of 1.8 points."""
    pvalues = []
    for seed in range(150):
        data = long_panel(seed, correlated=0.0)
        noise = np.random.default_rng(seed + 1000).normal(size=len(data)) * (1 + data["x1"].abs())
        pvalues.append(mundlak_test(data.assign(y=data["y"] + noise), FORMULA).pvalue)
    assert np.mean(np.array(pvalues) < 0.05) < 0.105


def test_order_of_rows_does_not_matter():
    data = long_panel(correlated=0.4)
    first = mundlak_test(data, FORMULA).statistic
    assert mundlak_test(data.sample(frac=1.0, random_state=2), FORMULA).statistic == pytest.approx(
        first, rel=1e-9
    )


def test_what_the_robust_form_refuses():
    data = long_panel(correlated=0.4)
    fixed = data.assign(z=data.groupby(level=0)["x1"].transform("mean"))
    with pytest.raises(SpecificationError, match="hide the unit means"):
        mundlak_test(data, FORMULA, effects="twoways")
    with pytest.raises(SpecificationError, match="varies over time"):
        mundlak_test(fixed, "y ~ z")
    with pytest.raises(SpecificationError, match="cannot be told apart"):
        mundlak_test(fixed, "y ~ x1 + z")
