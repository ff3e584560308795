"""The log-Jacobian of many units: sparse factors at a few rho, and Chebyshev series between them, in two stages."""

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from yrdspatial.models.chebyshev import Series, bound, growth
from yrdspatial.models.factors import Factors
from yrdspatial.models.resolvents import ComplexArray, from_zero
from yrdspatial.models.spectra import Jacobian, Spectra
from yrdspatial.models.within import Effects, FloatArray

COARSE = 24
"""Points of the first stage, over the whole interval: where about is the maximum."""
REACH = 5.0
"""The first stage runs over |s| <= REACH, rho = middle + half tanh(s): all but 5e-5 of the interval at each end."""
FINE = 14
"""Points of the second stage, close to the maximum."""
NARROW = 0.1
"""Half width of the second stage over the distance of the nearest singularity."""
SAFE = 0.8
"""The ellipse of the error bound reaches this far towards the nearest singularity."""


@dataclass(frozen=True)
class Sums:
    """What is interpolated: L(rho), the sum of ln|I - rho W_d|, and H(rho), that of tr(Z' G_d Z).

    Attributes
    ----------
    spectra : Spectra
        The weights.
    share : ndarray, shape (D,)
        Weight of each matrix.
    rest : ndarray of int
        The matrices for which H is needed.
    basis : ndarray, shape (N, R)
        Orthonormal columns Z.
    """

    spectra: Spectra
    share: FloatArray
    rest: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    basis: FloatArray

    def at(self, rho: float) -> FloatArray:
        """Factor every matrix.

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        ndarray, shape (2,)
            L and H.
        """
        total = np.zeros(2)
        for d, (weights, share) in enumerate(zip(self.spectra.links, self.share, strict=True)):
            factors = Factors.of(weights, rho)
            total[0] += share * factors.logdet
            if d in self.rest:
                total[1] += share * float((self.basis * factors.propagated(self.basis)).sum())
        return total

    def projected(self, rho: FloatArray) -> FloatArray:
        """H alone.

        Parameters
        ----------
        rho : ndarray, shape (m,)
            Values inside the interval.

        Returns
        -------
        ndarray, shape (m,)
            The sums.
        """
        out = np.zeros(rho.size)
        for d in self.rest:
            for m, value in enumerate(rho):
                sent = Factors.of(self.spectra.links[d], float(value)).propagated(self.basis)
                out[m] += self.share[d] * float((self.basis * sent).sum())
        return out


@dataclass(frozen=True)
class InterpolatedJacobian:
    """J(rho) = tr(M ln S(rho)) of sparse weights, with the methods of ``Jacobian``.

    J = L - K + the sum of mass ln|1 - rho omega|, K' = -H. Values are exact, by factorization, wherever the second
    stage does not reach; slopes there are those of the first stage, good enough to find where the maximum is.

    Attributes
    ----------
    sums : Sums
        L and H.
    omega : ndarray of complex, shape (K,)
        Points of the part in closed form: constant row sums.
    mass : ndarray, shape (K,)
        Their weights.
    coarse : Series
        First stage, in s.
    fine : Series or None
        Second stage, in rho.
    base : float
        K in the middle of the second stage.
    error : float
        Bound of the error of L in the second stage; NaN where complex eigenvalues leave no bound.
    """

    sums: Sums
    omega: ComplexArray
    mass: FloatArray
    coarse: Series
    fine: Series | None
    base: float
    error: float

    @classmethod
    def of(cls, spectra: Spectra, effects: Effects | None) -> "InterpolatedJacobian":
        """Run the first stage.

        Parameters
        ----------
        spectra : Spectra
            Sparse weights.
        effects : Effects or None
            The effects to adjust for; None is the plain sum of ln|I - rho W_t|.

        Returns
        -------
        InterpolatedJacobian
            Without a second stage.
        """
        share = spectra.years_of if effects is None else spectra.shared(effects.period_mass)
        basis = np.zeros((spectra.units, 0)) if effects is None else effects.group_basis
        kappas = spectra.row_sums
        level = kappas.mean(axis=1)
        even = (np.abs(kappas - level[:, None]) <= 1e-13 * np.maximum(1.0, level)[:, None]).all(axis=1)
        simple = even if basis.shape[1] == 1 else np.zeros(share.size, dtype=bool)
        rest = np.flatnonzero(~simple if basis.shape[1] else simple)
        sums = Sums(spectra, share, rest, basis)
        lower, upper = spectra.bounds

        def at(s: float) -> FloatArray:
            return sums.at(float(0.5 * (lower + upper) + 0.5 * (upper - lower) * np.tanh(s)))

        coarse = Series.of(at, -REACH, REACH, COARSE)
        return cls(sums, level[simple].astype(np.complex128), -share[simple], coarse, None, 0.0, float("nan"))

    def near(self, rho: float) -> "InterpolatedJacobian":
        """Run the second stage.

        Parameters
        ----------
        rho : float
            A value close to the maximum.

        Returns
        -------
        InterpolatedJacobian
            With slopes that are exact to the error bound close to rho.
        """
        spectra = self.sums.spectra
        room = room_of(spectra, rho)
        half = NARROW * room
        fine = Series.of(self.sums.at, rho - half, rho + half, FINE)
        known = spectra.balanced or rho > -spectra.bounds[1]
        return replace(
            self, fine=fine, base=self._projected_log(rho), error=self._bound(room) if known else float("nan")
        )

    def _bound(self, room: float) -> float:
        # On the ellipse |1 - z omega| lies between (1 - SAFE) room / longest and 2 or more.
        lower, upper = self.sums.spectra.bounds
        longest = max(-lower, upper)
        nearest, farthest = (1.0 - SAFE) * room / longest, 1.0 + longest / min(-lower, upper)
        single = np.pi + max(abs(np.log(nearest)), np.log(farthest))
        largest = float(self.sums.share.sum()) * self.sums.spectra.units * single
        rounding = float(np.finfo(float).eps * largest)
        return bound(largest, growth(SAFE / NARROW), FINE) + rounding

    def _projected_log(self, rho: float) -> float:
        # K, the sum of tr(Z' ln(S_d) Z).
        if not self.sums.rest.size:
            return 0.0
        return float(-from_zero(self.sums.projected, rho, self.sums.spectra.bounds))

    def exact_at(self, rho: float) -> bool:
        """Say whether the second stage reaches a point.

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        bool
            Whether slopes there are exact to the error bound.
        """
        return self.fine is not None and self.fine.covers(rho)

    @property
    def reach(self) -> tuple[float, float]:
        """Where slopes are exact to the error bound."""
        middle = float("nan")
        return (middle, middle) if self.fine is None else (self.fine.lower, self.fine.upper)

    @property
    def method(self) -> str:
        """How the log-determinants were found, and how exactly."""
        error = "checked by factorization" if np.isnan(self.error) else f"error below {self.error:.0e}"
        return f"sparse LU at {COARSE} + {FINE} points, Chebyshev series between them ({error})"

    def value(self, rho: float) -> float:
        """J(rho).

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        float
            tr(M ln S(rho)).
        """
        closed = float(self.mass @ np.log(np.abs(1.0 - rho * self.omega)))
        if self.fine is None or not self.fine.covers(rho):
            return closed + float(self.sums.at(rho)[0]) - self._projected_log(rho)
        where = np.array([rho])
        return closed + float(self.fine.at(where)[0, 0]) - self.base + float(self.fine.at(where, -1)[0, 1])

    def slope(self, rho: FloatArray) -> FloatArray:
        """tr(M G(rho)) = -J'(rho).

        Parameters
        ----------
        rho : ndarray, shape (m,)
            Values inside the interval.

        Returns
        -------
        ndarray, shape (m,)
            The slopes.
        """
        closed = (self.omega / (1.0 - rho[:, None] * self.omega)).real @ self.mass
        s, first, _ = self._position(rho)
        moving = self.coarse.at(s, 1)[:, 0] * first + self.coarse.at(s)[:, 1]
        if self.fine is not None:
            near = (self.fine.lower <= rho) & (rho <= self.fine.upper)
            moving[near] = self.fine.at(rho[near], 1)[:, 0] + self.fine.at(rho[near])[:, 1]
        return np.asarray(closed - moving)

    def curvature(self, rho: float) -> float:
        """tr(M G(rho)^2) = -J''(rho).

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        float
            The curvature.
        """
        closed = float(((self.omega / (1.0 - rho * self.omega)) ** 2).real @ self.mass)
        where = np.array([rho])
        if self.fine is not None and self.fine.covers(rho):
            return closed - float(self.fine.at(where, 2)[0, 0] + self.fine.at(where, 1)[0, 1])
        s, first, second = self._position(where)
        rates, bends = self.coarse.at(s, 1)[0], self.coarse.at(s, 2)[0]
        return closed - float(bends[0] * first[0] ** 2 + rates[0] * second[0] + rates[1] * first[0])

    def _position(self, rho: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        # s of the first stage, and its two derivatives by rho.
        lower, upper = self.sums.spectra.bounds
        half = 0.5 * (upper - lower)
        edge = np.tanh(REACH)
        x = np.clip((rho - 0.5 * (lower + upper)) / half, -edge, edge)
        first = 1.0 / (half * (1.0 - x**2))
        return np.arctanh(x), first, 2.0 * x * half * first**2


def room_of(spectra: Spectra, rho: float) -> float:
    """Return the distance from rho to the nearest singularity of ln|I - rho W|, real or complex.

    Parameters
    ----------
    spectra : Spectra
        Sparse weights.
    rho : float
        A value inside the interval.

    Returns
    -------
    float
        To the nearer end where eigenvalues are real; else to the circle of radius 1/omega_max, inside which there
        is none, or outside of it to the end again.
    """
    lower, upper = spectra.bounds
    if spectra.balanced or rho <= -upper:
        return min(rho - lower, upper - rho)
    return min(upper - rho, upper + rho)


LogJacobian: TypeAlias = Jacobian | InterpolatedJacobian
"""J(rho) with its slopes, from eigenvalues or from sparse factors."""


def log_jacobian(spectra: Spectra, effects: Effects | None) -> LogJacobian:
    """Set up J for given weights and effects.

    Parameters
    ----------
    spectra : Spectra
        The weights.
    effects : Effects or None
        The effects to adjust for; None is the plain sum of ln|I - rho W_t|.

    Returns
    -------
    Jacobian or InterpolatedJacobian
        From eigenvalues, or from sparse factors.
    """
    return InterpolatedJacobian.of(spectra, effects) if spectra.sparse else Jacobian.of(spectra, effects)
