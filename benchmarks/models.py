"""Speed and memory of the models beside spreg: A B A B in one process, medians of CPU time, imports excluded.

Run ``OPENBLAS_NUM_THREADS=1 python benchmarks/models.py``; about two minutes; results in ``results/models.json``
and, as a table, in ``docs/speed_models.md``. Ours is called through the public API with labelled data and does the
same plus labels, checks and standard errors from the exact information. "New weights": nothing is remembered of them;
"again": the next model on the same weights, whose eigenvalues up to 500 units are kept. Cases of many units run once,
each in a process of its own that says its peak memory; the peer too, where 6 GB are enough for it, and otherwise the
published or measured figure is named.
"""

import argparse
import io
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, csr_matrix, diags_array, eye_array
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

import yrdspatial as yrd
from yrdspatial.models.eigenvalues import forget
from yrdspatial.weights.series import WeightsSeries

RESULTS = Path(__file__).parent / "results" / "models.json"
TABLE = Path(__file__).parents[1] / "docs" / "speed_models.md"
FORMULA = "y ~ x1 + x2"
AIMS = {"SAR, one year": "3 x", "SAR, unit effects": "5 x", "SDM, two-way": "0.33 x"}
"""Ratios wished for with few units."""
LIMIT = 6 * 2**30
"""Bytes of address space given to a peer."""


def ring(units: int, rng: np.random.Generator) -> np.ndarray:
    """Four nearest neighbours of random points, symmetric links, row-standardized."""
    points = rng.random((units, 2))
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    links = np.zeros((units, units))
    np.put_along_axis(links, np.argsort(distance, axis=1)[:, :4], 1.0, axis=1)
    links = np.maximum(links, links.T)
    return links / links.sum(axis=1, keepdims=True)


def panel(units: int, periods: int, weights: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw a SAR panel (synthetic data), arrays (T, N)."""
    x = rng.standard_normal((periods, units, 2))
    mean = x @ [1.0, -0.5] + rng.standard_normal(units) + rng.standard_normal((periods, units))
    return {"y": np.linalg.solve(np.eye(units) - 0.4 * weights, mean.T).T, "x": x}


def frame(drawn: dict[str, np.ndarray]) -> pd.DataFrame:
    """Put a panel into a frame indexed (unit, year)."""
    periods, units = drawn["y"].shape
    index = pd.MultiIndex.from_product(
        [range(2001, 2001 + periods), range(units)], names=["year", "unit"]
    ).swaplevel()
    columns = {"y": drawn["y"].ravel(), "x1": drawn["x"][:, :, 0].ravel(), "x2": drawn["x"][:, :, 1].ravel()}
    return pd.DataFrame(columns, index)


def quiet(function: Callable[[], object]) -> Callable[[], object]:
    """Silence a peer that prints and warns."""

    def run() -> object:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function()

    return run


def median_times(
    ours: Callable[[], object], peer: Callable[[], object], repeats: int, *, fresh: bool = False
) -> tuple[float, float]:
    """Return median CPU seconds of both, run in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    ours()
    peer()
    for _ in range(repeats):
        for function, times in zip((ours, peer), taken, strict=True):
            if fresh:
                forget()
            start = time.process_time()
            function()
            times.append(time.process_time() - start)
    return statistics.median(taken[0]), statistics.median(taken[1])


def cases(
    rng: np.random.Generator,
) -> dict[str, tuple[Callable[[], object], Callable[[], object], int, float]]:
    """Each line: ours, the peer, repeats."""
    import spreg
    from libpysal.weights import WSP

    out: dict[str, tuple[Callable[[], object], Callable[[], object], int]] = {}
    for units, repeats in ((41, 21), (300, 9)):
        weights = ring(units, rng)
        table, peer_weights = pd.DataFrame(weights), WSP(csr_matrix(weights)).to_W()
        one = frame(panel(units, 1, weights, rng)).xs(2001, level="year")
        many = frame(panel(units, 20, weights, rng))
        wide = [many[name].unstack("year").to_numpy() for name in ("y", "x1", "x2")]
        y, x = one[["y"]].to_numpy(), one[["x1", "x2"]].to_numpy()
        out[f"SAR, one year, n = {units}"] = (
            lambda one=one, table=table: yrd.SAR(one, FORMULA, weights=table, effects="pooled").fit(),
            quiet(lambda y=y, x=x, w=peer_weights: spreg.ML_Lag(y, x, w, spat_impacts=None)),
            repeats,
        )
        for name, ours, peer in (
            ("SAR", yrd.SAR, spreg.Panel_FE_Lag),
            ("SEM", yrd.SEM, spreg.Panel_FE_Error),
        ):
            out[f"{name}, unit effects, N = {units}, T = 20"] = (
                lambda many=many, table=table, ours=ours: ours(
                    many, FORMULA, weights=table, effects="unit"
                ).fit(),
                quiet(lambda wide=wide, w=peer_weights, peer=peer: peer(wide[0], np.hstack(wide[1:]), w)),
                repeats,
            )
    out["SDM, two-way, W by year, 1,000 effect draws, N = 41, T = 17 *"] = _by_year(rng)
    return out


def _by_year(rng: np.random.Generator) -> tuple[Callable[[], object], Callable[[], object], int]:
    import spreg
    from libpysal.weights import WSP

    weights = np.stack([ring(41, rng) for _ in range(17)])
    drawn = panel(41, 17, weights[0], rng)
    data = frame(drawn)
    series = WeightsSeries.from_frames({2001 + t: pd.DataFrame(w) for t, w in enumerate(weights)})
    wide = [data[name].unstack("year").to_numpy() for name in ("y", "x1", "x2")]
    constant = WSP(csr_matrix(weights[0])).to_W()

    def ours() -> object:
        results = yrd.SDM(data, FORMULA, weights=series).fit()
        return results.impacts(method="simulation", seed=1)

    return ours, quiet(lambda: spreg.Panel_FE_Lag(wide[0], np.hstack(wide[1:]), constant)), 15


def nearest(units: int, seed: int) -> csr_array:
    """Four nearest neighbours of random points, symmetric links, row-standardized, sparse."""
    points = np.random.default_rng(seed).random((units, 2))
    order = cKDTree(points).query(points, k=5)[1][:, 1:]
    links = csr_array((np.ones(4 * units), (np.repeat(np.arange(units), 4), order.ravel())), (units, units))
    links = links.maximum(links.T)
    return csr_array(diags_array(1.0 / links.sum(axis=1)) @ links)


# Name: model, units, periods, distinct weights, peer or what is known of it, target.
LARGE: dict[str, tuple[str, int, int, int, str, str]] = {
    "SAR, one year, n = 3,000": ("SAR", 3000, 1, 1, "ML_Lag", "5x"),
    "SAR, one year, n = 30,000": ("SAR", 30000, 1, 1, "cannot: an inverse of 10.8 GB", "under 500 MB"),
    "SAR, one year, n = 100,000, with impacts": ("SAR", 100000, 1, 1, "cannot", "finishes"),
    "SAR, unit effects, N = 3,000, T = 20": (
        "SAR", 3000, 20, 1, "not run: 44 s and 8.4 GB (splm 24.6 s, 860 MB)", "10x, under 200 MB"
    ),
    "SEM, unit effects, N = 3,000, T = 20": ("SEM", 3000, 20, 1, "Panel_FE_Error", "4x"),
    "SDM, two-way, W by year, N = 337, T = 20, with impacts": ("SDM", 337, 20, 20, "none", "seconds"),
    "SDM, two-way, W by year, N = 3,000, T = 20": ("SDM", 3000, 20, 20, "none", ""),
}  # fmt: skip


def large_data(
    model: str, units: int, periods: int, distinct: int
) -> tuple[pd.DataFrame, list[csr_array], list[csr_array]]:
    """Draw a panel (synthetic), its distinct weights and the weights of each period."""
    rng = np.random.default_rng(1)
    kinds = [nearest(units, seed) for seed in range(distinct)]
    weights = [kinds[t % distinct] for t in range(periods)]
    x = rng.standard_normal((periods, units, 2))
    mean, noise = x @ [1.0, -0.5], rng.standard_normal((periods, units))
    effects = rng.standard_normal(units) * (periods > 1)
    y = np.empty((periods, units))
    for t, one in enumerate(weights):
        solver = splu((eye_array(units) - 0.4 * one).tocsc())
        lagged = noise[t] if model == "SEM" else mean[t] + effects + noise[t]
        y[t] = solver.solve(lagged) + (mean[t] + effects if model == "SEM" else 0.0)
    return frame({"y": y, "x": x}), kinds, weights


def run_ours(case: str) -> dict[str, float]:
    """CPU seconds and peak memory of one fit of many units, after a first one of few."""
    model, units, periods, distinct, _, _ = LARGE[case]
    few = frame(panel(12, max(periods, 2), ring(12, np.random.default_rng(0)), np.random.default_rng(0)))
    yrd.SAR(few, FORMULA, weights=pd.DataFrame(ring(12, np.random.default_rng(0)))).fit()
    data, _, weights = large_data(model, units, periods, distinct)
    if periods == 1:
        data = data.xs(2001, level="year")
    series = WeightsSeries.from_matrices(
        {2001 + t: one for t, one in enumerate(weights)}, pd.RangeIndex(units)
    )
    effects = "pooled" if periods == 1 else "twoways" if distinct > 1 else "unit"
    start = time.process_time()
    results = getattr(yrd, model)(data, FORMULA, weights=series, effects=effects).fit()
    if "impacts" in case:
        results.impacts()
    return measured(start)


def run_peer(case: str) -> dict[str, float]:
    """Measure spreg in the same way; it ends when memory does."""
    import spreg
    from libpysal.weights import WSP

    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    model, units, periods, distinct, peer, _ = LARGE[case]
    data, kinds, _ = large_data(model, units, periods, distinct)
    weights = WSP(csr_matrix(kinds[0])).to_W()
    wide = [data[name].to_numpy().reshape(periods, units).T for name in ("y", "x1", "x2")]
    options = {"method": "LU", "spat_impacts": None} if peer == "ML_Lag" else {}
    start = time.process_time()
    quiet(lambda: getattr(spreg, peer)(wide[0], np.hstack(wide[1:]), weights, **options))()
    return measured(start)


def measured(start: float) -> dict[str, float]:
    """CPU seconds since, and the peak memory of the process in MB (Linux; getrusage would count the parent's)."""
    spent = time.process_time() - start
    lines = Path("/proc/self/status").read_text().splitlines()
    return {
        "seconds": spent,
        "peak_mb": next(int(one.split()[1]) for one in lines if "VmHWM" in one) / 1024.0,
    }


def apart(what: str, case: str) -> dict[str, float] | None:
    """Run one case in a process of its own; None when it fails there."""
    command = [sys.executable, __file__, what, case]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def large_rows() -> list[dict[str, object]]:
    """One row a case of many units."""
    rows = []
    for case, (_, _, _, _, peer, target) in LARGE.items():
        ours = apart("--ours", case)
        theirs = apart("--peer", case) if peer in {"ML_Lag", "Panel_FE_Error"} else None
        said = peer if theirs is None else f"{theirs['seconds']:.2f} s, {theirs['peak_mb']:.0f} MB"
        if theirs is None and peer in {"ML_Lag", "Panel_FE_Error"}:
            said = "ends for want of memory (6 GB)"
        ratio = None if theirs is None or ours is None else theirs["seconds"] / ours["seconds"]
        rows.append({"case": case, "ours": ours, "spreg": said, "ratio": ratio, "target": target})
        print(json.dumps(rows[-1]), flush=True)
    return rows


def small_rows(seed: int) -> list[dict[str, object]]:
    """One row a case of few units."""
    rows = []
    for name, (ours, peer, repeats) in cases(np.random.default_rng(seed)).items():
        again, theirs = median_times(ours, peer, repeats)
        new, beside = median_times(ours, peer, repeats, fresh=True)
        rows.append(
            {
                "case": name,
                "new_ms": 1000 * new,
                "again_ms": 1000 * again,
                "spreg_ms": 1000 * theirs,
                "ratio_new": beside / new,
                "ratio_again": theirs / again,
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    return rows


def page(found: dict[str, object]) -> str:
    """Write the page of the docs."""
    lines = [
        "# Speed of the models",
        "",
        "Written by `benchmarks/models.py`: CPU time of ours beside spreg, in turn in one process, one BLAS thread.",
        f"{found['machine']}.",
        "",
        "| few units | new weights, ms | again, ms | spreg, ms | ratio, new weights | ratio, again | target |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found["small"]:
        aim = next((aim for start, aim in AIMS.items() if row["case"].startswith(start)), "")
        lines.append(
            f"| {row['case']} | {row['new_ms']:.1f} | {row['again_ms']:.1f} | {row['spreg_ms']:.1f} "
            f"| {row['ratio_new']:.1f} x | {row['ratio_again']:.1f} x | {aim} |"
        )
    lines += [
        "",
        '"New weights": nothing is remembered of them. "Again": the next model on the same weights, whose eigenvalues '
        "are kept. * beside spreg's one-way SAR with one W and no effects: nothing there does the same.",
        "",
        "| many units | ours, s | peak memory, MB | spreg | ratio | target |",
        "|---|---|---|---|---|---|",
    ]
    for row in found["large"]:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.1f} x"
        lines.append(
            f"| {row['case']} | {row['ours']['seconds']:.2f} | {row['ours']['peak_mb']:.0f} | {row['spreg']} "
            f"| {ratio} | {row['target']} |"
        )
    lines += [
        "",
        "Peak memory is that of the whole process: about 110 MB of it are Python, numpy, scipy and pandas. Each case "
        "of many units is one fit, reading of the data and weights included, in a process of its own. Standard errors "
        "are from the expected information with exact tr(G'G) up to 5,000 units, by 64 random probes beyond, which "
        "the summary says with their standard error. No table of N x N is formed above 2,500 units.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and write the results and the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ours", help="one case of many units, as a line of JSON")
    parser.add_argument("--peer", help="the same of the peer")
    parser.add_argument("--page", action="store_true", help="write the page from the last results")
    args = parser.parse_args()
    if args.page:
        TABLE.write_text(page(json.loads(RESULTS.read_text())))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if args.ours or args.peer:
            print(json.dumps(run_ours(args.ours) if args.ours else run_peer(args.peer)))
            return
        packages = ("numpy", "scipy", "pandas", "libpysal", "spreg")
        machine = f"Python {platform.python_version()}; " + ", ".join(f"{p} {version(p)}" for p in packages)
        found = {"machine": machine, "small": small_rows(args.seed), "large": large_rows()}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    TABLE.write_text(page(found))


if __name__ == "__main__":
    main()
