"""Why spillovers changed between two years: the network, or the coefficients."""

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models.delta import delta_table, simulated_table
from yrdspatial.models.impacts import Method
from yrdspatial.models.parts_effects import PartsEffects
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.spillover_matrices import parts_of, period_shares, terms_of
from yrdspatial.models.within import FloatArray

EFFECTS = ("direct", "indirect", "total")
PARTS = ("before", "after", "change", "network", "coefficients")


def decompose_change(
    before: SpatialPanelResults,
    after: SpatialPanelResults,
    *,
    years: tuple[Hashable, Hashable],
    method: Method = "delta",
    draws: int = 1000,
    seed: int | None = None,
) -> pd.DataFrame:
    """Split the change of spillovers between two years into the network and the coefficients.

    Parameters
    ----------
    before, after : SpatialPanelResults
        Fitted models with the same terms, whose samples hold the first and the second year. With one model for both
        the coefficients do not change, and all is network.
    years : tuple
        The two years.
    method : {"delta", "simulation"}
        How standard errors and intervals are found. Where rho is large for one of the networks the parts are far from
        linear in it and their distribution is skewed: simulate.
    draws : int
        Draws of the simulation.
    seed : int
        Seed of the simulation, without which it is refused.

    Returns
    -------
    DataFrame
        Columns variable, effect (direct, indirect, total), part ("before", "after", "change", "network",
        "coefficients"), estimate, std_error, zstat, pvalue, lower, upper. With E(c, W) the effect of coefficients c
        under weights W, network is the mean over both coefficients of E(c, W_2) - E(c, W_1), coefficients the mean over
        both weights of E(c_2, W) - E(c_1, W); they add up to the change and do not depend on an order. Two models
        count as independent. Simulated standard errors are deviations, intervals quantiles, and pvalue twice the
        share beyond zero, over the draws for which I - rho W is invertible under both networks.

    Raises
    ------
    SpecificationError
        If the models have other terms or units, or a simulation has no seed.

    Examples
    --------
    >>> from yrdspatial.models.estimators import SAR
    >>> units, rng = list("abcdef"), np.random.default_rng(1)
    >>> ring = (np.roll(np.eye(6), 1, axis=0) + np.roll(np.eye(6), -1, axis=0)) / 2
    >>> index = pd.MultiIndex.from_product([units, range(2001, 2011)], names=["unit", "year"])
    >>> x, e = rng.normal(size=(2, 6, 10))
    >>> y = np.linalg.solve(np.eye(6) - 0.4 * ring, 2 * x + 0.01 * e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> results = SAR(data, "y ~ x", weights=pd.DataFrame(ring, units, units)).fit()
    >>> table = decompose_change(results, results, years=(2001, 2010)).set_index(["effect", "part"])["estimate"]
    >>> table["indirect"].round(1).abs().to_dict()
    {'before': 1.1, 'after': 1.1, 'change': 0.0, 'network': 0.0, 'coefficients': 0.0}
    """
    same = before.spec.parameters == after.spec.parameters
    if not (same and before.design.sample.units.equals(after.design.sample.units)):
        cure = "fit the same formula on the same units in both windows"
        raise SpecificationError("the models differ in terms or units", where="decompose_change", cure=cure)
    if method == "simulation" and seed is None:
        cure = "pass seed=<a whole number>"
        raise SpecificationError("a simulation needs a seed", where="decompose_change", cure=cure)
    networks = [network_of(before, years[0]), network_of(after, years[1])]
    models = [before] if before is after else [before, after]
    index = pd.MultiIndex.from_product(
        [terms_of(before), EFFECTS, PARTS], names=["variable", "effect", "part"]
    )

    def coefficients(points: FloatArray) -> list[FloatArray]:
        return [points, points] if len(models) == 1 else np.split(points, 2, axis=-1)

    def values(points: FloatArray) -> FloatArray:
        return split(networks, *coefficients(np.atleast_2d(points)))

    if method == "delta":
        return delta_table(values, models, index)

    def inside(points: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        allowed = [network.inside(one) for network in networks for one in coefficients(points)]
        return np.asarray(np.logical_and.reduce(allowed), dtype=np.bool_)

    return simulated_table(values, inside, models, index, draws=draws, seed=seed)


def network_of(results: SpatialPanelResults, year: Hashable) -> PartsEffects:
    """Take the weights of one year.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with spatial terms.
    year : hashable
        A period of its sample.

    Returns
    -------
    PartsEffects
        The effects under these weights alone.
    """
    parts = parts_of(results)
    kept = np.flatnonzero(period_shares(results, year) @ parts.shares)
    return replace(parts, lag=parts.lag[:, kept], durbin=parts.durbin[:, kept], shares=np.ones((1, 1)))


def split(networks: list[PartsEffects], old: FloatArray, new: FloatArray) -> FloatArray:
    """Evaluate effects before and after, their change, and its two parts.

    Parameters
    ----------
    networks : list of PartsEffects
        The weights before and after.
    old, new : ndarray, shape (m, K)
        Coefficients before and after.

    Returns
    -------
    ndarray, shape (m, V, 3, 5)
        By variable, effect (EFFECTS) and part (PARTS).
    """
    (old_old, old_new), (new_old, new_new) = (
        [network.at(points)[:, 0] for network in networks] for points in (old, new)
    )
    network = 0.5 * (old_new - old_old + new_new - new_old)
    coefficients = 0.5 * (new_old - old_old + new_new - old_new)
    return np.stack([old_old, new_new, new_new - old_old, network, coefficients], axis=-1)
