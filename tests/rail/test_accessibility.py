"""Accessibility against numbers worked by plain loops, limits, alignment, gaps."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, GapError, YrdSpatialError
from yrdspatial.rail.travel_time import TravelTimes

UNITS = ["a", "b", "c"]
HOURS = pd.DataFrame([[0, 1, 2], [1, 0, 1.5], [2, 1.5, 0]], index=UNITS, columns=UNITS, dtype=float)
MASS = pd.Series([100.0, 50.0, 25.0], index=UNITS)
EXACT = 1e-12  # sums of three terms


@pytest.fixture(scope="module")
def times():
    return yrd.travel_times([2008, 2016])


@pytest.fixture(scope="module")
def mass(times):
    """Synthetic masses, another in every unit and year."""
    index = pd.MultiIndex.from_product([times.units, times.years], names=["unit", "year"])
    return pd.Series(np.random.default_rng(1).uniform(1, 100, len(index)), index=index)


# worked by hand: (1*50 + 2*25) / 75, (1*100 + 1.5*25) / 125, (2*100 + 1.5*50) / 150; 50/1 + 25/2, ...; 50/1 + 25/4, ...
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"measure": "weighted_time"}, [100 / 75, 137.5 / 125, 275 / 150]),
        ({"measure": "potential"}, [62.5, 100 + 25 / 1.5, 50 + 50 / 1.5]),
        ({"measure": "potential", "power": 2}, [56.25, 100 + 25 / 2.25, 25 + 50 / 2.25]),
        ({"measure": "daily", "limit": 1.5}, [50.0, 125.0, 50.0]),
        ({"measure": "daily", "limit": 1.49}, [50.0, 100.0, 0.0]),
        ({"measure": "daily", "limit": np.inf}, [75.0, 125.0, 150.0]),
    ],
)
def test_three_cities_by_hand(arguments, expected):
    result = yrd.accessibility(HOURS, MASS, **arguments)
    assert list(result.columns) == [arguments["measure"]]
    assert list(result.index) == UNITS
    assert result.iloc[:, 0].tolist() == pytest.approx(expected, rel=EXACT)


def test_weighted_time_in_minutes_is_sixty_times_the_hours():
    hours = yrd.accessibility(HOURS, MASS)
    assert yrd.accessibility(60 * HOURS, MASS).to_numpy() == pytest.approx(60 * hours.to_numpy(), rel=EXACT)


def loop(times, mass, year, unit, measure, power, limit):
    above = below = 0.0
    for other in times.units:
        if other == unit:
            continue
        minutes, there = times.frame(year).loc[unit, other], mass[(other, year)]
        below += there
        if measure == "weighted_time":
            above += minutes * there
        elif measure == "potential":
            above += there / minutes**power
        elif minutes <= limit:
            above += there
    return above / below if measure == "weighted_time" else above


@pytest.mark.parametrize("measure", ["weighted_time", "potential", "daily"])
def test_the_delta_by_a_plain_loop(times, mass, measure):
    result = yrd.accessibility(times, mass, measure=measure, power=1.5, limit=120.0)
    assert result.shape == (82, 1)
    assert result.index.names == ["unit", "year"]
    assert result.index.is_monotonic_increasing
    for unit, year in [(310000, 2008), (310000, 2016), (330900, 2016), (341200, 2008)]:
        expected = loop(times, mass, year, unit, measure, 1.5, 120.0)
        assert result.loc[(unit, year), measure] == pytest.approx(expected, rel=1e-12)


def test_mass_as_series_frame_and_constant_agree(times):
    constant = pd.Series(np.arange(1.0, 42.0), index=times.units)
    frame = pd.DataFrame(dict.fromkeys((2007, *times.years), constant))
    index = pd.MultiIndex.from_product([times.units, times.years], names=["unit", "year"])
    long = pd.Series(np.repeat(constant.to_numpy(), 2), index=index)
    expected = yrd.accessibility(times, constant, measure="potential")
    pd.testing.assert_frame_equal(yrd.accessibility(times, frame, measure="potential"), expected)
    pd.testing.assert_frame_equal(yrd.accessibility(times, long, measure="potential"), expected)


@pytest.mark.parametrize("measure", ["weighted_time", "potential", "daily"])
def test_the_order_of_rows_does_not_matter(times, mass, measure):
    expected = yrd.accessibility(times, mass, measure=measure)
    shuffled = mass.sample(frac=1.0, random_state=2)
    pd.testing.assert_frame_equal(yrd.accessibility(times, shuffled, measure=measure), expected)
    order = np.random.default_rng(3).permutation(41)
    moved = TravelTimes(
        array=times.array[:, order][:, :, order],
        units=times.units[order],
        years=times.years,
        mode_codes=times.mode_codes,
    )
    again = yrd.accessibility(moved, mass, measure=measure)
    pd.testing.assert_frame_equal(again, expected, check_exact=False, rtol=1e-12)


def test_a_table_with_its_columns_in_another_order():
    pd.testing.assert_frame_equal(
        yrd.accessibility(HOURS[["c", "a", "b"]], MASS), yrd.accessibility(HOURS, MASS)
    )


def test_more_lines_mean_more_access(times):
    equal = pd.Series(1.0, index=times.units)
    for measure, sign in (("weighted_time", -1), ("potential", 1), ("daily", 1)):
        result = yrd.accessibility(times, equal, measure=measure)[measure]
        change = result.xs(2016, level="year") - result.xs(2008, level="year")
        assert (sign * change >= -1e-9).all()
        assert (sign * change > 0).sum() > 20


def test_unreachable_is_endless_and_not_zero():
    alone = yrd.travel_times([2016], fallback=False)
    equal = pd.Series(1.0, index=alone.units)
    assert np.isinf(yrd.accessibility(alone, equal)).all(axis=None)
    assert yrd.accessibility(alone, equal, measure="potential").loc[(330900, 2016)].item() == 0
    assert yrd.accessibility(alone, equal, measure="daily").loc[(330900, 2016)].item() == 0


def test_an_unreachable_city_without_mass_does_not_count():
    far = HOURS.copy()
    far.loc["c", ["a", "b"]] = far.loc[["a", "b"], "c"] = np.inf
    mass = pd.Series([100.0, 50.0, 0.0], index=UNITS)
    assert yrd.accessibility(far, mass)["weighted_time"].tolist() == [1.0, 1.0, np.inf]


def test_an_unknown_measure_is_refused(times, mass):
    with pytest.raises(
        YrdSpatialError, match=r"'hansen' is not known: choose one of weighted_time, potential"
    ):
        yrd.accessibility(times, mass, measure="hansen")


@pytest.mark.parametrize("arguments", [{"power": 0}, {"power": np.nan}, {"limit": 0}, {"limit": np.nan}])
def test_power_and_limit_must_be_positive(times, mass, arguments):
    with pytest.raises(YrdSpatialError, match="must be positive"):
        yrd.accessibility(times, mass, **arguments)


def test_missing_units_and_years_are_named(times, mass):
    with pytest.raises(AlignmentError, match=r"do not fit \[unit 310000\]"):
        yrd.accessibility(times, mass.drop(310000, level="unit"))
    with pytest.raises(AlignmentError, match=r"do not fit \[year 2016\]"):
        yrd.accessibility(times, mass.drop(2016, level="year"))


def test_units_from_elsewhere_are_named(times, mass):
    other = pd.concat([mass, pd.Series([1.0], index=pd.MultiIndex.from_tuples([(110000, 2016)]))])
    with pytest.raises(AlignmentError, match="unit 110000"):
        yrd.accessibility(times, other)


@pytest.mark.parametrize("value", [np.nan, -1.0, np.inf])
def test_a_mass_that_is_missing_or_negative_is_named(times, mass, value):
    holed = mass.copy()
    holed[(340700, 2016)] = value
    with pytest.raises(GapError, match=r"missing or negative \[unit 340700, year 2016\]"):
        yrd.accessibility(times, holed)


def test_masses_of_zero_everywhere_are_refused(times, mass):
    empty = mass.copy()
    empty[empty.index.get_level_values("year") == 2016] = 0.0
    with pytest.raises(GapError, match=r"fewer than two cities have a mass \[year 2016\]"):
        yrd.accessibility(times, empty)


def test_duplicates_are_refused(times, mass):
    with pytest.raises(AlignmentError, match="twice"):
        yrd.accessibility(times, pd.concat([mass, mass.iloc[:1]]))
    with pytest.raises(AlignmentError, match="twice"):
        yrd.accessibility(HOURS, pd.concat([MASS, MASS.iloc[:1]]))


@pytest.mark.parametrize(
    "table", [HOURS.iloc[:2], HOURS.rename(index={"a": "z"}), HOURS.rename(index={"a": "b"})]
)
def test_a_table_must_be_square_and_labelled(table):
    with pytest.raises(AlignmentError, match="the same units in rows and columns"):
        yrd.accessibility(table, MASS)


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_a_table_must_hold_times(value):
    bad = HOURS.copy()
    bad.loc["a", "b"] = value
    with pytest.raises(YrdSpatialError, match="0 on the diagonal and not negative"):
        yrd.accessibility(bad, MASS)


def test_a_panel_column_is_a_mass():
    panel = yrd.load_panel()
    times = yrd.travel_times([2010, 2020])
    result = yrd.accessibility(times, panel.frame["gdp"], measure="potential")
    assert np.isfinite(result).all(axis=None)
    last = result.xs(2020, level="year")["potential"]
    assert last.idxmax() in {320500, 320200, 330400}  # next to Shanghai: Suzhou, Wuxi or Jiaxing
