"""Geary's C, global and local: are neighbours alike."""

from typing import Any, Unpack

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.autocorrelation import permutation
from yrdspatial.autocorrelation.adjustment import Correction
from yrdspatial.autocorrelation.alignment import Year, align
from yrdspatial.autocorrelation.families import Local, Plan
from yrdspatial.autocorrelation.lisa import dealt
from yrdspatial.autocorrelation.moments import WeightSums, geary_variance, kurtosis, normal_pvalues
from yrdspatial.autocorrelation.permutation import Alternative, Floats, Tails, checked, part_of
from yrdspatial.autocorrelation.results import Lisa
from yrdspatial.execution.crews import keeping_workers
from yrdspatial.execution.tasks import Run
from yrdspatial.weights.series import Weights

TIE = 1e-10


@keeping_workers()
def geary(
    data: Any,
    weights: Weights,
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
    **run: Unpack[Run],
) -> pd.DataFrame:
    """Geary's C of each variable and year; z is positive for clustering.

    C = (n - 1) / (2 S0) sum_ij w_ij (y_i - y_j)^2 / (z'z), 1 on average without clustering, smaller with it; so
    z = (1 - C) / sd, and "greater" is the alternative of clustering. ``p_sim`` and ties are those of
    :func:`~yrdspatial.moran`.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by unit or by (unit, year); every column is a variable.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given; a series gives each year its own.
    year : int or iterable of int, optional
        Years to use; by default all.
    permutations : int
        Number of random reassignments.
    seed : int
        Seed of the reassignments.
    alternative : {"two-sided", "greater", "less"}
        Alternative of all three p-values; "greater" is clustering.
    **run
        ``workers=`` (1 works here, a larger number in so many local processes, an address such as
        "tcp://127.0.0.1:8786" on that Dask cluster; the numbers are the same) and ``progress=`` (called with the draws
        done and the draws in all).

    Returns
    -------
    DataFrame
        One row a variable and year: variable, year, C, expected, z_norm, p_norm, z_rand, p_rand, p_sim.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, equations 1.39 to 1.41.

    Examples
    --------
    >>> places = list("abcd")
    >>> path = pd.DataFrame([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], places, places)
    >>> geary(pd.Series([1, 2, 3, 6], places), path, permutations=99, seed=1)["C"].round(7).tolist()
    [0.3928571]
    """
    checked(permutations, alternative)
    found = align(data, weights, year=year)
    numbers = np.empty((4, len(found.variables)))
    groups = list(found.groups())
    for part, (W, columns) in enumerate(groups):
        share = part_of(run, part, len(groups))
        z = found.array[:, columns] - found.array[:, columns].mean(axis=0)
        tails = _tails(z, W, permutations, seed, share)
        numbers[:3, columns] = _moments(z, W)
        numbers[3, columns] = tails.pvalues(alternative)
    C, z_norm, z_rand, p_sim = numbers
    p_norm, p_rand = (normal_pvalues(z, alternative) for z in (z_norm, z_rand))
    return found.frame(
        C=C, expected=1.0, z_norm=z_norm, p_norm=p_norm, z_rand=z_rand, p_rand=p_rand, p_sim=p_sim
    )


def _parts(W: csr_array) -> tuple[csr_array, Floats]:
    # sum_ij w_ij (z_i - z_j)^2 as a quadratic form with a diagonal
    return -2 * W, np.asarray(W.sum(axis=0) + W.sum(axis=1))


def _moments(z: Floats, W: csr_array) -> Floats:
    sums = WeightSums.of(W)
    form, diagonal = _parts(W)
    numerator = (z * (form @ z)).sum(axis=0) + diagonal @ z**2
    C = (sums.n - 1) / (2 * sums.s0) * numerator / (z**2).sum(axis=0)
    spread_norm = np.sqrt(geary_variance(sums))
    return np.stack([C, (1 - C) / spread_norm, (1 - C) / np.sqrt(geary_variance(sums, kurtosis(z)))])


def _tails(z: Floats, W: csr_array, permutations: int, seed: Any, run: Run) -> Tails:
    form, diagonal = _parts(W)
    observed = (z * (form @ z)).sum(axis=0) + diagonal @ z**2
    draws = permutation.permuted_forms(
        z, form, permutations=permutations, seed=seed, diagonal=diagonal, **run
    )
    return permutation.tails(-observed, (-block for block in draws), 4 * TIE * W.sum() * (z**2).max(axis=0))


def local_geary(
    data: Any,
    weights: Weights,
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alpha: float = 0.05,
    correction: Correction = "fdr",
    **run: Unpack[Run],
) -> Lisa:
    """Local Geary of each unit, variable and year, with conditional permutation and corrected clusters.

    C_i = sum_j w_ij (y_i - y_j)^2 / (z'z / (n - 1)), small where neighbours are alike. Permutation, p-values, ties and
    the family of tests are those of :func:`~yrdspatial.local_moran`. A unit more like its neighbours than by chance is
    "HH" or "LL" by its quadrant, "positive" in the other two; one less like them is "negative".

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by unit or by (unit, year); every column is a variable.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given.
    year : int or iterable of int, optional
        Years to use; by default all.
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
        With the statistic in column C; z is positive where neighbours are less alike than by chance.

    References
    ----------
    Anselin (1995), Local indicators of spatial association, equation 21; Anselin (2019), A local indicator of
    multivariate spatial association, section 2.

    Examples
    --------
    >>> places = list("abcd")
    >>> path = pd.DataFrame([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], places, places)
    >>> result = local_geary(pd.Series([1, 2, 3, 6], places), path, permutations=99, seed=1)
    >>> result.table["C"].round(4).tolist()
    [0.2143, 0.4286, 2.1429, 1.9286]
    """
    checked(permutations)
    found, plan = align(data, weights, year=year), Plan(permutations, seed, alpha, correction)
    z = found.array - found.array.mean(axis=0)
    z /= np.sqrt((z**2).sum(axis=0) / (len(found.units) - 1))
    lag, mean, variance, pvalue = dealt(found, z, plan, run, squared=True)
    value = np.empty(z.shape)
    for W, columns in found.groups():
        part, total = z[:, columns], np.asarray(W.sum(axis=1))[:, None]
        value[:, columns] = total * part**2 - 2 * part * (W @ part) + W @ part**2
    local = Local("C", z, lag, value, mean, variance, pvalue, np.zeros(z.shape, dtype=bool))
    return local.tested(found, plan)
