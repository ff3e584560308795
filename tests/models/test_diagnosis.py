"""Results of tests with a remark."""

import numpy as np

from yrdspatial.models.diagnosis import Diagnosis, as_table, inapplicable
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
