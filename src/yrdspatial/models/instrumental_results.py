"""Results of a model with endogenous regressors, on the labels of the data, and what its instruments are worth."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution

from yrdspatial.errors import EstimationError, SpecificationError
from yrdspatial.models.coefficients import Coefficients, check_level
from yrdspatial.models.impacts import Impacts, Method, impacts
from yrdspatial.models.instrument_strength import Strength, anderson_rubin, strength
from yrdspatial.models.instrumental_summary import summarize_instrumental
from yrdspatial.models.instruments import Instruments
from yrdspatial.models.robust import Choice
from yrdspatial.models.specification import Design, Spec
from yrdspatial.models.storage import write_results
from yrdspatial.models.summary import Summary
from yrdspatial.models.two_stage import Equation, TwoStage, exogeneity
from yrdspatial.models.wald import Restriction, TestResult, chi2_test, wald

STRONG = 10.0
"""A first-stage F below which instruments count as weak (Staiger and Stock 1997)."""


@dataclass(frozen=True, eq=False)
class InstrumentalResults(Coefficients):
    """Estimates of a model with endogenous regressors.

    Attributes
    ----------
    design : Design
        What was asked, with the arrays.
    instruments : Instruments
        Instruments that are no regressors, raw.
    equation : Equation
        The arrays net of the effects.
    fit : TwoStage
        The numbers.
    choice : Choice or None
        What standard errors and tests allow for; None for independent errors of one variance.
    method : str
        "2sls", "gmm" or "iterated gmm".
    cov_type : str
        The name of ``choice``.
    """

    design: Design
    instruments: Instruments
    equation: Equation
    fit: TwoStage
    choice: Choice | None
    method: str
    cov_type: str

    def __repr__(self) -> str:
        return f"<{self.summary.title}: {self.nobs} observations>"

    def _repr_html_(self) -> str:
        return self.summary.to_html()

    @property
    def spec(self) -> Spec:
        """What was asked."""
        return self.design.spec

    @property
    def endogenous(self) -> tuple[str, ...]:
        """Parameters whose regressors are instrumented, in the order of ``params``."""
        return tuple(name for name in self.spec.parameters if name in self.instruments.endogenous)

    @property
    def _names(self) -> "pd.Index[Any]":
        return pd.Index(self.spec.parameters)

    @cached_property
    def params(self) -> "pd.Series[float]":
        """Coefficients: terms of the formula, W_<term>, rho."""
        return pd.Series(self.fit.params, self._names, name="estimate")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Covariance of the coefficients."""
        return pd.DataFrame(self.fit.covariance, self._names, self._names)

    @property
    def sigma2(self) -> float:
        """Sum of squared residuals over ``degrees_of_freedom``."""
        return self.fit.sigma2

    @property
    def rsquared(self) -> float:
        """Share of the variance of y net of the effects that is not left in ``resids``; may be negative."""
        effects, net = self.design.problem.effects, self.equation.y
        net = net if effects.unit or effects.time else net - net.mean()
        return float(1.0 - (self.fit.residuals**2).sum() / (net**2).sum())

    @property
    def nobs(self) -> int:
        """Observations, N T."""
        return self.design.problem.y.size

    @property
    def degrees_of_freedom(self) -> int:
        """N T less the effects and the coefficients."""
        return self.equation.degrees - len(self.fit.params)

    @cached_property
    def resids(self) -> "pd.Series[float]":
        """Residuals net of the effects, on the index of the data."""
        return self.design.sample.series(self.fit.residuals, "resid")

    @cached_property
    def fitted_values(self) -> "pd.Series[float]":
        """The dependent variable less the residuals: spatial lags and effects count as fitted."""
        values = self.design.problem.y.ravel() - self.fit.residuals
        return self.design.sample.series(values, "fitted")

    @cached_property
    def strength(self) -> Strength:
        """The first stages, as numbers."""
        return strength(self.equation, self.choice)

    @property
    def first_stage(self) -> pd.DataFrame:
        """One row an endogenous regressor: partial_r2, F and its pvalue, sanderson_windmeijer F, and effective F.

        Sanderson and Windmeijer ask whether instruments move a regressor apart from the other endogenous ones: with
        several that is what counts. The effective F is that of a single one.
        """
        found, (instruments, _, room) = self.strength, self.strength.degrees
        table = {
            "partial_r2": found.partial_r2,
            "F": found.first_stage,
            "pvalue": f_distribution.sf(found.first_stage, instruments, room),
            "sanderson_windmeijer": found.conditional,
        }
        if len(self.endogenous) == 1:
            table["effective"] = np.array([found.effective])
        return pd.DataFrame(table, index=pd.Index(self.endogenous, name="endogenous"))

    @property
    def identification(self) -> pd.DataFrame:
        """Tests of the equation: Cragg-Donald F and Kleibergen-Paap rk F with the p-value of "not identified"."""
        found, tests = self.strength, ["Cragg-Donald F", "Kleibergen-Paap rk F"]
        columns = {
            "statistic": [found.cragg_donald, found.kleibergen_paap],
            "allows_for": ["homoskedastic", self.cov_type],
            "pvalue_not_identified": [np.nan, found.rank_pvalue],
        }
        return pd.DataFrame(columns, index=pd.Index(tests, name="test"))

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What makes the estimates doubtful; empty when all is well."""
        single = len(self.endogenous) == 1 and self.choice is not None
        measured = [self.strength.effective] if single else self.strength.conditional
        kind = "effective F" if single else "F" if len(self.endogenous) == 1 else "Sanderson-Windmeijer F"
        said = [
            f"instruments of {name} are weak: {kind} {value:.1f}, below {STRONG:.0f}; see anderson_rubin_set()"
            if np.isfinite(value)
            else f"the strength of the instruments of {name} cannot be told: too many for {self.cov_type}"
            for name, value in zip(self.endogenous, measured, strict=True)
            if not value >= STRONG
        ]
        lower, upper = _bounds(self.design)
        if not lower < self.params.get("rho", 0.0) < upper:
            said.append(f"rho lies outside ({lower:.3f}, {upper:.3f}): effects do not exist there")
        return tuple(said)

    @property
    def overidentification(self) -> TestResult:
        """Sargan's test, or Hansen's J where errors may differ: do all instruments tell the same story.

        Raises
        ------
        SpecificationError
            If there are as many instruments as endogenous regressors, or more than the covariance can weigh.
        """
        spare = self.equation.overidentification
        if not spare:
            cure = "give another instrument; exclusion is an assumption otherwise"
            raise SpecificationError("an exactly identified model has nothing to test", cure=cure)
        if not np.isfinite(self.fit.objective):
            where = f"{len(self.instruments.names)} instruments, {self.cov_type}"
            raise SpecificationError(
                "the variance of the moments is singular", where=where, cure="use lags=1"
            )
        name = "Sargan" if self.choice is None else "Hansen J"
        return chi2_test(name, "the instruments are exogenous", self.fit.objective, spare)

    def endogeneity_test(self, names: str | Iterable[str] | None = None) -> TestResult:
        """Test whether regressors need instruments at all (Durbin-Wu-Hausman, as a difference of J).

        Parameters
        ----------
        names : str or iterable of str, optional
            Parameters among ``endogenous``; all of them by default.

        Returns
        -------
        TestResult
            C statistic; small p-values say that instruments are needed, if they are valid.

        Raises
        ------
        SpecificationError
            If a name is not among the endogenous.
        """
        tested = self.endogenous if names is None else (names,) if isinstance(names, str) else tuple(names)
        unknown = [name for name in tested if name not in self.endogenous]
        if unknown or not tested:
            cure = f"choose among {', '.join(self.endogenous)}"
            raise SpecificationError("no such endogenous regressor", where=", ".join(unknown), cure=cure)
        which = np.isin(self.spec.parameters, tested)
        null = f"{', '.join(tested)} exogenous"
        return chi2_test("C", null, exogeneity(self.equation, self.choice, which), len(tested))

    def anderson_rubin_test(self, name: str | None = None, value: float = 0.0) -> TestResult:
        """Test a coefficient in a way that holds however weak the instruments are.

        Parameters
        ----------
        name : str, optional
            An endogenous parameter; may be left out when there is one.
        value : float
            The coefficient under the null.

        Returns
        -------
        TestResult
            F with df L - m + 1, and its pvalue.
        """
        name = self._one(name)
        test = anderson_rubin(self.equation, self.choice, self.endogenous.index(name))
        statistic = test.statistic(1.0, -value)
        return TestResult(
            "Anderson-Rubin", f"{name} = {value:g}", statistic, test.degrees[0], test.pvalue(value)
        )

    def anderson_rubin_set(self, name: str | None = None, level: float = 0.95) -> pd.DataFrame:
        """Return the coefficients that the Anderson-Rubin test does not reject.

        Parameters
        ----------
        name : str, optional
            An endogenous parameter; may be left out when there is one.
        level : float
            Coverage, whatever the strength of the instruments; with several endogenous regressors at least this.

        Returns
        -------
        DataFrame
            Columns lower and upper, a row an interval: one; two rays; the whole line; none when no value fits.
        """
        check_level(level)
        name = self._one(name)
        test = anderson_rubin(self.equation, self.choice, self.endogenous.index(name))
        found = test.confidence_set(level, float(self.params[name]), float(self.std_errors[name]))
        return pd.DataFrame(found, columns=["lower", "upper"], dtype=np.float64)

    def _one(self, name: str | None) -> str:
        if name is None and len(self.endogenous) == 1:
            return self.endogenous[0]
        if name not in self.endogenous:
            cure = f"choose one of {', '.join(self.endogenous)}"
            raise SpecificationError("no such endogenous regressor", where=str(name), cure=cure)
        return str(name)

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

    def save(self, path: str | Path) -> Path:
        """Write the model to one file, from which :func:`yrdspatial.load_results` makes it again.

        Parameters
        ----------
        path : str or Path
            Where, such as ``"iv.zip"``; missing folders are made.

        Returns
        -------
        Path
            The file.
        """
        return write_results(self, path)

    def wald_test(self, restriction: Restriction) -> TestResult:
        """Test restrictions on the coefficients.

        Parameters
        ----------
        restriction : str, list of str, DataFrame, or callable
            As in :func:`yrdspatial.models.wald.wald`.

        Returns
        -------
        TestResult
            The test.
        """
        return wald(self.params, self.cov, restriction)

    def impacts(
        self, *, method: Method = "delta", draws: int = 1000, seed: int | None = None, by: str | None = None
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

        Returns
        -------
        Impacts
            As of the other models.

        Raises
        ------
        EstimationError
            If rho lies outside its interval, where effects do not exist.
        """
        lower, upper = _bounds(self.design)
        if not lower < self.params.get("rho", 0.0) < upper:
            where = f"rho {self.params['rho']:.3f}"
            raise EstimationError(
                "effects do not exist", where=where, cure="use stronger instruments, or SAR"
            )
        return impacts(
            self.design, self.fit.params, self.fit.covariance, method=method, draws=draws, seed=seed, by=by
        )

    @property
    def summary(self) -> Summary:
        """What was estimated and how, as text; in a notebook as HTML."""
        return summarize_instrumental(self)


def _bounds(design: Design) -> tuple[float, float]:
    return (-np.inf, np.inf) if design.problem.lag is None else design.problem.lag.bounds
