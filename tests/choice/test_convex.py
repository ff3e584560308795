"""The share of one weights in a mixture: found, bounded, tested at its ends, and told when it means nothing."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

import yrdspatial as yrd
from yrdspatial.choice.convex import UNEQUAL, convex_weights
from yrdspatial.errors import SpecificationError
from yrdspatial.weights.series import WeightsSeries

FORMULA = "y ~ x + z"


def fit(panel, **changes):
    asked = {"first": panel.weights["ring"], "second": panel.weights["other"]} | changes
    return convex_weights(panel.data, FORMULA, **asked)


@pytest.mark.parametrize("model", ["SAR", "SDM"])
def test_the_share_is_found(synthetic, model):
    panel = synthetic(units=40, periods=15, share=0.7, theta=0.4 if model == "SDM" else 0.0, noise=0.4)
    found = fit(panel, model=model)
    assert found.share == pytest.approx(0.7, abs=0.1)
    assert found.lower < 0.7 < found.upper
    assert not found.at_bound
    assert (found.ends["pvalue"] < 0.01).all()
    assert found.results.params["rho"] == pytest.approx(0.5, abs=0.1)
    assert found.notes == ()


def test_ends_are_likelihood_ratios_with_half_the_tail(synthetic):
    panel = synthetic(share=0.8)
    found = fit(panel)
    first = yrd.SAR(panel.data, FORMULA, weights=panel.weights["ring"]).fit()
    row = found.ends.set_index("share").loc[1.0]
    assert row["statistic"] == pytest.approx(2.0 * (found.results.loglik - first.loglik), abs=1e-6)
    assert row["pvalue"] == pytest.approx(0.5 * chi2.sf(row["statistic"], 1))
    assert row["null"] == "the first alone"


def test_the_ends_of_the_interval_are_where_the_likelihood_has_fallen(synthetic):
    panel = synthetic(units=40, periods=15, share=0.5)
    found = fit(panel, level=0.9)
    fall = 0.5 * chi2.ppf(0.9, 1)
    for share in (found.lower, found.upper):
        mixed = share * panel.weights["ring"] + (1.0 - share) * panel.weights["other"]
        loglik = yrd.SAR(panel.data, FORMULA, weights=mixed).fit().loglik
        assert found.results.loglik - loglik == pytest.approx(fall, abs=1e-3)


def test_an_end_is_said_to_be_one(synthetic):
    found = fit(synthetic(units=30, periods=10, share=1.0, seed=4))
    assert found.at_bound
    assert (found.share, found.upper) == (1.0, 1.0)
    assert found.ends.set_index("share").loc[1.0, "pvalue"] == 1.0
    assert "the maximum is at an end" in found.notes[0]
    assert "share of the first weights: 1.000" in str(found)


def test_the_two_can_change_places(synthetic):
    panel = synthetic(share=0.6, units=30)
    one = fit(panel)
    two = fit(panel, first=panel.weights["other"], second=panel.weights["ring"])
    assert two.share == pytest.approx(1.0 - one.share, abs=1e-4)
    assert (two.lower, two.upper) == pytest.approx((1.0 - one.upper, 1.0 - one.lower), abs=1e-4)


def test_the_order_of_rows_and_units_does_not_matter(synthetic):
    panel = synthetic(share=0.6)
    one = fit(panel)
    two = convex_weights(
        panel.shuffled(),
        FORMULA,
        first=panel.weights["ring"].iloc[::-1, ::-1],
        second=panel.weights["other"],
    )
    assert two.share == pytest.approx(one.share, abs=1e-5)
    assert two.results.loglik == pytest.approx(one.results.loglik, rel=1e-10)


def test_nothing_spatial_leaves_the_share_open(synthetic):
    found = fit(synthetic(rho=0.0, seed=4))
    assert any("hardly identified" in note for note in found.notes)
    assert found.upper - found.lower > 0.5


def test_unequal_rows_are_told(synthetic):
    panel = synthetic(share=0.6)
    found = fit(panel, second=0.5 * panel.weights["other"])
    assert UNEQUAL in found.notes
    assert UNEQUAL not in fit(panel, second=0.5 * panel.weights["other"], effects="unit").notes


def test_the_mixture_is_given_with_its_labels(synthetic):
    panel = synthetic(share=0.6)
    found = fit(panel)
    assert isinstance(found.weights, WeightsSeries)
    expected = found.share * panel.arrays["ring"] + (1.0 - found.share) * panel.arrays["other"]
    assert found.weights.array()[0] == pytest.approx(expected)
    cross = convex_weights(
        panel.data.xs(2001, level="year"),
        FORMULA,
        first=panel.weights["ring"],
        second=panel.weights["other"],
        effects="pooled",
        bias="none",
    )
    assert isinstance(cross.weights, pd.DataFrame)
    assert np.allclose(cross.weights.sum(axis=1), 1.0)


@pytest.mark.parametrize("model", ["SEM", "SDEM", "SLX"])
def test_every_model_has_a_share(synthetic, model):
    found = fit(synthetic(theta=0.6, rho=0.0, share=0.9, noise=0.3), model=model)
    assert 0.0 <= found.lower <= found.share <= found.upper <= 1.0


def test_bad_requests_are_refused(synthetic):
    panel = synthetic()
    with pytest.raises(SpecificationError, match="the two weights are equal"):
        fit(panel, second=panel.weights["ring"])
    with pytest.raises(SpecificationError, match="no probability"):
        fit(panel, level=95)
    with pytest.raises(SpecificationError, match="weights of GNS"):
        fit(panel, model="GNS")
