"""The estimators: a constructor that reads the request, and ``fit``. The algebra is elsewhere."""

import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Literal, TypeAlias

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError, WeakIdentificationWarning
from yrdspatial.models.covariance import Information, lag_information
from yrdspatial.models.identification import weak_points
from yrdspatial.models.likelihood import Fit, Problem, fit_lag
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import Design, EffectsRequest, Request, read_design
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

Bias: TypeAlias = Literal["adjusted", "none"]
CovType: TypeAlias = Literal["expected", "observed"]


class _Model:
    """What the estimators share."""

    _lag: ClassVar[bool]
    _wx: ClassVar[bool]

    design: Design

    def _read(
        self,
        data: Panel | pd.DataFrame,
        formula: str,
        weights: "dict[str, Weights | None]",
        effects: EffectsRequest,
        durbin: str | Iterable[str] | None,
    ) -> None:
        request = Request(
            model=type(self).__name__,
            lag=self._lag,
            error=False,
            wx=self._wx,
            formula=formula,
            effects=effects,
            weights=weights,
            durbin=durbin,
        )
        self.design = read_design(data, request)

    def fit(self, *, bias: Bias = "adjusted", cov_type: CovType = "expected") -> SpatialPanelResults:
        """Estimate the model.

        Parameters
        ----------
        bias : {"adjusted", "none"}
            "adjusted" removes the bias that unit and time effects leave in rho and sigma2, for weights that change
            over time as well; where they are constant and row-standardized it is the Lee-Yu transformation.
            "none" is the maximum likelihood with dummies. The two agree on pooled data.
        cov_type : {"expected", "observed"}
            Which information the standard errors come from.

        Returns
        -------
        SpatialPanelResults
            The estimates.

        Raises
        ------
        SpecificationError
            If ``bias`` or ``cov_type`` is unknown.
        """
        if bias not in {"adjusted", "none"}:
            raise SpecificationError(f"unknown bias {bias!r}", where="fit", cure='use "adjusted" or "none"')
        if cov_type not in {"expected", "observed"}:
            raise SpecificationError(
                f"unknown cov_type {cov_type!r}", where="fit", cure='use "expected" or "observed"'
            )
        design = replace(self.design, problem=replace(self.design.problem, adjusted=bias == "adjusted"))
        fit, information = _estimate(design.problem, observed=cov_type == "observed")
        covariance = information.covariance()
        spatial = design.spec.parameters[len(design.spec.regressors) :]
        errors = np.sqrt(np.diag(covariance))[len(design.spec.regressors) : -1]
        said = weak_points(design.problem, fit, errors, spatial)
        for sentence in said:
            warnings.warn(sentence, WeakIdentificationWarning, stacklevel=2)
        return SpatialPanelResults(design, fit, covariance, cov_type, said)


def _estimate(problem: Problem, *, observed: bool) -> tuple[Fit, Information]:
    fit = fit_lag(problem)
    return fit, lag_information(problem, fit, observed=observed)


class SAR(_Model):
    """Spatial lag model: y_t = rho W_t y_t + X_t beta + effects + e_t.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone, one cross-section with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``; ``L(x)`` is x one period ago.
    weights : Graph, WeightsSeries or DataFrame
        W_t, used as given; a graph or labelled table counts for every period.
    effects : str or mapping
        "pooled", "unit", "time", "twoways", or {"unit": "window", "time": True}: unit effects in each window
        named by a column of the data (a Panel makes the column "window" from its breaks).

    Attributes
    ----------
    design : Design
        The request and its arrays.

    Notes
    -----
    With fixed effects the profile score of rho has mean -tr(P G), P the projector on the dummies and
    G = W (I - rho W)^-1. ``fit`` subtracts it and integrates, for any weights: the adjusted profile
    log-likelihood is tr(M ln S) - M0/2 ln(2 pi sigma2) - SSE/(2 sigma2), M = I - P, M0 = N T - rank P,
    S = I - rho W. W_t y_t is formed before anything is demeaned.

    References
    ----------
    Lee and Yu (2010), Journal of Econometrics 154, section 3, for constant row-standardized W.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, years = list("abcdefgh"), range(2001, 2011)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> rng = np.random.default_rng(3)
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = np.linalg.solve(np.eye(8) - 0.5 * ring, x + 0.2 * e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> results = SAR(data, "y ~ x", weights=pd.DataFrame(ring, units, units)).fit()
    >>> bool(abs(results.params["rho"] - 0.5) < 2 * results.std_errors["rho"])
    True
    """

    _lag, _wx = True, False

    def __init__(
        self,
        data: Panel | pd.DataFrame,
        formula: str,
        *,
        weights: Weights,
        effects: EffectsRequest = "twoways",
    ) -> None:
        self._read(data, formula, {"y": weights}, effects, None)


class SDM(_Model):
    """Spatial Durbin model: y_t = rho W_t y_t + X_t beta + W_t X_t theta + effects + e_t.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone, one cross-section with ``effects="pooled"``.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``; ``L(x)`` is x one period ago.
    weights : Graph, WeightsSeries or DataFrame
        W_t, used as given; a graph or labelled table counts for every period.
    effects : str or mapping
        As in :class:`SAR`.
    durbin : str or iterable of str, optional
        The terms whose spatial lag enters; all by default.
    durbin_weights : Graph, WeightsSeries or DataFrame, optional
        Weights of X when they are not those of y.

    Attributes
    ----------
    design : Design
        The request and its arrays.

    Notes
    -----
    W_t X_t is the lag of the raw X. Neither theta nor rho is "the spillover": see ``results.impacts()``.

    References
    ----------
    Elhorst (2014), Spatial Econometrics, section 3.3; LeSage and Pace (2009), section 2.7 on effects.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, years = list("abcdefgh"), range(2001, 2011)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> rng = np.random.default_rng(3)
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = np.linalg.solve(np.eye(8) - 0.5 * ring, x + 0.5 * ring @ x + 0.2 * e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> results = SDM(data, "y ~ x", weights=pd.DataFrame(ring, units, units)).fit()
    >>> results.params.index.tolist()
    ['x', 'W_x', 'rho']
    >>> results.impacts().table["effect"].tolist()
    ['direct', 'indirect', 'total']
    """

    _lag, _wx = True, True

    def __init__(
        self,
        data: Panel | pd.DataFrame,
        formula: str,
        *,
        weights: Weights,
        effects: EffectsRequest = "twoways",
        durbin: str | Iterable[str] | None = None,
        durbin_weights: "Weights | None" = None,
    ) -> None:
        self._read(
            data,
            formula,
            {"y": weights, "x": weights if durbin_weights is None else durbin_weights},
            effects,
            durbin,
        )
