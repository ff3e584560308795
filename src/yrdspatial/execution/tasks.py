"""The same function over many tasks: one after another, in local processes, or on a Dask cluster."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any, TypeAlias, TypedDict, TypeVar

from yrdspatial.errors import ExecutionError, SpecificationError
from yrdspatial.execution.crews import Crew, Outcome, checked_workers, crew_of

Progress: TypeAlias = Callable[[int, int], None]
Task = TypeVar("Task")
Result = TypeVar("Result")


class Run(TypedDict, total=False):
    """How a heavy function is run, without any effect on its numbers.

    Attributes
    ----------
    workers : int or str
        1 runs it here, a larger number in so many local processes, an address such as "tcp://127.0.0.1:8786" on that
        Dask cluster.
    progress : callable or None
        Called with the steps done and the steps in all.
    """

    workers: int | str
    progress: Progress | None


def checked_run(run: Run) -> None:
    """Refuse options that do not exist, and what names no workers.

    Parameters
    ----------
    run : Run
        The options given.

    Raises
    ------
    SpecificationError
        If there is no such option.

    Examples
    --------
    >>> checked_run({"workers": 2})
    """
    unknown = sorted(set(run) - set(Run.__annotations__))
    if unknown:
        cure = f"options are {', '.join(Run.__annotations__)}"
        raise SpecificationError(f"there is no option {', '.join(unknown)}", cure=cure)
    checked_workers(run.get("workers", 1))


def map_tasks(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    workers: int | str = 1,
    progress: Progress | None = None,
    retries: int = 2,
    name: str = "",
) -> list[Result]:
    """Apply a function to each task; the results are the same whoever does the work, and in the order of the tasks.

    Parameters
    ----------
    function : callable
        Importable by its name (or a ``functools.partial`` of such a function: what it holds is sent once a worker).
    tasks : sequence
        What it is applied to; each can be pickled. A task that needs chance carries its own stream, as of
        :func:`~yrdspatial.execution.seeds.task_seeds`.
    workers : int or str
        1 works here; a larger number in so many local processes; an address such as "tcp://127.0.0.1:8786" on that
        Dask cluster.
    progress : callable, optional
        Called with the tasks done and the tasks in all.
    retries : int
        How often a task whose worker was lost is given to another.
    name : str
        What is being done, for messages.

    Returns
    -------
    list
        One result a task.

    Notes
    -----
    The error of a task is raised as it would be here: the first in the order of the tasks. A `SpecificationError` says
    that ``workers`` names none or that the function cannot be sent; an `ExecutionError` that a cluster does not answer
    or that workers were lost more often than ``retries``.

    Examples
    --------
    >>> map_tasks(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    found = stream_tasks(function, tasks, workers=workers, progress=progress, retries=retries, name=name)
    return list(found)


def stream_tasks(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    workers: int | str = 1,
    progress: Progress | None = None,
    retries: int = 2,
    name: str = "",
) -> Iterator[Result]:
    """Apply a function to each task and give the results in the order of the tasks, each as soon as it can be given.

    Parameters
    ----------
    function, tasks, workers, progress, retries, name
        As of :func:`map_tasks`.

    Yields
    ------
    object
        The result of the next task.

    Examples
    --------
    >>> next(stream_tasks(abs, [-1, 2, -3]))
    1
    """
    waiting: dict[int, Result] = {}
    following = 0
    run = finished_tasks(function, tasks, workers=workers, progress=progress, retries=retries, name=name)
    for place, result in run:
        waiting[place] = result
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def finished_tasks(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    workers: int | str = 1,
    progress: Progress | None = None,
    retries: int = 2,
    name: str = "",
) -> Iterator[tuple[int, Result]]:
    """Apply a function to each task and give the results as they come.

    Parameters
    ----------
    function, tasks, workers, progress, retries, name
        As of :func:`map_tasks`.

    Yields
    ------
    (int, object)
        The number of a task, and its result.

    Examples
    --------
    >>> sorted(finished_tasks(abs, [-1, 2, -3]))
    [(0, 1), (1, 2), (2, 3)]
    """
    crew = checked_workers(workers)
    found = _here(function, tasks) if crew == 1 else _elsewhere(function, tasks, crew, retries, name)
    for done, finished in enumerate(found, 1):
        if progress is not None:
            progress(done, len(tasks))
        yield finished


def _here(function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
    for place, task in enumerate(tasks):
        yield place, function(task)


def _elsewhere(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int | str, retries: int, name: str
) -> Iterator[tuple[int, Result]]:
    left, lost = list(range(len(tasks))), Counter[int]()
    errors: dict[int, BaseException] = {}
    while left:
        finished: set[int] = set()
        with crew_of(workers, function, len(left)) as crew:
            for place, outcome in _outcomes(crew, tasks, left):
                if outcome is None:
                    lost[place] += 1
                    continue
                finished.add(place)
                if outcome.error is not None:
                    errors[place] = outcome.error
                else:
                    yield place, outcome.value
        _refuse(lost, retries, name)
        left = [place for place in left if place not in finished and place < min(errors, default=len(tasks))]
    if errors:
        raise errors[min(errors)]


def _outcomes(
    crew: Crew, tasks: Sequence[Any], places: Sequence[int]
) -> Iterator[tuple[int, Outcome | None]]:
    # a window of tasks under way, in their order; after an error or a loss no further task begins
    ahead, going = iter(places), True
    under_way: dict[Future[Outcome], int] = {}
    while True:
        for place in islice(ahead, crew.window - len(under_way) if going else 0):
            try:
                under_way[crew.submit(tasks[place])] = place
            except crew.lost:
                going = False
                break
        if not under_way:
            return
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            outcome = _outcome(crew, future)
            going = going and outcome is not None and outcome.error is None
            yield under_way.pop(future), outcome


def _outcome(crew: Crew, future: "Future[Outcome]") -> Outcome | None:
    try:
        return future.result()
    except crew.lost:
        return None
    except Exception as problem:
        return Outcome(error=problem)


def _refuse(lost: Counter[int], retries: int, name: str) -> None:
    often = sorted(place for place, times in lost.items() if times > retries)
    if often:
        tasks = ", ".join(str(place) for place in often[:5])
        raise ExecutionError(
            f"the workers of task {tasks} were lost {retries + 1} times",
            where=name,
            cure='give them more memory, or start the script under if __name__ == "__main__"',
        )
