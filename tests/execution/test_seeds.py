"""Streams by number."""

import numpy as np
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.execution.seeds import seeded, task_ranges, task_seeds


def states(seeds):
    return [seed.generate_state(4).tolist() for seed in seeds]


@pytest.mark.parametrize(
    "root", [7, np.random.SeedSequence(7, spawn_key=(2,)), np.random.SeedSequence(1, pool_size=8)]
)
def test_streams_are_the_children_that_numpy_spawns(root):
    fresh = (
        np.random.SeedSequence(root)
        if isinstance(root, int)
        else np.random.SeedSequence(root.entropy, spawn_key=root.spawn_key, pool_size=root.pool_size)
    )
    assert states(task_seeds(root, 6)) == states(fresh.spawn(6))


def test_a_stream_depends_on_its_number_alone_and_asking_twice_changes_nothing():
    root = np.random.SeedSequence(3)
    first = states(task_seeds(root, 5))
    assert states(task_seeds(root, 9))[:5] == first
    assert len({tuple(state) for state in first}) == 5


@pytest.mark.parametrize(("count", "size"), [(0, 3), (1, 3), (3, 3), (10, 3), (5, 1)])
def test_ranges_cover_the_work_once(count, size):
    ranges = task_ranges(count, size)
    assert [number for part in ranges for number in part] == list(range(count))
    assert all(len(part) == size for part in ranges[:-1])


@pytest.mark.parametrize("seed", [-1, 1.5, None, True, "7"])
def test_what_is_no_seed(seed):
    with pytest.raises(SpecificationError, match="is no seed"):
        task_seeds(seed, 2)
    with pytest.raises(SpecificationError, match="is no seed"):
        seeded(seed)


def test_a_whole_number_of_numpy_is_a_seed():
    assert states([seeded(np.int64(4))]) == states([np.random.SeedSequence(4)])
