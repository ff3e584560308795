"""How concentrated: Herfindahl, entropy, concentration ratio, and the locational Gini in its three normalizations."""

from typing import Literal

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.industry.location_quotient import Reference, reference_amounts
from yrdspatial.industry.specialization import localization_shares, structures
from yrdspatial.industry.table import Floats, SectorTable, as_sectors, describe, divide, require
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.panel.labels import panel_index
from yrdspatial.panel.panel import Panel

Of = Literal["units", "sectors"]
Normalization = Literal["lorenz", "half", "quotients"]
NORMALIZATIONS = {
    "lorenz": "twice the area between Lorenz curve and diagonal, at most 1 - smallest weight",
    "half": "the area itself, at most 0.5",
    "quotients": "unweighted Gini of the location quotients, at most (n - 1) / n",
}


def herfindahl(table: pd.DataFrame | Panel, *, normalized: bool = False, of: Of = "units") -> pd.Series:
    """Herfindahl index: the sum of squared shares.

    Of units: sum_k s_ik^2 over the sectors of a unit. Of sectors: sum_i z_ik^2 over the units of a sector. In
    [1/n, 1] for n shares; normalized (H - 1/n) / (1 - 1/n) in [0, 1].

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year).
    normalized : bool
        Correct for the number of shares.
    of : {"units", "sectors"}
        Concentration of units on sectors, or of sectors on units.

    Returns
    -------
    pandas.Series
        Index unit or sector, with year in a panel. Without any amount NaN; one share, normalized, is 0/0, NaN.

    References
    ----------
    Herfindahl, O. C. (1950), Concentration in the steel industry; Hirschman, A. O. (1964), American Economic Review
    54, 761.

    Examples
    --------
    >>> herfindahl(pd.DataFrame([[20, 50, 20, 10]], index=["A"]), normalized=True).round(4).tolist()
    [0.12]
    """
    data, shares = _shares(table, of)
    values, n = (shares**2).sum(axis=2), shares.shape[2]
    values = divide(values - 1 / n, 1 - 1 / n) if normalized else values
    variant = f"of {of}, {'normalized' if normalized else 'plain'}, {n} shares"
    return describe(_label(data, values, of, "herfindahl"), data, "Herfindahl index", variant=variant)


def entropy(table: pd.DataFrame | Panel, *, normalized: bool = False, of: Of = "units") -> pd.Series:
    """Shannon entropy of shares: the diversity that Herfindahl lacks.

    -sum s ln s with 0 ln 0 = 0, in [0, ln n]; normalized by ln n in [0, 1].

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year).
    normalized : bool
        Divide by ln n.
    of : {"units", "sectors"}
        Diversity of the sectors of a unit, or of the units of a sector.

    Returns
    -------
    pandas.Series
        Index unit or sector, with year in a panel. Without any amount NaN.

    References
    ----------
    Shannon, C. E. (1948), Bell System Technical Journal 27, 379-423; Theil, H. (1967), Economics and information
    theory.

    Examples
    --------
    >>> entropy(pd.DataFrame([[1, 1, 0]], index=["A"])).round(6).tolist()
    [0.693147]
    """
    data, shares = _shares(table, of)
    n = shares.shape[2]
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    values = -(shares * logs).sum(axis=2)
    values = divide(values, np.log(n)) if normalized else values
    variant = f"of {of}, {'normalized by ln n' if normalized else 'natural logarithm'}, {n} shares"
    return describe(_label(data, values, of, "entropy"), data, "entropy", variant=variant)


def concentration_ratio(
    table: pd.DataFrame | Panel, k: int = 5, *, total: pd.Series | None = None
) -> pd.Series:
    """Concentration ratio CR-k: the share of the k largest sectors of a unit.

    In (0, 1]. Where a yearbook lists only the main sectors, pass the printed total: the sum of what is listed makes
    the ratio too large. A unit with k sectors or fewer has the ratio of all that is listed.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year).
    k : int
        How many sectors.
    total : pandas.Series, optional
        Printed totals, indexed like the rows of the table; the sum of the sectors when left out.

    Returns
    -------
    pandas.Series
        Index unit or (unit, year). A total of zero is NaN.

    Raises
    ------
    DataError
        If k is below one, or a printed total is smaller than the k largest sectors.

    References
    ----------
    Bain, J. S. (1956), Barriers to new competition.

    Examples
    --------
    >>> listed = pd.DataFrame([[30, 20, 12, 8, 6, 5]], index=["A"])
    >>> concentration_ratio(listed, total=pd.Series({"A": 100})).tolist()
    [0.76]
    """
    if k < 1:
        raise DataError(
            "a concentration ratio needs at least one sector", where=f"k={k}", cure="k=5 is usual"
        )
    data = as_sectors(table)
    largest = -np.sort(-data.amounts, axis=2)[:, :, :k].sum(axis=2)
    sums = data.amounts.sum(axis=2) if total is None else _totals(data, total)
    result = data.by_unit(divide(largest, sums), f"cr{k}")
    if (result > 1 + 1e-9).any():
        where = shorten([row_name(label) for label in result.index[result > 1 + 1e-9]])
        raise DataError(
            "a total is below its largest sectors", where=where, cure="check the unit of the totals"
        )
    area = "sum of the sectors" if total is None else "printed total"
    variant = f"{k} largest of {len(data.sectors)} sectors"
    return describe(result, data, f"concentration ratio CR{k}", reference=area, variant=variant)


def locational_gini(
    table: pd.DataFrame | Panel,
    *,
    of: Of = "sectors",
    normalization: Normalization = "lorenz",
    reference: Reference = "region",
) -> pd.Series:
    """Locational Gini coefficient: how far shares depart from the shares of everything.

    Of sectors: Lorenz curve of the shares z of a sector over units against the shares x of everything. Of units: the
    shares s over sectors against the structure of the reference. Ordered by the quotient of the two. Software uses
    three normalizations under one name.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Amounts, units x sectors (one year) or indexed (unit, year).
    of : {"sectors", "units"}
        Concentration of sectors over units, or specialization of units over sectors.
    normalization : {"lorenz", "half", "quotients"}
        Twice the area between curve and diagonal, at most one minus the smallest weight; the area, at most 0.5
        (EconGeo); or the unweighted Gini of the location quotients, at most (n - 1) / n (REAT).
    reference : {"region", "nation"}, Series or DataFrame
        Reference structure for ``of="units"``, as in :func:`~yrdspatial.location_quotient`.

    Returns
    -------
    pandas.Series
        Index sector or unit, with year in a panel. Without any amount NaN.

    References
    ----------
    Krugman, P. (1991), Geography and trade, ch. 2; Farhauer, O. and Kröll, A. (2014), Standorttheorien
    (quotients).

    Examples
    --------
    >>> table = pd.DataFrame([[60, 30, 10], [20, 20, 60], [20, 50, 30]], index=list("ABC"))
    >>> locational_gini(table, of="sectors").round(4).tolist()
    [0.2667, 0.2, 0.3333]
    """
    require(of, ("units", "sectors"), "of")
    require(normalization, NORMALIZATIONS, "normalization")
    data = as_sectors(table)
    if of == "units":
        amounts, area = reference_amounts(data, reference)
        shares, weights = structures(data.amounts), structures(amounts)
    else:
        unit_shares, sizes = localization_shares(data.amounts)
        shares, weights, area = unit_shares.swapaxes(1, 2), sizes.swapaxes(1, 2), "all sectors"
    values = _gini(shares, np.broadcast_to(weights, shares.shape), normalization)
    variant = f"of {of}, {NORMALIZATIONS[normalization]}"
    result = _label(data, values, of, "locational_gini")
    return describe(result, data, "locational Gini", reference=area, variant=variant)


def _gini(shares: Floats, weights: Floats, normalization: Normalization) -> Floats:
    quotients = divide(shares, weights)
    if normalization == "quotients":
        quotients, n = np.sort(quotients, axis=2), shares.shape[2]
        ranks = 2 * np.arange(1, n + 1) - n - 1
        return divide((ranks * quotients).sum(axis=2), n * quotients.sum(axis=2))
    order = np.argsort(quotients, axis=2)
    steps, shares = (np.take_along_axis(part, order, axis=2) for part in (weights, shares))
    heights = np.cumsum(shares, axis=2)
    area = 1 - (steps * (2 * heights - shares)).sum(axis=2)
    return np.asarray(area / 2 if normalization == "half" else area)


def _shares(table: pd.DataFrame | Panel, of: Of) -> tuple[SectorTable, Floats]:
    require(of, ("units", "sectors"), "of")
    data = as_sectors(table)
    return data, structures(data.amounts if of == "units" else data.amounts.swapaxes(1, 2))


def _label(data: SectorTable, values: Floats, of: Of, name: str) -> pd.Series:
    return data.by_unit(values, name) if of == "units" else data.by_sector(values, name)


def _totals(data: SectorTable, total: pd.Series) -> Floats:
    rows = data.by_unit(data.amounts.sum(axis=2), "total")
    labelled = total.set_axis(panel_index(total.index)) if total.index.nlevels == 2 else total
    if labelled.index.has_duplicates or not rows.index.isin(labelled.index).all():
        lacking = [row_name(label) for label in rows.index[~rows.index.isin(labelled.index)]]
        cure = "index the totals like the rows of the table, each label once"
        raise AlignmentError("totals do not fit the table", where=shorten(lacking), cure=cure)
    values = labelled.reindex(rows.index).to_numpy(dtype=float)
    return values.reshape(len(data.units), -1).T
