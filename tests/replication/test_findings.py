"""The network and the rings on the real panel: dense inverses for every number, and what must hold between them."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.models.estimators import SDM
from yrdspatial.replication.findings import (
    PERIODS,
    curve_of,
    in_period,
    network_change,
    network_size,
    network_weights,
    ring_decay,
)
from yrdspatial.replication.fits import both_strands, fitted, free_of_levels


@pytest.fixture(scope="module")
def network(study):
    return network_change(study, seed=7)


@pytest.fixture(scope="module")
def decay(study):
    return ring_decay(study)


def effect(results, W, variable):
    return at(results.params, W, variable)


def at(p, W, variable):
    E = np.linalg.inv(np.eye(41) - p["rho"] * W) @ (p[variable] * np.eye(41) + p[f"W_{variable}"] * W)
    direct, total = np.trace(E) / 41, E.sum() / 41
    return np.array([direct, total - direct, total])


@pytest.mark.parametrize("weights", ["rail", "rail_common"])
@pytest.mark.parametrize("position", [0, 1])
def test_the_decomposition_by_dense_inverses(study, network, weights, position):
    strand, W = both_strands(study)[position], network_weights(study)[weights]
    before, after = (fitted(free_of_levels(SDM, in_period(strand, period), W)) for period in PERIODS)
    old, new = (W.array(before.design.sample.units, [year])[0] for year in (2008, 2019))
    first, last = effect(before, old, "log_gdp_head"), effect(after, new, "log_gdp_head")
    crossed, counter = effect(before, new, "log_gdp_head"), effect(after, old, "log_gdp_head")
    expected = {
        "before": first,
        "after": last,
        "change": last - first,
        "network": (crossed - first + last - counter) / 2,
        "coefficients": (counter - first + last - crossed) / 2,
    }
    table = network.change.query("strand == @strand.name and weights == @weights")
    table = table[table["variable"] == "log_gdp_head"].pivot_table("estimate", "part", "effect")
    for part, values in expected.items():
        assert table.loc[part, ["direct", "indirect", "total"]].to_numpy() == pytest.approx(values, abs=1e-9)


def test_rows_that_sum_to_one_leave_the_network_no_total_effect(network):
    """(beta + theta) / (1 - rho) does not depend on W, so only the common scale lets the network act."""
    total = network.change[(network.change["effect"] == "total") & (network.change["part"] == "network")]
    by = total.groupby("weights")["estimate"].apply(lambda values: values.abs().max())
    assert by["rail"] < 1e-9
    assert by["rail_common"] > 0.01


def test_the_network_grew(study, network):
    table = network.network.set_index(["weights", "year"])
    W = network_weights(study)["rail_common"].array(years=[2008, 2019])
    assert np.abs(np.linalg.eigvals(W[0])).max() == pytest.approx(1.0)
    radius = np.abs(np.linalg.eigvals(W[1])).max()
    assert table.loc[("rail_common", 2019), "spectral_radius"] == pytest.approx(radius)
    assert table.loc[("rail_common", 2019), "mean_row_sum"] == pytest.approx(W[1].sum() / 41)
    assert table.loc["rail", "mean_row_sum"].tolist() == pytest.approx([1, 1])
    assert network_size("x", study.weights["rail"])["weights"].tolist() == ["x", "x"]


def test_every_strand_weight_and_period(network):
    assert len(network.parameters) == 8
    assert set(network.parameters["period"]) == set(PERIODS)
    assert not network.change["variable"].str.startswith("level_").any()
    clear = network.change[network.change["std_error"] > 1e-6]
    assert ((clear["lower"] < clear["estimate"]) & (clear["estimate"] < clear["upper"])).all()


def test_the_spread_of_the_network_part_by_another_draw(study, network):
    """1,000 draws against 2,000 others: the width of an interval is known to about 5 %, with heavy tails to 15 %."""
    strand, W = both_strands(study)[1], network_weights(study)["rail_common"]
    before, after = (fitted(free_of_levels(SDM, in_period(strand, period), W)) for period in PERIODS)
    old, new = W.array(before.design.sample.units, [2008, 2019])
    rng = np.random.default_rng(3)
    found = []
    for first, last in zip(
        *(rng.multivariate_normal(m.params, m.cov, 2000) for m in (before, after)), strict=True
    ):
        p, q = (pd.Series(point, before.params.index) for point in (first, last))
        if max(p["rho"], q["rho"]) * np.abs(np.linalg.eigvals(new)).max() < 1:
            a, b, c, d = (at(one, w, "log_gdp_head")[1] for one in (p, q) for w in (old, new))
            found.append([d - a, (b - a + d - c) / 2])
    table = network.change.query("strand == 'value added' and weights == 'rail_common'")
    table = table.query("variable == 'log_gdp_head' and effect == 'indirect'").set_index("part")
    quantiles = np.quantile(found, [0.025, 0.975], axis=0)
    for position, part in enumerate(("change", "network")):
        width = table.loc[part, "upper"] - table.loc[part, "lower"]
        assert width == pytest.approx(np.diff(quantiles[:, position])[0], rel=0.15)


def test_periods(study):
    strand = both_strands(study)[0]
    late = in_period(strand, "2013-2019")
    assert late.data.index.unique("year").tolist() == list(range(2013, 2020))
    assert late.effects == "twoways"


def test_a_curve_by_dense_inverses(study, decay):
    """Spillovers of the ring up to an hour in the Durbin model of value added, from its parameters alone."""
    curve = decay.curves["value added", "SDM", "joint"]
    p, years = curve.results.params, list(curve.results.design.sample.periods)
    minutes = study.times.array[[study.times.years.index(year) for year in years]]
    rings = [(minutes > low) & (minutes <= low + 60) for low in (0, 60, 120)]
    total = np.maximum(sum(rings).sum(axis=2, keepdims=True), 1)
    S, slope = np.eye(41), p["log_gdp_head"] * np.eye(41)
    for name, ring in zip(("0_60", "60_120", "120_180"), rings, strict=True):
        S = S - p[f"rho_{name}"] * ring / total
        slope = slope + p[f"W_{name}_log_gdp_head"] * ring / total
    E = np.linalg.inv(S) @ slope
    rows = decay.spillovers.query("strand == 'value added' and model == 'SDM' and scale == 'joint'")
    rows = rows[rows["variable"] == "log_gdp_head"].set_index("ring")
    for name, ring in zip(("0_60", "60_120", "120_180"), rings, strict=True):
        assert rows.loc[name, "estimate"] == pytest.approx((E * ring).sum() / (41 * len(years)), abs=1e-10)
        assert rows.loc[name, "pairs"] == pytest.approx(ring.sum() / 2 / len(years))
        assert rows.loc[name, "minutes"] == pytest.approx(minutes[ring].mean())


def test_pairs_fill_the_triangle_in_every_year(study, decay):
    assert (decay.pairs.groupby("year")["pairs"].sum() == 41 * 40 / 2).all()
    assert set(decay.pairs["year"]) == set(range(2006, study.panel.years[-1] + 1))
    nearest = decay.pairs[decay.pairs["ring"] == "0_60"].set_index("year")
    assert nearest["pairs"].is_monotonic_increasing
    assert nearest["islands"].is_monotonic_decreasing


def test_tables_are_those_of_the_curves(decay):
    assert len(decay.curves) == 8
    for key, curve in decay.curves.items():
        labels = dict(zip(("strand", "model", "scale"), key, strict=True))
        rows = decay.parameters
        for name, value in labels.items():
            rows = rows[rows[name] == value]
        pd.testing.assert_frame_equal(
            rows.drop(columns=[*labels]).reset_index(drop=True), curve.parameters, check_dtype=False
        )
    assert not decay.spillovers["variable"].str.startswith("level_").any()


def test_one_curve(study):
    strand = both_strands(study)[1]
    curve = curve_of(strand, study, "SLX", "row")
    assert curve.standardize == "row"
    assert curve.results.spec.model == "SLX"
