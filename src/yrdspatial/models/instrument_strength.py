"""How strong instruments are, and what can be said when they are weak: arrays in, arrays out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import brentq
from scipy.stats import chi2, f

from yrdspatial.errors import SpecificationError
from yrdspatial.models.robust import Choice
from yrdspatial.models.two_stage import Equation, moment_variance
from yrdspatial.models.within import FloatArray

ARCS = 2000
"""Steps in which a confidence set is searched."""


@dataclass(frozen=True)
class Strength:
    """What the first stages say; m endogenous regressors, L instruments.

    Attributes
    ----------
    partial_r2 : ndarray, shape (m,)
        Share of an endogenous regressor, net of the exogenous ones, that the instruments explain.
    first_stage : ndarray, shape (m,)
        F of the instruments in its first stage (Wald over L).
    conditional : ndarray, shape (m,)
        F of Sanderson and Windmeijer: what instruments move in it that the other endogenous regressors do not.
    effective : float
        F of Montiel Olea and Pflueger; NaN with several endogenous regressors, for which it is not defined.
    cragg_donald, kleibergen_paap : float
        F of the weakest direction, for errors of one variance and for those allowed for.
    rank_pvalue : float
        Of the null that the equation is not identified (Kleibergen-Paap rk Wald, chi2 with L - m + 1).
    degrees : tuple of int
        L, L - m + 1, and the degrees of freedom of the first stage.
    """

    partial_r2: FloatArray
    first_stage: FloatArray
    conditional: FloatArray
    effective: float
    cragg_donald: float
    kleibergen_paap: float
    rank_pvalue: float
    degrees: tuple[int, int, int]


@dataclass(frozen=True)
class Reduced:
    """An equation net of its exogenous regressors.

    Attributes
    ----------
    y : ndarray, shape (n,)
        Dependent variable.
    Y : ndarray, shape (n, m)
        Endogenous regressors.
    Z : ndarray, shape (n, L)
        Orthonormal instruments.
    lost : int
        Coefficients of a first stage.
    room : int
        Its degrees of freedom.
    """

    y: FloatArray
    Y: FloatArray
    Z: FloatArray
    lost: int
    room: int

    @classmethod
    def of(cls, equation: Equation) -> "Reduced":
        """Take the exogenous regressors out.

        Parameters
        ----------
        equation : Equation
            The arrays.

        Returns
        -------
        Reduced
            What is left.
        """
        Z = np.linalg.qr(equation.net(equation.Z))[0]
        lost = int((~equation.endogenous).sum()) + Z.shape[1]
        Y = equation.net(equation.X[:, equation.endogenous])
        return cls(equation.net(equation.y), Y, Z, lost, equation.degrees - lost)


def strength(equation: Equation, choice: Choice | None = None) -> Strength:
    """Measure how strong the instruments are.

    Parameters
    ----------
    equation : Equation
        The arrays.
    choice : Choice or None
        What is allowed for in the errors; None for independent ones of one variance.

    Returns
    -------
    Strength
        The statistics.

    References
    ----------
    Cragg and Donald (1993), Econometric Theory 9, 222-240; Kleibergen and Paap (2006), Journal of Econometrics 133,
    97-126, equation 10; Sanderson and Windmeijer (2016), same journal 190, 212-221; Montiel Olea and Pflueger (2013),
    Journal of Business and Economic Statistics 31, 358-369, equation 5.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> z, u = rng.normal(size=(2, 900))
    >>> data = Equation(z + u, (z + u)[:, None], z[:, None], np.array([True]), (1, 900), 900)
    >>> found = strength(data)
    >>> bool(np.isclose(found.first_stage[0], found.cragg_donald)), found.degrees
    (True, (1, 1, 899))
    """
    parts = Reduced.of(equation)
    Y, Z = parts.Y, parts.Z
    count, instruments = Y.shape[1], Z.shape[1]
    slope = Z.T @ Y
    left = Y - Z @ slope
    variance = moment_variance(equation, Z, left, choice, lost=parts.lost)
    blocks = [
        variance[j * instruments :][:instruments, j * instruments :][:, :instruments] for j in range(count)
    ]
    first = [_wald(slope[:, j], blocks[j]) / instruments for j in range(count)]
    root = np.linalg.inv(np.linalg.cholesky(left.T @ left / parts.room))
    U, values, V = np.linalg.svd(slope @ root.T)
    weakest = np.kron(V[-1] @ root, U[:, count - 1 :].T)
    wald = _wald(U[:, count - 1 :].T @ slope @ root.T @ V[-1], weakest @ variance @ weakest.T)
    free = instruments - count + 1
    return Strength(
        partial_r2=1.0 - (left**2).sum(0) / (Y**2).sum(0),
        first_stage=np.array(first),
        conditional=np.array([_conditional(equation, parts, j, choice) for j in range(count)]),
        effective=float((slope**2).sum() / np.trace(variance)) if count == 1 else float("nan"),
        cragg_donald=float(values[-1] ** 2) / instruments,
        kleibergen_paap=wald / instruments,
        rank_pvalue=float(chi2.sf(wald, free)),
        degrees=(instruments, free, parts.room),
    )


def _wald(values: FloatArray, variance: FloatArray) -> float:
    # A variance over few clusters or periods may be singular: then no statistic exists.
    if np.linalg.cond(variance) > 1e12:
        return float("nan")
    return float(values @ np.linalg.solve(variance, values))


def _conditional(equation: Equation, parts: Reduced, j: int, choice: Choice | None) -> float:
    # Only the part of Z'r that 2SLS of the other endogenous regressors leaves is tested.
    Y, Z = parts.Y, parts.Z
    others = np.delete(Y, j, axis=1)
    slope = Z.T @ others
    rest = Y[:, j] - others @ np.linalg.lstsq(slope, Z.T @ Y[:, j], rcond=None)[0]
    free = null_space(slope.T) if others.shape[1] else np.eye(Z.shape[1])
    found = Z.T @ rest
    variance = moment_variance(equation, Z, rest - Z @ found, choice, lost=parts.lost)
    return _wald(free.T @ found, free.T @ variance @ free) / free.shape[1]


def anderson_rubin(equation: Equation, choice: Choice | None, j: int) -> "AndersonRubin":
    """Prepare the test of Anderson and Rubin of one coefficient.

    Parameters
    ----------
    equation : Equation
        The arrays.
    choice : Choice or None
        What is allowed for in the errors.
    j : int
        Which of the endogenous regressors.

    Returns
    -------
    AndersonRubin
        The test.

    Raises
    ------
    SpecificationError
        If there are several endogenous regressors and errors are not independent with one variance.

    References
    ----------
    Anderson and Rubin (1949), Annals of Mathematical Statistics 20, 46-63; with several endogenous regressors, whose
    coefficients are then concentrated out: Guggenberger, Kleibergen, Mavroeidis and Chen (2012), Econometrica 80,
    2649-2666, theorem 1.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> z, u = rng.normal(size=(2, 900))
    >>> data = Equation(z + 2 * u, (z + u)[:, None], z[:, None], np.array([True]), (1, 900), 900)
    >>> test = anderson_rubin(data, None, 0)
    >>> test.pvalue(1.0) > 0.05, test.pvalue(2.0) < 0.05
    (True, True)
    """
    parts = Reduced.of(equation)
    several = parts.Y.shape[1] > 1
    if several and choice is not None:
        what = "with several endogenous regressors the Anderson-Rubin set needs errors of one variance"
        raise SpecificationError(what, where=choice.kind, cure='use cov_type="homoskedastic"')
    free = parts.Z.shape[1] - parts.Y.shape[1] + 1
    clusters = choice is not None and choice.kind == "cluster"
    room = equation.shape[1] - 1 if clusters else parts.room

    def statistic(own: float, other: float) -> float:
        left = own * parts.y + other * parts.Y[:, j]
        if several:
            both = np.column_stack([left, np.delete(parts.Y, j, axis=1)])
            return float(_smallest_root(both, parts) / free)
        slope = parts.Z.T @ left
        variance = moment_variance(equation, parts.Z, left - parts.Z @ slope, choice, lost=parts.lost)
        return float(_wald(slope, variance) / free)

    return AndersonRubin(statistic, (free, room))


def _smallest_root(columns: FloatArray, parts: Reduced) -> float:
    explained = parts.Z.T @ columns
    left = columns - parts.Z @ explained
    roots = np.linalg.eigvals(np.linalg.solve(left.T @ left / parts.room, explained.T @ explained))
    return float(roots.real.min())


@dataclass(frozen=True)
class AndersonRubin:
    """The test of Anderson and Rubin of one coefficient, whose size does not depend on how strong instruments are.

    Attributes
    ----------
    statistic : callable
        The F of a y + b x: at (1, -value) of the null that the coefficient is ``value``, and in (0, 1) its limit for
        values without bound, which is the first stage.
    degrees : tuple of int
        Degrees of freedom of its F distribution.
    """

    statistic: Callable[[float, float], float]
    degrees: tuple[int, int]

    def pvalue(self, value: float) -> float:
        """Return the p-value of a coefficient.

        Parameters
        ----------
        value : float
            The coefficient under the null.

        Returns
        -------
        float
            Upper tail of F.
        """
        return float(f.sf(self.statistic(1.0, -value), *self.degrees))

    def confidence_set(self, level: float, center: float, scale: float) -> list[tuple[float, float]]:
        """Return all values that are not rejected.

        Parameters
        ----------
        level : float
            Coverage.
        center, scale : float
            An estimate and its standard error, around which steps are finest.

        Returns
        -------
        list of (float, float)
            Intervals: one, two rays that leave out what lies between, the whole line, or none when the instruments are
            rejected at every value.
        """
        critical = float(f.ppf(level, *self.degrees))

        def excess(angle: float) -> float:
            cosine, sine = np.cos(angle), np.sin(angle)
            return float(self.statistic(cosine, -(center * cosine + scale * sine))) - critical

        angles = np.linspace(-0.5 * np.pi, 0.5 * np.pi, ARCS + 1)
        inside = np.array([excess(angle) for angle in angles]) <= 0.0
        turns = np.flatnonzero(np.diff(inside.astype(int)))
        roots = [float(brentq(excess, angles[turn], angles[turn + 1])) for turn in turns]
        edges = [float(center + scale * np.tan(root)) for root in roots]
        edges = [-np.inf] * bool(inside[0]) + edges + [np.inf] * bool(inside[-1])
        return list(zip(edges[::2], edges[1::2], strict=True))
