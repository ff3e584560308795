"""What a row is about: one of the 41 cities, another city, a province, a total, or a name that nobody knows."""

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from yrdspatial.datasets import read_table
from yrdspatial.errors import AmbiguousUnitError, UnknownUnitError
from yrdspatial.geography.units import find_unit, load_units
from yrdspatial.panel.yearbooks.words import normal, words

Kind = Literal["unit", "ambiguous", "abolished", "province", "total", "other", "county"]
ABOLISHED = 341400
FOOTNOTES = re.compile(
    r"[\u00b9\u00b2\u00b3\u2070-\u2079\u2460-\u24ff\u2776-\u2793†‡*]+|[\[［〔(（]\s*[\d注]{1,3}\s*[\]］〕)）]"
)
PARTS = ("#", "其中", "of which", "Of which", "Of Which")
CODE = re.compile(r"\d{6}(?:0{6}|\.0)?")


@dataclass(frozen=True, slots=True)
class Place:
    """A name understood: its kind, and the code when it is one of the 41 (or 巢湖)."""

    kind: Kind
    code: int = 0
    english: bool = False


def find_place(cell: object) -> Place | None:
    """Return what place a cell names.

    Parameters
    ----------
    cell : object
        A name in any spelling, or a six-digit code.

    Returns
    -------
    Place or None
        None when the cell names no place that is known.

    Examples
    --------
    >>> find_place("  六 安 市"), find_place("江苏省").kind, find_place("Suzhou").kind, find_place("2-7")
    (Place(kind='unit', code=341500, english=False), 'province', 'ambiguous', None)
    """
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _numbered(cell)
    return _named(cell) if isinstance(cell, str) and 0 < len(cell) <= 60 else None


def in_province(name: str, province: str) -> int | None:
    """Return the unit that a name means inside a province.

    Parameters
    ----------
    name : str
        ``"Suzhou"``.
    province : str
        ``"安徽省"``, ``"Anhui"``; a Chinese name goes before the name, an English one too.

    Returns
    -------
    int or None
        None when the province does not settle it.

    Examples
    --------
    >>> in_province("Suzhou", "安徽省"), in_province("Suzhou", "Fujian")
    (341300, None)
    """
    english = dict(zip(load_units()["province_zh"], load_units()["province_en"], strict=True))
    heads = {value: value for value in english.values()} | english
    head = next((said for zh, said in heads.items() if key_of(zh)[:2] == key_of(province)[:2]), None)
    try:
        return find_unit(f"{head} {name.strip()}") if head else None
    except (AmbiguousUnitError, UnknownUnitError):
        return None


def key_of(name: str) -> str:
    """Return a name without footnote marks, spaces, width, case and punctuation.

    Parameters
    ----------
    name : str
        As printed.

    Returns
    -------
    str
        What names are compared by.

    Examples
    --------
    >>> key_of(" 合 肥 市①"), key_of("Ma'anshan")
    ('合肥市', 'maanshan')
    """
    return normal(FOOTNOTES.sub("", name))


def is_part(text: str) -> bool:
    """Return whether a name says "of which": ``#`` or 其中 in front of it.

    Parameters
    ----------
    text : str
        The name of a row or the title of a column.

    Returns
    -------
    bool
        True for a part of what stands before it.

    Examples
    --------
    >>> is_part(" ＃市辖区"), is_part("其中：制造业"), is_part("合肥市")
    (True, True, False)
    """
    return unicodedata.normalize("NFKC", text).strip().startswith(PARTS)


def _numbered(value: float) -> Place | None:
    if value != value or not float(value).is_integer() or not 100000 <= value <= 999999:  # noqa: PLR0124
        return None
    if int(value) == ABOLISHED:
        return Place("abolished", ABOLISHED)
    return Place("unit", int(value)) if int(value) in _codes() else None


@functools.lru_cache(maxsize=65536)
def _named(text: str) -> Place | None:
    key = key_of(text)
    if CODE.fullmatch(unicodedata.normalize("NFKC", text).strip()):
        return _numbered(float(key[:6]))
    if not key or key[0].isdigit() or is_part(text):
        return None
    chinese = "".join(letter for letter in key if not letter.isascii())
    if chinese and chinese != key:
        return _named(chinese)
    return Place("total") if key in words("totals") else _city(text, key)


def _city(text: str, key: str) -> Place | None:
    english = key.isascii()
    known = _others().get(key)
    if _spelling(text) not in _spellings():
        return Place(known, english=english) if known else None
    try:
        return Place("unit", find_unit(FOOTNOTES.sub("", text)), english)
    except AmbiguousUnitError:
        return Place("ambiguous", english=english)
    except UnknownUnitError:
        return Place("abolished", ABOLISHED, english)


@functools.cache
def _codes() -> frozenset[int]:
    return frozenset(load_units().index)


@functools.cache
def _spellings() -> frozenset[str]:
    return frozenset(_spelling(name) for name in read_table("shapes/unit_names.csv")["name"])


def _spelling(name: str) -> str:
    text = unicodedata.normalize("NFKD", FOOTNOTES.sub("", name)).casefold()
    return "".join(letter for letter in text if letter.isalnum())


@functools.cache
def _others() -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    levels: dict[str, Kind] = {
        "county": "county",
        "prefecture": "other",
        "municipality": "other",
        "province": "province",
    }
    table = read_table("shapes/other_places.csv")
    for level, kind in levels.items():
        rows = table[table["level"] == level]
        for name, english in zip(rows["name_zh"], rows["name_en"], strict=True):
            short = re.sub(r"(壮族|回族|维吾尔)?(省|自治区|市)$", "", name)
            for spelling in (name, short if len(short) > 1 else name, english):
                found[key_of(spelling)] = kind
            if level == "province":
                found |= {key_of(f"{english} Province"): kind}
    return found
