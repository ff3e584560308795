"""Requests: effects, windows, groups, Durbin terms."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import GapError, SpecificationError
from yrdspatial.models.effects import read_effects
from yrdspatial.models.estimators import SAR, SDM
from yrdspatial.models.sample import read_sample
from yrdspatial.panel.panel import Panel


@pytest.mark.parametrize(
    ("asked", "unit", "time", "label"),
    [
        ("pooled", False, False, "pooled"),
        ("unit", True, False, "unit"),
        ("time", False, True, "time"),
        ("twoways", True, True, "twoways"),
        ({"unit": True, "time": True}, True, True, "twoways"),
        ({"unit": True}, True, False, "unit"),
        ({"unit": "window", "time": True}, True, True, "unit x window, time"),
        ({"unit": "window", "time": "region"}, True, True, "unit x window, time x region"),
    ],
)
def test_effects_are_read(panel, asked, unit, time, label):
    data = panel().data
    effects, said, windows, groups = read_effects(asked, read_sample(data), data)
    assert (effects.unit, effects.time, said) == (unit, time, label)
    if "window" in label:
        assert windows.tolist() == ["early", "late"]
        assert effects.windows.tolist() == [0, 0, 0, 1, 1, 1]
    if "region" in label:
        assert groups.tolist() == ["north", "south"]
        assert effects.groups.tolist() == [0] * 5 + [1] * 9


@pytest.mark.parametrize("asked", ["fixed", {"units": True}, {"unit": "nothing"}])
def test_unknown_effects_are_refused(panel, asked):
    with pytest.raises(SpecificationError):
        SAR(panel().data, "y ~ x1", weights=panel().weights, effects=asked)


def test_windows_differ_by_year_and_groups_by_unit_alone(panel):
    data = panel().data
    with pytest.raises(SpecificationError, match="window changes over time"):
        SAR(data, "y ~ x1", weights=panel().weights, effects={"unit": True, "time": "window"})
    with pytest.raises(SpecificationError, match="region differs between units and never over time"):
        SAR(data, "y ~ x1", weights=panel().weights, effects={"unit": "region", "time": True})


def test_a_window_of_one_period_and_a_group_of_one_unit_are_refused(panel):
    data = panel().data
    alone = data.assign(
        window=np.where(data.index.get_level_values("year") == 2004, "alone", "rest"),
        region=np.where(data.index.get_level_values("unit") == "u04", "alone", "rest"),
    )
    for effects in ({"unit": "window"}, {"time": "region"}):
        with pytest.raises(SpecificationError, match="alone"):
            SAR(alone, "y ~ x1", weights=panel().weights, effects=effects)


def test_a_year_outside_the_windows_is_named(panel):
    data = panel().data
    data["window"] = data["window"].where(data.index.get_level_values("year") != 2004)
    with pytest.raises(GapError, match=r"no value of window.*2004"):
        SAR(data, "y ~ x1", weights=panel().weights, effects={"unit": "window"})


def test_a_panel_makes_its_windows_from_its_breaks():
    units, years = [310000, 320100, 330100], range(2010, 2017)
    index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    breaks = pd.DataFrame({"strand": ["employment"], "model_windows": ["2010-2012 2013-2016"]})
    data = pd.DataFrame({"y": np.random.default_rng(0).random(21)}, index)
    panel = Panel.from_frame(data, breaks=breaks)
    effects, _, windows, _ = read_effects({"unit": "window", "time": True}, read_sample(panel), panel)
    assert windows.tolist() == ["2010-2012", "2013-2016"]
    assert effects.windows.tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_durbin_terms(panel):
    simulated = panel()

    def names(**how):
        return SDM(simulated.data, "y ~ x1 + x2", weights=simulated.weights, **how).design.spec.regressors

    assert names() == ("x1", "x2", "W_x1", "W_x2")
    assert names(durbin="x2") == ("x1", "x2", "W_x2")
    assert names(durbin=["x2", "x1"]) == ("x1", "x2", "W_x1", "W_x2")
    assert names(effects="pooled") == ("Intercept", "x1", "x2", "W_x1", "W_x2")
    for bad in ("x3", ["x1", "x1"], "Intercept"):
        with pytest.raises(SpecificationError, match="durbin"):
            names(durbin=bad)


def test_lags_of_x_are_lags_of_the_raw_x(panel):
    simulated = panel("rows")
    problem = SDM(simulated.data, "y ~ x1 + x2", weights=simulated.weights).design.problem
    expected = np.einsum("tij,tjk->tik", simulated.arrays["weights"], simulated.arrays["x"])
    assert problem.X[:, :, 2:] == pytest.approx(expected)


def test_the_spec_is_frozen_and_names_every_parameter(panel):
    spec = SDM(panel().data, "y ~ x1", weights=panel().weights).design.spec
    assert spec.parameters == ("x1", "W_x1", "rho")
    assert (spec.model, spec.dependent, spec.effects) == ("SDM", "y", "twoways")
    with pytest.raises(AttributeError):
        spec.model = "SAR"
