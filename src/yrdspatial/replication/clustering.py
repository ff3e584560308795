"""Stage 3 of the main job: does specialization cluster, under contiguity and under the rail weights of the year."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from yrdspatial.autocorrelation.lisa import local_moran
from yrdspatial.autocorrelation.moran import moran
from yrdspatial.autocorrelation.results import Lisa
from yrdspatial.weights.series import WeightsSeries

LOCAL_VARIABLES = ("manufacturing", "producer_services_5", "va_secondary", "va_tertiary")


@dataclass(frozen=True)
class Clustering:
    """Global and local autocorrelation of the main job.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns weights, variable, year, I, expected, z_norm, p_norm, z_rand, p_rand, p_sim.
    local : mapping of (weights, variable) to Lisa
        Local Moran with FDR clusters; the family of tests is all units and years of the variable.
    """

    table: pd.DataFrame
    local: Mapping[tuple[str, str], Lisa]


def measure_clustering(
    measures: Mapping[str, pd.Series], weights: Mapping[str, WeightsSeries], *, permutations: int, seed: int
) -> Clustering:
    """Run Moran's I on every measure under contiguity and rail, and local Moran on the four main ones.

    Parameters
    ----------
    measures : mapping of str to pandas.Series
        Measures indexed (unit, year).
    weights : mapping of str to WeightsSeries
        Weights by name.
    permutations : int
        Number of permutations.
    seed : int
        Seed of every permutation test.

    Returns
    -------
    Clustering
        The table of global statistics and the local ones.
    """
    tables, local = [], {}
    for family in ("contiguity", "rail"):
        for name, values in measures.items():
            series = values.rename(name)
            result = moran(series, weights[family], permutations=permutations, seed=seed)
            tables.append(result.assign(weights=family))
            if name in LOCAL_VARIABLES:
                local[family, name] = local_moran(
                    series, weights[family], permutations=permutations, seed=seed
                )
    table = pd.concat(tables, ignore_index=True)
    return Clustering(table[["weights", *table.columns.drop("weights")]], local)
