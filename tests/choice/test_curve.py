"""The specification curve: nothing dropped, the same for any number of workers, killed and resumed to the bit."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.choice.choices import DIMENSIONS, Choices
from yrdspatial.choice.curve import JOURNAL, rows_of, specification_curve
from yrdspatial.errors import AlignmentError

COLUMNS = [
    *DIMENSIONS, "estimate", "std_error", "zstat", "pvalue", "lower", "upper", "units", "periods", "warnings", "reason",
]  # fmt: skip


SMALL = {"outcomes": {"level": "y ~ x"}, "models": ("OLS", "SAR"), "effects": ("unit",)}


def late(frame):
    return frame.index.get_level_values("year") > 2003


def choices_of(panel, **changes):
    asked = {
        "outcomes": {"level": "y ~ x", "double": "I(2 * y) ~ x"},
        "weights": panel.weights,
        "models": ("OLS", "SAR", "SDM"),
        "samples": {"all": None, "late": late},
        "controls": {"none": (), "z": ("z",)},
        "effects": ("unit", "twoways"),
        "bias": ("adjusted", "none"),
    }
    return Choices(**(asked | changes))


def test_every_specification_is_a_row_and_the_row_is_its_model(synthetic):
    panel = synthetic(theta=0.3)
    curve = specification_curve(panel.data, choices_of(panel), term="x", effect="total")
    assert list(curve.table.columns) == COLUMNS
    assert len(curve.table) == 2 * 2 * 2 * 2 * 2 * (1 + 2 * 2)
    table = curve.table.set_index(["outcome", "model", "weights", "sample", "controls", "effects", "bias"])
    row = table.loc[("double", "SDM", "other", "late", "z", "unit", "none")]
    fit = yrd.SDM(
        panel.data[late(panel.data)], "I(2 * y) ~ x + z", weights=panel.weights["other"], effects="unit"
    ).fit(bias="none")
    expected = fit.impacts().table.set_index(["variable", "effect"]).loc[("x", "total")]
    assert row["estimate"] == pytest.approx(expected["estimate"], rel=1e-12)
    assert row["pvalue"] == pytest.approx(expected["pvalue"], rel=1e-9)
    assert (row["units"], row["periods"]) == (20, 5)
    assert repr(curve) == "<SpecificationCurve of total of x: 160 of 160 estimated>"
    assert curve.refused.empty


def test_what_cannot_be_estimated_stays_as_a_row(synthetic):
    panel = synthetic()
    data = panel.data.copy()
    data.loc[("u004", 2002), "z"] = np.nan
    curve = specification_curve(data, choices_of(panel), term="x")
    lost = curve.table[curve.table["estimate"].isna()]
    assert len(curve.table) == 160
    assert set(lost["model"]) >= {"OLS"}
    holes = lost[lost["model"] != "OLS"]
    assert (holes["controls"] == "z").all()
    assert (holes["sample"] == "all").all()
    assert holes["reason"].str.contains("u004 2002").all()
    assert (curve.table.loc[curve.table["estimate"].notna(), "reason"] == "").all()
    assert curve.refused.sum() == len(lost)
    assert curve.summary.loc[0, "estimated"] == 160 - len(lost)


def test_the_order_of_rows_does_not_matter(synthetic):
    panel = synthetic()
    one = specification_curve(panel.data, choices_of(panel, **SMALL), term="x", effect="direct").table
    two = specification_curve(panel.shuffled(), choices_of(panel, **SMALL), term="x", effect="direct").table
    assert two["estimate"].to_numpy() == pytest.approx(one["estimate"].to_numpy(), rel=1e-8)


def test_two_workers_give_the_same_bytes(synthetic, tmp_path):
    panel = synthetic()
    asked = {"term": "x", "effect": "total"}
    one = specification_curve(panel.data, choices_of(panel, **SMALL), **asked).to_csv(tmp_path / "one.csv")
    two = specification_curve(panel.data, choices_of(panel, **SMALL), workers=2, **asked).to_csv(
        tmp_path / "two.csv"
    )
    assert one.read_bytes() == two.read_bytes()


def test_a_curve_is_resumed_with_the_same_bytes_and_without_work(synthetic, tmp_path, monkeypatch):
    panel, steps = synthetic(), []
    asked = {"term": "x", "effect": "total", "folder": tmp_path / "kept"}
    first = specification_curve(
        panel.data, choices_of(panel, **SMALL), progress=lambda *step: steps.append(step), **asked
    )
    assert steps[-1][0] == steps[-1][1] == len(steps)
    journal = tmp_path / "kept" / f"{JOURNAL}.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[: len(lines) // 2]) + lines[-1][:50])
    second = specification_curve(panel.data, choices_of(panel, **SMALL), **asked)
    pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
    plain = specification_curve(panel.data, choices_of(panel, **SMALL), term="x", effect="total")
    pd.testing.assert_frame_equal(first.table, plain.table, check_exact=True)

    def nothing(*_):
        raise AssertionError("everything is kept already")

    monkeypatch.setattr("yrdspatial.choice.curve_task._estimated", nothing)
    third = specification_curve(panel.data, choices_of(panel, **SMALL), **asked)
    assert first.to_csv(tmp_path / "1.csv").read_bytes() == third.to_csv(tmp_path / "3.csv").read_bytes()


def test_a_folder_does_not_answer_for_other_data(synthetic, tmp_path):
    one, two = synthetic(seed=1), synthetic(seed=2)
    first = specification_curve(one.data, choices_of(one, **SMALL), term="x", effect="total", folder=tmp_path)
    second = specification_curve(
        two.data, choices_of(two, **SMALL), term="x", effect="total", folder=tmp_path
    )
    plain = specification_curve(two.data, choices_of(two, **SMALL), term="x", effect="total")
    pd.testing.assert_frame_equal(second.table, plain.table, check_exact=True)
    assert not np.allclose(first.table["estimate"], second.table["estimate"])


SCRIPT = """
import sys, time
sys.path.insert(0, {tests!r})
from conftest import make
import yrdspatial as yrd
from yrdspatial.choice import curve_task
panel = make()
slow = curve_task._estimated
if sys.argv[2] == "slow":
    def waiting(*arguments):
        time.sleep(0.05)
        return slow(*arguments)
    curve_task._estimated = waiting
choices = yrd.Choices({{"y": "y ~ x"}}, panel.weights, models=("SAR", "SDM", "SLX"),
    controls={{"none": (), "z": ("z",)}}, effects=("unit", "time", "twoways"), bias=("adjusted", "none"))
curve = yrd.specification_curve(panel.data, choices, term="x", folder=sys.argv[1])
curve.to_csv(sys.argv[1] + "/curve.csv")
"""


def test_killed_half_way_and_resumed_it_is_the_same_file(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parent)), "utf-8")

    def start(folder, speed):
        return subprocess.Popen([sys.executable, str(script), str(tmp_path / folder), speed])

    assert start("whole", "quick").wait(timeout=120) == 0
    running = start("killed", "slow")
    journal = tmp_path / "killed" / f"{JOURNAL}.jsonl"
    deadline = time.monotonic() + 120
    while not (journal.exists() and journal.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    assert running.wait(timeout=30) == -signal.SIGKILL
    assert not (tmp_path / "killed" / "curve.csv").exists()
    kept = len(journal.read_bytes().splitlines())
    assert 0 < kept < len((tmp_path / "whole" / f"{JOURNAL}.jsonl").read_bytes().splitlines())
    assert start("killed", "quick").wait(timeout=120) == 0
    whole, resumed = ((tmp_path / name / "curve.csv").read_bytes() for name in ("whole", "killed"))
    assert whole == resumed


def test_a_sample_is_rows_of_the_data(synthetic):
    data = synthetic().data
    assert rows_of(data, None, "all") is data
    mask = pd.Series(late(data), data.index)
    turned = mask.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(rows_of(data, late, "late"), rows_of(data, turned, "late"))
    for rule in (lambda _: [True], mask.iloc[:-1], lambda frame: frame["y"]):
        with pytest.raises(AlignmentError, match=r"does not say which rows it has \[odd\]"):
            rows_of(data, rule, "odd")
    with pytest.raises(AlignmentError, match=r"has no row \[none\]"):
        rows_of(data, lambda frame: frame["y"] > 1e9, "none")


def test_fewer_units_have_their_own_weights(synthetic):
    panel = synthetic()
    samples = {"fewer": lambda frame: frame.index.get_level_values("unit") != "u003"}
    curve = specification_curve(panel.data, choices_of(panel, samples=samples), term="x", effect="total")
    assert curve.table["estimate"].notna().all()
    assert (curve.table["units"] == 19).all()


def test_the_summary_is_printed_with_what_is_missing(synthetic):
    panel = synthetic()
    curve = specification_curve(panel.data, choices_of(panel), term="x")
    printed = curve.printed()
    assert printed.title == "indirect of x in 160 specifications"
    assert printed.notes[1].startswith("32 specifications could not be estimated")
    assert printed.frame.equals(curve.summary)
    heads = printed.frame["dimension"]
    assert [heads[rule] != heads[rule - 1] for rule in printed.rules] == [True] * len(printed.rules)
    assert curve.printed("Title").title == "Title"


def test_a_panel_brings_its_windows():
    panel = yrd.load_panel()

    def years(frame):
        return frame.index.get_level_values("year").isin(range(2006, 2020))

    choices = Choices(
        {"share": "log(emp_C_manufacturing) ~ log(va_secondary)"},
        {"contiguity": yrd.contiguity_weights()},
        models=("SAR",),
        samples={"2006-2019": years},
        effects={"windows": {"unit": "window", "time": True}},
    )
    row = specification_curve(panel, choices, term="log(va_secondary)", effect="direct").table.iloc[0]
    windows = panel.frame.assign(window=panel.windows("models"))
    windows = windows[years(windows)]
    fit = yrd.SAR(
        windows,
        "log(emp_C_manufacturing) ~ log(va_secondary)",
        weights=yrd.contiguity_weights(),
        effects={"unit": "window", "time": True},
    ).fit()
    assert row["reason"] == ""
    assert row["estimate"] == pytest.approx(fit.impacts().table.set_index("effect").loc["direct", "estimate"])
