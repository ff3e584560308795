"""The border of the weights: what goes in as labels comes out as labels, and what does not fit is named."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph, read_gwt

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.weights.graphs import (
    as_year,
    checked_matrix,
    graph_of,
    is_graph,
    label_ranks,
    matrix_of,
    named,
    permuted,
    same_units,
    square_values,
    unique_labels,
)
from yrdspatial.weights.matrices import canonical

VALUES = np.array([[0, 2.0, 0, 0], [0, 0, 0.5, 1.0], [0, 3.0, 0, 0], [0, 0, 0, 0]])
LABELS = ["d", "a", "c", "b"]


def graph(labels=LABELS):
    """Make a synthetic graph whose labels are not sorted and whose last unit is an island."""
    return graph_of(canonical(VALUES), pd.Index(labels))


@st.composite
def matrices(draw):
    n = draw(st.integers(1, 7))
    share = draw(st.floats(0, 1))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    values = np.where(rng.random((n, n)) < share, rng.random((n, n)) + 0.1, 0.0)
    np.fill_diagonal(values, 0.0)
    return values


@settings(deadline=None, max_examples=80)
@given(matrices(), st.data())
def test_a_matrix_goes_to_a_graph_and_back(values, data):
    kind = data.draw(st.sampled_from([st.integers(0, 999), st.text("xyzw", min_size=1, max_size=4)]))
    labels = data.draw(st.lists(kind, min_size=len(values), max_size=len(values), unique=True))
    made = graph_of(canonical(values), pd.Index(labels))
    matrix, units = matrix_of(made)
    assert units.tolist() == labels
    np.testing.assert_array_equal(matrix.toarray(), values)
    np.testing.assert_array_equal(made.sparse.toarray(), values)
    assert made.isolates.tolist() == [
        label for label, row in zip(labels, values, strict=True) if not row.any()
    ]


@settings(deadline=None, max_examples=40)
@given(matrices())
def test_the_graph_is_what_libpysal_makes_of_the_same_matrix(values):
    labels = [f"u{i}" for i in range(len(values))]
    expected = Graph.from_sparse(canonical(values).tocoo(), ids=labels)
    pd.testing.assert_series_equal(
        graph_of(canonical(values), pd.Index(labels)).adjacency, expected.adjacency, check_index_type=False
    )


def test_libpysal_works_on_the_graph():
    made = graph()
    np.testing.assert_array_equal(made.lag(np.arange(4.0)), VALUES @ np.arange(4))
    assert made.cardinalities.tolist() == [1, 2, 1, 0]
    assert made["a"].to_dict() == {"c": 0.5, "b": 1.0}
    assert made.n_components == 1
    assert made.transformation == "O"
    binary = made.transform("b")
    np.testing.assert_array_equal(matrix_of(binary)[0].toarray(), (VALUES > 0).astype(float))


def test_graphs_that_libpysal_built_are_read_in_their_own_order():
    pairs = pd.DataFrame(
        {"focal": ["d", "a", "a", "c"], "neighbor": ["a", "c", "d", "a"], "weight": [1, 2, 3, 4]}
    )
    built = Graph.from_adjacency(pairs)
    matrix, units = matrix_of(built)
    frame = pd.DataFrame(matrix.toarray(), index=units, columns=units)
    assert units.tolist() == built.unique_ids.tolist()
    assert [frame.loc[row.focal, row.neighbor] for row in pairs.itertuples()] == [1, 2, 3, 4]
    assert frame.to_numpy().sum() == 10


def test_files_of_libpysal_are_read_back(tmp_path):
    numbered = graph([4, 1, 3, 2])
    numbered.to_gwt(tmp_path / "w.gwt")
    matrix, units = matrix_of(read_gwt(tmp_path / "w.gwt"))
    assert units.tolist() == [4, 1, 3, 2]
    np.testing.assert_array_equal(matrix.toarray(), VALUES)


def test_an_old_w_object_becomes_a_graph_first():
    old = graph().to_W()
    assert not is_graph(old)
    matrix, units = matrix_of(Graph.from_W(old))
    frame = pd.DataFrame(matrix.toarray(), index=units, columns=units).loc[LABELS, LABELS]
    np.testing.assert_array_equal(frame.to_numpy(), VALUES)


def test_labels_keep_their_type():
    codes = pd.Index([320100, 310000, 330100, 340100], dtype=np.int64, name="adcode")
    made = graph_of(canonical(VALUES), codes)
    assert made.unique_ids.dtype == np.int64
    assert made.unique_ids.tolist() == codes.tolist()
    assert matrix_of(made)[1].dtype == np.int64


def test_the_columns_of_a_table_may_stand_in_any_order():
    table = pd.DataFrame(VALUES, index=LABELS, columns=LABELS)
    for columns in (sorted(LABELS), LABELS[::-1]):
        matrix, units = matrix_of(table[columns])
        assert units.tolist() == LABELS
        np.testing.assert_array_equal(matrix.toarray(), VALUES)
    np.testing.assert_array_equal(
        square_values(table[sorted(LABELS)], pd.Index(sorted(LABELS)), "minutes"),
        table.loc[sorted(LABELS), sorted(LABELS)].to_numpy(),
    )


def test_whole_numbers_and_truth_values_are_weights():
    truth = pd.DataFrame(VALUES > 0, index=LABELS, columns=LABELS)
    np.testing.assert_array_equal(matrix_of(truth)[0].toarray(), (VALUES > 0).astype(float))
    np.testing.assert_array_equal(matrix_of(truth.astype(int))[0].toarray(), (VALUES > 0).astype(float))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[0, np.nan], [1, 0]], "weights that are not finite [2015: a-b]: write 0"),
        ([[0, np.inf], [np.inf, 0]], "weights that are not finite [2015: a-b, b-a]"),
        ([[0, 1], [-1, 0]], "negative weights [2015: b-a]: weights are zero or more"),
        ([[0, 1], [1, 2]], "own neighbours [2015: b-b]: set the diagonal to zero"),
        ([[np.nan, 1], [1, 0]], "weights that are not finite [2015: a-a]"),
    ],
)
def test_bad_weights_are_named_by_their_labels(values, message):
    with pytest.raises(WeightsError, match=re.escape(message)):
        checked_matrix(canonical(values), pd.Index(["a", "b"]), where="2015")


def test_a_matrix_of_another_size_is_refused():
    with pytest.raises(AlignmentError, match=re.escape("weights of shape (4, 4) for 2 units [2015]")):
        checked_matrix(canonical(VALUES), pd.Index(["a", "b"]), where="2015")


def test_good_weights_are_returned_as_they_are():
    matrix = canonical(VALUES)
    assert checked_matrix(matrix, pd.Index(LABELS)) is matrix


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], "there are no rows: give at least one unit"),
        (["a", None], "labels of rows are missing: label every unit"),
        (["a", "b", "a", "b", "c"], "labels of rows repeat [a, b]: keep one of each"),
    ],
)
def test_labels_are_there_and_unique(labels, message):
    with pytest.raises(AlignmentError, match=re.escape(message)):
        unique_labels(pd.Index(labels), "rows")


def test_units_that_differ_are_named_on_both_sides():
    same_units(pd.Index([1, 2, 3]), pd.Index([3, 1, 2]), "data")
    message = (
        "other units [data: without 1, 2; not in the weights 4]: use weights built for exactly these units"
    )
    with pytest.raises(AlignmentError, match=re.escape(message)):
        same_units(pd.Index([1, 2, 3]), pd.Index([3, 4]), "data")
    with pytest.raises(AlignmentError, match="labels of the same type"):
        same_units(pd.Index([310000]), pd.Index(["310000"]), "data")


@pytest.mark.parametrize(
    ("labels", "text"), [(range(5), "0, 1, 2, 3, 4"), ([], ""), (range(6), "0, 1, 2, 3, 4 and 1 more")]
)
def test_long_lists_are_cut(labels, text):
    assert named(labels) == text


def test_years_are_integers():
    assert type(as_year(np.int32(2005))) is int
    for wrong in ("2005", 2005.0, pd.Timestamp("2005-01-01"), None):
        with pytest.raises(AlignmentError, match=r"a year is no integer .*write years as 2005"):
            as_year(wrong)


@settings(deadline=None, max_examples=40)
@given(matrices(), st.data())
def test_a_permutation_and_its_inverse_cancel(values, data):
    order = np.array(data.draw(st.permutations(range(len(values)))))
    turned = permuted(canonical(values), order)
    np.testing.assert_array_equal(turned.toarray(), values[np.ix_(order, order)])
    assert turned.has_sorted_indices
    np.testing.assert_array_equal(permuted(turned, np.argsort(order)).toarray(), values)


def test_ranks_do_not_depend_on_the_order_and_need_one_type():
    assert label_ranks(pd.Index(["b", "c", "a"])).tolist() == [1, 2, 0]
    with pytest.raises(AlignmentError, match="different types: use codes or names alone"):
        label_ranks(pd.Index(["b", 1], dtype=object))


def test_libpysal_is_loaded_on_first_use_only():
    code = (
        "import sys, pandas as pd; from yrdspatial.weights.series import as_series; "
        "from yrdspatial.weights.standardize import standardize; "
        "table = pd.DataFrame([[0, 1], [1, 0]], index=['a', 'b'], columns=['a', 'b']); "
        "series = standardize(as_series(table, [2005]), 'row'); series.array(); series.summary(); "
        "assert 'libpysal' not in sys.modules; series[2005]; assert 'libpysal' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
