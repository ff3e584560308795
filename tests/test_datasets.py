"""Data files: found, checked, cited, overlaid by the user's; and the script that registers them."""

import hashlib
import importlib.resources
import importlib.util
import tomllib
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure

from yrdspatial import datasets
from yrdspatial.errors import DataError

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
WRITTEN = datasets.FIELDS[:-1]


def put(root: Path, name: str, content: bytes, **fields: str) -> Path:
    """Write a made-up file and register it in the folder's ``sources.toml``."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    sources = root / "sources.toml"
    entries = tomllib.loads(sources.read_text("utf-8")) if sources.exists() else {}
    made_up = dict.fromkeys(datasets.FIELDS, "synthetic")
    entries[name] = made_up | {"sha256": hashlib.sha256(content).hexdigest()} | fields
    sources.write_text(datasets.format_sources(entries), "utf-8")
    return path


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Put a made-up folder in the place of the shipped data."""
    root = tmp_path / "shipped"
    put(root, "toy/a.csv", b"x,name\n1,\xe6\xb3\xb0\n")
    put(root, "toy/b.toml", b"[k]\nv = [1, 2]\n")
    monkeypatch.setattr(datasets, "data_folder", lambda: root)
    return root


@pytest.fixture
def user(tmp_path):
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


def message(error) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


# what ships


def test_every_shipped_file_is_registered_and_unchanged():
    table = datasets.verify()
    assert table[table["status"] != "ok"].to_dict("index") == {}
    assert set(table["origin"]) == {"shipped"}


def test_hashes_are_those_of_the_files():
    for name, sha256 in datasets.list_datasets()["sha256"].items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == sha256, name


def test_every_entry_is_filled_in():
    table = datasets.list_datasets()
    assert list(table.columns) == ["origin", *datasets.FIELDS]
    assert (table.map(len) > 0).all(axis=None)
    assert table.index.is_monotonic_increasing


def test_made_by_is_a_transcription_or_a_script_that_is_there():
    scripts = set(datasets.list_datasets()["made_by"]) - {"transcribed", "written by hand"}
    assert {script for script in scripts if not (ROOT / script.partition(" ")[0]).is_file()} == set()


def test_the_terms_of_the_polygons_are_plain():
    assert "No clear open license" in datasets.cite("shapes/yrd.gpkg")
    assert "GS(2024)0650" in datasets.cite("shapes/yrd.gpkg")
    assert "CC BY 4.0" in datasets.cite("shapes/units.csv")


def test_no_entry_names_a_place_of_one_machine():
    text = (DATA / "sources.toml").read_text("utf-8") + (DATA / "README.md").read_text("utf-8")
    assert "/work" not in text
    assert "/tmp" not in text


def test_the_font_draws_every_chinese_letter_of_the_tables():
    letters = TTFont(datasets.dataset_path("fonts/yrd-sans-sc.otf")).getBestCmap()
    texts = [path.read_text("utf-8") for kind in ("csv", "toml") for path in DATA.rglob(f"*.{kind}")]
    wanted = {letter for text in [*texts, "亳衢盱眙熵−ρλσ²≤×"] for letter in text}
    chinese = {x for x in wanted if "CJK UNIFIED" in unicodedata.name(x, "")} | set("−ρλσ²≤×")
    assert "".join(sorted(chinese - set(map(chr, letters)))) == ""


def test_the_font_has_a_name_of_its_own_and_keeps_its_license():
    names = TTFont(datasets.dataset_path("fonts/yrd-sans-sc.otf"))["name"]
    assert names.getDebugName(1) == names.getDebugName(4) == "YRD Sans SC"
    assert names.getDebugName(6) == "YRDSansSC-Regular"
    assert "Adobe" in names.getDebugName(0)
    assert "SIL Open Font License" in names.getDebugName(13)
    assert "SIL OPEN FONT LICENSE Version 1.1" in datasets.dataset_path("fonts/OFL.txt").read_text("utf-8")


def test_the_font_draws_rare_letters_without_a_warning(tmp_path):
    path = datasets.dataset_path("fonts/yrd-sans-sc.otf")
    font_manager.fontManager.addfont(path)
    with rc_context({"font.family": ["YRD Sans SC"], "pdf.fonttype": 42}):
        figure = Figure()
        figure.subplots().set_title("亳州 衢州 盱眙 区位熵 ρ = −0.5")
        figure.savefig(tmp_path / "figure.pdf", metadata={"CreationDate": None})
    assert b"CIDFontType2" in (tmp_path / "figure.pdf").read_bytes()  # quadratic outlines, named rightly


# where the data are


def test_data_are_inside_an_installed_package(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "yrdspatial"
    (package / "_data").mkdir(parents=True)
    monkeypatch.setattr(importlib.resources, "files", lambda _: package)
    assert datasets.data_folder() == package / "_data"


def test_data_are_beside_src_in_a_checkout(tmp_path, monkeypatch):
    package = tmp_path / "src" / "yrdspatial"
    package.mkdir(parents=True)
    monkeypatch.setattr(importlib.resources, "files", lambda _: package)
    assert datasets.data_folder() == tmp_path / "data"


# reading


def test_a_registered_table_and_toml_are_read(shipped):
    assert datasets.dataset_path("toy/a.csv") == shipped / "toy" / "a.csv"
    pd.testing.assert_frame_equal(datasets.read_table("toy/a.csv"), pd.DataFrame({"x": [1], "name": ["泰"]}))
    assert datasets.read_toml("toy/b.toml") == {"k": {"v": [1, 2]}}


@pytest.mark.usefixtures("shipped")
def test_what_is_read_is_the_callers_own():
    datasets.read_toml("toy/b.toml")["k"]["v"].append(3)
    table = datasets.read_table("toy/a.csv")
    table["x"] = 9
    assert datasets.read_toml("toy/b.toml") == {"k": {"v": [1, 2]}}
    assert datasets.read_table("toy/a.csv")["x"].tolist() == [1]


@pytest.mark.usefixtures("shipped")
def test_a_file_is_hashed_once():
    datasets.dataset_path("toy/a.csv")
    before = datasets._sha256.cache_info()
    for _ in range(20):
        datasets.dataset_path("toy/a.csv")
    after = datasets._sha256.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (20, 0)


def test_a_changed_file_does_not_load(shipped):
    datasets.dataset_path("toy/a.csv")
    (shipped / "toy" / "a.csv").write_bytes(b"x,name\n2222,b\n")
    with pytest.raises(DataError, match="changed since it was registered") as error:
        datasets.read_table("toy/a.csv")
    assert str(shipped / "toy" / "a.csv") in message(error)
    assert "data_dir" in message(error)
    assert datasets.verify().loc["toy/a.csv", "status"] == "changed"


def test_a_missing_file_is_named(shipped):
    (shipped / "toy" / "a.csv").unlink()
    with pytest.raises(DataError, match="registered file is missing"):
        datasets.dataset_path("toy/a.csv")
    assert datasets.verify().loc["toy/a.csv", "status"] == "missing"


@pytest.mark.usefixtures("shipped")
def test_an_unreadable_file_is_named(monkeypatch):
    def refuse(self):
        raise PermissionError(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError, match="cannot be opened"):
        datasets.dataset_path("toy/a.csv")
    assert datasets.verify()["status"].tolist() == ["unreadable", "unreadable"]


def test_an_unregistered_file_does_not_load(shipped):
    (shipped / "toy" / "stray.csv").write_text("x\n1\n")
    with pytest.raises(DataError, match=r"no entry in sources.toml") as error:
        datasets.read_table("toy/stray.csv")
    assert "register it" in message(error)
    with pytest.raises(DataError, match=r"stray.csv"):
        datasets.dataset_names("toy")
    assert datasets.verify().loc["toy/stray.csv", "status"] == "unregistered"


@pytest.mark.parametrize(
    ("name", "cure"), [("toy/aa.csv", "did you mean toy/a.csv"), ("no-such", "list_datasets")]
)
@pytest.mark.usefixtures("shipped")
def test_an_unknown_name_is_refused_with_a_hint(name, cure):
    with pytest.raises(DataError, match="no such data file") as error:
        datasets.dataset_path(name)
    assert cure in message(error)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a,b\n1,2\n3,4,5,"6\n'])
def test_a_file_that_is_no_table_is_named(shipped, content):
    put(shipped, "toy/odd.csv", content)
    with pytest.raises(DataError, match=r"table cannot be read.*odd\.csv") as error:
        datasets.read_table("toy/odd.csv")
    assert "UTF-8" in message(error)


@pytest.mark.parametrize("content", [b"a = [1,\n", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_named(shipped, content):
    put(shipped, "toy/odd.toml", content)
    with pytest.raises(DataError, match=r"not a TOML file.*odd\.toml") as error:
        datasets.read_toml("toy/odd.toml")
    message(error)


def test_hidden_files_readme_and_build_are_no_data(shipped):
    for name in ("README.md", "build/make.py", ".hidden", "toy/.~lock.a.csv#"):
        path = shipped / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert datasets.files_under(shipped) == ["toy/a.csv", "toy/b.toml"]
    assert datasets.dataset_names("toy") == ["toy/a.csv", "toy/b.toml"]


# the user's folder


def test_the_users_file_is_laid_over_the_shipped_one(shipped, user):
    put(user, "toy/a.csv", b"x,name\n7,own\n", citation="My own survey")
    put(user, "toy/c.csv", b"x\n1\n")
    assert datasets.read_table("toy/a.csv", data_dir=user)["x"].tolist() == [7]
    assert datasets.read_table("toy/a.csv")["x"].tolist() == [1]
    assert datasets.read_toml("toy/b.toml", data_dir=user) == {"k": {"v": [1, 2]}}
    assert datasets.dataset_path("toy/b.toml", data_dir=user) == shipped / "toy" / "b.toml"
    assert datasets.dataset_names("toy", data_dir=user) == ["toy/a.csv", "toy/b.toml", "toy/c.csv"]
    assert datasets.dataset_names("toy/", data_dir=str(user)) == ["toy/a.csv", "toy/b.toml", "toy/c.csv"]
    assert datasets.cite("toy/a.csv", data_dir=user).startswith("My own survey. ")
    assert datasets.list_datasets(user)["origin"].tolist() == ["user", "shipped", "user"]


@pytest.mark.usefixtures("shipped")
def test_verify_covers_both_folders(user):
    put(user, "toy/a.csv", b"x\n7\n").write_bytes(b"x\n8\n")
    table = datasets.verify(user)
    assert table["status"].tolist() == ["ok", "ok", "changed"]
    assert table["origin"].tolist() == ["shipped", "shipped", "user"]


@pytest.mark.usefixtures("shipped")
def test_the_users_changed_file_does_not_load(user):
    put(user, "toy/a.csv", b"x\n7\n").write_bytes(b"x\n8\n")
    with pytest.raises(DataError, match="register the new content in your sources"):
        datasets.read_table("toy/a.csv", data_dir=user)


@pytest.mark.usefixtures("shipped")
def test_the_users_unregistered_file_is_not_passed_over(user):
    (user / "toy").mkdir()
    (user / "toy" / "a.csv").write_text("x\n7\n")
    for call in (datasets.dataset_path, datasets.read_table, datasets.cite):
        with pytest.raises(DataError, match=r"no entry in sources.toml"):
            call("toy/a.csv", data_dir=user)
    with pytest.raises(DataError, match=r"no entry in sources.toml"):
        datasets.dataset_names("toy", data_dir=user)


@pytest.mark.usefixtures("shipped")
def test_an_empty_user_folder_changes_nothing(user):
    pd.testing.assert_frame_equal(datasets.list_datasets(user), datasets.list_datasets())


@pytest.mark.usefixtures("shipped")
def test_a_missing_user_folder_is_an_error(tmp_path):
    for call in (datasets.list_datasets, datasets.verify, datasets.registered):
        with pytest.raises(DataError, match="no such data folder") as error:
            call(tmp_path / "nowhere")
        assert "data_dir" in message(error)
    with pytest.raises(DataError, match="no such data folder"):
        datasets.dataset_names("toy", data_dir=tmp_path / "nowhere")


@pytest.mark.usefixtures("shipped")
def test_the_home_folder_may_be_written_as_a_tilde(user, monkeypatch):
    monkeypatch.setenv("HOME", str(user.parent))
    put(user, "toy/a.csv", b"x\n7\n")
    assert datasets.read_table("toy/a.csv", data_dir="~/user")["x"].tolist() == [7]


@pytest.mark.parametrize("entry", ['["toy/a.csv"]\ntitle = "x"\n', '"toy/a.csv" = 5\n'])
@pytest.mark.usefixtures("shipped")
def test_an_incomplete_entry_is_an_error(user, entry):
    (user / "sources.toml").write_text(entry)
    with pytest.raises(DataError, match=r'the entry "toy/a.csv" lacks .*producer') as error:
        datasets.list_datasets(user)
    assert "sources.toml" in message(error)


@pytest.mark.usefixtures("shipped")
def test_a_broken_registration_is_an_error(user):
    (user / "sources.toml").write_text("[oops\n")
    with pytest.raises(DataError, match="not a TOML file"):
        datasets.list_datasets(user)


# citing


def test_a_citation_says_what_where_terms_and_version(shipped):
    put(shipped, "toy/a.csv", b"x\n1\n", citation="An office (2020).", read_at="its site", terms="Free.")
    version = hashlib.sha256(b"x\n1\n").hexdigest()[:12]
    expected = f"An office (2020). Read at: its site. Terms: Free. [toy/a.csv, sha256 {version}]"
    assert datasets.cite("toy/a.csv") == expected


def test_the_text_of_sources_is_sorted_and_reads_back():
    entry = dict.fromkeys(datasets.FIELDS, 'a "quoted" \\ 泰州\nline')
    text = datasets.format_sources({"b": entry, "a": dict(reversed(entry.items()))})
    assert tomllib.loads(text) == {"a": entry, "b": entry}
    assert text == datasets.format_sources({"a": entry, "b": entry})
    assert text.index('["a"]') < text.index('["b"]')


# data/build/make_sources.py


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("make_sources", DATA / "build" / "make_sources.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path):
    """Make up a data folder with two fragments, one of them with a pattern."""
    for name in ("toy/a.csv", "toy/2020.csv", "toy/2021.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    fragment(tmp_path, "one", {"toy/a.csv": "The table"})
    fragment(tmp_path, "two", {"toy/[0-9]*.csv": "The year {stem}"})
    return tmp_path


def fragment(root: Path, name: str, titles: dict[str, str]) -> None:
    path = root / "build" / "sources" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = [
        "\n".join(
            [
                f'["{file}"]',
                f'title = "{title}"',
                *(f'{field} = "synthetic"' for field in WRITTEN if field != "title"),
            ]
        )
        for file, title in titles.items()
    ]
    path.write_text("\n\n".join(tables))


def test_the_shipped_sources_are_what_the_script_writes(script):
    problems = []
    text = datasets.format_sources(script.entries(DATA, problems))
    assert problems == []
    assert (DATA / "sources.toml").read_text("utf-8").endswith("\n\n" + text)


def test_the_script_registers_files_and_patterns(script, folder):
    script.main(folder)
    first = (folder / "sources.toml").read_bytes()
    entries = tomllib.loads(first.decode())
    assert list(entries) == ["toy/2020.csv", "toy/2021.csv", "toy/a.csv"]
    assert entries["toy/2021.csv"]["title"] == "The year 2021"
    assert entries["toy/a.csv"]["sha256"] == hashlib.sha256(b"toy/a.csv").hexdigest()
    assert list(entries["toy/a.csv"]) == list(datasets.FIELDS)
    script.main(folder)
    assert (folder / "sources.toml").read_bytes() == first
    assert not list(folder.glob(".*"))


def test_a_file_without_an_entry_fails_and_stays_unregistered(script, folder):
    (folder / "toy" / "stray.csv").write_text("x")
    with pytest.raises(SystemExit, match=r"stray.csv: 0 entries"):
        script.main(folder)
    assert "toy/stray.csv" not in tomllib.loads((folder / "sources.toml").read_text())
    assert "toy/a.csv" in tomllib.loads((folder / "sources.toml").read_text())


def test_an_entry_without_a_file_fails(script, folder):
    (folder / "toy" / "a.csv").unlink()
    with pytest.raises(SystemExit, match=r"toy/a.csv: an entry without a file"):
        script.main(folder)


def test_two_entries_for_a_file_fail(script, folder):
    fragment(folder, "three", {"toy/2020.csv": "Once more"})
    with pytest.raises(SystemExit, match=r"2020.csv: 2 entries"):
        script.main(folder)
    fragment(folder, "three", {"toy/a.csv": "Once more"})
    with pytest.raises(
        SystemExit, match=r"two.toml: toy/a.csv has an entry already|three.toml: toy/a.csv has an entry"
    ):
        script.main(folder)


def test_an_incomplete_or_broken_fragment_fails_and_spares_the_others(script, folder):
    path = folder / "build" / "sources" / "one.toml"
    for text, problem in [
        ('["toy/a.csv"]\ntitle = "x"\n', "must have exactly"),
        ("[oops", "one.toml: not TOML"),
    ]:
        path.write_text(text)
        with pytest.raises(SystemExit, match=problem):
            script.main(folder)
        assert list(tomllib.loads((folder / "sources.toml").read_text())) == ["toy/2020.csv", "toy/2021.csv"]
