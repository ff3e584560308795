"""A register of firms read into a table of units by sectors by years, whatever its size."""

import os
from collections.abc import Iterable, Mapping
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.geography.shapes import load_shapes
from yrdspatial.industry.register.coordinates import System, to_wgs84
from yrdspatial.industry.register.divisions import check_edition, load_divisions
from yrdspatial.industry.register.files import cut, find_columns, find_files
from yrdspatial.industry.register.reading import Rules
from yrdspatial.industry.register.results import FirmRegister, firm_register
from yrdspatial.industry.register.running import count
from yrdspatial.industry.register.tally import Frame

CENSUS = {"year_end": ("12-31", "31 December"), "mid_year": ("07-01", "1 July")}
Path = str | os.PathLike[str]


def from_register(
    paths: Path | Iterable[Path],
    *,
    years: Iterable[int],
    columns: Mapping[str, str] | None = None,
    shapes: gpd.GeoDataFrame | None = None,
    crs: System = "wgs84",
    edition: int = 2017,
    census: Literal["year_end", "mid_year"] = "year_end",
    scheduler: int | str = 1,
) -> FirmRegister:
    r"""Count the firms of a register by unit, division of industry and year, in bounded memory.

    Parameters
    ----------
    paths : str, Path, or several
        Files or patterns of one kind, csv (UTF-8) or parquet; on a cluster every worker must see them there.
    years : iterable of int
        T years, one after another.
    columns : mapping of str to str, optional
        Role to column, for columns not named after their role. Required: ``industry``, ``opened``, and ``unit`` (six
        digits; it comes before coordinates) or ``lon`` and ``lat``. Optional: ``firm`` (finds rows that are there
        twice), ``edition`` of each industry code, ``closed``, ``capital``, ``moved`` with ``previous_unit`` or
        ``previous_lon`` and ``previous_lat``, ``parent`` (the ``firm`` of the owner).
    shapes : geopandas.GeoDataFrame, optional
        N units, indexed by unit; the 41 cities without it.
    crs : {"wgs84", "gcj02", "bd09"}
        System of the coordinates.
    edition : {2017, 2011, 2002, 1994}
        Edition of GB/T 4754 of the industry codes, where no column tells.
    census : {"year_end", "mid_year"}
        Firms are alive on 31 December or on 1 July: opened on the day or before, not closed by then.
    scheduler : int or str
        1 counts here, a larger number in so many local processes, an address such as "tcp://127.0.0.1:8786" on that
        Dask cluster; the numbers are the same.

    Returns
    -------
    FirmRegister
        Tables, flows, and the report of what was left out.

    Raises
    ------
    SpecificationError
        If the years have gaps, or an option does not exist.

    Notes
    -----
    Counts are whole numbers, capital is added in millionths of its unit, so nothing depends on the order of the work.
    Before a move a firm counts in its previous unit. Firms whose coordinates are on a common border count in the first
    of the units. A ``DataError`` tells of files that cannot be read, an ``AlignmentError``
    of shapes that name a unit twice or have no reference system.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "firms.csv")
    ...     text = "unit,industry,opened,closed,capital\n320500,C3911,2001-03-01,2003-05-12,100.5\n"
    ...     _ = path.write_text(text, encoding="utf-8")
    ...     register = from_register(path, years=range(2000, 2005))
    >>> register.table("stock").loc[320500, "C39"].tolist()
    [0, 1, 1, 0, 0]
    """
    span = _span(years)
    check_edition(edition)
    to_wgs84(0.0, 0.0, crs=crs)
    if census not in CENSUS:
        raise SpecificationError(f"there is no census {census!r}", cure=f"choose one of {', '.join(CENSUS)}")
    units = _units(shapes)
    files = find_files(paths)
    found = find_columns(files, columns)
    rules = Rules(found, edition, crs, _codes(units.index))
    sectors = load_divisions().index
    days = np.array([f"{year}-{CENSUS[census][0]}" for year in span], "datetime64[D]").astype(np.int64)
    frame = Frame(span, days, len(units), len(sectors), "parent" in found)
    totals = count(cut(files), rules, frame, units, scheduler)
    told = {"moves": "moved" in found, "subsidiaries": "parent" in found}
    flows = tuple(name for name, there in told.items() if there)
    return firm_register(totals, units=units.index, sectors=sectors, census=CENSUS[census][1], flows=flows)


def _span(years: Iterable[int]) -> tuple[int, ...]:
    try:
        span = tuple(int(year) for year in years)
    except (TypeError, ValueError) as error:
        raise SpecificationError("years are whole numbers", cure="say years=range(2000, 2020)") from error
    if (
        not span
        or span != tuple(range(span[0], span[0] + len(span)))
        or not 1800 < span[0] <= span[-1] < 2200
    ):
        raise SpecificationError("years must follow one after another", cure="say years=range(2000, 2020)")
    return span


def _units(shapes: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    if shapes is None:
        return load_shapes()
    if not isinstance(shapes, gpd.GeoDataFrame) or shapes.crs is None or not shapes.index.is_unique:
        cure = "pass a GeoDataFrame with a crs, one row a unit"
        raise AlignmentError("shapes of units are needed, each once, with a reference system", cure=cure)
    return shapes.to_crs(4326)


def _codes(units: pd.Index) -> dict[int, int]:
    whole = pd.api.types.is_integer_dtype(units.dtype)
    return {int(code): place for place, code in enumerate(units)} if whole else {}
