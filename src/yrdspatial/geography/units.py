"""The 41 units of the delta: their codes, every spelling of their names, and the distances between their seats."""

import difflib
import functools
import unicodedata

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.datasets import read_table
from yrdspatial.errors import AmbiguousUnitError, UnknownUnitError

EARTH_RADIUS_KM = 6371.0088


def load_units() -> pd.DataFrame:
    """Load the registry of the 41 units.

    Returns
    -------
    pandas.DataFrame
        shape (41, 6), index ``adcode`` (int64, sorted); columns ``name_zh``, ``name_en``, ``province_zh``,
        ``province_en``, ``seat_lon``, ``seat_lat`` (degrees, WGS 84).

    Examples
    --------
    >>> load_units().loc[321200, ["name_zh", "name_en"]].tolist()
    ['泰州市', 'Taizhou (Jiangsu)']
    """
    return read_table("shapes/units.csv").set_index("adcode")


def find_unit(name: str | int) -> int:
    """Return the six-digit code of a unit from any of its spellings.

    With or without 市, simplified or traditional, with the province before or after it, in English with or without
    apostrophe, or the code itself; case, width, spaces, and tone marks do not matter.

    Parameters
    ----------
    name : str or int
        ``"泰州"``, ``"泰州市"``, ``"Taizhou (Jiangsu)"``, ``"Taizhou, Jiangsu"``, ``321200``, ``"321200"``.

    Returns
    -------
    int
        The code of the unit.

    Raises
    ------
    AmbiguousUnitError
        If the name fits two units: ``"Suzhou"``, ``"Taizhou"``.
    UnknownUnitError
        If it fits none, or a unit that was abolished (巢湖).

    Examples
    --------
    >>> find_unit("Huai'an"), find_unit("六 安"), find_unit("321200")
    (320800, 341500, 321200)
    >>> find_unit("Suzhou")
    Traceback (most recent call last):
    yrdspatial.errors.AmbiguousUnitError: "Suzhou" fits more than one unit: say "Suzhou (Jiangsu)" ...
    """
    key = _key(name)
    codes = _spellings().get(key, ())
    if len(codes) > 1:
        raise AmbiguousUnitError(f'"{name}" fits more than one unit', cure=f"say {_said(codes)}")
    if not codes:
        raise UnknownUnitError(f'no unit of the delta is called "{name}"', cure=_suggestion(key))
    if codes[0] not in _codes():
        what, cure = _abolished(codes[0])
        raise UnknownUnitError(f'"{name}" {what}', cure=cure)
    return codes[0]


def great_circle_km(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Return great-circle distances by the haversine formula on a sphere of 6371.0088 km.

    Parameters
    ----------
    lon1, lat1, lon2, lat2 : array_like
        Degrees; shapes that broadcast.

    Returns
    -------
    numpy.ndarray
        Kilometres, shape of the broadcast inputs.

    References
    ----------
    Sinnott, R. W. (1984). Virtues of the haversine. Sky and Telescope 68(2), 159.

    Examples
    --------
    >>> round(float(great_circle_km(0.0, 0.0, 0.0, 90.0)), 3)
    10007.557
    """
    lam1, phi1, lam2, phi2 = (
        np.radians(np.asarray(part, dtype=np.float64)) for part in (lon1, lat1, lon2, lat2)
    )
    half = np.sin((phi2 - phi1) / 2) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin((lam2 - lam1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))), dtype=np.float64)


def seat_distances() -> pd.DataFrame:
    """Return the great-circle distances between the seats of the 41 units.

    Returns
    -------
    pandas.DataFrame
        Kilometres, shape (41, 41), index and columns ``adcode``; symmetric, zero diagonal.

    Examples
    --------
    >>> int(seat_distances().loc[310000, 330100].round())
    161
    """
    units = load_units()
    lon, lat = units["seat_lon"].to_numpy(), units["seat_lat"].to_numpy()
    distances = great_circle_km(lon[:, None], lat[:, None], lon[None, :], lat[None, :])
    return pd.DataFrame(distances, index=units.index, columns=units.index)


def _key(name: object) -> str:
    if isinstance(name, float | np.floating) and float(name).is_integer():
        name = int(name)
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", str(name)).casefold() if letter.isalnum()
    )


@functools.cache
def _codes() -> frozenset[int]:
    return frozenset(load_units().index)


@functools.cache
def _spellings() -> dict[str, tuple[int, ...]]:
    names = read_table("shapes/unit_names.csv")
    codes = names["adcode"].groupby(names["name"].map(_key)).unique()
    return {str(key): tuple(int(code) for code in found) for key, found in codes.items()}


def _said(codes: tuple[int, ...]) -> str:
    units = load_units().loc[list(codes)]
    return " or ".join(f'"{row.name_en}" ({row.name_zh}, {row.Index})' for row in units.itertuples())


def _suggestion(key: str) -> str:
    near = difflib.get_close_matches(key, _spellings(), n=3)
    codes = tuple(dict.fromkeys(code for match in near for code in _spellings()[match]))
    known = tuple(code for code in codes if code in _codes())
    return f"did you mean {_said(known)}?" if known else "load_units() lists the 41 units"


def _abolished(code: int) -> tuple[str, str]:
    changes = read_table("shapes/boundary_changes.csv")
    moved = changes[(changes["from_adcode"] == code) & (changes["kind"] == "abolished")]
    names = load_units()["name_en"]
    parts = "; ".join(
        f"{', '.join(group['county'])} to {names[to]} ({to})" for to, group in moved.groupby("to_adcode")
    )
    return f"was abolished in {str(moved['date'].iloc[0])[:4]}", f"ask for the city that took over: {parts}"
