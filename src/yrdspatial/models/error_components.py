"""Score tests of error components: random unit effects, spatial errors and serial correlation, on arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.optimize import minimize

from yrdspatial.errors import EstimationError
from yrdspatial.models.component_scores import Grams, Whitened
from yrdspatial.models.likelihood import Problem, spatial_lag
from yrdspatial.models.optimum import inner_ends
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray

EDGE = 1e-6
"""How near the share of the random effects in the variance may come to one."""

STEP = 1e-3
"""Step of the differences near the maximum, as a share of the interval."""
MARGIN = 0.03
"""Its largest share of the way to the nearer bound, where the likelihood bends sharply."""


@dataclass(frozen=True)
class Components:
    """Errors u_t = mu + v_t, v_t = lambda W_t v_t + n_t, n_t = psi n_(t-1) + e_t.

    The covariance of u is sigma2 (phi J kron I + B^-1 (V kron I) B^-T): J all ones, V that of an autoregression with
    innovations of variance one.

    Attributes
    ----------
    columns : ndarray, shape (T, N, 1 + k)
        y, then X.
    weights : Spectra
        W_t.
    grams : Grams
        Their cross products.
    phi, lam, psi : float
        Variance of mu over that of e; spatial and serial coefficient.
    """

    columns: FloatArray
    weights: Spectra
    grams: Grams
    phi: float = 0.0
    lam: float = 0.0
    psi: float = 0.0

    @classmethod
    def of(cls, problem: Problem, weights: Spectra) -> "Components":
        """Errors without any of them.

        Parameters
        ----------
        problem : Problem
            y (T, N) and X (T, N, k), the constant included.
        weights : Spectra
            W_t.

        Returns
        -------
        Components
            With phi, lambda and psi zero.
        """
        columns = np.concatenate([problem.y[:, :, None], problem.X], axis=2)
        return cls(columns, weights, Grams.of(columns, weights))

    @property
    def root(self) -> FloatArray:
        """K with K'K the inverse of V, shape (T, T)."""
        periods = len(self.columns)
        K = np.eye(periods) - self.psi * np.eye(periods, k=-1)
        K[0, 0] = np.sqrt(1.0 - self.psi**2)
        return K

    def moments(self) -> tuple[FloatArray, float]:
        """Cross products of y and X under the inverse covariance, and its log-determinant, sigma2 = 1.

        Returns
        -------
        products : ndarray, shape (1 + k, 1 + k)
            [y X]'C^-1 [y X].
        logdet : float
            ln|C|.
        """
        gram, terms = self.grams.at(self.lam, self.psi), self.grams.terms
        inner = np.eye(len(gram) - terms) + self.phi * gram[terms:, terms:]
        sent = gram[terms:, :terms]
        products = gram[:terms, :terms] - self.phi * sent.T @ np.linalg.solve(inner, sent)
        logdet = -2.0 * self.grams.jacobian.value(self.lam) - len(inner) * np.log(1.0 - self.psi**2)
        return products, float(logdet + np.linalg.slogdet(inner)[1])

    def regression(self) -> tuple[FloatArray, float, float]:
        """Generalized least squares at these components.

        Returns
        -------
        beta : ndarray, shape (k,)
            Coefficients.
        sigma2 : float
            Mean square of e.
        loglik : float
            Log-likelihood, without its constant.
        """
        products, logdet = self.moments()
        beta: FloatArray = np.linalg.solve(products[1:, 1:], products[1:, 0]).astype(np.float64)
        size = self.columns[:, :, 0].size
        sigma2 = float(products[0, 0] - products[0, 1:] @ beta) / size
        return beta, sigma2, float(-0.5 * (size * np.log(sigma2) + logdet))

    def fitted(self, free: Sequence[str]) -> "Components":
        """Maximize the likelihood over some of the components, the others at zero.

        Parameters
        ----------
        free : sequence of str
            Among "phi", "lam", "psi".

        Returns
        -------
        Components
            At the maximum.

        Raises
        ------
        EstimationError
            If the maximum is not found.
        """
        starts = self._starts(free)
        options = {"xatol": 1e-8, "fatol": 1e-8, "maxiter": 2000, "maxfev": 2000}
        boxes = [self._interval(name) for name in free]

        def cost(point: FloatArray) -> float:
            return -self._at(free, point).regression()[2]

        ranked = sorted(starts, key=cost)[:2]
        found = [minimize(cost, one, method="Nelder-Mead", bounds=boxes, options=options) for one in ranked]
        if free and not any(one.success for one in found):
            raise EstimationError(
                "the likelihood under the null has no maximum",
                where=", ".join(free),
                cure="use other weights",
            )
        if not free:
            return self
        best = min(found, key=lambda one: float(one.fun)).x
        return self._at(free, _polish(cost, best, boxes))

    def _interval(self, name: str) -> tuple[float, float]:
        # Where a component is searched; phi as its share phi / (1 + phi).
        if name == "phi":
            return 0.0, 1.0 - EDGE
        return inner_ends(self.weights.bounds if name == "lam" else (-1.0, 1.0))

    def _starts(self, free: Sequence[str]) -> list[FloatArray]:
        # A coarse grid: the likelihood can have two maxima, one of them without random effects.
        shares = {"phi": (0.02, 0.3, 0.6, 0.9), "lam": (-0.3, 0.2, 0.5, 0.8), "psi": (-0.3, 0.2, 0.5, 0.8)}
        high = self.weights.bounds[1]
        axes = [[share * (high if name == "lam" else 1.0) for share in shares[name]] for name in free]
        return [np.array(point) for point in product(*axes)] if free else []

    def _at(self, free: Sequence[str], point: FloatArray) -> "Components":
        values = {"phi": 0.0, "lam": 0.0, "psi": 0.0} | dict(zip(free, map(float, point), strict=True))
        share = values["phi"]
        return replace(self, phi=share / (1.0 - share), lam=values["lam"], psi=values["psi"])

    def whitened(self, sigma2: float) -> Whitened:
        """Return the slopes of the covariance in sigma2, phi, lambda and psi.

        Parameters
        ----------
        sigma2 : float
            Variance of e.

        Returns
        -------
        Whitened
            The slopes, by their factors; that of "phi" is the slope in the variance of mu.
        """
        return Whitened.of(self.weights, self.root, sigma2, (self.phi, self.lam, self.psi))


def _polish(
    cost: Callable[[FloatArray], float], point: FloatArray, boxes: Sequence[tuple[float, float]]
) -> FloatArray:
    """Take two Newton steps, slopes by differences of fourth order; what lies at a bound stays there.

    Parameters
    ----------
    cost : callable
        A smooth function.
    point : ndarray, shape (q,)
        Near its minimum.
    boxes : sequence of (float, float)
        The interval of each coordinate.

    Returns
    -------
    ndarray, shape (q,)
        The minimum.
    """
    low, high = np.array(boxes).T
    room = np.minimum(point - low, high - point)
    widths = np.minimum(STEP * (high - low), MARGIN * room)
    inside = room > STEP * STEP * (high - low)
    steps = [np.where(np.arange(point.size) == k, widths, 0.0) for k in np.flatnonzero(inside)]
    for _ in range(2 if steps else 0):
        near = np.array([cost(point + step) - cost(point - step) for step in steps])
        far = np.array([cost(point + 2.0 * step) - cost(point - 2.0 * step) for step in steps])
        slope = (8.0 * near - far) / 12.0
        bend = np.array(
            [
                [
                    cost(point + one + two)
                    - cost(point + one - two)
                    - cost(point - one + two)
                    + cost(point - one - two)
                    for two in steps
                ]
                for one in steps
            ]
        )
        move = np.linalg.solve(0.25 * bend, slope)
        point = point - np.stack(steps, axis=1) @ np.clip(move, -1.0, 1.0)
    return point


@dataclass(frozen=True)
class Null:
    """The scores of all components where some of them were estimated and the rest are zero.

    Attributes
    ----------
    components : Components
        The estimates.
    free : tuple of str
        What was estimated.
    score : dict of str to float
        Score of each component.
    information : dict of (str, str) to float
        Expected information, 1/2 tr(C^-1 C_i C^-1 C_j).
    """

    components: Components
    free: tuple[str, ...]
    score: dict[str, float]
    information: dict[tuple[str, str], float]

    @classmethod
    def of(cls, problem: Problem, weights: Spectra, free: Sequence[str], others: Sequence[str]) -> "Null":
        """Estimate the free components and form the scores of all.

        Parameters
        ----------
        problem : Problem
            y (T, N) and X (T, N, k), the constant included.
        weights : Spectra
            W_t.
        free, others : sequence of str
            What is estimated, and what is zero but may be tested.

        Returns
        -------
        Null
            Scores and information.
        """
        components = Components.of(problem, weights).fitted(free)
        beta, sigma2, _ = components.regression()
        whitened, names = components.whitened(sigma2), ("sigma2", *free, *others)
        u = (problem.y - problem.X @ beta)[:, :, None]
        filtered = u - components.lam * spatial_lag(weights, u)
        v = whitened.weighted(np.tensordot(components.root, filtered, axes=1))
        means, information = whitened.information(names)
        score = {name: 0.5 * (float((v * whitened.spread(name, v)).sum()) - means[name]) for name in names}
        return cls(components, tuple(free), score, information)

    def test(self, *tested: str) -> tuple[float, float]:
        """Test that components are zero.

        Parameters
        ----------
        *tested : str
            Components that are zero under the null.

        Returns
        -------
        statistic : float
            s'J^-1 s.
        signed : float
            For one component its root with the sign of the score, otherwise NaN.
        """
        names = ("sigma2", *self.free, *tested)
        inner = np.array([[self.information[one, two] for two in names] for one in names])
        spread = np.linalg.inv(inner)[-len(tested) :, -len(tested) :]
        pull = np.array([self.score[name] for name in tested])
        statistic = float(pull @ spread @ pull)
        return statistic, float(np.sign(pull[0]) * np.sqrt(statistic)) if len(tested) == 1 else np.nan
