"""Excel files to sheets: what the cells hold, what was merged, and formulas that were never computed."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from yrdspatial.errors import DataError
from yrdspatial.panel.yearbooks.sheets import Sheet, make_sheet

MAX_CELLS = 16_000_000
MAX_BYTES = 1_500_000_000
CHUNK = 1 << 20
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    KeyError,
)
CELL = re.compile(
    rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"([^<>]*)>'
    rb"(?:<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)(?P<none>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>))?)?"
)
UNREADABLE = "save the file anew as xlsx or csv, without a password"


@dataclass(slots=True)
class Scan:
    """What the bytes of a worksheet tell before it is read: its last row and column, cells that will read as blank."""

    rows: int = 0
    columns: int = 0
    remarks: list[tuple[str, str, str, int | None, str]] = field(default_factory=list)


def read_excel(path: Path) -> list[Sheet]:
    """Read all sheets of an xlsx, xls, xlsb or ods file.

    Parameters
    ----------
    path : Path
        An existing file.

    Returns
    -------
    list of Sheet
        Formulas by their stored results; an error value and a formula without a result are blank, with a remark.

    Raises
    ------
    DataError
        If the file is damaged, locked by a password, or larger than any table.

    Examples
    --------
    >>> read_excel(Path("pyproject.toml"))
    Traceback (most recent call last):
    yrdspatial.errors.DataError: an Excel file cannot be read ...
    """
    data = path.read_bytes()
    scans = scan_worksheets(data, path.name) if data[:2] == b"PK" else {}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [_sheet(book, name, path.name, scans.get(name, Scan())) for name in book.sheet_names]
    except BaseException as error:
        if isinstance(error, CalamineError) or "Panic" in type(error).__name__:
            raise DataError("an Excel file cannot be read", where=str(path), cure=UNREADABLE) from None
        raise


def scan_worksheets(data: bytes, file: str) -> dict[str, Scan]:
    """Scan the worksheets of an xlsx file without reading them into memory.

    Parameters
    ----------
    data : bytes
        The file.
    file : str
        Its name, for errors.

    Returns
    -------
    dict of str to Scan
        By name of the sheet; empty when the zip file is not an xlsx file.

    Raises
    ------
    DataError
        If it is no zip file, or larger than any table.

    Examples
    --------
    >>> scan_worksheets(b"PK", "a.xlsx")
    Traceback (most recent call last):
    yrdspatial.errors.DataError: an Excel file is damaged [a.xlsx]: ...
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
                raise DataError(
                    "an Excel file is larger than any table", where=file, cure="cut it down to its table"
                )
            parts = _parts(archive)
            return {sheet: _scan(archive, part, file) for sheet, part in parts.items()}
    except DAMAGE:
        raise DataError("an Excel file is damaged", where=file, cure=UNREADABLE) from None


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    present = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= present:
        return {}
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "").removeprefix("/xl/") for link in links}
    found = {}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), None)
        part = f"xl/{targets.get(key, '')}"
        if sheet.tag.endswith("}sheet") and part in present:
            found[sheet.get("name", "")] = part
    return found


def _scan(archive: zipfile.ZipFile, part: str, file: str) -> Scan:
    scan = Scan()
    with archive.open(part) as stream:
        for block in _blocks(stream):
            for found in CELL.finditer(block):
                _note(scan, found)
            if scan.rows * scan.columns > MAX_CELLS:
                where = f"{file}: {scan.rows} rows, {scan.columns} columns"
                cure = "delete what stands outside the table"
                raise DataError("a sheet reaches further than any table", where=where, cure=cure)
    return scan


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(CHUNK):
        block = rest + chunk
        cut = block.rfind(b"row>") + 4
        cut = cut if cut >= 4 else (len(block) if len(block) > 16 * CHUNK else 0)
        yield block[:cut]
        rest = block[cut:]
    yield rest


def _note(scan: Scan, found: re.Match[bytes]) -> None:
    letters, number = found[1].decode(), int(found[2])
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    scan.rows, scan.columns = max(scan.rows, number), max(scan.columns, column)
    if found["none"] is not None and len(scan.remarks) < 100:
        cure = "open the file in a spreadsheet program, save it, and read it again; or write the figure in"
        scan.remarks.append(
            ("error", "a formula has no stored result and reads as blank", cure, number, letters)
        )
    if b't="e"' in found[3] and found["none"] is None and len(scan.remarks) < 100:
        scan.remarks.append(
            (
                "error",
                "an error value of the spreadsheet reads as blank",
                "write the figure in",
                number,
                letters,
            )
        )


def _sheet(book: CalamineWorkbook, name: str, file: str, scan: Scan) -> Sheet:
    try:
        sheet = book.get_sheet_by_name(name)
    except WorksheetNotFound:
        return make_sheet(file, name, [])
    left = sheet.start[1] if sheet.start else 0
    rows = ([*[""] * left, *row] for row in sheet.iter_rows())
    merges = [(top, first, bottom, last) for (top, first), (bottom, last) in sheet.merged_cell_ranges or []]
    return make_sheet(file, name, rows, merges=merges, remarks=scan.remarks)
