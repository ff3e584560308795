"""Effects recovered from a fitted model, against least squares on dummies."""

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.models.recovered import recovered_effects

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def left(results, simulated):
    """Take rho W y and X beta from y, by the arrays of the simulation."""
    y, weights = simulated.arrays["y"], simulated.arrays["weights"]
    rest = y - simulated.arrays["x"] @ results.params[["x1", "x2"]].to_numpy()
    return rest - results.params.get("rho", 0.0) * np.einsum("tij,tj->ti", weights, y)


def dummies(rest, *, unit, time):
    """Least squares of (T, N) on dummies, time effects with mean zero beside unit effects."""
    periods, units = rest.shape
    columns = [np.tile(np.eye(units), (periods, 1))] if unit else []
    columns += [np.repeat(np.eye(periods), units, axis=0)] if time else []
    D = np.hstack(columns)
    found = np.linalg.lstsq(D, rest.ravel(), rcond=None)[0]
    ours = found[:units] if unit else np.zeros(units)
    years = found[units * unit :] if time else np.zeros(periods)
    shift = years.mean() if unit and time else 0.0
    return ours + shift, years - shift


@pytest.mark.parametrize("model", ["OLS", "SAR"])
@pytest.mark.parametrize(("effects", "unit", "time"), [("unit", 1, 0), ("time", 0, 1), ("twoways", 1, 1)])
def test_fixed_effects_are_those_of_dummies(panel, model, effects, unit, time):
    simulated = panel()
    results = getattr(yrd, model)(
        simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=effects
    ).fit()
    ours, years = recovered_effects(results.design.problem, results.fit)
    expected = dummies(left(results, simulated), unit=unit, time=time)
    np.testing.assert_allclose(ours[0] * unit, expected[0] * unit, atol=1e-9)
    np.testing.assert_allclose(years[:, 0] * time, expected[1] * time, atol=1e-9)


def test_effects_and_residuals_add_up_to_y(panel):
    simulated = panel()
    results = yrd.SAR(simulated.data, "y ~ x1 + x2", weights=simulated.weights).fit()
    ours, years = recovered_effects(results.design.problem, results.fit)
    np.testing.assert_allclose(
        ours[0][None] + years + results.fit.residuals, left(results, simulated), atol=1e-9
    )


def test_random_effects_shrink_towards_zero(panel):
    simulated = panel("constant")
    results = yrd.SEM(simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects="random").fit()
    fixed = yrd.OLS(simulated.data, "y ~ x1 + x2", effects="unit").fit()
    predicted = recovered_effects(results.design.problem, results.fit)[0][0]
    assert predicted.std() < 1.05 * fixed.unit_effects.std()
    assert np.corrcoef(predicted, fixed.unit_effects)[0, 1] > 0.9
