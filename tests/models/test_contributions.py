"""Parts of the score: they sum to the slope of a dense likelihood, and are split as loops say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import EstimationError
from yrdspatial.models.contributions import contributions, fixed_parts, random_parts
from yrdspatial.models.filtered_covariance import filtered_propagators

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"
STEP = 1e-5


def design_of(simulated, name, effects, **options):
    return getattr(yrd, name)(
        simulated.data, FORMULA, weights=simulated.weights, effects=effects, **options
    ).design


def two_parts(simulated):
    """Split each W_t by whether i + j is even."""
    units, years = simulated.weights.units, simulated.weights.years
    tables = (pd.DataFrame(W, units, units) for W in simulated.arrays["weights"])
    frames = dict(zip(years, tables, strict=True))
    even = np.indices((14, 14)).sum(axis=0) % 2 == 0
    halves = ({year: frame.where(keep, 0.0) for year, frame in frames.items()} for keep in (even, ~even))
    return {
        name: yrd.WeightsSeries.from_frames(half) for name, half in zip(("even", "odd"), halves, strict=True)
    }


def dense(problem, spatial):
    """S and B of all periods, (T, N, N), from the spatial parameters in order."""
    T, N = problem.y.shape
    S, B = np.tile(np.eye(N), (T, 1, 1)), np.tile(np.eye(N), (T, 1, 1))
    values = list(spatial)
    for part in problem.parts or ((problem.lag,) if problem.lag is not None else ()):
        S = S - values.pop(0) * part.matrices[part.position]
    if problem.error is not None:
        B = B - values.pop(0) * problem.error.matrices[problem.error.position]
    return S, B


def gaussian(problem, theta):
    """Log-density of y at (beta, spatial, [phi], sigma2), by the N T x N T variance of the error."""
    T, N = problem.y.shape
    k = problem.X.shape[2]
    beta, spatial, s2 = theta[:k], theta[k:-1], theta[-1]
    S, B = dense(problem, spatial)
    left = (S @ problem.y[:, :, None])[:, :, 0] - problem.X @ beta
    v = (B @ left[:, :, None]).ravel()
    variance = s2 * np.eye(T * N)
    if problem.random:
        variance = variance + s2 * spatial[-1] * np.kron(np.ones((T, T)), np.eye(N))
    logdet = sum(np.linalg.slogdet(matrix)[1] for matrix in [*S, *B])
    return logdet - 0.5 * np.linalg.slogdet(variance)[1] - 0.5 * v @ np.linalg.solve(variance, v)


def slope(problem, theta):
    steps = STEP * np.eye(theta.size)
    return np.array(
        [(gaussian(problem, theta + s) - gaussian(problem, theta - s)) / (2 * STEP) for s in steps]
    )


def moved(fit, problem):
    """Estimates away from the optimum, with the residuals they leave."""
    beta, spatial, s2 = fit.beta + 0.1, 0.6 * fit.spatial + 0.05, 1.3 * fit.sigma2
    S, B = dense(problem, spatial)
    e = (B @ ((S @ problem.y[:, :, None]) - (problem.X @ beta)[:, :, None]))[:, :, 0]
    return replace(fit, beta=beta, spatial=spatial, sigma2=s2, residuals=e), np.array([*beta, *spatial, s2])


@pytest.mark.parametrize("name", ["OLS", "SAR", "SDM", "SEM", "SDEM", "SAC", "GNS", "border"])
@pytest.mark.parametrize("by_unit", [False, True])
def test_parts_sum_to_the_slope_of_the_likelihood(panel, name, by_unit):
    """Pooled, at a point that is no optimum; 1e-5 is the error of a central difference with this step."""
    simulated = panel("rows")
    if name == "border":
        results = yrd.SAR(simulated.data, FORMULA, weights=two_parts(simulated), effects="pooled").fit()
    else:
        weights = {} if name == "OLS" else {"weights": simulated.weights}
        results = getattr(yrd, name)(simulated.data, FORMULA, effects="pooled", **weights).fit(bias="none")
    problem = results.design.problem
    fit, theta = moved(results.fit, problem)
    parts = fixed_parts(problem, fit, by_unit=by_unit)
    assert parts.shape == (6, 14, theta.size)
    expected = slope(problem, theta)
    assert parts.sum(axis=(0, 1)) == pytest.approx(expected, rel=1e-5, abs=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize(
    "name",
    ["OLS random", "SAR random", "SDM random_kkp", "SEM random_kkp", "SAC random_kkp", "GNS random_kkp"],
)
def test_parts_by_unit_sum_to_the_slope_with_random_effects(panel, name):
    simulated = panel("directed")
    model, effects = name.split()
    weights = {} if model == "OLS" else {"weights": simulated.weights}
    results = getattr(yrd, model)(simulated.data, FORMULA, effects=effects, **weights).fit()
    problem = results.design.problem
    fit, theta = moved(results.fit, problem)
    parts = random_parts(problem, fit)
    assert parts.shape == (1, 14, theta.size)
    expected = slope(problem, theta)
    assert parts.sum(axis=(0, 1)) == pytest.approx(expected, rel=1e-5, abs=1e-5 * np.abs(expected).max())
    # the mean of the parts is taken out of what is summed
    assert contributions(problem, fit).sum(axis=(0, 1)) == pytest.approx(np.zeros(theta.size), abs=1e-8)


def test_the_parts_of_a_unit_are_its_own_and_its_pairs_with_units_before(panel):
    """The form sum_t w'H v of a KKP error by loops over t and pairs."""
    results = yrd.SEM(
        (simulated := panel("rows")).data, FORMULA, weights=simulated.weights, effects="random_kkp"
    ).fit()
    problem, fit = results.design.problem, results.fit
    lam, phi, s2 = results.params["lambda"], results.params["phi"], results.sigma2
    W = simulated.arrays["weights"]
    B = np.eye(14) - lam * W
    v = (B @ (problem.y - problem.X @ fit.beta)[:, :, None])[:, :, 0]
    w = (np.linalg.inv(np.eye(6) + phi * np.ones((6, 6)))) @ v
    H = W @ np.linalg.inv(B)
    expected = np.zeros(14)
    for t in range(6):
        for n in range(14):
            expected[n] += H[t, n, n] * (w[t, n] * v[t, n] - s2) / s2
            for m in range(n):
                expected[n] += (w[t, n] * H[t, n, m] * v[t, m] + w[t, m] * H[t, m, n] * v[t, n]) / s2
    assert random_parts(problem, fit)[0, :, 3] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("by_unit", [False, True])
@pytest.mark.parametrize("effects", ["unit", "twoways"])
def test_parts_of_the_adjusted_score_by_loops(panel, by_unit, effects):
    """A = M G M, each pair of observations given to the later of the two, in the order of periods or of units."""
    simulated = panel("directed", periods=4, units=9)
    results = yrd.SAR(simulated.data, FORMULA, weights=simulated.weights, effects=effects).fit()
    problem, fit = results.design.problem, results.fit
    T, N = 4, 9
    C = np.eye(N) - np.ones((N, N)) / N if effects == "twoways" else np.eye(N)
    M = np.kron(np.eye(T) - np.ones((T, T)) / T, C)
    G = np.zeros((T * N, T * N))
    for t, W in enumerate(simulated.arrays["weights"]):
        G[t * N : t * N + N, t * N : t * N + N] = W @ np.linalg.inv(np.eye(N) - results.params["rho"] * W)
    A = M @ G @ M
    raw = fit.residuals.ravel()
    degrees = (T - 1) * (N - 1 if effects == "twoways" else N)
    scale, s2 = np.sqrt(T * N / degrees), results.sigma2
    e = scale * raw
    Wy = np.einsum("tij,tj->ti", simulated.arrays["weights"], problem.y).ravel()
    linear = M @ (Wy - G @ raw)
    order = sorted(range(T * N), key=lambda i: (i % N, i // N) if by_unit else (i // N, i % N))
    expected = np.zeros(T * N)
    for place, i in enumerate(order):
        expected[i] = linear[i] * e[i] + A[i, i] * (e[i] ** 2 - s2)
        expected[i] += e[i] * sum((A[i, j] + A[j, i]) * e[j] for j in order[:place])
    found = fixed_parts(problem, fit, by_unit=by_unit, scale=scale)[:, :, -2].ravel()
    assert found == pytest.approx(expected / s2, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("name", ["SAR", "SDM", "SEM", "SDEM", "SAC", "border"])
@pytest.mark.parametrize("effects", ["unit", "time", "twoways", {"unit": "window", "time": "region"}])
def test_the_adjusted_score_is_zero_at_the_estimates(panel, name, effects):
    """Unscaled parts sum to the adjusted score, which the estimators solve to 1e-6; those of sigma2 do when scaled."""
    simulated = panel("directed")
    weights = two_parts(simulated) if name == "border" else simulated.weights
    model = yrd.SAR if name == "border" else getattr(yrd, name)
    results = model(simulated.data, FORMULA, weights=weights, effects=effects).fit()
    total = fixed_parts(results.design.problem, results.fit, by_unit=False).sum(axis=(0, 1))
    assert total[:-1] == pytest.approx(np.zeros(total.size - 1), abs=1e-5)
    problem = results.design.problem
    scale = np.sqrt(problem.y.size / problem.degrees_of_freedom)
    whole = fixed_parts(problem, results.fit, by_unit=False, scale=scale).sum(axis=(0, 1))
    assert whole[-1] == pytest.approx(0.0, abs=1e-8)


def test_parts_of_different_units_are_uncorrelated_whatever_a_unit_does(panel):
    """2,000 draws of KKP errors with memory and variances by unit: mean products within 4 errors of zero."""
    simulated = panel("rows", periods=3, units=6)
    results = yrd.SEM(simulated.data, FORMULA, weights=simulated.weights, effects="random_kkp").fit()
    problem = results.design.problem
    rng = np.random.default_rng(0)
    truth = replace(results.fit, beta=np.array([1.0, 1.0, -0.7]), spatial=np.array([0.4, 0.5]), sigma2=1.0)
    B = np.eye(6) - 0.4 * simulated.arrays["weights"]
    draws = []
    for _ in range(2000):
        shocks = rng.normal(size=(3, 6)) * np.linspace(0.5, 1.5, 6)
        shocks[1:] += 0.6 * shocks[:-1]
        y = problem.X @ truth.beta + np.linalg.solve(B, shocks[:, :, None])[:, :, 0]
        parts = random_parts(replace(problem, y=y), truth)[0, :, 3]
        draws.append(parts)
    own = np.stack(draws)
    own = own - own.mean(axis=0)
    for n in range(6):
        for m in range(n):
            products = own[:, n] * own[:, m]
            assert abs(products.mean()) < 4 * products.std() / np.sqrt(2000)


def test_propagators_need_a_lag(panel):
    problem = design_of(panel(), "SEM", "unit").problem
    with pytest.raises(EstimationError, match="needs weights"):
        filtered_propagators(problem, 0.1, 0.1)
    lag = design_of(simulated := panel(), "SAR", "unit").problem
    W = simulated.arrays["weights"]
    assert filtered_propagators(lag, 0.3, 0.0) == pytest.approx(W @ np.linalg.inv(np.eye(14) - 0.3 * W))
