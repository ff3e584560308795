"""Likelihoods of the models with a spatial error: filter by B = I - lambda W, then take the effects out."""

from dataclasses import dataclass, replace

import numpy as np

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import PERFECT, Fit, Problem, gaussian, spatial_lag
from yrdspatial.models.log_determinant import LogJacobian, log_jacobian
from yrdspatial.models.optimum import Objective, Score, inner_ends, pinpoint
from yrdspatial.models.spectra import Jacobian, Spectra
from yrdspatial.models.within import FloatArray, demean, dummy_basis

EDGE = 1e-5
"""The share of the interval of lambda left out at each end, where the filtered dummies become singular."""
STEP = 1e-6
"""Step of the central differences that give the slope of an analytic score."""


@dataclass(frozen=True)
class Filtered:
    """Cross products from which the filtered regression at any lambda follows without touching the data again.

    Columns are y (and W y) net of the dummies, an orthonormal basis of X net of the dummies, and an orthonormal basis
    D of the dummies. (B F)'(B F) = F'F - lambda (F'VF + F'V'F) + lambda^2 F'V'VF, V the weights of the error.

    Attributes
    ----------
    plain, once, twice : ndarray, shape (m, m)
        F'F, F'VF, F'V'VF.
    targets : int
        How many columns are y and W y.
    terms : int
        How many are X.
    triangle : ndarray, shape (k, k)
        X net of the dummies is its basis times this.
    jacobian : LogJacobian
        ln|B| and its slopes, not adjusted.
    adjusted : bool
        Whether the dummies are integrated out (restricted likelihood).
    degrees_of_freedom : int
        The divisor of sigma2.
    """

    plain: FloatArray
    once: FloatArray
    twice: FloatArray
    targets: int
    terms: int
    triangle: FloatArray
    jacobian: LogJacobian
    adjusted: bool
    degrees_of_freedom: int

    @classmethod
    def of(cls, problem: Problem, error: Spectra) -> "Filtered":
        """Form the cross products.

        Parameters
        ----------
        problem : Problem
            The arrays.
        error : Spectra
            Weights of the error.

        Returns
        -------
        Filtered
            The cross products.
        """
        y = problem.y[:, :, None]
        left = [y] if problem.lag is None else [y, spatial_lag(problem.lag, y)]
        shape = (*problem.y.shape, -1)
        targets = demean(np.concatenate(left, axis=2), problem.effects).reshape(problem.y.size, -1)
        basis, triangle = np.linalg.qr(demean(problem.X, problem.effects).reshape(problem.y.size, -1))
        columns = np.hstack([targets, basis, dummy_basis(problem.effects)])
        moved = spatial_lag(error, columns.reshape(shape)).reshape(columns.shape)
        return cls(
            plain=columns.T @ columns,
            once=columns.T @ moved,
            twice=moved.T @ moved,
            targets=len(left),
            terms=basis.shape[1],
            triangle=triangle,
            jacobian=log_jacobian(error, None) if problem.lag is None else Jacobian.of(error, None),
            adjusted=problem.adjusted,
            degrees_of_freedom=problem.degrees_of_freedom,
        )

    def at(self, value: float) -> "Regression":
        """Run the filtered regression.

        Parameters
        ----------
        value : float
            lambda.

        Returns
        -------
        Regression
            Coefficients, moments and traces at this lambda.
        """
        gram = self.plain - value * (self.once + self.once.T) + value**2 * self.twice
        slope = self.once - value * self.twice
        m = self.targets
        coefficients = np.asarray(np.linalg.solve(gram[m:, m:], gram[m:, :m]), dtype=np.float64)
        rays = np.vstack([np.eye(m), -coefficients])
        dummies = slice(m + self.terms, None)
        inner = gram[dummies, dummies]
        if inner.size:
            half = np.linalg.cholesky(inner)
            logdet = 2.0 * float(np.log(np.diag(half)).sum())
            trace = float(np.trace(np.linalg.solve(inner, slope[dummies, dummies])))
        else:
            logdet, trace = 0.0, 0.0
        return Regression(coefficients, rays.T @ gram @ rays, rays.T @ slope @ rays, logdet, trace)

    def loglik(self, value: float, sse: float, regression: "Regression") -> float:
        """Return the (restricted) log-likelihood, without the Jacobian of a lag of y.

        Parameters
        ----------
        value : float
            lambda.
        sse : float
            Sum of squared residuals.
        regression : Regression
            The filtered regression at this lambda.

        Returns
        -------
        float
            The log-likelihood.
        """
        fixed = 0.5 * regression.logdet if self.adjusted else 0.0
        return (
            self.jacobian.value(value)
            - fixed
            + gaussian(self.degrees_of_freedom, sse / self.degrees_of_freedom)
        )

    def score(self, value: float, ray: FloatArray, regression: "Regression") -> float:
        """Return the derivative with respect to lambda.

        Parameters
        ----------
        value : float
            lambda.
        ray : ndarray, shape (targets,)
            (1,) or (1, -rho).
        regression : Regression
            The filtered regression at this lambda.

        Returns
        -------
        float
            e'H e/sigma2 - tr(H), plus tr(P H) when adjusted; H = V B^-1, P the projector on B D.
        """
        sigma2 = float(ray @ regression.moments @ ray) / self.degrees_of_freedom
        pull = float(ray @ regression.slope @ ray) / sigma2
        trace = float(self.jacobian.slope(np.array([value]))[0])
        return pull - trace + (regression.trace if self.adjusted else 0.0)


@dataclass(frozen=True)
class Regression:
    """The regression of B y (and B W y) on B X and B D at one lambda.

    Attributes
    ----------
    coefficients : ndarray, shape (k + p, targets)
        On the bases of X and D.
    moments : ndarray, shape (targets, targets)
        Cross products of residuals.
    slope : ndarray, shape (targets, targets)
        u'B'V u of the residuals u before filtering.
    logdet : float
        ln|D'B'B D|.
    trace : float
        tr((D'B'B D)^-1 D'B'V D) = tr(P H).
    """

    coefficients: FloatArray
    moments: FloatArray
    slope: FloatArray
    logdet: float
    trace: float


def fit_error(problem: Problem) -> Fit:
    """Maximize the (restricted) likelihood of SEM and SDEM.

    Parameters
    ----------
    problem : Problem
        Arrays of a model with a spatial error and no lag of y.

    Returns
    -------
    Fit
        The estimates.
    """
    return maximize_error(problem)[0]


def maximize_error(problem: Problem) -> tuple[Fit, LogJacobian]:
    """Maximize the (restricted) likelihood of SEM and SDEM, and keep the log-Jacobian.

    Parameters
    ----------
    problem : Problem
        Arrays of a model with a spatial error and no lag of y.

    Returns
    -------
    fit : Fit
        The estimates.
    jacobian : LogJacobian
        Exact at the estimate.

    Raises
    ------
    EstimationError
        If the model has no spatial error, or X fits y perfectly.
    """
    if problem.error is None:
        raise EstimationError("an error model needs weights")
    filtered = Filtered.of(problem, problem.error)
    if not filtered.at(0.0).moments[0, 0] > PERFECT * float((problem.y**2).sum()):
        raise EstimationError("the regressors fit the dependent variable perfectly", cure="drop regressors")
    ray = np.ones(1)

    def functions(jacobian: LogJacobian) -> tuple[Score, Objective]:
        other = replace(filtered, jacobian=jacobian)

        def objective(value: float) -> float:
            regression = other.at(value)
            return other.loglik(value, float(regression.moments[0, 0]), regression)

        def score(values: FloatArray) -> FloatArray:
            return np.array([other.score(value, ray, other.at(value)) for value in values])

        return score, objective

    bounds = problem.error.bounds
    jacobian, value, at_bound = pinpoint(functions, filtered.jacobian, bounds, EDGE)
    filtered = replace(filtered, jacobian=jacobian)
    score, objective = functions(jacobian)
    peak = objective(value)
    sides = score(np.array([value - STEP, value, value + STEP]))
    fit = Fit(
        beta=np.zeros(0),
        spatial=np.array([value]),
        sigma2=float(filtered.at(value).moments[0, 0]) / filtered.degrees_of_freedom,
        loglik=peak,
        residuals=np.zeros(0),
        bounds=(bounds,),
        score=sides[1:2],
        curvature=np.array([(sides[0] - sides[2]) / (2.0 * STEP)]),
        at_bound=(at_bound,),
        divisor=filtered.degrees_of_freedom,
        fall=peak - max(objective(end) for end in inner_ends(bounds, EDGE)),
        method=jacobian.method,
    )
    return with_coefficients(fit, problem, filtered, ray), jacobian


def with_coefficients(fit: Fit, problem: Problem, filtered: Filtered, ray: FloatArray) -> Fit:
    """Add beta and the residuals, from the data themselves.

    Parameters
    ----------
    fit : Fit
        Estimates of the spatial parameters.
    problem : Problem
        The arrays.
    filtered : Filtered
        The cross products.
    ray : ndarray, shape (targets,)
        (1,) or (1, -rho).

    Returns
    -------
    Fit
        With beta and residuals.
    """
    on_basis = filtered.at(float(fit.spatial[-1])).coefficients @ ray
    beta = np.asarray(np.linalg.solve(filtered.triangle, on_basis[: filtered.terms]), dtype=np.float64)
    residuals = filtered_residuals(problem, beta, fit.spatial)
    return replace(fit, beta=beta, residuals=residuals)


def filtered_residuals(problem: Problem, beta: FloatArray, spatial: FloatArray) -> FloatArray:
    """Filter what X leaves of S y and take the filtered dummies out.

    Parameters
    ----------
    problem : Problem
        The arrays.
    beta : ndarray, shape (k,)
        Coefficients of X.
    spatial : ndarray, shape (q,)
        rho (when there is a lag), lambda.

    Returns
    -------
    ndarray, shape (T, N)
        Q B (S y - X beta).
    """
    left = problem.y - problem.X @ beta
    if problem.lag is not None:
        left = left - spatial[0] * spatial_lag(problem.lag, problem.y[:, :, None])[:, :, 0]
    net = apply_filter(problem, float(spatial[-1]), demean(left[:, :, None], problem.effects)).ravel()
    basis = filtered_dummies(problem, float(spatial[-1]))
    return np.asarray((net - basis @ (basis.T @ net)).reshape(problem.y.shape))


def apply_filter(problem: Problem, value: float, columns: FloatArray) -> FloatArray:
    """Return B columns, period by period.

    Parameters
    ----------
    problem : Problem
        The arrays.
    value : float
        lambda.
    columns : ndarray, shape (T, N, k)
        Values.

    Returns
    -------
    ndarray, shape (T, N, k)
        columns - lambda V columns; the columns themselves without a spatial error.
    """
    return columns if problem.error is None else columns - value * spatial_lag(problem.error, columns)


def disturbances(problem: Problem, fit: Fit) -> FloatArray:
    """Turn innovations into disturbances, u = B^-1 e.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.

    Returns
    -------
    ndarray, shape (T, N)
        u; e itself without a spatial error.
    """
    if problem.error is None:
        return fit.residuals
    value = fit.spatial[0 if problem.lag is None else 1]
    if problem.error.sparse:
        return problem.error.solve(float(value), fit.residuals)
    filters = np.eye(problem.y.shape[1]) - value * problem.error.matrices
    return np.linalg.solve(filters[problem.error.position], fit.residuals[:, :, None])[:, :, 0]


def filtered_dummies(problem: Problem, value: float) -> FloatArray:
    """Return an orthonormal basis of B D.

    Parameters
    ----------
    problem : Problem
        The arrays.
    value : float
        lambda.

    Returns
    -------
    ndarray, shape (T N, p)
        Orthonormal columns.
    """
    dummies = dummy_basis(problem.effects)
    moved = apply_filter(problem, value, dummies.reshape(*problem.y.shape, -1)).reshape(dummies.shape)
    return np.linalg.qr(moved)[0]
