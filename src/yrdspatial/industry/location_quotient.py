"""Location quotients: in what is a unit over-represented, and against which reference area."""

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.datasets import read_table
from yrdspatial.errors import AlignmentError
from yrdspatial.industry.table import Floats, SectorTable, as_sectors, describe, divide, require
from yrdspatial.panel.gaps import shorten, year_runs
from yrdspatial.panel.panel import Panel

Form = Literal["ratio", "symmetric", "log", "surplus"]
Reference = Literal["region", "nation"] | pd.Series | pd.DataFrame
FORMS = ("ratio", "symmetric", "log", "surplus")


def location_quotient(
    table: pd.DataFrame | Panel,
    *,
    reference: Reference = "region",
    form: Form = "ratio",
    groups: Mapping[str, Iterable[str]] | None = None,
) -> pd.DataFrame:
    """Location quotients of sectors in units.

    LQ_ik = (q_ik / q_i) / (Q_k / Q): the share of sector k in unit i over its share in the reference area. Totals are
    sums over the columns of the table. A quotient above one is no test of anything, and it also rises when other
    sectors shrink.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year).
    reference : {"region", "nation"}, Series or DataFrame
        The sum of the units in the table; the prefecture-level cities of China (employment, 2003-2019, a table
        indexed (unit, year) with panel columns); or amounts of an area of your own: a Series by sector, or a
        DataFrame of years x sectors.
    form : {"ratio", "symmetric", "log", "surplus"}
        LQ in [0, inf), neutral 1; (LQ - 1) / (LQ + 1) in [-1, 1); ln LQ, minus infinity at zero; or
        q_ik - q_i Q_k / Q, the amount above the neutral level, in the unit of the table.
    groups : mapping of str to columns, optional
        Sums of sectors to report instead of the sectors, such as ``producer_services_4``; they may overlap, and
        the totals stay those of the whole table.

    Returns
    -------
    pandas.DataFrame
        Index unit or (unit, year), one column a sector or group. 0/0 (an empty unit, or a sector that is absent
        everywhere) is NaN and named in ``attrs["notes"]``; a sector that only the reference lacks is infinite.

    References
    ----------
    Florence, P. S. (1939), Report on the location of industry; Isard, W. (1960), Methods of regional analysis, ch. 7.
    Symmetric form: Laursen, K. (2015), Revealed comparative advantage and the alternatives, Eurasian Business
    Review 5, 99-115.

    Examples
    --------
    >>> table = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"), columns=list("123"))
    >>> location_quotient(table).round(2).loc["A"].tolist()
    [1.8, 0.9, 0.3]
    """
    require(form, FORMS, "form")
    data = as_sectors(table)
    amounts, area = reference_amounts(data, reference)
    sums, names = _group(data.sectors, groups)
    local, wide = data.amounts @ sums, amounts @ sums
    total, all_wide = data.amounts.sum(axis=2, keepdims=True), amounts.sum(axis=2, keepdims=True)
    share = divide(wide, all_wide)
    values = local - total * share if form == "surplus" else _form(divide(divide(local, total), share), form)
    return describe(data.by_cell(values, names), data, "location quotient", reference=area, variant=form)


def _form(quotients: Floats, form: Form) -> Floats:
    if form == "symmetric":
        return np.where(np.isinf(quotients), 1.0, divide(quotients - 1, quotients + 1))
    if form == "log":
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(quotients))
    return quotients


def _group(sectors: pd.Index, groups: Mapping[str, Iterable[str]] | None) -> tuple[Floats, list[object]]:
    if groups is None:
        return np.eye(len(sectors)), list(sectors)
    members = {name: list(columns) for name, columns in groups.items()}
    unknown = sorted({column for columns in members.values() for column in columns} - set(sectors))
    if unknown:
        cure = "the table needs every sector of the groups, and the rest for the totals"
        raise AlignmentError("a group names sectors that the table lacks", where=shorten(unknown), cure=cure)
    return np.column_stack([sectors.isin(columns) for columns in members.values()]).astype(float), list(
        members
    )


def reference_amounts(data: SectorTable, reference: Reference) -> tuple[Floats, str]:
    """Return the amounts of the reference area on the sectors and years of a table.

    Parameters
    ----------
    data : SectorTable
        The table.
    reference : {"region", "nation"}, Series or DataFrame
        As in :func:`location_quotient`.

    Returns
    -------
    amounts : ndarray, shape (T or 1, 1, K)
        Amounts by year and sector.
    area : str
        What a table note says about the area.

    Raises
    ------
    AlignmentError
        If the reference lacks sectors or years of the table.

    Examples
    --------
    >>> data = as_sectors(pd.DataFrame({"x": [1.0, 2.0]}, index=["A", "B"]))
    >>> reference_amounts(data, "region")
    (array([[[3.]]]), 'region: sum of the 2 units')
    """
    if isinstance(reference, str):
        require(reference, ("region", "nation"), "reference")
        if reference == "region":
            return data.amounts.sum(axis=1, keepdims=True), f"region: sum of the {len(data.units)} units"
        reference, area = national_totals(), "nation: sum of the prefecture-level cities of China"
    else:
        area = "own reference"
    own = reference.to_frame().T if isinstance(reference, pd.Series) else _years_of(reference, data, area)
    unknown = data.sectors.difference(own.columns)
    if len(unknown):
        cure = "name the sectors alike; sums of sectors go into groups="
        raise AlignmentError(
            "the reference lacks sectors", where=f"{area}: {shorten(list(unknown))}", cure=cure
        )
    return own[data.sectors].to_numpy(dtype=float)[:, None, :], area


def _years_of(reference: pd.DataFrame, data: SectorTable, area: str) -> pd.DataFrame:
    if data.years is None:
        cure = "index the table by (unit, year), or pass the reference of the year as a Series"
        raise AlignmentError("the year of the table is not known", where=area, cure=cure)
    lacking = [year for year in data.years if year not in reference.index]
    if lacking:
        cure = "choose years that the reference has, or pass totals of your own"
        raise AlignmentError("the reference lacks years", where=f"{area}: {year_runs(lacking)}", cure=cure)
    return reference.loc[list(data.years)]


def national_totals() -> pd.DataFrame:
    """Load employment by sector of the prefecture-level cities of China.

    Returns
    -------
    pandas.DataFrame
        Index year (2003-2019), one column a sector, 10,000 persons. Use the sum of the sectors as the total: it
        exceeds the printed ``employed_units_total`` by 2-4 % in 2017-2019.

    Examples
    --------
    >>> national_totals().loc[2003, "emp_C_manufacturing"].item()
    2966.59
    """
    table = read_table("panels/national/sector_totals.csv")
    return table.pivot_table(index="year", columns="variable", values="value").rename_axis(columns=None)
