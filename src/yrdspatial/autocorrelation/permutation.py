"""The numeric core of permutation tests: arrays in, counts out; nothing here knows labels.

Every random order is an order of *ranks*: rank r stands for the r-th smallest value of the variable at hand (of the
mirrored variable where the left tail is the longer one). So the draws are shared by all variables and years, and the
counts depend neither on the order of the rows nor on the names of the units, nor on the number of cores.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Unpack

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from yrdspatial.errors import SpecificationError
from yrdspatial.execution.seeds import task_ranges, task_seeds
from yrdspatial.execution.tasks import Run, checked_run, stream_tasks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Alternative = Literal["two-sided", "greater", "less"]

BLOCK = 2**22
"""Numbers held at once: the memory of a block of permutations or units."""

CACHED = 2**16
"""Numbers that stay in a fast cache."""

TASKS = 64
"""Tasks that blocks of permutations are handed out as, at most."""

ROUNDS = 4
"""How far around a unit equal values are told apart."""


@dataclass(frozen=True)
class Tails:
    """How many draws are as large, and how many as small, as the observed statistic.

    Attributes
    ----------
    above, below : ndarray of int
        Draws not smaller and draws not larger than what was observed; ties count in both.
    permutations : int
        Draws in all.
    """

    above: Ints
    below: Ints
    permutations: int

    def pvalues(self, alternative: Alternative = "two-sided") -> Floats:
        """Pseudo p-values from the counts.

        One-sided: (1 + count) / (1 + permutations). Two-sided: twice the smaller of the two, at most 1.

        Parameters
        ----------
        alternative : {"two-sided", "greater", "less"}
            Which tail counts.

        Returns
        -------
        ndarray
            P-values in the shape of the counts.

        Examples
        --------
        >>> tails = Tails(np.array([4, 90]), np.array([95, 9]), 99)
        >>> tails.pvalues().tolist(), tails.pvalues("greater").tolist()
        ([0.1, 0.2], [0.05, 0.91])
        """
        above, below = ((1 + count) / (1 + self.permutations) for count in (self.above, self.below))
        one_sided = {"greater": above, "less": below}
        return (
            one_sided[alternative]
            if alternative in one_sided
            else np.minimum(1.0, 2 * np.minimum(above, below))
        )


def checked(permutations: int, alternative: str = "two-sided") -> None:
    """Refuse a number of permutations or an alternative that does not exist.

    Parameters
    ----------
    permutations : int
        Draws asked for.
    alternative : str
        Tail asked for.

    Raises
    ------
    SpecificationError
        If either is not possible.

    Examples
    --------
    >>> checked(999)
    """
    if permutations < 1:
        raise SpecificationError(
            f"permutations = {permutations}", cure="ask for at least 1, better 999 or 9999"
        )
    if alternative not in {"two-sided", "greater", "less"}:
        cure = 'choose "two-sided", "greater" or "less"'
        raise SpecificationError(f"alternative {alternative!r} does not exist", cure=cure)


def part_of(run: Run, part: int, parts: int) -> Run:
    """Report a part of some work as a part of the whole.

    Parameters
    ----------
    run : Run
        How the whole is run: whom to tell the steps done and the steps in all.
    part, parts : int
        Which part, of how many of the same length.

    Returns
    -------
    Run
        How the part is run.

    Examples
    --------
    >>> told = []
    >>> part_of({"progress": lambda *steps: told.append(steps)}, 1, 4)["progress"](5, 10)
    >>> told
    [(15, 40)]
    """
    checked_run(run)
    whole = run.get("progress")
    if whole is None:
        return run
    return {**run, "progress": lambda done, steps: whole(part * steps + done, parts * steps)}


def floor(permutations: int, alternative: str = "two-sided") -> float:
    """Smallest pseudo p-value that so many permutations can give.

    Parameters
    ----------
    permutations : int
        Number of draws.
    alternative : str
        Tail of the test.

    Returns
    -------
    float
        1 / (permutations + 1), twice that when two-sided.

    Examples
    --------
    >>> floor(999), floor(999, "greater")
    (0.002, 0.001)
    """
    return (2 if alternative == "two-sided" else 1) / (permutations + 1)


def tails(observed: Floats, draws: Iterable[Floats], slack: Any) -> Tails:
    """Count the draws beside what was observed, a block at a time.

    Parameters
    ----------
    observed : ndarray, shape (V,)
        Observed statistics.
    draws : iterable of ndarray, each of shape (block, V)
        Permuted statistics.
    slack : float or ndarray, shape (V,)
        Differences up to this are ties.

    Returns
    -------
    Tails
        Counts of shape (V,).

    Examples
    --------
    >>> tails(np.array([1.0]), [np.array([[0.5], [1.0]]), np.array([[2.0]])], 1e-12)
    Tails(above=array([2]), below=array([2]), permutations=3)
    """
    above, below = np.zeros((2, *observed.shape), np.int64)
    permutations = 0
    for block in draws:
        above += (block >= observed - slack).sum(axis=0)
        below += (block <= observed + slack).sum(axis=0)
        permutations += len(block)
    return Tails(above, below, permutations)


def permuted_forms(
    values: Floats,
    weights: csr_array,
    *,
    permutations: int,
    seed: Any,
    diagonal: Floats | None = None,
    **run: Unpack[Run],
) -> Iterator[Floats]:
    """Draw y'Wy + sum_i d_i y_i^2 under random reassignment of the values to the units.

    Parameters
    ----------
    values : ndarray, shape (N, V)
        One column a variable and year.
    weights : csr_array, shape (N, N)
        Weights, one for all columns.
    permutations : int
        Number of draws P.
    seed : int or SeedSequence
        Seed of the draws.
    diagonal : ndarray, shape (N,), optional
        d; nothing is added without it.
    **run
        ``workers=`` and ``progress=``, which is called with the draws done and the draws in all.

    Returns
    -------
    iterator of ndarray, shape (block, V)
        Draws, a block at a time.

    Examples
    --------
    >>> chain = csr_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=float)
    >>> [block.shape for block in permuted_forms(np.array([[1.0], [0], [-1]]), chain, permutations=4, seed=1)]
    [(4, 1)]
    """
    n, columns = values.shape
    W = weights.toarray() if weights.nnz > n * n / 5 else weights
    places = [canonical_order(values[:, v], weights) for v in range(columns)]
    return _blockwise(partial(_forms, values, W, places, diagonal), n, permutations, seed, run)


def _forms(
    values: Floats, W: Any, places: list[Ints], diagonal: Floats | None, block: tuple[range, Any]
) -> Floats:
    orders = _random_orders(values.shape[0], *block)
    draws = np.empty((orders.shape[1], len(places)))
    for v, order in enumerate(places):
        Z = np.empty(orders.shape)
        Z[order] = values[order, v][orders]
        draws[:, v] = np.einsum("np,np->p", W @ Z, Z)
        if diagonal is not None:
            draws[:, v] += diagonal @ Z**2
    return draws


def permuted_sums(
    coefficients: Floats, values: Floats, *, permutations: int, seed: Any, **run: Unpack[Run]
) -> Iterator[Floats]:
    """Draw sum_i c_i y_i under random reassignment of the values y to the units.

    Parameters
    ----------
    coefficients, values : ndarray, shape (N, V)
        c, which stays in its place, and y.
    permutations : int
        Number of draws P.
    seed : int or SeedSequence
        Seed of the draws.
    **run
        ``workers=`` and ``progress=``, which is called with the draws done and the draws in all.

    Returns
    -------
    iterator of ndarray, shape (block, V)
        Draws, a block at a time.

    Examples
    --------
    >>> next(permuted_sums(np.eye(3)[:, :1], np.arange(3.0)[:, None], permutations=5, seed=1)).shape
    (5, 1)
    """
    n, columns = values.shape
    ranked, placed = np.sort(values, axis=0), np.empty((n, columns))
    for v in range(columns):
        placed[:, v] = coefficients[np.lexsort((coefficients[:, v], values[:, v])), v]
    return _blockwise(partial(_sums, placed, ranked), n, permutations, seed, run)


def _sums(placed: Floats, ranked: Floats, block: tuple[range, Any]) -> Floats:
    orders = _random_orders(ranked.shape[0], *block)
    return np.column_stack([c @ y[orders] for c, y in zip(placed.T, ranked.T, strict=True)])


def _blockwise(draw: Any, n: int, permutations: int, seed: Any, run: Run) -> Iterator[Floats]:
    blocks = _order_seeds(n, permutations, seed, max(16, CACHED // n))
    many = 1 if run.get("workers", 1) == 1 else -(-len(blocks) // TASKS)
    tasks = [blocks[part.start : part.stop] for part in task_ranges(len(blocks), many)]
    told = run.get("progress")
    if told is not None:
        size, tell = many * len(blocks[0][0]), told
        run = {**run, "progress": lambda done, _: tell(min(done * size, permutations), permutations)}
    return stream_tasks(partial(_several, draw), tasks, name="permutations", **run)


def _several(draw: Any, blocks: list[tuple[range, Any]]) -> Floats:
    return np.concatenate([draw(block) for block in blocks])


def permutation_blocks(
    n: int, permutations: int, seed: Any, *, most: int = BLOCK
) -> Iterator[tuple[slice, Ints]]:
    """Random orders of n things, a block at a time; each block has a seed of its own.

    Parameters
    ----------
    n : int
        How many things are ordered.
    permutations : int
        How many orders in all.
    seed : int or SeedSequence
        Seed of the draws.
    most : int
        Permutations held at once, at most.

    Yields
    ------
    rows : slice
        Which permutations these are.
    orders : ndarray of int, shape (n, block)
        One order a column.

    Examples
    --------
    >>> [orders.shape for _, orders in permutation_blocks(3, 5, 1)]
    [(3, 5)]
    """
    for numbers, child in _order_seeds(n, permutations, seed, most):
        yield slice(numbers.start, numbers.stop), _random_orders(n, numbers, child)


def _order_seeds(n: int, permutations: int, seed: Any, most: int) -> list[tuple[range, Any]]:
    blocks = task_ranges(permutations, max(1, min(permutations, BLOCK // n, most)))
    return list(zip(blocks, task_seeds(seed, len(blocks)), strict=True))


def _random_orders(n: int, numbers: range, seed: np.random.SeedSequence) -> Ints:
    base = np.broadcast_to(np.arange(n), (len(numbers), n))
    return np.ascontiguousarray(np.random.default_rng(seed).permuted(base, axis=1).T)


def canonical_order(values: Floats, weights: csr_array) -> npt.NDArray[np.intp]:
    """Order of the units by value, ties by the values around them, and around those: the same whatever the names.

    Parameters
    ----------
    values : ndarray, shape (N,)
        One variable.
    weights : csr_array, shape (N, N)
        Weights.

    Returns
    -------
    ndarray of int, shape (N,)
        Positions, smallest value first.

    Examples
    --------
    >>> chain = csr_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=float)
    >>> canonical_order(np.array([3.0, 1, 2]), chain).tolist()
    [1, 2, 0]
    """
    deviations = values - values.mean()
    mirrored = float((deviations**3).sum()) < 0
    keys, lag = [values], deviations
    for _ in range(ROUNDS):
        lag = weights @ lag
        largest = float(np.abs(lag).max())
        lag = np.round(lag / largest, 9) if largest > 0 else lag
        keys.append(lag)
    return np.lexsort([-key if mirrored else key for key in reversed(keys)])
