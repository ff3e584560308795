"""Event studies of a synthetic panel by other programs; run where csdid, honestdid, pyfixest are.

Writes ``panel.csv`` (synthetic: 60 units, 10 years, cohorts 2013, 2014, 2016, 2018 and never treated; effects that grow
and differ by cohort, one covariate) and ``expected.json``.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import honestdid
import numpy as np
import pandas as pd
import pyfixest as pf
from csdid.att_gt import ATTgt

HERE = Path(__file__).parent
SIZES = {2013: 8, 2014: 12, 2016: 10, 2018: 9, 0: 21}


def synthetic_panel() -> pd.DataFrame:
    rng = np.random.default_rng(20)
    first = np.repeat(list(SIZES), list(SIZES.values()))
    units, years = len(first), np.arange(2010, 2020)
    x = rng.normal(size=units) + 0.3 * (first > 0)
    walk = rng.normal(size=(len(years), units)).cumsum(axis=0) * 0.3
    since = years[:, None] - first
    effect = np.where((first > 0) & (since >= 0), 1.0 + 0.3 * since + 0.2 * (first - 2013), 0.0)
    y = rng.normal(size=units) + 0.2 * np.arange(len(years))[:, None] * (1 + 0.5 * x) + walk + effect
    z = rng.normal(size=y.shape) + 0.1 * y
    rows = {"unit": np.tile(np.arange(units) + 1, len(years)), "year": np.repeat(years, units)}
    values = {
        "first": np.tile(first, len(years)),
        "x": np.tile(x, len(years)),
        "z": z.ravel(),
        "y": y.ravel(),
    }
    return pd.DataFrame(rows | values).round(6)


def by_csdid(panel: pd.DataFrame, comparison: str, method: str, formula: str) -> dict[str, object]:
    asked = ATTgt(
        "y", "year", "unit", "first", panel, control_group=[comparison], xformla=formula, cband=False
    )
    fit = asked.fit(est_method=method, base_period="universal", bstrap=False)
    found = {
        "cohorts": [
            [int(g), int(t), float(a)]
            for g, t, a in zip(fit.results["group"], fit.results["year"], fit.results["att"], strict=True)
        ]
    }
    for kind in ("simple", "dynamic", "group", "calendar"):
        fit.aggte(typec=kind, bstrap=False, cband=False)
        table = fit.atte
        found[kind] = {
            "overall": [float(np.ravel(table["overall_att"])[0]), float(np.ravel(table["overall_se"])[0])]
        }
        if kind != "simple":
            found[kind]["rows"] = [
                [float(e), float(a), float(s)]
                for e, a, s in zip(table["egt"], table["att_egt"], np.ravel(table["se_egt"]), strict=True)
                if np.isfinite(s)
            ]
    return found


def by_pyfixest(panel: pd.DataFrame) -> dict[str, object]:
    data = panel.assign(
        treat=(panel["first"] > 0) & (panel["year"] >= panel["first"]),
        rel=np.where(panel["first"] > 0, panel["year"] - panel["first"], -1).clip(-4, 4),
    )
    static = pf.feols("y ~ treat + z | unit + year", data, vcov={"CRV1": "unit"})
    plain = pf.feols("y ~ treat | unit + year", data, vcov={"CRV1": "unit"})
    dynamic = pf.feols("y ~ i(rel, ref=-1) | unit + year", data, vcov={"CRV1": "unit"})
    full = data.assign(rel=np.where(panel["first"] > 0, panel["year"] - panel["first"], -1))
    full["late"] = np.where(full["treat"], full["rel"], -1)
    stages = pf.did2s(full, "y", "~ 0 | unit + year", "~ i(late, ref=-1)", "treat", "unit")
    with_z = pf.did2s(full, "y", "~ z | unit + year", "~ i(late, ref=-1)", "treat", "unit")

    def rows(fit: object) -> dict[str, list[float]]:
        return {str(k): [float(fit.coef()[k]), float(fit.se()[k])] for k in fit.coef().index}

    return {
        "static": rows(plain),
        "static_z": rows(static),
        "dynamic": rows(dynamic),
        "did2s": rows(stages),
        "did2s_z": rows(with_z),
    }


def by_honestdid(panel: pd.DataFrame) -> dict[str, object]:
    rel = np.where(panel["first"] > 0, panel["year"] - panel["first"], -1).clip(-4, 4)
    fit = pf.feols("y ~ i(rel, ref=-1) | unit + year", panel.assign(rel=rel), vcov={"CRV1": "unit"})
    beta, V = fit.coef().to_numpy(), np.asarray(fit._vcov)
    names = [str(name) for name in fit.coef().index]
    found: dict[str, object] = {"names": names, "beta": beta.tolist(), "V": V.tolist()}
    for label, vector in {"first": np.eye(5)[:, :1], "mean": np.full((5, 1), 0.2)}.items():
        sizes = {"numPrePeriods": 3, "numPostPeriods": 5, "l_vec": vector}
        found[f"smoothness {label}"] = {
            str(M): [float(end) for end in honestdid.find_optimal_flci(beta, V, M=M, **sizes)["FLCI"]]
            for M in (0.0, 0.02, 0.1)
        }
    sets = honestdid.computeConditionalCS_DeltaRM(
        beta, V, 3, 5, l_vec=np.eye(5)[:, :1], Mbar=1.0, gridPoints=200, grid_lb=0.5, grid_ub=2.5
    )
    kept = np.asarray(sets["grid"])[np.asarray(sets["accept"]) > 0]
    found["relative first 1.0"] = [float(kept.min()), float(kept.max())]
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    panel = synthetic_panel()
    panel.to_csv(HERE / "panel.csv", index=False)
    expected = {
        "versions": {
            name: version(name) for name in ("csdid", "drdid", "honestdid", "pyfixest", "numpy", "pandas")
        },
        "csdid": {
            f"{comparison} {method} {formula}": by_csdid(panel, comparison, method, formula)
            for comparison in ("nevertreated", "notyettreated")
            for method, formula in (("reg", "y~1"), ("reg", "y~x"), ("dr", "y~x"))
        },
        "pyfixest": by_pyfixest(panel),
        "honestdid": by_honestdid(panel),
    }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
