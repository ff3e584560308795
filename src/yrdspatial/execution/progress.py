"""How far a long job is: a bar on a terminal, nothing in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(name: str = "", *, show: bool = True) -> Iterator[Callable[..., None]]:
    """Show a bar on standard error while a block runs, if that is a terminal.

    Parameters
    ----------
    name : str
        What is being done.
    show : bool
        Whether to show anything.

    Yields
    ------
    callable
        Call it with the steps done, the steps in all and, if it changes, the name of what is being done; it serves as
        ``progress=`` of every function that has one.

    Examples
    --------
    >>> with progress_bar("permutations") as tell:
    ...     tell(1, 10)
    """
    if not (show and sys.stderr.isatty()):
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description:<22}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None)

        def tell(done: int, total: int, name: str | None = None) -> None:
            bar.update(task, completed=done, total=total, description=name)

        yield tell
