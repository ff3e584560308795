"""The report: one file, nothing from outside, numbered exhibits, links that arrive, text that is escaped."""

import base64
import html.parser
import re
import struct
from itertools import pairwise

import pandas as pd
import pytest

from yrdspatial.datasets import dataset_path
from yrdspatial.errors import OutputError
from yrdspatial.report.html import (
    Bullets,
    Caution,
    FigureBlock,
    Paragraph,
    Provenance,
    Section,
    TableBlock,
    render_report,
    report_html,
)
from yrdspatial.report.style import FONT_FILE, figure_bytes, house_style, panel_grid

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(html.parser.HTMLParser):
    """The elements of a page with their attributes and texts; unbalanced tags are counted."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.stack, self.unbalanced = [], [], 0
        self.feed(text)
        self.close()
        self.unbalanced += len(self.stack)

    def handle_starttag(self, tag, attributes):  # noqa: D102
        element = {"tag": tag, "text": "", "path": [one["tag"] for one in self.stack], **dict(attributes)}
        self.elements.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag):  # noqa: D102
        if self.stack and self.stack[-1]["tag"] == tag:
            self.stack.pop()
        else:
            self.unbalanced += 1

    def handle_data(self, data):  # noqa: D102
        for element in self.stack:
            element["text"] += data

    def all(self, tag):
        """Return the elements of a tag."""
        return [element for element in self.elements if element["tag"] == tag]


@pytest.fixture(scope="module")
def png():
    with house_style():
        figure, (panel,) = panel_grid(1, columns=1, width=3.0, aspect=0.5, top=0.25, bottom=0.25)
        panel.set_axis_off()
    return figure_bytes(figure, dpi=50)


@pytest.fixture(scope="module")
def sections(png):
    table = pd.DataFrame({"lq": [1.25] * 20}, index=pd.Index(range(20), name="city"))
    return [
        Section(
            "where",
            "Where the cities are",
            [
                Paragraph(
                    "The delta has **41** cities, `320500` is 苏州 & not <b>宿州</b>; see [[map]] and [[lq]]."
                ),
                FigureBlock("map", png, "The cities.", "A map of nothing", note="Source: none.", wide=True),
                Bullets(["one", "two [[who]]"]),
            ],
        ),
        Section(
            "opening", "By period", [FigureBlock("periods", png, "The periods.", 'An "empty" map')], level=3
        ),
        Section(
            "who",
            "Who does what",
            [
                TableBlock(
                    "lq",
                    table,
                    "Quotients (SYNTHETIC).",
                    notes=["* p < 0.10, ** p < 0.05."],
                    formats={"lq": ".1f"},
                ),
                TableBlock("short", table.head(2), "Two rows."),
                Caution("The pooled run crosses a break.", "A warning, not a result"),
                Provenance({"Seed": "20240101", "Source": "国家统计局"}),
            ],
        ),
    ]


@pytest.fixture(scope="module")
def text(sections):
    return report_html(sections, title="The delta & its cities", subtitle="SYNTHETIC")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_the_page_is_well_formed(page):
    assert page.unbalanced == 0
    assert [len(page.all(tag)) for tag in ("html", "head", "body", "main", "nav", "header", "h1")] == [1] * 7
    assert page.all("html")[0]["lang"] == "en"


def test_ids_are_unique_and_links_arrive(page):
    ids = [element["id"] for element in page.elements if "id" in element]
    assert len(ids) == len(set(ids))
    targets = {element["href"].removeprefix("#") for element in page.all("a")}
    assert targets <= set(ids)
    assert {element["aria-labelledby"] for element in page.elements if "aria-labelledby" in element} <= set(
        ids
    )


def test_every_picture_has_words_and_a_size(page):
    pictures = page.all("img")
    assert [picture["alt"] for picture in pictures] == ["A map of nothing", 'An "empty" map']
    assert {(picture["width"], picture["height"]) for picture in pictures} == {("288", "182")}


def test_pictures_are_inside_the_page(page, png):
    kind, data = page.all("img")[0]["src"].split(",", 1)
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == png


def test_nothing_comes_from_outside(text, page):
    assert not re.search(r"(?:https?:)?//[a-z]", re.sub(r"base64,[A-Za-z0-9+/=]+", "", text))
    assert all(element.get("src", "data:").startswith("data:") for element in page.elements)
    assert page.all("script") == []
    policy = next(element for element in page.all("meta") if "http-equiv" in element)
    assert policy["content"].startswith("default-src 'none'")


def test_the_font_is_inside_the_page(text):
    data = re.search(r"url\(data:font/sfnt;base64,([^)]+)\)", text)[1]
    assert base64.b64decode(data) == dataset_path(FONT_FILE).read_bytes()
    assert re.search(r'body \{[^}]*"YRD Sans SC"', text)


def test_exhibits_and_sections_are_numbered(page):
    captions = [element["text"] for element in page.all("figcaption")]
    assert captions == [
        "Figure 1.The cities.",
        "Figure 2.The periods.",
        "Table 1.Quotients (SYNTHETIC).",
        "Table 2.Two rows.",
    ]
    assert [element["text"] for element in page.all("h2")][1:] == [
        "1 Where the cities are",
        "2 Who does what",
    ]
    assert [element["text"] for element in page.all("h3")] == ["1.1 By period"]


def test_headings_never_skip_a_level(page):
    levels = [int(element["tag"][1]) for element in page.elements if re.fullmatch("h[1-6]", element["tag"])]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_contents_list_everything(page):
    links = [element["text"] for element in page.all("a") if "nav" in element["path"]]
    assert links[:3] == ["1 Where the cities are", "1.1 By period", "2 Who does what"]
    assert links[3:] == ["Figure 1", "Figure 2", "Table 1", "Table 2"]


def test_references_become_links(page):
    links = {element["text"]: element["href"] for element in page.all("a") if "main" in element["path"]}
    assert links == {"Figure 1": "#map", "Table 1": "#lq", "Section 2": "#who"}


def test_marks_become_elements_and_the_rest_is_escaped(text):
    assert "<strong>41</strong>" in text
    assert "<code>320500</code>" in text
    assert "&amp; not &lt;b&gt;" in text
    assert "The delta &amp; its cities" in text


def test_chinese_is_marked_as_chinese(text):
    assert '<span lang="zh-Hans">苏州</span>' in text
    assert '<dd><span lang="zh-Hans">国家统计局</span></dd>' in text


def test_stars_of_a_legend_are_not_bold(text):
    assert "* p &lt; 0.10, ** p &lt; 0.05." in text


def test_wide_things_scroll_in_their_own_box(page):
    boxes = [element for element in page.all("div") if "scroll" in element.get("class", "")]
    assert [element["class"] for element in boxes] == ["scroll wide", "scroll", "scroll tall", "scroll"]
    reachable = [element for element in boxes if "wide" in element["class"] or "figure" in element["path"]]
    assert all(element.get("aria-label") for element in reachable if element.get("tabindex") == "0")
    assert all("div" in element["path"] for element in page.all("table"))


def test_the_page_fits_a_phone_and_a_printer(text, page):
    viewport = next(element for element in page.all("meta") if element.get("name") == "viewport")
    assert "width=device-width" in viewport["content"]
    assert "@media print" in text
    assert ".scroll { overflow: auto; max-width: 100%; }" in text


def test_tables_have_scoped_headers(page):
    assert all(cell["scope"] in {"row", "col"} for cell in page.all("th"))
    assert page.all("td")[0]["text"] == "1.2"


def test_cautions_are_notes(page):
    (aside,) = page.all("aside")
    assert aside["role"] == "note"
    assert "A warning, not a result" in aside["text"]


def test_the_same_sections_give_the_same_bytes(sections, text):
    assert report_html(sections, title="The delta & its cities", subtitle="SYNTHETIC") == text


def test_the_report_is_written_whole(sections, tmp_path, text):
    path = render_report(
        sections, tmp_path / "results" / "report.html", title="The delta & its cities", subtitle="SYNTHETIC"
    )
    assert path.read_text("utf-8") == text
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_a_report_without_exhibits_has_no_list_of_them():
    page = Page(report_html([Section("one", "One", [])], title="Short"))
    assert page.all("details") == []
    assert page.unbalanced == 0


def test_an_unwritable_place_is_an_error(sections, tmp_path):
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(OutputError, match="choose a folder"):
        render_report(sections, tmp_path / "results" / "report.html", title="x")


def test_a_key_used_twice_is_an_error_that_names_both():
    twice = [Section("map", "One", [TableBlock("map", pd.DataFrame({"a": [1]}), "A table.")])]
    with pytest.raises(OutputError, match=r"'map' names Section 1 too \[Table 1\]"):
        report_html(twice, title="x")


@pytest.mark.parametrize("key", ["Map", "a b", "", "1st", "_contents"])
def test_a_key_must_be_fit_for_a_link(key):
    with pytest.raises(OutputError, match="is no name for a link"):
        report_html([Section(key, "One", [])], title="x")


def test_a_reference_to_nothing_is_an_error():
    with pytest.raises(OutputError, match="points to 'mpa'"):
        report_html([Section("one", "One", [Paragraph("see [[mpa]]")])], title="x")


def test_a_picture_without_resolution_keeps_its_pixels():
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
    text = report_html([Section("one", "One", [FigureBlock("bare", header, "Bare.", "bare")])], title="x")
    assert 'width="640" height="480"' in text
