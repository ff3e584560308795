"""Claims on structure in space (S1-04, E-01, E-02, E-04, E-05): who holds manufacturing, where services sit."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from yrdspatial.autocorrelation.lisa import local_moran
from yrdspatial.replication.case import ACCOUNTS, EMPLOYMENT, Case
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, decide
from yrdspatial.tables.speech import listed, say, term

YEAR = 2019
AREA_YEAR = 2016
WINDOWS = ((2005, 2012), (2013, 2019))
FAMILIES = "contiguity; 5 nearest by distance; 5 nearest by rail time; inverse gap of GDP a head"
MAJORITY = 3
BELTS = ("京沪沿线", "沿江", "沪杭甬沿线")
STRONG = ("京沪沿线", "沿江", "环杭州湾")
WEAK = ("浙西南", "苏北", "皖北", "皖西")


def same_sign(by_weights: dict[str, float], sign: float) -> bool:
    """Say whether at least three of four families of weights agree with a sign.

    Parameters
    ----------
    by_weights : dict of str to float
        Signed statistics.
    sign : float
        1 or -1.

    Returns
    -------
    bool
        True when they do.

    Examples
    --------
    >>> same_sign({"a": 1.0, "b": 0.2, "c": -0.1, "d": 0.4}, 1)
    True
    """
    return sum(value * sign > 0 for value in by_weights.values()) >= MAJORITY


def manufacturing_quotient(case: Case) -> pd.Series:
    """Location quotient of manufacturing by employment, against the delta.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    pandas.Series
        By unit.
    """
    part, total = case.at("emp_C_manufacturing", YEAR), case.at("employed_units_total", YEAR)
    return (part / total) / (part.sum() / total.sum())


def share_inside(values: pd.Series, members: Iterable[int]) -> float:
    """Share of some units in a sum.

    Parameters
    ----------
    values : pandas.Series
        By unit.
    members : iterable of int
        The units.

    Returns
    -------
    float
        In per cent.
    """
    return 100 * float(values.loc[list(members)].sum() / values.sum())


@check("S1-04")
def outside_the_capitals(case: Case, claim: Claim) -> Verdict:
    """Compare manufacturing inside and outside Shanghai and the capitals (S1-04).

    Returns
    -------
    Verdict
        Replicated when the quotient is higher outside and the share of the others rises inside both windows.
    """
    capitals = case.regions["省会及上海"]
    others = [code for code in case.study.units.index if code not in capitals]
    quotient = manufacturing_quotient(case)
    difference, p = case.permuted_difference(quotient, others)
    by_weights = case.differences_by_weights(quotient, others, YEAR)
    years = sorted({year for window in WINDOWS for year in window})
    shares = {year: share_inside(case.at("emp_C_manufacturing", year), others) for year in years}
    rises = [shares[last] - shares[first] for first, last in WINDOWS]
    holds = difference > 0 and p < claim.tolerance and same_sign(by_weights, 1) and min(rises) > 0
    why = say(
        "Mean quotient outside less inside (p {p:.3f}); the share of the others in the delta's manufacturing moves by "
        "{first:+.1f} points in 2005-2012 and {second:+.1f} in 2013-2019.",
        p=p,
        first=rises[0],
        second=rises[1],
    )
    return Verdict(
        decide(holds),
        f"{difference:+.2f}",
        why,
        data=f"{EMPLOYMENT}, {YEAR}",
        vintage="employment",
        weights=FAMILIES,
        seed=case.seed,
        p=p,
        by_weights=by_weights,
    )


@check("E-01")
def service_centre(case: Case, claim: Claim) -> Verdict:
    """Rank the cities by services (E-01).

    Returns
    -------
    Verdict
        Replicated when the first three are Shanghai, Hangzhou and Nanjing on one of the two indicators.
    """
    wanted = {310000, 330100, 320100}
    ranked = {
        say("service value added 2020"): case.at("va_tertiary", 2020),
        say("producer services in tertiary employment {year}", year=YEAR): case.at(
            case.producer_share["producer_services_4"], YEAR
        ),
    }
    first = {what: [int(code) for code in values.nlargest(4).index] for what, values in ranked.items()}
    hits = [what for what, codes in first.items() if set(codes[:3]) == wanted]
    computed = say("; ").join(
        say("{name}: {value}", name=what, value=case.names(codes)) for what, codes in first.items()
    )
    why = say(
        "First four cities; the first three are those named on: {indicators}.",
        indicators=listed(hits) or say("neither indicator"),
    )
    return Verdict(
        decide(bool(hits)), computed, why, data=f"{ACCOUNTS}; {EMPLOYMENT}", weights="none: a ranking"
    )


@check("E-02")
def belts(case: Case, claim: Claim) -> Verdict:
    """Compare manufacturing in three belts with the rest (E-02).

    Returns
    -------
    Verdict
        Replicated when the belts hold more than their share of units, are denser, and hold the clusters.
    """
    inside = case.union(*BELTS)
    jobs = case.at("emp_C_manufacturing", YEAR)
    density = (1e4 * jobs / case.at("land_area", AREA_YEAR)).map(np.log).rename("density")
    difference, p = case.permuted_difference(density, inside)
    by_weights = case.differences_by_weights(density, inside, YEAR)
    share, units = share_inside(jobs, inside), 100 * len(inside) / len(jobs)
    clustered = {name: members_of_clusters(case, density, name, "HH") for name in case.panel_families}
    held = {name: share_of(codes, inside) for name, codes in clustered.items()}
    holds = share > units and difference > 0 and p < claim.tolerance and same_sign(by_weights, 1)
    holds &= sum(value >= 0.8 for value in held.values()) >= MAJORITY
    why = say(
        "The belts hold {share:.1f} % of manufacturing with {units:.1f} % of the units; log density inside less "
        "outside (p {p:.3f}); share of high-high units (5 %, uncorrected) in a belt: {clusters}.",
        share=share,
        units=units,
        p=p,
        clusters=said_shares(held, clustered),
    )
    return Verdict(
        decide(holds, vintage="another"),
        say("{difference:+.2f} in logs", difference=difference),
        why,
        data=f"{EMPLOYMENT}, {YEAR}; land area {AREA_YEAR}",
        vintage="employment for value added",
        weights=FAMILIES,
        seed=case.seed,
        p=p,
        by_weights=by_weights,
    )


def members_of_clusters(case: Case, values: pd.Series, family: str, kind: str) -> list[int]:
    """List the units of a kind of cluster under one family of weights, at 5 % without correction over units.

    Parameters
    ----------
    case : Case
        The case.
    values : pandas.Series
        By unit, named.
    family : str
        Family of weights.
    kind : str
        "HH" or "LL".

    Returns
    -------
    list of int
        Codes.
    """
    weights = case.panel_families[family][YEAR]
    table = local_moran(
        values, weights, permutations=case.permutations, seed=case.seed, correction="none"
    ).table
    return [int(code) for code in table.loc[table["cluster"] == kind, "unit"]]


def share_of(codes: list[int], members: list[int]) -> float:
    """Share of some units that are members.

    Parameters
    ----------
    codes, members : list of int
        The units, and the members.

    Returns
    -------
    float
        NaN when there are no units.
    """
    return sum(code in members for code in codes) / len(codes) if codes else float("nan")


def said_shares(held: dict[str, float], clustered: dict[str, list[int]]) -> str:
    """Say shares with the number of units behind them.

    Parameters
    ----------
    held : dict of str to float
        Share by family.
    clustered : dict of str to list
        Units by family.

    Returns
    -------
    str
        For instance "contiguity 1.00 of 8".
    """
    return listed(
        say("{name} {value:.2f} of {count}", name=term(name), value=value, count=len(clustered[name]))
        for name, value in held.items()
    )


@check("E-04", "E-05")
def quality_of_industry(case: Case, claim: Claim) -> Verdict:
    """Compare the share of producer services in strong and weak areas (E-04, E-05, D10).

    Returns
    -------
    Verdict
        Replicated, for producer services alone, when the group differs and the gradient or the clusters agree.
    """
    strong = claim.id == "E-04"
    members, sign = (case.union(*STRONG), 1) if strong else (case.union(*WEAK), -1)
    shares = case.at(case.producer_share["producer_services_4"], YEAR).rename("share")
    difference, p = case.permuted_difference(shares, members)
    by_weights = case.differences_by_weights(shares, members, YEAR)
    second, note = gradient(case, shares) if strong else low_clusters(case, shares, members)
    holds = difference * sign > 0 and p < claim.tolerance and same_sign(by_weights, sign) and second
    above = sorted(set(members) & set(case.regions["tier4"]))
    why = say(
        "Mean share of four producer services in tertiary employment, difference (p {p:.3f}); {note}.",
        p=p,
        note=note,
    )
    if not strong:
        why += say(" Of these areas, {cities} stand in tier 4, above tier 5.", cities=case.names(above))
    return Verdict(
        decide(holds, vintage="another"),
        say("{difference:+.2f} points", difference=difference),
        why,
        data=f"{EMPLOYMENT}, {YEAR}; high-tech industry by city is not there",
        vintage="employment for value added",
        weights=FAMILIES,
        seed=case.seed,
        p=p,
        by_weights=by_weights,
    )


def gradient(case: Case, shares: pd.Series) -> tuple[bool, str]:
    """Correlate a share with the rail time to Shanghai.

    Parameters
    ----------
    case : Case
        The case.
    shares : pandas.Series
        By unit.

    Returns
    -------
    falls : bool
        Whether it falls with time.
    note : str
        The rank correlation in words.
    """
    minutes = case.study.times.frame(YEAR)[310000].drop(310000)
    rank = float(shares.drop(310000).corr(minutes, method="spearman"))
    return rank < 0, say("rank correlation with the rail time to Shanghai {rank:+.2f}", rank=rank)


def low_clusters(case: Case, shares: pd.Series, members: list[int]) -> tuple[bool, str]:
    """Count the low-low units that lie in the weak areas.

    Parameters
    ----------
    case : Case
        The case.
    shares : pandas.Series
        By unit.
    members : list of int
        The weak areas.

    Returns
    -------
    held : bool
        Whether 60 % do, under three of four families.
    note : str
        The shares in words.
    """
    clustered = {name: members_of_clusters(case, shares, name, "LL") for name in case.panel_families}
    held = {name: share_of(codes, members) for name, codes in clustered.items()}
    holds = sum(value >= 0.6 for value in held.values()) >= MAJORITY
    return holds, say("low-low inside: {clusters}", clusters=said_shares(held, clustered))


CHECKS: tuple[Check, ...] = (
    outside_the_capitals,
    service_centre,
    belts,
    quality_of_industry,
)
