"""One cell to one number: full width, spaces, thousands marks, minus signs, fractions, percent, footnotes, marks."""

import datetime
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from yrdspatial.panel.yearbooks.profiles import mark_key

Cell = str | float | int | bool | datetime.date | datetime.time | datetime.timedelta

FOOTNOTE_SIGNS = re.compile(
    r"[\u00b9\u00b2\u00b3\u2070-\u2079\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf†‡]+"
)
FOOTNOTE_TAIL = re.compile(r"(?<=[\d%])\s*(?:\[\s*\d{1,2}\s*\]|〔\d{1,2}〕|【\d{1,2}】|\*{1,3}|\d?\)(?=$))$")
MINUS = str.maketrans(dict.fromkeys("−‐‑‒–﹣", "-"))
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?")
FRACTION = re.compile(r"([+-]?\d+)/(\d+)")
SPACED = re.compile(r"(?<=[\d.,/+-])[ \u00a0\u3000\t]+(?=[\d.,/%])")
LOOKALIKE = re.compile(r"[\dOoIlSB|]*\d[\dOoIlSB|,.]*|[OoIl|]+")
TEXTS = {
    "below_unit": "a figure below half the unit, taken as 0",
    "unknown": "not known, or there is none",
    "none": "there is no such thing",
    "see_note": "the figure stands in a note",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell read: the value (NaN for none), printed decimals, a flag, what is wrong, and whether it said percent."""

    value: float = math.nan
    decimals: int = 0
    flag: str = ""
    wrong: str = ""
    percent: bool = False


def read_cell(cell: Cell, marks: Mapping[str, str]) -> Reading:
    """Read one cell as a number.

    Parameters
    ----------
    cell : str, number, date or bool
        As it stands in the sheet.
    marks : mapping of str to str
        Meaning of each mark, by :func:`~yrdspatial.panel.yearbooks.profiles.mark_key`.

    Returns
    -------
    Reading
        What is not a number or a known mark has ``wrong``; nothing is guessed.

    Examples
    --------
    >>> read_cell("１，２３４．５", {}).value, read_cell("−0.3", {}).value, read_cell("135OOO", {}).wrong
    (1234.5, -0.3, 'letters stand among the digits, as after scanning')
    >>> read_cell("…", {"...": "below_unit"}).flag
    'below_unit: "…", a figure below half the unit, taken as 0'
    """
    if isinstance(cell, bool):
        return _unread(str(cell), "a truth value stands where a number should")
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, str):
        return _text(cell, marks)
    return _unread(str(cell), "a date or time stands where a number should")


def decimals_of(value: float) -> int:
    """Return how many decimals a number has, at most 6.

    Parameters
    ----------
    value : float
        A finite number.

    Returns
    -------
    int
        0 for whole numbers.

    Examples
    --------
    >>> decimals_of(3.8499999999999996), decimals_of(36103.0)
    (2, 0)
    """
    exponent = Decimal(f"{value:.12g}").normalize().as_tuple().exponent
    return min(max(0, -exponent), 6) if isinstance(exponent, int) else 0


def _number(value: float) -> Reading:
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        return _unread(str(value), "not a finite number")
    return Reading(value, decimals_of(value))


def _text(raw: str, marks: Mapping[str, str]) -> Reading:
    shown = raw.strip()
    footnote = bool(shown) and not FOOTNOTE_SIGNS.sub("", shown)
    meaning = "see_note" if footnote else marks.get(mark_key(raw))
    if meaning is not None:
        value = 0.0 if meaning == "below_unit" else math.nan
        said = f'"{shown}"' if shown else "blank"
        return Reading(value, flag=f"{meaning}: {said}, {TEXTS[meaning]}")
    if not shown:
        return Reading(flag=f"unknown: blank, {TEXTS['unknown']}")
    return _written(shown)


def _written(shown: str) -> Reading:
    unsigned = FOOTNOTE_SIGNS.sub("", shown)
    text = unicodedata.normalize("NFKC", unsigned).translate(MINUS).strip()
    bare = text if PLAIN.fullmatch(text) else FOOTNOTE_TAIL.sub("", text).strip()
    closed = bare if "\n" in bare else SPACED.sub("", bare)
    reading = _figure(closed.rstrip("%").strip(), shown)
    said = ["a footnote mark was taken off"] * (unsigned != shown or bare != text)
    said += ["spaces inside the number were closed"] * (closed != bare)
    if reading.wrong or not (said or closed.endswith("%")):
        return reading
    flags = [reading.flag] * bool(reading.flag) + [f'note: "{shown}", {" and ".join(said)}'] * bool(said)
    return Reading(reading.value, reading.decimals, "; ".join(flags), percent=closed.endswith("%"))


def _figure(text: str, shown: str) -> Reading:
    plain = text.replace(",", "") if GROUPED.fullmatch(text) else text
    if PLAIN.fullmatch(plain.casefold()):
        value = float(plain)
        if not math.isfinite(value):
            return _unread(shown, "not a finite number")
        places = len(plain.partition(".")[2]) if "e" not in plain.casefold() else decimals_of(value)
        return Reading(value, min(places, 6))
    fraction = FRACTION.fullmatch(text)
    if fraction and int(fraction[2]):
        return Reading(int(fraction[1]) / int(fraction[2]), 6, f'note: "{shown}" is printed as a fraction')
    if LOOKALIKE.fullmatch(text) and re.search(r"[A-Za-z|]", text):
        return _unread(shown, "letters stand among the digits, as after scanning")
    return _unread(shown, "not a number, and not a mark of the source profile")


def _unread(shown: str, wrong: str) -> Reading:
    return Reading(flag=f'unread: "{shown[:40]}"', wrong=wrong)
