"""Several weights at once: against one weight, dense matrices, a general minimizer, and simulated panels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import block_diag
from scipy.optimize import minimize

import yrdspatial as yrd
from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models.parts import Stack, fit_parts, parts_information, parts_profile
from yrdspatial.models.parts_effects import PartsEffects
from yrdspatial.models.within import dummy_basis
from yrdspatial.weights.series import WeightsSeries

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "y ~ x1 + x2"
GROUP = np.arange(14) < 7
SAME = np.equal.outer(GROUP, GROUP)


def split(simulated):
    """Links within and across two halves of the units, by the joint row sum."""
    labels, years = simulated.weights.units, simulated.weights.years
    tables = {}
    for name, mask in (("within", SAME), ("across", ~SAME)):
        tables[name] = WeightsSeries.from_frames(
            {
                year: pd.DataFrame(w * mask, labels, labels)
                for year, w in zip(years, simulated.arrays["weights"], strict=True)
            }
        )
    return tables


def request(simulated, model="SDM", effects="twoways", **how):
    return getattr(yrd, model)(simulated.data, FORMULA, weights=split(simulated), effects=effects, **how)


def dense(problem):
    T, N = problem.y.shape
    W = [block_diag(*part.matrices[part.position]) for part in problem.parts]
    U = dummy_basis(problem.effects)
    return W, np.eye(T * N) - U @ U.T


def test_names(panel):
    simulated = panel("rows")
    spec = request(simulated).design.spec
    lagged = ["W_within_x1", "W_within_x2", "W_across_x1", "W_across_x2"]
    assert list(spec.parameters) == ["x1", "x2", *lagged, "rho_within", "rho_across"]
    assert request(simulated, "SAR").design.spec.parameters == ("x1", "x2", "rho_within", "rho_across")
    assert list(request(simulated, "SLX").design.spec.parameters) == ["x1", "x2", *lagged]
    one = request(simulated, durbin="x1", durbin_weights=simulated.weights).design.spec
    assert one.parameters == ("x1", "x2", "W_x1", "rho_within", "rho_across")


@pytest.mark.parametrize("effects", ["pooled", "unit", "time", "twoways"])
@pytest.mark.parametrize("adjusted", [True, False])
def test_scores_are_those_of_dense_matrices(panel, effects, adjusted):
    problem = replace(request(panel("directed"), effects=effects).design.problem, adjusted=adjusted)
    profile = parts_profile(problem)[0]
    W, M = dense(problem)
    rho = np.array([0.3, -0.2])
    n = problem.y.size
    S = np.eye(n) - rho[0] * W[0] - rho[1] * W[1]
    x = M @ problem.X.reshape(n, -1)
    e = M @ S @ problem.y.ravel()
    e = e - x @ np.linalg.lstsq(x, e, rcond=None)[0]
    count = problem.degrees_of_freedom
    inner = M if adjusted else np.eye(n)
    expected = [
        (w @ problem.y.ravel()) @ e * count / (e @ e) - np.trace(inner @ w @ np.linalg.inv(S)) for w in W
    ]
    assert profile.scores(rho, adjusted=adjusted) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("kind", ["constant", "directed"])
def test_direct_estimates_are_where_a_general_minimizer_ends(panel, kind):
    problem = replace(request(panel(kind), "SAR").design.problem, adjusted=False)
    fit = fit_parts(problem)
    profile = parts_profile(problem)[0]
    found = minimize(
        lambda rho: -profile.loglik(rho), [0.1, 0.1], method="Nelder-Mead", options={"xatol": 1e-7}
    )
    assert fit.spatial == pytest.approx(found.x, abs=1e-5)
    assert fit.loglik == pytest.approx(-found.fun, abs=1e-7)
    assert fit.score == pytest.approx([0, 0], abs=1e-6)
    assert (fit.curvature > 0).all()


@pytest.mark.parametrize("effects", ["unit", "time", "twoways"])
@pytest.mark.parametrize("observed", [False, True])
def test_information_is_that_of_dense_traces(panel, effects, observed):
    problem = request(panel("directed"), "SAR", effects).design.problem
    fit = fit_parts(problem)
    W, M = dense(problem)
    n, s2 = problem.y.size, fit.sigma2
    S = np.eye(n) - fit.spatial[0] * W[0] - fit.spatial[1] * W[1]
    G = [w @ np.linalg.inv(S) for w in W]
    e, y = fit.residuals.ravel(), problem.y.ravel()
    x = M @ problem.X.reshape(n, -1)
    eta = [M @ (w @ y - (0 if observed else g @ e)) for w, g in zip(W, G, strict=True)]
    flat = np.column_stack([x, *eta])
    A = np.zeros((5, 5))
    A[:4, :4] = flat.T @ flat / s2
    A[4, 4] = problem.degrees_of_freedom / (2 * s2**2)
    B = A.copy()
    for q in range(2):
        A[2 + q, 4] = A[4, 2 + q] = (eta[q] @ e / s2**2) if observed else np.trace(M @ G[q]) / s2
        B[2 + q, 4] = B[4, 2 + q] = A[2 + q, 4]
        for r in range(2):
            cross = 0 if observed else np.trace(M @ G[q].T @ M @ G[r])
            A[2 + q, 2 + r] += np.trace(M @ G[q] @ G[r]) + cross
            B[2 + q, 2 + r] += np.trace(M @ G[q] @ M @ G[r]) + cross
    information = parts_information(problem, fit, observed=observed)
    assert information.slope == pytest.approx(A, rel=1e-8, abs=1e-8)
    assert information.variance == pytest.approx((A + A.T) / 2 if observed else B, rel=1e-8, abs=1e-8)


def test_with_one_part_alone_it_is_the_model_with_one_weight(panel):
    simulated = panel("directed")
    one = yrd.SDM(simulated.data, FORMULA, weights={"all": simulated.weights}).fit()
    plain = yrd.SDM(simulated.data, FORMULA, weights=simulated.weights).fit()
    assert one.params.to_numpy() == pytest.approx(plain.params.to_numpy(), abs=1e-8)
    assert one.std_errors.to_numpy() == pytest.approx(plain.std_errors.to_numpy(), abs=1e-8)
    assert one.impacts().table["estimate"].to_numpy() == pytest.approx(
        plain.impacts().table["estimate"].to_numpy()
    )
    assert one.params.index[-1] == "rho_all"


def test_a_likelihood_exists_without_time_effects_alone(panel):
    simulated = panel("directed")
    unit, both = request(simulated, effects="unit").fit(), request(simulated).fit()
    plain = yrd.SDM(simulated.data, FORMULA, weights={"all": simulated.weights}, effects="unit").fit()
    single = yrd.SDM(simulated.data, FORMULA, weights=simulated.weights, effects="unit").fit()
    assert plain.loglik == pytest.approx(single.loglik, abs=1e-9)
    assert unit.loglik > single.loglik - 1e-9
    with pytest.raises(EstimationError, match="no log-likelihood"):
        _ = both.loglik


def test_effects_equal_dense_inverses_and_their_errors_a_numerical_gradient(panel):
    simulated = panel("rows")
    results = request(simulated).fit()
    p, W = results.params, simulated.arrays["weights"]
    direct, total = [], []
    for w in W:
        S = np.eye(14) - p["rho_within"] * w * SAME - p["rho_across"] * w * ~SAME
        slope = p["x1"] * np.eye(14) + p["W_within_x1"] * w * SAME + p["W_across_x1"] * w * ~SAME
        effect = np.linalg.solve(S, slope)
        direct.append(np.trace(effect) / 14)
        total.append(effect.sum() / 14)
    table = results.impacts().table.set_index(["variable", "effect"])
    assert table.loc[("x1", "direct"), "estimate"] == pytest.approx(np.mean(direct), abs=1e-10)
    assert table.loc[("x1", "total"), "estimate"] == pytest.approx(np.mean(total), abs=1e-10)
    assert (table["std_error"] > 0).all()
    by_year = results.impacts(by="year").table
    first = by_year[(by_year["variable"] == "x1") & (by_year["effect"] == "direct")]["estimate"].iloc[0]
    assert first == pytest.approx(direct[0], abs=1e-10)
    drawn = results.impacts(method="simulation", draws=2000, seed=1)
    assert drawn.table["std_error"].to_numpy() == pytest.approx(table["std_error"].to_numpy(), rel=0.15)


def test_local_effects_of_two_weights_of_x(panel):
    simulated = panel("rows")
    results = request(simulated, "SLX").fit()
    p = results.params
    rows = [(simulated.arrays["weights"] * mask).sum(axis=2).mean() for mask in (SAME, ~SAME)]
    table = results.impacts().table.set_index(["variable", "effect"])
    expected = rows[0] * p["W_within_x1"] + rows[1] * p["W_across_x1"]
    assert table.loc[("x1", "indirect"), "estimate"] == pytest.approx(expected)


def test_feasible_region_and_bounds(panel):
    stack = Stack.of(request(panel("rows")).design.problem.parts)
    assert stack.feasible(np.array([0.5, 0.5]))
    assert not stack.feasible(np.array([1.4, 1.4]))
    rho = np.array([0.2, 0.3])
    for q, (low, high) in enumerate(stack.bounds(rho)):
        assert low < rho[q] < high
        at = rho.copy()
        at[q] = high
        smallest = np.linalg.svd(np.eye(14) - stack.mixed(at), compute_uv=False)[:, -1].min()
        assert smallest == pytest.approx(0.0, abs=1e-7)


def test_draws_outside_the_region_are_left_out(panel):
    design = request(panel("rows")).design
    parts = PartsEffects.of(design, np.full((1, 6), 1 / 6))
    sample = np.zeros((3, 8))
    sample[:, 6:] = [[0.4, 0.4], [1.5, 1.5], [-0.5, 0.5]]
    assert parts.inside(sample).tolist() == [True, False, True]


def test_wald_test_of_equality_and_small_monte_carlo(panel):
    """30 panels with rho 0.5 within and 0.2 across: the mean is within three standard errors of the truth."""
    simulated = panel("rows", periods=10)
    W = simulated.arrays["weights"]
    S = np.eye(14) - 0.5 * W * SAME - 0.2 * W * ~SAME
    rng = np.random.default_rng(5)
    base = request(simulated, "SAR").design.problem
    found = []
    for _ in range(30):
        drift = rng.normal(size=14) + rng.normal(size=(10, 1)) + 0.5 * rng.normal(size=(10, 14))
        y = np.linalg.solve(S, (simulated.arrays["x"] @ [1.0, -0.7] + drift)[:, :, None])[:, :, 0]
        found.append(fit_parts(replace(base, y=y)).spatial)
    spread = np.std(found, axis=0) / np.sqrt(30)
    assert (np.abs(np.mean(found, axis=0) - [0.5, 0.2]) < 3 * spread).all()
    results = request(simulated).fit()
    test = results.wald_test("rho_within = rho_across")
    gap = results.params["rho_within"] - results.params["rho_across"]
    names = ["rho_within", "rho_across"]
    variance = results.cov.loc[names, names].to_numpy()
    assert test.statistic == pytest.approx(gap**2 / (variance[0, 0] + variance[1, 1] - 2 * variance[0, 1]))


def test_the_parts_add_up_to_y(panel):
    simulated = panel("rows")
    results = request(simulated).fit()
    problem, p = results.design.problem, results.params
    y, W = simulated.arrays["y"], simulated.arrays["weights"]
    total = p["rho_within"] * np.einsum("tij,tj->ti", W * SAME, y) + p["rho_across"] * np.einsum(
        "tij,tj->ti", W * ~SAME, y
    )
    total = total + problem.X @ results.fit.beta + results.unit_effects.to_numpy()
    assert total + results.time_effects.to_numpy()[:, None] + results.fit.residuals == pytest.approx(
        y, abs=1e-10
    )
    assert "weights of y (within)" in str(results.summary)


def test_what_takes_one_weight_refuses_several(panel):
    simulated = panel("rows")
    for model, how in (
        ("SEM", {}),
        ("SAC", {}),
        ("SAR", {"effects": "random"}),
        ("SAR", {"dynamic": ("y",)}),
    ):
        with pytest.raises(SpecificationError, match="one weight"):
            request(simulated, model, **how)
    with pytest.raises(SpecificationError, match="no single rho"):
        _ = request(simulated).fit().rho_bounds
    exact = replace(request(simulated, "SAR").design.problem, y=np.zeros((6, 14)))
    with pytest.raises(EstimationError, match="perfectly"):
        fit_parts(exact)
