"""Tiers of units by natural breaks, their cut points and fit, and the agreement with tiers that others gave."""

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.industry.table import Floats, divide, numbers_of, require, stamp
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.panel.labels import panel_index


@dataclass(frozen=True)
class Tiers:
    """Natural-break tiers.

    Attributes
    ----------
    labels : pandas.Series
        Tier of every unit (or unit and year), 1 is the highest.
    cuts : pandas.DataFrame
        Smallest value of each tier but the last; one row, or one a year; columns tiers.
    fit : pandas.Series
        Goodness of variance fit: one minus the share of variance that is left inside the tiers; one row, or one a
        year.

    Examples
    --------
    >>> tiers(pd.Series([1, 2, 3, 10, 11, 12]), k=2).labels.tolist()
    [2, 2, 2, 1, 1, 1]
    """

    labels: pd.Series
    cuts: pd.DataFrame
    fit: pd.Series

    def agreement(self, given: pd.Series, *, weights: Literal["linear", "quadratic"] = "linear") -> float:
        """Return Cohen's weighted kappa with given tiers.

        Parameters
        ----------
        given : pandas.Series
            Tiers, 1 the highest, by unit; units that are not in it are left out.
        weights : {"linear", "quadratic"}
            How disagreement counts.

        Returns
        -------
        float
            One for full agreement, zero for what chance gives.

        Examples
        --------
        >>> found = tiers(pd.Series([1, 2, 3, 10, 11, 12], index=list("abcdef")), k=2)
        >>> found.agreement(pd.Series(2, index=list("abc")).reindex(list("abcdef"), fill_value=1))
        1.0
        """
        return weighted_kappa(self.labels, given, weights=weights)


def tiers(values: pd.Series, k: int = 5) -> Tiers:
    """Sort units into k tiers by natural breaks (Fisher-Jenks), each year by itself.

    Parameters
    ----------
    values : pandas.Series
        By unit, or indexed (unit, year), without a gap: such as the share of producer services.
    k : int
        Number of tiers, at least two.

    Returns
    -------
    Tiers
        Labels (1 = highest), cut points and goodness of variance fit.

    Raises
    ------
    DataError
        If a value is missing or a year has fewer different values than tiers.

    References
    ----------
    Fisher, W. D. (1958), On grouping for maximum homogeneity, JASA 53, 789-798; Jenks, G. F. (1977). Computed by
    mapclassify.

    Examples
    --------
    >>> found = tiers(pd.Series([1, 2, 3, 10, 11, 12]), k=2)
    >>> found.cuts.to_numpy().tolist(), round(float(found.fit.iloc[0]), 6)
    ([[10.0]], 0.968127)
    """
    if values.isna().any() or k < 2:
        where = shorten([row_name(label) for label in values.index[values.isna()]]) or f"k={k}"
        raise DataError(
            "tiers need values without a gap and k of two or more", where=where, cure="drop the gaps"
        )
    panel = values.index.nlevels == 2
    rows = values.set_axis(panel_index(values.index)) if panel else values
    parts = list(rows.groupby(level="year")) if panel else [("all", rows)]
    found = {year: _tiers_of(part.to_numpy(dtype=float), k, str(year)) for year, part in parts}
    labels = pd.concat([pd.Series(found[year][0], part.index) for year, part in parts]).reindex(rows.index)
    years = pd.Index(list(found), name="year" if panel else None)
    cuts = pd.DataFrame([found[year][1] for year in found], years, pd.Index(range(1, k), name="tier"))
    fit = pd.Series([found[year][2] for year in found], years, name="fit")
    labels = stamp(
        labels.rename("tier"),
        values.attrs,
        measure=f"tiers of {values.attrs.get('measure', values.name)}",
        variant=f"{k} natural breaks, {'each year by itself' if panel else 'one year'}",
    )
    return Tiers(labels, cuts, fit)


def _tiers_of(values: Floats, k: int, where: str) -> tuple[npt.NDArray[np.int64], Floats, float]:
    if not np.isfinite(values).all():
        raise DataError("values are missing or infinite", where=where, cure="leave these units out")
    if len(np.unique(values)) < k:
        raise DataError(
            "fewer different values than tiers", where=where, cure=f"ask for fewer tiers than {k}"
        )
    import mapclassify

    scaled = (values - values.mean()) / values.std()  # mapclassify sums squares in single precision
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Numba not installed")
        classes = mapclassify.FisherJenks(scaled, k=k).yb
    labels = k - classes.astype(np.int64)
    within = sum(
        ((values[labels == tier] - values[labels == tier].mean()) ** 2).sum() for tier in range(1, k + 1)
    )
    cuts = np.array([values[labels == tier].min() for tier in range(1, k)])
    return labels, cuts, float(1 - within / ((values - values.mean()) ** 2).sum())


def weighted_kappa(
    a: pd.Series, b: pd.Series, *, weights: Literal["linear", "quadratic"] = "linear"
) -> float:
    """Cohen's weighted kappa of two ordered classifications.

    Parameters
    ----------
    a, b : pandas.Series
        Classes as integers; the labels that both have are compared.
    weights : {"linear", "quadratic"}
        Disagreement |i - j| or (i - j)^2.

    Returns
    -------
    float
        One minus observed over expected disagreement; NaN when both put everything into one and the same class.

    Raises
    ------
    DataError
        If a unit has no tier, or a tier is no number.
    AlignmentError
        If the two have no label in common.

    References
    ----------
    Cohen, J. (1968), Weighted kappa, Psychological Bulletin 70, 213-220.

    Examples
    --------
    >>> weighted_kappa(pd.Series([1, 1, 2, 3]), pd.Series([1, 2, 2, 3])).__round__(4)
    0.7143
    """
    require(weights, ("linear", "quadratic"), "weights")
    common = a.index.intersection(b.index)
    if not len(common):
        raise AlignmentError(
            "two classifications have no unit in common", where="index", cure="use one kind of code"
        )
    first, second = (numbers_of(part.reindex(common), "tiers") for part in (a, b))
    if not np.isfinite(np.concatenate([first, second])).all():
        raise DataError("a unit has no tier", where="tiers", cure="leave units without a tier out of both")
    power = 1 if weights == "linear" else 2
    observed = (np.abs(first - second) ** power).mean()
    expected = (np.abs(first[:, None] - second[None, :]) ** power).mean()
    return float(1 - divide(observed, expected))
