"""Facts kept as metadata, and figures that only the source prints."""

import pytest

from yrdspatial.replication.checks.institutions import METADATA


@pytest.mark.parametrize(
    "name", ["P-02", "S2-02", "S2-09", "S3-25", "S4-14", "S5-01", "S5-02", "S5-05", "G-01"]
)
def test_metadata_is_recorded(judged, name):
    assert judged[name].verdict == "recorded"
    assert judged[name].why == METADATA


def test_years_of_policy(judged):
    assert judged["P-03"].computed == "37 years"  # 2019 - 1982
    assert judged["P-03"].verdict == "recorded"


def test_mountain_counties_are_of_zhejiang(judged):
    assert judged["L-06"].verdict == "source inconsistent"
    assert judged["L-06"].computed == "26 in Zhejiang"


def test_merged_zones(judged):
    assert judged["S2-03"].verdict == "not testable"
    assert f"{100 * (134 / 1059 - 1):.1f} %" in judged["S2-03"].computed


def test_revenue_of_key_fields(judged):
    growth = 30552 / 22062.37
    assert judged["S3-26"].verdict == "recorded"
    assert (
        judged["S3-26"].computed
        == f"{100 * (growth - 1):+.1f} % in four years, {100 * (growth**0.25 - 1):.2f} % a year"
    )
