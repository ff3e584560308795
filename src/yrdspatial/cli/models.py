"""``yrd fit``, ``yrd impacts``, ``yrd compare``: does it spill over, every choice an option."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

import yrdspatial as yrd
from yrdspatial.cli.grouping import grouped
from yrdspatial.cli.model_options import Effect, Inference, Printed, Rows, Terms
from yrdspatial.cli.options import Formula, Model, select_years, show
from yrdspatial.cli.weights import Network, check_network, weights_of
from yrdspatial.errors import DataError, SpecificationError

if TYPE_CHECKING:
    from yrdspatial.models.results import SpatialPanelResults

app = typer.Typer()


@app.command()
@grouped
def fit(
    model: Annotated[Model, typer.Argument(help="Which model.")],
    formula: Formula,
    terms: Terms,
    network: Network,
    inference: Inference,
    rows: Rows,
    printed: Printed,
    save: Annotated[
        Path | None, typer.Option(help="Keep the model in this file, for `yrd impacts` and `yrd compare`.")
    ] = None,
) -> None:
    """Fit a spatial panel model and show its summary.

    For instance: yrd fit sdm "log(va_secondary) ~ log(gdp)" --weights rail --decay exponential --years 2006-2019
    """
    results = fitted(model, formula, (terms, network, inference, rows))
    if save is not None:
        results.save(save)
    if printed.out is None:
        typer.echo(results.summary)
    elif printed.out.suffix.lower() == ".csv":
        show(results.to_frame().reset_index(), printed.out)
    else:
        write_comparison({model.upper(): results}, printed)


@app.command()
@grouped
def impacts(
    model: Annotated[str, typer.Argument(help="A model as of `yrd fit`, or a file of `yrd fit --save`.")],
    terms: Terms,
    network: Network,
    inference: Inference,
    rows: Rows,
    effect: Effect,
    out: Annotated[
        Path | None, typer.Option(help="Write a table instead: .csv, .docx, .tex, .xlsx or .html.")
    ] = None,
    formula: Annotated[str | None, typer.Argument(help="Needed unless a file is given.")] = None,
) -> None:
    """Direct, indirect and total effects of a spatial panel model, with standard errors."""
    results = saved_or_fitted(model, formula, (terms, network, inference, rows))
    if effect.by == "unit":
        table = yrd.effects_by_unit(results)
    else:
        table = results.impacts(
            method=effect.method, draws=effect.draws, seed=effect.seed, by=effect.by, horizon=effect.horizon
        ).table
    show(table, out, title=f"Effects, {results.spec.model}: {results.spec.formula}", digits=4)


@app.command()
@grouped
def compare(
    files: Annotated[list[str], typer.Argument(metavar="[NAME=]FILE...", help="Files of `yrd fit --save`.")],
    printed: Printed,
    *,
    effects: Annotated[bool, typer.Option(help="Direct, indirect and total effects below.")] = True,
    controls: Annotated[
        list[str] | None, typer.Option(metavar="TERM", help="A term to leave out of the table; repeat it.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Standard errors of effects by a simulation with this seed.")
    ] = None,
) -> None:
    """Lay saved models side by side, in the layout of the robustness tables that papers print."""
    models = {name: loaded(file) for name, file in named_files(files).items()}
    write_comparison(models, printed, effects=effects, controls=controls or (), seed=seed)


def named_files(files: list[str]) -> dict[str, Path]:
    """Read NAME=FILE, or the name off the file.

    Returns
    -------
    dict of str to Path
        Files by name, in their order.

    Raises
    ------
    SpecificationError
        If two have one name.

    Examples
    --------
    >>> list(named_files(["Rail=a/b.zip", "c.zip"]))
    ['Rail', 'c']
    """
    found: dict[str, Path] = {}
    for text in files:
        name, _, file = text.rpartition("=")
        if (name or Path(file).stem) in found:
            cure = "write NAME=FILE for each"
            raise SpecificationError("two models have one name", where=name or Path(file).stem, cure=cure)
        found[name or Path(file).stem] = Path(file)
    return found


def write_comparison(
    models: "dict[str, SpatialPanelResults]",
    printed: Printed,
    *,
    effects: bool = True,
    controls: Iterable[str] = (),
    seed: int | None = None,
) -> None:
    """Show models side by side, or write them to the kind of file that was asked for."""
    stars: Any = () if printed.stars == "none" else printed.stars
    table = yrd.compare(
        models,
        effects=effects,
        stars=stars,
        digits=printed.digits,
        lang=printed.lang,
        controls=controls,
        seed=seed,
    )
    if printed.out is None:
        typer.echo(table)
        return
    from yrdspatial.tables.files import write_printed

    write_printed(table.printed(), printed.out, lang=printed.lang)


def saved_or_fitted(
    model: str, formula: str | None, asked: tuple[Terms, Network, Inference, Rows]
) -> "SpatialPanelResults":
    """Load the model from a file, or fit it.

    Returns
    -------
    SpatialPanelResults
        The model.

    Raises
    ------
    SpecificationError
        If the word is neither a model nor a file, or there is no formula for a model, or options for a file.
    """
    known = get_args(Model)
    if model in known:
        if formula is None:
            raise SpecificationError(
                f"{model} needs a formula", cure='write for instance "log(gdp) ~ log(va_tertiary)"'
            )
        return fitted(model, formula, asked)
    if not Path(model).suffix:
        cure = f"use {', '.join(known)}, or a file of yrd fit --save"
        raise SpecificationError(f"no model is called {model}", cure=cure)
    if formula is not None or asked != (Terms(), Network(), Inference(), Rows()):
        cure = "leave out formula, weights, data and estimation, or fit the model anew"
        raise SpecificationError("a saved model is taken as it was fitted", where=model, cure=cure)
    return loaded(Path(model))


def loaded(path: Path) -> "SpatialPanelResults":
    """Load a panel model from a file.

    Returns
    -------
    SpatialPanelResults
        The model.

    Raises
    ------
    DataError
        If the file holds a cross-section of another estimator.
    """
    from yrdspatial.models.results import SpatialPanelResults

    results = yrd.load_results(path)
    if not isinstance(results, SpatialPanelResults):
        raise DataError(
            "the file holds no panel model", where=str(path), cure="give a file of yrd fit --save"
        )
    return results


def fitted(model: str, formula: str, asked: tuple[Terms, Network, Inference, Rows]) -> "SpatialPanelResults":
    """Fit the model that was asked for.

    Returns
    -------
    SpatialPanelResults
        The fitted model.

    Raises
    ------
    SpecificationError
        If weights are asked for a model without.
    """
    terms, network, inference, rows = asked
    if model == "ols" and network != Network():
        cure = "leave its options out, or take another model"
        raise SpecificationError("ols has no weights", where="--weights", cure=cure)
    check_network(network)
    panel = read_rows(rows)
    options: dict[str, Any] = {
        "weights": None if model == "ols" else weights_of(network.weights, network, panel, rows.data_dir)
    }
    if network.border:
        options["weights"] = yrd.split_weights(options["weights"], "province")
    for role in ("durbin_weights", "error_weights"):
        word = getattr(network, role)
        if word is not None:
            options[role] = weights_of(word, network, panel, rows.data_dir)
    effects: Any = {"unit": "window", "time": True} if terms.effects == "window" else terms.effects
    if terms.effects == "window" and "window" not in panel.variables.index:
        panel = panel.assign(window=panel.windows(strand=rows.strand))
    estimator = getattr(yrd, model.upper())
    asked_for = estimator(
        panel, formula, effects=effects, durbin=terms.durbin or None, dynamic=terms.dynamic or None, **options
    )
    results: SpatialPanelResults = asked_for.fit(
        bias=inference.bias, cov_type=inference.cov_type, **covariance_options(inference, panel)
    )
    return results


def read_rows(rows: Rows) -> Any:
    """Take the panel, or the user's table, in the years and cities asked for.

    Returns
    -------
    Panel
        The rows.

    Raises
    ------
    DataError
        If the user's table cannot be read.
    SpecificationError
        If cities are both asked for and left out.
    """
    import pandas as pd

    if rows.data is None:
        panel = yrd.load_panel(data_dir=rows.data_dir)
    else:
        try:
            table = pd.read_csv(rows.data, encoding="utf-8-sig")
        except (OSError, ValueError) as problem:
            cure = "give a csv table in UTF-8 with a head"
            raise DataError("the table cannot be read", where=str(rows.data), cure=cure) from problem
        panel = yrd.Panel.from_frame(table)
    panel = select_years(panel, rows.years)
    if rows.units and rows.without:
        raise SpecificationError(
            "cities are asked for and left out", where="--units --without", cure="use one"
        )
    if rows.units:
        panel = panel.select(units=listed(rows.units))
    if rows.without:
        gone = panel.select(units=listed(rows.without)).units
        panel = panel.select(units=panel.units.difference(gone))
    return panel


def listed(names: list[str]) -> list[object]:
    """Split names at commas, and take codes for codes.

    Returns
    -------
    list
        Names, and codes as numbers.

    Examples
    --------
    >>> listed(["Hefei, 320100", "上海"])
    ['Hefei', 320100, '上海']
    """
    words = [word.strip() for name in names for word in name.replace("，", ",").split(",") if word.strip()]
    return [int(word) if word.isdecimal() else word for word in words]


def covariance_options(inference: Inference, panel: Any) -> dict[str, Any]:
    """Gather the options of a covariance.

    Returns
    -------
    dict
        Arguments of ``fit``.

    Raises
    ------
    SpecificationError
        If an option belongs to another covariance.
    """
    conley = inference.cov_type == "conley"
    if not conley and (inference.conley_cutoff is not None or inference.conley_distance is not None):
        cure = "leave it out, or ask for --cov-type conley"
        raise SpecificationError(f"{inference.cov_type} has no distance", where="--conley-cutoff", cure=cure)
    options: dict[str, Any] = {} if inference.lags is None else {"lags": inference.lags}
    if not conley:
        return options
    if inference.conley_cutoff is None:
        raise SpecificationError(
            "conley needs a cut-off", where="--conley-cutoff", cure="for instance 200 (km)"
        )
    if inference.conley_distance == "minutes":
        distance = yrd.travel_times([panel.years[-1]]).frame(panel.years[-1])
    else:
        from yrdspatial.geography.units import seat_distances

        distance = seat_distances()
    return {**options, "distance": distance, "cutoff": inference.conley_cutoff}
