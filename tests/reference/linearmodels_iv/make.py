"""Two-stage least squares and GMM by linearmodels, and GM_Lag of spreg; ``python make.py > expected.json`` here."""

import contextlib
import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import spreg
from libpysal.weights import W
from linearmodels.iv import IV2SLS, IVGMM

MODELS = Path(__file__).parents[1] / "models"
OTHERS = ["lpc", "unemp"]
SETTINGS = {"one": (["lpcap"], [*OTHERS, "lemp"]), "two": (["lpcap", "lemp"], OTHERS)}
INSTRUMENTS = ["lag_lpcap", "lag_lemp", "lag_unemp"]


def states():
    """Munnell's states with columns of the year before; the first year is spent on them."""
    data = pd.read_csv(MODELS / "e02_munnell" / "data.csv").set_index(["id", "t"]).sort_index()
    for name in ("lpcap", "lemp", "unemp"):
        data[f"lag_{name}"] = data.groupby("id")[name].shift(1)
    return data.dropna()


def numbers(result):
    return {"params": result.params, "std_errors": result.std_errors}


def with_dummies(data, endogenous, exogenous):
    """2SLS with a dummy for each state and year, divided by the degrees of freedom."""
    keys = [data.index.get_level_values(key).astype(str) for key in ("id", "t")]
    units = pd.get_dummies(pd.Series("u" + keys[0], data.index), dtype=float)
    years = pd.get_dummies(pd.Series("y" + keys[1], data.index), dtype=float).iloc[:, 1:]
    exog = pd.concat([data[exogenous], units, years], axis=1)
    model = IV2SLS(data["y"], exog, data[endogenous], data[INSTRUMENTS])
    shown = [*endogenous, *exogenous]
    plain = model.fit(cov_type="unadjusted", debiased=True)
    robust = model.fit(cov_type="robust", debiased=True)
    out = {
        "homoskedastic": {key: value[shown] for key, value in numbers(plain).items()},
        "robust": {key: value[shown] for key, value in numbers(robust).items()},
        "sargan": plain.sargan.stat,
        "durbin": plain.durbin().stat,
        "wu_hausman": plain.wu_hausman().stat,
        "s2": plain.s2,
    }
    first = plain.first_stage
    out["partial_r2"] = first.diagnostics["partial.rsquared"]
    out["first_stage_F"] = {
        name: float(
            first.individual[name].params[INSTRUMENTS]
            @ np.linalg.solve(
                first.individual[name].cov.loc[INSTRUMENTS, INSTRUMENTS],
                first.individual[name].params[INSTRUMENTS],
            )
        )
        / len(INSTRUMENTS)
        for name in endogenous
    }
    if len(endogenous) == 2:
        out["durbin_first"] = plain.durbin([endogenous[0]]).stat
    return out


def within(data):
    means = [data.groupby(key).transform("mean") for key in ("id", "t")]
    return data - means[0] - means[1] + data.mean()


def on_demeaned(data, endogenous, exogenous):
    """On data net of both effects, without factors for small samples."""
    net = within(data)
    clusters = pd.Series(data.index.get_level_values("id"), data.index)
    args = (net["y"], net[exogenous], net[endogenous], net[INSTRUMENTS])
    cluster = {"cov_type": "clustered", "clusters": clusters}
    gmm = {"robust": IVGMM(*args, weight_type="robust").fit(cov_type="robust")}
    gmm["iterated"] = IVGMM(*args, weight_type="robust").fit(iter_limit=1000, tol=1e-13, cov_type="robust")
    gmm["cluster"] = IVGMM(*args, weight_type="clustered", clusters=clusters).fit(**cluster)
    out = {name: {**numbers(found), "j": found.j_stat.stat} for name, found in gmm.items()}
    out["2sls cluster"] = numbers(IV2SLS(*args).fit(debiased=False, **cluster))
    return out


def columbus():
    """One cross-section: W y and HOVAL endogenous with OPEN as instrument; W y endogenous beside W INC."""
    folder = MODELS / "c01_columbus"
    data, triplets = pd.read_csv(folder / "data.csv"), pd.read_csv(folder / "w.csv")
    table = np.zeros((len(data), len(data)))
    table[triplets["i"] - 1, triplets["j"] - 1] = triplets["w"]
    links = {i: np.flatnonzero(row).tolist() for i, row in enumerate(table)}
    w = W(links, {i: table[i, near].tolist() for i, near in links.items()}, silence_warnings=True)
    y, x = data[["CRIME"]].to_numpy(), data[["INC"]].to_numpy()
    other, q = data[["HOVAL"]].to_numpy(), data[["OPEN"]].to_numpy()
    options = {0: {"yend": other, "q": q, "lag_q": True}, 1: {"slx_lags": 1}}
    out = {}
    for slx, more in options.items():
        with contextlib.redirect_stdout(io.StringIO()):
            fitted = spreg.GM_Lag(y, x, w=w, w_lags=2, sig2n_k=True, **more)
        out[f"slx_lags={slx}"] = {"params": fitted.betas.ravel(), "std_errors": np.sqrt(np.diag(fitted.vm))}
    return out


def plain(value):
    if isinstance(value, pd.Series):
        return {str(key): float(one) for key, one in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else float(value)


if __name__ == "__main__":
    data = states()
    found = {
        name: {"dummies": with_dummies(data, *parts), "demeaned": on_demeaned(data, *parts)}
        for name, parts in SETTINGS.items()
    }
    json.dump({**found, "columbus": columbus()}, sys.stdout, indent=1, default=plain)
    sys.stdout.write("\n")
