"""From core to periphery: effects by dense inverses, the family of tests, and the weights behind them."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from yrdspatial.replication.core_effects import (
    FAR,
    SHARED,
    core_effects,
    effects_of,
    fit_durbin,
    links_of,
    senders,
)
from yrdspatial.replication.strands import employment_strand, value_added_strand
from yrdspatial.replication.subregions import members_of, sub_regions
from yrdspatial.weights.rail import rail_weights


@pytest.fixture(scope="module")
def core(study):
    return core_effects(study)


def dense(study, strand, weights, variable):
    """Mean over the years of (I - rho W)^-1 (I beta + W theta)."""
    results = fit_durbin(strand, weights)
    params = results.params
    units = list(study.units.index)
    cube = weights.array(units, list(strand.data.index.unique("year")))
    eye = np.eye(len(units))
    inner = [params[variable] * eye + params[f"W_{variable}"] * w for w in cube]
    full = [np.linalg.inv(eye - params["rho"] * w) @ part for w, part in zip(cube, inner, strict=True)]
    return np.mean(full, axis=0), units


@pytest.mark.parametrize("make", [employment_strand, value_added_strand])
def test_effects_are_those_of_dense_inverses(study, core, make):
    strand = make(study.panel, study.times)
    matrix, units = dense(study, strand, study.weights["rail"], SHARED)
    table = core.reach[(core.reach["strand"] == strand.name) & (core.reach["weights"] == "rail")]
    rows = table[table["variable"] == SHARED].set_index(["sends", "receives"])
    for sends, codes in senders().items():
        for receives in FAR:
            to = [units.index(code) for code in members_of(receives)[receives]]
            source = [units.index(code) for code in codes]
            expected = matrix[np.ix_(to, source)].sum(axis=1).mean()
            assert rows.loc[(sends, receives), "estimate"] == pytest.approx(expected, rel=1e-8, abs=1e-14)
    assert rows["direct"].iloc[0] == pytest.approx(matrix.diagonal().mean())


def test_effects_between_sub_regions_leave_own_effects_out(study, core):
    strand = value_added_strand(study.panel, study.times)
    matrix, units = dense(study, strand, study.weights["contiguity"], SHARED)
    passed = matrix - np.diag(matrix.diagonal())
    table = core.regions[
        (core.regions["strand"] == "value added") & (core.regions["weights"] == "contiguity")
    ]
    assert len(table) == 81
    rows = table.set_index(["receives", "sends"])["estimate"]
    regions = {name: [units.index(code) for code in codes] for name, codes in sub_regions().items()}
    for (receives, sends), value in rows.items():
        expected = passed[np.ix_(regions[receives], regions[sends])].sum(axis=1).mean()
        assert value == pytest.approx(expected, rel=1e-8, abs=1e-14)
    assert rows["Shanghai", "Shanghai"] == 0.0


def test_the_standard_error_is_that_of_draws_of_the_coefficients(study):
    """Delta method against 4,000 draws of the parameters: sampling error of a standard error is 1.1 %."""
    strand = value_added_strand(study.panel, study.times)
    weights = study.weights["contiguity"]
    results = fit_durbin(strand, weights)
    table = effects_of(results)
    row = table[
        (table["variable"] == SHARED) & (table["sends"] == "core") & (table["receives"] == "苏中")
    ].iloc[0]
    names = [SHARED, f"W_{SHARED}", "rho"]
    draws = np.random.default_rng(3).multivariate_normal(
        results.params[names], results.cov.loc[names, names], size=4000
    )
    units = list(study.units.index)
    w = weights.array(units, [2010])[0]
    to = [units.index(code) for code in members_of("苏中")["苏中"]]
    source = [units.index(code) for code in senders()["core"]]
    eye = np.eye(len(units))
    values = [
        np.linalg.solve(eye - rho * w, beta * eye + theta * w)[np.ix_(to, source)].sum(axis=1).mean()
        for beta, theta, rho in draws
    ]
    assert row["std_error"] == pytest.approx(np.std(values), rel=0.06)
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.959964 * row["std_error"], rel=1e-6)


def test_all_effects_are_one_family_of_tests(core):
    expected = false_discovery_control(core.reach["pvalue"].to_numpy())
    assert core.reach["p_fdr"].to_numpy() == pytest.approx(expected, rel=1e-9)
    assert (core.reach["p_fdr"] >= core.reach["pvalue"] - 1e-15).all()


def test_shanghai_is_nobodys_neighbour_in_the_far_sets_under_sparse_weights(study, core):
    links = core.links.set_index(["weights", "receives"])["share"]
    assert all(links[weights, name] == 0 for weights in ("contiguity", "rail") for name in FAR)
    decaying = rail_weights(study.times, decay="exponential", tau=30.0)
    minutes = study.times.array
    place = list(study.times.units).index(310000)
    falls = np.exp(-minutes / 30.0)
    falls[:, np.arange(41), np.arange(41)] = 0.0
    shares = (falls[:, :, place] / falls.sum(axis=2)).mean(axis=0)
    rows = [list(study.times.units).index(code) for code in members_of("皖北")["皖北"]]
    assert links["rail_decay", "皖北"] == pytest.approx(shares[rows].mean(), rel=1e-9)
    assert links_of({"w": decaying})["share"].iloc[0] == pytest.approx(shares[rows].mean(), rel=1e-9)
