"""Claims on accounts: shares of the nation, tertiary shares of provinces and cities, look-ups (P, S1, S2, S3)."""

from yrdspatial.datasets import read_table
from yrdspatial.replication.case import ACCOUNTS, CORE_CITIES, PROVINCES, Case
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, compare, compare_sets, decide, said
from yrdspatial.tables.speech import say, term

YEAR = 2020
SUMS = "sums of the city accounts; provincial accounts are not there"
REVISED = (
    "after the fourth economic census; equal to the printed shares of the yearbook 2021 within 0.05 points"
)
EXCEPTIONS = {330400, 330500}
SHARES = {"S3-02": "Jiangsu", "S3-03": "Zhejiang", "S3-04": "Anhui"}
PLAN = {"S3-12": "investment_share_plan", "S3-13": "foreign_share_plan"}


@check("P-04", "P-05")
def share_of_nation(case: Case, claim: Claim) -> Verdict:
    """Divide the sum of the cities by the national total (P-04, P-05).

    Returns
    -------
    Verdict
        Another vintage: sums of cities stand in for provinces.
    """
    column = "population_resident" if claim.id == "P-04" else "gdp"
    national = read_table("panels/national/totals.csv", data_dir=case.data_dir)
    rows = (national["variable"] == column) & (national["year"] == 2021)
    total = float(national.loc[rows, "value"].to_numpy(dtype=float)[0])
    share = 100 * sum(case.values(column, 2021).values()) / total
    why = say("Cities are summed, and the national total is the first communique, not the yearbook 2022.")
    return compare(claim, [share], vintage="another", data=SUMS, why=why)


@check("S1-02", "S1-03")
def tertiary_thresholds(case: Case, claim: Claim) -> Verdict:
    """Compare tertiary shares of the capitals and Shanghai with a threshold (S1-02, S1-03).

    Returns
    -------
    Verdict
        Replicated when all are above.
    """
    cities = CORE_CITIES[1:] if claim.id == "S1-02" else CORE_CITIES[:1]
    shares = {code: case.values(case.tertiary_share, YEAR)[code] for code in cities}
    why = say("The year is not printed; 2020 is the year of the section.")
    return Verdict(
        decide(min(shares.values()) > claim.figures[0]),
        say("; ").join(
            say("{name} {value:.2f}", name=case.names([code]), value=share) for code, share in shares.items()
        ),
        why,
        gap=said(share - claim.figures[0] for share in shares.values()),
        data=ACCOUNTS,
        vintage=REVISED,
    )


@check("S3-01")
def services_lead(case: Case, claim: Claim) -> Verdict:
    """Compare the tertiary with the secondary sector by province (S3-01).

    Returns
    -------
    Verdict
        Another vintage: sums of cities stand in for provinces.
    """
    lead = {name: lead_of_services(case, name, YEAR) for name in PROVINCES}
    since = {
        name: next(year for year in case.study.panel.years if lead_of_services(case, name, year) > 0)
        for name in PROVINCES
    }
    computed = say("; ").join(
        say("{name} {points:+.1f} points (first in {year})", name=term(name), points=points, year=since[name])
        for name, points in lead.items()
    )
    why = say(
        "Tertiary less secondary share of gross product in 2020, and the first year in which it is above zero."
    )
    return Verdict(
        decide(min(lead.values()) > 0, vintage="another"), computed, why, data=SUMS, vintage="another"
    )


def lead_of_services(case: Case, province: str, year: int) -> float:
    """Subtract the secondary from the tertiary share.

    Parameters
    ----------
    case : Case
        The case.
    province : str
        Its English name.
    year : int
        The year.

    Returns
    -------
    float
        Percentage points of gross product.
    """
    tertiary, secondary, product = (
        case.province_sums(column, year)[province] for column in ("va_tertiary", "va_secondary", "gdp")
    )
    return 100 * (tertiary - secondary) / product


@check(*SHARES)
def provincial_share(case: Case, claim: Claim) -> Verdict:
    """Compute the tertiary share of a province from its cities (S3-02, S3-03, S3-04).

    Returns
    -------
    Verdict
        Another vintage: sums of cities stand in for provinces.
    """
    province = SHARES[claim.id]
    share = (
        100 * case.province_sums("va_tertiary", YEAR)[province] / case.province_sums("gdp", YEAR)[province]
    )
    why = say("The cities are summed; their accounts do not add up to those of the province.")
    if claim.id == "S3-04":
        first = 100 * case.fact("anhui_tertiary_first") / case.fact("anhui_gdp_first")
        why += say(" The first release of January 2021 gives {first:.2f} %, a third vintage.", first=first)
    return compare(claim, [share], vintage="another", data=SUMS, why=why)


@check("S3-08")
def shanghai_services(case: Case, claim: Claim) -> Verdict:
    """Look the value added of services in Shanghai up (S3-08).

    Returns
    -------
    Verdict
        Exact or not.
    """
    value = case.values("va_tertiary", YEAR)[310000]
    plan = case.fact("services_va_plan")
    why = say(
        "The accounts give the printed figure, and so does the plan of the city ({plan:.2f}).", plan=plan
    )
    return compare(claim, [value], vintage="same", data=ACCOUNTS, why=why)


@check(*PLAN)
def shanghai_plan_shares(case: Case, claim: Claim) -> Verdict:
    """Look two tertiary shares up in the plan of the city (S3-12, S3-13).

    Returns
    -------
    Verdict
        As printed or not.
    """
    why = say("The plan of the city for services prints it; the accounts behind it are not there.")
    return compare(claim, [case.fact(PLAN[claim.id])], vintage="same", data=claim.data, why=why)


@check("S3-14")
def zhejiang_above_half(case: Case, claim: Claim) -> Verdict:
    """Find the cities of Zhejiang with a tertiary share of 50 % or less (S3-14).

    Returns
    -------
    Verdict
        Replicated when they are the two printed.
    """
    shares = shares_in(case, 33)
    below = {code for code, share in shares.items() if share <= 50}
    equal, gap = compare_sets(EXCEPTIONS, below, case.names)
    why = say("The exceptions are exactly the two cities named.")
    computed = say(
        "{above} of {all}; exceptions: {cities}",
        above=len(shares) - len(below),
        all=len(shares),
        cities=case.names(sorted(below)),
    )
    return Verdict(decide(equal), computed, why, gap=gap, data=ACCOUNTS, vintage=REVISED)


@check("S3-15", "S3-16")
def cities_above_half(case: Case, claim: Claim) -> Verdict:
    """Count the cities of a province with a tertiary share above 50 % (S3-15, S3-16).

    Returns
    -------
    Verdict
        Replicated when the count is that printed; the names are listed.
    """
    shares = shares_in(case, 32 if claim.id == "S3-15" else 34)
    above = [code for code, share in shares.items() if share > 50]
    follower = max(set(shares) - set(above), key=lambda code: shares[code])
    gap = len(above) - claim.figures[0]
    why = say(
        "The next city, {city}, has {share:.2f} %.", city=case.names([follower]), share=shares[follower]
    )
    if gap:
        why = (
            say(
                "In the official table the count is {found}, not {printed:.0f}. ",
                found=len(above),
                printed=claim.figures[0],
            )
            + why
        )
    computed = say("{name}: {value}", name=len(above), value=case.names(above))
    return Verdict(decide(gap == 0), computed, why, gap=said([gap]), data=ACCOUNTS, vintage=REVISED)


def shares_in(case: Case, province: int) -> dict[int, float]:
    """Give the tertiary shares of the cities of a province, highest first.

    Parameters
    ----------
    case : Case
        The case.
    province : int
        First two digits of the codes.

    Returns
    -------
    dict of int to float
        Per cent of gross product, by code.
    """
    shares = case.values(case.tertiary_share, YEAR)
    return {
        code: shares[code] for code in sorted(shares, key=lambda c: -shares[c]) if code // 10000 == province
    }


@check("S2-05", "S2-06", "S2-07", "S2-08")
def high_tech_firms(case: Case, claim: Claim) -> Verdict:
    """Say what would decide on the high-tech firms of Jiangsu (S2-05 to S2-08).

    Returns
    -------
    Verdict
        Not testable, with high-tech manufacturing as a proxy.
    """
    firms, profit = (case.bulletin(f"hightech_mfg_{name}", YEAR)["Jiangsu"] for name in ("firms", "profit"))
    return Verdict(
        "not testable",
        say("the printed number and share imply more than 37,175 firms in all")
        if claim.id == "S2-06"
        else "",
        say("The table of {table} would decide; it is not there.", table=term(claim.data)),
        proxy=f"high-tech manufacturing, another concept: {firms:.0f} firms, profit {profit:.0f} x 100m CNY",
        data="national bulletins on high-tech manufacturing",
    )


CHECKS: tuple[Check, ...] = (
    share_of_nation,
    tertiary_thresholds,
    services_lead,
    provincial_share,
    shanghai_services,
    shanghai_plan_shares,
    zhejiang_above_half,
    cities_above_half,
    high_tech_firms,
)
