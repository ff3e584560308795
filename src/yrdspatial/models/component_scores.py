"""Scores and information of error components from N x N matrices: the covariance is never written out."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from yrdspatial.models.spectra import Jacobian, Spectra
from yrdspatial.models.within import FloatArray


@dataclass(frozen=True)
class Grams:
    """Cross products of F = [y, X, I_N] filtered in space and time, as polynomials of the two coefficients.

    Attributes
    ----------
    parts : ndarray, shape (3, 3, m, m)
        By pattern over time (every period with itself, the first and the last with themselves, neighbours in time) and
        by the power of lambda that multiplies them.
    terms : int
        Columns of y and X; the other N are those of I_N.
    jacobian : Jacobian
        sum_t ln|I - lambda W_t|.
    """

    parts: FloatArray
    terms: int
    jacobian: Jacobian

    @classmethod
    def of(cls, columns: FloatArray, weights: Spectra) -> "Grams":
        """Form the cross products.

        Parameters
        ----------
        columns : ndarray, shape (T, N, 1 + k)
            y, then X.
        weights : Spectra
            W_t.

        Returns
        -------
        Grams
            The polynomials.
        """
        periods, units, terms = columns.shape
        identity = np.broadcast_to(np.eye(units), (periods, units, units))
        F = np.concatenate([columns, identity], axis=2)
        sides = (F, -weights.matrices[weights.position] @ F)
        parts = np.zeros((3, 3, F.shape[2], F.shape[2]))
        for (one, left), (two, right) in product(enumerate(sides), enumerate(sides)):
            within = left.swapaxes(1, 2) @ right
            across = (left[:-1].swapaxes(1, 2) @ right[1:]).sum(axis=0)
            parts[0, one + two] += within.sum(axis=0)
            parts[1, one + two] += within[0] + within[-1]
            parts[2, one + two] += across
        parts[2] += parts[2].swapaxes(1, 2)
        return cls(parts, terms, Jacobian.of(weights, None))

    def at(self, lam: float, psi: float) -> FloatArray:
        """F'B'(V^-1 kron I) B F, V^-1 = (1 + psi^2) I - psi^2 (ends) - psi (neighbours).

        Parameters
        ----------
        lam, psi : float
            Spatial and serial coefficient.

        Returns
        -------
        ndarray, shape (m, m)
            The cross products.
        """
        time, space = np.array([1.0 + psi**2, -(psi**2), -psi]), lam ** np.arange(3)
        return np.asarray(np.tensordot(np.outer(time, space), self.parts, axes=2))


@dataclass(frozen=True)
class Whitened:
    """Slopes of the covariance of u, seen from e: A_i = P C_i P' with P = (K kron I) B, K'K = V^-1.

    There the covariance is sigma2 (I + phi F F'), F = P (1_T kron I_N), with inverse (I - F Q F') / sigma2, and the
    slopes are I (sigma2), F F' (the variance of mu), sigma2 (L + L') with L = (K kron I) H (K^-1 kron I) and
    H_t = W_t B_t^-1 (lambda), sigma2 R kron I with R = K V' K' (psi).

    Attributes
    ----------
    sigma2 : float
        Variance of e.
    root, turned : ndarray, shape (T, T)
        K and R.
    propagated : ndarray, shape (T, N, N)
        H_t.
    weights : ndarray, shape (T, N, N)
        W_t.
    constant : ndarray, shape (T, N, N)
        F.
    taken : ndarray, shape (N, N)
        Q = phi (I + phi F'F)^-1.
    """

    sigma2: float
    root: FloatArray
    turned: FloatArray
    propagated: FloatArray
    weights: FloatArray
    constant: FloatArray
    taken: FloatArray

    @classmethod
    def of(
        cls, weights: Spectra, root: FloatArray, sigma2: float, point: tuple[float, float, float]
    ) -> "Whitened":
        """Collect what the slopes need.

        Parameters
        ----------
        weights : Spectra
            W_t.
        root : ndarray, shape (T, T)
            K.
        sigma2 : float
            Variance of e.
        point : tuple of float
            phi, lambda and psi.

        Returns
        -------
        Whitened
            The slopes, by their factors.
        """
        phi, lam, psi = point
        identity, time = np.eye(weights.matrices.shape[1]), np.arange(len(root))
        B = identity - lam * weights.matrices
        constant = np.tensordot(root, B[weights.position], axes=1)
        inner = identity + phi * np.tensordot(constant, constant, axes=((0, 1), (0, 1)))
        gaps = np.abs(time[:, None] - time)
        V = psi**gaps / (1.0 - psi**2)
        slope = gaps * psi ** np.maximum(gaps - 1, 0) / (1.0 - psi**2) + 2.0 * psi * V / (1.0 - psi**2)
        return cls(
            sigma2=sigma2,
            root=root,
            turned=root @ slope @ root.T,
            propagated=(weights.matrices @ np.linalg.inv(B))[weights.position],
            weights=weights.matrices[weights.position],
            constant=constant,
            taken=np.asarray(phi * np.linalg.inv(inner), dtype=np.float64),
        )

    def spread(self, name: str, values: FloatArray) -> FloatArray:
        """A_i values.

        Parameters
        ----------
        name : str
            "sigma2", "phi", "lam" or "psi".
        values : ndarray, shape (T, N, m)
            Columns.

        Returns
        -------
        ndarray, shape (T, N, m)
            The products.
        """
        if name == "sigma2":
            return values
        if name == "phi":
            return self.constant @ np.tensordot(self.constant, values, axes=((0, 1), (0, 1)))
        if name == "psi":
            return self.sigma2 * np.tensordot(self.turned, values, axes=1)
        H, K = self.propagated, self.root
        backward = np.linalg.inv(K)
        sent = np.tensordot(K, H @ np.tensordot(backward, values, axes=1), axes=1)
        received = np.tensordot(backward.T, H.swapaxes(1, 2) @ np.tensordot(K.T, values, axes=1), axes=1)
        return np.asarray(self.sigma2 * (sent + received))

    def weighted(self, values: FloatArray) -> FloatArray:
        """Multiply by the inverse covariance of e.

        Parameters
        ----------
        values : ndarray, shape (T, N, m)
            Columns.

        Returns
        -------
        ndarray, shape (T, N, m)
            The products.
        """
        sent = self.taken @ np.tensordot(self.constant, values, axes=((0, 1), (0, 1)))
        return np.asarray((values - self.constant @ sent) / self.sigma2)

    def trace(self, one: str, two: str = "sigma2") -> float:
        """tr(A_i A_j); with "sigma2" it is tr(A_i).

        Parameters
        ----------
        one, two : str
            Components.

        Returns
        -------
        float
            The trace.
        """
        first, second = sorted((one, two), key=("sigma2", "phi", "lam", "psi").index)
        if first == "phi":
            return float((self.constant * self.spread(second, self.constant)).sum())
        H, R, s = self.propagated, self.turned, self.sigma2
        units = float(H.shape[1])
        own = np.trace(H, axis1=1, axis2=2)
        if second == "psi":
            factor = {"sigma2": s, "lam": 2.0 * s**2, "psi": s**2}[first]
            turned = np.diag(np.linalg.solve(self.root, R @ self.root))
            inside = {"sigma2": units * turned.sum(), "lam": own @ turned, "psi": units * (R * R).sum()}
            return factor * float(inside[first])
        if second == "lam":
            squares = float((H * H.swapaxes(1, 2)).sum()) + self._crossed()
            return 2.0 * s * float(own.sum()) if first == "sigma2" else 2.0 * s**2 * squares
        return float((self.constant**2).sum()) if second == "phi" else H.shape[0] * units

    def _crossed(self) -> float:
        # tr(L L') = sum_st (V^-1)_st V_st tr(H_s H_t').
        inverse = self.root.T @ self.root
        share = inverse * np.linalg.inv(inverse)
        return float((np.tensordot(share, self.propagated, axes=1) * self.propagated).sum())

    def information(self, names: tuple[str, ...]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
        """Return tr(C^-1 C_i) and the expected information 1/2 tr(C^-1 C_i C^-1 C_j).

        Parameters
        ----------
        names : tuple of str
            Components.

        Returns
        -------
        means : dict of str to float
            tr(C^-1 C_i).
        information : dict of (str, str) to float
            Of every pair.
        """
        sent = {name: self.spread(name, self.constant) for name in names}
        inner = {
            name: self.taken @ np.tensordot(self.constant, values, axes=((0, 1), (0, 1)))
            for name, values in sent.items()
        }
        means = {name: (self.trace(name) - float(np.trace(inner[name]))) / self.sigma2 for name in names}
        information = {}
        for one, two in product(names, names):
            crossed = np.tensordot(sent[one], sent[two], axes=((0, 1), (0, 1)))
            taken = 2.0 * float((self.taken * crossed).sum()) - float((inner[one] * inner[two].T).sum())
            information[one, two] = 0.5 * (self.trace(one, two) - taken) / self.sigma2**2
        return means, information
