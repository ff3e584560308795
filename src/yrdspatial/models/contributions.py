"""The score in parts, by observation or by unit, such that parts are uncorrelated when the errors are independent."""

from collections.abc import Callable

import numpy as np
from scipy.linalg import block_diag

from yrdspatial.models.covariance import propagators
from yrdspatial.models.filtered import apply_filter
from yrdspatial.models.filtered_covariance import filtered_propagators, pieces_of
from yrdspatial.models.likelihood import Fit, Problem, spatial_lag
from yrdspatial.models.parts import Stack
from yrdspatial.models.within import FloatArray, demean


def contributions(problem: Problem, fit: Fit, *, by_unit: bool = False, scaled: bool = True) -> FloatArray:
    """Split the score into one part for each unit and period, or with random effects for each unit.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.
    by_unit : bool
        Whether the parts are to be summed by unit: observations then follow each other unit by unit, otherwise period
        by period, and with independent clusters the sums are martingale differences.
    scaled : bool
        Whether residuals are scaled by the root of N T / M0 for what fixed effects take from their variance.

    Returns
    -------
    ndarray, shape (T, N, K + 1); (1, N, K + 1) with random effects
        In the order of the information, centred. A quadratic form e'A e, A = M G M with M the projector off the
        effects, is split into e_i sum_{j<i} (a_ij + a_ji) e_j + a_ii (e_i^2 - sigma2), a martingale difference over
        observations, so that outer products carry the covariance between them.

    References
    ----------
    Kelejian and Prucha (2001), Journal of Econometrics 104, 219-257, for the central limit theorem behind it.

    Examples
    --------
    >>> from yrdspatial.models.linear import fit_linear
    >>> from yrdspatial.models.within import Effects
    >>> y, X = np.array([[1.0, 2.0, 2.0, 5.0]]), np.ones((1, 4, 1))
    >>> pooled = Effects.of(1, 4, unit=False, time=False)
    >>> problem = Problem(y, X, pooled, lag=None, error=None, adjusted=False)
    >>> contributions(problem, fit_linear(problem))[0, :, 0].round(3).tolist()  # e / sigma2, mean 2.5, sigma2 2.25
    [-0.667, -0.222, -0.222, 1.111]
    """
    if problem.random:
        whole = random_parts(problem, fit)
    else:
        factor = problem.y.size / problem.degrees_of_freedom if scaled else 1.0
        whole = fixed_parts(problem, fit, by_unit=by_unit, scale=float(np.sqrt(factor)))
    return np.asarray(whole - whole.mean(axis=(0, 1)))


def fixed_parts(problem: Problem, fit: Fit, *, by_unit: bool, scale: float = 1.0) -> FloatArray:
    """Parts of the score of a model with fixed effects or none, before they are centred.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.
    by_unit : bool
        As in :func:`contributions`.
    scale : float
        Factor of the residuals.

    Returns
    -------
    ndarray, shape (T, N, K + 1)
        In the order beta, spatial, sigma2. With a scale of one those of beta and the spatial parameters sum to the
        (adjusted) score; those of sigma2 do with the root of N T / M0.

    Examples
    --------
    >>> from yrdspatial.models.linear import fit_linear
    >>> from yrdspatial.models.within import Effects
    >>> pooled = Effects.of(1, 4, unit=False, time=False)
    >>> y, X = np.array([[1.0, 2.0, 2.0, 5.0]]), np.ones((1, 4, 1))
    >>> problem = Problem(y, X, pooled, lag=None, error=None, adjusted=False)
    >>> parts = fixed_parts(problem, fit_linear(problem), by_unit=False)
    >>> bool(np.allclose(parts.sum(axis=(0, 1)), 0.0))  # at the maximum
    True
    """
    e, s2 = fit.residuals.ravel() * scale, fit.sigma2
    columns, forms = _parts_of_score(problem, fit)
    linear = columns.reshape(e.size, -1) * e[:, None] / s2
    rank = np.arange(e.size).reshape(problem.y.shape[::-1]).T.ravel() if by_unit else np.arange(e.size)
    earlier = np.greater.outer(rank, rank)
    for place, matrix in forms:
        quadratic = e * (np.where(earlier, matrix + matrix.T, 0.0) @ e) + np.diag(matrix) * (e**2 - s2)
        if place < linear.shape[1]:
            linear[:, place] += quadratic / s2
        else:
            linear = np.column_stack([linear, quadratic / s2])
    whole = np.column_stack([linear, (e**2 - s2) / (2.0 * s2**2)])
    return np.asarray(whole.reshape(*problem.y.shape, -1))


def _parts_of_score(problem: Problem, fit: Fit) -> tuple[FloatArray, list[tuple[int, FloatArray]]]:
    # Linear parts (T, N, m), and quadratic forms between projectors with the column they belong to.
    if problem.error is not None:
        pieces = pieces_of(problem, fit, observed=False)
        count, basis = pieces.columns.shape[2], pieces.basis.reshape(problem.y.size, -1)

        def project(columns: FloatArray) -> FloatArray:
            return np.asarray(columns - basis @ (basis.T @ columns))

        forms = [] if pieces.G is None else [(count - 1, pieces.G)]
        forms.append((count, pieces.H))
        return pieces.columns, [(place, _between_projectors(matrix, project)) for place, matrix in forms]

    def within(values: FloatArray) -> FloatArray:
        return demean(values.reshape(*problem.y.shape, -1), problem.effects).reshape(values.shape)

    blocks, e = _lags(problem, fit), fit.residuals[:, :, None]
    lagged = [lag - G @ e for lag, G in blocks]
    columns = demean(np.concatenate([problem.X, *lagged], axis=2), problem.effects)
    first = problem.X.shape[2]
    return columns, [(first + q, _between_projectors(G, within)) for q, (_, G) in enumerate(blocks)]


def _lags(problem: Problem, fit: Fit) -> list[tuple[FloatArray, FloatArray]]:
    # W_q y (T, N, 1) and G_q (T, N, N) of every lag of y.
    y = problem.y[:, :, None]
    if problem.parts:
        stack = Stack.of(problem.parts)
        inner = stack.propagators(fit.spatial)[:, stack.spectra.position]
        return [(spatial_lag(part, y), G) for part, G in zip(problem.parts, inner, strict=True)]
    if problem.lag is None:
        return []
    return [
        (spatial_lag(problem.lag, y), propagators(problem.lag, float(fit.spatial[0]))[problem.lag.position])
    ]


def _between_projectors(blocks: FloatArray, project: Callable[[FloatArray], FloatArray]) -> FloatArray:
    return project(project(block_diag(*blocks)).T).T


def random_parts(problem: Problem, fit: Fit) -> FloatArray:
    """Parts of the score by unit with random unit effects, before they are centred.

    Parameters
    ----------
    problem : Problem
        Arrays of a model in which v = B (S y - X beta) = D mu + e, so that the v of different units are independent:
        without a spatial error, or with that of Kapoor, Kelejian and Prucha.
    fit : Fit
        The estimates.

    Returns
    -------
    ndarray, shape (1, N, K + 1)
        In the order beta, spatial parameters, phi, sigma2. They sum to the score. With w = (I + phi D D')^-1 v a form
        sum_t w_t'G_t v_t gives to unit n what it has with itself, less its expectation, and with units before it.

    Examples
    --------
    >>> from yrdspatial.models.random_effects import fit_random
    >>> from yrdspatial.models.within import Effects
    >>> y = np.array([[1.0, 4.0, 6.0], [2.0, 4.5, 5.0]])
    >>> pooled = Effects.of(2, 3, unit=False, time=False)
    >>> problem = Problem(y, np.ones((2, 3, 1)), pooled, lag=None, error=None, adjusted=True, random="baltagi")
    >>> bool(np.allclose(random_parts(problem, fit_random(problem)[0]).sum(axis=(0, 1)), 0.0, atol=1e-6))
    True
    """
    periods, s2, phi = len(problem.y), fit.sigma2, float(fit.spatial[-1])
    value = 0.0 if problem.error is None else float(fit.spatial[-2])
    rho = 0.0 if problem.lag is None else float(fit.spatial[0])
    explained = problem.X @ fit.beta
    left = problem.y - explained
    if problem.lag is not None:
        left = left - rho * spatial_lag(problem.lag, problem.y[:, :, None])[:, :, 0]
    v = apply_filter(problem, value, left[:, :, None])[:, :, 0]
    total = v.sum(axis=0) / (1.0 + periods * phi)
    w = v - phi * total
    parts = [np.einsum("tnk,tn->nk", apply_filter(problem, value, problem.X), w) / s2]
    if problem.lag is not None:
        G = filtered_propagators(problem, rho, value)
        sent = (G @ apply_filter(problem, value, explained[:, :, None]))[:, :, 0]
        parts.append(((sent * w).sum(axis=0) / s2 + _by_unit(G, w, v, s2))[:, None])
    if problem.error is not None:
        H = propagators(problem.error, value)[problem.error.position]
        parts.append(_by_unit(H, w, v, s2)[:, None])
    parts.append((0.5 * (total**2 / s2 - periods / (1.0 + periods * phi)))[:, None])
    parts.append((((v * w).sum(axis=0) - periods * s2) / (2.0 * s2**2))[:, None])
    return np.concatenate(parts, axis=1)[None]


def _by_unit(G: FloatArray, w: FloatArray, v: FloatArray, s2: float) -> FloatArray:
    # sum_t w'G v / s2 - tr(G), a pair of units given to the later one; shape (N,).
    def times(matrices: FloatArray, values: FloatArray) -> FloatArray:
        return np.asarray((matrices @ values[:, :, None])[:, :, 0])

    across = w * times(np.tril(G, -1), v) + v * times(np.tril(np.swapaxes(G, 1, 2), -1), w)
    own = np.diagonal(G, axis1=1, axis2=2) * (w * v - s2)
    return np.asarray((across + own).sum(axis=0) / s2)
