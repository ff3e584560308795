"""Functions of rho that are costly to evaluate, as Chebyshev series on an interval, with an error bound."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from yrdspatial.models.within import FloatArray


def nodes(count: int) -> FloatArray:
    """Return the zeros of the Chebyshev polynomial T_count.

    Parameters
    ----------
    count : int
        How many.

    Returns
    -------
    ndarray, shape (count,)
        Points of (-1, 1), descending.
    """
    return np.asarray(np.cos(np.pi * (np.arange(count) + 0.5) / count))


@dataclass(frozen=True)
class Series:
    """Several functions on one interval.

    Attributes
    ----------
    lower, upper : float
        The interval.
    coefficients : ndarray, shape (n, F)
        Chebyshev coefficients of each function.
    """

    lower: float
    upper: float
    coefficients: FloatArray

    @classmethod
    def of(cls, function: Callable[[float], FloatArray], lower: float, upper: float, count: int) -> "Series":
        """Interpolate at Chebyshev points.

        Parameters
        ----------
        function : callable
            Values of shape (F,) at one point.
        lower, upper : float
            The interval.
        count : int
            Number of points.

        Returns
        -------
        Series
            The polynomials of degree count - 1 through them.

        Examples
        --------
        >>> series = Series.of(lambda x: np.array([np.exp(x)]), -1.0, 1.0, 16)
        >>> float(series.at(np.array([0.3]))[0, 0].round(12)), float(series.at(np.array([0.3]), 2)[0, 0].round(9))
        (1.349858807576, 1.349858808)
        """
        points = 0.5 * (lower + upper) + 0.5 * (upper - lower) * nodes(count)
        values = np.stack([function(float(point)) for point in points])
        angles = np.pi * (np.arange(count) + 0.5) / count
        coefficients = (2.0 / count) * np.cos(np.outer(np.arange(count), angles)) @ values
        coefficients[0] *= 0.5
        return cls(lower, upper, coefficients)

    def covers(self, point: float) -> bool:
        """Say whether a point lies in the interval.

        Parameters
        ----------
        point : float
            A point.

        Returns
        -------
        bool
            Ends included.
        """
        return self.lower <= point <= self.upper

    def at(self, points: FloatArray, order: int = 0) -> FloatArray:
        """Evaluate the functions or their derivatives.

        Parameters
        ----------
        points : ndarray, shape (m,)
            Points of the interval.
        order : int
            Order of the derivative; -1 is the integral from the middle of the interval.

        Returns
        -------
        ndarray, shape (m, F)
            The values.
        """
        half = 0.5 * (self.upper - self.lower)
        where = (points - 0.5 * (self.lower + self.upper)) / half
        if order < 0:
            series = chebyshev.chebint(self.coefficients, scl=half)
        else:
            series = chebyshev.chebder(self.coefficients, order, scl=1.0 / half)
        return np.asarray(chebyshev.chebval(where, series), dtype=np.float64).T


def growth(ratio: float) -> float:
    """Return the parameter of the Bernstein ellipse that touches a singularity.

    Parameters
    ----------
    ratio : float
        Distance of the singularity from the middle of the interval over half its width; above 1.

    Returns
    -------
    float
        ratio + sqrt(ratio^2 - 1), by which the error falls with every point.
    """
    return float(ratio + np.sqrt(ratio**2 - 1.0))


def bound(largest: float, rate: float, count: int) -> float:
    """Bound the interpolation error of a function that is analytic inside a Bernstein ellipse.

    Parameters
    ----------
    largest : float
        Bound of the function on the ellipse.
    rate : float
        Parameter of the ellipse; above 1.
    count : int
        Number of Chebyshev points.

    Returns
    -------
    float
        4 M rate^(1 - count) / (rate - 1).

    References
    ----------
    Trefethen (2013), Approximation Theory and Approximation Practice, theorem 8.2.
    """
    return float(4.0 * largest * rate ** (1 - count) / (rate - 1.0))
