"""Check whether event studies find the truth where cohorts differ and where treatment spills over.

Run ``python benchmarks/treatment.py``; about six minutes; results in ``results/treatment.json``. With ``--page`` the
tables of ``docs/causes/openings.md`` are written from it. Synthetic panels of 41 units and 17 years; cohorts of 8 units
first treated in periods 4, 7, 10 and 13 and 9 never treated, dealt out to the units at random once; two-way effects,
errors normal with variance one (or an AR(1) within units). Designs:

- "none": no effect (size of the tests);
- "cohorts": effects that grow by 0.3 a year and are larger for early cohorts, the textbook case;
- "cohorts, correlated": the same with errors that follow an AR(1) with coefficient 0.6 within units;
- "openings": cohorts of the delta's first high-speed service, 3 with one city, effects as in "cohorts";
- "spillover": effect 1, and each treated share of four neighbours adds 0.8 to the untreated and 0.4 to the treated.
"""

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from yrdspatial.treatment.by_group_time import by_group_time
from yrdspatial.treatment.by_imputation import by_imputation
from yrdspatial.treatment.by_twoways import by_twoways
from yrdspatial.treatment.openings import rail_openings
from yrdspatial.treatment.request import Request, read_options
from yrdspatial.treatment.results import EventStudy
from yrdspatial.treatment.staggered import NEVER, Staggered

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "treatment.json"
PAGE = HERE.parent / "docs" / "causes" / "openings.md"
UNITS, PERIODS, DRAWS, SEED = 41, 17, 2000, 41
SLOW = 1000
"""Panels of group_time, the slowest method, and of the designs "cohorts, correlated" and "openings", at most."""
SPILL = {"untreated": 0.8, "treated": 0.4}
DESIGNS = ("none", "cohorts", "cohorts, correlated", "openings", "spillover")
METHODS = {"imputation": by_imputation, "group_time": by_group_time, "twoways": by_twoways}


def cohorts(design: str, rng: np.random.Generator) -> np.ndarray:
    """First treated period of each unit; those of the delta count from 2006 on."""
    if design == "openings":
        years = rail_openings()["first_year"].astype("Float64").fillna(9999.0).to_numpy(dtype=float)
        return np.where(years > 2022, NEVER, years - 2006).astype(np.intp)
    return rng.permutation(np.repeat([4, 7, 10, 13, NEVER], [8, 8, 8, 8, 9]))


def neighbours(rng: np.random.Generator) -> np.ndarray:
    """Four nearest neighbours of random points, row-standardized."""
    points = rng.random((UNITS, 2))
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    W = np.zeros((UNITS, UNITS))
    np.put_along_axis(W, np.argsort(distance, axis=1)[:, :4], 0.25, axis=1)
    return W


def truth(design: str, first: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Effects of all cells, shape (T, N), without the spillover."""
    since = np.arange(PERIODS)[:, None] - first
    if design == "none":
        return np.zeros_like(exposure)
    if design == "spillover":
        return (since >= 0) * 1.0
    early = 1.0 + 0.1 * (13 - np.minimum(first, 13))
    return np.where(since >= 0, early + 0.3 * since, 0.0)


def errors(design: str, rng: np.random.Generator) -> np.ndarray:
    """Errors with variance one."""
    noise = rng.normal(size=(PERIODS, UNITS))
    if design == "cohorts, correlated":
        for period in range(1, PERIODS):
            noise[period] = 0.6 * noise[period - 1] + 0.8 * noise[period]
    return noise


def studies(sample: Staggered, design: str, seed: int) -> dict[str, EventStudy]:
    """All methods on one panel."""
    labels = (pd.RangeIndex(UNITS), pd.RangeIndex(PERIODS))
    plain = Staggered(sample.y, sample.X, sample.first, sample.windows, sample.clusters)
    found = {}
    for method, run in METHODS.items():
        if method == "group_time" and seed >= SLOW:
            continue
        options = read_options(seed=seed, draws=199)
        asked = Request(plain, *labels, "y", method, "not_yet", (-4, 3), options, ())
        found[method] = run(asked)
        if design == "spillover" and method != "group_time":
            asked = Request(sample, *labels, "y", method, "not_yet", (-4, 3), options, ())
            found[f"{method} with exposure"] = run(asked)
    if design == "openings":
        options = read_options(common="cohort")
        asked = Request(plain, *labels, "y", "imputation", "not_yet", (-4, 3), options, ())
        found["imputation, common cohort"] = by_imputation(asked)
    return found


def simulate(design: str, draws: int) -> dict[str, Any]:
    """Draw panels and measure bias, spread, coverage and size of every method."""
    rng = np.random.default_rng([SEED, DESIGNS.index(design)])
    first, W = cohorts(design, rng), neighbours(rng)
    treated = (np.arange(PERIODS)[:, None] >= first).astype(float)
    exposure = treated @ W.T
    effect = truth(design, first, exposure)
    spill = (
        exposure * np.where(treated > 0, SPILL["treated"], SPILL["untreated"])
        if design == "spillover"
        else 0.0
    )
    flat = np.zeros((PERIODS, UNITS), dtype=np.intp)
    targets = targets_of(effect, treated, first)
    seen: dict[str, list[list[float]]] = {}
    for draw in range(min(draws, SLOW) if design in {"cohorts, correlated", "openings"} else draws):
        y = rng.normal(size=UNITS) + rng.normal(size=(PERIODS, 1)) + effect + spill + errors(design, rng)
        sample = Staggered(y, np.zeros((PERIODS, UNITS, 0)), first, flat, np.arange(UNITS), exposure)
        for name, study in studies(sample, design, draw).items():
            seen.setdefault(name, []).append(measured(study, targets))
    return {name: summary(np.array(rows)) for name, rows in seen.items()}


def targets_of(effect: np.ndarray, treated: np.ndarray, first: np.ndarray) -> dict[str, float]:
    """Compute the true average effects: over all treated cells, and three years after opening."""
    third = np.arange(PERIODS)[:, None] - first == 3
    return {
        "att": float(effect[treated > 0].mean()),
        "third": float(effect[third].mean()),
        "untreated": SPILL["untreated"],
        "treated": SPILL["treated"],
    }


def measured(study: EventStudy, targets: dict[str, float]) -> list[float]:
    """Error and coverage of the average and of the effect three years after, size of the pre-trend test."""
    rows = [study.att, study.table.loc[3]]
    values = []
    for row, name in zip(rows, ("att", "third"), strict=True):
        held = row["lower"] <= targets[name] <= row["upper"]
        values += [row["estimate"] - targets[name], row["std_error"], float(held)]
    values.append(float(study.pretrend_test is not None and study.pretrend_test.pvalue < 0.05))
    for name in ("untreated", "treated"):
        if name in study.exposure.index:
            row = study.exposure.loc[name]
            held = row["lower"] <= targets[name] <= row["upper"]
            values += [row["estimate"] - targets[name], row["std_error"], float(held)]
    return values


def summary(rows: np.ndarray) -> dict[str, float]:
    """One line of the table."""
    names = [("att", 0), ("third", 3)] + ([("untreated", 7), ("treated", 10)] if rows.shape[1] > 7 else [])
    line: dict[str, float] = {"draws": len(rows), "pretrend rejected": round(float(rows[:, 6].mean()), 4)}
    for name, place in names:
        line[f"{name} bias"] = round(float(rows[:, place].mean()), 4)
        line[f"{name} sd"] = round(float(rows[:, place].std(ddof=1)), 4)
        line[f"{name} mean error"] = round(float(rows[:, place + 1].mean()), 4)
        line[f"{name} covered"] = round(float(rows[:, place + 2].mean()), 4)
    return line


def page(results: dict[str, Any]) -> str:
    """Write the tables of the docs page."""
    columns = "| panel | method | bias | SD | mean error | held | bias, year 3 | held | trends rejected |\n"
    head = columns + "|---" * 9 + "|\n"
    rows = [
        f"| {design} | {method} | {mark(line['att bias'])} | {line['att sd']:.3f} | {line['att mean error']:.3f} | "
        f"{line['att covered']:.1%} | {mark(line['third bias'])} | {line['third covered']:.1%} | "
        f"{line['pretrend rejected']:.1%} |"
        for design, lines in results.items()
        for method, line in lines.items()
    ]
    spill = [
        f"| {method} | {mark(line['untreated bias'])} | {line['untreated covered']:.1%} | "
        f"{mark(line['treated bias'])} | {line['treated covered']:.1%} |"
        for method, line in results.get("spillover", {}).items()
        if "untreated bias" in line
    ]
    second = "| method | bias, untreated (0.8) | held | bias, treated (0.4) | held |\n|---|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n\n" + second + "\n".join(spill) + "\n"


def mark(bias: float) -> str:
    """Bold beyond 0.03."""
    return f"**{bias:+.3f}**" if abs(bias) > 0.03 else f"{bias:+.3f}"


def main() -> None:
    """Run the designs that are asked for, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--designs", nargs="*", default=list(DESIGNS))
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    warnings.simplefilter("error")
    for design in [] if asked.page else asked.designs:
        results[design] = simulate(design, asked.draws)
        ordered = {name: results[name] for name in DESIGNS if name in results}
        RESULTS.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
        print(design, json.dumps(results[design], indent=1))
    if asked.page:
        text = PAGE.read_text(encoding="utf-8")
        start, end = "<!-- the table: made by benchmarks/treatment.py --page -->\n", "<!-- the table ends -->"
        before, after = text.split(start)[0], text.split(end)[1]
        PAGE.write_text(before + start + "\n" + page(results) + "\n" + end + after, encoding="utf-8")


if __name__ == "__main__":
    main()
