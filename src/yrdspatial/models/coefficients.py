"""Estimates with their covariance: what every kind of results says of its coefficients in the same way."""

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import norm

from yrdspatial.errors import SpecificationError


class Coefficients(ABC):
    """Standard errors, z, p and Wald intervals of coefficients that are normal in large samples."""

    @property
    @abstractmethod
    def params(self) -> "pd.Series[float]":
        """Coefficients, by name."""

    @property
    @abstractmethod
    def cov(self) -> pd.DataFrame:
        """Covariance of the coefficients, by name."""

    @cached_property
    def std_errors(self) -> "pd.Series[float]":
        """Standard errors of the coefficients."""
        return pd.Series(np.sqrt(np.diag(self.cov)), self.params.index, name="std_error")

    @property
    def zstats(self) -> "pd.Series[float]":
        """Coefficients over their standard errors."""
        return (self.params / self.std_errors).rename("zstat")

    @property
    def pvalues(self) -> "pd.Series[float]":
        """Two-sided p-values, by the normal distribution."""
        return pd.Series(2.0 * norm.sf(np.abs(self.zstats)), self.params.index, name="pvalue")

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Wald intervals of the coefficients.

        Parameters
        ----------
        level : float
            Coverage.

        Returns
        -------
        DataFrame
            Columns lower and upper.
        """
        check_level(level)
        reach = norm.ppf(0.5 + 0.5 * level) * self.std_errors
        return pd.DataFrame({"lower": self.params - reach, "upper": self.params + reach})


def check_level(level: float) -> None:
    """Refuse a level of confidence that is none.

    Parameters
    ----------
    level : float
        Coverage of an interval.

    Raises
    ------
    SpecificationError
        If the level is no probability.

    Examples
    --------
    >>> check_level(0.95)
    """
    if not 0 < level < 1:
        raise SpecificationError(f"level {level} is no probability", cure="use a level such as 0.95")
