"""Which spatial model do the data ask for: tests before and after estimation."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import chi2, f, norm

from yrdspatial.errors import SpecificationError
from yrdspatial.models.covariance import propagators
from yrdspatial.models.diagnosis import Diagnosis, as_table, inapplicable
from yrdspatial.models.estimators import OLS
from yrdspatial.models.likelihood import Problem, spatial_lag
from yrdspatial.models.lm import (
    Residuals,
    adjusted_scores,
    paired_trace,
    published_scores,
    ratio_moments,
    symmetric,
)
from yrdspatial.models.model import estimate
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import EffectsRequest, Request, read_design, read_weights
from yrdspatial.models.wald import TestResult, chi2_test, wald
from yrdspatial.models.within import FloatArray, demean
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

JOINT = "LM SARMA"
OVERSIZED = "rejects too often under time effects: read the adjusted form"
"""What is said of the published form."""
MOVED = 1e-9
"""The share of a lagged effect above which something of it is left by the effects."""


def lm_tests(
    data: Panel | pd.DataFrame, formula: str, *, weights: "Weights", effects: EffectsRequest = "twoways"
) -> pd.DataFrame:
    """Lagrange multiplier tests for a spatial lag and a spatial error, on residuals of a model without either.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.
    weights : Graph, WeightsSeries or DataFrame
        W_t of lag and error, used as given.
    effects : str or mapping
        "pooled", "unit", "time", "twoways" or {"unit": "window", "time": True}, as in the models.

    Returns
    -------
    DataFrame
        Rows "LM lag", "LM error", "Robust LM lag" (to a local spatial error), "Robust LM error" (to a local lag) and
        "LM SARMA" (both). ``statistic`` and ``pvalue`` are the form that is published and that other programs print;
        under time effects it rejects a true null in 10 to 20 % of panels, which is what its ``note`` says. ``adjusted``
        and ``pvalue_adjusted`` have the moments that hold with X and the effects, and reject in 5 %: read these. NaN
        where X and the effects explain W times the fitted values, so that the robust and joint tests do not exist.

    Raises
    ------
    SpecificationError
        If random effects are asked for.

    Notes
    -----
    With e the residuals and yhat = y - e, the score of lambda at zero is e'W e / sigma2 and that of rho e'W y / sigma2.
    ``statistic`` takes sigma2 = e'e / NT, mean zero and variance sum_t tr(W_t W_t + W_t'W_t), as if there were
    neither X nor effects. But e = M u, and e'W e / sigma2 has mean tr(M W): with time effects and row-standardized
    weights about -T, against a standard deviation of the order sqrt(N T / neighbours). ``adjusted`` takes
    sigma2 = e'e / df, that mean, and the exact variance under normal errors; W_t y_t is formed before anything is
    demeaned. On a cross-section its LM error is the square of the Moran test on residuals.

    References
    ----------
    Anselin, Bera, Florax and Yoon (1996), Regional Science and Urban Economics 26; Debarsy and Ertur (2010), ibidem 40;
    Anselin, Le Gallo and Jayet (2008) in Matyas and Sevestre, The Econometrics of Panel Data, chapter 19.

    Examples
    --------
    >>> units, years = list("abcdef"), range(2001, 2009)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> rng = np.random.default_rng(1)
    >>> ring = pd.DataFrame(np.roll(np.eye(6), 1, axis=1) / 2 + np.roll(np.eye(6), -1, axis=1) / 2, units, units)
    >>> x = rng.normal(size=(6, 8))
    >>> y = np.linalg.solve(np.eye(6) - 0.6 * ring.to_numpy(), x + 0.3 * rng.normal(size=(6, 8)))
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> table = lm_tests(data, "y ~ x", weights=ring, effects="unit").set_index("test")
    >>> bool(table.loc["Robust LM lag", "pvalue"] < 0.01)
    True
    """
    request = Request("OLS", False, False, False, formula, effects, {}, None)
    design = read_design(data, request)
    if design.problem.random:
        raise SpecificationError(
            "LM tests of this table have no random effects", where="effects", cure="use bsk_tests"
        )
    spectra = read_weights(weights, design.sample)
    published = published_scores(design.problem, spectra).statistics()
    adjusted = adjusted_scores(design.problem, spectra).statistics()
    table = pd.DataFrame({"statistic": published, "adjusted": adjusted}).rename_axis("test").reset_index()
    table["df"] = np.where(table["test"] == JOINT, 2, 1)
    table["pvalue"] = chi2.sf(table["statistic"], table["df"])
    table["pvalue_adjusted"] = chi2.sf(table["adjusted"], table["df"])
    table["note"] = OVERSIZED if design.problem.effects.time else ""
    return table[["test", "statistic", "df", "pvalue", "adjusted", "pvalue_adjusted", "note"]]


def effects_tests(data: Panel | pd.DataFrame, formula: str) -> pd.DataFrame:
    """Are unit effects and time effects needed, in a model without spatial terms.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time).
    formula : str
        Such as ``"log(y) ~ x1 + x2"``.

    Returns
    -------
    DataFrame
        Columns test, null, statistic, df, pvalue, note. "LR unit effects" compares two-way with time effects, "LR time
        effects" two-way with unit effects, with as many degrees of freedom as dummies differ (one less than there are
        units or periods). LR is N T ln(1 + df F / left) of the statistics of "F unit effects" and "F time effects": its
        p-value is theirs, exact under normal errors, since chi2 rejects too often with many dummies.

    References
    ----------
    Elhorst (2014), Spatial Econometrics, chapter 3; Baltagi (2013), Econometric Analysis of Panel Data, chapter 4.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([list("abcdef"), range(2001, 2009)], names=["unit", "year"])
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"x": rng.normal(size=48)}, index)
    >>> data["y"] = data["x"] + np.repeat(np.arange(6.0), 8) + 0.3 * rng.normal(size=48)
    >>> table = effects_tests(data, "y ~ x").set_index("test")
    >>> bool(table.loc["F unit effects", "pvalue"] < 0.01), bool(table.loc["F time effects", "pvalue"] < 0.01)
    (True, False)
    """
    both = _least_squares(data, formula, "twoways")
    rows: list[TestResult] = []
    for name, other in (("unit", "time"), ("time", "unit")):
        less = _least_squares(data, formula, other)
        df = both.design.problem.effects.dummies - less.design.problem.effects.dummies
        null = f"no {name} effects beside {other} effects"
        small, large = (float((one.fit.residuals**2).sum()) for one in (both, less))
        left = both.design.problem.effects.degrees_of_freedom - len(both.params)
        ratio = (large - small) / df / (small / left)
        pvalue, note = float(f.sf(ratio, df, left)), f"F({df}, {left})"
        lr = 2.0 * (both.loglik - less.loglik)
        rows += [
            Diagnosis(f"LR {name} effects", null, lr, df, pvalue, f"p-value exact, by {note}"),
            Diagnosis(f"F {name} effects", null, ratio, df, pvalue, note),
        ]
    return as_table(rows)


def _least_squares(data: Panel | pd.DataFrame, formula: str, effects: str) -> SpatialPanelResults:
    return OLS(data, formula, effects=effects).fit(bias="none")


def residual_tests(results: SpatialPanelResults, *, weights: "Weights | None" = None) -> pd.DataFrame:
    """Is there spatial correlation left in the residuals of a fitted model.

    Parameters
    ----------
    results : SpatialPanelResults
        Of OLS, SLX, SAR or SDM.
    weights : Graph, WeightsSeries or DataFrame, optional
        W_t of the correlation looked for. OLS needs it; SAR and SDM are tested with their own weights.

    Returns
    -------
    DataFrame
        Columns test, null, statistic, df, pvalue, note. OLS and SLX: "Moran", z of Moran's I of the residuals, with
        exact moments under normal errors that count X and the effects; two-sided. SAR and SDM: "LM error", the score of
        lambda beside the estimated rho, chi2.

    Raises
    ------
    SpecificationError
        If the model has a spatial error, random effects or several weights of y, or weights are missing or superfluous.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes, chapter 8; Anselin (1988), Spatial Econometrics, chapter 6.

    Examples
    --------
    >>> units, years = [f"u{i:02d}" for i in range(20)], range(2001, 2009)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> table = (np.roll(np.eye(20), 1, axis=1) + np.roll(np.eye(20), -1, axis=1)) / 2
    >>> ring, rng = pd.DataFrame(table, units, units), np.random.default_rng(1)
    >>> x = rng.normal(size=(20, 8))
    >>> y = np.linalg.solve(np.eye(20) - 0.6 * table, x + 0.3 * rng.normal(size=(20, 8)))
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> found = residual_tests(OLS(data, "y ~ x").fit(), weights=ring)
    >>> found.loc[0, "test"], bool(found.loc[0, "pvalue"] < 0.01)
    ('Moran', True)
    """
    problem = results.design.problem
    if problem.error is not None or problem.random or problem.parts:
        cure = "use residual_moran, by permutation"
        raise SpecificationError(f"no score test after {results.spec.model} here", cure=cure)
    if (problem.lag is None) == (weights is None):
        cure = "pass weights= for OLS and SLX, leave it out for SAR and SDM"
        raise SpecificationError("whose weights are tested is not clear", where="residual_tests", cure=cure)
    if weights is None:
        return as_table([_error_beside_lag(results)])
    spectra = read_weights(weights, results.design.sample)
    left = Residuals.of(problem)
    mean, variance = ratio_moments(left, spectra, problem.effects)
    lagged = spatial_lag(spectra, left.e[:, :, None])[:, :, 0]
    ratio = left.degrees_of_freedom * float((left.e * lagged).sum() / (left.e**2).sum())
    score = (ratio - mean) / np.sqrt(variance)
    return as_table(
        [TestResult("Moran", "no spatial correlation", score, 1, float(2.0 * norm.sf(abs(score))))]
    )


def _error_beside_lag(results: SpatialPanelResults) -> TestResult:
    problem = results.design.problem
    if problem.lag is None:
        raise SpecificationError("the model has no lag of y", cure="pass weights=")
    e, effects = results.fit.residuals, problem.adjusting
    rho = float(results.fit.spatial[0])
    lagged = spatial_lag(problem.lag, e[:, :, None])[:, :, 0]
    paired = symmetric(problem.lag)
    cross = paired_trace(paired.matrices, propagators(problem.lag, rho), problem.lag.position, effects)
    if effects is None:
        mean, variance = 0.0, 0.5 * paired_trace(paired.matrices, paired.matrices, paired.position, None)
    else:
        mean, variance = ratio_moments(Residuals.of(problem), problem.lag, effects)
    score = float((e * lagged).sum()) / results.sigma2 - mean
    spread = variance - cross**2 * float(results.std_errors["rho"]) ** 2
    null = "lambda = 0 beside rho"
    if spread <= 0:
        return inapplicable("LM error", null, "rho and lambda cannot be told apart here")
    return chi2_test("LM error", null, score**2 / spread, 1)


def simplification_tests(results: SpatialPanelResults) -> pd.DataFrame:
    """May the spatial Durbin model be simplified to SAR, SEM or SLX.

    Parameters
    ----------
    results : SpatialPanelResults
        Of an SDM.

    Returns
    -------
    DataFrame
        Columns test ("Wald SDM to SAR", "LR SDM to SAR", and the same for SEM and SLX), null, statistic, df, pvalue,
        note. To SAR: theta = 0; to SEM, the common factor: theta + rho beta = 0, for the terms with a spatial lag; to
        SLX: rho = 0. The restricted models are fitted here, with the effects and the bias correction of the SDM. With
        ``bias="adjusted"`` the likelihoods of SEM and SDM are both adjusted. The SEM filters its effects: under weights
        that change (I - lambda W_t) mu moves over time and no SDM contains it. The Wald test is then that of
        theta + rho beta = 0 in an SDM, the ratio compares models that are not nested, and the note says so.

    Raises
    ------
    SpecificationError
        If the model is no SDM with one weight and fixed effects.

    References
    ----------
    Elhorst (2014), Spatial Econometrics, chapter 2; Burridge (1981), Journal of the Royal Statistical Society B 43.

    Examples
    --------
    >>> from yrdspatial.models.estimators import SDM
    >>> units, years = [f"u{i:02d}" for i in range(20)], range(2001, 2009)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> table = (np.roll(np.eye(20), 1, axis=1) + np.roll(np.eye(20), -1, axis=1)) / 2
    >>> ring, rng = pd.DataFrame(table, units, units), np.random.default_rng(1)
    >>> x = rng.normal(size=(20, 8))
    >>> y = np.linalg.solve(np.eye(20) - 0.5 * table, x + 0.6 * table @ x + 0.3 * rng.normal(size=(20, 8)))
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> found = simplification_tests(SDM(data, "y ~ x", weights=ring).fit()).set_index("test")
    >>> (found.loc[["Wald SDM to SAR", "Wald SDM to SEM", "Wald SDM to SLX"], "pvalue"] < 0.01).tolist()
    [True, True, True]
    """
    spec, problem = results.spec, results.design.problem
    if spec.model != "SDM" or spec.parts or spec.x_parts or problem.random:
        cure = "fit an SDM with one weight and fixed effects, or use wald_test"
        raise SpecificationError(f"{spec.model} is no plain SDM", where="simplification_tests", cure=cure)
    lagged = [f"W_{name}" for name in spec.durbin]
    own = [k for k, name in enumerate(spec.regressors) if name not in lagged]
    short = problem.X[:, :, own]

    def common_factor(p: "pd.Series[float]") -> FloatArray:
        return np.array([p[f"W_{name}"] + p["rho"] * p[name] for name in spec.durbin])

    complete = set(spec.durbin) == {name for name in spec.terms if name != "Intercept"}
    factor = "theta + rho beta = 0" if complete else "theta + rho beta = 0 for the terms with a spatial lag"
    why = "a dynamic model is fitted with a lag of y" if spec.lags else ""
    part = "" if complete else "without W X of every term the SDM does not contain the SEM"
    sem = replace(problem, X=short, lag=None, error=problem.lag)
    tests = {
        "SAR": ("theta = 0", wald(results.params, results.cov, lagged), replace(problem, X=short), ""),
        "SEM": (factor, wald(results.params, results.cov, common_factor), sem, why or part),
        "SLX": ("rho = 0", wald(results.params, results.cov, ["rho"]), replace(problem, lag=None), why),
    }
    table = as_table([row for name, parts in tests.items() for row in _both(results, name, *parts)])
    note = "W moves the effects, so that the SEM is no special case: a rejection may mean that alone"
    outside = table["test"].str.endswith("SEM") & (table["note"] == "") & _moves_effects(problem)
    return table.assign(note=table["note"].mask(outside, note))


def _moves_effects(problem: Problem) -> bool:
    """Say whether the lag of effects is more than effects, as where weights change or row sums differ.

    Parameters
    ----------
    problem : Problem
        Arrays of an SDM.

    Returns
    -------
    bool
        Whether M W D is not zero, seen on one combination of all dummies D.
    """
    if problem.lag is None or not problem.effects.dummies:
        return False
    some = np.sin(np.arange(1.0, problem.y.size + 1.0)).reshape(*problem.y.shape, 1)
    lagged = spatial_lag(problem.lag, some - demean(some, problem.effects))
    return bool(np.abs(demean(lagged, problem.effects)).max() > MOVED * np.abs(lagged).max())


def _both(
    results: SpatialPanelResults, name: str, null: str, found: TestResult, restricted: Problem, why: str
) -> list[TestResult]:
    # The Wald test and the likelihood ratio, or why there is none.
    first = replace(found, test=f"Wald SDM to {name}", null=null)
    label = f"LR SDM to {name}"
    if why:
        return [first, inapplicable(label, null, why)]
    return [first, chi2_test(label, null, 2.0 * (results.loglik - _loglik(restricted)), found.df)]


def _loglik(problem: Problem) -> float:
    value = estimate(problem)[0].loglik
    return float("nan") if value is None else value
