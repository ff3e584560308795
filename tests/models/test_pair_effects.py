"""Effects by pairs: dense inverses, sums that must agree, and errors by another route."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import AlignmentError, SpecificationError
from yrdspatial.models.pair_effects import pair_table

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def fitted(simulated, model="SDM"):
    return getattr(yrd, model)(simulated.data, "y ~ x1 + x2", weights=simulated.weights).fit()


def by_halves(units):
    half = np.arange(len(units)) < 5
    return pd.DataFrame("across", units, units).mask(np.equal.outer(half, half), "within")


def dense(results, W, variable):
    p = results.params
    slope = p[variable] * np.eye(len(W)) + p.get(f"W_{variable}", 0.0) * W
    return np.linalg.solve(np.eye(len(W)) - p.get("rho", 0.0) * W, slope)


@pytest.mark.parametrize("model", ["SAR", "SDM", "SDEM", "SLX", "SAC"])
def test_sums_over_pairs_of_dense_inverses(panel, model):
    simulated = panel("directed")
    results = fitted(simulated, model)
    groups = by_halves(simulated.weights.units)
    table = yrd.effects_by_pairs(results, groups).set_index(["variable", "pairs"])
    for variable in ("x1", "x2"):
        for name in ("within", "across"):
            mask = (groups == name).to_numpy() & ~np.eye(14, dtype=bool)
            sums = [dense(results, W, variable)[mask].sum() / 14 for W in simulated.arrays["weights"]]
            row = table.loc[(variable, name)]
            assert row["estimate"] == pytest.approx(np.mean(sums), abs=1e-12)
            assert row["links"] == mask.sum()
            assert row["per_link"] == pytest.approx(np.mean(sums) * 14 / mask.sum(), abs=1e-12)
            assert row["per_link_error"] == pytest.approx(row["std_error"] * 14 / mask.sum())


def test_groups_add_up_to_the_indirect_effect(panel):
    simulated = panel("rows")
    results = fitted(simulated)
    units = simulated.weights.units
    indirect = results.impacts().table.set_index(["effect", "variable"]).loc["indirect"]
    sums = yrd.effects_by_pairs(results, by_halves(units)).groupby("variable")["estimate"].sum()
    assert sums.to_numpy() == pytest.approx(indirect["estimate"][sums.index].to_numpy(), abs=1e-12)
    whole = yrd.effects_by_pairs(results, pd.DataFrame("all", units, units)).set_index("variable")
    for column in ("estimate", "std_error"):
        assert whole[column].to_numpy() == pytest.approx(indirect[column].to_numpy(), rel=1e-6)


def test_groups_by_year(panel):
    """Pairs that change sides: the mean over years of the sums over the pairs of each year."""
    simulated = panel("rows")
    results = fitted(simulated)
    units = simulated.weights.units
    rng = np.random.default_rng(8)
    tables = {
        year: pd.DataFrame(np.where(rng.random((14, 14)) < 0.3, "near", "far"), units, units)
        for year in simulated.weights.years
    }
    table = yrd.effects_by_pairs(results, tables).set_index(["variable", "pairs"])
    sums = [
        (dense(results, W, "x1") * (tables[year] == "near").to_numpy() * ~np.eye(14, dtype=bool)).sum() / 14
        for year, W in zip(simulated.weights.years, simulated.arrays["weights"], strict=True)
    ]
    assert table.loc[("x1", "near"), "estimate"] == pytest.approx(np.mean(sums), abs=1e-12)


def test_slx_errors_are_those_of_one_coefficient(panel):
    """In SLX the effect of a set is theta times its mean weight, and so is its error."""
    simulated = panel("rows")
    results = fitted(simulated, "SLX")
    groups = by_halves(simulated.weights.units)
    table = yrd.effects_by_pairs(results, groups).set_index(["variable", "pairs"])
    weight = (simulated.arrays["weights"] * (groups == "within").to_numpy()).sum(axis=(1, 2)).mean() / 14
    row = table.loc[("x1", "within")]
    assert row["estimate"] == pytest.approx(results.params["W_x1"] * weight)
    assert row["std_error"] == pytest.approx(results.std_errors["W_x1"] * weight, rel=1e-6)


def test_labels_and_not_positions(panel):
    simulated = panel("rows")
    results = fitted(simulated)
    units = simulated.weights.units
    groups = by_halves(units)
    shuffled = groups.loc[units[::-1], np.random.default_rng(1).permutation(units)]
    pd.testing.assert_frame_equal(
        yrd.effects_by_pairs(results, groups), yrd.effects_by_pairs(results, shuffled)
    )


def test_pairs_without_a_name_are_left_out(panel):
    simulated = panel("rows")
    results = fitted(simulated)
    groups = by_halves(simulated.weights.units)
    part = yrd.effects_by_pairs(results, groups.where(groups == "within"))
    whole = yrd.effects_by_pairs(results, groups)
    pd.testing.assert_frame_equal(part, whole[whole["pairs"] == "within"].reset_index(drop=True))


def test_a_set_without_pairs_is_zero(panel):
    simulated = panel("rows")
    table = pair_table(fitted(simulated), {"none": np.zeros((6, 14, 14), dtype=bool)})
    assert (table[["estimate", "std_error", "links", "per_link"]] == 0).all(axis=None)


def test_senseless_requests(panel):
    simulated = panel("rows")
    units = simulated.weights.units
    groups = by_halves(units)
    results = fitted(simulated)
    with pytest.raises(AlignmentError, match="u03"):
        yrd.effects_by_pairs(results, groups.drop(index="u03"))
    with pytest.raises(AlignmentError, match="2006"):
        yrd.effects_by_pairs(results, dict.fromkeys(range(2001, 2006), groups))
    with pytest.raises(SpecificationError, match="no spillovers"):
        yrd.effects_by_pairs(fitted(simulated, "SEM"), groups)
