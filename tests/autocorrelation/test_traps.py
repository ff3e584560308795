"""The traps of the usual tools, one test each: what happens there, and that it cannot happen here."""

import esda
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy.sparse import coo_array

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError


@pytest.fixture(scope="module")
def gradient(grid):
    """Make a synthetic map that rises from north to south, and the graph of its cells."""
    values = pd.Series(
        np.repeat(np.arange(6.0), 6) + np.random.default_rng(1).normal(size=36), grid.index, name="y"
    )
    return values, Graph.from_sparse(coo_array(grid.to_numpy()), ids=grid.index)


def test_rows_in_another_order(gradient):
    values, graph = gradient
    shuffled = values.sample(frac=1, random_state=1)
    there = [esda.Moran(data, graph, permutations=0).I for data in (values, shuffled)]
    here = [yrd.moran(data, graph, permutations=9, seed=1).loc[0, "I"] for data in (values, shuffled)]
    assert abs(there[0] - there[1]) > 0.3
    assert here[0] == pytest.approx(there[0], rel=1e-10)
    assert here[1] == pytest.approx(here[0], rel=1e-12)


def test_a_unit_too_few(gradient):
    values, graph = gradient
    with pytest.raises(AlignmentError, match="35"):
        yrd.moran(values.drop(35), graph, permutations=9, seed=1)
    with pytest.raises(AlignmentError, match="36"):
        yrd.moran(pd.concat([values, pd.Series({36: 1.0}, name="y")]), graph, permutations=9, seed=1)


def test_two_cities_of_one_pinyin_name():
    units = yrd.load_units()
    names = units["name_en"].str.replace(r" \(.*\)", "", regex=True)
    twins = names[names.duplicated(keep=False)]
    assert set(twins) == {"Suzhou", "Taizhou"}
    # a table keyed by the bare names has rows that repeat: it is refused, not silently merged
    by_name = pd.Series(np.arange(41.0), pd.Index(names, name="unit"))
    with pytest.raises(AlignmentError, match="rows repeat"):
        yrd.moran(by_name, yrd.contiguity_weights(), permutations=9, seed=1)


def test_an_island_is_no_evidence(gradient, grid):
    values, _ = gradient
    cut = grid.copy()
    cut.loc[14] = 0.0
    cut[14] = 0.0
    result = yrd.local_moran(values, cut, permutations=999, seed=1, correction="none")
    row = result.table.set_index("unit").loc[14]
    assert row["p_sim"] == 1
    assert row["cluster"] == "not significant"


def test_one_tail_called_two(grid):
    """The smaller tail taken as a p-value doubles the false positives; ours keeps the level."""
    noise = pd.DataFrame(np.random.default_rng(2).normal(size=(36, 300)), grid.index)
    p = yrd.local_moran(noise, grid, permutations=4999, seed=1).table["p_sim"]
    smaller_tail = p / 2
    assert (smaller_tail <= 0.05).mean() > 0.08
    # all cells share the draws: the common error at 0.05 is 2 sqrt(0.025 / 4999) = 0.0045
    assert 0.035 < (p <= 0.05).mean() < 0.06


def test_many_tests_and_no_correction(grid):
    """On pure noise about two of 36 cells are significant without correction, hardly any with it."""
    noise = pd.DataFrame(np.random.default_rng(3).normal(size=(36, 200)), grid.index)
    result = yrd.local_moran(noise, grid, permutations=1999, seed=1)
    uncorrected = result.readjust(correction="none").table
    by_map = result.readjust(family="map").table
    found = [(table["cluster"] != "not significant").sum() / 200 for table in (uncorrected, by_map)]
    assert 1.2 < found[0] < 2.4
    assert found[1] < 0.15


def test_the_columns_of_w_divided_instead_of_the_rows(chain):
    """W / W.sum(axis=1) divides columns: it is another matrix, used as given, and the statistic shows it."""
    binary = (chain > 0).astype(float)
    wrong = pd.DataFrame(binary.to_numpy() / binary.to_numpy().sum(axis=1), chain.index, chain.columns)
    assert wrong.sum(axis=1).tolist() == [0.5, 1.5, 1.5, 0.5]
    y = pd.Series([1.0, 2, 3, 6], chain.index)
    found = [yrd.moran(y, weights, permutations=9, seed=1).loc[0, "I"] for weights in (chain, wrong)]
    assert found[0] == pytest.approx(3 / 14)
    local = [yrd.local_moran(y, weights, permutations=9, seed=1).table["I"] for weights in (chain, wrong)]
    assert not np.allclose(*local)


def test_the_sign_of_geary(gradient):
    values, graph = gradient
    there = esda.Geary(values.to_numpy(), graph, permutations=0)
    here = yrd.geary(values, graph, permutations=9, seed=1).iloc[0]
    assert there.z_rand < 0 < here["z_rand"]
    assert here["z_rand"] == pytest.approx(-there.z_rand, rel=1e-9)
    assert here["z_norm"] == pytest.approx(-there.z_norm, rel=1e-9)


def test_one_year_at_a_time(panel, grid):
    """Fifteen tables by hand are one call."""
    whole = yrd.moran(panel, grid, permutations=99, seed=1)
    pieces = [
        yrd.moran(panel[name].xs(year, level="year"), grid, year=year, permutations=99, seed=1)
        for name in panel
        for year in (2005, 2006, 2007)
    ]
    pd.testing.assert_frame_equal(whole, pd.concat(pieces, ignore_index=True))
