"""How fast is autocorrelation beside esda, pygeoda and R's spdep: the same weights, in turn, in one process.

Run ``python benchmarks/autocorrelation.py``; about three minutes; results in ``results/autocorrelation.json`` and, as a
table, in ``docs/speed_autocorrelation.md``. ``--large`` runs a lattice of 300,000 cells instead, the peers once: some
five minutes; results in ``results/autocorrelation_large.json``. Times are CPU seconds of all threads, medians of turns
A B A B; imports and first compilations are outside, but for the line "first call", which is a fresh process in all.
Peers that are not installed are left out; spdep runs in R, its start not counted.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from libpysal.graph import Graph
from scipy.sparse import coo_array, csr_array, diags_array, eye_array, kron

import yrdspatial as yrd
from yrdspatial.autocorrelation.conditional import local_tails

RESULTS = Path(__file__).parent / "results"
TABLE = Path(__file__).parents[1] / "docs" / "speed_autocorrelation.md"
SEED = 1
Work = Callable[[], object]


def installed(package: str) -> str | None:
    """Return the version of a package, None when it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def in_turn(works: dict[str, Work], turns: int) -> dict[str, float]:
    """Return the median CPU seconds of each, run one after the other ``turns`` times after a warm-up; once if 0."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(turns + 1):
        for name, work in works.items():
            start = time.process_time()
            work()
            if turn or not turns:
                spent[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in spent.items()}


def row(case: str, times: dict[str, float], **notes: object) -> dict[str, object]:
    """Return one line of the table: seconds, and the ratio of each peer to ours."""
    ours = times["yrdspatial"]
    peers = {name: seconds for name, seconds in times.items() if not name.startswith("yrdspatial")}
    ratios = {name: round(seconds / ours, 1) for name, seconds in peers.items()}
    line = {"case": case, "cpu_seconds": {k: round(v, 5) for k, v in times.items()}, "ratio": ratios} | notes
    print(f"{case:58} {ratios}  ours {ours:.4f} s  {notes or ''}", flush=True)
    return line


def lattice(rows: int, columns: int, *, even: bool = True) -> csr_array:
    """Return row-standardized rook contiguity of a lattice; uneven: random weights on the same links."""
    near = [diags_array([1.0, 1.0], offsets=[-1, 1], shape=(n, n)) for n in (rows, columns)]
    W = (kron(eye_array(rows), near[1]) + kron(near[0], eye_array(columns))).tocsr()
    if not even:
        W.data = np.random.default_rng(SEED).random(W.data.size)
    return csr_array(diags_array(1 / W.sum(axis=1)) @ W)


def cells(rows: int, columns: int, y: np.ndarray) -> gpd.GeoDataFrame:
    """Return the lattice as squares, for pygeoda."""
    r, c = np.divmod(np.arange(rows * columns), columns)
    return gpd.GeoDataFrame({"y": y}, geometry=shapely.box(c, r, c + 1, r + 1), crs="EPSG:32650")


def quietly(work: Work) -> Work:
    """Keep esda's deprecation warnings out of the output."""

    def run() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            work()

    return run


def cities(turns: int) -> list[dict[str, object]]:
    """Return the lines of the 41 cities: many variables and years, contiguity and dense weights."""
    graph = yrd.contiguity_weights()
    units, rng = graph.unique_ids, np.random.default_rng(SEED)
    index = pd.MultiIndex.from_product([units, range(2004, 2021)], names=["unit", "year"])
    panel = pd.DataFrame(rng.normal(size=(len(index), 20)), index, [f"x{k}" for k in range(20)])
    wide = panel.to_numpy().reshape(41, -1)
    wide400, matrix = rng.normal(size=(41, 400)), csr_array(graph.sparse)
    plain400 = pd.DataFrame(wide400, units)

    def theirs(
        statistic: type, series: int, permutations: int, values: np.ndarray, **options: object
    ) -> Work:
        def run() -> None:
            for v in range(series):
                statistic(values[:, v], graph, permutations=permutations, **options)

        return quietly(run)

    def ours(function: Callable[..., object], data: pd.DataFrame, permutations: int) -> Work:
        return lambda: function(data, graph, permutations=permutations, seed=SEED)

    local = {"seed": SEED, "n_jobs": 1}
    lines = []
    times = in_turn(
        {
            "yrdspatial": ours(yrd.local_moran, plain400, 999),
            "yrdspatial core, numpy only": lambda: local_tails(
                wide400, matrix, permutations=999, seed=SEED, compiled=False
            ),
            "yrdspatial core, numba": lambda: local_tails(
                wide400, matrix, permutations=999, seed=SEED, compiled=True
            ),
            "esda": theirs(esda.Moran_Local, 400, 999, wide400, **local),
        },
        turns,
    )
    lines.append(row("local Moran, 41 cities x 400 series x 999", times))
    for name in ("numpy only", "numba"):
        path = {"yrdspatial": times[f"yrdspatial core, {name}"], "esda": times["esda"]}
        lines.append(row(f"of which the core alone, {name}", path))
    times = in_turn(
        {
            "yrdspatial": ours(yrd.local_moran, panel, 9999),
            "esda": theirs(esda.Moran_Local, 34, 9999, wide, **local),
        },
        1,
    )
    times["esda"] *= 10
    lines.append(
        row("local Moran, 20 variables x 17 years x 41 x 9,999", times, note="esda: 34 of 340 series, x 10")
    )
    twenty = panel.xs(2004, level="year")
    values = twenty.to_numpy()
    times = in_turn(
        {"yrdspatial": ours(yrd.moran, twenty, 999), "esda": theirs(esda.Moran, 20, 999, values)}, turns
    )
    lines.append(row("global Moran, 41 cities x 20 series x 999", times))
    times = in_turn(
        {"yrdspatial": ours(yrd.moran, panel, 9999), "esda": theirs(esda.Moran, 17, 9999, wide)}, 1
    )
    times["esda"] *= 20
    lines.append(
        row("global Moran, 20 variables x 17 years x 41 x 9,999", times, note="esda: 17 of 340 series, x 20")
    )
    return lines


def lattices(shapes: list[tuple[int, int]], turns: int) -> list[dict[str, object]]:
    """Return the lines of lattices: one variable, 999 permutations, contiguity and general weights."""
    lines = []
    geoda = installed("pygeoda") is not None
    for rows, columns in shapes:
        n = rows * columns
        y = pd.Series(np.random.default_rng(SEED).normal(size=n), name="y")
        for even in (True, False):
            graph = Graph.from_sparse(coo_array(lattice(rows, columns, even=even)))
            works: dict[str, Work] = {
                "yrdspatial": lambda y=y, graph=graph: yrd.local_moran(y, graph, permutations=999, seed=SEED),
                "esda": quietly(
                    lambda y=y, graph=graph: esda.Moran_Local(
                        y.to_numpy(), graph, permutations=999, seed=SEED, n_jobs=1
                    )
                ),
            }
            if geoda and even:
                works["pygeoda"] = pygeoda_work(rows, columns, y.to_numpy())
            times = in_turn(works, turns)
            spdep = r_spdep(rows, columns) if even and turns else None
            if spdep is not None:
                times["R spdep"] = spdep
            if not turns:
                times |= in_turn({"yrdspatial": works["yrdspatial"]}, 3)
            style = "contiguity" if even else "general weights"
            lines.append(row(f"local Moran, lattice of {n:,} x 999, {style}", times))
    return lines


def pygeoda_work(rows: int, columns: int, y: np.ndarray) -> Work:
    """Return the call of pygeoda, with its weights built before."""
    import pygeoda

    table = pygeoda.open(cells(rows, columns, y))
    weights = pygeoda.rook_weights(table)
    return lambda: pygeoda.local_moran(weights, table["y"], permutations=999, seed=SEED, cpu_threads=1)


R_SPDEP = """
suppressMessages(library(spdep))
weights <- nb2listw(cell2nb({rows}, {columns}, type = "rook"), style = "W")
y <- rnorm({rows} * {columns})
spent <- system.time(localmoran_perm(y, weights, nsim = 999))
cat("seconds", sum(spent[c(1, 2, 4, 5)], na.rm = TRUE))
"""


def r_spdep(rows: int, columns: int) -> float | None:
    """Return the CPU seconds of spdep in a process of R, without its start; None when R or spdep is not there."""
    program = shutil.which("Rscript")
    if program is None:
        return None
    code = R_SPDEP.format(rows=rows, columns=columns)
    done = subprocess.run([program, "-e", code], check=False, capture_output=True, text=True)
    found = re.search(r"seconds ([\d.e+-]+)", done.stdout)
    return float(found.group(1)) if done.returncode == 0 and found else None


FIRST = {
    "yrdspatial": (
        "import numpy as np, pandas as pd, yrdspatial as yrd; W = pd.DataFrame(np.roll(np.eye(41), 1, axis=1));"
        "yrd.local_moran(pd.Series(np.arange(41.0) ** 2), W, permutations=999, seed=1)"
    ),
    "esda": (
        "import warnings; warnings.simplefilter('ignore');"
        "import numpy as np, esda; from libpysal.graph import Graph; from scipy.sparse import coo_array;"
        "g = Graph.from_sparse(coo_array(np.roll(np.eye(41), 1, axis=1)));"
        "esda.Moran_Local(np.arange(41.0) ** 2, g, permutations=999, seed=1, n_jobs=1)"
    ),
}


def first_call() -> dict[str, object]:
    """Return the line of a fresh process: imports, loading or compiling, 41 units, 999 permutations."""
    times = {}
    for name, code in FIRST.items():
        spent = []
        for _ in range(3 if name == "yrdspatial" else 1):
            start = os.times()
            subprocess.run([sys.executable, "-c", code], check=True)
            end = os.times()
            spent.append(
                end.children_user + end.children_system - start.children_user - start.children_system
            )
        times[name] = statistics.median(spent)
    return row("first call in a fresh process, 41 units x 999", times)


PEAK = """
import re, numpy as np, pandas as pd, scipy.sparse as sp, yrdspatial as yrd
from yrdspatial.weights.series import WeightsSeries
near = [sp.diags_array([1.0, 1.0], offsets=[-1, 1], shape=(n, n)) for n in ({rows}, {columns})]
W = (sp.kron(sp.eye_array({rows}), near[1]) + sp.kron(near[0], sp.eye_array({columns}))).tocsr()
W.data = np.random.default_rng(1).random(W.data.size)
y = pd.Series(np.random.default_rng(1).normal(size=W.shape[0]))
yrd.local_moran(y, WeightsSeries.from_matrices({{0: sp.csr_array(W)}}, y.index), permutations=999, seed=1)
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1))
"""


def peak_memory(rows: int, columns: int) -> float:
    """Return the peak memory, in MB, of a fresh process that runs local Moran on a lattice with general weights."""
    code = PEAK.format(rows=rows, columns=columns)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return round(float(done.stdout) * 1024 / 1e6, 1)


def table(results: list[dict[str, object]]) -> str:
    """Return the lines of all result files as a table in Markdown."""
    peers = list(
        dict.fromkeys(name for result in results for line in result["rows"] for name in line["ratio"])
    )
    versions = results[0]["versions"]
    text = ["# Speed of autocorrelation", ""]
    text += [
        "Written by `benchmarks/autocorrelation.py`: CPU seconds of ours, and how many times as long the peers take."
    ]
    text += [
        f"Python {results[0]['machine']['python']}, {results[0]['machine']['cores']} cores; "
        + ", ".join(f"{name} {number}" for name, number in versions.items() if number)
        + ".",
        "",
    ]
    text += ["| case | ours, s | " + " | ".join(peers) + " |", "|---|---|" + "---|" * len(peers)]
    for line in (line for result in results for line in result["rows"]):
        ratios = " | ".join(f"{line['ratio'][name]} x" if name in line["ratio"] else "" for name in peers)
        text.append(f"| {line['case']} | {line['cpu_seconds']['yrdspatial']} | {ratios} |")
    memory = {n: peak for result in results for n, peak in result["peak_memory_mb"].items()}
    text += ["", "Peak memory of a whole process with general weights and 999 permutations: "]
    text[-1] += "; ".join(f"{n} cells {peak} MB" for n, peak in memory.items()) + "."
    return "\n".join(text) + "\n"


def main() -> None:
    """Run the cases and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="run the lattice of 300,000 cells instead")
    parser.add_argument("--turns", type=int, default=3, help="turns of each peer (default 3)")
    chosen = parser.parse_args()
    shapes = [(500, 600)] if chosen.large else [(50, 60), (150, 200)]
    lines = [] if chosen.large else [first_call(), *cities(chosen.turns)]
    lines += lattices(shapes, 0 if chosen.large else chosen.turns)
    memory = (
        {f"{r * c:,}": peak_memory(r, c) for r, c in shapes} if Path("/proc/self/status").exists() else {}
    )
    print("peak memory, MB:", memory)
    packages = ("numpy", "scipy", "pandas", "numba", "libpysal", "esda", "pygeoda")
    result = {
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "versions": {name: installed(name) for name in packages},
        "rows": lines,
        "peak_memory_mb": memory,
    }
    RESULTS.mkdir(exist_ok=True)
    files = [RESULTS / name for name in ("autocorrelation.json", "autocorrelation_large.json")]
    files[chosen.large].write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(table([json.loads(file.read_text("utf-8")) for file in files if file.exists()]), "utf-8")


if __name__ == "__main__":
    main()
