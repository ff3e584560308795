"""Regressors that cannot be told apart are named."""

import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.models.estimators import SAR, SDM


def ask(simulated, formula, effects="twoways", model=SAR, **columns):
    data = simulated.data.assign(**{name: make(simulated.data) for name, make in columns.items()})
    return model(data, formula, weights=simulated.weights, effects=effects)


def unit(data):
    return data.index.get_level_values("unit").str[1:].astype(float)


def year(data):
    return data.index.get_level_values("year").astype(float)


@pytest.mark.parametrize(
    ("effects", "column"), [("unit", unit), ("twoways", unit), ("time", year), ("twoways", year)]
)
def test_columns_absorbed_by_the_effects_are_named(panel, effects, column):
    with pytest.raises(SpecificationError, match=r"nothing is left beside the effects \[z\]"):
        ask(panel(), "y ~ x1 + z", effects, z=column)


def test_a_constant_dependent_variable_is_named(panel):
    with pytest.raises(SpecificationError, match="dependent variable"):
        ask(panel(), "z ~ x1", z=unit)


def test_collinear_columns_are_named_with_their_partners(panel):
    with pytest.raises(SpecificationError, match=r"(x1|x2|z) is explained by (x1|x2|z), (x1|x2|z)"):
        ask(panel(), "y ~ x1 + x2 + z", z=lambda data: data["x1"] - 2 * data["x2"])


def test_collinear_only_once_the_effects_are_out(panel):
    with pytest.raises(SpecificationError, match=r"is explained by"):
        ask(panel(), "y ~ x1 + z", z=lambda data: data["x1"] + unit(data))
    ask(panel(), "y ~ x1 + z", "pooled", z=lambda data: data["x1"] + unit(data))


def test_a_durbin_term_that_repeats_a_regressor_is_named(panel):
    simulated = panel("constant")
    lagged = simulated.arrays["weights"][0] @ simulated.arrays["x"][:, :, 0].T
    data = simulated.data.assign(z=lagged.ravel())
    with pytest.raises(SpecificationError, match="W_x1"):
        SDM(data, "y ~ x1 + z", weights=simulated.weights, durbin="x1")


def test_too_few_observations_are_refused(panel):
    simulated = panel(periods=2, units=6)
    data = simulated.data.assign(**{f"z{i}": simulated.data["x1"] ** (i + 2) for i in range(4)})
    with pytest.raises(SpecificationError, match="observations net of the effects"):
        SAR(data, "y ~ x1 + z0 + z1 + z2 + z3", weights=simulated.weights)


def test_large_units_of_measure_are_no_collinearity(panel):
    ask(panel(), "y ~ x1 + z", z=lambda data: 1e9 * data["x2"] + 1e11)
