"""What dummies of any kind take from the log-Jacobian: the diagonal blocks of their projector, period by period."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.resolvents import from_zero
from yrdspatial.models.within import Effects, FloatArray, dummy_basis


@dataclass(frozen=True)
class Blocks:
    """Sums over periods of tr(P_tt f(W_t)), P the projector on the dummies.

    Attributes
    ----------
    matrices : ndarray, shape (D, N, N)
        The distinct weights.
    blocks : ndarray, shape (D, N, N)
        P_tt, summed over the periods with each of them.
    bounds : tuple of float
        The interval of rho.
    """

    matrices: FloatArray
    blocks: FloatArray
    bounds: tuple[float, float]

    @classmethod
    def of(
        cls,
        matrices: FloatArray,
        position: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]",
        effects: Effects,
        bounds: tuple[float, float],
    ) -> "Blocks":
        """Collect the blocks.

        Parameters
        ----------
        matrices : ndarray, shape (D, N, N)
            The distinct weights.
        position : ndarray of int, shape (T,)
            Which of them each period has.
        effects : Effects
            The effects.
        bounds : tuple of float
            The interval of rho.

        Returns
        -------
        Blocks
            The sums.

        Examples
        --------
        >>> unit = Effects.of(2, 3, unit=True, time=False)  # P_tt = I / T
        >>> Blocks.of(np.zeros((1, 3, 3)), np.zeros(2, dtype=np.intp), unit, (-1.0, 1.0)).blocks[0].round(3).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        """
        basis = dummy_basis(effects).reshape(position.size, matrices.shape[1], -1)
        blocks = np.zeros_like(matrices)
        np.add.at(blocks, position, basis @ np.swapaxes(basis, 1, 2))
        return cls(matrices, blocks, bounds)

    def _propagators(self, rho: float) -> FloatArray:
        inverse = np.linalg.inv(np.eye(self.matrices.shape[1]) - rho * self.matrices)
        return np.asarray(self.matrices @ inverse)

    def first(self, rho: FloatArray) -> FloatArray:
        """Sum of tr(P_tt G_t(rho)).

        Parameters
        ----------
        rho : ndarray, shape (m,)
            Values inside the interval.

        Returns
        -------
        ndarray, shape (m,)
            The sums.
        """
        return np.array([float((self.blocks * self._propagators(float(value))).sum()) for value in rho])

    def second(self, rho: float) -> float:
        """Sum of tr(P_tt G_t(rho)^2).

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        float
            The sum.
        """
        G = self._propagators(rho)
        return float((self.blocks * (G @ G)).sum())

    def log(self, rho: float) -> float:
        """Sum of tr(P_tt ln S_t(rho)), the integral of minus ``first`` from zero.

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
