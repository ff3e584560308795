"""New figures beside those that the panel has: which are new, which the same, and which the user has to judge."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.panel.known import Known
from yrdspatial.panel.precision import half_widths, is_derived, same
from yrdspatial.panel.problems import Findings, finding
from yrdspatial.panel.years import LAYOUT

Answer = Literal["keep", "replace", "both"]
ANSWERS = {"keep": "kept", "replace": "replaced", "both": "both"}
CHANGES = ("adcode", "variable", "old", "new", "kind", "vintage", "in_force")
KEY = ["adcode", "variable"]
REPLACED = "replaced "
NUMBER = r" \(\d+\)$"


@dataclass(frozen=True)
class Merge:
    """The year file as it would be, and what changes in it.

    Attributes
    ----------
    rows : pandas.DataFrame
        The columns of a year file, sorted.
    changes : pandas.DataFrame
        ``adcode``, ``variable``, ``old`` (in force before), ``new`` (of the tables), ``kind`` (new, finer, clash,
        kept, replaced, both), ``vintage`` (of the new figure) and ``in_force`` (afterwards).
    unchanged : int
        Figures that the panel has already.
    findings : list of dict
        An error for every clash.
    """

    rows: pd.DataFrame
    changes: pd.DataFrame
    unchanged: int
    findings: Findings


def merge_year(draft: pd.DataFrame, known: Known, vintage: Answer | None) -> Merge:
    """Lay the figures of the tables beside those of the panel.

    A figure that equals one of the panel within the printed precision changes nothing, unless it is finer. One that
    differs is a clash: ``keep`` leaves the panel, ``replace`` puts the new figure in force and keeps the old rows
    under a vintage that begins with "replaced", ``both`` keeps both under their vintages, of which the order in
    ``columns.toml`` chooses.

    Parameters
    ----------
    draft : pandas.DataFrame
        One row a unit and variable, in the columns of a year file.
    known : Known
        What is known.
    vintage : {"keep", "replace", "both"} or None
        What to do with a clash; None makes it an error.

    Returns
    -------
    Merge
        Nothing is written.
    """
    compared = _compared(draft, known)
    kinds = compared["kind"].replace("clash", ANSWERS[vintage]) if vintage else compared["kind"]
    known_elsewhere = compared["recorded"] & (kinds != "replaced") & (kinds != "finer")
    kinds = kinds.mask(known_elsewhere & (kinds != "new"), "same")
    rows = _rows(draft, known.existing, kinds)
    in_force = known.in_force(rows).set_index(KEY)["value"]
    changes = compared.assign(kind=kinds).loc[kinds != "same"]
    now = in_force.reindex(pd.MultiIndex.from_frame(changes[KEY])).to_numpy()
    changes = changes.assign(in_force=now)[list(CHANGES)].sort_values(KEY, ignore_index=True)
    clashes = compared.loc[kinds == "clash"]
    findings = [
        finding(
            "vintage",
            "error",
            known.year,
            unit=row.adcode,
            column=str(row.variable),
            value=row.new,
            expected=f"{row.old:.12g}",
            vintage=row.old_vintage,
        )
        for row in clashes.itertuples()
    ]
    return Merge(rows, changes, int((kinds == "same").sum()), findings)


def _compared(draft: pd.DataFrame, known: Known) -> pd.DataFrame:
    new = draft.assign(width=half_widths(draft), derived=is_derived(draft))
    every = known.existing.assign(width=half_widths(known.existing), derived=is_derived(known.existing))
    chosen = known.in_force(every)
    both = new.merge(chosen, how="left", on=KEY, suffixes=("", "_old"))
    equal = same(both["value_old"], both["value"], both["width_old"], both["width"])
    printed = ~both["derived"] & both["derived_old"].eq(True)
    identical = same(both["value_old"], both["value"], 0 * both["width"], 0 * both["width"])
    better = printed | (both["width"] < (1 - 1e-6) * both["width_old"])
    finer = equal & ~identical & ~both["derived"] & better
    kind = np.select([both["value_old"].isna(), finer, equal], ["new", "finer", "same"], "clash")
    return pd.DataFrame(
        {
            "adcode": both["adcode"],
            "variable": both["variable"],
            "old": both["value_old"],
            "new": both["value"],
            "kind": kind,
            "vintage": both["vintage"],
            "old_vintage": both["vintage_old"],
            "recorded": _recorded(new, every),
        }
    )


def _recorded(new: pd.DataFrame, every: pd.DataFrame) -> pd.Series:
    beside = new.reset_index().merge(every, on=KEY, suffixes=("", "_old"))
    equal = same(beside["value_old"], beside["value"], beside["width_old"], beside["width"])
    return pd.Series(new.index.isin(beside.loc[equal, "index"]), new.index)


def _rows(draft: pd.DataFrame, existing: pd.DataFrame, kinds: pd.Series) -> pd.DataFrame:
    added = draft.loc[kinds.isin(["new", "finer", "replaced", "both"]).to_numpy(), list(LAYOUT)]
    over = pd.MultiIndex.from_frame(draft.loc[kinds.isin(["finer", "replaced"]).to_numpy(), KEY])
    settled = existing["vintage"].str.startswith(REPLACED)
    out = pd.MultiIndex.from_frame(existing[KEY]).isin(over) & ~settled
    old = existing.assign(vintage=existing["vintage"].mask(out, REPLACED + existing["vintage"]))
    rows = pd.concat([old.loc[settled], old.loc[~settled], added], ignore_index=True)[list(LAYOUT)]
    label = rows["vintage"].str.replace(NUMBER, "", regex=True)
    number = label.groupby([rows["adcode"], rows["variable"], label]).cumcount() + 1
    rows["vintage"] = label.mask(number > 1, label + " (" + number.astype(str) + ")")
    return rows.sort_values([*KEY, "vintage"], ignore_index=True)
