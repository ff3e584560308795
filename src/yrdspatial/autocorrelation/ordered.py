"""Weights and values in the order in which permutations deal them: arrays only."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from yrdspatial.autocorrelation.permutation import Floats, Ints

TIE = 1e-10
"""Two sums are equal when they differ by less than this times the sum of weights times the largest deviation."""


@dataclass(frozen=True)
class Links:
    """Weights by row, the largest first.

    Attributes
    ----------
    start : ndarray of int, shape (N + 1,)
        The weights of row i are ``weight[start[i]:start[i + 1]]``.
    weight : ndarray, shape (links,)
        Weights, descending within a row.
    degree : ndarray of int, shape (N,)
        Links of each row.
    total : ndarray, shape (N,)
        Sum of the weights of each row.
    even : bool
        Whether all weights of a row are equal, in every row.
    """

    start: Ints
    weight: Floats
    degree: Ints
    total: Floats
    even: bool

    @classmethod
    def of(cls, weights: csr_array) -> "Links":
        """Sort the weights of each row.

        Parameters
        ----------
        weights : csr_array, shape (N, N)
            Weights without diagonal.

        Returns
        -------
        Links
            The same weights without the columns they stand in.

        Examples
        --------
        >>> Links.of(csr_array([[0, 1.0, 2.0], [1, 0, 0], [0, 0, 0]])).weight.tolist()
        [2.0, 1.0, 1.0]
        """
        degree = np.diff(weights.indptr).astype(np.int64)
        row = np.repeat(np.arange(degree.size), degree)
        weight = weights.data.astype(float)
        start = np.concatenate([[0], np.cumsum(degree)]).astype(np.int64)
        apart = np.abs(np.diff(weight)) > 1e-12 * weight[:-1]
        even = not (apart & (row[1:] == row[:-1])).any()
        if not even:
            weight = weight[np.lexsort((-weight, row))]
        return cls(start, weight, degree, np.bincount(row, weight, degree.size).astype(float), even)

    def part(self, units: range) -> "Links":
        """Keep the rows of some units.

        Parameters
        ----------
        units : range
            Positions, one after the other.

        Returns
        -------
        Links
            Their weights.
        """
        some = slice(units.start, units.stop)
        start = self.start[units.start : units.stop + 1]
        weight = self.weight[start[0] : start[-1]]
        return Links(start - start[0], weight, self.degree[some], self.total[some], self.even)

    def dense(self, rows: npt.NDArray[np.int64], width: int) -> Floats:
        """Weights of some rows side by side, zero where a row has fewer.

        Parameters
        ----------
        rows : ndarray of int, shape (R,)
            Which rows.
        width : int
            How many weights of each.

        Returns
        -------
        ndarray, shape (R, width)
            The weights.
        """
        slot = np.arange(width)
        inside = slot < self.degree[rows, None]
        return np.where(inside, self.weight[np.where(inside, self.start[rows, None] + slot, 0)], 0.0)


@dataclass(frozen=True)
class Columns:
    """Variables and years in rank order, with what was observed.

    Of a part of the units, all but ``ranked`` have so many places.

    Attributes
    ----------
    values : ndarray, shape (V, N)
        Values by unit.
    ranked : ndarray, shape (V, N)
        Values ascending.
    rank : ndarray of int, shape (V, N)
        First rank of each unit's value.
    order : ndarray of int, shape (V, N)
        Units by ascending value.
    low, high : ndarray, shape (V, N)
        Observed statistic less and plus the tolerance of ties.
    """

    values: Floats
    ranked: Floats
    rank: Ints
    order: Ints
    low: Floats
    high: Floats

    @classmethod
    def of(cls, values: Floats, weights: csr_array, squared: bool) -> "Columns":
        """Rank the values and compute the observed statistic.

        Parameters
        ----------
        values : ndarray, shape (N, V)
            One column a variable and year, scaled to a largest absolute value of 1.
        weights : csr_array, shape (N, N)
            Weights without diagonal.
        squared : bool
            Whether the statistic sums squared differences.

        Returns
        -------
        Columns
            The columns, ready to be permuted.
        """
        total = weights.sum(axis=1)[:, None]
        observed = weights @ values
        if squared:
            observed = weights @ values**2 - 2 * values * observed + values**2 * total
        own = np.ascontiguousarray(values.T)
        order = np.argsort(own, axis=1)
        ranked = np.take_along_axis(own, order, axis=1)
        later = np.concatenate([np.ones((len(own), 1), dtype=bool), ranked[:, 1:] != ranked[:, :-1]], axis=1)
        first = np.maximum.accumulate(np.where(later, np.arange(own.shape[1]), 0), axis=1)
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, first, axis=1)
        slack = (4 if squared else 1) * TIE * total
        low, high = ((observed + sign * slack).T for sign in (-1, 1))
        return cls(own, ranked, rank, order, np.ascontiguousarray(low), np.ascontiguousarray(high))

    def part(self, units: range) -> "Columns":
        """Keep some units among the values of all.

        Parameters
        ----------
        units : range
            Positions, one after the other.

        Returns
        -------
        Columns
            What was observed there.
        """
        some = np.s_[:, units.start : units.stop]
        inside = (self.order >= units.start) & (self.order < units.stop)
        order = self.order[inside].reshape(-1, len(units)) - units.start
        return Columns(
            self.values[some], self.ranked, self.rank[some], order, self.low[some], self.high[some]
        )

    def __getitem__(self, v: int) -> "Columns":
        parts = (self.values, self.ranked, self.rank, self.order, self.low, self.high)
        return Columns(*(part[v] for part in parts))
