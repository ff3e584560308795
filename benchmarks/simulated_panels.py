"""Simulated panels whose truth is known, for the Monte Carlo of the estimators and for the sizes of the tests."""

import fcntl
import json
import os
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from yrdspatial.models.spectra import Spectra
from yrdspatial.weights.series import WeightsSeries

UNITS, PERIODS, BURN = 41, 17, 30
FIRST = 2003
PROVINCES = np.repeat(np.arange(4), [1, 13, 11, 16])
TRUTH = {"x": 1.0, "sigma2": 1.0, "constant": 2.0, "theta": 0.5, "alone": 0.5, "rho": 0.4, "lambda": 0.3}
"""beta, the variance of e, theta; the spatial parameter that is alone in its model, and the two that are together."""
DYNAMIC = {"y_lag": 0.4, "W_y_lag": 0.2, "rho": 0.3}
BORDER = {"within": (0.35, 0.5), "across": (0.2, 0.25)}
"""rho and theta of neighbours inside and outside the province."""
LINK = 0.5
"""x moves by this with the fixed effect of its unit."""


def draw_weights(kind: str, seed: int) -> np.ndarray:
    """Four nearest neighbours of random points, row-standardized; under "changing" links open every year."""
    rng = np.random.default_rng(seed)
    points = rng.random((UNITS, 2))
    points = points[np.argsort(points[:, 0])]
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


def keep_line(path: Path, name: str, line: dict[str, object], order: list[str]) -> None:
    """Put one line into a file of results, in order, whatever other runs write there."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        lines = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        lines[name] = line
        ordered = dict(sorted(lines.items(), key=lambda item: order.index(item[0])))
        path.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    finally:
        os.close(folder)


def as_spectra(weights: np.ndarray) -> Spectra:
    """Weights by year for the numeric cores; equal years are one matrix."""
    constant = (weights == weights[0]).all()
    position = np.zeros(len(weights), dtype=np.intp) if constant else np.arange(len(weights), dtype=np.intp)
    return Spectra.of(weights[:1] if constant else weights, position)


def as_weights(weights: np.ndarray) -> WeightsSeries:
    """Weights by year with labels."""
    labels = list(range(UNITS))
    frames = {FIRST + t: pd.DataFrame(table, labels, labels) for t, table in enumerate(weights)}
    return WeightsSeries.from_frames(frames)


def as_frame(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Label columns of shape (T, N); the rows run over units within years."""
    periods = len(next(iter(columns.values())))
    index = pd.MultiIndex.from_product([range(FIRST, FIRST + periods), range(UNITS)], names=["year", "unit"])
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index).swaplevel()


@dataclass(frozen=True)
class Setting:
    """A model, its effects and its weights; how a panel of it comes about.

    ``extra``: "y", "Wy" or "y, Wy" for the lags of a dynamic model, "border" for two weights, "own" for weights of the
    error that are not those of y, "common factor" for theta = -rho beta.
    """

    model: str
    effects: str
    weights: str
    extra: str = ""
    seed: int = 20260
    two: ClassVar[frozenset[str]] = frozenset({"SAC", "GNS"})
    parts: dict[str, np.ndarray] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """Such as "SDM, twoways, changing W"."""
        inner = f" ({self.extra})" if self.extra else ""
        return f"{self.model}{inner}, {self.effects}, {self.weights} W"

    @property
    def lag(self) -> bool:
        """Whether the model has a lag of y."""
        return self.model in {"SAR", "SDM"} | self.two

    @property
    def error(self) -> bool:
        """Whether the model has a spatial error."""
        return self.model in {"SEM", "SDEM"} | self.two

    @property
    def durbin(self) -> bool:
        """Whether the model has W X."""
        return self.model in {"SLX", "SDM", "SDEM", "GNS"}

    @property
    def random(self) -> bool:
        """Whether the unit effects are random."""
        return self.effects in {"random", "random_kkp", "mundlak"}

    @property
    def lags(self) -> tuple[str, ...]:
        """The lags over time."""
        return tuple(self.extra.split(", ")) if self.extra in {"y", "Wy", "y, Wy"} else ()

    @cached_property
    def matrices(self) -> dict[str, np.ndarray]:
        """Weights by part, each (T, N, N); one part "" in most models."""
        W = draw_weights(self.weights, self.seed)
        if self.extra != "border":
            return {"": W}
        same = PROVINCES[:, None] == PROVINCES
        return {"within": W * same, "across": W * ~same}

    @cached_property
    def error_matrices(self) -> np.ndarray:
        """Weights of the error."""
        return draw_weights(self.weights, self.seed + (self.extra == "own"))

    @cached_property
    def truth(self) -> dict[str, float]:
        """The parameters."""
        if self.extra == "border":
            rho = {f"rho_{part}": values[0] for part, values in BORDER.items()}
            theta = {f"W_{part}_x": values[1] for part, values in BORDER.items() if self.durbin}
            return {"x": TRUTH["x"], **theta, **rho}
        out = {"x": TRUTH["x"]}
        if self.durbin:
            out["W_x"] = -TRUTH["alone"] * TRUTH["x"] if self.extra == "common factor" else TRUTH["theta"]
        if self.lags:
            names = {"y": "y_lag", "Wy": "W_y_lag"}
            return out | {names[lag]: DYNAMIC[names[lag]] for lag in self.lags} | {"rho": DYNAMIC["rho"]}
        both = self.model in self.two
        if self.lag:
            out["rho"] = TRUTH["rho" if both else "alone"]
        if self.error:
            out["lambda"] = TRUTH["lambda" if both else "alone"]
        if self.random:
            out["phi"] = 1.0 - LINK**2 / (LINK**2 + 1.0 / PERIODS) if self.effects == "mundlak" else 1.0
        return out

    @cached_property
    def spread(self) -> np.ndarray:
        """S_t^-1, (T, N, N)."""
        mixed = sum(
            self.truth.get("rho" + ("_" + part) * bool(part), 0.0) * W for part, W in self.matrices.items()
        )
        return np.linalg.inv(np.eye(UNITS) - mixed)

    @cached_property
    def slopes(self) -> np.ndarray:
        """Direct slopes beta I + sum theta W_t, (T, N, N)."""
        theta = {part: self.truth.get("W_" + (part + "_") * bool(part) + "x", 0.0) for part in self.matrices}
        return self.truth["x"] * np.eye(UNITS) + sum(theta[part] * W for part, W in self.matrices.items())

    def effects_of(self, horizon: str = "short") -> dict[str, float]:
        """Average direct, indirect and total effect of x."""
        tables = self.spread @ self.slopes
        if horizon == "long":
            W, tau = self.matrices[""], self.truth.get("y_lag", 0.0)
            inner = (1.0 - tau) * np.eye(UNITS) - (self.truth["rho"] + self.truth.get("W_y_lag", 0.0)) * W
            tables = np.linalg.solve(inner, self.slopes)
        tables = tables[1:] if self.lags else tables
        direct = np.trace(tables, axis1=1, axis2=2).mean() / UNITS
        total = tables.sum(axis=(1, 2)).mean() / UNITS
        return {"direct": direct, "indirect": total - direct, "total": total}

    def generator(self, draw: int) -> np.random.Generator:
        """Return the source of one draw, the same whatever else is run."""
        return np.random.default_rng([self.seed, zlib.crc32(self.name.encode()), draw])

    def disturbances(self, unit: np.ndarray, rng: np.random.Generator, periods: int) -> np.ndarray:
        """Errors (T, N), random unit effects of variance one among them."""
        e = rng.standard_normal((periods, UNITS))
        e = e + unit if self.effects == "random_kkp" else e
        if self.error:
            B = np.eye(UNITS) - self.truth["lambda"] * self.error_matrices
            e = np.linalg.solve(B, e[:, :, None])[:, :, 0]
        return e + unit if self.effects in {"random", "mundlak"} else e

    def intercepts(self, unit: np.ndarray, rng: np.random.Generator, periods: int) -> np.ndarray:
        """Return fixed effects (T, N), or the constant."""
        if self.effects in {"pooled", "random", "random_kkp", "mundlak"}:
            return np.full((periods, UNITS), TRUTH["constant"])
        out = np.zeros((periods, UNITS))
        if self.effects != "time":
            out = out + unit
        if self.effects == "windows":
            out = out + (np.arange(periods)[:, None] >= 8) * rng.standard_normal(UNITS)
        if self.effects != "unit":
            out = out + rng.standard_normal((periods, 1))
        return out

    def draw(self, draw: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw y and x, each (T, N); x is correlated with the unit effects where they are not random."""
        rng = self.generator(draw)
        periods = PERIODS + BURN * bool(self.lags)
        years = np.maximum(np.arange(periods) - BURN * bool(self.lags), 0)
        unit = rng.standard_normal(UNITS)
        mixed = 0.0 if self.effects in {"random", "random_kkp"} else LINK
        x = rng.standard_normal((periods, UNITS)) + mixed * unit
        fixed = self.intercepts(unit, rng, periods)
        mean = (self.slopes[years] @ x[:, :, None])[:, :, 0] + fixed + self.disturbances(unit, rng, periods)
        if not self.lags:
            return (self.spread @ mean[:, :, None])[:, :, 0], x
        y = np.zeros((periods, UNITS))
        tau, eta = self.truth.get("y_lag", 0.0), self.truth.get("W_y_lag", 0.0)
        for t in range(1, periods):
            carried = tau * y[t - 1] + eta * self.matrices[""][years[t - 1]] @ y[t - 1]
            y[t] = self.spread[years[t]] @ (carried + mean[t])
        return y[BURN:], x[BURN:]
