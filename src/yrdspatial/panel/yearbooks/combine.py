"""The figures of all tables into one: names kept apart, each figure once, what is printed only indirectly derived."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.gaps import shorten, unit_name
from yrdspatial.panel.yearbooks.problems import Problems, Spot
from yrdspatial.panel.yearbooks.synonyms import derivations, unit_of
from yrdspatial.panel.yearbooks.values import Record

VALUES = ("adcode", "year", "variable", "scope", "value", "unit", "source", "flag")
OUTSIDE = "outside the range of its column"
KEY = ["adcode", "year", "variable", "scope"]


def combine(records: Sequence[Record], problems: Problems) -> pd.DataFrame:
    """Combine the figures of all tables.

    Parameters
    ----------
    records : sequence of Record
        In the order of reading.
    problems : Problems
        Takes figures that are printed twice.

    Returns
    -------
    pandas.DataFrame
        The columns of ``.values`` and ``step``, sorted. Of a figure printed twice the finer one; both when they differ.

    Examples
    --------
    >>> combine([], Problems()).columns.tolist()[-2:]
    ['flag', 'step']
    """
    chosen = _once(_named_apart(records), problems)
    rows = [tuple(getattr(record, name) for name in (*VALUES, "step")) for record in chosen]
    table = pd.DataFrame(rows, columns=[*VALUES, "step"]).astype({"adcode": "Int64", "year": "Int64"})
    table = table.astype({"value": float, "step": float})
    suspect = _out_of_range(table)
    for record, wrong in zip(chosen, suspect, strict=True):
        if wrong:
            place = record.sheet.spot(record.row, record.column)
            said = f"{record.variable} of {unit_name(record.adcode)}, {record.scope}, {record.value:.10g} {record.unit}"
            problems.add("warning", f"{said} is {OUTSIDE}", "look for a misprint or another unit", place)
    flags = table["flag"].where(table["flag"] == "", table["flag"] + "; ") + f"suspect: {OUTSIDE}"
    table["flag"] = table["flag"].where(~suspect, flags)
    derived = [_in_range(found, problems) for found in _derived(table.loc[~suspect], problems)]
    return pd.concat([table, *derived], ignore_index=True).sort_values(KEY, kind="stable", ignore_index=True)


def _in_range(derived: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    suspect = _out_of_range(derived)
    for row in derived[suspect].itertuples():
        said = f"{row.variable} of {unit_name(row.adcode)}, {row.scope}, would be {row.value:.10g} {row.unit}"
        cure = "look for a misprint in the figures that it comes from"
        problems.add("warning", f"{said}, {OUTSIDE}; it is not derived", cure, Spot())
    return derived[~suspect]


def _out_of_range(table: pd.DataFrame) -> pd.Series:
    known = load_columns().reindex(table["variable"])
    low, high = known["min"].to_numpy(), known["max"].to_numpy()
    return (table["value"] < low) | (table["value"] > high)


def _named_apart(records: Sequence[Record]) -> list[Record]:
    titles: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if not record.known:
            titles[record.variable].add(record.title)
    return [
        replace(record, variable=f"{record.title}/{record.variable}")
        if not record.known and len(titles[record.variable]) > 1 and record.title
        else record
        for record in records
    ]


def _once(records: Sequence[Record], problems: Problems) -> list[Record]:
    cells: dict[tuple[object, ...], list[Record]] = {}
    for record in records:
        cells.setdefault((record.adcode, record.year, record.variable, record.scope), []).append(record)
    chosen: list[Record] = []
    said: dict[tuple[str, str, str], list[Record]] = {}
    for group in cells.values():
        kept, text, severity = _best(group)
        chosen += kept
        if text:
            said.setdefault((severity, text, group[0].variable), []).append(group[1])
    for (severity, text, variable), group in said.items():
        names = ", ".join(dict.fromkeys(unit_name(record.adcode) for record in group[:5]))
        more = f" and {len(group) - 5} more" if len(group) > 5 else ""
        place: Spot = group[0].sheet.spot(group[0].row, group[0].column)
        problems.add(
            "error" if severity == "error" else "note",
            f"{text}: {variable}, {names}{more}",
            CURES[severity],
            place,
        )
    return chosen


CURES = {"error": "keep the right one", "note": "nothing to do"}


def _best(group: list[Record]) -> tuple[list[Record], str, str]:
    if len(group) == 1:
        return group, "", ""
    figures = [record for record in group if record.value == record.value]
    if not figures:
        return group[:1], "a row or column is there twice, without figures", "note"
    best = min(figures, key=lambda record: record.step)
    same = [abs(record.value - best.value) <= 0.5001 * max(record.step, best.step) for record in figures]
    if not all(same):
        return figures, "figures that are printed twice differ", "error"
    twice = len({(id(record.sheet), record.row) for record in group}) > 1
    rows = (
        twice
        and len({id(record.sheet) for record in group}) == 1
        and len({record.column for record in group}) == 1
    )
    if rows:
        return [best], "a city is there twice, with the same figures", "error"
    return [best], "figures are printed twice and agree; the finer ones are kept", "note"


def _derived(table: pd.DataFrame, problems: Problems) -> list[pd.DataFrame]:
    found = []
    present = set(table["variable"])
    for column, needed, rule in derivations():
        if not present.issuperset(needed):
            continue
        wide = [_figures(table, name) for name in needed]
        both = wide[0].add_suffix("_a").join(wide[1].add_suffix("_b"), how="inner")
        have = _figures(table, column)
        rows = _computed(column, needed, rule, both) if len(both) else table.head(0)
        _check_printed(rows, have, problems)
        printed = pd.MultiIndex.from_frame(rows[["adcode", "year", "scope"]]).isin(have.index)
        found.append(rows[~printed])
    return found


def _check_printed(rows: pd.DataFrame, have: pd.DataFrame, problems: Problems) -> None:
    both = rows.set_index(["adcode", "year", "scope"]).join(have.add_suffix("_printed"), how="inner")
    gap = (both["value"] - both["value_printed"]).abs()
    wrong = both[gap > 0.55 * (both["step"] + both["step_printed"]) + 0.005 * both["value_printed"].abs()]
    if len(wrong):
        names = shorten([f"{unit_name(code)} ({scope})" for code, _, scope in wrong.index])
        said = wrong["flag"].iloc[0].removeprefix("derived: ").partition(",")[0]
        text = f"{wrong['variable'].iloc[0]} as printed is not {said}: {len(wrong)} figures, {names}"
        problems.add("warning", text, "look for a misprint or another unit in one of them", Spot())


def _figures(table: pd.DataFrame, name: str) -> pd.DataFrame:
    rows = table.loc[(table["variable"] == name) & table["value"].notna()]
    rows = rows.drop_duplicates(["adcode", "year", "scope"], keep=False)
    return rows.set_index(["adcode", "year", "scope"])[["value", "step", "source"]]


def _computed(column: str, needed: list[str], rule: str, both: pd.DataFrame) -> pd.DataFrame:
    a, b = both["value_a"], both["value_b"]
    if rule == "share":
        value, said = a * b / 100, f"derived: {needed[0]} x {needed[1]} / 100"
        half = 0.5 * (both["step_a"] * b + both["step_b"] * a).abs() / 100 + 0.5 * both["step_b"]
    else:
        value, said = (a / b * 1e4).where(b != 0), f"derived: {needed[0]} / {needed[1]}"
        half = 0.5 * value.abs() * (both["step_a"] / a + both["step_b"] / b)
    one = both["source_a"] == both["source_b"]
    rows = both.index.to_frame(index=False).assign(
        variable=column,
        value=[float(f"{number:.12g}") for number in value],
        unit=unit_of(column),
        source=both["source_a"].where(one, both["source_a"] + "; " + both["source_b"]).to_numpy(),
        flag=[f"{said}, rounding within {error:.2g}" for error in half.fillna(0)],
        step=2 * half.to_numpy(),
    )
    return rows[[*VALUES, "step"]].loc[rows["value"].notna()]
