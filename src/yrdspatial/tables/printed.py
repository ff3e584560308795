"""A table as it is printed: the frame with its title, notes, formats and rules."""

import re
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from yrdspatial.tables.cells import Format

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class PrintedTable:
    """A frame and all that is printed with it.

    Attributes
    ----------
    frame : pandas.DataFrame
        The table; a named index becomes its leading columns.
    title : str
        Stands above.
    notes : sequence of str
        Stand below.
    formats : mapping
        Format of a column, as in `yrdspatial.tables.files.write_table`.
    rules : collection of int
        Rows above which a thin rule is drawn.
    """

    frame: pd.DataFrame
    title: str
    notes: Sequence[str] = ()
    formats: Mapping[Hashable, Format] = field(default_factory=dict)
    rules: Collection[int] = ()


def printable(text: str) -> str:
    r"""Take away what neither Word nor Excel can hold: control characters and broken surrogates.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text without them; tabs and line ends stay.

    Examples
    --------
    >>> printable("Suzhou\x07")
    'Suzhou'
    """
    return CONTROL.sub("", text)
