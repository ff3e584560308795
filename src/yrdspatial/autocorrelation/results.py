"""``Lisa``, the result of every local statistic, and how a family of local tests becomes one."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.autocorrelation.adjustment import Correction, adjust
from yrdspatial.autocorrelation.alignment import Aligned, year_column
from yrdspatial.autocorrelation.permutation import Floats, floor
from yrdspatial.errors import SpecificationError

QUADRANTS = ("HH", "LH", "LL", "HL")
NOT_SIGNIFICANT = "not significant"
ZERO = 1e-12
"""Deviations and lags below this share of the largest are exactly zero but for rounding."""


@dataclass(frozen=True)
class Lisa:
    """Local statistics of units, variables and years, tested as one family.

    Attributes
    ----------
    table : DataFrame
        One row a variable, year and unit: unit, year, variable, the statistic (I, C or G), quadrant (own value and
        neighbours' mean above or below the mean: HH, LH, LL, HL), p_sim, p_adjusted, cluster, expected and z (moments
        of conditional permutation), flag ("island", "zero", "fixed" or "").
    statistic : {"I", "C", "G"}
        Column of the statistic.
    labels : tuple of str
        Clusters there can be, in the order of a legend; the last is "not significant".
    family : str
        The tests that were adjusted together.
    correction : str
        How p-values were adjusted.
    alpha : float
        Level of the clusters.
    permutations : int
        Random deals per unit.
    p_floor : float
        Smallest ``p_sim`` there can be.
    """

    table: pd.DataFrame
    statistic: Literal["I", "C", "G"]
    labels: tuple[str, ...]
    family: str
    correction: Correction
    alpha: float
    permutations: int
    p_floor: float

    def __repr__(self) -> str:
        return (
            f"<Lisa: local {self.statistic}, {self.permutations} permutations (p_sim >= {self.p_floor:.2g}), "
            f"clusters at {self.alpha:g} with correction {self.correction!r} over {self.family}>"
        )

    def clusters(self, year: int | None = None, *, variable: str | None = None) -> "pd.Series[str]":
        """Give the cluster of each unit in one year, as a map needs it.

        Parameters
        ----------
        year : int, optional
            Which year; may be left out when there is only one.
        variable : str, optional
            Which variable; may be left out when there is only one.

        Returns
        -------
        Series of str, index unit
            One of ``labels``.

        Examples
        --------
        >>> import yrdspatial as yrd
        >>> places = list("abcd")
        >>> ring = pd.DataFrame(np.roll(np.eye(4), 1, axis=1), index=places, columns=places)
        >>> yrd.local_moran(pd.Series([1.0, 2, 3, 4], places), ring, permutations=99, seed=1).clusters().tolist()[0]
        'not significant'
        """
        rows = self._rows(variable)
        if year is not None or len(rows["year"].unique()) > 1:
            rows = rows[rows["year"] == _known(year, rows["year"], "year")]
        series: pd.Series[str] = rows.set_index("unit")["cluster"]
        return series

    def transitions(self, *, variable: str | None = None, of: str = "quadrant") -> pd.DataFrame:
        """Count the moves of units between quadrants (or clusters) from one year of the table to the next.

        Parameters
        ----------
        variable : str, optional
            Which variable; may be left out when there is only one.
        of : {"quadrant", "cluster"}
            What moves.

        Returns
        -------
        DataFrame of int
            Rows: before; columns: after.

        Raises
        ------
        SpecificationError
            If there is only one year.

        References
        ----------
        Rey (2001), Spatial empirics for economic growth and convergence, section 4.

        Examples
        --------
        >>> import yrdspatial as yrd
        >>> places = list("abcd")
        >>> ring = pd.DataFrame(np.roll(np.eye(4), 1, axis=1), index=places, columns=places)
        >>> years = pd.MultiIndex.from_product([places, [2005, 2006]])
        >>> panel = pd.Series([1.0, 2, 2, 1, 3, 3, 4, 4], years)
        >>> int(yrd.local_moran(panel, ring, permutations=9, seed=1).transitions().to_numpy().sum())
        4
        """
        rows = self._rows(variable)
        states = QUADRANTS if of == "quadrant" else self.labels
        history = rows[of].to_numpy().reshape(len(rows["year"].unique()), -1)
        if len(history) < 2:
            raise SpecificationError("one year has no transitions", cure="give data of several years")
        counts = pd.crosstab(history[:-1].ravel(), history[1:].ravel())
        counts = counts.reindex(index=states, columns=states, fill_value=0)
        return counts.rename_axis(index="before", columns="after")

    def summary(self) -> pd.DataFrame:
        """Count the clusters of each variable and year.

        Returns
        -------
        DataFrame
            One row a variable and year: variable, year, the number of units in each cluster, tests (islands are not
            tested), smallest p_sim and p_adjusted, p_floor.

        Examples
        --------
        >>> import yrdspatial as yrd
        >>> places = list("abcd")
        >>> ring = pd.DataFrame(np.roll(np.eye(4), 1, axis=1), index=places, columns=places)
        >>> result = yrd.local_moran(pd.Series([1.0, 2, 3, 4], places, name="y"), ring, permutations=99, seed=1)
        >>> result.summary()[["variable", "not significant", "tests", "p_floor"]].to_numpy().tolist()
        [['y', 4, 4, 0.02]]
        """
        held = {label: self.table["cluster"] == label for label in self.labels}
        rows = self.table.assign(**held, tests=self.table["flag"] != "island")
        by = rows.groupby(["variable", "year"], sort=False, dropna=False)
        counts = by[[*self.labels, "tests"]].sum().join(by[["p_sim", "p_adjusted"]].min())
        return counts.assign(p_floor=self.p_floor).reset_index()

    def _rows(self, variable: str | None) -> pd.DataFrame:
        if variable is None and len(self.table["variable"].unique()) == 1:
            return self.table
        chosen = _known(variable, self.table["variable"], "variable")
        rows: pd.DataFrame = self.table[self.table["variable"] == chosen]
        return rows


def _known(asked: Any, present: "pd.Series[Any]", what: str) -> Any:
    if asked is None or not (present == asked).any():
        have = ", ".join(str(value) for value in present.unique())
        missing = f"no {what} was chosen" if asked is None else f"the result has no such {what}"
        raise SpecificationError(missing, where="" if asked is None else str(asked), cure=f"it has {have}")
    return asked


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

    name: Literal["I", "C", "G"]
    own: Floats
    lag: Floats
    value: Floats
    expected: Floats
    variance: Floats
    pvalue: Floats
    zero: npt.NDArray[np.bool_]

    def quadrants(self) -> npt.NDArray[np.str_]:
        """Where each unit stands in the Moran scatter plot; a zero counts as low.

        Returns
        -------
        ndarray of str, shape (N, V)
            HH, LH, LL or HL: own deviation first.
        """
        names = np.array([["LL", "LH"], ["HL", "HH"]])
        found: npt.NDArray[np.str_] = names[(self.own > 0).astype(int), (self.lag > 0).astype(int)]
        return found

    def flags(self, islands: npt.NDArray[np.bool_]) -> npt.NDArray[np.str_]:
        """Why a unit cannot be in a cluster.

        Parameters
        ----------
        islands : ndarray of bool, shape (N, V)
            Units without neighbours.

        Returns
        -------
        ndarray of str, shape (N, V)
            "island"; "zero", the statistic has no direction; "fixed", every deal gives the same sum; or "".
        """
        chosen = np.select([islands, self.zero, self.variance <= 0], ["island", "zero", "fixed"], "")
        return np.asarray(chosen, dtype=str)

    def tested(
        self, found: Aligned, plan: Plan, labels: tuple[str, ...], kinds: npt.NDArray[np.str_]
    ) -> Lisa:
        """Adjust the p-values over the family and name the clusters.

        Parameters
        ----------
        found : Aligned
            Labels of rows and columns.
        plan : Plan
            Draws, level, correction.
        labels : tuple of str
            Clusters there can be.
        kinds : ndarray of str, shape (N, V)
            The cluster of each unit, were it significant.

        Returns
        -------
        Lisa
            The labelled result.
        """
        islands = found.islands()
        flags, p = self.flags(islands), np.where(islands | (self.variance <= 0), 1.0, self.pvalue)
        adjusted = np.ones(p.shape)
        adjusted.T[~islands.T] = adjust(p.T[~islands.T], plan.correction)
        cluster = np.where((adjusted <= plan.alpha) & (flags == ""), kinds, NOT_SIGNIFICANT)
        spread = np.sqrt(np.where(self.variance > 0, self.variance, np.nan))
        n, columns = p.shape
        names = np.repeat(np.array(found.variables, dtype=object), n)
        table = pd.DataFrame({"unit": np.tile(found.units, columns)})
        table["year"] = year_column(np.repeat(np.array(found.years, dtype=object), n))
        table["variable"] = names
        cells = {
            self.name: self.value,
            "quadrant": self.quadrants(),
            "p_sim": p,
            "p_adjusted": adjusted,
            "cluster": cluster,
            "expected": self.expected,
            "z": (self.value - self.expected) / spread,
            "flag": flags,
        }
        for name, values in cells.items():
            table[name] = values.T.ravel()
        family = _family(found, islands)
        shared = (plan.correction, plan.alpha, plan.permutations, floor(plan.permutations))
        return Lisa(table, self.name, (*labels, NOT_SIGNIFICANT), family, *shared)


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


def _family(found: Aligned, islands: npt.NDArray[np.bool_]) -> str:
    variables, years = len(set(found.variables)), len(set(found.years))
    parts = [f"{len(found.units)} units"]
    parts += [f"{variables} variables"] if variables > 1 else []
    parts += [f"{years} years"] if years > 1 else []
    left_out = f", {int(islands.sum())} without neighbours left out" if islands.any() else ""
    return f"{int((~islands).sum())} tests ({' x '.join(parts)}{left_out})"
