"""What an event study found: tables by event time, cohort and exposure, with its tests and warnings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import stdtr, stdtrit

from yrdspatial.models.wald import TestResult
from yrdspatial.models.within import FloatArray

COLUMNS = ["estimate", "std_error", "lower", "upper", "pvalue"]
SHOWN = COLUMNS[:4]


@dataclass(frozen=True, eq=False, repr=False)
class EventStudy:
    """An event study of one outcome by one method.

    Attributes
    ----------
    method, comparison, outcome : str
        What was asked.
    table : DataFrame
        Index ``event_time`` (years since the first treated one); ``estimate``, ``std_error``, ``lower``, ``upper``
        (pointwise), ``n`` (cells or units behind it); by group_time also ``band_lower``, ``band_upper`` (all at once).
        Reference years are not in it.
    att : Series
        Average over all treated cells with an effect: ``estimate``, ``std_error``, ``lower``, ``upper``, ``pvalue``.
        By twoways the coefficient of the treatment dummy.
    pretrend_test : TestResult or None
        All event times before treatment are zero: F(q, clusters - 1). None where no such time is identified.
    cohorts : DataFrame
        ``cohort``, ``year``, ``estimate``, ``std_error``, ``treated`` (units); by twoways empty.
    weights : DataFrame
        What ``att`` is made of: ``unit``, ``year``, ``treated``, ``weight`` on the outcome of the cell; by group_time
        ``cohort``, ``year``, ``weight`` on the effect.
    exposure : DataFrame
        Index ``who``; empty without exposure. "untreated": effect of an exposure of one on the untreated (by unexposed
        comparison: mean effect on the exposed untreated); "treated": slope of the effect in the exposure;
        "at mean exposure": average effect on the treated at the exposure they have.
    aggregations : DataFrame
        By group_time: ``by`` ("simple", "dynamic", "group", "calendar"), ``label``, ``estimate``, ``std_error``;
        label "overall" is the average.
    decomposition : DataFrame
        By twoways without controls and windows: ``treated``, ``control`` (first years; "never"), ``kind``,
        ``weight``, ``estimate``.
    covariance : DataFrame
        Of the event times of ``table``.
    clusters : int
        Number of clusters.
    level : float
        Of the intervals.
    warnings : tuple of str
        What the reader has to know.
    """

    method: str
    comparison: str
    outcome: str
    table: pd.DataFrame
    att: "pd.Series[float]"
    pretrend_test: TestResult | None
    cohorts: pd.DataFrame
    weights: pd.DataFrame
    covariance: pd.DataFrame
    clusters: int
    level: float
    warnings: tuple[str, ...]
    exposure: pd.DataFrame = field(default_factory=pd.DataFrame)
    aggregations: pd.DataFrame = field(default_factory=pd.DataFrame)
    decomposition: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        effect = f"{self.att['estimate']:.4g} ({self.att['std_error']:.2g})"
        return f"EventStudy({self.outcome}, {self.method}, average effect {effect})"

    @property
    def negative_weights(self) -> "pd.Series[float]":
        """Count the treated cells that enter ``att`` with a negative weight.

        Returns
        -------
        Series
            ``cells``, ``negative``, ``sum`` of the negative weights; missing by group_time, where there are none.

        References
        ----------
        de Chaisemartin and D'Haultfoeuille (2020), American Economic Review 110, 2964-2996, theorem 1.
        """
        if "treated" not in self.weights:
            return pd.Series({"cells": float(len(self.weights)), "negative": 0.0, "sum": 0.0})
        weight = self.weights.loc[self.weights["treated"], "weight"]
        below = weight[weight < -1e-12]
        return pd.Series(
            {"cells": float(len(weight)), "negative": float(len(below)), "sum": float(below.sum())}
        )


def estimates_table(
    estimates: FloatArray, scores: FloatArray, index: "pd.Index[Any]", *, level: float
) -> pd.DataFrame:
    """Lay out estimates with intervals by Student's t with as many degrees as clusters less one.

    Parameters
    ----------
    estimates : ndarray, shape (q,)
        Estimates.
    scores : ndarray, shape (G, q)
        The variance is scores'scores.
    index : Index
        Labels.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        ``estimate``, ``std_error``, ``lower``, ``upper``, ``pvalue``.

    Examples
    --------
    >>> table = estimates_table(np.array([3.0]), np.ones((4, 1)), pd.Index(["a"]), level=0.95)
    >>> table.round(3).loc["a"].tolist()
    [3.0, 2.0, -3.365, 9.365, 0.231]
    """
    errors = np.sqrt((scores**2).sum(axis=0))
    degrees = len(scores) - 1
    reach = stdtrit(degrees, 0.5 + level / 2.0) * errors
    ratio = np.divide(np.abs(estimates), errors, out=np.full_like(errors, np.inf), where=errors > 0.0)
    pvalues = 2.0 * stdtr(degrees, -ratio)
    values = np.column_stack([estimates, errors, estimates - reach, estimates + reach, pvalues])
    return pd.DataFrame(values, index=index, columns=COLUMNS)


def one_row(table: pd.DataFrame, name: str) -> "pd.Series[float]":
    """Take one row of a table of estimates.

    Parameters
    ----------
    table : DataFrame
        As of :func:`estimates_table`.
    name : str
        Label of the row.

    Returns
    -------
    Series
        The row, named.

    Examples
    --------
    >>> one_row(pd.DataFrame({"estimate": [1.0]}, index=["att"]), "att")["estimate"].item()
    1.0
    """
    return pd.Series(
        table.to_numpy(dtype=np.float64)[table.index.get_loc(name)], index=table.columns, name=name
    )


def pretrend_test(estimates: FloatArray, scores: FloatArray, times: Sequence[int]) -> TestResult | None:
    """Test that all coefficients before treatment are zero.

    Parameters
    ----------
    estimates : ndarray, shape (q,)
        Coefficients.
    scores : ndarray, shape (G, q)
        The variance is scores'scores.
    times : sequence of int
        Event times, for the name of the null.

    Returns
    -------
    TestResult or None
        F(q, G - 1); None without a coefficient, or with as many as clusters.

    Examples
    --------
    >>> scores = np.eye(8)[:, :1]
    >>> str(pretrend_test(np.array([2.0]), scores, [-1]))
    'trends before treatment, F(1, 7): 4.0000 (df 1), p = 0.0856; H0: no effect at -1'
    """
    count, clusters = len(estimates), len(scores)
    variance = scores.T @ scores
    if not count or count >= clusters or np.linalg.matrix_rank(variance) < count:
        return None
    statistic = float(estimates @ np.linalg.solve(variance, estimates)) / count
    pvalue = float(stats.f.sf(statistic, count, clusters - 1))
    name = f"trends before treatment, F({count}, {clusters - 1})"
    return TestResult(name, f"no effect at {', '.join(map(str, times))}", statistic, count, pvalue)
