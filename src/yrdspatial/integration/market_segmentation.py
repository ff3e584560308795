"""Market segmentation by the price method: how differently do prices move in two places.

No price data ships; the measure runs on the indices of your own yearbooks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.industry.table import Floats, SectorTable, as_sectors, divide, require
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.weights.series import Weights, as_series

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MarketSegmentation:
    """Segmentation of pairs and units; values are about 1e-4 to 1e-5, print them scaled.

    Attributes
    ----------
    pairs : pandas.DataFrame
        Index (a, b), with year in a panel: ``variance`` over the goods and ``integration``, one over its root.
    units : pandas.DataFrame
        Index unit or (unit, year): ``segmentation``, the mean variance of a unit's pairs, ``integration``, one over
        its root, and ``pairs``, how many there are.
    absolute : pandas.DataFrame
        |ln P_i - ln P_j| by pair and good.
    deviations : pandas.DataFrame
        The same less the mean of the good over all pairs of the year.
    variant : str
        What a table note says about pairs and variance.
    notes : tuple of str
        Units without a pair, degenerate years.

    Examples
    --------
    >>> prices = pd.DataFrame([[102, 105], [101, 103], [104, 101]], index=list("ABC"), columns=["food", "fuel"])
    >>> market_segmentation(prices, pairs=[("A", "B"), ("B", "C")]).variant
    '2 pairs given, population variance over 2 goods'
    """

    pairs: pd.DataFrame
    units: pd.DataFrame
    absolute: pd.DataFrame
    deviations: pd.DataFrame
    variant: str
    notes: tuple[str, ...]


def market_segmentation(
    prices: pd.DataFrame,
    *,
    pairs: Literal["all"] | Iterable[tuple[object, object]] | Weights,
    variance: Literal["population", "sample"] = "population",
) -> MarketSegmentation:
    """Relative price variance of pairs of units.

    For year-on-year indices P (previous year = 100) and a good k: dQ = ln P_ik - ln P_jk; q = |dQ| less the mean of
    |dQ| over all pairs of the year, which removes what moves the good everywhere; the variance of q over the goods is
    the segmentation of the pair, its mean over the pairs of a unit that of the unit.

    Parameters
    ----------
    prices : pandas.DataFrame
        Indices, previous year = 100 (levels chained over years are another thing), units x goods (one year) or
        indexed (unit, year).
    pairs : "all", iterable of pairs, Graph, WeightsSeries or DataFrame
        All pairs, the pairs named, or the neighbours in spatial weights (either direction, of the year).
    variance : {"population", "sample"}
        Divide by the number of goods or by one less.

    Returns
    -------
    MarketSegmentation
        Pairs, units, and the steps between.

    Raises
    ------
    DataError
        If an index is not positive, there are fewer than two goods, or no pair.

    References
    ----------
    Parsley, D. C. and Wei, S.-J. (1996), Convergence to the law of one price without trade barriers or currency
    fluctuations, Quarterly Journal of Economics 111, 1211-1236; Gui, Q. and others (2006, 桂琦寒等).

    Examples
    --------
    >>> prices = pd.DataFrame([[102, 105], [101, 103], [104, 101]], index=list("ABC"), columns=["food", "fuel"])
    >>> found = market_segmentation(prices, pairs=[("A", "B"), ("B", "C")])
    >>> (found.units["segmentation"] * 1e5).round(5).tolist()
    [2.26599, 2.26599, 2.26599]
    """
    require(variance, ("population", "sample"), "variance")
    table = as_sectors(prices)
    if (table.amounts <= 0).any() or len(table.sectors) < 2:
        where = f"{len(table.sectors)} goods, smallest index {table.amounts.min()}"
        raise DataError("prices need two goods and positive indices", where=where, cure="previous year = 100")
    mask, how = _mask(table, pairs)
    a, b = np.nonzero(mask.any(axis=0))
    valid = mask[:, a, b]
    if not valid.any():
        raise DataError("no pair of units is left", where=how, cure="name pairs, pass weights, or say all")
    logs = np.log(table.amounts)
    absolute = np.where(valid[:, :, None], np.abs(logs[:, a] - logs[:, b]), np.nan)
    count = valid.sum(axis=1)[:, None]
    mean = divide(np.where(valid[:, :, None], absolute, 0).sum(axis=1), count)
    deviations = absolute - mean[:, None]
    pair_variance = deviations.var(axis=2, ddof=int(variance == "sample"))
    segmentation, number = _unit_means(pair_variance, valid, a, b, len(table.units))
    return MarketSegmentation(
        pairs=_pairs(
            table, a, b, valid, {"variance": pair_variance, "integration": _integration(pair_variance)}
        ),
        units=_units(table, segmentation, number),
        absolute=_goods(table, a, b, valid, absolute),
        deviations=_goods(table, a, b, valid, deviations),
        variant=f"{how}, {variance} variance over {len(table.sectors)} goods",
        notes=(*table.notes, *_warnings(table, valid, number)),
    )


def _mask(
    table: SectorTable, pairs: Literal["all"] | Iterable[tuple[object, object]] | Weights
) -> tuple[Mask, str]:
    n, years = len(table.units), table.years or (0,)
    upper = np.triu(np.ones((n, n), dtype=bool), k=1)
    if isinstance(pairs, str):
        require(pairs, ("all",), "pairs")
        return np.broadcast_to(upper, (len(years), n, n)), "all pairs"
    if isinstance(pairs, pd.DataFrame) or hasattr(pairs, "keys") or hasattr(pairs, "adjacency"):
        linked = as_series(pairs, years).array(units=table.units, years=years) != 0
        return (linked | linked.swapaxes(1, 2)) & upper, "pairs of neighbours"
    named = [tuple(pair) for pair in pairs]
    places = [table.units.get_indexer(pd.Index(list(pair))) for pair in named]
    strange = [
        pair for pair, place in zip(named, places, strict=True) if (place < 0).any() or len(place) != 2
    ]
    if strange:
        cure = "name two units of the table a pair"
        raise AlignmentError(
            "a pair has unknown units", where=shorten([str(pair) for pair in strange]), cure=cure
        )
    mask = np.zeros((n, n), dtype=bool)
    for first, second in places:
        mask[min(first, second), max(first, second)] = first != second
    return np.broadcast_to(mask, (len(years), n, n)), f"{int(mask.sum())} pairs given"


def _integration(variance: Floats) -> Floats:
    return divide(1.0, np.sqrt(variance))


def _unit_means(
    variance: Floats, valid: Mask, a: npt.NDArray[np.intp], b: npt.NDArray[np.intp], n: int
) -> tuple[Floats, Floats]:
    member = np.zeros((len(a), n))
    member[np.arange(len(a)), a] = member[np.arange(len(a)), b] = 1
    number = valid.astype(float) @ member
    return divide(np.where(valid, variance, 0) @ member, number), number


def _pair_index(
    table: SectorTable, a: npt.NDArray[np.intp], b: npt.NDArray[np.intp], valid: Mask
) -> pd.MultiIndex:
    year, pair = np.nonzero(valid)
    levels = [table.units[a[pair]], table.units[b[pair]]]
    if table.years is None:
        return pd.MultiIndex.from_arrays(levels, names=["a", "b"])
    return pd.MultiIndex.from_arrays([*levels, np.asarray(table.years)[year]], names=["a", "b", "year"])


def _pairs(
    table: SectorTable,
    a: npt.NDArray[np.intp],
    b: npt.NDArray[np.intp],
    valid: Mask,
    columns: dict[str, Floats],
) -> pd.DataFrame:
    values = {name: array[valid] for name, array in columns.items()}
    return pd.DataFrame(values, _pair_index(table, a, b, valid)).sort_index()


def _goods(
    table: SectorTable, a: npt.NDArray[np.intp], b: npt.NDArray[np.intp], valid: Mask, values: Floats
) -> pd.DataFrame:
    return pd.DataFrame(values[valid], _pair_index(table, a, b, valid), table.sectors).sort_index()


def _units(table: SectorTable, segmentation: Floats, number: Floats) -> pd.DataFrame:
    columns = [segmentation, _integration(segmentation), number]
    frame = table.by_cell(np.stack(columns, axis=2), ["segmentation", "integration", "pairs"])
    return frame.astype({"pairs": int})


def _warnings(table: SectorTable, valid: Mask, number: Floats) -> tuple[str, ...]:
    least = np.asarray(number.min(axis=0))
    lonely = [row_name(unit) for unit, some in zip(table.units, least, strict=True) if not some]
    notes = (f"no pair in some year: {shorten(lonely)}",) if lonely else ()
    if (valid.sum(axis=1) <= 2).any():
        notes = (*notes, "with two pairs the deviations mirror each other: both have the same variance")
    return notes
