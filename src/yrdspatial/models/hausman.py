"""May the effects be random, may the error be the only spatial term: comparing a consistent and an efficient fit."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models.diagnosis import inapplicable
from yrdspatial.models.likelihood import least_squares
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import CONSTANT, Request, read_design
from yrdspatial.models.wald import TestResult, chi2_test
from yrdspatial.models.within import FloatArray, demean
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

RANDOM = "the effects are not correlated with the regressors"
SPATIAL = "the model with a spatial error is right: it agrees with least squares"
"""Null hypotheses."""


def hausman(
    fe: SpatialPanelResults, re: SpatialPanelResults, *, terms: Sequence[str] | None = None
) -> TestResult:
    """Compare an estimate that is consistent anyway with one that is efficient under the null.

    Parameters
    ----------
    fe : SpatialPanelResults
        With unit effects, such as ``SAR(..., effects="unit").fit()``; or OLS or SLX, when ``re`` is SEM or SDEM.
    re : SpatialPanelResults
        The same model on the same rows with random effects; or SEM or SDEM with the effects of ``fe``. A fit with
        ``effects="mundlak"`` carries the test itself: its unit means are jointly zero, and ``fe`` plays no part.
    terms : sequence of str, optional
        The coefficients compared. By default the slopes that both have: terms and W_ terms, without the constant, rho
        and lambda.

    Returns
    -------
    TestResult
        d'(V_fe - V_re)^-1 d, d the difference of the coefficients; chi2. Not applicable when V_fe - V_re is not
        positive definite, as happens in small samples: then use ``effects="mundlak"`` or :func:`mundlak_test`.

    Raises
    ------
    SpecificationError
        If the two have other rows, another y, no coefficient in common, or the wrong effects.

    Notes
    -----
    V_fe is rescaled to the residual variance of the random-effects fit, so that both have the same and the difference
    is positive definite but for sampling error in rho and lambda.

    With SEM or SDEM d compares the slopes and the constant with those of least squares, whose covariance is that under
    the spatial error: sigma2 (X'X)^-1 X'(B'B)^-1 X (X'X)^-1, everything net of the effects.

    References
    ----------
    Hausman (1978), Econometrica 46; Elhorst (2014), Spatial Econometrics, chapter 3; Pace and LeSage (2008),
    Economics Letters 101; Mundlak (1978), Econometrica 46.
    """
    _check_pair(fe, re)
    if re.spec.means:
        found = re.wald_test([f"mean_{name}" for name in re.spec.means])
        return chi2_test("Hausman (Mundlak)", RANDOM, found.statistic, found.df)
    if re.design.problem.random:
        if not fe.design.problem.effects.unit:
            raise SpecificationError(
                "the first fit has no unit effects", where="hausman", cure='use effects="unit" or "twoways"'
            )
        shared = [name for name in fe.params.index if name in re.params.index and name != CONSTANT]
        chosen = fe.spec.regressors if terms is None else terms
        common = [name for name in shared if name in chosen]
        scale = re.sigma2 / fe.sigma2
        spread = scale * fe.cov.loc[common, common].to_numpy() - re.cov.loc[common, common].to_numpy()
        return _compare(fe, re, common, spread, RANDOM)
    if fe.spec.lag or fe.spec.error or not re.spec.error or re.spec.lag or fe.spec.effects != re.spec.effects:
        cure = "give fixed and random effects, or OLS and SEM (SLX and SDEM) with the same effects"
        raise SpecificationError("these two fits make no Hausman test", where="hausman", cure=cure)
    common = list(re.spec.regressors)
    if set(common) != set(fe.params.index):
        raise SpecificationError("the regressors differ", where="hausman", cure="use the same formula")
    least = pd.DataFrame(_least_squares_covariance(re), common, common)
    return _compare(fe, re, common, least.to_numpy() - re.cov.loc[common, common].to_numpy(), SPATIAL)


def _check_pair(fe: SpatialPanelResults, re: SpatialPanelResults) -> None:
    same = fe.design.sample.frame.index.equals(re.design.sample.frame.index)
    if not same or fe.spec.dependent != re.spec.dependent:
        what = "the rows differ" if not same else "the dependent variables differ"
        raise SpecificationError(what, where="hausman", cure="fit both on the same data")


def _compare(
    fe: SpatialPanelResults, re: SpatialPanelResults, common: list[str], spread: FloatArray, null: str
) -> TestResult:
    if not common:
        raise SpecificationError("the two fits share no coefficient", where="hausman", cure="use one formula")
    gap = (fe.params[common] - re.params[common]).to_numpy()
    scale = np.sqrt(np.abs(np.diag(fe.cov.loc[common, common].to_numpy())))
    if np.linalg.eigvalsh(spread / np.outer(scale, scale)).min() <= 1e-10:
        return inapplicable("Hausman", null, "the difference of the covariances is not positive definite")
    return chi2_test("Hausman", null, float(gap @ np.linalg.solve(spread, gap)), gap.size)


def _least_squares_covariance(re: SpatialPanelResults) -> FloatArray:
    # sigma2 (X'X)^-1 X'(B'B)^-1 X (X'X)^-1, X net of the effects.
    problem = re.design.problem
    if problem.error is None:
        raise SpecificationError("the model has no spatial error", cure="fit SEM or SDEM")
    X = demean(problem.X, problem.effects)
    B = np.eye(problem.y.shape[1]) - re.fit.spatial[-1] * problem.error.matrices
    turned = np.linalg.solve(B.swapaxes(1, 2)[problem.error.position], X).reshape(problem.y.size, -1)
    flat = X.reshape(problem.y.size, -1)
    inverse = np.linalg.inv(flat.T @ flat)
    return np.asarray(re.sigma2 * inverse @ (turned.T @ turned) @ inverse)


def mundlak_test(
    data: Panel | pd.DataFrame, formula: str, *, weights: "Weights | None" = None, effects: str = "pooled"
) -> TestResult:
    """Test robustly whether unit effects are correlated with the regressors, by unit means in a regression.

    The Hausman test in the form of an auxiliary regression: y on X and the unit means of X (and of W X, with weights),
    by least squares; the means are jointly zero under the null. The covariance is clustered by unit, so that errors may
    be heteroskedastic and correlated over time. They are not corrected for correlation between units.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time).
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.
    weights : Graph, WeightsSeries or DataFrame, optional
        With weights W X are among the regressors.
    effects : {"pooled", "time"}
        Whether there are time effects.

    Returns
    -------
    TestResult
        Wald test with the factor N/(N - 1) (NT - 1)/(NT - K) on the covariance, chi2.

    Raises
    ------
    SpecificationError
        If the effects are others, nothing varies over time, or the means cannot be told apart from the regressors.

    References
    ----------
    Mundlak (1978), Econometrica 46; Arellano (1993), Journal of Econometrics 59; Wooldridge (2010), Econometric
    Analysis of Cross Section and Panel Data, section 10.7.3.
    """
    if effects not in {"pooled", "time"}:
        raise SpecificationError(f"effects={effects!r} hide the unit means", cure='use "pooled" or "time"')
    name = "OLS" if weights is None else "SLX"
    request = Request(name, False, False, weights is not None, formula, effects, {"x": weights}, None)
    problem = read_design(data, request).problem
    averages = np.broadcast_to(problem.X.mean(axis=0), problem.X.shape)
    varying = np.flatnonzero(np.abs(problem.X - averages).max(axis=(0, 1)) > 0)
    if not varying.size:
        raise SpecificationError("no regressor varies over time", where=formula, cure="add one that does")
    stacked = np.concatenate([problem.y[:, :, None], problem.X, averages[:, :, varying]], axis=2)
    return _clustered(demean(stacked, problem.effects), varying.size)


def _clustered(columns: FloatArray, tested: int) -> TestResult:
    # Wald test, clustered by unit, that the last coefficients of a regression are zero; columns are y, X, means.
    periods, units, width = columns.shape
    flat = columns.reshape(periods * units, width)
    X = flat[:, 1:]
    if np.linalg.matrix_rank(X / np.sqrt((X**2).sum(axis=0))) < width - 1 or units <= tested:
        raise SpecificationError("the unit means cannot be told apart", cure="use fewer regressors")
    beta, e = least_squares(X, flat[:, :1])
    moments = (columns[:, :, 1:] * e.reshape(periods, units, 1)).sum(axis=0)
    inverse = np.linalg.inv(X.T @ X)
    size = units / (units - 1.0) * (len(flat) - 1.0) / (len(flat) - width + 1.0)
    covariance = size * inverse @ (moments.T @ moments) @ inverse
    last = beta[-tested:, 0]
    statistic = float(last @ np.linalg.solve(covariance[-tested:, -tested:], last))
    return chi2_test("Hausman (robust)", RANDOM, statistic, tested)
