"""Posterior averages over models and weights: effects with what the data do not decide in their standard errors."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from yrdspatial.errors import SpecificationError, WeakIdentificationWarning
from yrdspatial.models import estimators
from yrdspatial.models.selection import model_probabilities
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights


@dataclass(frozen=True)
class ModelAverage:
    """Effects averaged over models and weights.

    Attributes
    ----------
    table : DataFrame
        Columns variable, effect, estimate, std_error (the root of within and between), within, between (standard
        deviations inside the models and between them), lower, upper (quantiles of the mixture), positive (posterior
        probability of a positive effect).
    probabilities : DataFrame
        Columns model, weights, log_marginal, probability.
    members : DataFrame
        Columns model, weights, probability, variable, effect, estimate, std_error: what was averaged.
    level : float
        Level of the intervals.
    """

    table: pd.DataFrame
    probabilities: pd.DataFrame
    members: pd.DataFrame
    level: float

    @property
    def by_weights(self) -> "pd.Series[float]":
        """Posterior probability of each weights, summed over models."""
        return self.probabilities.groupby("weights", sort=False)["probability"].sum()

    @property
    def by_model(self) -> "pd.Series[float]":
        """Posterior probability of each model, summed over weights."""
        return self.probabilities.groupby("model", sort=False)["probability"].sum()


def average_models(
    data: Panel | pd.DataFrame,
    formula: str,
    *,
    weights: "Mapping[str, Weights]",
    models: Sequence[str] = ("SAR", "SDM", "SEM", "SDEM", "SLX"),
    effects: EffectsRequest = "twoways",
    g: float | None = None,
    level: float = 0.95,
) -> ModelAverage:
    """Average direct, indirect and total effects over models and weights by their posterior probabilities.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.
    weights : mapping of str to Graph, WeightsSeries or DataFrame
        The candidate weights by name, used as given.
    models : sequence of str
        Among OLS, SLX, SAR, SDM, SEM, SDEM.
    effects : str or mapping
        Fixed effects, as in the models.
    g : float, optional
        As in :func:`yrdspatial.model_probabilities`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    ModelAverage
        The averages, the probabilities and the members.

    Raises
    ------
    SpecificationError
        If the level is no probability.

    Notes
    -----
    E = sum p_m e_m and V = sum p_m (s_m^2 + (e_m - E)^2), with the posterior of an effect inside a model taken as
    normal around the adjusted estimate, its variance that of the delta method. A model that excludes an effect (the
    indirect ones of SEM) counts as zero without error. Probabilities are those of the candidates given: a family of
    weights that is entered twice counts twice, and weights that are nearly alike share theirs.

    References
    ----------
    LeSage and Parent (2007), Geographical Analysis 39, 241-267; Hoeting, Madigan, Raftery and Volinsky (1999),
    Statistical Science 14, 382-417, equations 3 and 4.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> units, years = [f"u{i:02d}" for i in range(30)], range(2001, 2007)
    >>> near, far = ((np.roll(np.eye(30), s, 1) + np.roll(np.eye(30), -s, 1)) / 2 for s in (1, 4))
    >>> x = rng.normal(size=(30, 6))
    >>> y = np.linalg.solve(np.eye(30) - 0.6 * near, x + 0.5 * rng.normal(size=(30, 6)))
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> weights = {"near": pd.DataFrame(near, units, units), "far": pd.DataFrame(far, units, units)}
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> average = average_models(data, "y ~ x", weights=weights)
    >>> average.by_weights.round(3).to_dict()
    {'near': 1.0, 'far': 0.0}
    >>> average.table["effect"].tolist()
    ['direct', 'indirect', 'total']
    """
    if not 0 < level < 1:
        raise SpecificationError(f"level {level} is no probability", cure="use a level such as 0.95")
    found = model_probabilities(data, formula, weights=weights, models=models, effects=effects, g=g)
    parts = []
    for model, name, _, probability in found.to_numpy().tolist():
        chosen = {} if model == "OLS" else {"weights": weights[name]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakIdentificationWarning)
            request = getattr(estimators, model)(data, formula, effects=effects, **chosen)
            table = request.fit().impacts().table[["variable", "effect", "estimate", "std_error"]]
        labels = {"model": model, "weights": name, "probability": probability}
        for place, (column, value) in enumerate(labels.items()):
            table.insert(place, column, value)
        parts.append(table)
    members = pd.concat(parts, ignore_index=True)
    groups = members.groupby(["variable", "effect"], sort=False)
    rows = [{"variable": key[0], "effect": key[1], **_average(part, level)} for key, part in groups]
    return ModelAverage(pd.DataFrame(rows), found, members, level)


TINY = 1e-300
"""The point zero is not positive."""


def _average(part: pd.DataFrame, level: float) -> dict[str, float]:
    p, e, s = (part[name].to_numpy(dtype=np.float64) for name in ("probability", "estimate", "std_error"))
    mean = float(p @ e)
    within, between = float(p @ s**2), float(p @ (e - mean) ** 2)
    return {
        "estimate": mean,
        "std_error": float(np.sqrt(within + between)),
        "within": float(np.sqrt(within)),
        "between": float(np.sqrt(between)),
        "lower": mixture_quantile(p, e, s, 0.5 - 0.5 * level),
        "upper": mixture_quantile(p, e, s, 0.5 + 0.5 * level),
        "positive": mixture_cdf(p, -e, s, -TINY),
    }


def mixture_cdf(p: FloatArray, e: FloatArray, s: FloatArray, value: float) -> float:
    """Return the distribution function of a mixture of normals and points.

    Parameters
    ----------
    p, e, s : ndarray, shape (m,)
        Probabilities, means and standard deviations; a standard deviation of zero is a point.
    value : float
        Where.

    Returns
    -------
    float
        The probability of values up to it.

    Examples
    --------
    >>> mixture_cdf(np.array([0.5, 0.5]), np.array([0.0, 1.0]), np.array([1.0, 0.0]), 0.0)
    0.25
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(s > 0, (value - e) / s, np.where(value >= e, np.inf, -np.inf))
    return float(p @ norm.cdf(z))


def mixture_quantile(p: FloatArray, e: FloatArray, s: FloatArray, level: float) -> float:
    """Return a quantile of a mixture of normals and points.

    Parameters
    ----------
    p, e, s : ndarray, shape (m,)
        Probabilities, means and standard deviations; a standard deviation of zero is a point.
    level : float
        The probability below it.

    Returns
    -------
    float
        The quantile; the point itself where the distribution jumps over the level.

    Examples
    --------
    >>> print(f"{mixture_quantile(np.array([1.0]), np.array([2.0]), np.array([1.0]), 0.975):.4f}")
    3.9600
    """
    reach = norm.isf(min(level, 1.0 - level) / max(len(p), 1)) + 1.0
    low, high = float((e - reach * s).min()) - 1e-9, float((e + reach * s).max()) + 1e-9
    found = float(
        brentq(lambda value: mixture_cdf(p, e, s, value) - level, low, high, xtol=1e-12, rtol=1e-12)
    )
    points = e[s == 0]
    near = points[np.abs(points - found) < 1e-8]
    return float(near[0]) if near.size else found
