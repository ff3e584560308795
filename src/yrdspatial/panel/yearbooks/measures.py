"""Units of measure: what a printed unit measures, and the factor from it to the unit of the panel."""

import functools
import re
import unicodedata
from dataclasses import dataclass

from yrdspatial.datasets import read_toml

SKIPPED = re.compile(r"[\s,，、]+")


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit: the text that was printed, what it measures, and how many of the base unit it is."""

    text: str
    dimension: str
    factor: float


def read_measure(text: str) -> Measure | None:
    """Return the unit that a text names.

    Parameters
    ----------
    text : str
        ``"万元"``, ``"（10 000 yuan）"``, ``"%"``.

    Returns
    -------
    Measure or None
        None when the text is no unit.

    Examples
    --------
    >>> read_measure("万元"), read_measure("10 000 persons").factor, read_measure("合肥")
    (Measure(text='万元', dimension='CNY', factor=10000.0), 10000.0, None)
    """
    return _read(unicodedata.normalize("NFKC", text)) if 0 < len(text) <= 60 else None


def panel_measure(unit: str) -> Measure | None:
    """Return the unit of a column of the panel.

    Parameters
    ----------
    unit : str
        As in ``columns.toml``: ``"100m CNY"``.

    Returns
    -------
    Measure or None
        None when ``measures.toml`` does not have it.

    Examples
    --------
    >>> panel_measure("100m CNY").factor
    100000000.0
    """
    found = _spellings()["panel"].get(unit)
    return Measure(unit, found[0], found[1]) if found else None


@functools.lru_cache(maxsize=4096)
def _read(text: str) -> Measure | None:
    shown = text.strip().strip("()[]:;。.").strip()
    key = SKIPPED.sub("", shown).casefold()
    whole, bases = _spellings()["whole"], _spellings()["bases"]
    if key in whole:
        return Measure(shown, *whole[key])
    for length in range(len(key)):
        multiple, base = _multiples().get(key[:length]), bases.get(key[length:])
        if multiple is not None and base is not None:
            return Measure(shown, base[0], multiple)
    return None


@functools.cache
def _multiples() -> dict[str, float]:
    found = read_toml("panels/yearbooks/measures.toml")["multiples"]
    return {unicodedata.normalize("NFKC", key): float(value) for key, value in found.items()}


@functools.cache
def _spellings() -> dict[str, dict[str, tuple[str, float]]]:
    table = read_toml("panels/yearbooks/measures.toml")

    def entries(name: str) -> dict[str, tuple[str, float]]:
        return {key: (entry["dimension"], float(entry["factor"])) for key, entry in table[name].items()}

    whole = {
        SKIPPED.sub("", unicodedata.normalize("NFKC", key)).casefold(): found
        for key, found in entries("whole").items()
    }
    bases = {name.casefold(): (base, 1.0) for base, names in table["bases"].items() for name in names}
    return {"whole": whole, "bases": bases, "panel": entries("panel")}
