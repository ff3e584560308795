"""Loops that numba compiles when it is installed; without it the same counts come from numpy in ``conditional``.

Nothing here imports numba before :func:`compiled` is called. Chunks of units run in threads (the loops hold no lock);
each unit's counts are its own, so the number of cores cannot change them.
"""

import importlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

PARALLEL = 10**6
"""Products of draws and cells from which a loop is worth spreading over the cores."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def sparse_counts(
    first: int, last: int, rows: Any, column: Any, draws: Any, squared: bool, above: Ints, below: Ints
) -> None:
    """Count draws for units ``first`` to ``last`` when one sequence of ranks serves all units.

    Parameters
    ----------
    first, last : int
        Units of this chunk.
    rows : tuple
        start (N + 1,), weight (links,) of :class:`~yrdspatial.autocorrelation.conditional.Links`.
    column : tuple
        values, rank, low, high, each of shape (N,).
    draws : tuple
        gathered (D + 1, B): the values drawn; hit_start (N + 1,), hit_slot, hit_draw: where each rank was drawn.
    squared : bool
        Whether the statistic sums squared differences.
    above, below : ndarray of int, shape (N,)
        Added to in place.

    Examples
    --------
    >>> above, below = np.zeros(2, np.int64), np.zeros(2, np.int64)
    >>> rows = np.array([0, 1, 2]), np.array([1.0, 1.0])
    >>> column = np.array([0.0, 1.0]), np.array([0, 1]), np.array([0.9, 0.0]), np.array([1.1, 0.1])
    >>> draws = np.array([[0.0], [1.0]]), np.array([0, 1, 1]), np.array([0]), np.array([0])
    >>> sparse_counts(0, 2, rows, column, draws, False, above, below)
    >>> above.tolist(), below.tolist()
    ([1, 1], [1, 1])
    """
    start, weight = rows
    values, rank, low, high = column
    gathered, hit_start, hit_slot, hit_draw = draws
    size = gathered.shape[1]
    sums = np.empty(size)
    for i in range(first, last):
        begin, degree, own = start[i], start[i + 1] - start[i], values[i]
        sums[:] = 0.0
        for s in range(degree):
            w = weight[begin + s]
            for p in range(size):
                y = gathered[s, p]
                sums[p] += w * ((y - own) * (y - own) if squared else y)
        for h in range(hit_start[rank[i]], hit_start[rank[i] + 1]):
            if hit_slot[h] < degree:
                total = 0.0
                for s in range(degree):
                    y = gathered[s + (s >= hit_slot[h]), hit_draw[h]]
                    total += weight[begin + s] * ((y - own) * (y - own) if squared else y)
                sums[hit_draw[h]] = total
        least, most, larger, smaller = low[i], high[i], 0, 0
        for p in range(size):
            larger += sums[p] >= least
            smaller += sums[p] <= most
        above[i] += larger
        below[i] += smaller


def dense_counts(
    first: int, last: int, rows: Any, column: Any, draws: Any, squared: bool, above: Ints, below: Ints
) -> None:
    """Count draws for cells ``first`` to ``last`` when each sequence orders the others in full.

    Parameters
    ----------
    first, last : int
        Cells of this chunk; cell c is unit c % M of column c // M.
    rows : tuple
        start (M + 1,), weight (links,) of the M units counted.
    column : tuple
        values, rank, low, high, each of shape (V M,), and ranked (V, N) of all units.
    draws : tuple
        orders (N - 1, B) of the ranks among the others.
    squared : bool
        Whether the statistic sums squared differences.
    above, below : ndarray of int, shape (V M,)
        Added to in place.

    Examples
    --------
    >>> above, below = np.zeros(2, np.int64), np.zeros(2, np.int64)
    >>> rows = np.array([0, 1, 2]), np.array([1.0, 1.0])
    >>> column = np.array([0.0, 1.0]), np.array([0, 1]), np.array([0.9, 0.0]), np.array([1.1, 0.1])
    >>> dense_counts(0, 2, rows, (*column, column[0][None]), (np.array([[0]]),), False, above, below)
    >>> above.tolist(), below.tolist()
    ([1, 1], [1, 1])
    """
    start, weight = rows
    values, rank, low, high, ranked = column
    orders, everyone, units = draws[0], ranked.shape[1], start.size - 1
    size = orders.shape[1]
    sums, others = np.empty(size), np.empty(everyone)
    for c in range(first, last):
        i, v = c % units, c // units
        for r in range(everyone - 1):
            y = ranked[v, r + (r >= rank[c])]
            others[r] = (y - values[c]) * (y - values[c]) if squared else y
        sums[:] = 0.0
        begin, end = start[i], start[i + 1]
        for s in range(0, end - begin - 1, 2):
            w, u = weight[begin + s], weight[begin + s + 1]
            for p in range(size):
                sums[p] += w * others[orders[s, p]] + u * others[orders[s + 1, p]]
        if (end - begin) % 2:
            w = weight[end - 1]
            for p in range(size):
                sums[p] += w * others[orders[end - begin - 1, p]]
        least, most, larger, smaller = low[c], high[c], 0, 0
        for p in range(size):
            larger += sums[p] >= least
            smaller += sums[p] <= most
        above[c] += larger
        below[c] += smaller


@cache
def compiled(name: str) -> Callable[..., None]:
    """Compile one of the loops, or read it from numba's cache on disk.

    Parameters
    ----------
    name : {"sparse_counts", "dense_counts"}
        Which loop.

    Returns
    -------
    callable
        The compiled loop.

    Examples
    --------
    >>> callable(compiled("sparse_counts"))
    True
    """
    numba = importlib.import_module("numba")
    loop: Callable[..., None] = numba.njit(nogil=True, cache=True)(globals()[name])
    return loop


def run(name: str, rows: Any, column: Any, draws: Any, squared: bool) -> tuple[Ints, Ints]:
    """Run a compiled loop over all cells, in chunks on the cores at hand.

    Parameters
    ----------
    name : str
        Which loop.
    rows, column, draws : tuple
        What the loop takes.
    squared : bool
        Whether the statistic sums squared differences.

    Returns
    -------
    above, below : ndarray of int
        The counts of each cell.

    Examples
    --------
    >>> rows = np.array([0, 1, 2]), np.array([1.0, 1.0])
    >>> column = np.array([0.0, 1.0]), np.array([0, 1]), np.array([0.9, 0.0]), np.array([1.1, 0.1])
    >>> above, below = run("dense_counts", rows, (*column, column[0][None]), (np.array([[0]]),), False)
    >>> above.tolist(), below.tolist()
    ([1, 1], [1, 1])
    """
    cells = column[0].size
    above, below = np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    loop = compiled(name)
    parts = min(cells, cores()) if cells * draws[0].shape[1] >= PARALLEL else 1
    cuts = np.linspace(0, cells, parts + 1).astype(int)

    def chunk(first: int, last: int) -> None:
        loop(first, last, rows, column, draws, squared, above, below)

    if parts == 1:
        chunk(0, cells)
    else:
        with ThreadPoolExecutor(parts) as pool:
            list(pool.map(chunk, cuts[:-1], cuts[1:]))
    return above, below


def cores() -> int:
    """Cores that this process may use: one in a worker, whose fellows use the others.

    Returns
    -------
    int
        At least one.

    Examples
    --------
    >>> cores() >= 1
    True
    """
    if multiprocessing.parent_process() is not None:
        return 1
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
