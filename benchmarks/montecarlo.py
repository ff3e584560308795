"""Do the estimators find the truth? Simulated panels of 41 units and 17 years, with constant and changing weights.

Run ``python benchmarks/montecarlo.py --help`` for the choices; the default is the SDM with two-way effects:
2,000 panels under constant W and under W_t, true rho (and lambda) 0.5, in models with both 0.4 and 0.3, beta 1, theta
0.5, sigma2 1, x correlated with the unit effects. Each line: mean and standard deviation of the spatial parameters,
mean of their standard errors, mean of sigma2, and how often the 95 % intervals of the parameters and of the direct, the
indirect and the total effect hold the truth (by the delta method, and by 1,000 simulated draws each). The Monte Carlo
error of a coverage of 95 % is 0.5 points at 2,000 draws. Draws without a solution are counted.
"""

import argparse
import time
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

import yrdspatial as yrd
from yrdspatial.errors import EstimationError, WeakIdentificationWarning
from yrdspatial.weights.series import WeightsSeries

UNITS, PERIODS = 41, 17
RHO, BETA, THETA, SIGMA = 0.5, 1.0, 0.5, 1.0
QUANTILE = 1.959963984540054
EFFECTS = ("direct", "indirect", "total")


def draw_weights(kind: str, seed: int) -> np.ndarray:
    """Four nearest neighbours of random points, row-standardized; under "changing" links open every year."""
    rng = np.random.default_rng(seed)
    points = rng.random((UNITS, 2))
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    links = np.zeros((UNITS, UNITS))
    np.put_along_axis(links, np.argsort(distance, axis=1)[:, :4], 1.0, axis=1)
    tables = []
    for _ in range(PERIODS):
        if kind == "changing":
            links = np.maximum(links, rng.random((UNITS, UNITS)) < 0.005)
            np.fill_diagonal(links, 0.0)
        tables.append(links / links.sum(axis=1, keepdims=True))
    return np.stack(tables)


@dataclass(frozen=True)
class Design:
    """True parameters of a model."""

    rho: float
    lam: float
    theta: float

    @classmethod
    def of(cls, model: str) -> "Design":
        """Choose the truth of a model."""
        lag, error = model in {"SAR", "SDM", "SAC", "GNS"}, model in {"SEM", "SDEM", "SAC", "GNS"}
        rho, lam = (0.4, 0.3) if lag and error else (RHO, RHO)
        theta = THETA if model in {"SLX", "SDM", "SDEM", "GNS"} else 0.0
        return cls(rho * lag, lam * error, theta)


def truth(design: Design, weights: np.ndarray) -> dict[str, float]:
    """Return true parameters and average effects."""
    inverse = np.linalg.inv(np.eye(UNITS) - design.rho * weights)
    slopes = inverse @ (BETA * np.eye(UNITS) + design.theta * weights)
    direct = np.trace(slopes, axis1=1, axis2=2).mean() / UNITS
    total = slopes.sum(axis=(1, 2)).mean() / UNITS
    effects = {"direct": direct, "indirect": total - direct, "total": total}
    return {"rho": design.rho, "lambda": design.lam, "x": BETA, "W_x": design.theta, **effects}


def draw_panel(
    design: Design, weights: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw y and x, each (T, N)."""
    unit, period = rng.standard_normal(UNITS), rng.standard_normal((PERIODS, 1))
    x = rng.standard_normal((PERIODS, UNITS)) + 0.5 * unit
    lagged = np.einsum("tij,tj->ti", weights, x)
    noise = np.sqrt(SIGMA) * rng.standard_normal((PERIODS, UNITS, 1))
    error = np.linalg.solve(np.eye(UNITS) - design.lam * weights, noise)[:, :, 0]
    mean = BETA * x + design.theta * lagged + unit + period + error
    y = np.linalg.solve(np.eye(UNITS) - design.rho * weights, mean[:, :, None])[:, :, 0]
    return y, x


def one_draw(
    data: pd.DataFrame, series: WeightsSeries, args: argparse.Namespace, seed: int
) -> dict[str, float]:
    """Fit one panel: estimates, standard errors, and the ends of the intervals of the effects."""
    weights = {} if args.model == "OLS" else {"weights": series}
    results = getattr(yrd, args.model)(data, "y ~ x", effects=args.effects, **weights).fit(bias=args.bias)
    row = {"sigma2": results.sigma2, **results.params.to_dict()}
    row |= {f"se_{name}": error for name, error in results.std_errors.items()}
    for how in ("delta", "simulation"):
        table = results.impacts(method=how, seed=seed if how == "simulation" else None).table.set_index(
            "effect"
        )
        for effect in EFFECTS:
            row |= {f"{how}_{effect}_{side}": table.loc[effect, side] for side in ("lower", "upper")}
    return row


def coverage(rows: pd.DataFrame, true: dict[str, float]) -> dict[str, float]:
    """Return shares of draws whose interval holds the truth."""
    names = [name for name in ("rho", "lambda", "x", "W_x") if f"se_{name}" in rows]
    held = {name: (np.abs(rows[name] - true[name]) <= QUANTILE * rows[f"se_{name}"]).mean() for name in names}
    for how in ("delta", "simulation"):
        for effect in EFFECTS:
            low, high = rows[f"{how}_{effect}_lower"], rows[f"{how}_{effect}_upper"]
            if (high > low).any():
                held[f"{how}_{effect}"] = ((low <= true[effect]) & (true[effect] <= high)).mean()
    return held


def experiment(kind: str, args: argparse.Namespace) -> tuple[pd.DataFrame, int]:
    """Run all draws under one kind of weights; also how many had no solution."""
    weights = draw_weights(kind, args.seed)
    labels, years = list(range(UNITS)), list(range(2006, 2006 + PERIODS))
    series = WeightsSeries.from_frames(
        {year: pd.DataFrame(w, labels, labels) for year, w in zip(years, weights, strict=True)}
    )
    index = pd.MultiIndex.from_product([years, labels], names=["year", "unit"]).swaplevel()
    rows, failed = [], 0
    for draw, child in enumerate(np.random.SeedSequence(args.seed).spawn(args.draws)):
        y, x = draw_panel(Design.of(args.model), weights, np.random.default_rng(child))
        data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
        try:
            rows.append(one_draw(data, series, args, args.seed + draw))
        except EstimationError:
            failed += 1
    return pd.DataFrame(rows), failed


def main() -> None:
    """Parse the choices and print one line for each kind of weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--model", choices=["OLS", "SLX", "SAR", "SEM", "SDM", "SDEM", "SAC"], default="SDM")
    parser.add_argument("--effects", default="twoways")
    parser.add_argument("--bias", choices=["adjusted", "none"], default="adjusted")
    parser.add_argument("--seed", type=int, default=20260)
    args = parser.parse_args()
    for kind in ("constant", "changing"):
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakIdentificationWarning)
            rows, failed = experiment(kind, args)
        true = truth(Design.of(args.model), draw_weights(kind, args.seed))
        seconds = time.process_time() - start
        print(
            f"{args.model}, {args.effects}, bias={args.bias}, {kind} W, {args.draws} panels, {seconds:.0f} CPU s"
        )
        for name in ("rho", "lambda"):
            if name in rows:
                found = rows[name]
                print(
                    f"  {name} {found.mean():.4f} (true {true[name]}), sd {found.std():.4f}, "
                    f"se {rows[f'se_{name}'].mean():.4f}"
                )
        print(f"  sigma2 {rows['sigma2'].mean():.4f} (true {SIGMA}); {failed} draws without a solution")
        held = ", ".join(f"{name} {100 * share:.1f}" for name, share in coverage(rows, true).items())
        print(f"  coverage: {held}", flush=True)


if __name__ == "__main__":
    main()
