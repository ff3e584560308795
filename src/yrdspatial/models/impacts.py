"""Direct, indirect and total effects of each variable, with standard errors by the delta method or by simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import norm

from yrdspatial.errors import SpecificationError
from yrdspatial.models.large_multipliers import AnyMultipliers, LargeMultipliers, multipliers_of
from yrdspatial.models.parts_effects import PartsEffects
from yrdspatial.models.specification import CONSTANT, Design
from yrdspatial.models.within import FloatArray

Method: TypeAlias = Literal["delta", "simulation"]
Horizon: TypeAlias = Literal["short", "long"]
LEVEL = 0.95
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
    trace_error : float
        Standard error that random probes leave in the mean diagonal of S^-1 W_x; zero where traces are exact.
    """

    table: pd.DataFrame
    method: str
    level: float
    draws: int
    discarded: int
    trace_error: float = 0.0


def impacts(
    design: Design,
    estimates: FloatArray,
    covariance: FloatArray,
    *,
    method: Method = "delta",
    draws: int = 1000,
    seed: int | None = None,
    by: str | None = None,
    horizon: Horizon = "short",
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
    horizon : {"short", "long"}
        Effects at once or, in a dynamic model, of a change that lasts.

    Returns
    -------
    Impacts
        The effects.
    """
    _check(method, draws, seed, by)
    shares = _shares(design, by)
    if design.problem.parts or len(design.durbin) > 1:
        return _impacts_of_parts(
            design,
            PartsEffects.of(design, shares),
            (estimates, covariance),
            (draws, seed if method == "simulation" else None),
            by,
        )
    multipliers = multipliers_of(design.problem.lag, design.durbin[0] if design.durbin else None, shares)
    coefficients = _coefficients(design)
    lasting = _lasting(design) if horizon == "long" else None
    if method == "delta":
        if lasting is not None:
            slope = lasting.slope(estimates)
            covariance = slope @ covariance @ slope.T
            estimates = lasting.of(estimates[None])[0]
        values, errors = _delta(multipliers, coefficients, estimates, covariance)
        quantile = norm.ppf(0.5 + 0.5 * LEVEL)
        spread, counts = (values - quantile * errors, values + quantile * errors), (0, 0)
    else:
        sample = _normal(estimates, covariance, draws, seed)
        if lasting is not None:
            sample, estimates = lasting.of(sample), lasting.of(estimates[None])[0]
        sample, discarded = _inside(design, sample)
        values = effects(multipliers, coefficients, estimates[None])[0]
        drawn = effects(multipliers, coefficients, sample)
        tails = np.quantile(drawn, [0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL], axis=0)
        errors, spread, counts = drawn.std(axis=0, ddof=1), (tails[0], tails[1]), (draws, discarded)
    rho = float(_split(coefficients, estimates[None])[2][0])
    left = multipliers.trace_error(rho) if isinstance(multipliers, LargeMultipliers) else 0.0
    return Impacts(_table(design, values, errors, spread, by), method, LEVEL, *counts, left)


def _impacts_of_parts(
    design: Design,
    parts: PartsEffects,
    moments: tuple[FloatArray, FloatArray],
    random: tuple[int, int | None],
    by: str | None,
) -> Impacts:
    (estimates, covariance), (draws, seed) = moments, random
    values = parts.at(estimates[None])[0]
    if seed is None:
        errors = parts.errors(estimates, covariance)
        reach = norm.ppf(0.5 + 0.5 * LEVEL) * errors
        return Impacts(
            _table(design, values, errors, (values - reach, values + reach), by), "delta", LEVEL, 0, 0
        )
    sample = _normal(estimates, covariance, draws, seed)
    inside = parts.inside(sample)
    drawn = parts.at(sample[inside])
    tails = np.quantile(drawn, [0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL], axis=0)
    table = _table(design, values, drawn.std(axis=0, ddof=1), (tails[0], tails[1]), by)
    return Impacts(table, "simulation", LEVEL, draws, int(draws - inside.sum()))


def _check(method: str, draws: int, seed: int | None, by: str | None) -> None:
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


def effects(multipliers: AnyMultipliers, coefficients: Coefficients, sample: FloatArray) -> FloatArray:
    """Effects at given parameters.

    Parameters
    ----------
    multipliers : Multipliers, LargeMultipliers or FlatMultipliers
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
    multipliers: AnyMultipliers, coefficients: Coefficients, estimates: FloatArray, covariance: FloatArray
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


@dataclass(frozen=True)
class Lasting:
    """Turns the parameters of a dynamic model into those whose multipliers are the long-run effects.

    (1 - tau) y = (rho + eta) W y + X beta + ...: beta, theta and rho + eta over 1 - tau take the places of beta, theta
    and rho.

    Attributes
    ----------
    tau, eta : int
        Positions of the coefficients of y_{t-1} and W_{t-1} y_{t-1}; -1 for one that is not there.
    rho : int
        Position of rho.
    scaled : ndarray of int
        Positions of beta and theta.
    """

    tau: int
    eta: int
    rho: int
    scaled: "np.ndarray[tuple[int], np.dtype[np.intp]]"

    def of(self, sample: FloatArray) -> FloatArray:
        """Transform parameters.

        Parameters
        ----------
        sample : ndarray, shape (m, K)
            Parameters.

        Returns
        -------
        ndarray, shape (m, K)
            Long-run parameters; rho is infinite where tau is not below one.
        """
        padded = np.concatenate([sample, np.zeros((len(sample), 1))], axis=1)
        room = 1.0 - padded[:, self.tau]
        out = sample.copy()
        stable = room > 0
        share = np.divide(1.0, room, out=np.zeros_like(room), where=stable)
        out[:, self.scaled] *= share[:, None]
        out[:, self.rho] = np.where(stable, (sample[:, self.rho] + padded[:, self.eta]) * share, np.inf)
        return out

    def slope(self, estimates: FloatArray) -> FloatArray:
        """Differentiate the transformation.

        Parameters
        ----------
        estimates : ndarray, shape (K,)
            Parameters.

        Returns
        -------
        ndarray, shape (K, K)
            Derivatives of the long-run parameters (rows) by the parameters.
        """
        padded = np.append(estimates, 0.0)
        share = 1.0 / (1.0 - padded[self.tau])
        count = estimates.size
        out = np.eye(count + 1)
        moved = np.append(self.scaled, self.rho)
        out[moved, moved] = share
        out[self.rho, self.eta] = share
        out[moved, self.tau] = share**2 * np.append(
            estimates[self.scaled], estimates[self.rho] + padded[self.eta]
        )
        return out[:count, :count]


def _lasting(design: Design) -> Lasting:
    names = design.spec.parameters
    places = [names.index(name) if name in names else -1 for name in ("y_lag", "W_y_lag")]
    scaled = [k for k, name in enumerate(names) if name not in {"y_lag", "W_y_lag", "rho"}]
    return Lasting(places[0], places[1], names.index("rho"), np.array(scaled, dtype=np.intp))


def _normal(estimates: FloatArray, covariance: FloatArray, draws: int, seed: int | None) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = np.random.default_rng(seed).standard_normal((draws, estimates.size))
    return np.asarray(estimates + noise @ root.T)


def _inside(design: Design, sample: FloatArray) -> tuple[FloatArray, int]:
    """Leave out draws whose rho lies outside its interval.

    Parameters
    ----------
    design : Design
        The model.
    sample : ndarray, shape (draws, K)
        Parameters.

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
    return sample[inside], int(len(sample) - inside.sum())


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
