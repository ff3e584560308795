"""A fitted model from its file: the parts read, put together, and checked against each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from yrdspatial.errors import DataError
from yrdspatial.models.crosssection import CrossSectionResults
from yrdspatial.models.encoding import build
from yrdspatial.models.instrumental_results import InstrumentalResults
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import Design
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.storage import AGAIN, PARTS, read_results

Loaded: TypeAlias = SpatialPanelResults | CrossSectionResults | InstrumentalResults
RESULTS = {kind.__name__: kind for kind in (SpatialPanelResults, CrossSectionResults, InstrumentalResults)}


def load_results(path: str | Path) -> Loaded:
    """Load a fitted model that ``results.save(path)`` wrote.

    The file is a zip of JSON and plain arrays: no code in it is run, nothing is unpacked to the disk, and shapes,
    labels and hashes are checked. The user's table is not in the file, only y, X, labels and weights.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    SpatialPanelResults, CrossSectionResults or InstrumentalResults
        The model, with the same params, cov, summary, impacts (a simulation with the same seed to the last bit), tests.

    Raises
    ------
    DataError
        If the file is not there, holds no fitted model, is of another version, or its parts do not fit.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from yrdspatial.models.estimators import OLS
    >>> data = pd.DataFrame({"y": [1.0, 2.0, 2.0, 4.0], "x": [1.0, 2.0, 3.0, 4.0]}, index=list("abcd"))
    >>> results = OLS(data, "y ~ x", effects="pooled").fit()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = load_results(results.save(f"{folder}/ols.zip"))
    >>> again.params.equals(results.params)
    True
    """
    head, arrays = read_results(path)
    where = str(path)
    if head.get("class") not in RESULTS:
        raise DataError(
            "the file holds no model known here", where=f"{where}: {head.get('class')}", cure=AGAIN
        )
    try:
        results: Loaded = build(RESULTS[head["class"]], head["fields"], arrays, PARTS)
        wrong = list(misfits(results))
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as problem:
        raise DataError("the parts of the file make no model", where=where, cure=AGAIN) from problem
    if wrong:
        raise DataError("the parts of the file do not fit together", where=f"{where}: {wrong[0]}", cure=AGAIN)
    return results


def misfits(results: Loaded) -> Iterator[str]:
    """Name the arrays whose shapes contradict the labels.

    Parameters
    ----------
    results : SpatialPanelResults, CrossSectionResults or InstrumentalResults
        A model put together from a file.

    Yields
    ------
    str
        Name of an array.
    """
    design = results.design
    periods, units = design.sample.shape
    count, whole = len(design.spec.regressors), len(design.spec.parameters)
    arrays = dict(_arrays_of(design))
    if isinstance(results, CrossSectionResults):
        arrays["estimates"] = (results.estimates, (whole,))
        arrays["covariance"] = (results.covariance, (whole, whole))
        arrays["residuals"] = (results.residuals, (units,))
    elif isinstance(results, InstrumentalResults):
        arrays |= _arrays_of_instruments(results)
    else:
        fit, spatial = results.fit, whole - count
        arrays["covariance"] = (results.covariance, (whole + 1, whole + 1))
        arrays["residuals"] = (fit.residuals, (periods, units))
        arrays["beta"] = (fit.beta, (count,))
        for name in ("spatial", "score", "curvature", "bounds", "at_bound"):
            arrays[name] = (getattr(fit, name), (spatial, 2) if name == "bounds" and spatial else (spatial,))
    yield from (name for name, (array, shape) in arrays.items() if np.shape(array) != shape)
    for name, spectra in _weights_of(design):
        if any(one.shape != (units, units) for one in spectra.source):
            yield f"weights of {name}"
    yield from _misplaced(design)


def _arrays_of_instruments(results: InstrumentalResults) -> dict[str, tuple[Any, tuple[int, ...]]]:
    equation, fit, made = results.equation, results.fit, results.instruments
    periods, units = results.design.sample.shape
    rows, count, extra = periods * units, len(results.spec.parameters), len(made.names)
    return {
        "instruments": (made.array, (periods, units, extra)),
        "regressors": (equation.X, (rows, count)),
        "demeaned instruments": (equation.Z, (rows, extra)),
        "demeaned y": (equation.y, (rows,)),
        "endogenous": (equation.endogenous, (count,)),
        "params": (fit.params, (count,)),
        "covariance": (fit.covariance, (count, count)),
        "residuals": (fit.residuals, (rows,)),
    }


def _arrays_of(design: Design) -> Iterator[tuple[str, tuple[Any, tuple[int, ...]]]]:
    problem, sample = design.problem, design.sample
    periods, units = sample.shape
    yield "y", (problem.y, (periods, units))
    yield "X", (problem.X, (periods, units, len(design.spec.regressors)))
    yield "windows", (problem.effects.windows, (periods,))
    yield "groups", (problem.effects.groups, (units,))
    yield "order", (sample.order, (periods * units,))
    yield "index", (sample.index, (periods * units,))
    for name, spectra in _weights_of(design):
        yield f"position of {name}", (spectra.position, (periods,))


def _weights_of(design: Design) -> Iterator[tuple[str, Spectra]]:
    problem = design.problem
    named = {"y": problem.lag, "the error": problem.error, "last year": problem.previous}
    yield from ((name, spectra) for name, spectra in named.items() if spectra is not None)
    yield from ((f"part {place}", spectra) for place, spectra in enumerate(problem.parts))
    yield from ((f"X {place}", spectra) for place, spectra in enumerate(design.durbin))


def _misplaced(design: Design) -> Iterator[str]:
    sample, effects = design.sample, design.problem.effects
    codes = {
        "order": (sample.order, sample.order.size),
        "windows": (effects.windows, len(design.windows)),
        "groups": (effects.groups, len(design.groups)),
        **{f"position of {name}": (one.position, one.count) for name, one in _weights_of(design)},
    }
    yield from (name for name, (places, end) in codes.items() if places.min() < 0 or places.max() >= end)
    if np.unique(sample.order).size < sample.order.size:
        yield "order"
