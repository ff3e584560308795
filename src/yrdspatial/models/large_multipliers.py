"""Average spatial multipliers of many units: from log-determinants and solves at a few rho, with no dense matrix."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from yrdspatial.models.chebyshev import Series, growth
from yrdspatial.models.factors import Factors
from yrdspatial.models.log_determinant import NARROW, SAFE, room_of
from yrdspatial.models.multipliers import Multipliers
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.traces import EXACT, Estimate, Probing, total
from yrdspatial.models.within import FloatArray, IntArray

DIGITS = 32.0
"""Minus the logarithm of the interpolation error asked for."""
POINTS = 128
"""The largest number of points, when draws fill nearly the whole interval."""


@dataclass(frozen=True)
class LargeMultipliers:
    """Average multipliers of S^-1 and S^-1 W_x under sparse weights, with the methods of ``Multipliers``.

    tr(S^-1) and tr(S^-1 W) follow from the derivative of ln|S|, exactly; where the weights of X are others than those
    of y, tr(S^-1 W_x) is exact up to ``EXACT`` units and estimated by random probes beyond.

    Attributes
    ----------
    lag : Spectra
        Weights of y.
    durbin : Spectra
        Weights of X.
    pairs : ndarray of int, shape (2, P)
        The distinct pairs of weights.
    shares : ndarray, shape (A, P)
        Weight of each pair in each average.
    """

    lag: Spectra
    durbin: Spectra
    pairs: IntArray
    shares: FloatArray

    @property
    def same(self) -> bool:
        """Whether the weights of X are those of y."""
        return self.durbin is self.lag

    @cached_property
    def probing(self) -> Probing:
        """How tr(S^-1 W_x) is found."""
        return Probing(exact=self.lag.units <= EXACT)

    def trace_error(self, rho: float) -> float:
        """Return the standard error that random probes leave in the mean diagonal of S^-1 W_x.

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        float
            The largest over the averages; zero where traces are exact.
        """
        if self.same or self.probing.exact:
            return 0.0
        found = [
            self._crossed(p, Factors.of(self.lag.links[one], rho)) for p, one in enumerate(self.pairs[0])
        ]
        return float(np.sqrt(self.shares**2 @ np.array([one.errors[0] ** 2 for one in found])).max())

    def _crossed(self, pair: int, factors: Factors) -> Estimate:
        # Mean diagonal of S^-1 W_x.
        other, units = self.durbin.links[self.pairs[1, pair]], self.lag.units
        blocks = self.probing.blocks(units, 1)
        return total(
            [(b * factors.inverse(other @ b)).sum(axis=0)[None] / units for b in blocks], self.probing
        )

    def _values(self, rho: float) -> FloatArray:
        # For each pair ln|S|, the mean row sums of S^-1 and of S^-1 W_x, and the mean diagonal of S^-1 W_x; flat.
        units, out = self.lag.units, np.zeros((4, self.pairs.shape[1]))
        ones = np.ones((units, 1))
        for p, (one, other) in enumerate(self.pairs.T):
            factors = Factors.of(self.lag.links[one], rho)
            columns = np.hstack([ones, self.durbin.links[other] @ ones])
            out[:3, p] = factors.logdet, *factors.inverse(columns).mean(axis=0)
            if not self.same:
                out[3, p] = self._crossed(p, factors).values[0]
        return out.ravel()

    @cached_property
    def _kept(self) -> dict[tuple[float, float], Series]:
        return {}

    def _series(self, lowest: float, highest: float) -> Series:
        # The series between two values; the last one is kept, since effects and their slopes ask for the same.
        ends = (lowest, highest)
        if ends not in self._kept:
            self._kept.clear()
            self._kept[ends] = self._new_series(lowest, highest)
        return self._kept[ends]

    def _new_series(self, lowest: float, highest: float) -> Series:
        middle = 0.5 * (lowest + highest)
        room = room_of(self.lag, middle)
        half = max(0.5 * (highest - lowest), NARROW * room)
        rate = growth(max(1.02, SAFE * room / half))
        count = min(POINTS, int(np.ceil(DIGITS / np.log(rate))))
        return Series.of(self._values, middle - half, middle + half, count)

    def _parts(self, series: Series, rho: FloatArray, order: int) -> tuple[FloatArray, ...]:
        # ln|S| differentiated once more than the other three; each of shape (m, P).
        shape = (rho.size, 4, self.pairs.shape[1])
        higher, plain = series.at(rho, order + 1).reshape(shape), series.at(rho, order).reshape(shape)
        return -higher[:, 0] / self.lag.units, plain[:, 1], plain[:, 2], plain[:, 3]

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
        series = self._series(float(rho.min()), float(rho.max()))
        trace, own, lagged, crossed = self._parts(series, rho, 0)
        diagonal = trace if self.same else crossed
        return self._averaged(1.0 + rho[:, None] * trace, own), self._averaged(diagonal, lagged)

    def _averaged(self, diagonal: FloatArray, sums: FloatArray) -> FloatArray:
        return np.asarray(np.stack([diagonal, sums], axis=-1).swapaxes(1, 2) @ self.shares.T).swapaxes(1, 2)

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
        where = np.array([rho])
        series = self._series(rho, rho)
        trace = self._parts(series, where, 0)[0]
        bend, own, lagged, crossed = self._parts(series, where, 1)
        diagonal = bend if self.same else crossed
        return self._averaged(trace + rho * bend, own)[0], self._averaged(diagonal, lagged)[0]


@dataclass(frozen=True)
class FlatMultipliers:
    """Average multipliers of I and W_x, for sparse weights of X in a model without a lag of y.

    Attributes
    ----------
    row_sums : ndarray, shape (A,)
        Mean row sums of W_x.
    """

    row_sums: FloatArray

    def at(self, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Average multipliers, whatever rho.

        Parameters
        ----------
        rho : ndarray, shape (m,)
            Not used but for its length.

        Returns
        -------
        own, lagged : ndarray, shape (m, A, 2)
            Mean diagonal and mean row sum of I, and of W_x.
        """
        shape = (rho.size, self.row_sums.size)
        lagged = np.stack([np.zeros(shape), np.broadcast_to(self.row_sums, shape)], axis=-1)
        return np.ones((*shape, 2)), lagged

    def slope(self, rho: float) -> tuple[FloatArray, FloatArray]:
        """Return zeros.

        Parameters
        ----------
        rho : float
            Not used.

        Returns
        -------
        own, lagged : ndarray, shape (A, 2)
            Zeros.
        """
        nothing = 0.0 * rho * np.zeros((self.row_sums.size, 2))
        return nothing, nothing


AnyMultipliers: TypeAlias = Multipliers | LargeMultipliers | FlatMultipliers


def multipliers_of(lag: Spectra | None, durbin: Spectra | None, shares: FloatArray) -> AnyMultipliers:
    """Choose how the average multipliers of given weights are found.

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
    Multipliers, LargeMultipliers or FlatMultipliers
        The multipliers.
    """
    if not any(one is not None and one.sparse for one in (lag, durbin)):
        return Multipliers.of(lag, durbin, shares)
    if lag is None:
        level = np.zeros(1) if durbin is None else durbin.row_sums.mean(axis=1)[durbin.position]
        return FlatMultipliers(shares @ level)
    other = lag if durbin is None else durbin
    pairs, position = np.unique(np.stack([lag.position, other.position]), axis=1, return_inverse=True)
    place = position.ravel()
    gathered = np.stack([shares[:, place == p].sum(axis=1) for p in range(pairs.shape[1])], axis=1)
    return LargeMultipliers(lag, other, pairs.astype(np.intp), gathered)
