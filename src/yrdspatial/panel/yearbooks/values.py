"""The figures of a block, row by row and column by column, with what is wrong in them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from yrdspatial.geography.units import load_units
from yrdspatial.panel.gaps import shorten, unit_name
from yrdspatial.panel.yearbooks.cells import Cell, Reading, read_cell
from yrdspatial.panel.yearbooks.columns import Column
from yrdspatial.panel.yearbooks.labels import read_label
from yrdspatial.panel.yearbooks.layout import Block, row_places
from yrdspatial.panel.yearbooks.places import Place, in_province, is_part
from yrdspatial.panel.yearbooks.problems import Problems, Severity, Spot
from yrdspatial.panel.yearbooks.profiles import Profile
from yrdspatial.panel.yearbooks.sheets import Sheet
from yrdspatial.panel.yearbooks.words import scope_of


@dataclass(frozen=True, slots=True)
class Record:
    """One figure: the columns of ``.values``, the step of its last digit, the table's title, and where it stands."""

    adcode: int
    year: int | None
    variable: str
    scope: str
    value: float
    unit: str
    source: str
    flag: str
    step: float
    title: str
    known: bool
    sheet: Sheet
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the delta: position, code, and what its own columns say about year and scope."""

    position: int
    code: int
    year: int | None
    scope: str | None
    flag: str = ""


def read_rows(sheet: Sheet, grid: list[list[Cell]], block: Block, problems: Problems) -> list[Row]:
    """Find the rows of the 41 cities, and report the others.

    Parameters
    ----------
    sheet : Sheet
        For the places of problems.
    grid : list of list
        Rows with merged texts filled in.
    block : Block
        Where.
    problems : Problems
        Takes names that fit two units or none, contradictions, 巢湖, parts and totals.

    Returns
    -------
    list of Row
        In the order of the table.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.sheets import make_sheet
    >>> sheet = make_sheet("a", "", [["城市", "GDP"], ["合肥", 1.0], ["Suzhou", 2.0], ["福州市", 3.0]])
    >>> block, problems = Block((0,), (1,), (0,), (1, 2, 3), ()), Problems()
    >>> [row.code for row in read_rows(sheet, sheet.rows, block, problems)]
    [340100]
    >>> problems.frame()["severity"].tolist()
    ['error', 'note']
    """
    found: list[Row] = []
    passed: dict[str, int] = {}
    province = ""
    for position in block.body:
        row = grid[position]
        if block.province is not None and isinstance(text := row[block.province], str) and text.strip():
            province = text
        code, flag, kind = _unit_of_row(sheet, row, block, problems, position, province)
        if code:
            found.append(Row(position, code, _year_of_row(row, block), _scope_of_row(row, block), flag))
        elif kind:
            passed[kind] = passed.get(kind, 0) + 1
    if passed:
        text = "rows that are none of the 41 cities were passed over: " + ", ".join(
            f"{n} {kind}" for kind, n in passed.items()
        )
        problems.add("note", text, "nothing to do", sheet.spot())
    for position in block.stray:
        cure = "write the name of the city into the row, or delete the row"
        problems.add("warning", "a row has figures but no name; it is not read", cure, sheet.spot(position))
    return found


def read_figures(
    sheet: Sheet,
    rows: Sequence[Row],
    columns: Sequence[Column],
    year: int | None,
    source: str,
    title: str,
    profile: Profile,
    problems: Problems,
) -> list[Record]:
    """Read the figures of rows and columns.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    rows, columns : sequence
        What is read.
    year : int or None
        Data year of what says none itself.
    source, title : str
        Of the table.
    profile : Profile
        The meaning of marks.
    problems : Problems
        Takes cells that are no numbers.

    Returns
    -------
    list of Record
        One a row and column, NaN with a flag where there is no figure.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.profiles import load_profile
    >>> from yrdspatial.panel.yearbooks.sheets import make_sheet
    >>> sheet = make_sheet("a", "", [["合肥", 10000.0]])
    >>> column = Column(1, "gdp", True, "total", None, "100m CNY", 1e-4)
    >>> record, = read_figures(sheet, [Row(0, 340100, None, None)], [column], 2020, "", "", load_profile(), Problems())
    >>> record.value, record.step
    (1.0, 0.0001)
    """
    records = []
    for column in columns:
        readings = [read_cell(sheet.rows[row.position][column.position], profile.marks) for row in rows]
        digits = max((reading.decimals for reading in readings), default=0)
        for row, reading in zip(rows, readings, strict=True):
            records.append(_record(sheet, row, column, reading, digits, (year, source, title), problems))
    return records


def check_cells(
    sheet: Sheet, block: Block, columns: Sequence[Column], profile: Profile, problems: Problems
) -> int:
    """Read all cells of a table of county-level cities, only to report those that are no numbers.

    Parameters
    ----------
    sheet : Sheet
        The cells.
    block : Block
        Where.
    columns : sequence of Column
        What is read.
    profile : Profile
        The meaning of marks.
    problems : Problems
        Takes cells that are no numbers.

    Returns
    -------
    int
        Rows with at least one figure.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.profiles import load_profile
    >>> from yrdspatial.panel.yearbooks.sheets import make_sheet
    >>> sheet, problems = make_sheet("a", "", [["昆山市", "135OOO"]]), Problems()
    >>> column = Column(1, "population_registered", True, "total", None, "10k persons")
    >>> check_cells(sheet, Block((0,), (1,), (), (0,), ()), [column], load_profile(), problems)
    0
    >>> problems.frame()["text"].tolist()
    ['"135OOO" is no figure: letters stand among the digits, as after scanning (昆山市, population_registered)']
    """
    count = 0
    for position in block.body:
        readings = [read_cell(sheet.rows[position][column.position], profile.marks) for column in columns]
        count += any(not math.isnan(reading.value) for reading in readings)
        name = str(sheet.rows[position][block.names[0]]).strip()
        for column, reading in zip(columns, readings, strict=True):
            if reading.wrong:
                _say_wrong(
                    reading, f"{name}, {column.variable}", "warning", sheet, position, column, problems
                )
    return count


def _unit_of_row(
    sheet: Sheet, row: list[Cell], block: Block, problems: Problems, position: int, province: str
) -> tuple[int, str, str]:
    said = list(row_places(row, block.names))
    spot = sheet.spot(position)
    settled = [_settled(text, place, province) for text, place in said]
    codes = {place.code for place in settled if place.kind == "unit"}
    others = [place for place in settled if place.kind not in {"unit", "ambiguous"}]
    texts = " / ".join(str(row[column]).strip() for column in block.names if row[column] != "")
    if not said:
        return 0, "", _unnamed(texts, problems, spot)
    if len(codes) > 1 or (codes and any(not place.english for place in others)):
        names = " and ".join(unit_name(code) for code in sorted(codes)) if len(codes) > 1 else texts
        problems.add(
            "error", f'a row names two places: "{texts}" ({names}); it is not read', "correct the name", spot
        )
        return 0, "", ""
    if codes and not (others and not any(place.english for place in settled if place.kind == "unit")):
        return codes.pop(), _misspelt(row, block, settled, problems, spot), ""
    if codes:
        return codes.pop(), "", ""
    if others:
        return 0, "", _other(others[0], texts, problems, spot)
    cure = "write the Chinese name, the code, or the province beside it"
    problems.add("error", f'"{texts}" fits two of the 41 cities; the row is not read', cure, spot)
    return 0, "", ""


def _settled(text: str, place: Place, province: str) -> Place:
    if place.kind != "ambiguous" or not province:
        return place
    code = in_province(text, province)
    return Place("unit", code, place.english) if code else place


def _misspelt(row: list[Cell], block: Block, settled: list[Place], problems: Problems, spot: Spot) -> str:
    chinese = [
        text
        for column in block.names
        if isinstance(text := row[column], str) and any("\u4e00" <= letter <= "\u9fff" for letter in text)
    ]
    if not chinese or any(not place.english for place in settled):
        return ""
    text = f'"{chinese[0].strip()}" is no city that is known; the row is read by its English name'
    problems.add("warning", text, "correct the Chinese name", spot)
    return f'note: printed "{chinese[0].strip()}", read by its English name'


def _unnamed(texts: str, problems: Problems, spot: Spot) -> str:
    if is_part(texts) or scope_of(texts):
        return "parts (of which)"
    text = f'"{texts[:40]}" is no place that is known; the row is not read'
    problems.add("warning", text, "correct the name if it is one of the 41 cities", spot)
    return ""


def _other(place: Place, texts: str, problems: Problems, spot: Spot) -> str:
    if place.kind == "abolished":
        text = f'"{texts}": 巢湖 (341400) was abolished in 2011 and is none of the 41 cities; the row is not read'
        problems.add("note", text, "its figures to 2010 ship in panels/chaohu.csv", spot)
        return ""
    return {"province": "provinces", "total": "totals", "county": "county-level cities"}.get(
        place.kind, "other cities"
    )


def _year_of_row(row: list[Cell], block: Block) -> int | None:
    if block.year is None:
        return None
    cell = row[block.year]
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return read_label(text).year


def _scope_of_row(row: list[Cell], block: Block) -> str | None:
    return scope_of(str(row[block.scope])) if block.scope is not None else None


def _record(
    sheet: Sheet,
    row: Row,
    column: Column,
    reading: Reading,
    digits: int,
    about: tuple[int | None, str, str],
    problems: Problems,
) -> Record:
    year, source, title = about
    if reading.percent and column.known and not column.percent:
        reading = Reading(flag="unread: a percentage", wrong="a percentage stands where the unit is another")
    if reading.wrong:
        _say_wrong(
            reading,
            f"{unit_name(row.code)}, {column.variable}",
            "error",
            sheet,
            row.position,
            column,
            problems,
        )
    value = reading.value * column.factor + column.plus
    value = float(f"{value:.12g}") if not math.isnan(value) else value
    flags = [reading.flag] if math.isnan(value) else [reading.flag, column.flag, row.flag]
    if math.isnan(value) and not column.known:
        flags.append(column.flag)
    return Record(
        adcode=row.code,
        year=column.year or row.year or year,
        variable=column.variable,
        scope=row.scope or column.scope,
        value=value,
        unit=column.unit,
        source=source,
        flag="; ".join(flag for flag in flags if flag),
        step=10.0**-digits * column.factor,
        title=title,
        known=column.known,
        sheet=sheet,
        row=row.position,
        column=column.position,
    )


def _say_wrong(
    reading: Reading,
    about: str,
    severity: Severity,
    sheet: Sheet,
    row: int,
    column: Column,
    problems: Problems,
) -> None:
    quoted = reading.flag.removeprefix("unread: ")
    text = f"{quoted} is no figure: {reading.wrong} ({about})"
    problems.add(
        severity,
        text,
        "write the figure as printed, or leave the cell blank",
        sheet.spot(row, column.position),
    )


def say_missing(codes: Sequence[int], sheet: Sheet, problems: Problems) -> None:
    """Report which of the 41 cities a sheet does not have.

    Parameters
    ----------
    codes : sequence of int
        Those that it has.
    sheet : Sheet
        Where.
    problems : Problems
        Takes one warning.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.sheets import make_sheet
    >>> problems = Problems()
    >>> say_missing([310000], make_sheet("a", "", []), problems)
    >>> problems.frame()["text"].str[:35].tolist()
    ['40 of the 41 cities have no row: Na']
    """
    missing = [unit_name(code) for code in load_units().index if code not in set(codes)]
    if missing:
        text = f"{len(missing)} of the 41 cities have no row: {shorten(missing)}"
        problems.add("warning", text, "look whether rows were lost or names misspelt", sheet.spot())
