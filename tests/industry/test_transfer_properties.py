"""What must hold for every measure of transfer: labels, scale, windows of one's own, and merging of units."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.industry.transfer import ADDITIVE, MEASURES
from yrdspatial.panel.breaks import load_breaks
from yrdspatial.panel.panel import Panel

few = settings(max_examples=10, deadline=None, derandomize=True)
UNITS, YEARS = list("abcd"), list(range(2000, 2006))
amounts = arrays(float, (4, 6, 2), elements=st.floats(1.0, 500))


def frame_of(values):
    index = pd.MultiIndex.from_product([UNITS, YEARS], names=["unit", "year"])
    return pd.DataFrame(values.reshape(24, 2), index, ["q", "m"])


def moved(panel, measure, base=2000, end=2005, **options):
    total = "m" if measure == "net_share_change" else None
    return yrd.industrial_transfer(panel, "q", base=base, end=end, measure=measure, total=total, **options)


def own_break(after, *, windows):
    """Make a synthetic blocking break of column q after a year."""
    row = load_breaks().iloc[[0]]
    return row.assign(
        strand="own",
        variables="q",
        year_from=after,
        year_to=after + 1,
        windows=windows,
        note="made up",
        blocking=True,
    )


@pytest.mark.parametrize("measure", MEASURES)
@few
@given(values=amounts, random=st.randoms(use_true_random=False))
def test_rows_in_any_order(measure, values, random):
    rows = list(range(24))
    random.shuffle(rows)
    base = moved(Panel.from_frame(frame_of(values)), measure)
    np.testing.assert_array_equal(moved(Panel.from_frame(frame_of(values).iloc[rows]), measure), base)


@pytest.mark.parametrize("measure", MEASURES)
@few
@given(values=amounts)
def test_units_under_other_names(measure, values):
    base = moved(Panel.from_frame(frame_of(values)), measure)
    names = {"a": "z", "b": "y", "c": "x", "d": "w"}
    renamed = moved(Panel.from_frame(frame_of(values).rename(index=names, level="unit")), measure)
    np.testing.assert_allclose(renamed[[names[unit] for unit in UNITS]], base, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("measure", [measure for measure in MEASURES if measure != "counterfactual"])
@few
@given(values=amounts, factor=st.floats(1e-3, 1e3))
def test_the_unit_of_money_does_not_matter(measure, values, factor):
    one = moved(Panel.from_frame(frame_of(values)), measure)
    two = moved(Panel.from_frame(frame_of(values) * factor), measure)
    np.testing.assert_allclose(two, one, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("measure", ["share_change", "counterfactual", "net_share_change"])
@few
@given(values=amounts)
def test_merging_two_units_adds_their_transfers(measure, values):
    base = moved(Panel.from_frame(frame_of(values)), measure)
    merged = frame_of(values).reset_index().replace({"unit": {"b": "a"}}).groupby(["unit", "year"]).sum()
    joint = moved(Panel.from_frame(merged), measure)
    assert joint["a"] == pytest.approx(base["a"] + base["b"], abs=1e-7)
    np.testing.assert_allclose(joint[["c", "d"]], base[["c", "d"]], atol=1e-7)


@few
@given(values=amounts)
def test_churning_is_smaller_after_merging(values):
    base = moved(Panel.from_frame(frame_of(values)), "churning").sum()
    merged = frame_of(values).reset_index().replace({"unit": {"b": "a"}}).groupby(["unit", "year"]).sum()
    assert moved(Panel.from_frame(merged), "churning").sum() <= base + 1e-12


@pytest.mark.parametrize("measure", ["share_change", "net_share_change"])
@few
@given(values=amounts)
def test_share_changes_add_up_over_years(measure, values):
    panel = Panel.from_frame(frame_of(values))
    steps = [moved(panel, measure, base, end) for base, end in itertools.pairwise(YEARS)]
    np.testing.assert_allclose(sum(steps), moved(panel, measure), atol=1e-8)


@few
@given(values=amounts)
def test_growth_quotient_and_its_annual_form_agree_over_one_year(values):
    panel = Panel.from_frame(frame_of(values))
    one = moved(panel, "dynamic_agglomeration", 2000, 2001)
    annual = moved(panel, "dynamic_agglomeration_annual", 2000, 2001)
    finite = np.isfinite(one) & np.isfinite(annual)
    np.testing.assert_allclose(annual[finite], one[finite], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("measure", MEASURES)
def test_own_breaks_are_respected(measure):
    values = np.arange(1.0, 49).reshape(4, 6, 2)
    panel = Panel.from_frame(frame_of(values), breaks=own_break(2002, windows="2000-2002 2003-"))
    with pytest.raises(SpecificationError, match=r"own, 2002-2003.: stay inside 2000-2002 or 2003-2005"):
        moved(panel, measure)
    across = moved(panel, measure, across_breaks=True)
    assert across.attrs["notes"][0] == "across the break 2002-2003: made up"
    total = "m" if measure == "net_share_change" else None
    table = yrd.windowed_transfer(panel, "q", measure=measure, total=total)
    assert table.columns.tolist() == ["2000-2002", "2003-2005", *(["sum"] if measure in ADDITIVE else [])]
    np.testing.assert_array_equal(table["2003-2005"], moved(panel, measure, 2003, 2005))


@pytest.mark.parametrize("measure", MEASURES)
def test_without_breaks_there_is_one_window(measure):
    panel = Panel.from_frame(frame_of(np.arange(1.0, 49).reshape(4, 6, 2)))
    total = "m" if measure == "net_share_change" else None
    table = yrd.windowed_transfer(panel, "q", measure=measure, total=total)
    np.testing.assert_array_equal(table["2000-2005"], moved(panel, measure))


@pytest.mark.parametrize("measure", MEASURES)
def test_the_note_under_a_table_is_complete(measure):
    panel = yrd.load_panel()
    result = yrd.industrial_transfer(panel, "producer_services_4", base=2013, end=2017, measure=measure)
    assert set(result.attrs) == {"measure", "basis", "reference", "variant", "notes"}
    assert result.attrs["basis"] == "employment"
    assert result.attrs["variant"].startswith(f"{measure}, 2013-2017, ")
    assert any("Suzhou (Anhui) 2017" in note for note in result.attrs["notes"])
    assert result.name == measure


def test_several_columns_are_summed_first():
    panel = yrd.load_panel()
    columns = yrd.sector_sets()["producer_services_4"]
    joint = panel.assign(services=panel.frame[columns].sum(axis=1, min_count=4))
    one = yrd.industrial_transfer(panel, columns, base=2013, end=2019, measure="share_change")
    two = yrd.industrial_transfer(joint, "services", base=2013, end=2019, measure="share_change")
    np.testing.assert_allclose(one, two, atol=1e-12)
