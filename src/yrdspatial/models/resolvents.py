"""Sums over a few directions of functions of W: from eigenvalues where that is possible, else from resolvents."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.linalg import schur

from yrdspatial.models.within import FloatArray

ComplexArray: TypeAlias = npt.NDArray[np.complex128]

NODES = 48
"""Gauss-Legendre nodes of the integral that gives 1' ln(S) 1; tests compare it with the matrix logarithm."""


def measure(matrix: FloatArray, basis: FloatArray) -> tuple[ComplexArray, FloatArray] | None:
    """Return the measure u with tr(Z' f(W) Z) = sum u f(omega), where constant row sums or symmetry give it.

    Parameters
    ----------
    matrix : ndarray, shape (N, N)
        Weights W.
    basis : ndarray, shape (N, R)
        Orthonormal columns Z.

    Returns
    -------
    omega : ndarray of complex, shape (K,)
        Points.
    mass : ndarray, shape (K,)
        Their weights; None in the place of both when neither holds.
    """
    image = matrix @ basis
    if basis.shape[1] == 1:
        kappa = float(basis[:, 0] @ image[:, 0])
        if np.allclose(image, kappa * basis, rtol=0.0, atol=1e-13 * max(1.0, abs(kappa))):
            return np.array([kappa], dtype=np.complex128), np.ones(1)
    if np.array_equal(matrix, matrix.T):
        omega, vectors = np.linalg.eigh(matrix)
        return omega.astype(np.complex128), ((vectors.T @ basis) ** 2).sum(axis=1)
    return None


@cache
def _quadrature() -> tuple[FloatArray, FloatArray]:
    points, weights = np.polynomial.legendre.leggauss(NODES)
    return points, weights


def from_zero(function: Callable[[FloatArray], FloatArray], rho: float, bounds: tuple[float, float]) -> float:
    """Integrate a function with a pole at the end of the interval from zero to rho.

    The variable s = -ln(1 - r / end) takes the pole out of the integrand.

    Parameters
    ----------
    function : callable
        Values of shape (m,) at points of shape (m,).
    rho : float
        A value inside the interval.
    bounds : tuple of float
        The interval.

    Returns
    -------
    float
        The integral.
    """
    if rho == 0.0:
        return 0.0
    end = bounds[1] if rho > 0 else bounds[0]
    points, weights = _quadrature()
    top = -np.log1p(-rho / end)
    remaining = np.exp(-0.5 * top * (points + 1.0))
    return float(0.5 * top * end * weights @ (remaining * function(end * (1.0 - remaining))))


@dataclass(frozen=True)
class Resolvents:
    """tr(Z' f(W_d) Z) summed over weights with no usable eigenvectors: islands, directed or unequal links.

    Attributes
    ----------
    triangles : ndarray of complex, shape (D, N, N)
        Upper triangular Schur factors.
    right, left : ndarray of complex, shape (D, N, R)
        Q* Z and (Z' Q T)'.
    share : ndarray, shape (D,)
        Weight of each matrix.
    bounds : tuple of float
        The interval of rho.
    """

    triangles: ComplexArray
    right: ComplexArray
    left: ComplexArray
    share: FloatArray
    bounds: tuple[float, float]

    @classmethod
    def of(
        cls, matrices: FloatArray, share: FloatArray, basis: FloatArray, bounds: tuple[float, float]
    ) -> "Resolvents":
        """Factor the matrices.

        Parameters
        ----------
        matrices : ndarray, shape (D, N, N)
            Weights.
        share : ndarray, shape (D,)
            Weight of each matrix in the sum.
        basis : ndarray, shape (N, R)
            Orthonormal columns Z.
        bounds : tuple of float
            The interval of rho.

        Returns
        -------
        Resolvents
            The factors.
        """
        triangles, right, left = [], [], []
        for matrix in matrices:
            triangle, vectors = schur(matrix.astype(np.complex128), output="complex")
            triangles.append(triangle)
            right.append(vectors.conj().T @ basis)
            left.append(triangle.T @ (vectors.T @ basis))
        return cls(np.stack(triangles), np.stack(right), np.stack(left), share, bounds)

    def _solve(self, rho: FloatArray, right: ComplexArray) -> ComplexArray:
        # (I - rho T)^-1 right by back substitution for all rho and all matrices; shape (m, D, N, R).
        count = self.triangles.shape[1]
        out = np.zeros((rho.size, *self.right.shape), dtype=np.complex128)
        right = np.broadcast_to(right, out.shape)
        for i in range(count - 1, -1, -1):
            carried = np.einsum("dj,mdjr->mdr", self.triangles[:, i, i + 1 :], out[:, :, i + 1 :])
            pivot = 1.0 - rho[:, None] * self.triangles[:, i, i]
            out[:, :, i] = (right[:, :, i] + rho[:, None, None] * carried) / pivot[:, :, None]
        return out

    def first(self, rho: FloatArray) -> FloatArray:
        """Sum of tr(Z' G_d(rho) Z).

        Parameters
        ----------
        rho : ndarray, shape (m,)
            Values inside the interval.

        Returns
        -------
        ndarray, shape (m,)
            The sums.
        """
        solved = self._solve(rho, self.right)
        return np.asarray(np.einsum("dnr,mdnr,d->m", self.left, solved, self.share).real)

    def second(self, rho: float) -> float:
        """Sum of tr(Z' G_d(rho)^2 Z).

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        float
            The sum.
        """
        where = np.array([rho])
        inner = np.matmul(self.triangles, self._solve(where, self.right)[0])
        return float(np.einsum("dnr,dnr,d->", self.left, self._solve(where, inner)[0], self.share).real)

    def log(self, rho: float) -> float:
        """Sum of tr(Z' ln(S_d(rho)) Z), the integral of minus ``first`` from zero.

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        float
            The sum.
        """
        return -from_zero(self.first, rho, self.bounds)
