"""Where the tables of a sheet are: the columns of names, the header rows, the rows of cities, what stands above."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from yrdspatial.panel.yearbooks.cells import Cell, read_cell
from yrdspatial.panel.yearbooks.labels import read_label, read_number, read_year, unit_line
from yrdspatial.panel.yearbooks.places import Place, find_place, is_part
from yrdspatial.panel.yearbooks.sheets import Sheet
from yrdspatial.panel.yearbooks.words import normal, scope_of, words

NOTES = ("注", "备注", "资料来源", "数据来源", "来源", "说明", "note", "source", "*", "①", "1)", "a)")
PLACES = frozenset({"unit", "ambiguous", "abolished", "other", "county"})


@dataclass(frozen=True, slots=True)
class Block:
    """One table, or one part of a continued one; rows and columns by position.

    ``header`` are the rows of titles, ``body`` those of places and of what stands among them, ``above`` the rows of the
    title and the unit line; ``names`` the columns of names and codes, ``columns`` those of figures; ``province``,
    ``year`` and ``scope`` columns that say so row by row.
    """

    names: tuple[int, ...]
    columns: tuple[int, ...]
    header: tuple[int, ...]
    body: tuple[int, ...]
    above: tuple[int, ...]
    stray: tuple[int, ...] = ()
    province: int | None = None
    year: int | None = None
    scope: int | None = None


@dataclass(slots=True)
class _Part:
    header: list[int]
    above: list[int]
    body: list[int] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)


def upright(sheet: Sheet) -> Sheet:
    """Return the sheet with the places in columns: transposed when they stand in a row.

    Parameters
    ----------
    sheet : Sheet
        As read.

    Returns
    -------
    Sheet
        The same sheet, or its transpose.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.sheets import make_sheet
    >>> upright(make_sheet("a", "", [["", "合肥", "芜湖", "亳州"], ["GDP", 1, 2, 3]])).rows[1]
    ['合肥', 1]
    """
    columns: dict[int, set[int]] = {}
    rows: dict[int, set[int]] = {}
    for place_row, row in enumerate(sheet.rows):
        for place_column, cell in enumerate(row):
            place = find_place(cell) if isinstance(cell, str) else None
            if place is not None and place.kind == "unit":
                columns.setdefault(place_column, set()).add(place.code)
                rows.setdefault(place_row, set()).add(place.code)
    top = max(rows, key=lambda row: len(rows[row]), default=0)
    most = len(rows.get(top, ()))
    return sheet.transposed(top) if most >= 3 and most > max(map(len, columns.values())) else sheet


def find_blocks(sheet: Sheet, grid: list[list[Cell]]) -> list[Block]:
    """Return the tables of a sheet, from left to right and from top to bottom.

    Parameters
    ----------
    sheet : Sheet
        With places in columns.
    grid : list of list
        Its rows with merged texts filled in.

    Returns
    -------
    list of Block
        Parts of a continued table are blocks of their own, beside or below.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.sheets import make_sheet
    >>> sheet = make_sheet("a", "", [["城市", "GDP"], ["合肥", 1], ["续表", ""], ["城市", "人口"], ["合肥", 2]])
    >>> [(block.header, block.body) for block in find_blocks(sheet, sheet.filled())]
    [((0,), (1,)), ((3,), (4,))]
    """
    found = _place_columns(grid)
    provinces = [column for column, kinds in found.items() if _is_province(kinds, found)]
    names = [column for column in found if column not in provinces]
    blocks: list[Block] = []
    clusters = _clusters(grid, names)
    for place, cluster in enumerate(clusters):
        start = cluster[0] if place else 0
        end = clusters[place + 1][0] if place + 1 < len(clusters) else sheet.width
        keys = {*names, *provinces}
        columns = [column for column in range(start, end) if column not in keys]
        province = next((column for column in provinces if start <= column < end), None)
        parts = _parts(grid, cluster, columns)
        blocks += [_block(grid, cluster, columns, province, part) for part in parts]
    return blocks


def _place_columns(grid: list[list[Cell]]) -> dict[int, Counter[str]]:
    width = len(grid[0]) if grid else 0
    found: dict[int, Counter[str]] = {}
    for column in range(width):
        kinds: Counter[str] = Counter()
        others = 0
        for row in grid:
            cell = row[column]
            if cell == "":
                continue
            place = find_place(cell)
            if place is None:
                others += bool(kinds) or _is_figure(cell)
            else:
                kinds[f"{place.kind}{place.code if place.code == 310000 else ''}"] += 1
        named = set(kinds) & {*PLACES, "unit310000", "province"}
        many = sum(kinds.values()) >= 0.4 * (sum(kinds.values()) + others)
        if (named and many) or _is_named(grid, column):
            found[column] = kinds
    return found


def _is_named(grid: list[list[Cell]], column: int) -> bool:
    cells = [row[column] for row in grid if row[column] != ""]
    titles = (
        place for place, cell in enumerate(cells) if isinstance(cell, str) and normal(cell) in words("names")
    )
    below = cells[next(titles, len(cells)) + 1 :]
    return sum(isinstance(cell, str) and not _is_figure(cell) for cell in below) > 0.8 * len(below)


def _is_province(kinds: Counter[str], found: dict[int, Counter[str]]) -> bool:
    real = any(others["unit"] + others["ambiguous"] + others["county"] for others in found.values())
    return real and kinds["province"] > 0 and not kinds["unit"] + kinds["ambiguous"] + kinds["county"]


def _clusters(grid: list[list[Cell]], names: list[int]) -> list[list[int]]:
    clusters: list[list[int]] = []
    for column in names:
        home = next((cluster for cluster in clusters if _agree(grid, cluster, column)), None)
        if home is None:
            clusters.append([column])
        else:
            home.append(column)
    return clusters


def _agree(grid: list[list[Cell]], cluster: list[int], column: int) -> bool:
    same = other = apart = 0
    for row in grid:
        mine = find_place(row[column])
        theirs = next((place for key in cluster if (place := find_place(row[key])) is not None), None)
        kinds = {place.kind if place is not None else "" for place in (mine, theirs)}
        apart += "" in kinds and len(kinds) > 1
        if mine is not None and theirs is not None and "unit" in kinds and "ambiguous" not in kinds:
            same, other = same + (mine.code == theirs.code), other + (mine.code != theirs.code)
    beside = column - cluster[-1] == 1
    return same > other or (beside and other < 3 and same + other + apart > 0)


def _parts(grid: list[list[Cell]], names: Sequence[int], columns: Sequence[int]) -> list[_Part]:
    parts: list[_Part] = []
    gap: list[tuple[int, str]] = []
    for number, row in enumerate(grid):
        kind = _kind(row, names, columns)
        started = bool(parts) or any(said == "anchor" for _, said in gap)
        if kind not in {"body", "sub"} and not (kind == "unknown" and started):
            gap.append((number, kind))
            continue
        header, above = _header(grid, gap, names, columns, first=not parts)
        if header or not parts:
            parts.append(_Part(header, above))
        else:
            parts[-1].stray += [place for place, said in gap if said == "nameless"]
        parts[-1].body.append(number)
        gap = []
    if parts:
        parts[-1].stray += [place for place, said in gap if said == "nameless"]
    return parts


def _kind(row: list[Cell], names: Sequence[int], columns: Sequence[int]) -> str:
    keys = [row[column] for column in names]
    if any(find_place(key) is not None for key in keys):
        return "body"
    text = next((key for key in keys if isinstance(key, str) and key.strip()), "")
    if is_part(text):
        return "sub"
    if normal(text) in words("names"):
        return "anchor"
    if text.strip().casefold().startswith(NOTES):
        return "note"
    figures = any(_is_figure(row[column]) for column in columns)
    if figures:
        return (
            "unknown"
            if text and not unit_line(text) and not read_number(text) and not read_year(text)
            else "nameless"
        )
    return (
        "text" if text or any(isinstance(row[column], str) and row[column] for column in columns) else "blank"
    )


def _is_figure(cell: Cell) -> bool:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return True
    return (
        isinstance(cell, str) and any(letter.isdigit() for letter in cell) and not read_cell(cell, {}).wrong
    )


def _header(
    grid: list[list[Cell]],
    gap: list[tuple[int, str]],
    names: Sequence[int],
    columns: Sequence[int],
    *,
    first: bool,
) -> tuple[list[int], list[int]]:
    rows = [number for number, kind in gap if kind != "note"]
    anchor = next((place for place, (_, kind) in enumerate(gap) if kind == "anchor"), None)
    if anchor is not None:
        top = gap[anchor][0]
        header = [number for number in rows if number >= top]
        for number in reversed([number for number in rows if number < top]):
            if not _is_heading(grid[number], names, columns, 2):
                break
            header.insert(0, number)
    else:
        header = []
        for number in reversed(rows):
            if _is_heading(grid[number], names, columns, 1):
                header.insert(0, number)
            elif header:
                break
        if (
            not first
            and header
            and max(_texts(grid[number], columns) for number in header) < max(1, len(columns) // 2)
        ):
            header = []
    return header, [number for number in rows if number not in header]


def _is_heading(row: list[Cell], names: Sequence[int], columns: Sequence[int], least: int) -> bool:
    cells = [cell for column in columns if isinstance(cell := row[column], str) and not _is_amount(cell)]
    texts = {cell.strip() for cell in cells} - {""}
    keys = {str(row[column]).strip() for column in names} - {""}
    titles = {
        text
        for text in texts
        if not (unit_line(text) is not None and text[:1] != "(")
        and not read_number(text)
        and "年鉴" not in text
    }
    return len(titles) >= least and not keys & texts and not any(read_number(key) for key in keys)


def _texts(row: list[Cell], columns: Sequence[int]) -> int:
    return sum(
        isinstance(cell := row[column], str) and cell != "" and not _is_amount(cell) for column in columns
    )


def _is_amount(cell: str) -> bool:
    return _is_figure(cell) and read_label(cell).year is None


def _block(
    grid: list[list[Cell]], names: list[int], columns: list[int], province: int | None, part: _Part
) -> Block:
    year = next((column for column in columns if _titles(grid, part, column) & words("years")), None)
    numbered = {column for column in columns if _titles(grid, part, column) & words("numbers")}
    scope = next((column for column in columns if _is_scope(grid, part, column)), None)
    figures = tuple(column for column in columns if column not in {year, scope, *numbered})
    return Block(
        names=tuple(names),
        columns=figures,
        header=tuple(part.header),
        body=tuple(part.body),
        above=tuple(part.above),
        stray=tuple(part.stray),
        province=province,
        year=year,
        scope=scope,
    )


def _titles(grid: list[list[Cell]], part: _Part, column: int) -> set[str]:
    return {normal(text) for number in part.header if isinstance(text := grid[number][column], str)}


def _is_scope(grid: list[list[Cell]], part: _Part, column: int) -> bool:
    cells = [cell for number in part.body if isinstance(cell := grid[number][column], str) and cell.strip()]
    return bool(cells) and sum(scope_of(cell) is not None for cell in cells) > len(cells) / 2


def row_places(row: list[Cell], names: Sequence[int]) -> Iterator[tuple[str, Place]]:
    """Yield what the name cells of a row say.

    Parameters
    ----------
    row : list
        Cells.
    names : sequence of int
        Columns of names.

    Yields
    ------
    str, Place
        The text and the place, one a cell that names a place.

    Examples
    --------
    >>> [place.code for _, place in row_places(["合肥市", "Hefei", 1.0], (0, 1))]
    [340100, 340100]
    """
    for column in names:
        place = find_place(row[column])
        if place is not None:
            yield str(row[column]).strip(), place
