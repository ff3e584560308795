"""Analytical moments of global and local statistics of spatial autocorrelation: arrays in, arrays out."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.special import ndtr

from yrdspatial.autocorrelation.permutation import Alternative, Floats


@dataclass(frozen=True)
class WeightSums:
    """The sums of weights that the moments need.

    Attributes
    ----------
    n : int
        Units, islands included.
    s0, s1, s2 : float
        sum w_ij; sum (w_ij + w_ji)^2 / 2; sum (w_i. + w_.i)^2.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, section 1.4.
    """

    n: int
    s0: float
    s1: float
    s2: float

    @classmethod
    def of(cls, weights: csr_array) -> "WeightSums":
        """Sum up weights.

        Parameters
        ----------
        weights : csr_array, shape (N, N)
            Weights.

        Returns
        -------
        WeightSums
            The sums.

        Examples
        --------
        >>> WeightSums.of(csr_array([[0.0, 1.0], [1.0, 0.0]]))
        WeightSums(n=2, s0=2.0, s1=4.0, s2=8.0)
        """
        both = (weights + weights.T).tocsr()
        s1 = float((both.data**2).sum() / 2)
        s2 = float((np.asarray(both.sum(axis=1)).ravel() ** 2).sum())
        return cls(weights.shape[0], float(weights.sum()), s1, s2)


def kurtosis(values: Floats) -> Floats:
    """Fourth central moment over the square of the second, by column.

    Parameters
    ----------
    values : ndarray, shape (N, V)
        Values.

    Returns
    -------
    ndarray, shape (V,)
        m4 / m2^2.

    Examples
    --------
    >>> kurtosis(np.array([[1.0], [2], [3], [6]])).round(6).tolist()
    [2.0]
    """
    z = values - values.mean(axis=0)
    ratio: Floats = (z**4).mean(axis=0) / (z**2).mean(axis=0) ** 2
    return ratio


def moran_variance(sums: WeightSums, b2: Floats | None = None) -> Floats:
    """Variance of Moran's I: under normality without ``b2``, under randomization with it.

    Parameters
    ----------
    sums : WeightSums
        Sums of the weights.
    b2 : ndarray, shape (V,), optional
        Kurtosis of each variable.

    Returns
    -------
    ndarray, shape (V,) or ()
        Variances.

    References
    ----------
    Cliff and Ord (1981), equations 1.37 and 1.38.

    Examples
    --------
    >>> chain = csr_array([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]])
    >>> float(moran_variance(WeightSums.of(chain)).round(7))
    0.1722222
    """
    n, s0, s1, s2 = sums.n, sums.s0, sums.s1, sums.s2
    mean_square = 1 / (n - 1) ** 2
    if b2 is None:
        return np.asarray((n * n * s1 - n * s2 + 3 * s0**2) / ((n * n - 1) * s0**2) - mean_square)
    first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = b2 * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    return np.asarray((first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - mean_square)


def geary_variance(sums: WeightSums, b2: Floats | None = None) -> Floats:
    """Variance of Geary's C: under normality without ``b2``, under randomization with it.

    Parameters
    ----------
    sums : WeightSums
        Sums of the weights.
    b2 : ndarray, shape (V,), optional
        Kurtosis of each variable.

    Returns
    -------
    ndarray, shape (V,) or ()
        Variances.

    References
    ----------
    Cliff and Ord (1981), equations 1.40 and 1.41.

    Examples
    --------
    >>> ring = csr_array(np.roll(np.eye(5), 1, axis=1) + np.roll(np.eye(5), -1, axis=1))
    >>> float(geary_variance(WeightSums.of(ring)).round(6))
    0.066667
    """
    n, s0, s1, s2 = sums.n, sums.s0, sums.s1, sums.s2
    if b2 is None:
        return np.asarray(((2 * s1 + s2) * (n - 1) - 4 * s0**2) / (2 * (n + 1) * s0**2))
    first = (n - 1) * s1 * (n * n - 3 * n + 3 - (n - 1) * b2)
    second = (n - 1) * s2 * (n * n + 3 * n - 6 - (n * n - n + 2) * b2) / 4
    third = s0**2 * (n * n - 3 - (n - 1) ** 2 * b2)
    return np.asarray((first - second + third) / (n * (n - 2) * (n - 3) * s0**2))


def getis_ord_variance(sums: WeightSums, values: Floats) -> Floats:
    """Variance of the global G of Getis and Ord under randomization.

    Parameters
    ----------
    sums : WeightSums
        Sums of the weights.
    values : ndarray, shape (N, V)
        Non-negative values.

    Returns
    -------
    ndarray, shape (V,)
        Variances.

    References
    ----------
    Getis and Ord (1992), The analysis of spatial association by use of distance statistics, equation 6.

    Examples
    --------
    >>> ring = csr_array(np.roll(np.eye(5), 1, axis=1) + np.roll(np.eye(5), -1, axis=1))
    >>> getis_ord_variance(WeightSums.of(ring), np.array([[1.0], [2], [3], [4], [5]])).round(6).tolist()
    [0.001788]
    """
    n, s0, s1, s2 = sums.n, sums.s0, sums.s1, sums.s2
    m1, m2, m3, m4 = ((values**power).sum(axis=0) for power in (1, 2, 3, 4))
    terms = (
        ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) * m2**2
        - ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2) * m4
        - (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * m1**2 * m2
        + (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * m1 * m3
        + (s1 - s2 + s0**2) * m1**4
    )
    square = terms / ((m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3))
    return np.asarray(square - (s0 / (n * (n - 1))) ** 2)


def dealt_moments(values: Floats, weights: csr_array) -> tuple[Floats, Floats]:
    """Mean and variance of sum_j w_ij y_j when the values of the others are dealt at random.

    Parameters
    ----------
    values : ndarray, shape (N, V)
        y; unit i keeps its own.
    weights : csr_array, shape (N, N)
        Weights without diagonal.

    Returns
    -------
    mean, variance : ndarray, shape (N, V)
        Exact moments of sampling without replacement; variance 0 where every deal gives the same sum.

    References
    ----------
    Ord and Getis (1995), Local spatial autocorrelation statistics, equations 5 and 6.

    Examples
    --------
    >>> chain = csr_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=float)
    >>> mean, variance = dealt_moments(np.array([[1.0], [2], [3]]), chain)
    >>> mean.ravel().tolist(), variance.ravel().tolist()
    ([2.5, 4.0, 1.5], [0.25, 0.0, 0.25])
    """
    n = values.shape[0]
    z = values - values.mean(axis=0)
    others = -z / (n - 1)
    spread = ((z**2).sum(axis=0) - z**2) / (n - 1) - others**2
    return _sampled(others + values.mean(axis=0), spread, weights)


def squared_moments(values: Floats, weights: csr_array) -> tuple[Floats, Floats]:
    """Mean and variance of sum_j w_ij (y_i - y_j)^2 when the values of the others are dealt at random.

    Parameters
    ----------
    values : ndarray, shape (N, V)
        y; unit i keeps its own.
    weights : csr_array, shape (N, N)
        Weights without diagonal.

    Returns
    -------
    mean, variance : ndarray, shape (N, V)
        Exact moments of sampling without replacement.

    References
    ----------
    Anselin (2019), A local indicator of multivariate spatial association: extending Geary's c, section 2.

    Examples
    --------
    >>> chain = csr_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=float)
    >>> squared_moments(np.array([[1.0], [2], [3]]), chain)[0].ravel().tolist()
    [2.5, 2.0, 2.5]
    """
    n = values.shape[0]
    z = values - values.mean(axis=0)
    m2, m3, m4 = ((z**power).sum(axis=0) for power in (2, 3, 4))
    mean = (m2 + n * z**2) / (n - 1)
    fourth = (m4 - 4 * z * m3 + 6 * z**2 * m2 + n * z**4) / (n - 1)
    return _sampled(mean, fourth - mean**2, weights)


def _sampled(mean: Floats, spread: Floats, weights: csr_array) -> tuple[Floats, Floats]:
    # sum of w times a sample without replacement from the N - 1 others with this mean and population variance
    others = weights.shape[0] - 1
    total = np.asarray(weights.sum(axis=1)).reshape(-1, 1)
    squares = np.asarray((weights**2).sum(axis=1)).reshape(-1, 1)
    uneven = squares - total**2 / others
    uneven[uneven < 1e-12 * squares] = 0.0
    return total * mean, spread * uneven * others / (others - 1)


def normal_pvalues(z: Floats, alternative: Alternative | Literal["two-sided"] = "two-sided") -> Floats:
    """P-values of a standard normal statistic.

    Parameters
    ----------
    z : ndarray
        Statistics.
    alternative : {"two-sided", "greater", "less"}
        Which tail.

    Returns
    -------
    ndarray
        P-values.

    Examples
    --------
    >>> normal_pvalues(np.array([1.319575])).round(6).tolist()
    [0.186977]
    """
    tail = {"two-sided": -np.abs(z), "greater": -z, "less": z}[alternative]
    return np.asarray((2 if alternative == "two-sided" else 1) * ndtr(tail))
