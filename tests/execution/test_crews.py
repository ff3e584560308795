"""Local processes: kept within a block, gone after it, never kept when broken."""

import multiprocessing
import pickle

import pytest
import sample_tasks

from yrdspatial.errors import ExecutionError, GapError, SpecificationError
from yrdspatial.execution.crews import Pool, attempted, keeping_workers, packed, portable
from yrdspatial.execution.tasks import map_tasks


def pids():
    return {process for _, process in map_tasks(sample_tasks.late, range(6), workers=2)}


def test_processes_are_kept_within_a_block_and_gone_after_it():
    before = multiprocessing.active_children()
    with keeping_workers():
        first = pids()
        with keeping_workers():
            assert pids() == first
        assert pids() == first
        assert map_tasks(abs, [-1, -2], workers=2) == [1, 2]
    assert set(multiprocessing.active_children()) <= set(before)
    assert not pids() & first


def test_a_function_may_keep_them_too():
    @keeping_workers()
    def twice():
        return pids(), pids()

    first, second = twice()
    assert first == second
    assert not first & twice()[0]


def test_a_broken_pool_is_not_kept(tmp_path):
    with keeping_workers():
        first = pids()
        tasks = [(str(tmp_path), number) for number in range(8)]
        map_tasks(sample_tasks.killed_once, tasks, workers=2)
        assert not pids() & first
        with pytest.raises(ExecutionError):
            map_tasks(sample_tasks.killed_always, range(4), workers=2, retries=0)
        assert len(pids()) == 2


def test_an_error_of_a_task_costs_no_worker():
    with keeping_workers():
        first = pids()
        with pytest.raises(GapError):
            map_tasks(sample_tasks.missing, range(6), workers=2)
        assert pids() == first


def test_a_pool_knows_whether_it_is_sound():
    pool = Pool.start(1)
    assert pool.sound()
    pool.end(at_once=True)
    with pytest.raises(RuntimeError):
        pool.executor.submit(len, "")


def test_an_error_that_can_travel_travels_as_it_is():
    error = GapError("a", where="b", cure="c")
    assert portable(error) is error
    told = portable(sample_tasks.LockedError("x1"))
    assert (type(told), told.what) == (ExecutionError, "a task raised LockedError: x1")
    assert attempted(sample_tasks.missing, 5).error.where == "Hefei"


def test_functions_are_packed_whole_or_refused():
    assert pickle.loads(packed(sample_tasks.drawn, pickle.dumps)) is sample_tasks.drawn
    with pytest.raises(SpecificationError, match="cannot be sent"):
        packed(lambda: None, pickle.dumps)
