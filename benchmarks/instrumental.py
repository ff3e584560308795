"""Do instruments find the truth? 2,000 simulated panels of 41 units and 17 years, W constant and changing.

``python benchmarks/instrumental.py`` runs all settings, ``python benchmarks/instrumental.py "weak*"`` those whose name
fits a pattern; each setting is a line of ``benchmarks/results/instrumental.json`` that does not depend on what else was
run. ``--page`` writes the table of docs/causes/instruments.md from that file and runs nothing. All data are synthetic.

y = (I - 0.5 W_t)^-1 (x + d + unit and time effects + e), d = p z + 0.5 e + v + unit effect: d is endogenous with a
correlation of about 0.45 of what moves it beside z. A draw is fitted by the numeric core behind ``fit()``; on the first
draw the class must give the same. Beside it stands what maximum likelihood of SAR says when d counts as exogenous.
"""

import argparse
import fnmatch
import json
import time
import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.stats import chi2
from simulated_panels import PERIODS, UNITS, as_frame, as_weights, draw_weights, keep_line

import yrdspatial as yrd
from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.instrument_strength import anderson_rubin, strength
from yrdspatial.models.instrumental import equation_of
from yrdspatial.models.instruments import columns_of
from yrdspatial.models.model import estimate
from yrdspatial.models.robust import Choice
from yrdspatial.models.two_stage import exogeneity, fit_two_stage

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "instrumental.json"
PAGE = HERE.parent / "docs" / "causes" / "instruments.md"
MARKS = ("<!-- the table: made by benchmarks/instrumental.py --page -->", "<!-- the table ends -->")
QUANTILE = 1.959963984540054
RHO, SHARED = 0.5, 0.5
DRAWS = 2000
TESTS = ("J", "C", "AR", "Wald")


@dataclass(frozen=True)
class Case:
    """What is simulated: the strength p of z, the errors, and what standard errors allow for."""

    label: str
    strength: float = 1.0
    errors: str = "equal"
    cov_type: str = "homoskedastic"
    method: str = "2sls"
    shared: float = SHARED
    lags: int = 2
    durbin: bool = False
    lag: bool = True
    weights: str = "constant"

    @property
    def name(self) -> str:
        """Such as "weak, changing W"; without W y its weights do not matter."""
        return f"{self.label}, {self.weights} W" if self.lag else self.label

    @property
    def choice(self) -> Choice | None:
        """The covariance as the core takes it."""
        return None if self.cov_type == "homoskedastic" else Choice(self.cov_type)

    @cached_property
    def matrices(self) -> np.ndarray:
        """W_t, shape (T, N, N)."""
        return draw_weights(self.weights, 20260)

    def noise(self, rng: np.random.Generator, z: np.ndarray) -> np.ndarray:
        """Errors of variance one: equal, larger where the instrument is far from zero, or correlated over years."""
        e = rng.normal(size=(PERIODS, UNITS))
        if self.errors == "unequal":
            return e * (0.3 + 0.744 * np.abs(z))
        if self.errors == "persistent":
            for t in range(1, PERIODS):
                e[t] = 0.6 * e[t - 1] + 0.8 * e[t]
        return e

    def draw(self, number: int) -> dict[str, np.ndarray]:
        """One panel."""
        rng = np.random.default_rng([20264, number])
        unit, time_effect = rng.normal(size=UNITS), rng.normal(size=(PERIODS, 1))
        x, z, v = rng.normal(size=(3, PERIODS, UNITS))
        if self.errors == "persistent":
            z = np.cumsum(z, axis=0) / 2
        e = self.noise(rng, z)
        x = x + 0.5 * unit
        d = self.strength * z + self.shared * e + v + 0.5 * unit
        mean = x + d + unit + time_effect + e
        if self.durbin:
            mean = mean + 0.5 * (self.matrices @ x[:, :, None])[:, :, 0]
        y = mean
        if self.lag:
            y = np.linalg.solve(np.eye(UNITS) - RHO * self.matrices, mean[:, :, None])[:, :, 0]
        return {"y": y, "x": x, "d": d, "z": z}


CASES = [
    Case("strong"),
    Case("strong, one power of W", lags=1),
    Case("W x in the model", durbin=True),
    Case("d not endogenous", shared=0.0),
    Case("moderate", strength=0.3),
    Case("weak", strength=0.1),
    Case("irrelevant", strength=0.0),
    Case("unequal variances, homoskedastic", errors="unequal"),
    Case("unequal variances, robust", errors="unequal", cov_type="robust"),
    Case("unequal variances, gmm", errors="unequal", cov_type="robust", method="gmm"),
    Case("persistent, robust", errors="persistent", cov_type="robust"),
    Case("persistent, cluster", errors="persistent", cov_type="cluster"),
    Case("persistent, cluster gmm", errors="persistent", cov_type="cluster", method="gmm"),
    Case("persistent, cluster gmm, one power", errors="persistent", cov_type="cluster", method="gmm", lags=1),
    Case("no W y, weak, robust", strength=0.1, errors="unequal", cov_type="robust", lag=False),
    Case("no W y, weak, cluster", strength=0.03, errors="persistent", cov_type="cluster", lag=False),
    Case("persistent, Driscoll-Kraay", errors="persistent", cov_type="driscoll-kraay"),
]
ALL = [
    replace(case, weights=weights) for case in CASES for weights in ("constant", "changing")[: 1 + case.lag]
]


def one(case: Case, model: yrd.S2SLS, number: int) -> dict[str, float]:
    """Fit one panel by the cores."""
    panel = case.draw(number)
    columns = [panel["x"], panel["d"]]
    if case.durbin:
        columns.append((case.matrices @ panel["x"][:, :, None])[:, :, 0])
    problem = replace(model.design.problem, y=panel["y"], X=np.stack(columns, axis=2))
    design = replace(model.design, problem=problem)
    made = columns_of(design, (panel["z"][:, :, None], ("z",)), ("d",), case.lags)
    equation = equation_of(design, made)
    fit = fit_two_stage(equation, case.choice, efficient=case.method == "gmm")
    names = design.spec.parameters
    errors = np.sqrt(np.diag(fit.covariance))
    asked = ("d", "rho") if case.lag else ("d",)
    found = {name: fit.params[names.index(name)] for name in asked}
    found |= {f"se_{name}": errors[names.index(name)] for name in asked}
    spare = equation.overidentification
    found["J"] = chi2.sf(fit.objective, spare) if spare else np.nan
    found["C"] = chi2.sf(exogeneity(equation, case.choice, np.isin(names, ["d"])), 1)
    known = case.choice is None or not case.lag
    found["AR"] = anderson_rubin(equation, case.choice, 0).pvalue(1.0) if known else np.nan
    found["Wald"] = 1.0 - float(abs(found["d"] - 1.0) > QUANTILE * found["se_d"])
    found["F"] = strength(equation, case.choice).conditional[0]
    naive, _ = estimate(problem)
    return found | {"naive_d": naive.beta[1]} | ({"naive_rho": naive.spatial[0]} if case.lag else {})


def ask(case: Case) -> yrd.S2SLS:
    """Ask the class for the first draw."""
    return yrd.S2SLS(
        as_frame(case.draw(0)),
        "y ~ x + d",
        weights=as_weights(case.matrices),
        spatial_lag=case.lag,
        endogenous="d",
        instruments="z",
        durbin="x" if case.durbin else False,
        lags=case.lags,
    )


def agree(case: Case, model: yrd.S2SLS) -> None:
    """Require that the class and the core that is simulated give the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakIdentificationWarning)
        results = model.fit(method=case.method, cov_type=case.cov_type)
    found = one(case, model, 0)
    for name in ("d", "rho") if case.lag else ("d",):
        np.testing.assert_allclose(found[name], results.params[name], rtol=1e-8)
        np.testing.assert_allclose(found[f"se_{name}"], results.std_errors[name], rtol=1e-7)


def line(case: Case, draws: int) -> dict[str, object]:
    """Run a setting and sum it up."""
    model = ask(case)
    agree(case, model)
    start = time.process_time()
    rows = [one(case, model, number) for number in range(draws)]
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    out: dict[str, object] = {"draws": draws, "seconds": round(time.process_time() - start, 1)}
    for name, truth in (("d", 1.0), ("rho", RHO))[: 1 + case.lag]:
        values, errors = table[name], table[f"se_{name}"]
        covered = np.abs(values - truth) <= QUANTILE * errors
        out[name] = {
            "median_bias": round(float(np.median(values) - truth), 4),
            "bias": round(float(values.mean() - truth), 4),
            "mc_error": round(float(values.std() / np.sqrt(draws)), 4),
            "sd": round(float(values.std()), 4),
            "mean_se": round(float(errors.mean()), 4),
            "coverage": round(100 * float(covered.mean()), 1),
            "likelihood_bias": round(float(table[f"naive_{name}"].mean() - truth), 4),
        }
    known = [test for test in TESTS if np.isfinite(table[test]).all()]
    sizes = {test: round(100 * float((table[test] < 0.05).mean()), 1) for test in known}
    return out | {"rejected_at_5": sizes, "median_F": round(float(np.median(table["F"])), 1)}


def page() -> None:
    """Write the table into the page."""
    lines = json.loads(RESULTS.read_text(encoding="utf-8"))
    heads = [
        "setting",
        "F",
        "bias of γ (SAR)",
        "bias of ρ (SAR)",
        "sd / mean se of γ",
        "coverage γ, ρ",
        "J",
        "C",
        "AR",
    ]
    rows = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name, found in lines.items():
        d, rho, sizes = found["d"], found.get("rho"), found["rejected_at_5"]
        cells = [
            name,
            f"{found['median_F']:.0f}" if found["median_F"] >= 10 else f"{found['median_F']:.1f}",
            f"{d['median_bias']:+.3f} ({d['likelihood_bias']:+.3f})",
            f"{rho['median_bias']:+.3f} ({rho['likelihood_bias']:+.3f})" if rho else "",
            f"{d['sd']:.3f} / {d['mean_se']:.3f}" if "J" in sizes else "no moments",
            f"{d['coverage']:.1f}" + (f", {rho['coverage']:.1f}" if rho else ""),
            *(f"{sizes[test]:.1f}" if test in sizes else "" for test in ("J", "C", "AR")),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    PAGE.write_text(f"{before}{MARKS[0]}\n" + "\n".join(rows) + f"\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    if not asked.page:
        names = [case.name for case in ALL]
        for case in ALL:
            if any(fnmatch.fnmatch(case.name, pattern) for pattern in asked.patterns):
                keep_line(RESULTS, case.name, line(case, asked.draws), names)
    page()


if __name__ == "__main__":
    main()
