"""Expected and observed information of the models with a spatial error."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.errors import EstimationError
from yrdspatial.models.covariance import Information, propagators
from yrdspatial.models.filtered import apply_filter, filtered_dummies
from yrdspatial.models.likelihood import Fit, Problem, spatial_lag
from yrdspatial.models.projected import Projected, turned
from yrdspatial.models.within import FloatArray


@dataclass(frozen=True)
class Pieces:
    """What the information is made of.

    Attributes
    ----------
    columns : ndarray, shape (T, N, k + 1)
        Q B X, and Q B eta (expected) or Q B W y (observed) last when there is a lag.
    residuals : ndarray, shape (T, N)
        e.
    G : ndarray, shape (T, N, N) or None
        B W S^-1 B^-1.
    H : ndarray, shape (T, N, N)
        V B^-1.
    basis : ndarray, shape (T, N, p)
        Orthonormal basis of B D.
    traces : Projected
        Between Q when adjusted, between identities otherwise.
    """

    columns: FloatArray
    residuals: FloatArray
    G: FloatArray | None
    H: FloatArray
    basis: FloatArray
    traces: Projected


def pieces_of(problem: Problem, fit: Fit, *, observed: bool) -> Pieces:
    """Collect what the information and the score contributions need.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.
    observed : bool
        W y in the place of its expectation.

    Returns
    -------
    Pieces
        The pieces.

    Raises
    ------
    EstimationError
        If the model has no spatial error.

    Examples
    --------
    >>> from yrdspatial.models.filtered import fit_error
    >>> from yrdspatial.models.spectra import Spectra
    >>> from yrdspatial.models.within import Effects
    >>> ring = 0.5 * (np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1))
    >>> rng, error = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(4, dtype=np.intp))
    >>> y, X = rng.normal(size=(4, 6)), rng.normal(size=(4, 6, 1))
    >>> time = Effects.of(4, 6, unit=False, time=True)
    >>> problem = Problem(y, X, time, lag=None, error=error, adjusted=True)
    >>> pieces = pieces_of(problem, fit_error(problem), observed=False)
    >>> pieces.columns.shape, pieces.basis.shape, pieces.G is None
    ((4, 6, 1), (4, 6, 4), True)
    """
    if problem.error is None:
        raise EstimationError("an error model needs weights")
    value = float(fit.spatial[-1])
    H = propagators(problem.error, value)[problem.error.position]
    basis = filtered_dummies(problem, value)
    shape = (*problem.y.shape, -1)
    columns, G = [apply_filter(problem, value, problem.X)], None
    if problem.lag is not None:
        G = filtered_propagators(problem, float(fit.spatial[0]), value)
        lagged = apply_filter(problem, value, spatial_lag(problem.lag, problem.y[:, :, None]))
        columns.append(lagged if observed else lagged - G @ fit.residuals[:, :, None])
    flat = np.concatenate(columns, axis=2).reshape(problem.y.size, -1)
    net = (flat - basis @ (basis.T @ flat)).reshape(shape)
    whole = basis.reshape(shape)
    return Pieces(net, fit.residuals, G, H, whole, Projected(whole if problem.adjusted else whole[:, :, :0]))


def filtered_propagators(problem: Problem, rho: float, value: float) -> FloatArray:
    """B W S^-1 B^-1 of every period.

    Parameters
    ----------
    problem : Problem
        The arrays.
    rho, value : float
        rho and lambda.

    Returns
    -------
    ndarray, shape (T, N, N)
        The products; W S^-1 without a spatial error.

    Raises
    ------
    EstimationError
        If the model has no lag of y.

    Examples
    --------
    >>> from yrdspatial.models.spectra import Spectra
    >>> from yrdspatial.models.within import Effects
    >>> pair = Spectra.of(np.array([[[0.0, 1.0], [1.0, 0.0]]]), np.zeros(1, dtype=np.intp))
    >>> pooled = Effects.of(1, 2, unit=False, time=False)
    >>> problem = Problem(np.ones((1, 2)), np.ones((1, 2, 1)), pooled, lag=pair, error=pair, adjusted=False)
    >>> filtered_propagators(problem, 0.5, 0.3)[0].round(3).tolist()  # the same weights: B commutes with G
    [[0.667, 1.333], [1.333, 0.667]]
    """
    if problem.lag is None:
        raise EstimationError("a lag model needs weights")
    inner = propagators(problem.lag, rho)[problem.lag.position]
    if problem.error is None:
        return inner
    filters = np.eye(problem.y.shape[1]) - value * problem.error.matrices
    position = problem.error.position
    return np.asarray(filters[position] @ inner @ np.linalg.inv(filters)[position])


def filtered_information(problem: Problem, fit: Fit, *, observed: bool = False) -> Information:
    """Information of SEM, SDEM, SAC and GNS.

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
        In the order beta, rho (with a lag), lambda, sigma2. With a lag the slope need not be symmetric: the
        adjusted score of rho depends on lambda and not the reverse.

    Examples
    --------
    >>> from yrdspatial.models.filtered import fit_error
    >>> from yrdspatial.models.spectra import Spectra
    >>> from yrdspatial.models.within import Effects
    >>> ring = 0.5 * (np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1))
    >>> rng, error = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(4, dtype=np.intp))
    >>> y, X = rng.normal(size=(4, 6)), rng.normal(size=(4, 6, 1))
    >>> time = Effects.of(4, 6, unit=False, time=True)
    >>> problem = Problem(y, X, time, lag=None, error=error, adjusted=True)
    >>> filtered_information(problem, fit_error(problem)).slope.shape  # beta, lambda, sigma2
    (3, 3)
    """
    pieces = pieces_of(problem, fit, observed=observed)
    s2 = fit.sigma2
    count = pieces.columns.shape[2]
    slope = np.zeros((count + 2, count + 2))
    flat = pieces.columns.reshape(problem.y.size, -1)
    slope[:count, :count] = flat.T @ flat / s2
    slope[-1, -1] = 0.5 * problem.degrees_of_freedom / s2**2
    (_observed if observed else _expected)(slope, pieces, s2)
    variance = slope.copy()
    if pieces.G is not None and not observed:
        variance[count - 1, count - 1] += pieces.traces.double(pieces.G, pieces.G) - _square(pieces)
        variance[count - 1, count] = variance[count, count - 1]
    elif observed:
        variance = 0.5 * (slope + slope.T)
    return Information(slope, variance)


def _square(pieces: Pieces) -> float:
    # tr(Q G^2), which the slope has where the variance has tr(Q G Q G).
    return 0.0 if pieces.G is None else pieces.traces.single(pieces.G @ pieces.G)


def _expected(slope: FloatArray, pieces: Pieces, s2: float) -> None:
    H, G, traces = pieces.H, pieces.G, pieces.traces
    both = H + turned(H)
    slope[-2, -2] += traces.double(H, both)
    slope[-2, -1] = slope[-1, -2] = traces.single(H) / s2
    if G is None:
        return
    slope[-3, -3] += traces.double(turned(G), G) + _square(pieces)
    slope[-3, -1] = slope[-1, -3] = traces.single(G) / s2
    shared = traces.double(turned(G), both)
    slope[-2, -3] = shared
    slope[-3, -2] = shared + _one_sided(pieces)


def _one_sided(pieces: Pieces) -> float:
    # tr(P L Q G), L = H + H': how the adjustment of the score of rho moves with lambda.
    basis = pieces.traces.basis
    if pieces.G is None or not basis.shape[2]:
        return 0.0
    both = pieces.H + turned(pieces.H)
    pulled = pieces.G @ basis
    straight = float((basis * (both @ pulled)).sum())
    return straight - float((pieces.traces.sandwich(both) * pieces.traces.sandwich(pieces.G).T).sum())


def _observed(slope: FloatArray, pieces: Pieces, s2: float) -> None:
    H, G, traces, e = pieces.H, pieces.G, pieces.traces, pieces.residuals
    both = H + turned(H)
    moved = (both @ e[:, :, None])[:, :, 0]
    count = slope.shape[0] - 2
    cross = np.einsum("tnk,tn->k", pieces.columns, moved) / s2
    slope[:count, -2] += cross
    slope[-2, :count] += cross
    sent = (H @ e[:, :, None])[:, :, 0]
    shadow = np.einsum("tnp,tn->p", pieces.basis, moved)
    slope[-2, -2] += (float((sent**2).sum()) - float(shadow @ shadow)) / s2 + _bend(pieces)
    slope[-2, -1] = slope[-1, -2] = float((e * sent).sum()) / s2**2
    if G is not None:
        slope[-3, -3] += traces.single(G @ G)
        slope[-3, -2] += _one_sided(pieces)
        pull = float((pieces.columns[:, :, -1] * e).sum()) / s2**2
        slope[-3, -1] = slope[-1, -3] = pull


def _bend(pieces: Pieces) -> float:
    # d tr(Q H) / d lambda = tr(H^2) - tr(P L P H) + tr(P H'H).
    H, traces = pieces.H, pieces.traces
    whole = float((H * turned(H)).sum())
    if not traces.basis.shape[2]:
        return whole
    both = H + turned(H)
    return (
        whole
        - float((traces.sandwich(both) * traces.sandwich(H).T).sum())
        + float(((H @ traces.basis) ** 2).sum())
    )
