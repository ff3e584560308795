"""Which column of the panel a printed title means: the dictionary, its synonyms, and what they need to fit."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from yrdspatial.datasets import read_toml
from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.yearbooks.labels import Label
from yrdspatial.panel.yearbooks.measures import Measure, panel_measure
from yrdspatial.panel.yearbooks.words import normal, words

INDICES = ("指数", "发展速度", "index", "indices")


@dataclass(frozen=True, slots=True)
class Synonym:
    """One way to print a column: its titles, and what the title of the table and the headings must and must not say."""

    column: str
    names: frozenset[str]
    context: tuple[str, ...]
    without: tuple[str, ...]
    elsewhere: tuple[str, ...]
    tables: tuple[str, ...]
    plus: float


@dataclass(frozen=True, slots=True)
class Match:
    """The column that a title means; ``unfit`` names the column that the title fits but the unit does not."""

    column: str = ""
    plus: float = 0.0
    unfit: str = ""


def find_column(path: Sequence[Label], title: str, number: str, measure: Measure | None) -> Match:
    """Return the column that a printed title means.

    Parameters
    ----------
    path : sequence of Label
        The header cells of the column from top to bottom.
    title, number : str
        Of the table.
    measure : Measure or None
        The printed unit.

    Returns
    -------
    Match
        Empty when the dictionary does not know the title.

    Examples
    --------
    >>> from yrdspatial.panel.yearbooks.labels import read_label
    >>> from yrdspatial.panel.yearbooks.measures import read_measure
    >>> find_column([read_label("户籍人口 Resident Population")], "人口数", "2-1", read_measure("万人")).column
    'population_registered'
    >>> find_column([read_label("第一产业")], "地区生产总值构成", "2-8", read_measure("%")).column
    'share_primary'
    """
    zh = [label.zh for label in path if label.zh]
    titles = zh or [label.en for label in path if label.en]
    keys = list(_candidates([normal(text) for text in titles]))
    headings = "|".join(normal(text) for label in path for text in (label.zh, label.en))
    said = (headings, f"{normal(title)}|{headings}")
    unfit = ""
    for key in keys or [normal(title)]:
        for synonym in _index().get(key, ()):
            if not _fits(synonym, said[measure is None], said[1], number):
                continue
            if _measures(synonym, measure, key):
                return Match(synonym.column, synonym.plus)
            unfit = unfit or synonym.column
    return Match(unfit=unfit)


def derivations() -> list[tuple[str, list[str], str]]:
    """Return what is derived from printed columns.

    Returns
    -------
    list of (column, columns that it needs, rule)
        As in ``synonyms.toml``.

    Examples
    --------
    >>> derivations()[0]
    ('va_primary', ['share_primary', 'gdp'], 'share')
    """
    entries = read_toml("panels/yrd/synonyms.toml")["derived"]
    return [(entry["column"], list(entry["from"]), entry["rule"]) for entry in entries]


@functools.cache
def unit_of(column: str) -> str:
    """Return the unit of a column of the panel.

    Parameters
    ----------
    column : str
        A column of the dictionary.

    Returns
    -------
    str
        As in ``columns.toml``.

    Examples
    --------
    >>> unit_of("gdp")
    '100m CNY'
    """
    return str(load_columns().loc[column, "unit"])


def _candidates(keys: list[str]) -> Iterator[str]:
    while keys and keys[-1] in words("generic"):
        keys = keys[:-1]
    if not keys:
        return
    yield keys[-1]
    for start in range(len(keys) - 2, -1, -1):
        yield "".join(keys[start:])
        yield "".join(reversed(keys[start:]))


def _fits(synonym: Synonym, headings: str, said: str, number: str) -> bool:
    if any(word in headings for word in synonym.without) or any(word in said for word in synonym.elsewhere):
        return False
    return not synonym.context or number in synonym.tables or any(word in said for word in synonym.context)


def _measures(synonym: Synonym, measure: Measure | None, key: str) -> bool:
    own = panel_measure(unit_of(synonym.column))
    if measure is None or own is None:
        return measure is None
    if own.dimension != "prev year=100":
        return own.dimension == measure.dimension
    percent = measure.dimension == "%" and (bool(synonym.plus) or any(word in key for word in INDICES))
    return percent or (measure.dimension == own.dimension and not synonym.plus)


@functools.cache
def _index() -> dict[str, tuple[Synonym, ...]]:
    found: dict[str, list[Synonym]] = {}
    for synonym in (*_own(), *_written()):
        for name in synonym.names:
            found.setdefault(name, []).append(synonym)
    return {name: tuple(synonyms) for name, synonyms in found.items()}


def _own() -> Iterator[Synonym]:
    columns = load_columns()
    for column, zh, en in zip(columns.index, columns["title_zh"], columns["title_en"], strict=True):
        names = frozenset({normal(str(column)), normal(zh), normal(en)})
        yield Synonym(str(column), names, (), (), (), (), 0.0)


def _written() -> Iterator[Synonym]:
    for entry in read_toml("panels/yrd/synonyms.toml")["synonyms"]:
        yield Synonym(
            column=entry["column"],
            names=frozenset(_normals([*entry["zh"], *entry.get("en", [])])),
            context=_normals(entry.get("context", [])),
            without=_normals(entry.get("without", [])),
            elsewhere=_normals(entry.get("elsewhere", [])),
            tables=tuple(entry.get("tables", [])),
            plus=float(entry.get("plus", 0.0)),
        )


def _normals(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(normal(text) for text in texts)
