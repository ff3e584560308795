"""A new year of the panel: read, checked, laid beside what there is, and landed as a whole or not at all."""

import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from yrdspatial.datasets import registered
from yrdspatial.errors import DataError, SpecificationError, YrdSpatialError
from yrdspatial.panel.check_report import CheckReport
from yrdspatial.panel.checks import check_coverage, check_identities, check_schema, drop_duplicates
from yrdspatial.panel.known import Known, load_known
from yrdspatial.panel.landing import exclusive, land, writable_folder
from yrdspatial.panel.merging import ANSWERS, Answer, Merge, merge_year
from yrdspatial.panel.moves import check_jumps, check_slips
from yrdspatial.panel.problems import Findings, finding, problem_table
from yrdspatial.panel.yearbook import read_yearbook
from yrdspatial.panel.years import LAYOUT, check_years

Paths = str | Path | Iterable[str | Path]
YEARBOOK = re.compile(r"city statistical yearbook|城市统计年鉴|ccsy", re.IGNORECASE)
OWN = (r"^.*面板模板, ", "figures of the user, ")
ENTRY = {
    "title": "Panel of the 41 cities of the Yangtze River Delta, {year}, with figures added",
    "producer": "{sources}",
    "citation": "{sources}: the source stands beside every value",
    "read_at": "{files}",
    "terms": "those of the sources; for the owner of this data folder",
    "made_by": "yrd panel add-year",
}


def check_year(paths: Paths, *, year: int, data_dir: str | Path | None = None) -> CheckReport:
    """Check tables of one year against the dictionary, against themselves, and against the panel.

    Bad data are findings of the report, never an error; a figure that differs from one that the panel has is one.

    Parameters
    ----------
    paths : str, Path, or iterable of them
        Tables as :func:`~yrdspatial.read_yearbook` takes them.
    year : int
        Data year (edition minus one).
    data_dir : str or Path, optional
        The user's data folder; else the one that ``YRD_DATA`` names.

    Returns
    -------
    CheckReport
        Every problem with unit, year, column and cure, and what adding the year would change.

    Examples
    --------
    >>> report = check_year("no_such_table.xlsx", year=2023)
    >>> report.ok, report.problems["severity"].tolist()[:1]
    (False, ['error'])
    """
    return add_year(paths, year=year, data_dir=data_dir)


def add_year(
    paths: Paths,
    *,
    year: int,
    data_dir: str | Path | None = None,
    write: bool = False,
    vintage: Answer | None = None,
) -> CheckReport:
    """Add the figures of one year to the panel: all of them, or none and the reasons.

    Without `write` nothing changes on disk. With it, a year without an error is written to the user's data folder
    as ``panels/yrd/<year>.csv``, together with its entry in ``sources.toml``; a process that is killed leaves the
    folder as it was or as it should be. Figures that the panel has, shipped or the user's, stay in the file.

    Parameters
    ----------
    paths : str, Path, or iterable of them
        Tables as :func:`~yrdspatial.read_yearbook` takes them.
    year : int
        Data year (edition minus one).
    data_dir : str or Path, optional
        The user's data folder, never the shipped one; else the one that ``YRD_DATA`` names.
    write : bool
        Write, if there is no error.
    vintage : {"keep", "replace", "both"}, optional
        What becomes of a figure that the panel has otherwise: it stays and the new one is left out, the new one
        takes its place and it stays on record, or both stand and the order of the vintages in ``columns.toml``
        chooses. When left out, such a clash is an error.

    Returns
    -------
    CheckReport
        What was found, what changes, and which file was written.

    Raises
    ------
    SpecificationError
        If the year is no whole number of four digits, or the vintage is none of the three.

    Examples
    --------
    >>> add_year([], year=2023).ok
    False
    """
    if not re.fullmatch(r"[12]\d{3}", str(year)):
        raise SpecificationError("a year is a whole number", where=str(year), cure="write for instance 2023")
    if vintage is not None and vintage not in ANSWERS:
        cure = f"say {', '.join(ANSWERS)}, or leave it out"
        raise SpecificationError("there is no such vintage rule", where=str(vintage), cure=cure)
    paths = [paths] if isinstance(paths, str | Path) else list(paths)
    if not write:
        return _examined(paths, year, data_dir, vintage)[0]
    folder = writable_folder(data_dir)
    with exclusive(folder):
        report, rows = _examined(paths, year, folder, vintage)
        if not report.ok or report.changes.empty or set(report.changes["kind"]) <= {"kept"}:
            return report
        name = f"panels/yrd/{year}.csv"
        land(folder, name, _content(rows), _entry(rows, name, paths, folder))
        return CheckReport(year, report.problems, report.changes, report.unchanged, name)


def _examined(
    paths: list[str | Path], year: int, data_dir: str | Path | None, vintage: Answer | None
) -> tuple[CheckReport, pd.DataFrame]:
    known = load_known(year, data_dir=data_dir)
    values, found = _read(paths, year)
    draft, empty, more = _drafted(values, known)
    found += more + check_schema(draft, known)
    draft, more = drop_duplicates(_sound(draft, known), known)
    found += more + check_coverage(draft, known, empty)
    slips = check_slips(draft, known)
    slipped = {row["column"] for row in slips if row["rule"] == "slip.column"}
    straight = draft.loc[~draft["variable"].isin(slipped)]
    merge = merge_year(draft, known, vintage)
    found += check_identities(straight, known) + check_jumps(straight, known) + merge.findings
    found = slips + [row for row in found if row["column"] not in slipped]
    if not any(row["severity"] == "error" for row in found):
        found += _merged(merge, known)
    return CheckReport(year, problem_table(found), merge.changes, merge.unchanged), merge.rows


def _read(paths: list[str | Path], year: int) -> tuple[pd.DataFrame, Findings]:
    try:
        table = read_yearbook(paths, year=year)
    except YrdSpatialError as error:
        where = {"place": error.where, "text": error.what, "remedy": error.cure}
        columns = ["adcode", "year", "variable", "scope", "value", "unit", "source", "flag", "width"]
        return pd.DataFrame(columns=columns), [finding("read", "error", year, **where)]
    values = table.values.assign(width=table.steps / 2)  # noqa: PD011
    return values, [_read_finding(row, year) for row in table.problems.to_dict("records")]


def _read_finding(row: Mapping[Any, Any], year: int) -> dict[str, Any]:
    words = {key: "" if pd.isna(row[key]) else str(row[key]) for key in ("file", "sheet", "row", "column")}
    numbered = {"row": "row ", "column": "column "}
    parts = [numbered.get(key, "") + word for key, word in words.items() if word]
    more = {"place": ", ".join(parts), "text": row["text"], "remedy": row["cure"]}
    return finding("read", row["severity"], year, **more)


def _drafted(values: pd.DataFrame, known: Known) -> tuple[pd.DataFrame, dict[tuple[int, str], str], Findings]:
    """Keep what can be added: total cities, the year, the 41 units, columns of the dictionary.

    Returns
    -------
    draft : pandas.DataFrame
        The columns of a year file.
    empty : dict
        Flags of the cells that were read and hold no figure.
    findings : list of dict
        What was left out.
    """
    of_year = values["year"].eq(known.year)
    total = values["scope"].eq("total")
    in_dictionary = values["variable"].isin(known.columns.index)
    inside = values["adcode"].isin(known.units)
    found: Findings = []
    if len(values) and not of_year.any():
        years = ", ".join(str(found_year) for found_year in sorted(set(values["year"].dropna())))
        found.append(finding("year.other", "error", known.year, value=years, expected=known.year))
    note = functools.partial(finding, severity="note", year=known.year)
    kept = of_year & inside
    found += [note("column.unknown", column=str(name)) for name in _names(values, kept & ~in_dictionary)]
    districts = set(_names(values, kept & in_dictionary & ~total))
    found += [
        note("column.districts", column=name)
        for name in sorted(districts - set(_names(values, kept & in_dictionary & total)))
    ]
    outside = values["adcode"][of_year & ~inside & values["adcode"].notna()].nunique()
    found += [note("unit.outside", value=f"{outside} units")] if outside else []
    rows = values.loc[kept & total & in_dictionary].astype({"adcode": "int64", "value": "float64"})
    rows = rows.fillna({"unit": "", "source": "", "flag": ""})
    rows["source"] = rows["source"].str.replace(*OWN, regex=True)
    blank = rows.loc[rows["value"].isna()]
    cells = zip(blank["adcode"], blank["variable"], blank["flag"], strict=True)
    empty = {(int(unit), str(column)): str(flag) for unit, column, flag in cells}
    editions = rows["source"].str.contains(YEARBOOK)
    vintage = editions.map({True: f"ccsy{known.year + 1}", False: "as_published"})
    draft = rows.assign(vintage=vintage).loc[rows["value"].notna(), [*LAYOUT, "width"]]
    return draft.reset_index(drop=True), empty, found


def _names(values: pd.DataFrame, rows: pd.Series) -> list[str]:
    return sorted({str(name) for name in values["variable"][rows]})


def _sound(draft: pd.DataFrame, known: Known) -> pd.DataFrame:
    usable = draft["value"].abs() < float("inf")
    units = draft["unit"] == known.columns["unit"].reindex(draft["variable"]).to_numpy()
    return draft.loc[usable & units].reset_index(drop=True)


def _merged(merge: Merge, known: Known) -> Findings:
    rows = merge.rows.assign(year=known.year, file=f"panels/yrd/{known.year}.csv")
    try:
        check_years(rows, known.columns, known.units)
    except DataError as error:
        return [finding("merged", "error", known.year, place=error.where, text=error.what, remedy=error.cure)]
    return []


def _content(rows: pd.DataFrame) -> bytes:
    text = rows.assign(value=rows["value"].map("{:.15g}".format)).to_csv(index=False, lineterminator="\n")
    return text.encode()


def _entry(rows: pd.DataFrame, name: str, paths: list[str | Path], folder: Path) -> dict[str, str]:
    read = [Path(path).name for path in paths]
    before = registered(folder).get(name)
    words = {
        "year": Path(name).stem,
        "sources": "; ".join(sorted(set(rows["source"]))),
        "files": "; ".join(dict.fromkeys([*([before.read_at] if before else []), *read])),
    }
    return {field: text.format(**words) for field, text in ENTRY.items()}
