"""Scores and information of error components against covariances written out and the closed forms of the papers."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import block_diag
from scipy.stats import multivariate_normal

import yrdspatial as yrd
from yrdspatial.errors import EstimationError
from yrdspatial.models.error_components import Components, Null, _polish

EVERY = ("phi", "lam", "psi")
POINT = {"phi": 0.7, "lam": 0.35, "psi": 0.4}
FORMULA = "y ~ x1 + x2"


def components_of(simulated, **values):
    problem = yrd.SAR(simulated.data, FORMULA, weights=simulated.weights, effects="pooled").design.problem
    return problem, replace(Components.of(problem, problem.lag), **values)


def covariance(W, sigma2, mu2, lam, psi):
    """Covariance of u: mu2 J x I + sigma2 B^-1 (V x I) B^-T, with V written out."""
    T, N, _ = W.shape
    inverse = np.linalg.inv(block_diag(*(np.eye(N) - lam * W)))
    gaps = np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
    V = psi**gaps / (1 - psi**2)
    return mu2 * np.kron(np.ones((T, T)), np.eye(N)) + sigma2 * inverse @ np.kron(V, np.eye(N)) @ inverse.T


@pytest.mark.parametrize("kind", ["constant", "rows", "islands", "directed"])
def test_products_and_determinant_are_those_of_the_covariance(panel, kind):
    simulated = panel(kind)
    _, components = components_of(simulated, **POINT)
    C = covariance(simulated.arrays["weights"], 1.0, POINT["phi"], POINT["lam"], POINT["psi"])
    products, logdet = components.moments()
    flat = components.columns.reshape(len(C), -1)
    assert products == pytest.approx(flat.T @ np.linalg.solve(C, flat), rel=1e-9)
    assert logdet == pytest.approx(np.linalg.slogdet(C)[1], rel=1e-10)


@pytest.mark.parametrize("kind", ["constant", "rows"])
def test_regression_is_generalized_least_squares(panel, kind):
    simulated = panel(kind)
    _, components = components_of(simulated, **POINT)
    C = covariance(simulated.arrays["weights"], 1.0, POINT["phi"], POINT["lam"], POINT["psi"])
    flat = components.columns.reshape(len(C), -1)
    y, X = flat[:, 0], flat[:, 1:]
    expected = np.linalg.solve(X.T @ np.linalg.solve(C, X), X.T @ np.linalg.solve(C, y))
    beta, sigma2, loglik = components.regression()
    u = y - X @ beta
    assert beta == pytest.approx(expected, rel=1e-9)
    assert sigma2 == pytest.approx(u @ np.linalg.solve(C, u) / u.size, rel=1e-9)
    density = multivariate_normal(np.zeros(u.size), sigma2 * C).logpdf(u)
    assert loglik - 0.5 * u.size * (1 + np.log(2 * np.pi)) == pytest.approx(density, rel=1e-9)


def slopes_of(W, at):
    """Slopes of the covariance written out, by central differences of the fourth order; their error is about 1e-10."""
    out = {}
    for k, name in enumerate(("sigma2", *EVERY)):
        step = 1e-3 * np.eye(4)[k]
        near = covariance(W, *(at + step)) - covariance(W, *(at - step))
        far = covariance(W, *(at + 2 * step)) - covariance(W, *(at - 2 * step))
        out[name] = (8 * near - far) / 12e-3
    return out


@pytest.mark.parametrize("kind", ["constant", "rows", "directed"])
@pytest.mark.parametrize("psi", [0.0, 0.4, -0.3])
@pytest.mark.parametrize("phi", [0.0, 0.7])
def test_information_is_that_of_the_covariance_written_out(panel, kind, psi, phi):
    """tr(C^-1 C_i) and 1/2 tr(C^-1 C_i C^-1 C_j), every pair, and quadratic forms of the slopes."""
    simulated = panel(kind)
    W = simulated.arrays["weights"]
    T, N, _ = W.shape
    _, components = components_of(simulated, phi=phi, lam=0.35, psi=psi)
    at = np.array([1.3, 1.3 * phi, 0.35, psi])
    inverse, slopes = np.linalg.inv(covariance(W, *at)), slopes_of(W, at)
    names = ("sigma2", *EVERY)
    means, information = components.whitened(1.3).information(names)
    for one in names:
        assert means[one] == pytest.approx(np.trace(inverse @ slopes[one]), rel=1e-6, abs=1e-6)
        for two in names:
            expected = 0.5 * np.trace(inverse @ slopes[one] @ inverse @ slopes[two])
            assert information[one, two] == pytest.approx(expected, rel=1e-6, abs=1e-6)
    u = np.random.default_rng(1).standard_normal((T, N, 1))
    filters = np.eye(N) - 0.35 * W
    v = components.whitened(1.3).weighted(np.tensordot(components.root, filters @ u, axes=1))
    dense = inverse @ u.ravel()
    for name in names:
        form = (v * components.whitened(1.3).spread(name, v)).sum()
        assert form == pytest.approx(dense @ slopes[name] @ dense, rel=1e-6)


@pytest.mark.parametrize("free", [(), ("phi",), ("lam",), ("phi", "psi"), ("lam", "psi")], ids=str)
def test_scores_are_slopes_of_the_density(panel, free):
    """The log-density of u at the null, moved by 1e-5 in each component; those estimated have no slope."""
    simulated = panel("rows")
    problem, _ = components_of(simulated)
    others = [name for name in EVERY if name not in free]
    null = Null.of(problem, problem.lag, free, others)
    beta, sigma2, _ = null.components.regression()
    u = (problem.y - problem.X @ beta).ravel()
    found = null.components
    at = np.array([sigma2, sigma2 * found.phi, found.lam, found.psi])

    def density(values):
        C = covariance(simulated.arrays["weights"], *values)
        return -0.5 * (np.linalg.slogdet(C)[1] + u @ np.linalg.solve(C, u))

    for k, name in enumerate(("sigma2", *EVERY)):
        step = 1e-5 * np.eye(4)[k]
        slope = (density(at + step) - density(at - step)) / 2e-5
        assert null.score[name] == pytest.approx(slope, rel=1e-4, abs=2e-3)
        if name == "sigma2" or (name in free and name != "phi"):
            assert slope == pytest.approx(0.0, abs=5e-3)


def test_information_is_the_variance_of_the_score(panel):
    """1/2 tr(C^-1 C_i C^-1 C_j) against the covariance of scores of 40,000 normal draws (seed 8)."""
    simulated = panel("rows", periods=4, units=8)
    W = simulated.arrays["weights"]
    problem, _ = components_of(simulated)
    null = Null.of(problem, problem.lag, (), EVERY)
    sigma2 = null.components.regression()[1]
    C, slopes = covariance(W, sigma2, 0.0, 0.0, 0.0), slopes_of(W, np.array([sigma2, 0.0, 0.0, 0.0]))
    inverse = np.linalg.inv(C)
    v = inverse @ np.linalg.cholesky(C) @ np.random.default_rng(8).standard_normal((len(C), 40_000))
    names = ("sigma2", *EVERY)
    drawn = np.cov([0.5 * (v * (slopes[name] @ v)).sum(axis=0) for name in names])
    information = np.array([[null.information[one, two] for two in names] for one in names])
    scale = np.sqrt(np.diag(information))
    assert drawn / np.outer(scale, scale) == pytest.approx(information / np.outer(scale, scale), abs=0.04)


def pieces(problem, simulated):
    """Residuals of least squares with T, N, W and b = tr(W W + W'W)."""
    x = problem.X.reshape(problem.y.size, -1)
    u = (problem.y.ravel() - x @ np.linalg.lstsq(x, problem.y.ravel())[0]).reshape(problem.y.shape)
    W = simulated.arrays["weights"][0]
    return u, *u.shape, W, np.trace(W @ W + W.T @ W)


def test_joint_test_is_the_closed_form_of_baltagi_song_and_koh(panel):
    simulated = panel("constant")
    problem, _ = components_of(simulated)
    u, T, N, W, b = pieces(problem, simulated)
    G = (u.sum(axis=0) ** 2).sum() / (u**2).sum() - 1
    H = sum(e @ (W + W.T) @ e for e in u) / 2 / (u**2).sum()
    null = Null.of(problem, problem.lag, (), EVERY)
    one, two = N * T * G**2 / (2 * (T - 1)), N**2 * T * H**2 / b
    assert null.test("phi", "lam")[0] == pytest.approx(one + two, rel=1e-9)
    assert null.test("phi")[1] == pytest.approx(np.sqrt(N * T / (2 * (T - 1))) * G, rel=1e-9)
    assert null.test("lam")[0] == pytest.approx(two, rel=1e-9)


def test_joint_test_is_the_closed_form_of_baltagi_song_jung_and_koh(panel):
    simulated = panel("constant")
    problem, _ = components_of(simulated)
    u, T, N, W, b = pieces(problem, simulated)
    total = (u**2).sum()
    A = (u.sum(axis=0) ** 2).sum() / total - 1
    F = (u[1:] * u[:-1]).sum() / total
    H = sum(e @ (W + W.T) @ e for e in u) / 2 / total
    expected = N * T**2 / (2 * (T - 1) * (T - 2)) * (A**2 - 4 * A * F + 2 * T * F**2) + N**2 * T / b * H**2
    null = Null.of(problem, problem.lag, (), EVERY)
    assert null.test(*EVERY)[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", ["constant", "rows"])
def test_conditional_test_of_lambda_is_the_closed_form(panel, kind):
    """Baltagi, Song and Koh; with W_t, (T - 1 + c^2) b becomes a sum over pairs of years."""
    simulated = panel(kind)
    problem, _ = components_of(simulated)
    null = Null.of(problem, problem.lag, ("phi",), ("lam",))
    beta, sigma2, _ = null.components.regression()
    u, W = problem.y - problem.X @ beta, simulated.arrays["weights"]
    T = len(u)
    first = sigma2 * (1 + T * null.components.phi)
    mean = u.mean(axis=0)
    between, within = np.broadcast_to(mean, u.shape), u - mean
    v = between / first + within / sigma2
    S = W + W.swapaxes(1, 2)
    score = 0.5 * sigma2 * sum(e @ s @ e for e, s in zip(v, S, strict=True))
    m = np.eye(T) - (1 - sigma2 / first) / T
    spread = 0.5 * sum(m[s, t] ** 2 * np.trace(S[s] @ S[t]) for s in range(T) for t in range(T))
    if kind == "constant":
        closed = (T - 1 + (sigma2 / first) ** 2) * np.trace(W[0] @ W[0] + W[0].T @ W[0])
        assert spread == pytest.approx(closed, rel=1e-10)
    assert null.test("lam")[0] == pytest.approx(score**2 / spread, rel=1e-6)


@pytest.mark.parametrize(("name", "phi", "lam", "loglik"), [
    ("s02_rook25x8_sdm", 0.9667632334381895, 0.8580080830172541, -354.6112330310153),
    ("s06_knn50x10_dynsar", 6.41228219889955, 0.8141102279939011, -905.1318587153665),
    ("e02_munnell", 7.495179026067545, 0.5388764617323538, 1491.6588497850053),
])  # fmt: skip
def test_maximum_is_that_of_another_program(case, name, phi, lam, loglik):
    """exact/re/sem_re_baltagi of ../reference/models; Newton steps by differences end within 1e-7."""
    load = case(name)
    problem = yrd.SAR(load.data, load.formula, weights=load.weights, effects="pooled").design.problem
    found = Components.of(problem, problem.lag).fitted(("phi", "lam"))
    value = found.regression()[2] - 0.5 * problem.y.size * (1 + np.log(2 * np.pi))
    assert (found.phi, found.lam) == pytest.approx((phi, lam), rel=1e-7)
    assert value == pytest.approx(loglik, abs=1e-6)


@pytest.mark.parametrize("tested", EVERY)
def test_near_the_null_score_and_likelihood_ratio_agree(panel, tested):
    """Synthetic errors with all three components small: statistics differ by less than a third, plus one."""
    simulated = panel("constant", periods=12, units=20, rho=0.0)
    rng = np.random.default_rng(4)
    C = covariance(simulated.arrays["weights"], 1.0, 0.3, 0.1, 0.1)
    problem, _ = components_of(simulated)
    u = (np.linalg.cholesky(C) @ rng.standard_normal(len(C))).reshape(problem.y.shape)
    problem = replace(problem, y=problem.X @ np.array([1.0, 0.5, -0.5]) + u)
    free = tuple(name for name in EVERY if name != tested)
    null = Null.of(problem, problem.lag, free, (tested,))
    full = Components.of(problem, problem.lag).fitted(EVERY).regression()[2]
    ratio = 2.0 * (full - null.components.regression()[2])
    assert ratio > -1e-6
    assert null.test(tested)[0] == pytest.approx(ratio, rel=0.34, abs=1.0)


def test_two_maxima_are_told_apart(case):
    """s02 has a maximum without random effects beside the better one with phi 0.97: the search does not stop there."""
    load = case("s02_rook25x8_sdm")
    problem = yrd.SAR(load.data, load.formula, weights=load.weights, effects="pooled").design.problem
    start = Components.of(problem, problem.lag)
    both, spatial = start.fitted(("phi", "lam")), start.fitted(("lam",))
    assert both.phi > 0.5
    assert both.regression()[2] > spatial.regression()[2] + 1.0


def test_nothing_free_leaves_zeros(panel):
    _, components = components_of(panel("rows"))
    assert components.fitted(()) is components


@pytest.mark.parametrize("edge", [0.0, 1e-9])
def test_polishing_finds_a_minimum_inside_and_leaves_a_bound_alone(edge):
    """One coordinate at its bound stays while the other moves; inside, both move."""

    def cost(point):
        x, y = point
        return x + np.cosh(y - 0.25)

    found = _polish(cost, np.array([edge, 0.249]), [(0.0, 1.0), (-1.0, 1.0)])
    assert found[0] == edge
    assert found[1] == pytest.approx(0.25, abs=1e-9)

    def bowl(point):
        x, y = point
        return np.exp(x) - 1.2 * x + (y - 0.1 * x) ** 2

    both = _polish(bowl, np.array([0.1825, 0.0183]), [(0.0, 1.0), (-1.0, 1.0)])
    assert both == pytest.approx([np.log(1.2), 0.1 * np.log(1.2)], abs=1e-8)


def test_a_search_without_end_is_an_error(panel, monkeypatch):
    _, components = components_of(panel("rows"))

    class Lost:
        """What a search returns that has not ended."""

        success, fun, x = False, 0.0, np.zeros(1)

    monkeypatch.setattr("yrdspatial.models.error_components.minimize", lambda *_, **__: Lost())
    with pytest.raises(EstimationError, match="no maximum"):
        components.fitted(("lam",))
