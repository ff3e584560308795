"""The files of a register: found, checked, and cut into blocks of rows."""

import glob
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yrdspatial.errors import DataError, SpecificationError

ROWS_A_BLOCK = 250_000
READABLE = "save it as comma-separated UTF-8 text or as parquet"
SUFFIXES = (".csv", ".parquet")
ROLES = (
    "firm", "unit", "lon", "lat", "industry", "edition", "opened", "closed", "capital",
    "previous_unit", "previous_lon", "previous_lat", "moved", "parent",
)  # fmt: skip
TOGETHER = (
    ("lon", "lat"), ("previous_lon", "previous_lat"), ("previous_unit", "moved"), ("previous_lon", "moved"),
    ("parent", "firm"),
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """Some rows of a file: all of a csv file (``rows`` None), or a slice of a parquet file."""

    path: str
    start: int = 0
    rows: int | None = None


def polars() -> Any:
    """Return the module polars.

    Returns
    -------
    module
        Imported on first use.

    Raises
    ------
    SpecificationError
        If it is not installed.

    Examples
    --------
    >>> polars().__name__
    'polars'
    """
    try:
        import polars as pl
    except ImportError as error:
        cure = 'pip install "yrdspatial[registers]"'
        raise SpecificationError(
            "registers are read with polars, which is not installed", cure=cure
        ) from error
    return pl


def find_files(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Find the files of a register.

    Parameters
    ----------
    paths : str, Path, or several
        Files or patterns ("register/*.parquet") on this machine.

    Returns
    -------
    list of Path
        Absolute, sorted, each once, of one kind.

    Raises
    ------
    DataError
        If nothing is there, a path is no ordinary file, or files are neither csv nor parquet or of both kinds.
    """
    given = list(paths) if isinstance(paths, Iterable) and not isinstance(paths, str) else [paths]
    found = sorted({path for item in given for path in _matches(item)})
    kinds = {path.suffix for path in found}
    if not found or len(kinds) > 1 or not kinds <= set(SUFFIXES):
        what = f"a register is a set of csv or of parquet files, not {', '.join(sorted(kinds)) or 'nothing'}"
        raise DataError(
            what, where=", ".join(map(str, given[:3])), cure="name files or a pattern of one kind"
        )
    return found


def _matches(item: object) -> list[Path]:
    text = os.fspath(item) if isinstance(item, str | os.PathLike) else None
    if not isinstance(text, str) or "\0" in text or "://" in text:
        cure = "download it and name the local file"
        raise DataError("a register is read from files on this machine", where=repr(item)[:80], cure=cure)
    names = [text] if Path(text).exists() else glob.glob(text, recursive=True)  # noqa: PTH207
    paths = [Path(name).resolve() for name in names]
    if not paths or not all(path.is_file() for path in paths):
        what = "a register's file is not there, or is no ordinary file"
        raise DataError(what, where=text[:200], cure='name files, or a pattern such as "register/*.csv"')
    return paths


def find_columns(files: Iterable[Path], columns: Mapping[str, str] | None) -> dict[str, str]:
    """Return the column of each role that the files have.

    Parameters
    ----------
    files : iterable of Path
        The register.
    columns : mapping of str to str or None
        Role to column, for columns that are not named after their role.

    Returns
    -------
    dict of str to str
        Role to column, in the order of ``ROLES``.

    Raises
    ------
    SpecificationError
        If a role does not exist.
    DataError
        If a file cannot be read, lacks a column of another file or a named one, or the industry, the opening date or
        the place of a firm is in none.
    """
    named = dict(columns or {})
    if odd := set(named) - set(ROLES):
        what = f"no such role of a column: {', '.join(map(str, odd))}"
        raise SpecificationError(what, cure=f"choose of {', '.join(ROLES)}")
    headers = {path: set(scan(path).collect_schema().names()) for path in files}
    everywhere = set.union(*headers.values())
    wanted = {role: named.get(role, role) for role in ROLES}
    found = {role: column for role, column in wanted.items() if role in named or column in everywhere}
    for path, header in headers.items():
        if lacking := set(found.values()) - header:
            cure = 'say which column is which: columns={"opened": "成立日期", ...}'
            raise DataError(f"a column is missing: {', '.join(sorted(lacking))}", where=str(path), cure=cure)
    _require(found)
    return found


def _require(found: Mapping[str, str]) -> None:
    lacking = {"industry", "opened"} - set(found)
    lacking |= set() if "unit" in found or "lon" in found else {"unit (or lon and lat)"}
    lacking |= {second for first, second in TOGETHER if first in found and second not in found}
    lacking |= {"lat"} if "lat" in found and "lon" not in found else set()
    if lacking:
        cure = 'say which column is which: columns={"opened": "成立日期", ...}'
        raise DataError(f"a register needs columns for {', '.join(sorted(lacking))}", cure=cure)


def scan(path: Path | str) -> Any:
    """Open a file without reading its rows.

    Parameters
    ----------
    path : Path or str
        A csv (UTF-8) or parquet file.

    Returns
    -------
    polars.LazyFrame
        Columns of a csv file are text.

    Raises
    ------
    DataError
        If it is not what its name says.
    """
    pl = polars()
    try:
        if str(path).endswith(".parquet"):
            frame = pl.scan_parquet(path, glob=False)
        else:
            frame = pl.scan_csv(path, infer_schema=False, glob=False)
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(unreadable(error), where=str(path), cure=READABLE) from error
    return frame


def unreadable(error: Exception) -> str:
    """Say in one line that a file cannot be read.

    Parameters
    ----------
    error : Exception
        What the reader said.

    Returns
    -------
    str
        For a DataError.

    Examples
    --------
    >>> unreadable(OSError("no page at 5"))
    'a file of the register cannot be read (no page at 5)'
    """
    return f"a file of the register cannot be read ({str(error).partition(chr(10))[0][:200]})"


def cut(files: Iterable[Path]) -> list[Block]:
    """Cut files into blocks, the tasks of a run; the blocks do not depend on who does the work.

    Parameters
    ----------
    files : iterable of Path
        The register.

    Returns
    -------
    list of Block
        In the order of files and rows.
    """
    blocks = []
    for path in files:
        if path.suffix == ".csv":
            blocks.append(Block(str(path)))
            continue
        rows = scan(path).select(polars().len()).collect().item()
        starts = range(0, rows, ROWS_A_BLOCK)
        blocks += [Block(str(path), start, min(ROWS_A_BLOCK, rows - start)) for start in starts]
    return blocks
