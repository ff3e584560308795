"""Lagrange multiplier tests on residuals without spatial terms: the scores of rho and lambda at zero, on arrays."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.likelihood import Problem, least_squares, spatial_lag
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray, IntArray, demean

NEGLIGIBLE = 1e-20
"""W times the fitted values counts as explained when this share of its square is left."""


@dataclass(frozen=True)
class Residuals:
    """The regression without spatial terms.

    Attributes
    ----------
    e : ndarray, shape (T, N)
        Residuals on X and the effects.
    fitted : ndarray, shape (T, N)
        y less e: X beta and the effects.
    basis : ndarray, shape (T, N, k)
        Orthonormal columns that span X net of the effects.
    degrees_of_freedom : int
        N T less the ranks of the effects and of X.
    """

    e: FloatArray
    fitted: FloatArray
    basis: FloatArray
    degrees_of_freedom: int

    @classmethod
    def of(cls, problem: Problem) -> "Residuals":
        """Regress y on X net of the effects.

        Parameters
        ----------
        problem : Problem
            y, X and the effects; weights in it are not used.

        Returns
        -------
        Residuals
            Of least squares.
        """
        data = demean(np.concatenate([problem.y[:, :, None], problem.X], axis=2), problem.effects)
        flat = data.reshape(problem.y.size, -1)
        basis, _ = np.linalg.qr(flat[:, 1:])
        e = least_squares(flat[:, 1:], flat[:, :1])[1].reshape(problem.y.shape)
        degrees = problem.effects.degrees_of_freedom - basis.shape[1]
        return cls(e, problem.y - e, basis.reshape(*problem.y.shape, -1), degrees)


@dataclass(frozen=True)
class Scores:
    """The scores at zero: of lambda, of rho beyond lambda, and their variances. The two are uncorrelated.

    Attributes
    ----------
    error : float
        e'W e / sigma2, less its mean.
    extra : float
        e'W yhat / sigma2.
    error_variance : float
        Variance of ``error``.
    extra_variance : float
        Variance of ``extra``: what X leaves of W yhat, squared and summed, over sigma2; zero when X explains it.
    """

    error: float
    extra: float
    error_variance: float
    extra_variance: float

    def statistics(self) -> dict[str, float]:
        """Return the five statistics.

        Returns
        -------
        dict of str to float
            "LM lag", "LM error", "Robust LM lag", "Robust LM error", "LM SARMA"; NaN where a test does not exist.
        """
        a, b, K, B = self.error, self.extra, self.error_variance, self.extra_variance
        alone = B > 0.0
        return {
            "LM lag": (a + b) ** 2 / (K + B),
            "LM error": a**2 / K,
            "Robust LM lag": b**2 / B if alone else np.nan,
            "Robust LM error": (a * B - b * K) ** 2 / (K * B * (K + B)) if alone else np.nan,
            "LM SARMA": a**2 / K + b**2 / B if alone else np.nan,
        }


def published_scores(problem: Problem, weights: Spectra) -> Scores:
    """Scores and variances as printed: those of a cross-section, on demeaned data.

    Parameters
    ----------
    problem : Problem
        y, X and the effects.
    weights : Spectra
        The weights tested for; eigenvalues are not used.

    Returns
    -------
    Scores
        sigma2 = e'e / NT, variance of the first sum_t tr(W_t W_t + W_t'W_t), mean zero; W is applied to demeaned fitted
        values, which are not demeaned again.
    """
    left = Residuals.of(problem)
    inner = demean(left.fitted[:, :, None], problem.effects)[:, :, 0]
    sigma2 = float((left.e**2).mean())
    error, extra, gain = _forms(left, inner, weights, None)
    paired = symmetric(weights)
    trace = 0.5 * paired_trace(paired.matrices, paired.matrices, paired.position, None)
    return Scores(error / sigma2, extra / sigma2, trace, gain / sigma2)


def adjusted_scores(problem: Problem, weights: Spectra) -> Scores:
    """Scores with the moments that they have: what X and the effects take is counted, for any W_t.

    Parameters
    ----------
    problem : Problem
        y, X and the effects.
    weights : Spectra
        The weights tested for; eigenvalues are not used.

    Returns
    -------
    Scores
        With M the projector off X and the effects and df its rank: sigma2 = e'e / df, mean of the first tr(M W) and its
        variance that of the ratio df e'W e / e'e under normal errors; W yhat with the effects in yhat, then demeaned.
    """
    left = Residuals.of(problem)
    df = left.degrees_of_freedom
    sigma2 = float((left.e**2).sum()) / df
    error, extra, gain = _forms(left, left.fitted, weights, problem.effects)
    mean, variance = ratio_moments(left, weights, problem.effects)
    return Scores(error / sigma2 - mean, extra / sigma2, variance, gain / sigma2)


def _forms(
    left: Residuals, fitted: FloatArray, weights: Spectra, effects: Effects | None
) -> tuple[float, float, float]:
    # e'W e, e'W fitted, and the square of what X (and the effects) leave of W fitted.
    lagged = spatial_lag(weights, np.stack([left.e, fitted], axis=2))
    net = lagged[:, :, 1:] if effects is None else demean(lagged[:, :, 1:], effects)
    net = net[:, :, 0] - left.basis @ np.tensordot(left.basis, net[:, :, 0], axes=((0, 1), (0, 1)))
    gain = float((net**2).sum())
    gain = gain if gain > NEGLIGIBLE * float((lagged[:, :, 1] ** 2).sum()) else 0.0
    return float((left.e * lagged[:, :, 0]).sum()), float((left.e * lagged[:, :, 1]).sum()), gain


def ratio_moments(left: Residuals, weights: Spectra, effects: Effects) -> tuple[float, float]:
    """Exact mean and variance of df e'W e / e'e under independent normal errors.

    Parameters
    ----------
    left : Residuals
        The regression.
    weights : Spectra
        W_t.
    effects : Effects
        The effects.

    Returns
    -------
    mean, variance : float
        The ratio is independent of e'e, so that its moments are those of e'W e over those of e'e.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, chapter 8, for a regression without effects.
    """
    first, second = projected_traces(symmetric(weights), effects, left.basis)
    mean, df = 0.5 * first, left.degrees_of_freedom
    return mean, df / (df + 2.0) * (0.5 * second + mean**2) - mean**2


def symmetric(weights: Spectra) -> Spectra:
    """Return W + W' of every distinct matrix, without eigenvalues.

    Parameters
    ----------
    weights : Spectra
        The weights.

    Returns
    -------
    Spectra
        The sums.
    """
    paired = weights.matrices + weights.matrices.swapaxes(1, 2)
    return Spectra(paired, weights.position)


def projected_traces(weights: Spectra, effects: Effects, basis: FloatArray) -> tuple[float, float]:
    """Traces of symmetric S = blockdiag(S_t) between projectors M off the effects and further columns.

    Parameters
    ----------
    weights : Spectra
        Symmetric S_t.
    effects : Effects
        The effects.
    basis : ndarray, shape (T, N, k)
        Orthonormal columns net of the effects.

    Returns
    -------
    first, second : float
        tr(M S) and tr(M S M S).
    """
    inner = _centred(weights.matrices, effects)
    moved = demean(spatial_lag(weights, basis), effects)
    cross = np.tensordot(basis, moved, axes=((0, 1), (0, 1)))
    traces = weights.shared(effects.period_mass) @ np.trace(inner, axis1=1, axis2=2)
    squares = paired_trace(weights.matrices, weights.matrices, weights.position, effects)
    taken = 2.0 * float((moved**2).sum()) - float((cross**2).sum())
    return float(traces) - float(np.trace(cross)), squares - taken


def paired_trace(
    symmetric_part: FloatArray, other: FloatArray, position: IntArray, effects: Effects | None
) -> float:
    """tr(M S M G) of block-diagonal S and G, M the projector off the effects.

    Parameters
    ----------
    symmetric_part : ndarray, shape (D, N, N)
        Distinct S_t, symmetric.
    other : ndarray, shape (D, N, N)
        Distinct G_t.
    position : ndarray of int, shape (T,)
        Which of them each period has.
    effects : Effects or None
        The effects; None puts the identity in the place of M.

    Returns
    -------
    float
        The sum over s and t of m_st^2 tr(S_s C G_t C), m and C the time and the unit part of M.
    """
    if effects is None:
        return float((symmetric_part * other).sum((1, 2))[position].sum())
    one, two = _centred(symmetric_part, effects), _centred(other, effects)
    alone = (one * two).sum((1, 2))[position]
    if not effects.unit:
        return float(alone.sum())
    sizes = effects.window_sizes
    total = float((alone * (1.0 - 2.0 / sizes[effects.windows])).sum())
    for window, size in enumerate(sizes):
        counts = np.bincount(position[effects.windows == window], minlength=len(one)).astype(np.float64)
        sums = np.tensordot(counts, one, axes=1) * np.tensordot(counts, two, axes=1)
        total += float(sums.sum()) / float(size) ** 2
    return total


def _centred(matrices: FloatArray, effects: Effects) -> FloatArray:
    # C S C, C the projector off the time effects within a period.
    columns = effects.group_basis
    half = matrices - columns @ (columns.T @ matrices)
    return np.asarray(half - (half @ columns) @ columns.T)
