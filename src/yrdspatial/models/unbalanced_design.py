"""From a panel with holes to stacked rows: the network of each year, the dummies, what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.models.effects import RANDOM, read_effects
from yrdspatial.models.formula import INTERCEPT, model_matrix
from yrdspatial.models.observed import Observed
from yrdspatial.models.rank import check_columns
from yrdspatial.models.sample import Sample, read_sample
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray, IntArray, dummy_basis
from yrdspatial.panel.gaps import shorten, unit_name
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.matrices import deduplicated
from yrdspatial.weights.restriction import Rescale, restrict_weights
from yrdspatial.weights.series import Weights, as_series

LagModel: TypeAlias = Literal["SAR", "SDM"]
Holes: TypeAlias = Literal["subset", "em"]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
RANK = 1e-9


@dataclass(frozen=True)
class UnbalancedDesign:
    """A lag model on a panel with holes.

    Attributes
    ----------
    model, formula, effects : str
        What was asked.
    dependent : str
        Name of y.
    terms, durbin : tuple of str
        Names of X, and of those whose spatial lag is in the model.
    problem : Observed
        The arrays.
    rows : MultiIndex, length n
        Unit and year of each stacked row.
    """

    model: str
    formula: str
    effects: str
    dependent: str
    terms: tuple[str, ...]
    durbin: tuple[str, ...]
    problem: Observed
    rows: pd.MultiIndex

    @property
    def regressors(self) -> tuple[str, ...]:
        """Names of the columns of X."""
        return (*self.terms, *(f"W_{name}" for name in self.durbin))


@dataclass(frozen=True)
class UnbalancedRequest:
    """What is asked of a panel with holes.

    Attributes
    ----------
    formula : str
        y ~ x1 + x2.
    weights : Graph, WeightsSeries or DataFrame
        Weights of all units.
    policy : {"subset", "em"}
        What is done about the holes.
    rescale : {"row", "none"} or None
        Scale of the weights of those that stay.
    model : {"SAR", "SDM"}
        The model.
    effects : str or mapping
        Fixed effects.
    durbin : tuple of str or None
        Terms of W X; all when None.
    adjusted : bool
        Whether the bias of the effects is removed.
    """

    formula: str
    weights: Weights
    policy: Holes
    rescale: Rescale | None = None
    model: LagModel = "SDM"
    effects: EffectsRequest = "twoways"
    durbin: tuple[str, ...] | None = None
    adjusted: bool = True


def read_unbalanced(data: Panel | pd.DataFrame, request: UnbalancedRequest) -> UnbalancedDesign:
    """Stack the rows of a panel with holes.

    Parameters
    ----------
    data : Panel or DataFrame
        The full grid of units and years, NaN where a value is missing.
    request : UnbalancedRequest
        What is asked.

    Returns
    -------
    UnbalancedDesign
        The arrays, aligned by label.
    """
    _check_request(request)
    matrix, sample = model_matrix(request.formula, read_sample(data), holes=True)
    effects, label, _, _ = read_effects(request.effects, sample, data)
    fixed = effects.unit or effects.time
    chosen = [k for k, name in enumerate(matrix.terms) if not (fixed and name == INTERCEPT)]
    terms = tuple(matrix.terms[k] for k in chosen)
    X, y = matrix.X[:, :, chosen], matrix.y
    present, missing = _seen(y, X, request.policy, sample)
    networks, position = _networks(request, sample, present)
    problem = Observed(
        y=np.where(missing, 0.0, y)[present],
        X=X[present],
        weights=networks,
        position=position,
        basis=_orthonormal(dummy_basis(effects)[present.ravel()]),
        missing=np.flatnonzero(missing[present]).astype(np.intp),
        adjusted=request.adjusted,
    )
    durbin = _durbin(request, terms)
    problem = _with_lags(problem, [terms.index(name) for name in durbin])
    design = UnbalancedDesign(
        request.model,
        request.formula,
        label,
        matrix.dependent,
        terms,
        durbin,
        problem,
        _labels(sample, present),
    )
    _check_identified(design, effects)
    return design


def _check_request(request: UnbalancedRequest) -> None:
    if request.model not in {"SAR", "SDM"}:
        cure = 'use SAR or SDM, or balance the panel by "drop_years" or "drop_units"'
        raise SpecificationError(f"{request.model} is not estimated on a panel with holes", cure=cure)
    if isinstance(request.effects, str) and request.effects in RANDOM:
        cure = 'use fixed effects, or balance the panel by "drop_years" or "drop_units"'
        raise SpecificationError("random effects need a balanced panel", where="effects", cure=cure)


def _seen(y: FloatArray, X: FloatArray, policy: Holes, sample: Sample) -> tuple[BoolArray, BoolArray]:
    # Which cells are rows of the model, and which of them lack y; each of shape (T, N).
    explained, known = ~np.isnan(X).any(axis=2), ~np.isnan(y)
    if policy == "subset":
        return explained & known, np.zeros_like(known)
    if not explained.all():
        where = shorten([sample.place(int(row)) for row in np.flatnonzero(~explained.ravel())])
        cure = 'policy "em" fills y alone: use "subset", or fill the regressors in the open'
        raise GapError("regressors are missing", where=where, cure=cure)
    return np.ones_like(known), ~known


def _networks(
    request: UnbalancedRequest, sample: Sample, present: BoolArray
) -> tuple[tuple[Spectra, ...], IntArray]:
    # The distinct networks of the years that have rows, and which of them each has.
    years = [int(year) for year in sample.periods]
    kept = {year: sample.units[here] for year, here in zip(years, present, strict=True) if here.any()}
    if not kept:
        raise GapError("no row is complete", where=request.formula, cure="ask for fewer columns")
    rescale: Rescale | None = request.rescale if request.policy == "subset" else "none"
    part = restrict_weights(as_series(request.weights, kept), kept, rescale=rescale)
    matrices, position = deduplicated([part.matrices[year] for year in kept])
    alone = np.zeros(1, dtype=np.intp)
    return tuple(Spectra.of([one], alone) for one in matrices), position


def _orthonormal(columns: FloatArray) -> FloatArray:
    if not columns.shape[1]:
        return columns
    values, vectors = np.linalg.eigh(columns.T @ columns)
    kept = values > RANK
    return np.asarray(columns @ (vectors[:, kept] / np.sqrt(values[kept])))


def _durbin(request: UnbalancedRequest, terms: tuple[str, ...]) -> tuple[str, ...]:
    candidates = tuple(name for name in terms if name != INTERCEPT)
    asked = request.durbin
    if request.model == "SAR":
        if asked is not None:
            raise SpecificationError("SAR has no spatial lag of X", where="durbin", cure="leave it out")
        return ()
    unknown = [name for name in asked or () if name not in candidates]
    if unknown:
        cure = f"choose among {', '.join(candidates)}"
        raise SpecificationError("durbin names no term of X", where=shorten(unknown), cure=cure)
    return candidates if asked is None else tuple(name for name in candidates if name in asked)


def _with_lags(problem: Observed, chosen: list[int]) -> Observed:
    if not chosen:
        return problem
    matrices = [one.matrices[0] for one in problem.weights]
    return replace(problem, X=np.hstack([problem.X, problem.by_year(matrices, problem.X[:, chosen])]))


def _labels(sample: Sample, present: BoolArray) -> pd.MultiIndex:
    periods, places = np.nonzero(present)
    arrays: list[Any] = [sample.units[places], sample.periods[periods]]
    return pd.MultiIndex.from_arrays(arrays, names=["unit", "year"])


def _check_identified(design: UnbalancedDesign, effects: Effects) -> None:
    problem = design.problem
    stacked = np.column_stack([problem.X, problem.y])
    check_columns(stacked, problem.net(stacked), problem.divisor, design.regressors)
    holes = problem.net(problem.holes)
    if holes.shape[1] and np.linalg.eigvalsh(holes.T @ holes).min() < RANK:
        units, years = (design.rows.get_level_values(level) for level in ("unit", "year"))
        gone: BoolArray = np.asarray(problem.holes.sum(axis=1) > 0)
        whole: Iterable[Any] = (
            [unit_name(u) for u in units.unique() if gone[np.asarray(units == u)].all()]
            if effects.unit
            else []
        )
        empty = [str(t) for t in years.unique() if gone[np.asarray(years == t)].all()] if effects.time else []
        cure = "drop them, or use effects that leave something to tell them by"
        raise GapError("an effect has no value of y", where=shorten([*whole, *empty]), cure=cure)


def as_terms(durbin: str | Iterable[str] | None) -> tuple[str, ...] | None:
    """Read the argument ``durbin``.

    Parameters
    ----------
    durbin : str, iterable of str, or None
        Terms.

    Returns
    -------
    tuple of str or None
        The terms; None for all.

    Examples
    --------
    >>> as_terms("x"), as_terms(None)
    (('x',), None)
    """
    if durbin is None:
        return None
    return (durbin,) if isinstance(durbin, str) else tuple(durbin)
