"""Economic and gravity weights: worked examples, dense formulas, and refusals."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yrdspatial.errors import AlignmentError, GapError, WeightsError
from yrdspatial.panel.panel import Panel, load_panel
from yrdspatial.rail.travel_time import travel_times
from yrdspatial.weights.economic import economic_weights, gravity_weights

EXPECTED = json.loads(
    (Path(__file__).parents[1] / "reference" / "weights_worked_examples" / "expected.json").read_text("utf-8")
)
UNITS = list("ABC")
HOURS = pd.DataFrame([[0, 1, 2], [1, 0, 1.5], [2, 1.5, 0]], index=UNITS, columns=UNITS)
MASS = pd.Series([100, 50, 25], index=UNITS)


def panel_frame(values, years=(2003,)):
    """Synthetic data, the same in every year."""
    index = pd.MultiIndex.from_product([UNITS, years], names=["unit", "year"])
    return pd.DataFrame({"gdp": np.repeat(np.asarray(values, float), len(years))}, index=index)


def pre_sample_gdp():
    """Average GDP of 2003 to 2005 by unit."""
    gdp = load_panel().select(["gdp"], years=[2003, 2004, 2005]).frame["gdp"]
    return gdp.groupby("unit").mean()


def test_the_worked_examples():
    economic = economic_weights(panel_frame([100, 80, 40]), "gdp")
    np.testing.assert_allclose(economic.sparse.toarray(), EXPECTED["economic"], rtol=1e-14)
    gravity = gravity_weights({2016: 60 * HOURS}, MASS)
    np.testing.assert_allclose(gravity.array()[0], EXPECTED["gravity"], rtol=1e-14)


def test_means_are_taken_over_the_years_asked():
    frame = panel_frame([100, 80, 40], years=(2003, 2004, 2005))
    frame.loc[("A", 2005), "gdp"] = 1000.0
    graph = economic_weights(frame, "gdp", years=[2003, 2004])
    np.testing.assert_allclose(graph.sparse.toarray(), EXPECTED["economic"], rtol=1e-14)
    means = frame["gdp"].groupby("unit").mean().to_numpy()
    gaps = np.abs(np.subtract.outer(means, means))
    expected = np.divide(1, gaps, out=np.zeros((3, 3)), where=gaps > 0)
    result = economic_weights(Panel.from_frame(frame), "gdp", standardize="none").sparse.toarray()
    np.testing.assert_allclose(result, expected, rtol=1e-14)


def test_the_delta_before_the_sample():
    panel = load_panel()
    graph = economic_weights(panel, "gdp", years=[2003, 2004, 2005])
    means = pre_sample_gdp()
    closest = (means - means[310000]).abs().drop(310000).idxmin()
    assert graph.unique_ids.tolist() == panel.units.tolist()
    assert graph[310000].idxmax() == closest
    np.testing.assert_allclose(graph.sparse.sum(axis=1), 1.0, rtol=1e-14)


@settings(deadline=None, max_examples=40)
@given(st.permutations(UNITS), st.lists(st.integers(1, 1000), min_size=3, max_size=3, unique=True))
def test_the_order_of_units_does_not_matter(order, values):
    graph = economic_weights(panel_frame(values).loc[order], "gdp")
    straight = economic_weights(panel_frame(values), "gdp")
    pd.testing.assert_series_equal(
        graph.adjacency.sort_index(), straight.adjacency.sort_index(), check_exact=True
    )
    shuffled = gravity_weights({2016: 60 * HOURS.loc[order, order]}, MASS)
    np.testing.assert_array_equal(
        shuffled.array(units=UNITS), gravity_weights({2016: 60 * HOURS}, MASS).array()
    )


def test_gravity_by_the_formula_on_the_delta():
    times = travel_times([2010, 2016])
    mass = pre_sample_gdp()
    series = gravity_weights(times, mass, access=30, cutoff=180, standardize="none")
    weights = mass.to_numpy()[:, None] * mass.to_numpy() / (times.array + 30) ** 2
    expected = np.where((times.array <= 180) & ~np.eye(41, dtype=bool), weights, 0.0)
    np.testing.assert_allclose(series.array(), expected, rtol=1e-13)
    row = gravity_weights(times, mass)
    by_neighbour = mass.to_numpy() / np.where(np.eye(41, dtype=bool), np.inf, times.array) ** 2
    np.testing.assert_allclose(
        row.array(), by_neighbour / by_neighbour.sum(axis=2, keepdims=True), rtol=1e-13
    )


def test_masses_of_other_units_do_no_harm():
    more = pd.concat([MASS, pd.Series([9.0], index=["Z"])]).sample(frac=1, random_state=1)
    np.testing.assert_array_equal(
        gravity_weights({2016: 60 * HOURS}, more).array(), gravity_weights({2016: 60 * HOURS}, MASS).array()
    )


def test_units_of_equal_means_are_named():
    with pytest.raises(WeightsError, match=r"infinite weight \[gdp: A-C\]: choose other years"):
        economic_weights(panel_frame([100, 80, 100]), "gdp")


def test_gaps_and_unknown_columns_are_the_panels_errors():
    frame = panel_frame([100, 80, np.nan])
    with pytest.raises(GapError, match="C 2003"):
        economic_weights(frame, "gdp")
    with pytest.raises(GapError, match="no such column"):
        economic_weights(frame, "gpd")


@pytest.mark.parametrize(
    ("mass", "options", "error", "message"),
    [
        (MASS.drop("B"), {}, AlignmentError, "units have no mass [B]"),
        (MASS.iloc[[0, 0, 1, 2]], {}, AlignmentError, "units have two masses [A]"),
        (
            pd.concat({2016: MASS}, names=["year", "unit"]),
            {},
            AlignmentError,
            "masses go by unit alone [year, unit]: take one year",
        ),
        (MASS.replace(25, 0), {}, WeightsError, "masses are not positive [C]"),
        (MASS.replace(25, np.nan), {}, WeightsError, "masses are not positive [C]"),
        (MASS, {"power": -2}, WeightsError, "power -2, access 0.0 make no sense"),
        (MASS, {"access": np.nan}, WeightsError, "make no sense"),
        (MASS, {"cutoff": 0}, WeightsError, "cutoff 0 leaves nobody"),
    ],
)
def test_bad_requests(mass, options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        gravity_weights({2016: 60 * HOURS}, mass, **options)
