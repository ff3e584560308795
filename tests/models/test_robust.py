"""Covariances from score contributions: textbook formulas for OLS, and what they must agree with in large panels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, EstimationError, SpecificationError
from yrdspatial.models.contributions import contributions
from yrdspatial.models.covariance import Information, lag_information
from yrdspatial.models.model import estimate
from yrdspatial.models.robust import Choice, robust_information, spatial_kernel

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"
REFERENCE = Path(__file__).parents[1] / "reference" / "covariances" / "expected.csv"
SPATIAL = ("SAR", "SDM", "SEM", "SDEM", "SAC", "GNS")


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


def expected_errors(data, effects="pooled"):
    table = pd.read_csv(REFERENCE)
    table = table[(table["data"] == data) & (table["effects"] == effects)]
    return {name: part.set_index("term")["std_error"] for name, part in table.groupby("covariance")}


@pytest.mark.parametrize("effects", ["pooled", "unit", "twoways"])
def test_they_are_those_of_linearmodels(case, effects):
    """But for N / (N - 1), which linearmodels was told to leave out; 1e-9 is its rounding."""
    munnell = case("e02_munnell")
    model = yrd.OLS(munnell.data, munnell.formula, effects=effects)
    for name, errors in expected_errors("munnell", effects).items():
        kind, *lags = name.split(" lags ")
        found = model.fit(cov_type=kind, **({"lags": int(lags[0])} if lags else {})).std_errors
        factor = np.sqrt(48 / 47) if kind == "cluster" else 1.0
        assert found[errors.index].to_numpy() == pytest.approx(factor * errors.to_numpy(), rel=1e-9), name


@pytest.mark.parametrize("kind", ["robust", "cluster", "driscoll-kraay", "opg"])
def test_without_small_sample_factors(panel, kind):
    """Two-way effects leave 65 of 84 observations; outer products are inverted; clusters count 14 / 13 besides."""
    model = request(panel())
    whole = model.fit(cov_type=kind).cov.to_numpy()
    bare = model.fit(cov_type=kind, small_sample=False).cov.to_numpy()
    factor = 84 / 65 * (14 / 13 if kind == "cluster" else 1.0)
    if kind == "opg":
        assert np.diag(whole) == pytest.approx(np.diag(bare) / factor, rel=0.05)  # sigma2 is in there too
    else:
        assert whole == pytest.approx(factor * bare, rel=1e-9)


def test_conley_is_the_spatial_hac_of_spreg(case):
    data = case("c01_columbus").data
    points = data[["X", "Y"]].to_numpy()
    table = pd.DataFrame(np.hypot(*(points[:, None] - points).transpose(2, 0, 1)), data.index, data.index)
    model = yrd.OLS(data, "CRIME ~ INC + HOVAL", effects="pooled")
    for name, errors in expected_errors("columbus").items():
        found = model.fit(cov_type="conley", distance=table, cutoff=float(name.split()[1])).std_errors
        assert found[errors.index].to_numpy() == pytest.approx(errors.to_numpy(), rel=1e-9)


def any_model(simulated, name):
    """Make a model of each kind, by name."""
    weights = simulated.weights
    if name == "border":
        frames = {year: weights[year].adjacency.unstack(fill_value=0.0) for year in weights.years}
        parts = []
        for share in (0.7, 0.3):
            rng = np.random.default_rng(8)
            tables = {}
            for year, frame in frames.items():
                mask = rng.random(frame.shape) < 0.7
                tables[year] = frame.where(mask if share == 0.7 else ~mask, 0.0)
            parts.append(yrd.WeightsSeries.from_frames(tables))
        return yrd.SAR(simulated.data, FORMULA, weights={"within": parts[0], "across": parts[1]})
    if name == "dynamic":
        return yrd.SAR(simulated.data, FORMULA, weights=weights, dynamic=("y", "Wy"))
    model, effects = name.split() if " " in name else (name, "twoways")
    return request(simulated, model, effects)


def far(simulated, value=1.0):
    labels = simulated.weights.units
    return pd.DataFrame(np.where(np.eye(len(labels)), 0.0, value), labels, labels)


FIXED = ("OLS", *SPATIAL, "border", "dynamic")
RANDOM = ("OLS random", "SAR random", "SDM random", "SEM random_kkp", "SAC random_kkp")


@pytest.mark.parametrize("name", [*FIXED, *RANDOM])
@pytest.mark.parametrize("kernel", ["bartlett", "uniform"])
def test_conley_of_no_reach_is_robust(panel, name, kernel):
    simulated = panel("rows", units=18)
    model = any_model(simulated, name)
    table = far(simulated, np.inf)
    none = model.fit(cov_type="conley", distance=table, cutoff=0.0, kernel=kernel).cov
    assert none.to_numpy() == pytest.approx(model.fit(cov_type="robust").cov.to_numpy(), rel=1e-10)


@pytest.mark.parametrize("name", FIXED)
def test_conley_of_all_reach_is_driscoll_kraay_without_lags(panel, name):
    simulated = panel("rows", units=18)
    model = any_model(simulated, name)
    whole = model.fit(cov_type="conley", distance=far(simulated), cutoff=np.inf, kernel="uniform").cov
    other = model.fit(cov_type="driscoll-kraay", lags=0).cov
    assert whole.to_numpy() == pytest.approx(other.to_numpy(), rel=1e-8, abs=1e-14)


def test_conley_over_all_periods_is_clustered(panel):
    simulated = panel()
    table, model = far(simulated), request(simulated)
    options = {"distance": table, "cutoff": 0.5, "kernel": "uniform", "lags": 5}
    found = model.fit(cov_type="conley", **options).cov.to_numpy()
    assert 14 / 13 * found == pytest.approx(model.fit(cov_type="cluster").cov.to_numpy(), rel=1e-9)


def test_one_cluster_an_observation_and_one_unit():
    """Clusters of one observation are robust; Driscoll-Kraay of one unit is Newey and West (1987)."""
    scores = np.random.default_rng(2).normal(size=(1, 9, 3))
    plain = Information(np.eye(3), np.eye(3))
    robust = robust_information(plain, scores, Choice("robust")).variance
    assert robust_information(plain, scores, Choice("cluster")).variance == pytest.approx(9 / 8 * robust)
    h = scores[0]
    gamma = [h[lag:].T @ h[: 9 - lag] for lag in range(3)]
    newey_west = gamma[0] + 2 / 3 * (gamma[1] + gamma[1].T) + 1 / 3 * (gamma[2] + gamma[2].T)
    found = robust_information(plain, scores.swapaxes(0, 1), Choice("driscoll-kraay", lags=2)).variance
    assert found == pytest.approx(newey_west)


def test_distances_of_each_year(panel):
    """Six tables that are the same are one; a year in which nobody is near counts alone."""
    simulated = panel()
    model, near, nobody = request(simulated, "SAR"), far(simulated), far(simulated, np.inf)
    one = model.fit(cov_type="conley", distance=near, cutoff=2.0).cov
    same = model.fit(cov_type="conley", distance=dict.fromkeys(range(2001, 2007), near), cutoff=2.0).cov
    assert same.to_numpy() == pytest.approx(one.to_numpy(), rel=1e-12)
    results = model.fit()
    parts = contributions(results.design.problem, results.fit)
    tables = {year: near if year < 2004 else nobody for year in range(2001, 2007)}
    mixed = model.fit(cov_type="conley", distance=tables, cutoff=2.0)
    kernel = 0.5 + 0.5 * np.eye(14)
    meat = sum(parts[t].T @ (kernel if t < 3 else np.eye(14)) @ parts[t] for t in range(6))
    inverse = np.linalg.inv(lag_information(results.design.problem, results.fit).slope)
    assert mixed.covariance == pytest.approx(inverse @ meat @ inverse.T, rel=1e-8, abs=1e-16)
    with pytest.raises(AlignmentError, match="2005"):
        model.fit(cov_type="conley", distance={y: near for y in tables if y != 2005}, cutoff=2.0)
    holed = near.copy()
    holed.iloc[0, 1] = np.nan
    with pytest.raises(AlignmentError, match="missing"):
        model.fit(cov_type="conley", distance=holed, cutoff=2.0)


def test_kernels():
    distance = np.array([[0.0, 1.0, np.inf], [1.0, 0.0, 3.0], [np.inf, 3.0, 0.0]])
    tent = spatial_kernel(Choice("conley", distance=distance, cutoff=4.0))
    assert tent.tolist() == [[1.0, 0.75, 0.0], [0.75, 1.0, 0.25], [0.0, 0.25, 1.0]]
    flat = spatial_kernel(Choice("conley", distance=distance, cutoff=3.0, kernel="uniform"))
    assert flat.tolist() == [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]]
    with pytest.raises(SpecificationError, match="needs distance"):
        spatial_kernel(Choice("conley"))


def test_a_kernel_may_give_no_variance():
    """Parts of near units that cancel: 1 + 1 + 1 - 2 (1 + 1) < 0 under a uniform kernel that leaves the ends apart."""
    distance = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]])
    scores = np.array([[[1.0], [-1.0], [1.0]]])
    choice = Choice("conley", distance=distance, cutoff=1.0, kernel="uniform")
    with pytest.raises(EstimationError, match="not positive"):
        robust_information(Information(np.eye(1), np.eye(1)), scores, choice)


def with_random_effects(simulated, name):
    """Give the panel a y with normal unit effects and no others: S y = x1 - 0.7 x2 + B^-1 (mu + e)."""
    W, x = simulated.arrays["weights"], simulated.arrays["x"]
    rng = np.random.default_rng(6)
    shocks = 0.8 * rng.normal(size=x.shape[1]) + rng.normal(size=x.shape[:2])
    identity = np.eye(x.shape[1])
    u = np.linalg.solve(identity - 0.4 * W * ("kkp" in name), shocks[:, :, None])
    S = identity - 0.4 * W * (name[:3] in {"SAR", "SDM", "SAC"})
    y = np.linalg.solve(S, (x @ [1.0, -0.7])[:, :, None] + u)[:, :, 0]
    index = pd.MultiIndex.from_product([range(2001, 2001 + len(x)), simulated.weights.units]).swaplevel()
    values = pd.Series(y.ravel(), index).reindex(simulated.data.index)
    return replace(simulated, data=simulated.data.assign(y=values.to_numpy()))


@pytest.mark.parametrize("name", RANDOM)
def test_by_unit_they_agree_with_the_information_of_random_effects(panel, name):
    """90 units with normal effects: within 45 %, thrice the error sqrt(2 / 90) of a variance from 90 squares.

    Outer products are inverted themselves, which adds about 8 parameters over 90 parts: within 60 %.
    """
    simulated = with_random_effects(panel("rows", periods=4, units=90), name)
    problem = any_model(simulated, name).design.problem
    fit, information = estimate(problem)
    scores = contributions(problem, fit)
    assert scores.shape == (1, 90, len(information.slope))
    plain = np.sqrt(np.diag(information.covariance()))
    for kind, factor, reach in (
        ("robust", 1.0, 0.45),
        ("opg", 1.0, 0.6),
        ("cluster", np.sqrt(90 / 89), 0.45),
    ):
        found = np.sqrt(np.diag(robust_information(information, scores, Choice(kind)).covariance()))
        assert found == pytest.approx(factor * plain, rel=reach), kind


def test_random_effects_by_unit_in_the_open(panel):
    """OLS: (X'V^-1 X)^-1 sum_n X_n'V^-1 r_n r_n'V^-1 X_n (X'V^-1 X)^-1, V by unit."""
    simulated = panel()
    results = request(simulated, "OLS", "random").fit(cov_type="robust")
    y, x = simulated.arrays["y"], simulated.arrays["x"]
    X = np.concatenate([np.ones((*y.shape, 1)), x], axis=2)
    V = results.sigma2 * (np.eye(6) + results.params["phi"] * np.ones((6, 6)))
    names = list(results.spec.regressors)
    beta = results.params[[n for n in names if n != "Intercept"]].to_numpy()
    r = y - x @ beta - results.params["Intercept"]
    bread = np.linalg.inv(sum(X[:, n].T @ np.linalg.solve(V, X[:, n]) for n in range(14)))
    scores = [X[:, n].T @ np.linalg.solve(V, r[:, n]) for n in range(14)]
    expected = bread @ sum(np.outer(s, s) for s in scores) @ bread
    order = ["Intercept", "x1", "x2"]
    assert results.cov.loc[order, order].to_numpy() == pytest.approx(expected, rel=1e-5)


def test_clusters_hold_their_coverage_where_errors_have_memory(panel):
    """200 panels with AR(1) errors (0.8) and x that stay: the slope of SAR; the binomial error is 2 points."""
    rng = np.random.default_rng(3)
    simulated = panel("constant", periods=8, units=40)
    S = np.eye(40) - 0.4 * simulated.arrays["weights"]
    held = {"expected": 0, "cluster": 0}
    order = simulated.data.index
    for _ in range(200):
        shocks = rng.normal(size=(2, 8, 40))
        for t in range(1, 8):
            shocks[:, t] += 0.8 * shocks[:, t - 1]
        x, e = shocks[0], 0.5 * shocks[1]
        y = np.linalg.solve(S, (x + e)[:, :, None])[:, :, 0]
        index = pd.MultiIndex.from_product([range(2001, 2009), simulated.weights.units]).swaplevel()
        data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index).reindex(order)
        model = yrd.SAR(data, "y ~ x", weights=simulated.weights, effects="unit")
        for kind in held:
            results = model.fit(cov_type=kind)
            held[kind] += abs(results.params["x"] - 1.0) < 1.96 * results.std_errors["x"]
    assert held["expected"] / 200 < 0.90
    assert held["cluster"] / 200 > 0.90


@pytest.mark.parametrize("model", [*SPATIAL, "border", "dynamic"])
@pytest.mark.parametrize("cov_type", ["robust", "opg", "conley"])
def test_with_plain_errors_they_agree_with_the_information(panel, model, cov_type):
    """800 observations: standard errors within 20 %, the error of a fourth moment from so many."""
    simulated = panel("rows", periods=20, units=40)
    if model in {"SEM", "SDEM", "GNS"}:
        simulated = with_error(simulated)
    options = {"distance": far(simulated), "cutoff": 0.5} if cov_type == "conley" else {}
    one = any_model(simulated, model).fit()
    two = any_model(simulated, model).fit(cov_type=cov_type, **options)
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
        ("SAR", {"cov_type": "conley", "distance": "far", "cutoff": -3.0}),
        ("SAR", {"cov_type": "conley", "distance": "far", "cutoff": 3.0, "kernel": "round"}),
        ("OLS", {"cov_type": "bootstrap"}),
    ],
)
def test_senseless_options_are_refused(panel, model, options):
    simulated = panel()
    given = {**options, **({"distance": far(simulated)} if "distance" in options else {})}
    with pytest.raises(SpecificationError):
        request(simulated, model).fit(**given)


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
    few = panel("rows", units=6)
    with pytest.raises(SpecificationError, match="more units"):
        request(few, "SAR", "random").fit(cov_type="opg")
    with pytest.raises(SpecificationError, match="no lags"):
        request(simulated, "SAR", "random").fit(cov_type="conley", distance=table, cutoff=2.0, lags=1)
    year = simulated.data.xs(2003, level="year")
    with pytest.raises(SpecificationError, match="needs a panel"):
        yrd.OLS(year, FORMULA, effects="pooled").fit(cov_type="cluster")
