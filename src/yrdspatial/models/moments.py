"""Generalized moments of a spatial error: lambda in closed form, then least squares on filtered data."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.likelihood import least_squares
from yrdspatial.models.within import FloatArray


@dataclass(frozen=True)
class MomentsFit:
    """Estimates by generalized moments.

    Attributes
    ----------
    beta : ndarray, shape (k,)
        Coefficients of X.
    lam : float
        The spatial coefficient, an estimate without inference.
    covariance : ndarray, shape (k, k)
        sigma2 (X'B'B X)^-1.
    residuals : ndarray, shape (N,)
        y - X beta.
    sigma2 : float
        Mean square of the filtered residuals.
    """

    beta: FloatArray
    lam: float
    covariance: FloatArray
    residuals: FloatArray
    sigma2: float


def fit_moments(y: FloatArray, X: FloatArray, W: FloatArray, bounds: tuple[float, float]) -> MomentsFit:
    """Estimate a model with a spatial error by generalized moments.

    Parameters
    ----------
    y : ndarray, shape (N,)
        Dependent variable.
    X : ndarray, shape (N, k)
        Regressors, the constant included.
    W : ndarray, shape (N, N)
        Weights.
    bounds : tuple of float
        The interval of lambda.

    Returns
    -------
    MomentsFit
        lambda from the residuals of least squares, beta from data filtered once.

    References
    ----------
    Kelejian and Prucha (1999), International Economic Review 40.

    Examples
    --------
    >>> ring = 0.5 * (np.roll(np.eye(400), 1, axis=1) + np.roll(np.eye(400), -1, axis=1))
    >>> rng = np.random.default_rng(2)
    >>> X = rng.normal(size=(400, 1))
    >>> u = np.linalg.solve(np.eye(400) - 0.6 * ring, rng.normal(size=400))
    >>> fit = fit_moments(2.0 * X[:, 0] + u, X, ring, (-1.0, 1.0))
    >>> bool(abs(fit.lam - 0.6) < 0.1 and abs(fit.beta[0] - 2.0) < 4 * fit.covariance[0, 0] ** 0.5)
    True
    """
    lam = spatial_moment(least_squares(X, y[:, None])[1][:, 0], W, bounds)
    filtered = X - lam * (W @ X)
    coefficients, left = least_squares(filtered, (y - lam * (W @ y))[:, None])
    sigma2 = float((left**2).mean())
    beta = coefficients[:, 0]
    covariance = np.asarray(sigma2 * np.linalg.inv(filtered.T @ filtered), dtype=np.float64)
    return MomentsFit(beta, lam, covariance, y - X @ beta, sigma2)


def spatial_moment(u: FloatArray, W: FloatArray, bounds: tuple[float, float]) -> float:
    """Estimate lambda from residuals: the three moments of e = u - lambda W u, each with weight one.

    The criterion is quadratic in sigma2 and, with the best sigma2 put in, a polynomial of degree four in lambda, whose
    lowest point in the interval is one of the roots of a cubic or an end: no search, no starting value.

    Parameters
    ----------
    u : ndarray, shape (N,)
        Residuals.
    W : ndarray, shape (N, N)
        Weights.
    bounds : tuple of float
        The interval of lambda.

    Returns
    -------
    float
        lambda.

    Examples
    --------
    >>> ring = 0.5 * (np.roll(np.eye(400), 1, axis=1) + np.roll(np.eye(400), -1, axis=1))
    >>> e = np.random.default_rng(2).normal(size=400)
    >>> bool(abs(spatial_moment(np.linalg.solve(np.eye(400) - 0.6 * ring, e), ring, (-1.0, 1.0)) - 0.6) < 0.1)
    True
    """
    v = W @ u
    w = W @ v
    level = np.array([u @ u, v @ v, u @ v])
    slope = np.array([2.0 * u @ v, 2.0 * w @ v, u @ w + v @ v])
    bend = np.array([v @ v, w @ w, v @ w])
    variance = np.array([float(u.size), float((W**2).sum()), 0.0])
    direction = variance / np.linalg.norm(variance)
    parts = np.stack([bend, -slope, level])
    net = parts - np.outer(parts @ direction, direction)
    criterion = sum(np.convolve(column, column) for column in net.T)
    roots = np.roots(np.polyder(criterion))
    inside = [float(r.real) for r in roots if abs(r.imag) < 1e-9 and bounds[0] < r.real < bounds[1]]
    return min([*inside, *bounds], key=lambda value: float(np.polyval(criterion, value)))
