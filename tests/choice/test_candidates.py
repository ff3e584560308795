"""Rival weights of one model: what is read, and what is refused."""

import numpy as np
import pytest

from yrdspatial.choice.candidates import read_rivals
from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.weights.series import WeightsSeries

ALLOWED = ("SAR", "SDM")


def read(panel, weights=None, **changes):
    asked = {"model": "SAR", "effects": "twoways", "allowed": ALLOWED} | changes
    return read_rivals(panel.data, "y ~ x + z", panel.weights if weights is None else weights, **asked)


def test_every_weights_has_its_design_on_the_same_rows(synthetic):
    panel = synthetic()
    designs = read(panel, model="SDM")
    assert list(designs) == ["ring", "other"]
    for name, design in designs.items():
        assert design.spec.terms == ("x", "z")
        assert np.allclose(design.problem.y, panel.arrays["y"])
        assert np.allclose(design.problem.lag.matrices[0], panel.arrays[name])
        assert np.allclose(design.problem.X[:, :, 2], panel.arrays["x"] @ panel.arrays[name].T)


def test_a_model_that_the_question_does_not_fit_is_refused(synthetic):
    with pytest.raises(SpecificationError, match=r"weights of SEM cannot be compared.*use SAR, SDM"):
        read(synthetic(), model="SEM")


def test_one_weight_has_no_rival(synthetic):
    panel = synthetic()
    with pytest.raises(SpecificationError, match="no rival"):
        read(panel, {"ring": panel.weights["ring"]})
    series = WeightsSeries({2001: panel.weights["ring"], 2002: panel.weights["ring"]})
    with pytest.raises(SpecificationError, match="no rival"):
        read(panel, series)


def test_random_effects_and_several_weights_are_refused(synthetic):
    panel = synthetic()
    with pytest.raises(SpecificationError, match="random effects"):
        read(panel, effects="random")
    parts = {"both": panel.weights, "ring": panel.weights["ring"]}
    with pytest.raises(SpecificationError, match=r"several weights at once \(both\)"):
        read(panel, parts)


def test_other_units_are_an_error_of_alignment(synthetic):
    panel = synthetic()
    smaller = panel.weights["ring"].iloc[1:, 1:]
    with pytest.raises(AlignmentError):
        read(panel, {"ring": panel.weights["ring"], "smaller": smaller})
