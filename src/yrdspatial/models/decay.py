"""How far spillovers reach: the decay curve over rings of travel time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models.estimators import SAR, SDM, SLX
from yrdspatial.models.level import level_free, variables_of
from yrdspatial.models.pair_effects import BoolArray, pair_table
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.sample import read_sample
from yrdspatial.models.specification import EffectsRequest
from yrdspatial.models.within import FloatArray
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.graphs import as_year, same_units
from yrdspatial.weights.rail import Times, minutes_by_year
from yrdspatial.weights.rings import EDGES, RingScale, ring_names, ring_of, ring_weights

DecayModel: TypeAlias = Literal["SLX", "SAR", "SDM"]
MODELS = {"SLX": SLX, "SAR": SAR, "SDM": SDM}


@dataclass(frozen=True, eq=False)
class DecayCurve:
    """Spillovers by ring of travel time (made by :func:`decay_curve`).

    Attributes
    ----------
    results : SpatialPanelResults
        The fitted model; its weights are named by ring, such as ``W_0_60_x`` and ``rho_0_60``.
    spillovers : DataFrame
        Columns variable, ring, from_minutes, to_minutes, estimate (what a change in all cities of the ring does to
        the average city), std_error, zstat, pvalue, lower, upper, pairs (unordered, in the average year), minutes
        (their mean), per_link, per_link_error (the effect of one city on one other). Pairs nearer or farther than
        all rings are rows of their own; all rows of a variable add up to its indirect effect.
    parameters : DataFrame
        Columns term ("rho" or a variable), ring, estimate, std_error, zstat, pvalue, lower, upper.
    tests : DataFrame
        Columns term, null ("zero in every ring", "equal in all rings"), statistic, df, pvalue: Wald tests.
    pairs : DataFrame
        Columns year, ring, pairs, islands (units with nobody in the ring), minutes (mean).
    standardize : str
        How the rings are scaled.
    """

    results: SpatialPanelResults
    spillovers: pd.DataFrame
    parameters: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame
    standardize: str


def decay_curve(
    data: Panel | pd.DataFrame,
    formula: str,
    *,
    times: Times,
    edges: Sequence[float] = EDGES,
    standardize: RingScale = "joint",
    model: DecayModel = "SLX",
    effects: EffectsRequest = "twoways",
    durbin: str | Iterable[str] | None = None,
) -> DecayCurve:
    """Estimate spillovers by ring of travel time, all rings in one model.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, year).
    formula : str
        Such as ``"y ~ x1 + x2"``.
    times : TravelTimes, Mapping of int to DataFrame, or DataFrame
        Minutes by year; one table alone counts for every year.
    edges : sequence of float
        Ends of the rings in minutes.
    standardize : {"joint", "row"}
        The scale of the rings, as in ``ring_weights``.
    model : {"SLX", "SAR", "SDM"}
        "SLX" has one W X a ring, "SAR" one rho a ring, "SDM" both.
    effects : str or mapping
        As of the estimators.
    durbin : str or iterable of str, optional
        The terms with W X; all by default.

    Returns
    -------
    DecayCurve
        Spillovers, parameters, tests, and the pairs of each year.

    Raises
    ------
    SpecificationError
        If the model is none of the three.

    Notes
    -----
    In SLX the spillover of a ring is theta_q times the mean row sum of its weights. In SAR and SDM it is the sum of
    (I - sum_q rho_q W_q)^-1 (beta I + sum_q theta_q W_q) over the pairs of the ring, so that what arrives through
    third cities counts at the distance at which it arrives. Row sums of rings change as lines open: those that the
    effects do not absorb are regressors, ``level_<ring>``, and with time effects the lags of X are of deviations from
    the mean of the year. So no estimate hangs on the unit of y, or on the general growth of a regressor.

    References
    ----------
    LeSage and Pace (2009), Introduction to Spatial Econometrics, section 2.7.
    Halleck Vega, S., & Elhorst, J. P. (2015). The SLX model. *Journal of Regional Science*, 55(3), 339-363.

    Examples
    --------
    >>> units = list("abcde")
    >>> minutes = 50.0 * np.abs(np.subtract.outer(range(5), range(5)))
    >>> index = pd.MultiIndex.from_product([units, range(2008, 2014)], names=["unit", "year"])
    >>> data = pd.DataFrame(np.random.default_rng(1).normal(size=(30, 2)), index, ["y", "x"])
    >>> curve = decay_curve(data, "y ~ x", times=pd.DataFrame(minutes, units, units), edges=(0, 60, 120))
    >>> curve.spillovers[["ring", "pairs", "minutes"]].to_numpy().tolist()
    [['0_60', 4.0, 50.0], ['60_120', 3.0, 100.0], ['farther', 3.0, 166.66666666666666]]
    """
    if model not in get_args(DecayModel):
        cure = f"use one of {', '.join(MODELS)}"
        raise SpecificationError(f"there is no decay curve of {model!r}", where="decay_curve", cure=cure)
    if isinstance(times, pd.DataFrame):
        times = dict.fromkeys(map(as_year, read_sample(data).periods), times)
    rings = ring_weights(times, edges, standardize=standardize)
    request = level_free(MODELS[model], data, formula, weights=rings, effects=effects, durbin=durbin)
    results = request.fit()
    minutes = _aligned(times, results)
    place = ring_of(minutes, edges)
    labels = ["nearer", *rings, "farther"]
    masks = {name: place == ring for ring, name in enumerate(labels) if (place == ring).any()}
    counted = _pairs(masks, minutes, results)
    spillovers = _spillovers(results, masks, counted, edges)
    parameters = _parameters(results, ring_names(edges))
    return DecayCurve(results, spillovers, parameters, _tests(results, parameters), counted, standardize)


def _spillovers(
    results: SpatialPanelResults, masks: "dict[str, BoolArray]", counted: pd.DataFrame, edges: Sequence[float]
) -> pd.DataFrame:
    names = ring_names(edges)
    rings = pd.DataFrame(
        {"from_minutes": [0.0, *edges], "to_minutes": [*edges, np.inf]}, index=["nearer", *names, "farther"]
    )
    whole = counted.assign(total=counted["pairs"] * counted["minutes"].where(counted["pairs"] > 0, 0.0))
    sums = whole.groupby("ring")[["pairs", "total"]].sum()
    rings["pairs"] = sums["pairs"] / results.design.problem.y.shape[0]
    rings["minutes"] = sums["total"] / sums["pairs"]
    table = pair_table(results, masks).drop(columns="links").rename(columns={"pairs": "ring"})
    table = table[table["variable"].isin(variables_of(results.spec))].join(rings, on="ring")
    first = ["variable", "ring", "from_minutes", "to_minutes"]
    return table[first + [name for name in table if name not in first]].reset_index(drop=True)


def _aligned(times: Times, results: SpatialPanelResults) -> FloatArray:
    # minutes of the years of the sample, units in the order of the sample
    minutes, units = minutes_by_year(times)
    sample = results.design.sample
    same_units(units, sample.units, "travel times")
    order = units.get_indexer(sample.units)
    return np.stack([minutes[as_year(year)][np.ix_(order, order)] for year in sample.periods])


def _mean(minutes: FloatArray) -> float:
    reached = minutes[np.isfinite(minutes)]
    return float(reached.mean()) if reached.size else np.inf


def _pairs(masks: "dict[str, BoolArray]", minutes: FloatArray, results: SpatialPanelResults) -> pd.DataFrame:
    rows = [
        {
            "year": year,
            "ring": name,
            "pairs": int((mask[t] | mask[t].T).sum()) // 2,
            "islands": int((~mask[t].any(axis=1)).sum()),
            "minutes": _mean(minutes[t][mask[t]]),
        }
        for t, year in enumerate(results.design.sample.periods)
        for name, mask in masks.items()
    ]
    return pd.DataFrame(rows)


def _parameters(results: SpatialPanelResults, rings: list[str]) -> pd.DataFrame:
    table = results.to_frame()
    places = [("rho", ring, f"rho_{ring}") for ring in rings if results.spec.parts]
    places += [(term, ring, f"W_{ring}_{term}") for term in results.spec.durbin for ring in rings]
    labels = pd.DataFrame(places, columns=["term", "ring", "parameter"])
    return labels.join(table, on="parameter").drop(columns="parameter")


def _tests(results: SpatialPanelResults, parameters: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for term, part in parameters.groupby("term", sort=False):
        prefix, suffix = ("rho_", "") if term == "rho" else ("W_", f"_{term}")
        names = [f"{prefix}{ring}{suffix}" for ring in part["ring"]]
        nulls = {"zero in every ring": np.eye(len(names))}
        if len(names) > 1:
            nulls["equal in all rings"] = np.diff(np.eye(len(names)), axis=0)
        for null, slopes in nulls.items():
            test = results.wald_test(pd.DataFrame(slopes, columns=names))
            rows.append((term, null, test.statistic, test.df, test.pvalue))
    return pd.DataFrame(rows, columns=["term", "null", "statistic", "df", "pvalue"])
