"""What the report and its figures say, in the language the reader asked for.

English is written in the code; ``chinese.toml`` beside this file holds the Chinese, one line a sentence.
"""

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
    ...     term("year"), term("AIC")
    ('年份', 'AIC')
    """
    return catalogue().get(text, text) if LANGUAGE.get() == "zh" else text


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
    '第 {number} 节'
    """
    text = (files("yrdspatial.tables") / "chinese.toml").read_text("utf-8")
    return {english: chinese for part in tomllib.loads(text).values() for english, chinese in part.items()}
