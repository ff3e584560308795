"""How places move: Markov chains of classes, plain, by the neighbours' class, of LISA quadrants; rank mobility."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.autocorrelation.alignment import Year, align, observed
from yrdspatial.autocorrelation.chains import ergodic_distribution, first_passage_times, homogeneity
from yrdspatial.autocorrelation.permutation import Floats
from yrdspatial.autocorrelation.results import Lisa
from yrdspatial.errors import SpecificationError
from yrdspatial.weights.series import Weights

Labels = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Markov:
    """A Markov chain of classes, counted from moves of units between successive years.

    Attributes
    ----------
    counts : DataFrame of int, shape (K, K)
        Moves from the class of the row to the class of the column.
    """

    counts: pd.DataFrame

    @property
    def probabilities(self) -> pd.DataFrame:
        """Shares of each row of ``counts``; missing where a class was never left or kept."""
        moves = self.counts.sum(axis=1)
        return self.counts.div(moves.where(moves > 0), axis=0)

    @property
    def ergodic(self) -> "pd.Series[float]":
        """Long-run distribution over the classes; missing when it is not unique."""
        return pd.Series(ergodic_distribution(self.counts.to_numpy()), self.counts.index, name="ergodic")

    @property
    def sojourn(self) -> "pd.Series[float]":
        """Expected years in a class once it is entered: 1 / (1 - p_ii)."""
        leaving = 1 - np.diag(self.probabilities.to_numpy())
        with np.errstate(divide="ignore"):
            years = 1 / leaving
        return pd.Series(years, self.counts.index, name="sojourn")

    @property
    def first_passage(self) -> pd.DataFrame:
        """Expected years from the class of the row to the class of the column, the first return on the diagonal."""
        times = first_passage_times(self.counts.to_numpy())
        return pd.DataFrame(times, self.counts.index, self.counts.columns)


@dataclass(frozen=True, eq=False)
class SpatialMarkov:
    """Markov chains of classes, one for each class of the neighbours' mean, and whether they differ.

    Attributes
    ----------
    counts : DataFrame of int
        Index (lag class, class before), columns class after.
    cuts, lag_cuts : tuple of float
        Upper bounds of all classes but the last; a value equal to a cut belongs below it.
    tests : DataFrame
        Homogeneity of the chains over lag classes: test ("LR", "Q"), statistic, df, pvalue.
    """

    counts: pd.DataFrame
    cuts: tuple[float, ...]
    lag_cuts: tuple[float, ...]
    tests: pd.DataFrame

    @property
    def pooled(self) -> Markov:
        """The chain without regard to neighbours."""
        first, *rest = (chain.counts for chain in self.chains.values())
        for counts in rest:
            first = first.add(counts)
        return Markov(first)

    @property
    def chains(self) -> dict[str, Markov]:
        """The chain of each lag class."""
        levels = self.counts.index.get_level_values("lag").unique()
        return {str(level): Markov(pd.DataFrame(self.counts.xs(level, level="lag"))) for level in levels}

    @property
    def contributions(self) -> "pd.Series[float]":
        """What the chain of each lag class adds to Q: where neighbours matter most."""
        pooled = self.pooled.probabilities
        parts = {}
        for level, chain in self.chains.items():
            expected = pooled.mul(chain.counts.sum(axis=1), axis=0)
            parts[level] = float(((chain.counts - expected) ** 2 / expected.where(expected > 0)).sum().sum())
        return pd.Series(parts, name="Q").rename_axis("lag")

    @property
    def ergodic(self) -> pd.DataFrame:
        """Long-run distribution over the classes (columns) for each lag class (rows)."""
        return pd.DataFrame({level: chain.ergodic for level, chain in self.chains.items()}).T.rename_axis(
            "lag"
        )


def markov(
    data: Any, *, classes: int | Sequence[float] = 4, relative: bool = False, year: Year = None
) -> Markov:
    """Markov chain of one variable between classes fixed over all years.

    Parameters
    ----------
    data : Series or Panel selection
        One variable, indexed by (unit, year).
    classes : int or sequence of float
        Number of classes by quantiles of all values, or the cuts themselves. A value equal to a cut belongs below it.
    relative : bool
        Whether values are first divided by the mean of their year.
    year : int or iterable of int, optional
        Years to use, at least two; a move is from one of them to the next.

    Returns
    -------
    Markov
        Counts, probabilities, ergodic distribution, sojourn and first passage times.

    References
    ----------
    Quah (1993), Empirical cross-section dynamics in economic growth, section 2.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([list("abcd"), range(2005, 2009)])
    >>> values = [1, 2, 3, 4, 2, 3, 1, 3, 4, 3, 2, 1, 3, 4, 4, 2]
    >>> markov(pd.Series(values, index, name="y"), classes=[2.5]).counts.to_numpy().tolist()
    [[2, 3], [3, 4]]
    """
    table, _, _ = _history(data, year, relative)
    cuts = _cuts(table, classes)
    return Markov(_moves(np.searchsorted(cuts, table), _labels(len(cuts) + 1)))


def spatial_markov(
    data: Any,
    weights: Weights,
    *,
    classes: int | Sequence[float] = 4,
    lag_classes: int | Sequence[float] | None = None,
    relative: bool = False,
    year: Year = None,
) -> SpatialMarkov:
    """Markov chains of one variable by the class of the neighbours' mean in the year before the move.

    Homogeneity over lag classes: LR = 2 sum n_lij ln(p_lij / p_ij) and Q = sum n_li (p_lij - p_ij)^2 / p_ij, both
    chi-squared; df = sum over classes i of (lag classes with moves from i - 1) (classes reached from i - 1).

    Parameters
    ----------
    data : Series or Panel selection
        One variable, indexed by (unit, year).
    weights : Graph, WeightsSeries or DataFrame
        Row-standardized weights of the same units, each year its own: the lag of year t uses the weights of year t.
    classes : int or sequence of float
        Number of classes by quantiles of all values, or the cuts themselves. A value equal to a cut belongs below it.
    lag_classes : int or sequence of float, optional
        The same for the lag; by default as ``classes``: as many quantiles of the lag, or the same cuts.
    relative : bool
        Whether values are first divided by the mean of their year.
    year : int or iterable of int, optional
        Years to use, at least two; a move is from one of them to the next.

    Returns
    -------
    SpatialMarkov
        Chains by lag class, their ergodic distributions, and tests of homogeneity.

    References
    ----------
    Rey (2001), Spatial empirics for economic growth and convergence, section 3; Bickenbach and Bode (2003), Evaluating
    the Markov property in studies of economic convergence, equations 4 to 9.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([list("abcd"), range(2005, 2009)])
    >>> values = [1, 2, 3, 4, 2, 3, 1, 3, 4, 3, 2, 1, 3, 4, 4, 2]
    >>> path = np.array([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]])
    >>> W = pd.DataFrame(path, list("abcd"), list("abcd"))
    >>> result = spatial_markov(pd.Series(values, index, name="y"), W, classes=[2.5])
    >>> result.tests[["test", "statistic", "df"]].round(6).to_numpy().tolist()
    [['LR', 1.38139, 2], ['Q', 1.027778, 2]]
    """
    table, units, years = _history(data, year, relative)
    index = pd.MultiIndex.from_product([units, years])
    found = align(pd.Series(table.ravel(), index), weights, constant=True)
    lag = np.column_stack([W @ table[:, t] for t, W in enumerate(found.matrices)])
    cuts = _cuts(table, classes)
    lag_cuts = _cuts(lag, classes if lag_classes is None else lag_classes)
    own, around = np.searchsorted(cuts, table), np.searchsorted(lag_cuts, lag)
    names, lag_names = _labels(len(cuts) + 1), _labels(len(lag_cuts) + 1)
    parts = [_moves(own, names, around[:, :-1] == level) for level in range(len(lag_names))]
    counts = pd.concat(parts, keys=lag_names, names=["lag", "before"])
    tests = homogeneity(np.stack([part.to_numpy() for part in parts]))
    return SpatialMarkov(counts, tuple(cuts.tolist()), tuple(lag_cuts.tolist()), tests)


def lisa_markov(lisa: Lisa, *, variable: str | None = None) -> Markov:
    """Markov chain of the quadrants of local statistics.

    Parameters
    ----------
    lisa : Lisa
        Local statistics of several years.
    variable : str, optional
        Which variable; may be left out when there is only one.

    Returns
    -------
    Markov
        Classes HH, LH, LL, HL.

    References
    ----------
    Rey (2001), Spatial empirics for economic growth and convergence, section 4.

    Examples
    --------
    >>> import yrdspatial as yrd
    >>> places = list("abcd")
    >>> ring = pd.DataFrame(np.roll(np.eye(4), 1, axis=1), index=places, columns=places)
    >>> years = pd.MultiIndex.from_product([places, [2005, 2006]])
    >>> result = yrd.local_moran(pd.Series([1.0, 2, 2, 1, 3, 3, 4, 4], years), ring, permutations=9, seed=1)
    >>> int(lisa_markov(result).counts.to_numpy().sum())
    4
    """
    return Markov(lisa.transitions(variable=variable))


def rank_mobility(data: Any, *, year: Year = None) -> pd.DataFrame:
    """How much the ranks of units change from each year to the next.

    Parameters
    ----------
    data : Series, DataFrame or Panel
        Indexed by (unit, year); every column is a variable.
    year : int or iterable of int, optional
        Years to use, at least two.

    Returns
    -------
    DataFrame
        One row a variable and pair of years: variable, year, next_year, kendall (tau-b), spearman, mean_change (mean
        absolute change of rank, ties at their mean rank), movers (share of units whose rank changes).

    Raises
    ------
    SpecificationError
        If there is only one year.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([list("abc"), [2005, 2006]])
    >>> table = rank_mobility(pd.Series([1, 1, 2, 3, 3, 2], index, name="y"))
    >>> table[["kendall", "spearman", "mean_change", "movers"]].round(4).to_numpy().tolist()
    [[0.3333, 0.5, 0.6667, 0.6667]]
    """
    _, keys, values = observed(data, year=year)
    table = pd.DataFrame(values)
    ranks = table.rank().to_numpy()
    rows = []
    for first in range(len(keys) - 1):
        (name, when), (other, after) = keys[first], keys[first + 1]
        if name != other:
            continue
        change = np.abs(ranks[:, first + 1] - ranks[:, first])
        before, following = table[first], table[first + 1]
        rows.append(
            {
                "variable": name,
                "year": when,
                "next_year": after,
                "kendall": before.corr(following, method="kendall"),
                "spearman": before.corr(following, method="spearman"),
                "mean_change": change.mean(),
                "movers": (change > 0).mean(),
            }
        )
    if not rows:
        raise SpecificationError("one year has no mobility", cure="give data of several years")
    return pd.DataFrame(rows)


def _history(data: Any, year: Year, relative: bool) -> tuple[Floats, "pd.Index[Any]", list[int]]:
    units, keys, values = observed(data, year=year)
    if len({name for name, _ in keys}) > 1:
        raise SpecificationError("a chain has one variable", cure="select one column")
    years = [when for _, when in keys if when is not None]
    if len(years) < 2:
        raise SpecificationError("one year has no moves", cure="give data of several years")
    return (values / values.mean(axis=0) if relative else values), units, years


def _cuts(values: Floats, classes: int | Sequence[float]) -> Floats:
    if isinstance(classes, int):
        if classes < 2:
            raise SpecificationError(f"{classes} classes", cure="ask for at least 2")
        return np.unique(np.quantile(values, np.arange(1, classes) / classes))
    return np.sort(np.asarray(classes, dtype=float))


def _labels(number: int) -> Labels:
    return tuple(str(level + 1) for level in range(number))


def _moves(
    classes: npt.NDArray[Any], labels: Labels, which: npt.NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    before, after = classes[:, :-1], classes[:, 1:]
    chosen = np.ones(before.shape, dtype=bool) if which is None else which
    flat = before[chosen] * len(labels) + after[chosen]
    counts = np.bincount(flat, minlength=len(labels) ** 2).reshape(len(labels), -1)
    return pd.DataFrame(counts, pd.Index(labels, name="before"), pd.Index(labels, name="after"))
