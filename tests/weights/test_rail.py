"""Weights from travel times: worked examples, ties, islands, and the real network of the delta."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.rail.network import load_rail
from yrdspatial.rail.travel_time import travel_times
from yrdspatial.weights.rail import rail_weights
from yrdspatial.weights.series import WeightsSeries

EXPECTED = json.loads(
    (Path(__file__).parents[1] / "reference" / "weights_worked_examples" / "expected.json").read_text("utf-8")
)
HOURS = pd.DataFrame([[0, 1, 2], [1, 0, 1.5], [2, 1.5, 0]], index=list("ABC"), columns=list("ABC"))
ZHOUSHAN = 330900


@st.composite
def minutes_tables(draw):
    """Synthetic times in whole quarters of an hour, so that ties occur; some pairs are unreachable."""
    n = draw(st.integers(3, 9))
    steps = hnp.arrays(
        float, (n, n), elements=st.one_of(st.integers(1, 12).map(lambda q: 15.0 * q), st.just(np.inf))
    )
    values = draw(steps)
    np.fill_diagonal(values, 0.0)
    labels = draw(st.lists(st.integers(0, 999), min_size=n, max_size=n, unique=True))
    return pd.DataFrame(values, index=labels, columns=labels)


@pytest.fixture(scope="module")
def times():
    return travel_times(range(2006, 2021))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("inverse_1", {"decay": "inverse", "access": 0}),
        ("inverse_2", {"decay": "inverse", "access": 0, "power": 2}),
        ("exponential_1h", {"decay": "exponential", "tau": 60}),
        ("threshold_1h", {"decay": "threshold", "cutoff": 60, "standardize": "none"}),
        ("threshold_2h", {"decay": "threshold", "cutoff": 120, "standardize": "none"}),
    ],
)
def test_the_worked_examples(name, options):
    series = rail_weights({2016: 60 * HOURS}, **options)
    np.testing.assert_allclose(series.array()[0], EXPECTED[name], rtol=1e-14)


def test_the_worked_eigenvalue():
    series = rail_weights({2016: 60 * HOURS}, decay="inverse", access=0, standardize="none")
    radius = series.summary().loc[2016, "spectral_radius"]
    assert 60 * radius == pytest.approx(EXPECTED["inverse_1_largest_eigenvalue"], rel=1e-13)


def test_the_threshold_of_one_hour_leaves_an_island():
    series = rail_weights({2016: 60 * HOURS}, decay="threshold", cutoff=60)
    assert series[2016].isolates.tolist() == ["C"]
    assert series[2016]["A"].to_dict() == {"B": 1.0}


@settings(deadline=None, max_examples=60)
@given(minutes_tables(), st.integers(1, 4))
def test_k_nearest_by_sorting_each_row(table, k):
    k = min(k, len(table) - 1)
    result = rail_weights({2016: table}, k=k, standardize="none").array()[0]
    for i, unit in enumerate(table.index):
        others = table.loc[unit].drop(unit)
        ranked = sorted((minutes, label) for label, minutes in others.items() if np.isfinite(minutes))[:k]
        assert {table.index[j] for j in np.flatnonzero(result[i])} == {label for _, label in ranked}
    assert set(np.unique(result)) <= {0.0, 1.0}


@settings(deadline=None, max_examples=40)
@given(minutes_tables(), st.sampled_from(["knn", "exponential", "inverse", "threshold"]), st.data())
def test_the_order_of_units_does_not_matter(table, decay, data):
    order = data.draw(st.permutations(list(table.index)))
    options = {"decay": decay, "k": 2, "cutoff": 120.0}
    series = rail_weights({2016: table}, **options)
    shuffled = rail_weights({2016: table.loc[order, data.draw(st.permutations(order))]}, **options)
    assert shuffled.units.tolist() == order
    np.testing.assert_array_equal(shuffled.array(), series.array(units=order))


def test_unreachable_pairs_weigh_nothing_and_units_become_islands():
    table = 60.0 * HOURS.astype(float)
    table.loc["C", ["A", "B"]] = np.inf
    for decay in ("knn", "exponential", "inverse"):
        series = rail_weights({2016: table}, decay=decay, k=2)
        assert series[2016].isolates.tolist() == ["C"]
        assert series.array()[0, 0, 2] > 0


def test_access_counts_in_inverse_only():
    inverse = rail_weights({2016: 60 * HOURS}, decay="inverse", standardize="none").array()[0]
    assert inverse[0, 1] == pytest.approx(1 / 120, rel=1e-15)
    near, far = (rail_weights({2016: 60 * HOURS}, decay="exponential", access=a).array() for a in (0, 90))
    np.testing.assert_array_equal(near, far)


def test_a_cutoff_cuts_under_every_decay():
    for decay in ("knn", "exponential", "inverse", "threshold"):
        array = rail_weights({2016: 60 * HOURS}, decay=decay, cutoff=90, k=2, standardize="none").array()[0]
        np.testing.assert_array_equal(array > 0, [[0, 1, 0], [1, 0, 1], [0, 1, 0]])


def test_every_year_has_its_own_weights_in_one_order():
    faster = 30 * HOURS.iloc[::-1, ::-1]
    series = rail_weights({2016: 60 * HOURS, 2010: faster, 2011: faster}, decay="inverse", access=0)
    assert series.years == (2010, 2011, 2016)
    assert series.units.tolist() == list("CBA")
    np.testing.assert_allclose(
        series.array()[0], series.array()[2], rtol=1e-14
    )  # halving all times leaves a row scale
    kept = rail_weights({2010: 60 * HOURS, 2016: faster}, decay="inverse", access=0, standardize="common")
    assert kept.summary()["spectral_radius"].tolist() == pytest.approx([1, 2])


def test_one_table_alone_is_the_year_nought():
    series = rail_weights(60 * HOURS, k=1)
    assert isinstance(series, WeightsSeries)
    assert series.years == (0,)
    assert series[0]["A"].to_dict() == {"B": 1.0}


@pytest.mark.parametrize(
    ("times_", "options", "message"),
    [
        (
            HOURS,
            {"decay": "linear"},
            "there is no decay 'linear': choose one of knn, exponential, inverse, threshold",
        ),
        (HOURS, {"decay": "threshold"}, "needs its threshold: give cutoff in minutes"),
        (HOURS, {"k": 3}, "k = 3 neighbours of 3 units"),
        (HOURS, {"k": 2, "tau": 0}, "tau 0, power 1.0, access 60.0 make no sense"),
        (HOURS, {"k": 2, "power": -1}, "make no sense"),
        (HOURS, {"k": 2, "access": np.inf}, "make no sense"),
        (HOURS, {"k": 2, "cutoff": -5}, "cutoff -5 leaves nobody"),
        (HOURS, {"k": 2, "standardize": "col"}, "there is no standardization 'col'"),
        ({2016: HOURS.replace(1.5, np.nan)}, {"k": 2}, "missing or negative [2016: B-C, C-B]: write inf"),
        ({2016: -HOURS}, {"k": 2}, "missing or negative [2016: A-B"),
        ({2016: HOURS.replace(1.5, 0)}, {"decay": "inverse", "access": 0}, "inverse infinite [B-C]"),
        ({2016: HOURS.astype(object).replace(1.5, "x")}, {"k": 2}, "the travel times table holds text"),
    ],
)
def test_bad_requests(times_, options, message):
    with pytest.raises(WeightsError, match=re.escape(message)):
        rail_weights(times_, **options)


@pytest.mark.parametrize(
    ("times_", "message"),
    [
        ({}, "there are no travel times"),
        ({2015: HOURS, 2016: HOURS.iloc[:2, :2]}, "other units [travel times of 2016: without C]"),
        ({2016: HOURS.iloc[:2]}, "other units [columns of the travel times table: not in the weights C]"),
        ({"2016": HOURS}, "a year is no integer"),
    ],
)
def test_times_that_do_not_fit(times_, message):
    with pytest.raises(AlignmentError, match=re.escape(message)):
        rail_weights(times_, k=2)


@pytest.mark.parametrize("times_", ["rail", None, [2016]])
def test_what_is_no_times_is_refused_with_a_way_out(times_):
    with pytest.raises(
        WeightsError, match=rf"no travel times \[{type(times_).__name__}\]: give travel_times"
    ):
        rail_weights(times_)


def test_the_default_for_the_delta_is_five_nearest_of_the_year(times):
    series = rail_weights(times)
    assert series.years == tuple(range(2006, 2021))
    assert series.units.tolist() == times.units.tolist()
    assert series[2016].unique_ids.dtype == np.int64
    summary = series.summary()
    assert (summary["effective_neighbours"].round(12) == 5).all()
    assert (summary[["neighbours_min", "neighbours_max"]] == 5).all(axis=None)
    frames = {year: times.frame(year) for year in times.years}
    np.testing.assert_array_equal(series.array(), rail_weights(frames).array())
    for t, year in ((0, 2006), (10, 2016)):
        minutes = times.frame(year).loc[310000].drop(310000)
        chosen = series[year][310000].index
        assert minutes[chosen].max() <= minutes.drop(chosen).min()
        assert series.array()[t].sum() == pytest.approx(41)


def test_weights_of_the_delta_change_when_lines_open(times):
    series = rail_weights(times)
    assert len(series.distinct()[0]) > 5
    assert series.distinct()[1][0] == 0


def test_without_fallback_zhoushan_is_an_island():
    series = rail_weights(load_rail().travel_time("2016-03-10", fallback=False))
    assert ZHOUSHAN in series[0].isolates
    assert series.summary().loc[0, "islands"] == 41 - 29  # 29 cities stand in the timetable of that day


def test_dense_inverse_times_of_the_delta_have_many_effective_neighbours(times):
    dense = rail_weights(times, decay="inverse").summary()
    steep = rail_weights(times, decay="exponential").summary()
    assert (dense["effective_neighbours"] > 41 / 3).all()
    assert (steep["effective_neighbours"] < 41 / 3).all()
    assert (dense["density"] == 1).all()


def test_weights_are_the_same_in_years_without_openings(times):
    series = rail_weights(times, decay="inverse", standardize="none")
    position = series.distinct()[1]
    for t in range(1, len(times.years)):
        same = np.array_equal(times.array[t], times.array[t - 1])
        assert (position[t] == position[t - 1]) == same


def test_a_growing_network_shows_under_the_common_scale_only(times):
    # speeds are constant and lines only open, so no weight of an inverse power can fall
    common = rail_weights(times, decay="inverse", standardize="common")
    assert (np.diff(common.array(), axis=0) >= -1e-15).all()
    radius = common.summary()["spectral_radius"]
    raw = np.where(np.eye(41, dtype=bool), 0.0, 1 / (times.array + 60))
    largest = np.linalg.eigvalsh((raw + raw.swapaxes(1, 2)) / 2)[:, -1]
    np.testing.assert_allclose(radius, largest / largest[0], rtol=1e-10)
    assert radius.is_monotonic_increasing
    spectral = rail_weights(times, decay="inverse", standardize="spectral").summary()["spectral_radius"]
    np.testing.assert_allclose(spectral, 1, rtol=1e-10)


def test_steeper_decay_means_fewer_effective_neighbours(times):
    year = {2016: times.frame(2016)}
    by_tau = [
        rail_weights(year, decay="exponential", tau=tau).summary().loc[2016, "effective_neighbours"]
        for tau in (10, 30, 90, 1e6)
    ]
    assert by_tau == sorted(by_tau)
    assert by_tau[-1] == pytest.approx(40, rel=1e-3)  # nearly uniform: all others count
    by_power = [
        rail_weights(year, decay="inverse", power=power).summary().loc[2016, "effective_neighbours"]
        for power in (4, 2, 1, 0)
    ]
    assert by_power == sorted(by_power)
    assert by_power[-1] == pytest.approx(40)


@settings(deadline=None, max_examples=40)
@given(minutes_tables(), st.sampled_from(["exponential", "inverse", "threshold"]))
def test_dense_formulas(table, decay):
    minutes = table.to_numpy()
    linked = (minutes <= 120) & ~np.eye(len(table), dtype=bool)
    formulas = {
        "exponential": np.exp(-minutes / 45),
        "inverse": (minutes + 20) ** -1.5,
        "threshold": np.ones_like(minutes),
    }
    expected = np.where(linked, formulas[decay], 0.0)
    options = {"decay": decay, "tau": 45, "power": 1.5, "access": 20, "cutoff": 120}
    result = rail_weights({2016: table}, standardize="none", **options).array()[0]
    np.testing.assert_allclose(result, expected, rtol=1e-14)
    sums = expected.sum(axis=1, keepdims=True)
    row = rail_weights({2016: table}, **options).array()[0]
    np.testing.assert_allclose(row, expected / np.where(sums > 0, sums, 1), rtol=1e-14)


def test_times_stay_as_they_are(times):
    before = times.array.copy()
    for decay in ("knn", "exponential", "inverse"):
        rail_weights(times, decay=decay)
    np.testing.assert_array_equal(times.array, before)
    table = 60 * HOURS
    rail_weights(table, k=2)
    pd.testing.assert_frame_equal(table, 60 * HOURS)
