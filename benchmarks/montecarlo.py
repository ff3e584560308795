"""Do the estimators find the truth? 2,000 simulated panels of 41 units and 17 years for every model and effect.

``python benchmarks/montecarlo.py`` runs all settings, ``python benchmarks/montecarlo.py "SDM*" "*random*"`` those whose
name fits a pattern, ``--list`` prints the names. Every draw has a seed of its own, made of the setting's name and its
number: draws are kept in ``--store`` as they come, a second run goes on where the first stopped, and the line of a
setting in ``benchmarks/results/montecarlo.json`` does not depend on what else was run. ``--page`` writes the table of
docs/models/simulation.md from that file and runs nothing.

A draw is fitted by the numeric core behind ``fit()``, with the arrays put where the class puts them; on the first draw
of a setting the class itself is asked for parameters, standard errors and effects, and must agree. Effects have
intervals by the delta method, and by 1,000 simulated parameter vectors each (no second kind for two weights).
"""

import argparse
import fnmatch
import json
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline
from simulated_panels import Setting, as_frame, as_weights

import yrdspatial as yrd
from yrdspatial.errors import EstimationError, WeakIdentificationWarning
from yrdspatial.models.impacts import impacts
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.model import Model, estimate
from yrdspatial.models.multipliers import Multipliers
from yrdspatial.models.results import SpatialPanelResults

QUANTILE = 1.959963984540054
EFFECTS = ("direct", "indirect", "total")
BIAS, BAND = 0.005, (93.0, 97.0)
"""What is asked: bias of the spatial parameters, coverage of 95 % intervals."""
SIMULATION = 10**6
"""The number of the draw whose generator serves the simulated intervals."""
HERE = Path(__file__).parent
RESULTS = HERE / "results" / "montecarlo.json"
PAGE = HERE.parent / "docs" / "models" / "simulation.md"
SYMBOLS = {"x": "β", "W_x": "θ", "rho": "ρ", "lambda": "λ", "y_lag": "τ", "W_y_lag": "η"}
MARKS = ("<!-- the table: made by benchmarks/montecarlo.py --page -->", "<!-- the table ends -->")


HEADS = [
    "model",
    "effects",
    "weights",
    "bias of ρ, λ (Monte Carlo error)",
    "sd / mean se",
    "σ²",
    "coverage of parameters",
    "coverage of effects, delta / simulated",
    "lost",
    "panels",
]


def settings() -> list[Setting]:
    """All settings, the quick ones first."""
    fixed = ("twoways", "unit", "time", "windows", "pooled")
    asked = [(model, effects, "") for model in ("OLS", "SLX", "SAR", "SDM") for effects in fixed]
    asked += [("SAR", effects, lags) for lags in ("y", "Wy", "y, Wy") for effects in ("twoways", "unit")]
    asked += [("SDM", "twoways", "y, Wy")]
    asked += [(model, effects, "border") for model in ("SAR", "SDM") for effects in ("twoways", "unit")]
    asked += [(model, effects, "") for model in ("SEM", "SDEM") for effects in fixed]
    asked += [(model, effects, "own") for model in ("SAC", "GNS") for effects in fixed]
    asked += [(model, "twoways", "") for model in ("SAC", "GNS")]
    asked += [
        ("SAR", "random", ""),
        ("SEM", "random", ""),
        ("SEM", "random_kkp", ""),
        ("SAC", "random", "own"),
    ]
    asked += [("SAR", "mundlak", "")]
    kinds = ("constant", "changing")
    return [Setting(model, effects, kind, extra) for model, effects, extra in asked for kind in kinds]


def request(setting: Setting, y: np.ndarray, x: np.ndarray) -> Model:
    """Ask the class of the model."""
    weights = {part: as_weights(W) for part, W in setting.matrices.items()}
    options: dict[str, object] = {"effects": setting.effects}
    columns = {"y": y, "x": x}
    if setting.effects == "windows":
        columns["window"] = np.broadcast_to((np.arange(len(y)) >= 8)[:, None], y.shape).astype(int)
        options["effects"] = {"unit": "window", "time": True}
    if setting.model != "OLS":
        options["weights"] = weights if setting.extra == "border" else weights[""]
    if setting.extra == "own":
        options["error_weights"] = as_weights(setting.error_matrices)
    if setting.lags:
        options["dynamic"] = setting.lags
    return getattr(yrd, setting.model)(as_frame(columns), "y ~ x", **options)


def fill(setting: Setting, problem: Problem, names: tuple[str, ...], draw: int) -> Problem:
    """Put the arrays of a draw where the class puts them."""
    y, x = setting.draw(draw)
    columns = {"Intercept": np.ones_like(x), "x": x}
    for part, W in setting.matrices.items():
        columns["W_" + (part + "_") * bool(part) + "x"] = (W @ x[:, :, None])[:, :, 0]
    if setting.lags:
        columns = {name: values[1:] for name, values in columns.items()}
        columns |= {"y_lag": y[:-1], "W_y_lag": (setting.matrices[""][:-1] @ y[:-1, :, None])[:, :, 0]}
    columns["mean_x"] = np.broadcast_to(columns["x"].mean(axis=0), columns["x"].shape)
    X = np.stack([columns[name] for name in names], axis=2)
    return replace(problem, y=y[-len(X) :], X=X)


@dataclass
class Draws:
    """What the fits of a setting gave; a draw without a solution is NaN.

    Attributes
    ----------
    params : ndarray, shape (n, K)
        Estimates.
    cov : ndarray, shape (n, K, K)
        Their covariances.
    sigma2, ended : ndarray, shape (n,)
        Error variance; whether a spatial parameter lies at the end of its interval.
    border : ndarray, shape (n, 3, 2)
        Estimates and standard errors of the effects, where the class was asked for them.
    seconds : float
        CPU time of the fits.
    """

    params: np.ndarray
    cov: np.ndarray
    sigma2: np.ndarray
    ended: np.ndarray
    border: np.ndarray
    seconds: float

    @classmethod
    def load(cls, path: Path, count: int) -> "Draws":
        """Read what there is."""
        if path.exists():
            with np.load(path) as kept:
                return cls(**{name: kept[name] for name in kept.files})
        empty = np.zeros(0)
        return cls(np.zeros((0, count)), np.zeros((0, count, count)), empty, empty, np.zeros((0, 3, 2)), 0.0)

    def more(self, rows: list[tuple[np.ndarray, ...]], seconds: float) -> "Draws":
        """Add rows."""
        new = [np.stack(part) for part in zip(*rows, strict=True)]
        old = (self.params, self.cov, self.sigma2, self.ended, self.border)
        return Draws(*(np.concatenate(pair) for pair in zip(old, new, strict=True)), self.seconds + seconds)


def one_draw(setting: Setting, model: Model, draw: int) -> tuple[np.ndarray, ...]:
    """Fit one panel."""
    spec, count = model.design.spec, len(model.design.spec.parameters)
    problem = fill(setting, model.design.problem, spec.regressors, draw)
    nothing = np.full((3, 2), np.nan)
    try:
        fit, information = estimate(problem)
    except EstimationError:
        blank = np.full(count, np.nan)
        return blank, np.full((count, count), np.nan), np.array(np.nan), np.array(False), nothing
    params = np.concatenate([fit.beta, fit.spatial])
    cov = information.covariance()[:-1, :-1]
    ended = np.array(any(fit.at_bound))
    if setting.extra == "border" and not ended:
        nothing = impacts(replace(model.design, problem=problem), params, cov).table[
            ["estimate", "std_error"]
        ]
    return params, cov, np.array(fit.sigma2), ended, np.asarray(nothing)


def run(setting: Setting, draws: int, store: Path) -> dict[str, object]:
    """Fit the draws that are missing; the line of a setting."""
    model = request(setting, *setting.draw(0))
    path = store / f"{setting.name}.npz"
    done = Draws.load(path, len(model.design.spec.parameters))
    if not len(done.params):
        agree(setting, model)
    while len(done.params) < draws:
        start, first = time.process_time(), len(done.params)
        rows = [one_draw(setting, model, n) for n in range(first, min(first + 100, draws))]
        done = done.more(rows, time.process_time() - start)
        np.savez(path, **vars(done))
    return line(setting, model, done)


def agree(setting: Setting, model: Model) -> None:
    """Require that the class and the core that is simulated give the same."""
    found = model.fit()
    params, cov, _, ended, _ = one_draw(setting, model, 0)
    np.testing.assert_allclose(params, found.params, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(cov)), found.std_errors, rtol=1e-6)
    if setting.extra == "border" or ended:
        return
    for horizon in horizons(setting, found):
        values, errors = average_effects(setting, model, params[None], cov[None], horizon)
        table = found.impacts(horizon=horizon).table
        np.testing.assert_allclose(values[0], table["estimate"], rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(errors[0], table["std_error"], rtol=1e-4, atol=1e-9)


def horizons(setting: Setting, found: SpatialPanelResults | None = None) -> list[str]:
    """Short-run effects, and long-run effects where there are any."""
    stable = found is None or not setting.lags or found.stability["all"] < 1.0
    return ["short", "long"] if setting.lags and stable else ["short"]


def multipliers(model: Model) -> Multipliers:
    """Average multipliers of the setting's weights."""
    problem, durbin = model.design.problem, model.design.durbin
    periods = len(problem.y)
    return Multipliers.of(problem.lag, durbin[0] if durbin else None, np.full((1, periods), 1.0 / periods))


def coefficients(model: Model, params: np.ndarray, horizon: str) -> np.ndarray:
    """beta, theta and rho of parameter vectors (..., K), or what takes their place in the long run; (..., 3)."""
    names = model.design.spec.parameters
    zero = np.zeros(params.shape[:-1])
    beta, theta, rho, tau, eta = (
        params[..., names.index(name)] if name in names else zero
        for name in ("x", "W_x", "rho", "y_lag", "W_y_lag")
    )
    share = 1.0 / (1.0 - tau) if horizon == "long" else 1.0 + zero
    moved = rho + eta if horizon == "long" else rho
    return np.stack([beta * share, theta * share, moved * share], axis=-1)


def combine(own: np.ndarray, lagged: np.ndarray, beta: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Direct, indirect and total effects from multipliers (..., 2) and coefficients (...); (..., 3)."""
    both = own * beta[..., None] + lagged * theta[..., None]
    return np.stack([both[..., 0], both[..., 1] - both[..., 0], both[..., 1]], axis=-1)


def average_effects(
    setting: Setting, model: Model, params: np.ndarray, cov: np.ndarray, horizon: str
) -> tuple[np.ndarray, np.ndarray]:
    """Effects and delta-method standard errors of every draw, each (n, 3)."""
    inner = multipliers(model)

    def at(points: np.ndarray) -> np.ndarray:
        beta, theta, rho = np.moveaxis(coefficients(model, points, horizon), -1, 0)
        own, lagged = (part[:, 0] for part in inner.at(rho if setting.lag else rho[:1]))
        return combine(own, lagged, beta, theta)

    step = 1e-5
    sides = [at(params + move) - at(params - move) for move in step * np.eye(params.shape[1])]
    slope = np.stack(sides, axis=2) / (2.0 * step)
    variance = np.einsum("nek,nkl,nel->ne", slope, cov, slope)
    return at(params), np.sqrt(np.maximum(variance, 0.0))


def simulated_intervals(
    setting: Setting, model: Model, params: np.ndarray, cov: np.ndarray, horizon: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return ends of simulated intervals, each (n, 3); multipliers are interpolated between 2,001 values."""
    inner, rng = multipliers(model), setting.generator(SIMULATION)
    low, high = (end * (1.0 - 1e-3) for end in inner.bounds)
    grid = np.linspace(low, high, 2001 if setting.lag else 4)
    own, lagged = inner.at(grid)
    room = (1.0 - grid / inner.bounds[1]) * (1.0 - grid / inner.bounds[0])
    smooth = CubicSpline(grid, np.concatenate([own[:, 0], lagged[:, 0]], axis=1) * room[:, None])
    out = np.empty((len(params), 2, 3))
    for n, (point, spread) in enumerate(zip(params, cov, strict=True)):
        sample = rng.multivariate_normal(point, spread, size=1000, method="eigh", check_valid="ignore")
        beta, theta, rho = coefficients(model, sample, horizon).T
        inside = (rho > low) & (rho < high)
        beta, theta, rho = beta[inside], theta[inside], rho[inside]
        scaled = (1.0 - rho / inner.bounds[1]) * (1.0 - rho / inner.bounds[0])
        values = smooth(rho) / scaled[:, None]
        drawn = combine(values[:, :2], values[:, 2:], beta, theta)
        out[n] = np.quantile(drawn, [0.025, 0.975], axis=0)
    return out[:, 0], out[:, 1]


def share(held: np.ndarray) -> float:
    """Per cent."""
    return round(100.0 * float(held.mean()), 2)


def line(setting: Setting, model: Model, done: Draws) -> dict[str, object]:
    """Summarize the draws of a setting."""
    names = model.design.spec.parameters
    solved = np.isfinite(done.params).all(axis=1) & np.isfinite(done.cov).all(axis=(1, 2))
    params, cov = done.params[solved], done.cov[solved]
    errors = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    found: dict[str, object] = {}
    for name, true in setting.truth.items():
        estimate_, error = params[:, names.index(name)], errors[:, names.index(name)]
        found[name] = {
            "true": round(true, 6),
            "mean": round(float(estimate_.mean()), 5),
            "median": round(float(np.median(estimate_)), 5),
            "sd": round(float(estimate_.std(ddof=1)), 5),
            "se": round(float(error.mean()), 5),
            "coverage": share(np.abs(estimate_ - true) <= QUANTILE * error),
        }
    return {
        "model": setting.model,
        "extra": setting.extra,
        "effects": setting.effects,
        "weights": setting.weights,
        "draws": len(done.params),
        "without_solution": int((~solved).sum()),
        "at_the_end": int(done.ended[solved].sum()),
        "parameters": found,
        "sigma2": round(float(done.sigma2[solved].mean()), 4),
        "effects_of_x": held_effects(setting, model, done, solved),
        "milliseconds": round(1000.0 * float(done.seconds) / len(done.params), 1),
    }


def held_effects(setting: Setting, model: Model, done: Draws, solved: np.ndarray) -> dict[str, object]:
    """How often the intervals of the effects hold the truth."""
    out: dict[str, object] = {}
    inside = solved & (done.ended == 0)
    params, cov = done.params[inside], done.cov[inside]
    for horizon in horizons(setting):
        true = np.array(list(setting.effects_of(horizon).values()))
        if setting.extra == "border":
            values, errors = done.border[inside, :, 0], done.border[inside, :, 1]
            simulated = None
        else:
            stable = coefficients(model, params, horizon)[:, 2] < 1.0
            params, cov = params[stable], cov[stable]
            values, errors = average_effects(setting, model, params, cov, horizon)
            simulated = simulated_intervals(setting, model, params, cov, horizon)
        for k, effect in enumerate(EFFECTS):
            if not errors[:, k].any():
                continue
            row = {
                "true": round(float(true[k]), 5),
                "mean": round(float(values[:, k].mean()), 5),
                "delta": share(np.abs(values[:, k] - true[k]) <= QUANTILE * errors[:, k]),
            }
            if simulated is not None:
                row["simulated"] = share((simulated[0][:, k] <= true[k]) & (true[k] <= simulated[1][:, k]))
            out[effect if horizon == "short" else f"long-run {effect}"] = row
    return out


def misses(row: dict) -> list[str]:
    """List what a setting does not hold."""
    found = []
    for name, one in row["parameters"].items():
        bias = one["mean"] - one["true"]
        if name.startswith(("rho", "lambda")) and abs(bias) > BIAS:
            found.append(f"bias of {name} {bias:.4f}")
        if name != "phi" and not BAND[0] <= one["coverage"] <= BAND[1]:
            found.append(f"coverage of {name} {one['coverage']:.1f}")
    for name, one in row["effects_of_x"].items():
        if not BAND[0] <= one["delta"] <= BAND[1]:
            found.append(f"coverage of the {name} effect {one['delta']:.1f}")
    return found


def bold(text: str, wrong: bool) -> str:
    """Mark what misses."""
    return f"**{text}**" if wrong else text


def cells(row: dict) -> list[str]:
    """One line of the table of the page."""
    parameters = row["parameters"]
    spatial = [name for name in parameters if name.startswith(("rho", "lambda"))]
    biases = [
        bold(
            f"{one['mean'] - one['true']:+.4f} ({one['sd'] / row['draws'] ** 0.5:.4f})",
            abs(one["mean"] - one["true"]) > BIAS,
        )
        for one in (parameters[name] for name in spatial)
    ]
    spreads = [f"{parameters[name]['sd']:.3f} / {parameters[name]['se']:.3f}" for name in spatial]
    held = [
        f"{SYMBOLS.get(name, name)} "
        + bold(f"{one['coverage']:.1f}", not BAND[0] <= one["coverage"] <= BAND[1])
        for name, one in parameters.items()
        if name != "phi"
    ]
    effects = [
        f"{name} "
        + bold(f"{one['delta']:.1f}", not BAND[0] <= one["delta"] <= BAND[1])
        + (f" / {one['simulated']:.1f}" if "simulated" in one else "")
        for name, one in row["effects_of_x"].items()
    ]
    lost = row["without_solution"] + row["at_the_end"]
    name = row["model"] + f" ({row['extra']})" * bool(row["extra"])
    kind = {"constant": "W", "changing": "W_t"}[row["weights"]]
    texts = [", ".join(part) or "none" for part in (biases, spreads, held, effects)]
    counts = [str(lost or ""), f"{row['draws']:,}"]
    return [name, row["effects"], kind, *texts[:2], f"{row['sigma2']:.3f}", *texts[2:], *counts]


def table(lines: dict[str, dict]) -> str:
    """Return the table of the page, in markdown."""
    rows = [HEADS, ["---"] * len(HEADS), *(cells(row) for row in lines.values())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write_page(path: Path, lines: dict[str, dict]) -> None:
    """Put the table between its marks."""
    before, rest = path.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    path.write_text(f"{before}{MARKS[0]}\n{table(lines)}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Parse the choices, run, and write the line of each setting."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--store", type=Path, default=Path("montecarlo-draws"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--page", action="store_true")
    args = parser.parse_args()
    if args.page:
        write_page(PAGE, json.loads(RESULTS.read_text(encoding="utf-8")))
        return
    args.store.mkdir(parents=True, exist_ok=True)
    for setting in settings():
        if not any(fnmatch.fnmatchcase(setting.name, pattern) for pattern in args.patterns):
            continue
        if args.list:
            print(setting.name)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakIdentificationWarning)
            row = run(setting, args.draws, args.store)
        lines = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        lines[setting.name] = row
        known = [one.name for one in settings()]
        ordered = dict(sorted(lines.items(), key=lambda item: known.index(item[0])))
        RESULTS.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(
            f"{setting.name}: {row['milliseconds']} ms a fit; {'; '.join(misses(row)) or 'holds'}", flush=True
        )


if __name__ == "__main__":
    main()
