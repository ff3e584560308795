"""What the other cities' values mean for a city, against the effects spelled out city by city."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.replication.received import spillover_received

UNITS, YEARS = 30, tuple(range(2001, 2009))


@pytest.fixture(scope="module")
def synthetic():
    rng = np.random.default_rng(5)
    units = pd.Index(range(101, 101 + UNITS), name="unit")
    index = pd.MultiIndex.from_product([units, YEARS], names=["unit", "year"])
    data = pd.DataFrame(rng.normal(size=(UNITS * len(YEARS), 2)), index, ["y", "x"])
    frames = {
        year: pd.DataFrame(
            np.where(np.eye(UNITS), 0.0, rng.uniform(0.0, 0.5, (UNITS, UNITS)) ** 3), units, units
        )
        for year in YEARS
    }
    weights = yrd.WeightsSeries.from_frames(frames)
    for year in YEARS:
        now = data.index.get_level_values("year") == year
        shocks = 2.0 * data.loc[now, "x"] + data.loc[now, "y"]
        data.loc[now, "y"] = np.linalg.solve(np.eye(UNITS) - 0.4 * frames[year].to_numpy(), shocks)
    return data, weights, yrd.SDM(data, "y ~ x", weights=weights, effects="unit").fit()


def test_each_city_sums_over_the_others_and_the_mean_of_the_year_goes(synthetic):
    data, weights, results = synthetic
    table = spillover_received(results, data["x"], "x")
    b, theta, rho = (results.params[name] for name in ("x", "W_x", "rho"))
    for place, year in enumerate(YEARS):
        W = weights.array()[place]
        effects = np.linalg.inv(np.eye(UNITS) - rho * W) @ (b * np.eye(UNITS) + theta * W)
        x = data["x"].unstack("year")[year].to_numpy()
        got = np.array([sum(effects[i, j] * x[j] for j in range(UNITS) if j != i) for i in range(UNITS)])
        np.testing.assert_allclose(table[year], got - got.mean(), rtol=0, atol=1e-12)


def test_the_order_of_rows_does_not_matter(synthetic):
    data, _, results = synthetic
    shuffled = data["x"].sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(
        spillover_received(results, shuffled, "x"), spillover_received(results, data["x"], "x")
    )
