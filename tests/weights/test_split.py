"""Links within and across groups: the two sum to the weights they come from."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from libpysal.graph import Graph

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.geography.units import load_units
from yrdspatial.weights.contiguity import contiguity_weights
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.split import split_weights
from yrdspatial.weights.standardize import standardize

CHAIN = pd.DataFrame(np.eye(4, k=1) + np.eye(4, k=-1), index=list("abcd"), columns=list("abcd"))
GROUPS = pd.Series([1, 1, 2, 2], index=list("abcd"))


@st.composite
def tables(draw):
    n = draw(st.integers(2, 8))
    values = draw(hnp.arrays(float, (n, n), elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e3))))
    np.fill_diagonal(values, 0.0)
    labels = draw(st.lists(st.integers(0, 999), min_size=n, max_size=n, unique=True))
    return pd.DataFrame(values, index=labels, columns=labels)


def test_the_chain_of_two_provinces_has_one_cross_link():
    parts = split_weights(CHAIN, GROUPS)
    assert list(parts) == ["within", "across"]
    assert all(isinstance(part, Graph) for part in parts.values())
    within = [[0, 1, 0, 0], [0.5, 0, 0, 0], [0, 0, 0, 0.5], [0, 0, 1, 0]]
    across = [[0, 0, 0, 0], [0, 0, 0.5, 0], [0, 0.5, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_array_equal(parts["within"].sparse.toarray(), within)
    np.testing.assert_array_equal(parts["across"].sparse.toarray(), across)
    assert parts["across"].isolates.tolist() == ["a", "d"]


@settings(deadline=None, max_examples=60)
@given(tables(), st.lists(st.sampled_from("xyz"), min_size=8, max_size=8))
def test_row_standardized_weights_are_split_exactly(table, labels):
    groups = dict(zip(table.index, labels, strict=False))
    graph = standardize(table, "row")
    parts = split_weights(graph, groups)
    within, across = (parts[name].sparse.toarray() for name in ("within", "across"))
    np.testing.assert_array_equal(within + across, graph.sparse.toarray())
    same = np.equal.outer(*[[groups[unit] for unit in table.index]] * 2)
    assert not within[~same].any()
    assert not across[same].any()
    raw = split_weights(table, groups)
    np.testing.assert_array_equal(raw["within"].sparse.toarray(), within)


@settings(deadline=None, max_examples=30)
@given(tables(), st.data())
def test_the_order_of_units_does_not_matter(table, data):
    order = data.draw(st.permutations(list(table.index)))
    groups = pd.Series([unit % 2 for unit in table.index], index=table.index)
    straight = split_weights(WeightsSeries({2005: table}), groups)
    shuffled = split_weights(WeightsSeries({2005: table.loc[order, order]}), groups[::-1])
    for name in ("within", "across"):
        np.testing.assert_array_equal(shuffled[name].array(), straight[name].array(units=order))


def test_the_joint_row_sum_keeps_the_scale_of_units_without_cross_links():
    parts = split_weights(CHAIN, GROUPS)
    joint = parts["within"].sparse.sum(axis=1) + parts["across"].sparse.sum(axis=1)
    assert joint.tolist() == [1, 1, 1, 1]
    assert parts["across"].sparse.sum(axis=1).tolist() == [0, 0.5, 0.5, 0]


def test_weights_by_year_stay_weights_by_year():
    series = WeightsSeries({2005: CHAIN, 2006: 2 * CHAIN, 2007: CHAIN.replace(1.0, 0.0)})
    parts = split_weights(series, GROUPS)
    assert isinstance(parts["within"], WeightsSeries)
    assert parts["within"].years == (2005, 2006, 2007)
    np.testing.assert_array_equal(
        parts["within"].array() + parts["across"].array(), standardize(series, "row").array()
    )


def test_provinces_of_the_delta():
    graph = contiguity_weights()
    parts = split_weights(graph, "province")
    np.testing.assert_array_equal(
        parts["within"].sparse.toarray() + parts["across"].sparse.toarray(), graph.sparse.toarray()
    )
    provinces = load_units()["province_zh"]
    links = parts["across"].adjacency
    links = links[links > 0].index
    assert all(provinces[i] != provinces[j] for i, j in links)
    assert parts["across"][310000].index.tolist() == [320500, 320600, 330400]
    assert 310000 in parts["within"].isolates
    by_series = split_weights(graph, provinces)
    pd.testing.assert_series_equal(by_series["across"].adjacency, parts["across"].adjacency)


def test_labels_may_be_of_any_kind_and_of_more_units():
    more = {**GROUPS.map({1: "south", 2: "north"}).to_dict(), "z": "elsewhere"}
    pd.testing.assert_series_equal(
        split_weights(CHAIN, more)["across"].adjacency, split_weights(CHAIN, GROUPS)["across"].adjacency
    )


def test_bad_requests():
    with pytest.raises(AlignmentError, match=r"units are in no group \[b\]"):
        split_weights(CHAIN, GROUPS.drop("b"))
    with pytest.raises(AlignmentError, match=r"units are in no group \[c\]"):
        split_weights(CHAIN, GROUPS.replace({2: np.nan}).fillna({"d": 2}))
    with pytest.raises(AlignmentError, match=r"units are in two groups \[a\]"):
        split_weights(CHAIN, GROUPS.iloc[[0, 0, 1, 2, 3]])
    with pytest.raises(AlignmentError, match=r"units are in no group \[a, b, c, d\]"):
        split_weights(CHAIN, "province")
    with pytest.raises(WeightsError, match=r"there is no grouping 'county': choose .province."):
        split_weights(CHAIN, "county")
