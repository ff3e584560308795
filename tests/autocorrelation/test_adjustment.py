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
