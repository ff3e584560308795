"""How long it would take by a network that nobody placed: straight lines, or a spanning tree grown by size of city."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from yrdspatial.errors import AlignmentError, GapError, YrdSpatialError
from yrdspatial.geography.units import seat_distances
from yrdspatial.panel.panel import load_panel
from yrdspatial.rail.modes import RoadRule, fastest
from yrdspatial.rail.network import RailNetwork, load_rail
from yrdspatial.rail.travel_time import DAYS, TravelTimes, check_years

Array: TypeAlias = npt.NDArray[np.float64]
HypotheticalKind: TypeAlias = Literal["straight", "spanning_tree"]
POPULATION = "population_resident"


def hypothetical_times(
    years: Iterable[int],
    *,
    kind: HypotheticalKind = "straight",
    when: Literal["mid_year", "year_end"] = "mid_year",
    access: float = 0.0,
    fallback: bool | RoadRule = True,
    size: "pd.Series[float] | None" = None,
    network: RailNetwork | None = None,
) -> TravelTimes:
    r"""Return travel times by a hypothetical network, from which instruments for the real one are made.

    Parameters
    ----------
    years : iterable of int
        The years; kept in their order.
    kind : {"straight", "spanning_tree"}
        - "straight": a straight line between every two seats, run at the speed of the fastest line in service on the
          day.
        - "spanning_tree": the minimum spanning tree of all seats by great-circle kilometres, opened in the order of
          size of the cities. The largest city comes first; then each city in turn, from the second largest on, is
          joined along the tree, and cities on the way are joined with it. On a day the tree has as many of these steps
          as fit into the number of cities that had fast trains on that day: how much is built is taken from the data,
          where it is built is not.
    when : {"mid_year", "year_end"}
        1 July or 31 December.
    access : float
        Minutes added to a trip by rail before the modes are compared.
    fallback : bool or RoadRule
        True: the faster of the hypothetical line and the road (a function of distance alone); a :class:`RoadRule`
        replaces the road assumption; False: ``inf`` where the hypothetical network does not lead. Real conventional
        trains are never used.
    size : Series, optional
        Size of each city, index adcode, for the order of "spanning_tree"; by default resident population in the first
        year that the shipped panel has it for all cities, 2005, before the first line opened.
    network : RailNetwork, optional
        Another network than the shipped one: its days, speeds and losses count, not its map.

    Returns
    -------
    TravelTimes
        Minutes by year, for :func:`yrdspatial.rail_weights` and :func:`yrdspatial.accessibility`. Hypothetical rail has
        the mode "hsr".

    Raises
    ------
    YrdSpatialError
        If ``kind`` or ``when`` is not known, or the access time is not a number of minutes.

    Notes
    -----
    A trip of :math:`d` kilometres with :math:`s` cities on the way takes :math:`c + 60 d / (f v_t) + s\,b` minutes:
    :math:`v_t` is the fastest operating speed in service on the day, :math:`f, b, c` the calibrated share of the speed
    that is held, the loss of a stop and the loss of starting and braking; :math:`s = 0` for straight lines.

    Straight lines differ between pairs only by distance, and over years only by :math:`v_t`: with unit and time effects
    hardly anything of them is left, and they are an instrument for one year or without time effects. The tree varies
    within cities over years. Neither excludes that being large, or lying between large cities, acts on y by other ways.

    References
    ----------
    Faber, B. (2014). Trade integration, market size, and industrialization: evidence from China's National Trunk
    Highway System. Review of Economic Studies 81(3), 1046-1070: spanning trees as instruments. Banerjee, A., Duflo, E.
    and Qian, N. (2020). On the road: access to transportation infrastructure and economic growth in China. Journal of
    Development Economics 145, 102442: straight lines between historical cities.

    Examples
    --------
    >>> times = hypothetical_times([2006, 2016], kind="spanning_tree")
    >>> times.modes(2006).loc[310000, 320500], times.modes(2016).loc[310000, 320500]
    ('road', 'hsr')
    """
    if kind not in {"straight", "spanning_tree"}:
        raise YrdSpatialError(f"kind={kind!r} is not known", cure="choose one of straight, spanning_tree")
    if when not in DAYS:
        raise YrdSpatialError(f"when={when!r} is not known", cure=f"choose one of {', '.join(DAYS)}")
    if not 0 <= access < np.inf:
        raise YrdSpatialError(f"access is {access}", cure="give minutes, 0 or more")
    wanted = check_years(years)
    rail = load_rail() if network is None else network
    km = seat_distances().loc[rail.units, rail.units].to_numpy(dtype=np.float64)
    tree = SpanningTree.of(km, _sizes(size, rail.units)) if kind == "spanning_tree" else None
    rule = fallback if isinstance(fallback, RoadRule) else RoadRule()
    minutes, codes = [], []
    for year in wanted:
        line = _rail_minutes(rail, pd.Timestamp(f"{year}-{DAYS[when]}"), km, tree) + access
        best, mode = (
            fastest(line) if fallback is False else fastest(line, np.full_like(km, np.inf), rule.minutes(km))
        )
        minutes.append(best)
        codes.append(mode)
    return TravelTimes(array=np.stack(minutes), units=rail.units, years=wanted, mode_codes=np.stack(codes))


@dataclass(frozen=True)
class SpanningTree:
    """The minimum spanning tree of points, and the step at which each joins it.

    Attributes
    ----------
    links : ndarray, shape (N, N)
        Kilometres of its links; zero where there is none; symmetric.
    joined : ndarray of int, shape (N,)
        The step at which a point joins: 0 for the largest, k with the (k + 1)-th largest or on the way to it.

    Examples
    --------
    >>> line = np.abs(np.subtract.outer([0.0, 1.0, 2.5], [0.0, 1.0, 2.5]))
    >>> tree = SpanningTree.of(line, np.array([5.0, 1.0, 3.0]))
    >>> tree.joined.tolist(), tree.served(3).tolist(), tree.served(2).tolist()
    ([0, 1, 1], [True, True, True], [True, False, False])
    """

    links: Array
    joined: npt.NDArray[np.intp]

    @classmethod
    def of(cls, km: Array, size: Array) -> "SpanningTree":
        """Grow the tree.

        Parameters
        ----------
        km : ndarray, shape (N, N)
            Distances.
        size : ndarray, shape (N,)
            Sizes; the earlier point comes first where two are as large.

        Returns
        -------
        SpanningTree
            The tree.
        """
        half = minimum_spanning_tree(km).toarray()
        links = half + half.T
        order = np.argsort(-size, kind="stable")
        _, before = dijkstra(links, directed=False, indices=int(order[0]), return_predecessors=True)
        joined = np.full(len(km), -1, dtype=np.intp)
        joined[order[0]] = 0
        for step, point in enumerate(order[1:], start=1):
            place = int(point)
            while joined[place] < 0:
                joined[place] = step
                place = int(before[place])
        return cls(np.asarray(links, dtype=np.float64), joined)

    def served(self, count: int) -> npt.NDArray[np.bool_]:
        """Return the points on the tree when it has as many steps as fit into a number of points.

        Parameters
        ----------
        count : int
            How many points may be served.

        Returns
        -------
        ndarray of bool, shape (N,)
            At most ``count`` points; none where it is less than two, as a line has two ends.
        """
        steps = np.unique(self.joined)
        sizes = np.array([(self.joined <= step).sum() for step in steps])
        fitting = steps[sizes <= count]
        if count < 2 or not fitting.size:
            return np.zeros(self.joined.size, dtype=np.bool_)
        return np.asarray(self.joined <= fitting[-1])

    def minutes(self, count: int, per_km: float, stop: float) -> Array:
        """Return running times along the part of the tree that is open.

        Parameters
        ----------
        count : int
            As of ``served``.
        per_km : float
            Minutes a kilometre.
        stop : float
            Minutes lost at each point on the way.

        Returns
        -------
        ndarray, shape (N, N)
            Minutes; ``inf`` where the tree does not lead.
        """
        served = self.served(count)
        open_links = np.where(
            np.logical_and.outer(served, served) & (self.links > 0), self.links * per_km + stop, 0.0
        )
        paths = np.asarray(dijkstra(open_links, directed=False), dtype=np.float64)
        return np.asarray(np.where(paths > 0, paths - stop, 0.0))


def _rail_minutes(rail: RailNetwork, day: pd.Timestamp, km: Array, tree: SpanningTree | None) -> Array:
    # Minutes by the hypothetical lines of a day, zero on the diagonal, inf before the first line.
    running = rail.segments.loc[rail.segments["opened"] <= day, "operating_speed_kmh"]
    if running.empty:
        return np.asarray(np.where(np.eye(len(km)) > 0, 0.0, np.inf))
    per_km = 60.0 / (rail.parameters.speed_factor * float(running.max()))
    if tree is None:
        return np.asarray(rail.parameters.terminal_minutes + km * per_km)
    count = int((rail.first_service() <= day).sum())
    return rail.parameters.terminal_minutes + tree.minutes(
        count, per_km, rail.parameters.station_stop_minutes
    )


def _sizes(size: "pd.Series[float] | None", units: pd.Index) -> Array:
    # Sizes in the order of the units.
    if size is None:
        table = load_panel().frame[POPULATION].unstack().dropna(axis=1, how="any")
        size = table[table.columns.min()]
    if not size.index.is_unique or not units.isin(size.index).all():
        missing = [str(unit) for unit in units if unit not in size.index]
        where = missing[0] if missing else "a city twice"
        raise AlignmentError("sizes do not cover the cities", where=where, cure="give one size a city")
    values = size.loc[units].to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        where = str(units[int(np.flatnonzero(~np.isfinite(values))[0])])
        raise GapError("a size is missing", where=where, cure="give one size a city")
    return np.asarray(values)
