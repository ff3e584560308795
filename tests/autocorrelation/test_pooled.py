"""Moran's I pooled over years: definitions, exact moments, and size on residuals of two-way effects."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError

SEED = 6


def within(table):
    """Two-way within transformation of units x years."""
    return table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()


def long(table, name="e"):
    index = pd.MultiIndex.from_product([range(table.shape[0]), range(2005, 2005 + table.shape[1])])
    return pd.Series(table.ravel(), index, name=name)


def test_one_year_is_the_ordinary_statistic(panel, grid):
    plain = yrd.moran(panel, grid, year=2006, permutations=999, seed=SEED)
    pooled = yrd.pooled_moran(panel, grid, year=2006, permutations=999, seed=SEED)
    for column in ("I", "expected", "z_rand", "p_rand"):
        assert pooled[column].tolist() == pytest.approx(plain[column].tolist(), rel=1e-10)
    assert (pooled["p_sim"] - plain["p_sim"]).abs().max() < 0.08  # other draws: Monte Carlo error


def test_definition_with_weights_by_year(panel, grid):
    other = grid.to_numpy() @ grid.to_numpy() * (1 - np.eye(36))
    series = yrd.WeightsSeries({2005: grid, 2006: pd.DataFrame(other), 2007: grid})
    z = panel["noise"].to_numpy().reshape(36, 3)
    z = z - z.mean(axis=0)
    matrices = [grid.to_numpy(), other, grid.to_numpy()]
    wanted = sum(z[:, t] @ W @ z[:, t] for t, W in enumerate(matrices))
    wanted *= 108 / sum(W.sum() for W in matrices) / (z**2).sum()
    table = yrd.pooled_moran(panel["noise"], series, permutations=99, seed=SEED)
    assert table.loc[0, "I"] == pytest.approx(wanted, rel=1e-12)
    assert yrd.residual_moran(long(z), series, permutations=100, seed=SEED).loc[0, "I"] == pytest.approx(
        wanted
    )


def test_moments_are_those_of_shuffles_within_years(panel, grid):
    # independent: 3,000 plain shuffles within years
    z = panel["noise"].to_numpy().reshape(36, 3)
    z, W, rng = z - z.mean(axis=0), grid.to_numpy(), np.random.default_rng(1)
    draws = []
    for _ in range(3000):
        e = np.column_stack([rng.permutation(z[:, t]) for t in range(3)])
        draws.append(108 / (3 * W.sum()) * (e * (W @ e)).sum() / (e**2).sum())
    row = yrd.pooled_moran(panel["noise"], grid, permutations=9, seed=SEED).iloc[0]
    sd = (row["I"] - row["expected"]) / row["z_rand"]
    assert row["expected"] == pytest.approx(np.mean(draws), abs=4 * sd / np.sqrt(3000))
    assert sd == pytest.approx(np.std(draws), rel=0.06)


def test_residuals_of_two_way_effects_have_the_right_size(grid):
    # synthetic noise after the two-way within transformation: the test must reject 10 per cent of the time
    rng = np.random.default_rng(2)
    p = [
        yrd.residual_moran(long(within(rng.normal(size=(36, 4)))), grid, permutations=199, seed=k).loc[
            0, "p_sim"
        ]
        for k in range(200)
    ]
    # four standard errors of a share of 200
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.085)


def test_residuals_keep_their_dependence_over_time(grid):
    # synthetic: the same noise every year; independent years would call chance a pattern
    rng = np.random.default_rng(3)
    repeated = np.repeat(rng.normal(size=(36, 1)), 10, axis=1) + 0.01 * rng.normal(size=(36, 10))
    table = yrd.residual_moran(long(repeated), grid, permutations=999, seed=SEED)
    one_year = yrd.moran(long(repeated), grid, year=2005, permutations=999, seed=SEED)
    assert table.loc[0, "z_sim"] == pytest.approx(one_year.loc[0, "z_rand"], abs=0.2)


def test_spatial_residuals_are_found(grid):
    rng = np.random.default_rng(4)
    e = np.linalg.inv(np.eye(36) - 0.5 * grid.to_numpy()) @ rng.normal(size=(36, 6))
    table = yrd.residual_moran(long(within(e)), grid, permutations=999, seed=SEED)
    assert table.loc[0, "p_sim"] == 0.002
    assert list(table.columns) == ["variable", "years", "I", "expected", "z_sim", "p_z", "p_sim"]


def test_row_order_and_names_do_not_matter(panel, grid):
    names = dict(zip(range(36), np.random.default_rng(3).permutation(36), strict=True))
    moved = panel.rename(index=names, level=0).sample(frac=1, random_state=1)
    W = grid.rename(names, axis=0).rename(names, axis=1)
    for function in (yrd.pooled_moran, yrd.residual_moran):
        first, second = (function(*pair, permutations=199, seed=SEED) for pair in ((panel, grid), (moved, W)))
        pd.testing.assert_frame_equal(first, second, rtol=1e-9)


def test_few_permutations_give_no_moments(panel, grid):
    with pytest.raises(SpecificationError, match="at least 100"):
        yrd.residual_moran(panel, grid, permutations=99, seed=SEED)
