"""Geary's C, global and local, against spdep and esda."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd

SEED = 3
CLOSED_FORM = 1e-9  # both sides evaluate the same closed form


@pytest.mark.parametrize(("key", "z"), [("geary_rand", "z_rand"), ("geary_norm", "z_norm")])
def test_equals_spdep(case, key, z):
    row = yrd.geary(case.y, case.row_standardized, permutations=9, seed=SEED, alternative="greater").iloc[0]
    expected = case.result(key)
    assert row["C"] == pytest.approx(expected["estimate"]["Geary C statistic"], rel=CLOSED_FORM)
    assert row["expected"] == 1
    assert row[z] == pytest.approx(expected["statistic"], rel=CLOSED_FORM)
    assert row[z.replace("z", "p")] == pytest.approx(expected["p"], rel=1e-6)  # far tail of the normal


def test_equals_esda(columbus, esda_columbus):
    row = yrd.geary(columbus.y, columbus.row_standardized, permutations=9999, seed=SEED).iloc[0]
    assert row["C"] == pytest.approx(esda_columbus["geary"]["C"], rel=1e-10)
    assert row["p_sim"] == 2 / 10_000  # the floor, as esda's 0.0001 on one side


def test_hand_computed_path(chain):
    binary = (chain > 0).astype(float)
    C = yrd.geary(pd.Series([1, 2, 3, 6], list("abcd")), binary, permutations=9, seed=SEED).loc[0, "C"]
    assert pytest.approx(3 * 2 * (1 + 1 + 9) / (2 * 6 * 14), abs=1e-12) == C


def test_clustering_is_the_greater_alternative(panel, grid):
    table = yrd.geary(panel["clustered"], grid, permutations=99, seed=SEED, alternative="greater")
    assert (table["z_rand"] > 2.5).all()
    assert (table["p_sim"] == 0.01).all()
    other = yrd.geary(panel["clustered"], grid, permutations=99, seed=SEED, alternative="less")
    assert (other["p_sim"] == 1).all()


def test_what_must_not_matter(panel, grid):
    table = yrd.geary(panel, grid, permutations=199, seed=SEED)
    assert list(table.columns) == [
        "variable",
        "year",
        "C",
        "expected",
        "z_norm",
        "p_norm",
        "z_rand",
        "p_rand",
        "p_sim",
    ]
    names = dict(zip(range(36), np.random.default_rng(3).permutation(36), strict=True))
    renamed = (
        panel.rename(index=names, level=0).sample(frac=1, random_state=1),
        grid.rename(names, axis=0).rename(names, axis=1),
    )
    for data, weights in (renamed, (panel * 5 - 2, grid), (panel * -1, grid), (panel, grid * 4)):
        pd.testing.assert_frame_equal(table, yrd.geary(data, weights, permutations=199, seed=SEED), rtol=1e-9)


def test_local_equals_spdep(case):
    table = yrd.local_geary(case.y, case.row_standardized, permutations=9, seed=SEED).table
    np.testing.assert_allclose(table["C"], case.result("localC"), rtol=CLOSED_FORM, atol=1e-12)


def test_local_moments_are_those_of_the_draws(columbus):
    # independent: moments of 4,000 plain shuffles of the others, for a few units
    y, W = columbus.y.to_numpy(), columbus.row_standardized.to_numpy()
    table = yrd.local_geary(columbus.y, columbus.row_standardized, permutations=9, seed=SEED).table
    rng, m2 = np.random.default_rng(1), y.var(ddof=1)
    for i in (0, 7, 30):
        others, w = np.delete(y, i), np.delete(W[i], i)
        draws = np.array([w @ (y[i] - rng.permutation(others)) ** 2 / m2 for _ in range(4000)])
        sd = (table.loc[i, "C"] - table.loc[i, "expected"]) / table.loc[i, "z"]
        assert table.loc[i, "expected"] == pytest.approx(draws.mean(), abs=4 * sd / 63)
        assert sd == pytest.approx(draws.std(), rel=0.1)


def test_local_clusters_have_four_kinds():
    # synthetic: two blocks of equal values on a line, and one stranger among the high ones
    n = 60
    line = np.abs(np.subtract.outer(range(n), range(n))) <= 2
    W = (line & ~np.eye(n, dtype=bool)).astype(float)
    W = pd.DataFrame(W / W.sum(axis=1, keepdims=True))
    rng = np.random.default_rng(4)
    y = pd.Series(np.r_[np.full(30, 10.0), np.full(30, -10.0)] + rng.normal(size=n))
    y[10] = -40
    result = yrd.local_geary(y, W, permutations=999, seed=SEED, correction="none")
    assert result.labels == ("HH", "LL", "positive", "negative", "not significant")
    clusters = result.clusters()
    assert clusters[10] == "negative"
    assert set(clusters[33:]) == {"LL", "not significant"}
    assert set(clusters[18:27]) <= {"HH", "not significant"}


def test_local_row_order_names_and_location_do_not_matter(panel, grid):
    columns = ["C", "p_sim", "cluster", "z"]
    table = yrd.local_geary(panel, grid, permutations=199, seed=SEED).table
    for data in (panel.sample(frac=1, random_state=1), panel * 3 + 7, -panel):
        other = yrd.local_geary(data, grid, permutations=199, seed=SEED).table
        if data.iloc[0, 0] != -panel.iloc[0, 0]:
            pd.testing.assert_frame_equal(table[columns], other[columns], rtol=1e-9)
        else:
            pd.testing.assert_frame_equal(table[["C", "p_sim", "z"]], other[["C", "p_sim", "z"]], rtol=1e-9)


def test_local_zero_is_a_cluster_and_an_island_is_not(chain):
    weights = chain.reindex(index=list("abcde"), columns=list("abcde"), fill_value=0.0)
    result = yrd.local_geary(
        pd.Series([5, 5, 1, 3, 9.0], list("abcde")),
        weights,
        permutations=99,
        seed=1,
        alpha=1,
        correction="none",
    )
    table = result.table.set_index("unit")
    assert table.loc["a", ["C", "flag", "cluster"]].tolist() == [0, "", "HH"]
    assert table.loc["e", ["p_sim", "flag", "cluster"]].tolist() == [1, "island", "not significant"]
