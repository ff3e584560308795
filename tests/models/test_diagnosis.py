"""Results of tests with a remark."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.models.diagnosis import Diagnosis, as_table, inapplicable, islands
from yrdspatial.models.wald import TestResult, chi2_test


def test_an_inapplicable_test_says_why():
    found = inapplicable("Hausman", "no correlation", "the covariances are equal")
    assert np.isnan(found.statistic)
    assert np.isnan(found.pvalue)
    assert found.df == 0
    assert str(found) == "Hausman: not applicable, the covariances are equal"


def test_a_remark_follows_the_numbers():
    found = Diagnosis("CD", "no dependence", 1.0, 1, 0.3173, "two-sided")
    assert str(found) == "CD: 1.0000 (df 1), p = 0.3173; H0: no dependence (two-sided)"
    assert str(Diagnosis("CD", "no dependence", 1.0, 1, 0.3173)).endswith("no dependence")


def test_a_diagnosis_is_a_test_result():
    assert isinstance(inapplicable("a", "b", "c"), TestResult)


def test_table_has_one_row_a_test():
    table = as_table([chi2_test("LR", "theta = 0", 3.841459, 1), inapplicable("Wald", "rho = 0", "no rho")])
    assert list(table.columns) == ["test", "null", "statistic", "df", "pvalue", "note"]
    assert table["test"].tolist() == ["LR", "Wald"]
    assert table["note"].tolist() == ["", "no rho"]
    assert table["pvalue"].round(6).iloc[0] == 0.05
    assert table["pvalue"].isna().tolist() == [False, True]


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
@pytest.mark.parametrize(
    ("model", "effects"),
    [("SLX", "twoways"), ("SAR", "unit"), ("SDM", "twoways"), ("SEM", "time"), ("SAR", "random")],
)
def test_islands_are_named(panel, model, effects):
    simulated = panel("islands")
    results = getattr(yrd, model)(simulated.data, "y ~ x1", weights=simulated.weights, effects=effects).fit()
    empty = (simulated.arrays["weights"].sum(axis=2) == 0).any(axis=0)
    names = [name for name, alone in zip(simulated.weights.units, empty, strict=True) if alone]
    assert len(names) == 5
    listed = ", ".join(names[:3])
    said = f"5 units have no neighbours in some weights ({listed} and 2 more): their spatial lags are zero"
    assert said in results.warnings
    assert f"warning: {said}" in str(results.summary)


def test_where_every_unit_is_linked_nothing_is_said(panel):
    simulated = panel("rows")
    design = yrd.SDM(simulated.data, "y ~ x1", weights=simulated.weights).design
    assert islands(design) == ()
    assert islands(yrd.OLS(simulated.data, "y ~ x1").design) == ()


def test_an_island_of_one_year_and_of_all_parts(panel):
    """u03 loses its links in one year; u04 has none within, but some across; only three of four are named."""
    simulated = panel("rows")
    units = simulated.weights.units
    tables = {
        year: simulated.weights[year].adjacency.unstack(fill_value=0.0) for year in simulated.weights.years
    }
    tables[2003].loc["u03"] = 0.0
    series = yrd.WeightsSeries.from_frames(tables)
    assert (
        "1 unit has no neighbours in some weights (u03): its"
        in islands(yrd.SAR(simulated.data, "y ~ x1", weights=series).design)[0]
    )
    within = pd.DataFrame(np.roll(np.eye(14), 1, axis=1), units, units)
    across = pd.DataFrame(np.roll(np.eye(14), 2, axis=1), units, units)
    within.loc["u04"] = 0.0
    both = {"within": within, "across": across}
    assert islands(yrd.SAR(simulated.data, "y ~ x1", weights=both).design) == ()
    across.loc["u04":"u07"] = 0.0
    within.loc["u05":"u07"] = 0.0
    assert (
        "(u04, u05, u06 and 1 more): their"
        in islands(yrd.SAR(simulated.data, "y ~ x1", weights=both).design)[0]
    )
