"""The summary of a model with endogenous regressors; the panel is synthetic."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd


@pytest.fixture
def results(panel):
    drawn = panel(periods=8, units=14)
    rng = np.random.default_rng(2)
    data = drawn.data
    data["z"] = data["x2"] + 0.2 * rng.normal(size=len(data))
    model = yrd.S2SLS(data, "y ~ x1 + x2", weights=drawn.weights, endogenous="x2", instruments="z")
    return model.fit(method="gmm", cov_type="robust")


def test_facts_say_what_was_done_and_what_the_instruments_are_worth(results):
    facts = dict(results.summary.facts)
    assert facts["estimator"] == "gmm"
    assert facts["standard errors"] == "robust"
    assert facts["endogenous"] == "x2, rho"
    assert facts["instruments"] == "z, W_x1, W2_x1, W_z, W2_z"
    assert facts["observations"] == "112 = 14 units x 8 periods, 88 for sigma2"
    found = results.first_stage.loc["x2"]
    said = f"F {found['F']:.1f}, Sanderson-Windmeijer F {found['sanderson_windmeijer']:.1f}"
    assert facts["first stage of x2"] == said
    assert facts["identification"] == f"Kleibergen-Paap rk F {results.strength.kleibergen_paap:.1f}"
    assert facts["Hansen J"].endswith(f"p = {results.overidentification.pvalue:.3f}")
    pd.testing.assert_frame_equal(results.summary.table, results.to_frame())


def test_two_stage_least_squares_is_named_in_full(panel):
    drawn = panel()
    model = yrd.S2SLS(drawn.data, "y ~ x1 + x2", weights=drawn.weights)
    assert dict(model.fit().summary.facts)["estimator"] == "two-stage least squares"


def test_instruments_left_out_are_named():
    units, rng = list("abcdef"), np.random.default_rng(1)
    pairs = np.kron(np.eye(3), np.array([[0.0, 1.0], [1.0, 0.0]]))
    index = pd.MultiIndex.from_product([units, range(2001, 2011)], names=["unit", "year"])
    data = pd.DataFrame(rng.normal(size=(60, 2)), index, ["y", "x"])
    data["y"] += 5 * data["x"] + 4 * data["x"].to_numpy().reshape(3, 2, 10)[:, ::-1].ravel()
    weights = pd.DataFrame(pairs, units, units)  # of pairs: W^2 is the identity
    summary = yrd.S2SLS(data, "y ~ x", weights=weights).fit().summary
    assert summary.notes[-1] == "note: W2_x left out, explained by the other instruments"
    assert dict(summary.facts)["instruments"] == "W_x"
