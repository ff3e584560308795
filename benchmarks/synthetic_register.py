"""Write a SYNTHETIC register of firms: no row is a real firm. For tests and benchmarks of ``from_register``.

Run: ``python benchmarks/synthetic_register.py register-files 20000000`` (parquet, one file a million firms). Firms lie
uniformly in the box of the delta (a part of them is outside), have four-digit codes of GB/T 4754-2017, open from 1990
to 2023, and close after an exponential life. ``spoil`` is the share of rows with something wrong of each kind.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from yrdspatial.geography.units import load_units
from yrdspatial.industry.register.divisions import load_divisions

FIRST, LAST = np.datetime64("1990-01-01"), np.datetime64("2023-12-31")
BOX = (116.0, 29.0, 122.0, 34.5)
ROWS_A_FILE = 1_000_000


def synthetic_firms(firms: int, *, seed: int, first: int = 0, spoil: float = 0.0) -> dict[str, Any]:
    """Return the columns of one file: firm, lon, lat, industry, opened, closed, capital, and the moves and parents."""
    rng = np.random.default_rng(seed)
    numbers = np.arange(first, first + firms)
    opened = FIRST + rng.integers(0, (LAST - FIRST).astype(int), firms)
    closed = opened + rng.exponential(3000, firms).astype(int)
    moved = opened + (rng.uniform(0, 1, firms) * (closed - opened).astype(int)).astype(int)
    divisions = np.array([code[1:] for code in load_divisions().index])
    codes = np.char.add(
        divisions[rng.integers(0, len(divisions), firms)], rng.integers(10, 99, firms).astype(str)
    )
    moves, subsidiary = rng.uniform(size=firms) < 0.05, rng.uniform(size=firms) < 0.1
    columns = {
        "firm": np.char.add("91", np.char.zfill(numbers.astype(str), 16)).astype(object),
        "lon": rng.uniform(BOX[0], BOX[2], firms).round(6).astype(object),
        "lat": rng.uniform(BOX[1], BOX[3], firms).round(6).astype(object),
        "industry": codes.astype(object),
        "opened": opened.astype(str).astype(object),
        "closed": np.where(closed <= LAST, closed.astype(str).astype(object), None),
        "capital": rng.lognormal(4, 2, firms).round(4).astype(object),
        "previous_unit": np.where(moves, rng.choice(load_units().index, firms).astype(object), None),
        "moved": np.where(moves, moved.astype(str).astype(object), None),
        "parent": np.where(subsidiary, _parents(rng, first + firms, firms), None),
    }
    return _spoiled(columns, rng, spoil)


def _parents(rng: np.random.Generator, known: int, firms: int) -> Any:
    return np.char.add("91", np.char.zfill(rng.integers(0, known, firms).astype(str), 16)).astype(object)


def _spoiled(columns: dict[str, Any], rng: np.random.Generator, share: float) -> dict[str, Any]:
    firms = len(columns["firm"])
    wrong = {
        "firm": ["", columns["firm"][0]],
        "lon": [None, 10.0],
        "industry": ["9911", "A39", "x", None],
        "opened": ["2001-02-30", "", "soon", "20030512", "2003/05/12"],
        "closed": ["1980-01-01", "never"],
        "capital": ["many", None, -1.0],
        "previous_unit": [110100, 1],
        "moved": [None, "1980-01-01", "2024-06-01"],
        "parent": ["nobody"],
    }
    for name, values in wrong.items() if share else ():
        for value in values:
            columns[name][rng.uniform(size=firms) < share / len(values)] = value
    return columns


def as_table(columns: dict[str, Any], *, text: bool = False) -> pa.Table:
    """Return the columns as an Arrow table; mixed columns, and all with ``text``, become text."""
    numbers = {"lon", "lat", "capital"} if not text else set()
    arrays = {}
    for name, values in columns.items():
        try:
            arrays[name] = pa.array(values, pa.float64() if name in numbers else None)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            arrays[name] = pa.array([None if value is None else str(value) for value in values])
    return pa.table(arrays)


def write_register(
    folder: str | Path,
    firms: int,
    *,
    seed: int,
    kind: str = "parquet",
    spoil: float = 0.0,
    rows_a_file: int = ROWS_A_FILE,
) -> list[Path]:
    """Write the files of a synthetic register, each from a stream of its own; return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for part, first in enumerate(range(0, firms, rows_a_file)):
        rows = min(rows_a_file, firms - first)
        table = as_table(synthetic_firms(rows, seed=seed + part, first=first, spoil=spoil))
        paths.append(folder / f"synthetic_{part:04d}.{kind}")
        if kind == "parquet":
            parquet.write_table(table, paths[-1], row_group_size=250_000)
        else:
            csv.write_csv(table, paths[-1])
    return paths


if __name__ == "__main__":
    written = write_register(sys.argv[1], int(sys.argv[2]), seed=20240101, spoil=0.002)
    print(f"{len(written)} files, {sum(path.stat().st_size for path in written) / 1e6:.0f} MB")
