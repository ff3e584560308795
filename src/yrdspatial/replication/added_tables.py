"""Tables that nobody ships and a user can add: manufacturing by two-digit industry, services by branch."""

from pathlib import Path

import pandas as pd

from yrdspatial.datasets import dataset_names, read_table, read_toml
from yrdspatial.errors import DataError

SCHEMA = "claims/tables.toml"
PROVINCIAL = (310000, 320000, 330000, 340000)


def load_added(name: str, *, data_dir: str | Path | None = None) -> dict[int, pd.DataFrame]:
    """Load the user's tables of one kind.

    Parameters
    ----------
    name : {"manufacturing", "services"}
        Which table of ``claims/tables.toml``.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    dict of int to pandas.DataFrame
        By year: index adcode (cities, and provinces where they are given), one column an industry or branch, in 100
        million CNY; a branch that is not published is NaN.

    Examples
    --------
    >>> load_added("manufacturing")
    {}
    """
    names = dataset_names(f"panels/{name}", data_dir=data_dir)
    return {int(Path(path).stem): read_added(path, data_dir=data_dir) for path in names}


def read_added(path: str, *, data_dir: str | Path | None = None) -> pd.DataFrame:
    """Read one of the user's tables and check it against the schema.

    Parameters
    ----------
    path : str
        Registered name, such as ``panels/manufacturing/2020.csv``.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    pandas.DataFrame
        Index adcode, one column an industry or branch.

    Raises
    ------
    DataError
        If a column is missing, a unit of measure, a code or a name is not known, or a cell is given twice.
    """
    schema = read_toml(SCHEMA)
    kind = schema[Path(path).parent.name]
    table = read_table(path, data_dir=data_dir)
    lacking = sorted(set(kind["columns"]) - set(table.columns))
    if lacking:
        raise DataError("columns are missing", where=f"{path}: {', '.join(lacking)}", cure=template(kind))
    codes = spellings(schema["industries" if kind["branch"] == "industry" else "branches"])
    found = table[kind["branch"]].map(codes)
    problems = {
        "names are not in the schema": table.loc[found.isna(), kind["branch"]],
        f"values are not in {kind['unit']}": table.loc[table["unit"] != kind["unit"], "unit"],
        "values are negative or no numbers": table.loc[~(table["value"] >= 0), "value"],
        "units are not of the delta": table.loc[~table["adcode"].isin(known_units()), "adcode"],
        "cells are given twice": table.loc[table.assign(code=found).duplicated(["adcode", "code"]), "adcode"],
    }
    for what, rows in problems.items():
        if len(rows):
            listed = ", ".join(map(str, rows.unique()[:5]))
            raise DataError(what, where=f"{path}: {listed}", cure=f"correct the rows; {template(kind)}")
    return table.assign(code=found).pivot(index="adcode", columns="code", values="value")


def template(kind: dict[str, str]) -> str:
    """Say where the template is.

    Parameters
    ----------
    kind : dict
        A table of the schema.

    Returns
    -------
    str
        The cure of an error.
    """
    return f"the columns are those of {kind['template']}, explained in {SCHEMA}"


def spellings(codes: dict[str, list[str]]) -> dict[str, str]:
    """Map every accepted spelling of a branch to its code, the code itself too.

    Parameters
    ----------
    codes : dict of str to list of str
        Names by code.

    Returns
    -------
    dict of str to str
        Code by spelling.

    Examples
    --------
    >>> spellings({"C39": ["计算机、通信和其他电子设备制造业"]})["C39"]
    'C39'
    """
    return {name: code for code, names in codes.items() for name in (code, *names)}


def known_units() -> set[int]:
    """List the codes that a table may hold.

    Returns
    -------
    set of int
        The 41 units and the four provinces.
    """
    return {*read_table("shapes/units.csv")["adcode"].astype(int), *PROVINCIAL}


def cities_of(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of the 41 units.

    Parameters
    ----------
    table : pandas.DataFrame
        Index adcode.

    Returns
    -------
    pandas.DataFrame
        Without provinces other than Shanghai.
    """
    return table[~table.index.isin(PROVINCIAL[1:])]


def provinces_of(table: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Give the rows of the four provinces, or the sums of their cities.

    Parameters
    ----------
    table : pandas.DataFrame
        Index adcode.

    Returns
    -------
    table : pandas.DataFrame
        Index: the four provincial codes.
    printed : bool
        Whether all four stand in the table; if not, sums of cities stand in.
    """
    if set(PROVINCIAL) <= set(table.index):
        return table.loc[list(PROVINCIAL)], True
    cities = cities_of(table)
    return cities.groupby(cities.index.astype(int) // 10000 * 10000).sum(min_count=1), False
