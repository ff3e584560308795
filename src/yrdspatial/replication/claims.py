"""Is the paper right: the registry of its claims, every check run, one row a claim with its verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from yrdspatial.datasets import read_table
from yrdspatial.replication.case import Case
from yrdspatial.replication.checks import (
    accounts,
    growth,
    innovation,
    institutions,
    leading,
    literature,
    manufacturing,
    places,
    producer_services,
    radiation,
    structure,
    transfers,
)
from yrdspatial.replication.study import Study
from yrdspatial.replication.verdicts import VERDICTS, Check, Claim, Verdict
from yrdspatial.tables.speech import say

MODULES: tuple[ModuleType, ...] = (
    accounts,
    growth,
    innovation,
    institutions,
    leading,
    literature,
    manufacturing,
    places,
    producer_services,
    radiation,
    structure,
    transfers,
)
LEVEL = 0.05
LISTS = ("figures", "regions", "defects")


def load_claims(*, data_dir: str | Path | None = None) -> list[Claim]:
    """Load the registry.

    Parameters
    ----------
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    list of Claim
        125 claims in the order of the registry.

    Examples
    --------
    >>> len(load_claims())
    125
    """
    table = read_table("claims/claims.csv", data_dir=data_dir)
    texts = table.drop(columns=["tolerance", "year"]).fillna("").astype(str)
    return [
        Claim(
            **{column: row[column] for column in texts.columns if column not in LISTS},
            year="" if pd.isna(year) else f"{year:.0f}",
            tolerance=float(tolerance),
            figures=tuple(float(figure) for figure in split(row["figures"])),
            regions=split(row["regions"]),
            defects=split(row["defects"]),
        )
        for row, year, tolerance in zip(
            texts.to_dict("records"), table["year"], table["tolerance"], strict=True
        )
    ]


def split(cell: str) -> tuple[str, ...]:
    """Split a cell of the registry at its semicolons.

    Parameters
    ----------
    cell : str
        May be empty.

    Returns
    -------
    tuple of str
        The parts.

    Examples
    --------
    >>> split("tier1; tier2")
    ('tier1', 'tier2')
    """
    return tuple(part for part in cell.split("; ") if part)


def all_checks(modules: Iterable[ModuleType] = MODULES) -> dict[str, Check]:
    """Collect the checks by claim.

    Parameters
    ----------
    modules : iterable of modules
        Each with a tuple ``CHECKS``.

    Returns
    -------
    dict of str to Check
        Every claim has one.
    """
    return {name: one for module in modules for one in module.CHECKS for name in one.ids}


def check_claims(
    study: Study, *, seed: int, permutations: int = 999, data_dir: str | Path | None = None
) -> pd.DataFrame:
    """Judge every claim.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of the permutation tests.
    permutations : int
        Number of permutations of local statistics.
    data_dir : str or Path, optional
        The user's data folder; tables added there make further claims computable.

    Returns
    -------
    pandas.DataFrame
        One row a claim, in the order of the registry: id, type, statement, verdict, printed, computed, gap, why, unit,
        year, rule, data, vintage, weights, seed, p, p_fdr, by_weights, proxy, defects.
    """
    case = Case(study, seed=seed, permutations=permutations, data_dir=data_dir)
    claims, checks = load_claims(data_dir=data_dir), all_checks()
    verdicts = {claim.id: checks[claim.id].judge(case, claim) for claim in claims}
    adjusted = adjust({claim.id: verdicts[claim.id] for claim in claims if claim.type == "E"})
    corrected = {name: correct(verdicts[name], p) for name, p in adjusted.items()}
    table = pd.DataFrame([row(claim, {**verdicts, **corrected}[claim.id], adjusted) for claim in claims])
    return table.astype({"seed": "Int64", "p": float, "p_fdr": float})


def adjust(family: Mapping[str, Verdict]) -> dict[str, float]:
    """Adjust the p-values of the claims on structure in space for their number (Benjamini and Hochberg).

    Parameters
    ----------
    family : mapping of str to Verdict
        Verdicts of the family. Those without a p-value are left out, and those that claim no effect: no small p-value
        can carry them.

    Returns
    -------
    dict of str to float
        Adjusted p-value by claim.

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995), Controlling the false discovery rate, *Journal of the Royal Statistical
    Society B* 57(1), 289-300, eq. 1.

    Examples
    --------
    >>> one = Verdict("replicated", "", "", p=0.02)
    >>> adjust({"E-1": one, "E-2": Verdict("replicated", "", "", p=0.04)})
    {'E-1': 0.04, 'E-2': 0.04}
    """
    given = {
        name: verdict.p for name, verdict in family.items() if verdict.p is not None and not verdict.retain
    }
    values = np.array(list(given.values()), dtype=float)
    adjusted = np.asarray(false_discovery_control(values)) if values.size else values
    return {name: round(float(p), 10) for name, p in zip(given, adjusted, strict=True)}


def correct(verdict: Verdict, p: float) -> Verdict:
    """Take a verdict back when the adjusted p-value does not carry it.

    Parameters
    ----------
    verdict : Verdict
        A verdict with a p-value.
    p : float
        The adjusted p-value.

    Returns
    -------
    Verdict
        Not replicated when it was, and the adjusted p-value is 0.05 or more.
    """
    if not verdict.verdict.startswith("replicated") or p < LEVEL:
        return verdict
    why = verdict.why + say(
        " Over the family of claims on structure the p-value is {p:.3f}, which does not carry it.", p=p
    )
    return replace(verdict, verdict="not replicated", why=why)


def row(claim: Claim, verdict: Verdict, adjusted: Mapping[str, float]) -> dict[str, object]:
    """Lay a claim and its verdict out as a row.

    Parameters
    ----------
    claim : Claim
        The claim.
    verdict : Verdict
        Its verdict.
    adjusted : mapping of str to float
        Adjusted p-values by claim.

    Returns
    -------
    dict
        The row of the table.
    """
    by_weights = "; ".join(f"{name} {value:+.3f}" for name, value in verdict.by_weights.items())
    return {
        "id": claim.id,
        "type": claim.type,
        "statement": claim.stated(),
        "verdict": verdict.verdict,
        "printed": claim.printed,
        "computed": verdict.computed,
        "gap": verdict.gap,
        "why": verdict.why,
        "unit": claim.unit,
        "year": claim.year,
        "rule": claim.rule,
        "data": verdict.data,
        "vintage": verdict.vintage,
        "weights": verdict.weights,
        "seed": verdict.seed,
        "p": verdict.p,
        "p_fdr": adjusted.get(claim.id),
        "by_weights": by_weights,
        "proxy": verdict.proxy,
        "defects": " ".join(claim.defects),
    }


def count_verdicts(claims: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts by type of claim.

    Parameters
    ----------
    claims : pandas.DataFrame
        As returned by `check_claims`.

    Returns
    -------
    pandas.DataFrame
        One row a verdict, in the order of `VERDICTS`, one column a type, and ``all``.
    """
    counts = pd.crosstab(claims["verdict"], claims["type"]).reindex(list(VERDICTS), fill_value=0)
    return counts.assign(all=counts.sum(axis=1)).rename_axis(columns=None)
