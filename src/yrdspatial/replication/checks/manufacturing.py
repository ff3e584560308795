"""Claims on manufacturing by two-digit industry (L, S2, Q4-04, E-06): computed once a user adds the table."""

import numpy as np
import pandas as pd
from scipy.stats import kendalltau, spearmanr, ttest_1samp

from yrdspatial.datasets import read_toml
from yrdspatial.industry.concentration import concentration_ratio
from yrdspatial.industry.location_quotient import location_quotient
from yrdspatial.industry.specialization import krugman_index
from yrdspatial.panel.columns import sector_sets
from yrdspatial.replication.added_tables import SCHEMA, cities_of
from yrdspatial.replication.case import EMPLOYMENT, Case
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, compare_sets, decide
from yrdspatial.tables.speech import say, term

YEAR = 2020
CLUSTERS = {"L-03": ["C25", "C26", "C28"], "L-04": ["C27"], "L-05": ["C17"]}
TRADITIONAL = ["C26", "C34", "C35"]
HEAVY = ["C25", "C26", "C30", "C31", "C32", "C33", "C34", "C35", "C36", "C37", "C38", "C39"]
WINDOW = (2013, 2019)


def missing(claim: Claim, *, computed: str = "", proxy: str = "") -> Verdict:
    """Say that the table of manufacturing is missing.

    Parameters
    ----------
    claim : Claim
        The claim.
    computed : str
        What the source alone supports.
    proxy : str
        What another indicator says.

    Returns
    -------
    Verdict
        Not testable.
    """
    why = say(
        "It takes: {table}, without a gap; add it to a data folder of your own, and the claim is computed.",
        table=term(claim.data),
    )
    text = f"proxy: {proxy}" if proxy else ""
    return Verdict("not testable", computed, why, proxy=text, data=EMPLOYMENT if proxy else "")


def by_year(case: Case) -> dict[int, pd.DataFrame]:
    """Give manufacturing by city and industry, for the years in which all cities are there.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    dict of int to pandas.DataFrame
        All 31 industries; one that is not published counts as zero.
    """
    industries = list(read_toml(SCHEMA)["industries"])
    units = set(case.study.units.index)
    tables = {year: cities_of(table) for year, table in sorted(case.manufacturing.items())}
    return {
        year: table.reindex(columns=industries).fillna(0.0)
        for year, table in tables.items()
        if set(table.index) == units
    }


def of_cities(case: Case) -> pd.DataFrame | None:
    """Give manufacturing by city and industry in 2020.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    pandas.DataFrame or None
        None without a table of all cities.
    """
    return by_year(case).get(YEAR)


@check(*CLUSTERS)
def clusters(case: Case, claim: Claim) -> Verdict:
    """Compute location quotients of the clusters (L-03, L-04, L-05).

    Returns
    -------
    Verdict
        Replicated when the members are above one, and in L-03 on average, and above the rest of their province.
    """
    table = of_cities(case)
    if table is None:
        return missing(claim)
    part = table[CLUSTERS[claim.id]].sum(axis=1)
    split = pd.DataFrame({"cluster": part, "other": table.sum(axis=1) - part})
    quotients = location_quotient(split, reference="region")["cluster"]
    members = case.regions[claim.regions[0]]
    own = quotients.reindex(members)
    rest = quotients[(quotients.index // 10000 == members[0] // 10000) & ~quotients.index.isin(members)]
    holds = bool((own > 1).all()) if claim.id != "L-03" else own.mean() > max(1.0, rest.mean())
    why = say(
        "Location quotients against the delta; the rest of the province has {rest:.2f} on average.",
        rest=rest.mean(),
    )
    computed = say("; ").join(
        say("{name} {value:.2f}", name=case.names([code]), value=value)
        for code, value in zip(members, own, strict=True)
    )
    return Verdict(decide(holds), computed, why, data="panels/manufacturing/2020.csv")


@check("S2-11", "S2-12", "S2-13", "S2-14")
def largest_five(case: Case, claim: Claim) -> Verdict:
    """Compute the share of the five largest industries (S2-11 to S2-14, D11).

    Returns
    -------
    Verdict
        Replicated when the sets are equal, or the order is consistent.
    """
    table = of_cities(case)
    if table is None:
        rest = len(case.study.units) - sum(len(case.regions[name]) for name in ("CR5_gt70", "CR5_60_70"))
        derived = say("{count} by complement of the printed lists", count=rest)
        return missing(claim, computed=derived if claim.id == "S2-13" else "")
    ratio = 100 * concentration_ratio(table, k=5)
    order = case.regions["CR5_gt70"]
    above, between = set(ratio.index[ratio > 70]), set(ratio.index[(ratio > 60) & (ratio <= 70)])
    if claim.id == "S2-14":
        tau = float(kendalltau(-ratio.reindex(order), np.arange(len(order))).statistic)
        why = say("The text does not say that it is an order.")
        return Verdict(decide(tau >= claim.tolerance), say("tau {tau:.3f}", tau=tau), why)
    if claim.id == "S2-13":
        number = len(ratio) - len(above) - len(between)
        return Verdict(decide(number == claim.figures[0]), str(number), say("Cities at 60 % or below."))
    found, region = (above, "CR5_gt70") if claim.id == "S2-11" else (between, "CR5_60_70")
    equal, gap = compare_sets(set(case.regions[region]), found, case.names)
    off = sorted(found ^ set(case.regions[region]))
    values = say("; ").join(
        say("{name} {value:.1f}", name=case.names([code]), value=ratio[code]) for code in off
    )
    why = say(
        "Neither year nor indicator is printed; 2020 is taken. Mismatches: {values}.",
        values=values or say("none"),
    )
    return Verdict(
        decide(equal), case.names(sorted(found)), why, gap=gap, data="panels/manufacturing/2020.csv"
    )


@check("S2-10")
def sharper_specialization(case: Case, claim: Claim) -> Verdict:
    """Look for a trend of specialization (S2-10).

    Returns
    -------
    Verdict
        Replicated when the slopes of the Krugman index and of the five largest are above zero on average, p < 0.05.
    """
    tables = by_year(case)
    if len(tables) < 3:
        return missing(claim, proxy=f"Krugman index over 19 sectors, {krugman_trend(case)}")
    panel = pd.concat(tables, names=["year", "unit"]).swaplevel().sort_index()
    measures = {
        "krugman": krugman_index(panel, versus="rest", halved=False),
        "five largest": concentration_ratio(panel, k=5),
    }
    slopes = {name: yearly_slopes(values) for name, values in measures.items()}
    tests = {name: float(ttest_1samp(values, 0.0).pvalue) for name, values in slopes.items()}
    rising = {name: float((values > 0).mean()) for name, values in slopes.items()}
    holds = all(slopes[n].mean() > 0 and tests[n] < claim.tolerance and rising[n] > 0.5 for n in slopes)
    computed = say("; ").join(
        say(
            "{measure} {slope:+.4f} a year, p {p:.3f}, {rising:.0%} rise",
            measure=term(name),
            slope=slopes[name].mean(),
            p=tests[name],
            rising=rising[name],
        )
        for name in slopes
    )
    return Verdict(decide(holds), computed, say("Slopes by city over the years of the user's tables."))


def yearly_slopes(values: pd.Series) -> pd.Series:
    """Least-squares slope on the year, by unit.

    Parameters
    ----------
    values : pandas.Series
        Indexed (unit, year), every unit in every year.

    Returns
    -------
    pandas.Series
        By unit.
    """
    table = values.unstack("year")
    years = table.columns.to_numpy(dtype=float)
    centred = years - years.mean()
    return pd.Series(table.to_numpy(dtype=float) @ centred / (centred**2).sum(), index=table.index)


def krugman_trend(case: Case) -> str:
    """Say the trend of the Krugman index over 19 sectors of employment inside the later window.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    str
        Mean slope a year with its p-value.
    """
    frame = case.frame[sector_sets()["sectors_19"]]
    years = frame.index.get_level_values("year")
    inside = frame[(years >= WINDOW[0]) & (years <= WINDOW[1])]
    slopes = yearly_slopes(krugman_index(inside, versus="rest", halved=False))
    p = float(ttest_1samp(slopes, 0.0).pvalue)
    return f"{WINDOW[0]}-{WINDOW[1]}: {slopes.mean():+.4f} a year (p {p:.3f}), {(slopes > 0).mean():.0%} of cities rise"


@check("Q4-04")
def persistence(case: Case, claim: Claim) -> Verdict:
    """Correlate shares of industries over years (Q4-04).

    Returns
    -------
    Verdict
        Replicated when the rank correlation is above 0.8, and that of heavy industry above that of light.
    """
    tables = by_year(case)
    years = list(tables)
    if len(years) < 2:
        jobs = [case.at("emp_C_manufacturing", year) for year in (2005, 2012)]
        rank = float(spearmanr(jobs[0], jobs[1]).statistic)
        return missing(
            claim, proxy=f"rank correlation of manufacturing employment 2005-2012 over cities {rank:.3f}"
        )
    first, last = tables[years[0]], tables[years[-1]]
    groups = {"heavy": HEAVY, "light": sorted(set(first.columns) - set(HEAVY))}
    ranks = {}
    for name, codes in groups.items():
        kept = [code for code in codes if first[code].sum() > 0 and last[code].sum() > 0]
        shares = [table[kept].to_numpy(dtype=float) for table in (first, last)]
        then, now = ((amounts / amounts.sum(axis=0)).ravel() for amounts in shares)
        ranks[name] = float(spearmanr(then, now).statistic)
    holds = min(ranks.values()) > claim.tolerance and ranks["heavy"] > ranks["light"]
    computed = say("; ").join(
        say("{name} {value:.3f}", name=term(name), value=rank) for name, rank in ranks.items()
    )
    why = say("Shares of cities in each industry, {first} and {last}.", first=years[0], last=years[-1])
    return Verdict(decide(holds), computed, why)


@check("E-06")
def traditional_industries(case: Case, claim: Claim) -> Verdict:
    """Follow chemicals and machinery from origins to destinations (E-06).

    Returns
    -------
    Verdict
        Replicated when the destinations gain and the origins lose in all three industries.
    """
    tables = by_year(case)
    years = list(tables)
    if len(years) < 2:
        return missing(claim)
    first, last = tables[years[0]][TRADITIONAL], tables[years[-1]][TRADITIONAL]
    change = 100 * (last / last.sum() - first / first.sum())
    gains = change.reindex(case.union("皖北", "皖西", "苏北")).sum()
    losses = change.reindex(case.union("苏南", "环杭州湾")).sum()
    holds = bool((gains > 0).all() and (losses < 0).all())
    computed = say("; ").join(
        say("{industry} {gain:+.2f} and {loss:+.2f}", industry=code, gain=gains[code], loss=losses[code])
        for code in TRADITIONAL
    )
    why = say(
        "Change of shares of the delta in points, destinations and origins, {first} to {last}.",
        first=years[0],
        last=years[-1],
    )
    return Verdict(decide(holds), computed, why, data="panels/manufacturing")


CHECKS: tuple[Check, ...] = (
    clusters,
    largest_five,
    sharper_specialization,
    persistence,
    traditional_industries,
)
