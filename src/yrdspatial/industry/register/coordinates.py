"""The coordinates of Chinese maps, GCJ-02 and BD-09, brought back to WGS 84."""

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from yrdspatial.errors import SpecificationError

Floats: TypeAlias = npt.NDArray[np.float64]
System: TypeAlias = Literal["wgs84", "gcj02", "bd09"]
SEMI_MAJOR_AXIS, ECCENTRICITY2 = 6378245.0, 0.00669342162296594323  # Krasovsky 1940
ROUNDS = 10  # each takes about 1e-3 of the error away
LON_SHIFT = ((20.0, 1.0), (40.0, 1.0 / 3.0), (150.0, 1.0 / 12.0), (300.0, 1.0 / 30.0))
LAT_SHIFT = ((20.0, 1.0), (40.0, 1.0 / 3.0), (160.0, 1.0 / 12.0), (320.0, 1.0 / 30.0))


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, *, crs: System) -> tuple[Floats, Floats]:
    """Return WGS 84 coordinates of points on a Chinese map.

    Parameters
    ----------
    lon, lat : array_like
        Degrees; any shape.
    crs : {"wgs84", "gcj02", "bd09"}
        What the coordinates are: GPS, the maps of Gaode, Tencent and Google in China, or those of Baidu.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees; the round trip closes to 1e-10 degrees inside China (0.01 mm).

    Raises
    ------
    SpecificationError
        If the system is none of the three.

    References
    ----------
    The shift has no official publication; the formula is the one that open-source converters share (eviltransform,
    coordtransform) and whose examples they publish.

    Examples
    --------
    >>> lon, lat = to_wgs84(121.531541859215, 31.17530398364597, crs="gcj02")
    >>> round(float(lon), 7), round(float(lat), 7)
    (121.5272106, 31.1774276)
    """
    if crs not in {"wgs84", "gcj02", "bd09"}:
        cure = 'say "wgs84", "gcj02" or "bd09"'
        raise SpecificationError(f'there is no system of coordinates "{crs}" here', cure=cure)
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if crs == "bd09":
        x, y = _from_baidu(x, y)
    return (x, y) if crs == "wgs84" else _from_shifted(x, y)


def to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the coordinates on a Chinese map of points in WGS 84.

    Parameters
    ----------
    lon, lat : array_like
        Degrees; any shape.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees, GCJ-02.

    Examples
    --------
    >>> lon, lat = to_gcj02(121.5272106, 31.1774276)
    >>> round(float(lon), 9), round(float(lat), 9)
    (121.531541859, 31.175303984)
    """
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    dx, dy = _shift(x, y)
    return x + dx, y + dy


def _shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    common = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    root, product = 0.1 * np.sqrt(np.abs(x)), 0.1 * x * y
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + product + root + common + _waves(x, LON_SHIFT)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + product + 2.0 * root + common + _waves(y, LAT_SHIFT)
    phi = np.radians(lat)
    magic = 1.0 - ECCENTRICITY2 * np.sin(phi) ** 2
    along = np.pi / 180.0 * SEMI_MAJOR_AXIS * np.cos(phi) / np.sqrt(magic)
    upward = np.pi / 180.0 * SEMI_MAJOR_AXIS * (1.0 - ECCENTRICITY2) / (magic * np.sqrt(magic))
    return east / along, north / upward


def _waves(z: Floats, amplitudes: tuple[tuple[float, float], ...]) -> Floats:
    return sum((size * np.sin(z * np.pi * rate) for size, rate in amplitudes), np.zeros_like(z)) * 2.0 / 3.0


def _from_shifted(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon, lat
    for _ in range(ROUNDS):
        dx, dy = _shift(x, y)
        x, y = lon - dx, lat - dy
    return x, y


def _from_baidu(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y, turn = lon - 0.0065, lat - 0.006, np.pi * 3000.0 / 180.0
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * turn)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * turn)
    return radius * np.cos(angle), radius * np.sin(angle)
