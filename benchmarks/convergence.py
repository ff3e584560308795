"""Are speeds of convergence found at 41 units and 17 years, and how often the log t test rejects what is there.

Run ``python benchmarks/convergence.py``; results in ``results/convergence.json``; ``--page`` writes the tables of
docs/causes/convergence.md from them and runs nothing. Panels follow a dynamic Durbin model in log levels,
y_t = S_t^-1 (tau y_{t-1} + eta W_{t-1} y_{t-1} + x_{t-1} + theta W_t x_{t-1} + effects + e_t), under constant and
changing weights. Direct and total coefficient of the initial level are estimated by the growth model and by the
dynamic one, both with two-way effects; on the first draw ``spatial_convergence`` must agree. The log t test sees log
levels 10 + (xi_i + 0.1 e_it) / (log(t + 1) t^alpha), normal xi and e, which meet at the rate alpha, or which do not
meet, 10 + 0.3 xi_i + the same; how often it rejects at 5 per cent, in the series and in their trend.
"""

import argparse
import functools
import json
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from simulated_panels import FIRST, PERIODS, UNITS, as_frame, as_weights, draw_weights

from yrdspatial.integration.log_t import CRITICAL, LogTRule, hp_trend, log_t
from yrdspatial.models.convergence import Pull, SpatialConvergence, spatial_convergence
from yrdspatial.models.delta import delta_table
from yrdspatial.models.impacts import KINDS
from yrdspatial.models.model import estimate

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "convergence.json"
PAGE = HERE.parent / "docs" / "causes" / "convergence.md"
MARKS = ("<!-- the tables: made by benchmarks/convergence.py --page -->", "<!-- the tables end -->")
QUANTILE, BURN, SEED = 1.959963984540054, 60, 20261
TAU, ETA, RHO, THETA = 0.85, -0.2, 0.3, 0.3
FORMS = {"growth": "SDM", "dynamic": "dynamic_SDM"}


def panel(W: np.ndarray, draw: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw log levels and x, each (T, N)."""
    rng = np.random.default_rng([SEED, draw])
    years = np.maximum(np.arange(PERIODS + BURN) - BURN, 0)
    unit = 0.1 * rng.standard_normal(UNITS)
    x = 0.3 * rng.standard_normal((years.size, UNITS)) + unit
    y = np.zeros((years.size, UNITS)) + 2.0
    spread = np.linalg.inv(np.eye(UNITS) - RHO * W)
    for t in range(1, years.size):
        now, before = W[years[t]], W[years[t - 1]]
        mean = TAU * y[t - 1] + ETA * before @ y[t - 1] + x[t - 1] + THETA * now @ x[t - 1] + unit
        y[t] = spread[years[t]] @ (mean + 0.1 * rng.standard_normal() + 0.3 * rng.standard_normal(UNITS))
    return y[BURN:], x[BURN:]


def truth(W: np.ndarray) -> np.ndarray:
    """Compute average direct and total effect of the initial level on growth."""
    spread = np.linalg.inv(np.eye(UNITS) - RHO * W[1:])
    tables = spread @ (TAU * np.eye(UNITS) + ETA * W[:-1]) - np.eye(UNITS)
    return np.array([np.trace(tables, axis1=1, axis2=2).mean(), tables.sum(axis=(1, 2)).mean()]) / UNITS


def asked(W: np.ndarray, form: str, draw: int) -> SpatialConvergence:
    """Ask the public function."""
    y, x = panel(W, draw)
    data = as_frame({"y": np.exp(y), "x": x})
    period = range(FIRST, FIRST + PERIODS)
    return spatial_convergence(
        data, "y", weights=as_weights(W), period=period, controls="x", model=FORMS[form]
    )


def fitted(W: np.ndarray, form: str, base: SpatialConvergence, pull: Pull, draw: int) -> np.ndarray:
    """Fit one panel by the cores: direct and total coefficient, and their standard errors."""
    y, x = panel(W, draw)
    lagged = functools.partial(np.einsum, "tij,tj->ti")
    if form == "growth":
        columns = [y[:-1], x[:-1], lagged(W[1:], y[:-1]), lagged(W[1:], x[:-1])]
        left = np.diff(y, axis=0)
    else:
        columns = [y[:-1], lagged(W[:-1], y[:-1]), x[:-1], lagged(W[1:], x[:-1])]
        left = y[1:]
    design = base.results.design
    problem = replace(design.problem, y=left, X=np.stack(columns, axis=2))
    fit, information = estimate(problem)
    design = replace(design, problem=problem)
    results = replace(base.results, design=design, fit=fit, covariance=information.covariance())
    table = delta_table(pull, [results], np.array(KINDS))
    return table[["estimate", "std_error"]].to_numpy()[[0, 2]]


def convergence(kind: str, form: str, draws: int) -> dict[str, Any]:
    """Run one form under one kind of weights."""
    W = draw_weights(kind, SEED)
    base = asked(W, form, 0)
    pull = Pull.of(base.results, 1)
    np.testing.assert_allclose(
        fitted(W, form, base, pull, 0), base.table[["estimate", "std_error"]].to_numpy()[[0, 2]], rtol=1e-5
    )
    start = time.process_time()
    found = np.stack([fitted(W, form, base, pull, draw) for draw in range(draws)])
    gap = found[:, :, 0] - truth(W)
    inside = np.abs(gap) < QUANTILE * found[:, :, 1]
    line: dict[str, Any] = {"draws": draws, "cpu_seconds": round(time.process_time() - start, 1)}
    for place, effect in enumerate(("direct", "total")):
        line[effect] = {
            "truth": round(float(truth(W)[place]), 4),
            "bias": round(float(gap[:, place].mean()), 5),
            "error": round(float(gap[:, place].std(ddof=1) / np.sqrt(draws)), 5),
            "sd": round(float(gap[:, place].std(ddof=1)), 5),
            "mean_se": round(float(found[:, place, 1].mean()), 5),
            "coverage": round(100 * float(inside[:, place].mean()), 2),
        }
    return line


def rejections(alpha: float, apart: float, years: int, draws: int) -> dict[str, float]:
    """Count how often convergence is rejected, in per cent."""
    t, counts = np.arange(1, years + 1), np.zeros(2)
    for draw in range(draws):
        rng = np.random.default_rng([SEED, years, draw])
        xi, noise = rng.standard_normal((UNITS, 1)), rng.standard_normal((UNITS, years))
        values = 10.0 + apart * xi + (xi + 0.1 * noise) / (np.log(t + 1) * t**alpha)
        for place, one in enumerate((values, hp_trend(values, 400.0))):
            counts[place] += log_t(one, LogTRule()).tstat <= CRITICAL
    share = (100 * counts / draws).round(2)
    return {"series": float(share[0]), "trend": float(share[1])}


def tables() -> str:
    """Lay out the results in Markdown."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    rows = [["weights, model", "coefficient", "truth", "bias (error)", "sd", "mean se", "coverage, %"]]
    for name, line in found["convergence"].items():
        for effect in ("direct", "total"):
            one = line[effect]
            rows.append(
                [
                    name,
                    effect,
                    f"{one['truth']:.4f}",
                    f"{one['bias']:+.4f} ({one['error']:.4f})",
                    f"{one['sd']:.4f}",
                    f"{one['mean_se']:.4f}",
                    f"{one['coverage']:.1f}",
                ]
            )
    other = [["paths", "years", "rejected in the series, %", "rejected in the trend, %"]]
    for name, line in found["log_t"].items():
        paths, years = name.rsplit(", ", 1)
        other.append([paths, years, f"{line['series']:.1f}", f"{line['trend']:.1f}"])
    return "\n\n".join(
        "\n".join("| " + " | ".join(row) + " |" for row in [part[0], ["---"] * len(part[0]), *part[1:]])
        for part in (rows, other)
    )


def write_page() -> None:
    """Put the tables between the marks of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    PAGE.write_text(
        f"{before}{MARKS[0]}\n\n{tables()}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}", encoding="utf-8"
    )


def main() -> None:
    """Run, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    if options.page:
        write_page()
        return
    warnings.simplefilter("ignore")
    found: dict[str, Any] = {"convergence": {}, "log_t": {}}
    for years in (17, 34):
        for alpha, apart in ((0.0, 0.0), (0.25, 0.0), (0.5, 0.0), (0.25, 0.3)):
            name = f"{'apart' if apart else 'meeting'}, alpha {alpha}, {years}"
            found["log_t"][name] = rejections(alpha, apart, years, options.draws)
            print(name, found["log_t"][name])
    for kind in ("constant", "changing"):
        for form in FORMS:
            found["convergence"][f"{kind} W, {form}"] = convergence(kind, form, options.draws)
            print(kind, form, found["convergence"][f"{kind} W, {form}"])
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
