"""Text files to sheets: the encoding and the separator found, then rows of texts."""

import csv
import io
from pathlib import Path

from yrdspatial.errors import DataError
from yrdspatial.panel.yearbooks.sheets import Sheet, make_sheet

BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
SEPARATORS = ",\t;|"
MAX_BYTES = 500_000_000


def read_delimited(path: Path) -> list[Sheet]:
    """Read a csv file: separated by comma, tab, semicolon or bar.

    Parameters
    ----------
    path : Path
        An existing file.

    Returns
    -------
    list of Sheet
        One sheet without merged ranges.

    Raises
    ------
    DataError
        If the text is no table.

    Examples
    --------
    >>> [sheet.rows[0][0] for sheet in read_delimited(Path("pyproject.toml"))]
    ['[build-system]']
    """
    text, sure = decode(path.read_bytes(), str(path))
    cure = "save the file as UTF-8"
    remarks = [] if sure else [("warning", "some characters could not be decoded", cure, None, "")]
    csv.field_size_limit(1 << 20)
    reader = csv.reader(
        io.StringIO(text.replace("\0", ""), newline=""), delimiter=_separator(text), strict=False
    )
    try:
        return [make_sheet(path.name, "", reader, remarks=remarks)]
    except csv.Error as error:
        raise DataError(
            f"a csv file cannot be read ({error})", where=str(path), cure="save it anew as csv"
        ) from None


def decode(data: bytes, where: str) -> tuple[str, bool]:
    """Return a text and whether every character of it was understood.

    Parameters
    ----------
    data : bytes
        UTF-8 or UTF-16 with or without a byte order mark, GBK or GB 18030.
    where : str
        The file, for errors.

    Returns
    -------
    str, bool
        A character cut off at the end of the file is dropped.

    Raises
    ------
    DataError
        If the bytes are no text, or more than any table has.

    Examples
    --------
    >>> decode("合肥,1".encode("gbk"), "a.csv")
    ('合肥,1', True)
    """
    if len(data) > MAX_BYTES:
        raise DataError("a file is larger than any table", where=where, cure="cut it down to its table")
    encoding = next((name for mark, name in BOMS.items() if data.startswith(mark)), "")
    if encoding:
        return data.decode(encoding, errors="replace"), True
    if data[:4096].count(0) > len(data[:4096]) // 10:
        raise DataError(
            "a file is neither text nor Excel nor html", where=where, cure="save it as xlsx or csv"
        )
    for name in ("utf-8", "gb18030"):
        try:
            return data.decode(name), True
        except UnicodeDecodeError as error:
            if error.start >= len(data) - 4:
                return data[: error.start].decode(name), True
    better = min(("utf-8", "gb18030"), key=lambda name: data.decode(name, errors="replace").count("\ufffd"))
    return data.decode(better, errors="replace"), False


def _separator(text: str) -> str:
    lines = text[:20_000].splitlines()[:60]
    counts = {mark: sum(line.count(mark) for line in lines) for mark in SEPARATORS}
    return max(counts, key=lambda mark: (counts[mark], -SEPARATORS.index(mark)))
