"""One cross-section: least squares with the full battery of tests, GM and IV, maximum likelihood, mostly by spreg.

The one door to spreg. Rows and weights are aligned by label before they go in, what spreg prints is swallowed, and
effects are our own. So is lambda by generalized moments: spreg stops its search up to 3e-3 away from the minimum.
"""

import contextlib
import io
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import norm

from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models.impacts import Impacts, Method, impacts
from yrdspatial.models.moments import fit_moments
from yrdspatial.models.specification import CONSTANT, Design, Request, read_design, read_weights
from yrdspatial.models.storage import write_results
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

CrossSectionMethod: TypeAlias = Literal["ols", "gm_lag", "gm_error", "ml_lag", "ml_error"]
SPREG = {"ols": "OLS", "gm_lag": "GM_Lag", "ml_lag": "ML_Lag", "ml_error": "ML_Error"}
METHODS = (*SPREG, "gm_error")
TESTS = {
    "Jarque-Bera": ("jarque_bera", "normal errors"),
    "Breusch-Pagan": ("breusch_pagan", "variances do not depend on the squares of X"),
    "Koenker-Bassett": ("koenker_bassett", "the same, errors of any kurtosis"),
    "Moran": ("moran_res", "no spatial correlation of the residuals"),
    "LM lag": ("lm_lag", "rho = 0"),
    "LM error": ("lm_error", "lambda = 0"),
    "Robust LM lag": ("rlm_lag", "rho = 0, lambda near 0"),
    "Robust LM error": ("rlm_error", "lambda = 0, rho near 0"),
    "LM SARMA": ("lm_sarma", "rho = lambda = 0"),
    "LM WX": ("lm_wx", "theta = 0"),
    "Robust LM WX": ("rlm_wx", "theta = 0, rho near 0"),
    "LM SDM": ("lm_spdurbin", "rho = 0, theta = 0"),
    "Anselin-Kelejian": ("ak_test", "no spatial correlation of the residuals"),
}
"""Our name of a test: its name in spreg, the null hypothesis."""
DIAGNOSTICS = ["test", "null", "statistic", "df", "pvalue"]


@dataclass(frozen=True, eq=False)
class CrossSectionResults:
    """Estimates of one cross-section.

    Attributes
    ----------
    design : Design
        What was asked, with the arrays.
    method : str
        "ols", "gm_lag", "gm_error", "ml_lag" or "ml_error".
    estimates : ndarray, shape (K,)
        In the order of ``design.spec.parameters``.
    covariance : ndarray, shape (K, K)
        Their covariance; NaN for lambda by GM, which comes without inference.
    residuals : ndarray, shape (N,)
        y less what X (and W y) explain, in the order of ``design.sample.units``.
    sigma2 : float
        Residual variance: over N - K by OLS and GM of a lag, over N otherwise.
    loglik : float
        Log-likelihood; NaN by GM.
    diagnostics : DataFrame
        Columns test, null, statistic, df, pvalue.
    """

    design: Design
    method: str
    estimates: FloatArray
    covariance: FloatArray
    residuals: FloatArray
    sigma2: float
    loglik: float
    diagnostics: pd.DataFrame

    @property
    def _names(self) -> "pd.Index[Any]":
        return pd.Index(self.design.spec.parameters)

    @cached_property
    def params(self) -> "pd.Series[float]":
        """Coefficients by name."""
        return pd.Series(self.estimates, self._names, name="estimate")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Covariance of the coefficients."""
        return pd.DataFrame(self.covariance, self._names, self._names)

    @cached_property
    def std_errors(self) -> "pd.Series[float]":
        """Standard errors of the coefficients."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), self._names, name="std_error")

    @property
    def resids(self) -> "pd.Series[float]":
        """Residuals on the index of the data."""
        return self.design.sample.series(self.residuals[None], "resid")

    def to_frame(self) -> pd.DataFrame:
        """Return the coefficients as a table.

        Returns
        -------
        DataFrame
            Index parameter; columns estimate, std_error, zstat, pvalue (two-sided, by the normal distribution).
        """
        zstat = (self.params / self.std_errors).rename("zstat")
        pvalue = (2.0 * norm.sf(zstat.abs())).tolist()
        table = pd.DataFrame({"estimate": self.params, "std_error": self.std_errors, "zstat": zstat})
        return table.assign(pvalue=pvalue).rename_axis("parameter")

    def save(self, path: str | Path) -> Path:
        """Write the model to one file, from which :func:`yrdspatial.load_results` makes it again.

        Parameters
        ----------
        path : str or Path
            Where, such as ``"ols.zip"``.

        Returns
        -------
        Path
            The file.
        """
        return write_results(self, path)

    def impacts(self, *, method: Method = "delta", draws: int = 1000, seed: int | None = None) -> Impacts:
        """Direct, indirect and total effects by our own code.

        Parameters
        ----------
        method : {"delta", "simulation"}
            How standard errors are found.
        draws : int
            Draws of the simulation.
        seed : int
            Seed of the simulation, without which it is refused.

        Returns
        -------
        Impacts
            As of a panel model.
        """
        covariance = np.nan_to_num(self.covariance)
        return impacts(self.design, self.estimates, covariance, method=method, draws=draws, seed=seed)


def cross_section(
    data: Panel | pd.DataFrame,
    formula: str,
    *,
    weights: "Weights",
    method: CrossSectionMethod = "ols",
    durbin: bool = False,
    w_lags: int = 2,
) -> CrossSectionResults:
    """Estimate one cross-section, by spreg or by generalized moments.

    Parameters
    ----------
    data : DataFrame
        Indexed by unit alone; the order of rows does not matter.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``, with its constant.
    weights : Graph, WeightsSeries or DataFrame
        W, used as given; labels are checked. A series has one year.
    method : {"ols", "gm_lag", "gm_error", "ml_lag", "ml_error"}
        Least squares with the tests for a spatial lag and a spatial error; two-stage least squares of a lag model
        (Kelejian and Prucha 1998); generalized moments of an error model (Kelejian and Prucha 1999); maximum likelihood
        of either.
    durbin : bool
        Whether W X of every term is among the regressors.
    w_lags : int
        Highest power of W in the instruments W X, W^2 X, ... of "gm_lag".

    Returns
    -------
    CrossSectionResults
        On the labels of the data.

    Raises
    ------
    SpecificationError
        If the data are a panel, the method is unknown, or the formula has no constant.
    EstimationError
        If spreg finds no solution.

    Notes
    -----
    For maximum likelihood the classes of this package are the better choice (``SAR(..., effects="pooled")``): rho is
    searched in its true interval, and the standard errors are exact.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> units = [f"u{i}" for i in range(40)]
    >>> ring = pd.DataFrame(np.roll(np.eye(40), 1, 1) / 2 + np.roll(np.eye(40), -1, 1) / 2, units, units)
    >>> x = rng.normal(size=40)
    >>> y = 1 + np.linalg.solve(np.eye(40) - 0.5 * ring.to_numpy(), x + 0.2 * rng.normal(size=40))
    >>> results = cross_section(pd.DataFrame({"y": y, "x": x}, units), "y ~ x", weights=ring, method="gm_lag")
    >>> results.params.index.tolist(), bool(abs(results.params["rho"] - 0.5) < 0.1)
    (['Intercept', 'x', 'rho'], True)
    """
    if method not in METHODS:
        cure = f"use one of {', '.join(METHODS)}"
        raise SpecificationError(f"unknown method {method!r}", where="cross_section", cure=cure)
    lag, error = method.endswith("lag"), method.endswith("error")
    roles = {
        "y": weights if lag else None,
        "error": weights if error else None,
        "x": weights if durbin else None,
    }
    name = _name(lag, error, durbin)
    design = read_design(data, Request(name, lag, error, durbin, formula, "pooled", roles, None))
    if not design.sample.cross_section:
        raise SpecificationError("the data are a panel", cure="choose one year, indexed by unit alone")
    if CONSTANT not in design.spec.terms:
        raise SpecificationError("spreg adds a constant", where=formula, cure="leave the constant in")
    if method == "gm_error":
        return _by_moments(design)
    W = read_weights(weights, design.sample).matrices[0]
    try:
        fitted = _run(design, W, method, durbin, w_lags)
    except (np.linalg.LinAlgError, ArithmeticError, ValueError) as found:
        cure = "check the weights and the regressors"
        raise EstimationError("spreg finds no solution", where=str(found), cure=cure) from found
    return _results(design, method, fitted)


def _name(lag: bool, error: bool, durbin: bool) -> str:
    plain, extended = ("SAR", "SDM") if lag else ("SEM", "SDEM") if error else ("OLS", "SLX")
    return extended if durbin else plain


def _by_moments(design: Design) -> CrossSectionResults:
    problem = design.problem
    if problem.error is None:
        raise SpecificationError("a model with a spatial error needs weights", cure="pass weights=")
    fit = fit_moments(problem.y[0], problem.X[0], problem.error.matrices[0], problem.error.bounds)
    count = fit.beta.size
    covariance = np.full((count + 1, count + 1), np.nan)
    covariance[:count, :count] = fit.covariance
    estimates = np.append(fit.beta, fit.lam)
    empty = pd.DataFrame(columns=DIAGNOSTICS)
    return CrossSectionResults(
        design, "gm_error", estimates, covariance, fit.residuals, fit.sigma2, np.nan, empty
    )


def _run(design: Design, W: FloatArray, method: str, durbin: bool, w_lags: int) -> Any:
    # Call spreg on arrays in the order of the units; it prints and warns, which is swallowed.
    import spreg
    from libpysal.weights import full2W

    spec, problem = design.spec, design.problem
    own = [k for k, term in enumerate(spec.terms) if term != CONSTANT]
    y, X = problem.y.T, problem.X[0][:, own]
    options: dict[str, Any] = {"slx_lags": int(durbin)}
    if method == "ols":
        options |= {"spat_diag": True, "moran": True}
    elif method == "gm_lag":
        options |= {"w_lags": w_lags, "sig2n_k": True}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(spreg, SPREG[method])(y, X, w=full2W(W), **options)


def _results(design: Design, method: str, fitted: Any) -> CrossSectionResults:
    estimates = np.asarray(fitted.betas, dtype=np.float64).ravel()
    covariance = np.full((estimates.size, estimates.size), np.nan)
    known = len(fitted.vm)
    covariance[:known, :known] = fitted.vm
    order = _order(design)
    loglik = getattr(fitted, "logll", None)
    return CrossSectionResults(
        design=design,
        method=method,
        estimates=estimates[order],
        covariance=covariance[np.ix_(order, order)],
        residuals=np.asarray(fitted.u, dtype=np.float64).ravel(),
        sigma2=float(np.asarray(fitted.sig2).squeeze()),
        loglik=np.nan if loglik is None else float(np.asarray(loglik).squeeze()),
        diagnostics=_diagnostics(fitted, len(design.spec.terms) - 1),
    )


def _order(design: Design) -> list[int]:
    # spreg puts the constant first, the terms, their lags, and the spatial coefficient last.
    terms = [name for name in design.spec.terms if name != CONSTANT]
    theirs = [CONSTANT, *terms, *(f"W_{name}" for name in terms if name in design.spec.durbin)]
    names = [*theirs, *design.spec.parameters[len(design.spec.regressors) :]]
    return [names.index(name) for name in design.spec.parameters]


def _diagnostics(fitted: Any, terms: int) -> pd.DataFrame:
    degrees = {"LM SARMA": 2, "LM WX": terms, "Robust LM WX": terms, "LM SDM": terms + 1}
    rows = []
    for test, (attribute, null) in TESTS.items():
        found = getattr(fitted, attribute, None)
        if isinstance(found, dict):
            value = next(found[key] for key in ("jb", "bp", "kb", "bp_stat") if key in found)
            rows.append((test, null, float(value), int(found["df"]), float(found["pvalue"])))
        elif found is not None:
            value, pvalue = (float(np.asarray(part).squeeze()) for part in tuple(found)[-2:])
            rows.append((test, null, value, degrees.get(test, 1), pvalue))
    return pd.DataFrame(rows, columns=DIAGNOSTICS)
