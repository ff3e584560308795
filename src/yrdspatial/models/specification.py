"""What is asked of a model, and the arrays that answer it: formula, effects, Durbin terms, weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.models.formula import ModelMatrix, model_matrix
from yrdspatial.models.likelihood import Problem, spatial_lag
from yrdspatial.models.rank import check_rank
from yrdspatial.models.sample import Sample, read_sample
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray, IntArray
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights, WeightsSeries, as_series

EffectsRequest: TypeAlias = "str | Mapping[str, str | bool]"
KINDS = {
    "pooled": (False, False),
    "unit": (True, False),
    "time": (False, True),
    "twoways": (True, True),
}
CONSTANT = "Intercept"


@dataclass(frozen=True)
class Spec:
    """What was asked.

    Attributes
    ----------
    model : str
        Name of the class, such as "SDM".
    formula : str
        As given.
    effects : str
        "pooled", "unit", "time", "twoways", or such as "unit x window, time".
    dependent : str
        Name of y.
    terms : tuple of str
        Names of X.
    durbin : tuple of str
        The terms whose spatial lag is in the model too.
    lag, error : bool
        Whether there is a spatial lag of y, and a spatial error.
    """

    model: str
    formula: str
    effects: str
    dependent: str
    terms: tuple[str, ...]
    durbin: tuple[str, ...]
    lag: bool
    error: bool

    @property
    def regressors(self) -> tuple[str, ...]:
        """Names of the columns of X: the terms, then their spatial lags."""
        return (*self.terms, *(f"W_{name}" for name in self.durbin))

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of all coefficients."""
        return (*self.regressors, *(["rho"] if self.lag else []), *(["lambda"] if self.error else []))


@dataclass(frozen=True)
class Design:
    """The arrays of a request, with the labels of their axes.

    Attributes
    ----------
    spec : Spec
        What was asked.
    sample : Sample
        The rows used.
    problem : Problem
        y, X and weights by position.
    durbin : Spectra or None
        Weights of X.
    windows, groups : Index
        Labels of the windows and the groups of the effects.
    """

    spec: Spec
    sample: Sample
    problem: Problem
    durbin: Spectra | None
    windows: "pd.Index[Any]"
    groups: "pd.Index[Any]"


@dataclass(frozen=True)
class Request:
    """The arguments of an estimator, unread.

    Attributes
    ----------
    model : str
        Name of the class.
    lag, error, wx : bool
        Which spatial terms the model has.
    formula : str
        y ~ x1 + x2.
    effects : str or mapping
        Effects.
    weights : dict of str to weights
        "y", "x" and "error".
    durbin : iterable of str or None
        Terms of W X; all when None.
    """

    model: str
    lag: bool
    error: bool
    wx: bool
    formula: str
    effects: EffectsRequest
    weights: "Mapping[str, Weights | None]"
    durbin: str | Iterable[str] | None


def read_design(data: Panel | pd.DataFrame, request: Request) -> Design:
    """Turn a request into arrays.

    Parameters
    ----------
    data : Panel or DataFrame
        Indexed (unit, time), or by unit alone.
    request : Request
        The arguments of the estimator.

    Returns
    -------
    Design
        The arrays, aligned by label.
    """
    sample = read_sample(data)
    matrix, sample = model_matrix(request.formula, sample)
    effects, label, windows, groups = read_effects(request.effects, sample, data)
    matrix = _without_constant(matrix) if effects.unit or effects.time else matrix
    spec = Spec(
        model=request.model,
        formula=request.formula,
        effects=label,
        dependent=matrix.dependent,
        terms=matrix.terms,
        durbin=_durbin_terms(request, matrix),
        lag=request.lag,
        error=request.error,
    )
    spectra = _all_spectra(request, sample)
    problem = Problem(
        y=matrix.y,
        X=_regressors(spec, matrix, spectra.get("x")),
        effects=effects,
        lag=spectra.get("y") if request.lag else None,
        error=spectra.get("error") if request.error else None,
        adjusted=True,
    )
    check_rank(problem, spec.regressors)
    return Design(spec, sample, problem, spectra.get("x") if spec.durbin else None, windows, groups)


def _without_constant(matrix: ModelMatrix) -> ModelMatrix:
    kept = [i for i, name in enumerate(matrix.terms) if name != CONSTANT]
    return replace(matrix, X=matrix.X[:, :, kept], terms=tuple(matrix.terms[i] for i in kept))


def _durbin_terms(request: Request, matrix: ModelMatrix) -> tuple[str, ...]:
    candidates = tuple(name for name in matrix.terms if name != CONSTANT)
    if not request.wx:
        if request.durbin is not None:
            cure = "use SLX, SDM, SDEM or GNS, or leave durbin out"
            raise SpecificationError(f"{request.model} has no spatial lag of X", where="durbin", cure=cure)
        return ()
    if request.durbin is None:
        return candidates
    asked = (request.durbin,) if isinstance(request.durbin, str) else tuple(request.durbin)
    unknown = [name for name in asked if name not in candidates]
    if unknown or len(set(asked)) < len(asked):
        cure = f"choose among {', '.join(candidates)}, each once"
        raise SpecificationError("durbin names no term of X", where=shorten(unknown or asked), cure=cure)
    return tuple(name for name in candidates if name in asked)


def _regressors(spec: Spec, matrix: ModelMatrix, spectra: Spectra | None) -> FloatArray:
    if spectra is None or not spec.durbin:
        return matrix.X
    chosen = [spec.terms.index(name) for name in spec.durbin]
    return np.concatenate([matrix.X, spatial_lag(spectra, matrix.X[:, :, chosen])], axis=2)


def _all_spectra(request: Request, sample: Sample) -> dict[str, Spectra]:
    given = {role: weights for role, weights in request.weights.items() if weights is not None}
    distinct = {id(weights): weights for weights in given.values()}
    read = {key: read_weights(weights, sample) for key, weights in distinct.items()}
    return {role: read[id(weights)] for role, weights in given.items()}


def read_weights(weights: Weights, sample: Sample) -> Spectra:
    """Align weights with a sample and compute their eigenvalues.

    Parameters
    ----------
    weights : Graph, WeightsSeries or DataFrame
        Weights of the units of the sample.
    sample : Sample
        The rows used.

    Returns
    -------
    Spectra
        The weights of each period.
    """
    series = isinstance(weights, WeightsSeries)
    if sample.cross_section and series:
        periods: Iterable[Any] = weights.years if len(weights.years) == 1 else sample.periods
    else:
        periods = sample.periods if series else range(len(sample.periods))
    matrices, position = as_series(weights, periods).distinct(units=sample.units)
    return Spectra.of(np.stack(matrices), position)


def read_effects(
    request: EffectsRequest, sample: Sample, data: Panel | pd.DataFrame
) -> "tuple[Effects, str, pd.Index[Any], pd.Index[Any]]":
    """Read which effects there are.

    Parameters
    ----------
    request : str or mapping
        "pooled", "unit", "time", "twoways", or {"unit": True | column of windows, "time": True | column of groups}.
    sample : Sample
        The rows used.
    data : Panel or DataFrame
        The user's data; a Panel makes the column "window" from its breaks.

    Returns
    -------
    effects : Effects
        By position.
    label : str
        In words.
    windows, groups : Index
        Labels.

    Raises
    ------
    SpecificationError
        If the effects are unknown or impossible on these data.
    """
    asked = _as_mapping(request)
    periods, units = sample.shape
    one = pd.Index(["all"])
    windows, window_codes = one, np.zeros(periods, dtype=np.intp)
    groups, group_codes = one, np.zeros(units, dtype=np.intp)
    if isinstance(asked["unit"], str):
        windows, window_codes = _constant_along(asked["unit"], sample, data, axis=1)
    if isinstance(asked["time"], str):
        groups, group_codes = _constant_along(asked["time"], sample, data, axis=0)
    effects = Effects(window_codes, group_codes, bool(asked["unit"]), bool(asked["time"]))
    if effects.unit and (effects.window_sizes < 2).any():
        alone = windows[effects.window_sizes < 2][0] if len(windows) > 1 else sample.periods[0]
        cure = (
            'use effects="pooled" for one cross-section' if periods == 1 else "join windows or drop the year"
        )
        raise SpecificationError("unit effects need two periods", where=str(alone), cure=cure)
    if effects.time and (effects.group_sizes < 2).any():
        alone = groups[effects.group_sizes < 2][0]
        raise SpecificationError("time effects need two units", where=str(alone), cure="join groups")
    if effects.time and sample.cross_section:
        raise SpecificationError("a cross-section has no time effects", cure='use effects="pooled"')
    return effects, _label(asked), windows, groups


def _as_mapping(request: EffectsRequest) -> dict[str, str | bool]:
    cure = f"use one of {', '.join(KINDS)}, or " + '{"unit": "window", "time": True}'
    if isinstance(request, str):
        if request not in KINDS:
            raise SpecificationError(f"unknown effects {request!r}", where="effects", cure=cure)
        return dict(zip(("unit", "time"), KINDS[request], strict=True))
    if not set(request) <= {"unit", "time"}:
        raise SpecificationError(f"unknown effects {request!r}", where="effects", cure=cure)
    return {key: request.get(key, False) for key in ("unit", "time")}


def _label(asked: Mapping[str, str | bool]) -> str:
    for name, (unit, time) in KINDS.items():
        if asked["unit"] is unit and asked["time"] is time:
            return name
    parts = [key if value is True else f"{key} x {value}" for key, value in asked.items() if value]
    return ", ".join(parts)


def _constant_along(
    column: str, sample: Sample, data: Panel | pd.DataFrame, *, axis: int
) -> "tuple[pd.Index[Any], IntArray]":
    """Code a column that may differ over periods alone (axis 1) or over units alone (axis 0).

    Parameters
    ----------
    column : str
        Name of the column.
    sample : Sample
        The rows used.
    data : Panel or DataFrame
        The user's data.
    axis : int
        1 for windows, 0 for groups.

    Returns
    -------
    labels : Index
        Sorted labels.
    codes : ndarray of int
        Code of each period or unit.

    Raises
    ------
    SpecificationError
        If there is no such column, or it differs along the other axis.
    GapError
        If a row has no value.
    """
    if column in sample.frame:
        values = sample.frame[column]
    elif column == "window" and isinstance(data, Panel):
        values = data.windows().reindex(sample.frame.index)
    else:
        raise SpecificationError(
            "the effects name no column of the data", where=column, cure="add the column"
        )
    codes, labels = pd.factorize(values, sort=True)
    grid = codes.reshape(sample.shape)
    if (grid < 0).any():
        where = sample.place(int(np.flatnonzero(codes < 0)[0]))
        raise GapError(f"no value of {column}", where=where, cure="choose years that lie in a window")
    first = grid[:, :1] if axis == 1 else grid[:1]
    if (grid != first).any():
        where = sample.place(int(np.flatnonzero((grid != first).ravel())[0]))
        what = f"{column} differs between units of a year" if axis == 1 else f"{column} changes over time"
        raise SpecificationError(what, where=where, cure="give windows by year, groups by unit")
    return pd.Index(labels), np.ascontiguousarray(first.ravel(), dtype=np.intp)
