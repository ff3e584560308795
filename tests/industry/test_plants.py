"""Ellison-Glaeser and Duranton-Overman on made-up plants: published value, identities, another density."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.industry.plants import duranton_overman, ellison_glaeser, ellison_glaeser_group, k_density

plant = st.tuples(st.sampled_from("ab"), st.sampled_from("rst"), st.integers(1, 500))


def frame(rows):
    return pd.DataFrame(rows, columns=["sector", "unit", "size"])


def test_published_value():
    # Farhauer and Kröll (2014), REAT ellison.a: 0.05990628
    size = [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000]
    plants = frame(zip(["x"] * 10, [1] * 5 + [2] * 4 + [3], size, strict=True))
    result = ellison_glaeser(plants, pd.Series({1: 500000, 2: 400000, 3: 100000}))
    assert result.loc["x", "gamma"] == pytest.approx(0.05990628, abs=5e-9)
    assert result.loc["x", "plants"] == 10


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(plant, min_size=4, max_size=20))
def test_group_index_is_the_weighted_mean_of_its_pairs(rows):
    # for two sectors the group index equals the simple pair form whatever the plants are
    plants = frame([*rows, ("a", "r", 7), ("a", "s", 9), ("b", "s", 5), ("b", "t", 8)])
    group = ellison_glaeser_group(plants)
    assert group.gamma == pytest.approx(group.pairs.loc["a", "b"], abs=1e-9)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(plant, min_size=4, max_size=20), st.integers(2, 50))
def test_scale_and_order_do_not_matter(rows, factor):
    plants = frame([*rows, ("a", "r", 7), ("a", "s", 9), ("b", "s", 5), ("b", "t", 8)])
    base = ellison_glaeser(plants)
    turned = plants.iloc[::-1].assign(size=plants["size"] * factor)
    pd.testing.assert_frame_equal(ellison_glaeser(turned), base, check_exact=False, rtol=1e-9)


def test_random_placement_gives_zero_on_average():
    rng = np.random.default_rng(0)
    sizes, x = rng.lognormal(size=30), pd.Series({"r": 0.5, "s": 0.3, "t": 0.2})
    gammas = [
        ellison_glaeser(frame(zip(["x"] * 30, rng.choice(list(x.index), 30, p=x), sizes, strict=True)), x)
        for _ in range(120)
    ]
    values = np.array([table.loc["x", "gamma"] for table in gammas])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(120)


def test_one_plant_alone_is_not_defined():
    plants = frame([("x", "r", 10), ("y", "r", 5), ("y", "s", 5)])
    assert np.isnan(ellison_glaeser(plants).loc["x", "gamma"])


def test_the_note_tells_against_which_sizes():
    plants = frame([("x", "r", 10), ("x", "s", 5)])
    assert ellison_glaeser(plants).attrs["reference"] == "sum of the plants"
    given = ellison_glaeser(plants, pd.Series({"r": 1, "s": 1, "t": 1}))
    assert given.attrs["reference"] == "own sizes of the units"
    assert given.attrs["variant"] == "3 units"


def test_plants_that_cannot_be_read():
    with pytest.raises(DataError, match=r"not described .size"):
        ellison_glaeser(frame([("x", "r", 1)]).drop(columns="size"))
    with pytest.raises(DataError, match="row 1"):
        ellison_glaeser(frame([("x", "r", 1), ("x", "s", 0)]))
    with pytest.raises(AlignmentError, match=r"units without a size .Hefei"):
        ellison_glaeser(frame([("x", 340100, 1), ("x", 310000, 2)]), pd.Series({310000: 1}))
    with pytest.raises(DataError, match="two sectors"):
        ellison_glaeser_group(frame([("x", "r", 1), ("x", "s", 2)]))


def test_density_equals_scipy_without_reflection():
    pairs = np.random.default_rng(1).gamma(2, 30, 45)
    at = np.linspace(0, 200, 9)
    expected = scipy.stats.gaussian_kde(pairs, bw_method=12 / pairs.std(ddof=1))(at)
    np.testing.assert_allclose(k_density(pairs, at, bandwidth=12.0, reflection=False), expected, rtol=1e-10)


def test_reflected_density_integrates_to_one():
    points = np.random.default_rng(2).random((12, 2)) * 100
    distances = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    at = np.linspace(0, 400, 4001)
    density = k_density(distances, at)
    assert np.trapezoid(density, at) == pytest.approx(1, abs=1e-4)  # trapezoid rule, steps of 0.1
    assert (density > k_density(distances, at, reflection=False) - 1e-15).all()


def test_a_cluster_is_localized_and_a_lattice_is_dispersed():
    grid = np.stack(np.meshgrid(np.arange(10.0), np.arange(10.0)), axis=-1).reshape(-1, 2)
    cluster = [0, 1, 2, 10, 11, 12, 20, 21]
    lattice = [0, 3, 6, 9, 30, 33, 36, 39, 60, 63, 66, 69, 90, 93, 96, 99]
    at = [0.2, 0.5, 1.0, 1.5]
    assert duranton_overman(cluster, grid, at, draws=199, seed=1).localized
    spread = duranton_overman(lattice, grid, at, draws=199, seed=1)
    assert spread.dispersed
    assert not spread.localized


def test_same_seed_same_bands_and_global_outside_local():
    sites = np.random.default_rng(4).random((40, 2))
    one, two = (duranton_overman(range(8), sites, [0.1, 0.3], draws=99, seed=5).table for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert (one["global_lower"] <= one["lower"] + 1e-12).all()
    assert (one["global_upper"] >= one["upper"] - 1e-12).all()


def test_global_band_keeps_its_level():
    rng, rejected = np.random.default_rng(6), 0
    sites = rng.random((40, 2))
    for _ in range(100):
        result = duranton_overman(rng.choice(40, 8, replace=False), sites, [0.1, 0.3, 0.5], draws=99, seed=7)
        rejected += result.localized or result.dispersed
    assert rejected <= 13  # level 0.05: at most 5 + 3.7 standard errors of 2.2


def test_densities_that_cannot_be_computed():
    with pytest.raises(DataError, match="0 pairs"):
        k_density([], [1.0])
    with pytest.raises(DataError, match="positive bandwidth"):
        k_density([2.0, 2.0], [1.0])
    with pytest.raises(DataError, match="1 plants"):
        duranton_overman([0], np.zeros((3, 2)), [1.0], seed=1)
