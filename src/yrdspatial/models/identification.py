"""When a spatial parameter is hardly identified: what is said about it, and what would help."""

import numpy as np

from yrdspatial.models.likelihood import Fit, Problem
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray
from yrdspatial.weights.matrices import effective_neighbours as sparse_neighbours

WIDE = 0.15
"""A standard error of rho above this is warned of."""
DENSE = 1.0 / 3.0
"""The share of N above which the effective number of neighbours is warned of under time effects."""
FLAT = 1.920729410347062
"""Half the 95 % quantile of chi2(1): a profile that falls by less on its way to an end has no 95 % interval there."""
NO_EFFECTS = (
    "the variance of the unit effects is estimated as zero: the random effects model is the pooled one"
)
HELP = "a steeper decay, k nearest neighbours, a cut-off, or no time effects would help"


def effective_neighbours(spectra: Spectra) -> float:
    """Return the effective number of neighbours, averaged over units and periods.

    Parameters
    ----------
    spectra : Spectra
        The weights.

    Returns
    -------
    float
        The mean of 1 / sum_j p_ij^2, p the row-standardized weights, over units that have neighbours.
    """
    if spectra.sparse:
        counts = np.array([sparse_neighbours(one) for one in spectra.links])
        return float(spectra.years_of @ counts / spectra.years_of.sum())
    size = np.abs(spectra.matrices)
    rows = size.sum(axis=2)
    linked = rows > 0
    share = np.divide(size, rows[:, :, None], out=np.zeros_like(size), where=linked[:, :, None])
    count = np.divide(1.0, (share**2).sum(axis=2), out=np.zeros_like(rows), where=linked)
    means = count.sum(axis=1) / np.maximum(linked.sum(axis=1), 1)
    return float(spectra.years_of @ means / spectra.years_of.sum())


def weak_points(problem: Problem, fit: Fit, errors: FloatArray, names: tuple[str, ...]) -> tuple[str, ...]:
    """Say what makes a spatial parameter doubtful.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.
    errors : ndarray, shape (q,)
        Standard errors of the spatial parameters.
    names : tuple of str, length q
        Their names.

    Returns
    -------
    tuple of str
        One sentence each; empty when all is well.
    """
    said = []
    for name, estimate, error, bound, ends in zip(
        names, fit.spatial, errors, fit.at_bound, fit.bounds, strict=True
    ):
        if name == "phi":
            said.extend([NO_EFFECTS] if bound else [])
        elif bound:
            said.append(
                f"{name} = {estimate:.3f} lies at the end of its interval ({ends[0]:.3f}, {ends[1]:.3f}): "
                f"the likelihood has no maximum inside, and standard errors mean little; {HELP}"
            )
        elif error > WIDE:
            said.append(f"{name} is weakly identified: its standard error is {error:.2f}; {HELP}")
    if fit.fall is not None and fit.fall < FLAT and not any(fit.at_bound):
        said.append(
            f"the profile of {names[0]} is flat: towards an end of the interval it falls by {fit.fall:.2f}, "
            f"less than the {FLAT:.2f} of a 95 % interval; {HELP}"
        )
    if problem.effects.time:
        said.extend(_dense(problem))
    return tuple(said)


def _dense(problem: Problem) -> list[str]:
    units = problem.y.shape[1]
    said = []
    for what, spectra in (("y", problem.lag), ("the error", problem.error)):
        count = 0.0 if spectra is None else effective_neighbours(spectra)
        if count > DENSE * units:
            said.append(
                f"the weights of {what} are dense: {count:.1f} effective neighbours of {units} units, "
                f"so that the spatial lag is nearly the time effect; {HELP}"
            )
    return list(dict.fromkeys(said))
