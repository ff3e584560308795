"""The command ``yrd``: each verb parses its arguments, calls one public function, and shows or writes the result."""

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

import yrdspatial as yrd
from yrdspatial.cli import models, movement, panel
from yrdspatial.cli.options import (
    DataDir,
    Out,
    Permutations,
    Quotient,
    Seed,
    WeightsFamily,
    Year,
    Years,
    as_options,
    show,
    variable_and_weights,
    wrapped,
)
from yrdspatial.errors import DataError, YrdSpatialError, YrdSpatialWarning

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    help="Spatial econometrics of the Yangtze River Delta.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="What ships: list, cite, verify.", no_args_is_help=True)
rail_app = typer.Typer(help="How far: rail travel times.", no_args_is_help=True)
weights_app = typer.Typer(help="Who is a neighbour: spatial weights.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(panel.app, name="panel")
app.add_typer(rail_app, name="rail")
app.add_typer(weights_app, name="weights")
app.add_typer(movement.app, name="industry")
app.add_typer(models.app)


@app.command()
def replicate(
    out: Annotated[
        Path, typer.Option(help="Folder for tables, figures and report.html; one language a folder.")
    ] = Path("results"),
    data_dir: DataDir = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Make only claims, figures or models; may be given again, or as a list with commas."
        ),
    ] = None,
    lang: Annotated[
        Literal["en", "zh"], typer.Option(help="Language of the report, figures and printed tables.")
    ] = "en",
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of everything random; the shipped one when left out.")
    ] = None,
    permutations: Annotated[
        int | None, typer.Option(min=1, help="Permutations of the tests for clusters; 9999 when left out.")
    ] = None,
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Compute everything anew instead of what has changed.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Run the main job on the shipped data: weights, specialization, clustering, spillovers, report."""
    given = {"seed": seed, "permutations": permutations, "only": listed(only)}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    result = yrd.replicate(out, data_dir=data_dir, lang=lang, fresh=fresh, progress=not quiet, **chosen)
    place = f"; open {out / 'report.html'}" if only is None else ""
    typer.echo(f"{len(result.files)} files in {out}{place}")


def listed(words: list[str] | None) -> list[str] | None:
    """Take apart what was given with commas.

    Returns
    -------
    list of str or None
        The words; None when nothing was given.

    Examples
    --------
    >>> listed(["claims,models", "figures"])
    ['claims', 'models', 'figures']
    """
    return None if words is None else [word.strip() for text in words for word in text.split(",")]


@app.command()
def unit(name: Annotated[str, typer.Argument(help="Any spelling of a city, or its six-digit code.")]) -> None:
    """Show which of the 41 units a name means."""
    typer.echo(yrd.load_units().loc[[yrd.find_unit(name)]].T.to_string(header=False))


@data_app.command("list")
def data_list(data_dir: DataDir = None) -> None:
    """List every data file with its title and producer."""
    from yrdspatial.datasets import list_datasets

    for name, entry in list_datasets(data_dir).iterrows():
        typer.echo(f"{name}\n{wrapped(entry['title'])}\n{wrapped(entry['producer'])}")


@data_app.command("cite")
def data_cite(
    name: Annotated[str, typer.Argument(help="A file as `yrd data list` names it.")], data_dir: DataDir = None
) -> None:
    """Print the full citation and terms of a data file."""
    from yrdspatial.datasets import cite

    typer.echo(cite(name, data_dir=data_dir))


@data_app.command("verify")
def data_verify(data_dir: DataDir = None) -> None:
    """Check every data file against its registered hash; exit code 1 when one differs."""
    from yrdspatial.datasets import verify

    table = verify(data_dir)
    show(table, None)
    refuse_changed(table["status"])


@rail_app.command("time")
def rail_time(
    origin: Annotated[str, typer.Argument(help="A city.")],
    destination: Annotated[str, typer.Argument(help="A city.")],
    on: Annotated[
        str, typer.Option(help="A day, for instance 2016-03-10, or a year (its first of July).")
    ] = "2020",
    *,
    fallback: Annotated[bool, typer.Option(help="Use conventional rail or road where faster.")] = True,
) -> None:
    """Minutes between two cities on a day."""
    pair = yrd.find_unit(origin), yrd.find_unit(destination)
    day = f"{on}-07-01" if len(on) == 4 and on.isdecimal() else on
    minutes = yrd.load_rail().travel_time(day, fallback=fallback).to_numpy()
    here, there = (yrd.load_units().index.get_loc(code) for code in pair)
    time = minutes[here, there]
    typer.echo(
        f"{time:.0f} minutes" if time < float("inf") else "not reachable by high-speed rail on that day"
    )


@weights_app.command("contiguity")
def weights_contiguity(
    year: Year = None,
    islands: Annotated[
        Literal["bridge", "nearest", "keep", "error"], typer.Option(help="What to do with Zhoushan.")
    ] = "bridge",
    standardize: Annotated[
        Literal["row", "spectral", "minmax", "none"], typer.Option(help="Scale of the weights.")
    ] = "row",
    out: Out = None,
) -> None:
    """Show or write the neighbours of every unit."""
    graph = yrd.contiguity_weights(year=year, islands=islands, standardize=standardize)
    show(graph.adjacency.reset_index(), out)


@weights_app.command("rail")
def weights_rail(
    year: Annotated[int, typer.Option(help="Year of the network (1 July).")],
    decay: Annotated[
        Literal["knn", "exponential", "inverse", "threshold"],
        typer.Option(help="How weight falls with time."),
    ] = "knn",
    k: Annotated[int, typer.Option(help="Number of neighbours of knn.")] = 5,
    cutoff: Annotated[float | None, typer.Option(help="Longest time in minutes.")] = None,
    out: Out = None,
) -> None:
    """Show or write the weights by rail time of one year."""
    series = yrd.rail_weights(yrd.travel_times([year]), decay=decay, k=k, cutoff=cutoff)
    show(series[year].adjacency.reset_index(), out)


@app.command()
def moran(
    variable: Annotated[str, typer.Argument(help="A column of the panel.")],
    weights: WeightsFamily = "contiguity",
    years: Years = None,
    permutations: Permutations = 9999,
    seed: Seed = 12345,
    *,
    lq: Quotient = False,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Moran's I by year."""
    values, graph = variable_and_weights(variable, weights, years, lq=lq, data_dir=data_dir)
    show(yrd.moran(values, graph, permutations=permutations, seed=seed), out)


@app.command()
def lisa(
    variable: Annotated[str, typer.Argument(help="A column of the panel.")],
    weights: WeightsFamily = "contiguity",
    years: Years = None,
    permutations: Permutations = 9999,
    seed: Seed = 12345,
    *,
    lq: Quotient = False,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Local Moran by unit and year, with clusters after the false discovery rate."""
    values, graph = variable_and_weights(variable, weights, years, lq=lq, data_dir=data_dir)
    show(yrd.local_moran(values, graph, permutations=permutations, seed=seed).table, out)


def refuse_changed(status: "pd.Series[str]") -> None:
    """End with an error when a data file is not the registered one.

    Raises
    ------
    DataError
        If a status is other than "ok".
    """
    bad = status[status != "ok"]
    if len(bad):
        where = ", ".join(f"{name}: {word}" for name, word in bad.items())
        raise DataError("files differ from their registers", where=where, cure="restore or register them")


def one_line_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,  # noqa: ARG001
    lineno: int,  # noqa: ARG001
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    """Show the toolkit's own warnings as one line; others keep their class name."""
    label = "warning" if issubclass(category, YrdSpatialWarning) else category.__name__
    typer.echo(f"{label}: {message}", err=True)


def main() -> None:
    """Entry point of the command: errors of data and request are one line and exit code 1."""
    warnings.showwarning = one_line_warning
    try:
        app()
    except YrdSpatialError as error:
        typer.echo(f"error: {as_options(str(error), typer.main.get_command(app))}", err=True)
        sys.exit(1)
