"""Gravity of the Austrian migration table by spint and statsmodels, and one-lag flows by spreg.

``python make.py > expected.json`` here; ``python make.py --data`` writes ``data.csv`` from spint's own test.
"""

import contextlib
import io
import json
import sys

import numpy as np
import pandas as pd
import spreg
import statsmodels.api as sm
from libpysal.weights import full2W
from spint.gravity import Doubly, Gravity

COLUMNS = ["origin", "destination", "flow", "o_var", "d_var", "km"]


def write_data():
    """Write the arrays that spint tests itself with: migration within Austria, after Dennett (2012)."""
    from spint.tests.test_gravity import TestGravity

    test = TestGravity()
    test.setUp()
    table = dict(zip(COLUMNS, [test.o, test.d, test.f, test.o_var, test.d_var, test.dij], strict=True))
    pd.DataFrame(table).to_csv("data.csv", index=False, lineterminator="\n")


def by_statsmodels(data, effects):
    """Poisson with a constant and logs, or with dummies; unscaled sandwiches."""
    X = pd.DataFrame({"km": np.log(data["km"])})
    if effects:
        for side in ("origin", "destination"):
            dummies = pd.get_dummies(data[side], prefix=side, dtype=float)
            X = pd.concat([X, dummies if side == "origin" else dummies.iloc[:, 1:]], axis=1)
    else:
        X = X.assign(o=np.log(data["o_var"]), d=np.log(data["d_var"]), constant=1.0)
    model = sm.GLM(data["flow"], X, family=sm.families.Poisson())
    codes = {side: pd.factorize(data[side])[0] for side in ("origin", "destination")}
    kinds = {"robust": ("HC0", {})}
    for name, groups in {**codes, "two-way": np.column_stack(list(codes.values()))}.items():
        kinds[name] = ("cluster", {"groups": groups, "use_correction": False})
    fits = {name: model.fit(cov_type=kind, cov_kwds=more, tol=1e-13) for name, (kind, more) in kinds.items()}
    shown = ["km"] if effects else list(X)
    first = fits["robust"]
    out = {"params": first.params[shown].to_dict(), "loglik": first.llf, "deviance": first.deviance}
    return out | {"std_errors": {name: fit.bse[shown].to_dict() for name, fit in fits.items()}}


def by_spint(data):
    """Poisson by spint: power and exponential deterrence, and the doubly constrained model."""
    f, (km, o, d) = data["flow"].to_numpy(), (data[name].to_numpy(float) for name in ("km", "o_var", "d_var"))
    out = {kind: Gravity(f, o, d, km, kind).params.tolist() for kind in ("pow", "exp")}
    doubly = Doubly(f, data["origin"].to_numpy(), data["destination"].to_numpy(), km, "pow")
    return out | {"doubly": float(doubly.params[-1]), "doubly_yhat": doubly.yhat.ravel().tolist()}


def by_spreg(data):
    """One lag of log(1 + flow): W x I, I x W or their mean, dense maximum likelihood; made-up self flows."""
    units = sorted(set(data["origin"]))
    wide = {
        name: data.pivot_table(index="origin", columns="destination", values=name) for name in ("flow", "km")
    }
    flow, km = (wide[name].loc[units, units].to_numpy() for name in ("flow", "km"))
    y = np.log1p(np.where(np.isnan(flow), 2.0 * np.nansum(flow, axis=1, keepdims=True), flow))
    near = np.nan_to_num(1.0 / km)
    W, eye = near / near.sum(axis=1, keepdims=True), np.eye(len(units))
    distance = np.log(np.where(np.isnan(km), 1.0, km))
    size = {
        name: data.groupby(side)[name].first().loc[units].to_numpy()
        for side, name in (("origin", "o_var"), ("destination", "d_var"))
    }
    away = 1.0 - eye
    X = np.stack(
        [eye, np.log(size["o_var"])[:, None] * away, np.log(size["d_var"])[None] * away, distance], axis=2
    )
    lags = {
        "origin": np.kron(W, eye),
        "destination": np.kron(eye, W),
        "both": (np.kron(W, eye) + np.kron(eye, W)) / 2,
    }
    out = {}
    for name, lag in lags.items():
        w = full2W(lag)
        with contextlib.redirect_stdout(io.StringIO()):
            fit = spreg.ML_Lag(y.reshape(-1, 1), X.reshape(-1, 4), w, method="full", epsilon=1e-12)
        out[name] = {
            "betas": fit.betas.ravel().tolist(),
            "loglik": float(fit.logll),
            "sigma2": float(fit.sig2),
        }
    return out


if __name__ == "__main__":
    if "--data" in sys.argv:
        write_data()
    else:
        data = pd.read_csv("data.csv")
        found = {
            "spint": by_spint(data),
            "statsmodels": by_statsmodels(data, effects=False),
            "statsmodels_effects": by_statsmodels(data, effects=True),
            "spreg": by_spreg(data),
        }
        json.dump(found, sys.stdout, indent=1)
        sys.stdout.write("\n")
