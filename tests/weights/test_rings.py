"""Rings of travel time: which pair lies in which ring, in which year, and how heavy it is."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import yrdspatial as yrd
from yrdspatial.errors import WeightsError
from yrdspatial.weights.rings import ring_names, ring_of, ring_weights

THREE = pd.DataFrame([[0, 60, 130], [60, 0, 90], [130, 90, 0]], index=list("ABC"), columns=list("ABC"))


@st.composite
def symmetric_times(draw):
    n = draw(st.integers(2, 9))
    values = draw(hnp.arrays(float, (n, n), elements=st.one_of(st.just(np.inf), st.floats(1, 400))))
    values = np.minimum(values, values.T)
    np.fill_diagonal(values, 0.0)
    labels = draw(st.lists(st.integers(0, 999), min_size=n, max_size=n, unique=True))
    return pd.DataFrame(values, index=labels, columns=labels)


def test_a_pair_at_an_edge_lies_in_the_nearer_ring():
    """A-B at 60 minutes is in (0, 60], B-C at 90 in (60, 120], A-C at 130 in (120, 180]."""
    rings = ring_weights(THREE, (0, 60, 120, 180), standardize="row")
    pairs = {name: set(weights[0].adjacency[lambda s: s > 0].index) for name, weights in rings.items()}
    assert pairs == {
        "0_60": {("A", "B"), ("B", "A")},
        "60_120": {("B", "C"), ("C", "B")},
        "120_180": {("A", "C"), ("C", "A")},
    }


def test_the_two_scales_by_hand():
    joint = ring_weights(THREE, (0, 60, 120))
    row = ring_weights(THREE, (0, 60, 120), standardize="row")
    assert joint["0_60"].array()[0].tolist() == [[0, 1, 0], [0.5, 0, 0], [0, 0, 0]]
    assert row["0_60"].array()[0].tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert joint["60_120"].summary().loc[0, "islands"] == row["60_120"].summary().loc[0, "islands"] == 1


@settings(deadline=None, max_examples=40)
@given(symmetric_times())
def test_every_ring_is_what_loops_find(table):
    edges = (0, 50, 120, 300)
    joint, row = (ring_weights(table, edges, standardize=how) for how in ("joint", "row"))
    units = table.index
    for low, high in itertools.pairwise(edges):
        name = f"{low}_{high}"
        for unit in units:
            inside = [u for u in units if u != unit and low < table.loc[unit, u] <= high]
            reached = [u for u in units if u != unit and 0 < table.loc[unit, u] <= 300]
            i = units.get_loc(unit)
            ours = {how: one[name].array()[0][i] for how, one in (("joint", joint), ("row", row))}
            for how, total in (("joint", len(reached)), ("row", len(inside))):
                expected = [1 / total if u in inside else 0.0 for u in units]
                np.testing.assert_allclose(ours[how], expected, rtol=1e-15)


@settings(deadline=None, max_examples=30)
@given(symmetric_times(), st.data())
def test_permuted_and_relabelled_units(table, data):
    order = data.draw(st.permutations(list(table.index)))
    new = {unit: f"u{unit}" for unit in table.index}
    straight = ring_weights({2005: table})
    shuffled = ring_weights({2005: table.loc[order, order]})
    renamed = ring_weights({2005: table.rename(index=new, columns=new)})
    for name, weights in straight.items():
        np.testing.assert_array_equal(shuffled[name].array(units=table.index), weights.array())
        np.testing.assert_array_equal(renamed[name].array(), weights.array())


def test_rings_of_the_delta_grow_with_the_network():
    times = yrd.travel_times([2008, 2019])
    for standardize in ("joint", "row"):
        rings = yrd.ring_weights(times, standardize=standardize)
        for (low, high), weights in zip(((0, 60), (60, 120), (120, 180)), rings.values(), strict=True):
            inside = (times.array > low) & (times.array <= high)
            assert weights.summary()["pairs"].tolist() == (inside.sum(axis=(1, 2)) / 2).tolist()
            assert weights.summary()["islands"].tolist() == (~inside.any(axis=2)).sum(axis=1).tolist()
            assert inside[1].sum() > inside[0].sum()
    total = sum(weights.array().sum(axis=2) for weights in yrd.ring_weights(times).values())
    assert ((abs(total - 1) < 1e-12) | (total == 0)).all()


def test_codes_of_pairs():
    minutes = np.array([[0.0, 10.0, 60.0], [10.0, 0.0, np.inf], [60.0, np.inf, 0.0]])
    assert ring_of(minutes, (30, 60)).tolist() == [[-1, 0, 1], [0, -1, 2], [1, 2, -1]]
    assert ring_of(np.stack([minutes, minutes]), (30, 60)).shape == (2, 3, 3)


@pytest.mark.parametrize("edges", [(60,), (0, 60, 60), (60, 0), (0, np.inf), (-1, 60), (0, np.nan)])
def test_edges_that_are_none(edges):
    with pytest.raises(WeightsError, match="no edges of rings"):
        ring_weights(THREE, edges)
    with pytest.raises(WeightsError, match="no edges of rings"):
        ring_names(edges)


def test_an_unknown_scale():
    with pytest.raises(WeightsError, match="joint, row"):
        ring_weights(THREE, standardize="spectral")
