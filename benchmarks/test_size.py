"""How often do the tests reject a true null at 5 %? 2,000 simulated panels of 41 units and 17 years for each.

``python benchmarks/test_size.py`` runs all, ``python benchmarks/test_size.py "LM*" "Hausman*"`` those whose name fits a
pattern, ``--list`` prints the names. Synthetic panels whose null is true: x correlated with the unit effects where
these are fixed, normal errors, effects as large as the errors; constant weights and weights whose links grow. Each
draw has a seed of its own; p-values are kept in ``--store`` and a second run goes on where the first stopped. The
Monte Carlo error at 2,000 draws is 0.5 points: a true size of 5 % gives 4.0 to 6.0 in 95 of 100 runs. ``--page``
writes the table of docs/models/tests.md from ``benchmarks/results/test_size.json`` and runs nothing.
"""

import argparse
import fnmatch
import json
import time
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm
from simulated_panels import (
    PERIODS,
    UNITS,
    Setting,
    as_frame,
    as_spectra,
    as_weights,
    draw_weights,
    keep_line,
)

import yrdspatial as yrd
from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.error_components import Null
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.lm import adjusted_scores, published_scores
from yrdspatial.models.model import estimate
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects
from yrdspatial.weights.series import WeightsSeries

SEED = 20261
KINDS = ("pooled", "unit", "time", "twoways", "unit x window, time")
NAMES = ("LM lag", "LM error", "Robust LM lag", "Robust LM error", "LM SARMA")
BAND = (3.5, 6.5)
"""What is asked of a size of 5 %."""
SHORT = 8
"""Years of the panels for the Hausman tests between fits, which take long."""
HERE = Path(__file__).parent
RESULTS = HERE / "results" / "test_size.json"
PAGE = HERE.parent / "docs" / "models" / "tests.md"
MARKS = ("<!-- the table: made by benchmarks/test_size.py --page -->", "<!-- the table ends -->")


def make_effects(kind: str) -> Effects:
    """Effects of a panel; windows are the first eight and the last nine years."""
    windows = (
        (np.arange(PERIODS) >= 8).astype(np.intp) if "window" in kind else np.zeros(PERIODS, dtype=np.intp)
    )
    unit, time_ = kind in {"unit", "twoways"} or "unit x" in kind, "time" in kind or kind == "twoways"
    return Effects(windows, np.zeros(UNITS, dtype=np.intp), unit, time_)


def draw_problem(effects: Effects, rng: np.random.Generator) -> Problem:
    """Draw y = x1 - 0.5 x2 + effects + e."""
    unit, period = rng.standard_normal(UNITS), rng.standard_normal((PERIODS, 1))
    x = rng.standard_normal((PERIODS, UNITS, 2)) + 0.5 * unit[:, None]
    y = x @ [1.0, -0.5] + effects.unit * unit + effects.time * period
    y = y + rng.standard_normal((PERIODS, UNITS))
    constant = np.ones((PERIODS, UNITS, 1))
    X = x if effects.unit or effects.time else np.concatenate([constant, x], axis=2)
    return Problem(y=y, X=X, effects=effects, lag=None, error=None, adjusted=True)


def lm(weights: Spectra, kind: str, rng: np.random.Generator) -> dict[str, float]:
    """P-values of the LM tests, both forms."""
    problem, out = draw_problem(make_effects(kind), rng), {}
    for form, scores in (("", adjusted_scores), (", published form", published_scores)):
        for name, value in scores(problem, weights).statistics().items():
            out[name + form] = float(chi2.sf(value, 2 if name == "LM SARMA" else 1))
    return out


def simplified(kind: str) -> Callable[[str, int], dict[str, float]]:
    """Wald and LR from SDM to the model that is true, and LM error beside the lag of SAR."""
    templates: dict[str, object] = {}

    def of(changing: str, draw: int) -> dict[str, float]:
        factor = kind == "common factor"
        setting = Setting("SDM" if factor else kind, "twoways", changing, kind if factor else "")
        y, x = setting.draw(draw)
        if changing not in templates:
            templates[changing] = yrd.SDM(
                as_frame({"y": y, "x": x}), "y ~ x", weights=as_weights(setting.matrices[""])
            ).design
        design = templates[changing]
        lagged = (setting.matrices[""] @ x[:, :, None])[:, :, 0]
        problem = replace(design.problem, y=y, X=np.stack([x, lagged], axis=2))
        fit, information = estimate(problem)
        results = SpatialPanelResults(
            replace(design, problem=problem), fit, information.covariance(), "expected", ()
        )
        table = yrd.simplification_tests(results).set_index("test")["pvalue"]
        if factor:
            return {"Wald SDM to SEM": table["Wald SDM to SEM"]}
        return {name: table[name] for name in (f"Wald SDM to {kind}", f"LR SDM to {kind}")}

    return of


def residuals(effects: str, changing: str, draw: int) -> dict[str, float]:
    """Moran's I of residuals of least squares; LM error beside the lag of SAR."""
    setting = Setting("OLS", effects, changing)
    y, x = setting.draw(draw)
    results = yrd.OLS(as_frame({"y": y, "x": x}), "y ~ x", effects=effects).fit()
    found = {
        "Moran": yrd.residual_tests(results, weights=weights_of(changing, setting.seed))["pvalue"].iloc[0]
    }
    setting = Setting("SAR", effects, changing)
    y, x = setting.draw(draw)
    results = yrd.SAR(
        as_frame({"y": y, "x": x}), "y ~ x", weights=weights_of(changing, setting.seed), effects=effects
    ).fit()
    return found | {"LM error beside rho": yrd.residual_tests(results)["pvalue"].iloc[0]}


def needed(changing: str, draw: int) -> dict[str, float]:
    """Test effects: on panels with time effects alone for unit effects, and the reverse."""
    del changing
    out = {}
    for other, name in (("time", "unit"), ("unit", "time")):
        y, x = Setting("OLS", other, "constant").draw(draw)
        table = yrd.effects_tests(as_frame({"y": y, "x": x}), "y ~ x").set_index("test")
        keys = (f"LR {name} effects", f"F {name} effects")
        out |= {key: table.loc[key, "pvalue"] for key in keys}
        out[f"LR {name} effects by chi2, not shown"] = float(
            chi2.sf(*table.loc[keys[0], ["statistic", "df"]])
        )
    return out


def dependence(changing: str, draw: int) -> dict[str, float]:
    """Test residuals after unit effects."""
    setting = Setting("OLS", "unit", changing)
    y, x = setting.draw(draw)
    resids = yrd.OLS(as_frame({"y": y, "x": x}), "y ~ x", effects="unit").fit().resids
    weights = weights_of(changing, setting.seed)
    near = {f"CD({p})": yrd.cd_test(resids, weights=weights, order=p).pvalue for p in (1, 2)}
    return {"CD": yrd.cd_test(resids).pvalue} | near


def hausman(changing: str, draw: int) -> dict[str, float]:
    """Hausman tests of SAR in eight years, random effects that are independent of x."""
    setting = Setting("SAR", "random", changing)
    data = as_frame({name: values[:SHORT] for name, values in zip("yx", setting.draw(draw), strict=True)})
    weights = weights_of(changing, setting.seed)
    fixed, random, means = (
        yrd.SAR(data, "y ~ x", weights=weights, effects=effects).fit()
        for effects in ("unit", "random", "mundlak")
    )
    return {
        "Hausman": yrd.hausman(fixed, random).pvalue,
        "Hausman (Mundlak)": yrd.hausman(fixed, means).pvalue,
    }


def robust(changing: str, draw: int) -> dict[str, float]:
    """Robust Hausman tests: with and without W X, and time effects."""
    setting = Setting("OLS", "random", changing)
    data, weights = (
        as_frame(dict(zip("yx", setting.draw(draw), strict=True))),
        weights_of(changing, setting.seed),
    )
    with_lag = yrd.mundlak_test(data, "y ~ x", weights=weights, effects="time").pvalue
    return {"robust": yrd.mundlak_test(data, "y ~ x").pvalue, "robust, W X, time effects": with_lag}


def components(changing: str, draw: int) -> dict[str, float]:
    """Test error components, each where the others are as they may be."""
    weights = as_spectra(draw_weights(changing, Setting("OLS", "pooled", changing).seed))
    out = {}
    for name, present, free, tested in COMPONENTS:
        rng = np.random.default_rng([SEED, zlib.crc32(name.encode()), draw])
        null = Null.of(draw_components(weights, present, rng), weights, free, tested)
        statistic, signed = null.test(*tested)
        one_sided = tested == ("phi",)
        out[name] = float(norm.sf(signed) if one_sided else chi2.sf(statistic, len(tested)))
    return out


COMPONENTS = (
    ("BSK joint", (), (), ("phi", "lam")),
    ("BSK LM1", (), (), ("phi",)),
    ("BSK LM2", (), (), ("lam",)),
    ("BSK LM lambda", ("phi",), ("phi",), ("lam",)),
    ("BSK LM mu", ("lam",), ("lam",), ("phi",)),
    ("BSJK J", (), (), ("phi", "lam", "psi")),
    ("BSJK C.1", ("phi", "psi"), ("phi", "psi"), ("lam",)),
    ("BSJK C.2", ("phi", "lam"), ("phi", "lam"), ("psi",)),
    ("BSJK C.3", ("lam", "psi"), ("lam", "psi"), ("phi",)),
)
"""Name, components that there are, that are estimated, that are tested."""


def draw_components(weights: Spectra, present: tuple[str, ...], rng: np.random.Generator) -> Problem:
    """Draw y = 1 + x + mu + v with phi = 1, lambda = 0.4 and psi = 0.4 where they are present."""
    x, e = rng.standard_normal((2, PERIODS, UNITS))
    if "psi" in present:
        e[0] /= np.sqrt(1.0 - 0.4**2)
        for t in range(1, PERIODS):
            e[t] += 0.4 * e[t - 1]
    if "lam" in present:
        B = np.eye(UNITS) - 0.4 * weights.matrices[weights.position]
        e = np.linalg.solve(B, e[:, :, None])[:, :, 0]
    y = 1.0 + x + e + ("phi" in present) * rng.standard_normal(UNITS)
    effects = Effects.of(PERIODS, UNITS, unit=False, time=False)
    return Problem(
        y=y, X=np.stack([np.ones_like(x), x], axis=2), effects=effects, lag=None, error=None, adjusted=True
    )


WEIGHTS: dict[tuple[str, int], WeightsSeries] = {}


def weights_of(changing: str, seed: int) -> WeightsSeries:
    """Labelled weights, made once."""
    if (changing, seed) not in WEIGHTS:
        WEIGHTS[changing, seed] = as_weights(draw_weights(changing, seed))
    return WEIGHTS[changing, seed]


def experiments() -> dict[str, Callable[[int], dict[str, float]]]:
    """All experiments by name: p-values of a draw."""
    out: dict[str, Callable[[int], dict[str, float]]] = {"effects": partial(needed, "constant")}
    for changing in ("constant", "changing"):
        spectra = as_spectra(draw_weights(changing, SEED))
        for kind in KINDS:
            key = f"LM, {kind}, {changing} W"
            out[key] = lambda n, w=spectra, k=kind, s=key: lm(
                w, k, np.random.default_rng([SEED, zlib.crc32(s.encode()), n])
            )
        for effects in ("pooled", "unit", "twoways"):
            out[f"residuals, {effects}, {changing} W"] = partial(residuals, effects, changing)
        for kind in ("SAR", "SEM", "SLX"):
            out[f"SDM to {kind}, twoways, {changing} W"] = partial(simplified(kind), changing)
        out[f"SDM with a common factor, twoways, {changing} W"] = partial(
            simplified("common factor"), changing
        )
        for name, of in (
            ("dependence, unit", dependence),
            ("Hausman, robust", robust),
            ("components", components),
        ):
            out[f"{name}, {changing} W"] = partial(of, changing)
        out[f"Hausman, SAR, {SHORT} years, {changing} W"] = partial(hausman, changing)
    return out


def rejections(kind: str, weights: Spectra, draws: int, seed: int) -> pd.DataFrame:
    """Per cent of rejections at 5 % of the LM tests, tests by form."""
    found = pd.DataFrame([lm(weights, kind, np.random.default_rng([seed, n])) for n in range(draws)])
    share = 100.0 * (found < 0.05).mean()
    return pd.DataFrame(
        {
            form: [share[name + end] for name in NAMES]
            for form, end in (("published", ", published form"), ("adjusted", ""))
        },
        list(NAMES),
    ).T


def run(name: str, of: Callable[[int], dict[str, float]], draws: int, store: Path) -> dict[str, object]:
    """Take the draws that are missing; the line of an experiment."""
    path = store / f"{name}.csv"
    kept = pd.read_csv(path) if path.exists() else pd.DataFrame()
    start = time.process_time()
    while len(kept) < draws:
        rows = [of(n) for n in range(len(kept), min(len(kept) + 100, draws))]
        kept = pd.concat([kept, pd.DataFrame(rows)], ignore_index=True)
        kept.to_csv(path, index=False)
    print(f"{name}: {time.process_time() - start:.0f} s", flush=True)
    share = 100.0 * (kept < 0.05).sum() / kept.notna().sum()
    return {
        "draws": len(kept),
        "size": {test: round(float(value), 2) for test, value in share.items()},
        "not_applicable": {test: int(count) for test, count in kept.isna().sum().items() if count},
    }


def bold(value: float) -> str:
    """Mark what misses."""
    return f"{value:.1f}" if BAND[0] <= value <= BAND[1] else f"**{value:.1f}**"


def table(lines: dict[str, dict]) -> str:
    """Return the table of the page, in markdown: tests by row, constant and changing weights."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for name, line in lines.items():
        kind = "changing" if name.endswith("changing W") else "constant"
        where = name.removesuffix(f", {kind} W")
        for test, value in line["size"].items():
            note = "" if line["draws"] == 2000 else f" ({line['draws']} draws)"
            rows.setdefault((where, test), {})[kind] = bold(value) + note
    head = ["| null and effects | test | W | W_t |", "|---|---|---|---|"]
    body = [
        f"| {where} | {test} | {found.get('constant', '')} | {found.get('changing', '')} |"
        for (where, test), found in rows.items()
    ]
    return "\n".join(head + body)


def write_page(path: Path, lines: dict[str, dict]) -> None:
    """Put the table between its marks."""
    before, rest = path.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    path.write_text(f"{before}{MARKS[0]}\n{table(lines)}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Parse the choices, run, and write the line of each experiment."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--store", type=Path, default=Path("test-size-draws"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--page", action="store_true")
    args = parser.parse_args()
    if args.page:
        write_page(PAGE, json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    args.store.mkdir(parents=True, exist_ok=True)
    known = experiments()
    for name, of in known.items():
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in args.patterns):
            continue
        if args.list:
            print(name)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakIdentificationWarning)
            row = run(name, of, args.draws, args.store)
        keep_line(RESULTS, name, row, list(known))


if __name__ == "__main__":
    main()
