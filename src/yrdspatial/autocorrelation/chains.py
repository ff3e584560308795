"""Markov chains of classes: long-run distribution, passage times, tests of homogeneity. Arrays in, arrays out."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csgraph
from scipy.stats import chi2

from yrdspatial.autocorrelation.permutation import Floats


def ergodic_distribution(counts: npt.NDArray[Any]) -> Floats:
    """Long-run distribution of a Markov chain.

    Parameters
    ----------
    counts : ndarray, shape (K, K)
        Moves, or probabilities.

    Returns
    -------
    ndarray, shape (K,)
        pi with pi = pi P; NaN when several closed sets of classes make it depend on the start, or a class is never
        observed before a move.

    References
    ----------
    Kemeny and Snell (1976), Finite Markov Chains, theorem 4.1.4.

    Examples
    --------
    >>> ergodic_distribution(np.array([[2, 3], [3, 4]])).round(6).tolist()
    [0.416667, 0.583333]
    """
    moves, size = counts.sum(axis=1), counts.shape[0]
    if (moves == 0).any() or _closed_sets(counts) > 1:
        return np.full(size, np.nan)
    P = counts / moves[:, None]
    system = np.vstack([P.T - np.eye(size), np.ones(size)])
    return np.asarray(np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0])


def _closed_sets(counts: npt.NDArray[Any]) -> int:
    number, group = csgraph.connected_components(counts > 0, connection="strong")
    leaves = {int(group[i]) for i, j in np.argwhere(counts > 0) if group[i] != group[j]}
    return int(number) - len(leaves)


def first_passage_times(counts: npt.NDArray[Any]) -> Floats:
    """Compute the expected steps from each class until each class is first entered.

    Parameters
    ----------
    counts : ndarray, shape (K, K)
        Moves, or probabilities.

    Returns
    -------
    ndarray, shape (K, K)
        Row: from; column: to; the diagonal is the first return. NaN where the chain is not irreducible.

    References
    ----------
    Kemeny and Snell (1976), Finite Markov Chains, theorem 4.4.7.

    Examples
    --------
    >>> first_passage_times(np.array([[1, 1], [1, 1]])).round(9).tolist()
    [[2.0, 2.0], [2.0, 2.0]]
    """
    size = counts.shape[0]
    pi = ergodic_distribution(counts)
    if np.isnan(pi).any() or csgraph.connected_components(counts > 0, connection="strong")[0] > 1:
        return np.full((size, size), np.nan)
    P = counts / counts.sum(axis=1, keepdims=True)
    Z = np.linalg.inv(np.eye(size) - P + pi)
    return np.asarray((np.eye(size) - Z + np.diag(Z)) / pi)


def homogeneity(counts: npt.NDArray[Any]) -> pd.DataFrame:
    """Test whether Markov chains of several groups are one.

    Parameters
    ----------
    counts : ndarray, shape (L, K, K)
        Moves by group.

    Returns
    -------
    DataFrame
        test ("LR", "Q"), statistic, df, pvalue.

    References
    ----------
    Bickenbach and Bode (2003), equations 7 and 9; Anderson and Goodman (1957), section 4.

    Examples
    --------
    >>> homogeneity(np.array([[[2, 2], [2, 2]], [[0, 1], [1, 2]]]))["df"].tolist()
    [2, 2]
    """
    total = counts.sum(axis=0)
    moves, all_moves = counts.sum(axis=2, keepdims=True), total.sum(axis=1, keepdims=True)
    expected = moves * total / np.where(all_moves > 0, all_moves, 1)
    seen = counts > 0
    ratio = np.log(counts[seen] / expected[seen])
    likelihood = 2 * float((counts[seen] * ratio).sum())
    possible = expected > 0
    quadratic = float(((counts - expected)[possible] ** 2 / expected[possible]).sum())
    reached, groups = (total > 0).sum(axis=1), (moves[..., 0] > 0).sum(axis=0)
    df = int((np.maximum(groups - 1, 0) * np.maximum(reached - 1, 0)).sum())
    rows = {"test": ["LR", "Q"], "statistic": [likelihood, quadratic], "df": df}
    return pd.DataFrame(rows).assign(pvalue=lambda table: chi2.sf(table["statistic"], df))
