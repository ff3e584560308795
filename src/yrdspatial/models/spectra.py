"""The log-determinants of I - rho W and their slopes, for every distinct W once, without eigenvectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from yrdspatial.errors import SpecificationError
from yrdspatial.models.blocks import Blocks
from yrdspatial.models.eigenvalues import remembered
from yrdspatial.models.factors import Factors, balance, interval
from yrdspatial.models.resolvents import ComplexArray, Resolvents, measure
from yrdspatial.models.within import Effects, FloatArray, IntArray

REAL = 1e-7
"""Eigenvalues whose imaginary part is below this share of the spectral radius count as real."""
LARGE = 500
"""Above this many units sparse weights are factored; up to it eigenvalues are quicker."""
DENSE = 2500
"""Above this many units no N x N array is ever formed."""
THIN = 100
"""From this many units on weights with few links are kept sparse."""
FULL = 0.1
"""The share of links above which weights of up to ``DENSE`` units are better kept as full tables."""


@dataclass(frozen=True)
class Spectra:
    """The distinct weights of a panel and, where there are few units, their eigenvalues.

    Attributes
    ----------
    source : ndarray, shape (D, N, N), or tuple of csr_array
        The distinct weights; sparse ones are never made dense above ``DENSE`` units.
    position : ndarray of int, shape (T,)
        ``source[position[t]]`` are the weights of period t.
    """

    source: FloatArray | tuple[csr_array, ...]
    position: IntArray

    @classmethod
    def of(cls, weights: FloatArray | Sequence[csr_array], position: IntArray) -> "Spectra":
        """Choose how the weights are kept.

        Parameters
        ----------
        weights : ndarray, shape (D, N, N), or sequence of csr_array
            The distinct weights.
        position : ndarray of int, shape (T,)
            Which of them each period has.

        Returns
        -------
        Spectra
            Sparse from ``THIN`` units on, unless they are ``FULL`` and no more than ``DENSE``.
        """
        if isinstance(weights, np.ndarray):
            return cls(weights, position)
        links = tuple(weights)
        units = links[0].shape[0]
        share = max(one.nnz for one in links) / units**2
        if units <= DENSE and (units < min(THIN, LARGE + 1) or share > FULL):
            return cls(np.stack([one.toarray() for one in links]), position)
        return cls(links, position)

    @property
    def sparse(self) -> bool:
        """Whether the weights are factored, not decomposed into eigenvalues."""
        return self.thin and self.units > LARGE

    @property
    def thin(self) -> bool:
        """Whether the weights have so few links that products and solves are quicker by sparse matrices."""
        return isinstance(self.source, tuple)

    @property
    def count(self) -> int:
        """D, the number of distinct weights."""
        return len(self.source)

    @property
    def units(self) -> int:
        """N, the number of units."""
        return int(self.source[0].shape[0])

    @cached_property
    def links(self) -> tuple[csr_array, ...]:
        """The distinct weights as sparse matrices, D of shape (N, N)."""
        if isinstance(self.source, tuple):
            return self.source
        return tuple(csr_array(one) for one in self.source)

    @cached_property
    def matrices(self) -> FloatArray:
        """The distinct weights as dense matrices, shape (D, N, N).

        Refused above ``DENSE`` units.
        """
        if not isinstance(self.source, tuple):
            return self.source
        self.require_tables()
        return np.stack([one.toarray() for one in self.source])

    def require_tables(self) -> None:
        """Refuse what needs N x N tables of more than ``DENSE`` units.

        Raises
        ------
        SpecificationError
            If there are more.
        """
        if self.thin and self.units > DENSE:
            what = f"this needs full tables of {self.units} units; above {DENSE} none is formed"
            cure = (
                "use SAR, SDM or SLX, or SEM or SDEM with weights that stay or without unit effects, "
                'bias="adjusted" and standard errors from the information; or fewer units'
            )
            raise SpecificationError(what, cure=cure)

    @cached_property
    def eigenvalues(self) -> ComplexArray:
        """Eigenvalues of the distinct weights, shape (D, N)."""
        self.require_tables()
        return np.stack([remembered(one) for one in self.source])

    @cached_property
    def row_sums(self) -> FloatArray:
        """Row sums of the distinct weights, shape (D, N)."""
        return np.stack([np.asarray(one.sum(axis=1)) for one in self.source])

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The interval (1/omega_min, 1/omega_max) round zero where every I - rho W is invertible."""
        if self.sparse:
            ends = np.array([interval(one) for one in self.links])
            return float(ends[:, 0].max()), float(ends[:, 1].min())
        real = self.eigenvalues.real[np.abs(self.eigenvalues.imag) <= REAL * max(self.radius, 1e-300)]
        fallback = 1.0 / self.radius if self.radius > 1e-8 else 1.0 / max(self.row_sums.max(), 1e-8)
        lowest, highest = real.min(initial=0.0), real.max(initial=0.0)
        tiny = REAL * self.radius
        lower = 1.0 / lowest if lowest < -tiny else -fallback
        upper = 1.0 / highest if highest > tiny else fallback
        return float(lower), float(upper)

    @cached_property
    def balanced(self) -> bool:
        """Whether every matrix is similar to a symmetric one, so that eigenvalues are real."""
        return all(balance(one) is not None for one in self.links)

    @cached_property
    def radius(self) -> float:
        """The largest modulus of an eigenvalue."""
        return float(np.abs(self.eigenvalues).max(initial=0.0))

    def lag(self, values: FloatArray) -> FloatArray:
        """W_t values_t, period by period.

        Parameters
        ----------
        values : ndarray, shape (T, N, k)
            Raw values.

        Returns
        -------
        ndarray, shape (T, N, k)
            The lags.
        """
        if not isinstance(self.source, tuple):
            return np.asarray(self.source[0 if self.count == 1 else self.position] @ values)
        out = np.empty_like(values)
        for d, one in enumerate(self.source):
            here = np.flatnonzero(self.position == d)
            block = np.ascontiguousarray(np.moveaxis(values[here], 0, 1)).reshape(self.units, -1)
            out[here] = np.moveaxis((one @ block).reshape(self.units, here.size, -1), 1, 0)
        return out

    def solve(self, rho: float, values: FloatArray) -> FloatArray:
        """Solve (I - rho W_t) u_t = e_t by sparse factors, period by period.

        Parameters
        ----------
        rho : float
            A value inside the interval.
        values : ndarray, shape (T, N)
            e.

        Returns
        -------
        ndarray, shape (T, N)
            u.
        """
        out = np.empty_like(values)
        for d, one in enumerate(self.links):
            here = self.position == d
            out[here] = Factors.of(one, rho).inverse(values[here].T).T
        return out

    def shared(self, values: FloatArray) -> FloatArray:
        """Sum values of periods over the periods that have each distinct matrix.

        Parameters
        ----------
        values : ndarray, shape (T,)
            One value a period.

        Returns
        -------
        ndarray, shape (D,)
            The sums.
        """
        return np.bincount(self.position, weights=values, minlength=self.count).astype(np.float64)

    @cached_property
    def years_of(self) -> FloatArray:
        """How many periods have each distinct matrix, shape (D,)."""
        return np.bincount(self.position, minlength=self.count).astype(np.float64)


@dataclass(frozen=True)
class Jacobian:
    """J(rho) = tr(M ln S(rho)), the log-Jacobian net of what the effects take, with its slopes.

    M ln S is summed over a signed measure on eigenvalues where the time effects commute with W (constant row sums
    or symmetric W); elsewhere the part 1' ln(S) 1 comes from resolvents of the Schur form and their integral.

    Attributes
    ----------
    omega : ndarray of complex, shape (K,)
        Points of the measure.
    mass : ndarray, shape (K,)
        Their weights.
    resolvents : Resolvents, Blocks or None
        The part that no measure on eigenvalues gives.
    """

    omega: ComplexArray
    mass: FloatArray
    resolvents: Resolvents | Blocks | None

    @classmethod
    def of(cls, spectra: Spectra, effects: Effects | None) -> "Jacobian":
        """Set up J for given weights and effects.

        Parameters
        ----------
        spectra : Spectra
            The weights.
        effects : Effects or None
            The effects to adjust for; None is the plain sum of ln|I - rho W_t|.

        Returns
        -------
        Jacobian
            J and its slopes.
        """
        if effects is None or effects.cells is not None:
            mass = np.repeat(spectra.years_of, spectra.eigenvalues.shape[1])
            part = None
            if effects is not None:
                part = Blocks.of(spectra.matrices, spectra.position, effects, spectra.bounds)
            return cls(spectra.eigenvalues.ravel(), mass, part)
        share = spectra.shared(effects.period_mass)
        omegas = [spectra.eigenvalues.ravel()]
        masses: list[FloatArray] = [np.repeat(share, spectra.eigenvalues.shape[1])]
        basis, rest = effects.group_basis, []
        for d, matrix in enumerate(spectra.matrices if basis.shape[1] else ()):
            points = measure(matrix, basis)
            if points is None:
                rest.append(d)
            else:
                omegas.append(points[0])
                masses.append(-share[d] * points[1])
        resolvents = (
            Resolvents.of(spectra.matrices[rest], share[rest], basis, spectra.bounds) if rest else None
        )
        return cls(np.concatenate(omegas), np.concatenate(masses), resolvents)

    def near(self, _: float) -> "Jacobian":
        """Return J itself, which is exact everywhere.

        Parameters
        ----------
        _ : float
            A value inside the interval.

        Returns
        -------
        Jacobian
            The same object.
        """
        return self

    def exact_at(self, _: float) -> bool:
        """Say whether slopes at a point are exact; those from eigenvalues always are.

        Parameters
        ----------
        _ : float
            A value inside the interval.

        Returns
        -------
        bool
            True.
        """
        return True

    @property
    def reach(self) -> tuple[float, float]:
        """Where slopes are exact."""
        return -np.inf, np.inf

    @property
    def method(self) -> str:
        """How the log-determinants were found."""
        return "eigenvalues"

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
        plain = float(self.mass @ np.log(np.abs(1.0 - rho * self.omega)))
        return plain if self.resolvents is None else plain - self.resolvents.log(rho)

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
        plain = (self.omega / (1.0 - rho[:, None] * self.omega)).real @ self.mass
        return plain if self.resolvents is None else plain - self.resolvents.first(rho)

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
        plain = float(((self.omega / (1.0 - rho * self.omega)) ** 2).real @ self.mass)
        return plain if self.resolvents is None else plain - self.resolvents.second(rho)
