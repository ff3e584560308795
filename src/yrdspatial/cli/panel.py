"""``yrd panel``: tables of a new year checked and added, and a sheet to fill in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import yrdspatial as yrd
from yrdspatial.cli.options import DataDir

if TYPE_CHECKING:
    from yrdspatial.panel.check_report import CheckReport

app = typer.Typer(help="What we observe: check and add a year.", no_args_is_help=True)
Tables = Annotated[list[Path], typer.Argument(help="Yearbook tables of one edition: xlsx, xls, csv, html.")]
DataYear = Annotated[int, typer.Option(min=1000, max=2999, help="Data year: the edition minus one.")]
Form = Annotated[Literal["text", "html", "json"], typer.Option("--format", help="Form of the report.")]
Lang = Annotated[Literal["en", "zh"], typer.Option(help="Language of the report.")]
Report = Annotated[Path | None, typer.Option(help="Write the report to this file instead of showing it.")]


@app.command()
def check(
    tables: Tables,
    year: DataYear,
    data_dir: DataDir = None,
    form: Form = "text",
    lang: Lang = "en",
    out: Report = None,
) -> None:
    """Check the tables of a year; exit code 1 when it cannot be added."""
    conclude(yrd.check_year(tables, year=year, data_dir=data_dir), form, lang, out)


@app.command("add-year")
def add_year(
    tables: Tables,
    year: DataYear,
    data_dir: DataDir = None,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Write; without it, show what would change.")
    ] = False,
    vintage: Annotated[
        Literal["keep", "replace", "both"] | None,
        typer.Option(help="What becomes of a figure that the panel has otherwise; an error when left out."),
    ] = None,
    form: Form = "text",
    lang: Lang = "en",
    out: Report = None,
) -> None:
    """Add a year to your data folder (--data-dir or YRD_DATA): all of it, or nothing and the reasons."""
    report = yrd.add_year(tables, year=year, data_dir=data_dir, write=write, vintage=vintage)
    conclude(report, form, lang, out)


@app.command()
def template(
    year: DataYear,
    out: Annotated[Path | None, typer.Option(help="File to write; YEAR.xlsx here when left out.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write an Excel sheet with the columns, their units and the 41 names, ready to fill in."""
    typer.echo(yrd.panel_template(year, out or Path(f"{year}.xlsx"), data_dir=data_dir))


def conclude(
    report: "CheckReport", form: Literal["text", "html", "json"], lang: Literal["en", "zh"], out: Path | None
) -> None:
    """Show or write a report, and end with code 1 when it holds an error.

    Raises
    ------
    typer.Exit
        When the year cannot be added.
    """
    from yrdspatial.tables.files import write_file

    texts = {"text": report.to_text, "html": report.to_html}
    text = report.to_json() if form == "json" else texts[form](lang)
    if out is None:
        typer.echo(text)
    else:
        write_file(out, text.rstrip("\n") + "\n")
    if not report.ok:
        raise typer.Exit(1)
