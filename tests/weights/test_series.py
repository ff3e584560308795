"""Weights by year: labels, alignment, exact round trips, islands, files."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from libpysal.graph import Graph, read_gal

from yrdspatial.errors import AlignmentError, OutputError, WeightsError
from yrdspatial.weights.graphs import matrix_of
from yrdspatial.weights.series import WeightsSeries, as_series

CODES = [310000, 320100, 330100, 340100]


def frame(values, labels=CODES):
    return pd.DataFrame(np.asarray(values, float), index=labels, columns=labels)


def chain(weight=1.0):
    """Four synthetic units in a row."""
    return frame(weight * (np.eye(4, k=1) + np.eye(4, k=-1)))


def island():
    """Cut the last link of the chain: 340100 has no neighbour."""
    table = chain()
    table.loc[330100, 340100] = table.loc[340100, 330100] = 0.0
    return table


@st.composite
def weights_tables(draw, largest=8):
    n = draw(st.integers(2, largest))
    values = draw(hnp.arrays(float, (n, n), elements=st.one_of(st.just(0.0), st.floats(1e-3, 1e3))))
    np.fill_diagonal(values, 0.0)
    labels = draw(st.lists(st.integers(0, 999), min_size=n, max_size=n, unique=True))
    return frame(values, labels)


@settings(deadline=None, max_examples=60)
@given(weights_tables())
def test_a_frame_goes_to_a_graph_and_back_exactly(table):
    graph = WeightsSeries({2005: table})[2005]
    assert graph.unique_ids.tolist() == table.index.tolist()
    assert graph.unique_ids.dtype == np.int64
    np.testing.assert_array_equal(graph.sparse.toarray(), table.to_numpy())
    np.testing.assert_array_equal(as_series(graph, [2005]).array()[0], table.to_numpy())


@settings(deadline=None, max_examples=60)
@given(weights_tables(), st.randoms(use_true_random=False))
def test_permuted_units_permute_the_array_exactly(table, random):
    order = random.sample(range(len(table)), len(table))
    shuffled = table.iloc[order, random.sample(range(len(table)), len(table))]
    series = WeightsSeries({2005: table})
    expected = table.to_numpy()[np.ix_(order, order)]
    np.testing.assert_array_equal(WeightsSeries({2005: shuffled}).array()[0], expected)
    np.testing.assert_array_equal(series.array(units=shuffled.index)[0], expected)
    np.testing.assert_array_equal(WeightsSeries({2005: shuffled}).array(units=table.index), series.array())


def test_it_is_a_mapping_of_graphs_in_ascending_years():
    series = WeightsSeries({np.int64(2006): chain(2.0), 2005: chain()})
    assert list(series) == [2005, 2006] == list(series.years)
    assert series.units.tolist() == CODES
    assert len(series) == 2
    assert 2005 in series
    assert 2004 not in series
    assert isinstance(series[2006], Graph)
    assert series[2006][310000].to_dict() == {320100: 2.0}
    assert repr(series) == "<WeightsSeries of 4 units in 2005-2006, 2 distinct>"
    with pytest.raises(KeyError):
        series[2004]


def test_it_cannot_be_changed_from_outside():
    table = chain()
    series = WeightsSeries({2005: table})
    table.iloc[0, 1] = 9.0
    series.array()[:] = 9.0
    series.sparse()[0].data[:] = 9.0
    np.testing.assert_array_equal(series.array()[0], chain().to_numpy())
    with pytest.raises(TypeError):
        series[2006] = chain()
    with pytest.raises(AttributeError):
        series.years = (2004,)


def test_a_graph_given_in_series_order_is_kept_as_it_is():
    graph = Graph.from_W(Graph.from_adjacency(_adjacency(chain())).to_W())
    assert WeightsSeries({2005: graph})[2005] is graph


def test_later_years_follow_the_order_of_the_first():
    turned = chain(2.0).iloc[::-1, ::-1]
    series = WeightsSeries({2005: chain(), 2006: Graph.from_adjacency(_adjacency(turned))})
    assert series[2006].unique_ids.tolist() == CODES
    np.testing.assert_array_equal(series.array()[1], chain(2.0).to_numpy())


def _adjacency(table):
    long = (
        table.rename_axis("focal")
        .reset_index()
        .melt(id_vars="focal", var_name="neighbor", value_name="weight")
    )
    return long[long["weight"] > 0].set_index("focal").loc[table.index].rename_axis("focal").reset_index()


def test_equal_years_share_one_matrix():
    series = WeightsSeries({2005: chain(), 2006: chain(2.0), 2007: chain()})
    matrices, position = series.distinct()
    assert position.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(np.stack(matrices)[position], series.array())
    sparse = series.sparse()
    assert sparse[0] is sparse[2]
    matrices, position = series.distinct(units=CODES[::-1], years=[2007, 2006])
    assert position.tolist() == [0, 1]
    np.testing.assert_array_equal(matrices[1], chain(2.0).to_numpy()[::-1, ::-1])


def test_years_are_given_in_the_order_asked():
    series = WeightsSeries({2005: chain(), 2006: chain(2.0)})
    np.testing.assert_array_equal(series.array(years=[2006, 2005]), series.array()[::-1])
    assert series.take([2006]).years == (2006,)


def test_islands_are_empty_rows_and_graphs_know_them():
    series = WeightsSeries({2005: island()})
    assert series[2005].isolates.tolist() == [340100]
    np.testing.assert_array_equal(series.array()[0, 3], np.zeros(4))
    again = as_series(series[2005], [2005])
    assert again.sparse()[0].nnz == 4
    assert again.summary().loc[2005, "islands"] == 1


@pytest.mark.parametrize(
    "make",
    [
        chain,
        lambda: WeightsSeries({0: chain()})[0],
        lambda: WeightsSeries(dict.fromkeys((2005, 2006), chain())),
    ],
)
def test_every_form_of_weights_gives_the_same_series(make):
    series = as_series(make(), [2005, 2006])
    assert series.years == (2005, 2006)
    np.testing.assert_array_equal(series.array(), np.stack([chain().to_numpy()] * 2))
    assert len(series.distinct()[0]) == 1


def test_summary_of_the_chain_by_hand():
    row = WeightsSeries({2005: chain(2.0)}).summary().loc[2005]
    expected = {
        "units": 4,
        "pairs": 3,
        "neighbours_mean": 1.5,
        "neighbours_min": 1,
        "neighbours_max": 2,
        "islands": 0,
        "effective_neighbours": 1.5,
        "density": 0.5,
        "components": 1,
        "spectral_radius": 4 * np.cos(np.pi / 5),  # eigenvalues of a path: 2 cos(k pi / (n + 1))
        "one_way": 0.0,
    }
    assert row.to_dict() == pytest.approx(expected, rel=1e-12)


def test_summary_counts_islands_and_one_way_links():
    table = island()
    table.loc[330100, 320100] = 0.0
    row = WeightsSeries({2005: table}).summary().loc[2005]
    assert row[["pairs", "islands", "components"]].tolist() == [2, 2, 2]
    assert row["one_way"] == pytest.approx(1 / 3)
    assert row["effective_neighbours"] == pytest.approx((1 + 2) / 2)


def test_years_without_any_link_are_described():
    row = WeightsSeries({2005: frame(np.zeros((4, 4)))}).summary().loc[2005]
    assert row[["pairs", "islands", "effective_neighbours", "spectral_radius", "one_way"]].tolist() == [
        0,
        4,
        0,
        0,
        0,
    ]


def test_gal_files_are_read_back_by_libpysal(tmp_path):
    paths = WeightsSeries({2005: chain(), 2006: island()}).to_gal(tmp_path / "new" / "gal")
    assert [path.name for path in paths] == ["2005.gal", "2006.gal"]
    for path, table in zip(paths, (chain(), island()), strict=True):
        graph = read_gal(path)
        np.testing.assert_array_equal(graph.sparse.toarray(), table.to_numpy())
        assert graph.unique_ids.tolist() == CODES
    assert sorted(path.name for path in (tmp_path / "new" / "gal").iterdir()) == ["2005.gal", "2006.gal"]


def test_an_unwritable_folder_is_one_clear_error(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match=r"cannot be written .*taken.*choose a folder"):
        WeightsSeries({2005: chain()}).to_gal(tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "a file"


def test_nothing_is_half_written_when_one_year_fails(tmp_path, monkeypatch):
    def fail(_, path):
        if "2006" in path:
            raise OSError(28, "No space left on device")
        with open(path, "w") as file:  # noqa: PTH123
            file.write("1")

    monkeypatch.setattr(Graph, "to_gal", fail)
    with pytest.raises(OutputError, match="No space left on device"):
        WeightsSeries({2005: chain(), 2006: island()}).to_gal(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_can_be_copied_and_sent_to_another_process():
    series = WeightsSeries({2005: chain(), 2006: island()})
    for twin in (pickle.loads(pickle.dumps(series)), copy.deepcopy(series)):
        assert twin.years == series.years
        np.testing.assert_array_equal(twin.array(), series.array())


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (chain().iloc[:3], AlignmentError, r"columns of the weights table: not in the weights 340100"),
        (chain().rename(columns=str), AlignmentError, r"without 310000, .* labels of the same type"),
        (chain().iloc[[0, 1, 2, 2]], AlignmentError, r"labels of rows repeat \[330100\]"),
        (chain().iloc[:, [0, 1, 2, 2]], AlignmentError, r"labels of columns repeat \[330100\]"),
        (chain().replace(1.0, np.nan), WeightsError, r"not finite \[310000-320100, .* and 1 more\]"),
        (chain().replace(1.0, np.inf), WeightsError, "not finite"),
        (chain(-1.0), WeightsError, "negative weights"),
        (frame(-np.eye(4)), WeightsError, "negative weights .310000-310000"),
        (frame(np.eye(4)), WeightsError, r"own neighbours \[310000-310000, .*diagonal to zero"),
        (chain().astype(object).replace(1.0, "x"), WeightsError, "holds text"),
        (pd.DataFrame(), AlignmentError, "there are no rows"),
        (frame(np.zeros((2, 2)), [1.0, np.nan]), AlignmentError, "labels of rows are missing"),
    ],
)
def test_bad_tables_are_refused_with_their_labels(table, error, message):
    with pytest.raises(error, match=message):
        as_series(table, [2005])
    with pytest.raises(error, match=message):
        WeightsSeries.from_frames({2005: table})


def test_a_graph_with_a_self_weight_is_refused():
    graph = WeightsSeries({2005: chain()})[2005].assign_self_weight(1)
    with pytest.raises(WeightsError, match="own neighbours"):
        as_series(graph, [2005])


def test_a_graph_whose_neighbour_is_no_unit_is_refused():
    index = pd.MultiIndex.from_tuples([(1, 2), (2, 3)], names=["focal", "neighbor"])
    graph = Graph(pd.Series([1.0, 1.0], index=index, name="weight"), is_sorted=True)
    with pytest.raises(AlignmentError, match=r"no units of the graph \[3\]"):
        as_series(graph, [2005])


def test_other_units_and_years_are_named():
    series = WeightsSeries({2005: chain(), 2006: chain()})
    with pytest.raises(
        AlignmentError, match=r"years without weights \[2004, 2007\]: the weights have 2005-2006"
    ):
        series.array(years=[2004, 2005, 2007])
    with pytest.raises(AlignmentError, match="years without weights"):
        as_series(series, [2010])
    with pytest.raises(AlignmentError, match="without 340100"):
        series.array(units=CODES[:3])
    with pytest.raises(AlignmentError, match="not in the weights 350100"):
        series.sparse(units=[*CODES, 350100])
    with pytest.raises(AlignmentError, match="units asked for repeat"):
        series.distinct(units=[*CODES, 310000])
    with pytest.raises(AlignmentError, match="weights of 2006: without 340100"):
        WeightsSeries({2005: chain(), 2006: chain().iloc[:3, :3]})
    with pytest.raises(AlignmentError, match="a year is no integer"):
        as_series(chain(), ["2005"])


def test_what_is_no_form_of_weights_is_refused():
    with pytest.raises(WeightsError, match="ndarray is no form of weights"):
        as_series(chain().to_numpy(), [2005])
    with pytest.raises(WeightsError, match=r"W is no form of weights: .*Graph.from_W"):
        as_series(WeightsSeries({2005: chain()})[2005].to_W(), [2005])
    with pytest.raises(WeightsError, match="no year has weights"):
        WeightsSeries({})


def test_thirty_thousand_units_stay_sparse():
    n = 30_000
    index = pd.MultiIndex.from_arrays([np.arange(n), np.roll(np.arange(n), -1)], names=["focal", "neighbor"])
    ring = Graph(pd.Series(np.ones(n), index=index, name="weight"), is_sorted=True)
    series = as_series(ring, range(2000, 2020))
    matrices = series.sparse(units=np.arange(n)[::-1])
    assert matrices[0].nnz == n
    assert all(matrix is matrices[0] for matrix in matrices)
    assert series.summary()["effective_neighbours"].unique().tolist() == [1.0]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_distinct_weights_put_together_are_the_array(kinds, random):
    tables = [chain(), chain(2.0), island()]
    series = WeightsSeries({2000 + t: tables[kind] for t, kind in enumerate(kinds)})
    years = random.sample(series.years, random.randint(1, len(kinds)))
    units = random.sample(CODES, 4)
    matrices, position = series.distinct(units, years)
    np.testing.assert_array_equal(np.stack(matrices)[position], series.array(units, years))
    np.testing.assert_array_equal(
        np.stack([matrix.toarray() for matrix in series.sparse(units, years)]), series.array(units, years)
    )
    assert len(matrices) == len({kinds[year - 2000] for year in years})
    assert position[0] == 0
    np.testing.assert_array_equal(series.take(years).array(), series.array(years=sorted(years)))


def test_graphs_and_frames_may_be_mixed_over_years():
    graph = WeightsSeries({0: island()})[0]
    series = WeightsSeries({2005: chain(), 2006: graph, 2007: island()})
    assert series.distinct()[1].tolist() == [0, 1, 1]
    assert series[2006] is graph
    assert series.take([2006])[2006] is graph


def test_units_of_a_data_frame_can_be_asked_for_directly():
    series = WeightsSeries({2005: chain()})
    data = pd.DataFrame(
        {"y": 1.0}, index=pd.MultiIndex.from_product([CODES[::-1], [2005]], names=["unit", "year"])
    )
    expected = chain().to_numpy()[::-1, ::-1]
    np.testing.assert_array_equal(series.array(units=data.index.unique("unit"))[0], expected)
    np.testing.assert_array_equal(series.array(units=np.array(CODES[::-1]))[0], expected)
    assert series.units.name == "unit"


def test_what_is_not_asked_for_is_not_read_twice(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "yrdspatial.weights.alignment.matrix_of", lambda value: calls.append(value) or matrix_of(value)
    )
    as_series(chain(), range(2000, 2020))
    assert len(calls) == 1
