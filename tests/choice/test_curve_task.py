"""One block of a curve: the numbers of the models themselves, the weights of a sample, and every failure told."""

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.choice.curve_task import (
    NUMBERS,
    Block,
    Source,
    Wanted,
    estimate_block,
    read_effect,
    weights_among,
)
from yrdspatial.errors import SpecificationError
from yrdspatial.weights.series import WeightsSeries


def wanted(number=1, **changes):
    asked = {
        "model": "SAR",
        "formula": "y ~ x + z",
        "effects": "twoways",
        "bias": "adjusted",
        "cov_type": "expected",
    }
    return Wanted(number, **(asked | changes))


def run(panel, *specifications, frame=None, term="x", effect="indirect", weights="ring"):
    source = Source({"all": panel.data if frame is None else frame}, panel.weights, term, effect)
    return estimate_block(source, Block("all", weights, specifications))


@pytest.mark.parametrize("effect", ["direct", "indirect", "total"])
def test_effects_are_those_of_the_model(synthetic, effect):
    panel = synthetic(theta=0.3)
    (row,) = run(panel, wanted(7, model="SDM", bias="none", cov_type="robust"), effect=effect)
    fit = yrd.SDM(panel.data, "y ~ x + z", weights=panel.weights["ring"]).fit(bias="none", cov_type="robust")
    table = fit.impacts().table.set_index(["variable", "effect"]).loc[("x", effect)]
    assert row["number"] == 7
    assert [row[name] for name in NUMBERS] == [table[name] for name in NUMBERS]
    assert (row["units"], row["periods"], row["reason"], row["warnings"]) == (20, 8, "", "")


@pytest.mark.parametrize(("effect", "parameter"), [("coefficient", "x"), ("rho", "rho"), ("W_x", "W_x")])
def test_parameters_are_those_of_the_model(synthetic, effect, parameter):
    panel = synthetic(theta=0.3)
    (row,) = run(panel, wanted(model="SDM"), effect=effect)
    fit = yrd.SDM(panel.data, "y ~ x + z", weights=panel.weights["ring"]).fit()
    assert row["estimate"] == fit.params[parameter]
    assert row["std_error"] == fit.std_errors[parameter]


@pytest.mark.parametrize(
    ("changes", "asked", "reason"),
    [
        ({"model": "OLS"}, {}, "OLS excludes the indirect effect [x]"),
        ({"model": "SEM"}, {}, "SEM excludes the indirect effect [x]"),
        ({"model": "SLX"}, {"effect": "rho"}, "SLX has no rho [y ~ x + z]: it has x, z, W_x, W_z"),
        ({"formula": "y ~ z"}, {}, "SAR has no indirect of x"),
        ({"formula": "y ~ x + nowhere"}, {}, "nowhere"),
        ({"effects": {"unit": "nowhere", "time": True}}, {}, "nowhere"),
        ({"cov_type": "best"}, {}, "unknown cov_type 'best'"),
        ({"formula": "y ~ x + z + twice"}, {}, "collinear"),
    ],
)
def test_what_cannot_be_estimated_says_why(synthetic, changes, asked, reason):
    panel = synthetic()
    frame = panel.data.assign(twice=2.0 * panel.data["x"])
    failed, fine = run(
        panel, wanted(1, **changes), wanted(2), frame=frame, **({"effect": "indirect"} | asked)
    )
    assert reason in failed["reason"]
    assert {failed[name] for name in (*NUMBERS, "units", "periods")} == {None}
    assert fine["estimate"] is not None


def test_weights_that_do_not_fit_fail_the_whole_block(synthetic):
    panel = synthetic()
    short = WeightsSeries(dict.fromkeys((2001, 2002), panel.weights["ring"]))
    source = Source({"all": panel.data}, {"short": short}, "x", "indirect")
    rows = estimate_block(source, Block("all", "short", (wanted(1), wanted(2))))
    assert [row["number"] for row in rows] == [1, 2]
    assert all("2003" in row["reason"] for row in rows)


def test_a_matrix_without_inverse_is_a_reason(synthetic, monkeypatch):
    def broken(*_):
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr("yrdspatial.choice.curve_task.read_effect", broken)
    (row,) = run(synthetic(), wanted())
    assert row["reason"] == "a matrix cannot be inverted (Singular matrix)"


@pytest.mark.filterwarnings("error")
def test_weak_identification_is_kept_and_not_raised(synthetic):
    panel = synthetic(theta=0.4)
    asked = {"term": "x", "effect": "coefficient"}
    rows = [run(panel, wanted(model="SDEM"), weights=name, **asked)[0] for name in panel.weights]
    assert [row["reason"] for row in rows] == ["", ""]
    assert any("weakly identified" in row["warnings"] for row in rows)


def test_links_among_fewer_units_sum_to_one_again(synthetic):
    panel = synthetic()
    kept = panel.data[panel.data.index.get_level_values("unit") != "u003"]
    among = weights_among(panel.weights["other"], kept)
    W = np.delete(np.delete(panel.arrays["other"], 3, axis=0), 3, axis=1)
    assert among.array()[0] == pytest.approx(W / W.sum(axis=1, keepdims=True))
    assert among.years == tuple(range(2001, 2009))
    assert weights_among(panel.weights["other"], panel.data) is panel.weights["other"]


def test_rows_that_did_not_sum_to_one_stay_as_they_are_and_islands_stay_empty(synthetic):
    panel = synthetic()
    kept = panel.data[panel.data.index.get_level_values("unit") != "u003"]
    half = weights_among(0.5 * panel.weights["other"], kept).array()[0]
    assert half == pytest.approx(0.5 * np.delete(np.delete(panel.arrays["other"], 3, axis=0), 3, axis=1))
    ends = panel.data[panel.data.index.get_level_values("unit").isin(["u000", "u005", "u006"])]
    ring = weights_among(panel.weights["ring"], ends).array()[0]
    assert ring.tolist() == [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]


def test_the_key_names_data_weights_and_choices(synthetic):
    panel = synthetic()

    def key(frame=panel.data, weights=panel.weights, term="x", one=None):
        return Source({"all": frame}, weights, term, "total").key(Block("all", "ring", (one or wanted(),)))

    changed = panel.data.copy()
    changed.iloc[5, 0] += 1e-12
    others = {
        key(),
        key(frame=changed),
        key(frame=panel.data.rename(columns={"z": "w"})),
        key(weights={"ring": panel.weights["other"]}),
        key(term="z"),
        key(one=wanted(bias="none")),
        Source({"all": panel.data}, {}, "x", "total").key(Block("all", "none", (wanted(),))),
    }
    assert len(others) == 7
    assert key() == key(frame=panel.data.copy())
    by_year = WeightsSeries(dict.fromkeys(range(2001, 2009), panel.weights["ring"]))
    assert key(weights={"ring": by_year}) != key()


def test_reading_an_effect_refuses_other_terms(synthetic):
    panel = synthetic()
    fit = yrd.SAR(panel.data, "y ~ x + z", weights=panel.weights["ring"]).fit()
    with pytest.raises(SpecificationError, match="SAR has no coefficient of w"):
        read_effect(fit, "w", "coefficient")
