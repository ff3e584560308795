"""Claims on accounts, against the printed figures of official tables and sums written out."""

import pytest

PROVINCES = {"S3-02": (32, 52.5), "S3-03": (33, 55.8), "S3-04": (34, 51.0)}


def share(case, province, year):
    rows = case.frame.xs(year, level="year")
    inside = rows[rows.index // 10000 == province]
    return 100 * inside["va_tertiary"].sum() / inside["gdp"].sum()


def test_services_of_shanghai_are_exact(judged):
    assert judged["S3-08"].verdict == "replicated"
    assert judged["S3-08"].computed == "28307.54"  # plan of the city for services
    assert judged["S3-08"].gap == "0"


def test_shares_of_the_nation_from_sums_of_cities(case, judged):
    rows = case.frame.xs(2021, level="year")
    for name, column, total in (("P-04", "population_resident", 141260), ("P-05", "gdp", 1143670)):
        value = 100 * rows[column].sum() / total  # national totals of the communique on 2021
        assert float(judged[name].computed) == pytest.approx(value, abs=0.005)
        assert judged[name].verdict == "replicated under another vintage"


def test_tertiary_shares_of_provinces_from_sums_of_cities(case, judged):
    for name, (province, printed) in PROVINCES.items():
        value = share(case, province, 2020)
        assert float(judged[name].computed) == pytest.approx(value, abs=0.005)
        close = abs(value - printed) <= 0.5
        assert judged[name].verdict == ("replicated under another vintage" if close else "not replicated")


def test_first_release_of_anhui_stands_beside(judged):
    assert f"{100 * 19824.2 / 38680.6:.2f} %" in judged["S3-04"].why  # first release of January 2021


def test_thresholds_of_the_capitals(case, judged):
    assert judged["S1-02"].verdict == judged["S1-03"].verdict == "replicated"
    assert judged["S1-03"].computed == "Shanghai 73.15"
    printed = case.frame["share_tertiary"].xs(2020, level="year")  # printed shares of the yearbook 2021
    for code in (320100, 330100, 340100):
        assert printed[code] > 60
        assert f"{case.names([code])} " in judged["S1-02"].computed


@pytest.mark.parametrize(
    ("claim", "province", "count", "verdict"),
    [("S3-15", 32, 5, "replicated"), ("S3-16", 34, 5, "not replicated")],
)
def test_cities_above_one_half_are_those_of_the_printed_shares(case, judged, claim, province, count, verdict):
    printed = case.frame["share_tertiary"].xs(2020, level="year")
    above = [code for code in printed.index if code // 10000 == province and printed[code] > 50]
    assert len(above) == count
    assert judged[claim].verdict == verdict
    assert judged[claim].computed.startswith(f"{count}: ")
    assert all(case.names([code]) in judged[claim].computed for code in above)


def test_anhui_has_five_cities_above_one_half_not_six(judged):
    assert "the count is 5, not 6" in judged["S3-16"].why
    assert judged["S3-16"].gap == "-1"
    assert "Suzhou (Anhui), has 49.63" in judged["S3-16"].why


def test_exceptions_of_zhejiang(case, judged):
    printed = case.frame["share_tertiary"].xs(2020, level="year")
    below = [code for code in printed.index if code // 10000 == 33 and printed[code] <= 50]
    assert below == [330400, 330500]
    assert judged["S3-14"].verdict == "replicated"
    assert judged["S3-14"].computed == "9 of 11; exceptions: Jiaxing, Huzhou"


def test_services_lead_in_all_provinces(case, judged):
    rows = case.frame.xs(2020, level="year")
    sums = rows.groupby(rows.index // 10000)[["va_secondary", "va_tertiary"]].sum()
    assert (sums["va_tertiary"] > sums["va_secondary"]).all()
    assert judged["S3-01"].verdict == "replicated under another vintage"


def test_plan_shares_and_high_tech_firms(judged):
    assert [judged[name].computed for name in ("S3-12", "S3-13")] == ["82.1", "94.5"]  # plan for services
    for name in ("S2-05", "S2-06", "S2-07", "S2-08"):
        assert judged[name].verdict == "not testable"
        assert "5973 firms" in judged[name].proxy  # bulletin of 2020
    assert round(10000 / 0.269) == 37175
    assert "37,175" in judged["S2-06"].computed
