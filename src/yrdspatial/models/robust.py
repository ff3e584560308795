"""Covariances from score contributions: outer products, heteroskedasticity, clusters, Driscoll-Kraay, Conley."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models.covariance import Information
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.within import FloatArray

LARGE = 4000
"""Score contributions of spatial parameters need N T x N T matrices with fixed effects."""
OPTIONS: Mapping[str, frozenset[str]] = {
    "opg": frozenset({"small_sample"}),
    "robust": frozenset({"small_sample"}),
    "cluster": frozenset({"small_sample"}),
    "driscoll-kraay": frozenset({"lags", "small_sample"}),
    "conley": frozenset({"distance", "cutoff", "kernel", "lags", "small_sample"}),
}
KERNELS = ("bartlett", "uniform")


@dataclass(frozen=True)
class Choice:
    """A covariance asked for.

    Attributes
    ----------
    kind : str
        "opg", "robust", "cluster", "driscoll-kraay" or "conley".
    lags : int or None
        Lags over time; by default floor(4 (T / 100)^(2/9)) for Driscoll-Kraay and 0 for Conley.
    distance : ndarray, shape (N, N) or (T, N, N), or None
        Distances between units, in km or minutes, for Conley.
    cutoff : float
        Distance from which units count as independent.
    kernel : str
        "bartlett" or "uniform", for Conley.
    small_sample : bool
        Whether residuals are scaled by the root of N T / M0, and clusters by N / (N - 1).

    Examples
    --------
    >>> Choice("driscoll-kraay", lags=2).by_unit
    False
    """

    kind: str
    lags: int | None = None
    distance: FloatArray | None = None
    cutoff: float = 0.0
    kernel: str = "bartlett"
    small_sample: bool = True

    @property
    def by_unit(self) -> bool:
        """Whether score contributions are summed by unit."""
        return self.kind == "cluster"


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

    Examples
    --------
    >>> from yrdspatial.models.within import Effects
    >>> effects = Effects.of(3, 4, unit=True, time=False)
    >>> problem = Problem(np.ones((3, 4)), np.ones((3, 4, 1)), effects, lag=None, error=None, adjusted=True)
    >>> read_choice("driscoll-kraay", {"lags": 1}, problem).lags
    1
    """
    unknown = set(config) - OPTIONS[kind]
    if unknown:
        cure = f"options are {', '.join(sorted(OPTIONS[kind]))}"
        raise SpecificationError(f"{kind} has no option {', '.join(sorted(unknown))}", where="fit", cure=cure)
    _refuse_undefined(kind, problem)
    periods = problem.y.shape[0]
    lags = config.get("lags")
    if lags is not None and (int(lags) != lags or not 0 <= lags < periods):
        raise SpecificationError(f"{lags} lags make no sense", where="fit", cure=f"use 0 to {periods - 1}")
    if kind == "conley":
        _check_conley(config, problem)
    return Choice(
        kind,
        None if lags is None else int(lags),
        config.get("distance"),
        float(config.get("cutoff", 0.0)),
        str(config.get("kernel", "bartlett")),
        bool(config.get("small_sample", True)),
    )


def _refuse_undefined(kind: str, problem: Problem) -> None:
    spatial = problem.lag is not None or problem.error is not None or bool(problem.parts)
    if problem.random:
        return _refuse_random(kind, problem)
    if spatial and problem.y.size > LARGE:
        what = f"{kind} is made for {LARGE} observations at most when there is a spatial parameter"
        raise SpecificationError(what, where=f"{problem.y.size} observations", cure='use "expected"')
    if kind in {"cluster", "driscoll-kraay"} and problem.y.shape[0] < 2:
        raise SpecificationError(f"{kind} needs a panel", cure='use "robust" for one cross-section')
    return None


def _refuse_random(kind: str, problem: Problem) -> None:
    units, parameters = problem.y.shape[1], problem.X.shape[2] + 4
    if problem.random == "baltagi" and problem.error is not None:
        what = "the score has no parts by unit: the spatial error mixes unit effects and disturbances of all units"
        raise SpecificationError(what, where=kind, cure='use effects="random_kkp", "expected" or "observed"')
    if kind == "driscoll-kraay":
        what = "a random unit effect is in every period, so that periods never become independent"
        raise SpecificationError(what, where=kind, cure='use "cluster" or "conley", or effects="unit"')
    if kind == "opg" and units <= parameters:
        what = "outer products by unit need more units than parameters"
        raise SpecificationError(what, where=f"{units} units", cure='use "expected" or "robust"')


def _check_conley(config: Mapping[str, Any], problem: Problem) -> None:
    if "distance" not in config or "cutoff" not in config:
        raise SpecificationError("conley needs distance and cutoff", where="fit", cure="pass both")
    if not float(config["cutoff"]) >= 0.0:
        cure = "use a distance in the units of the table"
        raise SpecificationError(f"cutoff {config['cutoff']} makes no sense", where="fit", cure=cure)
    if config.get("kernel", "bartlett") not in KERNELS:
        cure = f"use {' or '.join(KERNELS)}"
        raise SpecificationError(f"unknown kernel {config['kernel']!r}", where="fit", cure=cure)
    if problem.random and (config.get("lags") or np.ndim(config["distance"]) > 2):
        what = "with random effects the periods of a unit are one part: no lags, and one table of distances"
        raise SpecificationError(what, where="conley", cure="leave lags out and give one year's distances")


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

    Raises
    ------
    EstimationError
        If the kernel gives a variance that is not positive.

    References
    ----------
    White (1980), Econometrica 48, 817-838; Arellano (1987), Oxford Bulletin of Economics and Statistics 49, 431-434;
    Driscoll and Kraay (1998), Review of Economics and Statistics 80, 549-560; Conley (1999), Journal of Econometrics
    92, 1-45; Jenish and Prucha (2012), same journal 170, 178-190, for scores that depend on near units.

    Examples
    --------
    >>> scores = np.array([[[1.0], [-2.0]], [[0.5], [0.5]]])  # two periods, two units, one parameter
    >>> plain = Information(np.eye(1), np.eye(1))
    >>> [float(robust_information(plain, scores, Choice(kind)).variance[0, 0]) for kind in ("robust", "cluster")]
    [5.5, 9.0]
    """
    variance = _variance(scores, choice)
    if not (np.diag(variance) >= 0.0).all():
        cure = "use another cutoff or kernel"
        raise EstimationError(
            "the kernel gives a variance that is not positive", where=choice.kind, cure=cure
        )
    return Information(variance if choice.kind == "opg" else information.slope, variance)


def _variance(scores: FloatArray, choice: Choice) -> FloatArray:
    periods, units, count = scores.shape
    if choice.kind in {"opg", "robust"}:
        flat = scores.reshape(-1, count)
        return np.asarray(flat.T @ flat)
    if choice.kind == "cluster":
        sums = scores.sum(axis=0)
        factor = units / (units - 1.0) if choice.small_sample else 1.0
        return np.asarray(factor * sums.T @ sums)
    if choice.kind == "driscoll-kraay":
        default = int(np.floor(4.0 * (periods / 100.0) ** (2.0 / 9.0)))
        lags = min(default, periods - 1) if choice.lags is None else choice.lags
        return _bartlett(scores.sum(axis=1), lags)
    return _conley(scores, choice)


def _bartlett(sums: FloatArray, lags: int) -> FloatArray:
    # Newey-West over periods.
    total = sums.T @ sums
    for lag in range(1, lags + 1):
        cross = sums[lag:].T @ sums[:-lag]
        total = total + (1.0 - lag / (lags + 1.0)) * (cross + cross.T)
    return np.asarray(total)


def _conley(scores: FloatArray, choice: Choice) -> FloatArray:
    # By distance within a period, and over periods within a unit.
    kernel = np.broadcast_to(spatial_kernel(choice), (len(scores), *scores.shape[1:2] * 2))
    total = np.einsum("tik,tij,tjl->kl", scores, kernel, scores, optimize=True)
    lags = choice.lags or 0
    for lag in range(1, lags + 1):
        cross = np.einsum("tik,til->kl", scores[lag:], scores[:-lag])
        weight = 1.0 if choice.kernel == "uniform" else 1.0 - lag / (lags + 1.0)
        total = total + weight * (cross + cross.T)
    return np.asarray(0.5 * (total + total.T))


def spatial_kernel(choice: Choice) -> FloatArray:
    """Return the weight of each pair of units.

    Parameters
    ----------
    choice : Choice
        Distances, cut-off and kernel.

    Returns
    -------
    ndarray, shape of the distances
        1 - d / cutoff below the cut-off ("bartlett"), or 1 up to it ("uniform"); a unit has 1 with itself.

    Raises
    ------
    SpecificationError
        If there are no distances.

    Examples
    --------
    >>> spatial_kernel(Choice("conley", distance=np.array([[0.0, 30.0], [30.0, 0.0]]), cutoff=40.0)).tolist()
    [[1.0, 0.25], [0.25, 1.0]]
    """
    if choice.distance is None:
        raise SpecificationError("conley needs distance", where="fit", cure="pass distance=")
    distance = choice.distance
    if choice.kernel == "uniform":
        kernel = (distance <= choice.cutoff).astype(np.float64)
    elif choice.cutoff > 0.0:
        share = np.where(np.isfinite(distance), distance, 0.0) / choice.cutoff
        kernel = np.where(np.isfinite(distance), np.clip(1.0 - share, 0.0, None), 0.0)
    else:
        kernel = np.zeros_like(distance)
    own = np.arange(distance.shape[-1])
    kernel[..., own, own] = 1.0
    return np.asarray(kernel)
