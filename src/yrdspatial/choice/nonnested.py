"""The numeric core of the J test: what a rival predicts and the null does not hold, and the null drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import Fit, Problem
from yrdspatial.models.model import estimate
from yrdspatial.models.recovered import recovered_effects
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray, demean

ALIKE = 1e-7
"""What a rival adds counts as nothing below this share of its size, net of the effects and of X."""


@dataclass(frozen=True)
class Addition:
    """What the predictors of rivals add to a null model.

    Attributes
    ----------
    coefficients, errors : ndarray, shape (m,)
        Their coefficients and standard errors; a predictor is scaled to a standard deviation of one net of the effects.
    statistic : float
        Wald statistic that all are zero; NaN when the null model holds a predictor already.
    """

    coefficients: FloatArray
    errors: FloatArray
    statistic: float


def solved(weights: Spectra | None, rho: float, values: FloatArray) -> FloatArray:
    """Solve (I - rho W_t) u_t = values_t.

    Parameters
    ----------
    weights : Spectra or None
        The weights; None for the identity.
    rho : float
        A value inside the interval.
    values : ndarray, shape (T, N)
        Right-hand sides.

    Returns
    -------
    ndarray, shape (T, N)
        The solutions.

    Examples
    --------
    >>> swap = Spectra.of(np.array([[[0.0, 1.0], [1.0, 0.0]]]), np.zeros(1, dtype=np.intp))
    >>> solved(swap, 0.5, np.array([[1.0, 1.0]])).tolist()
    [[2.0, 2.0]]
    """
    if weights is None:
        return values
    if weights.thin:
        return weights.solve(rho, values)
    inverse = np.linalg.inv(np.eye(weights.units) - rho * weights.matrices)
    return np.asarray((inverse[weights.position] @ values[:, :, None])[:, :, 0])


def addition_of(problem: Problem, fit: Fit, terms: int) -> FloatArray:
    """Return the part of a model's mean that its own terms do not hold: S^-1 X beta less the terms times their betas.

    Parameters
    ----------
    problem : Problem
        The rival: SLX, SAR, SDM or SDEM.
    fit : Fit
        Its estimates.
    terms : int
        How many of the first columns of X the null model has as well.

    Returns
    -------
    ndarray, shape (T, N)
        rho W S^-1 X beta in SAR, W X theta in SLX and SDEM, both in SDM. Unit and time effects stay out of it: under
        weights that change they would carry averages of the errors into it.

    Examples
    --------
    >>> swap = Spectra.of(np.array([[[0.0, 1.0], [1.0, 0.0]]]), np.zeros(1, dtype=np.intp))
    >>> from yrdspatial.models.within import Effects
    >>> X, none = np.array([[[1.0], [0.0]]]), np.zeros(0)
    >>> pooled = Effects.of(1, 2, unit=False, time=False)
    >>> fit = Fit(np.array([3.0]), np.array([0.5]), 1.0, None, X[:, :, 0], (), none, none, (), 2, None)
    >>> addition_of(Problem(X[:, :, 0], X, pooled, swap, None, adjusted=False), fit, 1).tolist()
    [[1.0, 2.0]]
    """
    mean = problem.X @ fit.beta
    rho = float(fit.spatial[0]) if problem.lag is not None else 0.0
    return solved(problem.lag, rho, mean) - problem.X[:, :, :terms] @ fit.beta[:terms]


def added(problem: Problem, additions: Sequence[FloatArray]) -> Addition:
    """Add predictors to a null model and test whether they help.

    Parameters
    ----------
    problem : Problem
        The null model.
    additions : sequence of ndarray, shape (T, N)
        The predictors.

    Returns
    -------
    Addition
        Coefficients and Wald statistic.
    """
    new = np.stack(additions, axis=2)
    held = demean(problem.X, problem.effects).reshape(problem.y.size, -1)
    net = demean(new, problem.effects).reshape(problem.y.size, -1)
    size = np.sqrt((new**2).sum(axis=(0, 1)))
    left = np.concatenate([held, net], axis=1)
    away = np.array(
        [
            np.linalg.norm(column - others @ np.linalg.lstsq(others, column, rcond=None)[0])
            for column, others in (
                (left[:, k], np.delete(left, k, axis=1)) for k in range(held.shape[1], left.shape[1])
            )
        ]
    )
    if (away <= ALIKE * size).any():
        nothing = np.full(len(additions), np.nan)
        return Addition(nothing, nothing, float("nan"))
    new = new / net.std(axis=0)
    augmented = replace(problem, X=np.concatenate([problem.X, new], axis=2))
    fit, information = estimate(augmented)
    place = slice(problem.X.shape[2], augmented.X.shape[2])
    values, block = fit.beta[place], information.covariance()[place, place]
    return Addition(values, np.sqrt(np.diag(block)), float(values @ np.linalg.solve(block, values)))


@dataclass(frozen=True)
class Redraw:
    """The null model, ready to be drawn again with its residuals in another order.

    Attributes
    ----------
    problem : Problem
        The null model.
    fit : Fit
        Its estimates.
    mean : ndarray, shape (T, N)
        X beta and the effects.
    residuals : ndarray, shape (T N,)
        Residuals, centred, scaled by the root of N T / M0.
    """

    problem: Problem
    fit: Fit
    mean: FloatArray
    residuals: FloatArray

    @classmethod
    def of(cls, problem: Problem, fit: Fit) -> "Redraw":
        """Prepare the draws.

        Parameters
        ----------
        problem : Problem
            The null model.
        fit : Fit
            Its estimates.

        Returns
        -------
        Redraw
            Mean and residuals.
        """
        unit, time = recovered_effects(problem, fit)
        effects = problem.effects
        cells = effects.windows[:, None] if effects.cells is None else effects.cells
        own = unit[np.broadcast_to(cells, problem.y.shape), np.arange(problem.y.shape[1])]
        mean = problem.X @ fit.beta + effects.unit * own + effects.time * time[:, effects.groups]
        residuals = fit.residuals.ravel() - fit.residuals.mean()
        return cls(problem, fit, mean, residuals * np.sqrt(problem.y.size / effects.degrees_of_freedom))

    def draw(self, rng: np.random.Generator) -> FloatArray:
        """Draw y under the null.

        Parameters
        ----------
        rng : Generator
            Source of the order.

        Returns
        -------
        ndarray, shape (T, N)
            S^-1 (X beta + effects + B^-1 e).
        """
        e = rng.choice(self.residuals, size=self.residuals.size).reshape(self.problem.y.shape)
        if self.problem.error is not None:
            e = solved(self.problem.error, float(self.fit.spatial[-1]), e)
        rho = float(self.fit.spatial[0]) if self.problem.lag is not None else 0.0
        return solved(self.problem.lag, rho, self.mean + e)


def j_statistics(
    null: Problem, rivals: Sequence[Problem], groups: Sequence[Sequence[int]], terms: int
) -> list[Addition]:
    """Compute the J statistics of a null model against groups of rivals.

    Parameters
    ----------
    null : Problem
        The null model.
    rivals : sequence of Problem
        The rivals, with the same y.
    groups : sequence of sequence of int
        Which rivals are tested together.
    terms : int
        Columns of X that all have in common, the first ones.

    Returns
    -------
    list of Addition
        One for each group.
    """
    additions = [addition_of(rival, estimate(rival)[0], terms) for rival in rivals]
    return [added(null, [additions[k] for k in group]) for group in groups]


def bootstrap_j(
    redraw: Redraw,
    rivals: Sequence[Problem],
    groups: Sequence[Sequence[int]],
    terms: int,
    rngs: Sequence[np.random.Generator],
) -> FloatArray:
    """Compute the J statistics again on panels drawn under the null.

    Parameters
    ----------
    redraw : Redraw
        The null model.
    rivals : sequence of Problem
        The rivals.
    groups : sequence of sequence of int
        Which rivals are tested together.
    terms : int
        Columns of X that all have in common.
    rngs : sequence of Generator
        One for each draw.

    Returns
    -------
    ndarray, shape (draws, groups)
        The statistics; NaN where a draw could not be estimated.
    """
    out = np.full((len(rngs), len(groups)), np.nan)
    for row, rng in enumerate(rngs):
        y = redraw.draw(rng)
        again = [replace(one, y=y) for one in rivals]
        try:
            found = j_statistics(replace(redraw.problem, y=y), again, groups, terms)
        except (EstimationError, np.linalg.LinAlgError):
            continue
        out[row] = [one.statistic for one in found]
    return out
