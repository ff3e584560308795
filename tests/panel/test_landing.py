"""A file and its entry land as one step, wherever the writer is killed; contents are made up."""

import hashlib
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from yrdspatial import datasets
from yrdspatial.errors import DataError, OutputError
from yrdspatial.panel.landing import REGISTER_PART, exclusive, land, recover, with_entry, writable_folder
from yrdspatial.registers import FIELDS, format_sources, pending_path

NAME = "panels/yrd/2023.csv"
TEXTS = dict.fromkeys(FIELDS, "synthetic")
OLD, NEW = b"old\n1\n", b"new\n2\n"

# The writer kills itself at the n-th step that the operating system is asked for, so that every moment between two
# steps is tried and not only those that a clock happens to hit.
WRITER = """
import os, signal, sys
from pathlib import Path
from yrdspatial.panel import landing
folder, stop = Path(sys.argv[1]), int(sys.argv[2])
seen = 0
def count(event, arguments):
    global seen
    if event in {"open", "os.rename", "os.remove", "os.mkdir"} and str(folder) in repr(arguments):
        seen += 1
        if seen == stop:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
texts = dict.fromkeys(landing.FIELDS, "synthetic")
with landing.exclusive(folder):
    landing.land(folder, "panels/yrd/2023.csv", b"new\\n2\\n", texts)
"""


@pytest.fixture
def folder(tmp_path):
    """Make a data folder with one file that has landed."""
    with exclusive(tmp_path):
        land(tmp_path, NAME, OLD, TEXTS)
    return tmp_path


def content(folder) -> bytes:
    return datasets.dataset_path(NAME, data_dir=folder).read_bytes()


def tree(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# the way of a file


def test_a_file_lands_with_its_entry(folder):
    assert sorted(tree(folder)) == [NAME, "sources.toml"]
    assert content(folder) == OLD
    entry = tomllib.loads((folder / "sources.toml").read_text("utf-8"))[NAME]
    assert entry == TEXTS | {"sha256": hashlib.sha256(OLD).hexdigest()}


def test_a_second_file_takes_the_place_of_the_first(folder):
    with exclusive(folder):
        land(folder, NAME, NEW, TEXTS)
    assert content(folder) == NEW
    assert sorted(tree(folder)) == [NAME, "sources.toml"]


@pytest.mark.parametrize("step", ["pending", "register", "switch"])
def test_a_disk_that_fails_changes_nothing(folder, monkeypatch, step):
    before = tree(folder)
    replace, opened = Path.replace, Path.open

    def failing_replace(path, target):
        if step == "switch" and Path(target).name == "sources.toml":
            raise OSError(28, "No space left on device")
        return replace(path, target)

    def failing_open(path, *arguments, **options):
        wanted = {"pending": ".2023.csv", "register": REGISTER_PART}.get(step, "never")
        if path.name.startswith(wanted):
            raise OSError(28, "No space left on device")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "replace", failing_replace)
    monkeypatch.setattr(Path, "open", failing_open)
    with exclusive(folder), pytest.raises(OutputError, match="No space left on device"):
        land(folder, NAME, NEW, TEXTS)
    assert tree(folder) == before


def test_a_file_that_cannot_be_moved_has_landed_all_the_same(folder, monkeypatch):
    replace = Path.replace

    def failing(path, target):
        if Path(target).name == "2023.csv":
            raise OSError(13, "Permission denied")
        return replace(path, target)

    with monkeypatch.context() as patch, exclusive(folder):
        patch.setattr(Path, "replace", failing)
        land(folder, NAME, NEW, TEXTS)
    assert content(folder) == NEW
    with exclusive(folder):
        assert sorted(tree(folder)) == [NAME, "sources.toml"]
    assert content(folder) == NEW


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(DataError, match="there is no such data folder"):
        writable_folder(path)


# who may write where


def test_the_shipped_data_are_never_written_to(monkeypatch):
    monkeypatch.delenv("YRD_DATA", raising=False)
    with pytest.raises(
        DataError, match=r"a year can only be written .*--data-dir, or the environment variable YRD_DATA"
    ):
        writable_folder(None)
    with pytest.raises(DataError, match="the shipped data are not written to"):
        writable_folder(datasets.data_folder())
    monkeypatch.setenv("YRD_DATA", str(datasets.data_folder() / "shapes" / ".."))
    with pytest.raises(DataError, match="the shipped data are not written to"):
        writable_folder(None)


def test_the_environment_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("YRD_DATA", str(tmp_path))
    assert writable_folder(None) == tmp_path.resolve()


def test_one_writer_at_a_time(folder):
    with (
        exclusive(folder),
        pytest.raises(DataError, match="another process is writing here"),
        exclusive(folder),
    ):
        pass
    with exclusive(folder):
        pass


def test_holding_a_folder_leaves_no_trace(folder):
    before = tree(folder)
    with exclusive(folder):
        assert tree(folder) == before
    assert tree(folder) == before


# what a killed writer leaves


def test_what_was_cut_off_before_the_switch_is_taken_away(folder):
    before = tree(folder)
    pending_path(folder / NAME, "0" * 64).write_bytes(b"half")
    (folder / REGISTER_PART).write_text("half")
    assert content(folder) == OLD
    recover(folder)
    assert tree(folder) == before


def test_what_was_cut_off_after_the_switch_is_finished(folder):
    sha256 = hashlib.sha256(NEW).hexdigest()
    pending_path(folder / NAME, sha256).write_bytes(NEW)
    text = (folder / "sources.toml").read_text("utf-8")
    (folder / "sources.toml").write_text(with_entry(text, NAME, TEXTS | {"sha256": sha256}), "utf-8")
    assert content(folder) == NEW
    recover(folder)
    assert (folder / NAME).read_bytes() == NEW
    assert sorted(tree(folder)) == [NAME, "sources.toml"]


def test_hidden_files_of_others_are_left_alone(folder):
    others = [
        folder / "panels" / ".2023.csv.swp",
        folder / ".notes",
        folder / "panels" / "yrd" / ".own.csv.txt",
    ]
    for path in others:
        path.write_text("mine")
    recover(folder)
    assert all(path.read_text() == "mine" for path in others)


def test_a_writer_killed_at_any_step_leaves_the_old_or_the_new(tmp_path):
    states = []
    for stop in range(1, 40):
        folder = tmp_path / str(stop)
        folder.mkdir()
        with exclusive(folder):
            land(folder, NAME, OLD, TEXTS)
        done = subprocess.run([sys.executable, "-c", WRITER, str(folder), str(stop)], check=False)
        states.append(content(folder))
        assert datasets.verify(folder).loc[[NAME], "status"].tolist() == ["ok"]
        with exclusive(folder):
            assert content(folder) == states[-1]
            assert sorted(tree(folder)) == [NAME, "sources.toml"]
            land(folder, NAME, b"next", TEXTS)
        assert content(folder) == b"next"
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert set(states) == {OLD, NEW}
    assert states == sorted(states, reverse=True)  # first the old ones, then the new
    assert len(states) >= 8


# the text of the register


def test_comments_and_order_of_the_register_are_kept():
    text = '# my data\n\n["b.csv"]\ntitle = "x"\n# a word on b\n\n["a.csv"]\n' + "\n".join(
        f'{field} = "old"' for field in FIELDS
    )
    new = with_entry(text + "\n# the end\n", "a.csv", TEXTS)
    assert new.startswith('# my data\n\n["b.csv"]\ntitle = "x"\n# a word on b\n\n["a.csv"]\n')
    assert new.endswith("# the end\n")
    assert tomllib.loads(new)["a.csv"] == TEXTS


def test_a_new_entry_is_appended():
    text = format_sources({"b.csv": TEXTS})
    new = with_entry(text, "a.csv", TEXTS)
    assert new.startswith(text)
    assert list(tomllib.loads(new)) == ["b.csv", "a.csv"]


@pytest.mark.parametrize(
    "text",
    [
        "'a.csv' = { title = \"inline\" }\n",
        "['a.csv']\ntitle = 'other quotes'\n",
        '["a.csv"]\ntitle = """\nlong\n"""\n',
    ],
)
def test_a_register_written_otherwise_is_written_anew(text):
    assert tomllib.loads(with_entry(text, "a.csv", TEXTS)) == {"a.csv": TEXTS}


def test_texts_of_any_kind_come_back():
    odd = TEXTS | {"title": 'a "quoted" \\1 泰州\nline'}
    once = with_entry("", "a.csv", odd)
    assert tomllib.loads(with_entry(once, "a.csv", odd)) == {"a.csv": odd}


def test_a_broken_register_is_an_error():
    with pytest.raises(DataError, match="not a TOML file"):
        with_entry("[broken", "a.csv", TEXTS)
