"""What holds for every builder of weights on the real data of the delta, by the public names."""

import inspect

import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph

import yrdspatial as yrd

YEARS = (2006, 2010, 2016)
SCALES = ("row", "spectral", "minmax", "common", "none")
SIGNATURES = {
    "contiguity_weights": {
        "shapes": None,
        "year": None,
        "rule": "queen",
        "islands": "bridge",
        "standardize": "row",
    },
    "distance_weights": {"units": None, "power": 1.0, "cutoff": None, "k": None, "standardize": "row"},
    "rail_weights": {
        "times": inspect.Parameter.empty,
        "decay": "knn",
        "k": 5,
        "tau": 30,
        "power": 1.0,
        "cutoff": None,
        "access": 60.0,
        "standardize": "row",
    },
    "economic_weights": {
        "panel": inspect.Parameter.empty,
        "column": inspect.Parameter.empty,
        "years": None,
        "standardize": "row",
    },
    "gravity_weights": {
        "times": inspect.Parameter.empty,
        "mass": inspect.Parameter.empty,
        "power": 2.0,
        "access": 0.0,
        "cutoff": None,
        "standardize": "row",
    },
}


@pytest.fixture(scope="module")
def times():
    return yrd.travel_times(YEARS)


@pytest.fixture(scope="module")
def panel():
    return yrd.load_panel().select(["gdp"], years=[2003, 2004, 2005])


@pytest.fixture(scope="module")
def builders(times, panel):
    """Every builder as a function of the scale alone."""
    mass = panel.frame["gdp"].groupby("unit").mean()
    return {
        "contiguity": lambda how: yrd.contiguity_weights(standardize=how),
        "contiguity with an island": lambda how: yrd.contiguity_weights(islands="keep", standardize=how),
        "distance": lambda how: yrd.distance_weights(standardize=how),
        "distance, nearest": lambda how: yrd.distance_weights(k=4, cutoff=250, standardize=how),
        "rail": lambda how: yrd.rail_weights(times, standardize=how),
        "rail, threshold": lambda how: yrd.rail_weights(times, decay="threshold", cutoff=90, standardize=how),
        "rail, exponential": lambda how: yrd.rail_weights(times, decay="exponential", standardize=how),
        "rail, inverse": lambda how: yrd.rail_weights(times, decay="inverse", standardize=how),
        "economic": lambda how: yrd.economic_weights(panel, "gdp", standardize=how),
        "gravity": lambda how: yrd.gravity_weights(times, mass, standardize=how),
    }


NAMES = (
    "contiguity",
    "contiguity with an island",
    "distance",
    "distance, nearest",
    "rail",
    "rail, threshold",
    "rail, exponential",
    "rail, inverse",
    "economic",
    "gravity",
)


def arrays(weights):
    return weights.array() if isinstance(weights, yrd.WeightsSeries) else weights.sparse.toarray()[None]


def units_of(weights):
    return weights.units if isinstance(weights, yrd.WeightsSeries) else weights.unique_ids


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name):
    parameters = inspect.signature(getattr(yrd, name)).parameters
    assert {key: parameter.default for key, parameter in parameters.items()} == SIGNATURES[name]
    assert parameters["standardize"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", NAMES)
def test_weights_of_the_delta_are_well_formed(builders, name):
    for how in SCALES:
        weights = builders[name](how)
        values = arrays(weights)
        assert isinstance(weights, yrd.WeightsSeries if name.startswith(("rail", "gravity")) else Graph)
        assert values.shape[1:] == (41, 41)
        assert units_of(weights).tolist() == yrd.load_units().index.tolist()
        assert np.isfinite(values).all()
        assert (values >= 0).all()
        assert not values[:, range(41), range(41)].any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", SCALES)
def test_each_builder_scales_as_standardize_does(builders, name, how):
    raw, scaled = builders[name]("none"), builders[name](how)
    np.testing.assert_array_equal(arrays(yrd.standardize(raw, how)), arrays(scaled))


@pytest.mark.parametrize("name", NAMES)
def test_scales_by_dense_formulas(builders, name):
    raw = arrays(builders[name]("none"))
    sums = raw.sum(axis=2, keepdims=True)
    radii = np.abs(np.linalg.eigvals(raw)).max(axis=1)[:, None, None]
    minmax = np.minimum(raw.sum(axis=2).max(axis=1), raw.sum(axis=1).max(axis=1))[:, None, None]
    expected = {
        "row": raw / np.where(sums > 0, sums, 1),
        "spectral": raw / radii,
        "minmax": raw / minmax,
        "common": raw / radii[0],
    }
    for how, values in expected.items():
        # 1e-9: eigenvalues of two solvers
        np.testing.assert_allclose(arrays(builders[name](how)), values, rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_of_the_weights_is_as_good_as_the_weights(builders, name):
    weights = builders[name]("row")
    units = units_of(weights)
    frames = {
        year: pd.DataFrame(table, units, units) for year, table in enumerate(arrays(weights), start=2000)
    }
    np.testing.assert_array_equal(yrd.WeightsSeries.from_frames(frames).array(), arrays(weights))


@pytest.mark.parametrize("name", NAMES)
def test_provinces_split_every_weight(builders, name):
    weights = builders[name]("row")
    parts = yrd.split_weights(weights, "province")
    np.testing.assert_array_equal(arrays(parts["within"]) + arrays(parts["across"]), arrays(weights))
    province = yrd.load_units()["province_en"].to_numpy()
    assert not arrays(parts["across"])[:, province[:, None] == province].any()


def test_islands_are_counted_in_the_summary(builders):
    summary = builders["rail, threshold"]("row").summary()
    minutes = yrd.travel_times(YEARS).array
    alone = [(np.sort(table, axis=1)[:, 1] > 90).sum() for table in minutes]
    assert summary["islands"].tolist() == alone
    assert builders["contiguity with an island"]("row").isolates.tolist() == [330900]
