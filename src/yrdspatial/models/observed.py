"""SAR and SDM on the values that there are: units that differ from year to year, and a few holes in y."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import gaussian, least_squares
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray, IntArray

GRID = 5
"""Inner points at which the sign of the score is looked at before its zeros are found."""
INSET = 1e-6
"""How far inside its interval, as a share of its length, rho is searched."""
EXACT = 1e-18
"""A sum of squared residuals below this share of that of y is a perfect fit, to the precision of rho."""
IDENTIFIED = 1e-10
"""The smallest eigenvalue of the scaled information that counts as positive."""
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


@dataclass(frozen=True)
class ObservedFit:
    """The numbers of a model fitted to the values that there are.

    Attributes
    ----------
    point : Point
        Estimates and conditional means at the solution.
    rho : float
        The spatial parameter.
    hole_covariance : ndarray, shape (m, m)
        Covariance of what is missing, given what is there and the parameters.
    covariance : ndarray, shape (k + 2, k + 2)
        Of beta, rho and sigma2: the inverse of the observed information.
    at_bound : bool
        Whether rho lies at the end of its interval.
    score : float
        The score of rho at the solution.
    """

    point: Point
    rho: float
    hole_covariance: FloatArray
    covariance: FloatArray
    at_bound: bool
    score: float


def fit_observed(problem: Observed) -> ObservedFit:
    """Estimate SAR or SDM from the values that there are.

    The estimates are the fixed point of the EM algorithm whose E-step fills the holes and whose M-step maximizes the
    (adjusted) likelihood of complete data, found directly as the zero of its score.

    Parameters
    ----------
    problem : Observed
        The arrays.

    Returns
    -------
    ObservedFit
        The estimates.

    Raises
    ------
    EstimationError
        If too little is observed, X and W y fit y perfectly, or rho is not identified.

    References
    ----------
    Dempster, A. P., Laird, N. M., and Rubin, D. B. (1977), Maximum likelihood from incomplete data via the EM
    algorithm, Journal of the Royal Statistical Society B 39, 1-38. LeSage, J. P., and Pace, R. K. (2004), Models for
    spatially dependent missing data, Journal of Real Estate Finance and Economics 29, 233-254.

    Examples
    --------
    >>> ring = 0.5 * (np.roll(np.eye(8), 1, axis=1) + np.roll(np.eye(8), -1, axis=1))
    >>> rng, lag = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(1, dtype=np.intp))
    >>> x = rng.normal(size=(10, 8))
    >>> y = (x + 0.1 * rng.normal(size=(10, 8))) @ np.linalg.inv(np.eye(8) - 0.4 * ring).T
    >>> hole = np.array([5])
    >>> known, y.flat[5] = y.flat[5], 0.0
    >>> none = np.zeros((80, 0))
    >>> problem = Observed(y.ravel(), x.reshape(80, 1), (lag,), np.zeros(10, dtype=np.intp), none, hole, False)
    >>> fit = fit_observed(problem)
    >>> round(fit.rho, 1), bool(abs(fit.point.filled[0] - known) < 0.3)
    (0.4, True)
    """
    if problem.divisor <= problem.X.shape[1] + 1:
        raise EstimationError("fewer values than parameters", cure="keep more years, or drop regressors")
    rho, at_bound = _solve(problem)
    point = concentrate(problem, rho)
    if not point.sigma2 * problem.divisor > EXACT * float((problem.y**2).sum()):
        raise EstimationError("the regressors fit the dependent variable perfectly", cure="drop regressors")
    columns = point.columns if problem.adjusted else problem.holes - rho * problem.lag[:, 1:]
    inner = columns.T @ columns
    return ObservedFit(
        point=point,
        rho=rho,
        hole_covariance=np.asarray(point.sigma2 * np.linalg.inv(inner), dtype=np.float64),
        covariance=_inverse(information(problem, rho, point)),
        at_bound=at_bound,
        score=score(problem, rho),
    )


def _inverse(matrix: FloatArray) -> FloatArray:
    scale = np.sqrt(np.abs(np.diag(matrix)))
    if not (np.isfinite(matrix).all() and (scale > 0).all()):
        raise EstimationError("the information matrix is singular", cure="use sparser weights or fewer terms")
    scaled = matrix / np.outer(scale, scale)
    if np.linalg.eigvalsh(scaled).min() < IDENTIFIED:
        what = "rho is not identified: the likelihood of what is observed has no maximum with a curvature"
        raise EstimationError(what, cure="use sparser weights, fewer effects, or keep more values")
    return np.asarray(np.linalg.inv(scaled) / np.outer(scale, scale))


def _solve(problem: Observed) -> tuple[float, bool]:
    # The zero of the score where it falls; of several that with the highest integral of the score.
    lower, upper = problem.bounds
    inset = INSET * (upper - lower)
    grid = np.concatenate([[lower + inset], np.linspace(lower, upper, GRID + 2)[1:-1], [upper - inset]])
    values = np.array([score(problem, float(rho)) for rho in grid])
    falls = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    if not falls.size:
        return float(grid[0] if values[0] <= 0 else grid[-1]), True
    rises = np.concatenate([[0.0], np.cumsum(0.5 * (values[:-1] + values[1:]) * np.diff(grid))])
    best = int(falls[np.argmax(rises[falls])])

    def value(rho: float) -> float:
        return score(problem, rho)

    return _zero(value, float(grid[best]), float(grid[best + 1])), False


def _zero(function: Callable[[float], float], lower: float, upper: float) -> float:
    return float(brentq(function, lower, upper, xtol=1e-11, rtol=1e-12))


def information(problem: Observed, rho: float, point: Point) -> FloatArray:
    """Return minus the slope of the scores of beta, rho and sigma2, of the values that there are.

    Parameters
    ----------
    problem : Observed
        The arrays.
    rho : float
        The estimate.
    point : Point
        The rest of the estimates.

    Returns
    -------
    ndarray, shape (k + 2, k + 2)
        Observed information, exact but for a central difference in rho.
    """
    X, count = problem.parts[0], point.beta.size
    inner = X - point.columns @ least_squares(point.columns, X)[0] if problem.missing.size else X
    lower, upper = problem.bounds
    step = 1e-5 * min(upper - rho, rho - lower, 1.0)
    ends = [concentrate(problem, rho + side * step, point.beta) for side in (-1.0, 1.0)]
    slopes = [score(problem, rho + side * step, point.beta, point.sigma2) for side in (-1.0, 1.0)]
    out = np.zeros((count + 2, count + 2))
    out[:count, :count] = X.T @ inner / point.sigma2
    out[:count, count] = -X.T @ (ends[1].residuals - ends[0].residuals) / (2.0 * step * point.sigma2)
    out[count, :count] = out[:count, count]
    out[count, count] = -(slopes[1] - slopes[0]) / (2.0 * step)
    out[count, -1] = out[-1, count] = float(point.lagged @ point.residuals) / point.sigma2**2
    out[-1, -1] = 0.5 * problem.divisor / point.sigma2**2
    return out


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
