"""Panels for the tests of the models: those of other programs, and simulated ones."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from yrdspatial.weights.series import WeightsSeries

NOISE = 0.5
REFERENCE = Path(__file__).parents[1] / "reference" / "models"


@dataclass(frozen=True)
class Case:
    """A data set with weights and the values other programs computed on it."""

    data: pd.DataFrame
    weights: pd.DataFrame | WeightsSeries
    variables: tuple[str, ...]

    @property
    def formula(self) -> str:
        """All variables, as they are."""
        return "y ~ " + " + ".join(self.variables)


def square(triplets: pd.DataFrame, units: pd.Index) -> pd.DataFrame:
    """Fill a labelled square table from 1-based triplets."""
    table = pd.DataFrame(0.0, units, units)
    values = table.to_numpy(copy=True)
    values[triplets["i"].to_numpy() - 1, triplets["j"].to_numpy() - 1] = triplets["w"].to_numpy()
    return pd.DataFrame(values, units, units)


@cache
def load_case(name: str) -> Case:
    """Read a case: labels of units are the ids, of periods t."""
    data = pd.read_csv(REFERENCE / name / "data.csv")
    triplets = pd.read_csv(REFERENCE / name / "w.csv")
    units = pd.Index(sorted(data["id"].unique()), name="id")
    if "t" in triplets:
        weights = WeightsSeries.from_frames({t: square(part, units) for t, part in triplets.groupby("t")})
    else:
        weights = square(triplets, units)
    keys = [key for key in ("id", "t") if key in data]
    return Case(data.set_index(keys), weights, tuple(c for c in data.columns if c not in {"id", "t", "y"}))


@pytest.fixture
def case():
    return load_case


@dataclass(frozen=True)
class Simulated:
    """A simulated panel (synthetic data): y = S^-1 (x1 + 0.5 W x1 - 0.7 x2 + effects + noise)."""

    data: pd.DataFrame
    weights: WeightsSeries
    arrays: dict[str, np.ndarray]


def draw_weights(kind: str, periods: int, units: int, rng: np.random.Generator) -> np.ndarray:
    """Weights (T, N, N) of several kinds."""
    links = rng.random((units, units)) < 0.12
    np.fill_diagonal(links, False)
    grown = np.stack([links | (rng.random((units, units)) < 0.01 * t) for t in range(periods)]).astype(float)
    grown[:, np.arange(units), np.arange(units)] = 0.0
    if kind == "islands":
        grown[:, :2, :] = 0.0
        grown[:, :, 0] = 0.0
    elif kind == "symmetric":
        grown = np.maximum(grown, grown.swapaxes(1, 2))
        return grown / np.abs(np.linalg.eigvals(grown[0])).max()
    elif kind == "directed":
        grown = grown * rng.random((periods, units, units))
        return grown / np.abs(np.linalg.eigvals(grown[-1])).max()
    else:
        grown[:, np.arange(units), np.roll(np.arange(units), 1)] = 1.0
    if kind == "constant":
        grown = np.repeat(grown[:1], periods, axis=0)
    return grown / np.maximum(grown.sum(axis=2, keepdims=True), 1.0)


def simulate(
    kind: str = "rows", *, periods: int = 6, units: int = 14, rho: float = 0.4, seed: int = 5
) -> Simulated:
    """Draw a panel."""
    rng = np.random.default_rng(seed)
    weights = draw_weights(kind, periods, units, rng)
    x = rng.normal(size=(periods, units, 2)) + rng.normal(size=(1, units, 1))
    drift = rng.normal(size=(1, units)) + rng.normal(size=(periods, 1))
    mean = x @ [1.0, -0.7] + 0.5 * np.einsum("tij,tj->ti", weights, x[:, :, 0]) + drift
    noise = NOISE * rng.normal(size=(periods, units))
    y = np.linalg.solve(np.eye(units) - rho * weights, (mean + noise)[:, :, None])[:, :, 0]
    labels, years = [f"u{i:02d}" for i in range(units)], list(range(2001, 2001 + periods))
    index = pd.MultiIndex.from_product([years, labels], names=["year", "unit"])
    frame = pd.DataFrame({"y": y.ravel(), "x1": x[:, :, 0].ravel(), "x2": x[:, :, 1].ravel()}, index)
    frame["window"] = np.where(frame.index.get_level_values("year") < 2004, "early", "late")
    frame["region"] = np.where(frame.index.get_level_values("unit") < "u05", "north", "south")
    tables = {year: pd.DataFrame(w, labels, labels) for year, w in zip(years, weights, strict=True)}
    arrays = {"y": y, "x": x, "weights": weights}
    return Simulated(frame.swaplevel().sort_index(), WeightsSeries.from_frames(tables), arrays)


@pytest.fixture
def panel():
    return simulate
