"""Parts of a chapter become files and blocks: whole tables as csv, what is shown in print, each figure twice."""

import io
import struct

import pandas as pd
import pytest
from docx import Document
from openpyxl import load_workbook

from yrdspatial.replication.exhibits import (
    SCREEN,
    SCREEN_DPI,
    Chapter,
    Drawing,
    Exhibit,
    blocks_of,
    figure_files,
    printed_tables,
    section_of,
    table_files,
)
from yrdspatial.report.html import (
    Bullets,
    Caution,
    FigureBlock,
    Paragraph,
    Provenance,
    TableBlock,
    report_html,
)
from yrdspatial.report.style import panel_grid
from yrdspatial.tables.speech import speaking

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


@pytest.fixture
def pictures(chapter):
    return {"line": figure_files(chapter.parts[1])[SCREEN]}


def test_a_figure_becomes_two_files_and_a_picture(chapter):
    assert list(figure_files(chapter.parts[1])) == ["figures/line.png", "figures/line.pdf", SCREEN]


def test_figures_have_300_dots_in_a_file_and_fewer_on_the_page(chapter, pictures):
    files = figure_files(chapter.parts[1])
    assert dots_per_inch(files["figures/line.png"]) == 300
    assert files["figures/line.pdf"].startswith(b"%PDF")
    (block,) = blocks_of(chapter.parts[1], pictures)
    assert dots_per_inch(block.png) == SCREEN_DPI


def test_a_figure_may_wait_until_it_is_asked_for(figure):
    calls = []

    def draw():
        calls.append("drawn")
        return figure

    waiting = Drawing("line", draw, "A line.", "A falling line")
    assert calls == []
    assert waiting.drawn() is figure
    assert figure_files(waiting) == figure_files(Drawing("line", figure, "A line.", "A falling line"))
    assert calls == ["drawn", "drawn"]


def test_a_table_becomes_every_kind(chapter):
    kinds = ["csv", "tex", "html", "docx", "xlsx"]
    assert list(table_files(chapter.parts[2])) == [f"tables/lq.{kind}" for kind in kinds]


def test_the_csv_is_whole_and_print_shows_what_is_shown(chapter):
    files = table_files(chapter.parts[2])
    assert files["tables/lq.csv"].decode() == "city,lq,year\n苏州,1.23456789,2012\n宿州,0.5,2013\n"
    for kind in ("tex", "html"):
        text = files[f"tables/lq.{kind}"].decode()
        assert "1.23" in text
        assert "宿州" not in text
        assert "Basis." in text
        assert "Quotients." in text
    book = load_workbook(io.BytesIO(files["tables/lq.xlsx"]))
    assert [[cell.value for cell in row] for row in book.worksheets[0]["A1:C3"]] == [
        ["Quotients.", None, None],
        ["city", "lq", "year"],
        ["苏州", 1.23456789, 2012],
    ]
    document = Document(io.BytesIO(files["tables/lq.docx"]))
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells == [["city", "lq", "year"], ["苏州", "1.23", "2012"]]


def test_without_a_choice_print_shows_everything(table):
    assert "宿州" in table_files(Exhibit("lq", table, "Quotients."))["tables/lq.tex"].decode()


def test_a_long_table_is_csv_only_and_not_in_the_report(chapter):
    assert list(table_files(chapter.parts[3])) == ["tables/lq-long.csv"]
    assert blocks_of(chapter.parts[3], {}) == []


def test_printed_tables_are_numbered_as_in_the_report(chapter, table):
    more = Chapter("more", "More", [Exhibit("again", table, "Again.")])
    titles = [one.title for one in printed_tables([chapter, more])]
    assert titles == ["Table 1. Quotients.", "Table 2. Again."]
    page = report_html([section_of(more, {})], title="T")
    assert "Table 1" in page


def test_in_chinese_print_has_chinese_heads_and_the_csv_the_words_of_the_data(chapter):
    with speaking("zh"):
        files = table_files(chapter.parts[2])
        (one,) = printed_tables([chapter])
    assert "年份" in files["tables/lq.tex"].decode()
    assert files["tables/lq.csv"].decode().startswith("city,lq,year")
    assert one.title.startswith("表 1")
    assert list(one.frame.columns)[1] == "年份"


def test_a_section_keeps_the_order(chapter, pictures):
    section = section_of(chapter, pictures)
    kinds = [type(block) for block in section.blocks]
    assert (section.key, section.title, section.level) == ("where", "Where", 2)
    assert kinds == [Paragraph, FigureBlock, TableBlock, Caution]


def test_a_block_carries_what_its_part_says(chapter, table, pictures):
    _, picture, printed, _ = section_of(chapter, pictures).blocks
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
def test_text_goes_through_as_it_is(part):
    assert blocks_of(part, {}) == [part]


def test_the_same_part_gives_the_same_bytes(chapter):
    assert figure_files(chapter.parts[1]) == figure_files(chapter.parts[1])
    assert table_files(chapter.parts[2]) == table_files(chapter.parts[2])
