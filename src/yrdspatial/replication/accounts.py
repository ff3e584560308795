"""What the accounts say to the last year: shares of the provinces, and how much of a sector changes place a year."""

from dataclasses import dataclass

import pandas as pd

from yrdspatial.panel.panel import Panel
from yrdspatial.replication.case import PROVINCES
from yrdspatial.replication.subregions import region_of, sub_regions

SECTORS = ("va_secondary", "va_tertiary")
FIRST_YEAR = 2005
CENSUS = 2019
"""The first year whose accounts follow the fourth economic census."""


@dataclass(frozen=True)
class Accounts:
    """The accounts of the cities, summed and compared over the years.

    Attributes
    ----------
    shares : pandas.DataFrame
        Columns sector, province, year, share (per cent of the delta).
    pace : pandas.DataFrame
        Columns sector, year, moved: points of the delta's sector that are in another city than the year before, half
        the sum of the absolute changes of the shares; the step across the census is left out.
    recent : pandas.DataFrame
        Index sub-region, one column a sector: change of its share from 2019 to the last year, in points.
    """

    shares: pd.DataFrame
    pace: pd.DataFrame
    recent: pd.DataFrame


def measure_accounts(panel: Panel) -> Accounts:
    """Sum up the accounts.

    Parameters
    ----------
    panel : Panel
        The city panel.

    Returns
    -------
    Accounts
        Shares, their pace, and the changes since the census.
    """
    cities = {sector: city_shares(panel, sector) for sector in SECTORS}
    last = panel.years[-1]
    return Accounts(
        shares=pd.concat(
            [by_province(table).assign(sector=sector) for sector, table in cities.items()], ignore_index=True
        )[["sector", "province", "year", "share"]],
        pace=pd.concat(
            [pace_of(table).assign(sector=sector) for sector, table in cities.items()], ignore_index=True
        )[["sector", "year", "moved"]],
        recent=pd.DataFrame({sector: table[last] - table[CENSUS] for sector, table in cities.items()})
        .groupby(region_of(sub_regions()))
        .sum()
        .loc[list(sub_regions())],
    )


def city_shares(panel: Panel, sector: str) -> pd.DataFrame:
    """Give each city's share of a sector.

    Parameters
    ----------
    panel : Panel
        The city panel.
    sector : str
        A column.

    Returns
    -------
    pandas.DataFrame
        Units x years from 2005 on, in per cent of the delta.
    """
    years = [year for year in panel.years if year >= FIRST_YEAR]
    values = pd.DataFrame(panel.array([sector], years)[:, :, 0].T, panel.units, years)
    return 100 * values / values.sum()


def by_province(shares: pd.DataFrame) -> pd.DataFrame:
    """Sum the shares over the provinces.

    Parameters
    ----------
    shares : pandas.DataFrame
        As of `city_shares`.

    Returns
    -------
    pandas.DataFrame
        Columns province, year, share.
    """
    names = {code // 10000: name for name, code in PROVINCES.items()}
    summed = shares.groupby((shares.index // 10000).map(names)).sum().loc[list(PROVINCES)]
    return (
        summed.rename_axis(index="province")
        .melt(ignore_index=False, var_name="year", value_name="share")
        .reset_index()
    )


def pace_of(shares: pd.DataFrame) -> pd.DataFrame:
    """Measure how much changes place from one year to the next.

    Parameters
    ----------
    shares : pandas.DataFrame
        As of `city_shares`.

    Returns
    -------
    pandas.DataFrame
        Columns year, moved; without the first year and the first year after the census.
    """
    moved = shares.diff(axis=1).abs().sum() / 2
    years = [year for year in shares.columns[1:].astype(int).tolist() if year != CENSUS]
    return pd.DataFrame({"year": years, "moved": moved[years].to_numpy()})
