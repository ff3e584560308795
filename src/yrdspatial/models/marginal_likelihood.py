"""Marginal likelihoods of the spatial models: beta and sigma2 integrated in closed form, rho by quadrature."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from yrdspatial.models.likelihood import Problem, spatial_lag
from yrdspatial.models.optimum import inner_ends
from yrdspatial.models.spectra import Jacobian
from yrdspatial.models.within import FloatArray, demean, dummy_basis

NODES = 24
"""Gauss-Legendre nodes in each part of the interval."""
COARSE = 65
"""Points at which the highest part of the integrand is looked for."""
REACH = (3.0, 8.0, 20.0)
"""Breaks of the interval, in standard deviations from the highest point."""


@dataclass(frozen=True)
class Integrand:
    """The log of the likelihood with beta and sigma2 integrated out, as a function of the spatial coefficient.

    beta given sigma2 is N(0, g sigma2 (X'HX)^-1), H the projector off the nuisance columns D (the dummies, or the
    constant), filtered where the error is spatial; D has a flat prior and sigma2 the prior 1 / sigma2.

    Attributes
    ----------
    plain, once, twice : ndarray, shape (m, m)
        F'F, F'(A + A')F and F'A'A F of the columns F = [D, X, y] and the matrix A that multiplies the coefficient:
        W on y alone in a lag model, W on every column in an error model.
    nuisance : int
        Columns of D.
    terms : int
        Columns of X.
    jacobian : Jacobian or None
        The log-Jacobian; None without a spatial coefficient.
    count : int
        N T less the rank of D.
    g : float
        Prior variance of beta over its sampling variance.
    """

    plain: FloatArray
    once: FloatArray
    twice: FloatArray
    nuisance: int
    terms: int
    jacobian: Jacobian | None
    count: int
    g: float

    def at(self, value: float) -> float:
        """Return the log of the integrand.

        Parameters
        ----------
        value : float
            rho or lambda.

        Returns
        -------
        float
            Up to a constant that all models of the same y and the same effects share; minus infinity where the
            filtered columns are collinear to rounding, as they can be right at an end of the interval.
        """
        gram = self.plain - value * self.once + value**2 * self.twice
        try:
            root = np.linalg.cholesky(gram)
        except np.linalg.LinAlgError:
            return -np.inf
        p, k = self.nuisance, self.terms
        explained, left = float((root[-1, p : p + k] ** 2).sum()), float(root[-1, -1] ** 2)
        square = left + explained / (1.0 + self.g)
        volume = float(np.log(np.diag(root)[:p]).sum())
        jacobian = 0.0 if self.jacobian is None else self.jacobian.value(value)
        return float(jacobian - volume - 0.5 * k * np.log1p(self.g) - 0.5 * self.count * np.log(square))


def log_marginal(problem: Problem, g: float | None) -> float:
    """Integrate a model over all its parameters.

    Parameters
    ----------
    problem : Problem
        Arrays of OLS, SLX, SAR, SDM, SEM or SDEM; a constant in X counts as nuisance.
    g : float or None
        The g of the prior; None for max(M0, k^2).

    Returns
    -------
    float
        Log marginal likelihood, up to a constant shared by models of the same y and effects.
    """
    integrand = _integrand(problem, g)
    spectra = problem.lag or problem.error
    if spectra is None:
        return integrand.at(0.0)
    lower, upper = spectra.bounds
    return integrate(integrand.at, (lower, upper)) - float(np.log(upper - lower))


def integrate(log_density: Callable[[float], float], bounds: tuple[float, float]) -> float:
    """Log of the integral of exp(log_density) over an interval, for a density with one sharp peak.

    Parameters
    ----------
    log_density : callable
        Its log.
    bounds : tuple of float
        The interval.

    Returns
    -------
    float
        The log of the integral.

    Examples
    --------
    >>> print(f"{integrate(lambda x: -0.5 * (x / 0.01) ** 2, (-1.0, 1.0)) - np.log(0.01):.6f}")  # ln sqrt(2 pi)
    0.918939
    """
    low, high = inner_ends(bounds)
    grid = np.linspace(low, high, COARSE)
    best = int(np.argmax([log_density(float(x)) for x in grid]))
    around = (float(grid[max(best - 1, 0)]), float(grid[min(best + 1, COARSE - 1)]))
    peak = float(minimize_scalar(lambda x: -log_density(x), bounds=around, method="bounded").x)
    breaks = np.unique([low, high, *np.clip(_breaks(log_density, peak, (low, high)), low, high)])
    points, weights = np.polynomial.legendre.leggauss(NODES)
    half = 0.5 * np.diff(breaks)[:, None]
    nodes = 0.5 * (breaks[:-1] + breaks[1:])[:, None] + half * points
    values = np.array([log_density(float(x)) for x in nodes.ravel()])
    return float(logsumexp(values, b=(half * weights).ravel()))


def _breaks(log_density: Callable[[float], float], peak: float, ends: tuple[float, float]) -> FloatArray:
    # Points round the peak, by its standard deviation.
    step = 1e-3 * (ends[1] - ends[0])
    centre = min(max(peak, ends[0] + step), ends[1] - step)
    bend = 2.0 * log_density(centre) - log_density(centre - step) - log_density(centre + step)
    deviation = step / np.sqrt(bend) if bend > 0 else 0.1 * (ends[1] - ends[0])
    return np.array([peak + sign * reach * deviation for sign in (-1.0, 1.0) for reach in (0.0, *REACH)])


def _integrand(problem: Problem, g: float | None) -> Integrand:
    size = problem.y.size
    flat = problem.X.reshape(size, -1)
    constant = np.ptp(flat, axis=0) == 0
    pooled = not problem.effects.dummies
    kept = ~constant if pooled else np.ones(flat.shape[1], dtype=bool)
    ones = np.full((size, int(pooled and constant.any())), 1.0 / np.sqrt(size))
    dummies = np.hstack([dummy_basis(problem.effects), ones])
    X = problem.X[:, :, kept]
    columns = np.concatenate([dummies.reshape(*problem.y.shape, -1), X, problem.y[:, :, None]], axis=2)
    moved = np.zeros_like(columns)
    if problem.lag is not None:
        moved[:, :, -1:] = spatial_lag(problem.lag, columns[:, :, -1:])
    elif problem.error is not None:
        moved = spatial_lag(problem.error, columns)
    if problem.error is None:
        columns, moved = (demean(part, problem.effects) for part in (columns, moved))
        columns, moved = (part[:, :, dummies.shape[1] - ones.shape[1] :] for part in (columns, moved))
    nuisance = dummies.shape[1] if problem.error is not None else ones.shape[1]
    F, AF = columns.reshape(size, -1), moved.reshape(size, -1)
    cross = F.T @ AF
    count, terms = size - dummies.shape[1], X.shape[2]
    return Integrand(
        plain=F.T @ F,
        once=cross + cross.T,
        twice=AF.T @ AF,
        nuisance=nuisance,
        terms=terms,
        jacobian=_jacobian(problem),
        count=count,
        g=float(max(count, terms**2)) if g is None else g,
    )


def _jacobian(problem: Problem) -> Jacobian | None:
    # The lag model is adjusted for the effects; the error model by integrating over D.
    if problem.lag is not None:
        return Jacobian.of(problem.lag, problem.effects)
    return None if problem.error is None else Jacobian.of(problem.error, None)
