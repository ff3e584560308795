"""The numeric core of the weights: sums, scales and spectra of sparse non-negative matrices, without labels."""

from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csgraph, csr_array
from scipy.sparse.linalg import ArpackNoConvergence, eigs, eigsh

from yrdspatial.errors import WeightsError

DENSE_LIMIT = 300


def canonical(matrix: Any) -> csr_array:
    """Copy weights as CSR of floats: indices sorted, no duplicates, no stored zeros.

    Parameters
    ----------
    matrix : array_like or sparse array, shape (N, N)
        Weights.

    Returns
    -------
    csr_array, shape (N, N)
        The same weights; equal weights have equal ``indptr``, ``indices`` and ``data``.

    Examples
    --------
    >>> canonical([[0, 2], [0, 0]]).nnz
    1
    """
    result = csr_array(matrix, dtype=np.float64, copy=True)
    result.sum_duplicates()
    result.eliminate_zeros()
    return result


def row_sums(matrix: csr_array) -> npt.NDArray[np.float64]:
    """Sum the weights of each unit, the same to the last bit whatever the order of the units.

    Parameters
    ----------
    matrix : csr_array, shape (N, N)
        Weights.

    Returns
    -------
    ndarray, shape (N,)
        Row sums; the weights of a row are added from the smallest on, so that permuted units get permuted sums.

    Examples
    --------
    >>> row_sums(canonical([[0, 2, 1], [1, 0, 0], [0, 0, 0]]))
    array([3., 1., 0.])
    """
    counts = np.diff(matrix.indptr)
    rows = np.repeat(np.arange(matrix.shape[0]), counts)
    ordered = matrix.data[np.lexsort((matrix.data, rows))]
    sums = np.zeros(matrix.shape[0])
    filled = counts > 0
    if ordered.size:
        sums[filled] = np.add.reduceat(ordered, matrix.indptr[:-1][filled])
    return sums


def scaled_rows(matrix: csr_array, sums: npt.NDArray[np.float64]) -> csr_array:
    """Divide each row by its sum; a row whose sum is zero stays empty.

    Parameters
    ----------
    matrix : csr_array, shape (N, N)
        Weights.
    sums : ndarray, shape (N,)
        What to divide the rows by.

    Returns
    -------
    csr_array, shape (N, N)
        The scaled weights.

    Examples
    --------
    >>> scaled_rows(canonical([[0, 2], [1, 0]]), np.array([4.0, 1.0])).toarray()
    array([[0. , 0.5],
           [1. , 0. ]])
    """
    result = matrix.copy()
    result.data = matrix.data / np.repeat(np.where(sums > 0, sums, 1.0), np.diff(matrix.indptr))
    return result


def minmax_norm(matrix: csr_array) -> float:
    """Compute the smaller of the largest row sum and the largest column sum.

    Parameters
    ----------
    matrix : csr_array, shape (N, N)
        Non-negative weights.

    Returns
    -------
    float
        An upper bound of the spectral radius.

    References
    ----------
    Kelejian, H. H., & Prucha, I. R. (2010). Specification and estimation of spatial autoregressive models with
    autoregressive and heteroskedastic disturbances. *Journal of Econometrics*, 157(1), 53-67, section 2.2.

    Examples
    --------
    >>> minmax_norm(canonical([[0, 1, 1], [1, 0, 0], [1, 0, 0]]))
    2.0
    """
    return float(min(row_sums(matrix).max(), row_sums(canonical(matrix.T)).max()))


def spectral_radius(matrix: Any) -> float:
    """Compute the largest absolute eigenvalue of a non-negative matrix.

    Only links inside strongly connected components count (the others leave the spectrum as it is). Where all row
    sums are equal they are the radius; otherwise it is computed densely up to 300 units and by Arnoldi or Lanczos
    iteration from a vector of ones beyond.

    Parameters
    ----------
    matrix : array_like or sparse array, shape (N, N)
        Non-negative weights.

    Returns
    -------
    float
        The radius; zero when no chain of links leads back to where it began.

    Raises
    ------
    WeightsError
        If the iteration does not converge.

    Examples
    --------
    >>> float(round(spectral_radius([[0, 1, 0], [1, 0, 1], [0, 1, 0]]), 6))
    1.414214
    """
    weights = canonical(matrix)
    core = _recurrent(weights)
    if core.nnz == 0:
        return 0.0
    for part in (weights, core):
        sums = row_sums(part)
        if np.ptp(sums) <= 4 * np.finfo(float).eps * sums.max():
            return float(sums.max())
    symmetric = (core != core.T).nnz == 0
    if core.shape[0] <= DENSE_LIMIT:
        solve = np.linalg.eigvalsh if symmetric else np.linalg.eigvals
        return float(np.abs(solve(core.toarray())).max())
    iterate = eigsh if symmetric else eigs
    try:
        values = iterate(core, k=1, which="LM", v0=np.ones(core.shape[0]), return_eigenvectors=False)
    except ArpackNoConvergence as error:
        what = "the largest eigenvalue of the weights was not found"
        raise WeightsError(what, cure="standardize by row or minmax") from error
    return float(np.abs(values).max())


def _recurrent(matrix: csr_array) -> csr_array:
    # the links inside strongly connected components, on the units that have such links
    _, component = csgraph.connected_components(matrix, directed=True, connection="strong")
    links = matrix.tocoo()
    inside = component[links.row] == component[links.col]
    kept = np.unique(links.row[inside])
    rows, cols = np.searchsorted(kept, links.row[inside]), np.searchsorted(kept, links.col[inside])
    return csr_array((links.data[inside], (rows, cols)), shape=(kept.size, kept.size))


def effective_neighbours(matrix: Any) -> float:
    """Compute the effective number of neighbours, the mean of 1 / sum_j p_ij^2 over the units that have neighbours.

    p is the row-standardized matrix. A unit with k equal weights counts k; the number falls as the weights
    concentrate. Near the number of units the spatial lag is nearly the mean of all others, hence a time effect.

    Parameters
    ----------
    matrix : array_like or sparse array, shape (N, N)
        Non-negative weights, standardized or not.

    Returns
    -------
    float
        Between 1 and N - 1; zero when no unit has a neighbour.

    Examples
    --------
    >>> effective_neighbours([[0, 1, 1], [1, 0, 1], [0, 0, 0]])
    2.0
    """
    weights = canonical(matrix)
    sums = row_sums(weights)
    if not sums.any():
        return 0.0
    squares = row_sums(scaled_rows(weights, sums).power(2))
    return float(np.mean(1.0 / squares[sums > 0]))


def described(matrix: csr_array) -> dict[str, float]:
    """Describe a matrix of weights; ``WeightsSeries.summary`` says what the numbers are.

    Parameters
    ----------
    matrix : csr_array, shape (N, N)
        Canonical non-negative weights.

    Returns
    -------
    dict
        Number by name.

    Examples
    --------
    >>> described(canonical([[0, 1, 0], [1, 0, 1], [0, 0, 0]]))["one_way"]
    0.3333333333333333
    """
    count, links = matrix.shape[0], matrix.nnz
    neighbours = np.diff(matrix.indptr)
    pairs = (matrix + matrix.T).nnz // 2
    return {
        "units": count,
        "pairs": pairs,
        "neighbours_mean": links / count,
        "neighbours_min": int(neighbours.min()),
        "neighbours_max": int(neighbours.max()),
        "islands": int((neighbours == 0).sum()),
        "effective_neighbours": effective_neighbours(matrix),
        "density": links / max(count * (count - 1), 1),
        "components": int(csgraph.connected_components(matrix, directed=True, connection="weak")[0]),
        "spectral_radius": spectral_radius(matrix),
        "one_way": (2 * pairs - links) / max(links, 1),
    }


def deduplicated(matrices: list[csr_array]) -> tuple[list[csr_array], npt.NDArray[np.intp]]:
    """Find the distinct matrices in a list.

    Parameters
    ----------
    matrices : list of csr_array
        Canonical weights; the same object may stand in the list many times.

    Returns
    -------
    distinct : list of csr_array
        The distinct ones, in the order of first use.
    position : ndarray of int, shape (T,)
        ``distinct[position[t]]`` equals ``matrices[t]``.

    Examples
    --------
    >>> chain = canonical([[0, 1], [1, 0]])
    >>> deduplicated([chain, chain.copy(), 2 * chain])[1]
    array([0, 0, 1])
    """
    keys = {id(matrix): _digest(matrix) for matrix in matrices}
    places: dict[bytes, int] = {}
    position = [places.setdefault(keys[id(matrix)], len(places)) for matrix in matrices]
    firsts = np.unique(position, return_index=True)[1]
    return [matrices[t] for t in firsts], np.array(position, dtype=np.intp)


def _digest(matrix: csr_array) -> bytes:
    parts = (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data)
    return b"".join(sha256(part.tobytes()).digest() for part in parts)
