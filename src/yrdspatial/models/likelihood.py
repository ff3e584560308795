"""Concentrated likelihoods of the lag models: one equation in rho, solved in its true interval."""

from dataclasses import dataclass, replace

import numpy as np

from yrdspatial.errors import EstimationError
from yrdspatial.models.log_determinant import LogJacobian, log_jacobian
from yrdspatial.models.optimum import Objective, Score, inner_ends, pinpoint
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray, demean

PERFECT = 1e-24
"""A sum of squared residuals below this share of that of y is a perfect fit, to rounding."""


@dataclass(frozen=True)
class Problem:
    """The arrays of one model, units and periods by position.

    Attributes
    ----------
    y : ndarray, shape (T, N)
        Dependent variable.
    X : ndarray, shape (T, N, k)
        All regressors, W X and the constant included.
    effects : Effects
        Unit and time effects.
    lag : Spectra or None
        Weights of the lag of y.
    error : Spectra or None
        Weights of the error.
    adjusted : bool
        Whether the fixed-effects bias is removed.
    random : str
        "baltagi" or "kkp" for random unit effects; empty without.
    lags : tuple of str
        What the first columns of X are in a dynamic model: "y" for y_{t-1}, "Wy" for W_{t-1} y_{t-1}.
    previous : Spectra or None
        W_{t-1}, when "Wy" is among the lags.
    profiled : Effects or None
        The effects adjusted for when they are not all of them.
    parts : tuple of Spectra
        Several weights of y in the place of ``lag``.
    """

    y: FloatArray
    X: FloatArray
    effects: Effects
    lag: Spectra | None
    error: Spectra | None
    adjusted: bool
    random: str = ""
    lags: tuple[str, ...] = ()
    previous: Spectra | None = None
    profiled: Effects | None = None
    parts: tuple[Spectra, ...] = ()

    @property
    def degrees_of_freedom(self) -> int:
        """The divisor of sigma2: M0 when adjusted, N T otherwise."""
        adjusting = self.adjusting
        return self.y.size if adjusting is None else adjusting.degrees_of_freedom

    @property
    def adjusting(self) -> Effects | None:
        """The effects whose bias is removed."""
        if not self.adjusted:
            return None
        return self.effects if self.profiled is None else self.profiled


@dataclass(frozen=True)
class Fit:
    """The numbers of a fitted model.

    Attributes
    ----------
    beta : ndarray, shape (k,)
        Coefficients of X.
    spatial : ndarray, shape (q,)
        Coefficients of the lags of y, then of the error.
    sigma2 : float
        Residual variance.
    loglik : float or None
        Log-likelihood at the optimum; None where no objective function exists.
    residuals : ndarray, shape (T, N)
        Residuals net of the effects.
    bounds : tuple of (float, float)
        The interval of each spatial coefficient.
    score : ndarray, shape (q,)
        The profile score at the solution.
    curvature : ndarray, shape (q,)
        Minus the slope of the profile score at the solution; positive at a maximum.
    at_bound : tuple of bool
        Whether a spatial coefficient lies at the end of its interval.
    divisor : int
        What the sum of squares was divided by.
    fall : float or None
        How far the profile log-likelihood falls from the optimum to the nearer (higher) end of the interval of a
        single spatial coefficient; None for models with none or two.
    method : str
        How log-determinants and traces were found.
    """

    beta: FloatArray
    spatial: FloatArray
    sigma2: float
    loglik: float | None
    residuals: FloatArray
    bounds: tuple[tuple[float, float], ...]
    score: FloatArray
    curvature: FloatArray
    at_bound: tuple[bool, ...]
    divisor: int
    fall: float | None
    method: str = ""


def spatial_lag(spectra: Spectra, values: FloatArray) -> FloatArray:
    """W_t values_t, period by period.

    Parameters
    ----------
    spectra : Spectra
        The weights.
    values : ndarray, shape (T, N, k)
        Raw values.

    Returns
    -------
    ndarray, shape (T, N, k)
        The lags.
    """
    return spectra.lag(values)


@dataclass(frozen=True)
class LagProfile:
    """The log-likelihood of a lag model as a function of rho alone.

    Attributes
    ----------
    moments : ndarray, shape (2, 2)
        Cross products of the residuals of M y and M W y on M X.
    jacobian : LogJacobian
        The log-Jacobian.
    degrees_of_freedom : int
        The divisor of sigma2.
    """

    moments: FloatArray
    jacobian: LogJacobian
    degrees_of_freedom: int

    def sse(self, rho: FloatArray) -> FloatArray:
        """Sum of squared residuals.

        Parameters
        ----------
        rho : ndarray, shape (m,)
            Values inside the interval.

        Returns
        -------
        ndarray, shape (m,)
            The sums.
        """
        sums = self.moments[0, 0] - 2.0 * rho * self.moments[0, 1] + rho**2 * self.moments[1, 1]
        return np.asarray(sums)

    def loglik(self, rho: float) -> float:
        """Return the concentrated log-likelihood, constants included.

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        float
            The log-likelihood.
        """
        sigma2 = float(self.sse(np.array([rho]))[0]) / self.degrees_of_freedom
        return self.jacobian.value(rho) + gaussian(self.degrees_of_freedom, sigma2)

    def score(self, rho: FloatArray) -> FloatArray:
        """Its derivative.

        Parameters
        ----------
        rho : ndarray, shape (m,)
            Values inside the interval.

        Returns
        -------
        ndarray, shape (m,)
            The scores.
        """
        gain = self.moments[0, 1] - rho * self.moments[1, 1]
        return np.asarray(self.degrees_of_freedom * gain / self.sse(rho) - self.jacobian.slope(rho))

    def curvature(self, rho: float) -> float:
        """Minus its second derivative.

        Parameters
        ----------
        rho : float
            A value inside the interval.

        Returns
        -------
        float
            The curvature.
        """
        sse = float(self.sse(np.array([rho]))[0])
        gain = self.moments[0, 1] - rho * self.moments[1, 1]
        fit = self.degrees_of_freedom * (self.moments[1, 1] - 2.0 * gain**2 / sse) / sse
        return float(fit + self.jacobian.curvature(rho))


def gaussian(count: int, sigma2: float) -> float:
    """Return the Gaussian log-density of ``count`` residuals at their own variance.

    Parameters
    ----------
    count : int
        Number of residuals.
    sigma2 : float
        Their mean square.

    Returns
    -------
    float
        -count/2 (ln(2 pi sigma2) + 1).
    """
    return float(-0.5 * count * (np.log(2.0 * np.pi * sigma2) + 1.0))


def least_squares(x: FloatArray, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Regress columns on x.

    Parameters
    ----------
    x : ndarray, shape (n, k)
        Regressors of full column rank.
    targets : ndarray, shape (n, m)
        What is regressed.

    Returns
    -------
    coefficients : ndarray, shape (k, m)
        Slopes.
    residuals : ndarray, shape (n, m)
        What is left.
    """
    basis, triangle = np.linalg.qr(x)
    projected = basis.T @ targets
    return np.linalg.solve(triangle, projected), targets - basis @ projected


def fit_lag(problem: Problem) -> Fit:
    """Maximize the (adjusted) profile log-likelihood of SAR and SDM.

    Parameters
    ----------
    problem : Problem
        Arrays of a model with a spatial lag of y and no spatial error.

    Returns
    -------
    Fit
        The estimates.
    """
    return maximize_lag(problem)[0]


def maximize_lag(problem: Problem) -> tuple[Fit, LogJacobian]:
    """Maximize the (adjusted) profile log-likelihood of SAR and SDM, and keep the log-Jacobian.

    Parameters
    ----------
    problem : Problem
        Arrays of a model with a spatial lag of y and no spatial error.

    Returns
    -------
    fit : Fit
        The estimates.
    jacobian : LogJacobian
        Exact at the estimate.

    Raises
    ------
    EstimationError
        If the model has no lag, or X and W y fit y perfectly.
    """
    if problem.lag is None:
        raise EstimationError("a lag model needs weights")
    profile, coefficients, residuals = lag_profile(problem)
    _refuse_perfect_fit(profile.moments, problem)

    def functions(jacobian: LogJacobian) -> tuple[Score, Objective]:
        other = replace(profile, jacobian=jacobian)
        return other.score, other.loglik

    jacobian, rho, at_bound = pinpoint(functions, profile.jacobian, problem.lag.bounds)
    profile = replace(profile, jacobian=jacobian)
    step = np.array([1.0, -rho])
    where = np.array([rho])
    sigma2 = float(profile.sse(where)[0]) / problem.degrees_of_freedom
    peak = float(profile.loglik(rho))
    fit = Fit(
        beta=coefficients @ step,
        spatial=where,
        sigma2=sigma2,
        loglik=peak,
        residuals=(residuals @ step).reshape(problem.y.shape),
        bounds=(problem.lag.bounds,),
        score=profile.score(where),
        curvature=np.array([profile.curvature(rho)]),
        at_bound=(at_bound,),
        divisor=problem.degrees_of_freedom,
        fall=peak - max(profile.loglik(end) for end in inner_ends(problem.lag.bounds)),
        method=jacobian.method,
    )
    return fit, jacobian


def _refuse_perfect_fit(moments: FloatArray, problem: Problem) -> None:
    lowest = moments[0, 0] - moments[0, 1] ** 2 / moments[1, 1] if moments[1, 1] > 0 else moments[0, 0]
    if not lowest > PERFECT * float((problem.y**2).sum()):
        raise EstimationError("the regressors fit the dependent variable perfectly", cure="drop regressors")


def lag_profile(problem: Problem) -> tuple[LagProfile, FloatArray, FloatArray]:
    """Concentrate everything but rho out of a lag model.

    Parameters
    ----------
    problem : Problem
        Arrays of a lag model.

    Returns
    -------
    profile : LagProfile
        The log-likelihood as a function of rho.
    coefficients : ndarray, shape (k, 2)
        Coefficients of M y and of M W y on M X.
    residuals : ndarray, shape (T N, 2)
        What is left of the two.

    Raises
    ------
    EstimationError
        If the model has no lag.
    """
    if problem.lag is None:
        raise EstimationError("a lag model needs weights")
    y = problem.y[:, :, None]
    data = demean(np.concatenate([y, spatial_lag(problem.lag, y), problem.X], axis=2), problem.effects)
    flat = data.reshape(problem.y.size, -1)
    coefficients, residuals = least_squares(flat[:, 2:], flat[:, :2])
    jacobian = log_jacobian(problem.lag, problem.adjusting)
    return LagProfile(residuals.T @ residuals, jacobian, problem.degrees_of_freedom), coefficients, residuals
