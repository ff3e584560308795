"""Weights of several years in one order of units."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.errors import WeightsError
from yrdspatial.weights.graphs import is_graph, matrix_of, permuted, same_units

if TYPE_CHECKING:
    from libpysal.graph import Graph

FORMS = "give a libpysal Graph (Graph.from_W converts a W), a WeightsSeries, or a labelled square DataFrame"


def aligned(weights: "Graph | pd.DataFrame", units: "pd.Index[Any]") -> csr_array:
    """Read the matrix of a graph or a labelled square table in the order of given units.

    Parameters
    ----------
    weights : Graph or DataFrame
        Weights of exactly these units.
    units : Index, length N
        Unique labels.

    Returns
    -------
    csr_array, shape (N, N)
        Weights by position.

    Raises
    ------
    WeightsError
        If the object is no form of weights.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 1], [2, 0]], index=["a", "b"], columns=["a", "b"])
    >>> aligned(table, pd.Index(["b", "a"])).toarray()
    array([[0., 2.],
           [1., 0.]])
    """
    if not (is_graph(weights) or isinstance(weights, pd.DataFrame)):
        raise WeightsError(f"{type(weights).__name__} is no form of weights", cure=FORMS)
    matrix, own = matrix_of(weights)
    if own.equals(units):
        return matrix
    same_units(own, units, "units asked for")
    return permuted(matrix, np.asarray(own.get_indexer(units), dtype=np.intp))


def on_common_units(
    pairs: "list[tuple[int, Graph | pd.DataFrame]]",
) -> tuple[list[csr_array], "pd.Index[Any]"]:
    """Read the matrix of each year in the order of the units of the first year.

    Parameters
    ----------
    pairs : list of (int, Graph or DataFrame)
        Years and their weights.

    Returns
    -------
    matrices : list of csr_array, each of shape (N, N)
        One object a source.
    units : Index, length N
        Labels of rows and columns.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["a", "b"])
    >>> matrices, units = on_common_units([(2005, table), (2006, table)])
    >>> matrices[0] is matrices[1], units.tolist()
    (True, ['a', 'b'])
    """
    sources = {id(value): value for _, value in pairs}
    read = {key: matrix_of(value) for key, value in sources.items()}
    units = read[id(pairs[0][1])][1]
    for year, value in pairs:
        same_units(units, read[id(value)][1], f"weights of {year}")
    placed = {key: permuted(matrix, own.get_indexer(units)) for key, (matrix, own) in read.items()}
    return [placed[id(value)] for _, value in pairs], units
