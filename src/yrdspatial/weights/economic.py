"""Who is alike or heavy: weights from economic distance and from gravity."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from yrdspatial.errors import AlignmentError, WeightsError
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.distance import checked_cutoff, decayed
from yrdspatial.weights.graphs import graph_of, named
from yrdspatial.weights.matrices import canonical
from yrdspatial.weights.rail import Times, links_of, minutes_by_year
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.standardize import Standardization
from yrdspatial.weights.standardize import standardize as scaled

if TYPE_CHECKING:
    from libpysal.graph import Graph


def economic_weights(
    panel: Panel | pd.DataFrame,
    column: str,
    *,
    years: Iterable[int] | None = None,
    standardize: Standardization = "row",
) -> "Graph":
    """Make weights 1 / abs(ybar_i - ybar_j) from the means of a variable over years.

    Every unit is a neighbour of every other. Means over years of the sample make the weights depend on what the
    model explains: choose years before the sample.

    Parameters
    ----------
    panel : Panel or DataFrame
        Data; a frame is indexed (unit, year).
    column : str
        The variable.
    years : iterable of int, optional
        Years of the mean; by default all.
    standardize : {"row", "spectral", "minmax", "common", "none"}
        As in ``standardize``.

    Returns
    -------
    Graph
        Weights in the order of the panel's units.

    Raises
    ------
    WeightsError
        If two units have the same mean.

    References
    ----------
    Case, A. C., Rosen, H. S., & Hines, J. R. (1993). Budget spillovers and fiscal policy interdependence. *Journal of
    Public Economics*, 52(3), 285-307, section 3.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([list("ABC"), [2003]], names=["unit", "year"])
    >>> data = pd.DataFrame({"gdp": [100.0, 80.0, 40.0]}, index=index)
    >>> economic_weights(data, "gdp")["A"].to_dict()
    {'B': 0.75, 'C': 0.25}
    """
    data = Panel.from_frame(panel) if isinstance(panel, pd.DataFrame) else panel
    means = data.array([column], years)[:, :, 0].mean(axis=0)
    gaps = np.abs(means[:, None] - means[None, :])
    rows, cols = np.nonzero(~np.eye(means.size, dtype=bool))
    equal = (gaps[rows, cols] == 0) & (rows < cols)
    if equal.any():
        pairs = zip(data.units[rows[equal]], data.units[cols[equal]], strict=True)
        cure = "choose other years, or a variable that tells the units apart"
        where = f"{column}: {named(f'{first}-{second}' for first, second in pairs)}"
        raise WeightsError("units have the same mean and infinite weight", where=where, cure=cure)
    weights = decayed(rows, cols, gaps[rows, cols], 1.0, data.units)
    return scaled(graph_of(weights, data.units), standardize)


def gravity_weights(
    times: Times,
    mass: "pd.Series[Any]",
    *,
    power: float = 2.0,
    access: float = 0.0,
    cutoff: float | None = None,
    standardize: Standardization = "row",
) -> WeightsSeries:
    """Make weights mass_i mass_j / (minutes + access)^power by year.

    Current GDP as mass makes the weights endogenous: take means of years before the sample.

    Parameters
    ----------
    times : TravelTimes, Mapping of int to DataFrame, or DataFrame
        Minutes, as in ``rail_weights``.
    mass : Series
        Positive mass by unit, the same in all years; every unit needs one, other units in it do no harm.
    power : float
        Exponent of time.
    access : float
        Minutes to and from the stations.
    cutoff : float, optional
        Minutes; a longer way is no link.
    standardize : {"row", "spectral", "minmax", "common", "none"}
        As in ``standardize``; under "row" the mass of the unit itself cancels.

    Returns
    -------
    WeightsSeries
        One graph a year.

    Raises
    ------
    WeightsError
        If a mass is not positive, or power or access make no sense.

    References
    ----------
    Anderson, J. E. (2011). The gravity model. *Annual Review of Economics*, 3, 133-160, equation 1.

    Examples
    --------
    >>> hours = pd.DataFrame([[0, 1, 2], [1, 0, 1.5], [2, 1.5, 0]], index=list("ABC"), columns=list("ABC"))
    >>> series = gravity_weights({2016: 60 * hours}, pd.Series([100, 50, 25], index=list("ABC")))
    >>> series[2016]["A"].round(4).to_dict()
    {'B': 0.8889, 'C': 0.1111}
    """
    if not (0 <= power < np.inf and 0 <= access < np.inf):
        raise WeightsError(f"power {power}, access {access} make no sense", cure="both are zero or more")
    minutes, units = minutes_by_year(times)
    masses = _masses(mass, units)
    checked_cutoff(cutoff)

    def weigh(table: npt.NDArray[np.float64]) -> csr_array:
        rows, cols, gaps = links_of(table, units, cutoff=cutoff)
        pull = csr_array((masses[rows] * masses[cols], (rows, cols)), shape=table.shape)
        return canonical(pull.multiply(decayed(rows, cols, gaps + access, power, units)))

    series = WeightsSeries.from_matrices({year: weigh(table) for year, table in minutes.items()}, units)
    return scaled(series, standardize)


def _masses(mass: "pd.Series[Any]", units: "pd.Index[Any]") -> npt.NDArray[np.float64]:
    if mass.index.nlevels > 1:
        cure = 'take one year or the mean of several, such as mass.groupby("unit").mean()'
        raise AlignmentError(
            "masses go by unit alone", where=", ".join(map(str, mass.index.names)), cure=cure
        )
    lacking = units[~units.isin(mass.index)]
    twice = mass.index[mass.index.duplicated()]
    if len(lacking) or len(twice):
        what = "units have no mass" if len(lacking) else "units have two masses"
        raise AlignmentError(
            what, where=named(lacking if len(lacking) else twice), cure="give one number for each unit"
        )
    values = pd.to_numeric(mass, errors="coerce").loc[units].to_numpy(dtype=float)
    bad = ~((values > 0) & np.isfinite(values))
    if bad.any():
        raise WeightsError("masses are not positive", where=named(units[bad]), cure="give a positive number")
    return values
