"""Weights by words: a family that ships, with its options, or a file of the user."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, DataError, SpecificationError

if TYPE_CHECKING:
    import pandas as pd

Decay = Literal["knn", "exponential", "inverse", "threshold"]
Scale = Literal["row", "spectral", "minmax", "common", "none"]
FAMILIES = ("contiguity", "distance", "rail")
FILES = (".csv", ".gal", ".gwt")
OWN: Mapping[str, frozenset[str]] = {
    "contiguity": frozenset({"standardize"}),
    "distance": frozenset({"k", "power", "cutoff", "standardize"}),
    "rail": frozenset({"decay", "k", "tau", "power", "cutoff", "access", "standardize", "freeze"}),
    "file": frozenset({"standardize"}),
}
"""Which options each family has."""
OF_DECAY: Mapping[str, frozenset[str]] = {
    "knn": frozenset({"k"}),
    "exponential": frozenset({"tau"}),
    "inverse": frozenset({"power", "access"}),
    "threshold": frozenset(),
}
LONG = ("focal", "neighbor", "weight")
Role = Annotated[str | None, typer.Option(metavar="WORD", help="The same words, when not those of y.")]


@dataclass(frozen=True)
class Network:
    """Options on weights; those that were not given are None.

    Attributes
    ----------
    weights, durbin_weights, error_weights : str or None
        A family, or a file.
    border : bool
        Weights within and across provinces.
    decay, k, tau, power, cutoff, access, freeze, standardize
        As of the builders.
    """

    weights: Annotated[
        str, typer.Option(metavar="WORD", help="contiguity, distance, rail, or a file: .csv, .gal, .gwt.")
    ] = "contiguity"
    durbin_weights: Role = None
    error_weights: Role = None
    border: Annotated[
        bool, typer.Option("--border", help="Two weights of y and X: within provinces, and across.")
    ] = False
    decay: Annotated[
        Decay | None,
        typer.Option(metavar="WORD", help="Rail: knn (default), exponential, inverse, threshold."),
    ] = None
    k: Annotated[int | None, typer.Option(help="Rail knn (default 5), distance: nearest neighbours.")] = None
    tau: Annotated[float | None, typer.Option(help="Rail exponential: minutes to fall to 1/e (30).")] = None
    power: Annotated[float | None, typer.Option(help="Rail inverse, distance: the exponent (1).")] = None
    cutoff: Annotated[float | None, typer.Option(help="Longest link: minutes of rail, km of distance.")] = (
        None
    )
    access: Annotated[
        float | None, typer.Option(help="Rail inverse: minutes to and from the stations (60).")
    ] = None
    freeze: Annotated[
        int | None, typer.Option(metavar="YEAR", help="Rail: the network of this year in every year.")
    ] = None
    standardize: Annotated[
        Scale | None,
        typer.Option(
            metavar="WORD", help="row (default), spectral, minmax, common, none; a file stays as it is."
        ),
    ] = None


def weights_of(word: str, network: Network, panel: Any, data_dir: Path | None) -> Any:
    """Build the weights that a word names, on the units and years of a panel.

    Parameters
    ----------
    word : str
        A family, or a file.
    network : Network
        The options.
    panel : Panel
        The data.
    data_dir : Path or None
        The user's folder, laid over what ships.

    Returns
    -------
    Graph, WeightsSeries or DataFrame
        The weights.

    Raises
    ------
    SpecificationError
        If the word names neither a family nor a file.
    """
    given = _given(network)
    if Path(word).suffix.lower() in FILES:
        found = file_weights(Path(word), panel.units)
        return yrd.standardize(found, given["standardize"]) if "standardize" in given else found
    if word not in FAMILIES:
        cure = f"use {', '.join(FAMILIES)}, or a file that ends in {', '.join(FILES)}"
        raise SpecificationError(f"no weights are called {word}", where="--weights", cure=cure)
    _check_units(panel.units)
    own = {name: value for name, value in given.items() if name in OWN[word] - {"freeze"}}
    if word == "distance":
        return yrd.distance_weights(yrd.load_units().loc[list(panel.units)], **own)
    if word == "contiguity":
        links = yrd.contiguity_weights(yrd.load_shapes(data_dir=data_dir), standardize="none")
        few = links if len(panel.units) == links.n else links.subgraph(list(panel.units))
        return yrd.standardize(few, own.get("standardize", "row"))
    years = panel.years if network.freeze is None else [network.freeze]
    times = yrd.travel_times(years, network=yrd.load_rail(data_dir=data_dir))
    chosen = {year: times.frame(year).loc[list(panel.units), list(panel.units)] for year in years}
    series = yrd.rail_weights(chosen, **own)
    return series if network.freeze is None else series[network.freeze]


def check_network(network: Network) -> None:
    """Refuse options that belong to no weights that were asked for.

    Parameters
    ----------
    network : Network
        The options.

    Raises
    ------
    SpecificationError
        If an option would be ignored.
    """
    words = [one for one in (network.weights, network.durbin_weights, network.error_weights) if one]
    known: set[str] = set()
    for word in words:
        known |= OWN["file" if Path(word).suffix.lower() in FILES else word if word in OWN else "file"]
    decay = network.decay or "knn"
    if "rail" in words:
        known -= frozenset().union(*OF_DECAY.values()) - OF_DECAY[decay]
        known |= OWN["distance"] if "distance" in words else set()
    for name in _given(network):
        if name not in known:
            homes = [family for family, own in OWN.items() if name in own]
            decays = [kind for kind, own in OF_DECAY.items() if name in own]
            cure = f"it belongs to {' and '.join(homes)}" + (
                f", --decay {' or '.join(decays)}" if decays else ""
            )
            raise SpecificationError("an option does not fit the weights", where=f"--{name}", cure=cure)


def file_weights(path: Path, units: "pd.Index[Any]") -> Any:
    """Read weights of the user.

    Parameters
    ----------
    path : Path
        A square csv table; a csv with the columns focal, neighbor, weight and, if they differ, year; .gal or .gwt.
    units : Index
        Units of the data; for the 41 cities every spelling of their names will do.

    Returns
    -------
    DataFrame or WeightsSeries
        Square and labelled like the data.

    Raises
    ------
    DataError
        If the file cannot be read as weights.
    """
    import pandas as pd

    try:
        if path.suffix.lower() == ".csv":
            table = pd.read_csv(path, encoding="utf-8-sig")
        else:
            from libpysal.graph import read_gal, read_gwt

            read = read_gal if path.suffix.lower() == ".gal" else read_gwt
            table = read(str(path)).adjacency.reset_index()
    except (OSError, ValueError, KeyError, IndexError, TypeError) as problem:
        cure = "give a square csv table, a csv with focal, neighbor, weight, a .gal or a .gwt file"
        raise DataError("the file cannot be read as weights", where=str(path), cure=cure) from problem
    if set(LONG) <= set(table):
        if "year" in table:
            years = {int(str(year)): _square(part, units) for year, part in table.groupby("year")}
            return yrd.WeightsSeries.from_frames(years)
        return _square(table, units)
    square = table.set_index(table.columns[0])
    return square.set_axis(_labels(square.index, units), axis=0).set_axis(
        _labels(square.columns, units), axis=1
    )


def _square(links: "pd.DataFrame", units: "pd.Index[Any]") -> "pd.DataFrame":
    import pandas as pd

    ends = pd.MultiIndex.from_arrays([_labels(links[name], units) for name in LONG[:2]])
    if ends.has_duplicates:
        raise DataError(
            "a pair of units stands twice", where=str(ends[ends.duplicated()][0]), cure="keep one"
        )
    table = pd.Series(links["weight"].to_numpy(), ends).unstack(fill_value=0)
    every = table.index.union(table.columns)
    return table.reindex(index=every, columns=every, fill_value=0.0)


def _labels(labels: Iterable[object], units: "pd.Index[Any]") -> list[object]:
    import pandas as pd

    if not pd.api.types.is_integer_dtype(units):
        return [str(label) for label in labels]
    return [int(str(label)) if str(label).isdecimal() else yrd.find_unit(str(label)) for label in labels]


def _given(network: Network) -> dict[str, Any]:
    named = ("decay", "k", "tau", "power", "cutoff", "access", "freeze", "standardize")
    return {name: getattr(network, name) for name in named if getattr(network, name) is not None}


def _check_units(units: "pd.Index[Any]") -> None:
    strange = [str(unit) for unit in units if unit not in yrd.load_units().index]
    if strange:
        cure = "give --weights a file of your own, or label your rows by the six-digit codes"
        raise AlignmentError("units are none of the 41 cities", where=", ".join(strange[:5]), cure=cure)
