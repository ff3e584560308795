"""Averages of effects by cohort and period: over all, by horizon, by cohort, by calendar (arrays only)."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.within import FloatArray, IntArray
from yrdspatial.treatment.group_time import GroupTime
from yrdspatial.treatment.regression import summed_by
from yrdspatial.treatment.staggered import BoolArray, Staggered


@dataclass(frozen=True)
class Averages:
    """Averages with the influence of each cluster.

    Attributes
    ----------
    estimates : ndarray, shape (q,)
        Averages.
    scores : ndarray, shape (G, q)
        Sums of influence by cluster over N: the variance is scores'scores.
    """

    estimates: FloatArray
    scores: FloatArray


def average(sample: Staggered, effects: GroupTime, groups: list[BoolArray]) -> Averages:
    """Average cohort-periods with the sizes of their cohorts as weights.

    Parameters
    ----------
    sample : Staggered
        The panel.
    effects : GroupTime
        Effects by cohort and period.
    groups : list of ndarray of bool, each shape (q,)
        Which cohort-periods enter each average.

    Returns
    -------
    Averages
        One entry a group; the sizes of the cohorts count as estimated.

    References
    ----------
    Callaway and Sant'Anna (2021), equations 3.4 to 3.11 and corollary 2.
    """
    units = sample.y.shape[1]
    member = (sample.first[:, None] == effects.cohorts[None, :]).astype(np.float64)
    size = member.mean(axis=0)
    weight = np.column_stack([np.where(group, size, 0.0) / size[group].sum() for group in groups])
    estimates = effects.effects @ weight
    sums = np.stack([size[group].sum() for group in groups])
    moved = (member - size) @ (np.stack(groups, axis=1) * (effects.effects[:, None] - estimates)) / sums
    influence = effects.influence @ weight + moved
    return Averages(estimates, summed_by(influence / units, sample.clusters, sample.cluster_count))


def cell_scores(sample: Staggered, effects: GroupTime) -> FloatArray:
    """Sum the influence on each cohort-period by cluster.

    Parameters
    ----------
    sample : Staggered
        The panel.
    effects : GroupTime
        Effects by cohort and period.

    Returns
    -------
    ndarray, shape (G, q)
        The variance is scores'scores.
    """
    return summed_by(effects.influence / sample.y.shape[1], sample.clusters, sample.cluster_count)


def mean_of(averages: Averages, chosen: BoolArray) -> Averages:
    """Average some of the averages, all with the same weight.

    Parameters
    ----------
    averages : Averages
        By horizon or calendar.
    chosen : ndarray of bool, shape (q,)
        Which take part.

    Returns
    -------
    Averages
        One entry.

    Examples
    --------
    >>> mean_of(Averages(np.array([1.0, 3.0]), np.zeros((2, 2))), np.array([True, True])).estimates.tolist()
    [2.0]
    """
    weight = (chosen / chosen.sum())[:, None]
    return Averages(averages.estimates @ weight, averages.scores @ weight)


def mean_of_cohorts(sample: Staggered, cohorts: IntArray, averages: Averages) -> Averages:
    """Average the averages of cohorts by their sizes, which count as estimated.

    Parameters
    ----------
    sample : Staggered
        The panel.
    cohorts : ndarray of int, shape (q,)
        First treated periods.
    averages : Averages
        One entry a cohort.

    Returns
    -------
    Averages
        One entry.
    """
    member = (sample.first[:, None] == cohorts).astype(np.float64)
    size = member.mean(axis=0)
    weight = size / size.sum()
    mean = averages.estimates @ weight
    drift = (member - size) @ (averages.estimates - mean) / size.sum() / len(member)
    moved = summed_by(drift[:, None], sample.clusters, sample.cluster_count)
    return Averages(np.array([mean]), averages.scores @ weight[:, None] + moved)


def simultaneous_value(scores: FloatArray, *, level: float, draws: int, rng: np.random.Generator) -> float:
    """Draw the critical value of a band that holds all coefficients at once.

    Parameters
    ----------
    scores : ndarray, shape (G, q)
        Influence by cluster.
    level : float
        Such as 0.95.
    draws : int
        Draws of the multipliers (+1 or -1 a cluster).
    rng : Generator
        Source of the draws.

    Returns
    -------
    float
        Quantile of the largest absolute t value; of columns without variance none counts.

    References
    ----------
    Callaway and Sant'Anna (2021), algorithm 1.

    Examples
    --------
    >>> scores = np.random.default_rng(1).normal(size=(200, 1))
    >>> 1.8 < simultaneous_value(scores, level=0.95, draws=4000, rng=np.random.default_rng(2)) < 2.1
    True
    """
    spread = np.sqrt((scores**2).sum(axis=0))
    moving = spread > 0.0
    if not moving.any():
        return float("nan")
    signs = rng.integers(0, 2, size=(draws, len(scores))) * 2.0 - 1.0
    largest = np.abs(signs @ (scores[:, moving] / spread[moving])).max(axis=1)
    return float(np.quantile(largest, level))


def groups_of(effects: GroupTime, by: str) -> tuple[IntArray, list[BoolArray]]:
    """Split the cohort-periods: by horizon all of them, otherwise the treated ones.

    Parameters
    ----------
    effects : GroupTime
        Effects by cohort and period.
    by : {"simple", "dynamic", "group", "calendar"}
        All treated together, by horizon, by cohort, or by period.

    Returns
    -------
    labels : ndarray of int
        Horizon, cohort or period of each group; 0 for "simple".
    groups : list of ndarray of bool
        The groups.

    Examples
    --------
    >>> one, two = np.array([1, 1]), np.array([1, 2])
    >>> effects = GroupTime(one, two, np.zeros(2), np.zeros((3, 2)), one, one, 0)
    >>> groups_of(effects, "dynamic")[0].tolist()
    [0, 1]
    """
    after = effects.horizons >= 0
    keys = {
        "simple": np.zeros_like(effects.cohorts),
        "dynamic": effects.horizons,
        "group": effects.cohorts,
        "calendar": effects.periods,
    }[by]
    labels = np.unique(keys if by == "dynamic" else keys[after])
    return labels, [(keys == label) & (after | (by == "dynamic")) for label in labels]
