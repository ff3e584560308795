"""Global Moran's I against spdep, esda, printed examples, and what must not matter."""

import esda
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy.sparse import coo_array, csr_array

import yrdspatial as yrd
from yrdspatial.autocorrelation.permutation import permuted_forms
from yrdspatial.errors import GapError, SpecificationError

CLOSED_FORM = 1e-9  # both sides evaluate the same closed form
SEED = 7


def test_printed_example_of_the_path(chain):
    # independent formulas: y = 1, 2, 3, 6 on a path of four, computed by hand as fractions
    y = pd.Series([1, 2, 3, 6], list("abcd"), name="y")
    row = yrd.moran(y, chain, permutations=99, seed=SEED).iloc[0]
    assert row["I"] == pytest.approx(3 / 14, abs=1e-12)
    assert row["expected"] == pytest.approx(-1 / 3, abs=1e-12)
    assert row[["z_norm", "p_norm", "z_rand"]].tolist() == pytest.approx(
        [1.319575, 0.186977, 1.593806], abs=1e-6
    )
    binary = yrd.moran(y, (chain > 0).astype(float), permutations=9, seed=SEED)
    assert binary.loc[0, "I"] == pytest.approx(4 / 21, abs=1e-12)


@pytest.mark.parametrize(("key", "z"), [("moran_rand", "z_rand"), ("moran_norm", "z_norm")])
def test_equals_spdep_row_standardized(case, key, z):
    row = yrd.moran(case.y, case.row_standardized, permutations=9, seed=SEED, alternative="greater").iloc[0]
    expected = case.result(key)
    assert row["I"] == pytest.approx(expected["estimate"]["Moran I statistic"], rel=CLOSED_FORM)
    assert row["expected"] == pytest.approx(expected["estimate"]["Expectation"], rel=CLOSED_FORM)
    assert row[z] == pytest.approx(expected["statistic"], rel=CLOSED_FORM)
    assert row[z.replace("z", "p")] == pytest.approx(expected["p"], rel=1e-6)  # far tail of the normal


def test_equals_spdep_binary(case):
    expected = case.result("moran_B_rand")
    row = yrd.moran(case.y, case.binary, permutations=9, seed=SEED).iloc[0]
    assert row["I"] == pytest.approx(expected["estimate"]["Moran I statistic"], rel=CLOSED_FORM)
    assert row["z_rand"] == pytest.approx(expected["statistic"], rel=CLOSED_FORM)


def test_equals_esda(case):
    W = case.row_standardized
    graph = Graph.from_sparse(coo_array(W.to_numpy()), ids=W.index)
    theirs = esda.Moran(case.y.to_numpy(), graph, permutations=0)
    ours = yrd.moran(case.y, graph, permutations=9, seed=SEED).iloc[0]
    found = ours[["I", "expected", "z_norm", "z_rand", "p_norm", "p_rand"]].astype(float).tolist()
    wanted = [theirs.I, theirs.EI, theirs.z_norm, theirs.z_rand, theirs.p_norm, theirs.p_rand]
    assert found == pytest.approx(wanted, rel=1e-8, abs=1e-10)


def test_permutations_agree_with_the_randomization_moments(columbus):
    # the moments under randomization are exact, so the permuted z must be theirs up to Monte Carlo error
    z = columbus.y.to_numpy() - columbus.y.mean()
    W = csr_array(columbus.row_standardized.to_numpy())
    draws = np.concatenate(list(permuted_forms(z[:, None], W, permutations=20_000, seed=1)))[:, 0] / (z @ z)
    variance = columbus.result("moran_rand")["estimate"]["Variance"]
    assert draws.mean() == pytest.approx(-1 / 48, abs=4 * np.sqrt(variance / 20_000))
    assert draws.var() == pytest.approx(
        variance, rel=0.04
    )  # four standard errors of a variance of 20,000 draws


def test_columns_and_rows(panel, grid):
    table = yrd.moran(panel, grid, permutations=99, seed=SEED)
    assert list(table.columns) == [
        "variable",
        "year",
        "I",
        "expected",
        "z_norm",
        "p_norm",
        "z_rand",
        "p_rand",
        "p_sim",
    ]
    assert table[["variable", "year"]].to_numpy().tolist() == [
        [name, year] for name in ("clustered", "noise") for year in (2005, 2006, 2007)
    ]
    assert (table.loc[:2, "p_sim"] == 0.02).all()  # the two-sided floor of 99 permutations


def test_row_order_and_names_do_not_matter(panel, grid):
    table = yrd.moran(panel, grid, permutations=199, seed=SEED)
    shuffled = yrd.moran(
        panel.sample(frac=1, random_state=1), grid.sample(frac=1, random_state=2), permutations=199, seed=SEED
    )
    pd.testing.assert_frame_equal(table, shuffled, rtol=1e-10)
    names = dict(zip(range(36), np.random.default_rng(3).permutation(36) + 100, strict=True))
    renamed = yrd.moran(
        panel.rename(index=names, level=0),
        grid.rename(index=names, columns=names),
        permutations=199,
        seed=SEED,
    )
    pd.testing.assert_frame_equal(table, renamed, rtol=1e-10)


def test_scale_location_sign_and_scale_of_weights_do_not_matter(panel, grid):
    table = yrd.moran(panel, grid, permutations=199, seed=SEED)
    for changed, weights in ((panel * 3.7 + 50, grid), (panel * -2, grid), (panel, grid * 17)):
        pd.testing.assert_frame_equal(
            table, yrd.moran(changed, weights, permutations=199, seed=SEED), rtol=1e-9
        )


def test_a_variable_alone_has_the_same_result(panel, grid):
    table = yrd.moran(panel, grid, permutations=99, seed=SEED)
    alone = yrd.moran(panel["noise"], grid, year=2006, permutations=99, seed=SEED)
    pd.testing.assert_frame_equal(alone, table[4:5].reset_index(drop=True))


def test_each_year_has_its_own_weights(panel, grid):
    other = grid.to_numpy() @ grid.to_numpy() * (1 - np.eye(36))
    series = yrd.WeightsSeries({2005: grid, 2006: pd.DataFrame(other, grid.index, grid.columns), 2007: grid})
    table = yrd.moran(panel["noise"], series, permutations=9, seed=SEED)
    z = panel["noise"].xs(2006, level="year").to_numpy()
    z = z - z.mean()
    assert table.loc[1, "I"] == pytest.approx(36 / other.sum() * (z @ other @ z) / (z @ z), rel=1e-12)
    one_year = yrd.moran(panel["noise"].xs(2006, level="year"), series, year=2006, permutations=9, seed=SEED)
    assert one_year.loc[0, "I"] == table.loc[1, "I"]
    with pytest.raises(SpecificationError, match="say which: year="):
        yrd.moran(panel["noise"].xs(2006, level="year"), series, permutations=9, seed=SEED)


def test_an_island_counts_in_n(chain):
    y = pd.Series([1, 2, 3, 6, 9.0], list("abcde"))
    table = chain.reindex(index=list("abcde"), columns=list("abcde"), fill_value=0.0)
    z, W = (y - y.mean()).to_numpy(), table.to_numpy()
    found = yrd.moran(y, table, permutations=9, seed=SEED).loc[0, "I"]
    assert found == pytest.approx(5 / W.sum() * (z @ W @ z) / (z @ z), rel=1e-12)


def test_pvalues_are_uniform_on_noise(grid):
    rng = np.random.default_rng(5)
    noise = pd.DataFrame(rng.exponential(size=(36, 400)), grid.index)
    p = yrd.moran(noise, grid, permutations=199, seed=SEED)["p_sim"]
    # 400 independent maps: the share below 0.1 has standard error 0.015
    assert abs((p <= 0.1).mean() - 0.1) < 0.045


def test_one_sided_pvalues_and_the_floor(panel, grid):
    greater = yrd.moran(panel["clustered"], grid, permutations=99, seed=SEED, alternative="greater")
    less = yrd.moran(panel["clustered"], grid, permutations=99, seed=SEED, alternative="less")
    assert (greater["p_sim"] == 0.01).all()
    assert (less["p_sim"] == 1.0).all()
    assert (greater["p_rand"] + less["p_rand"]).tolist() == pytest.approx([1, 1, 1])


def test_bad_requests_say_the_cure(panel, grid):
    hole = panel.copy()
    hole.loc[(5, 2006), "noise"] = np.nan
    with pytest.raises(GapError, match="5, noise, 2006"):
        yrd.moran(hole, grid, permutations=9, seed=SEED)
    with pytest.raises(SpecificationError, match=r"all units have the same value.*noise, 2005"):
        yrd.moran(panel.assign(noise=3.1), grid, permutations=9, seed=SEED)
    with pytest.raises(SpecificationError, match="alternative 'both' does not exist"):
        yrd.moran(panel, grid, permutations=9, seed=SEED, alternative="both")
    with pytest.raises(SpecificationError, match="permutations = 0"):
        yrd.moran(panel, grid, permutations=0, seed=SEED)


def test_progress_counts_years_with_weights_of_their_own(panel, grid):
    series = yrd.WeightsSeries({2005: grid, 2006: grid * 2, 2007: grid})
    for function in (yrd.moran, yrd.geary, yrd.local_moran):
        steps = []
        function(
            panel["noise"],
            series,
            permutations=99,
            seed=SEED,
            progress=lambda *step, to=steps: to.append(step),
        )
        assert {total for _, total in steps} == {198}
        assert [done for done, _ in steps] == sorted({done for done, _ in steps})
        assert steps[-1] == (198, 198)
