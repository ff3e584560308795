"""Covariances from score contributions: outer products, heteroskedasticity, clusters, Driscoll-Kraay, Conley."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import block_diag

from yrdspatial.errors import SpecificationError
from yrdspatial.models.covariance import Information, propagators
from yrdspatial.models.filtered_covariance import pieces_of
from yrdspatial.models.likelihood import Fit, Problem, spatial_lag
from yrdspatial.models.within import FloatArray, demean

LARGE = 4000
"""Score contributions of spatial parameters need N T x N T matrices."""
OPTIONS: Mapping[str, frozenset[str]] = {
    "opg": frozenset(),
    "robust": frozenset(),
    "cluster": frozenset(),
    "driscoll-kraay": frozenset({"lags"}),
    "conley": frozenset({"distance", "cutoff", "lags"}),
}


def contributions(problem: Problem, fit: Fit) -> FloatArray:
    """Split the score into one part for each unit and period, uncorrelated when the errors are independent.

    Parameters
    ----------
    problem : Problem
        The arrays of a model with fixed effects or none.
    fit : Fit
        The estimates.

    Returns
    -------
    ndarray, shape (T, N, K + 1)
        In the order beta, spatial, sigma2. A quadratic form e'A e, A = M G M with M the projector off the effects, is
        split into e_i sum_{j<i} (a_ij + a_ji) e_j + a_ii (e_i^2 - sigma2), a martingale difference over observations,
        so that outer products carry the covariance between them. Residuals are scaled by the root of N T / M0 for what
        the effects take from their variance; parts are centred.

    References
    ----------
    Kelejian and Prucha (2001), Journal of Econometrics 104, 219-257, for the central limit theorem behind it.
    """
    e, s2 = fit.residuals.ravel() * np.sqrt(problem.y.size / problem.degrees_of_freedom), fit.sigma2
    columns, forms = _parts_of_score(problem, fit)
    linear = columns.reshape(e.size, -1) * e[:, None] / s2
    for place, matrix in forms:
        quadratic = e * (np.tril(matrix + matrix.T, -1) @ e) + np.diag(matrix) * (e**2 - s2)
        if place < linear.shape[1]:
            linear[:, place] += quadratic / s2
        else:
            linear = np.column_stack([linear, quadratic / s2])
    whole = np.column_stack([linear, (e**2 - s2) / (2.0 * s2**2)])
    return np.asarray((whole - whole.mean(axis=0)).reshape(*problem.y.shape, -1))


def _parts_of_score(problem: Problem, fit: Fit) -> tuple[FloatArray, list[tuple[int, FloatArray]]]:
    # Linear parts (T, N, m), and quadratic forms between projectors with the column they belong to.
    if problem.error is not None:
        pieces = pieces_of(problem, fit, observed=False)
        count, basis = pieces.columns.shape[2], pieces.basis.reshape(problem.y.size, -1)

        def project(columns: FloatArray) -> FloatArray:
            return np.asarray(columns - basis @ (basis.T @ columns))

        forms = [] if pieces.G is None else [(count - 1, pieces.G)]
        forms.append((count, pieces.H))
        return pieces.columns, [(place, _between_projectors(matrix, project)) for place, matrix in forms]
    if problem.lag is None:
        return demean(problem.X, problem.effects), []
    G = propagators(problem.lag, float(fit.spatial[0]))[problem.lag.position]
    lagged = spatial_lag(problem.lag, problem.y[:, :, None]) - G @ fit.residuals[:, :, None]
    columns = demean(np.concatenate([problem.X, lagged], axis=2), problem.effects)

    def within(values: FloatArray) -> FloatArray:
        return demean(values.reshape(*problem.y.shape, -1), problem.effects).reshape(values.shape)

    return columns, [(columns.shape[2] - 1, _between_projectors(G, within))]


def _between_projectors(blocks: FloatArray, project: Callable[[FloatArray], FloatArray]) -> FloatArray:
    return project(project(block_diag(*blocks)).T).T


@dataclass(frozen=True)
class Choice:
    """A covariance asked for.

    Attributes
    ----------
    kind : str
        "opg", "robust", "cluster", "driscoll-kraay" or "conley".
    lags : int or None
        Lags over time; by default floor(4 (T / 100)^(2/9)) for Driscoll-Kraay and 0 for Conley.
    distance : ndarray, shape (N, N), or None
        Distances between units, in km or minutes, for Conley.
    cutoff : float
        Distance from which units count as independent.
    """

    kind: str
    lags: int | None = None
    distance: FloatArray | None = None
    cutoff: float = 0.0


def read_choice(kind: str, config: Mapping[str, Any], problem: Problem) -> Choice:
    """Check a request for a covariance.

    Parameters
    ----------
    kind : str
        As of ``fit``.
    config : mapping
        Options.
    problem : Problem
        The arrays.

    Returns
    -------
    Choice
        What to compute; a distance has to be an array in the order of the units by then.

    Raises
    ------
    SpecificationError
        If an option is unknown, missing or senseless, or the covariance is not defined for the model.
    """
    unknown = set(config) - OPTIONS[kind]
    if unknown:
        cure = f"options are {', '.join(sorted(OPTIONS[kind])) or 'none'}"
        raise SpecificationError(f"{kind} has no option {', '.join(sorted(unknown))}", where="fit", cure=cure)
    if problem.random or problem.parts or problem.lags:
        cure = 'use "expected" or "observed"'
        raise SpecificationError(f"{kind} is not defined for random, dynamic and border models", cure=cure)
    spatial = problem.lag is not None or problem.error is not None
    if spatial and problem.y.size > LARGE:
        what = f"{kind} is made for {LARGE} observations at most when there is a spatial parameter"
        raise SpecificationError(what, where=f"{problem.y.size} observations", cure='use "expected"')
    periods = problem.y.shape[0]
    if kind in {"cluster", "driscoll-kraay"} and periods < 2:
        raise SpecificationError(f"{kind} needs a panel", cure='use "robust" for one cross-section')
    lags = config.get("lags")
    if lags is not None and (int(lags) != lags or not 0 <= lags < periods):
        raise SpecificationError(f"{lags} lags make no sense", where="fit", cure=f"use 0 to {periods - 1}")
    if kind == "conley":
        if "distance" not in config or not float(config.get("cutoff", 0.0)) > 0:
            raise SpecificationError("conley needs distance and cutoff", where="fit", cure="pass both")
        if spatial:
            cure = 'use OLS or SLX, or "driscoll-kraay"'
            raise SpecificationError("conley is defined for models without a spatial parameter", cure=cure)
    return Choice(
        kind, None if lags is None else int(lags), config.get("distance"), float(config.get("cutoff", 0.0))
    )


def robust_information(information: Information, scores: FloatArray, choice: Choice) -> Information:
    """Put the variance of the score in the place of the model's.

    Parameters
    ----------
    information : Information
        Of the model.
    scores : ndarray, shape (T, N, K)
        ``contributions``.
    choice : Choice
        How they are summed.

    Returns
    -------
    Information
        Its covariance is A^-1 B A^-T; for "opg" it is B^-1.
    """
    periods, units, count = scores.shape
    if choice.kind in {"opg", "robust"}:
        flat = scores.reshape(-1, count)
        variance = flat.T @ flat
        return (
            Information(variance, variance)
            if choice.kind == "opg"
            else Information(information.slope, variance)
        )
    if choice.kind == "cluster":
        sums = scores.sum(axis=0)
        return Information(information.slope, units / (units - 1.0) * sums.T @ sums)
    if choice.kind == "driscoll-kraay":
        default = int(np.floor(4.0 * (periods / 100.0) ** (2.0 / 9.0)))
        lags = min(default, periods - 1) if choice.lags is None else choice.lags
        return Information(information.slope, _bartlett(scores.sum(axis=1), lags))
    return Information(information.slope, _conley(scores, choice))


def _bartlett(sums: FloatArray, lags: int) -> FloatArray:
    # Newey-West over periods.
    total = sums.T @ sums
    for lag in range(1, lags + 1):
        cross = sums[lag:].T @ sums[:-lag]
        total = total + (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return np.asarray(total)


def _conley(scores: FloatArray, choice: Choice) -> FloatArray:
    # Bartlett kernel in distance within a period, and over periods within a unit.
    if choice.distance is None:
        raise SpecificationError("conley needs distance", where="fit", cure="pass distance=")
    kernel = np.clip(1.0 - choice.distance / choice.cutoff, 0.0, None)
    np.fill_diagonal(kernel, 1.0)
    total = np.einsum("tik,ij,tjl->kl", scores, kernel, scores)
    lags = choice.lags or 0
    for lag in range(1, lags + 1):
        cross = np.einsum("tik,til->kl", scores[lag:], scores[:-lag])
        total = total + (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return np.asarray(0.5 * (total + total.T))
