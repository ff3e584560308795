"""Roles of weights: several names, equal weights together."""

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.models.weight_roles import weight_roles

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def roles(model, simulated, **options):
    design = getattr(yrd, model)(simulated.data, "y ~ x1 + x2", **options).design
    return [found for found, _ in weight_roles(design)]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("OLS", []),
        ("SLX", [("X",)]),
        ("SAR", [("y",)]),
        ("SEM", [("error",)]),
        ("SDM", [("y", "X")]),
        ("SDEM", [("X", "error")]),
        ("SAC", [("y", "error")]),
        ("GNS", [("y", "X", "error")]),
    ],
)
def test_roles_of_every_model(panel, model, expected):
    simulated = panel()
    options = {} if model == "OLS" else {"weights": simulated.weights}
    assert roles(model, simulated, **options) == expected


def test_other_weights_stand_apart(panel):
    simulated, other = panel(), panel("rows", seed=8)
    found = roles("SDM", simulated, weights=simulated.weights, durbin_weights=other.weights)
    assert found == [("y",), ("X",)]


def test_the_same_matrices_in_other_years_are_other_weights(panel):
    simulated = panel()
    turned = yrd.WeightsSeries(
        {year: simulated.weights[2007 - year + 2000] for year in simulated.weights.years}
    )
    assert len(roles("SDM", simulated, weights=simulated.weights, durbin_weights=turned)) == 2


def test_parts_have_their_names(panel):
    simulated = panel()
    parts = yrd.split_weights(simulated.weights, simulated.data["region"].groupby(level="unit").first())
    found = roles("SDM", simulated, weights=parts)
    assert found == [("y (within)", "X (within)"), ("y (across)", "X (across)")]


def test_the_weights_are_those_of_the_model(panel):
    simulated = panel()
    design = yrd.SAR(simulated.data, "y ~ x1", weights=simulated.weights).design
    ((_, weights),) = weight_roles(design, {"y": "W", "x": "", "error": ""})
    np.testing.assert_array_equal(weights.matrices[weights.position], simulated.arrays["weights"])
