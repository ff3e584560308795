"""Calibrate the rail model on the timetable of 10 March 2016 alone and write ``data/rail/parameters.toml``.

Four numbers for the whole network, none for a single line, station or city. The loss is the mean absolute log ratio
of modelled to printed minutes (robust: every pair counts by its relative error, outliers linearly). The search is a
seeded differential evolution inside physical bounds, finished by Nelder-Mead. Guard against fitting the sample:
each city in turn is left out, the numbers fitted on the pairs of the others, and the pairs of that city predicted.

Run ``data/build/make_sources.py`` afterwards.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import differential_evolution, minimize

from yrdspatial.datasets import read_table
from yrdspatial.geography.units import load_units
from yrdspatial.rail.graph import RailParameters, build_graph, city_minutes
from yrdspatial.rail.segments import read_segments, read_stations

DAY = np.datetime64("2016-03-10")
BOUNDS = {
    "speed_factor": (0.6, 1.05),
    "station_stop_minutes": (0.0, 6.0),
    "line_change_minutes": (0.0, 45.0),
    "terminal_minutes": (0.0, 15.0),
}
DECIMALS = (3, 2, 1, 1)
MEANING = {
    "speed_factor": "share of the operating speed held between stations",
    "station_stop_minutes": "loss at a station on the way, minutes",
    "line_change_minutes": "loss where a trip goes from one line to another, minutes",
    "terminal_minutes": "loss of starting at the first and braking into the last station together, minutes",
}
Array = npt.NDArray[np.float64]
Model = Callable[[Array], Array]


def printed_pairs() -> pd.DataFrame:
    """Return the fastest printed time of each pair: index from_adcode, to_adcode; column minutes."""
    table = read_table("rail/timetable_2016-03.csv")
    return table.groupby(["from_adcode", "to_adcode"])[["minutes"]].min()


def make_model(pairs: pd.MultiIndex) -> Model:
    """Return the function from the four numbers to the modelled minutes of the pairs."""
    units = load_units().index
    graph = build_graph(read_segments(), read_stations(), units)
    one, other = (units.get_indexer(pairs.get_level_values(level)) for level in (0, 1))
    return lambda numbers: city_minutes(graph, DAY, RailParameters(*map(float, numbers)))[one, other]


def loss(model: Model, printed: Array, numbers: Array, used: npt.NDArray[np.bool_]) -> float:
    """Return the mean absolute log ratio of modelled to printed minutes over the pairs used."""
    return float(np.abs(np.log(np.maximum(model(numbers), 1.0) / printed))[used].mean())


def polish(model: Model, printed: Array, start: Array, used: npt.NDArray[np.bool_]) -> Array:
    """Return the numbers of a local minimum near the start."""
    found = minimize(
        lambda numbers: loss(model, printed, numbers, used),
        start,
        method="Nelder-Mead",
        bounds=list(BOUNDS.values()),
        options={"xatol": 1e-4, "fatol": 1e-7, "maxfev": 600},
    )
    return np.asarray(found.x, dtype=np.float64)


def fit(model: Model, printed: Array) -> Array:
    """Return the best numbers inside the bounds, rounded."""
    used = np.ones(len(printed), dtype=bool)
    rough = differential_evolution(
        lambda numbers: loss(model, printed, numbers, used),
        list(BOUNDS.values()),
        rng=2016,
        maxiter=40,
        popsize=8,
        polish=False,
    )
    best = polish(model, printed, rough.x, used)
    return np.array([round(number, places) for number, places in zip(best, DECIMALS, strict=True)])


def errors(modelled: Array, printed: Array) -> dict[str, float]:
    """Return the measures of fit."""
    relative = modelled / printed - 1
    return {
        "median_absolute_error": float(np.median(np.abs(relative))),
        "mean_absolute_error": float(np.abs(relative).mean()),
        "p90_absolute_error": float(np.quantile(np.abs(relative), 0.9)),
        "median_error": float(np.median(relative)),
        "log_correlation": float(np.corrcoef(np.log(modelled), np.log(printed))[0, 1]),
    }


def leave_cities_out(model: Model, printed: Array, pairs: pd.MultiIndex, best: Array) -> pd.DataFrame:
    """Return by city left out the numbers fitted without it and the errors of its pairs."""
    ends = [pairs.get_level_values(level) for level in (0, 1)]
    rows, ratios = {}, []
    for city in sorted(set(ends[0]) | set(ends[1])):
        out = np.asarray((ends[0] == city) | (ends[1] == city))
        numbers = polish(model, printed, best, ~out)
        predicted = model(numbers)[out]
        rows[city] = dict(zip(BOUNDS, numbers, strict=True)) | errors(predicted, printed[out])
        ratios.append(np.abs(predicted / printed[out] - 1))
    table = pd.DataFrame(rows).T
    table.attrs["median"] = float(np.median(np.concatenate(ratios)))
    table.attrs["mean"] = float(np.concatenate(ratios).mean())
    return table


def text(numbers: Array, fitted: dict[str, float], pairs: int, left_out: pd.DataFrame) -> str:
    """Return the text of ``parameters.toml``."""
    lines = [
        "# Made by data/build/calibrate_rail.py from the timetable of 10 March 2016 alone; do not edit.",
        "",
        "[parameters]",
        *(f"{name} = {number:g}  # {MEANING[name]}" for name, number in zip(BOUNDS, numbers, strict=True)),
        "",
        "[fit]  # relative errors of the modelled minutes",
        'day = "2016-03-10"',
        f"pairs = {pairs}",
        *(f"{name} = {value:.4f}" for name, value in fitted.items()),
        "",
        "[left_out]  # each city in turn predicted by numbers fitted on the pairs of the others",
        f"median_absolute_error = {left_out.attrs['median']:.3f}",
        f"mean_absolute_error = {left_out.attrs['mean']:.3f}",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit, cross-validate, print, write."""
    table = printed_pairs()
    model, printed = make_model(table.index), table["minutes"].to_numpy(dtype=np.float64)
    numbers = fit(model, printed)
    fitted = errors(model(numbers), printed)
    left_out = leave_cities_out(model, printed, table.index, numbers)
    written = text(numbers, fitted, len(printed), left_out)
    (Path(__file__).parents[1] / "rail" / "parameters.toml").write_text(written, "utf-8")
    print(left_out.round(3).to_string(), written, sep="\n\n")


if __name__ == "__main__":
    main()
