"""Could any dates have done it: the same study with the dates of opening dealt out at random."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError, YrdSpatialError
from yrdspatial.execution.seeds import task_seeds
from yrdspatial.execution.tasks import map_tasks
from yrdspatial.panel.panel import Panel
from yrdspatial.treatment.event_study import event_study
from yrdspatial.treatment.request import Options


@dataclass(frozen=True, eq=False, repr=False)
class Placebo:
    """Average effects under random dates.

    Attributes
    ----------
    observed : Series
        ``estimate`` and ``statistic`` (estimate over standard error) under the dates as they are.
    draws : DataFrame
        The same for every draw.
    pvalues : Series
        By ``estimate`` and by ``statistic``: share of draws at least as large in absolute value, the dates as they are
        counted as one more draw.

    Examples
    --------
    >>> one = pd.Series({"estimate": 2.0, "statistic": 4.0})
    >>> Placebo(one, pd.DataFrame({"estimate": [1.0, -3.0], "statistic": [1.0, 2.0]})).pvalues.round(3).tolist()
    [0.667, 0.333]
    """

    observed: "pd.Series[float]"
    draws: pd.DataFrame

    def __repr__(self) -> str:
        return f"Placebo({len(self.draws)} draws, p = {self.pvalues['estimate']:.3f})"

    @property
    def pvalues(self) -> "pd.Series[float]":
        """Randomization p-values.

        Returns
        -------
        Series
            ``estimate`` and ``statistic``.
        """
        larger = self.draws.abs() >= self.observed.abs() - 1e-12
        return (larger.sum() + 1.0) / (len(self.draws) + 1.0)


def placebo_openings(
    data: Panel | pd.DataFrame,
    outcome: str,
    *,
    first_treated: "pd.Series[Any]",
    draws: int = 500,
    seed: int,
    workers: int | str = 1,
    within: "pd.Series[Any] | None" = None,
    **options: Any,
) -> Placebo:
    """Deal the dates of opening out to the units at random, and estimate again.

    Parameters
    ----------
    data, outcome, first_treated
        As of :func:`yrdspatial.event_study`.
    draws : int
        Random assignments.
    seed : int
        Of the assignments: the same numbers whatever the number of workers.
    workers : int or str
        Processes, or the address of a Dask cluster, as of :func:`yrdspatial.execution.tasks.map_tasks`.
    within : Series, optional
        Groups by unit, such as provinces: dates are dealt out inside them only.
    **options
        Of :func:`yrdspatial.event_study`: method, controls, exposure, window and the rest.

    Returns
    -------
    Placebo
        Average effects and their p-values. They test that no unit has any effect, under dates that could have fallen
        on any unit (of its group): openings were not drawn by lot, so that this is a scale to read the estimate on,
        not proof.

    Raises
    ------
    SpecificationError
        If there is no draw, or most draws have no estimate.

    References
    ----------
    Fisher (1935), The Design of Experiments; Wu and Ding (2021), Journal of the American Statistical Association 116,
    1898-1913, for the studentized statistic, which is robust to effects that vary.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([range(8), range(2010, 2014)], names=["unit", "year"])
    >>> first = pd.Series([2012] * 3 + [None] * 5)
    >>> noise = np.random.default_rng(1).normal(size=len(index))
    >>> placebo_openings(pd.DataFrame({"y": noise}, index=index), "y", first_treated=first, draws=19, seed=2)
    Placebo(19 draws, p = 0.100)
    """
    if draws < 1:
        raise SpecificationError("no draw", where="placebo_openings", cure="use draws=500")
    settings: dict[str, Any] = {"seed": seed, **options}
    units = (data.frame if isinstance(data, Panel) else data).index.get_level_values(0).unique()
    one = partial(_estimate, data, outcome, settings)
    observed = _estimate(data, outcome, settings, first_treated, strict=True)
    groups = None if within is None else within.reindex(units).to_numpy()
    dates = first_treated.reindex(units)
    deals = [deal(dates, np.random.default_rng(child), groups) for child in task_seeds(seed, draws)]
    found = pd.DataFrame(map_tasks(one, deals, workers=workers, name="placebo openings"))
    kept = found.dropna().reset_index(drop=True)
    if len(kept) < 0.5 * draws:
        cure = "use another method or other years"
        raise SpecificationError(f"{draws - len(kept)} draws have no estimate", where="placebo", cure=cure)
    return Placebo(observed, kept)


def deal(
    dates: "pd.Series[Any]", rng: np.random.Generator, groups: "np.ndarray[Any, Any] | None" = None
) -> "pd.Series[Any]":
    """Permute dates among units.

    Parameters
    ----------
    dates : Series
        First treated year by unit.
    rng : Generator
        Source of the draw.
    groups : ndarray, shape (N,), optional
        Dates stay inside a group.

    Returns
    -------
    Series
        The same dates on other units.

    Examples
    --------
    >>> deal(pd.Series([2010, 2012, 2014]), np.random.default_rng(0)).tolist()
    [2014, 2010, 2012]
    """
    order = np.arange(len(dates))
    labels = np.zeros(len(dates)) if groups is None else groups
    for label in pd.unique(labels):
        places = np.flatnonzero(labels == label)
        order[places] = rng.permutation(places)
    return pd.Series(dates.to_numpy()[order], index=dates.index, name=dates.name)


def _estimate(
    data: Panel | pd.DataFrame,
    outcome: str,
    options: dict[str, Any],
    dates: "pd.Series[Any]",
    *,
    strict: bool = False,
) -> "pd.Series[float]":
    asked: Options = options  # type: ignore[assignment]
    try:
        att = event_study(data, outcome, first_treated=dates, **asked).att
    except YrdSpatialError:
        if strict:
            raise
        return pd.Series({"estimate": np.nan, "statistic": np.nan})
    return pd.Series({"estimate": att["estimate"], "statistic": att["estimate"] / att["std_error"]})
