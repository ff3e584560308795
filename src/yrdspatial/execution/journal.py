"""Results kept as they come: a run that was stopped goes on where it stopped."""

import json
import os
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

from yrdspatial.errors import OutputError, SpecificationError
from yrdspatial.execution.tasks import Progress, finished_tasks

Task = TypeVar("Task")
CURE = "choose a folder that you may write to"


def resumed(
    function: Callable[[Task], Any],
    tasks: Sequence[Task],
    folder: str | Path,
    *,
    key: Callable[[Task], str],
    workers: int | str = 1,
    progress: Progress | None = None,
    retries: int = 2,
    name: str = "results",
) -> list[Any]:
    """Apply a function to each task, as :func:`~yrdspatial.execution.tasks.map_tasks`, except where its result is kept.

    Parameters
    ----------
    function : callable
        Returns what JSON holds: numbers, texts, truth values, None, lists and dicts of them; arrays become lists.
    tasks : sequence
        What it is applied to.
    folder : str or Path
        Where ``<name>.jsonl`` stands or will stand.
    key : callable
        Names a task by all that its result depends on: data, choices, seed. Equal names have one result.
    workers, retries
        As of `map_tasks`.
    progress : callable, optional
        Called with the results kept and the results in all.
    name : str
        Of the file.

    Returns
    -------
    list
        One result a task, as JSON gives it back: the same whether it was kept or is new.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = resumed(abs, [-1, 2.5], folder, key=str)
    ...     again = resumed(abs, [-1, 2.5, -7], folder, key=str)
    >>> first, again
    ([1, 2.5], [1, 2.5, 7])
    """
    journal, keys = Journal(Path(folder) / f"{name}.jsonl"), [key(task) for task in tasks]
    known = journal.read()
    new = {own: task for own, task in zip(keys, tasks, strict=True) if own not in known}
    total, names = len(set(keys)), list(new)

    def tell(done: int, steps: int) -> None:
        if progress is not None:
            progress(total - steps + done, total)

    run = finished_tasks(
        function, list(new.values()), workers=workers, progress=tell, retries=retries, name=name
    )
    for place, result in run:
        known[names[place]] = journal.add(names[place], result)
    return [known[own] for own in keys]


class Journal:
    """Results in a file of JSON lines, each with a hash, so that a line cut short by a killed run is known as such.

    Parameters
    ----------
    path : Path
        The file; made with the first result.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        """Read what is kept.

        Returns
        -------
        dict of str to object
            Results by key, without lines that are not whole.

        Raises
        ------
        OutputError
            If the file cannot be read.
        """
        try:
            lines = self.path.read_bytes().splitlines() if self.path.exists() else []
        except OSError as problem:
            raise OutputError(_reason(problem), where=str(self.path), cure=CURE) from problem
        whole = (_entry(line) for line in lines)
        return {entry[0]: entry[1] for entry in whole if entry is not None}

    def add(self, key: str, result: Any) -> Any:
        """Keep a result: its line is written by one call, after the end of any line that was cut short.

        Parameters
        ----------
        key : str
            Its name.
        result : object
            What JSON holds.

        Returns
        -------
        object
            The result as JSON gives it back.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        text = _text(key, result)
        line = f'{{"hash": "{_hash(text)}", "entry": {text}}}\n'.encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+", buffering=0) as file:
                if file.tell() and not _ends_whole(file):
                    line = b"\n" + line
                file.write(line)
                os.fsync(file.fileno())
        except OSError as problem:
            raise OutputError(_reason(problem), where=str(self.path), cure=CURE) from problem
        return json.loads(text)[1]


def _ends_whole(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def _text(key: str, result: Any) -> str:
    try:
        return json.dumps([key, result], default=_plain)
    except (TypeError, ValueError) as problem:
        cure = "return numbers, texts, lists and dicts"
        raise SpecificationError(f"a result cannot be kept ({problem})", where=key, cure=cure) from problem


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _entry(line: bytes) -> tuple[str, Any] | None:
    try:
        kept = json.loads(line)
        key, result = kept["entry"]
        return (key, result) if kept["hash"] == _hash(json.dumps(kept["entry"])) else None
    except (ValueError, TypeError, KeyError):
        return None


def _reason(problem: OSError) -> str:
    return f"results cannot be kept ({problem.strerror or type(problem).__name__})"
