"""Words of the chapters beyond the paper: names of sub-regions, strands and choices, directions, intervals."""

import pandas as pd

from yrdspatial.replication.chapters.wording import number, title
from yrdspatial.tables.speech import say

NAMES = {
    "Shanghai": "Shanghai",
    "苏南": "Southern Jiangsu",
    "苏中": "Central Jiangsu",
    "苏北": "Northern Jiangsu",
    "浙北": "Northern Zhejiang",
    "浙东": "Eastern Zhejiang",
    "other Zhejiang": "Rest of Zhejiang",
    "皖北": "Northern Anhui",
    "other Anhui": "Rest of Anhui",
    "皖江": "Anhui along the Yangtze",
    "core": "Core around Shanghai",
    "Jiangsu": "Jiangsu",
    "Zhejiang": "Zhejiang",
    "Anhui": "Anhui",
    "employment": "manufacturing employment",
    "value added": "secondary value added",
    "all years": "all years",
    "distance": "five nearest seats",
    "economic": "near in GDP per head",
    "rail_decay": "rail time, all pairs",
    "rail_common": "rail time, all pairs, scale of 2008",
    "within": "within a province",
    "across": "across the border",
    "sum": "windows summed",
    "va_secondary": "secondary value added",
    "va_tertiary": "tertiary value added",
}
SIDES = (
    "to the north",
    "to the northeast",
    "to the east",
    "to the southeast",
    "to the south",
    "to the southwest",
    "to the west",
    "to the northwest",
)


def name(key: str) -> str:
    """Say the name of a region, a strand, a family of weights or a variable.

    Parameters
    ----------
    key : str
        Name in the data.

    Returns
    -------
    str
        Name in print.

    Examples
    --------
    >>> name("苏北"), name("rail"), name("log_wage")
    ('Northern Jiangsu', 'rail of the year', 'ln wage')
    """
    return say(NAMES[key]) if key in NAMES else title(key)


def direction(bearing: float) -> str:
    """Say a bearing as one of eight directions.

    Parameters
    ----------
    bearing : float
        Degrees clockwise from north.

    Returns
    -------
    str
        In words.

    Examples
    --------
    >>> direction(350.0), direction(182.0)
    ('to the north', 'to the south')
    """
    return say(SIDES[round(bearing / 45) % 8])


def signed(value: float, digits: int = 1) -> str:
    """Say a change with its sign.

    Parameters
    ----------
    value : float
        The change.
    digits : int
        Decimals.

    Returns
    -------
    str
        For instance "+0.4" or "−0.4".

    Examples
    --------
    >>> signed(0.42), signed(-0.42)
    ('+0.4', '−0.4')
    """
    return f"{value:+.{digits}f}".replace("-", "−")


def interval(row: pd.Series, digits: int = 2) -> str:
    """Say an estimate with its interval.

    Parameters
    ----------
    row : pandas.Series
        With estimate, lower, upper.
    digits : int
        Decimals.

    Returns
    -------
    str
        For instance "0.20 [0.09, 0.31]".

    Examples
    --------
    >>> interval(pd.Series({"estimate": 0.2, "lower": -0.1, "upper": 0.5}), 1)
    '0.2 [−0.1, 0.5]'
    """
    estimate, lower, upper = (number(float(row[part]), digits) for part in ("estimate", "lower", "upper"))
    return f"{estimate} [{lower}, {upper}]"


def row_of(table: pd.DataFrame, **labels: object) -> pd.Series:
    """Take the one row that has some labels.

    Parameters
    ----------
    table : pandas.DataFrame
        A table.
    **labels
        Values of columns.

    Returns
    -------
    pandas.Series
        The row.

    Examples
    --------
    >>> row_of(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), a=2)["b"].item()
    4
    """
    for column, value in labels.items():
        table = table[table[column] == value]
    return table.iloc[0]


def decimal(value: float) -> str:
    """Write a p-value in a table.

    Parameters
    ----------
    value : float
        The p-value.

    Returns
    -------
    str
        Three decimals.

    Examples
    --------
    >>> decimal(0.04251), decimal(0.0001)
    ('0.043', '<0.001')
    """
    return "<0.001" if value < 0.001 else number(value, 3)
