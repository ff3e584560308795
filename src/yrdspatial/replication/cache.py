"""What was computed before, kept by the fingerprint of all it depends on; what is damaged or foreign is not used."""

import hashlib
import importlib.metadata
import importlib.resources
import json
import os
import platform
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from platformdirs import user_cache_path

from yrdspatial.datasets import registered
from yrdspatial.errors import DataError, OutputError
from yrdspatial.replication.packing import pack_value, unpack_value
from yrdspatial.tables.files import write_file

ENVIRONMENT = "YRD_CACHE"
ENDING = ".stage"
LIMIT = 512 * 2**20
"""Bytes above which the entries used longest ago are deleted."""
BESIDE = ("numba", "shapely")
"""Packages that change numbers or drawings though none of the required ones."""
NAME = re.compile(r"[A-Za-z0-9._-]+")

Value = TypeVar("Value")


@dataclass(frozen=True)
class Cache:
    """Outcomes of earlier runs.

    Attributes
    ----------
    folder : Path
        Where they are.
    read : bool
        Whether to use what is there; without, everything is computed and kept anew.
    """

    folder: Path
    read: bool = True

    def get(self, key: str, compute: Callable[[], Value]) -> Value:
        """Give the outcome of a stage, from the folder when it is there.

        Parameters
        ----------
        key : str
            Fingerprint of all the outcome depends on.
        compute : callable
            Computes it.

        Returns
        -------
        object
            The outcome, the same to the last bit whether it was computed now or before: in both cases it is read
            from the bytes that are kept.
        """
        place = self.folder / f"{key}{ENDING}"
        if self.read:
            with suppress(OSError, DataError):
                content = checked(place.read_bytes(), key)
                value: Value = unpack_value(content)
                os.utime(place)
                return value
        computed = compute()
        try:
            content = pack_value(computed)
        except OutputError:  # of a type that is not kept: computed every time
            return computed
        with suppress(OutputError):  # no place to keep it in is no reason to fail
            write_file(place, sealed(content, key))
        again: Value = unpack_value(content)
        return again

    def tidy(self) -> None:
        """Delete the entries used longest ago until the folder is as small as it may be."""
        with suppress(OSError):
            entries = sorted((path.stat().st_mtime, path) for path in self.folder.glob(f"*{ENDING}"))
            sizes = [path.stat().st_size for _, path in entries]
            for (_, path), rest in zip(entries, sums_from(sizes), strict=True):
                if rest > LIMIT:
                    path.unlink()


def sums_from(sizes: list[int]) -> list[int]:
    """Sum each number with those after it.

    Parameters
    ----------
    sizes : list of int
        The numbers.

    Returns
    -------
    list of int
        As many sums.

    Examples
    --------
    >>> sums_from([3, 2, 1])
    [6, 3, 1]
    """
    return [sum(sizes[place:]) for place in range(len(sizes))]


def sealed(content: bytes, key: str) -> bytes:
    r"""Put a key and a hash before what is kept.

    Parameters
    ----------
    content : bytes
        What is kept.
    key : str
        Its key.

    Returns
    -------
    bytes
        One line and the content.

    Examples
    --------
    >>> sealed(b"numbers", "k").partition(b"\n")[2]
    b'numbers'
    """
    seal = hashlib.sha256(key.encode() + content).hexdigest()
    return f"{key} {seal}\n".encode() + content


def checked(entry: bytes, key: str) -> bytes:
    """Take what is kept out of an entry that is whole and has this key.

    Parameters
    ----------
    entry : bytes
        As of `sealed`.
    key : str
        The key asked for.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    DataError
        If the entry is damaged, or kept under another key.

    Examples
    --------
    >>> checked(sealed(b"numbers", "k"), "k")
    b'numbers'
    """
    content = entry.partition(b"\n")[2]
    if entry != sealed(content, key):
        raise DataError("the entry is damaged or another's", where=key, cure="compute it again")
    return content


def cache_folder() -> Path:
    """Name the folder of earlier outcomes: that of ``YRD_CACHE``, or the one where the system keeps such things.

    Returns
    -------
    Path
        The folder; it need not exist.

    Examples
    --------
    >>> cache_folder().is_absolute()
    True
    """
    named = os.environ.get(ENVIRONMENT)
    return Path(named).expanduser().absolute() if named else user_cache_path("yrdspatial", appauthor=False)


def fingerprint(*parts: Any) -> str:
    """Give one name to anything JSON can say.

    Parameters
    ----------
    *parts : object
        Numbers, texts, lists, mappings by text.

    Returns
    -------
    str
        Sixty-four hexadecimal digits.

    Examples
    --------
    >>> fingerprint("clustering", 9999) == fingerprint("clustering", 9999) != fingerprint("clustering", 999)
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def fingerprint_of_program() -> str:
    """Name the state of the program: its source and catalogues, and the versions of what it stands on.

    Returns
    -------
    str
        Another one after any change of the source, or of a required package.

    Examples
    --------
    >>> len(fingerprint_of_program())
    64
    """
    root = Path(str(importlib.resources.files("yrdspatial")))
    paths = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    source = {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.relative_to(root).parts[0] != "_data"
    }
    machine = [platform.python_version(), platform.machine(), platform.system()]
    return fingerprint(source, versions(), machine)


def versions() -> dict[str, str]:
    """List the versions of the required packages.

    Returns
    -------
    dict of str to str
        Version by package; empty where there is none.

    Examples
    --------
    >>> {"numpy", "scipy", "pandas", "yrdspatial"} <= set(versions())
    True
    """
    required = importlib.metadata.requires("yrdspatial") or []
    names = {match[0] for line in required if "extra ==" not in line and (match := NAME.match(line))}
    return {name: version(name) for name in sorted({"yrdspatial", *names, *BESIDE})}


def version(name: str) -> str:
    """Look a version up.

    Parameters
    ----------
    name : str
        A package.

    Returns
    -------
    str
        Its version, empty when it is not installed.

    Examples
    --------
    >>> version("no-such-package")
    ''
    """
    with suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version(name)
    return ""


def fingerprint_of_data(data_dir: str | Path | None, *, without: Iterable[str] = ()) -> str:
    """Name the state of the data: every registered file, its entry and what it holds now.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder.
    without : iterable of str
        Folders left out.

    Returns
    -------
    str
        Another one after any change of a file or of its entry.

    Examples
    --------
    >>> fingerprint_of_data(None) != fingerprint_of_data(None, without=["claims"])
    True
    """
    left_out = tuple(f"{folder}/" for folder in without)
    files = {
        name: {
            **{key: str(value) for key, value in asdict(dataset).items() if key != "path"},
            "now": now(dataset.path),
        }
        for name, dataset in registered(data_dir).items()
        if not name.startswith(left_out)
    }
    return fingerprint(files)


def now(path: Path) -> str:
    """Hash a file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its sha256, empty when it cannot be read.
    """
    with suppress(OSError):
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return ""
