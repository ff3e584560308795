"""Industrial transfer: identities, the breaks of the real panel and their sign facts, agreement of measures."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yrdspatial import load_panel, load_units, sector_sets
from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.industry.shift_share import shift_share
from yrdspatial.industry.transfer import (
    ADDITIVE,
    MEASURES,
    industrial_transfer,
    sector_columns,
    sector_windows,
    transfer_agreement,
    windowed_transfer,
)
from yrdspatial.panel.panel import Panel

few = settings(max_examples=15, deadline=None, derandomize=True)
moves = arrays(float, (2, 6), elements=st.floats(1.0, 500))


@pytest.fixture(scope="module")
def panel():
    return load_panel()


def own_panel(amounts, other=None):
    """Make a synthetic panel of two years."""
    index = pd.MultiIndex.from_product([[2000, 2004], list("abcdef")], names=["year", "unit"])
    columns = {"q": amounts.ravel()} | ({} if other is None else {"m": other.ravel()})
    return Panel.from_frame(pd.DataFrame(columns, index))


def moved(panel, measure, **options):
    return industrial_transfer(panel, "q", base=2000, end=2004, measure=measure, **options)


@few
@given(moves)
def test_sums_to_zero_and_ranges(amounts):
    panel = own_panel(amounts)
    assert moved(panel, "share_change").sum() == pytest.approx(0, abs=1e-9)
    assert moved(panel, "counterfactual").sum() == pytest.approx(0, abs=1e-8)
    assert moved(panel, "share_change").between(-100, 100).all()
    assert (moved(panel, "relative_share_change") >= -1).all()
    churning = moved(panel, "churning")
    assert 0 <= churning.sum() <= 1
    np.testing.assert_allclose(churning, moved(panel, "share_change").abs() / 200, atol=1e-12)


@few
@given(moves, st.floats(1e-2, 1e2))
def test_scale_of_money_does_not_matter_for_shares(amounts, factor):
    base, scaled = own_panel(amounts), own_panel(amounts * np.array([[1.0], [factor]]))
    for measure in ("share_change", "relative_share_change", "churning"):
        np.testing.assert_allclose(moved(scaled, measure), moved(base, measure), atol=1e-8)
    doubled = own_panel(amounts * 2)
    np.testing.assert_allclose(moved(doubled, "counterfactual"), 2 * moved(base, "counterfactual"), atol=1e-8)


@few
@given(moves)
def test_counterfactual_is_the_regional_part_of_shift_share(amounts):
    before, after = (pd.DataFrame({"q": row}, index=list("abcdef")) for row in amounts)
    regional = shift_share(before, after)["regional"].xs("q", level="sector")
    np.testing.assert_allclose(moved(own_panel(amounts), "counterfactual"), regional, atol=1e-8)


@few
@given(moves, moves)
def test_net_of_growth_is_the_difference_of_two_share_changes(amounts, other):
    panel = own_panel(amounts, other)
    whole = industrial_transfer(panel, "m", base=2000, end=2004, measure="share_change")
    net = moved(panel, "net_share_change", total="m")
    np.testing.assert_allclose(net, moved(panel, "share_change") - whole, atol=1e-9)
    assert moved(panel, "net_share_change", total="q").abs().max() < 1e-12


def test_zero_cases_are_defined():
    amounts = np.array([[0.0, 5, 5, 5, 5, 0], [10.0, 5, 5, 0, 0, 0]])
    panel = own_panel(amounts)
    relative = moved(panel, "relative_share_change")
    assert relative["a"] == np.inf
    assert relative["d"] == -1
    assert np.isnan(relative["f"])
    assert relative.attrs["notes"] == ("0/0, not defined: f",)
    dynamic = moved(panel, "dynamic_agglomeration")
    assert np.isnan(dynamic["b"])  # neither the unit nor the sum grew


def test_sign_facts_of_the_break_of_2013(panel):
    """Across the break Jiangsu gains and Zhejiang loses; inside the windows it is the other way round."""
    province = load_units()["province_en"]
    naive = industrial_transfer(
        panel, "manufacturing", base=2005, end=2019, measure="share_change", across_breaks=True
    )
    inside = windowed_transfer(panel, "manufacturing")["sum"]
    naive, inside = (part.groupby(province).sum().round(1) for part in (naive, inside))
    assert naive[["Jiangsu", "Zhejiang"]].tolist() == [7.0, -2.3]
    assert inside[["Jiangsu", "Zhejiang"]].tolist() == [-4.1, 5.0]


def test_the_one_year_of_the_break_moves_eleven_points(panel):
    # from 2012 to 2013: Jiangsu +11.0, Zhejiang -7.3, Shanghai -4.1, Anhui +0.4 points of delta manufacturing
    jump = industrial_transfer(
        panel, "manufacturing", base=2012, end=2013, measure="share_change", across_breaks=True
    )
    by_province = jump.groupby(load_units()["province_en"]).sum().round(1)
    assert by_province[["Jiangsu", "Zhejiang", "Shanghai", "Anhui"]].tolist() == [11.0, -7.3, -4.1, 0.4]


def test_a_change_across_a_break_is_refused_unless_asked_for(panel):
    message = r"break lies between .*employment, 2012-2013.: stay inside 2005-2012 or 2013-2019"
    with pytest.raises(SpecificationError, match=message):
        industrial_transfer(panel, "manufacturing", base=2005, end=2019, measure="share_change")
    with pytest.raises(
        SpecificationError, match=r"tertiary value added, 2018-2019.: stay inside .* 2019-2022"
    ):
        industrial_transfer(panel, "va_tertiary", base=2010, end=2020, measure="share_change")
    with pytest.raises(SpecificationError, match="tertiary value added"):
        industrial_transfer(panel, "va_secondary", base=2010, end=2020, measure="net_share_change")
    across = industrial_transfer(
        panel, "va_tertiary", base=2018, end=2019, measure="share_change", across_breaks=True
    )
    assert across.attrs["notes"][0].startswith("across the break 2018-2019: fourth economic census")


def test_secondary_value_added_reaches_the_last_year(panel):
    change = industrial_transfer(panel, "va_secondary", base=2006, end=2022, measure="share_change")
    assert change.sum() == pytest.approx(0, abs=1e-9)
    assert change.attrs["basis"] == "value added"
    windows = windowed_transfer(panel, "va_secondary")
    assert windows.columns.tolist() == ["2003-2022", "sum"]


def test_flags_of_the_two_years_travel_along(panel):
    result = industrial_transfer(panel, "emp_B_mining", base=2013, end=2017, measure="share_change")
    notes = " | ".join(result.attrs["notes"])
    assert "imputed" in notes
    assert "Suzhou (Anhui) 2017" in notes
    assert not any(note.startswith("suspect") and "2014" in note for note in result.attrs["notes"])
    assert result.attrs["variant"] == "share_change, 2013-2017, emp_B_mining"


def test_jumps_of_single_units_inside_the_years_are_told(panel):
    notes = industrial_transfer(panel, "va_secondary", base=2006, end=2022, measure="share_change").attrs[
        "notes"
    ]
    assert any(note.startswith("boundary: Chaohu was abolished in 2011") for note in notes)
    assert any("the accounts of 2015 are already on the new boundaries" in note for note in notes)
    inside = windowed_transfer(panel, "manufacturing").attrs["notes"]
    assert any(note.startswith("scope: Shanghai 2011 and 2012") for note in inside)
    assert any(note.startswith("scope: Suzhou (Anhui) 2015-2016") for note in inside)
    quiet = industrial_transfer(panel, "va_secondary", base=2016, end=2018, measure="share_change").attrs[
        "notes"
    ]
    assert not any(note.startswith(("boundary", "scope")) for note in quiet)


def test_windows_add_up_only_for_additive_measures(panel):
    for measure in MEASURES:
        table = windowed_transfer(panel, "producer_services_5", measure=measure)
        assert list(table.columns[:2]) == ["2005-2012", "2013-2019"]
        assert ("sum" in table) == (measure in ADDITIVE)
        first = industrial_transfer(panel, "producer_services_5", base=2005, end=2012, measure=measure)
        np.testing.assert_array_equal(table["2005-2012"], first)


def test_windows_may_be_cut(panel):
    table = windowed_transfer(panel, "manufacturing", base=2007, end=2012)
    assert table.columns.tolist() == ["2007-2012", "sum"]
    with pytest.raises(SpecificationError, match="no window has two years"):
        windowed_transfer(panel, "manufacturing", base=2012, end=2013)


def test_windows_of_sectors(panel):
    assert sector_windows(panel, ["va_tertiary"]) == [(2003, 2018), (2019, 2022)]
    assert sector_windows(own_panel(np.ones((2, 6))), ["q"]) == [(2000, 2004)]
    net = windowed_transfer(panel, "va_secondary", measure="net_share_change")
    assert net.columns.tolist() == ["2003-2018", "2019-2022", "sum"]


def test_sector_names():
    assert sector_columns("producer_services_4") == sector_sets()["producer_services_4"]
    assert sector_columns(["gdp", "va_primary"]) == ["gdp", "va_primary"]


def test_agreement_is_spearman_of_scipy(panel):
    table = transfer_agreement(panel, "manufacturing", base=2013, end=2019)
    assert table.shape == (6, 6)
    assert "churning" not in table
    parts = {
        name: industrial_transfer(panel, "manufacturing", base=2013, end=2019, measure=name) for name in table
    }
    for one, two in (
        ("share_change", "net_share_change"),
        ("dynamic_agglomeration", "relative_share_change"),
    ):
        expected = scipy.stats.spearmanr(parts[one], parts[two]).statistic
        assert table.loc[one, two] == pytest.approx(expected, abs=1e-12)
    assert table.loc["share_change", "counterfactual"] == pytest.approx(1)


def test_requests_that_make_no_sense(panel):
    with pytest.raises(SpecificationError, match="measure=growth"):
        industrial_transfer(panel, "manufacturing", base=2005, end=2012, measure="growth")
    with pytest.raises(SpecificationError, match="not after the base"):
        industrial_transfer(panel, "manufacturing", base=2012, end=2005, measure="share_change")
    with pytest.raises(SpecificationError, match="total of a sector is not known"):
        industrial_transfer(panel, "fdi_utilised", base=2006, end=2010, measure="net_share_change")
    with pytest.raises(GapError, match=r"all units 2021"):
        industrial_transfer(panel, "manufacturing", base=2014, end=2021, measure="share_change")
    with pytest.raises(SpecificationError, match=r"needs a Panel .DataFrame.: a Panel knows its breaks"):
        industrial_transfer(panel.frame, "manufacturing", base=2005, end=2019, measure="share_change")
    with pytest.raises(GapError, match="no such column"):
        industrial_transfer(panel, "steel", base=2006, end=2010, measure="share_change")
