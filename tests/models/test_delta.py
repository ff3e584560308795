"""Functions of coefficients: linear ones have closed-form errors, and independent models add their variances."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.models.delta import coefficients_of, delta_table

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


@pytest.fixture
def results(panel):
    simulated = panel("rows")
    return yrd.SDM(simulated.data, "y ~ x1 + x2", weights=simulated.weights).fit()


def test_coefficients_follow_the_covariance(results):
    assert coefficients_of(results).tolist() == results.params.tolist()


def test_linear_functions_have_the_errors_of_matrices(results):
    """Slopes by central differences of a linear function are exact but for rounding: 1e-8."""
    R = np.random.default_rng(3).normal(size=(2, len(results.params)))
    table = delta_table(lambda point: R @ point, [results], pd.Index(["a", "b"], name="row"))
    variance = np.diag(R @ results.cov.to_numpy() @ R.T)
    assert table["row"].tolist() == ["a", "b"]
    assert table["estimate"].to_numpy() == pytest.approx(R @ results.params.to_numpy())
    assert table["std_error"].to_numpy() == pytest.approx(np.sqrt(variance), rel=1e-7)
    assert (table["upper"] - table["lower"]).to_numpy() == pytest.approx(2 * 1.959964 * np.sqrt(variance))


def test_two_models_count_as_independent(results):
    K = len(results.params)
    table = delta_table(lambda point: point[:1] - point[K : K + 1], [results, results], pd.Index(["gap"]))
    assert table["estimate"].tolist() == [0.0]
    error = np.sqrt(2) * results.std_errors.iloc[0]
    assert table["std_error"].to_numpy() == pytest.approx([error], rel=1e-7)
    assert table["pvalue"].tolist() == [1.0]


def test_what_no_coefficient_moves_has_no_error(results):
    table = delta_table(lambda _: np.array([2.0]), [results], pd.Index(["two"]))
    assert table[["estimate", "std_error", "zstat", "pvalue"]].to_numpy().tolist() == [[2.0, 0.0, 0.0, 1.0]]
