"""How a table fits a page: upright or turned, how small the print, how wide each column, and what has to wrap."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from yrdspatial.tables.cells import NUMBER, Grid

PAGE, MARGIN = (21.0, 29.7), 2.5
SIZES = (9.0, 7.5, 6.5)
POINT = 2.54 / 72
PADDING = 0.45
WIDE_GLYPH, NARROW_GLYPH = 1.05, 0.53
HEAD_GLYPHS = 6
LONGEST_WORD = 12.0
"""In units of the size; a longer word may be broken."""
STEP = 0.1
LEADING = 1.25
ROW_GAP = 2.0
"""Points between rows."""


@dataclass(frozen=True)
class Layout:
    """Where a table stands.

    Attributes
    ----------
    turned : bool
        The page lies on its side.
    size : float
        Size of the print, in points.
    widths : tuple of float
        Width of each column, in centimetres.
    wrapped : bool
        Texts run over several lines.
    """

    turned: bool
    size: float
    widths: tuple[float, ...]
    wrapped: bool

    @property
    def room(self) -> float:
        """Width between the margins, in centimetres."""
        return (PAGE[1] if self.turned else PAGE[0]) - 2 * MARGIN


def lay_out(grid: Grid, *, turn: bool = True) -> Layout:
    """Find the largest print in which a table fits the page.

    Parameters
    ----------
    grid : Grid
        The table.
    turn : bool
        Whether the page may be turned.

    Returns
    -------
    Layout
        Whole cells when they fit, upright before turned; else wrapped texts.

    Examples
    --------
    >>> lay_out(Grid(("city", "lq"), (("上海", "0.80"),), 1, (False, True))).turned
    False
    """
    for turned in (False, True)[: 1 + turn]:
        for size in SIZES[:-1] if turn else SIZES:
            whole = Layout(turned, size, natural_widths(grid, size), wrapped=False)
            if sum(whole.widths) <= whole.room:
                return whole
    size = (
        SIZES[1] if sum(least_widths(grid, SIZES[1])) <= Layout(turn, 0, (), wrapped=True).room else SIZES[2]
    )
    room = Layout(turn, size, (), wrapped=True).room
    return Layout(turn, size, wrapped_widths(grid, size, room), wrapped=any(map(_is_text, _columns(grid))))


def natural_widths(grid: Grid, size: float) -> tuple[float, ...]:
    """Give each column the width of its widest cell; a word among numbers may wrap.

    Parameters
    ----------
    grid : Grid
        The table.
    size : float
        Size of the print, in points.

    Returns
    -------
    tuple of float
        Centimetres.
    """
    return tuple(
        max([head_length(head), 1.0, *(_whole(cell, right=right) for cell in cells)]) * size * POINT + PADDING
        for right, (head, *cells) in zip(grid.numeric, _columns(grid), strict=True)
    )


def least_widths(grid: Grid, size: float) -> tuple[float, ...]:
    """Give each column the width below which words or numbers would be broken.

    Parameters
    ----------
    grid : Grid
        The table.
    size : float
        Size of the print, in points.

    Returns
    -------
    tuple of float
        Centimetres.
    """
    return tuple(
        max([head_length(head), 1.0, *(_least(cell, right=right) for cell in cells)]) * size * POINT + PADDING
        for right, (head, *cells) in zip(grid.numeric, _columns(grid), strict=True)
    )


def wrapped_widths(grid: Grid, size: float, room: float) -> tuple[float, ...]:
    """Share the room out so that the texts of all columns run over about as many lines.

    Parameters
    ----------
    grid : Grid
        The table.
    size : float
        Size of the print, in points.
    room : float
        Width of the table, in centimetres.

    Returns
    -------
    tuple of float
        Centimetres; all columns narrowed alike when not even the words fit.
    """
    least, most = least_widths(grid, size), natural_widths(grid, size)
    if sum(least) >= room:
        return tuple(width * room / sum(least) for width in least)
    lengths = [
        math.sqrt(sum(glyphs(cell) ** 2 for cell in cells) / max(len(cells), 1))
        for _, *cells in _columns(grid)
    ]
    widths = list(least)
    while sum(widths) + STEP <= room:
        longest = max(
            range(len(widths)),
            key=lambda place: (
                lengths[place] / (widths[place] - PADDING) if widths[place] < most[place] else 0.0
            ),
        )
        widths[longest] += STEP
    return tuple(widths)


def heights(grid: Grid, layout: Layout) -> tuple[float, ...]:
    """Estimate the height of each row.

    Parameters
    ----------
    grid : Grid
        The table.
    layout : Layout
        Where it stands.

    Returns
    -------
    tuple of float
        Points.
    """
    per_line = [(width - PADDING) / (layout.size * POINT) for width in layout.widths]
    return tuple(
        max((math.ceil(glyphs(cell) / room) for cell, room in zip(row, per_line, strict=True)), default=1)
        * layout.size
        * LEADING
        + ROW_GAP
        for row in grid.rows
    )


def head_length(text: str) -> float:
    """Measure a head, which may wrap between words.

    Parameters
    ----------
    text : str
        The head.

    Returns
    -------
    float
        Length of its longest word, in units of the size; of Chinese at most so many letters.

    Examples
    --------
    >>> round(head_length("expected value"), 1)
    4.2
    """
    words = [min(glyphs(word), HEAD_GLYPHS) if word > "⺀" else glyphs(word) for word in text.split()]
    return max(words, default=0.0)


def glyphs(text: str) -> float:
    """Measure a text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    float
        Its length in units of the size.

    Examples
    --------
    >>> round(glyphs("上海 1"), 2)
    3.16
    """
    return sum(WIDE_GLYPH if letter > "⺀" else NARROW_GLYPH for letter in text)


def _columns(grid: Grid) -> list[tuple[str, ...]]:
    return list(zip(grid.header, *grid.rows, strict=True))


def _is_text(column: Sequence[str]) -> bool:
    return any(" " in cell for cell in column[1:])


def _whole(cell: str, *, right: bool) -> float:
    return head_length(cell) if right and not NUMBER.fullmatch(cell) else glyphs(cell)


def _least(cell: str, *, right: bool) -> float:
    return _whole(cell, right=True) if right else min(head_length(cell), LONGEST_WORD)
