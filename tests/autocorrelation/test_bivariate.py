"""Bivariate Moran's I against spdep, esda and the univariate case."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError

SEED = 2


def test_equals_spdep_and_esda(columbus, esda_columbus):
    W = columbus.row_standardized
    table = yrd.bivariate_moran(columbus.data, W, ("CRIME", "INC"), permutations=99, seed=SEED)
    assert table.loc[0, "I"] == pytest.approx(columbus.expected["moran_bv"]["Ixy"], rel=1e-10)
    assert table.loc[0, "variable"] == "CRIME ~ W_INC"
    turned = yrd.bivariate_moran(columbus.data, W, ("INC", "CRIME"), permutations=9999, seed=SEED)
    assert turned.loc[0, "I"] == pytest.approx(esda_columbus["bivariate"]["I"], rel=1e-10)
    assert turned.loc[0, "p_sim"] == 2 / 10_000


def test_local_equals_esda(columbus, esda_columbus, close_pvalues):
    W = columbus.row_standardized
    table = yrd.local_bivariate_moran(columbus.data, W, ("INC", "CRIME"), permutations=9999, seed=SEED).table
    # esda divides by the sample variance of x after scaling both: the same up to n / (n - 1)
    ratio = table["I"] / esda_columbus["local_bivariate"]["Is"]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-10)
    assert ratio[0] in (pytest.approx(1.0), pytest.approx(48 / 49))
    close_pvalues(table["p_sim"], esda_columbus["local_bivariate"]["p_sim"])


def test_a_variable_with_itself_is_local_moran(panel, grid):
    both = yrd.local_bivariate_moran(panel, grid, ("noise", "noise"), permutations=199, seed=SEED).table
    plain = yrd.local_moran(panel["noise"], grid, permutations=199, seed=SEED).table
    columns = ["unit", "year", "I", "quadrant", "p_sim", "p_adjusted", "cluster", "expected", "z", "flag"]
    pd.testing.assert_frame_equal(both[columns], plain[columns])


def test_global_moments_are_exact(columbus):
    # independent: 5,000 plain shuffles of y against x
    x, y = (columbus.data[name].to_numpy() - columbus.data[name].mean() for name in ("CRIME", "INC"))
    W = columbus.row_standardized.to_numpy()
    rng = np.random.default_rng(3)
    draws = np.array([x @ W @ rng.permutation(y) for _ in range(5000)]) / np.sqrt((x @ x) * (y @ y))
    row = yrd.bivariate_moran(
        columbus.data, columbus.row_standardized, ("CRIME", "INC"), permutations=9, seed=1
    ).iloc[0]
    sd = row["I"] / row["z_rand"]
    assert draws.mean() == pytest.approx(0, abs=4 * sd / np.sqrt(5000))
    assert draws.std() == pytest.approx(sd, rel=0.05)


def test_years_weights_and_order(panel, grid):
    table = yrd.bivariate_moran(panel, grid, ("clustered", "noise"), permutations=99, seed=SEED)
    assert table["year"].tolist() == [2005, 2006, 2007]
    moved = panel.sample(frac=1, random_state=1)[["noise", "clustered"]]
    again = yrd.bivariate_moran(moved, grid, ("clustered", "noise"), permutations=99, seed=SEED)
    pd.testing.assert_frame_equal(table, again, rtol=1e-10)
    scaled = yrd.bivariate_moran(panel * 3 + 1, grid * 2, ("clustered", "noise"), permutations=99, seed=SEED)
    pd.testing.assert_frame_equal(table, scaled, rtol=1e-9)


def test_an_absent_column_is_named(panel, grid):
    with pytest.raises(SpecificationError, match=r"gdp.*choose from clustered, noise"):
        yrd.bivariate_moran(panel, grid, ("gdp", "noise"), permutations=9, seed=1)
