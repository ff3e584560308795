"""Results of tests, and the Wald test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from formulaic.utils.constraints import LinearConstraints
from scipy.stats import chi2

from yrdspatial.errors import SpecificationError
from yrdspatial.models.within import FloatArray

Restriction: TypeAlias = "str | Sequence[str] | pd.DataFrame | Callable[[pd.Series[float]], Any]"


@dataclass(frozen=True)
class TestResult:
    """The result of a test.

    Attributes
    ----------
    test : str
        Name.
    null : str
        The null hypothesis.
    statistic : float
        Value of the statistic.
    df : int
        Degrees of freedom.
    pvalue : float
        Upper tail of chi2(df), unless the test says otherwise.
    """

    __test__ = False

    test: str
    null: str
    statistic: float
    df: int
    pvalue: float

    def __str__(self) -> str:
        return f"{self.test}: {self.statistic:.4f} (df {self.df}), p = {self.pvalue:.4f}; H0: {self.null}"


def chi2_test(test: str, null: str, statistic: float, df: int) -> TestResult:
    """Return a statistic that is chi2 under the null.

    Parameters
    ----------
    test, null : str
        Name and null hypothesis.
    statistic : float
        Value.
    df : int
        Degrees of freedom.

    Returns
    -------
    TestResult
        With the p-value.

    Examples
    --------
    >>> print(chi2_test("LR", "theta = 0", 3.841459, 1))
    LR: 3.8415 (df 1), p = 0.0500; H0: theta = 0
    """
    return TestResult(test, null, float(statistic), int(df), float(chi2.sf(statistic, df)))


def wald(params: "pd.Series[float]", covariance: pd.DataFrame, restriction: Restriction) -> TestResult:
    """Test restrictions on parameters.

    Parameters
    ----------
    params : Series, length K
        Estimates.
    covariance : DataFrame, shape (K, K)
        Their covariance.
    restriction : str, list of str, DataFrame, or callable
        ``"W_x1 = 0, W_x2 = 0"``; names that are jointly zero; a frame whose rows are combinations of the named
        columns that are zero; or a function of the parameters that is zero, whose slope is found numerically.

    Returns
    -------
    TestResult
        r' (R V R')^-1 r, chi2 with as many degrees of freedom as restrictions.

    Raises
    ------
    SpecificationError
        If the restriction names no parameter, or restrictions repeat each other.

    Examples
    --------
    >>> params = pd.Series([1.0, 2.0], index=["x", "W_x"])
    >>> wald(params, pd.DataFrame(np.eye(2), params.index, params.index), "W_x = 0").statistic
    4.0
    """
    if callable(restriction):
        value, slope = _nonlinear(params, restriction)
        null = getattr(restriction, "__name__", "restriction") + " = 0"
    else:
        value, slope, null = _linear(params, restriction)
    middle = slope @ covariance.to_numpy() @ slope.T
    if np.linalg.matrix_rank(middle) < len(value):
        raise SpecificationError("restrictions repeat each other", where=null, cure="drop one of them")
    return chi2_test("Wald", null, float(value @ np.linalg.solve(middle, value)), len(value))


def _linear(
    params: "pd.Series[float]", restriction: "str | Sequence[str] | pd.DataFrame"
) -> tuple[FloatArray, FloatArray, str]:
    names = [str(name) for name in params.index]
    unknown: list[object] = []
    if isinstance(restriction, pd.DataFrame):
        unknown = [name for name in restriction.columns if name not in params.index]
        slope = restriction.reindex(columns=params.index, fill_value=0.0).to_numpy(dtype=np.float64)
        target, null = np.zeros(len(slope)), "linear combinations = 0"
    elif isinstance(restriction, str):
        try:
            read = LinearConstraints.from_spec(restriction, variable_names=names)
        except Exception as error:
            cure = f"parameters are {', '.join(names)}; put names with brackets between backticks"
            raise SpecificationError(
                "the restriction cannot be read", where=restriction, cure=cure
            ) from error
        slope, target = (
            np.asarray(read.constraint_matrix, dtype=np.float64),
            np.asarray(read.constraint_values),
        )
        null = restriction
    else:
        listed = list(restriction)
        unknown = [name for name in listed if name not in params.index]
        slope = (np.array(listed)[:, None] == np.array(names)).astype(np.float64)
        target, null = np.zeros(len(listed)), ", ".join(f"{name} = 0" for name in listed)
    if unknown:
        raise SpecificationError(
            "the restriction names no parameter", where=", ".join(map(str, unknown)), cure=", ".join(names)
        )
    return slope @ params.to_numpy() - target, slope, null


def _nonlinear(
    params: "pd.Series[float]", restriction: "Callable[[pd.Series[float]], Any]"
) -> tuple[FloatArray, FloatArray]:
    # Value and slope of a function of the parameters, the slope by central differences.
    point = params.to_numpy(dtype=np.float64)

    def at(values: "npt.NDArray[Any]") -> FloatArray:
        return np.atleast_1d(np.asarray(restriction(pd.Series(values, params.index)), dtype=np.float64))

    steps = 1e-6 * np.maximum(1.0, np.abs(point))
    sides = [(at(point + step) - at(point - step)) / (2.0 * step.sum()) for step in np.diag(steps)]
    return at(point), np.stack(sides, axis=1)
