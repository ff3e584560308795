"""The scale of the weights: by row, by an eigenvalue, by the minmax norm, or one for all years."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args, overload

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.errors import WeightsError
from yrdspatial.weights.graphs import graph_of
from yrdspatial.weights.matrices import minmax_norm, row_sums, scaled_rows, spectral_radius
from yrdspatial.weights.series import Weights, WeightsSeries, as_series

if TYPE_CHECKING:
    from libpysal.graph import Graph

Standardization: TypeAlias = Literal["row", "spectral", "minmax", "common", "none"]
"""The five scales."""


@overload
def standardize(w: WeightsSeries, how: Standardization, *, base: int | None = None) -> WeightsSeries: ...
@overload
def standardize(w: "Graph | pd.DataFrame", how: Standardization, *, base: int | None = None) -> "Graph": ...
def standardize(w: Weights, how: Standardization, *, base: int | None = None) -> "Graph | WeightsSeries":
    """Bring weights to a common scale; islands stay empty rows.

    Parameters
    ----------
    w : Graph, WeightsSeries or DataFrame
        Non-negative weights.
    how : {"row", "spectral", "minmax", "common", "none"}
        - "row": every row sums to one: the lag is a mean of neighbours. Over years it erases what all rows share:
          halving all travel times leaves the weights as they were.
        - "spectral": each year divided by its largest absolute eigenvalue, so that rho < 1 is the bound of each.
        - "minmax": each year divided by the smaller of its largest row and column sum.
        - "common": all years divided by the largest absolute eigenvalue of one base year, so that growth of the
          network stays in the weights. On a graph it is "spectral".
        - "none": as given.
    base : int, optional
        The base year of "common"; by default the first.

    Returns
    -------
    Graph or WeightsSeries
        Of the kind given; a frame becomes a Graph.

    Raises
    ------
    WeightsError
        If ``how`` is none of the five, ``base`` is given where nothing uses it, or the eigenvalue to divide by is
        zero.

    References
    ----------
    Kelejian, H. H., & Prucha, I. R. (2010). Specification and estimation of spatial autoregressive models with
    autoregressive and heteroskedastic disturbances. *Journal of Econometrics*, 157(1), 53-67, section 2.2.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 1, 3], [1, 0, 0], [3, 0, 0]], index=list("abc"), columns=list("abc"))
    >>> standardize(table, "row")["a"].tolist()
    [0.25, 0.75]
    >>> series = WeightsSeries({2005: table, 2010: 2 * table})
    >>> standardize(series, "common").summary()["spectral_radius"].round(6).tolist()
    [1.0, 2.0]
    """
    if how not in get_args(Standardization):
        cure = f"choose one of {', '.join(get_args(Standardization))}"
        raise WeightsError(f"there is no standardization {how!r}", cure=cure)
    if base is not None and not (how == "common" and isinstance(w, WeightsSeries)):
        raise WeightsError("a base year is for the common scale of weights by year", cure="leave base out")
    if isinstance(w, WeightsSeries):
        return _by_year(w, how, base)
    series = as_series(w, [0])
    graph = graph_of(_by_year(series, how, None).sparse()[0], series.units, "R" if how == "row" else "C")
    return series[0] if how == "none" else graph


def _by_year(series: WeightsSeries, how: Standardization, base: int | None) -> WeightsSeries:
    if how == "none":
        return series
    matrices = series.sparse()
    if how == "common":
        year = series.years[0] if base is None else base
        scale = _radius(series.sparse(years=[year])[0], str(year))
        scaled = {id(matrix): _divided(matrix, scale) for matrix in matrices}
    else:
        scaled = {id(matrix): _SCALES[how](matrix) for matrix in matrices}
    by_year = {year: scaled[id(matrix)] for year, matrix in zip(series.years, matrices, strict=True)}
    return WeightsSeries.from_matrices(by_year, series.units)


def _radius(matrix: csr_array, where: str = "") -> float:
    radius = spectral_radius(matrix)
    if radius == 0:
        what = "the largest eigenvalue of the weights is zero"
        raise WeightsError(
            what, where=where, cure='standardize by "row", or by "common" with another base year'
        )
    return radius


def _divided(matrix: csr_array, scale: float) -> csr_array:
    return scaled_rows(matrix, np.full(matrix.shape[0], scale))


def _by_row(matrix: csr_array) -> csr_array:
    return scaled_rows(matrix, row_sums(matrix))


def _by_spectrum(matrix: csr_array) -> csr_array:
    return _divided(matrix, _radius(matrix)) if matrix.nnz else matrix


def _by_minmax(matrix: csr_array) -> csr_array:
    return _divided(matrix, minmax_norm(matrix)) if matrix.nnz else matrix


_SCALES: dict[str, Callable[[csr_array], csr_array]] = {
    "row": _by_row,
    "spectral": _by_spectrum,
    "minmax": _by_minmax,
}
