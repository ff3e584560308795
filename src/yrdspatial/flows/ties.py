"""Which lags of flows there are, and how their parameters are tied to one another."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.within import FloatArray

LAGS = ("origin", "destination", "network")


@dataclass(frozen=True)
class Dependence:
    """Which lags there are, and how their parameters are tied.

    Attributes
    ----------
    lags : tuple of str
        Some of "origin", "destination", "network".
    slope : ndarray, shape (3, m)
        rho = slope @ free parameters.
    product : bool
        Whether rho_network is -rho_origin rho_destination in addition.

    Examples
    --------
    >>> Dependence.of("product").rho(np.array([0.5, 0.4])).tolist()
    [0.5, 0.4, -0.2]
    """

    lags: tuple[str, ...]
    slope: FloatArray
    product: bool = False

    @classmethod
    def of(cls, which: "str | tuple[str, ...]") -> "Dependence":
        """Read a request.

        Parameters
        ----------
        which : tuple of str or str
            Lags with a free parameter each; or "equal" (one parameter for origin and destination), "equal_all" (one for
            all three), "product" (rho_network = -rho_origin rho_destination: the filters of both ends, one after the
            other).

        Returns
        -------
        Dependence
            The map from free parameters to the three rho.

        Examples
        --------
        >>> Dependence.of(("network",)).slope[:, 0].tolist()
        [0.0, 0.0, 1.0]
        """
        eye = np.eye(3)
        if which == "product":
            return cls(LAGS, eye[:, :2], product=True)
        if which == "equal":
            return cls(LAGS[:2], eye[:, :2].sum(axis=1, keepdims=True))
        if which == "equal_all":
            return cls(LAGS, np.ones((3, 1)))
        kept = [place for place, lag in enumerate(LAGS) if lag in which]
        return cls(tuple(LAGS[place] for place in kept), eye[:, kept])

    def rho(self, free: FloatArray) -> FloatArray:
        """Give the three parameters.

        Parameters
        ----------
        free : ndarray, shape (m,)
            Free parameters.

        Returns
        -------
        ndarray, shape (3,)
            rho of origin, destination, network.
        """
        rho = np.asarray(self.slope @ free, dtype=np.float64)
        if self.product:
            rho[2] = -rho[0] * rho[1]
        return rho

    def jacobian(self, free: FloatArray) -> FloatArray:
        """Give the slope of the three parameters.

        Parameters
        ----------
        free : ndarray, shape (m,)
            Free parameters.

        Returns
        -------
        ndarray, shape (3, m)
            d rho / d free.
        """
        slope = self.slope.copy()
        if self.product:
            slope[2] = [-free[1], -free[0]]
        return slope

    def curvature(self, gradient: FloatArray) -> FloatArray:
        """Give the part of a second derivative that the map itself adds.

        Parameters
        ----------
        gradient : ndarray, shape (3,)
            Slope of a function in rho.

        Returns
        -------
        ndarray, shape (m, m)
            Zero unless the parameters are tied by a product.
        """
        count = self.slope.shape[1]
        return -gradient[2] * (np.ones((2, 2)) - np.eye(2)) if self.product else np.zeros((count, count))


def filter_of(rho: FloatArray) -> FloatArray:
    """Give the weights of Y, W Y, Y W', W Y W' in the filtered flows.

    Parameters
    ----------
    rho : ndarray, shape (3,)
        Parameters.

    Returns
    -------
    ndarray, shape (4,)
        1 and minus rho.

    Examples
    --------
    >>> filter_of(np.array([0.5, 0.25, 0.0])).tolist()
    [1.0, -0.5, -0.25, -0.0]
    """
    return np.concatenate([[1.0], -rho])
