"""What a chapter of the report holds, and how it becomes files: each figure and table is made once and shown twice."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

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
from yrdspatial.report.style import figure_bytes, save_figure
from yrdspatial.tables.cells import Format
from yrdspatial.tables.files import write_table
from yrdspatial.tables.speech import LANGUAGE, term

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCREEN_DPI = 150


@dataclass(frozen=True)
class Drawing:
    """A figure of the report and of the folder ``figures/``.

    Attributes
    ----------
    key : str
        Name of the files and of the link in the report.
    figure : matplotlib.figure.Figure
        The figure.
    caption, alt, note : str
        As in `FigureBlock`.
    wide : bool
        As in `FigureBlock`.
    """

    key: str
    figure: "Figure"
    caption: str
    alt: str
    note: str = ""
    wide: bool = False


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


def write_chapter(chapter: Chapter, folder: Path) -> Iterator[Path]:
    """Write the figures and tables of a chapter.

    Parameters
    ----------
    chapter : Chapter
        The chapter.
    folder : Path
        Where ``figures/`` and ``tables/`` are.

    Yields
    ------
    Path
        Each file written.
    """
    for part in chapter.parts:
        if isinstance(part, Drawing):
            yield from save_figure(part.figure, folder / "figures" / part.key)
        elif isinstance(part, Exhibit):
            yield from write_exhibit(part, folder / "tables" / part.key)


def write_exhibit(table: Exhibit, stem: Path) -> tuple[Path, ...]:
    """Write the whole table as csv and what is shown of it as LaTeX.

    Parameters
    ----------
    table : Exhibit
        The table.
    stem : Path
        Path without an ending.

    Returns
    -------
    tuple of Path
        The files written.
    """
    whole = write_table(table.frame, stem, title=table.caption, kinds=("csv",))
    if table.long:
        return whole
    one = in_words(table)
    printed = write_table(
        one.frame,
        stem,
        title=one.caption,
        notes=one.notes,
        formats=one.formats,
        rules=one.rules,
        kinds=("tex",),
        lang=LANGUAGE.get(),
    )
    return (*whole, *printed)


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
    texts = shown.select_dtypes(object)
    said = shown.assign(**{str(name): texts[name].map(_word) for name in texts})
    return replace(
        table,
        frame=said.rename(columns=_word, index=_word).rename_axis(index=_word),
        shown=None,
        formats={_word(name): spec for name, spec in table.formats.items()},
        filters=[_word(name) for name in table.filters],
    )


def _word(cell: Any) -> Any:
    return term(cell) if isinstance(cell, str) else cell


def section_of(chapter: Chapter) -> Section:
    """Turn a chapter into a section of the report.

    Parameters
    ----------
    chapter : Chapter
        The chapter.

    Returns
    -------
    Section
        Its text, with figures embedded and tables as shown.
    """
    return Section(chapter.key, chapter.title, [block for part in chapter.parts for block in blocks_of(part)])


def blocks_of(part: Part) -> list[Block]:
    """Turn a part into blocks of the report; a long table becomes none.

    Parameters
    ----------
    part : Part
        Text, figure or table.

    Returns
    -------
    list of Block
        At most one block.
    """
    if isinstance(part, Drawing):
        png = figure_bytes(part.figure, dpi=SCREEN_DPI)
        return [FigureBlock(part.key, png, part.caption, part.alt, part.note, part.wide)]
    if isinstance(part, Exhibit):
        one = in_words(part)
        cells = (one.key, one.frame, one.caption, one.notes, one.formats, one.rules)
        block = SortableTableBlock(*cells, filters=one.filters) if one.filters else TableBlock(*cells)
        return [] if part.long else [block]
    return [part]
