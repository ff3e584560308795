"""Averages over models: the formulas once more, quantiles against draws, and what a certain model leaves."""

import numpy as np
import pytest
from scipy.stats import norm

import yrdspatial as yrd
from yrdspatial.choice.averaging import average_models, mixture_cdf, mixture_quantile
from yrdspatial.errors import SpecificationError

FORMULA = "y ~ x + z"

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def test_means_and_variances_are_those_of_the_formula(synthetic):
    panel = synthetic(rho=0.15, noise=1.0)
    average = average_models(panel.data, FORMULA, weights=panel.weights)
    table = yrd.model_probabilities(panel.data, FORMULA, weights=panel.weights)
    effects, errors = [], []
    for model, name in zip(table["model"], table["weights"], strict=True):
        fit = getattr(yrd, model)(panel.data, FORMULA, weights=panel.weights[name]).fit()
        row = fit.impacts().table.set_index(["variable", "effect"]).loc[("x", "indirect")]
        effects.append(row["estimate"])
        errors.append(row["std_error"])
    p, e, s = table["probability"].to_numpy(), np.array(effects), np.array(errors)
    mean = (p * e).sum()
    row = average.table.set_index(["variable", "effect"]).loc[("x", "indirect")]
    assert row["estimate"] == pytest.approx(mean)
    assert row["within"] == pytest.approx(np.sqrt((p * s**2).sum()))
    assert row["between"] == pytest.approx(np.sqrt((p * (e - mean) ** 2).sum()))
    assert row["std_error"] == pytest.approx(np.hypot(row["within"], row["between"]))
    assert len(average.members) == 10 * 6


def test_a_certain_model_is_its_own_average(synthetic):
    panel = synthetic(units=30, periods=12, rho=0.6, noise=0.3)
    average = average_models(panel.data, FORMULA, weights=panel.weights, models=("SAR",))
    assert average.by_weights["ring"] == pytest.approx(1.0, abs=1e-9)
    alone = yrd.SAR(panel.data, FORMULA, weights=panel.weights["ring"]).fit().impacts().table
    for column in ("estimate", "std_error", "lower", "upper"):
        assert average.table[column].to_numpy() == pytest.approx(alone[column].to_numpy(), rel=1e-5)


def test_probabilities_add_up_both_ways(synthetic):
    panel = synthetic(rho=0.2)
    average = average_models(panel.data, FORMULA, weights=panel.weights, models=("OLS", "SAR", "SEM"))
    assert average.by_weights.sum() == pytest.approx(1.0)
    assert average.by_model.sum() == pytest.approx(1.0)
    assert list(average.by_weights.index) == ["", "ring", "other"]
    assert average.by_model["SAR"] == pytest.approx(
        average.probabilities.loc[average.probabilities["model"] == "SAR", "probability"].sum()
    )


def test_models_without_spillovers_put_a_point_at_zero(synthetic):
    panel = synthetic(rho=0.0)
    average = average_models(panel.data, FORMULA, weights=panel.weights, models=("OLS", "SEM"))
    indirect = average.table[average.table["effect"] == "indirect"]
    assert (indirect[["estimate", "std_error", "lower", "upper", "positive"]] == 0.0).all(axis=None)


def test_the_prior_of_beta_is_passed_on(synthetic):
    panel = synthetic(rho=0.2)
    one = average_models(panel.data, FORMULA, weights=panel.weights, g=5.0).probabilities
    expected = yrd.model_probabilities(panel.data, FORMULA, weights=panel.weights, g=5.0)
    assert one["probability"].tolist() == expected["probability"].tolist()


def test_the_order_of_rows_does_not_matter(synthetic):
    panel = synthetic(rho=0.2)
    one = average_models(panel.data, FORMULA, weights=panel.weights).table
    two = average_models(panel.shuffled(), FORMULA, weights=panel.weights).table
    assert two["estimate"].to_numpy() == pytest.approx(one["estimate"].to_numpy(), rel=1e-8)


def test_quantiles_of_a_mixture_agree_with_draws():
    rng = np.random.default_rng(1)
    p, e, s = np.array([0.5, 0.3, 0.2]), np.array([0.0, 2.0, -1.0]), np.array([1.0, 0.3, 0.0])
    member = rng.choice(3, size=400_000, p=p)
    drawn = e[member] + s[member] * rng.standard_normal(member.size)
    for level in (0.025, 0.4, 0.975):
        # 400,000 draws leave an error of about 0.003 in a quantile
        assert mixture_quantile(p, e, s, level) == pytest.approx(np.quantile(drawn, level), abs=0.015)
    assert mixture_cdf(p, e, s, 0.5) == pytest.approx((drawn <= 0.5).mean(), abs=0.004)


def test_a_quantile_inside_a_jump_is_the_point():
    p, e, s = np.array([0.1, 0.9]), np.array([5.0, 0.0]), np.array([1.0, 0.0])
    assert mixture_quantile(p, e, s, 0.5) == 0.0
    assert mixture_quantile(p, e, s, 0.95) == pytest.approx(5.0 + norm.ppf(0.5), abs=1e-6)


def test_no_level_but_a_probability(synthetic):
    panel = synthetic()
    with pytest.raises(SpecificationError, match="no probability"):
        average_models(panel.data, FORMULA, weights=panel.weights, level=2.0)
