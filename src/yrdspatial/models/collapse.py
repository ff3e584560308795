"""Unit effects out of the way: constant weights commute with contrasts over time, which leave a panel without them."""

from dataclasses import replace

import numpy as np

from yrdspatial.models.likelihood import Fit, Problem
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray, time_contrasts


def collapsible(problem: Problem) -> bool:
    """Say whether the adjusted likelihood is that of a shorter panel without unit effects.

    Parameters
    ----------
    problem : Problem
        The arrays.

    Returns
    -------
    bool
        With unit effects, windows common to all units, the adjustment, and weights that do not change.
    """
    weights = [one for one in (problem.lag, problem.error) if one is not None]
    constant = all(one.count == 1 for one in weights)
    common = problem.effects.cells is None and problem.profiled is None
    return problem.adjusted and problem.effects.unit and constant and common


def collapse(problem: Problem) -> tuple[Problem, FloatArray]:
    """Replace T periods by orthonormal contrasts within windows.

    Parameters
    ----------
    problem : Problem
        A collapsible problem.

    Returns
    -------
    problem : Problem
        With T less the number of windows periods and no unit effects; its likelihood is the adjusted one.
    contrasts : ndarray, shape (T, T - windows)
        Orthonormal columns that sum to zero in each window; residuals of the panel are these times the new ones.
    """
    contrasts = time_contrasts(problem.effects)
    left = contrasts.shape[1]
    groups = problem.effects.groups
    short = replace(
        problem,
        y=np.tensordot(contrasts.T, problem.y, axes=1),
        X=np.tensordot(contrasts.T, problem.X, axes=1),
        effects=Effects(np.zeros(left, dtype=np.intp), groups, unit=False, time=problem.effects.time),
        lag=_shorter(problem.lag, left),
        error=_shorter(problem.error, left),
    )
    return short, contrasts


def _shorter(spectra: Spectra | None, periods: int) -> Spectra | None:
    return None if spectra is None else replace(spectra, position=np.zeros(periods, dtype=np.intp))


def expand(fit: Fit, contrasts: FloatArray) -> Fit:
    """Give the residuals of the panel back.

    Parameters
    ----------
    fit : Fit
        Fit of the shorter panel.
    contrasts : ndarray, shape (T, T - windows)
        As of ``collapse``.

    Returns
    -------
    Fit
        With residuals of all periods.
    """
    return replace(fit, residuals=np.tensordot(contrasts, fit.residuals, axes=1))
