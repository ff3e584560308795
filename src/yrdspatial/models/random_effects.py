"""Maximum likelihood with random unit effects: Baltagi's errors, those of Kapoor, Kelejian and Prucha, and SARAR."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, root

from yrdspatial.errors import EstimationError
from yrdspatial.models.covariance import Information
from yrdspatial.models.filtered import apply_filter
from yrdspatial.models.likelihood import Fit, Problem, spatial_lag
from yrdspatial.models.optimum import inner_ends
from yrdspatial.models.random_information import crossed, expected_information
from yrdspatial.models.spectra import Jacobian
from yrdspatial.models.within import FloatArray

LOG_RATIO = (-16.0, 16.0)
"""The interval of ln(phi), phi the variance of the unit effects over that of e."""
STARTS = (-0.5, 0.0, 0.5)
"""Shares of the interval of each spatial parameter from which the search starts."""
STEP = 1e-5
NEGLIGIBLE = 1e-7
"""A gain in log-likelihood over no unit effects that counts as none."""
LARGE = 2500
"""Above this many observations the information is observed: the expected one needs N T x N T matrices."""


@dataclass(frozen=True)
class Random:
    """The likelihood in rho, lambda and ln(phi); beta and sigma2 are concentrated out.

    B u = A mu + e, with A = B D (Baltagi: the unit effects are filtered with the rest) or A = D (Kapoor, Kelejian and
    Prucha: mu is a disturbance like e), D the unit dummies, mu of variance phi sigma2. The variance of B u is
    sigma2 (I + phi A A'), whose inverse and determinant need N x N matrices alone.

    Attributes
    ----------
    problem : Problem
        The arrays.
    columns : ndarray, shape (T, N, m)
        y, W y when there is a lag, X.
    jacobians : tuple of Jacobian
        ln|S| and ln|B|, those that there are.
    """

    problem: Problem
    columns: FloatArray
    jacobians: tuple[Jacobian, ...]

    @classmethod
    def of(cls, problem: Problem) -> "Random":
        """Collect what does not depend on the parameters.

        Parameters
        ----------
        problem : Problem
            The arrays.

        Returns
        -------
        Random
            The likelihood.
        """
        y = problem.y[:, :, None]
        left = [y] if problem.lag is None else [y, spatial_lag(problem.lag, y)]
        spectra = [one for one in (problem.lag, problem.error) if one is not None]
        return cls(
            problem,
            np.concatenate([*left, problem.X], axis=2),
            tuple(Jacobian.of(one, None) for one in spectra),
        )

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Intervals of the spatial parameters."""
        return tuple(one.bounds for one in (self.problem.lag, self.problem.error) if one is not None)

    def split(self, point: FloatArray) -> tuple[float, float, float]:
        """Read rho, lambda and phi off a parameter vector.

        Parameters
        ----------
        point : ndarray, shape (q + 1,)
            Spatial parameters, then ln(phi).

        Returns
        -------
        rho, value, phi : float
            Zero for what the model does not have.
        """
        rho = float(point[0]) if self.problem.lag is not None else 0.0
        value = float(point[-2]) if self.problem.error is not None else 0.0
        return rho, value, float(np.exp(point[-1]))

    def at(self, point: FloatArray) -> "State":
        """Run the generalized regression at given parameters.

        Parameters
        ----------
        point : ndarray, shape (q + 1,)
            Spatial parameters, then ln(phi).

        Returns
        -------
        State
            beta, sigma2, the log-likelihood and its gradient.
        """
        rho, value, phi = self.split(point)
        filtered = apply_filter(self.problem, value, self.columns)
        loading = self._loading(value)
        inner = np.eye(loading.shape[1]) + phi * crossed(loading, loading)
        pulled = crossed(loading, filtered)
        weighted = filtered - phi * loading @ np.linalg.solve(inner, pulled)
        gram = crossed(filtered, weighted)
        k = self.problem.X.shape[2]
        targets = gram.shape[0] - k
        ray = np.array([1.0, -rho])[:targets]
        beta = np.linalg.solve(gram[targets:, targets:], gram[targets:, :targets] @ ray)
        direction = np.concatenate([ray, -beta])
        sse = float(direction @ gram @ direction)
        return State(
            beta=beta,
            sse=sse,
            direction=direction,
            left=filtered @ direction,
            weighted=weighted @ direction,
            gram=gram[targets:, targets:],
            loading=loading,
            inner=inner,
        )

    def _loading(self, value: float) -> FloatArray:
        periods, units = self.problem.y.shape
        plain = np.broadcast_to(np.eye(units), (periods, units, units))
        if self.problem.error is None or self.problem.random == "kkp":
            return plain
        return plain - value * self.problem.error.matrices[self.problem.error.position]

    def loglik(self, point: FloatArray) -> float:
        """Return the concentrated log-likelihood.

        Parameters
        ----------
        point : ndarray, shape (q + 1,)
            Spatial parameters, then ln(phi).

        Returns
        -------
        float
            Constants included.
        """
        return self._loglik(point, self.at(point))

    def _loglik(self, point: FloatArray, state: "State") -> float:
        count = self.problem.y.size
        jacobian = sum(one.value(float(x)) for one, x in zip(self.jacobians, point, strict=False))
        fixed = 0.5 * float(np.linalg.slogdet(state.inner)[1])
        return float(jacobian - fixed - 0.5 * count * (np.log(2.0 * np.pi * state.sse / count) + 1.0))

    def gradient(self, point: FloatArray) -> FloatArray:
        """Return its gradient.

        Parameters
        ----------
        point : ndarray, shape (q + 1,)
            Spatial parameters, then ln(phi).

        Returns
        -------
        ndarray, shape (q + 1,)
            The gradient.
        """
        return self._gradient(point, self.at(point))

    def cost(self, point: FloatArray) -> tuple[float, FloatArray]:
        """Return minus the log-likelihood and minus its gradient, from one regression.

        Parameters
        ----------
        point : ndarray, shape (q + 1,)
            Spatial parameters, then ln(phi).

        Returns
        -------
        value : float
            The cost.
        slope : ndarray, shape (q + 1,)
            Its gradient.
        """
        state = self.at(point)
        return -self._loglik(point, state), -self._gradient(point, state)

    def _gradient(self, point: FloatArray, state: "State") -> FloatArray:
        _, value, phi = self.split(point)
        sigma2 = state.sse / self.problem.y.size
        shadow = crossed(state.loading, state.weighted)
        gram = (state.inner - np.eye(len(state.inner))) / phi
        slopes = [-float(one.slope(np.array([x]))[0]) for one, x in zip(self.jacobians, point, strict=False)]
        if self.problem.lag is not None:
            moved = apply_filter(self.problem, value, self.columns[:, :, 1:2])[:, :, 0]
            slopes[0] += float((moved * state.weighted).sum()) / sigma2
        if self.problem.error is not None:
            slopes[-1] += self._error_slope(state, phi, shadow, sigma2)
        trace = float(np.trace(np.linalg.solve(state.inner, gram)))
        ratio = phi * (0.5 * float(shadow @ shadow) / sigma2 - 0.5 * trace)
        return np.array([*slopes, ratio])

    def _error_slope(self, state: "State", phi: float, shadow: FloatArray, sigma2: float) -> float:
        error = self.problem.error
        if error is None:
            return 0.0
        moved = spatial_lag(error, (self.columns @ state.direction)[:, :, None])[:, :, 0]
        slope = float((moved * state.weighted).sum()) / sigma2
        if self.problem.random == "kkp":
            return slope
        V = error.matrices[error.position]
        both = crossed(state.loading, V)
        slope += phi * float(np.trace(np.linalg.solve(state.inner, both)))
        return slope - phi * float((state.weighted * (V @ shadow)).sum()) / sigma2


@dataclass(frozen=True)
class State:
    """The generalized regression at given parameters.

    Attributes
    ----------
    beta : ndarray, shape (k,)
        Coefficients.
    sse : float
        Weighted sum of squares.
    direction : ndarray, shape (m,)
        (1, -rho, -beta).
    left, weighted : ndarray, shape (T, N)
        r = B (S y - X beta), and (I + phi A A')^-1 r.
    gram : ndarray, shape (k, k)
        X'B'(I + phi A A')^-1 B X.
    loading : ndarray, shape (T, N, N)
        A.
    inner : ndarray, shape (N, N)
        I + phi A'A.
    """

    beta: FloatArray
    sse: float
    direction: FloatArray
    left: FloatArray
    weighted: FloatArray
    gram: FloatArray
    loading: FloatArray
    inner: FloatArray


def fit_random(problem: Problem, *, observed: bool = False) -> tuple[Fit, Information]:
    """Maximize the likelihood with random unit effects.

    Parameters
    ----------
    problem : Problem
        Arrays of a model whose ``random`` is "baltagi" or "kkp".
    observed : bool
        Observed instead of expected information.

    Returns
    -------
    fit : Fit
        The estimates; ``spatial`` ends with phi.
    information : Information
        In the order beta, spatial parameters, phi, sigma2; expected up to 2,500 observations, observed above or when
        asked.

    Raises
    ------
    EstimationError
        If no maximum is found.

    Examples
    --------
    >>> from yrdspatial.models.within import Effects
    >>> y, pooled = np.array([[1.0, 4.0, 6.0], [2.0, 4.5, 5.0]]), Effects.of(2, 3, unit=False, time=False)
    >>> fit_random(Problem(y, np.ones((2, 3, 1)), pooled, None, None, True, "kkp"))[0].spatial.round(2).tolist()
    [6.94]
    """
    likelihood = Random.of(problem)
    ends = [inner_ends(one) for one in likelihood.bounds]
    limits = [*ends, LOG_RATIO]
    point = _search(likelihood, limits)
    nothing = np.array([*point[:-1], LOG_RATIO[0]])
    free = likelihood.loglik(point) > likelihood.loglik(nothing) + NEGLIGIBLE
    point = point if free else nothing
    if free:
        found = root(likelihood.gradient, point, tol=1e-12)
        close = np.abs(found.x - point).max() < 1e-2
        point = np.asarray(found.x, dtype=np.float64) if close else point
    state = likelihood.at(point)
    phi = float(np.exp(point[-1]))
    random = phi * np.linalg.solve(state.inner, crossed(state.loading, state.left))
    slopes = _slopes(likelihood, point)
    hessian = -0.5 * (slopes + slopes.T)
    if not np.isfinite(hessian).all():
        raise EstimationError("the likelihood has no maximum", cure="use fixed effects")
    scores = likelihood.gradient(point)
    spatial = np.array([*point[:-1], phi])
    fit = Fit(
        beta=state.beta,
        spatial=spatial,
        sigma2=state.sse / problem.y.size,
        loglik=likelihood.loglik(point),
        residuals=state.left - state.loading @ random,
        bounds=(*likelihood.bounds, (0.0, np.inf)),
        score=scores,
        curvature=np.diag(hessian),
        at_bound=(
            *(bool(min(abs(x - np.array(e))) < 1e-10) for x, e in zip(point, ends, strict=False)),
            not free,
        ),
        divisor=problem.y.size,
        fall=None,
    )
    if observed or problem.y.size > LARGE:
        return fit, _observed(likelihood, point, hessian)
    coefficients = (state.beta, state.sse / problem.y.size)
    return fit, expected_information(problem, likelihood.split(point), coefficients, state.loading)


def _search(likelihood: Random, limits: list[tuple[float, float]]) -> FloatArray:
    best, peak = None, -np.inf
    spatial = limits[:-1]
    starts = {tuple(share * (high if share > 0 else -low) for low, high in spatial) for share in STARTS}
    if len(spatial) == 2:
        (low, high), (below, above) = spatial
        starts |= {(0.5 * low, 0.5 * above), (0.5 * high, 0.5 * below)}
    for start in sorted(starts):
        found = minimize(
            likelihood.cost,
            np.array([*start, 0.0]),
            jac=True,
            bounds=limits,
            method="L-BFGS-B",
        )
        if np.isfinite(found.fun) and -found.fun > peak:
            best, peak = np.asarray(found.x, dtype=np.float64), -float(found.fun)
    if best is None:
        raise EstimationError("the likelihood is not finite", cure="use fixed effects")
    return best


def _slopes(likelihood: Random, point: FloatArray) -> FloatArray:
    # The slope of the gradient, by central differences of the analytic gradient.
    steps = STEP * np.eye(point.size)
    sides = [
        (likelihood.gradient(point + step) - likelihood.gradient(point - step)) / (2.0 * STEP)
        for step in steps
    ]
    return np.stack(sides, axis=1)


def _observed(likelihood: Random, point: FloatArray, hessian: FloatArray) -> Information:
    # beta and sigma2 are functions of the point: their information follows from the slopes of those functions.
    state, count = likelihood.at(point), likelihood.problem.y.size
    sigma2, k, q = state.sse / count, state.beta.size, point.size
    steps = STEP * np.eye(q)

    def profile(at: FloatArray) -> FloatArray:
        one = likelihood.at(at)
        return np.append(one.beta, one.sse / count)

    moved = np.stack(
        [(profile(point + step) - profile(point - step)) / (2.0 * STEP) for step in steps], axis=1
    )
    outer = np.zeros((k + 1, k + 1))
    outer[:k, :k] = state.gram / sigma2
    outer[k, k] = 0.5 * count / sigma2**2
    scale = np.ones(q)
    scale[-1] = np.exp(-point[-1])
    moved, inner = moved * scale, hessian * np.outer(scale, scale)
    cross = -outer @ moved
    order = [*range(k), *range(k + 1, k + 1 + q), k]
    whole = np.block([[outer, cross], [cross.T, inner + moved.T @ outer @ moved]])[np.ix_(order, order)]
    return Information(whole, whole)
