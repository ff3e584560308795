"""What every function of the package promises: forms of data and weights, years, seeds, tails, clear errors."""

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy.sparse import coo_array

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, GapError, SpecificationError, WeightsError, YrdSpatialError

PAIR = ("positive", "noise")
GLOBAL = {
    "moran": yrd.moran,
    "geary": yrd.geary,
    "getis_ord": yrd.getis_ord,
    "bivariate_moran": lambda data, W, **options: yrd.bivariate_moran(data, W, PAIR, **options),
    "pooled_moran": yrd.pooled_moran,
    "residual_moran": yrd.residual_moran,
}
LOCAL = {
    "local_moran": yrd.local_moran,
    "local_geary": yrd.local_geary,
    "local_g": yrd.local_g,
    "local_g star": lambda data, W, **options: yrd.local_g(data, W, star=True, **options),
    "local_bivariate_moran": lambda data, W, **options: yrd.local_bivariate_moran(data, W, PAIR, **options),
}
EVERY = GLOBAL | LOCAL
BY_YEAR = {name: call for name, call in EVERY.items() if name not in {"pooled_moran", "residual_moran"}}


def table_of(result):
    return result if isinstance(result, pd.DataFrame) else result.table


@pytest.fixture(scope="module")
def positive(panel):
    """Two variables without negative values, in three years."""
    return pd.DataFrame({"positive": panel["clustered"] - panel["clustered"].min(), "noise": panel["noise"]})


@pytest.fixture(scope="module")
def changing(grid):
    """Weights that differ from year to year."""
    square = grid.to_numpy() @ grid.to_numpy() * (1 - np.eye(36))
    return yrd.WeightsSeries(
        {2005: grid, 2006: pd.DataFrame(square, grid.index, grid.columns), 2007: grid * np.arange(1.0, 37)}
    )


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_graph_series_and_table_of_weights_are_one(call, positive, grid):
    options = {"permutations": 100, "seed": 5}
    graph = Graph.from_sparse(coo_array(grid.to_numpy()), ids=grid.index)
    series = yrd.WeightsSeries(dict.fromkeys([2005, 2006, 2007], grid))
    first, *others = (table_of(call(positive, weights, **options)) for weights in (grid, graph, series))
    for other in others:
        pd.testing.assert_frame_equal(first, other, rtol=1e-12)


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_a_panel_is_its_table(call, positive, grid):
    options = {"permutations": 100, "seed": 5}
    panel = yrd.Panel.from_frame(positive)
    pd.testing.assert_frame_equal(
        table_of(call(panel, grid, **options)), table_of(call(positive, grid, **options)), rtol=1e-12
    )


@pytest.mark.parametrize("call", BY_YEAR.values(), ids=BY_YEAR)
def test_a_year_of_the_panel_is_a_cross_section(call, positive, changing):
    options = {"permutations": 100, "seed": 5, "year": 2006}
    whole = table_of(call(positive, changing, **options))
    part = table_of(call(positive.xs(2006, level="year"), changing, **options))
    pd.testing.assert_frame_equal(whole, part)
    assert set(whole["year"]) == {2006}


@pytest.mark.parametrize("call", GLOBAL.values(), ids=GLOBAL)
def test_years_do_not_touch_each_other(call, positive, changing):
    options = {"permutations": 100, "seed": 5}
    both = table_of(call(positive, changing, year=[2005, 2006], **options))
    disturbed = positive.copy()
    disturbed.loc[(slice(None), 2007), :] *= np.linspace(1, 9, 36)[:, None]
    again = table_of(call(disturbed, changing, year=[2005, 2006], **options))
    pd.testing.assert_frame_equal(both, again)


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_the_same_seed_gives_the_same_numbers(call, positive, changing):
    one, same, other = (table_of(call(positive, changing, permutations=150, seed=seed)) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one["p_sim"].equals(other["p_sim"])
    untouched = [
        name for name in one if name not in {"p_sim", "p_adjusted", "cluster", "z_sim", "p_z", "expected"}
    ]
    pd.testing.assert_frame_equal(one[untouched], other[untouched])


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_the_global_generator_is_left_alone(call, positive, grid):
    np.random.seed(3)  # noqa: NPY002 the state that must not move
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    call(positive, grid, permutations=100, seed=1)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_input_is_left_alone(call, positive, grid):
    data, weights = positive.copy(), grid.copy()
    call(data, weights, permutations=100, seed=1)
    pd.testing.assert_frame_equal(data, positive)
    pd.testing.assert_frame_equal(weights, grid)


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_pvalues_are_probabilities_above_the_floor(call, positive, changing):
    table = table_of(call(positive, changing, permutations=199, seed=1))
    assert table["p_sim"].between(2 / 200, 1).all()
    for name in {"p_norm", "p_rand", "p_z", "p_adjusted"} & set(table):
        assert table[name].between(0, 1).all()


@pytest.mark.parametrize("call", GLOBAL.values(), ids=GLOBAL)
def test_tails_add_up(call, positive, changing):
    greater, less, both = (
        call(positive, changing, permutations=199, seed=1, alternative=tail)
        for tail in ("greater", "less", "two-sided")
    )
    # no draw ties with the observed statistic here: the two counts are all draws, and each tail adds 1 of 200
    assert (greater["p_sim"] + less["p_sim"]).tolist() == pytest.approx([201 / 200] * len(greater))
    smaller = np.minimum(greater["p_sim"], less["p_sim"])
    assert both["p_sim"].tolist() == pytest.approx(np.minimum(1, 2 * smaller).tolist())
    name = next(column for column in ("p_rand", "p_z") if column in greater)
    assert (greater[name] + less[name]).tolist() == pytest.approx([1.0] * len(greater))
    assert both[name].tolist() == pytest.approx((2 * np.minimum(greater[name], less[name])).tolist())


@pytest.mark.parametrize("call", LOCAL.values(), ids=LOCAL)
def test_local_tables_have_one_shape(call, positive, changing):
    result = call(positive, changing, permutations=99, seed=1)
    table, statistic = result.table, result.statistic
    names = [
        "unit",
        "year",
        "variable",
        statistic,
        "quadrant",
        "p_sim",
        "p_adjusted",
        "cluster",
        "expected",
        "z",
        "flag",
    ]
    assert list(table.columns) == names
    assert set(table["cluster"]) <= set(result.labels)
    assert set(table["flag"]) <= {"", "island", "zero", "fixed"}
    assert table.groupby(["variable", "year"]).size().eq(36).all()
    assert table["unit"].head(36).tolist() == list(range(36))
    summary = result.summary()
    assert list(summary.columns) == [
        "variable",
        "year",
        *result.labels,
        "tests",
        "p_sim",
        "p_adjusted",
        "p_floor",
    ]
    assert result.p_floor == 0.02


@pytest.mark.parametrize("call", LOCAL.values(), ids=LOCAL)
def test_local_z_and_p_tell_the_same_story(call, positive, grid):
    table = call(positive, grid, permutations=999, seed=1).table
    strong, weak = table[table["z"].abs() > 4], table[table["z"].abs() < 0.2]
    assert (strong["p_sim"] < 0.05).all()
    assert (weak["p_sim"] > 0.2).all()


@pytest.mark.parametrize("call", LOCAL.values(), ids=LOCAL)
def test_corrections_are_ordered(call, positive, grid):
    result = call(positive, grid, permutations=999, seed=1)
    by = {
        name: result.readjust(correction=name).table["p_adjusted"] for name in ("none", "fdr", "bonferroni")
    }
    assert (by["none"] <= by["fdr"]).all()
    assert (by["fdr"] <= by["bonferroni"]).all()
    assert result.table["p_adjusted"].equals(by["fdr"])


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_a_gap_is_named(call, positive, grid):
    hole = positive.copy()
    hole.loc[(7, 2006), "noise"] = np.nan
    with pytest.raises(GapError, match="7, noise, 2006"):
        call(hole, grid, permutations=100, seed=1)
    with pytest.raises(GapError, match="no such year"):
        call(positive, grid, year=2030, permutations=100, seed=1)


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_equal_values_are_refused(call, positive, grid):
    with pytest.raises(SpecificationError, match=r"same value \[noise, 2005\]"):
        call(positive.assign(noise=4.0), grid, permutations=100, seed=1)


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_other_units_are_refused(call, positive, grid):
    names = {0: 360}
    with pytest.raises(AlignmentError, match="360"):
        call(positive.rename(index=names, level=0), grid, permutations=100, seed=1)
    with pytest.raises(AlignmentError, match="years without weights"):
        call(positive, yrd.WeightsSeries({2005: grid}), permutations=100, seed=1)
    with pytest.raises(WeightsError):
        call(positive, grid.to_numpy(), permutations=100, seed=1)


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_impossible_numbers_of_permutations(call, positive, grid):
    with pytest.raises(SpecificationError, match="permutations = 0"):
        call(positive, grid, permutations=0, seed=1)


@pytest.mark.parametrize("call", LOCAL.values(), ids=LOCAL)
def test_impossible_corrections(call, positive, grid):
    with pytest.raises(SpecificationError, match='choose "fdr", "bonferroni" or "none"'):
        call(positive, grid, permutations=9, seed=1, correction="holm")


@pytest.mark.parametrize("call", GLOBAL.values(), ids=GLOBAL)
def test_impossible_alternatives(call, positive, grid):
    with pytest.raises(SpecificationError, match='"two-sided", "greater" or "less"'):
        call(positive, grid, permutations=100, seed=1, alternative="both")


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_a_seed_is_required(call, positive, grid):
    with pytest.raises(TypeError, match="seed"):
        call(positive, grid, permutations=100)


@pytest.mark.parametrize("call", EVERY.values(), ids=EVERY)
def test_messages_are_one_line(call, positive, grid):
    with pytest.raises(YrdSpatialError) as caught:
        call(positive.assign(noise=1.0), grid, permutations=100, seed=1)
    assert "\n" not in str(caught.value)
    assert caught.value.cure
