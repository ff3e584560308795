"""What the estimators share: a constructor that reads the request, and ``fit``."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, SpecificationError, WeakIdentificationWarning
from yrdspatial.models.collapse import collapse, collapsible, expand
from yrdspatial.models.combined import fit_both
from yrdspatial.models.contributions import contributions
from yrdspatial.models.covariance import Information, lag_information, linear_information
from yrdspatial.models.diagnosis import islands
from yrdspatial.models.dynamic import fit_dynamic, unstable
from yrdspatial.models.filtered import fit_error, maximize_error
from yrdspatial.models.filtered_covariance import filtered_information
from yrdspatial.models.identification import weak_points
from yrdspatial.models.large_information import large_error_information, large_lag_information
from yrdspatial.models.likelihood import Fit, Problem, maximize_lag
from yrdspatial.models.linear import fit_linear
from yrdspatial.models.parts import fit_parts, parts_information
from yrdspatial.models.random_effects import LARGE, fit_random
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.robust import OPTIONS, read_choice, robust_information
from yrdspatial.models.specification import Design, EffectsRequest, Request, read_design
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.traces import Probing, read_probing
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

Bias: TypeAlias = Literal["adjusted", "none"]
CovType: TypeAlias = Literal["expected", "observed", "opg", "robust", "cluster", "driscoll-kraay", "conley"]


class Model:
    """A spatial panel model; use one of its children, such as ``SDM``.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone, one cross-section with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``; ``L(x)`` is x one period ago, ``L(x, 2)`` two.
    weights : Graph, WeightsSeries, DataFrame, or mapping of str to these
        W_t, used as given; a graph or labelled table counts for every period. Only OLS does without. SLX, SAR and
        SDM take several, {"within": w1, "across": w2}, of any names: parameters rho_within, W_within_<term>, ...
    effects : str or mapping
        "pooled", "unit", "time", "twoways", or {"unit": "window", "time": True}: unit effects in each window named by
        a column of the data (a Panel makes the column "window" from its breaks), which may differ between units;
        "time" may name a column of groups of units in the same way. "random": normal unit effects in the error,
        filtered with it (Baltagi); "random_kkp": unit effects that are disturbances like e (Kapoor, Kelejian and
        Prucha); "mundlak": "random" with the unit means of the regressors among them.
    durbin : str or iterable of str, optional
        The terms whose spatial lag enters, in models with W X; all by default.
    durbin_weights : Graph, WeightsSeries or DataFrame, optional
        Weights of X when they are not those of y.
    error_weights : Graph, WeightsSeries or DataFrame, optional
        Weights of the error when they are not those of y.
    dynamic : iterable of str, optional
        In SAR and SDM with fixed effects: ("y",), ("Wy",) or ("y", "Wy") adds y_{t-1} ("y_lag") and
        W_{t-1} y_{t-1} ("W_y_lag"); the first period is spent on them.

    Attributes
    ----------
    design : Design
        The request and its arrays.
    """

    _lag: ClassVar[bool] = False
    _error: ClassVar[bool] = False
    _wx: ClassVar[bool] = False

    design: Design

    def __init__(
        self,
        data: Panel | pd.DataFrame,
        formula: str,
        *,
        weights: "Weights | Mapping[str, Weights] | None" = None,
        effects: EffectsRequest = "twoways",
        durbin: str | Iterable[str] | None = None,
        durbin_weights: "Weights | Mapping[str, Weights] | None" = None,
        error_weights: "Weights | None" = None,
        dynamic: Iterable[str] | None = None,
    ) -> None:
        request = Request(
            model=type(self).__name__,
            lag=self._lag,
            error=self._error,
            wx=self._wx,
            formula=formula,
            effects=effects,
            weights=self._roles(weights, durbin_weights, error_weights),
            durbin=durbin,
            dynamic=() if dynamic is None else (dynamic,) if isinstance(dynamic, str) else tuple(dynamic),
        )
        self.design = read_design(data, request)

    def _roles(
        self,
        weights: "Weights | Mapping[str, Weights] | None",
        durbin: "Weights | Mapping[str, Weights] | None",
        error: "Weights | None",
    ) -> "dict[str, Weights | Mapping[str, Weights] | None]":
        name = type(self).__name__
        given = (("durbin_weights", durbin, self._wx, "W X"), ("error_weights", error, self._error, "error"))
        for argument, value, has, what in given:
            if value is not None and not has:
                raise SpecificationError(f"{name} has no spatial {what}", where=argument, cure="leave it out")
        roles: dict[str, Weights | Mapping[str, Weights] | None] = {
            "y": weights if self._lag else None,
            "x": (weights if durbin is None else durbin) if self._wx else None,
            "error": (weights if error is None else error) if self._error else None,
        }
        wanted = {"y": self._lag, "x": self._wx, "error": self._error}
        if any(needed and roles[role] is None for role, needed in wanted.items()):
            raise SpecificationError(f"{name} needs weights", cure="pass weights=")
        return roles

    def _placed(self, config: Mapping[str, Any]) -> dict[str, Any]:
        # Labelled tables of distances as arrays in the order of the units, and of the periods if there are several.
        distance = config.get("distance")
        if distance is None:
            return dict(config)
        units, periods = self.design.sample.units, self.design.sample.periods
        if not isinstance(distance, Mapping):
            return {**config, "distance": _square(distance, units)}
        missing = [str(period) for period in periods if period not in distance]
        if missing:
            cure = "give a table for each period, or one for all"
            raise AlignmentError("no distances", where=", ".join(missing[:3]), cure=cure)
        return {**config, "distance": np.stack([_square(distance[period], units) for period in periods])}

    def fit(
        self, *, bias: Bias = "adjusted", cov_type: CovType = "expected", **cov_config: Any
    ) -> SpatialPanelResults:
        """Estimate the model.

        Parameters
        ----------
        bias : {"adjusted", "none"}
            "adjusted" removes the bias that unit and time effects leave in the spatial parameters and in sigma2,
            for weights that change over time as well; where they are constant and row-standardized it is the
            Lee-Yu transformation. "none" is the maximum likelihood with dummies. The two agree on pooled data,
            but for sigma2 of OLS and SLX, which "adjusted" divides by the degrees of freedom; with random effects
            there is nothing to adjust.
        cov_type : {"expected", "observed", "opg", "robust", "cluster", "driscoll-kraay", "conley"}
            Where standard errors come from: expected or observed information (with random effects and more than
            2,500 observations always the observed); outer products of the score; A^-1 B A^-1 with B from outer
            products (heteroskedastic errors), summed by unit (times N / (N - 1)), by period with Bartlett weights, or
            over units by distance. In these residuals are scaled by the root of N T / M0. With random effects the
            parts are units, and "driscoll-kraay" is not defined; nor is any of these with effects="random" and a
            spatial error. Four provinces or a few years are too few clusters.
        **cov_config
            ``lags`` of "driscoll-kraay" (by default floor(4 (T / 100)^(2/9))) and of "conley" (0); ``distance``, a
            labelled square table in km or minutes, or one for each period in a mapping, ``cutoff`` and ``kernel``
            ("bartlett", or "uniform") of "conley"; ``small_sample=False``
            leaves both factors out. With sparse weights of many units ``traces``: "exact" or
            "stochastic" tr(G'G), exact by default up to 5,000 units, with ``probes`` (64) and their ``seed`` (0).

        Returns
        -------
        SpatialPanelResults
            The estimates.

        Raises
        ------
        SpecificationError
            If ``bias`` or ``cov_type`` is unknown, or an option does not belong to it.
        """
        if bias not in {"adjusted", "none"}:
            raise SpecificationError(f"unknown bias {bias!r}", where="fit", cure='use "adjusted" or "none"')
        if cov_type not in {"expected", "observed", *OPTIONS}:
            cure = f"use expected, observed, {', '.join(OPTIONS)}"
            raise SpecificationError(f"unknown cov_type {cov_type!r}", where="fit", cure=cure)
        design = replace(self.design, problem=replace(self.design.problem, adjusted=bias == "adjusted"))
        probing, cov_config = read_probing(cov_config, design.problem)
        fit, information = estimate(design.problem, observed=cov_type == "observed", probing=probing)
        if cov_type in OPTIONS:
            choice = read_choice(cov_type, self._placed(cov_config), design.problem)
            scores = contributions(design.problem, fit, by_unit=choice.by_unit, scaled=choice.small_sample)
            information = robust_information(information, scores, choice)
        elif cov_config:
            raise SpecificationError(f"{cov_type} has no options", where="fit", cure="leave them out")
        covariance = information.covariance()
        spatial = design.spec.parameters[len(design.spec.regressors) :]
        errors = np.sqrt(np.diag(covariance))[len(design.spec.regressors) : -1]
        said = weak_points(design.problem, fit, errors, spatial) + unstable(design.problem, fit)
        for sentence in said:
            warnings.warn(sentence, WeakIdentificationWarning, stacklevel=2)
        if cov_type == "expected" and design.problem.random and design.problem.y.size > LARGE:
            cov_type = "observed"
        return SpatialPanelResults(design, fit, covariance, cov_type, said + islands(design))


def _square(table: Any, units: "pd.Index[Any]") -> FloatArray:
    square = isinstance(table, pd.DataFrame) and set(table.index) == set(table.columns)
    if not square or not units.isin(table.index).all():
        cure = "give a square table with the units of the data on both sides"
        raise AlignmentError("distances do not cover the units", where="fit", cure=cure)
    distance = table.loc[units, units].to_numpy(dtype=np.float64)
    if np.isnan(distance).any():
        place = units[int(np.flatnonzero(np.isnan(distance).any(axis=1))[0])]
        raise AlignmentError("a distance is missing", where=str(place), cure="infinity means out of reach")
    return np.asarray(distance)


def estimate(
    problem: Problem, *, observed: bool = False, probing: Probing | None = None
) -> tuple[Fit, Information]:
    """Choose the likelihood that a problem asks for.

    Parameters
    ----------
    problem : Problem
        The arrays.
    observed : bool
        Observed instead of expected information.
    probing : Probing, optional
        How tr(G'G) of sparse weights is found; by default exactly up to ``EXACT`` units, by random probes beyond.

    Returns
    -------
    fit : Fit
        The estimates.
    information : Information
        In the order beta, spatial parameters, sigma2.
    """
    if problem.parts:
        fit = fit_parts(problem)
        return fit, parts_information(problem, fit, observed=observed)
    if problem.lags:
        return fit_dynamic(problem, observed=observed)
    if problem.random:
        return fit_random(problem, observed=observed)
    if problem.error is not None:
        return _with_spatial_error(problem, observed=observed, probing=probing)
    if problem.lag is not None:
        return _with_lag(problem, observed=observed, probing=probing)
    fit = fit_linear(problem)
    return fit, linear_information(problem, fit)


def _by_solves(weights: Spectra, problem: Problem) -> bool:
    return weights.thin and problem.effects.cells is None


def _with_lag(problem: Problem, *, observed: bool, probing: Probing | None) -> tuple[Fit, Information]:
    solution = maximize_lag(problem)
    if problem.lag is not None and _by_solves(problem.lag, problem):
        return large_lag_information(problem, solution, observed=observed, probing=probing)
    return solution[0], lag_information(problem, solution[0], observed=observed)


def _with_spatial_error(
    problem: Problem, *, observed: bool, probing: Probing | None
) -> tuple[Fit, Information]:
    short, contrasts = collapse(problem) if collapsible(problem) else (problem, None)
    if (
        short.lag is None
        and short.error is not None
        and _by_solves(short.error, short)
        and not short.effects.unit
    ):
        solution = maximize_error(short)
        fit, information = large_error_information(short, solution, observed=observed, probing=probing)
        return fit if contrasts is None else expand(fit, contrasts), information
    for weights in (short.lag, short.error):
        if weights is not None:
            weights.require_tables()
    fit = fit_error(short) if short.lag is None else fit_both(short)
    information = filtered_information(short, fit, observed=observed)
    return fit if contrasts is None else expand(fit, contrasts), information
