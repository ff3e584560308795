"""The user's folder: named by the environment, and whole when its writer was cut off between two steps."""

import hashlib
import tomllib

import pandas as pd
import pytest

from yrdspatial import datasets
from yrdspatial.errors import DataError
from yrdspatial.panel.panel import load_panel
from yrdspatial.registers import FIELDS, files_under, format_sources, pending_path

OLD = b"x\n1\n"
NEW = b"x\n2\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def register(folder, content: bytes) -> None:
    entry = dict.fromkeys(FIELDS, "synthetic") | {"sha256": sha256(content)}
    (folder / "sources.toml").write_text(format_sources({"toy/a.csv": entry}), "utf-8")


@pytest.fixture
def user(tmp_path):
    """Make a folder with one registered synthetic table."""
    folder = tmp_path / "user"
    (folder / "toy").mkdir(parents=True)
    (folder / "toy" / "a.csv").write_bytes(OLD)
    register(folder, OLD)
    return folder


def value(folder) -> int:
    return int(datasets.read_table("toy/a.csv", data_dir=folder)["x"].item())


def test_a_pending_file_counts_only_when_the_register_names_it(user):
    final = user / "toy" / "a.csv"
    pending = pending_path(final, sha256(NEW))
    pending.write_bytes(NEW)
    assert value(user) == 1
    register(user, NEW)
    assert value(user) == 2
    assert datasets.verify(user).loc["toy/a.csv", "status"] == "ok"
    pending.replace(final)
    assert value(user) == 2


def test_a_new_file_may_be_pending_too(user):
    (user / "toy" / "a.csv").unlink()
    pending_path(user / "toy" / "a.csv", sha256(NEW)).write_bytes(NEW)
    register(user, NEW)
    assert value(user) == 2
    assert datasets.dataset_names("toy", data_dir=user) == ["toy/a.csv"]


def test_a_pending_file_with_another_content_does_not_load(user):
    pending_path(user / "toy" / "a.csv", sha256(NEW)).write_bytes(NEW[:2])
    register(user, NEW)
    with pytest.raises(DataError, match="a file has changed"):
        value(user)


def test_a_register_switched_between_two_looks_is_read_again(user, monkeypatch):
    stale = datasets._find("toy/a.csv", user)
    (user / "toy" / "a.csv").write_bytes(NEW)
    register(user, NEW)
    looks = iter([stale])
    find = datasets._find
    monkeypatch.setattr(datasets, "_find", lambda name, folder: next(looks, None) or find(name, folder))
    assert value(user) == 2


def test_pending_files_are_hidden_and_named_by_their_content(user):
    first, second = (pending_path(user / "toy" / "a.csv", sha256(content)) for content in (OLD, NEW))
    assert first != second
    second.write_bytes(NEW)
    assert files_under(user) == ["toy/a.csv"]


def test_a_hash_that_is_a_path_leads_nowhere(user):
    entry = dict.fromkeys(FIELDS, "synthetic") | {"sha256": "../../a"}
    (user / "sources.toml").write_text(format_sources({"toy/a.csv": entry}), "utf-8")
    with pytest.raises(DataError, match="a file has changed"):
        value(user)


# the environment


def test_the_environment_names_the_users_folder(user, monkeypatch):
    monkeypatch.setenv("YRD_DATA", str(user))
    assert datasets.user_folder() == user.resolve()
    assert datasets.read_table("toy/a.csv")["x"].item() == 1
    assert datasets.list_datasets().loc["toy/a.csv", "origin"] == "user"


def test_a_folder_that_is_given_wins_over_the_environment(user, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("YRD_DATA", str(other))
    assert value(user) == 1


@pytest.mark.parametrize("text", ["", None])
def test_without_the_environment_only_what_ships_counts(text, monkeypatch):
    monkeypatch.delenv("YRD_DATA", raising=False)
    if text is not None:
        monkeypatch.setenv("YRD_DATA", text)
    assert datasets.user_folder() is None
    assert set(datasets.list_datasets()["origin"]) == {"shipped"}


def test_a_wrong_environment_is_an_error_that_names_it(tmp_path, monkeypatch):
    monkeypatch.setenv("YRD_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(
        DataError, match=r"there is no such data folder \[.*nowhere\]: make or correct YRD_DATA"
    ):
        datasets.list_datasets()


def test_the_panel_takes_the_year_of_the_environment(tmp_path, monkeypatch):
    shipped = pd.read_csv(datasets.dataset_path("panels/yrd/2022.csv"))
    content = shipped.assign(vintage="synthetic").to_csv(index=False).encode()
    path = tmp_path / "panels" / "yrd" / "2099.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    entry = dict.fromkeys(FIELDS, "synthetic") | {"sha256": sha256(content)}
    (tmp_path / "sources.toml").write_text(format_sources({"panels/yrd/2099.csv": entry}), "utf-8")
    monkeypatch.setenv("YRD_DATA", str(tmp_path))
    assert load_panel().years[-1] == 2099


def test_the_text_of_a_register_reads_back():
    entry = dict.fromkeys(FIELDS, 'synthetic 泰州 "quoted"')
    assert tomllib.loads(format_sources({"b": entry, "a": entry})) == {"a": entry, "b": entry}
