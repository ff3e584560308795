"""The words by which the parts of a printed table are told, and how titles are compared."""

import functools
import unicodedata
from typing import Literal

from yrdspatial.datasets import read_toml

Scope = Literal["total", "districts"]
Kind = Literal["names", "numbers", "years", "totals", "generic"]


def normal(text: str) -> str:
    """Return a title without width, case, spaces and punctuation.

    Parameters
    ----------
    text : str
        A title.

    Returns
    -------
    str
        What titles are compared by.

    Examples
    --------
    >>> normal("地区生产总值（当年价格）"), normal("Value-added of GRP")
    ('地区生产总值当年价格', 'valueaddedofgrp')
    """
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


@functools.cache
def words(kind: Kind) -> frozenset[str]:
    """Return the words of one kind, as :func:`normal` makes them.

    Parameters
    ----------
    kind : {"names", "numbers", "years", "totals", "generic"}
        A list of ``panels/yearbooks/words.toml``.

    Returns
    -------
    frozenset of str
        For comparison with normal titles.

    Examples
    --------
    >>> normal("城 市") in words("names")
    True
    """
    return frozenset(map(normal, read_toml("panels/yearbooks/words.toml")[kind]))


def scope_of(text: str) -> Scope | None:
    """Return the scope that a text names: the whole city or its districts.

    Parameters
    ----------
    text : str
        A header cell or part of one.

    Returns
    -------
    {"total", "districts"} or None
        None when it says something else.

    Examples
    --------
    >>> scope_of("全 市"), scope_of("Districts under City"), scope_of("GDP")
    ('total', 'districts', None)
    """
    return _scopes().get(normal(text))


@functools.cache
def _scopes() -> dict[str, Scope]:
    lists = read_toml("panels/yearbooks/words.toml")
    total: dict[str, Scope] = dict.fromkeys(map(normal, lists["total_city"]), "total")
    return total | dict.fromkeys(map(normal, lists["districts"]), "districts")
