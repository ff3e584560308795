"""Results of tests that need a word: tests that do not apply, or whose usual p-value does not hold."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from yrdspatial.models.wald import TestResult


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
