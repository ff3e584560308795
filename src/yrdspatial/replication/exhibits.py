"""What a chapter of the report holds, and how it becomes files: each figure and table is made once and shown twice."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from yrdspatial.report.html import (
    Block,
    Bullets,
    Caution,
    FigureBlock,
    Paragraph,
    Provenance,
    Section,
    SortableTableBlock,
    TableBlock,
)
from yrdspatial.report.interactive import MapBlock
from yrdspatial.report.style import figure_bytes
from yrdspatial.tables.cells import Format
from yrdspatial.tables.files import KINDS, table_content
from yrdspatial.tables.printed import PrintedTable
from yrdspatial.tables.render import table_csv
from yrdspatial.tables.speech import LANGUAGE, say, term

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCREEN = "screen"
SCREEN_DPI = 150


@dataclass(frozen=True)
class Drawing:
    """A figure of the report and of the folder ``figures/``.

    Attributes
    ----------
    key : str
        Name of the files and of the link in the report.
    figure : matplotlib.figure.Figure, or callable that returns one
        The figure; a callable is called only when the figure was not drawn before.
    caption, alt, note : str
        As in `FigureBlock`.
    wide : bool
        As in `FigureBlock`.
    """

    key: str
    figure: "Figure | Callable[[], Figure]"
    caption: str
    alt: str
    note: str = ""
    wide: bool = False

    def drawn(self) -> "Figure":
        """Draw the figure.

        Returns
        -------
        matplotlib.figure.Figure
            The figure.
        """
        return self.figure() if callable(self.figure) else self.figure


@dataclass(frozen=True)
class Exhibit:
    """A table of the folder ``tables/``, shown in the report whole, in part, or not at all.

    Attributes
    ----------
    key : str
        Name of the files and of the link in the report.
    frame : pandas.DataFrame
        The whole table.
    caption : str
        What it shows.
    notes : sequence of str
        Basis, reference, weights, seed, flags.
    formats : mapping
        Format of a column.
    rules : sequence of int
        Rows above which a thin rule is drawn.
    shown : pandas.DataFrame, optional
        What the report and the LaTeX file show; without it the whole.
    long : bool
        Too long to print: csv only, and not in the report.
    filters : sequence of str
        Columns by which a reader may filter the table in the report; with any it can be sorted too.
    """

    key: str
    frame: pd.DataFrame
    caption: str
    notes: Sequence[str] = ()
    formats: Mapping[Hashable, Format] = field(default_factory=dict)
    rules: Sequence[int] = ()
    shown: pd.DataFrame | None = None
    long: bool = False
    filters: Sequence[str] = ()


Part = Paragraph | Bullets | Caution | Provenance | MapBlock | Drawing | Exhibit


@dataclass(frozen=True)
class Chapter:
    """A section of the report with its figures and tables.

    Attributes
    ----------
    key : str
        Name for links.
    title : str
        Heading.
    parts : sequence of Part
        From top to bottom.
    """

    key: str
    title: str
    parts: Sequence[Part]


def figure_files(part: Drawing) -> dict[str, bytes]:
    """Draw a figure once: for print, and for the page.

    Parameters
    ----------
    part : Drawing
        The figure.

    Returns
    -------
    dict of str to bytes
        Content by place below the results; under ``SCREEN`` the picture of the report.
    """
    figure = part.drawn()
    stem = f"figures/{part.key}"
    return {
        f"{stem}.png": figure_bytes(figure, "png"),
        f"{stem}.pdf": figure_bytes(figure, "pdf"),
        SCREEN: figure_bytes(figure, dpi=SCREEN_DPI),
    }


def table_files(part: Exhibit) -> dict[str, bytes]:
    """Print a table: the whole as csv in the words of the data, and what is shown of it in every printed kind.

    Parameters
    ----------
    part : Exhibit
        The table.

    Returns
    -------
    dict of str to bytes
        Content by place below the results.
    """
    stem = f"tables/{part.key}"
    files = {f"{stem}.csv": table_csv(part.frame).encode()}
    if part.long:
        return files
    one, lang = printed(part), LANGUAGE.get()
    contents = {kind: table_content(one, kind, label=part.key, lang=lang) for kind in KINDS if kind != "csv"}
    return files | {
        f"{stem}.{kind}": content.encode() if isinstance(content, str) else content
        for kind, content in contents.items()
    }


def printed(part: Exhibit, number: int | None = None) -> PrintedTable:
    """Give what is shown of a table in the language of the report.

    Parameters
    ----------
    part : Exhibit
        The table.
    number : int, optional
        Its number in the report.

    Returns
    -------
    PrintedTable
        Ready for any kind of file.
    """
    one = in_words(part)
    title = one.caption
    if number is not None:
        title = say("{table}. {caption}", table=say("Table {number}", number=number), caption=title)
    return PrintedTable(one.frame, title, one.notes, one.formats, one.rules)


def printed_tables(chapters: Iterable[Chapter]) -> list[PrintedTable]:
    """Give every printed table in the order of the report, numbered as there.

    Parameters
    ----------
    chapters : iterable of Chapter
        The report.

    Returns
    -------
    list of PrintedTable
        Their titles begin with their numbers.
    """
    parts = [part for chapter in chapters for part in chapter.parts]
    shown = [part for part in parts if isinstance(part, Exhibit) and not part.long]
    return [printed(part, number) for number, part in enumerate(shown, start=1)]


def in_words(table: Exhibit) -> Exhibit:
    """Say what is shown of a table in the language of the report: its heads, and cells that are words of the data.

    Parameters
    ----------
    table : Exhibit
        The table.

    Returns
    -------
    Exhibit
        A table to be shown whole; the csv file has the words of the data.
    """
    shown = table.frame if table.shown is None else table.shown
    if LANGUAGE.get() == "en":
        return replace(table, frame=shown, shown=None)
    said = shown.apply(lambda column: column if is_numeric_dtype(column) else column.map(_word))
    return replace(
        table,
        frame=said.rename(columns=_word, index=_word).rename_axis(index=_word),
        shown=None,
        formats={_word(name): spec for name, spec in table.formats.items()},
        filters=[_word(name) for name in table.filters],
    )


def _word(cell: Any) -> Any:
    return term(cell) if isinstance(cell, str) else cell


def section_of(chapter: Chapter, pictures: Mapping[str, bytes]) -> Section:
    """Turn a chapter into a section of the report.

    Parameters
    ----------
    chapter : Chapter
        The chapter.
    pictures : mapping of str to bytes
        The picture of each figure, by its key.

    Returns
    -------
    Section
        Its text, with figures embedded and tables as shown.
    """
    blocks = [block for part in chapter.parts for block in blocks_of(part, pictures)]
    return Section(chapter.key, chapter.title, blocks)


def blocks_of(part: Part, pictures: Mapping[str, bytes]) -> list[Block]:
    """Turn a part into blocks of the report; a long table becomes none.

    Parameters
    ----------
    part : Part
        Text, figure or table.
    pictures : mapping of str to bytes
        The picture of each figure, by its key.

    Returns
    -------
    list of Block
        At most one block.
    """
    if isinstance(part, Drawing):
        return [FigureBlock(part.key, pictures[part.key], part.caption, part.alt, part.note, part.wide)]
    if isinstance(part, Exhibit):
        one = in_words(part)
        cells = (one.key, one.frame, one.caption, one.notes, one.formats, one.rules)
        block = SortableTableBlock(*cells, filters=one.filters) if one.filters else TableBlock(*cells)
        return [] if part.long else [block]
    return [part]
