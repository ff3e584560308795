"""Theil's T against the inequality package, its decomposition, weights by population, and the Mann-Kendall trend."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from inequality.theil import TheilD

from yrdspatial import load_panel, load_units
from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.integration.inequality import mann_kendall, theil

GROUPS = pd.Series([1, 1, 2, 2, 3, 3], index=list("abcdef"))
few = settings(max_examples=20, deadline=None, derandomize=True)
amounts = arrays(float, 6, elements=st.floats(0.5, 100)).map(lambda y: pd.Series(y, index=list("abcdef")))


@few
@given(amounts)
def test_equal_weights_equal_the_inequality_package(y):
    ours = theil(y, groups=GROUPS).iloc[0]
    theirs = TheilD(y.to_numpy(), GROUPS.to_numpy())
    np.testing.assert_allclose(ours["total"], theirs.T, atol=1e-12)
    np.testing.assert_allclose(ours["between"], theirs.bg[0], atol=1e-12)
    np.testing.assert_allclose(ours["within"], theirs.wg[0], atol=1e-12)


@few
@given(amounts, amounts, st.floats(1e-3, 1e3))
def test_weighted_by_population_it_is_that_of_the_persons(y, p, factor):
    people = p.round().clip(lower=1)
    ours = theil(y, people, groups=GROUPS).iloc[0]
    persons = np.repeat(y / people, people.astype(int))
    share = persons / persons.sum()
    assert ours["total"] == pytest.approx((share * np.log(share * len(persons))).sum(), abs=1e-10)
    scaled = theil(y * factor, people * 7, groups=GROUPS.sample(frac=1, random_state=1)).iloc[0]
    np.testing.assert_allclose(scaled, ours, atol=1e-10)
    assert ours["total"] == pytest.approx(ours["between"] + ours["within"], abs=1e-12)
    assert ours["within"] >= -1e-12


def test_zero_amounts_and_equality():
    y = pd.Series([0.0, 1.0, 1.0, 1.0, 1.0, 1.0], index=list("abcdef"))
    assert theil(y, groups=None)["total"].item() == pytest.approx(np.log(6 / 5))
    equal = theil(y.clip(lower=1), groups=GROUPS)
    assert equal["total"].item() == pytest.approx(0)
    assert equal["between_share"].isna().item() or abs(equal["total"].item()) < 1e-15


def test_published_vector_of_another_program_is_the_mean_log_deviation():
    # REAT theil(c(10, 10, 10, 20, 50)) = 0.2326302, printed with seven decimals: Theil's L
    y = pd.Series([10.0, 10, 10, 20, 50])
    assert theil(y, groups=None, measure="L")["total"].item() == pytest.approx(0.2326302, abs=5e-8)


@few
@given(amounts, amounts)
def test_mean_log_deviation_and_its_decomposition(y, p):
    ours = theil(y, p, groups=GROUPS, measure="L").iloc[0]
    weight, head = p / p.sum(), y / p
    assert ours["total"] == pytest.approx((weight * np.log(y.sum() / p.sum() / head)).sum(), abs=1e-12)
    parts = [
        theil(y[g == GROUPS], p[g == GROUPS], groups=None, measure="L")["total"].item() * p[g == GROUPS].sum()
        for g in (1, 2, 3)
    ]
    assert ours["within"] == pytest.approx(sum(parts) / p.sum(), abs=1e-12)
    with pytest.raises(DataError, match="a"):
        theil(y.where(y.index != "a", 0.0), p, groups=GROUPS, measure="L")


def test_the_delta_by_province_and_year():
    frame = load_panel().select(years=range(2010, 2023)).frame
    table = theil(frame["gdp"], frame["population_resident_adj"])
    assert table.index.tolist() == list(range(2010, 2023))
    one = frame.xs(2020, level="year")
    by_hand = TheilD((one["gdp"]).to_numpy(), load_units()["province_en"].to_numpy())
    unweighted = theil(one["gdp"]).iloc[0]
    np.testing.assert_allclose(unweighted["between"], by_hand.bg[0], atol=1e-12)
    shuffled = frame.sample(frac=1, random_state=5)
    np.testing.assert_allclose(theil(shuffled["gdp"], frame["population_resident_adj"]), table, atol=1e-12)
    assert table.attrs["variant"] == "weighted by population, province"


def test_one_population_for_all_years():
    frame = load_panel().select(years=[2010, 2020]).frame
    census = frame["population_census"].xs(2010, level="year")
    table = theil(frame["gdp"], census)
    expected = theil(frame["gdp"].xs(2020, level="year"), census)
    np.testing.assert_allclose(table.loc[2020], expected.iloc[0])


def test_refusals():
    y = pd.Series([1.0, np.nan], index=[340100, 310000])
    with pytest.raises(DataError, match="Shanghai"):
        theil(y)
    with pytest.raises(DataError, match="all zero"):
        theil(y.fillna(1) * 0)
    with pytest.raises(AlignmentError, match=r"no group .a"):
        theil(pd.Series({"a": 1.0}), groups=pd.Series({"b": 1}))
    with pytest.raises(AlignmentError, match=r"population does not fit the values .Shanghai"):
        theil(y.fillna(1), pd.Series({340100: 1.0}))
    with pytest.raises(AlignmentError, match="there twice"):
        theil(pd.concat([y, y]).fillna(1))
    with pytest.raises(SpecificationError, match="groups=county"):
        theil(y.fillna(1), groups="county")


def test_mann_kendall_worked_example():
    # S = 8, variance 16.667, z = 1.7146428199482247
    result = mann_kendall(pd.Series([50.5, 51.1, 51.0, 51.6, 52.5]))
    assert result["S"] == 8
    assert result["z"] == pytest.approx(1.7146428199482247, abs=1e-12)
    assert result["p"] == pytest.approx(2 * scipy.stats.norm.sf(1.7146428199482247))


@few
@given(st.lists(st.integers(0, 30), min_size=4, max_size=15, unique=True))
def test_tau_without_ties_equals_scipy(values):
    result = mann_kendall(pd.Series(values, dtype=float))
    expected = scipy.stats.kendalltau(range(len(values)), values).statistic
    assert result["tau"] == pytest.approx(expected, abs=1e-12)


def test_ties_lower_the_variance_and_constants_have_no_trend():
    n, ties = 5, 2
    variance = (n * (n - 1) * (2 * n + 5) - ties * (ties - 1) * (2 * ties + 5)) / 18
    result = mann_kendall(pd.Series([1.0, 2.0, 2.0, 3.0, 4.0]))
    assert result["z"] == pytest.approx((9 - 1) / np.sqrt(variance))
    assert mann_kendall(pd.Series([1.0, 1.0, 1.0]))[["S", "z", "p"]].tolist() == [0, 0, 1]
    with pytest.raises(DataError, match="2 values"):
        mann_kendall(pd.Series([1.0, 2.0]))
