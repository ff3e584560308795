"""The gravity equation against spint, statsmodels, and dummies written out."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.flows.gravity import gravity
from yrdspatial.flows.reading import read_flows
from yrdspatial.flows.table import Flows

NAMES = {"Intercept": "constant", "origin_o": "o", "destination_d": "d", "km": "km"}


def by_power(austria, **more):
    flows, o, d, km = austria
    return gravity(flows, o, d, {"km": np.log(km)}, **more)


def test_as_spint(austria, expected):
    flows, o, d, km = austria
    np.testing.assert_allclose(
        by_power(austria).params, expected["spint"]["pow"], rtol=1e-7
    )  # spint's stop: 1e-6
    exponential = gravity(flows, o, d, {"km": km})
    np.testing.assert_allclose(exponential.params, expected["spint"]["exp"], rtol=1e-6)
    doubly = gravity(flows, separation={"km": np.log(km)}, effects="origin_destination")
    np.testing.assert_allclose(doubly.params["km"], expected["spint"]["doubly"], rtol=1e-6)
    np.testing.assert_allclose(doubly.fitted().long()["flow"], expected["spint"]["doubly_yhat"], rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "factor"), [("robust", 1), ("origin", 9 / 8), ("destination", 9 / 8), ("two-way", 9 / 8)]
)
def test_as_statsmodels(austria, expected, kind, factor):
    fit = by_power(austria, cov_type=kind).to_frame().rename(index=NAMES)
    known = expected["statsmodels"]
    for name, value in known["params"].items():
        np.testing.assert_allclose(fit.loc[name, "estimate"], value, rtol=1e-8)
        error = known["std_errors"][kind][name] * np.sqrt(factor)  # G / (G - 1), which was switched off there
        # by two ways and nine clusters an eigenvalue is slightly negative, and set to zero here
        np.testing.assert_allclose(
            fit.loc[name, "std_error"], error, rtol=1e-3 if kind == "two-way" else 1e-8
        )


@pytest.mark.parametrize("kind", ["robust", "origin", "destination", "two-way"])
def test_effects_as_statsmodels_with_dummies(austria, expected, kind):
    flows, _, _, km = austria
    fit = gravity(flows, separation={"km": np.log(km)}, effects="origin_destination", cov_type=kind)
    known = expected["statsmodels_effects"]
    np.testing.assert_allclose(fit.params["km"], known["params"]["km"], rtol=1e-8)
    np.testing.assert_allclose([fit.loglik, fit.deviance], [known["loglik"], known["deviance"]], rtol=1e-9)
    factor = 1 if kind == "robust" else np.sqrt(9 / 8)
    np.testing.assert_allclose(fit.std_errors["km"], known["std_errors"][kind]["km"] * factor, rtol=1e-7)


def test_doubly_constrained_flows_fit_the_totals(austria):
    flows, _, _, km = austria
    fit = gravity(flows, separation={"km": np.log(km)}, effects="origin_destination")
    totals = flows.totals()
    fitted = fit.fitted().totals()
    np.testing.assert_allclose(fitted[["outflow", "inflow"]], totals[["outflow", "inflow"]], rtol=1e-9)
    again = fit.constrained(totals["outflow"], totals["inflow"])
    np.testing.assert_allclose(again, np.nan_to_num(fit.fitted().frame()), rtol=1e-7, atol=1e-7)


def rows_of(flows, km, border):
    """Stack pairs of every year, with dummies of origin by year and destination by year."""
    t, i, j = np.nonzero(np.isfinite(flows.array) & ~np.eye(8, dtype=bool))
    y, n = flows.array[t, i, j], len(t)
    X = np.column_stack([km.to_numpy()[i, j], border.to_numpy()[i, j]])
    dummies = np.zeros((n, 32))
    dummies[np.arange(n), 8 * t + i] = 1
    dummies[np.arange(n), 16 + 8 * t + j] = 1
    return y, X, dummies, (t, i, j)


def test_two_years_by_newton_on_dummies(synthetic):
    flows, _, separation = synthetic
    fit = gravity(flows, separation=separation, effects="origin_destination", cov_type="dyadic")
    y, X, dummies, (_, i, j) = rows_of(flows, separation["km"], separation["border"])
    Z = np.column_stack([X, dummies])
    b = np.zeros(Z.shape[1])
    for _ in range(60):
        mean = np.exp(Z @ b)
        b += np.linalg.pinv((Z.T * mean) @ Z) @ (Z.T @ (y - mean))
    np.testing.assert_allclose(fit.params, b[:2], rtol=1e-8)
    bread = np.linalg.pinv((Z.T * mean) @ Z)
    share = (i[:, None] == i) | (j[:, None] == j) | (i[:, None] == j) | (j[:, None] == i)
    scores = Z * (y - mean)[:, None]
    covariance = (bread @ scores.T @ share @ scores @ bread)[:2, :2] * 8 / 7
    roots, vectors = np.linalg.eigh(covariance)  # one is negative among eight units, and set to zero
    np.testing.assert_allclose(fit.cov, (vectors * np.maximum(roots, 0)) @ vectors.T, rtol=1e-6)
    assert fit.degrees_of_freedom == 7


def test_ols_with_effects_by_lstsq(synthetic):
    flows, _, separation = synthetic
    fit = gravity(flows, separation=separation, method="ols", effects="origin_destination")
    y, X, dummies, _ = rows_of(flows, separation["km"], separation["border"])
    kept = y > 0
    Z = np.column_stack([X, dummies])[kept]
    b, *_ = np.linalg.lstsq(Z, np.log(y[kept]), rcond=None)
    np.testing.assert_allclose(fit.params, b[:2], rtol=1e-9)
    np.testing.assert_allclose(fit.deviance, ((np.log(y[kept]) - Z @ b) ** 2).sum(), rtol=1e-9)
    assert "zero flows left out" in fit.warnings[0]
    with pytest.raises(SpecificationError, match="no Poisson likelihood"):
        _ = fit.loglik


def test_without_effects_by_a_general_optimizer(synthetic):
    flows, size, separation = synthetic
    fit = gravity(flows, size, size, separation)
    t, i, j = np.nonzero(np.isfinite(flows.array) & ~np.eye(8, dtype=bool))
    s = size["size"].to_numpy()
    Z = np.column_stack(
        [
            np.ones(len(t)),
            s[i],
            s[j],
            separation["km"].to_numpy()[i, j],
            separation["border"].to_numpy()[i, j],
        ]
    )
    y = flows.array[t, i, j]
    found = minimize(lambda b: (np.exp(Z @ b) - y * (Z @ b)).sum(), np.zeros(5), method="BFGS", tol=1e-9)
    np.testing.assert_allclose(fit.params, found.x, atol=1e-5)  # the reach of BFGS without slopes
    assert fit.params.index.tolist() == ["Intercept", "origin_size", "destination_size", "km", "border"]


def test_the_effects_rebuild_the_fitted_flows(synthetic):
    flows, _, separation = synthetic
    fit = gravity(flows, separation={"km": separation["km"]}, effects="origin_destination")
    effects = fit.effects()
    o, d = (effects[side].xs(2019, level="year").to_numpy() for side in ("origin", "destination"))
    mean = np.exp(o[:, None] + d + fit.params["km"] * separation["km"].to_numpy())
    fitted = fit.fitted().frame(2019).to_numpy()
    known = np.isfinite(fitted)
    np.testing.assert_allclose(fitted[known], mean[known], rtol=1e-7)
    assert abs(d.sum()) < 1e-9


def test_labels_and_not_positions_count(austria):
    flows, o, d, km = austria
    order = list(reversed(flows.units))
    turned = Flows.from_frames(flows.frame().loc[order, order])
    again = gravity(turned, o.sample(frac=1, random_state=1), d, {"km": np.log(km)})
    np.testing.assert_allclose(again.to_frame(), by_power(austria).to_frame(), rtol=1e-9)


def test_a_city_that_sends_nothing_is_left_out_and_named(synthetic):
    flows, _, separation = synthetic
    silent = flows.at(2018).frame()
    silent.loc["c"] = silent.loc["c"] * 0.0
    fit = gravity(Flows.from_frames(silent), separation=separation, effects="origin_destination")
    without = silent.copy()
    without.loc["c"] = np.nan
    other = gravity(Flows.from_frames(without), separation=separation, effects="origin_destination")
    np.testing.assert_allclose(fit.params, other.params, rtol=1e-9)
    assert "c to a" in fit.warnings[0]
    assert np.isnan(fit.effects().loc["c", "origin"])
    assert fit.nobs == other.nobs


def test_self_flows_have_their_own_dummy(synthetic):
    flows, size, separation = synthetic
    whole = Flows(np.nan_to_num(flows.array, nan=1.0), flows.units, flows.years)
    fit = gravity(whole, size, size, separation, self_flows=True)
    assert "within" in fit.params
    assert fit.nobs == 2 * 64
    inside = np.diagonal(fit.fitted().array, axis1=1, axis2=2).sum()
    np.testing.assert_allclose(
        inside, np.diagonal(whole.array, axis1=1, axis2=2).sum(), rtol=1e-9
    )  # its score
    with pytest.raises(SpecificationError, match="within units are not known"):
        gravity(flows, size, size, separation, self_flows=True)


def test_reset_finds_a_wrong_form_and_not_a_right_one():
    rng = np.random.default_rng(3)
    units = [f"u{i:02d}" for i in range(30)]
    km = pd.DataFrame(rng.uniform(0, 3, (30, 30)), units, units)
    right = Flows.from_frames(pd.DataFrame(rng.poisson(np.exp(4 - km)), units, units))
    wrong = Flows.from_frames(pd.DataFrame(rng.poisson(np.exp(4 - km**2 / 2)), units, units))
    assert gravity(right, separation={"km": km}).reset_test().pvalue > 0.05
    assert gravity(wrong, separation={"km": km}).reset_test().pvalue < 0.001


@pytest.mark.parametrize("method", ["ppml", "ols"])
def test_reset_is_the_t_of_the_squared_index(austria, method):
    flows, _, _, km = austria
    more = {"effects": "origin_destination", "method": method}
    fit = gravity(flows, separation={"km": np.log(km)}, **more)
    squared = gravity(flows, separation={"km": np.log(km), "squared": np.log(km) ** 2}, **more)
    # the square of the index is that of log km times a constant, plus a slope in log km that the equation has already
    expected = squared.to_frame().loc["squared", "tstat"] ** 2
    np.testing.assert_allclose(fit.reset_test().statistic, expected, rtol=1e-6)


def test_wald_and_intervals(austria):
    fit = by_power(austria)
    row = fit.to_frame().loc["km"]
    test = fit.wald_test("km = 0")
    np.testing.assert_allclose(test.statistic, row["tstat"] ** 2, rtol=1e-9)
    assert row["lower"] < row["estimate"] < row["upper"]
    assert "72 flows, 0 of them zero" in str(fit)
    assert repr(fit) == "<Gravity by ppml, without effects, 72 flows>"
    with pytest.raises(SpecificationError, match="no effects"):
        fit.effects()


def test_panels_by_unit_and_year(synthetic):
    flows, size, separation = synthetic
    by_year = pd.concat(dict.fromkeys(flows.years, size), names=["year", "unit"]).swaplevel()
    fits = [gravity(flows, frame, frame, separation).params for frame in (size, by_year)]
    np.testing.assert_allclose(fits[0], fits[1], rtol=1e-12)
    with pytest.raises(AlignmentError, match="no single row"):
        gravity(flows, by_year.iloc[1:], None, separation)
    with pytest.raises(AlignmentError, match="have no year"):
        gravity(Flows.from_frames(flows.frame(2018)), by_year, None, separation)


def test_refused(austria):
    flows, o, d, km = austria
    far = {"km": km, "same": 2 * km}
    with pytest.raises(SpecificationError, match=r"same is explained by km|km is explained by same"):
        gravity(flows, o, d, far)
    with pytest.raises(SpecificationError, match="take in all"):
        gravity(flows, o, separation=far, effects="origin_destination")
    with pytest.raises(SpecificationError, match='"poisson" is no method'):
        gravity(flows, o, method="poisson")
    with pytest.raises(SpecificationError, match="needs regressors"):
        gravity(flows)
    with pytest.raises(GapError, match="km: AT11 to AT12"):
        gravity(flows, separation={"km": km.replace(km.loc["AT11", "AT12"], np.nan)})
    with pytest.raises(SpecificationError, match="two regressors have one name"):
        gravity(flows, o, separation={"origin_o": km})
    with pytest.raises(AlignmentError):
        gravity(flows, o.iloc[1:], separation={"km": km})
    with pytest.raises(SpecificationError, match="nothing is left"):
        gravity(flows, separation={"own": km * 0.0 + 1.0}, effects="origin_destination")
    pairs = [("a", "b", 1), ("b", "a", 2), ("c", "d", 3), ("d", "c", 1)]
    apart = read_flows(pd.DataFrame(pairs, columns=["origin", "destination", "flow"]), missing="keep")
    square = pd.DataFrame(np.arange(16.0).reshape(4, 4), apart.units, apart.units)
    with pytest.raises(SpecificationError, match="fall apart"):
        gravity(apart, separation={"km": square}, effects="origin_destination")
