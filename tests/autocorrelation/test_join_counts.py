"""Join counts against spdep and plain counting."""

import itertools

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import GapError, SpecificationError

SEED = 4


def kinds(case):
    return pd.Series(np.where(case.y > 35, "high", "low"), case.data.index, name="crime")


def test_equals_spdep(case):
    if "joincount_multi" not in case.expected:
        assert case.name in {"c02_boston", "c04_ny_leukemia", "c07_ncsids"}
        return
    table = yrd.join_counts(kinds(case), case.binary, permutations=99, seed=SEED).set_index(
        ["first", "second"]
    )
    for row in case.expected["joincount_multi"]:
        pair = ("different", "different") if row["_row"] == "Jtot" else tuple(sorted(row["_row"].split(":")))
        found = table.loc[pair]
        assert found["joins"] == row["Joincount"]
        assert found["expected"] == pytest.approx(row["Expected"], rel=1e-10)
        assert found["z"] == pytest.approx(row["z-value"], rel=1e-9)


def test_row_standardized_weights_equal_spdep(columbus):
    table = yrd.join_counts(
        kinds(columbus), columbus.row_standardized, permutations=99, seed=SEED, alternative="greater"
    )
    same = table[table["first"] == table["second"]].set_index("first")
    for kind, row in zip(["low", "high"], columbus.expected["joincount_W"], strict=True):
        found = same.loc[kind]
        assert found["joins"] == pytest.approx(row["estimate"]["Same colour statistic"], rel=1e-12)
        assert found["expected"] == pytest.approx(row["estimate"]["Expectation"], rel=1e-10)
        assert found["z"] == pytest.approx(row["statistic"], rel=1e-9)
        assert found["p_norm"] == pytest.approx(row["p"], rel=1e-6)


def test_three_kinds_have_the_moments_of_all_deals():
    # independent: every assignment of the kinds a, a, b, c, c to five places on a path, by brute force
    places = list("abcde")
    W = np.abs(np.subtract.outer(range(5), range(5))) == 1
    given = pd.Series(list("aabcc"), places)
    table = yrd.join_counts(given, pd.DataFrame(W.astype(float), places, places), permutations=9, seed=SEED)
    deals = [np.array(deal) for deal in set(itertools.permutations("aabcc"))]
    for row in table.itertuples():
        counts = [joined(deal, row.first, row.second) for deal in deals]
        assert row.joins == joined(given.to_numpy(), row.first, row.second)
        assert row.expected == pytest.approx(np.mean(counts))
        spread = np.std(counts)
        assert spread == 0 or row.z == pytest.approx((row.joins - np.mean(counts)) / spread)


def joined(deal, first, second):
    borders = list(itertools.pairwise(deal))
    if first == "different":
        return sum(a != b for a, b in borders)
    return sum({a, b} == {first, second} for a, b in borders)


def test_permutations_agree_with_the_moments(columbus):
    table = yrd.join_counts(kinds(columbus), columbus.binary, permutations=1999, seed=SEED).set_index(
        ["first", "second"]
    )
    # high-high: z = 5.95, beyond any draw; low-low: z = 1.08, a two-sided p of 0.28
    assert table.loc[("high", "high"), "p_sim"] == 0.001
    assert table.loc[("low", "low"), "p_sim"] == pytest.approx(0.28, abs=0.08)


def test_bool_by_year_row_order_and_names(panel, grid):
    member = panel["clustered"] > 0
    table = yrd.join_counts(member, grid, permutations=99, seed=SEED)
    assert list(table.columns) == [
        "variable",
        "year",
        "first",
        "second",
        "joins",
        "expected",
        "z",
        "p_norm",
        "p_sim",
    ]
    assert len(table) == 3 * 4
    names = dict(zip(range(36), np.random.default_rng(1).permutation(36), strict=True))
    moved = member.rename(index=names, level=0).sample(frac=1, random_state=1)
    W = grid.rename(names, axis=0).rename(names, axis=1)
    again = yrd.join_counts(moved, W, permutations=99, seed=SEED)
    pd.testing.assert_frame_equal(table, again)


def test_a_frame_is_its_columns(panel, grid):
    frame = panel > panel.mean()
    table = yrd.join_counts(frame, grid, permutations=99, seed=SEED)
    parts = [yrd.join_counts(frame[name], grid, permutations=99, seed=SEED) for name in frame]
    pd.testing.assert_frame_equal(table, pd.concat(parts, ignore_index=True))
    assert table["year"].dtype == "int64"


def test_bad_requests(panel, grid):
    with pytest.raises(SpecificationError, match="give a Series"):
        yrd.join_counts(panel.to_numpy(), grid, permutations=9, seed=1)
    with pytest.raises(SpecificationError, match="same kind"):
        yrd.join_counts(panel["noise"] > -1, grid, permutations=9, seed=1)
    with pytest.raises(GapError, match="a kind is missing"):
        yrd.join_counts(pd.Series(["a", None, "b"]), grid, permutations=9, seed=1)
