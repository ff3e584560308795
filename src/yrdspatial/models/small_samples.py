"""Where an estimator misses in simulated panels of the size of the delta's: what its summary says."""

import numpy as np

from yrdspatial.models.likelihood import Problem
from yrdspatial.models.specification import Design

LARGE = 1400
"""Twice the observations of the simulated panels: above, nothing is said."""
SIMULATED = "in simulated panels of 41 units and 17 years "
NOTES = {
    "SDM": "rho is 0.004 to 0.009 too small, up to a fifth of its standard error; intervals hold",
    "error": "lambda is 0.002 to 0.009 too small, up to a fifth of its standard error; intervals hold",
    "both": (
        "rho and lambda are up to 0.01 too small, a fifth of their standard errors; with random effects 95 % intervals "
        "of indirect effects hold the truth in 91 to 93 % of panels"
    ),
    "the same weights": (
        "rho and lambda with the same weights are told apart badly: rho is 0.01 to 0.03 too small, and 95 % intervals "
        "hold the two and indirect effects in 89 to 94 % of panels"
    ),
    "dynamic": (
        "95 % intervals of long-run effects by the delta method hold the truth in 84 to 93 % of panels, the fewer the "
        "nearer the largest root is to one, and simulated ones in 91 to 95 %; rho is up to 0.01 too small"
    ),
    "border": (
        "the spatial parameters are up to 0.02 too small, a quarter of their standard errors, and 95 % intervals of "
        "total effects hold the truth in 91 to 95 % of panels"
    ),
    "random": "rho and lambda are 0.002 to 0.006 too small, up to a fifth of their standard errors",
}
"""What missed; the figures are those of benchmarks/results/montecarlo.json."""


def small_sample_notes(design: Design) -> tuple[str, ...]:
    """Say what an estimator misses in panels of this size, by simulation.

    Parameters
    ----------
    design : Design
        The request and its arrays.

    Returns
    -------
    tuple of str
        One sentence, or none: where bias and coverage held, above 1,400 observations, and with the fixed-effects bias
        left in, which is another matter.

    Examples
    --------
    >>> import pandas as pd
    >>> import yrdspatial as yrd
    >>> units, years = list("abcdefgh"), range(2001, 2011)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> data = pd.DataFrame(np.random.default_rng(3).normal(size=(80, 2)), index, ["y", "x"])
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> links = pd.DataFrame(ring, units, units)
    >>> small_sample_notes(yrd.SDM(data, "y ~ x", weights=links).design)[0][:66]
    'in simulated panels of 41 units and 17 years rho is 0.004 to 0.009'
    >>> small_sample_notes(yrd.SAR(data, "y ~ x", weights=links).design)
    ()
    """
    problem = design.problem
    if problem.y.size > LARGE or (problem.effects.dummies and not problem.adjusted):
        return ()
    kind = _kind(design)
    return (SIMULATED + NOTES[kind],) if kind else ()


def _kind(design: Design) -> str:
    spec, problem = design.spec, design.problem
    if spec.lags or spec.parts:
        return "dynamic" if spec.lags else "border"
    if spec.lag and spec.error:
        return "the same weights" if _same(problem) else "both"
    if problem.random and (spec.lag or spec.error):
        return "random"
    if spec.lag:
        return "SDM" if spec.durbin else ""
    return "error" if spec.error else ""


def _same(problem: Problem) -> bool:
    one, two = problem.lag, problem.error
    if one is None or two is None:
        return False
    if one is two:
        return True
    return (
        not (one.sparse or two.sparse)
        and np.array_equal(one.position, two.position)
        and np.array_equal(one.matrices, two.matrices)
    )
