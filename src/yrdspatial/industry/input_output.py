"""Transfer seen through an input-output table: how final demand elsewhere moves output here."""

import numpy as np
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.industry.table import stamp
from yrdspatial.panel.gaps import row_name, shorten


def leontief_inverse(coefficients: pd.DataFrame) -> pd.DataFrame:
    """Leontief inverse of an interregional table of input coefficients.

    Parameters
    ----------
    coefficients : pandas.DataFrame
        A, input of the row per unit of output of the column; square, the same labels on both sides.

    Returns
    -------
    pandas.DataFrame
        B = (I - A)^-1, the labels of A.

    Raises
    ------
    AlignmentError
        If rows and columns have other labels.
    DataError
        If a coefficient is missing or negative, or the table is not productive (its spectral radius is one or more).

    References
    ----------
    Leontief, W. (1936), Review of Economics and Statistics 18, 105-125; Miller, R. E. and Blair, P. D. (2009),
    Input-output analysis, ch. 2 and 3.

    Examples
    --------
    >>> A = pd.DataFrame([[0.2, 0.1], [0.1, 0.3]], index=["r", "s"], columns=["r", "s"])
    >>> leontief_inverse(A).round(6).loc["r"].tolist()
    [1.272727, 0.181818]
    """
    different = coefficients.index.symmetric_difference(coefficients.columns)
    if len(different) or coefficients.index.has_duplicates:
        where = shorten([row_name(label) for label in different]) or "a label is there twice"
        raise AlignmentError("rows and columns differ", where=where, cure="use the same labels on both sides")
    A = coefficients[list(coefficients.index)].to_numpy(dtype=float)
    if not (A >= 0).all() or np.abs(np.linalg.eigvals(A)).max() >= 1:
        cure = "coefficients are zero or more, and inputs cost less than the output"
        raise DataError("the table is not productive", where=f"{len(A)} x {len(A)} coefficients", cure=cure)
    return pd.DataFrame(np.linalg.inv(np.eye(len(A)) - A), coefficients.index, coefficients.index)


def input_output_transfer(
    coefficients: pd.DataFrame, demand0: pd.DataFrame, demand1: pd.DataFrame
) -> pd.DataFrame:
    """Output that moved between two dates because final demand moved, by producer and place of demand.

    transfer = B (F_1 - F_0) with constant technology B = (I - A)^-1. Interregional tables exist for a few years only,
    and those of cities come from models.

    Parameters
    ----------
    coefficients : pandas.DataFrame
        Input coefficients A, square (regions, or regions by sector).
    demand0, demand1 : pandas.DataFrame
        Final demand for the goods of the row by the region of the column, at the two dates, in the same prices.

    Returns
    -------
    pandas.DataFrame
        Rows of A x columns of the demand, in the unit of the demand.

    Raises
    ------
    AlignmentError
        If the labels of the three tables do not fit.

    References
    ----------
    Miller and Blair (2009), ch. 3, interregional models.

    Examples
    --------
    >>> A = pd.DataFrame([[0.2, 0.1], [0.1, 0.3]], index=["r", "s"], columns=["r", "s"])
    >>> before = pd.DataFrame([[80, 20], [10, 60]], index=["r", "s"], columns=["r", "s"])
    >>> after = pd.DataFrame([[90, 30], [12, 90]], index=["r", "s"], columns=["r", "s"])
    >>> input_output_transfer(A, before, after).round(4).loc["r"].tolist()
    [13.0909, 18.1818]
    """
    inverse = leontief_inverse(coefficients)
    parts = [part.index.symmetric_difference(inverse.index) for part in (demand0, demand1)]
    different = [*parts[0], *parts[1], *demand0.columns.symmetric_difference(demand1.columns)]
    if different:
        where = shorten([row_name(label) for label in different])
        raise AlignmentError(
            "the tables have other labels", where=where, cure="use the labels of the coefficients"
        )
    change = demand1.loc[inverse.index, demand0.columns] - demand0.loc[inverse.index]
    return stamp(
        inverse @ change, measure="input-output transfer", variant="constant technology of the coefficients"
    )
