"""Which random numbers a task has: streams by the number of the task, whoever runs it and however many do."""

from typing import Any

import numpy as np

from yrdspatial.errors import SpecificationError


def seeded(seed: Any) -> np.random.SeedSequence:
    """Begin a sequence of random numbers.

    Parameters
    ----------
    seed : int
        A whole number, zero or more.

    Returns
    -------
    SeedSequence
        Of this seed.

    Raises
    ------
    SpecificationError
        If it is no such number.

    Examples
    --------
    >>> seeded("a")
    Traceback (most recent call last):
    yrdspatial.errors.SpecificationError: seed='a' is no seed: give a whole number, zero or more
    """
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not (whole and seed >= 0):
        raise SpecificationError(f"seed={seed!r} is no seed", cure="give a whole number, zero or more")
    return np.random.SeedSequence(int(seed))


def task_seeds(seed: Any, count: int) -> list[np.random.SeedSequence]:
    """Give each task a stream of its own, known by its number alone: stream 7 is the same among 10 tasks or 10,000.

    Parameters
    ----------
    seed : int or SeedSequence
        Seed of the whole work.
    count : int
        Number of tasks.

    Returns
    -------
    list of SeedSequence
        One a task, the children that ``SeedSequence(seed).spawn(count)`` has; a generator is made of each by
        ``numpy.random.default_rng``.

    Examples
    --------
    >>> few, many = task_seeds(5, 2), task_seeds(5, 3)
    >>> few[1].generate_state(1) == many[1].generate_state(1)
    array([ True])
    """
    root = seed if isinstance(seed, np.random.SeedSequence) else seeded(seed)
    return [
        np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, number), pool_size=root.pool_size)
        for number in range(count)
    ]


def task_ranges(count: int, size: int) -> list[range]:
    """Cut work into tasks of a fixed size, so that tasks and their streams do not depend on the number of workers.

    Parameters
    ----------
    count : int
        Draws, units or panels in all.
    size : int
        How many make a task, at least 1; the last task may have fewer.

    Returns
    -------
    list of range
        Their numbers, task by task.

    Examples
    --------
    >>> task_ranges(5, 2)
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    return [range(start, min(start + size, count)) for start in range(0, count, size)]
