"""Adjustment of p-values for a family of tests: arrays in, arrays out."""

from typing import Any, Literal

import numpy as np

from yrdspatial.autocorrelation.permutation import Floats
from yrdspatial.errors import SpecificationError

Correction = Literal["none", "bonferroni", "fdr"]


def checked_level(alpha: Any) -> float:
    """Return a level of significance when it is one.

    Parameters
    ----------
    alpha : float
        Level asked for.

    Returns
    -------
    float
        The level.

    Raises
    ------
    SpecificationError
        If it is not above 0 and at most 1.

    Examples
    --------
    >>> checked_level(0.05)
    0.05
    """
    if isinstance(alpha, bool | str) or alpha is None or not 0 < alpha <= 1:
        raise SpecificationError(f"alpha={alpha!r} is no level", cure="use a level such as 0.05")
    return float(alpha)


def adjust(pvalues: Floats, correction: Correction = "fdr") -> Floats:
    """Adjust the p-values of one family of tests.

    Parameters
    ----------
    pvalues : ndarray, shape (m,)
        P-values.
    correction : {"fdr", "bonferroni", "none"}
        Benjamini-Hochberg (false discovery rate), Bonferroni (family-wise error), or none.

    Returns
    -------
    ndarray, shape (m,)
        Adjusted p-values: a test is rejected at level alpha when its own is at most alpha.

    Raises
    ------
    SpecificationError
        If there is no such correction.

    References
    ----------
    Benjamini and Hochberg (1995), Controlling the false discovery rate, procedure of equation 1.

    Examples
    --------
    >>> adjust(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    if correction == "none":
        return pvalues.copy()
    if correction == "bonferroni":
        return np.minimum(1.0, pvalues * pvalues.size)
    if correction != "fdr":
        cure = 'choose "fdr", "bonferroni" or "none"'
        raise SpecificationError(f"correction {correction!r} does not exist", cure=cure)
    order = np.argsort(pvalues, kind="stable")
    steps = pvalues[order] * pvalues.size / np.arange(1, pvalues.size + 1)
    adjusted = np.empty_like(pvalues)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    return adjusted
