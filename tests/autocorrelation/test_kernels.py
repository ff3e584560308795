"""The loops themselves: plain Python, compiled, in chunks, and loaded on demand."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse import csr_array

import yrdspatial as yrd
from yrdspatial.autocorrelation import conditional, kernels
from yrdspatial.autocorrelation.conditional import sequences
from yrdspatial.autocorrelation.ordered import Columns, Links

N = 40


def inputs(squared):
    rng = np.random.default_rng(6)
    W = np.zeros((N, N))
    for i in range(1, N):
        W[i, rng.choice(np.delete(np.arange(N), i), 3, replace=False)] = rng.random(3)
    links = Links.of(csr_array(W))
    column = Columns.of(rng.normal(size=(N, 1)), csr_array(W), squared)[0]
    return links, column


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("name", ["sparse_counts", "dense_counts"])
@pytest.mark.parametrize("cores", [1, 2, 3])
def test_compiled_in_chunks_equals_plain_python(monkeypatch, name, squared, cores):
    links, column = inputs(squared)
    sides = (column.values, column.rank, column.low, column.high)
    if name == "sparse_counts":
        ranks = next(sequences(N, 4, 25, seed=1))
        hits = ranks[:-1].ravel()
        order = np.argsort(hits, kind="stable")
        begin = np.searchsorted(hits[order], np.arange(N + 1))
        draws = (column.ranked[ranks], begin, *np.divmod(order, 25))
    else:
        sides, draws = (*sides, column.ranked[None]), (next(sequences(N - 1, 39, 25, seed=1)),)
    above, below = np.zeros(N, np.int64), np.zeros(N, np.int64)
    getattr(kernels, name)(0, N, (links.start, links.weight), sides, draws, squared, above, below)
    monkeypatch.setattr(kernels, "cores", lambda: cores)
    monkeypatch.setattr(kernels, "PARALLEL", 0)
    found = kernels.run(name, (links.start, links.weight), sides, draws, squared)
    np.testing.assert_array_equal(found[0], above)
    np.testing.assert_array_equal(found[1], below)


def test_numba_is_loaded_on_demand():
    code = (
        "import sys, numpy as np; from scipy.sparse import csr_array;"
        "from yrdspatial.autocorrelation.conditional import local_tails;"
        "y = np.arange(5.0)[:, None]; W = csr_array(np.roll(np.eye(5), 1, axis=1));"
        "local_tails(y, W, permutations=99, seed=1);"
        "print('numba' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize("function", [yrd.local_moran, yrd.local_geary, yrd.local_g])
def test_results_do_not_depend_on_the_number_of_cores(monkeypatch, panel, grid, function):
    data = panel - panel.min()
    uneven = grid * np.random.default_rng(1).random((36, 36))
    monkeypatch.setattr(kernels, "PARALLEL", 0)
    monkeypatch.setattr(conditional, "WORTHWHILE", 0)
    tables = []
    for few, cores in ((128, 1), (128, 2), (128, 7)):
        monkeypatch.setattr(conditional, "FEW", few)
        monkeypatch.setattr(kernels, "cores", lambda cores=cores: cores)
        tables.append(function(data, uneven, permutations=199, seed=1).table)
    for table in tables[1:]:
        assert table.equals(tables[0])


def test_a_compiled_loop_is_made_once():
    assert kernels.compiled("dense_counts") is kernels.compiled("dense_counts")


def test_chunks_cover_every_cell(monkeypatch):
    seen = []
    monkeypatch.setattr(kernels, "PARALLEL", 0)
    monkeypatch.setattr(kernels, "cores", lambda: 4)
    monkeypatch.setattr(
        kernels, "compiled", lambda _: lambda first, last, *_: seen.extend(range(first, last))
    )
    cells = np.zeros(11)
    kernels.run("dense_counts", (cells, cells), (cells,), (np.zeros((1, 3)),), False)
    assert sorted(seen) == list(range(11))
