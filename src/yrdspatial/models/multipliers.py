"""Average spatial multipliers: traces and sums of (I - rho W)^-1 and (I - rho W)^-1 W_x, with their slopes."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.resolvents import ComplexArray, Resolvents, measure
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray

CHUNK = 2**22
"""Numbers held at once when many values of rho are asked."""


@dataclass(frozen=True)
class Multipliers:
    """Average multipliers of S^-1 and S^-1 W_x under weighted averages over periods.

    Attributes
    ----------
    lag : ndarray, shape (D, N, N)
        Distinct weights of y; zeros without a lag.
    durbin : ndarray, shape (D, N, N)
        Weights of X that go with each.
    shares : ndarray, shape (A, D)
        Weight of each in each average.
    same : bool
        Whether the weights of X are those of y, so that eigenvalues are enough.
    eigenvalues : ndarray of complex, shape (D, N)
        Eigenvalues of ``lag``.
    bounds : tuple of float
        Interval of rho.
    """

    lag: FloatArray
    durbin: FloatArray
    shares: FloatArray
    same: bool
    eigenvalues: ComplexArray
    bounds: tuple[float, float]

    @classmethod
    def of(cls, lag: Spectra | None, durbin: Spectra | None, shares: FloatArray) -> "Multipliers":
        """Collect the distinct pairs of weights.

        Parameters
        ----------
        lag : Spectra or None
            Weights of y.
        durbin : Spectra or None
            Weights of X.
        shares : ndarray, shape (A, T)
            Weight of each period in each average.

        Returns
        -------
        Multipliers
            The pairs of weights.
        """
        some = lag or durbin
        if some is None:
            nothing = np.zeros((1, 1, 1))
            share = shares.sum(axis=1, keepdims=True)
            return cls(nothing, nothing, share, False, np.zeros((1, 1), dtype=np.complex128), (-1.0, 1.0))
        first, second = lag or some, durbin or some
        pairs, position = np.unique(np.stack([first.position, second.position]), axis=1, return_inverse=True)
        gathered = np.stack(
            [shares[:, position.ravel() == d].sum(axis=1) for d in range(pairs.shape[1])], axis=1
        )
        matrices = first.matrices[pairs[0]]
        other = matrices if second is first else second.matrices[pairs[1]]
        if lag is None:
            zero = np.zeros_like(matrices)
            return cls(
                zero, other, gathered, False, np.zeros(matrices.shape[:2], dtype=np.complex128), (-1.0, 1.0)
            )
        same = other is matrices or np.array_equal(matrices, other)
        return cls(matrices, other, gathered, same, lag.eigenvalues[pairs[0]], lag.bounds)

    def at(self, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Average multipliers at many values of rho.

        Parameters
        ----------
        rho : ndarray, shape (m,)
            Values inside the interval.

        Returns
        -------
        own, lagged : ndarray, shape (m, A, 2)
            Mean diagonal and mean row sum of S^-1, and of S^-1 W_x.
        """
        size = max(1, CHUNK // self.lag[:, :, 0].size)
        blocks = [rho[start : start + size] for start in range(0, rho.size, size)]
        parts = [self._shortcut(block) if self.same else self._dense(block) for block in blocks]
        averaged = [np.einsum("ad,mdpe->mape", self.shares, part) for part in parts]
        both = np.concatenate(averaged)
        return both[:, :, 0], both[:, :, 1]

    def _shortcut(self, rho: FloatArray) -> FloatArray:
        # Multipliers from eigenvalues; shape (m, D, 2, 2): S^-1 or S^-1 W, diagonal or row sum.
        count = self.eigenvalues.shape[1]
        inner = 1.0 / (1.0 - rho[:, None, None] * self.eigenvalues)
        out = np.empty((rho.size, len(self.lag), 2, 2))
        out[:, :, 0, 0] = inner.real.sum(axis=2) / count
        out[:, :, 1, 0] = np.einsum("dn,mdn->md", self.eigenvalues, inner).real / count
        basis = np.full((count, 1), 1.0 / np.sqrt(count))
        for d, matrix in enumerate(self.lag):
            out[:, d, 1, 1] = _row_sums(matrix, basis, rho, self.bounds)
        out[:, :, 0, 1] = 1.0 + rho[:, None] * out[:, :, 1, 1]
        return out

    def _dense(self, rho: FloatArray) -> FloatArray:
        # Same by inverses, for weights of X of their own.
        count = self.lag.shape[1]
        out = np.empty((rho.size, len(self.lag), 2, 2))
        for m, value in enumerate(rho):
            inverse = np.linalg.inv(np.eye(count) - value * self.lag)
            for p, matrix in enumerate((inverse, inverse @ self.durbin)):
                out[m, :, p] = _averages(matrix)
        return out

    def slope(self, rho: float) -> tuple[FloatArray, FloatArray]:
        """Return derivatives of the average multipliers with respect to rho.

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        own, lagged : ndarray, shape (A, 2)
            Slopes of the mean diagonal and the mean row sum of S^-1, and of S^-1 W_x.
        """
        inverse = np.linalg.inv(np.eye(self.lag.shape[1]) - rho * self.lag)
        turned = inverse @ self.lag @ inverse
        own, lagged = _averages(turned), _averages(turned @ self.durbin)
        return self.shares @ own, self.shares @ lagged


def _averages(matrices: FloatArray) -> FloatArray:
    # Mean diagonal and mean row sum of each matrix, shape (D, 2).
    count = matrices.shape[1]
    return np.asarray(np.stack([np.trace(matrices, axis1=1, axis2=2), matrices.sum((1, 2))], axis=1) / count)


def _row_sums(
    matrix: FloatArray, basis: FloatArray, rho: FloatArray, bounds: tuple[float, float]
) -> FloatArray:
    # Mean row sum of W (I - rho W)^-1 at many rho, shape (m,).
    points = measure(matrix, basis)
    if points is not None:
        omega, mass = points
        return np.asarray((omega / (1.0 - rho[:, None] * omega)).real @ mass)
    return Resolvents.of(matrix[None], np.ones(1), basis, bounds).first(rho)
