"""Which way is fastest: high-speed rail, conventional rail, or the road (an assumption)."""

from dataclasses import dataclass
from numbers import Real

import numpy as np
import numpy.typing as npt

from yrdspatial.errors import YrdSpatialError

MODES = ("hsr", "conventional", "road", "unreachable", "self")
"""Names of the mode codes, in the order of preference at equal times."""
UNREACHABLE, SELF = MODES.index("unreachable"), MODES.index("self")


@dataclass(frozen=True)
class RoadRule:
    """The road time of a pair of cities: an assumption, not data.

    Attributes
    ----------
    start_minutes : float
        Minutes lost in the two cities together.
    detour : float
        Road length over great-circle distance.
    speed_kmh : float
        Speed on the way, kilometres an hour.

    Examples
    --------
    >>> RoadRule().minutes(np.array([40.0, 80.0]))
    array([ 69., 108.])
    """

    start_minutes: float = 30.0
    detour: float = 1.3
    speed_kmh: float = 80.0

    def __post_init__(self) -> None:
        if not all(isinstance(value, Real) for value in vars(self).values()) or not (
            0 <= self.start_minutes < np.inf and 1 <= self.detour < np.inf and 0 < self.speed_kmh < np.inf
        ):
            problem = f"a road rule makes no sense: {self}"
            raise YrdSpatialError(problem, cure="start_minutes >= 0, detour >= 1, speed_kmh > 0")

    def minutes(self, km: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return road minutes for great-circle distances.

        Parameters
        ----------
        km : numpy.ndarray
            Great-circle distances, kilometres.

        Returns
        -------
        numpy.ndarray
            Minutes, the shape of ``km``.
        """
        return self.start_minutes + 60 * self.detour * km / self.speed_kmh


def fastest(*minutes: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Return the smallest of several times and which it was.

    Parameters
    ----------
    *minutes : numpy.ndarray
        Times by mode in the order of ``MODES``, each of shape (N, N); ``inf`` = not possible.

    Returns
    -------
    tuple of numpy.ndarray
        Times with a zero diagonal, and codes into ``MODES``, both of shape (N, N).

    Examples
    --------
    >>> rail = np.array([[0.0, 50.0], [50.0, 0.0]])
    >>> fastest(rail, rail - 10)[1].tolist()
    [[4, 1], [1, 4]]
    """
    stack = np.stack(minutes)
    best = stack.min(axis=0)
    code = np.where(np.isinf(best), UNREACHABLE, stack.argmin(axis=0)).astype(np.int8)
    np.fill_diagonal(best, 0.0)
    np.fill_diagonal(code, SELF)
    return best, code
