"""Yearbook tables as they are printed, read into tidy figures: nothing guessed, nothing dropped unsaid."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from yrdspatial.errors import DataError
from yrdspatial.panel.yearbooks.cells import Cell
from yrdspatial.panel.yearbooks.columns import Column, Heading, read_columns, read_heading
from yrdspatial.panel.yearbooks.combine import VALUES, combine
from yrdspatial.panel.yearbooks.files import as_paths, read_sheets
from yrdspatial.panel.yearbooks.layout import Block, find_blocks, row_places, upright
from yrdspatial.panel.yearbooks.problems import Problems, Spot
from yrdspatial.panel.yearbooks.profiles import Profile, load_profile
from yrdspatial.panel.yearbooks.sheets import Sheet
from yrdspatial.panel.yearbooks.values import Record, check_cells, read_figures, read_rows, say_missing


@dataclass(frozen=True)
class YearbookTable:
    """What was read from yearbook tables.

    Attributes
    ----------
    values : pandas.DataFrame
        One row a figure: ``adcode`` (Int64), ``year`` (Int64), ``variable`` (a column of the dictionary, or the printed
        title), ``scope`` ("total" for 全市, "districts" for 市辖区), ``value`` (float, NaN where no figure is printed),
        ``unit``, ``source``, ``flag``.
    problems : pandas.DataFrame
        Columns ``severity`` ("error", "warning", "note"), ``file``, ``sheet``, ``row`` (Int64, from 1), ``column``
        (letter), ``text``, ``cure``.
    year : int or None
        The data year when all figures have the same.
    files : tuple of str
        What was read.
    steps : pandas.Series
        For each row of ``values`` the step of the last printed digit, in the unit of the value.

    Examples
    --------
    >>> YearbookTable(pd.DataFrame(), pd.DataFrame(), 2020, ("a.xlsx",), pd.Series(dtype=float)).year
    2020
    """

    values: pd.DataFrame
    problems: pd.DataFrame
    year: int | None
    files: tuple[str, ...]
    steps: pd.Series


@dataclass(frozen=True, slots=True)
class _Reading:
    profile: Profile
    year: int | None
    problems: Problems
    records: list[Record]
    undated: list[str]


def read_yearbook(
    paths: str | Path | Iterable[str | Path], *, year: int | None = None, profile: str | None = None
) -> YearbookTable:
    r"""Read tables of a statistical yearbook as they are printed.

    Finds the tables of every sheet, flattens their headers, keeps the whole city (全市) apart from its districts
    (市辖区), reads names in every spelling, converts units, and says what it did in flags and problems. Messy content
    never raises.

    Parameters
    ----------
    paths : str, Path or iterable of these
        Files: xlsx, xls, csv (UTF-8, GBK), html; together they are one edition.
    year : int, optional
        The data year, one before the edition; needed where a table does not print it.
    profile : str, optional
        The book whose marks are meant: ``"ccsy"`` (the default) or ``"provincial"``.

    Returns
    -------
    YearbookTable
        Figures and problems.

    Raises
    ------
    DataError
        If a file is missing or cannot be read, the profile is not known, or the data year is neither printed nor given.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> made = Path(folder.name) / "made.csv"
    >>> _ = made.write_text("2-7 made table\n城市,地区生产总值（万元）\n合肥市,1 234 567\n巢湖市,…\n", "utf-8")
    >>> table = read_yearbook(made, year=2020)
    >>> table.values[["adcode", "variable", "value", "unit"]].values.tolist()
    [[340100, 'gdp', 123.4567, '100m CNY']]
    >>> folder.cleanup()
    """
    files = as_paths(paths)
    _check_year(year)
    reading = _Reading(load_profile(profile), year, Problems(), [], [])
    for path in files:
        _check_edition(path, reading)
        for sheet in read_sheets(path):
            _read_sheet(sheet, path, reading)
    if reading.undated:
        where = ", ".join(dict.fromkeys(reading.undated))
        cure = "say year=, the year of the edition minus one"
        raise DataError("a table does not print its data year", where=where, cure=cure)
    table = combine(reading.records, reading.problems)
    years = table["year"].unique()
    return YearbookTable(
        values=table[list(VALUES)],
        problems=reading.problems.frame(),
        year=int(years[0]) if len(years) == 1 else year if len(years) == 0 else None,
        files=tuple(str(path) for path in files),
        steps=table["step"],
    )


def _check_year(year: int | None) -> None:
    whole = isinstance(year, int) and not isinstance(year, bool) and 1949 <= year <= 2100
    if year is not None and not whole:
        raise DataError(
            "the data year is not a year", where=f"year={year!r}", cure="say the edition minus one: 2022"
        )


def _check_edition(path: Path, reading: _Reading) -> None:
    edition = re.match(r"((?:19|20)\d{2})[-_ ]\d", path.stem)
    if edition and int(edition[1]) == reading.year:
        text = f"the name of the file says edition {edition[1]}, whose data year is {reading.year - 1}"
        reading.problems.add("warning", text, "give the edition minus one as the year", Spot(path.name))


def _read_sheet(sheet: Sheet, path: Path, reading: _Reading) -> None:
    for severity, text, cure, row, letters in sheet.remarks:
        reading.problems.rows.append((severity, sheet.file, sheet.name, row, letters, text, cure))
    sheet = upright(sheet)
    grid = sheet.filled()
    blocks = find_blocks(sheet, grid)
    if not blocks:
        text, cure = "no table with names of cities was found", "look whether this is the right file or sheet"
        reading.problems.add("warning" if sheet.rows else "note", text, cure, sheet.spot())
        return
    heading, codes, county = Heading(), list[int](), 0
    for block in blocks:
        heading = read_heading(sheet, grid, block, heading)
        columns = read_columns(sheet, grid, block, heading, reading.profile, reading.problems)
        if _is_county(grid, block, heading, reading.profile):
            county += check_cells(sheet, block, columns, reading.profile, reading.problems)
            codes.append(0)
            continue
        codes += _read_block(sheet, grid, block, columns, heading, path, reading)
    _report(sheet, heading, codes, county, reading)


def _read_block(
    sheet: Sheet,
    grid: list[list[Cell]],
    block: Block,
    columns: list[Column],
    heading: Heading,
    path: Path,
    reading: _Reading,
) -> list[int]:
    rows = read_rows(sheet, grid, block, reading.problems)
    dated = all(column.year for column in columns) or all(row.year for row in rows)
    if rows and columns and reading.year is None and heading.year is None and not dated:
        reading.undated.append(path.name)
    if heading.year and reading.year and heading.year != reading.year and not dated:
        text = f"the table prints the year {heading.year}, but {reading.year} was given"
        reading.problems.add("error", text, "give the data year, the edition minus one", sheet.spot())
    year = reading.year if reading.year is not None else heading.year
    source = _source(path, heading, year, reading.profile)
    figures = read_figures(
        sheet, rows, columns, year, source, heading.title, reading.profile, reading.problems
    )
    reading.records.extend(figures)
    return [row.code for row in rows]


def _is_county(grid: list[list[Cell]], block: Block, heading: Heading, profile: Profile) -> bool:
    numbered = bool(heading.number) and heading.number.startswith(profile.county_tables)
    if not numbered and not any(word in text for text in heading.texts for word in profile.county_words):
        return False
    kinds = [place.kind for row in block.body for _, place in row_places(grid[row], block.names)]
    return kinds.count("county") >= kinds.count("unit")


def _source(path: Path, heading: Heading, year: int | None, profile: Profile) -> str:
    edition = f" {year + 1}" if year is not None else ""
    table = f"{heading.number} {heading.title}".strip()
    return f"{profile.title}{edition}, {f'table {table}, ' if table else ''}{path.name}"


def _report(sheet: Sheet, heading: Heading, codes: list[int], county: int, reading: _Reading) -> None:
    if 0 in codes:
        what = f"table {heading.number} {heading.title} lists county-level cities"
        text = f"{what}: {county} rows were read, none is one of the 41 cities"
        cure = "nothing to do; 巢湖市 there is the county-level city 340181"
        reading.problems.add("note", text, cure, sheet.spot())
        return
    say_missing(codes, sheet, reading.problems)
