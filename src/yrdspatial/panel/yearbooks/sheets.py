"""A sheet as a grid of cells with its merged ranges, whatever file it came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from yrdspatial.panel.yearbooks.cells import Cell
from yrdspatial.panel.yearbooks.places import find_place
from yrdspatial.panel.yearbooks.problems import Spot

HEAD = 3000
KEPT = 20_000
WIDTH = 600
Merge = tuple[int, int, int, int]
WORDS = ("续表", "单位", "城市", "地区", "City", "city", "continued", "Continued")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: equal long rows of cells, the number of each row in the file (from 1), merged ranges.

    ``merges`` holds (top, left, bottom, right) by position in ``rows``, inclusive. ``remarks`` are problems of the
    file itself: (severity, text, cure, row number, column letter). When rows and columns were exchanged, ``turned``
    holds the row numbers of its columns, and ``lead`` the texts of the rows above.
    """

    file: str
    name: str
    rows: list[list[Cell]]
    numbers: list[int]
    merges: tuple[Merge, ...] = ()
    remarks: tuple[tuple[str, str, str, int | None, str], ...] = field(default=())
    turned: tuple[int, ...] = ()
    lead: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Return the number of columns.

        Returns
        -------
        int
            0 for an empty sheet.

        Examples
        --------
        >>> make_sheet("a.csv", "", [["x"], ["y", 1]]).width
        2
        """
        return len(self.rows[0]) if self.rows else 0

    def spot(self, row: int | None = None, column: int | None = None) -> Spot:
        """Return the place of a cell as the user sees it.

        Parameters
        ----------
        row, column : int, optional
            Positions in ``rows``.

        Returns
        -------
        Spot
            Row number and column letter of the file.

        Examples
        --------
        >>> make_sheet("a.csv", "", [["x"], ["y", 1]]).spot(1, 1)
        Spot(file='a.csv', sheet='', row=2, column='B')
        """
        if self.turned:
            number = None if column is None else self.turned[column]
            return Spot(
                self.file, self.name, number, "" if row is None else column_letter(self.numbers[row] - 1)
            )
        number = None if row is None else self.numbers[row]
        return Spot(self.file, self.name, number, "" if column is None else column_letter(column))

    def filled(self) -> list[list[Cell]]:
        """Return the rows with the text of every merged range in all of its cells; figures stay where they are.

        Returns
        -------
        list of list
            A copy.

        Examples
        --------
        >>> make_sheet("a", "", [["x", ""], [1, 2]], merges=((0, 0, 0, 1),)).filled()[0]
        ['x', 'x']
        """
        rows = [list(row) for row in self.rows]
        for top, left, bottom, right in self.merges:
            text = rows[top][left]
            if not isinstance(text, str) or not text.strip():
                continue
            for row in rows[top : bottom + 1]:
                row[left : right + 1] = [text] * (min(right + 1, len(row)) - left)
        return rows

    def transposed(self, top: int = 0) -> "Sheet":
        """Return the sheet with rows and columns exchanged.

        Parameters
        ----------
        top : int
            The first row that becomes a column; the texts of the rows above it stay as ``lead``.

        Returns
        -------
        Sheet
            Its spots still name the places of the file.

        Examples
        --------
        >>> turned = make_sheet("a", "", [["in 亿元", ""], ["x", 1], ["y", 2]]).transposed(1)
        >>> turned.rows, turned.lead, turned.spot(1, 0)
        ([['x', 'y'], [1, 2]], ('in 亿元',), Spot(file='a', sheet='', row=2, column='B'))
        """
        return replace(
            self,
            rows=[list(column) for column in zip(*self.rows[top:], strict=True)],
            numbers=list(range(1, self.width + 1)),
            merges=tuple((b, a - top, d, c - top) for a, b, c, d in self.merges if a >= top),
            turned=tuple(self.numbers[top:]),
            lead=tuple(
                cell for row in self.rows[:top] for cell in row if isinstance(cell, str) and cell.strip()
            ),
        )


def make_sheet(
    file: str,
    name: str,
    rows: Iterable[Iterable[Cell]],
    *,
    merges: Iterable[Merge] = (),
    remarks: Iterable[tuple[str, str, str, int | None, str]] = (),
) -> Sheet:
    """Make a sheet from rows of any length; of a very long sheet only rows that may matter are kept.

    Parameters
    ----------
    file, name : str
        Of the file and the sheet.
    rows : iterable of iterable
        Cells; read once, one row at a time.
    merges : iterable of (top, left, bottom, right)
        By position among ``rows``, inclusive.
    remarks : iterable
        Problems of the file.

    Returns
    -------
    Sheet
        The first 3,000 rows, and of the others those that name a place of the delta or begin a table, 20,000 at most;
        blank rows left out after the first 3,000.

    Examples
    --------
    >>> sheet = make_sheet("a.csv", "", [["a"], ["b", 2]])
    >>> sheet.rows, sheet.numbers
    ([['a', ''], ['b', 2]], [1, 2])
    """
    kept: list[tuple[int, list[Cell]]] = []
    said = list(remarks)
    for number, row in _chosen(rows):
        if len(kept) >= KEPT:
            said.append(
                (
                    "error",
                    f"the sheet is too long: nothing is read after row {number}",
                    "cut the sheet down to its table",
                    number,
                    "",
                )
            )
            break
        kept.append((number, row))
    width = max((len(row) for _, row in kept), default=0)
    positions = {number: position for position, (number, _) in enumerate(kept)}
    return Sheet(
        file=file,
        name=name,
        rows=[row + [""] * (width - len(row)) for _, row in kept],
        numbers=[number for number, _ in kept],
        merges=tuple(_clipped(merges, positions, width)),
        remarks=tuple(said),
    )


def column_letter(column: int) -> str:
    """Return the letters of a column.

    Parameters
    ----------
    column : int
        From 0.

    Returns
    -------
    str
        A, B, ... Z, AA, ...

    Examples
    --------
    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _chosen(rows: Iterable[Iterable[Cell]]) -> Iterator[tuple[int, list[Cell]]]:
    for number, cells in enumerate(rows, start=1):
        row = list(islice(cells, WIDTH))
        if number <= HEAD or any(_matters(cell) for cell in row):
            yield number, row


def _matters(cell: Cell) -> bool:
    if not isinstance(cell, str) or not cell:
        return False
    place = find_place(cell)
    return (place is not None and place.kind in {"unit", "ambiguous"}) or (
        len(cell) < 80 and any(word in cell for word in WORDS)
    )


def _clipped(merges: Iterable[Merge], positions: dict[int, int], width: int) -> Iterator[Merge]:
    for top, left, bottom, right in merges:
        rows = [positions[number] for number in range(top + 1, min(bottom, HEAD) + 2) if number in positions]
        if rows and left < width:
            yield rows[0], left, rows[-1], min(right, width - 1)
