"""Policies for holes: what each keeps, what it reports, and the models behind them."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.errors import (
    AlignmentError,
    EstimationError,
    GapError,
    SpecificationError,
    WeakIdentificationWarning,
)

UNITS, YEARS = list("abcdefghijklmnopqrst"), range(2001, 2011)


def synthetic(seed=1, rho=0.4):
    rng = np.random.default_rng(seed)
    links = (rng.random((10, 20, 20)) < 0.03).astype(float) + np.roll(np.eye(20), 1, axis=0)
    links[:, np.arange(20), np.arange(20)] = 0.0
    W = links / links.sum(axis=2, keepdims=True)
    x, z, e = rng.normal(size=(3, 10, 20))
    mean = x - 0.5 * z + rng.normal(size=20) + rng.normal(size=(10, 1)) + 0.2 * e
    y = np.linalg.solve(np.eye(20) - rho * W, mean[:, :, None])[:, :, 0]
    index = pd.MultiIndex.from_product([YEARS, UNITS], names=["year", "unit"])
    data = pd.DataFrame({"y": y.ravel(), "x": x.ravel(), "z": z.ravel()}, index).swaplevel().sort_index()
    weights = yrd.WeightsSeries({year: pd.DataFrame(W[t], UNITS, UNITS) for t, year in enumerate(YEARS)})
    return data, weights


def holed(*cells, column="y"):
    data, weights = synthetic()
    whole = data.copy()
    for cell in cells:
        data.loc[cell, column] = np.nan
    return data, weights, whole


HOLES = (("b", 2003), ("e", 2003), ("b", 2007))


def test_the_models_refuse_holes_and_name_the_policies():
    data, weights, _ = holed(*HOLES)
    with pytest.raises(GapError, match=r'y: e 2003|b 2003.*balance_panel with "drop_years"') as caught:
        yrd.SAR(data, "y ~ x", weights=weights)
    assert '"em"' in str(caught.value)
    with pytest.raises(GapError, match="balance_panel"):
        yrd.SAR(data.dropna(), "y ~ x", weights=weights)


def test_drop_years_is_the_model_on_the_years_that_are_complete():
    data, weights, whole = holed(*HOLES)
    found = yrd.balance_panel(data, "y ~ x + z", policy="drop_years", weights=weights)
    kept = [year for year in YEARS if year not in {2003, 2007}]
    by_hand = yrd.SDM(
        whole.loc[whole.index.get_level_values("year").isin(kept)], "y ~ x + z", weights=weights
    )
    pd.testing.assert_series_equal(found.fit("SDM").params, by_hand.fit().params)
    assert found.weights.years == tuple(kept)
    assert found.report.loc[2003, ["units", "units_kept", "rows_lost", "holes"]].tolist() == [20, 0, 18, 2]
    assert "2 of 10 years are left out: 2003, 2007" in found.changes
    assert "40 rows are left out, 37 of them complete" in found.changes


def test_drop_units_is_the_model_on_the_units_that_are_complete():
    data, weights, whole = holed(*HOLES)
    found = yrd.balance_panel(data, "y ~ x", policy="drop_units", weights=weights)
    kept = [unit for unit in UNITS if unit not in {"b", "e"}]
    W = weights.array(units=UNITS)
    places = [UNITS.index(unit) for unit in kept]
    part = W[:, places][:, :, places]
    sums = part.sum(axis=2, keepdims=True)
    part = part / np.where(sums > 0, sums, 1.0)
    own = yrd.WeightsSeries({year: pd.DataFrame(part[t], kept, kept) for t, year in enumerate(YEARS)})
    by_hand = yrd.SAR(whole.loc[kept], "y ~ x", weights=own).fit()
    pd.testing.assert_series_equal(found.fit("SAR").params, by_hand.params)
    lost = 1.0 - sums[0].sum() / W[0][places].sum()
    assert found.report.loc[2001, "weights_lost"] == pytest.approx(lost)
    assert "2 of 20 units are left out: b, e" in found.changes
    assert "rescaled by row" in " ".join(found.changes)


def test_the_drop_policies_serve_every_model_and_need_no_weights_for_ols():
    data, weights, _ = holed(*HOLES)
    with_weights = yrd.balance_panel(data, "y ~ x", policy="drop_years", weights=weights)
    assert "lambda" in with_weights.fit("SEM").params
    assert "W_x" in with_weights.fit("SLX", durbin="x").params
    bare = yrd.balance_panel(data, "y ~ x", policy="drop_years")
    pd.testing.assert_series_equal(bare.fit("OLS").params, with_weights.fit("OLS").params)
    assert bare.weights is None


def test_subset_changes_the_network_of_the_year_of_the_hole_alone():
    data, weights, _ = holed(*HOLES)
    found = yrd.balance_panel(data, "y ~ x", policy="subset", weights=weights)
    assert found.report["units_kept"].tolist() == [20, 20, 18, 20, 20, 20, 19, 20, 20, 20]
    assert found.networks[2007].index.tolist() == [unit for unit in UNITS if unit != "b"]
    np.testing.assert_allclose(found.networks[2001], weights.array(units=UNITS, years=[2001])[0])
    sums = found.networks[2003].sum(axis=1)
    assert set(sums.round(12)) <= {0.0, 1.0}
    assert found.report["rows_lost"].sum() == 0
    results = found.fit("SDM")
    assert results.nobs == 197
    assert results.params.index.tolist() == ["x", "W_x", "rho"]


@pytest.mark.parametrize("policy", ["subset", "em"])
@pytest.mark.parametrize("effects", ["twoways", "unit", "time", "pooled"])
def test_without_holes_every_policy_is_the_plain_model(policy, effects):
    data, weights = synthetic()
    found = yrd.balance_panel(data, "y ~ x + z", policy=policy, weights=weights).fit("SDM", effects=effects)
    plain = yrd.SDM(data, "y ~ x + z", weights=weights, effects=effects).fit(cov_type="observed")
    pd.testing.assert_series_equal(found.params, plain.params, atol=1e-8)
    assert found.sigma2 == pytest.approx(plain.sigma2)
    assert found.loglik == pytest.approx(plain.loglik, abs=1e-7)


def test_em_fills_what_was_removed_and_keeps_every_row():
    data, weights, whole = holed(*HOLES)
    found = yrd.balance_panel(data, "y ~ x + z", policy="em", weights=weights)
    assert found.report["filled"].sum() == 3
    assert found.report["units_kept"].sum() == 200
    results = found.fit("SAR")
    assert results.nobs == 197
    off = (results.filled["estimate"] - whole.loc[list(HOLES), "y"]) / results.filled["std_error"]
    assert off.abs().max() < 4.0
    assert sorted(results.filled.index) == sorted(HOLES)
    assert results.params["rho"] == pytest.approx(0.4, abs=0.1)


def test_labels_decide_not_the_order_of_rows_or_units():
    data, weights, _ = holed(*HOLES)
    shuffled = data.sample(frac=1.0, random_state=2)
    other = yrd.WeightsSeries(
        {
            year: pd.DataFrame(weights.array(UNITS[::-1], [year])[0], UNITS[::-1], UNITS[::-1])
            for year in YEARS
        }
    )
    for policy in ("drop_years", "drop_units", "subset", "em"):
        first = yrd.balance_panel(data, "y ~ x", policy=policy, weights=weights).fit("SDM").params
        second = yrd.balance_panel(shuffled, "y ~ x", policy=policy, weights=other).fit("SDM").params
        pd.testing.assert_series_equal(first, second, atol=1e-10)


def test_rows_that_are_not_there_are_holes():
    data, weights, _ = holed()
    short = data.drop([("b", 2003), ("c", 2005)])
    found = yrd.balance_panel(short, "y ~ x", policy="subset", weights=weights)
    assert found.holes.shape == (4, 3)
    assert found.fit("SAR").nobs == 198
    with pytest.raises(GapError, match='"em" fills y alone'):
        yrd.balance_panel(short, "y ~ x", policy="em", weights=weights).fit("SAR")


def test_lags_over_time_cost_the_row_after_a_hole_in_x():
    data, weights, _ = holed(("b", 2003), column="x")
    found = yrd.balance_panel(data, "y ~ x + L(x)", policy="subset", weights=weights).fit("SAR")
    assert found.nobs == 180 - 2  # the first year, then b in 2003 and 2004
    assert ("b", 2004) not in found.design.rows


def test_the_shipped_panel_has_one_hole_in_resident_population():
    panel = yrd.load_panel().select(years=range(2013, 2019))
    weights = yrd.rail_weights(yrd.travel_times(range(2013, 2019)))
    found = yrd.balance_panel(panel, "log(population_resident) ~ log(gdp)", policy="em", weights=weights)
    assert found.changes[0] == "1 of 492 cells are missing"
    results = found.fit("SAR")
    around = np.log(panel.frame["population_resident"].loc[320400].loc[[2014, 2016]])
    filled = results.filled.loc[(320400, 2015)]
    assert abs(filled["estimate"] - around.mean()) < 3 * filled["std_error"]
    dropped = yrd.balance_panel(panel, ["population_resident"], policy="drop_units")
    assert isinstance(dropped.data, yrd.Panel)
    assert len(dropped.data.units) == 40
    assert "Changzhou" in " ".join(dropped.changes)


def test_a_request_that_cannot_be_met_says_why():
    data, weights, _ = holed(*HOLES)
    with pytest.raises(SpecificationError, match=r"policy.*fill"):
        yrd.balance_panel(data, "y ~ x", policy="fill")
    with pytest.raises(SpecificationError, match="belongs to a lag model"):
        yrd.balance_panel(data, "y ~ x", policy="subset")
    with pytest.raises(SpecificationError, match="belongs to a lag model"):
        yrd.balance_panel(data, ["y"], policy="em", weights=weights)
    with pytest.raises(SpecificationError, match="not for a model"):
        yrd.balance_panel(data, ["y"], policy="drop_years").fit("OLS")
    em = yrd.balance_panel(data, "y ~ x", policy="em", weights=weights)
    with pytest.raises(SpecificationError, match="SEM is not estimated"):
        em.fit("SEM")
    with pytest.raises(SpecificationError, match="random effects need a balanced panel"):
        em.fit("SAR", effects="random")
    with pytest.raises(SpecificationError, match=r"model.*LM"):
        em.fit("LM")
    with pytest.raises(GapError, match="uses no column"):
        yrd.balance_panel(data, "1 ~ 1", policy="drop_years")
    other = pd.DataFrame([[0.0, 1.0], [1.0, 0.0]], ["a", "b"], ["a", "b"])
    with pytest.raises(AlignmentError):
        yrd.balance_panel(data, "y ~ x", policy="subset", weights=other)


def test_doubts_about_rho_are_said():
    data, _, _ = holed(*HOLES)
    rng = np.random.default_rng(4)
    links = (rng.random((20, 20)) < 0.6) * (1.0 - np.eye(20))
    dense = pd.DataFrame(links / links.sum(axis=1, keepdims=True), UNITS, UNITS)
    found = yrd.balance_panel(data, "y ~ x", policy="em", weights=dense)
    with pytest.warns(WeakIdentificationWarning) as said:
        results = found.fit("SAR")
    assert [str(one.message) for one in said] == list(results.warnings)
    assert "the weights of y are dense" in results.warnings[-1]
    assert "warning: rho is weakly identified" in str(results.summary)
    full = pd.DataFrame((1.0 - np.eye(20)) / 19, UNITS, UNITS)
    with pytest.raises(EstimationError, match="rho is not identified"):
        yrd.balance_panel(data, "y ~ x", policy="em", weights=full).fit("SAR")


def test_an_effect_without_any_value_is_named():
    data, weights, _ = holed(*[("b", year) for year in YEARS])
    with pytest.raises(GapError, match=r"an effect has no value of y \[b\]"):
        yrd.balance_panel(data, "y ~ x", policy="em", weights=weights).fit("SAR")
    subset = yrd.balance_panel(data, "y ~ x", policy="subset", weights=weights)
    assert subset.fit("SAR").nobs == 190
    empty, weights, _ = holed(*[(unit, 2004) for unit in UNITS])
    assert yrd.balance_panel(empty, "y ~ x", policy="subset", weights=weights).fit("SAR").nobs == 180


def test_many_holes_are_warned_of():
    data, weights, _ = holed(*[(unit, year) for unit in "abcdef" for year in (2002, 2005, 2007, 2009)])
    results = yrd.balance_panel(data, "y ~ x", policy="em", weights=weights).fit("SAR")
    assert results.warnings == ("12% of y are missing: what is filled leans on the model",)
