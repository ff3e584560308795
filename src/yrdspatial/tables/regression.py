"""Models side by side: coefficients with stars, standard errors in brackets beneath, a foot of statistics."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pandas as pd

from yrdspatial.errors import OutputError
from yrdspatial.tables.cells import Figure, format_value
from yrdspatial.tables.phrases import Language, Phrases, phrases

Stars: TypeAlias = Sequence[tuple[float, str]]
Convention: TypeAlias = Literal["zh", "en"]
STARS = ((0.01, "***"), (0.05, "**"), (0.10, "*"))
CONVENTIONS: dict[str, Stars] = {"zh": STARS, "en": ((0.001, "***"), (0.01, "**"), (0.05, "*"))}


@dataclass(frozen=True)
class RegressionTable:
    """Models side by side, as text cells.

    Attributes
    ----------
    frame : pandas.DataFrame
        One column a model; a coefficient with its stars, and its standard error in brackets in the row beneath. Cells
        are texts; those of numbers (`Figure`) keep their value.
    rules : tuple of int
        Rows above which a thin rule belongs.
    notes : tuple of str
        The legend of the stars and of the brackets.
    """

    frame: pd.DataFrame
    rules: tuple[int, ...]
    notes: tuple[str, ...]


def regression_table(
    blocks: Mapping[str, Mapping[str, pd.DataFrame]],
    *,
    footer: pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
    order: Sequence[str] = (),
    digits: int = 3,
    stars: Convention | Stars = "zh",
    lang: Language = "en",
) -> RegressionTable:
    """Lay models side by side: coefficients with stars, standard errors in brackets beneath.

    Parameters
    ----------
    blocks : mapping of str to mapping of str to pandas.DataFrame
        Title of a block (``""`` prints none), then model, then its terms: indexed by term, columns estimate,
        std_error, pvalue. Blocks may be coefficients, direct effects, indirect effects and so on.
    footer : pandas.DataFrame, optional
        Rows for the foot (effects, observations, log-likelihood), one column a model; whole numbers are printed
        without decimals, whatever the type of the column.
    labels : mapping of str to str, optional
        What to print for a term.
    order : sequence of str
        Terms that come first, in this order; the others follow as they are first seen.
    digits : int
        Decimals.
    stars : {"zh", "en"} or sequence of (float, str)
        Levels from the smallest up, each with its mark; none for no stars. "zh" is the custom of Chinese journals (10,
        5, 1 %), "en" that of many English ones (5, 1, 0.1 %); the legend states the levels in either case.
    lang : {"en", "zh"}
        Language of the legend.

    Returns
    -------
    RegressionTable
        Frame, rules and notes, ready for `write_table` and `table_html`.

    Raises
    ------
    OutputError
        If there is no such convention.

    Examples
    --------
    >>> terms = pd.DataFrame({"estimate": [0.24], "std_error": [0.06], "pvalue": [0.0001]}, index=["rho"])
    >>> regression_table({"": {"contiguity": terms}}, labels={"rho": "ρ"}).frame["contiguity"].tolist()
    ['0.240***', '(0.060)']
    """
    if isinstance(stars, str) and stars not in CONVENTIONS:
        raise OutputError(f"no stars are known as {stars!r}", cure='use "zh", "en", or levels of your own')
    levels = CONVENTIONS[stars] if isinstance(stars, str) else stars
    models = list(dict.fromkeys(model for block in blocks.values() for model in block))
    names = labels or {}
    index: list[str] = []
    rows: list[list[str]] = []
    rules: list[int] = []
    for title, block in blocks.items():
        rules += [len(rows)] if rows else []
        if title:
            index.append(title)
            rows.append([""] * len(models))
        seen = dict.fromkeys(term for table in block.values() for term in table.index)
        for term in dict.fromkeys([*(term for term in order if term in seen), *seen]):
            cells = [_coefficient(block.get(model), term, digits, levels) for model in models]
            index += [names.get(term, term), ""]
            rows += [list(line) for line in zip(*cells, strict=True)]
    if footer is not None:
        rules.append(len(rows))
        index += [str(name) for name in footer.index]
        rows += [list(row) for row in zip(*(_foot(footer, model, digits) for model in models), strict=True)]
    frame = pd.DataFrame(rows, index=pd.Index(index, name=""), columns=models, dtype=object)
    return RegressionTable(frame, tuple(rules), _legend(levels, phrases(lang)))


def _coefficient(table: pd.DataFrame | None, term: str, digits: int, stars: Stars) -> tuple[str, str]:
    if table is None or term not in table.index:
        return "", ""
    estimate, std_error, pvalue = (float(table[name][term]) for name in ("estimate", "std_error", "pvalue"))
    mark = next((mark for level, mark in stars if pvalue < level), "")
    shown, spread = (format_value(number, f".{digits}f") for number in (estimate, std_error))
    return Figure(f"{shown}{mark}", estimate), Figure(f"({spread})", std_error)


def _foot(footer: pd.DataFrame, model: str, digits: int) -> list[str]:
    if model not in footer.columns:
        return [""] * len(footer)
    return [_foot_cell(value, digits) for value in footer[model].tolist()]


def _foot_cell(value: Any, digits: int) -> str:
    if not isinstance(value, float):
        return format_value(value)
    text = format_value(value, f".{0 if value.is_integer() else digits}f")
    return Figure(text, value) if math.isfinite(value) else text


def _legend(stars: Stars, words: Phrases) -> tuple[str, ...]:
    if not stars:
        return (words.brackets,)
    levels = words.comma.join(f"{mark} p < {_level(level)}" for level, mark in reversed(stars))
    return (words.brackets, levels + words.stop)


def _level(level: float) -> str:
    return f"{level:.2f}" if round(level, 2) == level else f"{level:g}"
