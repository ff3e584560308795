"""Global Moran's I: one call for variables x years, each year under its own weights."""

from typing import Any, Unpack

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.autocorrelation import permutation
from yrdspatial.autocorrelation.alignment import Year, align
from yrdspatial.autocorrelation.moments import WeightSums, kurtosis, moran_variance, normal_pvalues
from yrdspatial.autocorrelation.permutation import Alternative, Floats, Tails, part_of
from yrdspatial.execution.crews import keeping_workers
from yrdspatial.execution.tasks import Run
from yrdspatial.weights.series import Weights

TIE = 1e-10


@keeping_workers()
def moran(
    data: Any,
    weights: Weights,
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
    **run: Unpack[Run],
) -> pd.DataFrame:
    """Moran's I of each variable and year, with analytical and permutation tests.

    I = (n / S0) (z'Wz) / (z'z) with z the deviations from the mean and S0 the sum of the weights; islands count in n.
    ``p_sim`` comes from random reassignments of the values to the units: one-sided it is (1 + c) / (1 + permutations)
    with c the draws at least as extreme; two-sided it is twice the smaller of the two one-sided values, at most 1.
    So ``p_sim`` is never below 1 / (1 + permutations) one-sided, and never below twice that two-sided. Draws closer to
    the observed value than 1e-10 of its scale are ties and count as extreme.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by unit or by (unit, year); every column is a variable. Rows may come in any order.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given; a series gives each year its own.
    year : int or iterable of int, optional
        Years to use; by default all. For data without years, the year of the weights.
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
        One row a variable and year: variable, year, I, expected, z_norm, p_norm (normality), z_rand, p_rand
        (randomization), p_sim (permutation).

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, equations 1.34 to 1.38.

    Examples
    --------
    >>> places = list("abcd")
    >>> chain = pd.DataFrame([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]], places, places)
    >>> row = moran(pd.Series([1, 2, 3, 6], places, name="y"), chain, permutations=99, seed=1).iloc[0]
    >>> row[["I", "z_norm", "p_norm", "z_rand"]].astype(float).round(6).tolist()
    [0.214286, 1.319575, 0.186977, 1.593806]
    """
    permutation.checked(permutations, alternative)
    found = align(data, weights, year=year)
    shape = len(found.variables)
    numbers = {name: np.empty(shape) for name in ("I", "z_norm", "z_rand", "p_sim")}
    groups = list(found.groups())
    for part, (W, columns) in enumerate(groups):
        share = part_of(run, part, len(groups))
        z = found.array[:, columns] - found.array[:, columns].mean(axis=0)
        found_here = _moments(z, W)
        found_here["p_sim"] = _tails(z, W, permutations, seed, share).pvalues(alternative)
        for name, values in found_here.items():
            numbers[name][columns] = values
    z_norm, z_rand = numbers["z_norm"], numbers["z_rand"]
    return found.frame(
        I=numbers["I"],
        expected=-1 / (len(found.units) - 1),
        z_norm=z_norm,
        p_norm=normal_pvalues(z_norm, alternative),
        z_rand=z_rand,
        p_rand=normal_pvalues(z_rand, alternative),
        p_sim=numbers["p_sim"],
    )


def _moments(z: Floats, W: csr_array) -> dict[str, Floats]:
    n, sums = z.shape[0], WeightSums.of(W)
    I = n / sums.s0 * (z * (W @ z)).sum(axis=0) / (z**2).sum(axis=0)
    excess = I + 1 / (n - 1)
    return {
        "I": I,
        "z_norm": excess / np.sqrt(moran_variance(sums)),
        "z_rand": excess / np.sqrt(moran_variance(sums, kurtosis(z))),
    }


def _tails(z: Floats, W: csr_array, permutations: int, seed: Any, run: Run) -> Tails:
    observed = (z * (W @ z)).sum(axis=0)
    draws = permutation.permuted_forms(z, W, permutations=permutations, seed=seed, **run)
    return permutation.tails(observed, draws, TIE * W.sum() * (z**2).max(axis=0))
