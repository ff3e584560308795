"""Concentration of plants: Ellison-Glaeser, its co-agglomeration of groups, and Duranton-Overman densities.

None of these data ships; the measures run on plants of your own.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.industry.table import Floats, divide, numbers_of, stamp
from yrdspatial.panel.gaps import row_name, shorten

PLANT_COLUMNS = ("sector", "unit", "size")


@dataclass(frozen=True)
class GroupConcentration:
    """Ellison-Glaeser co-agglomeration of a group of sectors.

    Attributes
    ----------
    gamma : float
        Co-agglomeration of the group.
    G, H : float
        Raw concentration of the group and its weighted plant Herfindahl index.
    sectors : pandas.DataFrame
        The sectors by themselves, as of :func:`ellison_glaeser`, and ``weight``, their share in the group.
    pairs : pandas.DataFrame
        Co-agglomeration of every two sectors in the simple form of 2010, shape (sectors, sectors); the diagonal has
        the raw concentration of the sector over 1 - sum x^2.

    Examples
    --------
    >>> plants = pd.DataFrame({"sector": ["a", "a", "b", "b"], "unit": ["r", "s"] * 2, "size": [3, 1, 3, 1]})
    >>> ellison_glaeser_group(plants, pd.Series({"r": 1, "s": 1})).sectors["weight"].tolist()
    [0.5, 0.5]
    """

    gamma: float
    G: float
    H: float
    sectors: pd.DataFrame
    pairs: pd.DataFrame


def ellison_glaeser(plants: pd.DataFrame, sizes: pd.Series | None = None) -> pd.DataFrame:
    """Ellison-Glaeser index of sectors from the sizes of their plants.

    gamma = [G - (1 - sum x^2) H] / [(1 - sum x^2)(1 - H)] with G = sum_r (s_r - x_r)^2, s_r the share of unit r in the
    sector, x_r its share in everything, H the Herfindahl index of the plants. Zero when plants are placed at random;
    below 0.02 weak, above 0.05 strong by convention; it can be negative.

    Parameters
    ----------
    plants : pandas.DataFrame
        One row a plant: ``sector``, ``unit``, ``size`` (persons employed).
    sizes : pandas.Series, optional
        Size of everything by unit; the sum of the plants when left out.

    Returns
    -------
    pandas.DataFrame
        Index sector; ``gamma``, ``G``, ``H``, ``plants``. For one plant alone it is not defined, NaN.

    References
    ----------
    Ellison, G. and Glaeser, E. L. (1997), Geographic concentration in U.S. manufacturing industries, Journal of
    Political Economy 105, 889-927.

    Examples
    --------
    >>> plants = pd.DataFrame({"sector": "steel", "unit": ["r1", "r1", "r2"], "size": [40, 30, 30]})
    >>> ellison_glaeser(plants, pd.Series({"r1": 1, "r2": 1})).loc["steel", "gamma"].round(6).item()
    -0.272727
    """
    shares, x, H, count = _plant_shares(plants, sizes)
    spread = 1 - float((x**2).sum())
    G = ((shares - x) ** 2).sum(axis=1)
    gamma = divide(np.where(H < 1, G - spread * H, 0), spread * (1 - H))
    return stamp(
        pd.DataFrame({"gamma": gamma, "G": G, "H": H, "plants": count}, shares.index),
        measure="Ellison-Glaeser index",
        basis="size of plants",
        reference="sum of the plants" if sizes is None else "own sizes of the units",
        variant=f"{len(x)} units",
    )


def ellison_glaeser_group(plants: pd.DataFrame, sizes: pd.Series | None = None) -> GroupConcentration:
    """Ellison-Glaeser co-agglomeration of the sectors of a group.

    gamma_c = [G_U / (1 - sum x^2) - H_U - sum_i gamma_i w_i^2 (1 - H_i)] / (1 - sum_i w_i^2), where G_U is the
    raw concentration of the group, H_U = sum_i w_i^2 H_i, and w_i the share of sector i in the group.

    Parameters
    ----------
    plants : pandas.DataFrame
        One row a plant: ``sector`` (two or more), ``unit``, ``size``.
    sizes : pandas.Series, optional
        Size of everything by unit; the sum of the plants when left out.

    Returns
    -------
    GroupConcentration
        ``gamma``, ``G``, ``H``, the sectors, and the pairs in the form of Ellison, Glaeser and Kerr.

    Raises
    ------
    DataError
        If there is only one sector.

    References
    ----------
    Ellison and Glaeser (1997); Ellison, G., Glaeser, E. L. and Kerr, W. R. (2010), What causes industry
    agglomeration?, American Economic Review 100, eq. 1.

    Examples
    --------
    >>> plants = pd.DataFrame({"sector": ["a"] * 3 + ["b"] * 3, "unit": ["r1", "r1", "r2"] * 2,
    ...                        "size": [40, 30, 30, 50, 25, 25]})
    >>> round(ellison_glaeser_group(plants, pd.Series({"r1": 1, "r2": 1})).gamma, 6)
    0.2
    """
    shares, x, _, _ = _plant_shares(plants, sizes)
    if len(shares) < 2:
        raise DataError(
            "a group has two sectors or more", where=shorten(list(shares.index)), cure="add sectors"
        )
    sectors = ellison_glaeser(plants, sizes)
    weight = plants.groupby("sector")["size"].sum() / plants["size"].sum()
    spread = 1 - float((x**2).sum())
    G = float(((weight @ shares - x) ** 2).sum())
    H = float((weight**2 * sectors["H"]).sum())
    within = float((weight**2 * (sectors["G"] / spread - sectors["H"])).sum())
    gamma = (G / spread - H - within) / (1 - float((weight**2).sum()))
    excess = (shares - x).to_numpy()
    pairs = pd.DataFrame(excess @ excess.T / spread, shares.index, shares.index)
    return GroupConcentration(gamma, G, H, sectors.assign(weight=weight), pairs)


def _plant_shares(
    plants: pd.DataFrame, sizes: pd.Series | None
) -> tuple[pd.DataFrame, pd.Series, pd.Series, pd.Series]:
    lacking = [column for column in PLANT_COLUMNS if column not in plants]
    if lacking or plants.empty:
        cure = f"one row a plant with {', '.join(PLANT_COLUMNS)}"
        raise DataError("plants are not described", where=shorten(lacking) or "no row", cure=cure)
    sizes_given = numbers_of(plants["size"], "sizes of plants")
    sound = (sizes_given > 0) & np.isfinite(sizes_given)
    if not sound.all():
        row = plants.index[~sound][0]
        raise DataError(
            "a plant has no positive size", where=f"row {row}", cure="leave plants without workers out"
        )
    total = plants.groupby("unit")["size"].sum() if sizes is None else sizes
    strange = sorted(set(plants["unit"]) - set(total.index), key=str)
    if strange:
        where = shorten([row_name(unit) for unit in strange])
        raise AlignmentError("plants lie in units without a size", where=where, cure="add the units to sizes")
    amounts = plants.pivot_table(index="sector", columns="unit", values="size", aggfunc="sum", fill_value=0)
    shares = amounts.div(amounts.sum(axis=1), axis=0).reindex(columns=total.index, fill_value=0)
    own = plants["size"] / plants.groupby("sector")["size"].transform("sum")
    by_sector = (own**2).groupby(plants["sector"])
    return shares, total / total.sum(), by_sector.sum(), by_sector.size()


def k_density(
    distances: npt.ArrayLike, at: npt.ArrayLike, *, bandwidth: float | None = None, reflection: bool = True
) -> Floats:
    """Duranton-Overman density of bilateral distances.

    K(d) = mean over pairs of phi((d - d_ij) / h) / h with a Gaussian phi, to which reflection adds
    phi((d + d_ij) / h) / h, so that no mass is lost below zero and the density integrates to one.

    Parameters
    ----------
    distances : array_like, shape (n, n) or (pairs,)
        Distances between plants: a square matrix, of which the pairs above the diagonal count, or the pairs.
    at : array_like, shape (m,)
        Distances at which to evaluate, in the same unit.
    bandwidth : float, optional
        h; Silverman's rule 0.9 min(sd, IQR / 1.34) n^(-1/5) over the pairs when left out.
    reflection : bool
        Reflect at zero.

    Returns
    -------
    ndarray, shape (m,)
        Density per unit of distance.

    Raises
    ------
    DataError
        If there is no pair, or the bandwidth is not positive.

    References
    ----------
    Duranton, G. and Overman, H. G. (2005), Testing for localization using micro-geographic data, Review of Economic
    Studies 72, eq. 1; Silverman, B. W. (1986), Density estimation (reflection: sec. 2.10).

    Examples
    --------
    >>> k_density([1, 2, 3], [2], bandwidth=1.0).round(6).tolist()
    [0.295817]
    """
    pairs = numbers_of(distances, "distances")
    pairs = pairs[np.triu_indices(len(pairs), k=1)] if pairs.ndim == 2 else pairs
    h = _silverman(pairs) if bandwidth is None and len(pairs) else bandwidth
    if not len(pairs) or not h or h <= 0:
        cure = "pass two plants or more, and a bandwidth if all distances are equal"
        raise DataError(
            "a density needs pairs and a positive bandwidth", where=f"{len(pairs)} pairs", cure=cure
        )
    points = numbers_of(at, "points of the density").reshape(-1, 1)
    if not (np.isfinite(points).all() and np.isfinite(pairs).all()):
        raise DataError("distances are missing or infinite", where="density", cure="leave them out")
    weight = np.exp(-(((points - pairs) / h) ** 2) / 2)
    if reflection:
        weight = weight + np.exp(-(((points + pairs) / h) ** 2) / 2)
    return np.asarray(weight.mean(axis=1) / (h * np.sqrt(2 * np.pi)))


def _silverman(pairs: Floats) -> float:
    low, high = np.quantile(pairs, [0.25, 0.75])
    spreads = [
        value for value in (pairs.std(ddof=1) if len(pairs) > 1 else 0, (high - low) / 1.34) if value > 0
    ]
    return float(0.9 * min(spreads, default=0.0) * len(pairs) ** -0.2)


@dataclass(frozen=True)
class Localization:
    """A Duranton-Overman test.

    Attributes
    ----------
    table : pandas.DataFrame
        Index distance; ``density``, the bounds of the local band ``lower`` and ``upper`` and of the global band
        ``global_lower`` and ``global_upper``.
    localized, dispersed : bool
        Whether the density leaves the global band above anywhere, or below without being above anywhere.

    Examples
    --------
    >>> sites = np.random.default_rng(0).random((30, 2))
    >>> duranton_overman(range(5), sites, [0.1, 0.2], draws=99, seed=1).table.shape
    (2, 5)
    """

    table: pd.DataFrame
    localized: bool
    dispersed: bool


def duranton_overman(
    plants: npt.ArrayLike,
    sites: npt.ArrayLike,
    at: npt.ArrayLike,
    *,
    draws: int = 999,
    level: float = 0.05,
    seed: int,
) -> Localization:
    """Test whether plants are nearer to one another than plants drawn from all sites.

    Parameters
    ----------
    plants : array_like of int, shape (n,)
        Rows of ``sites`` where the plants of the sector are.
    sites : array_like, shape (m, 2)
        Projected coordinates of all sites that have a plant of any sector.
    at : array_like, shape (k,)
        Distances at which to evaluate.
    draws : int
        Number of draws of n sites without replacement.
    level : float
        One minus the confidence of the bands (both sides together).
    seed : int
        Seed of the draws.

    Returns
    -------
    Localization
        Density and bands. The global band is the narrowest pointwise quantile band that at most ``level`` of the
        drawn densities leave.

    Raises
    ------
    DataError
        If fewer than two plants, or more plants than sites, are given.

    References
    ----------
    Duranton and Overman (2005), sec. 3.

    Examples
    --------
    >>> grid = np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0)), axis=-1).reshape(-1, 2)
    >>> duranton_overman([0, 1, 2, 8, 9, 10], grid, [0.5, 1, 2, 4], draws=199, seed=1).localized
    True
    """
    place, spots = np.asarray(plants, dtype=np.int64), np.asarray(sites, dtype=float)
    if not 2 <= len(place) <= len(spots):
        where = f"{len(place)} plants, {len(spots)} sites"
        raise DataError("plants do not fit the sites", where=where, cure="pass rows of the table of sites")
    distances = np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(axis=2))
    points, rng = np.asarray(at, dtype=float), np.random.default_rng(seed)
    bandwidth = _silverman(distances[np.ix_(place, place)][np.triu_indices(len(place), k=1)]) or None
    chosen = [place, *(rng.choice(len(spots), len(place), replace=False) for _ in range(draws))]
    curves = np.array(
        [k_density(distances[np.ix_(rows, rows)], points, bandwidth=bandwidth) for rows in chosen]
    )
    density, drawn = curves[0], curves[1:]
    local = np.quantile(drawn, [level / 2, 1 - level / 2], axis=0)
    band = _global_band(drawn, level)
    above = bool((density > band[1]).any())
    columns = [density, *local, *band]
    names = ["density", "lower", "upper", "global_lower", "global_upper"]
    table = pd.DataFrame(dict(zip(names, columns, strict=True)), index=pd.Index(points, name="distance"))
    return Localization(table, localized=above, dispersed=not above and bool((density < band[0]).any()))


def _global_band(drawn: Floats, level: float) -> Floats:
    ranks = drawn.argsort(axis=0).argsort(axis=0)
    extremity = np.minimum(ranks, len(drawn) - 1 - ranks).min(axis=1)
    rank = int(np.sort(extremity)[int(np.floor(level * len(drawn)))])
    ordered = np.sort(drawn, axis=0)
    return np.stack([ordered[rank], ordered[len(drawn) - 1 - rank]])
