"""What is known of a year before its tables are looked at: the dictionary, the panel, its breaks."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from yrdspatial.geography.units import load_units
from yrdspatial.panel.breaks import touches
from yrdspatial.panel.columns import load_columns, load_vintages
from yrdspatial.panel.panel import load_panel
from yrdspatial.panel.years import LAYOUT, choose_vintages, read_years


@dataclass(frozen=True)
class Known:
    """What is known before the year is looked at.

    Attributes
    ----------
    year : int
        Data year.
    columns : pandas.DataFrame
        The column dictionary.
    units : pandas.Index
        The units that a year must have.
    panel : pandas.DataFrame
        Values in force, indexed (unit, year).
    breaks : pandas.DataFrame
        The known breaks.
    existing : pandas.DataFrame
        Rows of the year file that there is, in every vintage; empty when there is none.
    vintages : list of str
        The order in which vintages are preferred.
    """

    year: int
    columns: pd.DataFrame
    units: pd.Index
    panel: pd.DataFrame
    breaks: pd.DataFrame
    existing: pd.DataFrame
    vintages: list[str]

    def of_year(self, year: int) -> pd.DataFrame:
        """Return the values in force of one year.

        Returns
        -------
        pandas.DataFrame
            Units by variables that have a value; empty when the panel has no such year.
        """
        rows = self.panel.index.get_level_values("year") == year
        return self.panel.loc[rows].droplevel("year").dropna(axis=1, how="all")

    def in_force(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a year file that count: one a unit and variable, of the preferred vintage.

        Returns
        -------
        pandas.DataFrame
            The columns of `rows`, with a fresh index.
        """
        return choose_vintages(rows.assign(year=self.year), self.vintages).drop(columns="year")

    def explanation(self, column: str, unit: object = None) -> str:
        """Return the note of a known break between the year before and this year.

        Returns
        -------
        str
            Empty when no break of the column touches the unit; without a unit, when none touches all units.
        """
        table = self.breaks
        crossed = (table["year_from"] < self.year) & (table["year_to"] >= self.year)
        for row in table.loc[crossed].itertuples():
            of_unit = row.units == "*" or str(unit) in str(row.units).split()
            if of_unit and touches(str(row.variables), [column]):
                return str(row.note)
        return ""


def load_known(year: int, *, data_dir: str | Path | None = None) -> Known:
    """Load what is known of a year.

    Returns
    -------
    Known
        From the shipped data and the user's.

    Examples
    --------
    >>> known = load_known(2020)
    >>> len(known.units), known.explanation("population_resident")
    (41, 'as published: jumps at the census of 2020')
    """
    panel = load_panel(data_dir=data_dir)
    long = read_years("yrd", data_dir=data_dir)
    rows = long.loc[long["year"] == year, list(LAYOUT)].reset_index(drop=True)
    return Known(
        year=year,
        columns=load_columns(data_dir=data_dir),
        units=load_units().index,
        panel=panel.frame,
        breaks=panel.breaks(),
        existing=rows.assign(value=pd.to_numeric(rows["value"])),
        vintages=load_vintages(data_dir=data_dir),
    )
