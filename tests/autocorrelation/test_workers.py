"""Permutations give the same numbers whoever draws them: here, two processes, a cluster of two."""

import os
import signal
import threading
import time

import dask
import distributed
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy.sparse import csr_array

import yrdspatial as yrd
from yrdspatial.autocorrelation import conditional, kernels
from yrdspatial.autocorrelation.ordered import Columns, Links
from yrdspatial.errors import SpecificationError
from yrdspatial.execution.crews import keeping_workers

FUNCTIONS = [
    yrd.moran,
    yrd.geary,
    yrd.getis_ord,
    yrd.pooled_moran,
    yrd.local_moran,
    yrd.local_geary,
    yrd.local_g,
]
PAIRED = [yrd.bivariate_moran, yrd.local_bivariate_moran]


@pytest.fixture(scope="module")
def cluster():
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "processes": True}
    patience = {"distributed.comm.timeouts.connect": "5s"}  # what it waits for a worker that was killed
    with dask.config.set(patience), distributed.LocalCluster(**options) as cluster:
        yield cluster


def plain(result):
    return result.table if isinstance(result, yrd.Lisa) else result


def changing(grid):
    uneven = grid * np.random.default_rng(1).random((36, 36))
    return yrd.WeightsSeries({2005: grid, 2006: uneven, 2007: grid})


@keeping_workers()
def all_of(panel, weights, **run):
    data = panel - panel.min()
    pair = tuple(data.columns[:2])
    tables = [plain(function(data, weights, permutations=99, seed=4, **run)) for function in FUNCTIONS]
    return tables + [plain(one(data, weights, pair, permutations=99, seed=4, **run)) for one in PAIRED]


@pytest.mark.parametrize("few", [0, 128])
def test_the_same_numbers_whoever_draws_them(monkeypatch, panel, grid, cluster, few):
    monkeypatch.setattr(conditional, "FEW", few)
    monkeypatch.setattr(conditional, "MANY", 1 if few == 0 else 0.25)
    here = all_of(panel, changing(grid))
    for workers in (2, cluster.scheduler_address):
        for one, other in zip(here, all_of(panel, changing(grid), workers=workers), strict=True):
            pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("function", [yrd.moran, yrd.local_moran])
def test_steps_are_counted_to_the_end(panel, grid, function):
    steps = []
    function(
        panel, changing(grid), permutations=99, seed=4, workers=2, progress=lambda *step: steps.append(step)
    )
    assert steps == sorted(steps)
    assert steps[-1] == (198, 198)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("workers", [0, True, "two"])
def test_what_names_no_workers(panel, grid, function, workers):
    with pytest.raises(SpecificationError, match="names no workers"):
        function(panel - panel.min(), grid, permutations=9, seed=4, workers=workers)


def test_an_unknown_option_is_refused(panel, grid):
    for function in (yrd.moran, yrd.local_moran):
        with pytest.raises(SpecificationError, match="there is no option perms"):
            function(panel, grid, permutations=9, seed=4, perms=3)


def test_a_cluster_that_loses_a_worker_gives_the_same_numbers(cluster):
    n = 3000
    rng = np.random.default_rng(2)
    near = rng.integers(0, n, (n, 6))
    frame = pd.DataFrame(
        {"focal": np.repeat(np.arange(n), 6), "neighbor": near.ravel(), "weight": rng.random(6 * n)}
    )
    kept = frame[frame["focal"] != frame["neighbor"]].drop_duplicates(["focal", "neighbor"])
    graph = Graph.from_arrays(
        kept["focal"].to_numpy(), kept["neighbor"].to_numpy(), kept["weight"].to_numpy()
    )
    data = pd.Series(rng.normal(size=n), name="noise")
    here = yrd.moran(data, graph, permutations=20_000, seed=4)

    victim = next(iter(cluster.workers.values())).pid
    killer = threading.Timer(0.5, os.kill, (victim, signal.SIGKILL))
    killer.start()
    begun = time.monotonic()
    there = yrd.moran(data, graph, permutations=20_000, seed=4, workers=cluster.scheduler_address)
    assert time.monotonic() - begun > 0.5
    killer.join()
    pd.testing.assert_frame_equal(here, there, check_exact=True)


@pytest.mark.parametrize("squared", [False, True])
def test_a_part_of_the_units_counts_as_among_all(squared):
    rng = np.random.default_rng(3)
    W = csr_array(rng.random((30, 30)) * (rng.random((30, 30)) < 0.2) * (1 - np.eye(30)))
    W.eliminate_zeros()
    links, columns = Links.of(W), Columns.of(np.round(rng.random((30, 3)), 1), W, squared)
    units = range(7, 19)
    some, observed = links.part(units), columns.part(units)
    assert some.weight.tolist() == [
        w for i in units for w in links.weight[links.start[i] : links.start[i + 1]]
    ]
    assert some.degree.tolist() == np.diff(some.start).tolist() == links.degree[7:19].tolist()
    for v in range(3):
        assert observed[v].order.tolist() == [i - 7 for i in columns[v].order if i in units]
        assert observed[v].rank.tolist() == columns[v].rank[7:19].tolist()
    for dense in (False, True):
        for compiled in (False, True):
            width = int(links.degree.max()) + (not dense)
            request = conditional.Request(199, 5, squared, compiled, dense, width)
            whole = np.stack(conditional._counted(links, columns, request, lambda *_: None))
            part = conditional._part(links, columns, request, units)
            np.testing.assert_array_equal(part, whole[:, 7:19])


def test_a_worker_uses_one_core(monkeypatch):
    monkeypatch.setattr(kernels.multiprocessing, "parent_process", object)
    assert kernels.cores() == 1
