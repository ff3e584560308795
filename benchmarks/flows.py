"""Whether gravity and spatial interaction find the truth between 41 units, and whether their intervals cover it.

``python benchmarks/flows.py`` draws synthetic flows between 41 units, ``--seconds`` CPU seconds in all. The cases take
turns; each draw has a seed of its own and is kept in ``--store``, and a second run goes on where the first stopped. The
table of docs/causes/flows.md is made from ``benchmarks/results/flows.json``; ``--page`` makes it and runs nothing.
"""

import argparse
import json
import time
import zlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from simulated_panels import UNITS, draw_weights, keep_line

from yrdspatial.errors import YrdSpatialError
from yrdspatial.flows.flow_effects import Triangular, effect_sums, unit_changes
from yrdspatial.flows.gravity import gravity
from yrdspatial.flows.pair_covariance import sandwich
from yrdspatial.flows.spatial import spatial_flows
from yrdspatial.flows.table import Flows

SEED = 20278
DRAWS, FEWER = 2000, 200
"""Draws of a case; of the effects, whose errors cost more."""
SLOPES = {"origin_size": 0.8, "destination_size": 0.6, "km": -1.0}
SPATIAL = {
    "Intercept": 1.0,
    "within": 2.0,
    "origin_size": 0.8,
    "destination_size": 0.4,
    "within_size": 0.5,
    "km": -0.6,
}
RHO = np.array([0.4, 0.3, -0.12])
"""The network lag is minus the product of the other two, so that this restriction is true."""
HERE = Path(__file__).parent
RESULTS = HERE / "results" / "flows.json"
PAGE = HERE.parent / "docs" / "causes" / "flows.md"
MARKS = ("<!-- the table: made by benchmarks/flows.py -->", "<!-- the table ends -->")
LABELS = [f"u{place:02d}" for place in range(UNITS)]


def square(values: np.ndarray) -> pd.DataFrame:
    """Label a matrix."""
    return pd.DataFrame(values, LABELS, LABELS)


@cache
def setting() -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Give sizes, log distances and weights, the same in all draws."""
    rng = np.random.default_rng(SEED)
    km = np.log(rng.uniform(0.3, 5.0, (UNITS, UNITS)))
    return rng.standard_normal(UNITS), km, square(draw_weights("constant", 20270)[0])


def interval_counts(fit: object, truth: dict[str, float], kinds: tuple[str, ...]) -> dict[str, float]:
    """Say whether intervals under each covariance hold the truth."""
    out = {}
    for kind in kinds:
        covariance, degrees = sandwich(fit.fit.scores, fit.fit.bread, kind)
        reach = stats.t.ppf(0.975, degrees) * np.sqrt(np.diag(covariance))
        for name, value in truth.items():
            place = fit.pairs.names.index(name)
            out[f"covered, {name}, {kind}"] = float(abs(fit.fit.beta[place] - value) < reach[place])
    return out


def gravity_draw(effects: str, shocks: float, rng: np.random.Generator) -> dict[str, float]:
    """Draw counts with multiplicative errors: of pairs, and of origins and destinations when `shocks` is not zero."""
    size, km, _ = setting()
    ends = shocks * (rng.standard_normal((UNITS, 1)) + rng.standard_normal(UNITS))
    own = 0.7 * rng.standard_normal((UNITS, UNITS))
    index = 1.0 + 0.8 * size[:, None] + 0.6 * size - km
    mean = np.exp(index + ends - shocks**2 + own - 0.5 * 0.7**2)
    flows = Flows.from_frames(square(rng.poisson(mean).astype(float)))
    frame = pd.DataFrame({"size": size}, LABELS)
    given = {"separation": {"km": square(km)}, "effects": effects}
    if effects == "none":
        given |= {"origin": frame, "destination": frame}
    fit = gravity(flows, **given)
    truth = {name: SLOPES[name] for name in fit.params.index if name in SLOPES}
    out = {f"error, {name}": fit.params[name] - value for name, value in truth.items()}
    out |= interval_counts(fit, truth, ("robust", "two-way", "dyadic"))
    out["rejected at 5 %, RESET"] = float(fit.reset_test().pvalue < 0.05)
    logs = gravity(flows, **given, method="ols").params
    out |= {
        f"error, {name}, least squares of logs": logs["km"] - value
        for name, value in truth.items()
        if name == "km"
    }
    return out | {"zero flows": fit.zeros / fit.nobs}


@cache
def spatial_setting() -> tuple[Triangular, np.ndarray, dict[str, float]]:
    """Give the solver, the mean before spatial dependence, and the true effects."""
    size, km, W = setting()
    eye = np.eye(UNITS)
    away = 1.0 - eye
    ends = SPATIAL["origin_size"] * size[:, None] + SPATIAL["destination_size"] * size
    mean = SPATIAL["Intercept"] + SPATIAL["within"] * eye + (ends + SPATIAL["km"] * km) * away
    mean += np.diag(SPATIAL["within_size"] * size)
    form = Triangular.of(W.to_numpy())
    slopes = [SPATIAL[f"{end}_size"] for end in ("origin", "destination", "within")]
    sums = np.array(slopes) @ effect_sums(form, RHO, unit_changes(W.to_numpy(), own=True)[:3])
    names = ("origin", "destination", "within", "network", "total")
    return form, mean, dict(zip(names, sums, strict=True))


def draw_spatial(rng: np.random.Generator) -> Flows:
    """Draw flows whose logs follow the spatial interaction model."""
    form, mean, _ = spatial_setting()
    logs = form.solve(RHO, (mean + rng.standard_normal(mean.shape))[None])[0]
    return Flows.from_frames(square(np.exp(logs)))


def spatial_draw(dependence: str, model: str, rng: np.random.Generator) -> dict[str, float]:
    """Fit drawn flows, with all three lags free or tied as they truly are."""
    size, km, W = setting()
    frame = pd.DataFrame({"size": size}, LABELS)
    ways = ("origin", "destination", "network") if dependence == "free" else dependence
    fit = spatial_flows(draw_spatial(rng), frame, {"km": square(km)}, weights=W, model=model, dependence=ways)
    truth = {"origin_size": 0.8, "destination_size": 0.4, "km": -0.6}
    truth |= {
        f"rho_{name}": value for name, value in zip(("origin", "destination", "network"), RHO, strict=True)
    }
    point, error = fit.params, fit.std_errors
    out = {f"error, {name}": point[name] - value for name, value in truth.items()}
    out |= {
        f"covered, {name}": float(abs(point[name] - value) < 1.96 * error[name])
        for name, value in truth.items()
    }
    if dependence == "free":
        test = fit.wald_test(lambda p: p["rho_network"] + p["rho_origin"] * p["rho_destination"])
        out["rejected at 5 %, rho_network = -rho_origin rho_destination"] = float(test.pvalue < 0.05)
    return out


def effects_draw(rng: np.random.Generator) -> dict[str, float]:
    """Fit drawn flows and look at the effects of size."""
    size, km, W = setting()
    frame = pd.DataFrame({"size": size}, LABELS)
    fit = spatial_flows(draw_spatial(rng), frame, {"km": square(km)}, weights=W)
    table = fit.effects().set_index("effect")
    _, _, truth = spatial_setting()
    out = {f"error, {name} effect": table.loc[name, "estimate"] - value for name, value in truth.items()}
    for name, value in truth.items():
        out[f"covered, {name} effect"] = float(table.loc[name, "lower"] < value < table.loc[name, "upper"])
    return out


def experiments() -> dict[str, tuple[int, Callable[[np.random.Generator], dict[str, float]]]]:
    """Name the cases."""
    return {
        "PPML, origin and destination effects": (DRAWS, partial(gravity_draw, "origin_destination", 0.0)),
        "PPML, no effects, shocks of origins and destinations": (DRAWS, partial(gravity_draw, "none", 0.4)),
        "spatial interaction, SAR, three lags": (DRAWS, partial(spatial_draw, "free", "sar")),
        "spatial interaction, SAR, product": (DRAWS, partial(spatial_draw, "product", "sar")),
        "spatial interaction, SDM, three lags": (DRAWS, partial(spatial_draw, "free", "sdm")),
        "spatial interaction, SAR, effects by delta": (FEWER, effects_draw),
    }


def run(store: Path, seconds: float) -> None:
    """Let the cases take turns until all have their draws or the time is spent; every draw is kept."""
    known, begun = experiments(), time.process_time()
    kept = {name: read_rows(store / f"{zlib.crc32(name.encode()):08x}.jsonl") for name in known}
    while time.process_time() - begun < seconds:
        waiting = [name for name, (draws, _) in known.items() if len(kept[name]) < draws]
        if not waiting:
            break
        name = min(waiting, key=lambda one: len(kept[one]) / known[one][0])
        draws, draw = known[name]
        fresh = [
            take(name, draw, place)
            for place in range(len(kept[name]), len(kept[name]) + max(draws // 100, 1))
        ]
        kept[name] += fresh
        with (store / f"{zlib.crc32(name.encode()):08x}.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in fresh)
        keep_line(RESULTS, name, summary(kept[name]), list(known))


def read_rows(path: Path) -> list[dict[str, float]]:
    """Read the draws that were taken before."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def take(name: str, draw: Callable[[np.random.Generator], dict[str, float]], place: int) -> dict[str, float]:
    """Take one draw; empty where the estimator has no solution."""
    try:
        found = draw(np.random.default_rng([SEED, zlib.crc32(name.encode()), place]))
    except YrdSpatialError:
        return {}
    return {what: round(float(value), 7) for what, value in found.items()}


def summary(rows: list[dict[str, float]]) -> dict[str, object]:
    """Average the draws of a case."""
    table = pd.DataFrame([row for row in rows if row])
    spread = {what: round(float(table[what].std()), 4) for what in table if what.startswith("error")}
    means = {what: round(float(table[what].mean()), 4) for what in table}
    return {"draws": len(table), "failed": len(rows) - len(table), "means": means, "spread": spread}


def write_page(path: Path, lines: dict[str, dict[str, object]]) -> None:
    """Put the table between its marks."""
    rows = ["| case | draws | what | mean | spread |", "|---|---|---|---|---|"]
    for name, line in lines.items():
        for place, (what, value) in enumerate(line["means"].items()):
            head = f"| {name} | {line['draws']:,} |" if place == 0 else "| | |"
            error = what.startswith("error")
            shown = f"{value:.3f} | {line['spread'][what]:.3f}" if error else f"{100 * value:.1f} % |"
            rows.append(f"{head} {what} | {shown} |")
    text = path.read_text("utf-8")
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    path.write_text(f"{before}{MARKS[0]}\n\n" + "\n".join(rows) + f"\n\n{MARKS[1]}{after}", "utf-8")


def main() -> None:
    """Run what is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=360.0)
    parser.add_argument("--store", type=Path, default=Path("flow-draws"))
    parser.add_argument("--page", action="store_true")
    args = parser.parse_args()
    if not args.page:
        args.store.mkdir(parents=True, exist_ok=True)
        run(args.store, args.seconds)
    write_page(PAGE, json.loads(RESULTS.read_text("utf-8")))


if __name__ == "__main__":
    main()
