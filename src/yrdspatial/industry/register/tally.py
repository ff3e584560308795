"""Firms of a block added up: whole numbers only, so that the order of the blocks cannot matter."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.industry.register.divisions import DIVIDED, UNKNOWN
from yrdspatial.industry.register.files import Block
from yrdspatial.industry.register.reading import BAD, BLANK, NO_PLACE, UNKNOWN_UNIT

LEFT_OUT, VALUE_LEFT_OUT = "row left out", "value left out"
PROBLEMS: tuple[tuple[str, str, str], ...] = (
    ("no firm id", LEFT_OUT, "give every firm an identifier"),
    ("a firm id that was there before", LEFT_OUT, "give each firm one row; the first counts"),
    ("no opening date, or one that cannot be read", LEFT_OUT, "write 2003-05-12, 20030512 or 2003/5/12"),
    ("a closing date that cannot be read", LEFT_OUT, "write 2003-05-12, or nothing for a firm that is alive"),
    ("closes before it opens", LEFT_OUT, "correct one of the dates"),
    ("no such industry code in its edition", LEFT_OUT, "name the edition of GB/T 4754 that the code is from"),
    ("an industry that a later edition divided", LEFT_OUT, "give the three- or four-digit code"),
    ("a unit code of no unit here", LEFT_OUT, "use six-digit codes, or pass the shapes of these units"),
    ("no place", LEFT_OUT, "give a unit code or coordinates in degrees"),
    (
        "outside the units",
        LEFT_OUT,
        "name the system of the coordinates (crs=...), or pass shapes that hold it",
    ),
    ("no capital", VALUE_LEFT_OUT, "its capital counts as 0 in the sums"),
    (
        "capital that cannot be read, below 0, or above 1e9",
        VALUE_LEFT_OUT,
        "its capital counts as 0 in the sums",
    ),
    ("a previous place outside the units or unknown", VALUE_LEFT_OUT, "its move is not in the flows"),
    ("a move without a date in the life of the firm", VALUE_LEFT_OUT, "the firm counts where it is now"),
    (
        "a parent that is not among the firms counted",
        VALUE_LEFT_OUT,
        "the firm is not in the flow of subsidiaries",
    ),
)
REFUSALS = sum(effect == LEFT_OUT for _, effect, _ in PROBLEMS)
ORPHAN = len(PROBLEMS) - 1
FOREVER = 2**31 - 1
Ints = npt.NDArray[np.int64]
Sums = dict[str, tuple[Ints, Ints]]


@dataclass(frozen=True)
class Frame:
    """The table to fill.

    Attributes
    ----------
    years : tuple of int
        T years, one after another.
    census : ndarray, shape (T,)
        The day of each year on which firms are counted, in days since 1970.
    units, sectors : int
        N and K.
    linked : bool
        Whether subsidiaries are to be led back to their parents.
    """

    years: tuple[int, ...]
    census: Ints
    units: int
    sectors: int
    linked: bool


@dataclass(frozen=True)
class Partial:
    """What a block adds.

    Attributes
    ----------
    sums : dict of str to (ndarray, ndarray)
        Cells of the flattened tables that get something, and how much: ``stock`` and ``capital`` hold changes from
        one census to the next, shape (T + 1, N, K).
    problems : dict of int to (int, str)
        Number in ``PROBLEMS`` to how many rows, and the first of them.
    rows, firms : int
        Rows read, and firms counted.
    places : ndarray, shape (rows,)
        Unit of every row, -1 if it was left out; empty unless subsidiaries are linked.
    links : tuple of ndarray
        Identifier of the parent, unit and year of each subsidiary that opened in these years.
    """

    sums: Sums
    problems: dict[int, tuple[int, str]]
    rows: int
    firms: int
    places: npt.NDArray[np.int16] = field(repr=False)
    links: tuple[npt.NDArray[np.uint64], Ints, Ints] = field(repr=False)


def tally(
    firms: pd.DataFrame,
    place: npt.NDArray[np.int16],
    previous: npt.NDArray[np.int16],
    *,
    repeated: Ints,
    block: Block,
    frame: Frame,
) -> Partial:
    """Add up the firms of a block.

    Parameters
    ----------
    firms : pandas.DataFrame
        As of ``read_firms``.
    place, previous : ndarray, shape (rows,)
        The unit a firm is in, and was in before it moved; negative if none.
    repeated : ndarray
        Rows of the file whose firm was there before.
    block : Block
        Where the rows are from.
    frame : Frame
        The table to fill.

    Returns
    -------
    Partial
        Whole numbers.
    """
    found = _findings(firms, place, repeated)
    kept = ~np.logical_or.reduce(found[:REFUSALS])
    opened, closed, moved = (firms[name].to_numpy()[kept] for name in ("opened", "closed", "moved"))
    closed = np.where(closed == BLANK, FOREVER, closed)
    told = (firms["previous"].to_numpy()[kept] != NO_PLACE) | (moved != BLANK)
    in_life = (moved >= opened) & (moved <= closed)
    known = previous[kept] >= 0
    moves = told & in_life & known
    for rows in (told & ~known, told & known & ~in_life):
        found.append(_spread(rows, kept))
    here = place[kept].astype(np.int64)
    start = np.where(moves, previous[kept], here)
    sector, capital = firms["sector"].to_numpy()[kept], np.maximum(firms["capital"].to_numpy()[kept], 0)
    spells = _Spells(opened, closed, moved, moves, start, here)
    sums = _sums(spells, sector.astype(np.int64), capital, frame)
    problems = _problems(found, firms.index.to_numpy(), block)
    parent, year = firms["parent"].to_numpy()[kept], _year(opened, frame)
    links = (parent != 0) & (year >= 0) & frame.linked
    places = np.where(kept, place, -1).astype(np.int16) if frame.linked else np.empty(0, np.int16)
    return Partial(
        sums, problems, len(firms), int(kept.sum()), places, (parent[links], start[links], year[links])
    )


@dataclass(frozen=True)
class _Spells:
    opened: npt.NDArray[np.int32]
    closed: npt.NDArray[np.int64]
    moved: npt.NDArray[np.int32]
    moves: npt.NDArray[np.bool_]
    start: Ints
    here: Ints


def _findings(
    firms: pd.DataFrame, place: npt.NDArray[np.int16], repeated: Ints
) -> list[npt.NDArray[np.bool_]]:
    columns = {name: firms[name].to_numpy() for name in firms}
    opened, closed, capital = columns["opened"], columns["closed"], columns["capital"]
    again = np.zeros(len(firms), bool)
    again[repeated - (firms.index[0] if len(firms) else 0)] = True
    refused = [
        columns["firm"] == 0,
        again,
        (opened == BLANK) | (opened == BAD),
        closed == BAD,
        (closed != BLANK) & (closed < opened),
        columns["sector"] == UNKNOWN,
        columns["sector"] == DIVIDED,
        columns["unit"] == UNKNOWN_UNIT,
        columns["unit"] == NO_PLACE,
        place < 0,
    ]
    for number in range(1, len(refused)):  # each row has one reason, the first
        refused[number] = refused[number] & ~np.logical_or.reduce(refused[:number])
    kept = ~np.logical_or.reduce(refused)
    return [*refused, kept & (capital == BLANK), kept & (capital == BAD)]


def _spread(rows: npt.NDArray[np.bool_], kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    everywhere = np.zeros(len(kept), bool)
    everywhere[kept] = rows
    return everywhere


def _problems(
    found: list[npt.NDArray[np.bool_]], rows: npt.NDArray[np.int64], block: Block
) -> dict[int, tuple[int, str]]:
    first = 2 if block.path.endswith(".csv") else 1  # the header of a csv file is its first line
    return {
        number: (int(mask.sum()), f"{block.path}, row {rows[mask.argmax()] + first}")
        for number, mask in enumerate(found)
        if mask.any()
    }


def _sums(spells: _Spells, sector: Ints, capital: Ints, frame: Frame) -> Sums:
    cells = frame.units * frame.sectors
    start, here = spells.start * frame.sectors + sector, spells.here * frame.sectors + sector
    events: list[
        tuple[npt.NDArray[np.integer], Ints, int, npt.NDArray[np.bool_]]
    ] = [  # when, where, sign, who
        (spells.opened, start, 1, np.ones(len(here), bool)),
        (spells.moved, start, -1, spells.moves),
        (spells.moved, here, 1, spells.moves),
        (spells.closed, here, -1, np.ones(len(here), bool)),
    ]
    keys = [np.searchsorted(frame.census, when[who]) * cells + where[who] for when, where, _, who in events]
    key = np.concatenate(keys)
    sign = np.concatenate([np.full(who.sum(), by, np.int64) for _, _, by, who in events])
    worth = np.concatenate([by * capital[who] for _, _, by, who in events])
    born, died, went = (_year(when, frame) for when in (spells.opened, spells.closed, spells.moved))
    went = np.where(spells.moves, went, -1)
    pairs = (went * frame.units + spells.start) * frame.units + spells.here
    return {
        "stock": _cells(key, sign),
        "capital": _cells(key, worth),
        "births": _cells((born * cells + start)[born >= 0]),
        "deaths": _cells((died * cells + here)[died >= 0]),
        "capital_of_births": _cells((born * cells + start)[born >= 0], capital[born >= 0]),
        "moves": _cells(pairs[went >= 0]),
    }


def _year(days: npt.NDArray[np.integer], frame: Frame) -> Ints:
    first, last = (np.datetime64(f"{year}-01-01") for year in (frame.years[0], frame.years[-1] + 1))
    within = (days >= first.astype("datetime64[D]").astype(int)) & (
        days < last.astype("datetime64[D]").astype(int)
    )
    years = np.where(within, days, 0).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(within, years - frame.years[0], -1)


def _cells(key: Ints, worth: Ints | None = None) -> tuple[Ints, Ints]:
    cells, place = np.unique(key, return_inverse=True)
    sums = np.zeros(len(cells), np.int64)
    np.add.at(sums, place, 1 if worth is None else worth)
    return cells[sums != 0], sums[sums != 0]


class Totals:
    """The tables as blocks are added to them.

    Parameters
    ----------
    frame : Frame
        Their shape.
    """

    def __init__(self, frame: Frame) -> None:
        years, cells = len(frame.years), frame.units * frame.sectors
        sizes = {
            "stock": years + 1,
            "capital": years + 1,
            "births": years,
            "deaths": years,
            "capital_of_births": years,
        }
        self.frame = frame
        self.sums: dict[str, Ints] = {name: np.zeros(size * cells, np.int64) for name, size in sizes.items()}
        self.sums["moves"] = np.zeros(years * frame.units**2, np.int64)
        self.sums["subsidiaries"] = np.zeros(years * frame.units**2, np.int64)
        self.problems: dict[int, tuple[int, str]] = {}
        self.rows = self.firms = 0
        self.magnitude = 0.0

    def add(self, part: Partial) -> None:
        """Add a block.

        Parameters
        ----------
        part : Partial
            What it counted; blocks may come in any order, since the first row of a problem is told by ``settle``.
        """
        for name, (cells, amounts) in part.sums.items():
            self.sums[name][cells] += amounts
        self.magnitude += float(np.abs(part.sums["capital"][1].astype(np.float64)).sum())
        self.rows += part.rows
        self.firms += part.firms
        self._note(part.problems)

    def _note(self, problems: Mapping[int, tuple[int, str]]) -> None:
        for number, (rows, example) in problems.items():
            before, first = self.problems.get(number, (0, example))
            self.problems[number] = (before + rows, min(first, example, key=_natural))

    def link(self, parents: Ints, links: tuple[npt.NDArray[np.uint64], Ints, Ints]) -> None:
        """Add the flow of subsidiaries.

        Parameters
        ----------
        parents : ndarray, shape (n,)
            Unit of each parent, -1 if it is not in the register.
        links : tuple of ndarray
            As of ``Partial.links``.
        """
        known, (_, unit, year) = parents >= 0, links
        pairs = (year * self.frame.units + parents) * self.frame.units + unit
        np.add.at(self.sums["subsidiaries"], pairs[known], 1)
        if not known.all():
            self.problems[ORPHAN] = (int((~known).sum()), "")


def _natural(example: str) -> tuple[str, int]:
    path, _, row = example.rpartition(", row ")
    return path, int(row)
