"""The dense engine against other programs' numbers and against expectations worked out here."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg, stats

HERE = Path(__file__).parent
SPEC = importlib.util.spec_from_file_location("dense_panel_engine", HERE / "engine.py")
engine = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(engine)

KIND = {"pooled": "pooled", "individual": "unit", "time": "time", "twoways": "twoways"}


def panel(case):
    """(y, X, W) of a copied case."""
    data = np.genfromtxt(HERE.parent / case / "data.csv", delimiter=",", names=True)
    links = np.genfromtxt(HERE.parent / case / "w.csv", delimiter=",", names=True)
    i, t = data["id"].astype(int) - 1, data["t"].astype(int) - 1
    T, N = t.max() + 1, i.max() + 1
    y, X, W = np.empty((T, N)), np.empty((T, N, 2)), np.zeros((T, N, N))
    y[t, i], X[t, i, 0], X[t, i, 1] = data["y"], data["x1"], data["x2"]
    year = links["t"].astype(int) - 1 if "t" in links.dtype.names else slice(None)
    W[year, links["i"].astype(int) - 1, links["j"].astype(int) - 1] = links["w"]
    return y, X, W


def reference(case, block):
    return json.loads((HERE.parent / case / "reference.json").read_text("utf-8"))[block]


def fitted(case, name):
    """Fit a model named as in the references, e.g. twoways_sdm_leeyu_transform."""
    y, X, W = panel(case)
    effect, model = name.split("_")[:2]
    D = engine.dummies(KIND[effect], *y.shape)
    fit = {"sar": engine.fit_sar, "sdm": engine.fit_sar, "sac": engine.fit_sac}.get(model, engine.fit_sem)
    bias = "adjusted" if name.endswith("leeyu_transform") else "none"
    return fit(y, X, W, D, durbin=model in {"sdm", "sdem"}, bias=bias), W


EXACT = [
    (case, family, name)
    for case in ("s02_rook25x8_sdm", "s12_timevarying22x7_rowstd")
    for family, models in reference(case, "exact").items()
    for name in models
    if not name.endswith("biascorrected_direct")
]


@pytest.mark.parametrize(("case", "family", "name"), EXACT)
def test_exact_program(case, family, name):
    """Maker: the exact program of the cases' READMEs (roots to machine precision, so 1e-10)."""
    want = reference(case, "exact")[family][name]
    fit, _ = fitted(case, name)
    np.testing.assert_allclose(fit.beta, want["beta"], atol=1e-10)
    assert fit.rho == pytest.approx(want.get("rho", 0.0), abs=1e-10)
    assert fit.lam == pytest.approx(want.get("lam", 0.0), abs=1e-10)
    assert fit.sigma2 == pytest.approx(want["sigma2"], abs=1e-10)
    assert fit.loglik == pytest.approx(want["loglik"], abs=1e-9)
    se = dict(zip(fit.names, fit.se, strict=True))
    for parameter in [key.removeprefix("se_") for key in want if key in {"se_rho", "se_lam"}]:
        assert se.get(parameter, se.get(f"{parameter}0")) == pytest.approx(want[f"se_{parameter}"], abs=1e-10)
    if "se_beta" in want:
        np.testing.assert_allclose(fit.se[: fit.beta.size], want["se_beta"], atol=1e-10)
    if name.endswith("leeyu_transform"):
        np.testing.assert_allclose(fit.B, fit.A, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["twoways_sdm", "individual_sdm", "time_sar", "pooled_sdm"])
def test_effects(name):
    """Maker: the exact program; delta method there with analytic, here with numerical derivatives (1e-8)."""
    fit, W = fitted("s02_rook25x8_sdm", name)
    got = engine.effects(fit, W)
    want = reference("s02_rook25x8_sdm", "exact")["sar"][name]["effects"]
    for j, x in enumerate(("x1", "x2")):
        np.testing.assert_allclose(
            got["mean"][j], [want[x][m] for m in ("direct", "indirect", "total")], atol=1e-10
        )
        se = [want[x][f"se_{m}"] for m in ("direct", "indirect", "total")]
        np.testing.assert_allclose(got["se"][j], se, atol=1e-8)


def test_effects_of_the_chain():
    """Maker: arithmetic on the 3-chain: rho .4, beta 1, theta .5 gives 1.285714, 1.214286, 2.5 by hand."""
    chain = np.array([[[0, 1, 0], [0.5, 0, 0.5], [0, 1, 0]]])
    got = engine.effects_at(np.array([1, 0.5]), 0.4, [chain], 1)[0, 0]
    np.testing.assert_allclose(got, [9 / 7, 17 / 14, 2.5], rtol=1e-14)


@pytest.mark.parametrize("name", reference("s12_timevarying22x7_rowstd", "r"))
def test_spatialreg_on_the_block_diagonal(name):
    """Maker: R spatialreg 1.2-6 on blockdiag(W_t) with dummies; its optimiser stops at 1e-7 in rho."""
    want = reference("s12_timevarying22x7_rowstd", "r")[name]
    fit, _ = fitted("s12_timevarying22x7_rowstd", name)
    which = "lam" if "lambda" in want else "rho"
    label = {"lam": "lambda", "rho": "rho"}[which]
    assert getattr(fit, which) == pytest.approx(want[label], abs=2e-7)
    np.testing.assert_allclose(fit.beta, list(want["coef"].values()), atol=1e-7)
    assert fit.loglik == pytest.approx(want["logLik"], abs=1e-9)
    assert fit.se[-2] == pytest.approx(want[f"{label}_se"], abs=1e-7)


# ------------------------------------------------------------------------------- expectations, worked out densely here

T, N = 4, 6
TRUTH = {"beta": np.array([0.7, -0.4]), "rho": 0.35, "lam": 0.25, "s2": 1.3}


def small_weights(seed):
    """Synthetic: directed, unequal row sums, changing every year, one empty row."""
    rng = np.random.default_rng(seed)
    W = rng.random((T, N, N)) * (rng.random((T, N, N)) < 0.5)
    W[:, np.arange(N), np.arange(N)] = 0
    W[0, 2] = 0
    return W / max(np.abs(np.linalg.eigvals(W_t)).max() for W_t in W)


def small_case(kind):
    rng = np.random.default_rng(11)
    X = rng.normal(size=(T, N, 2))
    D = engine.independent(engine.dummies(kind, T, N, windows=[0, 0, 1, 1]))
    return X, small_weights(1), small_weights(2), D, rng.normal(size=D.shape[1])


def matrices(W, We, D, rho, lam):
    n = T * N
    Wd, Wed = linalg.block_diag(*W), linalg.block_diag(*We)
    S, B = np.eye(n) - rho * Wd, np.eye(n) - lam * Wed
    BD = B @ D
    P = BD @ np.linalg.inv(BD.T @ BD) @ BD.T
    return Wd, S, B, Wd @ np.linalg.inv(S), Wed @ np.linalg.inv(B), P


def expected_score(v, X, W, We, D, phi):
    """E psi(v) under TRUTH for the adjusted scores of SAC, from the mean and covariance of y."""
    beta, rho, lam, s2 = v[:2], v[2], v[3], v[4]
    Z, n, m0 = X.reshape(-1, 2), T * N, T * N - D.shape[1]
    _, S0, B0, *_ = matrices(W, We, D, TRUTH["rho"], TRUTH["lam"])
    root = np.linalg.inv(S0) @ np.linalg.inv(B0)
    mean, cov = np.linalg.solve(S0, Z @ TRUTH["beta"] + D @ phi), TRUTH["s2"] * root @ root.T
    Wd, S, B, Gr, Gl, P = matrices(W, We, D, rho, lam)
    V = B.T @ (np.eye(n) - P) @ B
    C = B.T @ (np.eye(n) - P) @ Gl @ (np.eye(n) - P) @ B
    z = S @ mean - Z @ beta
    rest = np.linalg.inv(B) @ (np.eye(n) - P) @ B
    return np.array(
        [
            *(Z.T @ V @ z / s2),
            -np.trace(rest @ Gr) + (np.trace(Wd.T @ V @ S @ cov) + (Wd @ mean) @ V @ z) / s2,
            -np.trace((np.eye(n) - P) @ Gl) + (np.trace(C @ S @ cov @ S.T) + z @ C @ z) / s2,
            -m0 / (2 * s2) + (np.trace(V @ S @ cov @ S.T) + z @ V @ z) / (2 * s2**2),
        ]
    )


def planted(X, W, We, D, phi):
    """Synthetic y whose estimates at (rho, lam) are TRUTH: its errors are orthogonal to B[Z D], of length m0 s2."""
    Z = X.reshape(-1, 2)
    _, S, B, *_ = matrices(W, We, D, TRUTH["rho"], TRUTH["lam"])
    columns = B @ np.hstack([Z, D])
    e = np.random.default_rng(3).normal(size=T * N)
    e -= columns @ np.linalg.lstsq(columns, e)[0]
    e *= np.sqrt((T * N - D.shape[1]) * TRUTH["s2"] / (e @ e))
    return np.linalg.solve(S, Z @ TRUTH["beta"] + D @ phi + np.linalg.solve(B, e)).reshape(T, N)


KINDS = ["pooled", "unit", "time", "twoways", "unit_window", "unit_window_time"]
AT = np.array([*TRUTH["beta"], TRUTH["rho"], TRUTH["lam"], TRUTH["s2"]])


@pytest.mark.parametrize("kind", KINDS)
def test_scores_have_mean_zero_and_slope_minus_A(kind):
    X, W, We, D, phi = small_case(kind)
    case = (X, W, We, D, phi)
    np.testing.assert_allclose(expected_score(AT, *case), 0, atol=1e-11)
    h = 1e-5
    slope = np.column_stack(
        [(expected_score(AT + d, *case) - expected_score(AT - d, *case)) / (2 * h) for d in h * np.eye(5)]
    )
    model = engine.Error(planted(*case), X, W, We, D, False, "adjusted")
    A, _ = model.information(TRUTH["rho"], TRUTH["lam"])
    A[2, 2] += left_out(W, We, D)
    np.testing.assert_allclose(A, -slope, atol=1e-6)


def left_out(W, We, D):
    """tr(P G~'Q G~): what the estimate of eta'B'QB eta already holds on average."""
    _, _, B, Gr, _, P = matrices(W, We, D, TRUTH["rho"], TRUTH["lam"])
    Gt = B @ Gr @ np.linalg.inv(B)
    return np.trace(P @ Gt.T @ (np.eye(T * N) - P) @ Gt)


@pytest.mark.parametrize("kind", ["time", "twoways"])
def test_B_is_the_variance_of_the_scores(kind):
    """Maker: 200 000 draws of the scores at the truth; 5 standard errors of a covariance."""
    X, W, We, D, phi = small_case(kind)
    Z, s2 = X.reshape(-1, 2), TRUTH["s2"]
    Wd, S, B, _, Gl, P = matrices(W, We, D, TRUTH["rho"], TRUTH["lam"])
    Q = np.eye(T * N) - P
    e0 = np.random.default_rng(8).normal(scale=np.sqrt(s2), size=(200_000, T * N))
    y = np.linalg.solve(S, (Z @ TRUTH["beta"] + D @ phi)[:, None] + np.linalg.solve(B, e0.T)).T
    e = (y @ S.T - Z @ TRUTH["beta"]) @ (Q @ B).T
    BWy = y @ (B @ Wd).T
    draws = np.column_stack(
        [
            e @ B @ Z / s2,
            np.sum(BWy * e, axis=1) / s2,
            np.sum((e @ Gl.T) * e, axis=1) / s2,
            np.sum(e * e, axis=1) / (2 * s2**2),
        ]
    )
    model = engine.Error(planted(X, W, We, D, phi), X, W, We, D, False, "adjusted")
    _, variance = model.information(TRUTH["rho"], TRUTH["lam"])
    variance[2, 2] += left_out(W, We, D)
    centred = draws - draws.mean(axis=0)
    products = centred[:, :, None] * centred[:, None, :]
    error = products.std(axis=0) / np.sqrt(len(draws))
    np.testing.assert_array_less(np.abs(products.mean(axis=0) - variance), 5 * error)


@pytest.mark.parametrize("kind", KINDS)
def test_lag_information_is_that_of_sac_without_lam(kind):
    X, W, We, D, phi = small_case(kind)
    y = planted(X, W, We, D, phi)
    lag = engine.Lag(y, X, [W], D, False, "adjusted").information([0.3])
    sac = engine.Error(y, X, W, We, D, False, "adjusted").information(0.3, 0.0)
    keep = np.ix_([0, 1, 2, 4], [0, 1, 2, 4])
    for C, full in zip(lag, sac, strict=True):
        np.testing.assert_allclose(C, full[keep], atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_two_ways_to_the_logarithm(kind):
    """The matrix logarithm against minus the integral of tr(M G); an island makes W_1 defective."""
    _, W, _, D, _ = small_case(kind)
    M = np.eye(T * N) - engine.projector(D)
    for rho in (-0.6, 0.7):
        logm = engine.log_trace(M, W, rho)
        assert logm == pytest.approx(engine.log_trace(M, W, rho, how="quad"), abs=1e-9)


@pytest.mark.parametrize("kind", ["unit", "time", "twoways", "unit_window_time"])
def test_reml_is_the_density_of_the_contrasts(kind):
    """Maker: scipy's multivariate normal density of K'(y - Z beta), K orthonormal with K'D = 0."""
    X, W, We, D, phi = small_case(kind)
    y = planted(X, W, We, D, phi)
    model = engine.Error(y, X, We, We, D, False, "adjusted")
    beta, e = model.fit(0.0, 0.4)
    K = linalg.null_space(D.T)
    root = K.T @ np.linalg.inv(model.B(0.4))
    cov = e @ e / model.m * root @ root.T
    want = stats.multivariate_normal(cov=cov).logpdf(K.T @ (y.reshape(-1) - model.Z @ beta))
    assert model.loglik(0.0, 0.4) == pytest.approx(want, abs=1e-9)


@pytest.mark.parametrize("bias", ["none", "adjusted"])
def test_score_is_the_slope_of_the_log_likelihood(bias):
    """Central differences of l_p and l_a, step 1e-5; and of l_p and l_R in lam."""
    y, X, W = panel("s12_timevarying22x7_rowstd")
    D = engine.dummies("twoways", *y.shape)
    lag, error = engine.Lag(y, X, [W], D, True, bias), engine.Error(y, X, W, W, D, True, bias)

    def profile(rho):
        _, e = lag.fit([rho])
        return engine.log_trace(lag.H, W, rho) + engine.gauss(lag.m, e @ e)

    h = 1e-5
    for at in (-0.4, 0.3):
        assert lag.score([at])[0] == pytest.approx((profile(at + h) - profile(at - h)) / (2 * h), abs=1e-5)
        slope = (error.loglik(0.0, at + h) - error.loglik(0.0, at - h)) / (2 * h)
        assert error.score_lam(0.0, at) == pytest.approx(slope, abs=1e-5)


def test_unit_effects_leave_rho_and_scale_sigma2():
    """With unit effects the adjusted rho and beta are the direct ones for every W_t; sigma2 times T / (T - 1)."""
    y, X, W = panel("s12_timevarying22x7_rowstd")
    D = engine.dummies("unit", *y.shape)
    direct, adjusted = (engine.fit_sar(y, X, W, D, durbin=True, bias=b) for b in ("none", "adjusted"))
    assert adjusted.rho == pytest.approx(direct.rho, abs=1e-10)
    np.testing.assert_allclose(adjusted.beta, direct.beta, atol=1e-9)
    assert adjusted.sigma2 == pytest.approx(direct.sigma2 * 7 / 6, rel=1e-10)


@pytest.mark.parametrize("bias", ["none", "adjusted"])
def test_sac_and_two_weights_reach_their_roots(bias):
    y, X, W = panel("s02_rook25x8_sdm")
    D = engine.dummies("twoways", *y.shape)
    half = W * (np.arange(25)[:, None] // 13 == np.arange(25) // 13)
    sac = engine.fit_sac(y, X, W, D, bias=bias)
    two = engine.fit_two_weights(y, X, half, W - half, D, durbin=True, bias=bias)
    np.testing.assert_allclose(sac.score, 0, atol=1e-8)
    np.testing.assert_allclose(two.score, 0, atol=1e-8)
    assert np.isnan(sac.loglik) == np.isnan(two.loglik) == (bias == "adjusted")
    assert two.names == ("beta0", "beta1", "beta2", "beta3", "beta4", "beta5", "rho0", "rho1", "sigma2")


@pytest.mark.parametrize("kind", KINDS)
def test_sac_scores_of_the_engine(kind):
    """The two adjusted scores at a planted y, written with V = B'QB and (I - Pi) = (B'B)^-1 V."""
    X, W, We, D, phi = small_case(kind)
    y = planted(X, W, We, D, phi)
    Wd, S, B, Gr, Gl, P = matrices(W, We, D, TRUTH["rho"], TRUTH["lam"])
    Q = np.eye(T * N) - P
    V = B.T @ Q @ B
    z = S @ y.reshape(-1) - X.reshape(-1, 2) @ TRUTH["beta"]
    rho = -np.trace(np.linalg.solve(B.T @ B, V) @ Gr) + (Wd @ y.reshape(-1)) @ V @ z / TRUTH["s2"]
    lam = -np.trace(Q @ Gl) + (Q @ B @ z) @ Gl @ (Q @ B @ z) / TRUTH["s2"]
    model = engine.Error(y, X, W, We, D, False, "adjusted")
    got = [model.score_rho(TRUTH["rho"], TRUTH["lam"]), model.score_lam(TRUTH["rho"], TRUTH["lam"])]
    np.testing.assert_allclose(got, [rho, lam], atol=1e-10)


def test_adjusted_sac_is_lee_yu_for_a_constant_row_standardised_weight():
    """Maker: (T - 1)[ln|S| - ln(1 - rho) + ln|B| - ln(1 - lam)] - M0/2 ln SSE is flat at the root (step 1e-5)."""
    y, X, W = panel("s02_rook25x8_sdm")
    years, units = y.shape
    sac = engine.fit_sac(y, X, W, engine.dummies("twoways", years, units), bias="adjusted")
    centre = np.kron(np.eye(years) - 1 / years, np.eye(units) - 1 / units)
    flat = centre @ np.column_stack([y.reshape(-1), X.reshape(-1, 2)])
    W1 = np.kron(np.eye(years), W[0])

    def lee_yu(rho, lam):
        B = centre @ (np.eye(years * units) - lam * W1)
        z, Z = B @ (flat[:, 0] - rho * centre @ W1 @ flat[:, 0]), B @ flat[:, 1:]
        e = z - Z @ np.linalg.lstsq(Z, z)[0]
        logs = sum(np.linalg.slogdet(np.eye(units) - r * W[0])[1] - np.log(1 - r) for r in (rho, lam))
        return (years - 1) * logs - (units - 1) * (years - 1) / 2 * np.log(e @ e)

    h = 1e-5
    at = np.array([sac.rho, sac.lam])
    for d in h * np.eye(2):
        assert (lee_yu(*(at + d)) - lee_yu(*(at - d))) / (2 * h) == pytest.approx(0, abs=1e-5)


def test_two_equal_coefficients_are_one_weight():
    """On rho_1 = rho_2 the two-weight model is SAR on W_1 + W_2: same residual, and its two scores add up."""
    y, X, W = panel("s12_timevarying22x7_rowstd")
    half = W * (np.arange(22)[:, None] // 11 == np.arange(22) // 11)
    D = engine.dummies("time", *y.shape)
    for bias in ("none", "adjusted"):
        one = engine.Lag(y, X, [W], D, False, bias)
        two = engine.Lag(y, X, [half, W - half], D, False, bias)
        assert two.score([0.2, 0.2]).sum() == pytest.approx(one.score([0.2])[0], abs=1e-9)
        for C, sums in zip(one.information([0.2]), two.information([0.2, 0.2]), strict=True):
            add = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
            np.testing.assert_allclose(add.T @ sums @ add, C, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("kind", "rank"), [("pooled", 1), ("unit", 6), ("time", 4), ("twoways", 9)])
def test_projectors(kind, rank):
    """Kronecker forms: J_T x I, I x J_N, and their union."""
    P = engine.projector(engine.independent(engine.dummies(kind, T, N)))
    unit = np.kron(np.full((T, T), 1 / T), np.eye(N))
    time = np.kron(np.eye(T), np.full((N, N), 1 / N))
    want = {"pooled": unit @ time, "unit": unit, "time": time, "twoways": unit + time - unit @ time}[kind]
    np.testing.assert_allclose(P, want, atol=1e-13)
    assert round(np.trace(P)) == rank


def test_no_root_is_an_error():
    with pytest.raises(ValueError, match="no root"):
        engine.best_root(lambda rho: 1.0 + rho**2, lambda rho: rho, small_weights(1))
