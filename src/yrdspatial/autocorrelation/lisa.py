"""Local Moran's I: who is part of a cluster, and of which kind."""

from typing import Any, Unpack

import numpy as np

from yrdspatial.autocorrelation.adjustment import Correction
from yrdspatial.autocorrelation.alignment import Aligned, Year, align
from yrdspatial.autocorrelation.conditional import local_tails
from yrdspatial.autocorrelation.families import Local, Plan, is_zero
from yrdspatial.autocorrelation.moments import dealt_moments, squared_moments
from yrdspatial.autocorrelation.permutation import Floats, checked, part_of
from yrdspatial.autocorrelation.results import Lisa
from yrdspatial.execution.crews import keeping_workers
from yrdspatial.execution.tasks import Run
from yrdspatial.weights.series import Weights


def local_moran(
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
    """Local Moran's I of each unit, variable and year, with conditional permutation and corrected clusters.

    I_i = z_i sum_j w_ij z_j / (z'z / (n - 1)), as in GeoDa and PySAL (the form with z'z / n is n / (n - 1) times as
    large). Unit i keeps its value and the values of the others are dealt at random. ``p_sim`` is two-sided: twice the
    smaller of (1 + draws not smaller) and (1 + draws not larger) over 1 + permutations, at most 1; one tail alone
    cannot go below 1 / (1 + permutations), so ``p_sim`` cannot go below twice that. Draws closer than 1e-10 of the
    scale are ties and count on both sides. All units, variables and years of the call are one family of tests.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by unit or by (unit, year); every column is a variable. Rows may come in any order.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given; a series gives each year its own.
    year : int or iterable of int, optional
        Years to use; by default all. For data without years, the year of the weights.
    permutations : int
        Random deals; a family of m tests needs about 40 m to find a single cluster at 0.05.
    seed : int
        Seed of the deals, which all units, variables and years share.
    alpha : float
        Level of the clusters.
    correction : {"fdr", "bonferroni", "none"}
        Benjamini-Hochberg, Bonferroni, or none, over the family.
    **run
        ``workers=`` (1 works here, a larger number in so many local processes, an address such as
        "tcp://127.0.0.1:8786" on that Dask cluster; the numbers are the same) and ``progress=`` (called with the draws
        done and the draws in all).

    Returns
    -------
    Lisa
        Table, clusters, transitions, summary. An island, and a unit whose own deviation or lag is exactly zero, is
        "not significant" and flagged.

    References
    ----------
    Anselin (1995), Local indicators of spatial association, equation 12. Benjamini and Hochberg (1995), Controlling
    the false discovery rate, equation 1.

    Examples
    --------
    >>> import pandas as pd
    >>> places = list("abcd")
    >>> chain = pd.DataFrame([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]], places, places)
    >>> result = local_moran(pd.Series([1, 2, 3, 6], places, name="y"), chain, permutations=99, seed=1)
    >>> result.table["I"].round(7).tolist(), result.table["flag"].tolist()
    ([0.4285714, 0.2142857, 0.0, 0.0], ['', '', 'zero', 'zero'])
    """
    checked(permutations)
    found = align(data, weights, year=year)
    z = found.array - found.array.mean(axis=0)
    return crossed(found, z, z, Plan(permutations, seed, alpha, correction), run)


def crossed(found: Aligned, x: Floats, z: Floats, plan: Plan, run: Run) -> Lisa:
    """Test x_i sum_j w_ij z_j over the geometric mean of both variances: local Moran when x is z, else bivariate.

    Parameters
    ----------
    found : Aligned
        Labels and weights.
    x, z : ndarray, shape (N, V)
        Own deviations, and the deviations that are lagged and dealt.
    plan : Plan
        Draws, seed, level, correction.
    run : Run
        By which workers, and whom to tell the draws done and the draws in all.

    Returns
    -------
    Lisa
        The result.
    """
    lag, mean, variance, pvalue = dealt(found, z, plan, run)
    factor = x * (len(found.units) - 1) / np.sqrt((x**2).sum(axis=0) * (z**2).sum(axis=0))
    moments = (factor * lag, factor * mean, factor**2 * variance)
    local = Local("I", x, lag, *moments, pvalue, is_zero(x) | is_zero(lag))
    return local.tested(found, plan)


@keeping_workers()
def dealt(
    found: Aligned, z: Floats, plan: Plan, run: Run, *, squared: bool = False
) -> tuple[Floats, Floats, Floats, Floats]:
    """Deal the values of the others, year by year under the weights of the year.

    Parameters
    ----------
    found : Aligned
        Labels and weights.
    z : ndarray, shape (N, V)
        Deviations that are dealt.
    plan : Plan
        Draws, seed, level, correction.
    run : Run
        By which workers, and whom to tell the draws done and the draws in all.
    squared : bool
        Whether the statistic is sum_j w_ij (z_i - z_j)^2 rather than sum_j w_ij z_j.

    Returns
    -------
    lag, mean, variance, pvalue : ndarray, shape (N, V)
        sum_j w_ij z_j; the moments of the statistic; its two-sided pseudo p-value.
    """
    parts = np.empty((4, *z.shape))
    groups = list(found.groups())
    for number, (W, columns) in enumerate(groups):
        part, share = z[:, columns], part_of(run, number, len(groups))
        tails = local_tails(part, W, permutations=plan.permutations, seed=plan.seed, squared=squared, **share)
        moments = squared_moments(part, W) if squared else dealt_moments(part, W)
        for row, values in zip(parts, (W @ part, *moments, tails.pvalues()), strict=True):
            row[:, columns] = values
    return parts[0], parts[1], parts[2], parts[3]
