"""Bivariate Moran's I, global and local: one variable here, another among the neighbours."""

from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import pandas as pd

from yrdspatial.autocorrelation import permutation
from yrdspatial.autocorrelation.adjustment import Correction
from yrdspatial.autocorrelation.alignment import Aligned, Year, align, unwrapped
from yrdspatial.autocorrelation.families import Plan
from yrdspatial.autocorrelation.lisa import crossed
from yrdspatial.autocorrelation.moments import normal_pvalues
from yrdspatial.autocorrelation.permutation import Alternative, Floats, checked
from yrdspatial.autocorrelation.results import Lisa
from yrdspatial.errors import SpecificationError
from yrdspatial.execution.crews import keeping_workers
from yrdspatial.execution.tasks import Run
from yrdspatial.weights.series import Weights

TIE = 1e-10


@keeping_workers()
def bivariate_moran(
    data: Any,
    weights: Weights,
    pair: tuple[str, str],
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
    **run: Unpack[Run],
) -> pd.DataFrame:
    """Moran's I between x of a unit and y of its neighbours, by year; it says nothing about cause.

    I = (n / S0) sum_i x_i sum_j w_ij y_j / sqrt(x'x y'y), in deviations from the mean. The values of y are reassigned
    at random while x stays; the moments under this reassignment are exact. ``p_sim`` and ties are those of
    :func:`~yrdspatial.moran`. I also reflects the correlation of x and y in the same unit.

    Parameters
    ----------
    data : DataFrame or Panel
        Indexed by unit or by (unit, year).
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given.
    pair : (str, str)
        Columns x and y.
    year : int or iterable of int, optional
        Years to use; by default all.
    permutations : int
        Number of random reassignments.
    seed : int
        Seed of the reassignments.
    alternative : {"two-sided", "greater", "less"}
        Alternative of both p-values.
    **run
        ``workers=`` (1 works here, a larger number in so many local processes, an address such as
        "tcp://127.0.0.1:8786" on that Dask cluster; the numbers are the same) and ``progress=`` (called with the draws
        done and the draws in all).

    Returns
    -------
    DataFrame
        One row a year: variable ("x ~ W_y"), year, I, expected (0), z_rand, p_rand, p_sim.

    References
    ----------
    Wartenberg (1985), Multivariate spatial correlation; Anselin, Syabri and Smirnov (2002), section 3.

    Examples
    --------
    >>> places = list("abcd")
    >>> path = pd.DataFrame([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], places, places)
    >>> data = pd.DataFrame({"x": [1, 2, 3, 6], "y": [2, 1, 4, 5]}, places)
    >>> bivariate_moran(data, path, ("x", "y"), permutations=99, seed=1)[["variable", "I"]].round(4).to_numpy().tolist()
    [['x ~ W_y', 0.3944]]
    """
    checked(permutations, alternative)
    found, x, y = _paired(data, weights, pair, year)
    numbers = np.empty((3, len(found.variables)))
    groups = list(found.groups())
    for part, (W, columns) in enumerate(groups):
        around, dealt = W.T @ x[:, columns], y[:, columns]
        scale = (
            len(found.units) / W.sum() / np.sqrt((x[:, columns] ** 2).sum(axis=0) * (dealt**2).sum(axis=0))
        )
        observed = (around * dealt).sum(axis=0)
        share = permutation.part_of(run, part, len(groups))
        draws = permutation.permuted_sums(around, dealt, permutations=permutations, seed=seed, **share)
        slack = TIE * np.abs(around).sum(axis=0) * np.abs(dealt).max(axis=0)
        tails = permutation.tails(observed, draws, slack)
        n = len(found.units)
        spread = np.sqrt(n * around.var(axis=0) * n * dealt.var(axis=0) / (n - 1))
        numbers[:, columns] = scale * observed, observed / spread, tails.pvalues(alternative)
    I, z_rand, p_sim = numbers
    p_rand = normal_pvalues(z_rand, alternative)
    return found.frame(I=I, expected=0.0, z_rand=z_rand, p_rand=p_rand, p_sim=p_sim)


def local_bivariate_moran(
    data: Any,
    weights: Weights,
    pair: tuple[str, str],
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alpha: float = 0.05,
    correction: Correction = "fdr",
    **run: Unpack[Run],
) -> Lisa:
    """Local bivariate Moran's I: x of a unit beside y of its neighbours, with corrected clusters.

    I_i = (n - 1) x_i sum_j w_ij y_j / sqrt(x'x y'y), in deviations from the mean. The values of y of the other units
    are dealt at random. P-values, ties, family and clusters are those of :func:`~yrdspatial.local_moran`; the first
    letter of a quadrant is x of the unit, the second y of the neighbours.

    Parameters
    ----------
    data : DataFrame or Panel
        Indexed by unit or by (unit, year).
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given.
    pair : (str, str)
        Columns x and y.
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
        With variable "x ~ W_y".

    References
    ----------
    Anselin, Syabri and Smirnov (2002), Visualizing multivariate spatial correlation with dynamically linked windows.

    Examples
    --------
    >>> places = list("abcd")
    >>> path = pd.DataFrame([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], places, places)
    >>> data = pd.DataFrame({"x": [1, 2, 3, 6], "y": [2, 1, 4, 5]}, places)
    >>> local_bivariate_moran(data, path, ("x", "y"), permutations=99, seed=1).table["quadrant"].tolist()
    ['LL', 'LL', 'LL', 'HH']
    """
    checked(permutations)
    found, x, y = _paired(data, weights, pair, year)
    return crossed(found, x, y, Plan(permutations, seed, alpha, correction), run)


def _paired(data: Any, weights: Weights, pair: tuple[str, str], year: Year) -> tuple[Aligned, Floats, Floats]:
    table = unwrapped(data)
    if not isinstance(table, pd.DataFrame):
        raise SpecificationError(
            "two columns are needed", where=type(table).__name__, cure="give a DataFrame"
        )
    absent = [name for name in pair if name not in table]
    if absent or len(pair) != 2:
        have = ", ".join(str(name) for name in table)
        raise SpecificationError(
            "two columns are needed", where=", ".join(absent), cure=f"choose from {have}"
        )
    found = align(table[list(dict.fromkeys(pair))], weights, year=year)
    first, second = found.column(pair[0]), found.column(pair[1])
    z = found.array - found.array.mean(axis=0)
    names = (f"{pair[0]} ~ W_{pair[1]}",) * first.size
    years, matrices = (tuple(part[k] for k in first) for part in (found.years, found.matrices))
    kept = replace(found, variables=names, years=years, array=found.array[:, first], matrices=matrices)
    return kept, z[:, first], z[:, second]
