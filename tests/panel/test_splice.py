"""Chained growth, against loops written out here; made-up series, and the product of the panel."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, GapError
from yrdspatial.panel.splice import deflate, splice

YEARS = range(2015, 2022)
ROWS = pd.MultiIndex.from_product([["A", "B"], YEARS], names=["unit", "year"])


@pytest.fixture
def series():
    rng = np.random.default_rng(4)
    return pd.Series(rng.uniform(50, 90, 14), ROWS, name="gdp"), pd.Series(rng.uniform(101, 112, 14), ROWS)


@pytest.mark.parametrize("base", [2015, 2018, 2021])
def test_the_base_year_is_carried_by_the_index(series, base):
    values, index = series
    real = deflate(values, index, base=base)
    for unit in "AB":
        level = values[unit, base]
        assert real[unit, base] == pytest.approx(level, rel=1e-14)
        for year in range(base + 1, 2022):
            level *= index[unit, year] / 100
            assert real[unit, year] == pytest.approx(level, rel=1e-12)
        level = values[unit, base]
        for year in range(base, 2015, -1):
            level /= index[unit, year] / 100
            assert real[unit, year - 1] == pytest.approx(level, rel=1e-12)


def test_levels_of_other_years_do_not_enter(series):
    values, index = series
    changed = values.where(values.index.get_level_values("year") == 2018, 1e6)
    pd.testing.assert_series_equal(deflate(values, index, base=2018), deflate(changed, index, base=2018))


def test_another_base_changes_the_scale_only(series):
    values, index = series
    ratio = deflate(values, index, base=2016) / deflate(values, index, base=2020)
    assert ratio.groupby("unit").std().max() < 1e-12


def test_a_hole_in_the_index_breaks_the_chain_there(series):
    values, index = series
    index = index.copy()
    index["A", 2020] = np.nan
    index["A", 2016] = np.nan
    real = deflate(values, index, base=2018)["A"]
    assert real.index[real.notna()].tolist() == [2016, 2017, 2018, 2019]


def test_the_order_of_rows_and_levels_does_not_matter(series):
    values, index = series
    real = deflate(values, index, base=2018)
    mixed = deflate(values.sample(frac=1, random_state=1), index.sample(frac=1, random_state=2), base=2018)
    pd.testing.assert_series_equal(mixed.sort_index(), real)
    swapped = deflate(values, index.swaplevel(), base=2018)
    assert swapped.swaplevel().sort_index().tolist() == real.tolist()


def test_a_base_year_without_a_value_is_an_error(series):
    values, index = series
    with pytest.raises(GapError, match=r"the base year has no value \[1999"):
        deflate(values, index, base=1999)
    values = values.copy()
    values["B", 2018] = np.nan
    with pytest.raises(GapError, match=r"\[2018 B\]"):
        deflate(values, index, base=2018)


def test_real_growth_of_the_panel_is_free_of_the_census():
    frame = yrd.load_panel().frame
    real = deflate(frame["gdp"], frame["gdp_index_prev100"], base=2020)
    growth = real.groupby("unit").pct_change()
    wanted = frame["gdp_index_prev100"] / 100 - 1
    both = pd.concat([growth, wanted], axis=1).dropna()
    assert (both.iloc[:, 0] - both.iloc[:, 1]).abs().max() < 1e-12


def test_the_growth_of_the_old_series_is_kept_before_the_revision(series):
    old, _ = series
    new = old[old.index.get_level_values("year") >= 2018] * 1.2 + 3
    whole = splice(old, new)
    assert whole[new.index].tolist() == new.tolist()
    for unit in "AB":
        for year in range(2016, 2019):
            growth = whole[unit, year] / whole[unit, year - 1]
            assert growth == pytest.approx(old[unit, year] / old[unit, year - 1], rel=1e-12)


def test_the_index_stands_in_for_the_year_between(series):
    values, index = series
    year = values.index.get_level_values("year")
    old, new = values[year < 2019], values[year >= 2019] * 1.2
    whole = splice(old, new, index=index)
    for unit in "AB":
        assert whole[unit, 2019] / whole[unit, 2018] == pytest.approx(index[unit, 2019] / 100, rel=1e-12)
        growth = old[unit, 2018] / old[unit, 2017]
        assert whole[unit, 2018] / whole[unit, 2017] == pytest.approx(growth, rel=1e-12)
    with pytest.raises(GapError, match=r"no year in common \[A 2019\]: give index="):
        splice(old, new)


def test_units_of_one_series_only_stay_as_they_are(series):
    values, _ = series
    new = values[["A"]] * 2
    whole = splice(values, new)
    assert whole["B"].tolist() == values["B"].tolist()
    assert whole["A"].tolist() == (values["A"] * 2).tolist()


@pytest.mark.parametrize("how", ["unnamed", "twice"])
def test_labels_that_do_not_fit_are_an_error(series, how):
    values, index = series
    wrong = values.rename_axis([None, None]) if how == "unnamed" else pd.concat([values, values])
    for call in (lambda: deflate(wrong, index, base=2018), lambda: splice(wrong, values)):
        with pytest.raises(AlignmentError):
            call()
