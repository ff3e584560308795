"""What the marks of a yearbook mean and which units it uses without printing them: one profile a book."""

import functools
import unicodedata
from dataclasses import dataclass

from yrdspatial.datasets import read_toml
from yrdspatial.errors import DataError

DEFAULT = "ccsy"


@dataclass(frozen=True, slots=True)
class Profile:
    """One book: title, meanings of marks, usual units by column, how its tables of county-level cities are told."""

    name: str
    title: str
    marks: dict[str, str]
    usual_units: dict[str, str]
    county_tables: tuple[str, ...]
    county_words: tuple[str, ...]


def mark_key(text: str) -> str:
    """Return a mark without width, case and surrounding spaces.

    Parameters
    ----------
    text : str
        The text of a cell.

    Returns
    -------
    str
        What marks are compared by.

    Examples
    --------
    >>> mark_key(" － ")
    '-'
    """
    return unicodedata.normalize("NFKC", text).strip().casefold()


@functools.cache
def load_profile(name: str | None = None) -> Profile:
    """Load the profile of a book.

    Parameters
    ----------
    name : str, optional
        A name of ``panels/yearbooks/profiles.toml``; the China City Statistical Yearbook when left out.

    Returns
    -------
    Profile
        What the book's marks mean.

    Raises
    ------
    DataError
        If there is no such profile.

    Examples
    --------
    >>> load_profile().marks["..."], load_profile("provincial").marks["-"]
    ('below_unit', 'none')
    """
    known = read_toml("panels/yearbooks/profiles.toml")["profiles"]
    if (name or DEFAULT) not in known:
        raise DataError(
            "there is no such source profile", where=str(name), cure=f"say one of {', '.join(known)}"
        )
    found = known[name or DEFAULT]
    marks = {mark_key(mark): meaning for meaning, texts in found["marks"].items() for mark in texts}
    return Profile(
        name=name or DEFAULT,
        title=found["title"],
        marks=marks,
        usual_units=dict(found["usual_units"]),
        county_tables=tuple(found["county_tables"]),
        county_words=tuple(found["county_words"]),
    )
