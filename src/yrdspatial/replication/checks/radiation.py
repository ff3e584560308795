"""Claims on spillovers (E-07, G-03, M-02, M-09): from core to periphery, across borders, along railways."""

import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.estimators import SDM
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.rail.accessibility import accessibility
from yrdspatial.replication.case import Case
from yrdspatial.replication.checks.structure import FAMILIES, MAJORITY, same_sign
from yrdspatial.replication.strands import Strand, value_added_strand
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, decide, said_tests
from yrdspatial.tables.speech import listed, say, term
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.split import split_weights

Floats = npt.NDArray[np.float64]
VARIABLE = "log_gdp_head"
CORE = ("苏南", "环杭州湾")
PERIPHERY = ("苏北", "皖北", "皖西", "浙西南")
SPARSE = ("contiguity", "distance", "rail time")
LEVEL = 0.05
STEP = 1e-5
STRAND = "secondary value added, 2006 to the last year: SDM, city and year effects, bias-adjusted"
RAIL_YEARS = (2008, 2022)
NEARER = 35


def fit(data: pd.DataFrame, formula: str, weights: WeightsSeries, terms: list[str]) -> SpatialPanelResults:
    """Fit a Durbin model with city and year effects.

    Parameters
    ----------
    data : pandas.DataFrame
        Indexed (unit, year).
    formula : str
        The model.
    weights : WeightsSeries
        The weights.
    terms : list of str
        The terms that are lagged.

    Returns
    -------
    SpatialPanelResults
        The estimates; warnings of weak identification stay in the results.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakIdentificationWarning)
        return SDM(data, formula, weights=weights, effects="twoways", durbin=terms).fit()


def strand_of(case: Case) -> tuple[Strand, list[str]]:
    """Give the value-added strand and its terms.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    strand : Strand
        Data and formula.
    terms : list of str
        The regressors.
    """
    strand = value_added_strand(case.study.panel, case.study.times)
    return strand, strand.formula.partition(" ~ ")[2].split(" + ")


@check("E-07")
def core_to_periphery(case: Case, claim: Claim) -> Verdict:
    """Estimate what a change in the core does to the periphery (E-07).

    Returns
    -------
    Verdict
        Replicated when the effect is not significantly above zero in three of four families, or that of neighbours of
        neighbours is not in any.
    """
    strand, terms = strand_of(case)
    core, periphery = [310000, *case.union(*CORE)], case.union(*PERIPHERY)
    effects = {}
    for name, weights in case.panel_families.items():
        results = fit(strand.data, strand.formula, weights, terms)
        effects[name] = partitioned(results, weights, strand.data, core, periphery)
    beyond = second_band(case)
    faded = [name for name, (value, p) in beyond.items() if value <= 0 or p / 2 >= LEVEL]
    z = {name: value / error for name, (value, error) in effects.items()}
    reached = [name for name, score in z.items() if score > norm.ppf(1 - LEVEL)]
    p = float(norm.sf(z["contiguity"]))
    computed = say("; ").join(
        say("{name} {value:+.3f} (se {error:.3f})", name=term(name), value=value, error=error)
        for name, (value, error) in effects.items()
    )
    why = say(
        "Mean effect on the share of a lagging city of one more log point of product a head in the whole core; above "
        "zero at 5 %, one-sided, under: {families}. Neighbours of neighbours: {beyond}.",
        families=listed(map(term, reached)) or say("no family"),
        beyond=said_tests(beyond),
    )
    holds = len(effects) - len(reached) >= MAJORITY or len(faded) == len(beyond)
    return Verdict(
        decide(holds, vintage="another"),
        computed,
        why,
        data=STRAND,
        vintage="accounts before and after the census of 2018",
        weights=FAMILIES,
        p=p,
        retain=True,
        by_weights={name: value for name, (value, _) in effects.items()},
    )


def partitioned(
    results: SpatialPanelResults,
    weights: WeightsSeries,
    data: pd.DataFrame,
    core: list[int],
    periphery: list[int],
) -> tuple[float, float]:
    """Effect of a unit change in every core unit on the mean of the periphery, averaged over years.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted Durbin model.
    weights : WeightsSeries
        Its weights.
    data : pandas.DataFrame
        Its data, for units and years.
    core, periphery : list of int
        Codes.

    Returns
    -------
    effect, std_error : float
        The standard error by the delta method with numerical derivatives.

    References
    ----------
    LeSage, J., & Pace, R. K. (2009), *Introduction to spatial econometrics*, ch. 2.7: S = (I - rho W)^-1 (I beta + W
    theta).
    """
    units = data.index.get_level_values("unit").unique().sort_values()
    years = sorted(data.index.get_level_values("year").unique())
    distinct, which = weights.distinct(units, years)
    shares = np.bincount(which, minlength=len(distinct)) / len(years)
    sources, targets = units.isin(core), units.isin(periphery)
    names = [VARIABLE, f"W_{VARIABLE}", "rho"]

    def effect(values: Floats) -> float:
        beta, theta, rho = values
        identity = np.eye(len(units))
        matrices = (np.linalg.solve(identity - rho * w, beta * identity + theta * w) for w in distinct)
        parts = (matrix[np.ix_(targets, sources)].sum(axis=1).mean() for matrix in matrices)
        return float(np.dot(shares, list(parts)))

    point = np.array([float(results.params[name]) for name in names], dtype=np.float64)
    steps: list[Floats] = list(STEP * np.eye(len(names), dtype=np.float64))
    slope = np.array([(effect(point + step) - effect(point - step)) / (2 * STEP) for step in steps])
    covariance = results.cov.loc[names, names].to_numpy(dtype=float)
    return effect(point), float(np.sqrt(slope @ covariance @ slope))


def second_band(case: Case) -> dict[str, tuple[float, float]]:
    """Estimate the coefficient of neighbours of neighbours beside that of neighbours.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    dict of str to tuple
        Coefficient and two-sided p-value under the three sparse families; with weights between all pairs there is no
        second band.
    """
    strand, terms = strand_of(case)
    data = strand.data.sort_index()
    units, years, x = layers(data)
    found = {}
    for name in SPARSE:
        weights = case.panel_families[name]
        near = (weights.array(units, years) > 0) | np.eye(len(units), dtype=bool)
        second = ((near.astype(float) @ near.astype(float)) > 0) & ~near
        lagged = np.einsum("tij,jt->it", second / second.sum(axis=2, keepdims=True), x)
        results = fit(data.assign(second=lagged.ravel()), f"{strand.formula} + second", weights, terms)
        found[name] = (float(results.params["second"]), float(results.pvalues["second"]))
    return found


def layers(data: pd.DataFrame) -> tuple[pd.Index, list[int], Floats]:
    """Lay the main regressor out by unit and year.

    Parameters
    ----------
    data : pandas.DataFrame
        Indexed (unit, year), sorted.

    Returns
    -------
    units : pandas.Index
        The units.
    years : list of int
        The years.
    x : ndarray, shape (N, T)
        The regressor.
    """
    units = data.index.get_level_values("unit").unique()
    years = [int(year) for year in sorted(data.index.get_level_values("year").unique())]
    return units, years, data[VARIABLE].unstack("year")[years].to_numpy(dtype=float)


@check("G-03", "M-02")
def borders(case: Case, claim: Claim) -> Verdict:
    """Compare spillovers within provinces with those across (G-03, M-02).

    Returns
    -------
    Verdict
        Replicated when the former are larger under contiguity, p < 0.05, and in three of four families by sign.
    """
    found = border_effects(case)
    difference, p = found["contiguity"]
    by_weights = {name: value for name, (value, _) in found.items()}
    holds = difference > 0 and p < claim.tolerance and same_sign(by_weights, 1)
    why = say(
        "Coefficient of neighbours' product a head within the province less that across, both divided by the joint row "
        "sum; Wald test under contiguity."
    )
    return Verdict(
        decide(holds),
        said_tests(found),
        why,
        data=STRAND,
        vintage="accounts before and after the census of 2018",
        weights=FAMILIES,
        p=p,
        by_weights=by_weights,
    )


def border_effects(case: Case) -> dict[str, tuple[float, float]]:
    """Estimate theta within less theta across, for each family of weights.

    With W = W_within + W_across, the coefficient of W_within x beside W x is the difference of the two.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    dict of str to tuple
        Difference and Wald p-value by family.
    """
    strand, terms = strand_of(case)
    data = strand.data.sort_index()
    units, years, x = layers(data)
    found = {}
    for name, weights in case.panel_families.items():
        within = split_weights(weights, "province")["within"].array(units, years)
        lagged = np.einsum("tij,jt->it", within, x)
        extended = data.assign(within=lagged.ravel())
        results = fit(extended, f"{strand.formula} + within", weights, terms)
        found[name] = (float(results.params["within"]), float(results.pvalues["within"]))
    return found


@check("M-09")
def railways(case: Case, claim: Claim) -> Verdict:
    """Follow travel times, and compare the spatial parameter under rail and contiguity (M-09).

    Returns
    -------
    Verdict
        Replicated when time falls in 35 units or more and rho under rail is not the smaller.
    """
    mass = case.at("gdp", 2005)
    first, last = (accessibility(case.study.times.frame(year), mass)["weighted_time"] for year in RAIL_YEARS)
    nearer = int((last < first).sum())
    strand, terms = strand_of(case)
    rhos = {
        name: float(fit(strand.data, strand.formula, case.panel_families[name], terms).params["rho"])
        for name in ("rail time", "contiguity")
    }
    holds = nearer >= NEARER and abs(rhos["rail time"]) >= abs(rhos["contiguity"])
    change = 100 * float((last / first - 1).median())
    why = say(
        "Weighted time {first}-{last} moves by {change:.0f} % in the median city; masses of 2005.",
        first=RAIL_YEARS[0],
        last=RAIL_YEARS[1],
        change=change,
    )
    spoken = listed(say("{value:.3f} ({name})", value=value, name=term(name)) for name, value in rhos.items())
    computed = say("nearer: {nearer} of {all}; rho {rhos}", nearer=nearer, all=len(first), rhos=spoken)
    return Verdict(
        decide(holds),
        computed,
        why,
        data=f"rail times; {STRAND}",
        weights="5 nearest by rail time; contiguity",
    )


CHECKS: tuple[Check, ...] = (core_to_periphery, borders, railways)
