"""How the pooled values of several maps are cut into shared classes, and which colours the classes get."""

import warnings
from collections.abc import Sequence

import mapclassify
import numpy as np
import numpy.typing as npt

from yrdspatial.errors import GapError, OutputError
from yrdspatial.report.style import SEQUENTIAL

Floats = npt.NDArray[np.float64]


def natural_breaks(values: Floats, classes: int = 5) -> Floats:
    """Cut pooled values into classes of least inner variance (Fisher's exact breaks).

    Parameters
    ----------
    values : ndarray, any shape
        The values of all maps that share the classes; missing ones are left out.
    classes : int
        Number of classes; fewer when there are fewer different values.

    Returns
    -------
    ndarray, shape (classes,)
        Upper bounds, rising; the last is the maximum.

    Raises
    ------
    GapError
        When every value is missing.

    References
    ----------
    Fisher, W. D. (1958). On grouping for maximum homogeneity. JASA 53, 789-798.

    Examples
    --------
    >>> natural_breaks(np.array([1.0, 1.1, 5.0, 5.2, 9.0, np.nan]), 3).tolist()
    [1.1, 5.2, 9.0]
    """
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        message = "the map has no value at all"
        raise GapError(message, cure="choose years that have data")
    count = min(classes, len(np.unique(known)))
    if count == 1:
        return known[-1:]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Numba not installed")
        return np.asarray(mapclassify.FisherJenks(known, k=count).bins, dtype=np.float64)


def class_edges(values: Floats, breaks: Sequence[float] | None = None) -> Floats:
    """Return the edges of the classes of pooled values, so that every value lies in one of them.

    Parameters
    ----------
    values : ndarray, any shape
        The values of all maps that share the classes; missing ones are left out.
    breaks : sequence of float, optional
        Upper bounds, rising; the maximum is added when they end below it. Without them natural breaks.

    Returns
    -------
    ndarray, shape (classes + 1,)
        The minimum and the upper bounds.

    Examples
    --------
    >>> class_edges(np.array([0.5, 1.5, 4.0]), [1.0, 2.0]).tolist()
    [0.5, 1.0, 2.0, 4.0]
    """
    bounds = natural_breaks(values) if breaks is None else np.asarray(breaks, dtype=np.float64)
    top = np.nanmax(values)
    bounds = bounds if bounds[-1] >= top else np.append(bounds, top)
    return np.insert(bounds, 0, min(float(np.nanmin(values)), bounds[0]))


def class_colors(count: int) -> list[str]:
    """Return colours for classes from low to high, apart in greyscale too.

    Parameters
    ----------
    count : int
        Number of classes.

    Returns
    -------
    list of str
        `count` colours, from light to dark.

    Raises
    ------
    OutputError
        When there are more classes than a reader can tell apart.

    Examples
    --------
    >>> class_colors(2)
    ['#eef6c8', '#22306f']
    """
    if count > len(SEQUENTIAL):
        message = f"{count} classes cannot be told apart on a map"
        raise OutputError(
            message, cure=f"ask for at most {len(SEQUENTIAL)} classes, the last up to the maximum"
        )
    places = np.linspace(0, len(SEQUENTIAL) - 1, count).round().astype(int)
    return [SEQUENTIAL[place] for place in places]
