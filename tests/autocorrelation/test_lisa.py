"""Local Moran's I against spdep and esda, and what must not matter."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError

SEED = 11
CLOSED_FORM = 1e-9  # both sides evaluate the same closed form


def test_equals_spdep_but_for_the_factor(case):
    table = yrd.local_moran(case.y, case.row_standardized, permutations=9, seed=SEED).table
    n = len(table)
    theirs = case.result("localmoran_cond")
    np.testing.assert_allclose(table["I"] * n / (n - 1), theirs["Ii"], rtol=CLOSED_FORM, atol=1e-12)
    np.testing.assert_allclose(table["expected"] * n / (n - 1), theirs["E"], rtol=CLOSED_FORM, atol=1e-12)
    np.testing.assert_allclose(table["z"], theirs["Z"], rtol=1e-8)
    # spdep cuts the lag at its own mean, we cut the lag of deviations at zero: compare the own half and recompute ours
    assert [quadrant[0] for quadrant in table["quadrant"]] == [words[0] for words in case.result("quadrant")]
    lag = case.row_standardized.to_numpy() @ (case.y - case.y.mean()).to_numpy()
    assert [quadrant[1] for quadrant in table["quadrant"]] == ["H" if value > 0 else "L" for value in lag]


def test_equals_esda_statistics_and_pvalues(columbus, esda_columbus, close_pvalues):
    table = yrd.local_moran(columbus.y, columbus.row_standardized, permutations=9999, seed=SEED).table
    np.testing.assert_allclose(table["I"], esda_columbus["local_moran"]["Is"], rtol=1e-10, atol=1e-12)
    close_pvalues(table["p_sim"], esda_columbus["local_moran"]["p_sim"])


def test_zero_deviation_or_lag_is_not_significant(chain):
    result = yrd.local_moran(
        pd.Series([1, 2, 3, 6], list("abcd")), chain, permutations=99, seed=1, correction="none", alpha=1.0
    )
    assert result.table["I"].tolist() == pytest.approx([3 / 7, 3 / 14, 0, 0], abs=1e-12)
    assert result.table["flag"].tolist() == ["", "", "zero", "zero"]
    assert result.clusters().tolist()[2:] == ["not significant"] * 2


def test_an_island_is_not_significant_and_not_tested(chain):
    y = pd.Series([1, 2, 4, 6, 90.0], list("abcde"))
    weights = chain.reindex(index=list("abcde"), columns=list("abcde"), fill_value=0.0)
    result = yrd.local_moran(y, weights, permutations=99, seed=1, correction="none", alpha=1.0)
    island = result.table.set_index("unit").loc["e"]
    assert island[["I", "p_sim", "p_adjusted", "cluster", "flag"]].tolist() == [
        0,
        1,
        1,
        "not significant",
        "island",
    ]
    assert np.isnan(island["z"])
    assert result.family == "4 tests (5 units, 1 without neighbours left out)"


def test_a_fixed_sum_is_flagged():
    # synthetic: every unit has all the others as neighbours, so every deal gives the same sum
    everyone = pd.DataFrame((1 - np.eye(5)) / 4, list("abcde"), list("abcde"))
    table = yrd.local_moran(
        pd.Series([1, 2, 4, 7, 11.0], list("abcde")), everyone, permutations=99, seed=1
    ).table
    assert set(table["flag"]) == {"fixed"}
    assert set(table["p_sim"]) == {1.0}


def test_columns_and_rows(panel, grid):
    table = yrd.local_moran(panel, grid, permutations=99, seed=SEED).table
    names = [
        "unit",
        "year",
        "variable",
        "I",
        "quadrant",
        "p_sim",
        "p_adjusted",
        "cluster",
        "expected",
        "z",
        "flag",
    ]
    assert list(table.columns) == names
    assert len(table) == 36 * 3 * 2
    assert table["p_sim"].min() >= 0.02


def test_row_order_and_names_do_not_matter(panel, grid):
    table = yrd.local_moran(panel, grid, permutations=499, seed=SEED).table
    shuffled = yrd.local_moran(
        panel.sample(frac=1, random_state=1), grid.sample(frac=1, random_state=2), permutations=499, seed=SEED
    ).table
    pd.testing.assert_frame_equal(table, shuffled, rtol=1e-10)
    names = dict(zip(range(36), [f"u{i}" for i in np.random.default_rng(3).permutation(36)], strict=True))
    renamed = yrd.local_moran(
        panel.rename(index=names, level=0),
        grid.rename(index=names, columns=names),
        permutations=499,
        seed=SEED,
    ).table
    back = table.assign(unit=table["unit"].map(names)).sort_values(
        ["variable", "year", "unit"], ignore_index=True
    )
    pd.testing.assert_frame_equal(back, renamed, rtol=1e-10, check_dtype=False)


@pytest.mark.parametrize(("factor", "constant"), [(1, 1000), (0.01, 0), (-3, 5)])
def test_scale_location_and_sign_do_not_matter(panel, grid, factor, constant):
    columns = ["I", "p_sim", "p_adjusted", "cluster", "z"]
    table = yrd.local_moran(panel, grid, permutations=199, seed=SEED).table
    changed = yrd.local_moran(panel * factor + constant, grid, permutations=199, seed=SEED).table
    if factor < 0:
        changed["cluster"] = changed["cluster"].replace({"HH": "LL", "LL": "HH", "HL": "LH", "LH": "HL"})
    pd.testing.assert_frame_equal(table[columns], changed[columns], rtol=1e-9, atol=1e-12)


def test_scale_of_the_weights_scales_the_statistic_only(panel, grid):
    table = yrd.local_moran(panel, grid, permutations=199, seed=SEED).table
    changed = yrd.local_moran(panel, grid * 8, permutations=199, seed=SEED).table
    np.testing.assert_allclose(changed["I"], table["I"] * 8, rtol=1e-12)
    pd.testing.assert_frame_equal(
        table[["p_sim", "z", "cluster"]], changed[["p_sim", "z", "cluster"]], rtol=1e-9
    )


def test_a_variable_and_year_alone_have_the_same_pvalues(panel, grid):
    table = yrd.local_moran(panel, grid, permutations=199, seed=SEED).table
    alone = yrd.local_moran(panel["noise"], grid, year=2006, permutations=199, seed=SEED).table
    together = table[(table["variable"] == "noise") & (table["year"] == 2006)].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        alone.drop(columns=["p_adjusted", "cluster"]), together.drop(columns=["p_adjusted", "cluster"])
    )


def test_the_family_spans_variables_and_years(panel, grid):
    result = yrd.local_moran(panel, grid, permutations=999, seed=SEED)
    assert result.family == "216 tests (36 units x 2 variables x 3 years)"
    p = np.sort(result.table["p_sim"])
    largest = max((k for k in range(1, 217) if p[k - 1] <= 0.05 * k / 216), default=0)
    assert (result.table["p_adjusted"] <= 0.05).sum() == largest
    bonferroni = yrd.local_moran(panel, grid, permutations=999, seed=SEED, correction="bonferroni").table
    assert bonferroni["p_adjusted"].tolist() == pytest.approx(np.minimum(1, 216 * result.table["p_sim"]))


def test_seed_and_progress(panel, grid):
    steps = []
    first = yrd.local_moran(panel, grid, permutations=99, seed=1, progress=lambda *step: steps.append(step))
    again = yrd.local_moran(panel, grid, permutations=99, seed=1)
    pd.testing.assert_frame_equal(first.table, again.table)
    assert steps[-1] == (99, 99)
    assert not first.table["p_sim"].equals(
        yrd.local_moran(panel, grid, permutations=99, seed=2).table["p_sim"]
    )


def test_noise_has_few_clusters_after_fdr(grid):
    # each map is a family of 36 tests: the chance of any cluster on a map is at most 5 per cent
    rng = np.random.default_rng(9)
    for maps in (rng.normal(size=(36, 300)), rng.exponential(size=(36, 300))):
        result = yrd.local_moran(pd.DataFrame(maps, grid.index), grid, permutations=1999, seed=SEED)
        judged = result.readjust(family="map").table
        found = (judged["cluster"] != "not significant").groupby(judged["variable"]).any()
        # 300 maps: three standard errors above 0.05 are 0.088
        assert found.mean() <= 0.088
        assert 0.035 < (result.table["p_sim"] <= 0.05).mean() < 0.06


@pytest.mark.parametrize("alpha", [3, 0, -0.1, float("nan"), "a", True, None])
def test_a_level_that_is_none_is_refused(columbus, alpha):
    for statistic in (yrd.local_moran, yrd.local_geary):
        with pytest.raises(SpecificationError, match=r"is no level: use a level such as 0\.05"):
            statistic(columbus.y, columbus.row_standardized, permutations=9, seed=SEED, alpha=alpha)
    result = yrd.local_moran(columbus.y, columbus.row_standardized, permutations=9, seed=SEED)
    if alpha is not None:
        with pytest.raises(SpecificationError, match="is no level"):
            result.readjust(alpha=alpha)


@pytest.mark.parametrize("seed", ["a", -1, 1.5, None, True, [1]])
def test_a_seed_that_is_none_is_refused(columbus, seed):
    for statistic in (yrd.local_moran, yrd.moran, yrd.geary, yrd.local_g, yrd.getis_ord):
        with pytest.raises(SpecificationError, match="is no seed: give a whole number"):
            statistic(columbus.y, columbus.row_standardized, permutations=9, seed=seed)


def test_numpy_integers_are_seeds(columbus):
    found = [
        yrd.local_moran(columbus.y, columbus.row_standardized, permutations=9, seed=seed).table
        for seed in (3, np.int32(3))
    ]
    pd.testing.assert_frame_equal(*found)
