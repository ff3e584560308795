"""How long between two cities by the lines of a day: the dated graph and its shortest times (the numeric core)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from yrdspatial.errors import DataError

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class RailParameters:
    """The four calibrated numbers of the travel-time model (``rail/parameters.toml``).

    Attributes
    ----------
    speed_factor : float
        Share of the operating speed that the fastest trains hold between stations.
    station_stop_minutes : float
        Loss at a station on the way, minutes: the mean of stopping there and running through.
    line_change_minutes : float
        Loss where a trip goes from one line to another, minutes: the mean of through trains and changing trains.
    terminal_minutes : float
        Loss of starting at the first and braking into the last station together, minutes.
    """

    speed_factor: float
    station_stop_minutes: float
    line_change_minutes: float
    terminal_minutes: float


@dataclass(frozen=True)
class RailGraph:
    """A graph with one node a station and line, so that changing lines has a price.

    Attributes
    ----------
    n_nodes, n_units : int
        Number of nodes, number of cities.
    tail, head : numpy.ndarray
        Nodes at the two ends of each segment, shape (E,).
    run_minutes : numpy.ndarray
        Minutes of each segment at its operating speed, shape (E,).
    opened : numpy.ndarray
        Day of opening of each segment, ``datetime64[D]``, shape (E,).
    change_tail, change_head, change_opened : numpy.ndarray
        Pairs of nodes of one station, and the day from which both are there, shape (C,).
    access, access_unit : numpy.ndarray
        Nodes of main stations, and the positions of their cities in ascending order, shape (A,).
    """

    n_nodes: int
    n_units: int
    tail: npt.NDArray[np.intp]
    head: npt.NDArray[np.intp]
    run_minutes: npt.NDArray[np.float64]
    opened: Days
    change_tail: npt.NDArray[np.intp]
    change_head: npt.NDArray[np.intp]
    change_opened: Days
    access: npt.NDArray[np.intp]
    access_unit: npt.NDArray[np.intp]


def build_graph(segments: pd.DataFrame, stations: pd.DataFrame, units: pd.Index) -> RailGraph:
    """Turn tables of segments and stations into a dated graph.

    Parameters
    ----------
    segments : pandas.DataFrame
        Checked line segments.
    stations : pandas.DataFrame
        Checked stations, indexed by name.
    units : pandas.Index
        Codes of the cities; their order is the order of the result of :func:`city_minutes`.

    Returns
    -------
    RailGraph
        The graph of all lines ever opened; days select from it.

    Raises
    ------
    DataError
        If a line calls at a station that is not in the table of stations.

    Examples
    --------
    >>> from yrdspatial.rail.segments import read_segments, read_stations
    >>> build_graph(read_segments(), read_stations(), pd.Index([310000, 320100])).n_units
    2
    """
    nodes = _nodes(segments)
    unknown = nodes.loc[~nodes["station"].isin(stations.index), "station"]
    if len(unknown):
        raise DataError(
            "a line calls at an unknown station", where=unknown.iloc[0], cure="add it to rail/stations.csv"
        )
    number = pd.MultiIndex.from_frame(nodes[["station", "line"]])
    tail, head = (
        number.get_indexer(pd.MultiIndex.from_frame(segments[[end, "line"]]))
        for end in ("from_station", "to_station")
    )
    pairs = nodes.merge(nodes, on="station", suffixes=("", "_other")).query("node < node_other")
    access, unit = _access(nodes, stations, units)
    return RailGraph(
        n_nodes=len(nodes),
        n_units=len(units),
        tail=tail,
        head=head,
        run_minutes=(60 * segments["km"] / segments["operating_speed_kmh"]).to_numpy(dtype=np.float64),
        opened=segments["opened"].to_numpy().astype("datetime64[D]"),
        change_tail=pairs["node"].to_numpy(),
        change_head=pairs["node_other"].to_numpy(),
        change_opened=pairs[["opened", "opened_other"]].max(axis=1).to_numpy().astype("datetime64[D]"),
        access=access,
        access_unit=unit,
    )


def city_minutes(graph: RailGraph, day: np.datetime64, parameters: RailParameters) -> npt.NDArray[np.float64]:
    """Return the shortest times between cities by the segments opened on or before a day.

    Parameters
    ----------
    graph : RailGraph
        The dated graph.
    day : numpy.datetime64
        The day.
    parameters : RailParameters
        Speeds and losses.

    Returns
    -------
    numpy.ndarray
        Minutes, shape (N, N): symmetric, zero diagonal, ``inf`` where no line leads. The time of a pair is the
        best over the main stations of both cities. A trip over s segments with c changes of line takes
        terminal + run / speed_factor + (s - 1) stops + c changes. One more segment never makes a pair slower.

    References
    ----------
    Dijkstra, E. W. (1959). A note on two problems in connexion with graphs. Numerische Mathematik 1, 269-271.

    Examples
    --------
    >>> from yrdspatial.rail.segments import read_segments, read_stations
    >>> graph = build_graph(read_segments(), read_stations(), pd.Index([310000, 320100]))
    >>> city_minutes(graph, np.datetime64("2000-01-01"), RailParameters(0.9, 2.0, 15.0, 3.0))
    array([[ 0., inf],
           [inf,  0.]])
    """
    open_segment, open_change = graph.opened <= day, graph.change_opened <= day
    stop, change = parameters.station_stop_minutes, parameters.line_change_minutes
    minutes = np.concatenate(
        [
            graph.run_minutes[open_segment] / parameters.speed_factor + stop,
            np.full(int(open_change.sum()), change),
        ]
    )
    tail = np.concatenate([graph.tail[open_segment], graph.change_tail[open_change]])
    head = np.concatenate([graph.head[open_segment], graph.change_head[open_change]])
    edges = csr_array((minutes, (tail, head)), shape=(graph.n_nodes, graph.n_nodes))
    result = np.full((graph.n_units, graph.n_units), np.inf)
    if graph.access.size:
        paths = dijkstra(edges, directed=False, indices=graph.access)[:, graph.access]
        present, first = np.unique(graph.access_unit, return_index=True)
        best = np.minimum.reduceat(np.minimum.reduceat(paths, first, axis=0), first, axis=1)
        result[np.ix_(present, present)] = np.minimum(best, best.T) - stop + parameters.terminal_minutes
    np.fill_diagonal(result, 0.0)
    return result


def _nodes(segments: pd.DataFrame) -> pd.DataFrame:
    ends = [
        segments[[end, "line", "opened"]].set_axis(["station", "line", "opened"], axis=1)
        for end in ("from_station", "to_station")
    ]
    nodes = pd.concat(ends).groupby(["station", "line"])["opened"].min().reset_index()
    return nodes.assign(node=np.arange(len(nodes)))


def _access(
    nodes: pd.DataFrame, stations: pd.DataFrame, units: pd.Index
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    # the nodes of main stations and the positions of their cities, ordered by city
    mains = stations.loc[stations["main"].eq(1) & stations["adcode"].isin(units), "adcode"].astype(np.int64)
    there = nodes[nodes["station"].isin(mains.index)]
    unit = units.get_indexer(pd.Index(mains.loc[there["station"]]))
    order = np.argsort(unit, kind="stable")
    return there["node"].to_numpy()[order], unit[order]
