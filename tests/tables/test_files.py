"""Files are written whole or not at all, with the same bytes every time."""

from unittest.mock import Mock

import pandas as pd
import pytest

from yrdspatial.errors import OutputError
from yrdspatial.tables import files
from yrdspatial.tables.files import KINDS, write_file, write_printed, write_table
from yrdspatial.tables.printed import PrintedTable

TABLE = pd.DataFrame(
    {"lq": [1 / 3, None], "note": ["a & b", "50 %"]}, index=pd.Index(["上海", "Suzhou"], name="city")
)


def test_text_is_utf8_with_unix_line_ends(tmp_path):
    path = write_file(tmp_path / "new" / "folder" / "a.txt", "泰州\n台州\n")
    assert path.read_bytes() == "泰州\n台州\n".encode()


def test_bytes_replace_what_was_there_and_leave_nothing_beside(tmp_path):
    write_file(tmp_path / "a.bin", b"old")
    write_file(tmp_path / "a.bin", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == b"new"


def test_a_folder_that_cannot_be_made_is_named_with_a_cure(tmp_path):
    (tmp_path / "results").write_text("a file in the place of the folder")
    with pytest.raises(OutputError) as caught:
        write_file(tmp_path / "results" / "a.csv", "x")
    assert str(tmp_path / "results" / "a.csv") in str(caught.value)
    assert "choose a folder that you may write to" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_target_that_is_a_folder_leaves_no_half_written_file(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputError):
        write_file(tmp_path / "a.csv", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_the_old_file_stays_when_writing_fails(tmp_path, monkeypatch):
    write_file(tmp_path / "a.csv", "old")

    full = Mock(side_effect=OSError(28, "No space left on device"))
    monkeypatch.setattr(files.Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        write_file(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "old"


def test_a_table_is_written_in_both_kinds(tmp_path):
    csv, tex = write_table(TABLE, tmp_path / "tables" / "lq", title="Location quotients", notes=["One note."])
    assert (csv.name, tex.name) == ("lq.csv", "lq.tex")
    assert csv.read_text("utf-8") == "city,lq,note\n上海,0.3333333333,a & b\nSuzhou,,50 %\n"
    assert r"上海 & 0.333 & a \& b \\" in tex.read_text("utf-8")


def test_every_kind_is_written_and_opens_with_its_mark(tmp_path):
    paths = write_table(TABLE, tmp_path / "lq", title="LQ", notes=["一。"], kinds=KINDS, lang="zh")
    assert [path.suffix for path in paths] == [".csv", ".tex", ".html", ".docx", ".xlsx"]
    heads = [path.read_bytes()[:4] for path in paths]
    assert heads == [b"city", b"\\beg", b"<!DO", b"PK\x03\x04", b"PK\x03\x04"]
    assert all("注：一。" in path.read_text("utf-8") for path in paths[1:3])


def test_the_same_table_gives_the_same_bytes(tmp_path):
    first = [path.read_bytes() for path in write_table(TABLE, tmp_path / "a" / "lq", title="LQ", kinds=KINDS)]
    second = [
        path.read_bytes() for path in write_table(TABLE, tmp_path / "b" / "lq", title="LQ", kinds=KINDS)
    ]
    assert first == second


def test_a_dot_in_the_name_is_no_ending(tmp_path):
    (path,) = write_table(TABLE, tmp_path / "lq.2016", title="LQ", kinds=("csv",))
    assert path.name == "lq.2016.csv"


def test_only_the_kinds_asked_for_are_written(tmp_path):
    write_table(TABLE, tmp_path / "lq", title="LQ", kinds=("tex",))
    assert [path.name for path in tmp_path.iterdir()] == ["lq.tex"]


def test_an_unknown_kind_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(OutputError, match="not written as doc"):
        write_table(TABLE, tmp_path / "lq", title="LQ", kinds=("csv", "doc"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["csv", "tex", "html", "docx", "xlsx"])
def test_the_ending_names_the_kind(tmp_path, kind):
    one = PrintedTable(pd.DataFrame({"lq": [1.25]}, index=pd.Index(["上海"], name="city")), "T", ["A note."])
    path = write_printed(one, tmp_path / "deep" / f"lq.{kind.upper()}")
    (other,) = write_table(one.frame, tmp_path / "lq", title="T", notes=["A note."], kinds=[kind])
    assert path.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", ["lq", "lq.pdf", "lq."])
def test_an_ending_that_names_no_kind_is_refused(tmp_path, name):
    one = PrintedTable(pd.DataFrame({"lq": [1.25]}), "T")
    with pytest.raises(OutputError, match=r"end the name in \.csv, \.tex"):
        write_printed(one, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
