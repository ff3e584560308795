"""Flows of the flow tests: the migration table of Austria, and made-up ones."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from yrdspatial.flows.reading import read_flows
from yrdspatial.flows.table import Flows

REFERENCE = Path(__file__).parents[1] / "reference" / "spint_austria"


@pytest.fixture(scope="session")
def expected():
    return json.loads((REFERENCE / "expected.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def austria():
    data = pd.read_csv(REFERENCE / "data.csv")
    square = data.pivot_table(index="origin", columns="destination", values="km")
    sizes = [
        np.log(data.groupby(side)[name].first()).rename(side[0]).to_frame()
        for side, name in (("origin", "o_var"), ("destination", "d_var"))
    ]
    return read_flows(data), sizes[0], sizes[1], square


@pytest.fixture
def synthetic():
    """Two years of flows between 8 made-up units, some pairs unknown."""
    rng = np.random.default_rng(7)
    units = list("abcdefgh")
    km = pd.DataFrame(rng.uniform(0.5, 3.0, (8, 8)), units, units)
    border = pd.DataFrame((rng.random((8, 8)) < 0.3).astype(float), units, units)
    size = pd.DataFrame({"size": rng.normal(size=8)}, index=units)
    s = size["size"].to_numpy()
    frames = {}
    for year in (2018, 2019):
        table = rng.poisson(np.exp(1.5 + s[:, None] + 0.5 * s - km + 0.3 * border)).astype(float)
        table[rng.random((8, 8)) < 0.1] = np.nan
        frames[year] = pd.DataFrame(table, units, units)
    return Flows.from_frames(frames), size, {"km": km, "border": border}
