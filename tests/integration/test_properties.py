"""What must hold for the integration measures on any data, and how they meet the panel."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import yrdspatial as yrd

few = settings(max_examples=15, deadline=None, derandomize=True)
UNITS, YEARS = list("abcdef"), [2001, 2002, 2003]
GROUPS = pd.Series({"a": "x", "b": "x", "c": "y", "d": "y", "e": "y", "f": "z"})
levels = arrays(float, (6, 3), elements=st.floats(0.5, 200))


def long(values, name="y"):
    index = pd.MultiIndex.from_product([UNITS, YEARS], names=["unit", "year"])
    return pd.Series(values.ravel(), index, name=name)


@few
@given(levels, levels)
def test_theil_of_a_panel_is_theil_of_its_years(y, p):
    table = yrd.theil(long(y).sample(frac=1, random_state=1), long(p), groups=GROUPS)
    for t, year in enumerate(YEARS):
        one = yrd.theil(pd.Series(y[:, t], UNITS), pd.Series(p[:, t], UNITS), groups=GROUPS)
        np.testing.assert_allclose(table.loc[year], one.iloc[0], atol=1e-12)


@few
@given(levels, levels)
def test_theil_is_not_negative_and_merging_groups_moves_between_to_within(y, p):
    fine = yrd.theil(long(y), long(p), groups=GROUPS)
    coarse = yrd.theil(long(y), long(p), groups=GROUPS.replace({"z": "y"}))
    whole = yrd.theil(long(y), long(p), groups=GROUPS.replace({"z": "x", "y": "x"}))
    assert (fine[["total", "between", "within"]] > -1e-12).all(axis=None)
    np.testing.assert_allclose(coarse["total"], fine["total"], atol=1e-12)
    assert (coarse["between"] <= fine["between"] + 1e-12).all()
    np.testing.assert_allclose(whole["between"], 0, atol=1e-12)


@few
@given(levels)
def test_theil_of_a_group_a_unit_is_all_between(y):
    alone = yrd.theil(long(y), groups=pd.Series(UNITS, UNITS))
    np.testing.assert_allclose(alone["within"], 0, atol=1e-12)
    np.testing.assert_allclose(alone["between"], yrd.theil(long(y), groups=None)["total"], atol=1e-12)


@few
@given(levels, st.floats(1e-3, 1e3))
def test_theil_with_population_does_not_change_when_a_unit_is_cut_in_two(y, factor):
    amounts, people = pd.Series(y[:, 0], UNITS), pd.Series(y[:, 1], UNITS)
    cut = pd.concat([amounts, pd.Series({"g": amounts["f"] / 3})])
    cut["f"] = amounts["f"] * 2 / 3
    folk = pd.concat([people, pd.Series({"g": people["f"] / 3})])
    folk["f"] = people["f"] * 2 / 3
    one = yrd.theil(amounts * factor, people, groups=None)
    np.testing.assert_allclose(yrd.theil(cut, folk, groups=None), one, atol=1e-10)


@few
@given(levels, st.floats(1e-3, 1e3))
def test_dispersion_does_not_depend_on_the_unit_of_money(y, factor):
    one, two = yrd.sigma_convergence(long(y)), yrd.sigma_convergence(long(y) * factor)
    np.testing.assert_allclose(two, one, atol=1e-9)


@few
@given(levels)
def test_units_that_grow_alike_keep_their_dispersion_and_have_no_beta(y):
    start = np.sort(y[:, 0]) + np.arange(6)
    same = np.stack([start, start * 1.1, start * 1.21], axis=1)
    assert yrd.sigma_convergence(long(same))["sd_log"].std() < 1e-12
    found = yrd.beta_convergence(long(same), base=2001, end=2003)
    assert found.coefficient == pytest.approx(0, abs=1e-12)


@few
@given(st.lists(st.floats(-100, 100), min_size=3, max_size=12))
def test_a_trend_backwards_has_the_opposite_sign_and_order_alone_counts(values):
    series = pd.Series(values)
    forth, back = yrd.mann_kendall(series), yrd.mann_kendall(series.iloc[::-1])
    assert forth["S"] == -back["S"]
    assert forth["p"] == pytest.approx(back["p"])
    ranks = yrd.mann_kendall(series.rank(method="dense"))
    np.testing.assert_allclose(ranks, forth)
    assert 0 <= forth["p"] <= 1


@few
@given(arrays(float, (6, 2), elements=st.floats(0, 1)))
def test_scaling_keeps_order_and_turning_reverses_it(values):
    frame = pd.DataFrame(values, UNITS, ["good", "bad"])
    scaled = yrd.scale_scores(frame, {"good": (0, 2), "bad": (0, 1)}, negative=["bad"])
    np.testing.assert_allclose(scaled["good"], frame["good"] / 2)
    np.testing.assert_allclose(scaled["bad"], 1 - frame["bad"])


@few
@given(arrays(float, (6, 3), elements=st.floats(0, 1)))
def test_entropy_weights_sum_to_one_or_are_not_defined(values):
    table = yrd.entropy_weights(pd.DataFrame(values, UNITS, list("pqr")))
    assert (table["entropy"] <= 1 + 1e-12).all()
    assert table["weight"].isna().all() or table["weight"].sum() == pytest.approx(1)


@few
@given(arrays(float, (3, 6, 4), elements=st.floats(80, 125)))
def test_segmentation_of_a_panel_is_that_of_its_years(values):
    prices = pd.concat({year: pd.DataFrame(p, UNITS) for year, p in zip(YEARS, values, strict=True)})
    prices.index.names = ["year", "unit"]
    found = yrd.market_segmentation(prices, pairs="all")
    for year, p in zip(YEARS, values, strict=True):
        one = yrd.market_segmentation(pd.DataFrame(p, UNITS), pairs="all")
        np.testing.assert_allclose(found.units.xs(year, level="year"), one.units, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found.pairs.xs(year, level="year"), one.pairs, rtol=1e-9, atol=1e-12)


def test_coupling_of_manufacturing_and_services_on_the_panel():
    panel = yrd.load_panel().select(columns=yrd.sector_sets()["sectors_19"])
    sets = yrd.sector_sets()
    groups = {name: sets[name] for name in ("manufacturing", "producer_services_5")}
    quotients = yrd.location_quotient(panel, groups=groups)
    scores = yrd.scale_scores(quotients, dict.fromkeys(groups, (0, 4)))
    result = yrd.coupling_coordination(scores, variant="modified")
    assert result.index.equals(quotients.index)
    assert result.attrs["measure"] == "coupling coordination"
    assert any("imputed" in note for note in result.attrs["notes"])  # the flags of the panel came all the way
    assert ((result >= 0) & (result <= 1)).all(axis=None)
    early = quotients.loc[pd.IndexSlice[:, 2003:2010], :]
    again = yrd.coupling_coordination(
        yrd.scale_scores(early, dict.fromkeys(groups, (0, 4))), variant="modified"
    )
    pd.testing.assert_frame_equal(again, result.loc[early.index])


def test_segmentation_with_the_neighbours_of_the_delta():
    rng = np.random.default_rng(8)
    units = yrd.load_units().index
    prices = pd.DataFrame(100 + rng.normal(0, 3, (41, 8)), units)
    found = yrd.market_segmentation(prices, pairs=yrd.contiguity_weights())
    assert len(found.pairs) == 100
    assert found.units["pairs"].sum() == 200
    assert found.notes == ()
    kept = yrd.market_segmentation(prices, pairs=yrd.contiguity_weights(islands="keep"))
    assert kept.notes == ("no pair in some year: Zhoushan",)
    assert np.isnan(kept.units.loc[330900, "segmentation"])
