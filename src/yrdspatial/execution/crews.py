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
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from yrdspatial.errors import ExecutionError, SpecificationError

PATIENCE = 10
"""Seconds until a cluster that does not answer counts as absent."""

LOST = (BrokenExecutor, CancelledError)
"""What is raised when a worker is gone."""


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


@dataclass(frozen=True)
class Pool:
    """Local processes, and the leash that they follow: they end when it is dropped, or this process is gone.

    Attributes
    ----------
    executor : ProcessPoolExecutor
        The processes.
    leash : Connection
        The end that is held here.
    """

    executor: ProcessPoolExecutor
    leash: Connection

    @classmethod
    def start(cls, count: int) -> "Pool":
        """Start processes, each a fresh interpreter.

        Parameters
        ----------
        count : int
            How many.

        Returns
        -------
        Pool
            The processes; they start with the first tasks.
        """
        context = multiprocessing.get_context("spawn")
        there, here = context.Pipe(duplex=False)
        return cls(ProcessPoolExecutor(count, context, _begin, (there,)), here)

    def sound(self) -> bool:
        """Say whether no process was lost.

        Returns
        -------
        bool
            False when the next task would be lost too.
        """
        try:
            return self.executor.submit(len, "").result() == 0
        except BrokenExecutor:
            return False

    def end(self, *, at_once: bool = False) -> None:
        """End the processes.

        Parameters
        ----------
        at_once : bool
            Whether in the middle of their tasks.
        """
        if at_once:
            self.leash.close()
        self.executor.shutdown(cancel_futures=True)
        self.leash.close()


_kept: ContextVar[dict[int, Pool] | None] = ContextVar("kept", default=None)


@contextmanager
def keeping_workers() -> Iterator[None]:
    """Keep local processes from one use to the next, until the block (or the function it decorates) ends.

    Yields
    ------
    None
        Within a block that keeps them already this does nothing.

    Examples
    --------
    >>> with keeping_workers():
    ...     pass
    """
    if _kept.get() is not None:
        yield
        return
    pools: dict[int, Pool] = {}
    token = _kept.set(pools)
    try:
        yield
    finally:
        _kept.reset(token)
        for pool in pools.values():
            pool.end()


@contextmanager
def processes(count: int, function: Callable[[Any], Any]) -> Iterator[Crew]:
    """Find local processes: those kept, or new ones.

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
    payload, kept = packed(function, pickle.dumps), _kept.get()
    pool = (kept or {}).pop(count, None) or Pool.start(count)
    try:
        with TemporaryDirectory(prefix="yrd-") as folder:
            path = Path(folder) / "function"
            path.write_bytes(payload)
            place, window = str(path), 2 * count
            yield Crew(lambda task: pool.executor.submit(_carry, place, task), window, LOST)
    except BaseException:
        pool.end(at_once=True)
        raise
    if kept is not None and pool.sound():
        kept[count] = pool
    else:
        pool.end()


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
        lost = (distributed.scheduler.KilledWorker, *LOST)
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


def _begin(leash: Connection) -> None:
    # Ctrl-C reaches the whole group of processes: the first of them decides, and its end is the end of all
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(leash,), daemon=True).start()


def _follow(leash: Connection) -> None:
    try:
        leash.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _carry(place: str, task: Any) -> Outcome:
    return attempted(_known(place), task)


@lru_cache(maxsize=1)
def _known(place: str) -> Callable[[Any], Any]:
    function: Callable[[Any], Any] = pickle.loads(Path(place).read_bytes())
    return function
