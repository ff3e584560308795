"""Unusual but legal input: types, sizes, ties, labels, extreme scales, directed and one-way weights."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import yrdspatial as yrd
from yrdspatial.autocorrelation.conditional import local_tails
from yrdspatial.weights.series import WeightsSeries

LOCAL = {"I": yrd.local_moran, "C": yrd.local_geary, "G": yrd.local_g}


@pytest.fixture(scope="module")
def one(panel):
    """One variable in one year, positive."""
    year = panel["noise"].xs(2005, level="year")
    return year - year.min() + 1


@pytest.mark.parametrize("kind", ["float32", "int64", "int8", "Float64", "Int64", "bool"])
def test_number_types(one, grid, kind):
    rounded = (one * 3).round()
    plain = rounded > rounded.median() if kind == "bool" else rounded
    typed = plain.astype(kind)
    first = yrd.local_moran(plain.astype(float), grid, permutations=49, seed=1).table
    pd.testing.assert_frame_equal(first, yrd.local_moran(typed, grid, permutations=49, seed=1).table)


@pytest.mark.parametrize("factor", [1e-12, 1e12])
@pytest.mark.parametrize("name", LOCAL)
def test_extreme_scales(one, grid, name, factor):
    function = LOCAL[name]
    first = function(one, grid, permutations=99, seed=1).table
    scaled = function(one * factor, grid, permutations=99, seed=1).table
    pd.testing.assert_frame_equal(first, scaled, rtol=1e-8, atol=1e-10)


def test_a_large_location_keeps_what_precision_allows(one, grid):
    first = yrd.local_moran(one, grid, permutations=99, seed=1).table
    far = yrd.local_moran(one + 1e8, grid, permutations=99, seed=1).table
    # eight of sixteen digits are left
    np.testing.assert_allclose(first["I"], far["I"], atol=1e-6)
    assert (first["p_sim"] == far["p_sim"]).all()


@pytest.mark.parametrize(
    "labels",
    [
        [f"县 {i}" for i in range(36)],
        list(range(330100, 330136)),
        [(i // 6, i % 6) for i in range(36)],
        list(pd.date_range("2001-01-01", periods=36)),
        [i / 2 for i in range(36)],
    ],
    ids=["text", "codes", "pairs", "dates", "fractions"],
)
def test_labels_of_any_kind(one, grid, labels):
    index = pd.Index(labels, tupleize_cols=False)
    data, weights = pd.Series(one.to_numpy(), index), pd.DataFrame(grid.to_numpy(), index, index)
    found = yrd.local_moran(data, weights, permutations=49, seed=1).table
    plain = yrd.local_moran(one, grid, permutations=49, seed=1).table
    assert found.set_index("unit")["I"].reindex(index).tolist() == pytest.approx(plain["I"].tolist())


def test_two_values_only(grid):
    rng = np.random.default_rng(3)
    binary = pd.Series(rng.integers(0, 2, 36).astype(float), grid.index)
    for name, function in LOCAL.items():
        table = function(binary, grid, permutations=999, seed=1).table
        assert table["p_sim"].between(0.002, 1).all(), name
        # places with the same value and the same neighbours cannot be told apart
        near = (grid.to_numpy() @ binary.to_numpy()).round(12)
        degree = (grid.to_numpy() > 0).sum(axis=1)
        groups = table.groupby([binary.to_numpy(), near, degree])["p_sim"]
        assert (groups.max() == groups.min()).all(), name


def test_one_outlier_does_not_break_the_tests(one, grid):
    wild = one.copy()
    wild[14] = 1e6
    table = yrd.local_moran(wild, grid, permutations=999, seed=1).table.set_index("unit")
    assert np.isfinite(table[["I", "p_sim", "expected", "z"]].to_numpy()).all()
    # a low place beside the outlier: the outlier is among its neighbours in few deals
    assert (table.loc[[8, 13, 15, 20], "p_sim"] < 0.25).all()


def test_one_way_weights(one, grid):
    downhill = pd.DataFrame(np.triu(grid.to_numpy()), grid.index, grid.columns)
    z = (one - one.mean()).to_numpy()
    W = downhill.to_numpy()
    found = yrd.moran(one, downhill, permutations=99, seed=1).loc[0, "I"]
    assert found == pytest.approx(36 / W.sum() * z @ W @ z / (z @ z))
    table = yrd.local_moran(one, downhill, permutations=99, seed=1).table
    assert table.loc[35, "flag"] == "island"
    turned = yrd.local_moran(one, downhill.T, permutations=99, seed=1).table
    assert turned.loc[0, "flag"] == "island"


def test_a_star_has_one_busy_place():
    n = 200
    W = np.zeros((n, n))
    W[0, 1:] = W[1:, 0] = 1.0
    y = pd.Series(np.random.default_rng(5).normal(size=n))
    table = yrd.local_moran(y, pd.DataFrame(W), permutations=199, seed=1).table
    assert table.loc[0, "flag"] == "fixed"
    assert (table.loc[1:, "flag"] == "").all()
    # whoever has the hub as only neighbour: the rank of the hub's value decides
    rank = y.rank()[0] / n
    assert table.loc[1:, "p_sim"].median() == pytest.approx(2 * min(rank, 1 - rank), abs=0.15)


def test_four_places_are_enough(chain):
    y = pd.Series([1.0, 5, 2, 7], list("abcd"))
    assert np.isfinite(yrd.moran(y, chain, permutations=99, seed=1)[["I", "z_rand"]].to_numpy(float)).all()
    assert len(yrd.local_moran(y, chain, permutations=99, seed=1).table) == 4


def lattice(rows, columns, seed=None):
    """Rook contiguity as a sparse matrix, random weights with a seed."""
    place = np.arange(rows * columns).reshape(rows, columns)
    pairs = np.concatenate(
        [
            np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()]),
            np.stack([place[:-1].ravel(), place[1:].ravel()]),
        ],
        axis=1,
    )
    both = np.concatenate([pairs, pairs[::-1]], axis=1)
    weight = np.ones(both.shape[1]) if seed is None else np.random.default_rng(seed).random(both.shape[1])
    W = csr_array((weight, (both[0], both[1])), shape=(rows * columns,) * 2)
    return csr_array(W / W.sum(axis=1)[:, None])


@pytest.mark.parametrize("seed", [None, 4], ids=["even", "uneven"])
def test_a_large_lattice(seed):
    W = lattice(60, 70, seed)
    rng = np.random.default_rng(6)
    y = pd.Series(rng.normal(size=4200))
    series = WeightsSeries.from_matrices({2005: W}, y.index)
    result = yrd.local_moran(y, series, permutations=199, seed=1)
    z = (y - y.mean()).to_numpy()
    np.testing.assert_allclose(result.table["I"], z * (W @ z) / z.var(ddof=1), rtol=1e-10)
    # 4,200 tests of noise: the share at 0.1 has a standard error of half a point
    assert (result.table["p_sim"] <= 0.1).mean() == pytest.approx(0.1, abs=0.02)
    assert (result.table["cluster"] != "not significant").sum() == 0


@pytest.mark.parametrize("squared", [False, True])
def test_numpy_and_numba_agree_on_a_lattice(squared):
    W = lattice(30, 40, 4)
    y = np.random.default_rng(7).exponential(size=(1200, 2))
    plain, fast = (
        local_tails(y, W, permutations=99, seed=1, squared=squared, compiled=compiled)
        for compiled in (False, True)
    )
    np.testing.assert_array_equal(plain.above, fast.above)
    np.testing.assert_array_equal(plain.below, fast.below)


def test_more_columns_than_a_block_holds(monkeypatch, grid):
    from yrdspatial.autocorrelation import conditional

    W = csr_array(grid.to_numpy())
    y = np.random.default_rng(8).normal(size=(36, 40))
    whole = local_tails(y, W, permutations=99, seed=1, compiled=False)
    monkeypatch.setattr(conditional, "BLOCK", 99 * 9)
    parts = local_tails(y, W, permutations=99, seed=1, compiled=False)
    assert whole.above.shape == parts.above.shape
    # other blocks have other draws: the counts agree up to Monte Carlo error of 99 draws
    assert np.abs(whole.above - parts.above).mean() < 8


def test_weights_without_diagonal_are_required(one, grid):
    own = grid + np.eye(36)
    with pytest.raises(yrd.errors.WeightsError):
        yrd.moran(one, own, permutations=9, seed=1)


@pytest.mark.parametrize("seed", [None, 4], ids=["even", "uneven"])
def test_memory_is_bounded_by_blocks(monkeypatch, seed):
    from yrdspatial.autocorrelation import conditional

    W = lattice(100, 150, seed)
    y = np.random.default_rng(9).normal(size=(15_000, 1))
    monkeypatch.setattr(conditional, "BLOCK", 2**18)
    tracemalloc.start()
    local_tails(y, W, permutations=499, seed=1, compiled=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # all draws at once would be 15,000 x 499 numbers, 60 MB, and several arrays of them
    assert peak < 25e6
