"""The year files of a panel: read, checked against the column dictionary, one value a cell chosen."""

import re
from pathlib import Path, PurePosixPath

import pandas as pd

from yrdspatial.datasets import dataset_names, read_table
from yrdspatial.errors import DataError
from yrdspatial.panel.gaps import shorten, unit_name

LAYOUT = ("adcode", "variable", "value", "unit", "source", "flag", "vintage")


def read_years(name: str, *, data_dir: str | Path | None = None) -> pd.DataFrame:
    """Read the year files of a panel, shipped and the user's.

    Parameters
    ----------
    name : str
        Folder below ``panels/``; every registered file ``<year>.csv`` in it is a year.
    data_dir : str or Path, optional
        The user's data folder, laid over the shipped years.

    Returns
    -------
    pandas.DataFrame
        Columns ``adcode``, ``year``, ``variable``, ``value``, ``unit``, ``source``, ``flag``, ``vintage``.

    Raises
    ------
    DataError
        If there is no such panel, or a file lacks a column.

    Examples
    --------
    >>> long = read_years("yrd")
    >>> int(long["year"].min()), long["variable"].nunique()
    (2003, 36)
    """
    files = [file for file in dataset_names(f"panels/{name}", data_dir=data_dir) if year_of(file)]
    if not files:
        raise DataError("there is no such panel", where=f"panels/{name}", cure='say "yrd", or add year files')
    tables = []
    for file in files:
        table = read_table(file, data_dir=data_dir)
        lacking = [column for column in LAYOUT if column not in table]
        if lacking:
            cure = f"the columns of a year file are {', '.join(LAYOUT)}"
            raise DataError(f"a year file lacks {', '.join(lacking)}", where=file, cure=cure)
        tables.append(table[list(LAYOUT)].assign(year=year_of(file), file=file))
    long = pd.concat(tables, ignore_index=True)
    texts = ["unit", "source", "flag", "vintage"]
    return long.assign(**{name: long[name].astype(object).where(long[name].notna(), "") for name in texts})


def year_of(file: str) -> int | None:
    """Return the year of a year file.

    Returns
    -------
    int or None
        None when the file is not called after a year.

    Examples
    --------
    >>> year_of("panels/yrd/2023.csv"), year_of("panels/yrd/columns.toml")
    (2023, None)
    """
    path = PurePosixPath(file)
    return int(path.stem) if path.suffix == ".csv" and re.fullmatch(r"[12]\d{3}", path.stem) else None


def check_years(long: pd.DataFrame, columns: pd.DataFrame, units: pd.Index | None) -> pd.DataFrame:
    """Check the year files cell by cell and return them with numbers for values.

    A DataError tells of a unit that is missing or unknown, a cell that is there twice, a column that is not in the
    dictionary or has another unit of measure, a value that is not a number, out of its range, or without a source.

    Parameters
    ----------
    long : pandas.DataFrame
        As of :func:`read_years`.
    columns : pandas.DataFrame
        The column dictionary, as of :func:`~yrdspatial.panel.columns.load_columns`.
    units : pandas.Index or None
        The units that every year must have; None asks for the same units in every year.

    Returns
    -------
    pandas.DataFrame
        The same rows, ``value`` float.

    Examples
    --------
    >>> from yrdspatial.panel.columns import load_columns
    >>> len(check_years(read_years("yrd"), load_columns(), None)) > 20_000
    True
    """
    long = long.assign(number=pd.to_numeric(long["value"], errors="coerce"))
    known = columns.reindex(long["variable"]).reset_index(drop=True)
    known.index = long.index
    key = ["adcode", "year", "variable", "vintage"]
    refuse(long, known["unit"].isna(), "a column is not in the dictionary", "describe it in columns.toml")
    refuse(long, long["number"].isna(), "a value is not a number", "correct it, or leave the row out if none")
    other = long["unit"] != known["unit"]
    refuse(long, other, "a value has another unit of measure", "convert it to the unit of columns.toml")
    outside = (long["number"] < known["min"]) | (long["number"] > known["max"])
    refuse(long, outside, "a value is out of the range of its column", "look for a misprint or another unit")
    refuse(long, long["source"] == "", "a value has no source", "say where the value was read")
    cure = "keep one row, or give the rows different vintages"
    refuse(long, long.duplicated(key), "a cell is there twice with one vintage", cure)
    _same_units(long, units)
    return long.assign(value=long["number"]).drop(columns="number")


def refuse(long: pd.DataFrame, wrong: pd.Series, what: str, cure: str) -> None:
    """Raise for the first wrong row.

    Parameters
    ----------
    long : pandas.DataFrame
        As of :func:`read_years`.
    wrong : pandas.Series
        Which rows are wrong, bool.
    what, cure : str
        Texts of the error.

    Raises
    ------
    DataError
        If any row is wrong: names file, unit, column and value.

    Examples
    --------
    >>> refuse(pd.DataFrame({"value": [1.0]}), pd.Series([False]), "wrong", "cure")
    """
    if wrong.any():
        row = long.loc[wrong].iloc[0]
        where = f"{row['file']}, {unit_name(row['adcode'])}, {row['variable']} = {row['value']} {row['unit']}"
        more = f" ({int(wrong.sum())} rows)" if wrong.sum() > 1 else ""
        raise DataError(what + more, where=where.rstrip(), cure=cure)


def _same_units(long: pd.DataFrame, units: pd.Index | None) -> None:
    expected = set(long["adcode"]) if units is None else set(units)
    for file, rows in long.groupby("file"):
        found = set(rows["adcode"])
        for text, labels in (("lacks units", expected - found), ("has unknown units", found - expected)):
            if labels:
                cure = "every year file has every unit at least once, by its six-digit code"
                names = shorten([unit_name(unit) for unit in sorted(labels)])
                raise DataError(f"a year file {text}", where=f"{file}: {names}", cure=cure)


def choose_vintages(long: pd.DataFrame, preferred: list[str]) -> pd.DataFrame:
    """Keep one value a cell: the vintage that stands first in the dictionary.

    Parameters
    ----------
    long : pandas.DataFrame
        As of :func:`check_years`.
    preferred : list of str
        Vintages, the preferred first. A numbered vintage such as ``ccsy2021`` has the rank of ``ccsy``; among
        numbered ones the latest wins; a vintage that is not in the list comes last.

    Returns
    -------
    pandas.DataFrame
        One row a unit, year and variable, sorted.

    Examples
    --------
    >>> long = pd.DataFrame({"adcode": 1, "year": 2018, "variable": "gdp", "value": [1.0, 2.0],
    ...                      "vintage": ["before", "census"]})
    >>> choose_vintages(long, ["census", "before"])["value"].tolist()
    [2.0]
    """
    key = ["adcode", "year", "variable"]
    if not long.duplicated(key).any():
        return long.sort_values(key, ignore_index=True)
    order = {vintage: rank for rank, vintage in enumerate(preferred)}
    parts = long["vintage"].str.extract(r"^(.*?)(\d{4})?$")
    rank = parts[0].map(order).fillna(len(order))
    edition = -pd.to_numeric(parts[1]).fillna(0)
    ranked = long.assign(_rank=long["vintage"].map(order).fillna(rank), _edition=edition)
    ranked = ranked.sort_values([*key, "_rank", "_edition", "vintage"])
    return ranked.drop_duplicates(key).drop(columns=["_rank", "_edition"]).reset_index(drop=True)
