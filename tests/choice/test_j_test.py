"""The J test: the true weights stay, the false ones go; labels, order and seeds behave."""

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.choice.j_test import HELD, j_test
from yrdspatial.errors import SpecificationError
from yrdspatial.weights.series import WeightsSeries

FORMULA = "y ~ x + z"


@pytest.mark.parametrize(("model", "rho", "theta"), [("SAR", 0.5, 0.0), ("SDM", 0.4, 0.6), ("SLX", 0.0, 0.8)])
def test_the_true_weights_stay_and_the_false_ones_go(synthetic, model, rho, theta):
    panel = synthetic(units=30, periods=10, rho=rho, theta=theta)
    table = j_test(panel.data, FORMULA, weights=panel.weights, model=model).table.set_index("null")
    assert table.loc["ring", "pvalue"] > 0.01
    assert table.loc["other", "pvalue"] < 1e-6


def test_the_false_ones_go_in_an_error_model_with_spatial_lags_of_x(synthetic):
    panel = synthetic(units=30, periods=10, rho=0.0, theta=0.8)
    table = yrd.j_test(panel.data, FORMULA, weights=panel.weights, model="SDEM").table.set_index("null")
    assert table.loc["other", "pvalue"] < 1e-6 < table.loc["ring", "pvalue"]


def test_three_weights_are_tested_one_by_one_and_together(synthetic):
    panel = synthetic()
    third = panel.weights["ring"].to_numpy() @ panel.weights["ring"].to_numpy()
    np.fill_diagonal(third, 0.0)
    labels = panel.weights["ring"].index
    weights = {**panel.weights, "second": pd.DataFrame(2.0 * third, labels, labels)}
    found = j_test(panel.data, FORMULA, weights=weights)
    assert found.table["null"].tolist() == ["ring"] * 3 + ["other"] * 3 + ["second"] * 3
    assert found.table["rival"].tolist()[:3] == ["other", "second", "all others"]
    assert found.table["df"].tolist() == [1, 1, 2] * 3
    together = found.table[found.table["df"] == 2]
    assert together["coefficient"].isna().all()
    single = found.table[found.table["df"] == 1]
    assert single["statistic"].to_numpy() == pytest.approx((single["coefficient"] / single["std_error"]) ** 2)
    assert found.effects == "twoways"
    assert "J tests between weights: SAR" in str(found)


def test_equal_weights_leave_nothing_to_test_in_slx(synthetic):
    panel = synthetic(theta=0.5)
    table = j_test(
        panel.data, FORMULA, weights={"a": panel.weights["ring"], "b": panel.weights["ring"]}, model="SLX"
    ).table
    assert table["statistic"].isna().all()
    assert table["note"].tolist() == [HELD, HELD]


def test_the_order_of_rows_and_units_does_not_matter(synthetic):
    panel = synthetic()
    turned = {name: one.iloc[::-1, ::-1] for name, one in panel.weights.items()}
    one = j_test(panel.data, FORMULA, weights=panel.weights).table
    two = j_test(panel.shuffled(), FORMULA, weights=turned).table
    assert two["statistic"].to_numpy() == pytest.approx(one["statistic"].to_numpy(), rel=1e-8)


def test_weights_by_year_are_those_of_the_year(synthetic):
    panel = synthetic()
    by_year = {
        name: WeightsSeries(dict.fromkeys(range(2001, 2009), one)) for name, one in panel.weights.items()
    }
    one = j_test(panel.data, FORMULA, weights=panel.weights).table
    two = j_test(panel.data, FORMULA, weights=by_year).table
    pd.testing.assert_frame_equal(one, two)


def test_the_bootstrap_follows_its_seed_and_needs_one(synthetic):
    panel = synthetic(units=12, periods=5)
    with pytest.raises(SpecificationError, match="a bootstrap needs a seed"):
        j_test(panel.data, FORMULA, weights=panel.weights, bootstrap=9)
    one, two, three = (
        j_test(panel.data, FORMULA, weights=panel.weights, bootstrap=19, seed=seed).table
        for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert one["pvalue_bootstrap"].between(0.05, 1.0).all()
    assert three["pvalue_bootstrap"].tolist() != one["pvalue_bootstrap"].tolist()


def test_bootstrap_and_chi2_agree_where_there_is_much_to_see(synthetic):
    panel = synthetic(units=30, periods=10)
    found = j_test(panel.data, FORMULA, weights=panel.weights, bootstrap=39, seed=1)
    table = found.table.set_index("null")
    assert table.loc["other", "pvalue_bootstrap"] == pytest.approx(1 / 40)
    assert table.loc["ring", "pvalue_bootstrap"] > 0.05
    assert (found.bootstrap, found.discarded) == (39, 0)


def test_windows_of_effects_and_a_cross_section(synthetic):
    panel = synthetic()
    windows = panel.data.assign(window=np.where(panel.data.index.get_level_values("year") > 2004, "b", "a"))
    found = j_test(
        windows, FORMULA, weights=panel.weights, effects={"unit": "window", "time": True}, bootstrap=3, seed=1
    )
    assert found.effects == "unit x window, time"
    assert found.table["pvalue_bootstrap"].notna().all()
    one_year = panel.data.xs(2001, level="year")
    cross = j_test(one_year, FORMULA, weights=panel.weights, effects="pooled", bootstrap=3, seed=1)
    assert cross.table["statistic"].notna().all()
