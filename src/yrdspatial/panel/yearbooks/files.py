"""Which kind of file a path is, by its first bytes and not by its name, and its sheets."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from yrdspatial.errors import DataError
from yrdspatial.panel.yearbooks.delimited import decode, read_delimited
from yrdspatial.panel.yearbooks.excel import read_excel
from yrdspatial.panel.yearbooks.sheets import Sheet
from yrdspatial.panel.yearbooks.web import read_web

EXCEL = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x08")
OTHER = {
    b"%PDF": "a PDF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
}


def as_paths(paths: Any) -> list[Path]:
    """Return the files that the user named.

    Parameters
    ----------
    paths : str, Path, or iterable of these
        Files.

    Returns
    -------
    list of Path
        Existing files.

    Raises
    ------
    DataError
        If nothing is named, or a file is missing or is no file.

    Examples
    --------
    >>> as_paths("pyproject.toml")
    [...Path('pyproject.toml')]
    """
    named = (
        [paths]
        if isinstance(paths, str | os.PathLike)
        else list(paths)
        if isinstance(paths, Iterable)
        else [paths]
    )
    if not named or not all(isinstance(path, str | os.PathLike) for path in named):
        raise DataError(
            "no yearbook file is named", where=f"{paths!r}"[:80], cure="give a path or a list of paths"
        )
    found = [Path(path) for path in named]
    for path in found:
        if not path.is_file():
            what = "a folder stands where a file should" if path.is_dir() else "a yearbook file is missing"
            raise DataError(
                what, where=str(path), cure="give the paths of the files, as xlsx, xls, csv or html"
            )
    return found


def read_sheets(path: Path) -> list[Sheet]:
    """Read all sheets of a file.

    Parameters
    ----------
    path : Path
        An existing file.

    Returns
    -------
    list of Sheet
        Sheets of a workbook, tables of a page, or the one table of a text file.

    Raises
    ------
    DataError
        If the file is empty or cannot be read.

    Examples
    --------
    >>> len(read_sheets(Path("pyproject.toml")))
    1
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(4096)
    except OSError as error:
        raise DataError(
            f"a file cannot be opened ({error.strerror})", where=str(path), cure="look at its permissions"
        ) from None
    kind = next(
        (said for mark, said in OTHER.items() if start.startswith(mark)),
        "" if start.strip() else "an empty file",
    )
    if kind:
        raise DataError(
            f"{kind} is no table", where=str(path), cure="save the table as xlsx, xls, csv or html"
        )
    if start.startswith(EXCEL):
        return read_excel(path)
    text = decode(start, str(path))[0].lstrip("\ufeff \t\r\n").casefold()
    return read_web(path) if text.startswith("<") or "<table" in text else read_delimited(path)
