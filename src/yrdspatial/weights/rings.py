"""Who is within one hour, and who between one and two: a weight for each ring of travel time."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from yrdspatial.errors import WeightsError
from yrdspatial.weights.matrices import canonical, row_sums, scaled_rows
from yrdspatial.weights.rail import Times, minutes_by_year
from yrdspatial.weights.series import WeightsSeries

if TYPE_CHECKING:
    from scipy.sparse import csr_array

RingScale: TypeAlias = Literal["joint", "row"]
EDGES = (0.0, 60.0, 120.0, 180.0)


def ring_weights(
    times: Times, edges: Sequence[float] = EDGES, *, standardize: RingScale = "joint"
) -> dict[str, WeightsSeries]:
    """Make one weight for each ring of travel time: up to one hour, one to two, two to three.

    A pair lies in the ring (a, b] when its minutes are more than a and at most b, in that year: rings change as lines
    open. A unit with nobody in a ring is an island of that ring and keeps its empty row; ``.summary()`` of each ring
    counts them.

    Parameters
    ----------
    times : TravelTimes, Mapping of int to DataFrame, or DataFrame
        Minutes from row to column; ``inf`` is unreachable. One table alone is the year 0.
    edges : sequence of float
        Ends of the rings in minutes, ascending and finite.
    standardize : {"joint", "row"}
        - "joint": all rings are divided by the number of units in any ring, so that the rings of a unit add up to one
          and its single neighbour within the hour weighs as one of its many neighbours.
        - "row": each ring is divided by its own number of units: the lag is a mean over the ring, and a ring of one
          neighbour weighs as much as a ring of ten.

    Returns
    -------
    dict of str to WeightsSeries
        By ring, such as ``"0_60"``, on the units and years of the times.

    Raises
    ------
    WeightsError
        If the edges are not ascending numbers, or the scale is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame([[0, 60, 130], [60, 0, 90], [130, 90, 0]], index=list("abc"), columns=list("abc"))
    >>> rings = ring_weights(table, (0, 60, 120))
    >>> list(rings), rings["60_120"].array()[0].tolist()
    (['0_60', '60_120'], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.5], [0.0, 1.0, 0.0]])
    """
    if standardize not in get_args(RingScale):
        cure = f"choose one of {', '.join(get_args(RingScale))}"
        raise WeightsError(f"there is no standardization {standardize!r} of rings", cure=cure)
    names = ring_names(edges)
    minutes, units = minutes_by_year(times)
    rings: dict[str, dict[int, csr_array]] = {name: {} for name in names}
    for year, table in minutes.items():
        place = ring_of(table, edges)
        linked = canonical((place >= 1) & (place <= len(names)))
        for ring, name in enumerate(names, start=1):
            own = canonical(place == ring)
            rings[name][year] = scaled_rows(own, row_sums(linked if standardize == "joint" else own))
    return {name: WeightsSeries.from_matrices(by_year, units) for name, by_year in rings.items()}


def ring_names(edges: Sequence[float]) -> list[str]:
    """Name the rings by their ends.

    Parameters
    ----------
    edges : sequence of float
        Ends of the rings in minutes.

    Returns
    -------
    list of str
        One name a ring.

    Raises
    ------
    WeightsError
        If the edges are not at least two ascending, finite numbers of zero or more.

    Examples
    --------
    >>> ring_names((0, 60, 120.5))
    ['0_60', '60_120.5']
    """
    ends = np.asarray(edges, dtype=np.float64)
    if ends.size < 2 or not np.isfinite(ends).all() or ends[0] < 0 or (np.diff(ends) <= 0).any():
        cure = "give ascending minutes, such as (0, 60, 120, 180)"
        raise WeightsError("these are no edges of rings", where=str(list(edges)), cure=cure)
    return [f"{low:g}_{high:g}" for low, high in pairwise(ends)]


def ring_of(table: npt.NDArray[np.float64], edges: Sequence[float]) -> "np.ndarray[Any, np.dtype[np.intp]]":
    """Find the ring of each pair.

    Parameters
    ----------
    table : ndarray, shape (..., N, N)
        Minutes; ``inf`` is unreachable.
    edges : sequence of float, length R + 1
        Ends of the rings.

    Returns
    -------
    ndarray of int, shape (..., N, N)
        1 to R for the rings, 0 for a nearer pair, R + 1 for a farther or unreachable one, -1 on the diagonal.

    Examples
    --------
    >>> ring_of(np.array([[0.0, 60.0], [np.inf, 0.0]]), (0, 60, 120)).tolist()
    [[-1, 1], [3, -1]]
    """
    place = np.searchsorted(np.asarray(edges, dtype=np.float64), table, side="left").astype(np.intp)
    place[..., np.arange(table.shape[-1]), np.arange(table.shape[-1])] = -1
    return place
