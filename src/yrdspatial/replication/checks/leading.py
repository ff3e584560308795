"""Claims on leading industries and similar structures of the provinces (T1, Q4-01 to Q4-03)."""

import numpy as np
import pandas as pd

from yrdspatial.industry.similarity import similarity
from yrdspatial.panel.columns import sector_sets
from yrdspatial.replication.added_tables import provinces_of
from yrdspatial.replication.case import PROVINCES, Case
from yrdspatial.replication.checks.manufacturing import YEAR, missing, of_cities
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, decide, jaccard, said
from yrdspatial.tables.speech import listed, say, term

PROXY_YEAR = 2019
TABLE_1 = {"T1-01": 310000, "T1-02": 330000, "T1-03": 320000, "T1-04": 340000}
CLAIMED = ("C36", "C39", "C26")


def of_provinces(case: Case) -> tuple[pd.DataFrame, bool] | None:
    """Give manufacturing by province and industry in 2020.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    tuple or None
        The table, and whether provinces stand in it; None without a table of all provinces or all cities.
    """
    cities = of_cities(case)
    table, printed = provinces_of(case.manufacturing.get(YEAR, pd.DataFrame()))
    if printed:
        return table.fillna(0.0), True
    return None if cities is None else (provinces_of(cities)[0], False)


@check(*TABLE_1)
def leading_industries(case: Case, claim: Claim) -> Verdict:
    """Compute the five largest industries of a province (T1-01 to T1-04, D1, D3, D4).

    Returns
    -------
    Verdict
        Replicated when the sets are equal; source inconsistent for Anhui, where four of five are printed.
    """
    province = TABLE_1[claim.id]
    printed, found = case.leading[province], of_provinces(case)
    if found is None and claim.id != "T1-04":
        return missing(claim)
    top = [] if found is None else largest(found[0], province)
    if claim.id == "T1-04":
        fifth = listed(sorted(set(top) - set(printed))) if top else say("unknown without the table")
        why = say(
            "A table of the five largest prints four for Anhui, one without its mark 、; the fifth is {fifth}. Its "
            "column mixes output and revenue.",
            fifth=fifth,
        )
        return Verdict(
            "source inconsistent",
            listed(top) or say("{count} printed", count=len(printed)),
            why,
            gap=say("one missing"),
            data="table of the source",
        )
    order = say("same order") if top == printed else say("another order")
    vintage = "same" if found is not None and found[1] else "another"
    why = say("The column of the source mixes output and revenue; {order}.", order=order)
    gap = say("Jaccard {index:.3f}", index=jaccard(set(printed), set(top)))
    verdict = decide(set(top) == set(printed), vintage="same" if vintage == "same" else "another")
    return Verdict(verdict, listed(top), why, gap=gap, data="panels/manufacturing/2020.csv", vintage=vintage)


def largest(table: pd.DataFrame, province: int) -> list[str]:
    """Give the five largest industries of a province.

    Parameters
    ----------
    table : pandas.DataFrame
        Provinces by industry.
    province : int
        Its code.

    Returns
    -------
    list of str
        Codes, the largest first.
    """
    amounts = {str(code): float(table[code].loc[province]) for code in table}
    return sorted(amounts, key=lambda code: -amounts[code])[:5]


@check("Q4-03")
def three_leading(case: Case, claim: Claim) -> Verdict:
    """Look the three leading industries up in the table of the source (Q4-03, D2).

    Returns
    -------
    Verdict
        Source inconsistent: cars are not among those of Jiangsu.
    """
    lists = {name: case.leading[PROVINCES[name]] for name in ("Shanghai", "Zhejiang", "Jiangsu")}
    missed = [
        say("{industry} in {province}", industry=code, province=term(name))
        for name, codes in lists.items()
        for code in CLAIMED
        if code not in codes
    ]
    shared = sorted(set.intersection(*map(set, lists.values())))
    true = len(CLAIMED) * len(lists) - len(missed)
    why = say(
        "The table of the source has no {missed}; common to all three are {shared}.",
        missed=say(" and no ").join(missed),
        shared=listed(shared),
    )
    computed = say("{true} of {all:.0f} cells", true=true, all=claim.figures[0])
    return Verdict(
        "source inconsistent", computed, why, gap=said([true - claim.figures[0]]), data="table of the source"
    )


def overlaps(case: Case) -> dict[str, float]:
    """Jaccard indices of the printed leading industries, by pair of provinces.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    dict of str to float
        By pair, such as "Shanghai-Zhejiang".
    """
    names = list(PROVINCES)
    return {
        say("{a}-{b}", a=term(a), b=term(b)): jaccard(
            set(case.leading[PROVINCES[a]]), set(case.leading[PROVINCES[b]])
        )
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    }


@check("Q4-01", "Q4-02")
def alike(case: Case, claim: Claim) -> Verdict:
    """Compare the structures of the provinces (Q4-01, Q4-02).

    Returns
    -------
    Verdict
        Replicated when UNIDO similarity is above 0.7 on average, or higher among the three than with Anhui.
    """
    found = of_provinces(case)
    if found is None:
        pairs = say("; ").join(f"{pair} {value:.3f}" for pair, value in overlaps(case).items())
        printed = (
            say("overlap of the printed leading industries (Jaccard): {pairs}", pairs=pairs)
            if claim.id == "Q4-02"
            else ""
        )
        return missing(claim, computed=printed, proxy=sector_similarity(case))
    table, printed_provinces = found
    unido, krugman = similarity(table, measure="unido"), similarity(table, measure="krugman")
    three, four = among(unido, list(table.index[:3])), among(unido, list(table.index))
    with_anhui = (6 * four - 3 * three) / 3
    reverse = (
        among(krugman, list(table.index[:3]))
        > (6 * among(krugman, list(table.index)) - 3 * among(krugman, list(table.index[:3]))) / 3
    )
    holds = four > claim.tolerance if claim.id == "Q4-01" else three > with_anhui and reverse
    computed = say(
        "mean {four:.3f}; among the three {three:.3f}; with Anhui {with_anhui:.3f}",
        four=four,
        three=three,
        with_anhui=with_anhui,
    )
    why = say("UNIDO similarity over {count} two-digit industries.", count=table.shape[1])
    vintage = "same" if printed_provinces else "another"
    verdict = decide(bool(holds), vintage="same" if printed_provinces else "another")
    return Verdict(verdict, computed, why, data="panels/manufacturing/2020.csv", vintage=vintage)


def among(matrix: pd.DataFrame | pd.Series, codes: list[int]) -> float:
    """Mean over the pairs of some units.

    Parameters
    ----------
    matrix : pandas.DataFrame
        Similarity of all pairs.
    codes : list of int
        The units.

    Returns
    -------
    float
        The mean.
    """
    block = pd.DataFrame(matrix).loc[codes, codes].to_numpy(dtype=float)
    return float(block[np.triu_indices(len(codes), 1)].mean())


def sector_similarity(case: Case) -> str:
    """Say the UNIDO similarity of the provinces over 19 sectors of employment.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    str
        Means over all pairs and among the three.
    """
    columns = sector_sets()["sectors_19"]
    cities = pd.DataFrame({column: case.at(column, PROXY_YEAR) for column in columns})
    table = cities.groupby(cities.index // 10000).sum()
    unido = similarity(table, measure="unido")
    codes = [31, 32, 33, 34]
    return (
        f"UNIDO over 19 sectors of employment {PROXY_YEAR}, all pairs {among(unido, codes):.3f}, among the three "
        f"{among(unido, codes[:3]):.3f}"
    )


CHECKS: tuple[Check, ...] = (leading_industries, three_leading, alike)
