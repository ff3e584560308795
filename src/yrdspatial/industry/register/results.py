"""What a register says: tables of units by sectors by years, flows between units, and what was left out."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.industry.register.files import ROLES
from yrdspatial.industry.register.reading import MILLIONTHS
from yrdspatial.industry.register.tally import PROBLEMS, Totals

Measure: TypeAlias = Literal["stock", "births", "deaths", "capital", "capital_of_births"]
Flow: TypeAlias = Literal["moves", "subsidiaries"]
BASIS = {"stock": "firms", "births": "firms opened", "deaths": "firms closed"}


@dataclass(frozen=True)
class FirmRegister:
    """Firms counted by unit, division of industry, and year.

    Attributes
    ----------
    units : pandas.Index
        N units.
    sectors : pandas.Index
        K = 97 divisions of GB/T 4754-2017, "A01" to "T97".
    years : tuple of int
        T years.
    census : str
        The day on which ``stock`` and ``capital`` are counted: "31 December" or "1 July".
    rows, firms : int
        Rows read, and firms counted; the report tells the difference.
    report : pandas.DataFrame
        One row a kind of problem: ``problem``, ``rows``, ``effect`` ("row left out" or "value left out"), ``first``
        (file and row of the first), ``cure``.
    amounts : dict of str to ndarray, shape (T, N, K)
        ``stock``, ``births``, ``deaths`` (int64 firms); ``capital``, ``capital_of_births`` (the register's unit).
    pairs : dict of str to ndarray, shape (T, N, N)
        ``moves`` and, where the register tells parents, ``subsidiaries``: origin by destination.
    """

    units: pd.Index
    sectors: pd.Index
    years: tuple[int, ...]
    census: str
    rows: int
    firms: int
    report: pd.DataFrame = field(repr=False)
    amounts: dict[str, npt.NDArray[np.generic]] = field(repr=False)
    pairs: dict[str, npt.NDArray[np.int64]] = field(repr=False)

    def table(self, measure: Measure = "stock", *, year: int | None = None) -> pd.DataFrame:
        """Return a table of units by sectors, ready for ``location_quotient`` and the other measures.

        Parameters
        ----------
        measure : {"stock", "births", "deaths", "capital", "capital_of_births"}
            Firms alive on the census day, opened in the year, closed in the year; capital of those alive and of those
            opened.
        year : int, optional
            One year; all years without it.

        Returns
        -------
        pandas.DataFrame
            Index unit, or (unit, year); 97 columns.

        Notes
        -----
        A ``SpecificationError`` tells that there is no such measure or year.
        """
        _refuse_other(measure, get_args(Measure), "measure")
        array = self.amounts[measure]
        if year is not None:
            _refuse_other(year, self.years, "year")
            table = pd.DataFrame(array[self.years.index(year)], self.units, self.sectors)
        else:
            rows = pd.MultiIndex.from_product([self.units, self.years], names=[self.units.name, "year"])
            flat = array.swapaxes(0, 1).reshape(-1, len(self.sectors))
            table = pd.DataFrame(flat, rows, self.sectors)
        table.attrs = {"basis": BASIS.get(measure, "capital of firms"), "notes": self.notes}
        return table

    def flows(self, kind: Flow = "moves") -> pd.DataFrame:
        """Return flows between units as a long table, ready for ``read_flows``.

        Parameters
        ----------
        kind : {"moves", "subsidiaries"}
            Firms that moved from one unit to another in the year of the move, or that opened in the year in one unit
            (``destination``) with the parent in another (``origin``).

        Returns
        -------
        pandas.DataFrame
            Columns ``origin``, ``destination``, ``year``, ``flow``: every pair and year, zeros and moves inside a
            unit included.

        Raises
        ------
        SpecificationError
            If the register has no columns for that flow.
        """
        if kind not in self.pairs:
            roles = "parent and firm" if kind == "subsidiaries" else "moved and previous_unit"
            cure = f"name the columns of {roles} (roles: {', '.join(ROLES)})"
            raise SpecificationError(f'the register tells no flow "{kind}"', cure=cure)
        labels = [self.years, self.units, self.units]
        rows = pd.MultiIndex.from_product(labels, names=["year", "origin", "destination"])
        flows = pd.Series(self.pairs[kind].ravel(), rows, name="flow").reset_index()
        return flows[["origin", "destination", "year", "flow"]]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a note under a table must say.

        Returns
        -------
        tuple of str
            The census day, and each problem of the report with its number of rows.
        """
        census = (
            f"firms alive on {self.census}: {self.firms:,} of {self.rows:,} rows of the register are counted"
        )
        told = zip(self.report["problem"], self.report["rows"], self.report["effect"], strict=True)
        return (census, *(f"{problem}: {rows:,} ({effect})" for problem, rows, effect in told))


def firm_register(
    totals: Totals, *, units: pd.Index, sectors: pd.Index, census: str, flows: tuple[str, ...]
) -> FirmRegister:
    """Label the totals of a register.

    Parameters
    ----------
    totals : Totals
        Sums over all blocks.
    units, sectors : pandas.Index
        N and K labels.
    census : str
        The day of the year on which firms are counted.
    flows : tuple of str
        The flows that the register tells.

    Returns
    -------
    FirmRegister
        Stocks are the sums of the changes up to each census.
    """
    years, shape = totals.frame.years, (-1, len(units), len(sectors))
    amounts: dict[str, npt.NDArray[np.generic]] = {}
    for name in get_args(Measure):
        array = totals.sums[name].reshape(shape)
        array = np.cumsum(array, axis=0)[:-1] if name in {"stock", "capital"} else array
        amounts[name] = array / MILLIONTHS if name.startswith("capital") else array
    pairs = {name: totals.sums[name].reshape(len(years), len(units), len(units)) for name in flows}
    report = pd.DataFrame(
        [
            (PROBLEMS[number][0], rows, PROBLEMS[number][1], first, PROBLEMS[number][2])
            for number, (rows, first) in sorted(totals.problems.items())
        ],
        columns=["problem", "rows", "effect", "first", "cure"],
    )
    return FirmRegister(units, sectors, years, census, totals.rows, totals.firms, report, amounts, pairs)


def _refuse_other(given: object, known: tuple[object, ...], what: str) -> None:
    if given not in known:
        choices = ", ".join(map(str, known))
        raise SpecificationError(f"there is no {what} {given!r}", cure=f"choose one of {choices}")
