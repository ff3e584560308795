"""Sets of eigenvalues are computed once, by the content of the weights."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from yrdspatial.models import eigenvalues as room
from yrdspatial.models.eigenvalues import eigenvalues, forget, remembered

RING = np.roll(np.eye(6), 1, axis=1)


def test_eigenvalues_of_a_directed_ring_are_roots_of_unity():
    roots = np.exp(2j * np.pi * np.arange(6) / 6)
    for weights in (RING, csr_array(RING)):
        found = eigenvalues(weights)
        assert np.abs(found[:, None] - roots).min(axis=0) == pytest.approx(np.zeros(6), abs=1e-12)


def test_the_same_content_is_computed_once(monkeypatch):
    forget()
    calls = []
    monkeypatch.setattr(room, "eigenvalues", lambda weights: calls.append(1) or eigenvalues(weights))
    assert remembered(RING) is remembered(RING.copy())
    remembered(2.0 * RING)
    assert len(calls) == 2
    forget()
    remembered(RING)
    assert len(calls) == 3


def test_changed_weights_are_other_weights():
    table = RING.copy()
    before = remembered(table)
    table *= 2.0
    assert remembered(table) == pytest.approx(2.0 * before)


def test_old_sets_are_dropped(monkeypatch):
    monkeypatch.setattr(room, "REMEMBERED", 2)
    forget()
    first = remembered(RING)
    for scale in (2.0, 3.0):
        remembered(scale * RING)
    assert remembered(RING) is not first
