"""Wald tests of linear and other restrictions."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from yrdspatial.errors import SpecificationError
from yrdspatial.models.wald import TestResult, chi2_test, wald

NAMES = ["x1", "log(x2)", "W_x1", "rho"]
PARAMS = pd.Series([1.0, -0.5, 0.3, 0.4], NAMES)
ROOT = np.random.default_rng(0).normal(size=(4, 6)) / 5
COV = pd.DataFrame(ROOT @ ROOT.T, NAMES, NAMES)


def quadratic(r, R):
    return r @ np.linalg.solve(R @ COV.to_numpy() @ R.T, r)


def test_linear_restrictions_in_words():
    found = wald(PARAMS, COV, "W_x1 = 0, x1 + rho = 1")
    R = np.array([[0, 0, 1, 0], [1, 0, 0, 1]], dtype=float)
    assert found.statistic == pytest.approx(quadratic(R @ PARAMS.to_numpy() - [0, 1], R))
    assert found.df == 2
    assert found.pvalue == pytest.approx(chi2.sf(found.statistic, 2))


def test_names_with_brackets_go_between_backticks():
    found = wald(PARAMS, COV, "`log(x2)` = 0")
    assert found.statistic == pytest.approx(0.25 / COV.loc["log(x2)", "log(x2)"])


def test_names_that_are_jointly_zero_and_frames():
    R = np.eye(4)[[1, 2]]
    expected = quadratic(R @ PARAMS.to_numpy(), R)
    assert wald(PARAMS, COV, ["log(x2)", "W_x1"]).statistic == pytest.approx(expected)
    frame = pd.DataFrame(np.eye(2), columns=["log(x2)", "W_x1"])
    assert wald(PARAMS, COV, frame).statistic == pytest.approx(expected)


def test_a_function_of_the_parameters():
    def common_factor(p):
        return p["W_x1"] + p["rho"] * p["x1"]

    R = np.array([[0.4, 0.0, 1.0, 1.0]])
    found = wald(PARAMS, COV, common_factor)
    assert found.statistic == pytest.approx(quadratic(np.array([0.7]), R), rel=1e-8)
    assert found.null == "common_factor = 0"


@pytest.mark.parametrize(
    "bad",
    ["nothing = 0", "x1 =", ["nothing"], pd.DataFrame({"nothing": [1.0]}), "x1 = 0, 2 * x1 = 0"],
)
def test_senseless_restrictions_are_refused(bad):
    with pytest.raises(SpecificationError):
        wald(PARAMS, COV, bad)


def test_a_test_result_reads_as_a_line():
    result = chi2_test("Wald", "W_x1 = 0", 3.841458820694124, 1)
    assert isinstance(result, TestResult)
    assert str(result) == "Wald: 3.8415 (df 1), p = 0.0500; H0: W_x1 = 0"
