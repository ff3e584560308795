"""How often do the clusters lie: maps of pure noise, local statistics, with and without the false discovery rate.

Run ``python benchmarks/clusters_on_noise.py``; about a minute for 2,000 maps of the 41 cities. Each line: the share of
maps with any cluster (what the correction controls at 5 per cent), and the units per map that are significant at 5 per
cent without correction (2.05 are expected of a test of the right size).
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import yrdspatial as yrd

RESULTS = Path(__file__).parent / "results" / "clusters_on_noise.json"
STATISTICS: dict[str, Callable[..., "yrd.Lisa"]] = {
    "local Moran": yrd.local_moran,
    "local Geary": yrd.local_geary,
    "local G": yrd.local_g,
}


def noise(kind: str, maps: int, units: pd.Index) -> pd.DataFrame:
    """Return maps of independent values: normal (shifted to be positive), or log-normal as shares and quotients are."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(len(units), maps))
    return pd.DataFrame(np.exp(values) if kind == "log-normal" else values + 10, units)


def shares(result: "yrd.Lisa") -> dict[str, float]:
    """Return the share of maps with a cluster after correction by map, and uncorrected units a map."""
    judged = result.readjust(correction="fdr", family="map").table
    found = (judged["cluster"] != "not significant").groupby(judged["variable"]).any()
    single = (result.table["p_sim"] <= 0.05).groupby(result.table["variable"]).sum()
    return {
        "maps_with_cluster": round(float(found.mean()), 4),
        "units_uncorrected": round(float(single.mean()), 3),
    }


def main() -> None:
    """Run all statistics on both kinds of noise under two weights, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--maps", type=int, default=2000)
    parser.add_argument("--permutations", type=int, default=9999)
    chosen = parser.parse_args()
    weights = {"contiguity": yrd.contiguity_weights(), "inverse distance": yrd.distance_weights()}
    lines = []
    for name, graph in weights.items():
        for kind in ("normal", "log-normal"):
            maps = noise(kind, chosen.maps, graph.unique_ids)
            for label, statistic in STATISTICS.items():
                result = statistic(maps, graph, permutations=chosen.permutations, seed=1, correction="none")
                lines.append({"weights": name, "noise": kind, "statistic": label} | shares(result))
                print(lines[-1], flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    result = {"maps": chosen.maps, "permutations": chosen.permutations, "rows": lines}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
