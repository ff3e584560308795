"""Results of a lag model on a panel with holes, on the labels of the data."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from yrdspatial.models.coefficients import Coefficients
from yrdspatial.models.delta import REACH, laid_out
from yrdspatial.models.formula import INTERCEPT
from yrdspatial.models.impacts import KINDS, LEVEL, Impacts
from yrdspatial.models.multipliers import Multipliers
from yrdspatial.models.observed import log_likelihood
from yrdspatial.models.observed_fit import ObservedFit
from yrdspatial.models.summary import Summary
from yrdspatial.models.unbalanced_design import UnbalancedDesign
from yrdspatial.models.wald import Restriction, TestResult, wald
from yrdspatial.models.within import FloatArray


@dataclass(frozen=True, eq=False)
class UnbalancedResults(Coefficients):
    """Estimates of SAR or SDM from a panel with holes (made by :meth:`Balanced.fit`).

    Attributes
    ----------
    design : UnbalancedDesign
        What was asked, with the arrays.
    fit : ObservedFit
        The numbers.
    policy : str
        "subset" or "em".
    warnings : tuple of str
        What the reader should know.
    """

    design: UnbalancedDesign
    fit: ObservedFit
    policy: str
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.summary.title}: {self.nobs} observations>"

    def _repr_html_(self) -> str:
        return self.summary.to_html()

    @property
    def bias(self) -> str:
        """Whether the fixed-effects bias was removed: "adjusted" or "none"."""
        return "adjusted" if self.design.problem.adjusted else "none"

    @property
    def nobs(self) -> int:
        """Observed values of y that were used."""
        return int(self.design.problem.y.size - self.design.problem.missing.size)

    @property
    def degrees_of_freedom(self) -> int:
        """The divisor of sigma2."""
        return self.design.problem.divisor

    @property
    def sigma2(self) -> float:
        """Residual variance."""
        return self.fit.point.sigma2

    @property
    def rho_bounds(self) -> tuple[float, float]:
        """The interval in which rho was searched."""
        return self.design.problem.bounds

    @property
    def _names(self) -> "pd.Index[str]":
        return pd.Index([*self.design.regressors, "rho"])

    @cached_property
    def params(self) -> "pd.Series[float]":
        """Coefficients: terms of the formula, W_<term>, rho."""
        return pd.Series(np.append(self.fit.point.beta, self.fit.rho), self._names, name="estimate")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Covariance of the coefficients: inverse of the observed information of what was observed."""
        return pd.DataFrame(self.fit.covariance[:-1, :-1], self._names, self._names)

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

    @cached_property
    def loglik(self) -> float:
        """Log-likelihood of the observed values; with ``bias="adjusted"`` the integral of the adjusted score."""
        return log_likelihood(self.design.problem, self.fit.rho)

    @cached_property
    def resids(self) -> "pd.Series[float]":
        """Residuals of the rows used; in a hole that was filled the mean of the residual given what is observed."""
        return pd.Series(self.fit.point.residuals, self.design.rows, name="resid")

    @cached_property
    def filled(self) -> pd.DataFrame:
        """What was missing, given what is observed: index (unit, year), columns estimate and std_error.

        The standard error is that of the missing value around its mean at the estimates of beta, rho and sigma2; no
        row with policy "subset".
        """
        columns = {
            "estimate": self.fit.point.filled,
            "std_error": np.sqrt(np.diag(self.fit.hole_covariance)),
        }
        return pd.DataFrame(columns, self.design.rows[self.design.problem.missing])

    def wald_test(self, restriction: Restriction) -> TestResult:
        """Test restrictions on the coefficients.

        Parameters
        ----------
        restriction : str, list of str, DataFrame, or callable
            As in :func:`yrdspatial.models.wald.wald`.

        Returns
        -------
        TestResult
            statistic, df, pvalue.
        """
        return wald(self.params, self.cov, restriction)

    def impacts(self) -> Impacts:
        """Direct, indirect and total effects of each variable, averaged over the rows used.

        Returns
        -------
        Impacts
            ``.table`` with columns variable, effect, estimate, std_error (delta method), zstat, pvalue, lower, upper.
        """
        names = [name for name in self.design.terms if name != INTERCEPT]
        own, lagged, own_slope, lagged_slope = _multipliers(self.design, self.fit.rho)
        values, gradients = [], []
        for name in names:
            theta = f"W_{name}"
            place = self._names.get_indexer(pd.Index([one for one in (name, theta) if one in self._names]))
            parts = np.stack([own, lagged])[: len(place)]
            slope = np.stack([own_slope, lagged_slope])[: len(place)]
            gradient = np.zeros((2, self._names.size))
            gradient[:, place] = parts.T
            gradient[:, -1] = self.params.to_numpy()[place] @ slope
            gradients.append(np.stack([gradient[0], gradient[1] - gradient[0], gradient[1]]))
            direct, total = self.params.to_numpy()[place] @ parts
            values.append([direct, total - direct, total])
        estimate, slopes = np.ravel(values), np.concatenate(gradients)
        error = np.sqrt(np.einsum("ek,kl,el->e", slopes, self.cov.to_numpy(), slopes))
        index = pd.MultiIndex.from_product([names, KINDS], names=["variable", "effect"])
        table = laid_out(estimate, error, (estimate - REACH * error, estimate + REACH * error), index)
        return Impacts(table, "delta", LEVEL, 0, 0)

    @property
    def summary(self) -> Summary:
        """What was estimated and how, as text; in a notebook as HTML."""
        design, problem = self.design, self.design.problem
        units = [problem.weights[d].units for d in problem.position]
        span = f"{min(units)}" if min(units) == max(units) else f"{min(units)} to {max(units)}"
        facts = (
            ("model", f"{design.model}: {design.formula}"),
            ("effects", design.effects),
            ("holes", _POLICY[self.policy].format(count=problem.missing.size)),
            ("fixed-effects bias", "removed" if problem.adjusted else "left in"),
            ("standard errors", "observed information of what is observed"),
            ("observations", f"{self.nobs} = {span} units in {len(units)} periods"),
            ("sigma2", f"{self.sigma2:.6g}, divisor {self.degrees_of_freedom}"),
            ("log-likelihood", f"{self.loglik:.4f}"),
        )
        title = f"{design.model} of {design.dependent}, panel with holes"
        return Summary(title, facts, self.to_frame(), tuple(f"warning: {one}" for one in self.warnings))


_POLICY = {
    "subset": "rows with a hole are out of the network of their year",
    "em": "{count} values of y integrated out, their places in the network kept",
}


def _multipliers(design: UnbalancedDesign, rho: float) -> tuple[FloatArray, ...]:
    # Mean diagonal and row sum of S^-1 and of S^-1 W over all rows used, and their slopes; each of shape (2,).
    problem, sums = design.problem, np.zeros((4, 2))
    for count, weights in zip(problem.blocks, problem.weights, strict=True):
        share = count * weights.units / problem.y.size
        one = Multipliers.of(weights, weights, np.ones((1, 1)))
        own, lagged = one.at(np.array([rho]))
        own_slope, lagged_slope = one.slope(rho)
        sums += share * np.stack([own[0, 0], lagged[0, 0], own_slope[0], lagged_slope[0]])
    return tuple(sums)
