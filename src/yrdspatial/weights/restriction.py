"""Weights on some of the units, which may differ from year to year: what is kept, how it is scaled, what is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.industry.table import require
from yrdspatial.weights.matrices import canonical, row_sums, scaled_rows
from yrdspatial.weights.series import WeightsSeries

Rescale: TypeAlias = Literal["row", "none"]
ROUNDING = 1e-9


@dataclass(frozen=True)
class Restricted:
    """Weights of some units by year (made by :func:`restrict_weights`).

    Attributes
    ----------
    matrices : dict of int to csr_array
        Weights of each year, of shape (N_t, N_t).
    units : dict of int to Index
        The units of each year, in the order of rows and columns.
    rescale : str
        "row" or "none".
    report : DataFrame
        Index year: ``weights_lost``, the share of the weight of the rows kept that pointed to units left out, and
        ``new_islands``, how many of them are without neighbours for that reason.
    """

    matrices: dict[int, csr_array]
    units: "dict[int, pd.Index[Any]]"
    rescale: str
    report: pd.DataFrame

    def frame(self, year: int) -> pd.DataFrame:
        """Return the weights of a year as a labelled table.

        Parameters
        ----------
        year : int
            The year.

        Returns
        -------
        DataFrame, shape (N_t, N_t)
            The weights.
        """
        units = self.units[year]
        return pd.DataFrame(self.matrices[year].toarray(), units, units)


def restrict_weights(
    weights: WeightsSeries, kept: "Mapping[int, pd.Index[Any]]", *, rescale: Rescale | None = None
) -> Restricted:
    """Keep the rows and columns of some units in each year.

    Parameters
    ----------
    weights : WeightsSeries
        Weights of all units.
    kept : Mapping of int to Index
        The units that stay, by year.
    rescale : {"row", "none"}, optional
        "row" makes every row that is not empty sum to one again; "none" keeps the numbers. By default "row" for
        weights whose rows sum to one, "none" for others: a scale that all rows of a year share stays as it is.

    Returns
    -------
    Restricted
        The weights of each year.

    Examples
    --------
    >>> chain = pd.DataFrame([[0, 1, 0], [0.5, 0, 0.5], [0, 1, 0]], index=list("abc"), columns=list("abc"))
    >>> found = restrict_weights(WeightsSeries({2001: chain}), {2001: pd.Index(["a", "b"])})
    >>> found.frame(2001).loc["b", "a"].item(), round(found.report.loc[2001, "weights_lost"], 2).item()
    (1.0, 0.25)
    """
    if rescale is not None:
        require(rescale, get_args(Rescale), "rescale")
    years = sorted(kept)
    full = dict(zip(years, weights.sparse(years=years), strict=True))
    how = rescale or ("row" if all(map(_stochastic, full.values())) else "none")
    matrices, rows = {}, []
    for year in years:
        order = weights.units.get_indexer(kept[year])
        whole = full[year][order]
        part = canonical(whole[:, order])
        before, after = row_sums(canonical(whole)), row_sums(part)
        lost = 1.0 - after.sum() / before.sum() if before.sum() > 0 else 0.0
        rows.append((max(float(lost), 0.0), int(((after == 0) & (before > 0)).sum())))
        matrices[year] = scaled_rows(part, after) if how == "row" else part
    report = pd.DataFrame(rows, pd.Index(years, name="year"), columns=["weights_lost", "new_islands"])
    return Restricted(matrices, dict(kept), how, report)


def _stochastic(matrix: csr_array) -> bool:
    sums = row_sums(matrix)
    return bool(np.allclose(sums[sums > 0], 1.0, rtol=0, atol=ROUNDING))
