"""Results that outlive the run: killed, interrupted, cut short, changed."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import sample_tasks

from yrdspatial.errors import GapError, OutputError, SpecificationError
from yrdspatial.execution.journal import Journal, resumed

SCRIPT = Path(sample_tasks.__file__)


def counted(calls):
    def function(number):
        calls.append(number)
        return {"value": number / 3, "list": (number, None, "泰州")}

    return function


def test_what_is_kept_is_not_done_again(tmp_path):
    calls, steps = [], []
    first = resumed(counted(calls), [1, 2], tmp_path, key=str)
    again = resumed(counted(calls), [3, 2, 1], tmp_path, key=str, progress=lambda *step: steps.append(step))
    assert calls == [1, 2, 3]
    assert again[:0:-1] == first == [{"value": n / 3, "list": [n, None, "泰州"]} for n in (1, 2)]
    assert steps == [(3, 3)]


def test_equal_keys_are_one_task(tmp_path):
    calls = []
    assert len(resumed(counted(calls), [4, 4, 4], tmp_path, key=str)) == 3
    assert calls == [4]


@pytest.mark.parametrize("value", [0.1 + 0.2, 5e-324, -0.0, math.inf, 2**70, True, None, "a\n\u2028b"])
def test_values_come_back_to_the_bit(tmp_path, value):
    Journal(tmp_path / "a.jsonl").add("k", value)
    back = Journal(tmp_path / "a.jsonl").read()["k"]
    assert repr(back) == repr(value)


def test_nan_and_arrays(tmp_path):
    found = Journal(tmp_path / "a.jsonl").add("k", [np.float64(math.nan), np.arange(3), np.int64(2)])
    assert math.isnan(found[0])
    assert found[1:] == [[0, 1, 2], 2]
    assert Journal(tmp_path / "a.jsonl").read()["k"][1:] == found[1:]


def test_what_json_does_not_hold_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(SpecificationError, match="object has no place in JSON"):
        Journal(tmp_path / "a.jsonl").add("k", object())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_cut_short_is_done_again_and_spoils_no_other(tmp_path, cut):
    calls, place = [], tmp_path / "results.jsonl"
    whole = resumed(counted(calls), [1, 2, 3], tmp_path, key=str)
    place.write_bytes(place.read_bytes()[:-cut])
    assert resumed(counted(calls), [1, 2, 3], tmp_path, key=str) == whole
    assert calls in ([1, 2, 3], [1, 2, 3, 3])
    assert resumed(counted([]), [1, 2, 3], tmp_path, key=str) == whole


@pytest.mark.parametrize("line", [b"[]", b"{}", b"\xff", b'{"hash": "0", "entry": ["1", 9]}', b"7", b"null"])
def test_a_line_that_is_not_ours_or_was_changed_is_not_believed(tmp_path, line):
    (tmp_path / "results.jsonl").write_bytes(line + b"\n")
    assert resumed(abs, [1], tmp_path, key=str) == [1]


def test_a_changed_number_does_not_fit_its_hash(tmp_path):
    place = tmp_path / "results.jsonl"
    resumed(abs, [-12345], tmp_path, key=str)
    place.write_text(place.read_text().replace(", 12345]", ", 12346]"))
    assert resumed(abs, [-12345], tmp_path, key=str) == [12345]


def test_finished_tasks_are_kept_when_another_fails(tmp_path):
    with pytest.raises(GapError):
        resumed(sample_tasks.missing, list(range(8)), tmp_path, key=str, workers=2)
    kept = Journal(tmp_path / "results.jsonl").read()
    assert {"0", "1", "2"} <= set(kept) <= {"0", "1", "2", "4", "6", "7"}


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"results cannot be kept"):
        resumed(abs, [1], tmp_path / "file", key=str)
    (tmp_path / "results.jsonl").mkdir()
    with pytest.raises(OutputError, match=r"results cannot be kept"):
        resumed(abs, [1], tmp_path, key=str)


def alive(folder):
    return [path for path in folder.glob("pid-*") if Path(f"/proc/{path.name[4:]}").exists()]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_stopped_by_hand_leaves_whole_lines_and_no_process(tmp_path, tmp_path_factory, how, workers):
    temporary = tmp_path_factory.mktemp("temporary")
    run = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(tmp_path), str(workers)],
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    journal = tmp_path / "results.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 2:
        assert run.poll() is None, run.stderr.read()
        time.sleep(0.02)
    os.killpg(run.pid, how) if how == signal.SIGINT else run.kill()
    errors = run.communicate(timeout=20)[1].decode()
    assert ("KeyboardInterrupt" in errors) == (how == signal.SIGINT)
    deadline = time.monotonic() + 10
    while alive(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive(tmp_path) == []
    assert how == signal.SIGKILL or list(temporary.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("pid-")] == ["results.jsonl"]
    lines = journal.read_text("utf-8").splitlines()
    assert 2 <= len(lines) < 60
    for line in lines:
        key, result = json.loads(line)["entry"]
        assert result["draws"] == np.random.default_rng(int(key)).normal(size=3).tolist()
    assert len(Journal(journal).read()) == len(lines)
