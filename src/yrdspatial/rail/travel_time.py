"""How long between the cities, year by year."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import GapError, YrdSpatialError
from yrdspatial.rail.modes import MODES, RoadRule
from yrdspatial.rail.network import RailNetwork, load_rail

DAYS = {"mid_year": "07-01", "year_end": "12-31"}


@dataclass(frozen=True, eq=False, repr=False)
class TravelTimes:
    """Travel times between the cities by year (made by :func:`travel_times`).

    Attributes
    ----------
    array : numpy.ndarray
        Minutes, shape (T, N, N): symmetric, zero diagonal, ``inf`` = unreachable.
    units : pandas.Index
        Codes of the cities, shape (N,).
    years : tuple of int
        The years, shape (T,).
    mode_codes : numpy.ndarray
        Codes into :data:`yrdspatial.rail.modes.MODES`, shape (T, N, N).

    Examples
    --------
    >>> times = travel_times([2010, 2016])
    >>> times
    TravelTimes(41 units, 2010, 2016)
    >>> times.modes(2016).loc[310000, 320100]
    'hsr'
    """

    array: npt.NDArray[np.float64]
    units: pd.Index
    years: tuple[int, ...]
    mode_codes: npt.NDArray[np.int8]

    def __repr__(self) -> str:
        return f"TravelTimes({len(self.units)} units, {', '.join(map(str, self.years))})"

    def frame(self, year: int) -> pd.DataFrame:
        """Return the times of a year.

        Parameters
        ----------
        year : int
            One of ``years``.

        Returns
        -------
        pandas.DataFrame
            Minutes, shape (N, N), index and columns ``adcode``.

        Examples
        --------
        >>> travel_times([2016]).frame(2016).shape
        (41, 41)
        """
        return pd.DataFrame(self.array[self._position(year)].copy(), index=self.units, columns=self.units)

    def modes(self, year: int) -> pd.DataFrame:
        """Return the mode that won for each pair in a year.

        Parameters
        ----------
        year : int
            One of ``years``.

        Returns
        -------
        pandas.DataFrame
            "hsr", "conventional", "road", "unreachable", and "self" on the diagonal; shape (N, N).

        Examples
        --------
        >>> travel_times([2006]).modes(2006).loc[310000, 320100]
        'conventional'
        """
        names = np.array(MODES, dtype=object)[self.mode_codes[self._position(year)]]
        return pd.DataFrame(names, index=self.units, columns=self.units)

    def _position(self, year: int) -> int:
        if year not in self.years:
            raise GapError(
                "no travel times of this year",
                where=str(year),
                cure=f"years here: {', '.join(map(str, self.years))}",
            )
        return self.years.index(year)


def travel_times(
    years: Iterable[int],
    *,
    when: Literal["mid_year", "year_end"] = "mid_year",
    access: float = 0.0,
    fallback: bool | RoadRule = True,
    network: RailNetwork | None = None,
) -> TravelTimes:
    """Return the travel times between the cities on one day of each year.

    Parameters
    ----------
    years : iterable of int
        The years; kept in their order. Before 2007 there is no high-speed line: only the fallback is left.
    when : {"mid_year", "year_end"}
        1 July or 31 December: a line counts when it opened on or before that day.
    access : float
        Minutes added to a trip by rail (both ends together) before the modes are compared.
    fallback : bool or RoadRule
        True: the fastest of high-speed rail, conventional rail (of 2016 in every year) and road; a
        :class:`RoadRule` replaces the road assumption; False: high-speed rail alone.
    network : RailNetwork, optional
        Another network than the shipped one.

    Returns
    -------
    TravelTimes
        Minutes by year. Speeds are constant, so that with the same arguments no pair gets slower over the years.

    Raises
    ------
    YrdSpatialError
        If ``when`` is not known, or the years are none, stand twice, or are not years.

    Examples
    --------
    >>> times = travel_times(range(2007, 2025))
    >>> times.array.shape
    (18, 41, 41)
    """
    if when not in DAYS:
        raise YrdSpatialError(f"when={when!r} is not known", cure=f"choose one of {', '.join(DAYS)}")
    wanted = check_years(years)
    rail = load_rail() if network is None else network
    results = [
        rail.fastest_modes(f"{year}-{DAYS[when]}", access=access, fallback=fallback) for year in wanted
    ]
    minutes, codes = zip(*results, strict=True)
    return TravelTimes(array=np.stack(minutes), units=rail.units, years=wanted, mode_codes=np.stack(codes))


def check_years(years: Iterable[int]) -> tuple[int, ...]:
    """Check years.

    Parameters
    ----------
    years : iterable of int
        The years.

    Returns
    -------
    tuple of int
        The same, in their order.

    Raises
    ------
    YrdSpatialError
        If they are none, stand twice, or are not years.

    Examples
    --------
    >>> check_years(range(2007, 2009))
    (2007, 2008)
    """
    if isinstance(years, int):
        raise YrdSpatialError(f"{years} is one year", cure=f"give years in a list, such as [{years}]")
    wanted = tuple(years)
    bad = [year for year in wanted if year not in range(1900, 2101)]
    if bad:
        raise YrdSpatialError(f"{bad[0]!r} is not a year", cure="give whole numbers such as 2016")
    if not wanted or len(set(wanted)) < len(wanted):
        raise YrdSpatialError(f"years are none or stand twice: {wanted}", cure="give each year once")
    return tuple(int(year) for year in wanted)
