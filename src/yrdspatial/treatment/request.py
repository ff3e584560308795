"""What an event study asks for, checked: labels become positions here and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, GapError, SpecificationError
from yrdspatial.models.sample import Sample, read_sample
from yrdspatial.models.within import FloatArray, IntArray
from yrdspatial.panel.gaps import row_name, shorten, unit_name
from yrdspatial.panel.panel import Panel
from yrdspatial.treatment.group_time import Adjustment, Comparison
from yrdspatial.treatment.staggered import NEVER, Staggered
from yrdspatial.weights.series import Weights, as_series

Method = Literal["imputation", "group_time", "twoways"]
METHODS = ("imputation", "group_time", "twoways")


class Options(TypedDict, total=False):
    """Options of an event study that few need; :func:`yrdspatial.event_study` says what they mean."""

    window_column: str | None
    unexposed: bool
    adjustment: Adjustment
    common: Literal["horizon", "cohort"]
    cluster: "pd.Series[Any] | None"
    level: float
    draws: int
    seed: int | None


DEFAULTS = Options(
    window_column="window",
    unexposed=False,
    adjustment="regression",
    common="horizon",
    cluster=None,
    level=0.95,
    draws=4999,
    seed=None,
)


@dataclass(frozen=True)
class Request:
    """A checked event study.

    Attributes
    ----------
    sample : Staggered
        The arrays, without units that are treated throughout.
    units, periods : Index
        Labels of the arrays.
    outcome : str
        Column explained.
    method : str
        "imputation", "group_time" or "twoways".
    comparison : str
        "never" or "not_yet".
    window : (int, int)
        First and last event time shown.
    options : Options
        All of them.
    warnings : tuple of str
        What the reader has to know.
    """

    sample: Staggered
    units: "pd.Index[Any]"
    periods: "pd.Index[Any]"
    outcome: str
    method: Method
    comparison: Comparison
    window: tuple[int, int]
    options: Options
    warnings: tuple[str, ...]


def read_options(**options: Unpack[Options]) -> Options:
    """Fill in the options left out.

    Parameters
    ----------
    **options
        As of :func:`yrdspatial.event_study`.

    Returns
    -------
    Options
        All of them.

    Raises
    ------
    SpecificationError
        If an option is unknown or makes no sense.

    Examples
    --------
    >>> read_options(level=0.9)["common"]
    'horizon'
    """
    unknown = set(options) - set(DEFAULTS)
    if unknown:
        cure = f"options are {', '.join(sorted(DEFAULTS))}"
        raise SpecificationError(f"no option {', '.join(sorted(unknown))}", where="event_study", cure=cure)
    merged: Options = {**DEFAULTS, **options}
    _one_of("adjustment", merged["adjustment"], ("regression", "doubly_robust"))
    _one_of("common", merged["common"], ("horizon", "cohort"))
    if not 0.5 < merged["level"] < 1.0:
        raise SpecificationError(f"level is {merged['level']}", where="event_study", cure="use 0.9 or 0.95")
    return merged


def read_request(
    data: Panel | pd.DataFrame,
    outcome: str,
    first_treated: "pd.Series[Any]",
    controls: Sequence[str],
    exposure: "Weights | None",
    asked: tuple[Method, Comparison, tuple[int, int]],
    options: Options,
) -> Request:
    """Align data, dates and weights by label.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, year).
    outcome : str
        Column explained.
    first_treated : Series
        First treated year by unit, missing for the untreated.
    controls : sequence of str
        Columns.
    exposure : weights or None
        Who is a neighbour.
    asked : (str, str, (int, int))
        Method, comparison group, window of event times.
    options : Options
        All of them.

    Returns
    -------
    Request
        Arrays with their labels.

    Raises
    ------
    SpecificationError
        If years are missing between the first and the last. Helpers raise it for a request that makes no sense, and an
        AlignmentError or a GapError for units, weights or values that do not fit or are missing.
    """
    method, comparison, window = asked
    _check(method, comparison, window, exposure is not None, options)
    rows = read_sample(data)
    years = rows.periods.to_numpy(dtype=np.int64)
    if len(years) < 2 or (np.diff(years) != 1).any():
        cure = "choose years without a gap, at least two"
        raise SpecificationError("the years do not follow one another", where="event study", cure=cure)
    first = _positions(first_treated, rows.units, years)
    treated = np.arange(len(years))[:, None] >= first
    exposed = None
    if exposure is not None:
        series = as_series(exposure, years.tolist())
        exposed = np.einsum("tij,tj->ti", series.array(units=rows.units), treated.astype(np.float64))
    windows, cut = _windows(data, rows, options["window_column"])
    sample = Staggered(
        _values(rows, [outcome])[:, :, 0],
        _values(rows, controls),
        first,
        windows,
        _clusters(options["cluster"], rows.units),
        exposed,
    )
    notes = [f"unit effects by window: {cut}"] if cut else []
    kept, note = _without_always(sample, rows.units)
    notes += [note] if note else []
    return Request(
        kept, rows.units[first > 0], rows.periods, outcome, method, comparison, window, options, tuple(notes)
    )


def _check(method: str, comparison: str, window: tuple[int, int], exposed: bool, options: Options) -> None:
    _one_of("method", method, METHODS)
    _one_of("comparison", comparison, ("never", "not_yet"))
    if not (window[0] < 0 <= window[1]):
        raise SpecificationError(f"window {window} has no before or no after", cure="use (-5, 5)")
    if method != "group_time" and comparison == "never":
        what = "imputation and two-way effects use all untreated cells"
        raise SpecificationError(what, where='comparison="never"', cure='use method="group_time"')
    if method == "group_time" and exposed and not options["unexposed"]:
        what = "cohort effects take no exposure as regressor"
        raise SpecificationError(what, where="exposure", cure='use unexposed=True or method="imputation"')
    if method == "twoways" and options["unexposed"]:
        raise SpecificationError("two-way effects use all cells", where="unexposed", cure="leave it out")
    if options["unexposed"] and not exposed:
        raise SpecificationError("unexposed needs exposure", where="event_study", cure="give weights")
    if method == "group_time" and options["seed"] is None:
        raise SpecificationError("the bands of group_time are drawn", where="seed", cure="give a seed")


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise SpecificationError(
            f"unknown {name} {value!r}", where="event_study", cure=f"use {', '.join(known)}"
        )


def _positions(first_treated: "pd.Series[Any]", units: "pd.Index[Any]", years: IntArray) -> IntArray:
    if first_treated.index.has_duplicates:
        cure = "give a Series by unit, such as rail_openings()['first_year']"
        raise AlignmentError("a unit has two entries in first_treated", cure=cure)
    unknown = units.difference(first_treated.index)
    if len(unknown):
        cure = "add the units, with a missing year for those never treated"
        raise AlignmentError("units have no entry", where=shorten([unit_name(u) for u in unknown]), cure=cure)
    values = pd.to_numeric(first_treated.loc[units]).astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    late = values > years[-1]
    place = np.searchsorted(years, np.where(late, years[-1], values))
    first = np.where(late, NEVER, place).astype(np.intp)
    if (first[first > 0] == NEVER).all():
        cure = "choose other years or dates"
        raise SpecificationError(
            "no unit is first treated inside the sample", where="first_treated", cure=cure
        )
    return first


def _values(rows: Sample, columns: Sequence[str]) -> FloatArray:
    unknown = [column for column in columns if column not in rows.frame]
    if unknown:
        raise GapError(
            "the data have no such column", where=shorten(unknown), cure="choose another or add it"
        )
    values = rows.frame[list(columns)].to_numpy(dtype=np.float64)
    holes = np.argwhere(~np.isfinite(values))
    if len(holes):
        where = shorten([f"{columns[column]}, {rows.place(row)}" for row, column in holes])
        raise GapError("values are missing", where=where, cure="choose other years, units or columns")
    return values.reshape(*rows.shape, len(columns))


def _windows(data: Panel | pd.DataFrame, rows: Sample, column: str | None) -> tuple[IntArray, str]:
    frame = data.frame if isinstance(data, Panel) else data
    if column is None or column not in frame:
        if column not in {None, "window"}:
            raise GapError("the data have no such column", where=str(column), cure="add it or give None")
        return np.zeros(rows.shape, dtype=np.intp), ""
    if rows.frame[column].isna().any():
        row = int(np.flatnonzero(rows.frame[column].isna())[0])
        raise GapError(
            "a cell lies in no window", where=rows.place(row), cure="choose the years of the windows"
        )
    codes, labels = pd.factorize(rows.frame[column], sort=True)
    text = ", ".join(map(str, labels)) if len(labels) > 1 else ""
    return np.asarray(codes, dtype=np.intp).reshape(rows.shape), text


def _clusters(cluster: "pd.Series[Any] | None", units: "pd.Index[Any]") -> IntArray:
    if cluster is None:
        return np.arange(len(units), dtype=np.intp)
    labels = cluster.reindex(units)
    if labels.isna().any():
        missing = [row_name(unit) for unit in units[labels.isna()]]
        raise AlignmentError("units have no cluster", where=shorten(missing), cure="give each unit one")
    return np.asarray(pd.factorize(labels)[0], dtype=np.intp)


def _without_always(sample: Staggered, units: "pd.Index[Any]") -> tuple[Staggered, str]:
    always = sample.first == 0
    if not always.any():
        return sample, ""
    kept = ~always
    names = shorten([unit_name(unit) for unit in units[always]])
    smaller = replace(
        sample,
        y=sample.y[:, kept],
        X=sample.X[:, kept],
        first=sample.first[kept],
        windows=sample.windows[:, kept],
        clusters=np.unique(sample.clusters[kept], return_inverse=True)[1].astype(np.intp),
        exposure=None if sample.exposure is None else sample.exposure[:, kept],
    )
    return smaller, f"treated in every year and left out: {names}"
