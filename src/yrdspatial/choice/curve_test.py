"""A joint test of a specification curve: what would all specifications say together if the term meant nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from yrdspatial.choice.choices import Choices
from yrdspatial.choice.curve import read_source
from yrdspatial.choice.curve_task import Block, Source, estimate_block
from yrdspatial.errors import SpecificationError
from yrdspatial.execution.journal import resumed
from yrdspatial.execution.seeds import task_seeds
from yrdspatial.execution.tasks import map_tasks
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.panel import Panel

ALPHA = 0.05
STATISTICS = ("median", "significant", "stouffer")
"""|median estimate|; the larger share of significant estimates of one sign; |sum of z| over the root of its terms."""


@dataclass(frozen=True)
class CurveTest:
    """The joint test of a curve.

    Attributes
    ----------
    table : DataFrame
        Columns statistic, observed, median_drawn, pvalue.
    drawn : DataFrame
        One row a permutation, one column a statistic.
    """

    table: pd.DataFrame
    drawn: pd.DataFrame


def curve_test(
    data: Panel | pd.DataFrame,
    choices: Choices,
    *,
    term: str,
    effect: str = "indirect",
    permutations: int = 500,
    seed: int,
    workers: int | str = 1,
    folder: str | Path | None = None,
) -> CurveTest:
    """Estimate the whole curve again with the term's paths dealt anew among the units.

    Parameters
    ----------
    data : Panel or DataFrame
        Indexed (unit, time); or by unit alone.
    choices : Choices
        As of :func:`yrdspatial.specification_curve`.
    term : str
        The term of interest, a column of the data.
    effect : str
        What is read off each model.
    permutations : int
        How often.
    seed : int
        Seed of the permutations.
    workers : int or str
        Processes, or the address of a Dask cluster; the numbers do not depend on them.
    folder : str or Path, optional
        Where finished permutations are kept, as in the curve.

    Returns
    -------
    CurveTest
        For the median, the share of significant estimates and the sum of z: the share of permutations, the data among
        them, that are as extreme.

    Raises
    ------
    SpecificationError
        If the term is no column of the data.

    Notes
    -----
    Every unit gets the whole path of the term of another unit, so that its course over time stays; y, the controls and
    the weights stay where they are. That is the null of a term that means nothing and belongs to no place: a term that
    is itself clustered in space, or goes with the controls, is not exchangeable, and the test is then approximate.

    References
    ----------
    Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208-1214.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> units, years = [f"u{i:02d}" for i in range(12)], range(2001, 2005)
    >>> ring = (np.roll(np.eye(12), 1, 1) + np.roll(np.eye(12), -1, 1)) / 2
    >>> x, e = rng.normal(size=(2, 12, 4))
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> data = pd.DataFrame({"y": (x + 0.3 * e).ravel(), "x": x.ravel()}, index)
    >>> choices = Choices({"y": "y ~ x"}, {"ring": pd.DataFrame(ring, units, units)}, models=("SLX", "SAR"))
    >>> test = curve_test(data, choices, term="x", effect="direct", permutations=19, seed=1)
    >>> test.table.set_index("statistic").loc[["median"], "pvalue"].to_dict()
    {'median': 0.05}
    """
    source, blocks = read_source(data, choices, term, effect)
    full = data.frame if isinstance(data, Panel) else data
    if term not in full:
        cure = "give the term as a column of the data"
        raise SpecificationError(f"{term} is no column", where="curve_test", cure=cure)
    wide = full[term].unstack() if full.index.nlevels > 1 else full[[term]]
    work = partial(permuted, source, wide, blocks)
    seeds = [int(one.generate_state(1, np.uint64)[0]) for one in task_seeds(seed, permutations)]
    if folder is None:
        rows = map_tasks(work, seeds, workers=workers, name="curve_test")
    else:
        keys = ".".join(source.key(block) for block in blocks)
        name = partial(_key, keys)
        rows = resumed(work, seeds, folder, key=name, workers=workers, name="curve_test")
    observed = statistics_of(source, blocks)
    drawn = pd.DataFrame(rows, columns=list(STATISTICS), dtype=np.float64)
    extreme = (drawn.to_numpy() >= np.asarray(observed) - 1e-12).sum(axis=0)
    table = pd.DataFrame(
        {
            "statistic": STATISTICS,
            "observed": observed,
            "median_drawn": drawn.median().to_numpy(),
            "pvalue": (1.0 + extreme) / (1.0 + permutations),
        }
    )
    return CurveTest(table, drawn)


def _key(keys: str, seed: int) -> str:
    return f"{keys}.{seed}"


def permuted(source: Source, wide: pd.DataFrame, blocks: Sequence[Block], seed: int) -> list[float]:
    """Deal the paths anew and estimate the curve.

    Parameters
    ----------
    source : Source
        Rows and weights.
    wide : DataFrame
        The term, units x periods.
    blocks : sequence of Block
        The specifications.
    seed : int
        Seed of this permutation.

    Returns
    -------
    list of float
        The statistics.
    """
    order = np.random.default_rng(seed).permutation(len(wide))
    dealt = wide.to_numpy()[order]
    frames = {}
    for name, frame in source.frames.items():
        index, changed = frame.index, frame.copy()
        units = wide.index.get_indexer(index.get_level_values(0))
        periods = wide.columns.get_indexer(index.get_level_values(1)) if index.nlevels > 1 else 0
        changed[source.term] = dealt[units, periods]
        frames[name] = changed
    return statistics_of(replace(source, frames=frames), blocks)


def statistics_of(source: Source, blocks: Sequence[Block]) -> list[float]:
    """Estimate a curve and take its three statistics.

    Parameters
    ----------
    source : Source
        Rows and weights.
    blocks : sequence of Block
        The specifications.

    Returns
    -------
    list of float
        As ``STATISTICS``; specifications without an estimate do not count, and zeros where none has one.
    """
    rows = [row for block in blocks for row in estimate_block(source, block) if row["estimate"] is not None]
    numbers: FloatArray = np.array(
        [[row["estimate"], row["zstat"], row["pvalue"]] for row in rows], dtype=np.float64
    )
    if not numbers.size:
        return [0.0, 0.0, 0.0]
    estimate, z, p = numbers.T
    shares = [float(((p < ALPHA) & (sign * estimate > 0)).mean()) for sign in (1.0, -1.0)]
    return [float(abs(np.median(estimate))), max(shares), float(abs(z.sum()) / np.sqrt(z.size))]
