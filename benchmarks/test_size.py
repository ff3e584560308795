"""How often do the tests reject a true null at 5 %? Simulated panels of 41 units and 17 years.

Run ``python benchmarks/test_size.py --help`` for the choices; the default is 2,000 panels without spatial correlation
(synthetic: x correlated with the unit effects, normal errors, unit and time effects as large as the errors where the
model has them) for each kind of effects, under constant W and under W_t whose links grow. Printed: per cent of panels
in which each LM test rejects, in the published form and with adjusted moments. The Monte Carlo error at 2,000 draws is
0.5 points, so that a true size of 5 % gives 4.0 to 6.0 in 95 of 100 runs.

``--tests others``: the tests of other nulls, each on panels for which its null is true, with two-way effects where
nothing else is said. SAR (rho 0.4): Wald and LR from SDM to SAR, LM error beside the lag. SEM (lambda 0.4): Wald and LR
of the common factor. No spatial term: Wald and LR from SDM to SLX. Random effects as large as the errors, eight
years: Hausman for SAR (classical and Mundlak's), robust Hausman, Pesaran's CD after unit effects, and with 20 units LM
lambda of Baltagi, Song and Koh; no random effects: their LM1, LM2, joint tests and LM mu with 20 units and 8 years.
"""

import argparse
import warnings

import numpy as np
import pandas as pd
from scipy.stats import chi2

import yrdspatial as yrd
from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.lm import adjusted_scores, published_scores
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import Effects
from yrdspatial.weights.series import WeightsSeries

UNITS, PERIODS = 41, 17
KINDS = ("pooled", "unit", "time", "twoways", "unit x window, time")
NULLS = ("SAR", "SEM", "none", "random", "pooled")
FORMULA = "y ~ x1 + x2"
NAMES = ("LM lag", "LM error", "Robust LM lag", "Robust LM error", "LM SARMA")


def draw_weights(kind: str, seed: int) -> Spectra:
    """Four nearest neighbours of random points, row-standardized; under "changing" links open every year."""
    rng = np.random.default_rng(seed)
    points = rng.random((UNITS, 2))
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    links = np.zeros((UNITS, UNITS))
    np.put_along_axis(links, np.argsort(distance, axis=1)[:, :4], 1.0, axis=1)
    tables = []
    for _ in range(PERIODS if kind == "changing" else 1):
        tables.append(links / links.sum(axis=1, keepdims=True))
        links = np.maximum(links, rng.random((UNITS, UNITS)) < 0.005)
        np.fill_diagonal(links, 0.0)
    position = np.arange(PERIODS) if kind == "changing" else np.zeros(PERIODS, dtype=np.intp)
    return Spectra.of(np.stack(tables), position.astype(np.intp))


def make_effects(kind: str) -> Effects:
    """Effects of a panel; windows are the first eight and the last nine years."""
    windows = (
        (np.arange(PERIODS) >= 8).astype(np.intp) if "window" in kind else np.zeros(PERIODS, dtype=np.intp)
    )
    unit, time = kind in {"unit", "twoways"} or "unit x" in kind, "time" in kind or kind == "twoways"
    return Effects(windows, np.zeros(UNITS, dtype=np.intp), unit, time)


def draw_problem(effects: Effects, rng: np.random.Generator) -> Problem:
    """Draw y = x1 - 0.5 x2 + effects + e."""
    unit, period = rng.standard_normal(UNITS), rng.standard_normal((PERIODS, 1))
    x = rng.standard_normal((PERIODS, UNITS, 2)) + 0.5 * unit[:, None]
    y = x @ [1.0, -0.5] + effects.unit * unit + effects.time * period
    y = y + rng.standard_normal((PERIODS, UNITS))
    constant = np.ones((PERIODS, UNITS, 1))
    X = x if effects.unit or effects.time else np.concatenate([constant, x], axis=2)
    return Problem(y=y, X=X, effects=effects, lag=None, error=None, adjusted=True)


def rejections(kind: str, weights: Spectra, draws: int, seed: int) -> pd.DataFrame:
    """Per cent of rejections at 5 %, tests by form."""
    effects, found = make_effects(kind), []
    for child in np.random.SeedSequence(seed).spawn(draws):
        problem = draw_problem(effects, np.random.default_rng(child))
        found.append(
            [
                list(form(problem, weights).statistics().values())
                for form in (published_scores, adjusted_scores)
            ]
        )
    limits = chi2.isf(0.05, [2 if name == "LM SARMA" else 1 for name in NAMES])
    share = 100.0 * (np.array(found) > limits).mean(axis=0)
    return pd.DataFrame(share, ["published", "adjusted"], list(NAMES))


def as_frame(y: np.ndarray, x: np.ndarray) -> pd.DataFrame:
    """Label a panel; the rows run over units within years."""
    index = pd.MultiIndex.from_product([range(PERIODS), range(UNITS)], names=["year", "unit"])
    columns = {"y": y.ravel(), "x1": x[..., 0].ravel(), "x2": x[..., 1].ravel()}
    return pd.DataFrame(columns, index).swaplevel()


def draw_frame(kind: str, weights: Spectra, rng: np.random.Generator) -> pd.DataFrame:
    """Draw a panel of one of the nulls: "SAR", "SEM", "none", "random" or "pooled"."""
    W = weights.matrices[weights.position]
    unit = rng.standard_normal(UNITS)
    x = rng.standard_normal((PERIODS, UNITS, 2)) + (0.0 if kind == "random" else 0.5) * unit[:, None]
    e = rng.standard_normal((PERIODS, UNITS))
    mean = x @ [1.0, -0.5] + (kind != "pooled") * unit
    if kind not in {"pooled", "random"}:
        mean = mean + rng.standard_normal((PERIODS, 1))
    spread = np.eye(UNITS) - 0.4 * W
    if kind == "SEM":
        e = np.linalg.solve(spread, e[..., None])[..., 0]
    y = mean + e
    return as_frame(np.linalg.solve(spread, y[..., None])[..., 0] if kind == "SAR" else y, x)


def other_tests(kind: str, data: pd.DataFrame, weights: WeightsSeries) -> dict[str, float]:
    """Return p-values of the tests whose null is true."""
    if kind in {"SAR", "SEM", "none"}:
        sdm = yrd.SDM(data, FORMULA, weights=weights).fit()
        table = yrd.simplification_tests(sdm).set_index("test")["pvalue"]
        to = {"none": "SLX"}.get(kind, kind)
        found = {name: table[name] for name in (f"Wald SDM to {to}", f"LR SDM to {to}")}
        if kind == "SAR":
            sar = yrd.SAR(data, FORMULA, weights=weights).fit()
            found["LM error beside rho"] = yrd.residual_tests(sar)["pvalue"].iloc[0]
        return found
    if kind == "pooled":
        return small_bsk(data, weights).drop("BSK LM lambda").to_dict()

    data = data[data.index.isin(range(8), level="year")]

    def fitted(effects: str) -> object:
        return yrd.SAR(data, FORMULA, weights=weights, effects=effects).fit()

    fixed = fitted("unit")
    return {
        "Hausman": yrd.hausman(fixed, fitted("random")).pvalue,
        "Hausman (Mundlak)": yrd.hausman(fixed, fitted("mundlak")).pvalue,
        "Hausman (robust)": yrd.mundlak_test(data, FORMULA).pvalue,
        "CD": yrd.cd_test(yrd.OLS(data, FORMULA, effects="unit").fit().resids).pvalue,
        "BSK LM lambda": small_bsk(data, weights)["BSK LM lambda"],
    }


def small_bsk(data: pd.DataFrame, weights: WeightsSeries) -> pd.Series:
    """P-values of Baltagi, Song and Koh on the first 20 units and 8 years: the whole panel takes a second a test."""
    units, years = range(20), range(8)
    part = data[data.index.isin(units, level="unit") & data.index.isin(years, level="year")]
    tables = {t: pd.DataFrame(W[:20, :20]) for t, W in zip(years, weights.array(), strict=False)}
    standardized = {t: W.div(W.sum(axis=1).where(W.sum(axis=1) > 0, 1.0), axis=0) for t, W in tables.items()}
    found = yrd.bsk_tests(part, FORMULA, weights=WeightsSeries.from_frames(standardized))
    return found.set_index("test")["pvalue"]


def other_rejections(kind: str, weights: Spectra, draws: int, seed: int) -> pd.DataFrame:
    """Per cent of rejections at 5 %, and per cent of panels in which the test does not apply."""
    frames = {t: pd.DataFrame(weights.matrices[d]) for t, d in enumerate(weights.position)}
    series, found = WeightsSeries.from_frames(frames), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakIdentificationWarning)
        for child in np.random.SeedSequence(seed).spawn(draws):
            data = draw_frame(kind, weights, np.random.default_rng(child))
            found.append(other_tests(kind, data, series))
    table = pd.DataFrame(found)
    applies = table.notna().mean()
    share = (table < 0.05).sum() / table.notna().sum()
    return pd.DataFrame({"size": 100.0 * share, "not applicable": 100.0 * (1.0 - applies)})


def main() -> None:
    """Parse the choices and print a table for each kind of weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261)
    parser.add_argument("--tests", choices=["lm", "others"], default="lm")
    parser.add_argument("--nulls", nargs="+", choices=NULLS, default=NULLS)
    args = parser.parse_args()
    for changing in ("constant", "changing"):
        weights = draw_weights(changing, args.seed)
        if args.tests == "others":
            found = {kind: other_rejections(kind, weights, args.draws, args.seed) for kind in args.nulls}
            print(f"{changing} W, {args.draws} panels")
            print(pd.concat(found).round(2).to_string(), flush=True)
            continue
        tables = {kind: rejections(kind, weights, args.draws, args.seed) for kind in KINDS}
        print(f"{changing} W, {args.draws} panels")
        print(pd.concat(tables).round(2).to_string())


if __name__ == "__main__":
    main()
