"""What the report and its figures say, in the language the reader asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
        The English sentence with named places, as of `str.format`; a literal, so that it can be found.
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
    return template.format(**values)
