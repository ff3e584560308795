"""Directions of transfer: do the sub-regions that policy calls origins fall while the destinations rise."""

from collections.abc import Iterable, Mapping

import pandas as pd

from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.geography.regions import load_regions
from yrdspatial.geography.units import find_unit
from yrdspatial.industry.table import stamp
from yrdspatial.industry.transfer import ADDITIVE
from yrdspatial.panel.gaps import shorten

DIRECTIONS = {"origin": ("上海", "苏南", "浙东", "浙北"), "destination": ("皖北", "苏北")}


def transfer_directions(
    transfer: pd.Series | pd.DataFrame, directions: Mapping[str, Iterable[str]] = DIRECTIONS
) -> pd.DataFrame:
    """Sum a transfer over sub-regions: do the origins fall while the destinations rise.

    Parameters
    ----------
    transfer : pandas.Series or DataFrame
        An additive measure by unit, as of
        :func:`~yrdspatial.industrial_transfer` or :func:`~yrdspatial.windowed_transfer`.
    directions : mapping of str to names
        Regions (or units) by role. The default is the direction that policy texts name: from Shanghai, southern
        Jiangsu, eastern and northern Zhejiang to northern Anhui and northern Jiangsu; the member lists are usual
        ones, see the status in :func:`~yrdspatial.load_regions`.

    Returns
    -------
    pandas.DataFrame
        Index (role, region) with a row ``all`` a role; ``units`` and one column a column of the transfer.

    Raises
    ------
    SpecificationError
        If the measure does not add up.
    AlignmentError
        If a unit of a region is not in the transfer.

    Examples
    --------
    >>> from yrdspatial import load_panel
    >>> from yrdspatial.industry.transfer import windowed_transfer
    >>> change = windowed_transfer(load_panel(), "manufacturing")
    >>> transfer_directions(change)["sum"].round(2).xs("all", level="region").to_dict()
    {'origin': 1.82, 'destination': -2.77}
    """
    measure = str(transfer.attrs.get("variant", "share_change")).partition(",")[0]
    if measure not in ADDITIVE:
        raise SpecificationError(
            "a measure does not add up", where=measure, cure=f"one of {', '.join(ADDITIVE)}"
        )
    frame = transfer.to_frame() if isinstance(transfer, pd.Series) else transfer
    rows = {}
    for role, names in directions.items():
        members = {name: region_units(name) for name in names}
        members["all"] = sorted({unit for units in members.values() for unit in units})
        for name, units in members.items():
            lacking = sorted(set(units) - set(frame.index))
            if lacking:
                cure = "keep all units of the region in the panel"
                raise AlignmentError(
                    "units are not in the transfer", where=f"{name}: {shorten(lacking)}", cure=cure
                )
            rows[role, name] = pd.concat(
                [pd.Series({"units": len(units)}), frame.loc[units].sum(skipna=False)]
            )
    table = pd.DataFrame(rows).T.rename_axis(["role", "region"]).astype({"units": int})
    return stamp(table, transfer.attrs)


def region_units(name: str) -> list[int]:
    """Return the units of a named region, or the unit itself.

    Returns
    -------
    list of int
        Codes, sorted.

    Examples
    --------
    >>> region_units("皖西"), region_units("上海")
    ([341500], [310000])
    """
    regions = load_regions()
    members = regions.loc[regions["region"] == name, "adcode"]
    return sorted(members.tolist()) if len(members) else [find_unit(name)]
