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
    """Synthetic: two variables of 36 cells in three years, the first one clustered, high in the north."""
    rng = np.random.default_rng(20)
    smooth = np.linalg.inv(np.eye(36) - 0.7 * lattice(6, 6).to_numpy())
    index = pd.MultiIndex.from_product([range(36), [2005, 2006, 2007]], names=["unit", "year"])
    north = np.repeat([6.0, 6, 0, 0, -6, -6], 6)[:, None]
    clustered = smooth @ rng.normal(size=(36, 3)) + north
    return pd.DataFrame({"clustered": clustered.ravel(), "noise": rng.exponential(size=108)}, index)


@pytest.fixture
def chain():
    """Return the path of four units, row-standardized."""
    places = list("abcd")
    return pd.DataFrame([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]], places, places)


@pytest.fixture(scope="session")
def esda_columbus():
    """Return what esda 2.8.2 computed on the Columbus data."""
    return json.loads((REFERENCE / "esda_columbus" / "expected.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def close_pvalues():
    """Return the check of two-sided p-values against esda's smaller tail."""

    def check(ours, theirs, permutations=9999):
        tail = np.minimum(theirs, 0.5)
        # four standard errors of our tail estimate, and two of one draw
        slack = 4 * np.sqrt(np.maximum(tail * (1 - tail), 1e-4) / permutations) + 2 / permutations
        assert (np.abs(np.asarray(ours) / 2 - tail) < slack).all()

    return check
