"""The measures on the real panel: what the delta shows, and what only the breaks of its statistics show.

Every expected number is computed here by another road (loops, sums by province) or is a figure that the notes of the
data state; the directions are facts of the shipped tables, not of the world.
"""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.weights.series import as_series

SETS = yrd.sector_sets()
GROUPS = {name: SETS[name] for name in ("manufacturing", *(f"producer_services_{k}" for k in (4, 5, 6)))}


@pytest.fixture(scope="module")
def panel():
    return yrd.load_panel()


@pytest.fixture(scope="module")
def employment(panel):
    return panel.select(columns=SETS["sectors_19"], years=range(2003, 2020))


@pytest.fixture(scope="module")
def province():
    return yrd.load_units()["province_en"]


@pytest.fixture(scope="module")
def neighbours():
    """Row-standardized contiguity of the present borders, as a plain array in the order of the codes."""
    return as_series(yrd.contiguity_weights(), [2020]).array(units=yrd.load_units().index)[0]


def moran(values, w):
    z = values - values.mean()
    return float(len(z) / w.sum() * (z @ w @ z) / (z @ z))


@pytest.mark.parametrize("unit", [310000, 320500, 330100, 340100, 341800])
@pytest.mark.parametrize("year", [2003, 2012, 2013, 2019])
def test_quotients_of_groups_by_hand(panel, employment, unit, year):
    frame = panel.frame.xs(year, level="year")
    found = yrd.location_quotient(employment, groups=GROUPS)
    for name, columns in GROUPS.items():
        own = sum(frame.loc[unit, column] for column in columns) / sum(frame.loc[unit, SETS["sectors_19"]])
        all_units = sum(frame[column].sum() for column in columns) / frame[SETS["sectors_19"]].sum().sum()
        assert found.loc[(unit, year), name] == pytest.approx(own / all_units, rel=1e-12)


def test_wider_definitions_of_producer_services_hold_more_people(employment):
    sums = {name: employment.frame[columns].sum(axis=1) for name, columns in GROUPS.items()}
    assert (sums["producer_services_4"] <= sums["producer_services_5"]).all()
    assert (sums["producer_services_5"] <= sums["producer_services_6"]).all()


def test_clustering_of_manufacturing_falls_in_the_year_of_the_break_alone(employment, neighbours):
    quotients = yrd.location_quotient(employment)["emp_C_manufacturing"]
    by_year = {year: moran(part.to_numpy(), neighbours) for year, part in quotients.groupby("year")}
    assert round(by_year[2012], 3) == 0.455
    assert round(by_year[2013], 3) == 0.314
    inside = [abs(by_year[year] - by_year[year - 1]) for year in range(2006, 2020) if year != 2013]
    assert by_year[2012] - by_year[2013] > 2 * max(inside)


def test_employment_by_province_over_the_break(panel, province):
    frame = panel.frame[["employed_units_total"]].reset_index()
    total = frame.groupby([frame["unit"].map(province), "year"])["employed_units_total"].sum()
    growth = total.xs(2013, level="year") / total.xs(2012, level="year") - 1
    assert growth["Jiangsu"] > 0.8
    assert growth.drop("Jiangsu").max() < 0.16


def test_tertiary_value_added_moves_by_the_census_and_secondary_hardly(panel, province):
    jump = {
        column: yrd.industrial_transfer(
            panel, column, base=2018, end=2019, measure="share_change", across_breaks=True
        )
        .groupby(province)
        .sum()
        for column in ("va_tertiary", "va_secondary")
    }
    assert jump["va_tertiary"][["Jiangsu", "Anhui"]].round(1).tolist() == [-2.1, 2.8]
    assert jump["va_secondary"].abs().max().round(1) <= 0.7


@pytest.mark.parametrize("measure", ["share_change", "counterfactual"])
def test_naive_and_windowed_transfer_have_opposite_signs(panel, province, measure):
    naive = yrd.industrial_transfer(
        panel, "manufacturing", base=2005, end=2019, measure=measure, across_breaks=True
    )
    inside = yrd.windowed_transfer(panel, "manufacturing", measure=measure)["sum"]
    naive, inside = naive.groupby(province).sum(), inside.groupby(province).sum()
    assert naive["Jiangsu"] > 0 > inside["Jiangsu"]
    assert naive["Zhejiang"] < 0 < inside["Zhejiang"]


def test_windowed_transfer_is_the_naive_one_less_the_year_of_the_break(panel):
    naive = yrd.industrial_transfer(
        panel, "manufacturing", base=2005, end=2019, measure="share_change", across_breaks=True
    )
    jump = yrd.industrial_transfer(
        panel, "manufacturing", base=2012, end=2013, measure="share_change", across_breaks=True
    )
    inside = yrd.windowed_transfer(panel, "manufacturing")["sum"]
    np.testing.assert_allclose(inside, naive - jump, atol=1e-10)


def test_every_set_of_employment_knows_the_break(panel):
    for name in ("manufacturing", "industry", "secondary", "tertiary", *GROUPS):
        with pytest.raises(SpecificationError, match="2012-2013"):
            yrd.industrial_transfer(panel, name, base=2012, end=2013, measure="churning")
        assert yrd.windowed_transfer(panel, name).columns.tolist() == ["2005-2012", "2013-2019", "sum"]


def test_secondary_value_added_leaves_shanghai_for_the_rest(panel, province):
    change = yrd.industrial_transfer(panel, "va_secondary", base=2003, end=2022, measure="share_change")
    by_province = change.groupby(province).sum()
    va = panel.frame["va_secondary"]
    share = {year: va.loc[310000, year] / va.xs(year, level="year").sum() for year in (2003, 2022)}
    assert change[310000] == pytest.approx(100 * (share[2022] - share[2003]))
    assert by_province["Shanghai"] == by_province.min() < 0
    assert by_province[["Anhui", "Jiangsu"]].min() > 0
    table = yrd.transfer_directions(change)
    assert (
        table.loc[("origin", "all"), "share_change"] < 0 < table.loc[("destination", "all"), "share_change"]
    )


def test_the_centre_of_secondary_value_added_moves_to_the_north_west(panel):
    track = yrd.gravity_centre(panel.frame["va_secondary"])
    first, last = track.iloc[0], track.iloc[-1]
    assert last["x"] < first["x"]
    assert last["y"] > first["y"]
    steps = np.hypot(np.diff(track["x"]), np.diff(track["y"]))
    np.testing.assert_allclose(track["shift"].iloc[1:], steps)


def test_shares_of_a_province_follow_from_shift_share(panel, province):
    accounts = panel.select(columns=SETS["three_sectors"])
    parts = yrd.dynamic_shift_share(accounts, base=2019, end=2022)
    growth = accounts.frame.xs(2022, level="year") - accounts.frame.xs(2019, level="year")
    by_unit = parts["change"].groupby("unit").sum()
    np.testing.assert_allclose(by_unit, growth.sum(axis=1))
    assert parts["regional"].sum() == pytest.approx(0, abs=1e-6)
    assert by_unit.groupby(province).sum().min() > 0


def test_the_four_cores_lead_in_producer_services(employment):
    quotients = yrd.location_quotient(employment, groups=GROUPS).xs(2019, level="year")
    leaders = set(quotients["producer_services_4"].nlargest(3).index)
    assert leaders == {310000, 320100, 330100}
    assert (quotients.loc[list(leaders), "manufacturing"] < 1).all()


def test_tiers_of_producer_services_agree_with_the_given_ones_better_than_chance(employment):
    frame = employment.frame.xs(2019, level="year")
    share = frame[SETS["producer_services_4"]].sum(axis=1) / frame[SETS["tertiary"]].sum(axis=1)
    found = yrd.tiers(share)
    assert {310000, 320100} <= set(found.labels.index[found.labels == 1])
    regions = yrd.load_regions()
    given = (
        regions[regions["region"].str.fullmatch(r"tier\d")].set_index("adcode")["region"].str[-1].astype(int)
    )
    shuffled = [
        found.agreement(pd.Series(np.random.default_rng(seed).permutation(given), given.index))
        for seed in range(99)
    ]
    assert found.agreement(given) > max(shuffled)


def test_specialization_rises_until_the_break_and_falls_after_2016(employment):
    mean = yrd.krugman_index(employment, versus="rest").groupby("year").mean()
    assert yrd.mann_kendall(mean.loc[2005:2012])["z"] > 1.96
    assert mean.loc[2019] < mean.loc[2016]


def test_inequality_between_provinces_falls(panel):
    years = range(2010, 2023)
    frame = panel.select(years=years).frame
    table = yrd.theil(frame["gdp"], frame["population_resident_adj"])
    trend = yrd.mann_kendall(table["total"].loc[:2018])
    assert trend["S"] < 0
    assert trend["p"] < 0.01
    head = frame["gdp"] / frame["population_resident_adj"]
    assert yrd.sigma_convergence(head)["sd_log"].loc[[2010, 2018]].is_monotonic_decreasing
    assert yrd.beta_convergence(head, base=2010, end=2018).coefficient < 0


@pytest.mark.parametrize("k", [1, 5, 19])
def test_concentration_ratios_are_ordered(employment, k):
    one, more = yrd.concentration_ratio(employment, k=k), yrd.concentration_ratio(employment, k=k + 1)
    assert (one <= more + 1e-12).all()
    assert (more <= 1 + 1e-12).all()


def test_structures_are_alike_at_three_sectors_and_less_so_at_nineteen(panel, employment):
    coarse = yrd.similarity(panel.select(columns=SETS["three_sectors"], years=[2012]), against="mean")
    fine = yrd.similarity(employment.select(years=[2012]), against="mean")
    assert coarse.min() > 0.85
    assert coarse.mean() > 0.95 > fine.mean() > 0.7


def test_coagglomeration_is_highest_where_the_two_quotients_are_near(employment):
    quotients = yrd.location_quotient(employment, groups=GROUPS).xs(2019, level="year")
    index = yrd.coagglomeration(quotients["manufacturing"], quotients["producer_services_4"], variant="short")
    ratio = np.abs(np.log(quotients["manufacturing"] / quotients["producer_services_4"]))
    np.testing.assert_array_equal(np.argsort(-index.to_numpy()), np.argsort(ratio.to_numpy()))
