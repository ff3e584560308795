"""The G statistics of Getis and Ord, global and local: do high values, or low ones, gather."""

from typing import Any, Unpack

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.autocorrelation import permutation
from yrdspatial.autocorrelation.adjustment import Correction
from yrdspatial.autocorrelation.alignment import Aligned, Year, align
from yrdspatial.autocorrelation.families import Local, Plan, is_zero
from yrdspatial.autocorrelation.lisa import dealt
from yrdspatial.autocorrelation.moments import WeightSums, getis_ord_variance, normal_pvalues
from yrdspatial.autocorrelation.permutation import Alternative, Floats, checked, part_of
from yrdspatial.autocorrelation.results import Lisa
from yrdspatial.errors import SpecificationError
from yrdspatial.execution.crews import keeping_workers
from yrdspatial.execution.tasks import Run
from yrdspatial.weights.series import Weights

TIE = 1e-10


@keeping_workers()
def getis_ord(
    data: Any,
    weights: Weights,
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
    **run: Unpack[Run],
) -> pd.DataFrame:
    """Global G of each variable and year: high values together (z above 0) or low values together (z below 0).

    G = sum_ij w_ij y_i y_j / sum_{i != j} y_i y_j for values that are not negative; binary weights are usual. ``p_sim``
    and ties are those of :func:`~yrdspatial.moran`.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by unit or by (unit, year); every column is a variable without negative values.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given; a series gives each year its own.
    year : int or iterable of int, optional
        Years to use; by default all.
    permutations : int
        Number of random reassignments.
    seed : int
        Seed of the reassignments.
    alternative : {"two-sided", "greater", "less"}
        Alternative of both p-values; "greater": high values gather.
    **run
        ``workers=`` (1 works here, a larger number in so many local processes, an address such as
        "tcp://127.0.0.1:8786" on that Dask cluster; the numbers are the same) and ``progress=`` (called with the draws
        done and the draws in all).

    Returns
    -------
    DataFrame
        One row a variable and year: variable, year, G, expected, z_rand, p_rand (randomization), p_sim.

    References
    ----------
    Getis and Ord (1992), The analysis of spatial association by use of distance statistics, equations 5 and 6.

    Examples
    --------
    >>> places = list("abcd")
    >>> path = pd.DataFrame([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], places, places)
    >>> getis_ord(pd.Series([1, 2, 3, 6], places), path, permutations=99, seed=1)[["G", "expected"]].round(4).to_numpy()
    array([[0.5532, 0.5   ]])
    """
    checked(permutations, alternative)
    found = _natural(align(data, weights, year=year))
    numbers = np.empty((4, len(found.variables)))
    groups = list(found.groups())
    for part, (W, columns) in enumerate(groups):
        share = part_of(run, part, len(groups))
        numbers[:, columns] = _global(found.array[:, columns], W, permutations, seed, alternative, share)
    G, expected, z_rand, p_sim = numbers
    p_rand = normal_pvalues(z_rand, alternative)
    return found.frame(G=G, expected=expected, z_rand=z_rand, p_rand=p_rand, p_sim=p_sim)


def _natural(found: Aligned) -> Aligned:
    negative = np.argwhere(found.array.T < 0)
    if len(negative):
        column, row = negative[0]
        labels = (found.units[int(row)], found.variables[column], found.years[column])
        where = ", ".join(str(label) for label in labels if label is not None)
        cure = "use values with a natural zero, or Moran's I"
        raise SpecificationError("G has no meaning for negative values", where=where, cure=cure)
    return found


def _global(
    y: Floats, W: csr_array, permutations: int, seed: int, alternative: Alternative, run: Run
) -> Floats:
    sums = WeightSums.of(W)
    observed, pairs = (y * (W @ y)).sum(axis=0), y.sum(axis=0) ** 2 - (y**2).sum(axis=0)
    draws = permutation.permuted_forms(y, W, permutations=permutations, seed=seed, **run)
    tails = permutation.tails(observed, draws, TIE * W.sum() * (y**2).max(axis=0))
    G, expected = observed / pairs, np.full(y.shape[1], sums.s0 / (sums.n * (sums.n - 1)))
    z = (G - expected) / np.sqrt(getis_ord_variance(sums, y))
    return np.stack([G, expected, z, tails.pvalues(alternative)])


def local_g(
    data: Any,
    weights: Weights,
    *,
    year: Year = None,
    star: bool = False,
    permutations: int = 9999,
    seed: int,
    alpha: float = 0.05,
    correction: Correction = "fdr",
    **run: Unpack[Run],
) -> Lisa:
    """Local G (or G*, which counts the unit itself) of each unit, variable and year: hot spots and cold spots.

    G_i = sum_j w_ij y_j / sum_{j != i} y_j; G*_i adds unit i to both sums, with the largest weight of its row.
    Conditional permutation, p-values, ties and the family of tests are those of :func:`~yrdspatial.local_moran`; since
    unit i keeps its value, both forms have the same ``p_sim``.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by unit or by (unit, year); every column is a variable without negative values.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given.
    year : int or iterable of int, optional
        Years to use; by default all.
    star : bool
        Whether a unit is among its own neighbours.
    permutations : int
        Random deals.
    seed : int
        Seed of the deals.
    alpha : float
        Level of the clusters.
    correction : {"fdr", "bonferroni", "none"}
        Adjustment over the family.
    **run
        ``workers=`` (1 works here, a larger number in so many local processes, an address such as
        "tcp://127.0.0.1:8786" on that Dask cluster; the numbers are the same) and ``progress=`` (called with the draws
        done and the draws in all).

    Returns
    -------
    Lisa
        With the statistic in column G and clusters "hot" and "cold". For G, expected and z are the moments of
        conditional permutation; for G*, those of Ord and Getis (all units random).

    References
    ----------
    Ord and Getis (1995), Local spatial autocorrelation statistics, equations 3 to 6 and 14.

    Examples
    --------
    >>> places = list("abcd")
    >>> path = pd.DataFrame([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], places, places)
    >>> local_g(pd.Series([1, 2, 3, 6], places), path, permutations=99, seed=1).table["G"].round(4).tolist()
    [0.1818, 0.4, 0.8889, 0.5]
    """
    checked(permutations)
    found, plan = _natural(align(data, weights, year=year)), Plan(permutations, seed, alpha, correction)
    y = found.array
    deviations = y - y.mean(axis=0)
    lag, mean, variance, pvalue = dealt(found, y, plan, run)
    around = np.empty(y.shape)
    for W, columns in found.groups():
        around[:, columns] = W @ deviations[:, columns]
    if star:
        value, expected, spread = _starred(found, lag)
    else:
        others = y.sum(axis=0) - y
        value, expected, spread = lag / others, mean / others, variance / others**2
    local = Local("G", deviations, around, value, expected, spread, pvalue, is_zero(value - expected))
    return local.tested(found, plan)


def _starred(found: Aligned, lag: Floats) -> tuple[Floats, Floats, Floats]:
    y, n = found.array, len(found.units)
    own, total, squares = (np.empty(y.shape) for _ in range(3))
    for W, columns in found.groups():
        self_weight = np.asarray(W.max(axis=1).toarray()).reshape(-1, 1)
        own[:, columns] = self_weight
        total[:, columns] = np.asarray(W.sum(axis=1)).reshape(-1, 1) + self_weight
        squares[:, columns] = np.asarray((W**2).sum(axis=1)).reshape(-1, 1) + self_weight**2
    everyone, spread = y.sum(axis=0), y.var(axis=0)
    value, expected = (lag + own * y) / everyone, total / n + np.zeros(y.shape)
    variance = spread * (n * squares - total**2) / (n - 1) / everyone**2
    return value, expected, variance
