"""Where results are made and then stand: nothing half-written, whatever happens, and a bar while one waits."""

import contextlib
import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from yrdspatial.errors import OutputError
from yrdspatial.execution.progress import progress_bar


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Give a folder inside the results that goes away whatever happens, so that nothing is left half-written.

    Parameters
    ----------
    folder : Path
        The folder of the results; it is made when missing, and taken away again when it stays empty.

    Yields
    ------
    Path
        An empty folder on the same file system.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    with contextlib.ExitStack() as undo:
        try:
            for path in [path for path in (folder, *folder.parents) if not path.exists()][::-1]:
                path.mkdir(exist_ok=True)
                undo.callback(remove_empty, path)
            try_places(folder)
            stage = Path(tempfile.mkdtemp(prefix=".yrd-", dir=folder))
        except OSError as problem:
            message = f"the results cannot be written ({problem.strerror})"
            raise OutputError(
                message, where=str(folder), cure="choose another folder with --out"
            ) from problem
        undo.callback(shutil.rmtree, stage, ignore_errors=True)
        yield stage


def remove_empty(folder: Path) -> None:
    """Take a folder away unless it holds something.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    with contextlib.suppress(OSError):
        folder.rmdir()


def try_places(folder: Path) -> None:
    """Try whether files can be written where the results will stand.

    Parameters
    ----------
    folder : Path
        The folder of the results.

    Raises
    ------
    IsADirectoryError
        If a folder stands where the report belongs.
    """
    for place in (folder, folder / "figures", folder / "tables"):
        if place.exists():
            with tempfile.TemporaryFile(dir=place):
                pass
    if (folder / "report.html").is_dir():
        raise IsADirectoryError(errno.EISDIR, "report.html is a folder")


def moved(path: Path, stage: Path, folder: Path) -> Path:
    """Move a finished file to its place.

    Parameters
    ----------
    path : Path
        A file in the staging folder.
    stage, folder : Path
        The staging folder and that of the results.

    Returns
    -------
    Path
        Its place.
    """
    place = folder / path.relative_to(stage)
    place.parent.mkdir(parents=True, exist_ok=True)
    return path.replace(place)


@contextmanager
def steps(total: int, *, show: bool) -> Iterator[Callable[[str], None]]:
    """Show the steps of a long job on a terminal, and stay quiet in a pipe.

    Parameters
    ----------
    total : int
        Number of steps.
    show : bool
        Whether to show anything.

    Yields
    ------
    callable
        Call it with the name of the step that begins.
    """
    with progress_bar(show=show) as tell:
        begun = count(1)
        yield lambda name: tell(next(begun), total, name)
