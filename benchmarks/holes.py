"""What does each policy for holes cost? 2,000 simulated panels of 41 units and 17 years, 3 % of y removed at random.

``python benchmarks/holes.py`` draws panels of the Durbin model with two-way effects (as ``montecarlo.py`` does),
removes 21 of 697 values of y, and estimates the model from the whole panel and under each policy of ``balance_panel``;
bias, spread and coverage go to ``benchmarks/results/holes.json``. ``--page`` writes the table of docs/causes/holes.md
from that file and runs nothing. A draw is fitted by the numeric cores; on the first ``balance_panel(...).fit()`` must
agree.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from simulated_panels import Setting, as_frame, as_spectra, as_weights, keep_line

import yrdspatial as yrd
from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.model import estimate
from yrdspatial.models.observed import Observed
from yrdspatial.models.observed_fit import fit_observed
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects, dummy_basis

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "holes.json"
PAGE = HERE.parent / "docs" / "causes" / "holes.md"
MARKS = ("<!-- the table: made by benchmarks/holes.py --page -->", "<!-- the table ends -->")
SHARE, QUANTILE = 0.03, 1.959963984540054
POLICIES = ("no hole", "em", "subset", "drop_years", "drop_units")
NAMES = ("x", "W_x", "rho")
SYMBOLS = {"x": "β", "W_x": "θ", "rho": "ρ"}


def settings() -> list[Setting]:
    """Both kinds of weights."""
    return [Setting("SDM", "twoways", kind) for kind in ("constant", "changing")]


def holes_of(setting: Setting, draw: int, shape: tuple[int, int]) -> np.ndarray:
    """Choose which values of y are removed; True where one is."""
    count = round(SHARE * shape[0] * shape[1])
    rng = np.random.default_rng([setting.seed, draw, count])
    gone = np.zeros(shape, dtype=bool)
    gone.flat[rng.choice(gone.size, count, replace=False)] = True
    return gone


def balanced(y: np.ndarray, x: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a balanced panel: parameters and standard errors."""
    lag, columns = as_spectra(W), np.stack([x, (W @ x[:, :, None])[:, :, 0]], axis=2)
    effects = Effects.of(*y.shape, unit=True, time=True)
    fit, information = estimate(Problem(y, columns, effects, lag=lag, error=None, adjusted=True))
    errors = np.sqrt(np.diag(information.covariance()))[:3]
    return np.concatenate([fit.beta, fit.spatial]), errors


def stacked(y: np.ndarray, x: np.ndarray, W: np.ndarray, gone: np.ndarray, policy: str) -> Observed:
    """Arrange a panel with holes for the core."""
    kept = ~gone if policy == "subset" else np.ones_like(gone)
    tables: dict[bytes, int] = {}
    networks, position = [], []
    for table, here in zip(W, kept, strict=True):
        part = table[np.ix_(here, here)]
        sums = part.sum(axis=1, keepdims=True)
        part = part / np.where(sums > 0, sums, 1.0)
        if part.tobytes() not in tables:
            tables[part.tobytes()] = len(networks)
            networks.append(Spectra.of(part[None], np.zeros(1, dtype=np.intp)))
        position.append(tables[part.tobytes()])
    basis = dummy_basis(Effects.of(*y.shape, unit=True, time=True))[kept.ravel()]
    basis = np.linalg.qr(basis)[0]
    missing = np.flatnonzero((gone & kept)[kept]).astype(np.intp)
    problem = Observed(
        np.where(gone, 0.0, y)[kept],
        x[kept][:, None],
        tuple(networks),
        np.array(position, dtype=np.intp),
        basis,
        missing,
        adjusted=True,
    )
    lagged = problem.by_year([one.matrices[0] for one in networks], problem.X)
    return Observed(
        problem.y,
        np.hstack([problem.X, lagged]),
        problem.weights,
        problem.position,
        basis,
        missing,
        adjusted=True,
    )


def fitted(setting: Setting, draw: int, policy: str) -> tuple[np.ndarray, np.ndarray]:
    """Fit one panel under one policy: parameters and standard errors, NaN where nothing is left to fit."""
    (y, x), W = setting.draw(draw), setting.matrices[""]
    gone = holes_of(setting, draw, y.shape)
    try:
        if policy == "no hole":
            return balanced(y, x, W)
        if policy == "drop_years":
            whole = ~gone.any(axis=1)
            return balanced(y[whole], x[whole], W[whole])
        if policy == "drop_units":
            whole = ~gone.any(axis=0)
            part = W[:, whole][:, :, whole]
            sums = part.sum(axis=2, keepdims=True)
            return balanced(y[:, whole], x[:, whole], part / np.where(sums > 0, sums, 1.0))
        fit = fit_observed(stacked(y, x, W, gone, policy))
    except (EstimationError, np.linalg.LinAlgError, IndexError, ValueError):
        return np.full(3, np.nan), np.full(3, np.nan)
    return np.append(fit.point.beta, fit.rho), np.sqrt(np.diag(fit.covariance))[:3]


def agree(setting: Setting) -> None:
    """Require that ``balance_panel(...).fit()`` gives what is simulated."""
    (y, x), W = setting.draw(0), as_weights(setting.matrices[""])
    gone = holes_of(setting, 0, y.shape)
    data = as_frame({"y": np.where(gone, np.nan, y), "x": x})
    for policy in POLICIES[1:]:
        found = yrd.balance_panel(data, "y ~ x", policy=policy, weights=W).fit("SDM")
        params, errors = fitted(setting, 0, policy)
        np.testing.assert_allclose(params, found.params, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(errors, found.std_errors, rtol=1e-5)


def lines(setting: Setting, draws: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Run one setting; a line a policy."""
    truth = np.array([setting.truth[name] for name in NAMES])
    for policy in POLICIES:
        start = time.process_time()
        rows = [fitted(setting, draw, policy) for draw in range(draws)]
        seconds = time.process_time() - start
        params, errors = (np.array(part) for part in zip(*rows, strict=True))
        params, errors = params[np.isfinite(errors).all(axis=1)], errors[np.isfinite(errors).all(axis=1)]
        inside = np.abs(params - truth) < QUANTILE * errors
        spread = params.std(axis=0, ddof=1)
        yield (
            f"{setting.weights} W, {policy}",
            {
                "draws": draws,
                "lost": draws - len(params),
                "bias": dict(zip(NAMES, (params.mean(axis=0) - truth).round(5).tolist(), strict=True)),
                "error": dict(zip(NAMES, (spread / np.sqrt(len(params))).round(5).tolist(), strict=True)),
                "sd": dict(zip(NAMES, spread.round(5).tolist(), strict=True)),
                "mean_se": dict(zip(NAMES, errors.mean(axis=0).round(5).tolist(), strict=True)),
                "coverage": dict(zip(NAMES, (100 * inside.mean(axis=0)).round(2).tolist(), strict=True)),
                "cpu_seconds": round(seconds, 1),
            },
        )


def table() -> str:
    """Lay out the results in Markdown."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    heads = [
        "weights",
        "policy",
        "parameter",
        "bias (Monte Carlo error)",
        "sd",
        "mean se",
        "coverage, %",
        "lost",
    ]
    rows = [heads, ["---"] * len(heads)]
    for name, line in found.items():
        kind, policy = name.split(" W, ")
        for parameter in NAMES:
            bias = f"{line['bias'][parameter]:+.4f} ({line['error'][parameter]:.4f})"
            cells = [f"{line[key][parameter]:.4f}" for key in ("sd", "mean_se")]
            cells += [f"{line['coverage'][parameter]:.1f}", f"{line['lost']} of {line['draws']}"]
            rows.append([kind, policy, SYMBOLS[parameter], bias, *cells])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def write_page() -> None:
    """Put the table between the marks of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{table()}\n\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Run, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    if asked.page:
        write_page()
        return
    order = [f"{setting.weights} W, {policy}" for setting in settings() for policy in POLICIES]
    for setting in settings():
        agree(setting)
        for name, line in lines(setting, asked.draws):
            keep_line(RESULTS, name, line, order)
            print(name, line)


if __name__ == "__main__":
    main()
