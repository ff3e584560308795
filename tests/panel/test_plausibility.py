"""Are the shipped figures possible? Accounts that add up, growth that somebody explains, sources that agree."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial import load_panel, load_units
from yrdspatial.datasets import read_table
from yrdspatial.panel.breaks import load_breaks, touches


@pytest.fixture(scope="module")
def frame():
    return load_panel().frame


def change(series):
    """Relative change on the year before, within a unit."""
    return series.groupby(level="unit").pct_change(fill_method=None).dropna()


def explained(column):
    """Pairs of unit and year into which a known break of the column falls; a break of all units is every unit."""
    breaks = load_breaks()
    rows = breaks[[touches(text, [column]) for text in breaks["variables"]]]
    pairs = set()
    for row in rows.itertuples():
        units = load_units().index if row.units == "*" else [int(code) for code in row.units.split()]
        pairs |= {(unit, year) for unit in units for year in range(row.year_from + 1, row.year_to + 1)}
    return pairs


@pytest.mark.parametrize("sector", ["primary", "secondary", "tertiary"])
def test_printed_shares_agree_with_the_accounts(frame, sector):
    # two sources: the yearbook's share and the provincial accounts; printed with two decimals, the largest gap 0.05
    share = 100 * frame[f"va_{sector}"] / frame["gdp"]
    assert (share - frame[f"share_{sector}"]).abs().max() < 0.06


def test_printed_shares_sum_to_one_hundred(frame):
    total = frame[["share_primary", "share_secondary", "share_tertiary"]].sum(axis=1, min_count=3).dropna()
    assert len(total) == 41 * 3
    assert (total - 100).abs().max() < 0.09  # those of 2021 add up to 0.08 only, as printed


def test_nominal_growth_leaves_real_growth_only_at_known_breaks(frame):
    """Outside the breaks the implied deflator stays between -14 % and +30 % a year."""
    excess = change(frame["gdp"]) - (frame["gdp_index_prev100"] / 100 - 1)
    outliers = excess[(excess > 0.3) | (excess < -0.14)].dropna()
    assert len(outliers) >= 5
    assert set(outliers.index) <= explained("gdp")


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("population_resident", -0.13, 0.13),
        ("land_area", -0.08, 0.08),
        ("emp_C_manufacturing", -0.45, 1.3),
        ("employed_units_total", -0.35, 0.9),
    ],
)
def test_large_jumps_are_known_breaks(frame, column, low, high):
    jumps = change(frame[column].dropna())
    outliers = jumps[(jumps > high) | (jumps < low)]
    unexplained = {pair for pair in outliers.index if pair not in explained(column)}
    allowed = {"land_area": {(320600, 2014)}}  # Nantong printed with its tidal flats from 2014 on
    assert unexplained <= allowed.get(column, set())


def test_the_index_of_gdp_is_that_of_the_preceding_year(frame):
    assert frame["gdp_index_prev100"].between(97, 120).all()
    assert frame["gdp_index_prev100"].groupby("year").mean().loc[[2007, 2020]].diff().iloc[1] < -8


def test_wages_are_those_of_a_growing_economy(frame):
    wages = frame["avg_wage_staff"].dropna()
    growth = change(wages)
    assert growth.between(-0.2, 0.37).all()
    mean = wages.groupby("year").mean()
    assert mean.is_monotonic_increasing
    assert wages.xs(2020, level="year").idxmax() == 310000


def test_two_populations_meet_at_the_censuses(frame):
    census, adjusted = frame["population_census"], frame["population_resident_adj"]
    np.testing.assert_allclose(adjusted[census.notna()], census.dropna(), rtol=1e-4)
    published = frame["population_resident"].xs(2020, level="year")
    np.testing.assert_allclose(published, census.xs(2020, level="year"), rtol=5e-3)


def test_the_census_of_2010_is_on_later_boundaries_where_the_published_figure_is_not(frame):
    ratio = (frame["population_census"] / frame["population_resident"]).xs(2010, level="year")
    moved = {340100, 340200, 340400, 340500, 340700, 340800, 341500}  # Chaohu, Zongyang, and Shou county
    assert set(ratio.index[(ratio - 1).abs() > 0.05]) == moved


def test_the_budget_is_a_part_of_the_economy(frame):
    assert (frame["fiscal_expenditure"] / frame["gdp"]).dropna().between(0.05, 0.36).all()
    assert (frame["fiscal_revenue"] / frame["fiscal_expenditure"]).dropna().between(0.19, 1.2).all()


def test_foreign_investment_is_in_million_dollars(frame):
    # at seven yuan a dollar, between a thousandth and a ninth of GDP; in 10,000 dollars it would be a hundred times
    ratio = (frame["fdi_utilised"] * 7 / 100 / frame["gdp"]).dropna()
    assert ratio.between(0.0005, 0.11).all()


def test_employment_is_in_ten_thousand_persons(frame):
    ratio = (frame["employed_units_total"] / frame["population_resident"]).dropna()
    misprint = (320800, 2021)
    assert ratio.drop(misprint).between(0.01, 0.75).all()
    assert ratio[misprint] > 0.5  # the misprint of Huai'an is shipped as printed, with its flag
    flags = load_panel().flags
    assert (
        (flags["unit"] == 320800) & (flags["year"] == 2021) & flags["flag"].str.startswith("suspect")
    ).any()


def test_shanghai_is_the_largest_economy_of_every_year(frame):
    assert (frame["gdp"].groupby("year").idxmax().str[0] == 310000).all()
    assert (frame["va_tertiary"].groupby("year").idxmax().str[0] == 310000).all()


def test_the_delta_grows_every_year(frame):
    total = frame["gdp"].groupby("year").sum()
    assert total.is_monotonic_increasing
    assert 0.19 < total[2021] / 1_143_670 < 0.25  # of the nation's GDP of 2021, 114.367 trillion yuan


def test_units_of_measure_are_those_of_the_dictionary():
    variables = load_panel().variables
    for year in (2005, 2012, 2021):
        table = read_table(f"panels/yrd/{year}.csv").drop_duplicates("variable").set_index("variable")
        assert table["unit"].to_dict() == variables.loc[table.index, "unit"].to_dict()


def test_flags_and_vintages_are_used_where_they_should():
    long = pd.concat([read_table(f"panels/yrd/{year}.csv").assign(year=year) for year in range(2003, 2023)])
    accounts = long[long["variable"].isin(["gdp", "va_primary", "va_secondary", "va_tertiary"])]
    early = accounts[accounts["vintage"] == "before_census4"]
    late = accounts[accounts["vintage"] == "census4"]
    assert early["year"].max() == 2018
    assert late["year"].min() == 2019
    others = accounts[~accounts["vintage"].isin(["before_census4", "census4"])]
    assert others["flag"].str.startswith("fixed").all()
    assert long.loc[long["vintage"] == "derived", "flag"].str.match("imputed|derived").all()
    editions = long[long["vintage"].str.fullmatch(r"ccsy\d{4}")]
    assert (editions["vintage"].str[-4:].astype(int) == editions["year"] + 1).all()
