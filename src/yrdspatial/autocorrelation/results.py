"""``Lisa``, the result of every local statistic: its table, its clusters, their moves, in one family of tests."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.autocorrelation.adjustment import Correction, adjust, checked_level
from yrdspatial.autocorrelation.permutation import Floats
from yrdspatial.errors import SpecificationError

QUADRANTS = ("HH", "LH", "LL", "HL")
NOT_SIGNIFICANT = "not significant"
Statistic = Literal["I", "C", "G"]
Family = Literal["call", "map"]


@dataclass(frozen=True, eq=False)
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
    kinds : ndarray of int
        For each row of the table the place in ``labels`` of its cluster, were it significant.
    """

    table: pd.DataFrame
    statistic: Statistic
    labels: tuple[str, ...]
    family: str
    correction: Correction
    alpha: float
    permutations: int
    p_floor: float
    kinds: npt.NDArray[np.intp]

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

    def readjust(
        self, *, correction: Correction | None = None, alpha: float | None = None, family: Family = "call"
    ) -> "Lisa":
        """Judge the same tests by another correction, level or family, without new permutations.

        Parameters
        ----------
        correction : {"fdr", "bonferroni", "none"}, optional
            By default the one in force.
        alpha : float, optional
            By default the one in force.
        family : {"call", "map"}
            Whether all tests are one family, or each variable and year is one of its own.

        Returns
        -------
        Lisa
            With new p_adjusted and clusters.

        Examples
        --------
        >>> import yrdspatial as yrd
        >>> places = list("abcd")
        >>> ring = pd.DataFrame(np.roll(np.eye(4), 1, axis=1), index=places, columns=places)
        >>> result = yrd.local_moran(pd.Series([1.0, 2, 3, 4], places, name="y"), ring, permutations=99, seed=1)
        >>> result.readjust(correction="none", alpha=0.1, family="map").family
        '4 tests (4 units)'
        """
        chosen, level = correction or self.correction, checked_level(self.alpha if alpha is None else alpha)
        maps = self.table.groupby(["variable", "year"], sort=False, dropna=False).ngroups
        pvalues, flags = (self.table[name].to_numpy().reshape(maps, -1) for name in ("p_sim", "flag"))
        kinds = self.kinds.reshape(maps, -1)
        adjusted, cluster = judged(pvalues, flags, kinds, self.labels, (chosen, level, family))
        table = self.table.assign(p_adjusted=adjusted, cluster=cluster)
        text = describe_family(table, family)
        return replace(self, table=table, family=text, correction=chosen, alpha=level)

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


def judged(
    pvalues: Floats,
    flags: npt.NDArray[Any],
    kinds: npt.NDArray[np.intp],
    labels: tuple[str, ...],
    rule: tuple[Correction, float, Family],
) -> tuple[Floats, Any]:
    """Adjust p-values over the family and name the clusters.

    Parameters
    ----------
    pvalues : ndarray, shape (V, N)
        One row a variable and year.
    flags : ndarray of str, shape (V, N)
        "island" is not tested; any flag keeps a unit out of clusters.
    kinds : ndarray of int, shape (V, N)
        Places in ``labels``.
    labels : tuple of str
        Clusters, the last for what is not significant.
    rule : tuple
        Correction, level, family.

    Returns
    -------
    adjusted : ndarray, shape (V N,)
        Adjusted p-values, 1 where nothing is tested.
    cluster : array of str, length V N
        Names of the clusters.

    Raises
    ------
    SpecificationError
        If there is no such family.

    Examples
    --------
    >>> p, flags = np.array([[0.01, 0.4, 1.0]]), np.array([["", "", "island"]])
    >>> adjusted, cluster = judged(p, flags, np.array([[0, 0, 0]]), ("HH", "-"), ("bonferroni", 0.05, "call"))
    >>> adjusted.tolist(), list(cluster)
    ([0.02, 0.8, 1.0], ['HH', '-', '-'])
    """
    correction, alpha, family = rule
    adjusted, tested = np.ones(pvalues.shape), flags != "island"
    if family == "call":
        adjusted[tested] = adjust(pvalues[tested], correction)
    elif family == "map":
        for row, own, which in zip(adjusted, pvalues, tested, strict=True):
            row[which] = adjust(own[which], correction)
    else:
        raise SpecificationError(f"family {family!r} does not exist", cure='choose "call" or "map"')
    codes = np.where((adjusted <= alpha) & (flags == ""), kinds, len(labels) - 1)
    return adjusted.ravel(), take(labels, codes.ravel())


def describe_family(table: pd.DataFrame, family: Family = "call") -> str:
    """Say which tests are adjusted together.

    Parameters
    ----------
    table : DataFrame
        Columns variable, year and flag, one row a unit in each map.
    family : {"call", "map"}
        Whether the whole table is one family, or each variable and year.

    Returns
    -------
    str
        How many tests of what.

    Examples
    --------
    >>> describe_family(pd.DataFrame({"variable": ["x", "x"], "year": [2005, 2005], "flag": ["", "island"]}))
    '1 tests (2 units, 1 without neighbours left out)'
    """
    variables, years = (len(table[name].unique()) for name in ("variable", "year"))
    islands = int((table["flag"] == "island").sum())
    parts = [f"{len(table) // (variables * years)} units"]
    parts += [f"{variables} variables"] if variables > 1 else []
    parts += [f"{years} years"] if years > 1 else []
    left_out = f", {islands} without neighbours left out" if islands else ""
    apart = ", each map a family of its own" if family == "map" and variables * years > 1 else ""
    return f"{len(table) - islands} tests ({' x '.join(parts)}{left_out}{apart})"


def take(labels: tuple[str, ...], codes: npt.NDArray[Any]) -> Any:
    """Name each code, fast.

    Parameters
    ----------
    labels : tuple of str
        Names.
    codes : ndarray of int
        Places among the names.

    Returns
    -------
    array of str
        One name a code.

    Examples
    --------
    >>> list(take(("a", "b"), np.array([1, 0])))
    ['b', 'a']
    """
    return pd.array(list(labels), dtype="str").take(codes)
