"""Direct, indirect and total effects of each variable, with standard errors by the delta method or by simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import norm

from yrdspatial.errors import SpecificationError
from yrdspatial.models.multipliers import Multipliers
from yrdspatial.models.specification import CONSTANT, Design
from yrdspatial.models.within import FloatArray

Method: TypeAlias = Literal["delta", "simulation"]
KINDS = ("direct", "indirect", "total")


@dataclass(frozen=True)
class Impacts:
    """Average effects of a change in X, everywhere, on y.

    Attributes
    ----------
    table : DataFrame
        Columns variable, effect (direct, indirect, total), estimate, std_error, zstat, pvalue, lower, upper; with
        ``by="year"`` the column year as well. An indirect effect that a model excludes has estimate and
        standard error zero.
    method : str
        "delta" or "simulation".
    level : float
        Level of the intervals.
    draws : int
        Draws asked for; 0 with the delta method.
    discarded : int
        Draws outside the interval of rho, where effects do not exist; they are left out.
    """

    table: pd.DataFrame
    method: str
    level: float
    draws: int
    discarded: int


def impacts(
    design: Design,
    estimates: FloatArray,
    covariance: FloatArray,
    *,
    method: Method = "delta",
    draws: int = 1000,
    seed: int | None = None,
    by: str | None = None,
    level: float = 0.95,
) -> Impacts:
    """Effects of every term of X.

    Parameters
    ----------
    design : Design
        The model.
    estimates : ndarray, shape (K,)
        Coefficients, in the order of ``design.spec.parameters``.
    covariance : ndarray, shape (K, K)
        Their covariance.
    method : {"delta", "simulation"}
        How standard errors are found.
    draws : int
        Draws of the simulation.
    seed : int
        Seed of the simulation, without which it is refused.
    by : {None, "year"}
        Average over years, or effects under the weights of each year.
    level : float
        Level of the intervals.

    Returns
    -------
    Impacts
        The effects.
    """
    _check(method, draws, seed, by, level)
    shares = _shares(design, by)
    multipliers = Multipliers.of(design.problem.lag, design.durbin, shares)
    coefficients = _coefficients(design)
    if method == "delta":
        values, errors = _delta(multipliers, coefficients, estimates, covariance)
        quantile = norm.ppf(0.5 + 0.5 * level)
        spread = (values - quantile * errors, values + quantile * errors)
        table = _table(design, values, errors, spread, by)
        return Impacts(table, method, level, 0, 0)
    sample, discarded = _draw(design, estimates, covariance, draws, seed)
    values = effects(multipliers, coefficients, estimates[None])[0]
    drawn = effects(multipliers, coefficients, sample)
    tails = np.quantile(drawn, [0.5 - 0.5 * level, 0.5 + 0.5 * level], axis=0)
    table = _table(design, values, drawn.std(axis=0, ddof=1), (tails[0], tails[1]), by)
    return Impacts(table, method, level, draws, discarded)


def _check(method: str, draws: int, seed: int | None, by: str | None, level: float) -> None:
    if method not in {"delta", "simulation"}:
        raise SpecificationError(f"unknown method {method!r}", cure='use "delta" or "simulation"')
    if method == "simulation" and seed is None:
        raise SpecificationError(
            "a simulation needs a seed", where="impacts", cure="pass seed=<a whole number>"
        )
    if method == "simulation" and draws < 2:
        raise SpecificationError(f"{draws} draws give no standard error", cure="use 1000 draws or more")
    if by not in {None, "year"}:
        raise SpecificationError(f"effects by {by!r} are not defined", cure='use by="year" or leave it out')
    if not 0 < level < 1:
        raise SpecificationError(f"level {level} is no probability", cure="use a level such as 0.95")


def _shares(design: Design, by: str | None) -> FloatArray:
    # Weight of every period in each average, shape (A, T).
    periods = len(design.sample.periods)
    return np.eye(periods) if by == "year" else np.full((1, periods), 1.0 / periods)


@dataclass(frozen=True)
class Coefficients:
    """Where the coefficients of each variable are among the parameters.

    Attributes
    ----------
    own : ndarray of int, shape (V,)
        Position of beta.
    lagged : ndarray of int, shape (V,)
        Position of theta; -1 where the variable has no spatial lag.
    rho : int
        Position of rho; -1 without a lag of y.
    """

    own: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    lagged: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    rho: int


def _variables(design: Design) -> list[str]:
    return [name for name in design.spec.terms if name != CONSTANT]


def _coefficients(design: Design) -> Coefficients:
    names = design.spec.parameters
    variables = _variables(design)
    lagged = [names.index(f"W_{name}") if name in design.spec.durbin else -1 for name in variables]
    return Coefficients(
        own=np.array([names.index(name) for name in variables], dtype=np.intp),
        lagged=np.array(lagged, dtype=np.intp),
        rho=names.index("rho") if design.spec.lag else -1,
    )


def _split(coefficients: Coefficients, sample: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    # Beta (m, V), theta (m, V) and rho (m,) of parameter vectors, zero where the model has none.
    padded = np.concatenate([sample, np.zeros((len(sample), 1))], axis=1)
    return padded[:, coefficients.own], padded[:, coefficients.lagged], padded[:, coefficients.rho]


def effects(multipliers: Multipliers, coefficients: Coefficients, sample: FloatArray) -> FloatArray:
    """Effects at given parameters.

    Parameters
    ----------
    multipliers : Multipliers
        Average multipliers of the weights.
    coefficients : Coefficients
        Where the parameters are.
    sample : ndarray, shape (m, K)
        Parameters.

    Returns
    -------
    ndarray, shape (m, A, V, 3)
        Direct, indirect and total effect of each variable in each average.
    """
    beta, theta, rho = _split(coefficients, sample)
    own, lagged = multipliers.at(rho)
    both = own[:, :, None] * beta[:, None, :, None] + lagged[:, :, None] * theta[:, None, :, None]
    direct, total = both[..., 0], both[..., 1]
    return np.stack([direct, total - direct, total], axis=-1)


def _delta(
    multipliers: Multipliers, coefficients: Coefficients, estimates: FloatArray, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    # Effects and their standard errors, each of shape (A, V, 3).
    beta, theta, rho = _split(coefficients, estimates[None])
    own, lagged = (part[0] for part in multipliers.at(rho))
    own_slope, lagged_slope = multipliers.slope(float(rho[0]))
    averages, variables = len(own), beta.shape[1]
    gradient = np.zeros((averages, variables, 2, estimates.size + 1))
    rows = np.arange(variables)
    gradient[:, rows, :, coefficients.lagged] = lagged
    gradient[:, rows, :, coefficients.own] = own
    gradient[..., coefficients.rho] = (
        own_slope[:, None] * beta[0][:, None] + lagged_slope[:, None] * theta[0][:, None]
    )
    gradient = gradient[..., :-1]
    three = np.stack([gradient[:, :, 0], gradient[:, :, 1] - gradient[:, :, 0], gradient[:, :, 1]], axis=2)
    variance = np.einsum("avek,kl,avel->ave", three, covariance, three)
    return effects(multipliers, coefficients, estimates[None])[0], np.sqrt(np.maximum(variance, 0.0))


def _draw(
    design: Design, estimates: FloatArray, covariance: FloatArray, draws: int, seed: int | None
) -> tuple[FloatArray, int]:
    """Draw all parameters from their normal distribution, and leave out rho outside its interval.

    Parameters
    ----------
    design : Design
        The model.
    estimates : ndarray, shape (K,)
        Centre.
    covariance : ndarray, shape (K, K)
        Spread.
    draws : int
        How many.
    seed : int
        Seed.

    Returns
    -------
    sample : ndarray, shape (m, K)
        The draws inside.
    discarded : int
        How many were outside.

    Raises
    ------
    SpecificationError
        If nearly all are outside.
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = np.random.default_rng(seed).standard_normal((draws, estimates.size))
    sample = estimates + noise @ root.T
    if design.problem.lag is None:
        return sample, 0
    lower, upper = design.problem.lag.bounds
    rho = sample[:, design.spec.parameters.index("rho")]
    inside = (rho > lower) & (rho < upper)
    if inside.sum() < 2:
        cure = "use the delta method, or weights under which rho is better identified"
        raise SpecificationError(
            "nearly all draws of rho lie outside its interval", where="impacts", cure=cure
        )
    return sample[inside], int(draws - inside.sum())


def _table(
    design: Design,
    values: FloatArray,
    errors: FloatArray,
    spread: tuple[FloatArray, FloatArray],
    by: str | None,
) -> pd.DataFrame:
    names: Sequence[object] = list(design.sample.periods) if by == "year" else ["average"]
    index = pd.MultiIndex.from_product(
        [names, _variables(design), KINDS], names=["year", "variable", "effect"]
    )
    flat, sd = values.ravel(), errors.ravel()
    excluded = (flat == 0.0) & (sd == 0.0)
    zstat = np.divide(flat, sd, out=np.zeros_like(flat), where=~excluded)
    table = pd.DataFrame(
        {
            "estimate": flat,
            "std_error": sd,
            "zstat": zstat,
            "pvalue": 2.0 * norm.sf(np.abs(zstat)),
            "lower": spread[0].ravel(),
            "upper": spread[1].ravel(),
        },
        index=index,
    ).reset_index()
    return table if by == "year" else table.drop(columns="year")
