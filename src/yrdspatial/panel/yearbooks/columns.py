"""What the columns of a block are: variable, scope, unit and year of each, from its header cells and the title."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from yrdspatial.panel.yearbooks.cells import Cell
from yrdspatial.panel.yearbooks.labels import Label, read_label, read_number, read_year, unit_line
from yrdspatial.panel.yearbooks.layout import Block
from yrdspatial.panel.yearbooks.measures import Measure, panel_measure, read_measure
from yrdspatial.panel.yearbooks.problems import Problems, Severity, Spot
from yrdspatial.panel.yearbooks.profiles import Profile
from yrdspatial.panel.yearbooks.sheets import Sheet, column_letter
from yrdspatial.panel.yearbooks.synonyms import Match, find_column, unit_of
from yrdspatial.panel.yearbooks.words import Scope, normal, words

CONTINUED = ("续表", "continued")
UNFINISHED = ("、", "，", ",", "及", "和", "与", "（", "(", "-")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a block: number and title of the table, data year, scope, unit lines by column."""

    number: str = ""
    title: str = ""
    year: int | None = None
    scope: Scope | None = None
    measure: Measure | None = None
    lines: tuple[tuple[int, Measure], ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of figures: where, which variable, is it known, scope, year, unit and the factor to it."""

    position: int
    variable: str
    known: bool
    scope: Scope
    year: int | None
    unit: str
    factor: float = 1.0
    plus: float = 0.0
    percent: bool = False
    flag: str = ""


def read_heading(sheet: Sheet, grid: list[list[Cell]], block: Block, before: Heading) -> Heading:
    """Read what stands above a block.

    Parameters
    ----------
    sheet : Sheet
        For what stands outside its rows.
    grid : list of list
        Rows with merged texts filled in.
    block : Block
        Where.
    before : Heading
        Of the block above or to the left, for a continued table.

    Returns
    -------
    Heading
        What this block does not print is taken from ``before``.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.sheets import make_sheet
    >>> block = Block(names=(0,), columns=(1,), header=(2,), body=(3,), above=(0, 1))
    >>> grid = [["2-7 地区生产总值", ""], ["单位：亿元", "2020年"], ["城市", "GDP"], ["合肥", 1.0]]
    >>> heading = read_heading(make_sheet("a", "", grid), grid, block, Heading())
    >>> heading.number, heading.title, heading.measure.text, heading.year
    ('2-7', '地区生产总值', '亿元', 2020)
    """
    above = [(column, cell) for row in block.above for column, cell in enumerate(grid[row]) if cell != ""]
    cells = [*((-1, text) for text in sheet.lead), *((column, str(cell).strip()) for column, cell in above)]
    near = {*block.names, *block.columns}
    own = [(column, text) for column, text in cells if column in near]
    chosen = own if any(read_number(text) or unit_line(text) for _, text in own) else cells
    lines = tuple((column, measure) for column, text in chosen for measure in unit_line(text) or ())
    texts = tuple(dict.fromkeys(text for _, text in chosen if unit_line(text) is None))
    numbered = next((text for text in texts if read_number(text)), "")
    plain = [text for text in texts if not any(word in text.casefold() for word in CONTINUED)]
    line = numbered or max(plain, key=len, default="")
    label = read_label(_bare(line)) if line else Label()
    years = {year for _, text in cells if (year := read_year(text)) is not None}
    heading = Heading(
        number=read_number(line),
        title=label.text,
        year=years.pop() if len(years) == 1 else None,
        scope=label.scope,
        measure=lines[0][1]
        if len({(one.dimension, one.factor) for _, one in lines}) == 1
        else None
        if lines
        else label.measure,
        lines=lines,
        texts=tuple(text for _, text in cells),
    )
    return _continued(heading, before)


def read_columns(
    sheet: Sheet, grid: list[list[Cell]], block: Block, heading: Heading, profile: Profile, problems: Problems
) -> list[Column]:
    """Read the columns of a block.

    Parameters
    ----------
    sheet : Sheet
        For the places of problems and for its merged ranges.
    grid : list of list
        Rows with merged texts filled in.
    block : Block
        Where.
    heading : Heading
        Of the table.
    profile : Profile
        For units that are not printed.
    problems : Problems
        Takes what is unknown or unclear.

    Returns
    -------
    list of Column
        Every column that has a title or figures; two that print the same get their letters.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.profiles import load_profile
    >>> from yrdspatial.panel.yearbooks.sheets import make_sheet
    >>> sheet = make_sheet("a", "", [["城市", "GDP（万元）"], ["合肥", 10000.0]])
    >>> block = Block(names=(0,), columns=(1,), header=(0,), body=(1,), above=())
    >>> column, = read_columns(sheet, sheet.rows, block, Heading(), load_profile(), Problems())
    >>> column.variable, column.unit, column.factor
    ('gdp', '100m CNY', 0.0001)
    """
    paths = _paths(sheet, grid, block)
    titles = {position: any(read_label(text).text for text in texts) for position, texts in paths.items()}
    untitled = {position for position, titled in titles.items() if not titled and any(titles.values())}
    found = []
    for position in block.columns:
        filled = any(grid[row][position] != "" for row in block.body)
        if paths[position] or filled:
            asked = heading if position not in untitled else replace(heading, title="", number="")
            found.append(_column(sheet, block, asked, profile, problems, position, paths[position]))
    return _distinct(found, sheet, block, problems)


def _bare(line: str) -> str:
    number = read_number(line)
    if not number:
        return line
    rest = line.strip().removeprefix("表").strip()
    while rest and (rest[0].isdigit() or rest[0] in " -－—–‐.０１２３４５６７８９\u3000"):
        rest = rest[1:]
    return rest


def _continued(heading: Heading, before: Heading) -> Heading:
    if heading.number not in {"", before.number}:
        return heading
    if heading.number or not heading.title or not before.title:
        heading = replace(
            heading, number=heading.number or before.number, title=heading.title or before.title
        )
    return replace(
        heading,
        number=heading.number or before.number,
        year=heading.year if heading.year is not None else before.year,
        scope=heading.scope or before.scope,
        measure=heading.measure or (None if heading.lines else before.measure),
        lines=heading.lines or before.lines,
    )


def _paths(sheet: Sheet, grid: list[list[Cell]], block: Block) -> dict[int, list[str]]:
    wide = [merge for merge in sheet.merges if merge[3] > merge[1]]
    rows = [[_header_text(grid[row][column]) for column in block.columns] for row in block.header]
    own = [list(row) for row in rows]
    for depth, number in enumerate(block.header):
        merged = {
            c for top, left, bottom, right in wide if top <= number <= bottom for c in range(left, right + 1)
        }
        _fill_right(rows[depth], depth, own, block.columns, merged)
    paths = {}
    for place, column in enumerate(block.columns):
        texts = [row[place] for row in rows if row[place]]
        paths[column] = [
            text for number, text in enumerate(texts) if number == 0 or text != texts[number - 1]
        ]
    return paths


def _fill_right(
    row: list[str], depth: int, own: list[list[str]], columns: Sequence[int], merged: set[int]
) -> None:
    last = ""
    for place, text in enumerate(row):
        broken = place > 0 and columns[place] - columns[place - 1] > 1
        begun = any(own[above][place] for above in range(depth))
        if text or broken or begun:
            last = text if columns[place] not in merged else ""
        elif last and not last.endswith(UNFINISHED) and any(below[place] for below in own[depth + 1 :]):
            row[place] = last


def _header_text(cell: Cell) -> str:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(int(cell)) if 1900 <= cell <= 2100 and float(cell).is_integer() else ""
    return cell.strip() if isinstance(cell, str) else ""


def _column(
    sheet: Sheet,
    block: Block,
    heading: Heading,
    profile: Profile,
    problems: Problems,
    position: int,
    texts: list[str],
) -> Column:
    units = [measure for text in texts for measure in unit_line(text) or ()]
    path = [read_label(text) for text in texts if unit_line(text) is None or read_label(text).year]
    measures = [label.measure for label in path if label.measure] or units[:1]
    options: list[Measure | None] = [measures[-1]] if measures else _line_measures(heading, position)
    match, measure = _match(path, heading, options)
    scope = next((label.scope for label in reversed(path) if label.scope), heading.scope) or "total"
    year = next((label.year for label in reversed(path) if label.year), None)
    column = Column(position, match.column, bool(match.column), scope, year, "")
    spot = sheet.spot(block.header[-1] if block.header else None, position)
    if match.column:
        return _converted(column, match, measure, profile, problems, spot)
    title = _own_title(path, heading, position, len(block.columns))
    if match.unfit:
        said = measure.text if measure else "its unit"
        text = f'"{title}" looks like {match.unfit}, but {said} cannot be converted to {unit_of(match.unfit)}'
        problems.add("warning", text, "correct the printed unit if it is that column", spot)
    text = f'the dictionary does not know the column "{title}"; it is kept under this title'
    problems.add("note", text, "nothing to do, or add a synonym to synonyms.toml", spot)
    return replace(
        column,
        variable=title,
        unit=measure.text if measure else "",
        flag="unknown_column: not in the dictionary",
    )


def _line_measures(heading: Heading, position: int) -> list[Measure | None]:
    here = [measure for column, measure in heading.lines if column == position]
    every = here or [measure for _, measure in heading.lines]
    distinct = {(measure.dimension, measure.factor): measure for measure in every}
    return [*distinct.values()] or [heading.measure]


def _match(
    path: Sequence[Label], heading: Heading, options: Sequence[Measure | None]
) -> tuple[Match, Measure | None]:
    first: tuple[Match, Measure | None] | None = None
    fits = []
    for measure in options:
        match = find_column(path, heading.title, heading.number, measure)
        first = first or (match, measure if len(options) == 1 else None)
        if match.column:
            fits.append((match, measure))
    return fits[0] if len(fits) == 1 else first or (Match(), None)


def _converted(
    column: Column, match: Match, measure: Measure | None, profile: Profile, problems: Problems, spot: Spot
) -> Column:

    unit, flags = unit_of(match.column), []
    if measure is None:
        usual = profile.usual_units.get(match.column, "")
        measure = read_measure(usual) if usual else None
        if measure is None:
            problems.add(
                "error",
                f"no unit is printed for {match.column}",
                "write the unit into the header or a unit line",
                spot,
            )
            return replace(column, unit="", flag="unread: no unit is printed")
        text = f"no unit is printed for {match.column}; {usual} is taken, as the {profile.title} has it"
        problems.add("warning", text, "compare one figure with another source", spot)
        flags.append(f"note: no unit is printed, {usual} is usual")
    own = panel_measure(unit)
    factor = measure.factor / own.factor if own and own.dimension == measure.dimension else 1.0
    if factor != 1:
        flags.append(f"converted: printed in {measure.text}, x {factor:g}")
    if match.plus:
        flags.append(f"derived: {match.plus:g} + the printed growth rate")
    return replace(
        column,
        unit=unit,
        factor=factor,
        plus=match.plus,
        percent=measure.dimension == "%",
        flag="; ".join(flags),
    )


def _own_title(path: Sequence[Label], heading: Heading, position: int, count: int) -> str:
    texts = [label.zh for label in path if label.zh] or [label.en for label in path if label.en]
    kept = [
        text for place, text in enumerate(texts) if not any(text in later for later in texts[place + 1 :])
    ]
    if not kept and count <= 2 and heading.title:
        return heading.title
    if kept and all(normal(text) in words("generic") for text in kept) and heading.title:
        kept.insert(0, heading.title)
    return "/".join(kept) or f"column {column_letter(position)}"


def _distinct(columns: list[Column], sheet: Sheet, block: Block, problems: Problems) -> list[Column]:
    seen: set[tuple[str, str, int | None]] = set()
    found = []
    for column in columns:
        key = (column.variable, column.scope, column.year)
        if key in seen:
            spot = sheet.spot(block.header[-1] if block.header else None, column.position)
            text = f'two columns say "{column.variable}", {column.scope}'
            severity: Severity = "error" if column.known else "warning"
            problems.add(severity, text, "give them different titles or scopes", spot)
        lettered = f"{column.variable} ({column_letter(column.position)})"
        found.append(replace(column, variable=lettered) if key in seen and not column.known else column)
        seen.add(key)
    return found
