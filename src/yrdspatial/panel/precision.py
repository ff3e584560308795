"""How finely a figure was printed, and whether two figures are the same within that."""

import numpy as np
import pandas as pd

DIGITS = 9
MANY = 10
EPSILON = 1e-9
ROUNDING = r"rounding within ([\d.e+-]+) %"


def decimals(values: pd.Series) -> int:
    """Return the decimals to which values of one column and one source were printed.

    Parameters
    ----------
    values : pandas.Series
        Numbers of one source; a single one with more decimals decides, as trailing zeros are not seen.

    Returns
    -------
    int
        Up to 9; below 0 when ten and more figures are whole tens, hundreds, ... as after a change of unit.

    Examples
    --------
    >>> decimals(pd.Series([44.9, 12.35, 7.0])), decimals(pd.Series([110.0, 220.0]))
    (2, 0)
    >>> decimals(pd.Series(range(100, 2000, 100)))
    -2
    """
    numbers = values.dropna().to_numpy(dtype=float)
    slack = EPSILON * np.maximum(1.0, np.abs(numbers))
    for places in range(-DIGITS if len(numbers) >= MANY and numbers.any() else 0, DIGITS):
        if (np.abs(np.round(numbers, places) - numbers) <= slack).all():
            return places
    return DIGITS


def half_widths(long: pd.DataFrame) -> pd.Series:
    """Return by how much the exact value of each row may differ from the figure.

    A printed figure is known to half a unit of the last decimal of its column, source and province; where the reader
    has written down that step, in a column ``width``, it counts. A derived figure is known to the rounding that its
    flag tells; without one, the rounding of its parents is not known, and it gets none of its own.

    Parameters
    ----------
    long : pandas.DataFrame
        Rows of one year: ``adcode``, ``variable``, ``value``, ``source``, ``flag``, and perhaps ``width``.

    Returns
    -------
    pandas.Series
        Non-negative, indexed as `long`, in the unit of measure of each row.

    Examples
    --------
    >>> rows = {"adcode": 340100, "variable": ["gdp", "va_tertiary"], "value": [1000.5, 555.5], "source": "book",
    ...         "flag": ["", "derived: share x gdp, rounding within 0.02 %"]}
    >>> half_widths(pd.DataFrame(rows)).round(3).tolist()
    [0.05, 0.111]
    """
    if "width" in long:
        return long["width"].astype(float)
    derived = is_derived(long)
    width = pd.Series(0.0, long.index)
    province = long["adcode"] // 10_000  # statistics bureaus print to different decimals
    for _, printed in long.loc[~derived].groupby(["variable", "source", province], sort=False):
        width.loc[printed.index] = 0.5 * 10.0 ** -decimals(printed["value"])
    share = pd.to_numeric(long["flag"][derived].str.extract(ROUNDING, expand=False)).fillna(0.0)
    width.loc[derived] = long["value"][derived].abs() * share / 100
    return width


def is_derived(long: pd.DataFrame) -> pd.Series:
    """Tell which rows were computed from other figures and not printed.

    Parameters
    ----------
    long : pandas.DataFrame
        With a column ``flag``.

    Returns
    -------
    pandas.Series
        Bool, indexed as `long`.

    Examples
    --------
    >>> is_derived(pd.DataFrame({"flag": ["", "derived: share times product", "imputed: mean"]})).tolist()
    [False, True, True]
    """
    return long["flag"].fillna("").str.contains(r"\b(?:derived|imputed)\b", regex=True)


def same(old: pd.Series, new: pd.Series, old_width: pd.Series, new_width: pd.Series) -> pd.Series:
    """Tell which figures are the same within what was printed.

    Two figures printed to the same decimal are the same when they are equal; when one is finer, when it rounds to
    the other.

    Parameters
    ----------
    old, new : pandas.Series
        Figures side by side.
    old_width, new_width : pandas.Series
        Their half widths.

    Returns
    -------
    pandas.Series
        Bool.

    Examples
    --------
    >>> old, new = pd.Series([44.9, 44.9, 44.93]), pd.Series([44.93, 44.96, 44.94])
    >>> same(old, new, pd.Series([0.05, 0.05, 0.005]), pd.Series([0.005] * 3)).tolist()
    [True, False, False]
    """
    coarse = old_width.where(old_width > new_width, new_width)
    slack = coarse.mask((old_width - new_width).abs() <= 1e-6 * coarse, 0.0)
    size = old.abs().where(old.abs() > new.abs(), new.abs()).clip(lower=1.0)
    return (old - new).abs() <= slack + EPSILON * size
