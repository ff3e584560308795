"""Moves from one year to another that no economy makes: slips of the unit of measure, and jumps of single units."""

from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.panel.known import Known
from yrdspatial.panel.precision import half_widths
from yrdspatial.panel.problems import Findings, finding

ROBUST_Z = 5.0
LEAST_MOVE = 0.2  # log points off the median: smaller moves are no jumps, however alike the others are
LEAST_SPREAD = 0.01
FEW_UNITS = 10
WHOLE_MOVE = 0.405  # the median city by half
SLIP_SLACK = 0.3  # log10 points of real change that may hide behind a slip of the unit
LEAST_CELL_SLIP = 3  # powers of ten: real cells of small sectors moved hundredfold, none a thousandfold
LOOK_BACK = 5


def check_slips(draft: pd.DataFrame, known: Known) -> Findings:
    """Find columns and cells that are a power of ten off: another unit of measure.

    Parameters
    ----------
    draft : pandas.DataFrame
        One row a unit and variable.
    known : Known
        What is known; a column is compared with what the panel has of the same year, else with the latest of five
        years before.

    Returns
    -------
    list of dict
        Errors: a column about tenfold and more, a cell about a thousandfold and more off the other units.
    """
    found: Findings = []
    for column, rows in draft.groupby("variable"):
        new = rows.set_index("adcode")["value"]
        reference = _reference(str(column), known)
        if reference is None:
            continue
        year, old = reference
        ratio = _log_ratio(new, old) / np.log(10)
        median = ratio.median() if len(ratio) >= FEW_UNITS else 0.0
        power = round(median)
        if power and abs(median - power) < SLIP_SLACK:
            words = {"factor": f"10^{power}", "reference": year}
            found.append(finding("slip.column", "error", known.year, column=str(column), **words))
            continue
        off = (ratio - median).round().astype(int)
        for unit in ratio.index[(off.abs() >= LEAST_CELL_SLIP) & ((ratio - median - off).abs() < SLIP_SLACK)]:
            expected = f"about {old[unit] * 10**median:.4g}"
            more = {"factor": f"10^{off[unit]}", "reference": year, "expected": expected}
            found.append(
                finding(
                    "slip.cell", "error", known.year, unit=unit, column=str(column), value=new[unit], **more
                )
            )
    return found


def _log_ratio(new: pd.Series, old: pd.Series) -> pd.Series:
    before = old.reindex(new.index)
    usable = (new > 0) & (before > 0)
    return pd.Series(np.log((new[usable] / before[usable]).to_numpy(dtype=float)), new.index[usable])


def _reference(column: str, known: Known) -> tuple[int, pd.Series] | None:
    for year in range(known.year, known.year - LOOK_BACK - 1, -1):
        values = known.of_year(year)
        if column in values:
            return year, values[column].dropna()
    return None


def check_jumps(draft: pd.DataFrame, known: Known) -> Findings:
    """Find changes from the year before that stand out among the units.

    The robust z of a log change is its distance from the median over the units, in units of 1.4826 times the median
    absolute deviation.

    Parameters
    ----------
    draft : pandas.DataFrame
        One row a unit and variable.
    known : Known
        What is known.

    Returns
    -------
    list of dict
        A warning a jump, or a note where a known break explains it.

    References
    ----------
    Rousseeuw, P. J. and Croux, C. (1993), Journal of the American Statistical Association 88(424): 1273-1283
    (consistency factor 1.4826 of the median absolute deviation).
    """
    before = known.of_year(known.year - 1)
    found: Findings = []
    for column, rows in draft.groupby("variable"):
        if column not in before:
            continue
        new = rows.set_index("adcode")["value"]
        old = before[column].reindex(new.index)
        change = _log_ratio(new, old)
        vanished = new.index[(new == 0) & (old > 20 * half_widths(rows).to_numpy())]
        median = change.median() if len(change) >= FEW_UNITS else 0.0
        spread = max(1.4826 * (change - median).abs().median(), LEAST_SPREAD) if len(change) else LEAST_SPREAD
        z = (change - median) / spread
        jumps = change.index[(z.abs() > ROBUST_Z) & ((change - median).abs() > LEAST_MOVE)]
        found += [_jump(str(column), unit, new[unit], old[unit], f"{z[unit]:.1f}", known) for unit in jumps]
        found += [_jump(str(column), unit, 0.0, old[unit], "-inf", known) for unit in vanished]
        if abs(median) > WHOLE_MOVE and not known.explanation(str(column)):
            words = {"size": _percent(np.exp(median) - 1), "reference": known.year - 1}
            found.append(finding("jump.column", "warning", known.year, column=str(column), **words))
    return found


def _jump(column: str, unit: int, new: float, old: float, z: str, known: Known) -> dict[str, Any]:
    note = known.explanation(column, unit)
    more = {"reference": known.year - 1, "size": _percent(new / old - 1), "z": z, "note": note}
    return finding(
        "jump.known" if note else "jump",
        "note" if note else "warning",
        known.year,
        unit=unit,
        column=column,
        value=float(new),
        expected=f"{old:.10g} in {known.year - 1}",
        **more,
    )


def _percent(change: float) -> str:
    return f"{100 * change:+.1f} %"
