"""The columns of the panel: the dictionary that ships, and the named sets of sectors."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from yrdspatial.datasets import dataset_names, read_toml
from yrdspatial.errors import DataError

FIELDS = ("title_zh", "title_en", "unit", "kind", "basis", "section", "min", "max", "note")
PRODUCER_SERVICES_4 = ("emp_finance", "emp_it_software", "emp_leasing_business", "emp_scientific")
SECONDARY = ("emp_B_mining", "emp_C_manufacturing", "emp_D_utilities", "emp_E_construction")
TERTIARY = (
    "emp_wholesale_retail",
    "emp_transport_post",
    "emp_hotel_catering",
    "emp_it_software",
    "emp_finance",
    "emp_real_estate",
    "emp_leasing_business",
    "emp_scientific",
    "emp_water_env",
    "emp_resident_services",
    "emp_education",
    "emp_health",
    "emp_culture",
    "emp_public_admin",
)
SETS = {
    "manufacturing": ("emp_C_manufacturing",),
    "industry": SECONDARY[:3],
    "secondary": SECONDARY,
    "tertiary": TERTIARY,
    "producer_services_4": PRODUCER_SERVICES_4,
    "producer_services_5": (*PRODUCER_SERVICES_4, "emp_transport_post"),
    "producer_services_6": (*PRODUCER_SERVICES_4, "emp_transport_post", "emp_wholesale_retail"),
    "sectors_19": ("emp_A_agriculture", *SECONDARY, *TERTIARY),
    "three_sectors": ("va_primary", "va_secondary", "va_tertiary"),
}


def sector_sets() -> dict[str, list[str]]:
    """Return the named sets of panel columns that stand for sectors.

    Returns
    -------
    dict of str to list of str
        ``manufacturing``; ``industry`` (mining, manufacturing, utilities); ``secondary`` (industry and construction);
        ``tertiary`` (14 services); ``producer_services_4`` (finance, information technology, leasing and business,
        scientific research and technical services), ``producer_services_5`` (and transport and post),
        ``producer_services_6`` (and wholesale and retail trade); ``sectors_19`` (employment by section of
        GB/T 4754, A to S); ``three_sectors`` (value added).

    References
    ----------
    National Bureau of Statistics of China (2019), Statistical classification of producer services, cuts across
    the sections; the three sets are the usual approximations by whole sections.

    Examples
    --------
    >>> sector_sets()["producer_services_4"]
    ['emp_finance', 'emp_it_software', 'emp_leasing_business', 'emp_scientific']
    >>> len(sector_sets()["sectors_19"])
    19
    """
    return {name: list(columns) for name, columns in SETS.items()}


def load_columns(name: str = "yrd", *, data_dir: str | Path | None = None) -> pd.DataFrame:
    """Load the column dictionary of a panel.

    Parameters
    ----------
    name : str
        Folder below ``panels/``.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    pandas.DataFrame
        Index ``variable``; columns ``title_zh``, ``title_en``, ``unit`` (of measure), ``kind`` (stock, flow, share,
        index, price), ``basis``, ``section`` (letter of GB/T 4754), ``min``, ``max``, ``note``.

    Examples
    --------
    >>> load_columns().loc["gdp", ["unit", "kind"]].tolist()
    ['100m CNY', 'flow']
    """
    _check_name(name, data_dir)
    table = pd.DataFrame(read_toml(f"panels/{name}/columns.toml", data_dir=data_dir)["columns"]).T
    table = table.reindex(columns=list(FIELDS)).rename_axis("variable")
    limits = table[["min", "max"]].astype(float)
    return table.astype(object).where(table.notna(), "").assign(min=limits["min"], max=limits["max"])


def blank_columns(names: Iterable[str], source: str) -> pd.DataFrame:
    """Return dictionary rows for columns about which only their source is known.

    Parameters
    ----------
    names : iterable of str
        Columns.
    source : str
        Where they come from.

    Returns
    -------
    pandas.DataFrame
        The fields of :func:`load_columns`, empty, and ``sources``.

    Examples
    --------
    >>> blank_columns(["y"], "assigned").loc["y", "sources"]
    'assigned'
    """
    index = pd.Index(list(names), name="variable")
    return pd.DataFrame("", index, list(FIELDS)).assign(min=np.nan, max=np.nan, sources=source)


def load_vintages(name: str = "yrd", *, data_dir: str | Path | None = None) -> list[str]:
    """Return the known vintages of a panel, the preferred first.

    Parameters
    ----------
    name : str
        Folder below ``panels/``.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    list of str
        The order in which :func:`~yrdspatial.load_panel` chooses when a cell has several vintages.

    Examples
    --------
    >>> load_vintages()[:2]
    ['census', 'census4']
    """
    return list(read_toml(f"panels/{name}/columns.toml", data_dir=data_dir)["vintages"])


def _check_name(name: str, data_dir: str | Path | None) -> None:
    # A panel is a folder with a dictionary of columns.
    ends = [one.split("/") for one in dataset_names("panels", data_dir=data_dir)]
    found = [parts[1] for parts in ends if parts[2:] == ["columns.toml"]]
    if name not in found:
        cure = f"there is {', '.join(found)}; years of your own go below data_dir/panels/yrd"
        raise DataError("there is no such panel", where=str(name), cure=cure)
