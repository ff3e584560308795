"""Do units grow together: sigma and beta convergence."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.stats

from yrdspatial.errors import DataError, SpecificationError
from yrdspatial.industry.table import stamp
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.panel.labels import as_panel_index


@dataclass(frozen=True)
class BetaConvergence:
    """Growth regressed on the initial level.

    Attributes
    ----------
    coefficient, std_error, pvalue : float
        Slope of annual log growth on the log of the initial level, its classical standard error, and its two-sided
        p-value (t distribution).
    r2 : float
        Coefficient of determination.
    nobs, years : int
        Units and length of the period.
    speed, half_life : float or None
        -ln(1 + b T) / T a year, and ln 2 / speed in years; None where they do not apply, see ``notes``.
    notes : tuple of str
        Why they do not.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([list("abc"), [2000, 2010]], names=["unit", "year"])
    >>> levels = pd.Series([1.0, 8.0, 2.0, 4.0, 4.0, 2.0], index)
    >>> beta_convergence(levels, base=2000, end=2010).notes
    ('the slope is beyond -1/T: the speed of convergence is not defined',)
    """

    coefficient: float
    std_error: float
    pvalue: float
    r2: float
    nobs: int
    years: int
    speed: float | None
    half_life: float | None
    notes: tuple[str, ...]


def sigma_convergence(values: pd.Series) -> pd.DataFrame:
    """Dispersion over units, year by year: it falls when there is sigma convergence.

    Parameters
    ----------
    values : pandas.Series
        Positive levels such as GDP a head, indexed (unit, year), without a gap.

    Returns
    -------
    pandas.DataFrame
        Index year: ``sd_log``, the standard deviation of logs (n - 1), and ``cv``, the coefficient of variation.
        Test the trend with :func:`~yrdspatial.mann_kendall`.

    References
    ----------
    Barro, R. J. and Sala-i-Martin, X. (1992), Convergence, Journal of Political Economy 100, 223-251.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["a", "b"], [2000, 2001]], names=["unit", "year"])
    >>> sigma_convergence(pd.Series([1.0, 2.0, 4.0, 4.0], index)).round(3)["sd_log"].tolist()
    [0.98, 0.49]
    """
    table = _positive(values)
    dispersion = {"sd_log": np.log(table).std(axis=0), "cv": table.std(axis=0) / table.mean(axis=0)}
    variant = "standard deviation of logs and coefficient of variation, n - 1"
    return stamp(pd.DataFrame(dispersion), values.attrs, measure="sigma convergence", variant=variant)


def beta_convergence(values: pd.Series, *, base: int, end: int) -> BetaConvergence:
    """Absolute beta convergence: do the poor grow faster.

    (1/T) ln(y_iT / y_i0) = a + b ln y_i0 + e; b < 0 is convergence at the speed -ln(1 + b T) / T a year. For spatial
    dependence in growth, put the same regression into a spatial model.

    Parameters
    ----------
    values : pandas.Series
        Positive levels, real ones over a census revision, indexed (unit, year).
    base, end : int
        First and last year.

    Returns
    -------
    BetaConvergence
        Slope, its standard error, speed and half-life.

    Raises
    ------
    SpecificationError
        If the years are not in the data or the wrong way round, or there are fewer than three units.

    References
    ----------
    Barro and Sala-i-Martin (1992).

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([list("abc"), [2000, 2010]], names=["unit", "year"])
    >>> found = beta_convergence(pd.Series([1.0, 4.0, 2.0, 6.0, 4.0, 8.0], index), base=2000, end=2010)
    >>> found.coefficient < 0, found.nobs
    (True, 3)
    """
    table = _positive(values, years=[base, end])
    if end <= base or len(table) < 3:
        where = f"{base}-{end}, {len(table)} units"
        raise SpecificationError(
            "growth needs two years and three units", where=where, cure="base before end"
        )
    T, start = end - base, np.log(table[base])
    fit = scipy.stats.linregress(start, (np.log(table[end]) - start) / T)
    b = float(fit.slope)
    beyond = 1 + b * T <= 0
    speed = None if beyond else float(-np.log1p(b * T) / T)
    notes = ("the slope is beyond -1/T: the speed of convergence is not defined",) if beyond else ()
    if speed is not None and speed <= 0:
        notes = ("no convergence: there is no half-life",)
    half = float(np.log(2) / speed) if speed is not None and speed > 0 else None
    return BetaConvergence(
        coefficient=b,
        std_error=float(fit.stderr),
        pvalue=float(fit.pvalue),
        r2=float(fit.rvalue**2),
        nobs=len(table),
        years=T,
        speed=speed,
        half_life=half,
        notes=notes,
    )


def _positive(values: pd.Series, years: list[int] | None = None) -> pd.DataFrame:
    grid = as_panel_index(values.to_frame("y"))
    units, found = grid.index.unique("unit"), [int(year) for year in grid.index.unique("year")]
    lacking = [year for year in years or [] if year not in found]
    if lacking:
        raise SpecificationError(
            "a year is not in the data", where=shorten(lacking), cure="choose other years"
        )
    table = pd.DataFrame(
        grid.to_numpy(dtype=float).reshape(len(units), -1), units, pd.Index(found, name="year")
    )
    table = table if years is None else table[years]
    wrong = ~(table > 0).all(axis=1)
    if wrong.any():
        where = shorten([row_name(unit) for unit in units[wrong]])
        raise DataError(
            "levels are missing or not positive", where=where, cure="select years and units that have all"
        )
    return table
