"""Claims on spillovers, against effects written out city by city."""

import numpy as np
import pytest

from yrdspatial import SDM, split_weights
from yrdspatial.replication.checks.radiation import (
    VARIABLE,
    border_effects,
    fit,
    layers,
    partitioned,
    second_band,
    strand_of,
)

RULE = "not replicated"


@pytest.fixture(scope="module")
def fitted(case):
    strand, terms = strand_of(case)
    weights = case.panel_families["contiguity"]
    return strand.data, terms, weights, fit(strand.data, strand.formula, weights, terms)


def test_the_model_is_the_durbin_model_of_the_strand(case, fitted):
    data, _, weights, results = fitted
    again = SDM(data, strand_of(case)[0].formula, weights=weights, effects="twoways").fit()
    np.testing.assert_allclose(results.params, again.params)


def test_effects_on_the_periphery_are_partial_sums(fitted):
    """The power series of the multiplier, summed term by term, in place of a solved system."""
    data, _, weights, results = fitted
    units = sorted(data.index.get_level_values("unit").unique())
    w = weights.array(units, [2010])[0]
    beta, theta, rho = (results.params[name] for name in (VARIABLE, f"W_{VARIABLE}", "rho"))
    shock = beta * np.eye(41) + theta * w
    total, power = np.zeros((41, 41)), np.eye(41)
    for _ in range(200):
        total += power @ shock
        power = rho * w @ power
    core, far = [310000, 320500], [341200, 341600]
    places = [[units.index(code) for code in codes] for codes in (far, core)]
    expected = total[np.ix_(*places)].sum(axis=1).mean()
    effect, error = partitioned(results, weights, data, core, far)
    assert effect == pytest.approx(expected, rel=1e-8)
    assert error > 0


def test_standard_errors_are_those_of_draws(case, fitted):
    """20,000 draws of the three parameters; the nonlinearity of the multiplier and sampling are within 5 per cent."""
    data, _, weights, results = fitted
    names = [VARIABLE, f"W_{VARIABLE}", "rho"]
    rng = np.random.default_rng(1)
    draws = rng.multivariate_normal(results.params[names], results.cov.loc[names, names], 20000)
    units = sorted(data.index.get_level_values("unit").unique())
    w = weights.array(units, [2010])[0]
    core, far = case.union("苏南"), case.union("皖北")
    places = [[units.index(code) for code in codes] for codes in (far, core)]
    values = [
        np.linalg.solve(np.eye(41) - r * w, b * np.eye(41) + t * w)[np.ix_(*places)].sum(axis=1).mean()
        for b, t, r in draws[:4000]
    ]
    assert partitioned(results, weights, data, core, far)[1] == pytest.approx(np.std(values), rel=0.05)


def test_core_reaches_the_periphery(judged):
    found = judged["E-07"]
    assert found.retain
    assert found.verdict == RULE
    assert set(found.by_weights) == {"contiguity", "distance", "rail time", "economic"}
    assert "Neighbours of neighbours" in found.why


def test_borders_are_the_difference_of_two_lags(case, fitted, judged):
    """The same model with the two lags written out: theta within and theta across, each its own term."""
    data, terms, weights, _ = fitted
    data = data.sort_index()
    units, years, x = layers(data)
    lags = {
        name: np.einsum("tij,jt->it", part.array(units, years), x).ravel()
        for name, part in split_weights(weights, "province").items()
    }
    others = [term for term in terms if term != VARIABLE]
    wide = data.assign(**{f"lag_{name}": values for name, values in lags.items()})
    formula = "log_share ~ " + " + ".join([*terms, "lag_within", "lag_across"])
    both = fit(wide, formula, weights, others)
    difference, p = border_effects(case)["contiguity"]
    assert difference == pytest.approx(both.params["lag_within"] - both.params["lag_across"], abs=1e-6)
    assert p == pytest.approx(both.wald_test("lag_within = lag_across").pvalue, abs=1e-4)
    assert judged["G-03"].p == judged["M-02"].p == p
    assert judged["G-03"].verdict == RULE


def test_second_band_leaves_neighbours_out(case):
    found = second_band(case)
    assert set(found) == {"contiguity", "distance", "rail time"}
    assert all(0 <= p <= 1 for _, p in found.values())


def test_layers_keep_units_and_years_in_place(fitted):
    data = fitted[0].sort_index()
    units, years, x = layers(data)
    assert x[3, 2] == data.loc[(units[3], years[2]), VARIABLE]
    np.testing.assert_array_equal(x.ravel(), data[VARIABLE])


def test_railways_bring_cities_nearer(case, judged):
    mass = case.frame["gdp"].xs(2005, level="year")
    nearer = 0
    for code in mass.index:
        times = [case.study.times.frame(year).loc[code].drop(code) for year in (2008, 2022)]
        then, now = (float(one @ mass.drop(code) / mass.drop(code).sum()) for one in times)
        nearer += now < then
    assert judged["M-09"].computed.startswith(f"nearer: {nearer} of 41")
    assert judged["M-09"].verdict == RULE  # the parameter under rail is the smaller
