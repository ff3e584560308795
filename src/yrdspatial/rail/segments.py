"""Which tracks are in the data: line segments and stations read and checked, stations put on their line for drawing."""

from pathlib import Path

import numpy as np
import pandas as pd

from yrdspatial.datasets import read_table
from yrdspatial.errors import DataError

SEGMENTS = "rail/lines.csv"
STATIONS = "rail/stations.csv"
KINDS = ("hsr", "upgraded", "link", "hublink")
NUMBERS = ("km", "operating_speed_kmh")
SEGMENT_COLUMNS = ("line", "seq", "from_station", "to_station", *NUMBERS, "opened", "kind")
STATION_COLUMNS = ("station", "adcode", "main", "lon", "lat")
POINT = ["lon", "lat"]


def read_segments(*, data_dir: str | Path | None = None) -> pd.DataFrame:
    """Read the line segments.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder; ``rail/lines.csv`` there stands in for the shipped file.

    Returns
    -------
    pandas.DataFrame
        One row a segment: ``line``, ``seq`` (its place on the line), ``from_station``, ``to_station``, ``km``,
        ``operating_speed_kmh``, ``opened`` (day), ``kind`` ("hsr", "upgraded", "link", "hublink"), and the sources.

    Examples
    --------
    >>> int(read_segments()["line"].nunique())
    67
    """
    return check_segments(read_table(SEGMENTS, data_dir=data_dir))


def read_stations(*, data_dir: str | Path | None = None) -> pd.DataFrame:
    """Read the stations.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder; ``rail/stations.csv`` there stands in for the shipped file.

    Returns
    -------
    pandas.DataFrame
        Index ``station``; ``adcode`` (missing outside the delta), ``main`` (1 = a main urban station: where the
        trips of its city begin and end), ``lon``, ``lat`` (degrees, missing where unknown), and the source.

    Examples
    --------
    >>> int(read_stations().loc["上海虹桥", "adcode"])
    310000
    """
    return check_stations(read_table(STATIONS, data_dir=data_dir))


def check_segments(segments: pd.DataFrame) -> pd.DataFrame:
    """Check a table of line segments and turn its days into dates.

    Parameters
    ----------
    segments : pandas.DataFrame
        Columns as in :func:`read_segments`; ``opened`` as text or dates.

    Returns
    -------
    pandas.DataFrame
        The same rows, ``opened`` as ``datetime64``.

    Raises
    ------
    DataError
        If a column is missing, a length, speed, day or kind makes no sense, or a segment stands twice.

    Examples
    --------
    >>> row = dict(line="A", seq=1, from_station="x", to_station="y", km=0.0)
    >>> check_segments(pd.DataFrame([row | dict(operating_speed_kmh=300, opened="2010-07-01", kind="hsr")]))
    Traceback (most recent call last):
    yrdspatial.errors.DataError: km must be a positive number [A, x to y]: correct it in rail/lines.csv
    """
    _need(segments, SEGMENT_COLUMNS, SEGMENTS)
    numbers = {column: pd.to_numeric(segments[column], errors="coerce") for column in NUMBERS}
    checked = segments.assign(opened=pd.to_datetime(segments["opened"], errors="coerce"), **numbers)
    for problem, bad in _problems(checked).items():
        if bad.any():
            row = segments.loc[bad].iloc[0]
            where = f"{row['line']}, {row['from_station']} to {row['to_station']}"
            raise DataError(problem, where=where, cure=f"correct it in {SEGMENTS}")
    return checked


def check_stations(stations: pd.DataFrame) -> pd.DataFrame:
    """Check a table of stations and index it by name.

    Parameters
    ----------
    stations : pandas.DataFrame
        Columns ``station``, ``adcode`` (missing outside the delta), ``main``, ``lon``, ``lat``.

    Returns
    -------
    pandas.DataFrame
        Index ``station``, ``adcode`` as ``Int64``.

    Raises
    ------
    DataError
        If a column is missing or a station stands twice.

    Examples
    --------
    >>> check_stations(pd.DataFrame(dict(station=["x", "x"], adcode=310000, main=1, lon=0.0, lat=0.0)))
    Traceback (most recent call last):
    yrdspatial.errors.DataError: a station stands twice [x]: keep one row of it in rail/stations.csv
    """
    _need(stations, STATION_COLUMNS, STATIONS)
    twice = stations["station"].duplicated()
    if twice.any():
        name = str(stations.loc[twice, "station"].iloc[0])
        raise DataError("a station stands twice", where=name, cure=f"keep one row of it in {STATIONS}")
    return stations.astype({"adcode": "Int64"}).set_index("station")


def place_stations(segments: pd.DataFrame, stations: pd.DataFrame) -> pd.DataFrame:
    """Return a point for every station of the lines: its own, or one interpolated by track length.

    Parameters
    ----------
    segments : pandas.DataFrame
        Line segments.
    stations : pandas.DataFrame
        Stations, indexed by name.

    Returns
    -------
    pandas.DataFrame
        Index ``station``, columns ``lon``, ``lat`` in degrees. A station without a point lies between its two
        nearest located neighbours on the first line that has such, at the end of a line on the nearest one.
        For drawing only: travel times use track lengths.

    Examples
    --------
    >>> points = place_stations(read_segments(), read_stations())
    >>> bool(points.notna().all(axis=None))
    True
    """
    names = pd.Index(
        np.unique(segments[["from_station", "to_station"]].to_numpy(dtype=object)), name="station"
    )
    points = stations[POINT].reindex(names).astype(np.float64)
    for _, line in segments.sort_values(["opened", "line", "seq"]).groupby("line", sort=False):
        stops = pd.Index([line["from_station"].iloc[0], *line["to_station"]])
        along = np.concatenate([[0.0], line["km"].cumsum().to_numpy(dtype=np.float64)])
        known = points.loc[stops, "lon"].notna().to_numpy()
        for column in POINT if known.any() and not known.all() else []:
            values = points.loc[stops, column].to_numpy()
            points.loc[stops[~known], column] = np.interp(along[~known], along[known], values[known])
    return points


def _need(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise DataError(
            f"columns are missing: {', '.join(missing)}", where=name, cure="keep the shipped layout"
        )


def _problems(checked: pd.DataFrame) -> dict[str, pd.Series]:
    ends = [frozenset(pair) for pair in zip(checked["from_station"], checked["to_station"], strict=True)]
    numbers = {
        f"{column} must be a positive number": ~(np.isfinite(checked[column]) & (checked[column] > 0))
        for column in NUMBERS
    }
    return numbers | {
        "the day of opening must be a date such as 2010-07-01": checked["opened"].isna(),
        f"kind must be one of {', '.join(KINDS)}": ~checked["kind"].isin(KINDS),
        "a segment stands twice": pd.Series(
            pd.DataFrame({"line": checked["line"], "ends": ends}, index=checked.index).duplicated()
        ),
    }
