"""Adjusted p-values against scipy and the definition."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from yrdspatial.autocorrelation.adjustment import adjust
from yrdspatial.errors import SpecificationError

P = np.array(
    [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34]
)


def test_fdr_equals_scipy():
    rng = np.random.default_rng(1)
    for p in (P, rng.random(100), np.minimum(np.round(rng.random(50), 1) + 0.001, 1)):
        np.testing.assert_allclose(adjust(p, "fdr"), false_discovery_control(p), rtol=1e-12)


def test_fdr_rejects_what_the_step_up_procedure_rejects():
    largest = max(k for k in range(1, P.size + 1) if P[k - 1] <= k / P.size * 0.05)
    assert (adjust(P) <= 0.05).sum() == largest


def test_bonferroni_and_none():
    np.testing.assert_allclose(adjust(P, "bonferroni"), np.minimum(1, P * 15))
    np.testing.assert_array_equal(adjust(P, "none"), P)


def test_order_does_not_matter():
    order = np.random.default_rng(2).permutation(P.size)
    np.testing.assert_array_equal(adjust(P[order]), adjust(P)[order])


def test_unknown_correction():
    with pytest.raises(SpecificationError, match='choose "fdr"'):
        adjust(P, "holm")


@pytest.mark.parametrize("correction", ["fdr", "bonferroni", "none"])
def test_adjusted_pvalues_keep_the_order_and_never_shrink(correction):
    p = np.random.default_rng(3).random(60)
    adjusted = adjust(p, correction)
    assert (adjusted >= p - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= -1e-15).all()


def test_one_test_needs_no_correction():
    assert (
        adjust(np.array([0.03]), "fdr").tolist() == adjust(np.array([0.03]), "bonferroni").tolist() == [0.03]
    )


def test_equal_pvalues_stay_equal():
    assert len(set(adjust(np.full(20, 0.04)).tolist())) == 1


def test_the_chance_of_any_rejection_among_true_hypotheses():
    # 1,000 families of 20 independent true hypotheses: four standard errors of 0.05 are 0.028
    p = np.random.default_rng(4).random((1000, 20))
    for correction in ("fdr", "bonferroni"):
        rejected = [(adjust(row, correction) <= 0.05).any() for row in p]
        assert np.mean(rejected) <= 0.05 + 0.028
