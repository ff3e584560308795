"""The command ``yrd``: each verb parses its arguments, calls one public function, and shows or writes the result."""

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

import yrdspatial as yrd
from yrdspatial.cli import movement, panel
from yrdspatial.cli.options import (
    DataDir,
    Effects,
    Family,
    Formula,
    Model,
    Out,
    Permutations,
    Quotient,
    Seed,
    WeightsFamily,
    Year,
    Years,
    family_weights,
    select_years,
    show,
    variable_and_weights,
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


@app.command()
def replicate(
    out: Annotated[Path, typer.Option(help="Folder for tables, figures and report.html.")] = Path("results"),
    data_dir: DataDir = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of everything random; the shipped one when left out.")
    ] = None,
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Run the main job on the shipped data: weights, specialization, clustering, spillovers, report."""
    chosen: dict[str, Any] = {} if seed is None else {"seed": seed}
    result = yrd.replicate(out, data_dir=data_dir, progress=not quiet, **chosen)
    typer.echo(f"{len(result.files)} files in {out}; open {out / 'report.html'}")


@app.command()
def unit(name: Annotated[str, typer.Argument(help="Any spelling of a city, or its six-digit code.")]) -> None:
    """Show which of the 41 units a name means."""
    typer.echo(yrd.load_units().loc[[yrd.find_unit(name)]].T.to_string(header=False))


@data_app.command("list")
def data_list(data_dir: DataDir = None) -> None:
    """List every data file with its title and producer."""
    from yrdspatial.datasets import list_datasets

    show(list_datasets(data_dir)[["title", "producer"]], None)


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


@app.command()
def fit(
    model: Model,
    formula: Formula,
    weights: WeightsFamily = "contiguity",
    effects: Effects = "twoways",
    years: Years = None,
    data_dir: DataDir = None,
) -> None:
    """Fit a spatial panel model and show its summary."""
    typer.echo(fitted(model, formula, weights, effects, years, data_dir).summary)


@app.command()
def impacts(
    model: Model,
    formula: Formula,
    weights: WeightsFamily = "contiguity",
    effects: Effects = "twoways",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Direct, indirect and total effects of a spatial panel model, with delta-method standard errors."""
    show(fitted(model, formula, weights, effects, years, data_dir).impacts(method="delta").table, out)


def fitted(
    model: Model, formula: str, family: Family, effects: Any, years: str | None, data_dir: Path | None
) -> Any:
    """Fit the model that `fit` and `impacts` were asked for.

    Returns
    -------
    SpatialPanelResults
        The fitted model.
    """
    panel = select_years(yrd.load_panel(data_dir=data_dir), years)
    estimator = getattr(yrd, model.upper())
    weights = family_weights(family, panel.years, data_dir)
    return estimator(panel, formula, weights=weights, effects=effects).fit()


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
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
