"""Results of models with endogenous regressors: labels, tests, effects, warnings; all panels are synthetic."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, f, norm

import yrdspatial as yrd
from yrdspatial.errors import DataError, EstimationError, SpecificationError, WeakIdentificationWarning


def make(panel, strong=1.0, rho=0.4, seed=2):
    drawn = panel(periods=8, units=14, rho=rho)
    rng = np.random.default_rng(seed)
    z, z2, e, v = rng.normal(size=(4, 8, 14))
    W, x = drawn.arrays["weights"], drawn.arrays["x"][:, :, 0]
    d = strong * z + strong * z2 + 0.7 * e + 0.5 * v
    y = np.linalg.solve(np.eye(14) - rho * W, (x + d + e)[:, :, None])[:, :, 0]
    columns = {"y": y, "x": x, "d": d, "z": z, "z2": z2}
    index = pd.MultiIndex.from_product([range(2001, 2009), drawn.weights.units], names=["year", "unit"])
    data = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index).swaplevel()
    return data.sort_index(), drawn.weights


def ask(data, weights=None, **options):
    asked = {"spatial_lag": weights is not None, "endogenous": "d", "instruments": ("z", "z2"), **options}
    return yrd.S2SLS(data, "y ~ x + d", weights=weights, **asked)


@pytest.fixture
def plain(panel):
    return ask(make(panel)[0])


@pytest.fixture
def spatial(panel):
    return ask(*make(panel), durbin="d", lags=1)


def test_numbers_have_the_labels_of_the_data(panel, spatial):
    results = spatial.fit()
    assert results.params.index.tolist() == ["x", "d", "W_d", "rho"]
    assert results.endogenous == ("d", "W_d", "rho")
    assert results.instruments.names == ("z", "z2", "W_x", "W_z", "W_z2")
    table = results.to_frame(0.9)
    np.testing.assert_allclose(table["zstat"], results.params / results.std_errors)
    np.testing.assert_allclose(table["pvalue"], 2 * norm.sf(np.abs(table["zstat"])))
    np.testing.assert_allclose(table["upper"] - table["lower"], 2 * norm.ppf(0.95) * results.std_errors)
    np.testing.assert_allclose(results.std_errors**2, np.diag(results.cov))
    assert table.index.name == "parameter"
    data = make(panel)[0]
    assert results.resids.index.equals(data.index)
    np.testing.assert_allclose(results.resids + results.fitted_values, data["y"])
    assert results.nobs == 112
    assert results.degrees_of_freedom == 7 * 13 - 4
    assert results.sigma2 == pytest.approx((results.resids**2).sum() / results.degrees_of_freedom)
    assert (results.method, results.cov_type, results.spec.model) == ("2sls", "homoskedastic", "S2SLS")


def test_names_of_the_methods(plain):
    assert plain.fit(method="gmm", cov_type="robust").method == "gmm"
    assert plain.fit(method="gmm", cov_type="cluster", iterate=True).method == "iterated gmm"
    dk = [plain.fit(cov_type="driscoll-kraay", lags=lags).std_errors["d"] for lags in (0, 2)]
    assert dk[0] != dk[1]


def test_sargan_and_hansen_with_their_degrees_of_freedom(plain, spatial):
    test = plain.fit().overidentification
    assert (test.test, test.df) == ("Sargan", 1)
    assert test.pvalue == pytest.approx(chi2.sf(test.statistic, 1))
    assert plain.fit(cov_type="robust").overidentification.test == "Hansen J"
    assert spatial.fit().overidentification.df == 2


def test_nothing_to_test_says_why(panel):
    data, weights = make(panel)
    exact = ask(data, instruments="z").fit()
    with pytest.raises(SpecificationError, match="exactly identified"):
        _ = exact.overidentification
    many = ask(data, weights, lags=4)
    with pytest.warns(WeakIdentificationWarning, match="cannot be told: too many for driscoll-kraay"):
        results = many.fit(cov_type="driscoll-kraay")
    with pytest.raises(SpecificationError, match=r"singular \[14 instruments, driscoll-kraay\]"):
        _ = results.overidentification
    assert "Hansen J" not in str(results.summary)


def test_endogeneity_of_some_or_all(spatial):
    results = spatial.fit(cov_type="robust")
    whole, one = results.endogeneity_test(), results.endogeneity_test("d")
    assert (whole.df, one.df) == (3, 1)
    assert one.pvalue < 0.01
    assert whole.null == "d, W_d, rho exogenous"
    assert results.endogeneity_test(["d", "rho"]).df == 2
    for wrong in ("x", ["d", "x"], []):
        with pytest.raises(SpecificationError, match="choose among d, W_d, rho"):
            results.endogeneity_test(wrong)


def test_first_stages_and_identification(plain, spatial):
    results = plain.fit(cov_type="cluster")
    table = results.first_stage
    assert table.columns.tolist() == ["partial_r2", "F", "pvalue", "sanderson_windmeijer", "effective"]
    assert table.loc["d", "pvalue"] == pytest.approx(f.sf(table.loc["d", "F"], 2, 7 * 13 - 3))
    tests = results.identification
    assert tests.loc["Kleibergen-Paap rk F", "statistic"] == pytest.approx(table.loc["d", "F"])
    assert tests["allows_for"].tolist() == ["homoskedastic", "cluster"]
    assert tests.loc["Kleibergen-Paap rk F", "pvalue_not_identified"] < 1e-6
    several = spatial.fit().first_stage
    assert several.index.tolist() == ["d", "W_d", "rho"]
    assert "effective" not in several


def test_strong_instruments_give_no_warning_and_weak_ones_do(panel, plain):
    assert plain.fit().warnings == ()
    weak = ask(make(panel, strong=0.05)[0])
    with pytest.warns(WeakIdentificationWarning, match="instruments of d are weak: F"):
        results = weak.fit()
    assert "warning: instruments of d are weak" in str(results.summary)
    with pytest.warns(WeakIdentificationWarning, match="effective F"):
        weak.fit(cov_type="robust")
    data, weights = make(panel, strong=0.05)
    with pytest.warns(WeakIdentificationWarning, match="Sanderson-Windmeijer F"):
        ask(data, weights).fit()


def test_anderson_rubin_on_labels(plain, spatial):
    results = plain.fit(cov_type="robust")
    (row,) = results.anderson_rubin_set().itertuples(index=False)
    assert row.lower < results.params["d"] < row.upper
    ends = [results.anderson_rubin_test(value=value).pvalue for value in row]
    np.testing.assert_allclose(ends, 0.05, atol=1e-8)
    test = results.anderson_rubin_test("d", 1.0)
    assert (test.test, test.null, test.df) == ("Anderson-Rubin", "d = 1", 2)
    (narrow,) = results.anderson_rubin_set(level=0.8).itertuples(index=False)
    assert row.lower < narrow.lower
    assert narrow.upper < row.upper
    several = spatial.fit()
    for name in several.endogenous:
        assert len(several.anderson_rubin_set(name)) == 1
    with pytest.raises(SpecificationError, match="choose one of d, W_d, rho"):
        several.anderson_rubin_set()
    with pytest.raises(SpecificationError, match="needs errors of one variance"):
        spatial.fit(cov_type="cluster").anderson_rubin_test("d")


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_a_level_is_a_probability(plain, level):
    results = plain.fit()
    for call in (results.conf_int, results.anderson_rubin_set, results.to_frame):
        with pytest.raises(SpecificationError, match="is no probability"):
            call(level=level)


def test_effects_from_rho_and_w(spatial):
    results = spatial.fit()
    weights = results.design.problem.lag.matrices
    rho, own, lagged = results.params["rho"], results.params["d"], results.params["W_d"]
    position = results.design.problem.lag.position
    many = [np.linalg.solve(np.eye(14) - rho * W, own * np.eye(14) + lagged * W) for W in weights[position]]
    table = results.impacts().table.set_index(["variable", "effect"])["estimate"]
    assert table["d", "direct"] == pytest.approx(np.mean([np.trace(S) / 14 for S in many]))
    assert table["d", "total"] == pytest.approx(np.mean([S.sum() / 14 for S in many]))
    drawn = results.impacts(method="simulation", draws=200, seed=1)
    assert drawn.draws == 200
    assert set(results.impacts(by="year").table["year"]) == set(range(2001, 2007)) | {2007, 2008}


def test_rho_outside_its_interval_is_said_and_has_no_effects(spatial):
    found = spatial.fit()
    assert found.warnings == ()
    outside = replace(found, fit=replace(found.fit, params=found.fit.params + np.eye(4)[3]))
    assert "rho lies outside" in outside.warnings[-1]
    with pytest.raises(EstimationError, match="effects do not exist"):
        outside.impacts()


def test_wald_tests_by_name(spatial):
    results = spatial.fit()
    expected = (results.params["d"] - 1) ** 2 / results.cov.loc["d", "d"]
    assert results.wald_test("d = 1").statistic == pytest.approx(expected)


def test_shown_as_text_and_html(plain):
    results = plain.fit()
    assert repr(results) == "<S2SLS of y: 112 observations>"
    assert "<table>" in results._repr_html_()


def test_share_of_the_variance_that_is_explained(panel, plain):
    results, data = plain.fit(), make(panel)[0]
    net = yrd.OLS(data, "y ~ x", effects="twoways").design.problem.y
    net = net - net.mean(0) - net.mean(1, keepdims=True) + net.mean()
    assert results.rsquared == pytest.approx(1 - (results.resids**2).sum() / (net**2).sum())
    pooled = ask(data, effects="pooled").fit()
    spread = ((data["y"] - data["y"].mean()) ** 2).sum()
    assert pooled.rsquared == pytest.approx(1 - (pooled.resids**2).sum() / spread)


def test_beside_other_models_in_a_table(panel):
    data, weights = make(panel)
    models = {"SAR": yrd.SAR(data, "y ~ x + d", weights=weights).fit()}
    with pytest.warns(WeakIdentificationWarning, match="instruments of rho are weak"):
        models["S2SLS"] = ask(data, weights).fit()
    models["GMM"] = ask(data, weights, lags=1).fit(method="gmm", cov_type="robust")
    table = yrd.compare(models)
    frame, text = table.to_frame(), table.to_text()
    assert frame["S2SLS"]["d"].iloc[0].startswith(f"{models['S2SLS'].params['d']:.3f}")
    assert frame.loc["Log-likelihood", "S2SLS"] == frame.loc["AIC", "GMM"] == "none exists"
    assert frame.loc["Log-likelihood", "SAR"] != "none exists"
    assert "S2SLS: Two-stage least squares." in text
    assert "GMM: Endogenous: d, rho; instruments: z, z2, W_x, W_z, W_z2." in text
    assert "S2SLS: 两阶段最小二乘估计。" in yrd.compare(models, lang="zh").to_text().replace("：", ": ")


@pytest.mark.parametrize("cov_type", ["homoskedastic", "cluster"])
def test_saved_and_loaded_to_the_same_bits(spatial, tmp_path, cov_type):
    results = spatial.fit(cov_type=cov_type)
    again = yrd.load_results(results.save(tmp_path / "iv.zip"))
    pd.testing.assert_frame_equal(again.to_frame(), results.to_frame(), check_exact=True)
    pd.testing.assert_frame_equal(again.first_stage, results.first_stage, check_exact=True)
    assert str(again.summary) == str(results.summary)
    assert again.overidentification == results.overidentification
    pd.testing.assert_series_equal(again.resids, results.resids)
    pd.testing.assert_frame_equal(again.impacts().table, results.impacts().table)


def test_a_file_whose_parts_do_not_fit_is_refused(plain, tmp_path):
    results = plain.fit()
    short = replace(results, fit=replace(results.fit, residuals=results.fit.residuals[1:]))
    with pytest.raises(DataError, match="do not fit together"):
        yrd.load_results(short.save(tmp_path / "iv.zip"))
