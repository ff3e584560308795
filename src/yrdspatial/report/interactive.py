"""A map to ask: outlines as SVG, a slider of years, layers and weights to choose, a city to click; no network."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import AlignmentError, OutputError
from yrdspatial.rail.travel_time import TravelTimes
from yrdspatial.report.basemap import build_basemap
from yrdspatial.report.classes import class_colors, class_edges
from yrdspatial.report.style import CLUSTER_NAMES, CLUSTERS
from yrdspatial.tables.speech import LANGUAGE, say, term
from yrdspatial.weights.series import WeightsSeries

Floats = npt.NDArray[np.float64]

PER_KM = 2.0
DIGITS = ".4g"
CUT_DIGITS = ".3g"
SAID = re.compile(r'say\("([^"]+)"')
NEIGHBOUR_COLUMNS = ("weights", "year", "unit", "neighbour", "minutes")


@dataclass(frozen=True)
class Layer:
    """What a map may show.

    Attributes
    ----------
    title : str
        What is measured.
    tables : mapping of str to pandas.DataFrame
        Units x years, numbers or names of clusters, for each family of weights; under the key ``""`` one table for all.
    breaks : sequence of float, optional
        Upper bounds of the classes of numbers; without them natural breaks over all years.
    steps : mapping of int to str, optional
        The first year after a known break of the data, and a note on it: the series of a city is cut there.
    """

    title: str
    tables: Mapping[str, pd.DataFrame]
    breaks: Sequence[float] | None = None
    steps: Mapping[int, str] | None = None


@dataclass(frozen=True)
class MapBlock:
    """An interactive map of the report, numbered as a figure.

    Attributes
    ----------
    key : str
        Name for links: letters, digits, hyphens.
    shapes : geopandas.GeoDataFrame
        Polygons of the units; column name_zh.
    layers : sequence of Layer
        The first is shown when the page opens, in its last year.
    neighbours : pandas.DataFrame
        One row a family of weights, year, unit and neighbour: columns weights, year, unit, neighbour, minutes, as
        `neighbour_table` gives them.
    caption : str
        What it shows.
    note : str
        Sources and treatment.
    titles : mapping of str to str
        What to print for a family of weights.
    names : pandas.Series, optional
        What to print for a unit; without it the Chinese names, without their 市.
    """

    key: str
    shapes: gpd.GeoDataFrame
    layers: Sequence[Layer]
    neighbours: pd.DataFrame
    caption: str
    note: str = ""
    titles: Mapping[str, str] | None = None
    names: pd.Series | None = None


def neighbour_table(weights: Mapping[str, WeightsSeries], times: TravelTimes) -> pd.DataFrame:
    """List the neighbours of every unit with the minutes to them, for each family of weights and year.

    Parameters
    ----------
    weights : mapping of str to WeightsSeries
        Families of weights by name.
    times : TravelTimes
        Minutes by year, of the years wanted.

    Returns
    -------
    pandas.DataFrame
        Columns weights, year, unit, neighbour, minutes; the largest weights first.

    Examples
    --------
    >>> import yrdspatial as yrd
    >>> times = yrd.travel_times([2020])
    >>> neighbour_table({"rail": yrd.rail_weights(times)}, times).shape
    (205, 5)
    """
    units, parts = np.asarray(times.units), []
    for name, series in weights.items():
        arrays = series.array(times.units, times.years)
        for year, array, minutes in zip(times.years, arrays, times.array, strict=True):
            row, column = np.nonzero(array)
            order = np.lexsort((minutes[row, column], -array[row, column], row))
            row, column = row[order], column[order]
            values = (name, year, units[row], units[column], minutes[row, column])
            parts.append(pd.DataFrame(dict(zip(NEIGHBOUR_COLUMNS, values, strict=True))))
    return pd.concat(parts, ignore_index=True)


def map_content(block: MapBlock) -> dict[str, Any]:
    """Work out what the template of the map and its script need.

    Parameters
    ----------
    block : MapBlock
        The map.

    Returns
    -------
    dict
        viewbox, units (path, name, fill, label of each), years, year, layers, weights, and data: JSON for the script.

    Raises
    ------
    AlignmentError
        When the units of a layer or of the neighbours have no polygon.
    OutputError
        When there is no layer, or a layer has no table for a family of weights.

    Examples
    --------
    >>> from yrdspatial.geography.shapes import load_shapes
    >>> shapes = load_shapes()
    >>> layer = Layer("invented", {"": pd.DataFrame({2019: range(41), 2020: range(41)}, index=shapes.index)})
    >>> none = pd.DataFrame([], columns=list(NEIGHBOUR_COLUMNS)).assign(weights="W")
    >>> content = map_content(MapBlock("map", shapes, [layer], none, "A map."))
    >>> len(content["units"]), content["years"]
    (41, [2019, 2020])
    """
    if not block.layers:
        raise OutputError("a map needs a layer", where=block.key, cure="give at least one")
    units = block.shapes.index
    strange = set(block.neighbours["unit"]).union(block.neighbours["neighbour"]) - set(units)
    for layer in block.layers:
        strange |= {unit for table in layer.tables.values() for unit in table.index.difference(units)}
    if strange:
        message = f"the map has no polygon of {', '.join(map(str, sorted(strange)))}"
        raise AlignmentError(
            message, where=block.key, cure="take shapes and values from the same set of units"
        )
    years = sorted(set().union(*map(_years, block.layers)))
    families = list(dict.fromkeys(block.neighbours["weights"]))
    layers = [_layer(layer, block, years, families) for layer in block.layers]
    year = max(_years(block.layers[0]))
    names, outlines, places, box = _drawn(block)
    first = next(iter(layers[0]["tables"].values()))[years.index(year)]
    titles = block.titles or {}
    weights = [{"key": name, "title": titles.get(name, name)} for name in families]
    data = {
        "years": years,
        "names": names,
        "places": places,
        "layers": layers,
        "weights": [
            {**one, "years": _links(block.neighbours, one["key"], list(units), years)} for one in weights
        ],
    }
    units_drawn = [
        {"path": path, "name": name, "fill": _fill(layers[0], value)}
        for path, name, value in zip(outlines, names, first, strict=True)
    ]
    return {
        "viewbox": box,
        "units": units_drawn,
        "years": years,
        "year": year,
        "layers": [layer["title"] for layer in layers],
        "weights": weights,
        "data": as_script_data(data),
    }


def as_script_data(data: Any) -> str:
    r"""Write data as JSON that may stand inside a script element.

    Parameters
    ----------
    data : object
        Lists, dicts, texts, numbers.

    Returns
    -------
    str
        JSON without "<", so that no text can end the element.

    Examples
    --------
    >>> as_script_data(["</script>"])
    '["\\u003c/script>"]'
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace(
        "<", "\\u003c"
    )


def script() -> tuple[str, str]:
    """Read the script of the page and its hash for the security policy of the page.

    Returns
    -------
    text : str
        The script.
    digest : str
        As the policy wants it, such as ``sha256-...``.

    Examples
    --------
    >>> script()[1][:7]
    'sha256-'
    """
    text = (files("yrdspatial.report") / "templates" / "interactive.js").read_text("utf-8")
    return text, "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def script_words(text: str) -> str:
    """Find what the script of the page says, in the language of the report.

    Parameters
    ----------
    text : str
        The script.

    Returns
    -------
    str
        JSON from the English to the other; empty in English.

    Examples
    --------
    >>> script_words('say("no data")')
    ''
    """
    if LANGUAGE.get() == "en":
        return ""
    return json.dumps({template: term(template) for template in SAID.findall(text)}, ensure_ascii=False)


def _years(layer: Layer) -> set[int]:
    return {int(year) for table in layer.tables.values() for year in table.columns.tolist()}


def _layer(layer: Layer, block: MapBlock, years: list[int], families: list[str]) -> dict[str, Any]:
    missing = [family for family in families if family not in layer.tables]
    if "" not in layer.tables and (missing or not layer.tables):
        message = f"no table under {', '.join(missing) or 'any weights'}"
        raise OutputError(message, where=layer.title, cure='give a table for each, or one under ""')
    tables = {
        key: table.reindex(index=block.shapes.index, columns=years) for key, table in layer.tables.items()
    }
    steps = {str(year): note for year, note in (layer.steps or {}).items()}
    shared = {"title": layer.title, "steps": steps}
    if all(pd.api.types.is_numeric_dtype(kind) for table in tables.values() for kind in table.dtypes):
        pooled = np.concatenate([table.to_numpy(dtype=float).ravel() for table in tables.values()])
        cuts = [float(format(edge, CUT_DIGITS)) for edge in class_edges(pooled, layer.breaks)[1:-1]]
        colors = class_colors(len(cuts) + 1)
        legend = [
            *(say("up to {cut:g}", cut=cut).replace("-", "−") for cut in cuts),
            say("above {cut:g}", cut=cuts[-1]) if cuts else say("all"),
        ]
        shown = {key: [_numbers(table[year]) for year in years] for key, table in tables.items()}
        return {**shared, "tables": shown, "cuts": cuts, "colors": colors, "legend": legend}
    words = {key: [_words(table[year]) for year in years] for key, table in tables.items()}
    painted = {term(code): color for code, color in CLUSTERS.items()}
    named = {term(code): say(CLUSTER_NAMES[code]) for code in CLUSTERS}
    return {**shared, "tables": words, "cuts": None, "colors": painted, "legend": named}


def _numbers(column: "pd.Series[Any]") -> list[float | None]:
    return [None if pd.isna(value) else float(format(float(value), DIGITS)) for value in column]


def _words(column: "pd.Series[Any]") -> list[str | None]:
    return [None if pd.isna(value) else term(str(value)) for value in column]


def _fill(layer: Mapping[str, Any], value: Any) -> str:
    if value is None:
        return ""
    if layer["cuts"] is None:
        return str(layer["colors"].get(value, ""))
    return str(layer["colors"][sum(value > cut for cut in layer["cuts"])])


def _links(table: pd.DataFrame, family: str, units: list[Any], years: list[int]) -> list[list[list[Any]]]:
    place = {unit: position for position, unit in enumerate(units)}
    found: dict[int, list[list[Any]]] = {year: [[] for _ in units] for year in years}
    own = table[table["weights"] == family]
    rows = zip(own["year"], own["unit"], own["neighbour"], own["minutes"], strict=True)
    for year, unit, neighbour, minutes in rows:
        if int(year) in found:
            time = round(float(minutes)) if np.isfinite(minutes) else None
            found[int(year)][place[unit]].append([place[neighbour], time])
    return [found[year] for year in years]


def _drawn(block: MapBlock) -> tuple[list[str], list[str], list[list[int]], str]:
    base = build_basemap(block.shapes, names=block.names)
    left, low, right, high = base.extent
    corner = np.array([left, high])
    turn = np.array([PER_KM, -PER_KM])
    outlines = [
        _path((outline.vertices - corner) * turn, np.asarray(outline.codes)) for outline in base.outlines
    ]
    places = np.rint((base.centres - corner) * turn).astype(int).tolist()
    box = f"0 0 {round((right - left) * PER_KM)} {round((high - low) * PER_KM)}"
    return [str(name) for name in base.names], outlines, places, box


def _path(vertices: Floats, codes: npt.NDArray[Any]) -> str:
    points = np.rint(vertices).astype(int)
    starts = np.flatnonzero(codes == 1)
    parts = []
    for start, end in zip(starts, [*starts[1:], len(points)], strict=True):
        ring = points[start : end - 1]
        steps = np.diff(ring, axis=0)
        moved = [f"{x} {y}" if y >= 0 else f"{x}{y}" for x, y in steps[np.any(steps != 0, axis=1)]]
        parts.append(f"M{ring[0][0]} {ring[0][1]}l{' '.join(moved)}z" if len(moved) > 1 else "")
    return "".join(parts)
