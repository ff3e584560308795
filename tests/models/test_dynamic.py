"""Dynamic models: the missing score by brute force, simulated panels, long-run effects, and refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models.dynamic import fit_dynamic, largest_root, missing_score
from yrdspatial.models.impacts import Coefficients, Lasting, effects
from yrdspatial.models.likelihood import fit_lag
from yrdspatial.models.multipliers import Multipliers
from yrdspatial.models.spectra import Spectra

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"


def request(simulated, model="SDM", dynamic=("y", "Wy"), effects="twoways"):
    return getattr(yrd, model)(
        simulated.data, FORMULA, weights=simulated.weights, dynamic=dynamic, effects=effects
    )


def transformed(simulated, **how):
    problem = request(simulated, **how).design.problem
    problem = replace(problem, profiled=replace(problem.effects, unit=False))
    return problem, fit_lag(problem)


def test_lags_are_those_of_the_unit_and_of_last_years_weights(panel):
    simulated = panel("rows")
    design = request(simulated).design
    y, W = simulated.arrays["y"], simulated.arrays["weights"]
    assert design.spec.parameters == ("y_lag", "W_y_lag", "x1", "x2", "W_x1", "W_x2", "rho")
    assert design.sample.periods.tolist() == list(range(2002, 2007))
    assert design.problem.X[:, :, 0] == pytest.approx(y[:-1])
    assert design.problem.X[:, :, 1] == pytest.approx(np.einsum("tij,tj->ti", W[:-1], y[:-1]))
    assert request(simulated, dynamic=("Wy",)).design.spec.lags == ("W_y_lag",)
    assert request(simulated, dynamic="y").design.spec.lags == ("y_lag",)


@pytest.mark.parametrize("windows", ["unit", "windows"])
@pytest.mark.parametrize("time", [False, True])
def test_missing_score_is_minus_its_expectation(panel, windows, time):
    """Brute force: y_t of a unit shock in e_s by running the process, for every s and every unit."""
    simulated = panel("directed", periods=7)
    asked = {"unit": True if windows == "unit" else "window", "time": time}
    problem, fit = transformed(simulated, effects=asked)
    (tau, eta), rho = fit.beta[:2], fit.spatial[0]
    T, N = problem.y.shape
    W, before = (
        problem.lag.matrices[problem.lag.position],
        problem.previous.matrices[problem.previous.position],
    )
    response = np.zeros((T, T, N, N))
    for s in range(T):
        response[s, s] = np.linalg.inv(np.eye(N) - rho * W[s])
        for t in range(s + 1, T):
            carried = tau * response[t - 1, s] + eta * before[t] @ response[t - 1, s]
            response[t, s] = np.linalg.solve(np.eye(N) - rho * W[t], carried)
    C = np.eye(N) - time / N
    codes, sizes = problem.effects.windows, problem.effects.window_sizes
    expected = np.zeros(3)
    for t in range(T):
        for s in range(T):
            if codes[t] != codes[s]:
                continue
            share = 1 / sizes[codes[t]]
            if s < t:
                expected[0] += share * np.trace(C @ response[t - 1, s])
                expected[1] += share * np.trace(C @ before[t] @ response[t - 1, s])
            if s <= t:
                expected[2] += share * np.trace(C @ W[t] @ response[t, s])
    found = missing_score(problem, fit)
    assert found[[0, 1, -2]] == pytest.approx(expected, rel=1e-9)
    assert found[2:-2] == pytest.approx(np.zeros(4))
    assert found[-1] == pytest.approx((N - time) * len(sizes) / (2 * fit.sigma2))


def draw(rng, W, tau, rho, periods):
    """Draw a stationary dynamic SAR after 60 periods (synthetic data)."""
    units = W.shape[1]
    inverse = np.linalg.inv(np.eye(units) - rho * W)
    mu, y, rows = rng.normal(size=units), np.zeros(units), []
    for t in range(60 + periods):
        x = rng.normal(size=units)
        y = inverse[min(max(t - 60, 0), len(W) - 1)] @ (tau * y + x + mu + rng.normal(size=units))
        rows.append((y, x))
    return np.array(rows[60:])


@pytest.mark.parametrize("kind", ["constant", "rows"])
def test_the_correction_takes_most_of_the_bias_of_a_short_panel(panel, kind):
    """60 panels, T = 7, tau = 0.4: the dummy-variable estimate is biased downwards, the corrected one hardly."""
    W = panel(kind, periods=8, units=20).arrays["weights"]
    rng = np.random.default_rng(8)
    labels, years = list(range(20)), list(range(2001, 2009))
    weights = yrd.WeightsSeries.from_frames(
        {year: pd.DataFrame(w, labels, labels) for year, w in zip(years, W, strict=True)}
    )
    index = pd.MultiIndex.from_product([years, labels], names=["year", "unit"]).swaplevel()
    direct, corrected = [], []
    for _ in range(60):
        y, x = draw(rng, W, 0.4, 0.3, 8).transpose(1, 0, 2)
        data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
        model = yrd.SAR(data, "y ~ x", weights=weights, dynamic=("y",))
        direct.append(model.fit(bias="none").params["y_lag"])
        corrected.append(model.fit().params["y_lag"])
    assert np.mean(direct) < 0.33
    assert abs(np.mean(corrected) - 0.4) < 0.35 * abs(np.mean(direct) - 0.4)


def test_without_unit_effects_there_is_nothing_to_correct(panel):
    problem = request(panel("rows"), effects="time").design.problem
    fit, _ = fit_dynamic(problem)
    assert fit.spatial == pytest.approx(fit_lag(problem).spatial)
    assert fit.loglik is not None


def test_corrected_estimates_have_no_likelihood(panel):
    results = request(panel("rows")).fit()
    with pytest.raises(EstimationError, match="no log-likelihood"):
        _ = results.loglik
    assert request(panel("rows")).fit(bias="none").loglik < 0


def test_residuals_and_effects_add_up(panel):
    simulated = panel("rows")
    results = request(simulated).fit()
    problem, p = results.design.problem, results.params
    lagged = np.einsum("tij,tj->ti", simulated.arrays["weights"][1:], problem.y)
    total = p["rho"] * lagged + problem.X @ results.fit.beta + results.unit_effects.to_numpy()
    total = total + results.time_effects.to_numpy()[:, None] + results.fit.residuals
    assert total == pytest.approx(problem.y, abs=1e-10)


def test_largest_root_of_the_transition(panel):
    problem, fit = transformed(panel("rows"))
    (tau, eta), rho = fit.beta[:2], fit.spatial[0]
    roots, inner = [], []
    C = np.eye(14) - 1 / 14
    for t in range(5):
        W, before = problem.lag.matrices[t], problem.previous.matrices[t]
        A = np.linalg.solve(np.eye(14) - rho * W, tau * np.eye(14) + eta * before)
        roots.append(np.abs(np.linalg.eigvals(A)).max())
        inner.append(np.abs(np.linalg.eigvals(C @ A @ C)).max())
    assert largest_root(problem, fit, within=False) == pytest.approx(max(roots))
    assert largest_root(problem, fit, within=True) == pytest.approx(max(inner))
    results = request(panel("rows")).fit()
    assert results.stability.index.tolist() == ["all", "net_of_time"]


def test_an_unstable_process_is_said_and_its_long_run_refused(panel):
    results = request(panel("rows"), "SAR", ("y",)).fit(bias="none")
    moved = replace(results, fit=replace(results.fit, beta=np.array([0.9, *results.fit.beta[1:]])))
    assert moved.stability["all"] > 1
    with pytest.raises(EstimationError, match="long-run effects do not exist"):
        moved.impacts(horizon="long")
    assert moved.impacts(horizon="short").table["estimate"].notna().all()


CHAIN = np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])


def test_long_run_of_the_chain_of_three():
    """Tau = .3, eta = .1, rho = .4, beta = 1, theta = .5: worked by hand from [(1 - tau) I - (rho + eta) W]^-1."""
    spectra = Spectra.of(CHAIN[None], np.zeros(1, int))
    multipliers = Multipliers.of(spectra, spectra, np.ones((1, 1)))
    places = Coefficients(own=np.array([2]), lagged=np.array([3]), rho=4)
    point = np.array([[0.3, 0.1, 1.0, 0.5, 0.4]])
    lasting = Lasting(0, 1, 4, np.array([2, 3]))
    assert effects(multipliers, places, point)[0, 0, 0] == pytest.approx((1.285714, 1.214286, 2.5), abs=5e-7)
    long = effects(multipliers, places, lasting.of(point))[0, 0, 0]
    assert long == pytest.approx((3.115079, 4.384921, 7.5), abs=5e-7)


def test_long_run_errors_by_a_numerical_gradient(panel):
    results = request(panel("rows", periods=9)).fit(bias="none")
    W = results.design.problem.lag.matrices

    def long(theta):
        tau, eta, rho = theta[0], theta[1], theta[-1]
        S = np.linalg.inv((1 - tau) * np.eye(14) - (rho + eta) * W) @ (theta[2] * np.eye(14) + theta[4] * W)
        return S.sum() / 14 / len(W)

    theta, V = results.params.to_numpy(), results.cov.to_numpy()
    gradient = np.array([(long(theta + h) - long(theta - h)) / 2e-6 for h in 1e-6 * np.eye(7)])
    table = results.impacts(horizon="long").table.set_index(["variable", "effect"])
    assert table.loc[("x1", "total"), "estimate"] == pytest.approx(long(theta), rel=1e-9)
    assert table.loc[("x1", "total"), "std_error"] == pytest.approx(
        np.sqrt(gradient @ V @ gradient), rel=1e-6
    )
    draws = results.impacts(method="simulation", seed=1, horizon="long")
    assert draws.table.set_index(["variable", "effect"]).loc[("x1", "total"), "estimate"] == pytest.approx(
        long(theta)
    )


@pytest.mark.parametrize(
    ("model", "how"),
    [
        ("SEM", {}),
        ("OLS", {}),
        ("SDM", {"effects": "random"}),
        ("SDM", {"dynamic": ("x1",)}),
        ("SDM", {"dynamic": ("y", "y")}),
    ],
)
def test_what_has_no_dynamic_form_is_refused(panel, model, how):
    with pytest.raises(SpecificationError, match="dynamic"):
        request(panel("rows"), model, **how)


def test_a_missing_year_is_refused_and_static_models_have_no_stability(panel):
    simulated = panel("constant")
    holed = replace(simulated, data=simulated.data.drop(index=2003, level="year"))
    with pytest.raises(SpecificationError, match="evenly spaced"):
        request(holed)
    with pytest.raises(SpecificationError, match="not dynamic"):
        _ = yrd.SDM(simulated.data, FORMULA, weights=simulated.weights).fit().stability
