"""The border of the weights: a graph or a labelled table becomes a matrix with labels, and back."""

import operator
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.weights.matrices import canonical

if TYPE_CHECKING:
    from libpysal.graph import Graph


def is_graph(weights: object) -> TypeGuard["Graph"]:
    """Whether an object is a ``libpysal.graph.Graph``; libpysal is not imported to find out.

    Parameters
    ----------
    weights : object
        Anything.

    Returns
    -------
    bool
        True for a Graph.

    Examples
    --------
    >>> is_graph("contiguity")
    False
    """
    module = sys.modules.get("libpysal.graph")
    return module is not None and isinstance(weights, module.Graph)


def graph_of(matrix: csr_array, units: "pd.Index[Any]", transformation: str = "O") -> "Graph":
    """Make a libpysal Graph of a matrix, in the order of the units; an island is a self-loop of weight zero.

    Parameters
    ----------
    matrix : csr_array, shape (N, N)
        Canonical weights.
    units : Index, length N
        Labels of rows and columns.
    transformation : str
        libpysal's letter for what was done to the weights: "O" original, "R" row-standardized, "C" custom.

    Returns
    -------
    Graph
        The labelled weights.

    Examples
    --------
    >>> graph = graph_of(canonical([[0, 1, 0], [1, 0, 0], [0, 0, 0]]), pd.Index(["c", "a", "b"]))
    >>> graph.unique_ids.tolist(), graph.isolates.tolist()
    (['c', 'a', 'b'], ['b'])
    """
    from libpysal.graph import Graph

    counts = np.diff(matrix.indptr)
    islands = np.flatnonzero(counts == 0)
    rows = np.concatenate([np.repeat(np.arange(len(units)), counts), islands])
    order = np.argsort(rows, kind="stable")
    cols = np.concatenate([matrix.indices, islands])[order]
    data = np.concatenate([matrix.data, np.zeros(islands.size)])[order]
    index = pd.MultiIndex(levels=[units, units], codes=[rows[order], cols], names=["focal", "neighbor"])  # type: ignore[list-item]
    return Graph(pd.Series(data, index=index, name="weight"), transformation, is_sorted=True)


def matrix_of(weights: "Graph | pd.DataFrame") -> tuple[csr_array, "pd.Index[Any]"]:
    """Read the canonical matrix and the labels off a graph or a labelled square table.

    Parameters
    ----------
    weights : Graph or DataFrame
        Non-negative weights; the columns of a frame may be in another order than its rows.

    Returns
    -------
    matrix : csr_array, shape (N, N)
        Weights by position.
    units : Index, length N
        Labels, in the order of the graph or of the rows.

    Examples
    --------
    >>> table = pd.DataFrame([[1, 0], [0, 2]], index=["a", "b"], columns=["b", "a"])
    >>> matrix_of(table)[0].toarray()
    array([[0., 1.],
           [2., 0.]])
    """
    units = unique_labels(weights.unique_ids if is_graph(weights) else weights.index, "rows").rename("unit")
    matrix = _graph_matrix(weights, units) if is_graph(weights) else _frame_matrix(weights, units)
    return checked_matrix(matrix, units), units


def _graph_matrix(graph: "Graph", units: "pd.Index[Any]") -> csr_array:
    adjacency = graph.adjacency
    ends = [adjacency.index.get_level_values(level) for level in ("focal", "neighbor")]
    rows, cols = (units.get_indexer(labels) for labels in ends)
    if (cols < 0).any():
        stray = pd.unique(ends[1][cols < 0])
        raise AlignmentError(
            "neighbours that are no units of the graph", where=named(stray), cure="give them a row"
        )
    return canonical(csr_array((adjacency.to_numpy(float), (rows, cols)), shape=(len(units), len(units))))


def _frame_matrix(frame: pd.DataFrame, units: "pd.Index[Any]") -> csr_array:
    return canonical(square_values(frame, units, "weights"))


def square_values(frame: pd.DataFrame, units: "pd.Index[Any]", what: str) -> npt.NDArray[np.float64]:
    """Read the numbers of a labelled square table, rows and columns in the order of the units.

    Parameters
    ----------
    frame : DataFrame, shape (N, N)
        Units as index and as columns, each in any order.
    units : Index, length N
        The order wanted.
    what : str
        What the numbers are, for the message.

    Returns
    -------
    ndarray, shape (N, N)
        Numbers by position.

    Raises
    ------
    WeightsError
        If the table holds text.

    Examples
    --------
    >>> table = pd.DataFrame([[1, 0], [0, 2]], index=["a", "b"], columns=["b", "a"])
    >>> square_values(table, pd.Index(["b", "a"]), "minutes")
    array([[0., 2.],
           [1., 0.]])
    """
    for labels, side in ((frame.index, "rows"), (frame.columns, "columns")):
        same_units(units, unique_labels(labels, side), f"{side} of the {what} table")
    placed = frame.index.equals(units) and frame.columns.equals(units)
    try:
        values = frame.to_numpy(dtype=float)
        return (
            values
            if placed
            else values[np.ix_(frame.index.get_indexer(units), frame.columns.get_indexer(units))]
        )
    except (TypeError, ValueError) as error:
        raise WeightsError(f"the {what} table holds text", cure="make every entry a number") from error


def checked_matrix(matrix: csr_array, units: "pd.Index[Any]", where: str = "") -> csr_array:
    """Return the matrix itself, when its weights are finite and non-negative and no unit is its own neighbour.

    Parameters
    ----------
    matrix : csr_array, shape (N, N)
        Canonical weights.
    units : Index, length N
        Labels of rows and columns, for the message.
    where : str
        The year, for the message.

    Returns
    -------
    csr_array, shape (N, N)
        The same object.

    Raises
    ------
    AlignmentError
        If the shape does not fit the units.
    WeightsError
        If a weight is negative or not finite, or ties a unit to itself.

    Examples
    --------
    >>> checked_matrix(canonical([[0, -1], [1, 0]]), pd.Index(["a", "b"]))
    Traceback (most recent call last):
    yrdspatial.errors.WeightsError: negative weights [a-b]: weights are zero or more
    """
    if matrix.shape != (len(units), len(units)):
        raise AlignmentError(f"weights of shape {matrix.shape} for {len(units)} units", where=where)
    rows = np.repeat(np.arange(len(units)), np.diff(matrix.indptr))
    sound = bool(np.isfinite(matrix.data).all() and (matrix.data >= 0).all())
    if sound and not (rows == matrix.indices).any():
        return matrix
    links = matrix.tocoo()
    problems = (
        (
            "weights that are not finite",
            ~np.isfinite(links.data),
            "write 0 where two units are no neighbours",
        ),
        ("negative weights", links.data < 0, "weights are zero or more"),
        ("units that are their own neighbours", links.row == links.col, "set the diagonal to zero"),
    )
    for what, bad, cure in problems:
        if bad.any():
            pairs = zip(units[links.row[bad]], units[links.col[bad]], strict=True)
            places = named(f"{focal}-{neighbour}" for focal, neighbour in pairs)
            raise WeightsError(what, where=f"{where}: {places}" if where else places, cure=cure)
    return matrix


def unique_labels(labels: "pd.Index[Any]", what: str) -> "pd.Index[Any]":
    """Return the labels themselves, when there are some, none repeats and none is missing.

    Parameters
    ----------
    labels : Index
        Labels of units.
    what : str
        What they label, for the message.

    Returns
    -------
    Index
        The same object.

    Raises
    ------
    AlignmentError
        If a label repeats or is missing, or there is none.

    Examples
    --------
    >>> unique_labels(pd.Index(["a", "a"]), "rows")
    Traceback (most recent call last):
    yrdspatial.errors.AlignmentError: labels of rows repeat [a]: keep one of each
    """
    if labels.empty:
        raise AlignmentError(f"there are no {what}", cure="give at least one unit")
    if labels.hasnans:
        raise AlignmentError(f"labels of {what} are missing", cure="label every unit")
    if not labels.is_unique:
        twice = named(labels[labels.duplicated()].unique())
        raise AlignmentError(f"labels of {what} repeat", where=twice, cure="keep one of each")
    return labels


def same_units(units: "pd.Index[Any]", other: "pd.Index[Any]", what: str) -> None:
    """Check that two sets of labels are the same, in whatever order.

    Parameters
    ----------
    units, other : Index
        Unique labels.
    what : str
        What ``other`` labels, for the message.

    Raises
    ------
    AlignmentError
        If a label is in one of them alone; the labels are named.

    Examples
    --------
    >>> same_units(pd.Index(["a", "b"]), pd.Index(["b", "c"]), "columns")
    Traceback (most recent call last):
    yrdspatial.errors.AlignmentError: other units [columns: without a; not in the weights c]: use ...
    """
    if units.equals(other):
        return
    lacking, strange = units[~units.isin(other)], other[~other.isin(units)]
    if len(lacking) or len(strange):
        parts = [f"without {named(lacking)}"] if len(lacking) else []
        parts += [f"not in the weights {named(strange)}"] if len(strange) else []
        cure = "use weights built for exactly these units, with labels of the same type"
        raise AlignmentError("other units", where=f"{what}: {'; '.join(parts)}", cure=cure)


def label_ranks(labels: "pd.Index[Any]") -> npt.NDArray[np.intp]:
    """Rank labels, so that ties are broken alike whatever the order of the units.

    Parameters
    ----------
    labels : Index, length N
        Unique labels of one type.

    Returns
    -------
    ndarray of int, shape (N,)
        Zero for the smallest label.

    Raises
    ------
    AlignmentError
        If labels of different types cannot be sorted.

    Examples
    --------
    >>> label_ranks(pd.Index([330200, 310000, 340100])).tolist()
    [1, 0, 2]
    """
    try:
        return np.argsort(np.argsort(labels.to_numpy(), kind="stable"))
    except TypeError as error:
        raise AlignmentError(
            "labels of units are of different types", cure="use codes or names alone"
        ) from error


def named(labels: Iterable[object]) -> str:
    """Show the first five labels, and how many more there are.

    Parameters
    ----------
    labels : iterable
        Labels to show.

    Returns
    -------
    str
        Comma-separated labels.

    Examples
    --------
    >>> named(range(7))
    '0, 1, 2, 3, 4 and 2 more'
    """
    texts = [str(label) for label in labels]
    more = f" and {len(texts) - 5} more" if len(texts) > 5 else ""
    return ", ".join(texts[:5]) + more


def as_year(year: object) -> int:
    """Return a year as a plain integer.

    Parameters
    ----------
    year : object
        An int, or a numpy integer.

    Returns
    -------
    int
        The year.

    Raises
    ------
    AlignmentError
        If it is no integer.

    Examples
    --------
    >>> as_year(np.int64(2005))
    2005
    """
    try:
        return operator.index(year)  # type: ignore[arg-type]
    except TypeError as error:
        raise AlignmentError(
            "a year is no integer", where=repr(year), cure="write years as 2005, 2006, ..."
        ) from error


def permuted(matrix: csr_array, order: npt.NDArray[np.intp] | None) -> csr_array:
    """Copy a matrix with rows and columns in another order.

    Parameters
    ----------
    matrix : csr_array, shape (N, N)
        Canonical weights.
    order : ndarray of int, shape (N,), or None
        The old position of each new one; None leaves the order.

    Returns
    -------
    csr_array, shape (N, N)
        Canonical weights.

    Examples
    --------
    >>> permuted(canonical([[0, 2], [1, 0]]), np.array([1, 0])).toarray()
    array([[0., 1.],
           [2., 0.]])
    """
    return matrix.copy() if order is None else canonical(matrix[order][:, order])
