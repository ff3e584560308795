"""Coupling coordination of systems such as manufacturing and producer services, with bounds that do not move."""

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.industry.table import Floats, divide, require, stamp, undefined_notes
from yrdspatial.panel.gaps import row_name, shorten

VARIANTS = {
    "classic": "C = n (prod U)^(1/n) / sum U",
    "modified": "C = sqrt((1 - mean pairwise distance) (prod U / max U)^(1/(n-1)))",
}


def scale_scores(
    frame: pd.DataFrame, bounds: Mapping[str, tuple[float, float]], *, negative: Iterable[str] = ()
) -> pd.DataFrame:
    """Scale indicators to [0, 1] between fixed bounds.

    Bounds taken from the sample make every old score move when a year is added; state them once instead.

    Parameters
    ----------
    frame : pandas.DataFrame
        Indicators, by unit or (unit, year).
    bounds : mapping of str to (low, high)
        For every column.
    negative : iterable of str
        Columns where less is better.

    Returns
    -------
    pandas.DataFrame
        (x - low) / (high - low), for negative columns one minus that.

    Raises
    ------
    SpecificationError
        If a column has no bounds, or low is not below high.
    DataError
        If a value lies outside its bounds or is missing: names unit and column.

    References
    ----------
    Min-max normalization; the dependence on the sample is one of the misuses that Wang et al. (2021), Journal of
    Natural Resources 36, 793-810, describe.

    Examples
    --------
    >>> scale_scores(pd.DataFrame({"gdp": [10.0, 15.0]}), {"gdp": (0, 20)})["gdp"].tolist()
    [0.5, 0.75]
    """
    names = [str(column) for column in frame]
    without = [name for name in names if name not in bounds or not bounds[name][0] < bounds[name][1]]
    if without:
        raise SpecificationError(
            "a column needs a low and a high bound", where=shorten(without), cure="state them"
        )
    low, high = np.array([bounds[name] for name in names], dtype=float).T
    values = frame.to_numpy(dtype=float)
    outside = np.argwhere(~((values >= low) & (values <= high)))
    if len(outside):
        row, column = (int(place) for place in outside[0])
        where = f"{row_name(frame.index[row])}, {names[column]} = {values[row, column]}"
        raise DataError(
            "a value is missing or outside its bounds", where=where, cure="widen the bounds for all years"
        )
    scaled = pd.DataFrame((values - low) / (high - low), frame.index, frame.columns)
    turned = list(negative)
    scaled[turned] = 1 - scaled[turned]
    scaled.attrs.update(frame.attrs)
    return scaled


def entropy_weights(scores: pd.DataFrame, *, shift: float = 1e-4) -> pd.DataFrame:
    """Entropy weights of indicators: what varies much gets much weight.

    p = (u + shift) / sum, e = -sum p ln p / ln n, weight (1 - e) / sum (1 - e). The weights depend on the sample and
    on the shift: compute them once and state them.

    Parameters
    ----------
    scores : pandas.DataFrame
        Scaled indicators in [0, 1], at least two rows.
    shift : float
        Added to avoid ln 0.

    Returns
    -------
    pandas.DataFrame
        Index column; ``entropy`` and ``weight``. Indicators that do not vary at all have weight 0/0, NaN.

    Raises
    ------
    SpecificationError
        If the shift is negative or not finite.
    DataError
        If there are fewer than two rows, a gap, or a score below zero.

    References
    ----------
    Shannon, C. E. (1948); the entropy weight method (熵值法) of the evaluation literature.

    Examples
    --------
    >>> entropy_weights(pd.DataFrame({"a": [0.0, 0.5, 1.0], "b": [0.5, 1.0, 0.0]}))["weight"].tolist()
    [0.5, 0.5]
    """
    if len(scores) < 2 or not (scores >= 0).all(axis=None):
        where = f"{len(scores)} rows"
        raise DataError(
            "entropy weights need scaled scores without gaps", where=where, cure="use scale_scores"
        )
    if not 0 <= shift < np.inf:
        raise SpecificationError(f"shift = {shift} makes no sense", cure="give a small number, zero or more")
    shifted = scores.to_numpy(dtype=float) + shift
    p = divide(shifted, shifted.sum(axis=0))
    entropy = -(p * np.log(p, out=np.zeros_like(p), where=p > 0)).sum(axis=0) / np.log(len(p))
    spare = np.where(entropy < 1 - 1e-12, 1 - entropy, 0)
    table = pd.DataFrame({"entropy": entropy, "weight": divide(spare, spare.sum())}, scores.columns)
    return stamp(table, measure="entropy weights", variant=f"shift {shift}, {len(scores)} rows")


def coupling_coordination(
    scores: pd.DataFrame,
    *,
    variant: Literal["classic", "modified"],
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Coupling degree C, level T and coupling coordination D = sqrt(C T) of n systems.

    Classic: C = n (prod U)^(1/n) / sum U; the factor n must not be dropped, or C cannot reach one. Modified:
    C = sqrt{[1 - sum_{i>j} |U_i - U_j| / sum_{m<n} m] (prod U_i / max U)^{1/(n-1)}}, which spreads C over [0, 1].

    Parameters
    ----------
    scores : pandas.DataFrame
        One column a system, scores in [0, 1] (:func:`scale_scores`), by unit or (unit, year).
    variant : {"classic", "modified"}
        Which coupling degree; there is no default because results differ much.
    weights : mapping of str to float, optional
        Weights of the systems in T, summing to one; equal when left out.

    Returns
    -------
    pandas.DataFrame
        Index of the scores; ``C``, ``T``, ``D`` in [0, 1]. A system at zero makes C and D zero; all at zero is 0/0,
        NaN.

    Raises
    ------
    DataError
        If there are fewer than two systems, or a score is missing or outside [0, 1].
    AlignmentError
        If the weights name other systems or do not sum to one.

    References
    ----------
    Wang, S., Kong, W., Ren, L. and others (2021), Research on misuses and modification of coupling coordination
    degree model in China, Journal of Natural Resources 36, 793-810.

    Examples
    --------
    >>> scores = pd.DataFrame({"u1": [0.8], "u2": [0.2]})
    >>> coupling_coordination(scores, variant="classic").round(6).to_numpy().tolist()
    [[0.8, 0.5, 0.632456]]
    """
    require(variant, VARIANTS, "variant")
    values = scores.to_numpy(dtype=float)
    inside = np.asarray((values >= 0) & (values <= 1)).min(axis=1)
    if not inside.all() or values.shape[1] < 2:
        wrong = [row_name(label) for label, fine in zip(scores.index, inside, strict=True) if not fine]
        where = shorten(wrong) or "one system"
        raise DataError("coupling needs two systems in [0, 1]", where=where, cure="use scale_scores")
    share = (
        pd.Series(1 / values.shape[1], scores.columns) if weights is None else pd.Series(weights, dtype=float)
    )
    if set(share.index) != set(scores.columns) or not np.isclose(share.sum(), 1):
        raise AlignmentError(
            "weights do not fit", where=shorten(list(share.index)), cure="one a system, summing to 1"
        )
    level = values @ share[scores.columns].to_numpy()
    degree = _classic(values) if variant == "classic" else _modified(values)
    result = pd.DataFrame({"C": degree, "T": level, "D": np.sqrt(degree * level)}, scores.index)
    return stamp(
        result,
        scores.attrs,
        measure="coupling coordination",
        variant=f"{variant}, {values.shape[1]} systems: {VARIANTS[variant]}",
        notes=(*scores.attrs.get("notes", ()), *undefined_notes(result)),
    )


def _classic(values: Floats) -> Floats:
    n = values.shape[1]
    return divide(n * values.prod(axis=1) ** (1 / n), values.sum(axis=1))


def _modified(values: Floats) -> Floats:
    n = values.shape[1]
    largest = values.max(axis=1, keepdims=True)
    gaps = np.abs(values[:, :, None] - values[:, None]).sum(axis=(1, 2)) / 2
    near = 1 - gaps / (n * (n - 1) / 2)
    return np.asarray(np.sqrt(near * divide(values, largest).prod(axis=1) ** (1 / (n - 1))))
