"""How one value, and then a whole frame, turns into text cells."""

import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from yrdspatial.tables.phrases import Language, phrases

Format = str | Callable[[Any], str]

MISSING = "–"
NUMBER = re.compile(r"(?P<body>\(?−?(?:\d[\d,]*(?:\.\d+)?|∞)%?)(?P<hang>\)?\*{0,3})")
NEGATIVE_ZERO = re.compile(r"-(0(?:\.0+)?%?)")


class Figure(str):
    """A number as it is printed, with marks or brackets round it, that keeps its value for Excel.

    Parameters
    ----------
    text : str
        What is printed.
    value : float
        The number behind it.

    Examples
    --------
    >>> cell = Figure("(0.333)", 1 / 3)
    >>> cell, round(cell.value, 6)
    ('(0.333)', 0.333333)
    """

    __slots__ = ("value",)
    value: float

    def __new__(cls, text: str, value: float) -> Self:  # noqa: D102
        cell = super().__new__(cls, text)
        cell.value = value
        return cell

    def __getnewargs__(self) -> tuple[str, float]:  # type: ignore[override]
        return str(self), self.value


@dataclass(frozen=True)
class Grid:
    """A frame as text.

    Attributes
    ----------
    header : tuple of str
        Names of the C columns.
    rows : tuple of tuple of str
        R rows of C cells.
    labels : int
        How many leading columns are labels.
    numeric : tuple of bool
        Which of the C columns hold numbers, at least in half of their filled cells.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: int
    numeric: tuple[bool, ...]


def grid_of(
    frame: pd.DataFrame, formats: Mapping[Hashable, Format] | None = None, *, lang: Language = "en"
) -> Grid:
    """Turn a frame into text cells.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; a named index becomes its leading columns, an unnamed one is left out.
    formats : mapping, optional
        Format of a column, as in `format_value`.
    lang : {"en", "zh"}
        Language of truth values.

    Returns
    -------
    Grid
        Header and cells.

    Examples
    --------
    >>> grid_of(pd.DataFrame({"city": ["上海"], "lq": [0.8]}), {"lq": ".2f"}).rows
    (('上海', '0.80'),)
    """
    specs, columns = formats or {}, columns_of(frame)
    cells = [
        [format_value(value, specs.get(name), lang=lang) for value in values] for name, values in columns
    ]
    numeric = tuple(_is_numeric(column) for column in cells)
    labels = frame.index.nlevels if has_labels(frame) else 0
    header = tuple(str(name) for name, _ in columns)
    return Grid(header, tuple(zip(*cells, strict=True)), labels, numeric)


def columns_of(frame: pd.DataFrame) -> list[tuple[Hashable, list[Any]]]:
    """List the columns that are printed: those of a named index first.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table.

    Returns
    -------
    list of (name, list)
        Names and values.

    Examples
    --------
    >>> columns_of(pd.DataFrame({"lq": [0.8]}, index=pd.Index(["上海"], name="city")))
    [('city', ['上海']), ('lq', [0.8])]
    """
    levels = range(frame.index.nlevels if has_labels(frame) else 0)
    index = [(frame.index.names[level], frame.index.get_level_values(level).tolist()) for level in levels]
    return [*index, *((name, frame.iloc[:, place].tolist()) for place, name in enumerate(frame.columns))]


def has_labels(frame: pd.DataFrame) -> bool:
    """Say whether the index has a name, and so is part of the printed table.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table.

    Returns
    -------
    bool
        True for a named index.

    Examples
    --------
    >>> has_labels(pd.DataFrame({"lq": [0.8]}))
    False
    """
    return any(name is not None for name in frame.index.names)


def format_value(value: Any, spec: Format | None = None, *, lang: Language = "en") -> str:
    """Format one cell: a true minus sign, no negative zero, a dash where a value is missing.

    Parameters
    ----------
    value : object
        A number, a text, a truth value, or a missing value.
    spec : str or callable, optional
        A format specification, or a function of the value; without one, numbers with a fraction have three
        decimals.
    lang : {"en", "zh"}
        Language of truth values.

    Returns
    -------
    str
        The cell.

    Examples
    --------
    >>> [format_value(-0.0001), format_value(-1.5, ".1f"), format_value(None), format_value(2016), format_value(True)]
    ['0.000', '−1.5', '–', '2016', 'yes']
    """
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if callable(spec):
        return spec(value)
    if isinstance(value, bool | np.bool_):
        return phrases(lang).yes if value else phrases(lang).no
    if isinstance(value, int | float | np.number):
        text = format(
            value, spec if spec is not None else ".3f" if isinstance(value, float | np.floating) else "d"
        )
        return NEGATIVE_ZERO.sub(r"\1", text) if NEGATIVE_ZERO.fullmatch(text) else _true_signs(text)
    return str(value)


def _true_signs(text: str) -> str:
    return text.replace("-", "−").replace("inf", "∞")


def _is_numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell not in {"", MISSING}]
    numbers = sum(NUMBER.fullmatch(cell) is not None for cell in filled)
    return 0 < numbers >= len(filled) / 2
