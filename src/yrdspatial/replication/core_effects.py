"""From core to periphery: what a change in Shanghai, or in the core around it, does to the rest of the delta."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from yrdspatial.autocorrelation.adjustment import adjust
from yrdspatial.models.estimators import SDM
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.spillovers import effect_matrix, effects_between_groups
from yrdspatial.replication.fits import both_strands, fitted
from yrdspatial.replication.strands import Strand
from yrdspatial.replication.study import Study
from yrdspatial.replication.subregions import members_of, sub_regions
from yrdspatial.weights.rail import rail_weights
from yrdspatial.weights.series import WeightsSeries

SHANGHAI = 310000
CORE = ("苏南", "环杭州湾")
FAR = ("皖北", "苏北")
NEAR = ("苏中", "皖江")
SHARED = "log_gdp_head"
TAU = 30.0


@dataclass(frozen=True)
class CoreEffects:
    """What the core does to the periphery, on both strands.

    Attributes
    ----------
    reach : pandas.DataFrame
        Columns strand, weights, sends ("Shanghai", "core"), receives (named set), variable, estimate (mean over
        receivers of the sum over senders, of one unit of the variable), std_error, zstat, pvalue, lower, upper,
        p_fdr (over all rows), direct (mean effect of the own variable).
    regions : pandas.DataFrame
        Columns strand, weights, receives, sends, estimate, std_error, zstat, pvalue, lower, upper: GDP per head, nine
        sub-regions to nine, own effects left out.
    links : pandas.DataFrame
        Columns weights, receives, share: mean weight that Shanghai has in the rows of a set, over the years.
    """

    reach: pd.DataFrame
    regions: pd.DataFrame
    links: pd.DataFrame


def core_effects(study: Study) -> CoreEffects:
    """Estimate how far a change in the core reaches.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    CoreEffects
        Effects with standard errors by the delta method.
    """
    families = {
        "contiguity": study.weights["contiguity"],
        "rail": study.weights["rail"],
        "rail_decay": rail_weights(study.times, decay="exponential", tau=TAU),
    }
    tables = []
    for strand in both_strands(study):
        for name, weights in families.items():
            labels = {"strand": strand.name, "weights": name}
            tables.append(effects_of(fit_durbin(strand, weights)).assign(**labels))
    table = pd.concat(tables, ignore_index=True)
    table = table[["strand", "weights", *table.columns.drop(["strand", "weights"])]]
    reach = table[table["sends"].isin(senders()) & table["receives"].isin([*FAR, *NEAR])]
    regions = sub_regions()
    inside = table["sends"].isin(regions) & table["receives"].isin(regions) & (table["variable"] == SHARED)
    return CoreEffects(
        reach=reach.assign(p_fdr=adjust(reach["pvalue"].to_numpy())).reset_index(drop=True),
        regions=table[inside].drop(columns=["variable", "direct"]).reset_index(drop=True),
        links=links_of(families),
    )


def fit_durbin(strand: Strand, weights: WeightsSeries) -> SpatialPanelResults:
    """Fit the Durbin model of a strand.

    Parameters
    ----------
    strand : Strand
        Data, formula and effects.
    weights : WeightsSeries
        The weights.

    Returns
    -------
    SpatialPanelResults
        The estimates; warnings of weak identification stay in the results.
    """
    return fitted(SDM(strand.data, strand.formula, weights=weights, effects=strand.effects))


def senders() -> dict[str, list[int]]:
    """Name the two cores: Shanghai alone, and Shanghai with southern Jiangsu and the cities around Hangzhou Bay.

    Returns
    -------
    dict of str to list of int
        Codes.

    Examples
    --------
    >>> {name: len(codes) for name, codes in senders().items()}
    {'Shanghai': 1, 'core': 12}
    """
    around = {code for codes in members_of(*CORE).values() for code in codes}
    return {"Shanghai": [SHANGHAI], "core": [SHANGHAI, *sorted(around)]}


def effects_of(results: SpatialPanelResults) -> pd.DataFrame:
    """Find what every regressor of each set of cities does to each set.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model.

    Returns
    -------
    pandas.DataFrame
        Columns variable, direct, and those of `effects_between_groups`.
    """
    groups = {**sub_regions(), **members_of(*FAR, *NEAR), **senders()}
    tables = []
    for name in results.spec.terms:
        direct = effect_matrix(results, name).to_numpy().diagonal().mean()
        table = effects_between_groups(results, groups, name)
        tables.append(table.assign(variable=name, direct=direct))
    return pd.concat(tables, ignore_index=True)


def links_of(families: Mapping[str, WeightsSeries]) -> pd.DataFrame:
    """Measure the weight that Shanghai has in the rows of the receiving sets.

    Parameters
    ----------
    families : mapping of str to WeightsSeries
        Weights by name.

    Returns
    -------
    pandas.DataFrame
        As ``CoreEffects.links``.
    """
    rows = []
    for name, weights in families.items():
        column = weights.array()[:, :, weights.units.get_loc(SHANGHAI)].mean(axis=0)
        share = pd.Series(column, weights.units)
        rows += [
            {"weights": name, "receives": region, "share": float(share.loc[codes].mean())}
            for region, codes in members_of(*FAR, *NEAR).items()
        ]
    return pd.DataFrame(rows)
