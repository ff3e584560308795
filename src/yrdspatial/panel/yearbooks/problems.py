"""What is wrong with a table, with its place and cure: gathered, never raised."""

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

COLUMNS = ("severity", "file", "sheet", "row", "column", "text", "cure")
LIMIT = 2000
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: file, sheet, row number (from 1), column letter; empty where not known."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""


@dataclass(slots=True)
class Problems:
    """The problems of one reading, as they were met; the first 2,000 are kept and the rest counted."""

    rows: list[tuple[str, str, str, int | None, str, str, str]] = field(default_factory=list)
    more: int = 0

    def add(self, severity: Severity, text: str, cure: str, spot: Spot) -> None:
        """Note one problem.

        Parameters
        ----------
        severity : {"error", "warning", "note"}
            An error keeps a year from being added; a warning asks to be looked at; a note says what was done.
        text, cure : str
            What is wrong, and what to do.
        spot : Spot
            Where.

        Examples
        --------
        >>> problems = Problems()
        >>> problems.add("note", "read", "nothing to do", Spot("a.csv"))
        >>> problems.frame()["file"].tolist()
        ['a.csv']
        """
        if len(self.rows) < LIMIT:
            self.rows.append((severity, spot.file, spot.sheet, spot.row, spot.column, text, cure))
        else:
            self.more += 1

    def frame(self) -> pd.DataFrame:
        """Return the problems as a table.

        Returns
        -------
        pandas.DataFrame
            Columns ``severity``, ``file``, ``sheet``, ``row`` (Int64), ``column``, ``text``, ``cure``.

        Examples
        --------
        >>> Problems().frame().shape
        (0, 7)
        """
        rows = list(self.rows)
        if self.more:
            text = f"{self.more} more problems are not listed"
            rows.append(("error", "", "", None, "", text, "cure those that are listed and read again"))
        return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"row": "Int64"})
