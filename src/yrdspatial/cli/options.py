"""What the verbs of the command share: their options, the data they ask for, and how a table is shown."""

import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError

if TYPE_CHECKING:
    import pandas as pd

WIDEST = 100
PYTHON = re.compile(r'\b(?P<name>[a-z_]+)=(?P<value>True\b|"[^"]*"|<[^>]*>|[0-9.]*)')
"""An argument of Python in a message: its name and value."""
Family = Literal["contiguity", "rail"]
Model = Literal["ols", "slx", "sar", "sem", "sdm", "sdem", "sac", "gns"]
Basis = Literal["sectors_19", "three_sectors"]
DataDir = Annotated[Path | None, typer.Option(help="Your own data folder, laid over the shipped years.")]
Year = Annotated[int | None, typer.Option(help="One year; all years when left out.")]
Years = Annotated[str | None, typer.Option(help="Span of years, for instance 2006-2019.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything random.")]
Permutations = Annotated[int, typer.Option(min=99, help="Number of permutations.")]
Out = Annotated[
    Path | None, typer.Option(help="Write the table to this file: .csv, .docx, .tex, .xlsx or .html.")
]
WeightsFamily = Annotated[
    Family, typer.Option("--weights", help="Contiguity, or five nearest in rail time of the year.")
]
Quotient = Annotated[
    bool, typer.Option("--lq", help="Use the location quotient of the column within its sectors.")
]
BasisOption = Annotated[Basis, typer.Option(help="Employment of 19 sectors, or value added of three.")]
Formula = Annotated[
    str, typer.Argument(help='For instance "log(va_secondary) ~ log(gdp) + log(fiscal_expenditure)".')
]


def variable_and_weights(
    variable: str, family: Family, years: str | None, *, lq: bool, data_dir: Path | None
) -> tuple["pd.Series[float]", Any]:
    """Take a panel column, or its location quotient, and weights of the same years.

    Returns
    -------
    values : pandas.Series
        Indexed (unit, year).
    weights : Graph or WeightsSeries
        Weights of those years.

    Raises
    ------
    SpecificationError
        If a location quotient is asked of a column that is no sector.
    """
    panel = select_years(yrd.load_panel(data_dir=data_dir), years)
    if lq:
        sets = yrd.sector_sets()
        if variable not in sets["sectors_19"] + sets["three_sectors"]:
            raise SpecificationError(f"{variable} is no sector", cure="take a column of yrd.sector_sets()")
        basis: Basis = "sectors_19" if variable in sets["sectors_19"] else "three_sectors"
        values = yrd.location_quotient(sector_table(panel, basis, years), reference="region")[variable]
    else:
        values = panel.select(columns=[variable]).frame[variable]
        values = values if years else values.dropna()
    return values, family_weights(family, values.index.unique("year"), data_dir)


def sector_table(panel: Any, basis: Basis, years: str | None) -> "pd.DataFrame":
    """Take the columns of a sector set, in the years asked or in all that have them.

    Returns
    -------
    pandas.DataFrame
        Indexed (unit, year).
    """
    chosen = select_years(panel, years).select(columns=yrd.sector_sets()[basis])
    table: pd.DataFrame = chosen.frame
    if years:
        chosen.array(table.columns)  # refuses a year without data, by name
    return table if years else table.dropna()


def select_years(panel: Any, years: str | None) -> Any:
    """Keep a span of years such as "2006-2019", or one year.

    Returns
    -------
    Panel
        The panel of those years.

    Raises
    ------
    SpecificationError
        If the span cannot be read.
    """
    if years is None:
        return panel
    first, _, last = years.partition("-")
    last = last or first
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise SpecificationError(f"{years} is no span of years", cure="write for instance 2006-2019")
    return panel.select(years=range(int(first), int(last) + 1))


def family_weights(family: Family, years: Any, data_dir: Path | None) -> Any:
    """Build contiguity, or rail weights of the same years, from the shipped data or those laid over them.

    Returns
    -------
    Graph or WeightsSeries
        Row-standardized.
    """
    if family == "contiguity":
        return yrd.contiguity_weights(yrd.load_shapes(data_dir=data_dir))
    network = yrd.load_rail(data_dir=data_dir)
    return yrd.rail_weights(yrd.travel_times([int(year) for year in years], network=network))


def show(table: "pd.DataFrame", out: Path | None, *, title: str = "", digits: int | None = None) -> None:
    """Write a table to a file, or show it rounded if asked, with the names of the cities beside their codes."""
    if "unit" in table:
        place = list(table.columns).index("unit") + 1
        table.insert(place, "city", yrd.load_units()["name_zh"].reindex(table["unit"]).to_numpy())
    if out is None:
        rounded = None if digits is None else f"{{:.{digits}f}}".format
        named = table.index.name is not None
        typer.echo(table.to_string(index=named, justify="left", float_format=rounded))
        return
    from yrdspatial.tables.files import write_file, write_printed
    from yrdspatial.tables.printed import PrintedTable

    if out.suffix.lower() == ".csv":
        write_file(out, table.to_csv(index=False))
    else:
        write_printed(PrintedTable(table, title or out.stem), out)


def wrapped(text: str) -> str:
    """Fold a text to the width of the terminal, indented.

    Returns
    -------
    str
        The lines.

    Examples
    --------
    >>> wrapped("Cities of the delta")
    '    Cities of the delta'
    """
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return textwrap.fill(text, width, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)


def as_options(message: str, command: Any) -> str:
    """Say arguments of Python as the command takes them.

    Parameters
    ----------
    message : str
        An error of the toolkit, such as "... or say across_breaks=True".
    command : click.Command
        The command with all its verbs.

    Returns
    -------
    str
        The message, with the options that some verb has.
    """
    known = set(_options_of(command))

    def said(found: "re.Match[str]") -> str:
        name, value = found["name"], found["value"]
        if name not in known:
            return found[0]
        option = f"--{name.replace('_', '-')}"
        return option if value in {"", "True"} else f"{option} {value.strip(chr(34))}"

    return PYTHON.sub(said, message)


def _options_of(command: Any) -> Iterator[str]:
    yield from (one.name for one in command.params if one.name)
    for verb in getattr(command, "commands", {}).values():
        yield from _options_of(verb)
