"""Dynamic lag models: y_{t-1} and W_{t-1} y_{t-1} among the regressors, and the bias that unit effects give them."""

from dataclasses import replace

import numpy as np

from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models.covariance import Information, lag_information
from yrdspatial.models.likelihood import Fit, Problem, fit_lag, spatial_lag
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, FloatArray, demean


def fit_dynamic(problem: Problem, *, observed: bool = False) -> tuple[Fit, Information]:
    """Estimate a dynamic SAR or SDM, corrected for the bias of unit effects when ``problem.adjusted``.

    Parameters
    ----------
    problem : Problem
        Arrays whose first columns of X are the lags named in ``problem.lags``.
    observed : bool
        Observed instead of expected information.

    Returns
    -------
    fit : Fit
        The estimates; corrected ones maximize nothing and have no log-likelihood.
    information : Information
        At the estimates, in the order beta, rho, sigma2.

    Raises
    ------
    EstimationError
        If the model has no lag of y.
    SpecificationError
        If windows differ between units and the bias is to be removed.

    References
    ----------
    Yu, de Jong and Lee (2008), Journal of Econometrics 146, 118-134; Lee and Yu (2010), Econometric Theory 26,
    564-597, for time effects.

    Examples
    --------
    >>> ring = 0.5 * (np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1))
    >>> rng, lag = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(5, dtype=np.intp))
    >>> y = rng.normal(size=(6, 6))
    >>> effects = Effects.of(5, 6, unit=True, time=False)
    >>> problem = Problem(y[1:], y[:-1, :, None], effects, lag=lag, error=None, adjusted=True, lags=("y",))
    >>> corrected, _ = fit_dynamic(problem)
    >>> plain, _ = fit_dynamic(replace(problem, adjusted=False))
    >>> bool(corrected.beta[0] > plain.beta[0])  # unit effects pull tau down
    True
    """
    if problem.lag is None:
        raise EstimationError("a dynamic model needs a lag of y")
    if not problem.adjusted or not problem.effects.unit:
        fit = fit_lag(problem)
        return fit, lag_information(problem, fit, observed=observed)
    if problem.effects.cells is not None:
        what = "the correction of a dynamic model runs over windows common to all units"
        raise SpecificationError(what, where="effects", cure='give windows by year, or use bias="none"')
    transformed = replace(problem, profiled=replace(problem.effects, unit=False))
    fit = fit_lag(transformed)
    slope = lag_information(transformed, fit).slope
    moved = np.array([*fit.beta, *fit.spatial, fit.sigma2]) + np.linalg.solve(
        slope, missing_score(transformed, fit)
    )
    count = fit.beta.size
    beta, rho = moved[:count], moved[count : count + 1]
    left = problem.y - problem.X @ beta - rho[0] * spatial_lag(problem.lag, problem.y[:, :, None])[:, :, 0]
    corrected = replace(
        fit,
        beta=beta,
        spatial=rho,
        sigma2=float(moved[-1]),
        loglik=None,
        residuals=demean(left[:, :, None], problem.effects)[:, :, 0],
        fall=None,
    )
    return corrected, lag_information(transformed, corrected, observed=observed)


def missing_score(problem: Problem, fit: Fit) -> FloatArray:
    """Return minus the expected score of the transformed likelihood, which unit effects pull away from zero.

    Parameters
    ----------
    problem : Problem
        The arrays, adjusted for time effects alone.
    fit : Fit
        The estimates.

    Returns
    -------
    ndarray, shape (k + 2,)
        For beta, rho and sigma2. y_t carries past errors: dy_t/de_s = A_t ... A_{s+1} S_s^-1 with
        A_t = S_t^-1 (tau I + eta W_{t-1}), and unit effects correlate y_{t-1} with the mean error of the window. With
        constant weights and one window the sum over the past is taken to its limit (I - A)^-1 S^-1, as Yu, de Jong and
        Lee do; otherwise it runs over the periods there are.

    Examples
    --------
    >>> ring = 0.5 * (np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1))
    >>> rng, lag = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(5, dtype=np.intp))
    >>> y = rng.normal(size=(6, 6))
    >>> effects = Effects.of(5, 6, unit=True, time=False)
    >>> problem = Problem(y[1:], y[:-1, :, None], effects, lag=lag, error=None, adjusted=True, lags=("y",))
    >>> plain, _ = fit_dynamic(replace(problem, adjusted=False))
    >>> bool((missing_score(problem, plain)[[0, -1]] > 0).all())
    True
    """
    past, present = _limit(problem, fit) if _steady(problem) else _sums(problem, fit)
    units, sizes = problem.y.shape[1], problem.effects.window_sizes
    out = np.zeros(fit.beta.size + 2)
    for position, name in enumerate(problem.lags):
        out[position] = past[name]
    out[-2] = present
    out[-1] = (
        (units - problem.effects.time * problem.effects.group_sizes.size) * sizes.size / (2.0 * fit.sigma2)
    )
    return out


def _steady(problem: Problem) -> bool:
    weights = [spectra for spectra in (problem.lag, problem.previous) if spectra is not None]
    constant = all(len(spectra.matrices) == 1 for spectra in weights)
    same = len(weights) < 2 or np.array_equal(weights[0].matrices[0], weights[1].matrices[0])
    return constant and same and problem.effects.window_sizes.size == 1


def _coefficients(problem: Problem, fit: Fit) -> tuple[float, float]:
    # tau and eta.
    given = dict(zip(problem.lags, fit.beta, strict=False))
    return float(given.get("y", 0.0)), float(given.get("Wy", 0.0))


def _centered(effects: Effects, matrix: FloatArray) -> float:
    # tr(C matrix), C the projector off the groups of the time effects.
    basis = effects.group_basis
    return float(np.trace(matrix) - (basis * (matrix @ basis)).sum())


def _limit(problem: Problem, fit: Fit) -> tuple[dict[str, float], float]:
    tau, eta = _coefficients(problem, fit)
    W, identity = _lag(problem).matrices[0], np.eye(problem.y.shape[1])
    inverse = np.linalg.inv(identity - fit.spatial[0] * W)
    total = np.linalg.solve(identity - inverse @ (tau * identity + eta * W), inverse)
    present = W @ inverse + W @ inverse @ (tau * identity + eta * W) @ total
    past = {"y": _centered(problem.effects, total), "Wy": _centered(problem.effects, W @ total)}
    return past, _centered(problem.effects, present)


def _sums(problem: Problem, fit: Fit) -> tuple[dict[str, float], float]:
    tau, eta = _coefficients(problem, fit)
    lag, identity = _lag(problem), np.eye(problem.y.shape[1])
    inverses = np.linalg.inv(identity - fit.spatial[0] * lag.matrices)
    previous = problem.previous or lag
    past, present = {"y": 0.0, "Wy": 0.0}, 0.0
    carried, window = np.zeros_like(identity), -1
    for t, code in enumerate(problem.effects.windows):
        carried = carried if code == window else np.zeros_like(identity)
        window, share = code, 1.0 / problem.effects.window_sizes[code]
        before = previous.matrices[previous.position[t]]
        past["y"] += share * _centered(problem.effects, carried)
        past["Wy"] += share * _centered(problem.effects, before @ carried)
        carried = inverses[lag.position[t]] @ (identity + tau * carried + eta * before @ carried)
        present += share * _centered(problem.effects, lag.matrices[lag.position[t]] @ carried)
    return past, present


def _lag(problem: Problem) -> Spectra:
    if problem.lag is None:
        raise EstimationError("a dynamic model needs a lag of y")
    return problem.lag


def unstable(problem: Problem, fit: Fit) -> tuple[str, ...]:
    """Say when a dynamic process does not settle.

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.

    Returns
    -------
    tuple of str
        One sentence, or none.

    Examples
    --------
    >>> ring = 0.5 * (np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1))
    >>> rng, lag = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(5, dtype=np.intp))
    >>> y = rng.normal(size=(6, 6))
    >>> effects = Effects.of(5, 6, unit=True, time=False)
    >>> problem = Problem(y[1:], y[:-1, :, None], effects, lag=lag, error=None, adjusted=True, lags=("y",))
    >>> fit, _ = fit_dynamic(problem)
    >>> unstable(problem, fit)
    ()
    >>> unstable(problem, replace(fit, beta=np.array([1.2]), spatial=np.array([0.0])))[0][:45]
    'the largest root of the transition is 1.200, '
    """
    if not problem.lags:
        return ()
    root = largest_root(problem, fit, within=False)
    if root < 1.0:
        return ()
    inner = largest_root(problem, fit, within=True)
    kind = (
        "spatial cointegration, if time effects carry the common trend"
        if inner < 1.0
        else "no stable process"
    )
    return (
        f"the largest root of the transition is {root:.3f}, not below one: {kind}; the correction for unit effects "
        "does not hold and long-run effects do not exist",
    )


def largest_root(problem: Problem, fit: Fit, *, within: bool) -> float:
    """Return the largest modulus of an eigenvalue of A_t = S_t^-1 (tau I + eta W_{t-1}).

    Parameters
    ----------
    problem : Problem
        The arrays.
    fit : Fit
        The estimates.
    within : bool
        Of the part that time effects leave, C A C, instead of A.

    Returns
    -------
    float
        Below one when the process is stable.

    Examples
    --------
    >>> ring = 0.5 * (np.roll(np.eye(6), 1, axis=1) + np.roll(np.eye(6), -1, axis=1))
    >>> rng, lag = np.random.default_rng(1), Spectra.of(ring[None], np.zeros(5, dtype=np.intp))
    >>> y = rng.normal(size=(6, 6))
    >>> effects = Effects.of(5, 6, unit=True, time=False)
    >>> problem = Problem(y[1:], y[:-1, :, None], effects, lag=lag, error=None, adjusted=True, lags=("y",))
    >>> fit = replace(fit_dynamic(problem)[0], beta=np.array([0.5]), spatial=np.array([0.2]))
    >>> round(largest_root(problem, fit, within=False), 3)  # 0.5 / (1 - 0.2)
    0.625
    """
    tau, eta = _coefficients(problem, fit)
    lag = _lag(problem)
    previous = problem.previous or lag
    identity, basis = np.eye(problem.y.shape[1]), replace(problem.effects, cells=None).group_basis
    center = identity - basis @ basis.T if within else identity
    roots = []
    for d, b in set(zip(lag.position.tolist(), previous.position.tolist(), strict=True)):
        inverse = np.linalg.inv(identity - fit.spatial[0] * lag.matrices[d])
        A = center @ inverse @ (tau * identity + eta * previous.matrices[b]) @ center
        roots.append(float(np.abs(np.linalg.eigvals(A)).max()))
    return max(roots)
