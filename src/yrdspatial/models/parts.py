"""Lag models with several weights at once, such as neighbours inside and outside the province, or rings of time."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, root

from yrdspatial.errors import EstimationError
from yrdspatial.models.covariance import Information, centered, lag_traces
from yrdspatial.models.likelihood import PERFECT, Fit, Problem, gaussian, least_squares, spatial_lag
from yrdspatial.models.projected import Projected
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray, demean, dummy_basis

STEP = 1e-6
STARTS = (0.0, 0.3, -0.3)


@dataclass(frozen=True)
class Stack:
    """The distinct combinations of several weights.

    Attributes
    ----------
    matrices : ndarray, shape (Q, D, N, N)
        Weights by part and combination.
    spectra : Spectra
        Which combination each period has; its matrices are those of the first part, its eigenvalues are not used.
    """

    matrices: FloatArray
    spectra: Spectra

    @classmethod
    def of(cls, parts: tuple[Spectra, ...]) -> "Stack":
        """Collect the combinations.

        Parameters
        ----------
        parts : tuple of Spectra
            Weights of the same periods.

        Returns
        -------
        Stack
            The combinations.
        """
        codes, position = np.unique(np.stack([part.position for part in parts]), axis=1, return_inverse=True)
        matrices = np.stack([part.matrices[code] for part, code in zip(parts, codes, strict=True)])
        return cls(matrices, Spectra(matrices[0], position.ravel().astype(np.intp)))

    def mixed(self, rho: FloatArray) -> FloatArray:
        """Add the weights up.

        Parameters
        ----------
        rho : ndarray, shape (Q,)
            Spatial parameters.

        Returns
        -------
        ndarray, shape (D, N, N)
            sum_q rho_q W_q.
        """
        return np.asarray(np.tensordot(rho, self.matrices, axes=1))

    def feasible(self, rho: FloatArray) -> bool:
        """Say whether I - s sum_q rho_q W_q is invertible for every s from 0 to 1.

        Parameters
        ----------
        rho : ndarray, shape (Q,)
            Spatial parameters.

        Returns
        -------
        bool
            Whether the largest real eigenvalue of the sum is below one in every period, as it is when no row sum of
            sizes reaches one; eigenvalues are found where that is not enough.
        """
        mixed = self.mixed(rho)
        mixed = mixed[np.abs(mixed).sum(axis=2).max(axis=1) >= 1.0]
        if not len(mixed):
            return True
        omega = np.linalg.eigvals(mixed)
        real = np.where(np.abs(omega.imag) < 1e-9, omega.real, -np.inf)
        return bool(real.max() < 1.0)

    def propagators(self, rho: FloatArray) -> FloatArray:
        """Return G_q = W_q S^-1.

        Parameters
        ----------
        rho : ndarray, shape (Q,)
            Spatial parameters.

        Returns
        -------
        ndarray, shape (Q, D, N, N)
            The products.
        """
        inverse = np.linalg.inv(np.eye(self.matrices.shape[-1]) - self.mixed(rho))
        return np.asarray(self.matrices @ inverse)

    def bounds(self, rho: FloatArray) -> tuple[tuple[float, float], ...]:
        """Return the interval of each parameter with the others at their values.

        Parameters
        ----------
        rho : ndarray, shape (Q,)
            Spatial parameters.

        Returns
        -------
        tuple of (float, float)
            Where S stays invertible.
        """
        identity, found = np.eye(self.matrices.shape[-1]), []
        for q, own in enumerate(self.matrices):
            others = rho.copy()
            others[q] = 0.0
            alone = np.linalg.solve(identity - self.mixed(others), own)
            found.append(Spectra.of(alone, self.spectra.position).bounds)
        return tuple(found)


@dataclass(frozen=True)
class PartsProfile:
    """The likelihood in rho_1, ..., rho_Q, all else concentrated out.

    Attributes
    ----------
    problem : Problem
        The arrays.
    stack : Stack
        The weights.
    moments : ndarray, shape (1 + Q, 1 + Q)
        Cross products of the residuals of M y and M W_q y on M X.
    """

    problem: Problem
    stack: Stack
    moments: FloatArray

    def sse(self, rho: FloatArray) -> float:
        """Return the sum of squared residuals.

        Parameters
        ----------
        rho : ndarray, shape (Q,)
            Spatial parameters.

        Returns
        -------
        float
            The sum.
        """
        ray = np.append(1.0, -rho)
        return float(ray @ self.moments @ ray)

    def loglik(self, rho: FloatArray) -> float:
        """Return the log-likelihood with dummies, without adjustment.

        Parameters
        ----------
        rho : ndarray, shape (Q,)
            Spatial parameters.

        Returns
        -------
        float
            Minus infinity outside the feasible region.
        """
        if not self.stack.feasible(rho):
            return -np.inf
        logdet = np.linalg.slogdet(np.eye(self.stack.matrices.shape[-1]) - self.stack.mixed(rho))[1]
        count = self.problem.y.size
        return float(self.stack.spectra.years_of @ logdet) + gaussian(count, self.sse(rho) / count)

    def scores(self, rho: FloatArray, *, adjusted: bool) -> FloatArray:
        """Return the (adjusted) profile scores.

        Parameters
        ----------
        rho : ndarray, shape (Q,)
            Spatial parameters.
        adjusted : bool
            Subtract tr(M G_q) instead of tr(G_q).

        Returns
        -------
        ndarray, shape (Q,)
            The scores.
        """
        effects = self.problem.adjusting if adjusted else None
        count = self.problem.y.size if effects is None else effects.degrees_of_freedom
        gain = self.moments[1:] @ np.append(1.0, -rho) * count / self.sse(rho)
        G, spectra = self.stack.propagators(rho), self.stack.spectra
        if effects is None:
            traces = np.trace(G, axis1=2, axis2=3) @ spectra.years_of
        elif effects.cells is not None:
            projected = Projected(dummy_basis(effects).reshape(*self.problem.y.shape, -1))
            traces = np.array([projected.single(one[spectra.position]) for one in G])
        else:
            traces = np.trace(centered(G, effects), axis1=2, axis2=3) @ spectra.shared(effects.period_mass)
        return np.asarray(gain - traces)


def parts_profile(problem: Problem) -> tuple[PartsProfile, FloatArray, FloatArray]:
    """Concentrate everything but the spatial parameters out.

    Parameters
    ----------
    problem : Problem
        The arrays.

    Returns
    -------
    profile : PartsProfile
        The likelihood.
    coefficients : ndarray, shape (k, 1 + Q)
        Coefficients of M y and M W_q y on M X.
    residuals : ndarray, shape (T N, 1 + Q)
        What is left.

    Examples
    --------
    >>> from yrdspatial.models.within import Effects
    >>> rings = (0.5 * np.roll(np.eye(6), step, axis=1)[None] for step in (1, 2))
    >>> parts = tuple(Spectra.of(ring, np.zeros(4, dtype=np.intp)) for ring in rings)
    >>> y, X = (np.random.default_rng(seed).normal(size=(4, 6, 1)) for seed in (1, 2))
    >>> unit = Effects.of(4, 6, unit=True, time=False)
    >>> problem = Problem(y[:, :, 0], X, unit, lag=None, error=None, adjusted=True, parts=parts)
    >>> profile, coefficients, residuals = parts_profile(problem)
    >>> profile.moments.shape, coefficients.shape, residuals.shape
    ((3, 3), (1, 3), (24, 3))
    """
    y = problem.y[:, :, None]
    columns = [y, *(spatial_lag(part, y) for part in problem.parts), problem.X]
    flat = demean(np.concatenate(columns, axis=2), problem.effects).reshape(problem.y.size, -1)
    count = 1 + len(problem.parts)
    coefficients, residuals = least_squares(flat[:, count:], flat[:, :count])
    profile = PartsProfile(problem, Stack.of(problem.parts), residuals.T @ residuals)
    return profile, coefficients, residuals


def fit_parts(problem: Problem) -> Fit:
    """Estimate a lag model with several weights.

    Parameters
    ----------
    problem : Problem
        Arrays with ``parts``.

    Returns
    -------
    Fit
        The estimates. Adjusted scores are in general the derivatives of no function: then there is no
        log-likelihood.

    Raises
    ------
    EstimationError
        If X fits y perfectly, or no solution lies in the feasible region.

    Examples
    --------
    >>> from yrdspatial.models.within import Effects
    >>> rings = (0.5 * np.roll(np.eye(6), step, axis=1)[None] for step in (1, 2))
    >>> parts = tuple(Spectra.of(ring, np.zeros(4, dtype=np.intp)) for ring in rings)
    >>> y, X = (np.random.default_rng(seed).normal(size=(4, 6, 1)) for seed in (1, 2))
    >>> unit = Effects.of(4, 6, unit=True, time=False)
    >>> problem = Problem(y[:, :, 0], X, unit, lag=None, error=None, adjusted=True, parts=parts)
    >>> fit = fit_parts(problem)
    >>> fit.spatial.shape, bool(np.allclose(fit.score, 0.0, atol=1e-6))
    ((2,), True)
    """
    profile, coefficients, residuals = parts_profile(problem)
    if not profile.moments[0, 0] > PERFECT * float((problem.y**2).sum()):
        raise EstimationError("the regressors fit the dependent variable perfectly", cure="drop regressors")
    rho = _climb(profile)
    corrected = problem.adjusted and problem.effects.dummies > 0
    if corrected:
        found = root(lambda point: profile.scores(point, adjusted=True), rho, tol=1e-12)
        rho = np.asarray(found.x, dtype=np.float64)
        left = np.abs(profile.scores(rho, adjusted=True)).max()
        if not (profile.stack.feasible(rho) and left < 1e-6 * problem.y.size):
            cure = 'use bias="none", sparser weights, or one weight'
            raise EstimationError("the adjusted scores have no common zero in the feasible region", cure=cure)
    steps = STEP * np.eye(rho.size)
    sides = [
        profile.scores(rho + s, adjusted=corrected) - profile.scores(rho - s, adjusted=corrected)
        for s in steps
    ]
    ray = np.append(1.0, -rho)
    return Fit(
        beta=coefficients @ ray,
        spatial=rho,
        sigma2=profile.sse(rho) / problem.degrees_of_freedom,
        loglik=_reported(profile, rho),
        residuals=(residuals @ ray).reshape(problem.y.shape),
        bounds=profile.stack.bounds(rho),
        score=profile.scores(rho, adjusted=corrected),
        curvature=1.0 / np.diag(np.linalg.inv(-np.stack(sides, axis=1) / (2.0 * STEP))),
        at_bound=tuple(False for _ in rho),
        divisor=problem.degrees_of_freedom,
        fall=None,
    )


def _reported(profile: PartsProfile, rho: FloatArray) -> float | None:
    # The adjusted log-likelihood where the adjusted scores have one: without time effects, windows common to all.
    effects = profile.problem.adjusting
    if effects is None:
        return profile.loglik(rho)
    if effects.time or effects.cells is not None:
        return None
    logdet = np.linalg.slogdet(np.eye(profile.stack.matrices.shape[-1]) - profile.stack.mixed(rho))[1]
    count = effects.degrees_of_freedom
    spectra = profile.stack.spectra
    return float(spectra.shared(effects.period_mass) @ logdet) + gaussian(count, profile.sse(rho) / count)


def _climb(profile: PartsProfile) -> FloatArray:
    # The dummy-variable maximum, from several starts; the search never leaves the feasible region.
    best, peak = None, -np.inf
    for start in STARTS:
        point = np.full(len(profile.stack.matrices), start)
        if not profile.stack.feasible(point):
            continue
        found = minimize(
            lambda at: -profile.loglik(at) if profile.stack.feasible(at) else 1e10,
            point,
            jac=lambda at: (
                -profile.scores(at, adjusted=False) if profile.stack.feasible(at) else np.zeros_like(at)
            ),
            method="BFGS",
        )
        polished = root(lambda at: profile.scores(at, adjusted=False), found.x, tol=1e-12).x
        for candidate in (np.asarray(found.x), np.asarray(polished)):
            value = profile.loglik(candidate)
            if value >= peak:
                best, peak = candidate.astype(np.float64), value
    if best is None or not np.isfinite(peak):
        raise EstimationError("the likelihood is not finite", cure="use other weights")
    return best


def parts_information(problem: Problem, fit: Fit, *, observed: bool = False) -> Information:
    """Information of a lag model with several weights.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.
    observed : bool
        The slope of the score at the data instead of its expectation.

    Returns
    -------
    Information
        In the order beta, rho_1, ..., rho_Q, sigma2.

    Examples
    --------
    >>> from yrdspatial.models.within import Effects
    >>> rings = (0.5 * np.roll(np.eye(6), step, axis=1)[None] for step in (1, 2))
    >>> parts = tuple(Spectra.of(ring, np.zeros(4, dtype=np.intp)) for ring in rings)
    >>> y, X = (np.random.default_rng(seed).normal(size=(4, 6, 1)) for seed in (1, 2))
    >>> unit = Effects.of(4, 6, unit=True, time=False)
    >>> problem = Problem(y[:, :, 0], X, unit, lag=None, error=None, adjusted=True, parts=parts)
    >>> parts_information(problem, fit_parts(problem)).slope.shape  # beta, two rho, sigma2
    (4, 4)
    """
    stack, s2 = Stack.of(problem.parts), fit.sigma2
    G, effects, spectra = stack.propagators(fit.spatial), problem.adjusting, stack.spectra
    y, e = problem.y[:, :, None], fit.residuals[:, :, None]
    lagged = [spatial_lag(part, y) for part in problem.parts]
    if not observed:
        lagged = [one - G[q][spectra.position] @ e for q, one in enumerate(lagged)]
    flat = demean(np.concatenate([problem.X, *lagged], axis=2), problem.effects).reshape(problem.y.size, -1)
    count, parts = flat.shape[1], len(problem.parts)
    first = count - parts
    slope = np.zeros((count + 1, count + 1))
    slope[:count, :count] = flat.T @ flat / s2
    variance = slope.copy()
    for q in range(parts):
        for r in range(parts):
            traces = lag_traces(spectra, G[q], effects, G[r])
            cross = 0.0 if observed else traces.cross
            slope[first + q, first + r] += traces.square + cross
            variance[first + q, first + r] += cross + traces.projected
        single = lag_traces(spectra, G[q], effects).single
        pull = float((flat[:, first + q] * fit.residuals.ravel()).sum()) / s2 if observed else single
        slope[first + q, -1] = slope[-1, first + q] = pull / s2
    slope[-1, -1] = 0.5 * problem.degrees_of_freedom / s2**2
    variance[-1, :], variance[:, -1] = slope[-1, :], slope[:, -1]
    return Information(slope, 0.5 * (slope + slope.T) if observed else variance)
