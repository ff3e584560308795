"""Who is near in time: weights by year from travel times, k nearest or falling with minutes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.weights.distance import checked_count, checked_cutoff, decayed, nearest_links
from yrdspatial.weights.graphs import as_year, named, same_units, square_values, unique_labels
from yrdspatial.weights.matrices import canonical
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.standardize import Standardization
from yrdspatial.weights.standardize import standardize as scaled

if TYPE_CHECKING:
    from yrdspatial.rail.travel_time import TravelTimes

Decay: TypeAlias = Literal["knn", "exponential", "inverse", "threshold"]
Times: TypeAlias = "TravelTimes | Mapping[int, pd.DataFrame] | pd.DataFrame"
"""Minutes between units by year; one table alone counts as the year 0."""


def rail_weights(
    times: Times,
    *,
    decay: Decay = "knn",
    k: int = 5,
    tau: float = 30.0,
    power: float = 1.0,
    cutoff: float | None = None,
    access: float = 60.0,
    standardize: Standardization = "row",
) -> WeightsSeries:
    """Make weights by year from travel times.

    With unit and time effects use sparse or steep weights: a dense W is nearly the time effect, and the spatial
    parameter is then hardly identified; ``.summary()`` gives the effective number of neighbours.

    Parameters
    ----------
    times : TravelTimes, Mapping of int to DataFrame, or DataFrame
        Minutes from row to column; ``inf`` is unreachable and weighs nothing. One table alone is the year 0:
        ``rail_weights(table)[0]`` is its graph.
    decay : {"knn", "exponential", "inverse", "threshold"}
        - "knn": one for the k nearest in time; the smaller label where two are as near.
        - "exponential": exp(-minutes / tau).
        - "inverse": (minutes + access) to the power of minus ``power``.
        - "threshold": one up to the cut-off.
    k : int
        Neighbours of "knn"; fewer where fewer can be reached.
    tau : float
        Minutes in which "exponential" falls to 1/e.
    power : float
        Exponent of "inverse".
    cutoff : float, optional
        Minutes; a longer way is no link under any decay. "threshold" needs it.
    access : float
        Minutes to and from the stations, in "inverse" only.
    standardize : {"row", "spectral", "minmax", "common", "none"}
        As in ``standardize``. "row" erases what all times of a unit share, so growth of the network too; "common"
        keeps it.

    Returns
    -------
    WeightsSeries
        One graph a year; a unit that reaches nobody is an island.

    Raises
    ------
    WeightsError
        If the decay does not exist, its numbers make no sense, or times are negative or missing.

    References
    ----------
    Qu, X., Lee, L.-f., & Yu, J. (2017). QML estimation of spatial dynamic panel data models with endogenous time
    varying spatial weights matrices. *Journal of Econometrics*, 197(2), 173-201.

    Examples
    --------
    >>> hours = pd.DataFrame([[0, 1, 2], [1, 0, 1.5], [2, 1.5, 0]], index=list("ABC"), columns=list("ABC"))
    >>> rail_weights({2016: 60 * hours}, decay="exponential", tau=60).array()[0].round(4)
    array([[0.    , 0.7311, 0.2689],
           [0.6225, 0.    , 0.3775],
           [0.3775, 0.6225, 0.    ]])
    """
    if decay not in get_args(Decay):
        raise WeightsError(f"there is no decay {decay!r}", cure=f"choose one of {', '.join(get_args(Decay))}")
    if decay == "threshold" and cutoff is None:
        raise WeightsError("the threshold decay needs its threshold", cure="give cutoff in minutes")
    if not (0 < tau < np.inf and 0 <= power < np.inf and 0 <= access < np.inf):
        what = f"tau {tau}, power {power}, access {access} make no sense"
        raise WeightsError(what, cure="tau is positive, power and access are zero or more")
    minutes, units = minutes_by_year(times)
    checked_cutoff(cutoff)
    count = checked_count(k, len(units)) if decay == "knn" else None

    def weigh(table: npt.NDArray[np.float64]) -> csr_array:
        rows, cols, gaps = links_of(table, units, cutoff=cutoff, k=count)
        if decay == "inverse":
            return decayed(rows, cols, gaps + access, power, units)
        values = np.exp(-gaps / tau) if decay == "exponential" else np.ones(gaps.size)
        return canonical(csr_array((values, (rows, cols)), shape=table.shape))

    series = WeightsSeries.from_matrices({year: weigh(table) for year, table in minutes.items()}, units)
    return scaled(series, standardize)


def links_of(
    table: npt.NDArray[np.float64],
    units: "pd.Index[Any]",
    *,
    cutoff: float | None = None,
    k: int | None = None,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Find who can be reached: within the cut-off, the k nearest.

    Parameters
    ----------
    table : ndarray, shape (N, N)
        Minutes; ``inf`` is unreachable; the diagonal does not count.
    units : Index, length N
        Labels, for ties.
    cutoff : float, optional
        The longest time.
    k : int, optional
        The largest number of neighbours.

    Returns
    -------
    rows, cols : ndarray of int, shape (L,)
        Positions of the links.
    minutes : ndarray, shape (L,)
        Their times.

    Examples
    --------
    >>> rows, cols, minutes = links_of(np.array([[0, 30.0], [np.inf, 0]]), pd.Index(["a", "b"]))
    >>> rows.tolist(), cols.tolist(), minutes.tolist()
    ([0], [1], [30.0])
    """
    rows, cols = np.nonzero(np.isfinite(table) & ~np.eye(len(table), dtype=bool))
    kept = nearest_links(rows, cols, table[rows, cols], units, cutoff=cutoff, k=k)
    return rows[kept], cols[kept], table[rows[kept], cols[kept]]


def minutes_by_year(times: Times) -> tuple[dict[int, npt.NDArray[np.float64]], "pd.Index[Any]"]:
    """Read travel times, aligned by label.

    Parameters
    ----------
    times : TravelTimes, Mapping of int to DataFrame, or DataFrame
        Minutes by year; one table alone is the year 0.

    Returns
    -------
    minutes : dict of int to ndarray, shape (N, N)
        Minutes by year.
    units : Index, length N
        Labels of rows and columns, in the order of the first year.

    Raises
    ------
    AlignmentError
        If there is no year.
    WeightsError
        If what is given is no travel times.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 30], [30, 0]], index=["a", "b"], columns=["a", "b"])
    >>> minutes_by_year(table)[0]
    {0: array([[ 0., 30.],
           [30.,  0.]])}
    """
    if isinstance(times, pd.DataFrame | Mapping):
        frames = {0: times} if isinstance(times, pd.DataFrame) else times
        if not frames:
            raise AlignmentError("there are no travel times", cure="give at least one year")
        units = unique_labels(frames[min(frames)].index, "travel times")
        for year, frame in frames.items():
            same_units(
                units, unique_labels(frame.index, f"travel times of {year}"), f"travel times of {year}"
            )
        minutes = {
            as_year(year): square_values(frames[year], units, "travel times") for year in sorted(frames)
        }
    elif not hasattr(times, "array"):
        cure = "give travel_times(years), a table of minutes, or a table by year"
        raise WeightsError("no travel times", where=type(times).__name__, cure=cure)
    else:
        units = unique_labels(pd.Index(times.units), "travel times")
        minutes = dict(zip(map(as_year, times.years), np.asarray(times.array, dtype=float), strict=True))
    for year, table in minutes.items():
        _check_minutes(table, units, year)
    return minutes, units


def _check_minutes(table: npt.NDArray[np.float64], units: "pd.Index[Any]", year: int) -> None:
    bad = np.isnan(table) | (table < 0)
    np.fill_diagonal(bad, val=False)
    if bad.any():
        pairs = named(f"{units[i]}-{units[j]}" for i, j in zip(*np.nonzero(bad), strict=True))
        cure = "write inf where there is no way"
        raise WeightsError("travel times are missing or negative", where=f"{year}: {pairs}", cure=cure)
