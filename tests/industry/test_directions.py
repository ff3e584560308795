"""Origins and destinations: sums over sub-regions."""

import pandas as pd
import pytest

from yrdspatial import load_panel
from yrdspatial.errors import AlignmentError, SpecificationError, UnknownUnitError
from yrdspatial.industry.directions import DIRECTIONS, region_units, transfer_directions
from yrdspatial.industry.transfer import industrial_transfer, windowed_transfer


@pytest.fixture(scope="module")
def change():
    return windowed_transfer(load_panel(), "manufacturing")


def test_default_directions_are_disjoint_and_known():
    units = [unit for names in DIRECTIONS.values() for name in names for unit in region_units(name)]
    assert len(units) == len(set(units)) == 1 + 5 + 3 + 3 + 6 + 5


def test_sums_over_members(change):
    table = transfer_directions(change)
    northern = [320300, 320700, 320800, 320900, 321300]
    assert table.loc[("destination", "苏北"), "sum"] == pytest.approx(change.loc[northern, "sum"].sum())
    assert table.loc[("destination", "苏北"), "units"] == 5
    parts = table.loc["origin"].drop("all").sum()
    assert table.loc[("origin", "all"), "sum"] == pytest.approx(parts["sum"])
    assert table.attrs["basis"] == "employment"


def test_overlapping_regions_count_a_unit_once(change):
    table = transfer_directions(change, {"belt": ["沿江", "苏南"]})
    assert table.loc[("belt", "all"), "units"] == len(set(region_units("沿江")) | set(region_units("苏南")))


def test_own_roles_and_units(change):
    table = transfer_directions(change["sum"], {"core": ["上海", "Nanjing"], "rest": ["皖西"]})
    assert table.loc[("core", "all"), "sum"] == pytest.approx(change.loc[[310000, 320100], "sum"].sum())


def test_refusals(change):
    panel = load_panel()
    relative = industrial_transfer(
        panel, "va_secondary", base=2010, end=2015, measure="relative_share_change"
    )
    with pytest.raises(SpecificationError, match=r"does not add up .relative_share_change"):
        transfer_directions(relative)
    with pytest.raises(AlignmentError, match=r"not in the transfer .上海"):
        transfer_directions(change.drop(index=310000))
    with pytest.raises(UnknownUnitError):
        transfer_directions(change, {"role": ["中原"]})
    assert isinstance(change, pd.DataFrame)
