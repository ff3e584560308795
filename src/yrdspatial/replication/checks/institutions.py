"""Institutional facts and figures that only the source prints: kept as metadata (F rows and some N rows)."""

from yrdspatial.replication.case import Case
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, said
from yrdspatial.tables.speech import say, term

METADATA = "An institutional fact, kept as metadata; nothing is computed."


@check("P-02", "S2-02", "S2-09", "S3-25", "S4-14", "S5-01", "S5-02", "S5-05", "G-01")
def metadata(case: Case, claim: Claim) -> Verdict:
    """Keep a fact (P-02, S2-02, S2-09, S3-25, S4-14, S5-01, S5-02, S5-05, G-01).

    Returns
    -------
    Verdict
        Recorded.
    """
    return Verdict("recorded", say("nothing to compute"), say(METADATA))


@check("P-03")
def policy_years(case: Case, claim: Claim) -> Verdict:
    """Subtract the two years (P-03).

    Returns
    -------
    Verdict
        Recorded: both years come from the source.
    """
    first, last = claim.figures
    why = say("The difference of two printed years; close to four decades.")
    return Verdict("recorded", say("{count:.0f} years", count=last - first), why)


@check("L-06")
def mountain_counties(case: Case, claim: Claim) -> Verdict:
    """Place the 26 mountain counties (L-06, D9).

    Returns
    -------
    Verdict
        Source inconsistent: they are of Zhejiang and stand after examples from Jiangsu.
    """
    number = case.fact("zhejiang_mountain_counties")
    why = say(
        "The number agrees, but the counties stand after examples from Jiangsu while the list is of Zhejiang."
    )
    gap = said([number - claim.figures[0]])
    computed = say("{count:.0f} in Zhejiang", count=number)
    return Verdict("source inconsistent", computed, why, gap=gap, data="claims/evidence.csv")


@check("S2-03")
def merged_zones(case: Case, claim: Claim) -> Verdict:
    """Compare the number of zones after the merger (S2-03).

    Returns
    -------
    Verdict
        Not testable: the number before is found nowhere else.
    """
    before, after = claim.figures
    found = case.fact("zhejiang_zones_after")
    why = say(
        "A press report gives {found:.0f} after the merger as printed; the {before:.0f} before it is documented "
        "nowhere we looked, and the {table} would decide.",
        found=found,
        before=before,
        table=term(claim.data),
    )
    computed = say(
        "{found:.0f} after; {change:.1f} % from the printed figures",
        found=found,
        change=100 * (after / before - 1),
    )
    return Verdict("not testable", computed, why, gap=said([found - after]), data="claims/evidence.csv")


@check("S3-26")
def key_field_revenue(case: Case, claim: Claim) -> Verdict:
    """Turn two printed revenues into growth (S3-26).

    Returns
    -------
    Verdict
        Recorded: no other document at hand prints them.
    """
    first, last = claim.figures
    growth, yearly = 100 * (last / first - 1), 100 * ((last / first) ** 0.25 - 1)
    why = say("Only the source prints the two figures; the {table} would decide.", table=term(claim.data))
    computed = say("{growth:+.1f} % in four years, {yearly:.2f} % a year", growth=growth, yearly=yearly)
    return Verdict("recorded", computed, why)


CHECKS: tuple[Check, ...] = (metadata, policy_years, mountain_counties, merged_zones, key_field_revenue)
