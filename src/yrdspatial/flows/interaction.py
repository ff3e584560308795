"""Spatial interaction by maximum likelihood: lags of origins, destinations and both, from moments and eigenvalues.

No N^2 x N^2 matrix is formed: lags of the flows are products of N x N matrices, sums of squares are moments of four of
these, and the eigenvalues of I - rho_o W_o - rho_d W_d - rho_w W_w are 1 - rho_o l_i - rho_d l_j - rho_w l_i l_j, with
l those of W.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yrdspatial.errors import EstimationError
from yrdspatial.flows.ties import Dependence, filter_of
from yrdspatial.models.within import FloatArray

STEPS = 100
GRID = (-0.5, 0.0, 0.4, 0.8)


@dataclass(frozen=True)
class Interaction:
    """What the likelihood needs of flows, regressors and weights.

    Attributes
    ----------
    count : int
        N^2, the number of flows.
    ZZ : ndarray, shape (k, k)
        Cross products of the regressors.
    ZL : ndarray, shape (k, 4)
        Of the regressors with Y, W Y, Y W', W Y W'.
    LL : ndarray, shape (4, 4)
        Of these four.
    roots : ndarray of complex, shape (3, N^2)
        Eigenvalues of the three Kronecker weights, on common eigenvectors.
    """

    count: int
    ZZ: FloatArray
    ZL: FloatArray
    LL: FloatArray
    roots: npt.NDArray[np.complex128]

    @classmethod
    def of(cls, Y: FloatArray, Z: FloatArray, W: FloatArray) -> "Interaction":
        """Collect the moments.

        Parameters
        ----------
        Y : ndarray, shape (N, N)
            Flows, origins by destinations.
        Z : ndarray, shape (N, N, k)
            Regressors.
        W : ndarray, shape (N, N)
            Weights of units.

        Returns
        -------
        Interaction
            The moments.
        """
        lags = lagged_flows(Y, W).reshape(4, -1).T
        rows = Z.reshape(Y.size, -1)
        roots = np.linalg.eigvals(W).astype(np.complex128)
        one, two = (part.ravel() for part in np.meshgrid(roots, roots, indexing="ij"))
        return cls(Y.size, rows.T @ rows, rows.T @ lags, lags.T @ lags, np.stack([one, two, one * two]))

    def margin(self, rho: FloatArray) -> float:
        """Say how far inside the feasible region a point lies.

        Parameters
        ----------
        rho : ndarray, shape (3,)
            Parameters.

        Returns
        -------
        float
            The smallest real part of the eigenvalues of I - rho_o W_o - rho_d W_d - rho_w W_w: positive inside, 1 at
            zero. With real eigenvalues of W that is the region around zero where the determinant does not vanish.
        """
        return float(1.0 - (rho @ self.roots).real.max())

    def log_determinant(self, rho: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Give ln |I - rho_o W_o - rho_d W_d - rho_w W_w|, its slope and its curvature.

        Parameters
        ----------
        rho : ndarray, shape (3,)
            A feasible point.

        Returns
        -------
        value : float
            Log-determinant.
        slope : ndarray, shape (3,)
            First derivatives.
        curvature : ndarray, shape (3, 3)
            Second derivatives.
        """
        factors = 1.0 - rho @ self.roots
        ratios = self.roots / factors
        return float(np.log(np.abs(factors)).sum()), -ratios.sum(axis=1).real, -(ratios @ ratios.T).real

    def beta(self, rho: FloatArray) -> FloatArray:
        """Give the slopes that belong to spatial parameters.

        Parameters
        ----------
        rho : ndarray, shape (3,)
            Parameters.

        Returns
        -------
        ndarray, shape (k,)
            Least squares of the filtered flows.
        """
        return np.asarray(np.linalg.solve(self.ZZ, self.ZL @ filter_of(rho)), dtype=np.float64)

    def residual_moments(self) -> FloatArray:
        """Give the cross products of Y and its lags net of the regressors.

        Returns
        -------
        ndarray, shape (4, 4)
            LL - ZL' ZZ^-1 ZL.
        """
        return np.asarray(self.LL - self.ZL.T @ np.linalg.solve(self.ZZ, self.ZL), dtype=np.float64)


@dataclass(frozen=True)
class InteractionFit:
    """The maximum of the likelihood.

    Attributes
    ----------
    beta : ndarray, shape (k,)
        Slopes.
    free : ndarray, shape (m,)
        Free spatial parameters.
    rho : ndarray, shape (3,)
        rho of origin, destination, network.
    sigma2 : float
        Mean squared residual.
    loglik : float
        The maximum.
    covariance : ndarray, shape (k + m, k + m)
        Of beta and the free parameters, from the observed information with sigma2.
    margin : float
        Distance from the end of the feasible region, as of :meth:`Interaction.margin`.
    """

    beta: FloatArray
    free: FloatArray
    rho: FloatArray
    sigma2: float
    loglik: float
    covariance: FloatArray
    margin: float


def lagged_flows(Y: FloatArray, W: FloatArray) -> FloatArray:
    """Give flows and their three lags.

    Parameters
    ----------
    Y : ndarray, shape (N, N)
        Flows, origins by destinations.
    W : ndarray, shape (N, N)
        Weights.

    Returns
    -------
    ndarray, shape (4, N, N)
        Y; flows from the neighbours of the origin, W Y; to those of the destination, Y W'; between both, W Y W'.

    Examples
    --------
    >>> lagged_flows(np.array([[0.0, 4.0], [2.0, 0.0]]), np.array([[0.0, 1.0], [0.5, 0.0]]))[3].tolist()
    [[0.0, 1.0], [2.0, 0.0]]
    """
    by_origin = W @ Y
    return np.stack([Y, by_origin, Y @ W.T, by_origin @ W.T])


def fit_interaction(data: Interaction, ties: Dependence) -> InteractionFit:
    """Maximize the likelihood.

    Newton's method on the concentrated likelihood, with exact slopes, from the best feasible point of a grid, never
    outside the feasible region.

    Parameters
    ----------
    data : Interaction
        Moments.
    ties : Dependence
        Lags and ties.

    Returns
    -------
    InteractionFit
        The maximum.

    Raises
    ------
    EstimationError
        If regressors fit without an error, there is no convergence, or the information is not positive.

    References
    ----------
    LeSage and Pace (2008), Journal of Regional Science 48, 941-967, equations 14 to 19.
    """
    residuals = data.residual_moments()
    if residuals[0, 0] <= 1e-12 * data.LL[0, 0]:
        raise EstimationError("the regressors fit the flows without an error", cure="drop regressors")
    free = _start(data, ties, residuals)
    value, gradient, hessian = _profile(data, ties, residuals, free)
    for _ in range(STEPS):
        roots, vectors = np.linalg.eigh(hessian) if free.size else (np.ones(0), np.ones((0, 0)))
        step = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(roots), 1e-8))
        if gradient @ step < 1e-16 * data.count:
            return _finished(data, ties, free, value)
        free, value, gradient, hessian = _climb(data, ties, residuals, (free, step, value))
    raise EstimationError("the likelihood of the flows has no maximum within reach", cure="use other weights")


def _climb(
    data: Interaction, ties: Dependence, residuals: FloatArray, at: tuple[FloatArray, FloatArray, float]
) -> tuple[FloatArray, float, FloatArray, FloatArray]:
    # The longest halved step that stays feasible and does not lower the likelihood beyond rounding.
    free, step, value = at
    for size in 0.5 ** np.arange(40):
        tried = free + size * step
        if data.margin(ties.rho(tried)) > 0:
            found = _profile(data, ties, residuals, tried)
            if found[0] >= value - 1e-12 * abs(value):
                return tried, *found
    raise EstimationError("the likelihood of the flows cannot be raised", cure="use other weights")


def _start(data: Interaction, ties: Dependence, residuals: FloatArray) -> FloatArray:
    count = ties.slope.shape[1]
    inside = [
        np.array(point)
        for point in itertools.product(GRID, repeat=count)
        if data.margin(ties.rho(np.array(point))) > 0.02
    ]
    values = [_profile(data, ties, residuals, point)[0] for point in inside]
    return inside[int(np.argmax(values))] if count else np.zeros(0)


def _profile(
    data: Interaction, ties: Dependence, residuals: FloatArray, free: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    rho = ties.rho(free)
    weights = filter_of(rho)
    squares = float(weights @ residuals @ weights)
    by_squares = -2.0 * (residuals @ weights)[1:] / squares
    logdet, slope, curvature = data.log_determinant(rho)
    half = 0.5 * data.count
    value = logdet - half * (np.log(2.0 * np.pi * squares / data.count) + 1.0)
    gradient = slope - half * by_squares
    hessian = curvature - half * (2.0 * residuals[1:, 1:] / squares - np.outer(by_squares, by_squares))
    jacobian = ties.jacobian(free)
    return value, jacobian.T @ gradient, jacobian.T @ hessian @ jacobian + ties.curvature(gradient)


def _finished(data: Interaction, ties: Dependence, free: FloatArray, value: float) -> InteractionFit:
    rho = ties.rho(free)
    beta, weights = data.beta(rho), filter_of(rho)
    sigma2 = float(weights @ data.residual_moments() @ weights) / data.count
    _, slope, curvature = data.log_determinant(rho)
    by_lag = (data.LL @ weights - data.ZL.T @ beta)[1:]
    jacobian = ties.jacobian(free)
    cross = data.ZL[:, 1:] @ jacobian / sigma2
    middle = jacobian.T @ (data.LL[1:, 1:] / sigma2 - curvature) @ jacobian
    middle -= ties.curvature(slope + by_lag / sigma2)
    with_sigma2 = (jacobian.T @ by_lag / sigma2**2)[:, None]
    empty = np.zeros((len(beta), 1))
    last = np.array([[0.5 * data.count / sigma2**2]])
    information = np.block(
        [
            [data.ZZ / sigma2, cross, empty],
            [cross.T, middle, with_sigma2],
            [empty.T, with_sigma2.T, last],
        ]
    )
    scale = np.sqrt(np.abs(np.diag(information)))
    scaled = information / np.outer(scale, scale)
    if np.linalg.eigvalsh(scaled).min() <= 1e-14:
        raise EstimationError("the information of the flows is not positive", cure="drop lags or regressors")
    covariance = (np.linalg.inv(scaled) / np.outer(scale, scale))[:-1, :-1]
    return InteractionFit(beta, free, rho, sigma2, value, covariance, data.margin(rho))
