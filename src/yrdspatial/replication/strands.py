"""The two strands of industrial transfer: what is explained, by what, in which years, with which holes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.industry.location_quotient import location_quotient
from yrdspatial.panel.columns import sector_sets
from yrdspatial.panel.panel import Panel
from yrdspatial.rail.accessibility import accessibility
from yrdspatial.rail.travel_time import TravelTimes

FIRST_YEAR = 2006
EMPLOYMENT_YEARS = (*range(2006, 2013), *range(2013, 2020))
CONTROLS_END = 2020
MASS_YEAR = 2005


@dataclass(frozen=True)
class Strand:
    """One dependent variable with its regressors, sample and effects.

    Attributes
    ----------
    name : str
        Short name used in tables.
    title : str
        What is explained, in words.
    data : pandas.DataFrame
        Indexed (unit, year), balanced, without a hole.
    formula : str
        The model in formula notation.
    effects : str or mapping
        Effects asked of the estimators.
    holes : pandas.DataFrame
        Cells that were missing in the panel: unit, year, variable, value used, rule.
    """

    name: str
    title: str
    data: pd.DataFrame
    formula: str
    effects: str | Mapping[str, Any]
    holes: pd.DataFrame


def employment_strand(panel: Panel, times: TravelTimes) -> Strand:
    """Log share of the delta's manufacturing employment inside the windows 2006-2012 and 2013-2019.

    Parameters
    ----------
    panel : Panel
        The city panel.
    times : TravelTimes
        Travel times of the years of the panel.

    Returns
    -------
    Strand
        With unit x window and year effects.
    """
    sets = sector_sets()
    services = {"producer_services_5": sets["producer_services_5"]}
    quotients = location_quotient(panel.select(columns=sets["sectors_19"]), groups=services)
    filled, holes = controls(panel, EMPLOYMENT_YEARS)
    data = filled.assign(
        log_share=log_share(panel.frame["emp_C_manufacturing"]),
        lq_services=quotients["producer_services_5"],
        log_access=log_potential(panel, times),
        window=panel.windows("models"),
    )
    regressors = ["lq_services", "log_wage", "log_gdp_head", "log_fdi_gdp", "fiscal_gdp", "log_access"]
    return Strand(
        name="employment",
        title="log share of the delta's manufacturing employment",
        data=data.loc[pd.IndexSlice[:, list(EMPLOYMENT_YEARS)], ["log_share", *regressors, "window"]],
        formula="log_share ~ " + " + ".join(regressors),
        effects={"unit": "window", "time": True},
        holes=holes,
    )


def value_added_strand(panel: Panel, times: TravelTimes, *, with_controls: bool = False) -> Strand:
    """Log share of the delta's secondary value added, from 2006 to the last panel year.

    Parameters
    ----------
    panel : Panel
        The city panel.
    times : TravelTimes
        Travel times of the years of the panel.
    with_controls : bool
        Add wage, FDI and fiscal expenditure, which ends the sample in 2020, the last year that has them all.

    Returns
    -------
    Strand
        With unit and year effects.
    """
    quotients = location_quotient(panel.select(columns=sector_sets()["three_sectors"]))
    last = CONTROLS_END if with_controls else int(quotients.index.get_level_values("year").max())
    years = range(FIRST_YEAR, last + 1)
    extra = ("log_wage", "log_fdi_gdp", "fiscal_gdp") if with_controls else ()
    filled, holes = controls(panel, years, ("log_gdp_head", *extra))
    data = filled.assign(
        log_share=log_share(panel.frame["va_secondary"]),
        lq_tertiary=quotients["va_tertiary"],
        log_access=log_potential(panel, times),
    )
    regressors = ["lq_tertiary", "log_gdp_head", "log_access", *extra]
    return Strand(
        name="value added, controls" if with_controls else "value added",
        title="log share of the delta's secondary value added",
        data=data[["log_share", *regressors]],
        formula="log_share ~ " + " + ".join(regressors),
        effects="twoways",
        holes=holes,
    )


def controls(
    panel: Panel,
    years: range | tuple[int, ...],
    columns: tuple[str, ...] = ("log_wage", "log_gdp_head", "log_fdi_gdp", "fiscal_gdp"),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build the control variables and close the single holes in the open.

    Parameters
    ----------
    panel : Panel
        The city panel.
    years : range or tuple of int
        Years of the sample.
    columns : tuple of str
        Which controls.

    Returns
    -------
    frame : pandas.DataFrame
        The controls, indexed (unit, year).
    holes : pandas.DataFrame
        What was missing and what stands there: columns unit, year, variable, value, rule.
    """
    raw = panel.frame
    table = pd.DataFrame(
        {
            "log_wage": np.log(raw["avg_wage_staff"]),
            "log_gdp_head": np.log(gdp_per_head(raw)),
            "log_fdi_gdp": np.log(raw["fdi_utilised"] / raw["gdp"]),
            "fiscal_gdp": raw["fiscal_expenditure"] / raw["gdp"],
        }
    )[list(columns)]
    return close_holes(table.loc[pd.IndexSlice[:, list(years)], :])


def gdp_per_head(frame: pd.DataFrame) -> pd.Series:
    """GDP over resident population, or as printed where the yearbook prints no resident population.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns gdp (100m CNY), population_resident (10k persons) and, where a year brought it, gdp_per_head (CNY).

    Returns
    -------
    pandas.Series
        10,000 CNY a head.
    """
    computed = frame["gdp"] / frame["population_resident"]
    return computed.fillna(frame["gdp_per_head"] / 1e4) if "gdp_per_head" in frame else computed


def close_holes(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the mean of the year before and the year after where a single year is missing.

    Longer holes and holes at either end stay open, and the estimators refuse them by name.

    Parameters
    ----------
    table : pandas.DataFrame
        Indexed (unit, year).

    Returns
    -------
    frame : pandas.DataFrame
        The table with single holes closed.
    holes : pandas.DataFrame
        Columns unit, year, variable, value, rule.
    """
    by_unit = table.groupby(level="unit")
    between = (by_unit.shift(1) + by_unit.shift(-1)) / 2
    closed = table.fillna(between)
    cells = closed.where(table.isna()).melt(ignore_index=False).dropna().reset_index()
    return closed, cells.assign(rule="mean of the year before and the year after")


def log_share(amount: pd.Series) -> pd.Series:
    """Log share of each unit in the sum over the units of the year.

    Parameters
    ----------
    amount : pandas.Series
        Indexed (unit, year).

    Returns
    -------
    pandas.Series
        Natural logarithm of the share, indexed (unit, year).
    """
    return (amount / amount.groupby(level="year").transform("sum")).map(np.log)


def log_potential(panel: Panel, times: TravelTimes) -> pd.Series:
    """Log market potential by rail time with the GDP of 2005 as mass, so that only the network moves it.

    Parameters
    ----------
    panel : Panel
        The city panel.
    times : TravelTimes
        Travel times of the years of the panel.

    Returns
    -------
    pandas.Series
        Indexed (unit, year).
    """
    mass = panel.frame["gdp"].xs(MASS_YEAR, level="year")
    return accessibility(times, mass, measure="potential")["potential"].map(np.log)
