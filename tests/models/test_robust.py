"""Covariances from score contributions: textbook formulas for OLS, and what they must agree with in large panels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.models.contributions import contributions

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"


def request(simulated, model="OLS", effects="twoways"):
    weights = {} if model == "OLS" else {"weights": simulated.weights}
    return getattr(yrd, model)(simulated.data, FORMULA, effects=effects, **weights)


def within(simulated):
    """Demeaned X (T, N, 2), residuals (T, N) and (X'X)^-1 of two-way OLS, in the open."""

    def net(values):
        return values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean(axis=(0, 1))

    x, y = net(simulated.arrays["x"]), net(simulated.arrays["y"][:, :, None])[:, :, 0]
    beta = np.linalg.lstsq(x.reshape(-1, 2), y.ravel(), rcond=None)[0]
    scale = np.sqrt(y.size / ((y.shape[0] - 1) * (y.shape[1] - 1)))  # N T over what two-way effects leave
    return x, scale * (y - x @ beta), np.linalg.inv(x.reshape(-1, 2).T @ x.reshape(-1, 2))


def test_robust_ols_is_white(panel):
    simulated = panel()
    x, e, bread = within(simulated)
    meat = (x * e[:, :, None]).reshape(-1, 2)
    found = request(simulated).fit(cov_type="robust").cov.to_numpy()
    assert found == pytest.approx(bread @ meat.T @ meat @ bread, rel=1e-8)


def test_clustered_ols(panel):
    simulated = panel()
    x, e, bread = within(simulated)
    sums = (x * e[:, :, None]).sum(axis=0)
    expected = 14 / 13 * bread @ sums.T @ sums @ bread
    assert request(simulated).fit(cov_type="cluster").cov.to_numpy() == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("lags", [None, 0, 2])
def test_driscoll_kraay_ols(panel, lags):
    simulated = panel("rows", periods=9)
    x, e, bread = within(simulated)
    h = (x * e[:, :, None]).sum(axis=1)
    used = 2 if lags is None else lags  # floor(4 (9 / 100)^(2/9)) = 2
    meat = h.T @ h
    for lag in range(1, used + 1):
        cross = h[lag:].T @ h[:-lag]
        meat = meat + (1 - lag / (used + 1)) * (cross + cross.T)
    options = {} if lags is None else {"lags": lags}
    found = request(simulated).fit(cov_type="driscoll-kraay", **options).cov.to_numpy()
    assert found == pytest.approx(bread @ meat @ bread, rel=1e-8)


def test_conley_ols(panel):
    simulated = panel()
    labels = simulated.weights.units
    rng = np.random.default_rng(0)
    points = rng.random((14, 2)) * 100
    km = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    x, e, bread = within(simulated)
    h = x * e[:, :, None]
    kernel = np.maximum(1 - km / 40, 0)
    meat = sum(h[t].T @ kernel @ h[t] for t in range(6))
    lagged = sum(h[t].T @ h[t - 1] for t in range(1, 6))
    table = pd.DataFrame(km, labels, labels).sample(frac=1, random_state=1)
    found = request(simulated).fit(cov_type="conley", distance=table, cutoff=40, lags=1).cov.to_numpy()
    assert found == pytest.approx(bread @ (meat + 0.5 * (lagged + lagged.T)) @ bread, rel=1e-8)


def with_error(simulated):
    """Give the panel a y whose error, and not y itself, is correlated in space."""
    W, x = simulated.arrays["weights"], simulated.arrays["x"]
    T, N, _ = x.shape
    e = np.random.default_rng(4).normal(size=(T, N, 1))
    y = x @ [1.0, -0.7] + np.linalg.solve(np.eye(N) - 0.4 * W, e)[:, :, 0]
    index = pd.MultiIndex.from_product([range(2001, 2001 + T), simulated.weights.units]).swaplevel()
    values = pd.Series(y.ravel(), index).reindex(simulated.data.index)
    return replace(simulated, data=simulated.data.assign(y=values.to_numpy()))


@pytest.mark.parametrize("model", ["SAR", "SDM", "SEM", "SDEM", "SAC"])
@pytest.mark.parametrize("cov_type", ["robust", "opg"])
def test_with_plain_errors_they_agree_with_the_information(panel, model, cov_type):
    """800 observations: standard errors within 20 %, the error of a fourth moment from so many."""
    simulated = panel("rows", periods=20, units=40)
    if model in {"SEM", "SDEM"}:
        simulated = with_error(simulated)
    one = request(simulated, model).fit()
    two = request(simulated, model).fit(cov_type=cov_type)
    assert two.std_errors.to_numpy() == pytest.approx(one.std_errors.to_numpy(), rel=0.2)
    assert two.params.to_numpy() == pytest.approx(one.params.to_numpy())


def test_contributions_add_up_to_the_score(panel):
    """The parts of a quadratic form sum to it: e'G e - tr(G) sigma2, centred to the score of zero."""
    simulated = panel("rows")
    results = request(simulated, "SDM").fit()
    parts = contributions(results.design.problem, results.fit)
    assert parts.shape == (6, 14, 6)
    assert parts.sum(axis=(0, 1)) == pytest.approx(np.zeros(6), abs=1e-9)


def test_robust_errors_hold_their_coverage_where_the_plain_ones_do_not(panel):
    """200 panels whose errors have a standard deviation that grows with x: beta of SAR.

    The binomial error is 2 points; outer products are known to be a little small with 200 observations.
    """
    simulated = panel("rows", periods=10, units=20)
    model = request(simulated, "SAR", "unit")
    S = np.eye(20) - 0.4 * simulated.arrays["weights"]
    x = simulated.arrays["x"]
    rng = np.random.default_rng(1)
    held = {"expected": 0, "robust": 0}
    data = simulated.data.copy()
    order = data.index
    for _ in range(200):
        e = rng.normal(size=(10, 20)) * 0.5 * np.abs(x[:, :, 0] - x[:, :, 0].mean())
        y = np.linalg.solve(S, (x @ [1.0, -0.7] + e)[:, :, None])[:, :, 0]
        index = pd.MultiIndex.from_product([range(2001, 2011), simulated.weights.units]).swaplevel()
        data["y"] = pd.Series(y.ravel(), index).reindex(order).to_numpy()
        model = yrd.SAR(data, FORMULA, weights=simulated.weights, effects="unit")
        for kind in held:
            results = model.fit(cov_type=kind)
            held[kind] += abs(results.params["x1"] - 1.0) < 1.96 * results.std_errors["x1"]
    assert held["expected"] / 200 < 0.88
    assert held["robust"] / 200 > 0.87
    assert held["robust"] > held["expected"] + 6


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("SAR", {"cov_type": "expected", "lags": 1}),
        ("SAR", {"cov_type": "robust", "lags": 1}),
        ("SAR", {"cov_type": "driscoll-kraay", "lags": 6}),
        ("SAR", {"cov_type": "driscoll-kraay", "lags": 0.5}),
        ("OLS", {"cov_type": "conley", "cutoff": 3.0}),
        ("OLS", {"cov_type": "bootstrap"}),
    ],
)
def test_senseless_options_are_refused(panel, model, options):
    with pytest.raises(SpecificationError):
        request(panel(), model).fit(**options)


def test_where_they_are_not_defined(panel):
    simulated = panel()
    labels = simulated.weights.units
    table = pd.DataFrame(np.ones((14, 14)), labels, labels)
    with pytest.raises(AlignmentError, match="cover the units"):
        request(simulated).fit(cov_type="conley", distance=table.iloc[1:, 1:], cutoff=2.0)
    with pytest.raises(SpecificationError, match="never become independent"):
        request(simulated, "SAR", "random").fit(cov_type="driscoll-kraay")
    with pytest.raises(SpecificationError, match="mixes unit effects"):
        request(simulated, "SEM", "random").fit(cov_type="robust")
    year = simulated.data.xs(2003, level="year")
    with pytest.raises(SpecificationError, match="needs a panel"):
        yrd.OLS(year, FORMULA, effects="pooled").fit(cov_type="cluster")
