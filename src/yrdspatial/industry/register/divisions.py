"""Which of the 97 divisions of GB/T 4754-2017 an industry code of any edition belongs to."""

import functools
import re

import pandas as pd

from yrdspatial.datasets import read_table
from yrdspatial.errors import DataError, SpecificationError

EDITIONS = (1994, 2002, 2011, 2017)
UNKNOWN, DIVIDED = -1, -2
CODE = re.compile(r"([A-T]?)(\d{2,4})")


def load_divisions() -> pd.DataFrame:
    """Load the divisions of GB/T 4754-2017.

    Returns
    -------
    pandas.DataFrame
        shape (97, 3), index ``division`` ("A01" to "T97"); columns ``section``, ``name_zh``, ``name_en``.

    Examples
    --------
    >>> load_divisions().loc["C36", "name_en"]
    'Automobiles'
    """
    return read_table("industry/divisions.csv").set_index("division")


def division_of(code: str | int, *, edition: int = 2017) -> str:
    """Return the division of GB/T 4754-2017 that an industry code belongs to.

    Parameters
    ----------
    code : str or int
        Two to four digits, with or without the letter of the section: ``"C3911"``, ``"3911"``, ``3911``, ``"C39"``.
        Three digits need the letter: "111" may be a group or "0111" without its zero.
    edition : {2017, 2011, 2002, 1994}
        The edition of the standard that the code is written in.

    Returns
    -------
    str
        "A01" to "T97".

    Raises
    ------
    DataError
        If the code is none of that edition, or its division was divided later so that the code does not tell where
        it went.

    Examples
    --------
    >>> division_of("C3725", edition=2002), division_of(3911)
    ('C36', 'C39')
    >>> division_of("C37", edition=2002)
    Traceback (most recent call last):
    yrdspatial.errors.DataError: a division was divided in a later edition [C37, GB/T 4754-2002]: give its ...
    """
    place = place_code(code, edition)
    if place == DIVIDED:
        what, cure = "a division was divided in a later edition", "give its three- or four-digit code"
        raise DataError(what, where=f"{code}, GB/T 4754-{edition}", cure=cure)
    if place == UNKNOWN:
        what = "no such industry code, or one that cannot be followed to 2017"
        raise DataError(what, where=f"{code}, GB/T 4754-{edition}", cure="name the edition that it is from")
    return str(load_divisions().index[place])


def place_code(code: object, edition: int) -> int:
    """Return the position of a code's division in ``load_divisions()``.

    Parameters
    ----------
    code : object
        As in ``division_of``.
    edition : int
        The edition that it is written in.

    Returns
    -------
    int
        0 to 96, ``UNKNOWN``, or ``DIVIDED``.

    Examples
    --------
    >>> place_code("A01", 2017), place_code("C18", 2002), place_code("Z1", 2017)
    (0, -2, -1)
    """
    found = CODE.fullmatch(str(code).strip().upper().removesuffix(".0"))
    if found is None or (not found[1] and len(found[2]) == 3):
        return UNKNOWN
    letter, digits = found.groups()
    known = _places(edition)
    prefixes = [digits[:length] for length in range(len(digits), 1, -1)]
    section, place = next((known[prefix] for prefix in prefixes if prefix in known), ("", UNKNOWN))
    return place if letter in {"", section} else UNKNOWN


@functools.cache
def _places(edition: int) -> dict[str, tuple[str, int]]:
    positions = {code: place for place, code in enumerate(load_divisions().index)}
    if edition == 2017:
        return {code[1:]: (code[0], place) for code, place in positions.items()}
    check_edition(edition)
    table = read_table("industry/concordance.csv")
    rows = table[table["edition"] == edition].fillna({"division": ""})
    followed = zip(rows["code"], rows["division"], strict=True)
    return {code[1:]: (code[0], positions.get(division, DIVIDED)) for code, division in followed}


def check_edition(edition: object) -> None:
    """Refuse an edition of the standard that does not exist.

    Parameters
    ----------
    edition : object
        A year.

    Raises
    ------
    SpecificationError
        If it is none of 1994, 2002, 2011, 2017.

    Examples
    --------
    >>> check_edition(2011)
    """
    if edition not in EDITIONS:
        cure = f"choose one of {', '.join(map(str, EDITIONS))}"
        raise SpecificationError(f"there is no edition {edition} of GB/T 4754", cure=cure)
