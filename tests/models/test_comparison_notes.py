"""The notes of a table say what the models are, each sentence once."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.models.comparison_notes import notes_of, notes_of_effects
from yrdspatial.models.comparison_words import WORDS
from yrdspatial.models.impacts import Impacts
from yrdspatial.panel.panel import Panel

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
ENGLISH = WORDS["en"]


def fitted(simulated, model="SAR", *, how=None, **options):
    data = options.pop("data", simulated.data)
    options.setdefault("weights", simulated.weights)
    return getattr(yrd, model)(data, "y ~ x1 + x2", **options).fit(**(how or {}))


def test_both_languages_say_the_same():
    assert set(WORDS["en"]) == set(WORDS["zh"])
    for key, sentence in ENGLISH.items():
        places = [part.partition("}")[0].partition(":")[0] for part in sentence.split("{")[1:]]
        other = [part.partition("}")[0].partition(":")[0] for part in WORDS["zh"][key].split("{")[1:]]
        assert sorted(places) == sorted(other), key


def test_what_holds_for_all_is_said_once(panel):
    simulated = panel()
    notes = notes_of({"a": fitted(simulated), "b": fitted(simulated, "SDM")}, ENGLISH)
    assert notes == [
        "14 units, 2001-2006 (6 periods).",
        "The bias of the fixed effects in ρ, λ and σ² is removed by adjusted scores.",
        "Standard errors from the expected information.",
        "W: 6 distinct matrices in 6 periods, rows sum to one, {:.1f} effective neighbours.".format(
            neighbours(simulated.arrays["weights"])
        ),
    ]


def neighbours(weights):
    """Mean over units and years of one over the sum of squared weights, of rows that sum to one."""
    return (1.0 / (weights**2).sum(axis=2)).mean()


def test_what_differs_names_its_models(panel):
    simulated = panel()
    models = {
        "a": fitted(simulated),
        "b": fitted(simulated, how={"bias": "none", "cov_type": "cluster"}),
        "c": fitted(simulated, "SEM", effects="random"),
        "d": fitted(simulated, "OLS", effects="pooled"),
    }
    notes = notes_of(models, ENGLISH)
    assert notes[0] == "14 units, 2001-2006 (6 periods)."
    assert all(
        note.partition(":")[0] in {"a", "b", "c", "d", "a, c, d", "a, b", "a, b, c"} for note in notes[1:]
    )
    assert "b: The bias of the fixed effects is left in (maximum likelihood with dummies)." in notes
    assert "c: Maximum likelihood with random unit effects." in notes
    assert "d: Maximum likelihood without effects." in notes
    assert "b: Standard errors clustered by unit." in notes
    assert "a, c, d: Standard errors from the expected information." in notes


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("model", "cov_type", "more"),
    [
        ("SAR", "observed", {}),
        ("SAR", "opg", {}),
        ("SAR", "robust", {}),
        ("SAR", "driscoll-kraay", {}),
        ("SLX", "conley", {"cutoff": 1.0}),
    ],
)
def test_every_covariance_has_its_sentence(panel, lang, model, cov_type, more):
    simulated = panel()
    units = simulated.weights.units
    distance = {"distance": pd.DataFrame(1.0 - np.eye(14), units, units)} if more else {}
    results = fitted(simulated, model, how={"cov_type": cov_type, **more, **distance})
    assert WORDS[lang][cov_type] in notes_of({"a": results}, WORDS[lang])


def test_lee_yu_is_said_where_it_is(panel):
    assert any("Lee-Yu" in note for note in notes_of({"a": fitted(panel("constant"))}, ENGLISH))


def test_windows_islands_and_scales(panel):
    windows = fitted(panel(), effects={"unit": "window", "time": True})
    assert "Unit effects in each of the windows early, late." in notes_of({"a": windows}, ENGLISH)
    (said,) = [note for note in notes_of({"a": fitted(panel("islands"))}, ENGLISH) if note.startswith("W:")]
    assert "islands among the units" in said
    (said,) = [note for note in notes_of({"a": fitted(panel("directed"))}, ENGLISH) if note.startswith("W:")]
    assert "rows not standardized" in said


def test_every_role_of_weights_is_named(panel):
    simulated, other = panel(), panel("rows", seed=8)
    results = fitted(simulated, "GNS", error_weights=other.weights, effects="unit")
    said = [note.partition(":")[0] for note in notes_of({"a": results}, ENGLISH) if note.startswith("W of")]
    assert said[-2:] == ["W of y, W of X", "W of the error"]


def test_a_cross_section(panel):
    simulated = panel("constant")
    data = simulated.data.xs(2001, level="year")
    results = fitted(simulated, data=data, effects="pooled", weights=simulated.weights.take([2001]))
    assert notes_of({"a": results}, ENGLISH)[0] == "14 units, one cross-section."


def test_periods_that_are_no_years(panel):
    simulated = panel("constant")
    frame = simulated.data.reset_index()
    frame["year"] = "t" + frame["year"].astype(str)
    results = fitted(simulated, "OLS", data=frame.set_index(["unit", "year"]), weights=None)
    assert notes_of({"a": results}, ENGLISH)[0] == "14 units, t2001 – t2006 (6 periods)."


def test_warnings_and_flagged_values_reach_the_notes(panel):
    simulated = panel()
    flags = pd.DataFrame(
        [
            ("u03", 2004, "x1", "imputed: by a line"),
            ("u03", 2004, "z", "imputed"),
            ("u99", 2004, "x1", "fixed"),
        ],
        columns=["unit", "year", "variable", "flag"],
    ).assign(source="synthetic", vintage="synthetic")
    own = Panel.from_frame(simulated.data[["y", "x1", "x2"]])
    flagged = Panel(own.data, own.dictionary, flags, own.known_breaks)
    results = fitted(simulated, data=flagged)
    warned = type(results)(**{**vars_of(results), "warnings": ("rho is doubtful",)})
    notes = notes_of({"a": warned}, ENGLISH)
    assert "Warning: rho is doubtful." in notes
    assert "Flagged values among those used: imputed: by a line (x1: u03 2004)." in notes


def vars_of(results):
    return {name: getattr(results, name) for name in ("design", "fit", "covariance", "cov_type", "warnings")}


def test_flags_survive_the_file(tmp_path):
    data = yrd.load_panel().select(years=range(2014, 2020))
    results = yrd.SAR(data, "log(gdp) ~ log(va_secondary)", weights=yrd.contiguity_weights()).fit()
    again = yrd.load_results(results.save(tmp_path / "a.zip"))
    notes = notes_of({"a": again}, ENGLISH)
    assert notes == notes_of({"a": results}, ENGLISH)
    assert any("Hangzhou 2017" in note for note in notes)


def test_draws_left_out_are_counted():
    table = pd.DataFrame()
    effects = {
        "a": Impacts(table, "simulation", 0.95, 1000, 0),
        "b": Impacts(table, "simulation", 0.95, 1000, 3),
    }
    assert notes_of_effects(effects, 5, ENGLISH) == [
        "Effects are means over units and periods; standard errors from 1000 draws (seed 5).",
        "b: 3 draws outside the region where effects exist are left out.",
    ]
    assert len(notes_of_effects({"a": Impacts(table, "delta", 0.95, 0, 0)}, None, WORDS["zh"])) == 1
