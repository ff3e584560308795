"""Who sends and who receives: effects by unit, from one set of units to another, by order of neighbours."""

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models.delta import coefficients_of, delta_table
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.spillover_matrices import (
    matrix_at,
    member_mask,
    parts_of,
    period_shares,
    term_position,
    terms_of,
)
from yrdspatial.models.within import FloatArray


def effect_matrix(
    results: SpatialPanelResults, variable: str, *, year: Hashable | None = None
) -> pd.DataFrame:
    """Find what a change of one variable in each unit does to each unit.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with spatial terms.
    variable : str
        A term of the formula.
    year : hashable, optional
        The weights of this year; the average over years by default.

    Returns
    -------
    DataFrame, shape (N, N)
        Row: the unit that receives; column: the unit that sends. (I - rho W)^-1 (beta I + theta W).

    References
    ----------
    LeSage and Pace (2009), Introduction to Spatial Econometrics, section 2.7.

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
    >>> effect_matrix(results, "x").loc["a", ["a", "b", "c"]].round(1).tolist()
    [2.2, 0.5, 0.1]
    """
    parts, position = parts_of(results), term_position(results, variable)
    matrix = matrix_at(parts, coefficients_of(results), position, period_shares(results, year))
    units = results.design.sample.units
    return pd.DataFrame(matrix, units.rename("receives"), units.rename("sends"))


def effects_by_unit(results: SpatialPanelResults, *, year: Hashable | None = None) -> pd.DataFrame:
    """Find what each unit keeps, sends and receives.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with spatial terms.
    year : hashable, optional
        The weights of this year; the average over years by default.

    Returns
    -------
    DataFrame
        Columns variable, unit, effect ("own", "sent", "received"), estimate, std_error, zstat, pvalue, lower, upper:
        own is the diagonal of the effect matrix, sent the rest of the column, received the rest of the row. The mean
        of own is the direct effect, and that of sent, as of received, the indirect effect.

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
    >>> effects_by_unit(results).set_index(["unit", "effect"])["estimate"]["a"].round(1).to_dict()
    {'own': 2.2, 'sent': 1.1, 'received': 1.1}
    """
    parts, shares = parts_of(results), period_shares(results, year)
    variables = terms_of(results)

    def values(point: FloatArray) -> FloatArray:
        out = []
        for position in range(len(variables)):
            matrix = matrix_at(parts, point, position, shares)
            own = np.diag(matrix)
            out.append(np.stack([own, matrix.sum(axis=0) - own, matrix.sum(axis=1) - own], axis=1))
        return np.stack(out)

    index = pd.MultiIndex.from_product(
        [variables, results.design.sample.units, ("own", "sent", "received")],
        names=["variable", "unit", "effect"],
    )
    return delta_table(values, [results], index)


def effects_between(
    results: SpatialPanelResults,
    senders: Iterable[Hashable],
    receivers: Iterable[Hashable] | None = None,
    *,
    year: Hashable | None = None,
) -> pd.DataFrame:
    """Find what a change in all units of one set does to the units of another, such as the core to the periphery.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with spatial terms.
    senders : iterable
        Units whose variable changes by one.
    receivers : iterable, optional
        Units that are looked at; all the others by default.
    year : hashable, optional
        The weights of this year; the average over years by default.

    Returns
    -------
    DataFrame
        Columns variable, estimate (the mean over receivers of the sum over senders), std_error, zstat, pvalue, lower,
        upper.

    Raises
    ------
    SpecificationError
        If a set is empty.

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
    >>> effects_between(results, senders=["a"], receivers=["b", "f"])["estimate"].round(1).tolist()
    [0.5]
    """
    units = results.design.sample.units
    sending = member_mask(units, senders)
    receiving = ~sending if receivers is None else member_mask(units, receivers)
    if not (sending.any() and receiving.any()):
        raise SpecificationError(
            "a set of units is empty", where="effects_between", cure="name at least one unit"
        )
    parts, shares = parts_of(results), period_shares(results, year)
    variables = terms_of(results)

    def values(point: FloatArray) -> FloatArray:
        matrices = [matrix_at(parts, point, position, shares) for position in range(len(variables))]
        return np.array([matrix[np.ix_(receiving, sending)].sum(axis=1).mean() for matrix in matrices])

    return delta_table(values, [results], pd.Index(variables, name="variable"))


def effects_between_groups(
    results: SpatialPanelResults,
    groups: Mapping[str, Iterable[Hashable]],
    variable: str,
    *,
    year: Hashable | None = None,
) -> pd.DataFrame:
    """Find what a change in all units of each group does to the units of each group, such as region to region.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with spatial terms.
    groups : mapping of str to iterable
        Units of each group; a unit may be in several, or in none.
    variable : str
        A term of the formula, which changes by one.
    year : hashable, optional
        The weights of this year; the average over years by default.

    Returns
    -------
    DataFrame
        Columns receives, sends, estimate (the mean over receivers of the sum over senders other than the receiver
        itself), std_error, zstat, pvalue, lower, upper: one row a pair of groups.

    Raises
    ------
    SpecificationError
        If a group is empty.

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
    >>> sides = {"left": ["a", "b", "c"], "right": ["d", "e", "f"]}
    >>> effects_between_groups(results, sides, "x")["estimate"].round(1).tolist()
    [0.7, 0.5, 0.5, 0.7]
    """
    parts, shares, position = (
        parts_of(results),
        period_shares(results, year),
        term_position(results, variable),
    )
    members = np.array(
        [member_mask(results.design.sample.units, units) for units in groups.values()], dtype=float
    )
    if not (members.size and members.any(axis=1).all()):
        raise SpecificationError(
            "a group is empty", where="effects_between_groups", cure="name at least one unit"
        )
    means = members / members.sum(axis=1, keepdims=True)

    def values(point: FloatArray) -> FloatArray:
        matrix = matrix_at(parts, point, position, shares)
        passed = matrix - np.diag(np.diag(matrix))
        return np.asarray(means @ passed @ members.T, dtype=np.float64)

    index = pd.MultiIndex.from_product([groups, groups], names=["receives", "sends"])
    return delta_table(values, [results], index)


def partition_by_order(results: SpatialPanelResults, *, orders: int = 5) -> pd.DataFrame:
    """Split effects by the order of the neighbours that pass them on.

    Parameters
    ----------
    results : SpatialPanelResults
        A fitted model with one spatial lag of y.
    orders : int
        The highest power of W shown.

    Returns
    -------
    DataFrame
        Columns variable, order, effect (direct, indirect, total), estimate, std_error, zstat, pvalue, lower, upper:
        the terms beta rho^q W^q + theta rho^(q-1) W^(q-1) V of the expansion of the effects, averaged over years.
        Direct effects of order 2 and more are feedback.

    Raises
    ------
    SpecificationError
        If the model has not one lag of y, or ``orders`` is negative.

    References
    ----------
    LeSage and Pace (2009), section 2.7.3.

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
    >>> table = partition_by_order(results, orders=2).set_index(["effect", "order"])["estimate"]
    >>> table["indirect"].round(1).tolist(), table["direct"].round(1).tolist()
    ([0.0, 0.8, 0.2], [2.0, 0.0, 0.2])
    """
    if results.design.problem.lag is None or orders < 0:
        cure = "use SAR, SDM, SAC or GNS with one weight, and orders of 0 or more"
        raise SpecificationError("effects have no orders here", where="partition_by_order", cure=cure)
    parts, shares = parts_of(results), period_shares(results, None)
    variables, units = terms_of(results), len(results.design.sample.units)
    gathered = shares @ parts.shares

    def values(point: FloatArray) -> FloatArray:
        padded, rho = np.append(point, 0.0), float(point[parts.rho[0]])
        out = np.zeros((len(variables), orders + 1, 2))
        power = np.broadcast_to(np.eye(units), parts.lag[0].shape)
        before = np.zeros_like(power)
        for order in range(orders + 1):
            for matrix, places in (
                (power, parts.own),
                *zip(before @ parts.durbin, parts.lagged, strict=True),
            ):
                means = np.stack([np.trace(matrix, axis1=1, axis2=2), matrix.sum((1, 2))], axis=1) / units
                out[:, order] += padded[places][:, None] * (gathered @ means)
            before, power = power, rho * power @ parts.lag[0]
        return np.stack([out[..., 0], out[..., 1] - out[..., 0], out[..., 1]], axis=-1)

    index = pd.MultiIndex.from_product(
        [variables, range(orders + 1), ("direct", "indirect", "total")], names=["variable", "order", "effect"]
    )
    return delta_table(values, [results], index)
