"""Moran's I pooled over years, for observed variables and for residuals of panel models."""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.autocorrelation.alignment import Aligned, Year, align
from yrdspatial.autocorrelation.moments import WeightSums, kurtosis, moran_variance, normal_pvalues
from yrdspatial.autocorrelation.permutation import (
    Alternative,
    Floats,
    checked,
    part_of,
    permutation_blocks,
    permuted_forms,
    tails,
)
from yrdspatial.errors import SpecificationError
from yrdspatial.execution.crews import keeping_workers
from yrdspatial.execution.seeds import task_seeds
from yrdspatial.execution.tasks import Run
from yrdspatial.weights.series import Weights

TIE = 1e-10


@keeping_workers()
def pooled_moran(
    data: Any,
    weights: Weights,
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
    **run: Unpack[Run],
) -> pd.DataFrame:
    """One Moran's I for all years of a variable: do neighbours of the same year resemble each other.

    I = (N T / S0) sum_t z_t'W_t z_t / sum_t z_t'z_t with z_t the deviations from the mean of year t and S0 the sum of
    all weights. Chance reassigns the values of each year among the units of that year, independently of other years;
    its moments are exact. ``p_sim`` and ties are those of :func:`~yrdspatial.moran`. A variable that persists over time
    makes the years dependent: then use :func:`residual_moran`, which moves whole histories.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by (unit, year); every column is a variable.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given; a series gives each year its own.
    year : int or iterable of int, optional
        Years to use; by default all.
    permutations : int
        Number of random reassignments.
    seed : int
        Seed of the reassignments.
    alternative : {"two-sided", "greater", "less"}
        Alternative of both p-values; "greater" is clustering.
    **run
        ``workers=`` (1 works here, a larger number in so many local processes, an address such as
        "tcp://127.0.0.1:8786" on that Dask cluster; the numbers are the same) and ``progress=`` (called with the draws
        done and the draws in all).

    Returns
    -------
    DataFrame
        One row a variable: variable, years (how many), I, expected, z_rand, p_rand, p_sim.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, equation 1.38, applied to each year.

    Examples
    --------
    >>> places = list("abcd")
    >>> path = pd.DataFrame([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], places, places)
    >>> panel = pd.Series([1.0, 2, 2, 3, 3, 9, 6, 4], pd.MultiIndex.from_product([places, [2005, 2006]]), name="x")
    >>> pooled_moran(panel, path, permutations=99, seed=1)[["years", "I", "expected"]].round(4).to_numpy().tolist()
    [[2.0, -0.1008, -0.3333]]
    """
    checked(permutations, alternative)
    found = align(data, weights, year=year)
    rows = []
    variables = tuple(dict.fromkeys(found.variables))
    for part, variable in enumerate(variables):
        share = part_of(run, part, len(variables))
        columns = found.column(variable)
        z = found.array[:, columns] - found.array[:, columns].mean(axis=0)
        matrices = [found.matrices[k] for k in columns]
        found_here = _within_years(z, matrices, permutations, seed, alternative, share)
        rows.append(found_here | {"variable": variable})
    order = ["variable", "years", "I", "expected", "z_rand", "p_rand", "p_sim"]
    return pd.DataFrame(rows)[order]


def _within_years(
    z: Floats,
    matrices: Sequence[csr_array],
    permutations: int,
    seed: int,
    alternative: Alternative,
    run: Run,
) -> dict[str, Any]:
    n, square = z.shape[0], (z**2).sum(axis=0)
    sums = [WeightSums.of(W) for W in matrices]
    scale = z.size / sum(part.s0 for part in sums) / square.sum()
    weight = np.array([part.s0 for part in sums]) * square / n * scale
    forms = np.array([z[:, t] @ (W @ z[:, t]) for t, W in enumerate(matrices)])
    draws = np.zeros(permutations)
    for t, child in enumerate(task_seeds(seed, len(matrices))):
        share = part_of(run, t, len(matrices))
        blocks = permuted_forms(z[:, [t]], matrices[t], permutations=permutations, seed=child, **share)
        draws += np.concatenate(list(blocks))[:, 0]
    slack = TIE * sum(part.s0 for part in sums) * (z**2).max()
    both = tails(forms.sum()[None], [draws[:, None]], slack)
    variance = np.array([moran_variance(part, kurtosis(z[:, [t]]))[0] for t, part in enumerate(sums)])
    I, expected = scale * forms.sum(), float(-weight.sum() / (n - 1))
    score = np.array([(I - expected) / np.sqrt((weight**2 * variance).sum())])
    p_rand, p_sim = normal_pvalues(score, alternative)[0], both.pvalues(alternative)[0]
    return {
        "years": len(matrices),
        "I": I,
        "expected": expected,
        "z_rand": score[0],
        "p_rand": p_rand,
        "p_sim": p_sim,
    }


def residual_moran(
    residuals: Any,
    weights: Weights,
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
) -> pd.DataFrame:
    """Moran's I of the residuals of a panel model, pooled over years.

    I = (N T / S0) sum_t e_t'W_t e_t / sum_t e_t'e_t. Residuals after unit or year effects sum to zero and are not
    independent, so each draw moves whole histories: the same random reassignment of the units in every year. That keeps
    the sums over units and over years, and any dependence over time; it is exact when units are exchangeable up to the
    regressors. Moments come from the draws.

    Parameters
    ----------
    residuals : Series or DataFrame
        Indexed by (unit, year), as ``results.resids``.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given; a series gives each year its own.
    year : int or iterable of int, optional
        Years to use; by default all.
    permutations : int
        Number of random reassignments.
    seed : int
        Seed of the reassignments.
    alternative : {"two-sided", "greater", "less"}
        Alternative of both p-values.

    Returns
    -------
    DataFrame
        One row a column: variable, years (how many), I, expected and z_sim (mean and deviation of the draws), p_z,
        p_sim.

    Raises
    ------
    SpecificationError
        If there are fewer than 100 permutations: moments need them.

    Examples
    --------
    >>> places = list("abcde")
    >>> ring = pd.DataFrame(np.roll(np.eye(5), 1, axis=1), places, places)
    >>> index = pd.MultiIndex.from_product([places, [2005, 2006]])
    >>> e = pd.Series([1.0, -1, 2, -2, 0, 0, -2, 2, -1, 1], index, name="resids")
    >>> residual_moran(e, ring, permutations=999, seed=1)["I"].round(4).tolist()
    [0.3]
    """
    checked(permutations, alternative)
    if permutations < 100:
        raise SpecificationError(f"permutations = {permutations}", cure="ask for at least 100")
    found = align(residuals, weights, year=year)
    rows = []
    for variable in dict.fromkeys(found.variables):
        columns = found.column(variable)
        I, draws = _histories(found, columns, permutations, seed)
        both = tails(np.array([I]), [draws[:, None]], TIE * max(1.0, abs(I)))
        score = (I - draws.mean()) / draws.std(ddof=1)
        p_z, p_sim = normal_pvalues(np.array([score]), alternative)[0], both.pvalues(alternative)[0]
        names = {"variable": variable, "years": columns.size, "I": I, "expected": draws.mean()}
        rows.append(names | {"z_sim": score, "p_z": p_z, "p_sim": p_sim})
    return pd.DataFrame(rows)


def _histories(found: Aligned, columns: Any, permutations: int, seed: int) -> tuple[float, Floats]:
    E, matrices = found.array[:, columns], [found.matrices[k] for k in columns]
    scale = E.size / sum(W.sum() for W in matrices) / (E**2).sum()
    order = np.lexsort(E.T[::-1])
    draws = np.zeros(permutations)
    for rows, orders in permutation_blocks(E.shape[0], permutations, seed):
        for t, W in enumerate(matrices):
            Z = np.empty(orders.shape)
            Z[order] = E[order, t][orders]
            draws[rows] += np.einsum("np,np->p", W @ Z, Z)
    observed = sum(E[:, t] @ (W @ E[:, t]) for t, W in enumerate(matrices))
    return float(scale * observed), scale * draws
