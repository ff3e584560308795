"""Rows of a register as numbers: every text read once, and what cannot be read marked, not dropped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import DataError
from yrdspatial.industry.register.coordinates import System, to_wgs84
from yrdspatial.industry.register.divisions import place_code
from yrdspatial.industry.register.files import READABLE, ROWS_A_BLOCK, Block, polars, scan, unreadable
from yrdspatial.industry.register.places import NOWHERE

MILLIONTHS = 1_000_000
LARGEST_CAPITAL = 1e9
BLANK, BAD = -(2**31), -(2**31) + 1  # no value, and one that cannot be read
BY_POINT, NO_PLACE, UNKNOWN_UNIT = -1, -2, -3
FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d")
FIRST_DAY, LAST_DAY = (
    int(np.datetime64(day).astype("datetime64[D]").astype(int)) for day in ("1800-01-01", "2200-12-31")
)
NUMBERS = {
    "firm": "uint64", "parent": "uint64", "unit": "int16", "x": "float64", "y": "float64", "sector": "int16",
    "opened": "int32", "closed": "int32", "moved": "int32", "capital": "int64",
    "previous": "int16", "previous_x": "float64", "previous_y": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """How the rows of a register are read.

    Attributes
    ----------
    columns : mapping of str to str
        Role to column.
    edition : int
        Edition of GB/T 4754 where no column tells.
    crs : str
        System of the coordinates.
    codes : mapping of int to int
        Six-digit code to position of the unit.
    """

    columns: Mapping[str, str]
    edition: int
    crs: System
    codes: Mapping[int, int] = field(repr=False)


def read_ids(block: Block, rules: Rules) -> npt.NDArray[np.uint64]:
    """Read the identifiers of firms.

    Parameters
    ----------
    block : Block
        Rows of a file.
    rules : Rules
        Which column it is.

    Returns
    -------
    ndarray, shape (rows,)
        A number of 64 bits for each; 0 where there is none.
    """
    parts = [_identifiers(frame["firm"]) for _, frame in _batches(block, rules, ("firm",))]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def read_firms(block: Block, rules: Rules) -> Iterator[pd.DataFrame]:
    """Read firms, in blocks of at most some hundred thousand rows.

    Parameters
    ----------
    block : Block
        Rows of a file.
    rules : Rules
        How they are read.

    Yields
    ------
    pandas.DataFrame
        Columns ``NUMBERS``, index the number of the row in the file. Days since 1970, capital in millionths; units
        and sectors are positions, or one of the negative marks of this module.
    """
    for start, frame in _batches(block, rules, tuple(rules.columns)):
        yield _as_numbers(frame, start, rules)


def no_firms() -> pd.DataFrame:
    """Return the frame of no firm.

    Returns
    -------
    pandas.DataFrame
        shape (0, 13).

    Examples
    --------
    >>> no_firms().shape
    (0, 13)
    """
    return pd.DataFrame({name: np.empty(0, kind) for name, kind in NUMBERS.items()})


def _batches(block: Block, rules: Rules, roles: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
    pl = polars()
    table = scan(block.path)
    schema = table.collect_schema()
    picked = [_expression(role, rules.columns[role], schema) for role in roles]
    try:
        if block.rows is not None:
            yield block.start, table.slice(block.start, block.rows).select(picked).collect()
            return
        start = 0
        for frame in table.select(picked).collect_batches(chunk_size=ROWS_A_BLOCK, maintain_order=True):
            yield start, frame
            start += frame.height
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(unreadable(error), where=block.path, cure=READABLE) from error


def _expression(role: str, column: str, schema: Mapping[str, Any]) -> Any:
    pl = polars()
    if role in {"opened", "closed", "moved"}:
        return _day(column, schema[column]).alias(role)
    text = pl.col(column).cast(pl.String).str.strip_chars().fill_null("")
    if role in {"firm", "parent", "industry", "edition"}:
        return text.alias(role)
    number = text.cast(pl.Float64, strict=False)
    return pl.when(text == "").then(None).otherwise(number.fill_null(float("nan"))).alias(role)


def _day(column: str, kind: Any) -> Any:
    pl = polars()
    if kind.is_temporal():
        day = pl.col(column).cast(pl.Date).cast(pl.Int32)
        blank = pl.col(column).is_null()
    else:
        text = pl.col(column).cast(pl.String).str.strip_chars()
        blank = text.is_null() | (text == "")
        date = (
            pl.when(text.str.len_bytes() == len("2003-05-12 00:00:00"))
            .then(text.str.head(10))
            .otherwise(text)
        )
        parsed = [date.str.to_date(pattern, strict=False) for pattern in FORMATS]
        day = pl.coalesce(parsed).cast(pl.Int32)
    known = pl.when(day.is_between(FIRST_DAY, LAST_DAY)).then(day).otherwise(BAD)
    return pl.when(blank).then(BLANK).otherwise(known)


def _as_numbers(frame: Any, start: int, rules: Rules) -> pd.DataFrame:
    rows, has = frame.height, set(frame.columns)
    blank = np.full(rows, BLANK, np.int32)
    unit, x, y = _place(frame, "unit", "lon", "lat", rules)
    previous, previous_x, previous_y = _place(frame, "previous_unit", "previous_lon", "previous_lat", rules)
    columns = {
        "firm": _identifiers(frame["firm"]) if "firm" in has else np.ones(rows, np.uint64),
        "parent": _identifiers(frame["parent"]) if "parent" in has else np.zeros(rows, np.uint64),
        "unit": unit, "x": x, "y": y,
        "sector": _sectors(frame, rules.edition),
        "opened": frame["opened"].to_numpy(),
        "closed": frame["closed"].to_numpy() if "closed" in has else blank,
        "moved": frame["moved"].to_numpy() if "moved" in has else blank,
        "capital": _capital(frame["capital"]) if "capital" in has else np.zeros(rows, np.int64),
        "previous": previous, "previous_x": previous_x, "previous_y": previous_y,
    }  # fmt: skip
    return pd.DataFrame(
        {name: np.asarray(columns[name], kind) for name, kind in NUMBERS.items()},
        index=pd.RangeIndex(start, start + rows),
    )


def _identifiers(texts: Any) -> npt.NDArray[np.uint64]:
    values = texts.to_numpy()
    return np.where(values == "", np.uint64(0), pd.util.hash_array(values, categorize=False))


def _sectors(frame: Any, edition: int) -> npt.NDArray[np.int16]:
    pl = polars()
    codes = frame["industry"]
    if "edition" in frame.columns:
        codes = frame.select(pl.concat_str("industry", pl.lit("@"), "edition"))["industry"]
    known = codes.unique().to_list()
    places = [_sector(code, edition) for code in known]
    return np.asarray(codes.replace_strict(known, places, return_dtype=pl.Int16).to_numpy())


def _sector(code: str, edition: int) -> int:
    text, marked, own = code.partition("@")
    if marked:
        own = own.removesuffix(".0")
        return place_code(text, int(own)) if own in {"1994", "2002", "2011", "2017"} else place_code("", 2017)
    return place_code(text, edition)


def _capital(values: Any) -> npt.NDArray[np.int64]:
    amounts = values.fill_null(float("-inf")).to_numpy()
    usable = (amounts >= 0) & (amounts <= LARGEST_CAPITAL)
    marks = np.where(np.isneginf(amounts), BLANK, BAD)
    return np.where(usable, np.rint(np.where(usable, amounts, 0.0) * MILLIONTHS), marks).astype(np.int64)


def _place(frame: Any, unit: str, lon: str, lat: str, rules: Rules) -> tuple[Any, Any, Any]:
    rows, has = frame.height, set(frame.columns)
    place = np.full(rows, NO_PLACE, np.int16)
    x, y = np.full(rows, NOWHERE), np.full(rows, NOWHERE)
    if lon in has:
        given = [frame[name].fill_null(float("nan")).to_numpy() for name in (lon, lat)]
        usable = (np.abs(given[0]) <= 180) & (np.abs(given[1]) <= 90)
        place[usable] = BY_POINT
        x[usable], y[usable] = to_wgs84(given[0][usable], given[1][usable], crs=rules.crs)
    if unit in has:
        codes = frame[unit]
        told = codes.is_not_null().to_numpy()
        place[told] = _unit_positions(codes.fill_null(float("nan")).to_numpy()[told], rules.codes)
        x[told], y[told] = NOWHERE, NOWHERE
    return place, x, y


def _unit_positions(values: npt.NDArray[np.float64], codes: Mapping[int, int]) -> npt.NDArray[np.int16]:
    known, inverse = np.unique(values, return_inverse=True)
    return np.array([_unit_position(value, codes) for value in known], np.int16)[inverse]


def _unit_position(value: float, codes: Mapping[int, int]) -> int:
    # a county counts in its prefecture (320505 in 320500), a district of Shanghai in Shanghai
    if not np.isfinite(value) or value != int(value):
        return UNKNOWN_UNIT
    code = int(value)
    levels = (code, code // 100 * 100, code // 10000 * 10000)
    return next((codes[level] for level in levels if level in codes), UNKNOWN_UNIT)
