"""Expected and observed information of the (adjusted) likelihoods, and the covariances they give."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import Fit, Problem, spatial_lag
from yrdspatial.models.projected import Projected, turned
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray, demean, dummy_basis


@dataclass(frozen=True)
class Information:
    """A = minus the expected slope of the score, B = its variance, in the order beta, spatial, sigma2.

    Attributes
    ----------
    slope : ndarray, shape (K, K)
        A.
    variance : ndarray, shape (K, K)
        B; equal to A where the score is that of a likelihood.
    """

    slope: FloatArray
    variance: FloatArray

    def covariance(self) -> FloatArray:
        """Return the covariance of the estimates, A^-1 B A^-T.

        Returns
        -------
        ndarray, shape (K, K)
            The covariance.

        Raises
        ------
        EstimationError
            If A cannot be inverted: a parameter is not identified.
        """
        scale = np.sqrt(np.abs(np.diag(self.slope)))
        if not (np.isfinite(self.slope).all() and (scale > 0).all()):
            raise EstimationError(
                "the information matrix is singular", cure="use sparser weights or fewer terms"
            )
        scaled = self.slope / np.outer(scale, scale)
        if np.linalg.cond(scaled) > 1e13:
            raise EstimationError(
                "the information matrix is singular", cure="use sparser weights or fewer terms"
            )
        inverse = np.linalg.inv(scaled) / np.outer(scale, scale)
        covariance = inverse @ self.variance @ inverse.T
        return np.asarray(0.5 * (covariance + covariance.T))


def linear_information(problem: Problem, fit: Fit) -> Information:
    """Information of a model without spatial parameters.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.

    Returns
    -------
    Information
        In the order beta, sigma2.

    Examples
    --------
    >>> from yrdspatial.models.linear import fit_linear
    >>> X = np.arange(6.0).reshape(2, 3, 1)
    >>> pooled = Effects.of(2, 3, unit=False, time=False)
    >>> problem = Problem(X[:, :, 0] ** 2, X, pooled, lag=None, error=None, adjusted=False)
    >>> fit = fit_linear(problem)
    >>> bool(np.isclose(linear_information(problem, fit).slope[0, 0], 55.0 / fit.sigma2))  # x'x = 55
    True
    """
    x = demean(problem.X, problem.effects).reshape(problem.y.size, -1)
    count = x.shape[1]
    matrix = np.zeros((count + 1, count + 1))
    matrix[:count, :count] = x.T @ x / fit.sigma2
    matrix[count, count] = 0.5 * fit.divisor / fit.sigma2**2
    return Information(matrix, matrix)


@dataclass(frozen=True)
class LagTraces:
    """Traces of G = W S^-1 between the projector M on what the effects leave.

    Attributes
    ----------
    single : float
        tr(M G).
    square : float
        tr(M G^2).
    cross : float
        tr(M G' M G).
    projected : float
        tr(M G M G).
    """

    single: float
    square: float
    cross: float
    projected: float


def propagators(spectra: Spectra, rho: float) -> FloatArray:
    """G = W (I - rho W)^-1 of every distinct matrix.

    Parameters
    ----------
    spectra : Spectra
        The weights.
    rho : float
        Spatial parameter.

    Returns
    -------
    ndarray, shape (D, N, N)
        G.

    Examples
    --------
    >>> pair = np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> propagators(Spectra.of(pair[None], np.zeros(1, dtype=np.intp)), 0.5)[0].round(3).tolist()
    [[0.667, 1.333], [1.333, 0.667]]
    """
    identity = np.eye(spectra.matrices.shape[1])
    return np.asarray(spectra.matrices @ np.linalg.inv(identity - rho * spectra.matrices))


def lag_traces(
    spectra: Spectra, G: FloatArray, effects: Effects | None, other: FloatArray | None = None
) -> LagTraces:
    """Traces that the information of a lag model needs.

    Parameters
    ----------
    spectra : Spectra
        The weights.
    G : ndarray, shape (D, N, N)
        ``propagators`` of the weights.
    effects : Effects or None
        The effects adjusted for; None puts the identity in the place of M.
    other : ndarray, shape (D, N, N), optional
        A second propagator R: then the traces are tr(M G), tr(M G R), tr(M G'M R) and tr(M G M R).

    Returns
    -------
    LagTraces
        The traces.

    Examples
    --------
    >>> G = np.array([[[0.0, 0.5], [0.5, 0.0]]])
    >>> both = lag_traces(Spectra(G, np.zeros(3, dtype=np.intp)), G, None)
    >>> both.single, both.square, both.cross
    (0.0, 1.5, 1.5)
    """
    R = G if other is None else other
    if effects is None:
        count = spectra.years_of
        square, cross = (float(count @ (G * one).sum((1, 2))) for one in (turned(R), R))
        return LagTraces(float(count @ np.trace(G, axis1=1, axis2=2)), square, cross, square)
    if effects.cells is not None:
        return _general_traces(G[spectra.position], R[spectra.position], effects)
    half, share = centered(G, effects), spectra.shared(effects.period_mass)
    one, two = (turned(centered(turned(centered(each, effects)), effects)) for each in (G, R))
    return LagTraces(
        single=float(share @ np.trace(half, axis1=1, axis2=2)),
        square=float(share @ (half * turned(R)).sum((1, 2))),
        cross=between(one, two, spectra, effects),
        projected=between(one, turned(two), spectra, effects),
    )


def _general_traces(G: FloatArray, R: FloatArray, effects: Effects) -> LagTraces:
    projected = Projected(dummy_basis(effects).reshape(*G.shape[:2], -1))
    return LagTraces(
        single=projected.single(G),
        square=projected.single(G @ R),
        cross=projected.double(turned(G), R),
        projected=projected.double(G, R),
    )


def centered(G: FloatArray, effects: Effects) -> FloatArray:
    """C G, C the projector off the groups of the time effects.

    Parameters
    ----------
    G : ndarray, shape (..., N, N)
        Matrices.
    effects : Effects
        The effects.

    Returns
    -------
    ndarray, shape (..., N, N)
        The products.

    Examples
    --------
    >>> centered(np.eye(2), Effects.of(3, 2, unit=False, time=True)).round(3).tolist()
    [[0.5, -0.5], [-0.5, 0.5]]
    """
    basis = effects.group_basis
    return np.asarray(G - basis @ (basis.T @ G))


def between(left: FloatArray, right: FloatArray, spectra: Spectra, effects: Effects | None) -> float:
    """Sum (I - J_w)_st^2 <left_s, right_t> over periods s, t, with J_w the averaging within windows.

    Parameters
    ----------
    left, right : ndarray, shape (D, N, N)
        Matrices of the distinct weights.
    spectra : Spectra
        Which of them each period has.
    effects : Effects or None
        The effects; without unit effects the sum runs over s = t alone.

    Returns
    -------
    float
        The sum.

    Examples
    --------
    >>> G = np.eye(2)[None]
    >>> three = Spectra(G, np.zeros(3, dtype=np.intp))
    >>> [round(between(G, G, three, one), 9) for one in (None, Effects.of(3, 2, unit=True, time=False))]
    [6.0, 4.0]
    """
    inner = (left * right).sum((1, 2))
    if effects is None or not effects.unit:
        return float(spectra.years_of @ inner)
    sizes = effects.window_sizes
    total = float((1.0 - 2.0 / sizes[effects.windows]) @ inner[spectra.position])
    for window, size in enumerate(sizes):
        used = np.bincount(spectra.position[effects.windows == window], minlength=len(left)).astype(float)
        a, b = np.tensordot(used, left, axes=1), np.tensordot(used, right, axes=1)
        total += float((a * b).sum()) / size**2
    return float(total)


def lag_information(problem: Problem, fit: Fit, *, observed: bool = False) -> Information:
    """Information of SAR and SDM.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.
    observed : bool
        The slope of the score at the data instead of its expectation.

    Returns
    -------
    Information
        In the order beta, rho, sigma2.

    Raises
    ------
    EstimationError
        If the model has no lag.

    Examples
    --------
    >>> from yrdspatial.models.likelihood import fit_lag
    >>> ring = 0.5 * (np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1))
    >>> rng, lag = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(4, dtype=np.intp))
    >>> y, X = rng.normal(size=(4, 6)), rng.normal(size=(4, 6, 1))
    >>> effects = Effects.of(4, 6, unit=True, time=False)
    >>> problem = Problem(y, X, effects, lag=lag, error=None, adjusted=True)
    >>> lag_information(problem, fit_lag(problem)).covariance().shape  # beta, rho, sigma2
    (3, 3)
    """
    if problem.lag is None:
        raise EstimationError("a lag model needs weights")
    rho, sigma2 = float(fit.spatial[0]), fit.sigma2
    G = propagators(problem.lag, rho)
    traces = lag_traces(problem.lag, G, problem.adjusting)
    lagged = spatial_lag(problem.lag, problem.y[:, :, None])
    if not observed:
        moved = G[problem.lag.position] @ fit.residuals[:, :, None]
        lagged = lagged - moved
    data = demean(np.concatenate([problem.X, lagged], axis=2), problem.effects).reshape(problem.y.size, -1)
    gram = data.T @ data / sigma2
    count = gram.shape[0]
    slope = np.zeros((count + 1, count + 1))
    slope[:count, :count] = gram
    slope[count - 1, count - 1] += traces.square + (0.0 if observed else traces.cross)
    pull = float(data[:, -1] @ fit.residuals.ravel()) / sigma2 if observed else traces.single
    slope[count - 1, count] = slope[count, count - 1] = pull / sigma2
    slope[count, count] = 0.5 * problem.degrees_of_freedom / sigma2**2
    if observed:
        return Information(slope, slope)
    variance = slope.copy()
    variance[count - 1, count - 1] += traces.projected - traces.square
    return Information(slope, variance)
