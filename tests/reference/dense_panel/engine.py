"""A second, dense engine of the spatial panel estimators: NT x NT matrices, written from the formulas.

Arrays in, tuples out. Panels are balanced and stacked time-major (row t * N + i): y (T, N), X (T, N, k), W (T, N, N);
D (NT, any) holds the dummies. The equations, with their names, stand in README.md beside this file.
"""

from typing import NamedTuple

import numpy as np
from scipy import integrate, linalg, optimize


class Fit(NamedTuple):
    """Estimates; A, B and the covariances are ordered as `names` (beta, rho, lam, sigma2)."""

    rho: float | np.ndarray
    lam: float
    beta: np.ndarray
    sigma2: float
    loglik: float
    dof: int
    score: np.ndarray
    names: tuple
    A: np.ndarray
    B: np.ndarray
    k: int

    @property
    def cov(self):
        """Inverse expected information A^-1."""
        return linalg.inv(self.A)

    @property
    def cov_sandwich(self):
        """A^-1 B A^-T."""
        return linalg.inv(self.A) @ self.B @ linalg.inv(self.A).T

    @property
    def se(self):
        """Root of the diagonal of cov."""
        return np.sqrt(np.diag(self.cov))

    @property
    def se_sandwich(self):
        """Root of the diagonal of cov_sandwich."""
        return np.sqrt(np.diag(self.cov_sandwich))


# ---------------------------------------------------------------------------------------------- dummies, projectors


def dummies(kind, T, N, windows=None):
    """Give dummy columns: pooled, unit, time, twoways, unit_window, unit_window_time (windows: T labels)."""
    time, unit = np.repeat(np.arange(T), N), np.tile(np.arange(N), T)
    one_time = (time[:, None] == np.arange(T)) * 1.0
    one_unit = (unit[:, None] == np.arange(N)) * 1.0
    if kind == "pooled":
        return np.ones((N * T, 1))
    if kind.startswith("unit_window"):
        labels = np.repeat(np.asarray(windows), N)
        parts = [one_unit * (labels == label)[:, None] for label in np.unique(labels)]
        return np.hstack([*parts, one_time] if kind.endswith("_time") else parts)
    return {"unit": one_unit, "time": one_time, "twoways": np.hstack([one_unit, one_time])}[kind]


def independent(D):
    """Columns of D that span it, without the superfluous ones (pivoted QR)."""
    _, R, pivot = linalg.qr(D, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(R))
    return D[:, np.sort(pivot[: np.sum(diagonal > 1e-10 * diagonal[0])])]


def projector(D):
    """P = D (D'D)^-1 D' for D of full column rank, by QR."""
    Q, _ = np.linalg.qr(D)
    return Q @ Q.T


def regressors(X, weights, durbin):
    """[X, W X of every weight] of the raw X, stacked to (NT, k')."""
    lags = [np.einsum("tij,tjk->tik", W, X) for W in weights] if durbin else []
    return np.concatenate([X, *lags], axis=2).reshape(-1, X.shape[2] * (1 + len(lags)))


def interval(W):
    """(1 / omega_min, 1 / omega_max) from the real eigenvalues of all W_t."""
    omega = np.concatenate([linalg.eigvals(W_t) for W_t in W])
    real = omega[np.abs(omega.imag) < 1e-9].real
    low = real.min() if real.min() < 0 else -np.abs(omega).max()
    return 1 / low, 1 / real.max()


def G_of(W, S):
    """W S^-1, block-diagonal, from blocks W_t and S_t."""
    return linalg.block_diag(*[W_t @ linalg.inv(S_t) for W_t, S_t in zip(W, S, strict=True)])


def S_of(rho, W):
    return np.eye(W.shape[1]) - rho * W


def log_trace(H, W, rho, how="logm"):
    """tr(H ln S(rho)): by matrix logarithm, or as -int_0^rho tr(H G(r)) dr."""
    if how == "logm":
        return np.trace(H @ linalg.block_diag(*[linalg.logm(S_t) for S_t in S_of(rho, W)])).real
    return -integrate.quad(lambda r: np.trace(H @ G_of(W, S_of(r, W))), 0, rho, epsabs=1e-11, epsrel=1e-11)[0]


def logdet(S):
    sign, value = np.linalg.slogdet(S)
    return value.sum() if (sign > 0).all() else -np.inf


def gauss(m, sse):
    """-(m/2) ln 2 pi sigma2 - SSE / 2 sigma2 at sigma2 = SSE / m."""
    return -m / 2 * np.log(2 * np.pi * sse / m) - m / 2


# ----------------------------------------------------------------------------------------------------- root finding


def best_root(score, objective, W, points=41):
    """Find the downward root of a profile score inside the interval, the highest if there are several."""
    low, high = interval(W)
    grid = np.linspace(low, high, points + 2)
    grid[[0, -1]] += np.array([1, -1]) * 1e-4 * (high - low)
    values = [score(r) for r in grid]
    roots = [
        optimize.brentq(score, grid[i], grid[i + 1], xtol=1e-14, rtol=1e-14)
        for i in range(len(grid) - 1)
        if values[i] > 0 >= values[i + 1]
    ]
    if not roots:
        raise ValueError("the score has no root inside the interval")
    return roots[0] if len(roots) == 1 else max(roots, key=objective)


def best_root_2(scores, objective, box, points=9):
    """Root of two scores from the best point of a grid, climbed first on the objective."""
    axes = [np.linspace(low, high, points + 2)[1:-1] for low, high in box]
    start = max(((a, b) for a in axes[0] for b in axes[1]), key=objective)
    climb = optimize.minimize(
        lambda v: -objective(v), start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6}
    )
    found = optimize.root(scores, climb.x, tol=1e-13)
    if np.abs(scores(found.x)).max() > 1e-5:
        raise ValueError("the two scores have no common root near the maximum of the objective")
    return found.x


# ----------------------------------------------------------------------------------------------- SAR, SDM, two weights


class Lag:
    """y = sum_r rho_r W_r y + Z beta + D phi + e with everything dense."""

    def __init__(self, y, X, weights, D, durbin, bias):
        self.weights = weights
        self.Z = regressors(X, weights, durbin)
        self.y = y.reshape(-1)
        self.Wy = [np.einsum("tij,tj->ti", W, y).reshape(-1) for W in weights]
        D = independent(D)
        self.M = np.eye(self.y.size) - projector(D)
        self.H = {"none": np.eye(self.y.size), "adjusted": self.M}[bias]
        self.m = {"none": self.y.size, "adjusted": self.y.size - D.shape[1]}[bias]
        self.k = X.shape[2]

    def S(self, rho):
        """I - sum_r rho_r W_r, (T, N, N)."""
        return np.eye(self.weights[0].shape[1]) - sum(r * W for r, W in zip(rho, self.weights, strict=True))

    def G(self, rho):
        """W_r S^-1 of every weight, dense."""
        return [G_of(W, self.S(rho)) for W in self.weights]

    def fit(self, rho):
        """Beta and residual e = M(S y - Z beta)."""
        MSy = self.M @ (self.y - sum(r * Wy for r, Wy in zip(rho, self.Wy, strict=True)))
        MZ = self.M @ self.Z
        beta = np.linalg.lstsq(MZ, MSy)[0]
        return beta, MSy - MZ @ beta

    def score(self, rho):
        """-tr(H G_r) + (W_r y)'e / sigma2 with H = I (direct) or M (adjusted)."""
        _, e = self.fit(rho)
        sigma2 = e @ e / self.m
        return np.array(
            [-np.sum(self.H * G.T) + Wy @ e / sigma2 for G, Wy in zip(self.G(rho), self.Wy, strict=True)]
        )

    def direct(self, rho):
        """Direct profile log-likelihood, the objective to start from."""
        _, e = self.fit(rho)
        return logdet(self.S(rho)) + gauss(self.y.size, e @ e)

    def information(self, rho):
        """Give A = -E d psi and B = Var psi in (beta, rho_1.., sigma2)."""
        beta, e = self.fit(rho)
        s2 = e @ e / self.m
        M, H, Z, G, k = self.M, self.H, self.Z, self.G(rho), beta.size
        eta = [M @ (Wy - G_r @ e) for Wy, G_r in zip(self.Wy, G, strict=True)]
        A = np.zeros((k + len(G) + 1,) * 2)
        A[:k, :k] = Z.T @ M @ Z / s2
        A[-1, -1] = self.m / (2 * s2**2)
        B = A.copy()
        for r in range(len(G)):
            for C in (A, B):
                C[:k, k + r] = C[k + r, :k] = Z.T @ eta[r] / s2
                C[k + r, -1] = C[-1, k + r] = np.trace(H @ G[r]) / s2
            for q in range(len(G)):
                common = eta[r] @ eta[q] / s2 + np.trace(H @ G[r].T @ H @ G[q])
                A[k + r, k + q] = common + np.trace(H @ G[r] @ G[q])
                B[k + r, k + q] = common + np.trace(H @ G[r] @ H @ G[q])
        return A, B

    def result(self, rho, loglik):
        """Everything at the estimate."""
        beta, e = self.fit(rho)
        names = (*(f"beta{j}" for j in range(beta.size)), *(f"rho{r}" for r in range(len(rho))), "sigma2")
        value = rho[0] if len(rho) == 1 else np.asarray(rho)
        A, B = self.information(rho)
        return Fit(value, 0.0, beta, e @ e / self.m, loglik, self.m, self.score(rho), names, A, B, self.k)


def fit_sar(y, X, W, D, *, durbin=False, bias="none"):
    """SAR, or SDM with durbin: dummy-variable ML ("none") or the adjusted profile likelihood ("adjusted")."""
    lag = Lag(y, X, [W], D, durbin, bias)

    def objective(rho):
        _, e = lag.fit([rho])
        log_S = logdet(S_of(rho, W)) if bias == "none" else log_trace(lag.H, W, rho)
        return log_S + gauss(lag.m, e @ e)

    rho = best_root(lambda r: lag.score([r])[0], objective, W)
    return lag.result([rho], objective(rho))


def fit_two_weights(y, X, W_within, W_across, D, *, durbin=False, bias="none"):
    """Two lags: regressors [X, W_within X, W_across X] with durbin. Adjusted: two scores, no log-likelihood."""
    lag = Lag(y, X, [W_within, W_across], D, durbin, bias)

    def objective(rho):
        inside = all(np.all(v.real[np.abs(v.imag) < 1e-9] > 0) for v in map(linalg.eigvals, lag.S(rho)))
        return lag.direct(rho) if inside else -1e12

    box = [np.array(interval(W)).clip(-1.5, 1.5) for W in (W_within, W_across)]
    rho = best_root_2(lag.score, objective, box)
    return lag.result(rho, objective(rho) if bias == "none" else np.nan)


# ------------------------------------------------------------------------------------------------- SEM, SDEM and SAC


class Error:
    """B(lam)(S(rho) y - Z beta - D phi) = e with everything dense; rho = 0 is SEM, SDEM."""

    def __init__(self, y, X, W, W_error, D, durbin, bias):
        self.W, self.W_error, self.D, self.bias, self.k = W, W_error, independent(D), bias, X.shape[2]
        self.y, self.Wy = y.reshape(-1), np.einsum("tij,tj->ti", W, y).reshape(-1)
        self.Z = regressors(X, [W], durbin)
        self.m = {"none": self.y.size, "adjusted": self.y.size - self.D.shape[1]}[bias]

    def B(self, lam):
        """I - lam W_error, dense."""
        return linalg.block_diag(*S_of(lam, self.W_error))

    def fit(self, rho, lam):
        """GLS beta and the residual e = Q B (S y - Z beta), Q = I - P_BD."""
        B = self.B(lam)
        z = B @ (self.y - rho * self.Wy)
        BV = B @ np.hstack([self.Z, self.D])
        coefficients = np.linalg.lstsq(BV, z)[0]
        return coefficients[: self.Z.shape[1]], z - BV @ coefficients

    def Q(self, lam):
        """I - P_BD."""
        return np.eye(self.y.size) - projector(self.B(lam) @ self.D)

    def H(self, lam):
        """I (direct) or Q (adjusted)."""
        return np.eye(self.y.size) if self.bias == "none" else self.Q(lam)

    def G_lam(self, lam):
        """W_error B^-1, dense."""
        return G_of(self.W_error, S_of(lam, self.W_error))

    def score_lam(self, rho, lam):
        """-tr(H G_lam) + e'G_lam e / sigma2."""
        _, e = self.fit(rho, lam)
        G = self.G_lam(lam)
        return -np.sum(self.H(lam) * G.T) + e @ G @ e / (e @ e / self.m)

    def score_rho(self, rho, lam):
        """-tr(G_rho) + tr(Pi G_rho) + (B W y)'e / sigma2, Pi = D (D'B'BD)^-1 D'B'B; direct without Pi."""
        _, e = self.fit(rho, lam)
        B, D = self.B(lam), self.D
        BD = B @ D
        Pi = D @ linalg.solve(BD.T @ BD, BD.T @ B) if self.bias == "adjusted" else np.zeros_like(B)
        G = G_of(self.W, S_of(rho, self.W))
        return -np.trace(G) + np.sum(Pi * G.T) + (B @ self.Wy) @ e / (e @ e / self.m)

    def loglik(self, rho, lam):
        """Direct: ln|S| + ln|B| + gauss. Adjusted: l_R, with tr(M ln S) in front when rho is not 0."""
        _, e = self.fit(rho, lam)
        value = logdet(S_of(lam, self.W_error)) + gauss(self.m, e @ e)
        if self.bias == "adjusted":
            BD = self.B(lam) @ self.D
            value += 0.5 * np.linalg.slogdet(self.D.T @ self.D)[1] - 0.5 * np.linalg.slogdet(BD.T @ BD)[1]
        if rho == 0:
            return value
        if self.bias == "none":
            return value + logdet(S_of(rho, self.W))
        return value + log_trace(np.eye(self.y.size) - projector(self.D), self.W, rho)

    def information(self, rho, lam):
        """Give A and B in (beta, rho, lam, sigma2)."""
        beta, e = self.fit(rho, lam)
        s2 = e @ e / self.m
        B, Q, H, k = self.B(lam), self.Q(lam), self.H(lam), beta.size
        G = self.G_lam(lam)
        Gt = B @ G_of(self.W, S_of(rho, self.W)) @ linalg.inv(B)
        eta = Q @ (B @ self.Wy - Gt @ e)
        K = G + G.T
        A = np.zeros((k + 3, k + 3))
        A[:k, :k] = self.Z.T @ B.T @ Q @ B @ self.Z / s2
        A[:k, k] = A[k, :k] = (B @ self.Z).T @ eta / s2
        A[k, k + 2] = A[k + 2, k] = np.trace(H @ Gt) / s2
        A[k + 1, k + 2] = A[k + 2, k + 1] = np.trace(H @ G) / s2
        A[k + 1, k + 1] = np.trace(H @ G @ H @ K)
        A[k, k + 1] = A[k + 1, k] = np.trace(Gt.T @ H @ K @ H)
        A[k + 2, k + 2] = self.m / (2 * s2**2)
        variance = A.copy()
        common = eta @ eta / s2 + np.trace(H @ Gt.T @ H @ Gt)
        variance[k, k] = common + np.trace(H @ Gt @ H @ Gt)
        A[k, k] = common + np.trace(H @ Gt @ Gt)
        A[k, k + 1] += np.trace((np.eye(self.y.size) - H) @ K @ H @ Gt)
        return A, variance

    def result(self, rho, lam, loglik, parts):
        """Everything at the estimate; parts names the spatial coefficients of the model."""
        beta, e = self.fit(rho, lam)
        k = beta.size
        keep = [*range(k), *(k + ["rho", "lam"].index(part) for part in parts), k + 2]
        A, B = (C[np.ix_(keep, keep)] for C in self.information(rho, lam))
        score = {"rho": self.score_rho, "lam": self.score_lam}
        names = (*(f"beta{j}" for j in range(k)), *parts, "sigma2")
        at = np.array([score[part](rho, lam) for part in parts])
        return Fit(rho, lam, beta, e @ e / self.m, loglik, self.m, at, names, A, B, self.k)


def fit_sem(y, X, W, D, *, durbin=False, bias="none"):
    """SEM, or SDEM with durbin: dummy-variable ML ("none") or REML ("adjusted")."""
    error = Error(y, X, W, W, D, durbin, bias)
    lam = best_root(lambda r: error.score_lam(0.0, r), lambda r: error.loglik(0.0, r), W)
    return error.result(0.0, lam, error.loglik(0.0, lam), ("lam",))


def fit_sac(y, X, W, D, *, W_error=None, durbin=False, bias="none"):
    """SAC: dummy-variable ML, or the root of the two adjusted scores (which have no log-likelihood)."""
    W_error = W if W_error is None else W_error
    model = Error(y, X, W, W_error, D, durbin, bias)
    box = [interval(W), interval(W_error)]

    def inside(v):
        return all(low < value < high for value, (low, high) in zip(v, box, strict=True))

    rho, lam = best_root_2(
        lambda v: np.array([model.score_rho(*v), model.score_lam(*v)]),
        lambda v: model.loglik(*v) if inside(v) else -1e12,
        box,
    )
    return model.result(rho, lam, model.loglik(rho, lam) if bias == "none" else np.nan, ("rho", "lam"))


# ------------------------------------------------------------------------------------------------------------ effects


def effects_at(beta, rho, weights, k):
    """(T, k, 3): direct, indirect, total of every year from S_t^-1 (beta_k I + sum_r theta_rk W_rt)."""
    T, N, _ = weights[0].shape
    out = np.empty((T, k, 3))
    for t in range(T):
        inverse = linalg.inv(
            np.eye(N) - sum(r * W[t] for r, W in zip(np.atleast_1d(rho), weights, strict=True))
        )
        for j in range(k):
            C = beta[j] * np.eye(N)
            if beta.size > k:
                C = C + sum(beta[k * (r + 1) + j] * W[t] for r, W in enumerate(weights))
            effect = inverse @ C
            direct, total = np.trace(effect) / N, effect.sum() / N
            out[t, j] = direct, total - direct, total
    return out


def effects(fit, *weights, cov=None):
    """Effects by year, their mean, and delta-method SE of the mean by numerical differentiation.

    `cov` is the covariance in the order of fit.names (fit.cov when None). lam and sigma2 do not enter.
    """
    where = [i for i, name in enumerate(fit.names) if name.startswith(("beta", "rho"))]
    V = (fit.cov if cov is None else cov)[np.ix_(where, where)]
    n = fit.beta.size
    has_rho = len(where) > n
    at = np.concatenate([fit.beta, np.atleast_1d(fit.rho)]) if has_rho else fit.beta

    def mean(v):
        rho = v[n:] if has_rho else np.zeros(len(weights))
        return effects_at(v[:n], rho, weights, fit.k).mean(axis=0)

    h = 3e-4
    J = np.empty((fit.k, 3, at.size))
    for i, step in enumerate(h * np.eye(at.size)):
        near, far = mean(at + step) - mean(at - step), mean(at + 2 * step) - mean(at - 2 * step)
        J[:, :, i] = (8 * near - far) / (12 * h)
    by_year = effects_at(fit.beta, at[n:] if has_rho else np.zeros(len(weights)), weights, fit.k)
    return {
        "by_year": by_year,
        "mean": by_year.mean(axis=0),
        "se": np.sqrt(np.einsum("kci,ij,kcj->kc", J, V, J)),
    }
