"""Endogenous regressors in a spatial panel: the request, and the instruments W_t X, W_t^2 X made from it."""

import warnings
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError, WeakIdentificationWarning
from yrdspatial.models.effects import RANDOM, read_effects
from yrdspatial.models.formula import INTERCEPT, model_matrix
from yrdspatial.models.instrumental_results import InstrumentalResults
from yrdspatial.models.instruments import Instruments, columns_of, usable
from yrdspatial.models.rank import check_rank
from yrdspatial.models.robust import Choice, read_choice
from yrdspatial.models.sample import Sample, read_sample
from yrdspatial.models.specification import Design, EffectsRequest, Request, Spec, read_design
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.two_stage import Equation, fit_two_stage
from yrdspatial.models.within import FloatArray, demean
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

InstrumentalMethod: TypeAlias = Literal["2sls", "gmm"]
InstrumentalCov: TypeAlias = Literal["homoskedastic", "robust", "cluster", "driscoll-kraay"]
COVARIANCES = ("homoskedastic", "robust", "cluster", "driscoll-kraay")


@dataclass(frozen=True, eq=False, repr=False)
class S2SLS:
    """Spatial model with endogenous regressors, by instruments: two-stage least squares and generalized moments.

    y_t = rho W_t y_t + X_t beta + W_t X_t theta + Y_t gamma + effects + e_t. W_t y_t and the columns named in
    ``endogenous`` (and their spatial lags) are instrumented by W_t X_t, W_t^2 X_t, ... of the other terms, and by the
    user's instruments and their spatial lags.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time); or by unit alone, one cross-section with ``effects="pooled"``.
    formula : str
        All regressors, the endogenous ones too: ``"log(y) ~ x1 + access"``.
    weights : Graph, WeightsSeries or DataFrame, optional
        W_t, used as given; without a spatial lag and without ``durbin`` they may be left out.
    effects : str or mapping
        Fixed effects, as in :class:`yrdspatial.models.model.Model`; "pooled" for none.
    endogenous : str or iterable of str
        Terms of the formula that are correlated with the error.
    instruments : str or iterable of str
        Terms such as ``"log(hypothetical)"`` that are no regressors, are not correlated with the error, and move the
        endogenous ones.
    spatial_lag : bool
        Whether W_t y_t is a regressor.
    durbin : bool, str or iterable of str
        Terms whose spatial lag is a regressor; True for all.
    lags : int
        Powers of W_t in the instruments: W X, ..., W^lags X of terms without a spatial lag among the regressors, one
        power more of those with one. Without a spatial lag of y no powers of X are used.

    Attributes
    ----------
    design : Design
        The request and its arrays.
    instruments_used : Instruments
        The instruments that are no regressors.

    Raises
    ------
    SpecificationError
        If a name is not known, effects are random, there is nothing to instrument, or instruments are too few.

    Notes
    -----
    Lags are formed from the raw columns, W_t z_t; the effects are taken out of y, X and instruments after that. With
    instruments that are strictly exogenous Z'M e has mean zero for any W_t: fixed effects leave no bias of the first
    order in rho, and nothing is adjusted.

    References
    ----------
    Kelejian and Prucha (1998), Journal of Real Estate Finance and Economics 17, 99-121, equations 7 to 10; Mutl and
    Pfaffermayr (2011), Econometrics Journal 14, 48-76, for panels with effects.

    Examples
    --------
    >>> rng, units, years = np.random.default_rng(4), list("abcdefghij"), range(2001, 2021)
    >>> index = pd.MultiIndex.from_product([years, units], names=["year", "unit"])
    >>> z, x, u, e = rng.normal(size=(4, 20, 10, 1))
    >>> access = z + u
    >>> ring = np.roll(np.eye(10), 1, axis=1) / 2 + np.roll(np.eye(10), -1, axis=1) / 2
    >>> y = np.linalg.solve(np.eye(10) - 0.4 * ring, x + access + u + 0.3 * e)
    >>> columns = {"y": y.ravel(), "x": x.ravel(), "access": access.ravel(), "z": z.ravel()}
    >>> data = pd.DataFrame(columns, index).swaplevel()
    >>> model = S2SLS(data, "y ~ x + access", weights=pd.DataFrame(ring, units, units),
    ...               endogenous="access", instruments="z")
    >>> model.instruments_used.names
    ('z', 'W_x', 'W2_x', 'W_z', 'W2_z')
    >>> results = model.fit()
    >>> results.params.index.tolist(), bool(abs(results.params["access"] - 1) < 3 * results.std_errors["access"])
    (['x', 'access', 'rho'], True)
    """

    data: Panel | pd.DataFrame
    formula: str
    _: KW_ONLY
    weights: "Weights | None" = None
    effects: EffectsRequest = "twoways"
    endogenous: str | Iterable[str] = ()
    instruments: str | Iterable[str] = ()
    spatial_lag: bool = True
    durbin: bool | str | Iterable[str] = False
    lags: int = 2
    design: Design = field(init=False)
    instruments_used: Instruments = field(init=False)

    def __post_init__(self) -> None:
        if isinstance(self.effects, str) and self.effects in RANDOM:
            raise SpecificationError(
                "instruments go with fixed effects", where=self.effects, cure='use "twoways"'
            )
        if self.lags < 1 or int(self.lags) != self.lags:
            raise SpecificationError(
                f"{self.lags} powers of W make no instrument", where="lags", cure="use 2"
            )
        durbin = None if isinstance(self.durbin, bool) else _names(self.durbin)
        wx = self.durbin if isinstance(self.durbin, bool) else bool(durbin)
        if self.weights is None and (self.spatial_lag or wx):
            raise SpecificationError("S2SLS with spatial lags needs weights", cure="pass weights=")
        roles = {"y": self.weights if self.spatial_lag else None, "x": self.weights if wx else None}
        request = Request(
            "S2SLS", self.spatial_lag, False, wx, self.formula, self.effects, roles, durbin if wx else None
        )
        own = _names(self.instruments)
        design, extra, names = _with_instruments(self.data, request, own)
        endogenous = _names(self.endogenous)
        _check_endogenous(endogenous, design.spec, own)
        made = usable(columns_of(design, (extra, names), endogenous, self.lags), design, names)
        if len(made.names) < len(made.endogenous):
            where = f"{len(made.names)} for {', '.join(made.endogenous)}"
            raise SpecificationError("there are too few instruments", where=where, cure="pass instruments=")
        object.__setattr__(self, "design", design)
        object.__setattr__(self, "instruments_used", made)

    @property
    def equation(self) -> Equation:
        """Arrays net of the effects, units within periods."""
        return equation_of(self.design, self.instruments_used)

    def fit(
        self,
        *,
        method: InstrumentalMethod = "2sls",
        cov_type: InstrumentalCov = "homoskedastic",
        iterate: bool = False,
        **cov_config: Any,
    ) -> InstrumentalResults:
        """Estimate the model.

        Parameters
        ----------
        method : {"2sls", "gmm"}
            Two-stage least squares, or two-step generalized moments weighted by the inverse variance of the moments
            that ``cov_type`` allows for.
        cov_type : {"homoskedastic", "robust", "cluster", "driscoll-kraay"}
            What standard errors and tests allow for: independent errors of one variance, of different variances,
            correlated within units, or within periods and over ``lags`` periods. "gmm" needs one of the last three, and
            fewer instruments than units ("cluster") or periods ("driscoll-kraay").
        iterate : bool
            Whether the weights of "gmm" are renewed until the estimates settle.
        **cov_config
            ``lags`` of "driscoll-kraay", and ``small_sample=False``, which leaves out the factor N T / (M0 - K) of the
            squared residuals and N / (N - 1) of clusters; M0 is N T less the rank of the effects.

        Returns
        -------
        InstrumentalResults
            Estimates, and the tests of the instruments.

        Raises
        ------
        SpecificationError
            If the method, the covariance or an option is unknown.
        """
        if method not in {"2sls", "gmm"}:
            raise SpecificationError(f"unknown method {method!r}", where="fit", cure='use "2sls" or "gmm"')
        if cov_type not in COVARIANCES:
            cure = f"use {', '.join(COVARIANCES)}"
            raise SpecificationError(f"unknown cov_type {cov_type!r}", where="fit", cure=cure)
        if method == "2sls" and iterate:
            raise SpecificationError("2sls has no weights to renew", where="iterate", cure='use method="gmm"')
        if method == "gmm" and cov_type == "homoskedastic":
            cure = 'use "2sls", or cov_type="robust"'
            raise SpecificationError("gmm of errors with one variance is 2sls", where="fit", cure=cure)
        choice = self._choice(cov_type, cov_config)
        equation = self.equation
        fit = fit_two_stage(equation, choice, efficient=method == "gmm", iterate=iterate)
        label = "iterated gmm" if iterate else method
        results = InstrumentalResults(
            self.design, self.instruments_used, equation, fit, choice, label, cov_type
        )
        for sentence in results.warnings:
            warnings.warn(sentence, WeakIdentificationWarning, stacklevel=2)
        return results

    def _choice(self, cov_type: str, config: dict[str, Any]) -> Choice | None:
        if cov_type != "homoskedastic":
            return read_choice(cov_type, config, replace(self.design.problem, lag=None))
        if config:
            raise SpecificationError("homoskedastic has no options", where="fit", cure="leave them out")
        return None


def equation_of(design: Design, made: Instruments) -> Equation:
    """Form W_t y_t, and take the effects out of everything after that.

    Parameters
    ----------
    design : Design
        The model.
    made : Instruments
        Its instruments.

    Returns
    -------
    Equation
        Columns of X in the order of ``design.spec.parameters``.
    """
    problem = design.problem
    lag = [] if problem.lag is None else [problem.lag.lag(problem.y[:, :, None])]
    X = np.concatenate([problem.X, *lag], axis=2)
    count = X.shape[2]
    net = demean(np.concatenate([problem.y[:, :, None], X, made.array], axis=2), problem.effects)
    flat = net.reshape(problem.y.size, -1)
    endogenous = np.isin(design.spec.parameters, made.endogenous)
    periods, units = problem.y.shape
    degrees = problem.effects.degrees_of_freedom
    return Equation(
        flat[:, 0], flat[:, 1:][:, :count], flat[:, 1 + count :], endogenous, (periods, units), degrees
    )


def _names(given: str | Iterable[str] | bool) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else () if isinstance(given, bool) else tuple(given)


def _check_endogenous(endogenous: tuple[str, ...], spec: Spec, own: tuple[str, ...]) -> None:
    unknown = [name for name in endogenous if name not in spec.terms or name == INTERCEPT]
    if unknown or len(set(endogenous)) < len(endogenous):
        known = ", ".join(name for name in spec.terms if name != INTERCEPT)
        cure = f"choose among {known}, each once"
        raise SpecificationError(
            "endogenous names no term of X", where=shorten(unknown or endogenous), cure=cure
        )
    if not endogenous and not spec.lag:
        cure = "name endogenous terms, or use SLX or OLS"
        raise SpecificationError("there is nothing to instrument", where="S2SLS", cure=cure)
    if endogenous and not own:
        cure = "pass instruments=: spatial lags of X identify rho, and hardly anything else"
        raise SpecificationError(
            "endogenous terms need instruments of their own", where=", ".join(endogenous), cure=cure
        )


def _with_instruments(
    data: Panel | pd.DataFrame, request: Request, own: tuple[str, ...]
) -> tuple[Design, FloatArray, tuple[str, ...]]:
    """Read the request and the user's instruments on the periods that both have.

    Parameters
    ----------
    data : Panel or DataFrame
        The user's data.
    request : Request
        The arguments.
    own : tuple of str
        Terms of the instruments.

    Returns
    -------
    design : Design
        The model.
    columns : ndarray, shape (T, N, q)
        The instruments.
    names : tuple of str, length q
        Their names.

    Raises
    ------
    SpecificationError
        If an instrument is a regressor.
    """
    design = read_design(data, request)
    if not own:
        return design, np.zeros((*design.problem.y.shape, 0)), ()
    matrix, sample = model_matrix(f"{request.formula} + {' + '.join(own)}", read_sample(data))
    before = {INTERCEPT, *design.spec.terms}
    new = [k for k, name in enumerate(matrix.terms) if name not in before]
    if len(new) < len(own):
        cure = "an instrument has no effect of its own on y: take it out of the formula"
        raise SpecificationError(
            "an instrument is a regressor, or stands twice", where=", ".join(own), cure=cure
        )
    if len(sample.periods) < len(design.sample.periods):
        design = _later(design, sample, request.effects, data)
    return design, matrix.X[:, :, new], tuple(matrix.terms[k] for k in new)


def _later(design: Design, sample: Sample, effects: EffectsRequest, data: Panel | pd.DataFrame) -> Design:
    # The instruments' lags over time cost periods of the model too.
    kept, problem = len(sample.periods), design.problem
    read, _, windows, groups = read_effects(effects, sample, data)

    def last(spectra: Spectra) -> Spectra:
        return Spectra(spectra.source, spectra.position[-kept:])

    short = replace(
        problem,
        y=problem.y[-kept:],
        X=problem.X[-kept:],
        effects=read,
        lag=None if problem.lag is None else last(problem.lag),
    )
    check_rank(short, design.spec.regressors)
    durbin = tuple(last(one) for one in design.durbin)
    return Design(design.spec, sample, short, durbin, windows, groups)
