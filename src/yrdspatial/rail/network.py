"""Which lines run on a given day, and how long a trip takes by them."""

import functools
import warnings
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.datasets import read_table, read_toml
from yrdspatial.errors import DataError, YrdSpatialError, YrdSpatialWarning
from yrdspatial.geography.units import load_units, seat_distances
from yrdspatial.rail.graph import RailGraph, RailParameters, build_graph, city_minutes
from yrdspatial.rail.modes import RoadRule, fastest
from yrdspatial.rail.segments import place_stations, read_segments, read_stations

CONVENTIONAL = "rail/conventional.csv"
PARAMETERS = "rail/parameters.toml"
Day = str | date | np.datetime64
Modes = tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]


@dataclass(frozen=True, eq=False, repr=False)
class RailNetwork:
    """The dated rail network of the delta (made by :func:`load_rail`).

    Attributes
    ----------
    segments : pandas.DataFrame
        One row a line segment, with its length (km), operating speed (km/h, constant over time), day of opening,
        and kind: "hsr" (new high-speed lines), "upgraded" (older lines run by fast trains), "link" (junctions
        run through by trains), "hublink" (between the stations of one city).
    stations : pandas.DataFrame
        One row a station; trips of a city begin and end at its main urban stations only, so that a city whose
        county towns alone are on a line has no high-speed service.
    conventional : pandas.DataFrame
        Fastest conventional trains of November 2016, minutes, N x N, ``inf`` where there is none.
    parameters : RailParameters
        Speeds and losses, calibrated on the timetable of March 2016.

    Examples
    --------
    >>> network = load_rail()
    >>> network
    RailNetwork(67 lines, 2007-04-18 to 2024-12-26)
    >>> round(float(network.travel_time("2016-03-10").loc[310000, 320100]))
    77
    """

    segments: pd.DataFrame
    stations: pd.DataFrame
    conventional: pd.DataFrame
    parameters: RailParameters

    def __repr__(self) -> str:
        days = self.openings()
        return f"RailNetwork({len(days)} lines, {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d})"

    @property
    def units(self) -> pd.Index:
        """Codes of the cities, shape (N,), in the order of every result."""
        return self.conventional.index

    @functools.cached_property
    def graph(self) -> RailGraph:
        """The dated graph of all lines, as arrays."""
        return build_graph(self.segments, self.stations, self.units)

    def travel_time(
        self, when: Day, *, access: float = 0.0, fallback: bool | RoadRule = True
    ) -> pd.DataFrame:
        """Return the travel times between the cities on a day.

        Parameters
        ----------
        when : str or date
            A day; a line counts when it opened on or before it.
        access : float
            Minutes added to a trip by rail (both ends together) before the modes are compared.
        fallback : bool or RoadRule
            True: the fastest of high-speed rail, conventional rail and road (``RoadRule()``: 30 minutes plus
            1.3 times the great-circle distance of the seats at 80 km/h, an assumption). A :class:`RoadRule`
            replaces the assumption. False: high-speed rail alone, ``inf`` where it does not lead.

        Returns
        -------
        pandas.DataFrame
            Minutes, shape (N, N), index and columns ``adcode``; symmetric, zero diagonal.

        Examples
        --------
        >>> bool(np.isinf(load_rail().travel_time("2024-12-31", fallback=False).loc[330900, 310000]))
        True
        """
        minutes, _ = self.fastest_modes(when, access=access, fallback=fallback)
        return pd.DataFrame(minutes, index=self.units, columns=self.units)

    def fastest_modes(self, when: Day, *, access: float = 0.0, fallback: bool | RoadRule = True) -> Modes:
        """Return the travel times of a day and the mode of each, as arrays.

        Parameters
        ----------
        when : str or date
            A day.
        access : float
            Minutes added to a trip by rail.
        fallback : bool or RoadRule
            As in :meth:`travel_time`.

        Returns
        -------
        tuple of numpy.ndarray
            Minutes, and codes into :data:`yrdspatial.rail.modes.MODES`, both of shape (N, N).

        Raises
        ------
        YrdSpatialError
            If the access time is not a number of minutes, or the day is not a date.

        Examples
        --------
        >>> minutes, modes = load_rail().fastest_modes("2006-07-01")
        >>> sorted(set(modes.ravel().tolist()))
        [1, 2, 4]
        """
        if not 0 <= access < np.inf:
            raise YrdSpatialError(f"access is {access}", cure="give minutes, 0 or more")
        day = self._day(when)
        rail = city_minutes(self.graph, day.to_datetime64().astype("datetime64[D]"), self.parameters) + access
        if fallback is False:
            return fastest(rail)
        rule = fallback if isinstance(fallback, RoadRule) else RoadRule()
        km = seat_distances().loc[self.units, self.units].to_numpy()
        return fastest(rail, self.conventional.to_numpy() + access, rule.minutes(km))

    def lines(self, when: Day) -> pd.DataFrame:
        """Return the segments open on a day, with points for drawing.

        Parameters
        ----------
        when : str or date
            A day.

        Returns
        -------
        pandas.DataFrame
            The rows of ``segments`` opened on or before the day, sorted by opening, line and ``seq``, with
            ``from_lon``, ``from_lat``, ``to_lon``, ``to_lat`` in degrees. Stations whose points are not known
            are interpolated along their line.

        Examples
        --------
        >>> load_rail().lines("2008-12-31")["line"].nunique()
        7
        """
        running = self.segments[self.segments["opened"] <= self._day(when)]
        points = {
            f"{end}_{column}": self._points.loc[running[f"{end}_station"], column].to_numpy()
            for end in ("from", "to")
            for column in ("lon", "lat")
        }
        return running.assign(**points).sort_values(["opened", "line", "seq"], ignore_index=True)

    def openings(self) -> pd.Series:
        """Return the first day of every line.

        Returns
        -------
        pandas.Series
            Index ``line``, values ``opened`` (days), sorted by day and name. Links and hub links are lines too.

        Examples
        --------
        >>> str(load_rail().openings()["京沪高铁"].date())
        '2011-06-30'
        """
        first = self.segments.groupby("line")["opened"].min().reset_index()
        return first.sort_values(["opened", "line"]).set_index("line")["opened"]

    def first_service(self, *, upgraded: bool = True) -> pd.Series:
        """Return the day on which the first line reached a main station of each city.

        Parameters
        ----------
        upgraded : bool
            Whether older lines run by fast trains count (kind "upgraded": the lines of the sixth speed-up of
            2007, 宁启, 衢宁, 金台). False: new high-speed lines and their links only. Hub links never count.

        Returns
        -------
        pandas.Series
            Index ``adcode``, values days; missing where no line has reached a main station.

        Examples
        --------
        >>> network = load_rail()
        >>> str(network.first_service()[320600].date()), str(network.first_service(upgraded=False)[320600].date())
        ('2016-05-15', '2020-07-01')
        """
        kinds = ["hsr", "link", *(["upgraded"] if upgraded else [])]
        counted = self.segments[self.segments["kind"].isin(kinds)]
        mains = self.stations.loc[self.stations["main"].eq(1), "adcode"]
        calls = pd.concat([counted.set_index(f"{end}_station")["opened"] for end in ("from", "to")])
        first: pd.Series = calls.groupby(mains.reindex(calls.index).to_numpy()).min()
        return first.reindex(self.units).rename("first_service").rename_axis("adcode")

    @functools.cached_property
    def _points(self) -> pd.DataFrame:
        return place_stations(self.segments, self.stations)

    def _day(self, when: Day) -> pd.Timestamp:
        day = parse_day(when)
        last = self.segments["opened"].max().year
        if day.year > last:
            message = f"lines opened after {last} are not in the data: the network of {day:%Y-%m-%d} is that of {last}"
            warnings.warn(message, YrdSpatialWarning, stacklevel=4)
        return day


def load_rail(*, data_dir: str | Path | None = None) -> RailNetwork:
    """Load the dated rail network.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder, laid over the shipped files: a longer ``rail/lines.csv`` adds lines.

    Returns
    -------
    RailNetwork
        Lines, stations and conventional trains with the calibrated parameters.

    Examples
    --------
    >>> load_rail().parameters.speed_factor < 1
    True
    """
    units = load_units().index
    return RailNetwork(
        segments=read_segments(data_dir=data_dir),
        stations=read_stations(data_dir=data_dir),
        conventional=_square(read_table(CONVENTIONAL, data_dir=data_dir), units),
        parameters=RailParameters(**read_toml(PARAMETERS, data_dir=data_dir)["parameters"]),
    )


def parse_day(when: Day) -> pd.Timestamp:
    """Turn a date, or text such as "2016-03-10", into a day.

    Parameters
    ----------
    when : str or date
        The day. A bare number is refused: 2016 is not a day.

    Returns
    -------
    pandas.Timestamp
        Midnight of the day, without a time zone.

    Raises
    ------
    YrdSpatialError
        If it is not a date.

    Examples
    --------
    >>> parse_day("2016-03-10")
    Timestamp('2016-03-10 00:00:00')
    """
    cure = 'give a day such as "2016-03-10"; for years see travel_times()'
    if not isinstance(when, str | date | np.datetime64):
        raise YrdSpatialError(f"{when!r} is not a date", cure=cure)
    try:
        day = pd.Timestamp(when)
    except ValueError as error:
        raise YrdSpatialError(f"{when!r} is not a date", cure=cure) from error
    if pd.isna(day):
        raise YrdSpatialError("the date is missing", cure=cure)
    return day.tz_localize(None).normalize()


def _square(pairs: pd.DataFrame, units: pd.Index) -> pd.DataFrame:
    # a symmetric table of minutes from pairs of cities, inf where there is no pair
    ends = [units.get_indexer(pd.Index(pairs[column])) for column in ("from_adcode", "to_adcode")]
    if min(end.min(initial=0) for end in ends) < 0:
        raise DataError("a code is none of the 41 units", where=CONVENTIONAL, cure="load_units() lists them")
    minutes = np.full((len(units), len(units)), np.inf)
    minutes[ends[0], ends[1]] = minutes[ends[1], ends[0]] = pairs["minutes"].to_numpy(dtype=np.float64)
    np.fill_diagonal(minutes, 0.0)
    return pd.DataFrame(minutes, index=units, columns=units)
