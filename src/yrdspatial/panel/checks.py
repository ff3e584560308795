"""The rules that the figures of one year have to keep; each returns what it finds, none raises on bad data."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pandas as pd

from yrdspatial.panel.columns import SETS
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.known import Known
from yrdspatial.panel.precision import half_widths, is_derived, same
from yrdspatial.panel.problems import Findings, Severity, finding

IDENTITIES = (
    ("gdp", SETS["three_sectors"]),
    ("100 %", ("share_primary", "share_secondary", "share_tertiary")),
    ("employed_units_total", SETS["sectors_19"]),
)
LARGE_GAP = 0.01  # of the total: beyond it a sum is no printed discrepancy but a wrong cell


def check_schema(draft: pd.DataFrame, known: Known) -> Findings:
    """Check every figure by itself: a finite number in its range and unit of measure, with a source.

    Parameters
    ----------
    draft : pandas.DataFrame
        Rows of the year: ``adcode``, ``variable``, ``value``, ``unit``, ``source``, ``flag``.
    known : Known
        What is known.

    Returns
    -------
    list of dict
        Errors.
    """
    import pandera.pandas as pa

    facts = known.columns.reindex(draft["variable"]).set_index(draft.index)

    def inside(values: pd.Series) -> pd.Series:
        here = facts.loc[values.index]
        low, high = here["min"].fillna(-np.inf), here["max"].fillna(np.inf)
        outcome: pd.Series = values.between(low, high) | ~values.abs().lt(np.inf)
        return outcome

    number = pa.Check(np.isfinite, name="number")
    schema = pa.DataFrameSchema(
        {
            "value": pa.Column(float, [number, pa.Check(inside, name="range")]),
            "unit": pa.Column(
                checks=pa.Check(lambda unit: unit == facts.loc[unit.index, "unit"], name="unit")
            ),
            "source": pa.Column(checks=pa.Check(lambda source: source.str.strip() != "", name="source")),
        }
    )
    try:
        schema.validate(draft, lazy=True)
    except pa.errors.SchemaErrors as error:
        return [_schema_finding(draft, facts, case, known.year) for case in error.failure_cases.itertuples()]
    return []


def _schema_finding(draft: pd.DataFrame, facts: pd.DataFrame, case: Any, year: int) -> dict[str, Any]:
    row, fact = draft.loc[case.index], facts.loc[case.index]
    rule = "number" if case.check == "not_nullable" else case.check
    expected = {"range": f"{fact['min']:g} to {fact['max']:g} {fact['unit']}", "unit": fact["unit"]}
    return finding(
        f"schema.{rule}",
        "error",
        year,
        unit=row["adcode"],
        column=row["variable"],
        value=row["unit"] if rule == "unit" else row["value"],
        expected=expected.get(rule, ""),
    )


def drop_duplicates(draft: pd.DataFrame, known: Known) -> tuple[pd.DataFrame, Findings]:
    """Keep one figure a cell, the finest, and find cells that were given twice.

    Parameters
    ----------
    draft : pandas.DataFrame
        Rows of the year.
    known : Known
        What is known.

    Returns
    -------
    draft : pandas.DataFrame
        One row a unit and variable.
    findings : list of dict
        An error where the figures differ, a note where they do not.
    """
    key = ["adcode", "variable"]
    ranked = draft.assign(width=half_widths(draft), computed=is_derived(draft))
    ranked = ranked.sort_values([*key, "computed", "width"], kind="stable")
    first = ranked.drop_duplicates(key)
    again = ranked.loc[ranked.duplicated(key)].merge(first, on=key, suffixes=("", "_first"))
    equal = same(again["value_first"], again["value"], again["width_first"], again["width"])
    found = [
        finding(
            "duplicate", "error", known.year, unit=unit, column=column, value=values.iloc[0], figures=text
        )
        for unit, column, values in _figures(again.loc[~equal])
        for text in [shorten([f"{value:.12g}" for value in dict.fromkeys(values)])]
    ]
    found += [
        finding("duplicate.same", "note", known.year, column=str(column), cells=count)
        for column, count in again.loc[equal].groupby("variable").size().items()
    ]
    return draft.loc[first.index].reset_index(drop=True), found


def _figures(again: pd.DataFrame) -> Iterator[tuple[object, str, pd.Series]]:
    for key, rows in again.groupby(["adcode", "variable"]):
        unit, column = cast("tuple[object, str]", key)
        yield unit, column, pd.concat([rows["value_first"].iloc[:1], rows["value"]])


def check_coverage(draft: pd.DataFrame, known: Known, why: dict[tuple[int, str], str]) -> Findings:
    """Name the units and columns without a figure.

    Parameters
    ----------
    draft : pandas.DataFrame
        One row a unit and variable.
    known : Known
        What is known.
    why : dict of (int, str) to str
        Flags of cells that were read as empty.

    Returns
    -------
    list of dict
        An error for a unit that the year would not have at all, a warning for one that the tables or a column lack,
        a note for a column that the year before had.
    """
    if draft.empty:
        return [finding("coverage.none", "error", known.year)]
    absent = known.units.difference(pd.Index(draft["adcode"]))
    lost = absent.difference(pd.Index(known.existing["adcode"]))
    found = [
        finding("coverage.unit", "error" if unit in lost else "warning", known.year, unit=unit)
        for unit in absent
    ]
    kept = pd.MultiIndex.from_frame(known.existing[["adcode", "variable"]])
    for column, rows in draft.groupby("variable"):
        for unit in known.units.difference(pd.Index(rows["adcode"])).difference(absent):
            if (unit, column) not in kept:
                flag = why.get((unit, str(column)), "")
                text = f" ({flag})" if flag else ""
                found.append(
                    finding("coverage.column", "warning", known.year, unit=unit, column=str(column), why=text)
                )
    present = {*draft["variable"], *known.existing["variable"]}
    before = known.of_year(known.year - 1).columns.difference(list(present))
    return found + [finding("coverage.variable", "note", known.year, column=column) for column in before]


def check_identities(draft: pd.DataFrame, known: Known) -> Findings:
    """Check that sectors add up to totals, within what the printed decimals allow.

    Figures that the panel already has stand in for those that the tables do not give.

    Parameters
    ----------
    draft : pandas.DataFrame
        One row a unit and variable.
    known : Known
        What is known.

    Returns
    -------
    list of dict
        An error where the tables contradict themselves by more than a hundredth of the total; a warning for smaller
        gaps beyond the rounding, and for gaps between the tables and figures of the panel.
    """
    old = known.existing.loc[~_cells(known.existing).isin(_cells(draft))]
    sides = [draft, known.in_force(old)]
    long = pd.concat([side.assign(width=half_widths(side), own=side is draft) for side in sides])
    wide = {
        field: long.pivot_table(index="adcode", columns="variable", values=field, aggfunc="first")
        for field in ("value", "width", "own")
    }
    return [row for total, parts in IDENTITIES for row in _identity(wide, total, list(parts), known.year)]


def _cells(long: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(long[["adcode", "variable"]])


def _identity(
    wide: dict[str, pd.DataFrame], total: str, parts: list[str], year: int
) -> Iterator[dict[str, Any]]:
    names = parts if total == "100 %" else [total, *parts]
    values, widths = (wide[field].reindex(columns=names).astype(float) for field in ("value", "width"))
    own = wide["own"].reindex(columns=names)
    whole = pd.Series(100.0, values.index) if total == "100 %" else values[total]
    gap = values[parts].sum(axis=1) - whole
    complete = values.notna().all(axis=1)
    beyond = gap.where(~complete, gap.abs()) > widths.sum(axis=1) + 1e-9 * whole.abs()
    touched = own.eq(True).any(axis=1) & whole.notna()
    for unit in values.index[beyond & touched]:
        alone = own.loc[unit].dropna().eq(True).all()
        severity: Severity = "error" if alone and abs(gap[unit]) > LARGE_GAP * abs(whole[unit]) else "warning"
        yield finding(
            "identity" if complete[unit] else "identity.excess",
            severity,
            year,
            unit=unit,
            column=parts[0] if total == "100 %" else total,
            value=float(whole[unit]),
            expected=f"{whole[unit] + gap[unit]:.10g} ± {widths.loc[unit].sum():.3g}",
            parts=f"{parts[0]} ... {parts[-1]} ({len(parts)})",
            total=total,
        )
