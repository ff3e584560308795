"""Effects of models with several weights, by dense inverses."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.parts import Stack
from yrdspatial.models.specification import CONSTANT, Design
from yrdspatial.models.within import FloatArray

STEP = 1e-6


@dataclass(frozen=True)
class PartsEffects:
    """S^-1 (beta I + sum_m theta_m V_m), S = I - sum_q rho_q W_q, averaged over periods.

    Attributes
    ----------
    lag : ndarray, shape (Q, D, N, N)
        Distinct combinations of the weights of y; Q may be 0.
    durbin : ndarray, shape (M, D, N, N)
        Weights of X that go with them.
    shares : ndarray, shape (A, D)
        Weight of each combination in each average.
    rho : ndarray of int, shape (Q,)
        Positions of the spatial parameters.
    own : ndarray of int, shape (V,)
        Positions of beta.
    lagged : ndarray of int, shape (M, V)
        Positions of theta; -1 where a variable has no lag.
    """

    lag: FloatArray
    durbin: FloatArray
    shares: FloatArray
    rho: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    own: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    lagged: "np.ndarray[tuple[int, int], np.dtype[np.intp]]"

    @classmethod
    def of(cls, design: Design, shares: FloatArray) -> "PartsEffects":
        """Collect weights and positions.

        Parameters
        ----------
        design : Design
            The model.
        shares : ndarray, shape (A, T)
            Weight of each period in each average.

        Returns
        -------
        PartsEffects
            The effects as functions of the parameters.
        """
        problem, spec = design.problem, design.spec
        single = () if problem.lag is None else (problem.lag,)
        lags = problem.parts or single
        stack = Stack.of((*lags, *design.durbin))
        count = len(stack.matrices[0])
        position = stack.spectra.position
        gathered = np.stack([shares[:, position == d].sum(axis=1) for d in range(count)], axis=1)
        names = spec.parameters
        variables = [name for name in spec.terms if name != CONSTANT]
        prefixes = [f"W_{part}_" for part in spec.x_parts] or ["W_"] * len(design.durbin)
        lagged = [
            [names.index(prefix + name) if prefix + name in names else -1 for name in variables]
            for prefix in prefixes
        ]
        first = len(spec.regressors)
        return cls(
            lag=stack.matrices[: len(lags)],
            durbin=stack.matrices[len(lags) :],
            shares=gathered,
            rho=np.arange(first, first + len(lags)),
            own=np.array([names.index(name) for name in variables], dtype=np.intp),
            lagged=np.array(lagged, dtype=np.intp).reshape(len(prefixes), len(variables)),
        )

    def at(self, sample: FloatArray) -> FloatArray:
        """Evaluate the effects.

        Parameters
        ----------
        sample : ndarray, shape (m, K)
            Parameters.

        Returns
        -------
        ndarray, shape (m, A, V, 3)
            Direct, indirect and total.
        """
        return np.stack([self._one(point) for point in sample])

    def _one(self, point: FloatArray) -> FloatArray:
        units = self.lag.shape[-1] if self.lag.size else self.durbin.shape[-1]
        count = self.shares.shape[1]
        mixed = (
            np.tensordot(point[self.rho], self.lag, axes=1)
            if self.rho.size
            else np.zeros((count, units, units))
        )
        inverse = np.linalg.inv(np.eye(units) - mixed)
        padded = np.append(point, 0.0)
        whole = np.zeros((len(self.shares), self.own.size, 2))
        for places, matrix in ((self.own, inverse), *zip(self.lagged, inverse @ self.durbin, strict=True)):
            means = np.stack([np.trace(matrix, axis1=1, axis2=2), matrix.sum((1, 2))], axis=1) / units
            whole += (self.shares @ means)[:, None, :] * padded[places][None, :, None]
        direct, total = whole[..., 0], whole[..., 1]
        return np.stack([direct, total - direct, total], axis=-1)

    def errors(self, point: FloatArray, covariance: FloatArray) -> FloatArray:
        """Find standard errors by the delta method, slopes by central differences.

        Parameters
        ----------
        point : ndarray, shape (K,)
            Parameters.
        covariance : ndarray, shape (K, K)
            Their covariance.

        Returns
        -------
        ndarray, shape (A, V, 3)
            Standard errors.
        """
        steps = STEP * np.eye(point.size)
        gradient = (self.at(point + steps) - self.at(point - steps)) / (2.0 * STEP)
        variance = np.einsum("kavt,kl,lavt->avt", gradient, covariance, gradient)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0)))

    def inside(self, sample: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Say which parameters lie in the feasible region.

        Parameters
        ----------
        sample : ndarray, shape (m, K)
            Parameters.

        Returns
        -------
        ndarray of bool, shape (m,)
            Where S is invertible all the way from zero.
        """
        out = np.ones(len(sample), dtype=bool)
        if not self.rho.size:
            return out
        rows = np.abs(self.lag).sum(axis=3).max(axis=(1, 2))
        for m in np.flatnonzero(np.abs(sample[:, self.rho]) @ rows >= 1.0):
            omega = np.linalg.eigvals(np.tensordot(sample[m, self.rho], self.lag, axes=1))
            out[m] = np.where(np.abs(omega.imag) < 1e-9, omega.real, -np.inf).max() < 1.0
        return out
