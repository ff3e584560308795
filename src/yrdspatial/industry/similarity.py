"""How alike are the structures of units: the UNIDO coefficient and its companion 1 - K/2."""

from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.industry.specialization import bilateral, structures
from yrdspatial.industry.table import Floats, as_sectors, describe, divide, require
from yrdspatial.panel.panel import Panel

Measure = Literal["unido", "krugman"]
Against = Literal["pairs", "mean", "region"]


def similarity(
    table: pd.DataFrame | Panel, *, measure: Measure = "unido", against: Against = "pairs"
) -> pd.DataFrame | pd.Series:
    """Similarity of industrial structures.

    UNIDO: S_ij = sum_k s_ik s_jk / sqrt(sum_k s_ik^2 sum_k s_jk^2), the cosine, in [0, 1]; it is dominated by the
    largest sectors and near one for few sectors. Krugman: 1 - K_ij / 2, in [0, 1]. Say the number of sectors beside
    any value: it is in ``attrs["variant"]``.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year); shares give the same.
    measure : {"unido", "krugman"}
        Which coefficient.
    against : {"pairs", "mean", "region"}
        The matrix of all pairs; the mean of a unit over the others; or the sum of all units, which is not the mean.

    Returns
    -------
    pandas.DataFrame or pandas.Series
        Pairs: index unit or (unit, year), one column a unit. Mean and region: one value a row. A unit without any
        amount is NaN, and so are its pairs.

    References
    ----------
    UNIDO (1979), World industry since 1960: progress and prospects.

    Examples
    --------
    >>> table = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"))
    >>> similarity(table).round(4).loc["A"].tolist()
    [1.0, 0.5335, 0.7175]
    """
    require(measure, ("unido", "krugman"), "measure")
    require(against, ("pairs", "mean", "region"), "against")
    data = as_sectors(table)
    structure, n = structures(data.amounts), len(data.units)
    variant = f"{measure}, {len(data.sectors)} sectors"
    title = "UNIDO structural similarity" if measure == "unido" else "structural similarity 1 - K/2"
    if against == "region":
        region = structures(data.amounts.sum(axis=1, keepdims=True))
        values = _pairs(np.concatenate([structure, region], axis=1), measure)[:, :n, n]
        result = data.by_unit(values, "similarity")
        return describe(result, data, title, reference=f"region: sum of the {n} units", variant=variant)
    matrix = _pairs(structure, measure)
    if against == "pairs":
        return describe(data.by_cell(matrix, data.units), data, title, reference="pairs", variant=variant)
    others = np.where(np.eye(n, dtype=bool), 0, matrix)
    result = data.by_unit(divide(others.sum(axis=2), n - 1), "similarity")
    return describe(result, data, title, reference="mean over the other units", variant=variant)


def _pairs(structure: Floats, measure: Measure) -> Floats:
    if measure == "krugman":
        return 1 - bilateral(structure) / 2
    unit_length = divide(structure, np.sqrt((structure**2).sum(axis=2, keepdims=True)))
    return np.minimum(unit_length @ unit_length.swapaxes(1, 2), 1.0)
