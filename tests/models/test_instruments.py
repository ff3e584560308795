"""The instruments of a spatial model, against lags formed here; all panels are synthetic."""

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError
from yrdspatial.models.instruments import Instruments, columns_of, usable

NOTHING = ()


@pytest.fixture
def simulated(panel):
    return panel()


@pytest.fixture
def design(simulated):
    def make(model="SAR", **options):
        return getattr(yrd, model)(simulated.data, "y ~ x1 + x2", weights=simulated.weights, **options).design

    return make


def lagged(simulated, values, power):
    for _ in range(power):
        values = np.einsum("tij,tjk->tik", simulated.weights.array(), values)
    return values


def own(design, names=("z",)):
    values = np.random.default_rng(3).normal(size=(*design.problem.y.shape, len(names)))
    return values, names


def none(design):
    return np.zeros((*design.problem.y.shape, 0)), ()


def test_powers_of_w_of_each_year_times_the_raw_terms(simulated, design):
    asked = design()
    made = columns_of(asked, none(asked), NOTHING, 3)
    assert made.names == ("W_x1", "W2_x1", "W3_x1", "W_x2", "W2_x2", "W3_x2")
    assert made.endogenous == ("rho",)
    for place, (term, power) in enumerate((k, p) for k in range(2) for p in (1, 2, 3)):
        raw = asked.problem.X[:, :, [term]]
        np.testing.assert_allclose(made.array[:, :, [place]], lagged(simulated, raw, power), atol=1e-12)


def test_terms_with_a_spatial_lag_begin_one_power_later(design):
    asked = design("SDM", durbin="x2")
    assert columns_of(asked, none(asked), NOTHING, 2).names == ("W_x1", "W2_x1", "W2_x2", "W3_x2")


def test_endogenous_terms_give_no_instruments_and_the_users_own_do(simulated, design):
    asked = design("SDM", durbin="x2")
    values = own(asked)
    made = columns_of(asked, values, ("x2",), 2)
    assert made.names == ("z", "W_x1", "W2_x1", "W_z", "W2_z")
    assert made.endogenous == ("x2", "W_x2", "rho")
    np.testing.assert_allclose(made.array[:, :, [4]], lagged(simulated, values[0], 2), atol=1e-12)


def test_without_a_lag_of_y_only_the_users_instruments_are_used(design):
    asked = design("SLX", durbin="x1")
    assert columns_of(asked, own(asked), ("x2",), 2).names == ("z",)
    assert columns_of(asked, own(asked), ("x1",), 2).names == ("z", "W_z")
    assert columns_of(asked, own(asked), ("x1",), 2).endogenous == ("x1", "W_x1")


def test_the_constant_has_no_lags(design):
    asked = design(effects="pooled")
    assert "Intercept" in asked.spec.terms
    assert columns_of(asked, none(asked), NOTHING, 1).names == ("W_x1", "W_x2")


def test_what_is_explained_is_left_out_and_named(design):
    asked = design()
    base = np.random.default_rng(4).normal(size=(*asked.problem.y.shape, 2))
    unit = np.broadcast_to(base[:1, :, :1], base[:, :, :1].shape)
    array = np.concatenate([base, base.sum(2, keepdims=True), asked.problem.X[:, :, :1] + unit, unit], axis=2)
    made = Instruments(array, ("a", "b", "W_a", "W_b", "W2_a"), ("rho",))
    found = usable(made, asked, ("a", "b"))
    assert found.names == ("a", "b")
    assert found.dropped == ("W_a", "W_b", "W2_a")
    np.testing.assert_array_equal(found.array, base)
    for name in ("W_a", "W_b", "W2_a"):
        with pytest.raises(SpecificationError, match=f"leave nothing of an instrument \\[{name}\\]"):
            usable(made, asked, ("a", "b", name))


def test_an_endogenous_regressor_does_not_explain_its_instrument(design):
    asked = design()
    made = Instruments(asked.problem.X[:, :, [1]], ("z",), ("x2", "rho"))
    assert usable(made, asked, ("z",)).names == ("z",)
    with pytest.raises(SpecificationError, match="leave nothing"):
        usable(Instruments(made.array, ("z",), ("rho",)), asked, ("z",))
