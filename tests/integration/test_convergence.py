"""Sigma and beta convergence against statsmodels and closed forms."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from yrdspatial import load_panel
from yrdspatial.errors import DataError, SpecificationError
from yrdspatial.integration.convergence import beta_convergence, sigma_convergence


@pytest.fixture(scope="module")
def per_head():
    frame = load_panel().select(years=range(2010, 2023)).frame
    return frame["gdp"] / frame["population_resident_adj"]


def test_sigma_is_the_dispersion_of_every_year(per_head):
    table = sigma_convergence(per_head.sample(frac=1, random_state=1))
    year = per_head.xs(2015, level="year")
    assert table.loc[2015, "sd_log"] == pytest.approx(np.log(year).std(ddof=1))
    assert table.loc[2015, "cv"] == pytest.approx(year.std(ddof=1) / year.mean())
    assert table.index.tolist() == list(range(2010, 2023))


def test_beta_equals_statsmodels(per_head):
    found = beta_convergence(per_head, base=2010, end=2018)
    first, last = (np.log(per_head.xs(year, level="year")) for year in (2010, 2018))
    fit = sm.OLS(((last - first) / 8).to_numpy(), sm.add_constant(first.to_numpy())).fit()
    assert found.coefficient == pytest.approx(fit.params[1], rel=1e-9)
    assert found.std_error == pytest.approx(fit.bse[1], rel=1e-9)
    assert found.pvalue == pytest.approx(fit.pvalues[1], rel=1e-8)
    assert found.r2 == pytest.approx(fit.rsquared, rel=1e-9)
    assert (found.nobs, found.years) == (41, 8)


def test_speed_is_recovered_from_exact_convergence():
    # ln y_T = exp(-0.02 T) ln y_0 + constant is convergence at two per cent a year
    start = np.array([0.5, 1.0, 1.7, 2.4])
    end = np.exp(-0.02 * 20) * start + 3
    index = pd.MultiIndex.from_product([[2000, 2020], list("abcd")], names=["year", "unit"])
    found = beta_convergence(pd.Series(np.exp(np.r_[start, end]), index), base=2000, end=2020)
    assert found.speed == pytest.approx(0.02, rel=1e-9)
    assert found.half_life == pytest.approx(np.log(2) / 0.02, rel=1e-9)
    assert found.notes == ()


def test_divergence_and_overshooting_say_why_there_is_no_half_life():
    index = pd.MultiIndex.from_product([[2000, 2010], list("abc")], names=["year", "unit"])
    apart = beta_convergence(pd.Series([1.0, 2, 4, 1, 4, 16], index), base=2000, end=2010)
    assert apart.half_life is None
    assert apart.speed < 0
    assert apart.notes == ("no convergence: there is no half-life",)
    over = beta_convergence(pd.Series([1.0, 2, 4, 16, 4, 1], index), base=2000, end=2010)
    assert over.speed is None
    assert "beyond -1/T" in over.notes[0]


def test_refusals(per_head):
    with pytest.raises(SpecificationError, match=r"year is not in the data .2005"):
        beta_convergence(per_head, base=2005, end=2018)
    with pytest.raises(SpecificationError, match="base before end"):
        beta_convergence(per_head, base=2018, end=2010)
    frame = load_panel().select(years=range(2014, 2017)).frame
    with pytest.raises(DataError, match=r"not positive .Changzhou"):
        sigma_convergence(frame["gdp"] / frame["population_resident"])
