"""Propositions of the literature: the regression behind them against dummies by hand, and the verdicts."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from yrdspatial.replication.case import Case
from yrdspatial.replication.checks.literature import Slope, clustered, specialization_and_transfer
from yrdspatial.replication.verdicts import said_tests


@pytest.fixture(scope="module")
def made():
    """Synthetic: 12 cities, 6 years, a slope of 2, city and year effects."""
    rng = np.random.default_rng(8)
    index = pd.MultiIndex.from_product([range(12), range(2010, 2016)], names=["unit", "year"])
    x = pd.DataFrame({"x": rng.normal(size=72), "z": rng.normal(size=72)}, index=index)
    effects = index.to_frame()
    noise = rng.normal(0, 0.5, 72) + effects["unit"] * 0.3 + (effects["year"] - 2010) * 0.2
    return (2 * x["x"] + noise).rename("y"), x, effects


def test_clustered_regression_is_that_with_all_dummies(made):
    """Least squares with every dummy in the matrix, and the sandwich of Arellano (1987) city by city."""
    y, x, effects = made
    cities = np.eye(12)[effects["unit"]]
    years = np.eye(6)[effects["year"] - 2010][:, 1:]
    X = np.column_stack([x, cities, years])
    bread = np.linalg.inv(X.T @ X)
    b = bread @ X.T @ y.to_numpy()
    e = y.to_numpy() - X @ b
    meat = sum(
        np.outer(X[rows].T @ e[rows], X[rows].T @ e[rows])
        for rows in (effects["unit"] == c for c in range(12))
    )
    error = np.sqrt(np.diag(bread @ meat @ bread))[:2]
    found = [clustered(x.assign(y=y), "y ~ x + z", "twoways", term) for term in ("x", "z")]
    np.testing.assert_allclose([one.estimate for one in found], b[:2], rtol=1e-9)
    expected = 2 * norm.sf(np.abs(b[:2] / error))
    np.testing.assert_allclose([one.pvalue for one in found], expected, rtol=1e-6)


def test_a_slope_is_said_with_its_p_value():
    assert said_tests({"tourism": Slope(-0.5, 0.0004)}) == "tourism -0.500 (p 0.000)"


def test_what_prices_would_decide_waits(judged):
    for name in ("M-03", "M-04", "M-05", "M-06"):
        assert judged[name].verdict == "not testable"
        assert "price" in judged[name].why
    assert judged["M-01"].verdict == "recorded"
    assert judged["Q2-01"].verdict == "not testable"
    assert "pairs" in judged["Q2-01"].why


def test_market_access_has_four_elasticities(judged):
    found = judged["M-08"]
    assert found.computed.count("(p ") == 4
    estimates = [float(part.rsplit(" (p", 1)[0].rsplit(" ", 1)[1]) for part in found.computed.split("; ")]
    pvalues = [float(part.rsplit("p ", 1)[1].rstrip(")")) for part in found.computed.split("; ")]
    holds = min(estimates) > 0 and max(pvalues) < 0.05 and estimates[0] == max(estimates)
    assert found.verdict == ("replicated" if holds else "not replicated")


def test_dispersion_of_productivity(case, judged):
    rows = np.log(case.frame["gdp"] / case.frame["employed_units_total"])
    spread = rows.groupby(level="year").std()
    assert spread.loc[2005:2019].notna().all()
    assert "15 years" in judged["M-10"].computed
    assert judged["M-10"].verdict == "not replicated"


def test_zones_before_and_after_are_differences_of_differences(case, judged):
    """A balanced panel with one start: the coefficient is the difference of two differences of means."""
    table = case.frame["va_secondary"].unstack("year")
    logs = np.log(table / table.sum())[list(range(2006, 2019))]
    member = logs.index.isin(case.regions["皖江"])
    after = logs.loc[:, 2010:].mean(axis=1) - logs.loc[:, :2009].mean(axis=1)
    difference = after[member].mean() - after[~member].mean()
    assert f"2010 {difference:+.3f} (p" in judged["Q1-01"].computed
    assert judged["Q1-01"].verdict == "not replicated"


def test_intervention_under_two_families(judged):
    assert judged["Q1-02"].computed.startswith("contiguity ")
    assert "rail time" in judged["Q1-02"].computed
    assert judged["Q1-02"].weights == "contiguity; 5 nearest by rail time"


def test_specialization_moves_with_transfer_on_made_tables(study, registry, add_tables, as_manufacturing):
    """Synthetic: twelve cities grow, each in one industry, so that they specialize the more they gain."""
    rng = np.random.default_rng(9)
    industries = [f"C{number}" for number in range(13, 44)]
    base = pd.DataFrame(100.0, index=study.units.index, columns=industries)
    growth = np.eye(31)[rng.integers(0, 31, 41)] * rng.uniform(500, 2000, (41, 1))
    growth[12:] = 0.0
    tables = {year: base + step * growth for step, year in enumerate((2010, 2015, 2020))}
    files = {f"panels/manufacturing/{year}.csv": as_manufacturing(table) for year, table in tables.items()}
    case = Case(study, seed=7, data_dir=add_tables(files))
    found = specialization_and_transfer.judge(case, registry["M-07"])
    assert found.verdict == "replicated"
