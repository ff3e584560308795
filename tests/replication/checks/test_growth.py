"""Claims on change over time, against slopes and sums written out."""

import numpy as np
import pytest
from scipy.stats import kendalltau, norm

from yrdspatial.replication.checks.growth import series, trend

YEARS = np.arange(2008, 2021)


def test_trends_of_the_four_cities(case, judged):
    rises = {}
    for code in (310000, 320100, 330100, 340100):
        shares = case.tertiary_share.xs(code, level="unit").loc[2008:2020].to_numpy()
        rises[code] = (np.diff(shares) > 0).mean()
        slope = np.cov(YEARS, shares)[0, 1] / np.var(YEARS, ddof=1)
        assert f"{slope:+.2f}" in judged["S1-01"].computed
    assert judged["S1-01"].verdict == "not replicated"
    assert min(rises, key=rises.get) == 340100  # Hefei does not rise year by year
    assert rises[340100] < 0.8


def test_a_trend_is_a_slope_with_the_p_value_of_kendall(case):
    shares = series(case.tertiary_share, 320100)
    assert list(shares.index) == list(YEARS)
    slope, p = trend(shares)
    assert slope == pytest.approx(np.cov(YEARS, shares)[0, 1] / np.var(YEARS, ddof=1))
    assert kendalltau(YEARS, shares).statistic == pytest.approx(1.0)  # rises every year
    n = len(YEARS)
    z = (n * (n - 1) / 2 - 1) / np.sqrt(
        n * (n - 1) * (2 * n + 5) / 18
    )  # Kendall (1975), no ties, S at its largest
    assert p == pytest.approx(2 * norm.sf(z))
    assert p < 0.001


@pytest.mark.parametrize(("claim", "province", "printed"), [("S3-05", 32, 2.0), ("S3-06", 33, 4.8)])
def test_changes_are_judged_within_a_tenth(case, judged, claim, province, printed):
    values = []
    for year in (2016, 2020):
        rows = case.frame.xs(year, level="year")
        inside = rows[rows.index // 10000 == province]
        values.append(100 * inside["va_tertiary"].sum() / inside["gdp"].sum())
    change = values[1] - values[0]
    assert judged[claim].computed == f"{change:+.2f}"
    assert judged[claim].gap == f"{change - printed:+.2f}"
    assert judged[claim].verdict == ("replicated" if abs(change - printed) <= 0.1 else "not replicated")


def test_the_change_of_anhui_fits_no_published_series(judged):
    assert judged["S3-07"].verdict == "source inconsistent"
    assert f"{51.0 - 4.6:.1f} % in 2016" in judged["S3-07"].why
    assert "45.1 %" in judged["S3-07"].why  # first published for 2018


def test_growth_of_services_conflicts_with_the_city(case, judged):
    found = judged["S3-09"]
    assert (found.verdict, found.computed, found.gap) == ("source inconsistent", "7.1", "0.3")
    levels = case.frame["va_tertiary"].xs(310000, level="unit")
    assert f"nominal {100 * ((levels[2020] / levels[2016]) ** 0.25 - 1):.2f} %" in found.proxy


def test_growth_of_industry_waits_for_indices(case, judged):
    index = case.frame["gdp_index_prev100"].xs(310000, level="unit")
    real = 100 * (np.exp(np.log(index.loc[2017:2020] / 100).mean()) - 1)
    for name in ("S3-10", "S3-11"):
        assert judged[name].verdict == "not testable"
        assert f"real gross product {real:.2f} %" in judged[name].proxy
