"""Effects in spatial interaction: what a change in one unit does to flows from it, to it, within it and elsewhere."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import schur

from yrdspatial.models.within import FloatArray

EFFECTS = ("origin", "destination", "within", "network", "total")
BASES = ("origin", "destination", "within", "W_origin", "W_destination")
"""Where a characteristic enters: at the ends, on the diagonal, and the lags of it at the ends."""


@dataclass(frozen=True)
class Triangular:
    """Weights in complex Schur form, W = Q R Q^H: what solves for flows without eigenvectors.

    Attributes
    ----------
    R, Q : ndarray of complex, shape (N, N)
        Upper triangular, and unitary.

    Examples
    --------
    >>> W = np.array([[0.0, 1.0], [0.5, 0.0]])
    >>> found = Triangular.of(W).solve(np.array([0.2, 0.1, 0.0]), np.eye(2)[None])[0]
    >>> (found - 0.2 * W @ found - 0.1 * found @ W.T).round(12).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    R: npt.NDArray[np.complex128]
    Q: npt.NDArray[np.complex128]

    @classmethod
    def of(cls, W: FloatArray) -> "Triangular":
        """Bring weights into the form.

        Parameters
        ----------
        W : ndarray, shape (N, N)
            Weights.

        Returns
        -------
        Triangular
            The form.
        """
        R, Q = schur(W.astype(np.complex128), output="complex")
        return cls(R, Q)

    def solve(self, rho: FloatArray, M: FloatArray) -> FloatArray:
        """Solve X - rho_o W X - rho_d X W' - rho_w W X W' = M.

        Parameters
        ----------
        rho : ndarray, shape (3,)
            A feasible point.
        M : ndarray, shape (R, N, N)
            Right sides.

        Returns
        -------
        ndarray, shape (R, N, N)
            Solutions: one triangular system a destination, from the last to the first.
        """
        R, Q = self.R, self.Q
        right = np.einsum("ai,rij,jb->abr", Q.conj().T, M, Q.conj(), optimize=True)
        found, lagged = np.zeros_like(right), np.zeros_like(right)
        eye = np.eye(len(R))
        for j in range(len(R) - 1, -1, -1):
            known = np.tensordot(lagged[:, j + 1 :], R[j, j + 1 :], axes=(1, 0))
            left = eye - rho[0] * R - R[j, j] * (rho[1] * eye + rho[2] * R)
            found[:, j] = np.linalg.solve(left, right[:, j] + known)
            lagged[:, j] = rho[1] * found[:, j] + rho[2] * (R @ found[:, j])
        return np.asarray(np.einsum("ia,abr,bj->rij", Q, found, Q.T, optimize=True).real, dtype=np.float64)


def unit_changes(W: FloatArray, *, own: bool) -> FloatArray:
    """Give the regressors that a change of one in each unit moves.

    Parameters
    ----------
    W : ndarray, shape (N, N)
        Weights.
    own : bool
        Whether flows within units have regressors of their own, and the others are zero there.

    Returns
    -------
    ndarray, shape (5, N, N, N)
        By basis (as of ``BASES``), unit that changes, origin, destination.

    Examples
    --------
    >>> unit_changes(np.zeros((2, 2)), own=True)[0, 0].tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    eye, ones = np.eye(len(W)), np.ones(len(W))
    away = ones - eye if own else np.ones_like(W)
    at_origin = [np.einsum("ir,j->rij", part, ones) * away for part in (eye, W)]
    at_destination = [np.einsum("jr,i->rij", part, ones) * away for part in (eye, W)]
    inside = np.einsum("ir,jr->rij", eye, eye)
    return np.stack([at_origin[0], at_destination[0], inside, at_origin[1], at_destination[1]])


def effect_sums(form: Triangular, rho: FloatArray, changes: FloatArray) -> FloatArray:
    """Sum what changes of one in each unit do, by kind of flow.

    Parameters
    ----------
    form : Triangular
        Weights.
    rho : ndarray, shape (3,)
        A feasible point.
    changes : ndarray, shape (B, N, N, N)
        As of :func:`unit_changes`.

    Returns
    -------
    ndarray, shape (B, 5)
        Origin: flows from the unit to others; destination: to it from others; within; network: all flows that do not
        touch it; total. Summed over units and flows, over N^2: the total is the change of the mean flow when all units
        change by one.

    References
    ----------
    LeSage and Thomas-Agnan (2015), Journal of Regional Science 55, 188-208, section 3.

    Examples
    --------
    >>> form, changes = Triangular.of(np.zeros((4, 4))), unit_changes(np.zeros((4, 4)), own=False)
    >>> effect_sums(form, np.zeros(3), changes)[0].tolist()
    [0.75, 0.0, 0.25, 0.0, 1.0]
    """
    bases, units = changes.shape[:2]
    moved = form.solve(rho, changes.reshape(-1, units, units)).reshape(changes.shape)
    place = np.arange(units)
    rows = moved[:, place, place, :].sum(axis=(1, 2))
    columns = moved[:, place, :, place].sum(axis=(0, 2))
    inside = moved[:, place, place, place].sum(axis=1)
    total = moved.reshape(bases, -1).sum(axis=1)
    parts = [rows - inside, columns - inside, inside, total - rows - columns + inside, total]
    return np.asarray(np.stack(parts, axis=1) / units**2, dtype=np.float64)
