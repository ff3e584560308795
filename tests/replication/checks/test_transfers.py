"""Claims on industrial transfer, against shares and centres written out."""

import numpy as np
import pytest
from pyproj import Transformer

from yrdspatial.replication.checks.transfers import move_of_centre, transfer, value_transfer
from yrdspatial.replication.subregions import sub_regions

WINDOWS = ((2005, 2012), (2013, 2019))


@pytest.fixture(scope="module")
def shares(case):
    table = case.frame["emp_C_manufacturing"].unstack("year")
    return 100 * table / table.sum()


def test_transfer_is_the_change_inside_the_windows(case, shares):
    expected = sum(shares[last] - shares[first] for first, last in WINDOWS)
    np.testing.assert_allclose(transfer(case)[expected.index], expected, atol=1e-9)
    assert transfer(case).sum() == pytest.approx(0.0, abs=1e-9)


def test_transfer_of_value_added(case):
    table = case.frame["va_secondary"].unstack("year")[[2008, 2020]]
    np.testing.assert_allclose(
        value_transfer(case), (100 * table / table.sum()).diff(axis=1)[2020], atol=1e-9
    )


def test_sub_regions_divide_the_delta(case):
    members = [code for codes in sub_regions().values() for code in codes]
    assert sorted(members) == sorted(case.study.units.index)
    assert len(sub_regions()) == 9


def test_receivers_are_ranked(case, judged, shares):
    change = sum(shares[last] - shares[first] for first, last in WINDOWS)
    for name, title in (("皖北", "Northern Anhui"), ("苏北", "Northern Jiangsu")):
        assert f"{title} {change[case.regions[name]].sum():+.2f}" in judged["E-03"].computed
    gains = min(change[case.regions[name]].sum() for name in ("皖北", "苏北"))
    assert gains < 0
    assert judged["E-03"].verdict == "not replicated"
    assert "secondary value added 2008-2020" in judged["E-03"].proxy


def test_direction_of_transfer(case, judged, shares):
    change = sum(shares[last] - shares[first] for first, last in WINDOWS)
    origins = {310000, *case.regions["苏南"], *case.regions["浙东"], *case.regions["浙北"]}
    lost, gained = change[sorted(origins)].sum(), change[case.union("皖北", "苏北")].sum()
    assert judged["S2-01"].computed == f"origins {lost:+.2f}; destinations {gained:+.2f}"
    assert judged["S2-01"].verdict == "not replicated"


def test_the_centre_moves_as_weighted_seats_do(case, shares):
    """A plane of our own, azimuthal equidistant around the middle of the delta: both distort by less than 0.3 km."""
    seats = case.study.units[["seat_lon", "seat_lat"]]
    plane = "+proj=aeqd +lat_0=31.5 +lon_0=119.5 +units=km"
    x, y = Transformer.from_crs("EPSG:4326", plane, always_xy=True).transform(*seats.to_numpy().T)
    points = np.column_stack([x, y])
    moves = sum(
        (shares[last] - shares[first]).reindex(seats.index).to_numpy() @ points / 100
        for first, last in WINDOWS
    )
    assert move_of_centre(case) == pytest.approx(tuple(moves), abs=0.3)
