"""Information of the models of many units, by sparse solves; no N x N matrix is formed."""

from dataclasses import replace

import numpy as np

from yrdspatial.errors import EstimationError
from yrdspatial.models.covariance import Information
from yrdspatial.models.factors import Factors
from yrdspatial.models.filtered import apply_filter
from yrdspatial.models.likelihood import Fit, Problem, spatial_lag
from yrdspatial.models.log_determinant import LogJacobian
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.traces import EXACT, Estimate, Probing, squares
from yrdspatial.models.within import FloatArray, demean


def large_lag_information(
    problem: Problem,
    solution: tuple[Fit, LogJacobian],
    *,
    observed: bool = False,
    probing: Probing | None = None,
) -> tuple[Fit, Information]:
    """Information of SAR and SDM with sparse weights.

    Parameters
    ----------
    problem : Problem
        The arrays.
    solution : tuple of Fit and LogJacobian
        The estimates, and the log-Jacobian that is exact there.
    observed : bool
        The slope of the score at the data instead of its expectation; it needs no tr(G'G).
    probing : Probing, optional
        How tr(G'G) is found.

    Returns
    -------
    fit : Fit
        With what the traces are said to be.
    information : Information
        In the order beta, rho, sigma2.

    Raises
    ------
    EstimationError
        If the model has no lag.
    """
    (fit, jacobian), weights = solution, problem.lag
    if weights is None:
        raise EstimationError("a lag model needs weights")
    rho, sigma2 = float(fit.spatial[0]), fit.sigma2
    lagged = spatial_lag(weights, problem.y[:, :, None])
    if not observed:
        disturbed = weights.solve(rho, fit.residuals)
        lagged = lagged - spatial_lag(weights, disturbed[:, :, None])
    data = demean(np.concatenate([problem.X, lagged], axis=2), problem.effects).reshape(problem.y.size, -1)
    gram = data.T @ data / sigma2
    count = gram.shape[0]
    slope = np.zeros((count + 1, count + 1))
    slope[:count, :count] = gram
    slope[count, count] = 0.5 * problem.degrees_of_freedom / sigma2**2
    square = jacobian.curvature(rho)
    single = float(data[:, -1] @ fit.residuals.ravel()) / sigma2 if observed else _slope(jacobian, rho)
    slope[count - 1, count] = slope[count, count - 1] = single / sigma2
    slope[count - 1, count - 1] += square
    if observed:
        return fit, Information(slope, slope)
    both = _commute_not(problem, weights)
    found = squares(weights, rho, problem.adjusting, probing or _default(weights), both=both)
    slope[count - 1, count - 1] += found.values[0]
    variance = slope.copy()
    if both:
        variance[count - 1, count - 1] += found.values[1] - square
    return replace(fit, method=f"{fit.method}; {_said(found)}"), Information(slope, variance)


def _commute_not(problem: Problem, weights: Spectra) -> bool:
    # Whether tr(M G M G) is another number than tr(M G^2): W_t changes beside unit effects, or time effects meet
    # unequal row sums.
    effects = problem.adjusting
    if effects is None:
        return False
    even = float(np.ptp(weights.row_sums, axis=1).max()) <= 1e-13 * max(1.0, float(weights.row_sums.max()))
    uneven = effects.time and not (even and effects.group_basis.shape[1] == 1)
    return uneven or (effects.unit and weights.count > 1)


def _slope(jacobian: LogJacobian, rho: float) -> float:
    return float(jacobian.slope(np.array([rho]))[0])


def _default(weights: Spectra) -> Probing:
    return Probing(exact=weights.units <= EXACT)


def _said(found: Estimate) -> str:
    if not found.errors.any():
        return "tr(G'G) exact, by solves"
    share = 100.0 * found.errors[0] / found.values[0]
    return f"tr(G'G) by random probes, standard error {share:.2g} %"


def large_error_information(
    problem: Problem,
    solution: tuple[Fit, LogJacobian],
    *,
    observed: bool = False,
    probing: Probing | None = None,
) -> tuple[Fit, Information]:
    """Information of SEM and SDEM with sparse weights and no unit effects, or these out of the way.

    Parameters
    ----------
    problem : Problem
        The arrays.
    solution : tuple of Fit and LogJacobian
        The estimates, and the log-Jacobian that is exact there.
    observed : bool
        The slope of the score at the data instead of its expectation.
    probing : Probing, optional
        How tr(H'H) is found.

    Returns
    -------
    fit : Fit
        With what the traces are said to be.
    information : Information
        In the order beta, lambda, sigma2.

    Raises
    ------
    EstimationError
        If the model has no spatial error.
    """
    (fit, jacobian), weights = solution, problem.error
    if weights is None:
        raise EstimationError("an error model needs weights")
    value, s2, e = float(fit.spatial[0]), fit.sigma2, fit.residuals
    bases = filtered_groups(problem, value)
    columns = take_out(weights, bases, apply_filter(problem, value, problem.X))
    flat = columns.reshape(problem.y.size, -1)
    count = flat.shape[1]
    slope = np.zeros((count + 2, count + 2))
    slope[:count, :count] = flat.T @ flat / s2
    slope[-1, -1] = 0.5 * problem.degrees_of_freedom / s2**2
    adjusted = [basis if problem.adjusted else basis[:, :0] for basis in bases]
    inner = _inner_traces(weights, value, adjusted)
    single = _slope(jacobian, value) - inner[0]
    square = jacobian.curvature(value)
    if observed:
        sent = spatial_lag(weights, weights.solve(value, e)[:, :, None])
        both = sent[:, :, 0] + _returned(weights, value, e)
        slope[:count, count] = slope[count, :count] = np.einsum("tnk,tn->k", columns, both) / s2
        shadow = both - take_out(weights, bases, both[:, :, None])[:, :, 0]
        spread = float((sent**2).sum() - (shadow**2).sum()) / s2
        slope[-2, -2] = spread + square + inner[3]
        slope[-2, -1] = slope[-1, -2] = float((e * sent[:, :, 0]).sum()) / s2**2
        return fit, Information(slope, slope)
    found = squares(weights, value, None, probing or _default(weights), both=False)
    slope[-2, -2] = square + found.values[0] + inner[1] + inner[2]
    slope[-2, -1] = slope[-1, -2] = single / s2
    return replace(fit, method=f"{fit.method}; {_said(found)}"), Information(slope, slope)


def filtered_groups(problem: Problem, value: float) -> list[FloatArray]:
    """Return orthonormal bases of B_d Z, Z the groups of the time effects.

    Parameters
    ----------
    problem : Problem
        The arrays of a model with a spatial error.
    value : float
        lambda.

    Returns
    -------
    list of ndarray, each of shape (N, R)
        One for each distinct matrix.
    """
    Z = problem.effects.group_basis
    links = () if problem.error is None else problem.error.links
    return [np.linalg.qr(Z - value * (weights @ Z))[0] for weights in links]


def take_out(weights: Spectra, bases: list[FloatArray], columns: FloatArray) -> FloatArray:
    """Take the filtered time effects out, period by period.

    Parameters
    ----------
    weights : Spectra
        Weights of the error.
    bases : list of ndarray, each of shape (N, R)
        As of ``filtered_groups``.
    columns : ndarray, shape (T, N, k)
        Columns.

    Returns
    -------
    ndarray, shape (T, N, k)
        What is left.
    """
    out = columns.copy()
    for d, basis in enumerate(bases):
        here = weights.position == d
        out[here] -= basis @ (basis.T @ columns[here])
    return out


def _returned(weights: Spectra, value: float, e: FloatArray) -> FloatArray:
    # H'e, period by period.
    out = np.empty_like(e)
    for d, one in enumerate(weights.links):
        here = weights.position == d
        out[here] = Factors.of(one, value).returned(e[here].T).T
    return out


def _inner_traces(weights: Spectra, value: float, bases: list[FloatArray]) -> FloatArray:
    # With P the projector on the bases: tr(P H), tr(QHQH) - tr(HH), tr(QHQH') - tr(HH'), and the part of the observed
    # slope that the dummies give, tr(P H'H) - tr(P (H + H') P H).
    out = np.zeros(4)
    for years, one, basis in zip(weights.years_of, weights.links, bases, strict=True):
        if not basis.shape[1]:
            continue
        factors = Factors.of(one, value)
        sent, back = factors.propagated(basis), factors.returned(basis)
        core = basis.T @ sent
        paired, crossed = float((core * core.T).sum()), float((core * core).sum())
        lost = float((sent**2).sum())
        out += years * np.array(
            [
                np.trace(core),
                paired - 2.0 * float((back * sent).sum()),
                crossed - lost - float((back**2).sum()),
                lost - crossed - paired,
            ]
        )
    return out
