"""What needs a word: tests that do not apply or whose p-value does not hold, and weights with islands."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from yrdspatial.models.specification import Design
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.wald import TestResult
from yrdspatial.panel.gaps import unit_name

NAMED = 3
"""How many islands are named."""


@dataclass(frozen=True)
class Diagnosis(TestResult):
    """The result of a test, with a remark.

    Attributes
    ----------
    note : str
        Why the test does not apply (statistic and p-value are NaN), or what its p-value assumes; empty when there is
        nothing to say.
    """

    note: str = ""

    def __str__(self) -> str:
        if np.isnan(self.statistic):
            return f"{self.test}: not applicable, {self.note}"
        remark = f" ({self.note})" if self.note else ""
        return super().__str__() + remark


def inapplicable(test: str, null: str, why: str) -> Diagnosis:
    """Say why a test does not apply.

    Parameters
    ----------
    test, null : str
        Name and null hypothesis.
    why : str
        The reason.

    Returns
    -------
    Diagnosis
        Statistic and p-value are NaN.

    Examples
    --------
    >>> print(inapplicable("Hausman", "no correlation", "the covariances do not differ"))
    Hausman: not applicable, the covariances do not differ
    """
    return Diagnosis(test, null, float("nan"), 0, float("nan"), why)


def as_table(results: list[TestResult]) -> pd.DataFrame:
    """One row a test.

    Parameters
    ----------
    results : list of TestResult
        The tests.

    Returns
    -------
    DataFrame
        Columns test, null, statistic, df, pvalue, note.

    Examples
    --------
    >>> as_table([inapplicable("Hausman", "no correlation", "no covariance")])["note"].tolist()
    ['no covariance']
    """
    rows = [
        (
            one.test,
            one.null,
            one.statistic,
            one.df,
            one.pvalue,
            one.note if isinstance(one, Diagnosis) else "",
        )
        for one in results
    ]
    return pd.DataFrame(rows, columns=["test", "null", "statistic", "df", "pvalue", "note"])


def islands(design: Design) -> tuple[str, ...]:
    """Say which units have no neighbours in the weights of a model.

    Parameters
    ----------
    design : Design
        The request and its arrays; of several weights of y or of X a unit is an island when all of them are empty.

    Returns
    -------
    tuple of str
        One sentence, or none; it names up to three units.

    Examples
    --------
    >>> import yrdspatial as yrd
    >>> data = pd.DataFrame({"y": [1.0, 2.0, 4.0, 5.0], "x": [1.0, 3.0, 2.0, 2.0]}, index=list("abcd"))
    >>> ring = np.roll(np.eye(4), 1, axis=1)
    >>> ring[2] = 0.0
    >>> links = pd.DataFrame(ring, list("abcd"), list("abcd"))
    >>> islands(yrd.SAR(data, "y ~ x", weights=links, effects="pooled").design)
    ('1 unit has no neighbours in some weights (c): its spatial lags are zero',)
    """
    problem = design.problem
    lag = problem.parts or (() if problem.lag is None else (problem.lag,))
    error = () if problem.error is None else (problem.error,)
    alone = np.zeros(len(design.sample.units), dtype=bool)
    for role in (lag, design.durbin, error):
        if role:
            alone |= np.stack([_unlinked(one) for one in role]).all(axis=0).any(axis=0)
    names = [unit_name(unit) for unit in design.sample.units[alone]]
    if not names:
        return ()
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    count = "1 unit has" if len(names) == 1 else f"{len(names)} units have"
    whose = "its" if len(names) == 1 else "their"
    listed = ", ".join(names[:NAMED]) + more
    return (f"{count} no neighbours in some weights ({listed}): {whose} spatial lags are zero",)


def _unlinked(spectra: Spectra) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    # Empty rows by period, (T, N); weights are never negative.
    return np.asarray((spectra.row_sums == 0.0)[spectra.position])
