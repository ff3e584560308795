"""Reference cases and synthetic maps for the tests of autocorrelation."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

REFERENCE = Path(__file__).parents[1] / "reference"


@dataclass(frozen=True)
class Case:
    """A published data set with what R's spdep says about it."""

    name: str
    data: pd.DataFrame
    given: pd.DataFrame
    expected: dict

    @property
    def y(self):
        """The variable under study."""
        return self.data[self.expected["variable"]]

    @property
    def binary(self):
        """Who is a neighbour."""
        return (self.given > 0).astype(float)

    @property
    def row_standardized(self):
        """Weights whose rows sum to one."""
        return self.binary.div(self.binary.sum(axis=1), axis=0)

    def result(self, key):
        """Return what spdep printed under a key."""
        return self.expected["autocorrelation"][key]


def square(triplets, units):
    matrix = np.zeros((len(units), len(units)))
    matrix[triplets["i"] - 1, triplets["j"] - 1] = triplets["w"]
    return pd.DataFrame(matrix, units, units)


def load(name):
    folder = REFERENCE / name
    data = pd.read_csv(folder / "autocorrelation_data.csv", index_col="id")
    given = square(pd.read_csv(folder / "autocorrelation_w.csv"), data.index)
    return Case(name, data, given, json.loads((folder / "autocorrelation.json").read_text("utf-8")))


CASES = ["c01_columbus", "c02_boston", "c04_ny_leukemia", "c07_ncsids", "c09_columbus_anselin1988"]


@pytest.fixture(scope="session", params=CASES)
def case(request):
    return load(request.param)


@pytest.fixture(scope="session")
def columbus():
    return load("c01_columbus")


def lattice(rows, columns, labels=None, *, queen=False):
    """Row-standardized contiguity of a synthetic grid."""
    place = np.array([(r, c) for r in range(rows) for c in range(columns)])
    apart = np.abs(place[:, None] - place[None])
    near = apart.max(axis=2) == 1 if queen else apart.sum(axis=2) == 1
    matrix = near / near.sum(axis=1, keepdims=True)
    labels = list(range(rows * columns)) if labels is None else labels
    return pd.DataFrame(matrix, labels, labels)


@pytest.fixture(scope="session")
def grid():
    """Synthetic: 36 cells, row-standardized rook contiguity."""
    return lattice(6, 6)


@pytest.fixture(scope="session")
def panel():
    """Synthetic: two variables of 36 cells in three years, the first one clustered."""
    rng = np.random.default_rng(20)
    smooth = np.linalg.inv(np.eye(36) - 0.7 * lattice(6, 6).to_numpy())
    index = pd.MultiIndex.from_product([range(36), [2005, 2006, 2007]], names=["unit", "year"])
    clustered = smooth @ rng.normal(size=(36, 3))
    return pd.DataFrame({"clustered": clustered.ravel(), "noise": rng.exponential(size=108)}, index)


@pytest.fixture
def chain():
    """Return the path of four units, row-standardized."""
    places = list("abcd")
    return pd.DataFrame([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]], places, places)
