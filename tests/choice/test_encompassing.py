"""Encompassing tests: those of the model with both weights, one restriction at a time."""

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.choice.encompassing import NO_LIKELIHOOD, encompassing_tests
from yrdspatial.errors import SpecificationError

FORMULA = "y ~ x + z"


@pytest.mark.parametrize(("model", "count"), [("SAR", 1), ("SDM", 3), ("SLX", 2)])
def test_they_are_restrictions_of_the_model_with_both(synthetic, model, count):
    panel = synthetic(theta=0.3)
    table = encompassing_tests(panel.data, FORMULA, weights=panel.weights, model=model)
    both = getattr(yrd, model)(panel.data, FORMULA, weights=panel.weights).fit()
    names = [name for name in both.params.index if "_other" in name]
    r, V = both.params[names].to_numpy(), both.cov.loc[names, names].to_numpy()
    row = table[(table["null_weights"] == "ring") & (table["test"] == "Wald")].iloc[0]
    assert row["statistic"] == pytest.approx(r @ np.linalg.inv(V) @ r, rel=1e-9)
    assert (row["df"], row["rival"]) == (count, "other")
    if model != "SLX":
        assert (row["rho_null"], row["rho_rival"]) == (both.params["rho_ring"], both.params["rho_other"])


def test_the_true_weights_encompass_the_false_ones(synthetic):
    panel = synthetic(units=30, periods=10)
    table = yrd.encompassing_tests(panel.data, FORMULA, weights=panel.weights)
    wald = table[table["test"] == "Wald"].set_index("null_weights")["pvalue"]
    assert wald["other"] < 1e-6 < wald["ring"]


def test_the_likelihood_ratio_is_there_where_the_likelihood_is(synthetic):
    panel = synthetic()
    table = encompassing_tests(panel.data, FORMULA, weights=panel.weights)
    ratio = table[table["test"] == "LR"]
    assert ratio["statistic"].isna().all()
    assert set(ratio["note"]) == {NO_LIKELIHOOD}
    plain = encompassing_tests(panel.data, FORMULA, weights=panel.weights, bias="none")
    row = plain[(plain["null_weights"] == "ring") & (plain["test"] == "LR")].iloc[0]
    small = yrd.SAR(panel.data, FORMULA, weights=panel.weights["ring"]).fit(bias="none")
    large = yrd.SAR(panel.data, FORMULA, weights=panel.weights).fit(bias="none")
    assert row["statistic"] == pytest.approx(2.0 * (large.loglik - small.loglik), rel=1e-9)


def test_least_squares_has_the_ratio_with_the_adjustment(synthetic):
    panel = synthetic(rho=0.0, theta=0.5)
    table = encompassing_tests(panel.data, FORMULA, weights=panel.weights, model="SLX")
    assert table["statistic"].notna().all()
    assert table["rho_null"].isna().all()


def test_names_that_end_alike_are_told_apart(synthetic):
    panel = synthetic()
    weights = {"rail": panel.weights["ring"], "frozen_rail": panel.weights["other"]}
    table = encompassing_tests(panel.data, FORMULA, weights=weights, model="SDM")
    assert (table.loc[table["test"] == "Wald", "df"] == 3).all()


def test_models_without_several_weights_are_refused(synthetic):
    panel = synthetic()
    with pytest.raises(SpecificationError, match="weights of SDEM"):
        encompassing_tests(panel.data, FORMULA, weights=panel.weights, model="SDEM")
