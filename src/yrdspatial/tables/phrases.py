"""The fixed words of a table in English and in Chinese."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from yrdspatial.errors import OutputError

Language: TypeAlias = Literal["en", "zh"]


@dataclass(frozen=True)
class Phrases:
    """What a table says in one language.

    Attributes
    ----------
    code : str
        The language as the web writes it.
    notes : str
        The word before the notes.
    brackets : str
        What stands in brackets.
    yes, no : str
        Truth values.
    continued : str
        After the title of a table that goes on.
    comma, stop, space : str
        Between the levels of a legend, at its end, between notes.
    """

    code: str
    notes: str
    brackets: str
    yes: str
    no: str
    continued: str
    comma: str
    stop: str
    space: str


PHRASES: dict[str, Phrases] = {
    "en": Phrases(
        "en", "Notes: ", "Standard errors in brackets.", "yes", "no", " (continued)", ", ", ".", " "
    ),
    "zh": Phrases("zh-Hans", "注：", "括号内为标准误。", "是", "否", "（续）", "，", "。", ""),
}


def phrases(lang: Language) -> Phrases:
    """Return the fixed words of a language.

    Parameters
    ----------
    lang : {"en", "zh"}
        The language.

    Returns
    -------
    Phrases
        Its words.

    Raises
    ------
    OutputError
        If there are no words of the language.

    Examples
    --------
    >>> phrases("zh").notes
    '注：'
    """
    if lang not in PHRASES:
        raise OutputError(f"tables do not speak {lang!r}", cure='use "en" or "zh"')
    return PHRASES[lang]


def joined(notes: Sequence[str], lang: Language) -> str:
    """Run the notes of a table into one line with the word before them.

    Parameters
    ----------
    notes : sequence of str
        Sentences.
    lang : {"en", "zh"}
        The language.

    Returns
    -------
    str
        The line, empty without notes.

    Examples
    --------
    >>> joined(["One.", "Two."], "en")
    'Notes: One. Two.'
    """
    words = phrases(lang)
    return words.notes + words.space.join(notes) if notes else ""
