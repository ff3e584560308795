"""Labels back on the arrays: tables by cohort and year, weights by unit and year."""

import numpy as np
import pandas as pd

from yrdspatial.models.within import FloatArray, IntArray
from yrdspatial.treatment.request import Request


def cohort_table(request: Request, cohorts: IntArray, periods: IntArray, table: pd.DataFrame) -> pd.DataFrame:
    """Label estimates by cohort and year.

    Parameters
    ----------
    request : Request
        The labels.
    cohorts, periods : ndarray of int, shape (q,)
        First treated period and period.
    table : DataFrame
        With ``estimate`` and ``std_error``, q rows.

    Returns
    -------
    DataFrame
        ``cohort``, ``year``, ``estimate``, ``std_error``.
    """
    years = request.periods.to_numpy()
    values = {name: table[name].to_numpy() for name in ("estimate", "std_error")}
    return pd.DataFrame({"cohort": years[cohorts], "year": years[periods], **values})


def outcome_weights(request: Request, weights: FloatArray) -> pd.DataFrame:
    """Label weights on outcomes.

    Parameters
    ----------
    request : Request
        The labels.
    weights : ndarray, shape (T N,)
        Weights in the order period, unit.

    Returns
    -------
    DataFrame
        ``unit``, ``year``, ``treated``, ``weight``.
    """
    periods, units = request.sample.y.shape
    return pd.DataFrame(
        {
            "unit": np.tile(request.units.to_numpy(), periods),
            "year": np.repeat(request.periods.to_numpy(), units),
            "treated": request.sample.treated.ravel(),
            "weight": weights,
        }
    )
