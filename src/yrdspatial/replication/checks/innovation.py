"""Claims on research, patents and universities (S4, Q5, G-02, G-04)."""

from collections.abc import Sequence

import numpy as np

from yrdspatial.replication.case import PROVINCES, Case
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, compare, decide, said
from yrdspatial.tables.speech import say, term

YEAR = 2020
BULLETINS = "national and provincial bulletins on research and innovation"
NATION = {
    "S4-01": ("rd_expenditure", "spending"),
    "S4-02": ("rd_fte", "person-years, the bulletins print no head count"),
    "S4-05": ("patents_granted", "patents of all kinds"),
}
LISTS = ("S4-03", "S4-07", "S4-09", "Q5-01", "Q5-02", "Q5-03")
PATENTS = (310000, 330100, 320100, 320500, 340100)
SPENDING = {320500: 761.59, 330100: 578.8, 320100: 515.0, 330200: 354.0}


@check(*NATION)
def share_of_nation(case: Case, claim: Claim) -> Verdict:
    """Divide the sum of the four provinces by the nation (S4-01, S4-02, S4-05).

    Returns
    -------
    Verdict
        Replicated inside the band of the rule.
    """
    variable, what = NATION[claim.id]
    row = case.bulletin(variable, YEAR)
    share = sum(row[name] for name in PROVINCES) / row["China"]
    inside = abs(share - round(claim.figures[0], 2)) <= claim.tolerance + 1e-9
    low, high = claim.rule.removeprefix("between ").split(" and ")
    why = say(
        "Four provinces over the nation, {what}; the band of the rule is {low} and {high}.",
        what=term(what),
        low=low,
        high=high,
    )
    gap = said([share - claim.figures[0]], 3)
    return Verdict(decide(inside), said([share], 3), why, gap=gap, data=BULLETINS, vintage="as published")


@check("S4-06")
def high_tech_share(case: Case, claim: Claim) -> Verdict:
    """Say what would decide on certified high-tech firms (S4-06).

    Returns
    -------
    Verdict
        Not testable, with high-tech manufacturing as a proxy.
    """
    row = case.bulletin("hightech_mfg_firms", YEAR)
    share = sum(row[name] for name in PROVINCES) / row["China"]
    why = say("The table of {table} would decide; it is not there.", table=term(claim.data))
    return Verdict(
        "not testable", "", why, proxy=f"high-tech manufacturing firms: {share:.3f}", data=BULLETINS
    )


@check("S4-04", "S4-08")
def universities(case: Case, claim: Claim) -> Verdict:
    """Add up the universities that the source lists (S4-04, S4-08, D5).

    Returns
    -------
    Verdict
        Source inconsistent.
    """
    nation = case.fact("first_class_universities") + case.fact("first_class_disciplines")
    own = 4 + 2 + 1 + 1 + 10 + 13 + 3 + 3
    why = say(
        "The source lists {own} of {nation:.0f}, more than a quarter, and claims a fifth; even with the three of "
        "Zhejiang and of Anhui read as totals it is {share:.3f}.",
        own=own,
        nation=nation,
        share=(own - 2) / nation,
    )
    data = "claims/evidence.csv; counts by province as printed"
    return Verdict(
        "source inconsistent",
        f"{own}/{nation:.0f} = {own / nation:.3f}",
        why,
        gap=said([own / nation - 0.2], 3),
        data=data,
    )


@check(*LISTS)
def lists_nobody_ships(case: Case, claim: Claim) -> Verdict:
    """Say which list or table would decide (S4-03, S4-07, S4-09, Q5-01, Q5-02, Q5-03).

    Returns
    -------
    Verdict
        Not testable.
    """
    known = case.fact("jiangsu_double_first_class")
    proxy = f"Jiangsu in all: 15 printed, {known:.0f} in the list" if claim.id == "S4-07" else ""
    why = say("It takes: {table}; not there.", table=term(claim.data))
    return Verdict("not testable", "", why, proxy=proxy)


@check("S4-10")
def provincial_research(case: Case, claim: Claim) -> Verdict:
    """Look the research spending of the provinces up (S4-10).

    Returns
    -------
    Verdict
        Exact or not.
    """
    row = case.bulletin("rd_expenditure", YEAR)
    values = [row[name] for name in ("Jiangsu", "Zhejiang", "Shanghai", "Anhui")]
    order = say("yes") if values == sorted(values, reverse=True) else say("no")
    why = say("The bulletins print the same; descending: {order}.", order=order)
    return compare(claim, values, vintage="same", data=BULLETINS, why=why)


@check("S4-11", "S4-12")
def city_figures(case: Case, claim: Claim) -> Verdict:
    """Set city figures beside the provincial totals they must fit into (S4-11, S4-12).

    Returns
    -------
    Verdict
        Recorded: but for Shanghai only the source prints them.
    """
    figures = list(claim.figures)
    falling = figures == sorted(figures, reverse=True)
    order = say("descending as printed") if falling else say("not in descending order")
    if claim.id == "S4-11":
        total = case.bulletin("rd_expenditure", YEAR)["Jiangsu"]
        why = say(
            "Only the source prints them; the {table} would decide. Jiangsu has {total:.1f}.",
            table=term(claim.data),
            total=total,
        )
        both = say("{order}; Jiangsu's two sum to {sum:.2f}", order=order, sum=figures[0] + figures[2])
        return Verdict("recorded", both, why, data=BULLETINS)
    shanghai = case.bulletin("invention_patents_granted", YEAR)["Shanghai"]
    why = say(
        "The bulletins give Shanghai's figure ({figure:.0f}); only the source prints the other four.",
        figure=shanghai,
    )
    gap = say("Shanghai {figure}", figure=said([shanghai - figures[0]], 0))
    computed = say("Shanghai {figure:.0f}; {order}", figure=shanghai, order=order)
    return Verdict("recorded", computed, why, gap=gap, data=BULLETINS)


@check("S4-13")
def pole_and_cores(case: Case, claim: Claim) -> Verdict:
    """Look for one pole and two cores in patents and in spending (S4-13, D8).

    Returns
    -------
    Verdict
        Source inconsistent: the two printed indicators disagree.
    """
    patents = np.array([24208, 17343, 14904, 9909, 7593])
    ratios = patents[:-1] / patents[1:]
    spending = {310000: case.bulletin("rd_expenditure", YEAR)["Shanghai"], **SPENDING}
    ranked = sorted(spending, key=lambda code: -spending[code])
    between = min(ratios[0], ratios[2]) > max(ratios[1], ratios[3])
    classes = (
        say("On patents the classes are set apart by the largest ratios")
        if between
        else say("On patents the classes are not set apart by the largest ratios")
    )
    why = classes + say(
        "; on research spending, printed in the same paragraph, Suzhou stands before both cores."
    )
    computed = say(
        "patents, ratios down the order: {ratios}; spending: {cities}",
        ratios=said(ratios, 3),
        cities=case.names(ranked),
    )
    data = "city figures as printed; Shanghai's spending from the bulletins"
    return Verdict("source inconsistent", computed, why, data=data)


@check("G-02")
def uneven_resources(case: Case, claim: Claim) -> Verdict:
    """Say what would decide on the unevenness of research (G-02).

    Returns
    -------
    Verdict
        Not testable by city, with provinces as a proxy.
    """
    amounts = {
        "gross product": case.province_sums("gdp", YEAR),
        "research spending": case.bulletin("rd_expenditure", YEAR),
        "invention patents": case.bulletin("invention_patents_granted", YEAR),
    }
    ginis = {what: gini([values[name] for name in PROVINCES]) for what, values in amounts.items()}
    proxy = "Gini over the four provinces: " + ", ".join(
        f"{name} {value:.3f}" for name, value in ginis.items()
    )
    why = say("It takes: {table}; only provinces are there.", table=term(claim.data))
    return Verdict("not testable", "", why, proxy=proxy, data=BULLETINS)


def gini(values: Sequence[float]) -> float:
    """Gini coefficient: half the mean absolute difference over the mean.

    Parameters
    ----------
    values : sequence of float
        Not negative.

    Returns
    -------
    float
        In [0, 1).

    Examples
    --------
    >>> gini([1.0, 3.0])
    0.25
    """
    x = np.asarray(values, dtype=float)
    return float(np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean()))


@check("G-04")
def provincial_profiles(case: Case, claim: Claim) -> Verdict:
    """Rank the provinces by the strength each is named for (G-04).

    Returns
    -------
    Verdict
        Replicated when each named province is first; private firms are not there.
    """
    then, now = (case.bulletin("hightech_mfg_revenue", year) for year in (2016, YEAR))
    indicators = {
        ("Shanghai", "research intensity"): case.bulletin("rd_intensity", YEAR),
        ("Jiangsu", "secondary value added"): case.province_sums("va_secondary", YEAR),
        ("Anhui", "growth of high-tech revenue 2016-2020"): {
            name: now[name] / then[name] for name in PROVINCES
        },
    }
    ranks = {
        say("{province}, {indicator}", province=term(named), indicator=term(what)): 1
        + sum(values[name] > values[named] for name in PROVINCES)
        for (named, what), values in indicators.items()
    }
    why = say(
        "Anhui's rank depends on the indicator, which is ours; private firms of Zhejiang are not there."
    )
    computed = say("; ").join(
        say("{what}: rank {rank}", what=what, rank=rank) for what, rank in ranks.items()
    )
    data = f"{BULLETINS}; sums of the city accounts"
    return Verdict(decide(set(ranks.values()) == {1}, vintage="another"), computed, why, data=data)


CHECKS: tuple[Check, ...] = (
    share_of_nation,
    high_tech_share,
    universities,
    lists_nobody_ships,
    provincial_research,
    city_figures,
    pole_and_cores,
    uneven_resources,
    provincial_profiles,
)
