"""The numeric core of local tests: conditional permutation with draws shared by units, variables and years.

A draw is a sequence of distinct ranks. Unit i skips its own rank (the first rank among equal values) and gives the
ranks that follow to its neighbours, the largest weight first. Where neighbours are few, one sequence of ranks serves
all units (sparse); where they are many, or units are few, the sequence orders the N - 1 others (dense).
"""

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Unpack

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from yrdspatial.autocorrelation import kernels
from yrdspatial.autocorrelation.ordered import Columns, Links
from yrdspatial.autocorrelation.permutation import (
    BLOCK,
    Floats,
    Ints,
    Tails,
    permutation_blocks,
)
from yrdspatial.execution.seeds import task_ranges, task_seeds
from yrdspatial.execution.tasks import Progress, Run, checked_run, map_tasks

FEW = 128
"""Up to so many units the others are ordered in full."""

MANY = 0.25
"""From this share of units as neighbours the others are ordered in full."""

WORTHWHILE = 2 * 10**7
"""Products of draws, links and columns from which the compiled loops pay, when numba is loaded; else ten times that."""

PARTS = 16
"""Parts of the units that workers share; each draws the same sequences and counts for its own units."""


@dataclass(frozen=True)
class Request:
    """How to draw: number of draws, seed, statistic, compiled or not, the others in full or not, ranks in a draw."""

    permutations: int
    seed: int
    squared: bool
    compiled: bool
    dense: bool
    width: int


def local_tails(
    values: Floats,
    weights: csr_array,
    *,
    permutations: int,
    seed: int,
    squared: bool = False,
    compiled: bool | None = None,
    **run: Unpack[Run],
) -> Tails:
    """Conditional permutation of sum_j w_ij g(y_j): unit i keeps its value, the others are dealt anew.

    g(y_j) = y_j, the statistic behind local Moran and Getis-Ord; or (y_i - y_j)^2, local Geary. Two sums count as equal
    when they differ by less than 1e-10 times the sum of the weights times the largest (squared) deviation.

    Parameters
    ----------
    values : ndarray, shape (N, V)
        One column a variable and year.
    weights : csr_array, shape (N, N)
        Weights without diagonal, one for all columns.
    permutations : int
        Number of draws P.
    seed : int
        Seed of the draws.
    squared : bool
        Whether g is the squared difference.
    compiled : bool, optional
        Whether numba's loops count; by default when it is installed and the work is worth it. The counts are the same.
    **run
        ``workers=`` and ``progress=``, which is called with the draws done and the draws in all.

    Returns
    -------
    Tails
        Counts of shape (N, V).

    References
    ----------
    Anselin (1995), Local indicators of spatial association, section 3.

    Examples
    --------
    >>> chain = csr_array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], dtype=float)
    >>> tails = local_tails(np.array([[1.0], [2], [3], [6]]), chain, permutations=99, seed=1)
    >>> tails.above.shape
    (4, 1)
    """
    deviations = values - values.mean(axis=0)
    mirrored = (deviations**3).sum(axis=0) < 0
    scale = np.abs(deviations).max(axis=0)
    scaled = np.where(mirrored, -deviations, deviations) / np.where(scale == 0, 1.0, scale)
    links, columns = Links.of(weights), Columns.of(scaled, weights, squared)
    work = permutations * links.weight.size * values.shape[1]
    use = worthwhile(work) if compiled is None else compiled
    degree, n = int(links.degree.max()), values.shape[0]
    dense = n <= FEW or degree >= MANY * n
    request = Request(permutations, seed, squared, use, dense, degree if dense else degree + 1)
    above, below = _shared(links, columns, request, run)
    if not squared:
        above, below = np.where(mirrored, below, above), np.where(mirrored, above, below)
    return Tails(above, below, permutations)


def _shared(links: Links, columns: Columns, request: Request, run: Run) -> tuple[Ints, Ints]:
    checked_run(run)
    n, tell, many = links.degree.size, run.get("progress"), request.permutations
    if run.get("workers", 1) == 1:
        return _counted(links, columns, request, _told(tell))
    parts = task_ranges(n, -(-n // PARTS))
    if tell is not None:
        run = {**run, "progress": lambda done, steps: tell(many * done // steps, many)}
    counts = map_tasks(partial(_part, links, columns, request), parts, name="deals", **run)
    above, below = np.concatenate(counts, axis=1)
    return above, below


def _told(progress: Progress | None) -> Progress:
    return (lambda *_: None) if progress is None else progress


def _part(links: Links, columns: Columns, request: Request, units: range) -> Ints:
    return np.stack(_counted(links.part(units), columns.part(units), request, _told(None)))


def _counted(links: Links, columns: Columns, request: Request, tell: Progress) -> tuple[Ints, Ints]:
    return (_dense if request.dense else _sparse)(links, columns, request, tell)


def worthwhile(work: int) -> bool:
    """Whether numba is there and so much work pays for loading its compiled loops.

    Parameters
    ----------
    work : int
        Draws times links times columns.

    Returns
    -------
    bool
        Whether to use it.

    Examples
    --------
    >>> worthwhile(1000)
    False
    """
    if "numba" in sys.modules:
        return work >= WORTHWHILE
    return work >= 10 * WORTHWHILE and importlib.util.find_spec("numba") is not None


def sequences(n: int, width: int, permutations: int, seed: int) -> Iterator[Ints]:
    """Random sequences of distinct ranks, a block of permutations at a time.

    Parameters
    ----------
    n : int
        Number of ranks.
    width : int
        Length of a sequence.
    permutations : int
        Number of sequences.
    seed : int
        Seed of the draws.

    Yields
    ------
    ndarray of int, shape (width, block)
        One sequence a column.

    Examples
    --------
    >>> block = next(sequences(1000, 3, 5, seed=1))
    >>> block.shape, len(set(block[:, 0].tolist()))
    ((3, 5), 3)
    """
    if width * width >= 2 * n:
        for _, orders in permutation_blocks(n, permutations, seed):
            yield orders[:width]
        return
    size = min(permutations, max(1, BLOCK // width))
    starts = range(0, permutations, size)
    for start, child in zip(starts, task_seeds(seed, len(starts)), strict=True):
        rng = np.random.default_rng(child)
        yield _distinct(n, width, min(size, permutations - start), rng)


def _distinct(n: int, width: int, size: int, rng: np.random.Generator) -> Ints:
    # the pick among the ranks not yet taken, moved up past each taken rank in turn
    picks, taken = np.empty((width, size), np.int64), np.empty((0, size), np.int64)
    for s in range(width):
        pick = rng.integers(0, n - s, size)
        for earlier in taken:
            pick += pick >= earlier
        picks[s] = pick
        taken = np.sort(np.vstack([taken, pick]), axis=0)
    return picks


def _dense(links: Links, columns: Columns, request: Request, tell: Progress) -> tuple[Ints, Ints]:
    variables, n = columns.ranked.shape
    above, below = np.zeros((2, links.degree.size, variables), np.int64)
    few, done = variables < 8, 0
    looped = request.compiled and (few or links.weight.size < links.degree.size * n / 8)
    for ranks in sequences(n - 1, request.width, request.permutations, request.seed):
        step = ranks.shape[1] if few and not looped else 1024
        for start in range(0, ranks.shape[1], step):
            orders = ranks[:, start : start + step]
            if looped:
                _dense_loops(links, columns, orders, request.squared, above, below)
            elif few:
                _dense_sums(links, columns, orders, request.squared, above, below)
            else:
                _dense_products(links, columns, orders, request.squared, above, below)
            done += orders.shape[1]
            tell(done, request.permutations)
    return above, below


def _dense_loops(
    links: Links, columns: Columns, orders: Ints, squared: bool, above: Ints, below: Ints
) -> None:
    variables, units = columns.values.shape
    places = np.ascontiguousarray(orders, dtype=np.uint16 if columns.ranked.shape[1] <= 2**16 else np.uint32)
    parts = (columns.values, columns.rank, columns.low, columns.high)
    cells = (*(part.ravel() for part in parts), columns.ranked)
    found = kernels.run("dense_counts", (links.start, links.weight), cells, (places,), squared)
    above += found[0].reshape(variables, units).T
    below += found[1].reshape(variables, units).T


def _dense_sums(
    links: Links, columns: Columns, orders: Ints, squared: bool, above: Ints, below: Ints
) -> None:
    for i, degree in enumerate(links.degree):
        weight = links.weight[links.start[i] :][:degree]
        for v, others in enumerate(_others(columns, i, squared)):
            sums = weight @ others[orders[:degree]]
            above[i, v] += np.count_nonzero(sums >= columns.low[v, i])
            below[i, v] += np.count_nonzero(sums <= columns.high[v, i])


def _dense_products(
    links: Links, columns: Columns, orders: Ints, squared: bool, above: Ints, below: Ints
) -> None:
    # the draws of one unit for all variables are one matrix product: others in rank order times weights in drawn order
    for i, degree in enumerate(links.degree):
        dealt = np.zeros((columns.ranked.shape[1] - 1, orders.shape[1]))
        np.put_along_axis(dealt, orders[:degree], links.weight[links.start[i] :][:degree, None], axis=0)
        others = _others(columns, i, squared)
        step = max(1, BLOCK // orders.shape[1])
        for v in range(0, others.shape[0], step):
            some = slice(v, v + step)
            sums = others[some] @ dealt
            above[i, some] += (sums >= columns.low[some, i, None]).sum(axis=1)
            below[i, some] += (sums <= columns.high[some, i, None]).sum(axis=1)


def _others(columns: Columns, unit: int, squared: bool) -> Floats:
    # what the neighbours of a unit can be dealt, in rank order: one row a column, its own value left out
    ranks = np.arange(columns.ranked.shape[1] - 1)
    others = np.take_along_axis(columns.ranked, ranks + (ranks >= columns.rank[:, unit, None]), axis=1)
    return (others - columns.values[:, unit, None]) ** 2 if squared else others


def _sparse(links: Links, columns: Columns, request: Request, tell: Progress) -> tuple[Ints, Ints]:
    variables, n = columns.ranked.shape
    above, below = np.zeros((2, links.degree.size, variables), np.int64)
    done = 0
    for ranks in sequences(n, request.width, request.permutations, request.seed):
        for v in range(variables):
            found = _sparse_column(links, columns[v], ranks, request)
            above[:, v] += found[0]
            below[:, v] += found[1]
            tell(done + ranks.shape[1] * (v + 1) // variables, request.permutations)
        done += ranks.shape[1]
    return above, below


def _sparse_column(links: Links, column: Columns, ranks: Ints, request: Request) -> tuple[Ints, Ints]:
    if links.even and not request.squared:
        return _even_sums(links, column, ranks)
    if not request.compiled:
        return _uneven_sums(links, column, ranks, request.squared)
    hits = ranks[:-1].ravel()
    order = np.argsort(hits, kind="stable")
    begin = np.searchsorted(hits[order], np.arange(column.ranked.size + 1))
    draws = (column.ranked[ranks], begin, *np.divmod(order, ranks.shape[1]))
    sides = (column.values, column.rank, column.low, column.high)
    return kernels.run("sparse_counts", (links.start, links.weight), sides, draws, request.squared)


def _hits(links: Links, column: Columns, ranks: Ints) -> tuple[Ints, Ints, Ints]:
    # unit, slot and draw wherever a unit's own rank was dealt to one of its neighbours
    by_rank, dealt = column.order, ranks[:-1].ravel()
    tied = np.bincount(column.rank, minlength=column.ranked.size)
    first, count = np.cumsum(tied) - tied, tied[dealt]
    place = np.repeat(np.arange(dealt.size), count)
    within = np.arange(place.size) - np.repeat(np.cumsum(count) - count, count)
    unit = by_rank[first[dealt[place]] + within]
    slot, draw = np.divmod(place, ranks.shape[1])
    kept = slot < links.degree[unit]
    return unit[kept], slot[kept], draw[kept]


def _even_sums(links: Links, column: Columns, ranks: Ints) -> tuple[Ints, Ints]:
    # equal weights in a row: running sums of the draws, sorted once a degree, then a binary search a unit
    n, size = column.values.size, ranks.shape[1]
    sums = np.cumsum(column.ranked[ranks], axis=0)
    each = np.where(links.degree > 0, links.total / np.maximum(links.degree, 1), 1.0)
    low, high = column.low / each, column.high / each
    above, below = np.full(n, size), np.full(n, size)
    for degree in np.unique(links.degree[links.degree > 0]):
        units = links.degree == degree
        ordered = np.sort(sums[degree - 1])
        fewer = np.searchsorted(ordered, low[units])
        near = ordered[np.minimum(fewer, size - 1)] <= high[units]
        above[units], below[units] = size - fewer, fewer
        tied = np.flatnonzero(units)[near]
        below[tied] = np.searchsorted(ordered, high[tied], side="right")
    unit, _, draw = _hits(links, column, ranks)
    degree = links.degree[unit]
    old, new = sums[degree - 1, draw], sums[degree, draw] - column.values[unit]
    above += _moved(unit, new >= low[unit], old >= low[unit], n)
    below += _moved(unit, new <= high[unit], old <= high[unit], n)
    return above, below


def _moved(unit: Ints, new: npt.NDArray[np.bool_], old: npt.NDArray[np.bool_], n: int) -> Ints:
    return np.bincount(unit[new], minlength=n) - np.bincount(unit[old], minlength=n)


def _uneven_sums(links: Links, column: Columns, ranks: Ints, squared: bool) -> tuple[Ints, Ints]:
    n, size = column.values.size, ranks.shape[1]
    dealt = column.ranked[ranks]
    above, below = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for rows in _alike(links.degree, size):
        width = int(links.degree[rows].max())
        W, own = links.dense(rows, width), column.values[rows, None]
        sums = W @ dealt[:width]
        if squared:
            sums = W @ dealt[:width] ** 2 - 2 * own * sums + own**2 * links.total[rows, None]
        above[rows] = (sums >= column.low[rows, None]).sum(axis=1)
        below[rows] = (sums <= column.high[rows, None]).sum(axis=1)
    unit, slot, draw = _hits(links, column, ranks)
    step = max(1, BLOCK // ranks.shape[0])
    for start in range(0, unit.size, step):
        part = slice(start, start + step)
        old, new = _own_skipped(links, column, dealt, (unit[part], slot[part], draw[part]), squared)
        u = unit[part]
        above += _moved(u, new >= column.low[u], old >= column.low[u], n)
        below += _moved(u, new <= column.high[u], old <= column.high[u], n)
    return above, below


def _alike(degree: Ints, size: int) -> Iterator[Ints]:
    # units of like degree, as many as fit into a block with their draws and with the weights of the longest row
    order, start = np.argsort(degree, kind="stable"), 0
    while start < degree.size:
        many = min(max(1, BLOCK // size), degree.size - start)
        while many > 1 and many * degree[order[start + many - 1]] > BLOCK:
            many //= 2
        yield order[start : start + many]
        start += many


def _own_skipped(
    links: Links, column: Columns, dealt: Floats, hits: tuple[Ints, Ints, Ints], squared: bool
) -> tuple[Floats, Floats]:
    # the sums of the draws that dealt a unit its own rank: as dealt, and with that rank skipped
    unit, slot, draw = hits
    width = dealt.shape[0] - 1
    W, place = links.dense(unit, width), np.arange(width)
    own = column.values[unit, None]
    both = []
    for source in (np.broadcast_to(place, W.shape), place + (place >= slot[:, None])):
        y = dealt[source, draw[:, None]]
        both.append((W * ((y - own) ** 2 if squared else y)).sum(axis=1))
    return both[0], both[1]
