"""What is kept is used when all it depends on is as it was, and never when it is damaged or another's."""

import os
import shutil
from pathlib import Path

import pytest

from yrdspatial.replication import cache as module
from yrdspatial.replication.cache import (
    ENDING,
    ENVIRONMENT,
    Cache,
    cache_folder,
    checked,
    fingerprint,
    fingerprint_of_data,
    fingerprint_of_program,
    sealed,
    versions,
)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def counting(value):
    """Return a function that gives a value, and the list of its calls."""
    calls = []

    def compute():
        calls.append(1)
        return value

    return compute, calls


def entry(cache, key="key"):
    return cache.folder / f"{key}{ENDING}"


def test_an_outcome_is_computed_once(cache):
    compute, calls = counting({"I": 0.5})
    assert [cache.get("key", compute) for _ in range(3)] == [{"I": 0.5}] * 3
    assert len(calls) == 1


def test_each_key_has_its_own(cache):
    assert cache.get("a", lambda: 1) == 1
    assert cache.get("b", lambda: 2) == 2
    assert cache.get("a", lambda: 3) == 1


def test_another_process_finds_it(cache):
    cache.get("key", lambda: 1)
    assert Cache(cache.folder).get("key", lambda: 2) == 1


def test_anew_means_computed_and_kept_anew(cache):
    cache.get("key", lambda: 1)
    assert Cache(cache.folder, read=False).get("key", lambda: 2) == 2
    assert cache.get("key", lambda: 3) == 2


def test_first_and_later_outcomes_are_of_the_same_types(cache):
    assert [cache.get("key", lambda: [1, 2]) for _ in range(2)] == [(1, 2)] * 2


DAMAGE = {
    "cut": lambda whole: whole[:-1],
    "longer": lambda whole: whole + b" ",
    "one bit": lambda whole: whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
    "no seal": lambda whole: whole.partition(b"\n")[2],
    "empty": lambda _: b"",
    "text": lambda _: b"not ours",
    "the seal of another key": lambda whole: sealed(whole.partition(b"\n")[2], "other"),
    "sealed nonsense": lambda _: sealed(b"nonsense", "key"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_entry_is_computed_again_and_mended(cache, damage):
    cache.get("key", lambda: 1)
    whole = entry(cache).read_bytes()
    entry(cache).write_bytes(damage(whole))
    assert cache.get("key", lambda: 2) == 2
    assert cache.get("key", lambda: 3) == 2


def test_an_entry_under_the_name_of_another_is_not_used(cache):
    cache.get("one", lambda: 1)
    shutil.copy(entry(cache, "one"), entry(cache, "two"))
    assert cache.get("two", lambda: 2) == 2


def test_a_folder_in_the_place_of_an_entry_does_no_harm(cache):
    entry(cache).mkdir(parents=True)
    assert [cache.get("key", lambda: 1) for _ in range(2)] == [1, 1]


def test_without_a_place_to_keep_anything_everything_is_computed(tmp_path):
    (tmp_path / "file").write_text("in the way", "utf-8")
    cache = Cache(tmp_path / "file" / "cache")
    compute, calls = counting(1)
    assert [cache.get("key", compute) for _ in range(2)] == [1, 1]
    assert len(calls) == 2
    cache.tidy()


def test_what_cannot_be_kept_is_computed_every_time(cache):
    compute, calls = counting(object())
    cache.get("key", compute)
    cache.get("key", compute)
    assert len(calls) == 2
    assert not cache.folder.exists()


def test_an_error_is_passed_on_and_nothing_kept(cache):
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 / 0)
    assert not cache.folder.exists()


def test_what_was_used_longest_ago_goes_first(cache, monkeypatch):
    for place, key in enumerate("abc"):
        cache.get(key, lambda: bytes(1000))
        os.utime(entry(cache, key), (place, place))
    foreign = cache.folder / "mine.txt"
    foreign.write_text("mine", "utf-8")
    cache.get("a", lambda: None)  # used just now
    monkeypatch.setattr(module, "LIMIT", 2 * entry(cache, "a").stat().st_size)
    cache.tidy()
    assert sorted(path.name for path in cache.folder.iterdir()) == [f"a{ENDING}", f"c{ENDING}", "mine.txt"]


def test_the_environment_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.setenv(ENVIRONMENT, "~/mine")
    assert cache_folder() == Path.home() / "mine"


def test_without_it_the_system_does(monkeypatch, tmp_path):
    monkeypatch.delenv(ENVIRONMENT)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().name == "yrdspatial"


@pytest.mark.parametrize("other", [("a", 2), ("b", 1), ("a",), ("a", "1"), ("a", 1, None)], ids=repr)
def test_other_parts_have_other_names(other):
    assert fingerprint("a", 1) != fingerprint(*other)


def test_the_order_of_a_mapping_does_not_matter():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_a_seal_is_of_content_and_key():
    assert checked(sealed(b"a\nb", "key"), "key") == b"a\nb"


@pytest.fixture
def fresh_program(monkeypatch):
    """Let the fingerprint of the program be taken again."""
    fingerprint_of_program.cache_clear()
    yield monkeypatch
    fingerprint_of_program.cache_clear()


def program(folder, patch):
    """Take the fingerprint of a program in a folder."""
    patch.setattr(module.importlib.resources, "files", lambda _: folder)
    fingerprint_of_program.cache_clear()
    return fingerprint_of_program()


def test_the_program_is_its_source_catalogues_and_versions(fresh_program, tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n", "utf-8")
    first = program(tmp_path, fresh_program)
    for folder in ("__pycache__", "_data"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.pyc").write_bytes(b"compiled")
    assert program(tmp_path, fresh_program) == first
    (tmp_path / "words.toml").write_text("", "utf-8")
    second = program(tmp_path, fresh_program)
    (tmp_path / "a.py").write_text("x = 2\n", "utf-8")
    third = program(tmp_path, fresh_program)
    fresh_program.setattr(module, "versions", lambda: {"numpy": "0"})
    assert len({first, second, third, program(tmp_path, fresh_program)}) == 4


def test_versions_are_those_installed():
    import numpy as np

    assert versions()["numpy"] == np.__version__
    assert "pytest" not in versions()


def test_the_data_are_their_files_and_entries(add_tables):
    shipped = fingerprint_of_data(None)
    own = add_tables({"panels/manufacturing/2020.csv": "a"})
    first = fingerprint_of_data(own)
    assert first != shipped
    assert fingerprint_of_data(own, without=["panels/manufacturing"]) == fingerprint_of_data(
        None, without=["panels/manufacturing"]
    )
    (own / "panels/manufacturing/2020.csv").write_text("b", "utf-8")  # not the registered content
    changed = fingerprint_of_data(own)
    (own / "panels/manufacturing/2020.csv").unlink()
    missing = fingerprint_of_data(own)
    assert len({shipped, first, changed, missing}) == 4


def test_where_the_data_lie_does_not_matter(add_tables, tmp_path):
    own = add_tables({"panels/manufacturing/2020.csv": "a"})
    first = fingerprint_of_data(own)
    other = shutil.copytree(own, tmp_path / "elsewhere")
    assert fingerprint_of_data(other) == first
