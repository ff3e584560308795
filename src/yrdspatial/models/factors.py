"""Sparse weights of many units: factors of I - rho W, and the interval of rho, with no dense matrix."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csgraph, csr_array, diags_array, eye_array
from scipy.sparse.linalg import ArpackNoConvergence, SuperLU, eigs, eigsh, splu

from yrdspatial.models.within import FloatArray
from yrdspatial.weights.matrices import spectral_radius

PIVOT = 0.01
"""A diagonal entry is the pivot unless it is below this share of the largest entry of its column."""
LANCZOS = 1e-9
"""Relative accuracy asked of the lowest eigenvalue; the interval is narrowed by the residual that is left."""
LOWEST = 12
"""How many eigenvalues of the smallest real part are looked at in search of the lowest real one."""


@dataclass(frozen=True)
class Factors:
    """The sparse LU factors of S = I - rho W.

    Attributes
    ----------
    weights : csr_array, shape (N, N)
        W.
    rho : float
        The spatial parameter.
    factors : SuperLU
        Factors of S.
    """

    weights: csr_array
    rho: float
    factors: SuperLU

    @classmethod
    def of(cls, weights: csr_array, rho: float) -> "Factors":
        """Factor I - rho W, in the order of least degree of the pattern of W + W'.

        Parameters
        ----------
        weights : csr_array, shape (N, N)
            W.
        rho : float
            A value at which S is invertible.

        Returns
        -------
        Factors
            The factors.
        """
        matrix = (eye_array(weights.shape[0], format="csr") - rho * weights).tocsc()
        options = {"SymmetricMode": True}
        factors = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=PIVOT, options=options)
        return cls(weights, rho, factors)

    @property
    def logdet(self) -> float:
        """ln|det S|."""
        return float(np.log(np.abs(self.factors.U.diagonal())).sum())

    def inverse(self, columns: FloatArray) -> FloatArray:
        """S^-1 columns.

        Parameters
        ----------
        columns : ndarray, shape (N, m)
            Right-hand sides.

        Returns
        -------
        ndarray, shape (N, m)
            Solutions.
        """
        return np.asarray(self.factors.solve(np.asarray(columns)))

    def propagated(self, columns: FloatArray) -> FloatArray:
        """G columns, G = W S^-1.

        Parameters
        ----------
        columns : ndarray, shape (N, m)
            Columns.

        Returns
        -------
        ndarray, shape (N, m)
            The products.
        """
        return np.asarray(self.weights @ self.inverse(columns))

    def returned(self, columns: FloatArray) -> FloatArray:
        """G' columns.

        Parameters
        ----------
        columns : ndarray, shape (N, m)
            Columns.

        Returns
        -------
        ndarray, shape (N, m)
            The products.
        """
        return np.asarray(self.factors.solve(np.asarray(self.weights.T @ columns), trans="T"))


def interval(weights: csr_array) -> tuple[float, float]:
    """Return the interval round zero in which I - rho W is invertible.

    Parameters
    ----------
    weights : csr_array, shape (N, N)
        Non-negative weights.

    Returns
    -------
    lower, upper : float
        1/omega_min and 1/omega_max of the real eigenvalues, omega_max being the spectral radius. Where the
        eigenvalues of the smallest real parts are not real, lower is minus upper: inside the true interval.

    Examples
    --------
    >>> ring = csr_array(0.5 * (np.roll(np.eye(9), 1, axis=1) + np.roll(np.eye(9), -1, axis=1)))
    >>> lower, upper = interval(ring)
    >>> round(1 / lower, 6), upper
    (-0.939693, 1.0)
    """
    radius = spectral_radius(weights)
    if radius <= 1e-8:
        reach = 1.0 / max(float(weights.sum(axis=1).max()), 1e-8)
        return -reach, reach
    lowest = _lowest(weights, radius)
    return 1.0 / lowest, 1.0 / radius


def _lowest(weights: csr_array, radius: float) -> float:
    # A value no higher than the lowest real eigenvalue and no lower than -radius.
    start = np.random.default_rng(0).standard_normal(weights.shape[0])
    scale = balance(weights)
    if scale is not None:
        balanced = diags_array(scale) @ weights @ diags_array(1.0 / scale)
        symmetric = 0.5 * (balanced + balanced.T)
        try:
            values, vectors = eigsh(symmetric, k=1, which="SA", v0=start, tol=LANCZOS)
        except ArpackNoConvergence:
            return -radius
        left = symmetric @ vectors[:, 0] - values[0] * vectors[:, 0]
        return max(-radius, float(values[0] - np.linalg.norm(left)))
    try:
        values = eigs(
            weights, k=min(LOWEST, weights.shape[0] - 2), which="SR", v0=start, return_eigenvectors=False
        )
    except ArpackNoConvergence:
        return -radius
    real = values.real[np.abs(values.imag) <= 1e-7 * radius]
    return max(-radius, float(real.min())) if real.size and real.min() < -1e-7 * radius else -radius


def balance(weights: csr_array) -> FloatArray | None:
    """Return the vector d that makes diag(d) W diag(1/d) symmetric, as for a row-standardized symmetric matrix.

    Parameters
    ----------
    weights : csr_array, shape (N, N)
        Non-negative weights.

    Returns
    -------
    ndarray, shape (N,), or None
        d, or None when there is no such vector.

    Examples
    --------
    >>> balance(csr_array([[0.0, 1.0], [4.0, 0.0]])).round(12)
    array([1. , 0.5])
    """
    back = weights.T.tocsr()
    back.sort_indices()
    ahead = weights.sorted_indices()
    if not (np.array_equal(back.indptr, ahead.indptr) and np.array_equal(back.indices, ahead.indices)):
        return None
    step = 0.5 * np.log(ahead.data / back.data)
    links = ahead.tocoo()
    scale = np.exp(_along_trees(links, step))
    left, right = scale[links.row] * links.data / scale[links.col], scale[links.col] * back.data
    return scale if np.allclose(left, right / scale[links.row], rtol=1e-11, atol=0.0) else None


def _along_trees(links: coo_array, step: FloatArray) -> FloatArray:
    # Sum of steps from the first unit of each component to every unit, by doubling along a spanning tree.
    count = links.shape[0]
    _, component = csgraph.connected_components(links, directed=False)
    firsts = np.unique(component, return_index=True)[1]
    rows = np.concatenate([links.row, np.full(firsts.size, count)])
    cols = np.concatenate([links.col, firsts])
    tree = csr_array((np.ones(rows.size), (rows, cols)), shape=(count + 1, count + 1))
    _, before = csgraph.breadth_first_order(tree, count, directed=True)
    steps = csr_array((step, (links.row, links.col)), shape=links.shape)
    before[count] = count
    inner = before[:count] < count
    total = np.zeros(count + 1)
    total[:count][inner] = np.asarray(steps[before[:count][inner], np.flatnonzero(inner)]).ravel()
    while (before != count).any():
        total = total + total[before]
        before = before[before]
    return total[:count]
