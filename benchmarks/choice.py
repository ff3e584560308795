"""Sizes of the tests between weights, coverage of the share of a mixture, calibration of averages over models.

``python benchmarks/choice.py`` draws synthetic panels of 41 units and 17 years with unit and time effects and two rival
weights (four nearest neighbours of two sets of random points; "changing": links open every year), ``--seconds`` CPU
seconds in all. The cases take turns; each draw has a seed of its own and is kept in ``--store``, and a second run goes
on where the first stopped. ``--page`` writes the table of docs/causes/choosing_w.md from
``benchmarks/results/choice.json`` and runs nothing.
"""

import argparse
import json
import time
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from scipy.stats import chi2
from simulated_panels import PERIODS, UNITS, as_frame, as_weights, draw_weights, keep_line

import yrdspatial as yrd
from yrdspatial.choice.mixture import Mixture, Pair, Profile
from yrdspatial.choice.nonnested import Redraw, bootstrap_j, j_statistics
from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.model import estimate
from yrdspatial.models.specification import Design

SEED = 20268
DRAWS = 2000
ROUND = 20
"""Draws of one case before the next has its turn."""
GRID = 11
BOOTSTRAP = 99
BETA, THETA = 1.0, 0.5
CRITICAL = float(chi2.ppf(0.95, 1))
HERE = Path(__file__).parent
RESULTS = HERE / "results" / "choice.json"
PAGE = HERE.parent / "docs" / "causes" / "choosing_w.md"
MARKS = ("<!-- the table: made by benchmarks/choice.py --page -->", "<!-- the table ends -->")


@cache
def rivals(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Two weights by year."""
    return draw_weights(kind, 20260), draw_weights(kind, 20261)


@cache
def designs(model: str, kind: str) -> tuple[Design, Design]:
    """Read one model under both weights, once."""
    frame = as_frame(
        dict(zip("yx", np.random.default_rng(0).standard_normal((2, PERIODS, UNITS)), strict=True))
    )
    one, two = (getattr(yrd, model)(frame, "y ~ x", weights=as_weights(W)).design for W in rivals(kind))
    return one, two


def draw_panel(
    rng: np.random.Generator, W: np.ndarray, rho: float, theta: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw y = S^-1 (x beta + W x theta + effects + e) and x, correlated with the unit effects; (T, N) each."""
    unit, period = rng.standard_normal(UNITS), rng.standard_normal((PERIODS, 1))
    x = rng.standard_normal((PERIODS, UNITS)) + 0.5 * unit
    mean = BETA * x + theta * (W @ x[:, :, None])[:, :, 0] + unit + period + rng.standard_normal(x.shape)
    return np.linalg.solve(np.eye(UNITS) - rho * W, mean[:, :, None])[:, :, 0], x


def problems(model: str, kind: str, y: np.ndarray, x: np.ndarray) -> list[Problem]:
    """Give the arrays of a drawn panel under both weights."""
    out = []
    for design, W in zip(designs(model, kind), rivals(kind), strict=True):
        lagged = [(W @ x[:, :, None])[:, :, 0]] if model == "SDM" else []
        out.append(replace(design.problem, y=y, X=np.stack([x, *lagged], axis=2)))
    return out


def j_draw(model: str, kind: str, rho: float, rng: np.random.Generator) -> dict[str, float]:
    """Say whether the true weights (size) and the false ones (power) are rejected at 5 %."""
    theta = THETA if model == "SDM" else 0.0
    one, two = problems(model, kind, *draw_panel(rng, rivals(kind)[0], rho, theta))
    true, false = (
        j_statistics(null, [rival], [[0]], 1)[0].statistic for null, rival in ((one, two), (two, one))
    )
    return {"size": float(true > CRITICAL), "power": float(false > CRITICAL)}


def bootstrap_draw(rho: float, rng: np.random.Generator) -> dict[str, float]:
    """Compare the size by chi2 and by the bootstrap on the same panels."""
    one, two = problems("SAR", "constant", *draw_panel(rng, rivals("constant")[0], rho, 0.0))
    found = j_statistics(one, [two], [[0]], 1)[0].statistic
    redraw = Redraw.of(one, estimate(one)[0])
    drawn = bootstrap_j(
        redraw, [two], [[0]], 1, [np.random.default_rng(s) for s in rng.integers(2**62, size=BOOTSTRAP)]
    )
    pvalue = (1 + (drawn >= found).sum()) / (1 + (~np.isnan(drawn)).sum())
    return {"size": float(found > CRITICAL), "size, bootstrap": float(pvalue <= 0.05)}


def share_draw(kind: str, share: float, rng: np.random.Generator) -> dict[str, float]:
    """Say whether the 95 % interval of the share covers the truth, and whether the ends are rejected."""
    first, second = rivals(kind)
    one, two = problems("SAR", kind, *draw_panel(rng, share * first + (1.0 - share) * second, 0.5, 0.0))
    mixture = Mixture(one, two, pair(kind))
    profile = Profile.of(mixture.loglik, GRID)
    fall = 2.0 * (profile.peak - mixture.loglik(share))
    ends = {
        name: 2.0 * (profile.peak - profile.logliks[place]) for name, place in (("first", -1), ("second", 0))
    }
    out = {"coverage": float(fall <= CRITICAL), "share": profile.best}
    return out | {
        f"rejects {name} alone": float(0.5 * chi2.sf(fallen, 1) < 0.05) for name, fallen in ends.items()
    }


@cache
def pair(kind: str) -> Pair:
    """Pair the two weights."""
    one, two = (design.problem.lag for design in designs("SAR", kind))
    return Pair.of(one, two)


def average_draw(rng: np.random.Generator) -> dict[str, float]:
    """Draw one of four candidates, all equally likely; how probable is the truth, do averaged intervals cover it."""
    names = [(model, place) for model in ("SAR", "SDM") for place in (0, 1)]
    model, place = names[int(rng.integers(4))]
    W, theta, rho = rivals("constant")[place], THETA * (model == "SDM"), 0.3
    y, x = draw_panel(rng, W, rho, theta)
    weights = {f"{k}": as_weights(one) for k, one in enumerate(rivals("constant"))}
    average = yrd.average_models(as_frame({"y": y, "x": x}), "y ~ x", weights=weights, models=("SAR", "SDM"))
    effect = np.linalg.solve(np.eye(UNITS) - rho * W[0], BETA * np.eye(UNITS) + theta * W[0])
    truth = {"direct": np.trace(effect) / UNITS, "total": effect.sum() / UNITS}
    truth["indirect"] = truth["total"] - truth["direct"]
    table = average.table.set_index("effect")
    best = average.probabilities.loc[average.probabilities["probability"].idxmax()]
    chosen = average.members[
        (average.members["model"] == best["model"]) & (average.members["weights"] == best["weights"])
    ].set_index("effect")
    out = {}
    for name, value in truth.items():
        out[f"coverage, {name}"] = float(table.loc[name, "lower"] <= value <= table.loc[name, "upper"])
        reach = 1.959964 * chosen.loc[name, "std_error"]
        out[f"coverage of the most probable alone, {name}"] = float(
            abs(chosen.loc[name, "estimate"] - value) <= reach
        )
    probability = average.probabilities.set_index(["model", "weights"])["probability"]
    out["probability of the truth"] = float(probability[model, str(place)])
    out["probability of the most probable"] = float(best["probability"])
    out["the most probable is true"] = float((best["model"], best["weights"]) == (model, str(place)))
    return out


def experiments() -> dict[str, Callable[[np.random.Generator], dict[str, float]]]:
    """All cases by name."""
    out: dict[str, Callable[[np.random.Generator], dict[str, float]]] = {
        f"J test, {model}, {kind} W, rho = {rho}": partial(j_draw, model, kind, rho)
        for model in ("SAR", "SDM")
        for kind in ("constant", "changing")
        for rho in (0.2, 0.5)
    }
    out["J test, SAR, constant W, rho = 0.05, bootstrap"] = partial(bootstrap_draw, 0.05)
    for share in (0.5, 1.0):
        out[f"share = {share}, SAR, constant W, rho = 0.5"] = partial(share_draw, "constant", share)
    out["share = 0.5, SAR, changing W, rho = 0.5"] = partial(share_draw, "changing", 0.5)
    out["averages over SAR and SDM and two constant W, rho = 0.3"] = average_draw
    return out


def one_draw(
    name: str, of: Callable[[np.random.Generator], dict[str, float]], draw: int
) -> dict[str, float] | None:
    """Draw once; None when the panel could not be estimated."""
    rng = np.random.default_rng([SEED, zlib.crc32(name.encode()), draw])
    try:
        return of(rng)
    except EstimationError:
        return None


def summary(kept: list[dict[str, float] | None]) -> dict[str, object]:
    """Average what was kept."""
    done = [one for one in kept if one is not None]
    means = {key: round(float(np.mean([one[key] for one in done])), 4) for key in (done[0] if done else ())}
    return {"draws": len(kept), "failed": len(kept) - len(done), "means": means}


def run(
    known: dict[str, Callable[[np.random.Generator], dict[str, float]]], store: Path, seconds: float
) -> None:
    """Let the cases take turns until the time is spent or all have their draws."""
    files = {name: store / f"{zlib.crc32(name.encode()):08x}.jsonl" for name in known}
    kept = {
        name: [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
        for name, path in files.items()
    }
    start, spent = time.process_time(), dict.fromkeys(known, 0.0)
    while time.process_time() - start < seconds:
        open_ = [name for name in known if len(kept[name]) < DRAWS]
        if not open_:
            return
        name = min(open_, key=lambda one: spent[one])
        begun = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fresh = [one_draw(name, known[name], len(kept[name]) + k) for k in range(ROUND)]
        kept[name] += fresh
        with files[name].open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in fresh)
        spent[name] += time.process_time() - begun
        keep_line(RESULTS, name, summary(kept[name]), list(known))


def write_page(path: Path, lines: dict[str, dict[str, object]]) -> None:
    """Put the table between its marks."""
    rows = ["| case | draws | what | |", "|---|---|---|---|"]
    for name, line in lines.items():
        for place, (what, value) in enumerate(line["means"].items()):
            head = f"| {name} | {line['draws']:,} |" if place == 0 else "| | |"
            shown = (
                f"{value:.2f}"
                if what == "share" or what.startswith("probability")
                else f"{100 * value:.1f} %"
            )
            rows.append(f"{head} {what} | {shown} |")
    text = path.read_text("utf-8")
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    path.write_text(f"{before}{MARKS[0]}\n\n" + "\n".join(rows) + f"\n\n{MARKS[1]}{after}", "utf-8")


def main() -> None:
    """Parse the choices and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=360.0)
    parser.add_argument("--store", type=Path, default=Path("choice-draws"))
    parser.add_argument("--page", action="store_true")
    args = parser.parse_args()
    if args.page:
        write_page(PAGE, json.loads(RESULTS.read_text("utf-8")))
        return
    args.store.mkdir(parents=True, exist_ok=True)
    run(experiments(), args.store, args.seconds)


if __name__ == "__main__":
    main()
