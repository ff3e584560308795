"""The log-determinants of I - rho W and their slopes, for every distinct W once, without eigenvectors."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from yrdspatial.models.resolvents import ComplexArray, Resolvents, measure
from yrdspatial.models.within import Effects, FloatArray, IntArray

REAL = 1e-7
"""Eigenvalues whose imaginary part is below this share of the spectral radius count as real."""
SMALL = 128
"""Up to this many units the eigenvalues of a matrix are kept for the next model."""


@dataclass(frozen=True)
class Spectra:
    """The distinct weights of a panel and their eigenvalues.

    Attributes
    ----------
    matrices : ndarray, shape (D, N, N)
        The distinct weights.
    position : ndarray of int, shape (T,)
        ``matrices[position[t]]`` are the weights of period t.
    eigenvalues : ndarray of complex, shape (D, N)
        Their eigenvalues.
    """

    matrices: FloatArray
    position: IntArray
    eigenvalues: ComplexArray

    @classmethod
    def of(cls, matrices: FloatArray, position: IntArray) -> "Spectra":
        """Compute the eigenvalues of every distinct matrix.

        Parameters
        ----------
        matrices : ndarray, shape (D, N, N)
            The distinct weights.
        position : ndarray of int, shape (T,)
            Which of them each period has.

        Returns
        -------
        Spectra
            The weights with their eigenvalues.
        """
        return cls(matrices, position, np.stack([_remembered(w) for w in matrices]))

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The interval (1/omega_min, 1/omega_max) round zero where every I - rho W is invertible."""
        real = self.eigenvalues.real[np.abs(self.eigenvalues.imag) <= REAL * max(self.radius, 1e-300)]
        fallback = (
            1.0 / self.radius if self.radius > 1e-8 else 1.0 / max(np.abs(self.matrices).sum(2).max(), 1e-8)
        )
        lowest, highest = real.min(initial=0.0), real.max(initial=0.0)
        tiny = REAL * self.radius
        lower = 1.0 / lowest if lowest < -tiny else -fallback
        upper = 1.0 / highest if highest > tiny else fallback
        return float(lower), float(upper)

    @cached_property
    def radius(self) -> float:
        """The largest modulus of an eigenvalue."""
        return float(np.abs(self.eigenvalues).max(initial=0.0))

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
        return np.bincount(self.position, weights=values, minlength=len(self.matrices)).astype(np.float64)

    @cached_property
    def years_of(self) -> FloatArray:
        """How many periods have each distinct matrix, shape (D,)."""
        return np.bincount(self.position, minlength=len(self.matrices)).astype(np.float64)


def _remembered(matrix: FloatArray) -> ComplexArray:
    # Eigenvalues, kept for small matrices, since models are compared on the same weights.
    if len(matrix) > SMALL:
        return eigenvalues(matrix)
    return _small_eigenvalues(matrix.astype(np.float64).tobytes())


@lru_cache(maxsize=256)
def _small_eigenvalues(raw: bytes) -> ComplexArray:
    flat = np.frombuffer(raw)
    count = round(np.sqrt(flat.size))
    return eigenvalues(flat.reshape(count, count))


def eigenvalues(matrix: FloatArray) -> ComplexArray:
    """Eigenvalues of a square matrix, real ones exactly real when it is symmetric or similar to a symmetric one.

    Parameters
    ----------
    matrix : ndarray, shape (N, N)
        Weights.

    Returns
    -------
    ndarray of complex, shape (N,)
        The eigenvalues.
    """
    scale = symmetrizer(matrix)
    if scale is None:
        return np.linalg.eigvals(matrix).astype(np.complex128)
    return np.linalg.eigvalsh(matrix * (scale[:, None] / scale)).astype(np.complex128)


def symmetrizer(matrix: FloatArray) -> FloatArray | None:
    """Return the vector d that makes diag(d) W diag(1/d) symmetric, as for a row-standardized symmetric matrix.

    Parameters
    ----------
    matrix : ndarray, shape (N, N)
        Weights.

    Returns
    -------
    ndarray, shape (N,), or None
        d, or None when there is no such vector.
    """
    linked = matrix != 0
    if not (linked == linked.T).all() or (matrix * matrix.T < 0).any():
        return None
    scale = _propagate(matrix)
    balanced = matrix * (scale[:, None] / scale)
    return scale if np.allclose(balanced, balanced.T, rtol=1e-12, atol=0.0) else None


def _propagate(matrix: FloatArray) -> FloatArray:
    # D by walking the links from one unit of each component: d_j = d_i sqrt(w_ij / w_ji).
    scale = np.zeros(len(matrix))
    while not scale.all():
        frontier = [int(np.flatnonzero(scale == 0)[0])]
        scale[frontier] = 1.0
        while frontier:
            unit = frontier.pop()
            fresh = np.flatnonzero((matrix[unit] != 0) & (scale == 0))
            scale[fresh] = scale[unit] * np.sqrt(np.abs(matrix[unit, fresh] / matrix[fresh, unit]))
            frontier.extend(fresh.tolist())
    return scale


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
    resolvents : Resolvents or None
        The part that no measure on eigenvalues gives.
    """

    omega: ComplexArray
    mass: FloatArray
    resolvents: Resolvents | None

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
        if effects is None:
            mass = np.repeat(spectra.years_of, spectra.eigenvalues.shape[1])
            return cls(spectra.eigenvalues.ravel(), mass, None)
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
