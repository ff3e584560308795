"""Claims on structure in space, against group means and rankings written out."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.replication.checks.structure import (
    gradient,
    low_clusters,
    manufacturing_quotient,
    members_of_clusters,
    said_shares,
    same_sign,
    share_inside,
    share_of,
)

CAPITALS = [310000, 320100, 330100, 340100]


def test_three_of_four_families_must_agree():
    families = {"contiguity": 1.0, "distance": 2.0, "rail time": -1.0, "economic": 0.5}
    assert same_sign(families, 1)
    assert not same_sign(families, -1)
    assert not same_sign({**families, "economic": -0.5}, 1)


def test_manufacturing_outside_the_capitals(case, judged):
    rows = case.frame.xs(2019, level="year")
    shares = rows["emp_C_manufacturing"] / rows["employed_units_total"]
    quotient = shares / (rows["emp_C_manufacturing"].sum() / rows["employed_units_total"].sum())
    pd.testing.assert_series_equal(manufacturing_quotient(case), quotient, check_names=False)
    outside = ~quotient.index.isin(CAPITALS)
    found = judged["S1-04"]
    assert found.computed == f"{quotient[outside].mean() - quotient[~outside].mean():+.2f}"
    assert found.verdict == "not replicated"
    assert found.p > 0.05
    assert all(value > 0 for value in found.by_weights.values())


def test_the_service_centre_depends_on_the_indicator(case, judged):
    value = case.frame["va_tertiary"].xs(2020, level="year").sort_values(ascending=False)
    assert list(value.index[:4]) == [310000, 330100, 320500, 320100]  # Suzhou before Nanjing
    found = judged["E-01"]
    assert found.verdict == "replicated"
    assert found.why.endswith("producer services in tertiary employment 2019.")


def test_belts_hold_more_than_their_share(case, judged):
    inside = set(case.regions["京沪沿线"]) | set(case.regions["沿江"]) | set(case.regions["沪杭甬沿线"])
    assert len(inside) == 22  # counted on the map
    jobs = case.frame["emp_C_manufacturing"].xs(2019, level="year")
    share = 100 * jobs[list(inside)].sum() / jobs.sum()
    density = np.log(1e4 * jobs / case.frame["land_area"].xs(2016, level="year"))
    member = density.index.isin(inside)
    found = judged["E-02"]
    assert f"{share:.1f} % of manufacturing with {100 * 22 / 41:.1f} %" in found.why
    assert found.computed == f"{density[member].mean() - density[~member].mean():+.2f} in logs"
    assert found.verdict == "replicated under another vintage"
    assert found.p < 0.01


@pytest.mark.parametrize(("claim", "sign"), [("E-04", 1), ("E-05", -1)])
def test_quality_of_industry_differs_by_area(case, judged, claim, sign):
    names = ("京沪沿线", "沿江", "环杭州湾") if sign == 1 else ("浙西南", "苏北", "皖北", "皖西")
    members = {code for name in names for code in case.regions[name]}
    shares = case.producer_share["producer_services_4"].xs(2019, level="year")
    inside = shares.index.isin(members)
    difference = shares[inside].mean() - shares[~inside].mean()
    assert difference * sign > 0
    assert judged[claim].computed == f"{difference:+.2f} points"
    assert "high-tech industry by city is not there" in judged[claim].data


def test_weak_areas_hold_cities_of_tier_four(judged):
    for name in ("Quzhou", "Lianyungang", "Huai'an", "Suqian", "Lu'an"):  # D10, read off the two lists
        assert name in judged["E-05"].why


def test_a_made_gradient(case):
    minutes = case.study.times.frame(2019)[310000]
    falling, note = gradient(case, 100.0 - minutes)
    assert falling
    assert note.endswith("-1.00")
    assert not gradient(case, minutes)[0]


def test_made_clusters_are_found(case):
    """Synthetic: northern Anhui and northern Jiangsu are low, everything else high, with little noise."""
    rng = np.random.default_rng(4)
    units = case.study.units.index
    weak = case.union("苏北", "皖北")
    values = pd.Series(rng.normal(0, 0.1, len(units)) - 5.0 * units.isin(weak), index=units, name="made")
    low = members_of_clusters(case, values, "contiguity", "LL")
    assert low
    assert set(low) <= set(weak)
    held, note = low_clusters(case, values, weak)
    assert held
    assert note.startswith("low-low inside: contiguity 1.00 of")


def test_shares_of_units():
    values = pd.Series([1.0, 3.0, 4.0], index=[1, 2, 3])
    assert share_inside(values, [1, 2]) == pytest.approx(50.0)
    assert share_of([1, 2, 3, 4], [2, 4]) == 0.5
    assert np.isnan(share_of([], [1]))
    assert said_shares({"contiguity": 0.5}, {"contiguity": [1, 2]}) == "contiguity 0.50 of 2"
