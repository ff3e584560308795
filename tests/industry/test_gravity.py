"""Gravity centre and standard deviational ellipse against pointpats and closed forms."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pointpats.centrography import ellipse, weighted_mean_center

from yrdspatial import load_panel, load_units
from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.geography.units import great_circle_km
from yrdspatial.industry.gravity import gravity_centre, seat_points, standard_deviational_ellipse

POINTS = pd.DataFrame({"x": [0, 4, 0, 4, 5.0], "y": [0, 0, 2, 2, 3.0]}, index=list("abcde"))
few = settings(max_examples=15, deadline=None, derandomize=True)
weights = arrays(float, 5, elements=st.floats(0.1, 100)).map(
    lambda w: pd.Series(w, index=list("abcde"), name="w")
)


@few
@given(weights)
def test_centre_and_ellipse_equal_pointpats(w):
    centre = gravity_centre(w.sample(frac=1, random_state=1), POINTS).iloc[0]
    np.testing.assert_allclose(centre[["x", "y"]], weighted_mean_center(POINTS.to_numpy(), w), rtol=1e-10)
    ours = standard_deviational_ellipse(w, POINTS).iloc[0]
    major, minor, _ = ellipse(POINTS.to_numpy(), w, method="yuill", crimestatCorr=False, degfreedCorr=False)
    np.testing.assert_allclose(ours[["major", "minor"]].astype(float), [major, minor], rtol=1e-8, atol=1e-8)
    other = standard_deviational_ellipse(w, POINTS, convention="crimestat").iloc[0]
    major, minor, _ = ellipse(POINTS.to_numpy(), w)
    np.testing.assert_allclose(other[["major", "minor"]].astype(float), [major, minor], rtol=1e-8, atol=1e-8)


def test_rectangle_in_three_conventions():
    # corners (0,0)-(4,2): standard deviations 2 and 1; times the root of two 2.828 and 1.414
    w = pd.Series(1.0, index=list("abcd"))
    plain = standard_deviational_ellipse(w, POINTS).iloc[0]
    assert plain[["x", "y", "major", "minor", "angle"]].tolist() == pytest.approx([2, 1, 2, 1, 90])
    root = standard_deviational_ellipse(w, POINTS, convention="sqrt2").iloc[0]
    assert root[["major", "minor"]].tolist() == pytest.approx([2 * np.sqrt(2), np.sqrt(2)])
    crimestat = standard_deviational_ellipse(w, POINTS, convention="crimestat").iloc[0]
    assert crimestat[["major", "minor"]].tolist() == pytest.approx([4, 2])  # times the root of 2 x 4 / 2
    assert plain["area"] == pytest.approx(2 * np.pi)


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 150.0])
def test_angle_is_clockwise_from_north(angle):
    turn = np.radians(angle)
    away = np.array([-3.0, -1, 1, 3])
    line = pd.DataFrame({"x": away * np.sin(turn), "y": away * np.cos(turn)}, index=list("abcd"))
    found = standard_deviational_ellipse(pd.Series(1.0, index=list("abcd")), line).iloc[0]
    assert found["angle"] % 180 == pytest.approx(angle, abs=1e-6) or found["angle"] == pytest.approx(
        180, abs=1e-6
    )
    assert found["minor"] == pytest.approx(0, abs=1e-7)


def test_a_circle_has_no_angle():
    square = pd.DataFrame({"x": [0, 1, 0, 1.0], "y": [0, 0, 1, 1.0]}, index=list("abcd"))
    assert np.isnan(standard_deviational_ellipse(pd.Series(1.0, index=list("abcd")), square)["angle"].item())


def test_moves_and_bearings():
    index = pd.MultiIndex.from_product([["a", "b"], [2000, 2001, 2002]], names=["unit", "year"])
    w = pd.Series([3.0, 1.0, 1.0, 1.0, 1.0, 1.0], index, name="w")
    track = gravity_centre(w, pd.DataFrame({"x": [0, 4.0], "y": [0, 0.0]}, index=["a", "b"]))
    assert track["x"].tolist() == [1.0, 2.0, 2.0]
    assert track["shift"].tolist()[1:] == [1.0, 0.0]
    assert track["bearing"].tolist()[1] == 90.0
    assert np.isnan(track["bearing"].iloc[[0, 2]]).all()


def test_seats_are_projected_without_much_distortion():
    points, units = seat_points(), load_units()
    one, two = 310000, 340100
    lonlat = units.loc[[one, two], ["seat_lon", "seat_lat"]].to_numpy()
    sphere = great_circle_km(*lonlat[0], *lonlat[1])
    plane = np.hypot(*(points.loc[one] - points.loc[two]))
    assert plane == pytest.approx(float(sphere), rel=5e-3)  # ellipsoid against sphere, scale within 0.1 %


def test_the_centre_of_secondary_value_added():
    va = load_panel().frame["va_secondary"]
    track = gravity_centre(va)
    assert track.index.tolist() == list(range(2003, 2023))
    assert track["x"].between(-100, 250).all()
    assert "Lambert" in track.attrs["reference"]
    shares = va.xs(2022, level="year") / va.xs(2022, level="year").sum()
    assert track.loc[2022, "x"] == pytest.approx((shares * seat_points()["x"]).sum())
    turned = gravity_centre(va.sample(frac=1, random_state=2).swaplevel())
    np.testing.assert_allclose(turned, track, atol=1e-9)


def test_no_move_across_a_break_unless_asked_for():
    values = load_panel().select(years=range(2010, 2016)).frame["emp_C_manufacturing"]
    track = gravity_centre(values)
    assert track["shift"].isna().tolist() == [True, False, False, True, False, False]
    assert track.attrs["notes"][0].startswith("break before 2013: employment widened in 2013")
    across = gravity_centre(values, across_breaks=True)
    assert across.loc[2013, "shift"] > 2 * track["shift"].max()  # the artefact dwarfs every real move
    assert across.attrs["notes"] == track.attrs["notes"]
    pd.testing.assert_frame_equal(across[["x", "y"]], track[["x", "y"]])
    assert gravity_centre(values.rename("own"))["shift"].notna().sum() == 5


def test_refusals():
    with pytest.raises(AlignmentError, match=r"no point .z"):
        gravity_centre(pd.Series({"z": 1.0}), POINTS)
    with pytest.raises(DataError, match="missing, negative or all zero"):
        gravity_centre(pd.Series({"a": 1.0, "b": -1.0}), POINTS)
    with pytest.raises(DataError, match="missing, negative or all zero"):
        gravity_centre(load_panel().frame["emp_C_manufacturing"])
    with pytest.raises(SpecificationError, match="convention=arcgis"):
        standard_deviational_ellipse(pd.Series({"a": 1.0}), POINTS, convention="arcgis")
