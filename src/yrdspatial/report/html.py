"""The report: sections of text, figures and tables in one HTML file that needs nothing beside it."""

import base64
import json
import re
import struct
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from yrdspatial.datasets import dataset_path
from yrdspatial.errors import OutputError
from yrdspatial.report.interactive import MapBlock, map_content, script, script_words
from yrdspatial.report.style import FONT_FAMILY, FONT_FILE
from yrdspatial.tables.cells import Format
from yrdspatial.tables.files import write_file
from yrdspatial.tables.phrases import phrases
from yrdspatial.tables.render import table_html
from yrdspatial.tables.speech import LANGUAGE, say

TALL = 18
CSS_DPI = 96
INCH = 0.0254
KEY = re.compile(r"[a-z][a-z0-9-]*")
REFERENCE = re.compile(r"\[\[([^\]]*)\]\]")
BOLD = re.compile(r"(?<!\*)\*\*(?=[^\s*])(.+?)(?<=[^\s*])\*\*(?!\*)")
CODE = re.compile(r"`([^`]+)`")
NUMBER = re.compile(r"[\d.]+")
NUMBERED = {"Figure": "Figure {number}", "Table": "Table {number}"}
CHINESE = re.compile(r"[一-鿿][一-鿿、·（）]*")


@dataclass(frozen=True)
class Paragraph:
    """Text in which ``**bold**``, `` `code` `` and ``[[key]]`` (a link to a figure, table or section) are marked.

    Attributes
    ----------
    text : str
        The text.
    """

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list.

    Attributes
    ----------
    points : sequence of str
        Its points, marked as in `Paragraph`.
    """

    points: Sequence[str]


@dataclass(frozen=True)
class Caution:
    """A warning the reader must not miss.

    Attributes
    ----------
    text : str
        The warning.
    title : str
        Its heading.
    """

    text: str
    title: str = field(default_factory=lambda: say("Caution"))


@dataclass(frozen=True)
class Provenance:
    """Where something comes from, as pairs of a term and its value.

    Attributes
    ----------
    entries : mapping of str to str
        Versions, seeds, sources.
    """

    entries: Mapping[str, str]


@dataclass(frozen=True)
class FigureBlock:
    """A numbered figure.

    Attributes
    ----------
    key : str
        Name for links: letters, digits, hyphens.
    png : bytes
        The picture, from `yrdspatial.report.style.figure_bytes`.
    caption : str
        What it shows, and what to see in it.
    alt : str
        What it shows, for readers who cannot see it.
    note : str
        Sources and treatment.
    wide : bool
        Small print inside: on a phone it keeps its size and scrolls in its own box.
    """

    key: str
    png: bytes
    caption: str
    alt: str
    note: str = ""
    wide: bool = False


@dataclass(frozen=True)
class TableBlock:
    """A numbered table.

    Attributes
    ----------
    key : str
        Name for links: letters, digits, hyphens.
    frame : pandas.DataFrame
        The table, as in `yrdspatial.tables.render.table_html`.
    caption : str
        What it shows.
    notes : sequence of str
        Notes under it.
    formats : mapping
        Format of a column.
    rules : collection of int
        Rows above which a thin rule is drawn.
    """

    key: str
    frame: pd.DataFrame
    caption: str
    notes: Sequence[str] = ()
    formats: Mapping[Hashable, Format] = field(default_factory=dict)
    rules: Collection[int] = ()


@dataclass(frozen=True)
class SortableTableBlock(TableBlock):
    """A numbered table that the reader sorts by a click on a head, searches, and filters.

    Attributes
    ----------
    filters : sequence of str
        Columns with few different texts, each to be chosen from a list.
    """

    filters: Sequence[str] = ()


Block = Paragraph | Bullets | Caution | Provenance | FigureBlock | TableBlock | MapBlock


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Attributes
    ----------
    key : str
        Name for links: letters, digits, hyphens.
    title : str
        Heading.
    blocks : sequence of Block
        What stands in it, from top to bottom.
    level : {2, 3}
        3 for a part of the section before.
    """

    key: str
    title: str
    blocks: Sequence[Block]
    level: int = 2


def render_report(sections: Sequence[Section], out: str | Path, *, title: str, subtitle: str = "") -> Path:
    """Write the report as one HTML file with its font, pictures and tables inside.

    Parameters
    ----------
    sections : sequence of Section
        The report from top to bottom; sections, figures and tables are numbered in this order.
    out : str or Path
        The file.
    title : str
        Title of the page.
    subtitle : str
        A line under the title.

    Returns
    -------
    Path
        The file written; the same sections give the same bytes.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = [Section("where", "Where", [Paragraph("The delta has **41** cities.")])]
    ...     path = render_report(text, f"{folder}/report.html", title="The delta")
    ...     "<strong>41</strong>" in path.read_text("utf-8")
    True
    """
    return write_file(out, report_html(sections, title=title, subtitle=subtitle))


def report_html(sections: Sequence[Section], *, title: str, subtitle: str = "") -> str:
    """Return the page that `render_report` writes.

    Parameters
    ----------
    sections : sequence of Section
        The report from top to bottom.
    title, subtitle : str
        Head of the page.

    Returns
    -------
    str
        The page.

    Examples
    --------
    >>> report_html([Section("where", "Where", [])], title="The delta")[:15]
    '<!DOCTYPE html>'
    """
    names = _numbered(sections)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("yrdspatial.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["inline"] = lambda text: _inline(text, names)
    environment.globals["say"] = say
    blocks = [block for section in sections for block in section.blocks]
    alive = any(isinstance(block, MapBlock | SortableTableBlock) for block in blocks)
    text, digest = script() if alive else ("", "")
    page = {
        "lang": phrases(LANGUAGE.get()).code,
        "title": title,
        "subtitle": subtitle,
        "script": Markup(text),
        "words": script_words(text),
        "digest": digest,
        "font_family": FONT_FAMILY,
        "font": base64.b64encode(dataset_path(FONT_FILE).read_bytes()).decode("ascii"),
        "sections": [_section(section, names) for section in sections],
        "exhibits": [
            {"id": block.key, "name": names[block.key], "caption": block.caption}
            for section in sections
            for block in _exhibits(section)
        ],
    }
    return environment.get_template("report.html.j2").render(page=page)


def _exhibits(section: Section) -> Iterator[FigureBlock | TableBlock | MapBlock]:
    return (block for block in section.blocks if isinstance(block, FigureBlock | TableBlock | MapBlock))


def _numbered(sections: Sequence[Section]) -> dict[str, str]:
    names: dict[str, str] = {}
    counts = {"Figure": 0, "Table": 0, "Section": 0, "Part": 0}

    def enter(key: str, name: str) -> None:
        if key in names or not KEY.fullmatch(key):
            reason = f"names {names[key]} too" if key in names else "is no name for a link"
            message = f"the key {key!r} {reason}"
            raise OutputError(
                message, where=name, cure="give each its own key of small letters, digits and hyphens"
            )
        names[key] = name

    for section in sections:
        if section.level == 2:
            counts.update(Section=counts["Section"] + 1, Part=0)
            enter(section.key, say("Section {number}", number=counts["Section"]))
        else:
            counts["Part"] += 1
            enter(section.key, say("Section {number}", number=f"{counts['Section']}.{counts['Part']}"))
        for block in _exhibits(section):
            kind = "Table" if isinstance(block, TableBlock) else "Figure"
            counts[kind] += 1
            enter(block.key, say(NUMBERED[kind], number=counts[kind]))
    return names


def _section(section: Section, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": section.key,
        "number": NUMBER.findall(names[section.key])[0],
        "title": section.title,
        "level": section.level,
        "blocks": [_view(block, names) for block in section.blocks],
    }


def _view(block: Block, names: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(block, FigureBlock | TableBlock | MapBlock):
        return {**vars(block), "kind": type(block).__name__.lower()}
    view = {**vars(block), "id": block.key, "name": names[block.key]}
    match block:
        case FigureBlock():
            return {**view, "kind": "figure", **_picture(block)}
        case MapBlock():
            content = map_content(block)
            return {**view, "kind": "map", "map": {**content, "data": Markup(content["data"])}}
        case _:
            grid = table_html(block.frame, formats=block.formats, rules=block.rules, lang=LANGUAGE.get())
            return {
                **view,
                "kind": "table",
                "table": Markup(grid),
                "tall": len(block.frame) > TALL,
                **_filters(block),
            }


def _filters(block: TableBlock) -> dict[str, str | None]:
    if not isinstance(block, SortableTableBlock):
        return {"asked": None}
    unknown = [name for name in block.filters if name not in (*block.frame.index.names, *block.frame.columns)]
    if unknown:
        message = f"the table has no column {', '.join(unknown)}"
        raise OutputError(message, where=block.key, cure="filter by columns that are shown")
    return {"asked": json.dumps(list(block.filters), ensure_ascii=False)}


def _picture(block: FigureBlock) -> dict[str, Any]:
    width, height = struct.unpack(">II", block.png[16:24])
    place = block.png.find(b"pHYs", 0, 4096)
    per_meter = struct.unpack(">I", block.png[place + 4 : place + 8])[0] if place > 0 else CSS_DPI / INCH
    scale = CSS_DPI / INCH / per_meter
    data = base64.b64encode(block.png).decode("ascii")
    return {"data": data, "width": round(width * scale), "height": round(height * scale)}


def _inline(text: str, names: Mapping[str, str]) -> Markup:
    def link(match: re.Match[str]) -> str:
        if match[1] not in names:
            message = f"the text points to {match[1]!r}, which is not in the report"
            raise OutputError(message, where=text[:60], cure="use the key of a section, figure or table")
        return f'<a href="#{match[1]}">{names[match[1]]}</a>'

    marked = REFERENCE.sub(link, str(escape(text)))
    marked = BOLD.sub(r"<strong>\1</strong>", CODE.sub(r"<code>\1</code>", marked))
    if LANGUAGE.get() == "zh":
        return Markup(marked)
    return Markup(CHINESE.sub(r'<span lang="zh-Hans">\g<0></span>', marked))
