"""Two-stage least squares and generalized moments of one equation with endogenous regressors: arrays in, arrays out."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models.covariance import Information
from yrdspatial.models.robust import Choice, robust_information
from yrdspatial.models.within import FloatArray

BoolArray = npt.NDArray[np.bool_]
ROUNDS = 500
"""Most rounds of the iterated estimator."""
SETTLED = 1e-12
"""Relative step at which it has settled."""


@dataclass(frozen=True)
class Equation:
    """y = X b + e with instruments, all net of the effects; n = T N rows run over units within periods.

    Attributes
    ----------
    y : ndarray, shape (n,)
        Dependent variable.
    X : ndarray, shape (n, K)
        Regressors.
    Z : ndarray, shape (n, L)
        Instruments that are no regressors.
    endogenous : ndarray of bool, shape (K,)
        Which regressors are endogenous; the others are their own instruments.
    shape : tuple of int
        T and N.
    degrees : int
        n less the rank of the effects.

    Examples
    --------
    >>> line = np.arange(6.0)[:, None]
    >>> Equation(line[:, 0], line, line**2, np.array([True]), (2, 3), 6).basis.shape
    (6, 1)
    """

    y: FloatArray
    X: FloatArray
    Z: FloatArray
    endogenous: BoolArray
    shape: tuple[int, int]
    degrees: int

    @cached_property
    def basis(self) -> FloatArray:
        """Orthonormal columns Q that span all instruments, shape (n, K - m + L)."""
        return np.linalg.qr(np.hstack([self.X[:, ~self.endogenous], self.Z]))[0]

    @property
    def overidentification(self) -> int:
        """How many instruments there are beyond what is needed."""
        return int(self.Z.shape[1] - self.endogenous.sum())

    @cached_property
    def outer(self) -> FloatArray:
        """Orthonormal columns that span the regressors that are not endogenous, shape (n, K - m)."""
        return np.linalg.qr(self.X[:, ~self.endogenous])[0]

    def net(self, columns: FloatArray) -> FloatArray:
        """Take the regressors that are not endogenous out.

        Parameters
        ----------
        columns : ndarray, shape (n, ...)
            Any columns.

        Returns
        -------
        ndarray, shape (n, ...)
            What they leave.
        """
        return np.asarray(columns - self.outer @ (self.outer.T @ columns))


@dataclass(frozen=True)
class TwoStage:
    """Estimates of an equation.

    Attributes
    ----------
    params : ndarray, shape (K,)
        Coefficients.
    covariance : ndarray, shape (K, K)
        Their covariance.
    residuals : ndarray, shape (n,)
        y - X b.
    sigma2 : float
        Sum of squared residuals over ``Equation.degrees`` - K.
    objective : float
        Sargan's statistic, or Hansen's J: m' S^-1 m at its minimum, m = Q'e; zero when exactly identified.
    rounds : int
        How often the weights S^-1 were renewed; 0 for two-stage least squares.
    """

    params: FloatArray
    covariance: FloatArray
    residuals: FloatArray
    sigma2: float
    objective: float
    rounds: int


def moment_variance(
    equation: Equation, columns: FloatArray, errors: FloatArray, choice: Choice | None, *, lost: int
) -> FloatArray:
    """Variance of columns' errors, for one error or several.

    Parameters
    ----------
    equation : Equation
        Shape and degrees of freedom.
    columns : ndarray, shape (n, L)
        Orthonormal instruments.
    errors : ndarray, shape (n,) or (n, m)
        Residuals.
    choice : Choice or None
        How score contributions are summed; None for errors of one variance, independent.
    lost : int
        Coefficients that the residuals cost: their sums of squares have ``equation.degrees - lost`` degrees of freedom.

    Returns
    -------
    ndarray, shape (m L, m L)
        Errors are the outer index.
    """
    residuals = errors.reshape(len(columns), -1)
    room = equation.degrees - lost
    if choice is None:
        return np.asarray(np.kron(residuals.T @ residuals / room, columns.T @ columns))
    factor = np.sqrt(len(columns) / room) if choice.small_sample else 1.0
    scores = factor * (residuals[:, :, None] * columns[:, None, :]).reshape(*equation.shape, -1)
    unit = np.eye(scores.shape[2])
    return robust_information(Information(unit, unit), scores, choice).variance


def fit_two_stage(
    equation: Equation, choice: Choice | None = None, *, efficient: bool = False, iterate: bool = False
) -> TwoStage:
    """Estimate an equation.

    Parameters
    ----------
    equation : Equation
        The arrays.
    choice : Choice or None
        What is allowed for in the errors; None for independent ones of one variance.
    efficient : bool
        Whether moments are weighted by the inverse of their variance (two-step generalized moments).
    iterate : bool
        Whether the weights are renewed until the estimates settle.

    Returns
    -------
    TwoStage
        The estimates.

    Raises
    ------
    SpecificationError
        If the instruments do not identify the coefficients.
    EstimationError
        If the iterations do not settle.

    Notes
    -----
    b = (X'Q C Q'X)^-1 X'Q C Q'y, with C = I for two-stage least squares and C = S^-1 for generalized moments, S the
    variance of Q'e at the residuals of the step before. The covariance is the sandwich with S at the last residuals.

    References
    ----------
    Hansen (1982), Econometrica 50, 1029-1054, theorems 3.1 and 3.2.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> z, u = rng.normal(size=(2, 900))
    >>> x = z + u + rng.normal(size=900)
    >>> data = Equation(2 * x + u, x[:, None], z[:, None], np.array([True]), (1, 900), 900)
    >>> round(float(fit_two_stage(data).params[0]), 1)
    2.0
    """
    Q, X, y = equation.basis, equation.X, equation.y
    slope, level, count = Q.T @ X, Q.T @ y, X.shape[1]
    if Q.shape[1] < count or np.linalg.cond(slope / np.linalg.norm(X, axis=0)) > 1e10:
        cure = "give instruments that move the endogenous regressors, at least one for each"
        raise SpecificationError("the instruments do not identify the coefficients", cure=cure)

    def variance(params: FloatArray) -> FloatArray:
        return moment_variance(equation, Q, y - X @ params, choice, lost=count)

    params: FloatArray = np.asarray(np.linalg.lstsq(slope, level, rcond=None)[0], dtype=np.float64)
    inside: FloatArray = np.eye(Q.shape[1])
    rounds, settled = 0, not efficient
    while not settled and rounds < ROUNDS:
        before = params
        inside = _inverse(checked(variance(params), equation, choice))
        params, rounds = _minimum(slope, level, inside), rounds + 1
        settled = not iterate or np.abs(params - before).max() <= SETTLED * np.abs(params).max()
    if not settled:
        raise EstimationError("the iterated weights do not settle", cure="use iterate=False")
    bread = _inverse(slope.T @ inside @ slope) @ slope.T @ inside
    covariance = np.asarray(bread @ variance(params) @ bread.T)
    residuals = y - X @ params
    sigma2 = float(residuals @ residuals) / (equation.degrees - count)
    plain = TwoStage(params, 0.5 * (covariance + covariance.T), residuals, sigma2, np.nan, rounds)
    return replace(plain, objective=_objective(equation, choice, plain, inside if efficient else None))


def checked(variance: FloatArray, equation: Equation, choice: Choice | None) -> FloatArray:
    """Refuse a variance of moments that cannot be inverted.

    Parameters
    ----------
    variance : ndarray, shape (L, L)
        Of orthonormal instruments.
    equation : Equation
        The arrays.
    choice : Choice or None
        How it was found.

    Returns
    -------
    ndarray, shape (L, L)
        The same.

    Raises
    ------
    SpecificationError
        If there are more moments than clusters or periods.
    """
    if np.linalg.cond(variance) < 1e10:
        return variance
    kind = "homoskedastic" if choice is None else choice.kind
    where = f"{len(variance)} instruments, {equation.shape[1]} units, {equation.shape[0]} periods, {kind}"
    cure = 'use fewer instruments (lags=1), or cov_type="robust"'
    raise SpecificationError("the variance of the moments is singular", where=where, cure=cure)


def _inverse(matrix: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _minimum(slope: FloatArray, level: FloatArray, inside: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(slope.T @ inside @ slope, slope.T @ inside @ level))


def _objective(equation: Equation, choice: Choice | None, fit: TwoStage, inside: FloatArray | None) -> float:
    # m' S^-1 m at its minimum; of two-stage least squares with the S of its residuals. NaN when S is singular.
    Q = equation.basis
    if not equation.overidentification:
        return 0.0
    if inside is None:
        found = moment_variance(equation, Q, fit.residuals, choice, lost=len(fit.params))
        if np.linalg.cond(found) >= 1e10:
            return float("nan")
        return minimum_of(Q.T @ equation.X, Q.T @ equation.y, found)
    moments = Q.T @ fit.residuals
    return float(moments @ inside @ moments)


def minimum_of(slope: FloatArray, level: FloatArray, variance: FloatArray) -> float:
    """Minimum over b of (l - A b)' S^-1 (l - A b).

    Parameters
    ----------
    slope : ndarray, shape (L, K)
        A.
    level : ndarray, shape (L,)
        The vector l.
    variance : ndarray, shape (L, L)
        S.

    Returns
    -------
    float
        The minimum.

    Examples
    --------
    >>> minimum_of(np.array([[1.0], [0.0]]), np.array([5.0, 2.0]), np.eye(2))
    4.0
    """
    inside = _inverse(variance)
    moments = level - slope @ _minimum(slope, level, inside)
    return float(moments @ inside @ moments)


def exogeneity(equation: Equation, choice: Choice | None, tested: BoolArray) -> float:
    """Return the C statistic (difference of Hansen's J, or of Sargan's statistic) of some endogenous regressors.

    Parameters
    ----------
    equation : Equation
        The arrays.
    choice : Choice or None
        What is allowed for in the errors.
    tested : ndarray of bool, shape (K,)
        The endogenous regressors that are exogenous under the null.

    Returns
    -------
    float
        Chi-squared with as many degrees of freedom as regressors are tested, and never negative: both J have the
        variance of the moments at the residuals under the null. With errors of one variance it is Durbin's statistic.

    References
    ----------
    Hayashi (2000), Econometrics, section 3.6; Durbin (1954), Review of the International Statistical Institute 22.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> z, u = rng.normal(size=(2, 900))
    >>> data = Equation(z + u, (z + u)[:, None], z[:, None], np.array([True]), (1, 900), 900)
    >>> data = replace(data, y=data.y + 3 * u)
    >>> exogeneity(data, None, np.array([True])) > 100
    True
    """
    more = replace(equation, endogenous=equation.endogenous & ~tested)
    larger = np.linalg.qr(np.hstack([equation.basis, equation.X[:, tested]]))[0]
    first = np.linalg.lstsq(larger.T @ more.X, larger.T @ more.y, rcond=None)[0]
    found = moment_variance(more, larger, more.y - more.X @ first, choice, lost=len(first))
    variance = checked(found, more, choice)
    slope, level, kept = larger.T @ more.X, larger.T @ more.y, equation.basis.shape[1]
    whole = minimum_of(slope, level, variance)
    return whole - minimum_of(slope[:kept], level[:kept], variance[:kept, :kept])
