"""What must not matter, on random synthetic maps: order, names, location, scale, islands, scale of the weights."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

import yrdspatial as yrd
from yrdspatial.autocorrelation.conditional import local_tails

GLOBAL = {"moran": "I", "geary": "C", "pooled_moran": "I"}
LOCAL = {"local_moran": "I", "local_geary": "C", "local_g": "G"}
many = settings(max_examples=12, deadline=None, derandomize=True)


@st.composite
def maps(draw):
    """Draw a map of 5 to 14 places, two of them islands, with ties, in two years; and its weights."""
    n, seed = draw(st.integers(5, 14)), draw(st.integers(0, 10_000))
    even, ties = draw(st.booleans()), draw(st.booleans())
    rng = np.random.default_rng(seed)
    W = np.triu(rng.random((n, n)) < 0.5, 1).astype(float)
    W[0, 1] = W[1, 2] = W[0, 2] = 1.0
    W[:, n - 1] = 0
    W = (W + W.T) * (1 if even else rng.random((n, n)))
    places = [f"place {i:02d}" for i in range(n)]
    index = pd.MultiIndex.from_product([places, [2005, 2006]], names=["unit", "year"])
    values = rng.integers(0, 5, 2 * n) if ties else rng.lognormal(size=2 * n)
    values[:4] = [0, 1, 9, 2]
    return pd.Series(values.astype(float), index, name="y"), pd.DataFrame(W, places, places)


def run(name, data, weights):
    result = getattr(yrd, name)(data, weights, permutations=49, seed=3)
    return result if isinstance(result, pd.DataFrame) else result.table


@many
@given(maps())
def test_row_order(drawn):
    data, weights = drawn
    moved = (
        data.sample(frac=1, random_state=1),
        weights.sample(frac=1, random_state=2).sample(frac=1, axis=1, random_state=3),
    )
    for name in GLOBAL | LOCAL:
        pd.testing.assert_frame_equal(run(name, data, weights), run(name, *moved), rtol=1e-9, atol=1e-10)


@many
@given(maps(), st.integers(0, 1000))
def test_names(drawn, seed):
    data, weights = drawn
    order = np.random.default_rng(seed).permutation(len(weights))
    names = dict(zip(weights.index, [f"p{k:02d}" for k in order], strict=True))
    renamed = data.rename(index=names, level=0), weights.rename(names, axis=0).rename(names, axis=1)
    for name in LOCAL:
        table = run(name, data, weights)
        back = table.assign(unit=table["unit"].map(names)).sort_values(["year", "unit"], ignore_index=True)
        pd.testing.assert_frame_equal(back, run(name, *renamed), rtol=1e-9, atol=1e-10, check_dtype=False)
    for name in GLOBAL:
        pd.testing.assert_frame_equal(run(name, data, weights), run(name, *renamed), rtol=1e-9, atol=1e-10)


@many
@given(maps(), st.sampled_from([2.0, 0.1, 64.0]), st.sampled_from([0.0, 3.0, 100.0]))
def test_location_and_scale(drawn, factor, constant):
    data, weights = drawn
    for name, statistic in (GLOBAL | {"local_moran": "I", "local_geary": "C"}).items():
        first, second = run(name, data, weights), run(name, data * factor + constant, weights)
        columns = [statistic, "p_sim"]
        pd.testing.assert_frame_equal(first[columns], second[columns], rtol=1e-8, atol=1e-9)


@many
@given(maps())
def test_scale_of_the_weights(drawn):
    data, weights = drawn
    for name, statistic in GLOBAL.items():
        first, second = run(name, data, weights), run(name, data, weights * 8)
        pd.testing.assert_frame_equal(
            first[[statistic, "p_sim"]], second[[statistic, "p_sim"]], rtol=1e-9, atol=1e-10
        )
    for name, statistic in LOCAL.items():
        first, second = run(name, data, weights), run(name, data, weights * 8)
        np.testing.assert_allclose(second[statistic], first[statistic] * 8, rtol=1e-9, atol=1e-10)
        pd.testing.assert_frame_equal(
            first[["p_sim", "z", "cluster"]], second[["p_sim", "z", "cluster"]], rtol=1e-8, atol=1e-8
        )


@many
@given(maps())
def test_islands_are_never_significant(drawn):
    data, weights = drawn
    for name, function in {key: getattr(yrd, key) for key in LOCAL}.items():
        result = function(data, weights, permutations=19, seed=1, correction="none", alpha=1.0)
        islands = result.table[result.table["unit"] == weights.index[-1]]
        assert set(islands["cluster"]) == {"not significant"}, name
        assert set(islands["flag"]) == {"island"}
        assert (islands["p_sim"] == 1).all()


@st.composite
def panels(draw):
    """Draw a panel of 6 to 10 places in four years, with row-standardized weights."""
    n, seed = draw(st.integers(6, 10)), draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    W = (rng.random((n, n)) < 0.5).astype(float)
    np.fill_diagonal(W, 0.0)
    W[np.arange(n), (np.arange(n) + 1) % n] = 1.0
    places = [f"place {i}" for i in range(n)]
    index = pd.MultiIndex.from_product([places, range(2005, 2009)], names=["unit", "year"])
    data = pd.Series(rng.lognormal(size=4 * n), index, name="y")
    return data, pd.DataFrame(W / W.sum(axis=1, keepdims=True), places, places)


@many
@given(panels(), st.integers(0, 1000))
def test_chains_know_neither_order_nor_names(drawn, seed):
    data, weights = drawn
    order = np.random.default_rng(seed).permutation(len(weights))
    names = dict(zip(weights.index, [f"p{k}" for k in order], strict=True))
    moved = data.rename(index=names, level=0).sample(frac=1, random_state=seed)
    turned = weights.rename(names, axis=0).rename(names, axis=1).sample(frac=1, random_state=seed)
    first, second = (yrd.spatial_markov(*pair, classes=3) for pair in ((data, weights), (moved, turned)))
    pd.testing.assert_frame_equal(first.counts, second.counts)
    pd.testing.assert_frame_equal(first.tests, second.tests)
    pd.testing.assert_frame_equal(yrd.rank_mobility(data), yrd.rank_mobility(moved), rtol=1e-12)


@many
@given(panels(), st.sampled_from([0.01, 3.0, 1000.0]))
def test_chains_of_quantiles_do_not_know_the_unit_of_measure(drawn, factor):
    data, weights = drawn
    first = yrd.spatial_markov(data, weights, classes=3, relative=True)
    second = yrd.spatial_markov(data * factor, weights, classes=3, relative=True)
    pd.testing.assert_frame_equal(first.counts, second.counts)
    assert yrd.markov(data).counts.equals(yrd.markov(data * factor).counts)


@many
@given(panels())
def test_moves_are_complete(drawn):
    data, weights = drawn
    result = yrd.spatial_markov(data, weights, classes=3)
    moves = 3 * len(weights)
    assert result.counts.to_numpy().sum() == moves
    assert yrd.markov(data, classes=3).counts.to_numpy().sum() == moves
    assert (result.pooled.counts == yrd.markov(data, classes=3).counts).all().all()
    shares = result.pooled.probabilities.sum(axis=1)
    np.testing.assert_allclose(shares[shares > 0], 1.0)
    lisa = yrd.local_moran(data, weights, permutations=9, seed=1)
    assert lisa.transitions().to_numpy().sum() == moves
    assert yrd.lisa_markov(lisa).counts.equals(lisa.transitions())


@many
@given(panels())
def test_joins_add_up_to_the_weights(drawn):
    data, weights = drawn
    kinds = pd.Series(
        np.where(data > data.median(), "rich", np.where(data > 0.5, "middle", "poor")), data.index
    )
    for year, part in kinds.groupby(level="year"):
        if part.nunique() < 2:
            continue
        table = yrd.join_counts(part.droplevel("year"), weights, permutations=9, seed=1)
        pairs = table[table["first"] != "different"]
        np.testing.assert_allclose(pairs["joins"].sum(), weights.to_numpy().sum() / 2, err_msg=str(year))
        np.testing.assert_allclose(pairs["expected"].sum(), weights.to_numpy().sum() / 2)


@many
@given(panels(), st.booleans())
def test_both_ways_of_counting_agree(drawn, squared):
    data, weights = drawn
    W = csr_array(weights.to_numpy() * np.random.default_rng(1).random(weights.shape))
    values = data.to_numpy().reshape(len(weights), 4)
    plain, fast = (
        local_tails(values, W, permutations=60, seed=2, squared=squared, compiled=compiled)
        for compiled in (False, True)
    )
    np.testing.assert_array_equal(plain.above, fast.above)
    np.testing.assert_array_equal(plain.below, fast.below)
