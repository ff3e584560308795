"""The arrays of a staggered design: outcomes, first treated periods, effects, exposure (arrays only)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from yrdspatial.models.within import FloatArray, IntArray

NEVER = 10**6
"""The first treated period of a unit that is not treated in the sample."""
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Staggered:
    """A balanced panel with one absorbing treatment.

    Attributes
    ----------
    y : ndarray, shape (T, N)
        Outcome.
    X : ndarray, shape (T, N, k)
        Controls.
    first : ndarray of int, shape (N,)
        Position of the first treated period, at least 1; :data:`NEVER` for the untreated.
    windows : ndarray of int, shape (T, N)
        Code of the window of each cell: each unit has one effect in each window.
    clusters : ndarray of int, shape (N,)
        Cluster of each unit, coded 0, 1, ...
    exposure : ndarray, shape (T, N), or None
        W_t D_t: the share of treated neighbours, for weights that sum to one by row.

    Examples
    --------
    >>> flat = np.zeros((3, 2), dtype=np.intp)
    >>> sample = Staggered(np.zeros((3, 2)), np.zeros((3, 2, 0)), np.array([1, NEVER]), flat, np.array([0, 1]))
    >>> sample.treated.astype(int).tolist()
    [[0, 0], [1, 0], [1, 0]]
    """

    y: FloatArray
    X: FloatArray
    first: IntArray
    windows: IntArray
    clusters: IntArray
    exposure: FloatArray | None = None

    @cached_property
    def relative(self) -> IntArray:
        """Periods since the first treated one, shape (T, N)."""
        return np.arange(len(self.y))[:, None] - self.first[None, :]

    @cached_property
    def treated(self) -> BoolArray:
        """Which cells are treated, shape (T, N)."""
        return self.relative >= 0

    @cached_property
    def row_clusters(self) -> IntArray:
        """Cluster of each cell in the order period, unit; shape (T N,)."""
        return np.tile(self.clusters, len(self.y))

    @property
    def cluster_count(self) -> int:
        """Number of clusters."""
        return int(self.clusters.max()) + 1

    @cached_property
    def columns(self) -> FloatArray:
        """Dummies of unit x window, dummies of periods, controls less their means; shape (T N, p)."""
        periods, units = self.y.shape
        codes = (self.windows * units + np.arange(units)).ravel()
        cells = np.unique(codes, return_inverse=True)[1]
        X = self.X.reshape(periods * units, -1)
        return np.hstack(
            [
                np.eye(cells.max() + 1)[cells],
                np.repeat(np.eye(periods), units, axis=0),
                X - X.mean(axis=0) if X.size else X,
            ]
        )

    def nested_rank(self, used: BoolArray) -> int:
        """Count the dummies of unit x window that some cells have: they nest in the clusters.

        Parameters
        ----------
        used : ndarray of bool, shape (T N,)
            The cells.

        Returns
        -------
        int
            Their number.
        """
        count = self.columns.shape[1] - len(self.y) - self.X.shape[2]
        return int(self.columns[used][:, :count].any(axis=0).sum())
