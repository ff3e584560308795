"""How special is the structure of a unit: Krugman, Hoover, and their many variants, each named."""

from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.industry.location_quotient import Reference, reference_amounts
from yrdspatial.industry.table import Floats, SectorTable, as_sectors, describe, divide, require
from yrdspatial.panel.panel import Panel

Versus = Literal["total", "rest", "others", "pairs", "nation"]
VERSUS = {
    "total": "all units together",
    "rest": "all other units together",
    "others": "unweighted mean structure of the other units",
    "pairs": "mean over the other units, one by one",
    "nation": "prefecture-level cities of China",
}


def krugman_index(table: pd.DataFrame | Panel, *, versus: Versus, halved: bool = False) -> pd.Series:
    """Krugman specialization index: the sum of absolute differences between two structures.

    K_i = sum_k |s_ik - S_k|, in [0, 2), halved in [0, 1). It depends on the number of sectors; against ``"total"``
    it is pulled to zero for a unit that is a large part of the total, which ``"rest"`` avoids.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year).
    versus : {"total", "rest", "others", "pairs", "nation"}
        S_k of all units together; of all other units together; the unweighted mean of the structures of the others;
        the mean of the bilateral indices with the others; or the nation (employment, 2003-2019).
    halved : bool
        Divide by two.

    Returns
    -------
    pandas.Series
        Index unit or (unit, year). A unit without any amount is NaN.

    Raises
    ------
    SpecificationError
        If one unit has no others to compare with.

    References
    ----------
    Krugman, P. (1991), Geography and trade, p. 76; Midelfart-Knarvik et al. (2000), The location of
    European industry (versus the rest).

    Examples
    --------
    >>> table = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"))
    >>> krugman_index(table, versus="rest").round(2).tolist()
    [0.8, 0.8, 0.5]
    """
    data = as_sectors(table)
    if versus not in VERSUS:
        raise SpecificationError(
            "no such variant", where=f"versus={versus}", cure=f"one of {', '.join(VERSUS)}"
        )
    if len(data.units) < 2 and versus in {"rest", "others", "pairs"}:
        cure = "use more units or another variant"
        raise SpecificationError(
            "one unit has no others to compare with", where=f"versus={versus}", cure=cure
        )
    values = _krugman(data, versus) / (2 if halved else 1)
    variant = f"versus {versus}, {'halved' if halved else 'not halved'}, {len(data.sectors)} sectors"
    return describe(
        data.by_unit(values, "krugman_index"),
        data,
        "Krugman specialization index",
        reference=VERSUS[versus],
        variant=variant,
    )


def _krugman(data: SectorTable, versus: Versus) -> Floats:
    structure = structures(data.amounts)
    n = len(data.units)
    if versus == "pairs":
        return divide(bilateral(structure).sum(axis=2), n - 1)
    if versus == "others":
        other = (structure.sum(axis=1, keepdims=True) - structure) / (n - 1)
    elif versus == "rest":
        other = structures(data.amounts.sum(axis=1, keepdims=True) - data.amounts)
    else:
        other = structures(reference_amounts(data, "nation" if versus == "nation" else "region")[0])
    return np.asarray(np.abs(structure - other).sum(axis=2))


def structures(values: Floats) -> Floats:
    """Return shares of sectors in units.

    Parameters
    ----------
    values : ndarray, shape (T, N, K)
        Amounts.

    Returns
    -------
    ndarray, shape (T, N, K)
        s_ik, rows sum to one; NaN for a unit without any amount.

    Examples
    --------
    >>> structures(np.array([[[1.0, 3.0]]]))
    array([[[0.25, 0.75]]])
    """
    return divide(values, values.sum(axis=2, keepdims=True))


def bilateral(structure: Floats) -> Floats:
    """Return bilateral Krugman indices.

    Parameters
    ----------
    structure : ndarray, shape (T, N, K)
        Shares of sectors in units.

    Returns
    -------
    ndarray, shape (T, N, N)
        sum_k |s_ik - s_jk|, zero on the diagonal.

    Examples
    --------
    >>> bilateral(np.array([[[1.0, 0.0], [0.0, 1.0]]]))[0].tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    shares = np.moveaxis(structure, 2, 0)
    result = np.zeros((structure.shape[0], structure.shape[1], structure.shape[1]))
    for share in shares:  # by sector, so that memory stays at T N^2
        result += np.abs(share[:, :, None] - share[:, None, :])
    return result


def krugman_matrix(table: pd.DataFrame | Panel, *, halved: bool = False) -> pd.DataFrame:
    """Bilateral Krugman indices of all pairs of units.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year).
    halved : bool
        Divide by two.

    Returns
    -------
    pandas.DataFrame
        Index unit or (unit, year), one column a unit; symmetric within a year.

    References
    ----------
    Krugman, P. (1991), Geography and trade, p. 76.

    Examples
    --------
    >>> table = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"))
    >>> krugman_matrix(table).round(2).loc["A"].tolist()
    [0.0, 1.0, 0.8]
    """
    data = as_sectors(table)
    values = bilateral(structures(data.amounts)) / (2 if halved else 1)
    variant = f"bilateral, {'halved' if halved else 'not halved'}, {len(data.sectors)} sectors"
    return describe(data.by_cell(values, data.units), data, "Krugman specialization index", variant=variant)


def hoover_index(
    table: pd.DataFrame | Panel, *, of: Literal["units", "sectors"], reference: Reference = "region"
) -> pd.Series:
    """Hoover index of specialization (of units) or of localization (of sectors).

    Half the sum of |s_ik - S_k| over sectors, or half the sum of |z_ik - x_i| over units, where z_ik is the share of
    unit i in sector k and x_i its share in everything. In [0, 1): the part that would have to move.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year).
    of : {"units", "sectors"}
        Specialization of units or localization of sectors.
    reference : {"region", "nation"}, Series or DataFrame
        Reference of the specialization, as in :func:`~yrdspatial.location_quotient`; localization has no other
        than the region.

    Returns
    -------
    pandas.Series
        Index unit, or sector; with year in a panel. A unit or sector without any amount is NaN.

    Raises
    ------
    SpecificationError
        If localization is asked against another reference.

    References
    ----------
    Hoover, E. M. (1936), The measurement of industrial localization, Review of Economics and Statistics 18, 162-171.

    Examples
    --------
    >>> table = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"))
    >>> hoover_index(table, of="units").round(4).tolist()
    [0.2667, 0.2667, 0.1667]
    """
    require(of, ("units", "sectors"), "of")
    data = as_sectors(table)
    if of == "units":
        amounts, area = reference_amounts(data, reference)
        values = np.abs(structures(data.amounts) - structures(amounts)).sum(axis=2) / 2
        result = data.by_unit(values, "hoover_index")
        return describe(result, data, "Hoover index", reference=area, variant="specialization of units")
    if not (isinstance(reference, str) and reference == "region"):
        cure = 'of="sectors" needs reference="region"'
        raise SpecificationError("localization has no other reference", where="reference", cure=cure)
    unit_shares, sizes = localization_shares(data.amounts)
    result = data.by_sector(np.abs(unit_shares - sizes).sum(axis=1) / 2, "hoover_index")
    return describe(result, data, "Hoover index", reference="all sectors", variant="localization of sectors")


def localization_shares(values: Floats) -> tuple[Floats, Floats]:
    """Return shares of units in sectors and in everything.

    Parameters
    ----------
    values : ndarray, shape (T, N, K)
        Amounts.

    Returns
    -------
    unit_shares : ndarray, shape (T, N, K)
        z_ik, columns sum to one; NaN for a sector without any amount.
    sizes : ndarray, shape (T, N, 1)
        x_i.

    Examples
    --------
    >>> localization_shares(np.array([[[1.0, 1.0], [3.0, 1.0]]]))[1].ravel().round(3).tolist()
    [0.333, 0.667]
    """
    totals = values.sum(axis=2, keepdims=True)
    return divide(values, values.sum(axis=1, keepdims=True)), divide(
        totals, totals.sum(axis=1, keepdims=True)
    )
