"""Whether the regressors can be told apart once the effects are out; if not, which cannot."""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import qr

from yrdspatial.errors import SpecificationError
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.within import FloatArray, demean

TOLERANCE = 1e-10
"""A column whose part not explained by the others is below this share of its size counts as explained."""


def check_rank(problem: Problem, names: Sequence[str]) -> None:
    """Check that no regressor is absorbed by the effects or explained by the others.

    Parameters
    ----------
    problem : Problem
        The arrays.
    names : sequence of str, length k
        Names of the columns of X.
    """
    data = np.concatenate([problem.X, problem.y[:, :, None]], axis=2)
    inner = demean(data, problem.effects)
    flat = (problem.y.size, -1)
    check_columns(data.reshape(flat), inner.reshape(flat), problem.effects.degrees_of_freedom, names)


def check_columns(data: FloatArray, inner: FloatArray, degrees: int, names: Sequence[str]) -> None:
    """Check stacked columns, as :func:`check_rank` does those of a balanced panel.

    Parameters
    ----------
    data : ndarray, shape (n, k + 1)
        Regressors and y.
    inner : ndarray, shape (n, k + 1)
        The same net of the effects.
    degrees : int
        Observations less dummies.
    names : sequence of str, length k
        Names of the regressors.

    Raises
    ------
    SpecificationError
        If a column is absorbed or collinear, y is constant, or too few observations are left; columns are named.
    """
    size, left = np.sqrt((data**2).sum(0)), np.sqrt((inner**2).sum(0))
    absorbed = left <= TOLERANCE * size
    if absorbed.any():
        gone = [name for name, out in zip((*names, "the dependent variable"), absorbed, strict=True) if out]
        cure = "drop the columns, or use other effects"
        raise SpecificationError("nothing is left beside the effects", where=", ".join(gone), cure=cure)
    if degrees <= len(names) + 1:
        what = f"{degrees} observations net of the effects for {len(names)} regressors"
        raise SpecificationError(what, cure="drop regressors or effects")
    _check_collinear(inner[:, :-1] / left[:-1], names)


def _check_collinear(columns: np.ndarray, names: Sequence[str]) -> None:
    if not columns.shape[1]:
        return
    _, triangle, pivot = qr(columns, mode="economic", pivoting=True)
    depth = np.abs(np.diag(triangle))
    rank = int((depth > TOLERANCE).sum())
    if rank == len(names):
        return
    kept, lost = pivot[:rank], pivot[rank]
    weights = np.linalg.lstsq(columns[:, kept], columns[:, lost], rcond=None)[0]
    partners = [names[k] for k, weight in zip(kept, weights, strict=True) if abs(weight) > 1e-8]
    where = f"{names[lost]} is explained by {', '.join(partners)}"
    raise SpecificationError("regressors are collinear", where=where, cure="drop one of them")
