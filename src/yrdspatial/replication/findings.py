"""Findings on spillovers beyond one number: the border of provinces, the growth of the network, and distance."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.decay import DecayCurve, DecayModel, decay_curve
from yrdspatial.models.pair_effects import effects_by_pairs
from yrdspatial.models.spillovers import decompose_change
from yrdspatial.replication.borders import border_links, border_parameters, border_tests
from yrdspatial.replication.spillovers import Estimate, estimate
from yrdspatial.replication.strands import Strand, employment_strand, value_added_strand
from yrdspatial.replication.study import FROZEN_YEAR, Study
from yrdspatial.weights.rail import rail_weights
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.split import split_weights
from yrdspatial.weights.standardize import standardize

BORDER_WEIGHTS = ("contiguity", "rail")
PERIODS = {"2006-2012": range(2006, 2013), "2013-2019": range(2013, 2020)}
LATER_YEAR = 2019
TAU = 30.0
DECAY_MODELS: tuple[DecayModel, ...] = ("SLX", "SDM")


@dataclass(frozen=True)
class BorderFindings:
    """Does the border of a province stop spillovers.

    Attributes
    ----------
    estimates : tuple of Estimate
        SAR and SDM on both strands under contiguity and rail of the year, each split in "within" a province and
        "across" its border (joint row sum).
    parameters : pandas.DataFrame
        Columns strand, model, weights, part ("within", "across"), term ("rho" or a regressor), estimate, std_error,
        zstat, pvalue, lower, upper.
    tests : pandas.DataFrame
        Columns strand, model, weights, term ("rho", a regressor, "all"), statistic, df, pvalue: Wald tests of the
        same coefficient within and across.
    effects : pandas.DataFrame
        Columns strand, model, weights, variable, pairs ("within", "across"), estimate, std_error, zstat, pvalue,
        lower, upper, links, per_link, per_link_error: the indirect effect by the pairs over which it passes.
    links : pandas.DataFrame
        Columns weights, year, within, across (links of the weights), share_across (mean weight across the border).
    """

    estimates: tuple[Estimate, ...]
    parameters: pd.DataFrame
    tests: pd.DataFrame
    effects: pd.DataFrame
    links: pd.DataFrame


@dataclass(frozen=True)
class NetworkFindings:
    """How much of the change of spillovers from 2008 to 2019 the network made.

    Attributes
    ----------
    estimates : tuple of Estimate
        SDM on both strands in 2006-2012 and in 2013-2019, under each family of rail weights.
    change : pandas.DataFrame
        Columns strand, weights, variable, effect ("direct", "indirect", "total"), part ("before", "after", "change",
        "network", "coefficients"), estimate, std_error, zstat, pvalue, lower, upper.
    network : pandas.DataFrame
        Columns weights, year, neighbours_mean, effective_neighbours, spectral_radius, mean_row_sum of 2008 and 2019.
    """

    estimates: tuple[Estimate, ...]
    change: pd.DataFrame
    network: pd.DataFrame


@dataclass(frozen=True)
class DecayFindings:
    """How far spillovers reach, by ring of travel time.

    Attributes
    ----------
    curves : dict of (str, str) to DecayCurve
        By strand and model ("SLX", "SDM").
    spillovers : pandas.DataFrame
        Columns strand, model, then those of ``DecayCurve.spillovers``: variable, ring, from_minutes, to_minutes,
        estimate, std_error, zstat, pvalue, lower, upper, per_link, per_link_error, pairs, minutes.
    parameters : pandas.DataFrame
        Columns strand, model, term, ring, estimate, std_error, zstat, pvalue, lower, upper.
    tests : pandas.DataFrame
        Columns strand, model, term, null, statistic, df, pvalue.
    pairs : pandas.DataFrame
        Columns year, ring, pairs, islands, minutes, for the years of the value-added strand.
    """

    curves: dict[tuple[str, str], DecayCurve]
    spillovers: pd.DataFrame
    parameters: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame


def border_effects(study: Study, seed: int) -> BorderFindings:
    """Estimate spillovers within provinces and across their borders, and test whether they are the same.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of the draws behind the standard errors of the effects.

    Returns
    -------
    BorderFindings
        Tables ready to print.
    """
    parts = {name: split_weights(study.weights[name], "province") for name in BORDER_WEIGHTS}
    estimates = tuple(
        estimate(strand, model, name, parts[name], seed)
        for strand in both_strands(study)
        for name in BORDER_WEIGHTS
        for model in ("SAR", "SDM")
    )
    province = study.units["province_en"]
    groups = pd.DataFrame("across", province.index, province.index)
    groups = groups.mask(province.to_numpy()[:, None] == province.to_numpy(), "within")
    return BorderFindings(
        estimates,
        parameters=stacked(estimates, [border_parameters(one) for one in estimates]),
        tests=stacked(estimates, [border_tests(one) for one in estimates]),
        effects=stacked(estimates, [effects_by_pairs(one.results, groups) for one in estimates]),
        links=pd.concat([border_links(name, part) for name, part in parts.items()], ignore_index=True),
    )


def both_strands(study: Study) -> tuple[Strand, Strand]:
    """Give the two strands of industrial transfer.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    tuple of Strand
        Employment in its windows, and value added.
    """
    return employment_strand(study.panel, study.times), value_added_strand(study.panel, study.times)


def stacked(estimates: tuple[Estimate, ...], tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack tables of models under their labels.

    Parameters
    ----------
    estimates : tuple of Estimate
        The models.
    tables : list of pandas.DataFrame
        One table a model.

    Returns
    -------
    pandas.DataFrame
        Columns strand, model, weights, then those of the tables.
    """
    keys = [(one.strand, one.model, one.weights) for one in estimates]
    return joined(zip(keys, tables, strict=True), ["strand", "model", "weights"])


def joined(tables: Iterable[tuple[tuple[str, ...], pd.DataFrame]], names: list[str]) -> pd.DataFrame:
    """Stack tables with their keys as columns.

    Parameters
    ----------
    tables : iterable of (tuple, pandas.DataFrame)
        Labels and tables.
    names : list of str
        Names of the labels.

    Returns
    -------
    pandas.DataFrame
        The labels first.
    """
    return pd.concat(
        [table.assign(**dict(zip(names, key, strict=True)))[[*names, *table]] for key, table in tables],
        ignore_index=True,
    )


def network_change(study: Study, seed: int) -> NetworkFindings:
    """Split the change of spillovers from 2008 to 2019 into the network and the coefficients.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of the draws behind the standard errors of the effects of each period.

    Returns
    -------
    NetworkFindings
        Tables ready to print. Five nearest neighbours, row-standardized, keep the size of the network fixed: only
        who is near changes. Weights that fall with minutes on the common scale of 2008 let it grow.
    """
    families = network_weights(study)
    strands = both_strands(study)
    models = {
        (strand.name, name): tuple(
            estimate(in_period(strand, period), "SDM", name, weights, seed) for period in PERIODS
        )
        for strand in strands
        for name, weights in families.items()
    }
    changes = {
        key: decompose_change(pair[0].results, pair[1].results, years=(FROZEN_YEAR, LATER_YEAR))
        for key, pair in models.items()
    }
    return NetworkFindings(
        tuple(one for pair in models.values() for one in pair),
        change=joined(changes.items(), ["strand", "weights"]),
        network=pd.concat([network_size(*one) for one in families.items()], ignore_index=True),
    )


def network_weights(study: Study) -> dict[str, WeightsSeries]:
    """Give the rail weights whose change is looked at.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    dict of str to WeightsSeries
        "rail" (five nearest) and "rail_common" (exp(-minutes / 30) over the largest eigenvalue of 2008).
    """
    decaying = rail_weights(study.times, decay="exponential", tau=TAU, standardize="none")
    return {"rail": study.weights["rail"], "rail_common": standardize(decaying, "common", base=FROZEN_YEAR)}


def in_period(strand: Strand, period: str) -> Strand:
    """Keep the years of one period; within a period unit effects are those of the window.

    Parameters
    ----------
    strand : Strand
        A strand.
    period : str
        A name of PERIODS.

    Returns
    -------
    Strand
        The same in that period, with unit and year effects.
    """
    kept = strand.data.index.get_level_values("year").isin(PERIODS[period])
    return replace(strand, name=f"{strand.name}, {period}", data=strand.data.loc[kept], effects="twoways")


def network_size(name: str, weights: WeightsSeries) -> pd.DataFrame:
    """Describe the weights of the two years.

    Parameters
    ----------
    name : str
        Label of the weights.
    weights : WeightsSeries
        The weights.

    Returns
    -------
    pandas.DataFrame
        Columns weights, year, neighbours_mean, effective_neighbours, spectral_radius, mean_row_sum.
    """
    years = [FROZEN_YEAR, LATER_YEAR]
    kept = weights.take(years)
    sizes = kept.summary()[["neighbours_mean", "effective_neighbours", "spectral_radius"]].reset_index()
    return sizes.assign(mean_row_sum=kept.array().sum(axis=2).mean(axis=1), weights=name)[
        ["weights", *sizes, "mean_row_sum"]
    ]


def ring_decay(study: Study) -> DecayFindings:
    """Estimate spillovers by ring of travel time on both strands.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    DecayFindings
        Tables ready to print; nothing is drawn at random.
    """
    curves: dict[tuple[str, str], DecayCurve] = {
        (strand.name, model): curve_of(strand, model, study)
        for strand in both_strands(study)
        for model in DECAY_MODELS
    }
    names = ["strand", "model"]
    longest = max((curve.pairs for curve in curves.values()), key=len)
    return DecayFindings(
        curves,
        spillovers=joined([(key, curve.spillovers) for key, curve in curves.items()], names),
        parameters=joined([(key, curve.parameters) for key, curve in curves.items()], names),
        tests=joined([(key, curve.tests) for key, curve in curves.items()], names),
        pairs=longest,
    )


def curve_of(strand: Strand, model: DecayModel, study: Study) -> DecayCurve:
    """Estimate one decay curve.

    Parameters
    ----------
    strand : Strand
        Data, formula and effects.
    model : {"SLX", "SDM"}
        The model.
    study : Study
        Times.

    Returns
    -------
    DecayCurve
        The curve; warnings of weak identification stay in its results.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakIdentificationWarning)
        return decay_curve(
            strand.data, strand.formula, times=study.times, model=model, effects=strand.effects
        )
