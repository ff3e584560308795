"""Stage 2 of the main job: who is specialized in what, by employment to 2019 and by value added to the last year."""

from dataclasses import dataclass

import pandas as pd

from yrdspatial.industry.location_quotient import location_quotient
from yrdspatial.industry.specialization import krugman_index
from yrdspatial.panel.columns import sector_sets
from yrdspatial.panel.panel import Panel

SERVICE_SETS = ("producer_services_4", "producer_services_5", "producer_services_6")


@dataclass(frozen=True)
class Specialization:
    """Measures of specialization of the main job, each indexed (unit, year), with basis and flags in ``attrs``.

    Attributes
    ----------
    sectors : pandas.DataFrame
        Location quotients of the 19 sectors of employment, reference: the 41 units.
    groups : pandas.DataFrame
        Location quotients of manufacturing and of producer services in three definitions, by employment.
    value_added : pandas.DataFrame
        Location quotients of the three sectors by value added.
    krugman : pandas.Series
        Krugman index over the 19 sectors, against the rest of the delta, not halved.
    """

    sectors: pd.DataFrame
    groups: pd.DataFrame
    value_added: pd.DataFrame
    krugman: pd.Series


def measure_specialization(panel: Panel) -> Specialization:
    """Compute location quotients and Krugman indices for every year that has the data.

    Parameters
    ----------
    panel : Panel
        The city panel.

    Returns
    -------
    Specialization
        The measures, indexed (unit, year).
    """
    sets = sector_sets()
    employment = panel.select(columns=sets["sectors_19"])
    groups = {name: sets[name] for name in ("manufacturing", *SERVICE_SETS)}
    return Specialization(
        sectors=location_quotient(employment, reference="region"),
        groups=location_quotient(employment, reference="region", groups=groups),
        value_added=location_quotient(panel.select(columns=sets["three_sectors"]), reference="region"),
        krugman=krugman_index(employment, versus="rest", halved=False),
    )
