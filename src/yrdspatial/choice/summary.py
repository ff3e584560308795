"""How often a specification curve has which sign, and how often it is significant: over all, and by choice."""

import numpy as np
import pandas as pd

from yrdspatial.choice.choices import DIMENSIONS

ALL = "all"


def summarize_curve(table: pd.DataFrame, *, alpha: float = 0.05) -> pd.DataFrame:
    """Count signs and significance.

    Parameters
    ----------
    table : DataFrame
        Columns of the choices, estimate, pvalue, lower and upper, NaN where a specification could not be estimated.
    alpha : float
        Level of significance.

    Returns
    -------
    DataFrame
        Columns dimension ("all", then those with more than one choice), choice, specifications, estimated, median,
        low, high (quartiles), positive, negative, significant_positive, significant_negative (shares of those
        estimated).

    Examples
    --------
    >>> table = pd.DataFrame({"estimate": [1.0, -1.0, 2.0, np.nan], "pvalue": [0.01, 0.5, 0.02, np.nan]})
    >>> table = table.assign(**dict.fromkeys(DIMENSIONS, "same")).assign(model=["SAR", "SAR", "SDM", "SDM"])
    >>> summarize_curve(table)[["choice", "specifications", "estimated", "significant_positive"]].values.tolist()
    [['all', 4, 3, 0.6666666666666666], ['SAR', 2, 2, 0.5], ['SDM', 2, 1, 1.0]]
    """
    rows = [{"dimension": ALL, "choice": ALL, **_shares(table, alpha)}]
    for dimension in DIMENSIONS:
        if len(table[dimension].unique()) > 1:
            parts = table.groupby(dimension, sort=False)
            rows += [{"dimension": dimension, "choice": name, **_shares(part, alpha)} for name, part in parts]
    return pd.DataFrame(rows)


def _shares(part: pd.DataFrame, alpha: float) -> dict[str, float]:
    done = part.dropna(subset=["estimate"])
    estimate, clear = done["estimate"].to_numpy(), (done["pvalue"] < alpha).to_numpy()
    shares = {
        "positive": estimate > 0,
        "negative": estimate < 0,
        "significant_positive": clear & (estimate > 0),
        "significant_negative": clear & (estimate < 0),
    }
    quartiles = np.quantile(estimate, [0.5, 0.25, 0.75]) if len(done) else np.full(3, np.nan)
    return {
        "specifications": len(part),
        "estimated": len(done),
        **dict(zip(("median", "low", "high"), map(float, quartiles), strict=True)),
        **{name: float(one.mean()) if len(done) else float("nan") for name, one in shares.items()},
    }
