"""Effects of origins and destinations taken out of pairs, exactly, whatever the weights of the pairs."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from yrdspatial.models.within import FloatArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Absorbed:
    """Variables net of effects.

    Attributes
    ----------
    residual : ndarray, shape (T, N, N, k)
        Zero where the pair has no weight.
    origin, destination : ndarray, shape (T, N, k)
        The effects; those of destinations sum to zero in each year; zero for units without a weighted pair.
    """

    residual: FloatArray
    origin: FloatArray
    destination: FloatArray


def absorb(values: FloatArray, weights: FloatArray) -> Absorbed:
    """Take origin-by-year and destination-by-year effects out by weighted least squares.

    The two sets of effects are separable by year; destinations are solved for after origins are eliminated, so that a
    year costs one system of N equations.

    Parameters
    ----------
    values : ndarray, shape (T, N, N, k)
        Variables by year, origin and destination, finite everywhere.
    weights : ndarray, shape (T, N, N)
        Zero or more; the pairs with weight have to link all units that have any.

    Returns
    -------
    Absorbed
        Residuals and effects.

    Examples
    --------
    >>> a, b = np.array([1.0, 2.0, 4.0]), np.array([-1.0, 0.0, 1.0])
    >>> found = absorb((a[:, None] + b)[None, :, :, None], 1.0 - np.eye(3)[None])
    >>> bool(np.abs(found.residual).max() < 1e-12), found.origin[0, :, 0].round(12).tolist()
    (True, [1.0, 2.0, 4.0])
    """
    by_origin, by_destination = weights.sum(axis=2), weights.sum(axis=1)
    sums_origin = np.einsum("tij,tijk->tik", weights, values)
    sums_destination = np.einsum("tij,tijk->tjk", weights, values)
    seen = by_destination > 0
    shares = weights / np.where(by_origin > 0, by_origin, 1.0)[:, :, None]
    size = by_destination.sum(axis=1) / np.maximum(seen.sum(axis=1), 1) ** 2
    left = -np.einsum("tij,til->tjl", weights, shares)
    left += size[:, None, None] * seen[:, :, None] * seen[:, None, :]
    diagonal = np.arange(weights.shape[1])
    left[:, diagonal, diagonal] += np.where(seen, by_destination, 1.0)
    destination = np.linalg.solve(left, sums_destination - np.einsum("tij,tik->tjk", shares, sums_origin))
    served = np.where(by_origin > 0, by_origin, 1.0)[:, :, None]
    origin = (sums_origin - np.einsum("tij,tjk->tik", weights, destination)) / served
    fitted = origin[:, :, None] + destination[:, None]
    return Absorbed(np.where((weights > 0)[..., None], values - fitted, 0.0), origin, destination)


def linked(pairs: BoolArray) -> bool:
    """Say whether the pairs of every year link all origins and destinations that have any.

    Parameters
    ----------
    pairs : ndarray of bool, shape (T, N, N)
        Which pairs there are.

    Returns
    -------
    bool
        Effects are then told apart, up to one constant a year.

    Examples
    --------
    >>> linked(np.eye(2, dtype=bool)[None]), linked(np.ones((1, 2, 2), dtype=bool))
    (False, True)
    """
    for year in pairs:
        both = np.block([[np.zeros_like(year), year], [year.T, np.zeros_like(year)]])
        alive = both.any(axis=1)
        count, _ = connected_components(csr_array(both[np.ix_(alive, alive)]), directed=False)
        if count > 1:
            return False
    return True
