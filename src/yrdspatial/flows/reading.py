"""Tables of flows as people keep them: one row a pair, names or codes, read with every doubt said."""

import io
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import AmbiguousUnitError, DataError, GapError, UnknownUnitError
from yrdspatial.flows.table import Flows
from yrdspatial.geography.units import find_unit, load_units
from yrdspatial.panel.gaps import shorten, unit_name
from yrdspatial.panel.yearbooks.delimited import decode
from yrdspatial.tables.files import write_file
from yrdspatial.weights.graphs import as_year

Missing = Literal["error", "zero", "keep"]
COLUMNS = {
    "origin": ("origin", "from", "source", "起点", "来源地", "流出地", "迁出地"),
    "destination": ("destination", "to", "target", "终点", "目的地", "流入地", "迁入地"),
    "flow": ("flow", "value", "count", "流量", "数量", "数值"),
    "year": ("year", "年份", "年"),
}
POLICIES = {
    "missing": ("error", "zero", "keep"),
    "self_flows": ("keep", "drop"),
    "duplicates": ("error", "sum"),
}


def read_flows(
    table: pd.DataFrame | str | Path,
    *,
    units: Iterable[Hashable] | None = None,
    year: int | None = None,
    missing: Missing = "error",
    self_flows: Literal["keep", "drop"] = "keep",
    duplicates: Literal["error", "sum"] = "error",
) -> Flows:
    """Read flows from a long table: one row a pair of origin and destination.

    Parameters
    ----------
    table : DataFrame or path
        Columns ``origin``, ``destination``, ``flow`` and, if there are several years, ``year``; or their Chinese titles
        流出地, 流入地, 流量, 年份. A path ends in ``.xlsx``, or is text in UTF-8 or GBK.
    units : iterable, optional
        The units wanted, in this order; by default those that occur, sorted. Cities of the delta are known by every
        spelling; when no label is one of them, labels stand as they are.
    year : int, optional
        The year of a table without the column, or the only year to read.
    missing : {"error", "zero", "keep"}
        Pairs without a row or a figure: an error that names them; no flow; or unknown, and left out of estimation.
        "zero" is right only where the source lists every flow that there is.
    self_flows : {"keep", "drop"}
        Flows within a unit. A table that has none of them leaves them unknown.
    duplicates : {"error", "sum"}
        Pairs that occur twice.

    Returns
    -------
    Flows
        Labelled flows; ``.notes`` says what was filled, dropped or added up.

    Notes
    -----
    A DataError says which column is not there, which flow is no number or negative, which pair occurs twice; a GapError
    which pairs are missing; an UnknownUnitError which label is none of the units.

    Examples
    --------
    >>> rows = [("上海", "苏州", 9), ("苏州市", "Shanghai", 4)]
    >>> flows = read_flows(pd.DataFrame(rows, columns=["流出地", "流入地", "流量"]), year=2019)
    >>> flows.units.tolist(), float(flows.frame().loc[310000, 320500])
    ([310000, 320500], 9.0)
    """
    _check_policies(missing=missing, self_flows=self_flows, duplicates=duplicates)
    rows = _columns(table if isinstance(table, pd.DataFrame) else _load(Path(table)))
    rows = _of_year(rows, year)
    order, rows = _labelled(rows, None if units is None else list(units))
    rows["flow"] = _numbers(rows)
    rows, notes = _single(rows, duplicates)
    years = tuple(sorted(set(rows["year"]))) if "year" in rows else ()
    array = np.full((max(len(years), 1), len(order), len(order)), np.nan)
    t = [years.index(one) for one in rows["year"]] if years else np.zeros(len(rows), dtype=np.intp)
    array[
        t, order.get_indexer(pd.Index(rows["origin"])), order.get_indexer(pd.Index(rows["destination"]))
    ] = rows["flow"]
    inside = np.eye(len(order), dtype=bool)
    if self_flows == "drop":
        known = int(np.isfinite(array[:, inside]).sum())
        notes += [f"{known} flows within units dropped"] if known else []
        array[:, inside] = np.nan
    flows = Flows(array, order, years)
    return Flows(*_filled(flows, missing, notes))


def flows_template(
    path: str | Path, *, year: int | None = None, units: Iterable[Hashable] | None = None
) -> Path:
    """Write a table to fill in: a csv file with one row a pair of cities.

    Parameters
    ----------
    path : str or Path
        The file to write; it must not exist yet.
    year : int, optional
        Adds a column with the year.
    units : iterable, optional
        Cities of the delta; by default all 41.

    Returns
    -------
    Path
        The file: ``origin``, ``destination``, Chinese names beside them, ``flow`` left empty, in UTF-8 with a mark that
        Excel knows.

    Raises
    ------
    DataError
        If the file exists.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = flows_template(f"{folder}/flows.csv", year=2019, units=["上海", "合肥"])
    ...     print(made.read_text("utf-8-sig"))
    year,origin,origin_name,destination,destination_name,flow
    2019,310000,上海市,340100,合肥市,
    2019,340100,合肥市,310000,上海市,
    """
    path = Path(path)
    if path.exists():
        raise DataError("the file exists", where=str(path), cure="choose another name or take it away")
    known = load_units()["name_zh"]
    names = known if units is None else known.loc[[find_unit(str(unit)) for unit in units]]
    head = {} if year is None else {"year": as_year(year)}
    rows = [
        {**head, "origin": i, "origin_name": a, "destination": j, "destination_name": b, "flow": ""}
        for i, a in names.items()
        for j, b in names.items()
        if i != j
    ]
    text = pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
    return write_file(path, text.encode("utf-8-sig"))


def _check_policies(**given: str) -> None:
    for name, value in given.items():
        if value not in POLICIES[name]:
            raise DataError(f'"{value}" is no policy', where=name, cure=" or ".join(POLICIES[name]))


def _load(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError("there is no such file", where=str(path), cure="check the path")
    try:
        if path.suffix.lower() in {".xlsx", ".xls"}:
            return pd.read_excel(path, dtype=object, engine="calamine")
        text, _ = decode(path.read_bytes(), str(path))
        return pd.read_csv(io.StringIO(text), sep=None, engine="python", dtype=object)
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            "the file is no table of flows", where=str(path), cure="start from flows_template()"
        ) from error


def _columns(table: pd.DataFrame) -> pd.DataFrame:
    titles = {str(title).strip().casefold(): title for title in table.columns}
    found = {
        name: next((titles[one] for one in known if one in titles), None) for name, known in COLUMNS.items()
    }
    absent = [name for name, title in found.items() if title is None and name != "year"]
    if absent:
        cure = "the columns are origin, destination, flow and, if need be, year"
        raise DataError("columns are missing", where=", ".join(absent), cure=cure)
    rows = pd.DataFrame({name: table[title].to_numpy() for name, title in found.items() if title is not None})
    rows = rows.dropna(how="all").reset_index(drop=True)
    unnamed = np.flatnonzero(rows[["origin", "destination"]].isna().any(axis=1))
    if len(unnamed):
        raise DataError("a pair has no name", where=f"row {int(unnamed[0]) + 1}", cure="name both ends")
    return rows


def _of_year(rows: pd.DataFrame, year: int | None) -> pd.DataFrame:
    if "year" in rows:
        numbers = pd.to_numeric(rows["year"], errors="coerce")
        wrong = np.flatnonzero(numbers.isna() | (numbers % 1 != 0))
        if len(wrong):
            where = f"row {int(wrong[0]) + 1}"
            raise DataError("a year is no number", where=where, cure="write it as 2019")
        rows = rows.assign(year=[as_year(int(one)) for one in numbers])
        rows = rows if year is None else rows[rows["year"] == as_year(year)]
    elif year is not None:
        rows = rows.assign(year=as_year(year))
    if rows.empty:
        raise DataError("no flow of this year", where=f"year={year}", cure="check the column year")
    return rows


def _labelled(rows: pd.DataFrame, units: list[Any] | None) -> tuple["pd.Index[Any]", pd.DataFrame]:
    labels = [*rows["origin"], *rows["destination"]]
    distinct = list(dict.fromkeys(labels))
    wanted = distinct if units is None else units
    codes: dict[Any, Any] = {label: _code(label) for label in [*distinct, *wanted]}
    if any(codes[label] is not None for label in wanted):
        for label in (one for one in codes if codes[one] is None):
            find_unit(label)  # raises, with what the name may have meant
    else:
        codes = {label: label for label in codes}
    occurring = sorted({codes[label] for label in distinct}, key=lambda one: (type(one).__name__, one))
    order = occurring if units is None else [codes[one] for one in units]
    strange = [label for label in distinct if codes[label] not in set(order)]
    if strange:
        where = shorten([unit_name(codes[label]) for label in strange])
        raise UnknownUnitError("units that were not asked for", where=where, cure="drop their rows first")
    placed = rows.assign(
        origin=[codes[label] for label in rows["origin"]],
        destination=[codes[label] for label in rows["destination"]],
    )
    return pd.Index(order, name="unit"), placed


def _code(label: Any) -> int | None:
    try:
        return find_unit(label)
    except AmbiguousUnitError:
        raise
    except UnknownUnitError:
        return None


def _numbers(rows: pd.DataFrame) -> "pd.Series[float]":
    written = rows["flow"].map(
        lambda one: one.replace(",", "").strip() or None if isinstance(one, str) else one
    )
    numbers = pd.to_numeric(written, errors="coerce").astype(np.float64)
    for wrong, what in (
        (written.notna() & numbers.isna(), "flows are no numbers"),
        (numbers < 0, "flows are negative"),
    ):
        if wrong.any():
            where = shorten([_said(row) for row in rows[wrong].itertuples()])
            raise DataError(
                what, where=where, cure="a flow is a number, zero or more; leave unknown flows empty"
            )
    return numbers


def _single(rows: pd.DataFrame, duplicates: str) -> tuple[pd.DataFrame, list[str]]:
    keys = [name for name in ("year", "origin", "destination") if name in rows]
    twice = rows.duplicated(keys)
    if not twice.any():
        return rows, []
    if duplicates == "error":
        where = shorten([_said(row) for row in rows[twice].itertuples()])
        raise DataError("pairs occur more than once", where=where, cure='duplicates="sum" adds them up')
    added = rows.groupby(keys, sort=False)["flow"].sum(min_count=1)
    return added.reset_index(), [f"{int(twice.sum())} rows added to others of the same pair"]


def _said(row: Any) -> str:
    year = f" {row.year}" if hasattr(row, "year") else ""
    return f"{unit_name(row.origin)} to {unit_name(row.destination)}{year}"


def _filled(
    flows: Flows, missing: Missing, notes: list[str]
) -> tuple[Any, "pd.Index[Any]", tuple[int, ...], tuple[str, ...]]:
    holes = np.isnan(flows.array)
    inside = np.eye(len(flows.units), dtype=bool)
    if holes[:, inside].all():
        holes[:, inside] = False
        notes = [*notes, "flows within units are not known"]
    cells = np.argwhere(holes)
    array = flows.array
    if len(cells) and missing == "error":
        where = f"{len(cells)}: {shorten([flows.pair_name(*cell) for cell in cells])}"
        cure = 'missing="zero" where the source lists every flow there is, else missing="keep"'
        raise GapError("pairs have no flow", where=where, cure=cure)
    if len(cells):
        said = "set to zero" if missing == "zero" else "unknown"
        notes = [*notes, f"{len(cells)} pairs without a figure: {said}"]
        array = np.where(holes, 0.0, array) if missing == "zero" else array
    return array, flows.units, flows.years, tuple(notes)
