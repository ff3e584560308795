"""Shifted coordinates against published examples and their own round trip."""

import numpy as np
import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.industry.register.coordinates import to_gcj02, to_wgs84

# lat, lon in WGS 84 and in GCJ-02: the test vectors of eviltransform (github.com/googollee/eviltransform)
VECTORS = np.array([
    [31.1774276, 121.5272106, 31.17530398364597, 121.531541859215],
    [22.543847, 113.912316, 22.540796131694766, 113.9171764808363],
    [39.911954, 116.377817, 39.91334545536069, 116.38404722455657],
])  # fmt: skip
# of the documentation of coordtransform (github.com/wandergis/coordtransform)
WGS_TO_GCJ = ((116.404, 39.915), (116.41024449916938, 39.91640428150164))
BD_TO_GCJ = ((116.404, 39.915), (116.39762729119315, 39.90865673957631))


def test_the_shift_is_the_published_one():
    lon, lat = to_gcj02(VECTORS[:, 1], VECTORS[:, 0])
    # printed to 1e-14 degrees; the order of operations differs
    np.testing.assert_allclose(np.column_stack([lat, lon]), VECTORS[:, 2:], rtol=0, atol=1e-12)
    np.testing.assert_allclose(to_gcj02(*WGS_TO_GCJ[0]), WGS_TO_GCJ[1], rtol=0, atol=1e-12)


def test_the_way_back_is_the_published_one():
    lon, lat = to_wgs84(VECTORS[:, 3], VECTORS[:, 2], crs="gcj02")
    np.testing.assert_allclose(np.column_stack([lat, lon]), VECTORS[:, :2], rtol=0, atol=1e-10)


def test_baidu_leads_to_the_published_point_of_the_shifted_map():
    lon, lat = to_wgs84(*BD_TO_GCJ[0], crs="bd09")
    np.testing.assert_allclose(to_gcj02(lon, lat), BD_TO_GCJ[1], rtol=0, atol=1e-10)


def test_the_round_trip_closes_all_over_the_delta():
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(114, 123, 5_000), rng.uniform(27, 36, 5_000)
    shifted = to_gcj02(lon, lat)
    back = to_wgs84(*shifted, crs="gcj02")
    np.testing.assert_allclose(
        back, (lon, lat), rtol=0, atol=1e-10
    )  # ten rounds, each a thousandth of the one before
    metres = 111_000 * np.hypot((shifted[0] - lon) * np.cos(np.radians(lat)), shifted[1] - lat)
    assert 100 < metres.min() < metres.max() < 1000  # "some hundred metres", as every description says


def test_baidu_round_trip_by_its_forward_formula():
    rng = np.random.default_rng(4)
    gcj = rng.uniform(114, 123, 1_000), rng.uniform(27, 36, 1_000)
    turn = np.pi * 3000 / 180
    radius = np.hypot(*gcj) + 0.00002 * np.sin(gcj[1] * turn)
    angle = np.arctan2(gcj[1], gcj[0]) + 0.000003 * np.cos(gcj[0] * turn)
    lon, lat = to_wgs84(radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006, crs="bd09")
    # the published inverse puts the shifted point into its waves: off by some metres at most
    np.testing.assert_allclose(to_gcj02(lon, lat), gcj, rtol=0, atol=1e-5)


def test_gps_stays_as_it_is():
    assert to_wgs84(121.5, 31.2, crs="wgs84") == (121.5, 31.2)


def test_other_systems_are_refused():
    with pytest.raises(SpecificationError, match="mars"):
        to_wgs84(121.5, 31.2, crs="mars")
