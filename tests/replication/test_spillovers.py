"""The models of the main job: effects against dense inverses, labels of the tables, and the two warnings."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.estimators import SDM
from yrdspatial.replication.spillovers import (
    DRAWS,
    coefficient_table,
    drop_holes,
    effects_label,
    estimate,
    impact_table,
    labels,
)
from yrdspatial.replication.strands import value_added_strand

FAMILIES = ("contiguity", "rail", "rail_frozen")
STRANDS = ("employment", "value added", "value added, controls")
LABELS = ["strand", "model", "weights", "fixed_effects"]


def chosen(spillovers, strand, model, weights):
    """One of the main models."""
    return next(
        one for one in spillovers.main if (one.strand, one.model, one.weights) == (strand, model, weights)
    )


def everything(spillovers):
    """Every model once: the last step of the ladder is among the main models."""
    return (
        *spillovers.main,
        *spillovers.ladder[:-1],
        spillovers.pooled,
        spillovers.dense,
        *spillovers.without_holes,
    )


def dense_effects(one, cube):
    """Mean direct, indirect and total effects of each regressor, by inverting I - rho W year by year."""
    params = one.results.params
    units = cube.shape[1]
    effects = {}
    for variable in one.impacts["variable"].unique():
        theta = params.get(f"W_{variable}", 0.0)
        inner = [params[variable] * np.eye(units) + theta * W for W in cube]
        full = [
            np.linalg.inv(np.eye(units) - params["rho"] * W) @ part
            for W, part in zip(cube, inner, strict=True)
        ]
        direct = np.mean([np.trace(part) / units for part in full])
        total = np.mean([part.sum() / units for part in full])
        values = {"direct": direct, "indirect": total - direct, "total": total}
        effects |= {(variable, kind): value for kind, value in values.items()}
    return effects


@pytest.mark.parametrize("model", ["SAR", "SDM"])
@pytest.mark.parametrize("weights", FAMILIES)
@pytest.mark.parametrize("strand", STRANDS)
def test_effects_equal_dense_inverses(study, spillovers, strand, weights, model):
    one = chosen(spillovers, strand, model, weights)
    data = next(part.data for part in spillovers.strands if part.name == strand)
    cube = study.weights[weights].array(study.units.index, list(data.index.unique("year")))
    expected = dense_effects(one, cube)
    found = one.impacts.set_index(["variable", "effect"])["estimate"]
    assert set(found.index) == set(expected)
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize(("strand", "years"), [("employment", 14), ("value added", 17)])
def test_residuals_leave_nothing_to_the_effects(study, spillovers, strand, years):
    """What is left, y - rho W y - X beta - W X theta within unit, window and year, has the reported variance."""
    one = chosen(spillovers, strand, "SDM", "rail")
    data = next(part.data for part in spillovers.strands if part.name == strand)
    names = [name for name in data if name not in {"log_share", "window"}]
    wide = {name: data[name].unstack("year") for name in ["log_share", *names]}
    units, span = wide["log_share"].index, list(wide["log_share"])
    assert len(span) == years
    cube = study.weights["rail"].array(units, span)

    def lagged(name):
        return np.einsum("tij,jt->it", cube, wide[name].to_numpy())

    params = one.results.params
    left = wide["log_share"].to_numpy() - params["rho"] * lagged("log_share")
    left -= sum(params[name] * wide[name].to_numpy() + params[f"W_{name}"] * lagged(name) for name in names)
    early = np.array(span) <= 2012
    for window in (early, ~early) if strand == "employment" else (np.ones(len(span), dtype=bool),):
        left[:, window] -= left[:, window].mean(axis=1, keepdims=True)
        left[:, window] -= left[:, window].mean(axis=0, keepdims=True)
    found = one.results.resids.unstack("year").loc[units, span].to_numpy()
    np.testing.assert_allclose(found, left, rtol=0, atol=1e-9)
    assert one.results.sigma2 == pytest.approx((left**2).sum() / one.results.degrees_of_freedom, rel=1e-9)


def test_every_strand_has_both_models_under_three_families(spillovers):
    found = [(one.strand, one.model, one.weights) for one in spillovers.main]
    expected = {(s, m, w) for s in STRANDS for m in ("SAR", "SDM") for w in FAMILIES}
    assert len(found) == len(expected) == 18
    assert set(found) == expected
    assert [one.name for one in spillovers.strands] == list(STRANDS)


@pytest.mark.parametrize(
    ("strand", "observations"), [("employment", 41 * 14), ("value added", 41 * 17), (STRANDS[2], 41 * 15)]
)
def test_observations_are_cities_times_years(spillovers, strand, observations):
    assert {one.results.nobs for one in spillovers.main if one.strand == strand} == {observations}


def test_the_ladder_changes_only_the_effects(spillovers):
    assert [one.effects for one in spillovers.ladder] == ["unit", "time", "twoways"]
    top, main = spillovers.ladder[-1], chosen(spillovers, "value added", "SDM", "rail")
    pd.testing.assert_series_equal(top.results.params, main.results.params)
    pd.testing.assert_frame_equal(top.impacts, main.impacts)


def test_the_pooled_run_differs_from_that_inside_the_windows(spillovers):
    inside = chosen(spillovers, "employment", "SDM", "contiguity")
    pooled = spillovers.pooled
    assert pooled.effects == "twoways"
    assert inside.effects == "unit x window, time"
    assert pooled.results.nobs == inside.results.nobs
    assert pooled.results.params["rho"] - inside.results.params["rho"] > inside.results.std_errors["rho"]
    lost = inside.results.degrees_of_freedom - pooled.results.degrees_of_freedom
    assert lost == -(41 - 1)


def test_the_dense_case_says_that_rho_is_weakly_identified(spillovers):
    dense = spillovers.dense.results
    told = " ".join(dense.warnings)
    assert "weakly identified" in told
    assert "dense" in told
    assert "steeper decay" in told
    sparse = chosen(spillovers, "employment", "SDM", "rail").results
    assert dense.std_errors["rho"] > 4 * sparse.std_errors["rho"]


def test_the_main_models_are_not_weakly_identified(spillovers):
    assert [one.results.warnings for one in spillovers.main if one.results.warnings] == []


def test_the_dense_weights_have_the_effective_neighbours_they_are_said_to_have(study, spillovers):
    minutes = study.times.array[[study.times.years.index(year) for year in range(2006, 2020)]]
    raw = 1 / (minutes + 60)
    raw[:, np.arange(41), np.arange(41)] = 0
    rows = raw / raw.sum(axis=2, keepdims=True)
    effective = (1 / (rows**2).sum(axis=2)).mean()
    assert f"{effective:.1f} effective neighbours" in " ".join(spillovers.dense.results.warnings)


def test_estimate_keeps_its_warning_to_the_results(study, spillovers, recwarn):
    strand = spillovers.strands[0]
    matrix = (np.ones((41, 41)) - np.eye(41)) / 40
    equal = pd.DataFrame(matrix + 1e-4 * np.roll(np.eye(41), 1, axis=1), study.units.index, study.units.index)
    one = estimate(strand, "SAR", "equal", equal, 1)
    assert one.results.warnings
    assert not [warning for warning in recwarn if issubclass(warning.category, WeakIdentificationWarning)]


def test_drop_holes_leaves_out_the_year_of_the_hole(spillovers):
    for strand in spillovers.strands:
        kept = drop_holes(strand)
        assert set(strand.data.index.unique("year")) - set(kept.data.index.unique("year")) == {2015}
        assert len(strand.data) - len(kept.data) == 41
        assert kept.formula == strand.formula
        assert kept.name == f"{strand.name}, without 2015"


def test_a_strand_without_holes_stays_whole(spillovers):
    strand = replace(spillovers.strands[0], holes=spillovers.strands[0].holes.iloc[:0])
    pd.testing.assert_frame_equal(drop_holes(strand).data, strand.data)
    assert drop_holes(strand).name == strand.name


def test_models_without_the_holes(spillovers):
    assert [(one.strand, one.weights) for one in spillovers.without_holes] == [
        (f"{strand}, without 2015", weights) for strand in STRANDS[:2] for weights in ("contiguity", "rail")
    ]
    assert [one.results.nobs for one in spillovers.without_holes] == [41 * 13, 41 * 13, 41 * 16, 41 * 16]


def test_coefficient_table_labels_every_coefficient(spillovers):
    models = everything(spillovers)
    table = coefficient_table(models)
    assert list(table) == [*LABELS, "term", "estimate", "std_error", "zstat", "pvalue"]
    assert len(table) == sum(len(one.results.params) for one in models)
    start = 0
    for one in models:
        rows = table.iloc[start : start + len(one.results.params)]
        start += len(rows)
        assert (rows[LABELS] == [one.strand, one.model, one.weights, one.effects]).all(axis=None)
        assert rows["term"].tolist() == list(one.results.params.index)
        np.testing.assert_array_equal(rows["estimate"], one.results.params)
        np.testing.assert_allclose(rows["zstat"], rows["estimate"] / rows["std_error"], rtol=1e-12)


def test_impact_table_labels_every_effect(spillovers):
    models = everything(spillovers)
    table = impact_table(models)
    assert list(table)[:6] == [*LABELS, "variable", "effect"]
    assert len(table) == sum(len(one.impacts) for one in models)
    one = models[4]
    rows = table[(table[LABELS] == list(labels(one).values())).all(axis=1)]
    pd.testing.assert_frame_equal(rows[list(one.impacts)].reset_index(drop=True), one.impacts)


def test_labels_name_one_model_each(spillovers):
    names = [tuple(labels(one).values()) for one in everything(spillovers)]
    assert len(set(names)) == len(names) == 18 + 2 + 2 + 4


def test_tables_leave_the_models_as_they_are(spillovers):
    before = list(spillovers.main[0].impacts)
    impact_table(spillovers.main)
    assert list(spillovers.main[0].impacts) == before


@pytest.mark.parametrize(
    ("effects", "label"),
    [("twoways", "twoways"), ("unit", "unit"), ({"unit": "window", "time": True}, "unit x window, time")],
)
def test_effects_label(effects, label):
    assert effects_label(effects) == label


def test_total_is_direct_plus_indirect(spillovers):
    for one in everything(spillovers):
        parts = one.impacts.set_index(["variable", "effect"])["estimate"].unstack()
        np.testing.assert_allclose(
            parts["direct"] + parts["indirect"], parts["total"], rtol=1e-10, atol=1e-12
        )


def test_the_seed_moves_only_the_standard_errors(study, spillovers, options):
    strand = spillovers.strands[1]
    main = chosen(spillovers, strand.name, "SDM", "rail")
    again, other = (
        estimate(strand, "SDM", "rail", study.weights["rail"], seed) for seed in (options.seed, 99)
    )
    pd.testing.assert_frame_equal(again.impacts, main.impacts)
    pd.testing.assert_series_equal(other.results.params, main.results.params)
    fixed = ["variable", "effect", "estimate"]
    pd.testing.assert_frame_equal(other.impacts[fixed], main.impacts[fixed])
    assert (other.impacts["std_error"] != main.impacts["std_error"]).all()


def test_simulated_standard_errors_agree_with_the_delta_method(spillovers):
    """A standard deviation of 1,000 draws errs by 1 / sqrt(2 x 1000) = 2.2 %; 12 % leaves room for curvature."""
    one = chosen(spillovers, "value added", "SDM", "contiguity")
    delta = one.results.impacts(method="delta").table
    np.testing.assert_allclose(one.impacts["std_error"], delta["std_error"], rtol=0.12)
    assert DRAWS == 1000


def test_a_synthetic_new_year_moves_the_value_added_models(study_2023, spillovers, options):
    strand = value_added_strand(study_2023.panel, study_2023.times)
    longer = estimate(strand, "SDM", "rail", study_2023.weights["rail"], options.seed)
    before = chosen(spillovers, "value added", "SDM", "rail")
    assert longer.results.nobs == before.results.nobs + 41
    assert longer.results.params["rho"] != before.results.params["rho"]


def test_a_permuted_table_gives_the_same_model(study, spillovers):
    strand = spillovers.strands[0]
    shuffled = strand.data.sample(frac=1, random_state=2)
    fit = SDM(shuffled, strand.formula, weights=study.weights["rail"], effects=strand.effects).fit()
    main = chosen(spillovers, "employment", "SDM", "rail")
    pd.testing.assert_series_equal(fit.params, main.results.params, rtol=1e-8)
