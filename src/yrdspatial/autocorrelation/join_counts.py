"""Join counts: are places of the same kind neighbours more often than by chance."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.autocorrelation.alignment import Aligned, Year, align, unwrapped
from yrdspatial.autocorrelation.moments import WeightSums, normal_pvalues
from yrdspatial.autocorrelation.permutation import (
    Alternative,
    Floats,
    canonical_order,
    checked,
    permutation_blocks,
    tails,
)
from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.weights.series import Weights

TIE = 1e-10


def join_counts(
    data: Any,
    weights: Weights,
    *,
    year: Year = None,
    permutations: int = 9999,
    seed: int,
    alternative: Alternative = "two-sided",
) -> pd.DataFrame:
    """Weighted joins between places of each pair of kinds, beside what chance gives.

    J_rs = sum_ij w_ij [i is r and j is s] over both directions, halved; with binary symmetric weights the number of
    borders between r and s. Chance deals the kinds anew with their numbers fixed (nonfree sampling); ``p_sim`` and ties
    are those of :func:`~yrdspatial.moran`. The last row of a year, "different", counts all joins of unlike kinds.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Kind of each unit (bool, text or category), indexed by unit or by (unit, year); every column is a variable.
    weights : Graph, WeightsSeries or DataFrame
        Weights of the same units, used as given.
    year : int or iterable of int, optional
        Years to use; by default all.
    permutations : int
        Number of random reassignments.
    seed : int
        Seed of the reassignments.
    alternative : {"two-sided", "greater", "less"}
        Alternative of both p-values; "greater" with r = s is clustering.

    Returns
    -------
    DataFrame
        One row a year and pair of kinds: variable, year, first, second, joins, expected, z, p_norm, p_sim.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, equations 1.23 to 1.28 and section 1.6.

    Examples
    --------
    >>> places = list("abcd")
    >>> path = pd.DataFrame([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], places, places)
    >>> member = pd.Series([True, True, False, False], places)
    >>> table = join_counts(member, path, permutations=99, seed=1)
    >>> table[["first", "second", "joins", "expected"]].round(4).to_numpy().tolist()[:2]
    [['False', 'False', 1.0, 0.5], ['False', 'True', 1.0, 2.0]]
    """
    checked(permutations, alternative)
    held = unwrapped(data)
    columns = [held[name] for name in held] if isinstance(held, pd.DataFrame) else [held]
    pieces = []
    for column in columns:
        found, kinds = _coded(column, weights, year)
        tests = [_tested(found, k, kinds, permutations, seed, alternative) for k in range(len(found.years))]
        pieces += [found.frame()[k : k + 1].merge(test, how="cross") for k, test in enumerate(tests)]
    return pd.concat(pieces, ignore_index=True)


def _tested(
    found: Aligned, column: int, kinds: list[str], permutations: int, seed: int, alternative: Alternative
) -> pd.DataFrame:
    codes, W = found.array[:, column].astype(int), found.matrices[column]
    counted = _counted(codes, W, len(kinds))
    draws = _draws(codes, W, len(kinds), permutations, seed)
    both = tails(counted.joins, [draws], TIE * W.sum())
    z = (counted.joins - counted.expected) / np.sqrt(np.where(counted.variance > 0, counted.variance, np.nan))
    first, second = _names(kinds)
    rows = {"first": first, "second": second, "joins": counted.joins, "expected": counted.expected, "z": z}
    return pd.DataFrame(rows).assign(p_norm=normal_pvalues(z, alternative), p_sim=both.pvalues(alternative))


def _coded(data: Any, weights: Weights, year: Year) -> tuple[Aligned, list[str]]:
    if not isinstance(data, pd.Series):
        raise SpecificationError("the data have no labels", cure="give a Series or a frame of kinds")
    if data.isna().any():
        where = str(data.index[data.isna()][0])
        raise GapError("a kind is missing", where=where, cure="give every unit a kind")
    codes, kinds = pd.factorize(data.astype(str), sort=True)
    if len(kinds) < 2:
        raise SpecificationError(
            "all units have the same kind", where=str(data.name), cure="join counts need two kinds"
        )
    numbers = pd.Series(codes.astype(float), data.index, name=data.name)
    return align(numbers, weights, year=year, constant=True), [str(kind) for kind in kinds]


def _names(kinds: list[str]) -> tuple[list[str], list[str]]:
    pairs = [(kinds[r], kinds[s]) for r, s in zip(*np.triu_indices(len(kinds)), strict=True)]
    return [r for r, _ in pairs] + ["different"], [s for _, s in pairs] + ["different"]


@dataclass(frozen=True)
class Joins:
    """Joins of each pair of kinds and of all unlike kinds, with their moments under nonfree sampling.

    Attributes
    ----------
    joins, expected, variance : ndarray, shape (K (K + 1) / 2 + 1,)
        Pairs in the order of the upper triangle; the last entry is all unlike pairs.
    """

    joins: Floats
    expected: Floats
    variance: Floats


def _counted(codes: npt.NDArray[np.int64], W: csr_array, kinds: int) -> Joins:
    indicator = np.eye(kinds)[codes]
    table = indicator.T @ (W @ indicator)
    r, s = np.triu_indices(kinds)
    same, sums, n = r == s, WeightSums.of(W), float(codes.size)
    count = indicator.sum(axis=0)
    a, b = count[r], count[s]
    two, three, four = n * (n - 1), n * (n - 1) * (n - 2), n * (n - 1) * (n - 2) * (n - 3)
    apart = sums.s0**2 + sums.s1 - sums.s2
    expected = np.where(same, sums.s0 * a * (a - 1) / 2, sums.s0 * a * b) / two
    pairs = np.where(same, a * (a - 1), 2 * a * b) * sums.s1 / two
    triples = np.where(same, a * (a - 1) * (a - 2), a * b * (a + b - 2)) * (sums.s2 - 2 * sums.s1) / three
    quads = np.where(same, a * (a - 1) * (a - 2) * (a - 3), 4 * a * (a - 1) * b * (b - 1)) * apart / four
    variance = (pairs + triples + quads) / 4 - expected**2
    # unlike joins are all joins less the like ones, whose covariances come from disjoint pairs of units alone
    like = (count * (count - 1))[:, None] * (count * (count - 1)) * apart / four / 4
    like -= np.outer(expected[same], expected[same])
    np.fill_diagonal(like, variance[same])
    joins = np.where(same, table[r, s] / 2, (table[r, s] + table[s, r]) / 2)
    unlike = joins[~same].sum(), expected[~same].sum(), like.sum()
    return Joins(
        *(np.append(part, last) for part, last in zip((joins, expected, variance), unlike, strict=True))
    )


def _draws(codes: npt.NDArray[np.int64], W: csr_array, kinds: int, permutations: int, seed: int) -> Floats:
    order = canonical_order(codes.astype(float), W)
    r, s = np.triu_indices(kinds)
    draws = np.empty((permutations, r.size + 1))
    for rows, orders in permutation_blocks(codes.size, permutations, seed):
        dealt = np.empty(orders.shape, dtype=np.int64)
        dealt[order] = codes[order][orders]
        held = [(dealt == kind).astype(float) for kind in range(kinds)]
        around = [W @ part for part in held]
        for k, (first, second) in enumerate(zip(r, s, strict=True)):
            total = (held[first] * around[second]).sum(axis=0) + (held[second] * around[first]).sum(axis=0)
            draws[rows, k] = total / (4 if first == second else 2)
        draws[rows, -1] = draws[rows, :-1][:, r != s].sum(axis=1)
    return draws
