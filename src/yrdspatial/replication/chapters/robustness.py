"""Tables of the Durbin models under other weights, windows and samples, in the layout that papers print."""

import re

from yrdspatial.models.comparison_table import ComparisonTable
from yrdspatial.replication.chapters.naming import name
from yrdspatial.replication.chapters.sensitivity_tables import word
from yrdspatial.replication.chapters.wording import title
from yrdspatial.replication.exhibits import Chapter, Exhibit
from yrdspatial.replication.robustness import Robustness
from yrdspatial.report.html import Paragraph
from yrdspatial.tables.speech import say

VARIABLE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
SHOWN = ("weights", "windows", "samples")


def robustness_chapter(robustness: Robustness) -> Chapter:
    """Print the models behind the sensitivity of the answers.

    Parameters
    ----------
    robustness : Robustness
        Models by strand and what is varied.

    Returns
    -------
    Chapter
        A table a strand and choice, and all numbers as a file.
    """
    tables = [
        robustness_table(key, caption_of(*key), table)
        for key, table in robustness.tables.items()
        if key[1] in SHOWN
    ]
    return Chapter(
        "robustness",
        say("Robustness tables"),
        [
            Paragraph(
                say(
                    "One choice is varied at a time; the first column of a family of weights is the main model. "
                    "Without Shanghai or the four capitals the weights are row-standardized again among the cities "
                    "that are left."
                )
            ),
            *tables,
            Exhibit("robustness-all", robustness.numbers, say("Every number of these models."), long=True),
        ],
    )


def caption_of(strand: str, group: str) -> str:
    """Say what a table shows.

    Parameters
    ----------
    strand : str
        Name of the strand.
    group : str
        What is varied.

    Returns
    -------
    str
        Its caption.

    Examples
    --------
    >>> caption_of("employment", "windows")
    'Durbin model of manufacturing employment in other windows.'
    """
    match group:
        case "weights":
            return say("Durbin model of {strand} under other weights.", strand=name(strand))
        case "windows":
            return say("Durbin model of {strand} in other windows.", strand=name(strand))
        case _:
            return say("Durbin model of {strand} without the largest cities.", strand=name(strand))


def robustness_table(key: tuple[str, str], caption: str, table: ComparisonTable) -> Exhibit:
    """Print models side by side, with terms in words.

    Parameters
    ----------
    key : tuple of str
        Strand, and what is varied.
    caption : str
        What it shows.
    table : ComparisonTable
        The models.

    Returns
    -------
    Exhibit
        Three-line table.
    """
    frame = table.to_frame()
    frame.index = frame.index.map(row_of)
    stem = "-".join(part.replace(" ", "-") for part in key)
    notes = [with_titles(note) for note in table.table.notes]
    return Exhibit(f"robustness-{stem}", frame, caption, notes=notes, rules=table.table.rules)


def with_titles(note: str) -> str:
    """Say the variables that a note names in words.

    Parameters
    ----------
    note : str
        A note of a table of models.

    Returns
    -------
    str
        The note.

    Examples
    --------
    >>> with_titles("Controls: log_wage, fiscal_gdp.")
    'Controls: ln wage, fiscal expenditure/GDP.'
    """
    return VARIABLE.sub(lambda match: title(match[0]), note)


def head_of(head: str) -> str:
    """Say the head of a column.

    Parameters
    ----------
    head : str
        Weights, and a variant after a comma.

    Returns
    -------
    str
        In words.

    Examples
    --------
    >>> head_of("rail, no Shanghai")
    'rail of the year, without Shanghai'
    """
    return say(", ").join(word(part) for part in head.split(", "))


def row_of(label: str) -> str:
    """Say the label of a row: a term, its lag, or a word of the foot.

    Parameters
    ----------
    label : str
        As the table has it.

    Returns
    -------
    str
        In words.

    Examples
    --------
    >>> row_of("W×log_gdp_head"), row_of("ρ")
    ('W × ln GDP per head', 'ρ')
    """
    return name(label.replace("W×", "W_"))
