"""Weights of several years in one order of units."""

from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.weights.graphs import matrix_of, permuted, same_units

if TYPE_CHECKING:
    from libpysal.graph import Graph


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
