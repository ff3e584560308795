"""Synthetic panels for the tests of choices, and a second way to fit them: Lee and Yu's transformation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import null_space
from scipy.optimize import minimize_scalar


@dataclass(frozen=True)
class Synthetic:
    """A synthetic panel y = S^-1 (x - 0.5 z + theta W x + effects + e), W a mixture of a ring and of other links."""

    data: pd.DataFrame
    arrays: dict[str, np.ndarray]
    weights: dict[str, pd.DataFrame]

    def shuffled(self, seed=3):
        """Return the same rows in another order."""
        return self.data.sample(frac=1.0, random_state=seed)


def make(seed=1, *, units=20, periods=8, rho=0.5, theta=0.0, share=1.0, noise=0.6):
    rng = np.random.default_rng(seed)
    labels, years = [f"u{i:03d}" for i in range(units)], range(2001, 2001 + periods)
    ring = 0.5 * (np.roll(np.eye(units), 1, axis=1) + np.roll(np.eye(units), -1, axis=1))
    other = np.zeros((units, units))
    for i in range(units):
        other[i, rng.choice(np.delete(np.arange(units), i), 3, replace=False)] = 1.0 / 3.0
    W = share * ring + (1.0 - share) * other
    x, z, e = rng.normal(size=(3, periods, units))
    effects = rng.normal(size=units) + rng.normal(size=(periods, 1))
    mean = x - 0.5 * z + theta * x @ W.T + effects + noise * e
    y = mean @ np.linalg.inv(np.eye(units) - rho * W).T
    index = pd.MultiIndex.from_product([years, labels], names=["year", "unit"])
    columns = {"y": y, "x": x, "z": z}
    data = pd.DataFrame({name: one.ravel() for name, one in columns.items()}, index).swaplevel()
    matrices = {"ring": ring, "other": other}
    frames = {name: pd.DataFrame(one, labels, labels) for name, one in matrices.items()}
    return Synthetic(data, {**columns, **matrices}, frames)


@pytest.fixture(scope="session")
def synthetic():
    return make


class LeeYu:
    """SAR and SDM of a panel with unit and time effects and one row-standardized W, written from Lee and Yu (2010).

    F_T and F_N are orthonormal bases of what the two means leave; y* = F_N' y F_T has (N - 1)(T - 1) observations of a
    cross-section with W* = F_N' W F_N and the log-Jacobian (T - 1) ln|I - rho W*|.
    """

    def __init__(self, W, y, columns):
        periods, units = y.shape
        self.F = null_space(np.ones((1, units)))
        self.Q = null_space(np.ones((1, periods)))
        self.W = self.F.T @ W @ self.F
        self.y, self.Wy = self.short(y), self.short(y @ W.T)
        self.X = np.stack([self.short(one) for one in columns], axis=1)
        self.count, self.periods = self.y.size, periods - 1

    def short(self, values):
        """Transform values (T, N)."""
        return (self.Q.T @ values @ self.F).ravel()

    def beta(self, rho):
        """Regress at rho."""
        return np.linalg.lstsq(self.X, self.y - rho * self.Wy, rcond=None)[0]

    def loglik(self, rho):
        """Concentrated log-likelihood."""
        e = self.y - rho * self.Wy - self.X @ self.beta(rho)
        s2 = e @ e / self.count
        logdet = np.linalg.slogdet(np.eye(len(self.W)) - rho * self.W)[1]
        return self.periods * logdet - 0.5 * self.count * (np.log(2.0 * np.pi * s2) + 1.0)

    def fit(self):
        """Return rho, beta, sigma2 and the covariance of (beta, rho) from the expected information."""
        found = minimize_scalar(
            lambda r: -self.loglik(r), bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-11}
        )
        rho = float(found.x)
        beta = self.beta(rho)
        e = self.y - rho * self.Wy - self.X @ beta
        s2 = float(e @ e / self.count)
        G = self.W @ np.linalg.inv(np.eye(len(self.W)) - rho * self.W)
        sent = (np.reshape(self.X @ beta, (self.periods, -1)) @ G.T).ravel()
        k = self.X.shape[1]
        info = np.zeros((k + 2, k + 2))
        info[:k, :k] = self.X.T @ self.X / s2
        info[:k, k] = info[k, :k] = self.X.T @ sent / s2
        info[k, k] = self.periods * np.trace(G @ G + G.T @ G) + sent @ sent / s2
        info[k, k + 1] = info[k + 1, k] = self.periods * np.trace(G) / s2
        info[k + 1, k + 1] = 0.5 * self.count / s2**2
        return rho, beta, s2, np.linalg.inv(info)[: k + 1, : k + 1]


@pytest.fixture(scope="session")
def lee_yu():
    return LeeYu
