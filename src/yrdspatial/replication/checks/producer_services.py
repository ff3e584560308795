"""Claims on producer services and their tiers (S3-17 to S3-29): computed once a user adds value added by branch."""

import pandas as pd

from yrdspatial.datasets import read_toml
from yrdspatial.industry.tiers import tiers, weighted_kappa
from yrdspatial.replication.added_tables import SCHEMA, cities_of
from yrdspatial.replication.case import EMPLOYMENT, Case
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, compare, compare_sets, decide, said
from yrdspatial.tables.speech import say, term

YEAR = 2020
PROXY_YEAR = 2019
TIERS = ("tier1", "tier2", "tier3", "tier4", "tier5")
BRANCHES = {
    "producer_services_4": ["I", "J", "L", "M"],
    "producer_services_5": ["G", "I", "J", "L", "M"],
    "producer_services_6": ["F", "G", "I", "J", "L", "M"],
}
SETS = {"S3-19": 1, "S3-20": 2, "S3-21": 3, "S3-22": 4}
FOUR = {"S3-27": (310000, 330100), "S3-28": (320100,), "S3-29": (340100, 320500, 320200, 320400)}
KAPPA = 0.6


def printed_tiers(case: Case) -> pd.Series:
    """Give the printed tier of every city, tier 5 by complement.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    pandas.Series
        Indexed by unit.
    """
    pairs = {code: number for number, name in enumerate(TIERS, 1) for code in case.regions[name]}
    return pd.Series(pairs, name="tier").sort_index()


def ordered_tiers(shares: pd.Series) -> pd.Series:
    """Sort cities into five natural classes, the highest first.

    Parameters
    ----------
    shares : pandas.Series
        Indexed by unit.

    Returns
    -------
    pandas.Series
        1 for the highest class to 5.
    """
    labels = tiers(shares, k=5).labels
    means = shares.groupby(labels).mean().rank(ascending=False).astype(int)
    return labels.map(means).rename("tier")


def service_shares(case: Case) -> dict[str, pd.Series]:
    """Compute the share of producer services in service value added from the user's table, three definitions.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    dict of str to pandas.Series
        Per cent by unit, NaN where a branch is not given; empty without a table of 2020 with all cities.
    """
    table = cities_of(case.services.get(YEAR, pd.DataFrame()))
    if set(table.index) != set(case.study.units.index):
        return {}
    table = table.reindex(columns=list(read_toml(SCHEMA)["branches"]))
    total = case.at("va_tertiary", YEAR).reindex(table.index)
    return {name: 100 * table[codes].sum(axis=1, skipna=False) / total for name, codes in BRANCHES.items()}


def proxy_shares(case: Case) -> dict[str, pd.Series]:
    """Compute the share of producer services in tertiary employment, the proxy.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    dict of str to pandas.Series
        Per cent by unit.
    """
    return {name: case.at(share, PROXY_YEAR) for name, share in case.producer_share.items()}


def missing(claim: Claim, proxy: str = "") -> Verdict:
    """Say that the table of services is missing.

    Parameters
    ----------
    claim : Claim
        The claim.
    proxy : str
        What employment says.

    Returns
    -------
    Verdict
        Not testable.
    """
    why = say(
        "It takes: {table}, all cities; add it to a data folder of your own, and the claim is computed.",
        table=term(claim.data),
    )
    text = f"proxy, employment shares {PROXY_YEAR}: {proxy}" if proxy else ""
    return Verdict("not testable", "", why, proxy=text, data=EMPLOYMENT if proxy else "")


@check("S3-18")
def five_tiers(case: Case, claim: Claim) -> Verdict:
    """Compare computed with printed tiers, three definitions (S3-18, D11).

    Returns
    -------
    Verdict
        Replicated when the best definition reaches a weighted kappa of 0.6.
    """
    printed, shares = printed_tiers(case), service_shares(case)
    kappas = {name: agreement(values, printed) for name, values in (shares or proxy_shares(case)).items()}
    computed = say("; ").join(
        say("{name} kappa {kappa:.3f}", name=term(name), kappa=kappa) for name, kappa in kappas.items()
    )
    if not shares:
        return missing(claim, computed)
    cuts = said([float(value) for value in tiers(shares["producer_services_4"], k=5).cuts.to_numpy().ravel()])
    why = say(
        "Natural breaks in five classes; the source prints no cut points and no definition. Cuts: {cuts}.",
        cuts=cuts,
    )
    return Verdict(decide(max(kappas.values()) >= KAPPA), computed, why, data="panels/services/2020.csv")


def agreement(shares: pd.Series, printed: pd.Series) -> float:
    """Weighted kappa of computed and printed tiers.

    Parameters
    ----------
    shares : pandas.Series
        Shares by unit.
    printed : pandas.Series
        Printed tiers by unit.

    Returns
    -------
    float
        Linear weights.
    """
    known = shares.dropna()
    return float(weighted_kappa(ordered_tiers(known), printed.reindex(known.index)))


@check(*SETS)
def tier_members(case: Case, claim: Claim) -> Verdict:
    """Compare the members of a tier (S3-19 to S3-22).

    Returns
    -------
    Verdict
        Replicated when the sets are equal; tier 4 is an open list, of which all must be in tier 3 or 4.
    """
    number = SETS[claim.id]
    shares = service_shares(case)
    values = (shares or proxy_shares(case))["producer_services_4"].dropna()
    found = ordered_tiers(values)
    members = {int(code) for code in found.index[found == number]}
    printed = set(case.regions[TIERS[number - 1]])
    equal, gap = compare_sets(printed, members, case.names)
    if not shares:
        return missing(claim, gap)
    if claim.id == "S3-22":
        equal = bool(found.reindex(sorted(printed)).isin([3, 4]).all())
    why = say("Natural breaks in five classes of the share of four branches in service value added.")
    return Verdict(decide(equal), case.names(sorted(members)), why, gap=gap, data="panels/services/2020.csv")


@check(*FOUR)
def four_branches(case: Case, claim: Claim) -> Verdict:
    """Add up four branches in service value added (S3-27, S3-28, S3-29).

    Returns
    -------
    Verdict
        Replicated when all cities reach the figure.
    """
    cities = FOUR[claim.id]
    shares = service_shares(case)
    values = (shares or proxy_shares(case))["producer_services_4"].reindex(list(cities))
    computed = say("; ").join(
        say("{name} {value:.1f}", name=case.names([code]), value=value)
        for code, value in zip(cities, values, strict=True)
    )
    if not shares:
        return missing(claim, computed)
    why = say(
        "Over tertiary value added ({shares}); the source does not print the denominator.", shares=computed
    )
    if claim.id == "S3-28":
        return compare(
            claim, [float(values.iloc[0])], vintage="same", data="panels/services/2020.csv", why=why
        )
    return Verdict(
        decide(bool((values > claim.figures[0]).all())), computed, why, data="panels/services/2020.csv"
    )


@check("S3-17")
def productivity(case: Case, claim: Claim) -> Verdict:
    """Say what would decide on the productivity of producer services (S3-17).

    Returns
    -------
    Verdict
        Not testable.
    """
    why = say("It takes: {table}; energy by branch is not there either.", table=term(claim.data))
    return Verdict("not testable", "", why)


@check("S3-24")
def what_tiers_rest_on(case: Case, claim: Claim) -> Verdict:
    """Compare capitals and manufacturing across the printed tiers (S3-24).

    Returns
    -------
    Verdict
        Replicated when tiers 1-2 are the capitals more than by chance, and tiers 3-4 hold more manufacturing than 5.
    """
    printed = printed_tiers(case)
    capital = pd.Series(printed.index.isin(case.regions["省会及上海"]).astype(float), index=printed.index)
    top = printed.index[printed <= 2]
    first, p_first = case.permuted_difference(capital, top)
    head = case.at("emp_C_manufacturing", PROXY_YEAR) / case.at("population_resident", PROXY_YEAR)
    lower = printed.index[printed > 2]
    second, p_second = case.permuted_difference(100 * head.loc[lower], printed.index[printed.isin([3, 4])])
    holds = first > 0 and second > 0 and max(p_first, p_second) < claim.tolerance
    why = say(
        "Tiers 1-2 hold the capitals (p {first:.3f}); manufacturing employment a head in tiers 3-4 less that in tier 5 "
        "has p {second:.3f}; throughput of ports is not there.",
        first=p_first,
        second=p_second,
    )
    return Verdict(
        decide(holds, vintage="another"),
        say(
            "capitals {first:+.2f}; manufacturing employees per 100 residents {second:+.2f}",
            first=first,
            second=second,
        ),
        why,
        data=f"printed tiers; {EMPLOYMENT}, {PROXY_YEAR}",
        vintage="employment for output",
        weights="none: labels are permuted",
        seed=case.seed,
        p=max(p_first, p_second),
    )


CHECKS: tuple[Check, ...] = (
    five_tiers,
    tier_members,
    four_branches,
    productivity,
    what_tiers_rest_on,
)
