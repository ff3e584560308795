"""Parts of a chapter become files and blocks: whole tables as csv, what is shown in print, each figure twice."""

import struct

import pandas as pd
import pytest

from yrdspatial.errors import OutputError
from yrdspatial.replication.exhibits import (
    SCREEN_DPI,
    Chapter,
    Drawing,
    Exhibit,
    blocks_of,
    section_of,
    write_chapter,
    write_exhibit,
)
from yrdspatial.report.html import Bullets, Caution, FigureBlock, Paragraph, Provenance, TableBlock
from yrdspatial.report.style import panel_grid

INCH = 0.0254


@pytest.fixture
def table():
    index = pd.Index(["苏州", "宿州"], name="city")
    return pd.DataFrame({"lq": [1.23456789, 0.5], "year": [2012, 2013]}, index)


@pytest.fixture
def figure():
    drawn, (axes,) = panel_grid(1, columns=1, width=2.0, aspect=0.5)
    axes.plot([0, 1], [1, 0])
    return drawn


@pytest.fixture
def chapter(table, figure):
    return Chapter(
        "where",
        "Where",
        [
            Paragraph("See [[lq]]."),
            Drawing("line", figure, "A line.", "A falling line", "Note.", wide=True),
            Exhibit("lq", table, "Quotients.", ("Basis.",), {"lq": ".2f"}, shown=table.iloc[:1]),
            Exhibit("lq-long", table, "All quotients.", long=True),
            Caution("Mind the break.", title="Break"),
        ],
    )


def dots_per_inch(png):
    """Resolution that a png carries."""
    place = png.index(b"pHYs")
    return round(struct.unpack(">I", png[place + 4 : place + 8])[0] * INCH)


def test_a_chapter_becomes_its_files(chapter, tmp_path):
    files = list(write_chapter(chapter, tmp_path))
    expected = [
        "figures/line.png",
        "figures/line.pdf",
        "tables/lq.csv",
        "tables/lq.tex",
        "tables/lq-long.csv",
    ]
    assert [path.relative_to(tmp_path).as_posix() for path in files] == expected
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(files)


def test_figures_have_300_dots_in_a_file_and_fewer_on_the_page(chapter, tmp_path):
    png, pdf, *_ = write_chapter(chapter, tmp_path)
    assert dots_per_inch(png.read_bytes()) == 300
    assert pdf.read_bytes().startswith(b"%PDF")
    (block,) = blocks_of(chapter.parts[1])
    assert dots_per_inch(block.png) == SCREEN_DPI


def test_the_csv_is_whole_and_the_latex_shows_what_is_shown(chapter, tmp_path):
    csv, tex = write_exhibit(chapter.parts[2], tmp_path / "lq")
    assert csv.read_text("utf-8") == "city,lq,year\n苏州,1.23456789,2012\n宿州,0.5,2013\n"
    text = tex.read_text("utf-8")
    assert "1.23 " in text
    assert "宿州" not in text
    assert "Basis." in text
    assert "Quotients." in text


def test_without_a_choice_the_latex_shows_everything(table, tmp_path):
    _, tex = write_exhibit(Exhibit("lq", table, "Quotients."), tmp_path / "lq")
    assert "宿州" in tex.read_text("utf-8")


def test_a_long_table_is_csv_only_and_not_in_the_report(chapter, tmp_path):
    assert write_exhibit(chapter.parts[3], tmp_path / "long") == (tmp_path / "long.csv",)
    assert blocks_of(chapter.parts[3]) == []


def test_a_section_keeps_the_order(chapter):
    section = section_of(chapter)
    kinds = [type(block) for block in section.blocks]
    assert (section.key, section.title, section.level) == ("where", "Where", 2)
    assert kinds == [Paragraph, FigureBlock, TableBlock, Caution]


def test_a_block_carries_what_its_part_says(chapter, table):
    _, picture, printed, _ = section_of(chapter).blocks
    assert (picture.caption, picture.alt, picture.note, picture.wide) == (
        "A line.",
        "A falling line",
        "Note.",
        True,
    )
    assert (printed.key, printed.caption, printed.notes, printed.formats) == (
        "lq",
        "Quotients.",
        ("Basis.",),
        {"lq": ".2f"},
    )
    pd.testing.assert_frame_equal(printed.frame, table.iloc[:1])


@pytest.mark.parametrize(
    "part",
    [Paragraph("a"), Bullets(["a"]), Caution("a"), Provenance({"a": "b"})],
    ids=lambda p: type(p).__name__,
)
def test_text_goes_through_as_it_is(part, tmp_path):
    assert blocks_of(part) == [part]
    assert list(write_chapter(Chapter("a", "A", [part]), tmp_path)) == []


def test_the_same_chapter_gives_the_same_bytes(chapter, tmp_path):
    first, second = (
        [path.read_bytes() for path in write_chapter(chapter, tmp_path / name)] for name in ("a", "b")
    )
    assert first == second


def test_a_place_that_is_taken_is_an_output_error(chapter, tmp_path):
    (tmp_path / "figures").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        list(write_chapter(chapter, tmp_path))
