"""The spatial interaction model as users call it: spreg, labels, effects, and what is refused."""

import itertools

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.flows.spatial import spatial_flows
from yrdspatial.flows.table import Flows
from yrdspatial.weights.series import WeightsSeries

UNITS = [f"u{i:02d}" for i in range(12)]
RHO = {"rho_origin": 0.4, "rho_destination": 0.3, "rho_network": -0.1}


@pytest.fixture(scope="module")
def synthetic():
    """Made-up flows of 12 units under known parameters."""
    rng = np.random.default_rng(11)
    n = len(UNITS)
    W = np.zeros((n, n))
    for i in range(n):
        W[i, [(i + 1) % n, (i + 2) % n, (i - 1) % n]] = 1 / 3
    x, km = rng.normal(size=n), rng.uniform(0, 3, (n, n))
    eye, away = np.eye(n), 1 - np.eye(n)
    mean = 2 + 3 * eye + (x[:, None] + 0.5 * x) * away + 0.7 * np.diag(x) - 0.6 * km * away
    A = np.eye(n * n) - 0.4 * np.kron(W, eye) - 0.3 * np.kron(eye, W) + 0.1 * np.kron(W, W)
    Y = np.linalg.solve(A, (mean + 0.3 * rng.normal(size=(n, n))).ravel()).reshape(n, n)
    flows = Flows.from_frames({2019: pd.DataFrame(np.exp(Y), UNITS, UNITS)})
    frames = pd.DataFrame({"size": x}, index=UNITS), {"km": pd.DataFrame(km, UNITS, UNITS)}
    return flows, *frames, pd.DataFrame(W, UNITS, UNITS)


def test_as_spreg(austria, expected):
    flows, o, d, km = austria
    W = km.rdiv(1.0).fillna(0.0)
    W = W.div(W.sum(axis=1), axis=0)
    made = flows.frame()
    made = made.fillna(pd.DataFrame(np.diag(2 * flows.totals()["outflow"]), made.index, made.columns))
    separation = {"o": pd.DataFrame(np.repeat(o.to_numpy(), 9, axis=1), o.index, o.index)}
    separation["d"] = pd.DataFrame(np.repeat(d.to_numpy(), 9, axis=1).T, d.index, d.index)
    separation["km"] = np.log(km)
    for name, dependence in {"origin": ("origin",), "destination": ("destination",), "both": "equal"}.items():
        fit = spatial_flows(
            Flows.from_frames(made), None, separation, weights=W, dependence=dependence, transform="log1p"
        )
        known = expected["spreg"][name]
        half = 0.5 if name == "both" else 1.0  # spreg has the mean of the two weights, "equal" their sum
        np.testing.assert_allclose(
            fit.rho.iloc[0], half * known["betas"][-1], atol=1e-6
        )  # spreg stops at 1e-8 or so
        np.testing.assert_allclose(fit.fit.beta, known["betas"][:-1], rtol=1e-5)
        np.testing.assert_allclose(fit.loglik, known["loglik"], rtol=1e-9)
        np.testing.assert_allclose(fit.sigma2, known["sigma2"], rtol=1e-5)


def test_the_truth_is_found(synthetic):
    flows, size, separation, W = synthetic
    fit = spatial_flows(flows, size, separation, weights=W)
    truth = {
        "Intercept": 2,
        "within": 3,
        "origin_size": 1,
        "destination_size": 0.5,
        "within_size": 0.7,
        "km": -0.6,
    }
    assert fit.params.index.tolist() == [*truth, *RHO]
    distance = (fit.params - pd.Series(truth | RHO)) / fit.std_errors
    assert (distance.abs() < 3.5).all()
    assert fit.fit.margin > 0.3
    assert "from the end of the feasible region" in str(fit)
    assert repr(fit) == "<Spatial interaction, sar, 144 flows>"
    assert fit.wald_test(lambda p: p["rho_network"] + p["rho_origin"] * p["rho_destination"]).pvalue > 0.01


def test_residuals_and_fitted_flows_belong_together(synthetic):
    flows, size, separation, W = synthetic
    fit = spatial_flows(flows, size, separation, weights=W, model="sdm")
    np.testing.assert_allclose((fit.residuals() ** 2).to_numpy().mean(), fit.sigma2, rtol=1e-9)
    n, w, rho = len(UNITS), W.to_numpy(), fit.fit.rho
    eye = np.eye(n)
    A = np.eye(n * n) - rho[0] * np.kron(w, eye) - rho[1] * np.kron(eye, w) - rho[2] * np.kron(w, w)
    shock = np.linalg.solve(A, fit.residuals().to_numpy().ravel()).reshape(n, n)
    np.testing.assert_allclose(fit.fitted() + shock, np.log(flows.frame()), atol=1e-9)


@pytest.mark.parametrize("model", ["sar", "sdm"])
def test_effects_by_changing_the_data(synthetic, model):
    flows, size, separation, W = synthetic
    fit = spatial_flows(flows, size, separation, weights=W, model=model)
    table = fit.effects().set_index(["variable", "effect"])["estimate"]["size"]
    n, sums = len(UNITS), dict.fromkeys(table.index, 0.0)
    for r in range(n):
        more = size.copy()
        more.iloc[r] += 1.0
        other = spatial_flows(flows, more, separation, weights=W, model=model)
        assert other.names == fit.names
        changed = fit.fit.beta @ np.moveaxis(other.Z - fit.Z, 2, 0).reshape(len(fit.names), -1)
        w, rho, eye = W.to_numpy(), fit.fit.rho, np.eye(n)
        A = np.eye(n * n) - rho[0] * np.kron(w, eye) - rho[1] * np.kron(eye, w) - rho[2] * np.kron(w, w)
        moved = np.linalg.solve(A, changed).reshape(n, n)
        sums["within"] += moved[r, r]
        sums["origin"] += moved[r].sum() - moved[r, r]
        sums["destination"] += moved[:, r].sum() - moved[r, r]
        sums["total"] += moved.sum()
    sums["network"] = sums["total"] - sums["origin"] - sums["destination"] - sums["within"]
    np.testing.assert_allclose(table, [sums[effect] / n**2 for effect in table.index], rtol=1e-7)


def test_standard_errors_of_effects_by_delta_and_by_simulation_agree(synthetic):
    flows, size, separation, W = synthetic
    fit = spatial_flows(flows, size, separation, weights=W)
    delta = fit.effects()
    drawn = fit.effects(method="simulation", draws=400, seed=1)
    np.testing.assert_array_equal(delta["estimate"], drawn["estimate"])
    # 400 draws know a standard error to 3.5 %; effects are curved in rho, which adds to it
    np.testing.assert_allclose(delta["std_error"], drawn["std_error"], rtol=0.25)
    again = fit.effects(method="simulation", draws=400, seed=1)
    pd.testing.assert_frame_equal(drawn, again)
    with pytest.raises(SpecificationError, match="needs a seed"):
        fit.effects(method="simulation")


def test_delta_errors_by_whole_differences(synthetic):
    flows, size, separation, W = synthetic
    fit = spatial_flows(flows, size, separation, weights=W, dependence="product")
    theta = np.concatenate([fit.fit.beta, fit.fit.free])

    def totals(point):
        rho = fit.ties.rho(point[-2:])
        n, w = len(UNITS), W.to_numpy()
        eye = np.eye(n)
        A = np.eye(n * n) - rho[0] * np.kron(w, eye) - rho[1] * np.kron(eye, w) - rho[2] * np.kron(w, w)
        away = 1.0 - eye
        changed = (point[2] + point[3]) * away + point[4] * eye
        return np.linalg.solve(A, changed.ravel()).mean()

    slope = [(totals(theta + step) - totals(theta - step)) / 2e-6 for step in 1e-6 * np.eye(len(theta))]
    error = np.sqrt(np.array(slope) @ fit.fit.covariance @ slope)
    row = fit.effects().set_index("effect").loc["total"]
    np.testing.assert_allclose([row["estimate"], row["std_error"]], [totals(theta), error], rtol=1e-6)


def test_tied_parameters_share_their_errors(synthetic):
    flows, size, separation, W = synthetic
    fit = spatial_flows(flows, size, separation, weights=W, dependence="equal")
    assert fit.rho.index.tolist() == ["rho_origin", "rho_destination"]
    assert fit.std_errors["rho_origin"] == fit.std_errors["rho_destination"] > 0
    product = spatial_flows(flows, size, separation, weights=W, dependence="product")
    rho = product.rho
    assert rho["rho_network"] == pytest.approx(-rho["rho_origin"] * rho["rho_destination"], rel=1e-12)
    whole = spatial_flows(flows, size, separation, weights=W)
    assert whole.loglik >= max(fit.loglik, product.loglik)
    assert product.aic == pytest.approx(2 * (6 + 2 + 1) - 2 * product.loglik)


def test_least_squares_without_lags(synthetic):
    flows, size, separation, W = synthetic
    fit = spatial_flows(flows, size, separation, weights=W, dependence=())
    rows = fit.Z.reshape(144, -1)
    b, (rss,), *_ = np.linalg.lstsq(rows, np.log(flows.array[0]).ravel(), rcond=None)
    np.testing.assert_allclose(fit.params, b, rtol=1e-9)
    covariance = np.linalg.inv(rows.T @ rows) * rss / 144
    np.testing.assert_allclose(fit.std_errors, np.sqrt(np.diag(covariance)), rtol=1e-8)


def test_labels_and_not_positions_count(synthetic):
    flows, size, separation, W = synthetic
    order = list(np.random.default_rng(0).permutation(UNITS))
    turned = Flows.from_frames({2019: flows.frame().loc[order, order]})
    series = WeightsSeries({2018: 0.5 * W, 2019: W})
    one = spatial_flows(flows, size, separation, weights=W)
    two = spatial_flows(turned, size, separation, weights=series)
    np.testing.assert_allclose(one.to_frame(), two.to_frame(), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(one.effects()["estimate"], two.effects()["estimate"], rtol=1e-8)


def test_flows_within_units(synthetic):
    flows, size, separation, W = synthetic
    unknown = Flows.from_frames({2019: flows.frame().mask(np.eye(12, dtype=bool))})
    with pytest.raises(GapError, match=r'12: u00 to u00.*within="zero"'):
        spatial_flows(unknown, size, separation, weights=W)
    zero = spatial_flows(unknown, size, separation, weights=W, within="zero")
    np.testing.assert_array_equal(np.diag(zero.Y), 0.0)
    plain = spatial_flows(flows, size, separation, weights=W, within="plain")
    assert not any(name.startswith("within") for name in plain.names)
    np.testing.assert_array_equal(plain.Z[..., 1], np.repeat(size.to_numpy(), 12, axis=1))


def test_zeros(synthetic):
    flows, size, separation, W = synthetic
    table = flows.frame()
    table.iloc[0, 3] = 0.0
    some = Flows.from_frames({2019: table})
    with pytest.raises(SpecificationError, match=r"no log \[1 flows\]"):
        spatial_flows(some, size, separation, weights=W)
    fit = spatial_flows(some, size, separation, weights=W, transform="log1p")
    assert fit.Y[0, 3] == 0.0
    assert "1 zero" in str(fit)
    none = spatial_flows(some, size, separation, weights=W, transform="none")
    np.testing.assert_array_equal(none.Y, table)


def test_the_delta_itself():
    rng = np.random.default_rng(5)
    units = yrd.load_units().index
    flows = Flows.from_frames(pd.DataFrame(rng.lognormal(size=(41, 41)), units, units))
    W = yrd.contiguity_weights()
    km = pd.DataFrame(rng.uniform(1, 2, (41, 41)), units, units)
    size = pd.DataFrame({"x": rng.normal(size=41)}, index=units)
    fit = spatial_flows(flows, size, {"km": km}, weights=W, model="sdm")
    assert (fit.rho.abs() < 4 * fit.std_errors[fit.rho.index]).all()


def test_refused(synthetic):
    flows, size, separation, W = synthetic
    cases = itertools.product(["model", "within", "transform"], ["other"])
    for name, value in cases:
        with pytest.raises(SpecificationError, match=f'"other" is no {name}'):
            spatial_flows(flows, size, separation, weights=W, **{name: value})
    for wrong in ("origin", ("north",)):
        with pytest.raises(SpecificationError, match="no such dependence"):
            spatial_flows(flows, size, separation, weights=W, dependence=wrong)
    with pytest.raises(SpecificationError, match="several years"):
        spatial_flows(Flows(np.ones((2, 12, 12)), flows.units, (1, 2)), size, weights=W)
    with pytest.raises(AlignmentError):
        spatial_flows(flows, size, separation, weights=W.iloc[1:, 1:])
    with pytest.raises(SpecificationError, match="collinear"):
        spatial_flows(flows, size.assign(again=2 * size["size"]), separation, weights=W)
    with pytest.raises(GapError, match=r"\[km\]"):
        spatial_flows(flows, size, {"km": separation["km"].mask(separation["km"] > 2.9)}, weights=W)
    with pytest.raises(SpecificationError, match="two regressors"):
        spatial_flows(flows, size, {"origin_size": separation["km"]}, weights=W)
    with pytest.raises(SpecificationError, match="no characteristic"):
        spatial_flows(flows, None, separation, weights=W).effects()
