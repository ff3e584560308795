"""Market segmentation by prices: the worked example, a loop written out, weights as pairs, degenerate cases."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yrdspatial.errors import AlignmentError, DataError, GapError, SpecificationError
from yrdspatial.integration.market_segmentation import market_segmentation
from yrdspatial.weights.series import WeightsSeries

GOODS = ["grain", "meat", "clothing"]
prices = arrays(float, (4, 3), elements=st.floats(80, 125)).map(
    lambda values: pd.DataFrame(values, index=list("ABCD"), columns=GOODS)
)
few = settings(max_examples=20, deadline=None, derandomize=True)


def by_hand(table, pairs, ddof=0):
    """Variance of every pair, in loops."""
    gaps = {(a, b): np.abs(np.log(table.loc[a]) - np.log(table.loc[b])) for a, b in pairs}
    mean = sum(gaps.values()) / len(gaps)
    return pd.Series({pair: float((gap - mean).var(ddof=ddof)) for pair, gap in gaps.items()})


@pytest.fixture
def table():
    return pd.DataFrame([[102, 105.0], [101, 103], [104, 101]], index=list("ABC"), columns=["k", "l"])


@few
@given(prices)
def test_all_pairs_equal_the_loop(frame):
    expected = by_hand(frame, list(combinations("ABCD", 2)))
    found = market_segmentation(frame, pairs="all")
    np.testing.assert_allclose(found.pairs["variance"].loc[expected.index], expected, atol=1e-14)
    mean = [expected[[pair for pair in expected.index if unit in pair]].mean() for unit in frame.index]
    np.testing.assert_allclose(found.units["segmentation"], mean, atol=1e-14)
    np.testing.assert_allclose(found.deviations.sum(), 0, atol=1e-12)


@few
@given(prices, st.floats(0.5, 2))
def test_what_moves_a_good_everywhere_does_not_matter(frame, factor):
    base = market_segmentation(frame, pairs="all").units["segmentation"]
    moved = frame.assign(meat=frame["meat"] * factor)
    np.testing.assert_allclose(
        market_segmentation(moved, pairs="all").units["segmentation"], base, atol=1e-12
    )
    turned = market_segmentation(frame.iloc[::-1, ::-1], pairs="all").units["segmentation"]
    np.testing.assert_allclose(turned[base.index], base, atol=1e-14)


def test_population_and_sample_variance_differ_by_their_divisor(table):
    one = market_segmentation(table, pairs="all").pairs["variance"]
    two = market_segmentation(table, pairs="all", variance="sample").pairs["variance"]
    np.testing.assert_allclose(two, one * 2)


def test_integration_is_one_over_the_root(table):
    found = market_segmentation(table, pairs="all")
    np.testing.assert_allclose(found.units["integration"], found.units["segmentation"] ** -0.5)
    same = market_segmentation(pd.DataFrame(100.0, index=list("AB"), columns=GOODS), pairs="all")
    assert same.units["integration"].tolist() == [np.inf, np.inf]


def test_weights_say_who_is_a_pair(table):
    matrix = pd.DataFrame([[0, 0.5, 0], [0, 0, 0.5], [0, 0, 0]], index=list("ABC"), columns=list("ABC"))
    named = market_segmentation(table, pairs=[("A", "B"), ("C", "B")])
    graph = market_segmentation(table, pairs=matrix.loc[list("CBA"), list("CBA")])
    pd.testing.assert_frame_equal(graph.units, named.units)
    assert graph.variant == "pairs of neighbours, population variance over 2 goods"
    assert named.notes == ("with two pairs the deviations mirror each other: both have the same variance",)


def test_panel_form_with_weights_of_the_year():
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product([list("ABCD"), [2010, 2011]], names=["unit", "year"])
    frame = pd.DataFrame(rng.normal(100, 4, (8, 3)), index, GOODS)
    chain = pd.DataFrame(np.eye(4, k=1) + np.eye(4, k=-1), list("ABCD"), list("ABCD"))
    ring = chain.copy()
    ring.loc["A", "D"] = ring.loc["D", "A"] = 1.0
    series = WeightsSeries({2010: chain, 2011: ring})
    found = market_segmentation(frame.sample(frac=1, random_state=1), pairs=series)
    assert found.units.index.names == ["unit", "year"]
    assert found.units["pairs"].xs("A", level="unit").tolist() == [1, 2]
    one = market_segmentation(frame.xs(2011, level="year"), pairs=ring)
    np.testing.assert_allclose(found.units["segmentation"].xs(2011, level="year"), one.units["segmentation"])
    assert ("A", "D", 2010) not in found.pairs.index
    assert found.pairs.loc[("A", "D", 2011), "variance"] == pytest.approx(
        one.pairs.loc[("A", "D"), "variance"]
    )


def test_a_unit_without_a_pair_is_not_defined_and_named(table):
    found = market_segmentation(table, pairs=[("A", "B")])
    assert np.isnan(found.units.loc["C", "segmentation"])
    assert found.units.loc["C", "pairs"] == 0
    assert found.notes[0] == "no pair in some year: C"


def test_refusals(table):
    with pytest.raises(AlignmentError, match=r"unknown units .\('A', 'Z'\)"):
        market_segmentation(table, pairs=[("A", "Z")])
    with pytest.raises(DataError, match="no pair of units"):
        market_segmentation(table, pairs=[("A", "A")])
    with pytest.raises(DataError, match="two goods and positive"):
        market_segmentation(table[["k"]], pairs="all")
    with pytest.raises(DataError, match="two goods and positive"):
        market_segmentation(table * 0, pairs="all")
    with pytest.raises(GapError, match="B l"):
        market_segmentation(table.mask(table == 103), pairs="all")
    with pytest.raises(SpecificationError, match="pairs=adjacent"):
        market_segmentation(table, pairs="adjacent")
    with pytest.raises(SpecificationError, match="variance=robust"):
        market_segmentation(table, pairs="all", variance="robust")
