"""Eigenvalues of the weights of few units, each set computed once."""

from collections import OrderedDict
from hashlib import blake2b

import numpy as np
from scipy.sparse import csr_array

from yrdspatial.models.factors import balance
from yrdspatial.models.resolvents import ComplexArray
from yrdspatial.models.within import FloatArray

REMEMBERED = 256
"""How many sets of eigenvalues are kept for the next model on the same weights."""

_KEPT: "OrderedDict[bytes, ComplexArray]" = OrderedDict()


def remembered(matrix: FloatArray | csr_array) -> ComplexArray:
    """Eigenvalues, kept by the content of the matrix, since models are compared on the same weights.

    Parameters
    ----------
    matrix : ndarray or csr_array, shape (N, N)
        Weights.

    Returns
    -------
    ndarray of complex, shape (N,)
        The eigenvalues.
    """
    parts = [matrix] if isinstance(matrix, np.ndarray) else [matrix.indptr, matrix.indices, matrix.data]
    content = blake2b(digest_size=16)
    for part in parts:
        content.update(np.ascontiguousarray(part).data)
    key = content.digest()
    if key not in _KEPT:
        _KEPT[key] = eigenvalues(matrix)
        if len(_KEPT) > REMEMBERED:
            _KEPT.popitem(last=False)
    return _KEPT[key]


def forget() -> None:
    """Forget all sets of eigenvalues, so that the next model on the same weights computes them again."""
    _KEPT.clear()


def eigenvalues(matrix: FloatArray | csr_array) -> ComplexArray:
    """Eigenvalues of a square matrix, real ones exactly real when it is symmetric or similar to a symmetric one.

    Parameters
    ----------
    matrix : ndarray or csr_array, shape (N, N)
        Weights.

    Returns
    -------
    ndarray of complex, shape (N,)
        The eigenvalues.
    """
    if isinstance(matrix, np.ndarray):
        scale, dense = symmetrizer(matrix), matrix
    else:
        scale, dense = balance(matrix), matrix.toarray()
    if scale is None:
        return np.linalg.eigvals(dense).astype(np.complex128)
    return np.linalg.eigvalsh(dense * (scale[:, None] / scale)).astype(np.complex128)


def symmetrizer(matrix: FloatArray) -> FloatArray | None:
    """Return the vector d that makes diag(d) W diag(1/d) symmetric, as for a row-standardized symmetric matrix.

    Parameters
    ----------
    matrix : ndarray, shape (N, N)
        Weights.

    Returns
    -------
    ndarray, shape (N,), or None
        d, or None when there is no such vector.
    """
    linked = matrix != 0
    if not (linked == linked.T).all() or (matrix * matrix.T < 0).any():
        return None
    scale = _propagate(matrix)
    balanced = matrix * (scale[:, None] / scale)
    return scale if np.allclose(balanced, balanced.T, rtol=1e-12, atol=0.0) else None


def _propagate(matrix: FloatArray) -> FloatArray:
    # D by walking the links from one unit of each component: d_j = d_i sqrt(w_ij / w_ji).
    scale = np.zeros(len(matrix))
    while not scale.all():
        frontier = [int(np.flatnonzero(scale == 0)[0])]
        scale[frontier] = 1.0
        while frontier:
            unit = frontier.pop()
            fresh = np.flatnonzero((matrix[unit] != 0) & (scale == 0))
            scale[fresh] = scale[unit] * np.sqrt(np.abs(matrix[unit, fresh] / matrix[fresh, unit]))
            frontier.extend(fresh.tolist())
    return scale
