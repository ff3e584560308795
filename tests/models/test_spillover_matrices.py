"""The matrix of effects by its formula, and labels that are refused."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.models.spillover_matrices import (
    matrix_at,
    member_mask,
    parts_of,
    period_shares,
    term_position,
    terms_of,
)

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


@pytest.fixture
def simulated(panel):
    return panel()


def fitted(simulated, model="SDM", **options):
    return getattr(yrd, model)(simulated.data, "y ~ x1 + x2", weights=simulated.weights, **options).fit()


@pytest.mark.parametrize("year", [None, 2003])
def test_the_matrix_is_that_of_the_formula(simulated, year):
    results = fitted(simulated)
    beta, theta, rho = results.params[["x2", "W_x2", "rho"]]
    weights = simulated.arrays["weights"]
    each = np.linalg.solve(np.eye(14) - rho * weights, beta * np.eye(14) + theta * weights)
    expected = each.mean(axis=0) if year is None else each[year - 2001]
    shares = period_shares(results, year)
    found = matrix_at(parts_of(results), results.params.to_numpy(), term_position(results, "x2"), shares)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_shares_sum_to_one(simulated):
    results = fitted(simulated)
    assert period_shares(results, None).tolist() == pytest.approx([1 / 6] * 6)
    assert period_shares(results, 2002).tolist() == [0, 1, 0, 0, 0, 0]
    with pytest.raises(
        AlignmentError, match=r"a year is not in the sample \[1999\]: the sample has 2001 to 2006"
    ):
        period_shares(results, 1999)


def test_terms_are_all_but_the_constant(simulated):
    results = fitted(simulated, effects="pooled")
    assert terms_of(results) == ["x1", "x2"]
    assert term_position(results, "x2") == 1
    with pytest.raises(SpecificationError, match="Intercept is no term of the model: use one of x1, x2"):
        term_position(results, "Intercept")


@pytest.mark.parametrize("model", ["OLS", "SEM"])
def test_models_without_lags_have_no_spillovers(simulated, model):
    with pytest.raises(SpecificationError, match=f"{model} has no spillovers"):
        parts_of(fitted(simulated, model))


def test_sets_of_units():
    units = pd.Index(["a", "b", "c"])
    assert member_mask(units, ["c", "a"]).tolist() == [True, False, True]
    with pytest.raises(AlignmentError, match=r"units are not in the sample \[z\]"):
        member_mask(units, ["a", "z"])
