"""Balanced flows: totals, ratios that are kept, and totals that cannot be."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import DataError, EstimationError

UNITS = list("abcd")


def table():
    rng = np.random.default_rng(0)
    kernel = pd.DataFrame(rng.uniform(0.5, 2.0, (4, 4)) * (1 - np.eye(4)), UNITS, UNITS)
    out, into = pd.Series([10.0, 20, 30, 40], UNITS), pd.Series([25.0, 25, 40, 10], UNITS)
    return kernel, out, into


def test_totals_fit_and_odds_ratios_are_those_of_the_kernel():
    kernel, out, into = table()
    flows = yrd.balance_flows(kernel, out, into[::-1])
    np.testing.assert_allclose(flows.sum(axis=1), out, rtol=1e-8)
    np.testing.assert_allclose(flows.sum(), into, rtol=1e-8)

    def odds(one):
        return one.loc["a", "b"] * one.loc["c", "d"] / one.loc["a", "d"] / one.loc["c", "b"]

    np.testing.assert_allclose(odds(flows), odds(kernel), rtol=1e-12)
    np.testing.assert_array_equal(np.diag(flows), 0)


def test_it_is_the_nearest_table_in_relative_entropy():
    kernel, out, into = table()
    flows = yrd.balance_flows(kernel, out, into).to_numpy()
    K = kernel.to_numpy()
    away = ~np.eye(4, dtype=bool)
    step = np.zeros((4, 4))
    step[[0, 1, 0, 1], [2, 3, 3, 2]] = [1, 1, -1, -1]  # keeps all totals

    def distance(one):
        return (one[away] * np.log(one[away] / K[away])).sum()

    assert all(distance(flows + h * step) > distance(flows) for h in (-0.5, -0.1, 0.1, 0.5))


def test_refused():
    kernel, out, into = table()
    with pytest.raises(DataError, match="other sums"):
        yrd.balance_flows(kernel, out, 2 * into)
    with pytest.raises(DataError, match="negative or missing"):
        yrd.balance_flows(kernel, out.iloc[1:], into)
    with pytest.raises(DataError, match="negative or missing"):
        yrd.balance_flows(-kernel, out, into)
    only = kernel * 0.0
    only.loc["a", "b"] = 1.0
    with pytest.raises(EstimationError, match="no flows with these zeros"):
        yrd.balance_flows(only, out, into)
