"""Who does the work: local processes, or the workers of a Dask cluster; each knows the function and takes tasks."""

import importlib
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from yrdspatial.errors import ExecutionError, SpecificationError

PATIENCE = 10
"""Seconds until a cluster that does not answer counts as absent."""


@dataclass(frozen=True)
class Outcome:
    """What became of a task: its value, or the error it raised."""

    value: Any = None
    error: BaseException | None = None


@dataclass(frozen=True)
class Crew:
    """Workers that know the function.

    Attributes
    ----------
    submit : callable
        Hands over a task and returns the future of its Outcome.
    window : int
        Tasks under way at once.
    lost : tuple of exception types
        What a future raises when its worker is gone.
    """

    submit: Callable[[Any], "Future[Outcome]"]
    window: int
    lost: tuple[type[BaseException], ...]


def checked_workers(workers: Any) -> int | str:
    """Refuse what names no workers.

    Parameters
    ----------
    workers : int or str
        A number of processes, or the address of a cluster.

    Returns
    -------
    int or str
        The same.

    Raises
    ------
    SpecificationError
        If it is neither.

    Examples
    --------
    >>> checked_workers(2), checked_workers("tcp://127.0.0.1:8786")
    (2, 'tcp://127.0.0.1:8786')
    """
    if isinstance(workers, int) and not isinstance(workers, bool) and workers >= 1:
        return workers
    if isinstance(workers, str) and "://" in workers:
        return workers
    cure = 'give a number of processes, or the address of a Dask cluster such as "tcp://127.0.0.1:8786"'
    raise SpecificationError(f"workers={workers!r} names no workers", cure=cure)


def crew_of(workers: int | str, function: Callable[[Any], Any], tasks: int) -> Any:
    """Find the workers.

    Parameters
    ----------
    workers : int or str
        A number of processes, or the address of a cluster.
    function : callable
        What they do.
    tasks : int
        How often, so that no worker is idle from the start.

    Returns
    -------
    context manager of Crew
        Workers that are dismissed at the end of the block: at once when it ends by an error.
    """
    if isinstance(workers, str):
        return cluster(workers, function)
    return processes(min(workers, tasks), function)


@contextmanager
def processes(count: int, function: Callable[[Any], Any]) -> Iterator[Crew]:
    """Start local processes, each a fresh interpreter, that end when the block does or when this process dies.

    Parameters
    ----------
    count : int
        How many.
    function : callable
        What they do; importable by name.

    Yields
    ------
    Crew
        The processes.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(count, context, _begin, (packed(function, pickle.dumps), here))
    try:
        yield Crew(lambda task: pool.submit(_carry, task), 2 * count, (BrokenExecutor, CancelledError))
    except BaseException:
        there.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        there.close()
        here.close()


@contextmanager
def cluster(address: str, function: Callable[[Any], Any]) -> Iterator[Crew]:
    """Join a Dask cluster.

    Parameters
    ----------
    address : str
        Of its scheduler.
    function : callable
        What its workers do.

    Yields
    ------
    Crew
        Its workers.

    Raises
    ------
    ExecutionError
        If dask is not installed, or the cluster does not answer.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as problem:
        cure = 'pip install "yrdspatial[distributed]"'
        raise ExecutionError("a cluster needs the package distributed", where=address, cure=cure) from problem
    payload = packed(function, importlib.import_module("cloudpickle").dumps)
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as problem:
        cure = "start a scheduler there, or give a number of local processes"
        raise ExecutionError("the cluster does not answer", where=address, cure=cure) from problem
    with client:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")
            known = client.submit(pickle.loads, payload, pure=False)
        executor = client.get_executor(pure=False)
        threads = sum(client.nthreads().values())
        lost = (distributed.scheduler.KilledWorker, CancelledError)
        try:
            yield Crew(lambda task: executor.submit(attempted, known, task), 2 * max(1, threads), lost)
        finally:
            executor.shutdown(wait=False)


def packed(function: Callable[[Any], Any], dumps: Callable[[Any], bytes]) -> bytes:
    """Pack the function and what it holds, once for all tasks.

    Parameters
    ----------
    function : callable
        A function.
    dumps : callable
        Which pickle packs it.

    Returns
    -------
    bytes
        What another process can load.

    Raises
    ------
    SpecificationError
        If it cannot be packed.

    Examples
    --------
    >>> pickle.loads(packed(len, pickle.dumps))("abc")
    3
    """
    try:
        return dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError) as problem:
        cure = "define it at the top level of a module, and what it holds too"
        message = f"the function cannot be sent to other processes ({problem})"
        raise SpecificationError(message, cure=cure) from problem


def attempted(function: Callable[[Any], Any], task: Any) -> Outcome:
    """Do a task; an error becomes an outcome that other processes can read.

    Parameters
    ----------
    function : callable
        What to do.
    task : object
        With what.

    Returns
    -------
    Outcome
        The value or the error.

    Examples
    --------
    >>> attempted(abs, -1).value, type(attempted(abs, "a").error).__name__
    (1, 'TypeError')
    """
    try:
        return Outcome(function(task))
    except Exception as problem:
        return Outcome(error=portable(problem))


def portable(problem: Exception) -> Exception:
    """Make an error that another process can read, with the lines where it happened as a note.

    Parameters
    ----------
    problem : Exception
        An error.

    Returns
    -------
    Exception
        The same, or an ExecutionError that tells it.

    Examples
    --------
    >>> portable(ValueError("negative"))
    ValueError('negative')
    """
    lines = "".join(traceback.format_exception(problem))
    try:
        pickle.loads(pickle.dumps(problem))
    except Exception:
        cure = "let it raise an error that can be pickled"
        problem = ExecutionError(f"a task raised {type(problem).__name__}: {problem}", cure=cure)
    problem.add_note(f"In a worker:\n{lines}")
    return problem


_function: Callable[[Any], Any] | None = None


def _begin(payload: bytes, leash: Connection) -> None:
    # Ctrl-C reaches the whole group of processes: the first of them decides, and its end is the end of all
    global _function  # noqa: PLW0603
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(leash,), daemon=True).start()
    _function = pickle.loads(payload)


def _follow(leash: Connection) -> None:
    try:
        leash.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _carry(task: Any) -> Outcome:
    assert _function is not None
    return attempted(_function, task)
