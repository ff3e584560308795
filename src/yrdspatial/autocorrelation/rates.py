"""Rates of places of unequal size: empirical Bayes, so that small places do not look extreme by chance."""

from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.autocorrelation.alignment import observed
from yrdspatial.autocorrelation.permutation import Floats
from yrdspatial.errors import AlignmentError, SpecificationError


def empirical_bayes_rates(
    events: "pd.Series[float]",
    population: "pd.Series[float]",
    *,
    kind: Literal["smoothed", "standardized"] = "smoothed",
) -> "pd.Series[float]":
    """Rates adjusted for the size of the population, year by year.

    With r_i = events / population, b = sum of events / sum of population, s2 = sum p_i (r_i - b)^2 / sum p_i and
    a = s2 - b / mean(p) (0 if negative): "smoothed" is b + a / (a + b / p_i) (r_i - b), the rate drawn to the mean the
    more the smaller the place; "standardized" is (r_i - b) / sqrt(a + b / p_i) with a as computed unless that makes a
    variance negative, the rate to give to :func:`~yrdspatial.moran`.

    Parameters
    ----------
    events : Series
        Number of events (firms, patents, employees of a sector), indexed by unit or by (unit, year).
    population : Series
        Number of those who could have had one (all firms, persons, employees), same index; positive.
    kind : {"smoothed", "standardized"}
        What to return.

    Returns
    -------
    Series
        Named "smoothed" or "standardized", on the index of ``events``.

    Raises
    ------
    AlignmentError
        If the two do not have the same units and years.
    SpecificationError
        If a population is not positive, an event count is negative, or there is no such kind.

    References
    ----------
    Marshall (1991), Mapping disease and mortality rates using empirical Bayes estimators, section 3; Assuncao and Reis
    (1999), A new proposal to adjust Moran's I for population density, equation 4.

    Examples
    --------
    >>> events, people = pd.Series([1, 30, 10], list("abc")), pd.Series([10, 1000, 100], list("abc"))
    >>> empirical_bayes_rates(events, people).round(4).tolist()
    [0.0422, 0.0307, 0.0671]
    """
    if kind not in {"smoothed", "standardized"}:
        raise SpecificationError(f"kind {kind!r} does not exist", cure='choose "smoothed" or "standardized"')
    if len(events) != len(population) or not events.index.isin(population.index).all():
        cure = "give both for the same units and years"
        raise AlignmentError("events and population have different labels", cure=cure)
    table = pd.DataFrame({"events": events, "population": population.reindex(events.index)})
    units, keys, values = observed(table)
    half = len(keys) // 2
    counts, people = values[:, :half], values[:, half:]
    if (people <= 0).any() or (counts < 0).any():
        row, column = np.argwhere((people <= 0) | (counts < 0))[0]
        where = ", ".join(str(part) for part in (units[int(row)], keys[column][1]) if part is not None)
        cure = "drop the unit or correct the count"
        raise SpecificationError(
            "a population is not positive or a count is negative", where=where, cure=cure
        )
    found = _rates(counts, people, kind)
    if events.index.nlevels == 1:
        return pd.Series(found[:, 0], units, name=kind).reindex(events.index)
    index = pd.MultiIndex.from_product([units, [when for _, when in keys[:half]]])
    return pd.Series(found.ravel(), index, name=kind).reindex(events.index)


def _rates(counts: Floats, people: Floats, kind: str) -> Floats:
    rates, b = counts / people, counts.sum(axis=0) / people.sum(axis=0)
    a = (people * (rates - b) ** 2).sum(axis=0) / people.sum(axis=0) - b / people.mean(axis=0)
    if kind == "smoothed":
        a = np.maximum(a, 0.0)
        return np.asarray(b + np.where(a > 0, a / (a + b / people), 0.0) * (rates - b))
    variance = a + b / people
    return np.asarray((rates - b) / np.sqrt(np.where(variance > 0, variance, b / people)))
