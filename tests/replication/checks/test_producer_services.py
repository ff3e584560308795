"""Claims on producer services: proxies by employment, and a synthetic table that decides them."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.case import Case
from yrdspatial.replication.checks.producer_services import (
    CHECKS,
    FOUR,
    SETS,
    TIERS,
    ordered_tiers,
    printed_tiers,
    proxy_shares,
    service_shares,
)

NAMES = {name: one for one in CHECKS for name in one.ids}
BRANCHES = list("FGHIJKLMNOPQRS")


@pytest.fixture(scope="module")
def tidy(case):
    """Synthetic: the four branches make 55, 53, 40, 31 and 10 per cent of tertiary value added by printed tier."""
    share = printed_tiers(case).map({1: 0.55, 2: 0.53, 3: 0.40, 4: 0.31, 5: 0.10})
    total = case.frame["va_tertiary"].xs(2020, level="year")
    table = pd.DataFrame(0.0, index=total.index, columns=BRANCHES)
    for branch in "IJLM":
        table[branch] = total * share / 4
    return table.assign(P=total * (1 - share))


@pytest.fixture
def judge(study, registry, add_tables, as_services):
    def run(claim, table):
        folder = add_tables({"panels/services/2020.csv": as_services(table)})
        return NAMES[claim].judge(Case(study, seed=7, data_dir=folder), registry[claim])

    return run


def test_printed_tiers_cover_all_cities(case):
    tiers = printed_tiers(case)
    assert len(tiers) == 41
    assert tiers.value_counts().sort_index().tolist() == [2, 2, 3, 18, 16]


def test_without_a_table_all_wait_with_a_labelled_proxy(judged):
    for name in ("S3-18", *SETS, *FOUR):
        assert judged[name].verdict == "not testable"
        assert judged[name].proxy.startswith("proxy, employment shares 2019: ")
        assert "panels/services/2020.csv" in judged[name].why
    assert judged["S3-18"].proxy.count("kappa") == 3


def test_proxies_are_shares_of_tertiary_employment(case):
    rows = case.frame.xs((310000, 2019))
    tertiary = [
        column for column in rows.index if column.startswith("emp_") and column.split("_")[1] not in "ABCDE"
    ]
    four = rows[["emp_finance", "emp_it_software", "emp_leasing_business", "emp_scientific"]].sum()
    assert len(tertiary) == 14
    assert proxy_shares(case)["producer_services_4"][310000] == pytest.approx(
        100 * four / rows[tertiary].sum()
    )


def test_tiers_hold_on_a_made_table(judge, tidy):
    assert judge("S3-21", tidy).verdict == "replicated"
    assert judge("S3-22", tidy).verdict == "replicated"
    found = judge("S3-18", tidy)
    assert found.verdict == "replicated"
    assert "producer_services_4 kappa 1.000" in found.computed
    assert "Cuts:" in found.why


def test_a_city_in_another_tier_is_named(judge, tidy, case):
    moved = tidy.copy()
    moved.loc[330900] = tidy.loc[320300] * case.frame.loc[(330900, 2020), "va_tertiary"]
    moved.loc[330900] /= case.frame.loc[
        (320300, 2020), "va_tertiary"
    ]  # Zhoushan with the structure of Xuzhou
    found = judge("S3-21", moved)
    assert found.verdict == "not replicated"
    assert found.gap == f"Jaccard {2 / 3:.3f}; printed only: Zhoushan"


def test_four_branches_on_a_made_table(judge, tidy, registry):
    assert judge("S3-27", tidy).verdict == "replicated"
    assert judge("S3-27", tidy).computed == "Shanghai 55.0; Hangzhou 53.0"
    assert judge("S3-29", tidy).verdict == "replicated"
    found = judge("S3-28", tidy)
    assert (found.verdict, found.computed, found.gap) == ("not replicated", "55", "10")
    assert registry["S3-28"].figures == (45.0,)


def test_shares_are_over_the_tertiary_sector_of_the_accounts(study, add_tables, as_services, tidy):
    folder = add_tables({"panels/services/2020.csv": as_services(tidy)})
    shares = service_shares(Case(study, seed=7, data_dir=folder))
    np.testing.assert_allclose(
        shares["producer_services_4"], shares["producer_services_6"]
    )  # F and G are empty
    assert shares["producer_services_4"][310000] == pytest.approx(55.0)


def test_a_branch_that_is_missing_makes_no_share(study, add_tables, as_services, tidy):
    holed = tidy.copy()
    holed.loc[310000, "J"] = np.nan
    folder = add_tables({"panels/services/2020.csv": as_services(holed)})
    shares = service_shares(Case(study, seed=7, data_dir=folder))["producer_services_4"]
    assert np.isnan(shares[310000])
    assert shares.notna().sum() == 40


def test_tiers_are_numbered_from_the_highest():
    shares = pd.Series([1.0, 1.1, 5.0, 5.2, 9.0, 14.0, 20.0], index=list("abcdefg"))
    assert ordered_tiers(shares).tolist() == [5, 5, 4, 4, 3, 2, 1]
    assert TIERS[0] == "tier1"


def test_what_tiers_rest_on(case, judged):
    found = judged["S3-24"]
    tiers = printed_tiers(case)
    rate = case.frame["emp_C_manufacturing"].xs(2019, level="year") / case.frame["population_resident"].xs(
        2019, level="year"
    )
    difference = 100 * (rate[tiers.isin([3, 4])].mean() - rate[tiers == 5].mean())
    assert f"100 residents {difference:+.2f}" in found.computed
    assert found.p < 0.05
    assert found.verdict == "replicated under another vintage"


def test_productivity_waits(judged):
    assert judged["S3-17"].verdict == "not testable"
