"""Synthetic staggered panels, and event studies written a second time from the formulas alone."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest


def make_panel(seed=3, sizes=(5, 6, 4, 7), starts=(3, 5, 7, None), periods=10, noise=1.0):
    """Draw an invented panel: effects 1 + 0.3 a year, larger for early cohorts; a control that moves with y."""
    rng = np.random.default_rng(seed)
    first = np.repeat([start + 2000 if start else np.nan for start in starts], sizes)
    units, years = len(first), np.arange(2000, 2000 + periods)
    since = years[:, None] - np.where(np.isnan(first), 9999, first)
    effect = np.where(since >= 0, 1.0 + 0.3 * since + 0.1 * (2007 - np.nan_to_num(first, nan=2007)), 0.0)
    z = rng.normal(size=(periods, units))
    y = (
        rng.normal(size=units)
        + rng.normal(size=(periods, 1))
        + effect
        + 0.5 * z
        + noise * rng.normal(size=z.shape)
    )
    index = pd.MultiIndex.from_product([[f"u{i:02d}" for i in range(units)], years], names=["unit", "year"])
    frame = pd.DataFrame({"y": y.T.ravel(), "z": z.T.ravel(), "effect": effect.T.ravel()}, index=index)
    W = rng.random((units, units)) < 0.2
    np.fill_diagonal(W, False)
    W[np.arange(units), (np.arange(units) + 1) % units] = True
    names = index.levels[0]
    weights = pd.DataFrame(W / W.sum(axis=1, keepdims=True), index=names, columns=names)
    return SimpleNamespace(data=frame, first=pd.Series(first, index=names), weights=weights)


@pytest.fixture(scope="session")
def synthetic():
    return make_panel()


@pytest.fixture
def make():
    return make_panel


def dense_imputation(panel, *, controls=(), exposure=False, common="horizon"):
    """Impute by ordinary regression on dummies, cell by cell; the variance from weights found by perturbing y."""
    data = panel.data.reset_index()
    data["first"] = panel.first.reindex(data["unit"]).to_numpy()
    data["D"] = data["year"] >= data["first"].fillna(9999)
    wide = data.pivot_table(index="year", columns="unit", values="D", aggfunc="first").astype(float)
    S = wide @ panel.weights.loc[wide.columns, wide.columns].T
    data["S"] = [S.loc[year, unit] for unit, year in zip(data["unit"], data["year"], strict=True)]
    Z = pd.get_dummies(data[["unit", "year"]].astype(str), dtype=float).to_numpy()
    Z = np.column_stack([Z, *[data[name] for name in controls]])
    on = data["D"].to_numpy()
    if exposure:
        Z = np.column_stack([Z, np.where(on, 0.0, data["S"])])
    horizon = (data["year"] - data["first"]).to_numpy()[on]
    times = np.unique(horizon)
    R = (horizon[:, None] == times).astype(float)
    if exposure:
        R = np.column_stack([R, data["S"][on]])

    def estimate(y):
        beta = np.linalg.lstsq(Z[~on], y[~on], rcond=None)[0]
        effects = y[on] - Z[on] @ beta
        stage = np.linalg.lstsq(R, effects, rcond=None)[0]
        share = np.array([(horizon == time).mean() for time in times])
        slope = [stage[-1], effects.mean(), beta[-1]] if exposure else []
        return np.array([*stage[: times.size], share @ stage[: times.size], *slope]), beta, effects, stage

    y = data["y"].to_numpy()
    found, beta, effects, stage = estimate(y)
    V = np.column_stack([estimate(np.eye(len(y))[row])[0] for row in range(len(y))]).T
    residual = y - Z @ beta
    residual[on] = effects - R @ stage
    if common == "cohort":
        groups = data.loc[on, ["first", "year"]].assign(effect=effects)
        residual[on] = effects - groups.groupby(["first", "year"])["effect"].transform("mean").to_numpy()
    sums = pd.DataFrame(V * residual[:, None]).groupby(data["unit"].to_numpy()).sum().to_numpy()
    return SimpleNamespace(
        times=times.astype(int), estimates=found, errors=np.sqrt((sums**2).sum(axis=0)), V=V, data=data
    )


@pytest.fixture
def dense():
    return dense_imputation
