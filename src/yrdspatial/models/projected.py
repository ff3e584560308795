"""Traces of block-diagonal matrices between projectors off any dummies, by an orthonormal basis of these."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.within import FloatArray


@dataclass(frozen=True)
class Projected:
    """Traces of block-diagonal matrices between Q = I - U U'.

    Attributes
    ----------
    basis : ndarray, shape (T, N, p)
        U.

    Examples
    --------
    >>> mean = Projected(np.full((2, 2, 1), 0.5))  # the mean of two periods and two units
    >>> mean.single(np.stack([np.eye(2)] * 2)), mean.double(np.stack([np.eye(2)] * 2), np.stack([np.eye(2)] * 2))
    (3.0, 3.0)
    """

    basis: FloatArray

    def single(self, A: FloatArray) -> float:
        """tr(Q A).

        Parameters
        ----------
        A : ndarray, shape (T, N, N)
            Diagonal blocks.

        Returns
        -------
        float
            The trace.
        """
        return float(np.trace(A, axis1=1, axis2=2).sum() - (self.basis * (A @ self.basis)).sum())

    def double(self, A: FloatArray, C: FloatArray) -> float:
        """tr(Q A Q C).

        Parameters
        ----------
        A, C : ndarray, shape (T, N, N)
            Diagonal blocks.

        Returns
        -------
        float
            The trace.
        """
        right_a, right_c = A @ self.basis, C @ self.basis
        left_a, left_c = turned(A) @ self.basis, turned(C) @ self.basis
        whole = float((A * turned(C)).sum()) - float((left_a * right_c).sum() + (left_c * right_a).sum())
        return whole + float((self.sandwich(A) * self.sandwich(C).T).sum())

    def sandwich(self, A: FloatArray) -> FloatArray:
        """U'A U.

        Parameters
        ----------
        A : ndarray, shape (T, N, N)
            Diagonal blocks.

        Returns
        -------
        ndarray, shape (p, p)
            The product.
        """
        return np.asarray(np.einsum("tnp,tnq->pq", self.basis, A @ self.basis))


def turned(A: FloatArray) -> FloatArray:
    """Transpose each block.

    Parameters
    ----------
    A : ndarray, shape (T, N, N)
        Blocks.

    Returns
    -------
    ndarray, shape (T, N, N)
        Their transposes.

    Examples
    --------
    >>> turned(np.array([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[[1.0, 3.0], [2.0, 4.0]]]
    """
    return np.swapaxes(A, 1, 2)
