"""The specification curve: every combination of choices in one call, none dropped, stopped and resumed at will."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.choice.choices import DIMENSIONS, Choices, SampleRule
from yrdspatial.choice.curve_task import NUMBERS, Block, Source, Wanted, estimate_block
from yrdspatial.choice.summary import summarize_curve
from yrdspatial.errors import AlignmentError
from yrdspatial.execution.journal import resumed
from yrdspatial.execution.tasks import map_tasks
from yrdspatial.panel.panel import Panel
from yrdspatial.tables.files import write_file
from yrdspatial.tables.printed import PrintedTable
from yrdspatial.tables.speech import say

BLOCK = 25
"""At most so many specifications are estimated before they are kept."""
WINDOW = "window"
JOURNAL = "specification_curve"


@dataclass(frozen=True)
class SpecificationCurve:
    """One effect under every combination of choices.

    Attributes
    ----------
    table : DataFrame
        One row a specification, none left out, index specification from 1: columns outcome, model, weights, sample,
        controls, effects, bias, cov_type, estimate, std_error, zstat, pvalue, lower, upper, units, periods, warnings,
        reason. Where a specification could not be estimated the numbers are NaN and the reason says why.
    term, effect : str
        What was read off each model.
    """

    table: pd.DataFrame
    term: str
    effect: str

    def __repr__(self) -> str:
        done = int(self.table["estimate"].notna().sum())
        return f"<SpecificationCurve of {self.effect} of {self.term}: {done} of {len(self.table)} estimated>"

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Shares of sign and of significance at 5 %, over all and by choice; see ``summarize_curve``."""
        return summarize_curve(self.table)

    @property
    def refused(self) -> "pd.Series[int]":
        """How many specifications could not be estimated, by reason."""
        reasons = self.table.loc[self.table["estimate"].isna(), "reason"]
        return reasons.value_counts(sort=False)

    def printed(self, title: str | None = None) -> PrintedTable:
        """Return the summary as every writer of tables takes it.

        Parameters
        ----------
        title : str, optional
            Stands above.

        Returns
        -------
        PrintedTable
            The summary with a note on what was left without an estimate.
        """
        failed = int(self.table["estimate"].isna().sum())
        what = say(
            "{effect} of {term} in {count} specifications",
            effect=self.effect,
            term=self.term,
            count=len(self.table),
        )
        notes = [say("Shares are those of the specifications that could be estimated; significant at 5 %.")]
        if failed:
            notes.append(
                say("{count} specifications could not be estimated; the table of all says why.", count=failed)
            )
        rules = self.summary.index[self.summary["dimension"] != self.summary["dimension"].shift()][1:]
        return PrintedTable(self.summary, title or what, notes, rules=list(rules))

    def to_csv(self, path: str | Path) -> Path:
        """Write the table of all specifications.

        Parameters
        ----------
        path : str or Path
            Where; missing folders are made.

        Returns
        -------
        Path
            The file: numbers to their last digit, so that the same curve gives the same bytes.
        """
        return write_file(path, self.table.to_csv(lineterminator="\n"))


def specification_curve(
    data: Panel | pd.DataFrame,
    choices: Choices,
    *,
    term: str,
    effect: str = "indirect",
    workers: int | str = 1,
    folder: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SpecificationCurve:
    """Estimate every combination of choices.

    Parameters
    ----------
    data : Panel or DataFrame
        Indexed (unit, time); or by unit alone. Rows of a sample must be balanced and complete; a specification whose
        rows are not says so in its row.
    choices : Choices
        Outcomes, models, weights, samples, controls, effects, bias corrections and kinds of standard errors.
    term : str
        The term of interest, in every formula.
    effect : str
        "direct", "indirect" or "total" effect of the term, "coefficient" of the term, or a parameter such as "rho".
    workers : int or str
        Processes, or the address of a Dask cluster; the numbers do not depend on them.
    folder : str or Path, optional
        Where finished blocks are kept: a run that was stopped goes on from there and gives the same table to the bit.
        Blocks are known by their data, weights and choices, so that a folder never answers for other data.
    progress : callable, optional
        Called with the numbers of finished and of all blocks.

    Returns
    -------
    SpecificationCurve
        ``.table``, ``.summary``; drawn by ``yrdspatial.report.curves.curve_plot``.

    Notes
    -----
    Standard errors of effects are those of the delta method, so that nothing is random. The specifications are not
    independent: a share of significant ones is a description, not a test; see ``curve_test`` for one.

    References
    ----------
    Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208-1214; Steegen, Tuerlinckx, Gelman and
    Vanpaemel (2016), Perspectives on Psychological Science 11, 702-712.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> units, years = [f"u{i:02d}" for i in range(20)], range(2001, 2007)
    >>> near, far = ((np.roll(np.eye(20), s, 1) + np.roll(np.eye(20), -s, 1)) / 2 for s in (1, 4))
    >>> x, z = rng.normal(size=(2, 20, 6))
    >>> y = np.linalg.solve(np.eye(20) - 0.6 * near, x + 0.5 * rng.normal(size=(20, 6)))
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel(), "z": z.ravel()}, index)
    >>> choices = Choices(
    ...     outcomes={"y": "y ~ x"},
    ...     weights={"near": pd.DataFrame(near, units, units), "far": pd.DataFrame(far, units, units)},
    ...     models=("OLS", "SAR", "SDM"),
    ...     controls={"none": (), "z": ("z",)},
    ...     effects=("unit", "twoways"),
    ... )
    >>> curve = specification_curve(data, choices, term="x", effect="total")
    >>> curve
    <SpecificationCurve of total of x: 20 of 20 estimated>
    >>> curve.summary.loc[0, ["specifications", "positive", "significant_positive"]].tolist()
    [20.0, 1.0, 1.0]
    """
    source, blocks = read_source(data, choices, term, effect)
    work = partial(estimate_block, source)
    if folder is None:
        rows = map_tasks(work, blocks, workers=workers, progress=progress, name=JOURNAL)
    else:
        rows = resumed(work, blocks, folder, key=source.key, workers=workers, progress=progress, name=JOURNAL)
    numbers = pd.DataFrame([row for block in rows for row in block]).set_index("number").sort_index()
    numbers[list(NUMBERS)] = numbers[list(NUMBERS)].astype(np.float64)
    numbers[["units", "periods"]] = numbers[["units", "periods"]].astype("Int64")
    return SpecificationCurve(choices.table().join(numbers), term, effect)


def read_source(
    data: Panel | pd.DataFrame, choices: Choices, term: str, effect: str
) -> tuple[Source, list[Block]]:
    """Read the rows of every sample, and cut the specifications into blocks.

    Parameters
    ----------
    data : Panel or DataFrame
        All rows.
    choices : Choices
        What is varied.
    term, effect : str
        What is read off each model.

    Returns
    -------
    source : Source
        Rows and weights.
    blocks : list of Block
        All specifications.
    """
    frame = _frame(data)
    frames = {name: rows_of(frame, rule, name) for name, rule in choices.samples.items()}
    return Source(frames, choices.weights, term, effect), list(_blocks(choices, choices.table()))


def _blocks(choices: Choices, listed: pd.DataFrame) -> Iterator[Block]:
    for _, part in listed.groupby(["sample", "weights"], sort=False):
        wanted = [
            Wanted(
                int(str(number)),
                one["model"],
                choices.formula_of(one["outcome"], one["controls"]),
                choices.effects_of(one["effects"]),
                one["bias"],
                one["cov_type"],
            )
            for number, one in part[list(DIMENSIONS)].to_dict("index").items()
        ]
        sample, weights = part[["sample", "weights"]].iloc[0]
        for start in range(0, len(wanted), BLOCK):
            yield Block(sample, weights, tuple(wanted[start : start + BLOCK]))


def _frame(data: Panel | pd.DataFrame) -> pd.DataFrame:
    # A Panel makes the column of its windows.
    if not isinstance(data, Panel):
        return data
    return data.frame if WINDOW in data.frame else data.frame.assign(window=data.windows("models"))


def rows_of(frame: pd.DataFrame, rule: SampleRule, name: str) -> pd.DataFrame:
    """Choose the rows of a sample.

    Parameters
    ----------
    frame : DataFrame
        All rows.
    rule : callable, Series of bool, or None
        Which rows.
    name : str
        Name of the sample, for messages.

    Returns
    -------
    DataFrame
        The rows.

    Raises
    ------
    AlignmentError
        If the rule does not give one truth value a row, or no row is left.

    Examples
    --------
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 3.0]}, index=list("abc"))
    >>> rows_of(frame, lambda table: table["y"] > 1, "large").index.tolist()
    ['b', 'c']
    """
    if rule is None:
        return frame
    kept: Any = rule(frame) if callable(rule) else rule
    if isinstance(kept, pd.Series):
        kept = kept.reindex(frame.index)
    mask = np.asarray(kept)
    if mask.shape != (len(frame),) or not np.isin(mask, [True, False]).all():
        cure = "return one True or False for each row of the data"
        raise AlignmentError("a sample does not say which rows it has", where=name, cure=cure)
    if not mask.any():
        raise AlignmentError("a sample has no row", where=name, cure="choose other years or units")
    return frame[mask.astype(bool)]
