"""Who is near: great-circle distance, by power, cut-off, and number of neighbours."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from yrdspatial.errors import WeightsError
from yrdspatial.geography.units import EARTH_RADIUS_KM, great_circle_km, load_units
from yrdspatial.weights.graphs import graph_of, label_ranks, named, unique_labels
from yrdspatial.weights.matrices import canonical
from yrdspatial.weights.standardize import Standardization
from yrdspatial.weights.standardize import standardize as scaled

if TYPE_CHECKING:
    from libpysal.graph import Graph

COORDINATES = (("lon", "lat"), ("seat_lon", "seat_lat"))
ROUNDING = 1e-9


def distance_weights(
    units: pd.DataFrame | None = None,
    *,
    power: float = 1.0,
    cutoff: float | None = None,
    k: int | None = None,
    standardize: Standardization = "row",
) -> "Graph":
    """Make weights that fall with great-circle distance.

    Parameters
    ----------
    units : DataFrame or GeoDataFrame, optional
        Index: units; columns ``lon`` and ``lat`` (or ``seat_lon`` and ``seat_lat``) in degrees, or points. By default
        the seats of the 41 cities.
    power : float
        The weight is distance to the power of minus this; 0 gives zeros and ones.
    cutoff : float, optional
        Kilometres; units farther apart are no neighbours.
    k : int, optional
        Only the k nearest are neighbours; the smaller label where two are as near. With neither ``k`` nor ``cutoff``
        every pair is a link.
    standardize : {"row", "spectral", "minmax", "common", "none"}
        As in ``standardize``.

    Returns
    -------
    Graph
        Weights in the order of the units; a unit with none within the cut-off is an island.

    Raises
    ------
    WeightsError
        If coordinates are missing or no degrees, power, cutoff or k make no sense, or two units with a positive power
        lie at one point.

    References
    ----------
    Anselin, L. (1988). *Spatial Econometrics: Methods and Models*. Kluwer, section 3.1.2.

    Examples
    --------
    >>> places = pd.DataFrame({"lon": [0.0, 0.0, 0.0], "lat": [0.0, 1.0, 3.0]}, index=["a", "b", "c"])
    >>> distance_weights(places)["b"].round(4).to_dict()
    {'a': 0.6667, 'c': 0.3333}
    >>> distance_weights(places, power=0, k=1)["c"].to_dict()
    {'b': 1.0}
    """
    table = load_units() if units is None else units
    labels = unique_labels(table.index, "units")
    if not (np.isfinite(power) and power >= 0):
        raise WeightsError(f"power {power} makes no sense", cure="choose zero or more")
    lon, lat = _coordinates(table)
    rows, cols = _candidates(lon, lat, checked_cutoff(cutoff), checked_count(k, len(labels)))
    gaps = great_circle_km(lon[rows], lat[rows], lon[cols], lat[cols])
    kept = nearest_links(rows, cols, gaps, labels, cutoff=cutoff, k=k)
    weights = decayed(rows[kept], cols[kept], gaps[kept], power, labels)
    return scaled(graph_of(weights, labels), standardize)


def nearest_links(
    rows: npt.NDArray[np.intp],
    cols: npt.NDArray[np.intp],
    gaps: npt.NDArray[np.float64],
    labels: "pd.Index[Any]",
    *,
    cutoff: float | None = None,
    k: int | None = None,
) -> npt.NDArray[np.intp]:
    """Choose links: within the cut-off, then the k smallest gaps of each row, the smaller label where gaps are equal.

    Parameters
    ----------
    rows, cols : ndarray of int, shape (L,)
        Positions of the links.
    gaps : ndarray, shape (L,)
        Kilometres or minutes.
    labels : Index, length N
        Labels of the positions.
    cutoff : float, optional
        The largest gap.
    k : int, optional
        The largest number of links of a row.

    Returns
    -------
    ndarray of int
        Places among the links, sorted by row and gap.

    Examples
    --------
    >>> rows, cols = np.array([0, 0]), np.array([1, 2])
    >>> nearest_links(rows, cols, np.array([5.0, 5.0]), pd.Index(["a", "c", "b"]), k=1).tolist()
    [1]
    """
    order = np.lexsort((label_ranks(labels)[cols], gaps, rows))
    if cutoff is not None:
        order = order[gaps[order] <= cutoff]
    if k is None:
        return order
    sorted_rows = rows[order]
    place = np.arange(order.size) - np.searchsorted(sorted_rows, sorted_rows)
    return order[place < k]


def decayed(
    rows: npt.NDArray[np.intp],
    cols: npt.NDArray[np.intp],
    gaps: npt.NDArray[np.float64],
    power: float,
    labels: "pd.Index[Any]",
) -> csr_array:
    """Make inverse-power weights of links.

    Parameters
    ----------
    rows, cols : ndarray of int, shape (L,)
        Positions of the links.
    gaps : ndarray, shape (L,)
        Kilometres or minutes.
    power : float
        The weight is gap to the power of minus this.
    labels : Index, length N
        Labels of the positions.

    Returns
    -------
    csr_array, shape (N, N)
        Canonical weights.

    Raises
    ------
    WeightsError
        If a gap is zero and the power is not.

    Examples
    --------
    >>> decayed(np.array([0]), np.array([1]), np.array([4.0]), 0.5, pd.Index(["a", "b"])).toarray()
    array([[0. , 0.5],
           [0. , 0. ]])
    """
    joined = (gaps == 0) & (power > 0)
    if joined.any():
        pairs = zip(labels[rows[joined]], labels[cols[joined]], strict=True)
        where = named(dict.fromkeys("-".join(map(str, sorted(pair))) for pair in pairs))
        cure = "merge the units, move one of them, or choose power=0 or a positive access time"
        raise WeightsError("the gap between units is zero and its inverse infinite", where=where, cure=cure)
    return canonical(csr_array((gaps**-power, (rows, cols)), shape=(len(labels), len(labels))))


def checked_cutoff(cutoff: float | None) -> float | None:
    """Return the cut-off itself when it is positive.

    Parameters
    ----------
    cutoff : float or None
        Kilometres or minutes.

    Returns
    -------
    float or None
        The same.

    Raises
    ------
    WeightsError
        If it is not positive.

    Examples
    --------
    >>> checked_cutoff(120.0)
    120.0
    """
    if cutoff is not None and not cutoff > 0:
        raise WeightsError(f"cutoff {cutoff} leaves nobody a neighbour", cure="choose a positive number")
    return cutoff


def checked_count(k: int | None, count: int) -> int | None:
    """Return the number of neighbours itself when the units allow it.

    Parameters
    ----------
    k : int or None
        Neighbours of each unit.
    count : int
        Units.

    Returns
    -------
    int or None
        The same.

    Raises
    ------
    WeightsError
        If it is no whole number from 1 to the number of other units.

    Examples
    --------
    >>> checked_count(5, 41)
    5
    """
    if k is not None and not (k == int(k) and 1 <= k < count):
        raise WeightsError(
            f"k = {k} neighbours of {count} units", cure=f"choose a whole number from 1 to {count - 1}"
        )
    return k


def _coordinates(table: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    names = next((pair for pair in COORDINATES if set(pair) <= set(table.columns)), None)
    if names is not None:
        lon, lat = (pd.to_numeric(table[name], errors="coerce").to_numpy(float) for name in names)
    elif hasattr(table, "geom_type"):
        lon, lat = _point_coordinates(table)
    else:
        cure = "give a frame with columns lon and lat in degrees, or points"
        raise WeightsError("the units have no coordinates", cure=cure)
    bad = ~((np.abs(lon) <= 360) & (np.abs(lat) <= 90))
    if bad.any():
        where = named(table.index[bad])
        raise WeightsError(
            "coordinates are missing or no degrees", where=where, cure="give lon and lat in degrees"
        )
    return lon, lat


def _point_coordinates(table: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    bad = (table.geom_type != "Point").to_numpy()
    if bad.any() or table.crs is None:
        what = "shapes that are no points" if bad.any() else "points without a coordinate reference system"
        cure = "take shapes.representative_point()" if bad.any() else "set it with set_crs"
        raise WeightsError(what, where=named(table.index[bad]), cure=cure)
    points = table.geometry.to_crs(4326)
    return points.x.to_numpy(), points.y.to_numpy()


def _candidates(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], cutoff: float | None, k: int | None
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    # pairs of units that may be neighbours, found by their chords through the earth
    if cutoff is None and k is None:
        everyone = ~np.eye(lon.size, dtype=bool)
        rows, cols = np.nonzero(everyone)
        return rows, cols
    lam, phi = np.radians(lon), np.radians(lat)
    points = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)
    tree = cKDTree(points)
    reach = np.full(lon.size, 2.0)
    if k is not None:
        reach = tree.query(points, k=k + 1)[0][:, k]
    if cutoff is not None:
        reach = np.minimum(reach, 2 * np.sin(min(cutoff / EARTH_RADIUS_KM, np.pi) / 2))
    found = tree.query_ball_point(points, reach * (1 + ROUNDING) + ROUNDING)
    rows = np.repeat(np.arange(lon.size), [len(near) for near in found])
    cols = np.concatenate([np.asarray(near, dtype=np.intp) for near in found])
    return rows[rows != cols], cols[rows != cols]
