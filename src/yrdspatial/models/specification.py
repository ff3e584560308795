"""What is asked of a model, and the arrays that answer it: formula, effects, Durbin terms, weights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models.effects import RANDOM, read_effects
from yrdspatial.models.formula import INTERCEPT, ModelMatrix, check_spacing, drop_first, model_matrix
from yrdspatial.models.likelihood import Problem, spatial_lag
from yrdspatial.models.rank import check_rank
from yrdspatial.models.sample import Sample, read_sample
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.alignment import aligned
from yrdspatial.weights.series import Weights, WeightsSeries

EffectsRequest: TypeAlias = "str | Mapping[str, str | bool]"
CONSTANT = INTERCEPT
LAG_NAMES = {"y": "y_lag", "Wy": "W_y_lag"}


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
    lags : tuple of str
        Names of the lags over time: "y_lag", "W_y_lag".
    means : tuple of str
        The columns of X whose unit means are regressors too (Mundlak).
    parts, x_parts : tuple of str
        Names of several weights of y, and of X; empty with one.
    """

    model: str
    formula: str
    effects: str
    dependent: str
    terms: tuple[str, ...]
    durbin: tuple[str, ...]
    lag: bool
    error: bool
    lags: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    x_parts: tuple[str, ...] = ()

    @property
    def regressors(self) -> tuple[str, ...]:
        """Names of the columns of X: lags over time, the terms, their spatial lags, unit means."""
        prefixes = [f"W_{part}_" for part in self.x_parts] or ["W_"]
        lagged = (f"{prefix}{name}" for prefix in prefixes for name in self.durbin)
        return (*self.lags, *self.terms, *lagged, *(f"mean_{name}" for name in self.means))

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of all coefficients."""
        rho = [f"rho_{part}" for part in self.parts] or (["rho"] if self.lag else [])
        spatial = (*rho, *(["lambda"] if self.error else []))
        return (*self.regressors, *spatial, *(["phi"] if self.effects in RANDOM else []))


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
    durbin : tuple of Spectra
        Weights of X; several with ``spec.x_parts``, none in a model without W X.
    windows, groups : Index
        Labels of the windows and the groups of the effects.
    """

    spec: Spec
    sample: Sample
    problem: Problem
    durbin: tuple[Spectra, ...]
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
    dynamic : tuple of str
        "y" and "Wy".
    """

    model: str
    lag: bool
    error: bool
    wx: bool
    formula: str
    effects: EffectsRequest
    weights: "Mapping[str, Weights | Mapping[str, Weights] | None]"
    durbin: str | Iterable[str] | None
    dynamic: tuple[str, ...] = ()


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
    past, sample = read_past(request, matrix, sample)
    matrix = replace(matrix, y=matrix.y[-len(sample.periods) :], X=matrix.X[-len(sample.periods) :])
    effects, label, windows, groups = read_effects(request.effects, sample, data)
    matrix = _without_constant(matrix) if effects.unit or effects.time else matrix
    roles = read_roles(request, sample)
    spec = Spec(
        model=request.model,
        formula=request.formula,
        effects=label,
        dependent=matrix.dependent,
        terms=matrix.terms,
        durbin=_durbin_terms(request, matrix),
        lag=request.lag and not roles["y"].names,
        error=request.error,
        lags=tuple(LAG_NAMES[name] for name in request.dynamic),
        parts=roles["y"].names,
        x_parts=roles["x"].names,
    )
    X = _regressors(spec, matrix, roles["x"].spectra)
    if label == "mundlak":
        X, means = _with_means(X, spec.regressors)
        spec = replace(spec, means=means)
    problem = Problem(
        y=matrix.y,
        X=np.concatenate([past.columns, X], axis=2),
        effects=effects,
        lag=roles["y"].single,
        error=roles["error"].single,
        adjusted=True,
        random=RANDOM.get(label, ""),
        lags=request.dynamic,
        previous=past.weights,
        parts=roles["y"].spectra if roles["y"].names else (),
    )
    check_rank(problem, spec.regressors)
    return Design(spec, sample, problem, roles["x"].spectra if spec.durbin else (), windows, groups)


@dataclass(frozen=True)
class Past:
    """Lags over time of y.

    Attributes
    ----------
    columns : ndarray, shape (T, N, m)
        y_{t-1} and W_{t-1} y_{t-1}, those asked for.
    weights : Spectra or None
        W_{t-1}.
    """

    columns: FloatArray
    weights: Spectra | None


def read_past(request: Request, matrix: ModelMatrix, sample: Sample) -> tuple[Past, Sample]:
    """Form the lags over time of a dynamic model, which cost the first period.

    Parameters
    ----------
    request : Request
        The arguments.
    matrix : ModelMatrix
        y of all periods.
    sample : Sample
        All periods.

    Returns
    -------
    past : Past
        The lags.
    sample : Sample
        The periods that have them.

    Raises
    ------
    SpecificationError
        If the lags are unknown, or the model is not SAR or SDM with fixed effects.
    """
    if not request.dynamic:
        return Past(np.zeros((*matrix.y.shape, 0)), None), sample
    unknown = [name for name in request.dynamic if name not in LAG_NAMES]
    if unknown or len(set(request.dynamic)) < len(request.dynamic):
        cure = 'use ("y",), ("Wy",) or ("y", "Wy")'
        raise SpecificationError("dynamic names no lag", where=shorten(unknown or request.dynamic), cure=cure)
    if not request.lag or request.error or _is_random(request.effects):
        cure = "use SAR or SDM with fixed effects"
        raise SpecificationError(
            f"{request.model} with these effects has no dynamic form", where="dynamic", cure=cure
        )
    check_spacing(sample, 1)
    columns, before = [matrix.y[:-1, :, None]], None
    if "Wy" in request.dynamic and request.weights["y"] is not None:
        spectra = read_roles(replace(request, dynamic=()), sample)["y"].spectra[0]
        before = Spectra(spectra.source, spectra.position[:-1])
        columns.append(spatial_lag(before, columns[0]))
    chosen = [columns[("y", "Wy").index(name)] for name in request.dynamic]
    return Past(np.concatenate(chosen, axis=2), before), drop_first(sample, 1)


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


def _regressors(spec: Spec, matrix: ModelMatrix, spectra: tuple[Spectra, ...]) -> FloatArray:
    if not spec.durbin:
        return matrix.X
    chosen = [spec.terms.index(name) for name in spec.durbin]
    lagged = [spatial_lag(one, matrix.X[:, :, chosen]) for one in spectra]
    return np.concatenate([matrix.X, *lagged], axis=2)


def _with_means(X: FloatArray, names: tuple[str, ...]) -> tuple[FloatArray, tuple[str, ...]]:
    """Add unit means of the columns that vary over time.

    Parameters
    ----------
    X : ndarray, shape (T, N, k)
        Regressors.
    names : tuple of str, length k
        Their names.

    Returns
    -------
    X : ndarray, shape (T, N, k + m)
        Regressors and means.
    means : tuple of str, length m
        Whose means they are.
    """
    averages = np.broadcast_to(X.mean(axis=0), X.shape)
    varying = [k for k in range(X.shape[2]) if np.abs(X[:, :, k] - averages[:, :, k]).max() > 0]
    return np.concatenate([X, averages[:, :, varying]], axis=2), tuple(names[k] for k in varying)


@dataclass(frozen=True)
class Role:
    """The weights of y, of X, or of the error.

    Attributes
    ----------
    names : tuple of str
        Names of several weights; empty with one or none.
    spectra : tuple of Spectra
        The weights.
    """

    names: tuple[str, ...]
    spectra: tuple[Spectra, ...]

    @property
    def single(self) -> Spectra | None:
        """The weights when there is one."""
        return None if self.names or not self.spectra else self.spectra[0]


def read_roles(request: Request, sample: Sample) -> dict[str, Role]:
    """Align all weights of a request with a sample, each once.

    Parameters
    ----------
    request : Request
        The arguments.
    sample : Sample
        The rows used.

    Returns
    -------
    dict of str to Role
        "y", "x" and "error".

    Raises
    ------
    SpecificationError
        If several weights are given where one is needed.
    """
    roles: dict[str, dict[str, Weights]] = {}
    seen: dict[int, Weights] = {}
    for role in ("y", "x", "error"):
        weights = request.weights.get(role)
        named: dict[str, Any] = {} if weights is None else {"": weights}
        if isinstance(weights, Mapping) and not isinstance(weights, WeightsSeries):
            named = {str(name): one for name, one in weights.items()}
        several = set(named) not in ({""}, set())
        if several and (role == "error" or request.dynamic or request.error or _is_random(request.effects)):
            cure = "use SLX, SAR or SDM with fixed effects, not dynamic"
            raise SpecificationError(
                f"{request.model} takes one weight here", where=f"weights of {role}", cure=cure
            )
        for one in named.values():
            seen.setdefault(id(one), one)
        roles[role] = named
    read = {key: read_weights(one, sample) for key, one in seen.items()}
    return {
        role: Role(tuple(name for name in named if name), tuple(read[id(one)] for one in named.values()))
        for role, named in roles.items()
    }


def _is_random(effects: EffectsRequest) -> bool:
    return isinstance(effects, str) and effects in RANDOM


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
    if not isinstance(weights, WeightsSeries):
        matrix = aligned(weights, sample.units)
        return Spectra.of([matrix], np.zeros(len(sample.periods), dtype=np.intp))
    alone = sample.cross_section and len(weights.years) == 1
    years: Iterable[Any] = weights.years if alone else sample.periods
    return Spectra.of(*weights.distinct_sparse(units=sample.units, years=years))
