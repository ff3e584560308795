"""Findings on spillovers beyond one number: the growth of the network, and distance."""

import warnings
from dataclasses import dataclass, replace

import pandas as pd

from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.change import decompose_change
from yrdspatial.models.decay import DecayCurve, DecayModel, decay_curve
from yrdspatial.models.estimators import SDM
from yrdspatial.models.level import variables_of
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.replication.fits import both_strands, fitted, free_of_levels, joined
from yrdspatial.replication.strands import Strand
from yrdspatial.replication.study import FROZEN_YEAR, Study
from yrdspatial.weights.rail import rail_weights
from yrdspatial.weights.rings import RingScale
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.standardize import standardize

PERIODS = {"2006-2012": range(2006, 2013), "2013-2019": range(2013, 2020)}
LATER_YEAR = 2019
TAU = 30.0
DRAWS = 1000
DECAY_MODELS: tuple[DecayModel, ...] = ("SLX", "SDM")
SCALES: tuple[RingScale, ...] = ("joint", "row")


@dataclass(frozen=True)
class NetworkFindings:
    """How much of the change of spillovers from 2008 to 2019 the network made.

    Attributes
    ----------
    parameters : pandas.DataFrame
        Columns strand, weights, period, term ("rho"), estimate, std_error, zstat, pvalue, lower, upper of the SDM of
        each period.
    change : pandas.DataFrame
        Columns strand, weights ("rail": five nearest; "rail_common": exp(-minutes / 30) on the scale of 2008),
        variable, effect ("direct", "indirect", "total"), part ("before", "after", "change", "network",
        "coefficients"), estimate, std_error, zstat, pvalue, lower, upper (1,000 draws).
    network : pandas.DataFrame
        Columns weights, year (2008, 2019), neighbours_mean, effective_neighbours, spectral_radius, mean_row_sum.
    """

    parameters: pd.DataFrame
    change: pd.DataFrame
    network: pd.DataFrame


@dataclass(frozen=True)
class DecayFindings:
    """How far spillovers reach, by ring of travel time.

    Attributes
    ----------
    curves : dict of (str, str, str) to DecayCurve
        By strand, model ("SLX", "SDM") and scale of the rings ("joint", "row").
    spillovers : pandas.DataFrame
        Columns strand, model, scale, then those of ``DecayCurve.spillovers``: variable, ring, from_minutes,
        to_minutes, estimate, std_error, zstat, pvalue, lower, upper, per_link, per_link_error, pairs, minutes.
    parameters : pandas.DataFrame
        Columns strand, model, scale, term, ring, estimate, std_error, zstat, pvalue, lower, upper.
    tests : pandas.DataFrame
        Columns strand, model, scale, term, null, statistic, df, pvalue.
    pairs : pandas.DataFrame
        Columns year, ring, pairs, islands, minutes, for the years of the value-added strand.
    """

    curves: dict[tuple[str, str, str], DecayCurve]
    spillovers: pd.DataFrame
    parameters: pd.DataFrame
    tests: pd.DataFrame
    pairs: pd.DataFrame


def network_change(study: Study, *, seed: int) -> NetworkFindings:
    """Split the change of spillovers from 2008 to 2019 into the network and the coefficients.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of the draws behind errors and intervals: the parts are far from linear in rho.

    Returns
    -------
    NetworkFindings
        Tables ready to print. Five nearest neighbours, row-standardized, keep the size of the network fixed: only
        who is near changes. Weights that fall with minutes on the common scale of 2008 let it grow.
    """
    families = network_weights(study)
    models = {
        (strand.name, name, period): fitted(free_of_levels(SDM, in_period(strand, period), weights))
        for strand in both_strands(study)
        for name, weights in families.items()
        for period in PERIODS
    }
    pairs = [tuple((*key, period) for period in PERIODS) for key in dict.fromkeys(k[:2] for k in models)]
    return NetworkFindings(
        parameters=joined(
            ((key, rho_of(one)) for key, one in models.items()), ("strand", "weights", "period")
        ),
        change=joined(
            ((early[:2], split_change(models[early], models[late], seed)) for early, late in pairs),
            ("strand", "weights"),
        ),
        network=pd.concat([network_size(*one) for one in families.items()], ignore_index=True),
    )


def rho_of(results: SpatialPanelResults) -> pd.DataFrame:
    """Take the spatial parameter of a model.

    Parameters
    ----------
    results : SpatialPanelResults
        A model with one lag of y.

    Returns
    -------
    pandas.DataFrame
        One row: term, estimate, std_error, zstat, pvalue, lower, upper.
    """
    return results.to_frame().loc[["rho"]].rename_axis("term").reset_index()


def split_change(before: SpatialPanelResults, after: SpatialPanelResults, seed: int) -> pd.DataFrame:
    """Split the change of the effects of the variables from 2008 to 2019.

    Parameters
    ----------
    before, after : SpatialPanelResults
        The models of the two periods.
    seed : int
        Seed of the draws.

    Returns
    -------
    pandas.DataFrame
        As of ``decompose_change``, without the regressors that stand for levels.
    """
    table = decompose_change(
        before, after, years=(FROZEN_YEAR, LATER_YEAR), method="simulation", draws=DRAWS, seed=seed
    )
    return table[table["variable"].isin(variables_of(before.spec))]


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
    return replace(strand, data=strand.data.loc[kept], effects="twoways")


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
    kept = weights.take([FROZEN_YEAR, LATER_YEAR])
    sizes = kept.summary()[["neighbours_mean", "effective_neighbours", "spectral_radius"]].reset_index()
    sizes.insert(0, "weights", name)
    return sizes.assign(mean_row_sum=kept.array().sum(axis=2).mean(axis=1))


def ring_decay(study: Study) -> DecayFindings:
    """Estimate spillovers by ring of travel time on both strands.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    DecayFindings
        Tables ready to print.
    """
    curves: dict[tuple[str, str, str], DecayCurve] = {
        (strand.name, model, scale): curve_of(strand, study, model, scale)
        for strand in both_strands(study)
        for model in DECAY_MODELS
        for scale in SCALES
    }
    names = ("strand", "model", "scale")
    return DecayFindings(
        curves,
        spillovers=joined(((key, curve.spillovers) for key, curve in curves.items()), names),
        parameters=joined(((key, curve.parameters) for key, curve in curves.items()), names),
        tests=joined(((key, curve.tests) for key, curve in curves.items()), names),
        pairs=max((curve.pairs for curve in curves.values()), key=len),
    )


def curve_of(strand: Strand, study: Study, model: DecayModel, scale: RingScale) -> DecayCurve:
    """Estimate one decay curve.

    Parameters
    ----------
    strand : Strand
        Data, formula and effects.
    study : Study
        Times.
    model : {"SLX", "SDM"}
        The model.
    scale : {"joint", "row"}
        The scale of the rings.

    Returns
    -------
    DecayCurve
        The curve; warnings of weak identification stay in its results.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakIdentificationWarning)
        return decay_curve(
            strand.data,
            strand.formula,
            times=study.times,
            standardize=scale,
            model=model,
            effects=strand.effects,
        )
