"""Size and power: p-values are uniform on synthetic noise and small on synthetic clusters, whatever the statistic."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd

MAPS = 200
SIZE = 0.062  # four standard errors of a share of 0.05 among 200 maps
GLOBAL = {"moran": yrd.moran, "geary": yrd.geary, "getis_ord": yrd.getis_ord}
LOCAL = {"local_moran": yrd.local_moran, "local_geary": yrd.local_geary, "local_g": yrd.local_g}


@pytest.fixture(scope="module", params=["even", "uneven", "dense"])
def weights(request, grid):
    """Contiguity; the same links with random weights, one place with few links; inverse distance of all pairs."""
    rng = np.random.default_rng(1)
    if request.param == "even":
        return grid
    if request.param == "uneven":
        W = grid.to_numpy() * rng.random((36, 36))
        W[5, :4] = 0.0
        return pd.DataFrame(W, grid.index, grid.columns)
    place = np.array([(r, c) for r in range(6) for c in range(6)], dtype=float)
    apart = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    return pd.DataFrame(1 / apart, grid.index, grid.columns)


@pytest.fixture(scope="module")
def noise(grid):
    """Independent log-normal values: skewed, as shares and quotients are."""
    values = np.random.default_rng(2).lognormal(size=(36, MAPS))
    return pd.DataFrame(values, grid.index, [f"map {k}" for k in range(MAPS)])


@pytest.mark.parametrize("name", GLOBAL)
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_global_pvalues_have_the_right_size(noise, weights, name, alternative):
    table = GLOBAL[name](noise, weights, permutations=199, seed=3, alternative=alternative)
    for level in (0.05, 0.2):
        error = 4 * np.sqrt(level * (1 - level) / MAPS)
        assert (table["p_sim"] <= level).mean() == pytest.approx(level, abs=error)


@pytest.mark.parametrize("name", LOCAL)
def test_local_pvalues_have_the_right_size(noise, weights, name):
    table = LOCAL[name](noise, weights, permutations=999, seed=3).table
    tested = table[table["flag"] == ""]
    # units of a map are dependent: compare the share of each unit over the maps, and all of them together
    by_unit = (tested["p_sim"] <= 0.1).groupby(tested["unit"]).mean()
    assert by_unit.max() < 0.1 + 5 * np.sqrt(0.09 / MAPS)
    # a unit with one or two neighbours has few sums: its test is conservative, never liberal; all units share the
    # 999 draws, so their common error at 0.1 is 2 sqrt(0.05 x 0.95 / 999) = 0.014 at most
    assert 0.06 < (tested["p_sim"] <= 0.1).mean() < 0.1 + 0.028


@pytest.mark.parametrize("name", LOCAL)
def test_fdr_holds_on_each_map(noise, weights, name):
    result = LOCAL[name](noise, weights, permutations=1999, seed=3).readjust(family="map")
    found = (result.table["cluster"] != "not significant").groupby(result.table["variable"]).any()
    assert found.mean() <= 0.05 + SIZE


@pytest.mark.parametrize("name", GLOBAL)
def test_analytical_and_permutation_tests_agree(noise, weights, name):
    table = GLOBAL[name](noise.iloc[:, :100], weights, permutations=199, seed=3)
    both = table[["p_rand", "p_sim"]].corr(method="spearman").iloc[0, 1]
    # geary and G of skewed values are themselves skewed: the order of the maps is much the same, the level is not
    assert both > (0.9 if name == "moran" else 0.7)


def test_strong_clusters_are_found(grid):
    north = np.repeat([3.0, 3, 3, -3, -3, -3], 6)
    rng = np.random.default_rng(4)
    maps = pd.DataFrame(north[:, None] + rng.normal(size=(36, 20)) + 10, grid.index)
    for function in GLOBAL.values():
        if function is yrd.getis_ord:
            continue
        assert (function(maps, grid, permutations=199, seed=1, alternative="greater")["p_sim"] == 0.005).all()
    for name, function in LOCAL.items():
        table = function(maps, grid, permutations=999, seed=1, correction="none").table
        inner = table[table["unit"].isin([7, 8, 9, 10, 25, 26, 27, 28])]
        assert (inner["p_sim"] <= 0.1).mean() > 0.5, name


def test_checkerboards_are_negative(grid):
    board = pd.Series([1.0 + (r + c) % 2 for r in range(6) for c in range(6)], grid.index, name="board")
    row = yrd.moran(board, grid, permutations=199, seed=1, alternative="less").iloc[0]
    assert row["I"] == pytest.approx(-1)
    assert row["p_sim"] == 0.005
    assert yrd.geary(board, grid, permutations=199, seed=1, alternative="less").loc[0, "p_sim"] == 0.005
    result = yrd.local_moran(board, grid, permutations=999, seed=1, correction="none", alpha=0.2)
    assert set(result.table["quadrant"]) == {"HL", "LH"}
    assert set(result.clusters()) <= {"HL", "LH", "not significant"}
