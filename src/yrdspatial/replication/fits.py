"""Fits of the strands that do not hang on the zero of a scale, and how their tables are stacked."""

import warnings
from collections.abc import Iterable, Mapping

import pandas as pd

from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.level import level_free
from yrdspatial.models.model import Bias, Model
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.replication.strands import Strand, employment_strand, value_added_strand
from yrdspatial.replication.study import Study
from yrdspatial.weights.series import WeightsSeries


def free_of_levels(
    estimator: type[Model], strand: Strand, weights: WeightsSeries | Mapping[str, WeightsSeries]
) -> Model:
    """Ask for a model of a strand whose estimates do not hang on the zero of a scale.

    Parameters
    ----------
    estimator : class
        SAR or SDM.
    strand : Strand
        Data, formula and effects.
    weights : WeightsSeries, or mapping of str to WeightsSeries
        The weights.

    Returns
    -------
    Model
        As of ``level_free``.
    """
    return level_free(estimator, strand.data, strand.formula, weights=weights, effects=strand.effects)


def fitted(request: Model, bias: Bias = "adjusted") -> SpatialPanelResults:
    """Fit a model; warnings of weak identification stay in the results.

    Parameters
    ----------
    request : Model
        The model.
    bias : {"adjusted", "none"}
        Whether the bias of the fixed effects is removed.

    Returns
    -------
    SpatialPanelResults
        The estimates.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakIdentificationWarning)
        return request.fit(bias=bias)


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


def joined(tables: Iterable[tuple[tuple[str, ...], pd.DataFrame]], names: Iterable[str]) -> pd.DataFrame:
    """Stack tables with their keys as columns.

    Parameters
    ----------
    tables : iterable of (tuple, pandas.DataFrame)
        Labels and tables.
    names : iterable of str
        Names of the labels.

    Returns
    -------
    pandas.DataFrame
        The labels first.
    """
    heads = list(names)
    labelled = [
        table.assign(**dict(zip(heads, key, strict=True)))[[*heads, *table.columns]] for key, table in tables
    ]
    return pd.concat(labelled, ignore_index=True)
