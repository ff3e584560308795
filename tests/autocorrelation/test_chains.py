"""Markov chains as arrays: limits, passage times, homogeneity."""

import numpy as np
import pytest
from scipy.stats import chi2

from yrdspatial.autocorrelation.chains import ergodic_distribution, first_passage_times, homogeneity


@pytest.fixture
def chain():
    return np.random.default_rng(7).integers(1, 30, (5, 5))


def test_the_long_run_is_a_high_power(chain):
    P = chain / chain.sum(axis=1, keepdims=True)
    far = np.linalg.matrix_power(P, 200)
    np.testing.assert_allclose(np.broadcast_to(ergodic_distribution(chain), far.shape), far, rtol=1e-9)


def test_the_long_run_is_the_left_eigenvector(chain):
    P = chain / chain.sum(axis=1, keepdims=True)
    values, vectors = np.linalg.eig(P.T)
    stationary = np.real(vectors[:, np.argmax(np.real(values))])
    np.testing.assert_allclose(ergodic_distribution(chain), stationary / stationary.sum(), rtol=1e-9)


def test_probabilities_serve_as_well_as_counts(chain):
    P = chain / chain.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(ergodic_distribution(P), ergodic_distribution(chain), rtol=1e-10)


def test_a_cycle_has_a_long_run():
    cycle = np.roll(np.eye(4), 1, axis=1)
    np.testing.assert_allclose(ergodic_distribution(cycle), 0.25)
    steps = first_passage_times(cycle)
    assert steps[0].round(9).tolist() == [4, 1, 2, 3]


def test_classes_that_are_left_for_good_have_no_share():
    counts = np.array([[2, 1, 0, 0], [1, 2, 1, 0], [0, 0, 3, 1], [0, 0, 1, 3]])
    np.testing.assert_allclose(ergodic_distribution(counts), [0, 0, 0.5, 0.5], atol=1e-12)
    assert np.isnan(first_passage_times(counts)).all()


def test_passage_times_by_walking():
    P = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [0.3, 0.3, 0.4]])
    rng, target = np.random.default_rng(3), 2
    steps = []
    for _ in range(4000):
        state, count = 0, 0
        while True:
            state, count = rng.choice(3, p=P[state]), count + 1
            if state == target:
                break
        steps.append(count)
    found = first_passage_times(P)[0, target]
    assert found == pytest.approx(np.mean(steps), abs=4 * np.std(steps) / np.sqrt(4000))


def test_return_times_are_inverse_shares(chain):
    np.testing.assert_allclose(
        np.diag(first_passage_times(chain)), 1 / ergodic_distribution(chain), rtol=1e-9
    )


def test_equal_groups_are_homogeneous(chain):
    found = homogeneity(np.stack([chain, 2 * chain, chain]))
    assert found["statistic"].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert found["pvalue"].tolist() == pytest.approx([1, 1])
    assert found["df"].tolist() == [2 * 5 * 4] * 2


def test_empty_rows_and_columns_cost_degrees_of_freedom():
    counts = np.array([[[4, 2, 0], [1, 3, 0], [0, 0, 0]], [[2, 2, 0], [0, 0, 0], [0, 0, 0]]])
    found = homogeneity(counts)
    assert found["df"].tolist() == [1, 1]
    assert found["pvalue"].tolist() == pytest.approx(chi2.sf(found["statistic"], 1).tolist())


def test_the_size_of_the_tests():
    # synthetic: two groups of one chain; 400 pairs, four standard errors of a share of 0.05 are 0.044
    rng = np.random.default_rng(1)
    P = np.array([[0.6, 0.4], [0.3, 0.7]])
    rejections = []
    for _ in range(400):
        groups = np.array([[rng.multinomial(60, row) for row in P] for _ in range(2)])
        rejections.append(homogeneity(groups)["pvalue"].to_numpy() <= 0.05)
    assert np.abs(np.mean(rejections, axis=0) - 0.05).max() < 0.044
