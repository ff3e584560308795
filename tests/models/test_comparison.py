"""Likelihood ratios between models that compare, and refusals where they do not."""

import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError

FORMULA = "y ~ x1 + x2"


def fitted(simulated, model, formula=FORMULA, *, bias="adjusted", **how):
    return getattr(yrd, model)(simulated.data, formula, weights=simulated.weights, **how).fit(bias=bias)


def test_twice_the_difference(panel):
    simulated = panel()
    small, large = fitted(simulated, "SAR"), fitted(simulated, "SDM")
    test = yrd.likelihood_ratio(small, large)
    assert test.statistic == pytest.approx(2 * (large.loglik - small.loglik))
    assert test.df == 2
    assert test.null == "SAR inside SDM"


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
def test_without_spatial_terms_all_likelihoods_are_on_one_scale(panel):
    """At rho = 0 the adjusted likelihood of SAR and the restricted one of SEM are that of the within regression."""
    simulated = panel()
    ols = fitted(simulated, "OLS")
    for model in ("SAR", "SEM"):
        assert yrd.likelihood_ratio(ols, fitted(simulated, model)).statistic >= 0


@pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
def test_what_does_not_compare_is_refused(panel):
    simulated = panel()
    full = fitted(simulated, "SDM")
    shorter = type(simulated)(
        simulated.data[simulated.data.index.get_level_values("year") < 2006], simulated.weights, {}
    )
    pairs = {
        "effects": fitted(simulated, "SAR", effects="unit"),
        "adjusted": fitted(simulated, "SAR", bias="none"),
        "dependent": fitted(simulated, "SAR", "x1 ~ x2"),
        "rows": fitted(shorter, "SAR"),
        "fewer parameters": full,
    }
    for why, restricted in pairs.items():
        with pytest.raises(SpecificationError, match=why):
            yrd.likelihood_ratio(restricted, full)


def test_r_squared_is_what_is_not_left(panel):
    simulated = panel()
    results = fitted(simulated, "OLS")
    y = simulated.arrays["y"]
    within = y - y.mean(axis=0) - y.mean(axis=1, keepdims=True) + y.mean()
    assert results.rsquared == pytest.approx(1 - (results.resids**2).sum() / (within**2).sum())
    pooled = fitted(simulated, "OLS", effects="pooled")
    assert pooled.rsquared == pytest.approx(1 - (pooled.resids**2).sum() / ((y - y.mean()) ** 2).sum())
