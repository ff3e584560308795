"""How local statistics, by position, become one family of tests with labels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.autocorrelation.adjustment import Correction, checked_level
from yrdspatial.autocorrelation.alignment import Aligned, year_column
from yrdspatial.autocorrelation.permutation import Floats, floor
from yrdspatial.autocorrelation.results import (
    NOT_SIGNIFICANT,
    QUADRANTS,
    Lisa,
    Statistic,
    describe_family,
    judged,
    take,
)
from yrdspatial.execution.seeds import seeded

LABELS: dict[str, tuple[str, ...]] = {
    "I": QUADRANTS,
    "C": ("HH", "LL", "positive", "negative"),
    "G": ("hot", "cold"),
}
FLAGS = ("", "island", "zero", "fixed")
ZERO = 1e-12
"""Deviations and lags below this share of the largest are exactly zero but for rounding."""


@dataclass(frozen=True)
class Plan:
    """How a family of local tests is run.

    Attributes
    ----------
    permutations : int
        Random deals per unit.
    seed : int
        Seed of the deals.
    alpha : float
        Level of the clusters.
    correction : {"fdr", "bonferroni", "none"}
        Adjustment over the family.
    """

    permutations: int
    seed: int
    alpha: float
    correction: Correction

    def __post_init__(self) -> None:
        checked_level(self.alpha)
        seeded(self.seed)


@dataclass(frozen=True)
class Local:
    """A local statistic by position, before labels and clusters; every array has shape (N, V).

    Attributes
    ----------
    name : {"I", "C", "G"}
        Which statistic.
    own, lag : ndarray
        Own deviation from the mean, and weighted sum of the neighbours' deviations.
    value, expected, variance, pvalue : ndarray
        The statistic, its moments under conditional permutation, its p-value.
    zero : ndarray of bool
        Where the statistic has no direction.
    """

    name: Statistic
    own: Floats
    lag: Floats
    value: Floats
    expected: Floats
    variance: Floats
    pvalue: Floats
    zero: npt.NDArray[np.bool_]

    def quadrants(self) -> npt.NDArray[np.intp]:
        """Say where each unit stands in the Moran scatter plot; a zero counts as low.

        Returns
        -------
        ndarray of int, shape (N, V)
            Places in QUADRANTS: HH, LH, LL, HL, own deviation first.
        """
        codes = np.array([[2, 1], [3, 0]])
        found: npt.NDArray[np.intp] = codes[(self.own > 0).astype(int), (self.lag > 0).astype(int)]
        return found

    def kinds(self) -> npt.NDArray[np.intp]:
        """Say which cluster each unit is in, were it significant.

        Returns
        -------
        ndarray of int, shape (N, V)
            Places in the LABELS of the statistic.
        """
        quadrants = self.quadrants()
        if self.name == "I":
            return quadrants
        if self.name == "G":
            return np.where(self.value > self.expected, 0, 1)
        alike = np.array([0, 2, 1, 2])[quadrants]
        return np.where(self.value < self.expected, alike, 3)

    def flags(self, islands: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        """Say why a unit cannot be in a cluster.

        Parameters
        ----------
        islands : ndarray of bool, shape (N, V)
            Units without neighbours.

        Returns
        -------
        ndarray of int, shape (N, V)
            Places in FLAGS.
        """
        return np.select([islands, self.zero, self.variance <= 0], [1, 2, 3], 0)

    def tested(self, found: Aligned, plan: Plan) -> Lisa:
        """Adjust the p-values over the family and name the clusters.

        Parameters
        ----------
        found : Aligned
            Labels of rows and columns.
        plan : Plan
            Draws, level, correction.

        Returns
        -------
        Lisa
            The labelled result.
        """
        islands = found.islands()
        p = np.where(islands | (self.variance <= 0), 1.0, self.pvalue).T
        flags, labels = self.flags(islands).T, (*LABELS[self.name], NOT_SIGNIFICANT)
        kinds, n = np.ascontiguousarray(self.kinds().T), len(found.units)
        names = np.array(FLAGS)[flags] if flags.any() else np.broadcast_to("", flags.shape)
        adjusted, cluster = judged(p, names, kinds, labels, (plan.correction, plan.alpha, "call"))
        spread = np.sqrt(np.where(self.variance > 0, self.variance, np.nan))
        variables = {name: place for place, name in enumerate(dict.fromkeys(found.variables))}
        places = [variables[name] for name in found.variables]
        table = pd.DataFrame(
            {
                "unit": np.tile(found.units, len(places)),
                "year": year_column(found.years).repeat(n).array,
                "variable": take(tuple(variables), np.repeat(places, n)),
                self.name: self.value.T.ravel(),
                "quadrant": take(QUADRANTS, self.quadrants().T.ravel()),
                "p_sim": p.ravel(),
                "p_adjusted": adjusted,
                "cluster": cluster,
                "expected": self.expected.T.ravel(),
                "z": ((self.value - self.expected) / spread).T.ravel(),
                "flag": take(FLAGS, flags.ravel()),
            }
        )
        rules = (plan.correction, plan.alpha, plan.permutations, floor(plan.permutations))
        return Lisa(table, self.name, labels, describe_family(table), *rules, kinds.ravel())


def is_zero(values: Floats) -> npt.NDArray[np.bool_]:
    """Say which values are zero but for rounding.

    Parameters
    ----------
    values : ndarray, shape (N, V)
        Values.

    Returns
    -------
    ndarray of bool, shape (N, V)
        Below 1e-12 of the largest of their column.

    Examples
    --------
    >>> is_zero(np.array([[1.0], [1e-15]])).ravel().tolist()
    [False, True]
    """
    return np.asarray(np.abs(values) <= ZERO * np.abs(values).max(axis=0))
