"""The delta divided into nine sub-regions: those that policy names, Shanghai, and what is left of two provinces."""

import pandas as pd

from yrdspatial.geography.regions import load_regions
from yrdspatial.geography.units import load_units

NAMED = ("苏南", "苏中", "苏北", "浙北", "浙东", "皖北")
REST = {"other Zhejiang": 33, "other Anhui": 34}


def sub_regions() -> dict[str, list[int]]:
    """Divide the 41 cities into Shanghai, six named sets, and what is left of Zhejiang and Anhui.

    Returns
    -------
    dict of str to list of int
        Codes by sub-region; every city in one.

    Examples
    --------
    >>> {name: len(codes) for name, codes in sub_regions().items()}["苏北"]
    5
    """
    members = members_of(*NAMED)
    found = {"Shanghai": [310000], **members}
    used = {code for codes in found.values() for code in codes}
    for name, province in REST.items():
        found[name] = [
            int(code) for code in load_units().index if code // 10000 == province and code not in used
        ]
    return found


def members_of(*names: str) -> dict[str, list[int]]:
    """List the members of named sets of cities.

    Parameters
    ----------
    *names : str
        Names of sets.

    Returns
    -------
    dict of str to list of int
        Codes by set.

    Examples
    --------
    >>> members_of("皖西")
    {'皖西': [341500]}
    """
    regions = load_regions()
    return {name: [int(code) for code in regions.loc[regions["region"] == name, "adcode"]] for name in names}


def region_of(groups: dict[str, list[int]]) -> pd.Series:
    """Turn groups of cities into the group of each city.

    Parameters
    ----------
    groups : dict of str to list of int
        Codes by group.

    Returns
    -------
    pandas.Series
        Names of groups by code.

    Examples
    --------
    >>> region_of(sub_regions())[320500]
    '苏南'
    """
    return pd.Series({code: name for name, codes in groups.items() for code in codes}, name="region")
