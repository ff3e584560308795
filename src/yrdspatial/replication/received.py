"""What each city receives from the others in a year: the effects of a fitted model times what the others were."""

import pandas as pd

from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.spillovers import effect_matrix


def spillover_received(results: SpatialPanelResults, values: pd.Series, variable: str) -> pd.DataFrame:
    """Add up what the other cities' values of a regressor mean for each city, year by year.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with spatial terms.
    values : pandas.Series
        The regressor, indexed (unit, year), of the sample.
    variable : str
        Its name in the model.

    Returns
    -------
    pandas.DataFrame
        Units x years, in units of the explained variable: sum over j other than i of (effect of j on i in the year) x
        (value of j), minus the mean of the year over the units, which the year effect takes up.

    References
    ----------
    LeSage and Pace (2009), *Introduction to Spatial Econometrics*, section 2.7: the matrix of effects by unit.

    Examples
    --------
    >>> import yrdspatial as yrd
    >>> panel = yrd.load_panel().select(columns=["gdp", "population_resident", "va_secondary"], years=range(2015, 2020))
    >>> model = yrd.SDM(panel, "log(va_secondary) ~ log(gdp)", weights=yrd.contiguity_weights())
    >>> import numpy as np
    >>> table = spillover_received(model.fit(), np.log(panel.frame["gdp"]), "log(gdp)")
    >>> table.shape, bool(abs(table.mean()).max() < 1e-12)
    ((41, 5), True)
    """
    columns = {}
    for year, column in values.groupby(level="year"):
        matrix = effect_matrix(results, variable, year=year)
        sent = column.droplevel("year").reindex(matrix.columns)
        own = pd.Series(matrix.to_numpy().diagonal(), matrix.index)
        got = matrix @ sent - own * sent
        columns[year] = got - got.mean()
    return pd.DataFrame(columns).rename_axis(index="unit", columns="year")
