"""Weights by year: one graph a year on the same units, aligned by label."""

import operator
from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.weights.alignment import FORMS, on_common_units
from yrdspatial.weights.gal import write_gal
from yrdspatial.weights.graphs import (
    as_year,
    checked_matrix,
    graph_of,
    is_graph,
    named,
    permuted,
    same_units,
    unique_labels,
)
from yrdspatial.weights.matrices import canonical, deduplicated, described

if TYPE_CHECKING:
    from libpysal.graph import Graph

Weights: TypeAlias = "Graph | WeightsSeries | pd.DataFrame"
"""What every consumer of weights accepts: a graph, graphs by year, or a labelled square table."""


class WeightsSeries(Mapping[int, "Graph"]):
    """Spatial weights by year: a read-only mapping from year to ``libpysal.graph.Graph``.

    All years have the same units, in the order of the first year. Years whose weights are equal share one matrix.

    Parameters
    ----------
    weights : Mapping of int to Graph or DataFrame
        Weights of each year; a frame is square, with the units as index and as columns.

    Raises
    ------
    AlignmentError
        If years have different units, or labels repeat.
    WeightsError
        If there is no year, or a weight is negative, not finite, or ties a unit to itself.

    Examples
    --------
    >>> chain = pd.DataFrame([[0, 1, 0], [1, 0, 1], [0, 1, 0]], index=list("abc"), columns=list("abc"))
    >>> series = WeightsSeries({2005: chain, 2006: chain})
    >>> series.years, series.units.tolist()
    ((2005, 2006), ['a', 'b', 'c'])
    >>> series.array().shape
    (2, 3, 3)
    """

    _graphs: "dict[int, Graph]"

    def __init__(self, weights: "Mapping[int, Graph | pd.DataFrame]") -> None:
        if not weights:
            raise WeightsError("no year has weights", cure="give at least one year")
        pairs = sorted(
            ((as_year(year), value) for year, value in weights.items()), key=operator.itemgetter(0)
        )
        matrices, units = on_common_units(pairs)
        self._set(tuple(year for year, _ in pairs), matrices, units)
        self._graphs = {
            year: value for year, value in pairs if is_graph(value) and value.unique_ids.equals(units)
        }

    def _set(self, years: tuple[int, ...], matrices: list[csr_array], units: "pd.Index[Any]") -> None:
        self._years, self._units = years, units
        self._matrices, self._position = deduplicated(matrices)
        self._graphs = {}

    @classmethod
    def from_matrices(cls, matrices: Mapping[int, csr_array], units: "pd.Index[Any]") -> Self:
        """Weights from sparse matrices whose rows and columns follow ``units``.

        Parameters
        ----------
        matrices : Mapping of int to sparse array, shape (N, N)
            Weights by year.
        units : Index, length N
            Labels of the rows and columns.

        Returns
        -------
        WeightsSeries
            The labelled weights.

        Examples
        --------
        >>> series = WeightsSeries.from_matrices({2005: csr_array([[0, 1], [1, 0]])}, pd.Index(["a", "b"]))
        >>> series[2005].n
        2
        """
        series = cls.__new__(cls)
        labels = unique_labels(pd.Index(units), "units").rename("unit")
        years = tuple(sorted(as_year(year) for year in matrices))
        checked = [checked_matrix(canonical(matrices[year]), labels, where=str(year)) for year in years]
        series._set(years, checked, labels)
        return series

    @classmethod
    def from_frames(cls, frames: Mapping[int, pd.DataFrame]) -> Self:
        """Weights from labelled square tables.

        Parameters
        ----------
        frames : Mapping of int to DataFrame, shape (N, N)
            Weights by year, with the units as index and as columns.

        Returns
        -------
        WeightsSeries
            The weights by year.

        Examples
        --------
        >>> table = pd.DataFrame([[0.0, 1.0], [0.5, 0.0]], index=["a", "b"], columns=["a", "b"])
        >>> float(WeightsSeries.from_frames({2005: table}).array()[0, 1, 0])
        0.5
        """
        return cls(frames)

    @property
    def units(self) -> "pd.Index[Any]":
        """The labels of the units, in the order of rows and columns."""
        return self._units

    @property
    def years(self) -> tuple[int, ...]:
        """The years, ascending."""
        return self._years

    def __getitem__(self, year: int) -> "Graph":
        if year not in self._years:
            raise KeyError(year)
        if year not in self._graphs:
            position = self._position[self._years.index(year)]
            self._graphs[year] = graph_of(self._matrices[position], self._units)
        return self._graphs[year]

    def __iter__(self) -> Iterator[int]:
        return iter(self._years)

    def __len__(self) -> int:
        return len(self._years)

    def __repr__(self) -> str:
        span = f"{self._years[0]}-{self._years[-1]}"
        return f"<WeightsSeries of {len(self._units)} units in {span}, {len(self._matrices)} distinct>"

    def take(self, years: Iterable[int]) -> Self:
        """Keep the weights of some of the years.

        Parameters
        ----------
        years : iterable of int
            Years to keep.

        Returns
        -------
        WeightsSeries
            The same units, fewer years.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["a", "b"])
        >>> WeightsSeries({2005: table, 2006: table}).take([2006]).years
        (2006,)
        """
        positions = self._year_positions(years)
        kept = {self._years[t]: self._matrices[self._position[t]] for t in positions}
        series = type(self).from_matrices(kept, self._units)
        series._graphs = {year: graph for year, graph in self._graphs.items() if year in kept}
        return series

    def sparse(
        self, units: Iterable[Hashable] | None = None, years: Iterable[int] | None = None
    ) -> list[csr_array]:
        """Give sparse weights by position.

        Parameters
        ----------
        units : iterable, optional
            All the units, in the order wanted; by default the order of ``.units``.
        years : iterable of int, optional
            Years wanted; by default all.

        Returns
        -------
        list of csr_array, T of shape (N, N)
            Years whose weights are equal share one object.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 1], [2, 0]], index=["a", "b"], columns=["a", "b"])
        >>> WeightsSeries({2005: table}).sparse(units=["b", "a"])[0].toarray()
        array([[0., 2.],
               [1., 0.]])
        """
        order = self._unit_positions(units)
        wanted = self._position[self._year_positions(years)]
        chosen = {position: permuted(self._matrices[position], order) for position in np.unique(wanted)}
        return [chosen[position] for position in wanted]

    def distinct(
        self, units: Iterable[Hashable] | None = None, years: Iterable[int] | None = None
    ) -> tuple[list[npt.NDArray[np.float64]], npt.NDArray[np.intp]]:
        """Give the distinct dense weights and which of them each year has.

        Parameters
        ----------
        units : iterable, optional
            All the units, in the order wanted.
        years : iterable of int, optional
            Years wanted; by default all.

        Returns
        -------
        matrices : list of ndarray, each of shape (N, N)
            The distinct weights, in the order of first use.
        position : ndarray of int, shape (T,)
            ``matrices[position[t]]`` are the weights of year t.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["a", "b"])
        >>> matrices, position = WeightsSeries({2005: table, 2006: table.copy()}).distinct()
        >>> len(matrices), position.tolist()
        (1, [0, 0])
        """
        matrices, position = self.distinct_sparse(units, years)
        return [matrix.toarray() for matrix in matrices], position

    def distinct_sparse(
        self, units: Iterable[Hashable] | None = None, years: Iterable[int] | None = None
    ) -> tuple[list[csr_array], npt.NDArray[np.intp]]:
        """Give the distinct sparse weights and which of them each year has.

        Parameters
        ----------
        units : iterable, optional
            All the units, in the order wanted.
        years : iterable of int, optional
            Years wanted; by default all.

        Returns
        -------
        matrices : list of csr_array, each of shape (N, N)
            The distinct weights, in the order of first use.
        position : ndarray of int, shape (T,)
            ``matrices[position[t]]`` are the weights of year t.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["a", "b"])
        >>> matrices, position = WeightsSeries({2005: table, 2006: 2 * table}).distinct_sparse()
        >>> [matrix.nnz for matrix in matrices], position.tolist()
        ([2, 2], [0, 1])
        """
        order = self._unit_positions(units)
        wanted = self._position[self._year_positions(years)]
        firsts = list(dict.fromkeys(wanted.tolist()))
        position = np.array([firsts.index(place) for place in wanted], dtype=np.intp)
        return [permuted(self._matrices[place], order) for place in firsts], position

    def array(
        self, units: Iterable[Hashable] | None = None, years: Iterable[int] | None = None
    ) -> npt.NDArray[np.float64]:
        """Give dense weights by position.

        Parameters
        ----------
        units : iterable, optional
            All the units, in the order wanted.
        years : iterable of int, optional
            Years wanted; by default all.

        Returns
        -------
        ndarray, shape (T, N, N)
            ``[t, i, j]`` is the weight that unit i gives to unit j in year t.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 1], [2, 0]], index=["a", "b"], columns=["a", "b"])
        >>> WeightsSeries({2005: table}).array(units=["b", "a"])
        array([[[0., 2.],
                [1., 0.]]])
        """
        return np.stack([matrix.toarray() for matrix in self.sparse(units, years)])

    def summary(self) -> pd.DataFrame:
        """Describe the weights of each year.

        Returns
        -------
        DataFrame, one row a year
            ``units``; ``pairs`` linked at least one way; ``neighbours_mean``, ``neighbours_min``,
            ``neighbours_max``; ``islands``, the units without neighbours; ``effective_neighbours``, the mean of
            1 / sum_j p_ij^2 with p row-standardized, over units with neighbours; ``density``, links over N (N - 1);
            ``components``, islands included; ``spectral_radius``; ``one_way``, the share of links without their
            reverse.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 1, 0], [1, 0, 1], [0, 1, 0]], index=list("abc"), columns=list("abc"))
        >>> WeightsSeries({2005: table}).summary().loc[2005, ["pairs", "neighbours_max", "components"]].tolist()
        [2, 2, 1]
        """
        rows = [described(matrix) for matrix in self._matrices]
        index = pd.Index(self._years, name="year")
        return pd.DataFrame([rows[position] for position in self._position], index=index)

    def to_gal(self, folder: str | Path) -> tuple[Path, ...]:
        """Write one GAL file a year, all or none; a GAL file holds who is a neighbour, not how much.

        Parameters
        ----------
        folder : str or Path
            Where the files ``<year>.gal`` go; made when missing.

        Returns
        -------
        tuple of Path
            The files written.

        Examples
        --------
        >>> table = pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["a", "b"])
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     [path.name for path in WeightsSeries({2005: table}).to_gal(folder)]
        ['2005.gal']
        """
        return write_gal(self, Path(folder))

    def _year_positions(self, years: Iterable[int] | None) -> list[int]:
        wanted = self._years if years is None else [as_year(year) for year in years]
        missing = [year for year in wanted if year not in self._years]
        if missing:
            have = f"{self._years[0]}-{self._years[-1]}"
            raise AlignmentError(
                "years without weights", where=named(missing), cure=f"the weights have {have}"
            )
        return [self._years.index(year) for year in wanted]

    def _unit_positions(self, units: Iterable[Hashable] | None) -> npt.NDArray[np.intp] | None:
        if units is None:
            return None
        wanted = unique_labels(pd.Index(units), "units asked for")
        same_units(self._units, wanted, "units asked for")
        order = np.asarray(self._units.get_indexer(wanted), dtype=np.intp)
        return None if (order == np.arange(order.size)).all() else order


def as_series(weights: Weights, years: Iterable[int]) -> WeightsSeries:
    """Any accepted form of weights as weights by year, with exactly the years asked.

    Parameters
    ----------
    weights : Graph, WeightsSeries or DataFrame
        A graph or a labelled square table counts for every year.
    years : iterable of int
        Years wanted.

    Returns
    -------
    WeightsSeries
        The weights as given: nothing is standardized again.

    Raises
    ------
    WeightsError
        If the object is none of the three.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["a", "b"])
    >>> as_series(table, range(2005, 2008)).years
    (2005, 2006, 2007)
    """
    if isinstance(weights, WeightsSeries):
        return weights.take(years)
    if is_graph(weights) or isinstance(weights, pd.DataFrame):
        return WeightsSeries(dict.fromkeys(years, weights))
    raise WeightsError(f"{type(weights).__name__} is no form of weights", cure=FORMS)
