"""The whole country by two-digit industry: the measures stay fast and small."""

import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd

UNITS, SECTORS, YEARS = 337, 97, 5


@pytest.fixture(scope="module")
def country():
    """Synthetic amounts of 337 units, 97 industries, 5 years, many of them zero."""
    rng = np.random.default_rng(0)
    values = rng.lognormal(size=(UNITS * YEARS, SECTORS)) * (rng.random((UNITS * YEARS, SECTORS)) < 0.6)
    index = pd.MultiIndex.from_product([range(UNITS), range(2000, 2000 + YEARS)], names=["unit", "year"])
    return pd.DataFrame(values, index, [f"i{k}" for k in range(SECTORS)])


@pytest.mark.parametrize(
    "measure",
    [
        yrd.location_quotient,
        lambda q: yrd.krugman_index(q, versus="pairs"),
        yrd.similarity,
        yrd.locational_gini,
        yrd.concentration_ratio,
        yrd.entropy,
    ],
)
def test_337_units_by_97_industries(country, measure):
    # one array of units x units x years has 4.5 MB; an array with the industries beside it would have 440 MB
    tracemalloc.start()
    start = time.process_time()
    result = measure(country)
    taken, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(result) in {UNITS * YEARS, SECTORS * YEARS}
    assert taken < 5
    assert peak < 100e6


def test_zeros_leave_no_gap(country):
    assert yrd.location_quotient(country).notna().all(axis=None)
    assert yrd.entropy(country).notna().all()
    assert yrd.similarity(country).notna().all(axis=None)
