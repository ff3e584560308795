"""What a gravity equation found: slopes, fitted flows, effects, tests, and flows under other totals."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import gammaln

from yrdspatial.errors import SpecificationError
from yrdspatial.flows.balancing import balance_flows
from yrdspatial.flows.pair_covariance import PairCovariance, sandwich
from yrdspatial.flows.poisson import PairFit, fit_log, fit_poisson
from yrdspatial.flows.regressors import Pairs
from yrdspatial.flows.table import Flows
from yrdspatial.models.wald import Restriction, TestResult, wald
from yrdspatial.models.within import FloatArray


@dataclass(frozen=True)
class GravityRequest:
    """What was asked.

    Attributes
    ----------
    method : str
        "ppml" or "ols".
    effects : bool
        Whether origins and destinations have effects.
    cov_type : str
        Which pairs are correlated.
    """

    method: str
    effects: bool
    cov_type: PairCovariance


@dataclass(frozen=True, eq=False, repr=False)
class GravityResults:
    """A fitted gravity equation.

    Attributes
    ----------
    flows : Flows
        The data.
    request : GravityRequest
        What was asked.
    pairs : Pairs
        The sample by position.
    fit : PairFit
        The numbers by position.
    warnings : tuple of str
        What was left out, and why.

    Examples
    --------
    >>> from yrdspatial.flows.gravity import gravity
    >>> rng = np.random.default_rng(1)
    >>> units = [f"u{i:02d}" for i in range(20)]
    >>> km = pd.DataFrame(rng.uniform(0.5, 5.0, (20, 20)), units, units)
    >>> flows = Flows.from_frames(pd.DataFrame(rng.poisson(np.exp(4 - km)), units, units))
    >>> found = gravity(flows, separation={"km": km}, effects="origin_destination", cov_type="dyadic")
    >>> found.to_frame().round(2).loc["km", ["estimate", "std_error"]].tolist()
    [-1.02, 0.02]
    >>> found.effects().shape, found.reset_test().df
    ((20, 2), 1)
    >>> totals = flows.totals()
    >>> later = found.constrained(1.1 * totals["outflow"], 1.1 * totals["inflow"])
    >>> float((later.to_numpy().sum() / totals["outflow"].sum()).round(6))
    1.1
    """

    flows: Flows
    request: GravityRequest
    pairs: Pairs
    fit: PairFit
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        kind = "with effects" if self.request.effects else "without effects"
        return f"<Gravity by {self.request.method}, {kind}, {self.nobs} flows>"

    def __str__(self) -> str:
        ends = "origin and destination effects by year" if self.request.effects else "no effects"
        head = f"gravity by {self.request.method}, {ends}; {self.nobs} flows, {self.zeros} of them zero"
        tail = f"standard errors {self.request.cov_type}, t({self.degrees_of_freedom}); squared correlation"
        lines = [head, f"{tail} {self.pseudo_r2:.4f}", self.to_frame().to_string(float_format="%.4f")]
        return "\n".join([*lines, *(f"warning: {one}" for one in self.warnings)])

    @cached_property
    def _sandwich(self) -> tuple[FloatArray, int]:
        return sandwich(self.fit.scores, self.fit.bread, self.request.cov_type)

    @property
    def nobs(self) -> int:
        """Number of flows in the sample."""
        return int(self.pairs.used.sum())

    @property
    def zeros(self) -> int:
        """Number of zero flows in the sample."""
        return int((self.pairs.y[self.pairs.used] == 0).sum())

    @property
    def degrees_of_freedom(self) -> int:
        """Degrees of freedom of Student's t."""
        return self._sandwich[1]

    @property
    def params(self) -> "pd.Series[float]":
        """Slopes by name."""
        return pd.Series(self.fit.beta, index=list(self.pairs.names), name="params")

    @property
    def cov(self) -> pd.DataFrame:
        """Covariance of the slopes."""
        return pd.DataFrame(self._sandwich[0], self.params.index, self.params.index)

    @property
    def std_errors(self) -> "pd.Series[float]":
        """Standard errors by name."""
        return pd.Series(np.sqrt(np.diag(self._sandwich[0])), self.params.index, name="std_errors")

    @property
    def deviance(self) -> float:
        """Poisson deviance; by least squares the sum of squares of the log."""
        y, mean = self._sample()
        if self.request.method == "ols":
            return float(((np.log(y) - np.log(mean)) ** 2).sum())
        return float(2.0 * (y * np.log(np.where(y > 0, y / mean, 1.0)) - (y - mean)).sum())

    @property
    def loglik(self) -> float:
        """Give the Poisson log-likelihood: a pseudo-likelihood, not to be compared between samples.

        Returns
        -------
        float
            Its maximum.

        Raises
        ------
        SpecificationError
            By least squares, which has none.
        """
        y, mean = self._sample()
        if self.request.method == "ols":
            raise SpecificationError(
                "least squares of the log has no Poisson likelihood", cure='method="ppml"'
            )
        return float((y * np.log(mean) - mean - gammaln(y + 1.0)).sum())

    @property
    def pseudo_r2(self) -> float:
        """Squared correlation of flows and fitted flows."""
        return float(np.corrcoef(*self._sample())[0, 1] ** 2)

    def _sample(self) -> tuple[FloatArray, FloatArray]:
        return self.pairs.y[self.pairs.used], self.fit.mean[self.pairs.used]

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Lay out the slopes.

        Parameters
        ----------
        level : float
            Of the intervals.

        Returns
        -------
        DataFrame
            ``estimate``, ``std_error``, ``tstat``, ``pvalue``, ``lower``, ``upper`` by name.
        """
        error = self.std_errors
        ratio = self.params / error
        reach = stats.t.ppf(0.5 + level / 2.0, self.degrees_of_freedom) * error
        return pd.DataFrame(
            {
                "estimate": self.params,
                "std_error": error,
                "tstat": ratio,
                "pvalue": 2.0 * stats.t.sf(np.abs(ratio), self.degrees_of_freedom),
                "lower": self.params - reach,
                "upper": self.params + reach,
            }
        )

    def fitted(self) -> Flows:
        """Give the fitted flows.

        Returns
        -------
        Flows
            Unknown where the pair is not in the sample.
        """
        mean = np.where(self.pairs.used, self.fit.mean, np.nan)
        return Flows(mean, self.flows.units, self.flows.years)

    def effects(self) -> pd.DataFrame:
        """Give the effects of origins and destinations.

        Returns
        -------
        DataFrame
            ``origin``, ``destination`` by unit (and year); those of destinations have the mean zero in a year; missing
            for units without a flow in the sample.

        Raises
        ------
        SpecificationError
            If the equation has no effects.
        """
        if not self.request.effects:
            raise SpecificationError("the equation has no effects", cure='effects="origin_destination"')
        used = self.pairs.used
        parts = {
            "origin": np.where(used.any(axis=2), self.fit.origin, np.nan),
            "destination": np.where(used.any(axis=1), self.fit.destination, np.nan),
        }
        units, years = self.flows.units, self.flows.years
        index: pd.Index[Any] = (
            pd.MultiIndex.from_product([units, years], names=["unit", "year"]) if years else units
        )
        return pd.DataFrame({name: part.T.ravel() for name, part in parts.items()}, index=index)

    def wald_test(self, restriction: Restriction) -> TestResult:
        """Test restrictions on the slopes.

        Parameters
        ----------
        restriction : str, list of str, DataFrame or callable
            As of the models: ``"origin_size = 1"``, say.

        Returns
        -------
        TestResult
            chi2.
        """
        return wald(self.params, self.cov, restriction)

    def reset_test(self) -> TestResult:
        """Test the form of the equation, by what its squared index adds.

        With effects the index is that of the regressors alone: squares of estimated effects go with the errors by
        construction, and would reject a right form.

        Returns
        -------
        TestResult
            Squared t of the added regressor, under the covariance of the equation, as chi2(1).

        References
        ----------
        Ramsey (1969), Journal of the Royal Statistical Society B 31, 350-371; Santos Silva and Tenreyro (2006), section
        V.
        """
        index = self.pairs.X @ self.fit.beta
        centred = np.where(self.pairs.used, index - index[self.pairs.used].mean(), 0.0)
        X = np.concatenate([self.pairs.X, (centred**2)[..., None]], axis=3)
        fitter = fit_poisson if self.request.method == "ppml" else fit_log
        fit = fitter(self.pairs.y, X, self.pairs.used, effects=self.request.effects)
        covariance, _ = sandwich(fit.scores, fit.bread, self.request.cov_type)
        statistic = float(fit.beta[-1] ** 2 / covariance[-1, -1])
        pvalue = float(stats.chi2.sf(statistic, 1))
        return TestResult("RESET", "the squared index adds nothing", statistic, 1, pvalue)

    def constrained(
        self, outflow: "pd.Series[float]", inflow: "pd.Series[float]", *, year: int | None = None
    ) -> pd.DataFrame:
        """Give flows that keep the slopes and fit other totals.

        Parameters
        ----------
        outflow, inflow : Series
            Totals by unit.
        year : int, optional
            Whose separation; needed when there are several.

        Returns
        -------
        DataFrame, shape (N, N)
            Flows by :func:`~yrdspatial.balance_flows` from the kernel exp(X beta); zero for pairs outside the sample.

        References
        ----------
        Wilson (1967), Transportation Research 1, 253-269.
        """
        index = self.pairs.X @ self.fit.beta
        kernel = Flows(np.where(self.pairs.used, np.exp(index), 0.0), self.flows.units, self.flows.years)
        return balance_flows(kernel.frame(year), outflow, inflow)
