"""Which flagged values of the panel a model has used."""

import pandas as pd
from formulaic import Formula

from yrdspatial.models.specification import Design

COLUMNS = ("unit", "year", "variable", "flag")


def used_flags(design: Design) -> pd.DataFrame:
    """Return the flags of the variables, units and years of a model.

    Parameters
    ----------
    design : Design
        The request and its sample.

    Returns
    -------
    DataFrame
        Columns unit, year, variable, flag; empty for data that are no Panel.
    """
    sample = design.sample
    if sample.flags is None:
        return pd.DataFrame(columns=list(COLUMNS))
    flags = sample.flags
    names = {str(name) for name in Formula(design.spec.formula).required_variables}
    inside = flags["unit"].isin(sample.units) & flags["year"].isin(sample.periods)
    return flags.loc[inside & flags["variable"].isin(names)].reset_index(drop=True)
