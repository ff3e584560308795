"""Poisson pseudo maximum likelihood for pairs: iterated least squares, and whether the maximum exists."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

from yrdspatial.errors import EstimationError
from yrdspatial.flows.absorption import BoolArray, absorb, linked
from yrdspatial.models.within import FloatArray

STEPS = 200
TOLERANCE = 1e-12
INDEPENDENT = 1e-9
"""A regressor with less of its own left, as a share of its size, is a combination of the others."""


@dataclass(frozen=True)
class PairFit:
    """A fitted gravity equation.

    Attributes
    ----------
    beta : ndarray, shape (k,)
        Slopes.
    index : ndarray, shape (T, N, N)
        The linear index, effects included.
    mean : ndarray, shape (T, N, N)
        Its exponential; zero where the pair is not used.
    scores : ndarray, shape (T, N, N, k)
        Score of each pair, net of effects.
    bread : ndarray, shape (k, k)
        Inverse of the weighted cross product of the regressors net of effects.
    origin, destination : ndarray, shape (T, N)
        Effects; zero without them.
    """

    beta: FloatArray
    index: FloatArray
    mean: FloatArray
    scores: FloatArray
    bread: FloatArray
    origin: FloatArray
    destination: FloatArray


def weighted_fit(
    z: FloatArray, X: FloatArray, weights: FloatArray, *, effects: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Regress on pairs by weighted least squares.

    Parameters
    ----------
    z : ndarray, shape (T, N, N)
        Left side, finite everywhere.
    X : ndarray, shape (T, N, N, k)
        Regressors, finite everywhere.
    weights : ndarray, shape (T, N, N)
        Zero leaves a pair out.
    effects : bool
        Whether origins and destinations have effects.

    Returns
    -------
    beta : ndarray, shape (k,)
        Slopes.
    residual : ndarray, shape (T, N, N)
        Zero where the pair is left out.
    net : ndarray, shape (T, N, N, k)
        Regressors net of effects.

    Examples
    --------
    >>> x = np.array([[[1.0, 2.0], [3.0, 5.0]]])
    >>> weighted_fit(3.0 * x, x[..., None], np.ones((1, 2, 2)), effects=False)[0].round(9).tolist()
    [3.0]
    """
    stacked = np.concatenate([X, z[..., None]], axis=3)
    used = (weights > 0)[..., None]
    net = absorb(stacked, weights).residual if effects else np.where(used, stacked, 0.0)
    rows, root = net.reshape(-1, net.shape[3]), np.sqrt(weights).reshape(-1, 1)
    beta = np.linalg.lstsq(root * rows[:, :-1], root[:, 0] * rows[:, -1], rcond=None)[0]
    return beta, net[..., -1] - net[..., :-1] @ beta, net[..., :-1]


def dependent(X: FloatArray, weights: FloatArray, *, effects: bool) -> list[int]:
    """Find regressors that the effects or the regressors before them explain.

    Parameters
    ----------
    X : ndarray, shape (T, N, N, k)
        Regressors.
    weights : ndarray, shape (T, N, N)
        Zero leaves a pair out.
    effects : bool
        Whether origins and destinations have effects.

    Returns
    -------
    list of int
        Their positions.

    Examples
    --------
    >>> x = np.arange(4.0).reshape(1, 2, 2)
    >>> dependent(np.stack([x, 2.0 * x], axis=3), np.ones((1, 2, 2)), effects=False)
    [1]
    """
    found: list[int] = []
    for place in range(X.shape[3]):
        before = [one for one in range(place) if one not in found]
        _, residual, _ = weighted_fit(X[..., place], X[..., before], weights, effects=effects)
        size = np.sqrt((weights * X[..., place] ** 2).sum())
        if np.sqrt((weights * residual**2).sum()) <= INDEPENDENT * size:
            found.append(place)
    return found


def separated(y: FloatArray, X: FloatArray, used: BoolArray, *, effects: bool) -> BoolArray:
    """Find zero flows that some combination of regressors and effects predicts without fail.

    Their likelihood rises for ever along that combination, so that no maximum exists while they are in; without them
    the other parameters have their maximum.

    Parameters
    ----------
    y : ndarray, shape (T, N, N)
        Flows.
    X : ndarray, shape (T, N, N, k)
        Regressors.
    used : ndarray of bool, shape (T, N, N)
        Pairs in the sample.
    effects : bool
        Whether origins and destinations have effects.

    Returns
    -------
    ndarray of bool, shape (T, N, N)
        The separated pairs.

    Notes
    -----
    None when regressors and effects are told apart by the positive flows alone; else a linear programme looks for a
    combination that is zero at positive flows and nowhere negative at zero flows.

    References
    ----------
    Correia, Guimaraes and Zylkin (2019), arXiv 1903.01633, proposition 1.

    Examples
    --------
    >>> y = np.array([[[1.0, 2.0], [0.0, 0.0]]])
    >>> separated(y, np.empty((1, 2, 2, 0)), np.ones((1, 2, 2), dtype=bool), effects=True)[0].tolist()
    [[False, False], [True, True]]
    """
    positive, out = used & (y > 0), np.zeros_like(used)
    while True:
        left = used & ~out
        if _identified(X, positive, left, effects=effects):
            return out
        columns = _columns(X, left, effects=effects)
        zero = ~positive[left]
        gain = columns[zero]
        answer = linprog(
            -gain.sum(axis=0),
            A_ub=vstack([gain, -gain]),
            b_ub=np.repeat([1.0, 0.0], gain.shape[0]),
            A_eq=columns[~zero],
            b_eq=np.zeros(int((~zero).sum())),
            bounds=(None, None),
        )
        new = np.zeros(len(zero), dtype=bool)
        if answer.x is not None:
            new[zero] = gain @ answer.x > 1e-6
        if not new.any():
            return out
        out[left] |= new


def _identified(X: FloatArray, positive: BoolArray, left: BoolArray, *, effects: bool) -> bool:
    ends = [np.array_equal(positive.any(axis=axis), left.any(axis=axis)) for axis in (1, 2)]
    if not (left & ~positive).any():
        return True
    if effects and not (all(ends) and linked(positive)):
        return False
    weights = [part.astype(np.float64) for part in (positive, left)]
    return dependent(X, weights[0], effects=effects) == dependent(X, weights[1], effects=effects)


def _columns(X: FloatArray, left: BoolArray, *, effects: bool) -> csr_array:
    size = np.abs(X[left]).max(axis=0, initial=0.0)
    columns = [csr_array(X[left] / np.where(size > 0, size, 1.0))]
    if effects:
        t, i, j = np.nonzero(left)
        count, units = len(t), left.shape[1]
        for end in (i, j):
            place = (np.arange(count), t * units + end)
            columns.append(csr_array((np.ones(count), place), shape=(count, left.shape[0] * units)))
    return csr_array(hstack(columns))


def fit_poisson(y: FloatArray, X: FloatArray, used: BoolArray, *, effects: bool) -> PairFit:
    """Maximize the Poisson likelihood by iterated weighted least squares.

    Parameters
    ----------
    y : ndarray, shape (T, N, N)
        Flows, zero or more, finite everywhere.
    X : ndarray, shape (T, N, N, k)
        Regressors, finite everywhere, with a constant unless there are effects.
    used : ndarray of bool, shape (T, N, N)
        Pairs in the sample, none of them separated.
    effects : bool
        Whether origins and destinations have effects in each year.

    Returns
    -------
    PairFit
        The fit.

    Raises
    ------
    EstimationError
        If there is no convergence.

    References
    ----------
    Santos Silva and Tenreyro (2006), Review of Economics and Statistics 88, 641-658; Correia, Guimaraes and Zylkin
    (2020), Stata Journal 20, 95-115.

    Examples
    --------
    >>> y = np.array([[[1.0, 2.0], [4.0, 9.0]]])
    >>> fit = fit_poisson(y, np.ones((1, 2, 2, 1)), np.ones((1, 2, 2), dtype=bool), effects=False)
    >>> np.exp(fit.beta).round(9).tolist()
    [4.0]
    """
    flow = np.where(used, y, 0.0)
    mean = np.where(used, 0.5 * (flow + flow[used].mean()), 0.0)
    index = np.log(np.where(used, mean, 1.0))
    deviance = np.inf
    for _ in range(STEPS):
        working = np.where(used, index + (flow - mean) / np.where(used, mean, 1.0), 0.0)
        beta, residual, _ = weighted_fit(working, X, mean, effects=effects)
        step = np.where(used, working - residual, 0.0) - index
        for _ in range(30):
            new = np.where(used, np.exp(np.minimum(index + step, 500.0)), 0.0)
            reached = _deviance(flow[used], new[used])
            if reached <= deviance * (1 + 1e-9):
                break
            step *= 0.5
        index, mean = index + step, new
        close = deviance - reached <= TOLERANCE * (1.0 + reached) and np.abs(step).max() < 1e-8
        deviance = reached
        if close:
            return _fitted(flow - mean, beta, index, mean, X, effects=effects)
    raise EstimationError(
        "the Poisson likelihood has no maximum within reach",
        where=f"{STEPS} steps",
        cure="look for regressors that are almost combinations of each other, or of very different scale",
    )


def fit_log(y: FloatArray, X: FloatArray, used: BoolArray, *, effects: bool) -> PairFit:
    """Regress the log of positive flows by least squares.

    Parameters
    ----------
    y : ndarray, shape (T, N, N)
        Flows, positive where used.
    X : ndarray, shape (T, N, N, k)
        Regressors.
    used : ndarray of bool, shape (T, N, N)
        Pairs in the sample.
    effects : bool
        Whether origins and destinations have effects in each year.

    Returns
    -------
    PairFit
        The fit; ``mean`` is the exponential of the index.

    Examples
    --------
    >>> y = np.array([[[1.0, 2.0], [4.0, 8.0]]])
    >>> fit = fit_log(y, np.ones((1, 2, 2, 1)), np.ones((1, 2, 2), dtype=bool), effects=False)
    >>> np.exp(fit.beta).round(9).tolist()
    [2.828427125]
    """
    logs = np.log(np.where(used, y, 1.0))
    weights = used.astype(np.float64)
    beta, residual, _ = weighted_fit(logs, X, weights, effects=effects)
    index = np.where(used, logs - residual, 0.0)
    return _fitted(residual, beta, index, weights, X, effects=effects)


def _fitted(
    residual: FloatArray,
    beta: FloatArray,
    index: FloatArray,
    weights: FloatArray,
    X: FloatArray,
    *,
    effects: bool,
) -> PairFit:
    used = weights > 0
    rest = (index - X @ beta)[..., None]
    if effects:
        found = absorb(np.concatenate([X, rest], axis=3), weights)
        net, origin, destination = found.residual[..., :-1], found.origin[..., -1], found.destination[..., -1]
    else:
        net = np.where(used[..., None], X, 0.0)
        origin = destination = np.zeros(index.shape[:2])
    cross = np.einsum("tij,tijk,tijl->kl", weights, net, net)
    mean = np.where(used, np.exp(index), 0.0)
    return PairFit(beta, index, mean, net * residual[..., None], np.linalg.inv(cross), origin, destination)


def _deviance(y: FloatArray, mean: FloatArray) -> float:
    ratio = np.log(np.where(y > 0, y / mean, 1.0))
    return float(2.0 * (y * ratio - (y - mean)).sum())
