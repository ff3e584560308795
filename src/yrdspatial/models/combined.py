"""The two scores of the models with a lag of y and a spatial error, solved together."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import root

from yrdspatial.errors import EstimationError
from yrdspatial.models.filtered import EDGE, STEP, Filtered, Regression, apply_filter, with_coefficients
from yrdspatial.models.likelihood import PERFECT, Fit, LagProfile, Problem
from yrdspatial.models.optimum import inner_ends, maximize
from yrdspatial.models.spectra import Jacobian, Spectra
from yrdspatial.models.within import FloatArray, dummy_basis


@dataclass(frozen=True)
class Combined:
    """The two scores of a model with a lag of y and a spatial error.

    Attributes
    ----------
    problem : Problem
        The arrays.
    filtered : Filtered
        Cross products.
    jacobian : Jacobian
        ln|S|, net of the dummies when adjusted.
    """

    problem: Problem
    filtered: Filtered
    jacobian: Jacobian

    def inner(self, value: float) -> tuple[float, LagProfile, Regression]:
        """Maximize over rho at one lambda, with P_D in the place of the projector after filtering.

        Parameters
        ----------
        value : float
            lambda.

        Returns
        -------
        rho : float
            The maximum.
        profile : LagProfile
            The likelihood as a function of rho.
        regression : Regression
            The filtered regression.
        """
        regression = self.filtered.at(value)
        profile = LagProfile(regression.moments, self.jacobian, self.filtered.degrees_of_freedom)
        rho, _ = maximize(profile.score, profile.loglik, self.lag.bounds)
        return rho, profile, regression

    @property
    def lag(self) -> Spectra:
        """Weights of y.

        Raises
        ------
        EstimationError
            If there is no lag.
        """
        if self.problem.lag is None:
            raise EstimationError("a model with a lag of y needs weights")
        return self.problem.lag

    def objective(self, value: float) -> float:
        """Return the likelihood of lambda, rho maximized out.

        Parameters
        ----------
        value : float
            lambda.

        Returns
        -------
        float
            The log-likelihood.
        """
        rho, profile, regression = self.inner(value)
        sse = float(profile.sse(np.array([rho]))[0])
        return self.jacobian.value(rho) + self.filtered.loglik(value, sse, regression)

    def outer(self, values: FloatArray) -> FloatArray:
        """Return its derivative.

        Parameters
        ----------
        values : ndarray, shape (m,)
            lambda.

        Returns
        -------
        ndarray, shape (m,)
            The scores.
        """
        out = []
        for value in values:
            rho, _, regression = self.inner(float(value))
            out.append(self.filtered.score(float(value), np.array([1.0, -rho]), regression))
        return np.array(out)

    def traces(self, rho: float, value: float) -> float:
        """Return tr((I - Pi) G), Pi = D (D'B'B D)^-1 D'B'B, which the adjusted score of rho subtracts.

        Parameters
        ----------
        rho, value : float
            rho and lambda.

        Returns
        -------
        float
            tr(G) without adjustment.
        """
        spectra = self.lag
        G = spectra.matrices @ np.linalg.inv(np.eye(self.problem.y.shape[1]) - rho * spectra.matrices)
        whole = float(spectra.years_of @ np.trace(G, axis1=1, axis2=2))
        if not self.filtered.adjusted or not self.problem.effects.dummies:
            return whole
        dummies = dummy_basis(self.problem.effects).reshape(*self.problem.y.shape, -1)
        moved = apply_filter(self.problem, value, dummies).reshape(self.problem.y.size, -1)
        sent = apply_filter(self.problem, value, G[spectra.position] @ dummies).reshape(moved.shape)
        return whole - float(np.trace(np.linalg.solve(moved.T @ moved, moved.T @ sent)))

    def scores(self, point: FloatArray) -> FloatArray:
        """Return both (adjusted) profile scores.

        Parameters
        ----------
        point : ndarray, shape (2,)
            rho and lambda.

        Returns
        -------
        ndarray, shape (2,)
            The scores.
        """
        rho, value = float(point[0]), float(point[1])
        regression = self.filtered.at(value)
        ray = np.array([1.0, -rho])
        sigma2 = float(ray @ regression.moments @ ray) / self.filtered.degrees_of_freedom
        gain = float(regression.moments[1] @ ray) / sigma2
        return np.array([gain - self.traces(rho, value), self.filtered.score(value, ray, regression)])


def fit_both(problem: Problem) -> Fit:
    """Solve the (adjusted) scores of SAC and GNS.

    Parameters
    ----------
    problem : Problem
        Arrays of a model with a lag of y and a spatial error.

    Returns
    -------
    Fit
        The estimates; the log-likelihood is None where the adjusted scores have no objective.

    Raises
    ------
    EstimationError
        If weights are missing, X fits y perfectly, or the scores have no common zero inside the intervals.

    Examples
    --------
    >>> from yrdspatial.models.within import Effects
    >>> near, far = (np.roll(np.eye(9), 1, axis=1), np.roll(np.eye(9), 3, axis=1))
    >>> lag, error = (Spectra.of(w[None], np.zeros(8, dtype=np.intp)) for w in (near, far))
    >>> rng = np.random.default_rng(1)
    >>> y, X = rng.normal(size=(8, 9)), rng.normal(size=(8, 9, 1))
    >>> effects = Effects.of(8, 9, unit=False, time=True)
    >>> fit = fit_both(Problem(y, X, effects, lag=lag, error=error, adjusted=True))
    >>> fit.spatial.shape, bool(np.allclose(fit.score, 0.0, atol=1e-6))
    ((2,), True)
    """
    if problem.error is None or problem.lag is None:
        raise EstimationError("a model with a lag of y and a spatial error needs weights for both")
    filtered = Filtered.of(problem, problem.error)
    if not filtered.at(0.0).moments[0, 0] > PERFECT * float((problem.y**2).sum()):
        raise EstimationError("the regressors fit the dependent variable perfectly", cure="drop regressors")
    combined = Combined(problem, filtered, Jacobian.of(problem.lag, problem.adjusting))
    bounds = (problem.lag.bounds, problem.error.bounds)
    start, stuck = maximize(combined.outer, combined.objective, bounds[1], EDGE)
    rho = combined.inner(start)[0]
    point = np.array([rho, start])
    at_bound = (abs(rho - np.array(inner_ends(bounds[0]))).min() < 1e-12, stuck)
    if not any(at_bound):
        point = _solve(combined, point, bounds)
    regression = filtered.at(float(point[1]))
    ray = np.array([1.0, -point[0]])
    sides = np.stack(
        [combined.scores(point + step) - combined.scores(point - step) for step in STEP * np.eye(2)]
    )
    exact = _has_objective(combined)
    fit = Fit(
        beta=np.zeros(0),
        spatial=point,
        sigma2=float(ray @ regression.moments @ ray) / filtered.degrees_of_freedom,
        loglik=_joint_loglik(combined, point) if exact else None,
        residuals=np.zeros(0),
        bounds=bounds,
        score=combined.scores(point),
        curvature=1.0 / np.diag(np.linalg.inv(-sides.T / (2.0 * STEP))),
        at_bound=at_bound,
        divisor=filtered.degrees_of_freedom,
        fall=None,
    )
    return with_coefficients(fit, problem, filtered, ray)


def _solve(
    combined: Combined, start: FloatArray, bounds: tuple[tuple[float, float], tuple[float, float]]
) -> FloatArray:
    """Solve both scores from a start near the solution.

    Parameters
    ----------
    combined : Combined
        The scores.
    start : ndarray, shape (2,)
        Where to begin.
    bounds : tuple of (float, float)
        The intervals.

    Returns
    -------
    ndarray, shape (2,)
        rho and lambda.

    Raises
    ------
    EstimationError
        If there is no zero inside the intervals.
    """
    found = root(combined.scores, start, tol=1e-12)
    point = np.asarray(found.x, dtype=np.float64)
    inside = all(low < x < high for x, (low, high) in zip(point, bounds, strict=True))
    small = (
        np.abs(combined.scores(point)).max() < 1e-6 * combined.filtered.degrees_of_freedom
        if inside
        else False
    )
    if not small:
        cure = 'use bias="none", other weights for the error, or a model with one spatial term'
        raise EstimationError("the adjusted scores have no common zero inside the intervals", cure=cure)
    return point


def _joint_loglik(combined: Combined, point: FloatArray) -> float:
    rho, value = float(point[0]), float(point[1])
    regression = combined.filtered.at(value)
    ray = np.array([1.0, -rho])
    sse = float(ray @ regression.moments @ ray)
    return combined.jacobian.value(rho) + combined.filtered.loglik(value, sse, regression)


def _has_objective(combined: Combined) -> bool:
    # Pi does not depend on lambda: its traces with G agree with those of P_D at a lambda away from zero.
    if not combined.filtered.adjusted:
        return True
    error = combined.problem.error
    if error is None:
        return True
    for share in (0.4, -0.3):
        rho = 0.5 * combined.lag.bounds[1]
        value = share * error.bounds[1]
        plain = float(combined.jacobian.slope(np.array([rho]))[0])
        if abs(combined.traces(rho, value) - plain) > 1e-8 * max(1.0, abs(plain)):
            return False
    return True
