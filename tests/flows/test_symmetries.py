"""What must not change when names, units of measure, or the direction of all flows change."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.flows.table import Flows

UNITS = [f"u{place:02d}" for place in range(14)]


@pytest.fixture(scope="module")
def synthetic():
    """Made-up positive flows, sizes, distances and weights."""
    rng = np.random.default_rng(21)
    n = len(UNITS)
    size, km = rng.normal(size=n), rng.uniform(0.5, 3.0, (n, n))
    W = np.zeros((n, n))
    for i in range(n):
        W[i, rng.choice([j for j in range(n) if j != i], 3, replace=False)] = 1 / 3
    mean = np.exp(3 + size[:, None] + 0.4 * size - km)
    flows = pd.DataFrame(1.0 + rng.poisson(mean), UNITS, UNITS)
    frame = pd.DataFrame({"size": size}, UNITS)
    return flows, frame, pd.DataFrame(km, UNITS, UNITS), pd.DataFrame(W, UNITS, UNITS)


def swapped(names):
    """Exchange the two ends in names of parameters."""
    marks = [name.replace("origin", "@").replace("destination", "origin") for name in names]
    return [name.replace("@", "destination") for name in marks]


@pytest.mark.parametrize("method", ["ppml", "ols"])
@pytest.mark.parametrize("cov_type", ["robust", "two-way", "dyadic"])
def test_gravity_of_turned_flows_has_its_ends_exchanged(synthetic, method, cov_type):
    flows, frame, km, _ = synthetic
    more = {"method": method, "cov_type": cov_type}
    there = yrd.gravity(Flows.from_frames(flows), frame, frame, {"km": km}, **more).to_frame()
    back = yrd.gravity(Flows.from_frames(flows.T), frame, frame, {"km": km.T}, **more).to_frame()
    back.index = swapped(back.index)
    pd.testing.assert_frame_equal(there, back.loc[there.index], rtol=1e-7)


@pytest.mark.parametrize("model", ["sar", "sdm"])
@pytest.mark.parametrize("dependence", [("origin", "destination", "network"), "product", ("origin",)])
def test_spatial_interaction_of_turned_flows_has_its_ends_exchanged(synthetic, model, dependence):
    flows, frame, km, W = synthetic
    turned = ("destination",) if dependence == ("origin",) else dependence
    there = yrd.spatial_flows(
        Flows.from_frames(flows), frame, {"km": km}, weights=W, model=model, dependence=dependence
    )
    back = yrd.spatial_flows(
        Flows.from_frames(flows.T), frame, {"km": km.T}, weights=W, model=model, dependence=turned
    )
    table = back.to_frame()
    table.index = swapped(table.index)
    pd.testing.assert_frame_equal(
        there.to_frame(), table.loc[there.params.index], rtol=1e-5, check_names=False
    )
    effects = [one.effects().set_index("effect")["estimate"] for one in (there, back)]
    np.testing.assert_allclose(
        effects[0], effects[1].set_axis(swapped(effects[1].index))[effects[0].index], rtol=1e-6
    )


@pytest.mark.parametrize("effects", ["none", "origin_destination"])
def test_the_unit_of_measure_moves_the_level_alone(synthetic, effects):
    flows, frame, km, _ = synthetic
    ends = {} if effects == "origin_destination" else {"origin": frame, "destination": frame}
    fits = [
        yrd.gravity(Flows.from_frames(scale * flows), separation={"km": km}, effects=effects, **ends)
        for scale in (1.0, 1000.0)
    ]
    one, two = (fit.to_frame().drop(index="Intercept", errors="ignore") for fit in fits)
    pd.testing.assert_frame_equal(one, two, rtol=1e-7)
    np.testing.assert_allclose(fits[1].deviance, 1000 * fits[0].deviance, rtol=1e-9)
    if effects == "none":
        level = fits[1].params["Intercept"] - fits[0].params["Intercept"]
        np.testing.assert_allclose(level, np.log(1000), rtol=1e-9)
    np.testing.assert_allclose(fits[0].reset_test().pvalue, fits[1].reset_test().pvalue, rtol=1e-5)


def test_a_factor_of_the_flows_moves_the_constants_alone_under_row_standardized_weights(synthetic):
    flows, frame, km, W = synthetic
    one, two = (
        yrd.spatial_flows(Flows.from_frames(scale * flows), frame, {"km": km}, weights=W, within="plain")
        for scale in (1.0, 50.0)
    )
    kept = one.params.index.drop("Intercept")
    np.testing.assert_allclose(one.params[kept], two.params[kept], rtol=1e-6, atol=1e-8)
    shift = np.log(50) * (1 - one.rho.sum())
    np.testing.assert_allclose(two.params["Intercept"] - one.params["Intercept"], shift, rtol=1e-5)
    np.testing.assert_allclose(one.loglik, two.loglik, rtol=1e-9)


def test_weights_that_are_halved_double_their_parameters(synthetic):
    flows, frame, km, W = synthetic
    one, two = (
        yrd.spatial_flows(Flows.from_frames(flows), frame, {"km": km}, weights=scale * W)
        for scale in (1.0, 0.5)
    )
    np.testing.assert_allclose(two.rho, one.rho * [2.0, 2.0, 4.0], rtol=1e-5)
    np.testing.assert_allclose(two.loglik, one.loglik, rtol=1e-10)
    np.testing.assert_allclose(two.effects()["estimate"], one.effects()["estimate"], rtol=1e-6)


def test_new_names_for_units_change_nothing(synthetic):
    flows, frame, km, W = synthetic
    names = dict(zip(UNITS, np.random.default_rng(2).permutation(UNITS), strict=True))
    renamed = [one.rename(index=names, columns=names) for one in (flows, km, W)]
    size = frame.rename(index=names)
    one = yrd.gravity(Flows.from_frames(flows), frame, frame, {"km": km}).to_frame()
    two = yrd.gravity(Flows.from_frames(renamed[0]), size, size, {"km": renamed[1]}).to_frame()
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)
    three = yrd.spatial_flows(Flows.from_frames(flows), frame, {"km": km}, weights=W)
    four = yrd.spatial_flows(Flows.from_frames(renamed[0]), size, {"km": renamed[1]}, weights=renamed[2])
    pd.testing.assert_frame_equal(three.to_frame(), four.to_frame(), rtol=1e-7)


def test_a_table_written_and_read_gives_the_same_equation(synthetic, tmp_path):
    flows, frame, km, _ = synthetic
    whole = Flows.from_frames({2019: flows})
    whole.long().sample(frac=1, random_state=3).to_csv(tmp_path / "flows.csv", index=False)
    again = yrd.read_flows(tmp_path / "flows.csv")
    np.testing.assert_array_equal(again.array, whole.array)
    fits = [yrd.gravity(one, frame, frame, {"km": km}).params for one in (whole, again)]
    pd.testing.assert_series_equal(*fits)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(4)
    units = [f"u{place:02d}" for place in range(25)]
    size, km = rng.normal(size=25), rng.uniform(0, 3, (25, 25))
    frame, far = pd.DataFrame({"size": size}, units), {"km": pd.DataFrame(km, units, units)}
    mean = np.exp(2 + 0.5 * size[:, None] + 0.5 * size - km)
    held = []
    for _ in range(100):
        noise = rng.gamma(4.0, 0.25, (25, 25))
        flows = Flows.from_frames(pd.DataFrame(rng.poisson(mean * noise).astype(float), units, units))
        row = yrd.gravity(flows, frame, frame, far, cov_type="robust").to_frame().loc["km"]
        held.append(row["lower"] < -1.0 < row["upper"])
    # 100 draws of a 95 % interval: 95 +- 4 deviations of 2.2
    assert 86 <= sum(held) <= 100
