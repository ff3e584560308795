"""Neighbours inside and outside a group, as two weights that sum to one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.geography.units import load_units
from yrdspatial.weights.graphs import graph_of, named
from yrdspatial.weights.matrices import canonical, row_sums, scaled_rows
from yrdspatial.weights.series import Weights, WeightsSeries, as_series

if TYPE_CHECKING:
    from libpysal.graph import Graph

Groups = Mapping[Any, Any] | pd.Series | Literal["province"]
ONE = 1e-12


@overload
def split_weights(w: WeightsSeries, groups: Groups) -> dict[str, WeightsSeries]: ...
@overload
def split_weights(w: "Graph | pd.DataFrame", groups: Groups) -> "dict[str, Graph]": ...
def split_weights(w: Weights, groups: Groups) -> "dict[str, Graph] | dict[str, WeightsSeries]":
    """Split weights into links within groups and links across them.

    Both are divided by the row sum of all links of the unit, not each by its own: a unit with one neighbour in
    another province then gives it the weight it has among all its neighbours. The two sum to the row-standardized
    weights; where a row sums to one already, its weights stay as they are.

    Parameters
    ----------
    w : Graph, WeightsSeries or DataFrame
        Non-negative weights.
    groups : Series, Mapping, or "province"
        Label of each unit; "province" for the 41 cities.

    Returns
    -------
    dict
        ``{"within": ..., "across": ...}``, of the kind given (a frame becomes a Graph).

    Examples
    --------
    >>> chain = pd.DataFrame(np.eye(4, k=1) + np.eye(4, k=-1), index=list("abcd"), columns=list("abcd"))
    >>> parts = split_weights(chain, pd.Series([1, 1, 2, 2], index=list("abcd")))
    >>> parts["across"]["b"].to_dict(), parts["within"]["a"].to_dict()
    ({'c': 0.5}, {'b': 1.0})
    """
    series = w if isinstance(w, WeightsSeries) else as_series(w, [0])
    group = _group_numbers(groups, series.units)
    matrices = dict(zip(series.years, series.sparse(), strict=True))
    parts = {
        name: {year: _part(matrix, group, within=name == "within") for year, matrix in matrices.items()}
        for name in ("within", "across")
    }
    if isinstance(w, WeightsSeries):
        return {name: WeightsSeries.from_matrices(part, series.units) for name, part in parts.items()}
    return {name: graph_of(part[0], series.units, "C") for name, part in parts.items()}


def _part(matrix: csr_array, group: npt.NDArray[np.intp], *, within: bool) -> csr_array:
    sums = row_sums(matrix)
    sums[np.abs(sums - 1) < ONE] = 1.0
    links = scaled_rows(matrix, sums).tocoo()
    kept = (group[links.row] == group[links.col]) == within
    return canonical(csr_array((links.data[kept], (links.row[kept], links.col[kept])), shape=matrix.shape))


def _group_numbers(groups: Groups, units: "pd.Index[Any]") -> npt.NDArray[np.intp]:
    if isinstance(groups, str):
        if groups != "province":
            what = f"there is no grouping {groups!r}"
            raise WeightsError(what, cure='choose "province", or give a Series of labels by unit')
        labels = load_units()["province_en"]
    else:
        labels = pd.Series(groups)
    if not labels.index.is_unique:
        twice = named(labels.index[labels.index.duplicated()])
        raise AlignmentError("units are in two groups", where=twice, cure="give one label for each unit")
    own = labels.reindex(units)
    if own.isna().any():
        raise AlignmentError(
            "units are in no group", where=named(units[own.isna()]), cure="give each unit a label"
        )
    return np.asarray(pd.factorize(own)[0], dtype=np.intp)
