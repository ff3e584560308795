"""The accounts to the last year: shares, pace and changes since the census, by plain sums."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.accounts import CENSUS, by_province, city_shares, measure_accounts, pace_of
from yrdspatial.replication.subregions import sub_regions


@pytest.fixture(scope="module")
def accounts(study):
    return measure_accounts(study.panel)


def test_shares_are_sums_of_cities_over_the_delta(study, accounts):
    frame = study.panel.frame
    for sector in ("va_secondary", "va_tertiary"):
        values = frame[sector].xs(2022, level="year")
        expected = 100 * values[values.index // 10000 == 34].sum() / values.sum()
        rows = accounts.shares.query("sector == @sector and province == 'Anhui' and year == 2022")
        assert rows["share"].item() == pytest.approx(expected)
    sums = accounts.shares.groupby(["sector", "year"])["share"].sum()
    assert sums.to_numpy() == pytest.approx(100.0)
    assert accounts.shares["year"].agg(["min", "max"]).tolist() == [2005, 2022]


def test_pace_is_half_the_sum_of_absolute_changes(study, accounts):
    shares = [
        (values := study.panel.frame["va_secondary"].xs(year, level="year")) / values.sum()
        for year in (2021, 2022)
    ]
    moved = 50 * np.abs(shares[1] - shares[0]).sum()
    rows = accounts.pace.query("sector == 'va_secondary'").set_index("year")["moved"]
    assert rows[2022] == pytest.approx(moved)
    assert CENSUS not in rows.index
    assert 2005 not in rows.index
    assert len(rows) == 2022 - 2005 - 1


def test_changes_since_the_census_add_up_to_zero(study, accounts):
    assert list(accounts.recent.index) == list(sub_regions())
    assert accounts.recent.sum().abs().max() < 1e-9
    table = city_shares(study.panel, "va_secondary")
    change = (table[2022] - table[2019]).loc[sub_regions()["浙东"]].sum()
    assert accounts.recent.loc["浙东", "va_secondary"] == pytest.approx(change)


def test_a_swap_of_two_cities_is_their_difference():
    synthetic = pd.DataFrame({2020: [60.0, 40.0], 2021: [40.0, 60.0]}, index=[310000, 320100])
    assert pace_of(synthetic)["moved"].tolist() == pytest.approx([20.0])


def test_provinces_keep_their_order(study):
    table = by_province(city_shares(study.panel, "va_tertiary"))
    assert list(dict.fromkeys(table["province"])) == ["Shanghai", "Jiangsu", "Zhejiang", "Anhui"]


def test_a_year_that_a_user_adds_is_the_last(study_2023):
    assert measure_accounts(study_2023.panel).shares["year"].max() == 2023
