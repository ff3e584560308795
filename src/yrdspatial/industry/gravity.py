"""Where the weight of a sector lies: gravity centre and standard deviational ellipse, in projected kilometres."""

import itertools
from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.geography.units import load_units
from yrdspatial.industry.table import Floats, require, stamp
from yrdspatial.panel.breaks import crossed, load_breaks
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.panel.labels import as_panel_index

PROJECTION = "+proj=laea +lat_0=31 +lon_0=119 +datum=WGS84 +units=km"
PROJECTED = "Lambert azimuthal equal-area, centre 119 E 31 N, kilometres"
CONVENTIONS = {
    "yuill": "standard deviations along the axes",
    "sqrt2": "standard deviations times the root of two",
    "crimestat": "standard deviations times the root of two, n / (n - 2) for n",
}


def seat_points() -> pd.DataFrame:
    """Return the city seats in projected kilometres.

    Returns
    -------
    pandas.DataFrame
        Index adcode; ``x`` (east) and ``y`` (north) of 119 E 31 N, Lambert azimuthal equal-area.

    Examples
    --------
    >>> seat_points().loc[310000].round(0).tolist()
    [234.0, 27.0]
    """
    import geopandas as gpd

    units = load_units()
    seats = gpd.GeoSeries.from_xy(units["seat_lon"], units["seat_lat"], crs=4326, index=units.index)
    projected = seats.to_crs(PROJECTION)
    return pd.DataFrame({"x": projected.x, "y": projected.y})


def gravity_centre(
    values: pd.Series, points: pd.DataFrame | None = None, *, across_breaks: bool = False
) -> pd.DataFrame:
    """Gravity centre of an amount, and how it moves.

    A series that has the name of a panel column with a known break does not move across it: the shift of that year
    is NaN with a note, unless asked for.

    Parameters
    ----------
    values : pandas.Series
        Amounts by unit, or indexed (unit, year).
    points : pandas.DataFrame, optional
        Coordinates ``x`` and ``y`` of the units in a projected system; the seats of the 41 cities in kilometres
        (:func:`seat_points`) when left out.
    across_breaks : bool
        Give the move across a known break all the same, with its note.

    Returns
    -------
    pandas.DataFrame
        One row, or one a year: ``x``, ``y``, and from the year before ``shift`` (distance) and ``bearing`` (degrees
        clockwise from grid north; NaN in the first year and without a move).

    References
    ----------
    Weighted mean centre: Ebdon, D. (1985), Statistics in geography, ch. 7.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [0, 10, 0], "y": [0, 0, 10]}, index=["A", "B", "C"])
    >>> gravity_centre(pd.Series({"A": 50, "B": 30, "C": 20}), points)[["x", "y"]].to_numpy().tolist()
    [[3.0, 2.0]]
    """
    weights, places, years = _weights(values, points)
    centre = weights @ places
    moves = np.diff(centre, axis=0, prepend=np.nan)
    shift = np.hypot(moves[:, 0], moves[:, 1])
    bearing = np.degrees(np.arctan2(moves[:, 0], moves[:, 1])) % 360
    result = pd.DataFrame(
        {
            "x": centre[:, 0],
            "y": centre[:, 1],
            "shift": shift,
            "bearing": np.where(shift > 0, bearing, np.nan),
        },
        years,
    )
    found = _breaks(values, years)
    if not across_breaks:
        result.loc[list(found), ["shift", "bearing"]] = np.nan
    return _describe(
        result, values, points, "gravity centre", "weighted mean of the points", tuple(found.values())
    )


def _breaks(values: pd.Series, years: pd.Index) -> dict[int, str]:
    if values.index.nlevels < 2:
        return {}
    pairs = itertools.pairwise(int(year) for year in years)
    rows = {end: crossed(load_breaks(), [str(values.name)], base=base, end=end) for base, end in pairs}
    return {
        year: f"break before {year}: {found['note'].iloc[0]}" for year, found in rows.items() if len(found)
    }


def standard_deviational_ellipse(
    values: pd.Series,
    points: pd.DataFrame | None = None,
    *,
    convention: Literal["yuill", "sqrt2", "crimestat"] = "yuill",
) -> pd.DataFrame:
    """Ellipse of the standard deviations of an amount: centre, axes, direction.

    Parameters
    ----------
    values : pandas.Series
        Amounts by unit, or indexed (unit, year).
    points : pandas.DataFrame, optional
        As in :func:`gravity_centre`.
    convention : {"yuill", "sqrt2", "crimestat"}
        Half axes are the standard deviations along the axes; times the root of two (ArcGIS); or times the root of
        two with n / (n - 2) (CrimeStat).

    Returns
    -------
    pandas.DataFrame
        One row, or one a year: ``x``, ``y``, half axes ``major`` and ``minor``, ``angle`` of the major axis (degrees
        clockwise from grid north, in [0, 180); NaN for a circle), ``area``.

    References
    ----------
    Yuill, R. S. (1971), The standard deviational ellipse: an updated tool for spatial description, Geografiska
    Annaler B 53, 28-39; Levine, N., CrimeStat manual, ch. 4.

    Examples
    --------
    >>> corners = pd.DataFrame({"x": [0, 4, 0, 4], "y": [0, 0, 2, 2]}, index=list("abcd"))
    >>> ellipse = standard_deviational_ellipse(pd.Series(1, index=list("abcd")), corners)
    >>> ellipse[["major", "minor", "angle"]].round(6).to_numpy().tolist()
    [[2.0, 1.0, 90.0]]
    """
    require(convention, CONVENTIONS, "convention")
    weights, places, years = _weights(values, points)
    centre = weights @ places
    away = places[None] - centre[:, None]
    covariance = np.einsum("tn,tni,tnj->tij", weights, away, away)
    variances, axes = np.linalg.eigh(covariance)
    n = len(places)
    factor = {"yuill": 1.0, "sqrt2": np.sqrt(2), "crimestat": np.sqrt(2 * n / max(n - 2, 1))}[convention]
    minor, major = (factor * np.sqrt(np.maximum(variances, 0))).T
    angle = np.degrees(np.arctan2(axes[:, 0, 1], axes[:, 1, 1])) % 180
    table = {"x": centre[:, 0], "y": centre[:, 1], "major": major, "minor": minor}
    circle = np.isclose(major, minor, rtol=1e-9)
    result = pd.DataFrame(
        table | {"angle": np.where(circle, np.nan, angle), "area": np.pi * major * minor}, years
    )
    return _describe(
        result, values, points, "standard deviational ellipse", f"{convention}: {CONVENTIONS[convention]}"
    )


def _weights(values: pd.Series, points: pd.DataFrame | None) -> tuple[Floats, Floats, pd.Index]:
    places = seat_points() if points is None else points
    panel = values.index.nlevels == 2
    grid = as_panel_index(values.to_frame("all")) if panel else values.to_frame("all")
    units = grid.index.unique("unit") if panel else grid.index
    table = pd.DataFrame(grid.to_numpy(dtype=float).reshape(len(units), -1), units)
    strange = table.index.difference(places.index)
    if len(strange) or table.index.has_duplicates:
        where = shorten([row_name(unit) for unit in strange]) or "a unit is there twice"
        raise AlignmentError("units have no point", where=where, cure="give every unit one row of x and y")
    amounts = table.to_numpy().T
    if np.isnan(amounts).any() or (amounts < 0).any() or not (amounts.sum(axis=1) > 0).all():
        cure = "drop years with gaps; weights are zero or more with a positive sum"
        raise DataError("weights are missing, negative or all zero", where=str(values.name), cure=cure)
    years = grid.index.unique("year") if panel else pd.RangeIndex(1)
    coordinates = places.loc[table.index, ["x", "y"]].to_numpy(dtype=float)
    return amounts / amounts.sum(axis=1, keepdims=True), coordinates, years


def _describe(
    result: pd.DataFrame,
    values: pd.Series,
    points: pd.DataFrame | None,
    measure: str,
    variant: str,
    breaks: tuple[str, ...] = (),
) -> pd.DataFrame:
    area = PROJECTED if points is None else "own points"
    notes = (*values.attrs.get("notes", ()), *breaks)
    basis = str(values.attrs.get("basis", values.name))
    return stamp(result, measure=measure, basis=basis, reference=area, variant=variant, notes=notes)
