"""What the report and its figures say, in the language the reader asked for.

English is written in the code; ``chinese.toml`` beside this file holds the Chinese, one line a sentence.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

from yrdspatial.tables.phrases import Language, phrases

LANGUAGE: ContextVar[Language] = ContextVar("language", default="en")


@contextmanager
def speaking(lang: Language) -> Iterator[None]:
    """Say everything inside the block in one language.

    Parameters
    ----------
    lang : {"en", "zh"}
        The language.

    Examples
    --------
    >>> with speaking("en"):
    ...     say("{count} cities", count=41)
    '41 cities'
    """
    phrases(lang)
    token = LANGUAGE.set(lang)
    try:
        yield
    finally:
        LANGUAGE.reset(token)


def say(template: str, /, **values: object) -> str:
    """Say a sentence with its values filled in.

    Parameters
    ----------
    template : str
        The English sentence with named places, as of `str.format`; a literal or a constant of the module, so that a
        test finds it and asks for its Chinese.
    **values
        What stands in the places.

    Returns
    -------
    str
        The sentence.

    Examples
    --------
    >>> say("From {a:.0f} to {b:.0f} minutes.", a=120.4, b=61.2)
    'From 120 to 61 minutes.'
    """
    return term(template).format(**values)


def term(text: str) -> str:
    """Say a word of the data, such as the name of a column or a verdict, as it is when the catalogue lacks it.

    A sentence that was made elsewhere, with its values in it, is known by the patterns of the catalogue.

    Parameters
    ----------
    text : str
        The word.

    Returns
    -------
    str
        The word in the language of the block.

    Examples
    --------
    >>> with speaking("zh"):
    ...     term("year"), term("AIC"), term("employment, without 2015")
    ('年份', 'AIC', '就业，剔除2015年')
    """
    if LANGUAGE.get() == "en":
        return text
    if text in catalogue():
        return catalogue()[text]
    for pattern, chinese in patterns():
        if match := pattern.fullmatch(text):
            return chinese.format(**{name: term(part) for name, part in match.groupdict().items()})
    return text


def listed(words: Iterable[str]) -> str:
    """Say a list.

    Parameters
    ----------
    words : iterable of str
        What is listed.

    Returns
    -------
    str
        The words with the commas of the language.

    Examples
    --------
    >>> listed(["2008", "2016"])
    '2008, 2016'
    """
    return say(", ").join(words)


@cache
def catalogue() -> dict[str, str]:
    """Read the catalogue.

    Returns
    -------
    dict of str to str
        From the English template or word to the Chinese one.

    Examples
    --------
    >>> catalogue()["Section {number}"]
    '第{number}节'
    """
    return {
        english: chinese
        for name, part in parts().items()
        if name != "patterns"
        for english, chinese in part.items()
    }


@cache
def patterns() -> list[tuple[re.Pattern[str], str]]:
    """Read the patterns of the catalogue.

    Returns
    -------
    list of (Pattern, str)
        How an English sentence looks with its values, each a named group; the Chinese template.

    Examples
    --------
    >>> all("{" in chinese for _, chinese in patterns())
    True
    """
    return [
        (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english))), chinese)
        for english, chinese in parts()["patterns"].items()
    ]


@cache
def parts() -> dict[str, dict[str, str]]:
    """Read the tables of the catalogue.

    Returns
    -------
    dict of str to dict
        From English to Chinese, by table.

    Examples
    --------
    >>> parts()["report"]["Contents"]
    '目录'
    """
    return tomllib.loads((files("yrdspatial.tables") / "chinese.toml").read_text("utf-8"))
