"""Who is near to much: the three accessibility measures of the high-speed rail literature."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import AlignmentError, GapError, YrdSpatialError
from yrdspatial.rail.travel_time import TravelTimes

Array = npt.NDArray[np.float64]
MEASURES = ("weighted_time", "potential", "daily")


def accessibility(
    times: TravelTimes | pd.DataFrame,
    mass: pd.DataFrame | pd.Series,
    *,
    measure: Literal["weighted_time", "potential", "daily"] = "weighted_time",
    power: float = 1.0,
    limit: float = 180.0,
) -> pd.DataFrame:
    r"""Return the accessibility of every city in every year. The city itself is left out of all three measures.

    Parameters
    ----------
    times : TravelTimes or pandas.DataFrame
        Travel times in minutes by year, or one square table of them labelled by unit.
    mass : pandas.DataFrame or pandas.Series
        What there is to reach (GDP, persons, their geometric mean): a Series indexed (unit, year), a frame of
        units x years, or a Series indexed by unit that counts for every year. Not negative.
    measure : {"weighted_time", "potential", "daily"}
        - "weighted_time": :math:`\sum_{j \ne i} T_{ij} M_j / \sum_{j \ne i} M_j`, in minutes: small is near;
          ``inf`` when a city with mass is unreachable.
        - "potential": :math:`\sum_{j \ne i} M_j / T_{ij}^a`, in units of mass by minutes to the power a.
        - "daily": :math:`\sum_{j \ne i,\, T_{ij} \le h} M_j`, in units of mass.
    power : float
        a of "potential".
    limit : float
        h of "daily", minutes.

    Returns
    -------
    pandas.DataFrame
        Index (unit, year), sorted; one column named after the measure; T N rows. For one table: index unit.

    Raises
    ------
    YrdSpatialError
        If the measure is not known, or ``power`` or ``limit`` is not a positive number.

    References
    ----------
    Gutiérrez, J. (2001). Location, economic potential and daily accessibility: an analysis of the accessibility
    impact of the high-speed line Madrid-Barcelona-French border. Journal of Transport Geography 9(4), 229-242:
    the three measures. Hansen, W. G. (1959). How accessibility shapes land use. Journal of the American
    Institute of Planners 25(2), 73-76: the potential.

    Examples
    --------
    >>> from yrdspatial.rail.travel_time import travel_times
    >>> times = travel_times([2008, 2016])
    >>> near = accessibility(times, pd.Series(1.0, index=times.units))
    >>> bool((near.xs(2016, level="year") <= near.xs(2008, level="year")).all(axis=None))
    True
    """
    if measure not in MEASURES:
        raise YrdSpatialError(
            f"measure={measure!r} is not known", cure=f"choose one of {', '.join(MEASURES)}"
        )
    if not (0 < power < np.inf and limit > 0):
        raise YrdSpatialError("power and limit must be positive", where=f"power={power}, limit={limit}")
    if isinstance(times, pd.DataFrame):
        one = _one_year(times)
        return accessibility(one, mass, measure=measure, power=power, limit=limit).droplevel("year")
    minutes, weight = times.array, _mass_array(times, mass)
    if measure == "weighted_time":
        values = weighted_time(minutes, weight)
    elif measure == "potential":
        values = potential(minutes, weight, power)
    else:
        values = daily(minutes, weight, limit)
    index = pd.MultiIndex.from_product([times.units, times.years], names=["unit", "year"])
    return pd.DataFrame({measure: values.T.ravel()}, index=index).sort_index()


def weighted_time(minutes: Array, mass: Array) -> Array:
    """Return mean travel times weighted by mass, without the city itself.

    Parameters
    ----------
    minutes : numpy.ndarray
        Travel times, shape (T, N, N).
    mass : numpy.ndarray
        Masses, shape (T, N).

    Returns
    -------
    numpy.ndarray
        Minutes, shape (T, N).

    Examples
    --------
    >>> hours = np.array([[[0.0, 1.0, 2.0], [1.0, 0.0, 1.5], [2.0, 1.5, 0.0]]])
    >>> weighted_time(60 * hours, np.array([[100.0, 50.0, 25.0]])).round(1)
    array([[ 80.,  66., 110.]])
    """
    there = _others(mass)
    weighted = np.multiply(minutes, there, out=np.zeros_like(minutes), where=there > 0)
    return np.asarray(weighted.sum(axis=2) / there.sum(axis=2), dtype=np.float64)


def potential(minutes: Array, mass: Array, power: float) -> Array:
    """Return the sum of masses discounted by travel time, without the city itself.

    Parameters
    ----------
    minutes : numpy.ndarray
        Travel times, shape (T, N, N).
    mass : numpy.ndarray
        Masses, shape (T, N).
    power : float
        Exponent of the travel time.

    Returns
    -------
    numpy.ndarray
        Mass by minutes to the power, shape (T, N).

    Examples
    --------
    >>> potential(np.array([[[0.0, 2.0], [2.0, 0.0]]]), np.array([[3.0, 8.0]]), 2.0)
    array([[2.  , 0.75]])
    """
    there = _others(mass)
    discounted = np.divide(there, minutes**power, out=np.zeros_like(minutes), where=there > 0)
    return np.asarray(discounted.sum(axis=2), dtype=np.float64)


def daily(minutes: Array, mass: Array, limit: float) -> Array:
    """Return the mass that can be reached within a limit, without the city itself.

    Parameters
    ----------
    minutes : numpy.ndarray
        Travel times, shape (T, N, N).
    mass : numpy.ndarray
        Masses, shape (T, N).
    limit : float
        Longest time that counts, minutes.

    Returns
    -------
    numpy.ndarray
        Mass, shape (T, N).

    Examples
    --------
    >>> daily(np.array([[[0.0, 2.0], [2.0, 0.0]]]), np.array([[3.0, 8.0]]), 1.0)
    array([[0., 0.]])
    """
    return np.asarray(np.where(minutes <= limit, _others(mass), 0.0).sum(axis=2), dtype=np.float64)


def _one_year(table: pd.DataFrame) -> TravelTimes:
    units = table.index
    if not (units.is_unique and table.columns.is_unique and set(units) == set(table.columns)):
        raise AlignmentError(
            "a table of travel times must have the same units in rows and columns", cure="label both by unit"
        )
    minutes = table.loc[:, units].to_numpy(dtype=np.float64)[None]
    if not ((minutes >= 0).all() and (minutes[0].diagonal() == 0).all()):
        raise YrdSpatialError(
            "travel times must be 0 on the diagonal and not negative", cure="correct the table"
        )
    return TravelTimes(
        array=minutes, units=units, years=(0,), mode_codes=np.zeros(minutes.shape, dtype=np.int8)
    )


def _others(mass: Array) -> Array:
    # the mass at the destination of every pair, 0 for the city itself: (T, N, N)
    return np.asarray(mass[:, None, :] * (1.0 - np.eye(mass.shape[1])), dtype=np.float64)


def _mass_array(times: TravelTimes, mass: pd.DataFrame | pd.Series) -> Array:
    # the masses in the order of the travel times: (T, N)
    table = _by_year(times, mass)
    if not (table.index.is_unique and table.columns.is_unique):
        raise AlignmentError("a unit or year of the mass stands twice", cure="keep one value each")
    odd = table.index.symmetric_difference(times.units)
    lost = [year for year in times.years if year not in table.columns]
    if len(odd) or lost:
        where = f"unit {odd[0]}" if len(odd) else f"year {lost[0]}"
        raise AlignmentError(
            "mass and travel times do not fit", where=where, cure="give both for the same cities and years"
        )
    values = table.loc[times.units, list(times.years)].to_numpy(dtype=np.float64).T
    bad = np.argwhere(~(np.isfinite(values) & (values >= 0)))
    if len(bad):
        year, unit = times.years[bad[0, 0]], times.units[bad[0, 1]]
        raise GapError(
            "a mass is missing or negative",
            where=f"unit {unit}, year {year}",
            cure="choose other years or fill it",
        )
    empty = np.flatnonzero(np.count_nonzero(values, axis=1) < 2)
    if len(empty):
        where = f"year {times.years[empty[0]]}"
        raise GapError("fewer than two cities have a mass", where=where, cure="choose other years or fill it")
    return values


def _by_year(times: TravelTimes, mass: pd.DataFrame | pd.Series) -> pd.DataFrame:
    if isinstance(mass, pd.DataFrame):
        return mass
    if mass.index.nlevels == 2:
        if mass.index.has_duplicates:
            raise AlignmentError("a unit and year of the mass stand twice", cure="keep one value each")
        return mass.unstack()
    return pd.DataFrame(dict.fromkeys(times.years, mass))
