"""SAR and SDM on the values that there are: units that differ from year to year, and a few holes in y."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from yrdspatial.models.likelihood import gaussian, least_squares
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray, IntArray

NODES = 24
"""Points of the quadrature by which the adjusted score becomes a log-likelihood."""


@dataclass(frozen=True)
class Observed:
    """Rows of a lag model, stacked year by year; years may have different units.

    Attributes
    ----------
    y : ndarray, shape (n,)
        Dependent variable, zero where it is missing.
    X : ndarray, shape (n, k)
        All regressors, W X included; no value is missing.
    weights : tuple of Spectra, length D
        The distinct networks, one matrix each.
    position : ndarray of int, shape (T,)
        The network of each year; its number of units is the number of rows of the year.
    basis : ndarray, shape (n, p)
        Orthonormal basis of the dummies of the effects.
    missing : ndarray of int, shape (m,)
        Rows whose y is missing.
    adjusted : bool
        Whether the bias of the effects is removed.
    """

    y: FloatArray
    X: FloatArray
    weights: tuple[Spectra, ...]
    position: IntArray
    basis: FloatArray
    missing: IntArray
    adjusted: bool

    @cached_property
    def years(self) -> list[tuple[int, slice]]:
        """The network and the rows of each year."""
        ends = np.cumsum([self.weights[d].units for d in self.position])
        starts = np.concatenate([[0], ends[:-1]])
        return [(int(d), slice(int(a), int(b))) for d, a, b in zip(self.position, starts, ends, strict=True)]

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The interval of rho in which every network is invertible."""
        ends = np.array([one.bounds for one in self.weights])
        return float(ends[:, 0].max()), float(ends[:, 1].min())

    @property
    def divisor(self) -> int:
        """What the sum of squares is divided by: observed values, less the dummies when adjusted."""
        return int(self.y.size - self.missing.size - self.adjusted * self.basis.shape[1])

    def net(self, values: FloatArray) -> FloatArray:
        """Take the effects out.

        Parameters
        ----------
        values : ndarray, shape (n, ...)
            Values.

        Returns
        -------
        ndarray, shape (n, ...)
            M values.
        """
        return np.asarray(values - self.basis @ (self.basis.T @ values))

    def by_year(self, matrices: list[FloatArray], values: FloatArray) -> FloatArray:
        """Multiply each year by the matrix of its network.

        Parameters
        ----------
        matrices : list of ndarray, D of shape (N_d, N_d)
            One matrix a network.
        values : ndarray, shape (n, ...)
            Values.

        Returns
        -------
        ndarray, shape (n, ...)
            The products.
        """
        out = np.empty_like(values)
        for d, rows in self.years:
            out[rows] = matrices[d] @ values[rows]
        return out

    @cached_property
    def lag(self) -> FloatArray:
        """W y with zeros in the holes, then the columns of W that holes have, shape (n, 1 + m)."""
        matrices = [one.matrices[0] for one in self.weights]
        return self.by_year(matrices, np.column_stack([self.y, self.holes]))

    @cached_property
    def lagged_basis(self) -> FloatArray:
        """W times the basis of the dummies, shape (n, p)."""
        return self.by_year([one.matrices[0] for one in self.weights], self.basis)

    @cached_property
    def holes(self) -> FloatArray:
        """One indicator a hole, shape (n, m)."""
        out = np.zeros((self.y.size, self.missing.size))
        out[self.missing, np.arange(self.missing.size)] = 1.0
        return out

    @cached_property
    def parts(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """M X, then M y and M W y, then indicators and their lags net of effects; (n, k), (n, 2), (n, 2 m)."""
        pair = np.column_stack([self.y, self.lag[:, 0]])
        return self.net(self.X), self.net(pair), self.net(np.hstack([self.holes, self.lag[:, 1:]]))

    @property
    def blocks(self) -> IntArray:
        """How many years have each network, shape (D,)."""
        return np.bincount(self.position, minlength=len(self.weights)).astype(np.intp)


@dataclass(frozen=True)
class Point:
    """Everything but rho concentrated out at one rho.

    Attributes
    ----------
    beta : ndarray, shape (k,)
        Coefficients of X.
    filled : ndarray, shape (m,)
        Conditional means of what is missing.
    residuals : ndarray, shape (n,)
        M (S y - X beta) with the holes filled.
    sigma2 : float
        Their sum of squares over the divisor.
    columns : ndarray, shape (n, m)
        M S restricted to the holes.
    lagged : ndarray, shape (n,)
        M W y with the holes filled.
    """

    beta: FloatArray
    filled: FloatArray
    residuals: FloatArray
    sigma2: float
    columns: FloatArray
    lagged: FloatArray


def concentrate(problem: Observed, rho: float, beta: FloatArray | None = None) -> Point:
    """Fill the holes and estimate beta and sigma2 at one rho.

    Given rho and beta the mean of what is missing minimizes the sum of squared residuals, so that it is found by the
    same least squares as beta: holes enter as regressors, the columns of I - rho W_t that belong to them.

    Parameters
    ----------
    problem : Observed
        The arrays.
    rho : float
        A value inside the interval.
    beta : ndarray, shape (k,), optional
        Coefficients to keep; estimated when left out.

    Returns
    -------
    Point
        What is left.
    """
    X, pair, both = problem.parts
    count, columns = problem.missing.size, both[:, : problem.missing.size]
    columns = columns - rho * both[:, count:]
    target = pair[:, 0] - rho * pair[:, 1]
    if beta is None:
        found, left = least_squares(np.hstack([X, columns]), target[:, None])
        beta, filled = found[: X.shape[1], 0], -found[X.shape[1] :, 0]
    else:
        found, left = least_squares(columns, (target - X @ beta)[:, None])
        filled = -found[:, 0]
    residuals = left[:, 0]
    sigma2 = float(residuals @ residuals) / problem.divisor
    return Point(beta, filled, residuals, sigma2, columns, pair[:, 1] + both[:, count:] @ filled)


def jacobian_slope(problem: Observed, rho: float, columns: FloatArray) -> float:
    """Return how fast the log-determinants fall with rho, those of the holes and of the effects among them.

    Parameters
    ----------
    problem : Observed
        The arrays.
    rho : float
        A value inside the interval.
    columns : ndarray, shape (n, m)
        M S of the holes.

    Returns
    -------
    float
        tr(M G) + tr(A^-1 S_h' M G P S_h) - tr(A^-1 (W_h)' M S_h), A = S_h' M S_h, when adjusted;
        tr(G) - tr(A^-1 W_h' S_h), A = S_h' S_h, otherwise.
    """
    pairs = list(zip(problem.blocks, (one.eigenvalues for one in problem.weights), strict=True))
    slope = float(sum(n * (omega / (1.0 - rho * omega)).real.sum() for n, omega in pairs))
    lagged, raw = problem.lag[:, 1:], problem.holes - rho * problem.lag[:, 1:]
    if not problem.adjusted or not problem.basis.shape[1]:
        return slope - _ratio(raw.T @ raw, lagged.T @ raw)
    spread = _spread(problem, rho)
    inner = columns.T @ columns
    leak = columns.T @ spread @ (problem.basis.T @ raw)
    return slope - float((problem.basis * spread).sum()) + _ratio(inner, leak - lagged.T @ columns)


def _spread(problem: Observed, rho: float) -> FloatArray:
    # G times the basis of the dummies, one factorization a network.
    out = np.empty_like(problem.basis)
    for d, weights in enumerate(problem.weights):
        years = [rows for one, rows in problem.years if one == d]
        right = np.hstack([problem.lagged_basis[rows] for rows in years])
        solved = np.linalg.solve(np.eye(weights.units) - rho * weights.matrices[0], right)
        for rows, part in zip(years, np.split(solved, len(years), axis=1), strict=True):
            out[rows] = part
    return out


def _ratio(inner: FloatArray, other: FloatArray) -> float:
    return float(np.trace(np.linalg.solve(inner, other))) if inner.size else 0.0


def score(
    problem: Observed, rho: float, beta: FloatArray | None = None, sigma2: float | None = None
) -> float:
    """Return the score of rho, of the values that there are.

    Parameters
    ----------
    problem : Observed
        The arrays.
    rho : float
        A value inside the interval.
    beta : ndarray, shape (k,), optional
        Coefficients; concentrated out when left out.
    sigma2 : float, optional
        Variance; concentrated out when left out.

    Returns
    -------
    float
        The mean, over what is missing given what is there, of the score of complete data (Fisher's identity).
    """
    point = concentrate(problem, rho, beta)
    variance = point.sigma2 if sigma2 is None else sigma2
    return float(point.lagged @ point.residuals) / variance - jacobian_slope(problem, rho, point.columns)


def log_likelihood(problem: Observed, rho: float) -> float:
    """Return the log-likelihood of the values that there are, beta and sigma2 concentrated out.

    Parameters
    ----------
    problem : Observed
        The arrays.
    rho : float
        A value inside the interval.

    Returns
    -------
    float
        Exact without adjustment; with it the integral of the adjusted score from zero.
    """
    point = concentrate(problem, rho)
    if not problem.adjusted:
        raw = problem.holes - rho * problem.lag[:, 1:]
        pairs = zip(problem.blocks, problem.weights, strict=True)
        size = sum(n * np.log(np.abs(1.0 - rho * one.eigenvalues)).sum() for n, one in pairs)
        inner = np.linalg.slogdet(raw.T @ raw)[1] if problem.missing.size else 0.0
        return float(gaussian(problem.divisor, point.sigma2) + size - 0.5 * inner)
    start = concentrate(problem, 0.0).columns
    inner = np.linalg.slogdet(start.T @ start)[1] if problem.missing.size else 0.0
    nodes, masses = np.polynomial.legendre.leggauss(NODES)
    inside = 0.5 * rho * (nodes + 1.0)
    slopes = [jacobian_slope(problem, float(r), concentrate(problem, float(r)).columns) for r in inside]
    return float(gaussian(problem.divisor, point.sigma2) - 0.5 * inner - 0.5 * rho * (masses @ slopes))
