"""Conditional convergence with neighbours: growth on initial levels in a spatial panel, its speed and half-life."""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.industry.table import require
from yrdspatial.integration.levels import Levels, as_panel, read_levels, whole_years
from yrdspatial.models import estimators
from yrdspatial.models.delta import coefficients_of, delta_table
from yrdspatial.models.impacts import KINDS
from yrdspatial.models.large_multipliers import multipliers_of
from yrdspatial.models.model import Model
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.balance import names_of
from yrdspatial.panel.gaps import shorten
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights, WeightsSeries

GrowthModel: TypeAlias = Literal["OLS", "SLX", "SAR", "SEM", "SDM", "SDEM", "dynamic_SAR", "dynamic_SDM"]
INITIAL = "initial"
LEVEL = "level"
NICKELL = (
    "with unit effects the coefficient of the initial level is pulled down, so that convergence looks faster than it "
    "is, the more so the fewer the periods; the dynamic models remove this bias"
)
SHARED = "with time effects the total is identified by the form of the model, not by years in which all units moved"


@dataclass(frozen=True, eq=False)
class SpatialConvergence:
    """Speed of convergence with neighbours (made by :func:`spatial_convergence`).

    Attributes
    ----------
    table : DataFrame
        Columns effect, estimate, std_error, zstat, pvalue, lower, upper: what one log point more in the initial
        level does to annual growth; "direct" in the unit itself, "indirect" through the others, "total".
    speeds : DataFrame
        Columns effect ("direct", "total"), quantity ("speed" a year, "half_life" in years), estimate, std_error,
        zstat, pvalue, lower, upper (delta method). A row that does not apply is left out, and ``notes`` say why.
    results : SpatialPanelResults
        The fitted model; ``initial`` is the log of the initial level.
    step : int
        Length of an interval in years.
    notes : tuple of str
        What the reader should know: breaks, bias, warnings of the model, what is not defined.
    """

    table: pd.DataFrame
    speeds: pd.DataFrame
    results: SpatialPanelResults
    step: int
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        b = self.table.set_index("effect")["estimate"]
        return f"<Convergence: direct {b['direct']:.4f}, total {b['total']:.4f} a year>"


def spatial_convergence(
    panel: Panel | pd.DataFrame,
    column: str,
    *,
    weights: "Weights | None",
    period: Sequence[int],
    controls: Iterable[str] = (),
    model: GrowthModel = "SDM",
    effects: EffectsRequest = "twoways",
    across_breaks: bool = False,
) -> SpatialConvergence:
    """Estimate conditional beta convergence in a spatial panel.

    The growth models explain annual log growth over each interval, (ln y_t - ln y_{t-s}) / s, by the log of the initial
    level and the controls at the beginning of the interval; with W_t of its last year:
    g_t = rho W_t g_t + b ln y_{t-s} + theta W_t ln y_{t-s} + X_{t-s} beta + W_t X_{t-s} gamma + effects + e_t. With a
    range of two years it is one cross-section of growth rates (``effects="pooled"``).

    The dynamic models are ln y_t = rho W_t ln y_t + tau ln y_{t-s} + eta W_{t-s} ln y_{t-s} + ..., corrected for the
    bias that unit effects give tau.

    With B the matrix by which initial levels move annual growth (S_t^-1 (b I + theta W_t); in dynamic models
    (S_t^-1 (tau I + eta W_{t-s}) - I) / s), the direct coefficient is its mean diagonal, the total its mean row sum. A
    coefficient c means a gap that closes at the speed -ln(1 + c s) / s a year and halves in ln 2 / speed years.

    Parameters
    ----------
    panel : Panel or DataFrame
        Indexed (unit, year).
    column : str
        Positive levels at constant prices, or a ratio such as ``"gdp / population_resident_adj"``.
    weights : Graph, WeightsSeries or DataFrame, or None
        W_t of the last year of each interval (and of the first in dynamic models); None for OLS.
    period : range or sequence of int
        Evenly spaced years at which intervals begin and end: ``range(2006, 2019)`` for annual growth,
        ``range(2006, 2019, 4)`` for four years.
    controls : iterable of str
        Columns, or terms such as ``"log(gdp)"``.
    model : {"OLS", "SLX", "SAR", "SEM", "SDM", "SDEM", "dynamic_SAR", "dynamic_SDM"}
        The model.
    effects : str or mapping
        As of the estimators.
    across_breaks : bool
        Go across a known break of the column all the same.

    Returns
    -------
    SpatialConvergence
        Coefficients, speeds, the fitted model.

    References
    ----------
    Barro and Sala-i-Martin (1992), Journal of Political Economy 100, 223-251; Rey and Montouri (1999), Regional Studies
    33, 143-156; Ertur and Koch (2007), Journal of Applied Econometrics 22, 1033-1062; Elhorst, Piras and Arbia (2010),
    Geographical Analysis 42, 338-355.

    Examples
    --------
    >>> rng, units = np.random.default_rng(1), list("abcdefghijkl")
    >>> ring = np.roll(np.eye(12), 1, axis=1) / 2 + np.roll(np.eye(12), -1, axis=1) / 2
    >>> level = [rng.normal(8, 0.5, 12)]
    >>> for _ in range(12):
    ...     growth = np.linalg.solve(np.eye(12) - 0.3 * ring, 0.8 - 0.1 * level[-1] + 0.01 * rng.normal(size=12))
    ...     level.append(level[-1] + growth)
    >>> index = pd.MultiIndex.from_product([range(2001, 2014), units], names=["year", "unit"])
    >>> data = pd.DataFrame({"y": np.exp(np.ravel(level))}, index)
    >>> found = spatial_convergence(data, "y", weights=pd.DataFrame(ring, units, units), period=range(2001, 2014),
    ...     model="SAR", effects="pooled")
    >>> found.table.set_index("effect")["estimate"].round(2).to_dict()
    {'direct': -0.11, 'indirect': -0.04, 'total': -0.15}
    """
    require(model, get_args(GrowthModel), "model")
    years = _evenly_spaced(period)
    source = as_panel(panel)
    levels = read_levels(source, column, years=years, across_breaks=across_breaks)
    terms = names_of(controls, "controls")
    request = _dynamic if model.startswith("dynamic") else _growth
    spatial = {} if model == "OLS" else {"weights": weights}
    results = request(source, levels, terms, model, {"effects": effects, **spatial}).fit()
    index = pd.MultiIndex.from_product([KINDS], names=["effect"])
    step = years[1] - years[0]
    pull = Pull.of(results, step)
    table = delta_table(pull, [results], index)
    speeds, undefined = _speeds(results, pull)
    return SpatialConvergence(table, speeds, results, step, (*levels.notes, *_notes(results), *undefined))


def _evenly_spaced(period: Sequence[int]) -> list[int]:
    years = whole_years(period, "period")
    steps = {later - earlier for earlier, later in pairwise(years)}
    if len(years) < 2 or len(steps) != 1 or min(steps) < 1:
        cure = "use range(2006, 2019) for annual growth, range(2006, 2019, 4) for four years"
        raise SpecificationError("growth needs evenly spaced years", where=shorten(years), cure=cure)
    return years


def _growth(panel: Panel, levels: Levels, terms: list[str], model: str, options: dict[str, Any]) -> Model:
    # Growth of each interval on what stood at its beginning; rows carry the last year of the interval.
    years = [int(year) for year in levels.table.columns]
    step = years[1] - years[0]
    logs = np.log(levels.table.to_numpy(dtype=float))
    frame = _at(panel, years[:-1], years[1:])
    index = pd.MultiIndex.from_product([levels.table.index, years[1:]], names=["unit", "year"])
    columns = {"growth": np.diff(logs, axis=1) / step, INITIAL: logs[:, :-1]}
    values = pd.DataFrame({name: table.ravel() for name, table in columns.items()}, index)
    return _model(model, frame.assign(**values), " + ".join([f"growth ~ {INITIAL}", *terms]), options)


def _dynamic(panel: Panel, levels: Levels, terms: list[str], model: str, options: dict[str, Any]) -> Model:
    # Levels on their own past; the controls of the first year are spent with it.
    years = [int(year) for year in levels.table.columns]
    frame = _at(panel, [years[0], *years[:-1]], years)
    logs = np.log(levels.table.to_numpy(dtype=float))
    index = pd.MultiIndex.from_product([levels.table.index, years], names=["unit", "year"])
    frame = frame.assign(**{LEVEL: pd.Series(logs.ravel(), index)})
    name = "SDM" if model == "dynamic_SDM" and terms else "SAR"
    lags = ("y", "Wy") if model == "dynamic_SDM" else ("y",)
    formula = f"{LEVEL} ~ {' + '.join(terms) if terms else '1'}"
    return _model(name, frame, formula, {**options, "dynamic": lags})


def _at(panel: Panel, begin: list[int], end: list[int]) -> pd.DataFrame:
    # The rows of the years in which intervals begin, under the years in which they end.
    parts = [
        panel.data.xs(first, level="year").assign(year=last).set_index("year", append=True)
        for first, last in zip(begin, end, strict=True)
    ]
    frame: pd.DataFrame = pd.concat(parts).drop(columns=[INITIAL, LEVEL, "growth"], errors="ignore")
    return frame.rename_axis(["unit", "year"]).sort_index()


def _model(name: str, frame: pd.DataFrame, formula: str, options: dict[str, Any]) -> Model:
    estimator: type[Model] = getattr(estimators, name)
    years = frame.index.unique("year")
    if len(years) > 1:
        return estimator(frame, formula, **options)
    weights = options.get("weights")
    if isinstance(weights, WeightsSeries):
        options = {**options, "weights": weights.take([int(years[0])])}
    return estimator(frame.droplevel("year"), formula, **options)


@dataclass(frozen=True)
class Pull:
    """How the coefficients make the effect of the initial log level on annual growth, averaged over periods.

    Attributes
    ----------
    places : tuple of int
        Positions of the coefficient of the own level, of its spatial lag, and of rho; -1 for one that is not there.
    at : callable
        From rho to mean diagonal and mean row sum of S^-1 and of S^-1 W, shape (2, 2).
    dynamic : bool
        Whether levels are explained, not growth.
    step : int
        Length of an interval in years.
    """

    places: tuple[int, int, int]
    at: Callable[[float], FloatArray]
    dynamic: bool
    step: int

    @classmethod
    def of(cls, results: SpatialPanelResults, step: int) -> "Pull":
        """Read it off a fitted model.

        Parameters
        ----------
        results : SpatialPanelResults
            The model.
        step : int
            Length of an interval in years.

        Returns
        -------
        Pull
            A function of the coefficients: direct, indirect and total effect, shape (3,).
        """
        names, problem = list(results.spec.parameters), results.design.problem
        dynamic = bool(problem.lags)
        own, lagged = ("y_lag", "W_y_lag") if dynamic else (INITIAL, f"W_{INITIAL}")
        other = problem.previous if dynamic else (results.design.durbin or (None,))[0]
        periods = problem.y.shape[0]
        multipliers = multipliers_of(problem.lag, other, np.full((1, periods), 1.0 / periods))

        @functools.cache
        def at(rho: float) -> FloatArray:
            return np.stack([part[0, 0] for part in multipliers.at(np.array([rho]))])

        places = [names.index(name) if name in names else -1 for name in (own, lagged, "rho")]
        return cls((places[0], places[1], places[2]), at, dynamic, step)

    def __call__(self, point: FloatArray) -> FloatArray:
        """Compute the effects.

        Parameters
        ----------
        point : ndarray, shape (K,)
            Coefficients, in the order of the model.

        Returns
        -------
        ndarray, shape (3,)
            Direct, indirect and total effect.
        """
        a, b, rho = (float(point[place]) if place >= 0 else 0.0 for place in self.places)
        direct, total = np.array([a, b]) @ self.at(rho)
        if self.dynamic:
            direct, total = (direct - 1.0) / self.step, (total - 1.0) / self.step
        return np.array([direct, total - direct, total])


def _speeds(results: SpatialPanelResults, pull: Pull) -> tuple[pd.DataFrame, list[str]]:
    # Speeds and half-lives where they exist, and why they do not elsewhere.
    step, said, tables = pull.step, [], []
    found = pull(coefficients_of(results))
    for place, effect in ((0, "direct"), (2, "total")):
        if 1.0 + step * found[place] <= 0:
            said.append(
                f"{effect}: the coefficient is beyond -1/{step}: the speed of convergence is not defined"
            )
            continue
        quantities = ["speed", "half_life"] if found[place] < 0 else ["speed"]
        if found[place] >= 0:
            said.append(f"{effect}: no convergence: there is no half-life")

        def values(theta: FloatArray, place: int = place, count: int = len(quantities)) -> FloatArray:
            speed = -np.log1p(step * pull(theta)[place]) / step
            return np.array([speed, np.log(2.0) / speed])[:count]

        index = pd.MultiIndex.from_product([[effect], quantities], names=["effect", "quantity"])
        tables.append(delta_table(values, [results], index))
    columns = ["effect", "quantity", "estimate", "std_error", "zstat", "pvalue", "lower", "upper"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns), said


def _notes(results: SpatialPanelResults) -> list[str]:
    effects, lags = results.design.problem.effects, results.design.problem.lags
    said = [NICKELL] if effects.unit and not lags else []
    spatial = results.design.problem.lag is not None or results.spec.durbin
    said = [*said, SHARED] if effects.time and spatial else said
    return [*said, *results.warnings]
