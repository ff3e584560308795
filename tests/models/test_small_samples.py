"""What summaries and pages say of simulated panels is what the results in benchmarks/ say."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.models.small_samples import LARGE, NOTES, small_sample_notes

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))


def load(name):
    """Import a script of benchmarks/ by its path."""
    found = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


montecarlo, test_size = load("montecarlo"), load("test_size")


PAGES = {
    "SDM": "lag",
    "error": "error",
    "both": "combined",
    "the same weights": "combined",
    "dynamic": "dynamic",
    "border": "border",
    "random": "random_effects",
}


@pytest.mark.parametrize("kind", NOTES)
def test_the_page_of_an_estimator_says_what_its_summary_says(kind):
    page = (ROOT / "docs" / "models" / f"{PAGES[kind]}.md").read_text(encoding="utf-8")
    assert NOTES[kind] in " ".join(page.split())


def results_of(script):
    return json.loads(script.RESULTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", [montecarlo, test_size], ids=["estimators", "tests"])
def test_the_page_holds_the_table_of_the_results(script):
    page = script.PAGE.read_text(encoding="utf-8")
    inside = page.split(script.MARKS[0])[1].split(script.MARKS[1])[0].strip()
    assert inside == script.table(results_of(script))


@pytest.mark.parametrize("script", [montecarlo, test_size], ids=["estimators", "tests"])
def test_results_name_what_the_script_runs(script):
    names = (
        [one.name for one in montecarlo.settings()] if script is montecarlo else list(script.experiments())
    )
    assert list(results_of(script)) == names


def design_of(setting):
    y, x = setting.draw(0)
    return montecarlo.request(setting, y, x).design


def test_every_estimator_that_misses_says_so_in_its_summary():
    lines = results_of(montecarlo)
    silent = [
        setting.name
        for setting in montecarlo.settings()
        if montecarlo.misses(lines[setting.name]) and not small_sample_notes(design_of(setting))
    ]
    assert silent == []


def test_what_holds_is_not_spoken_of():
    lines = results_of(montecarlo)
    plain = [s for s in montecarlo.settings() if s.model in {"OLS", "SLX"}]
    assert not any(montecarlo.misses(lines[s.name]) or small_sample_notes(design_of(s)) for s in plain)


def test_a_miss_is_found():
    """A line with a bias of 0.006 and a coverage of 92 % is marked; one at the bounds is not."""
    rho = {"true": 0.5, "mean": 0.494, "sd": 0.05, "se": 0.05, "coverage": 92.0}
    line = {"parameters": {"rho": rho}, "effects_of_x": {"total": {"delta": 97.5}}}
    assert montecarlo.misses(line) == [
        "bias of rho -0.0060",
        "coverage of rho 92.0",
        "coverage of the total effect 97.5",
    ]
    held = {"parameters": {"rho": {**rho, "mean": 0.4955, "coverage": 93.0}}, "effects_of_x": {}}
    assert montecarlo.misses(held) == []


def synthetic(units=8, periods=10):
    names = [f"u{i}" for i in range(units)]
    index = pd.MultiIndex.from_product([names, range(2001, 2001 + periods)], names=["unit", "year"])
    data = pd.DataFrame(np.random.default_rng(3).normal(size=(units * periods, 2)), index, ["y", "x"])
    ring = np.roll(np.eye(units), 1, axis=1) / 2 + np.roll(np.eye(units), -1, axis=1) / 2
    return data, pd.DataFrame(ring, names, names)


def test_each_kind_has_its_note():
    data, ring = synthetic()
    other = pd.DataFrame(np.roll(np.eye(8), 3, axis=1), ring.index, ring.columns)
    asked = {
        "SDM": yrd.SDM(data, "y ~ x", weights=ring),
        "error": yrd.SEM(data, "y ~ x", weights=ring, effects="pooled"),
        "both": yrd.SAC(data, "y ~ x", weights=ring, error_weights=other),
        "the same weights": yrd.SAC(data, "y ~ x", weights=ring),
        "dynamic": yrd.SAR(data, "y ~ x", weights=ring, dynamic="y"),
        "border": yrd.SAR(data, "y ~ x", weights={"one": ring / 2, "two": other / 2}),
        "random": yrd.SEM(data, "y ~ x", weights=ring, effects="random"),
    }
    assert set(asked) == set(NOTES)
    for kind, model in asked.items():
        (said,) = small_sample_notes(model.design)
        assert said.endswith(NOTES[kind])


def test_nothing_is_said_of_large_panels():
    data, ring = synthetic(units=20, periods=LARGE // 20 + 1)
    assert small_sample_notes(yrd.SDM(data, "y ~ x", weights=ring).design) == ()


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
def test_the_summary_prints_the_note():
    data, ring = synthetic()
    model = yrd.SDM(data, "y ~ x", weights=ring)
    assert "note: in simulated panels of 41 units" in str(model.fit().summary)
    assert "note:" not in str(model.fit(bias="none").summary)
