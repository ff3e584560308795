"""Claims on research, patents and universities, against the bulletins and arithmetic."""

import numpy as np
import pytest

from yrdspatial.replication.checks.innovation import gini


def test_provincial_research_is_exact_and_in_order(judged):
    assert judged["S4-10"].verdict == "replicated"
    assert judged["S4-10"].computed == "3005.9; 1859.9; 1615.7; 883.2"  # provincial bulletins 2020
    assert "descending: yes" in judged["S4-10"].why


@pytest.mark.parametrize(
    ("claim", "parts", "nation", "verdict"),
    [
        ("S4-01", (3005.9, 1859.9, 1615.7, 883.2), 24393.1, "replicated"),
        ("S4-02", (669084, 582981, 228621, 194688), 5234508, "replicated"),
        ("S4-05", (499167, 391700, 139780, 119696), 3520901, "not replicated"),
    ],
)
def test_shares_of_the_nation(judged, claim, parts, nation, verdict):
    """Figures of the national bulletins of 2020."""
    assert float(judged[claim].computed) == pytest.approx(sum(parts) / nation, abs=5e-4)
    assert judged[claim].verdict == verdict


def test_patents_fall_down_the_printed_order(judged):
    printed = [24208, 17343, 14904, 9909, 7593]
    assert printed == sorted(printed, reverse=True)
    assert judged["S4-12"].verdict == "recorded"
    assert judged["S4-12"].computed == "Shanghai 24208; descending as printed"  # bulletin 2020


def test_city_research_is_recorded(judged):
    assert judged["S4-11"].verdict == "recorded"
    assert f"{761.59 + 515:.2f}" in judged["S4-11"].computed


def test_universities_make_more_than_a_fifth(judged):
    assert judged["S4-04"].computed == judged["S4-08"].computed == f"37/137 = {37 / 137:.3f}"
    assert judged["S4-04"].gap == f"{37 / 137 - 0.2:.2f}"
    assert {judged[name].verdict for name in ("S4-04", "S4-08")} == {"source inconsistent"}


def test_one_pole_and_two_cores_depend_on_the_indicator(judged):
    found = judged["S4-13"]
    assert found.verdict == "source inconsistent"
    assert "1.396; 1.164; 1.504; 1.305" in found.computed  # 24208/17343, 17343/14904, 14904/9909, 9909/7593
    assert "Shanghai, Suzhou (Jiangsu), Hangzhou, Nanjing" in found.computed


def test_lists_wait(judged):
    for name in ("S4-03", "S4-06", "S4-07", "S4-09", "Q5-01", "Q5-02", "Q5-03", "G-02"):
        assert judged[name].verdict == "not testable"
    assert "0.311" in judged["S4-06"].proxy  # (5973 + 3622 + 1195 + 1702) / 40194


def test_gini_is_that_of_the_lorenz_curve():
    values = np.array([1.0, 2.0, 3.0, 10.0])
    lorenz = np.concatenate([[0.0], np.cumsum(np.sort(values)) / values.sum()])
    area = ((lorenz[1:] + lorenz[:-1]) / 2).mean()
    assert gini(list(values)) == pytest.approx(1 - 2 * area)
    assert gini([3.0, 3.0]) == 0.0


def test_profiles_rank_the_named_province(judged):
    found = judged["G-04"]
    revenue = {"Anhui": 4958 / 3587.56588, "Zhejiang": 10138 / 5885.16491}  # bulletins 2020 over 2016
    assert revenue["Anhui"] < revenue["Zhejiang"]
    assert found.verdict == "not replicated"
    assert "Shanghai, research intensity: rank 1" in found.computed
    assert "Anhui, growth of high-tech revenue 2016-2020: rank 2" in found.computed
