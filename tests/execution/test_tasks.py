"""One result whoever does the work: here, two processes, a cluster of two."""

import functools
import itertools
import multiprocessing
import subprocess
import sys

import numpy as np
import pytest
import sample_tasks

from yrdspatial.errors import ExecutionError, GapError, SpecificationError
from yrdspatial.execution.seeds import task_seeds
from yrdspatial.execution.tasks import finished_tasks, map_tasks, stream_tasks


@pytest.fixture(params=["here", "processes", "cluster"])
def workers(request):
    if request.param == "cluster":
        return request.getfixturevalue("cluster").scheduler_address
    return {"here": 1, "processes": 2}[request.param]


def test_the_same_numbers_whoever_draws(workers):
    seeds = task_seeds(11, 12)
    expected = [np.random.default_rng(seed).normal(size=3) for seed in np.random.SeedSequence(11).spawn(12)]
    found = map_tasks(sample_tasks.drawn, seeds, workers=workers)
    assert np.array(found).tobytes() == np.array(expected).tobytes()


def test_results_come_in_the_order_of_the_tasks_and_steps_are_counted(workers):
    steps = []
    found = map_tasks(sample_tasks.late, range(9), workers=workers, progress=lambda *step: steps.append(step))
    assert [number for number, _ in found] == list(range(9))
    assert steps == [(done, 9) for done in range(1, 10)]
    assert len({process for _, process in found}) == (1 if workers == 1 else 2)


def test_what_the_function_holds_goes_with_it(workers):
    offset = np.array([1.5])
    found = map_tasks(functools.partial(sample_tasks.shifted, offset), range(4), workers=workers)
    assert found == [1.5, 2.5, 3.5, 4.5]


def test_the_first_error_in_the_order_of_the_tasks_is_raised(workers):
    seen = []
    with pytest.raises(GapError) as caught:
        seen.extend(stream_tasks(sample_tasks.missing, list(range(40)), workers=workers))
    assert str(caught.value) == "value 3 is missing [Hefei]: add it"
    assert (caught.value.where, caught.value.cure) == ("Hefei", "add it")


def test_what_came_before_an_error_is_given(workers):
    stream = stream_tasks(sample_tasks.missing, list(range(8)), workers=workers)
    assert list(itertools.islice(stream, 3)) == [0, 1, 2]
    with pytest.raises(GapError):
        next(stream)


def test_no_task_begins_after_an_error():
    done = []
    with pytest.raises(GapError):
        done.extend(finished_tasks(sample_tasks.missing, list(range(1000)), workers=2))
    assert max(place for place, _ in done) < 12


def test_no_tasks_have_no_results(workers):
    assert map_tasks(abs, [], workers=workers) == []


@pytest.mark.parametrize("workers", ["processes", "cluster"], indirect=True)
def test_a_killed_worker_changes_nothing(workers, tmp_path):
    tasks = [(str(tmp_path), number) for number in range(12)]
    found = map_tasks(sample_tasks.killed_once, tasks, workers=workers)
    assert (tmp_path / "killed").exists()
    assert found == [np.random.default_rng(number).normal(size=3).tolist() for number in range(12)]


def test_a_task_that_kills_its_worker_each_time_is_given_up():
    with pytest.raises(ExecutionError, match=r"the workers of task .*2.* were lost 2 times \[census\]: give"):
        map_tasks(sample_tasks.killed_always, range(4), workers=2, retries=1, name="census")


@pytest.mark.parametrize("workers", ["processes", "cluster"], indirect=True)
def test_an_error_that_cannot_travel_is_told(workers):
    with pytest.raises(ExecutionError, match="a task raised LockedError: a0"):
        map_tasks(sample_tasks.locked, range(2), workers=workers)


@pytest.mark.parametrize("workers", ["processes"], indirect=True)
def test_a_result_that_cannot_travel_is_an_error_of_the_task(workers):
    with pytest.raises(TypeError, match="lock"):
        map_tasks(sample_tasks.unreadable, range(2), workers=workers)


def test_errors_of_workers_say_where():
    with pytest.raises(GapError) as caught:
        map_tasks(sample_tasks.missing, range(6), workers=2)
    assert "sample_tasks.py" in "".join(caught.value.__notes__)


def test_a_function_without_a_name_is_refused_before_anything_starts():
    before = multiprocessing.active_children()
    with pytest.raises(SpecificationError, match="cannot be sent to other processes"):
        map_tasks(lambda task: task, [1, 2], workers=2)
    assert set(multiprocessing.active_children()) <= set(before)


@pytest.mark.parametrize("workers", [0, -1, 1.0, True, None, "two", "127.0.0.1:8786"])
def test_what_names_no_workers(workers):
    with pytest.raises(SpecificationError, match="names no workers"):
        map_tasks(abs, [1], workers=workers)


def test_a_cluster_that_does_not_answer(monkeypatch):
    monkeypatch.setattr("yrdspatial.execution.crews.PATIENCE", 0.2)
    with pytest.raises(ExecutionError, match=r"the cluster does not answer \[tcp://127.0.0.1:1\]"):
        map_tasks(abs, [1], workers="tcp://127.0.0.1:1")


def test_a_cluster_without_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExecutionError, match=r"pip install .yrdspatial\[distributed\]"):
        map_tasks(abs, [1], workers="tcp://127.0.0.1:8786")


def test_dask_is_imported_for_a_cluster_only():
    code = (
        "import sys; from yrdspatial.execution.tasks import map_tasks; map_tasks(abs, [1, -2], workers=2);"
        "print({'dask', 'distributed', 'pandas', 'scipy', 'rich'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.strip() == "set()"


def test_processes_are_gone_when_a_stream_is_left():
    before = multiprocessing.active_children()
    stream = finished_tasks(sample_tasks.late, range(40), workers=2)
    next(stream)
    assert len(multiprocessing.active_children()) == len(before) + 2
    stream.close()
    assert set(multiprocessing.active_children()) <= set(before)
