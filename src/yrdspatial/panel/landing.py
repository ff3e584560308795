"""How a year file lands in the user's data folder: all of it or nothing, wherever its writer is killed."""

import contextlib
import hashlib
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from yrdspatial.datasets import ENVIRONMENT, data_folder, user_folder
from yrdspatial.errors import DataError, OutputError
from yrdspatial.registers import FIELDS, format_sources, pending_path

REGISTER_PART = ".sources.toml.part"
PENDING = re.compile(r"\.[12]\d{3}\.csv\.[0-9a-f]{12}")


def writable_folder(data_dir: str | Path | None) -> Path:
    """Return the user's data folder, never the shipped one.

    Parameters
    ----------
    data_dir : str or Path or None
        The folder asked for; None takes the one of the environment variable ``YRD_DATA``.

    Returns
    -------
    Path
        An existing folder, resolved.

    Raises
    ------
    DataError
        If no folder is named, there is no such folder, or it holds the shipped data.

    Examples
    --------
    >>> writable_folder(data_folder())
    Traceback (most recent call last):
    yrdspatial.errors.DataError: the shipped data are not written to ...
    """
    folder = user_folder(data_dir)
    cure = f"name a folder of your own: data_dir=..., --data-dir, or the environment variable {ENVIRONMENT}"
    if folder is None:
        raise DataError("a year can only be written to a data folder of your own", cure=cure)
    if folder == data_folder().resolve():
        raise DataError("the shipped data are not written to", where=str(folder), cure=cure)
    return folder


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold a data folder against other writers, and put right what a killed writer left.

    The lock belongs to the process: it goes when the process does, however it ends. A folder that cannot be written
    to is an OutputError.

    Parameters
    ----------
    folder : Path
        The user's data folder.

    Yields
    ------
    None
        While the folder is held.

    Raises
    ------
    DataError
        If another process is writing there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, exclusive(Path(folder)):
    ...     list(Path(folder).iterdir())
    []
    """
    with _writing(folder):
        handle = _open(folder)
    try:
        _lock(handle)
        recover(folder)
        yield
    except BlockingIOError as error:
        cure = "wait until it is done, then run again"
        raise DataError("another process is writing here", where=str(folder), cure=cure) from error
    finally:
        os.close(handle)


def recover(folder: Path) -> None:
    """Finish a landing that was cut off after its switch, and take away what was cut off before.

    A folder that cannot be written to is an OutputError.

    Parameters
    ----------
    folder : Path
        The user's data folder, held by this process.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     part = Path(folder, REGISTER_PART)
    ...     _ = part.write_text("cut off")
    ...     recover(Path(folder))
    ...     part.exists()
    False
    """
    with _writing(folder):
        for name, entry in _entries(_text(folder)).items():
            pending = pending_path(folder / name, str(entry.get("sha256")))
            if pending.is_file() and hashlib.sha256(pending.read_bytes()).hexdigest() == entry["sha256"]:
                pending.replace(folder / name)
        for left in [folder / REGISTER_PART, *(folder / "panels").rglob(".*.csv.*")]:
            if left.name == REGISTER_PART or PENDING.fullmatch(left.name):
                left.unlink(missing_ok=True)


def land(folder: Path, name: str, content: bytes, entry: Mapping[str, str]) -> Path:
    """Write one file of a data folder and its entry in the register, as one step.

    The content waits beside its final place; replacing ``sources.toml`` is the step that counts; then the file takes
    its place. Readers take the waiting file in between, so that the folder is whole at every moment. A folder that
    cannot be written to is an OutputError, and nothing has changed then.

    Parameters
    ----------
    folder : Path
        The user's data folder, held by this process.
    name : str
        Name below it.
    content : bytes
        The new content.
    entry : mapping of str to str
        The texts of its entry, without the hash.

    Returns
    -------
    Path
        The file written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     texts = dict.fromkeys(FIELDS, "text")
    ...     land(Path(folder), "panels/yrd/2023.csv", b"x", texts).read_bytes()
    b'x'
    """
    path, sha256 = folder / name, hashlib.sha256(content).hexdigest()
    pending, part = pending_path(path, sha256), folder / REGISTER_PART
    text = with_entry(_text(folder), name, {**entry, "sha256": sha256})
    with _writing(folder, pending, part):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(pending, content)
        _write(part, text.encode())
        part.replace(folder / "sources.toml")
    _sync(folder)
    with contextlib.suppress(OSError):  # the year has landed; the next writer moves the file
        pending.replace(path)
        _sync(path.parent)
    return path


def with_entry(text: str, name: str, entry: Mapping[str, str]) -> str:
    r"""Return the text of a register with one entry added or replaced, comments and order kept.

    Parameters
    ----------
    text : str
        A ``sources.toml``.
    name : str
        Name of the file.
    entry : mapping of str to str
        Its texts.

    Returns
    -------
    str
        The new text; a register that cannot be edited in place is written anew, in order.

    Examples
    --------
    >>> text = with_entry("# mine\n", "a.csv", dict.fromkeys(FIELDS, "text"))
    >>> text.splitlines()[:3]
    ['# mine', '', '["a.csv"]']
    """
    wanted = _entries(text) | {name: {field: entry[field] for field in FIELDS}}
    table = format_sources({name: entry})
    header = re.escape(f"[{json.dumps(name, ensure_ascii=False)}]")
    block = re.compile(rf"^{header}[ \t]*\n(?:[a-z0-9_]+ = .*\n?)*", re.MULTILINE)
    appended = f"{text.rstrip()}\n\n{table}".lstrip()
    new = block.sub(lambda _: table, text, count=1) if block.search(text) else appended
    with contextlib.suppress(DataError):
        if _entries(new) == wanted:
            return new
    return format_sources(wanted)


def _entries(text: str) -> dict[str, dict[str, str]]:
    try:
        return {name: entry for name, entry in tomllib.loads(text).items() if isinstance(entry, dict)}
    except ValueError as error:
        cure = "correct the line named"
        raise DataError(f"not a TOML file ({error})", where="sources.toml", cure=cure) from error


def _text(folder: Path) -> str:
    register = folder / "sources.toml"
    return register.read_text("utf-8") if register.is_file() else ""


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _open(folder: Path) -> int:
    if sys.platform == "win32":  # a folder cannot be locked there
        return os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
    return os.open(folder, os.O_RDONLY)


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def _writing(folder: Path, *parts: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        for part in parts:
            with contextlib.suppress(OSError):
                part.unlink()
        what = f"the data folder cannot be written to ({error.strerror or type(error).__name__})"
        raise OutputError(what, where=str(folder), cure="choose a folder that you may write to") from error
