"""Claims on industrial transfer (E-03, S2-01): who gained manufacturing, and which way it went."""

import numpy as np
import pandas as pd

from yrdspatial.industry.gravity import gravity_centre
from yrdspatial.industry.transfer import windowed_transfer
from yrdspatial.replication.case import EMPLOYMENT, Case
from yrdspatial.replication.checks.structure import FAMILIES, WINDOWS, YEAR, same_sign
from yrdspatial.replication.subregions import sub_regions
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, decide
from yrdspatial.tables.speech import say

VALUE_YEARS = (2008, 2020)
RECEIVERS = ("皖北", "苏北")
ORIGINS = ("苏南", "浙东", "浙北")


def transfer(case: Case) -> pd.Series:
    """Change of the share in the delta's manufacturing employment, summed over both windows, in points.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    pandas.Series
        By unit.
    """
    return windowed_transfer(case.study.panel, "manufacturing", measure="share_change")["sum"]


def value_transfer(case: Case) -> pd.Series:
    """Change of the share in the delta's secondary value added 2008-2020, in points.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    pandas.Series
        By unit.
    """
    first, last = (case.at("va_secondary", year) for year in VALUE_YEARS)
    return 100 * (last / last.sum() - first / first.sum())


@check("E-03")
def receivers(case: Case, claim: Claim) -> Verdict:
    """Rank the sub-regions by transfer (E-03).

    Returns
    -------
    Verdict
        Replicated when northern Anhui and northern Jiangsu gain, and come first and second.
    """
    change, value = transfer(case), value_transfer(case)
    sums = {name: float(change.loc[codes].sum()) for name, codes in sub_regions().items()}
    first = sorted(sums, key=lambda name: -sums[name])
    members = case.union(*RECEIVERS)
    difference, p = case.permuted_difference(change, members)
    by_weights = case.differences_by_weights(change, members, YEAR)
    gains = min(sums[name] for name in RECEIVERS) > 0
    holds = gains and set(first[:2]) == set(RECEIVERS) and p < claim.tolerance and same_sign(by_weights, 1)
    by_value = {name: float(value.loc[case.regions[name]].sum()) for name in RECEIVERS}
    why = say(
        "Share change 2005-2012 and 2013-2019 summed; first are {regions}.",
        regions=say(" and ").join(map(case.title, first[:2])),
    )
    return Verdict(
        decide(holds, vintage="another"),
        say("; ").join(say("{name} {value:+.2f}", name=case.title(name), value=sums[name]) for name in first),
        why,
        gap=say("receivers less others a city {difference:+.2f} points", difference=difference),
        data=EMPLOYMENT,
        vintage="employment for output",
        weights=FAMILIES,
        seed=case.seed,
        p=p,
        by_weights=by_weights,
        proxy="secondary value added 2008-2020: "
        + "; ".join(f"{case.title(n)} {v:+.2f}" for n, v in by_value.items()),
    )


@check("S2-01")
def direction_of_transfer(case: Case, claim: Claim) -> Verdict:
    """Follow manufacturing from the origins to the destinations (S2-01).

    Returns
    -------
    Verdict
        Replicated when origins lose, destinations gain, and the centre moves between west and north.
    """
    change, value = transfer(case), value_transfer(case)
    origins, destinations = [310000, *case.union(*ORIGINS)], case.union(*RECEIVERS)
    lost, gained = (float(change.loc[codes].sum()) for codes in (origins, destinations))
    both = change.loc[sorted({*origins, *destinations})]
    _, p = case.permuted_difference(both, destinations)
    by_weights = case.differences_by_weights(change, destinations, YEAR)
    east, north = move_of_centre(case)
    bearing = float(np.degrees(np.arctan2(east, north)) % 360)
    holds = lost < 0 < gained and p < claim.tolerance and same_sign(by_weights, 1) and bearing >= 270
    why = say(
        "Share change in points, both windows; the centre moved {distance:.1f} km towards {bearing:.0f} degrees. A "
        "policy aim in the source, tested here.",
        distance=np.hypot(east, north),
        bearing=bearing,
    )
    by_value = ", ".join(f"{float(value.loc[codes].sum()):+.2f}" for codes in (origins, destinations))
    return Verdict(
        decide(holds, vintage="another"),
        say("origins {lost:+.2f}; destinations {gained:+.2f}", lost=lost, gained=gained),
        why,
        data=EMPLOYMENT,
        vintage="employment for output",
        weights=FAMILIES,
        seed=case.seed,
        p=p,
        by_weights=by_weights,
        proxy=f"secondary value added 2008-2020, origins and destinations: {by_value}",
    )


def move_of_centre(case: Case) -> tuple[float, float]:
    """Sum the moves of the centre of manufacturing employment inside the two windows.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    east, north : float
        Kilometres.
    """
    moves = np.zeros(2)
    for first, last in WINDOWS:
        then, now = (gravity_centre(case.at("emp_C_manufacturing", year)) for year in (first, last))
        moves += now[["x", "y"]].to_numpy(dtype=float)[0] - then[["x", "y"]].to_numpy(dtype=float)[0]
    return float(moves[0]), float(moves[1])


CHECKS: tuple[Check, ...] = (receivers, direction_of_transfer)
