"""Claims on change over time in the accounts: trends of sector shares, growth of services (S1-01, S3-05 to S3-11)."""

import numpy as np
import pandas as pd

from yrdspatial.integration.inequality import mann_kendall
from yrdspatial.replication.case import ACCOUNTS, CORE_CITIES, Case
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, said
from yrdspatial.tables.speech import say, term

TREND_YEARS = range(2008, 2021)
RISING = 0.8
CHANGES = {"S3-05": "Jiangsu", "S3-06": "Zhejiang", "S3-07": "Anhui"}
TWO_VINTAGES = "2016 before, 2020 after the fourth economic census"


@check("S1-01")
def sector_shares_over_time(case: Case, claim: Claim) -> Verdict:
    """Test the trends of sector shares in Shanghai and the capitals (S1-01).

    Returns
    -------
    Verdict
        Replicated when all slopes are significant at 1 % and the tertiary share rises in 80 % of the years.
    """
    secondary = 100 * case.frame["va_secondary"] / case.frame["gdp"]
    parts, holds = [], True
    for code in CORE_CITIES:
        falls, rises = trend(series(secondary, code)), trend(series(case.tertiary_share, code))
        yearly = float((np.diff(series(case.tertiary_share, code)) > 0).mean())
        holds &= (
            falls[0] < 0 and rises[0] > 0 and max(falls[1], rises[1]) < claim.tolerance and yearly >= RISING
        )
        parts.append(
            say(
                "{city} {fall:+.2f} (p {p_fall:.3f}) and {rise:+.2f} (p {p_rise:.3f}), rising in {yearly:.0%} of the "
                "years",
                city=case.names([code]),
                fall=falls[0],
                p_fall=falls[1],
                rise=rises[0],
                p_rise=rises[1],
                yearly=yearly,
            )
        )
    why = say(
        "Slopes in points a year and Mann-Kendall p of secondary and tertiary shares, 2008-2020; every one must pass "
        "1 %, and the tertiary share must rise in 80 % of the years."
    )
    return Verdict(
        "replicated" if holds else "not replicated",
        say("; ").join(parts),
        why,
        data=ACCOUNTS,
        vintage="census break 2018-19",
    )


def series(shares: pd.Series, code: int) -> pd.Series:
    """Take the years 2008-2020 of one unit.

    Parameters
    ----------
    shares : pandas.Series
        Indexed (unit, year).
    code : int
        The unit.

    Returns
    -------
    pandas.Series
        Indexed by year.
    """
    own = shares.xs(code, level="unit")
    return own[own.index.isin(TREND_YEARS)]


def trend(shares: pd.Series) -> tuple[float, float]:
    """Slope and p-value of a trend.

    Parameters
    ----------
    shares : pandas.Series
        Indexed by year.

    Returns
    -------
    slope : float
        Least-squares slope, in points a year.
    p : float
        Two-sided p-value of Mann and Kendall.
    """
    slope = np.polyfit(shares.index.to_numpy(dtype=float), shares.to_numpy(dtype=float), 1)[0]
    return float(slope), float(mann_kendall(shares)["p"])


@check(*CHANGES)
def change_of_share(case: Case, claim: Claim) -> Verdict:
    """Subtract the tertiary share of 2016 from that of 2020 (S3-05, S3-06, S3-07).

    Returns
    -------
    Verdict
        Not replicated beyond 0.1 points; source inconsistent for Anhui, whose printed change fits no published series.
    """
    name = CHANGES[claim.id]
    first, last = (
        100 * case.province_sums("va_tertiary", year)[name] / case.province_sums("gdp", year)[name]
        for year in (2016, 2020)
    )
    gap = last - first - claim.figures[0]
    verdict = "replicated" if abs(gap) <= claim.tolerance else "not replicated"
    why = say(
        "The two years of our accounts stand on either side of a census revision; one revised series would decide."
    )
    if claim.id == "S3-07":
        verdict = "source inconsistent"
        implied = 51.0 - claim.figures[0]
        printed = case.fact("anhui_share_2018_first")
        why = say(
            "The printed change implies {implied:.1f} % in 2016, above the {printed:.1f} % first published for 2018: "
            "it fits only a series revised backwards, which the source does not name.",
            implied=implied,
            printed=printed,
        )
    computed = f"{last - first:+.2f}"
    return Verdict(
        verdict, computed, why, gap=f"{gap:+.2f}", data="sums of the city accounts", vintage=TWO_VINTAGES
    )


@check("S3-09")
def growth_of_services(case: Case, claim: Claim) -> Verdict:
    """Compare the growth of services in Shanghai with the figure of the city itself (S3-09, D6).

    Returns
    -------
    Verdict
        Source inconsistent.
    """
    plan = case.fact("services_growth_plan")
    why = say(
        "The city prints another rate for the same years; the indices by sector that would tell are not there."
    )
    return Verdict(
        "source inconsistent",
        said([plan]),
        why,
        gap=said([plan - claim.figures[0]]),
        data="plan of the city for services",
        proxy=nominal_growth(case, "va_tertiary"),
    )


@check("S3-10", "S3-11")
def growth_of_industry(case: Case, claim: Claim) -> Verdict:
    """Say what would decide on the growth of industry in Shanghai (S3-10, S3-11).

    Returns
    -------
    Verdict
        Not testable, with nominal growth as a proxy.
    """
    why = say("The {table} would decide; they are not there.", table=term(claim.data))
    return Verdict("not testable", "", why, data=ACCOUNTS, proxy=nominal_growth(case, "va_secondary"))


def nominal_growth(case: Case, column: str) -> str:
    """Say the nominal growth of a sector of Shanghai beside the real growth of its gross product.

    Parameters
    ----------
    case : Case
        The case.
    column : str
        A column of value added.

    Returns
    -------
    str
        Both, in per cent a year from 2016 to 2020.
    """
    first, last = (case.values(column, year)[310000] for year in (2016, 2020))
    nominal = 100 * ((last / first) ** 0.25 - 1)
    index = [case.values("gdp_index_prev100", year)[310000] / 100 for year in range(2017, 2021)]
    real = 100 * (float(np.prod(index)) ** 0.25 - 1)
    return (
        f"nominal {nominal:.2f} % a year 2016-2020, across a census revision; real gross product {real:.2f} %"
    )


CHECKS: tuple[Check, ...] = (sector_shares_over_time, change_of_share, growth_of_services, growth_of_industry)
