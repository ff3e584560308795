"""When rho is hardly identified, it is said, with the reason."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from yrdspatial.models.estimators import SAR
from yrdspatial.models.identification import effective_neighbours, weak_points
from yrdspatial.models.likelihood import fit_lag
from yrdspatial.models.spectra import Spectra


def problem_of(simulated, effects="twoways", weights=None):
    weights = simulated.weights if weights is None else weights
    return SAR(simulated.data, "y ~ x1 + x2", weights=weights, effects=effects).design.problem


def equal(simulated, tilt=0.0):
    table = (1 - np.eye(14)) / 13
    table[0, 1] += tilt
    return pd.DataFrame(table, simulated.weights.units, simulated.weights.units)


def test_effective_neighbours_of_equal_weights_are_their_number():
    ring = (np.roll(np.eye(6), 1, 1) + np.roll(np.eye(6), -1, 1)) * 7
    island = ring.copy()
    island[0] = 0.0
    assert effective_neighbours(Spectra.of(ring[None], np.zeros(2, int))) == pytest.approx(2.0)
    assert effective_neighbours(Spectra.of(island[None], np.zeros(2, int))) == pytest.approx(2.0)
    assert effective_neighbours(Spectra.of(np.zeros((1, 3, 3)), np.zeros(2, int))) == 0.0


def test_unequal_weights_count_less():
    row = np.array([[0.0, 0.8, 0.2], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert effective_neighbours(Spectra.of(row[None], np.zeros(1, int))) == pytest.approx(1 / (0.64 + 0.04))


def test_a_good_fit_has_no_warning(panel):
    problem = problem_of(panel())
    assert weak_points(problem, fit_lag(problem), np.array([0.05]), ("rho",)) == ()


def test_a_wide_standard_error_is_said(panel):
    problem = problem_of(panel())
    said = weak_points(problem, fit_lag(problem), np.array([0.4]), ("rho",))
    assert len(said) == 1
    assert said[0].startswith("rho is weakly identified: its standard error is 0.40")


def test_a_boundary_is_said_instead_of_the_standard_error(panel):
    problem = problem_of(panel())
    fit = replace(fit_lag(problem), at_bound=(True,), fall=0.0)
    said = weak_points(problem, fit, np.array([0.4]), ("rho",))
    assert len(said) == 1
    assert "end of its interval" in said[0]


def test_a_flat_profile_is_said(panel):
    problem = problem_of(panel())
    said = weak_points(problem, replace(fit_lag(problem), fall=0.7), np.array([0.1]), ("rho",))
    assert "falls by 0.70" in said[0]


def test_dense_weights_matter_under_time_effects_alone(panel):
    simulated = panel()
    for effects, count in (("twoways", 1), ("time", 1), ("unit", 0), ("pooled", 0)):
        problem = problem_of(simulated, effects, equal(simulated, 0.05))
        fit = replace(fit_lag(problem), at_bound=(False,), fall=9.0)
        said = weak_points(problem, fit, np.array([0.1]), ("rho",))
        assert len(said) == count
        assert all("effective neighbours of 14 units" in line for line in said)
