"""The G statistics against spdep and esda."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError

SEED = 5
CLOSED_FORM = 1e-9  # both sides evaluate the same closed form
POSITIVE = ["c01_columbus", "c02_boston", "c07_ncsids", "c09_columbus_anselin1988"]


def shifted(case):
    """Values without negatives: local z does not depend on the location."""
    return case.y - min(case.y.min(), 0)


def test_global_equals_spdep(case):
    if case.name not in POSITIVE:
        with pytest.raises(SpecificationError, match="no meaning for negative values"):
            yrd.getis_ord(case.y, case.binary, permutations=9, seed=SEED)
        return
    row = yrd.getis_ord(case.y, case.binary, permutations=9, seed=SEED, alternative="greater").iloc[0]
    expected = case.result("globalG_B")
    assert row["G"] == pytest.approx(expected["estimate"]["Global G statistic"], rel=CLOSED_FORM)
    assert row["expected"] == pytest.approx(expected["estimate"]["Expectation"], rel=CLOSED_FORM)
    # the variance is a difference of nearly equal numbers (1e-9 beside 7e-5): seven digits survive
    assert row["z_rand"] == pytest.approx(expected["statistic"], rel=1e-7)
    assert row["p_rand"] == pytest.approx(expected["p"], rel=1e-6)


@pytest.mark.parametrize(
    ("key", "style", "star"),
    [
        ("localG_W_z", "row_standardized", False),
        ("localG_B_z", "binary", False),
        ("localGstar_W_z", "row_standardized", True),
        ("localGstar_B_z", "binary", True),
    ],
)
def test_local_z_equals_spdep(case, key, style, star):
    table = yrd.local_g(shifted(case), getattr(case, style), star=star, permutations=9, seed=SEED).table
    np.testing.assert_allclose(table["z"], case.result(key), rtol=1e-8, atol=1e-10)


def test_local_ratio_is_the_definition(columbus):
    y, W = columbus.y.to_numpy(), columbus.binary.to_numpy()
    plain = yrd.local_g(columbus.y, columbus.binary, permutations=9, seed=SEED).table["G"]
    np.testing.assert_allclose(plain, W @ y / (y.sum() - y), rtol=1e-12)
    star = yrd.local_g(columbus.y, columbus.binary, star=True, permutations=9, seed=SEED).table["G"]
    np.testing.assert_allclose(star, (W + np.eye(49)) @ y / y.sum(), rtol=1e-12)


def test_pvalues_agree_with_esda(columbus, esda_columbus, close_pvalues):
    plain = yrd.local_g(columbus.y, columbus.row_standardized, permutations=9999, seed=SEED).table
    star = yrd.local_g(columbus.y, columbus.row_standardized, star=True, permutations=9999, seed=SEED).table
    close_pvalues(star["p_sim"], esda_columbus["local_g_star"]["p_sim"])
    assert (plain["p_sim"] == star["p_sim"]).all()


def test_pvalues_are_those_of_local_moran(columbus):
    moran = yrd.local_moran(columbus.y, columbus.row_standardized, permutations=999, seed=SEED).table
    table = yrd.local_g(columbus.y, columbus.row_standardized, permutations=999, seed=SEED).table
    assert (table["p_sim"] == moran["p_sim"]).all()


def test_hot_and_cold(panel, grid):
    y = panel["clustered"] - panel["clustered"].min()
    result = yrd.local_g(y, grid, permutations=9999, seed=SEED)
    assert result.labels == ("hot", "cold", "not significant")
    table = result.table
    assert (table.loc[table["cluster"] == "hot", "z"] > 0).all()
    assert (table.loc[table["cluster"] == "cold", "z"] < 0).all()
    assert (table["cluster"] != "not significant").any()
    assert result.family == "108 tests (36 units x 3 years)"


def test_row_order_and_names_do_not_matter(panel, grid):
    y = panel["noise"]
    names = dict(zip(range(36), range(100, 136), strict=True))
    moved = y.rename(index=names, level=0).sample(frac=1, random_state=1)
    W = grid.rename(names, axis=0).rename(names, axis=1).sample(frac=1, random_state=2)
    local = [
        yrd.local_g(*pair, permutations=99, seed=1).table.drop(columns="unit")
        for pair in ((y, grid), (moved, W))
    ]
    pd.testing.assert_frame_equal(*local, rtol=1e-10)
    overall = [yrd.getis_ord(*pair, permutations=99, seed=1) for pair in ((y, grid), (moved, W))]
    pd.testing.assert_frame_equal(*overall, rtol=1e-10)


def test_permutations_of_the_global_statistic(panel, grid):
    table = yrd.getis_ord(panel["noise"], grid, permutations=999, seed=SEED)
    assert list(table.columns) == ["variable", "year", "G", "expected", "z_rand", "p_rand", "p_sim"]
    # normal and permutation p-values of a nearly symmetric statistic agree roughly
    assert (table["p_sim"] - table["p_rand"]).abs().max() < 0.1


def test_negative_values_are_named(panel, grid):
    with pytest.raises(SpecificationError, match=r"negative values .*, clustered, 200[567]"):
        yrd.local_g(panel, grid, permutations=9, seed=SEED)
