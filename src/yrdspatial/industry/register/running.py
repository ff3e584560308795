"""The blocks of a register counted one after another, in local processes, or on a Dask cluster."""

import functools
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from yrdspatial.errors import DataError, ExecutionError
from yrdspatial.execution import crews
from yrdspatial.execution.tasks import finished_tasks
from yrdspatial.industry.register.files import Block
from yrdspatial.industry.register.places import UnitGrid, unit_grid
from yrdspatial.industry.register.reading import BY_POINT, Rules, no_firms, read_firms, read_ids
from yrdspatial.industry.register.tally import Frame, Ints, Partial, Totals, tally

BUCKETS, BUCKET_BITS = 16, np.uint64(60)
RETRIES = 3
HUGE = 9e18  # sums of capital are exact below it, in millionths
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Job:
    """A block, its number, and the rows in it whose firm was there before."""

    number: int
    block: Block
    repeated: Ints


def count(
    blocks: Sequence[Block], rules: Rules, frame: Frame, shapes: gpd.GeoDataFrame, workers: int | str
) -> Totals:
    """Count the firms of all blocks.

    Parameters
    ----------
    blocks : sequence of Block
        The register.
    rules : Rules
        How rows are read.
    frame : Frame
        The table to fill.
    shapes : geopandas.GeoDataFrame
        The units, EPSG:4326.
    workers : int or str
        1 counts here, more in so many local processes, an address on that Dask cluster.

    Returns
    -------
    Totals
        The same whoever counts.

    Raises
    ------
    DataError
        If sums of capital are too large to be exact.
    """
    ids = _all_ids(blocks, rules, workers) if "firm" in rules.columns else []
    again = _repeated(ids) if ids else [np.empty(0, np.int64) for _ in blocks]
    jobs = [Job(number, block, rows) for number, (block, rows) in enumerate(zip(blocks, again, strict=True))]
    totals = Totals(frame)
    places: dict[int, npt.NDArray[np.int16]] = {}
    links = []
    run = _on_cluster if isinstance(workers, str) else _on_this_machine
    for number, part in run(jobs, rules, frame, shapes, workers):
        totals.add(part)
        places[number] = part.places
        links.append(part.links)
    if totals.magnitude > HUGE:
        cure = "give capital in larger units, such as 万元"
        raise DataError("the sums of capital are too large to be exact", cure=cure)
    if frame.linked and links:
        joined = tuple(np.concatenate(part) for part in zip(*links, strict=True))
        units = np.concatenate([places[number] for number in range(len(jobs))])
        totals.link(_units_of(joined[0], np.concatenate(ids), units), (joined[0], joined[1], joined[2]))
    return totals


def _all_ids(blocks: Sequence[Block], rules: Rules, workers: int | str) -> list[Hashes]:
    read = functools.partial(_read_ids, rules=rules)
    found = dict(finished_tasks(read, blocks, workers=workers, name="identifiers of firms"))
    return [found[number] for number in range(len(blocks))]


def _read_ids(block: Block, rules: Rules) -> Hashes:
    return read_ids(block, rules)


def _repeated(ids: Sequence[Hashes]) -> list[Ints]:
    # sorted in sixteenths, so that no second copy of all identifiers is made
    every = np.concatenate(ids)
    rows = [np.empty(0, np.int64)]
    for bucket in range(BUCKETS):
        members = np.flatnonzero((every >> BUCKET_BITS == bucket) & (every != 0))
        values = every[members]
        order = np.argsort(values, kind="stable")
        rows.append(members[order[1:][values[order[1:]] == values[order[:-1]]]])
    ends = np.cumsum([len(part) for part in ids])
    again = np.sort(np.concatenate(rows))
    starts = ends - np.array([len(part) for part in ids])
    edges = np.searchsorted(again, np.append(starts, ends[-1]))
    return [again[a:b] - start for a, b, start in zip(edges[:-1], edges[1:], starts, strict=True)]


def _units_of(wanted: Hashes, ids: Hashes, units: npt.NDArray[np.int16]) -> Ints:
    found = np.full(len(wanted), -1, np.int64)
    for bucket in range(BUCKETS):
        members = np.flatnonzero((ids >> BUCKET_BITS == bucket) & (units >= 0))
        members = members[np.argsort(ids[members])]
        asked = np.flatnonzero(wanted >> BUCKET_BITS == bucket)
        if not len(members):
            continue
        place = np.minimum(np.searchsorted(ids[members], wanted[asked]), len(members) - 1)
        match = ids[members][place] == wanted[asked]
        found[asked[match]] = units[members[place[match]]]
    return found


def _on_this_machine(
    jobs: Sequence[Job], rules: Rules, frame: Frame, shapes: gpd.GeoDataFrame, workers: int | str
) -> Iterator[tuple[int, Partial]]:
    work = functools.partial(_count_block, rules=rules, frame=frame, grid=unit_grid(shapes))
    yield from finished_tasks(work, jobs, workers=workers, name="firms")


def _count_block(job: Job, rules: Rules, frame: Frame, grid: UnitGrid) -> Partial:
    parts = []
    for firms in read_firms(job.block, rules):
        place = _located(firms, ("unit", "x", "y"), grid)
        previous = _located(firms, ("previous", "previous_x", "previous_y"), grid)
        parts.append(_tally(firms, place, previous, job, frame))
    return _joined(parts, frame)


def _tally(firms: pd.DataFrame, place: Any, previous: Any, job: Job, frame: Frame) -> Partial:
    rows = job.repeated + job.block.start
    here = rows[(rows >= firms.index[0]) & (rows <= firms.index[-1])] if len(firms) else rows[:0]
    return tally(firms, place, previous, repeated=here, block=job.block, frame=frame)


def _located(firms: pd.DataFrame, names: tuple[str, str, str], grid: UnitGrid) -> npt.NDArray[np.int16]:
    place, x, y = (firms[name].to_numpy() for name in names)
    points = place == BY_POINT
    found = place.copy()
    found[points] = grid.find(x[points], y[points])
    return found


def _joined(parts: Sequence[Partial], frame: Frame) -> Partial:
    if len(parts) == 1:
        return parts[0]
    totals = Totals(frame)
    for part in parts:
        totals.add(part)
    sums = {name: (np.flatnonzero(table), table[table != 0]) for name, table in totals.sums.items()}
    places = np.concatenate([np.empty(0, np.int16), *(part.places for part in parts)])
    kinds = (np.uint64, np.int64, np.int64)
    links = [
        np.concatenate([np.empty(0, kind), *(part.links[which] for part in parts)])
        for which, kind in enumerate(kinds)
    ]
    return Partial(sums, totals.problems, totals.rows, totals.firms, places, (links[0], links[1], links[2]))


def _on_cluster(
    jobs: Sequence[Job], rules: Rules, frame: Frame, shapes: gpd.GeoDataFrame, workers: int | str
) -> Iterator[tuple[int, Partial]]:
    # one partition a block; the points are joined to the polygons by dask-geopandas
    names = ("dask", "dask.dataframe", "dask_geopandas", "distributed")
    try:
        dask, dd, dask_geopandas, distributed = map(importlib.import_module, names)
    except ImportError as error:
        cure = 'pip install "yrdspatial[distributed]"'
        raise ExecutionError("a cluster needs dask-geopandas", where=str(workers), cure=cure) from error
    polygons = gpd.GeoDataFrame(geometry=shapes.geometry.to_numpy())  # both sides in WGS 84, unsaid
    try:
        client = distributed.Client(str(workers), timeout=crews.PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        cure = "start a scheduler there, or give a number of local processes"
        raise ExecutionError("the cluster does not answer", where=str(workers), cure=cure) from error
    with client:
        firms = dd.from_map(_whole_block, [job.block for job in jobs], rules=rules, meta=no_firms())
        frames = [firms.to_delayed()]
        for x, y, wanted in (("x", "y", True), ("previous_x", "previous_y", "previous_lon" in rules.columns)):
            if wanted:
                points = dask_geopandas.points_from_xy(firms, x, y)
                at = dask_geopandas.from_dask_dataframe(firms[[x]], geometry=points)
                frames.append(dask_geopandas.sjoin(at, polygons, predicate="intersects").to_delayed())
        count = dask.delayed(_count_joined, pure=False)
        lists = [[part[n] for part in frames] for n in range(len(jobs))]
        tasks = [count(parts, job, frame) for parts, job in zip(lists, jobs, strict=True)]
        futures = client.compute(tasks, retries=RETRIES)
        numbers = {future.key: number for number, future in enumerate(futures)}
        done = distributed.as_completed(futures, loop=client.loop)
        del futures
        for future in done:
            yield numbers[future.key], future.result()


def _whole_block(block: Block, rules: Rules) -> pd.DataFrame:
    parts = list(read_firms(block, rules))
    return pd.concat(parts) if parts else no_firms()


def _count_joined(parts: Sequence[pd.DataFrame], job: Job, frame: Frame) -> Partial:
    firms, *joined = parts
    place = _matched(firms, "unit", joined[0])
    previous = _matched(firms, "previous", joined[1]) if len(joined) > 1 else firms["previous"].to_numpy()
    return _tally(firms, place, previous, job, frame)


def _matched(firms: pd.DataFrame, name: str, joined: pd.DataFrame) -> npt.NDArray[np.int16]:
    first = joined["index_right"].groupby(level=0).min()
    place = firms[name].to_numpy().copy()
    points = place == BY_POINT
    found = first.reindex(firms.index[points]).fillna(-1).to_numpy()
    place[points] = found.astype(np.int16)
    return place
