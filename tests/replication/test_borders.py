"""The border on the real panel: dense inverses, Wald statistics written out, links counted by hand."""

import numpy as np
import pandas as pd
import pytest

from yrdspatial.models.estimators import SDM
from yrdspatial.replication.borders import (
    AS_GIVEN,
    border_effects,
    border_models,
    border_parameters,
    border_tests,
    sides_of,
)
from yrdspatial.replication.fits import both_strands, fitted, free_of_levels
from yrdspatial.weights.series import as_series
from yrdspatial.weights.split import split_weights


@pytest.fixture(scope="module")
def findings(study):
    return border_effects(study)


@pytest.fixture(scope="module")
def parts(study):
    return split_weights(study.weights["contiguity"], "province")


@pytest.fixture(scope="module")
def durbin(study, parts):
    return fitted(free_of_levels(SDM, both_strands(study)[1], parts))


def one(table, **labels):
    rows = table
    for name, value in labels.items():
        rows = rows[rows[name] == value]
    return rows


def test_every_model_is_there(findings):
    keys = findings.parameters[["strand", "model", "weights"]].drop_duplicates()
    assert len(keys) == 12
    assert set(keys["model"]) == {"SAR", "SDM", AS_GIVEN}
    assert not findings.effects["variable"].str.startswith("level_").any()
    for table in (findings.parameters, findings.tests, findings.effects, findings.links):
        assert not table.isna().any(axis=None)


def test_effects_are_sums_over_dense_inverses(study, findings, parts, durbin):
    p, units = durbin.params, study.units.index
    within, across = (parts[name].array(units)[0] for name in ("within", "across"))
    S = np.eye(41) - p["rho_within"] * within - p["rho_across"] * across
    slope = p["log_gdp_head"] * np.eye(41)
    slope += p["W_within_log_gdp_head"] * within + p["W_across_log_gdp_head"] * across
    effects = np.linalg.inv(S) @ slope
    province = study.units["province_en"].to_numpy()
    same = np.equal.outer(province, province)
    labels = {
        "strand": "value added",
        "model": "SDM",
        "weights": "contiguity",
        "variable": "log_gdp_head",
    }
    table = one(findings.effects, **labels).set_index("pairs")["estimate"]
    assert table["across"] == pytest.approx((effects * ~same).sum() / 41, rel=1e-8)
    assert table["within"] == pytest.approx((effects * (same & ~np.eye(41, dtype=bool))).sum() / 41, rel=1e-8)


def test_wald_statistics_by_hand(findings, durbin):
    labels = {"strand": "value added", "model": "SDM", "weights": "contiguity"}
    table = one(findings.tests, **labels).set_index("term")
    gap = durbin.params["rho_within"] - durbin.params["rho_across"]
    V = durbin.cov
    variance = V.loc["rho_within", "rho_within"] + V.loc["rho_across", "rho_across"]
    variance -= 2 * V.loc["rho_within", "rho_across"]
    assert table.loc["rho", "statistic"] == pytest.approx(gap**2 / variance, rel=1e-6)
    terms = ["rho", *(f"W_{{}}_{term}" for term in durbin.spec.durbin)]
    pairs = [("rho_within", "rho_across")] + [(t.format("within"), t.format("across")) for t in terms[1:]]
    R = np.zeros((len(pairs), len(durbin.params)))
    for row, (left, right) in enumerate(pairs):
        R[row, durbin.params.index.get_loc(left)], R[row, durbin.params.index.get_loc(right)] = 1, -1
    value = R @ durbin.params.to_numpy()
    joint = value @ np.linalg.solve(R @ V.to_numpy() @ R.T, value)
    assert table.loc["all", ["statistic", "df"]].tolist() == pytest.approx([joint, 4], rel=1e-6)


def test_nominal_or_real_is_the_same_only_without_levels(study, parts, durbin):
    """GDP per head in constant prices of a common deflator: the model free of levels stays, the other moves."""
    strand = both_strands(study)[1]
    years = strand.data.index.get_level_values("year").to_numpy(dtype=float)
    real = strand.data.assign(log_gdp_head=strand.data["log_gdp_head"] - 0.1 * (years - 2006))
    names = ["rho_within", "rho_across"]
    plain, deflated = (
        SDM(data, strand.formula, weights=parts, effects="twoways").fit().params[names]
        for data in (strand.data, real)
    )
    assert (plain - deflated).abs().max() > 0.1
    moved = type(strand)(strand.name, "", real, strand.formula, strand.effects, strand.holes)
    free = fitted(free_of_levels(SDM, moved, parts)).params
    assert free.to_numpy() == pytest.approx(durbin.params.to_numpy(), abs=1e-7)


def test_the_border_without_shanghai(study, findings):
    """Every link of Shanghai crosses a border; without it the two sides of value added are no longer apart."""
    strand = both_strands(study)[1]
    data = strand.data.drop(index=310000, level="unit")
    W = study.weights["contiguity"].array(study.units.index)[0]
    kept = (study.units.index != 310000).nonzero()[0]
    W = W[np.ix_(kept, kept)]
    units = study.units.index[kept]
    W = pd.DataFrame(W / W.sum(axis=1, keepdims=True), units, units)
    moved = type(strand)("", "", data, strand.formula, strand.effects, strand.holes)
    weights = split_weights(as_series(W, study.panel.years), "province")
    results = fitted(free_of_levels(SDM, moved, weights))
    rows = one(findings.samples, strand="value added", weights="contiguity").set_index("sample")
    row = rows.loc["no Shanghai"]
    assert row["rho_within"] == pytest.approx(results.params["rho_within"], abs=1e-8)
    assert row["across_error"] == pytest.approx(results.std_errors["rho_across"], abs=1e-8)
    assert rows.loc["all", "pvalue"] < 0.01 < row["pvalue"]
    whole = one(findings.tests, strand="value added", model="SDM", weights="contiguity", term="rho")
    assert rows.loc["all", "statistic"] == pytest.approx(whole["statistic"].iloc[0], abs=1e-8)


def test_every_sample_of_every_strand(findings):
    samples = ["all", "no Shanghai", "no capitals", "2006-2012", "2013-2019"]
    assert findings.samples["sample"].tolist() == samples * 4
    assert not findings.samples.isna().any(axis=None)


def test_links_are_counted(study, findings):
    province = study.units["province_en"].to_numpy()
    same = np.equal.outer(province, province)
    for name in ("contiguity", "rail"):
        W = study.weights[name].array(study.units.index)
        table = findings.links[findings.links["weights"] == name]
        assert table["within"].tolist() == ((W > 0) & same).sum(axis=(1, 2)).tolist()
        assert table["across"].tolist() == ((W > 0) & ~same).sum(axis=(1, 2)).tolist()
        assert table["share_across"].to_numpy() == pytest.approx((W * ~same).sum(axis=(1, 2)) / 41)


def test_parameters_are_those_of_the_models(study, parts, durbin):
    table = border_parameters(durbin).set_index(["term", "part"])["estimate"]
    assert table["rho", "within"] == durbin.params["rho_within"]
    assert table["log_access", "across"] == durbin.params["W_across_log_access"]
    models = border_models([both_strands(study)[1]], {"contiguity": parts})
    assert list(models) == [("value added", name, "contiguity") for name in ("SAR", "SDM", AS_GIVEN)]
    assert border_tests(models["value added", "SAR", "contiguity"])["term"].tolist() == ["rho"]


def test_sides():
    table = sides_of(pd.Series(["x", "x", "y"], index=[3, 1, 2]))
    assert table.loc[3].tolist() == ["within", "within", "across"]
    assert table.index.tolist() == table.columns.tolist() == [3, 1, 2]
