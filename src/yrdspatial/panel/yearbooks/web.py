"""Html tables to sheets: spans become merged ranges, raised marks become footnotes."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import lxml.html

from yrdspatial.panel.yearbooks.delimited import decode
from yrdspatial.panel.yearbooks.sheets import WIDTH, Merge, Sheet, make_sheet

CHARSET = re.compile(rb"<meta[^>]*charset=[\"']?\s*([\w-]+)", re.IGNORECASE)
SPACE = re.compile(r"[ \t\r\f\v\u00a0]+")
MAX_SPAN = 5000


def read_web(path: Path) -> list[Sheet]:
    """Read the tables of an html file, also one that is called .xls.

    Parameters
    ----------
    path : Path
        An existing file.

    Returns
    -------
    list of Sheet
        One a table that holds no other table; spans are merged ranges.

    Examples
    --------
    >>> read_web(Path("pyproject.toml"))
    []
    """
    data = path.read_bytes()
    text, sure = decode(data, str(path))
    remarks = (
        []
        if sure
        else [("warning", "some characters could not be decoded", "save the page as UTF-8", None, "")]
    )
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    root = lxml.html.document_fromstring(text) if text.strip() else None
    if root is None:
        return []
    for raised in root.iter("sup"):
        raised.text = f"[{(raised.text or '').strip('[]()（）')}]"
    tables = [table for table in root.iter("table") if next(table.iterdescendants("table"), None) is None]
    return [
        _table(table, path.name, f"table {place}", remarks) for place, table in enumerate(tables, start=1)
    ]


def _table(
    table: lxml.html.HtmlElement,
    file: str,
    name: str,
    remarks: Iterable[tuple[str, str, str, int | None, str]],
) -> Sheet:
    before = _heading(table)
    rows: list[list[str]] = [[text] for text in before]
    merges: list[Merge] = []
    taken: dict[tuple[int, int], str] = {}
    for offset, line in enumerate(table.iter("tr")):
        number = offset + len(before)
        row: list[str] = []
        for text, down, across in _cells(line):
            while (number, len(row)) in taken:
                row.append(taken.pop((number, len(row))))
            merges += [(number, len(row), number + down - 1, len(row) + across - 1)] * (down * across > 1)
            for below in range(1, down):
                taken |= {(number + below, len(row) + step): "" for step in range(across)}
            row += [text, *[""] * (across - 1)]
        rows.append(row)
    return make_sheet(file, name, rows, merges=merges, remarks=remarks)


def _heading(table: lxml.html.HtmlElement) -> list[str]:
    texts = [_clean(caption.text_content()) for caption in table.iter("caption")]
    above = table.getprevious()
    for _ in range(4):
        if above is None or above.tag == "table":
            break
        if isinstance(above.tag, str):
            texts.insert(0, _clean(above.text_content())[:200])
        above = above.getprevious()
    return [text for text in texts if text]


def _cells(line: lxml.html.HtmlElement) -> Iterator[tuple[str, int, int]]:
    for cell in line:
        if cell.tag in {"td", "th"}:
            yield (
                _clean(cell.text_content()),
                _span(cell.get("rowspan"), MAX_SPAN),
                _span(cell.get("colspan"), WIDTH),
            )


def _span(text: str | None, most: int) -> int:
    digits = re.match(r"\s*(\d{1,6})", text or "")
    return min(max(int(digits[1]), 1), most) if digits else 1


def _clean(text: str) -> str:
    return SPACE.sub(" ", text).strip()
