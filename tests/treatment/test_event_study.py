"""Event studies against other programs, a second implementation, and known truth."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, EstimationError, GapError, SpecificationError
from yrdspatial.treatment.event_study import event_study

HERE = Path(__file__).parents[1] / "reference" / "event_studies"
EXPECTED = json.loads((HERE / "expected.json").read_text())
COMPARISONS = {"nevertreated": "never", "notyettreated": "not_yet"}
ADJUSTMENTS = {"reg": "regression", "dr": "doubly_robust"}


@pytest.fixture(scope="module")
def reference():
    panel = pd.read_csv(HERE / "panel.csv")
    return panel.set_index(["unit", "year"]), panel.groupby("unit")["first"].first().replace(0, np.nan)


@pytest.fixture(scope="module")
def by_cohort(reference):
    data, first = reference
    return {
        key: event_study(
            data,
            "y",
            first_treated=first,
            method="group_time",
            controls=["x"] if key.endswith("x") else [],
            comparison=COMPARISONS[key.split()[0]],
            adjustment=ADJUSTMENTS[key.split()[1]],
            window=(-9, 9),
            seed=1,
            draws=50,
        )
        for key in EXPECTED["csdid"]
    }


@pytest.mark.parametrize("key", list(EXPECTED["csdid"]))
def test_cohort_effects_are_those_of_csdid(by_cohort, key):
    # 1e-9: the same arithmetic; the logit of csdid stops at its own tolerance
    mine = by_cohort[key].cohorts.set_index(["cohort", "year"])["estimate"]
    for cohort, year, effect in EXPECTED["csdid"][key]["cohorts"]:
        if year != cohort - 1:
            assert mine[(cohort, year)] == pytest.approx(effect, abs=1e-9)


@pytest.mark.parametrize("key", list(EXPECTED["csdid"]))
@pytest.mark.parametrize("kind", ["simple", "dynamic", "group", "calendar"])
def test_aggregations_and_errors_are_those_of_csdid(by_cohort, key, kind):
    theirs = EXPECTED["csdid"][key][kind]
    mine = by_cohort[key].aggregations.set_index(["by", "label"])
    for label, effect, error in [("overall", *theirs["overall"]), *theirs.get("rows", [])]:
        if np.isfinite(error):
            row = mine.loc[(kind, label)]
            assert [row["estimate"], row["std_error"]] == pytest.approx([effect, error], abs=1e-9)


def test_the_average_effect_is_the_simple_aggregation(by_cohort):
    for key, study in by_cohort.items():
        assert study.att["estimate"] == pytest.approx(
            EXPECTED["csdid"][key]["simple"]["overall"][0], abs=1e-9
        )


def test_imputed_effects_are_those_of_two_stages(reference):
    # did2s of pyfixest estimates the same by two regressions, with the same errors; its solver stops at 1e-5
    data, first = reference
    for controls, key in ((), "did2s"), (("z",), "did2s_z"):
        table = event_study(data, "y", first_treated=first, controls=controls).table
        for name, (effect, error) in EXPECTED["pyfixest"][key].items():
            time = int(name.rpartition("::")[2])
            if time in table.index and time >= 0:
                row = table.loc[time, ["estimate", "std_error"]].tolist()
                assert row == pytest.approx([effect, error], abs=2e-5)


def test_two_way_effects_are_those_of_pyfixest(reference):
    # pyfixest counts T year dummies and we T - 1: errors differ by the root of 583 / 582 and the like
    data, first = reference
    study = event_study(data, "y", first_treated=first, method="twoways", window=(-4, 4))
    static, dynamic = EXPECTED["pyfixest"]["static"]["treat"], EXPECTED["pyfixest"]["dynamic"]
    assert study.att["estimate"] == pytest.approx(static[0], abs=1e-9)
    assert study.att["std_error"] == pytest.approx(static[1] * np.sqrt((600 - 11) / (600 - 10)), rel=1e-6)
    for name, (effect, error) in dynamic.items():
        row = study.table.loc[int(name.rpartition("::")[2])]
        assert row["estimate"] == pytest.approx(effect, abs=1e-9)
        assert row["std_error"] == pytest.approx(error * np.sqrt((600 - 18) / (600 - 17)), rel=1e-6)


@pytest.mark.parametrize("common", ["horizon", "cohort"])
@pytest.mark.parametrize("controls", [(), ("z",)])
def test_imputation_equals_a_second_implementation(synthetic, dense, common, controls):
    found = dense(synthetic, controls=controls, common=common)
    study = event_study(
        synthetic.data, "y", first_treated=synthetic.first, controls=controls, common=common, window=(-2, 9)
    )
    after = study.table.loc[0:]
    assert after.index.tolist() == found.times.tolist()
    count = len(found.times)
    assert after["estimate"].to_numpy() == pytest.approx(found.estimates[:count], abs=1e-10)
    assert after["std_error"].to_numpy() == pytest.approx(found.errors[:count], abs=1e-10)
    assert study.att[["estimate", "std_error"]].tolist() == pytest.approx(
        [found.estimates[count], found.errors[count]], abs=1e-10
    )
    weights = study.weights.set_index(["unit", "year"])["weight"]
    keys = list(zip(found.data["unit"], found.data["year"], strict=True))
    assert weights.loc[keys].to_numpy() == pytest.approx(found.V[:, count], abs=1e-10)
    assert (weights.to_numpy() @ synthetic.data["y"].loc[weights.index].to_numpy()) == pytest.approx(
        study.att["estimate"]
    )


def test_exposure_equals_a_second_implementation(synthetic, dense):
    found = dense(synthetic, exposure=True)
    study = event_study(
        synthetic.data, "y", first_treated=synthetic.first, exposure=synthetic.weights, window=(-2, 9)
    )
    count = len(found.times)
    assert study.table.loc[0:, "estimate"].to_numpy() == pytest.approx(found.estimates[:count], abs=1e-9)
    assert study.table.loc[0:, "std_error"].to_numpy() == pytest.approx(found.errors[:count], abs=1e-9)
    rows = study.exposure.loc[["treated", "at mean exposure", "untreated"]]
    assert rows["estimate"].to_numpy() == pytest.approx(found.estimates[count + 1 :], abs=1e-9)
    assert rows["std_error"].to_numpy() == pytest.approx(found.errors[count + 1 :], abs=1e-9)


def spilled(panel, untreated=0.8, treated=0.4):
    """Outcome without noise: effect 1 and exposure effects as given."""
    years = panel.data.index.get_level_values("year")
    names = panel.data.index.get_level_values("unit")
    D = pd.Series(
        (years >= panel.first.reindex(names).fillna(9999).to_numpy()).astype(float), panel.data.index
    )
    S = (D.unstack("unit") @ panel.weights.T).unstack().reindex(panel.data.index)
    return panel.data.assign(y=D + S * np.where(D > 0, treated, untreated) + 0.1 * years)


def test_exposure_is_found_where_it_is_and_its_neglect_is_a_bias(synthetic):
    data = spilled(synthetic)
    for method in ("imputation", "twoways"):
        found = event_study(
            data, "y", first_treated=synthetic.first, exposure=synthetic.weights, method=method
        )
        assert found.att["estimate"] == pytest.approx(1.0)
        assert found.exposure["estimate"].loc[["untreated", "treated"]].tolist() == pytest.approx([0.8, 0.4])
        assert (
            abs(event_study(data, "y", first_treated=synthetic.first, method=method).att["estimate"] - 1)
            > 0.1
        )


def test_unexposed_comparison_leaves_exposed_cells_out(make):
    panel = make(sizes=(3, 3, 4, 12), noise=0.0)
    near = pd.DataFrame(0.0, panel.weights.index, panel.weights.columns)
    near.iloc[10:14, 0:4] = 0.25
    panel.weights = near
    data = spilled(panel)
    for method in ("imputation", "group_time"):
        asked = {"first_treated": panel.first, "method": method, "seed": 1}
        naive = event_study(data, "y", **asked)
        found = (
            event_study(data, "y", exposure=near, unexposed=True, **asked) if method == "group_time" else None
        )
        assert naive.att["estimate"] < 0.99
        if found is not None:
            assert found.att["estimate"] == pytest.approx(1.0)


def test_robust_methods_are_right_where_two_way_effects_are_not(make):
    # no noise: what is left is bias; effects grow and early cohorts have more
    panel = make(noise=0.0)
    data = panel.data.assign(y=panel.data["effect"])
    truth = data["effect"][data["effect"] > 0].mean()
    found = {
        method: event_study(data, "y", first_treated=panel.first, method=method, seed=1)
        for method in ("imputation", "group_time", "twoways")
    }
    assert found["imputation"].att["estimate"] == pytest.approx(truth)
    assert found["group_time"].att["estimate"] == pytest.approx(truth)
    assert truth - found["twoways"].att["estimate"] > 0.3
    assert found["twoways"].negative_weights["negative"] > 0
    assert found["imputation"].negative_weights["negative"] == 0
    assert found["group_time"].negative_weights["negative"] == 0


def test_the_decomposition_adds_up_to_the_coefficient(synthetic):
    study = event_study(synthetic.data, "y", first_treated=synthetic.first, method="twoways")
    table = study.decomposition
    assert table["weight"].sum() == pytest.approx(1.0)
    assert (table["weight"] * table["estimate"]).sum() == pytest.approx(study.att["estimate"])
    assert set(table["kind"]) == {"against never treated", "against later treated", "against earlier treated"}
    # each two-by-two estimate is a regression on the cells of its two cohorts
    row = table[table["kind"] == "against earlier treated"].iloc[0]
    pair = synthetic.first.index[synthetic.first.isin([row["treated"], row["control"]])]
    part = synthetic.data.loc[pair].query("year >= @row.control")
    late = part.index.get_level_values("unit").map(synthetic.first) == row["treated"]
    after = part.index.get_level_values("year") >= row["treated"]
    means = part["y"].groupby([late, after]).mean()
    gap = means[True, True] - means[True, False] - means[False, True] + means[False, False]
    assert row["estimate"] == pytest.approx(gap)


def test_windows_compare_inside_windows_only(make):
    panel = make(noise=0.0)
    years = panel.data.index.get_level_values("year")
    jump = np.where(years >= 2006, np.arange(len(years)) // 10 * 5.0, 0.0)
    data = panel.data.assign(y=panel.data["effect"] + jump, window=np.where(years >= 2006, "late", "early"))
    imputed = event_study(data, "y", first_treated=panel.first)
    kept = imputed.cohorts
    seen = data.assign(
        first=panel.first.reindex(data.index.get_level_values("unit")).to_numpy()
    ).reset_index()
    truth = seen.groupby(["first", "year"])["effect"].mean()
    for _, row in kept.iterrows():
        assert row["estimate"] == pytest.approx(truth[(row["cohort"], row["year"])])
    assert set(kept.loc[kept["year"] >= 2006, "cohort"]) == {2007}
    assert any("no prediction" in text for text in imputed.warnings)
    groups = event_study(data, "y", first_treated=panel.first, method="group_time", seed=1).cohorts
    assert ((groups["cohort"] > 2006) == (groups["year"] >= 2006)).all()
    with_jump = event_study(data, "y", first_treated=panel.first, window_column=None)
    assert abs(with_jump.att["estimate"] - imputed.att["estimate"]) > 1


def test_labels_and_not_positions_decide(synthetic):
    shuffled = synthetic.data.sample(frac=1.0, random_state=4)
    dates, weights = synthetic.first.iloc[::-1], synthetic.weights.iloc[::-1, ::-1]
    for method in ("imputation", "twoways"):
        one = event_study(
            synthetic.data, "y", first_treated=synthetic.first, exposure=synthetic.weights, method=method
        )
        two = event_study(shuffled, "y", first_treated=dates, exposure=weights, method=method)
        pd.testing.assert_frame_equal(one.table, two.table, atol=1e-10)
        pd.testing.assert_frame_equal(one.exposure, two.exposure, atol=1e-10)


def test_units_treated_throughout_are_left_out_and_named(synthetic):
    first = synthetic.first.where(synthetic.first != 2003, 1999)
    study = event_study(synthetic.data, "y", first_treated=first)
    assert "treated in every year and left out: u00" in study.warnings[0]
    assert not set(study.weights["unit"]) & {"u00", "u04"}


def test_trends_before_treatment_are_seen(make):
    panel = make(noise=0.5)
    years = panel.data.index.get_level_values("year").to_numpy()
    treated = panel.first.reindex(panel.data.index.get_level_values("unit")).notna().to_numpy()
    data = panel.data.assign(y=panel.data["y"] + 0.8 * treated * (years - 2000))
    for method in ("imputation", "group_time", "twoways"):
        asked = {"first_treated": panel.first, "method": method, "window": (-3, 3), "seed": 1}
        assert event_study(data, "y", **asked).pretrend_test.pvalue < 0.01
        assert event_study(panel.data, "y", **asked).pretrend_test.pvalue > 0.01


def test_bands_are_wider_than_intervals_and_repeat_with_the_seed(synthetic):
    one, two, other = (
        event_study(synthetic.data, "y", first_treated=synthetic.first, method="group_time", seed=seed)
        for seed in (1, 1, 2)
    )
    assert (one.table["band_upper"] >= one.table["upper"]).all()
    pd.testing.assert_frame_equal(one.table, two.table)
    assert not one.table["band_upper"].equals(other.table["band_upper"])
    assert one.table["upper"].equals(other.table["upper"])


def test_clusters_of_units(synthetic):
    pairs = pd.Series([name[:2] for name in synthetic.first.index], index=synthetic.first.index)
    alone = event_study(synthetic.data, "y", first_treated=synthetic.first)
    study = event_study(synthetic.data, "y", first_treated=synthetic.first, cluster=pairs)
    assert (alone.clusters, study.clusters) == (22, 3)
    assert study.att["estimate"] == alone.att["estimate"]
    assert study.att["std_error"] != alone.att["std_error"]


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"method": "ols"}, SpecificationError, "unknown method"),
        ({"comparison": "all"}, SpecificationError, "unknown comparison"),
        ({"comparison": "never"}, SpecificationError, "all untreated cells"),
        ({"window": (0, 5)}, SpecificationError, "no before"),
        ({"method": "group_time"}, SpecificationError, "give a seed"),
        ({"unexposed": True}, SpecificationError, "needs exposure"),
        ({"level": 95}, SpecificationError, "level is 95"),
        ({"bands": 1}, SpecificationError, "no option bands"),
        ({"window_column": "era"}, GapError, "no such column"),
        ({"controls": ["w"]}, GapError, "no such column"),
    ],
)
def test_senseless_requests_are_refused(synthetic, change, error, text):
    with pytest.raises(error, match=text):
        event_study(synthetic.data, "y", **{"first_treated": synthetic.first, **change})


def test_exposure_where_it_does_not_fit_is_refused(synthetic):
    asked = {"first_treated": synthetic.first, "exposure": synthetic.weights}
    with pytest.raises(SpecificationError, match="no exposure as regressor"):
        event_study(synthetic.data, "y", method="group_time", seed=1, **asked)
    with pytest.raises(SpecificationError, match="use all cells"):
        event_study(synthetic.data, "y", method="twoways", unexposed=True, **asked)
    with pytest.raises(EstimationError, match="does not vary"):
        event_study(synthetic.data, "y", first_treated=synthetic.first, exposure=synthetic.weights * 0.0)


def test_data_that_do_not_fit_are_refused(synthetic):
    data, first = synthetic.data, synthetic.first
    hole = data.assign(y=data["y"].where(np.arange(len(data)) != 7))
    with pytest.raises(GapError, match="y, u00 2007"):
        event_study(hole, "y", first_treated=first)
    with pytest.raises(AlignmentError, match="u00"):
        event_study(data, "y", first_treated=first.drop("u00"))
    with pytest.raises(AlignmentError, match="two entries"):
        event_study(data, "y", first_treated=pd.concat([first, first]))
    with pytest.raises(AlignmentError, match="no cluster"):
        event_study(data, "y", first_treated=first, cluster=pd.Series({"u01": 1}))
    with pytest.raises(SpecificationError, match="follow one another"):
        event_study(data.drop(2004, level="year"), "y", first_treated=first)
    with pytest.raises(SpecificationError, match="no unit is first treated"):
        event_study(data, "y", first_treated=first * np.nan)
    cell = data.assign(window=np.where(np.arange(len(data)) == 3, None, "all"))
    with pytest.raises(GapError, match="in no window"):
        event_study(cell, "y", first_treated=first)


def test_a_panel_of_the_delta_is_taken_as_it_is():
    panel = yrd.load_panel().select(years=range(2006, 2020)).assign(log=lambda f: np.log(f["va_secondary"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study = event_study(panel, "log", first_treated=yrd.rail_openings()["first_year"])
    assert study.clusters == 41
    assert study.weights["unit"].isin(yrd.load_units().index).all()
    assert repr(study).startswith("EventStudy(log, imputation")
