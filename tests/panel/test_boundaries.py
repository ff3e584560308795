"""One set of boundaries: sums against the figures of the members, and every affected figure told."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.datasets import read_table
from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.panel.boundaries import harmonise_boundaries

CHAOHU, HEFEI, WUHU, MAANSHAN = 341400, 340100, 340200, 340500
HUAINAN, LUAN, TONGLING, ANQING = 340400, 341500, 340700, 340800
GROUPS = ([HEFEI, WUHU, MAANSHAN], [HUAINAN, LUAN], [TONGLING, ANQING])
ADDITIVE = ["gdp", "va_tertiary", "employed_units_total", "emp_education", "emp_C_manufacturing"]
# made-up shares: no county figures ship
SHARES = pd.DataFrame(
    [
        (CHAOHU, HEFEI, 0.4),
        (CHAOHU, WUHU, 0.3),
        (CHAOHU, MAANSHAN, 0.3),
        (ANQING, TONGLING, 0.15),
        (LUAN, HUAINAN, 0.1),
    ],
    columns=["from_adcode", "to_adcode", "share"],
)


@pytest.fixture(scope="module")
def panel():
    return yrd.load_panel()


@pytest.fixture(scope="module")
def merged(panel):
    return harmonise_boundaries(panel)


@pytest.fixture(scope="module")
def moved(panel):
    return harmonise_boundaries(panel, shares=SHARES)


def chaohu(variable):
    table = read_table("panels/chaohu.csv")
    return table.loc[table["variable"] == variable].set_index("year")["value"]


# merging


@pytest.mark.parametrize("variable", ADDITIVE)
@pytest.mark.parametrize("group", GROUPS)
def test_a_merged_figure_is_the_sum_of_its_members(panel, merged, variable, group):
    wide = panel.frame[variable].unstack("unit")[group].sum(axis=1, skipna=False)
    if HEFEI in group:
        wide = wide.add(chaohu(variable).reindex(wide.index[wide.index <= 2010]), fill_value=0)
    found = merged.frame[variable].xs(min(group), level="unit")
    assert np.allclose(found, wide.reindex(found.index), rtol=1e-12, equal_nan=True)


def test_other_units_are_left_alone(panel, merged):
    touched = [code for group in GROUPS for code in group]
    rest = panel.frame.drop(index=touched, level="unit")
    pd.testing.assert_frame_equal(
        merged.frame.drop(index=[min(group) for group in GROUPS], level="unit"), rest
    )
    assert len(merged.units) == 41 - len(touched) + len(GROUPS)


def test_what_chaohu_does_not_tell_is_a_gap_and_told(merged):
    revenue = merged.frame["fiscal_revenue"].xs(HEFEI, level="unit")
    assert revenue.loc[:2010].isna().all()
    assert revenue.loc[2011:].notna().all()
    flags = merged.flags.query("unit == @HEFEI and variable == 'fiscal_revenue' and year == 2008")
    assert flags["flag"].str.startswith("gap: Hefei + Wuhu + Ma'anshan + ").any()


def test_restated_columns_are_added_without_chaohu(panel, merged):
    wide = panel.frame["population_resident_adj"].unstack("unit")[GROUPS[0]].sum(axis=1, skipna=False)
    found = merged.frame["population_resident_adj"].xs(HEFEI, level="unit")
    assert np.allclose(found, wide, rtol=1e-12, equal_nan=True)


def test_rates_are_weighted_and_never_added(panel, merged):
    frame = panel.frame
    gdp, share, index = (
        frame[name].unstack("unit")[GROUPS[1]] for name in ("gdp", "share_tertiary", "gdp_index_prev100")
    )
    found = merged.frame.xs(HUAINAN, level="unit")
    assert found.loc[2021, "share_tertiary"] == pytest.approx(
        (gdp * share).loc[2021].sum() / gdp.loc[2021].sum()
    )
    weights = gdp.loc[2020]
    assert found.loc[2021, "gdp_index_prev100"] == pytest.approx(
        (weights * index.loc[2021]).sum() / weights.sum()
    )
    assert merged.frame["gdp_index_prev100"].dropna().between(50, 150).all()
    hefei = merged.frame["gdp_index_prev100"].xs(HEFEI, level="unit")
    assert hefei.loc[:2011].isna().all()
    assert hefei.loc[2012:].notna().all()


def test_a_price_without_weights_is_a_gap(merged):
    assert merged.frame["avg_wage_staff"].xs(TONGLING, level="unit").isna().all()


def test_every_merged_figure_is_told(merged):
    told = merged.flags.query("source == 'harmonise_boundaries'")
    for group in GROUPS:
        rows = told.loc[told["unit"] == min(group)]
        assert len(rows) == len(merged.years) * merged.frame.shape[1]
        assert rows["flag"].str.match("merged: |gap: ").all()
    assert set(merged.flags["unit"]) <= set(merged.units)


def test_the_cured_breaks_are_gone(panel, merged):
    assert (panel.breaks()["kind"] == "boundary").any()
    assert not (merged.breaks()["kind"] == "boundary").any()
    assert len(merged.breaks()) == (panel.breaks()["kind"] != "boundary").sum()


def test_the_panel_that_was_given_is_unchanged(panel, merged):
    assert len(panel.units) == 41
    assert merged is not panel


@pytest.mark.parametrize(
    ("years", "units"), [(range(2017, 2023), 41), (range(2012, 2023), 39), (range(2003, 2011), 37)]
)
def test_only_changes_between_the_years_and_the_boundary_count(panel, years, units):
    assert len(harmonise_boundaries(panel.select(years=years)).units) == units


def test_a_part_of_a_change_is_refused(panel):
    with pytest.raises(AlignmentError, match=r"lacks units of a boundary change \[.*Wuhu"):
        harmonise_boundaries(panel.select(units=[u for u in panel.units if u != WUHU]))


# moving by shares


def test_shares_move_figures_before_the_change_and_keep_the_sum(panel, moved):
    before, after = panel.frame["gdp"].unstack("unit"), moved.frame["gdp"].unstack("unit")
    assert after.loc[2008, HEFEI] == pytest.approx(before.loc[2008, HEFEI] + 0.4 * chaohu("gdp")[2008])
    assert after.loc[2012, HEFEI] == before.loc[2012, HEFEI]
    assert after.loc[2014, TONGLING] == pytest.approx(
        before.loc[2014, TONGLING] + 0.15 * before.loc[2014, ANQING]
    )
    assert after.loc[2014, ANQING] == pytest.approx(0.85 * before.loc[2014, ANQING])
    assert after.loc[2015].equals(before.loc[2015])
    total = after.sum(axis=1) - before.sum(axis=1)
    assert np.allclose(total.loc[:2010], chaohu("gdp").loc[2003:2010], rtol=1e-9)
    assert np.allclose(total.loc[2011:], 0, atol=1e-6)


def test_moved_figures_tell_how_much_and_from_whom(moved):
    (row,) = moved.flags.query("unit == @TONGLING and year == 2014 and variable == 'gdp'").to_dict("records")
    assert row["flag"].startswith("moved: +")
    assert row["flag"].endswith("(0.15 of Anqing)")


def test_what_cannot_be_moved_stays_and_is_a_break(panel, moved):
    for variable in ("gdp_index_prev100", "avg_wage_staff", "fiscal_revenue"):
        assert moved.frame[variable].loc[HEFEI].equals(panel.frame[variable].loc[HEFEI])
        rows = moved.flags.query("unit == @HEFEI and variable == @variable and year < 2011")
        assert rows["flag"].str.startswith("break: ").sum() == 8
    rows = moved.flags.query(
        "unit == @TONGLING and variable == 'emp_education' and flag.str.startswith('break: ')"
    )
    assert rows["flag"].str.contains("is not known").all()
    assert sorted(rows["year"]) == list(range(2003, 2016))


def test_a_change_without_a_share_is_a_break(panel):
    only = harmonise_boundaries(panel, shares=SHARES.iloc[:3])
    assert only.frame["gdp"].loc[TONGLING].equals(panel.frame["gdp"].loc[TONGLING])
    rows = only.flags.query("unit == @TONGLING and variable == 'gdp'")
    assert rows["flag"].str.startswith("break: ").sum() == 12


def test_shares_may_differ_by_column(panel):
    own = SHARES.assign(variable="va_*")
    result = harmonise_boundaries(panel, shares=own).frame
    assert result["gdp"].equals(panel.frame["gdp"])
    assert not result["va_primary"].equals(panel.frame["va_primary"])


@pytest.mark.parametrize(
    ("shares", "what"),
    [
        (SHARES.drop(columns="share"), "shares lack share"),
        (SHARES.assign(share=1.5), "shares do not add up"),
        (SHARES.iloc[:2], "shares do not add up"),
        (SHARES.assign(to_adcode=310000), "no such boundary change"),
    ],
)
def test_shares_that_make_no_sense_are_refused(panel, shares, what):
    with pytest.raises(SpecificationError, match=what):
        harmonise_boundaries(panel, shares=shares)


def test_shares_do_not_move_figures_back(panel):
    with pytest.raises(SpecificationError, match="later boundaries only"):
        harmonise_boundaries(panel, boundary=2008, shares=SHARES)
