"""How strong instruments are, against formulas written here; all panels are synthetic."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, f

from yrdspatial.errors import SpecificationError
from yrdspatial.models.instrument_strength import AndersonRubin, Reduced, anderson_rubin, strength
from yrdspatial.models.robust import Choice
from yrdspatial.models.two_stage import Equation

SHAPE = (11, 16)
N = SHAPE[0] * SHAPE[1]
CHOICES = [None, Choice("robust"), Choice("cluster"), Choice("driscoll-kraay", lags=2)]
KINDS = ["homoskedastic", "robust", "cluster", "driscoll-kraay"]
PAIRS = list(zip(CHOICES, KINDS, strict=True))


def draw(seed=1, endogenous=1, instruments=3, strong=0.5):
    """Synthetic: x exogenous, Y = strong Z + errors that y shares."""
    rng = np.random.default_rng(seed)
    Z, x, u = rng.normal(size=(N, instruments)), rng.normal(size=N), rng.normal(size=N)
    noise = rng.normal(size=(N, endogenous)) * (1.0 + 0.5 * np.abs(Z[:, :1]))
    Y = strong * Z[:, :endogenous] + 0.4 * x[:, None] + 0.5 * u[:, None] + noise
    X = np.column_stack([x, Y])
    y = X.sum(1) + u
    return Equation(y, X, Z, np.array([False] + [True] * endogenous), SHAPE, N - 7)


def regression(y, X):
    params = np.linalg.lstsq(X, y, rcond=None)[0]
    return params, y - X @ params


def sandwich(X, errors, kind, degrees):
    """Covariance of least squares by weights of pairs of rows."""
    units = SHAPE[1]
    period, unit = np.divmod(np.arange(N), units)
    gap = np.abs(np.subtract.outer(period, period))
    weight = {
        "robust": np.eye(N),
        "cluster": np.equal.outer(unit, unit) * units / (units - 1.0),
        "driscoll-kraay": np.clip(1.0 - gap / 3.0, 0.0, None),
    }
    bread = np.linalg.inv(X.T @ X)
    if kind == "homoskedastic":
        return bread * (errors @ errors) / degrees
    scores = X * errors[:, None]
    return bread @ scores.T @ weight[kind] @ scores @ bread * N / degrees


@pytest.mark.parametrize(("choice", "kind"), PAIRS, ids=KINDS)
def test_first_stage_f_is_the_wald_test_of_the_full_regression(choice, kind):
    equation = draw(endogenous=2)
    found = strength(equation, choice)
    first = np.column_stack([equation.X[:, :1], equation.Z])
    for j in range(2):
        params, errors = regression(equation.X[:, 1 + j], first)
        V = sandwich(first, errors, kind, equation.degrees - 4)[1:, 1:]
        wald = params[1:] @ np.linalg.solve(V, params[1:])
        assert found.first_stage[j] == pytest.approx(wald / 3, rel=1e-9)
        _, without = regression(equation.X[:, 1 + j], first[:, :1])
        assert found.partial_r2[j] == pytest.approx(1 - errors @ errors / (without @ without), rel=1e-10)
    assert found.degrees == (3, 2, equation.degrees - 4)


@pytest.mark.parametrize(("choice", "kind"), PAIRS, ids=KINDS)
def test_with_one_endogenous_regressor_all_statistics_are_its_first_stage(choice, kind):
    equation = draw()
    found, plain = strength(equation, choice), strength(equation)
    assert found.kleibergen_paap == pytest.approx(found.first_stage[0], rel=1e-9)
    assert found.conditional[0] == pytest.approx(found.first_stage[0], rel=1e-9)
    assert found.cragg_donald == pytest.approx(plain.first_stage[0], rel=1e-9)
    assert found.rank_pvalue == pytest.approx(chi2.sf(3 * found.first_stage[0], 3), rel=1e-7)
    first = np.column_stack([equation.X[:, :1], equation.Z])
    params, errors = regression(equation.X[:, 1], first)
    V = sandwich(first, errors, kind, equation.degrees - 4)[1:, 1:]
    net = equation.net(equation.Z)
    effective = params[1:] @ net.T @ net @ params[1:] / np.trace(V @ net.T @ net)
    assert found.effective == pytest.approx(effective, rel=1e-9)


def test_cragg_donald_is_the_smallest_root_and_the_same_in_any_units():
    equation = draw(endogenous=2)
    Y, Z = equation.net(equation.X[:, 1:]), equation.net(equation.Z)
    P = Z @ np.linalg.inv(Z.T @ Z) @ Z.T
    sigma = Y.T @ (Y - P @ Y) / (equation.degrees - 4)
    root = np.linalg.eigvals(np.linalg.solve(sigma, Y.T @ P @ Y)).real.min()
    found = strength(equation)
    assert found.cragg_donald == pytest.approx(root / 3, rel=1e-9)
    assert found.kleibergen_paap == pytest.approx(root / 3, rel=1e-9)
    assert np.isnan(found.effective)
    for choice in CHOICES:
        X = equation.X.copy()
        X[:, 1:] = X[:, 1:] @ np.array([[2.0, 1.0], [0.0, 30.0]])
        turned = strength(replace(equation, X=X, Z=equation.Z * [1.0, 5.0, 0.1]), choice)
        assert turned.kleibergen_paap == pytest.approx(strength(equation, choice).kleibergen_paap, rel=1e-7)


def rank_statistic(equation, kind):
    """Kleibergen and Paap with their blocks U22 and V22, and the first stage in the units of the data."""
    Y, Z = equation.net(equation.X[:, 1:]), equation.net(equation.Z)
    slope = np.linalg.lstsq(Z, Y, rcond=None)[0]
    left, degrees = Y - Z @ slope, equation.degrees - 4
    G = np.linalg.cholesky(Z.T @ Z).T
    F = np.linalg.inv(np.linalg.cholesky(left.T @ left / degrees))
    bread = np.linalg.inv(Z.T @ Z)
    scores = np.hstack([Z * left[:, [j]] for j in range(2)])
    if kind == "robust":
        middle = scores.T @ scores * N / degrees
    else:
        sums = scores.reshape(*SHAPE, -1).sum(0)
        middle = sums.T @ sums * N / degrees * SHAPE[1] / (SHAPE[1] - 1)
    V_slope = np.kron(np.eye(2), bread) @ middle @ np.kron(np.eye(2), bread)
    theta = G @ slope @ F.T
    W = np.kron(F, G) @ V_slope @ np.kron(F, G).T
    U, _, Vt = np.linalg.svd(theta)
    U2, V2 = U[:, 1:], Vt.T[:, 1:]
    U22, V22 = U2[1:], V2[1:]

    def root(A):
        values, vectors = np.linalg.eigh(A)
        return vectors @ np.diag(np.sqrt(values)) @ vectors.T

    A = U2 @ np.linalg.inv(U22) @ root(U22 @ U22.T)
    B = root(V22 @ V22.T) @ np.linalg.inv(V22.T) @ V2.T
    value = (A.T @ theta @ B.T).T.ravel()
    both = np.kron(B, A.T)
    return value @ np.linalg.solve(both @ W @ both.T, value)


@pytest.mark.parametrize("kind", ["robust", "cluster"])
def test_kleibergen_paap_by_its_own_blocks(kind):
    equation = draw(endogenous=2)
    found = strength(equation, Choice(kind))
    wald = rank_statistic(equation, kind)
    assert 3 * found.kleibergen_paap == pytest.approx(wald, rel=1e-8)
    assert found.rank_pvalue == pytest.approx(chi2.sf(wald, 2), rel=1e-6)


def test_sanderson_windmeijer_by_two_stages():
    equation = draw(endogenous=2)
    found = strength(equation)
    Y, Z = equation.net(equation.X[:, 1:]), equation.net(equation.Z)
    P = Z @ np.linalg.inv(Z.T @ Z) @ Z.T
    for j, other in ((0, 1), (1, 0)):
        slope = (Y[:, other] @ P @ Y[:, j]) / (Y[:, other] @ P @ Y[:, other])
        rest = Y[:, j] - slope * Y[:, other]
        unexplained = rest @ (rest - P @ rest) / (equation.degrees - 4)
        assert found.conditional[j] == pytest.approx(rest @ P @ rest / unexplained / 2, rel=1e-9)


def test_conditional_f_is_small_where_one_instrument_moves_both():
    rng = np.random.default_rng(5)
    Z, x, u = rng.normal(size=(N, 3)), rng.normal(size=N), rng.normal(size=(N, 2))
    Y = Z[:, :1] * [2.0, 1.5] + u
    equation = Equation(Y.sum(1) + x, np.column_stack([x, Y]), Z, np.array([False, True, True]), SHAPE, N)
    for choice in CHOICES:
        found = strength(equation, choice)
        assert found.first_stage.min() > 50.0
        assert found.conditional.max() < 10.0
        assert found.kleibergen_paap < 10.0


def test_more_instruments_than_clusters_leave_no_statistic():
    found = strength(draw(instruments=20), Choice("cluster"))
    assert np.isnan(found.first_stage[0])
    assert np.isnan(found.kleibergen_paap)
    assert np.isfinite(found.effective)


@pytest.mark.parametrize(("choice", "kind"), PAIRS, ids=KINDS)
def test_anderson_rubin_is_the_test_of_the_instruments_in_the_regression_of_y_less_what_is_claimed(
    choice, kind
):
    equation = draw()
    test = anderson_rubin(equation, choice, 0)
    full = np.column_stack([equation.X[:, :1], equation.Z])
    for value in (-1.0, 0.7, 3.0):
        params, errors = regression(equation.y - value * equation.X[:, 1], full)
        V = sandwich(full, errors, kind, equation.degrees - 4)[1:, 1:]
        statistic = params[1:] @ np.linalg.solve(V, params[1:]) / 3
        assert test.statistic(1.0, -value) == pytest.approx(statistic, rel=1e-8)
        room = SHAPE[1] - 1 if kind == "cluster" else equation.degrees - 4
        assert test.pvalue(value) == pytest.approx(f.sf(statistic, 3, room), rel=1e-7)
    assert test.statistic(0.0, 1.0) == pytest.approx(strength(equation, choice).first_stage[0], rel=1e-9)


def quadratic_set(equation, level=0.95):
    """Roots of a b^2 + b1 b + c <= 0, the set under one variance."""
    y, x, Z = equation.net(equation.y), equation.net(equation.X[:, 1]), equation.net(equation.Z)
    P = Z @ np.linalg.inv(Z.T @ Z) @ Z.T
    count, room = Z.shape[1], equation.degrees - 1 - Z.shape[1]
    H = P - f.ppf(level, count, room) * count / room * (np.eye(N) - P)
    return x @ H @ x, -2 * x @ H @ y, y @ H @ y


def test_sets_are_those_of_the_quadratic_inequality():
    seen = {"interval": 0, "rays": 0, "line": 0}
    for seed in range(400):
        equation = draw(seed, strong=[0.5, 0.15, 0.02][seed % 3])
        a, b, c = quadratic_set(equation)
        inside = b**2 - 4 * a * c
        kind = "none" if inside < 0 < a else "line" if inside < 0 else "interval" if a > 0 else "rays"
        if seen.get(kind, 3) >= 3:
            continue
        seen[kind] += 1
        found = anderson_rubin(equation, None, 0).confidence_set(0.95, 1.0, 0.3)
        roots = sorted((-b + sign * np.sqrt(abs(inside))) / (2 * a) for sign in (-1, 1))
        expected = {
            "interval": [tuple(roots)],
            "rays": [(-np.inf, roots[0]), (roots[1], np.inf)],
            "line": [(-np.inf, np.inf)],
        }
        np.testing.assert_allclose(found, expected[kind], rtol=1e-8)
    assert min(seen.values()) >= 1


def test_an_invalid_instrument_can_leave_no_value():
    equation = draw()
    wrong = replace(equation, y=equation.y + 3 * equation.Z[:, 2])
    assert anderson_rubin(wrong, None, 0).confidence_set(0.95, 1.0, 0.3) == []


def test_with_several_the_others_are_concentrated_out():
    equation = draw(endogenous=2)
    test = anderson_rubin(equation, None, 1)
    assert test.degrees == (2, equation.degrees - 4)
    parts = Reduced.of(equation)
    P = parts.Z @ parts.Z.T
    left = parts.y - 0.8 * parts.Y[:, 1]

    def ratio(other):
        errors = left - other * parts.Y[:, 0]
        return (errors @ P @ errors) / (errors @ (errors - P @ errors)) * parts.room

    lowest = min(ratio(other) for other in np.linspace(0.0, 3.0, 30001))
    assert 2 * test.statistic(1.0, -0.8) == pytest.approx(lowest, rel=1e-5)  # the grid has steps of 1e-4
    with pytest.raises(SpecificationError, match="needs errors of one variance"):
        anderson_rubin(equation, Choice("robust"), 1)


@pytest.mark.parametrize("choice", CHOICES, ids=KINDS)
def test_ends_of_a_set_have_the_p_value_of_its_level(choice):
    test = anderson_rubin(draw(strong=0.8), choice, 0)
    ((lower, upper),) = test.confidence_set(0.9, 1.0, 0.2)
    assert test.pvalue(lower) == pytest.approx(0.1, abs=1e-9)
    assert test.pvalue(upper) == pytest.approx(0.1, abs=1e-9)
    assert test.pvalue(0.5 * (lower + upper)) > 0.1


def test_a_set_may_have_several_intervals():
    def statistic(own, other):
        value = -other / own if own else np.inf
        return 0.0 if 0 < value < 1 or 2 < value < 3 else 9.0

    found = AndersonRubin(statistic, (1, 100)).confidence_set(0.95, 1.0, 1.0)
    np.testing.assert_allclose(found, [(0, 1), (2, 3)], atol=1e-6)
