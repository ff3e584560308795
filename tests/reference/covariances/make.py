"""Covariances of least squares by linearmodels and spreg; run as ``python make.py > expected.csv`` in this folder."""

import csv
import io
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pandas as pd
import spreg
from libpysal.weights import Kernel
from linearmodels.panel import PanelOLS, PooledOLS

MODELS = Path(__file__).parents[1] / "models"
X = ["lpcap", "lpc", "lemp", "unemp"]


def panel_rows():
    data = pd.read_csv(MODELS / "e02_munnell" / "data.csv").set_index(["id", "t"])
    kept = {"auto_df": False, "count_effects": True}
    choices = {
        "robust": {"cov_type": "robust"},
        "cluster": {"cov_type": "clustered", "cluster_entity": True, "group_debias": False},
        "driscoll-kraay lags 0": {"cov_type": "kernel", "kernel": "bartlett", "bandwidth": 0},
        "driscoll-kraay lags 3": {"cov_type": "kernel", "kernel": "bartlett", "bandwidth": 3},
    }
    requests = {
        "twoways": PanelOLS(data["y"], data[X], entity_effects=True, time_effects=True),
        "unit": PanelOLS(data["y"], data[X], entity_effects=True),
        "pooled": PooledOLS(data["y"], data[X].assign(Intercept=1.0)),
    }
    for effects, model in requests.items():
        for name, options in choices.items():
            extra = {} if effects == "pooled" else kept
            errors = model.fit(debiased=False, **options, **extra).std_errors
            yield from (("munnell", effects, name, term, errors[term]) for term in X)


def cross_section_rows():
    data = pd.read_csv(MODELS / "c01_columbus" / "data.csv")
    points = data[["X", "Y"]].to_numpy()
    y, x = data[["CRIME"]].to_numpy(), data[["INC", "HOVAL"]].to_numpy()
    for cutoff in (3.0, 8.0):
        kernel = Kernel(points, bandwidth=cutoff, fixed=True, function="triangular", diagonal=True)
        with redirect_stdout(io.StringIO()):
            fitted = spreg.OLS(y, x, robust="hac", gwk=kernel)
        errors = np.sqrt(np.diag(fitted.vm))[1:]
        yield from (
            ("columbus", "pooled", f"conley {cutoff:g}", term, e)
            for term, e in zip(["INC", "HOVAL"], errors, strict=True)
        )


if __name__ == "__main__":
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["data", "effects", "covariance", "term", "std_error"])
    for row in [*panel_rows(), *cross_section_rows()]:
        out.writerow([*row[:-1], repr(float(row[-1]))])
