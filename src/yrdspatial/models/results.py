"""Results of a spatial panel model, on the labels of the data."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models.coefficients import Coefficients
from yrdspatial.models.dynamic import largest_root
from yrdspatial.models.impacts import Horizon, Impacts, Method, impacts
from yrdspatial.models.likelihood import Fit
from yrdspatial.models.profile import profile_interval
from yrdspatial.models.recovered import recovered_effects
from yrdspatial.models.specification import Design, Spec
from yrdspatial.models.storage import write_results
from yrdspatial.models.summary import Summary, summarize
from yrdspatial.models.wald import Restriction, TestResult, wald
from yrdspatial.models.within import FloatArray, demean


@dataclass(frozen=True, eq=False)
class SpatialPanelResults(Coefficients):
    """Estimates of a spatial panel model.

    Attributes
    ----------
    design : Design
        What was asked, with the arrays.
    fit : Fit
        The numbers.
    covariance : ndarray, shape (K + 1, K + 1)
        Covariance of the coefficients, and of sigma2 last.
    cov_type : str
        How it was found.
    warnings : tuple of str
        What makes a spatial parameter doubtful; empty when all is well.
    """

    design: Design
    fit: Fit
    covariance: FloatArray
    cov_type: str
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<{self.summary.title}: {self.nobs} observations>"

    def _repr_html_(self) -> str:
        return self.summary.to_html()

    @property
    def spec(self) -> Spec:
        """What was asked."""
        return self.design.spec

    @property
    def bias(self) -> str:
        """Whether the fixed-effects bias was removed: "adjusted" or "none"."""
        return "adjusted" if self.design.problem.adjusted else "none"

    @property
    def _names(self) -> "pd.Index[Any]":
        return pd.Index(self.spec.parameters)

    @cached_property
    def params(self) -> "pd.Series[float]":
        """Coefficients: terms of the formula, W_<term>, rho, lambda."""
        return pd.Series(np.concatenate([self.fit.beta, self.fit.spatial]), self._names, name="estimate")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Covariance of the coefficients."""
        return pd.DataFrame(self.covariance[:-1, :-1], self._names, self._names)

    def profile_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Profile-likelihood interval of rho or lambda, which need not be symmetric.

        Parameters
        ----------
        level : float
            Coverage.

        Returns
        -------
        lower, upper : float
            Where the profile log-likelihood has fallen by half the quantile of chi2(1); the end of the parameter's
            own interval where it does not fall so far. Refused for models with two spatial parameters.
        """
        return profile_interval(self.design.problem, self.fit, level)

    @property
    def sigma2(self) -> float:
        """Residual variance: the sum of squares of ``resids`` over ``degrees_of_freedom``."""
        return self.fit.sigma2

    @property
    def rsquared(self) -> float:
        """Share of the variance of y net of the effects that is not left in ``resids``; spatial lags count."""
        problem = self.design.problem
        center = problem.effects
        net = demean(problem.y[:, :, None], center)
        net = net if center.unit or center.time else net - net.mean()
        return float(1.0 - (self.fit.residuals**2).sum() / (net**2).sum())

    @property
    def nobs(self) -> int:
        """Observations, N T."""
        return self.design.problem.y.size

    @property
    def degrees_of_freedom(self) -> int:
        """The divisor of sigma2."""
        return self.fit.divisor

    @property
    def loglik(self) -> float:
        """Log-likelihood; compare only models with the same effects and the same bias correction.

        Raises
        ------
        EstimationError
            If the estimator solves score equations that have no objective function.
        """
        if self.fit.loglik is None:
            raise EstimationError(
                "the adjusted scores of this model have no log-likelihood",
                cure='use bias="none" or Wald tests',
            )
        return self.fit.loglik

    @property
    def _parameter_count(self) -> int:
        effects = self.design.problem.effects
        return len(self.params) + 1 + (0 if self.design.problem.adjusted else effects.dummies)

    @property
    def aic(self) -> float:
        """Akaike's criterion; sigma2 counts, and dummies do unless they were profiled out by the adjustment."""
        return 2.0 * self._parameter_count - 2.0 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with the log of N T, less the dummies when adjusted."""
        return (
            float(np.log(self.design.problem.degrees_of_freedom)) * self._parameter_count - 2.0 * self.loglik
        )

    @property
    def rho_bounds(self) -> tuple[float, float]:
        """The interval (1/omega_min, 1/omega_max) in which rho was searched.

        Raises
        ------
        SpecificationError
            If the model has no lag of y.
        """
        if not self.spec.lag:
            cure = "use a model with one spatial lag of y; .optimum has the interval of every parameter"
            raise SpecificationError(f"{self.spec.model} has no single rho", cure=cure)
        return self.fit.bounds[0]

    @property
    def optimum(self) -> pd.DataFrame:
        """How the optimum was verified: estimate, interval, score, curvature, at_bound of each spatial parameter."""
        names = self._names[len(self.spec.regressors) :]
        columns = {
            "estimate": self.fit.spatial,
            "lower": [ends[0] for ends in self.fit.bounds],
            "upper": [ends[1] for ends in self.fit.bounds],
            "score": self.fit.score,
            "curvature": self.fit.curvature,
            "at_bound": list(self.fit.at_bound),
        }
        return pd.DataFrame(columns, index=names)

    @cached_property
    def resids(self) -> "pd.Series[float]":
        """Residuals e, on the index of the data; with a spatial error the innovations."""
        return self.design.sample.series(self.fit.residuals, "resid")

    @cached_property
    def fitted_values(self) -> "pd.Series[float]":
        """What the model explains, y less the residuals: spatial lags and effects count as fitted."""
        values = self.design.problem.y - self.fit.residuals
        return self.design.sample.series(values, "fitted")

    @cached_property
    def _effects(self) -> tuple[FloatArray, FloatArray]:
        return recovered_effects(self.design.problem, self.fit)

    @property
    def unit_effects(self) -> "pd.Series[float]":
        """Unit effects by unit, or by (unit, window); they carry the level of y. Random ones are predicted (BLUP).

        Raises
        ------
        SpecificationError
            If the model has none.
        """
        if not (self.design.problem.effects.unit or self.design.problem.random):
            raise SpecificationError("the model has no unit effects", cure='use effects="unit" or "twoways"')
        values, windows, units = self._effects[0], self.design.windows, self.design.sample.units
        if len(windows) == 1:
            return pd.Series(values[0], units.rename("unit"), name="unit_effect")
        index = pd.MultiIndex.from_product([units, windows], names=["unit", "window"])
        return pd.Series(values.T.ravel(), index, name="unit_effect")

    @property
    def time_effects(self) -> "pd.Series[float]":
        """Time effects by period, or by (period, group); beside unit effects they have mean zero.

        Raises
        ------
        SpecificationError
            If the model has none.
        """
        if not self.design.problem.effects.time:
            raise SpecificationError("the model has no time effects", cure='use effects="time" or "twoways"')
        values, groups, periods = self._effects[1], self.design.groups, self.design.sample.periods
        if len(groups) == 1:
            return pd.Series(values[:, 0], periods.rename("time"), name="time_effect")
        index = pd.MultiIndex.from_product([periods, groups], names=["time", "group"])
        return pd.Series(values.ravel(), index, name="time_effect")

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return the coefficients as a table.

        Parameters
        ----------
        level : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            Index parameter; columns estimate, std_error, zstat, pvalue, lower, upper.
        """
        columns = {s.name: s for s in (self.params, self.std_errors, self.zstats, self.pvalues)}
        return pd.DataFrame(columns).join(self.conf_int(level)).rename_axis("parameter")

    @property
    def summary(self) -> Summary:
        """What was estimated and how, as text; in a notebook as HTML."""
        return summarize(self)

    def save(self, path: str | Path) -> Path:
        """Write the model to one file, from which :func:`yrdspatial.load_results` makes it again.

        Parameters
        ----------
        path : str or Path
            Where, such as ``"sdm.zip"``; missing folders are made.

        Returns
        -------
        Path
            The file, a zip of JSON and plain arrays: y, X, labels, weights and estimates, the same bytes every time.
        """
        return write_results(self, path)

    def _refuse_long_run(self) -> None:
        root = float(self.stability["all"])
        if root >= 1.0:
            cure = "report short-run effects"
            raise EstimationError(
                "long-run effects do not exist", where=f"largest root {root:.3f}", cure=cure
            )

    @property
    def stability(self) -> "pd.Series[float]":
        """Largest root of the transition A = S^-1 (tau I + eta W), and of the part that time effects leave of it.

        Raises
        ------
        SpecificationError
            If the model is not dynamic.
        """
        problem = self.design.problem
        if not problem.lags:
            raise SpecificationError("the model is not dynamic", cure='use dynamic=("y",)')
        roots = {
            name: largest_root(problem, self.fit, within=name == "net_of_time")
            for name in ("all", "net_of_time")
        }
        return pd.Series(roots, name="largest_root")

    def wald_test(self, restriction: Restriction) -> TestResult:
        """Test restrictions on the coefficients.

        Parameters
        ----------
        restriction : str, list of str, DataFrame, or callable
            As in :func:`yrdspatial.models.wald.wald`: ``"W_x1 = 0, W_x2 = 0"``, names that are jointly zero,
            linear combinations, or a function of the parameters that is zero.

        Returns
        -------
        TestResult
            statistic, df, pvalue.
        """
        return wald(self.params, self.cov, restriction)

    def impacts(
        self,
        *,
        method: Method = "delta",
        draws: int = 1000,
        seed: int | None = None,
        by: str | None = None,
        horizon: Horizon = "short",
    ) -> Impacts:
        """Direct, indirect and total effects of each variable.

        Parameters
        ----------
        method : {"delta", "simulation"}
            How standard errors are found.
        draws : int
            Draws of the simulation.
        seed : int
            Seed of the simulation, without which it is refused.
        by : {None, "year"}
            Average over years, or effects under the weights of each year.
        horizon : {"short", "long"}
            In a dynamic model: effects at once, or of a change that lasts, under weights that stay. The long run is
            refused when the process is not stable.

        Returns
        -------
        Impacts
            ``.table`` with columns variable, effect, estimate, std_error, zstat, pvalue, lower, upper.

        Notes
        -----
        S_k(W_t) = (I - rho W_t)^-1 (beta_k I + theta_k W_t); direct is the mean of its diagonal, total the mean of
        its row sums, indirect the difference; all are averaged over years. Total effects count what a change in
        every unit does to the average unit.

        References
        ----------
        LeSage and Pace (2009), Introduction to Spatial Econometrics, section 2.7.
        """
        if horizon == "long":
            self._refuse_long_run()
        return impacts(
            self.design,
            np.concatenate([self.fit.beta, self.fit.spatial]),
            self.covariance[:-1, :-1],
            horizon=horizon,
            method=method,
            draws=draws,
            seed=seed,
            by=by,
        )
