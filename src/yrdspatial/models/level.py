"""Weights whose row sums differ, such as rings: models whose estimates do not hang on the zero of any scale."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from yrdspatial.models.model import Model
from yrdspatial.models.sample import read_sample
from yrdspatial.models.specification import CONSTANT, Design, EffectsRequest, Spec
from yrdspatial.models.within import Effects, FloatArray, demean
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.graphs import as_year
from yrdspatial.weights.series import WeightsSeries, as_series

LEVEL = "level"
ABSORBED = 1e-8


def level_free(
    estimator: type[Model],
    data: Panel | pd.DataFrame,
    formula: str,
    *,
    weights: WeightsSeries | Mapping[str, WeightsSeries],
    effects: EffectsRequest = "twoways",
    durbin: str | Iterable[str] | None = None,
) -> Model:
    """Make a model whose estimates stay when a constant is added to y, or one a year to a regressor.

    Where every row of W sums to one, fixed effects absorb what all units share. Where row sums differ and change, as
    those of rings do when lines open, W y moves with the level of y: an island has the lag zero, which for a logarithm
    is an accident of the unit of measure. So the row sums that effects do not absorb become regressors,
    ``level_<name of the weights>``, and with time effects the lags of X are of deviations from the mean of the year.

    Parameters
    ----------
    estimator : class
        SLX, SAR or SDM.
    data : Panel or DataFrame
        Balanced, indexed (unit, year).
    formula : str
        The model.
    weights : WeightsSeries, or mapping of str to WeightsSeries
        One or several weights.
    effects : str or mapping
        As of the estimators.
    durbin : str or iterable of str, optional
        The terms with W X; all of the formula by default.

    Returns
    -------
    Model
        Ready to fit. Effects of a variable are those of a change that leaves the mean of the year as it is.

    Examples
    --------
    >>> from yrdspatial.models.estimators import SLX
    >>> rng, units = np.random.default_rng(1), list("abcdef")
    >>> links = {year: np.eye(6, k=1) + (year > 2010) * np.eye(6, k=2) for year in range(2008, 2013)}
    >>> links = {year: pd.DataFrame(table, units, units) for year, table in links.items()}
    >>> index = pd.MultiIndex.from_product([units, links], names=["unit", "year"])
    >>> data = pd.DataFrame(rng.normal(size=(30, 2)), index, ["y", "x"])
    >>> results = level_free(SLX, data, "y ~ x", weights=WeightsSeries.from_frames(links)).fit()
    >>> higher = level_free(SLX, data + 100, "y ~ x", weights=WeightsSeries.from_frames(links)).fit()
    >>> results.params.index.tolist(), bool(np.allclose(results.params, higher.params))
    (['x', 'level_W', 'W_x'], True)
    """
    plain = estimator(data, formula, weights=weights, effects=effects, durbin=durbin)
    design = plain.design
    sample = read_sample(data)
    years = [as_year(period) for period in sample.periods]
    named = {"W": weights} if isinstance(weights, WeightsSeries) else dict(weights)
    sums = np.stack(
        [as_series(one, years).array(sample.units, years).sum(axis=2) for one in named.values()], axis=2
    )
    kept = varying(sums[-len(design.sample.periods) :], design.problem.effects)
    if kept:
        names = [f"{LEVEL}_{name}" for name in named]
        columns = {names[k]: sample.series(sums[:, :, k], names[k]) for k in kept}
        terms = " + ".join(f"`{names[k]}`" for k in kept)
        lagged = design.spec.durbin or None
        plain = estimator(
            data.assign(**columns), f"{formula} + {terms}", weights=weights, effects=effects, durbin=lagged
        )
    if plain.design.problem.effects.time:
        plain.design = relative_lags(plain.design)
    return plain


def varying(sums: FloatArray, effects: Effects) -> list[int]:
    """Find the row sums that the effects do not absorb.

    Parameters
    ----------
    sums : ndarray, shape (T, N, Q)
        Row sums of each weight.
    effects : Effects
        The effects; without any the constant counts.

    Returns
    -------
    list of int
        Positions of weights whose row sums can be told apart from the effects and from those before.
    """
    some = effects.unit or effects.time
    left = (demean(sums, effects) if some else sums - sums.mean(axis=(0, 1))).reshape(-1, sums.shape[2])
    basis, kept = np.zeros((len(left), 0)), []
    for position, column in enumerate(left.T):
        one = column - basis @ (basis.T @ column)
        length = float(np.linalg.norm(one))
        if length > ABSORBED * np.sqrt(len(one)):
            basis = np.column_stack([basis, one / length])
            kept.append(position)
    return kept


def relative_lags(design: Design) -> Design:
    """Take the lags of X of deviations from the mean of the year.

    Parameters
    ----------
    design : Design
        A model with time effects.

    Returns
    -------
    Design
        The same with W (x - mean of x in the year) in the place of W x.
    """
    spec, X = design.spec, design.problem.X.copy()
    names = spec.regressors
    for prefix, spectra in zip(
        [f"W_{part}_" for part in spec.x_parts] or ["W_"] * len(design.durbin), design.durbin, strict=True
    ):
        sums = spectra.matrices.sum(axis=2)[spectra.position]
        for term in spec.durbin:
            mean = X[:, :, names.index(term)].mean(axis=1, keepdims=True)
            X[:, :, names.index(prefix + term)] -= mean * sums
    return replace(design, problem=replace(design.problem, X=X))


def variables_of(spec: Spec) -> list[str]:
    """List the variables of a model, without those that stand for levels.

    Parameters
    ----------
    spec : Spec
        Of a model made by :func:`level_free`.

    Returns
    -------
    list of str
        Terms of the formula.
    """
    return [name for name in spec.terms if name != CONSTANT and not name.startswith(f"{LEVEL}_")]
