"""Speed of the models beside their peers, in one process: A B A B, medians of CPU time, imports excluded.

The peer is spreg (cross-section ``ML_Lag`` and ``ML_Error``, panel ``Panel_FE_Lag`` and ``Panel_FE_Error`` with unit
effects), which is the only Python package with these models; ours does the same plus labels, checks, standard errors
from the exact information and, where said, effects. Ours is called through the public API. Run with
``OPENBLAS_NUM_THREADS=1``.
"""

import argparse
import io
import statistics
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout

import numpy as np
import pandas as pd
import spreg
from libpysal.weights import WSP
from scipy.sparse import csr_matrix

import yrdspatial as yrd
from yrdspatial.weights.series import WeightsSeries


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


def median_times(ours: Callable[[], object], peer: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return median CPU seconds of both, run in turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    ours()
    peer()
    for _ in range(repeats):
        for function, times in zip((ours, peer), taken, strict=True):
            start = time.process_time()
            function()
            times.append(time.process_time() - start)
    return statistics.median(taken[0]), statistics.median(taken[1])


def cases(rng: np.random.Generator) -> dict[str, tuple[Callable[[], object], Callable[[], object], int]]:
    """Each line: ours, the peer, repeats."""
    out: dict[str, tuple[Callable[[], object], Callable[[], object], int]] = {}
    for units, repeats in ((41, 15), (300, 5)):
        weights = ring(units, rng)
        table, peer_weights = pd.DataFrame(weights), WSP(csr_matrix(weights)).to_W()
        one = frame(panel(units, 1, weights, rng)).xs(2001, level="year")
        many = frame(panel(units, 20, weights, rng))
        wide = [many[name].unstack("year").to_numpy() for name in ("y", "x1", "x2")]
        y, x = one[["y"]].to_numpy(), one[["x1", "x2"]].to_numpy()
        out[f"SAR, one year, n = {units}"] = (
            lambda one=one, table=table: yrd.SAR(one, "y ~ x1 + x2", weights=table, effects="pooled").fit(),
            quiet(lambda y=y, x=x, w=peer_weights: spreg.ML_Lag(y, x, w, spat_impacts=None)),
            repeats,
        )
        for name, ours, peer in (
            ("SAR", yrd.SAR, spreg.Panel_FE_Lag),
            ("SEM", yrd.SEM, spreg.Panel_FE_Error),
        ):
            out[f"{name}, unit effects, N = {units}, T = 20"] = (
                lambda many=many, table=table, ours=ours: ours(
                    many, "y ~ x1 + x2", weights=table, effects="unit"
                ).fit(),
                quiet(lambda wide=wide, w=peer_weights, peer=peer: peer(wide[0], np.hstack(wide[1:]), w)),
                repeats,
            )
    out["SDM, two-way, W by year, 1,000 effect draws, N = 41, T = 17"] = _by_year(rng)
    return out


def _by_year(rng: np.random.Generator) -> tuple[Callable[[], object], Callable[[], object], int]:
    weights = np.stack([ring(41, rng) for _ in range(17)])
    drawn = panel(41, 17, weights[0], rng)
    data = frame(drawn)
    series = WeightsSeries.from_frames({2001 + t: pd.DataFrame(w) for t, w in enumerate(weights)})
    wide = [data[name].unstack("year").to_numpy() for name in ("y", "x1", "x2")]
    constant = WSP(csr_matrix(weights[0])).to_W()

    def ours() -> object:
        results = yrd.SDM(data, "y ~ x1 + x2", weights=series).fit()
        return results.impacts(method="simulation", seed=1)

    return ours, quiet(lambda: spreg.Panel_FE_Lag(wide[0], np.hstack(wide[1:]), constant)), 15


def main() -> None:
    """Print one line for each case."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print(f"{'case':<62}{'ours, ms':>10}{'spreg, ms':>11}{'spreg/ours':>12}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", yrd.errors.WeakIdentificationWarning)
        for name, (ours, peer, repeats) in cases(np.random.default_rng(args.seed)).items():
            mine, theirs = median_times(ours, peer, repeats)
            print(f"{name:<62}{1000 * mine:>10.1f}{1000 * theirs:>11.1f}{theirs / mine:>12.1f}", flush=True)
    print("the last line compares with spreg's one-way SAR without effects: nothing there does the same")


if __name__ == "__main__":
    main()
