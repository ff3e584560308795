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
    """Measures of specialization of the main job, each indexed (unit, year).

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
    employment = complete_years(panel, sets["sectors_19"])
    return Specialization(
        sectors=location_quotient(employment, reference="region"),
        groups=group_quotients(employment),
        value_added=location_quotient(complete_years(panel, sets["three_sectors"]), reference="region"),
        krugman=krugman_index(employment, versus="rest", halved=False),
    )


def complete_years(panel: Panel, columns: list[str]) -> pd.DataFrame:
    """Keep the years in which every unit has every column.

    Parameters
    ----------
    panel : Panel
        The city panel.
    columns : list of str
        Columns that a year needs.

    Returns
    -------
    pandas.DataFrame
        The columns, indexed (unit, year), without a hole.
    """
    table = panel.frame[columns]
    whole = table.notna().all(axis=1).groupby(level="year").all()
    return table.loc[table.index.get_level_values("year").isin(whole.index[whole])]


def group_quotients(employment: pd.DataFrame) -> pd.DataFrame:
    """Location quotients of manufacturing and of the three definitions of producer services.

    Parameters
    ----------
    employment : pandas.DataFrame
        Employment of the 19 sectors, indexed (unit, year), in 10,000 persons.

    Returns
    -------
    pandas.DataFrame
        One column a group, indexed (unit, year).
    """
    sets = sector_sets()
    total = employment.sum(axis=1)
    quotients = {}
    for name in ("manufacturing", *SERVICE_SETS):
        part = employment[sets[name]].sum(axis=1)
        split = pd.DataFrame({name: part, "other": total - part})
        quotients[name] = location_quotient(split, reference="region")[name]
    return pd.DataFrame(quotients)
