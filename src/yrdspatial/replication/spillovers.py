"""Stage 4 of the main job: do industrial transfers spill over, under contiguity, rail of the year, and frozen rail."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.estimators import SAR, SDM
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.panel.panel import Panel
from yrdspatial.rail.travel_time import TravelTimes
from yrdspatial.replication.received import spillover_received
from yrdspatial.replication.strands import Strand, employment_strand, value_added_strand
from yrdspatial.weights.rail import rail_weights
from yrdspatial.weights.series import WeightsSeries

ESTIMATORS = {"SAR": SAR, "SDM": SDM}
DRAWS = 1000
RECEIVED = "log_gdp_head"


@dataclass(frozen=True)
class Estimate:
    """One fitted model of the main job.

    Attributes
    ----------
    strand, model, weights, effects : str
        Labels for the tables.
    results : SpatialPanelResults
        The fitted model.
    impacts : pandas.DataFrame
        Direct, indirect and total effects with simulated standard errors.
    """

    strand: str
    model: str
    weights: str
    effects: str
    results: SpatialPanelResults
    impacts: pd.DataFrame


@dataclass(frozen=True)
class Spillovers:
    """Every model the report shows.

    Attributes
    ----------
    main : tuple of Estimate
        Both strands, SAR and SDM, three families of weights.
    ladder : tuple of Estimate
        The value-added strand under unit, time and two-way effects.
    pooled, dense : Estimate
        Two warnings: the employment strand across the break of 2013, and under a dense inverse-time W.
    without_holes : tuple of Estimate
        The strands once more without the years in which a hole was closed.
    strands : tuple of Strand
        What was estimated, with the holes.
    received : mapping of str to pandas.DataFrame
        For each family of weights, units x years: what a city's share of value added owes to the GDP per head of the
        other cities, under the Durbin model.
    """

    main: tuple[Estimate, ...]
    ladder: tuple[Estimate, ...]
    pooled: Estimate
    dense: Estimate
    without_holes: tuple[Estimate, ...]
    strands: tuple[Strand, ...]
    received: Mapping[str, pd.DataFrame]


def estimate_spillovers(
    panel: Panel, times: TravelTimes, weights: Mapping[str, WeightsSeries], *, seed: int
) -> Spillovers:
    """Estimate both strands in every form the report shows.

    Parameters
    ----------
    panel : Panel
        The city panel.
    times : TravelTimes
        Travel times of the panel years.
    weights : mapping of str to WeightsSeries
        Weights by name.
    seed : int
        Seed of the draws behind the standard errors of the effects.

    Returns
    -------
    Spillovers
        The fitted models.
    """
    strands = (
        employment_strand(panel, times),
        value_added_strand(panel, times),
        value_added_strand(panel, times, with_controls=True),
    )
    employment, value_added = strands[:2]
    pooled = replace(employment, name="employment, 2006-2019 as one window", effects="twoways")
    dense = rail_weights(times, decay="inverse", access=60.0)
    main = tuple(
        estimate(strand, model, name, weights[name], seed)
        for strand in strands
        for model in ESTIMATORS
        for name in weights
    )
    return Spillovers(
        main=main,
        ladder=tuple(
            estimate(replace(value_added, effects=effects), "SDM", "rail", weights["rail"], seed)
            for effects in ("unit", "time", "twoways")
        ),
        pooled=estimate(pooled, "SDM", "contiguity", weights["contiguity"], seed),
        dense=estimate(employment, "SDM", "rail, inverse time, all pairs", dense, seed),
        without_holes=tuple(
            estimate(drop_holes(strand), "SDM", name, weights[name], seed)
            for strand in strands[:2]
            for name in ("contiguity", "rail")
        ),
        strands=strands,
        received={
            one.weights: spillover_received(one.results, value_added.data[RECEIVED], RECEIVED)
            for one in main
            if (one.strand, one.model) == (value_added.name, "SDM")
        },
    )


def drop_holes(strand: Strand) -> Strand:
    """Leave out the years in which a hole was closed, and say so in the name.

    Parameters
    ----------
    strand : Strand
        A strand with closed holes.

    Returns
    -------
    Strand
        The same without those years, for instance "employment, without 2015".
    """
    years = strand.data.index.get_level_values("year")
    gone = sorted(set(strand.holes["year"]))
    name = f"{strand.name}, without {' and '.join(map(str, gone))}" if gone else strand.name
    return replace(strand, name=name, data=strand.data.loc[~years.isin(gone)])


def estimate(
    strand: Strand,
    model: str,
    weights_name: str,
    weights: WeightsSeries | Mapping[str, WeightsSeries],
    seed: int,
) -> Estimate:
    """Fit one model and simulate its effects.

    Parameters
    ----------
    strand : Strand
        Data, formula and effects.
    model : str
        "SAR" or "SDM".
    weights_name : str
        Label of the weights.
    weights : WeightsSeries, or mapping of str to WeightsSeries
        The weights, one or several by name.
    seed : int
        Seed of the draws.

    Returns
    -------
    Estimate
        The fitted model with its effects; warnings of weak identification stay in ``results.warnings``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakIdentificationWarning)
        request = ESTIMATORS[model](strand.data, strand.formula, weights=weights, effects=strand.effects)
        results = request.fit()
        impacts = results.impacts(method="simulation", draws=DRAWS, seed=seed).table
    return Estimate(strand.name, model, weights_name, effects_label(strand.effects), results, impacts)


def effects_label(effects: str | Mapping[str, Any]) -> str:
    """Name the effects for a table.

    Parameters
    ----------
    effects : str or mapping
        Effects as asked of an estimator.

    Returns
    -------
    str
        For instance "twoways" or "unit x window, time".
    """
    return effects if isinstance(effects, str) else "unit x window, time"


def coefficient_table(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Coefficients of many models in long form.

    Parameters
    ----------
    estimates : iterable of Estimate
        Fitted models.

    Returns
    -------
    pandas.DataFrame
        Columns strand, model, weights, fixed_effects, term, estimate, std_error, zstat, pvalue.
    """
    return pd.concat(
        [
            pd.DataFrame(
                {
                    **labels(one),
                    "term": one.results.params.index,
                    "estimate": one.results.params.to_numpy(),
                    "std_error": one.results.std_errors.to_numpy(),
                    "zstat": one.results.zstats.to_numpy(),
                    "pvalue": one.results.pvalues.to_numpy(),
                }
            )
            for one in estimates
        ],
        ignore_index=True,
    )


def impact_table(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Effects of many models in long form.

    Parameters
    ----------
    estimates : iterable of Estimate
        Fitted models.

    Returns
    -------
    pandas.DataFrame
        Columns strand, model, weights, fixed_effects, then those of ``Impacts.table``.
    """
    tables = []
    for one in estimates:
        table = one.impacts.copy()
        for position, (name, label) in enumerate(labels(one).items()):
            table.insert(position, name, label)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def labels(one: Estimate) -> dict[str, str]:
    """Give the labels of one model as table columns.

    Parameters
    ----------
    one : Estimate
        A fitted model.

    Returns
    -------
    dict of str to str
        strand, model, weights, fixed_effects.
    """
    return {"strand": one.strand, "model": one.model, "weights": one.weights, "fixed_effects": one.effects}
