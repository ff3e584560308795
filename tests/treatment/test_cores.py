"""The numeric cores: ranks, predictions, clustered sums, comparisons, aggregation, overlap."""

import numpy as np
import pytest
from scipy import stats

from yrdspatial.treatment.aggregation import simultaneous_value
from yrdspatial.treatment.group_time import doubly_robust, outcome_regression
from yrdspatial.treatment.imputation import leads
from yrdspatial.treatment.regression import clustered_factor, least_squares, predictable, summed_by
from yrdspatial.treatment.staggered import NEVER, Staggered
from yrdspatial.treatment.twoways import event_dummies, regress


def synthetic_sample(first, periods=6, seed=1):
    rng = np.random.default_rng(seed)
    units = len(first)
    flat = np.zeros((periods, units), dtype=np.intp)
    y = rng.normal(size=(periods, units))
    return Staggered(y, np.zeros((periods, units, 0)), np.array(first), flat, np.arange(units))


def test_least_squares_of_any_rank_and_scale():
    rng = np.random.default_rng(2)
    Z = rng.normal(size=(30, 4)) * [1.0, 1e6, 1e-6, 1.0]
    Z = np.column_stack([Z, Z[:, 0] + Z[:, 3]])
    y = rng.normal(size=30)
    fit = least_squares(Z, y)
    assert fit.rank == 4
    expected = y - Z[:, :4] @ np.linalg.lstsq(Z[:, :4], y, rcond=None)[0]
    assert fit.residuals == pytest.approx(expected, abs=1e-8)
    assert predictable(fit, np.array([[0, 1.0, 0, 0, 0], [1.0, 0, 0, 0, 0]])).tolist() == [True, False]


def test_sums_by_group_keep_empty_groups():
    assert summed_by(np.ones((3, 2)), np.array([0, 2, 2]), 4).tolist() == [[1, 1], [0, 0], [2, 2], [0, 0]]
    assert clustered_factor(10, 100, 5) == pytest.approx(10 / 9 * 99 / 95)


def test_columns_span_unit_by_window_and_time():
    sample = synthetic_sample([2, NEVER, 3])
    assert sample.columns.shape == (18, 9)
    assert sample.nested_rank(np.ones(18, dtype=bool)) == 3
    assert np.linalg.matrix_rank(sample.columns) == 8


def test_leads_move_towards_treatment_until_they_are_identified():
    # all treated at 2: event times -2 and -1 only, and the first is the reference
    sample = synthetic_sample([2, 2, 2, NEVER, NEVER])
    found = leads(sample, -5, ~sample.treated.ravel())
    assert found.times == (-1,)
    before = sample.y[:2]
    change = (before[1] - before[0])[:3].mean() - (before[1] - before[0])[3:].mean()
    assert found.estimates[0] == pytest.approx(change)
    assert found.counts.tolist() == [3]
    assert leads(synthetic_sample([1, NEVER]), -3, ~synthetic_sample([1, NEVER]).treated.ravel()).times == ()


def test_event_dummies_hold_what_lies_beyond_the_window():
    sample = synthetic_sample([3, NEVER])
    times, dummies = event_dummies(sample, (-2, 1))
    assert times.tolist() == [-2, 0, 1]
    assert dummies.sum(axis=0).tolist() == [2, 1, 2]


def test_the_static_coefficient_is_the_mean_difference_of_two_groups():
    sample = synthetic_sample([3, 3, NEVER, NEVER, NEVER])
    found = regress(sample, sample.treated.astype(float).reshape(-1, 1))
    change = sample.y[3:].mean(axis=0) - sample.y[:3].mean(axis=0)
    assert found.estimates[0] == pytest.approx(change[:2].mean() - change[2:].mean())
    assert found.weights[:, 0] @ sample.y.ravel() == pytest.approx(found.estimates[0])


def test_outcome_regression_is_a_prediction_by_the_others():
    rng = np.random.default_rng(4)
    X = np.column_stack([np.ones(40), rng.normal(size=40)])
    D, change = (np.arange(40) < 12).astype(float), rng.normal(size=40)
    beta = np.linalg.lstsq(X[12:], change[12:], rcond=None)[0]
    effect, influence = outcome_regression(change, D, X)
    assert effect == pytest.approx((change - X @ beta)[:12].mean())
    assert influence.mean() == pytest.approx(0.0, abs=1e-12)
    # the influence predicts what leaving a unit's weight up a little does to the effect
    moved = change.copy()
    moved[20] += 1e-6
    numeric = (outcome_regression(moved, D, X)[0] - effect) / 1e-6
    assert numeric == pytest.approx(
        -(X[:12].mean(axis=0) @ np.linalg.inv(X[12:].T @ X[12:]) @ X[20]), rel=1e-4
    )


def test_without_overlap_there_is_no_doubly_robust_effect():
    X = np.column_stack([np.ones(10), np.arange(10.0)])
    D, change = (np.arange(10) > 6).astype(float), np.arange(10.0)
    assert doubly_robust(change, D, X) is None
    assert outcome_regression(change, D, X[:, [0, 1]])[0] == pytest.approx(0.0)
    assert outcome_regression(change, D, np.column_stack([X, D])) is None


def test_one_coefficient_needs_the_normal_quantile_and_many_need_more():
    rng = np.random.default_rng(6)
    scores = rng.normal(size=(500, 8))
    one, many = (
        simultaneous_value(scores[:, :count], level=0.95, draws=4000, rng=np.random.default_rng(1))
        for count in (1, 8)
    )
    assert one == pytest.approx(1.96, abs=0.1)
    assert many == pytest.approx(stats.norm.ppf((1 + 0.95 ** (1 / 8)) / 2), abs=0.15)
    assert np.isnan(simultaneous_value(np.zeros((5, 2)), level=0.95, draws=9, rng=rng))
