"""Nothing is left half-written; the bar is for people."""

import shutil
import sys

import pytest

from yrdspatial.replication.staging import staging, steps


def test_staging_gives_an_empty_folder_inside_and_takes_it_away(tmp_path):
    with staging(tmp_path / "out") as stage:
        assert stage.parent == tmp_path / "out"
        assert list(stage.iterdir()) == []
        (stage / "file").write_text("half", "utf-8")
    assert list(tmp_path.iterdir()) == []


def test_staging_keeps_a_folder_that_holds_results(tmp_path):
    with staging(tmp_path / "out") as stage:
        (stage / "file").write_text("whole", "utf-8")
        shutil.move(stage / "file", tmp_path / "out" / "file")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["file"]


@pytest.mark.parametrize("show", [True, False])
def test_no_progress_outside_a_terminal(capsys, show):
    with steps(2, show=show) as step:
        step("one")
        step("two")
    assert capsys.readouterr() == ("", "")


def test_progress_on_a_terminal_names_the_steps(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with steps(2, show=True) as step:
        step("clustering")
        step("spillovers")
    out, err = capsys.readouterr()
    assert out == ""
    assert "spillovers" in err
