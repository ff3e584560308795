"""Propositions of the literature and on policy (M and Q rows), where the panel can say something."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import linregress, spearmanr

from yrdspatial.industry.specialization import krugman_index
from yrdspatial.models.estimators import OLS
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.replication.case import EMPLOYMENT, Case
from yrdspatial.replication.checks.manufacturing import by_year, krugman_trend, missing, yearly_slopes
from yrdspatial.replication.checks.radiation import layers, strand_of
from yrdspatial.replication.strands import log_potential, log_share
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, decide, said_tests
from yrdspatial.tables.speech import say, term

WINDOWS = {"2005-2012": range(2005, 2013), "2013-2019": range(2013, 2020)}
SECTORS = {
    "knowledge-intensive services": (
        "emp_finance",
        "emp_it_software",
        "emp_leasing_business",
        "emp_scientific",
    ),
    "tourism": ("emp_hotel_catering",),
    "other services": (
        "emp_wholesale_retail",
        "emp_transport_post",
        "emp_resident_services",
        "emp_real_estate",
    ),
    "manufacturing": ("emp_C_manufacturing",),
}
ZONES = {
    "Yangtze zone of Anhui, 2010": ("皖江", 2010, range(2006, 2019)),
    "G60, 2018": ("G60", 2018, range(2010, 2023)),
}


class Slope(NamedTuple):
    """A coefficient with its two-sided p-value.

    Attributes
    ----------
    estimate, pvalue : float
        Coefficient, and p-value of the normal distribution.
    """

    estimate: float
    pvalue: float


def clustered(data: pd.DataFrame, formula: str, effects: EffectsRequest, term: str) -> Slope:
    """Least squares with fixed effects and standard errors clustered by city, without small-sample factors.

    Parameters
    ----------
    data : pandas.DataFrame
        Balanced, indexed (unit, year).
    formula : str
        The regression.
    effects : str or mapping
        As of :class:`yrdspatial.OLS`.
    term : str
        The regressor whose slope is wanted.

    Returns
    -------
    Slope
        Of that regressor.

    References
    ----------
    Arellano, M. (1987), Computing robust standard errors for within-groups estimators, *Oxford Bulletin of Economics
    and Statistics* 49(4), 431-434.
    """
    results = OLS(data, formula, effects=effects).fit(bias="none", cov_type="cluster", small_sample=False)
    return Slope(float(results.params[term]), float(results.pvalues[term]))


@check("M-01")
def families_of_measures(case: Case, claim: Claim) -> Verdict:
    """Say which family of measures is computed (M-01).

    Returns
    -------
    Verdict
        Recorded.
    """
    why = say(
        "The price method runs on any table of price indices, but none is there; the other two are documented."
    )
    return Verdict("recorded", say("price method available"), why)


@check("M-03", "M-04", "M-05", "M-06", "Q2-01")
def no_index(case: Case, claim: Claim) -> Verdict:
    """Say what would decide on segmentation and on pairs (M-03 to M-06, Q2-01).

    Returns
    -------
    Verdict
        Not testable.
    """
    return Verdict("not testable", "", say("It takes: {table}; not there.", table=term(claim.data)))


@check("M-07")
def specialization_and_transfer(case: Case, claim: Claim) -> Verdict:
    """Follow specialization in manufacturing and transfer (M-07).

    Returns
    -------
    Verdict
        Replicated when the Krugman index rises on average and cities that gain or lose more specialize more.
    """
    tables = by_year(case)
    if len(tables) < 3:
        return missing(claim, proxy=f"Krugman index over 19 sectors, {krugman_trend(case)}")
    panel = pd.concat(tables, names=["year", "unit"]).swaplevel().sort_index()
    slopes = yearly_slopes(krugman_index(panel, versus="rest", halved=False))
    shares = panel.sum(axis=1).unstack("year").pipe(lambda table: table / table.sum())
    change = (shares[max(tables)] - shares[min(tables)]).abs()
    rank = float(spearmanr(slopes, change.reindex(slopes.index)).statistic)
    computed = say(
        "{slope:+.4f} a year; rank correlation with the size of transfer {rank:+.3f}",
        slope=slopes.mean(),
        rank=rank,
    )
    why = say("Slopes by city over the user's years.")
    return Verdict(decide(slopes.mean() > 0 and rank > 0), computed, why)


@check("M-08")
def market_access(case: Case, claim: Claim) -> Verdict:
    """Regress sector employment on market access by rail, with city x window and year effects (M-08).

    Returns
    -------
    Verdict
        Replicated when the elasticities are positive and that of knowledge-intensive services is the largest.
    """
    data = log_potential(case.study.panel, case.study.times).rename("access").to_frame()
    data = data[data.index.get_level_values("year").isin(range(2005, 2020))]
    data["window"] = np.where(data.index.get_level_values("year") < 2013, "2005-2012", "2013-2019")
    effects: EffectsRequest = {"unit": "window", "time": True}
    rows = {}
    for name, columns in SECTORS.items():
        data["outcome"] = case.frame[list(columns)].sum(axis=1).replace(0.0, np.nan).map(np.log)
        rows[name] = clustered(data, "outcome ~ access", effects, "access")
    elasticities = {name: row.estimate for name, row in rows.items()}
    significant = all(row.estimate > 0 and row.pvalue < claim.tolerance for row in rows.values())
    holds = significant and max(elasticities, key=lambda n: elasticities[n]) == "knowledge-intensive services"
    why = say(
        "Elasticity of employment to market potential by rail, 2005-2012 and 2013-2019; errors clustered by city."
    )
    return Verdict(
        decide(holds), said_tests(rows), why, data=f"{EMPLOYMENT}; rail times", vintage="masses of 2005"
    )


@check("M-10")
def misallocation(case: Case, claim: Claim) -> Verdict:
    """Relate the dispersion of labour productivity to access by rail, inside the windows (M-10).

    Returns
    -------
    Verdict
        Replicated when dispersion falls as mean access rises, p < 0.05.
    """
    access = log_potential(case.study.panel, case.study.times).groupby(level="year").mean()
    ratio = (case.frame["gdp"] / case.frame["employed_units_total"]).map(np.log)
    dispersion = ratio.groupby(level="year").std()
    pairs = []
    for years in WINDOWS.values():
        table = pd.DataFrame({"access": access, "dispersion": dispersion}).loc[list(years)]
        pairs.append(table - table.mean())
    both = pd.concat(pairs)
    line = linregress(both["access"], both["dispersion"])
    why = say(
        "Standard deviation of log product per employed person on mean log market potential, window means removed; "
        "capital is not there, and employment covers urban non-private units."
    )
    computed = say(
        "{slope:+.3f} (p {p:.3f}, {years} years)", slope=line.slope, p=line.pvalue, years=len(both)
    )
    holds = line.slope < 0 and line.pvalue < claim.tolerance
    return Verdict(decide(holds, vintage="another"), computed, why, data=EMPLOYMENT, vintage="labour alone")


@check("Q1-01")
def policy_dates(case: Case, claim: Claim) -> Verdict:
    """Compare members of two zones with the rest before and after (Q1-01).

    Returns
    -------
    Verdict
        Consistent, and so replicated, when neither coefficient is significant.
    """
    data = log_share(case.frame["va_secondary"]).rename("share").to_frame()
    years, units = data.index.get_level_values("year"), data.index.get_level_values("unit")
    rows = {}
    for name, (region, start, span) in ZONES.items():
        data["member"] = (units.isin(case.regions[region]) & (years >= start)).astype(float)
        rows[name] = clustered(data[years.isin(span)], "share ~ member", "twoways", "member")
    holds = all(row.pvalue >= claim.tolerance for row in rows.values())
    why = say(
        "Members after the start, city and year effects, errors clustered by city; an insignificant coefficient is "
        "consistent with little effect, and no proof of it."
    )
    return Verdict(decide(holds), said_tests(rows), why, data="shares of the delta's secondary value added")


@check("Q1-02")
def intervention(case: Case, claim: Claim) -> Verdict:
    """Let fiscal weight moderate the spillover of neighbours' product a head (Q1-02).

    Returns
    -------
    Verdict
        Replicated when the interaction is below zero, p < 0.05, under contiguity and rail.
    """
    strand, terms = strand_of(case)
    data = strand.data.sort_index()
    units, years, x = layers(data)
    fiscal = (case.frame["fiscal_expenditure"] / case.frame["gdp"]).reindex(data.index)
    rows = {}
    for name in ("contiguity", "rail time"):
        lagged = np.einsum("tij,jt->it", case.panel_families[name].array(units, years), x).ravel()
        table = data[["log_share", *terms]].assign(lagged=lagged, fiscal=fiscal - fiscal.mean())
        table["moderated"] = table["lagged"] * table["fiscal"]
        formula = f"log_share ~ {' + '.join(terms)} + lagged + fiscal + moderated"
        rows[name] = clustered(table, formula, "twoways", "moderated")
    holds = all(row.estimate < 0 and row.pvalue < claim.tolerance for row in rows.values())
    computed = said_tests(rows)
    why = say(
        "Interaction of neighbours' product a head with fiscal expenditure over product; errors clustered by city."
    )
    weights = "contiguity; 5 nearest by rail time"
    return Verdict(
        decide(holds), computed, why, data="secondary value added, 2006 to the last year", weights=weights
    )


CHECKS: tuple[Check, ...] = (
    families_of_measures,
    no_index,
    specialization_and_transfer,
    market_access,
    misallocation,
    policy_dates,
    intervention,
)
