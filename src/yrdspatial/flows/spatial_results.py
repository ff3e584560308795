"""What a spatial interaction model found: parameters, effects, and how far it is from the end of its region."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.flows.flow_effects import BASES, EFFECTS, Triangular, effect_sums, unit_changes
from yrdspatial.flows.interaction import Interaction, InteractionFit
from yrdspatial.flows.table import Flows
from yrdspatial.flows.ties import LAGS, Dependence
from yrdspatial.models.delta import REACH, STEP, laid_out
from yrdspatial.models.wald import Restriction, TestResult, wald
from yrdspatial.models.within import FloatArray


@dataclass(frozen=True)
class SpatialRequest:
    """What was asked.

    Attributes
    ----------
    model : str
        "sar" or "sdm".
    dependence : tuple of str or str
        Lags and ties.
    within : str
        How flows within units are treated.
    transform : str
        Of the flows.
    """

    model: str
    dependence: "tuple[str, ...] | str"
    within: str
    transform: str


@dataclass(frozen=True, eq=False, repr=False)
class SpatialFlowsResults:
    """A fitted spatial interaction model.

    Attributes
    ----------
    flows : Flows
        The data.
    request : SpatialRequest
        What was asked.
    names : tuple of str, length k
        Names of the regressors.
    ties : Dependence
        From free parameters to rho.
    fit : InteractionFit
        The numbers by position.
    W : ndarray, shape (N, N)
        Weights.
    Y : ndarray, shape (N, N)
        Flows as they were modelled.
    Z : ndarray, shape (N, N, k)
        Regressors.

    Examples
    --------
    >>> from yrdspatial.flows.spatial import spatial_flows
    >>> rng = np.random.default_rng(0)
    >>> units = [f"u{i:02d}" for i in range(15)]
    >>> ring = pd.DataFrame((np.roll(np.eye(15), 1, 1) + np.roll(np.eye(15), -1, 1)) / 2, units, units)
    >>> size = pd.DataFrame({"size": rng.normal(size=15)}, index=units)
    >>> flows = Flows.from_frames(pd.DataFrame(rng.lognormal(size=(15, 15)), units, units))
    >>> found = spatial_flows(flows, size, weights=ring, dependence="product")
    >>> found.rho.index.tolist()
    ['rho_origin', 'rho_destination', 'rho_network']
    >>> table = found.effects().set_index("effect")["estimate"]
    >>> bool(abs(table[:"network"].sum() - table["total"]) < 1e-12)
    True
    """

    flows: Flows
    request: SpatialRequest
    names: tuple[str, ...]
    ties: Dependence
    fit: InteractionFit
    W: FloatArray
    Y: FloatArray
    Z: FloatArray

    def __repr__(self) -> str:
        return f"<Spatial interaction, {self.request.model}, {self.nobs} flows>"

    def __str__(self) -> str:
        said = self.request
        zeros = int((self.flows.array == 0).sum())
        lines = [
            f"spatial interaction ({said.model}), dependence {said.dependence}, flows in {said.transform}",
            f"{self.nobs} flows, {zeros} zero; flows within units: {said.within}; sigma2 {self.sigma2:.4g}",
            f"log-likelihood {self.loglik:.4f}; {self.fit.margin:.3f} from the end of the feasible region",
            self.to_frame().to_string(float_format="%.4f"),
        ]
        return "\n".join(lines)

    @property
    def nobs(self) -> int:
        """Number of flows, N^2."""
        return self.Y.size

    @property
    def loglik(self) -> float:
        """Log-likelihood of the flows as they were modelled."""
        return self.fit.loglik

    @property
    def aic(self) -> float:
        """Akaike's criterion; sigma2 counts as a parameter."""
        return 2.0 * (len(self.fit.beta) + self.fit.free.size + 1) - 2.0 * self.fit.loglik

    @property
    def sigma2(self) -> float:
        """Variance of the errors, by maximum likelihood."""
        return self.fit.sigma2

    @property
    def rho(self) -> "pd.Series[float]":
        """Spatial parameters of the lags there are."""
        kept = [place for place, lag in enumerate(LAGS) if lag in self.ties.lags]
        return pd.Series(self.fit.rho[kept], index=[f"rho_{lag}" for lag in self.ties.lags])

    @property
    def params(self) -> "pd.Series[float]":
        """Slopes, then spatial parameters."""
        slopes = pd.Series(self.fit.beta, index=list(self.names), dtype=np.float64)
        return pd.concat([slopes, self.rho]) if len(self.rho) else slopes

    @property
    def cov(self) -> pd.DataFrame:
        """Covariance of the parameters, from the observed information; singular where spatial parameters are tied."""
        kept = [place for place, lag in enumerate(LAGS) if lag in self.ties.lags]
        slope = self.ties.jacobian(self.fit.free)[kept]
        count = len(self.fit.beta)
        map_ = np.zeros((count + len(kept), count + self.fit.free.size))
        map_[:count, :count], map_[count:, count:] = np.eye(count), slope
        names = self.params.index
        return pd.DataFrame(map_ @ self.fit.covariance @ map_.T, names, names)

    @property
    def std_errors(self) -> "pd.Series[float]":
        """Standard errors by name."""
        return pd.Series(np.sqrt(np.diag(self.cov)), self.params.index)

    def to_frame(self) -> pd.DataFrame:
        """Lay out the parameters.

        Returns
        -------
        DataFrame
            ``estimate``, ``std_error``, ``zstat``, ``pvalue``, ``lower``, ``upper`` (95 %) by name.
        """
        error, point = (np.asarray(one, dtype=np.float64) for one in (self.std_errors, self.params))
        ends = point - REACH * error, point + REACH * error
        return laid_out(point, error, ends, self.params.index.rename("parameter")).set_index("parameter")

    def wald_test(self, restriction: Restriction) -> TestResult:
        """Test restrictions on the parameters.

        Parameters
        ----------
        restriction : str, list of str, DataFrame or callable
            Such as ``"rho_network = 0"``, or ``lambda p: p["rho_network"] + p["rho_origin"] * p["rho_destination"]``.

        Returns
        -------
        TestResult
            chi2.
        """
        return wald(self.params, self.cov, restriction)

    def residuals(self) -> pd.DataFrame:
        """Give the residuals.

        Returns
        -------
        DataFrame, shape (N, N)
            Filtered flows less the regressors.
        """
        rho, W, Y = self.fit.rho, self.W, self.Y
        filtered = Y - rho[0] * (W @ Y) - rho[1] * (Y @ W.T) - rho[2] * (W @ Y @ W.T)
        return pd.DataFrame(filtered - self.Z @ self.fit.beta, self.flows.units, self.flows.units)

    def fitted(self) -> pd.DataFrame:
        """Give the expected flows given the regressors alone, as they were modelled (logs, say).

        Returns
        -------
        DataFrame, shape (N, N)
            The multiplier times the regressors.
        """
        mean = Triangular.of(self.W).solve(self.fit.rho, (self.Z @ self.fit.beta)[None])[0]
        return pd.DataFrame(mean, self.flows.units, self.flows.units)

    def effects(
        self,
        *,
        method: Literal["delta", "simulation"] = "delta",
        draws: int = 500,
        seed: int | None = None,
    ) -> pd.DataFrame:
        """Give the effects of each characteristic on flows.

        Parameters
        ----------
        method : {"delta", "simulation"}
            Of the standard errors.
        draws : int
            Draws of the parameters.
        seed : int, optional
            Needed by simulation.

        Returns
        -------
        DataFrame
            ``variable``, ``effect`` (origin | destination | within | network | total), ``estimate``, ``std_error``,
            ``zstat``, ``pvalue``, ``lower``, ``upper`` (95 %). The total is the change of the mean modelled flow when
            the characteristic rises by one in all units; origin, destination, within and network say how much of it
            falls on flows from the unit that changed, to it, within it, and between others.

        Raises
        ------
        SpecificationError
            If there is no characteristic, or simulation has no seed or hardly a feasible draw.

        References
        ----------
        LeSage and Thomas-Agnan (2015), Journal of Regional Science 55, 188-208.
        """
        ends = [name.removeprefix("origin_") for name in self.names if name.startswith("origin_")]
        variables = [name for name in ends if f"destination_{name}" in self.names]
        if not variables:
            raise SpecificationError("no characteristic to change", cure="give characteristics=")
        bases = [base for base in BASES if f"{base}_{variables[0]}" in self.names]
        picks = np.array([[self.names.index(f"{base}_{name}") for base in bases] for name in variables])
        index = pd.MultiIndex.from_product([variables, EFFECTS], names=["variable", "effect"])
        changes = unit_changes(self.W, own=self.request.within != "plain")[
            [BASES.index(base) for base in bases]
        ]
        form = Triangular.of(self.W)

        def sums(free: FloatArray) -> FloatArray:
            return effect_sums(form, self.ties.rho(free), changes)

        at = sums(self.fit.free)
        estimate = (self.fit.beta[picks] @ at).ravel()
        if method == "delta":
            return self._by_delta(estimate, sums, (at, picks), index)
        if seed is None:
            raise SpecificationError("simulation needs a seed", cure="seed=1, say")
        drawn = self._drawn(sums, picks, draws, seed)
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        return laid_out(estimate, drawn.std(axis=0, ddof=1), (low, high), index)

    def _by_delta(
        self, estimate: FloatArray, sums: Any, parts: tuple[FloatArray, Any], index: pd.MultiIndex
    ) -> pd.DataFrame:
        at, picks = parts
        count, free = len(self.fit.beta), self.fit.free
        gradient = np.zeros((estimate.size, count + free.size))
        for row in range(len(picks)):
            for base, place in enumerate(picks[row]):
                gradient[row * len(EFFECTS) : (row + 1) * len(EFFECTS), place] += at[base]
        for place, step in enumerate(STEP * np.eye(free.size)):
            moved = (sums(free + step) - sums(free - step)) / (2.0 * STEP)
            gradient[:, count + place] = (self.fit.beta[picks] @ moved).ravel()
        error = np.sqrt(np.maximum(np.einsum("ek,kl,el->e", gradient, self.fit.covariance, gradient), 0.0))
        return laid_out(estimate, error, (estimate - REACH * error, estimate + REACH * error), index)

    def _drawn(self, sums: Any, picks: Any, draws: int, seed: int) -> FloatArray:
        count = len(self.fit.beta)
        point = np.concatenate([self.fit.beta, self.fit.free])
        sample = np.random.default_rng(seed).multivariate_normal(point, self.fit.covariance, draws)
        roots = Interaction.of(self.Y, self.Z, self.W)
        inside = [one for one in sample if roots.margin(self.ties.rho(one[count:])) > 0]
        if len(inside) < max(2, draws // 2):
            cure = "use the delta method, or weights under which rho is better identified"
            raise SpecificationError("most draws lie outside the feasible region", cure=cure)
        rows = [(one[:count][picks] @ sums(one[count:])).ravel() for one in inside]
        return np.array(rows)
